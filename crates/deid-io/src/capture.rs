//! Metadata taken out of JPEG and PNG pictures (captures, photographs) without decoding them.
//!
//! [`strip`] copies what is needed to decode the pixels and nothing else: EXIF, XMP, comments, text chunks,
//! thumbnails and whatever follows the end of the picture are left out. The compressed pixels are copied as
//! they are and **not inspected**: a name written into the picture stays in it. A picture that does not
//! follow its format is an error, never a partial result.

use std::fmt;

/// A format of picture that [`strip`] knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureKind {
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// Portable Network Graphics.
    Png,
}

/// Why a picture was not stripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureError {
    /// The bytes begin neither as JPEG nor as PNG.
    UnknownFormat,
    /// The picture ends before its end mark.
    Truncated,
    /// Something does not follow the format, or may hold what we cannot vouch for.
    Malformed(&'static str),
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFormat => f.write_str("this is neither a JPEG nor a PNG picture"),
            Self::Truncated => f.write_str("the picture ends before its end mark"),
            Self::Malformed(what) => write!(f, "the picture does not follow its format: {what}"),
        }
    }
}

impl std::error::Error for CaptureError {}

/// Which format the first bytes of a file announce.
pub fn sniff(bytes: &[u8]) -> Option<CaptureKind> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(CaptureKind::Jpeg)
    } else if bytes.starts_with(PNG_SIGNATURE) {
        Some(CaptureKind::Png)
    } else {
        None
    }
}

/// The picture without its metadata.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>, CaptureError> {
    match sniff(bytes) {
        Some(CaptureKind::Jpeg) => strip_jpeg(bytes),
        Some(CaptureKind::Png) => strip_png(bytes),
        None => Err(CaptureError::UnknownFormat),
    }
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// JPEG markers by name, ITU-T T.81 table B.1.
mod marker {
    pub(super) const DHT: u8 = 0xc4;
    pub(super) const JPG: u8 = 0xc8;
    pub(super) const DAC: u8 = 0xcc;
    pub(super) const SOI: u8 = 0xd8;
    pub(super) const EOI: u8 = 0xd9;
    pub(super) const SOS: u8 = 0xda;
    pub(super) const DQT: u8 = 0xdb;
    pub(super) const DNL: u8 = 0xdc;
    pub(super) const DRI: u8 = 0xdd;
    pub(super) const APP0: u8 = 0xe0;
    pub(super) const APP14: u8 = 0xee;
    pub(super) const APP15: u8 = 0xef;
    pub(super) const COM: u8 = 0xfe;
}

fn strip_jpeg(bytes: &[u8]) -> Result<Vec<u8>, CaptureError> {
    use CaptureError::{Malformed, Truncated};
    let mut out = vec![0xff, marker::SOI];
    let mut at = 2;
    let (mut jfif_seen, mut frame_seen, mut scan_seen) = (false, false, false);
    loop {
        if *bytes.get(at).ok_or(Truncated)? != 0xff {
            return Err(Malformed("bytes between two JPEG segments"));
        }
        // Any number of FF may stand before a marker (B.1.1.2).
        while *bytes.get(at).ok_or(Truncated)? == 0xff {
            at += 1;
        }
        let kind = bytes[at];
        at += 1;
        if kind == marker::EOI {
            if !(frame_seen && scan_seen) {
                return Err(Malformed("a JPEG without a frame or without a scan"));
            }
            out.extend([0xff, marker::EOI]);
            return Ok(out);
        }
        let length = bytes.get(at..at + 2).ok_or(Truncated)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length < 2 {
            return Err(Malformed("a JPEG segment shorter than its own length"));
        }
        let body = bytes.get(at + 2..at + length).ok_or(Truncated)?;
        at += length;
        match kind {
            marker::APP0 => {
                // Version, units and density; the thumbnail behind them may show what was masked since.
                if let Some(fixed) = body.get(..12).filter(|fixed| fixed.starts_with(b"JFIF\0"))
                    && !jfif_seen
                {
                    jfif_seen = true;
                    let mut fixed = fixed.to_vec();
                    fixed.extend([0, 0]);
                    put_segment(&mut out, kind, &fixed);
                }
            }
            // How the colours are encoded: without it they come out wrong.
            marker::APP14 => {
                if let Some(fixed) = body.get(..12).filter(|fixed| fixed.starts_with(b"Adobe")) {
                    put_segment(&mut out, kind, fixed);
                }
            }
            marker::APP0..=marker::APP15 | marker::COM => {}
            marker::DQT if quantization_is_well_formed(body) => put_segment(&mut out, kind, body),
            marker::DHT if huffman_is_well_formed(body) => put_segment(&mut out, kind, body),
            marker::DAC if body.len().is_multiple_of(2) => put_segment(&mut out, kind, body),
            marker::DRI | marker::DNL if body.len() == 2 => put_segment(&mut out, kind, body),
            marker::SOS
                if frame_seen && body.first().is_some_and(|n| body.len() == 4 + 2 * usize::from(*n)) =>
            {
                scan_seen = true;
                put_segment(&mut out, kind, body);
                let end = at + scan_length(&bytes[at..]).ok_or(Truncated)?;
                out.extend_from_slice(&bytes[at..end]);
                at = end;
            }
            0xc0..=0xcf
                if !matches!(kind, marker::DHT | marker::JPG | marker::DAC)
                    && body.get(5).is_some_and(|n| body.len() == 6 + 3 * usize::from(*n)) =>
            {
                frame_seen = true;
                put_segment(&mut out, kind, body);
            }
            _ => return Err(Malformed("a JPEG segment that is damaged or unknown")),
        }
    }
}

fn put_segment(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.extend([0xff, kind]);
    // It was read from a segment whose length fits 16 bits, and is no longer than that.
    out.extend(((body.len() + 2) as u16).to_be_bytes());
    out.extend_from_slice(body);
}

/// Tables of 64 entries, of 8 or 16 bits, that fill the segment (B.2.4.1).
fn quantization_is_well_formed(mut body: &[u8]) -> bool {
    while let Some((&head, rest)) = body.split_first() {
        let size = match head >> 4 {
            0 => 64,
            1 => 128,
            _ => return false,
        };
        let Some(next) = rest.get(size..) else {
            return false;
        };
        body = next;
    }
    true
}

/// Tables of 16 counts and as many symbols as these add up to, that fill the segment (B.2.4.2).
fn huffman_is_well_formed(mut body: &[u8]) -> bool {
    while !body.is_empty() {
        let Some(counts) = body.get(1..17) else {
            return false;
        };
        let symbols: usize = counts.iter().map(|n| usize::from(*n)).sum();
        let Some(next) = body.get(17 + symbols..) else {
            return false;
        };
        body = next;
    }
    true
}

/// How long the entropy-coded bytes are: up to the first marker that is not a restart (B.1.1.5).
fn scan_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == 0xff)?;
        match *bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            _ => return Some(at),
        }
    }
}

fn strip_png(bytes: &[u8]) -> Result<Vec<u8>, CaptureError> {
    use CaptureError::{Malformed, Truncated};
    let mut out = PNG_SIGNATURE.to_vec();
    let mut at = PNG_SIGNATURE.len();
    let mut data_seen = false;
    loop {
        let head = bytes.get(at..at + 8).ok_or(Truncated)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        if length > i32::MAX as u32 {
            return Err(Malformed("a PNG chunk longer than the format allows"));
        }
        let length = length as usize;
        let kind = &head[4..8];
        let chunk = bytes.get(at..at + 12 + length).ok_or(Truncated)?;
        let first = at == PNG_SIGNATURE.len();
        at += chunk.len();
        if first != (kind == b"IHDR") {
            return Err(Malformed("a PNG without its header first and once"));
        }
        let keep = match kind {
            b"IHDR" => length == 13,
            b"PLTE" => length.is_multiple_of(3) && length <= 768,
            b"IDAT" => {
                data_seen = true;
                true
            }
            b"IEND" => length == 0 && data_seen,
            b"tRNS" => length <= 256,
            b"gAMA" => length == 4,
            b"cHRM" => length == 32,
            b"sRGB" => length == 1,
            b"sBIT" => (1..=4).contains(&length),
            b"bKGD" => matches!(length, 1 | 2 | 6),
            b"pHYs" => length == 9,
            // A small first letter: a decoder may do without it (PNG 5.4).
            _ if kind[0].is_ascii_lowercase() => continue,
            _ => return Err(Malformed("a PNG chunk that is needed and unknown")),
        };
        if !keep {
            return Err(Malformed("a PNG chunk of the wrong length, or out of place"));
        }
        let (content, sum) = chunk[4..].split_at(length + 4);
        let mut crc = flate2::Crc::new();
        crc.update(content);
        if crc.sum().to_be_bytes() != sum {
            return Err(Malformed("a PNG chunk with a wrong checksum"));
        }
        out.extend_from_slice(chunk);
        if kind == b"IEND" {
            return Ok(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCAN: &[u8] = &[0x12, 0xff, 0x00, 0x34, 0xff, 0xd3, 0x56];

    fn segment(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_segment(&mut out, kind, body);
        out
    }

    fn frame() -> Vec<u8> {
        segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0])
    }

    fn scan() -> Vec<u8> {
        let mut out = segment(marker::SOS, &[1, 1, 0, 0, 63, 0]);
        out.extend_from_slice(SCAN);
        out
    }

    fn jpeg(parts: &[Vec<u8>]) -> Vec<u8> {
        [vec![0xff, 0xd8], parts.concat(), vec![0xff, 0xd9]].concat()
    }

    fn jfif(thumbnail: &[u8]) -> Vec<u8> {
        segment(0xe0, &[b"JFIF\0\x01\x02\x01\0\x48\0\x48", thumbnail].concat())
    }

    fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
        let content = [kind, body].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        let length = (body.len() as u32).to_be_bytes();
        [&length[..], &content, &crc.sum().to_be_bytes()].concat()
    }

    fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
        [PNG_SIGNATURE.to_vec(), chunks.concat()].concat()
    }

    fn header() -> Vec<u8> {
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
    }

    #[test]
    fn jpeg_metadata_goes_and_pixels_stay() {
        let quantization = segment(marker::DQT, &[0; 65]);
        let mut huffman_body = vec![0u8; 17];
        huffman_body[1] = 1;
        huffman_body.push(5);
        let huffman = segment(marker::DHT, &huffman_body);
        let adobe = segment(marker::APP14, b"Adobe\0\x64\0\0\0\0\x01");
        let dirty = jpeg(&[
            jfif(&[1, 1, 0xaa, 0xbb, 0xcc]),
            segment(0xe0, b"JFXX\0\x10 thumbnail"),
            segment(0xe1, b"Exif\0\0DOE^JANE"),
            segment(0xe2, b"ICC_PROFILE\0"),
            segment(0xed, b"Photoshop 3.0\0DOE^JANE"),
            [adobe.clone(), segment(0xef, b"DOE^JANE")].concat(),
            segment(marker::COM, b"DOE^JANE"),
            quantization.clone(),
            frame(),
            huffman.clone(),
            scan(),
            segment(marker::COM, b"DOE^JANE"),
            scan(),
        ]);
        let clean = jpeg(&[jfif(&[0, 0]), adobe, quantization, frame(), huffman, scan(), scan()]);
        let with_tail = [dirty, b"DOE^JANE".to_vec()].concat();
        assert_eq!(strip(&with_tail), Ok(clean.clone()));
        assert_eq!(strip(&clean), Ok(clean), "a second time changes nothing");
    }

    #[test]
    fn fill_bytes_and_an_overlong_adobe_segment_are_not_copied() {
        let dirty = jpeg(&[
            segment(marker::APP14, b"Adobe\0\x64\0\0\0\0\x01DOE^JANE"),
            vec![0xff, 0xff],
            frame(),
            scan(),
        ]);
        let adobe = segment(marker::APP14, b"Adobe\0\x64\0\0\0\0\x01");
        assert_eq!(strip(&dirty), Ok(jpeg(&[adobe, frame(), scan()])));
    }

    #[test]
    fn malformed_jpegs_are_refused() {
        let whole = jpeg(&[frame(), scan()]);
        for end in 3..whole.len() {
            assert!(strip(&whole[..end]).is_err(), "cut at {end}");
        }
        for parts in [
            vec![],
            vec![frame()],
            vec![scan(), frame()],
            vec![b"DOE^JANE".to_vec(), frame(), scan()],
            vec![segment(marker::DRI, b"DOE^JANE"), frame(), scan()],
            vec![segment(marker::DQT, b"DOE^JANE"), frame(), scan()],
            vec![segment(marker::DHT, b"DOE^JANE"), frame(), scan()],
            vec![segment(0xf5, b"DOE^JANE"), frame(), scan()],
            vec![vec![0xff, 0xe1, 0, 1], frame(), scan()],
        ] {
            assert!(strip(&jpeg(&parts)).is_err(), "{parts:?}");
        }
    }

    #[test]
    fn png_metadata_goes_and_pixels_stay() {
        let keep = |extra: &[Vec<u8>]| {
            png(&[
                header(),
                chunk(b"gAMA", &[0, 0, 0xb1, 0x8f]),
                chunk(b"pHYs", &[0; 9]),
                extra.concat(),
                chunk(b"IDAT", b"pixels"),
                chunk(b"IDAT", b"more"),
                chunk(b"IEND", b""),
            ])
        };
        let dirty = keep(&[
            chunk(b"tEXt", b"Patient\0DOE^JANE"),
            chunk(b"zTXt", b"DOE^JANE"),
            chunk(b"iTXt", b"DOE^JANE"),
            chunk(b"eXIf", b"DOE^JANE"),
            chunk(b"tIME", &[0; 7]),
            chunk(b"iCCP", b"DOE^JANE"),
            chunk(b"prVt", b"DOE^JANE"),
        ]);
        let with_tail = [dirty, b"DOE^JANE".to_vec()].concat();
        let clean = keep(&[]);
        assert_eq!(strip(&with_tail), Ok(clean.clone()));
        assert_eq!(strip(&clean), Ok(clean));
    }

    #[test]
    fn malformed_pngs_are_refused() {
        let data = || chunk(b"IDAT", b"pixels");
        let end = || chunk(b"IEND", b"");
        let whole = png(&[header(), data(), end()]);
        assert!(strip(&whole).is_ok());
        for cut in 0..whole.len() {
            assert!(strip(&whole[..cut]).is_err(), "cut at {cut}");
        }
        let mut wrong_sum = data();
        *wrong_sum.last_mut().unwrap() ^= 1;
        for chunks in [
            vec![data(), end()],
            vec![header(), end()],
            vec![header(), header(), data(), end()],
            vec![header(), wrong_sum, end()],
            vec![header(), chunk(b"gAMA", b"DOE^JANE"), data(), end()],
            vec![header(), chunk(b"ABCD", b""), data(), end()],
            vec![header(), vec![0xff, 0xff, 0xff, 0xff, b't', b'E', b'X', b't'], data(), end()],
        ] {
            assert!(strip(&png(&chunks)).is_err(), "{chunks:?}");
        }
    }

    #[test]
    fn other_bytes_are_not_pictures() {
        assert_eq!(sniff(b""), None);
        assert_eq!(strip(b"GIF89a"), Err(CaptureError::UnknownFormat));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some(CaptureKind::Jpeg));
    }
}
