//! A hidden folder in which files are written before they get their names.
//!
//! It is on the file system of the output, so that giving a name is a rename. A lock tells that its owner
//! lives: the lock of a killed run is free, and the next run in the same place clears up after it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// How the names of staging folders begin.
pub(crate) const PREFIX: &str = ".deidentification-";
/// The file in it that its owner holds locked.
const LOCK: &str = "lock";

/// A staging folder; it goes with what is still in it when this is dropped.
#[derive(Debug)]
pub(crate) struct Staging {
    path: PathBuf,
    _lock: File,
}

impl Staging {
    /// Make one in `dir`, which exists, after clearing up what killed runs left there.
    pub(crate) fn create(dir: &Path) -> io::Result<Self> {
        clear_leftovers(dir);
        // Somebody else who clears up may take a folder for abandoned before it is locked.
        let mut last = None;
        for _ in 0..16 {
            let mut random = [0; 8];
            getrandom::fill(&mut random).map_err(io::Error::other)?;
            let path = dir.join(format!("{PREFIX}{:016x}", u64::from_ne_bytes(random)));
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            match builder.create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                result => result?,
            }
            match lock(&path) {
                Ok(lock) => return Ok(Self { path, _lock: lock }),
                Err(error) => {
                    let _ = fs::remove_dir_all(&path);
                    last = Some(error);
                }
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
    }

    /// Where something of this name is staged.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Make the lock file and lock it; an error if somebody was faster.
fn lock(staging: &Path) -> io::Result<File> {
    let path = staging.join(LOCK);
    let file = File::create_new(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
        // A file system without locks: nobody can then take this for abandoned either.
        Err(TryLockError::Error(_)) => return Ok(file),
    }
    fs::symlink_metadata(&path)?;
    Ok(file)
}

/// Remove the staging folders in `dir` whose owners are gone.
fn clear_leftovers(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let is_staging = entry
            .file_name()
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_staging {
            continue;
        }
        let path = entry.path();
        match File::open(path.join(LOCK)) {
            // The lock is held until all is removed.
            Ok(file) if file.try_lock().is_ok() => {
                let _ = fs::remove_dir_all(&path);
            }
            Ok(_) => {}
            // Killed before it locked, or about to lock: it fails and tries again.
            Err(_) => {
                let _ = fs::remove_dir(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> usize {
        fs::read_dir(dir).unwrap().count()
    }

    #[test]
    fn nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let staging = Staging::create(dir.path()).unwrap();
        fs::write(staging.join("1"), "x").unwrap();
        assert_eq!(names(dir.path()), 1);
        drop(staging);
        assert_eq!(names(dir.path()), 0);
    }

    #[test]
    fn leftovers_of_killed_runs_go_and_those_of_living_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let killed = dir.path().join(".deidentification-0123456789abcdef");
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join("lock"), "").unwrap();
        fs::write(killed.join("1"), "half a fi").unwrap();
        fs::create_dir(dir.path().join(".deidentification-0123456789abcdee")).unwrap();
        let other = dir.path().join(".deidentification-mine");
        fs::create_dir(&other).unwrap();

        let living = Staging::create(dir.path()).unwrap();
        fs::write(living.join("1"), "x").unwrap();
        assert!(!killed.exists());
        let second = Staging::create(dir.path()).unwrap();
        assert!(living.join("1").exists());
        assert!(other.exists());
        drop((living, second));
        assert_eq!(names(dir.path()), 1);
    }
}
