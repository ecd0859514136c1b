//! The frequent words of many languages (`data/common-words.txt`), looked up in their packed form.

use std::sync::OnceLock;

/// How many lines are read one after the other at most.
const BLOCK: usize = 32;

/// Where every [`BLOCK`]th line begins, and the whole word there.
type Blocks = Vec<(usize, Vec<u8>)>;

/// Whether a folded word is frequent in one of the languages, and no name.
pub(super) fn is_common_word(folded: &str) -> bool {
    is_packed(list(), blocks(), folded.as_bytes())
}

fn list() -> &'static [u8] {
    include_bytes!("../../data/common-words.txt")
}

fn blocks() -> &'static Blocks {
    static BLOCKS: OnceLock<Blocks> = OnceLock::new();
    BLOCKS.get_or_init(|| index(list()))
}

fn index(list: &[u8]) -> Blocks {
    let mut blocks = Vec::new();
    let mut word = Vec::new();
    for (number, (at, line)) in lines(list, 0).enumerate() {
        unpack(&mut word, line);
        if number % BLOCK == 0 {
            blocks.push((at, word.clone()));
        }
    }
    blocks
}

fn is_packed(list: &[u8], blocks: &Blocks, wanted: &[u8]) -> bool {
    let Some(block) = blocks.partition_point(|(_, first)| first.as_slice() <= wanted).checked_sub(1) else {
        return false;
    };
    let (at, first) = &blocks[block];
    let mut word = first.clone();
    if word == wanted {
        return true;
    }
    lines(list, *at).skip(1).take(BLOCK - 1).any(|(_, line)| {
        unpack(&mut word, line);
        word == wanted
    })
}

/// The lines from an offset on, with their offsets; comments and empty lines left out.
fn lines(list: &[u8], from: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = from;
    list[from..].split(|&byte| byte == b'\n').filter_map(move |line| {
        let at = next;
        next += line.len() + 1;
        line.first().is_some_and(u8::is_ascii_uppercase).then_some((at, line))
    })
}

/// A line's first letter says how many bytes of the word before stay.
fn unpack(word: &mut Vec<u8>, line: &[u8]) {
    if let Some((shared, rest)) = line.split_first() {
        word.truncate(usize::from(shared.saturating_sub(b'A')));
        word.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_found_and_sorted() {
        let mut word = Vec::new();
        let mut before = Vec::new();
        for (number, (_, line)) in lines(list(), 0).enumerate() {
            unpack(&mut word, line);
            assert!(before < word);
            assert!(number % 101 != 0 || is_common_word(std::str::from_utf8(&word).expect("it is text")));
            before.clone_from(&word);
        }
        assert!(["vorzeitig", "operacji", "operacja"].iter().all(|word| is_common_word(word)));
        assert!(!is_common_word("") && !is_common_word("zzzzzz") && !is_common_word("kowalczyk"));
    }
}
