//! UIDs: each becomes the one that stands for it everywhere, but for those that DICOM registers.

use super::memo::Memo;
use super::{Done, Planner};
use crate::decide::{Decision, Position, Verb};
use crate::pseudonym::is_well_known_uid;
use crate::rule::Rule;
use deid_dicom::{Change, Node, NodeIndex, ROOT, Source, Vr, value};
use deid_profile::ConfidentialityOption;
use deid_standard::confidentiality::row;
use deid_standard::dictionary;
use deid_standard::uid::is_shared;

/// UIDs that name a class, an encoding, a scheme or a version, and no instance (PS3.6): they tell how to read, also
/// where a vendor made them.
const CLASSES: [u32; 25] = [
    0x0004_1510,
    0x0004_1512,
    0x0004_151A,
    0x0008_0016,
    0x0008_001A,
    0x0008_001B,
    0x0008_0062,
    0x0008_010C,
    0x0008_010D,
    0x0008_0117,
    0x0008_0118,
    0x0008_040E,
    0x0008_1150,
    0x0008_115A,
    0x0008_3002,
    0x0008_9123,
    0x0034_0003,
    0x0400_0010,
    0x0400_0510,
    0x3010_001F,
    0x3010_0052,
    0x3010_0053,
    0x0002_0002,
    0x0002_0010,
    0x0002_0012,
];

impl<S: Source> Planner<'_, '_, S> {
    /// The decision for UIDs without a row in the table: newer attributes name frames of reference and instances, too,
    /// and references are to lead to what is written. `None` for what names no instance, and for what is no UID.
    pub(super) fn unlisted_uid(&mut self, index: NodeIndex, node: &Node) -> Option<Decision> {
        let is_uid = dictionary::attribute(node.tag).is_some_and(|attribute| attribute.vr == Vr::UI);
        if !is_uid || self.inputs.policy.profile.has_option(ConfidentialityOption::RetainUids) {
            return None;
        }
        let class = CLASSES.contains(&node.tag.0) && !self.names_an_instance(index);
        (!class).then_some(Decision { verb: Verb::Uid, rule: Rule::UnlistedUid })
    }

    /// Whether a value is no UID, or one of the session's instances, series, studies or frames of reference.
    fn names_an_instance(&mut self, index: NodeIndex) -> bool {
        let node = *self.tree.node(index);
        let Some(bytes) = self.read(&node) else { return true };
        value::split(&bytes).filter(|uid| !uid.is_empty()).any(|uid| {
            let known = str::from_utf8(uid).is_ok_and(|uid| self.inputs.uids.has(uid));
            known || !value::is_uid(uid)
        })
    }

    /// Replaces every UID of a value but the well-known ones. A value that holds anything else where no UID is due, or
    /// whose VR is too short for a UID, is no reference: it is treated as the Basic Profile says.
    pub(super) fn remap(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        let due = dictionary::attribute(node.tag).is_some_and(|attribute| attribute.vr == Vr::UI);
        let long = matches!(vr, Vr::UI | Vr::LO | Vr::LT | Vr::ST | Vr::UC | Vr::UT);
        let unknown = matches!(vr, Vr::UN | Vr::Implicit | Vr::Invalid);
        let uids = || value::split(&bytes).all(|uid| uid.is_empty() || value::is_uid(uid));
        if !due && vr != Vr::UI && !((long || unknown) && uids()) {
            let position = Position { iod: self.inputs.classification.iod, top_level: node.parent == ROOT };
            return match row(node.tag).map(|_| self.inputs.policy.fallback(node.tag, position)) {
                Some(verb @ (Verb::Empty | Verb::Dummy)) => self.carry_out(index, node, vr, verb, rule),
                _ => self.remove(index, rule),
            };
        }
        let mut text = String::new();
        let mut changed = false;
        for (position, uid) in value::split(&bytes).enumerate() {
            if position > 0 {
                text.push('\\');
            }
            let uid = String::from_utf8_lossy(uid);
            let uid = uid.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0');
            let standard = is_well_known_uid(uid)
                && value::is_uid(uid.as_bytes())
                && (is_shared(uid) || !self.inputs.uids.has(uid))
                && !self.inputs.searcher.long_numbers_are_in(uid.as_bytes());
            if uid.is_empty() || standard {
                text.push_str(uid);
            } else {
                text.push_str(&Memo::uid(&self.inputs.remembered.memo, node.tag, uid, self.inputs.key));
                changed = true;
            }
        }
        if !changed {
            return self.record_keep(index, rule);
        }
        let vr = if unknown || due { Vr::UI } else { vr };
        self.change(index, Done::Remap, rule, Change::Value(vr, text.into_bytes()))
    }
}
