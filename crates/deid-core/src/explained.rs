//! The plan of one instance with what it refers to, for `explain` and dry runs.

use crate::Phi;
use crate::classify::Classification;
use crate::converters::{ConverterUse, private_use, public_use};
use crate::fault_place;
use crate::plan::Plan;
use crate::report::Cause;
use deid_dicom::{Fault, Faults, Kind, NodeIndex, ROOT, Source, Tag, Tree, value};
use deid_profile::{PlacedElement, Selector};
use deid_standard::{dictionary, private_dictionary};
use std::collections::HashMap;

/// The plan of one instance with what it refers to.
#[derive(Debug)]
pub struct Explained {
    /// The spans.
    pub tree: Tree,
    /// What happens to them.
    pub plan: Plan,
    /// What the instance is.
    pub classification: Classification,
    /// Why it would not be written; `None` if it would.
    pub cause: Option<Cause>,
    /// Who reserved the blocks of private elements: a text of the file, thus not shown unless it is well known.
    creators: HashMap<NodeIndex, Phi<String>>,
    /// What is wrong with the file.
    pub(crate) faults: Faults,
}

impl Explained {
    pub(crate) fn new<S: Source>(
        source: &mut S,
        tree: Tree,
        plan: Plan,
        classification: Classification,
        (cause, faults): (Option<Cause>, Faults),
    ) -> Self {
        let creators = creators(source, &tree);
        Explained { tree, plan, classification, cause, creators, faults }
    }

    /// What an element is called; a private one by its creator if a dictionary knows it.
    pub fn name(&self, index: NodeIndex) -> String {
        let tag = self.tree.node(index).tag;
        match (dictionary::attribute(tag), self.creator(index)) {
            (Some(attribute), _) => attribute.name.to_owned(),
            (None, Some(creator)) => {
                let element = tag.element() as u8;
                let known = private_dictionary::private_attribute(creator, tag.group(), element);
                match known.map(|attribute| attribute.name) {
                    Some("" | "Unknown") => creator.trim().to_owned(),
                    Some(name) => format!("{}: {name}", creator.trim()),
                    None if private_use(tag.group(), creator, element).is_some() => creator.trim().to_owned(),
                    None => "private".to_owned(),
                }
            }
            (None, None) if tag.is_private_creator() => "Private Creator".to_owned(),
            (None, None) if tag.is_private() => "private".to_owned(),
            (None, None) => String::new(),
        }
    }

    /// The fault for which the file is not written, and where it is: the tags of sequences and element.
    pub fn refusal(&self) -> Option<(&Fault, String)> {
        self.faults.refusal().map(|fault| (fault, fault_place::place(&self.tree, fault)))
    }

    /// Whether an element is one of those that a selector is about.
    pub fn is_selected(&self, selector: &Selector, index: NodeIndex) -> bool {
        let tag = self.tree.node(index).tag;
        let of = |group: u16, creator: &str| {
            tag.group() == group && self.creator(index).map(str::trim) == Some(creator.trim())
        };
        match selector {
            Selector::Tag(wanted) => tag == *wanted,
            Selector::Pattern(pattern) => pattern.matches(tag),
            Selector::Private { group, creator, element } => {
                of(*group, creator) && tag.element() as u8 == *element
            }
            Selector::PrivateBlock { group, creator } => of(*group, creator),
            Selector::Path(path) => path.may_end_at(tag) && path.leads_to(&self.place(index)),
        }
    }

    /// Whether an element that is added at top level is one of those that a selector is about.
    pub fn is_added(selector: &Selector, tag: Tag) -> bool {
        match selector {
            Selector::Tag(wanted) => tag == *wanted,
            Selector::Pattern(pattern) => pattern.matches(tag),
            Selector::Private { .. } | Selector::PrivateBlock { .. } => false,
            Selector::Path(path) => path.leads_to(&[PlacedElement { tag, creator: None }]),
        }
    }

    /// What converters read an element for.
    pub fn converter_use(&self, index: NodeIndex) -> Option<&'static ConverterUse> {
        let tag = self.tree.node(index).tag;
        match self.creator(index) {
            Some(creator) => private_use(tag.group(), creator, tag.element() as u8),
            None => public_use(tag),
        }
    }

    /// What is lost with an element and all in it: what converters read of it, each once. Nothing with one that is
    /// empty.
    pub fn lost_with(&self, index: NodeIndex) -> Vec<&'static ConverterUse> {
        let mut lost = Vec::new();
        for inside in index..self.tree.node(index).next {
            let node = self.tree.node(inside);
            if node.kind != Kind::Item
                && node.value_length() > 0
                && let Some(found) = self.converter_use(inside)
                && !lost.contains(&found)
            {
                lost.push(found);
            }
        }
        lost
    }

    fn creator(&self, index: NodeIndex) -> Option<&str> {
        self.creators.get(&index).map(|creator| creator.expose().as_str())
    }

    /// The sequences around an element from the top, and itself.
    fn place(&self, index: NodeIndex) -> Vec<PlacedElement> {
        let mut place = Vec::new();
        let mut at = index;
        while at != ROOT {
            let node = self.tree.node(at);
            if node.kind != Kind::Item {
                place.push(PlacedElement { tag: node.tag, creator: self.creator(at).map(str::to_owned) });
            }
            at = node.parent;
        }
        place.reverse();
        place
    }
}

/// The creator of each private element that stands in a block somebody reserved.
fn creators<S: Source>(source: &mut S, tree: &Tree) -> HashMap<NodeIndex, Phi<String>> {
    let mut blocks: HashMap<(NodeIndex, u16, u8), Phi<String>> = HashMap::new();
    let mut creators = HashMap::new();
    for (index, node) in (0..).zip(&tree.nodes) {
        if node.tag.is_private_creator() {
            let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 64);
            if let Some(bytes) = length.and_then(|length| source.bytes(node.value_start(), length)) {
                let name = String::from_utf8_lossy(value::trim(bytes)).into_owned();
                blocks.insert((node.parent, node.tag.group(), node.tag.element() as u8), Phi::new(name));
            }
        } else if let Some(block) = node.tag.private_block()
            && let Some(creator) = blocks.get(&(node.parent, node.tag.group(), block))
        {
            creators.insert(index, creator.clone());
        }
    }
    creators
}
