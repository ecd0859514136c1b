//! Reading a tar: old, ustar, GNU and pax headers (POSIX.1-2017 pax, GNU tar manual "Basic Tar Format").
//!
//! Read by hand and not with the `tar` crate, which reads a long name of any length into memory, takes an
//! archive that ends in the middle of a member for a complete one, and stops at the first of two archives
//! that were concatenated.

use std::io::{self, Read};

use super::limits::Guard;
use super::name::{self, Seen};
use super::{ArchiveError, BLOCK, Member, MemberKind, Refusal, Visitor, fault};

type Block = [u8; BLOCK];

/// Long names and pax records are no longer than this; what a file system permits is far below.
const EXTENSION_LIMIT: u64 = 1 << 20;

/// Whether the first block of a file is a header of a tar.
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(Ok(block)) = head.get(..BLOCK).map(<&Block>::try_from) else {
        return false;
    };
    // Ustar and GNU have a magic; before them there was a name and a checksum.
    &block[257..262] == b"ustar" || (block[0] != 0 && checksum_matches(block))
}

/// Hand the members of the tar in `stream` to `visit`.
pub(super) fn read(stream: impl Read, guard: &Guard, visit: &mut Visitor<'_>) -> Result<(), ArchiveError> {
    let mut tar = Tar { stream, guard, complete: 0 };
    let mut seen = Seen::default();
    let mut extension = Extension::default();
    let mut ordinal = 0;
    while let Some(block) = tar.header()? {
        if guard.count_member().is_err() {
            return Err(tar.fault(io::ErrorKind::Other.into()));
        }
        let flag = block[156];
        let mut size = number(&block[124..136]).ok_or_else(|| tar.corrupt("a member's size is no number"))?;
        match flag {
            b'L' => {
                extension.long_name = Some(tar.extension(size)?);
                continue;
            }
            b'x' | b'X' => {
                let records = tar.extension(size)?;
                extension.add_pax(&records).ok_or_else(|| tar.corrupt("a pax record is malformed"))?;
                continue;
            }
            // The target of a link, settings for all members, the label of the volume.
            b'K' | b'g' | b'V' => {
                tar.skip(size)?;
                continue;
            }
            _ => {}
        }
        let Extension { long_name, pax_path, pax_size, pax_sparse } = std::mem::take(&mut extension);
        size = pax_size.unwrap_or(size);
        let raw_name = long_name.or(pax_path).unwrap_or_else(|| header_name(&block));
        let is_directory = match flag {
            b'5' | b'D' => true,
            // Before ustar a directory was a file with a slash at the end.
            0 | b'0' => raw_name.ends_with(b"/"),
            _ => false,
        };
        if is_directory {
            tar.skip(size)?;
            continue;
        }
        let refusal = match flag {
            0 | b'0' | b'7' if pax_sparse => Some(Refusal::Sparse),
            0 | b'0' | b'7' => None,
            b'1' => {
                // The size is the target's; no content follows, except in a pax archive that says so.
                size = pax_size.unwrap_or(0);
                Some(Refusal::HardLink)
            }
            b'2' => Some(Refusal::SymbolicLink),
            b'3' | b'4' | b'6' => Some(Refusal::Device),
            b'S' => {
                tar.skip_sparse_map(&block)?;
                Some(Refusal::Sparse)
            }
            _ => Some(Refusal::UnknownType(flag)),
        };
        let too_large = || (size > guard.limits.max_member_bytes).then_some(Refusal::TooLarge);
        let (path, kind) = match refusal.or_else(too_large).map_or_else(|| name::parts(&raw_name, false), Err)
        {
            Ok(path) if seen.insert(&path) => (path, MemberKind::File),
            Ok(_) => (Vec::new(), MemberKind::Refused(Refusal::Duplicate)),
            Err(refusal) => (Vec::new(), MemberKind::Refused(refusal)),
        };
        ordinal += 1;
        let mut content = Content { stream: &mut tar.stream, remaining: size };
        let mut nothing = io::empty();
        let flow = visit(Member {
            ordinal,
            path,
            raw_name: &raw_name,
            kind,
            data: match kind {
                MemberKind::File => &mut content,
                MemberKind::Refused(_) => &mut nothing,
            },
        });
        let remaining = content.remaining;
        if guard.bomb().is_some() {
            return Err(tar.fault(io::ErrorKind::Other.into()));
        }
        if flow.is_break() {
            return Ok(());
        }
        tar.skip_exactly(remaining)?;
        tar.skip_exactly(padding(size))?;
        tar.complete += 1;
    }
    Ok(())
}

/// What the headers in front of a member say about it.
#[derive(Default)]
struct Extension {
    long_name: Option<Vec<u8>>,
    pax_path: Option<Vec<u8>>,
    pax_size: Option<u64>,
    pax_sparse: bool,
}

impl Extension {
    /// Take over the records of a pax header, each `length key=value\n`; `None` if one is malformed.
    fn add_pax(&mut self, mut records: &[u8]) -> Option<()> {
        while !records.is_empty() {
            // Some writers fill the block.
            if records.iter().all(|byte| *byte == 0) {
                break;
            }
            let space = records.iter().position(|byte| *byte == b' ')?;
            let length: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
            let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
            records = &records[length..];
            let equals = record.iter().position(|byte| *byte == b'=')?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => self.pax_path = Some(value.to_vec()),
                b"size" => self.pax_size = Some(std::str::from_utf8(value).ok()?.parse().ok()?),
                _ if key.starts_with(b"GNU.sparse.") => self.pax_sparse = true,
                _ => {}
            }
        }
        Some(())
    }
}

struct Tar<'a, R> {
    stream: R,
    guard: &'a Guard,
    /// Members that came out whole.
    complete: u64,
}

impl<R: Read> Tar<'_, R> {
    /// The next header, or `None` behind the last member.
    ///
    /// Two blocks of zeros end an archive. Another one may follow in the same file (`tar -A`, `cat`), and its
    /// members are members too; other bytes behind the end are ignored, as every reader does. They are read
    /// nonetheless, so that the checksum at the end of a compressed stream is verified.
    fn header(&mut self) -> Result<Option<Block>, ArchiveError> {
        let mut ended = false;
        let mut behind_the_end = false;
        loop {
            let mut block = [0; BLOCK];
            let mut filled = 0;
            while filled < BLOCK {
                match self.stream.read(&mut block[filled..]) {
                    Ok(0) if ended => return Ok(None),
                    // Also between two members: the end mark is missing, and more may be.
                    Ok(0) => return Err(self.fault(io::ErrorKind::UnexpectedEof.into())),
                    Ok(n) => filled += n,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(self.fault(error)),
                }
            }
            if behind_the_end {
                continue;
            }
            if block.iter().all(|byte| *byte == 0) {
                ended = true;
            } else if checksum_matches(&block) {
                return Ok(Some(block));
            } else if ended {
                behind_the_end = true;
            } else {
                return Err(self.corrupt("a member's header has a wrong checksum"));
            }
        }
    }

    /// The content of a long name or a pax header.
    fn extension(&mut self, size: u64) -> Result<Vec<u8>, ArchiveError> {
        if size > EXTENSION_LIMIT {
            return Err(self.corrupt("a member's extended header is too large"));
        }
        let mut bytes = Vec::new();
        let read = (&mut self.stream).take(size).read_to_end(&mut bytes);
        match read {
            Ok(n) if n as u64 == size => {}
            Ok(_) => return Err(self.fault(io::ErrorKind::UnexpectedEof.into())),
            Err(error) => return Err(self.fault(error)),
        }
        self.skip_exactly(padding(size))?;
        // A long name ends in a NUL.
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        Ok(bytes)
    }

    /// Pass over content and its padding.
    fn skip(&mut self, size: u64) -> Result<(), ArchiveError> {
        self.skip_exactly(size)?;
        self.skip_exactly(padding(size))
    }

    fn skip_exactly(&mut self, n: u64) -> Result<(), ArchiveError> {
        match io::copy(&mut (&mut self.stream).take(n), &mut io::sink()) {
            Ok(skipped) if skipped == n => Ok(()),
            Ok(_) => Err(self.fault(io::ErrorKind::UnexpectedEof.into())),
            Err(error) => Err(self.fault(error)),
        }
    }

    /// Pass over the blocks that continue the map of a GNU sparse file.
    fn skip_sparse_map(&mut self, header: &Block) -> Result<(), ArchiveError> {
        let mut continues = header[482] == 1;
        while continues {
            let mut block = [0; BLOCK];
            self.stream.read_exact(&mut block).map_err(|error| fault(error, self.guard, self.complete))?;
            continues = block[504] == 1;
        }
        Ok(())
    }

    fn fault(&self, error: io::Error) -> ArchiveError {
        fault(error, self.guard, self.complete)
    }

    fn corrupt(&self, what: &'static str) -> ArchiveError {
        ArchiveError::Corrupt { members: self.complete, what }
    }
}

/// A member's content; an archive that ends within it is an error, not a shorter member.
struct Content<'a, R> {
    stream: &'a mut R,
    remaining: u64,
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = self.remaining.min(buf.len() as u64) as usize;
        if wanted == 0 {
            return Ok(0);
        }
        let n = self.stream.read(&mut buf[..wanted])?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.remaining -= n as u64;
        Ok(n)
    }
}

/// Bytes from the end of content to the next block.
fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// The name in a header; ustar keeps the beginning of a longer one apart.
fn header_name(block: &Block) -> Vec<u8> {
    let name = until_nul(&block[..100]);
    let prefix = until_nul(&block[345..500]);
    // GNU tar writes `ustar  `, and other things where the prefix would be.
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
        [prefix, b"/", name].concat()
    } else {
        name.to_vec()
    }
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The sum of the header's bytes, its own field taken as spaces. Some old writers added signed bytes.
fn checksum_matches(block: &Block) -> bool {
    let Some(expected) = number(&block[148..156]).and_then(|sum| i64::try_from(sum).ok()) else {
        return false;
    };
    let spaces = 8 * i64::from(b' ');
    let bytes = || block[..148].iter().chain(&block[156..]);
    let unsigned: i64 = bytes().map(|byte| i64::from(*byte)).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    expected == unsigned + spaces || expected == signed + spaces
}

/// A number in octal digits, or in base 256 when it does not fit them (GNU).
fn number(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        return field[1..]
            .iter()
            .try_fold(0u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)));
    }
    let digits = field.iter().skip_while(|byte| **byte == b' ');
    let mut value = 0u64;
    for byte in digits {
        match byte {
            b'0'..=b'7' => value = value.checked_mul(8)? + u64::from(byte - b'0'),
            b' ' | 0 => break,
            _ => return None,
        }
    }
    Some(value)
}
