//! Abbreviations that their text spells out (`PULMONARY EMBOLISM (CTPE)`), and variants of sequences: `stse`, `csBTFE`.

use super::scan::{Scan, Style};
use super::words::lexicon;

/// The longest abbreviation that is read, in letters.
const LONGEST: usize = 6;

/// Sequences that makers and sites put letters before. No family name of names-dataset 3 that is at all frequent is one
/// of them behind consonants.
const SEQUENCES: &[&str] = &[
    "tse", "tfe", "ffe", "fse", "bffe", "btfe", "gre", "spgr", "fspgr", "mprage", "flair", "stir", "vibe",
    "space", "spc", "dixon", "thrive", "bold", "dwi", "dti", "pcasl", "ssfse", "trufi", "fov",
];

/// Whether folded letters are the name of a sequence behind a consonant or two: nobody is called so.
pub(super) fn is_variant_of_sequence(folded: &str) -> bool {
    let consonants =
        |letters: &str| letters.bytes().all(|b| b.is_ascii_lowercase() && !b"aeiouy".contains(&b));
    SEQUENCES
        .iter()
        .filter_map(|sequence| folded.strip_suffix(sequence))
        .any(|before| matches!(before.len(), 1 | 2) && consonants(before))
}

/// Whether a word in brackets is made of the letters of the known words before it, two of them first letters at least.
pub(super) fn is_spelt_out(scan: &Scan, run: usize) -> bool {
    let letters = &scan.runs[run].folded;
    let bracketed = scan.gap(run).ends_with(['(', '[']) && scan.gap(run + 1).starts_with([')', ']']);
    if !bracketed
        || !scan.is_word(run)
        || scan.runs[run].style != Style::Upper
        || !(3..=LONGEST).contains(&letters.len())
        || !letters.is_ascii()
    {
        return false;
    }
    let mut wanted = letters.bytes().rev().peekable();
    let mut firsts = 0;
    for word in (run.saturating_sub(letters.len() + 3)..run).rev() {
        let known = &scan.runs[word].folded;
        let near = word + 1 == run || scan.gap(word + 1).chars().all(|c| matches!(c, ' ' | '-' | '/' | ','));
        if !near || scan.runs[word].digits || scan.is_gone(word) || lexicon().is_listed_name(known) {
            return false;
        }
        if !lexicon().is_known(known) {
            return false;
        }
        for (at, byte) in known.bytes().enumerate().rev() {
            // The first letter of all begins a word.
            let last = wanted.clone().count() == 1;
            if wanted.peek() == Some(&byte) && (!last || at == 0) {
                firsts += usize::from(at == 0);
                _ = wanted.next();
            }
        }
        if wanted.peek().is_none() {
            return firsts >= 2;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::{Identifiers, Searcher};

    #[test]
    fn abbreviations_that_are_spelt_out_stay() {
        for text in [
            "CT Chest PULMONARY EMBOLISM (CTPE)",
            "Magnetic Resonance Enterography (MAREN)",
            "RF Voiding Cystourethrogram (VCUG)",
            "Left upper lobe [LEULO] nodule",
        ] {
            assert_eq!(clean(text, &Searcher::default(), &Rewriter::default()).text, text);
        }
        // Nothing of these is spelt out, or the header knows it.
        for (name, text, left) in [
            ("X^Y", "CT Chest (HARGROVE)", "CT Chest"),
            ("X^Y", "CT Chest (OLSEN)", "CT Chest"),
            ("X^Y", "Chest Okonkwo Study (COST)", "Chest Study"),
            ("Ctpe^Y", "PULMONARY EMBOLISM CT (CTPE)", "PULMONARY EMBOLISM CT"),
        ] {
            let mut identifiers = Identifiers::default();
            identifiers.add_name(name);
            let cleaned = clean(text, &Searcher::new(&identifiers), &Rewriter::default());
            assert!(cleaned.text.starts_with(left) && !cleaned.text.contains("CTPE"), "{cleaned:?}");
        }
    }

    #[test]
    fn variants_of_sequences_stay() {
        for text in ["t2_stse_sag", "csBTFE_BH", "nSTIR cor", "t1_qtse_tra_p2", "kgre 3d"] {
            assert_eq!(clean(text, &Searcher::default(), &Rewriter::default()).text, text);
        }
        for text in ["Slava", "Betse", "Hargrove"] {
            assert_eq!(clean(text, &Searcher::default(), &Rewriter::default()).text, "");
        }
    }
}
