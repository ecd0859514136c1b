//! What a profile says, as data: [`Profile`], its [`Rule`]s, and [`CompiledRules`] to look them up.
//!
//! Nothing here knows files, VRs or IODs: rules name elements and what the user wants done with
//! them. The meaning of an action for a given VR, and what happens where no rule matches, is the
//! engine's business.

use std::fmt;

use deid_dicom::Tag;
use deid_standard::confidentiality::ConfidentialityOption;

use crate::filter::Filter;
use crate::selector::{Selector, trim_creator};

/// Attributes that no `keep` rule reaches: Patient's Name, Patient ID, Other Patient IDs and its
/// sequence.
///
/// CATI's own `cati_collector.tsv` has a K row for the name. Readers leave such rows in the
/// profile, so that a report can name the rule it did not follow; the engine passes them over.
pub const NEVER_KEPT: [Tag; 4] =
    [Tag::new(0x0010, 0x0010), Tag::new(0x0010, 0x0020), Tag::new(0x0010, 0x1000), Tag::new(0x0010, 0x1002)];

/// What the user wants: the Basic profile of PS3.15 Annex E, the options on top, and own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name to be reported.
    pub name: String,
    /// What the profile is for, in a sentence or two; may be empty.
    pub description: String,
    /// The retained and cleaning options of PS3.15 E.3, sorted, each once.
    pub options: Vec<ConfidentialityOption>,
    /// The rules in the order they were written; [`CompiledRules`] decides between them.
    pub rules: Vec<Rule>,
    /// Which values of Modality (0008,0060) are de-identified; the others are left out.
    pub modalities: Filter,
    /// Which SOP Class UIDs are de-identified; the others are left out.
    pub sop_classes: Filter,
    /// What happens to an instance whose pixels may show who the patient is.
    pub burned_in: BurnedIn,
    /// Which private elements are kept on top of the standard's safe list.
    pub private: PrivatePolicy,
    /// Whether Table E.1-1 is followed where that yields an instance that its IOD does not allow.
    ///
    /// True for `basic` only: a plain X on a Type 1 or Type 2 attribute stays X, and X/Z/U* is
    /// decided by Type. The other profiles write an empty or dummy value, and remap references.
    pub by_the_letter: bool,
    /// Whether the caller vouches for the pixels of captures, which are then kept.
    ///
    /// No profile file sets it: it is CATI's `keep_capture`, a decision about one batch.
    pub captures: bool,
    /// Where the profile comes from.
    pub source: Source,
}

impl Profile {
    /// The Basic profile by other than its letter: no option, rule or filter; burned-in risk quarantined.
    pub(crate) fn bare(name: String, source: Source) -> Self {
        Profile {
            name,
            description: String::new(),
            options: Vec::new(),
            rules: Vec::new(),
            modalities: Filter::default(),
            sop_classes: Filter::default(),
            burned_in: BurnedIn::Quarantine,
            private: PrivatePolicy::default(),
            by_the_letter: false,
            captures: false,
            source,
        }
    }

    /// The rules in the form in which they are looked up.
    pub fn compile(&self) -> CompiledRules {
        CompiledRules::new(&self.rules)
    }

    /// Whether this option is chosen.
    pub fn has_option(&self, option: ConfidentialityOption) -> bool {
        self.options.contains(&option)
    }
}

/// Which private elements are kept besides those that options and rules name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrivatePolicy {
    /// Those of our reviewed list for neuroimaging.
    pub neuroimaging: bool,
    /// Those that hold numbers only, whoever made them.
    pub numeric: bool,
}

/// Where a profile comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is shipped with this crate.
    BuiltIn,
    /// It was read from TOML.
    Toml,
    /// It was read from a TSV as CATI writes them.
    Tsv,
}

/// What happens to an instance whose pixels may show who the patient is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BurnedIn {
    /// It is not written, but listed with its cause.
    Quarantine,
    /// It is written, and the report says so.
    Flag,
}

/// One wish of the user: these elements, this action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The elements it is about.
    pub selector: Selector,
    /// What is done with them.
    pub action: Action,
    /// What the element is called, if the profile says so (column Name of a TSV).
    pub name: Option<String>,
    /// Why the rule is there, if the profile says so.
    pub reason: Option<String>,
    /// Where it was written.
    pub origin: RuleOrigin,
}

/// Where a rule was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleOrigin {
    /// Line of the profile, from 1.
    pub line: u32,
}

/// What is done with an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Its bytes stay as they are; of a sequence the container stays and the content is judged by
    /// the same rules.
    Keep,
    /// The element goes.
    Remove,
    /// The element stays with zero length.
    Empty,
    /// The value becomes a dummy value that suits the VR.
    Dummy,
    /// Each UID of the value becomes the one that stands for it everywhere.
    RemapUid,
    /// The value becomes this text.
    Replace(String),
}

impl Action {
    /// The word a TOML profile uses for it.
    pub const fn verb(&self) -> &'static str {
        match self {
            Action::Keep => "keep",
            Action::Remove => "remove",
            Action::Empty => "empty",
            Action::Dummy => "dummy",
            Action::RemapUid => "remap-uid",
            Action::Replace(_) => "replace",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())
    }
}

/// Rules sorted for look-up: one rule for each selector, the one that was written last.
///
/// Two selectors are the same if tag, or group, creator and element are. So rows of a TSV that name
/// one tag with several creators add up, and rows that name one creator's element in several blocks,
/// `(0029,1010)` and `(0029,1110)`, are one.
#[derive(Clone, Debug, Default)]
pub struct CompiledRules {
    /// All rules as they were written: what the indices below, and those handed out, refer to.
    rules: Vec<Rule>,
    // Sorted by their first part, which is unique. Integers come before the creator, so that nearly
    // all comparisons of a search are comparisons of integers.
    tags: Vec<(Tag, usize)>,
    elements: Vec<((u16, u8, String), usize)>,
    blocks: Vec<((u16, String), usize)>,
}

impl CompiledRules {
    /// Sorts these rules; of two with the same selector the later one counts.
    pub fn new(rules: &[Rule]) -> Self {
        let mut compiled = CompiledRules { rules: rules.to_vec(), ..CompiledRules::default() };
        for (index, rule) in rules.iter().enumerate() {
            match &rule.selector {
                Selector::Tag(tag) => compiled.tags.push((*tag, index)),
                Selector::Private { group, creator, element } => {
                    let key = (*group, *element, trim_creator(creator).to_owned());
                    compiled.elements.push((key, index));
                }
                Selector::PrivateBlock { group, creator } => {
                    let key = (*group, trim_creator(creator).to_owned());
                    compiled.blocks.push((key, index));
                }
            }
        }
        sort_last_wins(&mut compiled.tags);
        sort_last_wins(&mut compiled.elements);
        sort_last_wins(&mut compiled.blocks);
        compiled
    }

    /// The rule for this tag by its number, and the rule's index.
    ///
    /// For an element in a private block use [`private`](Self::private).
    pub fn public(&self, tag: Tag) -> Option<(&Rule, usize)> {
        let at = self.tags.binary_search_by_key(&tag, |(key, _)| *key).ok()?;
        Some(self.at(self.tags[at].1))
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

    /// The rule of this index, as handed out by the look-ups.
    pub fn rule(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index)
    }

    /// All rules as they were written, those that a later one overrides included.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that count, with their indices: by tag, then by creator's element, then by block.
    pub fn in_force(&self) -> impl Iterator<Item = (&Rule, usize)> {
        let tags = self.tags.iter().map(|(_, index)| *index);
        let elements = self.elements.iter().map(|(_, index)| *index);
        let blocks = self.blocks.iter().map(|(_, index)| *index);
        tags.chain(elements).chain(blocks).map(|index| self.at(index))
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

    const CSA: Tag = Tag::new(0x0029, 0x1210);

    fn rule(selector: Selector, action: Action) -> Rule {
        Rule { selector, action, name: None, reason: None, origin: RuleOrigin { line: 1 } }
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
}
