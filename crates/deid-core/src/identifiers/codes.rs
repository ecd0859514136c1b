//! Letters written as the numbers of their codes among bytes: `81 117 105`, `0x51, 0x75`, `51 75 69`.

use super::base32::has_text;
use std::ops::Range;

/// Fewer letters stand there by chance.
pub(super) const FEWEST: usize = 5;
/// So many codes of two digits with a sign between each.
const SHORTEST: usize = 3 * FEWEST - 1;

/// What lists of codes stand for, where it has letters.
pub(super) fn decoded(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    runs(bytes)
        .map(|run| &bytes[run])
        .flat_map(|run| [decode(run, code), decode(run, bare_hexadecimal)].concat())
        .filter(|letters| has_text(letters))
}

/// Runs of digits and of what parts them.
pub(crate) fn runs(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            // A run that is long enough reaches over each such byte.
            let probe = at + SHORTEST - 1;
            if !is_sign(*bytes.get(probe)?) {
                at = probe + 1;
                continue;
            }
            let before = bytes[at..probe].iter().rev().take_while(|&&byte| is_sign(byte)).count();
            let behind = bytes[probe..].iter().take_while(|&&byte| is_sign(byte)).count();
            let run = probe - before..probe + behind;
            at = run.end;
            if run.len() >= SHORTEST {
                return Some(run);
            }
        }
    })
}

fn is_sign(byte: u8) -> bool {
    SIGNS[usize::from(byte)]
}

/// Which bytes are digits or part them: nearly all bytes are asked about.
static SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        signs[byte as usize] = byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X') || is_between(byte);
        byte += 1;
    }
    signs
};

const fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            b',' | b';' | b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'\\' | b'|' | b'/' | b'-' | b':' | b'_'
        )
}

/// The letters of each list of codes in a run that is long enough.
fn decode(run: &[u8], code: impl Fn(&[u8]) -> Option<u8>) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut letters = Vec::new();
    let codes = run.split(|&byte| is_between(byte)).filter(|part| !part.is_empty()).map(code);
    for code in codes.chain([None]) {
        match code {
            Some(letter) => letters.push(letter),
            None if letters.len() >= FEWEST => all.push(std::mem::take(&mut letters)),
            None => letters.clear(),
        }
    }
    all
}

fn code(part: &[u8]) -> Option<u8> {
    match part {
        [b'0', b'x' | b'X', digits @ ..] => number(digits, 16),
        _ if (2..=3).contains(&part.len()) => number(part, 10),
        _ => None,
    }
}

fn bare_hexadecimal(part: &[u8]) -> Option<u8> {
    if part.len() == 2 { number(part, 16) } else { None }
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    let number = u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()?;
    u8::try_from(number).ok().filter(|&byte| byte >= 0x20 && byte != 0x7F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_codes_are_letters() {
        for text in [
            "76 97 103 114 97 110 103 101",
            "TE=3; [76, 97, 103, 114, 97, 110, 103, 101]",
            "0x4c,0x61,0x67,0x72,0x61,0x6e,0x67,0x65",
            "4c 61 67 72 61 6e 67 65",
            "1 2 3\\76\\97\\103\\114\\97\\110\\103\\101\\4",
        ] {
            assert!(decoded(text.as_bytes()).any(|bytes| bytes == b"Lagrange"), "{text}");
        }
        for text in
            ["", "1 2 3 4 5 6 7 8", "0.5 128.5 99.5 100.5 101.5", "256 256 1024 4096 512", "76 97 103 114"]
        {
            assert_eq!(decoded(text.as_bytes()).count(), 0, "{text}");
        }
    }
}
