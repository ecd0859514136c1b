//! One decision per attribute: base profile, options and rules of the user, in the order of precedence.
//!
//! Forced values come first, then the subject's name and ID, then rules of the profile, then options, then the Basic
//! Profile. What is said here depends on tag, creator and IOD alone; values come in with the plan.

use crate::Key;
use crate::clean_text::{DateTreatment, Rewriter, UidTreatment};
use crate::rule::Rule;
use deid_dicom::{Tag, Vr};
use deid_profile::{Action, CompiledRules, NEVER_KEPT, PlacedElement, Profile, Way};
use deid_standard::confidentiality::{BasicAction, ConfidentialityOption, OptionAction, Row, row};
use deid_standard::iod::{AttributeType, Iod, nested_type_in, type_in};
use deid_standard::{neuroimaging_private, private_dictionary, safe_private};

mod unlisted;

/// What is to be done with an element, before its value is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Keep,
    Remove,
    Empty,
    Dummy,
    Uid,
    /// Dates moved by the subject's offset.
    Shift,
    /// Text kept without what identifies; a sequence kept with its texts cleaned.
    Clean,
    /// Text of a forced value or of a profile's rule.
    Replace,
}

/// Verb and reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision {
    pub(crate) verb: Verb,
    pub(crate) rule: Rule,
}

const fn decision(verb: Verb, rule: Rule) -> Decision {
    Decision { verb, rule }
}

/// What the decisions depend on besides the element.
#[derive(Debug)]
pub(crate) struct Policy<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) rules: &'a CompiledRules,
    pub(crate) forced: &'a [(Tag, String)],
    pub(crate) safe_private: bool,
}

/// Where the element stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    pub(crate) iod: Option<Iod>,
    pub(crate) top_level: bool,
}

impl Policy<'_> {
    /// The decision for a public attribute.
    pub(crate) fn public(&self, tag: Tag, position: Position) -> Decision {
        if let Some(index) = self.forced.iter().position(|(forced, _)| *forced == tag) {
            return decision(Verb::Replace, Rule::Forced(index));
        }
        if let Some((rule, index)) = self.rules.public(tag)
            && !(rule.action.retains() && NEVER_KEPT.contains(&tag))
        {
            return decision(verb(&rule.action), Rule::Profile(index));
        }
        if matches!(tag.group(), 0x0000 | 0x0002 | 0xFFFE) {
            return decision(Verb::Remove, Rule::Misplaced);
        }
        let Some(row) = row(tag) else { return self.unlisted(tag, position) };
        let modified = ConfidentialityOption::RetainLongitudinalModifiedDates;
        let shift = self.shifts_dates() && row.option(modified).is_some();
        if let Some(option) = self.retained(row) {
            // A true day (of the device, say) beside shifted ones tells by how much they are shifted.
            let full = option == ConfidentialityOption::RetainLongitudinalFullDates;
            let is_date = matches!(row.vr, Some(Vr::DA | Vr::DT | Vr::TM));
            if !(shift && is_date && !full) {
                return decision(Verb::Keep, Rule::Option(row, option));
            }
        }
        if shift {
            return decision(Verb::Shift, Rule::Option(row, modified));
        }
        if let Some(option) = self.cleaned(row) {
            return decision(Verb::Clean, Rule::Option(row, option));
        }
        decision(self.basic(row, tag, position), Rule::Basic(row))
    }

    /// The decision for an element of a private creator's block: the user's rules, then our list, then the standard's,
    /// then the rule on numbers, as far as they are chosen.
    pub(crate) fn private(&self, tag: Tag, creator: &str, is_sequence: bool) -> Decision {
        if let Some(index) = self.forced.iter().position(|(forced, _)| *forced == tag) {
            return decision(Verb::Replace, Rule::Forced(index));
        }
        let element = tag.element() as u8;
        if let Some((rule, index)) = self.rules.private(tag.group(), creator, element, tag)
            && (!is_sequence || rule.selector.covers_sequences())
        {
            return decision(verb(&rule.action), Rule::Profile(index));
        }
        let chosen = self.profile.private;
        if chosen.neuroimaging
            && let Some(row) = neuroimaging_private::neuroimaging(creator, tag.group(), element)
        {
            return decision(Verb::Keep, Rule::Neuroimaging(row));
        }
        if self.safe_private && safe_private::is_safe(creator, tag.group(), element) {
            return decision(Verb::Keep, Rule::SafePrivate);
        }
        if chosen.numeric && !is_sequence && private_dictionary::is_known_creator(creator) {
            return decision(Verb::Keep, Rule::NumericPrivate);
        }
        decision(Verb::Remove, Rule::Private)
    }

    /// The decision of a rule for the place of an element in a data set that the rules lead to so far. It says more
    /// than those above, forced values apart.
    pub(crate) fn at_place(&self, way: &Way, element: &PlacedElement) -> Option<Decision> {
        let (rule, index) = self.rules.at_place(way, element)?;
        let obeyed = !(rule.action.retains() && NEVER_KEPT.contains(&element.tag));
        obeyed.then(|| decision(verb(&rule.action), Rule::Profile(index)))
    }

    /// The chosen option that retains the attribute as it is; that of full dates before others.
    fn retained(&self, row: &Row) -> Option<ConfidentialityOption> {
        let full = ConfidentialityOption::RetainLongitudinalFullDates;
        let retains = |option: &ConfidentialityOption| row.option(*option) == Some(OptionAction::Keep);
        let mut chosen = self.profile.options.iter().copied().filter(retains);
        if self.profile.has_option(full) && retains(&full) { Some(full) } else { chosen.next() }
    }

    /// The chosen option that keeps the attribute if it is cleaned. Dates are another matter.
    fn cleaned(&self, row: &Row) -> Option<ConfidentialityOption> {
        self.profile.options.iter().copied().find(|option| {
            *option != ConfidentialityOption::RetainLongitudinalModifiedDates
                && row.option(*option) == Some(OptionAction::Clean)
        })
    }

    /// What becomes of dates and UIDs in texts that are cleaned; `days` is the subject's offset into the past.
    pub(crate) fn rewriter<'k>(&self, key: &'k Key, days: i32) -> Rewriter<'k> {
        let dates = if self.shifts_dates() {
            DateTreatment::Shift(i64::from(days))
        } else if self.profile.has_option(ConfidentialityOption::RetainLongitudinalFullDates) {
            DateTreatment::Keep
        } else {
            DateTreatment::Remove
        };
        let keep = self.profile.has_option(ConfidentialityOption::RetainUids);
        let uids = if keep { UidTreatment::Keep } else { UidTreatment::Remap(key) };
        Rewriter { dates, uids, ..Rewriter::default() }
    }

    /// Whether dates are moved instead of removed.
    pub(crate) fn shifts_dates(&self) -> bool {
        self.profile.has_option(ConfidentialityOption::RetainLongitudinalModifiedDates)
    }

    /// What the Basic Profile does where an option cannot be carried out on a value.
    pub(crate) fn fallback(&self, tag: Tag, position: Position) -> Verb {
        row(tag).map_or(Verb::Remove, |row| self.basic(row, tag, position))
    }

    /// Whether the attribute must have a value in an instance of this IOD (Types 1 and 1C).
    pub(crate) fn requires_value(tag: Tag, position: Position) -> bool {
        position.iod.is_some()
            && matches!(type_of(tag, position), Some(AttributeType::One | AttributeType::OneC))
    }

    /// The Basic Profile's action. Where it offers several, the attribute's Type in the IOD decides: the first that
    /// the Type permits among those offered (PS3.15 E.3, table E.1-1a).
    fn basic(&self, row: &Row, tag: Tag, position: Position) -> Verb {
        let kind = type_of(tag, position);
        let by_type = |codes: &[Verb]| {
            let permitted = |verb: Verb| match kind {
                Some(AttributeType::Three) | None => true,
                Some(AttributeType::Two | AttributeType::TwoC) => verb != Verb::Remove,
                Some(AttributeType::One | AttributeType::OneC) => !matches!(verb, Verb::Remove | Verb::Empty),
            };
            codes
                .iter()
                .copied()
                .find(|code| permitted(*code))
                .or(codes.last().copied())
                .unwrap_or(Verb::Remove)
        };
        let letter = self.profile.by_the_letter;
        match row.basic {
            BasicAction::X if letter => Verb::Remove,
            BasicAction::D => Verb::Dummy,
            BasicAction::Z => Verb::Empty,
            BasicAction::XOrZ => by_type(&[Verb::Remove, Verb::Empty]),
            BasicAction::XOrD => by_type(&[Verb::Remove, Verb::Dummy]),
            BasicAction::X | BasicAction::XOrZOrD => by_type(&[Verb::Remove, Verb::Empty, Verb::Dummy]),
            BasicAction::ZOrD => by_type(&[Verb::Empty, Verb::Dummy]),
            BasicAction::XOrZOrU if letter => by_type(&[Verb::Remove, Verb::Empty, Verb::Uid]),
            BasicAction::U | BasicAction::XOrZOrU => Verb::Uid,
        }
    }
}

/// The Type of an attribute in this instance: as Type 1 if the SOP class is unknown, `None` if not in the IOD.
fn type_of(tag: Tag, position: Position) -> Option<AttributeType> {
    let Some(iod) = position.iod else { return Some(AttributeType::One) };
    if position.top_level { type_in(iod, tag) } else { nested_type_in(iod, tag) }
}

const fn verb(action: &Action) -> Verb {
    match action {
        Action::Keep => Verb::Keep,
        Action::Remove => Verb::Remove,
        Action::Empty => Verb::Empty,
        Action::Dummy => Verb::Dummy,
        Action::RemapUid => Verb::Uid,
        Action::Clean => Verb::Clean,
        Action::Shift => Verb::Shift,
        Action::Replace(_) => Verb::Replace,
    }
}

#[cfg(test)]
mod table;

#[cfg(test)]
mod tests {
    use super::*;

    fn basic() -> Profile {
        deid_profile::built_in("basic").unwrap()
    }

    #[test]
    fn type_in_the_iod_decides_between_codes() {
        let profile = basic();
        let rules = profile.compile();
        let policy = Policy { profile: &profile, rules: &rules, forced: &[], safe_private: false };
        let mr = Iod::of_sop_class("1.2.840.10008.5.1.4.1.1.4");
        let verb = |tag, iod| policy.public(tag, Position { iod, top_level: true }).verb;
        // Acquisition Date X/Z is Type 3 in MR, Content Date Z/D is Type 2C there.
        assert_eq!(verb(Tag::new(0x0008, 0x0022), mr), Verb::Remove);
        assert_eq!(verb(Tag::new(0x0008, 0x0022), None), Verb::Empty);
    }

    #[test]
    fn private_rules_follow_their_precedence() {
        let text = "name = \"p\"\noptions = [\"retain-safe-private\"]\nprivate = [\"neuroimaging\", \"numeric\"]\n\
                    [[rule]]\ntag = \"(0019,{SIEMENS MR HEADER}0C)\"\naction = \"remove\"\n";
        let mut profile = deid_profile::toml::parse(text).unwrap();
        let rule = |profile: &Profile, creator, group, element: u16, is_sequence| {
            let rules = profile.compile();
            let safe_private = profile.has_option(ConfidentialityOption::RetainSafePrivate);
            let policy = Policy { profile, rules: &rules, forced: &[], safe_private };
            policy.private(Tag::new(group, 0x1000 + element), creator, is_sequence).rule
        };
        let siemens = "SIEMENS MR HEADER";
        assert_eq!(rule(&profile, siemens, 0x0019, 0x0C, false), Rule::Profile(0));
        // On both lists: ours looks at the value.
        assert!(matches!(rule(&profile, siemens, 0x0019, 0x0E, false), Rule::Neuroimaging(_)));
        assert_eq!(rule(&profile, "HOLOGIC, Inc.", 0x7E01, 0x01, false), Rule::SafePrivate);
        assert_eq!(rule(&profile, siemens, 0x0019, 0x77, false), Rule::NumericPrivate);
        assert_eq!(rule(&profile, siemens, 0x0019, 0x77, true), Rule::Private);
        assert_eq!(rule(&profile, "NOBODY KNOWS", 0x0019, 0x77, false), Rule::Private);
        profile.private = deid_profile::PrivatePolicy::default();
        assert_eq!(rule(&profile, siemens, 0x0019, 0x0E, false), Rule::SafePrivate);
        assert_eq!(rule(&profile, siemens, 0x0019, 0x77, false), Rule::Private);
    }

    #[test]
    fn names_are_kept_by_nobody() {
        let profile = deid_profile::built_in("cati_collector").unwrap();
        let rules = profile.compile();
        let policy = Policy { profile: &profile, rules: &rules, forced: &[], safe_private: true };
        let position = Position { iod: None, top_level: true };
        assert_eq!(policy.public(Tag::new(0x0010, 0x0010), position).verb, Verb::Empty);
        assert_eq!(policy.public(Tag::new(0x0008, 0x0020), position).verb, Verb::Keep);
    }
}
