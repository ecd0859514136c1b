//! Diseases, signs, scores and methods named after people: `Friedreich ataxia`, `kyste de Rathke`, `Koos 2`.

use super::scan::Scan;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What the words begin with that such names stand beside, in the languages of headers.
const THINGS: &[&str] = &[
    "syndrom",
    "sindrom",
    "zespol",
    "oireyhtyma",
    "sendrom",
    "diseas",
    "maladi",
    "morb",
    "krankheit",
    "erkrankung",
    "ziekte",
    "enfermed",
    "malatt",
    "doenc",
    "chorob",
    "nemoc",
    "hastalig",
    "taud",
    "tauti",
    "sjukdom",
    "sygdom",
    "sykdom",
    "ataxi",
    "ataks",
    "atass",
    "chorea",
    "korea",
    "demen",
    "encephal",
    "enceph",
    "enzephal",
    "encefal",
    "dystroph",
    "distrof",
    "neuropath",
    "neuropat",
    "epilep",
    "sclero",
    "sklero",
    "paraly",
    "paralis",
    "palsy",
    "pares",
    "cyst",
    "kyst",
    "zyst",
    "quist",
    "cist",
    "cleft",
    "pouch",
    "tasche",
    "tumo",
    "sarcom",
    "sarkom",
    "lymphom",
    "linfom",
    "carcinom",
    "karzinom",
    "thyroid",
    "tiroid",
    "arterit",
    "vascul",
    "granul",
    "malform",
    "anomal",
    "fract",
    "frakt",
    "fratt",
    "luxat",
    "lesion",
    "lasion",
    "contract",
    "kontrakt",
    "hernia",
    "hernie",
    "knoten",
    "knotchen",
    "score",
    "skor",
    "skala",
    "scala",
    "scale",
    "echelle",
    "escala",
    "index",
    "indice",
    "indeks",
    "indek",
    "grad",
    "stage",
    "stadi",
    "stufe",
    "typ",
    "class",
    "clasif",
    "klass",
    "criter",
    "kriter",
    "sign",
    "zeichen",
    "segno",
    "reflex",
    "phenomen",
    "phanomen",
    "fenomen",
    "trias",
    "triad",
    "canal",
    "kanal",
    "duct",
    "gyrus",
    "gyri",
    "area",
    "areal",
    "angle",
    "winkel",
    "ligament",
    "fasci",
    "foram",
    "raum",
    "espac",
    "spazio",
    "body",
    "bodies",
    "korper",
    "corps",
    "cell",
    "zell",
    "nucle",
    "kern",
    "island",
    "islet",
    "plexus",
    "gland",
    "tubercl",
    "loop",
    "fiber",
    "fibre",
    "fascicl",
    "tract",
    "vein",
    "vena",
    "arter",
    "node",
    "circl",
    "cercle",
    "polygon",
    "anulus",
    "annul",
    "valv",
    "sinus",
    "fossa",
    "recess",
    "aperture",
    "cistern",
    "cavum",
    "fissur",
    "sulc",
    "furche",
    "membran",
    "shunt",
    "operation",
    "procedur",
    "prozed",
    "manoeuvre",
    "maneuver",
    "manover",
    "versuch",
    "aufnahme",
    "task",
    "paradigm",
    "illusion",
    "figure",
    "patch",
    "stimul",
    "atlas",
    "parcell",
    "template",
    "coordin",
    "plot",
    "analys",
    "method",
    "algorithm",
    "reconstr",
    "rekonstr",
    "kernel",
    "filter",
    "transform",
    "distrib",
    "equation",
    "effect",
    "effekt",
    "artefact",
    "artifact",
    "artefakt",
    "ringing",
    "matrix",
    "scheme",
    "criteri",
    "variant",
    "complex",
    "komplex",
    "mutat",
    "protein",
    "anaem",
    "anem",
    "factor",
    "faktor",
    "angioma",
    "dwarf",
    "nevus",
    "naevus",
    "aneurys",
    "ulcer",
    "spot",
    "zone",
    "lobe",
    "segment",
    "diverticul",
    "divertikel",
    "hippel",
    "lindau",
    "afasi",
    "aphas",
    "apraxi",
    "neuralg",
    "myopath",
    "miopat",
    "gangl",
    "trigon",
];

/// Those of them that frequent family names count beside.
const DISEASES: &[&str] = &[
    "syndrom",
    "sindrom",
    "zespol",
    "oireyhtyma",
    "sendrom",
    "diseas",
    "maladi",
    "krankheit",
    "erkrankung",
    "ziekte",
    "enfermed",
    "malatt",
    "doenc",
    "chorob",
    "nemoc",
    "hastalig",
    "taud",
    "tauti",
    "sjukdom",
    "sygdom",
    "sykdom",
    "morb",
    "ataxi",
    "encephal",
    "enzephal",
    "encefal",
    "sclero",
    "sarcom",
    "sarkom",
    "lymphom",
    "thyroid",
    "tumo",
    "cyst",
    "kyst",
    "zyst",
    "cist",
    "malform",
    "anomal",
    "fract",
    "frakt",
    "angle",
    "winkel",
    "score",
    "skor",
    "skala",
    "scale",
    "echelle",
    "escala",
    "grad",
    "stage",
    "stadi",
    "class",
    "klass",
    "sign",
    "zeichen",
    "contract",
    "kontrakt",
    "phenomen",
    "phanomen",
    "dystroph",
    "palsy",
    "paralys",
    "pares",
    "cell",
    "index",
    "change",
    "ring",
];

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

/// Names, each with what must stand beside it.
fn names() -> &'static FxHashMap<&'static str, Vec<&'static str>> {
    static NAMES: OnceLock<FxHashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = FxHashMap::default();
        let sections = include_str!("../../data/eponyms.txt").split("##").skip(1).enumerate();
        for (section, text) in sections {
            for line in text.lines().skip(1) {
                match line.split_once(':') {
                    Some((name, things)) => _ = names.insert(name, things.split_whitespace().collect()),
                    None => {
                        let things = if section == 0 { THINGS } else { DISEASES };
                        names.extend(line.split_whitespace().map(|name| (name, things.to_vec())));
                    }
                }
            }
        }
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
    for at in 0..scan.runs.len() {
        let run = &scan.runs[at];
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
        if run == at + 1 && is_grade(scan, run) {
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
