//! What the system does better than reading and writing: moving a file without replacing another, swapping
//! two, copying a range. Each has a fallback for file systems that cannot.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::blob::read_file_at;

/// Bytes moved at once where the system does not do it for us.
const CHUNK: usize = 256 << 10;

/// Rename, unless there is something of that name: then an error of kind
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists), and nothing happened.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    match rename_with(from, to, rustix::fs::RenameFlags::NOREPLACE) {
        Err(error) if is_unsupported(&error) => {}
        result => return result,
    }
    match fs::hard_link(from, to) {
        Ok(()) => return fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) => {}
    }
    // Neither flags nor links, as on FAT, or a folder: what remains is to look before.
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// Let two paths change places at once. `false`: this system or file system cannot, and nothing happened.
pub(crate) fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    return match rename_with(a, b, rustix::fs::RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        // A union of file systems tells so of a folder that lies in a lower one.
        Err(error) if is_unsupported(&error) || error.kind() == io::ErrorKind::CrossesDevices => Ok(false),
        Err(error) => Err(error),
    };
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    {
        let _ = (a, b);
        Ok(false)
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_with(from: &Path, to: &Path, flags: rustix::fs::RenameFlags) -> io::Result<()> {
    Ok(rustix::fs::renameat_with(rustix::fs::CWD, from, rustix::fs::CWD, to, flags)?)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    Errno::from_io_error(error)
        .is_some_and(|errno| errno == Errno::INVAL || errno == Errno::NOSYS || errno == Errno::NOTSUP)
}

/// Append `length` bytes from `start` of `input` to `output`; fewer are an error.
pub(crate) fn copy_range(input: &File, output: &mut File, start: u64, length: u64) -> io::Result<()> {
    let end = start.checked_add(length).ok_or(io::ErrorKind::InvalidInput)?;
    let mut at = start;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    while at < end {
        // An error or nothing copied: other file systems, or a file that ended. Reading tells which.
        let chunk = usize::try_from(end - at).unwrap_or(usize::MAX).min(1 << 30);
        match rustix::fs::copy_file_range(input, Some(&mut at), &*output, None, chunk) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let mut buffer = vec![0; CHUNK.min(usize::try_from(end - at).unwrap_or(CHUNK))];
    while at < end {
        let chunk = buffer.len().min(usize::try_from(end - at).unwrap_or(CHUNK));
        match read_file_at(input, at, &mut buffer[..chunk]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                output.write_all(&buffer[..n])?;
                at += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is copied before it is asked again whether the user gave up.
const STRETCH: u64 = 32 << 20;

/// [`copy_range`], asking between stretches whether to give up: that is an error then.
pub(crate) fn copy_range_unless(
    input: &File,
    output: &mut File,
    mut start: u64,
    mut length: u64,
    given_up: &dyn Fn() -> bool,
) -> io::Result<()> {
    while length > STRETCH {
        copy_range(input, output, start, STRETCH)?;
        (start, length) = (start + STRETCH, length - STRETCH);
        if given_up() {
            return Err(io::Error::other(GivenUp));
        }
    }
    copy_range(input, output, start, length)
}

/// Reads until the user gives up: that is an error then.
pub(crate) struct Unless<'a, R> {
    pub(crate) inner: R,
    pub(crate) given_up: &'a dyn Fn() -> bool,
}

impl<R: Read> Read for Unless<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.given_up)() { Err(io::Error::other(GivenUp)) } else { self.inner.read(buffer) }
    }
}

/// The user gave up.
#[derive(Debug)]
struct GivenUp;

impl std::fmt::Display for GivenUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the run was cancelled")
    }
}

impl std::error::Error for GivenUp {}

/// Fill `buffer` from `offset` on.
pub(crate) fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_file_at(file, offset, buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                buffer = &mut buffer[n..];
                offset += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether two files hold the same bytes. What is no file is never opened: a pipe would wait for somebody to write.
pub(crate) fn same_bytes(a: &Path, b: &Path) -> io::Result<bool> {
    if !(a.metadata()?.is_file() && b.metadata()?.is_file()) {
        return Ok(false);
    }
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    let (facts_a, facts_b) = (a.metadata()?, b.metadata()?);
    if !facts_a.is_file() || !facts_b.is_file() || facts_a.len() != facts_b.len() {
        return Ok(false);
    }
    let (mut buffer_a, mut buffer_b) = (vec![0; CHUNK / 4], vec![0; CHUNK / 4]);
    loop {
        let n = read_full(&mut a, &mut buffer_a)?;
        if n != read_full(&mut b, &mut buffer_b)? || buffer_a[..n] != buffer_b[..n] {
            return Ok(false);
        }
        if n == 0 {
            return Ok(true);
        }
    }
}

/// Read until the buffer is full or the end is reached.
pub(crate) fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The word for an error of the system in reports.
pub(crate) fn error_id(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    // EIO has no kind.
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) {
        return "input_output_error";
    }
    match error.kind() {
        Kind::NotFound => "not_found",
        Kind::PermissionDenied => "permission_denied",
        Kind::StorageFull => "storage_full",
        Kind::QuotaExceeded => "quota_exceeded",
        Kind::FileTooLarge => "file_too_large",
        Kind::ReadOnlyFilesystem => "read_only_filesystem",
        Kind::InvalidFilename => "invalid_filename",
        Kind::NotADirectory => "not_a_directory",
        Kind::IsADirectory => "is_a_directory",
        Kind::AlreadyExists => "already_exists",
        Kind::StaleNetworkFileHandle => "stale_network_file_handle",
        Kind::TimedOut => "timed_out",
        Kind::ResourceBusy => "resource_busy",
        Kind::UnexpectedEof => "unexpected_eof",
        Kind::OutOfMemory => "out_of_memory",
        _ => "other_error",
    }
}

/// A new file that only its owner may read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A folder that only its owner may enter, with its parents; one that exists stays as it is.
pub(crate) fn create_private_dir_all(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rename_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&a, "a").unwrap();
        fs::write(&b, "b").unwrap();
        assert_eq!(rename_new(&a, &b).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&b).unwrap(), b"b");
        fs::remove_file(&b).unwrap();
        rename_new(&a, &b).unwrap();
        assert_eq!(fs::read(&b).unwrap(), b"a");
        assert!(!a.exists());
    }

    #[test]
    fn ranges_are_copied_behind_what_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        let bytes: Vec<u8> = (0..=255).cycle().take(600_000).collect();
        fs::write(&a, &bytes).unwrap();
        let input = File::open(&a).unwrap();
        let mut output = File::create_new(&b).unwrap();
        output.write_all(b"head").unwrap();
        copy_range(&input, &mut output, 1000, 590_000).unwrap();
        output.write_all(b"tail").unwrap();
        assert_eq!(fs::read(&b).unwrap(), [b"head", &bytes[1000..591_000], b"tail"].concat());
        let error = copy_range(&input, &mut output, 599_999, 2).unwrap_err();
        let asked = std::cell::Cell::new(0);
        let given_up = || asked.replace(asked.get() + 1) == 1;
        let long = tempfile::tempfile().unwrap();
        long.set_len(5 * STRETCH).unwrap();
        assert!(copy_range_unless(&long, &mut output, 0, 5 * STRETCH, &given_up).is_err());
        assert_eq!(asked.get(), 2);
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn bytes_are_compared_to_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&a, vec![7; 200_000]).unwrap();
        let mut other = vec![7; 200_000];
        fs::write(&b, &other).unwrap();
        assert!(same_bytes(&a, &b).unwrap());
        other[199_999] = 8;
        fs::write(&b, &other).unwrap();
        assert!(!same_bytes(&a, &b).unwrap());
        assert!(!same_bytes(&a, dir.path()).unwrap());
    }
}
