//! The frequent words of many languages (`data/common-words.txt`), looked up in their packed form.

/// Whether a folded word is frequent in one of the languages, and no name.
pub(super) fn is_common_word(folded: &str) -> bool {
    is_packed(list(), folded.as_bytes())
}

/// How much of a folded word, from its first byte on, begins one of those words.
pub(super) fn common_prefix(folded: &str) -> usize {
    let wanted = folded.as_bytes();
    let mut longest = 0;
    read_to(list(), wanted, |word| {
        longest = longest.max(word.iter().zip(wanted).take_while(|(a, b)| a == b).count());
    });
    longest
}

fn list() -> &'static [u8] {
    include_bytes!("../../data/common-words.txt")
}

/// Whether a word is in the list.
fn is_packed(list: &[u8], wanted: &[u8]) -> bool {
    let mut found = false;
    read_to(list, wanted, |word| found |= word == wanted);
    found
}

/// Reads the words around the one that is wanted, up to the first behind it. Some lines are whole words (`A`): the last
/// of them that is not behind the word wanted is looked for, and the lines from there on are read.
fn read_to(list: &[u8], wanted: &[u8], mut read: impl FnMut(&[u8])) {
    let (mut low, mut high): (usize, usize) = (0, list.len());
    while let Some((at, first)) = whole_word(list, low.midpoint(high), high) {
        if first <= wanted {
            read(first);
            if first == wanted {
                return;
            }
            low = at + 1;
        } else {
            high = low.midpoint(high);
        }
    }
    // Behind the middle there is none any more: the rest is read from the first one on.
    let (mut start, end) = (low.saturating_sub(1), high);
    while let Some((at, first)) = whole_word(list, start, end) {
        if first > wanted || at + 1 == start {
            break;
        }
        start = at + 1;
    }
    let mut word = Vec::new();
    for (_, line) in lines(list, start.saturating_sub(1)) {
        unpack(&mut word, line);
        read(&word);
        if word.as_slice() >= wanted {
            return;
        }
    }
}

/// The first line with a whole word that begins in a range: where, and the word. No word has a capital.
fn whole_word(list: &[u8], from: usize, to: usize) -> Option<(usize, &[u8])> {
    let is_first = |at: &usize| *at == 0 || list[at - 1] == b'\n';
    let at = memchr::memchr_iter(b'A', &list[from..]).map(|at| from + at).find(is_first)?;
    let word = &list[at + 1..];
    let end = memchr::memchr(b'\n', word).unwrap_or(word.len());
    (at < to).then(|| (at, &word[..end]))
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
        assert!(common_prefix("operacja") == 8 && (7..9).contains(&common_prefix("operacjqqx")));
        assert!(!is_common_word("") && !is_common_word("zzzzzz") && !is_common_word("kowalczyk"));
    }
}
