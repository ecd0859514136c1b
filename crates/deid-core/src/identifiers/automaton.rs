//! Needles as automata, in the form that suits how much is searched.

use super::beginnings::Beginnings;
use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

crate::phi::withheld!(Automaton);

/// The needles of a search, found in any case (ASCII).
pub(super) struct Automaton {
    /// In lower case.
    needles: Vec<Vec<u8>>,
    /// Their bytes.
    size: usize,
    /// Tells quickly that none of them is there, as a rule.
    beginnings: Beginnings,
    /// Quick to make; for bytes in lower case.
    compact: AhoCorasick,
    /// Quick to search with, for bytes in any case; made once it pays.
    fast: OnceLock<Option<AhoCorasick>>,
    searched: AtomicUsize,
    /// Of the needles that consist of signs of numbers, with their places among all; made once it pays.
    numbers: OnceLock<Option<(AhoCorasick, Vec<usize>)>>,
    searched_numbers: AtomicUsize,
}

/// No automaton takes these needles: what is to be searched for them counts as full of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CannotBeBuilt;

impl Automaton {
    /// After how many bytes the fast form has paid for itself.
    const PAYS: usize = 2 << 20;
    /// The fast form takes some 250 bytes for each byte of a needle.
    const LARGEST: usize = 32 << 10;
    /// After how many bytes of numbers a form for them has paid for itself.
    const PAYS_NUMBERS: usize = 16 << 10;
    /// The form for numbers takes some 70 bytes for each byte of a needle.
    const LARGEST_OF_NUMBERS: usize = 128 << 10;
    /// Longer bytes are not copied to have them in lower case.
    const FOLDED: usize = 64 << 10;

    /// `None` if there are no needles.
    pub(super) fn new(mut needles: Vec<Vec<u8>>) -> Result<Option<Self>, CannotBeBuilt> {
        if needles.is_empty() {
            return Ok(None);
        }
        for needle in &mut needles {
            needle.make_ascii_lowercase();
        }
        let compact = build(&needles, AhoCorasickKind::ContiguousNFA, false).ok_or(CannotBeBuilt)?;
        Ok(Some(Automaton {
            size: needles.iter().map(Vec::len).sum(),
            beginnings: Beginnings::of(&needles),
            needles,
            compact,
            fast: OnceLock::new(),
            searched: AtomicUsize::new(0),
            numbers: OnceLock::new(),
            searched_numbers: AtomicUsize::new(0),
        }))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.needles.len()
    }

    /// All matches of any needle, each with the place of the needle. All forms find the same.
    pub(super) fn find<'a>(&'a self, bytes: &'a [u8]) -> Matches<'a> {
        let total = |counter: &AtomicUsize| counter.fetch_add(bytes.len(), Ordering::Relaxed);
        let of = |automaton: &'a AhoCorasick, places, haystack: Haystack<'a>| Matches {
            none: false,
            automaton,
            places,
            haystack,
            state: OverlappingState::start(),
        };
        // Whether there is one is quicker to tell than which, and there is none, as a rule.
        if !self.beginnings.lead_anywhere(&self.needles, bytes) {
            return Matches { none: true, ..of(&self.compact, None, Haystack::AsIs(bytes)) };
        }
        if bytes.iter().all(|&byte| is_of_number(byte)) && total(&self.searched_numbers) >= Self::PAYS_NUMBERS
        {
            let made = self.numbers.get_or_init(|| self.of_numbers());
            if let Some((automaton, places)) = made {
                return of(automaton, Some(places), Haystack::folded(bytes));
            }
        }
        let pays = total(&self.searched) >= Self::PAYS && self.size <= Self::LARGEST;
        if pays || bytes.len() > Self::FOLDED {
            let kind = if self.size <= Self::LARGEST {
                AhoCorasickKind::DFA
            } else {
                AhoCorasickKind::ContiguousNFA
            };
            let made = self.fast.get_or_init(|| build(&self.needles, kind, true));
            if let Some(automaton) = made {
                return of(automaton, None, Haystack::AsIs(bytes));
            }
        }
        of(&self.compact, None, Haystack::folded(bytes))
    }

    /// The needles that can stand among signs of numbers: few, so that the fast form is small.
    fn of_numbers(&self) -> Option<(AhoCorasick, Vec<usize>)> {
        let places: Vec<usize> = (0..self.needles.len())
            .filter(|&at| self.needles[at].iter().all(|&byte| is_of_number(byte)))
            .collect();
        let needles: Vec<&[u8]> = places.iter().map(|&at| &self.needles[at][..]).collect();
        let size: usize = needles.iter().map(|needle| needle.len()).sum();
        let small = size <= Self::LARGEST_OF_NUMBERS;
        let automaton = small.then(|| build(&needles, AhoCorasickKind::DFA, false)).flatten()?;
        Some((automaton, places))
    }
}

/// What is searched, in the case in which the automaton wants it.
enum Haystack<'a> {
    AsIs(&'a [u8]),
    Short([u8; SHORT], usize),
    Long(Vec<u8>),
}

/// Bytes up to this length are copied without asking for memory.
const SHORT: usize = 128;

impl<'a> Haystack<'a> {
    /// The bytes in lower case.
    fn folded(bytes: &'a [u8]) -> Self {
        if !bytes.iter().fold(false, |found, byte| found | byte.is_ascii_uppercase()) {
            return Haystack::AsIs(bytes);
        }
        let mut short = [0; SHORT];
        match short.get_mut(..bytes.len()) {
            Some(copy) => {
                copy.copy_from_slice(bytes);
                copy.make_ascii_lowercase();
                Haystack::Short(short, bytes.len())
            }
            None => Haystack::Long(bytes.to_ascii_lowercase()),
        }
    }
}

impl Haystack<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Haystack::AsIs(bytes) => bytes,
            Haystack::Short(bytes, length) => &bytes[..*length],
            Haystack::Long(bytes) => bytes,
        }
    }
}

/// Iterator over matches: the place of the needle, and where it stands.
pub(super) struct Matches<'a> {
    automaton: &'a AhoCorasick,
    places: Option<&'a [usize]>,
    haystack: Haystack<'a>,
    state: OverlappingState,
    none: bool,
}

impl Iterator for Matches<'_> {
    type Item = (usize, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.none {
            return None;
        }
        self.automaton.find_overlapping(self.haystack.bytes(), &mut self.state);
        let found = self.state.get_match()?;
        let pattern = found.pattern().as_usize();
        Some((self.places.map_or(pattern, |places| places[pattern]), found.range()))
    }
}

/// Whether a byte may stand in a number written in decimal, or between two.
const fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, 0 | b' ' | b'+' | b'-' | b'.' | b'E' | b'e')
}

fn build<N: AsRef<[u8]>>(needles: &[N], kind: AhoCorasickKind, in_any_case: bool) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(kind))
        .ascii_case_insensitive(in_any_case)
        // Overlapping matches are found without.
        .prefilter(false)
        .build(needles)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(automaton: &Automaton, text: &str) -> Vec<(usize, Range<usize>)> {
        automaton.find(text.as_bytes()).collect()
    }

    #[test]
    fn all_forms_find_the_same() {
        let needles =
            ["doe", "471123", "1970-03-07", "07.03.1970", "6e"].map(|needle| needle.as_bytes().to_vec());
        let automaton = Automaton::new(needles.to_vec()).unwrap().unwrap();
        let numbers = "12.5 -471123 6E1\0 1970-03-07";
        let text = "DOE 471123, 07.03.1970";
        let before = (found(&automaton, numbers), found(&automaton, text));
        assert_eq!(before.1[0], (0, 0..3));
        assert_eq!((before.0.len(), before.1.len()), (3, 3));
        assert!(automaton.numbers.get().is_none() && automaton.fast.get().is_none());
        let _ = found(&automaton, &("471123 ".to_owned() + &"1.25 ".repeat(Automaton::PAYS_NUMBERS / 5 + 1)));
        assert_eq!(found(&automaton, numbers), before.0);
        assert_eq!(automaton.numbers.get().unwrap().as_ref().unwrap().1, [1, 2, 3, 4]);
        let long = "x".repeat(SHORT) + text;
        let moved =
            |(needle, range): &(usize, Range<usize>)| (*needle, range.start + SHORT..range.end + SHORT);
        assert_eq!(found(&automaton, &long), before.1.iter().map(moved).collect::<Vec<_>>());
        assert!(automaton.fast.get().is_none());
        let _ = found(&automaton, &("doe ".to_owned() + &"abc ".repeat(Automaton::PAYS)));
        assert_eq!(found(&automaton, text), before.1);
        assert!(automaton.fast.get().is_some());
    }

    #[test]
    fn without_needles_there_is_nothing_to_find() {
        assert!(Automaton::new(Vec::new()).unwrap().is_none());
    }
}
