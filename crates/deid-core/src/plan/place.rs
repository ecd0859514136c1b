//! Rules for a place: those that name the sequences around an element.

use super::Planner;
use crate::decide::Decision;
use crate::rule::Rule;
use deid_dicom::{Node, ROOT, Source, Tag};
use deid_profile::PlacedElement;

impl<S: Source> Planner<'_, '_, S> {
    /// The decision for a node, if a rule says something about its place; else what was decided without it.
    pub(super) fn at_its_place(&self, node: &Node, decided: Decision) -> Decision {
        let policy = self.inputs.policy;
        if matches!(decided.rule, Rule::Forced(_)) || !policy.rules.may_have_place(node.tag) {
            return decided;
        }
        policy.at_place(&self.place(node)).unwrap_or(decided)
    }

    /// The sequences around a node from the top, and the node itself.
    fn place(&self, node: &Node) -> Vec<PlacedElement> {
        let around = self.sets.windows(2).filter(|sets| sets[1].item != ROOT).map(|sets| {
            let sequence = self.tree.node(self.tree.node(sets[1].item).parent);
            (sequence.tag, &sets[0])
        });
        around
            .chain(self.sets.last().map(|set| (node.tag, set)))
            .map(|(tag, set)| PlacedElement { tag, creator: creator(set, tag) })
            .collect()
    }
}

/// Who reserved the block of a private element in its data set.
fn creator(set: &super::Set, tag: Tag) -> Option<String> {
    let at = *set.blocks.get(&(tag.group(), tag.private_block()?))?;
    set.creators[at].name.as_deref().map(str::to_owned)
}
