//! Identifiers: harvested from the headers of a subject, then searched wherever something is kept.
//!
//! [`harvest`] collects what PS3.15 removes anyway (names, IDs, birth date, accession numbers) as words to look for;
//! a [`Searcher`] finds them in text and bytes: in any case, in the encodings of the file and the usual others, as
//! UTF-16, hexadecimal and base64, and inside gzip and zlib streams.

mod automaton;
mod base32;
mod beginnings;
pub(crate) mod codes;
mod forms;
mod harvest;
mod known_dates;
mod needles;
mod parted;
mod places;
mod samples;
mod search;
mod spellings;
mod wide;

use crate::Phi;
pub use harvest::{Harvest, Harvester, harvest};
pub(crate) use harvest::{bounded, is_malformed, is_of_others, of_patient, places};
use search::Which;
pub use search::{Found, PlacesSought, Searcher};
pub(crate) use spellings::{MONTH_NAMES, MONTHS, is_ignorable, without_ignorable};
use unicode_normalization::UnicodeNormalization;

/// What an identifier is, which decides by what it is replaced in file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// A part of somebody's name: of the patient, a physician, an operator.
    Name,
    /// Patient ID or another number of the patient or the visit.
    PatientId,
    /// The patient's birth date, in one of several forms.
    BirthDate,
    /// A date of the study. Looked for in names of files and folders only.
    StudyDate,
    /// The same, once, as the header has it: a [`Searcher`] made [with dates](Searcher::with_dates) looks for all its
    /// forms in what is kept.
    KnownDate,
    /// Where a file was made: an institution, its address or a part of it, as the header has it. A [`Searcher`] made
    /// [with places](Searcher::with_places) looks for its spellings in texts.
    Institution,
    /// The name of a station, likewise.
    Station,
}

impl IdentifierKind {
    /// What says where, not who.
    pub(crate) fn is_place(self) -> bool {
        matches!(self, IdentifierKind::Institution | IdentifierKind::Station)
    }
}

/// Each part of a value remembers where it comes from: of long values the beginning, or their size would count squared.
const LONGEST_ORIGIN: usize = 256;

/// One thing to look for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// The text.
    pub text: Phi<String>,
    /// The value it comes from, for a pseudonym that is the same wherever it is found.
    pub origin: Phi<String>,
}

impl Identifier {
    fn weight(&self) -> usize {
        if self.kind.is_place() {
            return 0;
        }
        let text = self.text.expose();
        text.len() * if text.is_ascii() { 1 } else { 3 }
    }
}

/// The identifiers of one file or subject, sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers(Vec<Identifier>);

impl Identifiers {
    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Identifier> {
        self.0.iter()
    }

    /// Whether all of another set are in this one, wherever they come from.
    pub fn includes(&self, other: &Identifiers) -> bool {
        other.0.iter().all(|wanted| self.like(wanted).is_some())
    }

    /// Those of another set that a merge would bring into this one.
    pub(crate) fn missing<'a>(&'a self, other: &'a Identifiers) -> impl Iterator<Item = &'a Identifier> {
        other.0.iter().filter(|wanted| self.like(wanted).is_none_or(|known| known.origin > wanted.origin))
    }

    fn like(&self, wanted: &Identifier) -> Option<&Identifier> {
        let place =
            self.0.binary_search_by(|known| (known.kind, &known.text).cmp(&(wanted.kind, &wanted.text)));
        place.ok().map(|at| &self.0[at])
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: &Identifiers) {
        self.extend(other.0.iter().cloned());
    }

    /// Adds one as it stands.
    pub fn add(&mut self, kind: IdentifierKind, text: &str, origin: &str) {
        let text = text.trim();
        let text: String = if text.is_ascii() { text.to_owned() } else { text.nfc().collect() };
        if !text.is_empty() {
            self.0.push(Identifier {
                kind,
                text: Phi::new(text),
                origin: Phi::new(origin.trim().chars().take(LONGEST_ORIGIN).collect()),
            });
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it takes to find them: how long they are together, in bytes, where those beyond ASCII count three times,
    /// since they are looked for in many encodings.
    fn weight(&self) -> usize {
        self.0.iter().map(Identifier::weight).sum()
    }

    /// Leaves of them what is no heavier than this; says whether that is less than all.
    fn cut(&mut self, most: usize) -> bool {
        let mut weight = 0;
        let end = self.0.iter().position(|identifier| {
            weight += identifier.weight();
            weight > most
        });
        self.0.truncate(end.unwrap_or(self.0.len()));
        end.is_some()
    }

    fn settle(&mut self) {
        self.0.sort_unstable();
        self.0.dedup_by(|a, b| (a.kind, &a.text) == (b.kind, &b.text));
    }
}

impl<'a> IntoIterator for &'a Identifiers {
    type Item = &'a Identifier;
    type IntoIter = std::slice::Iter<'a, Identifier>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<Identifier> for Identifiers {
    fn extend<T: IntoIterator<Item = Identifier>>(&mut self, all: T) {
        self.0.extend(all);
        self.settle();
    }
}

impl FromIterator<Identifier> for Identifiers {
    fn from_iter<T: IntoIterator<Item = Identifier>>(all: T) -> Self {
        let mut identifiers = Identifiers(all.into_iter().collect());
        identifiers.settle();
        identifiers
    }
}
