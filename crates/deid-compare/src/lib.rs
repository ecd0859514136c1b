//! Whether de-identified scans are still the same science: BEFORE and AFTER, series by series.
//!
//! [`compare`] pairs the instances of two folders by their pixels, for names, paths and UIDs change, and groups them
//! into series. Each series is converted on both sides by dcm2niix in private folders; voxels, header, b-values and
//! directions have to be equal, and of each key of the sidecar that is not, it is said whether it identifies, or what
//! the profile does to the attributes it is made from. Without dcm2niix, and for what it makes no image of, the
//! attributes that converters read are compared instance by instance.
//!
//! Raw formats beside DICOM (spectra of SPAR/SDAT and rda, twix, PAR/REC, P-files, NIfTI, sidecars) are paired by their
//! payload; payload and fields of headers have to be equal.
//!
//! What comes out, a [`Comparison`], holds names of keys and attributes, never a value, and no path of BEFORE.

mod attributes;
mod beside;
mod convert;
mod expected;
mod explain;
mod instance;
mod nifti;
mod output;
mod pair;
mod raw;
mod result;
mod series;
mod tables;
mod unpack;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use deid_core::Engine;
use deid_io::archive::ArchiveError;

pub use convert::find_dcm2niix;
pub use result::{
    Change, Checks, Comparison, Difference, Explanation, Failure, KeyCount, Method, Outcome, SeriesResult,
};

use instance::Instances;
use series::Work;
use unpack::Root;

/// How to compare.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// The converter, see [`find_dcm2niix`]; without one, attributes are compared.
    pub dcm2niix: Option<&'o Path>,
    /// What explains differences: an engine with the profile that made AFTER. Without one, only keys that identify
    /// may differ, and nothing may be withheld.
    pub engine: Option<&'o Engine>,
    /// Series that are compared at the same time; 0 for one per processor.
    pub jobs: usize,
    /// How long one conversion may take.
    pub timeout: Duration,
    /// Set by whoever wants it to end: converters are stopped and folders removed.
    pub cancelled: Option<&'o AtomicBool>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options { dcm2niix: None, engine: None, jobs: 0, timeout: Duration::from_secs(600), cancelled: None }
    }
}

impl Options<'_> {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
    }
}

/// One of the two that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The originals.
    Before,
    /// What was made of them.
    After,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Before => "BEFORE",
            Side::After => "AFTER",
        })
    }
}

/// Why nothing was compared.
#[derive(Debug)]
pub enum CompareError {
    /// A side cannot be read.
    Unreadable(Side, ArchiveError),
    /// BEFORE holds neither a DICOM file with pixels or spectra nor a file of a raw format.
    Nothing,
    /// No private folder could be made.
    Folder(io::Error),
    /// The user gave up.
    Cancelled,
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompareError::Unreadable(side, ArchiveError::Io(error)) => {
                write!(f, "{side} cannot be read: {error}")
            }
            CompareError::Unreadable(side, error) => write!(f, "{side}: {error}"),
            CompareError::Nothing => {
                f.write_str("BEFORE holds no images, spectra or raw data: there is nothing to compare")
            }
            CompareError::Folder(error) => write!(f, "no private folder could be made: {error}"),
            CompareError::Cancelled => f.write_str("given up"),
        }
    }
}

impl std::error::Error for CompareError {}

/// Compares two folders, files or archives.
pub fn compare(before: &Path, after: &Path, options: &Options<'_>) -> Result<Comparison, CompareError> {
    let go_on = || !options.is_cancelled();
    let open = |side, path| Root::of(path, &go_on).map_err(|error| CompareError::Unreadable(side, error));
    for (side, path) in [(Side::Before, before), (Side::After, after)] {
        if let Err(error) = path.metadata() {
            return Err(CompareError::Unreadable(side, ArchiveError::Io(error)));
        }
    }
    let (before_root, after_root) = (open(Side::Before, before)?, open(Side::After, after)?);
    let before = Instances::below(before_root.path(), &go_on);
    let after = Instances::below(after_root.path(), &go_on);
    if !go_on() {
        return Err(CompareError::Cancelled);
    }
    if before.all.is_empty() && before.raw.is_empty() {
        return Err(CompareError::Nothing);
    }
    let (pairings, unmatched) = pair::pair(&before.all, &after.all);
    let folder = convert::private_folder(None).map_err(CompareError::Folder)?;
    let work =
        Work { before: &before.all, after: &after.all, pairings: &pairings, folder: folder.path(), options };
    let mut series = all(&work);
    if !go_on() {
        return Err(CompareError::Cancelled);
    }
    let (partners, unmatched_raw) = raw::pair(&before.raw, &after.raw);
    for (file, partner) in before.raw.iter().zip(&partners) {
        let counterpart = partner.map(|place| &after.raw[place]);
        let has_subject = || raw::has_subject(file, &before.raw, &partners, (&before.all, options.engine));
        series.push(raw::compare(series.len() as u64 + 1, file, counterpart, options.engine, &has_subject));
    }
    Ok(Comparison {
        converted: options.dcm2niix.is_some(),
        counts: counts(&series),
        files_before: (before.all.len() + before.raw.len()) as u64,
        files_after: (after.all.len() + after.raw.len()) as u64,
        without_pixels: before.without_pixels,
        unmatched_after: (unmatched + unmatched_raw) as u64,
        keys: keys(&series),
        series,
    })
}

/// All series, by so many threads as are allowed; the order is that of the series.
fn all(work: &Work<'_>) -> Vec<SeriesResult> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = if work.options.jobs == 0 { processors() } else { work.options.jobs };
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(work.pairings.len()).max(1) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= work.pairings.len() || work.options.is_cancelled() {
                        return;
                    }
                    // Nobody listens only if the scope is over.
                    let _ = sender.send((index, work.series(index)));
                }
            });
        }
    });
    drop(sender);
    let series: BTreeMap<usize, SeriesResult> = receiver.iter().collect();
    series.into_values().collect()
}

fn counts(series: &[SeriesResult]) -> BTreeMap<Outcome, u64> {
    let mut counts: BTreeMap<Outcome, u64> = Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
    for result in series {
        *counts.entry(result.outcome).or_default() += 1;
    }
    counts
}

fn keys(series: &[SeriesResult]) -> Vec<KeyCount> {
    let mut counts: BTreeMap<(&str, Change), (u64, u64)> = BTreeMap::new();
    for difference in series.iter().flat_map(|result| &result.differences) {
        let (all, unexplained) = counts.entry((&difference.key, difference.change)).or_default();
        *all += 1;
        *unexplained += u64::from(!difference.is_explained());
    }
    counts
        .into_iter()
        .map(|((key, change), (series, unexplained))| KeyCount {
            key: key.to_owned(),
            change,
            series,
            unexplained,
        })
        .collect()
}

/// A path below AFTER as text.
pub(crate) fn shown(folder: &Path) -> String {
    let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The paths of some instances.
pub(crate) fn paths(instances: &[instance::Instance], members: impl Iterator<Item = usize>) -> Vec<&Path> {
    members.map(|index| instances[index].path.as_path()).collect()
}
