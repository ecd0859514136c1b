//! GE's Protocol Data Block (0025,xx1B): the length of a gzip stream in four bytes, the stream, a byte to make it
//! even.
//!
//! Inside is text: lines `KEY "VALUE"`, in some versions with `set` before them, or XML. The gzip header names the file
//! (`Ex1897Ser1`, the number of the examination) and the second it was written: both go, always; the rest of the stream
//! stays as it is unless the text changes.

use crate::archive::{gunzip, gzip, gzip_header};
use crate::field::{Action, Rules};
use crate::text::{decode, encode};
use crate::{Judge, Outcome, name, table, xml};
use deid_dicom::calendar::looks_like_day;

/// Cleans a protocol data block.
pub fn clean(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    // Without the length, as some PACS leave it.
    let (prefixed, stream) = match bytes {
        [0x1F, 0x8B, ..] => (false, bytes),
        [a, b, c, d, rest @ ..] => {
            let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            match rest.get(..length) {
                Some(stream) if rest.len() - length <= 4 => (true, stream),
                _ => return Outcome::Refused,
            }
        }
        _ => return Outcome::Refused,
    };
    let Some(text) = gunzip(stream) else { return Outcome::Refused };
    let first = cleaned(&text, Rules { judge, strict: false });
    let Some(mut new) = first else { return Outcome::Refused };
    if judge.identifies(&new) {
        let Some(strict) = cleaned(&text, Rules { judge, strict: true }) else { return Outcome::Refused };
        new = strict;
    }
    let stream = if new == text {
        let Some(header) = gzip_header(stream) else { return Outcome::Refused };
        [&PLAIN_HEADER[..], &stream[header..]].concat()
    } else {
        gzip(&new)
    };
    if gunzip(&stream).as_ref() != Some(&new) {
        return Outcome::Refused;
    }
    let mut out = Vec::with_capacity(stream.len() + 6);
    if prefixed {
        out.extend_from_slice(&(stream.len() as u32).to_le_bytes());
    }
    out.extend_from_slice(&stream);
    out.resize(out.len().next_multiple_of(2), 0);
    if out == bytes { Outcome::Unchanged } else { Outcome::Changed(out) }
}

/// A gzip header that says nothing: deflate, no name, no time, Unix.
pub(crate) const PLAIN_HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];

/// The text with each value judged; `None` if it is no text.
fn cleaned(bytes: &[u8], rules: Rules<'_>) -> Option<Vec<u8>> {
    let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    if text.contains(&0) {
        return None;
    }
    if text.trim_ascii_start().starts_with(b"<") {
        return xml::judged(text, rules);
    }
    let (decoded, encoding) = decode(text);
    let mut out = String::with_capacity(decoded.len());
    for line in decoded.split_inclusive('\n') {
        let (body, ending) = line.split_at(line.trim_end_matches(['\n', '\r']).len());
        out.push_str(&judged_line(body, rules));
        out.push_str(ending);
    }
    let mut out = encode(&out, encoding);
    out.resize(out.len() + (bytes.len() - text.len()), 0);
    Some(out)
}

fn judged_line(line: &str, rules: Rules<'_>) -> String {
    let (Some(open), Some(close)) = (line.find('"'), line.rfind('"')) else {
        // A line without quotes has no number in groups.
        return if name::is_dialled(line) {
            String::new()
        } else {
            rules.apply(Action::Term, line).into_owned()
        };
    };
    let key = line[..open].trim();
    let key = key.strip_prefix("set ").unwrap_or(key).trim();
    let plain = key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if !plain || key.len() > 32 || close == open {
        return rules.apply(Action::Text, line).into_owned();
    }
    let rest = rules.apply(Action::Term, &line[close + 1..]);
    let value = &line[open + 1..close];
    let seen = table::ge(key).or_else(|| table::is_ge_key(key).then_some(Action::Term));
    let action = seen.or_else(|| table::protocol(key.as_bytes())).unwrap_or(Action::Term);
    let new = if is_mask(key, value) && !rules.judge.identifies(value.as_bytes()) {
        value.to_owned()
    } else {
        rules.apply(action, value).replace('"', " ")
    };
    let before = match judged_key(key, rules) {
        Some(new) => line[..open].replace(key, &new),
        None => line[..open].to_owned(),
    };
    format!("{before}\"{new}\"{rest}")
}

/// Whether a value is the bits of a mask, whose key says so: `USERCV_MASK2 "2097153"`.
fn is_mask(key: &str, value: &str) -> bool {
    const LONGEST: usize = 10;
    key.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("MASK")
        && value.len() <= LONGEST
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && !value.starts_with('0')
        && !looks_like_day(value)
        // So many bits a mask has.
        && value.parse::<u32>().is_ok()
}

/// What a key becomes; `None` if it stays. Keys are abbreviations, so that only those that are known, or numbered
/// like those, are trusted.
fn judged_key(key: &str, rules: Rules<'_>) -> Option<String> {
    let bare = key.trim_end_matches(|c: char| c.is_ascii_digit());
    if key.len() - bare.len() <= 3 && (table::is_ge_key(key) || table::is_ge_key(bare)) {
        return None;
    }
    let masked = name::judged(key, rules.judge);
    let left = masked.as_deref().unwrap_or(key);
    if rules.strict && name::identifies(left, rules.judge) { Some("X".repeat(key.len())) } else { masked }
}
