//! Character sets: right, missing, misspelt, mixed by escape sequences and changing within a file.
//!
//! Multi-byte examples with escapes follow PS3.5 annexes H to K.

use encoding_rs::{Encoding, GB18030, GBK, ISO_8859_7, ISO_8859_15, WINDOWS_874, WINDOWS_1254};

use super::{Case, case, explicit_file, philips_creator, pixels};
use crate::bytes::{explicit, item, sequence};
use crate::tags;

/// "Jérôme" in Latin-1.
const JEROME: &[u8] = b"J\xe9r\xf4me";

pub(super) fn cases() -> Vec<Case> {
    [single_byte(), unicode_and_gb(), escapes(), misspelt(), scopes()].concat()
}

fn single_byte() -> Vec<Case> {
    vec![
        named_person(
            "cs_absent_but_latin1",
            "No character set, so ASCII is promised, but the name has accents: the usual fault of older scanners.",
            None,
            b"Buc^J\xe9r\xf4me",
        ),
        named_person(
            "cs_latin1",
            "Latin alphabet No. 1, as it should be.",
            Some("ISO_IR 100"),
            b"Buc^J\xe9r\xf4me",
        ),
        named_person(
            "cs_latin9_203",
            "Latin alphabet No. 9, added in 2020 for the euro sign among others; many readers do not know it.",
            Some("ISO_IR 203"),
            &encoded(ISO_8859_15, "Prix^€"),
        ),
        named_person(
            "cs_greek",
            "A Greek name, every letter of it beyond ASCII.",
            Some("ISO_IR 126"),
            &encoded(ISO_8859_7, "Διονυσιος"),
        ),
        named_person(
            "cs_turkish_148",
            "A Turkish name; read as Latin-1 two of its letters would turn into Icelandic ones.",
            Some("ISO_IR 148"),
            &encoded(WINDOWS_1254, "Çavuşoğlu"),
        ),
        named_person(
            "cs_thai",
            "A Thai name, whose vowel signs are bytes of their own.",
            Some("ISO_IR 166"),
            &encoded(WINDOWS_874, "นามสกุล"),
        ),
    ]
}

fn unicode_and_gb() -> Vec<Case> {
    vec![
        named_person(
            "cs_utf8",
            "UTF-8, a name in two scripts.",
            Some("ISO_IR 192"),
            "Wang^XiaoDong=王^小東".as_bytes(),
        ),
        named_person(
            "cs_utf8_invalid",
            "UTF-8 is promised, the bytes are Latin-1: someone changed the label and not the text.",
            Some("ISO_IR 192"),
            JEROME,
        ),
        named_person(
            "cs_gb18030",
            "The Chinese national standard GB 18030.",
            Some("GB18030"),
            &encoded(GB18030, "Wang^XiaoDong=王^小东"),
        ),
        named_person(
            "cs_gb18030_backslash_byte",
            "A traditional character from beyond GB 2312, where second bytes may equal a delimiter: decode first, then split.",
            Some("GB18030"),
            &encoded(GB18030, "Zhang=張^俊"),
        ),
        named_person(
            "cs_gbk",
            "GBK, the predecessor of GB 18030 under its own name.",
            Some("GBK"),
            &encoded(GBK, "Wang^XiaoDong=王^小东"),
        ),
    ]
}

fn escapes() -> Vec<Case> {
    vec![
        named_person(
            "cs_gb2312_iso2022_58",
            "Simplified Chinese by escape sequences, to be repeated after every delimiter (PS3.5 annex K).",
            Some("\\ISO 2022 IR 58"),
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
        ),
        named_person(
            "cs_kanji_h31",
            "Yamada Tarou in Latin, kanji and kana: the example of PS3.5 H.3.1.",
            Some("\\ISO 2022 IR 87"),
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
        ),
        named_person(
            "cs_kanji_h32_ir13",
            "The same name with half-width kana first, PS3.5 H.3.2: the bytes of ASCII are JIS X 0201 here.",
            Some("ISO 2022 IR 13\\ISO 2022 IR 87"),
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
        ),
        named_person(
            "cs_kanji_159",
            "A rare kanji of the supplementary set JIS X 0212, which few decoders have.",
            Some("ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159"),
            b"\x1b$(D0!\x1b(J",
        ),
        named_person(
            "cs_korean_149",
            "Hong Gildong in Latin, hanja and hangul: the example of PS3.5 annex I.",
            Some("\\ISO 2022 IR 149"),
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
        ),
        named_person(
            "cs_multi_100_144",
            "Latin-1 and, after an escape, Cyrillic in one name.",
            Some("ISO 2022 IR 100\\ISO 2022 IR 144"),
            b"Dionysios\xe9^\x1b-L\xbb\xee\xda",
        ),
        named_person(
            "cs_ir6_escape_latin",
            "ASCII first, Latin-1 by an escape in the middle of the given name.",
            Some("ISO 2022 IR 6\\ISO 2022 IR 100"),
            b"Buc^J\x1b-A\xe9r\xf4me",
        ),
    ]
}

fn misspelt() -> Vec<Case> {
    vec![
        named_person(
            "cs_misspelt_ISO_IR100",
            "The defined term with an underscore too many: what is meant is plain.",
            Some("ISO_IR_100"),
            JEROME,
        ),
        named_person(
            "cs_misspelt_ISO-8859-1",
            "The name that the rest of the world uses for Latin-1, which is no defined term of DICOM.",
            Some("ISO 8859-1"),
            JEROME,
        ),
        named_person(
            "cs_unknown",
            "A character set that does not exist: the text cannot be read, but must not be left alone.",
            Some("ISO_IR 999"),
            JEROME,
        ),
    ]
}

fn scopes() -> Vec<Case> {
    vec![
        case(
            "cs_in_sequence_item",
            "An item has a character set of its own, UTF-8 inside a Latin-1 file; it ends with the item.",
            explicit_file(&[
                character_set("ISO_IR 100"),
                referenced_person(&[
                    character_set("ISO_IR 192"),
                    explicit(tags::PATIENT_NAME, "PN", "王^小東"),
                ]),
                explicit(tags::PATIENT_NAME, "PN", JEROME),
                pixels(),
            ]),
        ),
        case(
            "cs_sq_inherits_parent",
            "An item without a character set inherits that of the data set around it.",
            explicit_file(&[
                character_set("ISO_IR 192"),
                referenced_person(&[explicit(tags::PATIENT_NAME, "PN", "王^小東")]),
                explicit(tags::PATIENT_NAME, "PN", "Jérôme"),
                pixels(),
            ]),
        ),
        case(
            "cs_private_LO_8bit",
            "Bytes beyond ASCII in a private string, and in CS and UI, where no character set reaches.",
            explicit_file(&[
                character_set("ISO_IR 100"),
                explicit(tags::MODALITY, "CS", b"M\xe9"),
                explicit(tags::PATIENT_ID, "UI", b"1.\xe9 "),
                philips_creator(),
                explicit(0x2001_1001, "LO", b"\xe9\xe8"),
                pixels(),
            ]),
        ),
    ]
}

/// A file with the same text as a name and as a comment.
fn named_person(name: &'static str, story: &'static str, term: Option<&str>, text: &[u8]) -> Case {
    let mut text = text.to_vec();
    if text.len() % 2 == 1 {
        text.push(b' ');
    }
    let bytes = explicit_file(&[
        term.map(character_set).unwrap_or_default(),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(tags::PATIENT_NAME, "PN", &text),
        explicit(tags::PATIENT_COMMENTS, "LT", &text),
        pixels(),
    ]);
    case(name, story, bytes)
}

fn character_set(term: &str) -> Vec<u8> {
    explicit(tags::SPECIFIC_CHARACTER_SET, "CS", term)
}

fn referenced_person(elements: &[Vec<u8>]) -> Vec<u8> {
    sequence(tags::REFERENCED_IMAGE_SEQUENCE, item(elements.concat()))
}

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding.encode(text);
    assert!(!unmappable, "{text} is not in {}", encoding.name());
    bytes.into_owned()
}
