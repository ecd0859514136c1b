//! What came of a run, for people and as one line of JSON. Free of values and of input paths: [`Summary`] is.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use deid_core::Cause;
use deid_dicom::FaultKind;
use deid_io::run::Summary;
use deid_profile::BurnedIn;
use serde::Serialize;

use crate::command::list;
use crate::exit::Exit;
use crate::setup::Setup;
use crate::speech::wrap;

/// How a run ended that took place.
pub(crate) fn exit_of(summary: &Summary, strict: bool) -> Exit {
    let not_dicom = strict && summary.by_cause.contains_key(Cause::NotDicom.id());
    let not_swapped = summary.not_swapped.is_some() || summary.would_not_swap;
    let errors = [&summary.archive_error, &summary.report_error, &summary.output_error];
    let failed = summary.quarantine_failed > 0 || errors.iter().any(|error| error.is_some());
    if summary.quarantined > 0 || failed || not_swapped || not_dicom || summary.cancelled {
        Exit::Some
    } else if summary.written == 0 {
        Exit::Nothing
    } else {
        Exit::Done
    }
}

/// Adds the numbers of one job to those of all.
pub(crate) fn add(total: &mut Summary, job: &Summary) {
    fn counts<K: Ord + Clone>(total: &mut BTreeMap<K, u64>, job: &BTreeMap<K, u64>) {
        for (key, count) in job {
            *total.entry(key.clone()).or_default() += count;
        }
    }
    total.read += job.read;
    total.written += job.written;
    total.quarantined += job.quarantined;
    total.skipped += job.skipped;
    total.bytes_read += job.bytes_read;
    total.bytes_written += job.bytes_written;
    total.burned_in_flagged += job.burned_in_flagged;
    total.quarantine_failed += job.quarantine_failed;
    total.cancelled |= job.cancelled;
    counts(&mut total.by_cause, &job.by_cause);
    counts(&mut total.kept_uncleaned, &job.kept_uncleaned);
    counts(&mut total.headers_removed, &job.headers_removed);
    counts(&mut total.faults, &job.faults);
    counts(&mut total.remarks, &job.remarks);
}

/// What the summary for people says besides what came of the run.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    /// Where the user wanted the result, of a single run.
    pub(crate) output: Option<&'a Path>,
    /// Whether files that are not DICOM count as failed.
    pub(crate) strict: bool,
    /// With `--list`.
    pub(crate) jobs: Option<Jobs>,
}

/// How many jobs there were, and how many of them did not take place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jobs {
    pub(crate) all: usize,
    pub(crate) failed: usize,
}

/// How many pictures were written, or would be. `None` without `--keep-captures`.
fn pictures(summary: &Summary, setup: &Setup) -> Option<u64> {
    setup.options.keep_captures.then(|| remarked(summary, "pixels_not_inspected"))
}

/// How many files were written that have this remark in the report.
fn remarked(summary: &Summary, remark: &str) -> u64 {
    summary.remarks.get(remark).copied().unwrap_or_default()
}

/// The summary for people, at most 110 columns wide.
pub(crate) fn for_people(summary: &Summary, setup: &Setup, told: &Told<'_>) -> String {
    let mut page = Page::default();
    page.numbers(summary, told.output, setup.options.dry_run);
    page.causes(summary);
    page.faults(summary);
    page.headers_removed(summary);
    page.kept_uncleaned(summary);
    page.burned_in(summary, setup);
    page.pictures(pictures(summary, setup).unwrap_or_default());
    page.codes(summary);
    page.places(summary, setup, told.jobs.is_some());
    page.next(summary, setup, told);
    page.text.trim_end().to_owned()
}

/// One line: how many of what.
pub(crate) fn numbers(summary: &Summary) -> String {
    format!(
        "read {}, written {}, quarantined {}, skipped {}",
        summary.read, summary.written, summary.quarantined, summary.skipped
    )
}

/// What went wrong with a run as a whole, and what became of its input; a sentence each.
pub(crate) fn remarks(summary: &Summary) -> Vec<String> {
    let mut remarks = Vec::new();
    if summary.cancelled {
        remarks.push("Stopped by Ctrl-C: the files that follow were not looked at.".to_owned());
    }
    if let Some(error) = &summary.archive_error {
        remarks.push(format!("The archive was not read to its end: {error}."));
    }
    remarks.extend(summary.output_error.iter().chain(&summary.report_error).map(|error| format!("{error}.")));
    if let Some(staged) = &summary.not_swapped {
        let why = if summary.output_error.is_some() {
            "for that failed"
        } else if summary.quarantine_failed > 0 {
            "for not all originals could be copied to the quarantine"
        } else if summary.quarantined > 0 {
            "for something was quarantined"
        } else if summary.archive_error.is_some() {
            "for not all of it was read"
        } else {
            "for it cannot be moved"
        };
        remarks
            .push(format!("The input was not replaced, {why}. The result stands in {}.", staged.display()));
    }
    if summary.would_not_swap {
        remarks.push("The input would not be replaced, for something is quarantined.".to_owned());
    }
    if let Some(left_out) = &summary.left_out {
        let left_out = left_out.display();
        remarks
            .push(format!("{left_out} holds originals that identify people: look after it, or delete it."));
    }
    remarks
}

/// How wide text may be, paths excepted.
const WIDTH: usize = 100;

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", line.trim_end());
    }

    /// `label` and text, which goes on under itself.
    fn labelled(&mut self, label: &str, text: &str) {
        for (index, line) in wrap(text, WIDTH - 14).iter().enumerate() {
            self.line(&format!("{:12}  {line}", if index == 0 { label } else { "" }));
        }
    }

    /// `label` and a path, which is never broken.
    fn place(&mut self, label: &str, path: &Path) {
        self.line(&format!("{label:12}  {}", path.display()));
    }

    /// A paragraph with a number for each of several things.
    fn table<'a>(&mut self, head: &str, rows: impl Iterator<Item = (u64, &'a str, &'a str)>) {
        self.line("");
        self.line(head);
        for (count, id, description) in rows {
            let mut label = format!("{count:>8}  {id:24}");
            for line in wrap(description, WIDTH - 36) {
                self.line(&format!("{label:34}  {line}"));
                label.clear();
            }
            if !label.is_empty() {
                self.line(&label);
            }
        }
    }

    fn numbers(&mut self, summary: &Summary, output: Option<&Path>, dry_run: bool) {
        let files = |count: u64, bytes: u64| {
            format!("{count:>6} file{} {:>9}", if count == 1 { " " } else { "s" }, size(bytes))
        };
        let row = |label: &str, text: String| format!("{label:12}{text}");
        self.line(&row("read", files(summary.read, summary.bytes_read)));
        // In place, the result may stand beside.
        let place = summary.not_swapped.as_deref().or(output);
        let target = place
            .filter(|_| summary.written > 0)
            .map_or_else(String::new, |place| format!("   to {}", place.display()));
        let would = if dry_run { "   (dry run: nothing was written)" } else { "" };
        self.line(&row("written", files(summary.written, summary.bytes_written) + &target + would));
        self.line(&row("quarantined", format!("{:>6}", summary.quarantined)));
        self.line(&row("skipped", format!("{:>6}", summary.skipped)));
    }

    fn causes(&mut self, summary: &Summary) {
        if summary.by_cause.is_empty() {
            return;
        }
        let description = |id: &str| {
            let cause = Cause::ALL.iter().find(|cause| cause.id() == id);
            cause.map_or("", |cause| cause.description())
        };
        let rows = summary.by_cause.iter().map(|(id, count)| (*count, *id, description(id)));
        self.table("Not written, by cause:", rows);
    }

    fn faults(&mut self, summary: &Summary) {
        if summary.faults.is_empty() {
            return;
        }
        let description = |id: &str| {
            let kind = FaultKind::ALL.iter().find(|kind| kind.id() == id);
            kind.map_or("", |kind| kind.description())
        };
        let rows = summary.faults.iter().map(|(id, count)| (*count, *id, description(id)));
        self.table("Faults met, by number of files:", rows);
    }

    fn headers_removed(&mut self, summary: &Summary) {
        let title = "Vendors' headers that the profile keeps but that could not be cleaned and are gone, by number of files:";
        self.elements(title, &summary.headers_removed);
    }

    fn kept_uncleaned(&mut self, summary: &Summary) {
        let title =
            "Kept uncleaned, as the profile asks, by number of files; look into them before you share:";
        self.elements(title, &summary.kept_uncleaned);
    }

    fn elements(&mut self, title: &str, all: &BTreeMap<String, u64>) {
        /// A screen has room for so many; the report has them all.
        const MOST: usize = 12;
        if all.is_empty() {
            return;
        }
        let mut by_count: Vec<_> = all.iter().map(|(element, count)| (*count, element.as_str())).collect();
        by_count.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let rows = by_count.iter().take(MOST).map(|(count, element)| (*count, *element, ""));
        self.table(title, rows);
        if all.len() > MOST {
            self.line(&format!("{:>8}  more elements: see the report", all.len() - MOST));
        }
    }

    fn burned_in(&mut self, summary: &Summary, setup: &Setup) {
        if summary.burned_in_flagged == 0 {
            return;
        }
        let files = if summary.burned_in_flagged == 1 { "file" } else { "files" };
        let options = &setup.options;
        let held_back = options.profile.burned_in == BurnedIn::Quarantine && !options.keep_captures;
        let what_then = if held_back {
            "none of them was written"
        } else {
            "those that were written were not inspected; look at them before you share them, the report names them"
        };
        let text = format!(
            "{} {files} may show in the pixels who the patient is: {what_then}.",
            summary.burned_in_flagged
        );
        self.line("");
        self.labelled("Burned in", &text);
    }

    fn pictures(&mut self, count: u64) {
        if count == 0 {
            return;
        }
        let pictures = if count == 1 { "picture was" } else { "pictures were" };
        self.line("");
        self.labelled(
            "Pictures",
            &format!(
                "{count} JPEG or PNG {pictures} written to the folder captures, pixels not inspected: look at what \
                 they show before you share them."
            ),
        );
    }

    fn codes(&mut self, summary: &Summary) {
        let count = remarked(summary, "code_is_patient_id");
        if count == 0 {
            return;
        }
        let files = if count == 1 { "file has" } else { "files have" };
        self.line("");
        self.labelled(
            "Subjects",
            &format!(
                "{count} {files} the Patient ID that was given as the code: it stays. Give another code unless the \
                 input was de-identified before."
            ),
        );
    }

    fn places(&mut self, summary: &Summary, setup: &Setup, several: bool) {
        // Each job has a table of its own.
        let each = |table: &Path| if several { list::numbered(table, "N") } else { table.to_path_buf() };
        self.line("");
        self.labelled("Profile", &setup.options.profile.name);
        let made = if setup.key.created { ", made for this run: keep it for runs to come" } else { "" };
        self.line(&format!("{:12}  {} ({}{made})", "Key", setup.key.id, setup.key.place()));
        if let Some(report) = &summary.report_csv {
            self.place("Report", plain(report));
        }
        if let Some(report) = &summary.report_jsonl {
            self.place("", plain(report));
        }
        if let Some(quarantine) = &setup.options.quarantine
            && summary.quarantined > 0
            && !setup.options.dry_run
        {
            let copied = summary.quarantined.saturating_sub(summary.quarantine_failed);
            let originals = if summary.quarantined == 1 { "original" } else { "originals" };
            let count = format!("{copied} of {} {originals} copied", summary.quarantined);
            self.line(&format!("{:12}  {}   ({count})", "Quarantine", quarantine.display()));
        }
        if let Some(names) = &setup.options.report_names
            && !setup.options.dry_run
        {
            self.place("Names", &each(names));
        }
        if let Some(crosswalk) = &setup.options.crosswalk
            && !setup.options.dry_run
        {
            self.place("Crosswalk", &each(crosswalk));
        }
        if let Some(left_out) = &summary.left_out {
            self.place("Originals", left_out);
        }
    }

    fn next(&mut self, summary: &Summary, setup: &Setup, told: &Told<'_>) {
        let dry_run = setup.options.dry_run;
        let mut advice = remarks(summary);
        if summary.quarantine_failed > 0 {
            let originals = if summary.quarantine_failed == 1 { "original" } else { "originals" };
            advice.push(format!(
                "{} quarantined {originals} could not be copied; the report says not_in_quarantine there.",
                summary.quarantine_failed
            ));
        }
        if summary.quarantined > 0 && setup.options.quarantine.is_none() {
            advice.push(if summary.not_swapped.is_some() || summary.would_not_swap {
                "With --quarantine DIR the originals of what was quarantined are moved there, and the rest is \
                 replaced."
                    .to_owned()
            } else {
                let report = if dry_run { "The report of a run" } else { "The report" };
                format!(
                    "{report} says why each file was quarantined; --quarantine DIR copies the originals to a folder \
                     of your own."
                )
            });
        }
        if told.strict
            && let Some(count) = summary.by_cause.get(Cause::NotDicom.id())
        {
            let files = if *count == 1 { "file is" } else { "files are" };
            advice.push(format!("{count} {files} not DICOM, which --strict does not accept: exit code 1."));
        }
        if dry_run && summary.written > 0 {
            advice.push("Run it again without --dry-run to write.".to_owned());
        }
        match told.jobs {
            Some(Jobs { all, failed: failed @ 1.. }) => {
                advice.push(format!("{failed} of {all} jobs failed: see the errors above."));
            }
            _ if summary.read == 0 => advice.push("The input is empty.".to_owned()),
            _ => {}
        }
        for (index, text) in advice.iter().enumerate() {
            if index == 0 {
                self.line("");
            }
            self.labelled(if index == 0 { "Next" } else { "" }, text);
        }
    }
}

/// A path as people write it, without a `./` in front.
pub(crate) fn plain(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// The summary as one line of JSON.
pub(crate) fn as_json(line: &Line<'_>) -> String {
    serde_json::to_string(line).expect("numbers and texts are JSON")
}

/// What `--json` prints; see `docs/guide.md`.
#[derive(Debug, Serialize)]
pub(crate) struct Line<'a> {
    read: u64,
    written: u64,
    quarantined: u64,
    skipped: u64,
    by_cause: &'a BTreeMap<&'static str, u64>,
    report: Option<Text<'a>>,
    report_jsonl: Option<Text<'a>>,
    bytes_read: u64,
    bytes_written: u64,
    faults: &'a BTreeMap<&'static str, u64>,
    kept_uncleaned: &'a BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers_removed: &'a BTreeMap<String, u64>,
    burned_in_flagged: u64,
    archive_error: Option<&'a str>,
    not_swapped: Option<Text<'a>>,
    would_not_swap: bool,
    left_out: Option<Text<'a>>,
    quarantine_failed: u64,
    report_error: Option<&'a str>,
    output_error: Option<&'a str>,
    /// Stopped by Ctrl-C.
    cancelled: bool,
    /// JPEG and PNG pictures that were written; `None` without `--keep-captures`.
    pictures: Option<u64>,
    remarks: &'a BTreeMap<&'static str, u64>,
    dry_run: bool,
    profile: Option<&'a str>,
    key: Option<KeyLine<'a>>,
    /// With `--compare`.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a deid_compare::Comparison>,
    /// Why the run did not take place.
    error: Option<String>,
    /// With `--list`: how many jobs did not take place.
    #[serde(skip_serializing_if = "Option::is_none")]
    jobs_failed: Option<usize>,
    /// With `--list`: the same for each job.
    #[serde(skip_serializing_if = "Option::is_none")]
    jobs: Option<Vec<Line<'a>>>,
}

#[derive(Debug, Serialize)]
struct KeyLine<'a> {
    id: &'a str,
    file: Option<Text<'a>>,
    created: bool,
}

/// A path, as far as it is Unicode.
type Text<'a> = std::borrow::Cow<'a, str>;

impl<'a> Line<'a> {
    /// The line of a run; without a setup when it did not come to that.
    pub(crate) fn new(summary: &'a Summary, setup: Option<&'a Setup>) -> Self {
        let path = |path: &'a Option<PathBuf>| path.as_deref().map(Path::to_string_lossy);
        Line {
            read: summary.read,
            written: summary.written,
            quarantined: summary.quarantined,
            skipped: summary.skipped,
            by_cause: &summary.by_cause,
            report: summary.report_csv.as_deref().map(|report| plain(report).to_string_lossy()),
            report_jsonl: summary.report_jsonl.as_deref().map(|report| plain(report).to_string_lossy()),
            bytes_read: summary.bytes_read,
            bytes_written: summary.bytes_written,
            faults: &summary.faults,
            kept_uncleaned: &summary.kept_uncleaned,
            headers_removed: &summary.headers_removed,
            burned_in_flagged: summary.burned_in_flagged,
            archive_error: summary.archive_error.as_deref(),
            not_swapped: path(&summary.not_swapped),
            would_not_swap: summary.would_not_swap,
            left_out: path(&summary.left_out),
            quarantine_failed: summary.quarantine_failed,
            report_error: summary.report_error.as_deref(),
            output_error: summary.output_error.as_deref(),
            cancelled: summary.cancelled,
            pictures: setup.and_then(|setup| pictures(summary, setup)),
            remarks: &summary.remarks,
            dry_run: setup.is_some_and(|setup| setup.options.dry_run),
            profile: setup.map(|setup| &*setup.options.profile.name),
            key: setup.map(|Setup { key, .. }| KeyLine {
                id: &key.id,
                file: path(&key.file),
                created: key.created,
            }),
            comparison: None,
            error: None,
            jobs_failed: None,
            jobs: None,
        }
    }

    /// With what came of comparing input and output.
    pub(crate) fn with_comparison(self, comparison: Option<&'a deid_compare::Comparison>) -> Self {
        Line { comparison, ..self }
    }

    /// With the reason why it did not take place.
    pub(crate) fn with_error(self, error: Option<String>) -> Self {
        Line { error, ..self }
    }

    /// With the lines of the jobs that it sums up.
    pub(crate) fn with_jobs(self, failed: usize, jobs: Vec<Line<'a>>) -> Self {
        Line { jobs_failed: Some(failed), jobs: Some(jobs), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        Summary { read: 3, written: 2, skipped: 1, ..Summary::default() }
    }

    #[test]
    fn exit_tells_whether_all_was_done() {
        let some = |change: fn(&mut Summary)| {
            let mut summary = summary();
            change(&mut summary);
            exit_of(&summary, false)
        };
        assert_eq!(some(|_| ()), Exit::Done);
        assert_eq!(some(|summary| summary.quarantined = 1), Exit::Some);
        assert_eq!(some(|summary| summary.archive_error = Some(String::new())), Exit::Some);
        assert_eq!(some(|summary| summary.not_swapped = Some(PathBuf::new())), Exit::Some);
        assert_eq!(some(|summary| summary.would_not_swap = true), Exit::Some);
        assert_eq!(some(|summary| summary.quarantine_failed = 1), Exit::Some);
        assert_eq!(some(|summary| summary.report_error = Some(String::new())), Exit::Some);
        assert_eq!(some(|summary| summary.output_error = Some(String::new())), Exit::Some);
        assert_eq!(some(|summary| summary.written = 0), Exit::Nothing);
    }

    #[test]
    fn not_dicom_counts_when_strict() {
        let mut summary = summary();
        summary.by_cause.insert(Cause::NotDicom.id(), 1);
        assert_eq!(exit_of(&summary, false), Exit::Done);
        assert_eq!(exit_of(&summary, true), Exit::Some);
    }

    #[test]
    fn jobs_add_up() {
        let mut total = summary();
        add(&mut total, &summary());
        assert_eq!(numbers(&total), "read 6, written 4, quarantined 0, skipped 2");
    }

    #[test]
    fn sizes_are_short() {
        let sizes: Vec<_> = [0, 999, 1000, 999_950, 12_345_678_901].into_iter().map(size).collect();
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "1.0 MB", "12.3 GB"]);
    }
}
