//! Blanks, hyphens and punctuation of other widths: what is written with them is written as with the plain ones.

use std::borrow::Cow;

/// A text with plain blanks, hyphens and punctuation; the text itself, if it has no others.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || text.chars().all(|c| plain_sign(c) == c && !is_unseen(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|&c| !is_unseen(c)).map(plain_sign).collect())
}

/// Zero width, directions of writing, soft hyphens.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// What a sign of another width is written as.
fn plain_sign(c: char) -> char {
    match c {
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{2024}' | '\u{FF0E}' => '.',
        '\u{2215}' | '\u{2044}' | '\u{FF0F}' => '/',
        '\u{FF1A}' => ':',
        '\u{FF0C}' => ',',
        '\u{FF08}' => '(',
        '\u{FF09}' => ')',
        '\u{FF1D}' => '=',
        '\u{FF20}' => '@',
        '\u{FF0B}' => '+',
        '\u{FF03}' => '#',
        '\u{FF3F}' => '_',
        '\u{FF3E}' => '^',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_other_widths_are_plain() {
        assert_eq!(plain("12\u{A0}03\u{202F}2019\u{2011}T1"), "12 03 2019-T1");
        assert_eq!(plain("Sm\u{AD}i\u{200B}th：１９７５／６"), "Smith:１９７５/６");
        assert!(matches!(plain("T1 – Schädel"), Cow::Borrowed(_)));
    }
}
