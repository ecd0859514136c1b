//! Months in Roman numerals: `3-VII-1951`, `12VII1953`, `1953.VII.12`, `VII 12 1953`.

use super::dates::{is_year, length, within};
use super::scan::{Scan, Style};

/// The numerals, folded.
const ROMAN: &[&str] = &["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];

/// The month of a numeral in capitals.
pub(super) fn roman_month(scan: &Scan, run: usize) -> Option<i64> {
    let word = scan.letters(run);
    let upper = !word.is_empty() && scan.source(run).chars().all(char::is_uppercase);
    let at = ROMAN.iter().position(|numeral| *numeral == word)?;
    upper.then_some(at as i64 + 1)
}

/// Whether a run is a numeral of a month in capitals.
pub(super) fn is_roman_month(scan: &Scan, run: usize) -> bool {
    roman_month(scan, run).is_some()
}

/// Whether a word in small letters is a numeral of a month.
pub(super) fn is_numeral(word: &str) -> bool {
    ROMAN.contains(&word)
}

/// The numeral of a month.
pub(super) fn numeral(month: i64) -> Option<String> {
    let at = usize::try_from(month.checked_sub(1)?).ok()?;
    ROMAN.get(at).map(|numeral| numeral.to_uppercase())
}

/// A date of which the month is a numeral, at its first run.
pub(super) fn roman(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    in_front(scan, at).or_else(|| between(scan, at))
}

/// `III/2019`, `VII 12 1953`, `XII-24-2018`.
fn in_front(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    if !is_roman_month(scan, at) || scan.word_of(at).start != at {
        return None;
    }
    let [day, year] = [at + 1, at + 2];
    if matches!(scan.gap(day), "/" | "-" | ".") && is_year(scan, day) && scan.is_word(at) && scan.is_word(day)
    {
        return Some((at, at + 2));
    }
    let gap = scan.gap(day);
    let joined = matches!(gap, "-" | "." | "/" | " " | "_" | "")
        && (scan.gap(year).trim_start_matches(',').trim() == gap.trim() || scan.gap(year) == ", ");
    (joined && scan.is_digits(day) && within(scan, day, 1, 31) && is_year(scan, year) && ends(scan, year))
        .then_some((at, at + 3))
}

/// Whether nothing but a time is written together with a number.
fn ends(scan: &Scan, run: usize) -> bool {
    scan.word_of(run).end == run + 1
        || scan.letters(run + 1) == "t"
        || scan.gap(run + 1).is_empty() && scan.letters(run + 1).starts_with('г')
}

/// `12VII1953`, `12.VII.53`, `1953 VII 12`, `53VII12`.
fn between(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let [first, month, last] = [at, at + 1, at + 2];
    if !scan.is_digits(first) || !scan.is_digits(last) || !ROMAN.contains(&scan.letters(month)) {
        return None;
    }
    let gap = scan.gap(month);
    let joined =
        matches!(gap, "" | "-" | "." | "/" | " " | ". " | "_") && scan.gap(last).trim() == gap.trim();
    let lower = scan.runs[month].style == Style::Lower;
    let numeral = is_roman_month(scan, month)
        || lower && matches!(gap, "." | "-" | "/" | ". ") && (is_year(scan, first) || is_year(scan, last));
    let whole = scan.word_of(first).start == first || is_year(scan, first);
    if !joined || !numeral || !whole {
        return None;
    }
    let day = |run: usize| within(scan, run, 1, 31);
    let tight = gap.is_empty();
    let full = day(first) && is_year(scan, last) || is_year(scan, first) && day(last);
    // 3X3 and 3V10 are no dates.
    let telling = scan.letters(month).len() > 1;
    // V-04-V-20-2004
    let goes_on = scan.is_digits(last + 1) && scan.gap(last + 1) == gap;
    let short = gap != " "
        && !goes_on
        && (!tight || telling)
        && length(scan, first) <= 2
        && length(scan, last) == 2
        && (day(first) || length(scan, first) == 2 && day(last));
    ((full || short) && ends(scan, last)).then_some((at, at + 3))
}

/// Whether a date with a numeral is nothing else: of one letter, it may be a sign.
pub(super) fn is_telling(scan: &Scan, month: usize) -> bool {
    let gaps = [scan.gap(month), scan.gap(month + 1)];
    scan.letters(month).len() > 1 || gaps.iter().all(|gap| !gap.trim().is_empty())
}
