//! Words of sequences, planes and parts of the body written into one: `AXT2FLAIR`, `3DMPRAGE`, `2MMISO`, `FLASHMT`.

use super::scan::{Scan, Style};
use super::words::{fold, lexicon};
use rustc_hash::FxHashSet;
use std::ops::Range;
use std::sync::OnceLock;

/// The longest run that is taken apart, in bytes.
const LONGEST: usize = 40;

/// The words of `data/glued-words.txt`.
#[derive(Debug, Default)]
struct Glue {
    anywhere: FxHashSet<&'static str>,
    /// At the beginning, behind digits.
    behind_digits: FxHashSet<&'static str>,
    /// At the end, before digits.
    before_digits: FxHashSet<&'static str>,
    /// Of two letters, at either end.
    short: FxHashSet<&'static str>,
}

fn glue() -> &'static Glue {
    static GLUE: OnceLock<Glue> = OnceLock::new();
    GLUE.get_or_init(|| {
        let mut glue = Glue::default();
        let lines = include_str!("../../data/glued-words.txt").lines();
        for word in lines.filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            let (set, word) = match (word.strip_suffix('-'), word.strip_prefix('-')) {
                (Some(word), _) => (&mut glue.behind_digits, word),
                (_, Some(word)) => (&mut glue.before_digits, word),
                _ if word.len() == 2 => (&mut glue.short, word),
                _ => (&mut glue.anywhere, word),
            };
            set.insert(word);
        }
        glue
    })
}

/// What stands beside letters without anything between.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digits {
    pub(super) before: bool,
    pub(super) behind: bool,
}

impl Digits {
    /// Beside a part of a run.
    pub(super) fn beside(scan: &Scan, run: usize, part: &Range<usize>) -> Self {
        let whole = &scan.runs[run].range;
        Digits {
            before: part.start == whole.start
                && run > 0
                && scan.gap(run).is_empty()
                && scan.is_digits(run - 1),
            behind: part.end == whole.end && scan.gap(run + 1).is_empty() && scan.is_digits(run + 1),
        }
    }
}

/// Whether a run of letters is words of the trade written into one; `Sagpost` alone may be a name that no list has.
pub(super) fn is_glued_run(scan: &Scan, run: usize) -> bool {
    let digits = Digits::beside(scan, run, &scan.runs[run].range);
    (scan.runs[run].style != Style::Title || digits.before || digits.behind)
        && is_glued(&scan.runs[run].folded, digits)
}

/// Whether folded letters are two words of the trade or more, or one and what belongs to the digits beside them.
pub(super) fn is_glued(folded: &str, digits: Digits) -> bool {
    if folded.len() > LONGEST || !folded.is_ascii() || lexicon().is_listed_name(folded) {
        return false;
    }
    !is_glued_to_name(folded, digits) && (is_behind_unit(folded, digits) || is_made_of_words(folded, digits))
}

/// `3DQALAS`, `5MINREST`: what else is known of the trade may be behind a unit, if it is of some length.
fn is_behind_unit(folded: &str, digits: Digits) -> bool {
    let of_trade = |word: &str| lexicon().is_trade(word) && !lexicon().is_listed_name(word);
    let unit = |at: usize| {
        let unit = &folded[..at];
        let counts = match unit.len() {
            1 => unit == "d" && folded.len() >= 6,
            2 => matches!(unit, "mm" | "cm" | "ms"),
            _ => true,
        };
        counts && folded.len() - at >= 4 && glue().behind_digits.contains(unit)
    };
    digits.before && (1..folded.len()).any(|at| unit(at) && of_trade(&folded[at..]))
}

/// Whether what a word of the trade stands before or behind is a name: the `NAVARRETE` of `NAVARRETEFLAIR`.
fn is_glued_to_name(folded: &str, digits: Digits) -> bool {
    let glue = glue();
    let of_glue = |word: &str| glue.anywhere.contains(word) || glue.short.contains(word);
    let name =
        |word: &str| word.len() >= 4 && !glue.anywhere.contains(word) && lexicon().is_listed_name(word);
    (1..folded.len()).any(|at| {
        let (first, last) = folded.split_at(at);
        (of_glue(first) || digits.before && glue.behind_digits.contains(first)) && name(last)
            || (of_glue(last) || digits.behind && glue.before_digits.contains(last)) && name(first)
    })
}

fn is_made_of_words(folded: &str, digits: Digits) -> bool {
    let glue = glue();
    let length = folded.len();
    // For each end whether it is reached by words alone, with a short one or a unit at the beginning, or by these alone.
    let mut words = vec![0_usize; length + 1];
    let mut reached = vec![false; length + 1];
    reached[0] = true;
    for end in 1..=length {
        for start in 0..end {
            if !reached[start] {
                continue;
            }
            let word = &folded[start..end];
            let long = glue.anywhere.contains(word);
            // Longer words of the trade help, but one of those above must be there, too.
            let other =
                !long && word.len() >= 5 && lexicon().is_trade(word) && !lexicon().is_listed_name(word);
            let first = start == 0
                && (glue.short.contains(word) || digits.before && glue.behind_digits.contains(word));
            if long || other || first {
                reached[end] = true;
                words[end] = words[end].max(words[start] + usize::from(long));
            }
        }
    }
    reached[length] && words[length] >= 1
        || (1..length).any(|at| {
            let last = &folded[at..];
            reached[at]
                && words[at] >= 1
                && (glue.short.contains(last) || digits.behind && glue.before_digits.contains(last))
        })
}

/// Names of sequences that no language makes words of.
const SEQUENCES: &[&str] = &[
    "flair",
    "mprage",
    "memprage",
    "stir",
    "tirm",
    "cube",
    "bravo",
    "fiesta",
    "ciss",
    "dixon",
    "mdixon",
    "haste",
    "spgr",
    "qalas",
    "vibe",
    "thrive",
    "grase",
    "propeller",
    "pcasl",
    "ssfse",
    "bffe",
    "btfe",
    "trufi",
];

/// What stands before or behind the name of a sequence, as a part of the letters.
pub(super) fn beside_sequence(folded: &str) -> Option<Range<usize>> {
    SEQUENCES.iter().find_map(|sequence| {
        let before = folded.strip_suffix(sequence).map(|rest| 0..rest.len());
        let behind = || folded.strip_prefix(sequence).map(|rest| folded.len() - rest.len()..folded.len());
        before.or_else(behind).filter(|rest| rest.len() >= 3)
    })
}

/// Whether letters are what begins behind digits or ends before them: the `D` of `3D`, the `B` of `B1000`.
pub(super) fn belongs_to_digits(part: &str, digits: Digits) -> bool {
    let folded = fold(part);
    digits.before && glue().behind_digits.contains(folded.as_str())
        || digits.behind && glue().before_digits.contains(folded.as_str())
}

/// Whether what stands before or behind a name in a run of letters is of the trade: the `FLAIR` of `HALLFLAIR`.
pub(super) fn is_beside_names(part: &str, digits: Digits) -> bool {
    let folded = fold(part);
    folded.len() >= 2 && (lexicon().is_trade(&folded) || glue().short.contains(folded.as_str()))
        || glue().anywhere.contains(folded.as_str())
        || belongs_to_digits(part, digits)
        || is_glued(&folded, digits)
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean, rewrite, without_forms};
    use crate::identifiers::{Identifiers, Searcher};

    #[test]
    fn words_of_the_trade_stay_however_they_are_written_into_one() {
        for text in [
            "3DFLAIR",
            "2DSE",
            "3DT1",
            "4DFLOW",
            "1MMISO",
            "64CHHEAD",
            "30DIRDTI",
            "5MINREST",
            "3dasl",
            "3Depi",
            "Sag_3DFLAIR",
            "AXT2FLAIR",
            "SAGT1MPRAGE",
            "FIELDMAPHZ",
            "CORT2STIR",
            "3DMPRAGEpost",
            "FLASHMT_ON",
            "T2W3DFLAIR",
            "20minrest",
            "3mmiso",
            "ADCB1000TRACE",
            "3Tprisma",
            "3DQALAS",
            "RFampType=32",
            "DerateGrad=Yes",
        ] {
            assert_eq!(clean(text, &Searcher::default(), &Rewriter::default()).text, text);
        }
    }

    #[test]
    fn names_do_not_stay_because_of_the_words_in_them() {
        for text in ["3DHEADLEY", "HEADLEY", "AXELSSON_T1", "SHIMAX", "Strachan", "SAGHARGROVE", "Sagmeister"]
        {
            let left = clean(text, &Searcher::default(), &Rewriter::default()).text;
            assert!(left.len() <= 3, "{text}: {left}");
        }
    }

    #[test]
    fn own_names_go_from_words_they_are_glued_to() {
        for (name, text, left) in [
            ("Hall^Peter", "HALLT1", "T1"),
            ("Hall^Peter", "HALLFLAIR sag", "FLAIR sag"),
            ("Hall^Peter", "3DHALL", "3D"),
            ("West^Otto", "FLAIRWEST", "FLAIR"),
            ("West^Otto", "westT1", "T1"),
            ("Park^Soo", "PARKB1000_run1", "B1000_run1"),
            ("Lee^Soo", "LEEMPRAGE", "MPRAGE"),
            ("Hall^Peter", "shall", "shall"),
            ("Park^Soo", "parkinson", "parkinson"),
            ("X^Y", "OLSENFLAIR", "FLAIR"),
            ("X^Y", "HARGROVEMPRAGE sag", "MPRAGE sag"),
            ("X^Y", "CAMPBELLT1_sag", "T1_sag"),
            ("X^Y", "NAVARRETEFLAIR", "FLAIR"),
            ("X^Y", "VISIT1 LEFT2", "VISIT1 LEFT2"),
        ] {
            let mut identifiers = Identifiers::default();
            identifiers.add_name(name);
            let searcher = Searcher::new(&identifiers);
            assert_eq!(clean(text, &searcher, &Rewriter::default()).text, left, "{text}");
        }
    }

    #[test]
    fn own_names_go_from_words_of_kept_texts() {
        let mut identifiers = Identifiers::default();
        identifiers.add_name("Hall^Peter");
        let searcher = Searcher::new(&identifiers);
        let kept = rewrite("HALLT1 and FLAIRHALL, shall Miller", &searcher, &Rewriter::default());
        assert_eq!(without_forms(kept, &searcher).text, "XT1 and FLAIRX, shall Miller");
    }
}
