//! Vendors' headers in private elements: [`deid_vendor`] takes them apart, the plan's identifiers, key and dates judge.

use super::dated::BirthDates;
use super::memo::{Cleaning, Memo};
use super::{Dates, Done, Inputs, LONGEST_OPAQUE, Planner, numbers};
use crate::clean_text::{self, Rewriter};
use crate::dated_numbers::{Chance, DatedNumbers};
use crate::identifiers::{Identifiers, Searcher};
use crate::known_uids::KnownUids;
use crate::pseudonym::is_well_known_uid;
use crate::rule::Rule;
use crate::{Key, dates};
use deid_dicom::{Change, Encoding, Kind, Node, NodeIndex, ROOT, Source, Tag, Vr, value};
use deid_profile::Profile;
use deid_standard::confidentiality::ConfidentialityOption;
use deid_standard::private_dictionary;
use deid_standard::uid::is_shared;
use deid_vendor::csa::LastHeader;
use deid_vendor::{Element, Judge, Outcome};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

crate::phi::withheld!(CleanedHeader);

/// What is done with dates inside headers. A rule that keeps a public date does not reach into them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HeaderDates {
    Keep,
    Shift,
    Remove,
}

struct VendorJudge<'a> {
    searcher: &'a Searcher,
    key: &'a Key,
    days: i32,
    /// Those of the session.
    uids: KnownUids<'a>,
    rewriter: Rewriter<'a>,
    dates: HeaderDates,
    births: Rc<BirthDates>,
    days_of_subject: DatedNumbers,
    profile: &'a Profile,
    /// How many dates were let through.
    dated: Cell<usize>,
    memo: &'a RefCell<Memo>,
    last: RefCell<LastHeader>,
    /// The serial number of the device, looked for the second time, when it was found in what had been cleaned.
    serial: Option<&'a [u8]>,
}

impl VendorJudge<'_> {
    fn note_dates(&self, dates: usize) {
        self.dated.set(self.dated.get() + dates);
    }
}

impl Judge for VendorJudge<'_> {
    fn text(&self, text: &str) -> String {
        let cleaned = Memo::text(self.memo, Cleaning::Clean, text, || {
            clean_text::clean(text, self.searcher, &self.rewriter)
        });
        self.note_dates(cleaned.dates);
        cleaned.text
    }

    fn identifies(&self, bytes: &[u8]) -> bool {
        Memo::identifies(self.memo, bytes, || self.searcher.is_in(bytes))
            || self.serial.is_some_and(|serial| stands_in(bytes, serial))
    }

    fn tells_place(&self, text: &str) -> bool {
        self.searcher.is_place_in(text.as_bytes())
    }

    fn uid(&self, uid: &str) -> String {
        let retained = self.profile.has_option(ConfidentialityOption::RetainUids);
        let stays = (retained || is_well_known_uid(uid) && (is_shared(uid) || !self.uids.has(uid)))
            && value::is_uid(uid.as_bytes())
            && !self.searcher.long_numbers_are_in(uid.as_bytes());
        if stays { uid.to_owned() } else { self.key.uid(uid) }
    }

    fn date(&self, date: &str) -> Option<String> {
        let moved = match self.dates {
            HeaderDates::Remove => None,
            HeaderDates::Keep => Some(date.to_owned()).filter(|_| !self.searcher.is_in(date.as_bytes())),
            HeaderDates::Shift if self.births.are_in(date.as_bytes()) => None,
            HeaderDates::Shift => dates::shift(Vr::DA, date.as_bytes(), self.days)
                .and_then(|moved| String::from_utf8(moved).ok()),
        };
        self.note_dates(usize::from(moved.is_some()));
        moved
    }

    fn is_day(&self, digits: &str) -> bool {
        digits.parse().is_ok_and(|number| self.days_of_subject.has(number, false, Chance::Least))
    }

    fn last_header(&self) -> Option<&RefCell<LastHeader>> {
        Some(&self.last)
    }

    fn notes(&self) -> usize {
        self.dated.get()
    }

    fn keeps_characteristics(&self) -> bool {
        self.profile.has_option(ConfidentialityOption::RetainPatientCharacteristics)
    }

    fn keeps_device(&self) -> bool {
        self.profile.has_option(ConfidentialityOption::RetainDeviceIdentity)
    }

    fn keeps_institution(&self) -> bool {
        self.profile.has_option(ConfidentialityOption::RetainInstitutionIdentity)
    }
}

/// Headers that were cleaned, with what became of them: all files of a series have the same protocol, byte for byte.
#[derive(Debug, Default)]
pub(crate) struct HeaderCache {
    known: Vec<CleanedHeader>,
}

struct CleanedHeader {
    creator: String,
    group: u16,
    element: u8,
    vr: [u8; 2],
    big_endian: bool,
    /// What identifies the subject, and by how much its dates move: with them another header would come out.
    identifiers: Arc<Identifiers>,
    days: i32,
    dates: Vec<String>,
    before: Vec<u8>,
    outcome: Outcome,
    dated: bool,
    /// The serial number that was looked for in what became of it, and is not there.
    without: Option<Vec<u8>>,
    /// How many others there were since.
    missed: usize,
}

impl HeaderCache {
    /// Headers remembered: more kinds do not occur in one series.
    const MOST: usize = 8;
    /// Shorter ones are cleaned as fast as they are compared.
    const SHORTEST: usize = 1 << 10;
    /// Longer ones are not worth their memory.
    const LONGEST: usize = 4 << 20;
    /// After so many others in a row, headers of this kind differ from file to file: only each so many-th is
    /// remembered.
    const PATIENCE: usize = 8;

    /// Whether it is known of the header that was found last that a serial number is not in what became of it.
    fn is_without(&self, element: &Element<'_>, serial: &[u8]) -> bool {
        let known = self.known.iter().find(|known| known.is(element));
        known.is_some_and(|known| known.without.as_deref() == Some(serial))
    }

    fn set_without(&mut self, element: &Element<'_>, serial: &[u8]) {
        if let Some(known) = self.known.iter_mut().find(|known| known.is(element)) {
            known.without = Some(serial.to_vec());
        }
    }

    fn find(&mut self, element: &Element<'_>, bytes: &[u8], inputs: &Inputs<'_>) -> Option<(Outcome, bool)> {
        let known = self.known.iter_mut().find(|known| known.is(element))?;
        let same = known.days == inputs.days
            && known.dates == inputs.dates
            && Arc::ptr_eq(&known.identifiers, inputs.searcher.identifiers())
            && known.before == bytes;
        known.missed = if same { 0 } else { known.missed + 1 };
        same.then(|| (known.outcome.clone(), known.dated))
    }

    fn keep(
        &mut self,
        element: &Element<'_>,
        bytes: &[u8],
        inputs: &Inputs<'_>,
        outcome: &Outcome,
        dated: bool,
    ) {
        if !(Self::SHORTEST..=Self::LONGEST).contains(&bytes.len()) {
            return;
        }
        let at = self.known.iter().position(|known| known.is(element));
        let missed = at.map_or(0, |at| self.known[at].missed);
        if missed > Self::PATIENCE && !missed.is_multiple_of(Self::PATIENCE) {
            return;
        }
        match at {
            Some(at) => drop(self.known.swap_remove(at)),
            None if self.known.len() == Self::MOST => drop(self.known.remove(0)),
            None => {}
        }
        self.known.push(CleanedHeader {
            creator: element.creator.to_owned(),
            group: element.group,
            element: element.element,
            vr: element.vr,
            big_endian: element.big_endian,
            identifiers: Arc::clone(inputs.searcher.identifiers()),
            days: inputs.days,
            dates: inputs.dates.to_vec(),
            before: bytes.to_vec(),
            outcome: outcome.clone(),
            dated,
            without: None,
            missed,
        });
    }
}

impl CleanedHeader {
    fn is(&self, element: &Element<'_>) -> bool {
        (self.group, self.element, self.vr, self.big_endian)
            == (element.group, element.element, element.vr, element.big_endian)
            && self.creator == element.creator
    }
}

impl<S: Source> Planner<'_, '_, S> {
    /// Whether the serial number of the device stands in a private text, or is a whole number of one, and is not to stay.
    pub(super) fn tells_device(&mut self, node: &Node, vr: Vr) -> bool {
        const LONGEST: u64 = 1 << 10;
        let text = matches!(vr, Vr::CS | Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        let number = matches!(vr, Vr::DS | Vr::IS);
        // In longer ones, of which few are counts, a number is one by chance.
        let binary = numbers::size(vr).is_some() && node.value_length() <= 64;
        let retained = ConfidentialityOption::RetainDeviceIdentity;
        if !(text || number || binary)
            || !node.tag.is_private()
            || node.value_length() > LONGEST
            || self.inputs.policy.profile.has_option(retained)
        {
            return false;
        }
        self.know_serial_number();
        let Some(Some(serial)) = self.serial.get() else { return false };
        let value = self.source.bytes(node.value_start(), node.value_length() as usize);
        let whole = || std::str::from_utf8(serial).ok()?.parse::<f64>().ok().filter(|number| *number >= 1e5);
        value.is_some_and(|value| match whole() {
            _ if text => stands_in(value, serial),
            _ if number => is_number_of(value, serial),
            Some(whole) => {
                numbers::binary(vr, value, node.encoding).any(|number| number.to_bits() == whole.to_bits())
            }
            None => false,
        })
    }

    /// Device Serial Number, read once for all private elements that ask.
    fn serial_number(&mut self) -> Option<Vec<u8>> {
        self.know_serial_number();
        self.serial.get().cloned().flatten()
    }

    pub(super) fn know_serial_number(&mut self) {
        if self.serial.get().is_none() {
            let serial = self.read_serial_number();
            // Nobody else sets it.
            let _ = self.serial.set(serial);
        }
    }

    /// Device Serial Number, if it is long enough to be no other number by chance.
    fn read_serial_number(&mut self) -> Option<Vec<u8>> {
        const SERIAL_NUMBER: Tag = Tag::new(0x0018, 0x1000);
        const LENGTHS: std::ops::RangeInclusive<usize> = 5..=64;
        let node = *self.tree.node(self.tree.find(ROOT, SERIAL_NUMBER)?);
        let length = usize::try_from(node.value_length()).ok().filter(|length| *length <= 80)?;
        let serial = value::trim(self.source.bytes(node.value_start(), length)?).to_vec();
        (LENGTHS.contains(&serial.len()) && serial.iter().any(u8::is_ascii_digit)).then_some(serial)
    }

    /// Cleans a private element that is kept, if it is a header or field known by its vendor. `None` if it is not, or
    /// nothing had to change in a value that others look through as well.
    pub(super) fn vendor(
        &mut self,
        index: NodeIndex,
        node: &Node,
        vr: Vr,
        creator: &str,
        rule: Rule,
    ) -> Option<NodeIndex> {
        let element = Element {
            creator,
            group: node.tag.group(),
            element: node.tag.element() as u8,
            vr: vr_letters(vr),
            big_endian: node.encoding == Encoding::ExplicitBig,
        };
        let length = node.value_length();
        if node.kind != Kind::Element || length == 0 || !deid_vendor::concerns(&element) {
            return None;
        }
        if length > LONGEST_OPAQUE {
            return deid_vendor::is_header(&element)
                .then(|| self.remove_header(index, &element, Rule::VendorHeader));
        }
        let remembered = self.inputs.remembered;
        let births = self.births();
        let days_of_subject = self.days_of_subject().clone();
        let judge = VendorJudge {
            searcher: self.inputs.searcher,
            key: self.inputs.key,
            days: self.inputs.days,
            uids: self.inputs.uids,
            rewriter: self.inputs.policy.rewriter(self.inputs.key, self.inputs.days),
            dates: if self
                .inputs
                .policy
                .profile
                .has_option(ConfidentialityOption::RetainLongitudinalFullDates)
            {
                HeaderDates::Keep
            } else if self.inputs.policy.shifts_dates() {
                HeaderDates::Shift
            } else {
                HeaderDates::Remove
            },
            births,
            days_of_subject,
            profile: self.inputs.policy.profile,
            dated: Cell::new(0),
            memo: &remembered.memo,
            last: RefCell::new(remembered.memo.borrow_mut().take_last_header(&element)),
            serial: None,
        };
        let serial = if judge.keeps_device() { None } else { self.serial_number() };
        let Some(bytes) = self.source.bytes(node.value_start(), length as usize) else {
            self.plan.failed = true;
            return Some(self.remove(index, Rule::VendorHeader));
        };
        let mut new = false;
        let known = remembered.headers.borrow_mut().find(&element, bytes, self.inputs);
        let outcome = if let Some((outcome, dated)) = known {
            judge.note_dates(usize::from(dated));
            outcome
        } else {
            new = true;
            deid_vendor::clean(&element, bytes, &judge)
        };
        let (dated, dates) = (judge.dated.get() > 0, judge.dates);
        remembered.memo.borrow_mut().keep_last_header(&element, judge.last.into_inner());
        if new {
            remembered.headers.borrow_mut().keep(&element, bytes, self.inputs, &outcome, dated);
        }
        let mut outcome = outcome;
        let left = |outcome: &Outcome, serial: &[u8]| match outcome {
            Outcome::Changed(bytes) => is_told(bytes, serial),
            Outcome::Unchanged => is_told(bytes, serial),
            Outcome::NotAHeader | Outcome::Refused => false,
        };
        let sought = serial.as_deref().filter(|serial| {
            let headers = remembered.headers.borrow();
            new || !headers.is_without(&element, serial)
        });
        let found = sought.filter(|serial| left(&outcome, serial));
        if let (Some(serial), None, false) = (sought, found, new) {
            remembered.headers.borrow_mut().set_without(&element, serial);
        }
        // Nothing of this is remembered: the next file may be of another device.
        if let Some(serial) = found {
            let judge =
                VendorJudge { serial: Some(serial), last: RefCell::default(), dated: Cell::new(0), ..judge };
            outcome = deid_vendor::clean(&element, bytes, &judge);
            if left(&outcome, serial) {
                outcome = Outcome::Refused;
            }
        }
        let opaque = matches!(vr, Vr::OB | Vr::OW | Vr::UN | Vr::UT | Vr::Implicit | Vr::Invalid);
        // What no format tells is at least searched.
        let found = outcome == Outcome::NotAHeader && opaque && self.inputs.searcher.is_in_opaque(bytes);
        if dated {
            let kept = dates == HeaderDates::Keep;
            self.date(if kept { Dates::Unmodified } else { Dates::Modified });
        }
        match outcome {
            Outcome::NotAHeader if found => Some(self.remove_header(index, &element, Rule::Identifier)),
            Outcome::NotAHeader => None,
            Outcome::Unchanged => Some(self.record_keep(index, rule)),
            Outcome::Changed(bytes) => {
                let vr = if matches!(vr, Vr::Implicit | Vr::Invalid) { Vr::UN } else { vr };
                Some(self.change(index, Done::Clean, Rule::VendorHeader, Change::Value(vr, bytes)))
            }
            Outcome::Refused => Some(self.remove_header(index, &element, Rule::VendorHeader)),
        }
    }

    /// Removes a header that the profile would have kept, and has that told, unless it is one that always goes.
    pub(super) fn remove_header(&mut self, index: NodeIndex, element: &Element<'_>, rule: Rule) -> NodeIndex {
        if !deid_vendor::is_unwanted(element) {
            self.plan.headers_removed.push(shown(element.creator, element.group, element.element));
        }
        self.remove(index, rule)
    }
}

/// How a private element is named in reports. What nobody knows may be anything.
pub(super) fn shown(creator: &str, group: u16, element: u8) -> String {
    let creator = if private_dictionary::is_known_creator(creator) { creator } else { "?" };
    format!("({group:04X},{{{creator}}}{element:02X})")
}

/// Whether a serial number stands in a value, or in what is packed in it.
fn is_told(bytes: &[u8], serial: &[u8]) -> bool {
    match deid_vendor::unpacked(bytes) {
        Some(content) => stands_in(&content, serial),
        None => stands_in(bytes, serial),
    }
}

/// Whether a serial number stands somewhere, not as a part of a longer number or word. Values may touch names.
fn stands_in(bytes: &[u8], serial: &[u8]) -> bool {
    let alike = |edge: Option<&u8>, beside: Option<&u8>| match (edge, beside) {
        (Some(edge), Some(beside)) if edge.is_ascii_digit() => beside.is_ascii_digit(),
        (_, beside) => beside.is_some_and(u8::is_ascii_alphanumeric),
    };
    memchr::memmem::find_iter(bytes, serial).any(|at| {
        let (before, behind) = (at.checked_sub(1).and_then(|at| bytes.get(at)), bytes.get(at + serial.len()));
        !alike(serial.first(), before) && !alike(serial.last(), behind)
    })
}

/// Whether one of these numbers is a serial number, with a sign, zeros in front or decimals of zeros at most.
fn is_number_of(bytes: &[u8], serial: &[u8]) -> bool {
    fn bare(number: &[u8]) -> &[u8] {
        let number = number.trim_ascii();
        let number = number.strip_prefix(b"+").unwrap_or(number);
        let whole = match number.iter().position(|&byte| byte == b'.') {
            Some(point) if number[point + 1..].iter().all(|&byte| byte == b'0') => &number[..point],
            _ => number,
        };
        let zeros = whole.iter().take_while(|&&byte| byte == b'0').count();
        &whole[zeros..]
    }
    let serial = bare(serial);
    value::split(bytes).any(|part| bare(part) == serial)
}

/// The letters of a VR; `UN` where there are none.
fn vr_letters(vr: Vr) -> [u8; 2] {
    vr.as_str().as_bytes().try_into().unwrap_or(*b"UN")
}
