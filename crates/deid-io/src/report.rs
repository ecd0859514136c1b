//! The report of a run: a table (CSV) and JSON lines, a row for each unit, free of values.
//!
//! Rows go to staged files as they come and get their names at the end, so that a report is never half a
//! one and, unless the disk is full, takes no memory. There is no time of day in it: the same input gives the same report.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use deid_core::{Cause, Facts, Outcome};
use deid_dicom::Fault;
use serde::Serialize;

use crate::files::rename_new;
use crate::rows::Rows;
use crate::staging::Staging;

/// What is said of one unit.
#[derive(Debug)]
pub(crate) struct Row {
    /// The unit's place in the input, from 1.
    pub(crate) ordinal: u64,
    /// Why it was not written; `None` if it was.
    pub(crate) cause: Option<Cause>,
    /// Where it stands in the output, or would; ordinal and extension where that could identify.
    pub(crate) path: String,
    /// Keyed hash of the input; empty if nothing could be read.
    pub(crate) hash: String,
    /// What the engine found.
    pub(crate) facts: Facts,
    /// Bytes of the input.
    pub(crate) bytes_in: u64,
    /// Bytes of the output, 0 if none was written.
    pub(crate) bytes_out: u64,
}

impl Row {
    /// What became of the unit.
    pub(crate) fn outcome(&self) -> Outcome {
        self.cause.map_or(Outcome::Written, Cause::outcome)
    }
}

/// The first line of the JSON lines: what the run was started with, as far as it bears on the output.
#[derive(Debug, Serialize)]
pub(crate) struct Header {
    pub(crate) software: &'static str,
    pub(crate) version: &'static str,
    pub(crate) standard: &'static str,
    pub(crate) profile: String,
    pub(crate) key: String,
    pub(crate) subject: Option<String>,
    pub(crate) forced: Vec<String>,
    /// The names of the options that were set.
    pub(crate) options: Vec<&'static str>,
}

#[derive(Serialize)]
struct HeaderLine<'a> {
    run: &'a Header,
}

#[derive(Serialize)]
struct Line<'a> {
    ordinal: u64,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    path: &'a str,
    input_hash: &'a str,
    modality: &'a str,
    sop_class: &'a str,
    sop_class_name: &'a str,
    actions: Actions,
    faults: Vec<FaultCount>,
    kept_uncleaned: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    headers_removed: &'a [String],
    burned_in_risk: bool,
    remarks: &'a [&'static str],
    bytes_in: u64,
    bytes_out: u64,
}

#[derive(Serialize)]
struct Actions {
    kept: u64,
    removed: u64,
    emptied: u64,
    dummies: u64,
    remapped: u64,
    replaced: u64,
    shifted: u64,
    cleaned: u64,
}

#[derive(Serialize)]
struct FaultCount {
    fault: &'static str,
    count: u64,
    /// Where the first is, in bytes from the beginning of the file, or of its inflated data set.
    offset: u64,
    /// The element with the sequences around it, of the fault for which a file is not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<String>,
}

const COLUMNS: &str = "ordinal,outcome,cause,path,input_hash,modality,sop_class,sop_class_name,kept,removed,\
    emptied,dummies,remapped,replaced,shifted,cleaned,faults,kept_uncleaned,burned_in_risk,remarks,bytes_in,bytes_out\n";

const CSV: &str = "report.csv";
const JSONL: &str = "report.jsonl";

/// A report that is being written.
#[derive(Debug)]
pub(crate) struct Report<'s> {
    staging: &'s Staging,
    csv: Rows,
    jsonl: Rows,
}

impl<'s> Report<'s> {
    /// Begin a report in this staging folder, which is on the file system of the report's place.
    pub(crate) fn begin(staging: &'s Staging, header: &Header) -> io::Result<Self> {
        let mut csv = Rows::new(File::create_new(staging.join(CSV))?);
        let mut jsonl = Rows::new(File::create_new(staging.join(JSONL))?);
        csv.add(COLUMNS.as_bytes());
        jsonl.add(&json_line(&HeaderLine { run: header })?);
        Ok(Self { staging, csv, jsonl })
    }

    /// Add what became of the next unit.
    pub(crate) fn row(&mut self, row: &Row) -> io::Result<()> {
        let facts = &row.facts;
        let counts = &facts.counts;
        let refusal = facts.faults.refusal();
        let place = |fault: &Fault| {
            let told = Some(fault) == refusal && !facts.fault_place.is_empty();
            told.then(|| facts.fault_place.clone())
        };
        let faults: Vec<FaultCount> = facts
            .faults
            .iter()
            .map(|(fault, count)| FaultCount {
                fault: fault.kind.id(),
                count,
                offset: fault.offset,
                element: place(fault),
            })
            .collect();
        let sop_class_name = deid_standard::sop_class::name(&facts.sop_class).unwrap_or_default();
        let cause = row.cause.map(Cause::id);
        let fault_list = faults.iter().map(|f| in_a_cell(f, refusal)).collect::<Vec<_>>().join(";");
        let fields = [
            row.ordinal.to_string(),
            row.outcome().id().to_owned(),
            cause.unwrap_or_default().to_owned(),
            row.path.clone(),
            row.hash.clone(),
            facts.modality.clone(),
            facts.sop_class.clone(),
            sop_class_name.to_owned(),
            counts.kept.to_string(),
            counts.removed.to_string(),
            counts.emptied.to_string(),
            counts.dummies.to_string(),
            counts.remapped.to_string(),
            counts.replaced.to_string(),
            counts.shifted.to_string(),
            counts.cleaned.to_string(),
            fault_list,
            facts.kept_uncleaned.join(";"),
            facts.burned_in_risk.to_string(),
            facts.remarks.join(";"),
            row.bytes_in.to_string(),
            row.bytes_out.to_string(),
        ];
        self.csv.add(csv_line(&fields, "\n").as_bytes());
        let line = Line {
            ordinal: row.ordinal,
            outcome: row.outcome().id(),
            cause,
            path: &row.path,
            input_hash: &row.hash,
            modality: &facts.modality,
            sop_class: &facts.sop_class,
            sop_class_name,
            actions: Actions {
                kept: counts.kept,
                removed: counts.removed,
                emptied: counts.emptied,
                dummies: counts.dummies,
                remapped: counts.remapped,
                replaced: counts.replaced,
                shifted: counts.shifted,
                cleaned: counts.cleaned,
            },
            faults,
            kept_uncleaned: &facts.kept_uncleaned,
            headers_removed: &facts.headers_removed,
            burned_in_risk: facts.burned_in_risk,
            remarks: &facts.remarks,
            bytes_in: row.bytes_in,
            bytes_out: row.bytes_out,
        };
        self.jsonl.add(&json_line(&line)?);
        Ok(())
    }

    /// Give the report its names: `out.report.csv` and `out.report.jsonl` for `out`, with `-2`, `-3`, …
    /// where there are earlier ones.
    pub(crate) fn finish(mut self, output: &Path) -> io::Result<(PathBuf, PathBuf)> {
        self.csv.flush()?;
        self.jsonl.flush()?;
        let mut number = 1;
        loop {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let csv = beside(output, &format!(".report{suffix}.csv"));
            let jsonl = beside(output, &format!(".report{suffix}.jsonl"));
            number += 1;
            if jsonl.symlink_metadata().is_ok() {
                continue;
            }
            match rename_new(&self.staging.join(CSV), &csv) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                result => result?,
            }
            if let Err(error) = rename_new(&self.staging.join(JSONL), &jsonl) {
                // Half a report is none.
                let _ = std::fs::remove_file(csv);
                return Err(error);
            }
            return Ok((csv, jsonl));
        }
    }
}

fn json_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// `path` with something added to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// A fault in a cell: `odd_length:2`, and with its place if the file is not written for it,
/// `truncated_value:1@1234 (0010,0010)`.
fn in_a_cell(fault: &FaultCount, refusal: Option<&Fault>) -> String {
    let counted = format!("{}:{}", fault.fault, fault.count);
    if refusal.is_none_or(|refusal| refusal.kind.id() != fault.fault) {
        return counted;
    }
    let element = fault.element.as_deref().map(|element| format!(" {element}")).unwrap_or_default();
    format!("{counted}@{}{element}", fault.offset)
}

/// A line of CSV; fields are quoted where they must be (RFC 4180).
pub(crate) fn csv_line(fields: &[String], end: &str) -> String {
    let mut line = String::new();
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            // Writing to a string does not fail.
            let _ = write!(line, "\"{}\"", field.replace('"', "\"\""));
        } else {
            line.push_str(field);
        }
    }
    line + end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            software: "deidentification",
            version: "0",
            standard: "PS3.15",
            profile: "basic".into(),
            key: "abcd".into(),
            subject: None,
            forced: Vec::new(),
            options: Vec::new(),
        }
    }

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let fields = ["a".to_owned(), "b,c".to_owned(), "say \"d\"".to_owned(), String::new()];
        assert_eq!(csv_line(&fields, "\r\n"), "a,\"b,c\",\"say \"\"d\"\"\",\r\n");
    }

    #[test]
    fn earlier_reports_stay() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out.d");
        for (csv_name, jsonl_name) in
            [("out.d.report.csv", "out.d.report.jsonl"), ("out.d.report-2.csv", "out.d.report-2.jsonl")]
        {
            let staging = Staging::create(dir.path()).unwrap();
            let mut report = Report::begin(&staging, &header()).unwrap();
            let row = Row {
                ordinal: 1,
                cause: Some(Cause::NotDicom),
                path: "1.txt".into(),
                hash: "00".into(),
                facts: Facts::default(),
                bytes_in: 3,
                bytes_out: 0,
            };
            report.row(&row).unwrap();
            let (csv, jsonl) = report.finish(&out).unwrap();
            assert_eq!(csv, dir.path().join(csv_name));
            assert_eq!(jsonl, dir.path().join(jsonl_name));
            let table = std::fs::read_to_string(csv).unwrap();
            let columns = COLUMNS.matches(',').count();
            assert!(table.lines().all(|line| line.matches(',').count() == columns));
            assert!(table.ends_with("1,skipped,not_dicom,1.txt,00,,,,0,0,0,0,0,0,0,0,,,false,,3,0\n"));
            let lines = std::fs::read_to_string(jsonl).unwrap();
            assert!(lines.starts_with("{\"run\":{\"software\":\"deidentification\","));
            assert!(lines.contains("\"outcome\":\"skipped\",\"cause\":\"not_dicom\",\"path\":\"1.txt\""));
        }
    }
}
