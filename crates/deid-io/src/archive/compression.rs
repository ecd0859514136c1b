//! Compressed streams: which one it is, and reading it to its last part.
//!
//! Tools that compress in parallel, and people who append, write several streams one behind the other; all
//! of them are read. Decoders refuse to allocate windows beyond what the formats' own tools use by default.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::limits::{Guard, Guarded, Limits};

/// A form of compression for one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Gzip (RFC 1952).
    Gzip,
    /// Bzip2.
    Bzip2,
    /// Xz.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Compression {
    /// The compression that the first bytes of a file announce.
    pub fn sniff(head: &[u8]) -> Option<Self> {
        // The method is always 8, and the upper flags are reserved.
        if head.starts_with(&[0x1f, 0x8b, 8]) && head.get(3).is_some_and(|flags| flags & 0xe0 == 0) {
            return Some(Self::Gzip);
        }
        // "BZh" and a digit alone could begin a text: the magic of a block, or of the end, follows.
        if head.starts_with(b"BZh")
            && head.get(3).is_some_and(|level| (b'1'..=b'9').contains(level))
            && head.get(4..10).is_some_and(|magic| magic == b"1AY&SY" || magic == b"\x17rE8P\x90")
        {
            return Some(Self::Bzip2);
        }
        if head.starts_with(b"\xfd7zXZ\0") {
            return Some(Self::Xz);
        }
        // A frame, or a skippable frame as pzstd writes it in front.
        let skippable =
            head.first().is_some_and(|first| first & 0xf0 == 0x50) && head.get(1..4) == Some(b"\x2a\x4d\x18");
        if head.starts_with(b"\x28\xb5\x2f\xfd") || skippable {
            return Some(Self::Zstd);
        }
        None
    }
}

/// Decodes one compressed file; made by [`open_compressed`].
pub struct CompressedFile(Guarded<Box<dyn Read>, Box<Guard>>);

impl Read for CompressedFile {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

/// Open a single compressed file, such as `scan.dcm.gz`. Passing the total or the ratio of `limits` is an
/// error of reading that holds a [`Bomb`](super::Bomb).
pub fn open_compressed(path: &Path, compression: Compression, limits: &Limits) -> io::Result<CompressedFile> {
    let file = File::open(path)?;
    let guard = Guard::new(limits, file.metadata()?.len());
    let decoder = decoder(compression, BufReader::with_capacity(1 << 16, file))?;
    Ok(CompressedFile(Guarded::new(decoder, Box::new(guard))))
}

/// What a decoder of xz may allocate, in KiB: `xz -9` needs 65 MiB, larger windows must be asked for.
const XZ_MEMORY_KIB: u32 = 192 << 10;

/// The largest window of zstd as a power of two: the default of its own tool, 128 MiB.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Decode `reader`, all streams in it.
pub(super) fn decoder<'a>(
    compression: Compression,
    reader: impl BufRead + 'a,
) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match compression {
        Compression::Gzip => Box::new(Gzip { state: GzipState::Before(reader) }),
        Compression::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
        Compression::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(reader, true, XZ_MEMORY_KIB)),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(reader)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
    })
}

/// All members of a gzip file. Zeros behind the last one are padding, as `gzip` itself takes them (tapes,
/// block devices); other bytes there are an error.
struct Gzip<R> {
    state: GzipState<R>,
}

enum GzipState<R> {
    /// At the start of a member, or at the end.
    Before(R),
    Within(Box<flate2::bufread::GzDecoder<R>>),
    End,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, GzipState::End) {
                GzipState::End => return Ok(0),
                GzipState::Before(mut reader) => match reader.fill_buf()?.first() {
                    None => return Ok(0),
                    Some(0x1f) => {
                        self.state = GzipState::Within(Box::new(flate2::bufread::GzDecoder::new(reader)));
                    }
                    Some(_) => return only_zeros(&mut reader),
                },
                GzipState::Within(mut decoder) => match decoder.read(buf)? {
                    0 => self.state = GzipState::Before(decoder.into_inner()),
                    n => {
                        self.state = GzipState::Within(decoder);
                        return Ok(n);
                    }
                },
            }
        }
    }
}

/// Pass over padding up to the end.
fn only_zeros(reader: &mut impl BufRead) -> io::Result<usize> {
    loop {
        let rest = reader.fill_buf()?;
        if rest.is_empty() {
            return Ok(0);
        }
        if rest.iter().any(|byte| *byte != 0) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something follows the last part of a gzip file",
            ));
        }
        let n = rest.len();
        reader.consume(n);
    }
}
