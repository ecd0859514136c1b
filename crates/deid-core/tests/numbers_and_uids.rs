//! What identifies without a word: dates as bare numbers, UIDs of every form; and samples that spell words by chance.

mod common;

use common::{output, settings};
use deid_core::{Engine, Key, Scratch, SessionFacts};
use deid_dicom::{NodeIndex, ROOT, Tag, Tree, open, value, walk};
use deid_testkit::bytes::{Part10, explicit, explicit_long, item, sequence};

const STUDY: &str = "1.2.3.9.8";
const SERIES: &str = "1.2.840.99999.01.007";
const INSTANCE: &str = "1.2.3.4.5.6";

/// The written value of an element at top level, if there is one; the key is 32 times 7.
fn written(lines: &str, class: &str, elements: &[Vec<u8>], tag: u32) -> Option<Vec<u8>> {
    let mut elements = [
        &[
            explicit(0x0008_0016, "UI", class),
            explicit(0x0008_0018, "UI", INSTANCE),
            explicit(0x0008_0020, "DA", "20190704"),
            explicit(0x0008_0060, "CS", "MR"),
            explicit(0x0010_0010, "PN", "Hamid^Feather"),
            explicit(0x0010_0020, "LO", "87654321"),
            explicit(0x0010_0030, "DA", "19570423"),
            explicit(0x0020_000D, "UI", STUDY),
            explicit(0x0020_000E, "UI", SERIES),
        ],
        elements,
    ]
    .concat();
    let tag_of = |element: &Vec<u8>| {
        let half = |at: usize| u32::from(u16::from_le_bytes([element[at], element[at + 1]]));
        half(0) << 16 | half(2)
    };
    elements.sort_by_key(tag_of);
    let profile = deid_profile::toml::parse(&format!("name = \"mine\"\n{lines}\n")).unwrap();
    let engine = Engine::new(settings(profile, 7)).unwrap();
    let file = Part10::new("1.2.840.10008.1.2.1", elements.concat()).bytes();
    let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    assert_eq!(done.cause, None);
    let written = output(done.head, done.body, &file);
    let layout = open(&mut &written[..]).unwrap();
    let data = &written[layout.data_set as usize..];
    let mut tree = Tree::default();
    walk(&mut &data[..], 0, layout.encoding, &mut tree);
    let index = tree.find(ROOT, Tag(tag)).or_else(|| {
        let place = tree.nodes.iter().position(|node| node.tag == Tag(tag))?;
        Some(place as NodeIndex)
    })?;
    let node = tree.node(index);
    Some(value::trim(&data[node.value_start() as usize..node.value_end() as usize]).to_vec())
}

const MR: &str = "1.2.840.10008.5.1.4.1.1.4";
const SHIFT: &str = "options = [\"retain-longitudinal-modified-dates\", \"clean-descriptors\"]";

#[test]
fn dates_do_not_stay_as_numbers() {
    let left = |tag: u32, vr: &str, bytes: &[u8]| {
        written(SHIFT, MR, &[explicit(tag, vr, bytes.to_vec())], tag).unwrap_or_default()
    };
    for text in ["20190704", "-20190704", "2.0190704E7", "1562198400", "1562240000.5", "19570423", "737244"] {
        assert!(left(0x0018_0081, "DS", text.as_bytes()).is_empty(), "{text}");
    }
    assert!(left(0x0020_0013, "IS", b"20190704").is_empty());
    assert!(left(0x0018_9073, "FD", &20_190_704f64.to_le_bytes()).is_empty());
    assert!(left(0x0018_9073, "FD", &1_562_198_400_000f64.to_le_bytes()).is_empty());
    assert_eq!(left(0x0018_9219, "SS", &513i16.to_le_bytes()), 513i16.to_le_bytes());
    assert!(left(0x0008_2130, "DS", b"90").starts_with(b"90"));
    assert!(left(0x0018_9310, "FL", &20_190_704f32.to_le_bytes()).is_empty());
    assert!(left(0x0018_6020, "SL", &(-20_190_704i32).to_le_bytes()).is_empty());
    assert!(left(0x0018_6018, "UL", &1_562_198_400u32.to_le_bytes()).is_empty());
    // A dose is not taken for an instant; an image number of five digits may be one.
    assert_eq!(left(0x0018_1074, "DS", b"1562198400"), b"1562198400");
    assert_eq!(left(0x0020_0013, "IS", b"18081"), b"18081");
    // Where dates stay, they may stay as numbers; the birth date does not.
    let full = |text: &str| {
        let element = explicit(0x0018_0081, "DS", text);
        written("dates.policy = \"keep\"", MR, &[element], 0x0018_0081).unwrap_or_default()
    };
    assert_eq!(full("20190704"), b"20190704");
    assert!(full("19570423").is_empty());
}

#[test]
fn dates_do_not_stay_as_private_numbers() {
    let left = |vr: &str, bytes: &[u8]| {
        let elements =
            [explicit(0x0019_0010, "LO", "GEMS_ACQU_01"), explicit(0x0019_101E, vr, bytes.to_vec())];
        written("private = [\"numeric\"]", MR, &elements, 0x0019_101E)
    };
    assert_eq!(left("DS", b"240"), Some(b"240".to_vec()));
    for text in ["18081", "43650", "58668", "-4636", "1.8081e4"] {
        assert_eq!(left("DS", text.as_bytes()), None, "{text}");
    }
    assert_eq!(left("SL", &18_081i32.to_le_bytes()), None);
    assert_eq!(left("US", &18_081u16.to_le_bytes()), None);
    assert_eq!(left("FL", &1_562_198_400f32.to_le_bytes()), None);
}

#[test]
fn uids_of_every_form_are_replaced() {
    let key = Key::from_bytes([7; 32]);
    let long = format!("1.2.840.{}", "1234567890.".repeat(8).trim_end_matches('.'));
    for uid in ["1.2", "1.2.3", "1.02.003", "1.2.840.ABC.5", "12345", &long, "1.2.3.4.5.6\r\n"] {
        let reference = sequence(0x0008_1140, item(explicit(0x0008_1155, "UI", uid)));
        let expected = key.uid(uid.trim());
        let left = written("options = []", MR, &[reference], 0x0008_1155).unwrap();
        assert_eq!(String::from_utf8_lossy(&left), expected, "{uid}");
    }
    let several = explicit(0x0008_1155, "UI", "1.2.3.4.5.6\\1.2.840.10008.1.2\\1.5 ");
    let left = written("options = []", MR, &[sequence(0x0008_1140, item(several))], 0x0008_1155).unwrap();
    let expected = format!("{}\\1.2.840.10008.1.2\\{}", key.uid(INSTANCE), key.uid("1.5"));
    assert_eq!(String::from_utf8_lossy(&left), expected);
}

#[test]
fn uids_without_a_row_are_references_too() {
    let key = Key::from_bytes([7; 32]);
    let left = |lines: &str, tag: u32, uid: &str| {
        let left = written(lines, MR, &[explicit(tag, "UI", uid)], tag).unwrap_or_default();
        String::from_utf8_lossy(&left).into_owned()
    };
    // SOP Instance UID of Concatenation Source, Volume Frame of Reference UID.
    for tag in [0x0020_0242, 0x0020_9312] {
        assert_eq!(left("options = []", tag, INSTANCE), key.uid(INSTANCE));
        assert_eq!(left("options = [\"retain-uids\"]", tag, INSTANCE), INSTANCE);
    }
    // A vendor's class stays, unless it is the instance in disguise or no UID.
    assert_eq!(left("options = []", 0x0008_001A, "1.3.12.2.1107.5.9.1"), "1.3.12.2.1107.5.9.1");
    assert_eq!(left("options = []", 0x0008_001A, STUDY), key.uid(STUDY));
    assert_eq!(left("options = []", 0x0008_001A, "Hamid"), key.uid("Hamid"));
}

#[test]
fn short_and_long_uids_are_found_in_texts() {
    let key = Key::from_bytes([7; 32]);
    let left = |text: &str| {
        let left = written(SHIFT, MR, &[explicit(0x0008_103E, "LO", text)], 0x0008_103E).unwrap_or_default();
        String::from_utf8_lossy(&left).into_owned()
    };
    assert_eq!(left(&format!("T1 {STUDY}")), format!("T1 {}", key.uid(STUDY)));
    assert!(left(&format!("t1 {SERIES} sag")).starts_with("t1 2.25."));
    assert_eq!(left("T1 v1.2.3"), "T1 v1.2.3");
    let long = format!("T1 1.2.840.{}", "1234567890.".repeat(8));
    assert!(!left(&long).contains("1234567890"));
    // An external identifier of a coding scheme is a code, a sentence in its place is none.
    let scheme = |text: &str| {
        let elements = [sequence(0x0008_0110, item(explicit(0x0008_0114, "ST", text)))];
        String::from_utf8(written("options = []", MR, &elements, 0x0008_0114).unwrap()).unwrap()
    };
    assert_eq!(scheme("2.16.840.1.113883.6.96"), "2.16.840.1.113883.6.96");
    assert_eq!(scheme(STUDY), key.uid(STUDY));
    assert!(!scheme("see 1.3.46.670589.99.1.1.7").contains("670589"));
}

#[test]
fn what_is_no_uid_does_not_become_one() {
    let rule = |tag: &str| format!("rule = [{{ tag = \"{tag}\", action = \"remap-uid\" }}]");
    let private = |vr: &str, text: &str| {
        let elements = [explicit(0x0019_0010, "LO", "ACME"), explicit(0x0019_1001, vr, text)];
        written(&rule("(0019,1001)"), MR, &elements, 0x0019_1001)
    };
    assert_eq!(private("SH", "1.2.3.4"), None, "a UID of the key is too long for SH");
    assert_eq!(private("LO", "head coil"), None);
    assert_eq!(private("US", "ab"), None);
    assert!(private("LO", "1.2.3.4").unwrap().starts_with(b"2.25."));
    assert!(private("UN", "1.2.3.4").unwrap().starts_with(b"2.25."));
}

#[test]
fn samples_stay_though_they_spell_a_word() {
    const ECG: &str = "1.2.840.10008.5.1.4.1.1.9.1.1";
    let waveform = |samples: &[u8]| {
        let data = explicit_long(0x5400_1010, "OB", samples.to_vec());
        let elements = [sequence(0x5400_0100, item(data))];
        written("options = [\"retain-safe-private\"]", ECG, &elements, 0x5400_1010)
    };
    // Eight-bit samples between the bytes of `a` and `p`: among so many the name is found by chance.
    let mut state = 1u32;
    let mut samples: Vec<u8> = (0..200_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (state >> 28) as u8
        })
        .collect();
    samples[1000..1005].copy_from_slice(b"hamid");
    assert_eq!(waveform(&samples).map(|left| left.len()), Some(samples.len()));
    let mut quiet = vec![0x80; 20_000];
    quiet[1000..1005].copy_from_slice(b"Hamid");
    assert_eq!(waveform(&quiet), None, "planted");
    let mut wide: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    wide[500..507].copy_from_slice(b"Feather");
    assert_eq!(waveform(&wide), None, "planted");
}

#[test]
fn texts_that_must_have_a_value_keep_one() {
    const STRUCTURE_SET: &str = "1.2.840.10008.5.1.4.1.1.481.3";
    let label = |class: &str| {
        let element = explicit(0x3006_0002, "SH", "Hamid");
        written("options = [\"clean-descriptors\"]", class, &[element], 0x3006_0002)
    };
    assert_eq!(label(STRUCTURE_SET), Some(b"ANONYMIZED".to_vec()));
    assert_eq!(label(MR), Some(Vec::new()));
}

#[test]
fn names_repeated_in_samples_are_no_chance() {
    let lut = |vr: &str, text: &str, times: usize| {
        let data = explicit_long(0x0028_3006, vr, text.repeat(times).into_bytes());
        written("options = []", MR, &[sequence(0x0028_3000, item(data))], 0x0028_3006)
    };
    for (text, times) in [("Hamid ", 200), ("Hamid^Feather ", 40), ("FeatherHamid", 40)] {
        for vr in ["OW", "OB"] {
            assert_eq!(lut(vr, text, times), None, "{text}");
        }
    }
    assert!(lut("OW", "\0\u{1}\0\u{2}", 200).is_some());
}

#[test]
fn what_dicom_registers_stays_and_nothing_else_below_its_root() {
    let key = Key::from_bytes([7; 32]);
    let reference = |tag: u32, vr: &str, uid: &str| {
        let elements = [sequence(0x0008_1140, item(explicit(tag, vr, uid)))];
        String::from_utf8(written("options = []", MR, &elements, tag).unwrap()).unwrap()
    };
    for uid in ["1.2.840.10008.5.1.4.20190704.101530.7", "1.2.840.10008.77412345.9"] {
        assert_eq!(reference(0x0008_1155, "UI", uid), key.uid(uid), "{uid}");
    }
    for uid in ["1.2.840.10008.5.1.1.40.1", "1.2.840.10008.1.5.1", "1.2.840.10008.5.1.4.38.2"] {
        assert_eq!(reference(0x0008_1155, "UI", uid), uid);
    }
    let frame = "1.2.840.10008.1.4.1.1";
    let left = written("options = []", MR, &[explicit(0x0020_0052, "UI", frame)], 0x0020_0052);
    assert_eq!(left, Some(frame.as_bytes().to_vec()));
    let text = |uid: &str| {
        let text = explicit(0x0008_103E, "LO", format!("T1 {uid}"));
        String::from_utf8(written(SHIFT, MR, &[text], 0x0008_103E).unwrap()).unwrap()
    };
    assert_eq!(text("1.2.840.10008.5.1.4.1.1.4"), "T1 1.2.840.10008.5.1.4.1.1.4");
    assert!(!text("1.2.840.10008.77412345.9").contains("77412345"));
}
