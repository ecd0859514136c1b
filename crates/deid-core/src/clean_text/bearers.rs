//! Family names that are words too, behind a title and a given name that are gone (`Dr. Karel Předešlý MR`) and behind
//! the word for a maiden name (`née Forestier`).

use super::labels::is_role;
use super::names::is_form_of_address;
use super::scan::{Scan, Style};
use super::words::lexicon;

/// Words before a maiden name.
const MAIDEN: &[&str] = &["née", "geborene", "rozená", "rodená", "født", "född", "soltera"];

/// Marks a word with a capital behind the word for a maiden name, unless a day follows.
pub(super) fn mark_maiden(scan: &mut Scan) {
    for at in 1..scan.runs.len() {
        let word = scan.source(at - 1).to_lowercase();
        let behind = MAIDEN.contains(&word.as_str()) && scan.gap(at) == " " && scan.is_word(at);
        let name = scan.runs[at].is_capitalised() && scan.letters(at).chars().count() > 2;
        let dated = scan.is_digits(at + 1) || scan.runs[at].digits;
        if behind && name && !dated && !lexicon().is_trade(scan.letters(at)) && !scan.is_gone(at) {
            scan.take(at);
        }
    }
}

/// Second syllables of Korean given names, romanised.
const SYLLABLES: &str =
    "min jun jin hee hye hyun young woo soo su joo ju yeon yun won ho hwan ah mi sun seok sik gyu kyu
bin eun ae ok rim ran tae ki kyung suk il chul hyuk bum beom sung seung jae jung joon kwon nam rae wook yong";

/// Marks the rest of a given name in two syllables (`Hwang Seung-min`), and words between a role and a name that is gone
/// (`subject Rosenvinge Kvernmo`).
pub(super) fn mark_given(scan: &mut Scan) {
    for at in 1..scan.runs.len() {
        let title = |run: usize| scan.runs[run].style == Style::Title && scan.is_word(run);
        if scan.is_gone(at) || scan.runs[at].digits {
            continue;
        }
        let word = scan.letters(at);
        let syllable = scan.gap(at) == "-"
            && scan.is_gone_name(at - 1)
            && scan.runs[at - 1].style == Style::Title
            && scan.runs[at - 1].folded.len() <= 6
            && matches!(scan.gap(at - 1), " " | ", " | "^" | "")
            && scan.is_word(at)
            && SYLLABLES.split_whitespace().any(|listed| listed == word);
        let between = title(at)
            && (is_role(scan.letters(at - 1))
                || scan.is_gone(at - 1) && is_form_of_address(scan.letters(at - 1)))
            && matches!(scan.gap(at), " " | ": " | ". ")
            && at + 1 < scan.runs.len()
            && scan.gap(at + 1) == " "
            && scan.is_gone_name(at + 1)
            && title(at + 1)
            && word.chars().count() > 2
            && !is_role(word)
            && !lexicon().is_trade(word);
        if syllable || between {
            scan.take(at);
        }
    }
}

/// Marks a word with a capital behind a title and a name, before a comma, capitals, a number or the end: there the trade
/// has no word that it does not know.
pub(super) fn mark(scan: &mut Scan) {
    for at in 2..scan.runs.len() {
        let title = |run: usize| scan.runs[run].style == Style::Title && scan.is_word(run);
        let name = scan.is_gone_name(at - 1) && title(at - 1) && scan.runs[at - 1].folded.len() > 1;
        let titled = scan.is_gone(at - 2) && is_form_of_address(scan.letters(at - 2));
        if !(name && titled && title(at)) || scan.is_gone(at) || scan.gap(at) != " " {
            continue;
        }
        let word = scan.letters(at);
        if word.chars().count() < 3 || lexicon().is_trade(word) {
            continue;
        }
        let after = scan.gap(at + 1);
        let ends = at + 1 == scan.runs.len() || after.starts_with([',', ';', ')', ':', '.']);
        let technical = scan.runs.get(at + 1).is_some_and(|next| {
            next.digits || next.style == Style::Upper || lexicon().is_trade(&next.folded)
        });
        if ends || after == " " && technical {
            scan.take(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::Searcher;

    #[test]
    fn family_names_that_are_words_go_behind_titles() {
        for (text, left) in [
            ("Dr. Karel Předešlý MR", "MR"),
            ("Herr Otto Vorherige, MRT", "MRT"),
            ("pan Předešlý, MR", "MR"),
            ("pí. Předešlá, MR", "MR"),
            ("PI. Sagittal", "PI. Sagittal"),
            ("Dr. Weber Knie rechts", "Knie rechts"),
            ("pan CT, pan scan", "pan CT, pan scan"),
            ("née Forestier, suivie", "née, suivie"),
            ("radiologist Hwang Seung-min", "radiologist"),
            ("subject Storstjerne Kvernmo 3rd", "subject 3rd"),
            ("IRM née Mai 1950", "IRM née"),
            ("nee Contrast, nee Arm", "nee Contrast, nee Arm"),
        ] {
            assert_eq!(clean(text, &Searcher::default(), &Rewriter::default()).text, left);
        }
    }
}
