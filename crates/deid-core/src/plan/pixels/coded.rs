//! What stands in compressed pictures beside what is coded, in all of them and to their ends.
//!
//! Segments of JPEG and JPEG-LS: ITU-T T.81 annex B, T.87 annex C; codestreams of JPEG 2000 and HTJ2K: T.800 annex A; boxes:
//! T.800 annex I; of JPEG XL: ISO/IEC 18181-2.

use super::stream::Stream;
use super::{MOST_SEGMENTS, Run, is_of_text, reads_as_text};
use crate::plan::Planner;
use deid_dicom::Source;
use memchr::memchr;
use std::ops::Range;

/// Coded bytes that are read at once.
const BLOCK: u64 = 256 << 10;
/// Runs of signs of a text that are none by chance: where nothing is coded, and where something may be.
const OUTSIDE: usize = 8;
const AMONG_CODED: usize = 16;
/// Of bytes that tell nothing about their structure, more are not looked through as one text.
const OVERLAP: u64 = 64;

/// Where a picture was left.
enum Left {
    /// Behind its end.
    Ended(u64),
    /// From here on nobody can tell what is coded.
    Lost(u64),
}

/// What comes next in coded data.
enum Next {
    Marker(u64),
    /// A fragment begins with another picture, or there is none.
    End(u64),
}

impl<S: Source> Planner<'_, '_, S> {
    /// What is to be overwritten in these fragments.
    pub(super) fn in_pictures(&mut self, fragments: Vec<Range<u64>>, runs: &mut Vec<Run>) {
        let stream = Stream::new(fragments);
        let mut at = 0;
        let mut lost = false;
        while at < stream.len && !self.plan.failed {
            let left = match self.head::<12>(&stream, at) {
                [0xFF, 0xD8, 0xFF, ..] => self.in_jpeg(&stream, at, runs),
                [0xFF, 0x4F, 0xFF, ..] => self.in_jpeg_2000(&stream, at, runs),
                [0, 0, 0, 12, b'j', b'P', ..] | [0, 0, 0, 12, b'J', b'X', ..] => {
                    self.in_boxes(&stream, at, runs)
                }
                // The codestream of JPEG XL has no segments.
                [0xFF, 0x0A, ..] => Left::Lost(at),
                _ => {
                    // What goes on with a picture, or is none at all.
                    let end = self.beginning(&stream, at).unwrap_or(stream.end(at));
                    self.look_through(&stream, at..end, if lost { AMONG_CODED } else { OUTSIDE }, runs);
                    at = end;
                    continue;
                }
            };
            lost = matches!(left, Left::Lost(_));
            at = match left {
                Left::Ended(behind) => self.behind_end(&stream, behind, runs),
                Left::Lost(place) => {
                    let end = stream.end(place.min(stream.len - 1)).max(place);
                    self.look_through(&stream, place..end, AMONG_CODED, runs);
                    end
                }
            };
        }
    }

    /// Segments and scans up to the end of the picture.
    fn in_jpeg(&mut self, stream: &Stream, start: u64, runs: &mut Vec<Run>) -> Left {
        let mut at = start + 2;
        let mut segments = 0;
        loop {
            segments += 1;
            let [sign, marker, high, low] = self.head::<4>(stream, at);
            if sign != 0xFF || at + 2 > stream.len || segments > MOST_SEGMENTS {
                return Left::Lost(at.min(stream.len));
            }
            match marker {
                // A byte that fills.
                0xFF => {
                    at += 1;
                    continue;
                }
                0xD9 => return Left::Ended(at + 2),
                // Another picture, where this one should go on.
                0xD8 => return Left::Ended(at),
                0x01 | 0xD0..=0xD7 => {
                    at += 2;
                    continue;
                }
                _ => {}
            }
            let length = u64::from(u16::from_be_bytes([high, low]));
            if length < 2 {
                return Left::Lost(at);
            }
            let body = at + 4..self.end_of_body(stream, at + 4, at + 2 + length);
            match marker {
                0xFE => self.comment(stream, body.clone(), runs),
                // Exif and XMP, notes of programs, IPTC: of no use for the pixels.
                0xE1 | 0xEC | 0xED => self.blank(stream, body.clone(), runs),
                // Adobe's says how colours are coded.
                0xEE if body.end - body.start == 12 => {}
                // JFIF, profiles of colours, SPIFF and transforms of colours, Adobe.
                0xE0 | 0xE2 | 0xE8 | 0xEE => self.marked(stream, body.clone(), runs),
                0xE0..=0xEF => self.note(stream, body.clone(), runs),
                _ => {}
            }
            at = body.end;
            if marker == 0xDA {
                // Stuffed bytes are below 0x80 in JPEG-LS and 0 in JPEG; restarts are within a scan.
                match self.next_marker(stream, at, |byte| byte >= 0xC0 && !(0xD0..=0xD7).contains(&byte)) {
                    Next::Marker(next) => at = next,
                    Next::End(end) => return Left::Ended(end),
                }
            }
        }
    }

    /// Where a segment ends: not behind the start of another picture in the next fragment, nor behind the last.
    fn end_of_body(&mut self, stream: &Stream, start: u64, end: u64) -> u64 {
        let end = end.min(stream.len);
        let next = stream.next_start(start);
        if next < end && self.begins_picture(stream, next) { next } else { end.max(start.min(stream.len)) }
    }

    /// Where a picture begins in a fragment that begins with something else.
    fn beginning(&mut self, stream: &Stream, at: u64) -> Option<u64> {
        let (place, left) = stream.place(at)?;
        let bytes = self.stretch(&(place..place + left.min(BLOCK)))?;
        let begins = [&[0xFF, 0xD8, 0xFF][..], &[0xFF, 0x4F, 0xFF, 0x51]];
        let found = begins.into_iter().filter_map(|mark| memchr::memmem::find(bytes, mark)).min()?;
        Some(at + found as u64).filter(|&found| found > at)
    }

    fn begins_picture(&mut self, stream: &Stream, at: u64) -> bool {
        matches!(
            self.head::<8>(stream, at),
            [0xFF, 0xD8, 0xFF, ..]
                | [0xFF, 0x4F, 0xFF, 0x51, ..]
                | [0, 0, 0, 12, b'j', b'P', b' ', b' ']
                | [0, 0, 0, 12, b'J', b'X', b'L', b' ']
        )
    }

    /// The codestream: main header, and of each part of a tile its header.
    fn in_jpeg_2000(&mut self, stream: &Stream, start: u64, runs: &mut Vec<Run>) -> Left {
        let mut at = start + 2;
        // Where the coded data of the part ends; 0 if only the end of the codestream tells.
        let mut part = None;
        let mut segments = 0;
        loop {
            let [sign, marker, high, low] = self.head::<4>(stream, at);
            if sign != 0xFF || at + 2 > stream.len || segments > MOST_SEGMENTS {
                return Left::Lost(at.min(stream.len));
            }
            match marker {
                0xD9 => return Left::Ended(at + 2),
                // Coded data follows.
                0x93 => {
                    let Some(end) = part.take() else { return Left::Lost(at) };
                    if end > at + 1 {
                        at = end;
                        if at > stream.len {
                            return Left::Ended(stream.len);
                        }
                        continue;
                    }
                    match self
                        .next_marker(stream, at + 2, |byte| byte >= 0x90 && !matches!(byte, 0x91 | 0x92))
                    {
                        Next::Marker(next) => at = next,
                        Next::End(end) => return Left::Ended(end),
                    }
                    continue;
                }
                _ => {}
            }
            let length = u64::from(u16::from_be_bytes([high, low]));
            if length < 2 {
                return Left::Lost(at);
            }
            let body = at + 4..self.end_of_body(stream, at + 4, at + 2 + length);
            match marker {
                0x90 => {
                    let [_, _, a, b, c, d, ..] = self.head::<8>(stream, body.start);
                    let length = u64::from(u32::from_be_bytes([a, b, c, d]));
                    part = Some(if length == 0 { 0 } else { at + length });
                    segments = 0;
                }
                // The first two bytes say whether it is text.
                0x64 if body.end - body.start > 2 => self.comment(stream, body.start + 2..body.end, runs),
                _ => {}
            }
            segments += 1;
            at = body.end;
        }
    }

    /// The boxes of a JP2 or JPEG XL file.
    fn in_boxes(&mut self, stream: &Stream, start: u64, runs: &mut Vec<Run>) -> Left {
        let mut at = start;
        for _ in 0..MOST_SEGMENTS {
            if at >= stream.len {
                return Left::Ended(stream.len);
            }
            // The next fragment may begin with the next picture.
            if at != start && stream.next_start(at) == at && self.begins_picture(stream, at) {
                return Left::Ended(at);
            }
            // Behind the last box is what fills.
            if at + 8 > stream.end(at) && at + 8 > stream.len || self.head::<8>(stream, at) == [0; 8] {
                return Left::Ended(at);
            }
            let Some((kind, content)) = self.next_box(stream, at) else { return Left::Lost(at) };
            match &kind {
                b"jp2c" => match self.in_jpeg_2000(stream, content.start, runs) {
                    Left::Ended(end) if end <= content.end => {
                        self.look_through(stream, end..content.end, OUTSIDE, runs);
                    }
                    Left::Ended(_) => {}
                    Left::Lost(place) => self.look_through(stream, place..content.end, AMONG_CODED, runs),
                },
                b"jP  " | b"JXL " if content.end - content.start == 4 => {}
                b"ftyp" | b"jxll" | b"jxli" => self.marked(stream, content.clone(), runs),
                b"jp2h" => self.in_header(stream, content.clone(), runs),
                b"jxlc" | b"jxlp" => self.look_through(stream, content.clone(), AMONG_CODED, runs),
                _ => {
                    // A box of nothing: its own format would be broken. How a JPEG was, with its comments, stands in one.
                    for (place, sign) in (at + 4..).zip(*b"free") {
                        if kind != *b"free" {
                            self.push(stream, place..place + 1, sign, runs);
                        }
                    }
                    self.blank(stream, content.clone(), runs);
                }
            }
            at = content.end;
        }
        Left::Lost(at)
    }

    /// The kind and content of the box at this place.
    fn next_box(&mut self, stream: &Stream, at: u64) -> Option<([u8; 4], Range<u64>)> {
        let [a, b, c, d, kind @ ..] = self.head::<8>(stream, at);
        let (size, end) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, stream.end(at)),
            1 => (16, at.checked_add(u64::from_be_bytes(self.head::<8>(stream, at + 8)))?),
            length => (8, at + u64::from(length)),
        };
        let content = at + size..end;
        (content.start <= content.end && content.end <= stream.len).then_some((kind, content))
    }

    /// The boxes of JP2's header: what says how samples are meant stays.
    fn in_header(&mut self, stream: &Stream, header: Range<u64>, runs: &mut Vec<Run>) {
        let mut at = header.start;
        for _ in 0..MOST_SEGMENTS {
            let found = self.next_box(stream, at).filter(|(_, content)| content.end <= header.end);
            let Some((kind, content)) = found.filter(|_| at + 8 <= header.end) else { break };
            match &kind {
                b"ihdr" | b"bpcc" | b"colr" | b"pclr" | b"cmap" | b"cdef" | b"res " => {
                    self.marked(stream, content.clone(), runs);
                }
                _ => self.blank(stream, content.clone(), runs),
            }
            at = content.end;
        }
        self.look_through(stream, at..header.end, OUTSIDE, runs);
    }

    /// The next two bytes of which the second is a marker that ends what is coded.
    fn next_marker(&mut self, stream: &Stream, from: u64, ends: impl Fn(u8) -> bool) -> Next {
        let mut at = from;
        while at < stream.len {
            if at != from && stream.next_start(at) == at && self.begins_picture(stream, at) {
                return Next::End(at);
            }
            let Some((place, left)) = stream.place(at) else { break };
            let length = left.min(BLOCK);
            let Some(bytes) = self.stretch(&(place..place + length)) else { return Next::End(stream.len) };
            let mut done = 0;
            let mut found = None;
            while let Some(sign) = memchr(0xFF, &bytes[done..]).map(|sign| done + sign) {
                match bytes.get(sign + 1) {
                    Some(&next) if ends(next) && next != 0xFF => {
                        found = Some(sign as u64);
                        break;
                    }
                    Some(_) => done = sign + 1,
                    // The next byte is in the next block.
                    None => {
                        found = Some(sign as u64);
                        break;
                    }
                }
            }
            match found {
                Some(sign) if sign + 1 < length || ends(self.head::<2>(stream, at + sign)[1]) => {
                    return Next::Marker(at + sign);
                }
                _ => at += length,
            }
        }
        Next::End(stream.len)
    }

    /// What stands behind the end of a picture, up to the end of its fragment, if it tells something: where to go on.
    fn behind_end(&mut self, stream: &Stream, at: u64, runs: &mut Vec<Run>) -> u64 {
        let Some((_, left)) = stream.place(at).filter(|_| stream.next_start(at) != at) else { return at };
        let end = at + left;
        if self.begins_picture(stream, at) {
            return at;
        }
        self.look_through(stream, at..end, OUTSIDE, runs);
        end
    }

    /// Bytes that nobody can take apart: what reads as a text goes, and what an identifier is in.
    fn look_through(&mut self, stream: &Stream, run: Range<u64>, shortest: usize, runs: &mut Vec<Run>) {
        for piece in stream.pieces(run) {
            let mut at = piece.start;
            while at < piece.end {
                let end = piece.end.min(at + BLOCK);
                let searcher = self.inputs.searcher;
                let Some(bytes) = self.stretch(&(at..end)) else { return };
                let whole = shortest == OUTSIDE && (reads_as_text(bytes) || searcher.is_in_binary(bytes));
                let found =
                    if whole { std::iter::once(0..bytes.len()).collect() } else { texts(bytes, shortest) };
                for text in found {
                    let text = at + text.start as u64..at + text.end as u64;
                    match runs.last_mut() {
                        // Blocks overlap.
                        Some(last)
                            if last.0.end >= text.start && last.0.start <= text.start && last.1 == 0 =>
                        {
                            last.0.end = last.0.end.max(text.end);
                        }
                        _ => runs.push((text, 0)),
                    }
                }
                at = if end == piece.end { end } else { end - OVERLAP };
            }
        }
    }

    /// A comment goes unless it tells of the program that made the picture.
    fn comment(&mut self, stream: &Stream, body: Range<u64>, runs: &mut Vec<Run>) {
        let bytes = self.joined(stream, body.clone());
        if self.tells(&bytes) && bytes.iter().any(|&byte| byte != b' ') {
            self.push(stream, body, b' ', runs);
        }
    }

    /// A note of some program goes if a text in it tells of more than that.
    fn note(&mut self, stream: &Stream, body: Range<u64>, runs: &mut Vec<Run>) {
        let bytes = self.joined(stream, body.clone());
        let searcher = self.inputs.searcher;
        let tells = searcher.is_in_binary(&bytes)
            || texts(&bytes, 5).into_iter().any(|text| self.tells(&bytes[text]));
        if tells && bytes.iter().any(|&byte| byte != b' ') {
            self.push(stream, body, b' ', runs);
        }
    }

    /// What is of no use for the pixels goes.
    fn blank(&mut self, stream: &Stream, body: Range<u64>, runs: &mut Vec<Run>) {
        for piece in stream.pieces(body) {
            let mut at = piece.start;
            while at < piece.end {
                let end = piece.end.min(at + BLOCK);
                let Some(bytes) = self.stretch(&(at..end)) else { return };
                if bytes.iter().any(|&byte| byte != b' ') {
                    runs.push((piece, b' '));
                    break;
                }
                at = end;
            }
        }
    }

    /// What readers may need goes if an identifier is in it.
    fn marked(&mut self, stream: &Stream, body: Range<u64>, runs: &mut Vec<Run>) {
        let bytes = self.joined(stream, body.clone());
        if self.inputs.searcher.is_in_binary(&bytes) {
            self.push(stream, body, b' ', runs);
        }
    }

    #[expect(clippy::unused_self, reason = "beside its like")]
    fn push(&self, stream: &Stream, run: Range<u64>, byte: u8, runs: &mut Vec<Run>) {
        runs.extend(stream.pieces(run).into_iter().map(|piece| (piece, byte)));
    }

    /// Bytes of one segment, which may stand in several fragments.
    fn joined(&mut self, stream: &Stream, run: Range<u64>) -> Vec<u8> {
        let mut joined = Vec::new();
        for piece in stream.pieces(run) {
            match self.stretch(&piece) {
                Some(bytes) => joined.extend_from_slice(bytes),
                None => break,
            }
        }
        joined
    }

    /// The bytes at this place; zeros where there are none.
    fn head<const N: usize>(&mut self, stream: &Stream, at: u64) -> [u8; N] {
        let Some((place, left)) = stream.place(at) else { return [0; N] };
        if left >= N as u64
            && let Some(bytes) = self.source.peek::<N>(place)
        {
            return bytes;
        }
        let mut head = [0; N];
        let bytes = self.joined(stream, at..at + N as u64);
        head[..bytes.len()].copy_from_slice(&bytes);
        head
    }
}

/// Runs of signs of a text, so many at least, with several letters.
fn texts(bytes: &[u8], shortest: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = shortest.saturating_sub(1);
    while at < bytes.len() {
        if !is_of_text(bytes[at]) {
            at += shortest;
            continue;
        }
        let before = bytes[..at].iter().rev().take_while(|byte| is_of_text(**byte)).count();
        let behind = bytes[at..].iter().take_while(|byte| is_of_text(**byte)).count();
        let run = at - before..at + behind;
        if run.len() >= shortest && reads_as_text(&bytes[run.clone()]) {
            found.push(run.clone());
        }
        at = run.end + shortest;
    }
    found
}
