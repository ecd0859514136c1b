//! Words of the trade with one slip of the pen.

use rustc_hash::FxHashSet;
use std::borrow::Cow;

/// The shortest word that may be misspelt, in letters; shorter ones are too near to names.
const SHORTEST: usize = 7;

/// The longest.
const LONGEST: usize = 40;

/// So many letters at its beginning or its end tell of a word that it is none of those misspelt.
const TELLING: std::ops::RangeInclusive<usize> = 3..=5;

/// What a misspelt word is quickly told by.
#[derive(Debug, Default)]
pub(super) struct Slips {
    /// The words without doubled letters.
    undoubled: FxHashSet<String>,
    /// How the words begin, in each number of telling letters.
    beginnings: FxHashSet<u64>,
    /// How they end.
    endings: FxHashSet<u64>,
}

impl Slips {
    pub(super) fn of<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut slips = Slips::default();
        for word in words.filter(|word| word.len() >= SHORTEST - 1) {
            if word.len() >= SHORTEST {
                slips.undoubled.insert(without_doubles(word));
            }
            let letters = word.as_bytes();
            for count in TELLING {
                slips.beginnings.insert(packed(&letters[..count]));
                slips.endings.insert(packed(&letters[letters.len() - count..]));
            }
        }
        slips
    }

    /// Whether one half of a word is as in a listed one: a slip is in the other.
    fn may_have(&self, letters: &[u8]) -> bool {
        let count = ((letters.len() - 1) / 2).clamp(*TELLING.start(), *TELLING.end());
        self.beginnings.contains(&packed(&letters[..count]))
            || self.endings.contains(&packed(&letters[letters.len() - count..]))
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
    if slips.undoubled.contains(&without_doubles(folded)) {
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
        let slips = Slips::of(words.iter().map(AsRef::as_ref));
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
