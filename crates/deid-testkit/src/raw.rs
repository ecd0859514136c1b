//! Files of raw formats, made of a few facts about a subject: what stands in which slot is the test's choice.
//!
//! They follow the descriptions and public readers named in `docs/vendors/`; where no real file was at hand, the
//! readers' expectations are the format.

mod nifti;
mod pfile;
mod philips;
mod sidecar;
mod siemens;

pub use nifti::{NiftiShape, gzip, nifti, nifti_mrs_json};
pub use pfile::p_file;
pub use philips::{par, rec, sdat, spar};
pub use sidecar::sidecar;
pub use siemens::{rda, twix_vb, twix_vd};

use crate::planted::Words;

/// What stands in the slots of a header.
#[derive(Clone, Debug)]
pub struct Slots {
    /// `Family^Given`.
    pub name: String,
    /// Patient ID.
    pub id: String,
    /// `YYYYMMDD`.
    pub birth_date: String,
    /// `YYYYMMDD`.
    pub study_date: String,
    /// Where it was made.
    pub institution: String,
    /// Which machine.
    pub station: String,
    /// Its number.
    pub serial: String,
    /// Who made it.
    pub operator: String,
    /// Description of the study.
    pub study: String,
    /// Description of the series: also protocol, scan ID and the like.
    pub series: String,
    /// Free text.
    pub comment: String,
    /// A UID.
    pub uid: String,
}

impl Slots {
    /// A subject of whom nothing is to be found again.
    pub fn planted(words: &mut Words) -> Self {
        Self {
            name: words.plant_name("name"),
            id: format!("ID{}", words.plant("id")),
            birth_date: words.plant_date("birth date"),
            study_date: words.plant_date("study date"),
            institution: words.plant("institution"),
            station: words.plant("station"),
            serial: words.plant("serial"),
            operator: words.plant("operator"),
            study: words.plant("study"),
            series: words.plant("series"),
            comment: words.plant("comment"),
            uid: words.plant_uid("uid"),
        }
    }

    /// A subject with plain values.
    pub fn plain() -> Self {
        Self {
            name: "Doe^Jane".into(),
            id: "ID4711".into(),
            birth_date: "19700203".into(),
            study_date: "20200304".into(),
            institution: "General Hospital".into(),
            station: "MRC12345".into(),
            serial: "12345".into(),
            operator: "Smith^John".into(),
            study: "brain".into(),
            series: "svs_se_30".into(),
            comment: "head".into(),
            uid: "1.3.12.2.1107.5.2.32.35000.30000020010110000000000000012".into(),
        }
    }
}

/// A date with a sign between its parts.
fn dashed(date: &str, sign: char) -> String {
    format!("{}{sign}{}{sign}{}", &date[..4], &date[4..6], &date[6..8])
}

/// Numbers that look like a payload.
fn payload(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 & 0x7F | 0x80).collect()
}
