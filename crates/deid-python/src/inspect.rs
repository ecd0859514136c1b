//! Looking at files: check, differences, comparison, headers.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use deid_cli::tag_difference;
use deid_compare::{CompareError, find_dcm2niix};
use deid_core::Cause;
use deid_dicom::charset::CharacterSet;
use deid_dicom::{PREFIX, ROOT, Source, Tag, Tree, deflate, open, value, walk};
use deid_io::archive::{self, ArchiveError, Limits, MemberKind, Sniffed};
use deid_io::blob::Blob;
use deid_io::capture::{self, CaptureKind};
use deid_io::listing::{EntryKind, Listing};
use deid_io::source::FileSource;
use deid_raw::Format;
use pyo3::prelude::*;

use crate::batch::{Watched, attended};
use crate::errors;
use crate::instance::Engine;
use crate::settings::Profile;

/// A file that was checked: path, format, whether it is marked, cause, and what remains as (path, name, rule).
type Checked =
    (PathBuf, Option<&'static str>, bool, Option<&'static str>, Vec<(String, String, &'static str)>);

/// What of a file, a folder or an archive is still to be de-identified. `first`: up to its first DICOM file; `until`: up
/// to the first one of which something is.
#[pyfunction]
#[pyo3(signature = (path, engine, *, jobs = 1, first = false, until = false))]
pub(crate) fn check(
    py: Python<'_>,
    path: PathBuf,
    engine: &Engine,
    jobs: usize,
    first: bool,
    until: bool,
) -> PyResult<Vec<Checked>> {
    let engine = &engine.engine;
    let watched = Watched::default();
    let (found, raised) = attended(py, &watched, None, || {
        let mut found = Vec::new();
        let mut visit = |checked: deid_io::check::Checked| {
            let done = checked.check.as_ref().is_none_or(deid_core::Check::is_deidentified);
            let is_dicom = checked.format == Some("dicom");
            let check = checked.check.unwrap_or_default();
            let remaining = check.remaining.into_iter().map(|found| (found.path, found.name, found.rule));
            let cause = check.cause.map(Cause::id);
            found.push((checked.path, checked.format, check.marked, cause, remaining.collect()));
            if first && is_dicom || until && !done || watched.cancelled.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let given_up = || watched.cancelled.load(Ordering::Relaxed);
        deid_io::check::check(&path, engine, jobs, &Limits::default(), &given_up, &mut visit).map(|()| found)
    })?;
    match raised {
        Some(raised) => Err(raised),
        None => found.map_err(|error| unreadable(py, &path, &error)),
    }
}

fn unreadable(py: Python<'_>, path: &Path, error: &ArchiveError) -> PyErr {
    match error {
        ArchiveError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let missing = format!("the input does not exist: {}", path.display());
            return errors::with_kind(py, "RunRefusedError", &missing, "input_missing");
        }
        _ => {}
    }
    errors::with_kind(py, "RunRefusedError", &format!("{}: {error}", path.display()), "archive")
}

/// A difference: path, both names, both values.
type Difference = (String, Option<String>, Option<String>, Option<String>, Option<String>);

/// What differs between two files, values included.
#[pyfunction]
pub(crate) fn diff(py: Python<'_>, first: &[u8], second: &[u8]) -> PyResult<Vec<Difference>> {
    let found = errors::detached(py, || tag_difference::tag_differences(first, second))?;
    let found = found.map_err(|error| errors::exception(py, "NotDicomError", &error))?;
    let row = |found: tag_difference::TagDifference| {
        (found.path, found.old_name, found.new_name, found.old, found.new)
    };
    Ok(found.into_iter().map(row).collect())
}

/// Compares originals and results, as JSON.
#[pyfunction]
#[pyo3(signature = (before, after, profile=None, *, dcm2niix=None, attributes=false, jobs=0, timeout=600.0))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn compare(
    py: Python<'_>,
    before: PathBuf,
    after: PathBuf,
    profile: Option<&Profile>,
    dcm2niix: Option<PathBuf>,
    attributes: bool,
    jobs: usize,
    timeout: f64,
) -> PyResult<String> {
    let settings = |profile: &Profile| deid_core::Settings {
        profile: profile.profile.clone(),
        // What a profile does to an attribute does not depend on the key.
        key: deid_core::Key::from_bytes([0; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 1 << 30,
    };
    let engine = profile
        .map(|profile| deid_core::Engine::new(settings(profile)))
        .transpose()
        .map_err(|error| crate::settings::settings_error(py, &error))?;
    let converter = if attributes { None } else { dcm2niix.or_else(find_dcm2niix) };
    let watched = Watched::default();
    let options = deid_compare::Options {
        dcm2niix: converter.as_deref(),
        engine: engine.as_ref(),
        jobs,
        timeout: Duration::try_from_secs_f64(timeout).unwrap_or(Duration::from_secs(600)),
        cancelled: Some(&watched.cancelled),
    };
    let (outcome, raised) =
        attended(py, &watched, None, || deid_compare::compare(&before, &after, &options))?;
    if let Some(raised) = raised {
        return Err(raised);
    }
    let comparison = outcome.map_err(|error| {
        let kind = match error {
            CompareError::Unreadable(..) => "unreadable",
            CompareError::Nothing => "nothing",
            CompareError::Folder(_) => "io",
            CompareError::Cancelled => "cancelled",
        };
        errors::with_kind(py, "CompareError", &error, kind)
    })?;
    serde_json::to_string(&comparison).map_err(|error| errors::with_kind(py, "CompareError", &error, "json"))
}

/// The values of some attributes at top level as text, empty where there are none; nothing if the file is no DICOM.
#[pyfunction]
pub(crate) fn header(py: Python<'_>, path: PathBuf, tags: Vec<(u16, u16)>) -> PyResult<Option<Vec<String>>> {
    let tags: Vec<Tag> = tags.into_iter().map(|(group, element)| Tag::new(group, element)).collect();
    Ok(errors::detached(py, || with_file(&path, |source| texts(source, &tags)))??)
}

fn with_file<R>(path: &Path, look: impl FnOnce(&mut FileSource<'_>) -> R) -> std::io::Result<R> {
    // A pipe would be waited for.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut source = FileSource::new(&file, size);
    let found = look(&mut source);
    match source.error() {
        Some(_) => Err(source.into_error()),
        None => Ok(found),
    }
}

fn texts(source: &mut FileSource<'_>, tags: &[Tag]) -> Option<Vec<String>> {
    let layout = open(source).ok()?;
    let mut tree = Tree::default();
    if layout.deflated {
        let length = usize::try_from(source.size() - layout.data_set).ok()?;
        let deflated = source.bytes(layout.data_set, length)?;
        let inflated = deflate::inflate(deflated, 1 << 30, &mut deid_dicom::Faults::default()).ok()?;
        walk(&mut &inflated[..], 0, layout.encoding, &mut tree);
        return Some(tags.iter().map(|tag| text(&mut &inflated[..], &tree, *tag)).collect());
    }
    walk(source, layout.data_set, layout.encoding, &mut tree);
    Some(tags.iter().map(|tag| text(source, &tree, *tag)).collect())
}

fn text<S: Source>(source: &mut S, tree: &Tree, tag: Tag) -> String {
    let bytes = |source: &mut S, tag| {
        let node = tree.node(tree.find(ROOT, tag)?);
        let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 1 << 16)?;
        source.bytes(node.value_start(), length).map(<[u8]>::to_vec)
    };
    let charset = bytes(source, Tag::new(0x0008, 0x0005)).unwrap_or_default();
    let bytes = bytes(source, tag).unwrap_or_default();
    CharacterSet::parse(&charset).decode(value::trim(&bytes)).trim_matches(['\0', ' ']).to_owned()
}

/// Whether this is a DICOM file. `strictly`: one with the prefix.
#[pyfunction]
#[pyo3(signature = (path, strictly = false))]
pub(crate) fn is_dicom(py: Python<'_>, path: PathBuf, strictly: bool) -> PyResult<bool> {
    if std::fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
        return Ok(false);
    }
    Ok(errors::detached(py, || {
        with_file(&path, |source| {
            open(source).is_ok() && (!strictly || source.peek::<4>(128) == Some(PREFIX))
        })
    })??)
}

/// `jpeg` or `png` for a picture.
#[pyfunction]
pub(crate) fn picture(path: PathBuf) -> PyResult<Option<&'static str>> {
    let sniffed = with_file(&path, |source| {
        let length = source.size().min(16) as usize;
        capture::sniff(source.bytes(0, length).unwrap_or_default())
    })?;
    Ok(sniffed.map(|kind| match kind {
        CaptureKind::Jpeg => "jpeg",
        CaptureKind::Png => "png",
    }))
}

/// The identifier of the raw format of a file beside DICOM.
#[pyfunction]
pub(crate) fn raw_format(py: Python<'_>, path: PathBuf) -> PyResult<Option<&'static str>> {
    let sniffed = errors::detached(py, || with_file(&path, |source| deid_raw::sniff(source)))??;
    Ok(sniffed.map(Format::id))
}

/// The first file of an input that is neither DICOM nor raw spectroscopy; with `pictures`, nor a picture. Of an archive the
/// archive itself.
#[pyfunction]
#[pyo3(signature = (path, pictures = false))]
pub(crate) fn first_not_taken(py: Python<'_>, path: PathBuf, pictures: bool) -> PyResult<Option<PathBuf>> {
    let watched = Watched::default();
    let (found, raised) = attended(py, &watched, None, || {
        let given_up = || watched.cancelled.load(Ordering::Relaxed);
        find_not_taken(&path, pictures, &given_up)
    })?;
    match raised {
        Some(raised) => Err(raised),
        None => found.map_err(|error| unreadable(py, &path, &error)),
    }
}

/// Larger members of an archive wait in a temporary file without a name.
const IN_MEMORY: usize = 1 << 20;

fn find_not_taken(
    path: &Path,
    pictures: bool,
    given_up: &dyn Fn() -> bool,
) -> Result<Option<PathBuf>, ArchiveError> {
    if path.is_file()
        && let Sniffed::Archive(kind) = archive::sniff(path).map_err(ArchiveError::Io)?
    {
        let mut found = None;
        archive::read(path, kind, &Limits::default(), &mut |member| {
            let name: PathBuf = member.path.iter().collect();
            let spooled = (member.kind == MemberKind::File)
                .then(|| Blob::spool(member.data, IN_MEMORY, u64::MAX, &std::env::temp_dir()));
            let taken = match spooled {
                Some(Ok(Blob::Memory(bytes))) => is_taken(&mut &bytes[..], pictures) || is_payload(&name),
                Some(Ok(Blob::File { file, len })) => {
                    is_taken(&mut FileSource::new(&file, len), pictures) || is_payload(&name)
                }
                Some(Err(_)) | None => false,
            };
            if !taken {
                found = Some(path.to_path_buf());
                return ControlFlow::Break(());
            }
            if given_up() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        return Ok(found);
    }
    if path.is_file() && matches!(archive::sniff(path), Ok(Sniffed::Compressed(_))) {
        // One compressed file: the run looks into it.
        return Ok(None);
    }
    for entry in Listing::new(path) {
        if given_up() {
            break;
        }
        let EntryKind::File = entry.kind else { continue };
        let taken = with_file(&entry.path, |source| is_taken(source, pictures)).unwrap_or(false);
        if !taken && !is_payload(&entry.path) {
            return Ok(Some(entry.path));
        }
    }
    Ok(None)
}

fn is_taken<S: Source>(source: &mut S, pictures: bool) -> bool {
    if open(source).is_ok() || deid_raw::sniff(source).is_some_and(is_spectroscopy) {
        return true;
    }
    let length = source.size().min(16) as usize;
    pictures && source.bytes(0, length).is_some_and(|bytes| capture::sniff(bytes).is_some())
}

/// Spectra, which CATI's module takes too: not images beside DICOM, nor what says something of them.
fn is_spectroscopy(format: Format) -> bool {
    matches!(format, Format::Rda | Format::Twix | Format::Spar | Format::PFile)
}

/// A payload belongs to a header beside it; whether that is there the run finds out.
fn is_payload(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sdat"))
}
