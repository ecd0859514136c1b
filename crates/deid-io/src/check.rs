//! Whether a file, a folder or an archive is de-identified already: [`deid_core::Check`] for each of its units.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use deid_core::{Check, Engine};

use crate::archive::{self, ArchiveError, Limits, MemberKind, Sniffed};
use crate::listing::{EntryKind, Listing};
use crate::source::FileSource;

/// What was found out about one unit.
#[derive(Debug)]
pub struct Checked {
    /// Its path: below the folder, within the archive, or the name of the file. May identify somebody.
    pub path: PathBuf,
    /// What of it is still to be de-identified; `None` if it is no DICOM file or cannot be read.
    pub check: Option<Check>,
}

/// Checks one unit after the other until `visit` has enough.
pub fn check(
    path: &Path,
    engine: &Engine,
    limits: &Limits,
    visit: &mut dyn FnMut(Checked) -> ControlFlow<()>,
) -> Result<(), ArchiveError> {
    if path.is_file()
        && let Sniffed::Archive(kind) = archive::sniff(path).map_err(ArchiveError::Io)?
    {
        return archive::read(path, kind, limits, &mut |member| {
            let relative: PathBuf = match member.kind {
                MemberKind::File => member.path.iter().collect(),
                MemberKind::Refused(_) => String::from_utf8_lossy(member.raw_name).into_owned().into(),
            };
            let check = match member.kind {
                MemberKind::File => of_member(engine, member.data).unwrap_or(None),
                MemberKind::Refused(_) => None,
            };
            visit(Checked { path: relative, check })
        });
    }
    for entry in Listing::new(path) {
        let check = match entry.kind {
            EntryKind::File => of_file(engine, &entry.path).unwrap_or(None),
            EntryKind::Error(error) if entry.relative.as_os_str().is_empty() => {
                return Err(ArchiveError::Io(error));
            }
            _ => None,
        };
        if visit(Checked { path: entry.relative, check }).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

fn of_file(engine: &Engine, path: &Path) -> io::Result<Option<Check>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut source = FileSource::new(&file, size);
    let check = engine.check(&mut source);
    match source.error() {
        Some(_) => Ok(None),
        None => Ok(check),
    }
}

fn of_member(engine: &Engine, data: &mut dyn Read) -> io::Result<Option<Check>> {
    let mut bytes = Vec::new();
    data.read_to_end(&mut bytes)?;
    Ok(engine.check(&mut &bytes[..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_core::{Key, Settings};

    #[test]
    fn what_is_no_dicom_is_not_judged() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("a")).unwrap();
        std::fs::write(dir.path().join("a/b.txt"), "text").unwrap();
        let engine = Engine::new(Settings {
            profile: deid_profile::built_in("default").unwrap(),
            key: Key::from_bytes([0; 32]),
            subject: None,
            subjects: None,
            forced: Vec::new(),
            inflate_limit: 0,
        })
        .unwrap();
        let mut found = Vec::new();
        let mut visit = |checked: Checked| {
            found.push((checked.path, checked.check));
            ControlFlow::Continue(())
        };
        check(dir.path(), &engine, &Limits::default(), &mut visit).unwrap();
        assert_eq!(found, [(PathBuf::from("a/b.txt"), None)]);
        let absent = dir.path().join("absent");
        assert!(check(&absent, &engine, &Limits::default(), &mut |_| ControlFlow::Continue(())).is_err());
    }
}
