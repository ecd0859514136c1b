//! What is said of private elements that are kept: Private Data Element Characteristics Sequence (0008,0300), PS3.3
//! C.12.1, PS3.15 E.3.10.

use super::super::{PRIVATE_CHARACTERISTICS, Planner};
use crate::rule::Rule;
use deid_dicom::{Encoding, Node, NodeIndex, ROOT, Source, Tag, Vr, encode};
use deid_standard::neuroimaging_private;
use std::collections::{BTreeMap, HashMap};

const GROUP: Tag = Tag::new(0x0008, 0x0301);
const CREATOR: Tag = Tag::new(0x0008, 0x0302);
const STATUS: Tag = Tag::new(0x0008, 0x0303);
const NONIDENTIFYING: Tag = Tag::new(0x0008, 0x0304);

/// The private elements that a plan keeps, at any depth.
#[derive(Default)]
pub(in crate::plan) struct Kept {
    /// By group and creator: the low bytes of the elements, and whether they are safe wherever they stand.
    blocks: BTreeMap<u16, BTreeMap<String, BTreeMap<u8, bool>>>,
    listed: bool,
    numeric: bool,
    /// Codes that were judged already: files of many frames say the same thousands of times.
    pub(super) codes: HashMap<(&'static str, u16, u8, String), bool>,
}

impl Kept {
    /// Notes an element that is kept.
    pub(super) fn element(&mut self, node: &Node, creator: &str, safe: bool, rule: Rule) {
        self.listed |= matches!(rule, Rule::Neuroimaging(_));
        self.numeric |= matches!(rule, Rule::NumericPrivate);
        let group = self.blocks.entry(node.tag.group()).or_default();
        if !group.contains_key(creator) {
            group.insert(creator.to_owned(), BTreeMap::new());
        }
        if let Some(elements) = group.get_mut(creator) {
            *elements.entry(node.tag.element() as u8).or_insert(true) &= safe;
        }
    }

    /// What De-identification Method (0012,0063) says of them.
    pub(in crate::plan) fn methods(&self) -> Vec<String> {
        let listed = || format!("private list neuroimaging {}", neuroimaging_private::EDITION);
        let numeric = || "private numbers of known creators".to_owned();
        self.listed.then(listed).into_iter().chain(self.numeric.then(numeric)).collect()
    }

    /// The items of the sequence, one for each group and creator.
    fn items(&self, encoding: Encoding) -> Result<Vec<u8>, encode::ValueTooLong> {
        let mut items = Vec::new();
        for (group, creators) in &self.blocks {
            for (creator, elements) in creators {
                let safe: Vec<u8> = elements.iter().filter(|(_, safe)| **safe).map(|(at, _)| *at).collect();
                let status = match safe.len() {
                    0 => "UNSAFE",
                    count if count == elements.len() => "SAFE",
                    _ => "MIXED",
                };
                let mut item = Vec::new();
                encode::element(&mut item, encoding, GROUP, Vr::US, &encoding.u16_bytes(*group))?;
                encode::element(&mut item, encoding, CREATOR, Vr::LO, creator.as_bytes())?;
                encode::element(&mut item, encoding, STATUS, Vr::CS, status.as_bytes())?;
                if status == "MIXED" {
                    let safe: Vec<u8> =
                        safe.iter().flat_map(|at| encoding.u16_bytes(u16::from(*at))).collect();
                    encode::element(&mut item, encoding, NONIDENTIFYING, Vr::US, &safe)?;
                }
                encode::item(&mut items, encoding, &item)?;
            }
        }
        Ok(items)
    }
}

impl<S: Source> Planner<'_, '_, S> {
    /// Says which private blocks are left and whether they are safe. What an earlier program said of the input goes.
    pub(in crate::plan) fn characterise_private(&mut self) {
        match self.private.items(self.tree.encoding) {
            Ok(items) if items.is_empty() => {
                let claims = |&index: &NodeIndex| self.tree.node(index).tag == PRIVATE_CHARACTERISTICS;
                let earlier: Vec<NodeIndex> = self.tree.children(ROOT).filter(claims).collect();
                for index in earlier {
                    self.remove(index, Rule::Mark);
                }
            }
            Ok(items) => self.set_mark(PRIVATE_CHARACTERISTICS, Vr::SQ, &items),
            Err(_) => self.plan.failed = true,
        }
    }
}
