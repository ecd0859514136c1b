//! The search for needles by how they begin: nearly all bytes hold none, and looking at each place on its own is quicker
//! than to follow an automaton from byte to byte.

use std::cmp::Reverse;
use std::ops::Range;

/// The first bytes of all needles.
pub(super) struct Beginnings {
    /// Of needles of four bytes or more.
    long: First<4>,
    /// Of two or three bytes.
    short: First<2>,
    /// Of one.
    single: First<1>,
}

/// The place of a needle among all, and where it stands.
type Found = (usize, Range<usize>);

impl Beginnings {
    /// Of needles in lower case. One without bytes is in nothing.
    pub(super) fn of(needles: &[Vec<u8>]) -> Self {
        let of = |lengths: Range<usize>| {
            (0..needles.len()).filter(move |&at| lengths.contains(&needles[at].len()))
        };
        Beginnings {
            long: First::of(needles, of(4..usize::MAX)),
            short: First::of(needles, of(2..4)),
            single: First::of(needles, of(1..2)),
        }
    }

    /// Where the same needles stand, in any case (ASCII): by where they end, the longest first, as automata find them.
    /// `None` if more comparisons than `most` would tell.
    pub(super) fn find(&self, needles: &[Vec<u8>], bytes: &[u8], most: usize) -> Option<Vec<Found>> {
        let (mut found, mut left) = (Vec::new(), most);
        self.long.find(needles, bytes, &mut found, &mut left)?;
        self.short.find(needles, bytes, &mut found, &mut left)?;
        self.single.find(needles, bytes, &mut found, &mut left)?;
        found.sort_unstable_by_key(|(needle, range)| (range.end, Reverse(range.len()), *needle));
        Some(found)
    }
}

/// How needles of `N` bytes or more begin.
struct First<const N: usize> {
    /// A bit for each place that a beginning may have here.
    seen: Vec<u64>,
    /// How far a hash is moved to be such a place.
    shift: u32,
    /// Beginnings with their needles, sorted.
    needles: Vec<(u32, usize)>,
}

impl<const N: usize> First<N> {
    /// The bits for each needle, so that few other beginnings have the same place; and the most there are.
    const SPARSE: usize = 64;
    const MOST: usize = 1 << 16;

    fn of(needles: &[Vec<u8>], which: impl Iterator<Item = usize>) -> Self {
        let mut known: Vec<(u32, usize)> =
            which.filter_map(|at| Some((folded::<N>(needles[at].first_chunk()?), at))).collect();
        known.sort_unstable();
        let bits = (known.len() * Self::SPARSE).next_power_of_two().clamp(64, Self::MOST);
        let mut seen = vec![0; bits / 64];
        let shift = u32::BITS - bits.ilog2();
        for (beginning, _) in &known {
            let place = place(*beginning, shift);
            seen[place / 64] |= 1 << (place % 64);
        }
        First { seen, shift, needles: known }
    }

    fn find(
        &self,
        needles: &[Vec<u8>],
        bytes: &[u8],
        found: &mut Vec<Found>,
        left: &mut usize,
    ) -> Option<()> {
        if self.needles.is_empty() {
            return Some(());
        }
        let (seen, shift) = (&self.seen[..], self.shift);
        for (at, window) in bytes.windows(N).enumerate() {
            let Some(beginning) = window.first_chunk::<N>().map(folded) else { continue };
            let place = place(beginning, shift);
            if seen[place / 64] >> (place % 64) & 1 != 0 {
                self.compare(needles, beginning, (bytes, at), found, left)?;
            }
        }
        Some(())
    }

    /// Which needles stand where bytes begin so.
    #[cold]
    fn compare(
        &self,
        needles: &[Vec<u8>],
        beginning: u32,
        (bytes, at): (&[u8], usize),
        found: &mut Vec<Found>,
        left: &mut usize,
    ) -> Option<()> {
        let from = self.needles.partition_point(|(known, _)| *known < beginning);
        for &(_, needle) in self.needles[from..].iter().take_while(|(known, _)| *known == beginning) {
            *left = left.checked_sub(1)?;
            let range = at..at + needles[needle].len();
            if bytes.get(range.clone()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(&needles[needle])) {
                found.push((needle, range));
            }
        }
        Some(())
    }
}

/// The same for letters in any case, and for few other bytes.
fn folded<const N: usize>(bytes: &[u8; N]) -> u32 {
    let mut word = [0; 4];
    word[..N].copy_from_slice(bytes);
    u32::from_le_bytes(word) | 0x2020_2020
}

/// Where the bit of a beginning is. Multiplication by the golden ratio spreads them (Knuth, TAOCP 6.4).
const fn place(beginning: u32, shift: u32) -> usize {
    (beginning.wrapping_mul(0x9E37_79B1) >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_take_too_long_is_left_to_others() {
        let needles: Vec<Vec<u8>> = (0..100).map(|n| format!("same{n}").into_bytes()).collect();
        let beginnings = Beginnings::of(&needles);
        assert_eq!(beginnings.find(&needles, b"nothing", 0), Some(Vec::new()));
        assert_eq!(beginnings.find(&needles, b"Same7", 100), Some(vec![(7, 0..5)]));
        assert_eq!(beginnings.find(&needles, b"same7 same", 199), None);
        assert_eq!(Beginnings::of(&[]).find(&[], b"anything", 0), Some(Vec::new()));
    }
}
