//! Characters written as references of XML (`&#76;`, `&amp;`) or in percent (`%C3%BC`, RFC 3986 2.1): whoever reads the
//! text reads the character, whoever searches it does not find it.

use std::borrow::Cow;

/// The most that references are written in references.
const DEEPEST: usize = 4;

/// What a text says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// What stands there.
    Plainly,
    /// Something else.
    Otherwise(String),
    /// Nobody writes like this.
    TooDeep,
}

/// What a text says without references and percents.
pub(crate) fn said(text: &str) -> Said {
    if !text.contains(['&', '%']) {
        return Said::Plainly;
    }
    let mut said = Cow::Borrowed(text);
    for _ in 0..DEEPEST {
        match references(&said).or_else(|| percents(&said)) {
            Some(new) => said = Cow::Owned(new),
            None => {
                return match said {
                    Cow::Borrowed(_) => Said::Plainly,
                    Cow::Owned(said) => Said::Otherwise(said),
                };
            }
        }
    }
    Said::TooDeep
}

/// A text without references (XML 1.0 4.1, 4.6); `None` if there are none.
pub(crate) fn references(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((c, length)) = reference(rest) {
            out.push(c);
            rest = &rest[length..];
            found = true;
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

/// The character of the reference at the beginning of a text, and how long it is. Readers of HTML take one without
/// its semicolon, too.
fn reference(text: &str) -> Option<(char, usize)> {
    for (name, c) in [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\'')] {
        if text.starts_with(name) {
            return Some((c, name.len()));
        }
    }
    let number = text.strip_prefix("&#")?;
    let (digits, base) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let count = digits.chars().take_while(|c| c.is_digit(base)).count();
    let end = text.len() - digits.len() + count;
    let end = end + usize::from(text[end..].starts_with(';'));
    (count > 0).then_some(())?;
    let c = u32::from_str_radix(&digits[..count], base).ok().and_then(char::from_u32);
    Some((c.unwrap_or(char::REPLACEMENT_CHARACTER), end))
}

/// A text without percents, in UTF-8 or else Latin-1; `None` if there are none. `%DefProt%` is the name of a variable.
fn percents(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    let mut found = false;
    let nibble = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let length = variable(&text[at..]);
            if length > 0 && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric()) {
                out.extend_from_slice(&bytes[at..at + length]);
                at += length;
                continue;
            }
            if let (Some(high), Some(low)) = (nibble(at + 1), nibble(at + 2)) {
                out.push((high << 4 | low) as u8);
                at += 3;
                found = true;
                continue;
            }
        }
        out.push(bytes[at]);
        at += 1;
    }
    found.then(|| match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
    })
}

/// How long the name of a variable at the beginning of a text is with its signs, `%SiemensSeq%`; zero if there is none.
pub(crate) fn variable(text: &str) -> usize {
    let Some(name) = text.strip_prefix('%') else { return 0 };
    let letters = name.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'_').count();
    if letters >= 3 && name.as_bytes().get(letters) == Some(&b'%') { letters + 2 } else { 0 }
}

/// A text as it may stand between tags.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_references_and_percents_is_read() {
        for (text, meant) in [
            ("&#90;&#x71;x", "Zqx"),
            ("A&#90b", "AZb"),
            ("J&#246;rg", "Jörg"),
            ("J%C3%B6rg", "Jörg"),
            ("M%fcller", "Müller"),
            ("M%FCller%FC", "Mülerü"),
            ("a &amp;amp; b", "a & b"),
            ("&amp;#90;", "Z"),
            ("&#xD800;", "\u{FFFD}"),
        ] {
            let meant = meant.replace("Mülerü", "Müllerü");
            assert_eq!(said(text), Said::Otherwise(meant), "{text}");
        }
        for text in
            ["", "50 % A & B", "%SiemensSeq%\\gre", "%DefProt%/x", "&x;", "100%", "%%", "&#;", "%DEFAULT%"]
        {
            assert_eq!(said(text), Said::Plainly, "{text}");
        }
        assert_eq!(said(&format!("&{}", "amp;".repeat(20))), Said::TooDeep);
    }
}
