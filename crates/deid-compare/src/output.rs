//! What dcm2niix made of a series, and whether it made the same of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use crate::expected::{are_among, words};
use crate::nifti::{self, Image};
use crate::result::{Change, Checks};

/// One image with what stands beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Output {
    /// What dcm2niix put behind the name: `_e2`, `a`, `_ph`.
    pub(crate) suffix: String,
    /// `None` if it wrote a sidecar alone, as for spectra, or what cannot be read as NIfTI.
    pub(crate) image: Option<Image>,
    /// Whether it wrote what cannot be read as NIfTI.
    pub(crate) unreadable: bool,
    /// The b-values and directions, as written.
    pub(crate) gradients: [Option<Vec<u8>>; 2],
    pub(crate) sidecar: Option<Sidecar>,
}

/// The BIDS sidecar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sidecar {
    /// Its keys.
    Keys(Map<String, Value>),
    /// Its bytes: it is no JSON.
    Bytes(Vec<u8>),
}

/// The outputs in a folder, in the order of their names.
pub(crate) fn outputs(folder: &Path, name: &str) -> io::Result<Vec<Output>> {
    let mut outputs: BTreeMap<String, Output> = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((stem, extension)) = file.rsplit_once('.') else { continue };
        if !matches!(extension, "nii" | "bval" | "bvec" | "json") {
            continue;
        }
        let suffix = stem.strip_prefix(name).unwrap_or(stem).to_owned();
        let output = outputs.entry(suffix.clone()).or_insert_with(|| Output { suffix, ..Output::default() });
        let bytes = fs::read(&path)?;
        match extension {
            "nii" => {
                output.image = nifti::read(&bytes);
                output.unreadable = output.image.is_none();
            }
            "bval" => output.gradients[0] = Some(bytes),
            "bvec" => output.gradients[1] = Some(bytes),
            _ => output.sidecar = Some(sidecar(bytes)),
        }
    }
    Ok(outputs.into_values().collect())
}

/// dcm2niix copies control characters and whatever character set a file has into its JSON.
fn sidecar(bytes: Vec<u8>) -> Sidecar {
    let text = String::from_utf8(bytes.clone())
        .unwrap_or_else(|error| error.as_bytes().iter().map(|&byte| char::from(byte)).collect());
    let (mut escaped, mut in_text, mut after_backslash) = (String::with_capacity(text.len()), false, false);
    for c in text.chars() {
        if in_text && c < ' ' {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
        if c == '"' && !after_backslash {
            in_text = !in_text;
        }
        after_backslash = c == '\\' && !after_backslash;
    }
    match serde_json::from_str(&escaped) {
        Ok(Value::Object(keys)) => Sidecar::Keys(keys),
        _ => Sidecar::Bytes(bytes),
    }
}

/// What is alike, and which keys are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) checks: Checks,
    pub(crate) keys: BTreeSet<(String, Change)>,
    /// Those of the keys whose values are texts.
    pub(crate) texts: BTreeSet<String>,
}

/// The name under which a sidecar that is no JSON, or that is not there, is reported.
pub(crate) const WHOLE_SIDECAR: &str = "(whole sidecar)";

/// The name under which an image made of an overlay is reported if there is none any more.
pub(crate) const OVERLAY: &str = "(overlay)";

/// Whether this is an image that dcm2niix made of an overlay (60xx,3000): `image_ROI1`.
fn is_overlay(output: &Output) -> bool {
    let number = output.suffix.rsplit_once("_ROI").map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        && output.sidecar.is_none()
}

/// Compares what was made of a series before and after. Outputs find each other by content and suffix.
///
/// An overlay that is gone makes the images no other: whether it should be is a question of the profile.
pub(crate) fn compare(before: &[Output], after: &[Output]) -> Compared {
    let mut compared = Compared { checks: Checks::equal(), ..Compared::default() };
    let without: Vec<Output>;
    let before = if before.iter().any(is_overlay) && !after.iter().any(is_overlay) {
        compared.keys.insert((OVERLAY.to_owned(), Change::Lost));
        without = before.iter().filter(|output| !is_overlay(output)).cloned().collect();
        &without
    } else {
        before
    };
    compared.checks.outputs = before.len() == after.len();
    for (old, new) in partners(before, after) {
        let (Some(old), Some(new)) = (old, new) else {
            // One side only: there is nothing that could be equal.
            let one = old.or(new).expect("a pair has a member");
            compared.checks.voxels = false;
            compared.checks.geometry = false;
            compared.checks.gradients &= one.gradients == [None, None];
            continue;
        };
        if let (Some(old), Some(new)) = (&old.image, &new.image) {
            compared.checks.voxels &= old.voxels == new.voxels;
            compared.checks.geometry &= old.geometry == new.geometry;
        } else if old.image != new.image || old.unreadable || new.unreadable {
            compared.checks.voxels = false;
            compared.checks.geometry = false;
        }
        compared.checks.gradients &= old.gradients == new.gradients;
        compare_sidecars(old.sidecar.as_ref(), new.sidecar.as_ref(), &mut compared.keys);
        if let Some(Sidecar::Keys(keys)) = &old.sidecar {
            compared.texts.extend(keys.iter().filter(|(_, value)| is_text(value)).map(|(key, _)| name(key)));
        }
    }
    compared
}

/// The keys of sidecars that are not what was to be expected, in all outputs. A text may have fewer words than expected.
pub(crate) fn unexpected(expected: &[Output], found: &[Output]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    if expected.iter().any(is_overlay) != found.iter().any(is_overlay) {
        keys.insert(OVERLAY.to_owned());
    }
    for (old, new) in partners(expected, found) {
        let sidecar = |output: Option<&Output>| output.and_then(|output| output.sidecar.clone());
        let (Some(Sidecar::Keys(old)), Some(Sidecar::Keys(new))) = (sidecar(old), sidecar(new)) else {
            if sidecar(old) != sidecar(new) {
                keys.insert(WHOLE_SIDECAR.to_owned());
            }
            continue;
        };
        let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let differs = |key: &&&String| match (old.get(**key), new.get(**key)) {
            (Some(old), Some(new)) => old != new && !(is_text(new) && are_among(&of(new), &of(old))),
            (old, new) => old != new,
        };
        keys.extend(all.iter().filter(differs).map(|key| name(key)));
    }
    keys
}

/// The words of a text, or of several.
fn of(value: &Value) -> Vec<u64> {
    match value {
        Value::String(text) => words(text.as_bytes()),
        Value::Array(values) => values.iter().flat_map(of).collect(),
        _ => Vec::new(),
    }
}

fn compare_sidecars(old: Option<&Sidecar>, new: Option<&Sidecar>, keys: &mut BTreeSet<(String, Change)>) {
    match (old, new) {
        (Some(Sidecar::Keys(old)), Some(Sidecar::Keys(new))) => {
            for (key, value) in old {
                match new.get(key) {
                    None => keys.insert((name(key), Change::Lost)),
                    Some(other) if other != value => keys.insert((name(key), Change::Changed)),
                    Some(_) => false,
                };
            }
            let added = new.keys().filter(|key| !old.contains_key(*key));
            keys.extend(added.map(|key| (name(key), Change::Added)));
        }
        (old, new) if old == new => {}
        (_, None) => _ = keys.insert((WHOLE_SIDECAR.to_owned(), Change::Lost)),
        (None, _) => _ = keys.insert((WHOLE_SIDECAR.to_owned(), Change::Added)),
        _ => _ = keys.insert((WHOLE_SIDECAR.to_owned(), Change::Changed)),
    }
}

/// Whether a value is a text, or several.
fn is_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(values) => values.iter().all(Value::is_string),
        _ => false,
    }
}

/// The name of a key, if it is one as dcm2niix has them: another could come out of a header.
fn name(key: &str) -> String {
    let plain = key.len() <= 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { key.to_owned() } else { "(unusual key)".to_owned() }
}

type Partners<'a> = (Option<&'a Output>, Option<&'a Output>);

/// Outputs that belong together: by suffix and voxels, by voxels, by suffix, then in their order.
fn partners<'a>(before: &'a [Output], after: &'a [Output]) -> Vec<Partners<'a>> {
    fn same_voxels(a: &Output, b: &Output) -> bool {
        let voxels = |output: &Output| output.image.as_ref().map(|image| image.voxels);
        voxels(a).is_some() && voxels(a) == voxels(b)
    }
    fn same_suffix(a: &Output, b: &Output) -> bool {
        a.suffix == b.suffix
    }
    let criteria: [fn(&Output, &Output) -> bool; 4] =
        [|a, b| same_voxels(a, b) && same_suffix(a, b), same_voxels, same_suffix, |_, _| true];
    let mut partners: Vec<Option<usize>> = vec![None; before.len()];
    let mut used = vec![false; after.len()];
    for criterion in criteria {
        for (old, partner) in before.iter().zip(&mut partners) {
            if partner.is_none() {
                *partner = (0..after.len()).find(|&place| !used[place] && criterion(old, &after[place]));
                if let Some(place) = *partner {
                    used[place] = true;
                }
            }
        }
    }
    let paired =
        before.iter().zip(partners).map(|(old, place)| (Some(old), place.map(|place| &after[place])));
    let added = after.iter().zip(&used).filter(|(_, used)| !**used).map(|(new, _)| (None, Some(new)));
    paired.chain(added).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(suffix: &str, voxels: u8, json: &str) -> Output {
        Output {
            suffix: suffix.to_owned(),
            image: Some(Image { voxels: [voxels; 32], geometry: vec![1] }),
            unreadable: false,
            gradients: [None, None],
            sidecar: Some(sidecar(json.as_bytes().to_vec())),
        }
    }

    #[test]
    fn outputs_find_each_other_though_suffixes_change() {
        let before = [output("_e1", 1, "{\"A\": 1}"), output("_e2", 2, "{\"A\": 2}")];
        let after = [output("_e2", 1, "{\"A\": 1}"), output("_e3", 2, "{\"A\": 2}")];
        assert_eq!(compare(&before, &after).checks, Checks::equal());
        assert!(compare(&before, &after).keys.is_empty());
        let one = compare(&before, &after[..1]).checks;
        assert!(!one.outputs && !one.voxels && one.gradients);
    }

    #[test]
    fn overlay_that_is_gone_is_a_key() {
        let image = output("", 1, "{}");
        let overlay = Output { sidecar: None, ..output("_ROI1", 2, "") };
        let both = [image.clone(), overlay.clone()];
        let compared = compare(&both, &both[..1]);
        assert_eq!(compared.checks, Checks::equal());
        assert_eq!(compared.keys.first(), Some(&(OVERLAY.to_owned(), Change::Lost)));
        assert!(compare(&both, &both).keys.is_empty());
        let changed = [image, Output { image: None, ..overlay }];
        assert!(!compare(&both, &changed).checks.voxels);
    }

    #[test]
    fn keys_are_told_without_values() {
        let before = [output("", 1, "{\"A\": 1, \"B\": \"x\u{1}\", \"C\": 1}")];
        let after = [output("", 1, "{\"B\": \"x\u{2}\", \"C\": 1, \"D\": 1, \"Doe^Jane\": 1}")];
        let keys = compare(&before, &after).keys;
        let keys: Vec<_> = keys.iter().map(|(key, change)| (&**key, *change)).collect();
        let expected = [
            ("(unusual key)", Change::Added),
            ("A", Change::Lost),
            ("B", Change::Changed),
            ("D", Change::Added),
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn sidecar_that_is_no_json_is_compared_as_a_whole() {
        let before = [output("", 1, "{")];
        assert!(compare(&before, &before).keys.is_empty());
        let keys = compare(&before, &[output("", 1, "{}")]).keys;
        assert_eq!(keys.first(), Some(&(WHOLE_SIDECAR.to_owned(), Change::Changed)));
    }
}
