//! Who is behind a code: a row of the table that a user may ask for.

use crate::Phi;

/// One subject and study, before and after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrosswalkRow {
    /// Patient ID (0010,0020).
    pub patient_id: Phi<Option<String>>,
    /// Issuer of Patient ID (0010,0021).
    pub issuer: Phi<Option<String>>,
    /// The subject's code.
    pub code: String,
    /// Days that were added to each date, if dates were shifted.
    pub date_shift: Option<i32>,
    /// Study Instance UID (0020,000D).
    pub study: Phi<Option<String>>,
    /// What it became, unless the profile retains UIDs.
    pub new_study: Option<String>,
}

impl CrosswalkRow {
    /// The names of the fields. A table of these rows is one that [`SubjectTable`](crate::SubjectTable) reads.
    pub const COLUMNS: [&str; 6] =
        ["PatientID", "issuer", "code", "date_shift_days", "StudyInstanceUID", "new_StudyInstanceUID"];

    /// The fields, for a file that only the user can read.
    pub fn fields(&self) -> [String; 6] {
        [
            self.patient_id.expose().clone().unwrap_or_default(),
            self.issuer.expose().clone().unwrap_or_default(),
            self.code.clone(),
            self.date_shift.map(|days| days.to_string()).unwrap_or_default(),
            self.study.expose().clone().unwrap_or_default(),
            self.new_study.clone().unwrap_or_default(),
        ]
    }
}
