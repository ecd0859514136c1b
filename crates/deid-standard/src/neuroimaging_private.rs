//! Private attributes that carry what an image needs to be converted and understood, by creator: our own reviewed
//! list on top of table E.3.10-1 of PS3.15.
//!
//! Each row of `data/neuroimaging-private.tsv` says what the element holds, why it may stay and who reads it;
//! `docs/private-attributes.md` tells how it was made. [`Kind`] says how a value has to look: one that looks
//! otherwise is not covered by the row.

use deid_dicom::Vr;

use crate::generated::neuroimaging_private::LIST;
use crate::private_dictionary::trim_creator;

/// The edition of the list, as it is named in De-identification Method (0012,0063).
pub const EDITION: &str = "2026-11";

/// The list's row for the private attribute; `element` is the low byte of the element number. Spaces and NULs around
/// the creator do not count.
pub fn neuroimaging(creator: &str, group: u16, element: u8) -> Option<&'static NeuroimagingPrivate> {
    let key = (trim_creator(creator), group, element);
    let place = LIST.binary_search_by_key(&key, |row| (row.creator, row.group, row.element)).ok()?;
    Some(&LIST[place])
}

/// All rows, sorted by creator, group and element.
pub fn all() -> &'static [NeuroimagingPrivate] {
    &LIST
}

/// What a value of the list is, and so what is done with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Numbers, binary or as decimal text.
    Number,
    /// Terms the scanner's software chooses from; not what somebody typed.
    Code,
    /// Text that somebody may have typed: cleaned.
    Text,
    /// UIDs: remapped.
    Uid,
    /// Dates: moved with the subject's dates.
    Date,
    /// Times of day.
    Time,
    /// Dates with times: moved with the subject's dates.
    DateTime,
    /// A sequence, whose content is judged by itself.
    Sequence,
    /// A vendor's own header or protocol: needs a cleaner of its own.
    Header,
}

/// A private attribute of the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeuroimagingPrivate {
    /// Private Creator.
    pub creator: &'static str,
    /// Group number.
    pub group: u16,
    /// Low byte of the element number; the high byte is the block reserved by the creator.
    pub element: u8,
    /// Its VR.
    pub vr: Vr,
    /// Its value multiplicity, as far as it is known.
    pub vm: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Terms of a [`Kind::Code`] that are no words of acquisition otherwise, separated by `|`.
    pub terms: &'static str,
    /// What it means; empty where no one knows.
    pub name: &'static str,
    /// Why it may stay.
    pub reason: &'static str,
    /// The programs that are known to read it; may be empty.
    pub readers: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_table_is_found() {
        let table = include_str!("../data/neuroimaging-private.tsv");
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let group = u16::from_str_radix(&cells[1][1..5], 16).unwrap();
            let element = u8::from_str_radix(&cells[1][8..10], 16).unwrap();
            let row = neuroimaging(cells[0], group, element).unwrap();
            assert_eq!([row.vr.as_str(), row.vm], cells[2..4]);
            assert_eq!(format!("{:?}", row.kind).to_lowercase(), cells[4]);
            assert_eq!([row.terms, row.name, row.reason, row.readers], cells[5..]);
            assert!(!row.reason.is_empty() && row.creator == trim_creator(row.creator), "{line}");
        }
        assert_eq!(table.lines().count(), all().len() + 1);
    }

    #[test]
    fn vr_suits_the_kind() {
        for row in all() {
            let suits = match row.kind {
                Kind::Number => matches!(
                    row.vr,
                    Vr::DS | Vr::IS | Vr::US | Vr::SS | Vr::UL | Vr::SL | Vr::FL | Vr::FD | Vr::OF | Vr::OW
                ),
                Kind::Code => matches!(row.vr, Vr::CS | Vr::SH | Vr::LO | Vr::ST | Vr::LT | Vr::UT),
                Kind::Text => matches!(row.vr, Vr::SH | Vr::LO | Vr::ST | Vr::LT),
                Kind::Uid => row.vr == Vr::UI,
                Kind::Date => row.vr == Vr::DA,
                Kind::Time => row.vr == Vr::TM,
                Kind::DateTime => row.vr == Vr::DT,
                Kind::Sequence => row.vr == Vr::SQ,
                Kind::Header => row.vr == Vr::OB,
            };
            assert!(suits, "{row:?}");
        }
    }

    #[test]
    fn identity_is_not_on_the_list() {
        // Weight with sex and age of Siemens XA, GE's suite, station and exam, name of a Philips operator, Toshiba's
        // project, UIH's institution.
        for (creator, group, element) in [
            ("SIEMENS MR SDS 01", 0x0021, 0x2B),
            ("SIEMENS MR SDS 01", 0x0021, 0x01),
            ("GEMS_IDEN_01", 0x0009, 0x02),
            ("GEMS_IDEN_01", 0x0009, 0x30),
            ("GEMS_SERS_01", 0x0025, 0x1A),
            ("GEMS_PARM_01", 0x0043, 0x62),
            ("GEMS_PETD_01", 0x0009, 0x10),
            ("Philips MR Imaging DD 004", 0x2005, 0x91),
            ("TOSHIBA_MEC_MR3^10", 0x700D, 0x16),
            ("Image Private Header", 0x0065, 0x41),
        ] {
            assert_eq!(neuroimaging(creator, group, element), None, "{creator}");
        }
    }
}
