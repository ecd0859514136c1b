//! The laws of walk and splice: no edit gives the same bytes; one edit leaves every other span unchanged; walking
//! the output finds exactly the intended change. Held for the fault gallery and for random data sets.

#![allow(clippy::print_stdout, reason = "a failing test shows which case it was at")]

use deid_dicom::{
    Change, Edits, Encoding, Faults, Kind, Layout, NodeIndex, Place, ROOT, Spliced, Tag, Tree, Vr, deflate,
    encode, open, splice, walk,
};
use deid_testkit::gallery::{Case, gallery};
use deid_testkit::real::real_files;
use proptest::prelude::*;

/// The data set of a file in memory, inflated if need be, and its tree.
fn read(file: &[u8]) -> Option<(Vec<u8>, Layout, Tree)> {
    let layout = open(&mut &file[..]).ok()?;
    let start = layout.data_set as usize;
    let data = if layout.deflated {
        deflate::inflate(&file[start..], 1 << 30, &mut Faults::default()).ok()?
    } else {
        file[start..].to_vec()
    };
    let mut tree = Tree::default();
    walk(&mut &data[..], 0, layout.encoding, &mut tree);
    Some((data, layout, tree))
}

fn spliced(data: &[u8], tree: &Tree, edits: &Edits) -> Vec<u8> {
    let mut out = Spliced::default();
    splice(tree, data.len() as u64, edits, &mut out).expect("the edits do not overlap");
    let bytes = out.to_bytes(data);
    assert_eq!(bytes.len() as u64, out.size());
    bytes
}

/// What a node is, without where it is: tag, VR, kind, depth and, for a leaf, its value.
fn content(data: &[u8], tree: &Tree) -> Vec<(Tag, Vr, Kind, usize, Vec<u8>)> {
    let depth = |mut at: NodeIndex| {
        let mut depth = 0;
        while at != ROOT {
            depth += 1;
            at = tree.node(at).parent;
        }
        depth
    };
    tree.nodes
        .iter()
        .map(|node| {
            let value = if node.is_container() {
                Vec::new()
            } else {
                data[node.value_start() as usize..node.value_end() as usize].to_vec()
            };
            // Without VR an empty sequence looks like any other empty value.
            let nameless = matches!(node.vr, Vr::Implicit | Vr::UN) && node.kind == Kind::Sequence;
            let kind = if nameless { Kind::Element } else { node.kind };
            (node.tag, node.vr, kind, depth(node.parent), value)
        })
        .collect()
}

fn check_no_edit(data: &[u8], tree: &Tree) {
    assert_eq!(spliced(data, tree, &Edits::default()), data);
}

/// Spans lie inside their parents, in order, without overlap.
fn check_spans(tree: &Tree) {
    for (index, node) in tree.nodes.iter().enumerate() {
        assert!(node.start <= node.value_start() && node.value_start() <= node.value_end());
        assert!(node.value_end() <= node.end);
        assert!(node.next > index as NodeIndex && node.next as usize <= tree.nodes.len());
        if node.parent != ROOT {
            let parent = tree.node(node.parent);
            assert!(parent.value_start() <= node.start && node.end <= parent.value_end(), "node {index}");
        }
        if let Some(next) = tree.nodes.get(node.next as usize) {
            assert!(node.end <= next.start, "node {index}");
        }
    }
}

/// Removing one node: the content of all nodes outside it stays, and walking the output finds just that.
fn check_one_removal(data: &[u8], layout: &Layout, tree: &Tree, index: NodeIndex) {
    let edits = Edits { changes: vec![(index, Change::Remove)], repair: true, ..Edits::default() };
    let output = spliced(data, tree, &edits);
    let mut after = Tree::default();
    walk(&mut &output[..], 0, layout.encoding, &mut after);
    let mut expected = content(data, tree);
    expected.drain(index as usize..tree.node(index).next as usize);
    assert_eq!(content(&output, &after), expected, "removed {}", tree.path(index));
}

/// A new value for one leaf: the content of all others stays.
fn check_one_value(data: &[u8], layout: &Layout, tree: &Tree, index: NodeIndex) {
    let node = tree.node(index);
    let value = b"NEW VALUE!".to_vec();
    let edits = Edits {
        changes: vec![(index, Change::Value(node.vr, value.clone()))],
        repair: true,
        ..Edits::default()
    };
    let output = spliced(data, tree, &edits);
    let mut after = Tree::default();
    walk(&mut &output[..], 0, layout.encoding, &mut after);
    let mut expected = content(data, tree);
    expected[index as usize].4 = value;
    assert_eq!(content(&output, &after), expected, "changed {}", tree.path(index));
}

#[test]
fn gallery_is_read_and_written_back_byte_for_byte() {
    for Case { name, bytes, .. } in gallery() {
        println!("{name}");
        let Some((data, _, tree)) = read(&bytes) else {
            assert_eq!(name, "deflated_truncated");
            continue;
        };
        check_spans(&tree);
        check_no_edit(&data, &tree);
    }
}

#[test]
fn gallery_is_edited_one_span_at_a_time() {
    for Case { name, bytes, .. } in gallery() {
        let Some((data, layout, tree)) = read(&bytes) else { continue };
        // Reading stopped where the file is cut off, or an item's declared length was clipped: no tree to go by.
        let refused = tree.faults.refusal().is_some() || tree.nodes.len() > 1000;
        let short = ["sq_item_len_too_short"].contains(&name);
        if refused || short {
            continue;
        }
        for index in 0..tree.nodes.len() as NodeIndex {
            println!("{name} {}", tree.path(index));
            let node = *tree.node(index);
            // With the group length gone its fault is gone; the elements are the same.
            check_one_removal(&data, &layout, &tree, index);
            let writable = node.kind == Kind::Element
                && !matches!(node.vr, Vr::Invalid | Vr::Implicit)
                && !(node.vr == Vr::UN && node.value_length() == 0);
            if writable {
                check_one_value(&data, &layout, &tree, index);
            }
        }
    }
}

#[test]
fn depth_costs_heap_and_not_the_call_stack() {
    for name in ["sq_depth_100000_unclosed", "sq_depth_20000_closed"] {
        let (data, _, tree) = read(&deid_testkit::gallery::named(name).bytes).unwrap();
        let deepest = tree.nodes.len() as NodeIndex - 1;
        assert!(tree.nodes.len() > 40_000);
        let edits = Edits { changes: vec![(deepest, Change::Remove)], repair: true, ..Edits::default() };
        assert!(!spliced(&data, &tree, &edits).is_empty());
    }
}

#[test]
fn delimiters_are_put_right_on_repair() {
    for name in [
        "sq_missing_seqdelim_at_eof",
        "enc_missing_seqdelim",
        "sq_item_len_too_long",
        "sq_deflen_with_extra_seqdelim",
        "sq_deflen_then_stray_seqdelim",
        "sq_defitem_with_extra_itemdelim_inside",
    ] {
        let (data, layout, tree) = read(&deid_testkit::gallery::named(name).bytes).unwrap();
        assert!(!tree.faults.is_empty());
        let output = spliced(&data, &tree, &Edits { repair: true, ..Edits::default() });
        let mut after = Tree::default();
        walk(&mut &output[..], 0, layout.encoding, &mut after);
        let broken =
            [deid_dicom::FaultKind::MissingSequenceDelimiter, deid_dicom::FaultKind::ItemOverrunsSequence];
        assert!(broken.iter().all(|kind| !after.faults.contains(*kind)), "{name}");
        assert_eq!(content(&output, &after), content(&data, &tree), "{name}");
    }
}

#[test]
fn every_prefix_of_every_case_is_walked_without_panic() {
    for Case { bytes, .. } in gallery().into_iter().filter(|case| case.bytes.len() < 700) {
        for length in 0..bytes.len() {
            if let Some((data, _, tree)) = read(&bytes[..length]) {
                check_spans(&tree);
                check_no_edit(&data, &tree);
            }
        }
    }
}

/// A random data set: nested, any encoding, defined and undefined lengths.
#[derive(Clone, Debug)]
enum Node {
    Leaf(Vec<u8>),
    Sequence { undefined: bool, items: Vec<(bool, Vec<Node>)> },
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = proptest::collection::vec(0x20u8..0x7F, 0..40).prop_map(|mut value| {
        value.truncate(value.len() & !1);
        Node::Leaf(value)
    });
    leaf.prop_recursive(4, 40, 4, |inner| {
        let item = (any::<bool>(), proptest::collection::vec(inner, 0..4));
        (any::<bool>(), proptest::collection::vec(item, 0..3))
            .prop_map(|(undefined, items)| Node::Sequence { undefined, items })
    })
}

fn data_set() -> impl Strategy<Value = (Encoding, Vec<Node>)> {
    let encoding = prop_oneof![
        Just(Encoding::ImplicitLittle),
        Just(Encoding::ExplicitLittle),
        Just(Encoding::ExplicitBig)
    ];
    (encoding, proptest::collection::vec(node(), 1..6))
}

fn structural(out: &mut Vec<u8>, encoding: Encoding, tag: Tag, length: u32) {
    if encoding == Encoding::ExplicitBig {
        for half in [tag.group(), tag.element()] {
            out.extend_from_slice(&half.to_be_bytes());
        }
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        for half in [tag.group(), tag.element()] {
            out.extend_from_slice(&half.to_le_bytes());
        }
        out.extend_from_slice(&length.to_le_bytes());
    }
}

fn write(out: &mut Vec<u8>, encoding: Encoding, nodes: &[Node]) {
    for (position, node) in nodes.iter().enumerate() {
        let tag = Tag::new(0x0040, 0x0100 + position as u16);
        match node {
            Node::Leaf(value) => encode::element(out, encoding, tag, Vr::LT, value).unwrap(),
            Node::Sequence { undefined, items } => {
                let mut content = Vec::new();
                for (undefined, nodes) in items {
                    let mut inner = Vec::new();
                    write(&mut inner, encoding, nodes);
                    if *undefined {
                        structural(&mut content, encoding, Tag::ITEM, u32::MAX);
                        content.extend_from_slice(&inner);
                        structural(&mut content, encoding, Tag::ITEM_DELIMITER, 0);
                    } else {
                        encode::item(&mut content, encoding, &inner).unwrap();
                    }
                }
                if *undefined {
                    let mut header = Vec::new();
                    encode::element(&mut header, encoding, tag, Vr::SQ, &[]).unwrap();
                    let length_at = header.len() - 4;
                    header[length_at..].copy_from_slice(&[0xFF; 4]);
                    structural(&mut content, encoding, Tag::SEQUENCE_DELIMITER, 0);
                    out.extend_from_slice(&header);
                    out.extend_from_slice(&content);
                } else {
                    encode::element(out, encoding, tag, Vr::SQ, &content).unwrap();
                }
            }
        }
    }
}

fn count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match node {
            Node::Leaf(_) => 1,
            Node::Sequence { items, .. } => {
                1 + items.iter().map(|(_, nodes)| 1 + count(nodes)).sum::<usize>()
            }
        })
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_data_sets_keep_the_laws((encoding, nodes) in data_set(), pick in any::<prop::sample::Index>()) {
        let mut data = Vec::new();
        write(&mut data, encoding, &nodes);
        let mut tree = Tree::default();
        walk(&mut &data[..], 0, encoding, &mut tree);
        prop_assert!(tree.faults.is_empty(), "{:?}", tree.faults);
        prop_assert_eq!(tree.nodes.len(), count(&nodes));
        check_spans(&tree);
        check_no_edit(&data, &tree);
        let layout = Layout {
            declared: None,
            transfer_syntax: String::new(),
            sop_class: None,
            data_set: 0,
            deflated: false,
            encoding,
            faults: Faults::default(),
        };
        let index = pick.index(tree.nodes.len()) as NodeIndex;
        check_one_removal(&data, &layout, &tree, index);
        // An element put in at the end of any container is found there.
        let containers: Vec<NodeIndex> = tree.nodes.iter().enumerate()
            .filter(|(_, node)| node.kind == Kind::Item).map(|(index, _)| index as NodeIndex)
            .chain([ROOT]).collect();
        let container = containers[pick.index(containers.len())];
        let mut element = Vec::new();
        let tag = Tag::new(0x0041, 0x0010);
        encode::element(&mut element, encoding, tag, Vr::LO, b"INSERTED").unwrap();
        let edits = Edits { insertions: vec![(Place::EndOf(container), element)], ..Edits::default() };
        let output = spliced(&data, &tree, &edits);
        let mut after = Tree::default();
        walk(&mut &output[..], 0, encoding, &mut after);
        prop_assert!(after.faults.is_empty());
        let found = after.find(container, tag).expect("the element is where it was put");
        prop_assert_eq!(after.node(found).value_length(), 8);
        prop_assert_eq!(after.nodes.len(), tree.nodes.len() + 1);
    }

    #[test]
    fn random_bytes_are_walked_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for encoding in [Encoding::ImplicitLittle, Encoding::ExplicitLittle, Encoding::ExplicitBig] {
            let mut tree = Tree::default();
            walk(&mut &bytes[..], 0, encoding, &mut tree);
            check_spans(&tree);
            check_no_edit(&bytes, &tree);
        }
        let _ = open(&mut &bytes[..]);
    }

    #[test]
    fn damaged_cases_are_walked_without_panic(
        case in 0usize..138,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = gallery().swap_remove(case).bytes;
        if bytes.len() < 4000 {
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some((data, _, tree)) = read(&bytes) {
                check_spans(&tree);
                check_no_edit(&data, &tree);
                if tree.faults.refusal().is_none() {
                    let out = spliced(&data, &tree, &Edits { repair: true, ..Edits::default() });
                    let mut again = Tree::default();
                    walk(&mut &out[..], 0, tree.encoding, &mut again);
                }
            }
        }
    }
}

/// All real files at hand: nothing is refused that is not cut off, and all are written back byte for byte.
#[test]
fn real_files_are_read_to_the_last_byte() {
    let Some(paths) = real_files() else { return };
    let (mut files, mut refused) = (0, 0);
    for path in paths {
        let bytes = std::fs::read(path).unwrap();
        let Some((data, _, tree)) = read(&bytes) else { continue };
        files += 1;
        refused += usize::from(tree.faults.refusal().is_some());
        check_spans(&tree);
        check_no_edit(&data, &tree);
    }
    println!("{files} files, {refused} cut off");
    assert!(files > 900 && refused <= 1);
}
