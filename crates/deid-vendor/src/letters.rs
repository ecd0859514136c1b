//! Letters written as their numbers: lists of codes (`72 97 108 118`, `0x48, 0x61`), and arrays of ASCCONV with one in
//! each line.

use crate::words::{is_term, words};
use memchr::memchr_iter;
use std::ops::Range;

/// Fewer letters are no name that could be told from numbers.
const FEWEST: usize = 4;
/// What stands in front of the letters.
const LABELS: usize = 2;
/// Of a list more is not looked at as one text.
const MOST: usize = 4096;

/// Whether numbers in a text, parted by blanks, commas and brackets, are the letters of a word that nobody knows.
pub fn spell(text: &str, identifies: &dyn Fn(&[u8]) -> bool) -> bool {
    let part = |c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '{' | '}' | '[' | ']' | '\\' | '|' | '(' | ')')
    };
    let codes = || text.split(part).filter(|part| !part.is_empty());
    if codes().take(FEWEST).count() < FEWEST {
        return false;
    }
    // Digits alone are decimal, as a rule.
    let hexadecimal =
        codes().any(|part| part.len() == 2 && part.bytes().any(|byte| byte.is_ascii_alphabetic()));
    told(codes().map(code), identifies, true) || told(codes().map(bare_hexadecimal), identifies, hexadecimal)
}

/// Lines `key[0] = 72` of an array whose elements are such letters: where their values stand.
pub fn arrays(bytes: &[u8], section: Range<usize>, identifies: &dyn Fn(&[u8]) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut array, mut letters, mut values): (&[u8], Vec<Option<u8>>, Vec<Range<usize>>) =
        (&[], Vec::new(), Vec::new());
    let mut start = section.start;
    let ends = memchr_iter(b'\n', &bytes[section.clone()]).map(|at| section.start + at);
    for end in ends.chain([section.end]) {
        let line = element(&bytes[start..end]);
        let same = line.as_ref().is_some_and(|line| line.array == array);
        if !same {
            settle(&letters, &mut values, identifies, &mut found);
            letters.clear();
        }
        if let Some(line) = line {
            array = line.array;
            letters.push(line.letter);
            values.push(start + line.value.start..start + line.value.end);
        } else {
            array = &[];
        }
        start = end + 1;
    }
    settle(&letters, &mut values, identifies, &mut found);
    found
}

fn settle(
    letters: &[Option<u8>],
    values: &mut Vec<Range<usize>>,
    identifies: &dyn Fn(&[u8]) -> bool,
    found: &mut Vec<Range<usize>>,
) {
    if letters.len() >= FEWEST && told(letters.iter().copied(), identifies, true) {
        found.append(values);
    }
    values.clear();
}

struct Element<'b> {
    /// The key up to its last index.
    array: &'b [u8],
    /// The letter, if the number can be one.
    letter: Option<u8>,
    value: Range<usize>,
}

fn element(line: &[u8]) -> Option<Element<'_>> {
    let equals = memchr::memchr(b'=', line)?;
    let key = line[..equals].trim_ascii().strip_suffix(b"]")?;
    let open = memchr::memrchr(b'[', key)?;
    let start = equals + 1 + line[equals + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let value = line[start..].trim_ascii_end();
    // A comment with the letter may stand behind.
    let number = value.split(|&byte| byte == b'#').next()?.trim_ascii_end();
    let number = std::str::from_utf8(number).ok()?;
    if !number.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let letter = code(number);
    Some(Element { array: &key[..open], letter, value: start..start + value.len() })
}

/// Whether runs of printable codes say what identifies, or, if words count, all of them a word that nobody knows: among
/// times and angles letters stand by chance.
fn told(codes: impl Iterator<Item = Option<u8>>, identifies: &dyn Fn(&[u8]) -> bool, words: bool) -> bool {
    let codes: Vec<Option<u8>> = codes.take(MOST).collect();
    let padding = codes.iter().rev().take_while(|code| **code == Some(0)).count();
    let all = &codes[..codes.len() - padding];
    // A label and how precise the numbers are may stand in front.
    let labels = all.iter().take_while(|code| code.is_none()).take(LABELS).count();
    let whole = words && all[labels..].iter().all(|code| code.is_some_and(|code| code != 0));
    all.split(Option::is_none).any(|run| {
        let letters: Vec<u8> = run.iter().flatten().copied().collect();
        letters.len() >= FEWEST && (identifies(&letters) || whole && is_word(&letters))
    })
}

/// Whether letters are, but for a few signs, words as somebody would write them. Numbers that go up or down evenly, or
/// repeat each other, are none.
fn is_word(letters: &[u8]) -> bool {
    !is_even(letters)
        && std::str::from_utf8(letters).is_ok_and(|letters| words(letters).map(str::as_bytes).any(is_written))
}

/// Whether numbers go up or down by steps of one length.
fn is_even(numbers: &[u8]) -> bool {
    let steps = || numbers.windows(2).map(|two| i16::from(two[1]) - i16::from(two[0]));
    steps().max().zip(steps().min()).is_some_and(|(most, least)| most - least <= 1)
}

/// Whether letters are one such word.
fn is_written(word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first().filter(|_| word.len() >= FEWEST) else { return false };
    let lower = rest.iter().all(u8::is_ascii_lowercase);
    let written = lower && (first.is_ascii_uppercase() || word.len() > FEWEST)
        || word.len() > FEWEST && word.iter().all(u8::is_ascii_uppercase);
    let lower_case = word.to_ascii_lowercase();
    let ordered = is_even(&lower_case);
    let mut distinct = lower_case.clone();
    distinct.sort_unstable();
    distinct.dedup();
    written && !ordered && distinct.len() >= 3 && std::str::from_utf8(word).is_ok_and(|word| !is_term(word))
}

/// A code of ASCII, decimal or hexadecimal.
fn code(part: &str) -> Option<u8> {
    let part = part.strip_suffix(".0").unwrap_or(part);
    let byte = match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        Some(hex) if (1..=8).contains(&hex.len()) => u32::from_str_radix(hex, 16).ok()?,
        None if part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok()?,
        _ => return None,
    };
    if byte == 0 { Some(0) } else { printable(byte) }
}

/// A code of two hexadecimal digits without a sign in front.
fn bare_hexadecimal(part: &str) -> Option<u8> {
    (part.len() == 2).then(|| u32::from_str_radix(part, 16).ok().and_then(printable))?
}

fn printable(code: u32) -> Option<u8> {
    u8::try_from(code).ok().filter(|byte| (0x20..0x7F).contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_numbers_are_told_from_numbers() {
        for text in [
            "72 97 108 118 111 114 115 101 110",
            "<Precision> 16 72 97 108 118 111",
            "0x48 0x61 0x6c 0x76",
            "0x48,0x61,0x6c,0x76",
            "72, 97, 108, 118, 111",
            "{ 72 } { 97 } { 108 } { 118 }",
            "48 61 6c 76 6f",
            "55 55 52 49",
            "90 81 75 79 87 65",
            "122 113 107 111 119 97 108 0 0 0",
        ] {
            assert!(spell(text, &|bytes| bytes == b"7741"), "{text}");
        }
        for text in [
            "",
            "126 48 126 140",
            "100 100 100 100 100",
            "70 80 90 100 110 120",
            "0 5 10 15 20 25 30 35 40 45 50 55 60 70 80 90 100 110 120",
            "72 97 108 118 111 114 115 300 20",
            "65 66 67 68 69 70",
            "80 120 100",
            "1 0 0 0 1 0",
            "67 111 105 108",
            "128 128 64 64 32",
        ] {
            assert!(!spell(text, &|bytes| bytes == b"7741"), "{text}");
        }
    }

    #[test]
    fn arrays_are_read_line_by_line() {
        let text =
            b"lA[0] = 72\nlA[1] = 0x61 # 'a'\nlA[2]\t = \t108\nlA[3] = 118\nlB[0] = 72\nalTR[0] = 97\n";
        let found = arrays(text, 0..text.len(), &|_| false);
        let values: Vec<&[u8]> = found.into_iter().map(|range| &text[range]).collect();
        assert_eq!(values, [&b"72"[..], b"0x61 # 'a'", b"108", b"118"]);
    }
}
