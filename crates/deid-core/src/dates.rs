//! Dates shifted by whole days (PS3.15 E.3.6, Retain Longitudinal Temporal Information with Modified Dates).
//!
//! One offset per subject, into the past: intervals, order and the times within a day stay. What is no complete date
//! cannot be shifted and is not kept.

use deid_dicom::calendar::{civil, days_in, days_since_epoch, is_day};
use deid_dicom::{Vr, value};

/// A value of DA, DT or TM with its dates moved `days` into the past (into the future if negative); `None` if any of
/// its parts is no complete date or time, or would leave the years 1 to 9999.
///
/// Padding and the way a date is written (`YYYY.MM.DD` of ACR-NEMA) stay.
pub(crate) fn shift(vr: Vr, bytes: &[u8], days: i32) -> Option<Vec<u8>> {
    let mut shifted = Vec::with_capacity(bytes.len());
    for (position, part) in bytes.split(|&byte| byte == b'\\').enumerate() {
        if position > 0 {
            shifted.push(b'\\');
        }
        let trimmed = value::trim(part);
        if trimmed.is_empty() {
            shifted.extend_from_slice(part);
            continue;
        }
        let start = part.iter().position(|byte| !matches!(byte, b' ' | 0)).unwrap_or(0);
        shifted.extend_from_slice(&part[..start]);
        match vr {
            Vr::DA => shift_date(trimmed, days, &mut shifted)?,
            Vr::DT => {
                let (date, rest) = trimmed.split_at_checked(8)?;
                shift_date(date, days, &mut shifted)?;
                is_time_with_zone(rest).then(|| shifted.extend_from_slice(rest))?;
            }
            _ => is_time(trimmed).then(|| shifted.extend_from_slice(trimmed))?,
        }
        shifted.extend_from_slice(&part[start + trimmed.len()..]);
    }
    Some(shifted)
}

/// Years of dates; archives move studies to other decades, not to other centuries.
const YEARS: std::ops::RangeInclusive<i64> = 1901..=2099;

/// Days with which programs begin to count, and which stand for no date: of classic Mac OS, of Unix (also seen from
/// the west), of FAT.
const NO_DATES: [(i64, i64, i64); 4] = [(1904, 1, 1), (1969, 12, 31), (1970, 1, 1), (1980, 1, 1)];

/// Adds a date, moved, to what was moved before.
fn shift_date(text: &[u8], days: i32, out: &mut Vec<u8>) -> Option<()> {
    let (digits, separator) = match *text {
        [y1, y2, y3, y4, s @ (b'.' | b'-' | b'/'), m1, m2, b'.' | b'-' | b'/', d1, d2] => {
            ([y1, y2, y3, y4, m1, m2, d1, d2], Some(s))
        }
        _ => (text.try_into().ok()?, None),
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        digits[range].iter().fold(0i64, |number, digit| number * 10 + i64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    // What stands for no date at all (also 1858-11-17, 1899-12-30, 1900-01-01, 9999-12-31) would give away by how much it moved.
    if NO_DATES.contains(&(year, month, day))
        || !YEARS.contains(&year)
        || !(1..=12).contains(&month)
        || day == 0
        || day > days_in(year, month)
    {
        return None;
    }
    let (year, month, day) = civil(days_since_epoch(year, month, day) - i64::from(days));
    if !(1..=9999).contains(&year) {
        return None;
    }
    let digit = |number: i64| b'0' + (number % 10) as u8;
    out.extend([digit(year / 1000), digit(year / 100), digit(year / 10), digit(year)]);
    out.extend(separator);
    out.extend([digit(month / 10), digit(month)]);
    out.extend(separator);
    out.extend([digit(day / 10), digit(day)]);
    Some(())
}

/// Whether a text is a date that can be moved.
fn is_date(text: &[u8]) -> bool {
    shift_date(text, 0, &mut Vec::new()).is_some()
}

/// A day so many days earlier; `None` if there is no such day, or it is outside the years 1 to 9999.
pub(crate) fn moved(year: i64, month: i64, day: i64, days: i64) -> Option<(i64, i64, i64)> {
    if !is_day(year, month, day) {
        return None;
    }
    let earlier = civil(days_since_epoch(year, month, day).checked_sub(days)?);
    (1..=9999).contains(&earlier.0).then_some(earlier)
}

/// Whether all parts of a value of DA, DT or TM are dates and times: of DT also with the year or the month alone
/// (PS3.5 6.2). What is none may be anything.
pub(crate) fn is_well_formed(vr: Vr, bytes: &[u8]) -> bool {
    value::split(bytes).map(value::trim).filter(|part| !part.is_empty()).all(|part| match vr {
        Vr::TM => is_time(part),
        Vr::DT => {
            let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match part.split_at(digits.min(8)) {
                (date, rest) if date.len() == 8 => is_date(date) && is_time_with_zone(rest),
                (date, rest) => matches!(date.len(), 4 | 6) && is_partial(date) && is_time_with_zone(rest),
            }
        }
        _ => is_date(part),
    })
}

/// A year, or a year and a month.
fn is_partial(digits: &[u8]) -> bool {
    let month = digits.get(4..6);
    digits.iter().any(|digit| *digit != b'0')
        && month.is_none_or(|month| (b"01".as_slice()..=b"12").contains(&month))
}

/// `HH`, `HHMM`, `HHMMSS` or with a fraction; colons as ACR-NEMA has them. A minute may have a leap second.
fn is_time(text: &[u8]) -> bool {
    let (whole, fraction) = match text.iter().position(|&byte| byte == b'.') {
        Some(point) => (&text[..point], &text[point + 1..]),
        None => (text, &[][..]),
    };
    let mut digits = [0; 6];
    let mut count = 0;
    for byte in whole.iter().filter(|byte| **byte != b':') {
        let Some(place) = digits.get_mut(count) else { return false };
        *place = *byte;
        count += 1;
    }
    let digits = &digits[..count];
    let part = |at: usize| {
        let part = digits.get(at..at + 2).unwrap_or(b"00");
        part.iter().fold(0, |number, digit| number * 10 + digit.wrapping_sub(b'0'))
    };
    matches!(digits.len(), 2 | 4 | 6)
        && digits.iter().all(u8::is_ascii_digit)
        && part(0) < 24
        && part(2) < 60
        && part(4) <= 60
        && fraction.len() <= 6
        && fraction.iter().all(u8::is_ascii_digit)
}

fn is_time_with_zone(text: &[u8]) -> bool {
    let (time, zone) = match text.iter().position(|byte| matches!(byte, b'+' | b'-')) {
        Some(sign) => (&text[..sign], &text[sign + 1..]),
        None => (text, &b"0000"[..]),
    };
    let is_zone = zone.len() == 4
        && zone.iter().all(u8::is_ascii_digit)
        && zone <= b"1400".as_slice()
        && zone[2] < b'6';
    (time.is_empty() || is_time(time)) && is_zone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifted(vr: Vr, text: &str, days: i32) -> Option<String> {
        shift(vr, text.as_bytes(), days).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn dates_move_by_whole_days() {
        assert_eq!(shifted(Vr::DA, "20200301", 1).as_deref(), Some("20200229"));
        assert_eq!(shifted(Vr::DA, "20210301", 1).as_deref(), Some("20210228"));
        assert_eq!(shifted(Vr::DA, "20000101\\20000102 ", 365).as_deref(), Some("19990101\\19990102 "));
        assert_eq!(shifted(Vr::DA, "19600614", 14).as_deref(), Some("19600531"));
        assert_eq!(shifted(Vr::DA, "1994.11.05", 5).as_deref(), Some("1994.10.31"));
        assert_eq!(
            shifted(Vr::DT, "20200102120000.000000+0100", 1).as_deref(),
            Some("20200101120000.000000+0100")
        );
        assert_eq!(shifted(Vr::TM, "120000.5", 1).as_deref(), Some("120000.5"));
        assert_eq!(shifted(Vr::DA, "", 1).as_deref(), Some(""));
    }

    #[test]
    fn what_is_no_complete_date_is_not_kept() {
        for text in
            ["2020", "202001", "not-a-date", "***", "20200230", "20201301", "20200101-20200201", "00000000"]
        {
            assert_eq!(shifted(Vr::DA, text, 1), None, "{text}");
        }
        for text in ["2020", "202001", "20200101xx", "20200101120000+1", "20200101-"] {
            assert_eq!(shifted(Vr::DT, text, 1), None, "{text}");
        }
        for text in ["noon", "256199", "106000", "10306", "240000"] {
            assert_eq!(shifted(Vr::TM, text, 1), None, "{text}");
        }
        for text in ["20190304246199", "20190304101530+9900", "20190304101530+0060"] {
            assert_eq!(shifted(Vr::DT, text, 1), None, "{text}");
        }
        for text in ["00010101", "18581117", "19000101", "19040101", "19700101", "99991231"] {
            assert_eq!(shifted(Vr::DA, text, 400), None, "{text}");
        }
    }

    #[test]
    fn values_are_well_formed_or_not() {
        for (vr, text) in [
            (Vr::DA, "20190304"),
            (Vr::DA, "2019.03.04\\20190305 "),
            (Vr::DT, "2019"),
            (Vr::DT, "201903+0100"),
            (Vr::DT, "20190304101530.123456-1200"),
            (Vr::TM, "10:15:30"),
            (Vr::TM, "235960.5 "),
            (Vr::DA, ""),
        ] {
            assert!(is_well_formed(vr, text.as_bytes()), "{text}");
        }
        for (vr, text) in [
            (Vr::DA, "20190230"),
            (Vr::DA, "201903"),
            (Vr::DT, "20190"),
            (Vr::DT, "201913"),
            (Vr::DT, "2019030410x"),
            (Vr::TM, "256199"),
            (Vr::TM, "1"),
        ] {
            assert!(!is_well_formed(vr, text.as_bytes()), "{text}");
        }
    }
}
