//! What a private value really is: its VR says little, and nobody checked it.

use crate::plan::numbers::{binary, size};
use deid_dicom::{Encoding, Vr, value};
use std::fmt::Write as _;

/// The numbers of a value, binary or decimal text; `None` if it is anything else.
pub(super) fn numbers(vr: Vr, bytes: &[u8], encoding: Encoding) -> Option<Vec<f64>> {
    let Some(size) = size(vr) else {
        if !vr.is_text() {
            return None;
        }
        return value::split(bytes).filter(|part| !part.is_empty()).map(decimal).collect();
    };
    if !bytes.len().is_multiple_of(size) || is_words(bytes) || is_packed(bytes) {
        return None;
    }
    if size == 2 && is_wide(bytes, vr == Vr::OW) {
        return None;
    }
    Some(binary(vr, bytes, encoding).collect())
}

/// A decimal number as DS and IS have it (PS3.5 6.2), longer than they allow, too: vendors write doubles in full.
fn decimal(part: &[u8]) -> Option<f64> {
    if part.len() > 64 {
        return None;
    }
    let text = std::str::from_utf8(part).ok()?;
    let form = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.bytes().all(form) || ["nan", "-nan", "inf", "-inf"].contains(&text.to_ascii_lowercase().as_str())
    {
        return text.parse().ok();
    }
    None
}

/// Whether binary numbers are a text in disguise: nothing but the signs of names with a word among them, or a long
/// word somewhere. Four bytes of one number cannot be told from letters.
fn is_words(bytes: &[u8]) -> bool {
    // What all of these want is at least so many signs in a row, and in numbers there are seldom as many.
    if longest_run(bytes) < 6 {
        return false;
    }
    let text = value::trim(bytes);
    let sign =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'^' | b'.' | b',' | b'-' | b'_');
    let word = |length| {
        text.split(|byte| !byte.is_ascii_alphabetic())
            .any(|word| word.len() >= length && word.iter().any(|byte| *byte != word[0]))
    };
    // Eight bytes of nothing but digits and what stands between them: a date, a number of the patient.
    let digits = || text.split(|byte| !byte.is_ascii_digit()).any(|digits| digits.len() >= 6);
    let month = || word(3) && std::str::from_utf8(text).is_ok_and(deid_vendor::has_month_and_year);
    (text.len() >= 6 && text.iter().all(sign) && (word(4) || month()))
        || word(10)
        || has_name(bytes)
        || has_date(bytes)
        || text.len() >= 8
            && text.iter().all(|byte| sign(byte) || matches!(byte, b'/' | b':' | b'+'))
            && digits()
        || is_dialled(text)
}

/// The longest run of signs that words, dates and telephone numbers are made of.
fn longest_run(bytes: &[u8]) -> usize {
    static SIGNS: [bool; 256] = {
        let mut signs = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            signs[byte as usize] = byte.is_ascii_alphanumeric()
                || matches!(byte, b' ' | b'^' | b'.' | b',' | b'-' | b'_' | b'/' | b':' | b'+')
                || matches!(byte, b'(' | b')' | b'#' | b'*');
            byte += 1;
        }
        signs
    };
    let (mut longest, mut run) = (0, 0);
    for byte in bytes {
        run = if SIGNS[usize::from(*byte)] { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Whether words as names are written stand together among whatever bytes: `Vukovic Tvrtko`. In many numbers letters
/// stand side by side by chance, seldom so many and all small.
fn has_name(bytes: &[u8]) -> bool {
    let (shortest, letters) = if bytes.len() <= 512 { (8, 6) } else { (12, 9) };
    let sign =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'^' | b'.' | b',' | b'-' | b'_');
    let is_word = |word: &&[u8]| {
        let rest = &word[word.len().min(1)..];
        let alike = rest.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase);
        word.len() >= 3 && alike && rest.iter().any(|byte| *byte != rest[0])
    };
    let runs = bytes.split(|byte| !sign(byte)).filter(|run| run.len() >= shortest);
    runs.map(|run| {
        run.split(|byte| !byte.is_ascii_alphabetic()).filter(is_word).map(<[u8]>::len).sum::<usize>()
    })
    .any(|count| count >= letters)
}

/// Whether bytes are nothing but groups of digits, seven or more together, as a telephone number has them.
fn is_dialled(text: &[u8]) -> bool {
    let sign = |byte: &u8| byte.is_ascii_digit() || b" ()+-./#*".contains(byte);
    text.len() >= 8
        && text.iter().all(sign)
        && text.iter().filter(|byte| byte.is_ascii_digit()).count() >= 7
        && text.iter().any(|byte| *byte != text[0])
}

/// Whether a compressed stream begins here, or behind a length: gzip, zip.
fn is_packed(bytes: &[u8]) -> bool {
    let begins = |bytes: &[u8]| bytes.starts_with(&[0x1F, 0x8B, 8]) || bytes.starts_with(b"PK\x03\x04");
    begins(bytes) || bytes.get(4..).is_some_and(begins)
}

/// Whether words, or dates alone, are written in two bytes a letter: small numbers may be letters by chance.
fn is_wide(bytes: &[u8], words: bool) -> bool {
    let dated = |text: &[u8]| std::str::from_utf8(text).is_ok_and(deid_vendor::has_month_and_year);
    let tells = |text: &[u8]| if words { is_words(text) } else { has_date(text) || dated(text) };
    (0..2).any(|order| {
        let narrow = || bytes.chunks_exact(2).map(|two| (two[order], two[1 - order]));
        narrow().all(|(_, high)| high == 0) && tells(&narrow().map(|(low, _)| low).collect::<Vec<_>>())
    })
}

/// Whether digits and signs of a date, `14.03.1961`, stand together among whatever bytes.
fn has_date(bytes: &[u8]) -> bool {
    let sign = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'/');
    bytes
        .split(|byte| !sign(byte))
        .filter(|run| run.len() >= 8)
        .any(|run| std::str::from_utf8(run).is_ok_and(deid_vendor::has_numeric_date))
}

/// The integers of six digits or more, as text that a search for identifiers can look through.
pub(super) fn long_integers(numbers: &[f64]) -> String {
    let mut text = String::new();
    for number in numbers.iter().filter(|number| number.abs() >= 1e5 && number.abs() < 1e16) {
        if number.fract() == 0.0 {
            let _ = write!(text, "{:.0} ", number.abs());
        }
    }
    text
}

/// Whether a number is a day of the years 1900 to 2099, as YYYYMMDD.
pub(super) fn is_date(number: f64) -> bool {
    let (month, day) = ((number / 100.0).floor() % 100.0, number % 100.0);
    number.fract() == 0.0
        && (19_000_101.0..=20_991_231.0).contains(&number)
        && (1.0..=12.0).contains(&month)
        && (1.0..=31.0).contains(&day)
}

/// Whether a number may be a date or an identifier: a whole number of eight to fifteen digits. Dates as YYYYMMDD or
/// seconds since 1970 have that, telephone numbers, and most numbers of patients and studies. Larger ones, as unset
/// values of 1.7e38, are none of these.
pub(super) fn may_identify(number: f64) -> bool {
    (1e7..1e15).contains(&number.abs()) && (number.fract() == 0.0 || number.abs() < 1e8)
}

/// Whether a dictionary's name says that an element is about a person, a day, a place or a device.
pub(super) fn names_an_identifier(name: &str) -> bool {
    const WORDS: [&str; 34] = [
        "accession",
        "address",
        "age",
        "birth",
        "checksum",
        "city",
        "date",
        "datetime",
        "exam",
        "gender",
        "height",
        "hospital",
        "host",
        "id",
        "identification",
        "identifier",
        "ident",
        "institution",
        "medical",
        "operator",
        "patient",
        "phone",
        "physician",
        "record",
        "serial",
        "sex",
        "site",
        "station",
        "study",
        "subject",
        "uid",
        "user",
        "weight",
        "zip",
    ];
    name.split(|c: char| !c.is_ascii_alphabetic())
        .flat_map(camel_words)
        .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// `UsedPatientWeight` as three words.
fn camel_words(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|&at| at == 0 || bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase())
        .chain([bytes.len()])
        .collect();
    (1..starts.len()).map(move |at| &name[starts[at - 1]..starts[at]])
}

/// Whether each value is UIDs or empty.
pub(super) fn are_uids(bytes: &[u8]) -> bool {
    value::split(bytes).all(|uid| uid.is_empty() || value::is_uid(uid))
}

/// Whether a value is short printable ASCII each of whose parts the caller knows.
pub(super) fn is_code(bytes: &[u8], mut known: impl FnMut(&str) -> bool) -> bool {
    let text = value::trim(bytes);
    let sign = |byte: &u8| (0x20..0x7F).contains(byte) && !matches!(byte, b'^' | b'@');
    if text.len() > 4096 || !text.iter().all(sign) || is_encoded(text) {
        return false;
    }
    value::split(text).all(|part| {
        let fits = |part: &str| decimal_code(part) || known(part) && !deid_vendor::has_glued_date(part);
        part.len() <= 128 && std::str::from_utf8(part).is_ok_and(fits)
    })
}

/// Whether bytes can be a text: UTF-16 and what else has control characters within is none.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let allowed = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    let text = value::trim(bytes);
    text.iter().all(|byte| allowed(byte) || *byte >= 0x20 && *byte != 0x7F) && !is_encoded(text)
}

/// Whether text in base64 stands in a value.
fn is_encoded(text: &[u8]) -> bool {
    deid_vendor::is_encoded(&String::from_utf8_lossy(text))
}

/// Whether a value that no format is known for may be kept as the samples of a spectrum: 32-bit numbers of a size that
/// a receiver gives, with no word among them.
pub(super) fn are_samples(bytes: &[u8], encoding: Encoding) -> bool {
    let usual = |number: f64| number == 0.0 || (1e-12..1e12).contains(&number.abs());
    numbers(Vr::FL, bytes, encoding)
        .is_some_and(|numbers| !numbers.is_empty() && numbers.into_iter().all(usual))
}

/// Whether something readable may stand in bytes of unknown format: a few letters in a row, also of two bytes each, or
/// the beginning of a compressed stream.
pub(super) fn is_readable(bytes: &[u8]) -> bool {
    let part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'^' | b'-' | b'.' | b' ' | b'/' | b':');
    let mut row = 0;
    let plain = bytes.iter().any(|byte| {
        row = if part(byte) || *byte >= 0xC0 { row + 1 } else { 0 };
        row >= 5
    });
    let wide = |offset: usize| {
        let mut run = 0;
        bytes.get(offset..).unwrap_or_default().chunks_exact(2).any(|two| {
            let letter = two[1] == 0 && part(&two[0]) || two[0] == 0 && part(&two[1]);
            run = if letter { run + 1 } else { 0 };
            run >= 4
        })
    };
    let packed = bytes
        .windows(2)
        .any(|two| matches!(two, [0x1F, 0x8B] | [0x78, 0x01 | 0x5E | 0x9C | 0xDA] | [b'P', b'K']));
    packed || plain || wide(0) || wide(1)
}

/// A number where a code is due, too small for a date or an identifier.
fn decimal_code(part: &str) -> bool {
    part.is_empty() || decimal(part.as_bytes()).is_some_and(|number| number.abs() < 1e6)
}

/// Whether a code has neither a word nor a number of four digits, as `X_1_1_4_1`: no name, no date.
pub(super) fn is_plain_code(part: &str) -> bool {
    let longest = |of: fn(u8) -> bool| part.as_bytes().split(|&byte| !of(byte)).map(<[u8]>::len).max();
    part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'*' | b'+' | b';' | b'='))
        && longest(|byte| byte.is_ascii_alphabetic()) <= Some(2)
        && longest(|byte| byte.is_ascii_digit()) <= Some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITTLE: Encoding = Encoding::ExplicitLittle;

    #[test]
    fn texts_are_no_numbers_whatever_their_bytes() {
        for (vr, bytes) in [
            (Vr::SS, &b"2019/05/27"[..]),
            (Vr::FL, b"\x0A\0\0\x0014.03.1961\0\0"),
            (Vr::US, b"1961-03-14"),
            (Vr::FD, b"(555) 482-1993  "),
            (Vr::SS, b"555 4821 993"),
            (Vr::SS, b"27 May 2019 "),
            (Vr::OW, b"M\0a\0y\0 \x002\x007\0,\0 \x002\x000\x001\x009\0"),
            (Vr::OW, b"M\0a\0y\0 \x002\x007\0,\0 \x002\x000\x001\x009\0Q\0u\0a\0s\0"),
            (Vr::FL, b"\x1F\x8B\x08\0\0\0\0\0\x02\xFF\x01\x02"),
            (Vr::FL, b"\x08\0\0\0PK\x03\x04\0\0\0\0"),
        ] {
            assert_eq!(numbers(vr, bytes, LITTLE), None, "{bytes:?}");
        }
        // A name among numbers, in few of them and in many.
        for (length, at) in [(48_usize, 8_usize), (48, 13), (4096, 2001)] {
            let numbers_of = |bytes: &[u8]| numbers(Vr::FL, bytes, LITTLE);
            let floats: Vec<u8> =
                (0..length / 4).flat_map(|n| (n as f32 * 0.37 - 9.0).to_le_bytes()).collect();
            assert!(numbers_of(&floats).is_some());
            for name in ["Vukovic Tvrtko 12345", "VUKOVIC^TVRTKO"] {
                let mut planted = floats.clone();
                planted[at..at + name.len()].copy_from_slice(name.as_bytes());
                assert_eq!(numbers_of(&planted), None, "{length} {name}");
            }
        }
        let slices: Vec<u8> = (0..64_u16).flat_map(u16::to_le_bytes).collect();
        assert!(numbers(Vr::OW, &slices[..60], LITTLE).is_some());
    }

    #[test]
    fn numbers_are_read_in_their_byte_order() {
        assert_eq!(numbers(Vr::SS, &[0xFF, 0xFF, 2, 0], LITTLE), Some(vec![-1.0, 2.0]));
        assert_eq!(numbers(Vr::SS, &[0, 2], Encoding::ExplicitBig), Some(vec![2.0]));
        assert_eq!(numbers(Vr::FD, &1.5f64.to_le_bytes(), LITTLE), Some(vec![1.5]));
        assert_eq!(numbers(Vr::DS, b" 1.5\\-2e3\\ ", LITTLE), Some(vec![1.5, -2000.0]));
        assert_eq!(numbers(Vr::LO, b"10 ", LITTLE), Some(vec![10.0]));
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert_eq!(numbers(Vr::US, &[1, 2, 3], LITTLE), None);
        assert_eq!(numbers(Vr::FD, b"Doe^Jane", LITTLE), None);
        assert_eq!(numbers(Vr::US, b"SMITH JOHN", LITTLE), None);
        assert_eq!(numbers(Vr::FL, b"\x01\x02\x03\x04Featherstone", LITTLE), None);
        for text in ["1.5 mm", "Doe", "1e5x", "infinity", "0x10", "--1"] {
            assert_eq!(numbers(Vr::DS, text.as_bytes(), LITTLE), None, "{text}");
        }
        assert_eq!(numbers(Vr::SQ, &[0; 8], LITTLE), None);
    }

    #[test]
    fn dates_and_identifiers_may_identify() {
        for number in [19_570_423.0, 1_537_271_295.0, 27_018_123.0, 20_190_704.5, -12_345_678.0] {
            assert!(may_identify(number), "{number}");
        }
        for number in [0.0, 9_999_999.0, 1.7e38, 127_752_559.25, f64::NAN] {
            assert!(!may_identify(number), "{number}");
        }
        assert!(is_date(19_570_423.0) && is_date(20_991_231.0));
        assert!(
            !is_date(19_571_323.0) && !is_date(19_570_400.0) && !is_date(61_010_002.0) && !is_date(f64::NAN)
        );
        assert_eq!(long_integers(&[1.0, 123_456.0, -7_654_321.0, 0.5]), "123456 7654321 ");
    }

    #[test]
    fn names_of_a_dictionary_tell() {
        for name in
            ["PET patient_id", "UsedPatientWeight", "Series Record checksum", "Exam number", "scan Date"]
        {
            assert!(names_an_identifier(name), "{name}");
        }
        for name in ["Images per cardiac cycle", "Acquisition Duration", "Slice spacing", "Averages", ""] {
            assert!(!names_an_identifier(name), "{name}");
        }
    }

    #[test]
    fn plain_codes_hold_no_word() {
        assert!(is_plain_code("X_1_1_1_1_1_160_1_1_277"));
        assert!(!is_plain_code("X_2019") && !is_plain_code("Doe") && !is_plain_code("12.03.85"));
        assert!(is_code(b"0\\10000\\ ", |_| false) && !is_code(b"DOE^JANE", |_| true));
        assert!(!is_code(b"20190704", |_| false));
    }
}
