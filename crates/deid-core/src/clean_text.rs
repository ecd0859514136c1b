//! Clean Descriptors (PS3.15 E.3.6): identifiers go out of free text, the words of acquisition and anatomy stay.
//!
//! [`clean`] looks at descriptions, protocol names and comments, one value at a time, and takes out
//!
//! 1. what a [`Searcher`] finds, in any case, order and spelling (`Müller` is found as `Mueller` and `MULLER`);
//! 2. what looks like an identifier: dates, telephone numbers, addresses, numbers and codes of persons, names after
//!    titles and roles, `FAMILY^Given` and `FAMILY, Given`;
//! 3. words that are in no vocabulary. A name the header does not know is a word like any other; what tells it from
//!    science is that nobody listed it. Of unknown words only the very short ones stay, and abbreviations without
//!    vowel.
//!
//! Dates and UIDs are taken out, kept or written anew, as a [`Rewriter`] says.
//!
//! The vocabulary is data: `data/acquisition-vocabulary.txt`, `english-words.txt`, `standard-words.txt` and
//! `common-words.txt` (words that stay), `word-parts.txt`, `glued-words.txt` and `word-endings.txt` (what compound words
//! are made of and words end in), `wordlike-names.txt` (names that look like words), `ambiguous-names.txt` and
//! `seldom-names.txt` (names that are words too). It does not decide what a [`Searcher`] finds: a patient called Dixon
//! costs a Dixon sequence its name.
//!
//! Time is linear in the length of the text, and the same text and identifiers give the same result.

mod acronyms;
mod announced;
mod bearers;
mod calendars;
mod codes;
mod common;
mod complete;
mod dates;
mod disguise;
mod eponyms;
mod glued;
mod inflected;
mod joined;
mod labels;
mod misspelt;
mod months;
mod names;
mod numbers;
mod odd_dates;
mod own_dates;
mod places;
mod registers;
mod rewrite;
mod romans;
mod scan;
mod search;
mod signs;
mod software;
mod streets;
mod strong;
mod tidy;
mod unknown;
mod weekdays;
mod words;

use crate::escapes;
use crate::identifiers::Searcher;
pub(crate) use announced::is_age_word;
use deid_dicom::charset::is_no_text;
pub(crate) use labels::announces_number;
pub(crate) use own_dates::{OwnDate, find as find_own_dates};
pub use rewrite::{DateTreatment, Rewriter, UidTreatment, WhichDates};
use scan::Scan;
use std::borrow::Cow;
use std::ops::RangeInclusive;
pub(crate) use words::fold;

/// Whether a folded word in small letters is of acquisition, anatomy or disease.
pub(crate) fn is_of_trade(folded: &str) -> bool {
    words::lexicon().is_trade(folded)
}

/// Whether a folded word in small letters is in any list of words.
pub(crate) fn is_word(folded: &str) -> bool {
    words::lexicon().is_word(folded)
}

/// A text without its identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// What is left; equal to the input if nothing was found.
    pub text: String,
    /// How many stretches of text were taken out.
    pub removed: usize,
    /// How many dates it holds, as they were or moved.
    pub dates: usize,
}

/// Takes identifiers out of one value of free text; dates and UIDs are taken out or written anew, as told.
///
/// ```
/// use deid_core::clean_text::{DateTreatment, Rewriter, clean};
/// use deid_core::identifiers::{Identifiers, Searcher};
///
/// let mut identifiers = Identifiers::default();
/// identifiers.add_name("Müller^Anna");
/// let searcher = Searcher::new(&identifiers);
/// let remove = Rewriter::default();
/// assert_eq!(clean("t1_mprage_sag_p2_iso", &searcher, &remove).removed, 0);
/// assert_eq!(clean("MUELLER T1 sag (Dr. Weber), 12.03.2019", &searcher, &remove).text, "T1 sag");
/// let shift = Rewriter { dates: DateTreatment::Shift(10), ..remove };
/// assert_eq!(clean("MUELLER T1 sag, 12.03.2019", &searcher, &shift).text, "T1 sag, 02.03.2019");
/// ```
pub fn clean(text: &str, identifiers: &Searcher, rewriter: &Rewriter<'_>) -> Cleaned {
    if let Some(rest) = without_misread(text, true) {
        let cleaned = clean(&rest, identifiers, rewriter);
        return Cleaned { removed: cleaned.removed + 1, ..cleaned };
    }
    in_plain_signs(text, |text| unless_hidden(text, |text| clean_written(text, identifiers, rewriter)))
}

/// What becomes of a text whose blanks and hyphens are of any width: as it is, if nothing becomes of it.
fn in_plain_signs(text: &str, treat: impl Fn(&str) -> Cleaned) -> Cleaned {
    let plain = signs::plain(text);
    let mut cleaned = treat(&plain);
    if cleaned.text == *plain && matches!(plain, Cow::Owned(_)) {
        text.clone_into(&mut cleaned.text);
    }
    cleaned
}

/// A text without its words of another character set, as far as these show; `None` if it has none. Half of a character
/// may be a letter of ASCII, but no blank. Where it is `strictly` meant, the signs of Windows-1252 are of no text.
pub(crate) fn without_misread(text: &str, strictly: bool) -> Option<String> {
    let blank = |c: char| c.is_ascii_whitespace();
    let misread = |word: &str| is_misread(word.trim_end_matches(blank), strictly);
    if text.is_ascii() || !text.split(blank).any(misread) {
        return None;
    }
    let words = text.split_inclusive(blank).filter(|word| !misread(word));
    Some(words.collect::<String>().trim_end_matches(blank).to_owned())
}

/// Whether bytes of another character set were read as a word: no letter touches a control character (ISO 6429 C1).
fn is_misread(word: &str, strictly: bool) -> bool {
    let control = |c: char| matches!(c, '\u{80}'..='\u{9F}');
    let letter = |c: char| c.is_alphabetic() && (strictly || !c.is_ascii()) || control(c);
    let mut two = word.chars().zip(word.chars().skip(1));
    !word.is_ascii()
        && (word.contains(is_no_text) || two.any(|(a, b)| control(a) && letter(b) || letter(a) && control(b)))
}

/// What becomes of a text, if it becomes of its escapes undone as well: nobody can tell where a disguise begins and
/// ends, so what escapes hide takes the whole text along.
fn unless_hidden(text: &str, treat: impl Fn(&str) -> Cleaned) -> Cleaned {
    let cleaned = treat(text);
    let Some(plain) = escapes::unescaped(text.as_bytes()) else { return cleaned };
    let hides_nothing = plain.whole
        && str::from_utf8(&plain.bytes)
            .is_ok_and(|plain| treat(plain).text == escapes::unescaped_text(&cleaned.text));
    if hides_nothing { cleaned } else { Cleaned { text: String::new(), removed: 1, dates: 0 } }
}

/// The same for a text as it is written, escapes and all.
fn clean_written(text: &str, identifiers: &Searcher, rewriter: &Rewriter<'_>) -> Cleaned {
    // Half of a disguise still tells a name.
    if identifiers.is_disguised_in(text.as_bytes()) || disguise::hides(text, identifiers) {
        return Cleaned { text: String::new(), removed: 1, dates: 0 };
    }
    let found = rewrite::find(text, identifiers, rewriter, false);
    let holds_signs = text.chars().any(|c| SIGNS.contains(&c));
    if found.iter().all(|found| found.text.is_none()) || holds_signs || found.len() > SIGNS_COUNT {
        return clean_rest(text, identifiers);
    }
    // What is written anew is a sign while the rest is cleaned: no word, no number, no separator.
    let mut signed = String::with_capacity(text.len());
    let mut at = 0;
    let kept: Vec<&rewrite::Rewritten> = found.iter().filter(|found| found.text.is_some()).collect();
    for (sign, found) in SIGNS.zip(&kept) {
        signed.push_str(&text[at..found.range.start]);
        signed.push(sign);
        at = found.range.end;
    }
    signed.push_str(&text[at..]);
    let mut cleaned = clean_rest(&signed, identifiers);
    let mut whole = String::with_capacity(text.len());
    for c in cleaned.text.chars() {
        match SIGNS.contains(&c).then(|| kept[(u32::from(c) - u32::from(*SIGNS.start())) as usize]) {
            Some(found) => {
                whole.push_str(found.text.as_deref().unwrap_or_default());
                cleaned.dates += usize::from(found.is_date);
            }
            None => whole.push(c),
        }
    }
    cleaned.text = whole;
    cleaned
}

/// Writes the dates and UIDs of a text anew, as told, and takes nothing else out: for texts that are kept.
///
/// ```
/// use deid_core::clean_text::{DateTreatment, Rewriter, rewrite};
/// use deid_core::identifiers::{Identifiers, Searcher};
///
/// let searcher = Searcher::new(&Identifiers::default());
/// let shift = Rewriter { dates: DateTreatment::Shift(10), ..Rewriter::default() };
/// assert_eq!(rewrite("Smith, 12-MAR-2019 and 03/04/2019", &searcher, &shift).text, "Smith, 02-MAR-2019 and ");
/// ```
pub fn rewrite(text: &str, identifiers: &Searcher, rewriter: &Rewriter<'_>) -> Cleaned {
    in_plain_signs(text, |text| unless_hidden(text, |text| rewrite_written(text, identifiers, rewriter)))
}

fn rewrite_written(text: &str, identifiers: &Searcher, rewriter: &Rewriter<'_>) -> Cleaned {
    let mut cleaned = Cleaned { text: String::with_capacity(text.len()), removed: 0, dates: 0 };
    let mut at = 0;
    for found in rewrite::find(text, identifiers, rewriter, true) {
        cleaned.text.push_str(&text[at..found.range.start]);
        match &found.text {
            Some(new) => {
                cleaned.text.push_str(new);
                cleaned.dates += usize::from(found.is_date);
            }
            None => cleaned.removed += 1,
        }
        at = found.range.end;
    }
    cleaned.text.push_str(&text[at..]);
    cleaned
}

/// Puts an X for each name of the header in another grammatical case: for texts that are kept otherwise.
pub(crate) fn without_forms(mut cleaned: Cleaned, identifiers: &Searcher) -> Cleaned {
    let scan = Scan::new(&cleaned.text);
    let forms = search::forms(&scan, identifiers);
    if forms.is_empty() {
        return cleaned;
    }
    let mut text = String::with_capacity(cleaned.text.len());
    let mut at = 0;
    for range in &forms {
        text.push_str(&cleaned.text[at..range.start]);
        text.push('X');
        at = range.end;
    }
    text.push_str(&cleaned.text[at..]);
    cleaned.removed += forms.len();
    cleaned.text = text;
    cleaned
}

/// Takes out of a text that is kept where the file was made.
pub(crate) fn without_places(cleaned: Cleaned, identifiers: &Searcher) -> Cleaned {
    let places = search::places(&cleaned.text, identifiers);
    if places.is_empty() {
        return cleaned;
    }
    let mut scan = Scan::new(&cleaned.text);
    let removed = places.len();
    for bytes in places {
        scan.take_bytes(bytes);
    }
    let text = tidy::without(&cleaned.text, &scan.gone).0;
    Cleaned { text, removed: cleaned.removed + removed, dates: cleaned.dates }
}

/// Takes out of a text that is kept what identifies somebody by its shape alone: mail and web addresses, telephone numbers,
/// names behind titles, announced days of birth and labelled numbers of persons.
pub(crate) fn without_strong(text: &str) -> Cleaned {
    in_plain_signs(text, |text| unless_hidden(text, |text| until_settled(text, strong::without)))
}

/// Characters of private use, which stand for what is written anew; a text that has them is cleaned without.
const SIGNS: RangeInclusive<char> = '\u{F0000}'..='\u{FFFFD}';
const SIGNS_COUNT: usize = 0xFFFE;

fn clean_rest(text: &str, identifiers: &Searcher) -> Cleaned {
    until_settled(text, |text| pass(text, identifiers))
}

fn until_settled(text: &str, pass: impl Fn(&str) -> (String, usize)) -> Cleaned {
    let mut cleaned = Cleaned { text: text.to_owned(), removed: 0, dates: 0 };
    // What closes up behind a removal may be an identifier in turn.
    for _ in 0..PASSES {
        let (text, removed) = pass(&cleaned.text);
        if removed == 0 {
            return cleaned;
        }
        cleaned = Cleaned { text, removed: cleaned.removed + removed, dates: 0 };
    }
    // Of a text that comes to no end nothing stays.
    cleaned.text.clear();
    cleaned
}

/// The last of so many passes finds nothing any more.
const PASSES: usize = 6;

fn pass(text: &str, identifiers: &Searcher) -> (String, usize) {
    let mut scan = Scan::new(text);
    search::mark(&mut scan, identifiers);
    places::mark_contacts(&mut scan);
    disguise::mark(&mut scan);
    dates::mark(&mut scan);
    codes::mark(&mut scan);
    announced::mark(&mut scan);
    numbers::mark(&mut scan);
    registers::mark(&mut scan);
    places::mark_addresses(&mut scan);
    streets::mark(&mut scan);
    names::mark_titled(&mut scan);
    unknown::mark(&mut scan);
    codes::mark_before_towns(&mut scan);
    registers::mark_houses(&mut scan);
    registers::mark_american_towns(&mut scan);
    streets::mark_remains(&mut scan);
    names::mark_neighbours(&mut scan);
    bearers::mark_maiden(&mut scan);
    bearers::mark_given(&mut scan);
    registers::mark_postcodes(&mut scan);
    bearers::mark(&mut scan);
    names::mark_labels(&mut scan);
    tidy::without(text, &scan.gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::{IdentifierKind, Identifiers};

    fn cleaned(text: &str) -> String {
        clean(text, &Searcher::new(&Identifiers::default()), &Rewriter::default()).text
    }

    #[test]
    fn science_is_left_as_it_is() {
        for text in
            ["", " ", "*tfl3d1_16ns", "T1  (sag) ", "b 0 500 1000 2000", "3x3x3", "1.5T\r\n2.5 mm", "^^^^"]
        {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn separators_close_up_behind_what_goes() {
        assert_eq!(cleaned("T1_20190312_sag"), "T1_sag");
        assert_eq!(cleaned("T1 (Dr. Smith), sag"), "T1, sag");
        assert_eq!(cleaned("T1 (sag, Dupont)"), "T1 (sag)");
        assert_eq!(cleaned("sub-12345678_T1w"), "T1w");
        assert_eq!(cleaned("SMITH^JOHN"), "");
        assert_eq!(cleaned("%CustomerSeq%\\qvorlund_univ"), "%CustomerSeq%\\univ");
    }

    #[test]
    fn disguised_identifiers_take_the_whole_text_along() {
        let mut identifiers = Identifiers::default();
        identifiers.add(IdentifierKind::Name, "okonkwo", "(0010,0010)");
        let searcher = Searcher::new(&identifiers);
        for text in [
            "T1 T2tvbmt3b15CYXJ0aG9sb21ldw==",
            "T1 =?utf-8?B?T2tvbmt3byBCYXJ0aG9sb21ldw==?=",
            "x 4f6b6f6e6b776f",
        ] {
            assert_eq!(clean(text, &searcher, &Rewriter::default()).text, "", "{text}");
        }
    }

    #[test]
    fn names_in_escapes_take_the_whole_text_along() {
        let mut identifiers = Identifiers::default();
        identifiers.add_name("Lagrange^Odette");
        let searcher = Searcher::new(&identifiers);
        for text in [
            "T1 &#76;&#97;&#103;&#114;&#97;&#110;&#103;&#101;",
            "Lagr&#97;nge T1",
            "Lagr%61nge",
            "Lagr%2561nge",
            "Lagr\\u0061nge",
            // Nobody whom the header knows.
            "T1 J&#246;rg",
            "M&#252;ller",
            "M&uuml;ller sag",
            "J%C3%B6rg",
            "M%C3%BCller",
            "M%FCller",
            "2019&#48;312 T1",
        ] {
            assert_eq!(clean(text, &searcher, &Rewriter::default()).text, "", "{text}");
        }
        for text in [
            "50% oxygen",
            "T1&T2",
            "A&B",
            "T1 &amp; T2",
            "b &lt; 1000",
            "T1%20sag",
            "95%CI",
            "20%FA",
            "80%dB",
            "100%",
            "5%;10%",
        ] {
            assert_eq!(clean(text, &searcher, &Rewriter::default()).text, text);
        }
        assert_eq!(clean("Odette T1 &amp; T2", &searcher, &Rewriter::default()).text, "T1 &amp; T2");
    }

    #[test]
    fn dates_in_escapes_take_a_kept_text_along() {
        let nobody = Searcher::default();
        let shift = Rewriter { dates: DateTreatment::Shift(10), ..Rewriter::default() };
        let rewritten = |text: &str| rewrite(text, &nobody, &shift).text;
        assert_eq!(rewritten("T1 2019&#48;312"), "");
        assert_eq!(rewritten("T1 &amp; T2 20190312"), "T1 &amp; T2 20190302");
        assert_eq!(rewritten("50% O2, R&D"), "50% O2, R&D");
    }

    #[test]
    fn of_a_text_that_comes_to_no_end_nothing_stays() {
        let never = |text: &str| (text.to_owned(), 1);
        assert_eq!(until_settled("T1 sag", never).text, "");
        assert_eq!(until_settled("T1 sag", |text| (text.to_owned(), 0)).text, "T1 sag");
    }

    #[test]
    fn words_of_the_trade_are_names_beside_titles_only() {
        assert_eq!(cleaned("white matter"), "white matter");
        assert_eq!(cleaned("Dr White, white matter"), "white matter");
    }

    #[test]
    fn any_text_is_survived() {
        for text in [
            "\u{301}\u{301}",
            "é@é.é",
            "1.1.1.1.",
            "Dr.",
            "://",
            "年",
            "sub-",
            "a\u{0}b",
            "١٢٣٤٥٦٧",
            "İstanbul ß",
        ] {
            let once = cleaned(text);
            assert_eq!(cleaned(&once), once);
        }
    }
}
