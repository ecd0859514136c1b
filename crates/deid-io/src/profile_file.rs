//! Profiles as files, TOML or TSV, and the files that they are based on.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use deid_profile::{BaseText, Format, Layout, ParseError, Problem};

/// The format that a file's name tells.
pub fn format_of(path: &Path) -> Option<Format> {
    path.file_name()?.to_str().and_then(Format::of_file_name)
}

/// The text of a profile. TOML is UTF-8; a table that somebody saved from a spreadsheet may be Latin-1.
pub fn text(path: &Path, format: Format) -> io::Result<String> {
    String::from_utf8(std::fs::read(path)?).or_else(|error| match format {
        Format::Tsv => Ok(error.as_bytes().iter().map(|&byte| char::from(byte)).collect()),
        Format::Toml => {
            let (line, column) = position(error.as_bytes(), error.utf8_error().valid_up_to());
            Err(io::Error::other(format!("line {line}, column {column}: not UTF-8")))
        }
    })
}

/// Line and column of a byte, both from one; what stands before it is UTF-8.
fn position(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = String::from_utf8_lossy(&bytes[..at]);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The text of a base, named as seen from the profile that is based on it; what is wrong, as a sentence.
pub fn base(name: &str, from: Option<&str>) -> Result<BaseText, String> {
    let folder = from.map(Path::new).and_then(Path::parent).unwrap_or(Path::new(""));
    let path = folder.join(name);
    let format = format_of(&path).ok_or("a profile is a file .toml or .tsv")?;
    let text = text(&path, format).map_err(|error| error.to_string())?;
    Ok(BaseText { id: identity(&path), text, format })
}

/// What tells a file apart whatever it is called by.
pub fn identity(path: &Path) -> String {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned()
}

/// The name of a profile that is a TSV: a table has none but its file's. It goes into every file written, so it is kept
/// plain and short.
pub fn name_of_table(path: &Path) -> String {
    const MOST: usize = 32;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let stem = path.file_stem().unwrap_or(OsStr::new(""));
    let name: String = stem.to_string_lossy().chars().take(MOST).map(plain).collect();
    if name.is_empty() { "tsv".to_owned() } else { name }
}

/// A layout that somebody asks for beside the profile; none for names as in the input.
pub fn layout(text: &str) -> Result<Option<Layout>, ParseError> {
    if text == "input" {
        return Ok(None);
    }
    Layout::parse(text).map(Some).map_err(|why| {
        let problem = Problem::InvalidLayout(text.chars().take(40).collect(), why);
        ParseError { line: 1, column: 1, problem }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_table_is_plain_and_short() {
        assert_eq!(name_of_table(Path::new("my profile (é).tsv")), "my_profile____");
        assert_eq!(name_of_table(Path::new(&"x".repeat(99))).len(), 32);
        assert_eq!(name_of_table(Path::new("")), "tsv");
    }

    #[test]
    fn what_is_not_utf8_is_pointed_at() {
        assert_eq!(position("name = \"é\"\nbase = \"b\u{2026}".as_bytes(), 21), (2, 10));
        assert_eq!(position(b"", 0), (1, 1));
    }

    #[test]
    fn tables_may_be_latin1() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tsv");
        std::fs::write(&path, b"(0008,0090)\tX\tm\xe9decin\n").unwrap();
        assert!(text(&path, Format::Tsv).unwrap().contains("médecin"));
        assert!(text(&path, Format::Toml).is_err());
        let base = base("a.tsv", path.to_str()).unwrap();
        assert!(base.text.contains("médecin") && base.format == Format::Tsv);
    }
}
