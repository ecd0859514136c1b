//! What is written in an archive beside its members: the comments of a zip (APPNOTE 4.3.12, 4.3.16), the name and the
//! comment in the header of a gzip (RFC 1952 2.3). This program writes none of them.
//!
//! Of a gzip of several parts the header of the first is looked at. What a tar says of owners is not: whoever packs
//! stands there.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::name::from_cp437;
use super::{ArchiveError, ArchiveKind, zip};

/// A text beside the members.
#[derive(Clone, PartialEq, Eq)]
pub struct Aside {
    /// A word for it: `gzip-name`, `gzip-comment`, `gzip-extra`, `zip-comment`.
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The text. May identify somebody.
    pub text: String,
}

impl std::fmt::Debug for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aside").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What stands beside the members of an archive; empty texts are left out.
pub fn asides(path: &Path, kind: ArchiveKind) -> Result<Vec<Aside>, ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::Io)?;
    let found = match kind {
        ArchiveKind::Zip => {
            let length = file.metadata().map_err(ArchiveError::Io)?.len();
            let aside =
                |text: Vec<u8>| Aside { id: "zip-comment", name: "Comment in a zip", text: of(&text) };
            zip::comments(&file, length)?.into_iter().map(aside).collect()
        }
        ArchiveKind::TarGz => of_gzip(BufReader::new(file)),
        _ => Vec::new(),
    };
    Ok(found.into_iter().filter(|aside| !aside.text.trim().is_empty()).collect())
}

/// The same of the beginning of a gzip file.
pub(crate) fn of_gzip(mut reader: impl BufRead) -> Vec<Aside> {
    let mut head = [0; 10];
    let mut found = Vec::new();
    if reader.read_exact(&mut head).is_err() || !head.starts_with(&[0x1F, 0x8B]) {
        return found;
    }
    let flags = head[3];
    if flags & 4 != 0 {
        let mut length = [0; 2];
        let mut extra = Vec::new();
        let read = reader
            .read_exact(&mut length)
            .and_then(|()| (&mut reader).take(u64::from(u16::from_le_bytes(length))).read_to_end(&mut extra));
        if read.is_err() {
            return found;
        }
        found.push(Aside { id: "gzip-extra", name: "Extra field in a gzip", text: of(&extra) });
    }
    for (flag, id, name) in
        [(8, "gzip-name", "Name of the original file in a gzip"), (16, "gzip-comment", "Comment in a gzip")]
    {
        let mut text = Vec::new();
        if flags & flag != 0 && (&mut reader).take(1 << 16).read_until(0, &mut text).is_ok() {
            text.pop_if(|last| *last == 0);
            found.push(Aside { id, name, text: of(&text) });
        }
    }
    found
}

fn of(text: &[u8]) -> String {
    std::str::from_utf8(text).map_or_else(|_| from_cp437(text), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_comments_of_a_gzip_are_found() {
        let mut bytes = Vec::new();
        let mut encoder = flate2::GzBuilder::new()
            .filename("doe.tar")
            .comment("of Jane")
            .extra(*b"ab\x01\0c")
            .write(&mut bytes, flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, b"text").unwrap();
        encoder.finish().unwrap();
        let texts: Vec<_> = of_gzip(&bytes[..]).into_iter().map(|aside| (aside.id, aside.text)).collect();
        assert_eq!(texts[1..], [("gzip-name", "doe.tar".to_owned()), ("gzip-comment", "of Jane".to_owned())]);
        assert_eq!(of_gzip(&b"\x1f\x8b\x08\0\0\0\0\0\0\xff"[..]), []);
    }
}
