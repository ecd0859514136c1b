//! Leak hunts: unique words to plant in files, and a search for them in whatever came out.
//!
//! [`Words`] makes words that occur nowhere else and remembers the slot each was planted in. After the code
//! under test has run, [`search`] looks for every [`disguise`](disguises) of every word: letter case,
//! character encoding, base64, hexadecimal; also within gzip, zlib and zip streams, and within the data set of
//! a deflated DICOM file. A [`Hit`] is a leak and says where it came from.
//!
//! The search does not decode pixels, nor compression other than deflate.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;

use aho_corasick::AhoCorasick;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// How much of one compressed stream is looked at.
const INFLATED_LIMIT: u64 = 16 << 20;
/// Streams are searched, and the streams within them.
const DEPTH_LIMIT: usize = 2;

/// A word and the place it was planted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// What to search for; it occurs nowhere by chance.
    pub word: String,
    /// Where it was planted, in words: an attribute, a private element.
    pub slot: String,
}

/// A maker of unique words that keeps a list of what it made.
#[derive(Clone, Debug, Default)]
pub struct Words {
    planted: Vec<Planted>,
}

impl Words {
    /// A maker whose first word is `ZQXAAAAA`.
    pub fn new() -> Self {
        Words::default()
    }

    /// A new word for `slot`: eight capital letters, fit for every text VR.
    pub fn plant(&mut self, slot: &str) -> String {
        let mut rest = self.planted.len();
        let mut letters = [b'A'; 5];
        for letter in letters.iter_mut().rev() {
            *letter += (rest % 26) as u8;
            rest /= 26;
        }
        self.remember(slot, format!("ZQX{}", String::from_utf8_lossy(&letters)))
    }

    /// A new word for `slot` that ends in `Éß`: not ASCII, but in Latin-1.
    pub fn plant_accented(&mut self, slot: &str) -> String {
        let plain = self.plant(slot);
        self.planted.pop();
        self.remember(slot, plain + "Éß")
    }

    /// A new person's name of two words, `FAMILY^GIVEN`.
    pub fn plant_name(&mut self, slot: &str) -> String {
        let family = self.plant(&format!("{slot}, family name"));
        let given = self.plant(&format!("{slot}, given name"));
        format!("{family}^{given}")
    }

    /// A new UID for `slot`; the word is the whole UID.
    pub fn plant_uid(&mut self, slot: &str) -> String {
        let number = self.planted.len();
        self.remember(slot, format!("1.2.276.0.99.7{number:05}3.{}", 8_800_000 + number))
    }

    /// A new date for `slot`, in the years from 1911 on and each but once.
    pub fn plant_date(&mut self, slot: &str) -> String {
        let number = self.planted.len();
        let (year, month, day) = (1911 + number / 252, number / 21 % 12 + 1, number % 21 + 7);
        self.remember(slot, format!("{year}{month:02}{day:02}"))
    }

    /// All words made so far.
    pub fn planted(&self) -> &[Planted] {
        &self.planted
    }

    fn remember(&mut self, slot: &str, word: String) -> String {
        self.planted.push(Planted { word: word.clone(), slot: slot.to_owned() });
        word
    }
}

/// A planted word that was found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The word as planted.
    pub word: String,
    /// The slot it was planted in.
    pub slot: String,
    /// What it was dressed up as, such as `lower case, UTF-16LE, base64`.
    pub disguise: String,
    /// The streams it was found in, outermost first, such as `gzip at 512`; empty if in plain sight.
    pub within: Vec<String>,
    /// Position in the haystack, or in the innermost stream once inflated.
    pub offset: usize,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}), {}, at {}", self.word, self.slot, self.disguise, self.offset)?;
        self.within.iter().rev().try_for_each(|stream| write!(f, " in {stream}"))
    }
}

/// Searches `haystack` for all disguises of all words; compressed streams included.
pub fn search(haystack: &[u8], words: &[Planted]) -> Vec<Hit> {
    LeakHunt::new(words).search(haystack)
}

/// A search prepared once for many haystacks.
pub struct LeakHunt {
    automaton: AhoCorasick,
    /// For each pattern of the automaton: the word and the name of its disguise.
    patterns: Vec<(Planted, String)>,
}

impl LeakHunt {
    /// Prepares the search for these words.
    pub fn new(words: &[Planted]) -> Self {
        let mut patterns = Vec::new();
        let mut needles = Vec::new();
        for planted in words {
            for disguise in disguises(&planted.word) {
                patterns.push((planted.clone(), disguise.name));
                needles.push(disguise.bytes);
            }
        }
        let automaton = AhoCorasick::new(needles).expect("a few thousand short needles fit an automaton");
        LeakHunt { automaton, patterns }
    }

    /// Every hit in `haystack` and in the streams it holds.
    pub fn search(&self, haystack: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.search_within(haystack, &[], &mut hits);
        hits
    }

    fn search_within(&self, haystack: &[u8], within: &[String], hits: &mut Vec<Hit>) {
        for found in self.automaton.find_overlapping_iter(haystack) {
            let (planted, disguise) = &self.patterns[found.pattern().as_usize()];
            hits.push(Hit {
                word: planted.word.clone(),
                slot: planted.slot.clone(),
                disguise: disguise.clone(),
                within: within.to_vec(),
                offset: found.start(),
            });
        }
        if within.len() < DEPTH_LIMIT {
            for (name, content) in streams(haystack) {
                self.search_within(&content, &[within, &[name]].concat(), hits);
            }
        }
    }
}

/// Bytes that betray a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disguise {
    /// Letter case, encoding and wrapping, in words.
    pub name: String,
    /// What to search for.
    pub bytes: Vec<u8>,
}

/// All disguises of `word`, no two of the same bytes.
///
/// Base64 comes in the three alignments a word can have in a longer text, without the characters that depend
/// on the neighbouring bytes.
pub fn disguises(word: &str) -> Vec<Disguise> {
    let cases = [
        ("as planted", word.to_owned()),
        ("lower case", word.to_lowercase()),
        ("upper case", word.to_uppercase()),
        ("title case", title_case(word)),
    ];
    let mut disguises = Vec::new();
    let mut known = BTreeSet::new();
    for (case, text) in &cases {
        for (encoding, bytes) in encodings(text) {
            for (wrapping, bytes) in wrappings(&bytes) {
                if known.insert(bytes.clone()) {
                    disguises.push(Disguise { name: format!("{case}, {encoding}{wrapping}"), bytes });
                }
            }
        }
    }
    disguises
}

fn title_case(word: &str) -> String {
    let mut letters = word.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &letters.as_str().to_lowercase()
}

fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let latin1: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let mut encodings = vec![
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-16LE", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16BE", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    ];
    encodings.extend(latin1.map(|bytes| ("Latin-1", bytes)));
    encodings
}

fn wrappings(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("", bytes.to_vec()),
        (", hexadecimal", hexadecimal(bytes).into_bytes()),
        (", hexadecimal", hexadecimal(bytes).to_uppercase().into_bytes()),
        (", base64", base64_within(bytes, 0)),
        (", base64", base64_within(bytes, 1)),
        (", base64", base64_within(bytes, 2)),
    ]
}

fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all text");
        text
    })
}

/// The characters of base64 that depend on `bytes` alone if `shift` other bytes precede them in their group.
fn base64_within(bytes: &[u8], shift: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let shifted = [&[0, 0][..shift], bytes].concat();
    let bit = |position: usize| shifted[position / 8] >> (7 - position % 8) & 1;
    // Character n holds the bits from 6n on.
    let first = (8 * shift).div_ceil(6);
    let end = 8 * shifted.len() / 6;
    (first..end)
        .map(|n| (6 * n..6 * n + 6).fold(0, |value, position| value << 1 | bit(position)))
        .map(|value| ALPHABET[usize::from(value)])
        .collect()
}

/// The compressed streams in `haystack` with their names, inflated as far as they are sound.
fn streams(haystack: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut streams = Vec::new();
    for offset in 0..haystack.len() {
        let rest = &haystack[offset..];
        let (name, content) = match rest {
            [0x1F, 0x8B, 8, ..] => ("gzip", inflate(GzDecoder::new(rest))),
            [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => ("zlib", inflate(ZlibDecoder::new(rest))),
            [b'P', b'K', 3, 4, ..] => ("zip member", zip_member(rest).map_or_else(Vec::new, inflate_raw)),
            [b'D', b'I', b'C', b'M', ..] => {
                ("deflated data set", deflated_data_set(rest).map_or_else(Vec::new, inflate_raw))
            }
            _ => continue,
        };
        if !content.is_empty() {
            streams.push((format!("{name} at {offset}"), content));
        }
    }
    streams
}

fn inflate_raw(stream: &[u8]) -> Vec<u8> {
    inflate(DeflateDecoder::new(stream))
}

/// What can be read before the stream ends, breaks or reaches the limit.
fn inflate(decoder: impl Read) -> Vec<u8> {
    let mut content = Vec::new();
    // An error leaves what was inflated until then, and that is what we want.
    let _ = decoder.take(INFLATED_LIMIT).read_to_end(&mut content);
    content
}

/// The data of a zip member compressed with deflate, from its local header on.
fn zip_member(local_header: &[u8]) -> Option<&[u8]> {
    let number = |at: usize| Some(u16::from_le_bytes([*local_header.get(at)?, *local_header.get(at + 1)?]));
    let is_deflated = number(8)? == 8;
    let start = 30 + usize::from(number(26)?) + usize::from(number(28)?);
    local_header.get(start..).filter(|_| is_deflated)
}

/// What follows file meta if that says Deflated, from the prefix `DICM` on; needs a right group length.
fn deflated_data_set(prefix: &[u8]) -> Option<&[u8]> {
    let length = u32::from_le_bytes(prefix.get(12..16)?.try_into().ok()?);
    let end = 16_usize.checked_add(usize::try_from(length).ok()?)?;
    let uid = crate::uids::DEFLATED.as_bytes();
    let is_deflated = prefix.get(16..end)?.windows(uid.len()).any(|window| window == uid);
    prefix.get(end..).filter(|_| is_deflated)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;
    use crate::bytes::Part10;
    use crate::uids;

    fn zqx() -> Words {
        let mut words = Words::new();
        words.plant("PatientName");
        words
    }

    fn found(haystack: &[u8]) -> Vec<String> {
        search(haystack, zqx().planted()).into_iter().map(|hit| hit.disguise).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn words_differ_from_each_other() {
        let mut words = Words::new();
        for _ in 0..1000 {
            words.plant("text");
            words.plant_uid("uid");
            words.plant_date("date");
        }
        let different: BTreeSet<_> = words.planted().iter().map(|planted| &planted.word).collect();
        assert_eq!(different.len(), 3000);
    }

    #[test]
    fn word_is_found_in_every_case_and_encoding() {
        assert_eq!(found(b"--ZQXAAAAA--"), ["as planted, UTF-8"]);
        assert_eq!(found(b"--zqxaaaaa--"), ["lower case, UTF-8"]);
        assert_eq!(found(b"--Zqxaaaaa--"), ["title case, UTF-8"]);
        assert!(found(b"-Z\0Q\0X\0A\0A\0A\0A\0A\0").contains(&"as planted, UTF-16LE".to_owned()));
        assert_eq!(found(b"-\0Z\0Q\0X\0A\0A\0A\0A\0A"), ["as planted, UTF-16BE"]);
        assert_eq!(found(b"5a51584141414141"), ["as planted, UTF-8, hexadecimal"]);
        assert_eq!(found(b"5A51584141414141"), ["as planted, UTF-8, hexadecimal"]);
        assert_eq!(found(b"--ZQXAAAA--"), [""; 0]);
    }

    #[test]
    fn word_is_found_in_base64_at_any_place() {
        // base64 of ZQXAAAAA; of aZQXAAAAAbb; of aaZQXAAAAAb
        for text in ["WlFYQUFBQUE=", "YVpRWEFBQUFBYmI=", "YWFaUVhBQUFBQWI="] {
            assert_eq!(found(text.as_bytes()), ["as planted, UTF-8, base64"], "{text}");
        }
    }

    #[test]
    fn accented_word_is_found_in_latin1() {
        let mut words = Words::new();
        assert_eq!(words.plant_accented("PatientName"), "ZQXAAAAAÉß");
        let hits = search(b"zqxaaaaa\xe9\xdf", words.planted());
        assert_eq!(hits[0].disguise, "lower case, Latin-1");
    }

    #[test]
    fn word_is_found_in_streams_within_streams() {
        let inner = gzip(b"__ZQXAAAAA");
        let mut zlib = ZlibEncoder::new(b"front".to_vec(), Compression::default());
        zlib.write_all(&inner).unwrap();
        let hits = search(&zlib.finish().unwrap(), zqx().planted());
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].within, ["zlib at 5", "gzip at 0"]);
        assert_eq!(hits[0].offset, 2);
        assert_eq!(
            hits[0].to_string(),
            "ZQXAAAAA (PatientName), as planted, UTF-8, at 2 in gzip at 0 in zlib at 5"
        );
    }

    #[test]
    fn word_is_found_in_a_stream_cut_short() {
        let stream = gzip(&[&b"ZQXAAAAA"[..], &[7; 10_000]].concat());
        assert_eq!(found(&stream[..stream.len() - 9]), ["as planted, UTF-8"]);
    }

    #[test]
    fn word_is_found_in_a_deflated_data_set() {
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(b"ZQXAAAAA").unwrap();
        let file = Part10::new(uids::DEFLATED, deflate.finish().unwrap()).bytes();
        let hits = search(&file, zqx().planted());
        assert_eq!(hits[0].within, ["deflated data set at 128"]);
    }

    #[test]
    fn bytes_that_only_look_compressed_do_no_harm() {
        let noise = [b"\x1f\x8b\x08\x78\x9cPK\x03\x04DICM\x78\x01".as_slice(); 50].concat();
        assert_eq!(search(&noise, zqx().planted()), []);
    }
}
