//! Headers of what lies beside DICOM: raw data of spectroscopy and imaging, NIfTI and its sidecars. Pure.
//!
//! One module per format. [`sniff`] tells by content what a file is, [`harvest`] what its header says of the subject,
//! and [`clean`] makes a header without it. Payloads are never read: the result is a list of pieces of the source and
//! new bytes between them. What a value becomes is not decided here but by a [`Judge`], which knows profile, key and
//! subject; which field is which attribute of DICOM is decided here, by one table per format.
//!
//! A field that is in no table, a header that cannot be read to its end, or bytes behind the payload that nobody
//! accounts for make a [`Refusal`]: nothing is ever copied because it was not understood. The facts behind the tables
//! are in `docs/vendors/`.
//!
//! ```
//! use deid_raw::{Format, sniff};
//!
//! assert_eq!(sniff(&mut &b">>> Begin of header <<<\r\nPatientName: Doe\r\n"[..]), Some(Format::Rda));
//! assert_eq!(sniff(&mut &b"something else"[..]), None);
//! ```

mod date;
mod edit;
mod field;
mod judge;
mod list;
mod nifti;
mod nifti_gzip;
mod par;
mod pfile;
mod protocol;
mod rda;
mod sidecar;
mod spar;
mod spelt;
mod twix;

pub use judge::Judge;

use deid_dicom::{Source, Spliced};
use std::fmt;

/// A format that is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Siemens spectroscopy, `.rda`.
    Rda,
    /// Siemens raw data, `.dat`.
    Twix,
    /// Header of Philips spectroscopy, `.SPAR`; the payload is a `.SDAT` beside it.
    Spar,
    /// Header of Philips images, `.PAR`; the payload is a `.REC` beside it.
    Par,
    /// GE raw data, `P*.7`.
    PFile,
    /// NIfTI-1 or NIfTI-2, `.nii`, or the `.hdr` of a pair with `.img`.
    Nifti,
    /// The same compressed, `.nii.gz`.
    NiftiGzip,
    /// The header of Analyze 7.5, which nobody reads alike.
    Analyze,
    /// A JSON sidecar as BIDS has them.
    Sidecar,
}

impl Format {
    /// The identifier used in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Format::Rda => "rda",
            Format::Twix => "twix",
            Format::Spar => "spar",
            Format::Par => "par",
            Format::PFile => "p_file",
            Format::Nifti => "nifti",
            Format::NiftiGzip => "nifti_gzip",
            Format::Analyze => "analyze",
            Format::Sidecar => "bids_json",
        }
    }

    /// The extension of the file that holds the payload, in lower case, if that is another one.
    pub const fn payload_extension(self) -> Option<&'static str> {
        match self {
            Format::Spar => Some("sdat"),
            Format::Par => Some("rec"),
            Format::Nifti => Some("img"),
            _ => None,
        }
    }
}

/// Whether headers of a format have a field of this name: of keys that are no such names anybody may be the author.
pub fn is_known_key(format: Format, key: &str) -> bool {
    match format {
        Format::Spar => spar::field_of(key).is_some(),
        Format::Par => par::field_of(key).is_some(),
        Format::Rda => rda::field_of(key.as_bytes()).is_some(),
        Format::Sidecar => sidecar::known(key).is_some(),
        _ => false,
    }
}

/// Whether a file with this extension (lower case) is the payload of a header beside it. It tells nothing itself.
pub fn is_payload_extension(extension: &str) -> bool {
    matches!(extension, "sdat" | "rec" | "img")
}

/// Why a header is not cleaned. Holds no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// A field that is in no table, or a value that is not what the table says.
    UnknownField,
    /// The header cannot be read to its end.
    Malformed,
    /// There is more or less than the header announces.
    Length,
    /// A revision of the format whose layout is not known.
    UnknownRevision,
    /// What identifies the subject stands where nothing is cleaned.
    Identifier,
    /// More than is looked into.
    TooLarge,
}

impl Refusal {
    /// The remark in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Refusal::UnknownField => "raw_unknown_field",
            Refusal::Malformed => "raw_malformed",
            Refusal::Length => "raw_length",
            Refusal::UnknownRevision => "raw_unknown_revision",
            Refusal::Identifier => "raw_identifier",
            Refusal::TooLarge => "raw_too_large",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl std::error::Error for Refusal {}

/// What a header says of its subject. Holds values: never for a message.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Harvest {
    /// Patient ID.
    pub patient_id: Option<String>,
    /// Names of persons.
    pub names: Vec<String>,
    /// Other numbers of the patient or the visit.
    pub ids: Vec<String>,
    /// Names and addresses of institutions.
    pub institutions: Vec<String>,
    /// Names of stations.
    pub stations: Vec<String>,
    /// Birth dates, `YYYYMMDD`.
    pub birth_dates: Vec<String>,
    /// Dates of the study, `YYYYMMDD`.
    pub dates: Vec<String>,
    /// UIDs.
    pub uids: Vec<String>,
    /// How many bytes the payload in a file beside it has, if it is in one.
    pub payload: Option<u64>,
}

impl fmt::Debug for Harvest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Harvest(‹withheld›)")
    }
}

/// A file without what identifies.
#[derive(Clone, Debug, Default)]
pub struct Cleaned {
    /// What is to be written; copies refer to the source.
    pub output: Output,
    /// Fields left as they were.
    pub kept: u64,
    /// Fields with another value now.
    pub changed: u64,
}

/// The bytes of a cleaned file.
#[derive(Clone, Debug)]
pub enum Output {
    /// Pieces of the source and new bytes.
    Pieces(Spliced),
    /// New bytes altogether: compressed anew.
    Bytes(Vec<u8>),
}

impl Default for Output {
    fn default() -> Self {
        Output::Pieces(Spliced::default())
    }
}

/// What the file is, by its content. DICOM is none of it, whatever its preamble holds.
pub fn sniff<S: Source>(source: &mut S) -> Option<Format> {
    if source.peek::<4>(128) == Some(*b"DICM") {
        return None;
    }
    let first = source.peek::<4>(0)?;
    if rda::sniff(source) {
        return Some(Format::Rda);
    }
    // The first bytes of binary headers can be those of a text: no one of these decides alone.
    let text = first[0].is_ascii_whitespace() || matches!(first[0], b'{' | 0xEF);
    if text && sidecar::sniff(source) {
        return Some(Format::Sidecar);
    }
    if first.starts_with(&[0x1F, 0x8B]) && nifti_gzip::sniff(source) {
        return Some(Format::NiftiGzip);
    }
    if let Some(format) = nifti::sniff(source) {
        return Some(format);
    }
    if (first[0] == b'!' || first[0].is_ascii_alphabetic()) && spar::sniff(source) {
        return Some(Format::Spar);
    }
    if matches!(first[0], b'#' | b'<') && par::sniff(source) {
        return Some(Format::Par);
    }
    if pfile::sniff(source) {
        return Some(Format::PFile);
    }
    twix::sniff(source).then_some(Format::Twix)
}

/// What the header says of the subject, as far as it can be read.
pub fn harvest<S: Source>(source: &mut S, format: Format) -> Harvest {
    match format {
        Format::Rda => rda::harvest(source),
        Format::Spar => spar::harvest(source),
        Format::Par => par::harvest(source),
        Format::Twix => twix::harvest(source),
        Format::PFile => pfile::harvest(source),
        Format::Nifti => nifti::harvest(source),
        Format::Sidecar => sidecar::harvest(source),
        Format::NiftiGzip | Format::Analyze => Harvest::default(),
    }
}

/// The file without what identifies, or why there is none.
pub fn clean<S: Source>(source: &mut S, format: Format, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    match format {
        Format::Rda => rda::clean(source, judge),
        Format::Spar => spar::clean(source, judge),
        Format::Par => par::clean(source, judge),
        Format::Twix => twix::clean(source, judge),
        Format::PFile => pfile::clean(source, judge),
        Format::Nifti => nifti::clean(source, judge),
        Format::NiftiGzip => nifti_gzip::clean(source, judge),
        Format::Sidecar => sidecar::clean(source, judge),
        Format::Analyze => Err(Refusal::UnknownRevision),
    }
}

/// The last look at a header of `length` bytes: whatever a table says, no name or number of the subject stands in it.
fn settled<S: Source>(
    source: &mut S,
    edits: edit::Edits,
    length: u64,
    judge: &dyn Judge,
) -> Result<Cleaned, Refusal> {
    settled_but(source, edits, length, judge, |_| Ok(()))
}

/// The same for a header in which `blank` blanks what is nobody's name for certain.
fn settled_but<S: Source>(
    source: &mut S,
    edits: edit::Edits,
    length: u64,
    judge: &dyn Judge,
    blank: impl Fn(&mut [u8]) -> Result<(), Refusal>,
) -> Result<Cleaned, Refusal> {
    let cleaned = edits.finish(source.size())?;
    if let Output::Pieces(spliced) = &cleaned.output {
        let mut header = Vec::new();
        for piece in &spliced.pieces {
            match *piece {
                deid_dicom::Piece::New { start, end } => header.extend_from_slice(&spliced.new[start..end]),
                deid_dicom::Piece::Copy { start, end } if start < length => {
                    let count = usize::try_from(end.min(length) - start).map_err(|_| Refusal::TooLarge)?;
                    header.extend_from_slice(source.bytes(start, count).ok_or(Refusal::Length)?);
                }
                deid_dicom::Piece::Copy { .. } => {}
            }
        }
        blank(&mut header)?;
        if judge.names(&header) {
            return Err(Refusal::Identifier);
        }
    }
    Ok(cleaned)
}
