//! Words in another form than the listed one: number, gender, case, tense, and the way another language writes a word
//! of Greek or Latin (`perfusion`, `Perfusion`, `perfüzyon`). A word is known if it has the stem of a listed word, and
//! both have after it what words end in (`data/inflections.txt`).

use super::words::Words;
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::OnceLock;

/// The shortest word, in bytes, that is looked at.
const SHORTEST: usize = 7;

/// The longest ending, in bytes; letters of other scripts have two.
const LONGEST_ENDING: usize = 12;

/// The shortest stem, in bytes, of words of the trade.
const STEM: usize = 6;

/// So many first letters are told apart: those of the alphabet, and all others.
const INITIALS: usize = 27;

/// Words as [`skeleton`] writes them, and what they may end in.
#[derive(Debug)]
pub(super) struct Inflections {
    words: fn() -> Words,
    /// By the first letter, when one with it is asked about: few of them are.
    sorted: [OnceLock<Sorted>; INITIALS],
    endings: FxHashSet<String>,
}

/// Sorted words.
#[derive(Debug, Default)]
struct Sorted {
    /// The words, one behind the other in no order.
    letters: String,
    places: Vec<Range<u32>>,
}

/// A folded word as it sounds in most languages: one letter for `c`, `k` and `qu`, for `z` and `s`, for `ph` and `f`.
pub(super) fn skeleton(folded: &str) -> String {
    let mut skeleton = String::with_capacity(folded.len() + 4);
    push_skeleton(folded, &mut skeleton);
    skeleton
}

/// Writes the skeleton of a word behind others.
fn push_skeleton(folded: &str, to: &mut String) {
    let start = to.len();
    let mut letters = folded.chars().peekable();
    while let Some(letter) = letters.next() {
        let (sound, taken) = sound(letter, letters.peek().copied().unwrap_or(' '));
        if sound.is_empty() {
            if !to[start..].ends_with(letter) {
                to.push(letter);
            }
        } else if !to[start..].ends_with(sound) {
            to.push_str(sound);
        }
        if taken == 2 {
            letters.next();
        }
    }
}

/// How a letter before another sounds, if not as it is written, and how many of the two that is.
const fn sound(letter: char, next: char) -> (&'static str, usize) {
    match (letter, next) {
        ('p', 'h') => ("f", 2),
        ('t', 'h') => ("t", 2),
        ('r', 'h') => ("r", 2),
        ('c', 'h') => ("ch", 2),
        ('q', 'u') => ("ku", 2),
        ('a' | 'o', 'e') => ("e", 2),
        ('c', 'e' | 'i' | 'y') | ('z', _) => ("s", 1),
        ('c' | 'q', _) => ("k", 1),
        ('x', _) => ("ks", 1),
        ('y' | 'j', _) => ("i", 1),
        ('w', _) => ("v", 1),
        _ => ("", 1),
    }
}

/// Which of the first letters a word has, as [`skeleton`] writes it.
fn initial(folded: &str) -> usize {
    let mut letters = folded.chars();
    let (Some(letter), next) = (letters.next(), letters.next().unwrap_or(' ')) else { return INITIALS - 1 };
    let first = sound(letter, next).0.chars().next().unwrap_or(letter);
    if first.is_ascii_lowercase() { (first as u8 - b'a') as usize } else { INITIALS - 1 }
}

/// The first eight bytes of a word as a number that sorts as they do.
fn beginning(word: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = word.len().min(8);
    bytes[..length].copy_from_slice(&word.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

impl Sorted {
    /// Of those of the words that have this first letter.
    fn of(words: impl Iterator<Item = &'static str>, first: usize) -> Self {
        let mut letters = String::with_capacity(1 << 14);
        let mut sorted = Vec::with_capacity(1 << 11);
        let long = words.filter(|word| word.len() >= STEM && initial(word) == first);
        for word in long.filter(|word| word.chars().all(char::is_alphabetic)) {
            let start = letters.len();
            push_skeleton(word, &mut letters);
            sorted.push((beginning(&letters[start..]), start as u32..letters.len() as u32));
        }
        let text = |range: &Range<u32>| &letters[range.start as usize..range.end as usize];
        sorted.sort_unstable_by(|(one, a), (other, b)| one.cmp(other).then_with(|| text(a).cmp(text(b))));
        sorted.dedup_by(|(_, a), (_, b)| text(a) == text(b));
        Sorted { places: sorted.into_iter().map(|(_, range)| range).collect(), letters }
    }

    fn word(&self, range: &Range<u32>) -> &str {
        &self.letters[range.start as usize..range.end as usize]
    }

    fn contains(&self, skeleton: &str) -> bool {
        self.places.binary_search_by(|word| self.word(word).cmp(skeleton)).is_ok()
    }

    /// The words that begin with a stem.
    fn with_stem<'s>(&'s self, stem: &'s str) -> impl Iterator<Item = &'s str> {
        let start = self.places.partition_point(|word| self.word(word) < stem);
        let onwards = self.places[start..].iter().map(|word| self.word(word));
        onwards.take_while(move |word| word.starts_with(stem))
    }
}

impl Inflections {
    /// Of these words.
    pub(super) fn of(words: fn() -> Words, endings: impl Iterator<Item = &'static str>) -> Self {
        let sorted = [const { OnceLock::new() }; INITIALS];
        Inflections { words, sorted, endings: endings.map(skeleton).collect() }
    }

    /// The words with the first letter of this one.
    fn sorted(&self, folded: &str) -> &Sorted {
        let first = initial(folded);
        self.sorted[first].get_or_init(|| Sorted::of((self.words)(), first))
    }

    /// Whether a folded word is one of the words, but for the way it is written.
    pub(super) fn is_respelt(&self, folded: &str) -> bool {
        folded.len() >= SHORTEST && self.sorted(folded).contains(&skeleton(folded))
    }

    /// Whether a folded word is a form of one of the words.
    pub(super) fn is_form(&self, folded: &str) -> bool {
        let word = folded;
        let folded = skeleton(word);
        // Letters of other scripts have two bytes.
        let wide = if folded.is_ascii() { 1 } else { 2 };
        if folded.len() < SHORTEST * wide {
            return false;
        }
        let least = (STEM * wide).max(folded.len().saturating_sub(LONGEST_ENDING));
        let cuts: Vec<usize> = (least..=folded.len())
            .filter(|&cut| folded.is_char_boundary(cut) && self.is_ending(&folded[cut..]))
            .collect();
        let Some(&shortest) = cuts.first() else { return false };
        self.sorted(word).with_stem(&folded[..shortest]).any(|word| {
            cuts.iter().any(|&cut| {
                word.get(..cut).is_some_and(|stem| *stem == folded[..cut]) && self.is_ending(&word[cut..])
            })
        })
    }

    fn is_ending(&self, ending: &str) -> bool {
        ending.is_empty() || self.endings.contains(ending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_spellings_are_found() {
        fn words() -> Words {
            let words = ["perfusion", "thorax", "resection", "microadenoma", "oedema", "cellular", "чистка"];
            Box::new(words.into_iter())
        }
        let inflections = Inflections::of(words, "a e en es ion ie er um s".split(' '));
        for word in ["perfuzyon", "perfusionen", "toraksen", "resektion", "mikroadenom", "zellularer"] {
            assert!(inflections.is_form(word) || inflections.is_respelt(word), "{word}");
        }
        assert!(inflections.is_respelt("чистка"));
        for word in ["perfumery", "thornton", "mikael", ""] {
            assert!(!inflections.is_form(word) && !inflections.is_respelt(word), "{word}");
        }
    }
}
