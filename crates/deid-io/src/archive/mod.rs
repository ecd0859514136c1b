//! Archives of scans: zip, and tar plain or compressed.
//!
//! [`sniff`] tells by its content what a file is, [`read`] hands the members of an archive one after the
//! other to a visitor, and [`ArchiveWriter`] writes one that is the same whenever it is written. Nothing is
//! extracted to disk here and no path of a member is ever opened.
//!
//! Archives come from strangers. A member whose name could leave the output folder, that is not a file, or
//! that cannot be decoded is passed to the visitor as [`MemberKind::Refused`], so that it is counted and
//! reported like the others. Only a fault that concerns the whole archive ends the reading, with an
//! [`ArchiveError`]; the members visited before it remain valid. Errors tell members by ordinal: their names
//! may identify patients.

mod asides;
mod blocks;
mod compression;
mod limits;
mod name;
mod tar;
mod write;
mod zip;

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

pub use asides::{Aside, asides};
pub use compression::{CompressedFile, Compression, open_compressed};
pub use limits::{Bomb, Limits};
pub use write::ArchiveWriter;

pub(crate) use asides::of_gzip;
use limits::{Guard, Guarded};

/// A form of archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArchiveKind {
    /// Zip.
    Zip,
    /// Tar, not compressed.
    Tar,
    /// Tar compressed with gzip.
    TarGz,
    /// Tar compressed with bzip2.
    TarBz2,
    /// Tar compressed with xz.
    TarXz,
    /// Tar compressed with zstd.
    TarZst,
}

impl ArchiveKind {
    /// The archive that the name of an *output* asks for. A single compressed file is never an output, so
    /// `.gz` alone means a tar as `.tar.gz` does. What an input is, [`sniff`] tells.
    pub fn from_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "zip" => Some(Self::Zip),
            "tar" => Some(Self::Tar),
            "gz" | "tgz" => Some(Self::TarGz),
            "bz2" | "tbz2" => Some(Self::TarBz2),
            "xz" | "txz" => Some(Self::TarXz),
            "zst" | "tzst" => Some(Self::TarZst),
            _ => None,
        }
    }

    /// How the tar is compressed, if it is.
    fn compression(self) -> Option<Compression> {
        match self {
            Self::Zip | Self::Tar => None,
            Self::TarGz => Some(Compression::Gzip),
            Self::TarBz2 => Some(Compression::Bzip2),
            Self::TarXz => Some(Compression::Xz),
            Self::TarZst => Some(Compression::Zstd),
        }
    }
}

/// What the content of a file shows it to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniffed {
    /// An archive.
    Archive(ArchiveKind),
    /// One compressed file that holds no tar.
    Compressed(Compression),
    /// Anything else, DICOM among it.
    Plain,
}

/// Tell by its content what the file at `path` is; its name plays no part.
pub fn sniff(path: &Path) -> io::Result<Sniffed> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    (&mut file).take(BLOCK as u64).read_to_end(&mut head)?;
    let rest = BufReader::new(head.as_slice().chain(file));
    sniff_stream(&head, rest)
}

/// Tell what a file is by its beginning. For one compressed with bzip2 that takes a whole block.
pub(crate) fn sniff_bytes(bytes: &[u8]) -> io::Result<Sniffed> {
    sniff_stream(&bytes[..bytes.len().min(BLOCK)], bytes)
}

/// Whether a file that is compressed holds DICOM, by its beginning.
pub(crate) fn is_compressed_dicom(bytes: &[u8]) -> bool {
    Compression::sniff(bytes)
        .is_some_and(|compression| inflate_head(compression, bytes).is_ok_and(|inner| is_dicom(&inner)))
}

/// `head` is the first block of `whole`.
fn sniff_stream(head: &[u8], whole: impl BufRead) -> io::Result<Sniffed> {
    if is_dicom(head) {
        return Ok(Sniffed::Plain);
    }
    if zip::is_zip(head) {
        return Ok(Sniffed::Archive(ArchiveKind::Zip));
    }
    if let Some(compression) = Compression::sniff(head) {
        let inner = inflate_head(compression, whole)?;
        if is_dicom(&inner) || !tar::is_tar(&inner) {
            return Ok(Sniffed::Compressed(compression));
        }
        return Ok(Sniffed::Archive(match compression {
            Compression::Gzip => ArchiveKind::TarGz,
            Compression::Bzip2 => ArchiveKind::TarBz2,
            Compression::Xz => ArchiveKind::TarXz,
            Compression::Zstd => ArchiveKind::TarZst,
        }));
    }
    if tar::is_tar(head) {
        return Ok(Sniffed::Archive(ArchiveKind::Tar));
    }
    Ok(Sniffed::Plain)
}

/// The first block of what is compressed, or what comes out of it before a fault: that is left to whoever
/// reads the file.
fn inflate_head(compression: Compression, stream: impl BufRead) -> io::Result<Vec<u8>> {
    let mut inner = Vec::new();
    let _ = compression::decoder(compression, stream)?.take(BLOCK as u64).read_to_end(&mut inner);
    Ok(inner)
}

/// The unit of a tar, which is also as much as sniffing needs.
const BLOCK: usize = 512;

/// A preamble may hold anything, also what looks like another format; the prefix behind it decides.
fn is_dicom(head: &[u8]) -> bool {
    head.get(128..132) == Some(b"DICM")
}

/// One member of an archive, lent to the visitor of [`read`].
pub struct Member<'a> {
    /// The member's place among those visited, from 1.
    pub ordinal: u64,
    /// The parts of its path below the archive's root: none is empty, `.` or `..`, none holds a `/` or NUL.
    /// Empty for a refused member.
    pub path: Vec<OsString>,
    /// The name as it stands in the archive, safe for nothing but a list of names.
    pub raw_name: &'a [u8],
    /// Whether its content may be used.
    pub kind: MemberKind,
    /// Its content, empty for a refused member. What the visitor leaves unread is passed over. An error here
    /// says that this member is damaged; [`read`] decides whether others can follow.
    pub data: &'a mut dyn Read,
}

impl fmt::Debug for Member<'_> {
    /// The names are left out: they may identify a patient.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("ordinal", &self.ordinal)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Whether a member may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file with a name that is safe below an output folder.
    File,
    /// Something that is only to be counted and reported.
    Refused(Refusal),
}

/// Why a member is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The name begins at the root of a file system.
    AbsolutePath,
    /// The name has a `..` part.
    ParentPath,
    /// The name begins with a drive letter.
    DriveLetter,
    /// The name holds a NUL character.
    NulInName,
    /// There is no name.
    EmptyName,
    /// An earlier member has the same name.
    Duplicate,
    /// A symbolic link.
    SymbolicLink,
    /// A hard link.
    HardLink,
    /// A device, pipe or socket.
    Device,
    /// A directory that claims to have content.
    DirectoryWithContent,
    /// Encrypted content.
    Encrypted,
    /// A zip compression method that we do not read, by its number.
    Method(u16),
    /// A sparse file, whose content stands in the archive in pieces.
    Sparse,
    /// A tar member of a type that we do not know, by its flag.
    UnknownType(u8),
    /// The two headers that a zip has for each member contradict each other.
    HeaderMismatch,
    /// The member is larger than [`Limits::max_member_bytes`].
    TooLarge,
}

impl Refusal {
    /// The word for it in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::AbsolutePath => "absolute_path",
            Self::ParentPath => "parent_path",
            Self::DriveLetter => "drive_letter",
            Self::NulInName => "nul_in_name",
            Self::EmptyName => "empty_name",
            Self::Duplicate => "duplicate",
            Self::SymbolicLink => "symbolic_link",
            Self::HardLink => "hard_link",
            Self::Device => "device",
            Self::DirectoryWithContent => "directory_with_content",
            Self::Encrypted => "encrypted",
            Self::Method(_) => "method",
            Self::Sparse => "sparse",
            Self::UnknownType(_) => "unknown_type",
            Self::HeaderMismatch => "header_mismatch",
            Self::TooLarge => "too_large",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AbsolutePath => "its path is absolute",
            Self::ParentPath => "its path has a .. part",
            Self::DriveLetter => "its path begins with a drive letter",
            Self::NulInName => "its name holds a NUL character",
            Self::EmptyName => "it has no name",
            Self::Duplicate => "an earlier member has the same name",
            Self::SymbolicLink => "it is a symbolic link",
            Self::HardLink => "it is a hard link",
            Self::Device => "it is a device, pipe or socket",
            Self::DirectoryWithContent => "it is a directory with content",
            Self::Encrypted => "it is encrypted",
            Self::Method(method) => {
                return write!(f, "its zip compression method {method} is not supported");
            }
            Self::Sparse => "it is a sparse file",
            Self::UnknownType(flag) => return write!(f, "its tar type {flag:#04x} is not known"),
            Self::HeaderMismatch => "its two zip headers contradict each other",
            Self::TooLarge => "it is larger than allowed",
        })
    }
}

/// Why an archive was not read to its end.
///
/// `members` counts those that came out whole before the fault.
#[derive(Debug)]
pub enum ArchiveError {
    /// The file that holds the archive could not be read.
    Io(io::Error),
    /// The archive ends too early.
    Truncated {
        /// Members that came out whole.
        members: u64,
    },
    /// The archive contradicts its format.
    Corrupt {
        /// Members that came out whole.
        members: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The archive is of a variant that we do not read.
    Unsupported {
        /// Which.
        what: &'static str,
    },
    /// The archive swells beyond its limits.
    Bomb {
        /// Members that came out whole.
        members: u64,
        /// The limit that was passed.
        bomb: Bomb,
    },
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = match self {
            Self::Io(error) => return write!(f, "the archive could not be read: {error}"),
            Self::Unsupported { what } => return write!(f, "the archive is not supported: {what}"),
            Self::Truncated { members } => {
                f.write_str("the archive is truncated")?;
                members
            }
            Self::Corrupt { members, what } => {
                write!(f, "the archive is damaged: {what}")?;
                members
            }
            Self::Bomb { members, bomb } => {
                write!(f, "the archive was given up: {bomb}")?;
                members
            }
        };
        match members {
            1 => f.write_str("; 1 member was read before"),
            n => write!(f, "; {n} members were read before"),
        }
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Who receives the members; [`ControlFlow::Break`] ends the reading, which is no error.
pub type Visitor<'v> = dyn FnMut(Member<'_>) -> ControlFlow<()> + 'v;

/// Hand the members of the archive at `path` to `visit`, in the order in which the archive lists them.
///
/// Directories are passed over. Each other member is visited once, refused or not. `kind` is what [`sniff`]
/// found.
///
/// ```no_run
/// use deid_io::archive::{self, Limits, MemberKind, Sniffed};
/// use std::ops::ControlFlow;
///
/// let path = std::path::Path::new("study.tar.gz");
/// if let Sniffed::Archive(kind) = archive::sniff(path)? {
///     let mut bytes = 0;
///     archive::read(path, kind, &Limits::default(), &mut |member| {
///         if member.kind == MemberKind::File {
///             bytes += std::io::copy(member.data, &mut std::io::sink()).unwrap_or(0);
///         }
///         ControlFlow::Continue(())
///     })?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(
    path: &Path,
    kind: ArchiveKind,
    limits: &Limits,
    visit: &mut Visitor<'_>,
) -> Result<(), ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::Io)?;
    let length = file.metadata().map_err(ArchiveError::Io)?.len();
    let guard = Guard::new(limits, length);
    if kind == ArchiveKind::Zip {
        return zip::read(&file, length, &guard, visit);
    }
    let reader = BufReader::with_capacity(1 << 16, file);
    let stream: Box<dyn Read> = match kind.compression() {
        None => Box::new(reader),
        Some(compression) => compression::decoder(compression, reader).map_err(ArchiveError::Io)?,
    };
    let stream = BufReader::with_capacity(1 << 16, Guarded::new(stream, &guard));
    tar::read(stream, &guard, visit)
}

/// What an error of the bytes beneath an archive means for the archive.
fn fault(error: io::Error, guard: &Guard, members: u64) -> ArchiveError {
    if let Some(bomb) = guard.bomb() {
        ArchiveError::Bomb { members, bomb }
    } else if error.raw_os_error().is_some() {
        ArchiveError::Io(error)
    } else if error.kind() == io::ErrorKind::UnexpectedEof {
        ArchiveError::Truncated { members }
    } else {
        ArchiveError::Corrupt { members, what: "its compressed bytes cannot be decoded" }
    }
}

#[cfg(test)]
mod tests;
