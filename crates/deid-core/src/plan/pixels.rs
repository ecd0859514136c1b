//! What stands beside the pixels in their own element: comments of whoever compressed them, and bytes behind the last
//! pixel. Pixels are passed through; of the rest, what tells something is overwritten where it stands.
//!
mod coded;
mod stream;

use super::{Done, Planner};
use crate::clean_text;
use crate::rule::Rule;
use deid_dicom::{Change, Kind, Node, NodeIndex, ROOT, Source, Tag};
use std::ops::Range;

const ROWS: Tag = Tag::new(0x0028, 0x0010);
const COLUMNS: Tag = Tag::new(0x0028, 0x0011);
const SAMPLES: Tag = Tag::new(0x0028, 0x0002);
const FRAMES: Tag = Tag::new(0x0028, 0x0008);
const BITS_ALLOCATED: Tag = Tag::new(0x0028, 0x0100);

/// More segments or boxes no header of a picture has.
const MOST_SEGMENTS: usize = 1000;
/// Of the bytes behind the pixels more are not read at once.
const BLOCK: u64 = 1 << 20;
const OVERLAP: u64 = 512;

/// A run of bytes that becomes as many of one byte.
type Run = (Range<u64>, u8);

/// Who compresses pictures: programs that sign them.
const ENCODERS: [&str; 40] = [
    "accusoft",
    "adobe",
    "aware",
    "by",
    "charls",
    "codec",
    "compressed",
    "created",
    "creator",
    "dcmtk",
    "encoder",
    "ffmpeg",
    "gdcm",
    "gd",
    "ijg",
    "image",
    "imagemagick",
    "imaging",
    "inc",
    "intel",
    "ipp",
    "jasper",
    "jpeg",
    "kakadu",
    "lavc",
    "lead",
    "lib",
    "libjpeg",
    "lossless",
    "lossy",
    "lossyless",
    "openjpeg",
    "pegasus",
    "pictools",
    "quality",
    "technologies",
    "turbo",
    "using",
    "v",
    "version",
];

impl<S: Source> Planner<'_, '_, S> {
    /// Keeps pixels, without what tells something beside them.
    pub(super) fn keep_pixels(&mut self, index: NodeIndex, node: &Node, rule: Rule) -> NodeIndex {
        let runs = match node.kind {
            Kind::Fragments if self.inputs.classification.has_pictures => self.in_fragments(node),
            Kind::Fragments => Vec::new(),
            _ if node.parent == ROOT => self.behind_pixels(node),
            _ => Vec::new(),
        };
        if runs.is_empty() {
            return self.record_keep(index, rule);
        }
        self.change(index, Done::Clean, Rule::BesidePixels, Change::Overwrite(runs))
    }

    fn in_fragments(&mut self, node: &Node) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut fragments = Vec::new();
        let mut at = node.value_start();
        // The table of offsets comes first.
        let mut first = true;
        while let Some(head) = self.source.peek::<8>(at).filter(|_| at + 8 <= node.value_end()) {
            let little = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            let start = at + 8;
            let end = start + u64::from(little(&head[4..]));
            if little(&head) != 0xE000_FFFE || end > node.end {
                break;
            }
            if std::mem::take(&mut first) {
                self.in_offsets(start..end, &mut runs);
            } else if end > start {
                fragments.push(start..end);
            }
            at = end;
        }
        self.in_pictures(fragments, &mut runs);
        runs
    }

    /// A table of offsets that is text instead.
    fn in_offsets(&mut self, table: Range<u64>, runs: &mut Vec<Run>) {
        let head = self.source.peek::<4>(table.start).filter(|_| table.end - table.start >= 4);
        // The first frame is at the beginning.
        if head == Some([0; 4]) && table.end - table.start == 4 {
            return;
        }
        let searcher = self.inputs.searcher;
        let mut at = table.start;
        while at < table.end {
            let end = table.end.min(at + BLOCK);
            let Some(bytes) = self.stretch(&(at..end)) else { return };
            if reads_as_text(bytes) || searcher.letters_are_in(bytes) {
                runs.push((table, 0));
                return;
            }
            at = end;
        }
    }

    /// Whether a text tells more than of the program that made the picture.
    fn tells(&mut self, bytes: &[u8]) -> bool {
        let (policy, key, days) = (self.inputs.policy, self.inputs.key, self.inputs.days);
        let searcher = self.inputs.searcher;
        searcher.is_in(bytes) || {
            let text = String::from_utf8_lossy(bytes);
            let words = text.split(|c: char| c.is_whitespace() || "/-_:,;()\0".contains(c));
            let left: Vec<&str> = words.filter(|word| !is_of_encoder(word)).collect();
            let left = left.join(" ");
            let rewriter = policy.rewriter(key, days);
            !left.is_empty() && clean_text::clean(&left, searcher, &rewriter).text != left
        }
    }

    /// These bytes of the pixels. Where they cannot be read, nothing is written.
    fn stretch(&mut self, run: &Range<u64>) -> Option<&[u8]> {
        let bytes = self.source.bytes(run.start, (run.end - run.start) as usize);
        self.plan.failed |= bytes.is_none();
        bytes
    }

    /// What stands behind the last pixel, if it tells something.
    fn behind_pixels(&mut self, node: &Node) -> Vec<Run> {
        let length = node.value_length();
        let Some(wanted) = self.length_of_pixels().filter(|wanted| length > wanted + 1) else {
            return Vec::new();
        };
        let behind = node.value_start() + wanted..node.value_end();
        let mut at = behind.start;
        while at < behind.end {
            let end = behind.end.min(at + BLOCK);
            let searcher = self.inputs.searcher;
            let Some(bytes) = self.stretch(&(at..end)) else { return Vec::new() };
            if searcher.is_in_binary(bytes) || reads_as_text(bytes) {
                return vec![(behind, 0)];
            }
            at = if end == behind.end { end } else { end - OVERLAP };
        }
        Vec::new()
    }

    /// How many bytes the pixels take that are not compressed (PS3.5 8.1), if the data set says it.
    fn length_of_pixels(&mut self) -> Option<u64> {
        let (mut samples, mut frames) = (Some(1), Some(1));
        let (mut rows, mut columns, mut bits) = (None, None, None);
        for index in self.tree.children(ROOT) {
            let node = *self.tree.node(index);
            match node.tag {
                SAMPLES => samples = self.count(&node),
                FRAMES => frames = self.decoded(&node).and_then(|text| text.trim().parse().ok()),
                ROWS => rows = self.count(&node),
                COLUMNS => columns = self.count(&node),
                BITS_ALLOCATED => bits = self.count(&node),
                tag if tag > BITS_ALLOCATED => break,
                _ => {}
            }
        }
        let numbers = [samples?, frames?, rows?, columns?, bits?];
        let bits = numbers.into_iter().try_fold(1_u64, u64::checked_mul)?;
        (bits > 0).then(|| bits.div_ceil(8))
    }

    fn count(&mut self, node: &Node) -> Option<u64> {
        let bytes = self.source.peek::<2>(node.value_start()).filter(|_| node.value_length() == 2)?;
        let big = node.encoding.u16_bytes(1) == [0, 1];
        Some(u64::from(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }))
    }
}

/// Whether a word is a name or version of a program that compresses pictures.
fn is_of_encoder(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let version = word.len() - letters.len();
    // More figures could be a date.
    if letters.is_empty() { version <= 5 } else { version <= 12 && ENCODERS.contains(&letters) }
}

/// Whether nearly all of some bytes are letters, digits and blanks, a word among them: no pixels are.
fn reads_as_text(bytes: &[u8]) -> bool {
    const SHORTEST: usize = 8;
    let filled = bytes.iter().filter(|byte| **byte != 0).count();
    let text = bytes.iter().filter(|byte| **byte != 0 && is_of_text(**byte)).count();
    filled >= SHORTEST && text * 10 >= filled * 9 && has_several_letters(bytes)
}

const fn is_of_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b' ' | b',' | b'.' | b'-' | b':' | b'^' | b'=' | b'/' | b'_')
}

/// Whether three letters in a row differ from each other: an even surface has one value, and a mask two.
fn has_several_letters(bytes: &[u8]) -> bool {
    let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    letters.windows(3).any(|three| {
        three.iter().all(u8::is_ascii_alphabetic)
            && three[0] != three[1]
            && three[1] != three[2]
            && three[0] != three[2]
    })
}
