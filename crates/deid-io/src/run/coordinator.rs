//! Takes the processed units in the order of the input: names, report, counts.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use deid_core::{Cause, CrosswalkRow, Facts, Outcome};

use super::unit::{Content, Unit};
use super::worker::{self, Done};
use super::{Progress, RunError, Summary};
use crate::names::Names;
use crate::output::{NotWritten, Output};
use crate::quarantine::Quarantine;
use crate::report::{Report, Row, csv_line};
use crate::rows::Rows;

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
    pub(super) names_table: Option<Rows>,
    /// Subjects of what was written, if a crosswalk is wanted.
    pub(super) crosswalk: Option<BTreeSet<CrosswalkRow>>,
    pub(super) quarantine: Option<Quarantine>,
    /// A dry run that would have a quarantine.
    pub(super) would_quarantine: bool,
    /// The input if it is one file or archive: it is kept whole where a member has no content of its own.
    pub(super) whole_input: Option<&'a Path>,
    /// Whether that was kept, once it was to be.
    pub(super) whole_kept: Option<bool>,
    /// The output as the user named it.
    pub(super) output_shown: &'a Path,
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
        if self.progress.is_cancelled() {
            return Err(RunError::Cancelled);
        }
        let Done { ordinal, result, target, label, hash, mut facts, bytes_in, source, crosswalk } = done;
        let (why, path, bytes_out) = match result {
            Err(why) => (Some(why), label, 0),
            Ok(product) => {
                let path = match &self.fixed_name {
                    Some(name) => name.clone(),
                    None => self.names.assign(&target),
                };
                let bytes = product.bytes;
                let given_up = || self.progress.is_cancelled();
                let placed = self
                    .output
                    .place(&path, product, &given_up, |planned, target| {
                        worker::is_same(planned, &source, target)
                    })
                    .map_err(|error| {
                        if given_up() {
                            RunError::Cancelled
                        } else {
                            RunError::io("writing the output", self.output_shown)(error)
                        }
                    })?;
                match placed {
                    Ok(()) => (None, path, bytes),
                    Err(why) => (Some(why), path, 0),
                }
            }
        };
        facts.remarks.extend(why.and_then(|why: NotWritten| why.remark));
        let cause = why.map(|why| why.cause);
        if let (None, Some(rows), Some(row)) = (cause, &mut self.crosswalk, crosswalk) {
            rows.insert(row);
        }
        let input_path = self.names_table.is_some().then(|| self.input_path(&source));
        if let (Some(table), Some(input_path)) = (&mut self.names_table, input_path) {
            let line = csv_line(&[ordinal.to_string(), input_path], "\n");
            table.add(line.as_bytes());
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
            report.row(&row).map_err(RunError::io("writing the report", self.output_shown))?;
        }
        self.progress.advance(1, bytes_in);
        Ok(())
    }

    /// Copy an original to the quarantine if it is to be there, and remember what may go.
    fn note_original(&mut self, cause: Option<Cause>, source: &Unit, facts: &mut Facts) {
        let mut replaced = cause.is_none_or(|cause| cause == Cause::DicomDir);
        match cause.map(Cause::outcome) {
            Some(Outcome::Quarantined) => {
                if self.quarantine.is_some() {
                    replaced = self.keep(source, facts);
                    if !replaced {
                        facts.remarks.push("not_in_quarantine");
                        self.summary.quarantine_failed += 1;
                    }
                } else if self.would_quarantine {
                    let content = !matches!(source.content, Content::Failed(_));
                    replaced = content && cause != Some(Cause::IoError) || self.whole_input.is_some();
                }
                self.originals.quarantined |= !replaced;
            }
            Some(Outcome::Skipped) => self.originals.left_out |= !replaced,
            _ => {}
        }
        self.originals.replaced.push(replaced);
    }

    /// Copy an original to the quarantine; whether it is there.
    fn keep(&mut self, source: &Unit, facts: &mut Facts) -> bool {
        let Some(quarantine) = &mut self.quarantine else { return false };
        let mut original: Box<dyn Read + '_> = match &source.content {
            Content::File(path) => match File::open(path) {
                Ok(file) => Box::new(file),
                Err(_) => return false,
            },
            Content::Blob(blob) => Box::new(blob.reader()),
            Content::Failed(_) => {
                let Some(input) = self.whole_input else { return false };
                let kept = *self.whole_kept.get_or_insert_with(|| keep_whole(quarantine, input).is_ok());
                if kept {
                    facts.remarks.push("archive_in_quarantine");
                }
                return kept;
            }
        };
        quarantine.keep(&source.parts, &mut original).is_ok()
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
            for remark in &row.facts.remarks {
                *summary.remarks.entry(remark).or_default() += 1;
            }
            for element in &row.facts.headers_removed {
                *summary.headers_removed.entry(element.clone()).or_default() += 1;
            }
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
        Some(cati_columns() + &lines.concat())
    }
}

/// Copy the input file under its name.
fn keep_whole(quarantine: &mut Quarantine, input: &Path) -> io::Result<()> {
    let parts: Vec<_> = input.file_name().into_iter().map(ToOwned::to_owned).collect();
    quarantine.keep(&parts, &mut File::open(input)?)
}

/// The first line of CATI's report.
pub fn cati_columns() -> String {
    csv_line(&CATI_COLUMNS.map(str::to_owned), "\r\n")
}

/// A line of CATI's report, with what we know in its place.
pub fn cati_line(cause: Cause, path: &str, facts: &Facts) -> String {
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
