//! `deidentification diff A B`: what differs between two files, values included.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::arguments::DiffArguments;
use crate::diff::{compare, table};
use crate::exit::{Exit, Failure};
use crate::speech::{say, tell};
use crate::view::{View, view};

pub(crate) fn run(arguments: &DiffArguments) -> Result<Exit, Failure> {
    let (first, second) = arguments.files();
    let (old, new) = (read(first)?, read(second)?);
    let damaged = tell_damage(first, &old) | tell_damage(second, &new);
    let differences = compare(&old.elements, &new.elements);
    let table = table(&differences);
    match &arguments.output {
        None => say(table.trim_end())?,
        Some(output) => {
            write(output, &table)
                .map_err(|error| Failure::nothing_done(format!("{}: {error}", output.display())))?;
            tell(&format!("{} differences in {}", differences.len(), output.display()));
        }
    }
    Ok(if damaged { Exit::Some } else { Exit::Done })
}

/// Says it if the file cannot be read to its last byte, so that not all of it was compared.
fn tell_damage(path: &Path, view: &View) -> bool {
    let Some(fault) = view.faults.refusal() else { return false };
    let kind = fault.kind;
    tell(&format!(
        "warning: {} is damaged, and compared as far as it can be read: {kind}: {}",
        path.display(),
        kind.description()
    ));
    true
}

fn read(path: &Path) -> Result<View, Failure> {
    let failure =
        |error: &dyn std::fmt::Display| Failure::nothing_done(format!("{}: {error}", path.display()));
    if path.is_dir() {
        return Err(failure(&"a folder").hint("diff compares two DICOM files"));
    }
    let bytes = fs::read(path).map_err(|error| failure(&error))?;
    view(&bytes).map_err(|error| failure(&error))
}

/// Writes the table so that only the user can read it: it shows what was taken out. A file that is there stays.
fn write(output: &Path, table: &str) -> io::Result<()> {
    create(output)?.write_all(table.as_bytes())
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    File::create_new(path)
}
