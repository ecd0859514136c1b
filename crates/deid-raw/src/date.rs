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
    let text = text.trim().trim_start_matches(['/', 'T', ' ']);
    text.is_empty() || is_clock(text)
}

/// Whether a text is a time of day: hours, minutes and seconds of a clock, and what is behind them (PS3.5 6.2: TM, DT).
pub(crate) fn is_time_of_day(text: &str) -> bool {
    is_clock(text.trim())
}

fn is_clock(text: &str) -> bool {
    let text = text.strip_prefix('T').unwrap_or(text);
    let text = text.strip_suffix('Z').unwrap_or(text);
    // A time zone of four digits.
    let (clock, zone) = text.split_once(['+', '-']).unwrap_or((text, ""));
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let digits =
        |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = match whole.as_bytes() {
        plain if plain.iter().all(u8::is_ascii_digit) && matches!(plain.len(), 2 | 4 | 6) => {
            (0..plain.len() / 2).map(|part| &whole[2 * part..2 * part + 2]).collect()
        }
        _ => whole.split(':').collect(),
    };
    let below = |part: &str, end: u8| {
        (1..=2).contains(&part.len()) && digits(part, 2) && part.parse::<u8>().is_ok_and(|part| part < end)
    };
    let zone = zone.replace(':', "");
    (zone.is_empty() || zone.len() == 4 && digits(&zone, 4))
        && digits(fraction, 9)
        && (parts.len() >= 2 || whole.len() == 2)
        && parts.len() <= 3
        // A leap second is the sixty-first.
        && parts.iter().zip([24, 60, 61]).all(|(part, end)| below(part, end))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_a_clock() {
        for text in
            ["101112", "101112.578000", "10:11:12", "9:05:03.12", "1011", "10:11", "101112+0100", "T101112Z"]
        {
            assert!(is_time_of_day(text), "{text}");
        }
        for text in [" / 10:11:12", "T10:11:12.5", " 10:11:12", ""] {
            assert!(is_time(text), "{text}");
        }
        for text in
            ["943 476 5919", "9434765919", "555482", "251112", "10-11-12", "061234", "1", "", "20200304"]
        {
            assert_eq!(is_time_of_day(text), text == "061234", "{text}");
        }
    }
}
