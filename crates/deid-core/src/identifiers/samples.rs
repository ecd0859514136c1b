//! Identifiers among measured samples: waveforms, spectra, look-up tables, coordinates.
//!
//! Samples spell short words by chance, the more so where their bytes happen to be letters. A match counts if it is no
//! chance: if, of bytes as frequent as those of this value, so long a value would hardly ever hold that word.

use super::{Searcher, Which};

/// A word that so many values like this one hold by chance is a coincidence in one of them.
const CHANCE: f64 = 1e-3;
/// Shorter words are not looked for.
const SHORTEST: usize = 5;

impl Searcher {
    /// Whether an identifier stands in samples that cannot be there by chance, `whole` being how long the value is of
    /// which these bytes are a part.
    pub fn is_in_samples(&self, bytes: &[u8], whole: u64) -> bool {
        let mut frequencies = None;
        self.matches(bytes, Which::Any).filter(|found| found.range.len() >= SHORTEST).any(|found| {
            let frequencies = frequencies.get_or_insert_with(|| Frequencies::of(bytes));
            frequencies.expected(&bytes[found.range], whole) < CHANCE
        })
    }
}

/// How often each byte stands in a value; letters of both cases count as one.
struct Frequencies {
    counts: [u32; 256],
    all: f64,
}

impl Frequencies {
    fn of(bytes: &[u8]) -> Self {
        let mut counts = [0u32; 256];
        for byte in bytes {
            let count = &mut counts[usize::from(byte.to_ascii_lowercase())];
            *count = count.saturating_add(1);
        }
        #[expect(clippy::cast_precision_loss, reason = "an order of magnitude is wanted")]
        Frequencies { counts, all: bytes.len().max(1) as f64 }
    }

    /// How many times the word is expected in a value of that length, if its bytes had nothing to do with each other. The
    /// word's own bytes do not count: of a constant signal with a name in it the letters are the name's.
    fn expected(&self, word: &[u8], whole: u64) -> f64 {
        let own = |wanted: u8| word.iter().filter(|byte| byte.eq_ignore_ascii_case(&wanted)).count();
        #[expect(clippy::cast_precision_loss, reason = "an order of magnitude is wanted")]
        let places = whole as f64;
        word.iter().fold(places, |expected, byte| {
            let count = f64::from(self.counts[usize::from(byte.to_ascii_lowercase())]);
            #[expect(clippy::cast_precision_loss, reason = "a word is short")]
            let others = (count - own(*byte) as f64).max(0.5);
            expected * others / self.all
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::identifiers::{Identifiers, Searcher};

    /// Bytes as an 8-bit signal has them: within this range, without pattern.
    fn noise(length: usize, low: u8, high: u8) -> Vec<u8> {
        let mut state = 12_345u64;
        let range = u64::from(high - low) + 1;
        let next = |state: &mut u64| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *state >> 33
        };
        (0..length).map(|_| low + (next(&mut state) % range) as u8).collect()
    }

    fn searcher() -> Searcher {
        let mut identifiers = Identifiers::default();
        identifiers.add_name("Hamid^Feather");
        Searcher::new(&identifiers)
    }

    fn with(mut samples: Vec<u8>, word: &[u8]) -> bool {
        let at = samples.len() / 2;
        samples[at..at + word.len()].copy_from_slice(word);
        searcher().is_in_samples(&samples, samples.len() as u64)
    }

    #[test]
    fn a_name_among_letters_is_chance_and_elsewhere_it_is_not() {
        // Between `a` and `p` each of a hundred thousand places has a chance of one in a million to begin `hamid`.
        assert!(!with(noise(100_000, b'a', b'p'), b"hamid"));
        assert!(with(noise(100_000, 0, 255), b"feather"));
        assert!(with(noise(100_000, 120, 136), b"hamid"));
        assert!(with(vec![b'm'; 5000], b"Hamid"));
        assert!(with(vec![0; 5000], b"Hamid"));
        // A long name is no coincidence even among letters.
        assert!(with(noise(10_000, b'a', b't'), b"featherhamid"));
        assert!(!searcher().is_in_samples(&noise(2_000_000, 0, 255), 2_000_000));
    }
}
