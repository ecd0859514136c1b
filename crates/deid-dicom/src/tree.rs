//! Spans as a tree: elements, items, sequences and encapsulated pixel data, in the order of the file.

use crate::{Fault, Faults, Tag, Vr};

/// How data elements are encoded (PS3.5 7.1). Items of one file may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Implicit VR, little endian.
    ImplicitLittle,
    /// Explicit VR, little endian.
    ExplicitLittle,
    /// Explicit VR, big endian (retired).
    ExplicitBig,
}

impl Encoding {
    /// Whether elements carry no VR.
    pub const fn is_implicit(self) -> bool {
        matches!(self, Encoding::ImplicitLittle)
    }

    pub(crate) const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Encoding::ExplicitBig => u16::from_be_bytes(bytes),
            _ => u16::from_le_bytes(bytes),
        }
    }

    pub(crate) const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Encoding::ExplicitBig => u32::from_be_bytes(bytes),
            _ => u32::from_le_bytes(bytes),
        }
    }

    /// The two bytes of a number in this byte order.
    pub const fn u16_bytes(self, number: u16) -> [u8; 2] {
        match self {
            Encoding::ExplicitBig => number.to_be_bytes(),
            _ => number.to_le_bytes(),
        }
    }

    pub(crate) const fn u32_bytes(self, number: u32) -> [u8; 4] {
        match self {
            Encoding::ExplicitBig => number.to_be_bytes(),
            _ => number.to_le_bytes(),
        }
    }

    /// The tag in the first four of these bytes.
    pub(crate) const fn tag(self, bytes: [u8; 4]) -> Tag {
        Tag::new(self.u16([bytes[0], bytes[1]]), self.u16([bytes[2], bytes[3]]))
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An element whose value has no structure we walk.
    Element,
    /// An element whose value is items, whatever its VR says.
    Sequence,
    /// An item of a sequence: a data set of its own.
    Item,
    /// Encapsulated pixel data: an element whose value is fragments (PS3.5 A.4).
    Fragments,
}

/// Index of a node in its [`Tree`].
pub type NodeIndex = u32;

/// Stands for "no node": the parent of the elements at top level.
pub const ROOT: NodeIndex = NodeIndex::MAX;

/// One span of the file: `start..end` from the first byte of its header to the last byte that belongs to it,
/// delimiter and padding included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Offset of the header.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// The element's tag; [`Tag::ITEM`] for items.
    pub tag: Tag,
    /// The node that contains this one, or [`ROOT`].
    pub parent: NodeIndex,
    /// The first node after everything inside this one.
    pub next: NodeIndex,
    /// The VR as encoded.
    pub vr: Vr,
    /// What it is.
    pub kind: Kind,
    /// For an item the encoding of what is inside, otherwise that of the header.
    pub encoding: Encoding,
    pub(crate) flags: u8,
}

impl Node {
    pub(crate) const UNDEFINED: u8 = 1;
    pub(crate) const DELIMITED: u8 = 2;
    pub(crate) const SHORT_LENGTH: u8 = 4;
    pub(crate) const PADDED: u8 = 8;
    pub(crate) const OPAQUE: u8 = 16;
    pub(crate) const LENGTH_WRONG: u8 = 32;
    /// The header has twelve bytes, not eight.
    pub(crate) const LONG_HEADER: u8 = 64;

    pub(crate) const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Offset of the value.
    pub const fn value_start(&self) -> u64 {
        self.start + if self.has(Self::LONG_HEADER) { 12 } else { 8 }
    }

    /// One past the value: before the delimiter or the padding byte that a wrong odd length leaves over.
    pub const fn value_end(&self) -> u64 {
        self.end - if self.has(Self::DELIMITED) { 8 } else { 0 } - if self.has(Self::PADDED) { 1 } else { 0 }
    }

    /// Length of the value in bytes.
    pub const fn value_length(&self) -> u64 {
        self.value_end() - self.value_start()
    }

    /// Whether the length was left undefined.
    pub const fn has_undefined_length(&self) -> bool {
        self.has(Self::UNDEFINED)
    }

    /// Whether the value looks like a sequence that could not be read: opaque bytes, not to be trusted.
    pub const fn is_unreadable_sequence(&self) -> bool {
        self.has(Self::OPAQUE)
    }

    /// Whether it holds other nodes.
    pub const fn is_container(&self) -> bool {
        matches!(self.kind, Kind::Sequence | Kind::Item)
    }

    /// Whether the delimiter of an undefined length is missing.
    pub const fn lacks_delimiter(&self) -> bool {
        self.has(Self::UNDEFINED) && !self.has(Self::DELIMITED)
    }
}

/// The spans of one data set.
///
/// Nodes are in the order of the file; siblings never overlap; a node's descendants are the nodes from the one
/// after it up to `next`. [`crate::walk`] ensures it, [`crate::splice()`] relies on it.
#[derive(Clone, Debug)]
pub struct Tree {
    /// All nodes.
    pub nodes: Vec<Node>,
    /// What was wrong.
    pub faults: Faults,
    /// Delimiters that delimit nothing: offset and the container they stand in, in order.
    pub(crate) strays: Vec<(u64, NodeIndex)>,
    /// Where the data set begins.
    pub start: u64,
    /// Where it ends; bytes behind belong to no element.
    pub end: u64,
    /// Encoding at top level.
    pub encoding: Encoding,
}

impl Default for Tree {
    fn default() -> Self {
        Tree {
            nodes: Vec::new(),
            faults: Faults::default(),
            strays: Vec::new(),
            start: 0,
            end: 0,
            encoding: Encoding::ExplicitLittle,
        }
    }
}

impl Tree {
    /// The node at an index.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.nodes[index as usize]
    }

    /// Indices of the nodes directly in a container ([`ROOT`] for the top level).
    pub fn children(&self, container: NodeIndex) -> Children<'_> {
        let (at, end) = if container == ROOT {
            (0, self.nodes.len() as NodeIndex)
        } else {
            (container + 1, self.node(container).next)
        };
        Children { nodes: &self.nodes, at, end }
    }

    /// The first element with this tag directly in a container.
    pub fn find(&self, container: NodeIndex, tag: Tag) -> Option<NodeIndex> {
        self.children(container).find(|&index| self.node(index).tag == tag)
    }

    /// Where a node stands, from the top: `(0008,1140)[0].(0010,0010)`. Free of values.
    pub fn path(&self, index: NodeIndex) -> String {
        let mut steps = Vec::new();
        let mut at = index;
        while at != ROOT {
            let node = self.node(at);
            if node.kind == Kind::Item {
                let position = self.children(node.parent).position(|sibling| sibling == at).unwrap_or(0);
                steps.push(format!("[{position}]"));
            } else {
                steps.push(node.tag.to_string());
            }
            at = node.parent;
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        path
    }

    /// The innermost sequence or item around a fault.
    pub fn container_of(&self, fault: &Fault) -> Option<NodeIndex> {
        let open = |node: &Node| {
            let undelimited = node.has(Node::UNDEFINED) && !node.has(Node::DELIMITED);
            node.start < fault.offset
                && (fault.offset < node.end || undelimited && fault.offset == node.end)
                && matches!(node.kind, Kind::Sequence | Kind::Item)
        };
        // Containers stand before what is in them.
        self.nodes.iter().rposition(open).map(|at| at as NodeIndex)
    }
}

/// Iterator over the nodes directly in a container.
#[derive(Clone, Debug)]
pub struct Children<'a> {
    nodes: &'a [Node],
    at: NodeIndex,
    end: NodeIndex,
}

impl Iterator for Children<'_> {
    type Item = NodeIndex;

    fn next(&mut self) -> Option<NodeIndex> {
        if self.at >= self.end {
            return None;
        }
        let index = self.at;
        self.at = self.nodes[index as usize].next;
        Some(index)
    }
}
