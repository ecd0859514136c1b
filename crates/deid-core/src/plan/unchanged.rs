//! Values that were kept as they are: the files of a series hold most of their values again and again.
//!
//! Whether a value stays follows from its bytes, the element it stands in, the rules, and what is known of the subject
//! and its days. While all of these are the same, it stays again.

use super::decisions::spread;
use super::private::is_number_alone;
use super::{Dates, Inputs, Planner, Recording};
use crate::decide::{Decision, Verb};
use crate::identifiers::{IdentifierKind, Identifiers, is_of_others};
use crate::rule::Rule;
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Encoding, Kind, Node, NodeIndex, ROOT, Source, Tag, Vr};
use std::sync::Arc;

crate::phi::withheld!(Unchanged);

/// The last value of each element that was kept as it is, as far as there are places for them.
#[derive(Default)]
pub(crate) struct Unchanged {
    circumstances: Option<Circumstances>,
    values: Vec<Option<Value>>,
}

/// What decides on values, besides rules and IOD.
struct Circumstances {
    identifiers: Arc<Identifiers>,
    days: i32,
    dates: Vec<String>,
    /// When the subject was born, `YYYYMMDD`.
    births: Vec<String>,
    /// The serial number of the device, and whether a private element asked for it yet.
    serial: Option<Vec<u8>>,
    device_is_known: bool,
}

struct Value {
    element: Element,
    charset: Arc<CharacterSet>,
    bytes: Vec<u8>,
    effects: Effects,
}

/// Which element, and what the rules say of it.
#[derive(Clone)]
struct Element {
    tag: Tag,
    creator: Option<Arc<str>>,
    vrs: [Vr; 2],
    encoding: Encoding,
    top_level: bool,
    decision: Decision,
}

/// What is noted of a value that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Effects {
    dates: Dates,
    departs: bool,
}

/// How many values are remembered: more than a data set has different elements.
const PLACES: usize = 1024;
/// Longer values are few.
const LONGEST: u64 = 128;

impl Unchanged {
    /// Forgets all values: other rules decide now.
    pub(crate) fn forget(&mut self) {
        self.values.clear();
    }

    /// Forgets the values of another subject, or of other days.
    pub(super) fn settle(&mut self, inputs: &Inputs<'_>) {
        let identifiers = inputs.searcher.identifiers();
        let same = self.circumstances.as_ref().is_some_and(|known| {
            Arc::ptr_eq(&known.identifiers, identifiers)
                && known.days == inputs.days
                && known.dates == inputs.dates
        });
        if !same {
            self.forget();
            self.circumstances = Some(Circumstances {
                identifiers: Arc::clone(identifiers),
                days: inputs.days,
                dates: inputs.dates.to_vec(),
                births: births(identifiers),
                serial: None,
                device_is_known: false,
            });
        }
    }

    /// When the subject was born, `YYYYMMDD`.
    pub(super) fn births(&self) -> &[String] {
        self.circumstances.as_ref().map_or(&[], |known| &known.births)
    }

    /// Forgets the values of another device.
    fn settle_device(&mut self, serial: Option<&Vec<u8>>) {
        let Some(circumstances) = &mut self.circumstances else { return };
        if circumstances.device_is_known && circumstances.serial.as_ref() == serial {
            return;
        }
        if circumstances.device_is_known {
            self.values.clear();
        }
        circumstances.device_is_known = true;
        circumstances.serial = serial.cloned();
    }

    fn find(&self, element: &Element, charset: &CharacterSet, bytes: &[u8]) -> Option<Effects> {
        let known = self.values.get(element.place())?.as_ref()?;
        let same = known.bytes == bytes && known.element.is(element) && *known.charset == *charset;
        same.then_some(known.effects)
    }

    fn remember(&mut self, element: Element, charset: Arc<CharacterSet>, bytes: &[u8], effects: Effects) {
        if self.values.is_empty() {
            self.values.resize_with(PLACES, || None);
        }
        let Some(place) = self.values.get_mut(element.place()) else { return };
        let mut kept = place.take().map(|earlier| earlier.bytes).unwrap_or_default();
        kept.clear();
        kept.extend_from_slice(bytes);
        *place = Some(Value { element, charset, bytes: kept, effects });
    }
}

impl Element {
    const fn place(&self) -> usize {
        spread(self.tag) % PLACES
    }

    fn is(&self, other: &Element) -> bool {
        (self.tag, self.vrs, self.encoding, self.top_level)
            == (other.tag, other.vrs, other.encoding, other.top_level)
            && self.decision.verb == other.decision.verb
            && is_same(self.decision.rule, other.decision.rule)
            && self.creator == other.creator
    }
}

/// Whether two rules are the same: rows of tables are by where they stand.
fn is_same(one: Rule, other: Rule) -> bool {
    match (one, other) {
        (Rule::Basic(one), Rule::Basic(other)) => std::ptr::eq(one, other),
        (Rule::Option(one, of), Rule::Option(other, by)) => std::ptr::eq(one, other) && of == by,
        (Rule::Neuroimaging(one), Rule::Neuroimaging(other)) => std::ptr::eq(one, other),
        _ => one == other,
    }
}

fn births(identifiers: &Identifiers) -> Vec<String> {
    let mut births: Vec<String> = identifiers
        .iter()
        .filter(|identifier| identifier.kind == IdentifierKind::BirthDate)
        .map(|identifier| identifier.origin.expose().clone())
        .collect();
    births.dedup();
    births
}

impl<S: Source> Planner<'_, '_, S> {
    /// Does with an element what was decided, unless it is known that its value stays as it is.
    pub(super) fn unless_unchanged(
        &mut self,
        index: NodeIndex,
        node: &Node,
        vr: Vr,
        creator: Option<&Arc<str>>,
        decision: Decision,
        plan: impl FnOnce(&mut Self) -> NodeIndex,
    ) -> NodeIndex {
        // Pixels and overlays depend on what describes them; by days of none, dates stay as if nobody looked at them.
        let apart = matches!(node.tag.group() & 0xFF00, 0x6000 | 0x7F00) || self.inputs.days == 0;
        if node.kind != Kind::Element
            || !(1..=LONGEST).contains(&node.value_length())
            || !matches!(decision.verb, Verb::Keep | Verb::Clean)
            || self.inputs.recording != Recording::Changes
            || apart
            // Whether these stay is up to what else the file says of the patient.
            || matches!(decision.rule, Rule::Profile(_)) && is_of_others(node.tag, vr)
        {
            return plan(self);
        }
        let remembered = &self.inputs.remembered.unchanged;
        if node.tag.is_private() {
            self.know_serial_number();
            remembered.borrow_mut().settle_device(self.serial.get().and_then(Option::as_ref));
        }
        let element = Element {
            tag: node.tag,
            creator: creator.cloned(),
            vrs: [node.vr, vr],
            encoding: node.encoding,
            top_level: node.parent == ROOT,
            decision,
        };
        let charset = Arc::clone(&self.set().charset);
        let Some(bytes) = self.source.bytes(node.value_start(), node.value_length() as usize) else {
            return plan(self);
        };
        if let Some(effects) = remembered.borrow().find(&element, &charset, bytes) {
            self.date(effects.dates);
            self.plan.departs |= effects.departs;
            return self.record_keep(index, decision.rule);
        }
        // What this element adds to what is noted of the others.
        let before = (self.noted(), self.plan.counts.kept);
        let (dates, departs) = (self.plan.dates, self.plan.departs);
        (self.plan.dates, self.plan.departs) = (Dates::default(), false);
        let next = plan(self);
        let effects = Effects { dates: self.plan.dates, departs: self.plan.departs };
        self.date(dates);
        self.plan.departs |= departs;
        if (self.noted(), self.plan.counts.kept) == (before.0, before.1 + 1)
            && next == node.next
            && let Some(bytes) = self.source.bytes(node.value_start(), node.value_length() as usize)
            && stays_anywhere(bytes, vr, node.tag, decision)
        {
            remembered.borrow_mut().remember(element, charset, bytes, effects);
        }
        next
    }

    /// How much is planned besides what is kept.
    fn noted(&self) -> (usize, usize, usize, bool) {
        let plan = &self.plan;
        (plan.entries.len(), plan.additions.len(), plan.kept_uncleaned.len(), plan.failed)
    }
}

/// Whether a value that stayed in one file stays in the next of the same subject: UIDs of that file may stand in a text
/// with points, and UIDs, dates and times are looked at beside others.
fn stays_anywhere(bytes: &[u8], vr: Vr, tag: Tag, decision: Decision) -> bool {
    let beside = matches!(vr, Vr::UI | Vr::DA | Vr::DT | Vr::TM);
    let number = match vr {
        Vr::DS | Vr::IS => !tag.is_private() || is_number_alone(decision.rule),
        Vr::FL | Vr::FD | Vr::SL | Vr::SS | Vr::UL | Vr::US | Vr::SV | Vr::UV => {
            !tag.is_private() || is_number_alone(decision.rule)
        }
        _ => false,
    };
    !beside && (number || !bytes.contains(&b'.'))
}
