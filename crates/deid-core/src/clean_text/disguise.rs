//! Text written as hexadecimal or base64: what it says is nobody's sequence, and may be somebody's name.

use super::scan::Scan;
use crate::identifiers::{Searcher, codes};
use std::ops::Range;

/// The shortest text, in characters of base64 or digits of hexadecimal, that is looked into.
const SHORTEST: usize = 12;

/// The longest group of hexadecimal digits that others follow.
const LONGEST_GROUP: usize = 16;

/// Whether an identifier stands in a text in a form that a search for its bytes does not meet: hexadecimal digits in
/// groups, base64 of UTF-16.
pub(super) fn hides(text: &str, searcher: &Searcher) -> bool {
    if text.len() < SHORTEST || searcher.identifiers().is_empty() {
        return false;
    }
    words(text)
        .filter_map(|word| decoded(text[word].as_bytes()))
        .chain(octets(text).map(|(_, bytes)| bytes))
        .any(|bytes| searcher.is_in(&bytes))
}

/// Marks words that are letters in disguise, whoever they name.
pub(super) fn mark(scan: &mut Scan) {
    if scan.text.len() < SHORTEST {
        return;
    }
    let text = scan.text;
    for word in words(text) {
        if decoded(text[word.clone()].as_bytes()).is_some_and(|bytes| is_text(&bytes)) {
            scan.take_bytes(word);
        }
    }
    for run in codes::runs(text.as_bytes()) {
        // Signs of lists are ASCII.
        if deid_vendor::letters::spell(&text[run.clone()], &|_| false) {
            scan.take_bytes(run);
        }
    }
    let found: Vec<_> = octets(text).filter(|(_, bytes)| is_text(bytes)).collect();
    for (range, _) in found {
        scan.take_bytes(range);
    }
}

/// Words long enough, of the characters of base64.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at + bytes[at..].iter().take_while(|&&byte| !is_part(byte)).count();
            let length = bytes[start..].iter().take_while(|&&byte| is_part(byte)).count();
            at = start + length;
            if length >= SHORTEST {
                return Some(start..at);
            }
        }
        None
    })
}

/// What a word is in hexadecimal, or else in base64.
fn decoded(word: &[u8]) -> Option<Vec<u8>> {
    hexadecimal(word).or_else(|| base64(word))
}

fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    (digits.len() >= SHORTEST && digits.len().is_multiple_of(2)).then(|| pairs(digits)).flatten()
}

fn pairs(digits: &[u8]) -> Option<Vec<u8>> {
    let nibble = |byte: u8| char::from(byte).to_digit(16).and_then(|nibble| u8::try_from(nibble).ok());
    digits.chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(*pair.get(1)?)?)).collect()
}

fn base64(word: &[u8]) -> Option<Vec<u8>> {
    let end = word.iter().rposition(|&byte| byte != b'=').map_or(0, |last| last + 1);
    let mut bytes = Vec::with_capacity(end);
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in &word[..end] {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    Some(bytes)
}

/// Hexadecimal digits in groups with blanks, colons or hyphens between them: where they stand, and the bytes.
fn octets(text: &str) -> impl Iterator<Item = (Range<usize>, Vec<u8>)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            let mut octets = Vec::new();
            let mut end = start;
            while let Some((group, length)) = group(bytes, at) {
                octets.extend(group);
                end = at + length;
                at = end + usize::from(matches!(bytes.get(end), Some(b' ' | b':' | b'-')));
                if at == end {
                    break;
                }
            }
            at = at.max(start + 1);
            if octets.len() * 2 >= SHORTEST {
                return Some((start..end, octets));
            }
        }
        None
    })
}

/// Pairs of hexadecimal digits that stand alone, and how many digits they are.
fn group(bytes: &[u8], at: usize) -> Option<(Vec<u8>, usize)> {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    if before.is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let length = bytes.get(at..)?.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if length == 0 || length > LONGEST_GROUP || !length.is_multiple_of(2) {
        return None;
    }
    Some((pairs(&bytes[at..at + length])?, length))
}

/// Whether bytes are text: letters, digits and what stands between them, in ASCII, UTF-8 or UTF-16.
fn is_text(bytes: &[u8]) -> bool {
    let says = |text: &str| {
        let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
        letters >= SHORTEST / 2
            && text.chars().filter(|c| c.is_alphabetic()).count() >= 4
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '^' | ',' | '.' | '-' | '_' | '\'' | '='))
    };
    // By chance, bytes are characters of other scripts; of this one they are not.
    let plain = bytes.iter().filter(|byte| byte.is_ascii()).count() * 3 >= bytes.len() * 2;
    plain && std::str::from_utf8(bytes).is_ok_and(says)
        || [u16::from_le_bytes, u16::from_be_bytes].into_iter().any(|read| {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
            units.iter().all(|&unit| (1..0x250).contains(&unit))
                && String::from_utf16(&units).is_ok_and(|text| says(&text))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::{IdentifierKind, Identifiers};

    #[test]
    fn what_the_header_knows_is_found_in_disguise() {
        let mut identifiers = Identifiers::default();
        identifiers.add(IdentifierKind::Name, "okonkwo", "(0010,0010)");
        let searcher = Searcher::new(&identifiers);
        for text in [
            "x 4f 6b 6f 6e 6b 77 6f",
            "4F:6B:6F:6E:6B:77:6F",
            // Base64 of UTF-16, either order.
            "TwBrAG8AbgBrAHcAbwA=",
            "T1 AE8AawBvAG4AawB3AG8=",
        ] {
            assert!(hides(text, &searcher), "{text}");
        }
        assert!(!hides("10 20 30 40 50 60 70 80", &searcher));
    }

    #[test]
    fn letters_in_disguise_go_whoever_they_name() {
        for (text, left) in [
            ("T1 U21pdGggTWFyeQ== sag", 6),
            ("4d6172792d416e6e T1", 3),
            ("4d 61 72 79 2d 41 6e 6e T1", 3),
            ("4d617279 2d416e6e T1", 3),
            ("b 1000 2000 3000 20190312", 25),
            ("t1_mprage_sag_p2_iso_0.8_ND", 27),
            ("10 20 30 40 50 60 70 80", 23),
            ("T1 77 97 114 121 65 110 110 sag", 6),
            ("T1 0x4d,0x61,0x72,0x79 sag", 6),
            ("b 0 100 110 105 120 200 TE 80", 29),
            ("PhoenixZIPReport", 16),
            ("BrainLoccalizerFast", 19),
        ] {
            let mut scan = Scan::new(text);
            mark(&mut scan);
            let kept = scan.gone.iter().filter(|gone| !**gone).count();
            assert!(kept.abs_diff(left) <= 2, "{text}: {kept}");
        }
    }
}
