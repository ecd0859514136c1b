//! Keys about persons that no row of the table has: of IDs and contacts, in any spelling.

use crate::words::words;

/// Words of keys about how somebody is reached, is registered or was born.
const OF_PERSONS: [&str; 43] = [
    "address",
    "admission",
    "author",
    "birth",
    "birthday",
    "birthdate",
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

/// What a key says, in any spelling: `tContact`, `CASE_ID`, `patid`.
pub(crate) fn kind(key: &str) -> Kind {
    let mut last = "";
    let mut things = false;
    let mut before = "";
    for word in words(key) {
        if is_among(word, &OF_PERSONS) || is_joined(word) {
            return Kind::Person;
        }
        things |= is_among(word, &THINGS);
        before = last;
        last = word;
    }
    // `LastName`, `GivenName`: two words each.
    let named = last.eq_ignore_ascii_case("name")
        && ["first", "last", "given", "sur", "fore", "full", "middle"]
            .iter()
            .any(|word| before.eq_ignore_ascii_case(word));
    // `subj-no`.
    let parted = is_joined(&format!("{before}{last}"));
    match last {
        _ if named || parted => Kind::Person,
        "ID" | "Id" | "MRN" | "SSN" if things => Kind::Id,
        "ID" | "Id" | "id" | "Identifier" if !things => Kind::Person,
        _ => Kind::Other,
    }
}

fn is_among(word: &str, list: &[&str]) -> bool {
    list.iter().any(|other| {
        word.eq_ignore_ascii_case(other)
            || word.len() == other.len() + 1
                && word.ends_with(['s', 'S'])
                && word[..other.len()].eq_ignore_ascii_case(other)
    })
}

/// `patid`, `SUBJECTNUMBER`: in one case, so that nobody can tell where words begin.
fn is_joined(word: &str) -> bool {
    ["id", "no", "nr", "number", "code", "key"].iter().any(|tail| {
        word.len() > tail.len()
            && word.is_ascii()
            && word[word.len() - tail.len()..].eq_ignore_ascii_case(tail)
            && BEFORE_ID.iter().any(|head| word[..word.len() - tail.len()].eq_ignore_ascii_case(head))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
