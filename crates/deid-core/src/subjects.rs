//! Codes of subjects from a table of the user's: Patient ID to code.

use crate::Phi;
use std::collections::BTreeMap;
use std::fmt;

/// Which code stands for which Patient ID. A patient who is not in it is quarantined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectTable {
    codes: BTreeMap<(Phi<String>, Option<Phi<String>>), String>,
}

/// What is wrong with a line of a table. Never holds what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectTableError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: SubjectTableProblem,
}

/// A kind of mistake in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectTableProblem {
    /// Neither two fields (Patient ID, code) nor three (Patient ID, issuer, code).
    Fields,
    /// The Patient ID is empty.
    NoPatientId,
    /// The code is not 1 to 64 printable ASCII characters without backslash, `^`, `=` and `/`.
    Code,
    /// The Patient ID stands in an earlier line with another code.
    Contradiction,
}

impl fmt::Display for SubjectTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            SubjectTableProblem::Fields => "expected `PatientID,code` or `PatientID,issuer,code`",
            SubjectTableProblem::NoPatientId => "the Patient ID is empty",
            SubjectTableProblem::Code => {
                "a code has 1 to 64 printable ASCII characters, no blank at its ends, and none of \\ ^ = /"
            }
            SubjectTableProblem::Contradiction => "this Patient ID has another code in an earlier line",
        };
        write!(f, "line {}: {problem}", self.line)
    }
}

impl std::error::Error for SubjectTableError {}

impl SubjectTable {
    /// Reads lines `PatientID,code` or `PatientID,issuer,code`; commas, semicolons or tabs between the fields.
    /// Blank lines, lines that begin with `#` and a first line `PatientID,…` are passed over.
    pub fn parse(text: &str) -> Result<Self, SubjectTableError> {
        let mut table = SubjectTable::default();
        for (index, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            let fail = |problem| Err(SubjectTableError { line: index + 1, problem });
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fields: Vec<&str> =
                line.split([',', ';', '\t']).map(|field| field.trim().trim_matches('"').trim()).collect();
            if index == 0 && fields[0].eq_ignore_ascii_case("PatientID") {
                continue;
            }
            let (id, issuer, code) = match fields[..] {
                [id, code] => (id, None, code),
                [id, issuer, code] => (id, Some(issuer).filter(|issuer| !issuer.is_empty()), code),
                _ => return fail(SubjectTableProblem::Fields),
            };
            if id.is_empty() {
                return fail(SubjectTableProblem::NoPatientId);
            }
            if !is_code(code) {
                return fail(SubjectTableProblem::Code);
            }
            let key = (Phi::new(id.to_owned()), issuer.map(|issuer| Phi::new(issuer.to_owned())));
            if table.codes.get(&key).is_some_and(|earlier| earlier != code) {
                return fail(SubjectTableProblem::Contradiction);
            }
            table.codes.insert(key, code.to_owned());
        }
        Ok(table)
    }

    /// The code of a patient: that of ID and issuer, else that of the ID whatever the issuer.
    pub fn code(&self, patient_id: &str, issuer: Option<&str>) -> Option<&str> {
        let id = Phi::new(patient_id.trim_matches(['\0', ' ']).to_owned());
        let with_issuer = issuer.map(|issuer| (id.clone(), Some(Phi::new(issuer.trim().to_owned()))));
        with_issuer
            .and_then(|key| self.codes.get(&key))
            .or_else(|| self.codes.get(&(id, None)))
            .map(String::as_str)
    }

    /// Number of patients.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// Whether a text can be Patient's Name, Patient ID and a part of a file name.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.trim() == text
        && text.bytes().all(|b| (0x20..0x7F).contains(&b) && !matches!(b, b'\\' | b'^' | b'=' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_with_and_without_issuer() {
        let table =
            SubjectTable::parse("PatientID,code\n# comment\n4711,S01\r\n4711,Site B,S02\n\n 0815 ; S03\n")
                .unwrap();
        assert_eq!(table.len(), 3);
        assert_eq!(table.code("4711 ", None), Some("S01"));
        assert_eq!(table.code("4711", Some("Site B")), Some("S02"));
        assert_eq!(table.code("4711", Some("Site C")), Some("S01"));
        assert_eq!(table.code("0815", None), Some("S03"));
        assert_eq!(table.code("815", None), None);
    }

    #[test]
    fn mistakes_are_named_by_line_without_their_text() {
        for (text, line, problem) in [
            ("4711", 1, SubjectTableProblem::Fields),
            ("a,S1\n,S2", 2, SubjectTableProblem::NoPatientId),
            ("a,S/1", 1, SubjectTableProblem::Code),
            ("a,S1\na,S2", 2, SubjectTableProblem::Contradiction),
        ] {
            let error = SubjectTable::parse(text).unwrap_err();
            assert_eq!(error, SubjectTableError { line, problem });
            assert!(!error.to_string().contains("4711"));
        }
    }
}
