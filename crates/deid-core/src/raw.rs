//! Files of raw formats through the same steps as DICOM: survey, judge, pieces.
//!
//! What such a file is and which of its fields are which attributes is `deid-raw`'s business. Here it gets its
//! subject: that of its own header, else of a file of the same name, else the only one known in its folder or the
//! nearest folder around, else the one that the caller names. A payload without header (`.SDAT`, `.REC`, `.img`) goes
//! the way of the header beside it.

use crate::Phi;
use crate::decide::{Policy, Verb};
use crate::engine::{Body, Engine, FileFacts, Processed, SessionFacts, Settings};
use crate::identifiers::{IdentifierKind, Searcher, bounded, places};
use crate::path::PathIdentity;
use crate::raw_judge::{Lenient, NOWHERE, RawJudge};
use crate::report::{Cause, Facts};
use deid_dicom::{Piece, Source, Spliced, Tag};
use deid_profile::CompiledRules;
use deid_raw::{Harvest, Output, Refusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const STUDY_DATE: Tag = Tag::new(0x0008, 0x0020);

/// What the survey learns of one file of a raw format.
#[derive(Clone, Debug)]
pub struct RawFacts {
    /// What it tells of its subject.
    pub file: FileFacts,
    /// Extension and size of the payload in a file beside it; no size if the header cannot be cleaned.
    payload: Option<(&'static str, Option<u64>)>,
}

/// A payload that a header announces.
#[derive(Clone, Debug)]
struct Payload {
    file: FileFacts,
    size: Option<u64>,
}

/// Who is where in a session. Paths may identify: they are never shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    folders: BTreeMap<Phi<String>, BTreeSet<Phi<String>>>,
    payloads: BTreeMap<Phi<String>, Payload>,
    /// Subjects by path without extensions: a sidecar tells of the image beside it.
    companions: BTreeMap<Phi<String>, BTreeSet<Phi<String>>>,
}

impl Places {
    /// The only subject of the files of the same name, else of the folder, else of the nearest around it that has any.
    fn subject(&self, parts: &[String]) -> Option<&String> {
        if let Some(subjects) = self.companions.get(&without_extensions(parts)) {
            return subjects.first().filter(|_| subjects.len() == 1).map(Phi::expose);
        }
        let folders = parts.split_last().map_or(&[][..], |(_, folders)| folders);
        let known =
            (0..=folders.len()).rev().find_map(|depth| self.folders.get(&folder(&folders[..depth])))?;
        let mut subjects = known.iter();
        subjects.next().filter(|_| subjects.next().is_none()).map(Phi::expose)
    }
}

fn folder(parts: &[String]) -> Phi<String> {
    Phi::new(parts.join("/"))
}

/// A path without its extension, or both of `.nii.gz`.
fn without_extensions(parts: &[String]) -> Phi<String> {
    let path = parts.join("/");
    let path = match path.rsplit_once('.') {
        Some((stem, extension)) if extension.eq_ignore_ascii_case("gz") => stem,
        _ => &path,
    };
    Phi::new(path.rsplit_once('.').map_or(path, |(stem, _)| stem).to_owned())
}

/// A path without its extension, and the extension in lower case. Paths that differ in case are others: not every file
/// system thinks so, but each gives the files of a series names of one case.
fn stem(parts: &[String]) -> Option<(String, String)> {
    let path = parts.join("/");
    let (stem, extension) = path.rsplit_once('.')?;
    Some((stem.to_owned(), extension.to_lowercase()))
}

impl SessionFacts {
    /// Notes where a file is about whom; `parts` are those of its path.
    pub fn note(&mut self, parts: &[String], file: &FileFacts) {
        let Some(id) = file.patient_id.expose() else { return };
        let nearest = folder(&parts[..parts.len().saturating_sub(1)]);
        let id = Phi::new(id.clone());
        // What holds of a folder was noted of those around it.
        if self.places.folders.get(&nearest).is_some_and(|subjects| subjects.contains(&id)) {
            return;
        }
        for depth in 0..parts.len() {
            let subjects = self.places.folders.entry(folder(&parts[..depth])).or_default();
            // Two are as good as many.
            if subjects.len() < 2 {
                subjects.insert(id.clone());
            }
        }
    }

    /// Adds what the survey learnt of a file of a raw format.
    pub fn add_raw(&mut self, parts: &[String], raw: &RawFacts) {
        self.add(&raw.file);
        self.note(parts, &raw.file);
        if let Some(id) = raw.file.patient_id.expose() {
            let subjects = self.places.companions.entry(without_extensions(parts)).or_default();
            subjects.insert(Phi::new(id.clone()));
        }
        if let (Some((extension, size)), Some((stem, _))) = (raw.payload, stem(parts)) {
            let payload = Payload { file: raw.file.clone(), size };
            self.places.payloads.insert(Phi::new(format!("{stem}.{extension}")), payload);
        }
    }
}

impl Engine {
    /// Whether raw formats are de-identified: the letter of the standard speaks of DICOM only.
    pub(crate) fn takes_raw(&self) -> bool {
        !self.settings().profile.by_the_letter
    }

    /// Phase 1 for a file of a raw format; `None` if it is none.
    pub fn survey_raw<S: Source>(&self, source: &mut S) -> Option<RawFacts> {
        if !self.takes_raw() {
            return None;
        }
        let format = deid_raw::sniff(source)?;
        let harvest = deid_raw::harvest(source, format);
        let announced = harvest.payload;
        let (file, unbounded) = file_facts(harvest);
        let payload = format.payload_extension().map(|extension| {
            let sound = !unbounded && deid_raw::clean(source, format, &Lenient).is_ok();
            (extension, announced.filter(|_| sound))
        });
        Some(RawFacts { file, payload })
    }

    /// Phase 2 for a file of a raw format; `None` if it is none. `parts` are those of its path.
    pub fn process_raw<S: Source>(
        &self,
        source: &mut S,
        session: &SessionFacts,
        parts: &dyn Fn() -> Vec<String>,
    ) -> Option<Processed> {
        if !self.takes_raw() {
            return None;
        }
        let format = deid_raw::sniff(source)?;
        let (file, unbounded) = file_facts(deid_raw::harvest(source, format));
        let mut facts = Facts::default();
        facts.remarks.push(format.id());
        let mut subject = match self.raw_subject(&file, session, &parts()) {
            Ok(subject) => subject,
            Err(cause) => return Some(Processed::left_out(cause, facts, None)),
        };
        if unbounded {
            facts.remarks.push("identifiers_without_bound");
            return Some(Processed::left_out(Cause::Faulty, facts, Some(subject)));
        }
        let rules = self.rules();
        let policy = self.raw_policy(&rules);
        let dates_kept = policy.public(STUDY_DATE, NOWHERE).verb == Verb::Keep;
        let undated = dates_kept.then(|| {
            let all = subject.searcher.identifiers().iter();
            let rest = all.filter(|identifier| identifier.kind != IdentifierKind::BirthDate);
            Searcher::new(&rest.cloned().collect())
        });
        let judge = RawJudge {
            policy: &policy,
            searcher: &subject.searcher,
            undated: undated.as_ref(),
            key: &self.settings().key,
            code: &subject.code,
            days: self.raw_days(subject.subject.expose()),
        };
        let cleaned = deid_raw::clean(source, format, &judge);
        subject.dates_kept = dates_kept;
        Some(match cleaned {
            Ok(cleaned) => {
                facts.counts.kept = cleaned.kept;
                facts.counts.cleaned = cleaned.changed;
                let body = match cleaned.output {
                    Output::Pieces(spliced) => Body::Pieces(spliced),
                    Output::Bytes(bytes) => Body::Bytes(bytes),
                };
                written(facts, body, subject)
            }
            Err(refusal) => {
                facts.remarks.push(refusal.id());
                let cause =
                    if refusal == Refusal::TooLarge { Cause::TooLarge } else { Cause::RawUnknownField };
                Processed::left_out(cause, facts, Some(subject))
            }
        })
    }

    /// Phase 2 for a file that is nothing by its content: a payload if a header beside it announces it.
    pub fn process_payload(&self, size: u64, session: &SessionFacts, parts: &[String]) -> Option<Processed> {
        let (stem, extension) = stem(parts)?;
        if !self.takes_raw() || !deid_raw::is_payload_extension(&extension) {
            return None;
        }
        let payload = session.places.payloads.get(&Phi::new(format!("{stem}.{extension}")))?;
        let mut facts = Facts::default();
        facts.remarks.push("raw_payload");
        let subject = match self.raw_subject(&payload.file, session, parts) {
            Ok(subject) => subject,
            Err(cause) => return Some(Processed::left_out(cause, facts, None)),
        };
        if payload.size != Some(size) {
            facts.remarks.push(if payload.size.is_some() {
                Refusal::Length.id()
            } else {
                "raw_header_refused"
            });
            return Some(Processed::left_out(Cause::RawUnknownField, facts, Some(subject)));
        }
        let mut spliced = Spliced::default();
        spliced.pieces.push(Piece::Copy { start: 0, end: size });
        let body = Body::Pieces(spliced);
        Some(written(facts, body, subject))
    }

    /// What decides about the fields of a raw file, which has no private elements.
    pub(crate) fn raw_policy<'a>(&'a self, rules: &'a CompiledRules) -> Policy<'a> {
        let Settings { profile, forced, .. } = self.settings();
        Policy { profile, rules, forced, safe_private: false }
    }

    /// Who a raw file is about, and all that identifies them.
    fn raw_subject(
        &self,
        file: &FileFacts,
        session: &SessionFacts,
        parts: &[String],
    ) -> Result<PathIdentity, Cause> {
        let settings = self.settings();
        let own = file.patient_id.expose().as_ref();
        let id = own.or_else(|| session.places.subject(parts));
        let subject = id.or(settings.subject.as_ref()).ok_or(Cause::NoSubject)?;
        let code_of =
            |table: &crate::SubjectTable| table.subject(subject, None).map(|subject| subject.code.clone());
        let table = || settings.subjects.as_ref().map(code_of);
        let code = match (&settings.subject, table()) {
            (Some(code), _) => code.clone(),
            (None, Some(code)) => code.ok_or(Cause::UnknownSubject)?,
            (None, None) => settings.key.subject_code_with(&settings.profile.identity.prefix, &[subject]),
        };
        let searcher = self.searcher(&file.identifiers, id, session);
        Ok(PathIdentity {
            searcher,
            code,
            subject: Phi::new(subject.clone()),
            uids: file.uids.clone(),
            dates: file.dates.clone(),
            dates_kept: false,
            days: settings.profile.shifts_dates().then(|| self.raw_days(subject)),
            date_searcher: Arc::default(),
        })
    }

    /// By how many days the subject's dates are moved into the past.
    fn raw_days(&self, subject: &str) -> i32 {
        let settings = self.settings();
        let in_table = settings.subjects.as_ref().and_then(|table| table.subject(subject, None));
        self.given_days(in_table).unwrap_or_else(|| settings.key.date_offset(&[subject]))
    }
}

fn written(facts: Facts, body: Body, subject: PathIdentity) -> Processed {
    Processed {
        cause: None,
        facts,
        head: Vec::new(),
        body,
        identity: Some(subject),
        classification: None,
        values: None,
    }
}

/// What a header tells of its subject, and whether that is more than can be looked for.
pub(crate) fn file_facts(harvest: Harvest) -> (FileFacts, bool) {
    let ids: Vec<String> = harvest.ids.into_iter().chain(harvest.patient_id.clone()).collect();
    let told = [&harvest.names[..], &ids, &harvest.birth_dates, &harvest.dates];
    let (mut identifiers, dates, unbounded) = bounded(told, &harvest.uids);
    identifiers.merge(&places(&harvest.institutions, &harvest.stations));
    let file = FileFacts {
        issuer: Phi::default(),
        patient_id: Phi::new(harvest.patient_id),
        identifiers: Arc::new(identifiers),
        uids: harvest.uids,
        dates: Arc::new(dates),
    };
    (file, unbounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Vec<String> {
        path.split('/').map(str::to_owned).collect()
    }

    fn of(id: &str, payload: u64) -> RawFacts {
        let harvest = Harvest { patient_id: Some(id.to_owned()), ..Harvest::default() };
        RawFacts { file: file_facts(harvest).0, payload: Some(("sdat", Some(payload))) }
    }

    #[test]
    fn a_header_of_many_names_tells_no_more_than_can_be_looked_for() {
        let names = |count: usize| (0..count).map(|number| format!("Qx{number}wel^Zu{number}bri")).collect();
        let told = |count| file_facts(Harvest { names: names(count), ..Harvest::default() });
        assert!(!told(100).1);
        let (many, unbounded) = told(100_000);
        assert!(unbounded);
        assert!(many.identifiers.iter().count() <= told(1000).0.identifiers.iter().count());
        let same = vec!["Qxwel^Zubri".to_owned(); 100_000];
        assert!(!file_facts(Harvest { names: same, ..Harvest::default() }).1);
        let long = vec!["x".repeat(64 << 10)];
        assert!(file_facts(Harvest { ids: long, ..Harvest::default() }).1);
    }

    #[test]
    fn names_that_differ_in_case_are_of_others() {
        let mut session = SessionFacts::default();
        for (path, id) in
            [("x/A.SPAR", "ID1"), ("x/a.spar", "ID2"), ("Sub1/a.json", "ID3"), ("sub1/a.json", "ID4")]
        {
            session.add_raw(&parts(path), &of(id, id.len() as u64));
        }
        let subject = |path: &str| session.places.subject(&parts(path)).map(String::as_str);
        assert_eq!(subject("x/A.SDAT"), Some("ID1"));
        assert_eq!(subject("x/a.sdat"), Some("ID2"));
        assert_eq!(subject("Sub1/a.nii.gz"), Some("ID3"));
        assert_eq!(subject("sub1/a.nii.GZ"), Some("ID4"));
        let header = |path: &str| {
            let (stem, extension) = stem(&parts(path))?;
            let payload = session.places.payloads.get(&Phi::new(format!("{stem}.{extension}")))?;
            payload.file.patient_id.expose().clone()
        };
        assert_eq!(header("x/A.SDAT").as_deref(), Some("ID1"));
        assert_eq!(header("x/a.SDAT").as_deref(), Some("ID2"));
    }
}
