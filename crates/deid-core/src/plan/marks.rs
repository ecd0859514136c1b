//! What is added: the marks of de-identification (PS3.15 E.1.1 step 6), the subject, forced values.

use super::{
    Addition, CHARACTER_SET, DATES_MODIFIED, Done, IDENTITY_REMOVED, METHOD, METHOD_CODES, PATIENT_ID,
    PATIENT_NAME, Planner,
};
use crate::rule::Rule;
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Change, NodeIndex, Place, ROOT, Source, Tag, Vr, encode, value};
use deid_standard::{codes, dictionary};

impl<S: Source> Planner<'_, '_, S> {
    /// Says in the data set what was done (PS3.15 E.1.1): true to this plan.
    pub(super) fn mark(&mut self) {
        let encoding = self.tree.encoding;
        let carried_out = !self.plan.departs && !self.plan.failed;
        let dates = self.plan.dates.defined_term();
        self.set_mark(IDENTITY_REMOVED, Vr::CS, b"YES");
        let method = [self.inputs.method, &self.private.methods()].concat().join("\\");
        self.set_mark(METHOD, Vr::LO, method.as_bytes());
        let mut marks: Vec<codes::Code> = self.earlier_codes();
        if carried_out {
            marks.extend(self.inputs.codes.iter().copied());
        }
        marks.sort_by_key(|code| code.value);
        marks.dedup_by_key(|code| code.value);
        let mut items = Vec::new();
        for code in marks {
            let mut item = Vec::new();
            // Codes are short: they fit their VRs.
            let written =
                encode::element(&mut item, encoding, Tag::new(8, 0x100), Vr::SH, code.value.as_bytes())
                    .and_then(|()| {
                        encode::element(
                            &mut item,
                            encoding,
                            Tag::new(8, 0x102),
                            Vr::SH,
                            code.scheme.as_bytes(),
                        )
                    })
                    .and_then(|()| {
                        encode::element(
                            &mut item,
                            encoding,
                            Tag::new(8, 0x104),
                            Vr::LO,
                            code.meaning.as_bytes(),
                        )
                    })
                    .and_then(|()| encode::item(&mut items, encoding, &item));
            self.plan.failed |= written.is_err();
        }
        if items.is_empty() {
            if let Some(index) = self.tree.find(ROOT, METHOD_CODES) {
                self.remove(index, Rule::Mark);
            }
        } else {
            self.set_mark(METHOD_CODES, Vr::SQ, &items);
        }
        self.set_mark(DATES_MODIFIED, Vr::CS, dates.as_bytes());
    }

    /// Codes of CID 7050 that an earlier de-identification left.
    pub(super) fn earlier_codes(&mut self) -> Vec<codes::Code> {
        let Some(sequence) = self.tree.find(ROOT, METHOD_CODES) else { return Vec::new() };
        let mut found = Vec::new();
        for index in sequence + 1..self.tree.node(sequence).next {
            let node = *self.tree.node(index);
            if node.tag == Tag::new(0x0008, 0x0100)
                && node.value_length() <= 16
                && let Some(bytes) = self.source.bytes(node.value_start(), node.value_length() as usize)
                && let Ok(text) = std::str::from_utf8(value::trim(bytes))
            {
                found.extend(codes::by_value(text));
            }
        }
        found
    }

    /// Writes a marking element: all occurrences at top level become this one.
    pub(super) fn set_mark(&mut self, tag: Tag, vr: Vr, value: &[u8]) {
        let present: Vec<NodeIndex> =
            self.tree.children(ROOT).filter(|&index| self.tree.node(index).tag == tag).collect();
        if let Some((&first, others)) = present.split_first() {
            let value = if vr == Vr::SQ { value.to_vec() } else { value::trim(value).to_vec() };
            self.change(first, Done::Replace, Rule::Mark, Change::Value(vr, value));
            for &other in others {
                self.remove(other, Rule::Mark);
            }
        } else {
            self.add(tag, vr, value, Rule::Mark);
        }
    }

    /// Adds an element at top level, where its tag belongs.
    pub(super) fn add(&mut self, tag: Tag, vr: Vr, value: &[u8], rule: Rule) {
        let mut bytes = Vec::new();
        if encode::element(&mut bytes, self.tree.encoding, tag, vr, value).is_err() {
            self.plan.failed = true;
            return;
        }
        let before = self.tree.children(ROOT).find(|&index| self.tree.node(index).tag > tag);
        let place = before.map_or(Place::EndOf(ROOT), Place::Before);
        self.plan.counts.replaced += 1;
        self.plan.additions.push(Addition { place, tag, rule, bytes });
    }

    /// The subject's name and ID, and forced values, where the data set has no such element.
    pub(super) fn add_missing(&mut self) {
        if let Some(subject) = self.inputs.subject {
            for (tag, vr) in [(PATIENT_NAME, Vr::PN), (PATIENT_ID, Vr::LO)] {
                let forced = self.inputs.policy.forced.iter().any(|(forced, _)| *forced == tag);
                if !forced && self.tree.find(ROOT, tag).is_none() {
                    self.add(tag, vr, subject.as_bytes(), Rule::Subject);
                }
            }
        }
        for (index, (tag, _)) in self.inputs.policy.forced.iter().enumerate() {
            if self.tree.find(ROOT, *tag).is_none() && !tag.is_private() {
                let vr = dictionary::attribute(*tag).map_or(Vr::LO, |attribute| attribute.vr);
                let charset = self.top_level_charset();
                let text = self.encoded(Rule::Forced(index), &charset);
                self.add(*tag, vr, &text, Rule::Forced(index));
            }
        }
        // Additions before the same node stand in the order of their tags.
        self.plan.additions.sort_by_key(|addition| addition.tag);
    }

    /// What encodes texts at top level.
    fn top_level_charset(&mut self) -> CharacterSet {
        let node = self.tree.find(ROOT, CHARACTER_SET).map(|index| *self.tree.node(index));
        let node = node.filter(|node| node.value_length() <= 1024);
        node.and_then(|node| self.read(&node))
            .map_or_else(CharacterSet::default, |set| CharacterSet::parse(&set))
    }

    /// The value that an element will have, if it is text.
    pub(super) fn new_text(&mut self, index: NodeIndex) -> Option<String> {
        let planned = self.plan.entries.iter().rev().find(|entry| entry.node == index);
        let bytes = match planned.and_then(|entry| entry.change.as_ref()) {
            Some(Change::Value(_, bytes)) => bytes.clone(),
            Some(Change::Remove) => return None,
            Some(Change::Overwrite(_)) | None => {
                let node = *self.tree.node(index);
                self.read(&node)?
            }
        };
        let uid = String::from_utf8_lossy(value::trim(&bytes)).into_owned();
        Some(uid).filter(|uid| value::is_uid(uid.as_bytes()))
    }
}
