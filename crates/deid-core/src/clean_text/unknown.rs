//! Words that nobody listed: what is not known to be science may be a name.

use super::acronyms::{is_spelt_out, is_variant_of_sequence};
use super::eponyms;
use super::glued::{Digits, belongs_to_digits, beside_sequence, is_glued, is_glued_run};
use super::scan::{Scan, Style};
use super::words::{fold, is_accented_word, is_ideographic, lexicon};
use std::ops::Range;

/// Entities of BIDS whose labels are free; in lower case, and unless they are names, they stay.
const FREE_LABELS: &[&str] = &[
    "task",
    "acq",
    "rec",
    "dir",
    "desc",
    "ce",
    "mod",
    "space",
    "label",
    "proc",
    "trc",
    "den",
    "res",
    "recording",
    "sample",
    "stain",
    "part",
];

/// The longest word of a script without blanks, in characters.
const LONGEST_IDEOGRAPHIC: usize = 8;

/// Little words that lose their vowel before another: `dell'addome`.
const ELIDED: &[&str] = &[
    "dell", "nell", "sull", "all", "dall", "coll", "quell", "un", "qu", "jusqu", "lorsqu", "puisqu",
    "quelqu", "dun", "nessun", "senz", "cent", "tutt", "bell", "dels", "als",
];

/// Marks unknown words.
pub(super) fn mark(scan: &mut Scan) {
    let mut in_phrase = phrases(scan);
    eponyms::mark(scan, &mut in_phrase);
    // Asked for seldom, and dear.
    let mut prose = None;
    for word in 0..scan.words.len() {
        let runs = scan.words[word].clone();
        let whole = fold(&scan.text[scan.bytes_of(runs.clone())]);
        let touched = runs.clone().any(|run| scan.is_gone(run));
        if !touched && (lexicon().is_word(&whole) || is_free_label(scan, runs.start, &whole)) {
            continue;
        }
        for run in runs {
            if scan.runs[run].digits || in_phrase[run] {
                continue;
            }
            if is_small_word(scan, run) && *prose.get_or_insert_with(|| is_prose(scan)) {
                continue;
            }
            let elided = matches!(scan.gap(run + 1), "'" | "’") && run + 1 < scan.runs.len();
            if elided && ELIDED.contains(&scan.letters(run)) && !scan.is_gone(run) {
                continue;
            }
            if scan.source(run).chars().any(is_ideographic) {
                mark_ideographic(scan, run);
            } else if scan.gone[scan.runs[run].range.clone()].iter().any(|gone| *gone) {
                mark_remains(scan, run);
            } else {
                mark_letters(scan, run);
            }
        }
    }
}

/// Whether a text is words of a language: two of them and more are known, in small letters, and of some length.
fn is_prose(scan: &Scan) -> bool {
    let known = |run: &usize| {
        let folded = &scan.runs[*run].folded;
        scan.runs[*run].style == Style::Lower
            && folded.chars().count() >= 4
            && stands_alone(scan, *run)
            && !lexicon().is_name(folded)
            && lexicon().is_known(folded)
    };
    scan.text.contains(' ') && (0..scan.runs.len()).filter(known).nth(1).is_some()
}

/// Whether a word stands between blanks and punctuation.
fn stands_alone(scan: &Scan, run: usize) -> bool {
    let around = |gap: &str| gap.chars().all(|c| c.is_whitespace() || ",;:.()?!".contains(c));
    scan.is_word(run) && around(scan.gap(run)) && around(scan.gap(run + 1))
}

/// Whether a word in small letters, between others of the kind, is none of the names it could be.
fn is_small_word(scan: &Scan, run: usize) -> bool {
    let small = |run: usize| scan.runs.get(run).is_none_or(|run| run.digits || run.style == Style::Lower);
    scan.runs[run].style == Style::Lower
        && !scan.is_gone(run)
        && stands_alone(scan, run)
        && (run > 0 && small(run - 1) && !scan.is_gone(run - 1) || small(run + 1) && !scan.is_gone(run + 1))
        && lexicon().is_small_word(&scan.runs[run].folded)
}

/// Which runs belong to words that are kept together.
fn phrases(scan: &Scan) -> Vec<bool> {
    let mut within = vec![false; scan.runs.len()];
    for start in 0..scan.runs.len() {
        let mut phrase = scan.runs[start].folded.clone();
        for end in start + 1..scan.runs.len().min(start + 4) {
            phrase.push(' ');
            phrase.push_str(&scan.runs[end].folded);
            if lexicon().is_phrase(&phrase) {
                within[start..=end].fill(true);
            }
        }
    }
    within
}

/// Whether a word is the label of a BIDS entity, written as labels are.
fn is_free_label(scan: &Scan, run: usize, whole: &str) -> bool {
    let Some(key) = run.checked_sub(1) else { return false };
    let begins = scan.gap(key).is_empty() || scan.gap(key).ends_with(['_', ' ', '/']);
    let lower = scan.source(run).chars().next().is_some_and(|c| !c.is_uppercase());
    FREE_LABELS.contains(&scan.letters(key))
        && scan.gap(run) == "-"
        && begins
        && lower
        && !lexicon().is_name(whole)
}

/// Letters of a script with words between blanks.
fn mark_letters(scan: &mut Scan, run: usize) {
    let folded = &scan.runs[run].folded;
    let source = scan.source(run);
    // fMRISato: words in CamelCase are judged one by one, but for names of parameters (`RFampType=32`).
    let parameter = scan.gap(run + 1).starts_with('=');
    let mixed = scan.runs[run].style == Style::Mixed
        && !parameter
        && source.is_ascii()
        && humps(source, true).len() > 1;
    if is_variant_of_sequence(folded) || is_spelt_out(scan, run) {
        return;
    }
    let known = lexicon().is_word(folded) || !mixed && lexicon().is_known(folded) || is_accented_word(source);
    // Of OLSENFLAIR the sequence stays, whatever two words it may be made of.
    if source.is_ascii()
        && scan.runs[run].style != Style::Title
        && !lexicon().is_word(folded)
        && !is_glued_run(scan, run)
        && let Some(rest) = beside_sequence(folded).filter(|rest| !lexicon().is_known(&folded[rest.clone()]))
    {
        let start = scan.runs[run].range.start;
        scan.take_bytes(start + rest.start..start + rest.end);
        return;
    }
    if known && !is_before_digits(scan, run) || is_glued_run(scan, run) {
        return;
    }
    if known {
        let range = scan.runs[run].range.clone();
        scan.take_bytes(range.start..range.end - 1);
        return;
    }
    let start = scan.runs[run].range.start;
    let plain = is_plain(scan, run);
    let stays = |piece: &Range<usize>| {
        let text = &source[piece.clone()];
        let digits = Digits::beside(scan, run, &(start + piece.start..start + piece.end));
        (!is_title(text) || digits.before || digits.behind) && is_glued(&fold(text), digits)
    };
    let goes = |piece: &Range<usize>| is_unknown(&source[piece.clone()], plain) && !stays(piece);
    let splits = [humps(source, false), humps(source, true)];
    let weight =
        |pieces: &[Range<usize>]| pieces.iter().filter(|piece| goes(piece)).map(Range::len).sum::<usize>();
    // MRISato is no MRIS and `ato`.
    let torn = |piece: &Range<usize>| {
        let text = &source[piece.clone()];
        piece.start > 0
            && text.chars().count() == 3
            && text.chars().all(char::is_lowercase)
            && !lexicon().is_trade(&fold(text))
    };
    let splits = if splits[1].iter().any(torn) { &splits[..1] } else { &splits[..] };
    let pieces = splits.iter().min_by_key(|pieces| weight(pieces)).expect("there is a split");
    if pieces.len() == 1 || weight(pieces) == 0 {
        if goes(&(0..source.len())) && weight(pieces) > 0 {
            // Of 3DHARGROVE the dimensions stay.
            let range = scan.runs[run].range.clone();
            let dimensions = folded.starts_with('d')
                && Digits::beside(scan, run, &range).before
                && matches!(scan.source(run - 1), "2" | "3" | "4");
            scan.take_bytes(range.start + usize::from(dimensions)..range.end);
        }
        return;
    }
    let mut left = Vec::new();
    for piece in pieces {
        let piece_text = &source[piece.clone()];
        if goes(piece)
            || piece_text.chars().count() <= 2
                && !begins_word(scan, run, piece.end == source.len(), piece_text)
        {
            left.push(start + piece.start..start + piece.end);
        }
    }
    for bytes in left {
        scan.take_bytes(bytes);
    }
}

/// Whether a word in capitals, known in some language, is rather an unknown one and the `T` of a `T1`: `ANNAT1`.
fn is_before_digits(scan: &Scan, run: usize) -> bool {
    let folded = &scan.runs[run].folded;
    let weighted = matches!(scan.runs.get(run + 1), Some(next) if matches!(&*next.folded, "1" | "2"));
    weighted
        && scan.gap(run + 1).is_empty()
        && scan.runs[run].style == Style::Upper
        && !lexicon().is_everyday(folded)
        && !lexicon().is_trade(folded)
        && folded.strip_suffix('t').is_some_and(|word| word.len() >= 3 && !lexicon().is_known(word))
}

/// What is left of a word of which the header knows a part.
fn mark_remains(scan: &mut Scan, run: usize) {
    let range = scan.runs[run].range.clone();
    let mut start = range.start;
    while start < range.end {
        let gone = scan.gone[start];
        let end = (start..range.end).find(|&at| scan.gone[at] != gone).unwrap_or(range.end);
        let rest = &scan.text[start..end];
        let stays = rest.chars().count() >= 2 && lexicon().is_known(&fold(rest))
            || begins_word(scan, run, end == range.end, rest)
            || is_glued(&fold(rest), Digits::beside(scan, run, &(start..end)))
            || belongs_to_digits(rest, Digits::beside(scan, run, &(start..end)));
        if !gone && !stays {
            scan.take_bytes(start..end);
        }
        start = end;
    }
}

/// Whether a piece is a word together with the digits behind it: the `T` of `SteinbergT1`.
fn begins_word(scan: &Scan, run: usize, last: bool, piece: &str) -> bool {
    let digits = scan.gap(run + 1).is_empty() && scan.is_digits(run + 1);
    last && digits && lexicon().is_word(&(fold(piece) + &scan.runs[run + 1].folded))
}

/// Whether the text around a word is plain words, not the name of a sequence.
fn is_plain(scan: &Scan, run: usize) -> bool {
    scan.is_word(run) && !scan.gap(run).ends_with('_') && !scan.gap(run + 1).starts_with('_')
}

/// Whether a word, or a hump of it, may be a name.
fn is_unknown(piece: &str, plain: bool) -> bool {
    let folded = fold(piece);
    let length = folded.chars().count();
    let title = is_title(piece);
    let vowel = !folded.is_ascii() || folded.bytes().any(|byte| b"aeiouy".contains(&byte));
    match length {
        0..=2 => false,
        3 => {
            !lexicon().is_word(&folded)
                && (lexicon().is_name(&folded) || title && plain && vowel || !folded.is_ascii())
        }
        // CNTRST: nobody is called so.
        _ if !vowel => lexicon().is_name(&folded),
        _ => !lexicon().is_known(&folded),
    }
}

/// Whether a word has one capital, at its beginning.
fn is_title(piece: &str) -> bool {
    piece.chars().next().is_some_and(char::is_uppercase) && piece.chars().skip(1).all(char::is_lowercase)
}

/// Where a word written in CamelCase falls apart; `acronyms` keeps capitals together (`fMRIcontin`: f, MRI, contin).
fn humps(source: &str, acronyms: bool) -> Vec<Range<usize>> {
    let chars: Vec<(usize, char)> = source.char_indices().collect();
    let mut pieces = Vec::new();
    let mut start = 0;
    for at in 1..chars.len() {
        let upper = |index: usize| chars.get(index).is_some_and(|(_, c)| c.is_uppercase());
        let (before, here, after) = (upper(at - 1), upper(at), upper(at + 1));
        let several = at >= 2 && upper(at - 2);
        let new = if acronyms {
            !before && here || before && several && !here
        } else {
            here && (!before || !after && at + 1 < chars.len())
        };
        if new {
            pieces.push(start..chars[at].0);
            start = chars[at].0;
        }
    }
    pieces.push(start..source.len());
    pieces
}

/// Scripts without blanks: the longest words that are listed stay; what is between them goes.
fn mark_ideographic(scan: &mut Scan, run: usize) {
    let base = scan.runs[run].range.start;
    let source = scan.source(run);
    // X線: behind letters of another script, what else would be none of the trade may be.
    let word = scan.word_of(run);
    let behind = run > word.start && !scan.is_gone(run - 1) && source.chars().count() <= 2;
    if lexicon().is_ideographic_trade(source, !behind) {
        return;
    }
    let bounds: Vec<usize> = source.char_indices().map(|(at, _)| at).chain([source.len()]).collect();
    // Length in characters of the word found, 0 for what is unknown.
    let mut pieces: Vec<(Range<usize>, usize)> = Vec::new();
    let mut at = 0;
    while at + 1 < bounds.len() {
        let longest = (bounds.len() - 1 - at).min(LONGEST_IDEOGRAPHIC);
        let length = (1..=longest).rev().find(|&length| {
            let word = &source[bounds[at]..bounds[at + length]];
            lexicon().is_ideographic_word(word) && !scan.gone[base + bounds[at]]
        });
        pieces.push((bounds[at]..bounds[at + length.unwrap_or(1)], length.unwrap_or(0)));
        at += length.unwrap_or(1);
    }
    // 的, 性: one character between two words, or of the trade at the end of one.
    for index in 0..pieces.len() {
        let long =
            |index: Option<usize>| index.and_then(|at| pieces.get(at)).is_some_and(|piece| piece.1 >= 2);
        let [before, after] = [index.checked_sub(1), Some(index + 1)];
        if pieces[index].1 == 0
            && long(before)
            && (long(after)
                || index + 1 == pieces.len()
                    && lexicon().is_ideographic_trade(&source[pieces[index].0.clone()], true))
            && lexicon().is_between_words(&source[pieces[index].0.clone()])
        {
            pieces[index].1 = 1;
        }
    }
    // A single character beside unknown ones is part of the name rather: 前田.
    for backwards in [false, true] {
        let mut unknown = false;
        let order: Box<dyn Iterator<Item = &mut (Range<usize>, usize)>> =
            if backwards { Box::new(pieces.iter_mut().rev()) } else { Box::new(pieces.iter_mut()) };
        for (bytes, length) in order {
            let date = scan.gone[base + bytes.start];
            unknown = *length == 0 && !date || unknown && *length == 1;
            if unknown {
                *length = 0;
            }
        }
    }
    for (bytes, length) in pieces {
        if length == 0 {
            scan.take_bytes(base + bytes.start..base + bytes.end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn humps_are_found() {
        let split = |source: &'static str, acronyms| {
            humps(source, acronyms).into_iter().map(|at| &source[at]).collect::<Vec<_>>()
        };
        assert_eq!(split("PhoenixZIPReport", false), ["Phoenix", "ZIP", "Report"]);
        assert_eq!(split("fMRIcontin", true), ["f", "MRI", "contin"]);
        assert_eq!(split("ADC", false), ["ADC"]);
    }

    #[test]
    fn short_words_and_abbreviations_stay() {
        assert!(!is_unknown("xq", true) && !is_unknown("SPGR", true) && !is_unknown("rot", true));
        assert!(is_unknown("Eva", true) && is_unknown("gump", true) && is_unknown("Dupont", false));
    }
}
