//! Identifiers: harvested from the headers of a subject, then searched wherever something is kept.
//!
//! [`harvest`] collects what PS3.15 removes anyway (names, IDs, birth date, accession numbers) as words to look for;
//! a [`Searcher`] finds them in text and bytes: in any case, in the encodings of the file and the usual others, as
//! UTF-16, hexadecimal and base64, and inside gzip and zlib streams.

mod automaton;
mod known_dates;
mod samples;

use crate::Phi;
use crate::vocabulary::is_common;
use automaton::Automaton;
use deid_dicom::calendar::looks_like_day;
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Kind, NodeIndex, Source, Tag, Tree, Vr, value};
use deid_standard::dictionary;
use known_dates::{date_boundary, days_of, is_usual, other_forms, telling_vr};
use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;
use std::sync::{Arc, LazyLock};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

crate::phi::withheld!(Harvest, Harvester);

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
}

/// How far a match must be on its own to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Boundary {
    /// Anywhere.
    None,
    /// No letter or digit on either side.
    Word,
    /// No letter on either side.
    Letters,
    /// No digit on either side.
    Number,
    /// No digit before: digits behind a date are a time.
    Date,
    /// No digit on either side, nor a point or comma with a digit beyond it: no part of a number, version or UID.
    Apart,
    /// The same, and digits behind are a time.
    DateApart,
    /// The same as `Apart`, and no letter on either side.
    Sole,
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

    /// The parts of a person name: each word of each component of each representation (PS3.5 6.2.1).
    pub fn add_name(&mut self, name: &str) {
        for (name, representation) in name
            .split('\\')
            .flat_map(|name| name.split('=').map(move |representation| (name, representation)))
        {
            let components: Vec<&str> = representation.split('^').map(str::trim).collect();
            for component in &components {
                let words = component.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{FFFD}');
                for word in words.filter(|word| is_name_part(word)) {
                    self.add(IdentifierKind::Name, word, name);
                    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
                    for spelling in [fold(word), transliterate(word), fold(&plain)] {
                        if spelling != word {
                            self.add(IdentifierKind::Name, &spelling, name);
                        }
                    }
                }
            }
            // Le Goff: people write LeGoff too.
            for component in &components {
                let joined: String = component.chars().filter(|c| c.is_alphanumeric()).collect();
                if joined.chars().count() >= 5 && joined != **component && is_name_part(&joined) {
                    for spelling in [fold(&joined), transliterate(&joined), joined] {
                        self.add(IdentifierKind::Name, &spelling, name);
                    }
                }
            }
            // 王^小東: the parts may be a single character each, together they are not. And people write DoeJane, JDoe.
            let [family, given] = [0, 1].map(|at| {
                let part = components.get(at).copied().unwrap_or_default();
                part.chars().filter(|c| c.is_alphanumeric()).collect::<String>()
            });
            if family.is_empty() || given.is_empty() {
                continue;
            }
            // Hand^Peter: alone each may be a word of the trade, side by side they are the person.
            if is_common(&family) != is_common(&given) {
                for separator in [" ", ", ", ",", "_", "-", ".", "^", ""] {
                    for [first, second] in [[&family, &given], [&given, &family]] {
                        let both = [first, separator, second].concat();
                        self.add(IdentifierKind::Name, &fold(&both), name);
                        self.add(IdentifierKind::Name, &both, name);
                    }
                }
            }
            if is_common(&family) {
                continue;
            }
            let initial: String = given.chars().take(1).collect();
            let joined = [[&family, &given], [&given, &family], [&initial, &family], [&family, &initial]];
            for parts in joined {
                let joined = parts.map(String::as_str).concat();
                if is_common(&joined) {
                    continue;
                }
                for spelling in [fold(&joined), transliterate(&joined), joined] {
                    self.add(IdentifierKind::Name, &spelling, name);
                }
            }
        }
    }

    /// An ID, whole, and the long runs of digits in it.
    pub fn add_id(&mut self, id: &str) {
        let id = id.trim_matches(['\0', ' ']);
        if id.chars().filter(|c| c.is_alphanumeric()).count() < 3 || is_common(id) {
            return;
        }
        self.add(IdentifierKind::PatientId, id, id);
        // `SLICES_20190313` names a day, not a person.
        let telling = |digits: &&str| digits.len() >= 5 && !looks_like_day(digits);
        for digits in id.split(|c: char| !c.is_ascii_digit()).filter(telling) {
            self.add(IdentifierKind::PatientId, digits, id);
        }
        let number = id.trim_start_matches('0');
        if number.len() >= 5 && number.len() < id.len() {
            self.add(IdentifierKind::PatientId, number, id);
        }
        if id.contains(|c: char| !c.is_alphanumeric()) {
            for separator in ["-", "_", " ", "."] {
                let parts: Vec<&str> = id.split(|c: char| !c.is_alphanumeric()).collect();
                self.add(IdentifierKind::PatientId, &parts.join(separator), id);
            }
        }
        // AB-123: also without the sign or with another one, and AB123 with one.
        let runs = runs_of_one_kind(id);
        if runs.len() > 1 && runs.len() <= 8 && runs.iter().map(|run| run.len()).sum::<usize>() >= 5 {
            for separator in ["", "-", "_", " ", "."] {
                self.add(IdentifierKind::PatientId, &runs.join(separator), id);
            }
        }
    }

    /// A date of the study, `YYYYMMDD…`, if it is a day of the age of digital images.
    pub fn add_known_date(&mut self, date: &str) {
        for day in days_of(date.as_bytes()) {
            let day = String::from_utf8_lossy(&day);
            self.add(IdentifierKind::KnownDate, &day, &day);
        }
    }

    /// A date `YYYYMMDD…` in the forms in which people write it.
    pub fn add_date(&mut self, kind: IdentifierKind, date: &str) {
        let digits: String = date.chars().filter(char::is_ascii_digit).take(8).collect();
        if digits.len() != 8 || digits.starts_with("0000") {
            return;
        }
        let (year, month, day) = (&digits[..4], &digits[4..6], &digits[6..]);
        let number = |part: &str| part.trim_start_matches('0').to_owned();
        let (short_month, short_day, short_year) = (number(month), number(day), &year[2..]);
        let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
        let name = name.copied().unwrap_or_default();
        for parts in [[year, month, day], [day, month, year], [month, day, year], [short_year, month, day]] {
            self.add(kind, &parts.concat(), &digits);
        }
        if !name.is_empty() {
            let full = MONTH_NAMES[month.parse::<usize>().map_or(0, |month| month - 1)];
            for form in [
                format!("{full} {short_day}, {year}"),
                format!("{full} {short_day} {year}"),
                format!("{short_day} {full} {year}"),
                format!("{name} {short_day}, {year}"),
            ] {
                self.add(kind, &form, &digits);
            }
            for parts in [[day, name, year], [short_day.as_str(), name, year], [day, name, short_year]] {
                for separator in ["", "-", "_", " "] {
                    self.add(kind, &parts.join(separator), &digits);
                }
            }
        }
        for separator in ["-", ".", "/", "_", " ", ":"] {
            for parts in [
                [year, month, day],
                [day, month, year],
                [month, day, year],
                [&short_day, &short_month, year],
                [&short_month, &short_day, year],
                [day, month, short_year],
                [year, &short_month, &short_day],
            ] {
                self.add(kind, &parts.join(separator), &digits);
            }
        }
    }
}

/// English months.
pub(crate) const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The same in three letters.
pub(crate) const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// The runs of letters and of digits in an ID.
fn runs_of_one_kind(id: &str) -> Vec<&str> {
    let kind = |c: char| (c.is_alphabetic(), c.is_numeric());
    let mut runs = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in id.char_indices() {
        if last.is_some_and(|last| last != kind(c)) {
            runs.push(&id[start..at]);
            start = at;
        }
        last = Some(kind(c));
    }
    runs.push(&id[start..]);
    runs.retain(|run| run.chars().all(char::is_alphanumeric) && !run.is_empty());
    runs
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

fn is_name_part(word: &str) -> bool {
    let length = word.chars().count();
    let letters = word.chars().any(char::is_alphabetic);
    length >= 2 && (letters || length >= 6) && !is_common(word)
}

/// Without accents: `Jérôme` is looked for as `Jerome` too.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let plain = |c| match c {
        'ł' => 'l',
        'Ł' => 'L',
        'ø' => 'o',
        'Ø' => 'O',
        'đ' | 'ð' => 'd',
        'Đ' | 'Ð' => 'D',
        'ı' => 'i',
        c => c,
    };
    word.nfd().filter(|&c| !is_combining_mark(c)).map(plain).collect()
}

/// As Germans and Scandinavians spell their letters where there are none: `Mueller` for `Müller`.
fn transliterate(word: &str) -> String {
    let mut plain = String::new();
    for c in word.chars() {
        let two = match c {
            'ä' | 'æ' => "ae",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'å' => "aa",
            'ß' => "ss",
            'Ä' | 'Æ' => "Ae",
            'Ö' | 'Ø' => "Oe",
            'Ü' => "Ue",
            'Å' => "Aa",
            _ => {
                plain.push(c);
                continue;
            }
        };
        plain.push_str(two);
    }
    fold(&plain)
}

/// What a tag holds that identifies, if it does.
fn harvested(tag: Tag, vr: Vr) -> Option<What> {
    Some(match (tag.group(), tag.element()) {
        // Patient's ID, other IDs, admission, visit, accession, requests: numbers a hospital can look up.
        (0x0010, 0x0020 | 0x1000 | 0x2152 | 0x2154 | 0x1040 | 0x2180 | 0x1090)
        | (0x0038, 0x0010 | 0x0060)
        | (0x0008, 0x0050)
        | (0x0040, 0x2016 | 0x2017)
        | (0x0012, 0x0040 | 0x0042) => What::Id,
        // Short ones are numbers that occur everywhere.
        (0x0020, 0x0010) | (0x0040, 0x1001 | 0x0009) => What::LongId,
        (0x0010, 0x0030) => What::BirthDate,
        (0x0008, 0x0020..=0x0023 | 0x002A) => What::StudyDate,
        _ if matches!(vr, Vr::DA | Vr::DT) && known_dates::is_study_date(tag) => What::StudyDate,
        (0x0008, 0x0018) | (0x0020, 0x000D | 0x000E | 0x0052) => What::Uid,
        // A name is a name whatever VR the file gives it.
        _ if vr == Vr::PN || PERSON_NAMES.binary_search(&tag).is_ok() => What::Name,
        _ => return None,
    })
}

/// The attributes that are persons' names, by the dictionary.
static PERSON_NAMES: LazyLock<Vec<Tag>> = LazyLock::new(|| {
    let names = dictionary::all().iter().filter(|attribute| attribute.vr == Vr::PN);
    let mut names: Vec<Tag> = names.filter_map(|attribute| attribute.tag.exact()).collect();
    names.sort_unstable();
    names
});

#[derive(Clone, Copy, Debug)]
enum What {
    Name,
    Id,
    LongId,
    BirthDate,
    StudyDate,
    Uid,
}

/// The longest value that is taken for an identifier, in bytes.
const LONGEST: u64 = 64 << 10;
/// How many different names, IDs and dates one file may hold, and how many UIDs that are none by their form.
const MOST_VALUES: usize = 1000;
/// How long its different names and IDs may be together, in bytes.
const MOST_BYTES: usize = 32 << 10;
/// How much may be looked for because of them, as [`Identifiers::weight`] has it. What finds it takes a thousand times as
/// much memory.
const MOST_TEXT: usize = 24 << 10;
/// The longest Specific Character Set that is read, in bytes.
const LONGEST_CHARACTER_SET: usize = 1024;

/// What identifies the subject of a data set, and the UIDs of the instance.
#[derive(Clone, Default)]
pub struct Harvest {
    /// Words to search for; the same for all instances of a series as a rule.
    pub identifiers: Arc<Identifiers>,
    /// UIDs of instance, series, study and frame of reference, which name files.
    pub uids: Vec<String>,
    /// Dates of the study, `YYYYMMDD`, which name folders.
    pub dates: Arc<Vec<String>>,
    /// Whether there is more than can be looked for: values too long to be names or IDs, or too many of them.
    pub unbounded: bool,
}

/// Collects the identifiers of data sets, at any depth. Those that hold the same ones byte for byte share them.
#[derive(Default)]
pub struct Harvester {
    /// What the last harvest was made from: values, each with what it is and the character set it is in.
    bytes: Vec<u8>,
    /// Where in `bytes` the values are, each once.
    values: Vec<Value>,
    /// Where a value stands among them, by the hash of its bytes.
    known: HashMap<u64, usize>,
    last: Vec<u8>,
    identifiers: Arc<Identifiers>,
    dates: Arc<Vec<String>>,
    /// Whether more is to be looked for because of the values than may be.
    too_much: bool,
}

#[derive(Clone, Copy, Debug)]
struct Value {
    what: What,
    /// Where the value's stretch begins: with what it is, then its character set.
    start: usize,
    /// Where the character set ends, and where the value ends behind it.
    set_end: usize,
    end: usize,
}

/// What of a data set was gathered beside the values.
#[derive(Default)]
struct Gathered {
    /// Sorted, each once.
    uids: Vec<String>,
    /// Whether a value was too long, or there were too many.
    unbounded: bool,
}

/// A data set in which values stand: where it ends, and where its character set is told.
#[derive(Clone, Copy)]
struct Set {
    end: NodeIndex,
    charset: Option<(u64, usize)>,
}

impl Harvester {
    /// The identifiers of a data set.
    pub fn harvest<S: Source>(&mut self, source: &mut S, tree: &Tree) -> Harvest {
        let Gathered { uids, unbounded } = self.gather(source, tree);
        if self.bytes != self.last || self.last.is_empty() {
            (self.identifiers, self.dates) = self.read();
            std::mem::swap(&mut self.bytes, &mut self.last);
        }
        Harvest {
            identifiers: Arc::clone(&self.identifiers),
            uids,
            dates: Arc::clone(&self.dates),
            unbounded: unbounded || self.too_much,
        }
    }

    /// Gathers the bytes of all values that identify, each once, but for UIDs, which are the result.
    fn gather<S: Source>(&mut self, source: &mut S, tree: &Tree) -> Gathered {
        self.bytes.clear();
        self.values.clear();
        self.known.clear();
        let mut gathered = Gathered::default();
        let mut size = 0;
        let mut last_day = [0; 8];
        let mut sets = vec![Set { end: NodeIndex::MAX, charset: None }];
        for (index, node) in tree.nodes.iter().enumerate() {
            let index = index as NodeIndex;
            while sets.len() > 1 && sets.last().is_some_and(|set| index >= set.end) {
                sets.pop();
            }
            if node.kind == Kind::Item {
                let charset = sets.last().and_then(|set| set.charset);
                sets.push(Set { end: node.next, charset });
                continue;
            }
            if node.kind != Kind::Element || node.value_length() == 0 {
                continue;
            }
            if node.value_length() > LONGEST {
                let what = harvested(node.tag, telling_vr(node));
                gathered.unbounded |= what.is_some_and(|what| !matches!(what, What::Uid));
                continue;
            }
            let (start, length) = (node.value_start(), node.value_length() as usize);
            if node.tag == Tag::new(0x0008, 0x0005) {
                if let Some(set) = sets.last_mut() {
                    set.charset = Some((start, length.min(LONGEST_CHARACTER_SET)));
                }
                continue;
            }
            let Some(what) = harvested(node.tag, telling_vr(node)) else { continue };
            if matches!(what, What::Uid) {
                let Some(bytes) = source.bytes(start, length) else { continue };
                gathered.uids.extend(
                    value::split(bytes)
                        .filter(|uid| is_distinct(uid))
                        .filter_map(|uid| str::from_utf8(uid).map(str::to_owned).ok()),
                );
                continue;
            }
            if self.values.len() > MOST_VALUES || size > MOST_BYTES {
                // What is found of it does not matter any more: the file is not written.
                gathered.unbounded = true;
                continue;
            }
            if matches!(what, What::StudyDate) {
                let Some(bytes) = source.bytes(start, length) else { continue };
                // Frames have times of their own on the same day.
                for day in days_of(bytes) {
                    if day != last_day {
                        last_day = day;
                        let start = self.bytes.len();
                        self.bytes.push(what as u8);
                        let set_end = self.bytes.len();
                        self.bytes.extend_from_slice(&day);
                        self.finish_value(what, start, set_end);
                    }
                }
                continue;
            }
            let before = self.bytes.len();
            self.bytes.push(what as u8);
            if let Some((start, length)) = sets.last().and_then(|set| set.charset)
                && let Some(bytes) = source.bytes(start, length)
            {
                self.bytes.extend_from_slice(bytes);
            }
            let set_end = self.bytes.len();
            let Some(bytes) = source.bytes(start, length) else {
                self.bytes.truncate(before);
                continue;
            };
            self.bytes.extend_from_slice(bytes);
            size += self.finish_value(what, before, set_end);
            if size > MOST_BYTES {
                self.values.pop();
                self.bytes.truncate(before);
            }
        }
        gathered.unbounded |= self.values.len() > MOST_VALUES || size > MOST_BYTES;
        gathered.uids.sort_unstable();
        gathered.uids.dedup();
        let malformed = gathered.uids.iter().filter(|uid| is_malformed(uid));
        gathered.unbounded |= malformed.take(MOST_VALUES + 1).count() > MOST_VALUES;
        gathered
    }

    /// Ends the value that was gathered last, and takes it back if it is there already. Says how many bytes it adds.
    fn finish_value(&mut self, what: What, start: usize, set_end: usize) -> usize {
        let end = self.bytes.len();
        let stretch = &self.bytes[start..end];
        let mut hasher = DefaultHasher::new();
        hasher.write(stretch);
        match self.known.entry(hasher.finish()) {
            Entry::Occupied(earlier) => {
                let earlier = self.values[*earlier.get()];
                let same = self.bytes[earlier.start..earlier.end] == *stretch;
                if same && earlier.set_end - earlier.start == set_end - start {
                    self.bytes.truncate(start);
                    return 0;
                }
            }
            Entry::Vacant(entry) => drop(entry.insert(self.values.len())),
        }
        self.values.push(Value { what, start, set_end, end });
        // Two different sequences of values are never the same bytes.
        self.bytes.extend_from_slice(&(set_end as u64).to_le_bytes());
        self.bytes.extend_from_slice(&((end - set_end) as u64).to_le_bytes());
        end - set_end
    }

    /// What the gathered values say.
    fn read(&mut self) -> (Arc<Identifiers>, Arc<Vec<String>>) {
        let mut identifiers = Identifiers::default();
        let mut dates = Vec::new();
        let mut settled = 0;
        for value in &self.values {
            // The first byte says what it is.
            let (set, bytes) = (value.start + 1..value.set_end, value.set_end..value.end);
            let text = CharacterSet::parse(&self.bytes[set]).decode(&self.bytes[bytes]);
            match value.what {
                What::Name => identifiers.add_name(&text),
                What::Id => text.split('\\').for_each(|id| identifiers.add_id(id)),
                What::LongId => {
                    text.split('\\').filter(|id| id.trim().len() >= 6).for_each(|id| identifiers.add_id(id));
                }
                What::BirthDate => identifiers.add_date(IdentifierKind::BirthDate, &text),
                What::StudyDate => {
                    identifiers.add_known_date(&text);
                    dates.push(text);
                }
                What::Uid => {}
            }
            // Most are there several times until they are sorted.
            if identifiers.0.len() > settled + MOST_VALUES {
                identifiers.settle();
                settled = identifiers.0.len();
                if identifiers.weight() > MOST_TEXT {
                    break;
                }
            }
        }
        identifiers.settle();
        self.too_much = identifiers.cut(MOST_TEXT);
        (Arc::new(identifiers), Arc::new(dates))
    }
}

/// Whether a UID has other signs than digits and points.
pub(crate) fn is_malformed(uid: &str) -> bool {
    !uid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether a UID, well-formed or not, is long enough to be looked for.
fn is_distinct(uid: &[u8]) -> bool {
    (5..=256).contains(&uid.len()) && uid.contains(&b'.') && uid.iter().all(u8::is_ascii_graphic)
}

/// The identifiers of one data set.
pub fn harvest<S: Source>(source: &mut S, tree: &Tree) -> Harvest {
    Harvester::default().harvest(source, tree)
}

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
enum Which {
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
}

/// How much is inflated to look inside one value.
const INFLATED: usize = 16 << 20;
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
            let text = identifier.text.expose();
            let boundary = boundary(text, identifier.kind);
            let in_names = identifier.kind == IdentifierKind::StudyDate;
            let mut add = |bytes: Vec<u8>, boundary, plain| {
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
            if identifier.kind == IdentifierKind::KnownDate {
                if dated {
                    let mut forms = Identifiers::default();
                    forms.add_date(IdentifierKind::KnownDate, text);
                    forms.0.retain(|form| is_usual(form.text.expose()));
                    let forms = forms.iter().map(|form| form.text.expose().clone());
                    for form in forms.chain(other_forms(text)) {
                        let boundary = date_boundary(&form);
                        add(form.into_bytes(), boundary, true);
                    }
                }
                continue;
            }
            let mut forms = vec![text.clone(), text.to_lowercase(), text.to_uppercase(), title_case(text)];
            if !text.is_ascii() {
                // As macOS writes names of files.
                forms.extend(forms.clone().iter().map(|form| form.nfd().collect::<String>()));
            }
            forms.sort_unstable();
            forms.dedup();
            for form in &forms {
                add(form.as_bytes().to_vec(), boundary, true);
                if let Some(latin) = latin1(form) {
                    add(latin, boundary, true);
                }
            }
            if !text.is_ascii() {
                for encoding in [encoding_rs::GB18030, encoding_rs::EUC_KR, encoding_rs::SHIFT_JIS] {
                    if let Some(bytes) = encoded(encoding, text) {
                        add(bytes, Boundary::None, true);
                    }
                }
                for (encoding, form) in
                    OTHER_ENCODINGS.iter().flat_map(|encoding| forms.iter().map(move |form| (encoding, form)))
                {
                    // Two or three bytes stand in others' texts and in numbers by chance.
                    if let Some(bytes) = encoded(encoding, form).filter(|bytes| bytes.len() >= 4) {
                        add(bytes, Boundary::None, true);
                    }
                }
            }
            // Disguises of short words would be found by chance; dates are disguised by nobody.
            let date = matches!(identifier.kind, IdentifierKind::BirthDate | IdentifierKind::StudyDate);
            if date {
                continue;
            }
            if text.chars().count() >= 4 {
                for form in &forms {
                    add(form.encode_utf16().flat_map(u16::to_le_bytes).collect(), Boundary::None, false);
                    add(form.encode_utf16().flat_map(u16::to_be_bytes).collect(), Boundary::None, false);
                }
            }
            if text.len() >= 5 {
                for form in &forms {
                    let hexadecimal: String =
                        form.bytes().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect();
                    add(hexadecimal.into_bytes(), Boundary::None, false);
                    for shift in 0..3 {
                        add(base64_core(form.as_bytes(), shift), Boundary::None, false);
                    }
                }
            }
        }
        let automaton = Automaton::new(needles);
        let blind = automaton.is_err();
        Searcher { identifiers, patterns, automaton: automaton.unwrap_or_default(), blind, dated }
    }

    /// The identifiers it looks for.
    pub fn identifiers(&self) -> &Arc<Identifiers> {
        &self.identifiers
    }

    /// Whether any identifier, plain or in disguise, is in these bytes.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.matches(bytes, Which::Any).next().is_some() || self.is_in_streams(bytes)
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
    }

    /// Whether an identifier of five characters or more stands in these bytes on its own, or in disguise. For values
    /// that readers branch on: coded terms and names of makers and versions contain short names by chance.
    pub fn is_plainly_in(&self, bytes: &[u8]) -> bool {
        let plain = self.matches(bytes, Which::Plain).any(|found| {
            let text = self.identifiers.0[found.identifier].text.expose();
            let alone = stands_alone(bytes, found.range.clone(), Boundary::Letters) || !text.is_ascii();
            // `12.3.19` is a version there.
            let version = self.is_known_date(found.identifier)
                && found.range.len() < 8
                && bytes[found.range].contains(&b'.');
            text.chars().count() >= 5 && alone && !version
        });
        // What surrounds a disguise is disguised, too.
        plain || self.is_disguised_in(bytes)
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

    /// Whether a disguise (UTF-16, hexadecimal, base64, a compressed stream) of an identifier is in these bytes.
    pub fn is_disguised_in(&self, bytes: &[u8]) -> bool {
        let mut found = self.automaton.iter().flat_map(|automaton| automaton.find(bytes));
        self.blind || found.any(|(needle, _)| !self.patterns[needle].plain) || self.is_in_streams(bytes)
    }

    /// Where identifiers stand as they are, sorted, overlapping ones merged.
    pub fn find(&self, bytes: &[u8]) -> Vec<Found> {
        merge(self.matches(bytes, Which::Plain).collect())
    }

    /// As [`Searcher::find`], for the name of a file or folder: dates of the study count too.
    pub fn find_in_name(&self, name: &str) -> Vec<Found> {
        merge(self.matches(name.as_bytes(), Which::InNames).collect())
    }

    fn matches<'a>(&'a self, bytes: &'a [u8], which: Which) -> impl Iterator<Item = Found> + 'a {
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

fn boundary(text: &str, kind: IdentifierKind) -> Boundary {
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !text.is_ascii() {
        Boundary::None
    } else if matches!(kind, IdentifierKind::BirthDate | IdentifierKind::StudyDate) {
        // Six digits may be any number; eight with a time behind them are a date and time.
        if text.len() == 8 && !letters { Boundary::Date } else { Boundary::Number }
    } else if !letters {
        if text.len() < 6 { Boundary::Word } else { Boundary::Number }
    } else if text.len() <= 2 || (text.len() <= 4 && text.bytes().any(|byte| byte.is_ascii_digit())) {
        Boundary::Word
    } else if text.len() <= 4 {
        Boundary::Letters
    } else {
        Boundary::None
    }
}

fn stands_alone(bytes: &[u8], range: Range<usize>, boundary: Boundary) -> bool {
    let before = range.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(range.end).copied();
    if matches!(boundary, Boundary::Apart | Boundary::DateApart | Boundary::Sole) {
        return known_dates::stands_apart(bytes, &range, boundary);
    }
    let joins = |byte: Option<u8>| {
        byte.is_some_and(|byte| match boundary {
            Boundary::None | Boundary::Apart | Boundary::DateApart | Boundary::Sole => false,
            Boundary::Word => byte.is_ascii_alphanumeric() || byte >= 0x80,
            Boundary::Letters => byte.is_ascii_alphabetic() || byte >= 0x80,
            Boundary::Number | Boundary::Date => byte.is_ascii_digit(),
        })
    };
    !joins(before) && (boundary == Boundary::Date || !joins(after))
}

/// `ИВАНОВ` as `Иванов`.
fn title_case(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &characters.as_str().to_lowercase()
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// Encodings of DICOM's other character sets (PS3.3 C.12.1.1.2) and of the systems of their time.
static OTHER_ENCODINGS: [&encoding_rs::Encoding; 11] = [
    encoding_rs::ISO_8859_2,
    encoding_rs::ISO_8859_3,
    encoding_rs::ISO_8859_4,
    encoding_rs::ISO_8859_5,
    encoding_rs::ISO_8859_6,
    encoding_rs::ISO_8859_7,
    encoding_rs::ISO_8859_8,
    encoding_rs::WINDOWS_874,
    encoding_rs::WINDOWS_1251,
    encoding_rs::WINDOWS_1254,
    encoding_rs::ISO_2022_JP,
];

/// A text as files in another encoding hold it, between the escapes if it needs them.
fn encoded(encoding: &'static encoding_rs::Encoding, text: &str) -> Option<Vec<u8>> {
    let (bytes, _, unmappable) = encoding.encode(text);
    let bytes = if encoding == encoding_rs::ISO_2022_JP {
        bytes.strip_prefix(b"\x1B$B")?.strip_suffix(b"\x1B(B")?
    } else {
        &bytes[..]
    };
    (!unmappable && !bytes.contains(&0x1B)).then(|| bytes.to_vec())
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

/// The base64 characters that depend on `bytes` alone when `shift` bytes precede them in the group of three.
fn base64_core(bytes: &[u8], shift: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let first = (shift * 8).div_ceil(6);
    let last = (shift + bytes.len()) * 8 / 6;
    (first..last)
        .map(|sextet| {
            let bits = (0..6).fold(0, |bits, n| {
                let bit = sextet * 6 + n - shift * 8;
                bits << 1 | usize::from(bytes[bit / 8] >> (7 - bit % 8) & 1)
            });
            ALPHABET[bits]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searcher(name: &str, id: &str) -> Searcher {
        let mut identifiers = Identifiers::default();
        identifiers.add_name(name);
        identifiers.add_id(id);
        identifiers.settle();
        Searcher::new(&identifiers)
    }

    fn found(searcher: &Searcher, text: &str) -> Vec<String> {
        searcher.find(text.as_bytes()).into_iter().map(|f| text[f.range].to_owned()).collect()
    }

    #[test]
    fn family_that_is_a_word_goes_beside_the_given_name() {
        let hand = searcher("HAND^PETER", "AB-123456");
        assert_eq!(found(&hand, "Peter Hand, t1 hand"), ["Peter Hand"]);
        assert_eq!(found(&hand, "hand_peter_t1"), ["hand_peter"]);
        // A phantom is nobody.
        assert!(found(&searcher("Phantom^Head", "AB-123456"), "head phantom").is_empty());
    }

    #[test]
    fn parts_of_names_are_found_in_any_case_and_order() {
        let searcher = searcher("Martin-Dupont^Jérôme^^Dr", "AB-123456");
        assert_eq!(found(&searcher, "dupont_JEROME t1"), ["dupont", "JEROME"]);
        assert_eq!(found(&searcher, "JÉRÔME"), ["JÉRÔME"]);
        assert_eq!(found(&searcher, "id 123456, ab123456"), ["123456", "ab123456"]);
        assert!(found(&searcher, "1234567 Dr head").is_empty());
    }

    #[test]
    fn short_parts_must_stand_alone() {
        let searcher = searcher("Li^Ann", "7");
        assert_eq!(found(&searcher, "Ann_Li annular list"), ["Ann", "Li"]);
        assert!(found(&searcher, "7 T").is_empty());
        assert_eq!(found(&searcher, "LiAnn01 ali_T1"), ["LiAnn", "ali"]);
    }

    #[test]
    fn other_spellings_are_found() {
        let searcher = searcher("Müller^Jörg", "ABC99123");
        for text in ["Mu\u{308}ller", "mueller", "MUELLER", "muller", "joerg", "ABC-99123", "abc_99123"] {
            assert!(searcher.is_in(text.as_bytes()), "{text}");
        }
        let searcher = super::tests::searcher("O'Brien^Seán", "ACC-99");
        for text in ["o'brien01", "OBrien-sean", "o'brien", "ACC99", "acc_99"] {
            assert!(searcher.is_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn names_beside_digits_and_in_other_case_are_found() {
        let searcher = searcher("Le Goff^Kim", "00012345");
        for text in ["LEGOFF_ANNA", "kim01", "T1kim", "12345", "00012345"] {
            assert!(searcher.is_in(text.as_bytes()), "{text}");
        }
        assert!(!searcher.is_in(b"kimono"));
        let searcher = super::tests::searcher("ИВАНОВ^ÉLÉONORE", "QZ4815-1623");
        for text in ["Иванов", "Éléonore", "eleonore", "qz4815_1623"] {
            assert!(searcher.is_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn long_lists_of_names_take_no_more_room_than_they_must() {
        let list: Vec<String> = (0..2000).map(|number| format!("Nym{number}x^Vor{number}y")).collect();
        let words = list.join(" ").replace('^', " ");
        for names in [list.join("\\"), words] {
            let mut identifiers = Identifiers::default();
            identifiers.add_name(&names);
            let room: usize = identifiers.iter().map(|identifier| identifier.origin.expose().len()).sum();
            assert!(identifiers.iter().count() > 2000 && room < 200 * names.len(), "{room}");
        }
    }

    #[test]
    fn coded_terms_are_no_names() {
        let searcher = searcher("Mono^Lagrange", "E11");
        assert!(!searcher.is_plainly_in(b"MONOCHROME2") && !searcher.is_plainly_in(b"RECTILAGRANGE"));
        assert!(searcher.is_plainly_in(b"for LAGRANGE"));
        assert!(!searcher.is_plainly_in(b"syngo MR E11"));
        assert!(searcher.is_plainly_in(b"syngo TGFncmFuZ2V4 x"));
    }

    #[test]
    fn disguises_are_found() {
        let searcher = searcher("Lagrange^Odette", "X");
        for text in
            ["TGFncmFuZ2U=", "eExhZ3Jhbmdl", "eHhMYWdyYW5nZQ==", "4c616772616e6765", "4C616772616E6765"]
        {
            assert!(searcher.is_in(text.as_bytes()), "{text}");
            assert!(searcher.is_disguised_in(text.as_bytes()), "{text}");
        }
        let utf16: Vec<u8> = "odette".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(searcher.is_in(&utf16));
        let mut zlib = flate2::write::ZlibEncoder::new(b"..".to_vec(), flate2::Compression::default());
        std::io::Write::write_all(&mut zlib, b"name = Lagrange").unwrap();
        assert!(searcher.is_in(&zlib.finish().unwrap()));
        assert!(!searcher.is_in(b"nothing to see"));
    }

    #[test]
    fn what_cannot_be_searched_counts_as_found() {
        let blind = Searcher { automaton: None, blind: true, ..searcher("Doe^Jane", "4711") };
        assert!(blind.is_in(b"t1") && blind.is_in_binary(b"\x01\x02") && blind.is_plainly_in(b"MR"));
        assert!(
            blind.letters_are_in(b"1") && blind.long_numbers_are_in(b"1") && blind.is_disguised_in(b"t1")
        );
        assert_eq!(found(&blind, "t1 sag"), ["t1 sag"]);
        assert_eq!(crate::clean_text::clean("t1", &blind, &crate::clean_text::Rewriter::default()).text, "");
    }

    #[test]
    fn needles_of_another_case_are_not_searched_twice() {
        let searcher = searcher("Lagrange^Odette", "AB-4711");
        let needles = searcher.patterns.len();
        assert_eq!(searcher.automaton.as_ref().map(Automaton::len), Some(needles));
        for text in ["LAGRANGE", "lagrange", "LaGrange", "ab4711", "o\0d\0E\0t\0t\0e\0"] {
            assert!(searcher.is_in(text.as_bytes()), "{text}");
        }
        let plain = |text: &str| searcher.find(text.as_bytes()).len();
        assert_eq!((plain("Lagrange"), plain("lagrange ODETTE")), (1, 2));
    }

    #[test]
    fn ideographic_names_are_found_together() {
        let searcher = searcher("Wang^XiaoDong=王^小東", "X");
        assert!(searcher.is_in("王小東".as_bytes()));
        assert!(searcher.is_in("小東".as_bytes()));
        assert!(!searcher.is_in("小".as_bytes()));
    }

    #[test]
    fn dates_are_found_in_common_forms() {
        let mut identifiers = Identifiers::default();
        identifiers.add_date(IdentifierKind::BirthDate, "19470812");
        let searcher = Searcher::new(&identifiers);
        for text in ["born 12.08.1947", "1947-08-12", "x19470812x", "08/12/1947"] {
            assert!(searcher.is_in(text.as_bytes()), "{text}");
        }
        assert!(
            searcher.is_in(b"19470812101530")
                && searcher.is_in(b"1947-08-12T10")
                && searcher.is_in(b"12AUG1947")
        );
        assert!(searcher.is_in(b"12.8.1947") && searcher.is_in(b"470812") && searcher.is_in(b"12.08.47"));
        assert!(!searcher.is_in(b"1194708123") && !searcher.is_in(b"4708123"));
    }
}
