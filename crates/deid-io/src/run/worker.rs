//! The second phase for one unit: read it, have it de-identified, stage the result.

use std::fs::File;
use std::io::{self, Read, Write};
use std::panic::{self, AssertUnwindSafe};

use deid_core::{Body, Cause, Engine, Facts, Processed, Scratch, SessionFacts};
use deid_dicom::{Piece, Spliced};

use super::unit::{Content, SMALL, Unit};
use crate::archive::{self, Sniffed};
use crate::blob::Blob;
use crate::capture;
use crate::files::{copy_range, read_exact_at};
use crate::names::{portable, split_extension};
use crate::output::{Product, ProductPlace};
use crate::source::FileSource;
use crate::staging::Staging;

/// A picture larger than this is not stripped of its metadata: that is done in memory.
const CAPTURE_LIMIT: u64 = 256 << 20;
/// The folder of the output that captures go to.
const CAPTURES: &str = "captures";
/// What the content hash looks at.
const HASHED: usize = 4096;
/// Copies up to this length go through memory.
const SMALL_COPY: u64 = 64 << 10;

/// What all workers share.
pub(super) struct Work<'a> {
    pub(super) engine: &'a Engine,
    pub(super) session: &'a SessionFacts,
    pub(super) keep_captures: bool,
    /// Where results are put; none in a dry run.
    pub(super) staging: Option<&'a Staging>,
    /// Small results are handed on in memory, for an archive.
    pub(super) in_memory: bool,
    /// The bytes of a quarantined unit are wanted.
    pub(super) keep_originals: bool,
}

/// What a worker uses again from unit to unit.
#[derive(Default)]
pub(super) struct Worker {
    scratch: Scratch,
    input: Vec<u8>,
    output: Vec<u8>,
}

/// A unit that was processed.
pub(super) struct Done {
    pub(super) ordinal: u64,
    /// The result, or why there is none.
    pub(super) result: Result<Product, Cause>,
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
}

/// The bytes of a unit.
enum Opened<'a> {
    Bytes(&'a [u8]),
    File(&'a File, u64),
}

impl Opened<'_> {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, size) => *size,
        }
    }

    /// The first bytes, as many as there are up to `length`.
    fn beginning(&self, length: usize) -> io::Result<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes[..length.min(bytes.len())].to_vec()),
            Self::File(file, size) => {
                let mut beginning = vec![0; length.min(usize::try_from(*size).unwrap_or(length))];
                read_exact_at(file, 0, &mut beginning)?;
                Ok(beginning)
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
    result: Result<Product, Cause>,
    facts: Facts,
    identity: Option<deid_core::PathIdentity>,
    capture: bool,
    size: u64,
}

impl Found {
    fn nothing(cause: Cause, size: u64) -> Self {
        Self {
            hash: String::new(),
            result: Err(cause),
            facts: Facts::default(),
            identity: None,
            capture: false,
            size,
        }
    }
}

impl Work<'_> {
    /// Process one unit. Nothing that is wrong with it is an error: it is what became of it.
    pub(super) fn process(&self, worker: &mut Worker, mut unit: Unit) -> Done {
        let found = self.open_and_process(worker, &unit);
        let Found { hash, result, facts, identity, capture, size } = found;
        let clean = |part: &String| portable(&self.engine.path_part(part, identity.as_ref(), self.session));
        let parts = unit.parts();
        let mut target: Vec<String> = Vec::new();
        let cause = result.as_ref().err().copied();
        if capture && cause.is_none() {
            target.push(CAPTURES.to_owned());
            target.extend(parts.last().map(clean));
        } else if cause.is_none_or(names_can_be_cleaned) && identity.is_some() {
            target.extend(parts.iter().map(clean));
        }
        let label = match cause {
            None => String::new(),
            Some(cause) if names_can_be_cleaned(cause) && !target.is_empty() => target.join("/"),
            Some(_) => self.plain_label(unit.ordinal, parts.last()),
        };
        let quarantined = cause.is_none_or(|cause| cause.outcome() == deid_core::Outcome::Quarantined);
        if !(self.keep_originals && quarantined)
            && let Content::Blob(_) = unit.content
        {
            unit.content = Content::Blob(Blob::Memory(Vec::new()));
        }
        Done { ordinal: unit.ordinal, result, target, label, hash, facts, bytes_in: size, source: unit }
    }

    /// Ordinal and extension: all that is said of a name that could not be cleaned.
    fn plain_label(&self, ordinal: u64, name: Option<&String>) -> String {
        let extension = name.map_or("", |name| split_extension(name).1);
        // `.doe` may be a name too.
        let known = extension
            .strip_prefix('.')
            .is_some_and(|bare| bare.len() <= 4 && self.engine.path_part(bare, None, self.session) == bare);
        if known { format!("{ordinal}{extension}") } else { ordinal.to_string() }
    }

    fn open_and_process(&self, worker: &mut Worker, unit: &Unit) -> Found {
        let Worker { scratch, input, output } = worker;
        match &unit.content {
            Content::Failed(cause) => Found::nothing(*cause, 0),
            Content::Blob(Blob::Memory(bytes)) => self.examine(unit, &Opened::Bytes(bytes), scratch, output),
            Content::Blob(Blob::File { file, len }) => {
                self.examine(unit, &Opened::File(file, *len), scratch, output)
            }
            Content::File(path, length) => {
                let opened = File::open(path).and_then(|mut file| {
                    let size = file.metadata()?.len();
                    input.clear();
                    if size <= SMALL as u64 {
                        (&mut file).take(SMALL as u64 + 1).read_to_end(input)?;
                    }
                    Ok((file, size))
                });
                match opened {
                    Ok((_, size)) if size <= SMALL as u64 && input.len() <= SMALL => {
                        self.examine(unit, &Opened::Bytes(input), scratch, output)
                    }
                    Ok((file, size)) => self.examine(unit, &Opened::File(&file, size), scratch, output),
                    Err(_) => Found::nothing(Cause::IoError, *length),
                }
            }
        }
    }

    fn examine(
        &self,
        unit: &Unit,
        opened: &Opened<'_>,
        scratch: &mut Scratch,
        output: &mut Vec<u8>,
    ) -> Found {
        let size = opened.size();
        let Ok(beginning) = opened.beginning(HASHED) else {
            return Found::nothing(Cause::IoError, size);
        };
        let hash = self.engine.settings().key.content_hash(size, &beginning);
        let mut processed = self.call_engine(opened, scratch);
        if is_dicomdir(unit, &beginning) {
            processed.cause = Some(Cause::DicomDir);
        }
        let mut facts = processed.facts;
        let mut capture = false;
        let result = match processed.cause {
            Some(Cause::NotDicom) if self.keep_captures && capture::sniff(&beginning).is_some() => {
                capture = true;
                facts.remarks.push("pixels_not_inspected");
                self.strip(unit.ordinal, opened)
            }
            Some(Cause::NotDicom) if opened.is_archive() => Err(Cause::NestedArchive),
            Some(cause) => Err(cause),
            None => {
                let bytes = processed.head.len() as u64 + processed.body.size();
                self.stage(unit.ordinal, bytes, output, |out| {
                    write_instance(out, &processed.head, &processed.body, opened)
                })
            }
        };
        Found { hash, result, facts, identity: processed.identity, capture, size }
    }

    /// Ask the engine, whatever happens to it.
    fn call_engine(&self, opened: &Opened<'_>, scratch: &mut Scratch) -> Processed {
        let left_out = |cause, remark| {
            let mut facts = Facts::default();
            facts.remarks.extend(remark);
            Processed { cause: Some(cause), facts, head: Vec::new(), body: Body::None, identity: None }
        };
        let result = panic::catch_unwind(AssertUnwindSafe(|| match opened {
            Opened::Bytes(bytes) => self.engine.process(&mut &bytes[..], self.session, scratch),
            Opened::File(file, size) => {
                let mut source = FileSource::new(file, *size);
                let processed = self.engine.process(&mut source, self.session, scratch);
                if source.error().is_some() { left_out(Cause::IoError, None) } else { processed }
            }
        }));
        result.unwrap_or_else(|_| {
            *scratch = Scratch::default();
            left_out(Cause::Faulty, Some("internal_error"))
        })
    }

    fn strip(&self, ordinal: u64, opened: &Opened<'_>) -> Result<Product, Cause> {
        if opened.size() > CAPTURE_LIMIT {
            return Err(Cause::TooLarge);
        }
        let read;
        let bytes = match opened {
            Opened::Bytes(bytes) => bytes,
            Opened::File(_, size) => {
                read = opened.beginning(*size as usize).map_err(|_| Cause::IoError)?;
                &read[..]
            }
        };
        let stripped = capture::strip(bytes).map_err(|_| Cause::Faulty)?;
        self.stage(ordinal, stripped.len() as u64, &mut Vec::new(), |out| out.bytes(&stripped))
    }

    /// Put a result of this many bytes where it waits for its name.
    fn stage(
        &self,
        ordinal: u64,
        bytes: u64,
        buffer: &mut Vec<u8>,
        write: impl FnOnce(&mut Out<'_>) -> io::Result<()>,
    ) -> Result<Product, Cause> {
        let Some(staging) = self.staging else {
            return Ok(Product { bytes, place: ProductPlace::Nowhere });
        };
        buffer.clear();
        if self.in_memory && bytes <= SMALL as u64 {
            let mut memory = Vec::with_capacity(bytes as usize);
            write(&mut Out { buffer: &mut memory, file: None }).map_err(|_| Cause::IoError)?;
            return Ok(Product { bytes, place: ProductPlace::Memory(memory) });
        }
        let path = staging.join(&ordinal.to_string());
        let written = File::create_new(&path).and_then(|mut file| {
            let mut out = Out { buffer, file: Some(&mut file) };
            write(&mut out)?;
            out.flush()?;
            let length = file.metadata()?.len();
            if length == bytes { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
        });
        if written.is_err() {
            // Whatever remains of it goes with the staging folder.
            let _ = std::fs::remove_file(&path);
            return Err(Cause::IoError);
        }
        Ok(Product { bytes, place: ProductPlace::Staged(path) })
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

/// Gathers small writes; without a file it keeps them all.
struct Out<'a> {
    buffer: &'a mut Vec<u8>,
    file: Option<&'a mut File>,
}

impl Out<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > 2 * SMALL { self.flush() } else { Ok(()) }
    }

    fn copy(&mut self, file: &File, start: u64, end: u64) -> io::Result<()> {
        let length = end.checked_sub(start).ok_or(io::ErrorKind::InvalidInput)?;
        if length > SMALL_COPY && self.file.is_some() {
            self.flush()?;
            if let Some(out) = &mut self.file {
                return copy_range(file, out, start, length);
            }
        }
        let held = self.buffer.len();
        self.buffer.resize(held + length as usize, 0);
        read_exact_at(file, start, &mut self.buffer[held..])?;
        self.bytes(&[])
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            file.write_all(self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

fn write_instance(out: &mut Out<'_>, head: &[u8], body: &Body, opened: &Opened<'_>) -> io::Result<()> {
    out.bytes(head)?;
    match body {
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
            (Piece::Copy { start, end }, Opened::File(file, _)) => out.copy(file, start, end)?,
        }
    }
    Ok(())
}
