//! Siemens protocol text, XProtocol and ASCCONV, cleaned without changing its length.
//!
//! Every value is looked at: what a parameter of a known name holds is judged as that attribute, what any other text
//! holds by content rules. Blanks go before a value that became shorter; a value that became longer does not fit and
//! is emptied. Text that is neither name, number nor literal is judged too, so that nothing stands outside.

use crate::edit::{decode, encode};
use crate::field::{Field, are_groups, gather, is_day, is_dialled, is_long_whole_number, judged, tag};
use crate::spelt::spelt;
use crate::{Harvest, Judge, Refusal};
use std::ops::Range;

/// Parameters by name, without `t`, `l`, `d`, `fl` or `ad` in front, in lower case.
const FIELDS: &[(&str, Field)] = &[
    ("patientname", Field::Of(tag(0x0010, 0x0010))),
    ("patientsname", Field::Of(tag(0x0010, 0x0010))),
    ("patient", Field::Of(tag(0x0010, 0x0010))),
    ("patientid", Field::Of(tag(0x0010, 0x0020))),
    ("patientloid", Field::Of(tag(0x0010, 0x0020))),
    ("studyloid", Field::Of(tag(0x0020, 0x0010))),
    ("seriesloid", Field::Of(tag(0x0020, 0x0010))),
    ("studyid", Field::Of(tag(0x0020, 0x0010))),
    ("accessionnumber", Field::Of(tag(0x0008, 0x0050))),
    ("patientbirthday", Field::Date(tag(0x0010, 0x0030))),
    ("patientbirthdate", Field::Date(tag(0x0010, 0x0030))),
    ("patientsbirthdate", Field::Date(tag(0x0010, 0x0030))),
    ("patientsex", Field::Of(tag(0x0010, 0x0040))),
    ("patientssex", Field::Of(tag(0x0010, 0x0040))),
    ("patientage", Field::Of(tag(0x0010, 0x1010))),
    ("patientsage", Field::Of(tag(0x0010, 0x1010))),
    ("patientweight", Field::Of(tag(0x0010, 0x1030))),
    ("usedpatientweight", Field::Of(tag(0x0010, 0x1030))),
    ("patientheight", Field::Of(tag(0x0010, 0x1020))),
    ("patientsize", Field::Of(tag(0x0010, 0x1020))),
    ("institutionname", Field::Of(tag(0x0008, 0x0080))),
    ("institution", Field::Of(tag(0x0008, 0x0080))),
    ("institutionaddress", Field::Of(tag(0x0008, 0x0081))),
    ("institutionaldepartmentname", Field::Of(tag(0x0008, 0x1040))),
    ("deviceserialnumber", Field::Of(tag(0x0018, 0x1000))),
    ("serialnumber", Field::Of(tag(0x0018, 0x1000))),
    ("stationname", Field::Of(tag(0x0008, 0x1010))),
    ("operatorsname", Field::Of(tag(0x0008, 0x1070))),
    ("operator", Field::Of(tag(0x0008, 0x1070))),
    ("perfphysiciansname", Field::Of(tag(0x0008, 0x1050))),
    ("performingphysiciansname", Field::Of(tag(0x0008, 0x1050))),
    ("performingphysician", Field::Of(tag(0x0008, 0x1050))),
    ("referringphysiciansname", Field::Of(tag(0x0008, 0x0090))),
    ("referringphysician", Field::Of(tag(0x0008, 0x0090))),
    ("requestingphysician", Field::Of(tag(0x0032, 0x1032))),
    ("studydescription", Field::Of(tag(0x0008, 0x1030))),
    ("studycomments", Field::Of(tag(0x0032, 0x4000))),
    ("seriesdescription", Field::Of(tag(0x0008, 0x103E))),
    ("protocolname", Field::Of(tag(0x0018, 0x1030))),
    ("bodypartexamined", Field::Of(tag(0x0018, 0x0015))),
    ("manufacturer", Field::Of(tag(0x0008, 0x0070))),
    ("manufacturersmodelname", Field::Of(tag(0x0008, 0x1090))),
    ("softwareversions", Field::Of(tag(0x0018, 0x1020))),
    ("studydate", Field::Date(tag(0x0008, 0x0020))),
    ("seriesdate", Field::Date(tag(0x0008, 0x0021))),
    ("acquisitiondate", Field::Date(tag(0x0008, 0x0022))),
    ("measurementdate", Field::Date(tag(0x0008, 0x0022))),
    ("preparetimestamp", Field::Text),
    ("frameofreference", Field::Uid),
    ("frameofreferenceuid", Field::Uid),
    ("studyinstanceuid", Field::Uid),
    ("seriesinstanceuid", Field::Uid),
    ("sequencefilename", Field::Term),
    ("sequencestring", Field::Term),
    ("sequencename", Field::Term),
    ("baselinestring", Field::Term),
    ("measuredbaselinestring", Field::Term),
    ("nucleus", Field::Term),
    ("resonantnucleus", Field::Term),
    ("systemtype", Field::Term),
    ("coilid", Field::Term),
    ("coilelementid", Field::Term),
    ("scanningsequence", Field::Of(tag(0x0018, 0x0020))),
    ("scanoptions", Field::Of(tag(0x0018, 0x0022))),
    ("modality", Field::Of(tag(0x0008, 0x0060))),
    ("flag", Field::Term),
];

/// Names of parameters that are patients' numbers, whatever brackets and prefixes they have.
fn field_of(name: &str) -> Option<Field> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let plain = last.split('[').next().unwrap_or(last);
    let bare = plain.trim_start_matches(|c: char| c.is_ascii_lowercase());
    [plain, bare].iter().find_map(|name| {
        let lower = name.to_ascii_lowercase();
        FIELDS.iter().find(|(known, _)| *known == lower).map(|(_, field)| *field)
    })
}

/// A piece of protocol text that holds a value.
pub(crate) struct Value<'a> {
    /// The parameter it belongs to; empty where it is none's.
    pub(crate) name: &'a str,
    /// Where it stands, with its quotation marks.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many quotation marks are on either side.
    pub(crate) marks: usize,
}

/// The text with the same number of bytes and without what identifies.
pub(crate) fn clean(bytes: &[u8], judge: &dyn Judge) -> Result<Vec<u8>, Refusal> {
    let mut out = bytes.to_vec();
    let found = scan(bytes);
    for name in found.names {
        if let Some(new) = judge.name(&decode(&bytes[name.clone()]).0) {
            mask(&mut out[name], &new);
        }
    }
    let dated = phrases(bytes, &found.values, judge);
    let spelt = spelt(bytes, &found.values, judge);
    for (index, value) in found.values.iter().enumerate() {
        let inner = &bytes[value.start + value.marks..value.end - value.marks];
        let (text, utf8) = decode(inner);
        let field = field_of(value.name);
        let new = match value.marks {
            0 if dated[index] => Some(String::new()),
            0 if spelt[index] => Some(zeros(&text)),
            0 => bare(field, value.name, &text, judge),
            _ if field.is_none() && is_of_a_person(value.name) => Some(String::new()),
            _ => literal(field, &text, judge),
        };
        let Some(new) = new else { continue };
        if new == text {
            continue;
        }
        let room = value.end - value.start;
        // A literal within a literal would end it.
        let new: String = new.chars().filter(|c| *c != '"' && !c.is_control()).collect();
        let mut new = encode(&new, utf8);
        if new.len() + 2 * value.marks > room {
            new.clear();
        }
        let slot = &mut out[value.start..value.end];
        slot.fill(b' ');
        let from = room - new.len() - 2 * value.marks;
        slot[from..from + value.marks].fill(b'"');
        slot[room - value.marks..].fill(b'"');
        slot[from + value.marks..room - value.marks].copy_from_slice(&new);
    }
    if judge.names(&out) {
        return Err(Refusal::Identifier);
    }
    Ok(out)
}

/// Which values are bare words and numbers of a phrase that says more than each of them, `14 Mar 1961`.
fn phrases(bytes: &[u8], values: &[Value<'_>], judge: &dyn Judge) -> Vec<bool> {
    let mut told = vec![false; values.len()];
    let mut first = 0;
    while first < values.len() {
        let mut last = first;
        while let (Value { marks: 0, end, .. }, Some(Value { marks: 0, start, .. })) =
            (&values[last], values.get(last + 1))
            && bytes[*end..*start].iter().all(|byte| matches!(byte, b' ' | b'\t' | b'#'))
        {
            last += 1;
        }
        if last > first {
            let text = decode(&bytes[values[first].start..values[last].end]).0;
            let words = text
                .split_whitespace()
                .any(|word| word.contains(char::is_alphabetic) && word.parse::<f64>().is_err());
            // Behind one or two that are not part of it: how precise it is, what it is a comment on.
            let three = &values[(last + 1).saturating_sub(3)..=last];
            let grouped = (2..=4).contains(&(last - first)) && {
                let number = decode(&bytes[three[0].start..three[2].end]).0;
                are_groups(&number) && judge.text(&number) != number
            };
            let texts: Vec<String> =
                values[first..=last].iter().map(|value| decode(&bytes[value.start..value.end]).0).collect();
            let prefixed = (0..texts.len()).any(|from| is_prefixed(&texts[from..]));
            if prefixed
                || grouped
                || is_address(&text)
                || (words || is_dialled(&text)) && judge.text(&text) != text
            {
                told[first..=last].fill(true);
            }
        }
        first = last + 1;
    }
    told
}

/// Whether a word stands beside a whole number, `Main Street 17`.
fn is_address(text: &str) -> bool {
    let all = |of: fn(char) -> bool| move |part: &str| part.chars().all(of);
    text.split_whitespace().any(all(|c| c.is_ascii_digit()))
        && text.split_whitespace().any(|part| part.len() >= 4 && all(char::is_alphabetic)(part))
}

/// Whether groups of digits are a telephone number with the prefix of a country or a town, `+49 391 5559 8127`.
fn is_prefixed(groups: &[String]) -> bool {
    const LONGEST: usize = 7;
    let Some((first, rest)) = groups.split_first() else { return false };
    let plain = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let bare = first.strip_prefix('+').unwrap_or(first);
    // A zero of its own is a number.
    let prefix = bare.len() < first.len() || bare.len() > 1 && bare.starts_with('0');
    let rest: Vec<&String> = rest.iter().take(LONGEST).take_while(|group| plain(group)).collect();
    let digits: usize = rest.iter().map(|group| group.len()).sum::<usize>() + bare.len();
    prefix && plain(bare) && !rest.is_empty() && (8..=20).contains(&digits)
}

/// Whether a parameter is about a person, so that no text in it is a term.
fn is_of_a_person(name: &str) -> bool {
    !name.is_empty()
        && deid_vendor::table::protocol(name.as_bytes()) == Some(deid_vendor::field::Action::Empty)
}

/// Puts a name of the same length in the place of another; of another length it is unreadable as a whole.
fn mask(part: &mut [u8], new: &str) {
    if new.len() == part.len() {
        part.copy_from_slice(new.as_bytes());
    } else {
        part.fill(b'X');
    }
}

/// What a literal becomes.
fn literal(field: Option<Field>, text: &str, judge: &dyn Judge) -> Option<String> {
    if text.trim().is_empty() {
        return None;
    }
    let field = match field {
        Some(field) => field,
        None if is_uid(text) => Field::Uid,
        // Numbers written as text: those of persons are found as identifiers.
        None if is_short_number(text) => Field::Term,
        None => Field::Text,
    };
    Some(judged(field, text, judge).unwrap_or_default())
}

/// What a number or word outside of literals becomes.
fn bare(field: Option<Field>, name: &str, text: &str, judge: &dyn Judge) -> Option<String> {
    let hexadecimal = |digits: &str| {
        digits.len() <= 16
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !deid_vendor::field::spells(digits)
    };
    let number = text.parse::<f64>().is_ok() || text.strip_prefix("0x").is_some_and(hexadecimal);
    match field {
        Some(Field::Of(tag)) if number => {
            let new = judge.attribute(tag, text);
            // An empty body has another meaning: zeros stand for what is not told.
            Some(if new == text { new } else { zeros(text) })
        }
        Some(Field::Date(_) | Field::Uid) if number => Some(zeros(text)),
        _ if number => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let dialled =
                digits >= 8 && text.trim_start_matches('+').starts_with('0') && !text.contains(['.', 'x']);
            let dialled = dialled && text.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
            let identifies = || digits >= 5 && judge.identifies(text.as_bytes());
            let somebodys = || {
                is_long_whole_number(text) && deid_vendor::table::is_of_a_person(name)
                    || deid_vendor::table::is_persons_own(name)
            };
            // No number of a protocol has a plus.
            (somebodys() || is_day(text) || dialled || text.starts_with('+') || identifies())
                .then(|| zeros(text))
        }
        _ => Some(judge.text(text)),
    }
}

fn zeros(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

fn is_uid(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 12
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.bytes().filter(|byte| *byte == b'.').count() >= 4
}

fn is_short_number(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() <= 5 && text.trim().parse::<f64>().is_ok()
}

/// Adds what the text says of the subject.
pub(crate) fn harvest(bytes: &[u8], harvest: &mut Harvest) {
    for value in scan(bytes).values {
        if let Some(field) = field_of(value.name) {
            let inner = &bytes[value.start + value.marks..value.end - value.marks];
            let text = decode(inner).0;
            // LOIDs and the like are numbers of objects, not of patients.
            if !value.name.to_ascii_lowercase().ends_with("loid") {
                gather(harvest, field, &text);
            }
        }
    }
}

/// What stands in a text.
#[derive(Default)]
struct Found<'a> {
    /// All values, in their order.
    values: Vec<Value<'a>>,
    /// Tags, names of parameters, and keys.
    names: Vec<Range<usize>>,
}

fn scan(bytes: &[u8]) -> Found<'_> {
    let mut found = Found::default();
    let values = &mut found.values;
    let mut at = 0;
    let mut name: &str = "";
    while at < bytes.len() {
        match bytes[at] {
            b'#' if bytes[at..].starts_with(b"### ASCCONV BEGIN") => {
                at = assignments(bytes, at, values, &mut found.names);
                name = "";
            }
            b'<' => {
                let end = tag_end(bytes, at);
                if end == at {
                    at += 1;
                    continue;
                }
                let inside = &bytes[at + 1..end];
                let mut from = at + 1;
                for part in inside.split(|byte| *byte == b'"') {
                    found.names.push(from..from + part.len());
                    from += part.len() + 1;
                }
                // `<ParamString."Name">` begins a parameter; `<Default>` and the like belong to the one before.
                if let Some(quote) = inside.iter().position(|byte| *byte == b'"') {
                    let rest = &inside[quote + 1..];
                    let close = rest.iter().position(|byte| *byte == b'"').unwrap_or(rest.len());
                    name = std::str::from_utf8(&rest[..close]).unwrap_or("");
                }
                at = (end + 1).min(bytes.len());
            }
            b'"' => {
                let end = literal_end(bytes, at);
                if end > at + 1 {
                    values.push(Value { name, start: at, end, marks: 1 });
                }
                at = end;
            }
            byte if byte.is_ascii_whitespace() || byte == 0 || matches!(byte, b'{' | b'}') => at += 1,
            _ => {
                let start = at;
                while at < bytes.len()
                    && !bytes[at].is_ascii_whitespace()
                    && !matches!(bytes[at], b'{' | b'}' | b'<' | b'"' | 0)
                {
                    at += 1;
                }
                // A sign that begins nothing.
                at = at.max(start + 1);
                values.push(Value { name, start, end: at, marks: 0 });
            }
        }
    }
    found
}

/// The end of `<…>`; a tag that is none ends where it begins.
fn tag_end(bytes: &[u8], start: usize) -> usize {
    let mut quoted = false;
    for (at, byte) in bytes.iter().enumerate().skip(start + 1).take(256) {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at,
            b'\n' | b'\r' => break,
            _ => {}
        }
    }
    start
}

/// The end of a literal; a doubled quotation mark is part of it, unless the literal is empty.
fn literal_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        if bytes[at] != b'"' {
            at += 1;
        } else if at > start + 1 && bytes.get(at + 1) == Some(&b'"') {
            at += 2;
        } else {
            return at + 1;
        }
    }
    // Never closed: all that follows is judged as bare words.
    start + 1
}

/// The lines `name = value` up to the end of an ASCCONV block. Returns where they end.
fn assignments<'a>(
    bytes: &'a [u8],
    start: usize,
    values: &mut Vec<Value<'a>>,
    names: &mut Vec<Range<usize>>,
) -> usize {
    let mut at = start;
    loop {
        let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |n| at + n + 1);
        let line = &bytes[at..end];
        if line.starts_with(b"### ASCCONV END") || end == bytes.len() && line.is_empty() {
            return at + "### ASCCONV END ###".len().min(line.len());
        }
        let equals = line.iter().position(|byte| *byte == b'=');
        match equals {
            // The attributes of the first line: object, version and converter.
            _ if line.starts_with(b"### ASCCONV BEGIN") => {
                let from = at + "### ASCCONV BEGIN".len();
                words(bytes, from, end, "", values);
            }
            Some(equals) => {
                let name = std::str::from_utf8(&line[..equals]).unwrap_or("").trim();
                let (skipped, key) = crate::edit::trim(&line[..equals]);
                names.push(at + skipped..at + skipped + key.len());
                words(bytes, at + equals + 1, end, name, values);
            }
            None => words(bytes, at, end, "", values),
        }
        if end == bytes.len() {
            return end;
        }
        at = end;
    }
}

/// The values of a line: literals, also in doubled quotation marks as XA has them, numbers, comments behind `#`.
fn words<'a>(bytes: &'a [u8], from: usize, to: usize, name: &'a str, values: &mut Vec<Value<'a>>) {
    let mut at = from;
    while at < to {
        if bytes[at].is_ascii_whitespace() || bytes[at] == b'#' || bytes[at] == 0 {
            at += 1;
            continue;
        }
        let start = at;
        if bytes[at..to].starts_with(b"\"\"") {
            let rest = &bytes[at + 2..to];
            if let Some(close) = rest.windows(2).position(|two| two == b"\"\"").filter(|close| *close > 0) {
                at += close + 4;
                values.push(Value { name, start, end: at, marks: 2 });
            } else {
                at += 2;
            }
        } else if bytes[at] == b'"' {
            let close = bytes[at + 1..to].iter().position(|byte| *byte == b'"');
            at = close.map_or(to, |close| at + close + 2);
            if close.is_some() {
                values.push(Value { name, start, end: at, marks: 1 });
            } else {
                values.push(Value { name, start, end: to, marks: 0 });
            }
        } else {
            while at < to && !bytes[at].is_ascii_whitespace() && !matches!(bytes[at], b'"' | b'#' | 0) {
                at += 1;
            }
            values.push(Value { name, start, end: at, marks: 0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        scan(text.as_bytes())
            .values
            .iter()
            .map(|value| (value.name.to_owned(), text[value.start..value.end].to_owned()))
            .collect()
    }

    #[test]
    fn prefixes_begin_telephone_numbers() {
        let groups = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for text in ["+49 391 5559 8127", "0049 391 5559 8127", "0391 5559 8127 5.5", "+1 6175550142"] {
            assert!(is_prefixed(&groups(text)), "{text}");
        }
        for text in ["6 128 128 1024", "0 128 128 1024", "0.5 128 1024 99", "+5 3", "0x1F 12345678"] {
            assert!(!is_prefixed(&groups(text)), "{text}");
        }
    }

    #[test]
    fn values_have_the_name_of_their_parameter() {
        let text =
            "<ParamString.\"tPatientName\"> { <Default> \"a\" \"Doe^Jane\" } <ParamLong.\"lAge\"> { 42 }";
        let expected = [("tPatientName", "\"a\""), ("tPatientName", "\"Doe^Jane\""), ("lAge", "42")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(found(text), expected);
    }

    #[test]
    fn assignments_are_read_line_by_line() {
        let text = "### ASCCONV BEGIN ###\nsA[0].tName = \"\"x y\"\"\nl = 3 # 'b'\ntB = \"q\"\n### ASCCONV END ###\n<A.\"n\"> 5";
        let names: Vec<String> = found(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(
            names,
            ["###", "\"\"x y\"\"", "3", "'b'", "\"q\"", "5"].map(str::to_owned)[1..].to_vec().as_slice()
        );
    }
}
