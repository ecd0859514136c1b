//! Dates that can be read: where their day, month and year stand, and which days they may be.

use super::calendars::parted;
use super::dates::{birth_after, named, numeric, separator};
use super::months::{is_month, month_of};
use super::numbers::announces_person;
use super::scan::{Scan, Style};
use super::weekdays::is_beside_weekday;
use deid_dicom::calendar::is_day;
use std::ops::Range;

/// A date in a text.
#[derive(Debug)]
pub(super) struct Span {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// Whether it is announced as a birth date.
    pub(super) is_birth: bool,
    /// The year, if it has one of four digits.
    pub(super) year: Option<i64>,
    /// The days it may be, as it is written; one, if it is complete and clear.
    pub(super) readings: Vec<Date>,
    /// The days it may be if its year of two digits is of this century, as `YYYYMMDD`.
    pub(super) short: Vec<String>,
}

/// A day, and where its parts stand, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) places: Vec<(Range<usize>, Part)>,
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    Month,
    Day,
    /// A month in letters.
    MonthName,
}

/// The dates of a text, in order.
pub(super) fn spans(scan: &Scan) -> Vec<Span> {
    let births: Vec<usize> = (0..scan.runs.len()).filter_map(|at| birth_after(scan, at)).collect();
    let mut spans = Vec::new();
    let mut at = 0;
    let mut birth = 0;
    while at < scan.runs.len() {
        let found = compact(scan, at)
            .or_else(|| ideographic(scan, at))
            .or_else(|| numeric(scan, at).map(|(start, end)| in_numbers(scan, start..end)))
            .or_else(|| with_clock(scan, at))
            .or_else(|| named(scan, at).and_then(|(start, end)| with_name(scan, start..end)));
        let Some((runs, mut span)) = found else {
            at += 1;
            continue;
        };
        if span.year.is_none() {
            span.short = short(scan, runs.clone());
        }
        while births.get(birth).is_some_and(|&birth| birth < runs.start) {
            birth += 1;
        }
        let announced = births.get(birth).is_some_and(|birth| runs.contains(birth));
        span.is_birth = announced || scan.gap(runs.start).ends_with('*');
        // It is not clear how to move it: the day of the week would stay.
        if let [date] = &span.readings[..]
            && is_beside_weekday(scan, &runs)
        {
            let date = date.clone();
            span.readings.push(date);
        }
        // One that begins within the one before is part of it.
        if spans.last().is_none_or(|last: &Span| last.range.end <= span.range.start) {
            spans.push(span);
        }
        at = runs.end.max(at + 1);
    }
    spans
}

fn number(scan: &Scan, run: usize) -> Option<i64> {
    let ascii = scan.source(run).bytes().all(|byte| byte.is_ascii_digit());
    scan.runs[run].number().filter(|_| ascii).map(i64::from)
}

/// A date of which the parts stand in these places, if it is one.
fn date(scan: &Scan, parts: [(Range<usize>, Part, i64); 3]) -> Option<Date> {
    let part = |wanted: &[Part]| parts.iter().find(|part| wanted.contains(&part.1)).map(|part| part.2);
    let year = part(&[Part::Year])?;
    let month = part(&[Part::Month, Part::MonthName])?;
    let day = part(&[Part::Day])?;
    let within = parts.iter().all(|part| part.0.end <= scan.text.len());
    (within && is_day(year, month, day)).then(|| Date {
        year,
        month,
        day,
        places: parts.into_iter().map(|(range, part, _)| (range, part)).collect(),
    })
}

fn span(range: Range<usize>, year: Option<i64>, readings: Vec<Date>) -> Span {
    Span { range, is_birth: false, year, readings, short: Vec::new() }
}

/// `20190312`, `20190312103045`, `20190312_103045`.
fn compact(scan: &Scan, at: usize) -> Option<(Range<usize>, Span)> {
    if !scan.is_digits(at) {
        return None;
    }
    let digits = scan.source(at);
    if !matches!(digits.len(), 8 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.len() == 14 && !is_time(&digits[8..]) {
        return None;
    }
    let start = scan.runs[at].range.start;
    let part = |from: usize, to: usize, part| -> Option<(Range<usize>, Part, i64)> {
        Some((start + from..start + to, part, digits[from..to].parse().ok()?))
    };
    let date = date(scan, [part(0, 4, Part::Year)?, part(4, 6, Part::Month)?, part(6, 8, Part::Day)?])?;
    if !(1900..2100).contains(&date.year) {
        return None;
    }
    // Part of a longer number, or the number of a person.
    let joins = |gap: &str| matches!(gap, "-" | "." | "/" | "+");
    let before = at.checked_sub(1);
    if before.is_some_and(|before| {
        scan.is_digits(before) && joins(scan.gap(at))
            || announces_person(scan.letters(before)) && scan.gap(at).len() <= 4
    }) {
        return None;
    }
    let mut end = at + 1;
    let is_clock =
        |run: usize| scan.is_digits(run) && scan.runs[run].folded.len() == 6 && is_time(scan.source(run));
    let apart = |run: usize| {
        scan.word_of(run).end == run + 1 && !(scan.is_digits(run + 1) && joins(scan.gap(run + 1)))
    };
    if matches!(scan.gap(end), "_" | "-" | " " | ".") && is_clock(end) && apart(end) {
        end += 1;
    } else if scan.letters(end) == "t"
        && scan.gap(end).is_empty()
        && scan.gap(end + 1).is_empty()
        && is_clock(end + 1)
    {
        end += 2;
    } else if scan.is_digits(end) && joins(scan.gap(end)) {
        return None;
    }
    let range = scan.bytes_of(at..end);
    Some((at..end, span(range, Some(date.year), vec![date])))
}

/// `HHMMSS`.
fn is_time(digits: &str) -> bool {
    let part = |from: usize| digits.get(from..from + 2).and_then(|part| part.parse::<u32>().ok());
    digits.len() == 6 && part(0) < Some(24) && part(2) < Some(60) && part(4) < Some(61)
}

/// `2019-03-12`, `12.03.2019`, `03/04/2019`, `3/12/19`, `03/2019`.
fn in_numbers(scan: &Scan, runs: Range<usize>) -> (Range<usize>, Span) {
    let range = scan.bytes_of(runs.clone());
    let of = |run: usize| Some((scan.runs[run].range.clone(), number(scan, run)?));
    let four = |run: usize| scan.runs[run].folded.len() == 4;
    let year = runs.clone().find(|&run| four(run)).and_then(|run| number(scan, run));
    let dotted = separator(scan.gap(runs.start + 1)) == Some('.');
    let readings = || {
        let [a, b, c] = [of(runs.start)?, of(runs.start + 1)?, of(runs.start + 2)?];
        let orders: Vec<[Part; 3]> = if four(runs.start) {
            // What follows is a time in the same way.
            let rest: String = (runs.start + 3..runs.end).map(|run| scan.source(run)).collect();
            if !(rest.is_empty() || rest.len() <= 6 && is_time(&format!("{rest:0<6}"))) {
                return None;
            }
            vec![[Part::Year, Part::Month, Part::Day]]
        } else if runs.len() == 3 && four(runs.start + 2) {
            vec![[Part::Day, Part::Month, Part::Year], [Part::Month, Part::Day, Part::Year]]
        } else {
            return None;
        };
        let mut readings: Vec<Date> = orders
            .into_iter()
            .filter_map(|[x, y, z]| {
                date(scan, [(a.0.clone(), x, a.1), (b.0.clone(), y, b.1), (c.0.clone(), z, c.1)])
            })
            .collect();
        // Nobody who writes points writes the month first.
        if dotted && readings.len() == 2 {
            readings.truncate(1);
        }
        Some(readings)
    };
    let readings = if runs.len() >= 3 { readings().unwrap_or_default() } else { Vec::new() };
    (runs, span(range, year, readings))
}

/// `12 March 2019`, `March 12, 2019`, `12-MAR-2019`.
fn with_name(scan: &Scan, runs: Range<usize>) -> Option<(Range<usize>, Span)> {
    let range = scan.bytes_of(runs.clone());
    let month = runs.clone().find_map(|run| month_of(scan.letters(run)).map(|(_, number)| (run, number)));
    let Some((month, number_of_month)) = month else {
        // In a language whose months have no names here: a date that cannot be read.
        let is_year = |run: &usize| scan.is_digits(*run) && scan.runs[*run].folded.len() == 4;
        let year = runs.clone().rev().find(is_year).and_then(|run| number(scan, run));
        return Some((runs, span(range, year, Vec::new())));
    };
    let digits: Vec<usize> = runs.clone().filter(|&run| scan.is_digits(run)).collect();
    let year = digits.iter().copied().find(|&run| scan.runs[run].folded.len() == 4);
    let fillers = runs.clone().filter(|&run| run != month && !scan.is_digits(run));
    // `12th`: the ending would not fit another day.
    let plain = fillers.clone().all(|run| matches!(scan.letters(run), "de" | "del" | "of" | "do"));
    let readable = scan.runs[month].style != Style::Mixed && plain;
    let place = |run: usize, part| Some((scan.runs[run].range.clone(), part, number(scan, run)?));
    let date = match (digits.as_slice(), year) {
        (&[a, b], Some(year)) if readable => {
            let day = if a == year { b } else { a };
            let mut parts = [
                place(day, Part::Day)?,
                (scan.runs[month].range.clone(), Part::MonthName, number_of_month),
                place(year, Part::Year)?,
            ];
            parts.sort_by_key(|part| part.0.start);
            date(scan, parts)
        }
        _ => None,
    };
    let year = year.and_then(|run| number(scan, run));
    Some((runs, span(range, year, date.into_iter().collect())))
}

/// `Jul  4 10:11:12 2019`, `Thu Jul 4 10:11:12 2019`.
fn with_clock(scan: &Scan, month: usize) -> Option<(Range<usize>, Span)> {
    let parted = parted(scan, month)?;
    let place = |run: usize, part| Some((scan.runs[run].range.clone(), part, number(scan, run)?));
    let readings = || {
        let (_, number_of_month) = month_of(scan.letters(month))?;
        let mut parts = [
            (scan.runs[month].range.clone(), Part::MonthName, number_of_month),
            place(parted.day, Part::Day)?,
            place(parted.year, Part::Year)?,
        ];
        parts.sort_by_key(|part| part.0.start);
        let date = date(scan, parts)?;
        // With a day of the week it cannot move.
        let with_weekday = parted.runs.start < month.min(parted.day);
        Some(vec![date; 1 + usize::from(with_weekday)])
    };
    let range = scan.bytes_of(parted.runs.clone());
    let readings = readings().unwrap_or_default();
    let span = span(range, number(scan, parted.year), readings);
    Some((parted.runs, span))
}

/// `12 mars 19`, `19/3/12`: the days that two numbers and a month, or three numbers, may be.
fn short(scan: &Scan, runs: Range<usize>) -> Vec<String> {
    let numbers: Vec<i64> = runs.clone().filter_map(|run| number(scan, run)).collect();
    let month = runs.filter(|&run| !scan.is_digits(run)).find(|&run| is_month(scan.letters(run)));
    let days: Vec<(i64, i64, i64)> = match (month, &numbers[..]) {
        (Some(month), &[a, b]) => {
            // Of some languages the order of the months is not listed: any.
            let months = month_of(scan.letters(month)).map_or(1..=12, |(_, month)| month..=month);
            months.flat_map(|month| [(b, month, a), (a, month, b)]).collect()
        }
        (None, &[a, b, c]) => vec![(c, b, a), (c, a, b), (a, b, c)],
        _ => Vec::new(),
    };
    let days = days.into_iter().filter(|&(year, month, day)| year < 100 && is_day(2000 + year, month, day));
    days.map(|(year, month, day)| format!("20{year:02}{month:02}{day:02}")).collect()
}

/// `2019年3月12日`.
fn ideographic(scan: &Scan, at: usize) -> Option<(Range<usize>, Span)> {
    let unit = |run: usize, signs: [char; 2]| {
        let sign = scan.gap(run).is_empty().then(|| scan.runs.get(run))??;
        let first = scan.text[sign.range.clone()].chars().next()?;
        signs.contains(&first).then(|| sign.range.start + first.len_utf8())
    };
    if !scan.is_digits(at) || scan.runs[at].folded.len() != 4 {
        return None;
    }
    unit(at + 1, ['年', '년'])?;
    (scan.is_digits(at + 2) && scan.is_digits(at + 4)).then_some(())?;
    unit(at + 3, ['月', '월'])?;
    let end = unit(at + 5, ['日', '일'])?;
    let place = |run: usize, part| Some((scan.runs[run].range.clone(), part, number(scan, run)?));
    let date = date(scan, [place(at, Part::Year)?, place(at + 2, Part::Month)?, place(at + 4, Part::Day)?])?;
    Some((at..at + 5, span(scan.runs[at].range.start..end, Some(date.year), vec![date])))
}
