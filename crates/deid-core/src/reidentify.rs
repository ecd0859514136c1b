//! The way back: the original values in an Encrypted Attributes Sequence are put in their places again.
//!
//! PS3.15 E.1.2: one item is decrypted, and all attributes of the item of its Modified Attributes Sequence (0400,0550)
//! replace those of the data set. What the de-identification added goes; a data set that this software sealed is then
//! what it was, its marks of de-identification included. One that others sealed does not tell what was added:
//! Patient Identity Removed (0012,0062) becomes NO, and method and codes go, as E.1.2 has it.

use crate::engine::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION, deflate_again, written_syntax};
use crate::originals::{
    ADDED, BLOCK, CONTENT, CONTENT_SYNTAX, ENCRYPTED_ATTRIBUTES, HASH, INSTANCE, LEFT_OUT,
    MODIFIED_ATTRIBUTES, SOP_INSTANCE, vr_of,
};
use crate::{Body, Open, OpenError};
use deid_dicom::transcode::transcode;
use deid_dicom::{
    Change, Edits, Encoding, Faults, Kind, Layout, NewMeta, NodeIndex, Place, ROOT, Source, Spliced, Tag,
    Tree, Vr, deflate, encode, splice, transfer_syntax, value, walk, write_meta,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const SOP_CLASS: Tag = Tag::new(0x0008, 0x0016);
const IDENTITY_REMOVED: Tag = Tag::new(0x0012, 0x0062);
/// Method and method codes of de-identification.
const METHOD: [Tag; 2] = [Tag::new(0x0012, 0x0063), Tag::new(0x0012, 0x0064)];

/// Why a file could not be re-identified. Holds no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReidentifyError {
    /// It is no DICOM.
    NotDicom,
    /// It is damaged, or cannot be read to its last byte.
    Faulty,
    /// It has no Encrypted Attributes Sequence.
    NotReversible,
    /// The originals were sealed for others.
    NotARecipient,
    /// What was sealed is damaged.
    Damaged,
    /// What was sealed is that of another file.
    OtherInstance,
    /// The originals were sealed in a way that is not known.
    Unsupported,
    /// The inflated data set is larger than allowed.
    TooLarge,
    /// The originals do not fit in their places.
    EditFailed,
}

impl ReidentifyError {
    /// The identifier used in reports.
    pub const fn id(self) -> &'static str {
        match self {
            ReidentifyError::NotDicom => "not_dicom",
            ReidentifyError::Faulty => "faulty",
            ReidentifyError::NotReversible => "not_reversible",
            ReidentifyError::NotARecipient => "not_a_recipient",
            ReidentifyError::Damaged => "originals_damaged",
            ReidentifyError::OtherInstance => "originals_of_another_file",
            ReidentifyError::Unsupported => "originals_unsupported",
            ReidentifyError::TooLarge => "too_large",
            ReidentifyError::EditFailed => "edit_failed",
        }
    }
}

impl fmt::Display for ReidentifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReidentifyError::NotDicom => "it is not a DICOM file",
            ReidentifyError::Faulty => "it is damaged or cannot be read to its last byte",
            ReidentifyError::NotReversible => "it holds no encrypted originals",
            ReidentifyError::NotARecipient => "its originals were not encrypted for this key",
            ReidentifyError::Damaged => "its encrypted originals are damaged",
            ReidentifyError::OtherInstance => {
                "its encrypted originals are those of another file, or its SOP Instance UID was changed"
            }
            ReidentifyError::Unsupported => "its originals are encrypted in a way that is not supported",
            ReidentifyError::TooLarge => "its inflated data set is larger than allowed",
            ReidentifyError::EditFailed => "its originals do not fit in their places",
        })
    }
}

impl std::error::Error for ReidentifyError {}

impl From<OpenError> for ReidentifyError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotARecipient => ReidentifyError::NotARecipient,
            OpenError::Damaged => ReidentifyError::Damaged,
            OpenError::Unsupported => ReidentifyError::Unsupported,
        }
    }
}

/// A file as it was.
#[derive(Debug)]
pub struct Reidentified {
    /// Preamble and file meta information.
    pub head: Vec<u8>,
    /// The data set; copies refer to the source that was given.
    pub body: Body,
    /// How many attributes are still as the de-identification left them: they were too large to be sealed.
    pub left_out: usize,
}

/// Puts the original values of a de-identified file in their places.
///
/// A deflated data set is inflated to at most `inflate_limit` bytes.
pub fn reidentify<S: Source>(
    source: &mut S,
    opener: &dyn Open,
    inflate_limit: usize,
) -> Result<Reidentified, ReidentifyError> {
    let layout = deid_dicom::open(source).map_err(|_| ReidentifyError::NotDicom)?;
    if layout.faults.refusal().is_some() {
        return Err(ReidentifyError::Faulty);
    }
    if !layout.deflated {
        return data_set(source, layout.data_set, &layout, opener);
    }
    let length = usize::try_from(source.size() - layout.data_set)
        .ok()
        .filter(|&length| length <= inflate_limit)
        .ok_or(ReidentifyError::TooLarge)?;
    let deflated = source.bytes(layout.data_set, length).ok_or(ReidentifyError::Faulty)?;
    let inflated =
        deflate::inflate(deflated, inflate_limit, &mut Faults::default()).map_err(|error| match error {
            deflate::InflateError::TooLarge => ReidentifyError::TooLarge,
            deflate::InflateError::Damaged => ReidentifyError::Faulty,
        })?;
    let done = data_set(&mut &inflated[..], 0, &layout, opener)?;
    Ok(Reidentified { body: deflate_again(done.body, &inflated), ..done })
}

fn data_set<S: Source>(
    source: &mut S,
    start: u64,
    layout: &Layout,
    opener: &dyn Open,
) -> Result<Reidentified, ReidentifyError> {
    let mut tree = Tree::default();
    walk(source, start, layout.encoding, &mut tree);
    if tree.faults.refusal().is_some() {
        return Err(ReidentifyError::Faulty);
    }
    let originals = Unsealed::open(source, &tree, opener)?;
    if originals.instance().is_some_and(|sealed| text(source, &tree, SOP_INSTANCE) != Some(sealed)) {
        return Err(ReidentifyError::OtherInstance);
    }
    let mut edits = Edits { repair: true, ..Edits::default() };
    let mut removed = BTreeSet::from([ENCRYPTED_ATTRIBUTES]);
    removed.extend(&originals.added);
    removed.extend(originals.attributes.keys());
    edits.changes.extend(
        tree.children(ROOT)
            .filter(|&index| removed.contains(&tree.node(index).tag))
            .map(|index| (index, Change::Remove)),
    );
    for (&tag, nodes) in &originals.attributes {
        let mut bytes = Vec::new();
        for &node in nodes {
            originals.write(node, tree.encoding, &mut bytes)?;
        }
        edits.insertions.push((place(&tree, tag), bytes));
    }
    if !originals.is_ours && !originals.attributes.contains_key(&IDENTITY_REMOVED) {
        let mut bytes = Vec::new();
        encode::element(&mut bytes, tree.encoding, IDENTITY_REMOVED, Vr::CS, b"NO")
            .map_err(|_| ReidentifyError::EditFailed)?;
        edits.insertions.push((place(&tree, IDENTITY_REMOVED), bytes));
    }
    let mut spliced = Spliced::default();
    splice(&tree, source.size(), &edits, &mut spliced).map_err(|_| ReidentifyError::EditFailed)?;
    let mut uid = |tag| originals.uid(tag).or_else(|| text(source, &tree, tag)).unwrap_or_default();
    let (of_data_set, sop_instance) = (uid(SOP_CLASS), uid(SOP_INSTANCE));
    let of_meta = layout.sop_class.clone().unwrap_or_default();
    let meta = NewMeta {
        sop_class: if of_data_set.is_empty() { &of_meta } else { &of_data_set },
        sop_instance: &sop_instance,
        transfer_syntax: written_syntax(layout, &tree),
        implementation: IMPLEMENTATION_CLASS,
        implementation_version: IMPLEMENTATION_VERSION,
    };
    let mut head = Vec::with_capacity(512);
    write_meta(&mut head, &meta).map_err(|_| ReidentifyError::EditFailed)?;
    Ok(Reidentified { head, body: Body::Pieces(spliced), left_out: originals.left_out })
}

/// Where an attribute stands: where it stands now, or before the first one with a higher tag.
fn place(tree: &Tree, tag: Tag) -> Place {
    tree.find(ROOT, tag)
        .or_else(|| tree.children(ROOT).find(|&index| tree.node(index).tag > tag))
        .map_or(Place::EndOf(ROOT), Place::Before)
}

/// An Encrypted Attributes Data Set that was opened.
struct Unsealed {
    bytes: Vec<u8>,
    tree: Tree,
    /// The original attributes by tag, each with its occurrences.
    attributes: BTreeMap<Tag, Vec<NodeIndex>>,
    /// What the de-identification added.
    added: BTreeSet<Tag>,
    left_out: usize,
    /// Whether this software sealed it.
    is_ours: bool,
}

impl Unsealed {
    /// Opens the first item that can be opened (PS3.15 E.1.2 step 1).
    fn open<S: Source>(source: &mut S, tree: &Tree, opener: &dyn Open) -> Result<Self, ReidentifyError> {
        let mut error = ReidentifyError::NotReversible;
        let Some(sequence) = tree.find(ROOT, ENCRYPTED_ATTRIBUTES) else { return Err(error) };
        if tree.node(sequence).kind != Kind::Sequence {
            return Err(ReidentifyError::Damaged);
        }
        for item in tree.children(sequence) {
            let Some(content) = tree.find(item, CONTENT).map(|index| *tree.node(index)) else { continue };
            let sealed = usize::try_from(content.value_length())
                .ok()
                .and_then(|length| source.bytes(content.value_start(), length))
                .ok_or(ReidentifyError::Faulty)?;
            match opener.open(sealed) {
                Ok(bytes) => {
                    let syntax =
                        tree.find(item, CONTENT_SYNTAX).and_then(|index| node_text(source, tree, index));
                    return Self::read(bytes, syntax.as_deref());
                }
                // One that is damaged or strange may be ours; one for others is not.
                Err(OpenError::NotARecipient) if error != ReidentifyError::NotReversible => {}
                Err(cause) => error = cause.into(),
            }
        }
        Err(error)
    }

    fn read(bytes: Vec<u8>, syntax: Option<&str>) -> Result<Self, ReidentifyError> {
        let encoding = match syntax {
            None | Some("" | transfer_syntax::EXPLICIT_LITTLE) => Encoding::ExplicitLittle,
            Some(transfer_syntax::IMPLICIT_LITTLE) => Encoding::ImplicitLittle,
            Some(_) => return Err(ReidentifyError::Unsupported),
        };
        let mut tree = Tree::default();
        walk(&mut &bytes[..], 0, encoding, &mut tree);
        if tree.faults.refusal().is_some() {
            return Err(ReidentifyError::Damaged);
        }
        let sequence = tree
            .find(ROOT, MODIFIED_ATTRIBUTES)
            .filter(|&index| tree.node(index).kind == Kind::Sequence)
            .ok_or(ReidentifyError::Damaged)?;
        let mut attributes: BTreeMap<Tag, Vec<NodeIndex>> = BTreeMap::new();
        for item in tree.children(sequence) {
            for index in tree.children(item) {
                attributes.entry(tree.node(index).tag).or_default().push(index);
            }
        }
        let mut unsealed =
            Unsealed { bytes, tree, attributes, added: BTreeSet::from(METHOD), left_out: 0, is_ours: false };
        // Any part of our block tells: one that is damaged must not be taken for another's.
        unsealed.is_ours =
            unsealed.tree.children(ROOT).any(|index| unsealed.tree.node(index).tag.group() == BLOCK.group());
        if unsealed.is_ours {
            unsealed.check()?;
            unsealed.added = unsealed.tags(ADDED);
            unsealed.left_out = unsealed.tags(LEFT_OUT).len();
        } else {
            unsealed.added.insert(IDENTITY_REMOVED);
        }
        Ok(unsealed)
    }

    /// The hash covers everything before it: CBC alone does not tell damage.
    fn check(&self) -> Result<(), ReidentifyError> {
        let index = self.tree.find(ROOT, HASH).ok_or(ReidentifyError::Damaged)?;
        let start = self.tree.node(index).start as usize;
        if Sha256::digest(&self.bytes[..start])[..] == *self.value(index) {
            Ok(())
        } else {
            Err(ReidentifyError::Damaged)
        }
    }

    fn value(&self, index: NodeIndex) -> &[u8] {
        let node = self.tree.node(index);
        &self.bytes[node.value_start() as usize..node.value_end() as usize]
    }

    /// SOP Instance UID of the file that the originals were sealed into, if they say so.
    fn instance(&self) -> Option<String> {
        self.is_ours.then(|| text(&mut &self.bytes[..], &self.tree, INSTANCE))?
    }

    fn uid(&self, tag: Tag) -> Option<String> {
        let index = self.attributes.get(&tag)?.first()?;
        node_text(&mut &self.bytes[..], &self.tree, *index)
    }

    /// The value of an AT.
    fn tags(&self, tag: Tag) -> BTreeSet<Tag> {
        let value = self.tree.find(ROOT, tag).map(|index| self.value(index)).unwrap_or_default();
        let tag = |b: &[u8]| Tag::new(u16::from_le_bytes([b[0], b[1]]), u16::from_le_bytes([b[2], b[3]]));
        value.chunks_exact(4).map(tag).collect()
    }

    /// Appends an attribute in the encoding of the file it goes to.
    fn write(&self, index: NodeIndex, to: Encoding, out: &mut Vec<u8>) -> Result<(), ReidentifyError> {
        let node = self.tree.node(index);
        if node.encoding == to {
            out.extend_from_slice(&self.bytes[node.start as usize..node.end as usize]);
            return Ok(());
        }
        transcode(&mut &self.bytes[..], &self.tree, index, to, &vr_of, out)
            .map_err(|_| ReidentifyError::EditFailed)
    }
}

fn text<S: Source>(source: &mut S, tree: &Tree, tag: Tag) -> Option<String> {
    tree.find(ROOT, tag).and_then(|index| node_text(source, tree, index))
}

/// A short text without its padding.
fn node_text<S: Source>(source: &mut S, tree: &Tree, index: NodeIndex) -> Option<String> {
    let node = tree.node(index);
    let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 1024)?;
    let bytes = source.bytes(node.value_start(), length)?;
    Some(String::from_utf8_lossy(value::trim(bytes)).into_owned())
}
