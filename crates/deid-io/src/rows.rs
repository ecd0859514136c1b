//! A file that is written row by row and may wait for room on the disk.

use std::fs::File;
use std::io::{self, Write};

/// Rows gathered before they are written.
const GATHERED: usize = 8 << 10;

/// A file of rows. Adding one never fails: what cannot be written is kept in memory and tried again.
#[derive(Debug)]
pub(crate) struct Rows {
    file: File,
    waiting: Vec<u8>,
    /// No attempt before so much waits.
    next: usize,
}

impl Rows {
    pub(crate) fn new(file: File) -> Self {
        Self { file, waiting: Vec::new(), next: GATHERED }
    }

    /// Add a row, with what ends it.
    pub(crate) fn add(&mut self, row: &[u8]) {
        self.waiting.extend_from_slice(row);
        if self.waiting.len() >= self.next {
            // It is told at the end, if it still fails.
            let _ = self.flush();
            self.next = self.waiting.len() + GATHERED;
        }
    }

    /// Write what waits.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        let result = loop {
            if written == self.waiting.len() {
                break Ok(());
            }
            match self.file.write(&self.waiting[written..]) {
                Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => written += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        self.waiting.drain(..written);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_their_order() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut rows = Rows::new(file.reopen().unwrap());
        let expected: String = "first\n".to_owned() + &"row\n".repeat(5000) + "last\n";
        for line in expected.split_inclusive('\n') {
            rows.add(line.as_bytes());
            assert!(rows.waiting.len() < GATHERED);
        }
        rows.flush().unwrap();
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), expected);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_cannot_be_written_waits() {
        let mut rows = Rows::new(File::options().write(true).open("/dev/full").unwrap());
        for _ in 0..100 {
            rows.add(&[b'x'; 1000]);
        }
        assert_eq!(rows.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);
        rows.file = tempfile::tempfile().unwrap();
        rows.flush().unwrap();
        assert_eq!((rows.waiting.len(), rows.file.metadata().unwrap().len()), (0, 100_000));
    }
}
