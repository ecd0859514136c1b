//! Where in a file a fault is, in tags. Of a damaged file, four bytes of a text may have been read as a tag: only tags that
//! cannot be those are told.

use deid_dicom::{Fault, Kind, ROOT, Tag, Tree};
use deid_standard::dictionary;

/// The tags of the sequences around a fault and of the element; empty if none can be told.
pub(crate) fn place(tree: &Tree, fault: &Fault) -> String {
    let around = tree.container_of(fault);
    let mut at = around.unwrap_or(ROOT);
    while at != ROOT {
        let node = tree.node(at);
        if node.kind != Kind::Item && !is_tag(node.tag) {
            return String::new();
        }
        at = node.parent;
    }
    let element = fault.tag.filter(|tag| is_tag(*tag)).map(|tag| tag.to_string());
    around.map(|at| tree.path(at)).into_iter().chain(element).collect::<Vec<_>>().join(".")
}

/// Whether this is a tag for sure: one that is registered, or that has one byte at most that can be printed.
fn is_tag(tag: Tag) -> bool {
    let bytes = tag.0.to_be_bytes();
    dictionary::attribute(tag).is_some()
        || bytes.iter().filter(|byte| (0x20..0x7F).contains(*byte)).count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_dicom::{FaultKind, Source};

    fn fault(offset: u64, tag: Tag) -> Fault {
        Fault { kind: FaultKind::TruncatedValue, offset, tag: Some(tag) }
    }

    #[test]
    fn text_is_no_tag() {
        let tree = Tree::default();
        assert_eq!(place(&tree, &fault(4, Tag::new(0x0010, 0x0010))), "(0010,0010)");
        assert_eq!(place(&tree, &fault(4, Tag::new(0x0019, 0x1028))), "(0019,1028)");
        assert_eq!(place(&tree, &fault(4, Tag::new(0x7242, 0x657A))), "");
    }

    #[test]
    fn sequences_around_are_told() {
        // Requested Procedure Code Sequence of undefined length, an item, a Code Value longer than the file.
        let bytes =
            b"\x32\0\x64\x10SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF\x08\0\0\x01SH\x10\0ab";
        let mut tree = Tree::default();
        let mut source = &bytes[..];
        assert_eq!(source.size(), bytes.len() as u64);
        deid_dicom::walk(&mut source, 0, deid_dicom::Encoding::ExplicitLittle, &mut tree);
        let fault = *tree.faults.refusal().unwrap();
        assert_eq!(place(&tree, &fault), "(0032,1064)[0].(0008,0100)");
    }
}
