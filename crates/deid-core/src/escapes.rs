//! Letters written as something else in a text: references of XML and HTML, percent-encoding, escapes of programs,
//! quoted-printable (RFC 2045 6.7).

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// Escapes of escapes are undone so many times: `&amp;amp;#76;` twice.
const DEPTH: usize = 4;
/// The longest reference that is looked at.
const LONGEST: usize = 16;

/// A text with its escapes undone.
pub(crate) struct Unescaped {
    pub(crate) bytes: Vec<u8>,
    /// Whether no escapes are left.
    pub(crate) whole: bool,
}

/// Undoes the escapes of a text; `None` if it has none. What was UTF-8 still is.
pub(crate) fn unescaped(bytes: &[u8]) -> Option<Unescaped> {
    let mut bytes = once(bytes)?;
    for _ in 1..DEPTH {
        let Some(next) = once(&bytes) else { return Some(Unescaped { bytes, whole: true }) };
        bytes = next;
    }
    let whole = once(&bytes).is_none();
    Some(Unescaped { bytes, whole })
}

/// The same for a text; lossless, since what was UTF-8 still is.
pub(crate) fn unescaped_text(text: &str) -> Cow<'_, str> {
    let plain = unescaped(text.as_bytes()).and_then(|plain| String::from_utf8(plain.bytes).ok());
    plain.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn once(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let (mut at, mut copied) = (0, 0);
    let mut printable = quoted_printable(bytes, 0);
    loop {
        let sign = memchr::memchr3(b'&', b'%', b'\\', &bytes[at..]).map(|sign| at + sign);
        if printable.is_some_and(|next| next < at) {
            printable = quoted_printable(bytes, at);
        }
        let Some(next) = sign.into_iter().chain(printable).min() else { break };
        at = next;
        let Some((text, length)) = escape(&bytes[at..]) else {
            at += 1;
            continue;
        };
        plain.extend_from_slice(&bytes[copied..at]);
        plain.extend_from_slice(text.as_bytes());
        at += length;
        copied = at;
    }
    if copied == 0 {
        return None;
    }
    plain.extend_from_slice(&bytes[copied..]);
    Some(plain)
}

/// What the escape at the beginning of these bytes says, and how long it is.
fn escape(bytes: &[u8]) -> Option<(String, usize)> {
    match bytes {
        [b'&', b'#', ..] => numeric(bytes),
        [b'&', rest @ ..] => {
            let end = rest.iter().take(LONGEST).position(|&byte| byte == b';')?;
            Some((named(str::from_utf8(&rest[..end]).ok()?)?, end + 2))
        }
        [b'%', ..] => octets(bytes, b"%", 16, 2).map(pair),
        [b'\\', b'u', digits @ ..] => coded(digits.get(..4)?).map(|c| (c.to_string(), 6)),
        [b'\\', b'x', ..] => octets(bytes, b"\\x", 16, 2).map(pair),
        // Fewer are values of numbers, or a measure.
        [b'\\', b'0'..=b'3', ..] => octets(bytes, b"\\", 8, 3).filter(|(.., count)| *count > 2).map(pair),
        [b'=', ..] => octets(bytes, b"=", 16, 2).filter(|(.., count)| *count > 1).map(pair),
        _ => None,
    }
}

fn pair((text, length, _): (String, usize, usize)) -> (String, usize) {
    (text, length)
}

/// Where the next two bytes in quoted-printable begin, `=C3=B6`.
fn quoted_printable(bytes: &[u8], from: usize) -> Option<usize> {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let two = |at: usize| digit(at + 1) && digit(at + 2);
    memchr::memchr_iter(b'=', bytes.get(from..)?)
        .map(|at| from + at)
        .find(|&at| two(at) && bytes.get(at + 3) == Some(&b'=') && two(at + 3))
}

/// A character by its number; readers are content without the semicolon (HTML 13.2.5.80).
fn numeric(bytes: &[u8]) -> Option<(String, usize)> {
    let (start, radix) = if matches!(bytes.get(2)?, b'x' | b'X') { (3, 16) } else { (2, 10) };
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let length = bytes[start..].iter().take(LONGEST).take_while(|byte| is_digit(byte)).count();
    let digits = str::from_utf8(&bytes[start..start + length]).ok()?;
    let c = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    let end = start + length;
    Some((c.to_string(), end + usize::from(bytes.get(end) == Some(&b';'))))
}

/// A character by its name: the five of XML, and the letters with accents of HTML.
fn named(name: &str) -> Option<String> {
    let whole = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => " ",
        "szlig" => "ß",
        "aelig" => "æ",
        "AElig" => "Æ",
        "oelig" => "œ",
        "OElig" => "Œ",
        "oslash" => "ø",
        "Oslash" => "Ø",
        "lstrok" => "ł",
        "Lstrok" => "Ł",
        "eth" => "ð",
        "ETH" => "Ð",
        "thorn" => "þ",
        "THORN" => "Þ",
        "inodot" | "imath" => "ı",
        _ => "",
    };
    if !whole.is_empty() {
        return Some(whole.to_owned());
    }
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let mark = match &name[1..] {
        "grave" => '\u{300}',
        "acute" => '\u{301}',
        "circ" => '\u{302}',
        "tilde" => '\u{303}',
        "macr" => '\u{304}',
        "breve" => '\u{306}',
        "dot" => '\u{307}',
        "uml" => '\u{308}',
        "ring" => '\u{30A}',
        "dblac" => '\u{30B}',
        "caron" => '\u{30C}',
        "cedil" => '\u{327}',
        "ogon" => '\u{328}',
        _ => return None,
    };
    Some([letter, mark].into_iter().nfc().collect())
}

/// Bytes as a sign and digits each, as many as follow each other: UTF-8, else Latin-1. Says how long they are, and how
/// many.
fn octets(bytes: &[u8], sign: &[u8], radix: u32, digits: usize) -> Option<(String, usize, usize)> {
    let step = sign.len() + digits;
    let octet = |at: usize| {
        let digits = bytes.get(at..at + step)?.strip_prefix(sign)?;
        let number = |number: u32, digit: &u8| Some(number * radix + char::from(*digit).to_digit(radix)?);
        u8::try_from(digits.iter().try_fold(0, number)?).ok()
    };
    let octets: Vec<u8> = (0..).step_by(step).map_while(octet).collect();
    if octets.is_empty() {
        return None;
    }
    let count = octets.len();
    let text = String::from_utf8(octets);
    let text = text.unwrap_or_else(|error| error.as_bytes().iter().copied().map(char::from).collect());
    Some((text, step * count, count))
}

/// The character of these hexadecimal digits.
fn coded(digits: &[u8]) -> Option<char> {
    let number = |number: u32, digit: &u8| Some(number << 4 | char::from(*digit).to_digit(16)?);
    char::from_u32(digits.iter().try_fold(0, number)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        for (text, plain) in [
            ("&#76;agrange", "Lagrange"),
            ("Lagr&#X61;nge &#x4f;dette", "Lagrange Odette"),
            ("Lagr&#97nge", "Lagrange"),
            ("=?utf-8?Q?=4C=61gr=C3=A4nge?=", "=?utf-8?Q?Lagränge?="),
            ("M=C3=BCller", "Müller"),
            (r"M\xc3\xbcller", "Müller"),
            (r"\114\141\147range", "Lagrange"),
            ("J&#246;rg J&ouml;rg J%C3%B6rg J%F6rg J\\u00f6rg J\\xf6rg", "Jörg Jörg Jörg Jörg Jörg Jörg"),
            ("&Scaron;im&#x10D; &lstrok;", "Šimč ł"),
            ("&amp;#76; &amp;amp;#76; %2576", "L L v"),
            ("&lt;&quot;&apos;&gt;", "<\"'>"),
        ] {
            assert_eq!(unescaped_text(text), plain);
        }
    }

    #[test]
    fn what_is_no_escape_is_none() {
        for text in [
            "",
            "50% oxygen",
            "T1&T2",
            "A&B; C",
            "100%",
            "%G1",
            "&;",
            "&#;",
            "&#xFFFFFFFFF;",
            "C:\\usr",
            "TE=30 TR=20",
            r"1\120\130",
        ] {
            assert!(unescaped(text.as_bytes()).is_none(), "{text}");
        }
        let deep = format!("%{}76", "25".repeat(10));
        assert!(!unescaped(deep.as_bytes()).unwrap().whole);
        assert!(unescaped(b"\xFF%4C").unwrap().bytes == b"\xFFL");
    }
}
