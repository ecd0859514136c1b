//! Dates that stand directly behind or before something else, `HEAD14.03.1961` or `SENSEMarch 14, 1961`: whoever looks for
//! dates between words finds none there.

use crate::Judge;
use crate::field::{has_month, has_numeric_date, has_year};
use crate::months::is_month;
use crate::words::words;

/// Whether a date is glued to something else.
pub fn has_date(text: &str) -> bool {
    apart(text).is_some()
}

/// Whether the name of a month and a year stand in a text.
pub fn has_month_and_year(text: &str) -> bool {
    has_year(text) && has_month(text)
}

/// The text with a blank between a date and what it is glued to; `None` if no date is.
pub(crate) fn apart(text: &str) -> Option<String> {
    let mut cuts = numeric_cuts(text);
    if has_year(text) {
        let begins = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let behind_letter = |at: usize| text[..at].chars().next_back().is_some_and(char::is_alphabetic);
        cuts.extend(words(text).filter(|word| is_month(word)).map(begins).filter(|&at| behind_letter(at)));
    }
    if cuts.is_empty() {
        return None;
    }
    cuts.sort_unstable();
    let mut out = text.to_owned();
    for at in cuts.into_iter().rev() {
        out.insert(at, ' ');
    }
    Some(out)
}

/// What a text becomes that was taken apart; nothing if its date was not found even so.
pub(crate) fn cleaned(apart: &str, judge: &dyn Judge) -> String {
    let cleaned = judge.text(apart);
    let dated = || has_numeric_date(&cleaned) || has_year(&cleaned) && has_month(&cleaned);
    if cleaned == apart && dated() { String::new() } else { cleaned }
}

/// Where digits of a date, year, month and day with the same sign between them, touch other digits.
fn numeric_cuts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if end > at {
            runs.push(at..end);
        }
        at = end + 1;
    }
    let mut cuts = Vec::new();
    for three in runs.windows(3) {
        let [a, b, c] = [&three[0], &three[1], &three[2]];
        let joined = b.start == a.end + 1
            && c.start == b.end + 1
            && bytes[a.end] == bytes[b.end]
            && matches!(bytes[a.end], b'.' | b'-' | b'/');
        if !joined || b.len() != 2 || !is_small(&text[b.clone()]) {
            continue;
        }
        // The last digits of what stands before, the first of what stands behind.
        let last = |count: usize| text.get(a.end.checked_sub(count)?.max(a.start)..a.end);
        let first = |count: usize| text.get(c.start..(c.start + count).min(c.end));
        let year_first = last(4).is_some_and(is_year) && first(2).is_some_and(is_small);
        let year_last = last(2).is_some_and(is_small) && first(4).is_some_and(is_year);
        let (before, behind) = match (year_first, year_last) {
            (true, _) => (a.len().saturating_sub(4), c.len().saturating_sub(2)),
            (_, true) => (a.len().saturating_sub(2), c.len().saturating_sub(4)),
            _ => continue,
        };
        if before > 0 {
            cuts.push(a.start + before);
        }
        if behind > 0 {
            cuts.push(c.end - behind);
        }
    }
    cuts
}

fn is_small(digits: &str) -> bool {
    digits.len() == 2 && digits.parse::<u8>().is_ok_and(|number| (1..=31).contains(&number))
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.parse::<u16>().is_ok_and(|number| (1900..2100).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_taken_from_what_they_touch() {
        for (text, left) in [
            ("SENSE114.03.1961", Some("SENSE1 14.03.1961")),
            ("3.01961-03-14", Some("3.0 1961-03-14")),
            ("1961/03/147", Some("1961/03/14 7")),
            ("MMay 27, 2019", Some("M May 27, 2019")),
            ("PERFUSIONMarch 14, 1961", Some("PERFUSION March 14, 1961")),
            ("HEADOkt 12 1968", Some("HEAD Okt 12 1968")),
            ("14.03.1961", None),
            ("March 14, 1961", None),
            ("1.2.3.4", None),
            ("0.123.4567", None),
            ("Margin 2000", None),
        ] {
            assert_eq!(apart(text).as_deref(), left, "{text}");
        }
    }
}
