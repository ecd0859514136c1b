//! XML in private elements: names of tags and attributes stay, texts and values are judged.

use crate::escapes::{escaped, references};
use crate::field::{Action, Rules, has_numeric_date, has_uid, is_encoded, zeroed_digits};
use crate::name::{identifies, is_dialled, masked};
use crate::text::{decode, encode, until_nul};
use crate::words::{is_long_term, words};
use crate::{Judge, Outcome, table};

/// Cleans a document.
pub(crate) fn clean(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let text = until_nul(bytes);
    if bytes[text.len()..].iter().any(|&byte| byte != 0) {
        return Outcome::Refused;
    }
    let Some(mut new) = judged(text, Rules { judge, strict: false }) else { return Outcome::Refused };
    if judge.identifies(&new) {
        let Some(strict) = judged(text, Rules { judge, strict: true }) else { return Outcome::Refused };
        new = strict;
    }
    if new == text {
        return Outcome::Unchanged;
    }
    new.resize(new.len() + bytes.len() - text.len(), 0);
    Outcome::Changed(new)
}

/// A document with its texts judged; `None` if its tags cannot be told from its texts.
pub(crate) fn judged(bytes: &[u8], rules: Rules<'_>) -> Option<Vec<u8>> {
    let (decoded, encoding) = decode(bytes);
    let mut out = String::with_capacity(decoded.len());
    let mut rest = &decoded[..];
    let mut name = "";
    while let Some(open) = rest.find('<') {
        out.push_str(&judged_text(&rest[..open], name, rules));
        rest = &rest[open..];
        if rest.starts_with("<![CDATA[") {
            return None;
        }
        if rest.starts_with("<!--") {
            // A comment is of no use.
            rest = &rest[rest.find("-->")? + 3..];
            continue;
        }
        let close = tag_end(rest)?;
        let tag = &rest[..close];
        if !tag.starts_with("</") {
            name = tag[1..]
                .split(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
                .next()
                .unwrap_or_default();
        }
        judge_tag(tag, rules, &mut out)?;
        rest = &rest[close..];
    }
    out.push_str(&judged_text(rest, "", rules));
    Some(encode(&out, encoding))
}

/// Where a tag ends: at the `>` that is not in quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn judge_tag(tag: &str, rules: Rules<'_>, out: &mut String) -> Option<()> {
    let mut rest = tag;
    while let Some(open) = rest.find(['"', '\'']) {
        let quote = if rest[open..].starts_with('"') { '"' } else { '\'' };
        let close = open + 1 + rest[open + 1..].find(quote)?;
        push_structure(&rest[..open], rules, out)?;
        let name = rest[..open]
            .trim_end_matches(['=', ' '])
            .rsplit([' ', '\t', '\n', '\r'])
            .next()
            .unwrap_or_default();
        out.push(quote);
        out.push_str(&judged_text(&rest[open + 1..close], name, rules));
        out.push(quote);
        rest = &rest[close + 1..];
    }
    push_structure(rest, rules, out)
}

/// Names of tags and attributes: what is none makes the document unreadable.
fn push_structure(text: &str, rules: Rules<'_>, out: &mut String) -> Option<()> {
    let plain = text.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"<>/=?!:_-.".contains(&byte)
    });
    let long = text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 5);
    let readable =
        plain && !long && !is_dialled(text) && !is_encoded(text) && !has_numeric_date(text) && !has_uid(text);
    if !readable {
        return None;
    }
    // The same word is masked alike where a tag opens and where it closes.
    let masked = masked(text, rules.judge);
    let left = masked.as_deref().unwrap_or(text);
    if rules.strict && identifies(left, rules.judge) {
        let hidden = without_other_words(left);
        if identifies(&hidden, rules.judge) {
            return None;
        }
        out.push_str(&hidden);
        return Some(());
    }
    out.push_str(left);
    Some(())
}

/// Names of which the words of the trade are left, with an X for each other letter and zeros for numbers.
fn without_other_words(text: &str) -> String {
    let mut out = zeroed_digits(text);
    for word in words(text).filter(|word| word.is_ascii() && !is_long_term(word)) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        out.replace_range(start..start + word.len(), &"X".repeat(word.len()));
    }
    out
}

fn judged_text(text: &str, name: &str, rules: Rules<'_>) -> String {
    if text.trim().is_empty() {
        return text.to_owned();
    }
    let action = table::protocol(name.as_bytes()).unwrap_or(Action::Term);
    let safe = |text: &str| text.replace(['<', '>', '"', '\''], " ");
    let Some(plain) = references(text) else { return safe(&rules.apply(action, text)) };
    // The search of the whole document does not meet what is written in references.
    let new = Rules { strict: true, ..rules }.apply(action, &plain);
    if new == plain { text.to_owned() } else { escaped(&safe(&new)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nobody::Nobody;

    #[test]
    fn numbers_in_groups_are_no_names_of_tags() {
        for tag in ["<?pi SSN 123-45-6789?>", "<SSN 123-45-6789/>", "<a 943 476 5919=\"1\"/>"] {
            assert_eq!(judged(tag.as_bytes(), Rules { judge: &Nobody, strict: false }), None, "{tag}");
        }
    }

    #[test]
    fn references_are_read_before_they_are_judged() {
        for (text, left) in [
            ("&#90;&#113;x&#97;&#97;", ""),
            ("&#x5A;qxaa Zqxbb", ""),
            ("&#70;ield", "&#70;ield"),
            ("&#55;&#x37;41", ""),
            ("&amp;#90;qxaa", ""),
            ("J&#246;rg", ""),
            ("Table &amp; Coil", "Table &amp; Coil"),
            ("Table &lt; Coil", "Table &lt; Coil"),
        ] {
            let document = format!("<?xml version=\"1.0\"?><a b=\"{text}\">{text}</a>");
            let wanted = format!("<?xml version=\"1.0\"?><a b=\"{left}\">{left}</a>");
            let out = judged(document.as_bytes(), Rules { judge: &Nobody, strict: false }).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
    }
}
