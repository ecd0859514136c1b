//! Where results get their names: a folder, an archive, or nowhere in a dry run.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use deid_core::Cause;

use crate::archive::{ArchiveKind, ArchiveWriter};
use crate::files::{rename_new, same_bytes};

/// A result that waits for its name.
#[derive(Debug)]
pub(crate) struct Product {
    /// Its length.
    pub(crate) bytes: u64,
    /// Where it is.
    pub(crate) place: ProductPlace,
}

/// Where a result is.
#[derive(Debug)]
pub(crate) enum ProductPlace {
    /// In memory; only for an archive.
    Memory(Vec<u8>),
    /// In a staged file.
    Staged(PathBuf),
    /// A dry run: it was not made.
    Nowhere,
}

/// Takes results in the order of the input.
pub(crate) enum Output {
    /// Files in a folder.
    Folder(Folder),
    /// Members of an archive.
    Archive(Archive),
}

impl Output {
    /// Give a result its name; a cause if that cannot be. An error ends the run.
    pub(crate) fn place(&mut self, path: &str, product: Product) -> io::Result<Result<(), Cause>> {
        match (self, product.place) {
            (Self::Folder(folder), ProductPlace::Staged(staged)) => Ok(folder.place(path, &staged)),
            (Self::Folder(folder), _) => Ok(folder.would_place(path, product.bytes)),
            (Self::Archive(_), ProductPlace::Nowhere) => Ok(Ok(())),
            (Self::Archive(archive), ProductPlace::Memory(bytes)) => {
                archive.append(path, &mut &bytes[..], product.bytes).map(Ok)
            }
            (Self::Archive(archive), ProductPlace::Staged(staged)) => {
                archive.append(path, &mut File::open(&staged)?, product.bytes)?;
                fs::remove_file(&staged)?;
                Ok(Ok(()))
            }
        }
    }
}

/// An output folder.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    overwrite: bool,
    /// A file or folder that is never written to, whatever links lead there: the input.
    protected: Option<PathBuf>,
    /// The folder made last: files come folder by folder.
    made: PathBuf,
}

impl Folder {
    /// A folder that exists, or will when the first result is placed.
    pub(crate) fn new(root: PathBuf, overwrite: bool, protected: Option<PathBuf>) -> Self {
        Self { root, overwrite, protected, made: PathBuf::new() }
    }

    fn place(&mut self, path: &str, staged: &Path) -> Result<(), Cause> {
        let target = path.split('/').fold(self.root.clone(), |target, part| target.join(part));
        let placed = self.place_at(&target, staged);
        if placed.is_err() {
            // Whatever remains of it goes with the staging folder.
            let _ = fs::remove_file(staged);
        }
        placed
    }

    fn place_at(&mut self, target: &Path, staged: &Path) -> Result<(), Cause> {
        let parent = target.parent().unwrap_or(&self.root);
        if parent != self.made {
            fs::create_dir_all(parent).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => Cause::TargetExists,
                _ => Cause::IoError,
            })?;
            if self.is_protected(parent) {
                return Err(Cause::TargetExists);
            }
            self.made = parent.to_path_buf();
        }
        match rename_new(staged, target) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(_) => return Err(Cause::IoError),
        }
        if same_bytes(staged, target).unwrap_or(false) {
            // It goes with the staging folder if not now.
            let _ = fs::remove_file(staged);
            return Ok(());
        }
        if !self.overwrite || target.is_dir() || self.is_protected(target) {
            return Err(Cause::TargetExists);
        }
        fs::rename(staged, target).map_err(|_| Cause::IoError)
    }

    /// What a dry run can tell: it has no bytes to compare.
    fn would_place(&self, path: &str, bytes: u64) -> Result<(), Cause> {
        let target = path.split('/').fold(self.root.clone(), |target, part| target.join(part));
        match fs::metadata(&target) {
            Ok(facts) if facts.is_dir() => Err(Cause::TargetExists),
            Ok(facts) if facts.len() != bytes && (!self.overwrite || self.is_protected(&target)) => {
                Err(Cause::TargetExists)
            }
            _ => Ok(()),
        }
    }

    fn is_protected(&self, target: &Path) -> bool {
        self.protected.as_ref().is_some_and(|protected| {
            fs::canonicalize(target).is_ok_and(|target| target.starts_with(protected))
        })
    }
}

/// An output archive under its staged name.
pub(crate) struct Archive {
    /// None once it is finished, and in a dry run.
    writer: Option<ArchiveWriter>,
    staged: PathBuf,
    members: u64,
}

impl Archive {
    /// Begin an archive in this staged file.
    pub(crate) fn create(kind: ArchiveKind, staged: PathBuf) -> io::Result<Self> {
        let writer = ArchiveWriter::create(kind, File::create_new(&staged)?)?;
        Ok(Self { writer: Some(writer), staged, members: 0 })
    }

    /// An archive that takes everything and writes nothing.
    pub(crate) fn dry() -> Self {
        Self { writer: None, staged: PathBuf::new(), members: 0 }
    }

    /// Add a member.
    pub(crate) fn append(&mut self, path: &str, data: &mut dyn io::Read, bytes: u64) -> io::Result<()> {
        self.members += 1;
        match &mut self.writer {
            Some(writer) => writer.append(path, data, bytes),
            None => Ok(()),
        }
    }

    /// End the archive; its staged path, or none if there is nothing in it.
    pub(crate) fn finish(&mut self) -> io::Result<Option<&Path>> {
        let Some(writer) = self.writer.take().filter(|_| self.members > 0) else { return Ok(None) };
        writer.finish()?;
        Ok(Some(&self.staged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_target_is_left_and_another_is_a_cause() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("out");
        let staged = dir.path().join("staged");
        let place = |overwrite, protected, path: &str, bytes: &str| {
            fs::write(&staged, bytes).unwrap();
            let placed = Folder::new(root.clone(), overwrite, protected).place(path, &staged);
            assert!(!staged.exists());
            placed
        };
        assert_eq!(place(false, None, "a/b", "1"), Ok(()));
        assert_eq!(place(false, None, "a/b", "1"), Ok(()));
        assert_eq!(place(false, None, "a/b", "2"), Err(Cause::TargetExists));
        assert_eq!(fs::read(root.join("a/b")).unwrap(), b"1");
        assert_eq!(place(false, None, "a/b/c", "2"), Err(Cause::TargetExists), "b is no folder");
        assert_eq!(place(true, None, "a", "2"), Err(Cause::TargetExists), "a is no file");
        let protected = fs::canonicalize(root.join("a/b")).unwrap();
        assert_eq!(place(true, Some(protected), "a/b", "2"), Err(Cause::TargetExists));
        assert_eq!(place(true, None, "a/b", "2"), Ok(()));
        assert_eq!(fs::read(root.join("a/b")).unwrap(), b"2");
    }
}
