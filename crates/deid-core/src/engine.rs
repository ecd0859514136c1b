//! One instance through all steps: lay out, walk, classify, plan, apply. Pure: bytes in, pieces out.

use crate::classify::{self, Classification};
use crate::decide::Policy;
use crate::identifiers::{Harvest, Identifiers, Searcher, harvest};
use crate::path::{PathIdentity, SessionNames, clean_part};
use crate::plan::{Dates, Inputs, Plan, Recording, plan};
use crate::report::{Cause, Facts};
use crate::subjects::{SubjectTable, is_code};
use crate::{Key, Phi, apply};
use deid_dicom::{FaultKind, Faults, Kind, Layout, Source, Spliced, Tag, Tree, deflate, open, walk};
use deid_profile::{BurnedIn, CompiledRules, Profile};
use deid_standard::codes;
use deid_standard::confidentiality::ConfidentialityOption;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Implementation Class UID (0002,0012) of this software: a UUID made for it once.
pub const IMPLEMENTATION_CLASS: &str = "2.25.287479500883086633464048863642722922174";
/// Implementation Version Name (0002,0013), at most 16 characters.
pub const IMPLEMENTATION_VERSION: &str = concat!("DEID_", env!("CARGO_PKG_VERSION"));

/// What a run is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the user wants.
    pub profile: Profile,
    /// The project's secret.
    pub key: Key,
    /// The subject's code, which becomes Patient's Name and Patient ID.
    pub subject: Option<String>,
    /// The subjects' codes by Patient ID; who is not in it is quarantined.
    pub subjects: Option<SubjectTable>,
    /// Values that win over everything.
    pub forced: Vec<(Tag, String)>,
    /// The largest data set that is inflated in memory, in bytes.
    pub inflate_limit: usize,
}

/// Settings that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// The subject's code is empty, too long, or holds characters that are no plain text.
    Subject,
    /// A value cannot be forced on this tag.
    Forced(Tag),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingsError::Subject => f.write_str(
                "a subject code has 1 to 64 printable ASCII characters, no blank at its ends, and none of \\ ^ = /",
            ),
            SettingsError::Forced(tag) => write!(f, "no value can be forced on {tag}"),
        }
    }
}

impl std::error::Error for SettingsError {}

/// De-identifies instances after one set of settings. Shared by all workers.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    rules: CompiledRules,
    method: Vec<String>,
    codes: Vec<codes::Code>,
    safe_private: bool,
}

/// What a worker uses again from file to file.
#[derive(Debug, Default)]
pub struct Scratch {
    tree: Tree,
    searcher: Option<Arc<Searcher>>,
}

/// What the survey learns of one file.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Patient ID (0010,0020), if it has a value.
    pub patient_id: Phi<Option<String>>,
    /// What identifies the subject.
    pub identifiers: Identifiers,
    /// UIDs of instance, series, study and frame of reference.
    pub uids: Vec<String>,
    /// Dates of the study, `YYYYMMDD`.
    pub dates: Vec<String>,
}

/// What is known of a whole session before its files are planned. The same whatever the order of the files.
#[derive(Clone, Debug, Default)]
pub struct SessionFacts {
    subjects: BTreeMap<Phi<String>, Identifiers>,
    nobody: Identifiers,
    uids: BTreeSet<String>,
    dates: BTreeSet<String>,
    names: SessionNames,
}

impl SessionFacts {
    /// Adds what the survey learnt of a file.
    pub fn add(&mut self, file: &FileFacts) {
        let subject = match file.patient_id.expose() {
            Some(id) => self.subjects.entry(Phi::new(id.clone())).or_default(),
            None => &mut self.nobody,
        };
        if !subject.includes(&file.identifiers) {
            subject.merge(&file.identifiers);
        }
        self.uids.extend(file.uids.iter().cloned());
        self.dates.extend(file.dates.iter().cloned());
    }

    /// To be called once, when all files are added.
    pub fn settle(&mut self) {
        let all = self.subjects.values().chain([&self.nobody]).flat_map(Identifiers::iter);
        self.names = SessionNames::new(all, &std::mem::take(&mut self.dates), std::mem::take(&mut self.uids));
    }

    /// What identifies a subject, from all files of the session.
    fn identifiers(&self, patient_id: Option<&String>) -> Option<&Identifiers> {
        self.subjects.get(&Phi::new(patient_id?.clone()))
    }

    /// How many different Patient IDs there are.
    pub fn patient_ids(&self) -> usize {
        self.subjects.len()
    }
}

/// What is to be written for one instance.
#[derive(Debug)]
pub struct Processed {
    /// Why it is not to be written; `None` if it is.
    pub cause: Option<Cause>,
    /// For the report.
    pub facts: Facts,
    /// Preamble and file meta information: what comes first.
    pub head: Vec<u8>,
    /// The data set: what follows.
    pub body: Body,
    /// For [`Engine::path_part`]; none if the file is no DICOM.
    pub identity: Option<PathIdentity>,
}

/// A data set to be written.
#[derive(Debug)]
pub enum Body {
    /// Nothing is to be written.
    None,
    /// Pieces in their order; copies refer to the source that was processed.
    Pieces(Spliced),
    /// The bytes themselves: a data set that was inflated, edited and deflated again.
    Bytes(Vec<u8>),
}

impl Body {
    /// Number of bytes.
    pub fn size(&self) -> u64 {
        match self {
            Body::None => 0,
            Body::Pieces(spliced) => spliced.size(),
            Body::Bytes(bytes) => bytes.len() as u64,
        }
    }
}

impl Processed {
    fn left_out(cause: Cause, facts: Facts, identity: Option<PathIdentity>) -> Self {
        Processed { cause: Some(cause), facts, head: Vec::new(), body: Body::None, identity }
    }
}

/// The plan of one instance with what it refers to, for `explain` and dry runs.
#[derive(Debug)]
pub struct Explained {
    /// The spans.
    pub tree: Tree,
    /// What happens to them.
    pub plan: Plan,
    /// What the instance is.
    pub classification: Classification,
}

impl Engine {
    /// An engine for these settings.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        use ConfidentialityOption as Option_;
        if let Some(subject) = &settings.subject
            && !is_code(subject)
        {
            return Err(SettingsError::Subject);
        }
        for (tag, text) in &settings.forced {
            let sequence = deid_standard::dictionary::attribute(*tag).is_some_and(|a| !a.vr.is_text());
            if sequence || tag.is_structural() || tag.group() <= 2 || text.len() > 10_240 || !text.is_ascii()
            {
                return Err(SettingsError::Forced(*tag));
            }
        }
        let safe_private = settings.profile.has_option(Option_::RetainSafePrivate);
        let mut marks = vec![codes::BASIC_APPLICATION_CONFIDENTIALITY_PROFILE];
        marks.extend(settings.profile.options.iter().map(|option| option.code()));
        let mut profile: String =
            settings.profile.name.chars().filter(|c| c.is_ascii_graphic() && *c != '\\').collect();
        profile.truncate(40);
        let method = vec![
            format!("deidentification {}", env!("CARGO_PKG_VERSION")),
            format!("{} table E.1-1", deid_standard::EDITION),
            format!("profile {profile}"),
        ];
        Ok(Engine { rules: settings.profile.compile(), settings, method, codes: marks, safe_private })
    }

    /// What the engine was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Phase 1: what a file tells of its subject. `None` if it is no DICOM or cannot be read.
    pub fn survey<S: Source>(&self, source: &mut S, scratch: &mut Scratch) -> Option<FileFacts> {
        let layout = open(source).ok()?;
        if layout.deflated {
            let inflated = self.inflate(source, &layout, &mut Faults::default()).ok()?;
            return Some(survey_data_set(&mut &inflated[..], 0, &layout, scratch));
        }
        Some(survey_data_set(source, layout.data_set, &layout, scratch))
    }

    fn inflate<S: Source>(
        &self,
        source: &mut S,
        layout: &Layout,
        faults: &mut Faults,
    ) -> Result<Vec<u8>, Cause> {
        let length = source.size() - layout.data_set;
        let length = usize::try_from(length).ok().filter(|&length| length <= self.settings.inflate_limit);
        let deflated = source.bytes(layout.data_set, length.ok_or(Cause::TooLarge)?).ok_or(Cause::IoError)?;
        deflate::inflate(deflated, self.settings.inflate_limit, faults).map_err(|error| match error {
            deflate::InflateError::TooLarge => Cause::TooLarge,
            deflate::InflateError::Damaged => {
                faults.push(FaultKind::DeflateFailed, layout.data_set, None);
                Cause::Faulty
            }
        })
    }

    /// Phase 2: classify, plan and apply.
    pub fn process<S: Source>(
        &self,
        source: &mut S,
        session: &SessionFacts,
        scratch: &mut Scratch,
    ) -> Processed {
        let Ok(layout) = open(source) else {
            return Processed::left_out(Cause::NotDicom, Facts::default(), None);
        };
        if layout.sop_class.as_deref() == Some(classify::MEDIA_STORAGE_DIRECTORY) {
            return Processed::left_out(Cause::DicomDir, Facts::default(), None);
        }
        let mut faults = layout.faults.clone();
        if !layout.deflated {
            return self.process_data_set(source, layout.data_set, &layout, faults, session, scratch);
        }
        match self.inflate(source, &layout, &mut faults) {
            Ok(inflated) => self
                .process_data_set(&mut &inflated[..], 0, &layout, faults, session, scratch)
                .deflated(&inflated),
            Err(cause) => Processed::left_out(cause, Facts { faults, ..Facts::default() }, None),
        }
    }

    fn process_data_set<S: Source>(
        &self,
        source: &mut S,
        start: u64,
        layout: &Layout,
        mut faults: Faults,
        session: &SessionFacts,
        scratch: &mut Scratch,
    ) -> Processed {
        walk(source, start, layout.encoding, &mut scratch.tree);
        let tree = &scratch.tree;
        faults.extend(&tree.faults);
        if is_encapsulated(&layout.transfer_syntax) && tree_has_native_pixels(tree) {
            faults.push(FaultKind::EncapsulatedSyntaxNativePixels, start, None);
        }
        let classification = classify::classify(source, tree, layout);
        let Harvest { identifiers, uids, dates } = harvest(source, tree);
        // By the letter, a file stands for itself; else what identifies its subject anywhere in the session counts.
        let of_subject = session
            .identifiers(classification.patient_id.expose().as_ref())
            .filter(|known| !self.settings.profile.by_the_letter && known.includes(&identifiers));
        let identifiers = of_subject.cloned().unwrap_or(identifiers);
        let searcher = match &scratch.searcher {
            Some(searcher) if *searcher.identifiers() == identifiers => Arc::clone(searcher),
            _ => Arc::new(Searcher::new(&identifiers)),
        };
        scratch.searcher = Some(Arc::clone(&searcher));
        let mut identity = self.path_identity(&classification, &searcher, uids, dates);
        let mut facts = Facts {
            modality: classify::modality(&classification.modality).to_owned(),
            sop_class: uid_text(&classification.sop_class),
            image_type: classification
                .image_type
                .iter()
                .map(|v| code_string(v))
                .collect::<Vec<_>>()
                .join("\\"),
            burned_in_risk: classification.burned_in.is_some()
                && (classification.has_pixels || classification.is_audio()),
            faults,
            ..Facts::default()
        };
        if searcher.is_in(facts.image_type.as_bytes()) {
            facts.image_type.clear();
        }
        if classification.sop_class == classify::MEDIA_STORAGE_DIRECTORY {
            return Processed::left_out(Cause::DicomDir, facts, Some(identity));
        }
        if facts.faults.refusal().is_some() {
            return Processed::left_out(Cause::Faulty, facts, Some(identity));
        }
        if let Some(cause) = self.filtered(&classification, &facts) {
            return Processed::left_out(cause, facts, Some(identity));
        }
        if classification.subject().is_none() {
            facts.remarks.push("no_subject");
        } else if classification.patient_id.expose().is_none() {
            facts.remarks.push("subject_from_study_uid");
        }
        let plan = self.plan(source, tree, &classification, &searcher, Recording::Changes);
        facts.counts = plan.counts;
        facts.kept_uncleaned.clone_from(&plan.kept_uncleaned);
        identity.dates_kept = plan.dates == Dates::Unmodified;
        if plan.failed {
            return Processed::left_out(Cause::EditFailed, facts, Some(identity));
        }
        let syntax = written_syntax(layout, tree);
        match apply::apply(tree, source.size(), &plan, syntax, &classification, &self.settings.key) {
            Ok((head, spliced)) => {
                Processed { cause: None, facts, head, body: Body::Pieces(spliced), identity: Some(identity) }
            }
            Err(_) => Processed::left_out(Cause::EditFailed, facts, Some(identity)),
        }
    }

    /// Filters of the profile, then what cannot be vouched for.
    fn filtered(&self, classification: &Classification, facts: &Facts) -> Option<Cause> {
        let profile = &self.settings.profile;
        let capture = profile.captures && classification.burned_in.is_some();
        if !capture && !profile.sop_classes.passes(&classification.sop_class) {
            return Some(Cause::RejectedSopClass);
        }
        if !capture && !profile.modalities.passes(&classification.modality) {
            return Some(Cause::RejectedModality);
        }
        if classification.is_encapsulated_document() && !profile.by_the_letter {
            return Some(Cause::EncapsulatedDocument);
        }
        if self.settings.subjects.is_some() && self.code(classification).is_none() {
            return Some(Cause::UnknownSubject);
        }
        let shifts = profile.has_option(ConfidentialityOption::RetainLongitudinalModifiedDates);
        if shifts && classification.subject().is_none() {
            return Some(Cause::NoSubject);
        }
        if facts.burned_in_risk && profile.burned_in == BurnedIn::Quarantine && !profile.captures {
            return Some(Cause::BurnedIn);
        }
        None
    }

    fn plan<S: Source>(
        &self,
        source: &mut S,
        tree: &Tree,
        classification: &Classification,
        searcher: &Searcher,
        recording: Recording,
    ) -> Plan {
        let policy = Policy {
            profile: &self.settings.profile,
            rules: &self.rules,
            forced: &self.settings.forced,
            safe_private: self.safe_private,
        };
        let inputs = Inputs {
            policy: &policy,
            key: &self.settings.key,
            subject: self.code(classification),
            classification,
            searcher,
            days: self.settings.key.date_offset(classification.subject().unwrap_or_default()),
            method: &self.method,
            codes: &self.codes,
            recording,
        };
        plan(source, tree, &inputs)
    }

    /// The plan of an instance with every decision in it. `None` if it is no DICOM or cannot be inflated.
    pub fn explain<S: Source>(&self, source: &mut S) -> Option<Explained> {
        let layout = open(source).ok()?;
        if layout.deflated {
            let inflated = self.inflate(source, &layout, &mut Faults::default()).ok()?;
            return Some(self.explain_data_set(&mut &inflated[..], 0, &layout));
        }
        Some(self.explain_data_set(source, layout.data_set, &layout))
    }

    fn explain_data_set<S: Source>(&self, source: &mut S, start: u64, layout: &Layout) -> Explained {
        let mut tree = Tree::default();
        walk(source, start, layout.encoding, &mut tree);
        let classification = classify::classify(source, &tree, layout);
        let searcher = Searcher::new(&harvest(source, &tree).identifiers);
        let plan = self.plan(source, &tree, &classification, &searcher, Recording::Everything);
        Explained { tree, plan, classification }
    }

    /// The subject's code, if the caller gives it: for all files, or in a table.
    fn code(&self, classification: &Classification) -> Option<&str> {
        let table = || {
            let id = classification.patient_id.expose().as_deref()?;
            self.settings.subjects.as_ref()?.code(id, classification.issuer.expose().as_deref())
        };
        self.settings.subject.as_deref().or_else(table)
    }

    fn path_identity(
        &self,
        classification: &Classification,
        searcher: &Arc<Searcher>,
        uids: Vec<String>,
        dates: Vec<String>,
    ) -> PathIdentity {
        let subject = classification.subject().unwrap_or_default().to_owned();
        let code =
            self.code(classification).map_or_else(|| self.settings.key.subject_code(&subject), str::to_owned);
        PathIdentity {
            searcher: Arc::clone(searcher),
            code,
            subject: Phi::new(subject),
            uids,
            dates,
            dates_kept: false,
            date_searcher: OnceLock::new(),
        }
    }

    /// The name that one part of a path has in the output.
    pub fn path_part(&self, part: &str, identity: Option<&PathIdentity>, session: &SessionFacts) -> String {
        clean_part(&self.settings.key, part, identity, &session.names, self.settings.subject.as_deref())
    }
}

impl Processed {
    /// The data set of a deflated file is deflated again; one without edits does not exist, since marks are set.
    fn deflated(mut self, inflated: &[u8]) -> Self {
        if let Body::Pieces(spliced) = &self.body {
            let mut deflater = deflate::Deflater::default();
            let mut out = Vec::new();
            deflater.push(&spliced.to_bytes(inflated), &mut out);
            deflater.finish(&mut out);
            self.body = Body::Bytes(out);
        }
        self
    }
}

fn survey_data_set<S: Source>(
    source: &mut S,
    start: u64,
    layout: &Layout,
    scratch: &mut Scratch,
) -> FileFacts {
    walk(source, start, layout.encoding, &mut scratch.tree);
    let classification = classify::classify(source, &scratch.tree, layout);
    let Harvest { identifiers, uids, dates } = harvest(source, &scratch.tree);
    FileFacts { patient_id: classification.patient_id, identifiers, uids, dates }
}

/// A Code String as it may stand in a report: what is none is left out.
fn code_string(text: &str) -> String {
    let code = text.len() <= 32
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b' ' | b'_' | b'-' | b'.'));
    if code { text.to_owned() } else { String::new() }
}

fn uid_text(text: &str) -> String {
    if deid_dicom::value::is_uid(text.as_bytes()) { text.to_owned() } else { String::new() }
}

fn is_encapsulated(transfer_syntax: &str) -> bool {
    transfer_syntax.starts_with("1.2.840.10008.1.2.4.") || transfer_syntax.starts_with("1.2.840.10008.1.2.5")
}

/// The transfer syntax of the output. Where the data set is encoded otherwise than the one declared but the pixel
/// data is encapsulated, only the declared one tells how to decode it.
fn written_syntax<'a>(layout: &'a Layout, tree: &Tree) -> &'a str {
    let fragments = tree
        .find(deid_dicom::ROOT, Tag::new(0x7FE0, 0x0010))
        .is_some_and(|index| tree.node(index).kind == Kind::Fragments);
    match &layout.declared {
        Some(declared) if fragments && is_encapsulated(declared) => declared,
        _ => &layout.transfer_syntax,
    }
}

fn tree_has_native_pixels(tree: &Tree) -> bool {
    tree.find(deid_dicom::ROOT, Tag::new(0x7FE0, 0x0010))
        .is_some_and(|index| tree.node(index).kind == Kind::Element)
}
