//! NIfTI under gzip, `.nii.gz`. The gzip header, which holds the name and time of the original file, is written anew;
//! the voxels are compressed anew only if the NIfTI header changed.

use crate::nifti::{self, Layout};
use crate::{Cleaned, Judge, Output, Refusal};
use deid_dicom::{Piece, Source, Spliced};
use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

/// What is read at once.
const BLOCK: usize = 64 << 10;
/// A gzip header without name, time and system (RFC 1952).
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];
/// Larger results are not held in memory.
const LIMIT: usize = 4 << 30;

/// Where the deflated bytes begin: behind the header and its optional fields.
fn deflated<S: Source>(source: &mut S) -> Option<u64> {
    let header = source.peek::<10>(0)?;
    if !header.starts_with(&[0x1F, 0x8B, 8]) || header[3] & 0xE0 != 0 {
        return None;
    }
    let mut at = 10;
    if header[3] & 4 != 0 {
        at += 2 + u64::from(u16::from_le_bytes(source.peek::<2>(at)?));
    }
    for flag in [8, 16] {
        if header[3] & flag != 0 {
            let start = at;
            while source.peek::<1>(at)?[0] != 0 {
                at += 1;
                if at - start > BLOCK as u64 {
                    return None;
                }
            }
            at += 1;
        }
    }
    if header[3] & 2 != 0 {
        at += 2;
    }
    Some(at)
}

/// Inflates block by block and hands on what comes; `false` stops. Returns where the stream ends if it does.
fn inflate<S: Source>(
    source: &mut S,
    start: u64,
    mut each: impl FnMut(&[u8]) -> Result<bool, Refusal>,
) -> Result<Option<u64>, Refusal> {
    let mut inflater = Decompress::new(false);
    // Larger than a block: what is compressed well is not read again and again.
    let mut out = vec![0; 16 * BLOCK];
    loop {
        let at = start + inflater.total_in();
        let left = source.size().checked_sub(at).ok_or(Refusal::Length)?;
        // A large block is copied without asking the source to keep it.
        let large;
        let small;
        let input: &[u8] = if left >= BLOCK as u64 {
            large = source.peek::<BLOCK>(at).ok_or(Refusal::Length)?;
            &large
        } else {
            small = source.bytes(at, left as usize).ok_or(Refusal::Length)?.to_vec();
            &small
        };
        let (before, read) = (inflater.total_out(), inflater.total_in());
        let status =
            inflater.decompress(input, &mut out, FlushDecompress::None).map_err(|_| Refusal::Malformed)?;
        let count = (inflater.total_out() - before) as usize;
        if !each(&out[..count])? {
            return Ok(None);
        }
        if status == Status::StreamEnd {
            return Ok(Some(start + inflater.total_in()));
        }
        if count == 0 && inflater.total_in() == read {
            return Err(Refusal::Malformed);
        }
    }
}

/// The beginning of what is compressed, as much as there is up to `length`.
fn beginning<S: Source>(source: &mut S, length: usize) -> Result<Vec<u8>, Refusal> {
    let start = deflated(source).ok_or(Refusal::Malformed)?;
    let mut bytes = Vec::new();
    inflate(source, start, |block| {
        bytes.extend_from_slice(&block[..block.len().min(length - bytes.len())]);
        Ok(bytes.len() < length)
    })?;
    Ok(bytes)
}

pub(crate) fn sniff<S: Source>(source: &mut S) -> bool {
    beginning(source, 540).is_ok_and(|header| nifti::layout(&header).is_some())
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let start = deflated(source).ok_or(Refusal::Malformed)?;
    let first = beginning(source, 540)?;
    let layout: Layout = nifti::layout(&first).ok_or(Refusal::Malformed)?;
    let voxels = layout.size(&first).ok_or(Refusal::Malformed)?;
    let head = layout.voxels(&first).filter(|at| *at >= layout.header() as u64).ok_or(Refusal::Malformed)?;
    if !layout.is_single() || head > nifti::LIMIT {
        return Err(Refusal::UnknownRevision);
    }
    let header = beginning(source, head as usize)?;
    if header.len() as u64 != head {
        return Err(Refusal::Length);
    }
    let edits = nifti::edits(&header, layout, judge)?;
    let (kept, changed) = (edits.kept, edits.changed);
    let changes = !edits.is_empty();
    let new = edits.apply(&header)?;
    if judge.names(&new) {
        return Err(Refusal::Identifier);
    }
    let mut output = Writer::new(changes);
    output.push(&new)?;
    let mut seen = 0_u64;
    let mut crc = Crc::new();
    let end = inflate(source, start, |block| {
        crc.update(block);
        let skipped = head.saturating_sub(seen).min(block.len() as u64) as usize;
        seen += block.len() as u64;
        output.push(&block[skipped..])?;
        Ok(true)
    })?;
    let end = end.ok_or(Refusal::Malformed)?;
    let trailer = source.peek::<8>(end).ok_or(Refusal::Length)?;
    // One member, whole, with nothing behind it.
    let intact = trailer[..4] == crc.sum().to_le_bytes() && trailer[4..] == (seen as u32).to_le_bytes();
    if !intact || end + 8 != source.size() || head.checked_add(voxels) != Some(seen) {
        return Err(Refusal::Length);
    }
    let output = if changes {
        Output::Bytes(output.finish()?)
    } else {
        let mut spliced = Spliced { new: HEADER.to_vec(), ..Spliced::default() };
        spliced.pieces.push(Piece::New { start: 0, end: HEADER.len() });
        spliced.pieces.push(Piece::Copy { start, end: source.size() });
        Output::Pieces(spliced)
    };
    Ok(Cleaned { output, kept, changed })
}

/// Compresses what it is given.
struct Writer {
    deflater: Compress,
    crc: Crc,
    out: Vec<u8>,
    wanted: bool,
}

impl Writer {
    /// One that does nothing unless `wanted`.
    fn new(wanted: bool) -> Self {
        let out = if wanted { HEADER.to_vec() } else { Vec::new() };
        Writer { deflater: Compress::new(Compression::default(), false), crc: Crc::new(), out, wanted }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if !self.wanted {
            return Ok(());
        }
        self.crc.update(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            let before = self.deflater.total_in();
            self.step(rest, FlushCompress::None)?;
            rest = &rest[(self.deflater.total_in() - before) as usize..];
        }
        Ok(())
    }

    fn step(&mut self, bytes: &[u8], flush: FlushCompress) -> Result<Status, Refusal> {
        if self.out.len() > LIMIT {
            return Err(Refusal::TooLarge);
        }
        self.out.reserve(BLOCK);
        self.deflater.compress_vec(bytes, &mut self.out, flush).map_err(|_| Refusal::Malformed)
    }

    fn finish(mut self) -> Result<Vec<u8>, Refusal> {
        while self.step(&[], FlushCompress::Finish)? != Status::StreamEnd {}
        self.out.extend(self.crc.sum().to_le_bytes());
        self.out.extend(self.crc.amount().to_le_bytes());
        Ok(self.out)
    }
}
