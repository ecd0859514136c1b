//! An identifier as bytes: in the encodings in which it may be written and in the disguises in which it may hide.

use super::known_dates::{self, date_boundary, is_usual, other_forms};
use super::{Identifier, IdentifierKind, Identifiers};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How far a match must be on its own to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Boundary {
    /// Anywhere.
    None,
    /// No letter or digit on either side.
    Word,
    /// No letter on either side.
    Letters,
    /// No digit on either side.
    Number,
    /// No digit before: digits behind a date are a time.
    Date,
    /// No digit on either side, nor a point or comma with a digit beyond it: no part of a number, version or UID.
    Apart,
    /// The same, and digits behind are a time.
    DateApart,
    /// The same as `Apart`, and no letter on either side.
    Sole,
}

/// What to look for because of an identifier: `add` is given the bytes, how far they must be on their own, and whether
/// they are the text itself, not a disguise of it. `dated` is whether dates of the study are looked for.
pub(super) fn of(identifier: &Identifier, dated: bool, mut add: impl FnMut(Vec<u8>, Boundary, bool)) {
    // They have needles of their own.
    if identifier.kind.is_place() {
        return;
    }
    let text = identifier.text.expose();
    let boundary = boundary(text, identifier.kind);
    if identifier.kind == IdentifierKind::KnownDate {
        if dated {
            let mut forms = Identifiers::default();
            forms.add_date(IdentifierKind::KnownDate, text);
            forms.0.retain(|form| is_usual(form.text.expose()));
            let forms = forms.iter().map(|form| form.text.expose().clone());
            for form in forms.chain(other_forms(text)) {
                let boundary = date_boundary(&form);
                add(form.into_bytes(), boundary, true);
            }
        }
        return;
    }
    let mut forms = vec![text.clone(), text.to_lowercase(), text.to_uppercase(), title_case(text)];
    if !text.is_ascii() {
        // As macOS writes names of files.
        forms.extend(forms.clone().iter().map(|form| form.nfd().collect::<String>()));
    }
    forms.sort_unstable();
    forms.dedup();
    for form in &forms {
        add(form.as_bytes().to_vec(), boundary, true);
        if let Some(latin) = latin1(form) {
            add(latin, boundary, true);
        }
    }
    if !text.is_ascii() {
        for encoding in [encoding_rs::GB18030, encoding_rs::EUC_KR, encoding_rs::SHIFT_JIS] {
            if let Some(bytes) = encoded(encoding, text) {
                add(bytes, Boundary::None, true);
            }
        }
        for (encoding, form) in
            OTHER_ENCODINGS.iter().flat_map(|encoding| forms.iter().map(move |form| (encoding, form)))
        {
            // Two or three bytes stand in others' texts and in numbers by chance.
            if let Some(bytes) = encoded(encoding, form).filter(|bytes| bytes.len() >= 4) {
                add(bytes, Boundary::None, true);
            }
        }
    }
    // Disguises of short words would be found by chance; dates are disguised by nobody.
    let date = matches!(identifier.kind, IdentifierKind::BirthDate | IdentifierKind::StudyDate);
    if date {
        // But for the usual forms in two bytes a letter, which a private value may have.
        let usual = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'/');
        if identifier.kind == IdentifierKind::BirthDate
            && matches!(text.len(), 8 | 10)
            && text.bytes().filter(u8::is_ascii_digit).count() == 8
            && text.bytes().all(usual)
        {
            add(text.encode_utf16().flat_map(u16::to_le_bytes).collect(), Boundary::None, false);
            add(text.encode_utf16().flat_map(u16::to_be_bytes).collect(), Boundary::None, false);
        }
        return;
    }
    if text.chars().count() >= 4 {
        for form in &forms {
            add(form.encode_utf16().flat_map(u16::to_le_bytes).collect(), Boundary::None, false);
            add(form.encode_utf16().flat_map(u16::to_be_bytes).collect(), Boundary::None, false);
        }
    }
    if text.len() >= 5 {
        for form in &forms {
            let hexadecimal: String =
                form.bytes().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect();
            add(hexadecimal.into_bytes(), Boundary::None, false);
            for shift in 0..3 {
                add(base64_core(form.as_bytes(), shift), Boundary::None, false);
            }
        }
    }
}

fn boundary(text: &str, kind: IdentifierKind) -> Boundary {
    let length = text.bytes().filter(u8::is_ascii_alphanumeric).count();
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !text.is_ascii() {
        Boundary::None
    } else if matches!(kind, IdentifierKind::BirthDate | IdentifierKind::StudyDate) {
        // Six digits may be any number, and the end of one with a fraction; eight with a time behind them are a date and time.
        if text.len() == 6
            && !letters
            && kind == IdentifierKind::BirthDate
            && text.bytes().all(|byte| byte.is_ascii_digit())
        {
            Boundary::Apart
        } else if text.len() == 8 && !letters {
            Boundary::Date
        } else {
            Boundary::Number
        }
    } else if !letters {
        if text.len() < 6 { Boundary::Word } else { Boundary::Number }
    } else if length <= 2 || (length <= 4 && text.bytes().any(|byte| byte.is_ascii_digit())) {
        Boundary::Word
    } else if text.len() <= 4 {
        Boundary::Letters
    } else {
        Boundary::None
    }
}

/// Whether a match is on its own as far as it must be.
pub(super) fn stands_alone(bytes: &[u8], range: Range<usize>, boundary: Boundary) -> bool {
    let before = range.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(range.end).copied();
    if matches!(boundary, Boundary::Apart | Boundary::DateApart | Boundary::Sole) {
        return known_dates::stands_apart(bytes, &range, boundary);
    }
    // `Bell’s`: signs of several bytes are no letters.
    let joins = |byte: Option<u8>, sign: bool| {
        !sign
            && byte.is_some_and(|byte| match boundary {
                Boundary::None | Boundary::Apart | Boundary::DateApart | Boundary::Sole => false,
                Boundary::Word => byte.is_ascii_alphanumeric() || byte >= 0x80,
                Boundary::Letters => byte.is_ascii_alphabetic() || byte >= 0x80,
                Boundary::Number | Boundary::Date => byte.is_ascii_digit(),
            })
    };
    !joins(before, ends_in_sign(&bytes[..range.start]))
        && (boundary == Boundary::Date || !joins(after, begins_with_sign(&bytes[range.end..])))
}

/// Whether a character in UTF-8 that is no letter and no digit stands at the end, or an apostrophe, quotation mark or dash of
/// Windows-1252.
fn ends_in_sign(bytes: &[u8]) -> bool {
    let sign = |length: usize| {
        let tail = bytes.len().checked_sub(length).and_then(|start| str::from_utf8(&bytes[start..]).ok());
        tail.and_then(|tail| tail.chars().next()).filter(|c| c.len_utf8() == length)
    };
    match (2..=4).find_map(sign) {
        Some(c) => !c.is_alphanumeric(),
        None => bytes.last().is_some_and(|byte| is_windows_sign(*byte)),
    }
}

/// The same at the beginning.
fn begins_with_sign(bytes: &[u8]) -> bool {
    let sign = |length: usize| {
        let head = bytes.get(..length).and_then(|head| str::from_utf8(head).ok());
        head.and_then(|head| head.chars().next()).filter(|c| c.len_utf8() == length)
    };
    match (2..=4).find_map(sign) {
        Some(c) => !c.is_alphanumeric() && !is_combining_mark(c),
        None => bytes.first().is_some_and(|byte| is_windows_sign(*byte)),
    }
}

fn is_windows_sign(byte: u8) -> bool {
    matches!(byte, 0x85 | 0x91..=0x97 | 0xA0)
}

/// `ИВАНОВ` as `Иванов`.
fn title_case(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &characters.as_str().to_lowercase()
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// Encodings of DICOM's other character sets (PS3.3 C.12.1.1.2) and of the systems of their time.
static OTHER_ENCODINGS: [&encoding_rs::Encoding; 11] = [
    encoding_rs::ISO_8859_2,
    encoding_rs::ISO_8859_3,
    encoding_rs::ISO_8859_4,
    encoding_rs::ISO_8859_5,
    encoding_rs::ISO_8859_6,
    encoding_rs::ISO_8859_7,
    encoding_rs::ISO_8859_8,
    encoding_rs::WINDOWS_874,
    encoding_rs::WINDOWS_1251,
    encoding_rs::WINDOWS_1254,
    encoding_rs::ISO_2022_JP,
];

/// A text as files in another encoding hold it, between the escapes if it needs them.
fn encoded(encoding: &'static encoding_rs::Encoding, text: &str) -> Option<Vec<u8>> {
    let (bytes, _, unmappable) = encoding.encode(text);
    let bytes = if encoding == encoding_rs::ISO_2022_JP {
        bytes.strip_prefix(b"\x1B$B")?.strip_suffix(b"\x1B(B")?
    } else {
        &bytes[..]
    };
    (!unmappable && !bytes.contains(&0x1B)).then(|| bytes.to_vec())
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

/// The base64 characters that depend on `bytes` alone when `shift` bytes precede them in the group of three.
fn base64_core(bytes: &[u8], shift: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let first = (shift * 8).div_ceil(6);
    let last = (shift + bytes.len()) * 8 / 6;
    (first..last)
        .map(|sextet| {
            let bits = (0..6).fold(0, |bits, n| {
                let bit = sextet * 6 + n - shift * 8;
                bits << 1 | usize::from(bytes[bit / 8] >> (7 - bit % 8) & 1)
            });
            ALPHABET[bits]
        })
        .collect()
}
