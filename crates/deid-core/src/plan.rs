//! The plan of one instance: for each element that changes, what happens to it and by which rule.
//!
//! A plan is data. `apply` carries it out, reports count it, a dry run prints it. Elements that are kept are
//! only counted, unless the caller asks for a [`Recording`] of every decision.

mod dated;
mod decisions;
mod documents;
mod graphics;
mod group_length;
mod marks;
mod memo;
mod numbers;
mod pixels;
mod place;
mod private;
mod structured;
mod text;
mod uid;
mod unchanged;
mod vendor;

pub(crate) use memo::Remembered;
pub(crate) use structured::is_dcm;

use crate::classify::Classification;
use crate::dated_numbers::DatedNumbers;
use crate::decide::{Policy, Position, Verb};
use crate::identifiers::Searcher;
use crate::known_uids::KnownUids;
use crate::report::Counts;
use crate::rule::Rule;
use crate::{Key, dates};
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Change, Encoding, Kind, Node, NodeIndex, Place, ROOT, Source, Tag, Tree, Vr};
use deid_profile::{Action, Way};
use deid_standard::confidentiality::row;
use deid_standard::{codes, dictionary};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

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

impl Done {
    /// The identifier used where plans are shown; rules of a profile have the same words.
    pub const fn id(self) -> &'static str {
        match self {
            Done::Keep => "keep",
            Done::Remove => "remove",
            Done::Empty => "empty",
            Done::Dummy => "dummy",
            Done::Remap => "remap-uid",
            Done::Replace => "replace",
            Done::Shift => "shift",
            Done::Clean => "clean",
        }
    }
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
    /// Vendors' headers that the profile keeps and that were removed all the same, as `(gggg,{creator}ee)`: they could not be
    /// read, or not be cleaned.
    pub headers_removed: Vec<String>,
    /// What became of dates.
    pub dates: Dates,
    /// Whether a rule of the user kept what the standard's profile removes.
    pub departs: bool,
    /// Whether an element could not be planned (a read failed): the file must not be written.
    pub failed: bool,
    /// Whether that is because the data set's character set has no letters for a forced value.
    pub not_encodable: bool,
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
    /// UIDs of the instance and of the session.
    pub(crate) uids: KnownUids<'a>,
    /// Dates of the study, `YYYYMMDD`.
    pub(crate) dates: &'a [String],
    /// By how many days dates are moved into the past.
    pub(crate) days: i32,
    pub(crate) method: &'a [String],
    /// The codes of (0012,0064), if every rule of the standard's profile is carried out.
    pub(crate) codes: &'a [codes::Code],
    pub(crate) recording: Recording,
    /// What was found out about texts and headers of other files.
    pub(crate) remembered: &'a Remembered,
}

/// Text longer than this is not searched in one piece; it goes.
const LONGEST_TEXT: u64 = 64 << 20;
/// Text longer than this is no description: it meets the Basic Profile's action.
const LONGEST_CLEANED: u64 = 1 << 20;
/// Opaque values up to this length are searched for identifiers.
const LONGEST_OPAQUE: u64 = 16 << 20;

const PATIENT_NAME: Tag = Tag::new(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag::new(0x0010, 0x0020);
pub(crate) const STUDY_DATE: Tag = Tag::new(0x0008, 0x0020);
const PIXEL_DATA: Tag = Tag::new(0x7FE0, 0x0010);
const CHARACTER_SET: Tag = Tag::new(0x0008, 0x0005);
const ENCAPSULATED_DOCUMENT: Tag = Tag::new(0x0042, 0x0011);
/// Context Group Version and Local Version, Template Version and Local Version: days that everybody knows from the
/// standard, and that would tell by how much the others moved.
const VERSIONS: [Tag; 4] =
    [Tag::new(0x0008, 0x0106), Tag::new(0x0008, 0x0107), Tag::new(0x0040, 0xDB06), Tag::new(0x0040, 0xDB07)];
const DOCUMENT_LENGTH: Tag = Tag::new(0x0042, 0x0015);
const PATIENT_AGE: Tag = Tag::new(0x0010, 0x1010);
const SOP_INSTANCE: Tag = Tag::new(0x0008, 0x0018);
/// Makers, models and versions: converters branch on them, so that short names in them count for chance.
pub(crate) const PROTECTED: [Tag; 3] =
    [Tag::new(0x0008, 0x0070), Tag::new(0x0008, 0x1090), Tag::new(0x0018, 0x1020)];
const IDENTITY_REMOVED: Tag = Tag::new(0x0012, 0x0062);
const METHOD: Tag = Tag::new(0x0012, 0x0063);
const METHOD_CODES: Tag = Tag::new(0x0012, 0x0064);
const DATES_MODIFIED: Tag = Tag::new(0x0028, 0x0303);
const PRIVATE_CHARACTERISTICS: Tag = Tag::new(0x0008, 0x0300);

/// A data set that is being planned: the top level or an item.
struct Set {
    end: NodeIndex,
    item: NodeIndex,
    charset: Arc<CharacterSet>,
    creators: Vec<Creator>,
    /// Where the creator of a group's block stands among the creators.
    blocks: FxHashMap<(u16, u8), usize>,
    /// Of a content item: what its value tells.
    identifies: Option<structured::Identifies>,
    /// How far rules for places lead here; looked for when an element may have one.
    way: Option<Way>,
}

struct Creator {
    node: NodeIndex,
    /// `None` if the block is claimed twice.
    name: Option<Arc<str>>,
    kept: bool,
}

/// Makes the plan of a data set.
pub(crate) fn plan<S: Source>(source: &mut S, tree: &Tree, inputs: &Inputs<'_>) -> Plan {
    inputs.remembered.memo.borrow_mut().settle(inputs);
    inputs.remembered.unchanged.borrow_mut().settle(inputs);
    let mut planner = Planner {
        source,
        tree,
        inputs,
        plan: Plan::default(),
        sets: Vec::new(),
        overlays: HashSet::new(),
        graphics: HashMap::new(),
        clean_until: 0,
        dummy_until: 0,
        private: private::Kept::default(),
        dated: None,
        births: None,
        serial: OnceCell::new(),
        patient: None,
    };
    planner.sets.push(Set {
        end: tree.nodes.len() as NodeIndex,
        item: ROOT,
        charset: Arc::default(),
        creators: Vec::new(),
        blocks: FxHashMap::default(),
        identifies: None,
        way: None,
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
    /// Overlays and curves that Clean Graphics keeps or not, by the container they stand in.
    graphics: HashMap<(NodeIndex, u16), bool>,
    /// Everything before this node becomes a dummy: it lies in a sequence that must have content.
    dummy_until: NodeIndex,
    /// The private elements that are kept.
    private: private::Kept,
    /// Days that are not to stay as numbers; made for the first number.
    dated: Option<DatedNumbers>,
    /// Days that are not moved; made for the first date.
    births: Option<Rc<dated::BirthDates>>,
    /// The serial number of the device, or that it has none to look for; read for the first private element.
    serial: OnceCell<Option<Vec<u8>>>,
    /// What identifies the patient alone; made for the first identifier that a rule keeps.
    patient: Option<Searcher>,
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
        self.characterise_private();
        self.mark();
        self.add_missing();
        self.drop_group_lengths();
        self.plan.entries.sort_by_key(|entry| entry.node);
        self.plan.kept_uncleaned.sort_unstable();
        self.plan.kept_uncleaned.dedup();
        self.plan.headers_removed.sort_unstable();
        self.plan.headers_removed.dedup();
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
            let charset = Arc::clone(&self.set().charset);
            let identifies = self.content_identifies(index);
            self.sets.push(Set {
                end: node.next,
                item: index,
                charset,
                creators: Vec::new(),
                blocks: FxHashMap::default(),
                identifies,
                way: None,
            });
            return index + 1;
        }
        let top_level = node.parent == ROOT;
        if top_level && matches!(node.tag, IDENTITY_REMOVED | METHOD | METHOD_CODES | DATES_MODIFIED) {
            return node.next; // Planned at the end, when it is known what was done.
        }
        if node.tag == PRIVATE_CHARACTERISTICS {
            // What it claims is said of the input; what is said of the output is planned at the end.
            return if top_level { node.next } else { self.remove(index, Rule::Mark) };
        }
        if node.tag == Tag::new(0x0008, 0x0005)
            && let Some(bytes) = self.source.bytes(node.value_start(), node.value_length().min(1024) as usize)
        {
            self.set().charset = Arc::new(CharacterSet::parse(bytes));
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
        let decisions = &self.inputs.remembered.decisions;
        let decided = decisions.borrow_mut().public(self.inputs.policy, node.tag, position);
        let decided = match decided.rule {
            Rule::NotInTable => self.unlisted_uid(index, &node).unwrap_or(decided),
            _ => decided,
        };
        let mut decided = self.at_its_place(&node, decided);
        // The length of a document that is not there any more.
        if node.tag == DOCUMENT_LENGTH && decided.rule == Rule::NotInTable {
            let document = decisions.borrow_mut().public(self.inputs.policy, ENCAPSULATED_DOCUMENT, position);
            let kept = document.verb == Verb::Keep;
            decided = if kept { decided } else { crate::decide::Decision { verb: Verb::Remove, ..document } };
        }
        // Without it, or with another, no text of the data set can be read.
        if node.tag == CHARACTER_SET && matches!(decided.rule, Rule::Profile(_)) {
            decided = crate::decide::Decision { verb: Verb::Keep, rule: Rule::NotInTable };
        }
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
        if self.cleans_graphics()
            && let Some(next) = self.graphic(index, &node, vr, decided)
        {
            return next;
        }
        if decided.verb == Verb::Keep
            && matches!(decided.rule, Rule::NotInTable)
            && self.is_overlay_of_no_use(&node)
        {
            return self.remove(index, Rule::Overlay);
        }
        if let Some(next) = self.identifying_content(index, &node, vr, decided) {
            return next;
        }
        let dummy = index < self.dummy_until && decided.verb == Verb::Keep && !self.is_structure(&node, vr);
        let (verb, rule) =
            if dummy { (Verb::Dummy, Rule::InsideDummy) } else { (decided.verb, decided.rule) };
        if let (Rule::Profile(_), Verb::Keep | Verb::Clean | Verb::Shift) = (rule, verb) {
            self.plan.departs |= row(node.tag).is_some();
        }
        let free_text = matches!(vr, Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        let next = if free_text && self.is_cleaned_inside(index, &node, verb, rule) {
            self.clean_inside(index, &node, vr, rule)
        } else {
            let verb = if self.is_content_to_clean(index, &node, verb, rule) { Verb::Clean } else { verb };
            let decided = crate::decide::Decision { verb, rule };
            self.unless_unchanged(index, &node, vr, None, decided, |planner| {
                planner.carry_out(index, &node, vr, verb, rule)
            })
        };
        self.fill(index, &node, vr);
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
            Verb::Dummy => self.change(
                index,
                Done::Dummy,
                rule,
                Change::Value(vr, structured::dummy_value(node, vr, rule)),
            ),
            Verb::Uid => self.remap(index, node, vr, rule),
            Verb::Shift => self.shift(index, node, vr, rule),
            Verb::Clean if container => {
                self.clean_until = self.clean_until.max(node.next);
                self.enter(index, Done::Keep, rule)
            }
            Verb::Clean => self.clean(index, node, vr, rule),
            Verb::Replace => {
                let charset = self.set().charset.clone();
                let text = self.encoded(rule, &charset);
                // A text cannot stand in a sequence or a number.
                let vr = if vr.is_text() { vr } else { Vr::UN };
                self.change(index, Done::Replace, rule, Change::Value(vr, text))
            }
        }
    }

    /// The text of a rule in the character set of the data set; a file that cannot hold it is not written.
    fn encoded(&mut self, rule: Rule, charset: &CharacterSet) -> Vec<u8> {
        let text = self.replacement(rule);
        if text.is_ascii() {
            return text.as_bytes().to_vec();
        }
        // Between values stands a backslash, whatever sign the set has for it.
        let values: Option<Vec<_>> = text.split('\\').map(|value| charset.encode(value)).collect();
        let Some(values) = values else {
            self.plan.failed = true;
            self.plan.not_encodable = true;
            return Vec::new();
        };
        values.join(&b'\\')
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
                let prefix = &self.inputs.policy.profile.identity.prefix;
                let classification = self.inputs.classification;
                let fields = match id {
                    None => {
                        return self.change(
                            index,
                            Done::Replace,
                            Rule::Subject,
                            Change::Value(vr, Vec::new()),
                        );
                    }
                    Some(id) if classification.subject() == Some(id) => {
                        classification.subject_fields(self.inputs.policy.profile.identity.issuer)
                    }
                    // Somebody else's, in a sequence.
                    Some(id) => vec![id],
                };
                self.inputs.key.subject_code_with(prefix, &fields)
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
        let charset = Arc::clone(&self.set().charset);
        let bytes = self.source.bytes(node.value_start(), length)?;
        Some(charset.decode(bytes).trim_matches(['\0', ' ']).to_owned())
    }

    /// Moves the dates of a value by the subject's offset; what cannot be moved meets the Basic Profile's action.
    fn shift(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        if node.value_length() == 0 {
            return self.record_keep(index, rule);
        }
        let days = self.inputs.days;
        let dated = matches!(vr, Vr::DA | Vr::DT | Vr::TM)
            && node.value_length() <= 1 << 20
            && !VERSIONS.contains(&node.tag);
        if dated {
            let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
            // Moved by as much as the others it would tell the age in days.
            let born = vr != Vr::TM && self.births().are_in(&bytes);
            if let Some(shifted) = dates::shift(vr, &bytes, days).filter(|_| !born) {
                if shifted == bytes {
                    return self.record_keep(index, rule);
                }
                self.date(Dates::Modified);
                return self.change(index, Done::Shift, rule, Change::Value(vr, shifted));
            }
        }
        let by_option = matches!(rule, Rule::Option(..));
        let rule = if by_option && VERSIONS.contains(&node.tag) { Rule::KnownDay } else { rule };
        let position = Position { iod: self.inputs.classification.iod, top_level: node.parent == ROOT };
        match self.inputs.policy.fallback(node.tag, position) {
            Verb::Shift | Verb::Keep | Verb::Clean => self.remove(index, rule),
            verb => self.carry_out(index, node, vr, verb, rule),
        }
    }

    fn read(&mut self, node: &Node) -> Option<Vec<u8>> {
        let length = usize::try_from(node.value_length()).ok()?;
        let bytes = self.source.bytes(node.value_start(), length).map(<[u8]>::to_vec);
        self.plan.failed |= bytes.is_none();
        bytes
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
