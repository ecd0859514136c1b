//! CATI's ways to say what is wanted: lists of tags, tables, and its report.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use deid_core::{Scratch, SessionFacts};
use deid_dicom::Tag;
use deid_io::run::{cati_columns, cati_line};
use deid_profile::{Action, tsv};
use pyo3::prelude::*;

use crate::errors;
use crate::instance::Engine;
use crate::settings::Profile;

/// The profile of a `tags_config`: tag, action and creators of each row.
#[pyfunction]
#[pyo3(signature = (rows, name = "tags_config"))]
pub(crate) fn cati_profile(
    py: Python<'_>,
    rows: Vec<((u16, u16), String, Vec<String>)>,
    name: &str,
) -> PyResult<Profile> {
    let mut table = HEADER.to_owned();
    for ((group, element), action, creators) in rows {
        let tag = Tag::new(group, element);
        if creators.is_empty() {
            line(&mut table, tag, &action, "");
        }
        for creator in creators {
            line(&mut table, tag, &action, &creator);
        }
    }
    Profile::of_table(table, name).map_err(|error| errors::exception(py, "ProfileError", &error.problem))
}

const HEADER: &str = "Tags\tName\tAction\tPrivate Creator\n";

fn line(table: &mut String, tag: Tag, action: &str, creator: &str) {
    // Quoted, a field may hold anything. Writing to a string does not fail.
    let quoted = |text: &str| {
        if text.contains(['"', '\t', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let _ = writeln!(table, "{tag}\t\t{}\t{}", quoted(action), quoted(creator));
}

/// A row of a table: tag, name, action, creator.
type TableRow = ((u16, u16), String, &'static str, Option<String>);

/// The rows of a table.
#[pyfunction]
pub(crate) fn table_rows(py: Python<'_>, text: &str) -> PyResult<Vec<TableRow>> {
    let rows = tsv::rows(text).map_err(|error| errors::exception(py, "ProfileError", &error))?;
    let letter = |action: &Action| match action {
        Action::Remove => "X",
        Action::Empty => "Z",
        Action::Dummy => "D",
        Action::RemapUid => "U",
        _ => "K",
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let tag = (row.tag.group(), row.tag.element());
            (tag, row.name.unwrap_or_default(), letter(&row.action), row.creator)
        })
        .collect())
}

/// The line of CATI's report on a file that is left out, behind the line of columns; nothing if it would be written or
/// is no DICOM. `shown` stands for the file's name.
#[pyfunction]
pub(crate) fn cati_report(
    py: Python<'_>,
    path: PathBuf,
    engine: &Engine,
    shown: &str,
) -> PyResult<Option<(String, String)>> {
    let engine = &engine.engine;
    let line = errors::detached(py, || -> std::io::Result<Option<String>> {
        let bytes = fs::read(&path)?;
        let done = engine.process(&mut &bytes[..], &SessionFacts::default(), &mut Scratch::default());
        let known = !done.facts.modality.is_empty() || !done.facts.sop_class.is_empty();
        Ok(done.cause.filter(|_| known).map(|cause| cati_line(cause, shown, &done.facts)))
    })??;
    Ok(line.map(|line| (cati_columns(), line)))
}

/// The jobs of a list: subject, input, output of each line.
#[pyfunction]
pub(crate) fn job_list(py: Python<'_>, text: &str) -> PyResult<Vec<(Option<String>, PathBuf, PathBuf)>> {
    let jobs = deid_io::list_file::parse_three(text)
        .map_err(|error| errors::exception(py, "SettingsError", &error))?;
    Ok(jobs.into_iter().map(|job| (job.subject, job.input, job.output)).collect())
}
