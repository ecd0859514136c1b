//! Which attributes identify, and what they say: gathered from the header of a file, at any depth and within limits.

use super::known_dates::{days_of, is_study_date, telling_vr};
use super::places::{self, Place};
use super::{IdentifierKind, Identifiers};
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Kind, NodeIndex, ROOT, Source, Tag, Tree, Vr, value};
use deid_standard::dictionary;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::collections::hash_map::Entry;
use std::hash::Hasher;
use std::sync::{Arc, LazyLock};

crate::phi::withheld!(Harvest, Harvester);

/// What a tag holds that identifies, if it does.
fn harvested(tag: Tag, vr: Vr) -> Option<What> {
    Some(match (tag.group(), tag.element()) {
        // Patient's ID, other IDs, admission, visit, accession, requests, insurance: numbers a hospital can look up. Birth
        // and death in another calendar. Telephones, also of the referring physician and of who ordered.
        (0x0010, 0x0020 | 0x0033 | 0x0034 | 0x1000 | 0x1050 | 0x1090 | 0x2152 | 0x2154 | 0x2180)
        | (0x0038, 0x0010 | 0x0060)
        | (0x0008, 0x0050 | 0x0094)
        | (0x0040, 0x050A | 0x1103 | 0x2010 | 0x2016 | 0x2017)
        | (0x0012, 0x0040 | 0x0042) => What::Id,
        // Address and Telecom Information of the patient and of other persons.
        (0x0010, 0x1040 | 0x2155) | (0x0008, 0x0092) | (0x0040, 0x1102 | 0x1104 | 0x2011) => What::Address,
        // Of steps, orders, results, interpretations, specimens and their containers, committees.
        (0x0040, 0x0253 | 0x0512 | 0x0551 | 0x06FA | 0x2006 | 0x2007)
        | (0x4008, 0x0040 | 0x0200)
        | (0x0012, 0x0082) => What::NumberedId,
        // Short ones are numbers that occur everywhere.
        (0x0020, 0x0010) | (0x0040, 0x1001 | 0x0009) => What::LongId,
        (0x0010, 0x0030) => What::BirthDate,
        (0x0008, 0x0020..=0x0023 | 0x002A) => What::StudyDate,
        _ if matches!(vr, Vr::DA | Vr::DT) && is_study_date(tag) => What::StudyDate,
        (0x0008, 0x0018) | (0x0020, 0x000D | 0x000E | 0x0052) => What::Uid,
        // What a coded institution is called.
        (0x0008, 0x0104) => What::Meaning,
        _ if places::place_of(tag) == Some(Place::Institution) => What::Institution,
        _ if places::place_of(tag) == Some(Place::Station) => What::Station,
        // A name is a name whatever VR the file gives it.
        _ if vr == Vr::PN || PERSON_NAMES.binary_search(&tag).is_ok() => What::Name,
        _ => return None,
    })
}

/// Whether an attribute is an identifier by itself, of something else than the patient: a number of an order or visit,
/// the name of one of the staff.
pub(crate) fn is_of_others(tag: Tag, vr: Vr) -> bool {
    let what = if tag.group() == 0x0010 { None } else { harvested(tag, vr) };
    matches!(what, Some(What::Name | What::Id | What::LongId))
}

/// What identifies the patient, whatever stands in other groups.
pub(crate) fn of_patient<S: Source>(source: &mut S, tree: &Tree) -> Arc<Identifiers> {
    let mut harvester = Harvester { patient_only: true, ..Harvester::default() };
    harvester.harvest(source, tree).identifiers
}

/// Tags that hold what identifies, whatever their VR: the groups and elements that [`harvested`] knows. Few of a file's
/// elements are among them, and a look at one bit tells most of the others.
static HARVESTED: LazyLock<[u64; 256]> = LazyLock::new(|| {
    let mut bits = [0; 256];
    let public = dictionary::all().iter().filter_map(|attribute| attribute.tag.exact());
    for tag in public.filter(|&tag| harvested(tag, Vr::DT).is_some()) {
        let at = place_of(tag);
        bits[at / 64] |= 1 << (at % 64);
    }
    bits
});

const fn place_of(tag: Tag) -> usize {
    (tag.group().rotate_left(7) ^ tag.element()) as usize % (64 * 256)
}

fn may_be_harvested(tag: Tag) -> bool {
    let at = place_of(tag);
    HARVESTED[at / 64] & 1 << (at % 64) != 0
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
    Address,
    LongId,
    /// As long as those, with a number: others are words.
    NumberedId,
    BirthDate,
    StudyDate,
    Uid,
    Institution,
    Station,
    /// The meaning of a code: an institution's in Institution Code Sequence, else nobody's.
    Meaning,
}

impl What {
    /// What says where, not who: too much of it is no reason to leave a file out.
    fn is_weak(self) -> bool {
        matches!(self, What::Institution | What::Station | What::Meaning)
    }
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
    known: FxHashMap<u64, usize>,
    last: Vec<u8>,
    identifiers: Arc<Identifiers>,
    dates: Arc<Vec<String>>,
    /// Whether more is to be looked for because of the values than may be.
    too_much: bool,
    /// Whether only group 0010 is read.
    patient_only: bool,
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
        let mut places = 0;
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
                gathered.unbounded |= what.is_some_and(|what| !matches!(what, What::Uid) && !what.is_weak());
                continue;
            }
            let (start, length) = (node.value_start(), node.value_length() as usize);
            if node.tag == Tag::new(0x0008, 0x0005) {
                if let Some(set) = sets.last_mut() {
                    set.charset = Some((start, length.min(LONGEST_CHARACTER_SET)));
                }
                continue;
            }
            if node.vr != Vr::PN && !may_be_harvested(node.tag) {
                continue;
            }
            let Some(what) = harvested(node.tag, telling_vr(node)) else { continue };
            if self.patient_only && node.tag.group() != 0x0010 {
                continue;
            }
            let what = match what {
                What::Meaning if is_of_institution(tree, node.parent) => What::Institution,
                What::Meaning => continue,
                what => what,
            };
            if what.is_weak() {
                if node.value_length() > places::LONGEST || places == places::MOST {
                    continue;
                }
                places += 1;
            }
            if matches!(what, What::Uid) {
                let Some(bytes) = source.bytes(start, length) else { continue };
                gathered.uids.extend(
                    value::split(bytes)
                        .filter(|uid| is_distinct(uid))
                        .filter_map(|uid| str::from_utf8(uid).map(str::to_owned).ok()),
                );
                continue;
            }
            if !what.is_weak() && (self.values.len() > MOST_VALUES + places || size > MOST_BYTES) {
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
            let added = self.finish_value(what, before, set_end);
            if what.is_weak() {
                continue;
            }
            size += added;
            if size > MOST_BYTES {
                self.values.pop();
                self.bytes.truncate(before);
            }
        }
        gathered.unbounded |= self.values.len() > MOST_VALUES + places || size > MOST_BYTES;
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
        let mut hasher = FxHasher::default();
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
            let charset = CharacterSet::parse(&self.bytes[set]);
            let bytes = &self.bytes[bytes];
            let text = charset.decode(bytes);
            match value.what {
                What::Name => {
                    identifiers.add_name(&text);
                    charset.other_readings(bytes).iter().for_each(|text| identifiers.add_name(text));
                    identifiers.add_name_in_bytes(bytes, |part| charset.decode(part));
                }
                What::Id => text.split('\\').for_each(|id| identifiers.add_id(id)),
                What::Address => text.split('\\').for_each(|address| identifiers.add_address(address)),
                What::LongId => {
                    text.split('\\').filter(|id| id.trim().len() >= 6).for_each(|id| identifiers.add_id(id));
                }
                What::NumberedId => {
                    let is_number = |id: &&str| {
                        id.trim().len() >= 6 && id.bytes().filter(u8::is_ascii_digit).count() >= 3
                    };
                    text.split('\\').filter(is_number).for_each(|id| identifiers.add_id(id));
                }
                What::BirthDate => identifiers.add_date(IdentifierKind::BirthDate, &text),
                What::StudyDate => {
                    identifiers.add_known_date(&text);
                    dates.push(text);
                }
                What::Institution => identifiers.add(IdentifierKind::Institution, &text, ""),
                What::Station => identifiers.add(IdentifierKind::Station, &text, ""),
                What::Uid | What::Meaning => {}
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

/// Whether an item is one of Institution Code Sequence.
fn is_of_institution(tree: &Tree, item: NodeIndex) -> bool {
    const INSTITUTION_CODES: Tag = Tag::new(0x0008, 0x0082);
    item != ROOT && {
        let sequence = tree.node(item).parent;
        sequence != ROOT && tree.node(sequence).tag == INSTITUTION_CODES
    }
}

/// What a header that is no data set tells in names, IDs, birth dates and dates of the study, within the bounds of data
/// sets; and whether it tells more.
pub(crate) fn bounded(told: [&[String]; 4], uids: &[String]) -> (Identifiers, Vec<String>, bool) {
    let kinds = [What::Name, What::Id, What::BirthDate, What::StudyDate];
    let mut identifiers = Identifiers::default();
    let mut dates = Vec::new();
    let mut known = FxHashSet::default();
    let (mut size, mut settled) = (0, 0);
    let mut unbounded = uids.iter().filter(|uid| is_malformed(uid)).count() > MOST_VALUES;
    let values =
        kinds.iter().zip(told).flat_map(|(what, values)| values.iter().map(move |value| (*what, value)));
    for (what, value) in values {
        if !known.insert((what as u8, value)) {
            continue;
        }
        size += value.len();
        if known.len() > MOST_VALUES || size > MOST_BYTES {
            unbounded = true;
            break;
        }
        match what {
            What::Name => identifiers.add_name(value),
            What::BirthDate => identifiers.add_date(IdentifierKind::BirthDate, value),
            What::StudyDate => {
                identifiers.add_known_date(value);
                dates.push(value.clone());
            }
            _ => identifiers.add_id(value),
        }
        if identifiers.0.len() > settled + MOST_VALUES {
            identifiers.settle();
            settled = identifiers.0.len();
        }
    }
    identifiers.settle();
    unbounded |= identifiers.cut(MOST_TEXT);
    (identifiers, dates, unbounded)
}

/// Where a header that is no data set says that it was made.
pub(crate) fn places(institutions: &[String], stations: &[String]) -> Identifiers {
    let mut identifiers = Identifiers::default();
    let kinds = [(IdentifierKind::Institution, institutions), (IdentifierKind::Station, stations)];
    for (kind, told) in kinds {
        let short = told.iter().filter(|text| text.len() as u64 <= places::LONGEST);
        short.take(places::MOST).for_each(|text| identifiers.add(kind, text, ""));
    }
    identifiers.settle();
    identifiers
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tag_is_passed_over() {
        let groups = (0..=0x0080_u16).chain([0x0400, 0x4000, 0x4008, 0x7FE0]);
        for tag in groups.flat_map(|group| (0..=u16::MAX).map(move |element| Tag::new(group, element))) {
            assert!(may_be_harvested(tag) || harvested(tag, Vr::DT).is_none(), "{tag}");
        }
    }
}
