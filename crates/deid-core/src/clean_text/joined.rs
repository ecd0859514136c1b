//! Ranges and lists of dates of which one is complete: `3.4.-5.4.2019`, `24/12 et 26/12/2018`, `3, 5 and 7 April 2019`,
//! `April 3-5, 2019`, `2018-12-24/26`. The others take the month and the year of that one, so they are as telling.

use super::dates::{begins_full, ends_full, is_day_and_month, is_year, length, separator, within};
use super::months::is_month;
use super::numbers::{is_behind_parameter, is_measure};
use super::romans::is_roman_month;
use super::scan::Scan;
use super::weekdays::is_weekday;
use std::ops::Range;

/// Words that join dates, folded.
const JOINERS: &[&str] = &[
    "to",
    "til",
    "till",
    "until",
    "thru",
    "through",
    "and",
    "or",
    "bis",
    "und",
    "u",
    "oder",
    "zum",
    "au",
    "aux",
    "et",
    "ou",
    "jusqu",
    "al",
    "a",
    "e",
    "ed",
    "y",
    "o",
    "hasta",
    "ate",
    "ao",
    "as",
    "fino",
    "tot",
    "en",
    "t",
    "m",
    "tem",
    "of",
    "och",
    "og",
    "eller",
    "ja",
    "tai",
    "i",
    "do",
    "oraz",
    "lub",
    "az",
    "nebo",
    "ani",
    "es",
    "vagy",
    "ig",
    "si",
    "pana",
    "la",
    "ve",
    "ile",
    "den",
    "dan",
    "и",
    "по",
    "до",
    "та",
    "й",
    "και",
    "εως",
    "μεχρι",
    "ως",
    "in",
    "ter",
    "pa",
    "iki",
    "ir",
    "lidz",
    "un",
    "kuni",
    "ning",
    "から",
    "至",
    "到",
    "和",
    "及",
    "と",
    "まで",
    "および",
    "及び",
    "부터",
    "까지",
    "및",
    "와",
    "إلى",
    "الى",
    "و",
    "حتى",
    "تا",
    "עד",
    "ו",
    "vs",
    "versus",
    "then",
    "plus",
    "resp",
    "sowie",
    "dann",
    "puis",
    "poi",
    "luego",
    "через",
    "del",
    "dal",
];

/// Words that stand beside these.
const LITTLE: &[&str] = &[
    "the", "le", "les", "el", "il", "l", "den", "dem", "der", "am", "vom", "von", "zum", "du", "de", "des",
    "del", "dal", "di", "da", "do", "dia", "dias", "giorno", "giorni", "jour", "jours", "day", "days", "tag",
    "met", "en", "with", "again", "on", "um", "fra", "fran", "from", "since", "c", "z", "od", "ab", "then",
    "also", "la", "los", "as", "os", "ao", "op", "van", "dne", "dnia",
];

/// What is counted, so that a number behind it may be no day.
const COUNTED: &[&str] = &[
    "run",
    "runs",
    "phase",
    "phases",
    "task",
    "tasks",
    "set",
    "sets",
    "session",
    "sessions",
    "ses",
    "series",
    "part",
    "parts",
    "block",
    "blocks",
    "echo",
    "echoes",
    "week",
    "weeks",
    "step",
    "level",
    "group",
    "channel",
    "channels",
    "coil",
    "shot",
    "dir",
    "dirs",
    "vol",
    "volume",
    "volumes",
    "frame",
    "frames",
    "slice",
    "slices",
    "version",
    "v",
    "no",
    "nr",
    "number",
    "grade",
    "type",
    "stage",
    "dose",
    "arm",
    "cohort",
    "item",
    "trial",
    "trials",
    "levels",
    "serie",
    "schicht",
    "schichten",
    "lauf",
    "phasen",
    "bloc",
    "coupe",
    "coupes",
    "sesion",
    "sessione",
    "fase",
    "image",
    "images",
    "x",
    "n",
    "b",
    "acq",
    "rep",
    "reps",
    "average",
    "averages",
    "protocol",
    "option",
    "variant",
    "model",
];

/// How many days a list has at most.
const MOST: usize = 12;

/// A day that takes its month or its year from another date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) day: usize,
    pub(super) month: Option<usize>,
}

/// All dates of an expression.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) runs: Range<usize>,
    /// Those that are not complete, in order; the complete one stands before those from `behind` on.
    pub(super) members: Vec<Member>,
    pub(super) behind: usize,
    /// Whether it is certain that each is a date, and which part of it is what.
    pub(super) clear: bool,
}

/// How two dates are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    Word,
    Sign,
    /// `24/26`, `24+26`: without a blank.
    Tight,
    Comma,
}

/// How the complete date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    YearFirst(char),
    YearLast(char),
    /// With a name of a month.
    Named {
        year_first: bool,
    },
    /// `20181224`
    Compact,
}

/// The expression that a complete date is part of; the date alone, if nothing is joined to it.
pub(super) fn around(scan: &Scan, date: Range<usize>) -> Expression {
    let mut expression = Expression { runs: date.clone(), members: Vec::new(), behind: 0, clear: true };
    let Some(form) = form(scan, &date) else { return expression };
    let mut before = Vec::new();
    while before.len() < MOST
        && let Some((member, start, clear)) = member_before(scan, expression.runs.start, form)
    {
        before.push(member);
        expression.runs.start = start;
        expression.clear &= clear;
    }
    before.reverse();
    expression.behind = before.len();
    expression.members = before;
    while expression.members.len() < 2 * MOST
        && let Some((member, end, clear)) = member_behind(scan, expression.runs.end, form, &date)
    {
        expression.members.push(member);
        expression.runs.end = end;
        expression.clear &= clear;
    }
    if !expression.members.is_empty() && is_counted(scan, expression.runs.start) {
        expression.clear = false;
    }
    expression
}

/// Whether a word for something that is counted stands before a number.
pub(super) fn is_counted(scan: &Scan, run: usize) -> bool {
    let gap = scan.gap(run);
    run > 0
        && gap.len() <= 3
        && gap.chars().all(|c| " .:#_-=".contains(c))
        && COUNTED.contains(&scan.letters(run - 1))
}

fn form(scan: &Scan, date: &Range<usize>) -> Option<Form> {
    let named = |run: usize| !scan.is_digits(run) && is_name(scan, run);
    let first_is_year = is_year(scan, date.start);
    if date.clone().any(named) {
        return Some(Form::Named { year_first: first_is_year });
    }
    if date.len() == 1 {
        return (length(scan, date.start) == 8).then_some(Form::Compact);
    }
    if date.len() < 3 {
        return None;
    }
    let sign = separator(scan.gap(date.start + 1))?;
    Some(if first_is_year { Form::YearFirst(sign) } else { Form::YearLast(sign) })
}

fn is_name(scan: &Scan, run: usize) -> bool {
    is_month(scan.letters(run)) || is_roman_month(scan, run)
}

/// What a gap that joins may be made of.
fn may_join(gap: &str) -> bool {
    gap.chars().count() <= 5
        && gap.chars().all(|c| c.is_whitespace() && c != '\n' || JOINING.contains(c) || ".,'’()_".contains(c))
}

const JOINING: &str = "-–—‐‑−/&+~〜～;…→|\\・、*";

/// The joint of a stretch of runs and the gaps around them, and whether it is sure to be one.
fn joint(scan: &Scan, words: Range<usize>) -> Option<(Joint, bool)> {
    let gaps = || (words.start..=words.end).map(|run| scan.gap(run));
    if !gaps().all(may_join) {
        return None;
    }
    let clear = !words.clone().any(|run| is_weekday(scan, run));
    let word = words.clone().any(|run| JOINERS.contains(&scan.letters(run)));
    let sign = gaps().any(|gap| gap.contains(|c| JOINING.contains(c)) || gap.contains(".."));
    let comma = gaps().any(|gap| gap.contains(','));
    let joint = if sign && words.is_empty() && !scan.gap(words.start).contains(char::is_whitespace) {
        Joint::Tight
    } else if word {
        Joint::Word
    } else if sign {
        Joint::Sign
    } else if comma {
        Joint::Comma
    } else {
        return None;
    };
    Some((joint, clear))
}

fn is_joining(scan: &Scan, run: usize) -> bool {
    let word = scan.letters(run);
    !word.is_empty()
        && !is_roman_month(scan, run)
        && (JOINERS.contains(&word) || LITTLE.contains(&word) || is_weekday(scan, run))
}

fn ordinal(scan: &Scan, run: usize) -> bool {
    scan.gap(run).is_empty()
        && matches!(
            scan.letters(run),
            "st" | "nd" | "rd" | "th" | "er" | "e" | "o" | "a" | "º" | "ª" | "日" | "일" | "号"
        )
}

fn is_day(scan: &Scan, run: usize) -> bool {
    scan.is_digits(run) && within(scan, run, 1, 31) && !scan.is_gone(run)
}

/// Whether a number begins a word, and is no part of a longer number.
fn begins(scan: &Scan, run: usize) -> bool {
    let decimal = run > 0 && scan.is_digits(run - 1) && matches!(scan.gap(run), "." | ",");
    scan.word_of(run).start == run && !decimal && !ends_full(scan, run)
}

/// A member that ends before a run: where it starts, and whether it is clear.
fn member_before(scan: &Scan, first: usize, form: Form) -> Option<(Member, usize, bool)> {
    for words in 0..=3 {
        let Some(last) = first.checked_sub(words + 1) else { break };
        if words > 0 && !is_joining(scan, last + 1) {
            break;
        }
        let Some((joint, sure)) = joint(scan, last + 1..first) else { continue };
        let found = match form {
            Form::Named { year_first: false } => named_before(scan, last),
            Form::YearLast(sign) => in_figures_before(scan, last, sign, joint, last + 1),
            _ => None,
        };
        if let Some((member, start, clear)) = found {
            // Of a full date of its own nothing is missing.
            let whole = start > 0 && is_year(scan, start - 1) && !scan.gap(start).contains(' ')
                || (start..=last).any(|run| is_year(scan, run));
            // mar 24 - 27.Sep.2010: of a name or of a word.
            let alike = !scan.is_digits(first) || member.month.is_none_or(|month| month > member.day);
            return (!whole).then_some((
                member,
                start,
                clear && sure && (alike || form != Form::Named { year_first: false }),
            ));
        }
    }
    None
}

/// `24`, `24th`, `24 December`, `24 de diciembre`, `December 24`, `24 XII`.
fn named_before(scan: &Scan, last: usize) -> Option<(Member, usize, bool)> {
    let near = |run: usize| {
        let gap = scan.gap(run);
        gap.len() <= 3 && gap.chars().all(|c| " .-/_'’\u{a0}".contains(c))
    };
    let mut end = last;
    if ordinal(scan, end) && end > 0 && scan.is_digits(end - 1) {
        end -= 1;
    }
    if is_day(scan, end) && begins(scan, end) {
        let month = end.checked_sub(1).filter(|&month| near(end) && is_name(scan, month));
        let start = month.unwrap_or(end);
        return Some((Member { day: end, month }, start, end == last));
    }
    if !is_name(scan, last) || last == 0 {
        return None;
    }
    let mut day = last - 1;
    while day > 0
        && day + 3 > last
        && near(day + 1)
        && (ordinal(scan, day) || matches!(scan.letters(day), "de" | "of" | "di" | "do"))
    {
        day -= 1;
    }
    let glued = scan.word_of(day).start == day;
    (near(day + 1) && is_day(scan, day) && glued).then_some((
        Member { day, month: Some(last) },
        day,
        (day + 1..last).all(|run| !ordinal(scan, run)),
    ))
}

/// `24.12.`, `24/12`, `24.`, `24`.
fn in_figures_before(
    scan: &Scan,
    last: usize,
    sign: char,
    joint: Joint,
    next: usize,
) -> Option<(Member, usize, bool)> {
    if !is_day(scan, last) {
        return None;
    }
    let dotted = scan.gap(next).trim_start().starts_with('.');
    let first = last.wrapping_sub(1);
    let pair = last > 0
        && is_day(scan, first)
        && scan.word_of(first).start == first
        && scan.word_of(last).end == last + 1
        && separator(scan.gap(last)).is_some_and(|found| found == sign || matches!(found, '.' | '/'))
        && is_day_and_month(scan, first, last)
        && !scan.gap(last).contains("  ");
    let goes_on = |run: usize| run > 0 && scan.is_digits(run - 1) && scan.gap(run) == scan.gap(last);
    if pair && !goes_on(first) {
        let same = separator(scan.gap(last)) == Some(sign);
        // Which is the month, the complete date tells.
        return (same || dotted || joint != Joint::Comma).then_some((
            Member { day: first, month: Some(last) },
            first,
            same,
        ));
    }
    let comma = joint == Joint::Comma && scan.gap(next) == ",";
    let whole = scan.word_of(last) == (last..last + 1);
    let alone = whole && (begins(scan, last) || comma && !ends_full(scan, last));
    let decimal = scan.gap(next) == ".";
    // `3,5,7.4.2019`: days, or a number with a comma. Nobody is sure.
    let rising = scan.is_digits(next) && number(scan, last) < number(scan, next);
    let accepted = match joint {
        Joint::Word | Joint::Tight => true,
        Joint::Sign => dotted || !scan.gap(next).contains([';', '|', '*', '\\', '、', '・']),
        Joint::Comma => dotted || rising && comma,
    };
    (alone && !decimal && accepted).then_some((Member { day: last, month: None }, last, dotted))
}

/// A member that begins behind a run: where it ends, and whether it is clear.
fn member_behind(scan: &Scan, end: usize, form: Form, date: &Range<usize>) -> Option<(Member, usize, bool)> {
    for words in 0..=3 {
        let at = end + words;
        if at >= scan.runs.len() || words > 0 && !is_joining(scan, at - 1) {
            break;
        }
        let Some((joint, sure)) = joint(scan, end..at) else { continue };
        let found = match form {
            Form::YearFirst(sign) => in_figures_behind(scan, at, Some(sign), true, joint, date),
            Form::YearLast(sign) => in_figures_behind(scan, at, Some(sign), false, joint, date),
            Form::Compact => compact_behind(scan, at, joint, date),
            Form::Named { year_first } => named_behind(scan, at, year_first, joint, date),
        };
        if let Some((member, end, clear)) = found {
            return Some((member, end, clear && sure));
        }
    }
    None
}

/// Whether a unit stands behind numbers.
fn has_unit(scan: &Scan, first: usize, last: usize) -> bool {
    is_measure(scan, first, last) && !is_behind_parameter(scan, first)
}

fn day_of(scan: &Scan, date: &Range<usize>) -> u32 {
    date.clone()
        .rev()
        .find(|&run| scan.is_digits(run) && length(scan, run) <= 2)
        .and_then(|run| scan.runs[run].number())
        .unwrap_or(0)
}

fn number(scan: &Scan, run: usize) -> u32 {
    scan.runs[run].number().unwrap_or(0)
}

fn in_figures_behind(
    scan: &Scan,
    at: usize,
    sign: Option<char>,
    year_first: bool,
    joint: Joint,
    date: &Range<usize>,
) -> Option<(Member, usize, bool)> {
    if !is_day(scan, at) || begins_full(scan, at) || scan.word_of(at).start != at {
        return None;
    }
    let last = at + 1;
    let pair = is_day(scan, last)
        && separator(scan.gap(last)) == sign
        && is_day_and_month(scan, at, last)
        && scan.word_of(last).end == last + 1
        && !(scan.is_digits(last + 1) && separator(scan.gap(last + 1)) == sign);
    if pair && sign != Some(' ') && !has_unit(scan, at, last) {
        let dotted = scan.gap(last + 1).starts_with('.');
        let accepted =
            year_first && joint != Joint::Comma || dotted || matches!(joint, Joint::Word | Joint::Tight);
        let spaced = joint == Joint::Sign && length(scan, at) == 2;
        if !accepted && !spaced {
            return None;
        }
        let member = Member {
            day: if year_first { last } else { at },
            month: Some(if year_first { at } else { last }),
        };
        return Some((member, last + 1, true));
    }
    day_behind(scan, at, year_first, joint, date)
}

/// `26` behind `2018-12-24 to`.
fn day_behind(
    scan: &Scan,
    at: usize,
    year_first: bool,
    joint: Joint,
    date: &Range<usize>,
) -> Option<(Member, usize, bool)> {
    let alone = scan.word_of(at).len() == 1 || ordinal(scan, at + 1) && scan.word_of(at).len() == 2;
    let goes_on = scan.is_digits(at + 1) && matches!(scan.gap(at + 1), "." | "," | "-" | "/" | ":" | "x");
    if !alone || !is_day(scan, at) || goes_on || has_unit(scan, at, at) {
        return None;
    }
    let later = number(scan, at) > day_of(scan, date);
    let two = length(scan, at) == 2;
    let accepted = match joint {
        Joint::Tight => year_first || two,
        Joint::Word | Joint::Sign => year_first && later && two,
        // Behind them nothing is counted.
        Joint::Comma => {
            let ends = at + 1 >= scan.runs.len() || scan.gap(at + 1).starts_with([',', ')', ';']);
            year_first && later && two && (ends || at > date.end || scan.gap(at) == ",")
        }
    };
    let sure = later
        && matches!(joint, Joint::Word | Joint::Tight)
        && !scan.gap(at).contains(['&', '+', '|', ';'])
        && year_first;
    let end = at + 1 + usize::from(ordinal(scan, at + 1));
    accepted.then_some((Member { day: at, month: None }, end, sure && end == at + 1))
}

/// `20181224-26`, `20181224-1226`.
fn compact_behind(
    scan: &Scan,
    at: usize,
    joint: Joint,
    date: &Range<usize>,
) -> Option<(Member, usize, bool)> {
    let digits = &scan.runs.get(at).filter(|run| run.digits)?.folded;
    let alone = scan.word_of(at).len() == 1
        && !(scan.is_digits(at + 1) && matches!(scan.gap(at + 1), "." | "-" | ":"));
    let first = &scan.runs[date.start].folded;
    let later = match digits.len() {
        2 => digits.as_str() > &first[6..] && within(scan, at, 1, 31),
        4 => {
            digits.as_str() > &first[4..]
                && digits.as_str() < "1232"
                && &digits[2..] < "32"
                && &digits[2..] > "00"
        }
        _ => false,
    };
    (alone && later && joint == Joint::Tight && !has_unit(scan, at, at)).then_some((
        Member { day: at, month: None },
        at + 1,
        false,
    ))
}

/// `3 January`, `January 3`, and `5` behind `2019 April 3`.
fn named_behind(
    scan: &Scan,
    at: usize,
    year_first: bool,
    joint: Joint,
    date: &Range<usize>,
) -> Option<(Member, usize, bool)> {
    let near = |run: usize| {
        let gap = scan.gap(run);
        gap.len() <= 3 && gap.chars().all(|c| " .-/_'’\u{a0}".contains(c))
    };
    let has_year = |end: usize| {
        let gap = scan.gap(end);
        gap.len() <= 3
            && scan.is_digits(end)
            && (is_year(scan, end) || length(scan, end) == 2 && gap.contains(['.', '-', '/', '\'', ',']))
    };
    if scan.word_of(at).start != at || begins_full(scan, at) {
        return None;
    }
    if is_day(scan, at) {
        let mut month = at + 1;
        while month < at + 3
            && near(month)
            && (ordinal(scan, month) || matches!(scan.letters(month), "de" | "of" | "di"))
        {
            month += 1;
        }
        if month < scan.runs.len() && near(month) && is_name(scan, month) {
            let filled = matches!(scan.letters(month + 1), "de" | "of" | "del") && has_year(month + 2);
            let member = Member { day: at, month: Some(month) };
            // 2015-03-22 - 27 set: of a name or of a word.
            let clear = month == at + 1 && !year_first;
            return (!has_year(month + 1) && !filled).then_some((member, month + 1, clear));
        }
        return if year_first { day_behind(scan, at, true, joint, date) } else { None };
    }
    let day = at + 1;
    (is_name(scan, at)
        && near(day)
        && is_day(scan, day)
        && !has_year(day + 1)
        && scan.word_of(day).end == day + 1)
        .then_some((Member { day, month: Some(at) }, day + 1, true))
}

/// Whether a number is joined to a date that is gone already.
pub(super) fn follows_gone(scan: &Scan, at: usize) -> bool {
    (0..=2).any(|words| {
        let Some(last) = at.checked_sub(words + 1) else { return false };
        scan.is_digits(last)
            && scan.is_gone(last)
            && (last + 1..at).all(|run| is_joining(scan, run))
            && joint(scan, last + 1..at).is_some_and(|(joint, _)| joint != Joint::Comma)
    })
}

/// Days of a month that stand between its name and the year: `April 3-5, 2019`, `Dec 24, 26 and 28 2018`.
pub(super) struct Days {
    pub(super) runs: Range<usize>,
    pub(super) month: usize,
    pub(super) members: Vec<usize>,
    pub(super) year: usize,
    pub(super) clear: bool,
}

/// The days behind a month, if there are several and a year.
pub(super) fn days_behind(scan: &Scan, month: usize) -> Option<Days> {
    let near = |run: usize| {
        let gap = scan.gap(run);
        gap.len() <= 4 && gap.chars().all(|c| " .-/_,'’\u{a0}".contains(c))
    };
    if !is_name(scan, month)
        || scan.is_gone(month)
        || !near(month + 1)
        || !is_day(scan, month + 1)
        || begins_full(scan, month + 1)
    {
        return None;
    }
    let mut days = vec![month + 1];
    let mut clear = !is_counted(scan, month);
    let mut end = month + 2;
    loop {
        if ordinal(scan, end) {
            end += 1;
            clear = false;
        }
        if is_year(scan, end) && near(end) && !begins_full(scan, end) {
            break;
        }
        let next = (0..=2).find_map(|words| {
            let at = end + words;
            let all = (end..at).all(|run| is_joining(scan, run));
            (all && is_day(scan, at) && !begins_full(scan, at))
                .then(|| joint(scan, end..at))?
                .map(|joint| (at, joint.1))
        });
        let (at, sure) = next.filter(|_| days.len() < MOST)?;
        days.push(at);
        clear &= sure;
        end = at + 1;
    }
    (days.len() > 1).then(|| Days { runs: month..end + 1, month, members: days, year: end, clear })
}
