//! A folder to compare: the one that was named, or an archive's content in a private one.

use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use deid_io::archive::{self, ArchiveError, Limits, MemberKind, Sniffed};
use tempfile::TempDir;

use crate::convert::private_folder;

/// Where the files of one side are.
#[derive(Debug)]
pub(crate) enum Root {
    /// Where the user has them.
    There(PathBuf),
    /// In a folder that is removed with this value.
    Unpacked(TempDir),
}

impl Root {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Root::There(path) => path,
            Root::Unpacked(folder) => folder.path(),
        }
    }

    /// Unpacks `path` if it is an archive.
    pub(crate) fn of(path: &Path, go_on: &dyn Fn() -> bool) -> Result<Self, ArchiveError> {
        if path.is_dir() {
            return Ok(Root::There(path.to_path_buf()));
        }
        match archive::sniff(path).map_err(ArchiveError::Io)? {
            Sniffed::Plain => Ok(Root::There(path.to_path_buf())),
            Sniffed::Archive(kind) => {
                let folder = private_folder(None).map_err(ArchiveError::Io)?;
                let mut failed = None;
                archive::read(path, kind, &Limits::default(), &mut |member| {
                    if member.kind == MemberKind::File
                        && let Err(error) = put(folder.path(), &member.path, member.ordinal, member.data)
                    {
                        failed = Some(error);
                    }
                    if failed.is_none() && go_on() {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                })?;
                match failed {
                    // Half an archive compared would find too little.
                    Some(error) => Err(ArchiveError::Io(error)),
                    None => Ok(Root::Unpacked(folder)),
                }
            }
            Sniffed::Compressed(compression) => {
                let folder = private_folder(None).map_err(ArchiveError::Io)?;
                let mut content = archive::open_compressed(path, compression, &Limits::default())
                    .map_err(ArchiveError::Io)?;
                let mut file = File::create_new(folder.path().join("1")).map_err(ArchiveError::Io)?;
                io::copy(&mut content, &mut file).map_err(ArchiveError::Io)?;
                Ok(Root::Unpacked(folder))
            }
        }
    }
}

/// Writes a member. Where its name cannot be had, as where file systems do not tell `a` from `A`, by its number.
fn put(folder: &Path, parts: &[std::ffi::OsString], ordinal: u64, data: &mut dyn io::Read) -> io::Result<()> {
    let path = folder.join(parts.iter().collect::<PathBuf>());
    let parent = path.parent().unwrap_or(folder);
    let created = fs::create_dir_all(parent).and_then(|()| File::create_new(&path));
    let mut file = match created {
        Ok(file) => file,
        Err(_) => File::create_new(folder.join(format!("member-{ordinal}")))?,
    };
    io::copy(data, &mut file).map(|_| ())
}
