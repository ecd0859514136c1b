//! Words in another form than the listed one: number, gender, case, tense, and the way another language writes a word
//! of Greek or Latin (`perfusion`, `Perfusion`, `perfüzyon`). A word is known if it has the stem of a listed word, and
//! both have after it what words end in (`data/inflections.txt`).

use rustc_hash::FxHashSet;
use std::ops::Range;

/// The shortest word, in bytes, that is looked at.
const SHORTEST: usize = 7;

/// The longest ending, in bytes; letters of other scripts have two.
const LONGEST_ENDING: usize = 12;

/// The shortest stem, in bytes, of words of the trade.
const STEM: usize = 6;

/// Sorted words as [`skeleton`] writes them, and what they may end in.
#[derive(Debug, Default)]
pub(super) struct Inflections {
    /// The words, one behind the other in no order.
    letters: String,
    sorted: Vec<Range<u32>>,
    endings: FxHashSet<String>,
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
        let next = letters.peek().copied().unwrap_or(' ');
        let (sound, taken) = match (letter, next) {
            ('p', 'h') => ("f", 2),
            ('t' | 'r', 'h') => (if letter == 't' { "t" } else { "r" }, 2),
            ('c', 'h') | ('q', 'u') => (if letter == 'c' { "ch" } else { "ku" }, 2),
            ('a' | 'o', 'e') => ("e", 2),
            ('c', 'e' | 'i' | 'y') | ('z', _) => ("s", 1),
            ('c' | 'q', _) => ("k", 1),
            ('x', _) => ("ks", 1),
            ('y' | 'j', _) => ("i", 1),
            ('w', _) => ("v", 1),
            _ => ("", 1),
        };
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

/// The first eight bytes of a word as a number that sorts as they do.
fn beginning(word: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = word.len().min(8);
    bytes[..length].copy_from_slice(&word.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

impl Inflections {
    /// Of these words.
    pub(super) fn of<'a>(
        words: impl Iterator<Item = &'a str>,
        endings: impl Iterator<Item = &'static str>,
    ) -> Self {
        let mut letters = String::with_capacity(1 << 18);
        let mut sorted = Vec::with_capacity(1 << 15);
        for word in words.filter(|word| word.len() >= STEM && word.chars().all(char::is_alphabetic)) {
            let start = letters.len();
            push_skeleton(word, &mut letters);
            sorted.push((beginning(&letters[start..]), start as u32..letters.len() as u32));
        }
        let text = |range: &Range<u32>| &letters[range.start as usize..range.end as usize];
        sorted.sort_unstable_by(|(one, a), (other, b)| one.cmp(other).then_with(|| text(a).cmp(text(b))));
        sorted.dedup_by(|(_, a), (_, b)| text(a) == text(b));
        let sorted = sorted.into_iter().map(|(_, range)| range).collect();
        Inflections { letters, sorted, endings: endings.map(skeleton).collect() }
    }

    fn word(&self, range: &Range<u32>) -> &str {
        &self.letters[range.start as usize..range.end as usize]
    }

    /// Whether a folded word is one of the words, but for the way it is written.
    pub(super) fn is_respelt(&self, folded: &str) -> bool {
        folded.len() >= SHORTEST && {
            let skeleton = skeleton(folded);
            self.sorted.binary_search_by(|word| self.word(word).cmp(&skeleton)).is_ok()
        }
    }

    /// Whether a folded word is a form of one of the words.
    pub(super) fn is_form(&self, folded: &str) -> bool {
        let folded = skeleton(folded);
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
        let stem = &folded[..shortest];
        let start = self.sorted.partition_point(|word| self.word(word) < stem);
        let from_stem = self.sorted[start..].iter().map(|word| self.word(word));
        from_stem.take_while(|word| word.starts_with(stem)).any(|word| {
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
        let words = ["perfusion", "thorax", "resection", "microadenoma", "oedema", "cellular"];
        let inflections = Inflections::of(words.into_iter(), "a e en es ion ie er um s".split(' '));
        for word in ["perfuzyon", "perfusionen", "toraksen", "resektion", "mikroadenom", "zellularer"] {
            assert!(inflections.is_form(word) || inflections.is_respelt(word), "{word}");
        }
        for word in ["perfumery", "thornton", "mikael", ""] {
            assert!(!inflections.is_form(word) && !inflections.is_respelt(word), "{word}");
        }
    }
}
