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

/// Whether a word is one of the list: long enough to be somebody's name.
pub(crate) fn is_long_term(word: &str) -> bool {
    word.len() >= SHORTEST && is_term(word)
}

/// Whether all words of a text are of the trade, by this list or by the judge's.
pub(crate) fn are_known(text: &str, judge: &dyn Judge) -> bool {
    words(text).all(|word| is_term(word) || word.is_ascii() && judge.text(word) == word)
}

/// Whether a short word with a capital stands where a title or a name may, `Kim Lee`, `Dr Field`: alone, or beside a
/// blank, a point, a comma, a hyphen or an underscore. In capitals it is an abbreviation, unless others like it or a
/// blank are beside it.
pub(crate) fn has_short_names(text: &str) -> bool {
    let is_short = |word: &str| {
        (2..SHORTEST).contains(&word.len()) && word.starts_with(|c: char| c.is_ascii_uppercase())
    };
    let is_title = |word: &str| is_short(word) && word[1..].bytes().all(|byte| byte.is_ascii_lowercase());
    let runs: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
    if let [word] = runs[..] {
        return is_title(word);
    }
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    runs.windows(2).any(|two| {
        let between = &text[start(two[0]) + two[0].len()..start(two[1])];
        let near = between.chars().all(|c| " _-.,".contains(c));
        let (short, titles) =
            (two.iter().filter(|word| is_short(word)).count(), two.iter().any(|word| is_title(word)));
        near && (short == 2 || short == 1 && (titles || between.contains(' ')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_short_names_are_told_from_abbreviations() {
        for text in
            ["Kim", "Kim Lee", "KIM_LEE", "Lee, Kim", "Dr Field", "Mr. Hand", "Field, Ann", "PA Field"]
        {
            assert!(has_short_names(text), "{text}");
        }
        for text in
            ["", "FOV", "HEA;HEP", "gre_field_mapping", "FOV_Coil", "Head Coil", "Table & Coil", "A/P"]
        {
            assert!(!has_short_names(text), "{text}");
        }
    }

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
