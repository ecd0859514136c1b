//! Private elements: judged by creator, at any depth and in any block; creators of no use go.
//!
//! Elements of our list and numbers of known creators are kept for what they hold, so their values are looked at
//! ([`value`]). What was kept is told in the data set ([`kept`]). Values that neither
//! this nor a cleaner of vendors' headers ([`super::vendor`]) can read pass `keep_opaque`.

mod ge_user_data;
mod kept;
mod value;

use super::memo::{Cleaning, Memo};
use super::numbers::size;
use super::vendor::shown;
use super::{Creator, Dates, Done, Entry, LONGEST_OPAQUE, Planner, Recording};
use crate::clean_text::{self, Rewriter};
use crate::dated_numbers::Chance;
use crate::dates;
use crate::decide::{Decision, Verb};
use crate::rule::Rule;
use deid_dicom::{Change, Kind, Node, NodeIndex, ROOT, Source, Tag, Vr};
use deid_standard::confidentiality::ConfidentialityOption;
use deid_standard::neuroimaging_private::{Kind as Held, NeuroimagingPrivate, neuroimaging};
use deid_standard::{private_dictionary, safe_private};
use std::sync::Arc;

pub(super) use kept::Kept;

const GE_USER_DATA: (&str, u16, u8) = ("GEMS_PARM_01", 0x0043, 0x2A);
/// Samples of spectra, in 32-bit numbers: Siemens up to VE, Philips.
const SPECTRA: [(&str, u16, u8); 2] =
    [("SIEMENS CSA NON-IMAGE", 0x7FE1, 0x10), ("Philips MR Imaging DD 003", 0x2005, 0x70)];
/// Values of unknown meaning that are longer than this are no parameters.
const LONGEST_NUMERIC: u64 = 64 << 10;

impl<S: Source> Planner<'_, '_, S> {
    pub(super) fn private(&mut self, index: NodeIndex, node: Node) -> NodeIndex {
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
        let decisions = &self.inputs.remembered.decisions;
        let (decided, is_safe) =
            decisions.borrow_mut().private(self.inputs.policy, node.tag, &creator, is_sequence);
        let decided = self.at_its_place(&node, decided);
        if index < self.dummy_until && decided.verb == Verb::Keep {
            return self.remove(index, Rule::InsideDummy);
        }
        let (entries, uncleaned) = (self.plan.entries.len(), self.plan.kept_uncleaned.len());
        let vr = if decided.verb == Verb::Remove { node.vr } else { private_vr(&node, &creator) };
        let next = self.unless_unchanged(index, &node, vr, Some(&creator), decided, |planner| {
            planner.private_element(index, &node, (&creator, is_safe), vr, decided)
        });
        let is_removed = |entry: &Entry| entry.node == index && entry.done == Done::Remove;
        if !self.plan.entries[entries..].iter().any(is_removed) {
            self.set().creators[at].kept = true;
            let safe = self.plan.kept_uncleaned.len() == uncleaned && vouched(decided, is_safe);
            self.private.element(&node, &creator, safe, decided.rule);
        }
        next
    }

    /// Does what was decided for an element whose creator is known.
    fn private_element(
        &mut self,
        index: NodeIndex,
        node: &Node,
        (creator, safe): (&str, bool),
        vr: Vr,
        Decision { verb, rule }: Decision,
    ) -> NodeIndex {
        if verb == Verb::Remove {
            return self.remove(index, rule);
        }
        let safe_private = self.inputs.policy.safe_private;
        match rule {
            Rule::Neuroimaging(row) => {
                self.plan.departs |= !safe_private;
                return self.listed(index, node, row);
            }
            Rule::NumericPrivate => return self.numeric(index, node, creator, vr),
            Rule::Profile(_) if verb == Verb::Keep => {
                self.plan.departs |= !(safe && safe_private);
            }
            _ => {}
        }
        if verb != Verb::Keep || node.kind == Kind::Sequence {
            return self.carry_out(index, node, vr, verb, rule);
        }
        if (creator, node.tag.group(), node.tag.element() as u8) == GE_USER_DATA && node.value_length() > 0 {
            return self.ge_user_data(index, node, rule);
        }
        if safe {
            return self.safe(index, node, creator, rule);
        }
        if let Some(next) = self.vendor(index, node, vr, creator, rule) {
            return next;
        }
        match vr {
            Vr::UI => self.remap(index, node, vr, Rule::PrivateUid),
            Vr::PN if node.value_length() > 0 => {
                self.change(index, Done::Empty, Rule::PersonName, Change::Value(vr, Vec::new()))
            }
            vr => {
                let opaque = matches!(vr, Vr::OB | Vr::OW | Vr::UN | Vr::UT | Vr::Implicit | Vr::Invalid);
                if opaque && node.value_length() > 0 {
                    return self.keep_opaque(index, node, creator, rule);
                }
                self.keep_number(index, node, vr, rule)
            }
        }
    }

    /// Keeps a value; what calls itself a number has to be one, as in our list.
    fn keep_number(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let number = matches!(vr, Vr::DS | Vr::IS) || size(vr).is_some() && vr != Vr::OW;
        if !number || !(1..=LONGEST_OPAQUE).contains(&node.value_length()) {
            return self.keep(index, node, vr, rule);
        }
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        self.number(index, node, vr, &bytes, rule)
    }

    /// An element that the standard calls safe: as long as it holds what it is there for (PS3.15 E.3.10 speaks of the
    /// vendors' documented meaning). A text that is more than terms is cleaned, what is no number is not kept as one.
    fn safe(&mut self, index: NodeIndex, node: &Node, creator: &str, rule: Rule) -> NodeIndex {
        let row = safe_private::safe(creator, node.tag.group(), node.tag.element() as u8);
        let vr = match (node.vr, row.and_then(|row| row.vr)) {
            (Vr::Implicit | Vr::UN | Vr::Invalid | Vr::OB, Some(vr)) => vr,
            (Vr::OW, Some(vr)) if vr.is_text() => vr,
            _ => private_vr(node, creator),
        };
        if node.value_length() == 0 {
            return self.keep(index, node, vr, rule);
        }
        match vr {
            Vr::UI => return self.remap(index, node, vr, Rule::PrivateUid),
            Vr::PN => {
                return self.change(index, Done::Empty, Rule::PersonName, Change::Value(vr, Vec::new()));
            }
            _ => {}
        }
        let text = matches!(vr, Vr::CS | Vr::LO | Vr::SH | Vr::ST | Vr::LT | Vr::UC | Vr::UT);
        if !text {
            return self.safe_value(index, node, vr, row.and_then(|row| row.vr), rule);
        }
        if node.value_length() > LONGEST_OPAQUE {
            return self.keep(index, node, vr, rule);
        }
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        let searcher = self.inputs.searcher;
        let known = |part: &str| {
            value::is_plain_code(part) || clean_text::clean(part, searcher, &Rewriter::default()).removed == 0
        };
        if value::is_code(&bytes, known) {
            self.keep(index, node, vr, rule)
        } else if value::is_text(&bytes) && !deid_vendor::has_caret(&bytes) {
            self.carry_out(index, node, vr, Verb::Clean, rule)
        } else {
            self.remove(index, Rule::Malformed)
        }
    }

    /// A safe element that is no text: numbers have to be numbers, dates are treated as dates are, and what the file
    /// calls an age, a title or an address where the standard has none is out of place.
    fn safe_value(
        &mut self,
        index: NodeIndex,
        node: &Node,
        vr: Vr,
        listed: Option<Vr>,
        rule: Rule,
    ) -> NodeIndex {
        match vr {
            Vr::DA | Vr::DT => match self.read(node) {
                Some(bytes) => self.private_date(index, node, vr, &bytes, rule),
                None => self.remove(index, rule),
            },
            Vr::OB | Vr::OW | Vr::UN if node.value_length() <= LONGEST_OPAQUE => {
                let readable = self.read(node).is_none_or(|bytes| value::is_readable(&bytes));
                if readable { self.remove(index, Rule::Malformed) } else { self.keep(index, node, vr, rule) }
            }
            Vr::SQ => self.remove(index, Rule::Malformed),
            Vr::AE | Vr::AS | Vr::TM | Vr::UR if listed != Some(vr) => self.remove(index, Rule::Malformed),
            vr => self.keep_number(index, node, vr, rule),
        }
    }

    /// Keeps a value that nothing here can read, if it is short and nothing in it can be read by anybody, or if it is
    /// the samples of a spectrum; and says so.
    fn keep_opaque(&mut self, index: NodeIndex, node: &Node, creator: &str, rule: Rule) -> NodeIndex {
        let spectrum = SPECTRA.contains(&(creator, node.tag.group(), node.tag.element() as u8));
        let longest = if spectrum { LONGEST_OPAQUE } else { LONGEST_NUMERIC };
        let told = shown(creator, node.tag.group(), node.tag.element() as u8);
        if node.value_length() <= longest {
            let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
            let known = !self.inputs.searcher.is_in_opaque(&bytes)
                && if spectrum {
                    value::are_samples(&bytes, node.encoding)
                } else {
                    !value::is_readable(&bytes)
                };
            if !known {
                if spectrum {
                    self.plan.headers_removed.push(told);
                }
                return self.remove(index, Rule::VendorHeader);
            }
        } else if !spectrum || self.is_in_large(node, false) {
            if spectrum {
                self.plan.headers_removed.push(told);
            }
            return self.remove(index, Rule::VendorHeader);
        }
        self.date(Dates::Unmodified);
        self.plan.departs = true;
        self.plan.kept_uncleaned.push(told);
        self.record_keep(index, rule)
    }

    /// GE's user data without all that nobody needs.
    fn ge_user_data(&mut self, index: NodeIndex, node: &Node, rule: Rule) -> NodeIndex {
        let cleaned = self.read(node).as_deref().and_then(ge_user_data::clean);
        let Some(cleaned) = cleaned else { return self.remove(index, Rule::Malformed) };
        self.change(index, Done::Clean, rule, Change::Value(Vr::OB, cleaned))
    }

    /// An element of our list: kept, moved or remapped as its row says, if its value is what the row describes.
    fn listed(&mut self, index: NodeIndex, node: &Node, row: &'static NeuroimagingPrivate) -> NodeIndex {
        let rule = Rule::Neuroimaging(row);
        if (node.kind == Kind::Sequence) != (row.kind == Held::Sequence) {
            let empty = node.kind == Kind::Element && node.value_length() == 0;
            return if empty { self.record_keep(index, rule) } else { self.remove(index, Rule::Malformed) };
        }
        if row.kind == Held::Sequence {
            return self.enter(index, Done::Keep, rule);
        }
        if node.value_length() == 0 {
            return self.record_keep(index, rule);
        }
        if (row.creator, row.group, row.element) == GE_USER_DATA {
            return self.ge_user_data(index, node, rule);
        }
        if row.kind == Held::Header {
            // A header that its own cleaner does not know may hold anything.
            let cleaned = self.vendor(index, node, row.vr, row.creator, rule);
            return cleaned.unwrap_or_else(|| {
                self.plan.headers_removed.push(shown(row.creator, row.group, row.element));
                self.remove(index, Rule::VendorHeader)
            });
        }
        // A VR that says nothing, or bytes: the row knows better.
        let vr = match node.vr {
            Vr::Implicit | Vr::UN | Vr::Invalid | Vr::OB => row.vr,
            Vr::OW if !row.vr.is_text() => row.vr,
            vr => vr,
        };
        if node.value_length() > LONGEST_OPAQUE {
            let whole = size(vr).is_some_and(|size| node.value_length().is_multiple_of(size as u64));
            let number = row.kind == Held::Number && whole;
            return if number {
                self.keep(index, node, vr, rule)
            } else {
                self.remove(index, Rule::Malformed)
            };
        }
        // What the file itself calls a name, a date or an age is no parameter.
        let personal = matches!(vr, Vr::PN | Vr::DA | Vr::DT | Vr::TM | Vr::AS | Vr::UI | Vr::AE | Vr::UR);
        if personal && matches!(row.kind, Held::Number | Held::Code | Held::Text) {
            return self.remove(index, Rule::Malformed);
        }
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        match row.kind {
            Held::Number => self.number(index, node, vr, &bytes, rule),
            Held::Code if vr.is_text() && self.is_code(row, &bytes) => self.keep(index, node, vr, rule),
            // dcm2niix fails on frames of which the first lacks what others have; empty it may be.
            Held::Code if vr.is_text() && self.is_of_a_frame(node) => {
                self.change(index, Done::Clean, Rule::Malformed, Change::Value(vr, Vec::new()))
            }
            Held::Text if vr.is_text() && value::is_text(&bytes) => {
                self.carry_out(index, node, vr, Verb::Clean, rule)
            }
            Held::Uid if vr.is_text() && value::are_uids(&bytes) => {
                self.remap(index, node, Vr::UI, Rule::PrivateUid)
            }
            Held::Date | Held::Time | Held::DateTime if vr.is_text() => {
                self.private_date(index, node, row.vr, &bytes, rule)
            }
            _ => self.remove(index, Rule::Malformed),
        }
    }

    /// Whether an element stands in the functional groups of a frame.
    fn is_of_a_frame(&self, node: &Node) -> bool {
        const PER_FRAME: Tag = Tag::new(0x5200, 0x9230);
        let mut parent = node.parent;
        while parent != ROOT {
            let above = self.tree.node(parent);
            if above.tag == PER_FRAME {
                return true;
            }
            parent = above.parent;
        }
        false
    }

    /// Numbers, unless they are none, or one of them is an identifier of the subject.
    fn number(&mut self, index: NodeIndex, node: &Node, vr: Vr, bytes: &[u8], rule: Rule) -> NodeIndex {
        let Some(numbers) = value::numbers(vr, bytes, node.encoding) else {
            return self.remove(index, Rule::Malformed);
        };
        // Among many samples one looks like a date by chance.
        let samples = matches!(vr, Vr::OF | Vr::OD | Vr::OW);
        if !samples && numbers.iter().any(|number| value::is_date(*number)) {
            return self.remove(index, Rule::Malformed);
        }
        let chance = if rule == Rule::NumericPrivate { Chance::Any } else { Chance::Low };
        if self.is_dated(node.tag, vr, bytes, node.encoding, chance) {
            return self.remove(index, Rule::Identifier);
        }
        let searcher = self.inputs.searcher;
        if searcher.long_numbers_are_in(value::long_integers(&numbers).as_bytes())
            || searcher.is_spelt_by(&numbers)
        {
            return self.remove(index, Rule::Identifier);
        }
        self.keep(index, node, vr, rule)
    }

    /// Whether each value is a term of the scanner's software: made of the words of acquisition, or of the row's own.
    fn is_code(&mut self, row: &'static NeuroimagingPrivate, bytes: &[u8]) -> bool {
        let searcher = self.inputs.searcher;
        let memo = &self.inputs.remembered.memo;
        let known = &mut self.private.codes;
        value::is_code(bytes, |part| {
            value::is_plain_code(part)
                || *known.entry((row.creator, row.group, row.element, part.to_owned())).or_insert_with(|| {
                    let terms = row.terms.split('|').filter(|term| !term.is_empty());
                    let text = terms.fold(part.to_owned(), |text, term| text.replace(term, " "));
                    let clean = || clean_text::clean(&text, searcher, &Rewriter::default());
                    Memo::text(memo, Cleaning::Bare, &text, clean).removed == 0
                })
        })
    }

    /// A date or time in a private element: moved or kept as the profile wants it, else removed.
    fn private_date(&mut self, index: NodeIndex, node: &Node, vr: Vr, bytes: &[u8], rule: Rule) -> NodeIndex {
        let policy = self.inputs.policy;
        if policy.shifts_dates() {
            return self.shift(index, node, vr, rule);
        }
        let full = policy.profile.has_option(ConfidentialityOption::RetainLongitudinalFullDates);
        if !full || dates::shift(vr, bytes, 0).is_none() {
            return self.remove(index, rule);
        }
        self.date(Dates::Unmodified);
        self.record_keep(index, rule)
    }

    /// An element of which nothing is known but that its creator is: kept if it is numbers that are too small to be
    /// dates or identifiers, and if the dictionary does not call it one.
    fn numeric(&mut self, index: NodeIndex, node: &Node, creator: &str, vr: Vr) -> NodeIndex {
        let rule = Rule::NumericPrivate;
        let known =
            private_dictionary::private_attribute(creator, node.tag.group(), node.tag.element() as u8);
        let stated = matches!(node.vr, Vr::Implicit) || node.vr == vr;
        let numeric = matches!(
            vr,
            Vr::US | Vr::SS | Vr::UL | Vr::SL | Vr::FL | Vr::FD | Vr::SV | Vr::UV | Vr::DS | Vr::IS
        );
        if !stated || !numeric || known.is_some_and(|known| value::names_an_identifier(known.name)) {
            return self.remove(index, Rule::Private);
        }
        self.plan.departs = true;
        if node.value_length() == 0 {
            return self.record_keep(index, rule);
        }
        if node.value_length() > LONGEST_NUMERIC {
            return self.remove(index, Rule::Private);
        }
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        match value::numbers(vr, &bytes, node.encoding) {
            Some(numbers) if numbers.iter().all(|number| !value::may_identify(*number)) => {
                self.number(index, node, vr, &bytes, rule)
            }
            Some(_) => self.remove(index, Rule::Private),
            None => self.remove(index, Rule::Malformed),
        }
    }

    /// A private creator is decided on when its data set ends and it is known whether it is of use.
    pub(super) fn creator(&mut self, index: NodeIndex, node: &Node) -> NodeIndex {
        let searcher = self.inputs.searcher;
        let name = self
            .decoded(node)
            .filter(|name| !name.is_empty() && name.len() <= 64 && name.is_ascii() && !name.contains('\\'))
            // Somebody may have put a person there.
            .filter(|name| private_dictionary::is_known_creator(name) || !searcher.is_in(name.as_bytes()))
            .map(Arc::from);
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
    pub(super) fn leave(&mut self) {
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
}

/// What a private element holds: the standard's word, then that of our list, then the private dictionary's, if the
/// file has none.
pub(super) fn private_vr(node: &Node, creator: &str) -> Vr {
    if !matches!(node.vr, Vr::Implicit | Vr::UN | Vr::Invalid) {
        return node.vr;
    }
    let (group, element) = (node.tag.group(), node.tag.element() as u8);
    safe_private::safe(creator, group, element)
        .and_then(|safe| safe.vr)
        .or_else(|| neuroimaging(creator, group, element).map(|row| row.vr))
        .or_else(|| private_dictionary::private_attribute(creator, group, element).and_then(|found| found.vr))
        .unwrap_or(Vr::UN)
}

/// Whether nothing but numbers is kept by a rule, and nothing else is looked for in them.
pub(super) fn is_number_alone(rule: Rule) -> bool {
    match rule {
        Rule::NumericPrivate => true,
        Rule::Neuroimaging(row) => row.kind == Held::Number,
        _ => false,
    }
}

/// Whether what is left of an element is known to identify nobody: for the Private Data Element Characteristics.
fn vouched(decided: Decision, is_safe: bool) -> bool {
    match decided.rule {
        Rule::SafePrivate | Rule::Neuroimaging(_) => true,
        Rule::NumericPrivate => false,
        _ => decided.verb != Verb::Keep || is_safe,
    }
}
