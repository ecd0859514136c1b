//! The second phase as a whole: from places and units to a summary.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use deid_core::{CrosswalkRow, Engine, SessionFacts};

use super::coordinator::{CATI_REPORT, Coordinator, Originals};
use super::ordered::{self, Bounds};
use super::place::{self, InputKind, OutputKind, Places};
use super::unit::Units;
use super::worker::{Results, Work, Worker};
use super::{Job, Progress, RunError, RunOptions, Summary, Totals, swap};
use crate::archive::ArchiveError;
use crate::files::{create_private, rename_new, same_bytes};
use crate::names::Names;
use crate::output::{Archive, Folder, Output};
use crate::quarantine::Quarantine;
use crate::report::{Header, Report, csv_line};
use crate::rows::Rows;
use crate::staging::Staging;

/// The staged result of a run in place.
const RESULT: &str = "result";
/// The staged output archive.
const ARCHIVE: &str = "archive";
/// The staged table of names.
const NAMES: &str = "names.csv";
/// The staged crosswalk.
const CROSSWALK: &str = "crosswalk.csv";

/// What the second phase works with.
pub(super) struct Process<'a> {
    pub(super) job: &'a Job,
    pub(super) options: &'a RunOptions,
    pub(super) engine: &'a Engine,
    pub(super) places: &'a Places,
    pub(super) units: &'a Units,
    pub(super) spill: &'a Path,
    pub(super) bounds: Bounds,
    pub(super) progress: &'a dyn Progress,
}

impl Process<'_> {
    /// Process all units and finish the output.
    pub(super) fn run(&self, session: &SessionFacts, totals: Totals<'_>) -> Result<Summary, RunError> {
        let dry = self.options.dry_run;
        // What can be wrong with the places of all that is written shows before anything is.
        // The tables may stand in the quarantine.
        let quarantine = match &self.options.quarantine {
            Some(path) if !dry => Some(
                Quarantine::prepare(path)
                    .map_err(|error| RunError::Quarantine { path: path.clone(), error })?,
            ),
            _ => None,
        };
        let names_staging = match &self.options.report_names {
            Some(path) if !dry => Some(
                Staging::create(parent(path)).map_err(RunError::io("writing the table of names", path))?,
            ),
            _ => None,
        };
        let crosswalk_staging = match &self.options.crosswalk {
            Some(path) if !dry => {
                Some(Staging::create(parent(path)).map_err(RunError::io("writing the crosswalk", path))?)
            }
            _ => None,
        };
        // Goes again after all that is staged in it.
        let _made = if dry { None } else { self.make_output_folder()? };
        let report_staging = if dry { None } else { Some(self.stage_report()?) };
        let staging = match self.staging_parent() {
            folder if !dry => Some(
                Staging::create(folder)
                    .map_err(RunError::io("making a hidden folder for the output", &self.job.output))?,
            ),
            // An archive that is there can only be compared with a whole one.
            _ if self.compares() && matches!(self.places.output_kind, OutputKind::Archive(_)) => {
                let folder = std::env::temp_dir();
                let staging = Staging::create(&folder);
                Some(staging.map_err(RunError::io("making a temporary folder", &folder))?)
            }
            _ => None,
        };

        let mut coordinator = self.coordinator(staging.as_ref(), quarantine)?;
        if let Some(staging) = &report_staging {
            let report = Report::begin(staging, &self.header());
            coordinator.report =
                Some(report.map_err(RunError::io("writing the report", &self.report_folder()))?);
        }
        if let (Some(staging), Some(path)) = (&names_staging, &self.options.report_names) {
            let table = begin_names(&staging.join(NAMES));
            coordinator.names_table = Some(table.map_err(RunError::io("writing the table of names", path))?);
        }

        let result = self
            .process(session, staging.as_ref(), &mut coordinator, totals)
            .and_then(|()| self.finish_output(&mut coordinator, staging.as_ref()));
        // What is unfinished gives its space back: the report may need it if the disk is full.
        coordinator.output = Output::Archive(Archive::dry());
        drop(staging);
        match result {
            // What is in the folder already stays, and the report tells of it.
            Err(RunError::Cancelled) if self.stays(&coordinator) => coordinator.summary.cancelled = true,
            // Nothing was written, and no report says otherwise.
            Err(error) => {
                if let Some(quarantine) = coordinator.quarantine.take() {
                    quarantine.discard();
                }
                return Err(error);
            }
            Ok(()) => {}
        }
        // The user named the places of the tables; a report finds another one.
        self.finish_crosswalk(&mut coordinator, crosswalk_staging.as_ref());
        self.finish_reports(&mut coordinator, names_staging.as_ref());
        let mut summary = coordinator.summary;
        if dry && self.places.in_place {
            summary.would_not_swap = coordinator.originals.quarantined || summary.archive_error.is_some();
        }
        Ok(summary)
    }

    /// Whether what was written until now is in its place.
    fn stays(&self, coordinator: &Coordinator<'_>) -> bool {
        let archive = matches!(self.places.output_kind, OutputKind::Archive(_));
        coordinator.summary.written > 0 && !archive && !self.places.in_place && !self.options.dry_run
    }

    fn process(
        &self,
        session: &SessionFacts,
        staging: Option<&Staging>,
        coordinator: &mut Coordinator<'_>,
        mut totals: Totals<'_>,
    ) -> Result<(), RunError> {
        let work = Work {
            engine: self.engine,
            session,
            progress: self.progress,
            keep_captures: self.options.keep_captures || self.options.profile.captures,
            captures_apart: self.options.cati,
            results: match staging {
                Some(staging) if matches!(self.places.output_kind, OutputKind::Archive(_)) => {
                    Results::StagedIfLarge(staging)
                }
                Some(staging) => Results::Staged(staging),
                None if self.compares() => Results::Planned,
                None => Results::Nowhere,
            },
            keep_originals: self.options.quarantine.is_some() && !self.options.dry_run,
            crosswalk: self.options.crosswalk.is_some() && !self.options.dry_run,
        };
        let read: Result<(), ArchiveError> = ordered::run(
            self.bounds,
            |feeder| {
                self.units
                    .go_through(&self.options.limits, self.spill, &mut |unit| feeder.feed(unit.held(), unit))
            },
            |worker: &mut Worker, unit| work.process(worker, unit),
            |done| {
                totals.tell();
                coordinator.receive(done)
            },
        )?;
        totals.settle(coordinator.summary.read, coordinator.summary.bytes_read);
        if let Err(error) = read {
            if coordinator.summary.read == 0 {
                return Err(RunError::Archive(error));
            }
            coordinator.summary.archive_error = Some(error.to_string());
        }
        Ok(())
    }

    /// Whether a dry run is to look at what is in the output already.
    fn compares(&self) -> bool {
        let there = place::exists(&self.places.output);
        self.options.dry_run && !self.places.in_place && !self.options.overwrite && there
    }

    /// Where the reports will stand.
    fn report_folder(&self) -> PathBuf {
        let folder = self.options.report.as_deref().unwrap_or_else(|| parent(&self.places.output_shown));
        folder.to_path_buf()
    }

    fn stage_report(&self) -> Result<Staging, RunError> {
        let folder = self.report_folder();
        fs::create_dir_all(&folder)
            .and_then(|()| Staging::create(&folder))
            .map_err(|error| RunError::ReportPlace { path: folder, error })
    }

    /// Where results are staged: on the file system where they will be.
    fn staging_parent(&self) -> &Path {
        if self.places.output_kind == OutputKind::Folder && !self.places.in_place {
            &self.places.output
        } else {
            self.places.output_parent()
        }
    }

    /// Make the output folder, or the folder around the output; the former if it is new.
    fn make_output_folder(&self) -> Result<Option<RemoveIfEmpty>, RunError> {
        let folder = self.staging_parent();
        let new = !folder.exists();
        fs::create_dir_all(folder).map_err(RunError::io("making the output folder", &self.job.output))?;
        Ok((new && folder == self.places.output).then(|| RemoveIfEmpty(folder.to_path_buf())))
    }

    fn coordinator(
        &self,
        staging: Option<&Staging>,
        quarantine: Option<Quarantine>,
    ) -> Result<Coordinator<'_>, RunError> {
        let places = self.places;
        let mut names = Names::default();
        if self.options.cati {
            names.assign(&[CATI_REPORT.to_owned()]);
        }
        // A single file may be replaced in its own folder if the user asks for overwriting.
        let protected = (places.input_kind != InputKind::File).then(|| places.input.clone());
        let (output, fixed_name) = match (places.output_kind, staging) {
            (OutputKind::Archive(kind), Some(staging)) => {
                let archive = Archive::create(kind, staging.join(ARCHIVE), self.bounds.workers);
                let archive = archive.map_err(RunError::io("making the output archive", &self.job.output));
                (Output::Archive(archive?), None)
            }
            (OutputKind::Archive(_), None) => (Output::Archive(Archive::dry()), None),
            (OutputKind::Folder, Some(staging)) if places.in_place => {
                (Output::Folder(Folder::new(staging.join(RESULT), false, None)), None)
            }
            (OutputKind::File, Some(staging)) if places.in_place => {
                (Output::Folder(Folder::new(staging.join(""), false, None)), Some(RESULT.to_owned()))
            }
            // A dry run in place: the result would be staged where nothing is.
            (_, None) if places.in_place => (Output::Archive(Archive::dry()), None),
            (OutputKind::Folder, _) => {
                let folder = Folder::new(places.output.clone(), self.options.overwrite, protected);
                (Output::Folder(folder), None)
            }
            (OutputKind::File, _) => {
                let parent = places.output_parent().to_path_buf();
                let name = places.output.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (Output::Folder(Folder::new(parent, self.options.overwrite, protected)), Some(name))
            }
        };
        Ok(Coordinator {
            output,
            fixed_name,
            names,
            report: None,
            names_table: None,
            crosswalk: self.options.crosswalk.as_ref().map(|_| BTreeSet::new()),
            quarantine,
            would_quarantine: self.options.dry_run && self.options.quarantine.is_some(),
            whole_input: (places.input_kind != InputKind::Folder).then_some(&*places.input),
            whole_kept: None,
            output_shown: &self.job.output,
            input_shown: &self.job.input,
            input_is_folder: places.input_kind == InputKind::Folder,
            cati: self.options.cati.then(Vec::new),
            originals: Originals::default(),
            summary: Summary::default(),
            progress: self.progress,
        })
    }

    /// CATI's report, the archive's end, the swap.
    fn finish_output(
        &self,
        coordinator: &mut Coordinator<'_>,
        staging: Option<&Staging>,
    ) -> Result<(), RunError> {
        let Some(staging) = staging else { return Ok(()) };
        let places = self.places;
        if let Some(report) = coordinator.cati_report() {
            let written = match &mut coordinator.output {
                Output::Archive(archive) => archive
                    .append(CATI_REPORT, &mut report.as_bytes(), report.len() as u64)
                    .map_err(RunError::io("writing the output archive", &self.job.output))
                    .map(Ok)?,
                Output::Folder(_) if places.output_kind == OutputKind::File => Ok(()),
                Output::Folder(_) if places.in_place => {
                    let result = staging.join(RESULT);
                    fs::create_dir_all(&result)
                        .and_then(|()| add_cati_report(&result.join(CATI_REPORT), &report, staging))
                }
                Output::Folder(_) => add_cati_report(&places.output.join(CATI_REPORT), &report, staging),
            };
            if let Err(error) = written {
                let path = self.job.output.join(CATI_REPORT);
                report_failed(&mut coordinator.summary, "writing CATI's report", &path, &error);
            }
        }
        let mut staged = staging.join(RESULT);
        if let Output::Archive(archive) = &mut coordinator.output {
            let finished =
                archive.finish().map_err(RunError::io("writing the output archive", &self.job.output))?;
            let Some(finished) = finished else { return Ok(()) };
            staged = finished.to_path_buf();
            if !places.in_place {
                return self.name_archive(&staged);
            }
        }
        if !places.in_place {
            return Ok(());
        }
        let Coordinator { originals, summary, .. } = coordinator;
        swap::Swap { places, units: self.units, staged: &staged, originals, shown: &self.job.output }
            .finish(summary)
    }

    /// Give the output archive its name. One that is there with the same bytes stays.
    fn name_archive(&self, staged: &Path) -> Result<(), RunError> {
        let output = &self.places.output;
        if !self.options.dry_run {
            match rename_new(staged, output) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => {
                    return result.map_err(RunError::io("naming the output archive", &self.job.output));
                }
            }
        }
        if same_bytes(staged, output).unwrap_or(false) {
            return Ok(());
        }
        if !self.options.overwrite {
            return Err(RunError::OutputExists);
        }
        fs::rename(staged, output).map_err(RunError::io("replacing the output archive", &self.job.output))
    }

    /// Give the table of names and the reports their names.
    fn finish_reports(&self, coordinator: &mut Coordinator<'_>, names_staging: Option<&Staging>) {
        let summary = &mut coordinator.summary;
        if let (Some(mut table), Some(staging), Some(path)) =
            (coordinator.names_table.take(), names_staging, &self.options.report_names)
            && let Err(error) = table.flush().and_then(|()| rename_new(&staging.join(NAMES), path))
        {
            report_failed(summary, "writing the table of names", path, &error);
        }
        if let Some(report) = coordinator.report.take() {
            let shown = &self.places.output_shown;
            let elsewhere = self.options.report.as_ref();
            let base =
                elsewhere.map_or(shown.clone(), |folder| folder.join(shown.file_name().unwrap_or_default()));
            match report.finish(&base) {
                Ok((csv, jsonl)) => {
                    summary.report_csv = Some(csv);
                    summary.report_jsonl = Some(jsonl);
                }
                Err(error) => report_failed(summary, "writing the report", &self.report_folder(), &error),
            }
        }
    }

    /// Write who is who.
    fn finish_crosswalk(&self, coordinator: &mut Coordinator<'_>, staging: Option<&Staging>) {
        let (Some(rows), Some(staging), Some(path)) =
            (coordinator.crosswalk.take(), staging, &self.options.crosswalk)
        else {
            return;
        };
        let staged = staging.join(CROSSWALK);
        let lines = rows.iter().map(CrosswalkRow::fields);
        let written = create_private(&staged).and_then(|mut file| {
            let mut text = String::new();
            for line in std::iter::once(CrosswalkRow::COLUMNS.map(str::to_owned)).chain(lines) {
                text.push_str(&csv_line(&line, "\n"));
            }
            file.write_all(text.as_bytes())?;
            rename_new(&staged, path)
        });
        if let Err(error) = written {
            report_failed(&mut coordinator.summary, "writing the crosswalk", path, &error);
        }
    }

    fn header(&self) -> Header {
        let settings = self.engine.settings();
        let options = [
            ("keep_captures", settings.profile.captures),
            ("merge_subjects", self.options.merge_subjects),
            ("overwrite", self.options.overwrite),
            ("cati", self.options.cati),
        ];
        Header {
            software: "deidentification",
            version: env!("CARGO_PKG_VERSION"),
            standard: deid_standard::EDITION,
            profile: settings.profile.name.clone(),
            key: settings.key.id(),
            subject: settings.subject.clone(),
            // What they are forced to may be anything.
            forced: settings.forced.iter().map(|(tag, _)| tag.to_string()).collect(),
            options: options.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect(),
        }
    }
}

/// The folder that something stands in.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new folder, which stays if anything is in it.
struct RemoveIfEmpty(PathBuf);

impl Drop for RemoveIfEmpty {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// Say in the summary that a report could not be written.
fn report_failed(summary: &mut Summary, what: &str, path: &Path, error: &io::Error) {
    let text = format!("{what} failed: {}: {error}", path.display());
    summary.report_error = Some(match summary.report_error.take() {
        Some(earlier) => format!("{earlier}; {text}"),
        None => text,
    });
}

fn begin_names(path: &Path) -> io::Result<Rows> {
    let mut table = Rows::new(create_private(path)?);
    table.add(csv_line(&["ordinal".to_owned(), "input".to_owned()], "\n").as_bytes());
    Ok(table)
}

/// Write CATI's report; lines are added to one that is there, as CATI does, but none twice.
fn add_cati_report(path: &Path, report: &str, staging: &Staging) -> io::Result<()> {
    if path.metadata().is_ok_and(|facts| !facts.is_file()) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let known: std::collections::HashSet<String> = text.lines().map(str::to_owned).collect();
    for line in report.split_inclusive("\r\n") {
        if !known.contains(line.trim_end()) {
            text.push_str(line);
        }
    }
    let staged = staging.join(CATI_REPORT);
    fs::write(&staged, text)?;
    fs::rename(staged, path)
}
