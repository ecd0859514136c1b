//! Values that the user forces on elements (`--set`): what may be set, and to what.
//!
//! The element is one of the data set that holds text, and the value is one that its VR allows: a date is a date, and
//! a number a number. So no file is written that others cannot read.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use deid_dicom::{Tag, Vr};
use deid_profile::text_value;
use deid_standard::dictionary;

use crate::exit::Failure;

/// An element and the value it is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forced {
    pub(crate) tag: Tag,
    pub(crate) value: String,
}

impl FromStr for Forced {
    type Err = InvalidForced;

    fn from_str(text: &str) -> Result<Self, InvalidForced> {
        let (name, value) = text.split_once('=').ok_or(InvalidForced::NoValue)?;
        let tag = match name.trim().parse() {
            Ok(tag) => tag,
            Err(_) => dictionary::by_keyword(name.trim())
                .ok_or(InvalidForced::UnknownElement)?
                .tag
                .exact()
                .ok_or(InvalidForced::Repeating)?,
        };
        check(tag, value)?;
        Ok(Forced { tag, value: value.to_owned() })
    }
}

/// What elements are set to. An element that is set twice is a mistake, for nobody knows which was meant.
pub(crate) fn pairs(forced: &[Forced]) -> Result<Vec<(Tag, String)>, Failure> {
    let mut seen = BTreeSet::new();
    match forced.iter().find(|forced| !seen.insert(forced.tag)) {
        Some(twice) => Err(Failure::usage(format!("--set: {} is set twice", twice.tag))),
        None => Ok(forced.iter().map(|forced| (forced.tag, forced.value.clone())).collect()),
    }
}

/// Whether an element can be set to this value.
pub fn check(tag: Tag, value: &str) -> Result<(), InvalidForced> {
    let vr = settable(tag)?;
    if !value.is_ascii() && !vr.uses_character_set() {
        return Err(InvalidForced::NotAscii);
    }
    if !text_value::suits(vr, value) {
        return Err(InvalidForced::Value(vr));
    }
    Ok(())
}

/// The VR of an element whose value can be set.
fn settable(tag: Tag) -> Result<Vr, InvalidForced> {
    if tag.group() <= 0x0002 || tag.is_structural() || tag.is_group_length() {
        return Err(InvalidForced::NoDataSet);
    }
    if tag.is_private() {
        return Err(InvalidForced::Private);
    }
    match (tag.group(), tag.element()) {
        (0x0012, 0x0062..=0x0064) | (0x0028, 0x0303) => return Err(InvalidForced::Mark),
        (0x0008, 0x0005) => return Err(InvalidForced::CharacterSet),
        _ => {}
    }
    let vr = dictionary::attribute(tag).ok_or(InvalidForced::UnknownElement)?.vr;
    match vr {
        Vr::SQ => Err(InvalidForced::Sequence),
        vr if vr.is_text() => Ok(vr),
        _ => Err(InvalidForced::NoText),
    }
}

/// What is wrong with the text of a forced value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidForced {
    /// There is no `=`.
    NoValue,
    /// Neither a tag of PS3.6 nor a keyword.
    UnknownElement,
    /// A keyword of a repeating group.
    Repeating,
    /// File meta information, a group length, or what delimits items.
    NoDataSet,
    /// A private element.
    Private,
    /// What says how the file was de-identified.
    Mark,
    /// Specific Character Set.
    CharacterSet,
    /// A sequence.
    Sequence,
    /// Binary numbers or bytes.
    NoText,
    /// Letters beyond ASCII in an element that has no other.
    NotAscii,
    /// The value is none of this VR.
    Value(Vr),
}

impl fmt::Display for InvalidForced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidForced::NoValue => "there is no `=` between element and value",
            InvalidForced::UnknownElement => {
                "the element is neither a tag of PS3.6 like (0008,0080) nor a keyword like InstitutionName"
            }
            InvalidForced::Repeating => "the keyword stands for several groups: write the tag",
            InvalidForced::NoDataSet => {
                "the element is no part of the data set: file meta information and lengths are written anew"
            }
            InvalidForced::Private => "the element is private: what its value means is its creator's secret",
            InvalidForced::Mark => "the element says how the file was de-identified: the program writes it",
            InvalidForced::CharacterSet => {
                "the element says how all other texts are encoded: they could not be read any more"
            }
            InvalidForced::Sequence => "the element is a sequence: name an element with a text of its own",
            InvalidForced::NoText => "the element holds binary numbers or bytes: only texts can be set",
            InvalidForced::NotAscii => "the value holds letters beyond ASCII, which the element cannot have",
            InvalidForced::Value(vr) => {
                return write!(f, "the value is none of VR {vr}: {}", text_value::form(*vr));
            }
        })
    }
}

impl std::error::Error for InvalidForced {}

#[cfg(test)]
mod tests {
    use super::*;

    fn forced(text: &str) -> Result<(Tag, String), InvalidForced> {
        text.parse::<Forced>().map(|forced| (forced.tag, forced.value))
    }

    #[test]
    fn element_is_named_by_tag_or_keyword() {
        let institution = Tag::new(0x0008, 0x0080);
        assert_eq!(forced("(0008,0080)=a=b"), Ok((institution, "a=b".to_owned())));
        assert_eq!(forced("InstitutionName="), Ok((institution, String::new())));
        assert_eq!(forced("InstitutionName=Zoé"), Ok((institution, "Zoé".to_owned())));
        assert_eq!(forced("InstitutionName"), Err(InvalidForced::NoValue));
        assert_eq!(forced("Institution=a"), Err(InvalidForced::UnknownElement));
        assert_eq!(forced("OverlayData=a"), Err(InvalidForced::Repeating));
    }

    #[test]
    fn elements_that_others_depend_on_are_not_set() {
        for (text, why) in [
            ("(0002,0010)=1.2.840.10008.1.2", InvalidForced::NoDataSet),
            ("(0008,0000)=8", InvalidForced::NoDataSet),
            ("(FFFE,E000)=", InvalidForced::NoDataSet),
            ("(0029,1010)=x", InvalidForced::Private),
            ("(0012,0062)=NO", InvalidForced::Mark),
            ("DeidentificationMethod=mine", InvalidForced::Mark),
            ("DeidentificationMethodCodeSequence=", InvalidForced::Mark),
            ("(0028,0303)=UNMODIFIED", InvalidForced::Mark),
            ("SpecificCharacterSet=ISO_IR 192", InvalidForced::CharacterSet),
            ("ReferencedImageSequence=", InvalidForced::Sequence),
            ("Rows=512", InvalidForced::NoText),
            ("PixelData=", InvalidForced::NoText),
            ("StationAETitle=Zoé", InvalidForced::NotAscii),
        ] {
            assert_eq!(forced(text), Err(why), "{text}");
        }
    }
}
