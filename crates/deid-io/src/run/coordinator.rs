//! Takes the processed units in the order of the input: names, report, counts.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use deid_core::{Cause, Facts, Outcome};

use super::unit::{Content, Unit};
use super::worker::Done;
use super::{Progress, RunError, Summary};
use crate::names::Names;
use crate::output::Output;
use crate::quarantine::Quarantine;
use crate::report::{Report, Row, csv_line};

/// CATI's report, inside the output.
pub(super) const CATI_REPORT: &str = "deidentification_report.csv";
/// Its columns, as CATI names them.
const CATI_COLUMNS: [&str; 6] =
    ["input DICOM filename", "state", "modality", "SOP Class UID", "Series Description", "Image Type"];

/// What the end of a run in place needs to know.
#[derive(Debug, Default)]
pub(super) struct Originals {
    /// For each unit of the input whether its original may go: it was replaced, or is kept elsewhere.
    pub(super) replaced: Vec<bool>,
    /// An original was quarantined and is nowhere else.
    pub(super) quarantined: bool,
    /// An original was left out on purpose, other than a DICOMDIR.
    pub(super) left_out: bool,
}

/// The one that decides what is where.
pub(super) struct Coordinator<'a> {
    pub(super) output: Output,
    /// The name of the only result, if the user gave it.
    pub(super) fixed_name: Option<String>,
    pub(super) names: Names,
    /// None in a dry run.
    pub(super) report: Option<Report<'a>>,
    pub(super) names_table: Option<BufWriter<File>>,
    pub(super) quarantine: Option<Quarantine>,
    /// What input paths in the table of names begin with.
    pub(super) input_shown: &'a Path,
    /// Whether that is the input folder, and not the file or archive itself.
    pub(super) input_is_folder: bool,
    /// CATI's report, if that is wanted.
    pub(super) cati: Option<Vec<String>>,
    pub(super) originals: Originals,
    pub(super) summary: Summary,
    pub(super) progress: &'a dyn Progress,
}

impl Coordinator<'_> {
    /// Take the next unit. An error ends the run.
    pub(super) fn receive(&mut self, done: Done) -> Result<(), RunError> {
        let Done { ordinal, result, target, label, hash, mut facts, bytes_in, source } = done;
        let (cause, path, bytes_out) = match result {
            Err(cause) => (Some(cause), label, 0),
            Ok(product) => {
                let path = match &self.fixed_name {
                    Some(name) => name.clone(),
                    None => self.names.assign(&target),
                };
                let bytes = product.bytes;
                match self.output.place(&path, product).map_err(RunError::io("writing the output"))? {
                    Ok(()) => (None, path, bytes),
                    Err(cause) => (Some(cause), path, 0),
                }
            }
        };
        let input_path = self.names_table.is_some().then(|| self.input_path(&source));
        if let (Some(table), Some(input_path)) = (&mut self.names_table, input_path) {
            let line = csv_line(&[ordinal.to_string(), input_path], "\n");
            table.write_all(line.as_bytes()).map_err(RunError::io("writing the table of names"))?;
        }
        self.note_original(cause, &source, &mut facts);
        if let Some(cause) = cause
            && let Some(lines) = &mut self.cati
            && (!facts.modality.is_empty() || !facts.sop_class.is_empty())
        {
            lines.push(cati_line(cause, &path, &facts));
        }
        let row = Row { ordinal, cause, path, hash, facts, bytes_in, bytes_out };
        self.count(&row);
        if let Some(report) = &mut self.report {
            report.row(&row).map_err(RunError::io("writing the report"))?;
        }
        self.progress.advance(1, bytes_in);
        Ok(())
    }

    /// Copy an original to the quarantine if it is to be there, and remember what may go.
    fn note_original(&mut self, cause: Option<Cause>, source: &Unit, facts: &mut Facts) {
        let mut replaced = cause.is_none_or(|cause| cause == Cause::DicomDir);
        match cause.map(Cause::outcome) {
            Some(Outcome::Quarantined) => {
                if let Some(quarantine) = &mut self.quarantine {
                    replaced = keep(quarantine, source).is_ok();
                    if !replaced {
                        facts.remarks.push("not_in_quarantine");
                    }
                }
                self.originals.quarantined |= !replaced;
            }
            Some(Outcome::Skipped) => self.originals.left_out |= !replaced,
            _ => {}
        }
        self.originals.replaced.push(replaced);
    }

    fn count(&mut self, row: &Row) {
        let summary = &mut self.summary;
        summary.read += 1;
        match row.outcome() {
            Outcome::Written => summary.written += 1,
            Outcome::Quarantined => summary.quarantined += 1,
            Outcome::Skipped => summary.skipped += 1,
        }
        if let Some(cause) = row.cause {
            *summary.by_cause.entry(cause.id()).or_default() += 1;
        }
        summary.bytes_read += row.bytes_in;
        summary.bytes_written += row.bytes_out;
        summary.burned_in_flagged += u64::from(row.facts.burned_in_risk);
        for (fault, _) in row.facts.faults.iter() {
            *summary.faults.entry(fault.kind.id()).or_default() += 1;
        }
        if row.cause.is_none() {
            for element in &row.facts.kept_uncleaned {
                *summary.kept_uncleaned.entry(element.clone()).or_default() += 1;
            }
        }
    }

    fn input_path(&self, unit: &Unit) -> String {
        let relative: PathBuf = unit.parts.iter().collect();
        let path = match &unit.content {
            Content::File(..) if !self.input_is_folder => self.input_shown.to_path_buf(),
            _ if relative.as_os_str().is_empty() => self.input_shown.to_path_buf(),
            _ => self.input_shown.join(relative),
        };
        path.to_string_lossy().into_owned()
    }

    /// CATI's report, if there is anything in it.
    pub(super) fn cati_report(&self) -> Option<String> {
        let lines = self.cati.as_ref().filter(|lines| !lines.is_empty())?;
        Some(csv_line(&CATI_COLUMNS.map(str::to_owned), "\r\n") + &lines.concat())
    }
}

fn keep(quarantine: &mut Quarantine, source: &Unit) -> io::Result<()> {
    let mut original: Box<dyn Read + '_> = match &source.content {
        Content::File(path, _) => Box::new(File::open(path)?),
        Content::Blob(blob) => Box::new(blob.reader()),
        Content::Failed(_) => return Err(io::ErrorKind::NotFound.into()),
    };
    quarantine.keep(&source.parts, &mut original)
}

/// A line as CATI writes it, with what we know in its place.
fn cati_line(cause: Cause, path: &str, facts: &Facts) -> String {
    let or_not_found =
        |text: &str| if text.is_empty() { "Tag not found".to_owned() } else { text.to_owned() };
    let state = match cause.outcome() {
        Outcome::Skipped => "removed",
        _ => "quarantined",
    };
    let sop_class = deid_standard::sop_class::name(&facts.sop_class).unwrap_or(&facts.sop_class);
    // Several values as Python shows a list.
    let image_type = if facts.image_type.contains('\\') {
        let values: Vec<String> =
            facts.image_type.split('\\').map(|value| format!("'{}'", value.trim())).collect();
        format!("[{}]", values.join(", "))
    } else {
        facts.image_type.clone()
    };
    let fields = [
        path.to_owned(),
        state.to_owned(),
        or_not_found(&facts.modality),
        or_not_found(sop_class),
        facts.series_description.clone(),
        image_type,
    ];
    csv_line(&fields, "\r\n")
}
