//! Archives for CATI's module `archive`: safe to unpack, the same whenever they are packed.

use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use deid_io::archive::{self, ArchiveError, ArchiveKind, ArchiveWriter, Limits, MemberKind, Sniffed};
use pyo3::prelude::*;

use crate::errors;

/// `zip`, or `tar`, or nothing: what the content of a file shows it to be.
#[pyfunction]
pub(crate) fn archive_kind(path: PathBuf) -> PyResult<Option<&'static str>> {
    Ok(match archive::sniff(&path)? {
        Sniffed::Archive(ArchiveKind::Zip) => Some("zip"),
        Sniffed::Archive(_) => Some("tar"),
        _ => None,
    })
}

/// Extracts the members of an archive, or its first file, and says which files were made. Links, and names that would
/// leave the folder, are passed over.
#[pyfunction]
#[pyo3(signature = (path, folder, first = false))]
pub(crate) fn unpack(py: Python<'_>, path: PathBuf, folder: PathBuf, first: bool) -> PyResult<Vec<PathBuf>> {
    errors::detached(py, || extract(&path, &folder, first))?
        .map_err(|error| errors::with_kind(py, "ArchiveError", &error, "unpack"))
}

fn extract(path: &Path, folder: &Path, first: bool) -> Result<Vec<PathBuf>, ArchiveError> {
    let Sniffed::Archive(kind) = archive::sniff(path).map_err(ArchiveError::Io)? else {
        return Err(ArchiveError::Unsupported { what: "neither zip nor tar" });
    };
    fs::create_dir_all(folder).map_err(ArchiveError::Io)?;
    let mut made = Vec::new();
    let mut failed = None;
    archive::read(path, kind, &Limits::default(), &mut |member| {
        if member.kind != MemberKind::File {
            return ControlFlow::Continue(());
        }
        let target = folder.join(member.path.iter().collect::<PathBuf>());
        let written = target.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            // A link would be followed to where it leads.
            if target.symlink_metadata().is_ok() {
                fs::remove_file(&target)?;
            }
            let mut file = File::create_new(&target)?;
            io::copy(member.data, &mut file)
        });
        if let Err(error) = written {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        made.push(target);
        if first { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    match failed {
        Some(error) => Err(ArchiveError::Io(error)),
        None => Ok(made),
    }
}

/// Packs files under these names into an archive that is what its extension says, or `kind`.
#[pyfunction]
#[pyo3(signature = (path, members, kind = None))]
pub(crate) fn pack(
    py: Python<'_>,
    path: PathBuf,
    members: Vec<(String, PathBuf)>,
    kind: Option<&str>,
) -> PyResult<()> {
    let kind = match kind {
        Some(word) => ArchiveKind::from_extension(Path::new(&format!("a.{word}"))),
        None => ArchiveKind::from_extension(&path),
    };
    let Some(kind) = kind else {
        return Err(errors::with_kind(py, "ArchiveError", &"no kind of archive that is written", "pack"));
    };
    errors::detached(py, || write(&path, &members, kind))??;
    Ok(())
}

/// A new file beside `path`, of a name that nothing has.
fn part_of(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0_u32;
    loop {
        let mut staged = path.as_os_str().to_owned();
        staged.push(if number == 0 { ".part".to_owned() } else { format!(".part{number}") });
        let staged = PathBuf::from(staged);
        match File::create_new(&staged) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            result => return result.map(|file| (staged, file)),
        }
    }
}

/// Under another name first, so that no half of an archive is taken for one.
fn write(path: &Path, members: &[(String, PathBuf)], kind: ArchiveKind) -> io::Result<()> {
    let (staged, file) = part_of(path)?;
    let pack = || {
        let mut writer = ArchiveWriter::create(kind, file)?;
        for (name, source) in members {
            let mut file = File::open(source)?;
            let length = file.metadata()?.len();
            writer.append(name, &mut file, length)?;
        }
        writer.finish()?;
        fs::rename(&staged, path)
    };
    let written = pack();
    if written.is_err() {
        // Nothing more can be done about it.
        let _ = fs::remove_file(&staged);
    }
    written
}
