//! Leak hunts: unique words in every slot an element can take; nothing of them may be left in the output.
//!
//! The words are searched for by `deid_testkit::planted`, which knows nothing of the engine's tables.

mod common;

use common::{engine, output};
use deid_core::{Body, Cause, Facts, Scratch, SessionFacts};
use deid_dicom::{Encoding, Tag, Vr, encode};
use deid_standard::{confidentiality, dictionary};
use deid_testkit::bytes::Part10;
use deid_testkit::planted::{LeakHunt, Planted, Words};
use deid_testkit::study::{Subject, ge_instance, mr_instance, philips_instance};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const BIG: &str = "1.2.840.10008.1.2.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const MR: &str = "1.2.840.10008.5.1.4.1.1.4";

/// The de-identified file and what the report says of it.
fn deidentify(profile: &str, file: &[u8]) -> (Vec<u8>, Facts) {
    let done = engine(profile).process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    assert_eq!(done.cause, None::<Cause>, "{:?}", done.facts.faults);
    (output(done.head, done.body, file), done.facts)
}

fn assert_clean(what: &str, output: &[u8], facts: &Facts, words: &[Planted]) {
    let hunt = LeakHunt::new(words);
    let hits = hunt.search(output);
    assert!(hits.is_empty(), "{what}: {} left, the first: {}", hits.len(), hits[0]);
    let hits = hunt.search(format!("{facts:?}").as_bytes());
    assert!(hits.is_empty(), "{what}: in the report: {}", hits[0]);
}

fn add(out: &mut Vec<u8>, encoding: Encoding, tag: u32, vr: Vr, value: &[u8]) {
    encode::element(out, encoding, Tag(tag), vr, value).unwrap();
}

/// A value of this VR that holds the word, if the VR has room for one.
fn holding(vr: Vr, words: &mut Words, slot: &str) -> Option<Vec<u8>> {
    Some(match vr {
        Vr::UI => words.plant_uid(slot).into_bytes(),
        Vr::DA => words.plant_date(slot).into_bytes(),
        Vr::DT => format!("{}101112", words.plant_date(slot)).into_bytes(),
        Vr::TM | Vr::AS | Vr::DS | Vr::IS | Vr::AT => return None,
        Vr::US | Vr::SS | Vr::UL | Vr::SL | Vr::FL | Vr::FD | Vr::SV | Vr::UV => {
            words.plant(slot).into_bytes()
        }
        _ => words.plant(slot).into_bytes(),
    })
}

/// A data set with a word in each attribute the table lists; sequences hold another word in an element that the
/// table lists too.
fn table_data_set(encoding: Encoding, words: &mut Words, where_: &str) -> Vec<u8> {
    let mut out = Vec::new();
    add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
    for row in confidentiality::rows() {
        let tag = row.tag.exact().unwrap_or(row.tag.base);
        if tag.group() <= 2 || tag == Tag::new(0x0008, 0x0016) {
            continue;
        }
        let slot = format!("{where_} {tag} {}", row.name);
        let vr = row.vr.unwrap_or(Vr::LO);
        if vr == Vr::SQ {
            let mut item = Vec::new();
            add(&mut item, encoding, 0x0008_1030, Vr::LO, words.plant(&slot).as_bytes());
            add(&mut item, encoding, 0x0010_0010, Vr::PN, words.plant(&slot).as_bytes());
            let mut content = Vec::new();
            encode::item(&mut content, encoding, &item).unwrap();
            add(&mut out, encoding, tag.0, Vr::SQ, &content);
        } else if let Some(value) = holding(vr, words, &slot) {
            add(&mut out, encoding, tag.0, vr, &value);
        }
    }
    out
}

fn file(transfer_syntax: &str, data_set: &[u8]) -> Vec<u8> {
    Part10::new(transfer_syntax, data_set).bytes()
}

#[test]
fn basic_leaves_nothing_in_any_attribute_of_the_table() {
    for (syntax, encoding) in [
        (EXPLICIT, Encoding::ExplicitLittle),
        (IMPLICIT, Encoding::ImplicitLittle),
        (BIG, Encoding::ExplicitBig),
    ] {
        let mut words = Words::new();
        let data_set = table_data_set(encoding, &mut words, "top level");
        assert!(words.planted().len() > 500);
        let (output, facts) = deidentify("basic", &file(syntax, &data_set));
        assert_clean(syntax, &output, &facts, words.planted());
    }
}

#[test]
fn basic_leaves_nothing_in_nested_items_public_and_private() {
    let mut words = Words::new();
    let implicit = table_data_set(Encoding::ImplicitLittle, &mut words, "in UN");
    let explicit = table_data_set(Encoding::ExplicitLittle, &mut words, "nested");
    let mut out = Vec::new();
    let encoding = Encoding::ExplicitLittle;
    add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
    // Anatomic Region Sequence is not in the table: it is entered.
    let mut item = Vec::new();
    encode::item(&mut item, encoding, &explicit).unwrap();
    add(&mut out, encoding, 0x0008_2218, Vr::SQ, &item);
    // The same as UN of defined length, implicit inside (CP-246), and of undefined length.
    let mut item = Vec::new();
    encode::item(&mut item, encoding, &implicit).unwrap();
    add(&mut out, encoding, 0x0008_2228, Vr::UN, &item);
    out.extend_from_slice(b"\x08\0\x29\x22UN\0\0\xFF\xFF\xFF\xFF");
    out.extend_from_slice(&item);
    out.extend_from_slice(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    // Private sequences, kept by nobody.
    add(&mut out, encoding, 0x0029_0010, Vr::LO, words.plant("private creator").as_bytes());
    add(&mut out, encoding, 0x0029_1010, Vr::SQ, &item);
    add(&mut out, encoding, 0x0029_1011, Vr::UN, words.plant("private UN").as_bytes());
    add(&mut out, encoding, 0x0031_1010, Vr::LO, words.plant("private without creator").as_bytes());
    let (output, facts) = deidentify("basic", &file(EXPLICIT, &out));
    assert_clean("nested", &output, &facts, words.planted());
}

#[test]
fn public_attributes_as_un_are_known_by_their_tag() {
    let mut words = Words::new();
    let mut out = Vec::new();
    add(&mut out, Encoding::ExplicitLittle, 0x0008_0016, Vr::UI, MR.as_bytes());
    for row in confidentiality::rows().iter().filter(|row| row.vr != Some(Vr::SQ)) {
        let tag = row.tag.exact().unwrap_or(row.tag.base);
        if tag.group() > 2 && tag != Tag::new(0x0008, 0x0016) {
            let word = words.plant(&tag.to_string());
            add(&mut out, Encoding::ExplicitLittle, tag.0, Vr::UN, word.as_bytes());
        }
    }
    let (output, facts) = deidentify("basic", &file(EXPLICIT, &out));
    assert_clean("UN", &output, &facts, words.planted());
}

#[test]
fn meta_information_preamble_and_what_follows_the_pixels_are_not_carried_over() {
    let mut words = Words::new();
    let encoding = Encoding::ExplicitLittle;
    let mut out = Vec::new();
    add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
    add(&mut out, encoding, 0x0008_0018, Vr::UI, words.plant_uid("SOP Instance UID").as_bytes());
    add(&mut out, encoding, 0x5000_3000, Vr::OW, words.plant("curve data").as_bytes());
    add(&mut out, encoding, 0x501E_0022, Vr::LO, words.plant("curve label").as_bytes());
    add(&mut out, encoding, 0x6000_0022, Vr::LO, words.plant("overlay description").as_bytes());
    add(&mut out, encoding, 0x6000_1500, Vr::LO, words.plant("overlay label").as_bytes());
    add(&mut out, encoding, 0x6000_3000, Vr::OW, words.plant("overlay data").as_bytes());
    add(&mut out, encoding, 0x6000_4000, Vr::LT, words.plant("overlay comments").as_bytes());
    add(&mut out, encoding, 0x7FE0_0010, Vr::OW, &[0; 8]);
    add(&mut out, encoding, 0xFFFA_FFFA, Vr::SQ, &{
        let mut item = Vec::new();
        let mut inner = Vec::new();
        add(&mut inner, encoding, 0x0400_0110, Vr::OB, words.plant("signature").as_bytes());
        encode::item(&mut item, encoding, &inner).unwrap();
        item
    });
    add(&mut out, encoding, 0xFFFC_FFFC, Vr::OB, words.plant("trailing padding").as_bytes());
    out.extend_from_slice(words.plant("behind the data set").as_bytes());
    let mut meta = deid_testkit::bytes::Meta::new(EXPLICIT);
    for (tag, vr) in [
        (0x0002_0013, Vr::SH),
        (0x0002_0016, Vr::AE),
        (0x0002_0017, Vr::AE),
        (0x0002_0018, Vr::AE),
        (0x0002_0026, Vr::UR),
        (0x0002_0102, Vr::OB),
        (0x0002_0099, Vr::LO),
    ] {
        add(&mut meta.extra, encoding, tag, vr, words.plant(&Tag(tag).to_string()).as_bytes());
    }
    meta.sop_instance = words.plant_uid("media storage SOP instance");
    let mut preamble = [&[0; 128][..], b"DICM"].concat();
    preamble[..8].copy_from_slice(words.plant("preamble").as_bytes());
    let part10 = Part10::new(EXPLICIT, out).with_preamble(preamble).with_meta(&meta);
    let (output, facts) = deidentify("basic", &part10.bytes());
    assert_clean("meta", &output, &facts, words.planted());
    assert!(output.len() < 700);
}

/// How an identifier of the subject may stand where the table expects none.
fn disguised(word: &str, variant: usize) -> Vec<u8> {
    use std::io::Write;
    let utf16 = |big: bool| -> Vec<u8> {
        word.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    match variant {
        0 => word.as_bytes().to_vec(),
        1 => word.to_lowercase().into_bytes(),
        2 => format!("for {word}, seen").into_bytes(),
        3 => utf16(false),
        4 => utf16(true),
        5 => word.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect(),
        6 => {
            let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            zlib.write_all(format!("<name>{word}</name>").as_bytes()).unwrap();
            zlib.finish().unwrap()
        }
        _ => {
            let mut gzip = flate2::write::GzEncoder::new(b"1234".to_vec(), flate2::Compression::default());
            gzip.write_all(format!("<name>{word}</name>").as_bytes()).unwrap();
            gzip.finish().unwrap()
        }
    }
}

#[test]
fn identifiers_of_the_subject_are_taken_out_of_attributes_the_table_does_not_list() {
    for encoding in [Encoding::ExplicitLittle, Encoding::ImplicitLittle] {
        for variant in 0..8 {
            let mut words = Words::new();
            let mut out = Vec::new();
            let name = words.plant_name("Patient's Name");
            let id = words.plant("Patient ID");
            let accession = words.plant("Accession Number");
            let physician = words.plant_name("Referring Physician's Name");
            let family = name.split('^').next().unwrap();
            add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
            add(&mut out, encoding, 0x0008_0050, Vr::SH, accession.as_bytes());
            add(&mut out, encoding, 0x0008_0090, Vr::PN, physician.as_bytes());
            add(&mut out, encoding, 0x0010_0010, Vr::PN, name.as_bytes());
            add(&mut out, encoding, 0x0010_0020, Vr::LO, id.as_bytes());
            let physician = physician.split('^').nth(1).unwrap().to_owned();
            let words_in_turn = [family, id.as_str(), accession.as_str(), physician.as_str()];
            let mut planted = 0;
            for attribute in dictionary::all() {
                let Some(tag) = attribute.tag.exact() else { continue };
                let skipped = tag.group() <= 2
                    || tag.group() >= 0x7FE0
                    || tag.element() == 0
                    || confidentiality::row(tag).is_some()
                    || matches!(tag.0, 0x0008_0005 | 0x0008_0016)
                    || (0x0012_0062..=0x0012_0064).contains(&tag.0)
                    || attribute.vr == Vr::SQ;
                if skipped {
                    continue;
                }
                let word = words_in_turn[planted % words_in_turn.len()];
                add(&mut out, encoding, tag.0, attribute.vr, &disguised(word, variant));
                planted += 1;
            }
            assert!(planted > 2000);
            let (output, facts) =
                deidentify("basic", &file(if encoding.is_implicit() { IMPLICIT } else { EXPLICIT }, &out));
            assert_clean(&format!("variant {variant}"), &output, &facts, words.planted());
        }
    }
}

#[test]
fn names_are_found_in_the_character_sets_of_the_world() {
    let cases: [(&str, &[u8], &str); 5] = [
        ("ISO_IR 100", b"M\xFCnchhausen^J\xE9r\xF4me", "Münchhausen"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東".as_bytes(), "王小東"),
        ("ISO_IR 126", b"\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος"),
        ("GB18030", b"Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "小东"),
        ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B", "山田"),
    ];
    for (charset, name, word) in cases {
        let encoding = Encoding::ExplicitLittle;
        let mut out = Vec::new();
        add(&mut out, encoding, 0x0008_0005, Vr::CS, charset.as_bytes());
        add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
        add(&mut out, encoding, 0x0010_0010, Vr::PN, name);
        add(&mut out, encoding, 0x0010_0020, Vr::LO, b"4711-0815");
        // Sequence Name and Scanning text that the table does not list, in the file's own set.
        add(&mut out, encoding, 0x0018_0024, Vr::SH, name);
        add(&mut out, encoding, 0x0018_9005, Vr::LO, &[b"seen by ", name].concat());
        let (output, _) = deidentify("basic", &file(EXPLICIT, &out));
        assert!(!output.windows(name.len()).any(|window| window == name), "{charset}");
        let plain = word.as_bytes();
        assert!(!output.windows(plain.len()).any(|window| window == plain), "{charset}");
        let last = &name[name.len() - 4..];
        assert!(!output.windows(4).any(|window| window == last), "{charset}");
    }
}

#[test]
fn deflated_data_sets_are_cleaned_and_deflated_again() {
    use std::io::Write;
    let mut words = Words::new();
    let data_set = table_data_set(Encoding::ExplicitLittle, &mut words, "deflated");
    let mut deflater = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    deflater.write_all(&data_set).unwrap();
    let (output, facts) = deidentify("basic", &file(DEFLATED, &deflater.finish().unwrap()));
    assert_clean("deflated", &output, &facts, words.planted());
    let layout = deid_dicom::open(&mut &output[..]).unwrap();
    assert!(layout.deflated);
    let inflated = deid_dicom::deflate::inflate(
        &output[layout.data_set as usize..],
        1 << 20,
        &mut deid_dicom::Faults::default(),
    );
    assert!(inflated.unwrap().len() > 1000);
}

#[test]
fn vendor_files_are_clean_after_basic_and_default() {
    for profile in ["basic", "default"] {
        for make in [mr_instance, ge_instance, philips_instance] {
            let mut words = Words::new();
            let subject = Subject::planted(&mut words);
            let (output, facts) = deidentify(profile, &make(&subject));
            assert_clean(profile, &output, &facts, words.planted());
        }
    }
}

/// Implicit VR files hold text in private elements that the standard's list of safe ones calls numbers.
#[test]
fn text_in_numbers_is_not_kept() {
    for encoding in [Encoding::ImplicitLittle, Encoding::ExplicitLittle] {
        let mut words = Words::new();
        let mut out = Vec::new();
        add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
        // Rows, Echo Time and Slice Thickness; then Philips' scale slope, which is safe.
        add(&mut out, encoding, 0x0018_0050, Vr::DS, words.plant("DS").as_bytes());
        add(&mut out, encoding, 0x0018_0091, Vr::IS, words.plant("IS").as_bytes());
        add(&mut out, encoding, 0x0018_9073, Vr::FD, format!("{}^JANE", words.plant("FD")).as_bytes());
        add(&mut out, encoding, 0x0028_0010, Vr::US, words.plant("US").as_bytes());
        add(&mut out, encoding, 0x2005_0010, Vr::LO, b"Philips MR Imaging DD 001");
        add(&mut out, encoding, 0x2005_100E, Vr::FL, words.plant("private FL").as_bytes());
        let (output, facts) =
            deidentify("default", &file(if encoding.is_implicit() { IMPLICIT } else { EXPLICIT }, &out));
        assert_clean("numbers", &output, &facts, words.planted());
    }
}

/// Places that were once kept without a look.
#[test]
fn odd_places_are_looked_into() {
    let encoding = Encoding::ExplicitLittle;
    let undefined = |out: &mut Vec<u8>, tag: Tag, fragment: &[u8]| {
        for half in [tag.group(), tag.element()] {
            out.extend_from_slice(&half.to_le_bytes());
        }
        out.extend_from_slice(b"OB\0\0\xFF\xFF\xFF\xFF");
        out.extend_from_slice(b"\xFE\xFF\x00\xE0");
        out.extend_from_slice(&(fragment.len() as u32).to_le_bytes());
        out.extend_from_slice(fragment);
        out.extend_from_slice(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    };
    let mut words = Words::new();
    let name = words.plant_name("Patient's Name");
    let mut out = Vec::new();
    add(&mut out, encoding, 0x0008_0000, Vr::LO, words.plant("group length as text").as_bytes());
    add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
    // The name in a VR that is none for names; still it is looked for.
    add(&mut out, encoding, 0x0010_0010, Vr::LO, name.as_bytes());
    add(&mut out, encoding, 0x0010_0020, Vr::LO, b"100");
    add(&mut out, encoding, 0x0018_0024, Vr::SH, name.as_bytes());
    let mut item = Vec::new();
    let mut content = Vec::new();
    add(&mut item, encoding, 0x0029_0000, Vr::LO, words.plant("private group length").as_bytes());
    add(&mut item, encoding, 0x7FE0_0010, Vr::LT, format!("of {name}").as_bytes());
    encode::item(&mut content, encoding, &item).unwrap();
    add(&mut out, encoding, 0x0018_9004, Vr::SQ, &content);
    undefined(&mut out, Tag(0x0028_2000), name.as_bytes());
    add(&mut out, encoding, 0x0029_0000, Vr::UN, words.plant("private group length").as_bytes());
    add(&mut out, encoding, 0x0066_0016, Vr::OF, &[vec![1; 17 << 20], name.clone().into_bytes()].concat());
    add(&mut out, encoding, 0x7FE0_0001, Vr::OV, name.as_bytes());
    add(&mut out, encoding, 0x7FE0_0003, Vr::UV, name.as_bytes());
    let (output, facts) = deidentify("basic", &file(EXPLICIT, &out));
    assert_clean("odd places", &output, &facts, words.planted());
}

/// What identifies the subject in one file is taken out of the others of the session.
#[test]
fn identifiers_of_a_subject_count_in_all_its_files() {
    let encoding = Encoding::ExplicitLittle;
    let mut words = Words::new();
    let name = words.plant_name("Patient's Name");
    let mut first = Vec::new();
    add(&mut first, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
    add(&mut first, encoding, 0x0010_0010, Vr::PN, name.as_bytes());
    add(&mut first, encoding, 0x0010_0020, Vr::LO, b"P12345");
    let mut second = Vec::new();
    add(&mut second, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
    add(&mut second, encoding, 0x0010_0020, Vr::LO, b"P12345");
    add(&mut second, encoding, 0x0018_0024, Vr::SH, name.split('^').next().unwrap().as_bytes());
    let (first, second) = (file(EXPLICIT, &first), file(EXPLICIT, &second));
    let engine = engine("default");
    let mut scratch = Scratch::default();
    let mut session = SessionFacts::default();
    for file in [&first, &second] {
        session.add(&engine.survey(&mut &file[..], &mut scratch).unwrap());
    }
    session.settle();
    assert_eq!(session.patient_ids(false), 1);
    let done = engine.process(&mut &second[..], &session, &mut scratch);
    let Body::Pieces(pieces) = done.body else { panic!("{:?}", done.cause) };
    let hits = LeakHunt::new(words.planted()).search(&pieces.to_bytes(&second));
    assert!(hits.is_empty(), "{}", hits[0]);
}

/// Patient IDs that are parts of coded values do no harm to them.
#[test]
fn coded_values_survive_names_and_ids_like_them() {
    let encoding = Encoding::ExplicitLittle;
    let mut out = Vec::new();
    add(&mut out, encoding, 0x0008_0005, Vr::CS, b"ISO_IR 100");
    add(&mut out, encoding, 0x0008_0016, Vr::UI, MR.as_bytes());
    add(&mut out, encoding, 0x0010_0010, Vr::PN, b"Mono^Hfs");
    add(&mut out, encoding, 0x0010_0020, Vr::LO, b"100");
    add(&mut out, encoding, 0x0018_0020, Vr::CS, b"GR");
    add(&mut out, encoding, 0x0018_1020, Vr::LO, b"syngo MR E11 100");
    add(&mut out, encoding, 0x0018_5100, Vr::CS, b"HFS");
    add(&mut out, encoding, 0x0028_0004, Vr::CS, b"MONOCHROME2");
    let (output, _) = deidentify("basic", &file(EXPLICIT, &out));
    for value in ["ISO_IR 100", "syngo MR E11 100", "HFS", "MONOCHROME2"] {
        assert!(output.windows(value.len()).any(|window| window == value.as_bytes()), "{value}");
    }
}

/// What a profile keeps on purpose is listed; nothing else is left.
#[test]
fn a_profile_that_keeps_leaves_words_only_where_it_keeps() {
    for profile in ["cati_collector", "data_sharing"] {
        for make in [mr_instance, ge_instance, philips_instance] {
            let mut words = Words::new();
            let subject = Subject::planted(&mut words);
            let (output, facts) = deidentify(profile, &make(&subject));
            // Outside the kept study date; vendors' headers are cleaned too.
            let kept = |slot: &str| profile == "cati_collector" && slot == "StudyDate";
            let hits = LeakHunt::new(words.planted()).search(&output);
            assert_eq!(facts.kept_uncleaned, Vec::<String>::new(), "{profile}");
            for hit in hits {
                assert!(kept(&hit.slot), "{profile}: {hit}");
            }
        }
    }
}
