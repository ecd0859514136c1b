//! Words and numbers written in parts: `447_190_23`, `4 4 7 1 9 0 2 3`, `K.o.w.a.l`.

use std::ops::Range;

/// Fewer letters and digits are put together by chance.
const FEWEST: usize = 6;
/// So few will do if each stands alone.
const FEWEST_ALONE: usize = 5;
/// Longer values are texts and lists, where parts stand side by side by chance.
const LONGEST: usize = 1024;
/// A number of fewer different digits is one of the small numbers that lists are full of: `1 0 0 0 0 0`.
const DIFFERENT: u32 = 3;

/// Parts with one sign between them, put together.
pub(super) struct Parted {
    /// Letters and digits alone.
    pub(super) bytes: Vec<u8>,
    /// Where each of them stands.
    places: Vec<usize>,
    /// Whether different signs are between them.
    pub(super) is_mixed: bool,
}

impl Parted {
    /// Where something that was found in the bytes stands, if it is more than one part of them and long enough.
    pub(super) fn range(&self, found: &Range<usize>) -> Option<Range<usize>> {
        let places = self.places.get(found.clone())?;
        let range = *places.first()?..places.last()? + 1;
        let alone = || places.windows(2).all(|two| two[1] > two[0] + 1);
        let long = found.len() >= FEWEST || found.len() >= FEWEST_ALONE && alone();
        let digits = &self.bytes[found.clone()];
        let number = digits.iter().all(u8::is_ascii_digit);
        (range.len() > found.len() && long && (!number || are_different(digits))).then_some(range)
    }
}

fn are_different(digits: &[u8]) -> bool {
    let seen = digits.iter().fold(0_u16, |seen, digit| seen | 1 << (digit & 15));
    seen.count_ones() >= DIFFERENT
}

/// Each run of parts in a value that may be something when they are put together: first those with one sign between them,
/// then those with any.
pub(super) fn runs(bytes: &[u8]) -> impl Iterator<Item = Parted> + '_ {
    let bytes = if (FEWEST_ALONE..=LONGEST).contains(&bytes.len()) { bytes } else { &[] };
    let mut at = 0;
    let of_one_sign = std::iter::from_fn(move || {
        while let Some(run) = next(bytes, &mut at) {
            let parted = part(bytes, run, false);
            if parted.is_some() {
                return parted;
            }
        }
        None
    });
    of_one_sign.chain(mixed(bytes))
}

/// The parts with different signs between them, up to three side by side.
fn mixed(bytes: &[u8]) -> impl Iterator<Item = Parted> + '_ {
    let signs = |bytes: &[u8]| bytes.iter().take_while(|byte| is_sign(**byte) && **byte != b',').count();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += bytes[at..].iter().position(|&byte| is_part(byte))?;
            let start = at;
            let mut first = None;
            let mut differ = false;
            let mut end;
            loop {
                end = at + bytes[at..].iter().take_while(|&&byte| is_part(byte)).count();
                let between = signs(&bytes[end..]);
                let next = end + between;
                if !(1..=3).contains(&between) || !bytes.get(next).is_some_and(|&byte| is_part(byte)) {
                    break;
                }
                differ |= *first.get_or_insert(&bytes[end..next]) != &bytes[end..next] || between > 1;
                at = next;
            }
            at = end;
            if differ && let Some(parted) = part(bytes, start..end, true) {
                return Some(parted);
            }
        }
    })
}

/// The next parts with the same sign between them. The last part may be the first of what follows.
fn next(bytes: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let word = |from: usize| bytes[from..].iter().take_while(|&&byte| is_part(byte)).count();
    *at += bytes[*at..].iter().take_while(|&&byte| !is_part(byte)).count();
    let start = *at;
    let mut end = start + word(start);
    if end == start {
        return None;
    }
    let mut last = start;
    let first = bytes.get(end).copied();
    while let Some(sign) = bytes.get(end).copied().filter(|sign| is_sign(*sign) && Some(*sign) == first) {
        let blank = usize::from(sign == b',' && bytes.get(end + 1) == Some(&b' '));
        let from = end + 1 + blank;
        let length = bytes.get(from..).map_or(0, |_| word(from));
        if length == 0 {
            break;
        }
        last = from;
        end = from + length;
    }
    *at = if last > start { last } else { end };
    Some(start..end)
}

fn part(bytes: &[u8], run: Range<usize>, is_mixed: bool) -> Option<Parted> {
    let whole = &bytes[run.clone()];
    let signs = whole.iter().filter(|&&byte| is_sign(byte)).count();
    if signs == 0 || whole.len() - signs < FEWEST_ALONE {
        return None;
    }
    let number = whole.iter().all(|byte| byte.is_ascii_digit() || is_sign(*byte));
    // A number with decimals is none of parts.
    if number && (!are_different(whole) || signs == 1 && whole.contains(&b'.')) {
        return None;
    }
    let places: Vec<usize> = run.filter(|&at| is_part(bytes[at])).collect();
    Some(Parted { bytes: places.iter().map(|&at| bytes[at]).collect(), places, is_mixed })
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b'/' | b',' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_put_together() {
        let all = |text: &str| {
            let runs = runs(text.as_bytes()).map(|run| String::from_utf8(run.bytes).unwrap());
            runs.collect::<Vec<_>>()
        };
        assert_eq!(all("447_190_23"), ["44719023"]);
        assert_eq!(all("ID 44-719-023"), ["44719023", "ID44719023"]);
        assert_eq!(all("a, b, c, d, e"), ["abcde"]);
        assert_eq!(all("x=4 4 7 1 9 0 2 3;"), ["44719023"]);
        assert_eq!(all("KH-0099 - 1234;"), ["KH0099", "KH00991234"]);
        for text in ["", "0.5000000", "447190.23", "1 0 0 0 1 0", "12 5", "44719023", "a\\b\\c\\d\\e\\f"] {
            assert!(all(text).is_empty(), "{text}");
        }
    }
}
