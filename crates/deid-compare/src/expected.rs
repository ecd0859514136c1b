//! What the profile makes of BEFORE, to hold AFTER against: that it does something to an attribute explains no other value
//! than the one it gives.
//!
//! Without the key and without what a whole session knows, pseudonyms, UIDs and days come out otherwise, and words that other
//! files of a subject tell of it stay. So a text counts as expected whose words are among those expected, in their order.

use std::fs::{self, File};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use deid_core::{Body, Engine, Key, Processed, Scratch, SessionFacts, Settings};
use deid_dicom::Piece;
use deid_io::source::FileSource;
use tempfile::TempDir;

use crate::convert;
use crate::result::Difference;

/// Longer texts are told from each other as a whole.
const LONGEST_TEXT: usize = 4 << 10;

/// Files made of files of BEFORE, in a folder that is removed with this.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) paths: Vec<PathBuf>,
    _folder: TempDir,
}

/// Whether a difference is explained by what the profile does: such have to be what it makes.
pub(crate) fn is_in_question(difference: &Difference) -> bool {
    !difference.identity && difference.explanation.is_some()
}

/// What the profile makes of these files; `None` if it writes none of one of them.
pub(crate) fn made<'f>(
    engine: &Engine,
    files: impl Iterator<Item = &'f Path>,
    parent: &Path,
) -> Option<Made> {
    let folder = convert::private_folder(Some(parent)).ok()?;
    let mut scratch = Scratch::default();
    let mut paths = Vec::new();
    for (number, file) in files.enumerate() {
        let opened = File::open(file).ok()?;
        let length = opened.metadata().ok()?.len();
        let mut source = FileSource::new(&opened, length);
        let done = engine.process(&mut source, &SessionFacts::default(), &mut scratch);
        let path = folder.path().join(format!("{number:06}.dcm"));
        let mut out = BufWriter::new(File::create_new(&path).ok()?);
        write(&done, &opened, &mut out).ok().filter(|written| *written)?;
        out.flush().ok()?;
        paths.push(path);
    }
    Some(Made { paths, _folder: folder })
}

/// Writes what came of a file; whether anything did.
fn write(done: &Processed, file: &File, out: &mut impl Write) -> io::Result<bool> {
    out.write_all(&done.head)?;
    match &done.body {
        Body::None => return Ok(false),
        Body::Bytes(bytes) => out.write_all(bytes)?,
        Body::Pieces(pieces) => {
            let mut file = file;
            for piece in &pieces.pieces {
                match *piece {
                    Piece::Copy { start, end } => {
                        file.seek(SeekFrom::Start(start))?;
                        io::copy(&mut file.take(end - start), out)?;
                    }
                    Piece::New { start, end } => out.write_all(&pieces.new[start..end])?,
                }
            }
        }
    }
    Ok(true)
}

/// What the profile makes of a file of a raw format, with this key and for this subject: what differs between two says who
/// it is, and is any value.
pub(crate) fn raw(engine: &Engine, path: &Path, (key, subject): (u8, &str)) -> Option<Vec<u8>> {
    let settings = engine.settings().clone();
    let (key, subject) = (Key::from_bytes([key; 32]), Some(subject.to_owned()));
    let engine = Engine::new(Settings { key, subject, subjects: None, ..settings }).ok()?;
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut source = FileSource::new(&file, length);
    let done = engine.process_raw(&mut source, &SessionFacts::default(), &Vec::new)?;
    match &done.body {
        Body::None => None,
        Body::Bytes(bytes) => Some(bytes.clone()),
        Body::Pieces(pieces) => Some(pieces.to_bytes(&fs::read(path).ok()?)),
    }
}

/// The words of a text, as numbers that stand for them.
pub(crate) fn words(text: &[u8]) -> Vec<u64> {
    if text.len() > LONGEST_TEXT {
        return Vec::new();
    }
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let text = String::from_utf8_lossy(text);
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| hasher.hash_one(word))
        .collect()
}

/// Whether some words, one at least but not all, are among others in their order: `j` is not what is left of `j-`.
pub(crate) fn are_among(words: &[u64], others: &[u64]) -> bool {
    let fewer = (1..others.len()).contains(&words.len());
    let mut others = others.iter();
    fewer && words.iter().all(|word| others.any(|other| other == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_among_others() {
        for (left, made, expected) in [
            ("head T1", "head sag T1", true),
            ("head_T1", "head sag T1", true),
            ("T1 head", "head sag T1", false),
            ("else", "head sag T1", false),
            ("j", "j-", false),
            ("tfl3d1", "epfid2d1_72", false),
            ("", "head", false),
        ] {
            assert_eq!(are_among(&words(left.as_bytes()), &words(made.as_bytes())), expected, "{left}");
        }
    }
}
