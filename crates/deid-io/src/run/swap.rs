//! Input and output are the same: the result was staged beside, and takes the place of the input at the end.
//!
//! Nothing is lost by it. What was not replaced by a de-identified counterpart stays beside under the name
//! `….left-out`. While the originals of a folder are cleared away they stand under `….swapping` (or
//! `….originals`), names that no run removes: after a kill they are there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::coordinator::Originals;
use super::place::{OutputKind, Places};
use super::unit::Units;
use super::{RunError, Summary};
use crate::files::{exchange, rename_new};

/// Let the staged result take the place of the input if nothing would be lost, and say in the summary what
/// became of it.
pub(super) fn finish(
    places: &Places,
    units: &Units,
    staged: &Path,
    originals: &Originals,
    summary: &mut Summary,
) -> Result<(), RunError> {
    if summary.written == 0 {
        // There is no result.
        return Ok(());
    }
    if originals.quarantined || summary.archive_error.is_some() {
        summary.not_swapped = Some(
            move_beside(staged, &places.input, "deidentified")
                .map_err(RunError::io("moving the result beside the input"))?,
        );
        return Ok(());
    }
    fs::metadata(&places.input)
        .and_then(|facts| fs::set_permissions(staged, facts.permissions()))
        .map_err(RunError::io("giving the result the input's permissions"))?;
    match places.output_kind {
        OutputKind::Folder => {
            let swapped = swap_folder(&places.input, staged).map_err(RunError::io("swapping the folders"))?;
            match swapped {
                Ok(root) => {
                    summary.left_out = clear_originals(&root, &places.input, units, originals)
                        .map_err(RunError::io("clearing away the originals after the swap"))?;
                }
                Err(result) => summary.not_swapped = Some(result),
            }
        }
        OutputKind::File | OutputKind::Archive(_) => {
            if originals.left_out {
                summary.left_out =
                    Some(keep_original(&places.input).map_err(RunError::io("keeping the original archive"))?);
            }
            fs::rename(staged, &places.input).map_err(RunError::io("replacing the input"))?;
        }
    }
    Ok(())
}

/// Put the staged folder in the place of the input; returns where the originals are then, or where the
/// result is if the input cannot be moved, as a mount point cannot.
fn swap_folder(input: &Path, staged: &Path) -> io::Result<Result<PathBuf, PathBuf>> {
    let swapping = move_beside(staged, input, "swapping")?;
    if exchange(&swapping, input).unwrap_or(false) {
        return Ok(Ok(swapping));
    }
    // Two renames: between them there is nothing under the name of the input, but all of it is beside.
    if let Ok(originals) = move_beside(input, input, "originals") {
        match rename_new(&swapping, input) {
            Ok(()) => return Ok(Ok(originals)),
            Err(_) => rename_new(&originals, input)?,
        }
    }
    move_beside(&swapping, input, "deidentified").map(Err)
}

/// Remove the originals that were replaced; what then remains is moved to the folder that is returned.
fn clear_originals(
    root: &Path,
    input: &Path,
    units: &Units,
    originals: &Originals,
) -> io::Result<Option<PathBuf>> {
    if let Units::Files { entries, .. } = units {
        for ((relative, _), replaced) in entries.iter().zip(&originals.replaced) {
            if *replaced {
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

/// A second name for the original archive, or a copy where a file cannot have two.
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
        if target.symlink_metadata().is_ok() {
            continue;
        }
        fs::copy(input, &target)?;
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
