//! Diseases, signs, scores and methods named after people: `Friedreich ataxia`, `kyste de Rathke`, `Koos 2`.

use super::scan::Scan;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// Those that stand before a name without a word between them.
const BEFORE: &[&str] = &["morb", "syndrom", "sindrom", "zespol", "chorob", "nemoc"];

/// What joins two names, or a thing to the name behind it.
const JOINTS: &[&str] = &[
    "and", "und", "et", "e", "y", "en", "och", "og", "i", "a", "de", "du", "d", "di", "del", "von", "van",
    "der", "of", "da", "do", "s",
];

/// What a name ends in when it is an adjective or a genitive.
const ENDINGS: &[&str] =
    &["s", "a", "ova", "ovy", "ove", "uv", "ho", "em", "sche", "schen", "scher", "sches", "sch", "in", "n"];

/// Names, each with the beginnings of the words that must stand beside it.
fn names() -> &'static FxHashMap<&'static str, Vec<&'static str>> {
    static NAMES: OnceLock<FxHashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let sections = include_str!("../../data/eponyms.txt").split("##").skip(1);
        let lines = sections.map(|section| section.lines().skip(1));
        let [things, diseases, beside_things, beside_diseases, others] = &lines.collect::<Vec<_>>()[..]
        else {
            unreachable!("the file has five sections")
        };
        let mut names = FxHashMap::default();
        for (things, beside) in [(things, beside_things), (diseases, beside_diseases)] {
            let things: Vec<&str> = things.clone().flat_map(str::split_whitespace).collect();
            names.extend(beside.clone().flat_map(str::split_whitespace).map(|name| (name, things.clone())));
        }
        let others = others.clone().filter_map(|line| line.split_once(':'));
        names.extend(others.map(|(name, things)| (name, things.split_whitespace().collect())));
        names
    })
}

fn things(folded: &str) -> Option<&'static [&'static str]> {
    let names = names();
    let found = names.get(folded).or_else(|| {
        let stems = ENDINGS.iter().filter_map(|ending| folded.strip_suffix(ending));
        stems.filter(|stem| stem.len() >= 4).find_map(|stem| names.get(stem))
    });
    found.map(Vec::as_slice)
}

/// Marks the names that are no person's here.
pub(super) fn mark(scan: &Scan, kept: &mut [bool]) {
    for (at, run) in scan.runs.iter().enumerate() {
        if run.digits || run.folded.len() < 3 || run.folded.len() > LONGEST || scan.is_gone(at) {
            continue;
        }
        let Some(things) = things(&run.folded) else { continue };
        if is_beside(scan, at, things) {
            kept[at] = true;
        }
    }
}

/// The longest name with its ending, in bytes.
const LONGEST: usize = 24;

/// How many words are looked at to either side.
const REACH: usize = 5;

/// Whether a thing stands beside a name, behind other names at most.
fn is_beside(scan: &Scan, at: usize, wanted: &[&str]) -> bool {
    let near = |gap: &str| matches!(gap, " " | "-" | "_" | "'" | "’" | "/" | " - " | "–" | "" | " & " | "&");
    let is_thing = |run: usize| {
        let word = scan.letters(run);
        wanted.iter().any(|thing| word.starts_with(thing))
    };
    let passes = |run: usize| {
        let word = scan.letters(run);
        JOINTS.contains(&word) || !word.is_empty() && word.len() <= LONGEST && things(word).is_some()
    };
    let ahead = (at + 1..scan.runs.len().min(at + REACH)).take_while(|&run| near(scan.gap(run)));
    for run in ahead {
        if is_thing(run) {
            return true;
        }
        // Fazekas 2, Modic II; no year and no day.
        if is_grade(scan, run) {
            return true;
        }
        if !passes(run) {
            break;
        }
    }
    // Behind a thing only as Latin languages and Latin itself have it: `Wada test Rasmussen` is somebody.
    let mut joined = false;
    let behind = (at.saturating_sub(REACH)..at).rev().take_while(|&run| near(scan.gap(run + 1)));
    for run in behind {
        let strict = BEFORE.iter().any(|thing| scan.letters(run).starts_with(thing));
        if (strict || joined && is_thing(run)) && !scan.is_gone(run) {
            return true;
        }
        if !passes(run) {
            break;
        }
        joined |= matches!(
            scan.letters(run),
            "de" | "d" | "di" | "du" | "del" | "von" | "van" | "of" | "da" | "do"
        );
    }
    false
}

/// Names of scales, of which a number alone tells the grade.
const SCALES: &[&str] = &[
    "fazekas",
    "scheltens",
    "koedam",
    "pasquier",
    "koos",
    "loes",
    "modic",
    "pfirrmann",
    "spetzler",
    "knosp",
    "bosniak",
    "gleason",
    "fuhrman",
    "zabramski",
    "cognard",
    "borden",
    "hess",
    "yahr",
    "hoehn",
    "braak",
    "balthazar",
    "todani",
    "deauville",
    "risser",
    "kellgren",
    "schatzker",
    "gustilo",
    "pauwels",
    "salter",
    "neer",
    "tonnis",
    "tossy",
    "meyerding",
    "frankel",
    "kernohan",
    "rankin",
    "karnofsky",
    "couinaud",
    "brodmann",
    "forrest",
    "hinchey",
    "breslow",
    "lenke",
    "mayo",
    "huckman",
    "fisher",
    "marburg",
    "child",
    "pugh",
];

fn is_grade(scan: &Scan, run: usize) -> bool {
    let before = scan.letters(run - 1);
    let number = scan.runs[run].number().is_some_and(|number| number <= 52) && scan.word_of(run).len() <= 2;
    let roman =
        matches!(scan.letters(run), "i" | "ii" | "iii" | "iv" | "v" | "iia" | "iib" | "iiia" | "iiib");
    SCALES.contains(&before) && (number || roman)
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::{Identifiers, Searcher};

    #[test]
    fn names_of_things_stay_and_those_of_people_go() {
        let mut identifiers = Identifiers::default();
        identifiers.add_name("Rathke^Anna");
        let nobody = Searcher::default();
        let cleaned = |text: &str, searcher| clean(text, searcher, &Rewriter::default()).text;
        for text in [
            "Friedreich's ataxia",
            "ataxie de Friedreich",
            "Evans index",
            "Rathke cleft cyst",
            "kyste de Rathke",
            "Koos grade 2",
            "Fazekas 2",
            "Hallervorden-Spatz disease",
            "zespół Cushinga",
        ] {
            assert_eq!(cleaned(text, &nobody), text);
        }
        for text in ["Evans brain", "Rathke T1", "scan of Friedreich", "Dr. Rathke cyst", "Koos, Anna: 2"] {
            assert!(
                !["Evans", "Rathke", "Friedreich", "Koos"]
                    .iter()
                    .any(|name| cleaned(text, &nobody).contains(name)),
                "{text}"
            );
        }
        assert_eq!(cleaned("Rathke cleft cyst", &Searcher::new(&identifiers)), "cleft cyst");
    }
}
