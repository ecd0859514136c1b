//! The original values, sealed into the file for who may know them: Encrypted Attributes Sequence (0400,0500).
//!
//! PS3.15 E.1.1: what the de-identification removes or replaces is copied into the one item of the Modified Attributes
//! Sequence (0400,0550) of an Encrypted Attributes Data Set, which is encrypted and stored. An attribute that changes
//! inside a sequence is copied with the whole top-level sequence (E.1.1 step 5, note). Encryption itself is the
//! caller's ([`Seal`], [`Open`]): it needs randomness. [`crate::reidentify()`] is the way back.
//!
//! The encrypted data set ends with a private block of this software: the SOP Instance UID of the file that it is in, so
//! that it is not put into another one, the attributes that were added, those that were
//! too large to be copied, and a hash of what comes before, so that damage is noticed.

use crate::plan::{Addition, Entry, Plan};
use crate::report::Facts;
use crate::rule::Rule;
use deid_dicom::encode::{self, ValueTooLong};
use deid_dicom::transcode::transcode;
use deid_dicom::{
    Change, Encoding, Kind, NodeIndex, Place, ROOT, Source, Tag, Tree, Vr, transfer_syntax, value, walk,
};
use deid_standard::dictionary;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Seals bytes for the recipients it was made for. Called by all workers.
pub trait Seal: fmt::Debug + Send + Sync {
    /// Enveloped data of RFC 5652; `None` if it could not be made: the file is not written then.
    fn seal(&self, plaintext: &[u8]) -> Option<Vec<u8>>;
}

/// Opens what was sealed for one recipient.
pub trait Open: fmt::Debug + Send + Sync {
    /// What was sealed. There may be one byte of padding behind it.
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, OpenError>;
}

/// Why sealed bytes could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// They were sealed for others.
    NotARecipient,
    /// They are damaged.
    Damaged,
    /// They were sealed in a way that is not known.
    Unsupported,
}

/// Values above this size are not copied: pixels, waveforms, documents.
pub const LARGEST_ORIGINAL: u64 = 1 << 20;

pub(crate) const ENCRYPTED_ATTRIBUTES: Tag = Tag::new(0x0400, 0x0500);
pub(crate) const CONTENT_SYNTAX: Tag = Tag::new(0x0400, 0x0510);
pub(crate) const CONTENT: Tag = Tag::new(0x0400, 0x0520);
pub(crate) const MODIFIED_ATTRIBUTES: Tag = Tag::new(0x0400, 0x0550);
pub(crate) const SOP_INSTANCE: Tag = Tag::new(0x0008, 0x0018);
const CHARACTER_SET: Tag = Tag::new(0x0008, 0x0005);

/// Our block in the encrypted data set.
pub(crate) const CREATOR: &str = "DEIDENTIFICATION ORIGINALS 1";
pub(crate) const BLOCK: Tag = Tag::new(0x0401, 0x0010);
/// SOP Instance UID of the de-identified file. Files of earlier releases have none.
pub(crate) const INSTANCE: Tag = Tag::new(0x0401, 0x1000);
/// Attributes at top level that were not there.
pub(crate) const ADDED: Tag = Tag::new(0x0401, 0x1001);
/// Attributes at top level that changed and were too large to be copied.
pub(crate) const LEFT_OUT: Tag = Tag::new(0x0401, 0x1002);
/// SHA-256 of all bytes before this element.
pub(crate) const HASH: Tag = Tag::new(0x0401, 0x1003);

/// The Encrypted Attributes Data Set of a plan, in explicit VR little endian.
pub(crate) struct Originals {
    pub(crate) bytes: Vec<u8>,
    /// Attributes that were too large.
    pub(crate) left_out: usize,
}

/// Adds the sealed originals to the plan, and says so. An earlier Encrypted Attributes Sequence goes.
pub(crate) fn add<S: Source>(
    source: &mut S,
    tree: &Tree,
    plan: &mut Plan,
    seal: &dyn Seal,
    facts: &mut Facts,
) {
    drop_earlier(tree, plan);
    let Some(originals) = originals(source, tree, plan) else {
        plan.failed = true;
        return;
    };
    let Some(bytes) = seal.seal(&originals.bytes).and_then(|sealed| sequence(tree.encoding, &sealed).ok())
    else {
        plan.failed = true;
        return;
    };
    let before = tree.children(ROOT).find(|&index| tree.node(index).tag > ENCRYPTED_ATTRIBUTES);
    let place = before.map_or(Place::EndOf(ROOT), Place::Before);
    let addition = Addition { place, tag: ENCRYPTED_ATTRIBUTES, rule: Rule::Mark, bytes };
    plan.additions.push(addition);
    plan.additions.sort_by_key(|addition| addition.tag);
    facts.remarks.push("reversible");
    if originals.left_out > 0 {
        facts.remarks.push("originals_left_out");
    }
    facts.originals_left_out = originals.left_out as u64;
}

/// An earlier Encrypted Attributes Sequence goes as a whole, whatever the profile says of it.
fn drop_earlier(tree: &Tree, plan: &mut Plan) {
    let earlier: Vec<NodeIndex> =
        tree.children(ROOT).filter(|&index| tree.node(index).tag == ENCRYPTED_ATTRIBUTES).collect();
    for index in earlier {
        let range = index..tree.node(index).next;
        plan.entries.retain(|entry| !range.contains(&entry.node));
        let removal = Entry {
            node: index,
            done: crate::plan::Done::Remove,
            rule: Rule::Mark,
            change: Some(Change::Remove),
        };
        let at = plan.entries.partition_point(|entry| entry.node < index);
        plan.entries.insert(at, removal);
    }
}

/// The sequence with one item, for all recipients.
fn sequence(encoding: Encoding, sealed: &[u8]) -> Result<Vec<u8>, ValueTooLong> {
    let mut item = Vec::new();
    let syntax = transfer_syntax::EXPLICIT_LITTLE.as_bytes();
    encode::element(&mut item, encoding, CONTENT_SYNTAX, Vr::UI, syntax)?;
    encode::element(&mut item, encoding, CONTENT, Vr::OB, sealed)?;
    let mut items = Vec::new();
    encode::item(&mut items, encoding, &item)?;
    let mut bytes = Vec::new();
    encode::element(&mut bytes, encoding, ENCRYPTED_ATTRIBUTES, Vr::SQ, &items)?;
    Ok(bytes)
}

/// What a plan changes, as it was. `None` if it cannot be read, or not be written so that it reads the same.
pub(crate) fn originals<S: Source>(source: &mut S, tree: &Tree, plan: &Plan) -> Option<Originals> {
    let (changed, added) = changed(tree, plan);
    let mut places: BTreeMap<Tag, Vec<NodeIndex>> = BTreeMap::new();
    for index in tree.children(ROOT) {
        places.entry(tree.node(index).tag).or_default().push(index);
    }
    let mut left_out = BTreeSet::new();
    let mut copied = BTreeSet::new();
    for &tag in &changed {
        let large = places.get(&tag)?.iter().any(|&index| largest_value(tree, index) > LARGEST_ORIGINAL);
        if large {
            left_out.insert(tag)
        } else {
            copied.insert(tag)
        };
    }
    // What the copies are read by: the character set, and the creators of private blocks (PS3.5 7.8.1).
    let creators: Vec<Tag> = copied
        .iter()
        .filter_map(|tag| Some(Tag::new(tag.group(), u16::from(tag.private_block()?))))
        .collect();
    for tag in creators.into_iter().chain([CHARACTER_SET]) {
        let small = |places: &Vec<NodeIndex>| {
            places.iter().all(|&index| largest_value(tree, index) <= LARGEST_ORIGINAL)
        };
        if places.get(&tag).is_some_and(small) {
            copied.insert(tag);
        }
    }
    let nodes: Vec<NodeIndex> = copied.iter().flat_map(|tag| places[tag].iter().copied()).collect();
    let instance = instance(source, tree, plan)?;
    // As they stand; where they do not read the same within an item (faults, other encodings), written anew.
    let bytes = [true, false].into_iter().find_map(|as_they_stand| {
        let bytes = data_set(source, tree, &nodes, as_they_stand, (&instance, &added, &left_out))?;
        reads_the_same(&bytes, tree, &nodes).then_some(bytes)
    })?;
    Some(Originals { bytes, left_out: left_out.len() })
}

/// SOP Instance UID as it is written; empty without one.
fn instance<S: Source>(source: &mut S, tree: &Tree, plan: &Plan) -> Option<Vec<u8>> {
    const LONGEST: u64 = 1 << 10;
    let Some(index) = tree.find(ROOT, SOP_INSTANCE) else { return Some(Vec::new()) };
    let entry = plan.entries.iter().find(|entry| entry.node == index && entry.change.is_some());
    let node = *tree.node(index);
    let written = match entry.and_then(|entry| entry.change.as_ref()) {
        Some(Change::Value(_, bytes)) => bytes.clone(),
        Some(Change::Remove) => Vec::new(),
        None if node.value_length() <= LONGEST => {
            source.bytes(node.value_start(), node.value_length() as usize)?.to_vec()
        }
        _ => return None,
    };
    Some(value::trim(&written).to_vec())
}

/// Tags at top level that change, and that are new.
fn changed(tree: &Tree, plan: &Plan) -> (BTreeSet<Tag>, BTreeSet<Tag>) {
    let top = |mut index: NodeIndex| {
        while tree.node(index).parent != ROOT {
            index = tree.node(index).parent;
        }
        tree.node(index).tag
    };
    let mut changed: BTreeSet<Tag> =
        // Pixels are passed through; what stands beside them is not worth them all.
        plan.entries
            .iter()
            .filter(|entry| !matches!(entry.change, None | Some(Change::Overwrite(_))))
            .map(|entry| top(entry.node))
            .collect();
    let mut added = BTreeSet::new();
    for addition in &plan.additions {
        let container = match addition.place {
            Place::Before(index) => tree.node(index).parent,
            Place::EndOf(index) => index,
        };
        if container != ROOT {
            changed.insert(top(container));
        } else if tree.find(ROOT, addition.tag).is_some() {
            changed.insert(addition.tag);
        } else {
            added.insert(addition.tag);
        }
    }
    (changed, added)
}

/// Length of the largest value in an element.
fn largest_value(tree: &Tree, index: NodeIndex) -> u64 {
    (index..tree.node(index).next)
        .map(|inside| tree.node(inside))
        .filter(|node| !node.is_container())
        .map(deid_dicom::Node::value_length)
        .max()
        .unwrap_or(0)
}

/// The VR of an element that was encoded without, or with none that is known.
pub(crate) fn vr_of(tag: Tag) -> Vr {
    if tag.is_private_creator() {
        return Vr::LO;
    }
    match dictionary::attribute(tag) {
        Some(attribute) if !tag.is_private() => attribute.vr,
        _ if tag.is_group_length() => Vr::UL,
        _ => Vr::UN,
    }
}

fn data_set<S: Source>(
    source: &mut S,
    tree: &Tree,
    nodes: &[NodeIndex],
    as_they_stand: bool,
    (instance, added, left_out): (&[u8], &BTreeSet<Tag>, &BTreeSet<Tag>),
) -> Option<Vec<u8>> {
    const ENCODING: Encoding = Encoding::ExplicitLittle;
    let mut item = Vec::new();
    for &index in nodes {
        let node = *tree.node(index);
        if as_they_stand && node.encoding == ENCODING {
            let length = usize::try_from(node.end - node.start).ok()?;
            item.extend_from_slice(source.bytes(node.start, length)?);
        } else {
            transcode(source, tree, index, ENCODING, &vr_of, &mut item).ok()?;
        }
    }
    let mut items = Vec::new();
    encode::item(&mut items, ENCODING, &item).ok()?;
    let mut bytes = Vec::new();
    encode::element(&mut bytes, ENCODING, MODIFIED_ATTRIBUTES, Vr::SQ, &items).ok()?;
    encode::element(&mut bytes, ENCODING, BLOCK, Vr::LO, CREATOR.as_bytes()).ok()?;
    if !instance.is_empty() {
        encode::element(&mut bytes, ENCODING, INSTANCE, Vr::UI, instance).ok()?;
    }
    for (tag, list) in [(ADDED, added), (LEFT_OUT, left_out)] {
        if !list.is_empty() {
            let value: Vec<u8> = list.iter().flat_map(|tag| tag_bytes(*tag)).collect();
            encode::element(&mut bytes, ENCODING, tag, Vr::AT, &value).ok()?;
        }
    }
    let hash = Sha256::digest(&bytes);
    encode::element(&mut bytes, ENCODING, HASH, Vr::OB, &hash).ok()?;
    Some(bytes)
}

/// A value of AT (PS3.5 6.2): group, then element.
fn tag_bytes(tag: Tag) -> [u8; 4] {
    let ([a, b], [c, d]) = (tag.group().to_le_bytes(), tag.element().to_le_bytes());
    [a, b, c, d]
}

/// Whether a reader finds the same elements: tags, values' lengths and what is inside.
fn reads_the_same(bytes: &[u8], tree: &Tree, nodes: &[NodeIndex]) -> bool {
    let mut read = Tree::default();
    walk(&mut &bytes[..], 0, Encoding::ExplicitLittle, &mut read);
    if read.faults.refusal().is_some() || read.end != bytes.len() as u64 {
        return false;
    }
    let Some(item) = read.find(ROOT, MODIFIED_ATTRIBUTES).map(|sequence| sequence + 1) else { return false };
    if nodes.is_empty() {
        return true;
    }
    let is_item = read.nodes.get(item as usize).is_some_and(|node| node.kind == Kind::Item);
    if !is_item || !read.children(ROOT).any(|index| read.node(index).tag == HASH) {
        return false;
    }
    let mut found = read.children(item);
    for &index in nodes {
        let Some(copy) = found.next() else { return false };
        let (count, copied) = (tree.node(index).next - index, read.node(copy).next - copy);
        if count != copied {
            return false;
        }
        let same = (0..count).all(|step| {
            let (old, new) = (tree.node(index + step), read.node(copy + step));
            let padding = old.value_length() % 2;
            let value = old.is_container()
                || new.value_length() == old.value_length()
                || new.value_length() == old.value_length() + padding;
            old.tag == new.tag && old.kind == new.kind && value
        });
        if !same {
            return false;
        }
    }
    found.next().is_none()
}
