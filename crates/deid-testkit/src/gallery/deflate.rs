//! The Deflated transfer syntax, whose data set is one raw deflate stream (PS3.5 A.5, RFC 1951).

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};

use super::{Case, case, file_in, header, person, pixels};
use crate::uids;

pub(super) fn cases() -> Vec<Case> {
    let stream = deflate(&data_set());
    let padding = vec![0; 1 + stream.len() % 2];
    let cut = stream[..stream.len() - 6].to_vec();
    vec![
        case(
            "deflated_raw",
            "A sound deflated file: every name in it is out of sight of a plain search.",
            file_in(uids::DEFLATED, std::slice::from_ref(&stream)),
        ),
        case(
            "deflated_zlib_header_wrong",
            "The stream has zlib's header and checksum around it: the obvious call of the library was the wrong one.",
            file_in(uids::DEFLATED, &[zlib(&data_set())]),
        ),
        case(
            "deflated_padded",
            "Zeros after the end of the deflate stream, where PS3.5 A.5 wants one and only if the length was odd.",
            file_in(uids::DEFLATED, &[stream, padding]),
        ),
        case(
            "deflated_truncated",
            "The deflate stream stops early: part of the data set can still be read, and leaked.",
            file_in(uids::DEFLATED, &[cut]),
        ),
    ]
}

fn data_set() -> Vec<u8> {
    [header(), person(), pixels()].concat()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all bytes")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all bytes")
}
