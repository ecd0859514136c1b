//! Without a converter: the attributes that converters read, instance by instance, at any depth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs::File;
use std::path::Path;

use deid_dicom::{Encoding, Kind, Node, NodeIndex, ROOT, Tree, Vr, value};
use deid_profile::Selector;
use deid_standard::dictionary;
use sha2::{Digest, Sha256};

use crate::expected::{are_among, words};
use crate::explain::Creators;
use crate::instance::{self, Reader};
use crate::result::{Change, Checks, Failure};
use crate::tables::{self, About, attributes};

/// What differs in pairs of instances.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) checks: Checks,
    pub(crate) attributes: BTreeSet<(Selector, Change)>,
    /// Fields inside of vendors' headers, which are on both sides.
    pub(crate) fields: BTreeSet<(Selector, String, Change)>,
}

/// Which attributes are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that converters read.
    Read,
    /// Those that analysis needs beside what was converted; of a date and time the time.
    Needed,
}

/// Compares instances with their counterparts.
pub(crate) fn compare<'f>(
    pairs: impl Iterator<Item = (&'f Path, &'f Path)>,
    which: Which,
) -> Result<Compared, Failure> {
    let mut compared =
        Compared { checks: Checks::equal(), attributes: BTreeSet::new(), fields: BTreeSet::new() };
    for (before, after) in pairs {
        let (old_encoding, old) = values(before, which).ok_or(Failure::Unreadable)?;
        let (new_encoding, new) = values(after, which).ok_or(Failure::Unreadable)?;
        // Numbers in another order of bytes are not looked into: what cannot be compared is not equal.
        let swapped = (old_encoding == Encoding::ExplicitBig) != (new_encoding == Encoding::ExplicitBig);
        compared.checks.geometry &= !swapped;
        for (place, old) in &old {
            match (new.get(place), &old.fields) {
                (None, _) => {
                    compared.differ(place, &old.selector, Change::Lost, is_elsewhere(&new, &old.selector));
                }
                (Some(new), Some(fields)) => compared.headers(&old.selector, fields, new),
                (Some(new), None) if new.hash != old.hash => {
                    compared.differ(place, &old.selector, Change::Changed, false);
                }
                (Some(_), None) => {}
            }
        }
        for (place, new) in &new {
            if !old.contains_key(place) {
                compared.differ(place, &new.selector, Change::Added, false);
            }
        }
    }
    Ok(compared)
}

/// What in files is not what was to be expected: attributes, and fields of headers, by the names that differences have. A
/// text may have fewer words than expected.
pub(crate) fn unexpected<'f>(
    pairs: impl Iterator<Item = (&'f Path, &'f Path)>,
    which: Which,
) -> Result<BTreeSet<String>, Failure> {
    let mut keys = BTreeSet::new();
    for (expected, found) in pairs {
        let (_, old) = values(expected, which).ok_or(Failure::Unreadable)?;
        let (_, new) = values(found, which).ok_or(Failure::Unreadable)?;
        let places: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for place in places {
            let (was, is) = (old.get(place), new.get(place));
            let Some(either) = was.or(is) else { continue };
            let name = tables::name(&either.selector);
            if let (Some(Attribute { fields: Some(was), .. }), Some(Attribute { fields: Some(is), .. })) =
                (was, is)
            {
                let all: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
                let differs = |field: &&&String| !is_expected(was.get(**field), is.get(**field));
                keys.extend(
                    all.iter().filter(differs).map(|field| format!("{name} {}", tables::numberless(field))),
                );
            } else {
                let told = |attribute: &Attribute| (attribute.hash, attribute.words.clone());
                if !is_expected(was.map(told).as_ref(), is.map(told).as_ref()) {
                    keys.insert(name);
                }
            }
        }
    }
    Ok(keys)
}

/// Whether a value is the one expected, or some words of it.
fn is_expected(expected: Option<&([u8; 32], Vec<u64>)>, found: Option<&([u8; 32], Vec<u64>)>) -> bool {
    match (expected, found) {
        (Some((was, words)), Some((is, left))) => was == is || are_among(left, words),
        (expected, found) => expected.is_none() && found.is_none(),
    }
}

impl Compared {
    /// Compares what converters read of a header. What else is in it was cleaned, or does not matter.
    fn headers(&mut self, selector: &Selector, old: &Fields, new: &Attribute) {
        let nothing = BTreeMap::new();
        let new = new.fields.as_ref().unwrap_or(&nothing);
        for name in old.keys().chain(new.keys()) {
            let change = match (old.get(name), new.get(name)) {
                (Some((old, _)), Some((new, _))) if old == new => continue,
                (Some(_), None) => Change::Lost,
                (None, _) => Change::Added,
                _ => Change::Changed,
            };
            match tables::field(name) {
                Some((About::Geometry, _)) => self.checks.geometry = false,
                Some((About::Gradients, _)) => self.checks.gradients = false,
                _ => {}
            }
            self.fields.insert((selector.clone(), tables::numberless(name), change));
        }
    }

    /// Notes an attribute that differs. What is said elsewhere as well takes neither geometry nor gradients along.
    fn differ(&mut self, place: &str, selector: &Selector, change: Change, said: bool) {
        // What a sequence repeats of the standard's attributes (of icons, of other images) is that sequence's own, and goes
        // with it. Functional groups and mappings to real values are the image's.
        let inside = place.contains('{')
            || place.contains('[') && !["(5200,92", "(0040,9096)"].iter().any(|own| place.contains(own));
        let repeated = inside && matches!(selector, Selector::Tag(_));
        match attributes().get(selector).filter(|_| !repeated && !said) {
            Some(About::Geometry) => self.checks.geometry = false,
            Some(About::Gradients) => self.checks.gradients = false,
            _ => {}
        }
        self.attributes.insert((selector.clone(), change));
    }
}

/// Whether what an attribute says is said by another one, or in a header that converters read.
fn is_elsewhere(new: &Values, selector: &Selector) -> bool {
    tables::elsewhere(selector).is_some_and(|other| {
        let says = |attribute: &Attribute| attribute.fields.as_ref().is_none_or(|fields| !fields.is_empty());
        new.values().any(|attribute| attribute.selector == *other && says(attribute))
    })
}

/// The attributes of a file that have a value, by their places.
type Values = BTreeMap<String, Attribute>;

#[derive(Debug)]
struct Attribute {
    selector: Selector,
    hash: [u8; 32],
    words: Vec<u64>,
    /// Of a vendor's header the fields that converters read.
    fields: Option<Fields>,
}

/// Fields by name: the hash and the words of each.
type Fields = BTreeMap<String, ([u8; 32], Vec<u64>)>;

/// The fields of a header that converters read; `None` if it is none, or too long for one.
fn fields(source: &mut Reader<'_>, selector: &Selector, start: u64, end: u64) -> Option<Fields> {
    const LONGEST: u64 = 16 << 20;
    if matches!(selector, Selector::Tag(_)) || !(64..=LONGEST).contains(&(end - start)) {
        return None;
    }
    let fields = deid_vendor::fields(&source(start, (end - start) as usize)?)?;
    let read = fields.into_iter().filter(|(name, _)| tables::field(name).is_some());
    Some(read.map(|(name, value)| (name, (Sha256::digest(&value).into(), words(&value)))).collect())
}

fn values(file: &Path, which: Which) -> Option<(Encoding, Values)> {
    let opened = File::open(file).ok()?;
    let length = opened.metadata().ok()?.len();
    let mut values = Values::new();
    let encoding = instance::read(&opened, length, |source, tree, _| {
        let creators = Creators::of(source, tree);
        for index in 0..tree.nodes.len() as NodeIndex {
            let node = tree.node(index);
            if node.kind != Kind::Element {
                continue;
            }
            let selectors = creators.selectors(tree, index);
            let wanted = |selector: &&Selector| match which {
                Which::Read => attributes().contains_key(*selector),
                Which::Needed => tables::is_for_analysis(selector),
            };
            let Some(selector) = selectors.iter().find(wanted) else {
                continue;
            };
            // Days move.
            let dated = which == Which::Needed && selector_vr(selector) == Some(Vr::DT);
            let start =
                if dated { (node.value_start() + 8).min(node.value_end()) } else { node.value_start() };
            if let Some(hash) = hash(source, start, node.value_end()) {
                let fields = fields(source, selector, node.value_start(), node.value_end());
                let words = texts(source, node);
                let attribute = Attribute { selector: selector.clone(), hash, words, fields };
                values.insert(place(&creators, tree, index), attribute);
            }
        }
    })?;
    Some((encoding, values))
}

/// The words of an element that is text and short.
fn texts(source: &mut Reader<'_>, node: &Node) -> Vec<u64> {
    const LONGEST: u64 = 1 << 10;
    // Where no VR stands there are no texts that anybody cleans.
    if !(node.vr.is_text() && node.value_length() <= LONGEST) {
        return Vec::new();
    }
    source(node.value_start(), node.value_length() as usize).map(|text| words(&text)).unwrap_or_default()
}

/// The VR of a public attribute.
fn selector_vr(selector: &Selector) -> Option<Vr> {
    match selector {
        Selector::Tag(tag) => dictionary::attribute(*tag).map(|attribute| attribute.vr),
        _ => None,
    }
}

/// Where a node stands. Private blocks are named by their creators, for their numbers may change.
fn place(creators: &Creators, tree: &Tree, index: NodeIndex) -> String {
    let mut steps = Vec::new();
    let mut at = index;
    while at != ROOT {
        let node = tree.node(at);
        if node.kind == Kind::Item {
            let position = tree.children(node.parent).position(|sibling| sibling == at).unwrap_or(0);
            steps.push(format!("[{position}]"));
        } else if let Some(selector) = creators.selectors(tree, at).first() {
            steps.push(selector.to_string());
        }
        at = node.parent;
    }
    steps.iter().rev().fold(String::new(), |mut place, step| {
        // Writing to a string does not fail.
        let _ = write!(place, "{step}.");
        place
    })
}

/// The hash of a value without padding; `None` for an empty one.
fn hash(source: &mut Reader<'_>, start: u64, end: u64) -> Option<[u8; 32]> {
    const CHUNK: u64 = 1 << 20;
    if end - start <= CHUNK {
        let bytes = source(start, (end - start) as usize)?;
        let trimmed = value::trim(&bytes);
        return (!trimmed.is_empty()).then(|| Sha256::digest(trimmed).into());
    }
    let mut hasher = Sha256::new();
    let mut at = start;
    while at < end {
        let length = (end - at).min(CHUNK);
        hasher.update(source(at, length as usize)?);
        at += length;
    }
    Some(hasher.finalize().into())
}
