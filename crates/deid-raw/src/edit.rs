//! Replacements in a file: everything else is copied.

use crate::{Cleaned, Output, Refusal};
use deid_dicom::{Piece, Source, Spliced};
use std::ops::Range;

/// Replacements, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    list: Vec<(Range<u64>, Vec<u8>)>,
    /// Fields left as they were.
    pub(crate) kept: u64,
    /// Fields with another value now.
    pub(crate) changed: u64,
}

impl Edits {
    /// Put `new` in the place of `range`; the same bytes count as kept.
    pub(crate) fn replace(&mut self, range: Range<u64>, old: &[u8], new: Vec<u8>) {
        if old == new {
            self.kept += 1;
        } else {
            self.changed += 1;
            self.list.push((range, new));
        }
    }

    /// Whether nothing changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The result for a source of `size` bytes; refused if replacements overlap.
    pub(crate) fn finish(mut self, size: u64) -> Result<Cleaned, Refusal> {
        self.list.sort_by_key(|(range, _)| (range.start, range.end));
        let mut spliced = Spliced::default();
        let mut at = 0;
        for (range, new) in &self.list {
            if range.start < at || range.end > size || range.start > range.end {
                return Err(Refusal::Malformed);
            }
            copy(&mut spliced, at, range.start);
            let start = spliced.new.len();
            spliced.new.extend_from_slice(new);
            if !new.is_empty() {
                spliced.pieces.push(Piece::New { start, end: spliced.new.len() });
            }
            at = range.end;
        }
        copy(&mut spliced, at, size);
        Ok(Cleaned { output: Output::Pieces(spliced), kept: self.kept, changed: self.changed })
    }

    /// The replacements carried out on bytes in memory.
    pub(crate) fn apply(self, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        match self.finish(bytes.len() as u64)?.output {
            Output::Pieces(spliced) => Ok(spliced.to_bytes(bytes)),
            Output::Bytes(bytes) => Ok(bytes),
        }
    }
}

fn copy(spliced: &mut Spliced, start: u64, end: u64) {
    if start < end {
        spliced.pieces.push(Piece::Copy { start, end });
    }
}

/// Bytes `start..start + length` of the source, at most `limit`.
pub(crate) fn read<S: Source>(
    source: &mut S,
    start: u64,
    length: u64,
    limit: u64,
) -> Result<Vec<u8>, Refusal> {
    if length > limit {
        return Err(Refusal::TooLarge);
    }
    let length = usize::try_from(length).map_err(|_| Refusal::TooLarge)?;
    source.bytes(start, length).map(<[u8]>::to_vec).ok_or(Refusal::Length)
}

/// A number at an offset.
pub(crate) fn u32_at<S: Source>(source: &mut S, offset: u64) -> Option<u32> {
    source.peek::<4>(offset).map(u32::from_le_bytes)
}

/// A number of eight bytes at an offset.
pub(crate) fn u64_at<S: Source>(source: &mut S, offset: u64) -> Option<u64> {
    source.peek::<8>(offset).map(u64::from_le_bytes)
}

/// Text of a header: UTF-8 if it is, else Latin-1, of which any bytes are text.
pub(crate) fn decode(bytes: &[u8]) -> (String, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (bytes.iter().map(|byte| char::from(*byte)).collect(), false),
    }
}

/// The same back; what Latin-1 does not have becomes `X`.
pub(crate) fn encode(text: &str, utf8: bool) -> Vec<u8> {
    if utf8 {
        return text.as_bytes().to_vec();
    }
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'X')).collect()
}

/// The lines of a text with the offset of each, without their ends.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    bytes.split_inclusive(|byte| *byte == b'\n').map(move |line| {
        let start = at;
        at += line.len();
        let mut end = line.len();
        while end > 0 && matches!(line[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        (start, &line[..end])
    })
}

/// Without blanks and NULs at both ends, and where that begins.
pub(crate) fn trim(bytes: &[u8]) -> (usize, &[u8]) {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let start = bytes.iter().position(|byte| !blank(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    (start, &bytes[start..end])
}
