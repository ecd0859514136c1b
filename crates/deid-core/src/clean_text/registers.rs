//! Numbers of registers behind compound words for a number (`Sozialversicherungsnr. 1237`), identity cards with a check
//! letter (`44.812.903-X`), Irish postcodes, and streets of known words before a town (`Květinová 18, 602 00 Brno`).

use super::numbers::is_measure;
use super::scan::{Scan, Style};
use std::ops::Range;

/// What ends a word for the number of somebody or of their papers.
const NUMBER_ENDINGS: &[&str] = &["nr", "nummer", "number", "numero", "nro"];

/// What has numbers for people, in words apart.
const OF_PERSONS: &[&str] = &[
    "service",
    "military",
    "army",
    "navy",
    "regimental",
    "staff",
    "employee",
    "personnel",
    "student",
    "prison",
    "case",
    "court",
    "docket",
    "licence",
    "license",
    "permit",
    "customer",
    "client",
];

/// What is numbered in imaging, at the beginning of such a word.
const OF_IMAGING: &[&str] = &[
    "seri", "schicht", "bild", "image", "echo", "slice", "snitt", "run", "scan", "phase", "fase", "coil",
    "kanal", "channel", "version", "frame", "vol", "sequen", "sekven", "mess", "instan", "akqui", "acqui",
    "wirbel", "wave", "atom", "wieder", "repet", "teil", "part", "lot", "charge", "batch", "block", "page",
    "seite", "figur", "tab", "kapitel", "chapter", "ordnung", "order", "stat",
];

/// Beginnings of Irish postcodes that no level of the spine is.
const ROUTING_KEYS: &str = "
A41 A42 A45 A63 A67 A75 A81 A82 A83 A84 A85 A86 A91 A92 A94 A96 A98 D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12
D13 D14 D15 D16 D17 D18 D20 D22 D24 E21 E25 E32 E34 E41 E45 E53 E91 F12 F23 F26 F28 F31 F35 F42 F45 F52 F56 F91 F92
F93 F94 H12 H14 H16 H18 H23 H53 H54 H62 H65 H71 H91 K32 K34 K36 K45 K56 K67 K78 N37 N39 N41 N91 P12 P14 P17 P24 P25
P31 P32 P36 P43 P47 P51 P56 P61 P67 P72 P75 P81 P85 R14 R21 R32 R35 R42 R45 R51 R56 R93 R95 V14 V15 V23 V31 V35 V42
V92 V93 V94 V95 W12 W23 W34 W91 X35 X42 X91 Y14 Y21 Y25 Y34 Y35";

/// Marks numbers.
pub(super) fn mark(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        let found = check_letter(scan, at)
            .or_else(|| irish(scan, at))
            .or_else(|| compound(scan, at))
            .or_else(|| signed(scan, at))
            .or_else(|| long(scan, at));
        if let Some(runs) = found {
            scan.take_runs(runs);
        }
    }
}

/// `44.812.903-X`, `12.345.678-K`: thousands, and a check digit or letter behind a hyphen.
fn check_letter(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let group = |run: usize| scan.is_digits(run) && scan.runs[run].folded.len() == 3;
    let grouped = scan.is_digits(at)
        && scan.runs[at].folded.len() <= 2
        && scan.gap(at + 1) == "."
        && group(at + 1)
        && scan.gap(at + 2) == "."
        && group(at + 2)
        && scan.gap(at + 3) == "-";
    let check = matches!(scan.letters(at + 3), "x" | "k")
        || scan.is_digits(at + 3) && scan.runs[at + 3].folded.len() == 1;
    (grouped && check && scan.is_word(at + 3)).then_some(at..at + 4)
}

/// `D02 AF30`, or any such behind the word for it.
fn irish(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let key = scan.runs[at].word;
    let (first, second) = (scan.words[key].clone(), scan.words.get(key + 1)?.clone());
    let text = |runs: &Range<usize>| &scan.text[scan.bytes_of(runs.clone())];
    let upper = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let (routing, unique) = (text(&first), text(&second));
    if first.start != at || routing.len() != 3 || unique.len() != 4 || scan.gap(second.start) != " " {
        return None;
    }
    let announced = at > 0 && scan.letters(at - 1) == "eircode";
    // FA30, TE80, L4S1 are no codes of houses.
    let letters = scan.letters(second.start);
    let parameter = matches!(letters, "fa" | "te" | "tr" | "ti" | "b" | "l" | "t" | "c" | "s" | "p" | "r");
    let mixed = second.len() >= 2 && (second.len() > 2 || !parameter);
    let known = announced || ROUTING_KEYS.split_whitespace().any(|key| key == routing);
    (known && mixed && upper(routing) && upper(unique)).then_some(first.start..second.end)
}

/// `HC# 9876 543 217`: five digits and more behind an abbreviation and its sign.
fn signed(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let word = scan.letters(at);
    let sign = matches!(scan.gap(at + 1), "#" | "# " | " #" | " # " | "#:" | "#: ");
    if word.is_empty() || word.len() > 6 || !sign || !scan.is_digits(at + 1) {
        return None;
    }
    let mut end = at + 2;
    while end < at + 7 && scan.is_digits(end) && matches!(scan.gap(end), " " | "-" | "/" | "." | "") {
        end += 1;
    }
    let digits: usize = scan.runs[at + 1..end].iter().map(|run| run.folded.len()).sum();
    (digits >= 5).then(|| at + 1..scan.word_of(end - 1).end)
}

/// `898 0012 3456 7890`: four groups and more of thirteen digits and more in no order, whatever stands behind them.
fn long(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let group = |run: usize| {
        scan.is_digits(run)
            && scan.is_word(run)
            && (3..=4).contains(&scan.runs[run].folded.len())
            && !scan.is_gone(run)
    };
    if !group(at) || at > 0 && group(at - 1) && scan.gap(at) == " " {
        return None;
    }
    let end = (at + 1..at + 7).take_while(|&run| group(run) && scan.gap(run) == " ").last()? + 1;
    let number = |run: usize| scan.runs[run].number().unwrap_or_default();
    let digits: usize = scan.runs[at..end].iter().map(|run| run.folded.len()).sum();
    let ordered = |by: fn(&u32, &u32) -> bool| (at + 1..end).all(|run| by(&number(run - 1), &number(run)));
    let round = (at..end).all(|run| number(run).is_multiple_of(25));
    let four =
        (at..end).any(|run| scan.runs[run].folded.len() == 4 && scan.runs[run].folded.starts_with('0'));
    let odd = (at..end).filter(|&run| !number(run).is_multiple_of(25)).count() >= 2;
    (end - at >= 4 && digits >= 13 && !ordered(u32::le) && !ordered(u32::ge) && !round && (four || odd))
        .then_some(at..end)
}

/// A number of four digits and more behind a compound word for a number, or `service no`.
fn compound(scan: &Scan, mut at: usize) -> Option<Range<usize>> {
    let word = scan.letters(at);
    if OF_PERSONS.contains(&word) && matches!(scan.letters(at + 1), "no" | "nr" | "num" | "number") {
        at += 1;
    } else {
        let before = NUMBER_ENDINGS.iter().find_map(|ending| word.strip_suffix(ending))?;
        if before.len() < 4 || OF_IMAGING.iter().any(|beginning| before.starts_with(beginning)) {
            return None;
        }
    }
    let near = |gap: &str| gap.len() <= 4 && gap.chars().all(|c| " :=.#-".contains(c));
    if !scan.is_digits(at + 1) || !near(scan.gap(at + 1)) {
        return None;
    }
    let mut end = at + 2;
    while end < at + 7 && scan.is_digits(end) && matches!(scan.gap(end), " " | "-" | "/" | "." | "") {
        end += 1;
    }
    let digits: usize = scan.runs[at + 1..end].iter().map(|run| run.folded.len()).sum();
    (digits >= 4 && !is_measure(scan, at + 1, end - 1)).then_some(at + 1..end)
}

/// States of America.
const STATES: &str =
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc
nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr";

/// Marks a town of words between a street that is gone and an American state: `417 Elm Hollow Ln, Broken Arrow, OK`.
pub(super) fn mark_american_towns(scan: &mut Scan) {
    for state in 2..scan.runs.len() {
        let is_state = scan.runs[state].style == Style::Upper
            && STATES.split_whitespace().any(|listed| listed == scan.letters(state))
            && matches!(scan.gap(state), ", " | " ");
        if !is_state {
            continue;
        }
        let town =
            |run: usize| scan.runs[run].style == Style::Title && scan.is_word(run) && !scan.is_gone(run);
        let mut start = state;
        while start > 1 && state - start < 3 && town(start - 1) && (start == state || scan.gap(start) == " ")
        {
            start -= 1;
        }
        let address = start < state && scan.is_gone(start - 1) && scan.gap(start).trim_end() == ",";
        let street = (start.saturating_sub(5)..start).any(|run| scan.is_gone(run) && scan.is_digits(run));
        if address && street {
            scan.take_runs(start..state);
        }
    }
}

/// Marks a postcode between a street and a town that are gone: `Elmevej 9, 8600 Silkeborg`.
pub(super) fn mark_postcodes(scan: &mut Scan) {
    for at in 1..scan.runs.len().saturating_sub(1) {
        let code = scan.is_digits(at) && matches!(scan.runs[at].folded.len(), 4 | 5) && scan.is_word(at);
        let town = scan.gap(at + 1) == " "
            && scan.is_gone_name(at + 1)
            && scan.runs[at + 1].is_capitalised()
            && scan.is_word(at + 1);
        let street = scan.is_gone(at - 1) && scan.is_digits(at - 1) && scan.gap(at) == ", ";
        if code && town && street && !scan.is_gone(at) {
            scan.take(at);
        }
    }
}

/// Marks words with a number before a postcode and a town that are gone, or before a town alone behind `via dei`.
pub(super) fn mark_houses(scan: &mut Scan) {
    for number in 1..scan.runs.len() {
        let house = scan.is_digits(number) && scan.runs[number].folded.len() <= 4 && !scan.is_gone(number);
        if !house || !matches!(scan.gap(number), " " | ", ") {
            continue;
        }
        if let Some(start) = street(scan, number) {
            scan.take_runs(start..scan.word_of(number).end);
        } else if is_behind_state(scan, number) {
            scan.take(number);
        }
    }
}

/// Whether a number of four digits is the postcode behind an Australian state, itself behind a town that is gone.
fn is_behind_state(scan: &Scan, number: usize) -> bool {
    let state = ["nsw", "vic", "qld", "wa", "sa", "tas", "nt", "act"].contains(&scan.letters(number - 1));
    state
        && scan.runs[number].folded.len() == 4
        && scan.is_word(number)
        && scan.gap(number) == " "
        && number >= 2
        && scan.is_gone_name(number - 2)
        && matches!(scan.gap(number - 1), " " | ", ")
}

/// Where the street begins whose house has a number.
fn street(scan: &Scan, number: usize) -> Option<usize> {
    let title = |run: usize| scan.runs[run].style == Style::Title && scan.is_word(run) && !scan.is_gone(run);
    let little = |run: usize| {
        matches!(
            scan.letters(run),
            "dei"
                | "degli"
                | "delle"
                | "della"
                | "dello"
                | "del"
                | "dell"
                | "des"
                | "du"
                | "de"
                | "la"
                | "las"
                | "los"
        )
    };
    let mut start = number;
    while start > 0
        && number - start < 4
        && (title(start - 1) || little(start - 1))
        && (start == number || matches!(scan.gap(start), " " | "'" | "’"))
    {
        start -= 1;
    }
    let named = (start..number).any(title);
    // via dei Castagneti 18
    let italian = start > 0
        && scan.letters(start - 1) == "via"
        && matches!(scan.letters(start), "dei" | "degli" | "delle" | "della" | "dello" | "del" | "dell");
    if italian && named {
        return Some(start - 1);
    }
    let end = scan.word_of(number).end;
    let gone = |run: usize| run < scan.runs.len() && scan.is_gone(run);
    let postcode = scan.gap(end).trim() == "," && gone(end) && scan.is_digits(end);
    let town =
        (end..end + 4).any(|run| gone(run) && !scan.is_digits(run) && scan.runs[run].style == Style::Title);
    (named && postcode && town && start < number).then_some(start)
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::Searcher;

    fn cleaned(text: &str) -> String {
        clean(text, &Searcher::default(), &Rewriter::default()).text
    }

    #[test]
    fn numbers_of_registers_go() {
        for (text, left) in [
            ("RG 44.812.903-X mamografia", "RG mamografia"),
            ("Ausweisnr. 7719 2048 CT Kopf", "CT Kopf"),
            ("Krankenversicherungsnummer: 88120-4 MRT", "MRT"),
            ("D02 AF30 MRI", "MRI"),
            ("Eircode T12 W8KP MRI", "MRI"),
            ("Květinová 18, 602 00 Brno MRI", "MRI"),
            ("via dei Castagneti 18 RM", "RM"),
            ("HC# 9876 543 217 MRI", "MRI"),
            ("Service no 18 224 917 MRI", "MRI"),
            ("SUS 898 0012 3456 7890 US tireoide", "US tireoide"),
            ("Kangaloona VIC 3199 MRI", "MRI"),
            ("bopæl Elmevej 9, 8600 Silkeborg", "bopæl"),
            ("4417 Juniper Hollow Ln, Broken Arrow, OK", "OK"),
        ] {
            let left_over = cleaned(text);
            assert!(
                left_over == left || left_over.ends_with(left) && left_over.len() <= left.len() + 30,
                "{text}: {left_over}"
            );
            assert!(!left_over.chars().any(|c| c.is_ascii_digit()), "{text}: {left_over}");
        }
    }

    #[test]
    fn numbers_of_imaging_stay() {
        for text in [
            "Bildnummer 1204",
            "Schichtnummer 1204",
            "Echonummer 2 TR 4000",
            "T12 FA30",
            "L4 L5S1",
            "Kernel 18, 602 slices",
            "via femoral 18 F",
            "b 100 1000 2000 500 750 us",
            "TE 1000 2000 3000 4000 us",
            "run#1 echo#2 series# 1204",
            "localizer@center",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }
}
