//! Whether any needle is in some bytes, told by how needles begin: nearly all bytes hold none, and looking at each place
//! on its own is quicker than to follow an automaton from byte to byte.

/// The first bytes of all needles.
pub(super) struct Beginnings {
    /// Of needles of four bytes or more.
    long: First<4>,
    /// Of two or three bytes.
    short: First<2>,
    /// Of one.
    single: First<1>,
    /// Whether one has none, and stands everywhere.
    empty: bool,
}

impl Beginnings {
    /// Of needles, in any case.
    pub(super) fn of(needles: &[Vec<u8>]) -> Self {
        let of = |lengths: std::ops::Range<usize>| {
            (0..needles.len()).filter(move |&at| lengths.contains(&needles[at].len()))
        };
        Beginnings {
            long: First::of(needles, of(4..usize::MAX)),
            short: First::of(needles, of(2..4)),
            single: First::of(needles, of(1..2)),
            empty: needles.iter().any(Vec::is_empty),
        }
    }

    /// Whether one of the same needles stands somewhere, in any case (ASCII).
    pub(super) fn lead_anywhere(&self, needles: &[Vec<u8>], bytes: &[u8]) -> bool {
        self.empty
            || self.long.lead_anywhere(needles, bytes)
            || self.short.lead_anywhere(needles, bytes)
            || self.single.lead_anywhere(needles, bytes)
    }
}

/// How needles of `N` bytes or more begin.
struct First<const N: usize> {
    /// A bit for each place that a beginning may have here.
    seen: Vec<u64>,
    /// How far a hash is moved to be such a place.
    shift: u32,
    /// Beginnings with their needles, sorted.
    needles: Vec<([u8; N], usize)>,
}

impl<const N: usize> First<N> {
    /// The bits for each needle, so that few other beginnings have the same place; and the most there are.
    const SPARSE: usize = 64;
    const MOST: usize = 1 << 16;

    fn of(needles: &[Vec<u8>], which: impl Iterator<Item = usize>) -> Self {
        let mut known: Vec<([u8; N], usize)> =
            which.filter_map(|at| Some((folded(*needles[at].first_chunk()?), at))).collect();
        known.sort_unstable();
        let bits = (known.len() * Self::SPARSE).next_power_of_two().clamp(64, Self::MOST);
        let mut first = First { seen: vec![0; bits / 64], shift: 32 - bits.ilog2(), needles: known };
        for at in 0..first.needles.len() {
            let place = first.place(first.needles[at].0);
            first.seen[place / 64] |= 1 << (place % 64);
        }
        first
    }

    /// Where the bit of a beginning is. Multiplication by the golden ratio spreads them (Knuth, TAOCP 6.4).
    fn place(&self, beginning: [u8; N]) -> usize {
        let mut number = [0; 4];
        number[..N].copy_from_slice(&beginning);
        (u32::from_le_bytes(number).wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    fn lead_anywhere(&self, needles: &[Vec<u8>], bytes: &[u8]) -> bool {
        if self.needles.is_empty() {
            return false;
        }
        bytes.windows(N).enumerate().any(|(at, window)| {
            let Some(beginning) = window.first_chunk().copied().map(folded) else { return false };
            let place = self.place(beginning);
            self.seen[place / 64] >> (place % 64) & 1 != 0 && self.leads(needles, beginning, &bytes[at..])
        })
    }

    /// Whether bytes that begin so begin with a needle.
    #[cold]
    fn leads(&self, needles: &[Vec<u8>], beginning: [u8; N], bytes: &[u8]) -> bool {
        let from = self.needles.partition_point(|(known, _)| *known < beginning);
        let alike = self.needles[from..].iter().take_while(|(known, _)| *known == beginning);
        alike.into_iter().any(|&(_, at)| {
            let needle = &needles[at];
            bytes.get(..needle.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(needle))
        })
    }
}

/// The same for letters in any case, and for few other bytes.
fn folded<const N: usize>(bytes: [u8; N]) -> [u8; N] {
    bytes.map(|byte| byte | 0x20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    proptest! {
        /// As an automaton tells it.
        #[test]
        fn needles_are_there_or_not(
            needles in prop::collection::vec("[a-d0-2@\u{0}\u{e9} ]{0,9}", 1..40),
            bytes in prop::collection::vec("[a-dA-D0-2@`\u{0}\u{e9} ]{0,40}", 0..4),
        ) {
            let bytes = bytes.concat().into_bytes();
            let needles: Vec<Vec<u8>> = needles.into_iter().map(String::into_bytes).collect();
            let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&needles).unwrap();
            prop_assert_eq!(Beginnings::of(&needles).lead_anywhere(&needles, &bytes), automaton.is_match(&bytes));
        }

        /// Long needles, seldom there.
        #[test]
        fn planted_needles_are_found(
            needles in prop::collection::vec("[ -~]{4,20}", 1..300),
            text in "[ -~]{0,300}",
            plant in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let needles: Vec<Vec<u8>> = needles.iter().map(|needle| needle.to_ascii_lowercase().into_bytes()).collect();
            let beginnings = Beginnings::of(&needles);
            let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&needles).unwrap();
            prop_assert_eq!(beginnings.lead_anywhere(&needles, text.as_bytes()), automaton.is_match(&text));
            let mut planted = text.into_bytes();
            let at = plant.0.index(planted.len() + 1);
            planted.splice(at..at, plant.1.get(&needles).to_ascii_uppercase());
            prop_assert!(beginnings.lead_anywhere(&needles, &planted));
        }
    }

    #[test]
    fn nothing_is_in_nothing() {
        assert!(!Beginnings::of(&[]).lead_anywhere(&[], b"anything"));
        assert!(Beginnings::of(&[Vec::new()]).lead_anywhere(&[Vec::new()], b""));
        let needles = [b"abcd".to_vec()];
        assert!(!Beginnings::of(&needles).lead_anywhere(&needles, b"abc"));
    }
}
