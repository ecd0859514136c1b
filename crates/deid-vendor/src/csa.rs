//! Siemens CSA headers: the layout called CSA1 (up to VA25) and CSA2, which begins with `SV10` (VB to VE).
//!
//! Both are a count, the number 77, then elements: a name of 64 bytes, its multiplicity, a VR, a type, a number of
//! items and the number 77 or 205; then each item as four numbers and its bytes, filled up to a multiple of four. All
//! numbers are little endian. CSA2 gives the length of an item in the second number. CSA1 adds the number of items of
//! the first element to the first of the four; some writers have the plain length in the second all the same.
//! (nibabel's `csareader` and dcm2niix read it like that.)
//!
//! Behind the NUL of a name and of a value stands whatever was in memory: parts of other headers, UIDs and serial
//! numbers among it, in most real files. That goes, always.

mod item;
mod last;

use crate::field::{Action, Rules};
use crate::text::until_nul;
use crate::{Judge, Outcome, name, table};
use item::{write_empty, write_item};
pub use last::LastHeader;
use last::{Memory, Record};
use std::ops::Range;

/// Which of the two layouts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Without a mark, up to software VA25; the number is that of items of the first element, which the first
    /// number of each item has on top of its length, or zero.
    Csa1(u32),
    /// `SV10`, from software VB on.
    #[default]
    Csa2,
}

/// A header as positions in its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Its layout.
    pub layout: Layout,
    /// The elements in their order.
    pub elements: Vec<Element>,
    /// Where the bytes of each item stand; the four numbers are before them.
    items: Vec<Range<usize>>,
    /// Where the last one ends.
    pub end: usize,
}

impl Header {
    /// How many items an element of numbers lacks: the software writes none or six at least, and dcm2niix reads as many
    /// without looking. The first element of CSA1 counts for the lengths of all.
    fn missing(&self, number: usize) -> usize {
        let items = self.elements[number].items.len();
        if items == 0 || !self.elements[number].numeric || number == 0 && self.layout != Layout::Csa2 {
            return 0;
        }
        FEWEST_ITEMS.saturating_sub(items)
    }

    /// Where the bytes of an element's items stand.
    pub fn items(&self, element: &Element) -> &[Range<usize>] {
        self.items.get(element.items.clone()).unwrap_or_default()
    }

    /// Where the element of this number stands, with its items.
    fn record(&self, number: usize) -> Range<usize> {
        let end = self.elements.get(number + 1).map_or(self.end, |next| next.start);
        self.elements[number].start..end
    }
}

/// An element of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Where its 84 bytes begin.
    pub start: usize,
    /// Which of the header's items are its own.
    items: Range<usize>,
    /// Whether readers turn them into numbers.
    numeric: bool,
}

impl Element {
    /// Its name, up to the NUL.
    pub fn name<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        until_nul(&bytes[self.start..self.start + NAME])
    }

    /// Its VR: two letters.
    pub fn vr(&self, bytes: &[u8]) -> [u8; 2] {
        [bytes[self.start + NAME + 4], bytes[self.start + NAME + 5]]
    }
}

const NAME: usize = 64;
const ELEMENT: usize = 84;
const ITEM: usize = 16;
/// Of numbers, the software writes as many items or none.
const FEWEST_ITEMS: usize = 6;
/// More elements no reader takes.
const MOST_ELEMENTS: u32 = 1024;
pub(crate) const MARK: &[u8; 8] = b"SV10\x04\x03\x02\x01";

/// Reads a header. `None` if it is none, or its lengths do not fit.
pub fn parse(bytes: &[u8]) -> Option<Header> {
    let mut header = Header::default();
    parse_into(bytes, &mut header).then_some(header)
}

/// The same into the memory of another header; `false` if it is none.
fn parse_into(bytes: &[u8], header: &mut Header) -> bool {
    if bytes.starts_with(&MARK[..4]) {
        return parse_as(bytes, Layout::Csa2, false, header).is_some();
    }
    // By the second number, which most writers fill in, then by the first as readers do.
    parse_as(bytes, Layout::Csa1(0), false, header)
        .or_else(|| parse_as(bytes, Layout::Csa1(0), true, header))
        .is_some()
}

fn parse_as(bytes: &[u8], layout: Layout, by_first: bool, header: &mut Header) -> Option<()> {
    let mut at = if layout == Layout::Csa2 { MARK.len() } else { 0 };
    let count = number(bytes, at)?;
    if !(1..=MOST_ELEMENTS).contains(&count) {
        return None;
    }
    at += 8;
    // Bounded by what is there, not by what is said to be.
    let room = (count as usize).min(bytes.len() / ELEMENT);
    let Header { elements, items: all, .. } = header;
    elements.clear();
    elements.reserve(room);
    all.clear();
    all.reserve(6 * room);
    let mut first_items = None;
    for _ in 0..count {
        let head = bytes.get(at..at + ELEMENT)?;
        let name = until_nul(&head[..NAME]);
        let vr = &head[NAME + 4..NAME + 6];
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) || !vr.iter().all(u8::is_ascii_uppercase)
        {
            return None;
        }
        let items = number(head, NAME + 12)?;
        let start = at;
        at += ELEMENT;
        if items as usize > (bytes.len() - at) / ITEM {
            return None;
        }
        let offset = *first_items.get_or_insert(items);
        let first = all.len();
        for _ in 0..items {
            let length = match layout {
                Layout::Csa1(_) if by_first => number(bytes, at)?.checked_sub(offset)?,
                Layout::Csa1(_) | Layout::Csa2 => number(bytes, at + 4)?,
            } as usize;
            at += ITEM;
            let end = at.checked_add(length).filter(|&end| end <= bytes.len())?;
            all.push(at..end);
            at = end.next_multiple_of(4).min(bytes.len());
        }
        elements.push(Element { start, items: first..all.len(), numeric: is_numeric([vr[0], vr[1]]) });
    }
    header.layout = match layout {
        Layout::Csa1(_) => Layout::Csa1(if by_first { first_items.unwrap_or(0) } else { 0 }),
        Layout::Csa2 => Layout::Csa2,
    };
    header.end = at;
    Some(())
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Cleans a header. What cannot be read to its end is refused.
///
/// Elements that are what they were in the last header become what they became there: they were searched then.
pub fn clean(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    // While it is taken there is none: whatever happens here, what is half done is not remembered.
    let mut last = judge.last_header().map(std::cell::RefCell::take).unwrap_or_default();
    let mut memory = std::mem::take(&mut last.memory);
    let mut header = std::mem::take(&mut memory.header);
    if !parse_into(bytes, &mut header) {
        return Outcome::Refused;
    }
    let outcome = clean_after(bytes, &header, judge, &mut last, &mut memory);
    if let (Some(kept), true) = (judge.last_header(), outcome != Outcome::Refused) {
        memory.header = header;
        last.memory = memory;
        kept.replace(last);
    }
    outcome
}

fn clean_after(
    bytes: &[u8],
    header: &Header,
    judge: &dyn Judge,
    last: &mut LastHeader,
    memory: &mut Memory,
) -> Outcome {
    write(bytes, header, Rules { judge, strict: false }, last, memory);
    if judge.identifies(&memory.new_texts) {
        write(bytes, header, Rules { judge, strict: true }, last, memory);
    }
    let outcome = if memory.out == bytes {
        Outcome::Unchanged
    } else if is_read_back(memory) {
        Outcome::Changed(memory.out.clone())
    } else {
        return Outcome::Refused;
    };
    last.remember(bytes, header, memory);
    outcome
}

/// Whether what was written reads as it was meant. What was remembered was read back before.
fn is_read_back(memory: &mut Memory) -> bool {
    let mut said = std::mem::take(&mut memory.said);
    let as_meant = parse_into(&memory.out, &mut said)
        && said.end == memory.end
        && said.elements.len() == memory.records.len()
        && said.elements.iter().zip(&memory.records).all(|(said, meant)| said.start == meant.after.start)
        && memory
            .judged
            .iter()
            .all(|(number, items)| said.items(&said.elements[*number]) == &memory.items[items.clone()]);
    memory.said = said;
    as_meant
}

/// Writes the header again with its fields judged, but for those that are what they were in the last one.
fn write(bytes: &[u8], header: &Header, rules: Rules<'_>, last: &LastHeader, written: &mut Memory) {
    written.clear();
    written.out.reserve(bytes.len() + 64);
    if header.layout == Layout::Csa2 {
        written.out.extend_from_slice(MARK);
    }
    written.out.extend_from_slice(&(header.elements.len() as u32).to_le_bytes());
    written.out.extend_from_slice(&77_u32.to_le_bytes());
    for (number, element) in header.elements.iter().enumerate() {
        let before = header.record(number);
        let start = written.out.len();
        let mut again = true;
        let remembered = last.named(number, &bytes[start_of(element)]);
        let (action, personal, masked) = if let Some(record) = remembered {
            (record.action, record.personal, record.masked.clone())
        } else {
            let name = element.name(bytes);
            let action = std::str::from_utf8(name).ok().and_then(table::csa);
            // Fields without a row are told by what their names say, as keys of protocols are. Somebody may be in them.
            let personal = action.is_none() && table::protocol(name) == Some(Action::Empty);
            (action, personal, masked_name(name, rules))
        };
        if let Some(after) = last.after(number, header.layout, &bytes[before.clone()]) {
            written.out.extend_from_slice(after);
        } else {
            let noted = rules.judge.notes();
            let name = masked.as_deref().map_or(element.name(bytes), str::as_bytes);
            if remembered.is_none() && !is_trusted(name) {
                written.new_texts.extend_from_slice(name);
                written.new_texts.push(0);
            }
            let items = header.items(element).len() + header.missing(number);
            let filled =
                header.items(element).iter().rposition(|item| !item.is_empty()).map_or(0, |at| at + 1);
            let head = &bytes[element.start..element.start + ELEMENT];
            write_head(head, name, (items, filled), &mut written.out);
            write_items(bytes, header, (number, element), (rules, action, personal), written);
            again = rules.judge.notes() == noted;
        }
        written.records.push(Record {
            before,
            after: start..written.out.len(),
            again,
            action,
            personal,
            masked,
        });
    }
    written.end = written.out.len();
    // What follows says nothing: four zeros, as a rule.
    written.out.resize(written.end + bytes.len().saturating_sub(header.end), 0);
}

/// Where the bytes of an element's name stand.
const fn start_of(element: &Element) -> Range<usize> {
    element.start..element.start + NAME
}

/// Writes the items of an element, judged.
fn write_items(
    bytes: &[u8],
    header: &Header,
    (number, element): (usize, &Element),
    (rules, known, personal): (Rules<'_>, Option<Action>, bool),
    written: &mut Memory,
) {
    let vr = element.vr(bytes);
    let first = written.items.len();
    let mut rest = header.items(element);
    while let Some((item, others)) = rest.split_first() {
        if item.is_empty() && header.layout == Layout::Csa2 {
            let count = rest.iter().take_while(|item| item.is_empty()).count();
            let (run, behind) = rest.split_at(count);
            // They stand one behind the other: nothing is filled up.
            let end = run.last().map_or(item.end, |last| last.end);
            write_empty(&bytes[item.start - ITEM..end], &mut written.out, &mut written.items);
            rest = behind;
            continue;
        }
        rest = others;
        // Of numbers, only long ones are of a person: geometry is the patient's, too.
        let value = || std::str::from_utf8(until_nul(&bytes[item.clone()])).unwrap_or_default();
        let empty = personal
            && (!is_numeric(vr)
                || table::protocol_number(element.name(bytes), value()) == Some(Action::Empty));
        let action = if empty { Action::Empty } else { known.unwrap_or_else(|| by_vr(vr)) };
        let (item, text) = write_item(bytes, item, header.layout, (action, vr), rules, &mut written.out);
        if text > 0 {
            // What is written ends in a NUL, as a rule; another parts it from the next.
            written.new_texts.extend_from_slice(&written.out[item.start..item.start + text]);
            written.new_texts.push(0);
        }
        written.items.push(item);
    }
    for _ in 0..header.missing(number) {
        let (none, check) = (if let Layout::Csa1(offset) = header.layout { offset } else { 0 }, 77);
        written.out.extend_from_slice(&[none, 0, check, 0].map(u32::to_le_bytes).concat());
        written.items.push(written.out.len()..written.out.len());
    }
    written.judged.push((number, first..written.items.len()));
}

/// Whether a name is one that the software writes, or what became of another.
fn is_trusted(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(table::is_csa_name) || name.iter().all(|&byte| byte == b'X')
}

/// What a name becomes; `None` if it stays. An identifier in it is the business of this element alone: the others stay.
fn masked_name(name: &[u8], rules: Rules<'_>) -> Option<Box<str>> {
    if is_trusted(name) {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    let masked = name::judged(name, rules.judge);
    let left = masked.as_deref().unwrap_or(name);
    if rules.strict && name::identifies(left, rules.judge) {
        return Some("X".repeat(name.len()).into_boxed_str());
    }
    masked.map(String::into_boxed_str)
}

/// The 84 bytes before the items, without what lies behind the name and beside the VR. Readers want no value behind
/// those that the multiplicity counts.
fn write_head(head: &[u8], name: &[u8], (items, filled): (usize, usize), out: &mut Vec<u8>) {
    let small = |at: usize, most: u32| number(head, at).filter(|&number| number <= most).unwrap_or(0);
    let mut new = [0; ELEMENT];
    new[..name.len()].copy_from_slice(name);
    let multiplicity = match small(NAME, 0xFFFF) {
        0 => 0,
        said => said.max(filled as u32),
    };
    new[NAME..NAME + 4].copy_from_slice(&multiplicity.to_le_bytes());
    new[NAME + 4..NAME + 6].copy_from_slice(&head[NAME + 4..NAME + 6]);
    new[NAME + 8..NAME + 12].copy_from_slice(&small(NAME + 8, 0xFF).to_le_bytes());
    new[NAME + 12..NAME + 16].copy_from_slice(&(items as u32).to_le_bytes());
    let check = number(head, NAME + 16).filter(|check| *check == 205).unwrap_or(77);
    new[NAME + 16..].copy_from_slice(&check.to_le_bytes());
    out.extend_from_slice(&new);
}

/// Whether readers turn items of this VR into numbers.
fn is_numeric(vr: [u8; 2]) -> bool {
    matches!(&vr, b"IS" | b"DS" | b"FD" | b"FL" | b"UL" | b"SL" | b"US" | b"SS")
}

/// What is done with an element the table does not name.
fn by_vr(vr: [u8; 2]) -> Action {
    match &vr {
        _ if is_numeric(vr) => Action::Number,
        b"DA" | b"DT" => Action::Date,
        b"TM" => Action::Number,
        b"UI" => Action::Uid,
        b"PN" => Action::Empty,
        b"LT" | b"ST" => Action::Text,
        b"UN" | b"OB" | b"OW" | b"UT" => Action::Content,
        b"AS" => Action::Age,
        _ => Action::Term,
    }
}
