//! Dates of other calendars, and in orders of their own: `2562-07-04` and `17 มี.ค. 2505` of Thailand, `108/07/04` of
//! Taiwan, `13 Tir 1398`, `24 Tevet 5779`, days and weeks of a year (ISO 8601), `Thu Jul  4 10:11:12 2019`.

use super::dates::{is_day_and_month, is_version, is_year, length, within};
use super::months::is_month;
use super::numbers::is_measure;
use super::scan::{Scan, Style};
use super::weekdays::weekday_before;
use std::ops::Range;

/// Months of Thailand, as they are written in full.
const THAI: &[&str] = &[
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
];

/// The letters of their abbreviations, which a point parts.
const THAI_SHORT: &[[&str; 2]] = &[
    ["ม", "ค"],
    ["ก", "พ"],
    ["มี", "ค"],
    ["เม", "ย"],
    ["พ", "ค"],
    ["มิ", "ย"],
    ["ก", "ค"],
    ["ส", "ค"],
    ["ก", "ย"],
    ["ต", "ค"],
    ["พ", "ย"],
    ["ธ", "ค"],
];

/// Months of Persia.
const PERSIAN: &[&str] = &[
    "farvardin",
    "ordibehesht",
    "khordad",
    "tir",
    "mordad",
    "amordad",
    "shahrivar",
    "mehr",
    "aban",
    "azar",
    "dey",
    "dei",
    "bahman",
    "esfand",
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "امرداد",
    "شهریور",
    "مهر",
    "ابان",
    "اذر",
    "دی",
    "بهمن",
    "اسفند",
];

/// Months of Islam, by their first word.
const ISLAMIC: &[&str] = &[
    "muharram",
    "safar",
    "rabi",
    "jumada",
    "jumadah",
    "rajab",
    "shaban",
    "sha",
    "ramadan",
    "ramazan",
    "shawwal",
    "dhu",
    "dhul",
    "zu",
    "zul",
    "محرم",
    "صفر",
    "ربيع",
    "جمادى",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذو",
    "ذي",
];

/// Months of the Jews.
const JEWISH: &[&str] = &[
    "tishrei",
    "tishri",
    "cheshvan",
    "heshvan",
    "marcheshvan",
    "kislev",
    "tevet",
    "shevat",
    "shvat",
    "adar",
    "nisan",
    "iyar",
    "sivan",
    "tammuz",
    "tamuz",
    "av",
    "elul",
];

/// Months of the common calendar in Arabic and Hebrew.
const COMMON: &[&str] = &[
    "يناير",
    "فبراير",
    "مارس",
    "ابريل",
    "مايو",
    "يونيو",
    "يونيه",
    "يوليو",
    "يوليه",
    "اغسطس",
    "سبتمبر",
    "اكتوبر",
    "نوفمبر",
    "ديسمبر",
    "كانون",
    "شباط",
    "اذار",
    "نيسان",
    "ايار",
    "حزيران",
    "تموز",
    "اب",
    "ايلول",
    "تشرين",
    "ינואר",
    "פברואר",
    "מרץ",
    "מרס",
    "אפריל",
    "מאי",
    "יוני",
    "יולי",
    "אוגוסט",
    "ספטמבר",
    "אוקטובר",
    "נובמבר",
    "דצמבר",
];

/// What stands between the name of a month, or its first word, and the year.
const BEHIND_MONTHS: &[&str] = &[
    "al",
    "ul",
    "el",
    "awwal",
    "thani",
    "i",
    "ii",
    "akhir",
    "akhira",
    "akhirah",
    "ula",
    "qidah",
    "qadah",
    "qaada",
    "qada",
    "hijjah",
    "hijja",
    "ban",
    "الاول",
    "الاولى",
    "الثاني",
    "الثانية",
    "الاخر",
    "الاخرة",
    "القعدة",
    "الحجة",
    "พ",
    "ค",
    "ศ",
    "of",
    "سنة",
    "عام",
    "سال",
];

/// What stands before the number of a week.
const WEEKS: &[&str] = &[
    "w",
    "wk",
    "week",
    "kw",
    "cw",
    "woche",
    "kalenderwoche",
    "semaine",
    "semana",
    "settimana",
    "vecka",
    "uke",
];

/// A date of these kinds at a run: which runs go.
pub(super) fn other(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    in_numbers(scan, at)
        .or_else(|| day_of_year(scan, at))
        .or_else(|| week(scan, at))
        .or_else(|| by_name(scan, at))
        .or_else(|| behind_weekday(scan, at))
        .or_else(|| half_joined(scan, at))
}

/// `0619-1957`, `1957-1906`: day and month in four digits, a zero at the head of one, and the year.
fn half_joined(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let day = |run: usize| {
        let digits = scan.runs.get(run).filter(|run| run.digits && run.folded.len() == 4)?;
        let (first, second) = digits.folded.split_at(2);
        let number = |part: &str| part.parse::<u32>().ok();
        let [a, b] = [number(first)?, number(second)?];
        let zero = first.starts_with('0') || second.starts_with('0');
        Some(zero && a.min(b) >= 1 && a.min(b) <= 12 && a.max(b) <= 31)
    };
    let attached = at > 0 && scan.is_digits(at - 1) && scan.gap(at) != " " && scan.gap(at) != "_"
        || scan.is_digits(at + 2) && scan.gap(at + 2) != " " && scan.gap(at + 2) != "_";
    let both = is_year(scan, at) && day(at + 1)? || day(at)? && is_year(scan, at + 1);
    let joined = matches!(scan.gap(at + 1), "-" | "/" | ".");
    (both && joined && !attached && !is_measure(scan, at, at + 1)).then_some((at, at + 2))
}

/// `Tuesday 4/7`, `Di. 4.7.`
fn behind_weekday(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    (scan.is_digits(at)
        && scan.is_digits(at + 1)
        && weekday_before(scan, at)
        && matches!(scan.gap(at + 1), "/" | ".")
        && is_day_and_month(scan, at, at + 1)
        && scan.is_word(at)
        && scan.is_word(at + 1)
        && !is_measure(scan, at, at + 1))
    .then_some((at, at + 2))
}

fn number_within(scan: &Scan, run: usize, digits: usize, numbers: Range<u32>) -> bool {
    length(scan, run) == digits
        && scan
            .runs
            .get(run)
            .and_then(super::scan::Run::number)
            .is_some_and(|number| numbers.contains(&number))
}

/// `S33.2.14` and `H5/3/3` of Japanese eras, `1397/12/23` of the Islamic calendars, `12/03/2562` and `2562-03-12` of
/// Thailand, `108/07/04` of Taiwan.
fn in_numbers(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let [a, b, c] = [at, at + 1, at + 2];
    let separator = scan.gap(b);
    let three = [a, b, c].iter().all(|&run| scan.is_digits(run))
        && matches!(separator, "/" | "-" | "." | "／")
        && scan.gap(c) == separator;
    if !three || scan.is_gone(a) || scan.word_of(c).end > c + 1 {
        return None;
    }
    if scan.is_digits(c + 1) && scan.gap(c + 1) == separator {
        return None;
    }
    let start = scan.word_of(a).start;
    let era = start + 1 == a
        && matches!(scan.source(start), "S" | "H" | "R" | "T" | "M")
        && within(scan, a, 1, 64)
        && is_day_and_month(scan, b, c)
        && within(scan, b, 1, 12);
    let whole = start == a && (at == 0 || scan.gap(at) != separator);
    let islamic = number_within(scan, a, 4, 1300..1480) && is_day_and_month(scan, b, c);
    let thai = number_within(scan, c, 4, 2440..2641) && is_day_and_month(scan, a, b);
    // Three numbers that are round may be a list of parameters: 2500/10/20, 100/10/20.
    let full = number_within(scan, b, 2, 1..13) && number_within(scan, c, 2, 1..32);
    let zero = [b, c].iter().any(|&run| scan.runs[run].folded.starts_with('0'));
    let round = |by: &str| separator != "-" && !zero && scan.runs[a].folded.ends_with(by);
    let alone = full && !is_measure(scan, a, c) && !is_version(scan, a);
    // ses-2505-03-17
    let first = start == a && !(at > 0 && scan.is_digits(at - 1) && scan.gap(at) == separator);
    let thai_first = first && alone && number_within(scan, a, 4, 2440..2641) && !round("00");
    let taiwan = alone && number_within(scan, a, 3, 100..120) && !round("0");
    (era || thai_first || whole && (islamic || thai || taiwan)).then_some((start, c + 1))
}

/// `1962-076`: a day of the year (ISO 8601).
fn day_of_year(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let [year, day] = [at, at + 1];
    let round = |run: usize, by: u32| scan.runs[run].number().is_some_and(|number| number % by == 0);
    let apart = |run: usize| !(scan.is_digits(run) && matches!(scan.gap(run), "-" | "." | "/"));
    (is_year(scan, year)
        && scan.gap(day) == "-"
        && scan.is_digits(day)
        && number_within(scan, day, 3, 1..367)
        && scan.is_word(year)
        // 1962-076T10:11
        && (scan.is_word(day) || scan.letters(day + 1) == "t" && scan.is_digits(day + 2))
        && apart(year)
        && apart(day + 1)
        && !(round(year, 100) && round(day, 50))
        && !is_measure(scan, year, day))
    .then_some((year, day + 1))
}

/// `2018-W52-1`, `2018W52`, `W27/2019`, `KW 27/2019`.
fn week(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    if is_year(scan, at) && scan.word_of(at).start == at {
        let [letter, week] = [at + 1, at + 2];
        let whole = scan.letters(letter) == "w"
            && matches!(scan.gap(letter), "" | "-")
            && scan.gap(week).is_empty()
            && number_within(scan, week, 2, 1..54)
            && scan.word_of(week).end == week + 1;
        let day = scan.gap(week + 1) == "-" && number_within(scan, week + 1, 1, 1..8);
        return whole.then_some((at, week + 1 + usize::from(day)));
    }
    let [week, year] = [at + 1, at + 2];
    let named = WEEKS.contains(&scan.letters(at))
        && scan.word_of(at).start == at
        && (scan.gap(week).is_empty()
            || length(scan, at) > 1 && matches!(scan.gap(week), " " | ". " | "." | "-"));
    (named
        && scan.is_digits(week)
        && within(scan, week, 1, 53)
        && is_year(scan, year)
        && matches!(scan.gap(year), "/" | "-" | "." | " " | ", " | " / ")
        && scan.is_word(year))
    .then_some((at, year + 1))
}

/// A name of a month of another calendar, or in a script where it stands alone.
struct Month {
    /// Where its name ends.
    end: usize,
    /// Years of its calendar.
    years: Range<u32>,
    /// Whether it is a word or a name too: a month only between a day and a year.
    is_word_too: bool,
}

fn month_at(scan: &Scan, run: usize) -> Option<Month> {
    let word = scan.letters(run);
    if word.is_empty() {
        return None;
    }
    let found = |end, years, is_word_too| Some(Month { end, years, is_word_too });
    if THAI.contains(&scan.source(run)) {
        return found(run + 1, 1900..2641, false);
    }
    if scan.gap(run + 1) == "."
        && run + 1 < scan.runs.len()
        && THAI_SHORT.contains(&[scan.source(run), scan.source(run + 1)])
    {
        return found(run + 2, 1900..2641, false);
    }
    let latin = word.is_ascii();
    // The Arabic and the Persian letters for the same sounds.
    let plain = |c| match c {
        'ي' | 'ى' => 'ی',
        'ك' => 'ک',
        c => c,
    };
    let is_in = |list: &[&str]| list.iter().any(|name| name.chars().map(plain).eq(word.chars().map(plain)));
    if is_in(PERSIAN) || is_in(ISLAMIC) {
        return found(run + 1, 1300..1480, latin || word.chars().count() <= 2);
    }
    if is_in(JEWISH) {
        return found(run + 1, 5600..5900, true);
    }
    let hebrew = word.strip_prefix('ב').is_some_and(|month| COMMON.contains(&month));
    (is_in(COMMON) || hebrew)
        .then_some(Month { end: run + 1, years: 1900..2100, is_word_too: word == "اب" })
}

/// `17 มี.ค. 2505`, `13 Tir 1398`, `1 Dhu al-Qidah 1440`, `1398 تیر 13`.
fn by_name(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let Month { mut end, years, is_word_too } = month_at(scan, at)?;
    let near = |run: usize| {
        let gap = scan.gap(run);
        gap.len() <= 4 && gap.chars().all(|c| " .,-/'’ʿ".contains(c))
    };
    let is_day =
        |run: usize| scan.is_digits(run) && within(scan, run, 1, 31) && scan.word_of(run).start == run;
    let is_year = |run: usize| scan.is_digits(run) && number_within(scan, run, 4, years.clone());
    let day = at > 0 && near(at) && is_day(at - 1);
    let year_before = at > 0 && near(at) && is_year(at - 1) && scan.is_word(at - 1);
    let month = end;
    while end < month + 4 && near(end) && BEHIND_MONTHS.contains(&scan.letters(end)) {
        end += 1;
    }
    let digits = near(end) && scan.is_digits(end);
    let year = digits && is_year(end);
    if year_before && digits && is_day(end) {
        return Some((at - 1, end + 1));
    }
    if is_word_too {
        return (day && year).then(|| (at - 1, end + 1));
    }
    let short_year = day && digits && length(scan, end) == 2;
    if year || short_year {
        return Some((at - usize::from(day), end + 1));
    }
    (day || year_before).then(|| (at - 1, month))
}

/// A date that a time parts, as `asctime` of C writes it.
pub(super) struct Parted {
    /// All of it, with the day of the week.
    pub(super) runs: Range<usize>,
    pub(super) day: usize,
    pub(super) year: usize,
}

/// `Thu Jul  4 10:11:12 2019`, `Thu Jul 4 10:11:12 CEST 2019`, `4 Jul 10:11 2019`.
pub(super) fn parted(scan: &Scan, month: usize) -> Option<Parted> {
    if !is_month(scan.letters(month)) || scan.is_gone(month) {
        return None;
    }
    let near = |run: usize| matches!(scan.gap(run), " " | "  " | "_" | "-" | ", ");
    let is_day =
        |run: usize| scan.is_digits(run) && within(scan, run, 1, 31) && near(run) && scan.is_word(run);
    let (day, clock) = if is_day(month + 1) && scan.gap(month + 2) != ":" {
        (month + 1, month + 2)
    } else if month > 0 && near(month) && scan.is_digits(month - 1) && within(scan, month - 1, 1, 31) {
        (month - 1, month + 1)
    } else {
        return None;
    };
    let minutes = |run: usize| number_within(scan, run, 2, 0..61) && scan.gap(run) == ":";
    if !near(clock) || !scan.is_digits(clock) || !within(scan, clock, 0, 23) || !minutes(clock + 1) {
        return None;
    }
    let mut year = clock + 2 + usize::from(minutes(clock + 2));
    let zone = scan.runs.get(year).is_some_and(|run| run.style == Style::Upper && run.folded.len() <= 5);
    if zone && !scan.is_digits(year) && near(year) {
        year += 1;
    }
    if !is_year(scan, year) || !near(year) {
        return None;
    }
    let start = month.min(day);
    let start = if weekday_before(scan, start) { start - 1 } else { start };
    Some(Parted { runs: start..year + 1, day, year })
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{DateTreatment, Rewriter, clean};
    use crate::identifiers::{Identifiers, Searcher};

    fn treated(text: &str, rewriter: &Rewriter<'_>) -> String {
        clean(text, &Searcher::new(&Identifiers::default()), rewriter).text
    }

    fn cleaned(text: &str) -> String {
        treated(text, &Rewriter::default())
    }

    fn shifted(text: &str) -> String {
        treated(text, &Rewriter { dates: DateTreatment::Shift(20), ..Rewriter::default() })
    }

    #[test]
    fn dates_of_other_calendars_go() {
        for text in [
            "2505-03-17",
            "2562-07-04",
            "2562/07/04",
            "17/03/2505",
            "17 มี.ค. 2505",
            "4 ก.ค. 2562",
            "17 มีนาคม 2505",
            "17 มี.ค. 62",
            "4 กรกฎาคม พ.ศ. 2562",
            "108/07/04",
            "107/12/31",
            "108.07.04",
            "108-07-04",
            "13 Tir 1398",
            "۱۳ تیر ۱۳۹۸",
            "13 تير 1398",
            "1 Dhu al-Qidah 1440",
            "12 Ramadan 1440",
            "24 Tevet 5779",
            "๑๗/๐๓/๒๕๐๕",
            "๑๗ มีนาคม ๒๕๐๕",
            "१२/०३/२०१९",
            "Tuesday 4/7",
            "4 يوليو 2019",
            "4 ביולי 2019",
        ] {
            for left in [cleaned(&format!("{text} T2")), shifted(&format!("{text} T2"))] {
                assert!(!left.replace("T2", "").contains(char::is_numeric), "{text}: {left}");
                assert!(left.ends_with("T2"), "{text}: {left}");
            }
        }
        for text in
            ["TR/TE/FA 2500/10/20", "b 100/10/20", "100/10/20", "TE 108.10.12", "mehr 1400", "Fat Sat 4/7"]
        {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn days_and_weeks_of_a_year_go() {
        for text in [
            "1962-076",
            "2018-365",
            "2018-W52-1",
            "2018W52",
            "2018-W52",
            "W27/2019",
            "KW 27/2019",
            "KW27/2019",
            "week 27, 2019",
            "0619-1957",
            "1906/1957",
            "1957-0619",
        ] {
            for left in [cleaned(&format!("{text} T2")), shifted(&format!("{text} T2"))] {
                assert_eq!(left, "T2", "{text}");
            }
        }
        for text in ["2000-100", "TR 2000-150", "week 27", "1024-2048", "0800-2000 Hz", "0506-2000 ms"] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn dates_that_a_time_parts_go_or_move_whole() {
        for text in [
            "Thu Jul  4 10:11:12 2019",
            "Thu Jul 4 10:11:12 CEST 2019",
            "Jul 4 10:11 2019",
            "Thu 4 Jul 10:11:12 2019",
            "July 4 10:11:12 2019",
        ] {
            assert_eq!(cleaned(&format!("{text} T2")), "T2", "{text}");
        }
        assert_eq!(shifted("T2 Thu Jul  4 10:11:12 2019"), "T2");
        assert_eq!(shifted("T2 Jul 4 10:11:12 2019"), "T2 Jun 14 10:11:12 2019");
    }
}
