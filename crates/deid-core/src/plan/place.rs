//! Rules for a place: those that name the sequences around an element.

use super::Planner;
use crate::decide::Decision;
use crate::rule::Rule;
use deid_dicom::{Node, Source, Tag};
use deid_profile::PlacedElement;

impl<S: Source> Planner<'_, '_, S> {
    /// The decision for a node, if a rule says something about its place; else what was decided without it.
    pub(super) fn at_its_place(&mut self, node: &Node, decided: Decision) -> Decision {
        let policy = self.inputs.policy;
        if matches!(decided.rule, Rule::Forced(_)) || !policy.rules.may_have_place(node.tag) {
            return decided;
        }
        self.find_ways();
        let found =
            self.sets.last().and_then(|set| policy.at_place(set.way.as_ref()?, &placed(set, node.tag)));
        found.unwrap_or(decided)
    }

    /// Says of each data set around, which is part of the one above it, how far the rules lead to it.
    fn find_ways(&mut self) {
        let rules = self.inputs.policy.rules;
        let known = self.sets.iter().rposition(|set| set.way.is_some()).unwrap_or(0);
        for at in known..self.sets.len() {
            if self.sets[at].way.is_some() {
                continue;
            }
            let above = at.checked_sub(1).map(|above| &self.sets[above]);
            let way = match above.and_then(|above| Some((above, above.way.as_ref()?))) {
                Some((above, way)) => {
                    let sequence = self.tree.node(self.tree.node(self.sets[at].item).parent);
                    rules.way_into(way, &placed(above, sequence.tag))
                }
                None => rules.way(),
            };
            self.sets[at].way = Some(way);
        }
    }
}

/// An element of a data set, with who reserved its block if it is private.
fn placed(set: &super::Set, tag: Tag) -> PlacedElement {
    let creator = || {
        let at = *set.blocks.get(&(tag.group(), tag.private_block()?))?;
        set.creators[at].name.as_deref().map(str::to_owned)
    };
    PlacedElement { tag, creator: creator() }
}
