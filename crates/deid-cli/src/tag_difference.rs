//! What differs between two DICOM files, as data: what `diff` shows as a table, values included.

use std::fmt;

use crate::diff::{Difference, compare};
use crate::view::{self, View, view};

/// An element that differs. The two values show patients' data: handle with care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagDifference {
    /// Where it stands: `(0008,1140)[0].(0008,1155)`.
    pub path: String,
    /// What it is called in the first file, if it is there.
    pub old_name: Option<String>,
    /// What it is called in the second file, if it is there.
    pub new_name: Option<String>,
    /// Its value in the first file, if it is there; long and binary ones cut short, with a hash.
    pub old: Option<String>,
    /// Its value in the second file, if it is there.
    pub new: Option<String>,
}

/// Why two files were not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCompared {
    /// Whether the second file is the one that cannot be read.
    pub second: bool,
    why: view::ViewError,
}

impl fmt::Display for NotCompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} file: {}", if self.second { "second" } else { "first" }, self.why)
    }
}

impl std::error::Error for NotCompared {}

/// All differences, by place. Damaged files are compared as far as they can be read.
pub fn tag_differences(first: &[u8], second: &[u8]) -> Result<Vec<TagDifference>, NotCompared> {
    let first = view(first).map_err(|why| NotCompared { second: false, why })?;
    let second = view(second).map_err(|why| NotCompared { second: true, why })?;
    Ok(all(&first, &second))
}

fn all(first: &View, second: &View) -> Vec<TagDifference> {
    let differences = compare(&first.elements, &second.elements);
    differences
        .into_iter()
        .map(|difference| {
            let (old, new) = match difference {
                Difference::Removed(old) => (Some(old), None),
                Difference::Added(new) => (None, Some(new)),
                Difference::Changed(old, new) => (Some(old), Some(new)),
            };
            TagDifference {
                path: old.or(new).map(view::Shown::path).unwrap_or_default(),
                old_name: old.map(|shown| shown.name.clone()),
                new_name: new.map(|shown| shown.name.clone()),
                old: old.map(|shown| shown.value.clone()),
                new: new.map(|shown| shown.value.clone()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use deid_testkit::bytes::{Part10, explicit};
    use deid_testkit::{tags, uids};

    use super::*;

    #[test]
    fn differences_are_data() {
        let file =
            |name: &str| Part10::new(uids::EXPLICIT_LE, explicit(tags::PATIENT_NAME, "PN", name)).bytes();
        let found = tag_differences(&file("A "), &file("B ")).unwrap();
        let [one] = &found[..] else { panic!("one difference") };
        assert_eq!(one.path, "(0010,0010)");
        assert_eq!((one.old.as_deref(), one.new.as_deref()), (Some("A"), Some("B")));
        let error = tag_differences(&file("A "), b"text").unwrap_err();
        assert_eq!(error.to_string(), "the second file: not a DICOM file");
    }
}
