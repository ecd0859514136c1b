//! Dates as people write them, and times beside them.

use super::calendars::{other, parted};
use super::joined::{around, days_behind, follows_gone};
use super::months::{is_month, is_whole};
use super::numbers::{is_behind_parameter, is_measure};
use super::odd_dates::{in_chinese, malformed, open, uuids};
use super::romans::{is_roman_month, roman};
use super::scan::{Run, Scan, Style};
use super::words::is_ideographic;
use deid_dicom::calendar::looks_like_day;

/// Abbreviations that are words too: a month only beside a year.
const WORDS_TOO: &[&str] = &["set", "out", "mag", "ago", "gen", "lug"];

/// What announces a birth date.
const BORN: &[&str] = &[
    "dob",
    "born",
    "birth",
    "birthday",
    "bday",
    "anniversaire",
    "cumpleanos",
    "compleanno",
    "verjaardag",
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
    "nac",
    "nacimiento",
    "nasc",
    "nascido",
    "nascida",
    "birthdt",
    "bdate",
    "dateofbirth",
    "geburtstag",
    "geborene",
    "gebd",
    "neele",
    "nele",
    "naiss",
    "urodz",
    "urodzony",
    "urodzona",
    "ur",
    "nar",
    "narozen",
    "narozena",
    "fodd",
    "fodt",
    "foedt",
    "foedd",
    "fodselsdato",
    "foedselsdato",
    "syntynyt",
    "synt",
    "szul",
    "dogum",
    "dogumlu",
    "nascut",
    "rojen",
    "rodjen",
    "rođen",
    "geboortedatum",
    "род",
    "рожд",
    "рождения",
    "рож",
    "др",
    "γεν",
    "yob",
    "birthyear",
    "jg",
    "jhg",
    "jahrg",
    "jahrgang",
    "geburtsjahr",
    "gebjahr",
    "geboortejaar",
    "fodelsear",
    "fodelsedatum",
    "fodselsar",
    "foedselsaar",
    "syntymavuosi",
    "syntymaaika",
    "urodzenia",
    "narozeni",
    "szuletett",
    "szuletesi",
    "nasterii",
    "рожденная",
    "рожден",
    "родился",
    "родилась",
    "народження",
    "γεννηση",
    "γεννησης",
    "生年",
    "生年月日",
    "出生",
    "出生年",
    "출생",
    "출생년도",
];

/// What says behind a year that somebody was born in it.
const BORN_BEHIND: &[&str] = &[
    "born",
    "birth",
    "dogumlu",
    "dogum",
    "dog",
    "geboren",
    "geb",
    "fodd",
    "fodt",
    "syntynyt",
    "rozenec",
    "rocnik",
    "narozen",
    "narozena",
    "urodzony",
    "urodzona",
    "nato",
    "nata",
    "生まれ",
    "生",
    "年生まれ",
    "출생",
];

/// What stands between that and the date.
const BETWEEN: &[&str] = &[
    "le", "il", "el", "am", "on", "in", "en", "date", "de", "of", "em", "dat", "a", "dne", "dnia", "den",
    "op", "data", "fecha", "birth", "tarihi", "the", "is", "was", "year", "yr", "nel", "nell", "w", "e",
    "im", "jahr", "jaar", "ar", "aar", "i", "anno", "annee", "ano", "rok", "r", "roku", "v", "yili", "yil",
    "vuonna", "год", "году", "в", "ev",
];

/// Marks dates, and times beside them.
pub(super) fn mark(scan: &mut Scan) {
    let mut dates = vec![false; scan.runs.len()];
    let mut at = 0;
    for bytes in in_chinese(scan.text).into_iter().chain(uuids(scan.text)) {
        scan.take_bytes(bytes);
    }
    while at < scan.runs.len() {
        let whole = numeric(scan, at)
            .or_else(|| parted(scan, at).map(|date| (date.runs.start, date.runs.end)))
            .or_else(|| days_behind(scan, at).map(|days| (days.runs.start, days.runs.end)))
            .or_else(|| named(scan, at))
            .or_else(|| glued(scan, at))
            .or_else(|| roman(scan, at))
            .or_else(|| compact_range(scan, at))
            .map(|(start, end)| around(scan, start..end).runs)
            .map(|runs| (runs.start, runs.end));
        let end = whole
            .or_else(|| day_and_month(scan, at))
            .or_else(|| ideographic(scan, at))
            .or_else(|| malformed(scan, at))
            .or_else(|| open(scan, at))
            .or_else(|| other(scan, at));
        if let Some((start, end)) = end {
            dates[start..end].fill(true);
            scan.take_runs(start..end);
            at = end;
        } else {
            at += 1;
        }
    }
    mark_births(scan);
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

pub(super) fn is_year(scan: &Scan, run: usize) -> bool {
    scan.is_digits(run)
        && scan.runs[run].folded.len() == 4
        && matches!(&scan.runs[run].folded[..2], "19" | "20")
}

pub(super) fn length(scan: &Scan, run: usize) -> usize {
    scan.runs.get(run).map_or(0, |run| run.folded.len())
}

pub(super) fn within(scan: &Scan, run: usize, low: u32, high: u32) -> bool {
    length(scan, run) <= 2
        && scan.runs.get(run).and_then(Run::number).is_some_and(|number| (low..=high).contains(&number))
}

/// Day and month, in this order or the other.
pub(super) fn is_day_and_month(scan: &Scan, a: usize, b: usize) -> bool {
    within(scan, a, 1, 31) && within(scan, b, 1, 12) || within(scan, a, 1, 12) && within(scan, b, 1, 31)
}

/// `12.03.2019`, `2019-03-12`, `3/12/19`, `03/2019`.
pub(super) fn numeric(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    if !scan.is_digits(at) || !scan.is_digits(at + 1) || scan.is_gone(at) {
        return None;
    }
    if let Some(date) = with_mixed_signs(scan, at).or_else(|| chained(scan, at)) {
        return Some(date);
    }
    let Some(separator) = separator(scan.gap(at + 1)) else { return with_other_signs(scan, at) };
    // Part of something longer: 1.2.840.10008.
    // Not of T2_11_10_2017.
    let numbered = at > 0 && separator != '.' && scan.word_of(at - 1).start < at - 1;
    let attached = at > 0
        && scan.is_digits(at - 1)
        && scan.gap(at) == scan.gap(at + 1)
        && separator != ' '
        && (!numbered || scan.gap(at).is_empty());
    let three = scan.is_digits(at + 2) && self::separator(scan.gap(at + 2)) == Some(separator);
    if three {
        let [a, b, c] = [at, at + 1, at + 2];
        let lengths = [a, b, c].map(|run| length(scan, run));
        let full = lengths[0] == 2 && lengths[1] == 2;
        // TR 2000 11 12: a list of parameters.
        if separator == ' ' && is_behind_parameter(scan, a) {
            return None;
        }
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

/// `13-2-19-2-2011`, `9-22-6-1999`: two days with the sign that parts day, month and year.
fn chained(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let sign = scan.gap(at + 1);
    let joined = |run: usize| scan.is_digits(run) && scan.gap(run) == sign;
    let end = (at + 3..=at + 4).find(|&run| is_year(scan, run))?;
    let days = at..end;
    (matches!(sign, "-" | "/")
        && (at + 1..=end).all(joined)
        && !joined(end + 1)
        && !(at > 0 && joined(at) && scan.word_of(at - 1).start == at - 1)
        && scan.word_of(at).start == at
        && scan.word_of(end).end == end + 1
        && days.clone().all(|run| within(scan, run, 1, 31))
        && is_day_and_month(scan, end - 2, end - 1)
        && (days.len() == 3 || is_day_and_month(scan, at, at + 1))
        && !is_measure(scan, at, end))
    .then_some((at, end + 1))
}

/// `24/12-2018`, `24.12/2018`, `24/12 2018`, `2018 24/12`: with two signs, as in Denmark.
fn with_mixed_signs(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let [a, b, c] = [at, at + 1, at + 2];
    if !scan.is_digits(c) {
        return None;
    }
    let signs = [separator(scan.gap(b))?, separator(scan.gap(c))?];
    let tight = |run: usize| scan.gap(run).len() <= 2;
    // Of a blank and a sign the sign joins day and month.
    let last = is_year(scan, c) && is_day_and_month(scan, a, b) && matches!(signs[0], '.' | '/' | '-');
    let first = is_year(scan, a) && is_day_and_month(scan, b, c) && matches!(signs[1], '.' | '/' | '-');
    let two = |run: usize| length(scan, run) == 2;
    let blank = signs.contains(&' ');
    let full = if last { two(a) && two(b) } else { two(b) && two(c) };
    let attached = at > 0 && scan.is_digits(at - 1) && matches!(scan.gap(at), "." | "/" | "-");
    let goes_on = scan.is_digits(c + 1) && matches!(scan.gap(c + 1), "." | "/" | "-");
    let apart = scan.word_of(a).start == a && scan.word_of(c).end == c + 1;
    (signs[0] != signs[1]
        && (last || first)
        && (!blank || full)
        && tight(b)
        && tight(c)
        && apart
        && !attached
        && !goes_on
        && !is_measure(scan, a, c))
    .then_some((a, c + 1))
}

/// Whether a complete date in figures begins at a run.
pub(super) fn begins_full(scan: &Scan, run: usize) -> bool {
    numeric(scan, run).is_some_and(|(start, end)| start == run && end >= run + 3)
}

/// Whether a day or a year belongs to a month behind it: of `mar 22/September/1997`.
fn is_of_other_month(scan: &Scan, run: usize) -> bool {
    let near = |run: usize| {
        let gap = scan.gap(run);
        gap.len() <= 3 && gap.chars().all(|c| " .-/_,'’".contains(c))
    };
    let [month, last] = [run + 1, run + 2];
    let day = |run: usize| scan.is_digits(run) && within(scan, run, 1, 31);
    near(month)
        && near(last)
        && (is_month(scan.letters(month)) || is_roman_month(scan, month))
        && (is_year(scan, run) && day(last) || day(run) && is_year(scan, last))
}

/// Whether a complete date in figures ends with a run.
pub(super) fn ends_full(scan: &Scan, run: usize) -> bool {
    run.checked_sub(2).is_some_and(|first| {
        numeric(scan, first).is_some_and(|(start, end)| start == first && end == run + 1)
    })
}

/// `20181224-26`: a day in eight figures that another follows.
pub(super) fn compact_range(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let day = scan.is_digits(at) && looks_like_day(&scan.runs[at].folded) && scan.word_of(at).start == at;
    (day && around(scan, at..at + 1).runs.len() > 1).then_some((at, at + 1))
}

/// `Apr032019`, `Apr32019`: a month with a day and a year of four figures behind it.
pub(super) fn glued(scan: &Scan, month: usize) -> Option<(usize, usize)> {
    if !is_month(scan.letters(month)) || scan.is_gone(month) || !scan.gap(month + 1).is_empty() {
        return None;
    }
    glued_parts(scan, month + 1).map(|_| (month, month + 2))
}

/// How many of the figures of a run are a day, if the rest is a year.
pub(super) fn glued_parts(scan: &Scan, run: usize) -> Option<usize> {
    let digits = &scan.runs.get(run).filter(|run| run.digits && matches!(run.folded.len(), 5 | 6))?.folded;
    let day = digits.len() - 4;
    let is_day = digits[..day].parse::<u32>().is_ok_and(|day| (1..=31).contains(&day));
    (is_day && ("1900".."2100").contains(&&digits[day..]) && scan.word_of(run).end == run + 1).then_some(day)
}

/// `12,03,2019`, `12|03|2019`, `2019:03:12`: with signs that lists have too, if no fourth number follows.
fn with_other_signs(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let sign = scan.gap(at + 1);
    let [a, b, c] = [at, at + 1, at + 2];
    let goes_on = |run: usize| scan.is_digits(run) && scan.gap(run).trim() == sign.trim();
    let colons = sign == ":";
    let four = is_year(scan, a) && is_day_and_month(scan, b, c)
        || !colons && is_year(scan, c) && is_day_and_month(scan, a, b);
    let full = length(scan, b) == 2 && [a, c].iter().all(|&run| length(scan, run) != 1);
    (matches!(sign, "," | "|" | ":" | "\\" | ";" | "~" | "·" | "*")
        && scan.is_digits(c)
        && scan.gap(c) == sign
        && four
        && (full || !matches!(sign, "," | ";"))
        && !(at > 0 && goes_on(at))
        && (colons || !goes_on(c + 1))
        && !is_measure(scan, a, c))
    .then_some((a, c + 1))
}

/// `2019-03-12-10-30`: a time in the same way.
fn extended(scan: &Scan, start: usize, mut end: usize, separator: char) -> usize {
    while is_year(scan, start)
        && separator != ' '
        && end < start + 7
        && scan.is_digits(end)
        && !(scan.gap(end).contains(' ') && scan.gap(end).contains(separator))
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

pub(super) fn is_version(scan: &Scan, at: usize) -> bool {
    at > 0
        && matches!(
            scan.letters(at - 1),
            "v" | "ver" | "vers" | "version" | "release" | "rel" | "software" | "sw" | "syngo" | "via" | "r"
        )
}

/// `12 March 2019`, `March 12, 2019`, `1er mars`, `12 de marzo de 2019`, `09Jul2018`.
pub(super) fn named(scan: &Scan, month: usize) -> Option<(usize, usize)> {
    let name = scan.letters(month);
    let full = is_whole(name);
    if !is_month(name) || scan.is_gone(month) {
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
    let apart = |run: usize| scan.word_of(run).end == run + 1;
    let filler = |run: usize| matches!(scan.letters(run), "de" | "del" | "of" | "do");
    // The most complete date counts: of `set 2019-04-03` the figures.
    let open = |run: usize| !begins_full(scan, run) && (run < month || !is_of_other_month(scan, run));
    let is_day = |run: usize| scan.is_digits(run) && within(scan, run, 1, 31) && open(run);
    // July 4, 2019, August 5, 2019: behind a day it is of this month.
    let is_year = |run: usize| {
        let own = run > month + 1 && !begins_full(scan, run);
        is_year(scan, run) && (own || open(run))
    };
    let mut start = month;
    let mut before = month;
    while before > 0 && near(before) && month - before < 2 && (filler(before - 1) || ordinal(before - 1)) {
        before -= 1;
    }
    // July 4, 2019, August 5, 2019: each month has a year of its own.
    let year_behind = [1, 2, 3].iter().any(|ahead| {
        let behind = (month + 1..month + ahead).all(|run| near(run) && (is_day(run) || ordinal(run)));
        behind && near(month + ahead) && is_year(month + ahead)
    });
    // October 22 - November 1, 2004: the day before is of another month.
    let of_other = before == month
        && before > 1
        && is_month(scan.letters(before - 2))
        && near(month + 1)
        && is_day(month + 1)
        && year_behind;
    let day_before = !of_other
        && before > 0
        && near(before)
        && is_day(before - 1)
        && !ends_full(scan, before - 1)
        && (scan.word_of(before - 1).start == before - 1 || is_glued_to_year(scan, before - 1, month));
    if day_before {
        start = before - 1;
    }
    // 1968 Mai 12, 68 Okt 12: the year in front.
    let alone = |run: usize| {
        let word = scan.word_of(run);
        let glued = word.end == run + 3 && is_day(run + 2);
        word.start == run && (word.end <= run + 2 || glued)
    };
    let year_before = !day_before
        && !year_behind
        && before == month
        && month > 0
        && near(month)
        && alone(month - 1)
        && !ends_full(scan, month - 1)
        && (is_year(month - 1)
            || within(scan, month - 1, 32, 99) && near(month + 1) && is_day(month + 1) && apart(month + 1));
    let mut end = month + 1;
    if year_before {
        start = month - 1;
        if near(end) && is_day(end) && apart(end) {
            end += 1;
            if ordinal(end) {
                end += 1;
            }
        }
        let closer = end > month + 1 || full && !may_be_verb(name) || scan.gap(month) != " ";
        return closer.then_some((start, end));
    }
    let mut after = end;
    let mut day_after = false;
    let english = |run: usize| ordinal(run) && matches!(scan.letters(run), "st" | "nd" | "rd" | "th");
    // July the 4th
    if scan.letters(after) == "the" && near(after) && near(after + 1) && english(after + 2) {
        after += 1;
    }
    let counted = english(after + 1);
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
    let year = near(after)
        && scan.is_digits(after)
        && (is_year(after)
            || (day_before || day_after && scan.gap(after).contains([',', '\'', '-', '/', '.']))
                && length(scan, after) == 2
                && open(after)
                && apart(after));
    // Juli 68, Okt. '71: no day and no time is so great.
    let short_year = !year
        && !day_before
        && !day_after
        && near(after)
        && within(scan, after, 32, 99)
        && apart(after)
        && scan.word_of(after).start == after
        && (full && !may_be_verb(name)
            || scan.runs[month].style == Style::Title && !WORDS_TOO.contains(&name))
        && !(scan.gap(after + 1).trim_start().starts_with(['%', ',', '.']) && scan.is_digits(after + 1))
        && !is_measure(scan, after, after);
    if year || short_year {
        end = after + 1;
    }
    let upper = scan.runs[month].style == Style::Upper;
    let counts = year
        || short_year
        || day_before && !WORDS_TOO.contains(&name) && (full || !upper || is_glued_day(scan, start, month))
        || day_after && counted && !WORDS_TOO.contains(&name)
        || day_after
            && full
            && apart(month + 1)
            && (!matches!(name, "may" | "march" | "mai" | "mars" | "maj")
                || is_behind_preposition(scan, month));
    counts.then_some((start, end))
}

/// `04JUL`, `04-JUL`: a day and a short month in capitals that are a word of their own.
fn is_glued_day(scan: &Scan, day: usize, month: usize) -> bool {
    day + 1 == month
        && scan.word_of(day).start == day
        && scan.word_of(month).end == month + 1
        && (scan.gap(month).is_empty() || scan.gap(month) == "-" && length(scan, day) == 2)
        && !(scan.gap(month + 1) == "-" && scan.is_digits(month + 1))
}

/// `on March 17`, `since May 4`: no verb stands there.
fn is_behind_preposition(scan: &Scan, month: usize) -> bool {
    const BEFORE: &[&str] = &["on", "since", "until", "till", "of", "from", "before", "after", "dated"];
    month > 0 && scan.gap(month) == " " && BEFORE.contains(&scan.letters(month - 1))
}

/// `w03Apr2019`: a day of two figures behind a letter, if month and year follow without a sign.
fn is_glued_to_year(scan: &Scan, day: usize, month: usize) -> bool {
    day + 1 == month
        && length(scan, day) == 2
        && scan.gap(month).is_empty()
        && scan.gap(month + 1).is_empty()
        && is_year(scan, month + 1)
}

/// Whether an abbreviation of a month is a word too.
pub(super) fn is_word_too(name: &str) -> bool {
    WORDS_TOO.contains(&name)
}

/// Names of months that are verbs, planets and the like too.
pub(super) fn may_be_verb(name: &str) -> bool {
    matches!(name, "may" | "march" | "mai" | "maj" | "mars" | "mart" | "avril" | "august" | "april" | "june")
}

/// `le 12/03`, `am 12.03.`: a day and a month of two digits behind a word for days; of one, if a point follows (`am 3.6.`).
fn day_and_month(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    const ON: &[&str] = &[
        "le", "du", "am", "vom", "bis", "on", "el", "il", "del", "dia", "dnia", "dne", "den", "op", "em",
        "of", "from", "since", "until", "till", "dated", "seit", "ab", "zum", "dal", "desde", "depuis", "al",
        "au", "dd", "van", "fra", "fran", "od", "от", "dato", "datum", "date", "fecha", "data",
    ];
    let ordinal = scan.gap(at + 1) == "." && scan.gap(at + 2).starts_with('.') && !scan.is_digits(at + 2);
    let two =
        |run: usize| scan.is_digits(run) && (length(scan, run) == 2 || ordinal && length(scan, run) == 1);
    let star = scan
        .gap(at)
        .trim_end()
        .strip_suffix('*')
        .is_some_and(|rest| rest.is_empty() && at == 0 || rest.ends_with([' ', '(', '[', ',', ';', '_']));
    let announced = at > 0 && matches!(scan.gap(at), " " | ": ") && ON.contains(&scan.letters(at - 1))
        || star
        || follows_gone(scan, at);
    let alone = scan.is_word(at) && scan.is_word(at + 1) && !scan.is_digits(at + 2);
    (announced
        && two(at)
        && two(at + 1)
        && alone
        && matches!(scan.gap(at + 1), "/" | ".")
        && is_day_and_month(scan, at, at + 1)
        && !is_measure(scan, at, at + 1))
    .then_some((at, at + 2))
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
    if !BORN.contains(&scan.letters(at)) && !is_born_in_letters(scan, at) {
        return None;
    }
    let first = (at + 1..at + 6).find(|&run| scan.is_digits(run))?;
    let announces = |run: usize| {
        let word = scan.letters(run);
        is_month(word) || BETWEEN.contains(&word) || BORN.contains(&word)
    };
    (at + 1..first).all(announces).then_some(first)
}

/// `d.o.b.`, `D.O.B`, `d/o/b`, `d.n.`, `д.р.`, and `b.` before a whole date.
fn is_born_in_letters(scan: &Scan, at: usize) -> bool {
    let joined = |run: usize| matches!(scan.gap(run), "." | ". " | "/" | " ");
    let behind = |back: usize| at.checked_sub(back).map_or("", |run| scan.letters(run));
    match scan.letters(at) {
        "b" if behind(2) == "d" && behind(1) == "o" => joined(at) && joined(at - 1),
        "b" | "d" if is_year_behind_point(scan, at) => true,
        "b" => {
            scan.gap(at + 1).starts_with('.')
                && [1, 2, 3].iter().all(|ahead| scan.is_digits(at + ahead))
                && separator(scan.gap(at + 2)).is_some_and(|separator| separator != ' ')
                && scan.gap(at + 2) == scan.gap(at + 3)
        }
        "n" if matches!(behind(1), "d" | "f") => scan.gap(at) == ".",
        "р" if matches!(behind(1), "д" | "г") => joined(at) && (!joined(at + 1) || scan.is_digits(at + 1)),
        "d" => matches!(scan.letters(at + 1), "yili" | "tarihi"),
        // `b. 1954`; of numbers apart, no scan and no b-value is written so.
        "f" | "n" | "р" => is_year_behind_point(scan, at),
        _ => false,
    }
}

fn is_year_behind_point(scan: &Scan, at: usize) -> bool {
    scan.gap(at + 1) == ". " && is_year(scan, at + 1) && scan.word_of(at).len() == 1
}

/// `*1954`, `1954 born`, `1954 г.р.`: a year that is told to be of birth by signs before it or words behind it.
fn is_birth_year(scan: &Scan, at: usize) -> bool {
    let alone = scan.word_of(at).len() == 1;
    if !is_year(scan, at) || !alone && !scan.source(scan.word_of(at).end - 1).chars().any(is_ideographic) {
        return false;
    }
    let before = scan.gap(at).trim_end();
    let starred = before
        .strip_suffix('*')
        .is_some_and(|rest| rest.is_empty() && at == 0 || rest.ends_with([' ', '(', '[', ',', ';', '_']));
    let near = |run: usize| matches!(scan.gap(run), " " | "-" | ", " | "");
    let word = scan.letters(at + 1);
    let behind = near(at + 1)
        && (BORN_BEHIND.contains(&word) || matches!((word, scan.letters(at + 2)), ("г", "р") | ("d", "lu")));
    // Year groups: of somebody, since no scan has one.
    let class = at > 0
        && near(at)
        && matches!(
            scan.letters(at - 1),
            "classe"
                | "rocznik"
                | "rocnik"
                | "rocznika"
                | "argang"
                | "aarsklasse"
                | "vuosikerta"
                | "evjarat"
                | "kohorte"
        );
    starred || behind || class
}

/// What follows the announcement of a birth date, a lone year too.
pub(super) fn mark_births(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        if is_birth_year(scan, at) {
            scan.take_runs(at..at + 1);
        }
        let Some(first) = birth_after(scan, at) else { continue };
        let near = |run: usize| {
            let gap = scan.gap(run);
            gap.len() <= 4 && gap.chars().all(|c| " .-/_,'’\u{a0}".contains(c))
        };
        let mut end = first + 1;
        let mut numbers = 1;
        let mut months = (at + 1..first).filter(|&run| is_month(scan.letters(run))).count();
        while end < scan.runs.len() && near(end) {
            if scan.is_digits(end) && numbers < 3 && scan.runs[end].folded.len() <= 4 {
                numbers += 1;
            } else if is_month(scan.letters(end)) && months == 0 {
                months += 1;
            } else if !(matches!(scan.letters(end), "de" | "of" | "st" | "nd" | "rd" | "th" | "er" | "del")
                && numbers + months < 3)
            {
                break;
            }
            end += 1;
        }
        while end > first + 1 && !scan.is_digits(end - 1) && !is_month(scan.letters(end - 1)) {
            end -= 1;
        }
        let start = (at + 1..first).find(|&run| is_month(scan.letters(run))).unwrap_or(first);
        if scan.runs[first].folded.len() >= 2 || end > first + 1 {
            scan.take_runs(start..end);
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

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::{Identifiers, Searcher};

    fn cleaned(text: &str) -> String {
        clean(text, &Searcher::new(&Identifiers::default()), &Rewriter::default()).text
    }

    #[test]
    fn birth_dates_go_in_any_shape() {
        for text in [
            "d.o.b. 12/02/98",
            "D.O.B: 07.11.1964",
            "DOB: Mar 4, 61",
            "dob 19-Sep-71",
            "b. 3/2/58",
            "geb. 4.11.58",
            "geboren am 5. Mai 1949",
            "né le 3.5.1949",
            "nato il 23/11/55",
            "F. nac. 07-08-1962",
            "date naiss. 22/01/1983",
            "ur. 12.03.1961",
            "nacida 3-VII-1951",
            "р. 1925",
        ] {
            let left = cleaned(&format!("{text}, T1"));
            assert!(!left.replace("T1", "").contains(|c: char| c.is_ascii_digit()), "{text}: {left}");
        }
    }

    #[test]
    fn years_in_front_and_months_with_years_go() {
        for text in [
            "1968 Mai 12",
            "68 Okt 12",
            "Juli 68",
            "Okt. '71",
            "12,03,2019",
            "12|03|2019",
            "2019:03:12",
            "III/2019",
            "12\u{A0}03\u{A0}2019",
            "12\u{202F}mai\u{202F}1968",
            "１２／０３／２０１９",
            "1988년 2월 14일",
        ] {
            assert_eq!(cleaned(&format!("{text} T2")), "T2", "{text}");
        }
        for text in ["mars 64 dir", "Sep 4 T2", "b 0,10,2000", "TI 5,10,1950", "T1 – 12\u{A0}mm"] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn days_and_months_go_without_a_year() {
        for text in [
            "July 4th",
            "on March 17th",
            "on March 17",
            "May 4th",
            "July the 4th",
            "July 4th 2019",
            "04JUL",
            "4JUL",
            "04-JUL",
            "4 July",
            "4th July",
        ] {
            let left = cleaned(&format!("{text} T2"));
            assert!(!left.replace("T2", "").contains(|c: char| c.is_ascii_digit()), "{text}: {left}");
        }
        for text in ["may 4 T2", "march 17 steps", "4 SET", "T1 3 MAR"] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn dates_of_many_languages_go() {
        for text in [
            "17 października 2019",
            "12. března 2019",
            "12 maj 2019",
            "12 ianuarie 2019",
            "5 ноября 2018",
            "12 Mart 2019",
            "12 Μαρτίου 2019",
            "12.XI.2019",
            "le 12/03",
            "am 12.03.",
            "am 14.6.",
        ] {
            let left = cleaned(&format!("{text} T2"));
            assert!(!left.contains("20") && !left.contains("12") && left.ends_with("T2"), "{text}: {left}");
        }
        assert_eq!(cleaned("b 12/03 T2"), "b 12/03 T2");
    }
}
