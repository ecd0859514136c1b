//! Whether a file of a raw format is de-identified already: whether cleaning it would still change a field.
//!
//! As for DICOM, UIDs are not judged. Such a file has no mark: dates that the profile shifts are trusted where name and
//! Patient ID are what this software writes there.

use crate::Engine;
use crate::check::{Check, Remaining};
use crate::decide::{Policy, Verb};
use crate::identifiers::Searcher;
use crate::raw::file_facts;
use crate::raw_judge::{NOWHERE, RawJudge};
use crate::report::Cause;
use deid_dicom::{Source, Tag, Vr, value};
use deid_raw::{Format, Judge, Refusal};
use deid_standard::dictionary;
use std::cell::RefCell;

const PATIENT_NAME: Tag = Tag::new(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag::new(0x0010, 0x0020);

impl Engine {
    /// What of a file of a raw format is still to be de-identified, by these settings, and which format it is. `None`
    /// if it is of none, or the profile takes DICOM only.
    pub fn check_raw<S: Source>(&self, source: &mut S) -> Option<(Format, Check)> {
        if !self.takes_raw() {
            return None;
        }
        let format = deid_raw::sniff(source)?;
        let mut harvest = deid_raw::harvest(source, format);
        let id = harvest.patient_id.clone();
        let is_own = |text: &String| self.is_pseudonym(text);
        let trusted = harvest.names.iter().chain(&harvest.patient_id).all(is_own);
        // What this software wrote identifies nobody.
        harvest.names.retain(|name| !is_own(name));
        harvest.ids.retain(|id| !is_own(id));
        harvest.patient_id = harvest.patient_id.filter(|id| !is_own(id));
        let (file, unbounded) = file_facts(harvest);
        if unbounded {
            return Some((
                format,
                Check { marked: false, cause: Some(Cause::Faulty), remaining: Vec::new() },
            ));
        }
        let searcher = Searcher::new(&file.identifiers);
        let rules = self.rules();
        let policy = self.raw_policy(&rules);
        let code = self.settings().subject.clone().unwrap_or_else(|| id.filter(is_own).unwrap_or_default());
        let judge = Trusting {
            engine: self,
            judge: RawJudge {
                policy: &policy,
                searcher: &searcher,
                undated: None,
                key: &self.settings().key,
                code: &code,
                // Dates within texts are trusted as those of attributes are: they stay where they are.
                days: if trusted { 0 } else { -1 },
            },
            policy: &policy,
            trusted,
            found: RefCell::default(),
        };
        let (cause, changed) = match deid_raw::clean(source, format, &judge) {
            Ok(cleaned) => (None, cleaned.changed),
            Err(Refusal::TooLarge) => (Some(Cause::TooLarge), 0),
            Err(_) => (Some(Cause::RawUnknownField), 0),
        };
        let remaining = if changed == 0 { Vec::new() } else { judge.remaining() };
        Some((format, Check { marked: false, cause, remaining }))
    }

    /// Whether a name or Patient ID is one that this software writes: the caller's code, or what is made without one.
    pub(crate) fn is_pseudonym(&self, text: &str) -> bool {
        let text = text.trim_matches(['\0', ' ']);
        let settings = self.settings();
        if settings
            .forced
            .iter()
            .any(|(tag, value)| matches!(*tag, PATIENT_NAME | PATIENT_ID) && value == text)
        {
            return true;
        }
        if let Some(code) = &settings.subject {
            return text == code;
        }
        if let Some(table) = &settings.subjects {
            return table.subject(text, None).is_some_and(|subject| subject.code == text);
        }
        text.is_empty() || text == "Unknown" || self.is_code(text.as_bytes())
    }
}

/// Judges as in a run, but leaves what may be this software's own, and notes what does not stay.
struct Trusting<'a> {
    engine: &'a Engine,
    judge: RawJudge<'a>,
    policy: &'a Policy<'a>,
    /// Name and Patient ID are this software's.
    trusted: bool,
    found: RefCell<Vec<Tag>>,
}

impl Trusting<'_> {
    fn note(&self, tag: Tag) {
        let mut found = self.found.borrow_mut();
        if !found.contains(&tag) {
            found.push(tag);
        }
    }

    /// What was noted; if nothing was, it stands in a field that is no attribute.
    fn remaining(self) -> Vec<Remaining> {
        let of = |path: String, name: &str| Remaining { path, name: name.to_owned(), rule: "raw" };
        let found = self.found.into_inner();
        if found.is_empty() {
            return vec![of("header".to_owned(), "Header")];
        }
        let name = |tag: Tag| dictionary::attribute(tag).map_or("", |attribute| attribute.name);
        found.into_iter().map(|tag| of(tag.to_string(), name(tag))).collect()
    }
}

impl Judge for Trusting<'_> {
    fn attribute(&self, tag: Tag, text: &str) -> String {
        if matches!(tag, PATIENT_NAME | PATIENT_ID) && self.engine.is_pseudonym(text) {
            return text.to_owned();
        }
        // Nobody can tell an original UID from a replaced one.
        let verb = self.policy.public(tag, NOWHERE).verb;
        if verb == Verb::Uid && value::is_uid(text.trim_matches(['\0', ' ']).as_bytes()) {
            return text.to_owned();
        }
        let new = self.judge.attribute(tag, text);
        if new != text {
            self.note(tag);
        }
        new
    }

    fn copied(&self, tag: Tag, text: &str) -> String {
        let verb = self.policy.public(tag, NOWHERE).verb;
        if matches!(tag, PATIENT_NAME | PATIENT_ID) || verb == Verb::Uid {
            return self.attribute(tag, text);
        }
        let new = self.judge.copied(tag, text);
        if new != text {
            self.note(tag);
        }
        new
    }

    fn date(&self, tag: Tag, date: &str) -> Option<String> {
        if self.trusted && self.policy.public(tag, NOWHERE).verb == Verb::Shift {
            return Some(date.to_owned());
        }
        let new = self.judge.date(tag, date);
        if new.as_deref() != Some(date) {
            self.note(tag);
        }
        new
    }

    fn term(&self, text: &str) -> String {
        self.judge.term(text)
    }

    fn name(&self, name: &str) -> Option<String> {
        self.judge.name(name)
    }

    fn text(&self, text: &str) -> String {
        self.judge.text(text)
    }

    fn uid(&self, uid: &str) -> String {
        let bare = uid.trim_matches(['\0', ' ']);
        if value::is_uid(bare.as_bytes()) { uid.to_owned() } else { self.judge.uid(uid) }
    }

    fn identifies(&self, bytes: &[u8]) -> bool {
        self.judge.identifies(bytes)
    }

    fn names(&self, bytes: &[u8]) -> bool {
        self.judge.names(bytes)
    }

    fn attribute_of(&self, keyword: &str) -> Option<(Tag, Vr)> {
        self.judge.attribute_of(keyword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Body, Key, SessionFacts, Settings};

    fn engine(profile: &str, subject: Option<&str>, key: u8) -> Engine {
        Engine::new(Settings {
            profile: deid_profile::built_in(profile).unwrap(),
            key: Key::from_bytes([key; 32]),
            subject: subject.map(str::to_owned),
            subjects: None,
            forced: Vec::new(),
            inflate_limit: 0,
        })
        .unwrap()
    }

    fn rda() -> Vec<u8> {
        let mut text = ">>> Begin of header <<<\r\n".to_owned();
        for line in [
            "PatientName: Doe^Jane",
            "PatientID: PAT0815",
            "PatientSex: F",
            "PatientBirthDate: 19700403",
            "StudyDate: 20240131",
            "SeriesDescription: svs of Doe",
            "ModelName: Prisma",
            "TR: 2000.0",
            "VectorSize: 4",
            "NumberOfRows: 1",
            "NumberOfColumns: 1",
            "NumberOf3DParts: 1",
            "CSIMatrixSize[0]: 1",
            "CSIMatrixSize[1]: 1",
            "CSIMatrixSize[2]: 1",
        ] {
            text += line;
            text += "\r\n";
        }
        text += ">>> End of header <<<\r\n";
        [text.as_bytes(), &[7; 64]].concat()
    }

    fn cleaned(engine: &Engine, file: &[u8]) -> Vec<u8> {
        let done = engine.process_raw(&mut &file[..], &SessionFacts::default(), &|| vec!["a.rda".to_owned()]);
        match done.unwrap() {
            crate::Processed { body: Body::Pieces(pieces), .. } => pieces.to_bytes(file),
            done => panic!("{:?}", done.cause),
        }
    }

    #[test]
    fn what_was_written_needs_nothing_and_what_was_not_says_why() {
        for profile in ["default", "neuro", "cati_collector", "data_sharing"] {
            for subject in [None, Some("S1")] {
                let (writer, checker) = (engine(profile, subject, 1), engine(profile, subject, 2));
                let (format, check) = checker.check_raw(&mut &rda()[..]).unwrap();
                let paths: Vec<_> = check.remaining.iter().map(|remaining| &*remaining.path).collect();
                assert_eq!(format, Format::Rda);
                for path in ["(0010,0010)", "(0010,0020)", "(0010,0030)"] {
                    assert!(paths.contains(&path), "{profile} {path}: {paths:?}");
                }
                let written = cleaned(&writer, &rda());
                let (_, check) = checker.check_raw(&mut &written[..]).unwrap();
                assert!(check.is_deidentified(), "{profile} {subject:?} {check:?}");
            }
        }
    }

    #[test]
    fn uids_and_moved_dates_of_a_sidecar_are_trusted() {
        let sidecar = br#"{"Modality": "MR", "StudyInstanceUID": "1.2.3.4.5", "PatientName": "Doe^Jane", "PatientID": "PAT0815",
            "AcquisitionDateTime": "2024-01-31T10:11:12", "SeriesDescription": "t1 QC Jun 17 2012 10:08:21"}"#;
        for profile in ["default", "neuro", "cati_collector", "data_sharing", "tcia", "bids"] {
            for subject in [None, Some("t1")] {
                let (writer, checker) = (engine(profile, subject, 1), engine(profile, subject, 2));
                let (_, check) = checker.check_raw(&mut &sidecar[..]).unwrap();
                assert!(!check.is_deidentified());
                let written = cleaned(&writer, sidecar);
                let (_, check) = checker.check_raw(&mut &written[..]).unwrap();
                assert!(check.is_deidentified(), "{profile} {subject:?} {check:?}");
            }
        }
        let worded = br#"{"Modality": "MR", "StudyInstanceUID": "Doe Jane"}"#;
        assert!(!engine("default", None, 1).check_raw(&mut &worded[..]).unwrap().1.is_deidentified());
    }

    #[test]
    fn a_code_is_trusted_only_if_it_is_the_callers() {
        let written = cleaned(&engine("default", Some("S1"), 1), &rda());
        let (_, check) = engine("default", None, 1).check_raw(&mut &written[..]).unwrap();
        assert_eq!(check.remaining[0].path, "(0010,0010)");
        let unknown = b">>> Begin of header <<<\r\nShoeSize: 42\r\n>>> End of header <<<\r\n";
        let (_, check) = engine("default", None, 1).check_raw(&mut &unknown[..]).unwrap();
        assert_eq!(check.cause, Some(Cause::RawUnknownField));
        assert!(engine("basic", None, 1).check_raw(&mut &unknown[..]).is_none());
    }
}
