//! PS3.15 table E.1-1: what the Basic Application Level Confidentiality Profile does to each attribute, and
//! what its options change.
//!
//! [`row`] answers for a tag of the standard, [`private_attributes`] is the one row for all private ones.
//! The profile does nothing to an attribute without a row. The table says nothing of pixels: the Clean Pixel Data and
//! Clean Recognizable Visual Features options have no column, only [codes].

use std::fmt;
use std::str::FromStr;

use deid_dicom::{Tag, Vr};

use crate::codes::{self, Code};
use crate::generated::confidentiality::{EXACT, PRIVATE, ROWS};
use crate::pattern::TagPattern;
use crate::tag_index::TagIndex;

/// The row of a tag of the standard, also in repeating groups; `None` for private tags and for attributes
/// the table does not list.
#[inline]
pub fn row(tag: Tag) -> Option<&'static Row> {
    if let Some(place) = INDEX.place(tag, |place| ROWS[place].tag.base) {
        return Some(&ROWS[place]);
    }
    ROWS[EXACT..].iter().find(|row| row.tag.matches(tag))
}

/// All rows but the one of private attributes, sorted by tag; those of repeating groups come last.
pub fn rows() -> &'static [Row] {
    &ROWS
}

/// The row of all private attributes: "(gggg,eeee) where gggg is odd".
pub fn private_attributes() -> &'static Row {
    &PRIVATE
}

static INDEX: TagIndex<2048> = {
    let mut index = TagIndex::EMPTY;
    let mut place = 0;
    while place < EXACT {
        index.insert(ROWS[place].tag.base, place);
        place += 1;
    }
    index
};

/// A row of table E.1-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The attribute's name as the table writes it.
    pub name: &'static str,
    /// Its keyword, from PS3.6; empty where the dictionaries know none.
    pub keyword: &'static str,
    /// Its tag or tags.
    pub tag: TagPattern,
    /// Its VR, from PS3.6; the first where there are several, `None` where the dictionaries know none.
    pub vr: Option<Vr>,
    /// Whether the attribute is retired.
    pub retired: bool,
    /// Whether it is in a composite IOD of the standard, as the table says.
    pub in_standard_iod: bool,
    /// What the Basic Profile does to it.
    pub basic: BasicAction,
    pub(crate) options: Options,
}

impl Row {
    /// What the option does to the attribute instead of the basic action; `None` when it says nothing.
    #[inline]
    pub const fn option(&self, option: ConfidentialityOption) -> Option<OptionAction> {
        self.options[option as usize]
    }
}

pub(crate) type Options = [Option<OptionAction>; ConfidentialityOption::ALL.len()];

/// One letter for each option, in the order of [`ConfidentialityOption::ALL`].
pub(crate) const fn options(letters: &[u8; ConfidentialityOption::ALL.len()]) -> Options {
    let mut options = [None; ConfidentialityOption::ALL.len()];
    let mut place = 0;
    while place < letters.len() {
        options[place] = match letters[place] {
            b'-' => None,
            b'K' => Some(OptionAction::Keep),
            b'C' => Some(OptionAction::Clean),
            _ => panic!("neither K nor C"),
        };
        place += 1;
    }
    options
}

/// The action codes of PS3.15 table E.1-1a, as the Basic Profile column uses them.
///
/// The composite ones leave the choice to what the IOD demands: the first that keeps the instance
/// conformant (PS3.15 table E.1-1a).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BasicAction {
    /// Remove.
    X,
    /// Replace with a non-zero length dummy value.
    D,
    /// Replace with a UID that is consistent within a set of instances.
    U,
    /// Replace with a zero length value, or with a dummy value.
    Z,
    /// Z unless X is possible (type 3 rather than 2).
    XOrZ,
    /// D unless X is possible (type 3 rather than 1).
    XOrD,
    /// D unless Z (type 2) or X (type 3) is possible.
    XOrZOrD,
    /// D unless Z is possible (type 2 rather than 1).
    ZOrD,
    /// X, Z, or replacement of the UIDs within a sequence of references (U*).
    XOrZOrU,
}

impl BasicAction {
    /// As the table writes it.
    pub const fn codes(self) -> &'static str {
        match self {
            BasicAction::X => "X",
            BasicAction::D => "D",
            BasicAction::U => "U",
            BasicAction::Z => "Z",
            BasicAction::XOrZ => "X/Z",
            BasicAction::XOrD => "X/D",
            BasicAction::XOrZOrD => "X/Z/D",
            BasicAction::ZOrD => "Z/D",
            BasicAction::XOrZOrU => "X/Z/U*",
        }
    }
}

impl fmt::Display for BasicAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.codes())
    }
}

/// What an option does to an attribute instead of the basic action.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OptionAction {
    /// K: keep it unchanged; for a sequence, its items are cleaned in turn.
    Keep,
    /// C: replace by values of similar meaning known not to identify, or remove what does.
    Clean,
}

impl OptionAction {
    /// As the table writes it.
    pub const fn code(self) -> &'static str {
        match self {
            OptionAction::Keep => "K",
            OptionAction::Clean => "C",
        }
    }
}

/// An option of the Basic Profile that has a column in the table (PS3.15 E.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConfidentialityOption {
    /// Retain Safe Private Option (E.3.10).
    RetainSafePrivate,
    /// Retain UIDs Option (E.3.9).
    RetainUids,
    /// Retain Device Identity Option (E.3.8).
    RetainDeviceIdentity,
    /// Retain Institution Identity Option (E.3.11).
    RetainInstitutionIdentity,
    /// Retain Patient Characteristics Option (E.3.7).
    RetainPatientCharacteristics,
    /// Retain Longitudinal Temporal Information with Full Dates Option (E.3.6).
    RetainLongitudinalFullDates,
    /// Retain Longitudinal Temporal Information with Modified Dates Option (E.3.6).
    RetainLongitudinalModifiedDates,
    /// Clean Descriptors Option (E.3.5).
    CleanDescriptors,
    /// Clean Structured Content Option (E.3.4).
    CleanStructuredContent,
    /// Clean Graphics Option (E.3.3).
    CleanGraphics,
}

impl ConfidentialityOption {
    /// The options, in the order of the table's columns.
    pub const ALL: [ConfidentialityOption; 10] = [
        ConfidentialityOption::RetainSafePrivate,
        ConfidentialityOption::RetainUids,
        ConfidentialityOption::RetainDeviceIdentity,
        ConfidentialityOption::RetainInstitutionIdentity,
        ConfidentialityOption::RetainPatientCharacteristics,
        ConfidentialityOption::RetainLongitudinalFullDates,
        ConfidentialityOption::RetainLongitudinalModifiedDates,
        ConfidentialityOption::CleanDescriptors,
        ConfidentialityOption::CleanStructuredContent,
        ConfidentialityOption::CleanGraphics,
    ];

    /// Its code in CID 7050.
    pub const fn code(self) -> Code {
        match self {
            ConfidentialityOption::RetainSafePrivate => codes::RETAIN_SAFE_PRIVATE_OPTION,
            ConfidentialityOption::RetainUids => codes::RETAIN_UIDS_OPTION,
            ConfidentialityOption::RetainDeviceIdentity => codes::RETAIN_DEVICE_IDENTITY_OPTION,
            ConfidentialityOption::RetainInstitutionIdentity => codes::RETAIN_INSTITUTION_IDENTITY_OPTION,
            ConfidentialityOption::RetainPatientCharacteristics => {
                codes::RETAIN_PATIENT_CHARACTERISTICS_OPTION
            }
            ConfidentialityOption::RetainLongitudinalFullDates => {
                codes::RETAIN_LONGITUDINAL_TEMPORAL_INFORMATION_FULL_DATES_OPTION
            }
            ConfidentialityOption::RetainLongitudinalModifiedDates => {
                codes::RETAIN_LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED_DATES_OPTION
            }
            ConfidentialityOption::CleanDescriptors => codes::CLEAN_DESCRIPTORS_OPTION,
            ConfidentialityOption::CleanStructuredContent => codes::CLEAN_STRUCTURED_CONTENT_OPTION,
            ConfidentialityOption::CleanGraphics => codes::CLEAN_GRAPHICS_OPTION,
        }
    }

    /// Its name in profiles and on the command line, for example `retain-uids`.
    pub const fn name(self) -> &'static str {
        match self {
            ConfidentialityOption::RetainSafePrivate => "retain-safe-private",
            ConfidentialityOption::RetainUids => "retain-uids",
            ConfidentialityOption::RetainDeviceIdentity => "retain-device-identity",
            ConfidentialityOption::RetainInstitutionIdentity => "retain-institution-identity",
            ConfidentialityOption::RetainPatientCharacteristics => "retain-patient-characteristics",
            ConfidentialityOption::RetainLongitudinalFullDates => "retain-longitudinal-full-dates",
            ConfidentialityOption::RetainLongitudinalModifiedDates => "retain-longitudinal-modified-dates",
            ConfidentialityOption::CleanDescriptors => "clean-descriptors",
            ConfidentialityOption::CleanStructuredContent => "clean-structured-content",
            ConfidentialityOption::CleanGraphics => "clean-graphics",
        }
    }
}

impl fmt::Display for ConfidentialityOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ConfidentialityOption {
    type Err = UnknownOption;

    fn from_str(text: &str) -> Result<Self, UnknownOption> {
        ConfidentialityOption::ALL.into_iter().find(|option| option.name() == text).ok_or(UnknownOption)
    }
}

/// The text is no [name](ConfidentialityOption::name) of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownOption;

impl fmt::Display for UnknownOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an option of the Basic Profile")
    }
}

impl std::error::Error for UnknownOption {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const TABLE: &str = include_str!("../data/ps3.15-2026d-table-E.1-1.tsv");

    #[test]
    fn each_row_of_the_table_is_found_by_its_tag() {
        let mut count = 0;
        for line in TABLE.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let row = if cells[1].contains("odd") {
                private_attributes()
            } else {
                // A repeating group is asked for by one of its members.
                row(cells[1].replace('x', "0").parse().unwrap()).unwrap()
            };
            assert_eq!(row.name, cells[0]);
            assert_eq!(row.tag.to_string(), cells[1]);
            assert_eq!(row.vr.map_or("", Vr::as_str), cells[2].get(..2).unwrap_or(""), "{}", cells[1]);
            assert_eq!(row.keyword, cells[3]);
            assert_eq!(row.retired, cells[4] == "Y");
            assert_eq!(row.in_standard_iod, cells[5] == "Y");
            assert_eq!(row.basic.codes(), cells[6]);
            for (option, code) in ConfidentialityOption::ALL.into_iter().zip(&cells[7..]) {
                assert_eq!(row.option(option).map_or("", OptionAction::code), *code, "{}", cells[1]);
            }
            count += 1;
        }
        assert_eq!(count, rows().len() + 1);
    }

    #[test]
    fn option_columns_stand_in_the_order_of_the_options() {
        let columns: Vec<String> =
            TABLE.lines().next().unwrap().split('\t').skip(7).map(|name| name.replace('_', "-")).collect();
        assert_eq!(columns, ConfidentialityOption::ALL.map(ConfidentialityOption::name));
        for (place, option) in ConfidentialityOption::ALL.into_iter().enumerate() {
            assert_eq!(option as usize, place);
        }
    }

    #[test]
    fn basic_codes_are_as_many_as_in_the_standard() {
        let mut counts = BTreeMap::new();
        for row in rows().iter().chain([private_attributes()]) {
            *counts.entry(row.basic.codes()).or_insert(0) += 1;
        }
        let expected = [
            ("X", 417),
            ("D", 93),
            ("U", 55),
            ("Z", 42),
            ("X/D", 23),
            ("X/Z", 11),
            ("X/Z/D", 8),
            ("Z/D", 6),
            ("X/Z/U*", 2),
        ];
        assert_eq!(counts, BTreeMap::from(expected));
    }

    #[test]
    fn repeating_groups_are_found_and_private_ones_are_not() {
        assert_eq!(row(Tag::new(0x5004, 0x0005)).unwrap().name, "Curve Data");
        assert_eq!(row(Tag::new(0x50FE, 0x3000)).unwrap().name, "Curve Data");
        assert_eq!(row(Tag::new(0x601E, 0x4000)).unwrap().name, "Overlay Comments");
        assert_eq!(row(Tag::new(0x6002, 0x3000)).unwrap().name, "Overlay Data");
        assert!(row(Tag::new(0x6002, 0x0010)).is_none());
        assert!(row(Tag::new(0x5001, 0x0005)).is_none());
        assert!(row(Tag::new(0x0009, 0x1001)).is_none());
        assert!(private_attributes().tag.matches(Tag::new(0x0009, 0x1001)));
    }

    #[test]
    fn options_are_read_by_name_and_have_codes() {
        for option in ConfidentialityOption::ALL {
            assert_eq!(option.name().parse(), Ok(option));
        }
        assert_eq!("retain-everything".parse::<ConfidentialityOption>(), Err(UnknownOption));
        assert_eq!(ConfidentialityOption::RetainSafePrivate.code().value, "113111");
        assert_eq!(ConfidentialityOption::CleanGraphics.code().value, "113103");
    }

    #[test]
    fn attributes_outside_the_table_have_no_row() {
        assert!(row(Tag::new(0x0028, 0x0010)).is_none());
        assert!(row(Tag::new(0x7FE0, 0x0010)).is_none());
    }
}
