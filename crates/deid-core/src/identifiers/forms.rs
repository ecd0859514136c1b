//! Names in another grammatical case: `Kowalskiej` of Kowalska, `Сикоры` of Сикора, `Virtasen` of Virtanen.

use super::{IdentifierKind, Identifiers};
use crate::clean_text::fold;
use crate::vocabulary::is_common;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;

crate::phi::withheld!(NameForms);

/// The letters that a name and its form share at least.
const SHARED: usize = 3;
/// What a name loses at most, and what it gets instead.
const LOST: usize = 3;
const GAINED: usize = 5;
const BACK: usize = 2;
/// The shortest name, in letters.
const SHORTEST: usize = 4;

/// The parts of a subject's names, folded, by the letters that they begin with.
pub(super) struct NameForms(FxHashMap<[char; SHARED], Vec<Vec<char>>>);

impl NameForms {
    pub(super) fn of(identifiers: &Identifiers) -> Self {
        let mut names: FxHashMap<[char; SHARED], Vec<Vec<char>>> = FxHashMap::default();
        for identifier in identifiers.iter().filter(|known| known.kind == IdentifierKind::Name) {
            let name = identifier.text.expose();
            let letters: Vec<char> = fold(name).chars().collect();
            let word = letters.len() >= SHORTEST && letters.iter().all(|c| c.is_alphabetic());
            if let (true, false, Some(beginning)) = (word, is_common(name), letters.first_chunk()) {
                let known = names.entry(*beginning).or_default();
                if !known.contains(&letters) {
                    known.push(letters);
                }
            }
        }
        NameForms(names)
    }

    /// Whether a folded word is one of the names with another ending.
    pub(super) fn has(&self, folded: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let word: Vec<char> = folded.chars().take(64).collect();
        let Some(names) = word.first_chunk().and_then(|beginning| self.0.get(beginning)) else {
            return false;
        };
        names.iter().any(|name| {
            let shared = name.iter().zip(&word).take_while(|(a, b)| a == b).count();
            let least = name.len().saturating_sub(LOST).max(if name.len() > 5 { SHARED + 1 } else { SHARED });
            // Both endings may begin with a letter that they share.
            shared >= least
                && (0..=BACK.min(shared)).any(|back| {
                    let (lost, gained) = (&name[shared - back..], &word[shared - back..]);
                    lost.len() <= LOST + back
                        && gained.len() <= GAINED
                        && is_ending(lost)
                        && is_ending(gained)
                })
        })
    }
}

/// Whether letters are what words end in.
fn is_ending(letters: &[char]) -> bool {
    static ENDINGS: OnceLock<FxHashSet<String>> = OnceLock::new();
    let endings = ENDINGS.get_or_init(|| {
        let lines = include_str!("../../data/name-endings.txt").lines();
        lines.filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).map(fold).collect()
    });
    letters.is_empty() || endings.contains(&letters.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_other_cases() {
        for (name, forms) in [
            ("Kowalska", "Kowalskiej Kowalską Kowalscy"),
            ("Sikora", "Sikory Sikorze Sikorę"),
            ("Wieczorek", "Wieczorka Wieczorkiem"),
            ("Чайковская", "Чайковской Чайковскую"),
            ("Чайковский", "Чайковского Чайковским"),
            ("Иванова", "Ивановой"),
            ("Вера", "Веры Вере"),
            ("Кравченко", "Кравченка"),
            ("Novotný", "Novotného Novotným"),
            ("Róża", "Róży"),
            ("Virtanen", "Virtasen Virtaselle"),
            ("Παπαδόπουλος", "Παπαδόπουλου"),
            ("Schmidt", "Schmidts"),
            ("Kazlauskas", "Kazlausko"),
        ] {
            let mut identifiers = Identifiers::default();
            identifiers.add_name(name);
            let names = NameForms::of(&identifiers);
            for form in forms.split(' ') {
                assert!(names.has(&fold(form)), "{form}");
            }
            for word in ["sagittal", "kolano", "голова", "mozku", "kontrola", ""] {
                assert!(!names.has(&fold(word)), "{word} of {name}");
            }
        }
    }
}
