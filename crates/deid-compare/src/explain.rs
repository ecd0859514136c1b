//! What explains that a key differs: what the profile does to the attributes it is made from.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;

use deid_core::plan::{Done, Entry};
use deid_core::{Engine, Explained, Scratch, SessionFacts};
use deid_dicom::{Kind, Node, NodeIndex, ROOT, Tag, Tree};
use deid_io::source::FileSource;
use deid_profile::Selector;

use crate::instance::{self, Reader};
use crate::result::{Change, Difference, Explanation};
use crate::tables::sidecar_keys;

/// So many files of a series are asked until each difference is explained.
const MOST_FILES: usize = 8;

/// Keys of sidecars with names and descriptions: what cleaning a vendor's header may change.
const NAMES: [&str; 25] = [
    "BidsGuess",
    "BodyPart",
    "CoilString",
    "ConsistencyInfo",
    "ConversionComments",
    "FmriExternalInfo",
    "ImageComments",
    "InternalPulseSequenceName",
    "Manufacturer",
    "ManufacturersModelName",
    "PrescanReuseString",
    "ProtocolName",
    "PulseSequenceDetails",
    "PulseSequenceName",
    "ReceiveCoilActiveElements",
    "ReceiveCoilName",
    "ReconMethodName",
    "ReconMethodParameterLabels",
    "ReconstructionMethod",
    "SequenceName",
    "SeriesDescription",
    "SoftwareVersions",
    "TracerName",
    "TransmitCoilName",
    "WipMemBlock",
];

/// Says of each key that differs whether it identifies, or what the profile does to what it is made from.
///
/// Cleaning a vendor's header explains keys that people or programs name things by, for it leaves numbers and terms as they
/// are; days that move explain days.
pub(crate) fn explain_keys<'f>(
    keys: impl IntoIterator<Item = (String, Change)>,
    texts: &BTreeSet<String>,
    files: impl Iterator<Item = &'f Path>,
    engine: Option<&Engine>,
) -> Vec<Difference> {
    let table = sidecar_keys();
    let sources = |key: &str| table.get(key).map(|row| row.sources.as_slice());
    let mut differences: Vec<Difference> = keys
        .into_iter()
        .map(|(key, change)| {
            let identity = table.get(&*key).is_some_and(|row| row.identity);
            Difference { key, change, identity, explanation: None }
        })
        .collect();
    let all = |key: &str| sources(key).unwrap_or_default().to_vec();
    explain(&mut differences, files, engine, all, |difference, found| {
        let key = &*difference.key;
        explains_key(key, texts.contains(key), &found.explanation)
    });
    differences
}

/// Whether what is done to an attribute can be why a key made from it differs, which holds text or not.
fn explains_key(key: &str, is_text: bool, found: &Explanation) -> bool {
    match found.action {
        "cleaned" if found.rule == "vendor-header" => is_text && NAMES.contains(&key),
        "cleaned" => is_text,
        "date shifted" => key.contains("Date"),
        _ => true,
    }
}

/// The same for attributes, by their selectors.
pub(crate) fn explain_attributes<'f>(
    attributes: impl IntoIterator<Item = (Selector, Change)>,
    fields: impl IntoIterator<Item = (Selector, String, Change)>,
    files: impl Iterator<Item = &'f Path>,
    engine: Option<&Engine>,
) -> Vec<Difference> {
    let mut selectors = HashMap::new();
    let mut differences: Vec<Difference> = attributes
        .into_iter()
        .map(|(selector, change)| {
            let key = crate::tables::name(&selector);
            selectors.insert(key.clone(), selector);
            Difference { key, change, identity: false, explanation: None }
        })
        .collect();
    let mut fields_of = HashMap::new();
    for (selector, field, change) in fields {
        let key = format!("{} {field}", crate::tables::name(&selector));
        fields_of.insert(key.clone(), field);
        selectors.insert(key.clone(), selector);
        differences.push(Difference { key, change, identity: false, explanation: None });
    }
    let is_text = |key: &str| {
        // Of a header that holds no fields all may change.
        fields_of.get(key).is_none_or(|field| crate::tables::field(field).is_some_and(|(_, text)| text))
    };
    explain(
        &mut differences,
        files,
        engine,
        |key| vec![selectors[key].clone()],
        |difference, found| {
            let Explanation { action, rule, .. } = &found.explanation;
            if (*action, *rule) != ("cleaned", "vendor-header") {
                return true;
            }
            // A header that is cleaned is still there, and in it the cleaning may not change what it does not.
            match fields_of.get(&difference.key) {
                Some(field) => is_text(&difference.key) && found.fields.contains(field),
                None => difference.change != Change::Lost,
            }
        },
    );
    differences
}

fn explain<'f>(
    differences: &mut [Difference],
    files: impl Iterator<Item = &'f Path>,
    engine: Option<&Engine>,
    sources: impl Fn(&str) -> Vec<Selector>,
    explains: impl Fn(&Difference, &Altered) -> bool,
) {
    let Some(engine) = engine else { return };
    for file in files.take(MOST_FILES) {
        if differences.iter().all(|difference| difference.explanation.is_some()) {
            return;
        }
        let Some(altered) = altered(engine, file) else { continue };
        for difference in differences.iter_mut().filter(|difference| difference.explanation.is_none()) {
            difference.explanation = sources(&difference.key)
                .iter()
                .filter_map(|selector| altered.get(selector))
                .find(|found| !found.refused && explains(difference, found))
                .map(|found| found.explanation.clone());
        }
    }
}

/// By what cause the profile leaves this file out, if it does.
pub(crate) fn withheld(engine: Option<&Engine>, file: &Path) -> Option<&'static str> {
    let opened = File::open(file).ok()?;
    let length = opened.metadata().ok()?.len();
    let mut source = FileSource::new(&opened, length);
    let processed = engine?.process(&mut source, &SessionFacts::default(), &mut Scratch::default());
    processed.cause.map(deid_core::Cause::id)
}

/// What the profile does to an attribute.
#[derive(Debug)]
struct Altered {
    explanation: Explanation,
    /// The fields of a header that cleaning it changes, without the numbers in their brackets.
    fields: BTreeSet<String>,
    /// Whether it is a header that the profile keeps, and that could not be cleaned: what is lost with it is lost.
    refused: bool,
}

/// The fields of a header that cleaning it changes.
fn changed_fields(source: &mut Reader<'_>, node: &Node, new: &[u8]) -> BTreeSet<String> {
    const LONGEST: u64 = 16 << 20;
    let old = if node.kind == Kind::Element && node.value_length() <= LONGEST {
        source(node.value_start(), node.value_length() as usize)
    } else {
        None
    };
    let Some((old, new)) =
        old.and_then(|old| Some((deid_vendor::fields(&old)?, deid_vendor::fields(new).unwrap_or_default())))
    else {
        return BTreeSet::new();
    };
    let new: HashMap<String, Vec<u8>> = new.into_iter().collect();
    let changed = old.into_iter().filter(|(name, value)| new.get(name) != Some(value));
    changed.map(|(name, _)| crate::tables::numberless(&name)).collect()
}

/// What the profile alters in a file, by the selectors that mean it.
fn altered(engine: &Engine, file: &Path) -> Option<HashMap<Selector, Altered>> {
    let opened = File::open(file).ok()?;
    let length = opened.metadata().ok()?.len();
    let explained = engine.explain(&mut FileSource::new(&opened, length))?;
    let mut altered = HashMap::new();
    instance::read(&opened, length, |source, tree, _| {
        let creators = Creators::of(source, tree);
        let entries: BTreeMap<NodeIndex, &Entry> =
            explained.plan.entries.iter().map(|entry| (entry.node, entry)).collect();
        for index in 0..tree.nodes.len() as NodeIndex {
            let node = tree.node(index);
            if node.kind == Kind::Item {
                continue;
            }
            if let Some((action, entry)) = decision(tree, &entries, index) {
                let new = match &entry.change {
                    Some(deid_dicom::Change::Value(_, bytes)) => Some(bytes),
                    _ => None,
                };
                // Cleaned away.
                let action = if new.is_some_and(Vec::is_empty) { "emptied" } else { action };
                for selector in creators.selectors(tree, index) {
                    if altered.contains_key(&selector) {
                        continue;
                    }
                    let header = new.filter(|_| entry.node == index && entry.rule.id() == "vendor-header");
                    let fields = header.map(|new| changed_fields(source, node, new)).unwrap_or_default();
                    let explanation = Explanation {
                        attribute: creators.name(tree, index),
                        action,
                        rule: entry.rule.id(),
                        origin: entry.rule.describe(&engine.settings().profile),
                    };
                    let refused = explanation.action == "removed"
                        && explained.plan.headers_removed.contains(&selector.to_string());
                    altered.insert(selector, Altered { explanation, fields, refused });
                }
            }
        }
    })?;
    add_marks(engine, &explained, &mut altered);
    Some(altered)
}

/// What is done to a node, or to the nearest one around it that does not stay as it is.
fn decision<'e>(
    tree: &Tree,
    entries: &BTreeMap<NodeIndex, &'e Entry>,
    index: NodeIndex,
) -> Option<(&'static str, &'e Entry)> {
    let mut at = index;
    while at != ROOT {
        let node = tree.node(at);
        if let Some(entry) = entries.get(&at)
            // A sequence that is entered is judged by what is in it.
            && (at == index || matches!(entry.done, Done::Remove | Done::Empty | Done::Dummy))
            && let Some(action) = action(entry.done)
        {
            return Some((action, entry));
        }
        at = node.parent;
    }
    None
}

/// In words; `None` if nothing is done.
const fn action(done: Done) -> Option<&'static str> {
    Some(match done {
        Done::Keep => return None,
        Done::Remove => "removed",
        Done::Empty => "emptied",
        Done::Dummy => "dummy",
        Done::Remap => "uid remapped",
        Done::Replace => "replaced",
        Done::Shift => "date shifted",
        Done::Clean => "cleaned",
    })
}

/// Attributes that de-identification adds.
fn add_marks(engine: &Engine, explained: &Explained, altered: &mut HashMap<Selector, Altered>) {
    for addition in &explained.plan.additions {
        altered.entry(Selector::Tag(addition.tag)).or_insert_with(|| Altered {
            explanation: Explanation {
                attribute: crate::tables::name(&Selector::Tag(addition.tag)),
                action: "added",
                rule: addition.rule.id(),
                origin: addition.rule.describe(&engine.settings().profile),
            },
            fields: BTreeSet::new(),
            refused: false,
        });
    }
}

/// The private creators of a data set: by container, group and block.
#[derive(Debug, Default)]
pub(crate) struct Creators(HashMap<(NodeIndex, u16, u8), String>);

impl Creators {
    pub(crate) fn of(source: &mut Reader<'_>, tree: &Tree) -> Self {
        let mut creators = HashMap::new();
        for node in
            tree.nodes.iter().filter(|node| node.tag.is_private_creator() && node.kind == Kind::Element)
        {
            if node.value_length() > 64 {
                continue;
            }
            let value = source(node.value_start(), node.value_length() as usize).unwrap_or_default();
            let creator = String::from_utf8_lossy(deid_dicom::value::trim(&value)).into_owned();
            creators.entry((node.parent, node.tag.group(), node.tag.element() as u8)).or_insert(creator);
        }
        Creators(creators)
    }

    /// The selectors that mean a node, narrow ones first.
    pub(crate) fn selectors(&self, tree: &Tree, index: NodeIndex) -> Vec<Selector> {
        let node = tree.node(index);
        let tag: Tag = node.tag;
        let Some(block) = tag.private_block() else { return vec![Selector::Tag(tag)] };
        match self.0.get(&(node.parent, tag.group(), block)) {
            Some(creator) => vec![
                Selector::private(tag.group(), creator, tag.element() as u8),
                Selector::private_block(tag.group(), creator),
            ],
            None => vec![Selector::Tag(tag)],
        }
    }

    /// How a node is named: never by a creator that nobody knows, for that text could be anything.
    fn name(&self, tree: &Tree, index: NodeIndex) -> String {
        let node = tree.node(index);
        match self.selectors(tree, index).first() {
            Some(selector @ Selector::Private { creator, group, element }) => {
                let known =
                    deid_standard::private_dictionary::private_attribute(creator, *group, *element).is_some();
                if known { selector.to_string() } else { format!("({group:04X},xx{element:02X})") }
            }
            _ => crate::tables::name(&Selector::Tag(node.tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(action: &'static str, rule: &'static str) -> Explanation {
        Explanation { attribute: "(0029,xx10)".into(), action, rule, origin: String::new() }
    }

    #[test]
    fn names_are_keys_that_tell_of_the_image() {
        for name in NAMES {
            assert!(sidecar_keys().get(name).is_some_and(|row| !row.identity), "{name}");
        }
    }

    #[test]
    fn a_cleaned_header_explains_names_alone() {
        let header = found("cleaned", "vendor-header");
        assert!(explains_key("ProtocolName", true, &header));
        for (key, is_text) in [
            ("ProtocolName", false),
            ("SliceTiming", false),
            ("PhaseEncodingDirection", true),
            ("ImageType", true),
        ] {
            assert!(!explains_key(key, is_text, &header), "{key}");
        }
    }

    #[test]
    fn a_cleaned_text_explains_texts_and_moved_days_explain_dates() {
        assert!(explains_key("ImageType", true, &found("cleaned", "clean-descriptors")));
        assert!(!explains_key("EchoTime", false, &found("cleaned", "clean-descriptors")));
        assert!(explains_key("AcquisitionDate", true, &found("date shifted", "dates")));
        assert!(!explains_key("EchoTime", false, &found("date shifted", "dates")));
        assert!(explains_key("EchoTime", false, &found("removed", "profile")));
    }
}
