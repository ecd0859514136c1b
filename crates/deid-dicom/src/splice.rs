//! Edits to bytes: untouched spans are copied, enclosing lengths computed anew.
//!
//! The result is a list of [`Piece`]s, so that the writer can copy large spans (pixel data) without their passing
//! through memory.

use crate::encode::{self, ValueTooLong};
use crate::tree::{Kind, Node, NodeIndex, ROOT, Tree};
use crate::{Tag, Vr};
use std::fmt;
use std::ops::Range;

/// What happens to one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The whole span goes.
    Remove,
    /// The span becomes an element of the same tag with this VR and value (empty: zero length).
    Value(Vr, Vec<u8>),
    /// These runs of its bytes, from their first to behind their last in the source, become as many of one byte each. They
    /// are in ascending order and do not overlap.
    Overwrite(Vec<(Range<u64>, u8)>),
}

/// Where new bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Directly before a node.
    Before(NodeIndex),
    /// Behind the last element of a container ([`ROOT`]: of the data set).
    EndOf(NodeIndex),
}

/// The edits of one data set.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    /// Changes by node, in ascending order of node, none inside a node that is itself changed.
    pub changes: Vec<(NodeIndex, Change)>,
    /// Encoded elements to insert, in the order in which they shall stand.
    pub insertions: Vec<(Place, Vec<u8>)>,
    /// Write missing delimiters and right lengths where the tree has faults, and drop what follows the data set.
    pub repair: bool,
}

impl Edits {
    /// Forgets all, keeping the memory.
    pub fn clear(&mut self) {
        self.changes.clear();
        self.insertions.clear();
        self.repair = false;
    }

    /// Whether the output is the input.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.insertions.is_empty() && !self.repair
    }
}

/// A run of bytes of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes `start..end` of the source.
    Copy {
        /// First byte.
        start: u64,
        /// One past the last.
        end: u64,
    },
    /// Bytes `start..end` of [`Spliced::new`].
    New {
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
    },
}

/// An edited data set as pieces.
#[derive(Clone, Debug, Default)]
pub struct Spliced {
    /// In the order of the output.
    pub pieces: Vec<Piece>,
    /// The bytes that are not in the source.
    pub new: Vec<u8>,
}

impl Spliced {
    /// Number of bytes of the output.
    pub fn size(&self) -> u64 {
        self.pieces
            .iter()
            .map(|piece| match *piece {
                Piece::Copy { start, end } => end - start,
                Piece::New { start, end } => (end - start) as u64,
            })
            .sum()
    }

    /// The output in memory, for a source that is a slice.
    pub fn to_bytes(&self, source: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size() as usize);
        for piece in &self.pieces {
            match *piece {
                Piece::Copy { start, end } => out.extend_from_slice(&source[start as usize..end as usize]),
                Piece::New { start, end } => out.extend_from_slice(&self.new[start..end]),
            }
        }
        out
    }

    fn copy(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        if let Some(Piece::Copy { end: last, .. }) = self.pieces.last_mut()
            && *last == start
        {
            *last = end;
            return;
        }
        self.pieces.push(Piece::Copy { start, end });
    }

    fn insert(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        if let Some(Piece::New { end: last, .. }) = self.pieces.last_mut()
            && *last == start
        {
            *last = end;
            return;
        }
        self.pieces.push(Piece::New { start, end });
    }
}

/// Why edits cannot be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpliceError {
    /// A new value does not fit its VR.
    ValueTooLong(Tag),
    /// A sequence or item would outgrow its length field.
    ContainerTooLong(Tag),
    /// Two edits concern the same bytes.
    Overlap(Tag),
}

impl fmt::Display for SpliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpliceError::ValueTooLong(tag) => {
                write!(f, "the new value of {tag} is longer than its VR allows")
            }
            SpliceError::ContainerTooLong(tag) => write!(f, "{tag} outgrows its length field"),
            SpliceError::Overlap(tag) => write!(f, "two edits concern {tag}"),
        }
    }
}

impl std::error::Error for SpliceError {}

impl From<ValueTooLong> for SpliceError {
    fn from(error: ValueTooLong) -> Self {
        SpliceError::ValueTooLong(error.tag)
    }
}

/// One replacement of source bytes by new bytes. The order of the fields is the order of the output: what ends a
/// container comes first (inner ones before outer ones), then what is inserted, then what is changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Operation {
    start: u64,
    class: u8,
    rank: u32,
    end: u64,
    new: (usize, usize),
}

const ENDS: u8 = 0;
const INSERTS: u8 = 1;
const CHANGES: u8 = 2;

/// Carries out edits on the data set of `tree`, which lies in a source of `size` bytes.
///
/// The output begins with the data set (preamble and file meta information are the caller's).
pub fn splice(tree: &Tree, size: u64, edits: &Edits, out: &mut Spliced) -> Result<(), SpliceError> {
    out.pieces.clear();
    out.new.clear();
    let mut operations = Vec::with_capacity(edits.changes.len() + edits.insertions.len());
    let mut growth = Growth::new(tree);
    let length = |change: &Change| if let Change::Value(_, value) = change { value.len() + 14 } else { 0 };
    let changed: usize = edits.changes.iter().map(|(_, change)| length(change)).sum();
    out.new.reserve(changed + edits.insertions.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());

    for (index, change) in &edits.changes {
        let node = tree.node(*index);
        let from = out.new.len();
        match change {
            Change::Remove => {}
            Change::Value(vr, value) => {
                encode::element(&mut out.new, node.encoding, node.tag, *vr, value)?;
            }
            Change::Overwrite(runs) => {
                for (run, byte) in runs {
                    if run.start < node.start || run.start > run.end || run.end > node.end {
                        return Err(SpliceError::Overlap(node.tag));
                    }
                    let from = out.new.len();
                    out.new.resize(from + (run.end - run.start) as usize, *byte);
                    let new = (from, out.new.len());
                    operations.push(Operation {
                        start: run.start,
                        class: CHANGES,
                        rank: *index,
                        end: run.end,
                        new,
                    });
                }
                continue;
            }
        }
        let new = (from, out.new.len());
        growth.add(node.parent, new, node.end - node.start);
        operations.push(Operation { start: node.start, class: CHANGES, rank: *index, end: node.end, new });
    }
    for (order, (place, bytes)) in edits.insertions.iter().enumerate() {
        let from = out.new.len();
        out.new.extend_from_slice(bytes);
        let new = (from, out.new.len());
        let (start, class, rank, parent) = match *place {
            Place::Before(index) => {
                let node = tree.node(index);
                (node.start, INSERTS, order as u32, node.parent)
            }
            Place::EndOf(ROOT) => (tree.end, ENDS, u32::MAX, ROOT),
            Place::EndOf(index) => (tree.node(index).value_end(), ENDS, end_rank(index), index),
        };
        growth.add(parent, new, 0);
        operations.push(Operation { start, class, rank, end: start, new });
    }
    if edits.repair {
        for &(start, container) in &tree.strays {
            let before = edits.changes.partition_point(|(index, _)| tree.node(*index).start <= start);
            let inside = before > 0 && start < tree.node(edits.changes[before - 1].0).end;
            if !inside {
                let new = (out.new.len(), out.new.len());
                growth.add(container, new, 8);
                operations.push(Operation { start, class: CHANGES, rank: 0, end: start + 8, new });
            }
        }
    }
    if edits.repair && tree.nodes.iter().any(needs_repair) {
        let mut changes = edits.changes.iter().map(|(index, _)| *index).peekable();
        let mut changed_until = 0;
        for (index, node) in tree.nodes.iter().enumerate() {
            let index = index as NodeIndex;
            // What changes as a whole needs no repair inside.
            if changes.next_if_eq(&index).is_some() {
                changed_until = node.next;
            }
            if index < changed_until {
                continue;
            }
            if node.lacks_delimiter() {
                let from = out.new.len();
                let tag = if node.kind == Kind::Item { Tag::ITEM_DELIMITER } else { Tag::SEQUENCE_DELIMITER };
                encode::structural(&mut out.new, node.encoding, tag, 0);
                let new = (from, out.new.len());
                growth.add(node.parent, new, 0);
                operations.push(Operation {
                    start: node.end,
                    class: ENDS,
                    rank: end_rank(index),
                    end: node.end,
                    new,
                });
            }
            if node.has(Node::LENGTH_WRONG) {
                growth.touch(index);
            }
        }
    }
    for (index, delta) in growth.settle() {
        let node = tree.node(index);
        if node.has(Node::UNDEFINED) {
            continue;
        }
        let length = node.value_length() as i64 + delta;
        let (width, field) = if node.has(Node::SHORT_LENGTH) { (2, 0xFFFF) } else { (4, 0xFFFF_FFFE) };
        if length < 0 || length > field {
            return Err(SpliceError::ContainerTooLong(node.tag));
        }
        let from = out.new.len();
        if width == 2 {
            out.new.extend_from_slice(&node.encoding.u16_bytes(length as u16));
        } else {
            out.new.extend_from_slice(&node.encoding.u32_bytes(length as u32));
        }
        let end = node.value_start();
        operations.push(Operation {
            start: end - width,
            class: CHANGES,
            rank: index,
            end,
            new: (from, out.new.len()),
        });
    }

    operations.sort_unstable();
    let mut cursor = tree.start;
    for operation in operations {
        if operation.start < cursor {
            let tag = tree
                .nodes
                .iter()
                .find(|node| node.end >= operation.end && node.start >= operation.start)
                .map_or(Tag::ITEM, |node| node.tag);
            return Err(SpliceError::Overlap(tag));
        }
        out.copy(cursor, operation.start);
        out.insert(operation.new.0, operation.new.1);
        cursor = operation.end;
    }
    out.copy(cursor, if edits.repair { tree.end } else { size });
    Ok(())
}

fn needs_repair(node: &Node) -> bool {
    node.lacks_delimiter() || node.has(Node::LENGTH_WRONG)
}

/// Inner containers end before outer ones; the top level ends last.
const fn end_rank(index: NodeIndex) -> u32 {
    u32::MAX - 1 - index
}

/// By how much the content of each container grows.
struct Growth<'a> {
    tree: &'a Tree,
    /// Containers with what is added to them directly.
    added: Vec<(NodeIndex, i64)>,
}

impl<'a> Growth<'a> {
    fn new(tree: &'a Tree) -> Self {
        Growth { tree, added: Vec::new() }
    }

    fn add(&mut self, container: NodeIndex, new: (usize, usize), old: u64) {
        if container != ROOT {
            self.added.push((container, (new.1 - new.0) as i64 - old as i64));
        }
    }

    fn touch(&mut self, container: NodeIndex) {
        self.added.push((container, 0));
    }

    /// Hands each container's growth on to the one around it; containers whose length field must be written.
    fn settle(mut self) -> Vec<(NodeIndex, i64)> {
        self.added.sort_unstable();
        let mut changed = Vec::new();
        // Containers around those that are done, the innermost last: whoever comes next before it stands inside it.
        let mut around: Vec<(NodeIndex, i64)> = Vec::new();
        while let Some(&(index, _)) = [self.added.last(), around.last()].into_iter().flatten().max() {
            let (mut delta, mut touched) = (0, false);
            while let Some((_, more)) = self.added.pop_if(|(added, _)| *added == index) {
                delta += more;
                touched = true;
            }
            while let Some((_, more)) = around.pop_if(|(outer, _)| *outer == index) {
                delta += more;
            }
            let node = self.tree.node(index);
            if delta != 0 || (touched && node.has(Node::LENGTH_WRONG)) {
                changed.push((index, delta));
            }
            if delta != 0 && node.parent != ROOT {
                around.push((node.parent, delta));
            }
        }
        changed.reverse();
        changed
    }
}
