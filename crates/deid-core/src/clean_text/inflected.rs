//! Words in another form than the listed one: number, gender, case, tense, and the way another language writes a word
//! of Greek or Latin (`perfusion`, `Perfusion`, `perfüzyon`). A word is known if it has the stem of a listed word, and
//! both have after it what words end in (`data/inflections.txt`).

use rustc_hash::FxHashSet;

/// The shortest word, in bytes, that is looked at.
const SHORTEST: usize = 7;

/// The longest ending, in bytes; letters of other scripts have two.
const LONGEST_ENDING: usize = 12;

/// The shortest stem, in bytes, of words of the trade.
const STEM: usize = 6;

/// Sorted words as [`skeleton`] writes them, and what they may end in.
#[derive(Debug, Default)]
pub(super) struct Inflections {
    sorted: Vec<Box<str>>,
    endings: FxHashSet<String>,
}

/// A folded word as it sounds in most languages: one letter for `c`, `k` and `qu`, for `z` and `s`, for `ph` and `f`.
pub(super) fn skeleton(folded: &str) -> String {
    let mut letters = folded.chars().peekable();
    let mut skeleton = String::with_capacity(folded.len() + 4);
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
            if !skeleton.ends_with(letter) {
                skeleton.push(letter);
            }
        } else if !skeleton.ends_with(sound) {
            skeleton.push_str(sound);
        }
        if taken == 2 {
            letters.next();
        }
    }
    skeleton
}

impl Inflections {
    /// Of these words.
    pub(super) fn of<'a>(
        words: impl Iterator<Item = &'a str>,
        endings: impl Iterator<Item = &'static str>,
    ) -> Self {
        let long = words.filter(|word| word.len() >= STEM && word.chars().all(char::is_alphabetic));
        let mut sorted: Vec<Box<str>> = long.map(|word| skeleton(word).into_boxed_str()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        Inflections { sorted, endings: endings.map(skeleton).collect() }
    }

    /// Whether a folded word is one of the words, but for the way it is written.
    pub(super) fn is_respelt(&self, folded: &str) -> bool {
        folded.len() >= SHORTEST && {
            let skeleton = skeleton(folded);
            self.sorted.binary_search_by(|word| (**word).cmp(&skeleton)).is_ok()
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
        let start = self.sorted.partition_point(|word| **word < *stem);
        self.sorted[start..].iter().take_while(|word| word.starts_with(stem)).any(|word| {
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
