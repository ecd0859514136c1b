//! Words of the trade with one slip of the pen.

use rustc_hash::FxHashSet;
use std::borrow::Cow;

/// The shortest word that may be misspelt, in letters; shorter ones are too near to names.
const SHORTEST: usize = 7;

/// The longest.
const LONGEST: usize = 40;

/// Whether a word is one of `words` but for a letter too many, too few or wrong, two that changed places, or letters
/// that are doubled and should not be (or the reverse, when `undoubled` has the words without doubled letters).
pub(super) fn is_misspelt(
    folded: &str,
    words: &FxHashSet<Cow<'static, str>>,
    undoubled: &FxHashSet<String>,
) -> bool {
    if !(SHORTEST..=LONGEST).contains(&folded.len()) || !folded.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return false;
    }
    if undoubled.contains(&without_doubles(folded)) {
        return true;
    }
    let letters = folded.as_bytes();
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
pub(super) fn without_doubles(folded: &str) -> String {
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
        let undoubled = words.iter().map(|word| without_doubles(word)).collect();
        for word in ["saggital", "sagital", "weigthed", "weightd", "weeighted", "abdomne", "wighted"] {
            assert!(is_misspelt(word, &words, &undoubled), "{word}");
        }
        for word in ["sagitarius", "wetgithed", "abdmon", "abigail", ""] {
            assert!(!is_misspelt(word, &words, &undoubled), "{word}");
        }
    }
}
