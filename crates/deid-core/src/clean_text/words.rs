//! The vocabulary, and how words are compared with it.

use super::common::{common_prefix, is_common_word};
use super::inflected::Inflections;
use super::misspelt::{Slips, is_misspelt};
use crate::vocabulary::is_common;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of `data/acquisition-vocabulary.txt` and its neighbours, folded.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: FxHashSet<Cow<'static, str>>,
    phrases: FxHashSet<String>,
    names: FxHashSet<&'static str>,
    /// Words that are names too: none in small letters among words.
    small: OnceLock<FxHashSet<&'static str>>,
    /// Words that are names too, but seldom.
    seldom: FxHashSet<&'static str>,
    parts: FxHashSet<&'static str>,
    beginnings: Vec<&'static str>,
    endings: FxHashSet<&'static str>,
    /// What tells words of the trade that are misspelt; few runs ask.
    slips: OnceLock<Slips>,
    /// Names that look like words: misspelt, compound, or by their ending.
    wordlike: FxHashSet<&'static str>,
    /// Ideographs of the trade: those in nobody's name, and what stands beside them.
    ideographs: [FxHashSet<char>; 2],
    /// Words of Chinese and Japanese medicine.
    ideographic: OnceLock<FxHashSet<&'static str>>,
    /// Words of the trade with what they end in; few runs ask.
    inflections: OnceLock<Inflections>,
}

/// The longest word that is taken apart, in bytes; no real one is longer.
const LONGEST: usize = 64;

/// The shortest word that is taken for two, in bytes.
const SHORTEST_JOINED: usize = 10;

/// The shortest word that is taken for two of which none is of the trade, in bytes: no name is so long.
const LONG_JOINED: usize = 15;

/// What German and English family names and places end in.
const OF_NAMES: &[&str] = &[
    "berg", "berger", "thal", "bach", "mann", "burg", "dorf", "hof", "wald", "heim", "baum", "hauser",
    "meier", "meyer", "bauer", "fell", "worth", "combe", "thorpe", "wick", "hurst", "stead", "mere", "shire",
];

/// The longest ending, in bytes.
const LONGEST_ENDING: usize = 12;

/// The longest word or phrase that is looked up, in bytes: no list has a longer one, and a text without blanks is asked
/// about many times.
pub(super) const LONGEST_WORD: usize = 128;

/// The longest part of a compound, in bytes.
const LONGEST_PART: usize = 24;

/// Lindenthal, Wasserstein: so end names; the words of the trade that do are listed.
fn ends_as_names(folded: &str) -> bool {
    folded.ends_with("stein") && folded.len() < 12
        || OF_NAMES.iter().any(|ending| folded.len() > ending.len() + 3 && folded.ends_with(ending))
}

impl Lexicon {
    /// Whether a folded word is listed (also without its plural `s`).
    pub(super) fn is_word(&self, folded: &str) -> bool {
        folded.len() <= LONGEST_WORD
            && (self.words.contains(folded)
                || self.seldom.contains(folded)
                || is_common(folded)
                || is_listed(folded)
                || !self.is_name(folded) && is_common_word(folded) && !self.is_case_of_name(folded)
                || folded.len() >= 5
                    && !self.is_name(folded)
                    && folded.strip_suffix('s').is_some_and(|singular| self.words.contains(singular)))
    }

    /// Whether a folded word is listed, made of listed parts, or begins or ends as terms do.
    pub(super) fn is_known(&self, folded: &str) -> bool {
        self.is_word(folded)
            || folded.len() <= LONGEST_WORD
                && !self.is_name(folded)
                && !self.wordlike.contains(folded)
                && !ends_as_names(folded)
                && !self.is_case_of_name(folded)
                && (self.is_term(folded) || self.is_compound(folded) || self.is_wordlike(folded))
    }

    /// Whether a folded word is the case of a Slavic adjective of which no list has the first one: `Wiśniewskiego`,
    /// `Chorzowskiej`, `Вишневского` are names of people and places, `lekarskiego` is none.
    fn is_case_of_name(&self, folded: &str) -> bool {
        let latin = ["iego", "iemu", "iej", "imi", "ich", "im"];
        let cyrillic = ["ого", "ому", "ои", "ими", "их", "им", "ую", "ою"];
        let ukrainian = ["ого", "ому", "оі", "ими", "их", "им", "ою", "іи", "у"];
        let stem = |endings: &[&str], roots: &[&str]| -> Option<&str> {
            let stem = endings.iter().find_map(|ending| folded.strip_suffix(*ending))?;
            roots.iter().any(|root| stem.ends_with(root)).then_some(stem)
        };
        let (stem, first) = if let Some(stem) = stem(&latin, &["sk", "ck", "dzk"]) {
            (stem, &["i", "o"][..])
        } else if let Some(stem) = stem(&cyrillic, &["ск", "цк"]) {
            (stem, &["ии", "ая", "ое", "ие", "ои"][..])
        } else if let Some(stem) = stem(&ukrainian, &["ськ", "цьк"]) {
            (stem, &["ии", "а", "е", "і"][..])
        } else {
            return folded.ends_with("czykowej") || folded.ends_with("czykowa");
        };
        let known = |word: String| {
            self.words.contains(word.as_str()) || !self.is_name(&word) && is_common_word(&word)
        };
        stem.chars().count() >= 4
            && !self.words.contains(folded)
            && !first.iter().any(|ending| known(format!("{stem}{ending}")))
    }

    /// Whether a folded word is of the trade: of acquisition, anatomy or disease.
    pub(super) fn is_trade(&self, folded: &str) -> bool {
        folded.len() <= LONGEST_WORD
            && (self.words.contains(folded) || is_common(folded) || is_line(SORTED[1], folded))
    }

    /// Whether a folded word is of daily English and of no trade: before the word for a hospital it is its name.
    pub(super) fn is_everyday(&self, folded: &str) -> bool {
        folded.len() <= LONGEST_WORD
            && !self.words.contains(folded)
            && !is_common(folded)
            && is_line(SORTED[0], folded)
    }

    /// Whether a folded word is a name in capitals, and among words in small letters a word.
    pub(super) fn is_small_word(&self, folded: &str) -> bool {
        let small = || self.small.get_or_init(|| set(include_str!("../../data/small-words.txt")));
        folded.len() <= LONGEST_WORD && small().contains(folded)
    }

    /// Whether the words, joined by blanks, are kept only together.
    pub(super) fn is_phrase(&self, folded: &str) -> bool {
        folded.len() <= LONGEST_WORD && self.phrases.contains(folded)
    }

    /// Whether a folded word is listed as a name, though it may be a word of the trade too.
    pub(super) fn is_name(&self, folded: &str) -> bool {
        folded.len() <= LONGEST_WORD && self.names.contains(folded)
    }

    /// Whether a folded word is listed as a name of any kind.
    pub(super) fn is_listed_name(&self, folded: &str) -> bool {
        self.is_name(folded) || self.wordlike.contains(folded)
    }

    /// Whether a folded word is listed as a name that is a word far more often.
    pub(super) fn is_seldom_name(&self, folded: &str) -> bool {
        folded.len() <= LONGEST_WORD && self.seldom.contains(folded)
    }

    /// Whether a word not folded is listed, for scripts that do not separate words.
    pub(super) fn is_ideographic_word(&self, word: &str) -> bool {
        let words = || self.ideographic.get_or_init(|| set(include_str!("../../data/ideograph-words.txt")));
        self.words.contains(word) || words().contains(word)
    }

    /// Whether a character alone is one that stands between words of the trade.
    pub(super) fn is_between_words(&self, character: &str) -> bool {
        let [strong, beside] = &self.ideographs;
        let particle = |c| matches!(c, 'の' | 'を' | 'に' | 'と' | 'は' | 'が' | 'で' | 'へ' | 'も' | 'や');
        character.chars().all(|c| strong.contains(&c) || beside.contains(&c) || particle(c))
    }

    /// Whether ideographs are all of the trade, and one of them is in nobody's name, if that is asked.
    pub(super) fn is_ideographic_trade(&self, text: &str, asks: bool) -> bool {
        let [strong, beside] = &self.ideographs;
        let kana = |c| matches!(c, '\u{3040}'..='\u{30FF}');
        (!asks || text.chars().any(|c| strong.contains(&c)))
            && text.chars().all(|c| strong.contains(&c) || beside.contains(&c) || kana(c))
            && text.split(|c| !kana(c)).all(|word| word.chars().count() < 2 || self.words.contains(word))
    }

    fn is_term(&self, folded: &str) -> bool {
        let rest = |beginning: &&'static str| folded.strip_prefix(*beginning);
        let ending = |from: usize| folded.get(from..).is_some_and(|ending| self.endings.contains(ending));
        folded.len() > 8 && (folded.len().saturating_sub(LONGEST_ENDING)..folded.len()).any(ending)
            || self.beginnings.iter().filter_map(rest).any(|rest| rest.len() >= 5 && self.is_word(rest))
    }

    /// Whether a word is one of the trade misspelt, or one of the trade joined to another.
    fn is_wordlike(&self, folded: &str) -> bool {
        is_misspelt(folded, &self.words, self.slips())
            || self.inflections().is_form(folded)
            || self.inflections().is_respelt(folded)
            || self.is_joined(folded)
    }

    fn slips(&self) -> &Slips {
        self.slips.get_or_init(|| Slips::of(|| Box::new(words_of_trade())))
    }

    fn inflections(&self) -> &Inflections {
        self.inflections.get_or_init(|| {
            let words = || -> Words { Box::new(words_of_trade().chain(listed(SORTED[1]))) };
            Inflections::of(words, listed(include_str!("../../data/inflections.txt")))
        })
    }

    /// Whether a long word is made of two, one of them of the trade: `Gedaechtnis-s-tudie`, or of three:
    /// `Klein-hirn-bruecken-winkel`.
    fn is_joined(&self, folded: &str) -> bool {
        if !(SHORTEST_JOINED..=LONGEST).contains(&folded.len()) || !folded.is_ascii() {
            return false;
        }
        let begins = common_prefix(folded);
        let common = |word: &str| {
            // Most of what begins the word begins no other.
            let beginning = std::ptr::eq(word.as_ptr(), folded.as_ptr());
            word.len() >= 4
                && (!beginning || word.len() <= begins || self.words.contains(word))
                && !self.is_name(word)
                && (is_common_word(word) || self.words.contains(word))
        };
        let either = |word: &str| common(word) || word.len() >= 4 && self.seldom.contains(word);
        let trade = |word: &str, least: usize| {
            word.len() >= least
                && (self.words.contains(word)
                    || self.parts.contains(word)
                    || self.inflections().is_respelt(word)
                    || self.inflections().is_form(word))
        };
        (4..folded.len() - 3).any(|at| {
            let (first, second) = folded.split_at(at);
            // Brightwater and Whitehead are names.
            if is_listed(first) && is_listed(second) {
                return false;
            }
            let second_trade = trade(second, 5) || trade(second, 4) && first.len() >= 8;
            ["", "s", "n", "en", "es", "er"].into_iter().filter_map(|joint| first.strip_suffix(joint)).any(
                |first| {
                    let first_trade = trade(first, 5);
                    second_trade && (first_trade || common(first))
                        || first_trade && (either(second) || self.is_compound(second))
                        || folded.len() >= LONG_JOINED
                            && common(first)
                            && first.len() >= 5
                            && second.len() >= 5
                            && common(second)
                        || (first_trade || common(first))
                            && second.len() >= SHORTEST_JOINED
                            && self.is_joined(second)
                },
            )
        })
    }

    /// Whether a word is made of parts altogether, but for an `s`, `n` or `en` that joins them.
    fn is_compound(&self, folded: &str) -> bool {
        if folded.len() > LONGEST || !folded.is_ascii() || folded.len() < 7 {
            return false;
        }
        // reached[n]: the first n letters are made of so many parts at most (0: they are not).
        let mut reached = [0_u8; LONGEST + 1];
        reached[0] = 1;
        for end in 2..=folded.len() {
            for start in end.saturating_sub(LONGEST_PART)..end - 1 {
                if reached[start] == 0 {
                    continue;
                }
                let part = &folded[start..end];
                let is_part = self.parts.contains(part)
                    || start == 0 && part.len() >= 6 && end < folded.len() && self.words.contains(part);
                let joint = ["s", "n", "en", "es", "er"]
                    .iter()
                    .any(|joint| start > 0 && end < folded.len() && part == *joint);
                if is_part || joint && reached[start] > 1 {
                    reached[end] = reached[end].max(reached[start] + u8::from(is_part));
                }
            }
            // A single letter joins too.
            if end < folded.len()
                && reached[end] == 0
                && reached[end - 1] > 1
                && matches!(&folded[end - 1..end], "s" | "n" | "o")
            {
                reached[end] = reached[end - 1];
            }
        }
        reached[folded.len()] > 2
    }
}

/// Whether a word that is a name without its accents is none as it is written: `dünne` is not Dunne.
pub(super) fn is_accented_word(source: &str) -> bool {
    !source.is_ascii()
        && source.chars().any(|c| spelt_out(c).is_some() || matches!(c, '\u{C0}'..='\u{17F}'))
        && {
            let lower: String = source.nfc().flat_map(char::to_lowercase).nfc().collect();
            let folded = fold(&lower);
            is_common_word(&lower)
                && !lexicon().is_case_of_name(&folded)
                // Schröders
                && !(lower.ends_with('s') && lexicon().is_name(&folded))
        }
}

/// Words of a list, in no order.
pub(super) type Words = Box<dyn Iterator<Item = &'static str>>;

/// The words of the trade, in no order.
fn words_of_trade() -> impl Iterator<Item = &'static str> {
    lexicon().words.iter().map(AsRef::as_ref)
}

/// Long lists, one word a line, sorted: looked up where they lie.
const SORTED: [&str; 2] =
    [include_str!("../../data/english-words.txt"), include_str!("../../data/standard-words.txt")];

/// Whether a folded word is in one of the long lists.
fn is_listed(folded: &str) -> bool {
    folded.bytes().all(|byte| byte.is_ascii_lowercase()) && SORTED.iter().any(|list| is_line(list, folded))
}

/// Whether a word is a line of a sorted text. `#` sorts before all letters, so that the head does no harm.
fn is_line(list: &str, word: &str) -> bool {
    let bytes = list.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low.midpoint(high);
        let start = memchr::memrchr(b'\n', &bytes[..middle]).map_or(0, |before| before + 1);
        let end = memchr::memchr(b'\n', &bytes[middle..]).map_or(bytes.len(), |at| middle + at);
        let line = &bytes[start..end];
        let line = if line.starts_with(b"#") { b"" } else { line };
        match line.cmp(word.as_bytes()) {
            std::cmp::Ordering::Equal => return !word.is_empty(),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// The vocabulary.
pub(super) fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let mut lexicon = Lexicon::default();
        let words = include_str!("../../data/acquisition-vocabulary.txt");
        // Words have eight letters.
        lexicon.words.reserve(words.len() / 8);
        for word in listed(words) {
            if word.contains('_') {
                let parts: Vec<String> = word.split(|c: char| !c.is_alphanumeric()).map(fold).collect();
                lexicon.phrases.insert(parts.join(" "));
                continue;
            }
            if word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
                || word.chars().any(is_ideographic)
            {
                lexicon.words.insert(Cow::Borrowed(word));
                continue;
            }
            lexicon.words.insert(Cow::Owned(fold(word)));
            if word.chars().any(|c| spelt_out(c).is_some() || is_combining_mark(c)) {
                lexicon.words.insert(Cow::Owned(fold(&spell_out(word))));
            }
        }
        lexicon.seldom = set(include_str!("../../data/seldom-names.txt"));
        lexicon.names = set(include_str!("../../data/ambiguous-names.txt"));
        for part in listed(include_str!("../../data/word-parts.txt")) {
            match (part.strip_prefix('-'), part.strip_prefix('+')) {
                (Some(ending), _) => _ = lexicon.endings.insert(ending),
                (_, Some(beginning)) => lexicon.beginnings.push(beginning),
                _ => _ = lexicon.parts.insert(part),
            }
        }
        for ending in listed(include_str!("../../data/word-endings.txt")) {
            lexicon.endings.insert(ending);
        }
        let ideographs = include_str!("../../data/ideographs.txt");
        let (strong, beside) = ideographs.rsplit_once("##").unwrap_or_default();
        lexicon.ideographs = [strong, beside].map(|part| {
            let lines = part.lines().filter(|line| !line.starts_with('#'));
            lines.flat_map(str::chars).filter(|&c| is_ideographic(c)).collect()
        });
        lexicon.wordlike = set(include_str!("../../data/wordlike-names.txt"));
        lexicon
    })
}

/// The words of a list, which have seven letters on average.
fn set(file: &'static str) -> FxHashSet<&'static str> {
    let mut words = FxHashSet::default();
    words.reserve(file.len() / 7);
    words.extend(listed(file));
    words
}

fn listed(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

/// In lower case and without accents.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut fold = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            fold.push(c.to_ascii_lowercase());
        } else if matches!(c, 'а'..='и' | 'к'..='я' | 'α'..='ω') {
            fold.push(c);
        } else {
            fold.extend(folded(c));
        }
    }
    fold
}

/// A character in lower case and without accents.
pub(super) fn folded(c: char) -> impl Iterator<Item = char> {
    let plain = match c {
        'ß' | 'ẞ' => ['s', 's'],
        'æ' | 'Æ' => ['a', 'e'],
        'œ' | 'Œ' => ['o', 'e'],
        'ø' | 'Ø' => ['o', '\0'],
        'ł' | 'Ł' => ['l', '\0'],
        'đ' | 'Đ' => ['d', '\0'],
        'ı' => ['i', '\0'],
        _ => ['\0', '\0'],
    };
    // Syllables of Hangul would fall apart into letters.
    let hangul = matches!(c, '\u{AC00}'..='\u{D7A3}');
    let whole = hangul.then_some(c);
    let rest = (plain[0] == '\0' && !hangul).then_some(c);
    let rest = rest.into_iter().flat_map(|c| std::iter::once(c).nfkd()).filter(|&c| !is_combining_mark(c));
    plain
        .into_iter()
        .filter(|&c| c != '\0')
        .chain(whole)
        .chain(rest.flat_map(char::to_lowercase).filter(|&c| !is_combining_mark(c)))
}

/// Umlauts as two letters: `Müller` is `Mueller`.
fn spell_out(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for c in text.nfc() {
        match spelt_out(c) {
            Some(two) => spelt.extend(two),
            None => spelt.push(c),
        }
    }
    spelt
}

/// The two letters that stand for a character with two dots or a ring.
pub(super) fn spelt_out(c: char) -> Option<[char; 2]> {
    Some(match c {
        'ä' | 'Ä' => ['a', 'e'],
        'ö' | 'Ö' | 'ø' | 'Ø' => ['o', 'e'],
        'ü' | 'Ü' => ['u', 'e'],
        'å' | 'Å' => ['a', 'a'],
        _ => return None,
    })
}

/// Whether a character is of a script that does not separate words.
pub(super) fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(fold("ÉCHO-Łódź"), "echo-lodz");
        assert_eq!(spell_out("Schädel"), "Schaedel");
        for word in ["schadel", "schaedel", "cerebrale", "lesions"] {
            assert!(lexicon().is_word(word), "{word}");
        }
    }

    #[test]
    fn compounds_are_known_and_names_are_not() {
        for word in ["kniegelenkserguss", "thoracoabdominal", "halswirbelsaeulenaufnahme", "pancreatitis"] {
            assert!(lexicon().is_known(word), "{word}");
        }
        for word in ["dupont", "goldman", "hartmann", "steinberg", "kowalska", "armstrong", "whitehead"] {
            assert!(!lexicon().is_known(word), "{word}");
        }
    }

    #[test]
    fn long_lists_are_sorted_and_searched() {
        for list in SORTED {
            let lines: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(lines.iter().all(|line| line.bytes().all(|byte| byte.is_ascii_lowercase())));
            assert!(lines.iter().step_by(97).chain(lines.last()).all(|line| is_line(list, line)));
        }
        assert!(!is_listed("") && !is_listed("zzzz") && !is_listed("smith") && is_listed("afterwards"));
    }

    #[test]
    fn lists_are_folded() {
        for word in listed(include_str!("../../data/ambiguous-names.txt"))
            .chain(listed(include_str!("../../data/seldom-names.txt")))
            .chain(listed(include_str!("../../data/word-parts.txt")))
        {
            assert_eq!(fold(word), word);
        }
    }
}
