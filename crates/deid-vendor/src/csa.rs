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

use crate::field::{Action, Rules, is_one_number};
use crate::text::{decode, encode, find, until_nul};
use crate::{Judge, Outcome, name, protocol, table};
use std::ops::Range;

/// Which of the two layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Without a mark, up to software VA25; the number is that of items of the first element, which the first
    /// number of each item has on top of its length, or zero.
    Csa1(u32),
    /// `SV10`, from software VB on.
    Csa2,
}

/// A header as positions in its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its layout.
    pub layout: Layout,
    /// The elements in their order.
    pub elements: Vec<Element>,
    /// Where the last one ends.
    pub end: usize,
}

/// An element of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Where its 84 bytes begin.
    pub start: usize,
    /// Where the bytes of each item stand; the four numbers are before them.
    pub items: Vec<Range<usize>>,
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
/// More elements no reader takes.
const MOST_ELEMENTS: u32 = 1024;
const MARK: &[u8; 8] = b"SV10\x04\x03\x02\x01";

/// Reads a header. `None` if it is none, or its lengths do not fit.
pub fn parse(bytes: &[u8]) -> Option<Header> {
    if bytes.starts_with(&MARK[..4]) {
        return parse_as(bytes, Layout::Csa2, false);
    }
    // By the second number, which most writers fill in, then by the first as readers do.
    parse_as(bytes, Layout::Csa1(0), false).or_else(|| parse_as(bytes, Layout::Csa1(0), true))
}

fn parse_as(bytes: &[u8], layout: Layout, by_first: bool) -> Option<Header> {
    let mut at = if layout == Layout::Csa2 { MARK.len() } else { 0 };
    let count = number(bytes, at)?;
    if !(1..=MOST_ELEMENTS).contains(&count) {
        return None;
    }
    at += 8;
    let mut elements = Vec::new();
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
        let mut found = Vec::with_capacity(items as usize);
        for _ in 0..items {
            let length = match layout {
                Layout::Csa1(_) if by_first => number(bytes, at)?.checked_sub(offset)?,
                Layout::Csa1(_) | Layout::Csa2 => number(bytes, at + 4)?,
            } as usize;
            at += ITEM;
            let end = at.checked_add(length).filter(|&end| end <= bytes.len())?;
            found.push(at..end);
            at = end.next_multiple_of(4).min(bytes.len());
        }
        elements.push(Element { start, items: found });
    }
    let layout = match layout {
        Layout::Csa1(_) => Layout::Csa1(if by_first { first_items.unwrap_or(0) } else { 0 }),
        Layout::Csa2 => Layout::Csa2,
    };
    Some(Header { layout, elements, end: at })
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Cleans a header. What cannot be read to its end is refused.
pub fn clean(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let Some(header) = parse(bytes) else { return Outcome::Refused };
    let Some(cleaned) = write(bytes, &header, Rules { judge, strict: false }) else {
        return Outcome::Refused;
    };
    let cleaned = if judge.identifies(&cleaned) {
        match write(bytes, &header, Rules { judge, strict: true }) {
            Some(cleaned) => cleaned,
            None => return Outcome::Refused,
        }
    } else {
        cleaned
    };
    if cleaned == bytes { Outcome::Unchanged } else { Outcome::Changed(cleaned) }
}

/// The header written again with its fields judged; `None` if it is not read back as it was meant.
fn write(bytes: &[u8], header: &Header, rules: Rules<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    if header.layout == Layout::Csa2 {
        out.extend_from_slice(MARK);
    }
    out.extend_from_slice(&(header.elements.len() as u32).to_le_bytes());
    out.extend_from_slice(&77_u32.to_le_bytes());
    let mut meant = Vec::with_capacity(header.elements.len());
    for element in &header.elements {
        let name = element.name(bytes);
        if rules.strict && !is_known(name) && rules.judge.identifies(name) {
            return None;
        }
        let start = out.len();
        let head = &bytes[element.start..element.start + ELEMENT];
        match written_name(name, rules.judge) {
            Some(new) => write_head(head, new.as_bytes(), &mut out),
            None => write_head(head, name, &mut out),
        }
        let vr = element.vr(bytes);
        let action = std::str::from_utf8(name).ok().and_then(table::csa).unwrap_or_else(|| by_vr(vr));
        let mut items = Vec::with_capacity(element.items.len());
        for item in &element.items {
            items.push(write_item(bytes, item, header.layout, (action, vr), rules, &mut out));
        }
        meant.push(Element { start, items });
    }
    let end = out.len();
    // What follows says nothing: four zeros, as a rule.
    out.resize(end + bytes.len().saturating_sub(header.end), 0);
    let said = parse(&out)?;
    (said.elements == meant && said.end == end).then_some(out)
}

fn is_known(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| table::csa(name).is_some())
}

/// What the name of an element becomes; `None` if it stays.
fn written_name(name: &[u8], judge: &dyn Judge) -> Option<String> {
    let text = std::str::from_utf8(name).ok()?;
    if table::csa(text).is_some() { None } else { name::judged(text, judge) }
}

/// The 84 bytes before the items, without what lies behind the name and beside the VR.
fn write_head(head: &[u8], name: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(name);
    out.resize(start + NAME, 0);
    let small = |at: usize, most: u32| number(head, at).filter(|&number| number <= most).unwrap_or(0);
    out.extend_from_slice(&small(NAME, 0xFFFF).to_le_bytes());
    out.extend_from_slice(&head[NAME + 4..NAME + 6]);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&small(NAME + 8, 0xFF).to_le_bytes());
    out.extend_from_slice(&head[NAME + 12..NAME + 16]);
    let check = number(head, NAME + 16).filter(|check| *check == 205).unwrap_or(77);
    out.extend_from_slice(&check.to_le_bytes());
}

/// Writes an item and says where its bytes are.
fn write_item(
    bytes: &[u8],
    item: &Range<usize>,
    layout: Layout,
    (action, vr): (Action, [u8; 2]),
    rules: Rules<'_>,
    out: &mut Vec<u8>,
) -> Range<usize> {
    let numbers = &bytes[item.start - ITEM..item.start];
    let old = &bytes[item.clone()];
    let value = until_nul(old);
    let changed = judged(value, action, vr, rules).map(|new| {
        // Readers want a number here, or no item.
        if new.trim_ascii().is_empty() && is_numeric(vr) { b"0".to_vec() } else { new }
    });
    let new = changed.as_deref().unwrap_or(value);
    // A NUL ends the value if there was one before.
    let terminated = usize::from(value.len() < old.len() || !new.is_empty());
    let length = if new.len() <= value.len() { old.len() } else { (new.len() + terminated).max(old.len()) };
    match layout {
        Layout::Csa2 => {
            let check = number(numbers, 8).filter(|check| *check == 205).unwrap_or(77);
            for number in [length as u32, length as u32, check, length as u32] {
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
        Layout::Csa1(_) => {
            let more = (length - old.len()) as u32;
            for (place, at) in [0, 4, 8, 12].into_iter().enumerate() {
                let old = number(numbers, at).unwrap_or(0);
                let number = if place == 2 || more == 0 { old } else { old.wrapping_add(more) };
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
    let start = out.len();
    out.extend_from_slice(new);
    out.resize(start + length, 0);
    out.resize(out.len().next_multiple_of(4), 0);
    start..start + length
}

/// What a value becomes; `None` if it stays.
fn judged(value: &[u8], action: Action, vr: [u8; 2], rules: Rules<'_>) -> Option<Vec<u8>> {
    if value.is_empty() {
        return None;
    }
    if matches!(action, Action::Protocol | Action::Content) {
        if protocol::is_protocol(value) {
            return protocol::judged(value, rules);
        }
        if action == Action::Protocol || find(value, b"<?xml").is_some() {
            return Some(Vec::new());
        }
    }
    let printable =
        value.iter().all(|&byte| byte >= 0x20 && byte != 0x7F || matches!(byte, b'\n' | b'\r' | b'\t'));
    if !printable {
        return Some(Vec::new());
    }
    let (text, encoding) = decode(value);
    // Readers take numbers from it; whatever else stands there is none.
    if is_numeric(vr)
        && !matches!(action, Action::Uid | Action::Date | Action::Epoch)
        && !is_one_number(&text)
    {
        return Some(Vec::new());
    }
    let new = rules.apply(action, &text);
    (new != text).then(|| encode(&new, encoding))
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
