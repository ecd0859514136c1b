//! Deflated data sets (PS3.5 A.5).

use crate::{FaultKind, Faults};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::fmt;

/// Why a data set could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InflateError {
    /// The stream is damaged or ends early.
    Damaged,
    /// More than the allowed number of bytes comes out.
    TooLarge,
}

impl fmt::Display for InflateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InflateError::Damaged => "the deflated data set is damaged",
            InflateError::TooLarge => "the deflated data set is larger than allowed",
        })
    }
}

impl std::error::Error for InflateError {}

/// Inflates a data set of at most `limit` bytes.
///
/// More than 200 times the deflated size (beyond 64 MiB) is taken for a bomb: [`InflateError::TooLarge`].
///
/// A zlib header, which the standard does not allow, is accepted and reported; so are bytes after the stream other
/// than one NUL of padding.
pub fn inflate(deflated: &[u8], limit: usize, faults: &mut Faults) -> Result<Vec<u8>, InflateError> {
    let limit = limit.min(deflated.len().saturating_mul(200).max(64 << 20));
    match run(deflated, limit, false) {
        Ok((data, used)) => {
            check_tail(deflated, used, faults);
            Ok(data)
        }
        Err(InflateError::TooLarge) => Err(InflateError::TooLarge),
        Err(InflateError::Damaged) => {
            let (data, used) = run(deflated, limit, true)?;
            faults.push(FaultKind::DeflateZlibHeader, 0, None);
            check_tail(deflated, used, faults);
            Ok(data)
        }
    }
}

fn check_tail(deflated: &[u8], used: usize, faults: &mut Faults) {
    let tail = &deflated[used..];
    if tail.len() > 1 || tail.iter().any(|&byte| byte != 0) {
        faults.push(FaultKind::DeflateTrailing, used as u64, None);
    }
}

fn run(deflated: &[u8], limit: usize, zlib: bool) -> Result<(Vec<u8>, usize), InflateError> {
    let mut inflater = Decompress::new(zlib);
    let mut data = Vec::with_capacity(deflated.len().min(limit));
    loop {
        if data.len() == data.capacity() {
            data.reserve(data.len().clamp(4096, 64 << 20));
        }
        let (used, made) = (inflater.total_in() as usize, inflater.total_out());
        let status = inflater
            .decompress_vec(&deflated[used..], &mut data, FlushDecompress::None)
            .map_err(|_| InflateError::Damaged)?;
        if data.len() > limit {
            return Err(InflateError::TooLarge);
        }
        match status {
            Status::StreamEnd => return Ok((data, inflater.total_in() as usize)),
            Status::Ok | Status::BufError => {
                let stuck = inflater.total_in() as usize == used && inflater.total_out() == made;
                if stuck && data.len() < data.capacity() {
                    return Err(InflateError::Damaged);
                }
            }
        }
    }
}

/// A deflater that takes a data set piece by piece.
pub struct Deflater {
    compress: Compress,
    written: u64,
}

impl Default for Deflater {
    fn default() -> Self {
        Deflater { compress: Compress::new(Compression::default(), false), written: 0 }
    }
}

impl fmt::Debug for Deflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater").field("written", &self.written).finish_non_exhaustive()
    }
}

impl Deflater {
    /// Appends what comes of `data` to `out`.
    pub fn push(&mut self, data: &[u8], out: &mut Vec<u8>) {
        self.drive(data, FlushCompress::None, out);
    }

    /// Ends the stream; its length is made even with a NUL, as the standard wants.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.drive(&[], FlushCompress::Finish, out);
        if self.written % 2 == 1 {
            out.push(0);
        }
    }

    fn drive(&mut self, data: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
        let start = self.compress.total_in();
        loop {
            out.reserve(4096);
            let before = out.len();
            let used = (self.compress.total_in() - start) as usize;
            // Compression into memory has no error but a buffer without room, and there is room.
            let status = self.compress.compress_vec(&data[used..], out, flush);
            self.written += (out.len() - before) as u64;
            let used = (self.compress.total_in() - start) as usize;
            let done = match flush {
                FlushCompress::Finish => matches!(status, Ok(Status::StreamEnd) | Err(_)),
                _ => used == data.len() && out.len() < out.capacity(),
            };
            if done || status.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deflated_is_inflated_again() {
        let data: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
        let mut deflater = Deflater::default();
        let mut out = Vec::new();
        for part in data.chunks(7777) {
            deflater.push(part, &mut out);
        }
        deflater.finish(&mut out);
        assert_eq!(out.len() % 2, 0);
        let mut faults = Faults::default();
        assert_eq!(inflate(&out, usize::MAX, &mut faults).unwrap(), data);
        assert!(faults.is_empty());
        assert_eq!(inflate(&out, 1000, &mut faults), Err(InflateError::TooLarge));
        assert_eq!(inflate(&out[..out.len() / 2], usize::MAX, &mut faults), Err(InflateError::Damaged));
        assert_eq!(inflate(&[], usize::MAX, &mut faults), Err(InflateError::Damaged));
    }
}
