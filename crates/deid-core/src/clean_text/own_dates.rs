//! The subject's own dates in spellings that nobody else's date would be recognised by: `19-4-3`, `53.7.12`, `jul53`.

use super::complete::{Date, spans};
use super::dates::{is_version, is_year, length, may_be_verb};
use super::joined::{around, days_behind};
use super::months::{is_month, is_whole, month_of};
use super::numbers::is_measure;
use super::romans::{is_numeral, is_telling, roman_month};
use super::scan::Scan;
use std::ops::Range;

/// A day that is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnDate {
    year: u32,
    month: u32,
    day: u32,
    /// Of birth: month and year are enough.
    birth: bool,
}

impl OwnDate {
    /// A day `YYYYMMDD`.
    pub(crate) fn new(digits: &str, birth: bool) -> Option<Self> {
        let part = |range: Range<usize>| digits.get(range)?.parse::<u32>().ok();
        let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
        (digits.len() == 8 && (1..=12).contains(&month) && (1..=31).contains(&day) && year >= 1000)
            .then_some(OwnDate { year, month, day, birth })
    }

    /// Whether bytes may hold this day at all: its year with its month beside it, or the day of birth beside the name of
    /// its month. Most texts are passed over by this alone.
    pub(crate) fn may_be_in(&self, bytes: &[u8]) -> bool {
        let Self { year, month, day, .. } = *self;
        let [short, long] = [format!("{:02}", year % 100), year.to_string()];
        let glued = [format!("{day:02}{long}"), format!("{day}{long}"), format!("{long}{day:02}")];
        let glued_short = format!("{day:02}{short}");
        let month = [month.to_string(), format!("{month:02}")];
        let year_stands = |at: usize| {
            let run = digits_around(bytes, at);
            let written = &bytes[run.clone()];
            let is = |text: &String| text.as_bytes() == written;
            let letters_before = run
                .start
                .checked_sub(1)
                .is_some_and(|at| bytes[at].is_ascii_alphabetic() || bytes[at] >= 0x80);
            (is(&short) || is(&long)) && has_month_near(bytes, &run, &month, false)
                || letters_before && (glued.iter().any(is) || is(&glued_short))
        };
        if memchr::memmem::find_iter(bytes, &short).any(year_stands) {
            return true;
        }
        let days = [day.to_string(), format!("{day:02}")];
        let day_stands = |at: usize| {
            let run = digits_around(bytes, at);
            days.iter().any(|day| day.as_bytes() == &bytes[run.clone()])
                && has_month_near(bytes, &run, &month, true)
        };
        self.birth && memchr::memmem::find_iter(bytes, &days[0]).any(day_stands)
    }
}

/// Whether the month stands near a number, by its name or as a number.
fn has_month_near(bytes: &[u8], run: &Range<usize>, month: &[String; 2], by_name: bool) -> bool {
    const NEAR: usize = 40;
    let goes_on = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte >= 0x80 || is_between(**byte);
    let before = bytes[..run.start].iter().rev().take(NEAR).take_while(goes_on).count();
    let behind = bytes[run.end..].iter().take(NEAR).take_while(goes_on).count();
    let near = [&bytes[run.start - before..run.start], &bytes[run.end..run.end + behind]];
    near.into_iter().any(|near| {
        let words = near.chunk_by(|a, b| kind_of(*a) == kind_of(*b));
        words.into_iter().any(|word| match kind_of(word[0]) {
            Kind::Digit => !by_name && month.iter().any(|month| month.as_bytes() == word),
            // Letters that are not ASCII are not read here, nor what may be cut.
            Kind::Letter => {
                !word.is_ascii()
                    || word.len() <= 16 && {
                        let word = String::from_utf8_lossy(word).to_ascii_lowercase();
                        is_month(&word) || is_numeral(&word)
                    }
            }
            Kind::Other => false,
        })
    })
}

#[derive(PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Other,
}

const fn kind_of(byte: u8) -> Kind {
    match byte {
        b'0'..=b'9' => Kind::Digit,
        b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => Kind::Letter,
        _ => Kind::Other,
    }
}

/// Whether a sign may stand within a date or a list of dates.
const fn is_between(byte: u8) -> bool {
    matches!(byte, b' '..=b'/' | b':' | b';' | b'|' | b'_' | b'\\' | b'~' | b'`' | b'[' | b']' | b'<' | b'>')
}

/// The figures that stand together here.
fn digits_around(bytes: &[u8], at: usize) -> Range<usize> {
    let before = bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    at - before..at + behind
}

/// Where days stand in a text: the bytes, and which of the days.
pub(crate) fn find(text: &str, dates: &[OwnDate]) -> Vec<(Range<usize>, usize)> {
    if dates.is_empty() || !text.contains(|c: char| c.is_numeric()) {
        return Vec::new();
    }
    find_in(&Scan::new(text), dates)
}

/// The same in a text that is cut already.
pub(super) fn find_in(scan: &Scan, dates: &[OwnDate]) -> Vec<(Range<usize>, usize)> {
    if dates.is_empty() {
        return Vec::new();
    }
    let mut found = in_expressions(scan, dates);
    let mut at = 0;
    while at < scan.runs.len() {
        let parts = Parts::at(scan, at);
        let hit = parts.and_then(|parts| {
            dates.iter().enumerate().find_map(|(index, date)| Some((parts.end(date)?, index)))
        });
        if let Some((end, index)) = hit {
            let runs = if end >= at + 3 { around(scan, at..end).runs } else { at..end };
            let bytes = scan.bytes_of(runs);
            if found.iter().all(|(range, _)| range.end <= bytes.start || bytes.end <= range.start) {
                found.push((bytes, index));
            }
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Ranges and lists of dates that one of the days is in: `3.-5.4.2019`.
fn in_expressions(scan: &Scan, dates: &[OwnDate]) -> Vec<(Range<usize>, usize)> {
    let is = |date: &Date, own: &OwnDate| {
        (date.year, date.month, date.day) == (own.year.into(), own.month.into(), own.day.into())
    };
    let whole = spans(scan).into_iter().filter(|span| !span.others.is_empty());
    whole
        .filter_map(|span| {
            let own = |own: &OwnDate| span.readings.iter().chain(&span.others).any(|date| is(date, own));
            dates.iter().position(own).map(|index| (span.range, index))
        })
        .collect()
}

/// Up to three numbers and names of months that stand side by side.
struct Parts<'a, 'b> {
    scan: &'a Scan<'b>,
    runs: Vec<usize>,
}

impl<'a, 'b> Parts<'a, 'b> {
    fn at(scan: &'a Scan<'b>, first: usize) -> Option<Self> {
        let is_part = |run: usize| {
            scan.is_digits(run) || is_month(scan.letters(run)) || roman_month(scan, run).is_some()
        };
        if !is_part(first)
            || first > 0 && scan.is_digits(first) && scan.is_digits(first - 1) && scan.gap(first).is_empty()
        {
            return None;
        }
        let near = |run: usize| {
            let gap = scan.gap(run);
            gap.chars().count() <= 3 && gap.chars().all(|c| " .-‐‑–/_,'’|:·;~\\*+\u{a0}\u{202f}".contains(c))
        };
        let filler = |run: usize| {
            matches!(
                scan.letters(run),
                "st" | "nd"
                    | "rd"
                    | "th"
                    | "er"
                    | "e"
                    | "o"
                    | "de"
                    | "del"
                    | "of"
                    | "do"
                    | "the"
                    | "年"
                    | "月"
                    | "日"
                    | "년"
                    | "월"
                    | "일"
            )
        };
        let mut runs = vec![first];
        let mut at = first + 1;
        while runs.len() < 3 && at < scan.runs.len() && at < first + 7 && near(at) {
            if is_part(at) {
                runs.push(at);
            } else if !filler(at) {
                break;
            }
            at += 1;
        }
        (runs.len() > 1).then_some(Parts { scan, runs })
    }

    /// Where a day ends that begins here.
    fn end(&self, date: &OwnDate) -> Option<usize> {
        let runs = &self.runs;
        if runs.len() == 3 && self.is_whole_date(date) {
            return Some(runs[2] + 1);
        }
        let [a, b] = [runs[0], runs[1]];
        if b != a + 1 && !(date.birth && self.is_birthday(a, b, date)) {
            return None;
        }
        (self.is_glued(a, b, date)
            || date.birth && (self.is_birth_month(a, b, date) || self.is_birthday(a, b, date)))
        .then_some(b + 1)
    }

    fn named(&self, run: usize) -> bool {
        !self.scan.is_digits(run)
    }

    fn is_year(&self, run: usize, date: &OwnDate) -> bool {
        let number = self.scan.runs[run].number();
        match length(self.scan, run) {
            4 => number == Some(date.year),
            2 => number == Some(date.year % 100),
            _ => false,
        }
    }

    fn is_month(&self, run: usize, date: &OwnDate) -> bool {
        if self.named(run) {
            let roman = roman_month(self.scan, run);
            let name = month_of(self.scan.letters(run)).map(|(_, month)| month);
            // Of some names the month is not clear.
            return match roman.or(name) {
                Some(month) => month == i64::from(date.month),
                None => is_month(self.scan.letters(run)),
            };
        }
        length(self.scan, run) <= 2 && self.scan.runs[run].number() == Some(date.month)
    }

    fn is_day(&self, run: usize, date: &OwnDate) -> bool {
        length(self.scan, run) <= 2 && self.scan.runs[run].number() == Some(date.day)
    }

    /// Whether nothing else is written together with what stands from one run to another.
    fn is_apart(&self, first: usize, last: usize) -> bool {
        self.scan.word_of(first).start == first && self.scan.word_of(last).end == last + 1
    }

    /// Whether numbers go on on either side with a point: a version or a UID.
    fn goes_on(&self, first: usize, last: usize, signs: &[&str]) -> bool {
        let scan = self.scan;
        first > 0 && scan.is_digits(first - 1) && signs.contains(&scan.gap(first))
            || scan.is_digits(last + 1) && signs.contains(&scan.gap(last + 1))
    }

    fn is_whole_date(&self, date: &OwnDate) -> bool {
        let &[a, b, c] = &self.runs[..] else { return false };
        let names = [a, b, c].iter().filter(|&&run| self.named(run)).count();
        let orders = [[a, b, c], [b, a, c], [c, b, a], [b, c, a]];
        // Day, month, year.
        let fits = |[day, month, year]: [usize; 3]| {
            !self.named(day)
                && !self.named(year)
                && self.is_day(day, date)
                && self.is_month(month, date)
                && self.is_year(year, date)
                && self.is_written_as_date([day, month, year], names == 1)
        };
        names <= 1 && orders.into_iter().any(fits)
    }

    fn is_written_as_date(&self, [_, month, year]: [usize; 3], named: bool) -> bool {
        let scan = self.scan;
        let (first, last) = (self.runs[0], self.runs[2]);
        if self.goes_on(first, last, &["."]) {
            return false;
        }
        if length(scan, year) == 4 {
            return true;
        }
        if named {
            let roman = roman_month(scan, month).is_some() && !is_month(scan.letters(month));
            return self.is_apart(first, last) && (!roman || is_telling(scan, month));
        }
        let sign = scan.gap(first + 1);
        let full = self.runs.iter().all(|&run| length(scan, run) == 2);
        last == first + 2
            && scan.gap(last) == sign
            && (matches!(sign, "." | "/" | "-") || full && matches!(sign, "_"))
            && self.is_apart(first, last)
            && !self.goes_on(first, last, &[sign])
            && !is_version(scan, first)
            && !is_measure(scan, first, last)
    }

    /// `Jul121953`, `jul1253`, `Jul195312`.
    fn is_glued(&self, a: usize, b: usize, date: &OwnDate) -> bool {
        let OwnDate { year, day, .. } = *date;
        let digits = self.scan.runs[b].folded.as_str();
        let short = year % 100;
        let forms = [
            format!("{day:02}{year}"),
            format!("{day}{year}"),
            format!("{year}{day:02}"),
            format!("{day:02}{short:02}"),
        ];
        self.named(a)
            && self.scan.gap(b).is_empty()
            && self.is_month(a, date)
            && forms.iter().any(|form| form == digits)
    }

    /// `jul53`, `Juli '53`, `7-1953`, `1953-07`, `07/53`.
    fn is_birth_month(&self, a: usize, b: usize, date: &OwnDate) -> bool {
        let scan = self.scan;
        let [month, year] = if self.is_year(b, date) && !self.named(b) { [a, b] } else { [b, a] };
        if self.named(year)
            || !self.is_year(year, date)
            || !self.is_month(month, date)
            || self.goes_on(a, b, &[".", "-", "/"])
        {
            return false;
        }
        let gap = scan.gap(b);
        let apart = self.is_apart(a, b) && !is_measure(scan, a, b);
        if self.named(month) {
            let roman = !is_month(scan.letters(month));
            return apart && (!roman || scan.letters(month).len() > 1 && length(scan, year) == 4);
        }
        let four = length(scan, year) == 4;
        apart
            && (four && matches!(gap, "-" | "/" | "." | "_")
                || !four && length(scan, month) == 2 && month == a && matches!(gap, "-" | "/"))
    }

    /// `12. Juli`, `July 12th`.
    fn is_birthday(&self, a: usize, b: usize, date: &OwnDate) -> bool {
        let [day, month] = if self.named(a) { [b, a] } else { [a, b] };
        let word = self.scan.letters(month);
        let tells = word.chars().count() > 3 && (is_whole(word) || is_month(word)) && !may_be_verb(word);
        // Of a whole date the year is another's.
        let year = a > 0 && is_year(self.scan, a - 1)
            || is_year(self.scan, b + 1)
            || days_behind(self.scan, a).is_some();
        tells
            && !year
            && !self.named(day)
            && self.is_day(day, date)
            && self.is_month(month, date)
            && self.is_apart(a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::{OwnDate, find};

    #[test]
    fn texts_that_are_passed_over_hold_no_day() {
        let months = ["7", "07", "Jul", "july", "Juli", "juillet", "VII", "июля"];
        let (mut found, mut passed) = (0, Vec::new());
        for birth in [false, true] {
            let date = OwnDate::new("19530712", birth).unwrap();
            let mut check = |text: String| {
                if !find(&text, &[date]).is_empty() {
                    found += 1;
                    if !date.may_be_in(text.as_bytes()) {
                        passed.push(text);
                    }
                }
            };
            for month in months {
                for year in ["1953", "53", "'53"] {
                    for sign in ["", " ", "-", ".", "/", "_", ", ", ". ", "\t", ": "] {
                        let orders = [["12", month, year], [month, "12", year], [year, month, "12"]];
                        for parts in orders {
                            let day = parts.join(sign);
                            for text in [format!("T2 {day} ax"), format!("10.-{day}"), format!("{day}-14")] {
                                check(text);
                            }
                        }
                        check(format!("T2 {month}{sign}{year}"));
                    }
                }
                check(format!("T2 12. {month} ax"));
            }
            for text in ["19530710-12", "19530712-14", "10071953-12071953", "10-12071953", "530712-14"] {
                check(text.to_owned());
            }
        }
        assert!(found > 500, "{found}");
        assert!(passed.is_empty(), "{passed:#?}");
    }
}
