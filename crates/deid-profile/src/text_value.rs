//! Texts that are written into elements: whether a VR allows them.
//!
//! For values that a user or a profile puts in place of others, so that no file is written that others cannot read.

use deid_dicom::{Vr, value};

/// Whether this is a value of that VR (PS3.5 6.2), or several with backslashes between; an empty one always is. Of a
/// VR that holds no text none is.
pub fn suits(vr: Vr, text: &str) -> bool {
    if !vr.is_text() {
        return text.is_empty();
    }
    let longest = match vr {
        Vr::AE | Vr::SH => 16,
        Vr::LO | Vr::PN => 64,
        Vr::ST => 1024,
        _ => 10_240,
    };
    if matches!(vr, Vr::LT | Vr::ST | Vr::UT) {
        let breaks = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t' | b'\x0c');
        return text.len() <= longest && text.bytes().all(|byte| !byte.is_ascii_control() || breaks(byte));
    }
    text.len() <= 10_240
        && text.bytes().all(|byte| !byte.is_ascii_control())
        && text.split('\\').all(|part| {
            let part = part.trim_matches(' ');
            part.is_empty() || part.len() <= longest && suits_one(vr, part)
        })
}

fn suits_one(vr: Vr, text: &str) -> bool {
    let made_of = |most: usize, allowed: fn(u8) -> bool| text.len() <= most && text.bytes().all(allowed);
    match vr {
        Vr::DA => is_date(text) && text.len() == 8,
        Vr::TM => is_time(text),
        Vr::DT => is_date_time(text),
        Vr::IS => text.len() <= 12 && text.parse::<i32>().is_ok(),
        Vr::DS => {
            let number = made_of(16, |byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            number && text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        Vr::UI => value::is_uid(text.as_bytes()) && !text.contains(".."),
        Vr::AS => {
            text.is_ascii()
                && text.len() == 4
                && is_digits(&text[..3])
                && text.ends_with(['D', 'W', 'M', 'Y'])
        }
        Vr::CS => made_of(16, |byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'_')
        }),
        _ => true,
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `YYYY`, `YYYYMM` or `YYYYMMDD`.
fn is_date(text: &str) -> bool {
    if !is_digits(text) || !matches!(text.len(), 4 | 6 | 8) {
        return false;
    }
    let number = |at: usize| text.get(at..at + 2).and_then(|part| part.parse::<u32>().ok());
    let year: u32 = text[..4].parse().unwrap_or(0);
    let days = match number(4) {
        None | Some(1 | 3 | 5 | 7 | 8 | 10 | 12) => 31,
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        Some(2) => 28,
        Some(_) => return false,
    };
    number(6).is_none_or(|day| (1..=days).contains(&day))
}

/// `HH`, `HHMM`, `HHMMSS`, and with the last also a fraction.
fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let below = |at: usize, limit: u32| {
        whole.get(at..at + 2).is_none_or(|part| part.parse::<u32>().is_ok_and(|number| number < limit))
    };
    is_digits(whole)
        && matches!(whole.len(), 2 | 4 | 6)
        && below(0, 24)
        && below(2, 60)
        && below(4, 61)
        && fraction.is_none_or(|fraction| {
            whole.len() == 6 && (1..=6).contains(&fraction.len()) && is_digits(fraction)
        })
}

/// A date, behind a whole one a time, and an offset from UTC.
fn is_date_time(text: &str) -> bool {
    let (text, zone) = text.find(['+', '-']).map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
    let (date, time) = text.split_at(text.len().min(8));
    let zone = zone.is_none_or(|zone| zone.len() == 4 && is_digits(zone) && is_time(zone));
    is_date(date) && (time.is_empty() || is_time(time)) && zone
}

/// What a value of that VR looks like, in words.
pub const fn form(vr: Vr) -> &'static str {
    match vr {
        Vr::DA => "YYYYMMDD",
        Vr::TM => "HHMMSS, HHMM or HH, and a fraction behind seconds",
        Vr::DT => "YYYYMMDDHHMMSS, or the beginning of it, with a fraction and an offset from UTC",
        Vr::IS => "a whole number",
        Vr::DS => "a number of at most 16 characters",
        Vr::UI => "digits and dots, at most 64",
        Vr::AS => "three digits and D, W, M or Y, like 045Y",
        Vr::CS => "at most 16 of capital letters, digits, blank and underscore",
        Vr::AE | Vr::SH => "at most 16 characters on one line",
        Vr::LO | Vr::PN => "at most 64 characters on one line",
        Vr::ST => "at most 1024 characters",
        _ => "at most 10240 characters, on one line unless it is a text of several",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_their_vr_allows() {
        for (vr, good, bad) in [
            (Vr::DA, &["20240229", ""][..], &["foo", "20230229", "2024", "2024-02-29", "20241301"][..]),
            (Vr::TM, &["10", "1015", "101530.123456"], &["10:15", "2500", "1015.5", "101530."]),
            (
                Vr::DT,
                &["2024", "202402", "20240229", "20240229101530.5+0100", "20240229-0500"],
                &["20240230", "2024022910+1", "202402291", "noon"],
            ),
            (Vr::IS, &["-12", "1\\2", " 7 "], &["1.5", "one", "99999999999"]),
            (Vr::DS, &["-1.5e-3", "2\\3.25"], &["nan", "inf", "1,5", "12345678901234567"]),
            (Vr::UI, &["1.2.840.10008"], &["1.2.x", "12", "1..2"]),
            (Vr::AS, &["045Y", "003M"], &["45Y", "045y", "0450", "abcY"]),
            (Vr::CS, &["ORIGINAL\\PRIMARY", "A_1 B"], &["mr", "A-B", "ABCDEFGHIJKLMNOPQ"]),
            (Vr::SH, &["a;b"], &["a sentence of 20 chars", "a\nb"]),
            (Vr::LT, &["line\nline \\ line"], &["\u{1b}[2J"]),
        ] {
            assert!(good.iter().all(|text| suits(vr, text)), "{vr}: {good:?}");
            for text in bad {
                assert!(!suits(vr, text), "{vr}: {text}");
            }
        }
    }
}
