//! Words that vendors' protocols are made of. What is not among them is asked about.

use crate::Judge;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

static TERMS: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../data/terms.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect()
});

/// Words shorter than this say nothing: axes, units, abbreviations. An identifier that short is found by
/// [`Judge::identifies`].
const SHORTEST: usize = 4;
/// Longer than any term.
const LONGEST: usize = 24;

/// The words of a text: runs of letters, parted again at each capital that begins a word (`asCoilSelectMeas`).
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).flat_map(humps)
}

fn humps(run: &str) -> impl Iterator<Item = &str> {
    let mut rest = run;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let mut end = 1;
        while end < bytes.len() {
            let begins = bytes[end].is_ascii_uppercase()
                && (bytes[end - 1].is_ascii_lowercase()
                    || bytes.get(end + 1).is_some_and(u8::is_ascii_lowercase));
            if begins {
                break;
            }
            end += 1;
        }
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (word, left) = rest.split_at(end);
        rest = left;
        Some(word)
    })
}

/// Whether a word is of the trade.
pub(crate) fn is_term(word: &str) -> bool {
    if word.len() < SHORTEST {
        return word.is_ascii();
    }
    // A sign for each channel.
    if word.bytes().all(|byte| byte == b'X') {
        return true;
    }
    if word.len() > LONGEST || !word.is_ascii() {
        return false;
    }
    let mut lower = [0; LONGEST];
    for (to, from) in lower.iter_mut().zip(word.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    std::str::from_utf8(&lower[..word.len()]).is_ok_and(|word| TERMS.contains(word))
}

/// Whether all words of a text are of the trade, by this list or by the judge's.
pub(crate) fn are_known(text: &str, judge: &dyn Judge) -> bool {
    words(text).all(|word| is_term(word) || word.is_ascii() && judge.text(word) == word)
}

/// Whether short words stand beside each other as given name and family name do, `Kim Lee`, or one stands alone.
pub(crate) fn has_short_names(text: &str) -> bool {
    let named = |word: &str| {
        (2..SHORTEST).contains(&word.len()) && word.starts_with(|c: char| c.is_ascii_uppercase())
    };
    let runs: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
    if let [word] = runs[..] {
        return named(word) && word[1..].bytes().all(|byte| byte.is_ascii_lowercase());
    }
    runs.windows(2).any(|two| {
        let (end, start) = (
            two[0].as_ptr() as usize + two[0].len() - text.as_ptr() as usize,
            two[1].as_ptr() as usize - text.as_ptr() as usize,
        );
        named(two[0]) && named(two[1]) && text[end..start].chars().all(|c| " _-.,^".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_capitals_begin() {
        let found: Vec<&str> = words("asCoilSelectMeas[0].tName_ZQXAAAAB SLoopFCSatNS").collect();
        assert_eq!(
            found,
            ["as", "Coil", "Select", "Meas", "t", "Name", "ZQXAAAAB", "S", "Loop", "FC", "Sat", "NS"]
        );
        assert!(is_term("Coil") && is_term("FC") && !is_term("ZQXAAAAB") && !is_term("Dupont"));
        assert_eq!(words("Éé").count(), 1);
    }
}
