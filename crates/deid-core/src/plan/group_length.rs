//! Group lengths of groups in which something changes are wrong afterwards: they go (PS3.5 7.2).

use super::Planner;
use crate::rule::Rule;
use deid_dicom::{Kind, NodeIndex, ROOT, Source, Tree};
use std::collections::HashSet;
use std::ops::Range;

impl<S: Source> Planner<'_, '_, S> {
    /// Group lengths of groups in which something changed are wrong now; nobody needs them (PS3.5 7.2).
    pub(super) fn drop_group_lengths(&mut self) {
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
    pub(super) fn removed_ranges(&self) -> Vec<Range<NodeIndex>> {
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

/// Whether a node lies in one of these ranges, which are sorted and do not overlap.
pub(super) fn is_inside(ranges: &[Range<NodeIndex>], index: NodeIndex) -> bool {
    let before = ranges.partition_point(|range| range.start <= index);
    before > 0 && ranges[before - 1].contains(&index)
}
