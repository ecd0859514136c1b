//! Days of the week beside dates.

use super::scan::{Scan, Style};
use std::ops::Range;

/// Days of the week, in full and with three letters.
const WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonnabend",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "lunedi",
    "martedi",
    "mercoledi",
    "giovedi",
    "venerdi",
    "sabato",
    "domenica",
    "maandag",
    "dinsdag",
    "woensdag",
    "donderdag",
    "vrijdag",
    "zaterdag",
    "zondag",
    "poniedzialek",
    "wtorek",
    "sroda",
    "czwartek",
    "piatek",
    "sobota",
    "niedziela",
    "понедельник",
    "вторник",
    "среда",
    "четверг",
    "пятница",
    "суббота",
    "воскресенье",
];

/// With two or three letters in other languages. Some are months, and words of the trade.
const SHORT: &[&str] = &[
    "lun",
    "mar",
    "mer",
    "mie",
    "jeu",
    "jue",
    "gio",
    "ven",
    "vie",
    "sam",
    "sab",
    "dim",
    "dom",
    "seg",
    "ter",
    "qua",
    "qui",
    "sex",
    "pon",
    "wto",
    "sro",
    "czw",
    "pia",
    "pt",
    "nie",
    "ned",
    "uto",
    "stre",
    "ctv",
    "pat",
    "man",
    "mandag",
    "tir",
    "tirsdag",
    "ons",
    "onsdag",
    "tor",
    "torsdag",
    "fre",
    "fredag",
    "lor",
    "lordag",
    "lordagen",
    "sondag",
    "tis",
    "tisdag",
    "lordag",
    "segunda",
    "terca",
    "quarta",
    "quinta",
    "sexta",
    "maanantai",
    "tiistai",
    "keskiviikko",
    "torstai",
    "perjantai",
    "lauantai",
    "sunnuntai",
    "hetfo",
    "kedd",
    "szerda",
    "csutortok",
    "pentek",
    "szombat",
    "vasarnap",
    "pondeli",
    "utery",
    "streda",
    "ctvrtek",
    "patek",
    "nedele",
    "pazartesi",
    "sali",
    "carsamba",
    "persembe",
    "cuma",
    "cumartesi",
    "pazar",
    "luni",
    "marti",
    "miercuri",
    "joi",
    "vineri",
    "sambata",
    "duminica",
    "пн",
    "вт",
    "ср",
    "чт",
    "пт",
    "сб",
    "вс",
    "понеділок",
    "вівторок",
    "середа",
    "четвер",
    "субота",
    "неділя",
    "δευτερα",
    "τριτη",
    "τεταρτη",
    "πεμπτη",
    "παρασκευη",
    "σαββατο",
    "κυριακη",
    "星期一",
    "星期二",
    "星期三",
    "星期四",
    "星期五",
    "星期六",
    "星期日",
    "周一",
    "周二",
    "周三",
    "周四",
    "周五",
    "周六",
    "周日",
];

/// Whether a day of the week stands beside a date: moved without it, it would tell by how many days.
pub(super) fn is_beside_weekday(scan: &Scan, runs: &Range<usize>) -> bool {
    // 2019年7月4日(木): the sign of the day is no part of the runs.
    let signed = scan.gap(runs.end).is_empty()
        && scan.runs.get(runs.end).is_some_and(|_| matches!(scan.source(runs.end), "日" | "일"));
    let behind = runs.end + usize::from(signed);
    let gap = scan.gap(behind).trim_start();
    let sign = || {
        let mut letters = scan.runs.get(behind).map_or("", |_| scan.source(behind)).chars();
        letters.next().is_some_and(|c| "月火水木金土日월화수목금토일".contains(c))
    };
    weekday_before(scan, runs.start)
        || gap.len() <= 1 && is_long_weekday(scan, behind)
        || matches!(gap, "(" | "（" | ")(") && sign()
}

/// Whether a day of the week stands before a run, and belongs to it.
pub(super) fn weekday_before(scan: &Scan, run: usize) -> bool {
    let gap = scan.gap(run);
    let before = run.checked_sub(1);
    before.is_some_and(|before| {
        gap.len() <= 3
            && gap.chars().all(|c| " .,(_-".contains(c))
            && (is_long_weekday(scan, before) || is_weekday(scan, before) && is_year_or_day(scan, run))
    })
}

/// Whether a date in figures begins here: before others an abbreviation is the month.
fn is_year_or_day(scan: &Scan, run: usize) -> bool {
    super::dates::begins_full(scan, run)
        || scan.runs.get(run).is_some_and(|run| run.digits && run.folded.len() == 8)
}

pub(super) fn is_weekday(scan: &Scan, run: usize) -> bool {
    is_long_weekday(scan, run) || SHORT.contains(&scan.letters(run)) && scan.word_of(run).len() == 1
}

/// The same, but for abbreviations that are months or words of the trade too.
fn is_long_weekday(scan: &Scan, run: usize) -> bool {
    let word = scan.letters(run);
    let of_fat = || word == "sat" && (scan.runs[run].style != Style::Title || is_fat(scan, run));
    let german = || matches!(scan.source(run), "Mo" | "Di" | "Mi" | "Do" | "Fr" | "Sa" | "So");
    WEEKDAYS.contains(&word) && !of_fat() || !word.is_empty() && german()
}

/// `Fat Sat`: saturation.
fn is_fat(scan: &Scan, run: usize) -> bool {
    run > 0 && matches!(scan.letters(run - 1), "fat" | "water" | "spec" | "pre" | "f")
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{DateTreatment, Rewriter, clean};
    use crate::identifiers::{Identifiers, Searcher};

    fn shifted(text: &str) -> String {
        let shift = Rewriter { dates: DateTreatment::Shift(20), ..Rewriter::default() };
        clean(text, &Searcher::new(&Identifiers::default()), &shift).text
    }

    #[test]
    fn dates_with_their_day_of_the_week_do_not_move() {
        for text in ["Thursday 4 July 2019", "Thu, 2019-07-04", "Do 4. Juli 2019", "2019年7月4日(木)"] {
            let left = shifted(text);
            assert!(!left.contains(char::is_numeric), "{text}: {left}");
        }
        assert_eq!(shifted("fat sat 2019-03-12"), "fat sat 2019-02-20");
    }
}
