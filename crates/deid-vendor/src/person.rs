//! Keys about persons that no row of the table has: of IDs and contacts, in any spelling.

use crate::words::words;

/// Words of keys about how somebody is reached, is registered or was born. Sorted, as are the lists below.
const OF_PERSONS: [&str; 43] = [
    "address",
    "admission",
    "author",
    "birth",
    "birthdate",
    "birthday",
    "born",
    "cell",
    "city",
    "contact",
    "country",
    "dob",
    "email",
    "employee",
    "encounter",
    "ethnicity",
    "family",
    "father",
    "fax",
    "firstname",
    "forename",
    "guardian",
    "kin",
    "lastname",
    "maiden",
    "mail",
    "mobile",
    "mother",
    "mrn",
    "nhs",
    "occupation",
    "person",
    "postcode",
    "religion",
    "ssn",
    "staff",
    "street",
    "surname",
    "tel",
    "town",
    "visit",
    "zip",
    "zipcode",
];

/// Keys in small letters whose words do not show: an ID or a number behind one of these.
const BEFORE_ID: [&str; 14] = [
    "case", "client", "contact", "employee", "member", "national", "pat", "patient", "person", "staff",
    "subj", "subject", "user", "visit",
];

/// What has IDs of its own. Numbers and words under these are the software's.
const THINGS: [&str; 24] = [
    "channel",
    "coil",
    "dict",
    "element",
    "frame",
    "frequency",
    "hash",
    "image",
    "kernel",
    "magic",
    "meas",
    "measurement",
    "nucleus",
    "object",
    "plug",
    "prot",
    "protocol",
    "sequence",
    "series",
    "slice",
    "slot",
    "study",
    "system",
    "type",
];

/// What a key says of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A person's ID, address or birth.
    Person,
    /// An ID of something: whose cannot be told.
    Id,
    /// Neither.
    Other,
}

/// What ends the name of a number.
const OF_NUMBERS: [&str; 6] = ["code", "id", "key", "no", "nr", "number"];

/// What a key says, in any spelling: `tContact`, `CASE_ID`, `patid`.
pub(crate) fn kind(key: &str) -> Kind {
    let (mut before, mut last) = ("", "");
    for word in words(key) {
        if word.len() > 2 && (is_among(word, &OF_PERSONS) || is_joined(word)) {
            return Kind::Person;
        }
        (before, last) = (last, word);
    }
    // `LastName`, `GivenName`: two words each.
    let named = || {
        ["first", "last", "given", "sur", "fore", "full", "middle"]
            .iter()
            .any(|word| before.eq_ignore_ascii_case(word))
    };
    if last.eq_ignore_ascii_case("name") && named() {
        return Kind::Person;
    }
    // `subj-no`.
    if is_among(before, &BEFORE_ID) && is_among(last, &OF_NUMBERS) {
        return Kind::Person;
    }
    let things = || words(key).any(|word| is_among(word, &THINGS));
    match last {
        "ID" | "Id" | "MRN" | "SSN" if things() => Kind::Id,
        "ID" | "Id" | "id" | "Identifier" if !things() => Kind::Person,
        _ => Kind::Other,
    }
}

/// Whether a word, or its singular, is in a list.
fn is_among(word: &str, list: &[&str]) -> bool {
    const LONGEST: usize = 16;
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..word.len()).filter(|_| word.len() > 1) else { return false };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    let has = |word: &[u8]| list.binary_search_by(|other| other.as_bytes().cmp(word)).is_ok();
    has(lower) || lower.strip_suffix(b"s").is_some_and(has)
}

/// `patid`, `SUBJECTNUMBER`: in one case, so that nobody can tell where words begin.
fn is_joined(word: &str) -> bool {
    word.len() >= 5
        && word.is_ascii()
        && OF_NUMBERS.iter().any(|tail| {
            word.len()
                .checked_sub(tail.len())
                .is_some_and(|at| word[at..].eq_ignore_ascii_case(tail) && is_among(&word[..at], &BEFORE_ID))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [&OF_PERSONS[..], &BEFORE_ID, &THINGS, &OF_NUMBERS] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn keys_of_persons_are_told_from_those_of_things() {
        for key in [
            "PatID",
            "CASE_ID",
            "patid",
            "sX.tContact",
            "tMRN",
            "tSSN",
            "ContactPhone",
            "tHomeAddress",
            "tStreet",
            "ID",
            "tFax",
            "subj-no",
            "LastName",
            "x.tID",
            "KeyPersons",
            "tMotherName",
            "DOB",
            "patNo",
            "PATNR",
        ] {
            assert_eq!(kind(key), Kind::Person, "{key}");
        }
        for key in ["sCoilElementID.tCoilID", "lSequenceID", "MeasID", "lProtID", "alMagicID", "IdPart"] {
            assert_ne!(kind(key), Kind::Person, "{key}");
        }
        for key in [
            "alTR",
            "sRapid",
            "Valid",
            "FOV",
            "DeviceTelegram",
            "sGRADSPEC.bDelayValid",
            "MrfDictUUID",
            "tName",
            "MultiStepIsLastStep",
            "sCellular",
            "ProtocolName",
            "HasPostProcessing",
            "TelescopeView",
        ] {
            assert_eq!(kind(key), Kind::Other, "{key}");
        }
    }
}
