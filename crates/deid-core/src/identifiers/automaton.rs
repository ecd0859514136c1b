//! The search for needles: by how they begin, and by an automaton in bytes that are full of them.

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
    /// What is asked first.
    beginnings: Beginnings,
    /// Quick to make; for bytes in lower case. Made for the first bytes that are full of needles.
    compact: OnceLock<Option<AhoCorasick>>,
    /// Quick to search with, for bytes in any case; made once it pays.
    fast: OnceLock<Option<AhoCorasick>>,
    searched: AtomicUsize,
}

/// No automaton takes these needles: what is to be searched for them counts as full of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CannotBeBuilt;

impl Automaton {
    /// Fewer bytes of needles fit in any automaton.
    const FITS: usize = 1 << 20;
    /// After how many bytes the fast form has paid for itself.
    const PAYS: usize = 2 << 20;
    /// The fast form takes some 250 bytes for each byte of a needle.
    const LARGEST: usize = 32 << 10;
    /// Longer bytes are not copied to have them in lower case.
    const FOLDED: usize = 64 << 10;

    /// `None` if there are no needles.
    pub(super) fn new(mut needles: Vec<Vec<u8>>) -> Result<Option<Self>, CannotBeBuilt> {
        if needles.is_empty() {
            return Ok(None);
        }
        // It would stand everywhere.
        if needles.iter().any(Vec::is_empty) {
            return Err(CannotBeBuilt);
        }
        for needle in &mut needles {
            needle.make_ascii_lowercase();
        }
        let automaton = Automaton {
            size: needles.iter().map(Vec::len).sum(),
            beginnings: Beginnings::of(&needles),
            needles,
            compact: OnceLock::new(),
            fast: OnceLock::new(),
            searched: AtomicUsize::new(0),
        };
        let fits = automaton.size <= Self::FITS || automaton.compact().is_some();
        if fits { Ok(Some(automaton)) } else { Err(CannotBeBuilt) }
    }

    fn compact(&self) -> Option<&AhoCorasick> {
        let made = || build(&self.needles, AhoCorasickKind::ContiguousNFA, false);
        self.compact.get_or_init(made).as_ref()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.needles.len()
    }

    /// All matches of any needle, each with the place of the needle, by where they end, the longest first. All forms
    /// find the same.
    pub(super) fn find<'a>(&'a self, bytes: &'a [u8]) -> Matches<'a> {
        // As much work as to look at each byte some times; only bytes full of needles take more.
        let most = 1024 + bytes.len();
        if let Some(found) = self.beginnings.find(&self.needles, bytes, most) {
            return Matches::Known(found.into_iter());
        }
        let of = |automaton, haystack| Matches::Searched(automaton, haystack, OverlappingState::start());
        let searched = self.searched.fetch_add(bytes.len(), Ordering::Relaxed);
        let pays = searched >= Self::PAYS && self.size <= Self::LARGEST;
        if pays || bytes.len() > Self::FOLDED {
            let kind = if self.size <= Self::LARGEST {
                AhoCorasickKind::DFA
            } else {
                AhoCorasickKind::ContiguousNFA
            };
            let made = self.fast.get_or_init(|| build(&self.needles, kind, true));
            if let Some(automaton) = made {
                return of(automaton, Haystack::AsIs(bytes));
            }
        }
        match self.compact() {
            Some(automaton) => of(automaton, Haystack::folded(bytes)),
            // However long it takes.
            None => Matches::Known(
                self.beginnings.find(&self.needles, bytes, usize::MAX).unwrap_or_default().into_iter(),
            ),
        }
    }
}

/// What is searched, in the case in which the automaton wants it.
pub(super) enum Haystack<'a> {
    AsIs(&'a [u8]),
    Folded(Vec<u8>),
}

impl<'a> Haystack<'a> {
    /// The bytes in lower case.
    fn folded(bytes: &'a [u8]) -> Self {
        if bytes.iter().any(u8::is_ascii_uppercase) {
            Haystack::Folded(bytes.to_ascii_lowercase())
        } else {
            Haystack::AsIs(bytes)
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Haystack::AsIs(bytes) => bytes,
            Haystack::Folded(bytes) => bytes,
        }
    }
}

/// Iterator over matches: the place of the needle, and where it stands.
pub(super) enum Matches<'a> {
    /// They were found all at once.
    Known(std::vec::IntoIter<(usize, Range<usize>)>),
    /// They are found one by one.
    Searched(&'a AhoCorasick, Haystack<'a>, OverlappingState),
}

impl Iterator for Matches<'_> {
    type Item = (usize, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Matches::Known(found) => found.next(),
            Matches::Searched(automaton, haystack, state) => {
                automaton.find_overlapping(haystack.bytes(), state);
                let found = state.get_match()?;
                Some((found.pattern().as_usize(), found.range()))
            }
        }
    }
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
    use proptest::prelude::*;

    fn found(automaton: &Automaton, bytes: &[u8]) -> Vec<(usize, Range<usize>)> {
        automaton.find(bytes).collect()
    }

    /// What each form finds in the same bytes, in its order.
    fn by_each_form(needles: &[Vec<u8>], bytes: &[u8]) -> [Vec<(usize, Range<usize>)>; 3] {
        let direct = Automaton::new(needles.to_vec()).unwrap().unwrap();
        let direct = direct.beginnings.find(&direct.needles, bytes, usize::MAX).unwrap();
        let of = |kind, in_any_case, haystack: &[u8]| {
            let needles: Vec<Vec<u8>> = needles.iter().map(|needle| needle.to_ascii_lowercase()).collect();
            let automaton = build(&needles, kind, in_any_case).unwrap();
            automaton
                .try_find_overlapping_iter(haystack)
                .unwrap()
                .map(|found| (found.pattern().as_usize(), found.range()))
                .collect()
        };
        [
            direct,
            of(AhoCorasickKind::ContiguousNFA, false, &bytes.to_ascii_lowercase()),
            of(AhoCorasickKind::DFA, true, bytes),
        ]
    }

    proptest! {
        #[test]
        fn all_forms_find_the_same(
            needles in prop::collection::vec("[a-cA-C0-2@\u{0}\u{e9} ]{1,9}", 1..40),
            bytes in prop::collection::vec("[a-cA-C0-2@`\u{0}\u{e9} ]{0,40}", 0..4),
        ) {
            let needles: Vec<Vec<u8>> = needles.into_iter().map(String::into_bytes).collect();
            let [direct, compact, fast] = by_each_form(&needles, &bytes.concat().into_bytes());
            prop_assert_eq!(&direct, &compact);
            prop_assert_eq!(&direct, &fast);
        }

        /// Long needles, seldom there.
        #[test]
        fn planted_needles_are_found(
            needles in prop::collection::vec("[ -~]{3,20}", 1..300),
            text in "[ -~]{0,300}",
            plant in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let needles: Vec<Vec<u8>> = needles.into_iter().map(String::into_bytes).collect();
            let mut planted = text.into_bytes();
            let at = plant.0.index(planted.len() + 1);
            planted.splice(at..at, plant.1.get(&needles).to_ascii_uppercase());
            let [direct, compact, fast] = by_each_form(&needles, &planted);
            prop_assert!(!direct.is_empty());
            prop_assert_eq!(&direct, &compact);
            prop_assert_eq!(&direct, &fast);
        }
    }

    #[test]
    fn bytes_full_of_needles_are_searched_with_automata() {
        let needles = ["doe", "471123", "doe j", "oe", "doe k", "doe l", "doe m", "doe n"]
            .map(|needle| needle.as_bytes().to_vec());
        let automaton = Automaton::new(needles.to_vec()).unwrap().unwrap();
        let once = found(&automaton, b"DOE 471123");
        assert_eq!(once, [(0, 0..3), (3, 1..3), (1, 4..10)]);
        assert!(automaton.compact.get().is_none() && automaton.fast.get().is_none());
        let many = |count: usize| {
            let found = found(&automaton, "DOE 471123".repeat(count).as_bytes());
            assert_eq!(found.len(), 3 * count);
            assert!(found[3..6].iter().zip(&once).all(|(later, first)| {
                (later.0, later.1.clone()) == (first.0, first.1.start + 10..first.1.end + 10)
            }));
        };
        let heavy = "doe ".repeat(4000);
        assert_eq!(found(&automaton, heavy.as_bytes()).len(), 8000);
        many(10);
        assert!(automaton.compact.get().is_some());
        many(Automaton::FOLDED / 10 + 1);
        assert_eq!(found(&automaton, b"DOE 471123"), once);
    }

    #[test]
    fn without_needles_there_is_nothing_to_find() {
        assert!(Automaton::new(Vec::new()).unwrap().is_none());
        assert!(Automaton::new(vec![Vec::new()]).is_err());
    }
}
