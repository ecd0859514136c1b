//! Needles as automata, in the form that suits how much is searched.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The needles of a search, in any case (ASCII).
#[derive(Debug)]
pub(super) struct Automaton {
    needles: Vec<Vec<u8>>,
    /// Quick to make.
    compact: AhoCorasick,
    /// Quick to search with; made once it pays.
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
    const LARGEST: usize = 20 << 10;
    /// After how many bytes of numbers a form for them has paid for itself.
    const PAYS_NUMBERS: usize = 16 << 10;

    /// `None` if there are no needles.
    pub(super) fn new(needles: Vec<Vec<u8>>) -> Result<Option<Self>, CannotBeBuilt> {
        if needles.is_empty() {
            return Ok(None);
        }
        let compact = build(&needles, AhoCorasickKind::ContiguousNFA).ok_or(CannotBeBuilt)?;
        Ok(Some(Automaton {
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

    /// All matches of any needle, each with the place of the needle.
    pub(super) fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (usize, Range<usize>)> + 'a {
        let (automaton, places) = self.searching(bytes);
        automaton.find_overlapping_iter(bytes).map(move |found| {
            let pattern = found.pattern().as_usize();
            (places.map_or(pattern, |places| places[pattern]), found.range())
        })
    }

    /// What to search these bytes with, and the places of its needles if they are not all there are. All forms find
    /// the same.
    fn searching(&self, bytes: &[u8]) -> (&AhoCorasick, Option<&[usize]>) {
        let total = |counter: &AtomicUsize| counter.fetch_add(bytes.len(), Ordering::Relaxed);
        if bytes.iter().all(|&byte| is_of_number(byte)) && total(&self.searched_numbers) >= Self::PAYS_NUMBERS {
            let made = self.numbers.get_or_init(|| self.of_numbers());
            if let Some((automaton, places)) = made {
                return (automaton, Some(places));
            }
        }
        if total(&self.searched) < Self::PAYS {
            return (&self.compact, None);
        }
        let make = || {
            let size: usize = self.needles.iter().map(Vec::len).sum();
            (size <= Self::LARGEST).then(|| build(&self.needles, AhoCorasickKind::DFA)).flatten()
        };
        (self.fast.get_or_init(make).as_ref().unwrap_or(&self.compact), None)
    }

    /// The needles that can stand among signs of numbers: few, so that the fast form is small.
    fn of_numbers(&self) -> Option<(AhoCorasick, Vec<usize>)> {
        let places: Vec<usize> = (0..self.needles.len())
            .filter(|&at| self.needles[at].iter().all(|&byte| is_of_number(byte)))
            .collect();
        let needles: Vec<&[u8]> = places.iter().map(|&at| &self.needles[at][..]).collect();
        let size: usize = needles.iter().map(|needle| needle.len()).sum();
        let automaton = (size <= Self::LARGEST).then(|| build(&needles, AhoCorasickKind::DFA)).flatten()?;
        Some((automaton, places))
    }
}

/// Whether a byte may stand in a number written in decimal, or between two.
const fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, 0 | b' ' | b'+' | b'-' | b'.' | b'E' | b'e')
}

fn build<N: AsRef<[u8]>>(needles: &[N], kind: AhoCorasickKind) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(kind))
        .ascii_case_insensitive(true)
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
        let needles = ["doe", "471123", "1970-03-07", "07.03.1970", "6e"].map(|needle| needle.as_bytes().to_vec());
        let automaton = Automaton::new(needles.to_vec()).unwrap().unwrap();
        let numbers = "12.5 -471123 6E1\0\01970-03-07";
        let text = "DOE 471123, 07.03.1970";
        let before = (found(&automaton, numbers), found(&automaton, text));
        assert_eq!((before.0.len(), before.1.len()), (3, 3));
        assert!(automaton.numbers.get().is_none() && automaton.fast.get().is_none());
        let _ = found(&automaton, &"1.25 ".repeat(Automaton::PAYS_NUMBERS));
        assert_eq!(found(&automaton, numbers), before.0);
        assert_eq!(automaton.numbers.get().unwrap().as_ref().unwrap().1, [1, 2, 3, 4]);
        let _ = found(&automaton, &"abc ".repeat(Automaton::PAYS));
        assert_eq!(found(&automaton, text), before.1);
        assert!(automaton.fast.get().is_some());
    }

    #[test]
    fn without_needles_there_is_nothing_to_find() {
        assert!(Automaton::new(Vec::new()).unwrap().is_none());
    }
}
