//! The list of a study's sites, beside the study's key: `study.key.sites`, a line for each site whose key was made.
//!
//! A site's key is made from the study's key and the site's name, and any name makes one. Nothing in a code says by which
//! name it was made, so a misspelt name would link nothing and nobody would notice. The list holds no secret: the name of
//! a site, and the short name of its key that the site's own reports show.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use deid_core::Key;

/// The sites of a study, by name.
#[derive(Debug)]
pub(crate) struct SiteList {
    names: Vec<String>,
}

/// Where the list of the study with this key file is.
pub(crate) fn path(key_file: &Path) -> PathBuf {
    let mut path = OsString::from(key_file);
    path.push(".sites");
    path.into()
}

impl SiteList {
    /// The list beside a key file; `None` if there is none.
    pub(crate) fn load(key_file: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(path(key_file)) {
            Ok(text) => Ok(Some(Self::parse(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A name for each line, in front of a tab or alone: people may add lines.
    fn parse(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{FEFF}').lines().map(str::trim);
        let content = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let name = |line: &str| line.split('\t').next().unwrap_or_default().trim().to_owned();
        SiteList { names: content.map(name).collect() }
    }

    /// Whether a site has exactly this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The site whose name differs in letter case, blanks or signs only.
    pub(crate) fn similar(&self, name: &str) -> Option<&str> {
        let bare =
            |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let wanted: String = bare(name);
        self.names.iter().find(|known| *known != name && bare(known) == wanted).map(String::as_str)
    }

    /// All names, as a sentence has them.
    pub(crate) fn in_words(&self) -> String {
        self.names.join(", ")
    }
}

/// Adds a site to the list, if it is not in it.
pub(crate) fn add(key_file: &Path, name: &str, site: &Key) -> io::Result<()> {
    if SiteList::load(key_file)?.is_some_and(|list| list.has(name)) {
        return Ok(());
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let path = path(key_file);
    let mut file = options.open(path)?;
    let line = format!("{name}\t{}\n", site.id());
    if file.metadata()?.len() > 0 {
        // People's lines end as they like.
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        let line = if last == *b"\n" { line } else { format!("\n{line}") };
        return file.write_all(line.as_bytes());
    }
    let head = "# Sites whose keys were made from this study's key: name, and the short name of the key.\n";
    file.write_all([head, &line].concat().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("study.key");
        fs::write(path(&key_file), "Nice").unwrap();
        for name in ["Lyon", "Metz"] {
            add(&key_file, name, &Key::from_bytes([7; 32])).unwrap();
        }
        let list = SiteList::load(&key_file).unwrap().unwrap();
        assert!(["Nice", "Lyon", "Metz"].iter().all(|name| list.has(name)));
    }

    #[test]
    fn lines_of_people_are_names_too() {
        let list = SiteList::parse("# sites\r\nParis\t0011aabb\r\n\nLyon Sud\n");
        assert!(list.has("Paris") && list.has("Lyon Sud") && !list.has("paris"));
        assert_eq!(
            (list.similar("lyon-sud"), list.similar("Paris"), list.similar("Nice")),
            (Some("Lyon Sud"), None, None)
        );
    }
}
