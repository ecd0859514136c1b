//! JSON sidecars as BIDS and dcm2niix have them, and the JSON of a NIfTI-MRS extension.
//!
//! Values are replaced where they stand and members taken out whole; order, indentation and everything else stay. A
//! key that is the keyword of an attribute is judged as that attribute; strings of other keys by content rules.

mod forms;
mod guess;
mod keys;
mod serial;

use crate::edit::{Edits, read};
use crate::field::{Field, gather, is_day, is_long_whole_number, judged};
use crate::list;
use crate::{Cleaned, Harvest, Judge, Refusal};
use deid_dicom::Source;
use keys::{TELLING, field_of, is_defined};
use serial::Serials;
use std::ops::Range;

pub(crate) use keys::known;

/// No sidecar is longer.
const LIMIT: u64 = 16 << 20;
/// Deeper nesting is no sidecar.
const DEEPEST: usize = 64;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    String,
    Number,
    /// `true`, `false`, `null`.
    Word,
}

/// A value; its parent stands before it.
#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    /// The value with its quotation marks or brackets.
    range: Range<usize>,
    /// The key with its quotation marks.
    key: Option<Range<usize>>,
    parent: Option<usize>,
}

pub(crate) fn sniff<S: Source>(source: &mut S) -> bool {
    let length = source.size().min(256 << 10) as usize;
    let Some(bytes) = source.bytes(0, length) else { return false };
    let (_, text) = crate::edit::trim(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    text.starts_with(b"{")
        && TELLING.iter().any(|key| {
            let quoted = format!("\"{key}\"");
            text.windows(quoted.len()).any(|window| window == quoted.as_bytes())
        })
}

pub(crate) fn harvest<S: Source>(source: &mut S) -> Harvest {
    let mut harvest = Harvest::default();
    let size = source.size();
    let Ok(bytes) = read(source, 0, size, LIMIT) else { return harvest };
    let Ok(nodes) = parse(&bytes) else { return harvest };
    for (index, node) in nodes.iter().enumerate() {
        if !matches!(node.kind, Kind::String | Kind::Number) {
            continue;
        }
        let text = value(&bytes, node);
        for key in keys(&bytes, &nodes, index) {
            match known(&key) {
                Some(field) => gather(&mut harvest, field, &text),
                None => continue,
            }
            break;
        }
    }
    harvest
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let size = source.size();
    let bytes = read(source, 0, size, LIMIT)?;
    let edits = edits(&bytes, judge)?;
    crate::settled_but(source, edits, size, judge, |text| blank_known(text, judge))
}

/// Blanks what dcm2niix and BIDS call things in a sidecar.
fn blank_known(text: &mut [u8], judge: &dyn Judge) -> Result<(), Refusal> {
    for node in parse(text)? {
        let Some(key) = node.key else { continue };
        let name = string(&text[key.clone()]);
        if is_known(&name, judge) {
            text[key.start + 1..key.end - 1].fill(b' ');
        }
        if forms::is_converter(&name, &value_of(text, node.kind, &node.range)) {
            text[node.range.start + 1..node.range.end - 1].fill(b' ');
        }
    }
    Ok(())
}

/// Whether dcm2niix, BIDS or DICOM define a key: it is no name of anybody, whatever the subject is called.
fn is_known(key: &str, judge: &dyn Judge) -> bool {
    is_defined(key) || field_of(key, judge).is_some()
}

/// The same for JSON in memory, with the numbers of fields kept and changed.
pub(crate) fn clean_bytes(bytes: &[u8], judge: &dyn Judge) -> Result<(Vec<u8>, u64, u64), Refusal> {
    let edits = edits(bytes, judge)?;
    let (kept, changed) = (edits.kept, edits.changed);
    Ok((edits.apply(bytes)?, kept, changed))
}

/// What a value becomes.
enum Fate {
    Keep,
    Put(Vec<u8>),
    Remove,
}

fn edits(bytes: &[u8], judge: &dyn Judge) -> Result<Edits, Refusal> {
    let nodes = parse(bytes)?;
    let own = Own::of(bytes, &nodes, judge);
    let mut edits = Edits::default();
    let mut removed = vec![false; nodes.len()];
    let mut gone = vec![false; nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        if let Some(key) = &node.key {
            let key = string(&bytes[key.clone()]);
            let known = is_known(&key, judge);
            if !known && judge.identifies(key.as_bytes()) {
                return Err(Refusal::Identifier);
            }
            // A member with a name that nobody knows goes with all that is in it.
            if !known && judge.name(&key).is_some() {
                removed[index] = true;
            }
        }
        if removed[index] || node.parent.is_some_and(|parent| gone[parent]) {
            gone[index] = true;
            continue;
        }
        match fate(bytes, &nodes, index, &own, judge) {
            Fate::Keep => edits.kept += u64::from(!matches!(node.kind, Kind::Object | Kind::Array)),
            Fate::Put(new) => {
                gone[index] = node.kind == Kind::Array;
                let range = node.range.start as u64..node.range.end as u64;
                edits.replace(range, &bytes[node.range.clone()], new);
            }
            // A member goes with its key; an element of an array leaves its place empty.
            Fate::Remove if node.key.is_some() => {
                removed[index] = true;
                gone[index] = true;
            }
            Fate::Remove => {
                let range = node.range.start as u64..node.range.end as u64;
                edits.replace(range, &bytes[node.range.clone()], b"\"\"".to_vec());
            }
        }
    }
    for (index, node) in nodes.iter().enumerate() {
        // What is in a member that goes needs no edit of its own.
        removed[index] &= !node.parent.is_some_and(|parent| gone[parent]);
    }
    take_out(&nodes, &removed, &mut edits);
    Ok(edits)
}

/// Takes members out, with the comma that parts them from others.
fn take_out(nodes: &[Node], removed: &[bool], edits: &mut Edits) {
    let objects =
        nodes.iter().enumerate().filter(|(_, node)| node.kind == Kind::Object).map(|(index, _)| index);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        if let (Some(parent), Some(_)) = (node.parent, &node.key) {
            members[parent].push(index);
        }
    }
    let begin = |index: usize| nodes[index].key.as_ref().map_or(nodes[index].range.start, |key| key.start);
    for object in objects {
        let members = &members[object];
        let last_kept = members.iter().rposition(|index| !removed[*index]);
        for (position, index) in members.iter().enumerate().filter(|(_, index)| removed[**index]) {
            let (start, end) = match last_kept {
                // Up to the member behind it.
                Some(last) if position < last => (begin(*index), begin(members[position + 1])),
                // Nothing stays.
                None if position == 0 => (begin(*index), nodes[*index].range.end),
                // From the end of the member before it.
                _ => (nodes[members[position - 1]].range.end, nodes[*index].range.end),
            };
            edits.replace(start as u64..end as u64, b"x", Vec::new());
        }
    }
}

/// The keys around a value, the nearest first.
fn keys<'a>(bytes: &'a [u8], nodes: &'a [Node], index: usize) -> impl Iterator<Item = String> + 'a {
    std::iter::successors(Some(index), |index| nodes[*index].parent)
        .filter_map(|index| nodes[index].key.clone())
        .map(|key| string(&bytes[key]))
}

/// What a sidecar says of itself, which other values of it repeat.
struct Own {
    serials: Serials,
    /// What stays of the names of the sequence.
    sequence: Vec<String>,
}

impl Own {
    fn of(bytes: &[u8], nodes: &[Node], judge: &dyn Judge) -> Self {
        let under = |wanted: &[&str]| {
            let at =
                |index: &usize| keys(bytes, nodes, *index).next().is_some_and(|key| wanted.contains(&&*key));
            let is_value = |index: &usize| matches!(nodes[*index].kind, Kind::String | Kind::Number);
            let found = (0..nodes.len()).filter(is_value).filter(at);
            found.map(|index| value(bytes, &nodes[index])).collect::<Vec<_>>()
        };
        let names = guess::MADE_OF.iter().flat_map(|key| {
            let stays = |text: String| judged(field_of(key, judge).unwrap_or(Field::Text), &text, judge).ok();
            under(&[key]).into_iter().filter_map(stays).collect::<Vec<_>>()
        });
        let sequence = if under(&["BidsGuess"]).is_empty() { Vec::new() } else { names.collect() };
        Own { serials: Serials::of(under(&["DeviceSerialNumber"]).into_iter(), judge), sequence }
    }
}

fn fate(bytes: &[u8], nodes: &[Node], index: usize, own: &Own, judge: &dyn Judge) -> Fate {
    let node = &nodes[index];
    if matches!(node.kind, Kind::Object | Kind::Word) {
        return Fate::Keep;
    }
    let text = value(bytes, node);
    let field = keys(bytes, nodes, index).enumerate().find_map(|(depth, key)| {
        let field = field_of(&key, judge)?;
        // What is nested below a copied value is none.
        let copied = matches!(field, Field::Coded(_));
        Some(if copied && depth > 0 { Field::Text } else { field })
    });
    if node.kind == Kind::Array {
        let numbers = !text.contains(['"', '{']) && text.contains(',');
        let contact = || keys(bytes, nodes, index).any(|key| deid_vendor::table::is_of_a_person(&key));
        return match numbers && list::tells(&text, field.is_none() && contact(), judge) {
            true if node.key.is_some() => Fate::Remove,
            true => Fate::Put(b"[]".to_vec()),
            false => Fate::Keep,
        };
    }
    let key = keys(bytes, nodes, index).next().unwrap_or_default();
    if forms::fits(&key, &text, judge) {
        return Fate::Keep;
    }
    if node.kind == Kind::Number {
        if own.serials.has(&text) && !is_known(&key, judge) {
            return Fate::Remove;
        }
        let new = match field {
            // A number that is nobody's attribute is science, unless it is the subject's own.
            None | Some(Field::Text | Field::Term | Field::Number) => {
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                let persons =
                    || keys(bytes, nodes, index).any(|key| deid_vendor::table::is_persons_own(&key));
                let somebodys = field.is_none()
                    && (digits >= 3 && persons()
                        || is_long_integer(&text) && !forms::is_of_physics(&key)
                        || is_long_whole_number(&text)
                            && keys(bytes, nodes, index).any(|key| deid_vendor::table::is_of_a_person(&key)));
                return if is_day(&text) || somebodys || digits >= 5 && judge.identifies(text.as_bytes()) {
                    Fate::Remove
                } else {
                    Fate::Keep
                };
            }
            Some(field) => judged(field, &text, judge).unwrap_or_default(),
        };
        return match new {
            new if new == text => Fate::Keep,
            new if is_json_number(&new) => Fate::Put(new.into_bytes()),
            _ => Fate::Remove,
        };
    }
    // A number written as text is what its key says; else text.
    let field = match field {
        Some(Field::Number) | None => Field::Text,
        Some(field) => field,
    };
    let new = match &*key {
        "BidsGuess" => guess::judged(&text, &own.sequence, judge),
        _ => judged(field, &text, judge).unwrap_or_default(),
    };
    match own.serials.without(&new) {
        new if new == text => Fate::Keep,
        new if new.trim().is_empty() => Fate::Remove,
        new => Fate::Put(quoted(&new).into_bytes()),
    }
}

/// Whether a number is whole and has as many digits as those of patients, telephones and seconds since 1970.
fn is_long_integer(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.trim_start_matches('-');
    fraction.bytes().all(|byte| byte == b'0')
        && (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text of a string or number.
fn value(bytes: &[u8], node: &Node) -> String {
    value_of(bytes, node.kind, &node.range)
}

fn value_of(bytes: &[u8], kind: Kind, range: &Range<usize>) -> String {
    match kind {
        Kind::String => string(&bytes[range.clone()]),
        _ => String::from_utf8_lossy(&bytes[range.clone()]).into_owned(),
    }
}

/// A string without quotation marks and escapes (RFC 8259 section 7).
fn string(quoted: &[u8]) -> String {
    let text = String::from_utf8_lossy(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default());
    if !text.contains('\\') {
        return text.into_owned();
    }
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let c = if c == '\\' {
            match rest.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some('f') => '\u{C}',
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xFFFD));
                    continue;
                }
                Some(c) => c,
                None => break,
            }
        } else {
            c
        };
        let mut two = [0; 2];
        units.extend_from_slice(c.encode_utf16(&mut two));
    }
    String::from_utf16_lossy(&units)
}

fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn is_json_number(text: &str) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    text.parse::<f64>().is_ok_and(f64::is_finite)
        && number.starts_with(|c: char| c.is_ascii_digit())
        && (number.len() == 1 || !number.starts_with('0') || number.starts_with("0."))
        && !number.ends_with('.')
}

/// The values of a JSON text, in their order. Strict, so that no two readers take it for different things.
fn parse(bytes: &[u8]) -> Result<Vec<Node>, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| Refusal::Malformed)?;
    let mut at = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let blank = |at: &mut usize| {
        while bytes.get(*at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            *at += 1;
        }
    };
    loop {
        blank(&mut at);
        let parent = open.last().copied();
        let mut key = None;
        if let Some(parent) = parent
            && nodes[parent].kind == Kind::Object
        {
            let end = string_end(bytes, at)?;
            key = Some(at..end);
            at = end;
            blank(&mut at);
            if bytes.get(at) != Some(&b':') {
                return Err(Refusal::Malformed);
            }
            at += 1;
            blank(&mut at);
        }
        let start = at;
        let (kind, end) = match bytes.get(at).ok_or(Refusal::Malformed)? {
            b'{' => (Kind::Object, at + 1),
            b'[' => (Kind::Array, at + 1),
            b'"' => (Kind::String, string_end(bytes, at)?),
            b'-' | b'0'..=b'9' => {
                let part =
                    |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
                let end = bytes[at..].iter().position(|byte| !part(byte)).map_or(bytes.len(), |n| at + n);
                (Kind::Number, end)
            }
            _ => {
                let word = [&b"true"[..], b"false", b"null", b"NaN", b"Infinity"];
                let word =
                    word.iter().find(|word| bytes[at..].starts_with(word)).ok_or(Refusal::Malformed)?;
                (Kind::Word, at + word.len())
            }
        };
        nodes.push(Node { kind, range: start..end, key, parent });
        at = end;
        if matches!(kind, Kind::Object | Kind::Array) {
            blank(&mut at);
            let close = if kind == Kind::Object { b'}' } else { b']' };
            if bytes.get(at) != Some(&close) {
                if open.len() == DEEPEST {
                    return Err(Refusal::Malformed);
                }
                open.push(nodes.len() - 1);
                continue;
            }
            at += 1;
            let index = nodes.len() - 1;
            nodes[index].range.end = at;
        }
        // A value is done: what is around it may be too.
        loop {
            blank(&mut at);
            let Some(parent) = open.last().copied() else {
                let object = nodes.first().is_some_and(|first| first.kind == Kind::Object);
                return if at == bytes.len() && object { Ok(nodes) } else { Err(Refusal::Malformed) };
            };
            let close = if nodes[parent].kind == Kind::Object { b'}' } else { b']' };
            match bytes.get(at) {
                Some(b',') => {
                    at += 1;
                    break;
                }
                Some(byte) if *byte == close => {
                    at += 1;
                    nodes[parent].range.end = at;
                    open.pop();
                }
                _ => return Err(Refusal::Malformed),
            }
        }
    }
}

/// Where a string that begins here ends.
fn string_end(bytes: &[u8], start: usize) -> Result<usize, Refusal> {
    if bytes.get(start) != Some(&b'"') {
        return Err(Refusal::Malformed);
    }
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at += 2,
            Some(byte) if *byte < 0x20 => return Err(Refusal::Malformed),
            Some(_) => at += 1,
            None => return Err(Refusal::Malformed),
        }
    }
}
