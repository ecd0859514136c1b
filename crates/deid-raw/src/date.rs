//! Dates and times as headers write them, taken apart and put together again.

use crate::Judge;
use deid_dicom::Tag;

/// A date found at the beginning of a text.
struct Found<'a> {
    /// `YYYYMMDD`.
    digits: String,
    /// The sign between its parts, if there is one.
    sign: Option<char>,
    /// Whether the day comes first.
    day_first: bool,
    /// What stands behind it.
    rest: &'a str,
}

fn find(text: &str) -> Option<Found<'_>> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        bytes.get(from..to).filter(|part| part.iter().all(u8::is_ascii_digit)).map(|_| &text[from..to])
    };
    let sign = |at: usize| bytes.get(at).copied().filter(|byte| matches!(byte, b'.' | b'-' | b'/' | b':'));
    let plain = digits(0, 8).map(|date| (date.to_owned(), None, false, 8));
    let year_first = || {
        let sign = sign(4).filter(|first| sign(7) == Some(*first))?;
        let date = [digits(0, 4)?, digits(5, 7)?, digits(8, 10)?].concat();
        Some((date, Some(char::from(sign)), false, 10))
    };
    let day_first = || {
        let sign = sign(2).filter(|first| sign(5) == Some(*first))?;
        let date = [digits(6, 10)?, digits(3, 5)?, digits(0, 2)?].concat();
        Some((date, Some(char::from(sign)), true, 10))
    };
    let (date, sign, day_first, end) = plain.or_else(year_first).or_else(day_first)?;
    let rest = text.get(end..)?;
    // A longer number is no date.
    if rest.starts_with(|c: char| c.is_ascii_digit()) && sign.is_some() {
        return None;
    }
    Some(Found { digits: date, sign, day_first, rest })
}

/// The date at the beginning of a text, as `YYYYMMDD`.
pub(crate) fn digits(text: &str) -> Option<String> {
    find(text.trim()).map(|found| found.digits)
}

/// Whether what stands behind a date is a time and nothing else.
fn is_time(text: &str) -> bool {
    text.len() <= 24
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ' ' | '/' | '+' | '-' | 'T' | 'Z' | ','))
}

/// Whether a text is a time of day: digits and the signs between them.
pub(crate) fn is_time_of_day(text: &str) -> bool {
    is_time(text) && text.bytes().filter(u8::is_ascii_digit).count() <= 12 && digits_of_a_date(text).is_none()
}

fn digits_of_a_date(text: &str) -> Option<()> {
    text.contains(['-', '/']).then_some(())
}

/// A date with or without a time behind it, by the profile's rule for the attribute; in the form it had. Empty if
/// nothing of it may stay, or if it is no complete date.
pub(crate) fn judge(judge: &dyn Judge, tag: Tag, text: &str) -> String {
    let Some(found) = find(text).filter(|found| is_time(found.rest)) else { return String::new() };
    let Some(new) = judge.date(tag, &found.digits).filter(|new| new.len() == 8 && new.is_ascii()) else {
        return String::new();
    };
    let (year, month, day) = (&new[..4], &new[4..6], &new[6..]);
    let date = match found.sign {
        None => new.clone(),
        Some(sign) if found.day_first => format!("{day}{sign}{month}{sign}{year}"),
        Some(sign) => format!("{year}{sign}{month}{sign}{day}"),
    };
    date + found.rest
}
