//! Blanks, hyphens and punctuation of other widths: what is written with them is written as with the plain ones.

use std::borrow::Cow;

/// A text with plain blanks, hyphens and punctuation; the text itself, if it has no others.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || text.chars().all(|c| plain_sign(c).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter_map(|c| plain_sign(c).unwrap_or(Some(c))).collect())
}

/// What a sign of another width is written as; `Some(None)`: it is not seen at all.
fn plain_sign(c: char) -> Option<Option<char>> {
    Some(match c {
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Some(' '),
        '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}' => Some('-'),
        // Zero width, directions of writing, soft hyphen.
        '\u{AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{FEFF}' => None,
        '\u{2024}' | '\u{FF0E}' => Some('.'),
        '\u{2215}' | '\u{2044}' | '\u{FF0F}' => Some('/'),
        '\u{FF1A}' => Some(':'),
        '\u{FF0C}' => Some(','),
        '\u{FF08}' => Some('('),
        '\u{FF09}' => Some(')'),
        '\u{FF1D}' => Some('='),
        '\u{FF20}' => Some('@'),
        '\u{FF0B}' => Some('+'),
        '\u{FF03}' => Some('#'),
        '\u{FF3F}' => Some('_'),
        '\u{FF3E}' => Some('^'),
        _ => return None,
    })
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
