//! Texts in whole files: dates moved and UIDs replaced in them, and written in the character set they came in.

mod common;

use deid_core::{Engine, Key, Scratch, SessionFacts};
use deid_dicom::charset::CharacterSet;
use deid_dicom::{ROOT, Tag, Tree, open, value, walk};
use deid_testkit::bytes::{Part10, explicit, item, sequence};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const STUDY: Tag = Tag::new(0x0020, 0x000D);

/// A small MR file with these elements, which must be in order, between its IDs and its end.
fn file(charset: &str, texts: &[(u32, &str, Vec<u8>)]) -> Vec<u8> {
    let mut elements = vec![
        (0x0008_0005, explicit(0x0008_0005, "CS", charset)),
        (0x0008_0016, explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4")),
        (0x0008_0018, explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1")),
        (0x0008_0020, explicit(0x0008_0020, "DA", "20190312")),
        (0x0008_0060, explicit(0x0008_0060, "CS", "MR")),
        (0x0010_0010, explicit(0x0010_0010, "PN", "Doe^Jane")),
        (0x0010_0020, explicit(0x0010_0020, "LO", "ID4711")),
        (0x0010_0030, explicit(0x0010_0030, "DA", "19900511")),
        (0x0020_000D, explicit(0x0020_000D, "UI", "1.2.826.0.1.3680043.8.498.2")),
        (0x0020_000E, explicit(0x0020_000E, "UI", "1.2.826.0.1.3680043.8.498.3")),
    ];
    for (tag, vr, text) in texts {
        let even = [&text[..], &b" "[..text.len() % 2]].concat();
        elements.push((*tag, explicit(*tag, *vr, even)));
    }
    elements.sort_by_key(|element| element.0);
    let data: Vec<u8> = elements.into_iter().flat_map(|element| element.1).collect();
    Part10::new(EXPLICIT, data).bytes()
}

/// The value of an element after a run through an engine, trimmed.
fn after(engine: &Engine, file: &[u8], tag: Tag) -> Option<Vec<u8>> {
    let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    let output = common::output(done.head, done.body, file);
    let layout = open(&mut &output[..]).ok()?;
    let mut tree = Tree::default();
    walk(&mut &output[..], layout.data_set, layout.encoding, &mut tree);
    let node = tree.node(tree.find(ROOT, tag)?);
    let bytes = &output[node.value_start() as usize..node.value_end() as usize];
    Some(value::trim(bytes).to_vec())
}

fn text_after(engine: &Engine, file: &[u8], tag: Tag) -> Option<String> {
    after(engine, file, tag).map(|bytes| String::from_utf8(bytes).unwrap())
}

const SERIES_DESCRIPTION: Tag = Tag::new(0x0008, 0x103E);
const SEQUENCE_NAME: Tag = Tag::new(0x0018, 0x0024);
const STUDY_DATE: Tag = Tag::new(0x0008, 0x0020);

#[test]
fn dates_in_texts_move_with_the_dates_of_the_file() {
    let engine = common::engine("neuro");
    let texts = [
        (0x0008_103E, "LO", b"T1 12.03.2019, born 11.05.1990, 03/04/2019".to_vec()),
        (0x0018_0024, "SH", b"fl3d 20190312".to_vec()),
    ];
    let file = file("ISO_IR 100", &texts);
    let date = text_after(&engine, &file, STUDY_DATE).unwrap();
    let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
    assert_ne!(date, "20190312");
    let description = text_after(&engine, &file, SERIES_DESCRIPTION).unwrap();
    assert_eq!(description, format!("T1 {day}.{month}.{year}, born"));
    // A text that is kept, not cleaned.
    assert_eq!(text_after(&engine, &file, SEQUENCE_NAME).unwrap(), format!("fl3d {date}"));
    let modified = text_after(&engine, &file, Tag::new(0x0028, 0x0303));
    assert_eq!(modified.as_deref(), Some("MODIFIED"));
}

#[test]
fn uids_in_texts_are_those_of_the_file() {
    let engine = common::engine("neuro");
    let texts = [(0x0008_103E, "LO", b"T1 of 1.2.826.0.1.3680043.8.498.2".to_vec())];
    let file = file("ISO_IR 100", &texts);
    let study = text_after(&engine, &file, STUDY).unwrap();
    assert_eq!(study, Key::from_bytes([7; 32]).uid("1.2.826.0.1.3680043.8.498.2"));
    assert_eq!(text_after(&engine, &file, SERIES_DESCRIPTION).unwrap(), format!("T1 of {study}"));
}

#[test]
fn what_grows_too_long_for_its_vr_goes() {
    let engine = common::engine("neuro");
    let text = b"localizer sagittal coronal axial 1.2.826.0.1.3680043.8.498.2 T1".to_vec();
    let file = file("ISO_IR 100", &[(0x0008_103E, "LO", text)]);
    let left = text_after(&engine, &file, SERIES_DESCRIPTION).unwrap();
    assert_eq!(left, "localizer sagittal coronal axial T1");
}

#[test]
fn cleaned_texts_stay_in_their_character_set() {
    let engine = common::engine("neuro");
    for (charset, text, left) in [
        ("\\ISO 2022 IR 87", "頭部MRI 2011年3月1日 佐藤様 T2強調", "頭部MRI"),
        ("\\ISO 2022 IR 149", "뇌 MRI 김철수", "뇌 MRI"),
        ("GB18030", "头颅平扫 王小明", "头颅平扫"),
        ("ISO_IR 144", "МРТ головного мозга Иванов", "МРТ головного мозга"),
        ("ISO_IR 126", "MRI εγκεφάλου Παπαδόπουλος", "MRI εγκεφάλου"),
        ("ISO_IR 127", "حسن الدماغ", "الدماغ"),
        ("ISO_IR 138", "MRI מוח כהן", "MRI מוח"),
        ("ISO_IR 166", "MRI สมอง สมชาย", "MRI สมอง"),
    ] {
        let set = CharacterSet::parse(charset.as_bytes());
        let texts = [(0x0008_103E, "LO", set.encode(text).unwrap())];
        let bytes = after(&engine, &file(charset, &texts), SERIES_DESCRIPTION).unwrap();
        let decoded = set.decode(&bytes);
        assert!(decoded.starts_with(left), "{charset}: {decoded}");
        assert!(!decoded.contains("佐藤") && !decoded.contains("2011"), "{charset}: {decoded}");
    }
}

#[test]
fn what_a_code_means_is_no_date() {
    let engine = common::engine("neuro");
    let code = [
        explicit(0x0008_0100, "SH", "T-A0100"),
        explicit(0x0008_0102, "SH", "SRT"),
        explicit(0x0008_0103, "SH", "20020904"),
        explicit(0x0008_0104, "LO", "Brain"),
    ]
    .concat();
    let mut data = file("ISO_IR 100", &[]);
    data.extend(sequence(0x0054_0220, item(code)));
    let done = engine.process(&mut &data[..], &SessionFacts::default(), &mut Scratch::default());
    let output = common::output(done.head, done.body, &data);
    assert!(output.windows(8).any(|bytes| bytes == b"20020904"));
}

/// Languages decline names: what the header has in one case goes in the others, too.
#[test]
fn names_in_other_cases_go() {
    for (name, text, left) in [
        ("Kowalska^Anna", "MR głowy Kowalskiej kontrola", "MR głowy"),
        ("Sikora^Jan", "MR głowy Sikory", "MR głowy"),
        ("Чайковский^Петр", "голова Чайковского контроль", "голова"),
        ("Novotný^Petr", "MR mozku Novotného", "MR mozku"),
    ] {
        let mut data = explicit(0x0008_0005, "CS", "ISO_IR 192");
        data.extend(explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4"));
        data.extend(explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1"));
        data.extend(explicit(0x0008_0060, "CS", "MR"));
        data.extend(explicit(0x0008_103E, "LO", even(text)));
        data.extend(explicit(0x0010_0010, "PN", even(name)));
        data.extend(explicit(0x0010_0020, "LO", "ID4711"));
        let file = Part10::new(EXPLICIT, data).bytes();
        for profile in ["neuro", "cati_collector"] {
            let description = after(&common::engine(profile), &file, Tag::new(0x0008, 0x103E)).unwrap();
            let description = String::from_utf8_lossy(&description).into_owned();
            assert!(description.starts_with(left), "{description}");
            let stem: String = name.chars().take(4).collect();
            assert!(!description.contains(&stem), "{profile}: {description}");
        }
    }
}

/// Attributes that the table has no row for are kept; what is of a stranger beyond doubt goes with Clean Descriptors.
#[test]
fn strangers_leave_texts_without_a_row() {
    const STRANGER: &str = "Dr. Okonkwo, born 12.3.1962, tel 0176 23456789, okonkwo@web.de";
    for (tag, vr, text, left) in [
        (0x0018_0015, "CS", "HEAD DR OKONKWO", "HEAD"),
        (0x0018_1250, "SH", "HeadNeck Dr. Oko", "HeadNeck"),
        (0x0018_9005, "SH", "fl3d tel 4451", "fl3d"),
        (0x0020_9453, "LO", STRANGER, "born"),
        (0x0028_1055, "LO", "WINDOW1\\Dr. Okonkwo", "WINDOW1\\"),
        (0x0028_3003, "LO", "okonkwo@web.de", ""),
        (0x0008_0070, "LO", "Maker Dr. Okonkwo", "Maker"),
        (0x0008_0070, "LO", "https://github.com/maker/program", "https://github.com/maker/program"),
        (0x0018_9005, "SH", "*tfl3d1_16ns", "*tfl3d1_16ns"),
        (0x0018_1250, "SH", "HE1-4;NE1,2", "HE1-4;NE1,2"),
        (0x0028_1055, "LO", "KRAMERTON_UNKNOWN\\ALGO1", "KRAMERTON_UNKNOWN\\ALGO1"),
    ] {
        let file = file("ISO_IR 100", &[(tag, vr, text.as_bytes().to_vec())]);
        for profile in ["neuro", "tcia"] {
            let value = text_after(&common::engine(profile), &file, Tag(tag)).unwrap_or_default();
            assert_eq!(value, left, "{profile}: {text}");
        }
    }
    // Without the option a text stays as it was.
    let file = file("ISO_IR 100", &[(0x0028_3003, "LO", b"okonkwo@web.de".to_vec())]);
    let kept = text_after(&common::engine("basic"), &file, Tag::new(0x0028, 0x3003));
    assert_eq!(kept.as_deref(), Some("okonkwo@web.de"));
}

#[test]
fn meanings_of_local_codes_lose_strangers() {
    let code = |scheme, meaning: &str| {
        let parts = [
            explicit(0x0008_0100, "SH", "X4711A"),
            explicit(0x0008_0102, "SH", scheme),
            explicit(0x0008_0104, "LO", meaning),
        ];
        sequence(0x0032_1064, item(parts.concat()))
    };
    for (meaning, left) in
        [("MRT Kopf Dr. Okonkwo", "MRT Kopf"), ("Dr. Okonkwo", ""), ("Head routine ", "Head routine ")]
    {
        let mut data = file("ISO_IR 100", &[]);
        data.extend(code("99LOCAL ", &String::from_utf8(even(meaning)).unwrap()));
        let done = common::engine("neuro").process(
            &mut &data[..],
            &SessionFacts::default(),
            &mut Scratch::default(),
        );
        let output = common::output(done.head, done.body, &data);
        let text = String::from_utf8_lossy(&output).into_owned();
        assert!(!text.contains("Okonkwo") && text.contains(left), "{meaning}");
    }
}

fn even(text: &str) -> Vec<u8> {
    [text.as_bytes(), &b" "[..text.len() % 2]].concat()
}

/// A file whose name is these bytes, and whose series description is those.
fn described(charset: &str, name: &[u8], description: &[u8], more: &[(u32, &str, Vec<u8>)]) -> Vec<u8> {
    let mut texts = vec![(0x0010_1001, "PN", name.to_vec()), (0x0008_103E, "LO", description.to_vec())];
    texts.extend_from_slice(more);
    file(charset, &texts)
}

#[test]
fn names_in_bytes_of_another_character_set_go_from_kept_texts() {
    let kept = common::engine("cati_collector");
    let cleaned = common::engine("neuro");
    // Shift_JIS, GB 2312 and KS X 1001 without escapes, UTF-8.
    let japanese = (&b"\x8eR\x93c\x8c\xb4"[..], &b"\x91\xbe\x98Y\x8a\xdb"[..]);
    let chinese = (&b"\xd5\xc5\xcf\xfe"[..], &b"\xd0\xa1\xb6\xab\xb6\xac"[..]);
    let korean = (&b"\xc8\xab\xb1\xe6"[..], &b"\xb1\xe6\xb5\xbf\xbc\xf6"[..]);
    for (charset, (family, given)) in [
        ("ISO_IR 100", japanese),
        ("", japanese),
        ("\\ISO 2022 IR 58", chinese),
        ("\\ISO 2022 IR 149", korean),
        ("ISO_IR 100", chinese),
        ("ISO_IR 100", ("Müßiggang".as_bytes(), "Björnstjerne".as_bytes())),
    ] {
        let name = [family, given].join(&b'^');
        let text = [b"T2", given, family, b"ax"].join(&b' ');
        let file = described(charset, &name, &text, &[]);
        for engine in [&kept, &cleaned] {
            let after = after(engine, &file, SERIES_DESCRIPTION).unwrap_or_default();
            for part in [family, given] {
                assert!(!after.windows(part.len()).any(|window| window == part), "{charset} {after:?}");
            }
            assert!(after.starts_with(b"T2") && after.ends_with(b"ax"), "{charset} {after:?}");
        }
    }
}

#[test]
fn what_is_not_seen_in_a_name_does_not_keep_it() {
    let kept = common::engine("cati_collector");
    for text in ["ax Brze\u{200b}zinski T2", "ax Brzezin\u{ad}ski T2"] {
        let file = described("ISO_IR 192", b"Brzezinski^Eva", text.as_bytes(), &[]);
        assert_eq!(text_after(&kept, &file, SERIES_DESCRIPTION).unwrap(), "ax X T2");
    }
    // It stays where it hides nobody.
    let file = described("ISO_IR 192", b"Brzezinski^Eva", "ax co\u{ad}ronal".as_bytes(), &[]);
    assert_eq!(text_after(&kept, &file, SERIES_DESCRIPTION).unwrap(), "ax co\u{ad}ronal");
}

#[test]
fn numbers_of_orders_steps_and_telephones_go_from_kept_texts() {
    let kept = common::engine("cati_collector");
    for (tag, vr) in [
        (0x0008_0094, "SH"),
        (0x0040_0253, "SH"),
        (0x0040_050A, "LO"),
        (0x0040_0512, "LO"),
        (0x0040_0551, "LO"),
        (0x0040_1103, "LO"),
        (0x0040_2010, "SH"),
        (0x4008_0040, "SH"),
    ] {
        let number = [(tag, vr, b"QRX88213".to_vec())];
        let file = described("ISO_IR 100", b"Doe^Jane", b"ax qrx-88213 T2", &number);
        assert_eq!(text_after(&kept, &file, SERIES_DESCRIPTION).unwrap(), "ax X T2", "{tag:08X}");
    }
    // Short ones and words are nobody's.
    for step in ["1", "MR1", "MPRAGE"] {
        let number = [(0x0040_0253, "SH", step.as_bytes().to_vec())];
        let file = described("ISO_IR 100", b"Doe^Jane", b"MR1 MPRAGE T1", &number);
        assert_eq!(text_after(&kept, &file, SERIES_DESCRIPTION).unwrap(), "MR1 MPRAGE T1", "{step}");
    }
}

#[test]
fn a_file_without_data_set_is_faulty() {
    let preamble = [&[0; 128][..], b"DICM"].concat();
    for file in [preamble, Part10::new(EXPLICIT, Vec::new()).bytes()] {
        for profile in ["default", "basic", "neuro"] {
            let engine = common::engine(profile);
            let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
            assert_eq!(done.cause, Some(deid_core::Cause::Faulty), "{profile}");
            assert_eq!(done.facts.faults.refusal().unwrap().kind.id(), "no_data_set");
        }
    }
}
