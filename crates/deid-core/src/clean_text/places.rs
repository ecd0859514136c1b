//! Where people can be reached: e-mail, the web, files, streets.

use super::codes::is_town;
use super::scan::{Scan, Style};
use super::words::lexicon;

/// Words for a street before its name, and whether its number stands before it too (French) or after (elsewhere).
const BEFORE: &[&str] = &[
    "rue",
    "avenue",
    "av",
    "ave",
    "boulevard",
    "bd",
    "bld",
    "blvd",
    "place",
    "chemin",
    "impasse",
    "allee",
    "allees",
    "route",
    "quai",
    "cours",
    "square",
    "faubourg",
    "passage",
    "calle",
    "avda",
    "avenida",
    "plaza",
    "paseo",
    "carrer",
    "carretera",
    "via",
    "viale",
    "piazza",
    "corso",
    "vicolo",
    "largo",
    "rua",
    "travessa",
    "ulica",
    "ul",
    "praca",
    "ronda",
    "plac",
    "aleja",
    "aleje",
    "osiedle",
    "namesti",
    "trida",
    "ulice",
    "улица",
    "ул",
    "проспект",
    "переулок",
    "οδος",
];

/// Words for a street after its name.
const AFTER: &[&str] = &[
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "ln",
    "drive",
    "boulevard",
    "blvd",
    "court",
    "ct",
    "crescent",
    "cres",
    "close",
    "square",
    "terrace",
    "way",
    "gardens",
    "grove",
    "row",
    "hill",
    "place",
    "parkway",
    "highway",
];

/// Endings of names of streets.
const ENDINGS: &[&str] = &[
    "strasse", "strase", "str", "gasse", "allee", "platz", "weg", "straat", "laan", "gracht", "gatan",
    "vagen", "vej", "gade", "veien", "katu", "utca",
];

/// Little words in names of streets.
const LITTLE: &[&str] = &[
    "de", "du", "des", "d", "l", "la", "le", "les", "del", "della", "dei", "di", "do", "da", "dos", "das",
    "los", "las", "von", "van", "der", "den", "dem", "am", "zum", "zur",
];

/// Marks e-mail and web addresses and paths of files.
pub(super) fn mark_contacts(scan: &mut Scan) {
    let text = scan.text;
    for (at, _) in text.match_indices('@') {
        let local = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
        let domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
        let start = text[..at].trim_end_matches(local).len();
        let end = text.len() - text[at + 1..].trim_start_matches(domain).len();
        // localizer@center is of a scanner.
        let pilot = matches!(
            &*text[start..end].to_ascii_lowercase(),
            "localizer@center" | "localizer@iso" | "scout@center"
        );
        if start < at && end > at + 1 && !scan.gone[at] && !pilot {
            scan.take_bytes(start..end);
        }
    }
    mark_spelt_mail(scan);
    let to_blank = |from: usize| {
        from + text[from..]
            .find(|c: char| c.is_whitespace() || "\"'<>|,;".contains(c))
            .unwrap_or(text.len() - from)
    };
    for sign in ["://", "www.", ":\\", "\\\\", "/home/", "/Users/"] {
        let mut from = 0;
        while let Some(at) = text[from..].find(sign).map(|at| from + at) {
            let start = match sign {
                "://" | ":\\" => text[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len(),
                _ => at,
            };
            let end = to_blank(at).max(at + sign.len());
            scan.take_bytes(start..end);
            from = end;
        }
    }
}

/// `anna dot larsson at sjukhus dot se`, `r.stavros [at] clinic [dot] gr`: signs written as words.
fn mark_spelt_mail(scan: &mut Scan) {
    for at in 1..scan.runs.len() {
        let bracketed = scan.gap(at).ends_with(['[', '(', '{']);
        let spelt =
            scan.letters(at) == "at" || scan.letters(at) == "arroba" || scan.letters(at) == "chiocciola";
        if !spelt || scan.gap(at).len() > 2 || scan.gap(at + 1).len() > 2 {
            continue;
        }
        let dot = |run: usize| matches!(scan.letters(run), "dot" | "punkt" | "punto" | "point" | "ponto");
        let joins = |run: usize| matches!(scan.gap(run), "." | "-" | "_" | "");
        // What is behind: a host with a point of either kind.
        let mut end = at + 2;
        let mut points = 0;
        while end < scan.runs.len() && end < at + 10 {
            if dot(end) && end + 1 < scan.runs.len() {
                points += 1;
                end += 2;
            } else if joins(end) {
                points += usize::from(scan.gap(end) == "." && bracketed);
                end += 1;
            } else {
                break;
            }
        }
        let last = scan.letters(end.min(scan.runs.len()) - 1);
        if points == 0 || scan.is_digits(at + 1) || !(2..=4).contains(&last.len()) {
            continue;
        }
        let mut start = at - 1;
        while start > 0 && at - start < 8 {
            if start > 1 && dot(start - 1) {
                start -= 2;
            } else if joins(start) {
                start -= 1;
            } else {
                break;
            }
        }
        scan.take_runs(start..end.min(scan.runs.len()));
    }
}

/// Marks addresses in streets, and postcodes with letters.
pub(super) fn mark_addresses(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        if scan.runs[at].digits {
            mark_british_postcode(scan, at);
            continue;
        }
        let word = scan.runs[at].folded.clone();
        if BEFORE.contains(&word.as_str()) && scan.is_word(at) {
            mark_after(scan, at);
        }
        if AFTER.contains(&word.as_str()) && scan.is_word(at) {
            mark_before(scan, at);
            mark_with_number_behind(scan, at);
        }
        let ends = ENDINGS.iter().any(|ending| word.ends_with(ending)) && (word.len() >= 6 || word == "str");
        let numbered = scan.is_digits(at + 1)
            && scan.runs[at + 1].folded.len() <= 4
            && matches!(scan.gap(at + 1), " " | "." | ". " | "");
        if ends
            && numbered
            && scan.runs[at].style != Style::Lower
            && (word != "str" || scan.gap(at + 1).starts_with('.'))
        {
            let start =
                if word == "str" && at > 0 && scan.runs[at - 1].style == Style::Title { at - 1 } else { at };
            let end = scan.word_of(at + 1).end;
            scan.take_runs(start..end);
        }
    }
}

/// `12 bis rue de la Paix`, `Calle Mayor 12`.
fn mark_after(scan: &mut Scan, street: usize) {
    let mut start = street;
    let mut number = false;
    for _ in 0..3 {
        let Some(before) = start.checked_sub(1) else { break };
        let gap = scan.gap(start);
        if gap.len() > 2 || !gap.chars().all(|c| " ,.".contains(c)) && !gap.is_empty() {
            break;
        }
        if scan.is_digits(before) {
            number = scan.runs[before].folded.len() <= 4 && scan.word_of(before).start == before;
            start = if number { before } else { start };
            break;
        }
        if !matches!(scan.letters(before), "bis" | "ter" | "quater" | "a" | "b") {
            break;
        }
        start = before;
    }
    let mut end = street + 1;
    while end < street + 4 && LITTLE.contains(&scan.letters(end)) {
        end += 1;
    }
    if scan.letters(end).is_empty() {
        return;
    }
    let named = end + 1;
    // The number after the name, where it is not in front.
    let after = (named..named + 3)
        .find(|&run| scan.is_digits(run) && scan.gap(run).chars().all(|c| " ,nº°.".contains(c)));
    if number {
        scan.take_runs(start..named);
    } else if let Some(after) = after.filter(|&after| {
        (street + 1..after)
            .all(|run| scan.runs[run].style != Style::Lower || LITTLE.contains(&scan.letters(run)))
            && (scan.runs[street].style != Style::Lower || is_small_street(scan, street, end))
            && scan.is_word(after)
    }) {
        scan.take_runs(street..after + 1);
    }
}

/// `ul. Długa 8`, `calle Alcalá 7`: in small letters, a word that is of streets alone or shortened, before a name.
fn is_small_street(scan: &Scan, street: usize, name: usize) -> bool {
    let shortened = scan.gap(street + 1).starts_with('.');
    (shortened || STREETS_ALONE.contains(&scan.letters(street)))
        && scan.runs.get(name).is_some_and(|run| run.style == Style::Title)
}

/// Words for streets that are nothing else.
const STREETS_ALONE: &[&str] = &[
    "rue",
    "calle",
    "ulica",
    "ul",
    "avenida",
    "rua",
    "viale",
    "piazza",
    "plaza",
    "chemin",
    "impasse",
    "allee",
    "avda",
    "carrer",
    "travessa",
    "boulevard",
    "avenue",
    "praca",
];

/// `Main St 12`: the number behind, in the way of other languages.
fn mark_with_number_behind(scan: &mut Scan, street: usize) {
    const PLAIN: &[&str] =
        &["street", "st", "road", "rd", "avenue", "ave", "lane", "ln", "blvd", "boulevard"];
    let title = |run: usize| scan.runs[run].style == Style::Title;
    let number = street + 1;
    let named = street > 0 && scan.gap(street) == " " && title(street) && title(street - 1);
    let numbered = matches!(scan.gap(number), " " | ". " | ", ")
        && scan.is_digits(number)
        && scan.runs[number].folded.len() <= 4
        && scan.word_of(number).len() <= 2;
    if !(named && numbered && PLAIN.contains(&scan.letters(street))) {
        return;
    }
    let end = scan.word_of(number).end;
    scan.take_runs(street - 1..end);
}

/// `27 Willow Lane`, `221B Baker Street`.
fn mark_before(scan: &mut Scan, street: usize) {
    if scan.runs[street].style == Style::Lower || scan.runs[street].style == Style::Mixed {
        return;
    }
    let mut at = street;
    while at > 0 && street - at < 4 && scan.gap(at) == " " {
        at -= 1;
        let word = scan.word_of(at);
        let digits = scan.is_digits(word.start) && scan.runs[word.start].folded.len() <= 5;
        if digits && (word.len() == 1 || word.len() == 2 && scan.letters(word.start + 1).len() == 1) {
            let all_known = (word.end..street)
                .all(|run| lexicon().is_word(&scan.runs[run].folded) && scan.runs[run].style == Style::Upper);
            if word.end < street && !all_known {
                scan.take_runs(word.start..street + 1);
            }
            return;
        }
        if word.len() > 1 || !scan.runs[at].is_capitalised() {
            return;
        }
    }
}

/// `SW1A 1AA`: letters, digits, perhaps a letter; a digit and two letters.
fn mark_british_postcode(scan: &mut Scan, at: usize) {
    let Some(before) = at.checked_sub(1).filter(|_| scan.gap(at) == " ") else { return };
    let inward = scan.word_of(at);
    let area = scan.word_of(before);
    let upper = |run: usize| scan.runs[run].style == Style::Upper;
    let is_inward = inward.len() == 2
        && inward.start == at
        && scan.runs[at].folded.len() == 1
        && scan.letters(at + 1).len() == 2
        && upper(at + 1);
    let is_area = (2..=3).contains(&area.len())
        && (1..=2).contains(&scan.letters(area.start).len())
        && upper(area.start)
        && scan.runs[area.start + 1].folded.len() <= 2
        && (area.len() == 2 || scan.letters(area.start + 2).len() == 1);
    if !is_inward || !is_area {
        return;
    }
    let outward = scan.text[scan.bytes_of(area.clone())].to_lowercase();
    if !lexicon().is_word(&outward) && !lexicon().is_word(scan.letters(at + 1))
        || scan.letters(area.start).len() == 2
        || is_town(scan, scan.runs[at].word + 1)
    {
        scan.take_runs(area.start..inward.end);
    }
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::Searcher;

    #[test]
    fn addresses_of_many_countries_go() {
        let cleaned = |text: &str| clean(text, &Searcher::default(), &Rewriter::default()).text;
        for text in [
            "Main St 12",
            "ul. Długa 8",
            "Plac Zamkowy 4",
            "calle Mayor 7",
            "anna dot larsson at sjukhus dot se",
            "r.stavros [at] clinic.gr",
            "GPS 52.5200, 13.4050",
            "plate B-QX 4471",
            "SN 8845-221",
            "SSN 123 45 6789",
            "1-800-555-0199",
            "555 1234",
        ] {
            let left = cleaned(&format!("{text} knee"));
            assert!(
                !left.contains(|c: char| c.is_ascii_digit()) && left.len() < 12 && left.ends_with("knee"),
                "{text}: {left}"
            );
        }
        for text in
            ["look at dot motion", "start at 12 dot pattern", "Slice Row 12", "matrix 256 1024", "b 500 1000"]
        {
            assert_eq!(cleaned(text), text);
        }
    }
}
