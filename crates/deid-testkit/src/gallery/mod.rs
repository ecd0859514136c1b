//! The fault gallery: files that break the standard, or use its corners, each with a name and a story.
//!
//! The files are tiny and hold invented names. A test goes through [`gallery`] to state what holds for all of
//! them (never panic, untouched bytes stay), or picks one with [`named`] to state what holds for that one.
//! Cases are grouped by what is odd about them, one file per theme.

mod character_sets;
mod deflate;
mod encapsulated;
mod file_meta;
mod lengths;
mod sequences;
mod text;
mod transfer_syntaxes;
mod un;
mod value_representations;

use crate::bytes::{Part10, explicit, implicit};
use crate::{tags, uids};

/// One odd file.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique name, usable as a file name.
    pub name: &'static str,
    /// What is odd about the file, and where it comes from or why it matters.
    pub story: &'static str,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// All cases, the two sound files first.
pub fn gallery() -> Vec<Case> {
    [
        sound(),
        un::cases(),
        sequences::cases(),
        lengths::cases(),
        value_representations::cases(),
        transfer_syntaxes::cases(),
        file_meta::cases(),
        deflate::cases(),
        encapsulated::cases(),
        text::cases(),
        character_sets::cases(),
    ]
    .concat()
}

/// The case of that name; panics if there is none.
pub fn named(name: &str) -> Case {
    let case = gallery().into_iter().find(|case| case.name == name);
    case.unwrap_or_else(|| panic!("the gallery has no case {name:?}"))
}

fn sound() -> Vec<Case> {
    vec![
        case(
            "base_ele",
            "Nothing is wrong: the sound Explicit VR file that the others are variations of.",
            explicit_file(&[header(), person(), image(), pixels()]),
        ),
        case(
            "base_ile",
            "Nothing is wrong: the sound Implicit VR file that the others are variations of.",
            implicit_file(&[
                implicit_header(),
                implicit_person(),
                implicit(tags::PIXEL_DATA, [0, 1, 2, 3, 4, 5, 6, 7]),
            ]),
        ),
    ]
}

// What the themes share: a file is a few of these pieces around the fault.

fn case(name: &'static str, story: &'static str, bytes: Vec<u8>) -> Case {
    Case { name, story, bytes }
}

fn explicit_file(parts: &[Vec<u8>]) -> Vec<u8> {
    file_in(uids::EXPLICIT_LE, parts)
}

fn implicit_file(parts: &[Vec<u8>]) -> Vec<u8> {
    file_in(uids::IMPLICIT_LE, parts)
}

fn file_in(transfer_syntax: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    Part10::new(transfer_syntax, parts.concat()).bytes()
}

fn header() -> Vec<u8> {
    [
        explicit(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 100"),
        explicit(tags::SOP_CLASS_UID, "UI", uids::MR_IMAGE),
        explicit(tags::SOP_INSTANCE_UID, "UI", uids::GALLERY_INSTANCE),
        explicit(tags::MODALITY, "CS", "MR"),
    ]
    .concat()
}

fn implicit_header() -> Vec<u8> {
    [
        implicit(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 100"),
        implicit(tags::SOP_CLASS_UID, b"1.2.840.10008.5.1.4.1.1.4\0"),
        implicit(tags::SOP_INSTANCE_UID, b"1.2.3.4.5.6.7.8\0"),
        implicit(tags::MODALITY, "MR"),
    ]
    .concat()
}

fn person() -> Vec<u8> {
    [explicit(tags::PATIENT_NAME, "PN", "Doe^Jane"), explicit(tags::PATIENT_ID, "LO", "ID1")].concat()
}

fn implicit_person() -> Vec<u8> {
    [implicit(tags::PATIENT_NAME, "Doe^Jane"), implicit(tags::PATIENT_ID, "ID1")].concat()
}

fn image() -> Vec<u8> {
    [
        explicit(tags::ROWS, "US", [2, 0]),
        explicit(tags::COLUMNS, "US", [2, 0]),
        explicit(tags::BITS_ALLOCATED, "US", [16, 0]),
        explicit(tags::PIXEL_REPRESENTATION, "US", [0, 0]),
    ]
    .concat()
}

fn pixels() -> Vec<u8> {
    explicit(tags::PIXEL_DATA, "OW", [0, 1, 2, 3, 4, 5, 6, 7])
}

fn implicit_pixels() -> Vec<u8> {
    implicit(tags::PIXEL_DATA, [0; 8])
}

/// The content of an item that names a person.
fn hidden() -> Vec<u8> {
    [explicit(tags::MODALITY, "CS", "MR"), explicit(tags::PATIENT_NAME, "PN", "Hidden^Name")].concat()
}

/// The same in implicit VR.
fn implicit_hidden() -> Vec<u8> {
    [implicit(tags::MODALITY, "MR"), implicit(tags::PATIENT_NAME, "Hidden^Name")].concat()
}

fn philips_creator() -> Vec<u8> {
    explicit(0x2001_0010, "LO", "Philips Imaging DD 001")
}

fn implicit_philips_creator() -> Vec<u8> {
    implicit(0x2001_0010, "Philips Imaging DD 001")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn gallery_has_138_cases_of_different_names() {
        let cases = gallery();
        let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
        assert_eq!((cases.len(), names.len()), (138, 138));
    }

    #[test]
    fn every_case_has_bytes_and_a_sentence() {
        for case in gallery() {
            assert!(!case.bytes.is_empty(), "{}", case.name);
            assert!(case.story.len() > 20 && case.story.ends_with('.'), "{}", case.name);
        }
    }

    #[test]
    fn only_the_sound_file_looks_like_the_sound_file() {
        let contents: BTreeSet<_> = gallery().into_iter().map(|case| case.bytes).collect();
        assert_eq!(contents.len(), 138);
    }
}
