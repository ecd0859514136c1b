//! The attributes of PS3.6, by tag and by keyword.
//!
//! Group lengths (gggg,0000) beyond those of the command and file meta groups, private creators and private
//! attributes are not in it; for the last see [`private_dictionary`](crate::private_dictionary).

use deid_dicom::{Tag, Vr};

use crate::generated::dictionary::{ATTRIBUTES, BY_KEYWORD, EXACT};
use crate::pattern::TagPattern;
use crate::tag_index::TagIndex;

/// The attribute with this tag, also in repeating groups and elements.
#[inline]
pub fn attribute(tag: Tag) -> Option<&'static Attribute> {
    if tag.is_private() {
        return None;
    }
    if let Some(place) = INDEX.place(tag, |place| ATTRIBUTES[place].tag.base) {
        return Some(&ATTRIBUTES[place]);
    }
    ATTRIBUTES[EXACT..].iter().find(|attribute| attribute.tag.matches(tag))
}

/// The attribute with this keyword, for example `PatientName`.
pub fn by_keyword(keyword: &str) -> Option<&'static Attribute> {
    let attribute = |place: &u16| &ATTRIBUTES[usize::from(*place)];
    let place = BY_KEYWORD.binary_search_by_key(&keyword, |place| attribute(place).keyword).ok()?;
    Some(attribute(&BY_KEYWORD[place]))
}

/// All attributes, sorted by tag; those with repeating groups or elements come last.
pub fn all() -> &'static [Attribute] {
    &ATTRIBUTES
}

static INDEX: TagIndex<16384> = {
    let mut index = TagIndex::EMPTY;
    let mut place = 0;
    while place < EXACT {
        index.insert(ATTRIBUTES[place].tag.base, place);
        place += 1;
    }
    index
};

/// An attribute of PS3.6.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Its tag or tags.
    pub tag: TagPattern,
    /// Its VR; the first where there are several, and `UN` for items and delimiters, which have none.
    pub vr: Vr,
    /// Its VR as written: `PN`, `US or SS`, `NONE`.
    pub vr_text: &'static str,
    /// Its value multiplicity: `1`, `1-n`, `2-2n`.
    pub vm: &'static str,
    /// Its name; the keyword where the source has no name.
    pub name: &'static str,
    /// Its keyword; empty for a few retired ones.
    pub keyword: &'static str,
    /// Whether it is retired.
    pub retired: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = include_str!("../data/ps3.6-dictionary.tsv");
    const EXTRA: &str = include_str!("../data/ps3.6-dictionary-extra-dcmtk-2026b.tsv");

    /// The attribute of a tag as the tables write it, by its first member that is no other attribute.
    fn attribute_of(text: &str) -> &'static Attribute {
        "0123456789ABCDEF"
            .chars()
            .filter_map(|digit| attribute(text.replace('x', &digit.to_string()).parse().unwrap()))
            .find(|attribute| attribute.tag.to_string() == text)
            .unwrap_or_else(|| panic!("no {text}"))
    }

    #[test]
    fn each_row_of_the_table_is_found_by_tag_and_keyword() {
        for line in MAIN.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let attribute = attribute_of(cells[0]);
            let found = [attribute.vr_text, attribute.vm, attribute.name];
            assert_eq!(found, cells[1..4], "{}", cells[0]);
            assert_eq!(attribute.retired, cells[4] == "Y");
            assert_eq!(attribute.keyword, cells[5]);
            if !cells[5].is_empty() {
                assert_eq!(by_keyword(cells[5]).unwrap().tag, attribute.tag);
            }
        }
    }

    #[test]
    fn each_row_of_the_extra_table_is_found_by_tag_and_keyword() {
        for line in EXTRA.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let attribute = attribute_of(cells[0]);
            assert_eq!([attribute.vr_text, attribute.keyword, attribute.vm], cells[1..]);
            assert_eq!(by_keyword(cells[2]).unwrap().tag, attribute.tag);
        }
        assert_eq!(MAIN.lines().count() + EXTRA.lines().count() - 2, all().len());
    }

    #[test]
    fn repeating_groups_and_elements_are_found() {
        let keyword = |group, element| attribute(Tag::new(group, element)).map(|found| found.keyword);
        assert_eq!(keyword(0x6012, 0x3000), Some("OverlayData"));
        assert_eq!(keyword(0x5002, 0x3000), Some("CurveData"));
        assert_eq!(keyword(0x7FE2, 0x0010), Some("VariablePixelData"));
        assert_eq!(keyword(0x7FE0, 0x0010), Some("PixelData"));
        assert_eq!(keyword(0x0020, 0x3142), Some("SourceImageIDs"));
        assert_eq!(keyword(0x0028, 0x0423), Some("CoefficientCodingPointers"));
        assert_eq!(keyword(0x1000, 0x1234), Some("ShiftTableSize"));
        assert_eq!(keyword(0x1010, 0x1234), Some("ZonalMap"));
        assert_eq!(keyword(0x6013, 0x3000), None);
        assert_eq!(keyword(0x0008, 0x0006), Some("LanguageCodeSequence"));
        assert_eq!(keyword(0x0009, 0x0010), None);
    }

    #[test]
    fn first_of_several_vrs_is_taken() {
        let padding = by_keyword("PixelPaddingValue").unwrap();
        assert_eq!((padding.vr, padding.vr_text), (Vr::US, "US or SS"));
        assert_eq!(by_keyword("Item").unwrap().vr, Vr::UN);
        assert!(by_keyword("").is_none());
        assert!(by_keyword("patientname").is_none());
    }
}
