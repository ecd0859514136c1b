//! The second phase as a whole: from places and units to a summary.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use deid_core::{Engine, SessionFacts};

use super::coordinator::{CATI_REPORT, Coordinator, Originals};
use super::ordered::{self, Bounds};
use super::place::{InputKind, OutputKind, Places};
use super::unit::Units;
use super::worker::{Work, Worker};
use super::{Job, Progress, RunError, RunOptions, Summary, swap};
use crate::archive::ArchiveError;
use crate::files::{create_private, rename_new};
use crate::names::Names;
use crate::output::{Archive, Folder, Output};
use crate::quarantine::Quarantine;
use crate::report::{Header, Report, csv_line};
use crate::staging::Staging;

/// The staged result of a run in place.
const RESULT: &str = "result";
/// The staged output archive.
const ARCHIVE: &str = "archive";
/// The staged table of names.
const NAMES: &str = "names.csv";

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
    pub(super) fn run(&self, session: &SessionFacts) -> Result<Summary, RunError> {
        let dry = self.options.dry_run;
        // What can be wrong with the places of reports shows before the output folder is made.
        let names_staging = match &self.options.report_names {
            Some(path) if !dry => Some(stage_in(parent(path))?),
            _ => None,
        };
        let made = if dry { None } else { self.make_output_folder()? };
        let report_staging = if dry { None } else { Some(stage_in(parent(&self.places.output_shown))?) };
        let staging = if dry { None } else { Some(stage_in(self.staging_parent())?) };

        let mut coordinator = self.coordinator(staging.as_ref())?;
        if let Some(staging) = &report_staging {
            let report = Report::begin(staging, &self.header());
            coordinator.report = Some(report.map_err(RunError::io("writing the report"))?);
        }
        if let Some(staging) = &names_staging {
            let table = begin_names(&staging.join(NAMES));
            coordinator.names_table = Some(table.map_err(RunError::io("writing the table of names"))?);
        }

        let result = self
            .process(session, staging.as_ref(), &mut coordinator)
            .and_then(|()| self.finish_output(&mut coordinator, staging.as_ref()));
        // What is unfinished gives its space back: the report may need it if the disk is full.
        coordinator.output = Output::Archive(Archive::dry());
        drop(staging);
        // Also after an error: what was written is to be known.
        let reported = self.finish_reports(&mut coordinator, names_staging.as_ref());
        let summary = coordinator.summary;
        if let Some(folder) = made {
            // Stays if anything is in it.
            let _ = fs::remove_dir(folder);
        }
        result.and(reported)?;
        Ok(summary)
    }

    fn process(
        &self,
        session: &SessionFacts,
        staging: Option<&Staging>,
        coordinator: &mut Coordinator<'_>,
    ) -> Result<(), RunError> {
        let work = Work {
            engine: self.engine,
            session,
            keep_captures: self.options.keep_captures || self.options.profile.captures,
            staging,
            in_memory: matches!(self.places.output_kind, OutputKind::Archive(_)),
            keep_originals: self.options.quarantine.is_some() && !self.options.dry_run,
        };
        let read: Result<(), ArchiveError> = ordered::run(
            self.bounds,
            |feeder| {
                self.units
                    .go_through(&self.options.limits, self.spill, &mut |unit| feeder.feed(unit.held(), unit))
            },
            |worker: &mut Worker, unit| work.process(worker, unit),
            |done| coordinator.receive(done),
        )?;
        if let Err(error) = read {
            if coordinator.summary.read == 0 {
                return Err(RunError::Archive(error));
            }
            coordinator.summary.archive_error = Some(error.to_string());
        }
        Ok(())
    }

    /// Where results are staged: on the file system where they will be.
    fn staging_parent(&self) -> &Path {
        if self.places.output_kind == OutputKind::Folder && !self.places.in_place {
            &self.places.output
        } else {
            self.places.output_parent()
        }
    }

    /// Make the output folder, or the folder around the output; the path if the former is new.
    fn make_output_folder(&self) -> Result<Option<PathBuf>, RunError> {
        let folder = self.staging_parent();
        let new = !folder.exists();
        fs::create_dir_all(folder).map_err(RunError::io("making the output folder"))?;
        Ok((new && folder == self.places.output).then(|| folder.to_path_buf()))
    }

    fn coordinator(&self, staging: Option<&Staging>) -> Result<Coordinator<'_>, RunError> {
        let places = self.places;
        let mut names = Names::default();
        if self.options.cati {
            names.assign(&[CATI_REPORT.to_owned()]);
        }
        // A single file may be replaced in its own folder if the user asks for overwriting.
        let protected = (places.input_kind != InputKind::File).then(|| places.input.clone());
        let (output, fixed_name) = match (places.output_kind, staging) {
            (OutputKind::Archive(kind), Some(staging)) => {
                let archive = Archive::create(kind, staging.join(ARCHIVE));
                (Output::Archive(archive.map_err(RunError::io("making the output archive"))?), None)
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
        let quarantine = self.options.quarantine.as_ref().filter(|_| !self.options.dry_run);
        Ok(Coordinator {
            output,
            fixed_name,
            names,
            report: None,
            names_table: None,
            quarantine: quarantine.map(|folder| Quarantine::new(folder)),
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
            match &mut coordinator.output {
                Output::Archive(archive) => {
                    archive.append(CATI_REPORT, &mut report.as_bytes(), report.len() as u64)
                }
                Output::Folder(_) if places.output_kind == OutputKind::File => Ok(()),
                Output::Folder(_) if places.in_place => {
                    let result = staging.join(RESULT);
                    fs::create_dir_all(&result).and_then(|()| fs::write(result.join(CATI_REPORT), report))
                }
                Output::Folder(_) => {
                    add_cati_report(&places.output.join(CATI_REPORT), &report, &staging.join(CATI_REPORT))
                }
            }
            .map_err(RunError::io("writing CATI's report"))?;
        }
        let mut staged = staging.join(RESULT);
        if let Output::Archive(archive) = &mut coordinator.output {
            let finished = archive.finish().map_err(RunError::io("finishing the output archive"))?;
            let Some(finished) = finished else { return Ok(()) };
            staged = finished.to_path_buf();
            if !places.in_place {
                let rename = if self.options.overwrite { fs::rename } else { rename_new };
                return rename(&staged, &places.output).map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => RunError::OutputExists,
                    _ => RunError::Io { what: "naming the output archive", error },
                });
            }
        }
        if !places.in_place {
            return Ok(());
        }
        swap::finish(places, self.units, &staged, &coordinator.originals, &mut coordinator.summary)
    }

    /// Give the reports their names.
    fn finish_reports(
        &self,
        coordinator: &mut Coordinator<'_>,
        names_staging: Option<&Staging>,
    ) -> Result<(), RunError> {
        if let Some(report) = coordinator.report.take() {
            let (csv, jsonl) =
                report.finish(&self.places.output_shown).map_err(RunError::io("writing the report"))?;
            coordinator.summary.report_csv = Some(csv);
            coordinator.summary.report_jsonl = Some(jsonl);
        }
        if let (Some(mut table), Some(staging), Some(path)) =
            (coordinator.names_table.take(), names_staging, &self.options.report_names)
        {
            table
                .flush()
                .and_then(|()| rename_new(&staging.join(NAMES), path))
                .map_err(RunError::io("writing the table of names"))?;
        }
        Ok(())
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

fn stage_in(folder: &Path) -> Result<Staging, RunError> {
    Staging::create(folder).map_err(RunError::io("making a hidden folder beside the output"))
}

fn begin_names(path: &Path) -> io::Result<BufWriter<File>> {
    let mut table = BufWriter::new(create_private(path)?);
    table.write_all(csv_line(&["ordinal".to_owned(), "input".to_owned()], "\n").as_bytes())?;
    Ok(table)
}

/// Write CATI's report; lines are added to one that is there, as CATI does, but none twice.
fn add_cati_report(path: &Path, report: &str, staged: &Path) -> io::Result<()> {
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
    fs::write(staged, text)?;
    fs::rename(staged, path)
}
