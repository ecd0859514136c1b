//! A run over files, folders and archives, beside an interpreter that stays alive: it hears Ctrl-C and shows progress.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use deid_io::profile_file;
use deid_io::run::{Job, Progress, RunError, RunOptions, Summary};
use deid_profile::Layout;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors;
use crate::settings::{Key, Profile, seal, subject_table, tags};

/// How often the interpreter is asked for signals and told of progress.
const TICK: Duration = Duration::from_millis(50);

/// De-identifies one input and says what came of it.
#[pyfunction]
#[pyo3(signature = (
    input, output, profile, key, *, subject=None, subjects=None, subject_pairs=None, forced=Vec::new(), jobs=0,
    dry_run=false, overwrite=false, merge_subjects=false, keep_captures=false, quarantine=None, report=None,
    report_names=None, crosswalk=None, layout=None, encrypt_for=Vec::new(), cati=false, progress=None
))]
#[expect(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "keywords of Python")]
pub(crate) fn run<'py>(
    py: Python<'py>,
    input: PathBuf,
    output: PathBuf,
    profile: &Profile,
    key: &Key,
    subject: Option<String>,
    subjects: Option<&str>,
    subject_pairs: Option<Vec<(String, String)>>,
    forced: Vec<((u16, u16), String)>,
    jobs: usize,
    dry_run: bool,
    overwrite: bool,
    merge_subjects: bool,
    keep_captures: bool,
    quarantine: Option<PathBuf>,
    report: Option<PathBuf>,
    report_names: Option<PathBuf>,
    crosswalk: Option<PathBuf>,
    layout: Option<&str>,
    encrypt_for: Vec<PathBuf>,
    cati: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let mut options = RunOptions::new(profile.profile.clone(), key.key.clone());
    if let Some(text) = layout {
        options.profile.layout = layout_of(py, text)?;
    }
    options.seal = seal(py, &encrypt_for)?;
    options.subjects = subject_table(py, subjects, subject_pairs)?;
    options.forced = tags(forced);
    options.jobs = jobs;
    options.dry_run = dry_run;
    options.overwrite = overwrite;
    options.merge_subjects = merge_subjects;
    options.keep_captures = keep_captures;
    options.quarantine = quarantine;
    options.report = report;
    options.report_names = report_names;
    options.crosswalk = crosswalk;
    options.cati = cati;
    let job = Job { input, output, subject };
    let watched = Watched::default();
    let (outcome, raised) =
        attended(py, &watched, progress.as_ref(), || deid_io::run::run(&job, &options, &watched))?;
    if let Some(raised) = raised {
        return Err(raised);
    }
    as_dict(py, &outcome.map_err(|error| refusal(py, &error))?)
}

/// Does something on another thread; meanwhile this one asks the interpreter for signals. What was raised by then comes
/// with the result.
pub(crate) fn attended<R: Send>(
    py: Python<'_>,
    watched: &Watched,
    callback: Option<&Py<PyAny>>,
    work: impl FnOnce() -> R + Send,
) -> PyResult<(R, Option<PyErr>)> {
    let (result, raised) = py.detach(|| {
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel::<()>();
            let working = scope.spawn(move || {
                let _until_the_end = sender;
                work()
            });
            let mut raised: Option<PyErr> = None;
            loop {
                let ended = matches!(receiver.recv_timeout(TICK), Err(RecvTimeoutError::Disconnected));
                if raised.is_none() {
                    let told = Python::attach(|py| {
                        py.check_signals()?;
                        callback.map_or(Ok(()), |callback| watched.tell(py, callback))
                    });
                    if let Err(error) = told {
                        watched.cancelled.store(true, Ordering::Relaxed);
                        raised = Some(error);
                    }
                }
                if ended {
                    return (working.join(), raised);
                }
            }
        })
    });
    let result = result.map_err(|_| PyRuntimeError::new_err("the run ended by an internal error"))?;
    Ok((result, raised))
}

/// How far a run is.
#[derive(Default)]
pub(crate) struct Watched {
    pub(crate) cancelled: AtomicBool,
    phase: Mutex<String>,
    files: AtomicU64,
    bytes: AtomicU64,
    files_done: AtomicU64,
    bytes_done: AtomicU64,
}

impl Watched {
    fn tell(&self, py: Python<'_>, callback: &Py<PyAny>) -> PyResult<()> {
        let phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if phase.is_empty() {
            return Ok(());
        }
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let files = (read(&self.files_done), read(&self.files));
        let bytes = (read(&self.bytes_done), read(&self.bytes));
        callback.call1(py, (phase, files.0, files.1, bytes.0, bytes.1)).map(|_| ())
    }
}

impl Progress for Watched {
    fn phase(&self, name: &str) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        name.clone_into(&mut phase);
        for number in [&self.files, &self.bytes, &self.files_done, &self.bytes_done] {
            number.store(0, Ordering::Relaxed);
        }
    }

    fn total(&self, files: u64, bytes: u64) {
        self.files.store(files, Ordering::Relaxed);
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    fn advance(&self, files: u64, bytes: u64) {
        self.files_done.fetch_add(files, Ordering::Relaxed);
        self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// What files are called; nothing for names as in the input.
fn layout_of(py: Python<'_>, text: &str) -> PyResult<Option<Layout>> {
    profile_file::layout(text).map_err(|error| {
        errors::exception(py, "SettingsError", &format!("layout: {}; {}", error.problem, error.hint()))
    })
}

/// Why a run did not take place.
pub(crate) fn refusal(py: Python<'_>, error: &RunError) -> PyErr {
    let kind = match error {
        RunError::Settings(_) | RunError::SubjectInvalid => {
            return errors::exception(py, "SettingsError", error);
        }
        RunError::InputMissing(_) => "input_missing",
        RunError::InputSpecial(_) => "input_special",
        RunError::OutputInsideInput => "output_inside_input",
        RunError::InputInsideOutput(_) => "input_inside_output",
        RunError::OutputExists => "output_exists",
        RunError::OutputNotFolder(_) => "output_not_folder",
        RunError::QuarantinePlace(_) | RunError::Quarantine { .. } => "quarantine",
        RunError::ReportInside(_) | RunError::ReportPlace { .. } => "report",
        RunError::TableInside(_) | RunError::TableExists(_) => "table",
        RunError::SeveralSubjects(_) | RunError::SharedCode(_) => "several_subjects",
        RunError::Archive(_) => "archive",
        RunError::Cancelled => "cancelled",
        RunError::Io { .. } => "io",
    };
    errors::with_kind(py, "RunRefusedError", error, kind)
}

fn as_dict<'py>(py: Python<'py>, summary: &Summary) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("read", summary.read)?;
    dict.set_item("written", summary.written)?;
    dict.set_item("quarantined", summary.quarantined)?;
    dict.set_item("skipped", summary.skipped)?;
    dict.set_item("by_cause", &summary.by_cause)?;
    dict.set_item("report_csv", &summary.report_csv)?;
    dict.set_item("report_jsonl", &summary.report_jsonl)?;
    dict.set_item("bytes_read", summary.bytes_read)?;
    dict.set_item("bytes_written", summary.bytes_written)?;
    dict.set_item("kept_uncleaned", &summary.kept_uncleaned)?;
    dict.set_item("burned_in_flagged", summary.burned_in_flagged)?;
    dict.set_item("faults", &summary.faults)?;
    dict.set_item("remarks", &summary.remarks)?;
    dict.set_item("archive_error", &summary.archive_error)?;
    dict.set_item("not_swapped", &summary.not_swapped)?;
    dict.set_item("would_not_swap", summary.would_not_swap)?;
    dict.set_item("left_out", &summary.left_out)?;
    dict.set_item("quarantine_failed", summary.quarantine_failed)?;
    dict.set_item("report_error", &summary.report_error)?;
    dict.set_item("output_error", &summary.output_error)?;
    Ok(dict)
}

/// The command: these words, the program's name first. Returns its exit code.
#[pyfunction]
pub(crate) fn command(py: Python<'_>, words: Vec<OsString>) -> u8 {
    py.detach(|| deid_cli::run(words))
}
