//! The search for identifiers in text and bytes, and in the base32, gzip and zlib streams among them.

use super::automaton::Automaton;
use super::forms::NameForms;
use super::needles::{self, Boundary, stands_alone};
use super::places::{self, Place};
use super::{IdentifierKind, Identifiers, is_ignorable, without_ignorable};
use super::{base32, codes, parted, wide};
use crate::clean_text::{OwnDate, find_own_dates};
use crate::escapes::unescaped;
use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where in the haystack.
    pub range: Range<usize>,
    /// Index of the identifier in the [`Identifiers`] searched for.
    pub identifier: usize,
}

#[derive(Clone, Copy, Debug)]
struct Pattern {
    identifier: usize,
    boundary: Boundary,
    /// Whether the bytes are the text itself, not a disguise of it.
    plain: bool,
    /// Whether it counts in names of files and folders only.
    in_names: bool,
}

impl Pattern {
    /// Whether a match counts where one of the other does.
    fn counts_as(self, other: Pattern) -> bool {
        (self.boundary, self.plain, self.in_names) == (other.boundary, other.plain, other.in_names)
    }
}

/// Which patterns count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All but study dates.
    Any,
    /// Those that are the text itself.
    Plain,
    /// As in names of files and folders: the text itself, study dates too.
    InNames,
}

/// Looks for identifiers in bytes. The default looks for none.
#[derive(Debug, Default)]
pub struct Searcher {
    identifiers: Arc<Identifiers>,
    patterns: Vec<Pattern>,
    automaton: Option<Automaton>,
    /// There is no automaton though there are needles: they count as found wherever they are looked for.
    blind: bool,
    /// Whether dates of the study are looked for.
    dated: bool,
    /// Days that are looked for in spellings of which there are too many for needles, each with its identifier.
    days: Vec<(OwnDate, usize)>,
    /// Names in other grammatical cases; made for the first text that is cleaned.
    forms: OnceLock<NameForms>,
    sought: PlacesSought,
    /// Where the files were made; made for the first text that is looked through.
    places: OnceLock<Option<Places>>,
}

/// Which places are looked for in texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlacesSought {
    /// Names and addresses of institutions.
    pub institutions: bool,
    /// Names of stations.
    pub stations: bool,
}

/// What finds places.
#[derive(Debug)]
struct Places {
    automaton: Automaton,
    /// Of each needle, how far it must be on its own.
    boundaries: Vec<Boundary>,
}

/// How much is inflated to look inside one value.
const INFLATED: usize = 16 << 20;
/// The longest value in which days are looked for in rarer spellings: longer ones are no texts that people write.
const LONGEST_TEXT: usize = 64 << 10;
/// How much of a stream without header.
const DEFLATED: usize = 1 << 20;
/// How many beginnings of streams are looked into in one value.
const STREAMS: usize = 1000;

impl Searcher {
    /// Prepares a search for these identifiers.
    pub fn new(identifiers: &Identifiers) -> Self {
        Searcher::of(Arc::new(identifiers.clone()))
    }

    /// Prepares a search for identifiers that others refer to as well.
    pub fn of(identifiers: Arc<Identifiers>) -> Self {
        Searcher::prepared(identifiers, false)
    }

    /// The same, and for dates of the study: where dates are to go, they go from what is kept, too.
    pub fn with_dates(identifiers: Arc<Identifiers>) -> Self {
        Searcher::prepared(identifiers, true)
    }

    /// Whether it looks for dates of the study.
    pub fn seeks_dates(&self) -> bool {
        self.dated
    }

    fn prepared(identifiers: Arc<Identifiers>, dated: bool) -> Self {
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut needles: Vec<Vec<u8>> = Vec::new();
        // The first needle with the same bytes in any case.
        let mut known: HashMap<Vec<u8>, usize> = HashMap::new();
        for (index, identifier) in identifiers.iter().enumerate() {
            let in_names = identifier.kind == IdentifierKind::StudyDate;
            let add = |bytes: Vec<u8>, boundary, plain| {
                let pattern = Pattern { identifier: index, boundary, plain, in_names };
                // Needles are found in any case: one that tells the same as another is none of its own.
                match known.entry(bytes.to_ascii_lowercase()) {
                    Entry::Occupied(first) if patterns[*first.get()].counts_as(pattern) => return,
                    Entry::Occupied(_) => {}
                    Entry::Vacant(entry) => drop(entry.insert(needles.len())),
                }
                needles.push(bytes);
                patterns.push(pattern);
            };
            needles::of(identifier, dated, add);
        }
        let mut days: Vec<(OwnDate, usize)> = Vec::new();
        let mut last = None;
        for (index, identifier) in identifiers.iter().enumerate() {
            let birth = identifier.kind == IdentifierKind::BirthDate;
            let known = birth
                || identifier.kind == IdentifierKind::StudyDate
                || identifier.kind == IdentifierKind::KnownDate && dated;
            let origin = (identifier.kind, identifier.origin.expose());
            if known && last.replace(origin) != Some(origin) {
                days.extend(OwnDate::new(origin.1, birth).map(|day| (day, index)));
            }
        }
        let automaton = Automaton::new(needles);
        let blind = automaton.is_err();
        Searcher {
            identifiers,
            patterns,
            automaton: automaton.unwrap_or_default(),
            blind,
            dated,
            days,
            forms: OnceLock::new(),
            sought: PlacesSought::default(),
            places: OnceLock::new(),
        }
    }

    /// The same, which looks for places, too.
    #[must_use]
    pub fn with_places(mut self, sought: PlacesSought) -> Self {
        let wanted = |kind| match kind {
            IdentifierKind::Institution => sought.institutions,
            IdentifierKind::Station => sought.stations,
            _ => false,
        };
        if self.identifiers.iter().any(|identifier| wanted(identifier.kind)) {
            self.sought = sought;
        }
        self
    }

    /// Whether there are places to look for.
    pub(crate) fn seeks_places(&self) -> bool {
        self.sought != PlacesSought::default()
    }

    /// Where places stand in a text.
    pub(crate) fn find_places<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let places =
            if self.seeks_places() { self.places.get_or_init(|| self.made_places()).as_ref() } else { None };
        places.into_iter().flat_map(move |places| {
            let found = places.automaton.find(text);
            let alone = |(needle, range): (usize, Range<usize>)| {
                stands_alone(text, range.clone(), places.boundaries[needle]).then_some(range)
            };
            found.filter_map(alone)
        })
    }

    /// Whether a place stands in a text.
    pub(crate) fn is_place_in(&self, text: &[u8]) -> bool {
        self.find_places(text).next().is_some()
    }

    fn made_places(&self) -> Option<Places> {
        let sought = self.sought;
        let places = self.identifiers.iter().filter_map(|identifier| {
            let place = match identifier.kind {
                IdentifierKind::Institution if sought.institutions => Place::Institution,
                IdentifierKind::Station if sought.stations => Place::Station,
                _ => return None,
            };
            Some((place, identifier.text.expose().as_str()))
        });
        let texts = places::texts(places);
        let boundary = |long: bool| if long { Boundary::None } else { Boundary::Word };
        let boundaries = texts.iter().map(|(_, long)| boundary(*long)).collect();
        let needles = texts.into_iter().map(|(text, _)| text.into_bytes()).collect();
        // Too many to be found are of a session of many sites: those of none are looked for then.
        let automaton = Automaton::new(needles).ok().flatten()?;
        Some(Places { automaton, boundaries })
    }

    /// The identifiers it looks for.
    pub fn identifiers(&self) -> &Arc<Identifiers> {
        &self.identifiers
    }

    /// Whether any identifier, plain or in disguise, is in these bytes.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.matches(bytes, Which::Any).next().is_some()
            || self.is_in_streams(bytes)
            || self.is_in_escapes(bytes)
            || self.is_in_codes(bytes)
            || self.in_parts(bytes).next().is_some()
            || !self.spelt_days(bytes, false).is_empty()
            || self.is_in_wide(bytes)
            || self.is_seen_in(bytes)
    }

    /// Days in rarer spellings, as they stand in a text. Of names of files, those of the study too.
    fn spelt_days(&self, bytes: &[u8], in_names: bool) -> Vec<Found> {
        let kind = |index: usize| self.identifiers.0[index].kind;
        let wanted = |index: usize| match kind(index) {
            IdentifierKind::StudyDate => in_names,
            IdentifierKind::KnownDate => !in_names,
            _ => true,
        };
        if self.days.is_empty() || bytes.len() > LONGEST_TEXT {
            return Vec::new();
        }
        let days = self.days.iter().filter(|(day, index)| wanted(*index) && day.may_be_in(bytes));
        let (days, indices): (Vec<OwnDate>, Vec<usize>) = days.copied().unzip();
        if days.is_empty() {
            return Vec::new();
        }
        let Ok(text) = str::from_utf8(bytes) else { return Vec::new() };
        let found = find_own_dates(text, &days).into_iter();
        found.map(|(range, day)| Found { range, identifier: indices[day] }).collect()
    }

    /// Whether any identifier is in a value that need not be text. Where it is none, words of fewer than five bytes
    /// do not count: they stand in numbers by chance.
    pub fn is_in_binary(&self, bytes: &[u8]) -> bool {
        let is_text =
            |byte: u8| byte >= 0x20 && byte != 0x7F || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
        let printable = bytes.iter().filter(|&&byte| is_text(byte)).count();
        let text = bytes.iter().all(|&byte| is_text(byte) || byte == 0);
        if text && printable * 2 >= bytes.len() {
            return self.is_in(bytes);
        }
        self.blind
            || self.matches(bytes, Which::Any).any(|found| found.range.len() >= 5)
            || self.is_in_streams(bytes)
            || self.is_in_codes(bytes)
            || self.is_in_wide(bytes)
    }

    /// The same for a value of which nothing but bytes is known: it may be a stream without header, too.
    pub fn is_in_opaque(&self, bytes: &[u8]) -> bool {
        self.is_in_binary(bytes) || self.is_deflated_in(bytes)
    }

    /// Whether an identifier of five characters or more stands in these bytes on its own, or in disguise. For values
    /// that readers branch on: coded terms and names of makers and versions contain short names by chance. None of them
    /// has letters of another script than Latin: of those two are enough.
    pub fn is_plainly_in(&self, bytes: &[u8]) -> bool {
        let plain = self.matches(bytes, Which::Plain).any(|found| {
            let text = self.identifiers.0[found.identifier].text.expose();
            let alone = stands_alone(bytes, found.range.clone(), Boundary::Letters) || !text.is_ascii();
            // `12.3.19` is a version there.
            let version = self.is_known_date(found.identifier)
                && found.range.len() < 8
                && bytes[found.range].contains(&b'.');
            let least = if text.chars().all(|c| c < '\u{250}') { 5 } else { 2 };
            text.chars().count() >= least && alone && !version
        });
        // What surrounds a disguise is disguised, too.
        plain
            || self.in_parts(bytes).any(|found| is_parted_on_purpose(&bytes[found.range]))
            || self.is_disguised_in(bytes)
    }

    /// Whether a number of six digits or more that is an identifier stands in these bytes.
    pub fn long_numbers_are_in(&self, bytes: &[u8]) -> bool {
        let found = self.matches(bytes, Which::Any).any(|found| {
            let identifier = &self.identifiers.0[found.identifier];
            let text = identifier.text.expose();
            // Days as numbers are looked for elsewhere, and UIDs have days in them.
            identifier.kind != IdentifierKind::KnownDate
                && text.len() >= 6
                && text.bytes().all(|byte| byte.is_ascii_digit())
        });
        found || self.blind
    }

    /// Whether any identifier that is not merely digits is in these bytes (UIDs consist of digits).
    pub fn letters_are_in(&self, bytes: &[u8]) -> bool {
        let found = self.matches(bytes, Which::Any).any(|found| {
            let identifier = &self.identifiers.0[found.identifier];
            let written = &bytes[found.range];
            match identifier.kind {
                // Hours have colons, too.
                IdentifierKind::KnownDate => {
                    written.iter().any(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'/'))
                }
                _ => identifier.text.expose().contains(|c: char| !c.is_ascii_digit() && c != '.'),
            }
        });
        found || self.blind
    }

    /// Whether a disguise (UTF-16, hexadecimal, base64 and base32, escapes, a compressed stream) of an identifier is in these
    /// bytes.
    pub fn is_disguised_in(&self, bytes: &[u8]) -> bool {
        let mut found = self.automaton.iter().flat_map(|automaton| automaton.find(bytes));
        self.blind
            || found.any(|(needle, _)| !self.patterns[needle].plain)
            || self.is_in_streams(bytes)
            || self.is_in_escapes(bytes)
            || self.is_in_codes(bytes)
            || self.is_in_wide(bytes)
    }

    /// Whether a folded word is a name that is looked for, with another ending.
    pub(crate) fn is_form_of_name(&self, folded: &str) -> bool {
        self.forms.get_or_init(|| NameForms::of(&self.identifiers)).has(folded)
    }

    /// Where identifiers stand as they are, sorted, overlapping ones merged.
    pub fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found: Vec<Found> = self.matches(bytes, Which::Plain).collect();
        let plain = found.len();
        for whole in self.in_parts(bytes) {
            let covers = |at: usize| found[..plain].iter().any(|one: &Found| one.range.contains(&at));
            // Parts each of which is found go one by one.
            if !(covers(whole.range.start) && covers(whole.range.end - 1)) {
                found.push(whole);
            }
        }
        found.extend(self.spelt_days(bytes, false));
        merge(found)
    }

    /// Whether numbers that are all of a value say who the subject is: as the codes of letters, forwards or backwards, or
    /// as the parts of an ID or birth date.
    pub(crate) fn is_spelt_by(&self, numbers: &[f64]) -> bool {
        const LONGEST: usize = 256;
        let padding = numbers.iter().rev().take_while(|number| **number == 0.0).count();
        let letters = &numbers[..numbers.len() - padding];
        let whole = |number: &f64, most: f64| number.fract() == 0.0 && (0.0..most).contains(number);
        if !(2..=LONGEST).contains(&numbers.len()) || self.automaton.is_none() {
            return false;
        }
        if letters.len() >= codes::FEWEST && letters.iter().all(|code| *code >= 32.0 && whole(code, 127.0)) {
            let mut text: Vec<u8> = letters.iter().map(|code| *code as u8).collect();
            let found = self.matches(&text, Which::Any).next().is_some();
            text.reverse();
            if found || self.matches(&text, Which::Any).next().is_some() {
                return true;
            }
        }
        if !numbers.iter().all(|number| whole(number, 1e9)) || numbers.len() > 16 {
            return false;
        }
        let text: Vec<String> = numbers.iter().map(|number| format!("{number:.0}")).collect();
        let text = text.join(" ");
        self.find(text.as_bytes()).iter().any(|found| found.range == (0..text.len()))
    }

    /// Where identifiers are written in parts, as `447_190_23`.
    fn in_parts<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Found> + 'a {
        let automata = self.automaton.iter();
        let runs = automata.flat_map(|automaton| parted::runs(bytes).map(move |run| (automaton, run)));
        runs.flat_map(move |(automaton, run)| {
            let found = automaton.find(&run.bytes).filter_map(|(needle, range)| {
                let pattern = self.patterns[needle];
                let counts = pattern.plain
                    && !pattern.in_names
                    && !self.is_known_date(pattern.identifier)
                    && (!run.is_mixed || self.is_of_groups(pattern.identifier));
                let number = run.bytes[range.clone()].iter().all(u8::is_ascii_digit);
                let range = run.range(&range).filter(|_| counts)?;
                // Decimals beside other numbers are no groups.
                if run.is_mixed && number && bytes[range.clone()].contains(&b'.') {
                    return None;
                }
                // No part is taken apart: what follows a letter or digit of its kind does not begin there.
                let kind = |byte: &u8| byte.is_ascii_digit();
                let joined = |a: usize, b: usize| {
                    let (a, b) = (bytes.get(a), bytes.get(b));
                    let alike = a.map(kind) == b.map(kind);
                    alike && b.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
                };
                // The T of `Schmidt_T1` is no Thomas.
                let [before, last, next] =
                    [2, 1, 0].map(|back| bytes.get((range.end - back).min(bytes.len())));
                let initial = last.is_some_and(u8::is_ascii_alphabetic)
                    && next.is_some_and(u8::is_ascii_digit)
                    && before.is_some_and(|before| !before.is_ascii_alphanumeric());
                let joins = range.start > 0 && joined(range.start, range.start - 1)
                    || joined(range.end - 1, range.end);
                (!joins && !initial).then_some(Found { range, identifier: pattern.identifier })
            });
            found.collect::<Vec<_>>()
        })
    }

    /// Whether this is a number of somebody, or has one: signs of all kinds are written between its groups.
    fn is_of_groups(&self, identifier: usize) -> bool {
        let identifier = &self.identifiers.0[identifier];
        identifier.kind == IdentifierKind::PatientId
            && identifier.text.expose().bytes().filter(u8::is_ascii_digit).count() >= 4
    }

    /// The bytes with an X for each identifier.
    pub(crate) fn without(&self, bytes: &[u8]) -> Vec<u8> {
        let mut cleaned = Vec::with_capacity(bytes.len());
        let mut cursor = 0;
        for found in self.find(bytes) {
            cleaned.extend_from_slice(&bytes[cursor..found.range.start]);
            cleaned.push(b'X');
            cursor = found.range.end;
        }
        cleaned.extend_from_slice(&bytes[cursor..]);
        cleaned
    }

    /// As [`Searcher::find`], for the name of a file or folder: dates of the study count too.
    pub fn find_in_name(&self, name: &str) -> Vec<Found> {
        let mut found: Vec<Found> = self.matches(name.as_bytes(), Which::InNames).collect();
        found.extend(self.spelt_days(name.as_bytes(), true));
        merge(found)
    }

    /// All matches that count, without order.
    pub(super) fn matches<'a>(&'a self, bytes: &'a [u8], which: Which) -> impl Iterator<Item = Found> + 'a {
        let whole =
            (self.blind && !bytes.is_empty()).then_some(Found { range: 0..bytes.len(), identifier: 0 });
        let found = self.automaton.iter().flat_map(move |automaton| automaton.find(bytes)).filter_map(
            move |(needle, range)| {
                let pattern = self.patterns[needle];
                let wanted = match which {
                    Which::Any => !pattern.in_names,
                    Which::Plain => pattern.plain && !pattern.in_names,
                    // There, dates of the study have a name of their own.
                    Which::InNames => pattern.plain && !self.is_known_date(pattern.identifier),
                };
                let counts = wanted && stands_alone(bytes, range.clone(), pattern.boundary);
                counts.then_some(Found { range, identifier: pattern.identifier })
            },
        );
        whole.into_iter().chain(found)
    }

    fn is_known_date(&self, identifier: usize) -> bool {
        self.dated && self.identifiers.0[identifier].kind == IdentifierKind::KnownDate
    }

    /// Undoes escapes of XML, URLs and programs; what hides behind too many of them counts as found. What stands there
    /// without them is no disguise.
    fn is_in_escapes(&self, bytes: &[u8]) -> bool {
        if self.automaton.is_none() {
            return false;
        }
        let Some(plain) = unescaped(bytes) else { return false };
        let count = |bytes: &[u8]| self.matches(bytes, Which::Any).count();
        !plain.whole || count(&plain.bytes) > count(bytes)
    }

    /// Undoes base32 and lists of codes; words of fewer than five bytes stand there by chance.
    fn is_in_codes(&self, bytes: &[u8]) -> bool {
        self.automaton.is_some()
            && base32::decoded(bytes)
                .chain(codes::decoded(bytes))
                .any(|plain| self.matches(&plain, Which::Any).any(|found| found.range.len() >= 5))
    }

    /// Undoes UTF-32, and UTF-16 in base64; words of fewer than five letters stand there by chance.
    fn is_in_wide(&self, bytes: &[u8]) -> bool {
        let long = |found: Found| found.range.len() >= 5;
        self.automaton.is_some()
            && wide::of_four_bytes(bytes)
                .into_iter()
                .chain(wide::in_base64(bytes))
                .any(|plain| self.matches(plain.as_bytes(), Which::Any).any(long))
    }

    /// Whether an identifier is seen in a text that has characters which are not.
    fn is_seen_in(&self, bytes: &[u8]) -> bool {
        self.automaton.is_some()
            && !bytes.is_ascii()
            && str::from_utf8(bytes).is_ok_and(|text| {
                let seen = text.contains(is_ignorable).then(|| without_ignorable(text));
                seen.is_some_and(|seen| {
                    self.matches(seen.as_bytes(), Which::Any).next().is_some()
                        || self.in_parts(seen.as_bytes()).next().is_some()
                })
            })
    }

    /// Looks into a deflated stream without header that the value is, perhaps behind a length or the header of another
    /// format. Words of fewer than five bytes come out of what is none.
    fn is_deflated_in(&self, bytes: &[u8]) -> bool {
        const BEFORE: [usize; 5] = [0, 2, 4, 8, 10];
        /// Five letters take as much.
        const SHORTEST: usize = 7;
        self.automaton.is_some()
            && BEFORE.iter().filter_map(|&before| bytes.get(before..)).any(|stream| {
                // A block of this kind is none of the format's.
                let is_block = stream.len() >= SHORTEST && stream[0] & 6 != 6;
                let inflated = if is_block {
                    inflate(flate2::read::DeflateDecoder::new(stream), DEFLATED)
                } else {
                    Vec::new()
                };
                self.matches(&inflated, Which::Any).any(|found| found.range.len() >= 5)
            })
    }

    /// Looks into gzip and zlib streams that begin anywhere in the bytes. What would take too long to look into
    /// counts as found.
    fn is_in_streams(&self, bytes: &[u8]) -> bool {
        if self.automaton.is_none() || bytes.len() < 8 {
            return false;
        }
        let left = Cell::new(INFLATED);
        let mut streams = 0;
        memchr::memchr2_iter(0x1F, 0x78, &bytes[..bytes.len() - 6]).any(|at| {
            let stream = &bytes[at..];
            if !matches!(stream, [0x1F, 0x8B, 8, ..] | [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..]) {
                return false;
            }
            streams += 1;
            let inflated = if stream[0] == 0x1F {
                inflate(flate2::read::GzDecoder::new(stream), left.get())
            } else {
                inflate(flate2::read::ZlibDecoder::new(stream), left.get())
            };
            left.set(left.get().saturating_sub(inflated.len()));
            streams > STREAMS
                || left.get() == 0
                || (!inflated.is_empty() && self.matches(&inflated, Which::Any).next().is_some())
        })
    }
}

/// Whether parts are no words beside each other: `MAGNETOM Terra` is no Magnetomterra.
fn is_parted_on_purpose(written: &[u8]) -> bool {
    let words = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'.') || *byte >= 0x80;
    let letter = |byte: &u8| byte.is_ascii_alphabetic();
    !written.iter().all(words) || !written.windows(2).any(|two| two.iter().all(letter))
}

fn merge(mut all: Vec<Found>) -> Vec<Found> {
    all.sort_by_key(|found| (found.range.start, usize::MAX - found.range.end));
    let mut merged: Vec<Found> = Vec::new();
    for found in all {
        match merged.last_mut() {
            Some(last) if found.range.start < last.range.end => {
                last.range.end = last.range.end.max(found.range.end);
            }
            _ => merged.push(found),
        }
    }
    merged
}

fn inflate(reader: impl std::io::Read, limit: usize) -> Vec<u8> {
    let mut data = Vec::new();
    let mut reader = reader.take(limit as u64);
    let mut part = [0; 4096];
    // A stream that breaks off still has a beginning.
    while let Ok(count @ 1..) = std::io::Read::read(&mut reader, &mut part) {
        data.extend_from_slice(&part[..count]);
    }
    data
}

#[cfg(test)]
mod tests;
