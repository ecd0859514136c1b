//! Protocols in gzip or zip: inflated up to a limit, cleaned, and packed again.

use crate::ge::PLAIN_HEADER;
use crate::{Judge, Outcome, protocol, xml};
use flate2::{Compression, Crc, read};
use std::io::{Read, Write};

/// The most that is inflated. Protocols have some hundred kilobytes.
const LIMIT: u64 = 16 << 20;

/// Cleans a protocol, whatever it is packed in.
pub(crate) fn clean(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    if protocol::is_protocol(bytes) {
        return protocol::clean(bytes, judge);
    }
    match bytes {
        [0x1F, 0x8B, ..] => gzipped(bytes, judge),
        [b'P', b'K', 3, 4, ..] => zipped(bytes, judge),
        _ => match bytes.trim_ascii_start() {
            [b'<', ..] => xml::clean(bytes, judge),
            _ => Outcome::Refused,
        },
    }
}

fn gzipped(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let stream = match bytes {
        [rest @ .., 0] if gunzip(bytes).is_none() => rest,
        _ => bytes,
    };
    let Some(inside) = gunzip(stream) else { return Outcome::Refused };
    let Some(new) = content(&inside, judge) else { return Outcome::Refused };
    let mut out = gzip(&new);
    out.resize(out.len().next_multiple_of(2), 0);
    if out == bytes { Outcome::Unchanged } else { Outcome::Changed(out) }
}

/// What is inside, cleaned; `None` if it is nothing that can be.
fn content(inside: &[u8], judge: &dyn Judge) -> Option<Vec<u8>> {
    let outcome = match inside.trim_ascii_start() {
        _ if protocol::is_protocol(inside) => protocol::clean(inside, judge),
        [b'<', ..] => xml::clean(inside, judge),
        _ => Outcome::Refused,
    };
    match outcome {
        Outcome::Unchanged => Some(inside.to_vec()),
        Outcome::Changed(new) => Some(new),
        Outcome::NotAHeader | Outcome::Refused => None,
    }
}

/// What is packed in a value, in gzip, with or without GE's length before it, or in a zip of one member.
pub fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let stream = match bytes {
        [0x1F, 0x8B, ..] => bytes,
        [_, _, _, _, stream @ ..] if stream.starts_with(&[0x1F, 0x8B]) => stream,
        [b'P', b'K', 3, 4, ..] => return only_member(bytes),
        _ => return None,
    };
    gunzip(stream).or_else(|| gunzip(stream.strip_suffix(&[0])?))
}

/// One member only, as Phoenix packs its protocol; it is packed again under a name that says nothing.
fn zipped(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let Some(inside) = only_member(bytes) else { return Outcome::Refused };
    let Some(new) = content(&inside, judge) else { return Outcome::Refused };
    let mut out = zip(&new);
    out.resize(out.len().next_multiple_of(2), 0);
    if out == bytes { Outcome::Unchanged } else { Outcome::Changed(out) }
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize)
}

/// The content of a zip archive that has one member, by its local header (APPNOTE.TXT 4.3.7).
fn only_member(bytes: &[u8]) -> Option<Vec<u8>> {
    let end = (0..=bytes.len().checked_sub(22)?)
        .rev()
        .take(1 << 16)
        .find(|&at| bytes[at..].starts_with(b"PK\x05\x06"))?;
    (short(bytes, end + 10)? == 1).then_some(())?;
    let central = long(bytes, end + 16)?;
    bytes.get(central..)?.starts_with(b"PK\x01\x02").then_some(())?;
    let (method, packed, size) =
        (short(bytes, central + 10)?, long(bytes, central + 20)?, long(bytes, central + 24)?);
    let encrypted = short(bytes, central + 8)? & 1 == 1;
    let local = long(bytes, central + 42)?;
    let start = local
        .checked_add(30)?
        .checked_add(short(bytes, local + 26)?)?
        .checked_add(short(bytes, local + 28)?)?;
    let data = bytes.get(start..start.checked_add(packed)?)?;
    if encrypted || size as u64 > LIMIT {
        return None;
    }
    match method {
        0 => Some(data.to_vec()),
        8 => limited(read::DeflateDecoder::new(data)),
        _ => None,
    }
}

const MEMBER: &[u8] = b"protocol";

/// A zip archive of one member, without time and attributes.
fn zip(content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(content);
    let packed = deflated(content);
    let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
    for number in [crc.sum(), packed.len() as u32, content.len() as u32] {
        common.extend_from_slice(&number.to_le_bytes());
    }
    common.extend_from_slice(&(MEMBER.len() as u16).to_le_bytes());
    common.extend_from_slice(&[0, 0]);
    let mut out = [b"PK\x03\x04", &common[..], MEMBER, &packed].concat();
    let central = out.len();
    out.extend([b"PK\x01\x02\x14\x00", &common[..], &[0; 14], MEMBER].concat());
    let size = out.len() - central;
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend_from_slice(&(size as u32).to_le_bytes());
    out.extend_from_slice(&(central as u32).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

/// What a gzip stream holds, if it is whole and within the limit.
pub(crate) fn gunzip(stream: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = flate2::bufread::GzDecoder::new(stream);
    let mut out = Vec::new();
    let length = decoder.by_ref().take(LIMIT + 1).read_to_end(&mut out).ok()?;
    // What stands behind the stream would be written on.
    (length as u64 <= LIMIT && decoder.into_inner().iter().all(|&byte| byte == 0)).then_some(out)
}

fn limited(decoder: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let length = decoder.take(LIMIT + 1).read_to_end(&mut out).ok()?;
    (length as u64 <= LIMIT).then_some(out)
}

/// Bytes in gzip, under a header that says nothing.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(content);
    let sums = [crc.sum().to_le_bytes(), (content.len() as u32).to_le_bytes()].concat();
    [&PLAIN_HEADER[..], &deflated(content), &sums].concat()
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory takes all bytes")
}

/// Where the deflate stream begins behind a gzip header (RFC 1952 2.3).
pub(crate) fn gzip_header(stream: &[u8]) -> Option<usize> {
    let flags = *stream.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + short(stream, at)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += stream.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    (at <= stream.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nobody::Nobody;

    const PROTOCOL: &[u8] =
        b"### ASCCONV BEGIN ###\ntPatientName = \"ZQXAAAAB\"\nlX = 1\n### ASCCONV END ###";
    const CLEANED: &[u8] = b"### ASCCONV BEGIN ###\ntPatientName = \"\"        \nlX = 1\n### ASCCONV END ###";

    #[test]
    fn a_packed_protocol_is_packed_again() {
        let Outcome::Changed(out) = clean(&gzip(PROTOCOL), &Nobody) else { panic!("not changed") };
        assert_eq!(gunzip(&out).as_deref(), Some(CLEANED));
        let Outcome::Changed(out) = clean(&zip(PROTOCOL), &Nobody) else { panic!("not changed") };
        assert_eq!(only_member(&out).as_deref(), Some(CLEANED));
        assert_eq!(clean(&out, &Nobody), Outcome::Unchanged);
    }

    #[test]
    fn what_is_no_protocol_or_too_much_is_refused() {
        assert_eq!(clean(&gzip(b"ZQXAAAAB"), &Nobody), Outcome::Refused);
        assert_eq!(clean(&zip(b"ZQXAAAAB"), &Nobody), Outcome::Refused);
        let bomb = [PROTOCOL, &vec![b' '; LIMIT as usize]].concat();
        assert_eq!(clean(&gzip(&bomb), &Nobody), Outcome::Refused);
        assert_eq!(clean(&zip(&bomb), &Nobody), Outcome::Refused);
        let mut behind = gzip(PROTOCOL);
        behind.extend_from_slice(b"ZQXAAAAB");
        assert_eq!(clean(&behind, &Nobody), Outcome::Refused);
    }

    #[test]
    fn xml_keeps_its_tags() {
        let document = br#"<?xml version="1.0"?><pdl name="ZQXAAAAB"><!-- ZQXAAAAB --><slice tr="2628">axial</slice><text>ZQXAAAAB</text></pdl>"#;
        let Outcome::Changed(out) = clean(document, &Nobody) else { panic!("not changed") };
        let expected =
            br#"<?xml version="1.0"?><pdl name=""><slice tr="2628">axial</slice><text></text></pdl>"#;
        assert!(out.starts_with(expected), "{}", String::from_utf8_lossy(&out));
        assert_eq!(clean(b"<a b=\"c>", &Nobody), Outcome::Refused);
    }
}
