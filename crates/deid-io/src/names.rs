//! Names in the output: no two the same, whatever they were before they were cleaned.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

/// Longest part of a path in bytes; file systems take 255, a suffix is to fit.
const PART: usize = 200;

/// Hands out paths, each once. Who asks in the order of the input gets the same ones in every run.
///
/// Of a million paths the hashes are held. Where two have the same, the second gets a suffix it would not need.
#[derive(Debug, Default)]
pub(crate) struct Names {
    files: Paths,
    folders: Paths,
    /// The suffix to try next, by the path that was wanted: thousands may want the same.
    next: HashMap<u64, u32>,
    /// The folders that the last file wanted, and the path that they got: others of the same folders get the same.
    last: (Vec<String>, String),
}

/// A set of paths, by their hashes.
#[derive(Debug, Default)]
struct Paths(HashSet<u64>);

impl Paths {
    fn contains(&self, hash: u64) -> bool {
        self.0.contains(&hash)
    }

    fn insert(&mut self, hash: u64) {
        self.0.insert(hash);
    }
}

/// The same in every run, by every build.
fn hash(path: &str) -> u64 {
    let digest = Sha256::digest(path);
    digest.iter().take(8).fold(0, |hash, &byte| hash << 8 | u64::from(byte))
}

impl Names {
    /// The path for a file that wants these parts; `_2`, `_3`, … stand before the extension where it is
    /// taken.
    pub(crate) fn assign(&mut self, parts: &[String]) -> String {
        let Some((file, folders)) = parts.split_last() else { return self.assign(&["_".to_owned()]) };
        if self.last.0 != folders {
            let mut path = String::new();
            for folder in folders {
                // A file may have got the name that this folder wants.
                // Counted from 2 each time, so that all of a folder goes to the same place.
                path = free(&path, folder, 2, |path| self.files.contains(hash(path))).0;
                self.folders.insert(hash(&path));
            }
            self.last = (folders.to_vec(), path);
        }
        let folder = &self.last.1;
        let wanted = join(folder, file);
        let hashed = hash(&wanted);
        let taken = |hash: u64| self.files.contains(hash) || self.folders.contains(hash);
        if !taken(hashed) {
            self.files.insert(hashed);
            return wanted;
        }
        let first = self.next.get(&hashed).copied().unwrap_or(2);
        let (path, number) = free(folder, file, first, |path| taken(hash(path)));
        if let Some(number) = number {
            self.next.insert(hashed, number + 1);
        }
        self.files.insert(hash(&path));
        path
    }
}

/// `folder/part`, or the first of `part_2`, … that is not taken, with its number.
fn free(folder: &str, part: &str, first: u32, taken: impl Fn(&str) -> bool) -> (String, Option<u32>) {
    let wanted = join(folder, part);
    if !taken(&wanted) {
        return (wanted, None);
    }
    let (stem, extension) = split_extension(part);
    let mut number = first;
    loop {
        let path = join(folder, &format!("{stem}_{number}{extension}"));
        if !taken(&path) {
            return (path, Some(number));
        }
        number += 1;
    }
}

fn join(folder: &str, part: &str) -> String {
    if folder.is_empty() { part.to_owned() } else { format!("{folder}/{part}") }
}

/// A part as it may stand in any output: it leads nowhere else and is not taken for a staging folder.
pub(crate) fn portable(part: &str) -> String {
    let mut name: String =
        part.chars().map(|c| if c.is_control() || matches!(c, '/' | '\\' | ':') { '_' } else { c }).collect();
    if name.is_empty() || name.bytes().all(|byte| byte == b'.') {
        return "_".to_owned();
    }
    if name.starts_with(crate::staging::PREFIX) {
        name.replace_range(..1, "_");
    }
    if name.len() > PART {
        let (stem, extension) = split_extension(&name);
        let mut end = PART - extension.len();
        while !stem.is_char_boundary(end) {
            end -= 1;
        }
        name = format!("{}{extension}", &stem[..end]);
    }
    name
}

/// Stem and extension with its dot; the latter is empty unless it looks like one, as `.dcm` does and the
/// last part of a UID does not.
pub(crate) fn split_extension(name: &str) -> (&str, &str) {
    let Some(dot) = name.rfind('.').filter(|dot| *dot > 0) else { return (name, "") };
    let extension = &name[dot + 1..];
    let plausible = (1..=5).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    if plausible { name.split_at(dot) } else { (name, "") }
}

/// Whether this extension, in lower case, says what a file is.
pub(crate) fn is_known_extension(extension: &str) -> bool {
    const KNOWN: [&str; 60] = [
        "7z", "avi", "bak", "bin", "bmp", "bval", "bvec", "bz2", "cfg", "csv", "dat", "db", "dcm", "dic",
        "dicom", "dll", "doc", "docx", "exe", "gif", "gz", "hdr", "htm", "html", "ima", "img", "inf", "ini",
        "jar", "jp2", "jpeg", "jpg", "js", "json", "lnk", "log", "md", "mha", "mhd", "mp4", "nii", "nrrd",
        "par", "pdf", "png", "ppt", "rar", "raw", "rda", "rec", "rtf", "sdat", "spar", "tar", "tif", "tiff",
        "tsv", "txt", "xml", "zip",
    ];
    KNOWN.binary_search(&extension).is_ok()
}

/// Whether nothing in this part can identify anybody: numbers of up to five digits and words such as
/// `series`.
pub(crate) fn is_generic(part: &str) -> bool {
    const WORDS: [&str; 30] = [
        "dicom", "dicomdir", "dcm", "img", "im", "ima", "image", "images", "i", "series", "ser", "se", "s",
        "study", "st", "scan", "scans", "slice", "file", "mr", "mri", "ct", "pt", "pet", "nm", "t", "dwi",
        "fmri", "bold", "raw",
    ];
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        let run = if first.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            if end > 5 {
                return false;
            }
            end
        } else if first.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            if !WORDS.contains(&rest[..end].to_ascii_lowercase().as_str()) {
                return false;
            }
            end
        } else if matches!(first, '_' | '-') {
            1
        } else if first == '.' {
            // What follows may be a UID or a date.
            if rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
                return false;
            }
            1
        } else {
            return false;
        };
        rest = &rest[run..];
    }
    // 2020-03-10 and the like.
    part.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).count() <= 2
        && part.bytes().filter(u8::is_ascii_digit).count() <= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assign(names: &mut Names, path: &str) -> String {
        names.assign(&path.split('/').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn extensions_that_say_what_a_file_is_are_known() {
        assert!(is_known_extension("7z") && is_known_extension("zip") && is_known_extension("json"));
        assert!(!is_known_extension("doe") && !is_known_extension("zed"));
    }

    #[test]
    fn collisions_get_numbers_before_the_extension() {
        let mut names = Names::default();
        assert_eq!(assign(&mut names, "a/IM.dcm"), "a/IM.dcm");
        assert_eq!(assign(&mut names, "a/IM.dcm"), "a/IM_2.dcm");
        assert_eq!(assign(&mut names, "a/IM.dcm"), "a/IM_3.dcm");
        assert_eq!(assign(&mut names, "a/IM_2.dcm"), "a/IM_2_2.dcm");
        assert_eq!(assign(&mut names, "b/IM.dcm"), "b/IM.dcm");
        assert_eq!(assign(&mut names, "1.2.34"), "1.2.34");
        assert_eq!(assign(&mut names, "1.2.34"), "1.2.34_2");
    }

    #[test]
    fn a_folder_is_no_file_of_the_same_name() {
        let mut names = Names::default();
        assert_eq!(assign(&mut names, "x"), "x");
        assert_eq!(assign(&mut names, "x/1"), "x_2/1");
        assert_eq!(assign(&mut names, "x/2"), "x_2/2");
        assert_eq!(assign(&mut names, "x_2"), "x_2_2");
        assert_eq!(assign(&mut names, "y/1"), "y/1");
        assert_eq!(assign(&mut names, "y"), "y_2");
        assert_eq!(assign(&mut names, "y/3"), "y/3");
    }

    #[test]
    fn thousands_of_the_same_name_are_no_trouble() {
        let mut names = Names::default();
        let last = (0..50_000).map(|_| assign(&mut names, "a/x.dcm")).last().unwrap();
        assert_eq!(last, "a/x_50000.dcm");
    }

    #[test]
    fn parts_lead_nowhere_else() {
        assert_eq!(portable(".."), "_");
        assert_eq!(portable(""), "_");
        assert_eq!(portable("a/../b\\c\0"), "a_.._b_c_");
        assert_eq!(portable(".deidentification-0123"), "_deidentification-0123");
        let long = portable(&("é".repeat(200) + ".dcm"));
        assert!(long.len() <= PART && long.ends_with("é.dcm"));
        assert_eq!(portable("Prä 1.dcm"), "Prä 1.dcm");
    }

    #[test]
    fn only_names_that_say_nothing_are_generic() {
        for part in ["IM0001.dcm", "00001", "series_3", "DICOM", "img-12.ima", "MR"] {
            assert!(is_generic(part), "{part}");
        }
        for part in ["123456", "1.2.3", "doe.dcm", "2020-03-10", "10.03", "Bild 1", "12_34_56", "MR_DOE"] {
            assert!(!is_generic(part), "{part}");
        }
    }
}
