//! Results written from where their bytes are: what was read and what is new, in one call.

use std::fs::File;
use std::io::{self, IoSlice, Write};

use deid_core::Body;
use deid_dicom::Piece;

use super::{Opened, SMALL_COPY};
use crate::files::{copy_range_unless, read_exact_at};
use crate::output::Planned;

/// Shorter runs are gathered in memory: each that is written from its place costs the system some time.
const LONG: usize = 4 << 10;

/// A run of bytes to be written.
enum Run<'a> {
    /// In its place.
    There(&'a [u8]),
    /// This range of the buffer.
    Gathered(usize, usize),
}

/// Writes a result of which all but the end was read already; `false` if it is none, and nothing was written.
pub(super) fn write(
    out: &mut File,
    (buffer, end): (&mut Vec<u8>, &mut Vec<u8>),
    planned: &Planned,
    opened: &Opened<'_>,
    given_up: &dyn Fn() -> bool,
) -> io::Result<bool> {
    let (Body::Pieces(spliced), Opened::File(file, _, held)) = (&planned.body, opened) else {
        return Ok(false);
    };
    let (mut pieces, mut rest) = (&spliced.pieces[..], None);
    if let Some((Piece::Copy { start, end }, before)) = pieces.split_last()
        && *end > held.len() as u64
    {
        let from = (*start).max(held.len() as u64);
        rest = Some((from, end.checked_sub(from).ok_or(io::ErrorKind::InvalidInput)?));
        pieces = before;
    }
    let is_held = |piece: &Piece| {
        matches!(piece, Piece::New { .. })
            || matches!(piece, Piece::Copy { end, .. } if *end <= held.len() as u64)
    };
    if !pieces.iter().all(is_held) {
        return Ok(false);
    }
    buffer.clear();
    let mut runs = Vec::new();
    let mut add = |bytes, buffer: &mut Vec<u8>| gather(&mut runs, buffer, bytes);
    add(&planned.head[..], buffer);
    for piece in pieces {
        match *piece {
            Piece::New { start, end } => add(&spliced.new[start..end], buffer),
            Piece::Copy { start, end } => add(&held[start as usize..end as usize], buffer),
        }
    }
    if let (Some(Piece::Copy { start, .. }), Some(_)) = (spliced.pieces.last(), rest)
        && let Some(bytes) = held.get(*start as usize..)
    {
        add(bytes, buffer);
    }
    let small = rest.filter(|&(_, length)| length <= SMALL_COPY);
    if let Some((start, length)) = small {
        // Zeroed once only, when it is new.
        if end.len() < length as usize {
            end.resize(length as usize, 0);
        }
        let end = &mut end[..length as usize];
        read_exact_at(file, start, end)?;
        runs.push(Run::There(end));
    }
    let mut slices: Vec<IoSlice<'_>> = runs
        .iter()
        .map(|run| match run {
            Run::There(bytes) => IoSlice::new(bytes),
            Run::Gathered(start, end) => IoSlice::new(&buffer[*start..*end]),
        })
        .collect();
    write_all(out, &mut slices)?;
    if let (Some((start, length)), None) = (rest, small) {
        copy_range_unless(file, out, start, length, given_up)?;
    }
    Ok(true)
}

/// Adds a run of bytes, to the run before it if both are gathered.
fn gather<'a>(runs: &mut Vec<Run<'a>>, buffer: &mut Vec<u8>, bytes: &'a [u8]) {
    if bytes.len() >= LONG {
        runs.push(Run::There(bytes));
    } else if !bytes.is_empty() {
        let from = buffer.len();
        buffer.extend_from_slice(bytes);
        match runs.last_mut() {
            Some(Run::Gathered(_, end)) => *end = buffer.len(),
            _ => runs.push(Run::Gathered(from, buffer.len())),
        }
    }
}

/// Writes all of them.
fn write_all(out: &mut File, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match out.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_dicom::Spliced;
    use std::io::{Read, Seek};

    #[test]
    fn what_is_written_is_what_the_pieces_say() {
        let bytes: Vec<u8> = (0..300_000).map(|n: usize| (n * 7 + n / 251) as u8).collect();
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(&bytes).unwrap();
        let new: Vec<u8> = (0..20_000).map(|n: usize| (n * 3) as u8).collect();
        let copy = |start, end| Piece::Copy { start, end };
        let of_new = |start, end| Piece::New { start, end };
        let cases = [
            (vec![], true),
            (vec![of_new(0, 20_000)], true),
            (
                vec![
                    copy(132, 5000),
                    of_new(0, 10),
                    copy(5010, 5020),
                    of_new(10, 15_000),
                    copy(5020, 300_000),
                ],
                true,
            ),
            // The end begins behind what was read, or is short.
            (vec![copy(0, 10), copy(90_000, 90_100)], true),
            (vec![of_new(0, 4096), copy(60_000, 130_000)], true),
            (vec![copy(0, 65_536), copy(65_536, 65_537), of_new(0, 1)], false),
            (vec![copy(70_000, 80_000), copy(90_000, 90_100)], false),
        ];
        for (pieces, gathers) in cases {
            for head in [0, 400] {
                let spliced = Spliced { pieces: pieces.clone(), new: new.clone() };
                let mut expected = vec![b'h'; head];
                expected.extend(spliced.to_bytes(&bytes));
                let planned = Planned { head: vec![b'h'; head], body: Body::Pieces(spliced) };
                let mut out = tempfile::tempfile().unwrap();
                let opened = Opened::File(&input, bytes.len() as u64, &bytes[..65_536]);
                let mut buffer = b"left from before".to_vec();
                let mut end = vec![b'x'; 7];
                assert_eq!(
                    write(&mut out, (&mut buffer, &mut end), &planned, &opened, &|| false).unwrap(),
                    gathers,
                    "{pieces:?}"
                );
                let mut written = Vec::new();
                out.rewind().unwrap();
                out.read_to_end(&mut written).unwrap();
                assert_eq!(written, if gathers { expected } else { Vec::new() }, "{pieces:?}");
            }
        }
    }
}
