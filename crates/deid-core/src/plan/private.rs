//! Private elements: judged by creator, at any depth and in any block; creators of no use go.

use super::{Creator, Dates, Done, Entry, Planner, Recording};
use crate::decide::Verb;
use crate::rule::Rule;
use deid_dicom::{Change, Kind, Node, NodeIndex, ROOT, Source, Vr};
use deid_standard::{private_dictionary, safe_private};

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
        if let Some(next) = self.vendor(index, &node, vr, &creator, decided.rule) {
            return next;
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
    pub(super) fn creator(&mut self, index: NodeIndex, node: &Node) -> NodeIndex {
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

/// What a private element holds: the standard's word, then the private dictionary's, then the file's.
pub(super) fn private_vr(node: &Node, creator: &str) -> Vr {
    if !matches!(node.vr, Vr::Implicit | Vr::UN | Vr::Invalid) {
        return node.vr;
    }
    let (group, element) = (node.tag.group(), node.tag.element() as u8);
    safe_private::safe(creator, group, element)
        .and_then(|safe| safe.vr)
        .or_else(|| private_dictionary::private_attribute(creator, group, element).and_then(|found| found.vr))
        .unwrap_or(Vr::UN)
}
