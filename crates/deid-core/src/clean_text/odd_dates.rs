//! What has the form of a date and is none (`2019-13-45`, `0000-00-00`), dates in Chinese figures, and UUIDs.

use super::dates::{is_day_and_month, is_year, length};
use super::numbers::is_measure;
use super::scan::Scan;
use std::ops::Range;

/// Three numbers in the form of a date that are no day of any calendar here: they were meant to be one.
pub(super) fn malformed(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let [a, b, c] = [at, at + 1, at + 2];
    let sign = scan.gap(b);
    if ![a, b, c].iter().all(|&run| scan.is_digits(run))
        || !matches!(sign, "-" | "." | "/")
        || scan.gap(c) != sign
        || scan.is_gone(a)
    {
        return None;
    }
    let zeros = |run: usize| scan.runs[run].folded.bytes().all(|digit| digit == b'0');
    let lengths = [a, b, c].map(|run| length(scan, run));
    let year = match lengths {
        [4, 2, 2] => a,
        [2, 2, 4] => c,
        _ => return None,
    };
    let others = [a, b, c].into_iter().filter(|&run| run != year);
    let none = others.clone().all(zeros);
    // 2000/30/90 and 2048-64-32 are parameters.
    let number = scan.runs[year].number().unwrap_or(0);
    let parameter = number.is_multiple_of(100) || matches!(number, 2048 | 1920);
    let plausible = zeros(year) && (none || is_day_and_month(scan, b, if year == a { c } else { a }))
        || is_year(scan, year) && (none || !parameter);
    let goes_on = at > 0 && scan.is_digits(at - 1) && scan.gap(at) == sign
        || scan.is_digits(c + 1) && scan.gap(c + 1) == sign;
    let apart = scan.word_of(a).start == a && scan.word_of(c).end == c + 1;
    (plausible && apart && !goes_on && !is_measure(scan, a, c)).then_some((a, c + 1))
}

/// `2019-04-XX`, `XX.04.2019`, `20XX-04-03`: a date of which somebody left a part open.
pub(super) fn open(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let [a, b, c] = [at, at + 1, at + 2];
    let sign = scan.gap(b);
    if c >= scan.runs.len() || !matches!(sign, "-" | "." | "/") || scan.gap(c) != sign || scan.is_gone(a) {
        return None;
    }
    let left_open = |run: usize| {
        matches!(scan.letters(run), "xx" | "x" | "yy" | "dd" | "mm" | "nn" | "xxxx" | "yyyy" | "jjjj")
    };
    let part = |run: usize| scan.is_digits(run) && length(scan, run) <= 2 && length(scan, run) > 0;
    let year = |run: usize| is_year(scan, run);
    let parts = [a, b, c];
    let open = parts.iter().filter(|&&run| left_open(run)).count();
    let years = year(a) && (part(b) || left_open(b)) && (part(c) || left_open(c))
        || year(c) && (part(a) || left_open(a)) && (part(b) || left_open(b));
    let apart = scan.word_of(a).start == a && scan.word_of(c).end == c + 1;
    (years && (1..=2).contains(&open) && apart).then_some((a, c + 1))
}

/// The figures of Chinese, and what stands for them in dates.
fn is_figure(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c) || "〇零○一二三四五六七八九十廿卅元正初".contains(c)
}

/// Dates in the figures of Chinese: `二〇一九年四月三日`, `四月三日`.
pub(super) fn in_chinese(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains(['年', '月']) {
        return found;
    }
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut at = 0;
    while at < chars.len() {
        let mut end = at;
        let mut units = 0;
        let mut long_year = false;
        let mut chinese = false;
        for signs in [&['年'][..], &['月'], &['日', '号', '號']] {
            let figures = chars[end..].iter().take_while(|(_, c)| is_figure(*c)).count();
            let unit = chars.get(end + figures).is_some_and(|(_, c)| signs.contains(c));
            if figures == 0 || !unit {
                continue;
            }
            chinese |= chars[end..end + figures].iter().any(|(_, c)| !c.is_numeric() || *c > '９');
            long_year |= signs[0] == '年' && figures >= 4;
            units += 1;
            end += figures + 1;
        }
        if chinese && (units > 1 || long_year) {
            let last = chars.get(end).map_or(text.len(), |(at, _)| *at);
            // 平成三十一年
            let era: String = chars[at.saturating_sub(2)..at].iter().map(|(_, c)| *c).collect();
            let is_era = matches!(era.as_str(), "平成" | "令和" | "昭和" | "大正" | "民國" | "民国");
            let first = if is_era { chars[at - 2].0 } else { chars[at].0 };
            found.push(first..last);
        }
        at = end.max(at + 1);
    }
    found
}

/// UUIDs (RFC 9562): 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub(super) fn uuids(text: &str) -> Vec<Range<usize>> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at + 36 <= bytes.len() {
        let mut end = at;
        let whole = GROUPS.iter().enumerate().all(|(index, &length)| {
            if index > 0 {
                let sign = bytes.get(end).is_some_and(|sign| matches!(sign, b'-' | b'_'));
                end += 1;
                if !sign {
                    return false;
                }
            }
            let group = bytes.get(end..end + length);
            end += length;
            group.is_some_and(|group| group.iter().all(u8::is_ascii_hexdigit))
        });
        let alone = !at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric())
            && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        if whole && alone {
            found.push(at..end);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}
