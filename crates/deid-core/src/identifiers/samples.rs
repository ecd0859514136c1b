//! Identifiers among measured samples: waveforms, spectra, look-up tables, coordinates.
//!
//! Samples spell short words by chance, the more so where their bytes happen to be letters. A match counts if it is no
//! chance: if, of bytes as frequent as those of this value, so long a value would hardly ever hold that word. What
//! reads as a text is one, whatever it calls itself.

use super::{Found, Searcher, Which};
use std::collections::HashMap;

/// A word that so many values like this one hold by chance is a coincidence in one of them.
const CHANCE: f64 = 1e-3;
/// Shorter words are not looked for.
const SHORTEST: usize = 5;
/// So many different words of a subject are no chance.
const MOST_WORDS: usize = 10_000;
/// In a text something stands between words of this length on the average, or shorter.
const LONGEST_WORD: usize = 25;

impl Searcher {
    /// Whether an identifier stands in samples that cannot be there by chance, `whole` being how long the value is of
    /// which these bytes are a part.
    pub fn is_in_samples(&self, bytes: &[u8], whole: u64) -> bool {
        if is_prose(bytes) {
            return self.is_in(bytes);
        }
        let mut frequencies = None;
        // How often a word stands there, whichever of its identifiers found it.
        let mut words: HashMap<Vec<u8>, (u32, usize)> = HashMap::new();
        for Found { range, .. } in
            self.matches(bytes, Which::Any).filter(|found| found.range.len() >= SHORTEST)
        {
            let known = words.len();
            let (times, last) = words.entry(bytes[range.clone()].to_ascii_lowercase()).or_default();
            if *times == 0 || *last != range.start {
                *times = times.saturating_add(1);
                *last = range.start;
            }
            if known >= MOST_WORDS {
                return true;
            }
        }
        words.iter().any(|(word, &(times, _))| {
            let frequencies = frequencies.get_or_insert_with(|| Frequencies::of(bytes));
            frequencies.expected(word, times, whole) < CHANCE
        })
    }
}

/// Whether bytes read as words: printable, mostly letters of ASCII, and with something between the words.
fn is_prose(bytes: &[u8]) -> bool {
    let (mut printed, mut letters, mut between) = (0, 0, 0);
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' => letters += 1,
            b' ' | b'^' | b'=' | b',' | b'.' | b';' | b'_' | b'-' | b'\\' | b'\t' | b'\n' | b'\r' => {
                between += 1;
            }
            0x7F => return false,
            0 | 0x20.. | 0x0C | 0x1B => {}
            _ => return false,
        }
        printed += usize::from(byte != 0);
    }
    printed * 2 >= bytes.len() && letters * 2 >= printed && between * LONGEST_WORD >= printed
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

    /// How many times the word is expected in a value of that length, if its bytes had nothing to do with each other.
    /// The word's own bytes do not count, as often as it stands there: of a constant signal with a name in it the
    /// letters are the name's.
    fn expected(&self, word: &[u8], times: u32, whole: u64) -> f64 {
        let own = |wanted: u8| word.iter().filter(|byte| byte.eq_ignore_ascii_case(&wanted)).count();
        #[expect(clippy::cast_precision_loss, reason = "an order of magnitude is wanted")]
        let places = whole as f64;
        word.iter().fold(places, |expected, byte| {
            let count = f64::from(self.counts[usize::from(byte.to_ascii_lowercase())]);
            #[expect(clippy::cast_precision_loss, reason = "a word is short")]
            let others = (count - own(*byte) as f64 * f64::from(times)).max(0.5);
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
    fn names_again_and_again_are_no_chance() {
        let is_in = |name: &str, text: &str, times: usize| {
            let mut identifiers = Identifiers::default();
            identifiers.add_name(name);
            let samples = text.repeat(times);
            Searcher::new(&identifiers).is_in_samples(samples.as_bytes(), samples.len() as u64)
        };
        assert!(is_in("Smith^Odette", "Smith ", 200));
        assert!(is_in("Smith^Odette", "Smith^Odette ", 40));
        assert!(is_in("Smith^Odette", "SmithOdette", 40));
        assert!(is_in("Smith^Odette", "\u{1}Smith\u{2}", 200));
        assert!(is_in("Lee^Kim", "Kim Lee ", 100));
        assert!(is_in("Lee^Kim", "seen by doctors of this hospital, Kim Lee, who is a patient. ", 100));
        assert!(!is_in("Lee^Kim", "\u{1}kelpie\u{7F}", 100));
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
