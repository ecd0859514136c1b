//! Where a file was made: names and addresses of institutions and their parts, and names of stations.
//!
//! They are weak: the words of a hospital's name are words of the trade as often as not. So they are looked for in texts that
//! are cleaned or kept as texts and nowhere else: not among numbers, UIDs, codes or disguises, and no file and no header goes
//! because of them. Of the whole name all spellings are taken; of its words those that no list has, and two beside each
//! other of which not both are of the trade.

use super::spellings::{fold, transliterate};
use crate::clean_text::{is_of_trade, is_word};
use crate::vocabulary::is_common;
use deid_dicom::Tag;

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Name or address of an institution, a department, a ward.
    Institution,
    /// Name of a station, or its application entity title.
    Station,
}

/// Attributes that say where.
pub(crate) fn place_of(tag: Tag) -> Option<Place> {
    Some(match (tag.group(), tag.element()) {
        // Institution Name, Address and Departmental Name, Issuer of Patient ID, Clinical Trial Site Name, Requesting Service,
        // Current Patient Location, Patient's Institution Residence, Scheduled and Performed Location.
        (0x0008, 0x0080 | 0x0081 | 0x1040)
        | (0x0010, 0x0021)
        | (0x0012, 0x0031)
        | (0x0032, 0x1033)
        | (0x0038, 0x0300 | 0x0400)
        | (0x0040, 0x0011 | 0x0243) => Place::Institution,
        // Station Name, Scheduled and Performed Station Names and AE Titles.
        (0x0008, 0x1010) | (0x0040, 0x0001 | 0x0010 | 0x0241 | 0x0242) => Place::Station,
        _ => return None,
    })
}

/// The longest value that is looked at, in bytes.
pub(crate) const LONGEST: u64 = 1024;
/// How many different ones one file may tell.
pub(crate) const MOST: usize = 64;
/// How many texts are looked for because of all places of a subject.
const MOST_TEXTS: usize = 4096;

/// What is looked for, and whether it counts amid letters and digits, too.
pub(super) fn texts<'a>(places: impl Iterator<Item = (Place, &'a str)>) -> Vec<(String, bool)> {
    let mut texts = Vec::new();
    for (place, value) in places {
        match place {
            Place::Institution => of_institution(value, &mut texts),
            Place::Station => of_station(value, &mut texts),
        }
    }
    texts.sort_unstable();
    texts.dedup_by(|a, b| a.0 == b.0);
    texts.truncate(MOST_TEXTS);
    texts
}

fn add(texts: &mut Vec<(String, bool)>, text: &str) {
    // Nine signs stand within other words by chance no more.
    const LONG: usize = 9;
    for form in [text.to_owned(), fold(text), transliterate(text)] {
        for form in [form.to_lowercase(), form.to_uppercase(), form] {
            let long = form.chars().filter(|c| c.is_alphanumeric()).count() >= LONG;
            texts.push((form, long));
        }
    }
}

fn of_institution(value: &str, texts: &mut Vec<(String, bool)>) {
    let parts = value.split(['\\', ',', ';', '\n', '\r', '^', '(', ')', '|', '/']);
    for whole in std::iter::once(value).chain(parts) {
        let words = words(whole);
        let letters: usize = words.iter().map(|word| word.chars().count()).sum();
        let own = words.iter().any(|word| !is_trade(word));
        let institution = words.len() >= 3 && words.iter().any(|word| is_kind(word));
        if letters >= 4
            && (own || institution)
            && words.iter().any(|word| word.chars().any(char::is_alphabetic))
        {
            add_joined(texts, &words, whole.trim());
        }
        for two in words.windows(2) {
            let short = |word: &&str| word.chars().count() < 3 || is_filler(word);
            let trade = two.iter().all(|word| is_trade(word));
            if !trade && !two.iter().any(short) && is_name_beside(two) {
                add_joined(texts, two, "");
            }
        }
        for word in words.iter().filter(|word| is_own(word)) {
            add(texts, word);
        }
    }
}

/// Words of a name as they are joined: by blanks, other signs or nothing.
fn add_joined(texts: &mut Vec<(String, bool)>, words: &[&str], written: &str) {
    for joint in [" ", "_", "-", ".", ", ", ""] {
        add(texts, &words.join(joint));
    }
    if !written.is_empty() {
        add(texts, written);
    }
}

/// A station's name goes whole, if it is more than what scanners of its kind are called and a number.
fn of_station(value: &str, texts: &mut Vec<(String, bool)>) {
    const SHORTEST: usize = 5;
    for name in value.split('\\').map(str::trim) {
        if name.chars().filter(|c| c.is_alphanumeric()).count() >= SHORTEST && tells_station(name) {
            let runs = words(name);
            add_joined(texts, &runs, name);
        }
    }
}

/// Whether more than a digit is left of a name without words of the trade, versions and field strengths.
fn tells_station(name: &str) -> bool {
    let left: usize = words(name)
        .iter()
        .map(|word| {
            if is_trade(word) {
                return 0;
            }
            let lower = fold(word).to_lowercase();
            let mut rest = lower.as_str();
            // The longest word of the trade at the beginning, then strengths and numbers.
            let begin = (2..=rest.len())
                .rev()
                .find(|&end| rest.get(..end).is_some_and(|word| word.len() >= 2 && is_trade(word)));
            rest = begin.map_or(rest, |end| &rest[end..]);
            let strength = ["15t", "3t", "7t"].iter().find(|strength| rest.contains(**strength));
            strength.map_or(rest.len(), |strength| rest.len() - strength.len())
        })
        .sum();
    left > 2 || left == 2 && words(name).len() > 1
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect()
}

/// Words of the trade, of dates and small ones, which no name of a place has for itself.
fn is_trade(word: &str) -> bool {
    // Institutes that the vocabulary has, and no sequence is named after.
    const INSTITUTES: [&str; 8] = ["fmrif", "fmrib", "nki", "mcw", "cfmm", "spinoza", "wustl", "donders"];
    let folded = fold(word).to_lowercase();
    if INSTITUTES.contains(&folded.as_str()) {
        return false;
    }
    is_common(&folded)
        || is_of_trade(&folded)
        || is_filler(&folded)
        || folded.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_filler(word: &str) -> bool {
    const FILLERS: [&str; 24] = [
        "and", "the", "for", "of", "und", "fur", "fuer", "der", "die", "das", "des", "dem", "den", "les",
        "aux", "del", "los", "las", "der", "van", "von", "san", "saint", "sankt",
    ];
    FILLERS.contains(&fold(word).to_lowercase().as_str())
}

/// What an institution is.
fn is_kind(word: &str) -> bool {
    const KINDS: [&str; 32] = [
        "center",
        "centre",
        "hospital",
        "clinic",
        "clinics",
        "institute",
        "institut",
        "university",
        "college",
        "school",
        "klinik",
        "klinikum",
        "spital",
        "zentrum",
        "centrum",
        "centro",
        "instituto",
        "istituto",
        "universitat",
        "universitaet",
        "universite",
        "universidad",
        "universita",
        "hopital",
        "ospedale",
        "foundation",
        "praxis",
        "laboratory",
        "department",
        "krankenhaus",
        "ziekenhuis",
        "sjukhus",
    ];
    KINDS.contains(&fold(word).to_lowercase().as_str())
}

/// Whether two words beside each other are a name: one of them is in no list, or says what kind of institution or street the
/// other is the name of.
fn is_name_beside(two: &[&str]) -> bool {
    let kind = |word: &str| is_kind(word) || super::spellings::is_of_addresses(&fold(word).to_lowercase());
    let capital = |word: &str| word.starts_with(char::is_uppercase);
    two.iter().all(|word| capital(word))
        && (two.iter().any(|word| is_own(word))
            || kind(two[1]) && !is_trade(two[0])
            || kind(two[0]) && !is_trade(two[1]))
}

/// Whether a word alone is of a place: no word of the trade, nor of any day in any language.
fn is_own(word: &str) -> bool {
    const SHORTEST: usize = 4;
    let folded = fold(word).to_lowercase();
    let listed =
        || is_trade(word) || is_kind(word) || super::spellings::is_of_addresses(&folded) || is_word(&folded);
    word.chars().count() >= SHORTEST
        && word.chars().all(char::is_alphabetic)
        && (is_compound(&folded) || !listed())
}

/// Whether a folded word is the name of a street or a house with what it is behind it: `Bahnhofstrasse`, `Neurozentrum`.
fn is_compound(folded: &str) -> bool {
    const LONGER: usize = 4;
    const ENDINGS: [&str; 24] = [
        "strasse",
        "gasse",
        "weg",
        "platz",
        "allee",
        "damm",
        "ufer",
        "graben",
        "straat",
        "laan",
        "plein",
        "gatan",
        "vagen",
        "spital",
        "klinik",
        "klinikum",
        "zentrum",
        "krankenhaus",
        "hospital",
        "sjukhus",
        "ziekenhuis",
        "kuja",
        "katu",
        "gade",
    ];
    ENDINGS.iter().any(|ending| folded.strip_suffix(ending).is_some_and(|name| name.len() >= LONGER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_for(place: Place, value: &str) -> Vec<String> {
        texts([(place, value)].into_iter()).into_iter().map(|(text, _)| text.to_lowercase()).collect()
    }

    #[test]
    fn names_of_places_go_and_words_of_the_trade_stay() {
        for (value, word) in [
            ("Bahnhofstrasse 12, Zuerich", "bahnhofstrasse"),
            ("Rämistrasse 100, 8091 Zürich", "ramistrasse"),
            ("Rämistrasse 100, 8091 Zürich", "raemistrasse"),
            ("Kirchweg 3", "kirchweg"),
            ("Fruit Street 55, Boston", "fruit street"),
            ("Universitätsspital Basel", "universitaetsspital"),
            ("Mayo Clinic", "mayo clinic"),
            ("Mayo Clinic", "mayoclinic"),
            ("Northwestern", "northwestern"),
            ("Kings College London", "kings college"),
            ("FMRIF", "fmrif"),
            ("Neurozentrum Sued", "neurozentrum"),
            ("Brain Imaging Center", "brain imaging center"),
            ("Brain Imaging Center", "brain_imaging_center"),
        ] {
            assert!(looked_for(Place::Institution, value).contains(&word.to_owned()), "{value}: {word}");
        }
        for value in [
            "Brain Imaging Center",
            "Test",
            "MR",
            "fMRI",
            "MRI Research Center",
            "Radiology",
            "Neuro Radiology",
            "University General",
            "Siemens",
            "General Hospital",
            "Department of Radiology",
            "Phantom",
            "None",
            "Head",
            "Dr",
        ] {
            for word in [
                "brain",
                "imaging",
                "center",
                "mri",
                "research",
                "radiology",
                "university",
                "general",
                "neuro",
                "test",
                "mr",
                "fmri",
                "siemens",
                "hospital",
                "department",
                "phantom",
                "none",
                "head",
                "neuro radiology",
                "brain imaging",
                "mri research",
            ] {
                assert!(!looked_for(Place::Institution, value).contains(&word.to_owned()), "{value}: {word}");
            }
        }
    }

    #[test]
    fn stations_are_looked_for_if_they_are_more_than_models() {
        for name in ["PRISMA17B", "MRC35119", "AWP45177", "MEDPC-4711", "HOST-7341KA"] {
            assert!(!looked_for(Place::Station, name).is_empty(), "{name}");
        }
        for name in [
            "PRISMA", "MR1", "TRIO", "SKYRA3T", "MR", "SIEMENS", "TRIO2", "3T", "MAGNETOM", "PRISMA1",
            "VERIO 3T", "XA30", "GEMR3T", "MRI1",
        ] {
            assert!(
                looked_for(Place::Station, name).is_empty(),
                "{name}: {:?}",
                looked_for(Place::Station, name)
            );
        }
    }
}
