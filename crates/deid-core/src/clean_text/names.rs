//! Names by what stands beside them: titles, roles, other names, initials.

use super::labels::is_role;
use super::scan::{Scan, Style};
use super::words::{is_ideographic, lexicon};

/// Forms of address and titles.
const TITLES: &[&str] = &[
    "dr",
    "drs",
    "prof",
    "professor",
    "professeur",
    "profesor",
    "doctor",
    "docteur",
    "doktor",
    "dra",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mme",
    "mlle",
    "m",
    "monsieur",
    "madame",
    "mademoiselle",
    "herr",
    "herrn",
    "frau",
    "fr",
    "hr",
    "sr",
    "sra",
    "srta",
    "senor",
    "senora",
    "don",
    "dona",
    "dott",
    "dottore",
    "dottoressa",
    "sig",
    "signor",
    "signora",
    "dhr",
    "mevr",
    "mevrouw",
    "meneer",
    "pan",
    "pani",
    "pi",
    "pr",
    "ing",
    "sir",
    "lady",
    "rev",
    "pater",
    "mgr",
    "mudr",
    "judr",
    "phdr",
    "rndr",
    "mddr",
    "uzm",
    "doc",
    "docent",
    "bay",
    "bayan",
    "sayin",
    "herra",
    "rouva",
    "fru",
    "fröken",
    "froken",
    "sayın",
    "sor",
    "soror",
    "pfleger",
    "schwester",
    "verpleegkundige",
    "zuster",
    "enfermera",
    "enfermero",
    "infirmiere",
    "infirmier",
];

/// Titles that are words of the trade unless written `Mr`, `Mr.` or `M.`.
const TITLES_TOO: &[&str] = &[
    "dr",
    "mr",
    "mrs",
    "ms",
    "m",
    "fr",
    "hr",
    "sr",
    "don",
    "sig",
    "pan",
    "pr",
    "ing",
    "mgr",
    "dona",
    "lady",
    "doc",
    "bay",
    "sor",
    "fru",
    "uzm",
    "schwester",
    "zuster",
];

/// What stands between a title and a name.
const BETWEEN: &[&str] = &[
    "med", "ssa", "ra", "dr", "prof", "habil", "univ", "phil", "rer", "nat", "dipl", "h", "c", "de", "van",
    "von", "der", "le", "la", "el", "al", "di", "den", "ten", "ter", "o", "d", "dos", "da", "del",
];

/// Roles whose bearers sign with initials.
const SIGNERS: &[&str] = &[
    "tech",
    "signed",
    "initials",
    "operator",
    "op",
    "operateur",
    "manip",
    "mtra",
    "mta",
    "mtr",
    "technologist",
    "technician",
    "rtech",
    "reader",
    "user",
    "by",
    "visa",
];

/// Parts of family names before the name itself.
const PARTICLES: &[&str] = &[
    "van", "von", "der", "den", "vander", "ter", "ten", "bin", "ibn", "bint", "ben", "della", "dos", "mac",
    "mc", "o", "saint", "abu",
];

/// Parts of family names between others.
const LINKS: &[&str] =
    &["de", "la", "le", "du", "des", "di", "da", "do", "del", "el", "al", "zu", "zum", "y", "e", "af", "av"];

/// Entities of BIDS: without a label they go too.
const ENTITIES: &[&str] = &["sub", "ses", "acq", "rec", "run", "task", "dir", "desc", "ce", "label"];

/// Houses that have names.
const HOUSES: &[&str] = &[
    "clinic",
    "clinics",
    "hospital",
    "hospitals",
    "infirmary",
    "surgery",
    "hospice",
    "university",
    "college",
    "school",
    "klinik",
    "klinikum",
    "clinique",
    "clinica",
    "hopital",
    "hopitaux",
    "spital",
    "kantonsspital",
    "inselspital",
    "universitatsklinikum",
    "universitaetsklinikum",
    "policlinico",
    "policlinica",
    "sanatorio",
    "sanatorium",
    "nemocnice",
    "nemocnica",
    "szpital",
    "sykehus",
    "sykehuset",
    "sjukhus",
    "sjukhuset",
    "sjukhusets",
    "hastanesi",
    "korhaz",
    "spitalul",
    "bolnica",
    "больница",
    "chu",
    "krankenhaus",
    "ospedale",
    "ziekenhuis",
    "gasthuis",
    "korhaza",
    "egyetem",
    "egyetemi",
    "klinika",
    "klinikaja",
    "poliklinika",
    "poliklinik",
    "hastane",
    "sairaala",
    "haigla",
    "slimnica",
    "ligonine",
    "universitatsmedizin",
    "universitaetsmedizin",
    "uniklinik",
    "uniklinikum",
    "radiologie",
    "centro",
    "centrum",
    "centre",
    "zentrum",
    "policlinique",
    "polyclinique",
    "госпиталь",
    "поликлиника",
    "клиника",
    "лікарня",
    "клініка",
    "νοσοκομειο",
    "ehpad",
    "pflegeheim",
    "seniorenheim",
    "seniorenresidenz",
    "altenheim",
    "altersheim",
    "verpleeghuis",
    "woonzorgcentrum",
    "seniorenstift",
    "altenstift",
    "seniorenzentrum",
    "pflegezentrum",
    "vardcentral",
    "vardcentralen",
    "legesenter",
    "legesenteret",
    "laegehus",
    "laegehuset",
    "terveysasema",
    "terveyskeskus",
];

/// Words before the last word of such a house: `Tidewater Family Practice`.
const OF_HOUSES: &[&str] =
    &["family", "medical", "health", "dental", "imaging", "nursing", "surgical", "group"];

/// The last words of such houses.
const LAST_OF_HOUSES: &[&str] =
    &["practice", "group", "associates", "center", "centre", "system", "home", "partners", "ctr"];

/// Words for a house that are others too: no name stands before them.
const CENTRES: &[&str] = &["radiologie", "centro", "centrum", "centre", "zentrum"];

/// Houses and towns whose names are words.
const NAMED_HOUSES: &[&[&str]] = &[
    &["mayo", "clinic"],
    &["mass", "general"],
    &["alliance", "medical"],
    &["royal", "free"],
    &["royal", "marsden"],
    &["royal", "infirmary"],
    &["great", "ormond", "street"],
    &["queen", "square"],
    &["king", "s", "college"],
    &["st", "thomas"],
    &["la", "fe"],
    &["la", "paz"],
    &["hospital", "clinic"],
    &["doce", "de", "octubre"],
    &["mount", "sinai"],
    &["good", "samaritan"],
    &["kaiser", "permanente"],
    &["centrum", "zdrowia", "dziecka"],
    &["rechts", "der", "isar"],
    &["hospital", "da", "luz"],
    &["kutna", "hora"],
    &["karlovy", "vary"],
    &["usti", "nad", "labem"],
    &["banska", "bystrica"],
    &["banskej", "bystrici"],
    &["banska", "stiavnica"],
    &["novy", "jicin"],
    &["dolny", "kubin"],
    &["zelena", "gora"],
    &["jelenia", "gora"],
    &["biala", "podlaska"],
    &["bielsko", "biala"],
    &["nowa", "sol"],
    &["nowy", "targ"],
    &["старый", "оскол"],
    &["нижний", "новгород"],
    &["нижний", "тагил"],
    &["великий", "новгород"],
    &["новый", "уренгой"],
    &["baia", "mare"],
    &["satu", "mare"],
    &["baton", "rouge"],
    &["long", "beach"],
    &["las", "palmas"],
    &["belo", "horizonte"],
    &["porto", "alegre"],
    &["villa", "real"],
    &["vila", "real"],
    &["bad", "homburg"],
    &["halle", "saale"],
];

/// Marks houses that are listed, written as names are.
fn mark_named_house(scan: &mut Scan, at: usize) {
    let named = NAMED_HOUSES.iter().find(|words| {
        words.iter().enumerate().all(|(index, word)| scan.letters(at + index) == *word)
            && (scan.runs[at].is_capitalised() || scan.runs[at + 1].is_capitalised())
    });
    if let Some(words) = named {
        scan.take_runs(at..at + words.len());
    }
}

/// Marks words of daily speech before the word for a house: `Riverside Clinic`.
fn mark_house(scan: &mut Scan, house: usize) {
    let mut at = house;
    while at > 0
        && house - at < 3
        && scan.gap(at) == " "
        && scan.runs[at - 1].is_capitalised()
        && lexicon().is_everyday(&scan.runs[at - 1].folded)
    {
        at -= 1;
        scan.take(at);
    }
}

/// Little words in names of houses.
const IN_HOUSES: &[&str] = &[
    "de", "di", "du", "des", "del", "della", "dei", "la", "le", "les", "los", "las", "l", "d", "da", "do",
    "der", "am", "an", "im", "na", "u", "pod", "pri", "w", "v", "van", "het", "sv", "sw", "st", "ste", "им",
    "of",
];

/// Marks the name behind the word for a house: `Ospedale Maggiore di Lodi`, `HOPITAL SAINT LOUIS`.
fn mark_house_before(scan: &mut Scan, house: usize) {
    let mut end = house + 1;
    let mut at = end;
    while at < house + 6 && matches!(scan.gap(at), " " | "-" | "'" | "’" | ". ") {
        let Some(run) = scan.runs.get(at).filter(|run| !run.digits) else { break };
        let little = IN_HOUSES.contains(&run.folded.as_str());
        let named = run.is_capitalised() && run.folded.len() > 1 && !lexicon().is_trade(&run.folded)
            || at == house + 1 && run.is_capitalised() && lexicon().is_name(&run.folded);
        if !little && (!named || HOUSES.contains(&run.folded.as_str())) {
            break;
        }
        at += 1;
        // English words behind it are no part of it: `Hospital Records`.
        if !(little || end == house + 1 && lexicon().is_everyday(&scan.runs[at - 1].folded)) {
            end = at;
        }
    }
    if end > house + 1 {
        scan.take_runs(house + 1..end);
    }
}

/// Whether a house in small letters has an article and a capital behind it: `clinique des Glycines`.
fn is_before_article(scan: &Scan, house: usize) -> bool {
    !CENTRES.contains(&scan.letters(house))
        && scan.gap(house + 1) == " "
        && ["des", "du", "de", "della", "dei", "del", "di", "da", "do", "van"]
            .contains(&scan.letters(house + 1))
        && (house + 2..house + 4)
            .find(|&run| scan.runs.get(run).is_some_and(|run| !IN_HOUSES.contains(&run.folded.as_str())))
            .is_some_and(|run| scan.runs[run].style == Style::Title && scan.gap(run) == " ")
}

/// Marks names after titles and roles, and those written as in a DICOM header.
pub(super) fn mark_titled(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        if scan.runs[at].digits {
            continue;
        }
        let word = scan.runs[at].folded.clone();
        if TITLES.contains(&word.as_str()) && is_title(scan, at) {
            mark_person(scan, at);
        } else if is_role(&word) && scan.is_word(at) {
            mark_bearer(scan, at, SIGNERS.contains(&word.as_str()));
        }
        if HOUSES.contains(&word.as_str()) && (scan.runs[at].is_capitalised() || is_before_article(scan, at))
        {
            if !CENTRES.contains(&word.as_str()) {
                mark_house(scan, at);
            }
            mark_house_before(scan, at);
        }
        if LAST_OF_HOUSES.contains(&word.as_str())
            && at > 1
            && OF_HOUSES.contains(&scan.letters(at - 1))
            && scan.gap(at) == " "
            && scan.runs[at].is_capitalised()
        {
            mark_house(scan, at - 1 - usize::from(OF_HOUSES.contains(&scan.letters(at - 2))));
        }
        mark_named_house(scan, at);
        mark_pair(scan, at);
        mark_initials(scan, at);
    }
}

/// Whether a folded word is a form of address or a title.
pub(super) fn is_form_of_address(word: &str) -> bool {
    TITLES.contains(&word)
}

/// Titles that are words and abbreviations of other kinds: of names only as `Ms. Okonkwo`.
const WEAK_TITLES: &[&str] = &[
    "m",
    "ms",
    "fr",
    "hr",
    "sr",
    "don",
    "dona",
    "sig",
    "pan",
    "pani",
    "pr",
    "ing",
    "mgr",
    "doc",
    "docent",
    "bay",
    "bayan",
    "sor",
    "soror",
    "lady",
    "sir",
    "pater",
    "fru",
    "rev",
    "schwester",
    "zuster",
    "uzm",
    "pfleger",
    "miss",
];

/// Marks names behind titles that are no words of the trade; all of a name, as far as no vocabulary knows it.
pub(super) fn mark_strong_titles(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        let word = scan.letters(at);
        if scan.is_gone(at) || !TITLES.contains(&word) || !is_strong_title(scan, at) {
            continue;
        }
        mark_person(scan, at);
        let upper = scan.runs[at + 1].style;
        let mut end = (at + 1..scan.runs.len()).find(|&run| !scan.is_gone(run)).unwrap_or(scan.runs.len());
        // Anna Okonkwo, O. K. Okonkwo: the next word is of the name, if it is written like it and nobody listed it.
        while let Some(run) = scan.runs.get(end) {
            let near = matches!(scan.gap(end), " " | "-" | "_" | "^" | ". ");
            let name = !lexicon().is_known(&run.folded) || lexicon().is_name(&run.folded);
            let plain = !run.digits && scan.is_word(end) && run.is_capitalised();
            if !(near && plain && name && run.folded.len() > 1)
                || run.style == Style::Upper && upper != Style::Upper
            {
                break;
            }
            scan.take_runs(end - 1..end + 1);
            end += 1;
        }
    }
}

/// Whether a title stands here that no vendor writes.
fn is_strong_title(scan: &Scan, at: usize) -> bool {
    let (word, next) = (scan.letters(at), scan.letters(at + 1));
    let titled = |run: usize| scan.runs.get(run).is_some_and(|run| run.style == Style::Title);
    if WEAK_TITLES.contains(&word) {
        let dotted = scan.gap(at + 1) == ". ";
        return dotted && titled(at) && titled(at + 1) && !lexicon().is_trade(next) && is_title(scan, at);
    }
    if is_title(scan, at) {
        return true;
    }
    // HEAD DR OKONKWO: behind digital radiography stands no such word.
    let vowel = next.bytes().any(|byte| b"aeiouy".contains(&byte));
    word == "dr"
        && scan.is_word(at)
        && scan.is_word(at + 1)
        && matches!(scan.gap(at + 1), " " | "_")
        && !scan.is_digits(at + 2)
        && next.len() >= 5
        && vowel
        && !lexicon().is_known(next)
}

/// Whether the word is a title here, rather than magnetic resonance or multiple sclerosis.
fn is_title(scan: &Scan, at: usize) -> bool {
    let gap = scan.gap(at + 1);
    if !scan.is_word(at) || !(gap.starts_with('.') || gap == " " || gap == "_") || gap.len() > 2 {
        return false;
    }
    let word = scan.letters(at);
    let dotted = gap.starts_with('.');
    let next = scan.letters(at + 1);
    if next.is_empty() {
        return false;
    }
    // pí. Nováková, no PI of a trial.
    if word == "pi" && scan.source(at).is_ascii() {
        return false;
    }
    let follows = BETWEEN.contains(&next) || TITLES.contains(&next) && scan.letters(at + 2).len() > 1;
    let may_be_name = !lexicon().is_known(next) || lexicon().is_name(next) || lexicon().is_seldom_name(next);
    let nameable = scan.runs[at + 1].is_capitalised() || may_be_name;
    match scan.runs[at].style {
        _ if !(nameable || follows) => false,
        Style::Upper if word == "m" => dotted && scan.runs[at + 1].style == Style::Title,
        Style::Upper if TITLES_TOO.contains(&word) => {
            dotted && may_be_name || lexicon().is_name(next) && word == "dr"
        }
        // pan Novák, but pan CT.
        Style::Lower if matches!(word, "pan" | "pani") => {
            dotted || scan.runs[at + 1].style == Style::Title && !lexicon().is_trade(next)
        }
        Style::Lower if TITLES_TOO.contains(&word) => dotted || word == "dr" && may_be_name,
        _ if word == "m" => dotted,
        _ => true,
    }
}

/// The title and the name behind it: initials, particles and one word; the next ones are judged by themselves.
fn mark_person(scan: &mut Scan, title: usize) {
    let mut at = title + 1;
    for _ in 0..5 {
        let near = scan.gap(at).len() <= 2 && scan.gap(at).chars().all(|c| ". '’_-".contains(c));
        let word = scan.letters(at);
        let initial = word.len() == 1 && scan.runs.get(at).is_some_and(|run| run.style != Style::Lower);
        if !near
            || !(BETWEEN.contains(&word) || TITLES.contains(&word) || initial)
            || scan.letters(at + 1).is_empty()
        {
            break;
        }
        at += 1;
    }
    if scan.letters(at).is_empty() || scan.gap(at).contains([',', ';', ':']) {
        return;
    }
    let mut end = at + 1;
    // O'Brien, Jean-Pierre.
    while end < at + 4
        && matches!(scan.gap(end), "-" | "'" | "’")
        && scan.runs.get(end).is_some_and(super::scan::Run::is_capitalised)
    {
        end += 1;
    }
    // Two family names: Sra. Uribarri Lasa.
    let second =
        matches!(scan.letters(title), "sra" | "sr" | "srta" | "dra" | "don" | "dona" | "senor" | "senora")
            && scan.gap(end) == " "
            && scan.runs.get(end).is_some_and(|run| {
                run.style == Style::Title
                    && scan.runs[at].style == Style::Title
                    && !lexicon().is_trade(&run.folded)
            });
    scan.take_runs(title..end + usize::from(second));
}

/// What follows a role.
fn mark_bearer(scan: &mut Scan, role: usize, signs: bool) {
    let gap = scan.gap(role + 1);
    let labelled = gap.contains([':', '=']) && gap.len() <= 4;
    for at in role + 1..role + 4 {
        let gap = scan.gap(at);
        let near = gap.len() <= 4 && gap.chars().all(|c| " .-_:='’\"".contains(c));
        let Some(run) = scan.runs.get(at).filter(|run| near && !run.digits) else { return };
        let known = lexicon().is_known(&run.folded);
        let seldom = labelled && at == role + 1 && lexicon().is_seldom_name(&run.folded);
        let name = (lexicon().is_name(&run.folded) || seldom) && run.style != Style::Lower;
        let vowel = run.folded.bytes().any(|byte| b"aeiouy".contains(&byte));
        let signature = signs
            && at == role + 1
            && (run.style == Style::Upper || run.style == Style::Lower && !known && !vowel)
            && (2..=4).contains(&run.folded.len())
            && scan.is_word(at)
            && (labelled && run.folded.len() <= 3 || !known);
        let next = scan.runs.get(at + 1);
        let initial = run.folded.len() == 1
            && scan.gap(at + 1).starts_with('.')
            && next.is_some_and(|next| next.is_capitalised() && !lexicon().is_word(&next.folded));
        let unknown = labelled && !known && (scan.is_word(at) || run.folded.len() > 2);
        // Behind a given name, what no trade knows is the family's: `Operator: Beatrix Lindenthal`.
        let family = labelled
            && at > role + 1
            && scan.gap(at) == " "
            && run.style == Style::Title
            && scan.runs[at - 1].style == Style::Title
            && !lexicon().is_trade(&run.folded);
        if !(signature || name || initial || unknown || family) {
            return;
        }
        scan.take(at);
    }
}

/// `Brown^Rose`, `WHITE, Grace`, `Grace King`: both words may be names, and they are written as names are.
fn mark_pair(scan: &mut Scan, at: usize) {
    let is_name = |run: usize| {
        scan.runs.get(run).is_some_and(|run| run.is_capitalised() && lexicon().is_name(&run.folded))
            && scan.is_word(run)
    };
    let begins = is_name(at)
        || scan.runs[at].style == Style::Title
            && (LINKS.contains(&scan.letters(at)) || PARTICLES.contains(&scan.letters(at)));
    let carets = |run: usize| {
        scan.gap(run) == "^"
            && [run - 1, run].iter().all(|&run| {
                let word = scan.letters(run);
                lexicon().is_name(word) || lexicon().is_seldom_name(word)
            })
    };
    if carets(at + 1) {
        scan.take_runs(at..at + 2);
        return;
    }
    if !begins || !is_name(at + 1) {
        return;
    }
    let title = scan.runs[at].style == Style::Title && scan.runs[at + 1].style == Style::Title;
    if matches!(scan.gap(at + 1), "^" | "," | ", ") || title && scan.gap(at + 1) == " " {
        scan.take_runs(at..at + 2);
    }
}

/// `J.D.`: dotted capitals that are no abbreviation.
fn mark_initials(scan: &mut Scan, at: usize) {
    let is_initial = |run: usize| {
        scan.runs
            .get(run)
            .is_some_and(|r| r.style == Style::Upper && !r.digits && r.folded.chars().count() == 1)
            && scan.is_word(run)
            && scan.gap(run + 1).starts_with('.')
    };
    let begins = at == 0 || !is_initial(at - 1) || !matches!(scan.gap(at), "." | ". " | ".-");
    if !begins || !is_initial(at) {
        return;
    }
    let mut end = at + 1;
    while end < at + 4 && is_initial(end) && matches!(scan.gap(end), "." | ". " | ".-") {
        end += 1;
    }
    let together: String = (at..end).map(|run| scan.letters(run)).collect();
    let abbreviation = lexicon().is_word(&together) && (at + 1..end).all(|run| scan.gap(run) == ".");
    if end > at + 1 && !abbreviation {
        scan.take_runs(at..end);
    }
}

/// Marks what is written beside names that go: other names, particles, initials.
pub(super) fn mark_neighbours(scan: &mut Scan) {
    for at in 1..scan.runs.len() {
        if scan.is_gone_name(at - 1) && !scan.is_gone(at) && is_part_of_name(scan, at, at) {
            scan.take(at);
        }
    }
    // TRAN VAN DUC: behind a name and a particle stands a name, however short.
    for at in 1..scan.runs.len().saturating_sub(1) {
        let name = &scan.runs[at + 1];
        if scan.is_gone_name(at - 1)
            && (PARTICLES.contains(&scan.letters(at))
                || matches!(scan.letters(at), "thi" | "le" | "de" | "da" | "al"))
            && matches!((scan.gap(at), scan.gap(at + 1)), (" " | "^", " ") | ("_", "_"))
            && name.is_capitalised()
            && name.style == scan.runs[at - 1].style
            && (2..=4).contains(&name.folded.chars().count())
            && !lexicon().is_trade(&name.folded)
        {
            scan.take_runs(at..at + 2);
        }
    }
    for at in (0..scan.runs.len().saturating_sub(1)).rev() {
        if scan.is_gone_name(at + 1)
            && !scan.is_gone(at)
            && (is_part_of_name(scan, at, at + 1) || is_particle(scan, at))
        {
            scan.take(at);
        }
    }
    // Digits written together with a name, and the s of possession.
    for at in 1..scan.runs.len() {
        let touches =
            scan.gap(at).is_empty() && scan.is_digits(at) && scan.gone[scan.runs[at - 1].range.end - 1];
        let possessive = matches!(scan.gap(at), "'" | "’") && scan.letters(at) == "s";
        if scan.is_gone_name(at - 1) && (touches || possessive) {
            scan.take(at);
        }
    }
}

/// Whether a word beside a name is another part of it. `gap` is the run before which the text between them stands.
fn is_part_of_name(scan: &Scan, at: usize, gap: usize) -> bool {
    let run = &scan.runs[at];
    // What goes is no name beside one in capitals, if it is in small letters: `BRAVO frameless`.
    let beside = if gap == at { at - 1 } else { gap };
    if run.style == Style::Upper && run.folded.len() > 2 && scan.runs[beside].style == Style::Lower {
        return false;
    }
    let gap = scan.gap(gap);
    let source = scan.source(at);
    if source.chars().any(is_ideographic)
        && (lexicon().is_ideographic_word(source) || lexicon().is_ideographic_trade(source, true))
    {
        return false;
    }
    if run.digits || !scan.is_word(at) || gap.len() > 2 {
        return false;
    }
    let dotted = scan.gap(at + 1).starts_with('.') && at + 1 < scan.runs.len() || scan.gap(at + 1) == ".";
    if run.folded.chars().count() == 1 {
        let side = matches!(
            run.folded.as_str(),
            "r" | "l" | "t" | "b" | "h" | "f" | "s" | "i" | "p" | "a" | "x" | "y" | "z" | "c"
        );
        let before = matches!(gap, " " | "^" | "_" | "-" | "," | ", " | ". " | ".");
        return before
            && (run.style == Style::Upper && (dotted || gap == "^" || gap.starts_with('.'))
                || !side && gap != "-")
            || matches!(gap, "'" | "’") && matches!(run.folded.as_str(), "d" | "l" | "o");
    }
    let titled = run.style == Style::Title && scan.runs[beside].style == Style::Title;
    let seldom = titled
        && matches!(gap, " " | ", ")
        && lexicon().is_seldom_name(&run.folded)
        && !lexicon().is_trade(&run.folded);
    // Lindenthal: a word by its parts alone, behind a name.
    let by_rule = titled && gap == " " && !lexicon().is_word(&run.folded);
    run.is_capitalised()
        && (seldom
            || by_rule
            || lexicon().is_name(&run.folded)
            || run.folded.len() <= 3 && !lexicon().is_known(&run.folded))
        && matches!(gap, " " | "^" | "," | ", " | "-" | "_")
}

/// Whether a word before a name belongs to it.
fn is_particle(scan: &Scan, at: usize) -> bool {
    let word = scan.letters(at);
    let between = at > 0 && scan.is_gone_name(at - 1)
        || at > 1 && LINKS.contains(&scan.letters(at - 1)) && scan.is_gone_name(at - 2);
    let after_particle = at > 0 && PARTICLES.contains(&scan.letters(at - 1));
    matches!(scan.gap(at + 1), " " | "'" | "’" | "-" | "_")
        && (PARTICLES.contains(&word) || LINKS.contains(&word) && (between || after_particle))
}

/// `sub-` without its label says nothing.
pub(super) fn mark_labels(scan: &mut Scan) {
    for at in 0..scan.runs.len().saturating_sub(1) {
        if ENTITIES.contains(&scan.letters(at))
            && scan.gap(at + 1) == "-"
            && scan.word_of(at + 1).all(|run| scan.is_gone(run))
        {
            scan.take(at);
        }
    }
}
