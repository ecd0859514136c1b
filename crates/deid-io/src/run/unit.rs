//! The units of an input: files, or members of an archive.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use deid_core::Cause;

use super::listed::Listed;
use super::place::{InputKind, Places};
use crate::archive::{self, ArchiveError, Bomb, Limits, Member, MemberKind, Refusal};
use crate::blob::{Blob, TooLarge};
use crate::files::error_id;
use crate::output::NotWritten;

/// A unit of up to so many bytes is held in memory whole; of a larger one, what is asked for.
pub(super) const SMALL: usize = 1 << 20;

/// What a file holds while it is under way, its result in memory: many files are of such a length.
const USUAL: u64 = 256 << 10;

/// One unit of the input.
#[derive(Debug)]
pub(super) struct Unit {
    /// Its place in the input, from 1.
    pub(super) ordinal: u64,
    /// The parts of its path below the input; none for a member that was refused.
    pub(super) parts: Vec<OsString>,
    /// Where its bytes are.
    pub(super) content: Content,
}

/// Where the bytes of a unit are.
#[derive(Debug)]
pub(super) enum Content {
    /// In a file.
    File(PathBuf),
    /// Read already.
    Blob(Blob),
    /// There is nothing to read.
    Failed(NotWritten),
}

impl Unit {
    /// The path below the input as text. A part that is no UTF-8 is taken for Latin-1, as old scanners and
    /// archives have it, so that a name with an accent is found in it.
    pub(super) fn parts(&self) -> Vec<String> {
        let text = |part: &OsString| match part.to_str() {
            Some(text) => text.to_owned(),
            None => part.as_encoded_bytes().iter().map(|byte| char::from(*byte)).collect(),
        };
        self.parts.iter().map(text).collect()
    }

    /// Bytes of memory it holds while it is under way.
    pub(super) fn held(&self) -> u64 {
        match &self.content {
            Content::Blob(Blob::Memory(bytes)) => bytes.len() as u64,
            Content::File(_) => USUAL,
            _ => 0,
        }
    }
}

/// An input whose units can be gone through, more than once.
#[derive(Debug)]
pub(super) enum Units {
    /// Files, listed once so that each phase sees the same ones.
    Files(Listed),
    /// A single file under compression, and its name without.
    Compressed(PathBuf, archive::Compression, OsString),
    /// Members of an archive.
    Archive(PathBuf, archive::ArchiveKind),
}

impl Units {
    /// What the input consists of; for files, nothing of it before [`Units::list`] runs.
    pub(super) fn new(places: &Places) -> Self {
        match places.input_kind {
            InputKind::Folder | InputKind::File => Self::Files(Listed::new(&places.input)),
            InputKind::Compressed(compression) => {
                let name = uncompressed_name(&places.input);
                Self::Compressed(places.input.clone(), compression, name)
            }
            InputKind::Archive(kind) => Self::Archive(places.input.clone(), kind),
        }
    }

    /// List the files, on a thread that has nothing else to do.
    pub(super) fn list(&self) {
        if let Self::Files(listed) = self {
            listed.fill();
        }
    }

    /// List no further.
    pub(super) fn give_up(&self) {
        if let Self::Files(listed) = self {
            listed.give_up();
        }
    }

    /// Number and bytes of the units, zeros where they are not known before they are read; none if they may be soon.
    pub(super) fn totals(&self) -> Option<(u64, u64)> {
        match self {
            Self::Files(listed) => listed.totals(),
            Self::Compressed(..) => Some((1, 0)),
            Self::Archive(..) => Some((0, 0)),
        }
    }

    /// Whether all names are known and hold nothing that could identify anybody.
    pub(super) fn names_are_generic(&self) -> bool {
        match self {
            Self::Files(listed) => listed.names_are_generic(),
            Self::Compressed(_, _, name) => name.to_str().is_some_and(crate::names::is_generic),
            Self::Archive(..) => false,
        }
    }

    /// Hand the units to `each` in their order. `spill` is where large members are put for the time.
    pub(super) fn go_through(
        &self,
        limits: &Limits,
        spill: &Path,
        each: &mut dyn FnMut(Unit) -> ControlFlow<()>,
    ) -> Result<(), ArchiveError> {
        match self {
            Self::Files(listed) => {
                for (index, (relative, found)) in (0..).map_while(|index| Some((index, listed.entry(index)?)))
                {
                    let content = match found {
                        Ok(()) => Content::File(listed.path(&relative)),
                        Err(why) => Content::Failed(why),
                    };
                    let parts = relative.iter().map(OsString::from).collect();
                    if each(Unit { ordinal: index as u64 + 1, parts, content }).is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Self::Compressed(path, compression, name) => {
                let blob = archive::open_compressed(path, *compression, limits)
                    .and_then(|reader| Blob::spool(reader, SMALL, limits.max_member_bytes, spill));
                let content = match blob {
                    Ok(blob) => Content::Blob(blob),
                    Err(error) => match bomb(&error, limits) {
                        Some(bomb) => return Err(ArchiveError::Bomb { members: 0, bomb }),
                        None => Content::Failed(damage(&error)),
                    },
                };
                let _ = each(Unit { ordinal: 1, parts: vec![name.clone()], content });
                Ok(())
            }
            Self::Archive(path, kind) => {
                archive::read(path, *kind, limits, &mut |member| each(unit_of(member, limits, spill)))
            }
        }
    }
}

fn unit_of(member: Member<'_>, limits: &Limits, spill: &Path) -> Unit {
    let content = match member.kind {
        MemberKind::Refused(refusal) => Content::Failed(refused(refusal)),
        MemberKind::File => match Blob::spool(member.data, SMALL, limits.max_member_bytes, spill) {
            Ok(blob) => Content::Blob(blob),
            Err(error) if is_too_large(&error) => Content::Failed(refused(Refusal::TooLarge)),
            Err(error) => Content::Failed(damage(&error)),
        },
    };
    Unit { ordinal: member.ordinal, parts: member.path, content }
}

fn refused(refusal: Refusal) -> NotWritten {
    NotWritten { cause: Cause::RefusedMember, remark: Some(refusal.id()) }
}

fn is_too_large(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<TooLarge>()).is_some()
}

/// Whether a single compressed file was given up because of what comes out of it.
fn bomb(error: &io::Error, limits: &Limits) -> Option<Bomb> {
    if is_too_large(error) {
        return Some(Bomb::Total(limits.max_member_bytes));
    }
    error.get_ref().and_then(|inner| inner.downcast_ref::<Bomb>()).copied()
}

/// What an error of reading says: that of the system, or of the compressed bytes.
fn damage(error: &io::Error) -> NotWritten {
    if error.raw_os_error().is_none() {
        return Cause::Faulty.into();
    }
    NotWritten { cause: Cause::IoError, remark: Some(error_id(error)) }
}

/// `x.dcm` for `x.dcm.gz`.
fn uncompressed_name(path: &Path) -> OsString {
    let compressed = path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| {
        ["gz", "z", "bz2", "xz", "zst"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    });
    let name = if compressed { path.file_stem() } else { path.file_name() };
    name.unwrap_or_default().to_owned()
}
