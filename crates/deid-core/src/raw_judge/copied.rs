//! Values that were copied from a data set, as those of sidecars: what stays there stays here.
//!
//! The same steps as for the texts of a data set that a rule keeps: of codes, terms, makers, models and versions, which
//! readers branch on, only what identifies the subject plainly goes; of other texts all that does, with their dates moved
//! and their UIDs replaced; and, where descriptions are cleaned, what identifies anybody by its shape.

use super::{NOWHERE, RawJudge, is_code};
use crate::clean_text::{self, DateTreatment, Rewriter, UidTreatment, WhichDates};
use crate::decide::{Decision, Verb};
use crate::plan::PROTECTED;
use crate::rule::Rule;
use deid_dicom::Tag;
use deid_raw::Judge;
use deid_standard::confidentiality::ConfidentialityOption;

/// What is about the patient has terms of its own.
const PATIENT: u16 = 0x0010;

impl RawJudge<'_> {
    /// The text of an attribute by the rule for it.
    pub(super) fn copied_text(&self, tag: Tag, text: &str) -> String {
        let Decision { verb, rule } = self.policy.public(tag, NOWHERE);
        let terms = || text.split('\\').all(|term| self.is_term(term.trim()));
        // What is no term may be anything: nobody knows who wrote it there.
        if verb != Verb::Keep || tag.group() == PATIENT || !terms() {
            return self.attribute(tag, text);
        }
        let coded = is_code(tag) || PROTECTED.contains(&tag);
        let hit = if coded {
            self.searcher.is_plainly_in(text.as_bytes())
        } else {
            Judge::identifies(self, text.as_bytes())
        };
        let kept = if hit && coded { self.without(text) } else { self.keep(text) };
        let kept = if coded && !hit { text.to_owned() } else { kept };
        let rewritten = self.rewritten(&kept, coded);
        if rule == Rule::NotInTable { self.without_strangers(tag, rewritten) } else { rewritten }
    }

    /// Whether a text has the form of a term, a model or a version: words that are known, and one at most that is written
    /// as names of things are.
    fn is_term(&self, text: &str) -> bool {
        let mut unknown = 0;
        let known: Vec<&str> = text
            .split_inclusive(|c: char| c.is_whitespace())
            .map(|word| {
                let bare = word.trim();
                let stays = bare.is_empty() || Judge::term(self, bare) == bare;
                unknown += usize::from(!stays);
                if stays { word } else { "MR " }
            })
            .collect();
        let whole = known.concat();
        unknown <= 1
            && text.split_whitespace().all(|word| Judge::term(self, word) == word || is_coined(word))
            && Judge::term(self, &whole) == whole
            // No day, not even as a version.
            && clean_text::rewrite(text, self.searcher, &Rewriter::default()).text == text
    }

    /// A code with an X for each identifier.
    fn without(&self, text: &str) -> String {
        if self.searcher.is_disguised_in(text.as_bytes()) {
            return String::new();
        }
        String::from_utf8(self.searcher.without(text.as_bytes())).unwrap_or_default()
    }

    /// Dates moved and UIDs replaced. Of what readers branch on, only dates of the study move.
    fn rewritten(&self, text: &str, coded: bool) -> String {
        let mut rewriter = self.policy.rewriter(self.key, self.days);
        let shifts = matches!(rewriter.dates, DateTreatment::Shift(_));
        if coded {
            if !shifts {
                return text.to_owned();
            }
            rewriter.uids = UidTreatment::Keep;
            rewriter.which = WhichDates::OfStudy;
            return clean_text::rewrite(text, self.searcher, &rewriter).text;
        }
        if rewriter.dates == DateTreatment::Remove {
            if self.searcher.seeks_dates() {
                rewriter.which = WhichDates::OfSubject;
            } else {
                rewriter.dates = DateTreatment::Keep;
            }
        }
        let rewritten = clean_text::rewrite(text, self.searcher, &rewriter);
        let rewritten = clean_text::without_forms(rewritten, self.searcher);
        clean_text::without_places(rewritten, self.searcher).text
    }

    /// Where descriptions are cleaned, without what identifies anybody by its shape alone.
    fn without_strangers(&self, tag: Tag, text: String) -> String {
        let cleans = self.policy.profile.has_option(ConfidentialityOption::CleanDescriptors);
        // Makers and models may be the address of a program.
        let address = PROTECTED.contains(&tag) && text.contains("://") && !text.contains([' ', '\\']);
        // The shortest is a title with a name.
        if !cleans || address || text.trim().len() < 5 {
            return text;
        }
        let parts: Vec<_> = text.split('\\').map(clean_text::without_strong).collect();
        if parts.iter().all(|part| part.removed == 0) {
            return text;
        }
        let joined: Vec<&str> = parts.iter().map(|part| part.text.trim()).collect();
        let joined = joined.join("\\");
        // What closed up may be an identifier in turn.
        if self.searcher.is_in(joined.as_bytes()) { String::new() } else { joined }
    }
}

/// Whether a word is written as no name of a person is: with digits among its letters, or with several capitals. `V6.1SP3002*`,
/// `MFSPLIT`, `Terra.X`.
fn is_coined(word: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_*.+-/:;()%#".contains(&byte);
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.len() <= 64
        && word.bytes().all(sign)
        && letters > 0
        && (capitals >= 2 || digits > 0)
        && word.split(|c: char| !c.is_ascii_digit()).all(|run| run.len() < 6)
}

#[cfg(test)]
mod tests {
    use super::is_coined;

    #[test]
    fn terms_are_written_as_no_names_are() {
        for word in ["V6.1SP3002*", "MFSPLIT", "Terra.X", "*epfid2d1_64", "LightSpeedApps14.13", "RHAPSODE"] {
            assert!(is_coined(word), "{word}");
        }
        for word in ["Zqkowal", "zqkowal", "Weber,", "A^B", "078-05-1120", "x19610314", ""] {
            assert!(!is_coined(word), "{word}");
        }
    }
}
