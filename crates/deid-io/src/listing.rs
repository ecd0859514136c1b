//! The entries of a folder, in an order that depends on their names only.
//!
//! [`Listing`] goes depth first, each directory sorted by the raw bytes of its names. It keeps the names
//! that are still to come in the directories above the current one, never the whole tree. Links to regular
//! files count as files; links to directories are named and not followed, so that a loop of links ends and
//! a file is not met twice.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// One thing found under the root that is not a readable directory.
#[derive(Debug)]
pub struct Entry {
    /// Where it is: the root's path with [`Entry::relative`] behind it.
    pub path: PathBuf,
    /// The path below the root; the file's own name when the root is a file, empty for a fault of the root.
    pub relative: PathBuf,
    /// What it is.
    pub kind: EntryKind,
}

/// What an [`Entry`] is.
#[derive(Debug)]
pub enum EntryKind {
    /// A regular file, or a link to one.
    File,
    /// A symbolic link to a directory, to something that is not a regular file, or to nothing.
    Link,
    /// A device, pipe or socket.
    Special,
    /// It could not be examined or, for a directory, not be listed.
    Error(io::Error),
}

/// Iterator over what is under a root.
#[derive(Debug)]
pub struct Listing {
    root: PathBuf,
    /// The root's own entry, when the root is no directory.
    single: Option<EntryKind>,
    /// The directories from the root down to the current one.
    stack: Vec<Directory>,
    /// Faults met while listing the directory that was entered last.
    faults: Vec<(PathBuf, io::Error)>,
}

/// A directory with the names that have not been yielded yet, the next one last.
#[derive(Debug)]
struct Directory {
    relative: PathBuf,
    names: Vec<(OsString, io::Result<FileType>)>,
}

impl Listing {
    /// List what is under `root`, which may also be a single file. A link given as the root is followed:
    /// the caller has named it.
    pub fn new(root: &Path) -> Self {
        let mut listing =
            Self { root: root.to_path_buf(), single: None, stack: Vec::new(), faults: Vec::new() };
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => listing.enter(PathBuf::new()),
            Ok(metadata) if metadata.is_file() => listing.single = Some(EntryKind::File),
            Ok(_) => listing.single = Some(EntryKind::Special),
            Err(error) => listing.faults.push((PathBuf::new(), error)),
        }
        listing
    }

    /// Read and sort the names of one directory; what can be listed of it is kept in spite of faults.
    fn enter(&mut self, relative: PathBuf) {
        let mut names = Vec::new();
        match fs::read_dir(self.absolute(&relative)) {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        // Most file systems tell the type with the name.
                        Ok(entry) => names.push((entry.file_name(), entry.file_type())),
                        Err(error) => self.faults.push((relative.clone(), error)),
                    }
                }
            }
            Err(error) => self.faults.push((relative.clone(), error)),
        }
        names.sort_unstable_by(|(a, _), (b, _)| b.as_encoded_bytes().cmp(a.as_encoded_bytes()));
        self.stack.push(Directory { relative, names });
    }

    /// The path of something below the root; joining nothing would leave a slash at the end.
    fn absolute(&self, relative: &Path) -> PathBuf {
        if relative.as_os_str().is_empty() { self.root.clone() } else { self.root.join(relative) }
    }

    fn entry(&self, relative: PathBuf, kind: EntryKind) -> Entry {
        Entry { path: self.absolute(&relative), relative, kind }
    }

    /// What something is; `None` for a directory.
    fn examine(&self, relative: &Path, kind: FileType) -> Option<EntryKind> {
        if kind.is_dir() {
            None
        } else if kind.is_file() {
            Some(EntryKind::File)
        } else if kind.is_symlink() {
            Some(match fs::metadata(self.absolute(relative)) {
                Ok(target) if target.is_file() => EntryKind::File,
                _ => EntryKind::Link,
            })
        } else {
            Some(EntryKind::Special)
        }
    }
}

impl Iterator for Listing {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if let Some(kind) = self.single.take() {
            return Some(Entry {
                path: self.root.clone(),
                relative: self.root.file_name().map(PathBuf::from).unwrap_or_default(),
                kind,
            });
        }
        loop {
            if let Some((relative, error)) = self.faults.pop() {
                return Some(self.entry(relative, EntryKind::Error(error)));
            }
            let directory = self.stack.last_mut()?;
            let Some((name, kind)) = directory.names.pop() else {
                self.stack.pop();
                continue;
            };
            let relative = directory.relative.join(name);
            match kind
                .map_or_else(|error| Some(EntryKind::Error(error)), |kind| self.examine(&relative, kind))
            {
                Some(kind) => return Some(self.entry(relative, kind)),
                None => self.enter(relative),
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A folder with these files, each with its path as content.
    pub(crate) fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        root
    }

    fn names(root: &Path) -> Vec<String> {
        Listing::new(root)
            .map(|entry| {
                let kind = match entry.kind {
                    EntryKind::File => "",
                    EntryKind::Link => " link",
                    EntryKind::Special => " special",
                    EntryKind::Error(_) => " error",
                };
                format!("{}{kind}", entry.relative.display())
            })
            .collect()
    }

    #[test]
    fn order_is_by_bytes_depth_first() {
        let root = tree(&["b/2", "b/1/x", "a", "B", "b.txt", "b/10", "c/é", "c/z"]);
        assert_eq!(names(root.path()), ["B", "a", "b/1/x", "b/10", "b/2", "b.txt", "c/z", "c/é"]);
    }

    #[test]
    fn a_file_as_root_is_one_entry() {
        let root = tree(&["a/b.dcm"]);
        let entries: Vec<Entry> = Listing::new(&root.path().join("a/b.dcm")).collect();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].relative, Path::new("b.dcm"));
        assert!(matches!(entries[0].kind, EntryKind::File));
    }

    #[test]
    fn empty_folders_yield_nothing_and_absent_roots_an_error() {
        let root = tree(&[]);
        fs::create_dir_all(root.path().join("x/y")).unwrap();
        assert!(names(root.path()).is_empty());
        assert_eq!(names(&root.path().join("absent")), [" error"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_files_and_other_links_are_named() {
        use std::os::unix::fs::symlink;
        let root = tree(&["d/file"]);
        symlink("d", root.path().join("to_folder")).unwrap();
        symlink("..", root.path().join("d/up")).unwrap();
        symlink("d/file", root.path().join("to_file")).unwrap();
        symlink("absent", root.path().join("to_nothing")).unwrap();
        symlink("itself", root.path().join("itself")).unwrap();
        symlink("/dev/null", root.path().join("to_device")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
        assert_eq!(
            names(root.path()),
            [
                "d/file",
                "d/up link",
                "itself link",
                "socket special",
                "to_device link",
                "to_file",
                "to_folder link",
                "to_nothing link",
            ]
        );
        assert_eq!(names(&root.path().join("to_folder")), ["file", "up link"]);
    }

    #[cfg(unix)]
    #[test]
    fn an_unreadable_folder_is_an_error_and_the_rest_goes_on() {
        use std::os::unix::fs::PermissionsExt;
        let root = tree(&["a/x", "b/y", "c/z"]);
        let shut = root.path().join("b");
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o000)).unwrap();
        let found = names(root.path());
        let as_root = fs::read_dir(&shut).is_ok();
        fs::set_permissions(&shut, fs::Permissions::from_mode(0o700)).unwrap();
        // The superuser may read everything.
        if !as_root {
            assert_eq!(found, ["a/x", "b error", "c/z"]);
        }
    }
}
