//! One run of the de-identification: an input, an output, and everything between.
//!
//! [`run`] goes through the input twice. The *survey* reads headers only and gathers what identifies the
//! subjects; then each unit (a file, or a member when the input is an archive) is *processed* by one of the
//! workers. One coordinator takes the results in the order of the input and gives them their names, so that
//! nothing of the output depends on the number of workers or on timing. Every unit gets exactly one outcome:
//! `read = written + quarantined + skipped`.
//!
//! What is done to a data set is decided by [`deid_core::Engine`]. Nothing here prints; [`Progress`] and
//! [`Summary`] never hold an input path.

mod coordinator;
mod listed;
mod ordered;
mod place;
mod process;
mod survey;
mod swap;
mod unit;
mod worker;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use deid_core::{Engine, Key, Settings, SettingsError, SharedCode, SubjectTable};
use deid_dicom::Tag;
use deid_profile::Profile;

use crate::archive::{ArchiveError, Limits};
pub use coordinator::{cati_columns, cati_line};
use ordered::Bounds;
use place::Places;
pub(crate) use place::resolve;
use process::Process;
use survey::Survey;
use unit::Units;

/// The largest data set that is inflated in memory.
pub(crate) const INFLATE_LIMIT: usize = 1 << 30;
/// Bytes of small units that may wait between reading and writing.
const UNDER_WAY: u64 = 24 << 20;

/// What is to be de-identified, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// A file, a folder or an archive.
    pub input: PathBuf,
    /// A folder, an archive by its extension, or a file when the input is a single one.
    pub output: PathBuf,
    /// The code that Patient's Name and Patient ID become.
    pub subject: Option<String>,
}

/// How it is done; the same for all jobs of a list.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line, independent of each other")]
pub struct RunOptions {
    /// What is kept and what is not.
    pub profile: Profile,
    /// The secret from which all pseudonyms come.
    pub key: Key,
    /// Values that win over everything else.
    pub forced: Vec<(Tag, String)>,
    /// Number of workers; 0 for as many as the machine runs at once.
    pub jobs: usize,
    /// Do everything but writing.
    pub dry_run: bool,
    /// Replace existing files of the output.
    pub overwrite: bool,
    /// The subjects' codes by Patient ID; who is not in it is quarantined.
    pub subjects: Option<SubjectTable>,
    /// Allow one subject code for several Patient IDs.
    pub merge_subjects: bool,
    /// Keep JPEG and PNG pictures and captures in DICOM: the caller vouches for their pixels.
    pub keep_captures: bool,
    /// Where the originals of quarantined units are copied to.
    pub quarantine: Option<PathBuf>,
    /// The folder that the reports are written to; beside the output if none is named.
    pub report: Option<PathBuf>,
    /// Where the table of ordinals and input paths is written to.
    pub report_names: Option<PathBuf>,
    /// Where the table of subjects and their codes is written to.
    pub crosswalk: Option<PathBuf>,
    /// Behave as CATI's command: the output of a single file is a folder, and
    /// `deidentification_report.csv` is written into the output when something was rejected.
    pub cati: bool,
    /// What an archive may hold.
    pub limits: Limits,
    /// Seals the original values into each file; without it they are lost.
    pub seal: Option<Arc<dyn deid_core::Seal>>,
}

impl RunOptions {
    /// The plain options for this profile and key.
    pub fn new(profile: Profile, key: Key) -> Self {
        Self {
            profile,
            key,
            forced: Vec::new(),
            jobs: 0,
            dry_run: false,
            overwrite: false,
            subjects: None,
            merge_subjects: false,
            keep_captures: false,
            quarantine: None,
            report: None,
            report_names: None,
            crosswalk: None,
            cati: false,
            limits: Limits::default(),
            seal: None,
        }
    }
}

/// Who is told how far a run is. Called from one thread at a time.
pub trait Progress: Sync {
    /// A phase begins: `survey` or `process`.
    fn phase(&self, name: &str);
    /// What the phase has before it; zeros where that is not known, or not yet: files are listed while the first ones
    /// are worked on, and it is told again when all are.
    fn total(&self, files: u64, bytes: u64);
    /// So much more is done.
    fn advance(&self, files: u64, bytes: u64);
    /// Asked before each unit, and within large ones by whoever copies: whether the user gave up. What was written until then stays, whole, and is reported;
    /// an archive or a run in place is not finished.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn phase(&self, _: &str) {}
    fn total(&self, _: u64, _: u64) {}
    fn advance(&self, _: u64, _: u64) {}
}

/// What became of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Units of the input: the sum of the three below.
    pub read: u64,
    /// Written, or there already byte for byte.
    pub written: u64,
    /// Not written because it could not be vouched for.
    pub quarantined: u64,
    /// Left out on purpose.
    pub skipped: u64,
    /// Numbers by the cause's identifier.
    pub by_cause: BTreeMap<&'static str, u64>,
    /// The report as a table.
    pub report_csv: Option<PathBuf>,
    /// The report as JSON lines.
    pub report_jsonl: Option<PathBuf>,
    /// Bytes of all units.
    pub bytes_read: u64,
    /// Bytes of all written units.
    pub bytes_written: u64,
    /// Private elements kept without being cleaned, with the number of units.
    pub kept_uncleaned: BTreeMap<String, u64>,
    /// Vendors' headers that are gone though the profile keeps them, with the number of written units.
    pub headers_removed: BTreeMap<String, u64>,
    /// Units whose pixels may show who the patient is, written or not.
    pub burned_in_flagged: u64,
    /// Faults by identifier, with the number of units.
    pub faults: BTreeMap<&'static str, u64>,
    /// Remarks in the report, with the number of written units.
    pub remarks: BTreeMap<&'static str, u64>,
    /// Why the input archive was not read to its end.
    pub archive_error: Option<String>,
    /// Input and output are the same and something was quarantined or failed: where the result stands
    /// instead.
    pub not_swapped: Option<PathBuf>,
    /// A dry run, input and output are the same: the input would not be replaced.
    pub would_not_swap: bool,
    /// Input and output are the same: where the originals are that were not de-identified.
    pub left_out: Option<PathBuf>,
    /// Originals that were to be in the quarantine and are not.
    pub quarantine_failed: u64,
    /// Something was written, but not all reports: what failed.
    pub report_error: Option<String>,
    /// The user gave up: the units that follow were not looked at.
    pub cancelled: bool,
    /// Something was written, but replacing the input failed: what did. Where things stand then, the two
    /// paths above tell.
    pub output_error: Option<String>,
}

/// Why a run did not take place or was given up. Nothing is in the output then, and there is no report. No
/// variant holds a value, and paths are those that the user gave: none of what was found below the input.
#[derive(Debug)]
pub enum RunError {
    /// There is no input.
    InputMissing(PathBuf),
    /// The input is neither a file nor a folder.
    InputSpecial(PathBuf),
    /// The output lies inside the input.
    OutputInsideInput,
    /// The input folder lies inside this output.
    InputInsideOutput(PathBuf),
    /// The output archive exists, with other content.
    OutputExists,
    /// The output exists and is no folder.
    OutputNotFolder(PathBuf),
    /// The quarantine lies inside the input or output, or holds one of them.
    QuarantinePlace(PathBuf),
    /// The quarantine cannot be made or written to, or others could read what is in it.
    Quarantine {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
    /// The folder for the reports lies inside the input or the output.
    ReportInside(PathBuf),
    /// The reports cannot be written there.
    ReportPlace {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A table that identifies people (names of inputs, crosswalk) lies inside the input or the output.
    TableInside(PathBuf),
    /// A table that identifies people exists.
    TableExists(PathBuf),
    /// A subject code was given for an input with several Patient IDs (their number).
    SeveralSubjects(usize),
    /// The table of subjects gives one code to two Patient IDs.
    SharedCode(SharedCode),
    /// The subject code is empty, too long or holds characters that DICOM does not allow.
    SubjectInvalid,
    /// The settings contradict each other.
    Settings(SettingsError),
    /// Nothing of the input archive could be read.
    Archive(ArchiveError),
    /// The user gave up before anything was written.
    Cancelled,
    /// Reading or writing failed.
    Io {
        /// What was being done, in words.
        what: &'static str,
        /// The input, the output or what else the user named.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, path) = match self {
            Self::InputMissing(path) => ("the input does not exist", path),
            Self::InputSpecial(path) => ("the input is neither a file nor a folder", path),
            Self::OutputInsideInput => {
                return f.write_str("the output lies inside the input; choose a place beside it");
            }
            Self::InputInsideOutput(path) => {
                ("the input lies inside the output, which would then hold originals", path)
            }
            Self::OutputExists => {
                return f.write_str("the output archive exists; remove it or allow overwriting");
            }
            Self::OutputNotFolder(path) => ("the output exists and is not a folder", path),
            Self::QuarantinePlace(path) => ("the quarantine must lie outside the input and the output", path),
            Self::Quarantine { path, error } => {
                return write!(f, "this folder cannot be the quarantine: {}: {error}", path.display());
            }
            Self::ReportInside(path) => ("the reports must lie outside the input and the output", path),
            Self::ReportPlace { path, error } => {
                return write!(
                    f,
                    "the reports cannot be written into this folder: {}: {error}; name another one (--report)",
                    path.display()
                );
            }
            Self::TableInside(path) => {
                ("a table that tells who is who must lie outside the input and the output", path)
            }
            Self::TableExists(path) => {
                ("a table that tells who is who is never overwritten, and this file exists", path)
            }
            Self::SubjectInvalid => return SettingsError::Subject.fmt(f),
            Self::SeveralSubjects(n) => {
                return write!(
                    f,
                    "the input holds {n} different Patient IDs but one subject code was given; \
                     nothing was written (allow it by merging subjects)"
                );
            }
            Self::SharedCode(SharedCode { line, first }) => {
                return write!(
                    f,
                    "line {line} of the table of subjects gives another Patient ID the code of line {first}; nothing \
                     was written (allow it by merging subjects)"
                );
            }
            Self::Settings(error) => return error.fmt(f),
            Self::Archive(error) => return error.fmt(f),
            Self::Cancelled => return f.write_str("given up; nothing was written"),
            Self::Io { what, path, error } => {
                return write!(f, "{what} failed: {}: {error}", path.display());
            }
        };
        write!(f, "{text}: {}", path.display())
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Archive(error) => Some(error),
            Self::Io { error, .. } | Self::Quarantine { error, .. } | Self::ReportPlace { error, .. } => {
                Some(error)
            }
            _ => None,
        }
    }
}

impl RunError {
    /// Wraps an error of the system with what was being done, and with which path of the user's.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { what, path: path.to_path_buf(), error }
    }
}

/// De-identify one input.
///
/// An error means that nothing was written. Once something was, what then fails is in the summary, whose
/// numbers are true: units that could not be written are quarantined, and files that were are whole.
pub fn run(job: &Job, options: &RunOptions, progress: &dyn Progress) -> Result<Summary, RunError> {
    let mut profile = options.profile.clone();
    profile.captures |= options.keep_captures;
    let engine = Engine::new(Settings {
        profile,
        key: options.key.clone(),
        subject: job.subject.clone(),
        subjects: options.subjects.clone(),
        forced: options.forced.clone(),
        inflate_limit: INFLATE_LIMIT,
    })
    .map_err(|error| match error {
        SettingsError::Subject => RunError::SubjectInvalid,
        error @ SettingsError::Forced(_) => RunError::Settings(error),
    })?
    .with_seal(options.seal.clone())
    .with_merged_subjects(options.merge_subjects);
    if let Some(shared) = options.subjects.as_ref().and_then(SubjectTable::shared_code)
        && !options.merge_subjects
    {
        return Err(RunError::SharedCode(shared));
    }
    let places = Places::settle(job, options)?;
    let units = Units::new(&places);
    thread::scope(|scope| {
        let _listing = GiveUpOnDrop(&units);
        scope.spawn(|| units.list());
        run_on(job, options, progress, &engine, &places, &units)
    })
}

/// Both phases.
fn run_on(
    job: &Job,
    options: &RunOptions,
    progress: &dyn Progress,
    engine: &Engine,
    places: &Places,
    units: &Units,
) -> Result<Summary, RunError> {
    let spill = spill_folder(places, options.dry_run);
    let workers = match options.jobs {
        0 => thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let bounds = Bounds { workers, tasks: 16 * workers.max(4), bytes: UNDER_WAY };
    let one_subject = job.subject.is_some() && !options.merge_subjects;
    let letter = engine.settings().profile.by_the_letter;
    let survey = if one_subject || !letter || !units.names_are_generic() {
        survey::survey(engine, units, &options.limits, &spill, bounds, progress)?
    } else {
        Survey::default()
    };
    let patients = survey.session.patient_ids(engine.settings().profile.identity.issuer);
    if one_subject && patients > 1 {
        return Err(RunError::SeveralSubjects(patients));
    }
    progress.phase("process");
    let totals = Totals::begin(units, progress, survey.totals);
    Process { job, options, engine, places, units, spill: &spill, bounds, progress }
        .run(&survey.session, totals)
}

/// Ends the listing with the run.
struct GiveUpOnDrop<'u>(&'u Units);

impl Drop for GiveUpOnDrop<'_> {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

/// Tells what a phase has before it as soon as that is known.
struct Totals<'a> {
    units: &'a Units,
    progress: &'a dyn Progress,
    told: bool,
}

impl<'a> Totals<'a> {
    /// A phase begins; what it has before it may be known from the one before.
    fn begin(units: &'a Units, progress: &'a dyn Progress, known: Option<(u64, u64)>) -> Self {
        let known = known.or_else(|| units.totals());
        let (files, bytes) = known.unwrap_or_default();
        progress.total(files, bytes);
        Totals { units, progress, told: known.is_some() }
    }

    /// Asked again after each unit.
    fn tell(&mut self) {
        if !self.told
            && let Some((files, bytes)) = self.units.totals()
        {
            self.progress.total(files, bytes);
            self.told = true;
        }
    }

    /// All is done: so much it was.
    fn settle(&self, files: u64, bytes: u64) {
        if !self.told {
            self.progress.total(files, bytes);
        }
    }
}

/// Where large members of an archive are put while they are looked at: the file system of the output, whose
/// folder need not exist yet.
fn spill_folder(places: &Places, dry_run: bool) -> PathBuf {
    let existing = places.output.ancestors().find(|path| path.is_dir());
    match existing {
        Some(path) if !dry_run => path.to_path_buf(),
        _ => std::env::temp_dir(),
    }
}
