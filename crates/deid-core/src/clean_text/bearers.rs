//! Family names that are words too, behind a title and a given name that are gone: `Dr. Karel Předešlý MR`.

use super::names::is_form_of_address;
use super::scan::{Scan, Style};
use super::words::lexicon;

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
        ] {
            assert_eq!(clean(text, &Searcher::default(), &Rewriter::default()).text, left);
        }
    }
}
