//! Words that are never taken for a part of somebody's name, though names in headers contain them.
//!
//! The words are data (`data/vocabulary.txt`). Versions of scanner software (`XA60`, `VB17A`, `DV28`) count too: they
//! stand in the names of phantoms, and converters branch on them.

use std::sync::OnceLock;

/// Whether a word (in any case) is of the trade rather than somebody's name.
pub(crate) fn is_common(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    words().binary_search(&lower.as_str()).is_ok() || is_version(&lower)
}

fn words() -> &'static [&'static str] {
    static WORDS: OnceLock<Vec<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        include_str!("../data/vocabulary.txt").lines().filter(|line| !line.starts_with('#')).collect()
    })
}

/// Two letters that scanner software versions begin with, two digits, perhaps a letter.
fn is_version(lower: &str) -> bool {
    let Some(rest) =
        ["xa", "va", "vb", "vd", "ve", "vh", "dv", "mr"].iter().find_map(|p| lower.strip_prefix(p))
    else {
        return false;
    };
    let digits = rest.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(rest);
    digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        let mut sorted = words().to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, words());
        assert!(is_common("Phantom") && !is_common("Dupont"));
        assert!(is_common("XA60") && is_common("vb17a") && !is_common("XB60"));
    }
}
