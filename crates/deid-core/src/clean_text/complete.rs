//! Dates that can be read: where their day, month and year stand, and which days they may be.

use super::calendars::parted;
use super::dates::{birth_after, glued, glued_parts, is_version, is_word_too, named, numeric, separator};
use super::joined::{Days, Expression, around, days_behind, is_counted};
use super::months::{is_month, month_of};
use super::numbers::{announces_person, is_behind_parameter, is_measure};
use super::odd_dates::malformed;
use super::romans::{is_telling, roman, roman_month};
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
    /// Further days of a range or list, which take what they lack from the complete one.
    pub(super) others: Vec<Date>,
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
    /// A month in Roman numerals.
    Roman,
}

/// The dates of a text, in order.
pub(super) fn spans(scan: &Scan) -> Vec<Span> {
    let mut births: Vec<usize> = (0..scan.runs.len()).filter_map(|at| birth_after(scan, at)).collect();
    births.sort_unstable();
    let mut spans: Vec<Span> = Vec::new();
    let mut at = 0;
    while at < scan.runs.len() {
        let found = compact(scan, at)
            .or_else(|| compact_range(scan, at))
            .or_else(|| ideographic(scan, at))
            .or_else(|| numeric(scan, at).map(|(start, end)| in_numbers(scan, start..end)))
            .or_else(|| with_clock(scan, at))
            .or_else(|| days_behind(scan, at).and_then(|days| with_days(scan, &days)))
            .or_else(|| named(scan, at).and_then(|(start, end)| with_name(scan, start..end)))
            .or_else(|| glued(scan, at).and_then(|(start, end)| with_glued_year(scan, start..end)))
            .or_else(|| roman(scan, at).and_then(|(start, end)| with_numeral(scan, start..end)))
            .or_else(|| malformed(scan, at).map(|(start, end)| in_numbers(scan, start..end)));
        let Some((runs, mut span)) = found else {
            at += 1;
            continue;
        };
        if span.year.is_none() {
            span.short = short(scan, runs.clone());
        }
        let runs = with_others(scan, runs, &mut span);
        let next = births.partition_point(|&birth| birth < runs.start);
        let announced = births.get(next).is_some_and(|birth| runs.contains(birth));
        span.is_birth = announced || scan.gap(runs.start).trim_end().ends_with('*');
        // It is not clear how to move it: the day of the week would stay.
        if let [date] = &span.readings[..]
            && is_beside_weekday(scan, &runs)
        {
            let date = date.clone();
            span.readings.push(date);
        }
        match spans.last_mut() {
            // What reaches into the one before is part of it, and neither is clear.
            Some(last) if last.range.end > span.range.start => {
                if last.range.end < span.range.end || last.range.start > span.range.start {
                    last.range.start = last.range.start.min(span.range.start);
                    last.range.end = last.range.end.max(span.range.end);
                    last.is_birth |= span.is_birth;
                    last.year = last.year.or(span.year);
                    last.others.append(&mut span.readings);
                    last.readings.extend(last.readings.first().cloned());
                }
            }
            _ => spans.push(span),
        }
        at = runs.end.max(at + 1);
    }
    spans
}

/// Adds the days that are joined to a date; of what is not clear there are two readings.
fn with_others(scan: &Scan, runs: Range<usize>, span: &mut Span) -> Range<usize> {
    let expression = around(scan, runs.clone());
    if expression.runs == runs {
        return runs;
    }
    let bytes = scan.bytes_of(expression.runs.clone());
    span.range = span.range.start.min(bytes.start)..span.range.end.max(bytes.end);
    match members(scan, &expression, span) {
        Some(others) if expression.clear => span.others = others,
        _ => span.readings.extend(span.readings.first().cloned()),
    }
    expression.runs
}

/// The days of the members of an expression, if they are certain: all of one year, and in order.
fn members(scan: &Scan, expression: &Expression, span: &Span) -> Option<Vec<Date>> {
    let [main] = &span.readings[..] else { return None };
    let mut last = None;
    let mut days = Vec::new();
    for (index, member) in expression.members.iter().enumerate() {
        if index == expression.behind {
            days.push(None);
        }
        days.push(Some(member));
    }
    if expression.behind == expression.members.len() {
        days.push(None);
    }
    let month_first = main.places.iter().position(|(_, part)| *part == Part::Month)
        < main.places.iter().position(|(_, part)| *part == Part::Day);
    let mut others = Vec::new();
    for member in days {
        let order = match member {
            None => (main.month, main.day),
            Some(member) => {
                let place = |run: usize, part| (scan.runs[run].range.clone(), part);
                let mut places = vec![place(member.day, Part::Day)];
                let mut day = number(scan, member.day)?;
                let mut month = main.month;
                if let Some(run) = member.month {
                    if scan.is_digits(run) {
                        let first = member.day.min(run);
                        let second = member.day.max(run);
                        let [m, d] = if month_first { [first, second] } else { [second, first] };
                        (month, day) = (number(scan, m)?, number(scan, d)?);
                        places = vec![place(m, Part::Month), place(d, Part::Day)];
                    } else if let Some(numeral) = roman_month(scan, run) {
                        month = numeral;
                        places.push(place(run, Part::Roman));
                    } else {
                        (_, month) = month_of(scan.letters(run))?;
                        places.push(place(run, Part::MonthName));
                    }
                }
                is_day(main.year, month, day).then_some(())?;
                places.sort_by_key(|place| place.0.start);
                others.push(Date { year: main.year, month, day, places });
                (month, day)
            }
        };
        (last < Some(order)).then_some(())?;
        last = Some(order);
    }
    Some(others)
}

/// `April 3-5, 2019`: the last day is the complete date.
fn with_days(scan: &Scan, days: &Days) -> Option<(Range<usize>, Span)> {
    let year = number(scan, days.year)?;
    let range = scan.bytes_of(days.runs.clone());
    let readings = || {
        let roman = roman_month(scan, days.month);
        let part = if roman.is_some() { Part::Roman } else { Part::MonthName };
        let month = roman.or_else(|| month_of(scan.letters(days.month)).map(|(_, month)| month))?;
        let place = |run: usize, part| (scan.runs[run].range.clone(), part);
        let mut dates = Vec::new();
        for &run in &days.members {
            let day = number(scan, run).filter(|&day| is_day(year, month, day))?;
            dates.push(Date { year, month, day, places: vec![place(run, Part::Day)] });
        }
        let rises = dates.windows(2).all(|two| two[0].day < two[1].day);
        let mut main = dates.pop().filter(|_| rises && days.clear)?;
        main.places.insert(0, place(days.month, part));
        main.places.push(place(days.year, Part::Year));
        Some((main, dates))
    };
    let mut span = span(range, Some(year), Vec::new());
    if let Some((main, others)) = readings() {
        (span.readings, span.others) = (vec![main], others);
    }
    Some((days.runs.clone(), span))
}

/// `20181224-26`.
fn compact_range(scan: &Scan, at: usize) -> Option<(Range<usize>, Span)> {
    let (start, end) = super::dates::compact_range(scan, at)?;
    let year = scan.source(at).get(..4).and_then(|year| year.parse().ok());
    Some((start..end, span(scan.bytes_of(start..end), year, Vec::new())))
}

/// `Apr032019`.
fn with_glued_year(scan: &Scan, runs: Range<usize>) -> Option<(Range<usize>, Span)> {
    let [month, digits] = [runs.start, runs.start + 1];
    let day = glued_parts(scan, digits)?;
    let range = scan.runs[digits].range.clone();
    let source = scan.source(digits);
    let readings = || {
        let (_, number_of_month) = month_of(scan.letters(month))?;
        let readable = source.is_ascii() && scan.runs[month].style != Style::Mixed;
        let parts = [
            (scan.runs[month].range.clone(), Part::MonthName, number_of_month),
            (range.start..range.start + day, Part::Day, source.get(..day)?.parse().ok()?),
            (range.start + day..range.end, Part::Year, source.get(day..)?.parse().ok()?),
        ];
        // Of one figure, another day may have two.
        date(scan, parts).filter(|_| readable && day == 2)
    };
    let year = scan.runs[digits].folded.get(day..).and_then(|year| year.parse().ok());
    let readings = readings().into_iter().collect();
    let span = span(scan.bytes_of(runs.clone()), year, readings);
    Some((runs, span))
}

/// `12.VII.1953`, `2019IV03`, `VII 12 1953`.
fn with_numeral(scan: &Scan, runs: Range<usize>) -> Option<(Range<usize>, Span)> {
    let month = runs.clone().find(|&run| !scan.is_digits(run))?;
    let digits: Vec<usize> = runs.clone().filter(|&run| scan.is_digits(run)).collect();
    let year = digits.iter().copied().find(|&run| scan.runs[run].folded.len() == 4);
    let place = |run: usize, part| Some((scan.runs[run].range.clone(), part, number(scan, run)?));
    let readings = || {
        let &[a, b] = &digits[..] else { return None };
        let year = year?;
        let mut parts = [
            place(if a == year { b } else { a }, Part::Day)?,
            (scan.runs[month].range.clone(), Part::Roman, roman_month(scan, month)?),
            place(year, Part::Year)?,
        ];
        parts.sort_by_key(|part| part.0.start);
        date(scan, parts).filter(|_| is_telling(scan, month) && !is_counted(scan, runs.start))
    };
    let readings = readings().into_iter().collect();
    let span = span(scan.bytes_of(runs.clone()), year.and_then(|run| number(scan, run)), readings);
    Some((runs, span))
}

fn number(scan: &Scan, run: usize) -> Option<i64> {
    let ascii = scan.source(run).bytes().all(|byte| byte.is_ascii_digit());
    scan.runs[run].number().filter(|_| ascii).map(i64::from)
}

/// A date of which the parts stand in these places, if it is one.
fn date(scan: &Scan, parts: [(Range<usize>, Part, i64); 3]) -> Option<Date> {
    let part = |wanted: &[Part]| parts.iter().find(|part| wanted.contains(&part.1)).map(|part| part.2);
    let year = part(&[Part::Year])?;
    let month = part(&[Part::Month, Part::MonthName, Part::Roman])?;
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
    Span { range, is_birth: false, year, readings, others: Vec::new(), short: Vec::new() }
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
    // 19991231 ms: it may be no date at all.
    let unit = is_measure(scan, at, end - 1) && !is_behind_parameter(scan, at);
    Some((at..end, span(range, Some(date.year), vec![date; 1 + usize::from(unit)])))
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
            // 2018-12-24-12-26, 2018-12-24-26: no time, but another day.
            let day = runs.len() == 4
                || runs.len() == 5
                    && number(scan, runs.start + 3).is_some_and(|month| (b.1..=b.1 + 2).contains(&month));
            if day || !(rest.is_empty() || rest.len() <= 6 && is_time(&format!("{rest:0<6}"))) {
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
    // TR 2000 11 12 and TE 12.10.2005 are never made other numbers.
    let blank = runs.clone().skip(1).all(|run| scan.gap(run).trim().is_empty());
    let named = runs.start > 0 && !scan.is_digits(runs.start - 1);
    let before = runs.start.checked_sub(1).map_or("", |run| scan.letters(run));
    let version = dotted && is_version(scan, runs.start) && scan.gap(runs.start).len() <= 2;
    // 2019-04-3x: a part is left open.
    let open = matches!(scan.letters(runs.end), "x" | "xx") && scan.gap(runs.end).len() <= 1;
    let numbers = blank
        || version
        || open
        || announces_person(before) && scan.gap(runs.start).len() <= 4
        || named && is_behind_parameter(scan, runs.start);
    let readings = if runs.len() >= 3 && !numbers { readings().unwrap_or_default() } else { Vec::new() };
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
    // `run 1 set 2019`
    let blanks = scan.gap(month).trim().is_empty() && scan.gap(month + 1).trim().is_empty();
    let is_word = is_word_too(scan.letters(month)) && blanks && runs.len() == 3;
    let readable =
        scan.runs[month].style != Style::Mixed && plain && !is_word && !is_counted(scan, runs.start);
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
