//! Names of concepts in coding schemes of nobody's standard: what their words say of the value.
//!
//! Words are those that announce the numbers of persons in texts (`clean_text::labels`), and more that only stand as names
//! of values. Whole words are compared, and parts of them in languages that write words into one (`Versichertennummer`).

use super::Identifies;
use crate::clean_text::{announces_number, fold, is_age_word};

/// What says that a value is somebody's, whatever the value is.
const IDENTITY: [&str; 27] = [
    "name",
    "names",
    "id",
    "ids",
    "identifier",
    "mrn",
    "address",
    "telephone",
    "phone",
    "fax",
    "email",
    "mail",
    "birthdate",
    "dob",
    "accession",
    "operator",
    "physician",
    "doctor",
    "radiologist",
    "hospital",
    "institution",
    "insurance",
    "ssn",
    "serial",
    "login",
    "signature",
    "contact",
];

/// Birth, in words of many languages: parts of words, folded.
const BIRTH: &[&str] = &[
    "birth",
    "geburt",
    "naissance",
    "nacimiento",
    "nascita",
    "nascimento",
    "naixement",
    "geboorte",
    "geboren",
    "fodsel",
    "foedsel",
    "fodelse",
    "syntyma",
    "urodz",
    "narozen",
    "narodeni",
    "rodjen",
    "rojstv",
    "rojstn",
    "szuletes",
    "szuletesi",
    "dogum",
    "nasterii",
    "gimimo",
    "dzimsanas",
    "sunniaeg",
    "рожден",
    "народжен",
    "γεννησ",
    "生年",
    "出生",
    "생년",
    "출생",
    "الميلاد",
    "לידה",
];

/// Telephones, postcodes and staff: parts of words, folded.
const FIRM: &[&str] = &[
    "telefon",
    "telephon",
    "phonenumber",
    "telefoon",
    "telemovel",
    "handynummer",
    "mobilnummer",
    "rufnummer",
    "телефон",
    "τηλεφων",
    "電話",
    "电话",
    "전화",
    "هاتف",
    "טלפון",
    "postleitzahl",
    "postcode",
    "postkod",
    "postnummer",
    "postinumero",
    "zipcode",
    "codepostal",
    "郵便番号",
    "邮政编码",
    "邮编",
    "우편번호",
    "индекс",
    "personalnummer",
    "matrikel",
    "versicher",
    "passport",
    "reisepass",
    "ausweis",
    "身份证",
    "病历号",
    "住院号",
    "患者番号",
    "환자번호",
    "등록번호",
];

/// The same, whole words.
const FIRM_WORDS: &[&str] = &[
    "zip",
    "plz",
    "postal",
    "postale",
    "psc",
    "mobile",
    "handy",
    "gsm",
    "tel",
    "tlf",
    "pager",
    "dni",
    "nss",
    "nir",
    "nhs",
    "chi",
    "employee",
    "badge",
    "sociale",
    "securite",
    "seguridad",
    "cpf",
    "bsn",
    "pesel",
    "mrns",
    "passeport",
    "pasaporte",
    "passaporto",
    "strasse",
    "street",
    "hausnummer",
    "hausnr",
];

/// What numbers of anything are called, alone or at the end of a word.
const NUMBER: &[&str] = &[
    "number",
    "nummer",
    "numero",
    "numer",
    "numar",
    "nombor",
    "szam",
    "szama",
    "broj",
    "cislo",
    "stevilka",
    "номер",
    "αριθμος",
    "番号",
    "编号",
    "번호",
];
/// The same, whole words: `Employee no`, `N° de dossier`.
const SHORT_NUMBER: &[&str] = &["no", "nr", "num", "n", "nro", "код", "code", "codigo", "codice", "kode"];

/// What the name of a concept says of its value.
pub(super) fn told_by(name: &str) -> Identifies {
    let folded = fold(&parted(name));
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let holds = |list: &[&str]| words.iter().any(|word| list.iter().any(|part| word.contains(part)));
    let joined = words.concat();
    if is(&IDENTITY) {
        Identifies::Other
    } else if holds(BIRTH) {
        Identifies::Birth
    } else if words.iter().any(|word| is_age_word(word) || is_age(word)) {
        Identifies::Age
    } else if holds(FIRM) || is(FIRM_WORDS) || FIRM.iter().any(|part| joined.contains(part)) {
        Identifies::Number
    } else if words.iter().any(|word| announces_number(word)) || numbers_something(&words) {
        Identifies::LongerNumber
    } else {
        Identifies::Unknown
    }
}

/// `patientID` in its words.
fn parted(name: &str) -> String {
    let mut parted = String::with_capacity(name.len());
    let mut small = false;
    for c in name.chars() {
        if small && c.is_uppercase() {
            parted.push(' ');
        }
        small = c.is_lowercase();
        parted.push(c);
    }
    parted
}

/// `Patientenalter`, `年龄`.
fn is_age(word: &str) -> bool {
    word.ends_with("alter") && word != "falter"
        || ["leeftijd", "年龄", "年齢", "나이", "연령"].iter().any(|age| word.contains(age))
}

/// `Medical record number`, `Fallnummer`; not `Number of voxels`, which counts.
fn numbers_something(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let number = NUMBER.iter().any(|number| word.ends_with(number)) || SHORT_NUMBER.contains(word);
        number && words.get(at + 1) != Some(&"of")
    })
}

/// Units of measurement that a number has or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// None, or one of nobody's standard.
    None,
    /// A unit of time, so many a year.
    Time(f64),
    /// Any other.
    Measure,
}

/// The unit of a coded entry.
pub(super) fn unit(scheme: &str, code: &str) -> Unit {
    let per_year = crate::age::per_year(code);
    let is_ucum = scheme == "UCUM";
    if is_ucum && (code == "a" || per_year > 1.0) {
        Unit::Time(per_year)
    } else if is_ucum && is_measure(code) {
        Unit::Measure
    } else {
        Unit::None
    }
}

/// Units of UCUM that measurements in images have, without prefix; annotations of what is counted.
const UNITS: &[&str] = &[
    "m",
    "g",
    "s",
    "min",
    "h",
    "d",
    "wk",
    "mo",
    "a",
    "l",
    "L",
    "Hz",
    "Bq",
    "Ci",
    "T",
    "G",
    "mol",
    "cd",
    "K",
    "Cel",
    "A",
    "V",
    "W",
    "J",
    "N",
    "Pa",
    "bar",
    "rad",
    "deg",
    "sr",
    "%",
    "Gy",
    "Sv",
    "eq",
    "U",
    "[IU]",
    "cal",
    "eV",
    "Ohm",
    "F",
    "H",
    "Wb",
    "lm",
    "lx",
    "C",
    "dB",
    "B",
    "[ppm]",
    "[ppb]",
    "[ppth]",
    "[hnsf'U]",
    "[in_i]",
    "[ft_i]",
    "[lb_av]",
    "[degF]",
    "[pH]",
    "m[Hg]",
    "m[H2O]",
    "[cal]",
    "{counts}",
    "{count}",
    "{cnt}",
    "{voxels}",
    "{pixels}",
    "{pixel}",
    "{voxel}",
    "{cells}",
    "{cell}",
    "{slices}",
    "{frames}",
    "{events}",
    "{beats}",
    "{H.B.}",
    "{SUVbw}g",
    "{SUVlbm}g",
    "{SUVibw}g",
    "{SUVbsa}cm2",
];
const PREFIXES: &[&str] = &["", "k", "M", "G", "T", "h", "da", "d", "c", "m", "u", "n", "p", "f"];

/// Whether a code is terms of [`UNITS`]: `10*-6.mm2/s`.
fn is_measure(code: &str) -> bool {
    !code.is_empty()
        && code.len() <= 16
        && code != "1"
        && code.split(['/', '.']).filter(|term| !term.is_empty()).any(|term| !is_power(term))
        && code.split(['/', '.']).filter(|term| !term.is_empty()).all(|term| is_power(term) || is_term(term))
        || UNITS.contains(&code)
}

fn is_power(term: &str) -> bool {
    let power = term.strip_prefix("10*").or(term.strip_prefix("10^")).unwrap_or(term);
    power.len() <= 3 && power.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'))
}

fn is_term(term: &str) -> bool {
    let atom = term.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'));
    let atom = if UNITS.contains(&term) || atom.is_empty() { term } else { atom };
    PREFIXES.iter().any(|prefix| atom.strip_prefix(prefix).is_some_and(|atom| UNITS.contains(&atom)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_concepts_tell() {
        for (kind, names) in [
            (Identifies::Other, "Hospital-ID|Patient name|patientID|MRN|Phone|Numéro de téléphone"),
            (Identifies::Birth, "Geburtsjahr|Année de naissance|Birth year|Год рождения|出生日期|Fødselsår"),
            (Identifies::Age, "Alter|Âge|Edad|Patientenalter|Patient age|возраст|Alter des Patienten"),
            (
                Identifies::Number,
                "Telefon|Mobile|NHS number|DNI|N° de sécurité sociale|Zip code|Postleitzahl|\
                 Versichertennummer|Employee no|電話番号|Code postal|Telefonní číslo",
            ),
            (Identifies::LongerNumber, "Medical record number|Fallnummer|N° de dossier|Cell count"),
            (Identifies::Unknown, "Video quality|Volume|Number of voxels|Gewicht|Body Mass Index|Score"),
        ] {
            for name in names.split('|') {
                assert_eq!(told_by(name), kind, "{name}");
            }
        }
    }

    #[test]
    fn units_are_of_the_standard() {
        for code in [
            "mm",
            "cm3",
            "10*-6.mm2/s",
            "mm2",
            "Bq/ml",
            "g/ml",
            "[hnsf'U]",
            "{SUVbw}g/ml",
            "%",
            "{voxels}",
            "1/s",
            "/min",
        ] {
            assert_eq!(unit("UCUM", code), Unit::Measure, "{code}");
        }
        for code in ["1", "", "{telephone}", "phone", "10*3", "Jahre", "x", "no units"] {
            assert_eq!(unit("UCUM", code), Unit::None, "{code}");
        }
        assert_eq!((unit("UCUM", "mo"), unit("99LOCAL", "mm")), (Unit::Time(12.0), Unit::None));
    }
}
