//! The files below a folder, listed by a thread of its own while the first of them are worked on.
//!
//! What was listed stays, so that each phase sees the same files; a million of them take some tens of megabytes. Their
//! lengths, of which the user learns how long a run takes, are asked for once all names are known.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use deid_core::Cause;

use crate::listing::{EntryKind, Listing};
use crate::output::NotWritten;

/// What is under a root, in its order, as far as it is listed.
#[derive(Debug)]
pub(super) struct Listed {
    root: PathBuf,
    /// The root is a file.
    single: bool,
    table: Mutex<Table>,
    /// There is more.
    more: Condvar,
    /// Nobody wants to know any more.
    given_up: AtomicBool,
}

/// Names without what they have in common.
#[derive(Debug)]
struct Table {
    /// Folders below the root.
    folders: Vec<PathBuf>,
    entries: Vec<Entry>,
    /// The names, one behind the other.
    names: String,
    /// Names that are no text, by the number of their entry.
    odd_names: BTreeMap<usize, OsString>,
    /// What is in the way of an entry, by its number.
    faults: BTreeMap<usize, NotWritten>,
    /// All names so far hold nothing that could identify anybody.
    generic: bool,
    complete: bool,
    /// Bytes of all files, once they are known.
    bytes: Option<u64>,
    /// Whether somebody waits for the next entry.
    awaited: bool,
}

/// A name, by where it ends, and the number of its folder.
#[derive(Clone, Copy, Debug)]
struct Entry {
    name_end: u64,
    folder: u32,
}

impl Listed {
    /// Nothing is listed before [`Listed::fill`] runs.
    pub(super) fn new(root: &Path) -> Self {
        let table = Table {
            folders: Vec::new(),
            entries: Vec::new(),
            names: String::new(),
            odd_names: BTreeMap::new(),
            faults: BTreeMap::new(),
            generic: true,
            complete: false,
            bytes: None,
            awaited: false,
        };
        Self {
            root: root.to_path_buf(),
            single: root.is_file(),
            table: Mutex::new(table),
            more: Condvar::new(),
            given_up: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// List all, then add up the lengths.
    pub(super) fn fill(&self) {
        let complete = CompleteOnDrop(self);
        for found in Listing::new(&self.root) {
            if self.given_up.load(Ordering::Relaxed) {
                return;
            }
            let fault = match found.kind {
                EntryKind::File => None,
                EntryKind::Link => Some(Cause::Link.into()),
                EntryKind::Special => Some(Cause::SpecialFile.into()),
                EntryKind::Error(error) => Some(error.into()),
            };
            let mut table = self.lock();
            table.add(&found.relative, fault);
            if std::mem::take(&mut table.awaited) {
                self.more.notify_all();
            }
        }
        drop(complete);
        self.measure();
    }

    fn measure(&self) {
        let mut bytes = 0;
        let mut number = 0;
        while !self.given_up.load(Ordering::Relaxed) {
            let Some((path, found)) = self.entry(number) else {
                self.lock().bytes = Some(bytes);
                return;
            };
            if found.is_ok() {
                bytes += fs::metadata(self.path(&path)).map_or(0, |facts| facts.len());
            }
            number += 1;
        }
    }

    /// List no further.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// The path below the root of an entry, counted from 0, and what is in its way; none behind the last. Waits until
    /// it is listed.
    pub(super) fn entry(&self, number: usize) -> Option<(PathBuf, Result<(), NotWritten>)> {
        let mut table = self.lock();
        while !table.complete && table.entries.len() <= number {
            table = self.wait(table);
        }
        table.entry(number)
    }

    /// Where an entry is.
    pub(super) fn path(&self, relative: &Path) -> PathBuf {
        if self.single { self.root.clone() } else { self.root.join(relative) }
    }

    /// Whether no name holds anything that could identify anybody. Waits for the last one, or the first that does.
    pub(super) fn names_are_generic(&self) -> bool {
        let mut table = self.lock();
        while !table.complete && table.generic {
            table = self.wait(table);
        }
        table.generic
    }

    /// Number and bytes of all, if they are known by now.
    pub(super) fn totals(&self) -> Option<(u64, u64)> {
        let table = self.lock();
        table.bytes.map(|bytes| (table.entries.len() as u64, bytes))
    }

    fn wait<'t>(&self, mut table: MutexGuard<'t, Table>) -> MutexGuard<'t, Table> {
        table.awaited = true;
        self.more.wait(table).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes whoever waits for an entry, also if listing panics.
struct CompleteOnDrop<'l>(&'l Listed);

impl Drop for CompleteOnDrop<'_> {
    fn drop(&mut self) {
        self.0.lock().complete = true;
        self.0.more.notify_all();
    }
}

impl Table {
    fn add(&mut self, relative: &Path, fault: Option<NotWritten>) {
        let folder = relative.parent().unwrap_or(Path::new(""));
        if self.folders.last().is_none_or(|last| last != folder) {
            self.generic &= folder.iter().all(|part| is_generic(part) && is_ordinal(part));
            self.folders.push(folder.to_path_buf());
        }
        let number = self.entries.len();
        let name = relative.file_name().unwrap_or_default();
        self.generic &= name.is_empty() || is_generic(name);
        match name.to_str() {
            Some(text) => self.names.push_str(text),
            None => drop(self.odd_names.insert(number, name.to_owned())),
        }
        if let Some(fault) = fault {
            self.faults.insert(number, fault);
        }
        // More folders than 32 bits count would take more memory than there is.
        let folder = u32::try_from(self.folders.len() - 1).unwrap_or(u32::MAX);
        self.entries.push(Entry { name_end: self.names.len() as u64, folder });
    }

    fn entry(&self, number: usize) -> Option<(PathBuf, Result<(), NotWritten>)> {
        let Entry { name_end, folder } = *self.entries.get(number)?;
        let folder = self.folders.get(folder as usize)?;
        let start = number.checked_sub(1).map_or(0, |before| self.entries[before].name_end);
        let path = match self.odd_names.get(&number) {
            Some(name) => folder.join(name),
            None => match &self.names[start as usize..name_end as usize] {
                // Joining nothing would leave a slash at the end.
                "" => folder.clone(),
                name => folder.join(name),
            },
        };
        Some((path, self.faults.get(&number).map_or(Ok(()), |fault| Err(*fault))))
    }
}

fn is_generic(part: &OsStr) -> bool {
    part.to_str().is_some_and(crate::names::is_generic)
}

/// Whether a folder's number is too short for the ID of a subject, who may be in some of its files only.
fn is_ordinal(part: &OsStr) -> bool {
    const MOST: usize = 2;
    part.as_encoded_bytes().iter().filter(|byte| byte.is_ascii_digit()).count() <= MOST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::tests::tree;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn entries_are_those_of_the_listing() {
        let root = tree(&["b/2", "b/1/x", "a", "B", "b/10", "c/é"]);
        #[cfg(target_os = "linux")]
        {
            use std::os::unix::ffi::OsStrExt;
            fs::write(root.path().join("b").join(OsStr::from_bytes(b"M\xfcller")), "").unwrap();
        }
        std::fs::create_dir(root.path().join("empty")).unwrap();
        let listed = Listed::new(root.path());
        listed.fill();
        let paths: Vec<PathBuf> = (0..).map_while(|n| listed.entry(n)).map(|(path, _)| path).collect();
        let expected: Vec<PathBuf> = Listing::new(root.path()).map(|entry| entry.relative).collect();
        assert_eq!(paths, expected);
        let bytes = expected.iter().map(|path| fs::metadata(root.path().join(path)).unwrap().len()).sum();
        assert_eq!(listed.totals(), Some((expected.len() as u64, bytes)));
    }

    #[test]
    fn a_root_that_is_a_file_or_missing_is_one_entry() {
        let root = tree(&["a/IM1"]);
        let listed = Listed::new(&root.path().join("a/IM1"));
        listed.fill();
        let (path, found) = listed.entry(0).unwrap();
        assert_eq!((&*path, found), (Path::new("IM1"), Ok(())));
        assert_eq!(listed.path(&path), root.path().join("a/IM1"));
        assert!(listed.names_are_generic() && listed.entry(1).is_none());
        let listed = Listed::new(&root.path().join("absent"));
        listed.fill();
        let (path, found) = listed.entry(0).unwrap();
        assert_eq!(path, Path::new(""));
        assert_eq!(found.unwrap_err().cause, Cause::IoError);
    }

    #[test]
    fn a_name_that_tells_something_shows_before_the_end() {
        let root = tree(&["Doe", "IM1", "IM2"]);
        let listed = Listed::new(root.path());
        thread::scope(|scope| {
            let asked = scope.spawn(|| (listed.names_are_generic(), listed.entry(2)));
            thread::sleep(Duration::from_millis(5));
            assert!(!asked.is_finished() && listed.totals().is_none());
            scope.spawn(|| listed.fill());
            let (generic, last) = asked.join().unwrap();
            assert!(!generic && last.is_some());
        });
    }

    #[test]
    fn the_number_of_a_folder_may_be_an_id() {
        for (file, generic) in [("series2/IM00001.dcm", true), ("12345/IM1", false), ("001/IM1", false)] {
            let root = tree(&[file]);
            let listed = Listed::new(root.path());
            listed.fill();
            assert_eq!(listed.names_are_generic(), generic, "{file}");
        }
    }

    #[test]
    fn what_is_given_up_ends_and_nobody_waits() {
        let root = tree(&["IM1", "IM2"]);
        let listed = Listed::new(root.path());
        listed.give_up();
        listed.fill();
        assert!(listed.entry(0).is_none() && listed.totals().is_none());
    }
}
