//! Vendors' headers in whole files: cleaned under the profiles that keep them, at any depth and in any block.

mod common;

use common::{engine, output};
use deid_core::{Scratch, SessionFacts};
use deid_testkit::bytes::{Part10, explicit, item, sequence};
use deid_testkit::planted::{LeakHunt, Words};
use deid_testkit::study::{csa_header, protocol_data_block};
use deid_testkit::vendor::{csa1_header, field, ge_protocol, planted_csa2, xprotocol};
use deid_testkit::{tags, uids};

const MR: &str = "1.2.840.10008.5.1.4.1.1.4";

/// What is written for a data set under a profile.
fn written(profile: &str, data_set: &[Vec<u8>]) -> (Vec<u8>, deid_core::Facts) {
    let file = Part10::new(uids::EXPLICIT_LE, data_set.concat()).bytes();
    let done = engine(profile).process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    assert_eq!(done.cause, None, "{:?}", done.facts.faults);
    (output(done.head, done.body, &file), done.facts)
}

/// An MR image about somebody, with a series header in block 12 and XA, GE and CSA data of its own.
fn image(words: &mut Words, inside: fn(&mut Words, &str) -> String) -> Vec<Vec<u8>> {
    let name = words.plant_name("name");
    let csa = planted_csa2(&mut |slot| inside(words, slot));
    let nested = xprotocol(&mut |slot| inside(words, slot));
    let block = protocol_data_block(&ge_protocol(&mut |slot| inside(words, slot)));
    vec![
        explicit(0x0008_0016, "UI", MR),
        explicit(0x0008_0018, "UI", "1.2.3"),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(tags::PATIENT_NAME, "PN", &*name),
        explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
        explicit(0x0020_000D, "UI", "1.2.3.4"),
        explicit(0x0020_000E, "UI", "1.2.3.5"),
        explicit(0x0025_0010, "LO", "GEMS_SERS_01"),
        explicit(0x0025_101B, "OB", block),
        explicit(0x0029_0012, "LO", "SIEMENS CSA HEADER"),
        explicit(0x0029_1220, "OB", csa),
        sequence(
            0x5200_9229,
            item(
                [
                    explicit(0x0021_0012, "LO", "SIEMENS MR SDS 01"),
                    explicit(0x0021_1219, "OB", nested),
                    explicit(0x0021_122B, "ST", "1;HFS;70;;F;0;0;1234567890"),
                ]
                .concat(),
            ),
        ),
    ]
}

#[test]
fn nothing_planted_is_left_and_nothing_is_listed_as_uncleaned() {
    let kinds: [fn(&mut Words, &str) -> String; 4] = [
        |words, slot| words.plant(slot),
        |words, slot| words.plant_name(slot),
        |words, slot| words.plant_uid(slot),
        |words, slot| words.plant_date(slot),
    ];
    for profile in ["cati_collector", "data_sharing"] {
        for kind in kinds {
            let mut words = Words::new();
            let data_set = image(&mut words, kind);
            let (bytes, facts) = written(profile, &data_set);
            let hits = LeakHunt::new(words.planted()).search(&bytes);
            assert!(hits.is_empty(), "{profile}: {} left, the first: {}", hits.len(), hits[0]);
            assert_eq!(facts.kept_uncleaned, Vec::<String>::new());
            let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(has("alTR[0]\t = \t2300000\n") && has("MosaicRefAcqTimes") && !has("1234567890"));
        }
    }
}

#[test]
fn headers_that_cannot_be_read_go() {
    let data_set = [
        explicit(0x0008_0016, "UI", MR),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(0x0029_0010, "LO", "SIEMENS CSA HEADER"),
        explicit(0x0029_1010, "OB", "SV10\x04\x03\x02\x01\x05\0\0\0damaged header"),
    ];
    let (bytes, facts) = written("cati_collector", &data_set);
    assert!(!bytes.windows(4).any(|window| window == b"SV10"));
    assert!(facts.kept_uncleaned.is_empty());
    // Nobody loses one without being told.
    assert_eq!(facts.headers_removed, ["(0029,{SIEMENS CSA HEADER}10)"]);
    assert_eq!(facts.remarks.iter().filter(|remark| **remark == "vendor_header_removed").count(), 1);
}

/// A slice of a series: its values of one number, one term and one text, and the first field's name.
struct Slice<'a> {
    patient: [&'a str; 2],
    first: &'static str,
    values: [&'a str; 3],
    older: bool,
}

impl Slice<'_> {
    fn file(&self) -> Vec<u8> {
        let [number, term, text] = self.values;
        let mut fields = vec![
            field(self.first, "DS", &[number, "", "2.5"]),
            field("ImaCoilString", "LO", &[term]),
            field("SequenceFileOwner", "SH", &[text]),
        ];
        // So many that the whole header is remembered as well.
        fields.extend((0..20).map(|_| field("SliceThickness", "DS", &["3.00000000"])));
        let header = if self.older { csa1_header(&fields) } else { csa_header(&fields) };
        let data_set = [
            explicit(0x0008_0016, "UI", MR),
            explicit(0x0008_0018, "UI", "1.2.3"),
            explicit(tags::MODALITY, "CS", "MR"),
            explicit(tags::PATIENT_NAME, "PN", self.patient[0]),
            explicit(tags::PATIENT_ID, "LO", self.patient[1]),
            explicit(0x0020_000D, "UI", "1.2.3.4"),
            explicit(0x0029_0010, "LO", "SIEMENS CSA HEADER"),
            explicit(0x0029_1010, "OB", header),
        ];
        Part10::new(uids::EXPLICIT_LE, data_set.concat()).bytes()
    }
}

#[test]
fn what_is_remembered_of_one_slice_hides_nothing_in_the_next() {
    let (quastel, head) = (["Quastel^Ottoline", "70000123"], ["Head^Coil", "QX7741"]);
    let plain = ["-123.45678901", "HEA;HEP", "SIEMENS"];
    let slices = |older| {
        let slice = move |patient, first, values| Slice { patient, first, values, older };
        vec![
            slice(quastel, "SliceLocation", plain),
            slice(quastel, "SliceLocation", plain),
            slice(quastel, "SliceLocation", ["-98.00000000", "HEA;HEP", "SIEMENS"]),
            // The patient's number, name, and both; then nothing again.
            slice(quastel, "SliceLocation", ["70000123", "HEA;HEP", "SIEMENS"]),
            slice(quastel, "SliceLocation", ["12.70000123", "HEA;Quastel", "SIEMENS"]),
            slice(quastel, "SliceLocation", ["12.5", "HEA;HEP", "ottoline"]),
            slice(quastel, "SliceLocation", plain),
            // In the name of a field that nobody knows.
            slice(quastel, "QuastelPosition", plain),
            slice(quastel, "SlicePosition_PCS", plain),
            // What nobody minds with one subject is the name of another, and back.
            slice(quastel, "SliceLocation", ["12.5", "QX7741", "Coil"]),
            slice(head, "SliceLocation", ["12.5", "QX7741", "Coil"]),
            slice(head, "SliceLocation", ["70000123", "HEA;HEP", "SIEMENS"]),
            slice(quastel, "SliceLocation", ["70000123", "HEA;HEP", "SIEMENS"]),
        ]
    };
    for older in [false, true] {
        for profile in ["cati_collector", "neuro", "data_sharing"] {
            let engine = engine(profile);
            let mut scratch = Scratch::default();
            let session = SessionFacts::default();
            let mut kept = 0;
            for slice in slices(older) {
                let file = slice.file();
                let result = |scratch: &mut Scratch| {
                    let done = engine.process(&mut &file[..], &session, scratch);
                    assert_eq!(done.cause, None);
                    (done.facts.counts, output(done.head, done.body, &file))
                };
                let (counts, bytes) = result(&mut scratch);
                // As by one who has seen no other file, and a second time.
                assert_eq!(result(&mut Scratch::default()), (counts, bytes.clone()));
                assert_eq!(result(&mut scratch).1, bytes);
                let has = |text: &str| {
                    bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
                };
                for part in ["Quastel", "Ottoline", "70000123"] {
                    assert!(slice.patient != quastel || !has(part), "{profile} {part} {:?}", slice.values);
                }
                assert!(slice.patient != head || !has("QX7741"), "{profile}");
                kept += usize::from(has("SliceThickness"));
            }
            assert!(kept >= 12, "{profile}: {kept}");
        }
    }
}

#[test]
fn fractions_that_headers_keep_unasked_are_kept_when_asked_about() {
    use deid_core::clean_text::{Rewriter, clean};
    use deid_core::identifiers::{Identifiers, Searcher};
    let nobody = Searcher::new(&Identifiers::default());
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..20_000 {
        // xorshift (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (whole, decimals) = (state % 1000, state >> 20 & 0x3FF_FFFF);
        let text = format!("{}{whole}.{decimals:06}", if state & 1 == 0 { "-" } else { "" });
        assert_eq!(clean(&text, &nobody, &Rewriter::default()).text, text);
    }
}

/// Samples are kept as what they are and listed; what can be read in an opaque value takes it away.
#[test]
fn opaque_values_stay_if_nothing_in_them_can_be_read() {
    let samples: Vec<u8> = (0..64_u8).flat_map(|n| (f32::from(n) * 0.37 - 9.5).to_le_bytes()).collect();
    let spectrum = |value: &[u8]| {
        written(
            "cati_collector",
            &[
                explicit(0x0008_0016, "UI", MR),
                explicit(tags::MODALITY, "CS", "MR"),
                explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
                explicit(0x2005_0010, "LO", "Philips MR Imaging DD 001"),
                explicit(0x2005_1077, "OB", value),
                explicit(0x7FE1_0010, "LO", "SIEMENS CSA NON-IMAGE"),
                explicit(0x7FE1_1010, "OB", value),
            ],
        )
    };
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    let (bytes, facts) = spectrum(&samples);
    assert!(has(&bytes, &samples[40..]));
    assert!(facts.kept_uncleaned.iter().any(|element| element.contains("CSA NON-IMAGE")));
    let wide: Vec<u8> = "Zqkowal".bytes().flat_map(|byte| [byte, 0]).collect();
    for hidden in [&b"Zqkowalczykowa"[..], &wide, b"\x1F\x8B\x08ZqkowalK"] {
        let junk = [&[1, 2, 3, 200][..], hidden, &[0, 250]].concat();
        let (bytes, facts) = spectrum(&junk);
        assert!(!has(&bytes, hidden), "{hidden:?}");
        assert_eq!(facts.kept_uncleaned, Vec::<String>::new());
    }
}

/// The device's own number in numeric fields, and dates that touch another word.
#[test]
fn serial_numbers_among_numbers_and_glued_dates_go() {
    let header = |serial: &str| {
        let protocol = format!(
            "### ASCCONV BEGIN ###\nalTR[0] = 2300000\nlWip = {serial}\nalTE[0] = 1{serial}\n### ASCCONV END ###"
        );
        csa_header(&[
            field("SliceThickness", "DS", &["3.00000000", serial, "12.03.2019"]),
            field("MosaicRefAcqTimes", "FD", &["1477.50000000"]),
            field("MrPhoenixProtocol", "UN", &[&protocol]),
        ])
    };
    let file = |serial: &str, other: &str| {
        [
            explicit(0x0008_0016, "UI", MR),
            explicit(0x0008_0018, "UI", "1.2.3"),
            explicit(tags::MODALITY, "CS", "MR"),
            explicit(tags::PATIENT_NAME, "PN", "Quastel^Ottoline"),
            explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
            explicit(0x0018_1000, "LO", other),
            explicit(0x0020_000D, "UI", "1.2.3.4"),
            explicit(0x0029_0010, "LO", "SIEMENS CSA HEADER"),
            explicit(0x0029_1020, "OB", header(serial)),
            explicit(0x0051_0010, "LO", "SIEMENS MR HEADER"),
            explicit(0x0051_100D, "SH", "SP R85.5"),
            explicit(0x0051_1017, "SH", "SL 3.01961-03-14"),
        ]
    };
    for profile in ["neuro", "data_sharing", "cati_collector", "bids"] {
        let (bytes, _) = written(profile, &file("83317204", "83317204"));
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!has("\083317204\0") && !has(" 83317204") && !has("12.03.2019"), "{profile}");
        assert!(!has("1961-03-14"), "{profile}");
        assert!(has("alTR[0] = 2300000") && has("alTE[0] = 183317204"), "{profile}");
        assert!(has("1477.50000000") && has("3.00000000"), "{profile}");
        // The number of another device is any number.
        let (bytes, _) = written(profile, &file("83317204", "166003"));
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has("lWip = 83317204"), "{profile}");
    }
}

/// Nor in what is packed.
#[test]
fn a_serial_number_is_in_no_packed_header() {
    let file = |value: &str| {
        [
            explicit(0x0008_0016, "UI", MR),
            explicit(0x0008_0018, "UI", "1.2.3"),
            explicit(tags::MODALITY, "CS", "MR"),
            explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
            explicit(0x0018_1000, "LO", "45177"),
            explicit(0x0020_000D, "UI", "1.2.3.4"),
            explicit(0x0025_0010, "LO", "GEMS_SERS_01"),
            explicit(
                0x0025_101B,
                "OB",
                protocol_data_block(&format!("set SLTHICK \"5.0\"\nset COIL \"{value}\"\n")),
            ),
        ]
    };
    for profile in ["neuro", "data_sharing", "cati_collector"] {
        for (value, left) in [("45177", ""), ("45177.0", ""), ("8HRBRAIN", "8HRBRAIN")] {
            let (bytes, facts) = written(profile, &file(value));
            assert_eq!(ge_coil(&bytes), left, "{profile} {value}");
            assert!(facts.headers_removed.is_empty());
        }
    }
}

/// The same in a private text of its own.
#[test]
fn a_serial_number_is_no_private_text() {
    let file = |text: &str| {
        [
            explicit(0x0008_0016, "UI", MR),
            explicit(0x0008_0018, "UI", "1.2.3"),
            explicit(tags::MODALITY, "CS", "MR"),
            explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
            explicit(0x0018_1000, "LO", "488213"),
            explicit(0x0020_000D, "UI", "1.2.3.4"),
            explicit(0x0051_0010, "LO", "SIEMENS MR HEADER"),
            explicit(0x0051_100F, "LO", text.to_owned()),
        ]
    };
    for profile in ["neuro", "data_sharing"] {
        for text in ["488213", "T 488213"] {
            let (bytes, _) = written(profile, &file(text));
            assert!(!bytes.windows(6).any(|window| window == b"488213"), "{profile} {text}");
        }
    }
}

/// Nor a private number.
#[test]
fn a_serial_number_is_no_private_number() {
    for (vr, value, goes) in [
        ("IS", &b"488213"[..], true),
        ("DS", b"1.5\\488213.00", true),
        ("DS", b"488213.5", false),
        ("IS", b"4882130", false),
        ("UL", &488_213_u32.to_le_bytes(), true),
        ("FD", &488_213_f64.to_le_bytes(), true),
        ("FD", &488_213.5_f64.to_le_bytes(), false),
    ] {
        let data_set = [
            explicit(0x0008_0016, "UI", MR),
            explicit(0x0008_0018, "UI", "1.2.3"),
            explicit(tags::MODALITY, "CS", "MR"),
            explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
            explicit(0x0018_1000, "LO", "488213"),
            explicit(0x0019_0010, "LO", "SIEMENS MR HEADER"),
            explicit(0x0019_100C, vr, value),
            explicit(0x0020_000D, "UI", "1.2.3.4"),
        ];
        let (bytes, _) = written("cati_collector", &data_set);
        let stays = bytes.windows(value.len()).any(|window| window == value);
        assert_eq!(stays, !goes, "{vr} {value:?}");
    }
}

/// What the standard calls safe is kept as what it is there for, not as whatever the file makes of it.
#[test]
fn safe_elements_of_another_kind_go() {
    let data_set = |vr: &'static str, value: &str| {
        [
            explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4"),
            explicit(0x0008_0018, "UI", "1.2.3"),
            explicit(0x0008_0060, "CS", "MR"),
            explicit(0x0010_0020, "LO", "ID-4711-77"),
            explicit(0x0020_000D, "UI", "1.2.3.4"),
            explicit(0x2001_0010, "LO", "Philips Imaging DD 001"),
            explicit(0x2001_1003, "FL", 1000_f32.to_le_bytes().to_vec()),
            explicit(0x2001_1006, vr, value),
            explicit(0x2001_1066, vr, value),
        ]
        .concat()
    };
    for profile in ["default", "neuro", "data_sharing", "tcia"] {
        for (vr, value) in [
            ("AE", "Zqkowal"),
            ("UR", "Zqkowal "),
            ("DA", "19610314"),
            ("DT", "19610314101112"),
            ("OB", "Zqkowal "),
            ("OW", "14.03.1961"),
        ] {
            let file = Part10::new(uids::EXPLICIT_LE, data_set(vr, value)).bytes();
            let done =
                engine(profile).process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
            let bytes = output(done.head, done.body, &file);
            let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!has(value.trim()), "{profile} {vr} {value}");
            assert!(has("Philips Imaging DD 001"), "{profile}");
        }
    }
}

/// What is somebody's in one field of each kind of header: numbers that are dialled, insurance numbers, dates with a
/// month of any language, addresses, letters in references or percents.
#[test]
fn strangers_in_fields_of_known_words_are_no_more_there() {
    let strangers = [
        "06 12 34 56 78",
        "(555) 123-4567",
        "078-05-1120",
        "SSN 078-05-1120",
        "NHS 943 476 5919",
        "12 juil 68",
        "12. Okt 1968",
        "1968 Mai 12",
        "12-31-47",
        "12 Main St",
        "Kim Lee",
        "Dr Field",
        "&#81;&#117;&#97;&#115;&#116;&#101;&#108;",
        "&#x51;uas&#116;el",
        "J&#246;rg",
        "J%C3%B6rg",
    ];
    for profile in ["neuro", "cati_collector"] {
        for stranger in strangers {
            let (bytes, _) = written(profile, &in_fields(stranger));
            let at = bytes.windows(stranger.len()).position(|window| window == stranger.as_bytes());
            let around = at.map(|at| String::from_utf8_lossy(&bytes[at - 60..at + 40]).into_owned());
            assert_eq!(around, None, "{profile}");
            assert_ne!(ge_coil(&bytes), stranger, "{profile}");
            assert!(bytes.windows(8).any(|window| window == b"alTR[0] "), "{profile} {stranger}");
        }
    }
}

/// What coils, sequences, converters and reconstructions are called stays, digit by digit.
#[test]
fn terms_of_converters_with_digits_stay() {
    for term in [
        "C:HC1-7;NC1,2",
        "HEA;HEP",
        "HC1-6",
        "T:HEA;HEP;T:NE1,2",
        "BO1,2;SP3,4",
        "32Ch_Head",
        "HeadNeck_64",
        "Head_32",
        "8HRBRAIN",
        "X_1_1_1_2_1_1_1_1_1_1_1_2954",
        "*epfid2d1_64",
        "*tfl3d1_16ns",
        "%SiemensSeq%\\gre_field_mapping",
        "%SiemensEvaDefProt%\\BOLD\\t-test_10B10A_moco.evp",
        "%CustomerSeq%\\cmrr_mbep2d_bold",
        "N4_VE11C_LATEST_20160120",
        "syngo MR E11",
        "ICE:VA30A",
        "DIFFUSION_b1000",
        "M_FFE_M_FFE",
        "17000.0",
        "RefocRF2MBV",
        "fl3d1_r_ns",
        "SK\\SP\\OSP",
        "4:4:1",
        "A32;SP1-8",
        "FA_90_180",
        "p2 s3",
    ] {
        let (bytes, _) = written("cati_collector", &in_fields(term));
        let count = bytes.windows(term.len()).filter(|window| *window == term.as_bytes()).count();
        assert_eq!((count, &*ge_coil(&bytes)), (5, term));
    }
}

/// A text in a field of a CSA header, quoted and bare in an ASCCONV section, in XML and in GE's block.
fn in_fields(text: &str) -> Vec<Vec<u8>> {
    let protocol = format!(
        "<XProtocol>\n{{\n  <ParamString.\"Unheard\"> {{ \"{text}\" }}\n}}\n### ASCCONV BEGIN ###\nalTR[0] = 2300000\n\
         tCoilID = \"{text}\"\nlB = {text}\n### ASCCONV END ###"
    );
    let xml = format!("<?xml version=\"1.0\"?><pdl><slice>{text}</slice></pdl>");
    vec![
        explicit(0x0008_0016, "UI", MR),
        explicit(0x0008_0018, "UI", "1.2.3"),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(tags::PATIENT_NAME, "PN", "Quastel^Ottoline"),
        explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
        explicit(0x0020_000D, "UI", "1.2.3.4"),
        explicit(0x0021_0010, "LO", "SIEMENS MR SDS 01"),
        explicit(0x0021_1019, "OB", protocol),
        explicit(0x0025_0010, "LO", "GEMS_SERS_01"),
        explicit(0x0025_101B, "OB", protocol_data_block(&format!("set COIL \"{text}\"\n"))),
        explicit(0x0029_0010, "LO", "SIEMENS CSA HEADER"),
        explicit(
            0x0029_1020,
            "OB",
            csa_header(&[field("CoilString", "LO", &[text]), field("ImaCoilString", "SH", &[text])]),
        ),
        explicit(0x0043_0010, "LO", "GEMS_PARM_01"),
        explicit(0x0043_108B, "OB", xml),
    ]
}

/// The coil in GE's block.
fn ge_coil(bytes: &[u8]) -> String {
    let head = b"\x25\0\x1B\x10OB\0\0";
    let at = bytes.windows(head.len()).position(|window| window == head).unwrap() + head.len();
    let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let mut fields = deid_vendor::fields(&bytes[at + 4..at + 4 + length]).unwrap();
    String::from_utf8(fields.remove("COIL").unwrap()).unwrap()
}
