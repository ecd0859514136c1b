//! One element in another encoding: its VRs, lengths and byte order, with everything inside it.

use crate::encode::structural;
use crate::tree::{Encoding, Kind, Node, NodeIndex, Tree};
use crate::{Source, Tag, Vr};
use std::fmt;

/// Why an element cannot be encoded otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranscodeError {
    /// The source ended or could not be read.
    Unreadable(Tag),
    /// A sequence or item would outgrow its length field.
    TooLong(Tag),
}

impl fmt::Display for TranscodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TranscodeError::Unreadable(tag) => write!(f, "{tag} could not be read"),
            TranscodeError::TooLong(tag) => write!(f, "{tag} outgrows its length field"),
        }
    }
}

impl std::error::Error for TranscodeError {}

/// A sequence or item that is being written.
struct Container {
    end: NodeIndex,
    tag: Tag,
    /// Where its length stands; `None` if it is undefined.
    length_at: Option<usize>,
    kind: Kind,
}

/// Appends an element with everything inside it, encoded as `to`.
///
/// Lengths that are undefined stay so; values keep their bytes but for the byte order of numbers, and odd ones are
/// padded (PS3.5 7.1.1). `vr_of` tells the VR of what is encoded without one, or with none that is known. Opaque
/// values (`UN`) are copied as they are. Nested elements of other encodings are written as `to` as well.
pub fn transcode<S: Source>(
    source: &mut S,
    tree: &Tree,
    index: NodeIndex,
    to: Encoding,
    vr_of: &dyn Fn(Tag) -> Vr,
    out: &mut Vec<u8>,
) -> Result<(), TranscodeError> {
    let mut open: Vec<Container> = Vec::new();
    let end = tree.node(index).next;
    let mut at = index;
    while at < end {
        close(&mut open, at, to, out)?;
        let node = tree.node(at);
        match node.kind {
            Kind::Sequence | Kind::Item => {
                let undefined = node.has_undefined_length();
                if node.kind == Kind::Item {
                    structural(out, to, Tag::ITEM, if undefined { u32::MAX } else { 0 });
                } else {
                    header(out, to, node.tag, Vr::SQ, if undefined { u32::MAX } else { 0 });
                }
                let length_at = (!undefined).then_some(out.len() - 4);
                open.push(Container { end: node.next, tag: node.tag, length_at, kind: node.kind });
                at += 1;
            }
            Kind::Fragments => {
                header(out, to, node.tag, Vr::OB, u32::MAX);
                copy(source, node, out)?;
                structural(out, to, Tag::SEQUENCE_DELIMITER, 0);
                at = node.next;
            }
            Kind::Element => {
                element(source, node, to, vr_of, out)?;
                at = node.next;
            }
        }
    }
    close(&mut open, end, to, out)
}

/// Ends the containers that end before a node.
fn close(
    open: &mut Vec<Container>,
    at: NodeIndex,
    to: Encoding,
    out: &mut Vec<u8>,
) -> Result<(), TranscodeError> {
    while let Some(container) = open.pop_if(|container| container.end <= at) {
        let Some(length_at) = container.length_at else {
            let item = container.kind == Kind::Item;
            let tag = if item { Tag::ITEM_DELIMITER } else { Tag::SEQUENCE_DELIMITER };
            structural(out, to, tag, 0);
            continue;
        };
        let length = u32::try_from(out.len() - length_at - 4)
            .ok()
            .filter(|&length| length != u32::MAX)
            .ok_or(TranscodeError::TooLong(container.tag))?;
        out[length_at..length_at + 4].copy_from_slice(&to.u32_bytes(length));
    }
    Ok(())
}

fn element<S: Source>(
    source: &mut S,
    node: &Node,
    to: Encoding,
    vr_of: &dyn Fn(Tag) -> Vr,
    out: &mut Vec<u8>,
) -> Result<(), TranscodeError> {
    let known = match node.vr {
        Vr::Implicit | Vr::Invalid => vr_of(node.tag),
        vr => vr,
    };
    let length = node.value_length() + node.value_length() % 2;
    let length = u32::try_from(length).map_err(|_| TranscodeError::TooLong(node.tag))?;
    let too_long = !known.has_long_length() && length > u32::from(u16::MAX);
    // What was no sequence for the walker is none for other readers either.
    let vr = if too_long || known == Vr::SQ { Vr::UN } else { known };
    header(out, to, node.tag, vr, length);
    let start = out.len();
    copy(source, node, out)?;
    if (node.encoding == Encoding::ExplicitBig) != (to == Encoding::ExplicitBig) {
        let width = width(node.vr);
        for number in out[start..].chunks_exact_mut(width) {
            number.reverse();
        }
    }
    if node.value_length() % 2 == 1 {
        out.push(vr.padding());
    }
    Ok(())
}

fn copy<S: Source>(source: &mut S, node: &Node, out: &mut Vec<u8>) -> Result<(), TranscodeError> {
    let unreadable = TranscodeError::Unreadable(node.tag);
    let length = usize::try_from(node.value_length()).map_err(|_| unreadable)?;
    out.extend_from_slice(source.bytes(node.value_start(), length).ok_or(unreadable)?);
    Ok(())
}

fn header(out: &mut Vec<u8>, to: Encoding, tag: Tag, vr: Vr, length: u32) {
    out.extend_from_slice(&to.u16_bytes(tag.group()));
    out.extend_from_slice(&to.u16_bytes(tag.element()));
    if !to.is_implicit() {
        out.extend_from_slice(vr.as_str().as_bytes());
        if !vr.has_long_length() {
            out.extend_from_slice(&to.u16_bytes(length as u16));
            return;
        }
        out.extend_from_slice(&[0, 0]);
    }
    out.extend_from_slice(&to.u32_bytes(length));
}

/// Bytes of one number, whose order depends on the encoding (PS3.5 7.3); 1 where there is none.
const fn width(vr: Vr) -> usize {
    match vr {
        Vr::AT | Vr::OW | Vr::SS | Vr::US => 2,
        Vr::FL | Vr::OF | Vr::OL | Vr::SL | Vr::UL => 4,
        Vr::FD | Vr::OD | Vr::OV | Vr::SV | Vr::UV => 8,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk;

    fn tree(bytes: &[u8], encoding: Encoding) -> Tree {
        let mut tree = Tree::default();
        walk(&mut &bytes[..], 0, encoding, &mut tree);
        tree
    }

    fn all(bytes: &[u8], from: Encoding, to: Encoding) -> Vec<u8> {
        let tree = tree(bytes, from);
        let vr_of = |tag: Tag| if tag == Tag::new(0x0008, 0x1155) { Vr::UI } else { Vr::US };
        let mut out = Vec::new();
        for index in tree.children(crate::ROOT) {
            transcode(&mut &bytes[..], &tree, index, to, &vr_of, &mut out).unwrap();
        }
        out
    }

    #[test]
    fn each_encoding_goes_to_another_and_back() {
        let explicit: &[u8] =
            b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\x0e\0\0\0\x08\0\x55\x11UI\x06\x001.2.3\0\
            \xfe\xff\0\xe0\xff\xff\xff\xff\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0\
            \x28\0\x10\0US\x02\0\x01\x02";
        let little = Encoding::ExplicitLittle;
        for other in [Encoding::ImplicitLittle, Encoding::ExplicitBig] {
            let there = all(explicit, little, other);
            assert_ne!(there, explicit);
            assert_eq!(all(&there, other, little), explicit, "{other:?}");
        }
        let big = all(explicit, little, Encoding::ExplicitBig);
        assert!(big.ends_with(b"\0\x28\0\x10US\0\x02\x02\x01"));
    }

    #[test]
    fn values_too_long_for_their_vr_become_un() {
        let long = [b"\x28\0\x10\0\x02\0\x01\0".as_slice(), &vec![7; 0x1_0002]].concat();
        let explicit = all(&long, Encoding::ImplicitLittle, Encoding::ExplicitLittle);
        assert!(explicit.starts_with(b"\x28\0\x10\0UN\0\0\x02\0\x01\0"));
        assert_eq!(all(&explicit, Encoding::ExplicitLittle, Encoding::ImplicitLittle), long);
    }
}
