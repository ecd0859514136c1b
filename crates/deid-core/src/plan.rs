//! The plan of one instance: for each element that changes, what happens to it and by which rule.
//!
//! A plan is data. `apply` carries it out, reports count it, a dry run prints it. Elements that are kept are
//! only counted, unless the caller asks for a [`Recording`] of every decision.

use crate::classify::Classification;
use crate::decide::{Policy, Position, Verb};
use crate::identifiers::Searcher;
use crate::pseudonym::is_well_known_uid;
use crate::report::Counts;
use crate::rule::Rule;
use crate::{Key, clean_text, dates, dummy};
use deid_dicom::charset::CharacterSet;
use deid_dicom::{
    Change, Encoding, Kind, Node, NodeIndex, Place, ROOT, Source, Tag, Tree, Vr, encode, value,
};
use deid_profile::Action;
use deid_standard::confidentiality::{ConfidentialityOption, row};
use deid_standard::{codes, dictionary, private_dictionary, safe_private};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// What happens to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing.
    Keep,
    /// It goes.
    Remove,
    /// It stays with zero length.
    Empty,
    /// It gets a dummy value.
    Dummy,
    /// Its UIDs become others.
    Remap,
    /// It gets the subject's, a forced, or a marking value.
    Replace,
    /// Its dates are moved.
    Shift,
    /// Identifiers are taken out of its text.
    Clean,
}

/// One line of a plan.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The element.
    pub node: NodeIndex,
    /// What happens to it.
    pub done: Done,
    /// By which rule.
    pub rule: Rule,
    /// How; `None` if it is kept.
    pub change: Option<Change>,
}

/// An element that is added.
#[derive(Clone, Debug)]
pub struct Addition {
    /// Where.
    pub place: Place,
    /// Which.
    pub tag: Tag,
    /// By which rule.
    pub rule: Rule,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What became of the dates of a data set: the most that is left of any of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dates {
    /// None is left.
    #[default]
    Removed,
    /// Those that are left were moved.
    Modified,
    /// At least one is as it was.
    Unmodified,
}

impl Dates {
    /// Value of Longitudinal Temporal Information Modified (0028,0303).
    pub const fn defined_term(self) -> &'static str {
        match self {
            Dates::Removed => "REMOVED",
            Dates::Modified => "MODIFIED",
            Dates::Unmodified => "UNMODIFIED",
        }
    }
}

/// Everything that happens to one data set, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Elements that change; with a [`Recording`] those that are kept too.
    pub entries: Vec<Entry>,
    /// Elements that are added.
    pub additions: Vec<Addition>,
    /// Numbers of actions.
    pub counts: Counts,
    /// The SOP Instance UID after the plan is carried out.
    pub sop_instance: Option<String>,
    /// Private elements kept as opaque bytes or text, as `(gggg,{creator}ee)`.
    pub kept_uncleaned: Vec<String>,
    /// What became of dates.
    pub dates: Dates,
    /// Whether a rule of the user kept what the standard's profile removes.
    pub departs: bool,
    /// Whether an element could not be planned (a read failed): the file must not be written.
    pub failed: bool,
}

/// Whether entries are made for elements that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// Changes only.
    Changes,
    /// Every element, for `explain`.
    Everything,
}

/// What a plan is made from, besides the data set.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) policy: &'a Policy<'a>,
    pub(crate) key: &'a Key,
    pub(crate) subject: Option<&'a str>,
    pub(crate) classification: &'a Classification,
    pub(crate) searcher: &'a Searcher,
    /// By how many days dates are moved into the past.
    pub(crate) days: u32,
    pub(crate) method: &'a [String],
    /// The codes of (0012,0064), if every rule of the standard's profile is carried out.
    pub(crate) codes: &'a [codes::Code],
    pub(crate) recording: Recording,
}

/// Text longer than this is not searched in one piece; it goes.
const LONGEST_TEXT: u64 = 64 << 20;
/// Text longer than this is no description: it meets the Basic Profile's action.
const LONGEST_CLEANED: u64 = 1 << 20;
/// Opaque values up to this length are searched for identifiers.
const LONGEST_OPAQUE: u64 = 16 << 20;

const PATIENT_NAME: Tag = Tag::new(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag::new(0x0010, 0x0020);
const PIXEL_DATA: Tag = Tag::new(0x7FE0, 0x0010);
const CHARACTER_SET: Tag = Tag::new(0x0008, 0x0005);
const PATIENT_AGE: Tag = Tag::new(0x0010, 0x1010);
const SOP_INSTANCE: Tag = Tag::new(0x0008, 0x0018);
/// Makers, models and versions: converters branch on them, so that short names in them count for chance.
const PROTECTED: [Tag; 3] = [Tag::new(0x0008, 0x0070), Tag::new(0x0008, 0x1090), Tag::new(0x0018, 0x1020)];
const IDENTITY_REMOVED: Tag = Tag::new(0x0012, 0x0062);
const METHOD: Tag = Tag::new(0x0012, 0x0063);
const METHOD_CODES: Tag = Tag::new(0x0012, 0x0064);
const DATES_MODIFIED: Tag = Tag::new(0x0028, 0x0303);

/// A data set that is being planned: the top level or an item.
struct Set {
    end: NodeIndex,
    item: NodeIndex,
    charset: CharacterSet,
    creators: Vec<Creator>,
    /// Where the creator of a group's block stands among the creators.
    blocks: HashMap<(u16, u8), usize>,
}

struct Creator {
    node: NodeIndex,
    /// `None` if the block is claimed twice.
    name: Option<String>,
    kept: bool,
}

/// Makes the plan of a data set.
pub(crate) fn plan<S: Source>(source: &mut S, tree: &Tree, inputs: &Inputs<'_>) -> Plan {
    let mut planner = Planner {
        source,
        tree,
        inputs,
        plan: Plan::default(),
        sets: Vec::new(),
        overlays: HashSet::new(),
        clean_until: 0,
        dummy_until: 0,
    };
    planner.sets.push(Set {
        end: tree.nodes.len() as NodeIndex,
        item: ROOT,
        charset: CharacterSet::default(),
        creators: Vec::new(),
        blocks: HashMap::new(),
    });
    planner.run();
    planner.plan
}

struct Planner<'a, 'b, S> {
    source: &'a mut S,
    tree: &'a Tree,
    inputs: &'a Inputs<'b>,
    plan: Plan,
    sets: Vec<Set>,
    /// Texts before this node are cleaned: they lie in a sequence that is kept for being cleaned.
    clean_until: NodeIndex,
    /// Overlay groups with data, by the container they stand in.
    overlays: HashSet<(NodeIndex, u16)>,
    /// Everything before this node becomes a dummy: it lies in a sequence that must have content.
    dummy_until: NodeIndex,
}

impl<S: Source> Planner<'_, '_, S> {
    fn run(&mut self) {
        let overlay = |node: &&Node| node.tag.group() & 0xFF00 == 0x6000 && node.tag.element() == 0x3000;
        self.overlays =
            self.tree.nodes.iter().filter(overlay).map(|node| (node.parent, node.tag.group())).collect();
        let mut index = 0;
        let count = self.tree.nodes.len() as NodeIndex;
        while index < count {
            while self.sets.len() > 1 && index >= self.set().end {
                self.leave();
            }
            index = self.step(index);
        }
        while !self.sets.is_empty() {
            self.leave();
        }
        self.mark();
        self.add_missing();
        self.drop_group_lengths();
        self.plan.entries.sort_by_key(|entry| entry.node);
        self.plan.kept_uncleaned.sort_unstable();
        self.plan.kept_uncleaned.dedup();
    }

    fn date(&mut self, dates: Dates) {
        self.plan.dates = self.plan.dates.max(dates);
    }

    fn set(&mut self) -> &mut Set {
        let last = self.sets.len() - 1;
        &mut self.sets[last]
    }

    /// Plans one node; the result is the next to be planned.
    fn step(&mut self, index: NodeIndex) -> NodeIndex {
        let node = *self.tree.node(index);
        if node.kind == Kind::Item {
            let charset = self.set().charset.clone();
            self.sets.push(Set {
                end: node.next,
                item: index,
                charset,
                creators: Vec::new(),
                blocks: HashMap::new(),
            });
            return index + 1;
        }
        let top_level = node.parent == ROOT;
        if top_level && matches!(node.tag, IDENTITY_REMOVED | METHOD | METHOD_CODES | DATES_MODIFIED) {
            return node.next; // Planned at the end, when it is known what was done.
        }
        if node.tag == Tag::new(0x0008, 0x0005)
            && let Some(bytes) = self.source.bytes(node.value_start(), node.value_length().min(1024) as usize)
        {
            self.set().charset = CharacterSet::parse(bytes);
        }
        if node.is_unreadable_sequence() || (node.kind == Kind::Fragments && node.tag != PIXEL_DATA) {
            return self.remove(index, Rule::UnreadableSequence);
        }
        // Little endian items in a big endian file (CP-246): no common reader gets over them.
        if node.kind == Kind::Sequence && node.vr == Vr::UN && node.encoding == Encoding::ExplicitBig {
            return self.remove(index, Rule::UnreadableSequence);
        }
        if node.tag.is_group_length() {
            let number = node.value_length() == 4 && matches!(node.vr, Vr::UL | Vr::Implicit);
            let (of_text, rule) = (node.tag.is_private() || !number, Rule::GroupLength);
            return if of_text { self.remove(index, rule) } else { self.record_keep(index, rule) };
        }
        if node.tag.is_private() {
            return self.private(index, node);
        }
        let position = Position { iod: self.inputs.classification.iod, top_level };
        let decided = self.inputs.policy.public(node.tag, position);
        let vr = public_vr(&node);
        if matches!(node.tag, PATIENT_NAME | PATIENT_ID) && !matches!(decided.rule, Rule::Forced(_)) {
            return self.subject(index, &node, vr);
        }
        // A sequence in the disguise of another VR was not walked: what it holds was not judged.
        let disguised = node.kind == Kind::Element
            && node.value_length() > 0
            && decided.verb == Verb::Keep
            && dictionary::attribute(node.tag).is_some_and(|attribute| attribute.vr == Vr::SQ);
        if disguised {
            return self.remove(index, Rule::UnreadableSequence);
        }
        if decided.verb == Verb::Keep
            && matches!(decided.rule, Rule::NotInTable)
            && self.is_overlay_of_no_use(&node)
        {
            return self.remove(index, Rule::Overlay);
        }
        let dummy = index < self.dummy_until && decided.verb == Verb::Keep;
        let (verb, rule) =
            if dummy { (Verb::Dummy, Rule::InsideDummy) } else { (decided.verb, decided.rule) };
        if let (Rule::Profile(_), Verb::Keep) = (rule, verb) {
            self.plan.departs |= row(node.tag).is_some();
        }
        let free_text = matches!(vr, Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        let inside = index < self.clean_until && verb == Verb::Keep && rule == Rule::NotInTable && free_text;
        let verb = if inside { Verb::Clean } else { verb };
        let next = self.carry_out(index, &node, vr, verb, rule);
        if top_level && node.tag == SOP_INSTANCE && self.plan.sop_instance.is_none() {
            self.plan.sop_instance = self.new_text(index);
        }
        next
    }

    /// Whether this describes an overlay whose data goes, or names one: label and description are free text.
    fn is_overlay_of_no_use(&self, node: &Node) -> bool {
        let (group, element) = (node.tag.group(), node.tag.element());
        if group & 0xFF00 != 0x6000 || node.tag.is_group_length() {
            return false;
        }
        let data = Tag::new(group, 0x3000);
        let position = Position { iod: self.inputs.classification.iod, top_level: node.parent == ROOT };
        matches!(element, 0x0022 | 0x1500)
            || (self.overlays.contains(&(node.parent, group))
                && self.inputs.policy.public(data, position).verb != Verb::Keep)
    }

    /// Does what was decided, as far as the value allows.
    fn carry_out(&mut self, index: NodeIndex, node: &Node, vr: Vr, verb: Verb, rule: Rule) -> NodeIndex {
        let container = node.kind == Kind::Sequence;
        let empty = node.value_length() == 0;
        match verb {
            Verb::Remove => self.remove(index, rule),
            Verb::Keep if container => self.enter(index, Done::Keep, rule),
            Verb::Keep => self.keep(index, node, vr, rule),
            // Nothing is hidden in a value that is not there.
            Verb::Empty | Verb::Dummy | Verb::Uid | Verb::Clean if empty => self.record_keep(index, rule),
            Verb::Empty => {
                let vr = if container { Vr::SQ } else { vr };
                self.change(index, Done::Empty, rule, Change::Value(vr, Vec::new()))
            }
            Verb::Dummy if container => self.enter(index, Done::Dummy, rule),
            // References are kept with other UIDs; a sequence where a UID belongs is none of the standard's.
            Verb::Uid if container && dictionary::attribute(node.tag).is_none_or(|a| a.vr != Vr::SQ) => {
                self.remove(index, Rule::UnreadableSequence)
            }
            Verb::Uid if container => self.enter(index, Done::Keep, rule),
            Verb::Dummy if vr == Vr::UI => self.remap(index, node, vr, rule),
            Verb::Dummy => {
                self.change(index, Done::Dummy, rule, Change::Value(vr, dummy::value(vr).to_vec()))
            }
            Verb::Uid => self.remap(index, node, vr, rule),
            Verb::Shift => self.shift(index, node, vr, rule),
            Verb::Clean if container => {
                self.clean_until = self.clean_until.max(node.next);
                self.enter(index, Done::Keep, rule)
            }
            Verb::Clean => self.clean(index, node, vr, rule),
            Verb::Replace => {
                let text = self.replacement(rule).as_bytes().to_vec();
                // A text cannot stand in a sequence or a number.
                let vr = if vr.is_text() { vr } else { Vr::UN };
                self.change(index, Done::Replace, rule, Change::Value(vr, text))
            }
        }
    }

    fn replacement(&self, rule: Rule) -> &str {
        match rule {
            Rule::Forced(index) => &self.inputs.policy.forced[index].1,
            Rule::Profile(index) => match self.inputs.policy.rules.rule(index).map(|rule| &rule.action) {
                Some(Action::Replace(text)) => text,
                _ => "",
            },
            _ => "",
        }
    }

    /// Goes into a sequence.
    fn enter(&mut self, index: NodeIndex, done: Done, rule: Rule) -> NodeIndex {
        self.plan.counts.kept += 1;
        if done == Done::Dummy {
            self.dummy_until = self.dummy_until.max(self.tree.node(index).next);
        }
        if self.inputs.recording == Recording::Everything {
            self.plan.entries.push(Entry { node: index, done, rule, change: None });
        }
        index + 1
    }

    fn record_keep(&mut self, index: NodeIndex, rule: Rule) -> NodeIndex {
        self.plan.counts.kept += 1;
        if self.inputs.recording == Recording::Everything {
            self.plan.entries.push(Entry { node: index, done: Done::Keep, rule, change: None });
        }
        self.tree.node(index).next
    }

    fn remove(&mut self, index: NodeIndex, rule: Rule) -> NodeIndex {
        self.change(index, Done::Remove, rule, Change::Remove)
    }

    fn change(&mut self, index: NodeIndex, done: Done, rule: Rule, change: Change) -> NodeIndex {
        let counts = &mut self.plan.counts;
        match done {
            Done::Keep => counts.kept += 1,
            Done::Remove => counts.removed += 1,
            Done::Empty => counts.emptied += 1,
            Done::Dummy => counts.dummies += 1,
            Done::Remap => counts.remapped += 1,
            Done::Replace => counts.replaced += 1,
            Done::Shift => counts.shifted += 1,
            Done::Clean => counts.cleaned += 1,
        }
        self.plan.entries.push(Entry { node: index, done, rule, change: Some(change) });
        self.tree.node(index).next
    }

    /// Patient's Name and Patient ID: the subject's, or `Unknown` and a code that tells two patients apart.
    fn subject(&mut self, index: NodeIndex, node: &Node, vr: Vr) -> NodeIndex {
        let text = match (self.inputs.subject, node.tag) {
            (Some(subject), _) => subject.to_owned(),
            (None, PATIENT_NAME) => "Unknown".to_owned(),
            (None, _) => {
                let own = self.decoded(node).filter(|id| !id.is_empty());
                let id = own.as_deref().or(self.inputs.classification.subject());
                id.map(|id| self.inputs.key.subject_code(id)).unwrap_or_default()
            }
        };
        let vr = match vr {
            Vr::PN | Vr::LO | Vr::SH => vr,
            _ if node.tag == PATIENT_NAME => Vr::PN,
            _ => Vr::LO,
        };
        self.change(index, Done::Replace, Rule::Subject, Change::Value(vr, text.into_bytes()))
    }

    fn decoded(&mut self, node: &Node) -> Option<String> {
        let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 1024)?;
        let charset = self.set().charset.clone();
        let bytes = self.source.bytes(node.value_start(), length)?;
        Some(charset.decode(bytes).trim_matches(['\0', ' ']).to_owned())
    }

    /// Moves the dates of a value by the subject's offset; what cannot be moved meets the Basic Profile's action.
    fn shift(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        if node.value_length() == 0 {
            return self.record_keep(index, rule);
        }
        let days = self.inputs.days;
        let dated = matches!(vr, Vr::DA | Vr::DT | Vr::TM) && node.value_length() <= 1 << 20;
        if dated {
            let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
            if let Some(shifted) = dates::shift(vr, &bytes, days) {
                if shifted == bytes {
                    return self.record_keep(index, rule);
                }
                self.date(Dates::Modified);
                return self.change(index, Done::Shift, rule, Change::Value(vr, shifted));
            }
        }
        let position = Position { iod: self.inputs.classification.iod, top_level: node.parent == ROOT };
        match self.inputs.policy.fallback(node.tag, position) {
            Verb::Shift | Verb::Keep | Verb::Clean => self.remove(index, rule),
            verb => self.carry_out(index, node, vr, verb, rule),
        }
    }

    /// Takes what identifies out of a text (PS3.15 E.3.4). What is no text, or cannot be written again in its
    /// character set, meets the Basic Profile's action.
    fn clean(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let text = matches!(vr, Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        if text && node.value_length() <= LONGEST_CLEANED {
            let charset = self.set().charset.clone();
            let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
            let decoded = charset.decode(&bytes);
            let several = matches!(vr, Vr::LO | Vr::SH | Vr::UC);
            let parts: Vec<&str> = if several { decoded.split('\\').collect() } else { vec![&decoded] };
            let cleaned: Vec<_> =
                parts.iter().map(|part| clean_text::clean(part, self.inputs.searcher)).collect();
            if cleaned.iter().all(|part| part.removed == 0) {
                return self.keep(index, node, vr, rule);
            }
            let joined: Vec<&str> = cleaned.iter().map(|part| part.text.trim()).collect();
            if let Some(bytes) = charset.encode(&joined.join("\\")) {
                return self.change(index, Done::Clean, rule, Change::Value(vr, bytes));
            }
        }
        let position = Position { iod: self.inputs.classification.iod, top_level: node.parent == ROOT };
        match self.inputs.policy.fallback(node.tag, position) {
            Verb::Shift | Verb::Keep | Verb::Clean => self.remove(index, rule),
            verb => self.carry_out(index, node, vr, verb, rule),
        }
    }

    /// Replaces every UID of a value but the well-known ones.
    fn remap(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        let mut text = String::new();
        let mut changed = false;
        for (position, uid) in value::split(&bytes).enumerate() {
            if position > 0 {
                text.push('\\');
            }
            let uid = String::from_utf8_lossy(uid);
            let standard = is_well_known_uid(&uid)
                && value::is_uid(uid.as_bytes())
                && !self.inputs.searcher.long_numbers_are_in(uid.as_bytes());
            if uid.is_empty() || standard {
                text.push_str(&uid);
            } else {
                text.push_str(&self.inputs.key.uid(&uid));
                changed = true;
            }
        }
        if !changed {
            return self.record_keep(index, rule);
        }
        let vr = if matches!(vr, Vr::UN | Vr::Implicit | Vr::Invalid) { Vr::UI } else { vr };
        self.change(index, Done::Remap, rule, Change::Value(vr, text.into_bytes()))
    }

    fn read(&mut self, node: &Node) -> Option<Vec<u8>> {
        let length = usize::try_from(node.value_length()).ok()?;
        let bytes = self.source.bytes(node.value_start(), length).map(<[u8]>::to_vec);
        self.plan.failed |= bytes.is_none();
        bytes
    }

    /// Keeps a value, unless an identifier of this subject stands in it.
    fn keep(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let length = node.value_length();
        let chosen = matches!(rule, Rule::Profile(_) | Rule::Option(..));
        if matches!(vr, Vr::DA | Vr::DT) && !chosen && self.inputs.policy.shifts_dates() {
            return self.shift(index, node, vr, rule);
        }
        if node.tag == PATIENT_AGE && length > 0 && length <= 16 {
            return self.keep_age(index, node, vr, rule);
        }
        let pixels = matches!(node.tag.0, 0x7FE0_0008..=0x7FE0_0010)
            && matches!(vr, Vr::OB | Vr::OW | Vr::OF | Vr::OD | Vr::UN | Vr::Implicit);
        if length == 0 || node.kind == Kind::Fragments || pixels {
            return self.record_keep(index, rule);
        }
        // Without it no text of the data set can be read any more.
        if node.tag == CHARACTER_SET && self.set().charset.is_known() && length <= 1024 {
            return self.record_keep(index, rule);
        }
        if vr.is_text() {
            if length > LONGEST_TEXT {
                return self.remove(index, Rule::Identifier);
            }
            return self.keep_text(index, node, vr, rule);
        }
        // Numbers too: a VR says little of what a file really holds.
        if length <= LONGEST_OPAQUE {
            let Some(bytes) = self.source.bytes(node.value_start(), length as usize) else {
                self.plan.failed = true;
                return self.remove(index, rule);
            };
            if self.inputs.searcher.is_in_binary(bytes) {
                return self.remove(index, Rule::Identifier);
            }
            if is_text_for_number(node.tag, vr, bytes) {
                return self.remove(index, Rule::Malformed);
            }
        }
        if length > LONGEST_OPAQUE && self.is_in_large(node) {
            return self.remove(index, Rule::Identifier);
        }
        self.record_keep(index, rule)
    }

    /// Looks through a large value block by block, without holding it.
    fn is_in_large(&mut self, node: &Node) -> bool {
        const BLOCK: usize = 64 << 10;
        const OVERLAP: u64 = 512;
        let end = node.value_end();
        let mut at = node.value_start();
        while at + (BLOCK as u64) < end {
            match self.source.peek::<BLOCK>(at) {
                Some(block) if self.inputs.searcher.is_in_binary(&block) => return true,
                Some(_) => at += BLOCK as u64 - OVERLAP,
                None => {
                    self.plan.failed = true;
                    return true;
                }
            }
        }
        let rest = self.source.bytes(at, (end - at) as usize);
        rest.is_none_or(|rest| self.inputs.searcher.is_in_binary(rest))
    }

    /// An age that is kept does not tell who is very old.
    fn keep_age(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        match dates::cap_age(&bytes) {
            Some(age) if age == bytes => self.record_keep(index, rule),
            capped => {
                let age = capped.unwrap_or_default();
                self.change(index, Done::Clean, rule, Change::Value(vr, age))
            }
        }
    }

    fn keep_text(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let charset = self.set().charset.clone();
        let searcher = self.inputs.searcher;
        let Some(bytes) = self.source.bytes(node.value_start(), node.value_length() as usize) else {
            self.plan.failed = true;
            return self.remove(index, rule);
        };
        let date = matches!(vr, Vr::DA | Vr::DT);
        // A date that the user keeps may be anybody's birthday.
        let wanted = date && !matches!(rule, Rule::NotInTable) && is_date(bytes);
        let hit = match vr {
            _ if wanted => false,
            // Terms that readers branch on.
            Vr::CS => searcher.is_plainly_in(bytes),
            _ if PROTECTED.contains(&node.tag) => searcher.is_plainly_in(bytes),
            Vr::DS | Vr::IS | Vr::UI => searcher.letters_are_in(bytes) || searcher.long_numbers_are_in(bytes),
            // Numbers and codes of a few characters: only what is no number may be somebody's.
            Vr::AS | Vr::TM => searcher.letters_are_in(bytes),
            _ => searcher.is_in(bytes),
        };
        let hidden = !hit
            && !matches!(vr, Vr::DS | Vr::IS | Vr::AS | Vr::TM | Vr::UI | Vr::CS | Vr::DA | Vr::DT)
            && (!bytes.is_ascii() || bytes.contains(&0x1B))
            && searcher.is_in(charset.decode(bytes).as_bytes());
        if !hit && !hidden {
            let number = matches!(vr, Vr::DS | Vr::IS | Vr::AS | Vr::TM | Vr::UI | Vr::DA | Vr::DT);
            if number && has_word(bytes) {
                return self.change(index, Done::Empty, Rule::Malformed, Change::Value(vr, Vec::new()));
            }
            if date || is_date_row(node.tag, vr) {
                self.date(Dates::Unmodified);
            }
            return self.record_keep(index, rule);
        }
        if hidden || searcher.is_disguised_in(bytes) || !vr.uses_character_set() && vr != Vr::CS {
            return self.change(index, Done::Clean, Rule::Identifier, Change::Value(vr, Vec::new()));
        }
        let mut cleaned = Vec::with_capacity(bytes.len());
        let mut cursor = 0;
        for found in searcher.find(bytes) {
            cleaned.extend_from_slice(&bytes[cursor..found.range.start]);
            cleaned.push(b'X');
            cursor = found.range.end;
        }
        cleaned.extend_from_slice(&bytes[cursor..]);
        // Taking one identifier out may have joined the parts of another; another may stand there in an encoding
        // that only decoding shows.
        let coded = vr == Vr::CS || PROTECTED.contains(&node.tag);
        if !coded && (searcher.is_in(&cleaned) || searcher.is_in(charset.decode(&cleaned).as_bytes())) {
            cleaned.clear();
        }
        let cleaned = value::trim(&cleaned).to_vec();
        self.change(index, Done::Clean, Rule::Identifier, Change::Value(vr, cleaned))
    }

    fn private(&mut self, index: NodeIndex, node: Node) -> NodeIndex {
        if node.tag.is_private_creator() {
            return self.creator(index, &node);
        }
        let creator = node.tag.private_block().and_then(|block| {
            let group = node.tag.group();
            let set = self.set();
            let at = *set.blocks.get(&(group, block))?;
            set.creators[at].name.clone().map(|name| (at, name))
        });
        let Some((at, creator)) = creator else {
            return self.remove(index, Rule::PrivateWithoutCreator);
        };
        let is_sequence = node.kind == Kind::Sequence;
        let decided = self.inputs.policy.private(node.tag, &creator, is_sequence);
        if index < self.dummy_until && decided.verb == Verb::Keep {
            return self.remove(index, Rule::InsideDummy);
        }
        if decided.verb == Verb::Remove {
            return self.remove(index, decided.rule);
        }
        self.set().creators[at].kept = true;
        let vr = private_vr(&node, &creator);
        let by_user = matches!(decided.rule, Rule::Profile(_));
        let safe = safe_private::is_safe(&creator, node.tag.group(), node.tag.element() as u8);
        if by_user && decided.verb == Verb::Keep {
            self.plan.departs |= !(safe && self.inputs.policy.safe_private);
        }
        if decided.verb != Verb::Keep || is_sequence {
            return self.carry_out(index, &node, vr, decided.verb, decided.rule);
        }
        match vr {
            Vr::UI => self.remap(index, &node, vr, Rule::PrivateUid),
            Vr::PN if node.value_length() > 0 => {
                self.change(index, Done::Empty, Rule::PersonName, Change::Value(vr, Vec::new()))
            }
            vr => {
                let opaque = matches!(vr, Vr::OB | Vr::OW | Vr::UN | Vr::UT | Vr::Implicit | Vr::Invalid);
                if opaque && !safe && node.value_length() > 0 {
                    self.date(Dates::Unmodified);
                    self.plan.kept_uncleaned.push(format!(
                        "({:04X},{{{creator}}}{:02X})",
                        node.tag.group(),
                        node.tag.element() as u8
                    ));
                    return self.record_keep(index, decided.rule);
                }
                self.keep(index, &node, vr, decided.rule)
            }
        }
    }

    /// A private creator is decided on when its data set ends and it is known whether it is of use.
    fn creator(&mut self, index: NodeIndex, node: &Node) -> NodeIndex {
        let name = self
            .decoded(node)
            .filter(|name| !name.is_empty() && name.len() <= 64 && name.is_ascii() && !name.contains('\\'));
        let (group, block) = (node.tag.group(), node.tag.element() as u8);
        let set = self.set();
        if let Some(&at) = set.blocks.get(&(group, block)) {
            let earlier = &mut set.creators[at];
            // Whose the elements of the block are cannot be told any more.
            if earlier.name != name {
                earlier.name = None;
            }
            return self.remove(index, Rule::PrivateCreatorUnused);
        }
        set.blocks.insert((group, block), set.creators.len());
        set.creators.push(Creator { node: index, name, kept: false });
        node.next
    }

    /// Leaves a data set: creators of no use go.
    fn leave(&mut self) {
        let Some(set) = self.sets.pop() else { return };
        for creator in &set.creators {
            if creator.kept {
                self.record_keep(creator.node, Rule::PrivateCreator);
            } else {
                self.remove(creator.node, Rule::PrivateCreatorUnused);
            }
        }
        if set.item != ROOT && self.inputs.recording == Recording::Everything {
            self.plan.entries.push(Entry {
                node: set.item,
                done: Done::Keep,
                rule: Rule::Container,
                change: None,
            });
        }
    }

    /// The value that an element will have, if it is text.
    fn new_text(&mut self, index: NodeIndex) -> Option<String> {
        let planned = self.plan.entries.iter().rev().find(|entry| entry.node == index);
        let bytes = match planned.and_then(|entry| entry.change.as_ref()) {
            Some(Change::Value(_, bytes)) => bytes.clone(),
            Some(Change::Remove) => return None,
            None => {
                let node = *self.tree.node(index);
                self.read(&node)?
            }
        };
        let uid = String::from_utf8_lossy(value::trim(&bytes)).into_owned();
        Some(uid).filter(|uid| value::is_uid(uid.as_bytes()))
    }

    /// Says in the data set what was done (PS3.15 E.1.1): true to this plan.
    fn mark(&mut self) {
        let encoding = self.tree.encoding;
        let carried_out = !self.plan.departs && !self.plan.failed;
        let dates = self.plan.dates.defined_term();
        self.set_mark(IDENTITY_REMOVED, Vr::CS, b"YES");
        self.set_mark(METHOD, Vr::LO, self.inputs.method.join("\\").as_bytes());
        let mut marks: Vec<codes::Code> = self.earlier_codes();
        if carried_out {
            marks.extend(self.inputs.codes.iter().copied());
        }
        marks.sort_by_key(|code| code.value);
        marks.dedup_by_key(|code| code.value);
        let mut items = Vec::new();
        for code in marks {
            let mut item = Vec::new();
            // Codes are short: they fit their VRs.
            let written =
                encode::element(&mut item, encoding, Tag::new(8, 0x100), Vr::SH, code.value.as_bytes())
                    .and_then(|()| {
                        encode::element(
                            &mut item,
                            encoding,
                            Tag::new(8, 0x102),
                            Vr::SH,
                            code.scheme.as_bytes(),
                        )
                    })
                    .and_then(|()| {
                        encode::element(
                            &mut item,
                            encoding,
                            Tag::new(8, 0x104),
                            Vr::LO,
                            code.meaning.as_bytes(),
                        )
                    })
                    .and_then(|()| encode::item(&mut items, encoding, &item));
            self.plan.failed |= written.is_err();
        }
        if items.is_empty() {
            if let Some(index) = self.tree.find(ROOT, METHOD_CODES) {
                self.remove(index, Rule::Mark);
            }
        } else {
            self.set_mark(METHOD_CODES, Vr::SQ, &items);
        }
        self.set_mark(DATES_MODIFIED, Vr::CS, dates.as_bytes());
    }

    /// Codes of CID 7050 that an earlier de-identification left.
    fn earlier_codes(&mut self) -> Vec<codes::Code> {
        let Some(sequence) = self.tree.find(ROOT, METHOD_CODES) else { return Vec::new() };
        let mut found = Vec::new();
        for index in sequence + 1..self.tree.node(sequence).next {
            let node = *self.tree.node(index);
            if node.tag == Tag::new(0x0008, 0x0100)
                && node.value_length() <= 16
                && let Some(bytes) = self.source.bytes(node.value_start(), node.value_length() as usize)
                && let Ok(text) = std::str::from_utf8(value::trim(bytes))
            {
                found.extend(codes::by_value(text));
            }
        }
        found
    }

    /// Writes a marking element: all occurrences at top level become this one.
    fn set_mark(&mut self, tag: Tag, vr: Vr, value: &[u8]) {
        let present: Vec<NodeIndex> =
            self.tree.children(ROOT).filter(|&index| self.tree.node(index).tag == tag).collect();
        if let Some((&first, others)) = present.split_first() {
            let value = if vr == Vr::SQ { value.to_vec() } else { value::trim(value).to_vec() };
            self.change(first, Done::Replace, Rule::Mark, Change::Value(vr, value));
            for &other in others {
                self.remove(other, Rule::Mark);
            }
        } else {
            self.add(tag, vr, value, Rule::Mark);
        }
    }

    /// Adds an element at top level, where its tag belongs.
    fn add(&mut self, tag: Tag, vr: Vr, value: &[u8], rule: Rule) {
        let mut bytes = Vec::new();
        if encode::element(&mut bytes, self.tree.encoding, tag, vr, value).is_err() {
            self.plan.failed = true;
            return;
        }
        let before = self.tree.children(ROOT).find(|&index| self.tree.node(index).tag > tag);
        let place = before.map_or(Place::EndOf(ROOT), Place::Before);
        self.plan.counts.replaced += 1;
        self.plan.additions.push(Addition { place, tag, rule, bytes });
    }

    /// The subject's name and ID, and forced values, where the data set has no such element.
    fn add_missing(&mut self) {
        if let Some(subject) = self.inputs.subject {
            for (tag, vr) in [(PATIENT_NAME, Vr::PN), (PATIENT_ID, Vr::LO)] {
                let forced = self.inputs.policy.forced.iter().any(|(forced, _)| *forced == tag);
                if !forced && self.tree.find(ROOT, tag).is_none() {
                    self.add(tag, vr, subject.as_bytes(), Rule::Subject);
                }
            }
        }
        for (index, (tag, text)) in self.inputs.policy.forced.iter().enumerate() {
            if self.tree.find(ROOT, *tag).is_none() && !tag.is_private() {
                let vr = dictionary::attribute(*tag).map_or(Vr::LO, |attribute| attribute.vr);
                self.add(*tag, vr, text.as_bytes(), Rule::Forced(index));
            }
        }
        // Additions before the same node stand in the order of their tags.
        self.plan.additions.sort_by_key(|addition| addition.tag);
    }

    /// Group lengths of groups in which something changed are wrong now; nobody needs them (PS3.5 7.2).
    fn drop_group_lengths(&mut self) {
        let lengths: Vec<NodeIndex> = (0..self.tree.nodes.len() as NodeIndex)
            .filter(|&index| {
                let node = self.tree.node(index);
                node.tag.is_group_length() && node.tag.group() > 2 && node.kind == Kind::Element
            })
            .collect();
        if lengths.is_empty() {
            return;
        }
        let mut edited: HashSet<(NodeIndex, u16)> = HashSet::new();
        let mut climb = |tree: &Tree, mut at: NodeIndex| {
            while at != ROOT {
                let node = tree.node(at);
                if !edited.insert((node.parent, node.tag.group())) {
                    break;
                }
                at = node.parent;
            }
        };
        for entry in self.plan.entries.iter().filter(|entry| entry.change.is_some()) {
            climb(self.tree, entry.node);
        }
        for addition in &self.plan.additions {
            edited.insert((ROOT, addition.tag.group()));
        }
        let planned: HashSet<NodeIndex> =
            self.plan.entries.iter().filter(|e| e.change.is_some()).map(|e| e.node).collect();
        let removed = self.removed_ranges();
        let dropped: HashSet<NodeIndex> = lengths
            .into_iter()
            .filter(|&index| {
                let node = self.tree.node(index);
                edited.contains(&(node.parent, node.tag.group()))
                    && !planned.contains(&index)
                    && !is_inside(&removed, index)
            })
            .collect();
        self.plan.entries.retain(|entry| !dropped.contains(&entry.node));
        self.plan.counts.kept = self.plan.counts.kept.saturating_sub(dropped.len() as u64);
        for index in dropped {
            self.remove(index, Rule::GroupLength);
        }
    }

    /// Nodes that lie inside something that changes as a whole.
    fn removed_ranges(&self) -> Vec<Range<NodeIndex>> {
        let mut ranges: Vec<Range<NodeIndex>> = self
            .plan
            .entries
            .iter()
            .filter(|entry| entry.change.is_some())
            .map(|entry| entry.node + 1..self.tree.node(entry.node).next)
            .filter(|range| !range.is_empty())
            .collect();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges
    }
}

/// The VR by which the value is read: the dictionary's where the file has none or hides it in UN.
fn public_vr(node: &Node) -> Vr {
    match node.vr {
        Vr::Implicit | Vr::UN | Vr::Invalid => {
            dictionary::attribute(node.tag).map_or(Vr::UN, |attribute| attribute.vr)
        }
        vr => vr,
    }
}

/// What a private element holds: the standard's word, then the private dictionary's, then the file's.
fn private_vr(node: &Node, creator: &str) -> Vr {
    if !matches!(node.vr, Vr::Implicit | Vr::UN | Vr::Invalid) {
        return node.vr;
    }
    let (group, element) = (node.tag.group(), node.tag.element() as u8);
    safe_private::safe(creator, group, element)
        .and_then(|safe| safe.vr)
        .or_else(|| private_dictionary::private_attribute(creator, group, element).and_then(|found| found.vr))
        .unwrap_or(Vr::UN)
}

/// Whether a node lies in one of these ranges, which are sorted and do not overlap.
fn is_inside(ranges: &[Range<NodeIndex>], index: NodeIndex) -> bool {
    let before = ranges.partition_point(|range| range.start <= index);
    before > 0 && ranges[before - 1].contains(&index)
}

/// Whether four letters stand together that are not all hexadecimal digits: no number, date or UID has that.
fn has_word(bytes: &[u8]) -> bool {
    bytes
        .split(|byte| !byte.is_ascii_alphabetic())
        .any(|word| word.len() >= 4 && !word.iter().all(u8::is_ascii_hexdigit))
}

/// Whether a numeric value is text: it has not the length that the attribute's VR and VM call for, and all of it can
/// be printed. Implicit VR files hold such elements where a dictionary is wrong about them.
fn is_text_for_number(tag: Tag, vr: Vr, bytes: &[u8]) -> bool {
    let size = match vr {
        Vr::US | Vr::SS => 2,
        Vr::UL | Vr::SL | Vr::FL | Vr::AT => 4,
        Vr::FD | Vr::SV | Vr::UV => 8,
        _ => return false,
    };
    let count =
        dictionary::attribute(tag).and_then(|attribute| attribute.vm.parse::<usize>().ok()).unwrap_or(1);
    let text = value::trim(bytes);
    bytes.len() != size * count && text.iter().all(|byte| (0x20..0x7F).contains(byte)) && has_word(text)
}

/// Whether a value is dates and times only: digits with the signs that DICOM puts between them.
fn is_date(bytes: &[u8]) -> bool {
    value::split(bytes).all(|date| {
        date.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-' | b':' | b' '))
    })
}

/// Whether the table counts this time among the dates.
fn is_date_row(tag: Tag, vr: Vr) -> bool {
    vr == Vr::TM
        && row(tag)
            .is_some_and(|row| row.option(ConfidentialityOption::RetainLongitudinalFullDates).is_some())
}
