//! What lies beside DICOM: raw data, NIfTI and sidecars, paired by their payload and compared field by field.
//!
//! Of the payload only a hash is taken, of each field of a header its name and whether it is equal. Names of fields are
//! those of the formats; what is no such name is told under one for all.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use deid_core::{Engine, SessionFacts};
use deid_io::archive::Limits;
use deid_io::source::FileSource;
use deid_raw::Format;
use deid_standard::dictionary;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::result::{Change, Checks, Difference, Explanation, Failure, Method, Outcome, SeriesResult};
use crate::{expected, instance, nifti, shown, tables};

type Hash = [u8; 32];

const BEGIN: &[u8] = b"### ASCCONV BEGIN";

/// Fields that stand for several: the table of numbers of a PAR, and what a NIfTI header says of space.
const ROWS: &str = "(rows)";
const GEOMETRY: &str = "(geometry)";
/// All numbers of a header that has too many names to be compared one by one.
const NUMBERS: &str = "(numbers)";

/// The largest header that is read, and the largest file that has header and payload in one.
const LONGEST: u64 = 2 << 30;

/// A file of a raw format.
#[derive(Clone, Debug)]
pub(crate) struct RawFile {
    path: PathBuf,
    relative: PathBuf,
    format: Format,
    /// Hash of the payload; `None` for what has none, or none that can be read.
    payload: Option<Hash>,
    fields: BTreeMap<String, Content>,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Content {
    hash: Hash,
    words: Vec<u64>,
    /// Whether it is a number or several.
    number: bool,
    /// What it is about, if that is known.
    about: Option<tables::About>,
}

impl Content {
    fn of(value: &[u8], number: bool) -> Self {
        let words = if number { Vec::new() } else { expected::words(value) };
        Content { hash: Sha256::digest(value).into(), words, number, about: None }
    }
}

/// Reads a file if it is one of these formats.
pub(crate) fn look(path: &Path, relative: &Path) -> Option<RawFile> {
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let format = deid_raw::sniff(&mut FileSource::new(&file, length))?;
    drop(file);
    let mut raw = RawFile::empty(path, relative, format);
    if length <= LONGEST {
        raw.read(&fs::read(path).ok()?);
    }
    Some(raw)
}

impl RawFile {
    fn empty(path: &Path, relative: &Path, format: Format) -> Self {
        RawFile {
            path: path.to_path_buf(),
            relative: relative.to_path_buf(),
            format,
            payload: None,
            fields: BTreeMap::new(),
        }
    }

    /// The fields of what the profile makes of it with two keys; `None` if it makes nothing.
    fn expected(&self, engine: &Engine) -> Option<[BTreeMap<String, Content>; 2]> {
        let fields = |of| {
            let made = expected::raw(engine, &self.path, of)?;
            let mut raw = RawFile::empty(&self.path, &self.relative, self.format);
            raw.read(&made);
            Some(raw.fields)
        };
        // Of an image in gzip what is read is no text.
        let texts = self.format != Format::NiftiGzip;
        texts.then(|| Some([fields((1, "first"))?, fields((2, "second"))?])).flatten()
    }

    fn read(&mut self, bytes: &[u8]) {
        match self.format {
            Format::Spar | Format::Par => {
                self.lines(bytes, self.format == Format::Par);
                self.payload = self.beside();
            }
            Format::Rda => {
                const END: &[u8] = b">>> End of header <<<";
                let end = find(bytes, END).map_or(bytes.len(), |at| at + END.len());
                self.lines(&bytes[..end], false);
                self.payload = Some(Sha256::digest(&bytes[end..]).into());
            }
            Format::Twix => self.twix(bytes),
            Format::PFile => {
                let start = payload_of_p_file(bytes);
                self.payload = Some(Sha256::digest(&bytes[start..]).into());
            }
            Format::Nifti => self.nifti(bytes),
            Format::NiftiGzip => {
                let mut inflated = Vec::new();
                let read = deid_io::archive::open_compressed(
                    &self.path,
                    deid_io::archive::Compression::Gzip,
                    &Limits::default(),
                )
                .and_then(|content| content.take(LONGEST).read_to_end(&mut inflated));
                if read.is_ok() {
                    self.nifti(&inflated);
                }
            }
            Format::Sidecar => self.sidecar(bytes),
            Format::Analyze => self.payload = Some(Sha256::digest(bytes).into()),
        }
    }

    /// The payload in a file of its own, as readers find it: the same name with another extension in any case.
    fn beside(&self) -> Option<Hash> {
        let extension = self.format.payload_extension()?;
        let stem = self.path.file_stem()?;
        let mut found = fs::read_dir(self.path.parent()?)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.file_stem() == Some(stem)
                    && path.extension().is_some_and(|other| other.eq_ignore_ascii_case(extension))
            });
        let path = found.next()?;
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        instance::hash(&file, 0, length).ok()
    }

    /// Lines `key : value`. A table of numbers, which PAR has, is one field.
    fn lines(&mut self, bytes: &[u8], table: bool) {
        let text = String::from_utf8_lossy(bytes);
        let mut rows = String::new();
        for line in text.lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', '!', '>']) {
                continue;
            }
            if table && line.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
                rows.extend(line.split_whitespace().flat_map(|number| [number, " "]));
                rows.push('\n');
                continue;
            }
            let Some((key, value)) = line.split_once(':') else { continue };
            let key: Vec<&str> = key.trim_start_matches('.').split_whitespace().collect();
            self.put(&key.join(" "), value.trim());
        }
        if !rows.is_empty() {
            self.fields.insert(
                ROWS.to_owned(),
                Content { about: Some(tables::About::Geometry), ..Content::of(rows.as_bytes(), true) },
            );
        }
    }

    fn put(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let number = |part: &str| part.replace(',', ".").parse::<f64>().is_ok();
        let numbers = value.split_whitespace().all(number);
        self.fields.insert(key.to_owned(), Content::of(value.as_bytes(), numbers));
    }

    /// Siemens raw data: of the headers' protocols what converters read; the payload is what is behind each header.
    fn twix(&mut self, bytes: &[u8]) {
        let mut hasher = Sha256::new();
        // A header has its protocol several times: what any of them says counts.
        let mut values: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut all = Sha256::new();
        for measurement in measurements(bytes) {
            let content = &bytes[measurement];
            let length = long(content, 0).map_or(content.len(), |length| length as usize).min(content.len());
            hasher.update(&content[length..]);
            let mut header = &content[..length];
            all.update(deid_vendor::numbers(header));
            while let Some(begin) = find(header, BEGIN) {
                header = &header[begin..];
                let end = find(&header[BEGIN.len()..], BEGIN).map_or(header.len(), |at| at + BEGIN.len());
                for (key, value) in deid_vendor::fields(&header[..end]).unwrap_or_default() {
                    let all = values.entry(key).or_default();
                    all.extend(value);
                    all.push(0);
                }
                header = &header[end..];
            }
        }
        for (key, value) in values {
            if let Some((about, text)) = tables::field(&key) {
                self.fields.insert(key, Content { about: Some(about), ..Content::of(&value, !text) });
            }
        }
        let all = Content { hash: all.finalize().into(), words: Vec::new(), number: true, about: None };
        self.fields.insert(NUMBERS.to_owned(), all);
        self.payload = Some(hasher.finalize().into());
    }

    fn nifti(&mut self, bytes: &[u8]) {
        let Some(image) = nifti::read(bytes) else {
            // The header of a pair: its payload is beside it.
            self.payload = self.beside();
            let geometry =
                bytes.get(39..124).into_iter().chain(bytes.get(252..328)).collect::<Vec<_>>().concat();
            self.fields.insert(
                GEOMETRY.to_owned(),
                Content { about: Some(tables::About::Geometry), ..Content::of(&geometry, true) },
            );
            return;
        };
        self.payload = Some(image.voxels);
        self.fields.insert(
            GEOMETRY.to_owned(),
            Content { about: Some(tables::About::Geometry), ..Content::of(&image.geometry, true) },
        );
    }

    fn sidecar(&mut self, bytes: &[u8]) {
        let Ok(Value::Object(keys)) = serde_json::from_slice(bytes) else { return };
        for (key, value) in &keys {
            let number = match value {
                Value::Number(_) => true,
                Value::Array(values) => values.iter().all(Value::is_number),
                _ => false,
            };
            self.fields.insert(key.clone(), Content::of(value.to_string().as_bytes(), number));
        }
    }

    /// What stays whatever is de-identified: by it files without payload find each other.
    fn numbers(&self) -> Hash {
        let mut hasher = Sha256::new();
        for (key, content) in self.fields.iter().filter(|(key, content)| content.number && !identifies(key)) {
            hasher.update(key);
            hasher.update(content.hash);
        }
        hasher.finalize().into()
    }
}

/// What a key is called in what is said: itself, if a format or the dictionary knows it. Others can be anybody's words.
fn spoken(format: Format, key: &str) -> String {
    let known = [ROWS, GEOMETRY, NUMBERS].contains(&key)
        || deid_raw::is_known_key(format, key)
        || tables::sidecar_keys().contains_key(key)
        || tables::field(key).is_some()
        || dictionary::by_keyword(key).is_some();
    if known { key.to_owned() } else { "(unknown key)".to_owned() }
}

/// Whether a field says who, where or when.
fn identifies(key: &str) -> bool {
    const KEYS: [&str; 20] = [
        "patient_name",
        "patient_birth_date",
        "scan_date",
        "Patient name",
        "Examination date/time",
        "InstanceDate",
        "InstanceTime",
        "StudyTime",
        "SeriesTime",
        "PatientAge",
        "PatientWeight",
        "PatientHeight",
        "PatientSex",
        "PatientDoB",
        "AcquisitionTime",
        "ContentTime",
        "InstanceCreationDate",
        "InstanceCreationTime",
        "OperatorsName",
        "SOPInstanceUID",
    ];
    KEYS.contains(&key) || tables::sidecar_keys().get(key).is_some_and(|key| key.identity)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Where the measurements of a file of Siemens raw data stand: one of VB, or those that the table of VD names.
fn measurements(bytes: &[u8]) -> Vec<Range<usize>> {
    let (Some(first), Some(count)) = (long(bytes, 0), long(bytes, 4)) else { return Vec::new() };
    if first >= 10_000 || count > 64 {
        return std::iter::once(0..bytes.len()).collect();
    }
    let place = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    (0..count as usize)
        .filter_map(|number| {
            let entry = 8 + 152 * number;
            let start = place(entry + 8)?;
            let end = start.checked_add(place(entry + 16)?)?.min(bytes.len());
            (start < end).then_some(start..end)
        })
        .collect()
}

/// Where the signal of a P-file begins: the header says it at one of two places, by revision.
fn payload_of_p_file(bytes: &[u8]) -> usize {
    let fits = |at: &usize| (30_000..bytes.len()).contains(at);
    let mut said = [1468, 4].into_iter().filter_map(|at| Some(long(bytes, at)? as usize));
    said.find(fits).unwrap_or(bytes.len() / 2)
}

/// Files of BEFORE with their counterparts, and how many of AFTER are nobody's.
pub(crate) fn pair(before: &[RawFile], after: &[RawFile]) -> (Vec<Option<usize>>, usize) {
    let mut partners = vec![None; before.len()];
    let mut used = vec![false; after.len()];
    let criteria: [fn(&RawFile) -> Option<Hash>; 3] =
        [|file| file.payload.map(|_| combined(file)), |file| file.payload, |file| Some(file.numbers())];
    for criterion in criteria {
        let mut places: HashMap<(Format, Hash), Vec<usize>> = HashMap::new();
        for (place, file) in after.iter().enumerate().filter(|(place, _)| !used[*place]).rev() {
            if let Some(hash) = criterion(file) {
                places.entry((file.format, hash)).or_default().push(place);
            }
        }
        for (file, partner) in before.iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            let Some(hash) = criterion(file) else { continue };
            *partner = places.get_mut(&(file.format, hash)).and_then(Vec::pop);
            if let Some(place) = *partner {
                used[place] = true;
            }
        }
    }
    // What is left has another payload than before: by path, then if there is one of the kind on each side.
    let formats: BTreeSet<Format> = before.iter().map(|file| file.format).collect();
    for format in formats {
        let open = |partners: &[Option<usize>]| -> Vec<usize> {
            (0..before.len()).filter(|&at| partners[at].is_none() && before[at].format == format).collect()
        };
        for at in open(&partners) {
            let same = |place: &usize| !used[*place] && after[*place].relative == before[at].relative;
            if let Some(place) = (0..after.len()).filter(|&place| after[place].format == format).find(same) {
                partners[at] = Some(place);
                used[place] = true;
            }
        }
        let left: Vec<usize> =
            (0..after.len()).filter(|&place| !used[place] && after[place].format == format).collect();
        if let ([at], [place]) = (&open(&partners)[..], &left[..]) {
            partners[*at] = Some(*place);
            used[*place] = true;
        }
    }
    let unmatched = used.iter().filter(|used| !**used).count();
    (partners, unmatched)
}

fn combined(file: &RawFile) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(file.payload.unwrap_or_default());
    hasher.update(file.numbers());
    hasher.finalize().into()
}

/// Whether the run knew of a file that names nobody whose it is: from another beside it that is in AFTER, or as it did of one
/// that has none beside it.
pub(crate) fn has_subject(
    file: &RawFile,
    before: &[RawFile],
    partners: &[Option<usize>],
    (instances, engine): (&[instance::Instance], Option<&Engine>),
) -> bool {
    let folder = |file: &RawFile| file.relative.parent().map(Path::to_path_buf);
    let pairs =
        || before.iter().zip(partners).filter(|(_, partner)| partner.is_some()).map(|(other, _)| other);
    let dicom =
        |of: &RawFile| instances.iter().any(|instance| instance.relative.parent() == of.relative.parent());
    let nobodys = |other: &RawFile| withheld(engine, &other.path) == Some(deid_core::Cause::NoSubject.id());
    let alone = |other: &RawFile| {
        !dicom(other) && before.iter().filter(|one| folder(one) == folder(other)).all(nobodys)
    };
    dicom(file) || pairs().any(|other| folder(other) == folder(file)) || pairs().any(alone)
}

/// What came of one file; whether the run knew whose it is matters if it is gone.
pub(crate) fn compare(
    ordinal: u64,
    before: &RawFile,
    after: Option<&RawFile>,
    engine: Option<&Engine>,
    has_subject: &dyn Fn() -> bool,
) -> SeriesResult {
    let mut result = SeriesResult {
        ordinal,
        folder: after.map(|after| shown(after.relative.parent().unwrap_or(Path::new("")))),
        modality: before.format.id().to_owned(),
        files: 1,
        files_after: u64::from(after.is_some()),
        files_changed: 0,
        raw: true,
        method: Method::Attributes,
        outcome: Outcome::Missing,
        outputs: [0, 0],
        checks: Checks { separate: true, ..Checks::default() },
        differences: Vec::new(),
        withheld: BTreeMap::new(),
        failure: None,
    };
    let Some(after) = after else {
        let known = |cause: &&str| *cause == deid_core::Cause::NoSubject.id() && has_subject();
        if let Some(cause) = withheld(engine, &before.path).filter(|cause| !known(cause)) {
            result.withheld.insert(cause.to_owned(), 1);
            result.outcome = Outcome::Withheld;
        }
        return result;
    };
    if before.payload.is_none() && before.fields.is_empty() {
        result.failure = Some(Failure::Unreadable);
        result.outcome = Outcome::Failed;
        return result;
    }
    result.checks = Checks::equal();
    result.checks.voxels = before.payload == after.payload;
    result.files_changed = u64::from(!result.checks.voxels);
    let keys: BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
    let made = OnceCell::new();
    for key in keys {
        let (old, new) = (before.fields.get(key), after.fields.get(key));
        let change = match (old, new) {
            (Some(old), Some(new)) if old.hash == new.hash => continue,
            (Some(_), None) => Change::Lost,
            (None, _) => Change::Added,
            _ => Change::Changed,
        };
        let identity = identifies(key);
        let content = old.or(new);
        match content.and_then(|content| content.about) {
            Some(tables::About::Geometry) => result.checks.geometry = false,
            Some(tables::About::Gradients) => result.checks.gradients = false,
            _ => {}
        }
        // Texts are judged by the rule of the attribute they are, or by content; numbers stay.
        let text = old.is_some_and(|content| !content.number);
        let is_made = |engine: &&Engine| {
            let made = made.get_or_init(|| before.expected(engine));
            made.as_ref().is_some_and(|made| is_expected([made[0].get(key), made[1].get(key)], new))
        };
        let judged = (text || key == NUMBERS) && !identity;
        let explanation = engine.filter(|_| judged).filter(is_made).map(|engine| Explanation {
            attribute: spoken(before.format, key),
            action: "cleaned",
            rule: "raw_text",
            origin: format!("texts of raw headers, as {} treats them", engine.settings().profile.name),
        });
        result.differences.push(Difference {
            key: spoken(before.format, key),
            change,
            identity,
            explanation,
        });
    }
    let explained = result.differences.iter().all(Difference::is_explained);
    let plain = result.differences.iter().all(|difference| difference.identity);
    result.outcome = match (result.checks.all() && explained, plain) {
        (true, true) => Outcome::Equal,
        (true, false) => Outcome::Explained,
        (false, _) => Outcome::Differs,
    };
    result
}

/// Whether a text is the one expected, or some words of it, or says who it is: then the key makes it another.
fn is_expected(made: [Option<&Content>; 2], found: Option<&Content>) -> bool {
    match (made, found) {
        ([Some(one), Some(other)], Some(found)) => {
            one.hash != other.hash || one.hash == found.hash || expected::are_among(&found.words, &one.words)
        }
        ([one, other], found) => one.is_none() && other.is_none() && found.is_none(),
    }
}

/// By what cause the profile leaves a file out, if it does.
fn withheld(engine: Option<&Engine>, path: &Path) -> Option<&'static str> {
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let done = engine?.process_raw(&mut FileSource::new(&file, length), &SessionFacts::default(), &Vec::new);
    let cause = done.map_or(Some(deid_core::Cause::NotDicom), |done| done.cause);
    cause.map(deid_core::Cause::id)
}
