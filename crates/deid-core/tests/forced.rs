//! Forced values in letters beyond ASCII: in the character set of the data set, or not at all.

use deid_core::{Body, Cause, Engine, Key, Processed, Scratch, SessionFacts, Settings, SettingsError};
use deid_dicom::Tag;
use deid_testkit::bytes::{Part10, explicit};
use deid_testkit::{tags, uids};

const INSTITUTION: Tag = Tag::new(0x0008, 0x0080);

fn settings(forced: &[(Tag, &str)]) -> Settings {
    Settings {
        profile: deid_profile::built_in("default").unwrap(),
        key: Key::from_bytes([1; 32]),
        subject: None,
        subjects: None,
        forced: forced.iter().map(|(tag, text)| (*tag, (*text).to_owned())).collect(),
        inflate_limit: 0,
    }
}

/// A file with this character set, and an institution or not.
fn file(charset: &str, institution: bool) -> Vec<u8> {
    let mut elements = Vec::new();
    if !charset.is_empty() {
        elements.push(explicit(0x0008_0005, "CS", charset));
    }
    elements.push(explicit(0x0008_0018, "UI", "1.2.3\0"));
    elements.push(explicit(0x0008_0060, "CS", "MR"));
    if institution {
        elements.push(explicit(0x0008_0080, "LO", "Clinic"));
    }
    elements.push(explicit(tags::PATIENT_NAME, "PN", "Doe^Jane"));
    elements.push(explicit(0x0010_0020, "LO", "ID12"));
    Part10::new(uids::EXPLICIT_LE, elements.concat()).bytes()
}

fn processed(forced: &[(Tag, &str)], file: &[u8]) -> Processed {
    let engine = Engine::new(settings(forced)).unwrap();
    engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default())
}

#[test]
fn value_is_in_the_character_set_of_the_data_set() {
    for (charset, text, bytes) in [
        ("ISO_IR 100", "H\u{f4}pital", &b"H\xf4pital"[..]),
        ("ISO_IR 192", "H\u{f4}pital", "H\u{f4}pital".as_bytes()),
        ("GB18030 ", "\u{533b}\u{9662}", b"\xd2\xbd\xd4\xba"),
        ("ISO_IR 100", "\u{e9}\\\u{e8}", b"\xe9\\\xe8"),
        ("", "plain", b"plain"),
    ] {
        for institution in [false, true] {
            let file = file(charset, institution);
            let done = processed(&[(INSTITUTION, text)], &file);
            let Body::Pieces(pieces) = done.body else { panic!("{charset}: {:?}", done.cause) };
            let written = pieces.to_bytes(&file);
            let mut element = explicit(0x0008_0080, "LO", "");
            element.truncate(6);
            element.extend((bytes.len().next_multiple_of(2) as u16).to_le_bytes());
            element.extend(bytes);
            assert!(
                written.windows(element.len()).any(|window| window == element),
                "{charset} {institution}"
            );
        }
    }
}

#[test]
fn file_that_has_no_letters_for_it_is_not_written() {
    for charset in ["", "ISO_IR 100"] {
        let done = processed(&[(INSTITUTION, "\u{533b}\u{9662}")], &file(charset, true));
        assert_eq!(done.cause, Some(Cause::EditFailed), "{charset}");
        assert!(done.facts.remarks.contains(&"not_in_character_set"));
    }
}

#[test]
fn only_elements_with_a_character_set_take_them() {
    for tag in [Tag::new(0x0008, 0x0060), Tag::new(0x0008, 0x0020), Tag::new(0x0029, 0x1010)] {
        let refused = Engine::new(settings(&[(tag, "\u{e9}")])).unwrap_err();
        assert_eq!(refused, SettingsError::Forced(tag));
    }
}
