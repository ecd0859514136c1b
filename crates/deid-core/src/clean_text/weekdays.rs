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
        || gap.len() <= 1 && is_weekday(scan, behind)
        || matches!(gap, "(" | "（" | ")(") && sign()
}

/// Whether a day of the week stands before a run, and belongs to it.
pub(super) fn weekday_before(scan: &Scan, run: usize) -> bool {
    let gap = scan.gap(run);
    run > 0 && gap.len() <= 3 && gap.chars().all(|c| " .,(_-".contains(c)) && is_weekday(scan, run - 1)
}

pub(super) fn is_weekday(scan: &Scan, run: usize) -> bool {
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
