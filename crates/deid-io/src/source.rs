//! A DICOM source over an open file that holds only what was asked for.
//!
//! The walker asks for headers, the planner for values; neither asks for pixel data, so the memory that
//! [`FileSource`] takes does not grow with it. An error of reading is remembered: whoever owns the source
//! asks for it, so that a failing disk is not taken for a truncated file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;

use deid_dicom::Source;

use crate::files::read_exact_at;

/// The first read, unless the headers of the files before were longer.
const HEAD: usize = 32 << 10;
/// The longest first read.
const LONGEST_HEAD: usize = 1 << 20;
/// The head grows by at least as much, and over gaps no longer than this.
const STEP: usize = 64 << 10;
/// The first read of one who looks for few values: the rest of a header is read where they stand.
const SPARSE: usize = 8 << 10;
/// What is read at once elsewhere in the file.
const SEGMENT: usize = 4 << 10;
/// What is read for a look at a header elsewhere: others stand nearby. Not kept.
const WINDOW: usize = 8 << 10;
/// So much is kept of the head, and of all segments: thousands of frames have longer headers, and what is behind is read
/// once more when it is wanted again.
const MOST_KEPT: usize = 8 << 20;
/// What is read at once then, in place of what was read before.
const CHUNK: usize = 256 << 10;

/// Bytes of a file on demand.
#[derive(Debug)]
pub struct FileSource<'f> {
    file: &'f File,
    size: u64,
    /// The bytes from 0 on, as many as are held; what follows is left from other files.
    head: Vec<u8>,
    held: usize,
    /// The length of the first read.
    first: usize,
    /// By how much the head grows at least, and over which gaps.
    step: usize,
    /// Other runs of bytes by their offsets, and how many bytes they are.
    segments: BTreeMap<u64, Vec<u8>>,
    in_segments: usize,
    /// The run asked for last, where no more is kept.
    chunk: (u64, Vec<u8>),
    /// The bytes looked at last, and where they begin.
    window: (u64, Vec<u8>),
    window_held: usize,
    error: Option<io::Error>,
}

/// Memory that sources use one after the other, and what they learnt of the length of headers.
#[derive(Debug, Default)]
pub struct Head {
    bytes: Vec<u8>,
    window: Vec<u8>,
    length: usize,
}

impl<'f> FileSource<'f> {
    /// A source over `size` bytes of a file.
    pub fn new(file: &'f File, size: u64) -> Self {
        Self::reusing(file, size, &mut Head::default())
    }

    /// A source that uses memory of another one that is done with.
    pub fn reusing(file: &'f File, size: u64, memory: &mut Head) -> Self {
        Self {
            file,
            size,
            head: std::mem::take(&mut memory.bytes),
            held: 0,
            first: memory.length.clamp(HEAD, LONGEST_HEAD),
            step: STEP,
            segments: BTreeMap::new(),
            in_segments: 0,
            chunk: (0, Vec::new()),
            window: (0, std::mem::take(&mut memory.window)),
            window_held: 0,
            error: None,
        }
    }

    /// The same for one who asks for a few values of a header only: what lies between them is not read.
    pub fn sparse(file: &'f File, size: u64, memory: &mut Head) -> Self {
        Self { first: SPARSE, step: SEGMENT, ..Self::reusing(file, size, memory) }
    }

    /// The bytes from 0 on that were read.
    pub fn head(&self) -> &[u8] {
        &self.head[..self.held]
    }

    /// Give the memory back, for the next source.
    pub fn give_back(self, memory: &mut Head) {
        // A file with an unusual header does not set the measure for all that follow.
        if self.head.len() <= 8 * LONGEST_HEAD {
            memory.bytes = self.head;
        }
        memory.window = self.window.1;
        memory.length = self.held;
    }

    /// The first error of reading, if there was one: then nothing said about the file is to be trusted.
    pub fn error(&self) -> Option<&io::Error> {
        self.error.as_ref()
    }

    /// The same, for one that is to be told; an end before its time if there was none.
    pub fn into_error(self) -> io::Error {
        self.error.unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Bytes held in memory.
    #[cfg(test)]
    fn held(&self) -> usize {
        self.held + self.segments.values().map(Vec::len).sum::<usize>() + self.chunk.1.capacity()
    }

    /// Read from `offset` on to the end of `buffer`; `None` and a remembered error if that fails.
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Option<()> {
        match read_exact_at(self.file, offset, buffer) {
            Ok(()) => Some(()),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    /// Let the head reach `end` at least and `wanted` if there is so much. Memory is zeroed once only, when it is new.
    fn extend_head(&mut self, end: u64, wanted: u64) -> Option<()> {
        let target = usize::try_from(wanted.min(self.size).max(end)).ok()?;
        let mut head = std::mem::take(&mut self.head);
        if head.len() < target {
            head.resize(target, 0);
        }
        let read = self.read(self.held as u64, &mut head[self.held..target]);
        self.head = head;
        read?;
        self.held = target;
        Some(())
    }

    fn is_in_segment(&self, offset: u64, end: u64) -> bool {
        let before = self.segments.range(..=offset).next_back();
        before.is_some_and(|(start, run)| end <= start + run.len() as u64)
    }

    /// Bytes that are not kept.
    fn in_chunk(&mut self, offset: u64, end: u64) -> Option<&[u8]> {
        let (start, held) = (self.chunk.0, self.chunk.1.len() as u64);
        if offset < start || end > start + held {
            let mut chunk = std::mem::take(&mut self.chunk.1);
            // One long value does not set the measure.
            if chunk.capacity() > MOST_KEPT {
                chunk = Vec::new();
            }
            chunk.clear();
            self.extend(&mut chunk, offset, end, offset + CHUNK as u64)?;
            self.chunk = (offset, chunk);
        }
        let start = self.chunk.0;
        self.chunk.1.get((offset - start) as usize..(end - start) as usize)
    }

    /// Let `run`, which begins at `start`, reach `end` at least and `wanted` if there is so much.
    fn extend(&mut self, run: &mut Vec<u8>, start: u64, end: u64, wanted: u64) -> Option<()> {
        let held = run.len();
        let target = usize::try_from(wanted.min(self.size).max(end) - start).ok()?;
        run.resize(target, 0);
        let read = self.read(start + held as u64, &mut run[held..]);
        if read.is_none() {
            run.truncate(held);
        }
        read
    }
}

impl Source for FileSource<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn bytes(&mut self, offset: u64, length: usize) -> Option<&[u8]> {
        let end = offset.checked_add(length as u64)?;
        if end > self.size || self.error.is_some() {
            return None;
        }
        if end <= self.held as u64 {
            return self.head.get(offset as usize..end as usize);
        }
        if offset >= self.window.0 && end <= self.window.0 + self.window_held as u64 {
            let start = (offset - self.window.0) as usize;
            return self.window.1.get(start..start + length);
        }
        let step = if self.held == 0 { self.first } else { self.step } as u64;
        if offset <= self.held as u64 + step && end <= MOST_KEPT as u64 {
            self.extend_head(end, self.held as u64 + step)?;
            return self.head.get(offset as usize..end as usize);
        }
        if self.in_segments >= MOST_KEPT && !self.is_in_segment(offset, end) {
            return self.in_chunk(offset, end);
        }
        let start = match self.segments.range(..=offset).next_back() {
            Some((start, run)) if offset <= start + run.len() as u64 => *start,
            _ => offset,
        };
        let mut run = self.segments.remove(&start).unwrap_or_default();
        self.in_segments -= run.len();
        let covered = start + run.len() as u64;
        let read = if end > covered {
            self.extend(&mut run, start, end, covered + SEGMENT as u64)
        } else {
            Some(())
        };
        self.in_segments += run.len();
        let run = self.segments.entry(start).or_insert(run);
        read?;
        run.get((offset - start) as usize..(end - start) as usize)
    }

    fn peek<const N: usize>(&mut self, offset: u64) -> Option<[u8; N]> {
        let end = offset.checked_add(N as u64)?;
        if end <= self.held as u64 {
            return self.head[offset as usize..end as usize].try_into().ok();
        }
        if end <= (self.first as u64).min(self.size) {
            return self.bytes(offset, N).and_then(|bytes| bytes.try_into().ok());
        }
        if end > self.size || self.error.is_some() {
            return None;
        }
        if let Some((start, run)) = self.segments.range(..=offset).next_back()
            && let Some(bytes) = run.get((offset - start) as usize..).and_then(|rest| rest.get(..N))
        {
            return bytes.try_into().ok();
        }
        let (start, chunk) = &self.chunk;
        if let Some(at) = offset.checked_sub(*start)
            && let Some(bytes) = chunk.get(at as usize..).and_then(|rest| rest.get(..N))
        {
            return bytes.try_into().ok();
        }
        let in_window = |(start, bytes): &(u64, Vec<u8>), held: usize| {
            let at = usize::try_from(offset.checked_sub(*start)?).ok()?;
            bytes[..held].get(at..)?.get(..N)?.try_into().ok()
        };
        if let Some(bytes) = in_window(&self.window, self.window_held) {
            return Some(bytes);
        }
        let mut window = std::mem::take(&mut self.window.1);
        let length = (self.size - offset).min(WINDOW.max(N) as u64) as usize;
        if window.len() < length {
            window.resize(length, 0);
        }
        let read = self.read(offset, &mut window[..length]);
        self.window = (offset, window);
        self.window_held = if read.is_some() { length } else { 0 };
        read?;
        in_window(&self.window, self.window_held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(length: usize) -> (File, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|n| (n * 7 + n / 251) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        (file, bytes)
    }

    #[test]
    fn bytes_are_those_of_the_file_wherever_they_are_asked_for() {
        let (file, bytes) = file(1_000_000);
        let mut source = FileSource::new(&file, 1_000_000);
        let mut offset = 0u64;
        for n in 0..4000u64 {
            offset = (offset + n * 7919) % 999_000;
            let length = (n % 900) as usize;
            let expected = &bytes[offset as usize..offset as usize + length];
            assert_eq!(source.bytes(offset, length), Some(expected));
            assert_eq!(source.peek::<8>(offset).unwrap(), bytes[offset as usize..offset as usize + 8]);
        }
        assert_eq!(source.bytes(999_999, 1), Some(&bytes[999_999..]));
        assert_eq!(source.bytes(999_999, 2), None);
        assert_eq!(source.bytes(u64::MAX, 2), None);
        assert_eq!(source.peek::<4>(999_998), None);
        assert!(source.error().is_none());
    }

    #[test]
    fn memory_does_not_grow_with_what_is_passed_over() {
        let (file, _) = file(5_000_000);
        let mut source = FileSource::new(&file, 5_000_000);
        source.bytes(0, 10_000).unwrap();
        for n in 1..400 {
            source.peek::<8>(n * 12_000).unwrap();
        }
        assert_eq!(source.held(), HEAD);
        source.bytes(4_900_000, 100).unwrap();
        source.bytes(4_900_100, 100).unwrap();
        assert_eq!(source.held(), HEAD + SEGMENT);
    }

    #[test]
    fn who_looks_for_few_values_reads_little() {
        let (file, bytes) = file(1_000_000);
        let mut source = FileSource::sparse(&file, 1_000_000, &mut Head::default());
        for at in [0, 132, 6000, 9000, 40_000, 40_200, 500_000] {
            assert_eq!(source.peek::<8>(at).unwrap(), bytes[at as usize..at as usize + 8]);
            assert_eq!(source.bytes(at, 60), Some(&bytes[at as usize..at as usize + 60]));
        }
        // Values stand where was looked.
        assert_eq!(source.held(), SPARSE);
        for at in [9000, 40_000, 40_200, 500_000] {
            assert_eq!(source.bytes(at, 60), Some(&bytes[at as usize..at as usize + 60]));
        }
        assert_eq!(source.held(), SPARSE + 2 * SEGMENT);
    }

    #[test]
    fn of_a_long_header_no_more_than_so_much_is_kept() {
        let (file, bytes) = file(4 * MOST_KEPT);
        let mut source = FileSource::new(&file, 4 * MOST_KEPT as u64);
        for pass in 0..2 {
            for offset in (0..4 * MOST_KEPT - 200).step_by(10_000) {
                let expected = &bytes[offset..offset + 100];
                assert_eq!(source.peek::<8>(offset as u64).unwrap(), expected[..8], "{pass}");
                assert!(source.bytes(offset as u64, 100) == Some(expected), "{pass}, {offset}");
                assert!(source.held() <= 2 * MOST_KEPT + STEP + 2 * CHUNK);
            }
        }
        let whole = source.bytes(10, 3 * MOST_KEPT).unwrap();
        assert!(whole == &bytes[10..10 + 3 * MOST_KEPT]);
        assert_eq!(source.bytes(100, 1), Some(&bytes[100..101]));
        assert_eq!(source.bytes(3 * MOST_KEPT as u64 + 50, 1), Some(&bytes[3 * MOST_KEPT + 50..][..1]));
    }

    #[test]
    fn a_file_that_shrinks_is_an_error_and_not_a_truncation() {
        let (file, _) = file(100_000);
        let mut source = FileSource::new(&file, 100_001);
        assert!(source.bytes(0, 8).is_some());
        assert_eq!(source.peek::<2>(99_999), None);
        assert_eq!(source.error().unwrap().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(source.bytes(0, 8), None, "nothing is answered after an error");
    }
}
