//! Whether a file, a folder or an archive is de-identified already: [`deid_core::Check`] for each of its units.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use deid_core::{Check, Engine, Remaining};
use deid_dicom::Source;
use deid_raw::Format;

use crate::archive::{self, ArchiveError, Limits, MemberKind, Sniffed};
use crate::blob::Blob;
use crate::files::Unless;
use crate::listing::{EntryKind, Listing};
use crate::source::FileSource;

/// What was found out about one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its path: below the folder, within the archive, or the name of the file. May identify somebody.
    pub path: PathBuf,
    /// What it is: `dicom`, the identifier of a raw format, `raw_payload` for one that a header beside it announces,
    /// `archive` for the archive itself, which comes first if a text beside its members is not to stay, or `None` if it
    /// is none of them or cannot be read.
    pub format: Option<&'static str>,
    /// What of it is still to be de-identified; `None` without a format.
    pub check: Option<Check>,
}

/// Units that are checked at the same time, for each thread.
const BATCH: usize = 32;
/// Bytes of members of an archive that are held in memory at the same time.
const HELD: usize = 64 << 20;
/// A larger member waits in a temporary file without a name.
const LARGE: usize = 1 << 20;

/// A unit that waits for its check.
enum Waiting {
    File(PathBuf),
    Member(Blob),
    Unreadable,
}

/// Checks the units in the order of their paths, or of the archive (payloads before their headers at the end), until
/// `visit` has enough or the user gave up. `jobs` threads look at
/// them, 0 for as many as the machine runs at once; what comes out does not depend on it.
pub fn check(
    path: &Path,
    engine: &Engine,
    jobs: usize,
    limits: &Limits,
    given_up: &(dyn Fn() -> bool + Sync),
    visit: &mut dyn FnMut(Checked) -> ControlFlow<()>,
) -> Result<(), ArchiveError> {
    let jobs = if jobs == 0 { thread::available_parallelism().map_or(1, usize::from) } else { jobs };
    let mut batch = Batch {
        engine,
        jobs,
        given_up,
        waiting: Vec::new(),
        held: 0,
        payloads: HashSet::new(),
        later: Vec::new(),
        visit,
    };
    if path.is_file()
        && let Sniffed::Archive(kind) = archive::sniff(path).map_err(ArchiveError::Io)?
    {
        let found = asides(engine, archive::asides(path, kind)?);
        if !found.is_empty() {
            let name = path.file_name().map(PathBuf::from).unwrap_or_default();
            let check = Check { remaining: found, ..Check::default() };
            if (batch.visit)(Checked { path: name, format: Some("archive"), check: Some(check) }).is_break() {
                return Ok(());
            }
        }
        archive::read(path, kind, limits, &mut |member| {
            let relative: PathBuf = match member.kind {
                MemberKind::File => member.path.iter().collect(),
                MemberKind::Refused(_) => String::from_utf8_lossy(member.raw_name).into_owned().into(),
            };
            let content = match member.kind {
                MemberKind::File => {
                    let data = Unless { inner: member.data, given_up };
                    Blob::spool(data, LARGE, limits.max_member_bytes, &std::env::temp_dir())
                        .map_or(Waiting::Unreadable, Waiting::Member)
                }
                MemberKind::Refused(_) => Waiting::Unreadable,
            };
            batch.add(relative, content)
        })?;
    } else {
        for entry in Listing::new(path) {
            let content = match entry.kind {
                EntryKind::File => Waiting::File(entry.path),
                EntryKind::Error(error) if entry.relative.as_os_str().is_empty() => {
                    return Err(ArchiveError::Io(error));
                }
                _ => Waiting::Unreadable,
            };
            if batch.add(entry.relative, content).is_break() {
                return Ok(());
            }
        }
    }
    // Whether the caller has enough makes no difference at the end.
    let _ = batch.finish().is_continue() && batch.settle().is_continue();
    Ok(())
}

/// Units on their way, in order.
struct Batch<'a> {
    engine: &'a Engine,
    jobs: usize,
    /// Whether the user gave up: asked before each unit.
    given_up: &'a (dyn Fn() -> bool + Sync),
    waiting: Vec<(PathBuf, Waiting)>,
    held: usize,
    /// Where headers that were seen have their payloads, in lower case.
    payloads: HashSet<String>,
    /// Members that may be payloads of headers that come behind them: they are judged at the end.
    later: Vec<PathBuf>,
    visit: &'a mut dyn FnMut(Checked) -> ControlFlow<()>,
}

impl Batch<'_> {
    fn add(&mut self, path: PathBuf, content: Waiting) -> ControlFlow<()> {
        let length = if let Waiting::Member(Blob::Memory(bytes)) = &content { bytes.len() } else { 0 };
        self.held += length;
        self.waiting.push((path, content));
        let most = if self.jobs == 1 { 1 } else { BATCH * self.jobs };
        if self.waiting.len() >= most || self.held >= HELD {
            return self.finish();
        }
        ControlFlow::Continue(())
    }

    /// Checks what waits.
    fn finish(&mut self) -> ControlFlow<()> {
        self.held = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let found = all(self.engine, self.jobs, &waiting, self.given_up);
        if (self.given_up)() {
            return ControlFlow::Break(());
        }
        for ((path, content), found) in waiting.into_iter().zip(found) {
            let mut checked = match found {
                Some((format, check)) => Checked { path, format: Some(format), check: Some(check) },
                None => Checked { path, format: None, check: None },
            };
            if let Some(payload) = checked.format.and_then(payload_extension) {
                self.payloads.insert(payload_of(&checked.path, payload));
            } else if checked.format.is_none() && has_payload_extension(&checked.path) {
                if self.is_payload(&checked.path, &content) {
                    checked.format = Some("raw_payload");
                    checked.check = Some(Check::default());
                } else if matches!(content, Waiting::Member(_)) {
                    self.later.push(checked.path);
                    continue;
                }
            }
            (self.visit)(checked)?;
        }
        ControlFlow::Continue(())
    }

    /// Judges what waited for headers.
    fn settle(&mut self) -> ControlFlow<()> {
        for path in std::mem::take(&mut self.later) {
            let known = self.payloads.contains(&path.to_string_lossy().to_lowercase());
            let (format, check) =
                if known { (Some("raw_payload"), Some(Check::default())) } else { (None, None) };
            (self.visit)(Checked { path, format, check })?;
        }
        ControlFlow::Continue(())
    }

    /// Whether a header that comes before it in order, or lies beside it, announces it.
    fn is_payload(&self, path: &Path, content: &Waiting) -> bool {
        if self.payloads.contains(&path.to_string_lossy().to_lowercase()) {
            return true;
        }
        let Waiting::File(file) = content else { return false };
        let Some(folder) = file.parent() else { return false };
        let Ok(beside) = std::fs::read_dir(folder) else { return false };
        let this = file.to_string_lossy().to_lowercase();
        beside.flatten().map(|entry| entry.path()).any(|header| {
            let stem = |path: &Path| path.file_stem().map(OsStr::to_ascii_lowercase);
            stem(&header) == stem(file)
                && header != *file
                && of_file(self.engine, &header).ok().flatten().is_some_and(|(format, _)| {
                    payload_extension(format).is_some_and(|payload| payload_of(&header, payload) == this)
                })
        })
    }
}

/// The texts beside what is compressed that cleaning would change. Nobody is named there whom it could look for.
fn asides(engine: &Engine, asides: Vec<archive::Aside>) -> Vec<Remaining> {
    let mut found: Vec<Remaining> = Vec::new();
    for aside in asides {
        let known = found.iter().any(|found| found.path == aside.id);
        if !known && (aside.id == "gzip-extra" || !engine.is_clean_text(without_extensions(&aside.text))) {
            found.push(Remaining { path: aside.id.to_owned(), name: aside.name.to_owned(), rule: "aside" });
        }
    }
    found
}

/// A file's name without what says what it is.
fn without_extensions(mut name: &str) -> &str {
    while let Some(rest) = [".tar", ".nii", ".dcm", ".gz"].iter().find_map(|end| name.strip_suffix(end)) {
        name = rest;
    }
    name
}

fn has_payload_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|text| text.to_str()).unwrap_or_default().to_lowercase();
    deid_raw::is_payload_extension(&extension)
}

fn payload_extension(format: &'static str) -> Option<&'static str> {
    [Format::Spar, Format::Par, Format::Nifti]
        .into_iter()
        .find(|known| known.id() == format)
        .and_then(Format::payload_extension)
}

fn payload_of(header: &Path, extension: &str) -> String {
    header.with_extension(extension).to_string_lossy().to_lowercase()
}

type Found = Option<(&'static str, Check)>;

/// What is found out about each of them, in their order.
fn all(
    engine: &Engine,
    jobs: usize,
    waiting: &[(PathBuf, Waiting)],
    given_up: &(dyn Fn() -> bool + Sync),
) -> Vec<Found> {
    // A unit that brings out a bug counts as unreadable: it stays without a format.
    let look = |content: &Waiting| catch_unwind(AssertUnwindSafe(|| one(engine, content))).unwrap_or(None);
    let one = |content: &Waiting| if given_up() { None } else { look(content) };
    if jobs == 1 || waiting.len() < 2 {
        return waiting.iter().map(|(_, content)| one(content)).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((index, (_, content))) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|index| Some((index, waiting.get(index)?)))
        {
            done.push((index, one(content)));
        }
        done
    };
    let mut found: Vec<Found> = vec![None; waiting.len()];
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.min(waiting.len())).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for (index, result) in worker.join().unwrap_or_default() {
                found[index] = result;
            }
        }
    });
    found
}

fn one(engine: &Engine, content: &Waiting) -> Found {
    match content {
        Waiting::File(path) => of_file(engine, path).unwrap_or(None),
        Waiting::Member(blob) => of_blob(engine, blob),
        Waiting::Unreadable => None,
    }
}

fn of_file(engine: &Engine, path: &Path) -> io::Result<Found> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let found = of_open(engine, &file, size);
    if found.is_some() {
        return Ok(found);
    }
    // A compressed file, which a run looks into as well.
    let Sniffed::Compressed(compression) = archive::sniff(path)? else { return Ok(None) };
    let limits = Limits::default();
    let content = archive::open_compressed(path, compression, &limits)?;
    let blob = Blob::spool(content, LARGE, limits.max_member_bytes, &std::env::temp_dir())?;
    let mut found = of_blob(engine, &blob);
    if let Some((_, check)) = &mut found {
        let head = FileSource::new(&file, size).bytes(0, size.min(1 << 17) as usize).map(<[u8]>::to_vec);
        check.remaining.extend(asides(engine, archive::of_gzip(&head.unwrap_or_default()[..])));
    }
    Ok(found)
}

fn of_open(engine: &Engine, file: &File, size: u64) -> Found {
    let mut source = FileSource::new(file, size);
    let check = of_source(engine, &mut source);
    check.filter(|_| source.error().is_none())
}

fn of_blob(engine: &Engine, blob: &Blob) -> Found {
    match blob {
        Blob::Memory(bytes) => of_source(engine, &mut &bytes[..]),
        Blob::File { file, len } => of_open(engine, file, *len),
    }
}

fn of_source<S: Source>(engine: &Engine, source: &mut S) -> Found {
    let raw = engine.check_raw(source).map(|(format, mut check)| {
        if format == Format::NiftiGzip {
            let length = source.size().min(1 << 17) as usize;
            let head = source.bytes(0, length).unwrap_or_default();
            check.remaining.extend(asides(engine, archive::of_gzip(head)));
        }
        (format.id(), check)
    });
    raw.or_else(|| Some(("dicom", engine.check(source)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_core::{Key, Settings};

    fn engine() -> Engine {
        Engine::new(Settings {
            profile: deid_profile::built_in("default").unwrap(),
            key: Key::from_bytes([0; 32]),
            subject: None,
            subjects: None,
            forced: Vec::new(),
            inflate_limit: 0,
        })
        .unwrap()
    }

    #[test]
    fn order_and_outcome_do_not_depend_on_the_number_of_threads() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..200 {
            let name = format!("{number:03}");
            let text = format!("{{\"EchoTime\": 0.{number}, \"PatientID\": \"A{number}\"}}");
            std::fs::write(dir.path().join(name), if number % 3 == 0 { "text" } else { &text }).unwrap();
        }
        let run = |jobs, most: usize| {
            let mut found = Vec::new();
            let mut visit = |checked| {
                found.push(checked);
                if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            check(dir.path(), &engine(), jobs, &Limits::default(), &|| false, &mut visit).unwrap();
            found
        };
        let alone = run(1, 0);
        assert_eq!(alone.len(), 200);
        assert!(alone.iter().any(|checked| checked.format == Some("bids_json")));
        assert_eq!(run(4, 0), alone);
        assert_eq!(run(4, 7), alone[..7]);
    }

    #[test]
    fn what_is_no_dicom_is_not_judged() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("a")).unwrap();
        std::fs::write(dir.path().join("a/b.txt"), "text").unwrap();
        let engine = engine();
        let mut found = Vec::new();
        let mut visit = |checked: Checked| {
            found.push(checked);
            ControlFlow::Continue(())
        };
        check(dir.path(), &engine, 0, &Limits::default(), &|| false, &mut visit).unwrap();
        assert_eq!(found, [Checked { path: PathBuf::from("a/b.txt"), format: None, check: None }]);
        let absent = dir.path().join("absent");
        assert!(
            check(&absent, &engine, 0, &Limits::default(), &|| false, &mut |_| ControlFlow::Continue(()))
                .is_err()
        );
    }
}
