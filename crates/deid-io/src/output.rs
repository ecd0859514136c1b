//! Where results get their names: a folder, an archive, or nowhere in a dry run.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use deid_core::{Body, Cause};

use crate::archive::{ArchiveKind, ArchiveWriter};
use crate::files::{Unless, error_id, rename_new, same_bytes};

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotWritten {
    pub(crate) cause: Cause,
    /// More about it, `like_this`.
    pub(crate) remark: Option<&'static str>,
}

impl From<Cause> for NotWritten {
    fn from(cause: Cause) -> Self {
        Self { cause, remark: None }
    }
}

impl From<io::Error> for NotWritten {
    fn from(error: io::Error) -> Self {
        Self { cause: Cause::IoError, remark: Some(error_id(&error)) }
    }
}

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
    /// A dry run: what it would be made of, to be compared with what is there.
    Planned(Planned),
}

/// What a file would be made of, besides its original.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) head: Vec<u8>,
    pub(crate) body: Body,
}

/// Takes results in the order of the input.
pub(crate) enum Output {
    /// Files in a folder.
    Folder(Folder),
    /// Members of an archive.
    Archive(Archive),
}

impl Output {
    /// Give a result its name; a cause if that cannot be. An error ends the run. `same` tells in a dry run
    /// whether what is planned is what stands in a file.
    pub(crate) fn place(
        &mut self,
        path: &str,
        product: Product,
        given_up: &dyn Fn() -> bool,
        same: impl FnOnce(&Planned, &Path) -> io::Result<bool>,
    ) -> io::Result<Result<(), NotWritten>> {
        match (self, product.place) {
            (Self::Folder(folder), ProductPlace::Staged(staged)) => Ok(folder.place(path, &staged)),
            (Self::Folder(folder), ProductPlace::Planned(planned)) => {
                Ok(folder.would_place(path, product.bytes, |target| same(&planned, target)))
            }
            (Self::Folder(folder), _) => Ok(folder.would_place(path, product.bytes, |_| Ok(false))),
            (Self::Archive(_), ProductPlace::Nowhere | ProductPlace::Planned(_)) => Ok(Ok(())),
            (Self::Archive(archive), ProductPlace::Memory(bytes)) => {
                archive.append(path, &mut &bytes[..], product.bytes).map(Ok)
            }
            (Self::Archive(archive), ProductPlace::Staged(staged)) => {
                let mut data = Unless { inner: File::open(&staged)?, given_up };
                archive.append(path, &mut data, product.bytes)?;
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

    fn place(&mut self, path: &str, staged: &Path) -> Result<(), NotWritten> {
        let target = self.target(path);
        let placed = self.place_at(&target, staged);
        if placed.is_err() {
            // Whatever remains of it goes with the staging folder.
            let _ = fs::remove_file(staged);
        }
        placed
    }

    fn target(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.root.clone(), |target, part| target.join(part))
    }

    fn place_at(&mut self, target: &Path, staged: &Path) -> Result<(), NotWritten> {
        let parent = target.parent().unwrap_or(&self.root);
        if parent != self.made {
            fs::create_dir_all(parent).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => Cause::TargetExists.into(),
                _ => NotWritten::from(error),
            })?;
            if self.is_protected(parent) {
                return Err(Cause::TargetExists.into());
            }
            self.made = parent.to_path_buf();
        }
        match rename_new(staged, target) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        if same_bytes(staged, target).unwrap_or(false) {
            // It goes with the staging folder if not now.
            let _ = fs::remove_file(staged);
            return Ok(());
        }
        if !self.overwrite || target.is_dir() || self.is_protected(target) {
            return Err(Cause::TargetExists.into());
        }
        Ok(fs::rename(staged, target)?)
    }

    /// What a dry run can tell.
    fn would_place(
        &self,
        path: &str,
        bytes: u64,
        same: impl FnOnce(&Path) -> io::Result<bool>,
    ) -> Result<(), NotWritten> {
        let target = self.target(path);
        let nearest = target.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok());
        if nearest.is_some_and(|folder| !folder.is_dir() || self.is_protected(folder)) {
            return Err(Cause::TargetExists.into());
        }
        if target.symlink_metadata().is_err() {
            return Ok(());
        }
        let replaceable = self.overwrite && !target.is_dir() && !self.is_protected(&target);
        let same_length = fs::metadata(&target).is_ok_and(|facts| facts.is_file() && facts.len() == bytes);
        if replaceable || (same_length && same(&target).unwrap_or(false)) {
            return Ok(());
        }
        Err(Cause::TargetExists.into())
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
    /// Begin an archive in this staged file, with so many threads that compress.
    pub(crate) fn create(kind: ArchiveKind, staged: PathBuf, threads: usize) -> io::Result<Self> {
        let writer = ArchiveWriter::with_threads(kind, File::create_new(&staged)?, threads)?;
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
        let exists = Err(Cause::TargetExists.into());
        assert_eq!(place(false, None, "a/b", "1"), Ok(()));
        assert_eq!(place(false, None, "a/b", "1"), Ok(()));
        assert_eq!(place(false, None, "a/b", "2"), exists);
        assert_eq!(fs::read(root.join("a/b")).unwrap(), b"1");
        assert_eq!(place(false, None, "a/b/c", "2"), exists, "b is no folder");
        assert_eq!(place(true, None, "a", "2"), exists, "a is no file");
        let protected = fs::canonicalize(root.join("a/b")).unwrap();
        assert_eq!(place(true, Some(protected), "a/b", "2"), exists);
        assert_eq!(place(true, None, "a/b", "2"), Ok(()));
        assert_eq!(fs::read(root.join("a/b")).unwrap(), b"2");
    }
}
