//! Reading a zip by its central directory (PKWARE APPNOTE 6.3.10).
//!
//! Read by hand and not with the `zip` crate, which keeps one of several members with the same name and
//! forgets the others: each one must be counted. Before any member is visited the ranges of all of them are
//! compared, since overlapping ones are how a small zip yields petabytes (D. Fifield, "A better zip bomb").

use std::fs::File;
use std::io::{self, BufReader, Read};

use super::compression::{Compression, decoder};
use super::limits::{Guard, Guarded};
use super::name::{self, Seen, from_cp437};
use super::{ArchiveError, Member, MemberKind, Refusal, Visitor};
use crate::blob::read_file_at;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END_64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR_64: &[u8; 4] = b"PK\x06\x07";
/// In front of the first header of a zip that was once to be split.
const SPANNED: &[u8; 4] = b"PK\x07\x08";

/// A field of 32 bits that holds this has its value in the zip64 extra field.
const IN_ZIP64: u32 = u32::MAX;

/// Whether a file begins as a zip does; an empty one begins with its end.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(LOCAL)
        || head.starts_with(END)
        || (head.starts_with(SPANNED) && head.get(4..8) == Some(LOCAL))
}

/// Hand the members of the zip in `file` to `visit`.
pub(super) fn read(
    file: &File,
    length: u64,
    guard: &Guard,
    visit: &mut Visitor<'_>,
) -> Result<(), ArchiveError> {
    let directory = locate(file, length)?;
    let starts = disjoint_starts(file, &directory, guard)?;
    let mut seen = Seen::default();
    let mut complete = 0;
    let mut ordinal = 0;
    let mut entries = directory.entries(file);
    while let Some(entry) = entries.next()? {
        let name = entry.decoded_name();
        // What was made on DOS or Windows may use backslashes; elsewhere they separate only if nothing
        // else does.
        let backslash = matches!(entry.host, 0 | 10 | 14) || !name.contains('/');
        if entry.is_directory(&name, backslash) && entry.size == 0 {
            continue;
        }
        ordinal += 1;
        let judged = entry
            .refusal(&name, backslash, guard.limits.max_member_bytes)
            .map_or_else(|| name::parts(name.as_bytes(), backslash), Err)
            .and_then(|path| if seen.insert(&path) { Ok(path) } else { Err(Refusal::Duplicate) });
        let mut content: Box<dyn Read> = Box::new(io::empty());
        let (path, kind) = match judged {
            Err(refusal) => (Vec::new(), MemberKind::Refused(refusal)),
            Ok(path) => match content_range(file, &entry, &starts, directory.start, complete)? {
                None => (Vec::new(), MemberKind::Refused(Refusal::HeaderMismatch)),
                Some(window) => {
                    content = open(window, &entry, guard).map_err(ArchiveError::Io)?;
                    (path, MemberKind::File)
                }
            },
        };
        let flow = visit(Member { ordinal, path, raw_name: &entry.name, kind, data: &mut *content });
        if let Some(bomb) = guard.bomb() {
            return Err(ArchiveError::Bomb { members: complete, bomb });
        }
        if flow.is_break() {
            return Ok(());
        }
        complete += 1;
    }
    Ok(())
}

/// The comments of the zip in `file` and of its members.
pub(super) fn comments(file: &File, length: u64) -> Result<Vec<Vec<u8>>, ArchiveError> {
    let directory = locate(file, length)?;
    let mut found = vec![directory.comment.clone()];
    let mut entries = directory.entries(file);
    while let Some(entry) = entries.next()? {
        // Info-ZIP's Unicode comment: version, hash, text.
        let unicode = extra_field(&entry.extra, 0x6375).and_then(|field| field.get(5..));
        found.extend(unicode.map(<[u8]>::to_vec).into_iter().chain([entry.comment]));
    }
    Ok(found)
}

/// Where the central directory is.
struct Directory {
    start: u64,
    end: u64,
    /// The number of members, exact or modulo 65536 as an archive without zip64 may have it.
    count: u64,
    exact: bool,
    /// What stands behind its end.
    comment: Vec<u8>,
}

/// Find the central directory from the end of the file.
fn locate(file: &File, length: u64) -> Result<Directory, ArchiveError> {
    const END_LENGTH: usize = 22;
    let tail_start = length.saturating_sub((END_LENGTH + usize::from(u16::MAX)) as u64);
    let mut tail = Vec::new();
    Window::new(file, tail_start, length).read_to_end(&mut tail).map_err(ArchiveError::Io)?;
    // A comment may hold the magic too: the record whose comment ends with the file comes first.
    let candidates =
        || (0..(tail.len() + 1).saturating_sub(END_LENGTH)).rev().filter(|at| tail[*at..].starts_with(END));
    let comment_end = |at: &usize| at + END_LENGTH + usize::from(u16_at(&tail, at + 20));
    let at = candidates()
        .find(|at| comment_end(at) == tail.len())
        .or_else(|| candidates().find(|at| comment_end(at) < tail.len()))
        .ok_or(ArchiveError::Truncated { members: 0 })?;
    let end = &tail[at..at + END_LENGTH];
    let end_position = tail_start + at as u64;
    if u16_at(end, 4) != 0 && u16_at(end, 4) != u16::MAX {
        return Err(ArchiveError::Unsupported { what: "it is one part of a zip that was split" });
    }
    let mut directory = Directory {
        start: u64::from(u32_at(end, 16)),
        end: u64::from(u32_at(end, 12)),
        count: u64::from(u16_at(end, 10)),
        exact: false,
        comment: tail[at + END_LENGTH..].to_vec(),
    };
    let is_zip64 = u16_at(end, 10) == u16::MAX || u32_at(end, 12) == IN_ZIP64 || u32_at(end, 16) == IN_ZIP64;
    if is_zip64
        && let Some(locator) = read_exact_at::<20>(file, end_position.checked_sub(20))
        && locator.starts_with(LOCATOR_64)
    {
        let record = read_exact_at::<56>(file, Some(u64_at(&locator, 8)))
            .filter(|record| record.starts_with(END_64))
            .ok_or_else(|| corrupt(0, "its zip64 end record is not where it should be"))?;
        directory = Directory {
            start: u64_at(&record, 48),
            end: u64_at(&record, 40),
            count: u64_at(&record, 32),
            exact: true,
            comment: directory.comment,
        };
    }
    // So far `end` is the size.
    directory.end = directory
        .start
        .checked_add(directory.end)
        .filter(|end| *end <= end_position)
        .ok_or_else(|| corrupt(0, "its directory is not where it should be"))?;
    Ok(directory)
}

/// Where the members start, in order; an error if one could reach into the next.
fn disjoint_starts(file: &File, directory: &Directory, guard: &Guard) -> Result<Vec<u64>, ArchiveError> {
    let mut ranges = Vec::new();
    let mut entries = directory.entries(file);
    while let Some(entry) = entries.next()? {
        if let Err(bomb) = guard.count_member() {
            return Err(ArchiveError::Bomb { members: 0, bomb });
        }
        // The local header may be longer than this; `content_range` looks at it.
        let end = entry
            .offset
            .checked_add(30 + entry.name.len() as u64)
            .and_then(|end| end.checked_add(entry.compressed))
            .filter(|end| *end <= directory.start)
            .ok_or_else(|| corrupt(0, "a member reaches beyond the members' part of it"))?;
        ranges.push((entry.offset, end));
    }
    let count = ranges.len() as u64;
    if count != directory.count && (directory.exact || count % (1 << 16) != directory.count) {
        return Err(corrupt(0, "its directory does not have the members it announces"));
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(corrupt(0, "its members overlap"));
    }
    Ok(ranges.into_iter().map(|(start, _)| start).collect())
}

impl Directory {
    fn entries<'a>(&self, file: &'a File) -> Entries<'a> {
        Entries(BufReader::with_capacity(1 << 16, Window::new(file, self.start, self.end)))
    }
}

/// Reads the central directory, one entry at a time.
struct Entries<'a>(BufReader<Window<'a>>);

impl Entries<'_> {
    fn next(&mut self) -> Result<Option<Entry>, ArchiveError> {
        let mut magic = [0; 4];
        let read = (&mut self.0).take(4).read(&mut magic).map_err(ArchiveError::Io)?;
        // A digital signature of the directory may follow the entries.
        if read == 0 || &magic == b"PK\x05\x05" {
            return Ok(None);
        }
        let entry = self.after_magic(magic, read);
        match entry {
            Ok(Some(entry)) => Ok(Some(entry)),
            Ok(None) => Err(corrupt(0, "an entry of its directory is malformed")),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(corrupt(0, "its directory ends within an entry"))
            }
            Err(error) => Err(ArchiveError::Io(error)),
        }
    }

    fn after_magic(&mut self, magic: [u8; 4], read: usize) -> io::Result<Option<Entry>> {
        let mut head = [0; 46];
        head[..read].copy_from_slice(&magic[..read]);
        self.0.read_exact(&mut head[read..])?;
        if !head.starts_with(CENTRAL) {
            return Ok(None);
        }
        let mut field = |length: u16| {
            let mut bytes = vec![0; usize::from(length)];
            self.0.read_exact(&mut bytes).map(|()| bytes)
        };
        let name = field(u16_at(&head, 28))?;
        let extra = field(u16_at(&head, 30))?;
        let comment = field(u16_at(&head, 32))?;
        let mut sizes = [24, 20, 42].map(|at| u32_at(&head, at)).map(u64::from);
        if !resolve_zip64(&extra, &mut sizes) {
            return Ok(None);
        }
        let [size, compressed, offset] = sizes;
        Ok(Some(Entry {
            host: head[5],
            flags: u16_at(&head, 8),
            method: u16_at(&head, 10),
            crc: u32_at(&head, 16),
            attributes: u32_at(&head, 38),
            size,
            compressed,
            offset,
            name,
            extra,
            comment,
        }))
    }
}

/// What the central directory says about a member.
struct Entry {
    /// The system it was made on: 0 DOS, 3 Unix, 10 and 14 Windows, 19 macOS.
    host: u8,
    flags: u16,
    method: u16,
    crc: u32,
    attributes: u32,
    size: u64,
    compressed: u64,
    offset: u64,
    name: Vec<u8>,
    extra: Vec<u8>,
    comment: Vec<u8>,
}

impl Entry {
    /// The name as text. Archivers on Unix and macOS write UTF-8 without saying so.
    fn decoded_name(&self) -> String {
        // Info-ZIP's Unicode path, valid while the name is the one it was made for.
        let unicode = extra_field(&self.extra, 0x7075)
            .filter(|field| field.first() == Some(&1) && field.len() >= 5)
            .filter(|field| u32_at(field, 1) == crc32(&self.name))
            .and_then(|field| std::str::from_utf8(&field[5..]).ok());
        match unicode.or_else(|| std::str::from_utf8(&self.name).ok()) {
            Some(name) => name.to_owned(),
            None => from_cp437(&self.name),
        }
    }

    /// The type bits of a Unix mode, 0 where there is none.
    fn unix_type(&self) -> u32 {
        match self.host {
            3 | 19 => self.attributes >> 16 & 0o170_000,
            _ => 0,
        }
    }

    fn is_directory(&self, name: &str, backslash: bool) -> bool {
        name.ends_with('/')
            || (backslash && name.ends_with('\\'))
            || self.unix_type() == 0o040_000
            || (self.unix_type() == 0 && self.attributes & 0x10 != 0)
    }

    /// Why the member cannot be read, its name aside.
    fn refusal(&self, name: &str, backslash: bool, max_bytes: u64) -> Option<Refusal> {
        // Encrypted; strongly encrypted; with masked headers; the method that stands for AES.
        if self.flags & 0x2041 != 0 || self.method == 99 {
            return Some(Refusal::Encrypted);
        }
        match self.unix_type() {
            0 | 0o040_000 | 0o100_000 => {}
            0o120_000 => return Some(Refusal::SymbolicLink),
            _ => return Some(Refusal::Device),
        }
        if self.is_directory(name, backslash) {
            return Some(Refusal::DirectoryWithContent);
        }
        if !matches!(self.method, 0 | 8 | 12 | 93 | 95) {
            return Some(Refusal::Method(self.method));
        }
        if self.method == 0 && self.size != self.compressed {
            return Some(Refusal::HeaderMismatch);
        }
        (self.size > max_bytes).then_some(Refusal::TooLarge)
    }
}

/// The bytes of a member's content; `None` if its local header is not what the directory says.
fn content_range<'a>(
    file: &'a File,
    entry: &Entry,
    starts: &[u64],
    directory_start: u64,
    complete: u64,
) -> Result<Option<Window<'a>>, ArchiveError> {
    let Some(head) = read_exact_at::<30>(file, Some(entry.offset)) else {
        return Ok(None);
    };
    let name_length = u64::from(u16_at(&head, 26));
    let extra_length = u64::from(u16_at(&head, 28));
    // `disjoint_starts` has added larger numbers to the offset.
    let name_start = entry.offset + 30;
    let content_start = name_start + name_length + extra_length;
    let mut name = Vec::new();
    let mut extra = Vec::new();
    Window::new(file, name_start, name_start + name_length)
        .read_to_end(&mut name)
        .and_then(|_| Window::new(file, name_start + name_length, content_start).read_to_end(&mut extra))
        .map_err(ArchiveError::Io)?;
    // With flag 3 the sizes stand behind the content, and here zeros or the same.
    let streamed = u16_at(&head, 6) & 8 != 0;
    let mut sizes = [22, 18].map(|at| u32_at(&head, at)).map(u64::from);
    let resolved = resolve_zip64(&extra, &mut sizes);
    let crc = u64::from(u32_at(&head, 14));
    let agrees = |local: u64, central: u64| local == central || (streamed && local == 0);
    let same = head.starts_with(LOCAL)
        && name == entry.name
        && u16_at(&head, 8) == entry.method
        && u16_at(&head, 6) & 1 == entry.flags & 1
        && agrees(crc, u64::from(entry.crc))
        && (streamed || resolved)
        && (agrees(sizes[0], entry.size) || (streamed && !resolved))
        && (agrees(sizes[1], entry.compressed) || (streamed && !resolved));
    if !same {
        return Ok(None);
    }
    let next = starts
        .get(starts.partition_point(|start| *start <= entry.offset))
        .copied()
        .unwrap_or(directory_start);
    let content_end = content_start.saturating_add(entry.compressed);
    if content_end > next {
        return Err(corrupt(complete, "its members overlap"));
    }
    Ok(Some(Window::new(file, content_start, content_end)))
}

/// A reader of the member's decoded and verified content.
fn open<'a>(window: Window<'a>, entry: &Entry, guard: &'a Guard) -> io::Result<Box<dyn Read + 'a>> {
    // Most members are small, and there may be a million of them.
    let buffer = entry.compressed.clamp(64, 1 << 16) as usize;
    let reader = BufReader::with_capacity(buffer, window);
    let decoded: Box<dyn Read + 'a> = match entry.method {
        0 => Box::new(reader),
        8 => Box::new(flate2::bufread::DeflateDecoder::new(reader)),
        12 => decoder(Compression::Bzip2, reader)?,
        93 => decoder(Compression::Zstd, reader)?,
        // `Entry::refusal` has let no other pass.
        _ => decoder(Compression::Xz, reader)?,
    };
    Ok(Box::new(Verified {
        inner: Guarded::new(decoded, guard),
        remaining: entry.size,
        crc: flate2::Crc::new(),
        expected: entry.crc,
        ended: false,
    }))
}

/// Checks length and checksum; the last bytes are not handed out before they are verified.
struct Verified<R> {
    inner: R,
    remaining: u64,
    crc: flate2::Crc,
    expected: u32,
    ended: bool,
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() || self.ended {
            return Ok(0);
        }
        let n = self.inner.read(buf)?;
        self.crc.update(&buf[..n]);
        self.remaining = self
            .remaining
            .checked_sub(n as u64)
            .ok_or_else(|| invalid("the member is longer than it announces"))?;
        if n == 0 {
            self.ended = true;
            if self.remaining > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        if self.remaining == 0 && self.crc.sum() != self.expected {
            return Err(invalid("the member's checksum is wrong"));
        }
        Ok(n)
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn corrupt(members: u64, what: &'static str) -> ArchiveError {
    ArchiveError::Corrupt { members, what }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Replace the values that did not fit 32 bits by those of the zip64 extra field, in their order. `false` if
/// one is missing there.
fn resolve_zip64(extra: &[u8], values: &mut [u64]) -> bool {
    let mut field = extra_field(extra, 1).unwrap_or_default();
    for value in values {
        if *value == u64::from(IN_ZIP64) {
            let Some((wide, rest)) = field.split_first_chunk::<8>() else {
                return false;
            };
            *value = u64::from_le_bytes(*wide);
            field = rest;
        }
    }
    true
}

/// The content of an extra field with this id.
fn extra_field(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let content = rest.get(..usize::from(u16_at(head, 2)))?;
        if u16_at(head, 0) == id {
            return Some(content);
        }
        extra = &rest[content.len()..];
    }
    None
}

/// A part of the file, read without its cursor.
struct Window<'a> {
    file: &'a File,
    position: u64,
    end: u64,
}

impl<'a> Window<'a> {
    fn new(file: &'a File, start: u64, end: u64) -> Self {
        Self { file, position: start, end }
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = self.end.saturating_sub(self.position).min(buf.len() as u64) as usize;
        let n = read_file_at(self.file, self.position, &mut buf[..wanted])?;
        self.position += n as u64;
        Ok(n)
    }
}

/// `N` bytes at an offset, if there are that many.
fn read_exact_at<const N: usize>(file: &File, offset: Option<u64>) -> Option<[u8; N]> {
    let offset = offset?;
    let mut bytes = [0; N];
    let mut window = Window::new(file, offset, offset.checked_add(N as u64)?);
    window.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// Little-endian numbers; the callers have fixed arrays, or have checked the length.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
