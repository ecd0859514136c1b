//! The bytes of one archive member or one output, held in memory while small and in an unlinked
//! temporary file when large.
//!
//! A temporary file never has a name that outlives a crash, and only its owner may read it: it can hold
//! what identifies a patient. Nothing is allocated by a declared length; a [`Blob`] grows with the bytes
//! that really come.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes that were read whole and can be read again, from any offset.
#[derive(Debug)]
pub enum Blob {
    /// A small one.
    Memory(Vec<u8>),
    /// A large one, in a temporary file without a name.
    File {
        /// The open file; nothing else refers to it.
        file: File,
        /// How many bytes were written to it.
        len: u64,
    },
}

impl Blob {
    /// Read `reader` to its end: up to `threshold` bytes stay in memory, more go to a temporary file in
    /// `dir`.
    ///
    /// More than `limit` bytes are an error of kind [`io::ErrorKind::FileTooLarge`] that holds a
    /// [`TooLarge`]. Errors of `reader` are handed on as they are.
    pub fn spool(mut reader: impl Read, threshold: usize, limit: u64, dir: &Path) -> io::Result<Self> {
        let mut head = Vec::new();
        let in_memory = (threshold as u64).min(limit);
        reader.by_ref().take(in_memory.saturating_add(1)).read_to_end(&mut head)?;
        if head.len() as u64 <= in_memory {
            return Ok(Self::Memory(head));
        }
        if head.len() as u64 > limit {
            return Err(TooLarge { limit }.into());
        }
        let mut file = private_file(dir)?;
        file.write_all(&head)?;
        let mut len = head.len() as u64;
        drop(head);
        len += io::copy(&mut reader.take((limit - len).saturating_add(1)), &mut file)?;
        if len > limit {
            return Err(TooLarge { limit }.into());
        }
        Ok(Self::File { file, len })
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { len, .. } => *len,
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A reader from the start; any number of them can be in use at once.
    pub fn reader(&self) -> BlobReader<'_> {
        BlobReader { blob: self, position: 0 }
    }

    /// Read bytes from `offset` on; returns how many, which is 0 only at the end or for an empty `buf`.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => {
                let rest =
                    usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
                let n = rest.len().min(buf.len());
                buf[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
            Self::File { file, len } => {
                let n = len.saturating_sub(offset).min(buf.len() as u64) as usize;
                if n == 0 {
                    return Ok(0);
                }
                read_file_at(file, offset, &mut buf[..n])
            }
        }
    }
}

/// Reads a [`Blob`] from front to back, unbuffered.
#[derive(Clone, Debug)]
pub struct BlobReader<'a> {
    blob: &'a Blob,
    position: u64,
}

impl Read for BlobReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.blob.read_at(self.position, buf)?;
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for BlobReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.blob.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// There were more bytes than the caller allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The number of bytes that was allowed.
    pub limit: u64,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there are more than the {} bytes allowed", self.limit)
    }
}

impl std::error::Error for TooLarge {}

impl From<TooLarge> for io::Error {
    fn from(error: TooLarge) -> Self {
        Self::new(io::ErrorKind::FileTooLarge, error)
    }
}

/// A file in `dir` that has no name and that only its owner may read.
fn private_file(dir: &Path) -> io::Result<File> {
    let file = tempfile::tempfile_in(dir).map_err(without_path)?;
    // Where the system has O_TMPFILE, the mode is what the umask leaves of 0666.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// The system's own error in one that was wrapped to tell a path: by its number it is known not to be the
/// reader's.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|wrapped| wrapped.source()?.downcast_ref::<io::Error>());
    inner.and_then(io::Error::raw_os_error).map_or(error, io::Error::from_raw_os_error)
}

/// Read from an offset of a file without regard to its cursor, which readers on other threads may share.
pub(crate) fn read_file_at(file: &File, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, buf, offset);
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, buf, offset);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(blob: &Blob) -> Vec<u8> {
        let mut bytes = Vec::new();
        blob.reader().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_fits_the_threshold_stays_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let blob = Blob::spool(&b"12345"[..], 5, 100, dir.path()).unwrap();
        assert!(matches!(blob, Blob::Memory(_)));
        assert_eq!(whole(&blob), b"12345");
        assert!(!blob.is_empty());
    }

    #[test]
    fn what_does_not_fit_goes_to_an_unlinked_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let blob = Blob::spool(&b"123456"[..], 5, 6, dir.path()).unwrap();
        let Blob::File { ref file, len } = blob else { panic!("in memory") };
        assert_eq!(len, 6);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let metadata = file.metadata().unwrap();
            assert_eq!(metadata.mode() & 0o777, 0o600);
            assert_eq!(metadata.nlink(), 0);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert_eq!(whole(&blob), b"123456");
        assert_eq!(whole(&blob), b"123456", "a second reader starts anew");
    }

    #[test]
    fn more_than_the_limit_is_an_error_in_memory_and_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        for threshold in [2, 5, 100] {
            let error = Blob::spool(&b"123456"[..], threshold, 5, dir.path()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
            let inner = error.get_ref().unwrap().downcast_ref::<TooLarge>();
            assert_eq!(inner, Some(&TooLarge { limit: 5 }));
        }
    }

    #[test]
    fn bytes_are_read_at_any_offset() {
        let dir = tempfile::tempdir().unwrap();
        for threshold in [0, 100] {
            let blob = Blob::spool(&b"abcdef"[..], threshold, 100, dir.path()).unwrap();
            let mut buf = [0; 4];
            assert_eq!(blob.read_at(1, &mut buf).unwrap(), 4);
            assert_eq!(&buf, b"bcde");
            assert_eq!(blob.read_at(5, &mut buf).unwrap(), 1);
            assert_eq!(blob.read_at(6, &mut buf).unwrap(), 0);
            assert_eq!(blob.read_at(u64::MAX, &mut buf).unwrap(), 0);
            let mut reader = blob.reader();
            reader.seek(SeekFrom::End(-2)).unwrap();
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, b"ef");
        }
    }

    #[test]
    fn an_error_of_the_reader_is_handed_on() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        let dir = tempfile::tempdir().unwrap();
        let error = Blob::spool((&b"123"[..]).chain(Fails), 2, 100, dir.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
