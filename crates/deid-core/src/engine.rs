//! One instance through all steps: lay out, walk, classify, plan, apply. Pure: bytes in, pieces out.

mod session;

use crate::classify::{self, Classification};
use crate::crosswalk::CrosswalkRow;
use crate::decide::{Policy, Position, Verb};
use crate::explained::Explained;
use crate::fault_place;
use crate::identifiers::{Harvest, Harvester, Identifiers, PlacesSought, Searcher};
use crate::known_uids::{KnownUids, OwnUids};
use crate::originals::{self, Seal};
use crate::output_path::{OutputValues, Written, output_path};
use crate::path::{KnownParts, PathIdentity, clean_part};
use crate::plan::{Dates, Inputs, Plan, Recording, Remembered, STUDY_DATE, plan};
use crate::report::{Cause, Facts};
use crate::rule_sets::RuleSets;
use crate::subjects::{Subject, SubjectTable, is_code};
use crate::{Key, Phi, apply};
use deid_dicom::{FaultKind, Faults, Kind, Layout, Source, Spliced, Tag, Tree, Vr, deflate, open, walk};
use deid_profile::{BurnedIn, CompiledRules, Profile};
use deid_standard::codes;
use deid_standard::confidentiality::ConfidentialityOption;
pub use session::{FileFacts, SessionFacts};
use std::fmt;
use std::sync::{Arc, OnceLock};

crate::phi::withheld!(Scratch);

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
    rules: RuleSets,
    method: Vec<String>,
    codes: Vec<codes::Code>,
    safe_private: bool,
    /// Whether dates of the study go from what is kept, too.
    seeks_dates: bool,
    /// Which names of places are looked for in texts.
    places: PlacesSought,
    seal: Option<Arc<dyn Seal>>,
    merges: bool,
}

/// What a worker uses again from file to file.
#[derive(Default)]
pub struct Scratch {
    tree: Tree,
    harvester: Harvester,
    /// What identifies the subject of the last file, by itself and with all that the session knows.
    subject: Option<SubjectSearch>,
    /// Texts and vendors' headers that were cleaned before.
    remembered: Remembered,
    /// The subject's code and by how many days its dates are moved, of the last file.
    who: Option<Who>,
    /// What finds the dates of the last file.
    dates: Option<DateSearch>,
    /// Memory for the pieces of the next.
    spare: Spliced,
}

impl Scratch {
    /// More new bytes than this are not worth keeping their memory.
    const LONGEST_SPARE: usize = 4 << 20;

    /// Takes the pieces of a file back that are written: their memory serves for the next one.
    pub fn give_back(&mut self, body: Body) {
        if let Body::Pieces(spliced) = body
            && spliced.new.capacity() <= Self::LONGEST_SPARE
        {
            self.spare = spliced;
        }
    }
}

/// What a file says of its subject, its Patient ID, and what finds all that is known of that subject.
type SubjectSearch = (Arc<Identifiers>, Phi<Option<String>>, Arc<Searcher>);

/// Dates, and what finds them once it is needed.
type DateSearch = (Arc<Vec<String>>, Arc<OnceLock<Searcher>>);

/// What is known of the instance's subject and session when it is planned.
struct Around<'a> {
    searcher: &'a Searcher,
    uids: KnownUids<'a>,
    dates: &'a [String],
    /// By how many days the subject's dates are moved into the past.
    days: i32,
}

/// What the key makes of a subject, which is the same in all of its files.
#[derive(Clone)]
struct Who {
    patient_id: Phi<Option<String>>,
    issuer: Phi<Option<String>>,
    study: Phi<Option<String>>,
    code: String,
    days: i32,
}

impl Who {
    fn is(&self, classification: &Classification) -> bool {
        self.patient_id == classification.patient_id
            && self.issuer == classification.issuer
            && self.study == classification.study
    }
}

/// What is known of an instance before it is planned: the same in a run, for `explain` and for a check.
struct Judged {
    classification: Classification,
    harvest: Harvest,
    /// Those of the layout, of the data set and between them.
    faults: Faults,
    burned_in_risk: bool,
    /// Why it is not to be written.
    cause: Option<Cause>,
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
    /// What the instance is, if it is written.
    pub classification: Option<Classification>,
    /// For [`Engine::output_path`]; none without a layout, and for what is not to be written.
    pub values: Option<OutputValues>,
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
    pub(crate) fn left_out(cause: Cause, facts: Facts, identity: Option<PathIdentity>) -> Self {
        Processed {
            cause: Some(cause),
            facts,
            head: Vec::new(),
            body: Body::None,
            identity,
            classification: None,
            values: None,
        }
    }
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
            let vr = deid_standard::dictionary::attribute(*tag).map(|attribute| attribute.vr);
            // Beyond ASCII is what a Specific Character Set says, and that speaks of these VRs alone.
            let letters = text.is_ascii() || vr.is_some_and(Vr::uses_character_set);
            let binary = vr.is_some_and(|vr| !vr.is_text());
            // The class stands in the file meta information, too.
            let class = *tag == Tag::new(0x0008, 0x0016);
            if binary || !letters || class || tag.is_structural() || tag.group() <= 2 || text.len() > 10_240 {
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
        let rules = RuleSets::new(&settings.profile);
        let seeks_dates = dates_go(&settings, &rules);
        let places = places_that_go(&settings, &rules);
        Ok(Engine {
            rules,
            settings,
            method,
            codes: marks,
            safe_private,
            seeks_dates,
            places,
            seal: None,
            merges: false,
        })
    }

    /// The same engine, which seals the original values into each file.
    #[must_use]
    pub fn with_seal(self, seal: Option<Arc<dyn Seal>>) -> Self {
        Engine { seal, ..self }
    }

    /// The same engine, for files of several Patient IDs that become one subject if the settings name one: their dates
    /// move by one number of days, whichever ID a file has.
    #[must_use]
    pub fn with_merged_subjects(self, merges: bool) -> Self {
        Engine { merges, ..self }
    }

    /// What the engine was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The rules of the profile that hold whatever the instance.
    pub(crate) fn rules(&self) -> Arc<CompiledRules> {
        self.rules.of(&Classification::default())
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

    pub(crate) fn inflate<S: Source>(
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
        faults: Faults,
        session: &SessionFacts,
        scratch: &mut Scratch,
    ) -> Processed {
        let judged = self.judge(source, start, layout, faults, &mut scratch.tree, &mut scratch.harvester);
        let Judged { classification, harvest, faults, burned_in_risk, cause } = judged;
        let Harvest { identifiers, uids, dates, unbounded } = harvest;
        let tree = &scratch.tree;
        let searcher = match &scratch.subject {
            Some((own, id, searcher))
                if Arc::ptr_eq(own, &identifiers) && *id == classification.patient_id =>
            {
                Arc::clone(searcher)
            }
            _ => self.searcher(&identifiers, classification.patient_id.expose().as_ref(), session),
        };
        scratch.subject = Some((identifiers, classification.patient_id.clone(), Arc::clone(&searcher)));
        let date_searcher = match &scratch.dates {
            Some((known, searcher)) if Arc::ptr_eq(known, &dates) => Arc::clone(searcher),
            _ => Arc::default(),
        };
        scratch.dates = Some((Arc::clone(&dates), Arc::clone(&date_searcher)));
        let who = match scratch.who.take() {
            Some(known) if known.is(&classification) => known,
            _ => self.who(&classification),
        };
        let days = who.days;
        let mut identity = self.path_identity(&classification, &searcher, &who, uids, (dates, date_searcher));
        scratch.who = Some(who);
        let mut facts = Facts {
            modality: classify::modality(&classification.modality).to_owned(),
            sop_class: uid_text(&classification.sop_class),
            image_type: classification
                .image_type
                .iter()
                .map(|v| code_string(v))
                .collect::<Vec<_>>()
                .join("\\"),
            burned_in_risk,
            faults,
            ..Facts::default()
        };
        if searcher.is_in(facts.image_type.as_bytes()) {
            facts.image_type.clear();
        }
        facts.fault_place =
            facts.faults.refusal().map(|fault| fault_place::place(tree, fault)).unwrap_or_default();
        if unbounded {
            facts.remarks.push("identifiers_without_bound");
        }
        if let Some(cause) = cause {
            return Processed::left_out(cause, facts, Some(identity));
        }
        if classification.subject().is_none() {
            facts.remarks.push("no_subject");
        } else if classification.patient_id.expose().is_none() {
            facts.remarks.push("subject_from_study_uid");
        } else if self.keeps_the_patient_id(&classification) {
            facts.remarks.push("code_is_patient_id");
        }
        let own = OwnUids::new(&identity.uids);
        let known = Around {
            searcher: &searcher,
            uids: KnownUids::new(&own, Some(session.names.uids())),
            dates: &identity.dates,
            days,
        };
        let mut plan =
            self.plan(source, tree, &classification, &known, &scratch.remembered, Recording::Changes);
        if let Some(seal) = &self.seal {
            originals::add(source, tree, &mut plan, &**seal, &mut facts);
        }
        facts.counts = plan.counts;
        facts.kept_uncleaned.clone_from(&plan.kept_uncleaned);
        facts.headers_removed.clone_from(&plan.headers_removed);
        if !plan.headers_removed.is_empty() {
            facts.remarks.push("vendor_header_removed");
        }
        identity.dates_kept = plan.dates == Dates::Unmodified && identity.days.is_none();
        if plan.not_encodable {
            facts.remarks.push("not_in_character_set");
        }
        if plan.failed {
            return Processed::left_out(Cause::EditFailed, facts, Some(identity));
        }
        let values = self.settings.profile.layout.as_ref().map(|_| {
            let written = Written { tree, plan: &plan, searcher: &searcher };
            let code = (classification.subject().is_some() || self.code(&classification).is_some())
                .then(|| identity.code.clone());
            OutputValues::read(source, &written, code, |text| self.path_part(text, Some(&identity), session))
        });
        let syntax = written_syntax(layout, tree);
        let spare = std::mem::take(&mut scratch.spare);
        match apply::apply(tree, source.size(), plan, syntax, &classification, &self.settings.key, spare) {
            Ok((head, spliced)) => Processed {
                cause: None,
                facts,
                head,
                body: Body::Pieces(spliced),
                identity: Some(identity),
                classification: Some(classification),
                values,
            },
            Err(_) => Processed::left_out(Cause::EditFailed, facts, Some(identity)),
        }
    }

    /// What an instance is, whom it is about, and whether it is to be written at all.
    fn judge<S: Source>(
        &self,
        source: &mut S,
        start: u64,
        layout: &Layout,
        mut faults: Faults,
        tree: &mut Tree,
        harvester: &mut Harvester,
    ) -> Judged {
        walk(source, start, layout.encoding, tree);
        faults.extend(&tree.faults);
        if tree.nodes.is_empty() && faults.refusal().is_none() {
            faults.push(FaultKind::NoDataSet, start, None);
        }
        if is_encapsulated(&layout.transfer_syntax) && tree_has_native_pixels(tree) {
            faults.push(FaultKind::EncapsulatedSyntaxNativePixels, start, None);
        }
        let classification = classify::classify(source, tree, layout);
        let harvest = harvester.harvest(source, tree);
        let burned_in_risk =
            classification.burned_in.is_some() && (classification.has_pixels || classification.is_audio());
        let declared = layout.sop_class.as_deref().unwrap_or_default();
        let cause = if [declared, &classification.sop_class].contains(&classify::MEDIA_STORAGE_DIRECTORY) {
            Some(Cause::DicomDir)
        } else if harvest.unbounded || faults.refusal().is_some() {
            Some(Cause::Faulty)
        } else {
            self.filtered(&classification, burned_in_risk)
        };
        Judged { classification, harvest, faults, burned_in_risk, cause }
    }

    /// What finds the identifiers of a file: its own ones by the letter, else those of its subject in the whole
    /// session.
    pub(crate) fn searcher(
        &self,
        own: &Arc<Identifiers>,
        patient_id: Option<&String>,
        session: &SessionFacts,
    ) -> Arc<Searcher> {
        let known = session.known(patient_id).filter(|_| !self.settings.profile.by_the_letter);
        match known {
            Some(known) if known.more.is_empty() && known.identifiers.includes(own) => {
                session.searcher(known, self)
            }
            Some(known) => {
                let mut all = Identifiers::clone(own);
                all.extend(known.identifiers.iter().chain(&known.more).cloned());
                Arc::new(self.searcher_of(Arc::new(all)))
            }
            None => Arc::new(self.searcher_of(Arc::clone(own))),
        }
    }

    /// What finds these identifiers, and dates of the study where they are to go.
    pub(crate) fn searcher_of(&self, identifiers: Arc<Identifiers>) -> Searcher {
        let searcher =
            if self.seeks_dates { Searcher::with_dates(identifiers) } else { Searcher::of(identifiers) };
        searcher.with_places(self.places)
    }

    /// Filters of the profile, then what cannot be vouched for.
    fn filtered(&self, classification: &Classification, burned_in_risk: bool) -> Option<Cause> {
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
        if profile.shifts_dates() && classification.subject().is_none() {
            return Some(Cause::NoSubject);
        }
        if burned_in_risk && profile.burned_in == BurnedIn::Quarantine && !profile.captures {
            return Some(Cause::BurnedIn);
        }
        None
    }

    fn plan<S: Source>(
        &self,
        source: &mut S,
        tree: &Tree,
        classification: &Classification,
        around: &Around<'_>,
        remembered: &Remembered,
        recording: Recording,
    ) -> Plan {
        let rules = self.rules.of(classification);
        remembered.settle(&rules, classification.iod);
        let policy = Policy {
            profile: &self.settings.profile,
            rules: &rules,
            forced: &self.settings.forced,
            safe_private: self.safe_private,
        };
        let inputs = Inputs {
            policy: &policy,
            key: &self.settings.key,
            subject: self.code(classification),
            classification,
            searcher: around.searcher,
            uids: around.uids,
            dates: around.dates,
            days: around.days,
            method: &self.method,
            codes: &self.codes,
            recording,
            remembered,
        };
        plan(source, tree, &inputs)
    }

    /// The plan of an instance with every decision in it. `None` if it is no DICOM or cannot be inflated.
    pub fn explain<S: Source>(&self, source: &mut S) -> Option<Explained> {
        let layout = open(source).ok()?;
        let mut faults = layout.faults.clone();
        if layout.deflated {
            let inflated = self.inflate(source, &layout, &mut faults).ok()?;
            return Some(self.explain_knowing(&mut &inflated[..], 0, &layout, faults, |all| all));
        }
        Some(self.explain_knowing(source, layout.data_set, &layout, faults, |all| all))
    }

    /// The same for a data set, judged as a run judges it; `known` says what of its identifiers is looked for.
    pub(crate) fn explain_knowing<S: Source>(
        &self,
        source: &mut S,
        start: u64,
        layout: &Layout,
        faults: Faults,
        known: impl FnOnce(Arc<Identifiers>) -> Arc<Identifiers>,
    ) -> Explained {
        let mut tree = Tree::default();
        let judged = self.judge(source, start, layout, faults, &mut tree, &mut Harvester::default());
        let Judged { classification, harvest, faults, cause, .. } = judged;
        let searcher = self.searcher_of(known(harvest.identifiers));
        let own = OwnUids::new(&harvest.uids);
        let days = self.days(&classification);
        let around =
            Around { searcher: &searcher, uids: KnownUids::new(&own, None), dates: &harvest.dates, days };
        let remembered = Remembered::default();
        let plan = self.plan(source, &tree, &classification, &around, &remembered, Recording::Everything);
        let cause = cause.or(plan.failed.then_some(Cause::EditFailed));
        Explained::new(source, tree, plan, classification, (cause, faults))
    }

    /// What the table of subjects says of the patient.
    fn in_table(&self, classification: &Classification) -> Option<&Subject> {
        let id = classification.patient_id.expose().as_deref()?;
        self.settings.subjects.as_ref()?.subject(id, classification.issuer.expose().as_deref())
    }

    /// The subject's code, if the caller gives it: for all files, or in a table.
    fn code(&self, classification: &Classification) -> Option<&str> {
        let table = || Some(self.in_table(classification)?.code.as_str());
        self.settings.subject.as_deref().or_else(table)
    }

    /// Whether the caller's code for a subject is the Patient ID: right for what was de-identified before, else a slip.
    fn keeps_the_patient_id(&self, classification: &Classification) -> bool {
        let id = classification.patient_id.expose().as_deref();
        self.code(classification).is_some_and(|code| id.is_some_and(|id| id.eq_ignore_ascii_case(code)))
    }

    /// By how many days the subject's dates are moved into the past.
    fn days(&self, classification: &Classification) -> i32 {
        self.given_days(self.in_table(classification)).unwrap_or_else(|| {
            let (id, issuer) = (classification.patient_id.expose(), classification.issuer.expose());
            // A table that names somebody without issuer means one person, whoever issued the ID.
            let whoever = self
                .settings
                .subjects
                .as_ref()
                .zip(id.as_deref())
                .is_some_and(|(table, id)| table.names_without_issuer(id, issuer.as_deref()));
            let with_issuer = self.settings.profile.identity.issuer && !whoever;
            self.settings.key.date_offset(&classification.subject_fields(with_issuer))
        })
    }

    /// The same, if it does not follow from the Patient ID alone.
    pub(crate) fn given_days(&self, in_table: Option<&Subject>) -> Option<i32> {
        let Settings { key, subject, subjects, profile, .. } = &self.settings;
        if let Some(code) = subject.as_deref().filter(|_| self.merges) {
            return Some(key.date_offset(&[code]));
        }
        let in_table = in_table?;
        let several = || subjects.as_ref()?.days_of_several(in_table, key, profile.identity.issuer);
        in_table.date_shift.map(|days| -days).or_else(several)
    }

    /// Who is behind an instance that was written: for a table that the user asked for, and for nothing else.
    pub fn crosswalk(&self, classification: &Classification) -> CrosswalkRow {
        let shifts = self.settings.profile.has_option(ConfidentialityOption::RetainLongitudinalModifiedDates);
        let study = classification.study.clone();
        CrosswalkRow {
            patient_id: classification.patient_id.clone(),
            issuer: classification.issuer.clone(),
            code: self.code(classification).map_or_else(|| self.keyed_code(classification), str::to_owned),
            date_shift: shifts.then(|| -self.days(classification)),
            new_study: study.expose().as_deref().map(|uid| self.settings.key.uid(uid)),
            study,
        }
    }

    fn path_identity(
        &self,
        classification: &Classification,
        searcher: &Arc<Searcher>,
        who: &Who,
        uids: Vec<String>,
        (dates, date_searcher): (Arc<Vec<String>>, Arc<OnceLock<Searcher>>),
    ) -> PathIdentity {
        let subject = classification.subject().unwrap_or_default().to_owned();
        PathIdentity {
            searcher: Arc::clone(searcher),
            code: who.code.clone(),
            subject: Phi::new(subject),
            uids,
            dates,
            dates_kept: false,
            days: self.settings.profile.shifts_dates().then_some(who.days),
            date_searcher,
        }
    }

    fn who(&self, classification: &Classification) -> Who {
        Who {
            patient_id: classification.patient_id.clone(),
            issuer: classification.issuer.clone(),
            study: classification.study.clone(),
            code: self.code(classification).map_or_else(|| self.keyed_code(classification), str::to_owned),
            days: self.days(classification),
        }
    }

    /// The same for the next of many paths of one session: what became of folders is remembered.
    pub fn path_part_of_many(
        &self,
        part: &str,
        identity: Option<&PathIdentity>,
        session: &SessionFacts,
        known: &mut KnownParts,
    ) -> String {
        known.part(part, identity, || self.path_part(part, identity, session))
    }

    /// The name that one part of a path has in the output.
    pub fn path_part(&self, part: &str, identity: Option<&PathIdentity>, session: &SessionFacts) -> String {
        let Settings { key, subject, profile, .. } = &self.settings;
        clean_part(key, part, identity, &session.names, subject.as_deref(), &profile.identity.prefix)
    }

    /// The code made from the key for a subject whom the caller gives none.
    fn keyed_code(&self, classification: &Classification) -> String {
        let subject = classification.subject_fields(self.settings.profile.identity.issuer);
        self.settings.key.subject_code_with(&self.settings.profile.identity.prefix, &subject)
    }

    /// The path in the output, by the profile's layout, of the file of this number in the input; none without layout.
    pub fn output_path(&self, values: &OutputValues, ordinal: u64) -> Option<Vec<String>> {
        let layout = self.settings.profile.layout.as_ref()?;
        Some(output_path(layout, values, ordinal, &self.settings.key))
    }
}

impl Processed {
    fn deflated(self, inflated: &[u8]) -> Self {
        Processed { body: deflate_again(self.body, inflated), ..self }
    }
}

/// Whether dates are neither kept nor moved.
fn dates_go(settings: &Settings, rules: &RuleSets) -> bool {
    let profile = &settings.profile;
    let rules = rules.of(&Classification::default());
    let policy = Policy { profile, rules: &rules, forced: &[], safe_private: false };
    let position = Position { iod: None, top_level: true };
    !policy.shifts_dates()
        && !profile.has_option(ConfidentialityOption::RetainLongitudinalFullDates)
        && policy.public(STUDY_DATE, position).verb != Verb::Keep
}

/// Which names of places are looked for in texts: those whose own attributes go. The letter of the standard asks for none.
fn places_that_go(settings: &Settings, rules: &RuleSets) -> PlacesSought {
    const INSTITUTION_NAME: Tag = Tag::new(0x0008, 0x0080);
    const STATION_NAME: Tag = Tag::new(0x0008, 0x1010);
    let profile = &settings.profile;
    let rules = rules.of(&Classification::default());
    let policy = Policy { profile, rules: &rules, forced: &[], safe_private: false };
    let position = Position { iod: None, top_level: true };
    let goes = |tag| !profile.by_the_letter && policy.public(tag, position).verb != Verb::Keep;
    PlacesSought { institutions: goes(INSTITUTION_NAME), stations: goes(STATION_NAME) }
}

/// The data set of a deflated file is deflated again; one without edits does not exist, since marks are set.
pub(crate) fn deflate_again(body: Body, inflated: &[u8]) -> Body {
    let Body::Pieces(spliced) = &body else { return body };
    let mut deflater = deflate::Deflater::default();
    let mut out = Vec::new();
    deflater.push(&spliced.to_bytes(inflated), &mut out);
    deflater.finish(&mut out);
    Body::Bytes(out)
}

fn survey_data_set<S: Source>(
    source: &mut S,
    start: u64,
    layout: &Layout,
    scratch: &mut Scratch,
) -> FileFacts {
    walk(source, start, layout.encoding, &mut scratch.tree);
    let classification = classify::classify(source, &scratch.tree, layout);
    let Harvest { identifiers, uids, dates, .. } = scratch.harvester.harvest(source, &scratch.tree);
    FileFacts {
        patient_id: classification.patient_id,
        issuer: classification.issuer,
        identifiers,
        uids,
        dates,
    }
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
pub(crate) fn written_syntax<'a>(layout: &'a Layout, tree: &Tree) -> &'a str {
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
