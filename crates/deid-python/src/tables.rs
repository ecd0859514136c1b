//! The standard's tables, for CATI's module `tag_lists`.

use deid_core::{Engine, Key, Settings};
use deid_profile::Pattern;
use deid_standard::confidentiality::{ConfidentialityOption, OptionAction, Row, private_attributes, rows};
use deid_standard::safe_private;
use pyo3::prelude::*;

type TagPair = (u16, u16);
/// A row of E.1-1: lowest and highest tag, name, and the cells: retired, in a standard composite IOD, Basic, options.
type TableRow = (TagPair, TagPair, &'static str, Vec<&'static str>);

/// Table E.1-1, the row of private attributes left out.
#[pyfunction]
pub(crate) fn confidentiality_table() -> Vec<TableRow> {
    rows().iter().map(row).collect()
}

fn row(row: &Row) -> TableRow {
    let base = row.tag.base.0 & row.tag.mask;
    let highest = base | !row.tag.mask;
    let pair = |tag: u32| ((tag >> 16) as u16, tag as u16);
    let yes = |yes| if yes { "Y" } else { "N" };
    let mut cells = vec![yes(row.retired), yes(row.in_standard_iod), row.basic.codes()];
    cells.extend(
        ConfidentialityOption::ALL.iter().map(|option| row.option(*option).map_or("", OptionAction::code)),
    );
    debug_assert_ne!(row, private_attributes());
    (pair(base), pair(highest), row.name, cells)
}

/// Table E.3.10-1: creator, and group and element within its block.
#[pyfunction]
pub(crate) fn safe_private_attributes() -> Vec<(&'static str, TagPair)> {
    safe_private::all().iter().map(|safe| (safe.creator, (safe.group, u16::from(safe.element)))).collect()
}

/// CATI's filter: modalities that it takes, and SOP classes that it does not (with `*` at the end: all that begin so).
#[pyfunction]
pub(crate) fn cati_filter() -> (Vec<String>, Vec<String>) {
    let (modalities, sop_classes) = deid_profile::cati_filter();
    let words = |patterns: Vec<Pattern>| patterns.iter().map(Pattern::to_string).collect();
    (words(modalities.accept), words(sop_classes.reject))
}

/// Whether a text can be the code of a subject.
#[pyfunction]
pub(crate) fn well_formed_code(text: &str) -> bool {
    let profile = deid_profile::built_in("basic");
    let settings = profile.map(|profile| Settings {
        profile,
        key: Key::from_bytes([0; 32]),
        subject: Some(text.to_owned()),
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 0,
    });
    settings.is_some_and(|settings| Engine::new(settings).is_ok())
}
