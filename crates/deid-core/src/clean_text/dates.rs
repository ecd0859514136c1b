//! Dates as people write them, and times beside them.

use super::numbers::is_measure;
use super::scan::{Scan, Style};

/// Names of months: English, French, German, Spanish, Portuguese, Italian, Dutch.
const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "januar",
    "janner",
    "jaenner",
    "februar",
    "marz",
    "maerz",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "setiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "janeiro",
    "fevereiro",
    "marco",
    "maio",
    "junho",
    "julho",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
    "gennaio",
    "febbraio",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "settembre",
    "ottobre",
    "dicembre",
    "januari",
    "februari",
    "maart",
    "mei",
    "augustus",
    "desember",
];

/// Their abbreviations.
const SHORT_MONTHS: &[&str] = &[
    "jan", "feb", "febr", "fev", "fevr", "mar", "mrz", "apr", "avr", "abr", "jun", "jul", "aug", "sep",
    "sept", "oct", "okt", "nov", "dec", "dez", "dic", "ene", "janv", "juil", "gen", "giu", "lug", "ott",
    "ago", "mag", "set", "out",
];

/// Abbreviations that are words too: a month only beside a year.
const WORDS_TOO: &[&str] = &["set", "out", "mag", "ago", "gen", "lug"];

/// What announces a birth date.
const BORN: &[&str] = &[
    "dob",
    "born",
    "birth",
    "birthday",
    "birthdate",
    "ne",
    "nee",
    "ddn",
    "naissance",
    "geb",
    "geboren",
    "gebdat",
    "geburtsdatum",
    "nato",
    "nata",
    "nacido",
    "nacida",
    "fdn",
    "nascita",
    "nascimento",
    "dn",
    "gb",
];

/// Marks dates, and times beside them.
pub(super) fn mark(scan: &mut Scan) {
    let mut dates = vec![false; scan.runs.len()];
    let mut at = 0;
    while at < scan.runs.len() {
        let end = numeric(scan, at).or_else(|| named(scan, at)).or_else(|| ideographic(scan, at));
        if let Some((start, end)) = end {
            dates[start..end].fill(true);
            scan.take_runs(start..end);
            at = end;
        } else {
            at += 1;
        }
    }
    mark_births(scan);
    mark_ages(scan);
    for at in 0..scan.runs.len() {
        if let Some(end) = time(scan, at) {
            let before = (1..=2).find(|back| at >= *back && dates[at - back]);
            let after = (0..=1).find(|ahead| dates.get(end + ahead).copied().unwrap_or(false));
            if let Some(back) = before {
                scan.take_runs(at - back..end);
            } else if let Some(ahead) = after {
                scan.take_runs(at..end + ahead);
            }
        }
    }
}

fn is_year(scan: &Scan, run: usize) -> bool {
    scan.is_digits(run)
        && scan.runs[run].folded.len() == 4
        && matches!(&scan.runs[run].folded[..2], "19" | "20")
}

fn length(scan: &Scan, run: usize) -> usize {
    scan.runs[run].folded.len()
}

fn within(scan: &Scan, run: usize, low: u32, high: u32) -> bool {
    length(scan, run) <= 2 && scan.runs[run].number().is_some_and(|number| (low..=high).contains(&number))
}

/// Day and month, in this order or the other.
fn is_day_and_month(scan: &Scan, a: usize, b: usize) -> bool {
    within(scan, a, 1, 31) && within(scan, b, 1, 12) || within(scan, a, 1, 12) && within(scan, b, 1, 31)
}

/// `12.03.2019`, `2019-03-12`, `3/12/19`, `03/2019`.
pub(super) fn numeric(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    if !scan.is_digits(at) || !scan.is_digits(at + 1) || scan.is_gone(at) {
        return None;
    }
    let separator = separator(scan.gap(at + 1))?;
    // Part of something longer: 1.2.840.10008.
    let attached = at > 0 && scan.is_digits(at - 1) && scan.gap(at) == scan.gap(at + 1) && separator != ' ';
    let three = scan.is_digits(at + 2) && self::separator(scan.gap(at + 2)) == Some(separator);
    if three {
        let [a, b, c] = [at, at + 1, at + 2];
        let lengths = [a, b, c].map(|run| length(scan, run));
        let full = lengths[0] == 2 && lengths[1] == 2;
        let spaced = separator != ' ' || full || lengths[0] == 4 && lengths[1] == 2 && lengths[2] == 2;
        let four = is_year(scan, a) && is_day_and_month(scan, b, c)
            || is_year(scan, c) && is_day_and_month(scan, a, b);
        if four && spaced && !(attached && lengths[0] < 4) {
            return Some((a, extended(scan, a, c + 1, separator)));
        }
        let goes_on = scan.is_digits(c + 1) && self::separator(scan.gap(c + 1)) == Some(separator);
        let two = lengths[2] == 2
            && match separator {
                '.' | '/' | '-' => true,
                '_' => full,
                _ => false,
            };
        let valid =
            is_day_and_month(scan, a, b) || full && within(scan, a, 32, 99) && is_day_and_month(scan, b, c);
        let letters_touch = scan.word_of(a).start < a || scan.word_of(c).end > c + 1;
        if two
            && valid
            && !attached
            && !goes_on
            && !letters_touch
            && !is_version(scan, a)
            && !is_measure(scan, a, c)
        {
            return Some((a, c + 1));
        }
        return None;
    }
    let month = |run| within(scan, run, 1, 12) && (length(scan, run) == 2 || separator == '/');
    let partial = is_year(scan, at) && month(at + 1) || month(at) && is_year(scan, at + 1);
    let letters_touch = scan.word_of(at).start < at || scan.word_of(at + 1).end > at + 2;
    (partial
        && matches!(separator, '/' | '-' | '.')
        && !attached
        && !letters_touch
        && !is_measure(scan, at, at + 1))
    .then_some((at, at + 2))
}

/// `2019-03-12-10-30`: a time in the same way.
fn extended(scan: &Scan, start: usize, mut end: usize, separator: char) -> usize {
    while is_year(scan, start)
        && separator != ' '
        && end < start + 7
        && scan.is_digits(end)
        && self::separator(scan.gap(end)) == Some(separator)
    {
        end += 1;
    }
    end
}

pub(super) fn separator(gap: &str) -> Option<char> {
    let trimmed = gap.trim();
    let mut chars = if trimmed.is_empty() { gap } else { trimmed }.chars();
    match (chars.next(), chars.next()) {
        (Some('‐' | '–' | '—' | '-'), None) => Some('-'),
        (Some(c @ ('.' | '/' | '_' | ' ')), None) if gap.len() <= 3 => Some(c),
        _ => None,
    }
}

fn is_version(scan: &Scan, at: usize) -> bool {
    at > 0
        && matches!(
            scan.letters(at - 1),
            "v" | "ver" | "vers" | "version" | "release" | "rel" | "software" | "sw" | "syngo" | "via" | "r"
        )
}

/// `12 March 2019`, `March 12, 2019`, `1er mars`, `12 de marzo de 2019`, `09Jul2018`.
pub(super) fn named(scan: &Scan, month: usize) -> Option<(usize, usize)> {
    let name = scan.letters(month);
    let full = MONTHS.contains(&name);
    if !full && !SHORT_MONTHS.contains(&name) || scan.is_gone(month) {
        return None;
    }
    let near = |run: usize| {
        let gap = scan.gap(run);
        gap.len() <= 4 && gap.chars().all(|c| " .-/_,'’\u{a0}".contains(c))
    };
    let ordinal = |run: usize| {
        scan.gap(run).is_empty()
            && matches!(scan.letters(run), "st" | "nd" | "rd" | "th" | "er" | "e" | "o" | "a" | "ᵉ")
    };
    let filler = |run: usize| matches!(scan.letters(run), "de" | "del" | "of" | "do");
    let is_day = |run: usize| scan.is_digits(run) && within(scan, run, 1, 31);
    let mut start = month;
    let mut before = month;
    while before > 0 && near(before) && month - before < 2 && (filler(before - 1) || ordinal(before - 1)) {
        before -= 1;
    }
    let day_before =
        before > 0 && near(before) && is_day(before - 1) && scan.word_of(before - 1).start == before - 1;
    if day_before {
        start = before - 1;
    }
    let mut end = month + 1;
    let mut after = end;
    let mut day_after = false;
    if !day_before && near(after) && is_day(after) {
        day_after = true;
        after += 1;
        while after < end + 3 && (ordinal(after) || filler(after)) {
            after += 1;
        }
        end = after;
    }
    while after < end + 1 && near(after) && filler(after) {
        after += 1;
    }
    let apart = |run: usize| scan.word_of(run).end == run + 1;
    let year = near(after)
        && scan.is_digits(after)
        && (is_year(scan, after)
            || (day_before || day_after && scan.gap(after).contains([',', '\'', '-', '/', '.']))
                && length(scan, after) == 2
                && apart(after));
    if year {
        end = after + 1;
    }
    let upper = scan.runs[month].style == Style::Upper;
    let counts = year
        || day_before && !WORDS_TOO.contains(&name) && (full || !upper)
        || day_after && full && !matches!(name, "may" | "march" | "mai" | "mars") && apart(month + 1);
    counts.then_some((start, end))
}

/// `2019年3月12日`.
fn ideographic(scan: &mut Scan, at: usize) -> Option<(usize, usize)> {
    if !scan.is_digits(at) || scan.is_gone(at) || !scan.gap(at + 1).is_empty() {
        return None;
    }
    let unit = scan.letters(at + 1).chars().next()?;
    if !matches!(unit, '年' | '月' | '日' | '년' | '월' | '일') {
        return None;
    }
    // Only the first character of what follows is part of the date; the rest is text.
    let start = scan.runs[at + 1].range.start;
    let end = start + scan.source(at + 1).chars().next().map_or(0, char::len_utf8);
    scan.take_bytes(start..end);
    if at > 0 && ["平成", "令和", "昭和", "大正"].iter().any(|era| scan.source(at - 1).ends_with(era))
    {
        let end = scan.runs[at - 1].range.end;
        scan.take_bytes(end - "平成".len()..end);
    }
    Some((at, at + 1))
}

/// The first number that a word announces as a birth date.
pub(super) fn birth_after(scan: &Scan, at: usize) -> Option<usize> {
    if !BORN.contains(&scan.letters(at)) {
        return None;
    }
    let first = (at + 1..at + 5).find(|&run| scan.is_digits(run))?;
    let announces = |run: usize| {
        let word = scan.letters(run);
        MONTHS.contains(&word)
            || SHORT_MONTHS.contains(&word)
            || matches!(
                word,
                "le" | "il" | "el" | "am" | "on" | "in" | "en" | "date" | "de" | "of" | "em" | "dat"
            )
    };
    (at + 1..first).all(announces).then_some(first)
}

/// What follows the announcement of a birth date, a lone year too.
fn mark_births(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        let Some(first) = birth_after(scan, at) else { continue };
        let mut end = first + 1;
        while scan.is_digits(end) && end < first + 3 && separator(scan.gap(end)).is_some() {
            end += 1;
        }
        if scan.runs[first].folded.len() >= 2 || end > first + 1 {
            scan.take_runs(first..end);
        }
    }
}

/// Ages of ninety and more tell a person (PS3.15 E.3.8 and the 90Y rule).
fn mark_ages(scan: &mut Scan) {
    const YEARS: &[&str] = &[
        "y", "yo", "yr", "yrs", "year", "years", "ans", "an", "jahre", "jahr", "j", "anos", "anni", "jaar",
        "lat", "歳", "才",
    ];
    for at in 0..scan.runs.len() {
        let old = scan.runs[at].number().is_some_and(|age| (90..=125).contains(&age));
        let gap = scan.gap(at + 1);
        if old && matches!(gap, "" | " " | "-") && YEARS.contains(&scan.letters(at + 1)) {
            scan.take_runs(at..at + 2);
        }
    }
}

/// `10:30`, `10:30:45`, `10h30`: where it ends.
fn time(scan: &Scan, at: usize) -> Option<usize> {
    if !scan.is_digits(at) || length(scan, at) > 2 {
        return None;
    }
    let minutes = |run: usize| scan.is_digits(run) && within(scan, run, 0, 59) && length(scan, run) == 2;
    if scan.gap(at + 1).is_empty() && matches!(scan.letters(at + 1), "h" | "uhr") {
        let end = if scan.gap(at + 2).is_empty() && minutes(at + 2) { at + 3 } else { at + 2 };
        return Some(end);
    }
    if scan.gap(at + 1) != ":" || !minutes(at + 1) {
        return None;
    }
    let mut end = at + 2;
    if scan.gap(end) == ":" && minutes(end) {
        end += 1;
    }
    if matches!(scan.letters(end), "am" | "pm" | "uhr" | "h") && scan.gap(end).len() <= 1 {
        end += 1;
    }
    Some(end)
}
