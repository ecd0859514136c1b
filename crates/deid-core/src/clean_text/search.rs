//! What the header knows, in other spellings than the header's.

use super::glued::{Digits, is_beside_names};
use super::own_dates::{self, OwnDate};
use super::scan::Scan;
use super::words::{folded, lexicon, spelt_out};
use crate::identifiers::{IdentifierKind, Searcher};
use std::ops::Range;

/// Another spelling of a text, with the bytes each of its bytes comes from.
#[derive(Default)]
struct Spelling {
    text: String,
    /// Start and end in the original, one per byte.
    origin: Vec<(usize, usize)>,
}

impl Spelling {
    fn push(&mut self, c: char, start: usize, end: usize) {
        self.text.push(c);
        self.origin.resize(self.text.len(), (start, end));
    }
}

/// Marks what the searcher finds.
pub(super) fn mark(scan: &mut Scan, searcher: &Searcher) {
    if searcher.identifiers().is_empty() {
        return;
    }
    let text = scan.text;
    for found in searcher.find(text.as_bytes()) {
        // A pattern in a legacy encoding may begin within a character.
        let start = floor(text, found.range.start);
        let end = ceil(text, found.range.end);
        scan.take_bytes(start..end);
    }
    let plain = spelling(text, |c, push| folded(c).for_each(push));
    let spelt = spelling(text, |c, push| match spelt_out(c) {
        Some(two) => two.into_iter().for_each(push),
        None => folded(c).for_each(push),
    });
    for spelling in [&contracted(&plain), &plain, &spelt] {
        for found in searcher.find(spelling.text.as_bytes()) {
            let bytes = spelling.origin[found.range.start].0..spelling.origin[found.range.end - 1].1;
            scan.take_bytes(bytes);
        }
    }
    mark_pulled_together(scan, searcher);
    for bytes in places(text, searcher) {
        scan.take_bytes(bytes);
    }
    for (bytes, _) in own_dates::find_in(scan, &study_days(scan.text, searcher)) {
        scan.take_bytes(bytes);
    }
    for bytes in forms(scan, searcher) {
        scan.take_bytes(bytes);
    }
}

/// The days of the study. Those of birth are always looked for.
fn study_days(text: &str, searcher: &Searcher) -> Vec<OwnDate> {
    let all = searcher.identifiers().iter();
    let days = all.filter(|identifier| identifier.kind == IdentifierKind::KnownDate);
    days.filter_map(|identifier| OwnDate::new(identifier.origin.expose(), false))
        .filter(|day| day.may_be_in(text.as_bytes()))
        .collect()
}

/// Where places of the header stand, as they are and in plain letters.
pub(super) fn places(text: &str, searcher: &Searcher) -> Vec<Range<usize>> {
    if !searcher.seeks_places() {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = searcher.find_places(text.as_bytes()).collect();
    if !text.is_ascii() {
        let plain = spelling(text, |c, push| folded(c).for_each(push));
        let spelt = searcher.find_places(plain.text.as_bytes());
        found.extend(spelt.map(|range| plain.origin[range.start].0..plain.origin[range.end - 1].1));
    }
    found.iter().map(|range| floor(text, range.start)..ceil(text, range.end)).collect()
}

/// The words that are names of the header in another grammatical case, and short names glued to words of the trade.
pub(super) fn forms(scan: &Scan, searcher: &Searcher) -> Vec<Range<usize>> {
    let short = short_names(searcher);
    let mut found = Vec::new();
    for run in (0..scan.runs.len()).filter(|&run| !scan.is_digits(run)) {
        let word = scan.letters(run);
        if searcher.is_form_of_name(word) && !lexicon().is_trade(word) {
            found.push(scan.runs[run].range.clone());
        } else if let Some(bytes) = short.iter().find_map(|name| glued(scan, run, name)) {
            found.push(bytes);
        }
    }
    found
}

/// Names of three or four letters: the searcher finds them only where no letter is beside them.
fn short_names(searcher: &Searcher) -> Vec<String> {
    let names = searcher.identifiers().iter().filter(|identifier| identifier.kind == IdentifierKind::Name);
    names
        .map(|name| name.text.expose())
        .filter(|name| matches!(name.len(), 3 | 4) && name.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

/// Where a name stands in a run of letters between words of the trade, or with other capitals: `HALLT1`, `westT1`.
fn glued(scan: &Scan, run: usize, name: &str) -> Option<Range<usize>> {
    let (source, folded) = (scan.source(run), scan.letters(run));
    let start = scan.runs[run].range.start;
    let whole = Digits::beside(scan, run, &scan.runs[run].range);
    // HALLT1: `hallt` is a word, but not before digits.
    let is_word = lexicon().is_trade(folded) || !whole.before && !whole.behind && lexicon().is_word(folded);
    if !source.is_ascii() || source.len() <= name.len() || is_word {
        return None;
    }
    let turns = |at: usize| {
        let (before, after) = (source.as_bytes()[at - 1], source.as_bytes()[at]);
        before.is_ascii_lowercase() && after.is_ascii_uppercase()
    };
    let fits = |part: Range<usize>, edge: usize| {
        let digits = Digits::beside(scan, run, &(start + part.start..start + part.end));
        part.is_empty() || turns(edge) || is_beside_names(&source[part], digits)
    };
    let mut places = folded.match_indices(name).map(|(at, _)| at..at + name.len());
    let place =
        places.find(|place| fits(0..place.start, place.start) && fits(place.end..source.len(), place.end))?;
    Some(start + place.start..start + place.end)
}

/// `AB 12-3456` is `AB123456`, and `Jean-Marie` is `Jeanmarie`: as long as both ends are ends of words.
fn mark_pulled_together(scan: &mut Scan, searcher: &Searcher) {
    let mut together = Spelling::default();
    for run in &scan.runs {
        for c in run.folded.chars() {
            together.push(c, run.range.start, run.range.end);
        }
    }
    let at = |index: usize| together.origin.get(index).copied();
    for found in searcher.find(together.text.as_bytes()) {
        let (first, last) = (together.origin[found.range.start], together.origin[found.range.end - 1]);
        let whole =
            found.range.start.checked_sub(1).and_then(at) != Some(first) && at(found.range.end) != Some(last);
        if whole && found.range.len() >= SHORTEST && !is_begun(scan, last) {
            scan.take_bytes(first.0..last.1);
        }
    }
}

/// Whether a letter alone is not the initial of somebody but what digits begin with: the `T` of `Schmidt_T1`.
fn is_begun(scan: &Scan, last: (usize, usize)) -> bool {
    let digit = scan.text[last.1..].starts_with(|c: char| c.is_ascii_digit());
    digit && last.1 - last.0 == 1 && scan.text[last.0..].starts_with(char::is_alphabetic)
}

/// The shortest identifier, in bytes, that is looked for across separators.
const SHORTEST: usize = 5;

fn spelling(text: &str, mut spell: impl FnMut(char, &mut dyn FnMut(char))) -> Spelling {
    let mut spelling = Spelling::default();
    for (start, c) in text.char_indices() {
        spell(c, &mut |c| spelling.push(c, start, start + c.len_utf8().max(1)));
        // The end is that of the original character.
        for origin in spelling.origin.iter_mut().rev().take_while(|origin| origin.0 == start) {
            origin.1 = start + c.len_utf8();
        }
    }
    spelling
}

/// `ae`, `oe` and `ue` as one letter.
fn contracted(plain: &Spelling) -> Spelling {
    let mut spelling = Spelling::default();
    let mut before = ' ';
    for (at, c) in plain.text.char_indices() {
        let (start, end) = plain.origin[at];
        if c == 'e' && matches!(before, 'a' | 'o' | 'u') {
            if let Some(origin) = spelling.origin.last_mut() {
                origin.1 = end;
            }
            before = ' ';
            continue;
        }
        spelling.push(c, start, end);
        before = c;
    }
    spelling
}

/// The last boundary of a character at or before a byte (`str::floor_char_boundary` needs a newer compiler).
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The first boundary of a character at or after a byte.
fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}
