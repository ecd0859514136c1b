//! Words of the trade with one slip of the pen.

use super::words::Words;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The shortest word that may be misspelt, in letters; shorter ones are too near to names.
const SHORTEST: usize = 7;

/// The longest.
const LONGEST: usize = 40;

/// So many letters at its beginning or its end tell of a word that it is none of those misspelt.
const TELLING: std::ops::RangeInclusive<usize> = 3..=5;

/// What a misspelt word is quickly told by.
#[derive(Debug)]
pub(super) struct Slips {
    words: fn() -> Words,
    /// The words without doubled letters, by their first letter, when one with it is asked about.
    undoubled: [OnceLock<FxHashSet<String>>; 26],
    /// How the words begin, in each number of telling letters.
    beginnings: Marks,
    /// How they end.
    endings: Marks,
}

impl Slips {
    pub(super) fn of(words: fn() -> Words) -> Self {
        let (mut beginnings, mut endings) = (Marks::default(), Marks::default());
        for word in words().filter(|word| word.len() >= SHORTEST - 1) {
            let letters = word.as_bytes();
            for count in TELLING {
                beginnings.insert(packed(&letters[..count]));
                endings.insert(packed(&letters[letters.len() - count..]));
            }
        }
        Slips { words, undoubled: [const { OnceLock::new() }; 26], beginnings, endings }
    }

    /// Whether a word of small letters is one of the words but for letters that are doubled.
    fn is_undoubled(&self, folded: &str) -> bool {
        let first = folded.as_bytes()[0];
        let words = self.undoubled[usize::from(first - b'a')].get_or_init(|| {
            let long = (self.words)().filter(|word| word.len() >= SHORTEST);
            long.filter(|word| word.as_bytes()[0] == first).map(without_doubles).collect()
        });
        words.contains(&without_doubles(folded))
    }

    /// Whether one half of a word is as in a listed one: a slip is in the other.
    fn may_have(&self, letters: &[u8]) -> bool {
        let count = ((letters.len() - 1) / 2).clamp(*TELLING.start(), *TELLING.end());
        self.beginnings.may_have(packed(&letters[..count]))
            || self.endings.may_have(packed(&letters[letters.len() - count..]))
    }
}

/// A set of numbers of which only what it does not have is certain.
#[derive(Debug)]
struct Marks(Box<[u64]>);

impl Default for Marks {
    fn default() -> Self {
        Marks(vec![0; 1 << (MARKS - 6)].into())
    }
}

/// So many marks there are, as a power of two.
const MARKS: u32 = 18;

impl Marks {
    const fn place(number: u64) -> (usize, u64) {
        // The upper bits of a product depend on all of the number.
        let place = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - MARKS);
        ((place >> 6) as usize, 1 << (place & 63))
    }

    fn insert(&mut self, number: u64) {
        let (word, bit) = Marks::place(number);
        self.0[word] |= bit;
    }

    fn may_have(&self, number: u64) -> bool {
        let (word, bit) = Marks::place(number);
        self.0[word] & bit != 0
    }
}

/// A few letters as one number.
fn packed(letters: &[u8]) -> u64 {
    letters.iter().fold(1, |number, &letter| number << 8 | u64::from(letter))
}

/// Whether a word is one of `words` but for a letter too many, too few or wrong, two that changed places, or letters
/// that are doubled and should not be (or the reverse).
pub(super) fn is_misspelt(folded: &str, words: &FxHashSet<Cow<'static, str>>, slips: &Slips) -> bool {
    if !(SHORTEST..=LONGEST).contains(&folded.len()) || !folded.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return false;
    }
    if slips.is_undoubled(folded) {
        return true;
    }
    let letters = folded.as_bytes();
    if !slips.may_have(letters) {
        return false;
    }
    let mut tried = String::with_capacity(folded.len() + 1);
    let mut is_listed = |parts: [&[u8]; 3]| {
        tried.clear();
        tried.extend(parts.iter().flat_map(|part| part.iter().map(|&byte| char::from(byte))));
        words.contains(tried.as_str())
    };
    (0..=letters.len()).any(|at| {
        let (head, tail) = letters.split_at(at);
        let missing = (b'a'..=b'z').any(|letter| is_listed([head, &[letter], tail]));
        let Some((&first, rest)) = tail.split_first() else { return missing };
        missing
            || folded.len() > SHORTEST && is_listed([head, &[], rest])
            || (b'a'..=b'z').any(|letter| is_listed([head, &[letter], rest]))
            || rest.split_first().is_some_and(|(&second, rest)| is_listed([head, &[second, first], rest]))
    })
}

/// The word with each letter once where it is doubled.
fn without_doubles(folded: &str) -> String {
    let mut once = String::with_capacity(folded.len());
    let mut last = None;
    for letter in folded.chars() {
        if last.replace(letter) != Some(letter) {
            once.push(letter);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_forgiven() {
        let words: FxHashSet<Cow<'static, str>> =
            ["sagittal", "weighted", "abdomen"].map(Cow::Borrowed).into_iter().collect();
        let slips = Slips::of(|| Box::new(["sagittal", "weighted", "abdomen"].into_iter()));
        for word in ["saggital", "sagital", "weigthed", "weightd", "weeighted", "abdomne", "wighted"] {
            assert!(is_misspelt(word, &words, &slips), "{word}");
        }
        // A slip at each place.
        for word in &words {
            for at in 0..word.len() {
                let (head, tail) = word.split_at(at);
                let with = [head, "q", tail].concat();
                assert!(is_misspelt(&with, &words, &slips), "{with}");
                let wrong = [head, "q", &tail[1..]].concat();
                assert!(is_misspelt(&wrong, &words, &slips), "{wrong}");
            }
        }
        for word in ["sagitarius", "wetgithed", "abdmon", "abigail", ""] {
            assert!(!is_misspelt(word, &words, &slips), "{word}");
        }
    }
}
