//! The fragments of compressed pixels as one stream: a picture may go on in the next one.

use std::ops::Range;

/// Where fragments stand in the file, and where each begins in the stream that they are together.
pub(super) struct Stream {
    fragments: Vec<Range<u64>>,
    starts: Vec<u64>,
    /// How long they are together.
    pub(super) len: u64,
}

impl Stream {
    pub(super) fn new(fragments: Vec<Range<u64>>) -> Self {
        let mut len = 0;
        let starts = fragments
            .iter()
            .map(|fragment| {
                let start = len;
                len += fragment.end - fragment.start;
                start
            })
            .collect();
        Stream { fragments, starts, len }
    }

    /// Which fragment holds this byte.
    fn fragment(&self, at: u64) -> usize {
        self.starts.partition_point(|&start| start <= at).saturating_sub(1)
    }

    /// Where the fragment of this byte ends.
    pub(super) fn end(&self, at: u64) -> u64 {
        self.starts.get(self.fragment(at) + 1).copied().unwrap_or(self.len)
    }

    /// Where the next fragment begins if this byte is within one.
    pub(super) fn next_start(&self, at: u64) -> u64 {
        if self.starts.binary_search(&at).is_ok() { at } else { self.end(at) }
    }

    /// The same bytes in the file, in one piece for each fragment.
    pub(super) fn pieces(&self, run: Range<u64>) -> Vec<Range<u64>> {
        let mut pieces = Vec::new();
        let mut at = run.start;
        let end = run.end.min(self.len);
        while at < end {
            let number = self.fragment(at);
            let stop = self.end(at).min(end);
            let place = self.fragments[number].start + (at - self.starts[number]);
            pieces.push(place..place + (stop - at));
            at = stop;
        }
        pieces
    }

    /// Where a byte stands in the file, and how many of its fragment follow with it.
    pub(super) fn place(&self, at: u64) -> Option<(u64, u64)> {
        if at >= self.len {
            return None;
        }
        let number = self.fragment(at);
        let place = self.fragments[number].start + (at - self.starts[number]);
        Some((place, self.fragments[number].end - place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_one_stream() {
        let stream = Stream::new(vec![100..110, 200..200, 300..305]);
        assert_eq!((stream.len, stream.end(3), stream.end(10), stream.end(12)), (15, 10, 15, 15));
        assert_eq!(stream.pieces(8..12), [108..110, 300..302]);
        assert_eq!(stream.pieces(12..99).first(), Some(&(302..305)));
        assert_eq!((stream.place(10), stream.place(15)), (Some((300, 5)), None));
        assert_eq!((stream.next_start(0), stream.next_start(1), stream.next_start(10)), (0, 10, 10));
    }
}
