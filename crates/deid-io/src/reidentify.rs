//! The way back for files and folders: the originals that were sealed into de-identified files, put in their places.
//!
//! What comes out identifies people: files get mode 0600 and folders 0700, no file is replaced, and none appears under
//! its name before it is whole. Names stay those of the de-identified files. Archives are not read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use deid_core::{Body, Open, Reidentified, ReidentifyError};
use deid_dicom::Piece;

use crate::files::{copy_range, create_private, create_private_dir_all, error_id, rename_new};
use crate::listing::{EntryKind, Listing};
use crate::run::{INFLATE_LIMIT, RunError, resolve};
use crate::source::FileSource;
use crate::staging::Staging;

/// Why a file is not in the output. Holds no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRestored {
    /// The originals could not be put in their places.
    Originals(ReidentifyError),
    /// There is a file of that name in the output.
    Exists,
    /// It is a link that leads to no file, or no regular file.
    NoFile,
    /// Reading or writing failed: the word for it.
    Io(&'static str),
}

impl NotRestored {
    /// Whether it is left out without loss: it is no DICOM file.
    pub const fn is_skipped(self) -> bool {
        matches!(self, NotRestored::Originals(ReidentifyError::NotDicom) | NotRestored::NoFile)
    }
}

impl NotRestored {
    /// Whether it is a file that this software wrote, whose name was cleaned: any other may be named after somebody.
    pub const fn is_known_file(self) -> bool {
        matches!(
            self,
            NotRestored::Exists
                | NotRestored::Originals(
                    ReidentifyError::NotARecipient | ReidentifyError::Damaged | ReidentifyError::EditFailed
                )
        )
    }
}

impl std::fmt::Display for NotRestored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotRestored::Originals(error) => error.fmt(f),
            NotRestored::Exists => f.write_str("there is a file of that name in the output"),
            NotRestored::NoFile => f.write_str("it is no regular file"),
            NotRestored::Io(word) => write!(f, "reading or writing failed ({word})"),
        }
    }
}

impl From<io::Error> for NotRestored {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => NotRestored::Exists,
            _ => NotRestored::Io(error_id(&error)),
        }
    }
}

/// What came of it: `read = restored + failed + skipped`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restoration {
    /// Files of the input.
    pub read: u64,
    /// Written with their originals.
    pub restored: u64,
    /// Not written, though they are DICOM or could not be read.
    pub failed: u64,
    /// Not DICOM.
    pub skipped: u64,
    /// Restored files in which attributes are still as the de-identification left them.
    pub partly: u64,
    /// The number of these attributes: they were too large to be sealed.
    pub left_out: u64,
}

/// Puts the originals of a file, or of all files in a folder, in their places.
///
/// The output of a single file is a file, unless it is a folder that exists. `tell` gets the ordinal and the path below
/// the input of each file that was not restored, and why.
pub fn reidentify(
    input: &Path,
    output: &Path,
    opener: &dyn Open,
    tell: &mut dyn FnMut(u64, &Path, NotRestored),
) -> Result<Restoration, RunError> {
    reidentify_until(input, output, opener, tell, &|| false)
}

/// The same; before each file it asks whether the user gave up. What was restored until then stays.
pub fn reidentify_until(
    input: &Path,
    output: &Path,
    opener: &dyn Open,
    tell: &mut dyn FnMut(u64, &Path, NotRestored),
    given_up: &dyn Fn() -> bool,
) -> Result<Restoration, RunError> {
    let real_input = match fs::canonicalize(input) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(RunError::InputMissing(input.to_path_buf()));
        }
        result => result.map_err(RunError::io("reading the input", input))?,
    };
    let real_output = resolve(output).map_err(RunError::io("finding the place of the output", output))?;
    let folder = real_input.is_dir();
    if !folder && !real_input.is_file() {
        return Err(RunError::InputSpecial(input.to_path_buf()));
    }
    if real_output.starts_with(&real_input) {
        return Err(RunError::OutputInsideInput);
    }
    if folder && real_input.starts_with(&real_output) {
        return Err(RunError::InputInsideOutput(output.to_path_buf()));
    }
    if folder && fs::symlink_metadata(&real_output).is_ok() && !real_output.is_dir() {
        return Err(RunError::OutputNotFolder(output.to_path_buf()));
    }
    let into_folder = folder || real_output.is_dir();
    let place =
        if into_folder { real_output.as_path() } else { real_output.parent().unwrap_or(&real_output) };
    let cannot = RunError::io("making the output", output);
    create_private_dir_all(place).map_err(&cannot)?;
    let staging = Staging::create(place).map_err(&cannot)?;
    let mut result = Restoration::default();
    for entry in Listing::new(&real_input) {
        if given_up() {
            return Err(RunError::Cancelled);
        }
        result.read += 1;
        let target = if into_folder { real_output.join(&entry.relative) } else { real_output.clone() };
        let restored = match entry.kind {
            EntryKind::File => restore(&entry.path, &target, &staging, opener),
            EntryKind::Link | EntryKind::Special => Err(NotRestored::NoFile),
            EntryKind::Error(error) => Err(NotRestored::Io(error_id(&error))),
        };
        match restored {
            Ok(left_out) => {
                result.restored += 1;
                result.partly += u64::from(left_out > 0);
                result.left_out += left_out as u64;
            }
            Err(why) => {
                let number = if why.is_skipped() { &mut result.skipped } else { &mut result.failed };
                *number += 1;
                tell(result.read, &entry.relative, why);
            }
        }
    }
    Ok(result)
}

/// Restores one file; how many attributes were left out.
fn restore(path: &Path, target: &Path, staging: &Staging, opener: &dyn Open) -> Result<usize, NotRestored> {
    if fs::symlink_metadata(target).is_ok() {
        return Err(NotRestored::Exists);
    }
    let input = File::open(path)?;
    let size = input.metadata()?.len();
    let mut source = FileSource::new(&input, size);
    let done = deid_core::reidentify(&mut source, opener, INFLATE_LIMIT);
    if let Some(error) = source.error() {
        return Err(NotRestored::Io(error_id(error)));
    }
    let done = done.map_err(NotRestored::Originals)?;
    let staged = staging.join("restored");
    let written = write(&staged, &done, &input).and_then(|()| {
        if let Some(parent) = target.parent() {
            create_private_dir_all(parent)?;
        }
        rename_new(&staged, target)
    });
    if let Err(error) = written {
        // Whatever remains of it goes with the staging folder.
        let _ = fs::remove_file(&staged);
        return Err(error.into());
    }
    Ok(done.left_out)
}

fn write(path: &Path, done: &Reidentified, input: &File) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(&done.head)?;
    match &done.body {
        Body::None => {}
        Body::Bytes(bytes) => file.write_all(bytes)?,
        Body::Pieces(spliced) => {
            for piece in &spliced.pieces {
                match *piece {
                    Piece::New { start, end } => file.write_all(&spliced.new[start..end])?,
                    Piece::Copy { start, end } => copy_range(input, &mut file, start, end - start)?,
                }
            }
        }
    }
    let expected = done.head.len() as u64 + done.body.size();
    if file.metadata()?.len() == expected { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}
