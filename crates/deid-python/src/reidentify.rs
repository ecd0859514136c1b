//! The way back: originals that were encrypted into files, put in their places.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use deid_core::Body;
use deid_io::archive::{self, Sniffed};
use deid_io::reidentify::NotRestored;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::batch::{Watched, attended, refusal};
use crate::errors;
use crate::instance::INFLATED;

/// A private key; Python never sees its bytes.
#[pyclass(frozen, module = "deidentification._native")]
pub(crate) struct PrivateKey {
    opener: deid_reversible::Opener,
}

/// What came of a run: read, restored, failed, skipped, partly, left out; and each file that was not restored, as path,
/// identifier and description.
type Restored = ([u64; 6], Vec<(PathBuf, &'static str, String)>);

#[pymethods]
impl PrivateKey {
    /// The key in this file, its passphrase in another, and its certificate.
    #[staticmethod]
    #[pyo3(signature = (path, passphrase_file = None, certificate = None))]
    fn from_file(
        py: Python<'_>,
        path: PathBuf,
        passphrase_file: Option<PathBuf>,
        certificate: Option<PathBuf>,
    ) -> PyResult<Self> {
        let wrong = |what: &str, path: &Path, error: &dyn std::fmt::Display| {
            errors::exception(py, "KeyFileError", &format!("{what} {}: {error}", path.display()))
        };
        let read = |what: &str, path: &Path| fs::read(path).map_err(|error| wrong(what, path, &error));
        let key = read("private key", &path)?;
        let passphrase = passphrase_file.as_deref().map(|path| read("passphrase file", path)).transpose()?;
        let certificate = certificate.as_deref().map(|path| read("certificate", path)).transpose()?;
        // The end of the line is no part of it, as for openssl's `file:`.
        let passphrase = passphrase
            .as_ref()
            .map(|text| text.split(|&byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default());
        let opener =
            errors::detached(py, || deid_reversible::Opener::new(&key, passphrase, certificate.as_deref()))?;
        let opener = opener.map_err(|error| wrong("private key", &path, &error))?;
        Ok(PrivateKey { opener })
    }

    /// One instance as it was, and how many attributes are still de-identified.
    fn restore<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<(Bound<'py, PyBytes>, usize)> {
        let done = errors::detached(py, || {
            let done = deid_core::reidentify(&mut &data[..], &self.opener, INFLATED)?;
            let mut bytes = done.head;
            match done.body {
                Body::None => {}
                Body::Pieces(pieces) => bytes.extend(pieces.to_bytes(data)),
                Body::Bytes(body) => bytes.extend(body),
            }
            Ok((bytes, done.left_out))
        })?;
        let (bytes, left_out) = done.map_err(|error: deid_core::ReidentifyError| {
            errors::with_kind(py, "NotRestoredError", &error, error.id())
        })?;
        Ok((PyBytes::new(py, &bytes), left_out))
    }
}

/// Restores a file, or all files of a folder.
#[pyfunction]
pub(crate) fn reidentify(
    py: Python<'_>,
    input: PathBuf,
    output: PathBuf,
    private_key: &PrivateKey,
) -> PyResult<Restored> {
    if input.is_file() && matches!(archive::sniff(&input), Ok(Sniffed::Archive(_))) {
        let message = format!("{} is an archive: reidentify reads files and folders", input.display());
        return Err(errors::with_kind(py, "RunRefusedError", &message, "archive"));
    }
    let watched = Watched::default();
    let (done, raised) = attended(py, &watched, None, || {
        let mut failed = Vec::new();
        let mut tell = |_: u64, path: &Path, why: NotRestored| {
            if !why.is_skipped() {
                failed.push((path.to_path_buf(), word(why), why.to_string()));
            }
        };
        let given_up = || watched.cancelled.load(Ordering::Relaxed);
        let opener = &private_key.opener;
        let done = deid_io::reidentify::reidentify_until(&input, &output, opener, &mut tell, &given_up);
        done.map(|done| (done, failed))
    })?;
    if let Some(raised) = raised {
        return Err(raised);
    }
    let (done, failed) = done.map_err(|error| refusal(py, &error))?;
    let numbers = [done.read, done.restored, done.failed, done.skipped, done.partly, done.left_out];
    Ok((numbers, failed))
}

fn word(why: NotRestored) -> &'static str {
    match why {
        NotRestored::Originals(error) => error.id(),
        NotRestored::Exists => "exists",
        NotRestored::NoFile => "no_file",
        NotRestored::Io(_) => "io_error",
    }
}
