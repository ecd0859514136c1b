//! Bytes to spans: tolerant, with an explicit stack; faults are reported as data.
//!
//! Nothing is allocated by a declared length and nothing is decoded. Where the encoding of an element is in doubt
//! (PS3.5 7.1.2, CP-246, writers that mix encodings), each reading is tried against what follows and the one after
//! which a plausible element comes is taken.
//!
//! A sequence of defined length is entered on trial: if its content cannot be read as items to the last byte, the
//! walker steps back, counts the value as opaque bytes and goes on behind it.

use crate::tree::{Encoding, Kind, Node, NodeIndex, ROOT, Tree};
use crate::{FaultKind, Source, Tag, Vr};

const UNDEFINED: u32 = u32::MAX;
/// The most elements and items one data set may have: ten times what the largest enhanced files have.
const MOST_NODES: usize = 16 << 20;
const PIXEL_DATA: Tag = Tag::new(0x7FE0, 0x0010);

/// Walks the data set that begins at `start` and is encoded (at top level) as `encoding` into `tree`.
///
/// `tree` is cleared first; its memory is used again. Reading goes on to the end of the source unless a fault that
/// has the policy [`crate::FaultPolicy::Refuse`] stops it; then `tree` holds what came before.
pub fn walk<S: Source>(source: &mut S, start: u64, encoding: Encoding, tree: &mut Tree) {
    tree.nodes.clear();
    tree.faults.clear();
    tree.strays.clear();
    tree.start = start;
    tree.encoding = encoding;
    let end = source.size();
    tree.end = end;
    let mut walker = Walker { source, tree, stack: Vec::new(), position: start, end, not_zero: None };
    walker.stack.push(Frame::set(ROOT, end, false, encoding));
    walker.run();
}

/// Whether up to `count` elements read plausibly in this encoding from `position` on.
pub(crate) fn chain_is_plausible<S: Source>(
    source: &mut S,
    position: u64,
    encoding: Encoding,
    bound: u64,
    count: usize,
) -> bool {
    let (mut at, mut previous) = (position, None);
    for _ in 0..count {
        if at == bound {
            return previous.is_some();
        }
        let Some(head) = source.peek::<8>(at) else {
            return false;
        };
        let tag = encoding.tag([head[0], head[1], head[2], head[3]]);
        if tag.is_structural() {
            return previous.is_some() && matches!(tag, Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER);
        }
        if previous.is_some_and(|previous| tag <= previous) || tag.group() == 0xFFFF {
            return false;
        }
        let (header, length) = if encoding.is_implicit() {
            (8, encoding.u32([head[4], head[5], head[6], head[7]]))
        } else {
            match Vr::from_bytes([head[4], head[5]]) {
                Some(vr) if vr.has_long_length() => match source.peek::<4>(at + 8) {
                    Some(bytes) => (12, encoding.u32(bytes)),
                    None => return false,
                },
                Some(_) => (8, u32::from(encoding.u16([head[6], head[7]]))),
                None => return false,
            }
        };
        if length == UNDEFINED {
            // A sequence (or pixel data): the next header must be an item's or a delimiter's.
            return source.peek::<4>(at + header).is_none_or(|bytes| {
                encoding.tag(bytes).is_structural() || Encoding::ImplicitLittle.tag(bytes).is_structural()
            });
        }
        let next = at + header + u64::from(length);
        if next > bound {
            return false;
        }
        previous = Some(tag);
        at = next;
    }
    true
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Elements: the top level or an item.
    Set,
    /// Items.
    Sequence,
}

#[derive(Clone, Copy)]
struct Frame {
    node: NodeIndex,
    /// Where the container ends at the latest.
    end: u64,
    undefined: bool,
    /// Whether the walker may step back to this node and count it as opaque.
    trial: bool,
    inside: Inside,
    encoding: Encoding,
    last: Option<Tag>,
    /// Group and expected end of the group length seen last.
    group_length: Option<(u16, u64)>,
}

impl Frame {
    fn set(node: NodeIndex, end: u64, undefined: bool, encoding: Encoding) -> Self {
        Frame {
            node,
            end,
            undefined,
            trial: false,
            inside: Inside::Set,
            encoding,
            last: None,
            group_length: None,
        }
    }
}

/// The header of one element.
#[derive(Clone, Copy)]
struct Header {
    tag: Tag,
    vr: Vr,
    size: u8,
    length: u32,
    short: bool,
    fault: Option<FaultKind>,
}

struct Walker<'a, S> {
    source: &'a mut S,
    tree: &'a mut Tree,
    stack: Vec<Frame>,
    position: u64,
    end: u64,
    /// A byte behind that is not zero.
    not_zero: Option<u64>,
}

impl<S: Source> Walker<'_, S> {
    fn run(&mut self) {
        while let Some(frame) = self.stack.last().copied() {
            let going_on = match frame.inside {
                Inside::Set => self.step_set(frame),
                Inside::Sequence => self.step_sequence(frame),
            };
            if !going_on {
                break;
            }
        }
        // What is still open after a refusal ends where reading ended.
        while let Some(frame) = self.stack.pop() {
            self.close(frame.node);
            if let Some(node) = self.tree.nodes.get_mut(frame.node as usize) {
                node.end = node.end.min(self.position.max(node.value_start()));
            }
        }
    }

    /// One element, delimiter or end of a data set. `false` stops the walk.
    fn step_set(&mut self, frame: Frame) -> bool {
        let at = self.position;
        if at >= frame.end {
            self.check_group_length(frame, at);
            if frame.undefined {
                self.fault(FaultKind::MissingItemDelimiter, at, None);
            }
            self.pop(at);
            return true;
        }
        let Some(head) = self.source.peek::<8>(at).filter(|_| at + 8 <= frame.end) else {
            return self.broken_header(frame, at);
        };
        let encoding = frame.encoding;
        let tag = encoding.tag([head[0], head[1], head[2], head[3]]);
        if tag.is_structural() && matches!(tag, Tag::ITEM | Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER) {
            return self.step_delimiter(frame, tag, at, encoding.u32([head[4], head[5], head[6], head[7]]));
        }
        if frame.node == ROOT && head == [0; 8] && self.only_zeros(at) {
            self.fault(FaultKind::TrailingZeros, at, None);
            return self.finish(at);
        }
        let header = if encoding.is_implicit() {
            Header {
                tag,
                vr: Vr::Implicit,
                size: 8,
                length: encoding.u32([head[4], head[5], head[6], head[7]]),
                short: false,
                fault: None,
            }
        } else {
            match self.explicit_header(frame, tag, head, at) {
                Some(header) => header,
                None => return self.broken_header(frame, at),
            }
        };
        if let Some(kind) = header.fault {
            self.fault(kind, at, Some(tag));
        }
        self.order(frame, tag, at);
        self.element(frame, header, at)
    }

    fn order(&mut self, frame: Frame, tag: Tag, at: u64) {
        match frame.last {
            Some(last) if tag == last => self.fault(FaultKind::Duplicate, at, Some(tag)),
            Some(last) if tag < last => self.fault(FaultKind::OutOfOrder, at, Some(tag)),
            _ => {}
        }
        if frame.group_length.is_some_and(|(group, _)| group != tag.group()) {
            self.check_group_length(frame, at);
            self.top().group_length = None;
        }
        self.top().last = Some(tag);
    }

    fn check_group_length(&mut self, frame: Frame, at: u64) {
        if frame.group_length.is_some_and(|(_, expected)| expected != at) {
            self.fault(FaultKind::GroupLengthWrong, at, None);
        }
    }

    /// An element whose header is known: a node, and a frame where it holds items.
    fn element(&mut self, frame: Frame, header: Header, at: u64) -> bool {
        let Header { tag, vr, length, .. } = header;
        let value = at + u64::from(header.size);
        let opaque_bytes = matches!(vr, Vr::OB | Vr::OW | Vr::OD | Vr::OF | Vr::OL | Vr::OV);
        if length == UNDEFINED {
            if tag == PIXEL_DATA || opaque_bytes {
                return self.fragments(frame, header, at);
            }
            let inner = match vr {
                // CP-246: UN of undefined length is an implicit VR little endian sequence.
                Vr::UN | Vr::Implicit => Encoding::ImplicitLittle,
                _ => frame.encoding,
            };
            let items = value == frame.end
                || self.source.peek::<4>(value).is_some_and(|bytes| {
                    matches!(inner.tag(bytes), Tag::ITEM | Tag::SEQUENCE_DELIMITER)
                        || matches!(frame.encoding.tag(bytes), Tag::ITEM | Tag::SEQUENCE_DELIMITER)
                });
            if !items {
                return self.refuse(FaultKind::UndefinedLengthValue, at, Some(tag));
            }
            if vr == Vr::UN {
                self.fault(FaultKind::SequenceInUn, at, Some(tag));
            }
            let Some(node) = self.push(frame, header, at, frame.end, Kind::Sequence, Node::UNDEFINED) else {
                return false;
            };
            self.enter_sequence(node, value, frame.end, true, false, inner);
            return true;
        }
        let mut end = value + u64::from(length);
        if end > frame.end {
            let root = frame.node == ROOT || frame.end == self.end;
            let kind = if root { FaultKind::TruncatedValue } else { FaultKind::ValueOverrunsItem };
            return self.refuse(kind, at, Some(tag));
        }
        let mut flags = if header.short { Node::SHORT_LENGTH } else { 0 };
        if length % 2 == 1 {
            self.fault(FaultKind::OddLength, at, Some(tag));
            let padded = end < frame.end
                && !self.plausible(end, frame.encoding, frame.end, tag)
                && self.source.peek::<1>(end).is_some_and(|[byte]| byte == 0 || byte == b' ')
                && self.plausible(end + 1, frame.encoding, frame.end, tag);
            if padded {
                self.fault(FaultKind::OddLengthPadded, at, Some(tag));
                end += 1;
                flags |= Node::PADDED;
            }
        }
        if tag.is_group_length() && length == 4 {
            self.fault(FaultKind::GroupLength, at, Some(tag));
            if let Some(bytes) = self.source.peek::<4>(value) {
                self.top().group_length = Some((tag.group(), end + u64::from(frame.encoding.u32(bytes))));
            }
        }
        let may_hide = matches!(vr, Vr::UN | Vr::Implicit | Vr::Invalid) && tag != PIXEL_DATA && length >= 8;
        let sequence = (vr == Vr::SQ && length > 0)
            || (may_hide
                && self.source.peek::<4>(value).is_some_and(|bytes| {
                    Encoding::ImplicitLittle.tag(bytes) == Tag::ITEM || frame.encoding.tag(bytes) == Tag::ITEM
                }));
        if !sequence {
            let kind = if vr == Vr::SQ { Kind::Sequence } else { Kind::Element };
            let pushed = self.push(frame, header, at, end, kind, flags);
            self.position = end;
            return pushed.is_some();
        }
        let inner = if matches!(vr, Vr::UN | Vr::Implicit | Vr::Invalid) {
            Encoding::ImplicitLittle
        } else {
            frame.encoding
        };
        if vr == Vr::UN {
            self.fault(FaultKind::SequenceInUn, at, Some(tag));
        }
        let Some(node) = self.push(frame, header, at, end, Kind::Sequence, flags) else {
            return false;
        };
        let value_end = end - u64::from(flags & Node::PADDED != 0);
        self.enter_sequence(node, value, value_end, false, true, inner);
        true
    }

    fn enter_sequence(
        &mut self,
        node: NodeIndex,
        value: u64,
        end: u64,
        undefined: bool,
        trial: bool,
        encoding: Encoding,
    ) {
        self.stack.push(Frame {
            node,
            end,
            undefined,
            trial,
            inside: Inside::Sequence,
            encoding,
            last: None,
            group_length: None,
        });
        self.position = value;
    }

    /// An item or delimiter where an element was expected.
    fn step_delimiter(&mut self, frame: Frame, tag: Tag, at: u64, length: u32) -> bool {
        let in_item = frame.node != ROOT;
        match tag {
            Tag::ITEM_DELIMITER if frame.undefined => {
                if length != 0 {
                    self.fault(FaultKind::DelimiterWithLength, at, None);
                }
                self.check_group_length(frame, at);
                self.tree.nodes[frame.node as usize].flags |= Node::DELIMITED;
                self.pop(at + 8);
            }
            Tag::ITEM_DELIMITER => {
                self.stray(FaultKind::StrayItemDelimiter, frame, at);
            }
            // The item was never delimited: what comes belongs to the sequence around it.
            _ if frame.undefined && in_item => {
                self.fault(FaultKind::MissingItemDelimiter, at, None);
                self.pop(at);
            }
            Tag::SEQUENCE_DELIMITER => {
                self.stray(FaultKind::StraySequenceDelimiter, frame, at);
            }
            _ => return self.refuse(FaultKind::StrayItem, at, None),
        }
        true
    }

    /// One item or the end of a sequence. `false` stops the walk.
    fn step_sequence(&mut self, frame: Frame) -> bool {
        let at = self.position;
        if at >= frame.end {
            if frame.undefined {
                self.fault(FaultKind::MissingSequenceDelimiter, at, None);
            }
            self.pop(at);
            return true;
        }
        let Some(head) = self.source.peek::<8>(at).filter(|_| at + 8 <= frame.end) else {
            return self.refuse(FaultKind::TruncatedSequence, at, None);
        };
        // UN in a big endian file: the items may follow either order of bytes.
        let mut encoding = frame.encoding;
        if !encoding.tag([head[0], head[1], head[2], head[3]]).is_structural() {
            for other in [Encoding::ExplicitLittle, Encoding::ExplicitBig] {
                if other.tag([head[0], head[1], head[2], head[3]]) == Tag::ITEM {
                    encoding = other;
                }
            }
        }
        let tag = encoding.tag([head[0], head[1], head[2], head[3]]);
        let length = encoding.u32([head[4], head[5], head[6], head[7]]);
        match tag {
            Tag::ITEM => {}
            Tag::SEQUENCE_DELIMITER => {
                if length != 0 {
                    self.fault(FaultKind::DelimiterWithLength, at, None);
                }
                if frame.undefined {
                    self.tree.nodes[frame.node as usize].flags |= Node::DELIMITED;
                    self.pop(at + 8);
                } else {
                    self.stray(FaultKind::StraySequenceDelimiter, frame, at);
                }
                return true;
            }
            Tag::ITEM_DELIMITER => {
                self.stray(FaultKind::StrayItemDelimiter, frame, at);
                return true;
            }
            _ if frame.undefined => {
                // Not delimited: what comes belongs to the data set around it.
                self.fault(FaultKind::MissingSequenceDelimiter, at, None);
                self.pop(at);
                return true;
            }
            _ => return self.refuse(FaultKind::NotAnItem, at, None),
        }
        let (mut end, undefined) =
            if length == UNDEFINED { (frame.end, true) } else { (at + 8 + u64::from(length), false) };
        let mut flags = if undefined { Node::UNDEFINED } else { 0 };
        if end > frame.end {
            if frame.undefined {
                return self.refuse(FaultKind::TruncatedSequence, at, None);
            }
            self.fault(FaultKind::ItemOverrunsSequence, at, None);
            end = frame.end;
            flags |= Node::LENGTH_WRONG;
        }
        let inner = self.item_encoding(at + 8, encoding, end);
        let header = Header { tag, vr: Vr::Implicit, size: 8, length, short: false, fault: None };
        let outer = Frame { encoding: inner, ..frame };
        let Some(node) = self.push(outer, header, at, end, Kind::Item, flags) else {
            return false;
        };
        self.stack.push(Frame::set(node, end, undefined, inner));
        self.position = at + 8;
        true
    }

    /// Old Philips writers put implicit items into explicit sequences, some PACS explicit ones into UN.
    fn item_encoding(&mut self, at: u64, expected: Encoding, bound: u64) -> Encoding {
        let Some(head) = self.source.peek::<8>(at).filter(|_| at + 8 <= bound) else {
            return expected;
        };
        if expected.tag([head[0], head[1], head[2], head[3]]).is_structural() {
            return expected;
        }
        let named = Vr::from_bytes([head[4], head[5]]).is_some();
        if named != expected.is_implicit() || chain_is_plausible(self.source, at, expected, bound, 3) {
            return expected;
        }
        let other = if named { Encoding::ExplicitLittle } else { Encoding::ImplicitLittle };
        if !chain_is_plausible(self.source, at, other, bound, 3) {
            return expected;
        }
        self.fault(
            if named { FaultKind::ExplicitInImplicit } else { FaultKind::ImplicitInExplicit },
            at,
            None,
        );
        other
    }

    /// Encapsulated pixel data: fragments are stepped over, never read.
    fn fragments(&mut self, frame: Frame, header: Header, at: u64) -> bool {
        let mut position = at + u64::from(header.size);
        let mut flags = Node::UNDEFINED;
        loop {
            if position == frame.end {
                self.fault(FaultKind::MissingSequenceDelimiter, position, Some(header.tag));
                break;
            }
            let Some(head) = self.source.peek::<8>(position).filter(|_| position + 8 <= frame.end) else {
                return self.refuse(FaultKind::TruncatedValue, position, Some(header.tag));
            };
            let tag = frame.encoding.tag([head[0], head[1], head[2], head[3]]);
            let length = frame.encoding.u32([head[4], head[5], head[6], head[7]]);
            match tag {
                Tag::ITEM => {
                    let next = position + 8 + u64::from(length);
                    if next > frame.end {
                        return self.refuse(FaultKind::TruncatedValue, position, Some(header.tag));
                    }
                    if length == 0 && position > at + u64::from(header.size) {
                        self.fault(FaultKind::ZeroLengthFragment, position, Some(header.tag));
                    }
                    if length % 2 == 1 {
                        self.fault(FaultKind::OddFragment, position, Some(header.tag));
                    }
                    position = next;
                }
                Tag::SEQUENCE_DELIMITER => {
                    if length != 0 {
                        self.fault(FaultKind::DelimiterWithLength, position, Some(header.tag));
                    }
                    flags |= Node::DELIMITED;
                    position += 8;
                    break;
                }
                _ if position > at + u64::from(header.size)
                    && self.plausible(position, frame.encoding, frame.end, header.tag) =>
                {
                    self.fault(FaultKind::MissingSequenceDelimiter, position, Some(header.tag));
                    break;
                }
                _ => return self.refuse(FaultKind::UndefinedLengthValue, position, Some(header.tag)),
            }
        }
        let pushed = self.push(frame, header, at, position, Kind::Fragments, flags);
        self.position = position;
        pushed.is_some()
    }

    /// The header of an explicit VR element, with the repairs that real files need.
    fn explicit_header(&mut self, frame: Frame, tag: Tag, head: [u8; 8], at: u64) -> Option<Header> {
        let encoding = frame.encoding;
        let length16 = u32::from(encoding.u16([head[6], head[7]]));
        let length32 = self.source.peek::<4>(at + 8).map(|bytes| encoding.u32(bytes));
        let make = |vr, size, length, short, fault| Header { tag, vr, size, length, short, fault };
        match Vr::from_bytes([head[4], head[5]]) {
            Some(vr) if vr.has_long_length() => {
                if length16 == 0 || at + 8 + u64::from(length16) > frame.end {
                    return Some(make(vr, 12, length32.filter(|_| at + 12 <= frame.end)?, false, None));
                }
                // The reserved bytes hold something: the length, if that leads to an element and the 32-bit one does not.
                let long = length32
                    .is_some_and(|length| length == UNDEFINED || self.leads_on(at + 12, length, frame, tag));
                if !long && self.leads_on(at + 8, length16, frame, tag) {
                    return Some(make(vr, 8, length16, true, Some(FaultKind::LongVrShortLength)));
                }
                Some(make(vr, 12, length32?, false, None))
            }
            Some(vr) => {
                if length16 == 0
                    && let Some(length) = length32.filter(|&length| length != 0 && length != UNDEFINED)
                    && !self.plausible(at + 8, encoding, frame.end, tag)
                    && self.leads_on(at + 12, length, frame, tag)
                {
                    return Some(make(vr, 12, length, false, Some(FaultKind::ShortVrLongLength)));
                }
                Some(make(vr, 8, length16, true, None))
            }
            None => {
                let implicit = make(
                    Vr::Implicit,
                    8,
                    encoding.u32([head[4], head[5], head[6], head[7]]),
                    false,
                    Some(FaultKind::ImplicitInExplicit),
                );
                let short = make(Vr::Invalid, 8, length16, true, Some(FaultKind::InvalidVr));
                let long = length32
                    .filter(|_| length16 == 0)
                    .map(|length| make(Vr::Invalid, 12, length, false, Some(FaultKind::InvalidVr)));
                let printable = (0x20..0x7F).contains(&head[4]) && (0x20..0x7F).contains(&head[5]);
                let tried = if printable {
                    [long, Some(short), Some(implicit)]
                } else {
                    [Some(implicit), long, Some(short)]
                };
                let leads = tried.iter().flatten().find(|h| {
                    let value = at + u64::from(h.size);
                    if h.length == UNDEFINED {
                        return self.source.peek::<4>(value).is_some_and(|b| encoding.tag(b).is_structural());
                    }
                    self.leads_on(value, h.length, frame, tag)
                });
                leads.copied()
            }
        }
    }

    /// Whether a plausible element (or the end) comes after a value of this length.
    fn leads_on(&mut self, value: u64, length: u32, frame: Frame, tag: Tag) -> bool {
        let next = value + u64::from(length);
        next <= frame.end
            && (self.plausible(next, frame.encoding, frame.end, tag)
                || (!frame.encoding.is_implicit()
                    && self.plausible(next, Encoding::ImplicitLittle, frame.end, tag)))
    }

    /// Whether an element, a delimiter or the end may stand here.
    fn plausible(&mut self, at: u64, encoding: Encoding, bound: u64, previous: Tag) -> bool {
        if at == bound {
            return true;
        }
        let Some(head) = self.source.peek::<8>(at).filter(|_| at + 8 <= bound) else {
            return false;
        };
        let tag = encoding.tag([head[0], head[1], head[2], head[3]]);
        if tag.is_structural() {
            return matches!(tag, Tag::ITEM | Tag::ITEM_DELIMITER | Tag::SEQUENCE_DELIMITER);
        }
        if encoding.is_implicit() {
            let length = encoding.u32([head[4], head[5], head[6], head[7]]);
            return tag > previous && (length == UNDEFINED || at + 8 + u64::from(length) <= bound);
        }
        Vr::from_bytes([head[4], head[5]]).is_some()
    }

    /// Fewer bytes than a header, or a header that makes no sense.
    fn broken_header(&mut self, frame: Frame, at: u64) -> bool {
        // Behind the pixel data at top level nothing that matters can be cut off: these bytes are no element.
        if frame.node == ROOT && frame.last.is_some_and(|last| last >= PIXEL_DATA) {
            let kind =
                if self.only_zeros(at) { FaultKind::TrailingZeros } else { FaultKind::TrailingGarbage };
            self.fault(kind, at, None);
            return self.finish(at);
        }
        if frame.node == ROOT && self.only_zeros(at) {
            self.fault(FaultKind::TrailingZeros, at, None);
            return self.finish(at);
        }
        self.refuse(FaultKind::TruncatedHeader, at, None)
    }

    /// Whether nothing but zeros follows. Where that is not so, the place is remembered: bytes are read once.
    fn only_zeros(&mut self, from: u64) -> bool {
        if self.not_zero.is_some_and(|place| from <= place) {
            return false;
        }
        let mut at = from;
        while at < self.end {
            // Blocks while there are any, then single bytes.
            let (length, place) = match self.source.peek::<512>(at) {
                Some(block) => (512, block.iter().position(|&byte| byte != 0)),
                None => (1, (self.source.peek::<1>(at) != Some([0])).then_some(0)),
            };
            if let Some(place) = place {
                self.not_zero = Some(at + place as u64);
                return false;
            }
            at += length;
        }
        true
    }

    fn finish(&mut self, at: u64) -> bool {
        self.tree.end = at;
        self.position = at;
        false
    }

    /// Steps over a delimiter that delimits nothing.
    fn stray(&mut self, kind: FaultKind, frame: Frame, at: u64) {
        self.fault(kind, at, None);
        self.tree.strays.push((at, frame.node));
        self.position = at + 8;
    }

    /// A fault that cannot be walked over: back to the innermost sequence on trial, or the end of the walk.
    fn refuse(&mut self, kind: FaultKind, at: u64, tag: Option<Tag>) -> bool {
        let Some(depth) = self.stack.iter().rposition(|frame| frame.trial) else {
            self.fault(kind, at, tag);
            return self.finish(at);
        };
        let index = self.stack[depth].node;
        self.stack.truncate(depth);
        self.tree.nodes.truncate(index as usize + 1);
        let node = &mut self.tree.nodes[index as usize];
        node.kind = Kind::Element;
        node.flags |= Node::OPAQUE;
        node.next = index + 1;
        let (start, end, tag) = (node.start, node.end, node.tag);
        self.tree.strays.retain(|(offset, _)| *offset < start);
        self.position = end;
        self.fault(FaultKind::SequenceNotReadable, start, Some(tag));
        true
    }

    fn push(
        &mut self,
        frame: Frame,
        header: Header,
        start: u64,
        end: u64,
        kind: Kind,
        flags: u8,
    ) -> Option<NodeIndex> {
        let index = self.tree.nodes.len() as NodeIndex;
        if self.tree.nodes.len() >= MOST_NODES {
            self.fault(FaultKind::TooManyElements, start, Some(header.tag));
            self.finish(start);
            return None;
        }
        self.tree.nodes.push(Node {
            start,
            end,
            tag: header.tag,
            parent: frame.node,
            next: index + 1,
            vr: header.vr,
            kind,
            encoding: frame.encoding,
            flags: flags
                | if header.short { Node::SHORT_LENGTH } else { 0 }
                | if header.size == 12 { Node::LONG_HEADER } else { 0 },
        });
        Some(index)
    }

    /// Leaves the innermost container, which ends at `position`.
    fn pop(&mut self, position: u64) {
        self.position = position;
        if let Some(frame) = self.stack.pop() {
            self.close(frame.node);
        }
    }

    fn close(&mut self, node: NodeIndex) {
        if node == ROOT {
            return;
        }
        let next = self.tree.nodes.len() as NodeIndex;
        let closed = &mut self.tree.nodes[node as usize];
        closed.next = next;
        if closed.has(Node::UNDEFINED) {
            closed.end = self.position;
        }
    }

    /// The innermost frame; there is one whenever an element is read.
    fn top(&mut self) -> &mut Frame {
        let last = self.stack.len() - 1;
        &mut self.stack[last]
    }

    fn fault(&mut self, kind: FaultKind, offset: u64, tag: Option<Tag>) {
        self.tree.faults.push(kind, offset, tag);
    }
}
