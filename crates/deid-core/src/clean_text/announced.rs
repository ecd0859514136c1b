//! Short numbers that a word beside them makes somebody's: extensions of telephones, post-office boxes, great ages.

use super::numbers::{is_box, is_measure};
use super::scan::Scan;

/// What stands before the number of a telephone on somebody's desk.
const EXTENSIONS: &[&str] = &[
    "ext",
    "extn",
    "exts",
    "extension",
    "poste",
    "durchwahl",
    "klappe",
    "apparat",
    "nebenstelle",
    "interno",
    "anexo",
    "ramal",
    "toestel",
    "doorkiesnummer",
    "anknytning",
    "lokalnummer",
    "tel",
    "tlf",
    "tfno",
    "tfn",
    "telefon",
    "telephone",
    "telefono",
    "telefoon",
    "phone",
    "fax",
    "fon",
    "rufnummer",
    "pager",
    "beeper",
    "bleep",
    "mobil",
    "mobile",
    "handy",
    "gsm",
    "dect",
    "linka",
    "klapka",
    "wewn",
    "wewnetrzny",
    "dahili",
    "доб",
    "тел",
    "τηλ",
    "内線",
    "電話",
    "电话",
    "내선",
    "전화",
    "전화번호",
    "電話番号",
    "电话号码",
    "手机",
    "携帯",
    "휴대폰",
    "bip",
    "puh",
    "puhelin",
    "telef",
    "telf",
    "whatsapp",
    "telefonnr",
    "vnutr",
    "внутр",
    "телефон",
    "моб",
    "εσωτ",
    "κιν",
    "分機",
    "分机",
    "连络",
    "연락처",
];

/// Units of time that are no years: an infant of 94 days may be told.
const SHORT_TIMES: &[&str] = &[
    "d", "day", "days", "w", "wk", "wks", "week", "weeks", "mo", "month", "months", "tage", "wochen",
    "monate", "jours", "semaines", "mois", "dias", "semanas", "meses", "min", "h", "hours", "hour", "sec",
    "s", "ms",
];

/// Years, behind a number.
const YEARS: &[&str] = &[
    "y",
    "yo",
    "yof",
    "yom",
    "yr",
    "yrs",
    "year",
    "years",
    "yold",
    "ans",
    "an",
    "jahre",
    "jahr",
    "jahren",
    "jahrige",
    "jahriger",
    "jahrig",
    "jaehrige",
    "jaehriger",
    "jaehrig",
    "j",
    "jr",
    "anos",
    "ano",
    "anni",
    "jaar",
    "jarige",
    "lat",
    "letni",
    "letnia",
    "let",
    "lety",
    "ar",
    "arig",
    "arige",
    "aring",
    "vuotta",
    "vuotias",
    "eves",
    "yas",
    "yasinda",
    "godina",
    "rokov",
    "лет",
    "года",
    "летний",
    "летняя",
    "років",
    "ετων",
    "歳",
    "才",
    "岁",
    "세",
    "سنة",
    "عاما",
    "عام",
    "سنوات",
    "سال",
    "ساله",
    "שנה",
    "שנים",
    "tuoi",
    "tahun",
    "aastat",
    "aastane",
    "gadi",
    "gadu",
    "metu",
    "vjec",
    "години",
];

/// Months, behind a number.
const MONTHS: &[&str] = &[
    "mo",
    "mos",
    "month",
    "months",
    "mth",
    "mths",
    "monat",
    "monate",
    "monaten",
    "mois",
    "meses",
    "mesi",
    "maanden",
    "manader",
    "maneder",
    "kuukautta",
    "miesiecy",
    "mesicu",
    "месяцев",
    "месяца",
    "μηνων",
    "个月",
    "ヶ月",
    "か月",
    "개월",
];

/// Ages, before a number, perhaps with a little word between them.
const AGED: &[&str] = &[
    "aged",
    "age",
    "alter",
    "agee",
    "agees",
    "edad",
    "eta",
    "idade",
    "leeftijd",
    "wiek",
    "alder",
    "vek",
    "yas",
    "ika",
    "eletkor",
    "varsta",
    "возраст",
    "вік",
    "ηλικια",
    "العمر",
    "عمره",
    "عمرها",
    "בן",
    "בת",
];

const LITTLE: &[&str] =
    &["of", "de", "di", "von", "van", "at", "is", "was", "about", "ca", "approx", "im", "med"];

/// Whether a folded word is what ages are called.
pub(crate) fn is_age_word(word: &str) -> bool {
    AGED.contains(&word)
}

/// Marks numbers that are somebody's because of the words beside them.
pub(super) fn mark(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        if !scan.runs[at].digits || scan.is_gone(at) {
            continue;
        }
        if is_extension(scan, at) || is_box_number(scan, at) {
            let word = scan.word_of(at);
            let mut end = at + 1;
            while end < at + 4 && scan.is_digits(end) && matches!(scan.gap(end), "-" | "." | "/") {
                end += 1;
            }
            scan.take_runs(word.start.max(at.saturating_sub(1)).min(at)..end);
        } else if is_coordinate(scan, at) {
            scan.take(at);
        } else if let Some(end) = great_age(scan, at) {
            scan.take_runs(at..end);
        } else if let Some((start, end)) = age_and_sex(scan, at).or_else(|| many_months(scan, at)) {
            scan.take_runs(start..end);
        }
    }
}

/// What stands between the word that announces a number and the number.
fn is_near(gap: &str) -> bool {
    gap.len() <= 4 && gap.chars().all(|c| " .:-#°/_=".contains(c))
}

fn is_extension(scan: &Scan, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let length = scan.runs[at].folded.len();
    let word = scan.letters(before);
    if EXTENSIONS.contains(&word) {
        return (3..=7).contains(&length) && is_near(scan.gap(at)) && !is_measure(scan, at, at);
    }
    // x4451, a word of its own; thousands are times.
    word == "x"
        && (4..=5).contains(&length)
        && scan.gap(at).len() <= 1
        && scan.word_of(before).start == before
        && scan.word_of(at).end == at + 1
        && !scan.runs[at].folded.ends_with("000")
        && !(before > 0 && scan.is_digits(before - 1))
}

/// `GPS 52.5200, 13.4050`: where somebody is.
fn is_coordinate(scan: &Scan, at: usize) -> bool {
    const WORDS: &[&str] =
        &["gps", "lat", "lon", "latitude", "longitude", "coordinates", "koordinaten", "coordonnees"];
    let near =
        |run: usize| scan.gap(run).len() <= 3 && scan.gap(run).chars().all(|c| " .,;:=°'-".contains(c));
    (1..=4)
        .take_while(|back| at >= *back && near(at + 1 - back))
        .map(|back| at - back)
        .find(|&run| !scan.is_digits(run))
        .is_some_and(|run| WORDS.contains(&scan.letters(run)))
}

/// `P.O. Box 4471`, `BP 4471`, `Postfach 12 34 56`: the number, and groups that follow it.
fn is_box_number(scan: &Scan, at: usize) -> bool {
    let near = |run: usize| run > 0 && is_near(scan.gap(run));
    let Some(before) = at.checked_sub(1).filter(|_| near(at)) else { return false };
    let word = scan.letters(before);
    let length = scan.runs[at].folded.len();
    // Blood pressure is written so too: BP 120/80.
    let pressure = scan.gap(at + 1).contains('/') || length < 3;
    is_box(word)
        || word == "box" && before > 0 && matches!(scan.letters(before - 1), "o" | "po" | "office" | "postal")
        || word == "bp" && !pressure
        || matches!(word, "postale" | "postal" | "nro" | "no" | "nr")
            && before > 0
            && (matches!(scan.letters(before - 1), "casella" | "caixa" | "case" | "boite" | "apartado")
                || is_box(scan.letters(before - 1)))
        || scan.is_digits(before)
            && scan.is_gone(before)
            && scan.gap(at) == " "
            && length <= 3
            && (1..=3).any(|back| before >= back && is_box(scan.letters(before - back)))
}

/// Ages of ninety and more tell a person (PS3.15 E.3.8 and the 90Y rule): where what goes ends.
fn great_age(scan: &Scan, at: usize) -> Option<usize> {
    scan.runs[at].number().filter(|age| (90..=125).contains(age))?;
    if scan.gap(at).ends_with(['.', ',']) && at > 0 && scan.is_digits(at - 1) {
        return None;
    }
    let gap = scan.gap(at + 1);
    let unit = scan.letters(at + 1);
    let near = matches!(gap, "" | " " | "-" | "\u{a0}" | "- " | ". ");
    let first = unit.chars().next();
    if near && (YEARS.contains(&unit) || first.is_some_and(|c| matches!(c, '歳' | '才' | '岁' | '세'))) {
        return Some(if unit.is_ascii() || gap.is_empty() { at + 2 } else { at + 1 });
    }
    let sex = gap.is_empty() && matches!(unit, "f" | "m" | "w") && scan.word_of(at).end == at + 2;
    let mut before = at.checked_sub(1)?;
    let spaced = |gap: &str| gap.len() <= 3 && gap.chars().all(|c| " :=-~>.".contains(c));
    if !spaced(scan.gap(at)) {
        return None;
    }
    for _ in 0..2 {
        if before > 0 && LITTLE.contains(&scan.letters(before)) && spaced(scan.gap(before)) {
            before -= 1;
        }
    }
    let aged = AGED.contains(&scan.letters(before))
        || matches!(scan.letters(before), "e" | "es") && before > 0 && scan.letters(before - 1) == "ag";
    // sig. Bertazzoni a. 93
    let ends = at + 1 == scan.runs.len() || gap.starts_with([',', ';']);
    let years =
        matches!(scan.letters(before), "a" | "aa" | "anni") && matches!(scan.gap(at), "." | ". " | " ");
    let italian = years && ends && (scan.letters(before) != "a" || scan.gap(at).starts_with('.'));
    let short = near && SHORT_TIMES.contains(&unit);
    ((aged || italian) && !short).then_some(at + 1 + usize::from(sex))
}

/// `93/F`, `F/93`, `93F`, `M93`, `91a`: a great age beside the sex or the sign of the year, and nothing else.
fn age_and_sex(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    let age = scan.runs[at].number().filter(|age| (90..120).contains(age))?;
    let apart = |run: usize| {
        let gap = scan.gap(run);
        gap.chars().all(|c| c.is_whitespace() || "_,;:()[]".contains(c))
            || gap.strip_prefix('.').is_some_and(|rest| rest.starts_with(' ') || rest.is_empty())
    };
    let within = |first: usize, last: usize| {
        scan.runs.get(last).is_some()
            && apart(first)
            && apart(last + 1)
            && scan.word_of(first).start == first
            && scan.word_of(last).end == last + 1
    };
    let sex = |run: usize| matches!(scan.letters(run), "f" | "m");
    let glued = |run: usize| scan.gap(run).is_empty();
    let slash = |run: usize| matches!(scan.gap(run), "/" | "／");
    let figure = at > 0 && matches!(scan.letters(at - 1), "fig" | "figure" | "abb" | "table" | "tab");
    let behind = at + 1 < scan.runs.len()
        && within(at, at + 1)
        && (slash(at + 1) && (sex(at + 1) || scan.letters(at + 1) == "w")
            // 93m is a length, or months.
            || glued(at + 1) && (matches!(scan.source(at + 1), "F" | "M" | "f") || scan.source(at + 1) == "a" && !figure));
    if behind {
        return Some((at, at + 2));
    }
    let before = at.checked_sub(1)?;
    // M100 is an evoked field.
    let round = age % 10 == 0 && scan.letters(before) == "m";
    let before_it = within(before, at)
        && (slash(at) && sex(before) || glued(at) && matches!(scan.source(before), "F" | "M") && !round);
    before_it.then_some((before, at + 1))
}

/// `1116 months`: ninety years and more.
fn many_months(scan: &Scan, at: usize) -> Option<(usize, usize)> {
    scan.runs[at].number().filter(|months| (1080..=1500).contains(months))?;
    let near = matches!(scan.gap(at + 1), "" | " " | "-");
    (near && MONTHS.contains(&scan.letters(at + 1))).then_some((at, at + 2))
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::{Identifiers, Searcher};

    fn cleaned(text: &str) -> String {
        clean(text, &Searcher::new(&Identifiers::default()), &Rewriter::default()).text
    }

    #[test]
    fn short_numbers_of_persons_go() {
        for (text, number) in [
            ("ext 4451", "4451"),
            ("ext. 331", "331"),
            ("x4451", "4451"),
            ("X 5521", "5521"),
            ("poste 4451", "4451"),
            ("Durchwahl 4451 bitte anrufen", "4451"),
            ("-DW: tel 4451", "4451"),
            ("interno 2214", "2214"),
            ("P.O. Box 4471", "4471"),
            ("PO Box 447", "447"),
            ("BP 4471", "4471"),
            ("Postfach 12 34", "34"),
            ("Apartado 881", "881"),
            ("aged 94", "94"),
            ("age: 101", "101"),
            ("94 yo", "94"),
            ("94yo", "94"),
            ("94-year-old", "94"),
            ("94 ans", "94"),
            ("94 Jahre", "94"),
            ("im Alter von 94", "94"),
            ("94-jährige Patientin", "94"),
            ("âgée de 96 ans", "96"),
            ("edad 93", "93"),
            ("94 лет", "94"),
            ("94歳 頭部", "94"),
            ("93/F", "93"),
            ("F/93", "93"),
            ("93F", "93"),
            ("T1 M93, head", "93"),
            ("91a", "91"),
            ("93 سنة", "93"),
            ("93 tuổi", "93"),
            ("1116 months", "1116"),
        ] {
            assert!(!cleaned(text).contains(number), "{text}: {}", cleaned(text));
        }
    }

    #[test]
    fn other_numbers_stay() {
        for text in [
            "512x512",
            "x1000",
            "BP 120/80",
            "flip 90",
            "age 94 days",
            "90 dir",
            "b 95",
            "TE 94",
            "rotation 90 deg",
            "M100",
            "93m",
            "Fig. 91a",
            "1116 slices",
            "1000 months",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }
}
