//! What converters read, as data: which attributes a sidecar's key is made from, and which attributes matter.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use deid_profile::Selector;
use deid_standard::dictionary;

/// Keys of BIDS sidecars as dcm2niix writes them: `key`, `identity` or `image`, what it is made from.
const SIDECAR_KEYS: &str = include_str!("../data/sidecar_keys.tsv");
/// Attributes that converters read: what they are about, and the attribute.
const ATTRIBUTES: &str = include_str!("../data/converter_attributes.tsv");

/// Fields inside of vendors' headers that converters read: what they are about, `number` or `text`, and the name.
const FIELDS: &str = include_str!("../data/converter_fields.tsv");

/// A key of a sidecar.
#[derive(Clone, Debug)]
pub(crate) struct SidecarKey {
    /// Whether it says who, where or when.
    pub(crate) identity: bool,
    /// What it is made from.
    pub(crate) sources: Vec<Selector>,
}

/// All keys known, by name.
pub(crate) fn sidecar_keys() -> &'static HashMap<&'static str, SidecarKey> {
    static KEYS: OnceLock<HashMap<&'static str, SidecarKey>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let mut aliases: HashMap<&str, Vec<Selector>> = HashMap::new();
        let mut keys = HashMap::new();
        for [name, kind, sources] in rows(SIDECAR_KEYS) {
            let sources = sources
                .split(';')
                .map(str::trim)
                .filter(|source| !source.is_empty())
                .flat_map(|source| match source.strip_prefix('@') {
                    Some(alias) => aliases[alias].clone(),
                    None => vec![selector(source)],
                })
                .collect();
            match name.strip_prefix('@') {
                Some(alias) => _ = aliases.insert(alias, sources),
                None => _ = keys.insert(name, SidecarKey { identity: kind == "identity", sources }),
            }
        }
        keys
    })
}

/// What an attribute is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Where the voxels are, how many, and how their numbers are meant.
    Geometry,
    /// Diffusion weighting and directions.
    Gradients,
    /// How the image was acquired: what goes into sidecars.
    Acquisition,
}

/// The attributes that converters read.
pub(crate) fn attributes() -> &'static HashMap<Selector, About> {
    static ATTRIBUTES_READ: OnceLock<HashMap<Selector, About>> = OnceLock::new();
    ATTRIBUTES_READ.get_or_init(|| {
        rows(ATTRIBUTES).map(|[word, attribute]| (selector(attribute), about(word))).collect()
    })
}

/// Where else the same is said as in an attribute.
pub(crate) fn elsewhere(attribute: &Selector) -> Option<&'static Selector> {
    static ELSEWHERE: OnceLock<HashMap<Selector, Selector>> = OnceLock::new();
    let table = ELSEWHERE.get_or_init(|| {
        let rows = rows::<3>(ATTRIBUTES).filter(|[.., other]| !other.is_empty());
        rows.map(|[_, attribute, other]| (selector(attribute), selector(other))).collect()
    });
    table.get(attribute)
}

/// What analysis needs though no sidecar has it, or sidecars have it among what identifies: the doses of PET, the times of
/// a day, and what the uptake is divided by.
pub(crate) fn is_for_analysis(attribute: &Selector) -> bool {
    static FOR_ANALYSIS: OnceLock<HashSet<Selector>> = OnceLock::new();
    let table = FOR_ANALYSIS.get_or_init(|| NEEDED.iter().map(|name| selector(name)).collect());
    table.contains(attribute)
}

const NEEDED: [&str; 15] = [
    "PatientWeight",
    "PatientSize",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "SeriesTime",
    "DecayCorrection",
    "DecayFactor",
    "RadiopharmaceuticalVolume",
    "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
    "RadionuclideTotalDose",
    "RadionuclideHalfLife",
    "RadionuclidePositronFraction",
    "FrameReferenceTime",
    "ActualFrameDuration",
];

/// What a field inside of a vendor's header is about, and whether it is a text; `None` if no converter reads it.
pub(crate) fn field(name: &str) -> Option<(About, bool)> {
    static FIELDS_READ: OnceLock<HashMap<&str, (About, bool)>> = OnceLock::new();
    let fields = FIELDS_READ.get_or_init(|| {
        rows(FIELDS).map(|[word, kind, name]| (name, (about(word), kind == "text"))).collect()
    });
    fields.get(numberless(name).as_str()).copied()
}

/// A name without the numbers in its brackets.
pub(crate) fn numberless(name: &str) -> String {
    let mut inside = false;
    name.chars()
        .filter(|&c| {
            let stays = !inside || c == ']';
            inside = c == '[' || inside && c != ']';
            stays
        })
        .collect()
}

fn about(word: &str) -> About {
    match word {
        "geometry" => About::Geometry,
        "gradients" => About::Gradients,
        _ => About::Acquisition,
    }
}

/// The name of an attribute: its keyword, or how it is selected.
pub(crate) fn name(selector: &Selector) -> String {
    match selector {
        Selector::Tag(tag) => match dictionary::attribute(*tag) {
            Some(attribute) => attribute.keyword.to_owned(),
            None => tag.to_string(),
        },
        private => private.to_string(),
    }
}

fn selector(text: &str) -> Selector {
    // The tests read every row of both tables.
    Selector::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The rows of a table: no comments, no empty lines, the columns that are asked for.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| {
        let mut cells = line.split('\t').map(str::trim);
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let keys = sidecar_keys();
        let rows = rows::<3>(SIDECAR_KEYS).filter(|[name, ..]| !name.starts_with('@'));
        assert_eq!(rows.count(), keys.len(), "no key stands twice");
        for [name, kind, _] in rows_of_keys() {
            assert!(matches!(kind, "identity" | "image"), "{name}: {kind}");
        }
        assert!(keys["PatientName"].identity && !keys["EchoTime"].identity);
        for [about, kind, name] in self::rows::<3>(FIELDS) {
            assert!(matches!(about, "geometry" | "gradients" | "acquisition"), "{name}: {about}");
            assert!(matches!(kind, "number" | "text"), "{name}: {kind}");
            assert!(field(&name.replace("[]", "[12]")).is_some(), "{name}");
        }
        assert_eq!(field("sPatient.tName"), None);
        for name in NEEDED {
            assert!(attributes().contains_key(&selector(name)) && is_for_analysis(&selector(name)), "{name}");
        }
        for [about, attribute, other] in self::rows::<3>(ATTRIBUTES) {
            assert_eq!(elsewhere(&selector(attribute)).is_some(), !other.is_empty(), "{attribute}");
            assert!(matches!(about, "geometry" | "gradients" | "acquisition"), "{attribute}: {about}");
            assert!(attributes().contains_key(&selector(attribute)));
        }
    }

    fn rows_of_keys() -> impl Iterator<Item = [&'static str; 3]> {
        rows(SIDECAR_KEYS).filter(|[name, ..]: &[&str; 3]| !name.starts_with('@'))
    }
}
