//! The rules of a profile sorted for look-up: [`CompiledRules`], and [`RuleBook`], which has one for each
//! combination of conditions.

use std::sync::Arc;

use deid_dicom::Tag;
use deid_standard::TagPattern;

use crate::condition::{Condition, InstanceFacts};
use crate::element_path::{ElementPath, PlacedElement};
use crate::model::Rule;
use crate::selector::{Selector, trim_creator};

/// The rules of a profile, of which some hold for certain instances only.
///
/// [`holding`](Self::holding) says for an instance which conditions hold, [`compile`](Self::compile) makes the rules
/// of such a combination. There are few combinations in a session: the caller keeps what it compiled.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    rules: Arc<[Rule]>,
    /// Each condition once.
    conditions: Vec<Condition>,
    /// For each rule the place of its condition.
    conditional: Vec<Option<usize>>,
}

impl RuleBook {
    /// The book of these rules.
    pub fn new(rules: &[Rule]) -> Self {
        let mut conditions: Vec<Condition> = Vec::new();
        let place = |rule: &Rule| {
            let condition = rule.when.as_ref()?;
            Some(conditions.iter().position(|known| known == condition).unwrap_or_else(|| {
                conditions.push(condition.clone());
                conditions.len() - 1
            }))
        };
        let conditional = rules.iter().map(place).collect();
        RuleBook { rules: rules.into(), conditions, conditional }
    }

    /// Which conditions hold for an instance; nothing if there are none.
    pub fn holding(&self, instance: InstanceFacts<'_>) -> Vec<bool> {
        self.conditions.iter().map(|condition| condition.holds(instance)).collect()
    }

    /// The rules that hold if these conditions do.
    pub fn compile(&self, holding: &[bool]) -> CompiledRules {
        let holds = |condition: Option<usize>| {
            condition.is_none_or(|place| holding.get(place).copied().unwrap_or(false))
        };
        let chosen = self.conditional.iter().map(|condition| holds(*condition));
        CompiledRules::of(&self.rules, chosen)
    }
}

/// Rules sorted for look-up: one rule for each selector, the one that was written last.
///
/// Two selectors are the same if path, or tag, or group, creator and element are. So rows of a TSV that name
/// one tag with several creators add up, and rows that name one creator's element in several blocks,
/// `(0029,1010)` and `(0029,1110)`, are one.
///
/// Of rules with several selectors the one that says most wins, whatever the order: a path, then an element of a
/// creator, then a tag, then a tag with digits that vary, then a creator's block. Of two paths, or two tags with
/// digits that vary, the later one.
#[derive(Clone, Debug, Default)]
pub struct CompiledRules {
    /// All rules as they were written: what the indices below, and those handed out, refer to.
    rules: Arc<[Rule]>,
    // Sorted by their first part, which is unique. Integers come before the creator, so that nearly
    // all comparisons of a search are comparisons of integers.
    tags: Vec<(Tag, usize)>,
    elements: Vec<((u16, u8, String), usize)>,
    blocks: Vec<((u16, String), usize)>,
    // Few: looked through, the last one first.
    patterns: Vec<(TagPattern, usize)>,
    paths: Vec<(ElementPath, usize)>,
}

/// How far the rules for places lead to a data set: how many steps of each path its sequences can have taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way(Vec<Vec<bool>>);

impl CompiledRules {
    /// Sorts these rules; of two with the same selector the later one counts. Those with a condition do not hold.
    pub fn new(rules: &[Rule]) -> Self {
        CompiledRules::of(&rules.into(), rules.iter().map(|rule| rule.when.is_none()))
    }

    fn of(rules: &Arc<[Rule]>, chosen: impl Iterator<Item = bool>) -> Self {
        let mut compiled = CompiledRules { rules: Arc::clone(rules), ..CompiledRules::default() };
        for ((index, rule), chosen) in rules.iter().enumerate().zip(chosen) {
            if !chosen {
                continue;
            }
            match &rule.selector {
                Selector::Tag(tag) => compiled.tags.push((*tag, index)),
                Selector::Pattern(pattern) => compiled.patterns.push((*pattern, index)),
                Selector::Private { group, creator, element } => {
                    let key = (*group, *element, trim_creator(creator).to_owned());
                    compiled.elements.push((key, index));
                }
                Selector::PrivateBlock { group, creator } => {
                    let key = (*group, trim_creator(creator).to_owned());
                    compiled.blocks.push((key, index));
                }
                Selector::Path(path) => compiled.paths.push((path.clone(), index)),
            }
        }
        sort_last_wins(&mut compiled.tags);
        sort_last_wins(&mut compiled.elements);
        sort_last_wins(&mut compiled.blocks);
        sort_last_wins(&mut compiled.patterns);
        sort_last_wins(&mut compiled.paths);
        compiled.patterns.sort_by_key(|(_, index)| std::cmp::Reverse(*index));
        compiled.paths.sort_by_key(|(_, index)| std::cmp::Reverse(*index));
        compiled
    }

    /// The rule for this tag by its number, and the rule's index.
    ///
    /// For an element in a private block use [`private`](Self::private).
    pub fn public(&self, tag: Tag) -> Option<(&Rule, usize)> {
        if let Ok(at) = self.tags.binary_search_by_key(&tag, |(key, _)| *key) {
            return Some(self.at(self.tags[at].1));
        }
        self.patterns.iter().find(|(pattern, _)| pattern.matches(tag)).map(|(_, index)| self.at(*index))
    }

    /// The rule for an element of this creator's block, and the rule's index.
    ///
    /// `element` is the low byte of the element number: (0029,1210) is element 10 of the creator at
    /// (0029,0012). `tag` is the literal tag. The rule that says most wins: a rule for this creator's
    /// element, then one for the literal tag whatever the creator, then one for the whole block.
    /// The last covers no sequences: ask [`Selector::covers_sequences`].
    pub fn private(&self, group: u16, creator: &str, element: u8, tag: Tag) -> Option<(&Rule, usize)> {
        let creator = trim_creator(creator);
        let of_element = || {
            let wanted = (group, element, creator);
            self.elements
                .binary_search_by(|((g, e, c), _)| (*g, *e, c.as_str()).cmp(&wanted))
                .ok()
                .map(|at| self.at(self.elements[at].1))
        };
        let of_block = || {
            let wanted = (group, creator);
            self.blocks
                .binary_search_by(|((g, c), _)| (*g, c.as_str()).cmp(&wanted))
                .ok()
                .map(|at| self.at(self.blocks[at].1))
        };
        of_element().or_else(|| self.public(tag)).or_else(of_block)
    }

    /// Whether a rule for a place may be about an element of this tag. Nearly always not: then nobody need know
    /// where it stands.
    pub fn may_have_place(&self, tag: Tag) -> bool {
        self.paths.iter().any(|(path, _)| path.may_end_at(tag))
    }

    /// How far the rules for places lead to the top level.
    pub fn way(&self) -> Way {
        Way(self.paths.iter().map(|(path, _)| path.start()).collect())
    }

    /// How far they lead into the items of a sequence in a data set that they lead to so far.
    pub fn way_into(&self, way: &Way, sequence: &PlacedElement) -> Way {
        let paths = self.paths.iter().zip(&way.0);
        Way(paths.map(|((path, _), reached)| path.further(reached, sequence)).collect())
    }

    /// The rule for the place of an element in a data set that the rules lead to so far. It says more than what
    /// [`public`](Self::public) and [`private`](Self::private) find.
    pub fn at_place(&self, way: &Way, element: &PlacedElement) -> Option<(&Rule, usize)> {
        let mut paths = self.paths.iter().zip(&way.0);
        let leads = paths.find(|((path, _), reached)| path.ends_with(reached, element));
        leads.map(|((_, index), _)| self.at(*index))
    }

    /// The rule of this index, as handed out by the look-ups.
    pub fn rule(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index)
    }

    /// All rules as they were written, those that a later one overrides included.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that count, with their indices: by tag, then by creator's element, then by block, then by tags with
    /// digits that vary, then by path.
    pub fn in_force(&self) -> impl Iterator<Item = (&Rule, usize)> {
        let tags = self.tags.iter().map(|(_, index)| *index);
        let elements = self.elements.iter().map(|(_, index)| *index);
        let blocks = self.blocks.iter().map(|(_, index)| *index);
        let patterns = self.patterns.iter().map(|(_, index)| *index);
        let paths = self.paths.iter().map(|(_, index)| *index);
        tags.chain(elements).chain(blocks).chain(patterns).chain(paths).map(|index| self.at(index))
    }

    fn at(&self, index: usize) -> (&Rule, usize) {
        (&self.rules[index], index)
    }
}

/// Sorts by key and leaves of each key the highest index.
fn sort_last_wins<K: Ord>(table: &mut Vec<(K, usize)>) {
    table.sort_by(|(a, i), (b, j)| a.cmp(b).then(j.cmp(i)));
    table.dedup_by(|later, kept| later.0 == kept.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Wildcard;
    use crate::model::{Action, RuleOrigin};

    const CSA: Tag = Tag::new(0x0029, 0x1210);

    fn rule(selector: Selector, action: Action) -> Rule {
        Rule { selector, action, name: None, reason: None, when: None, origin: RuleOrigin::default() }
    }

    fn csa(action: Action) -> Rule {
        rule(Selector::private(0x0029, "SIEMENS CSA HEADER", 0x10), action)
    }

    fn block(action: Action) -> Rule {
        rule(Selector::private_block(0x0029, "SIEMENS CSA HEADER"), action)
    }

    fn found(rules: &[Rule], creator: &str) -> Option<Action> {
        let compiled = CompiledRules::new(rules);
        let (rule, index) = compiled.private(0x0029, creator, 0x10, CSA)?;
        assert_eq!(&rules[index], rule, "the index refers to the rules as written");
        Some(rule.action.clone())
    }

    #[test]
    fn the_rule_that_says_most_wins_whatever_the_order() {
        let tag = rule(Selector::Tag(CSA), Action::Empty);
        let all = [csa(Action::Keep), tag.clone(), block(Action::Remove)];
        assert_eq!(found(&all, "SIEMENS CSA HEADER"), Some(Action::Keep));
        let mut reversed = all.to_vec();
        reversed.reverse();
        assert_eq!(found(&reversed, "SIEMENS CSA HEADER"), Some(Action::Keep));
        assert_eq!(found(&all, "OTHER"), Some(Action::Empty), "a literal tag asks for no creator");
        assert_eq!(found(&[block(Action::Remove), tag], "SIEMENS CSA HEADER"), Some(Action::Empty));
        assert_eq!(found(&[block(Action::Remove)], "SIEMENS CSA HEADER"), Some(Action::Remove));
        assert_eq!(found(&[block(Action::Remove)], "OTHER"), None);
    }

    #[test]
    fn the_later_of_two_rules_for_one_selector_counts() {
        let rules = [csa(Action::Keep), csa(Action::Remove), csa(Action::Empty)];
        assert_eq!(found(&rules, "SIEMENS CSA HEADER"), Some(Action::Empty));
        let compiled = CompiledRules::new(&rules);
        assert_eq!(compiled.in_force().count(), 1);
        assert_eq!(compiled.rules().len(), 3);
    }

    #[test]
    fn creators_compare_trimmed_but_by_case() {
        let rules = [rule(
            Selector::Private { group: 0x0029, creator: " SIEMENS CSA HEADER\0".into(), element: 0x10 },
            Action::Keep,
        )];
        assert_eq!(found(&rules, "SIEMENS CSA HEADER "), Some(Action::Keep));
        assert_eq!(found(&rules, "Siemens CSA Header"), None);
    }

    #[test]
    fn one_element_number_of_several_creators_has_several_rules() {
        let rules = [
            csa(Action::Keep),
            rule(Selector::private(0x0029, "SIEMENS MEDCOM HEADER", 0x10), Action::Remove),
        ];
        assert_eq!(found(&rules, "SIEMENS CSA HEADER"), Some(Action::Keep));
        assert_eq!(found(&rules, "SIEMENS MEDCOM HEADER"), Some(Action::Remove));
    }

    #[test]
    fn a_public_tag_is_found_by_its_number() {
        let date = Tag::new(0x0008, 0x0020);
        let compiled = CompiledRules::new(&[rule(Selector::Tag(date), Action::Keep)]);
        assert_eq!(compiled.public(date).map(|(_, index)| index), Some(0));
        assert_eq!(compiled.public(Tag::new(0x0008, 0x0021)), None);
    }

    #[test]
    fn a_path_says_more_than_a_tag_and_a_tag_more_than_a_pattern() {
        let written = |text: &str, action| rule(Selector::parse(text).unwrap(), action);
        let compiled = CompiledRules::new(&[
            written("**/StudyDate", Action::Remove),
            written("RequestAttributesSequence/StudyDate", Action::Keep),
            written("StudyDate", Action::Empty),
            written("(6000,3000)", Action::Keep),
            written("OverlayData", Action::Remove),
        ]);
        let place = |tags: &[(u16, u16)]| {
            let placed =
                |&(group, element): &_| PlacedElement { tag: Tag::new(group, element), creator: None };
            let (last, around) = tags.split_last()?;
            let into = |way, sequence| compiled.way_into(&way, &placed(sequence));
            let way = around.iter().fold(compiled.way(), into);
            compiled.at_place(&way, &placed(last)).map(|(_, index)| index)
        };
        assert_eq!(place(&[(0x0008, 0x0020)]), Some(0));
        assert_eq!(place(&[(0x0040, 0x0275), (0x0008, 0x0020)]), Some(1));
        assert_eq!(place(&[(0x0008, 0x0021)]), None);
        assert!(compiled.may_have_place(Tag::new(0x0008, 0x0020)));
        assert!(!compiled.may_have_place(Tag::new(0x0008, 0x0021)));
        let found = |group, element| compiled.public(Tag::new(group, element)).map(|(_, index)| index);
        assert_eq!(
            (found(0x6000, 0x3000), found(0x6002, 0x3000), found(0x6001, 0x3000)),
            (Some(3), Some(4), None)
        );
        assert_eq!(compiled.in_force().count(), 5);
    }

    #[test]
    fn conditions_decide_which_rules_are_compiled() {
        let date = Tag::new(0x0008, 0x0020);
        let of = |manufacturer: &str, action| Rule {
            when: Some(Condition {
                manufacturer: Wildcard::parse(manufacturer).into_iter().collect(),
                ..Condition::default()
            }),
            ..rule(Selector::Tag(date), action)
        };
        let rules = [
            rule(Selector::Tag(date), Action::Remove),
            of("SIEMENS*", Action::Keep),
            of("GE*", Action::Shift),
            of("SIEMENS*", Action::Empty),
        ];
        let book = RuleBook::new(&rules);
        let action = |manufacturer| {
            let holding = book.holding(InstanceFacts { manufacturer, ..InstanceFacts::default() });
            assert_eq!(holding.len(), 2);
            book.compile(&holding).public(date).map(|(rule, _)| rule.action.clone())
        };
        assert_eq!(action("Siemens Healthineers"), Some(Action::Empty));
        assert_eq!(action("GE MEDICAL SYSTEMS"), Some(Action::Shift));
        assert_eq!(action(""), Some(Action::Remove));
        assert_eq!(CompiledRules::new(&rules).public(date).map(|(_, index)| index), Some(0));
    }
}
