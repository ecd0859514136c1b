//! Input and output are the same: the result was staged beside, and takes the place of the input at the end.
//!
//! Nothing is lost by it. What was not replaced by a de-identified counterpart stays beside under the name
//! `….left-out`. While the originals of a folder are cleared away they stand under `….swapping` (or
//! `….originals`), names that no run removes: after a kill they are there.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::coordinator::Originals;
use super::place::{InputKind, OutputKind, Places};
use super::unit::Units;
use super::{RunError, Summary};
use crate::files::{create_private, exchange, rename_new};

/// What is to be swapped.
pub(super) struct Swap<'a> {
    pub(super) places: &'a Places,
    pub(super) units: &'a Units,
    /// The result.
    pub(super) staged: &'a Path,
    pub(super) originals: &'a Originals,
    /// The input as the user named it.
    pub(super) shown: &'a Path,
}

/// A swap that failed: what was being done, and the error.
type Failed = (&'static str, io::Error);

impl Swap<'_> {
    /// Let the staged result take the place of the input if nothing would be lost, and say in the summary
    /// what became of it.
    pub(super) fn finish(&self, summary: &mut Summary) -> Result<(), RunError> {
        let input = &self.places.input;
        if summary.written == 0 {
            // There is no result. A single file moves to the quarantine if it was copied there.
            let moves = self.places.input_kind == InputKind::File
                && summary.quarantined == 1
                && self.originals.replaced == [true];
            if moves && let Err(error) = fs::remove_file(input) {
                self.failed(summary, "removing the quarantined original", &error);
            }
            return Ok(());
        }
        let mut failure = None;
        if !self.originals.quarantined && summary.archive_error.is_none() {
            match self.swap(summary) {
                Ok(()) => return Ok(()),
                Err(failed) => failure = Some(failed),
            }
        }
        // Where swapping broke off the result may stand beside already.
        if summary.not_swapped.is_none() {
            match move_beside(self.staged, input, "deidentified") {
                Ok(path) => summary.not_swapped = Some(path),
                Err(error) => {
                    let (what, error) = failure.unwrap_or(("moving the result beside the input", error));
                    return Err(RunError::io(what, self.shown)(error));
                }
            }
        }
        if let Some((what, error)) = failure {
            self.failed(summary, what, &error);
        }
        Ok(())
    }

    fn failed(&self, summary: &mut Summary, what: &str, error: &io::Error) {
        summary.output_error = Some(format!("{what} failed: {}: {error}", self.shown.display()));
    }

    /// An error: the input is where it was, or the summary tells where it is.
    fn swap(&self, summary: &mut Summary) -> Result<(), Failed> {
        let input = &self.places.input;
        fs::metadata(input)
            .and_then(|facts| fs::set_permissions(self.staged, facts.permissions()))
            .map_err(|error| ("giving the result the input's permissions", error))?;
        match self.places.output_kind {
            OutputKind::Folder => {
                let Some(root) = self.swap_folder(summary)? else { return Ok(()) };
                match clear_originals(&root, input, self.units, self.originals) {
                    Ok(left_out) => summary.left_out = left_out,
                    Err(error) => {
                        self.failed(summary, "clearing away the originals after the swap", &error);
                        summary.left_out = Some(root);
                    }
                }
            }
            OutputKind::File | OutputKind::Archive(_) => {
                let left_out = if self.originals.left_out {
                    let kept = keep_original(input);
                    Some(kept.map_err(|error| ("keeping the original archive", error))?)
                } else {
                    None
                };
                if let Err(error) = fs::rename(self.staged, input) {
                    if let Some(left_out) = left_out {
                        // The input is still there.
                        let _ = fs::remove_file(left_out);
                    }
                    return Err(("replacing the input", error));
                }
                #[cfg(unix)]
                if let Some(path) = &left_out
                    && let Err(error) =
                        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
                {
                    self.failed(summary, "making the original private", &error);
                }
                summary.left_out = left_out;
            }
        }
        Ok(())
    }

    /// Put the staged folder in the place of the input; returns where the originals are then, or nothing if
    /// the input cannot be moved, as a mount point cannot.
    fn swap_folder(&self, summary: &mut Summary) -> Result<Option<PathBuf>, Failed> {
        let input = &self.places.input;
        let swapping =
            move_beside(self.staged, input, "swapping").map_err(|error| ("swapping the folders", error))?;
        if exchange(&swapping, input).unwrap_or(false) {
            return Ok(Some(swapping));
        }
        // Two renames: between them there is nothing under the name of the input, but all of it is beside.
        let mut failure = None;
        if let Ok(originals) = move_beside(input, input, "originals") {
            match rename_new(&swapping, input) {
                Ok(()) => return Ok(Some(originals)),
                Err(error) => {
                    if rename_new(&originals, input).is_err() {
                        summary.left_out = Some(originals);
                        failure = Some(("swapping the folders", error));
                    }
                }
            }
        }
        summary.not_swapped = Some(move_beside(&swapping, input, "deidentified").unwrap_or(swapping));
        failure.map_or(Ok(None), Err)
    }
}

/// Remove the originals that were replaced; what then remains is moved to the folder that is returned.
fn clear_originals(
    root: &Path,
    input: &Path,
    units: &Units,
    originals: &Originals,
) -> io::Result<Option<PathBuf>> {
    if let Units::Files(listed) = units {
        for (number, replaced) in originals.replaced.iter().enumerate() {
            if *replaced && let Some((relative, _)) = listed.entry(number) {
                fs::remove_file(root.join(relative))?;
            }
        }
    }
    // What came into the folder meanwhile is not ours to remove.
    if remove_empty_folders(root)? {
        return Ok(None);
    }
    #[cfg(unix)]
    fs::set_permissions(root, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    move_beside(root, input, "left-out").map(Some)
}

/// Remove a folder with nothing but folders in it; whether it is gone.
fn remove_empty_folders(root: &Path) -> io::Result<bool> {
    // Parents stand before what is in them.
    let mut folders = vec![root.to_path_buf()];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    let mut gone = false;
    for folder in folders.iter().rev() {
        // Fails for what is not empty; the last one is the root.
        gone = fs::remove_dir(folder).is_ok();
    }
    Ok(gone)
}

/// A second name for the original archive, or a private copy where a file cannot have two.
fn keep_original(input: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let target = with_infix(input, "left-out", number);
        number += 1;
        match fs::hard_link(input, &target) {
            Ok(()) => return Ok(target),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(_) => {}
        }
        let mut copy = match create_private(&target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            result => result?,
        };
        if let Err(error) = File::open(input).and_then(|mut file| io::copy(&mut file, &mut copy)) {
            let _ = fs::remove_file(&target);
            return Err(error);
        }
        return Ok(target);
    }
}

/// Move something to `name.infix` beside `path`, or `name.infix-2`, …
fn move_beside(from: &Path, path: &Path, infix: &str) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let target = with_infix(path, infix, number);
        number += 1;
        match rename_new(from, &target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(target),
        }
    }
}

/// `x.left-out` for a folder `x`, `x.left-out.tar.gz` for an archive `x.tar.gz`.
fn with_infix(path: &Path, infix: &str, number: u32) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let infix = if number == 1 { infix.to_owned() } else { format!("{infix}-{number}") };
    let mut stem = name.as_str();
    if !path.is_dir() {
        stem = crate::names::split_extension(stem).0;
        stem = stem.strip_suffix(".tar").unwrap_or(stem);
    }
    let extension = &name[stem.len()..];
    path.with_file_name(format!("{stem}.{infix}{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_keep_their_extension() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a.b");
        fs::create_dir(&folder).unwrap();
        assert_eq!(with_infix(&folder, "left-out", 1), dir.path().join("a.b.left-out"));
        let archive = dir.path().join("a.tar.gz");
        assert_eq!(with_infix(&archive, "left-out", 2), dir.path().join("a.left-out-2.tar.gz"));
        assert_eq!(with_infix(&dir.path().join("a.zip"), "x", 1), dir.path().join("a.x.zip"));
    }

    #[test]
    fn only_empty_folders_go() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("r");
        fs::create_dir_all(root.join("a/b/c")).unwrap();
        fs::create_dir_all(root.join("d")).unwrap();
        fs::write(root.join("d/x"), "").unwrap();
        assert!(!remove_empty_folders(&root).unwrap());
        assert!(!root.join("a").exists());
        fs::remove_file(root.join("d/x")).unwrap();
        assert!(remove_empty_folders(&root).unwrap());
        assert!(!root.exists());
    }
}
