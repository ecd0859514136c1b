//! PS3.15 table E.3.10-1: private attributes known to be safe from identity leakage, by creator.

use deid_dicom::Vr;

use crate::generated::safe_private::SAFE;
use crate::private_dictionary::trim_creator;

/// Whether the table lists the private attribute; `element` is the low byte of the element number. Spaces and
/// NULs around the creator do not count.
pub fn is_safe(creator: &str, group: u16, element: u8) -> bool {
    safe(creator, group, element).is_some()
}

/// The table's row for the private attribute, see [`is_safe`].
pub fn safe(creator: &str, group: u16, element: u8) -> Option<&'static SafePrivate> {
    let key = (trim_creator(creator), group, element);
    let place = SAFE.binary_search_by_key(&key, |safe| (safe.creator, safe.group, safe.element)).ok()?;
    Some(&SAFE[place])
}

/// All rows, sorted by creator, group and element.
pub fn all() -> &'static [SafePrivate] {
    &SAFE
}

/// A private attribute known to be safe.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SafePrivate {
    /// Private Creator.
    pub creator: &'static str,
    /// Group number.
    pub group: u16,
    /// Low byte of the element number; the high byte is the block reserved by the creator.
    pub element: u8,
    /// Its VR; the first where there are several, `None` where the table leaves it blank.
    pub vr: Option<Vr>,
    /// Its value multiplicity.
    pub vm: &'static str,
    /// What it means; empty where the table leaves it blank.
    pub meaning: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_table_is_found() {
        let table = include_str!("../data/ps3.15-2026d-table-E.3.10-1-safe-private.tsv");
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let group = u16::from_str_radix(&cells[0][1..5], 16).unwrap();
            let element = u8::from_str_radix(&cells[0][8..10], 16).unwrap();
            let safe = safe(cells[1], group, element).unwrap();
            assert_eq!(safe.vr.map_or("", Vr::as_str), cells[2].get(..2).unwrap_or(""));
            assert_eq!([safe.vm, safe.meaning], cells[3..]);
        }
        assert_eq!(table.lines().count(), all().len() + 1);
    }

    #[test]
    fn creator_counts() {
        assert!(is_safe("Philips PET Private Group", 0x7053, 0x00));
        assert!(is_safe("Philips PET Private Group ", 0x7053, 0x00));
        assert!(is_safe("Philips Imaging DD 001", 0x2001, 0x7D));
        assert!(!is_safe("Philips PET Private Group", 0x7053, 0x01));
        assert!(!is_safe("PHILIPS PET PRIVATE GROUP", 0x7053, 0x00));
        assert!(!is_safe("", 0x7053, 0x00));
    }
}
