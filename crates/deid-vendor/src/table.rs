//! The tables of `data/`: what elements and fields hold, and what is done with them.

use crate::field::Action;
use crate::person;
use crate::text::decode;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The rows of a table: its columns, without comments and the heading.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').collect())
}

static CSA: LazyLock<HashMap<&'static str, Action>> = LazyLock::new(|| {
    rows(include_str!("../data/csa.tsv"))
        .filter_map(|row| Some((row[0], Action::from_name(row[2])?)))
        .collect()
});

/// The action of a CSA element.
pub fn csa(name: &str) -> Option<Action> {
    CSA.get(name).copied()
}

/// Names of CSA elements without a row of their own.
static CSA_NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../data/csa-names.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Whether the software itself writes a CSA element of this name: nobody is in it, whatever word begins in it.
pub fn is_csa_name(name: &str) -> bool {
    CSA.contains_key(name) || CSA_NAMES.contains(name)
}

/// The rows of `data/protocol.tsv`, and their parts of keys as one search. Thousands of keys are looked up per file.
struct Protocol {
    parts: AhoCorasick,
    /// What is done, and with which numbers.
    actions: Vec<(Action, Numbers)>,
}

/// Which numbers a row means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    All,
    /// Those of five digits or more: of a person's address, telephone or number, which no parameter of that person has.
    Long,
    None,
}

impl Numbers {
    fn from_name(name: &str) -> Numbers {
        match name {
            "yes" => Numbers::All,
            "long" => Numbers::Long,
            _ => Numbers::None,
        }
    }
}

static PROTOCOL: LazyLock<Protocol> = LazyLock::new(|| {
    let rows: Vec<(&str, Action, Numbers)> = rows(include_str!("../data/protocol.tsv"))
        .filter_map(|row| Some((row[0], Action::from_name(row[1])?, Numbers::from_name(row[2]))))
        .collect();
    Protocol {
        parts: AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(rows.iter().map(|(part, ..)| part))
            .expect("a table of short words"),
        actions: rows.iter().map(|&(_, action, numbers)| (action, numbers)).collect(),
    }
});

/// The action of a text of a protocol, by its key; the first row whose part is in it.
pub fn protocol(key: &[u8]) -> Option<Action> {
    let row = PROTOCOL.parts.find_overlapping_iter(key).map(|found| found.pattern().as_usize()).min();
    if let Some(row) = row {
        return Some(PROTOCOL.actions[row].0);
    }
    let key = decode(key).0;
    (person::kind(&key) == person::Kind::Person || is_of_a_person(&key)).then_some(Action::Empty)
}

/// The action of a number of a protocol, by its key.
pub fn protocol_number(key: &[u8], number: &str) -> Option<Action> {
    let long = || !number.contains(['.', 'e', 'E']) && number.bytes().filter(u8::is_ascii_digit).count() >= 5;
    let means = |row: &usize| match PROTOCOL.actions[*row].1 {
        Numbers::All => true,
        Numbers::Long => long(),
        Numbers::None => false,
    };
    let rows = || PROTOCOL.parts.find_overlapping_iter(key).map(|found| found.pattern().as_usize());
    let row = rows().filter(means).min()?;
    // A row before it says otherwise of the same person: where the patient lies is a long number, too.
    let first = rows().min().filter(|_| PROTOCOL.actions[row].1 == Numbers::Long).unwrap_or(row);
    (first == row || PROTOCOL.actions[first].0 != Action::Term).then_some(PROTOCOL.actions[row].0)
}

/// Whether a key says that what it holds is about a person, so that a number of five digits is an address, a telephone's
/// or the person's own. Signs between its letters do not count.
pub fn is_of_a_person(whole: &str) -> bool {
    let key: String = whole.chars().filter(char::is_ascii_alphanumeric).collect();
    let rows = || PROTOCOL.parts.find_overlapping_iter(&key).map(|found| found.pattern().as_usize());
    let is_term = rows().min().is_none_or(|row| PROTOCOL.actions[row].0 == Action::Term);
    let names = |row| matches!(PROTOCOL.actions[row], (Action::Empty, Numbers::All | Numbers::Long));
    !is_term && rows().any(names) || person::kind(whole) == person::Kind::Person
}

/// Whether a key is about somebody's ID, address or birth, so that nothing under it is a parameter of the scan.
pub fn is_persons_own(key: &str) -> bool {
    person::kind(key) == person::Kind::Person
}

static GE: LazyLock<HashMap<&'static str, Action>> = LazyLock::new(|| {
    rows(include_str!("../data/ge.tsv"))
        .filter_map(|row| Some((row[0], Action::from_name(row[1])?)))
        .collect()
});

/// The action of a key of GE's protocol data block.
pub fn ge(key: &str) -> Option<Action> {
    GE.get(key).copied()
}

/// Keys seen in GE's protocol data blocks, without the numbers behind them.
static GE_KEYS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../data/ge-keys.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Whether a key of GE's protocol data block was seen in real ones.
pub fn is_ge_key(key: &str) -> bool {
    GE.contains_key(key) || GE_KEYS.contains(key)
}

type Elements = HashMap<(&'static str, u16), (Vec<(u8, Action)>, Option<Action>)>;

static ELEMENTS: LazyLock<Elements> = LazyLock::new(|| {
    let mut elements = Elements::new();
    for row in rows(include_str!("../data/elements.tsv")) {
        let (Ok(group), Some(action)) = (u16::from_str_radix(row[1], 16), Action::from_name(row[3])) else {
            continue;
        };
        let block = elements.entry((row[0], group)).or_default();
        match u8::from_str_radix(row[2], 16) {
            Ok(element) => block.0.push((element, action)),
            Err(_) => block.1 = Some(action),
        }
    }
    elements
});

/// The action of a private element: its own, or its block's.
pub fn element(creator: &str, group: u16, element: u8) -> Option<Action> {
    let creator = creator.trim_matches([' ', '\0']);
    let (own, block) = ELEMENTS.get(&(creator, group))?;
    own.iter().find(|(known, _)| *known == element).map(|(_, action)| *action).or(*block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_persons() {
        for key in
            ["sPatient.lPhone", "OperatorPhone", "tRadiologist", "patient_id", "Patient Weight", "lAccession"]
        {
            assert!(is_of_a_person(key), "{key}");
        }
        for key in ["sPatientPosition.lSag", "EchoTime", "lHeadphone", "InstitutionName", "FrameOfReference"]
        {
            assert!(!is_of_a_person(key), "{key}");
        }
    }

    #[test]
    fn every_row_names_an_action() {
        let named = |table: &'static str, column: usize, width: usize| {
            for row in rows(table) {
                assert_eq!(row.len(), width, "{row:?}");
                assert!(Action::from_name(row[column]).is_some(), "{row:?}");
            }
        };
        named(include_str!("../data/csa.tsv"), 2, 5);
        named(include_str!("../data/protocol.tsv"), 1, 4);
        named(include_str!("../data/ge.tsv"), 1, 3);
        named(include_str!("../data/elements.tsv"), 3, 6);
    }

    #[test]
    fn rows_are_found() {
        assert_eq!(csa("MrPhoenixProtocol"), Some(Action::Protocol));
        assert_eq!(protocol(b"tPatientName"), Some(Action::Empty));
        assert_eq!(protocol_number(b"sTXSPEC.lBTB1SerialCapacity", "22"), None);
        assert_eq!(protocol_number(b"sPatient.lNumber", "482199"), Some(Action::Empty));
        for number in ["2", "-0.98456"] {
            assert_eq!(protocol_number(b"sPatient.lNumber", number), None);
        }
        assert_eq!(protocol_number(b"sPatientPosition.lSag", "-12984"), None);
        assert_eq!(protocol_number(b"sPhysioECG.lTriggerWindow", "700000"), None);
        assert_eq!(element("SIEMENS MR SDS 01", 0x21, 0x19), Some(Action::Archive));
        assert_eq!(element("SIEMENS MR SDS 01", 0x21, 0x3C), Some(Action::Content));
        assert_eq!(element("somebody", 0x21, 0x19), None);
    }
}
