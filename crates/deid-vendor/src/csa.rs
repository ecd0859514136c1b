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

mod last;

use crate::field::{Action, Rules, is_day, is_one_number};
use crate::text::{decode, encode, find, until_nul};
use crate::{Judge, Outcome, name, protocol, table};
pub use last::LastHeader;
use last::Record;
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
    // Bounded by what is there, not by what is said to be.
    let room = (count as usize).min(bytes.len() / ELEMENT);
    let mut elements = Vec::with_capacity(room);
    let mut all = Vec::with_capacity(6 * room);
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
    let layout = match layout {
        Layout::Csa1(_) => Layout::Csa1(if by_first { first_items.unwrap_or(0) } else { 0 }),
        Layout::Csa2 => Layout::Csa2,
    };
    Some(Header { layout, elements, items: all, end: at })
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Cleans a header. What cannot be read to its end is refused.
///
/// Elements that are what they were in the last header become what they became there: they were searched then.
pub fn clean(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let Some(header) = parse(bytes) else { return Outcome::Refused };
    // While it is taken there is none: whatever happens here, what is half done is not remembered.
    let mut last = judge.last_header().map(std::cell::RefCell::take).unwrap_or_default();
    let outcome = clean_after(bytes, &header, judge, &mut last);
    if let (Some(memory), true) = (judge.last_header(), outcome != Outcome::Refused) {
        memory.replace(last);
    }
    outcome
}

fn clean_after(bytes: &[u8], header: &Header, judge: &dyn Judge, last: &mut LastHeader) -> Outcome {
    let mut written = write(bytes, header, Rules { judge, strict: false }, last);
    if judge.identifies(&written.new_texts) {
        written = write(bytes, header, Rules { judge, strict: true }, last);
    }
    let outcome = if written.out == bytes {
        Outcome::Unchanged
    } else if written.is_read_back() {
        Outcome::Changed(written.out.clone())
    } else {
        return Outcome::Refused;
    };
    last.remember(bytes, header, written.out, written.records);
    outcome
}

/// A header written again.
struct Written {
    out: Vec<u8>,
    end: usize,
    records: Vec<Record>,
    /// The elements that were judged now, each with its place in `items`.
    judged: Vec<(usize, Range<usize>)>,
    /// Where their items stand.
    items: Vec<Range<usize>>,
    /// What stands in these elements: values, and names that nobody knows.
    new_texts: Vec<u8>,
}

impl Written {
    /// Whether it reads as it was meant. What was remembered was read back before.
    fn is_read_back(&self) -> bool {
        parse(&self.out).is_some_and(|said| {
            said.end == self.end
                && said.elements.len() == self.records.len()
                && said
                    .elements
                    .iter()
                    .zip(&self.records)
                    .all(|(said, meant)| said.start == meant.after.start)
                && self
                    .judged
                    .iter()
                    .all(|(number, items)| said.items(&said.elements[*number]) == &self.items[items.clone()])
        })
    }
}

/// The header written again with its fields judged, but for those that are what they were in the last one.
fn write(bytes: &[u8], header: &Header, rules: Rules<'_>, last: &mut LastHeader) -> Written {
    let mut out = last.take_spare();
    out.reserve(bytes.len() + 64);
    if header.layout == Layout::Csa2 {
        out.extend_from_slice(MARK);
    }
    out.extend_from_slice(&(header.elements.len() as u32).to_le_bytes());
    out.extend_from_slice(&77_u32.to_le_bytes());
    let mut written = Written {
        out,
        end: 0,
        records: Vec::with_capacity(header.elements.len()),
        judged: Vec::new(),
        items: Vec::with_capacity(header.items.len()),
        new_texts: Vec::with_capacity(bytes.len() / 4),
    };
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
            write_items(bytes, header, (number, element), (rules, action, personal), &mut written);
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
    written
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
    written: &mut Written,
) {
    let vr = element.vr(bytes);
    let name = element.name(bytes);
    let first = written.items.len();
    for item in header.items(element) {
        // Of numbers, only long ones are of a person: geometry is the patient's, too.
        let value = || std::str::from_utf8(until_nul(&bytes[item.clone()])).unwrap_or_default();
        let empty =
            personal && (!is_numeric(vr) || table::protocol_number(name, value()) == Some(Action::Empty));
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

/// Writes an item and says where its bytes are, and how many of them are text.
fn write_item(
    bytes: &[u8],
    item: &Range<usize>,
    layout: Layout,
    (action, vr): (Action, [u8; 2]),
    rules: Rules<'_>,
    out: &mut Vec<u8>,
) -> (Range<usize>, usize) {
    let numbers = &bytes[item.start - ITEM..item.start];
    let old = &bytes[item.clone()];
    // Most items are none.
    if old.is_empty() && layout == Layout::Csa2 {
        let check: u128 = if numbers[8..12] == 205_u32.to_le_bytes() { 205 } else { 77 };
        out.extend_from_slice(&(check << 64).to_le_bytes());
        return (out.len()..out.len(), 0);
    }
    let value = until_nul(old);
    // Readers want a number here, or no item.
    let blank = !old.is_empty() && is_numeric(vr) && value.trim_ascii().is_empty();
    let changed = blank.then(|| b"0".to_vec()).or_else(|| {
        judged(value, action, vr, rules)
            .map(|new| if new.trim_ascii().is_empty() && is_numeric(vr) { b"0".to_vec() } else { new })
    });
    if changed.is_none() && layout == Layout::Csa2 {
        let padded = item.start..item.start + old.len().next_multiple_of(4);
        let behind = bytes.get(item.start + value.len()..padded.end);
        if behind.is_some_and(|behind| behind.iter().all(|&byte| byte == 0))
            && is_canonical(numbers, old.len())
        {
            let start = out.len() + ITEM;
            out.extend_from_slice(&bytes[item.start - ITEM..padded.end]);
            return (start..start + old.len(), value.len());
        }
    }
    let new = changed.as_deref().unwrap_or(value);
    // A NUL ends the value if there was one before.
    let terminated = usize::from(value.len() < old.len() || !new.is_empty());
    let length = if new.len() <= value.len() { old.len() } else { (new.len() + terminated).max(old.len()) };
    let mut head = [0; ITEM];
    let mut put =
        |place: usize, number: u32| head[4 * place..4 * place + 4].copy_from_slice(&number.to_le_bytes());
    match layout {
        Layout::Csa2 => {
            let check = number(numbers, 8).filter(|check| *check == 205).unwrap_or(77);
            for (place, number) in
                [length as u32, length as u32, check, length as u32].into_iter().enumerate()
            {
                put(place, number);
            }
        }
        Layout::Csa1(_) => {
            let more = (length - old.len()) as u32;
            for place in 0..4 {
                let old = number(numbers, 4 * place).unwrap_or(0);
                put(place, if place == 2 || more == 0 { old } else { old.wrapping_add(more) });
            }
        }
    }
    out.extend_from_slice(&head);
    let start = out.len();
    if length > 0 {
        out.extend_from_slice(new);
        out.resize((start + length).next_multiple_of(4), 0);
    }
    (start..start + length, new.len())
}

/// Whether the four numbers before an item of CSA2 are as they are written here: the length, three times, and a check.
fn is_canonical(numbers: &[u8], length: usize) -> bool {
    let said = |place: usize| number(numbers, 4 * place);
    let length = u32::try_from(length).ok();
    [0, 1, 3].into_iter().all(|place| said(place) == length) && matches!(said(2), Some(77 | 205))
}

/// What a value becomes; `None` if it stays.
fn judged(value: &[u8], action: Action, vr: [u8; 2], rules: Rules<'_>) -> Option<Vec<u8>> {
    if value.is_empty()
        || !rules.strict && is_measure(value, action, vr) && !(value.len() >= 7 && is_its_day(value, rules))
    {
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

/// Whether a value is a day of the subject's as a number.
fn is_its_day(value: &[u8], rules: Rules<'_>) -> bool {
    std::str::from_utf8(value).is_ok_and(|value| is_day(value, rules.judge))
}

/// Whether a value is a number that no rule for numbers or terms changes: too short for a date, an identifier, a UID.
/// Nearly all values are.
fn is_measure(value: &[u8], action: Action, vr: [u8; 2]) -> bool {
    let number = value.strip_prefix(b"-").unwrap_or(value);
    let whole = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let decimals = match number.get(whole..) {
        Some([]) => 0,
        Some([b'.', decimals @ ..]) if decimals.iter().all(u8::is_ascii_digit) => decimals.len(),
        _ => return false,
    };
    match action {
        Action::Number => (1..=7).contains(&whole) && decimals <= 16,
        Action::Term if is_numeric(vr) => (1..=3).contains(&whole) && decimals <= 8,
        _ => false,
    }
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
