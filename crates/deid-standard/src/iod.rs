//! Whether an IOD wants an attribute (PS3.3): the types of the attributes of table E.1-1 in each IOD.
//!
//! The type decides between the composite actions of that table, X/Z/D and so on. Only the attributes that
//! have a row there are known. The modules are joined: where several define an attribute the strictest type
//! counts, also when the module is optional.

use std::fmt;

use deid_dicom::Tag;

use crate::generated::iod::{IODS, TAGS};
use crate::sop_class;
use crate::tag_index::TagIndex;

/// The type of the attribute at the top level of the data set; `None` when the IOD has it only inside sequences
/// or not at all, or when table E.1-1 has no row for it.
#[inline]
pub fn type_in(iod: Iod, tag: Tag) -> Option<AttributeType> {
    AttributeType::numbered(iod.digit(tag)? % 6)
}

/// The strictest type the attribute has inside a sequence of the IOD; `None` as in [`type_in`].
#[inline]
pub fn nested_type_in(iod: Iod, tag: Tag) -> Option<AttributeType> {
    AttributeType::numbered(iod.digit(tag)? / 6)
}

/// An information object definition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Iod(u16);

impl Iod {
    /// The IOD of the storage SOP class with this UID.
    pub fn of_sop_class(uid: &str) -> Option<Self> {
        sop_class::find(uid).map(|(_, iod)| Iod(iod))
    }

    /// All IODs, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..IODS.len() as u16).map(Iod)
    }

    /// Its name, for example `mr-image`.
    pub fn name(self) -> &'static str {
        IODS[usize::from(self.0)].0
    }

    fn digit(self, tag: Tag) -> Option<u8> {
        let column = COLUMNS.place(tag, |column| TAGS[column])?;
        let digit = IODS[usize::from(self.0)].1[column];
        Some(if digit <= b'9' { digit - b'0' } else { digit - b'A' + 10 })
    }
}

impl fmt::Debug for Iod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Iod({})", self.name())
    }
}

static COLUMNS: TagIndex<1024> = {
    let mut index = TagIndex::EMPTY;
    let mut column = 0;
    while column < TAGS.len() {
        index.insert(TAGS[column], column);
        column += 1;
    }
    index
};

/// What an IOD demands of an attribute (PS3.5 7.4), strictest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AttributeType {
    /// 1: present, with a value.
    One,
    /// 1C: under a condition present, with a value.
    OneC,
    /// 2: present, empty when unknown.
    Two,
    /// 2C: under a condition present, empty when unknown.
    TwoC,
    /// 3: optional.
    Three,
}

impl AttributeType {
    /// As the standard writes it: `1C`.
    pub const fn code(self) -> &'static str {
        match self {
            AttributeType::One => "1",
            AttributeType::OneC => "1C",
            AttributeType::Two => "2",
            AttributeType::TwoC => "2C",
            AttributeType::Three => "3",
        }
    }

    const fn numbered(number: u8) -> Option<Self> {
        match number {
            1 => Some(AttributeType::One),
            2 => Some(AttributeType::OneC),
            3 => Some(AttributeType::Two),
            4 => Some(AttributeType::TwoC),
            5 => Some(AttributeType::Three),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::confidentiality;

    #[test]
    fn each_row_of_the_table_is_found() {
        let iods: HashMap<&str, Iod> = Iod::all().map(|iod| (iod.name(), iod)).collect();
        let mut expected = HashMap::new();
        for line in include_str!("../data/e11-types-by-iod.tsv").lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let strictest = ["1", "1C", "2", "2C", "3"]
                .into_iter()
                .find(|code| cells[6].split(',').any(|nested| nested == *code));
            let tag: Tag = cells[1].parse().unwrap();
            expected.insert((iods[cells[0]], tag), (cells[4], strictest.unwrap_or("")));
        }
        for iod in Iod::all() {
            for tag in TAGS {
                let types = (type_in(iod, tag), nested_type_in(iod, tag));
                let types =
                    (types.0.map_or("", AttributeType::code), types.1.map_or("", AttributeType::code));
                let expected = expected.get(&(iod, tag)).copied().unwrap_or_default();
                assert_eq!(types, expected, "{iod:?} {tag}");
            }
        }
        assert_eq!(iods.len(), IODS.len());
    }

    #[test]
    fn each_column_has_a_row_in_the_confidentiality_table() {
        assert!(TAGS.into_iter().all(|tag| confidentiality::row(tag).is_some()));
    }

    #[test]
    fn mr_image_wants_what_the_standard_says() {
        let mr_image = Iod::of_sop_class("1.2.840.10008.5.1.4.1.1.4").unwrap();
        assert_eq!(mr_image.name(), "mr-image");
        assert_eq!(type_in(mr_image, Tag::new(0x0008, 0x0018)), Some(AttributeType::One));
        assert_eq!(type_in(mr_image, Tag::new(0x0010, 0x0010)), Some(AttributeType::Two));
        assert_eq!(type_in(mr_image, Tag::new(0x0010, 0x4000)), Some(AttributeType::Three));
        assert_eq!(type_in(mr_image, Tag::new(0x0028, 0x0010)), None);
        assert_eq!(Iod::of_sop_class("1.2.3"), None);
    }

    #[test]
    fn stricter_types_come_first() {
        assert!(AttributeType::One < AttributeType::OneC && AttributeType::TwoC < AttributeType::Three);
    }
}
