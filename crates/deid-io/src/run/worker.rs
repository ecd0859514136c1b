//! The second phase for one unit: read it, have it de-identified, stage the result.

mod gathered;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use deid_core::{Body, Cause, CrosswalkRow, Engine, Facts, KnownParts, Processed, Scratch, SessionFacts};
use deid_dicom::{Piece, Source, Spliced};

use super::Progress;
use super::unit::{Content, SMALL, Unit};
use crate::archive::{self, Sniffed};
use crate::blob::{Blob, read_file_at};
use crate::capture;
use crate::files::{copy_range_unless, error_id, read_exact_at, read_full};
use crate::names::{is_known_extension, portable, split_extension};
use crate::output::{NotWritten, Planned, Product, ProductPlace};
use crate::source::{FileSource, Head};
use crate::staging::Staging;

/// A picture larger than this is not stripped of its metadata: that is done in memory.
const CAPTURE_LIMIT: u64 = 256 << 20;
/// The folder of the output that captures go to.
const CAPTURES: &str = "captures";
/// What the content hash looks at.
const HASHED: usize = 4096;
/// Copies up to this length go through memory.
const SMALL_COPY: u64 = 64 << 10;
/// Copies up to this length are read with what follows them.
const SMALL_PIECE: usize = 4 << 10;
/// So much of it.
const AHEAD: usize = 64 << 10;

/// What all workers share.
#[expect(clippy::struct_excessive_bools, reason = "wishes that are independent of each other")]
pub(super) struct Work<'a> {
    pub(super) engine: &'a Engine,
    pub(super) session: &'a SessionFacts,
    pub(super) keep_captures: bool,
    /// Captures in DICOM go to the folder of captures too, as with CATI.
    pub(super) captures_apart: bool,
    pub(super) results: Results<'a>,
    /// The bytes of a quarantined unit are wanted.
    pub(super) keep_originals: bool,
    /// Rows of a crosswalk are wanted.
    pub(super) crosswalk: bool,
    /// Whom to ask whether the user gave up.
    pub(super) progress: &'a dyn Progress,
}

/// Where results are put.
#[derive(Clone, Copy)]
pub(super) enum Results<'a> {
    /// In files.
    Staged(&'a Staging),
    /// In files if they are large, in memory if they are small: for an archive.
    StagedIfLarge(&'a Staging),
    /// A dry run that compares with what is there: what they would be made of is handed on.
    Planned,
    /// Another dry run.
    Nowhere,
}

/// What a worker uses again from unit to unit.
#[derive(Default)]
pub(super) struct Worker {
    scratch: Scratch,
    head: Head,
    output: Vec<u8>,
    /// The end of a file, as it was read.
    rest: Vec<u8>,
    parts: KnownParts,
}

/// A unit that was processed.
pub(super) struct Done {
    pub(super) ordinal: u64,
    /// The result, or why there is none.
    pub(super) result: Result<Product, NotWritten>,
    /// The parts of its path in the output, cleaned; none where they could not be.
    pub(super) target: Vec<String>,
    /// Its name in the report, unless there is a result.
    pub(super) label: String,
    /// Keyed hash of what was read.
    pub(super) hash: String,
    pub(super) facts: Facts,
    pub(super) bytes_in: u64,
    /// Its path below the input.
    pub(super) source: Unit,
    /// Who is behind it, if that is asked for.
    pub(super) crosswalk: Option<CrosswalkRow>,
}

/// The bytes of a unit.
enum Opened<'a> {
    Bytes(&'a [u8]),
    /// A file, its length, and the beginning of it that was read.
    File(&'a File, u64, &'a [u8]),
}

impl Opened<'_> {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, size, _) => *size,
        }
    }

    /// The first bytes, as many as there are up to `length`.
    fn beginning(&self, length: usize) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Bytes(bytes) => Ok(Cow::Borrowed(&bytes[..length.min(bytes.len())])),
            Self::File(_, _, head) if length <= head.len() => Ok(Cow::Borrowed(&head[..length])),
            Self::File(file, size, _) => {
                let mut beginning = vec![0; length.min(usize::try_from(*size).unwrap_or(length))];
                read_exact_at(file, 0, &mut beginning)?;
                Ok(Cow::Owned(beginning))
            }
        }
    }

    /// Whether it holds other files, or one that is compressed and DICOM.
    fn is_archive(&self) -> bool {
        let is_archive = |bytes: &[u8]| {
            matches!(archive::sniff_bytes(bytes), Ok(Sniffed::Archive(_)))
                || archive::is_compressed_dicom(bytes)
        };
        match self {
            Self::Bytes(bytes) => is_archive(bytes),
            Self::File(..) => self.beginning(SMALL).is_ok_and(|bytes| is_archive(&bytes)),
        }
    }
}

/// What was found out about a unit's bytes.
struct Found {
    hash: String,
    result: Result<Product, NotWritten>,
    facts: Facts,
    identity: Option<deid_core::PathIdentity>,
    values: Option<deid_core::OutputValues>,
    capture: bool,
    size: u64,
    crosswalk: Option<CrosswalkRow>,
}

impl Found {
    fn nothing(why: impl Into<NotWritten>, size: u64) -> Self {
        Self {
            hash: String::new(),
            result: Err(why.into()),
            facts: Facts::default(),
            identity: None,
            values: None,
            capture: false,
            size,
            crosswalk: None,
        }
    }
}

impl Work<'_> {
    /// Process one unit. Nothing that is wrong with it is an error: it is what became of it.
    pub(super) fn process(&self, worker: &mut Worker, mut unit: Unit) -> Done {
        let attempt = panic::catch_unwind(AssertUnwindSafe(|| {
            let found = self.open_and_process(worker, &unit);
            let names = self.names(&mut worker.parts, &unit, &found);
            (found, names)
        }));
        let (found, (target, label)) = attempt.unwrap_or_else(|_| {
            *worker = Worker::default();
            let parts = unit.parts();
            (Found::nothing(Cause::EditFailed, 0), (Vec::new(), plain_label(unit.ordinal, parts.last())))
        });
        let Found { hash, result, facts, capture: _, values: _, identity: _, size, crosswalk } = found;
        let cause = result.as_ref().err().map(|why| why.cause);
        let quarantined = cause.is_none_or(|cause| cause.outcome() == deid_core::Outcome::Quarantined);
        let planned = matches!(&result, Ok(product) if matches!(product.place, ProductPlace::Planned(_)));
        if !(self.keep_originals && quarantined || planned)
            && let Content::Blob(_) = unit.content
        {
            unit.content = Content::Blob(Blob::Memory(Vec::new()));
        }
        Done {
            ordinal: unit.ordinal,
            result,
            target,
            label,
            hash,
            facts,
            bytes_in: size,
            source: unit,
            crosswalk,
        }
    }

    /// The path of what is written, in parts, and what the report calls it.
    fn names(&self, known: &mut KnownParts, unit: &Unit, found: &Found) -> (Vec<String>, String) {
        let identity = found.identity.as_ref();
        let mut clean =
            |part: &str| portable(&self.engine.path_part_of_many(part, identity, self.session, known));
        let parts = unit.parts();
        let mut target: Vec<String> = Vec::new();
        let cause = found.result.as_ref().err().map(|why| why.cause);
        let by_layout =
            found.values.as_ref().and_then(|values| self.engine.output_path(values, unit.ordinal));
        if let (Some(parts), None) = (by_layout, cause) {
            target.extend(parts.iter().map(|part| portable(part)));
        } else if found.capture && cause.is_none() {
            target.push(CAPTURES.to_owned());
            target.extend(parts.last().map(|part| clean(part)));
        } else if let Some((file, folders)) = parts.split_last()
            && cause.is_none_or(names_can_be_cleaned)
            && identity.is_some()
        {
            target.extend(folders.iter().map(|part| clean(part)));
            // Programs tell by the extension what a file is, whoever has its letters for a name.
            let (stem, extension) = split_extension(file);
            let bare = extension.trim_start_matches('.');
            let named = is_known_extension(&bare.to_ascii_lowercase()) && clean(bare) != bare;
            target.push(if named { clean(stem) + extension } else { clean(file) });
        }
        let label = match cause {
            None => String::new(),
            Some(cause) if names_can_be_cleaned(cause) && !target.is_empty() => target.join("/"),
            Some(_) => plain_label(unit.ordinal, parts.last()),
        };
        (target, label)
    }

    fn open_and_process(&self, worker: &mut Worker, unit: &Unit) -> Found {
        match &unit.content {
            Content::Failed(why) => Found::nothing(*why, 0),
            Content::Blob(Blob::Memory(bytes)) => {
                let hash = self.hash(bytes.len() as u64, bytes);
                let processed = call_engine(|| self.ask(unit, &mut &bytes[..], &mut worker.scratch));
                self.conclude(unit, hash, processed, &Opened::Bytes(bytes), worker)
            }
            Content::Blob(Blob::File { file, len }) => self.examine_file(worker, unit, file, *len),
            Content::File(path) => {
                let opened = File::open(path).and_then(|file| {
                    let size = file.metadata()?.len();
                    Ok((file, size))
                });
                match opened {
                    Ok((file, size)) => self.examine_file(worker, unit, &file, size),
                    Err(error) => {
                        Found::nothing(error, std::fs::metadata(path).map_or(0, |facts| facts.len()))
                    }
                }
            }
        }
    }

    /// A file is read as far as the engine asks for it.
    fn examine_file(&self, worker: &mut Worker, unit: &Unit, file: &File, size: u64) -> Found {
        let mut source = FileSource::reusing(file, size, &mut worker.head);
        let hash = match source.bytes(0, HASHED.min(usize::try_from(size).unwrap_or(HASHED))) {
            Some(beginning) => self.hash(size, beginning),
            None => return Found::nothing(source.into_error(), size),
        };
        let processed = call_engine(|| self.ask(unit, &mut source, &mut worker.scratch));
        let processed = match source.error() {
            Some(error) => Some(left_out(Cause::IoError, Some(error_id(error)))),
            None => processed,
        };
        let found = self.conclude(unit, hash, processed, &Opened::File(file, size, source.head()), worker);
        source.give_back(&mut worker.head);
        found
    }

    fn hash(&self, size: u64, bytes: &[u8]) -> String {
        self.engine.settings().key.content_hash(size, &bytes[..HASHED.min(bytes.len())])
    }

    /// Stage what the engine made of a unit, or say why there is nothing.
    fn conclude(
        &self,
        unit: &Unit,
        hash: String,
        processed: Option<Processed>,
        opened: &Opened<'_>,
        worker: &mut Worker,
    ) -> Found {
        let size = opened.size();
        let mut processed = processed.unwrap_or_else(|| {
            worker.scratch = Scratch::default();
            left_out(Cause::Faulty, Some("internal_error"))
        });
        let beginning = match opened.beginning(HASHED) {
            Ok(beginning) => beginning,
            Err(error) => return Found::nothing(error, size),
        };
        if is_dicomdir(unit, &beginning) {
            processed.cause = Some(Cause::DicomDir);
        }
        let mut facts = processed.facts;
        let mut capture = false;
        let crosswalk = processed
            .classification
            .as_ref()
            .filter(|_| self.crosswalk)
            .map(|classification| self.engine.crosswalk(classification));
        let result = match processed.cause {
            Some(Cause::NotDicom) if self.keep_captures && capture::sniff(&beginning).is_some() => {
                capture = true;
                facts.remarks.push("pixels_not_inspected");
                self.strip(unit.ordinal, opened)
            }
            Some(Cause::NotDicom) if opened.is_archive() => Err(Cause::NestedArchive.into()),
            Some(cause) => Err(cause.into()),
            None => {
                let bytes = processed.head.len() as u64 + processed.body.size();
                let planned = Planned { head: processed.head, body: processed.body };
                self.stage(unit.ordinal, bytes, worker, planned, opened)
            }
        };
        if self.keep_captures && self.captures_apart && result.is_ok() {
            let sop_class = processed.classification.as_ref().map(|found| found.sop_class.as_str());
            capture |= sop_class.is_some_and(is_secondary_capture);
        }
        let Processed { identity, values, .. } = processed;
        Found { hash, result, facts, identity, values, capture, size, crosswalk }
    }

    /// Raw formats first, which are known by their content; then DICOM; then what belongs to a header beside it.
    fn ask<S: Source>(&self, unit: &Unit, source: &mut S, scratch: &mut Scratch) -> Processed {
        let raw = self.engine.process_raw(source, self.session, &|| unit.parts());
        let processed = raw.unwrap_or_else(|| self.engine.process(source, self.session, scratch));
        if processed.cause != Some(Cause::NotDicom) {
            return processed;
        }
        let payload = self.engine.process_payload(source.size(), self.session, &unit.parts());
        payload.unwrap_or(processed)
    }

    fn strip(&self, ordinal: u64, opened: &Opened<'_>) -> Result<Product, NotWritten> {
        if opened.size() > CAPTURE_LIMIT {
            return Err(Cause::TooLarge.into());
        }
        let read;
        let bytes = match opened {
            Opened::Bytes(bytes) => bytes,
            Opened::File(_, size, _) => {
                read = opened.beginning(*size as usize)?;
                &read[..]
            }
        };
        let stripped = capture::strip(bytes).map_err(|_| NotWritten::from(Cause::Faulty))?;
        let bytes = stripped.len() as u64;
        let planned = Planned { head: Vec::new(), body: Body::Bytes(stripped) };
        self.stage(ordinal, bytes, &mut Worker::default(), planned, opened)
    }

    /// Put a result of this many bytes where it waits for its name.
    fn stage(
        &self,
        ordinal: u64,
        bytes: u64,
        worker: &mut Worker,
        planned: Planned,
        opened: &Opened<'_>,
    ) -> Result<Product, NotWritten> {
        let (staging, in_memory) = match self.results {
            Results::Staged(staging) => (staging, false),
            Results::StagedIfLarge(staging) => (staging, bytes <= SMALL as u64),
            Results::Planned => return Ok(Product { bytes, place: ProductPlace::Planned(planned) }),
            Results::Nowhere => return Ok(Product { bytes, place: ProductPlace::Nowhere }),
        };
        worker.output.clear();
        let given_up = || self.progress.is_cancelled();
        if in_memory {
            let mut memory = Vec::with_capacity(bytes as usize);
            write_instance(&mut Out::new(&mut memory, Sink::Memory, &given_up), &planned, opened)?;
            return Ok(Product { bytes, place: ProductPlace::Memory(memory) });
        }
        let path = staging.join(&ordinal.to_string());
        let written = File::create_new(&path).and_then(|mut file| {
            if !gathered::write(
                &mut file,
                (&mut worker.output, &mut worker.rest),
                &planned,
                opened,
                &given_up,
            )? {
                let mut out = Out::new(&mut worker.output, Sink::File(&mut file), &given_up);
                write_instance(&mut out, &planned, opened)?;
                out.flush()?;
            }
            let length = file.metadata()?.len();
            if length == bytes { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
        });
        worker.scratch.give_back(planned.body);
        if let Err(error) = written {
            // Whatever remains of it goes with the staging folder.
            let _ = std::fs::remove_file(&path);
            return Err(error.into());
        }
        Ok(Product { bytes, place: ProductPlace::Staged(path) })
    }
}

/// Ask the engine, whatever happens to it; `None` if that was a panic.
fn call_engine(process: impl FnOnce() -> Processed) -> Option<Processed> {
    panic::catch_unwind(AssertUnwindSafe(process)).ok()
}

fn left_out(cause: Cause, remark: Option<&'static str>) -> Processed {
    let mut facts = Facts::default();
    facts.remarks.extend(remark);
    Processed {
        cause: Some(cause),
        facts,
        head: Vec::new(),
        body: Body::None,
        identity: None,
        classification: None,
        values: None,
    }
}

/// Whether the file could be read so far that its identifiers were found, in it and in its names.
fn names_can_be_cleaned(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::RejectedModality
            | Cause::RejectedSopClass
            | Cause::BurnedIn
            | Cause::EncapsulatedDocument
            | Cause::TargetExists
    )
}

/// A DICOMDIR by its name; the engine knows one by its SOP class.
fn is_dicomdir(unit: &Unit, beginning: &[u8]) -> bool {
    beginning.get(128..132) == Some(b"DICM")
        && unit.parts.last().is_some_and(|name| name.eq_ignore_ascii_case("DICOMDIR"))
}

/// Whether what is planned for a unit is what stands in a file of the same length.
pub(super) fn is_same(planned: &Planned, source: &Unit, existing: &Path) -> io::Result<bool> {
    let mut buffer = Vec::new();
    let mut existing = File::open(existing)?;
    let mut out = Out::new(&mut buffer, Sink::Compare(&mut existing), &|| false);
    let compared = match &source.content {
        Content::Blob(Blob::Memory(bytes)) => write_instance(&mut out, planned, &Opened::Bytes(bytes)),
        Content::Blob(Blob::File { file, len }) => {
            write_instance(&mut out, planned, &Opened::File(file, *len, &[]))
        }
        Content::File(path) => {
            let file = File::open(path)?;
            write_instance(&mut out, planned, &Opened::File(&file, file.metadata()?.len(), &[]))
        }
        Content::Failed(_) => return Ok(false),
    };
    match compared.and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<Differs>) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What was compared is not the same.
#[derive(Debug)]
struct Differs;

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes differ")
    }
}

impl Error for Differs {}

/// Gathers small writes.
struct Out<'a> {
    buffer: &'a mut Vec<u8>,
    sink: Sink<'a>,
    /// Bytes of the original behind its head, and where they begin: small pieces stand one behind the other.
    ahead: (u64, Vec<u8>),
    /// Whether the user gave up.
    given_up: &'a dyn Fn() -> bool,
}

/// Where they go.
enum Sink<'a> {
    /// They stay in the buffer.
    Memory,
    File(&'a mut File),
    /// They are compared with what stands there; other bytes are an error that holds [`Differs`].
    Compare(&'a mut File),
}

impl<'a> Out<'a> {
    fn new(buffer: &'a mut Vec<u8>, sink: Sink<'a>, given_up: &'a dyn Fn() -> bool) -> Self {
        Self { buffer, sink, ahead: (0, Vec::new()), given_up }
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > 2 * SMALL { self.flush() } else { Ok(()) }
    }

    fn copy(&mut self, file: &File, mut start: u64, end: u64) -> io::Result<()> {
        let mut length = end.checked_sub(start).ok_or(io::ErrorKind::InvalidInput)?;
        if length == 0 {
            return Ok(());
        }
        if length > SMALL_COPY {
            match &mut self.sink {
                Sink::Memory => {}
                Sink::File(_) => {
                    self.flush()?;
                    if let Sink::File(out) = &mut self.sink {
                        return copy_range_unless(file, out, start, length, self.given_up);
                    }
                }
                Sink::Compare(_) => {
                    while length > SMALL as u64 {
                        self.copy_small(file, start, SMALL)?;
                        start += SMALL as u64;
                        length -= SMALL as u64;
                    }
                }
            }
        }
        self.copy_small(file, start, length as usize)
    }

    /// Copy through the buffer.
    fn copy_small(&mut self, file: &File, start: u64, length: usize) -> io::Result<()> {
        if length <= SMALL_PIECE {
            return self.copy_piece(file, start, length);
        }
        let held = self.buffer.len();
        self.buffer.resize(held + length, 0);
        read_exact_at(file, start, &mut self.buffer[held..])?;
        self.bytes(&[])
    }

    /// Copy a small piece, with a look at what follows it.
    fn copy_piece(&mut self, file: &File, start: u64, length: usize) -> io::Result<()> {
        let within = |ahead: &(u64, Vec<u8>)| {
            let at = usize::try_from(start.checked_sub(ahead.0)?).ok()?;
            Some(at..at + length).filter(|range| range.end <= ahead.1.len())
        };
        if within(&self.ahead).is_none() {
            let (from, bytes) = &mut self.ahead;
            bytes.resize(AHEAD, 0);
            let mut held = 0;
            while held < AHEAD {
                match read_file_at(file, start + held as u64, &mut bytes[held..]) {
                    Ok(0) => break,
                    Ok(n) => held += n,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            bytes.truncate(held);
            *from = start;
        }
        let range = within(&self.ahead).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.buffer.extend_from_slice(&self.ahead.1[range]);
        self.bytes(&[])
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Memory => return Ok(()),
            Sink::File(file) => file.write_all(self.buffer)?,
            Sink::Compare(file) => {
                let mut there = vec![0; self.buffer.len()];
                if read_full(file, &mut there)? != there.len() || there != *self.buffer {
                    return Err(io::Error::other(Differs));
                }
            }
        }
        self.buffer.clear();
        Ok(())
    }
}

fn write_instance(out: &mut Out<'_>, planned: &Planned, opened: &Opened<'_>) -> io::Result<()> {
    out.bytes(&planned.head)?;
    match &planned.body {
        Body::None => Ok(()),
        Body::Bytes(bytes) => out.bytes(bytes),
        Body::Pieces(spliced) => write_pieces(out, spliced, opened),
    }
}

fn write_pieces(out: &mut Out<'_>, spliced: &Spliced, opened: &Opened<'_>) -> io::Result<()> {
    for piece in &spliced.pieces {
        match (*piece, opened) {
            (Piece::New { start, end }, _) => out.bytes(&spliced.new[start..end])?,
            (Piece::Copy { start, end }, Opened::Bytes(bytes)) => {
                out.bytes(&bytes[start as usize..end as usize])?;
            }
            (Piece::Copy { start, end }, Opened::File(file, _, head)) => {
                let held = end.min(head.len() as u64).max(start);
                if held > start {
                    out.bytes(&head[start as usize..held as usize])?;
                }
                out.copy(file, held, end)?;
            }
        }
    }
    Ok(())
}

/// Secondary Capture, and its multi-frame ones.
fn is_secondary_capture(sop_class: &str) -> bool {
    let rest = sop_class.strip_prefix("1.2.840.10008.5.1.4.1.1.7");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Ordinal and extension: all that is said of a name that could not be cleaned.
fn plain_label(ordinal: u64, name: Option<&String>) -> String {
    let extension = name.map_or("", |name| split_extension(name).1);
    // `.doe` may be a name: only extensions that say what a file is are told.
    let known =
        extension.strip_prefix('.').is_some_and(|bare| is_known_extension(&bare.to_ascii_lowercase()));
    if known { format!("{ordinal}{extension}") } else { ordinal.to_string() }
}
