//! Writing archives that depend on nothing but their members: no clock, no owner, no comments.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::{self, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::blocks::{BlockGzip, InOrder};
use super::{ArchiveKind, name};

/// 1980-01-01, the earliest date that a zip can hold; all members get it.
const MODIFIED: u64 = 315_532_800;

/// Gzip and deflate: most of the gain for a third of the time of the highest level.
const DEFLATE_LEVEL: u32 = 5;
/// Bzip2 gains little below its usual blocks of 900 kB.
const BZIP2_LEVEL: u32 = 9;
const XZ_PRESET: u32 = 3;
const ZSTD_LEVEL: i32 = 3;
/// What a thread of zstd compresses at once: the default of 8 MiB is held several times over.
const ZSTD_JOB: u32 = 2 << 20;
/// Members of a zip up to this length are compressed side by side.
const BESIDE: u64 = 4 << 20;

/// Writes one archive, member by member. One that is dropped unfinished is not to be used.
pub struct ArchiveWriter {
    /// Before the form: what that writes when it is dropped goes nowhere.
    given_up: GiveUpOnDrop,
    form: Form,
}

enum Form {
    Zip(Box<Zip>),
    Tar(Box<tar::Builder<Encoder>>),
}

impl ArchiveWriter {
    /// Begin an archive in `file`, which is empty, and compress on this thread.
    pub fn create(kind: ArchiveKind, file: File) -> io::Result<Self> {
        Self::with_threads(kind, file, 1)
    }

    /// Begin an archive whose members are compressed by so many threads: gzip and zstd in blocks, small members of a
    /// zip side by side. The bytes are the same for any number.
    pub fn with_threads(kind: ArchiveKind, file: File, threads: usize) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 16, file);
        let encoder = match kind {
            ArchiveKind::Zip => {
                let given_up = GiveUpOnDrop::default();
                let file = UntilGivenUp { file, given_up: Arc::clone(&given_up.0), position: 0, end: 0 };
                return Ok(Self { given_up, form: Form::Zip(Box::new(Zip::new(file, threads))) });
            }
            ArchiveKind::Tar => Encoder::Plain(file),
            ArchiveKind::TarGz => Encoder::Gzip(BlockGzip::new(file, DEFLATE_LEVEL, threads)?),
            ArchiveKind::TarBz2 => {
                Encoder::Bzip2(bzip2::write::BzEncoder::new(file, bzip2::Compression::new(BZIP2_LEVEL)))
            }
            ArchiveKind::TarXz => {
                let options = lzma_rust2::XzOptions::with_preset(XZ_PRESET);
                Encoder::Xz(Box::new(lzma_rust2::XzWriter::new(file, options)?))
            }
            ArchiveKind::TarZst => {
                let mut encoder = zstd::stream::write::Encoder::new(file, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                // Also for one thread: without any, the blocks and so the bytes were others.
                encoder.multithread(u32::try_from(threads.max(1)).unwrap_or(1))?;
                encoder.set_parameter(zstd::zstd_safe::CParameter::JobSize(ZSTD_JOB))?;
                Encoder::Zstd(encoder)
            }
        };
        let form = Form::Tar(Box::new(tar::Builder::new(encoder)));
        Ok(Self { given_up: GiveUpOnDrop::default(), form })
    }

    /// Add a file. `path` is relative, with `/` between its parts; `data` yields exactly `length` bytes.
    ///
    /// A path that could leave the folder that the archive is extracted to, a path that a zip has already,
    /// and other than `length` bytes are errors. After an error the archive is not to be used.
    pub fn append(&mut self, path: &str, data: &mut dyn Read, length: u64) -> io::Result<()> {
        let safe = name::parts(path.as_bytes(), true).is_ok();
        if !safe || path.ends_with('/') {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path cannot stand in an archive"));
        }
        let mut data = Exactly { inner: data, remaining: length };
        match &mut self.form {
            Form::Zip(zip) => zip.append(path, &mut data, length),
            Form::Tar(builder) => {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(tar::EntryType::Regular);
                header.set_size(length);
                header.set_mode(0o644);
                header.set_uid(0);
                header.set_gid(0);
                header.set_mtime(MODIFIED);
                builder.append_data(&mut header, path, &mut data)
            }
        }
    }

    /// Write what ends the archive and hand back the file.
    pub fn finish(self) -> io::Result<File> {
        let Self { given_up, form } = self;
        let file = match form {
            Form::Zip(zip) => zip.finish()?.file,
            Form::Tar(builder) => match builder.into_inner()? {
                Encoder::Plain(file) => file,
                Encoder::Gzip(encoder) => encoder.finish()?,
                Encoder::Bzip2(encoder) => encoder.finish()?,
                Encoder::Xz(encoder) => encoder.finish()?,
                Encoder::Zstd(encoder) => encoder.finish()?,
            },
        };
        drop(given_up);
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// A zip that is being written.
struct Zip {
    writer: zip::ZipWriter<UntilGivenUp>,
    /// All members, those that wait too.
    names: HashSet<String>,
    /// What the members that wait will be called.
    waiting: VecDeque<String>,
    /// Members, each as a zip of its own.
    members: InOrder<io::Result<Vec<u8>>>,
}

/// What a member is called in a zip of its own.
const ALONE: &str = "m";

impl Zip {
    fn new(file: UntilGivenUp, threads: usize) -> Self {
        let waiting = VecDeque::new();
        let members = InOrder::new(threads);
        Self { writer: zip::ZipWriter::new(file), names: HashSet::new(), waiting, members }
    }

    fn append(&mut self, path: &str, data: &mut dyn Read, length: u64) -> io::Result<()> {
        if !self.names.insert(path.to_owned()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the zip has this path already"));
        }
        if length > BESIDE {
            self.receive(true)?;
            return add_member(&mut self.writer, path, data, length);
        }
        let mut bytes = Vec::with_capacity(length as usize);
        data.read_to_end(&mut bytes)?;
        self.waiting.push_back(path.to_owned());
        self.members.give(move || {
            let mut alone = zip::ZipWriter::new(Cursor::new(Vec::new()));
            add_member(&mut alone, ALONE, &mut &bytes[..], bytes.len() as u64)?;
            Ok(alone.finish()?.into_inner())
        });
        self.receive(false)
    }

    /// Take over members that are compressed, as they are.
    fn receive(&mut self, all: bool) -> io::Result<()> {
        while let Some(alone) = self.members.take(all) {
            let name = self.waiting.pop_front().unwrap_or_default();
            let mut alone = zip::ZipArchive::new(Cursor::new(alone??))?;
            self.writer.raw_copy_file_rename(alone.by_index_raw(0)?, name)?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<UntilGivenUp> {
        self.receive(true)?;
        Ok(self.writer.finish()?)
    }
}

fn add_member<W: Write + Seek>(
    writer: &mut zip::ZipWriter<W>,
    path: &str,
    data: &mut dyn Read,
    length: u64,
) -> io::Result<()> {
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(i64::from(DEFLATE_LEVEL)))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        // What cannot be compressed grows a little.
        .large_file(length > 0xf000_0000);
    writer.start_file(path, options)?;
    io::copy(data, writer)?;
    Ok(())
}

/// Tells an [`UntilGivenUp`] when the archive is not wanted any more.
#[derive(Default)]
struct GiveUpOnDrop(Arc<AtomicBool>);

impl Drop for GiveUpOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A file for a zip. After the first error, or when the archive is given up, all goes nowhere: a
/// [`zip::ZipWriter`] that is dropped tries to end its archive, and complains on stderr if that fails.
struct UntilGivenUp {
    file: BufWriter<File>,
    given_up: Arc<AtomicBool>,
    position: u64,
    end: u64,
}

impl UntilGivenUp {
    fn try_unless_given_up<T>(
        &mut self,
        nowhere: T,
        action: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.given_up.load(Ordering::Relaxed) {
            return Ok(nowhere);
        }
        let result = action(&mut self.file);
        if result.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted) {
            self.given_up.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl Write for UntilGivenUp {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.try_unless_given_up(buf.len(), |file| file.write(buf))?;
        self.position += n as u64;
        self.end = self.end.max(self.position);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.try_unless_given_up((), Write::flush)
    }
}

impl Seek for UntilGivenUp {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        self.position = self.try_unless_given_up(position, |file| file.seek(SeekFrom::Start(position)))?;
        Ok(self.position)
    }
}

/// The stream that a tar is written to.
enum Encoder {
    Plain(BufWriter<File>),
    Gzip(BlockGzip<BufWriter<File>>),
    Bzip2(bzip2::write::BzEncoder<BufWriter<File>>),
    Xz(Box<lzma_rust2::XzWriter<BufWriter<File>>>),
    Zstd(zstd::stream::write::Encoder<'static, BufWriter<File>>),
}

impl Encoder {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(writer) => writer,
            Self::Gzip(writer) => writer,
            Self::Bzip2(writer) => writer,
            Self::Xz(writer) => writer,
            Self::Zstd(writer) => writer,
        }
    }
}

impl Write for Encoder {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.writer().write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

/// Yields as many bytes as were announced, or an error: a tar's header has the length already.
struct Exactly<'a> {
    inner: &'a mut dyn Read,
    remaining: u64,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.remaining = self.remaining.checked_sub(n as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "more bytes came than were announced")
        })?;
        if n == 0 && self.remaining > 0 && !buf.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(n)
    }
}
