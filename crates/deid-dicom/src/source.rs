//! Where the bytes come from: a slice, or anything that can give slices at offsets.

/// Random access to the bytes of a file or of an inflated data set.
///
/// The walker asks for headers and the planner for values; neither asks for the bytes of a large value,
/// so an implementation over a file needs to hold only what was asked for.
pub trait Source {
    /// Number of bytes.
    fn size(&self) -> u64;

    /// The `length` bytes at `offset`, or `None` where the source ends before them (or could not be read:
    /// an implementation over a file remembers that and its owner asks).
    fn bytes(&mut self, offset: u64, length: usize) -> Option<&[u8]>;

    /// Copies the `N` bytes at `offset` without asking the source to keep them.
    fn peek<const N: usize>(&mut self, offset: u64) -> Option<[u8; N]> {
        self.bytes(offset, N).and_then(|bytes| bytes.try_into().ok())
    }
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    #[inline]
    fn bytes(&mut self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset).ok()?;
        self.get(start..start.checked_add(length)?)
    }
}
