//! Compression in blocks on several threads.
//!
//! [`InOrder`] does pieces of work on threads of its own and hands the results out in the order in which the work was
//! given; [`BlockGzip`] is a gzip stream whose blocks are such pieces. Where a block ends depends on the bytes alone,
//! so the stream is the same whatever the number of threads.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Bytes of one block before compression.
const BLOCK: usize = 256 << 10;
/// How far back deflate refers: a block knows so much of the one before, and loses nothing by being apart.
const WINDOW: usize = 32 << 10;

/// Work, and who waits for what comes of it.
type Task<R> = (Box<dyn FnOnce() -> R + Send>, SyncSender<R>);

/// Does work on threads of its own, with results in order. Not more is under way than twice the threads; with one
/// thread all is done at once by the caller.
pub(super) struct InOrder<R> {
    /// None for one thread. The threads end when this is dropped.
    tasks: Option<Sender<Task<R>>>,
    waiting: VecDeque<Receiver<R>>,
    most: usize,
}

impl<R: Send + 'static> InOrder<R> {
    pub(super) fn new(threads: usize) -> Self {
        let most = 2 * threads.max(1);
        if threads <= 1 {
            return Self { tasks: None, waiting: VecDeque::new(), most: 0 };
        }
        let (tasks, queue) = channel::<Task<R>>();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((work, result)) = next else { return };
                    // Nobody waits for it if the archive was given up.
                    let _ = result.send(work());
                }
            });
        }
        Self { tasks: Some(tasks), waiting: VecDeque::new(), most }
    }

    /// Have this done.
    pub(super) fn give(&mut self, work: impl FnOnce() -> R + Send + 'static) {
        let (sender, result) = sync_channel(1);
        self.waiting.push_back(result);
        match &self.tasks {
            // A thread that is gone has dropped the sender, which shows when the result is taken.
            Some(tasks) => drop(tasks.send((Box::new(work), sender))),
            None => drop(sender.send(work())),
        }
    }

    /// The next result if too many are under way, or `all` are wanted. An error: the work panicked.
    pub(super) fn take(&mut self, all: bool) -> Option<io::Result<R>> {
        if self.waiting.len() <= self.most && !all {
            return None;
        }
        let result = self.waiting.pop_front()?;
        Some(result.recv().map_err(|_| io::Error::other("compressing failed")))
    }
}

/// A block that is compressed.
struct Compressed {
    bytes: Vec<u8>,
    /// Of what it was before.
    checksum: Crc,
}

/// Writes one gzip stream, in blocks that end at a byte, as `pigz` does.
pub(super) struct BlockGzip<W> {
    out: W,
    level: u32,
    /// The end of the block before, then the block that is being gathered.
    gathered: Vec<u8>,
    /// Where that begins.
    start: usize,
    checksum: Crc,
    blocks: InOrder<io::Result<Compressed>>,
}

impl<W: Write> BlockGzip<W> {
    pub(super) fn new(mut out: W, level: u32, threads: usize) -> io::Result<Self> {
        // Deflate, no flags, no time, no word of the level or the system (RFC 1952 2.3).
        out.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])?;
        Ok(Self {
            out,
            level,
            gathered: Vec::with_capacity(WINDOW + BLOCK),
            start: 0,
            checksum: Crc::new(),
            blocks: InOrder::new(threads),
        })
    }

    /// Write what is left and the end; the writer beneath.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.compress(true)?;
        self.receive(true)?;
        self.out.write_all(&self.checksum.sum().to_le_bytes())?;
        // Of longer streams the low 32 bits, as the format wants it.
        self.out.write_all(&self.checksum.amount().to_le_bytes())?;
        Ok(self.out)
    }

    /// Have the gathered block compressed, and begin the next.
    fn compress(&mut self, last: bool) -> io::Result<()> {
        let mut next = Vec::with_capacity(WINDOW + BLOCK);
        next.extend_from_slice(&self.gathered[self.gathered.len().saturating_sub(WINDOW)..]);
        let (level, start) = (self.level, mem::replace(&mut self.start, next.len()));
        let block = mem::replace(&mut self.gathered, next);
        self.blocks.give(move || compress(&block[..start], &block[start..], level, last));
        self.receive(false)
    }

    fn receive(&mut self, all: bool) -> io::Result<()> {
        while let Some(block) = self.blocks.take(all) {
            let Compressed { bytes, checksum } = block??;
            self.checksum.combine(&checksum);
            self.out.write_all(&bytes)?;
        }
        Ok(())
    }
}

impl<W: Write> Write for BlockGzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.start + BLOCK - self.gathered.len());
        self.gathered.extend_from_slice(&bytes[..taken]);
        if self.gathered.len() == self.start + BLOCK {
            self.compress(false)?;
        }
        Ok(taken)
    }

    /// What is gathered stays: a block ends where it always does.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Deflate one block, which may refer to what is `before` it.
fn compress(before: &[u8], block: &[u8], level: u32, last: bool) -> io::Result<Compressed> {
    let mut checksum = Crc::new();
    checksum.update(block);
    let mut deflate = Compress::new(Compression::new(level), false);
    if !before.is_empty() {
        deflate.set_dictionary(before).map_err(io::Error::other)?;
    }
    let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
    let mut bytes = Vec::with_capacity(block.len() / 2 + (1 << 10));
    loop {
        let done = deflate.total_in() as usize;
        let status = deflate.compress_vec(&block[done..], &mut bytes, flush).map_err(io::Error::other)?;
        let flushed = deflate.total_in() as usize == block.len() && bytes.len() < bytes.capacity();
        if status == Status::StreamEnd || (flushed && !last) {
            return Ok(Compressed { bytes, checksum });
        }
        bytes.reserve(BLOCK / 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// Text that deflate gains on, far back too, and noise.
    fn sample(length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if state >> 63 == 0 {
                bytes.extend_from_slice(b"the same words again and again ");
            } else {
                bytes.extend_from_slice(&state.to_le_bytes());
            }
        }
        bytes.truncate(length);
        bytes
    }

    fn gzip(bytes: &[u8], threads: usize, step: usize) -> Vec<u8> {
        let mut writer = BlockGzip::new(Vec::new(), 5, threads).unwrap();
        for part in bytes.chunks(step) {
            writer.write_all(part).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn what_comes_out_is_what_went_in_whatever_the_threads() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 17] {
            let bytes = sample(length);
            let written = gzip(&bytes, 1, 7777);
            assert!(written == gzip(&bytes, 2, 512), "two threads, {length}");
            assert!(written == gzip(&bytes, 5, usize::MAX), "five threads, {length}");
            // Not a decoder of several members: it is one stream.
            let mut read = Vec::new();
            let mut decoder = flate2::bufread::GzDecoder::new(&written[..]);
            decoder.read_to_end(&mut read).unwrap();
            assert!(read == bytes && decoder.into_inner().is_empty(), "{length}");
        }
    }

    #[test]
    fn blocks_cost_next_to_nothing() {
        let bytes = sample(8 * BLOCK);
        let mut whole = flate2::write::GzEncoder::new(Vec::new(), Compression::new(5));
        whole.write_all(&bytes).unwrap();
        let (whole, blocks) = (whole.finish().unwrap().len(), gzip(&bytes, 2, 1 << 16).len());
        assert!(blocks < whole + whole / 100, "{blocks} bytes instead of {whole}");
    }

    #[test]
    fn results_are_in_order_and_few_are_under_way() {
        for threads in [1, 3] {
            let mut work = InOrder::new(threads);
            let mut results = Vec::new();
            for n in 0..50_u64 {
                work.give(move || {
                    thread::sleep(std::time::Duration::from_micros((n * 7919) % 500));
                    n
                });
                results.extend(work.take(false).map(Result::unwrap));
                assert!(work.waiting.len() <= 2 * threads);
            }
            while let Some(result) = work.take(true) {
                results.push(result.unwrap());
            }
            assert!(results.into_iter().eq(0..50));
        }
    }

    #[test]
    fn work_that_panics_is_an_error() {
        let mut work = InOrder::new(2);
        work.give(|| assert!(std::env::args().count() == 0, "a bug"));
        assert!(work.take(true).unwrap().is_err());
    }
}
