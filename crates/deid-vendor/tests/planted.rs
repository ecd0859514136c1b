//! Words, names, dates and UIDs in each slot of each header: none is left, and every number stays.

use deid_testkit::planted::{Planted, Words, search};
use deid_testkit::study::protocol_data_block;
use deid_testkit::vendor::{
    ascconv, csa1_header, field, ge_protocol, planted_csa2, series_fields, xprotocol,
};
use deid_vendor::{Element, Judge, Outcome, clean, csa};

/// Knows no name: what is no term goes, as in the program. UIDs become others once, and dates go.
struct Strict;

impl Judge for Strict {
    fn text(&self, text: &str) -> String {
        let known = |word: &&str| matches!(*word, "gradient" | "T1" | "sag" | "Head");
        text.split(' ').filter(known).collect::<Vec<_>>().join(" ")
    }
    fn identifies(&self, bytes: &[u8]) -> bool {
        bytes.windows(4).any(|window| window == b"ZQXA")
    }
    fn uid(&self, uid: &str) -> String {
        if uid.starts_with("2.25.") || uid.starts_with("1.2.840.10008.") {
            uid.to_owned()
        } else {
            "2.25.123456789012345678901234567890".to_owned()
        }
    }
    fn date(&self, _: &str) -> Option<String> {
        None
    }
}

/// As [`Strict`], but it finds no identifier: fields have to be clean by their content alone.
struct Blind;

impl Judge for Blind {
    fn text(&self, text: &str) -> String {
        Strict.text(text)
    }
    fn identifies(&self, _: &[u8]) -> bool {
        false
    }
    fn uid(&self, uid: &str) -> String {
        Strict.uid(uid)
    }
    fn date(&self, _: &str) -> Option<String> {
        None
    }
}

const CSA: Element<'static> =
    Element { creator: "SIEMENS CSA HEADER", group: 0x29, element: 0x20, vr: *b"OB", big_endian: false };
const XA: Element<'static> =
    Element { creator: "SIEMENS MR SDS 01", group: 0x21, element: 0x19, vr: *b"OB", big_endian: false };
const GE: Element<'static> =
    Element { creator: "GEMS_SERS_01", group: 0x25, element: 0x1B, vr: *b"OB", big_endian: false };

/// What comes out for a header with something planted in each slot, by each judge.
fn cleaned(element: &Element<'_>, build: impl Fn(&mut dyn FnMut(&str) -> String) -> Vec<u8>) -> Vec<Vec<u8>> {
    let kinds: [fn(&mut Words, &str) -> String; 4] = [
        |words, slot| words.plant(slot),
        |words, slot| format!("gradient {}", words.plant_name(slot)),
        |words, slot| words.plant_date(slot),
        |words, slot| words.plant_uid(slot),
    ];
    let mut out = Vec::new();
    for kind in kinds {
        for judge in [&Strict as &dyn Judge, &Blind] {
            let mut words = Words::new();
            let header = build(&mut |slot| kind(&mut words, slot));
            let outcome = clean(element, &header, judge);
            let Outcome::Changed(bytes) = outcome else { panic!("{outcome:?}: {:?}", csa::parse(&header)) };
            let hits = search(&bytes, words.planted());
            assert!(hits.is_empty(), "{hits:?}");
            let again = clean(element, &bytes, judge);
            assert_eq!(again, Outcome::Unchanged, "{}", String::from_utf8_lossy(&bytes));
            out.push(bytes);
        }
    }
    out
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn csa2_with_all_that_is_in_it() {
    for bytes in cleaned(&CSA, |slots| planted_csa2(slots)) {
        let header = csa::parse(&bytes).unwrap();
        assert_eq!(header.elements.len(), 13);
        let times = &header.elements[11];
        assert_eq!(times.name(&bytes), b"MosaicRefAcqTimes");
        assert_eq!(&bytes[header.items(times)[2].clone()], b"62.50000000\0");
        for number in [
            "alTR[0]\t = \t2300000\n",
            "dThickness\t = \t0.8  # 0.8\n",
            "dFlipAngle\t = \t9.0\n",
            "<Precision> 6 \n      2300.5 \n",
        ] {
            assert!(has(&bytes, number), "{number}");
        }
    }
}

#[test]
fn csa1() {
    for bytes in cleaned(&CSA, |slots| csa1_header(&series_fields(slots))) {
        assert!(matches!(csa::parse(&bytes).unwrap().layout, csa::Layout::Csa1(_)));
        assert!(has(&bytes, "alTR[0]\t = \t2300000\n"));
    }
}

#[test]
fn protocols_alone() {
    for bytes in cleaned(&XA, |slots| xprotocol(slots).into_bytes()) {
        assert!(has(&bytes, "<ParamLong.\"Count\"> \n    {\n      1 \n    }\n"));
    }
    cleaned(&XA, |slots| ascconv("\"", slots).into_bytes());
}

#[test]
fn ge_in_gzip() {
    cleaned(&GE, |slots| protocol_data_block(&ge_protocol(slots)));
}

/// Names of fields, keys, parameters and tags are no place for somebody either.
#[test]
fn names_of_fields_and_parameters() {
    let slots = ["ZQXAbcde", "19610314", "1961-03-14", "1.2.276.0.99.7", "UGF0aWVudCBabCBh", "+49170555"];
    for planted in slots {
        let key: String = planted.chars().filter(|c| *c != '+').collect();
        let xprotocol = format!(
            "<XProtocol> \n{{\n  <ParamMap.\"\"> \n  {{\n    <ParamLong.\"Count{planted}\"> \n    {{\n      1 \n    }}\n    \
             <ParamLong{key}.\"Count\"> \n    {{\n      2 \n    }}\n    <ParamLong.\"Count\"> \n    {{\n      {planted} \n    }}\n  }}\n}}\n\
             ### ASCCONV BEGIN ###\nsTXSPEC.{planted}.lA\t = \t5\nalTR[0]\t = \t2300\n### ASCCONV END ###"
        );
        let name: &'static str = Box::leak(format!("Coil{planted}").into_boxed_str());
        let header = csa1_header(&[
            field("CoilString", "LO", &["HEA;HEP"]),
            field(name, "IS", &["4"]),
            field("MrPhoenixProtocol", "UN", &[&xprotocol]),
        ]);
        let block = protocol_data_block(&format!("set SLTHICK{key} \"4\"\nset SLTHICK \"5\"\n"));
        let document = format!("<?xml version=\"1.0\"?><slice{key} x{key}=\"1\">axial</slice{key}>");
        for (element, value) in
            [(&CSA, header), (&XA, xprotocol.into_bytes()), (&GE, block), (&XA, document.into_bytes())]
        {
            match clean(element, &value, &Blind) {
                Outcome::Changed(bytes) => {
                    let word = Planted { word: planted.to_owned(), slot: "a name".to_owned() };
                    let hits = search(&bytes, &[word]);
                    assert!(hits.is_empty(), "{hits:?}: {}", String::from_utf8_lossy(&bytes));
                    if element.group == 0x21 && value.starts_with(b"<XP") {
                        assert!(has(&bytes, "alTR[0]\t = \t2300\n"));
                    }
                }
                Outcome::Refused => assert!(value.starts_with(b"<?xml")),
                outcome => panic!("{planted}: {outcome:?}"),
            }
        }
    }
}

#[test]
fn what_stays_is_byte_for_byte_the_same() {
    let header = deid_testkit::vendor::csa1_header(&[
        deid_testkit::vendor::field("CoilString", "LO", &["HEA;HEP"]),
        field("MosaicRefAcqTimes", "FD", &["0.0", "1477.5", "62.5", "1540.0", "125.0", "1602.5"]),
    ]);
    assert_eq!(clean(&CSA, &header, &Strict), Outcome::Unchanged);
    assert_eq!(clean(&CSA, b"not a header", &Strict), Outcome::Refused);
}

/// Fields of spectroscopy that have `Patient` in their names are geometry; numbers of persons are long and whole.
#[test]
fn geometry_of_the_patient_stays() {
    let values = ["-0.98768834", "0.15643447", "0", "0.01", "-120.5", "12"];
    let kept: Vec<_> = ["ImageOrientationPatient", "CsiImagePositionPatient", "PatientTableOffset"]
        .map(|name| field(name, "FD", &values))
        .into();
    assert_eq!(clean(&CSA, &deid_testkit::study::csa_header(&kept), &Strict), Outcome::Unchanged);
    let number = field("PatientPhone", "IS", &["5551234", "0", "0", "0", "0", "0"]);
    let header = deid_testkit::study::csa_header(&[number]);
    let Outcome::Changed(bytes) = clean(&CSA, &header, &Strict) else { panic!("not changed") };
    assert!(!bytes.windows(7).any(|window| window == b"5551234"));
}

/// nibabel refuses a value behind those that the multiplicity counts.
#[test]
fn the_multiplicity_counts_all_values() {
    let values = ["1", "2", "3", "4", "5", "6"];
    let mut header = deid_testkit::study::csa_header(&[field("B_value", "IS", &values)]);
    let multiplicity = 16 + 64;
    assert_eq!(header[multiplicity], 6);
    header[multiplicity] = 2;
    let Outcome::Changed(bytes) = clean(&CSA, &header, &Strict) else { panic!("not changed") };
    assert_eq!(bytes[multiplicity], 6);
}

/// dcm2niix reads three items of these fields whether they are there or not.
#[test]
fn numbers_have_six_items_and_none_is_blank() {
    let fields = [
        field("CoilString", "LO", &["HEA;HEP"]),
        field("BandwidthPerPixelPhaseEncode", "FD", &["15.3"]),
        field("B_value", "IS", &[" ", "5"]),
        field("EchoLinePosition", "IS", &[]),
    ];
    for header in [csa1_header(&fields), deid_testkit::study::csa_header(&fields)] {
        let Outcome::Changed(bytes) = clean(&CSA, &header, &Strict) else { panic!("not changed") };
        let read = csa::parse(&bytes).unwrap();
        let counts: Vec<usize> = read.elements.iter().map(|element| read.items(element).len()).collect();
        assert_eq!(counts, [1, 6, 6, 0]);
        let values = read.items(&read.elements[2]);
        assert!(bytes[values[0].clone()].starts_with(b"0\0") && bytes[values[1].clone()].starts_with(b"5\0"));
        assert_eq!(clean(&CSA, &bytes, &Strict), Outcome::Unchanged);
    }
}

/// The name and the time in the header of a gzip stream tell the examination and its day.
#[test]
fn gzip_headers_say_nothing() {
    let block = protocol_data_block("TR \"2628.0\"\n");
    let stream = &block[4..];
    let mut named = vec![0x1F, 0x8B, 8, 8, 0x74, 0x65, 0xC7, 0x45, 0, 3];
    named.extend_from_slice(b"Ex1897Ser1\0");
    named.extend_from_slice(&stream[10..]);
    let mut value = (named.len() as u32).to_le_bytes().to_vec();
    value.extend_from_slice(&named);
    let Outcome::Changed(bytes) = clean(&GE, &value, &Strict) else { panic!("not changed") };
    assert!(!has(&bytes, "1897") && !has(&bytes, "\x74\x65"));
    assert_eq!(bytes[..4], ((bytes.len() - 4) as u32).to_le_bytes());
}

#[test]
fn characteristics_stay_only_if_retained() {
    struct Keeps;
    impl Judge for Keeps {
        fn text(&self, text: &str) -> String {
            text.to_owned()
        }
        fn identifies(&self, _: &[u8]) -> bool {
            false
        }
        fn uid(&self, uid: &str) -> String {
            uid.to_owned()
        }
        fn date(&self, _: &str) -> Option<String> {
            Some("20190101".to_owned())
        }
        fn keeps_characteristics(&self) -> bool {
            true
        }
    }
    let pattern =
        Element { creator: "SIEMENS MR SDS 01", group: 0x21, element: 0x2B, vr: *b"ST", big_endian: false };
    let value = b"1;HFS;70;;F;0;0;1234567890";
    assert_eq!(clean(&pattern, value, &Strict), Outcome::Changed(b"1;HFS;;;;;; ".to_vec()));
    assert_eq!(clean(&pattern, value, &Keeps), Outcome::Changed(b"1;HFS;70;;F;;;".to_vec()));
    // An age above 89, and a height, which is none.
    for (value, left) in
        [(&b"1;HFS;70;97;F;0;0;1"[..], "1;HFS;70;90;F;;; "), (b"1;HFS;70;172;F;0;0;1", "1;HFS;70;172;F;;;")]
    {
        let Outcome::Changed(bytes) = clean(&pattern, value, &Keeps) else { panic!("not changed") };
        assert_eq!(String::from_utf8(bytes).unwrap().trim_end(), left.trim_end());
    }
    let started = Element { element: 0x60, vr: *b"DT", ..pattern };
    assert_eq!(clean(&started, b"20190312101112.5", &Keeps), Outcome::Changed(b"20190101101112.5".to_vec()));
    let weight = b"### ASCCONV BEGIN ###\nflUsedPatientWeight = 70.5\nsPatient.lPatientBirthDay = 19500101\nlX = 1\n### ASCCONV END ###";
    let Outcome::Changed(bytes) = clean(&XA, weight, &Strict) else { panic!("not changed") };
    assert!(!has(&bytes, "70.5") && !has(&bytes, "1950") && has(&bytes, "lX = 1\n"));
    let Outcome::Changed(bytes) = clean(&XA, weight, &Keeps) else { panic!("not changed") };
    assert!(has(&bytes, "70.5") && !has(&bytes, "1950"));
}

#[test]
fn masks_of_ge_stay() {
    let text = "set USERCV_MASK \"2097153\"\nset USERCV_MASK2 \"395808\"\nset USERCV_MASK3 \"19610314\"\nset SLTHICK \"5\"\n";
    let block = protocol_data_block(text);
    let left = match clean(&GE, &block, &Strict) {
        Outcome::Changed(bytes) => bytes,
        _ => block,
    };
    let fields = deid_vendor::fields(&left).unwrap();
    assert_eq!(fields["USERCV_MASK"], b"2097153");
    assert_eq!(fields["USERCV_MASK2"], b"395808");
    assert_ne!(fields["USERCV_MASK3"], b"19610314");
}
