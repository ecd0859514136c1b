//! Where a run reads and writes, settled and checked before anything happens.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Job, RunError, RunOptions};
use crate::archive::{self, ArchiveKind, Compression, Sniffed};

/// What the input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InputKind {
    /// A folder.
    Folder,
    /// A single file.
    File,
    /// A single file that is compressed.
    Compressed(Compression),
    /// An archive.
    Archive(ArchiveKind),
}

/// What the output is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputKind {
    /// A folder, which may exist.
    Folder,
    /// A single file.
    File,
    /// An archive.
    Archive(ArchiveKind),
}

/// The places of one run.
#[derive(Debug)]
pub(super) struct Places {
    /// The input without links on the way.
    pub(super) input: PathBuf,
    pub(super) input_kind: InputKind,
    /// The output without links on the way, as far as it exists.
    pub(super) output: PathBuf,
    pub(super) output_kind: OutputKind,
    /// The output as the caller named it, for what is told to them.
    pub(super) output_shown: PathBuf,
    /// Input and output are the same.
    pub(super) in_place: bool,
}

impl Places {
    pub(super) fn settle(job: &Job, options: &RunOptions) -> Result<Self, RunError> {
        let input = match fs::canonicalize(&job.input) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(RunError::InputMissing(job.input.clone()));
            }
            result => result.map_err(RunError::io("reading the input", &job.input))?,
        };
        let input_kind = input_kind(job, &input)?;
        let output =
            resolve(&job.output).map_err(RunError::io("finding the place of the output", &job.output))?;
        let in_place = input == output;
        let output_kind = output_kind(job, options, input_kind, &output, in_place)?;
        if !in_place {
            check_nesting(job, input_kind, &input, output_kind, &output)?;
            // One of another form cannot be the same as the one to be written; else the end tells.
            if let OutputKind::Archive(kind) = output_kind
                && !options.overwrite
                && exists(&output)
                && !(output.is_file()
                    && archive::sniff(&output).is_ok_and(|found| found == Sniffed::Archive(kind)))
            {
                return Err(RunError::OutputExists);
            }
        }
        if let Some(quarantine) = &options.quarantine {
            let place = resolve(quarantine)
                .map_err(|error| RunError::Quarantine { path: quarantine.clone(), error })?;
            let holds = |folder: &Path, inside: &Path| inside.starts_with(folder);
            if [&input, &output].iter().any(|other| holds(other, &place) || holds(&place, other)) {
                return Err(RunError::QuarantinePlace(quarantine.clone()));
            }
            if exists(&place) && !place.is_dir() {
                let error = io::ErrorKind::NotADirectory.into();
                return Err(RunError::Quarantine { path: quarantine.clone(), error });
            }
        }
        if let Some(folder) = &options.report {
            let place =
                resolve(folder).map_err(|error| RunError::ReportPlace { path: folder.clone(), error })?;
            if place.starts_with(&output) || place.starts_with(&input) {
                return Err(RunError::ReportInside(folder.clone()));
            }
        }
        for table in [&options.report_names, &options.crosswalk].into_iter().flatten() {
            let place = resolve(table).map_err(RunError::io("finding the place of a table", table))?;
            if place.starts_with(&output) || place.starts_with(&input) {
                return Err(RunError::TableInside(table.clone()));
            }
            if exists(&place) {
                return Err(RunError::TableExists(table.clone()));
            }
        }
        if let (Some(names), Some(crosswalk)) = (&options.report_names, &options.crosswalk)
            && resolve(names).ok() == resolve(crosswalk).ok()
        {
            return Err(RunError::TableExists(crosswalk.clone()));
        }
        let named = job.output.file_name().is_some();
        let output_shown = if named { job.output.clone() } else { output.clone() };
        Ok(Self { input, input_kind, output, output_kind, output_shown, in_place })
    }

    /// The folder that the output stands in.
    pub(super) fn output_parent(&self) -> &Path {
        self.output.parent().unwrap_or(&self.output)
    }
}

pub(super) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn input_kind(job: &Job, input: &Path) -> Result<InputKind, RunError> {
    let facts = fs::metadata(input).map_err(RunError::io("reading the input", &job.input))?;
    if facts.is_dir() {
        return Ok(InputKind::Folder);
    }
    if !facts.is_file() {
        return Err(RunError::InputSpecial(job.input.clone()));
    }
    Ok(match archive::sniff(input).map_err(RunError::io("reading the input", &job.input))? {
        Sniffed::Archive(kind) => InputKind::Archive(kind),
        Sniffed::Compressed(compression) => InputKind::Compressed(compression),
        Sniffed::Plain => InputKind::File,
    })
}

fn output_kind(
    job: &Job,
    options: &RunOptions,
    input: InputKind,
    output: &Path,
    in_place: bool,
) -> Result<OutputKind, RunError> {
    let facts = fs::metadata(output).ok();
    if facts.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Ok(OutputKind::Folder);
    }
    let by_extension = ArchiveKind::from_extension(output).map(OutputKind::Archive);
    if in_place {
        return Ok(match input {
            InputKind::Archive(kind) => by_extension.unwrap_or(OutputKind::Archive(kind)),
            _ => by_extension.unwrap_or(OutputKind::File),
        });
    }
    if let Some(archive) = by_extension {
        return Ok(archive);
    }
    let single =
        matches!(input, InputKind::File | InputKind::Compressed(_)) && options.profile.layout.is_none();
    let slash = job.output.as_os_str().as_encoded_bytes().last().is_some_and(|last| matches!(last, b'/'));
    if single && !options.cati && !slash {
        if output.file_name().is_some_and(|name| name.to_str().is_none()) {
            let error = io::Error::new(io::ErrorKind::InvalidFilename, "the name is not UTF-8");
            return Err(RunError::io("finding the place of the output", &job.output)(error));
        }
        return Ok(OutputKind::File);
    }
    if facts.is_some() {
        return Err(RunError::OutputNotFolder(job.output.clone()));
    }
    Ok(OutputKind::Folder)
}

fn check_nesting(
    job: &Job,
    input_kind: InputKind,
    input: &Path,
    output_kind: OutputKind,
    output: &Path,
) -> Result<(), RunError> {
    if input_kind == InputKind::Folder {
        if output.starts_with(input) {
            return Err(RunError::OutputInsideInput);
        }
        // Originals would lie among what is to be handed on, and could be overwritten.
        if output_kind == OutputKind::Folder && input.starts_with(output) {
            return Err(RunError::InputInsideOutput(job.output.clone()));
        }
    }
    Ok(())
}

/// The path without links and dots, as far as it exists; the rest is appended.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut rest: Vec<&OsStr> = Vec::new();
    let mut existing = path.as_path();
    loop {
        match fs::canonicalize(existing) {
            Ok(found) => return Ok(rest.iter().rev().fold(found, |path, part| path.join(part))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        match (existing.components().next_back(), existing.parent()) {
            (Some(Component::Normal(name)), Some(parent)) => {
                rest.push(name);
                existing = parent;
            }
            // `..` behind something that does not exist leads nowhere.
            _ => return Err(io::ErrorKind::NotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_resolved_as_far_as_it_exists() {
        let dir = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir(real.join("a")).unwrap();
        assert_eq!(resolve(&dir.path().join("a/../a/b/c")).unwrap(), real.join("a/b/c"));
        assert!(resolve(&dir.path().join("x/../a")).is_err());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("a", real.join("link")).unwrap();
            assert_eq!(resolve(&dir.path().join("link/b")).unwrap(), real.join("a/b"));
        }
    }
}
