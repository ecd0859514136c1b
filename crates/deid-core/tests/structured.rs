//! Structured content, graphics, documents and what hangs on them, through the engine.

mod common;

use common::{output, settings};
use deid_core::{Body, Cause, Engine, Processed, Scratch, SessionFacts};
use deid_dicom::{Encoding, ROOT, Tag, Tree, Vr, encode, open, value, walk};
use deid_profile::{ConfidentialityOption as Option_, Format, Profile};
use deid_testkit::bytes::Part10;

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const REPORT: &str = "1.2.840.10008.5.1.4.1.1.88.33";
const MR: &str = "1.2.840.10008.5.1.4.1.1.4";
const STATE: &str = "1.2.840.10008.5.1.4.1.1.11.1";

/// A data set in the making.
#[derive(Default)]
struct Set(Vec<u8>);

impl Set {
    fn put(mut self, tag: u32, vr: Vr, value: impl AsRef<[u8]>) -> Self {
        encode::element(&mut self.0, Encoding::ExplicitLittle, Tag(tag), vr, value.as_ref()).unwrap();
        self
    }

    fn items(self, tag: u32, items: impl IntoIterator<Item = Set>) -> Self {
        let mut content = Vec::new();
        for item in items {
            encode::item(&mut content, Encoding::ExplicitLittle, &item.0).unwrap();
        }
        self.put(tag, Vr::SQ, content)
    }

    fn code(self, tag: u32, value: &str, scheme: &str, meaning: &str) -> Self {
        let code = Set::default().put(0x0008_0100, Vr::SH, value).put(0x0008_0102, Vr::SH, scheme).put(
            0x0008_0104,
            Vr::LO,
            meaning,
        );
        self.items(tag, [code])
    }
}

/// A content item with a concept of DCM.
fn content(kind: &str, concept: (&str, &str)) -> Set {
    Set::default().put(0x0040_A010, Vr::CS, "CONTAINS").put(0x0040_A040, Vr::CS, kind).code(
        0x0040_A043,
        concept.0,
        "DCM",
        concept.1,
    )
}

fn instance(class: &str, rest: impl FnOnce(Set) -> Set) -> Vec<u8> {
    let head = Set::default()
        .put(0x0008_0016, Vr::UI, class)
        .put(0x0008_0018, Vr::UI, "1.2.3.4.5")
        .put(0x0010_0010, Vr::PN, "Lagrange^Odette")
        .put(0x0010_0020, Vr::LO, "QZ48151623");
    Part10::new(EXPLICIT, rest(head).0).bytes()
}

fn profile(name: &str, options: &[Option_]) -> Profile {
    let mut profile = deid_profile::built_in(name).unwrap();
    profile.options.extend(options);
    profile.options.sort_unstable();
    profile.options.dedup();
    profile
}

fn process(profile: Profile, file: &[u8]) -> Processed {
    let engine = Engine::new(settings(profile, 7)).unwrap();
    engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default())
}

/// What was written, as a tree that is asked for values by path.
struct Written {
    bytes: Vec<u8>,
    start: usize,
    tree: Tree,
}

impl Written {
    fn of(profile: Profile, file: &[u8]) -> Self {
        let done = process(profile, file);
        assert_eq!(done.cause, None::<Cause>);
        assert!(matches!(done.body, Body::Pieces(_)));
        let bytes = output(done.head, done.body, file);
        let start = open(&mut &bytes[..]).unwrap().data_set as usize;
        let mut tree = Tree::default();
        walk(&mut &bytes[start..], 0, Encoding::ExplicitLittle, &mut tree);
        Written { bytes, start, tree }
    }

    fn at(&self, path: &[u32]) -> Option<Vec<u8>> {
        let mut container = ROOT;
        let (last, way) = path.split_last().unwrap();
        for step in way {
            // Small numbers are items, others tags.
            container = if *step < 100 {
                self.tree.children(container).nth(*step as usize)?
            } else {
                self.tree.find(container, Tag(*step))?
            };
        }
        let node = self.tree.node(self.tree.find(container, Tag(*last))?);
        let data = &self.bytes[self.start..];
        Some(value::trim(&data[node.value_start() as usize..node.value_end() as usize]).to_vec())
    }

    fn text(&self, path: &[u32]) -> String {
        String::from_utf8(self.at(path).unwrap_or_else(|| panic!("nothing at {path:X?}"))).unwrap()
    }

    fn holds(&self, word: &str) -> bool {
        self.bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    }

    fn marks(&self) -> Vec<String> {
        (0..12)
            .filter_map(|item| self.at(&[0x0012_0064, item, 0x0008_0100]))
            .map(|code| String::from_utf8(code).unwrap())
            .collect()
    }
}

const CONTENT: u32 = 0x0040_A730;
const TEXT: u32 = 0x0040_A160;

fn report() -> Vec<u8> {
    let person =
        content("PNAME", ("121008", "Person Observer Name")).put(0x0040_A123, Vr::PN, "Moreau^Denise");
    let subject = content("PNAME", ("121029", "Subject Name")).put(0x0040_A123, Vr::PN, "Lagrange^Odette");
    let id = content("TEXT", ("121030", "Subject ID")).put(TEXT, Vr::UT, "KX99021");
    let birth = content("DATE", ("121031", "Subject Birth Date")).put(0x0040_A121, Vr::DA, "19310203");
    let scan =
        content("DATETIME", ("111526", "DateTime Started")).put(0x0040_A120, Vr::DT, "20200131101112.5+0100");
    let uid =
        content("UIDREF", ("112040", "Tracking Unique Identifier")).put(0x0040_A124, Vr::UI, "1.2.3.4.99");
    let age_value = Set::default().code(0x0040_08EA, "a", "UCUM", "year").put(0x0040_A30A, Vr::DS, "94");
    let age = content("NUM", ("121033", "Subject Age")).items(0x0040_A300, [age_value]);
    let length = Set::default().code(0x0040_08EA, "mm", "UCUM", "mm").put(0x0040_A30A, Vr::DS, "12.5");
    let number = content("NUM", ("121206", "Distance")).items(0x0040_A300, [length]);
    let coordinates = content("SCOORD", ("111030", "Image Region"))
        .put(0x0070_0022, Vr::FL, [0, 0, 128, 63, 0, 0, 0, 64])
        .put(0x0070_0023, Vr::CS, "POINT");
    let finding =
        content("CODE", ("121071", "Finding")).code(0x0040_A168, "99V1", "99LOCAL", "seen by Dr Moreau");
    let own = Set::default()
        .put(0x0040_A010, Vr::CS, "CONTAINS")
        .put(0x0040_A040, Vr::CS, "TEXT")
        .code(0x0040_A043, "H1", "99LOCAL", "Hospital number")
        .put(TEXT, Vr::UT, "ward seven");
    let text = content("TEXT", ("121071", "Finding")).put(
        TEXT,
        Vr::UT,
        "no lesion in the left hemisphere, Lagrange",
    );
    let name_alone = content("TEXT", ("121106", "Comment")).put(TEXT, Vr::UT, "Lagrange");
    let inner = content("CONTAINER", ("121070", "Findings"))
        .put(0x0040_A050, Vr::CS, "SEPARATE")
        .items(CONTENT, [text, name_alone, number, coordinates, finding, own]);
    instance(REPORT, |head| {
        head.put(0x0040_A040, Vr::CS, "CONTAINER")
            .code(0x0040_A043, "126000", "DCM", "Imaging Measurement Report")
            .put(0x0040_A050, Vr::CS, "SEPARATE")
            .items(CONTENT, [person, subject, id, birth, scan, uid, age, inner])
    })
}

#[test]
fn content_is_cleaned_by_value_type_and_concept() {
    let clean = [Option_::CleanStructuredContent, Option_::RetainLongitudinalModifiedDates];
    let written = Written::of(profile("default", &clean), &report());
    let value = |item, tag| written.text(&[CONTENT, item, tag]);
    assert_eq!(value(0, 0x0040_A123), "ANONYMIZED");
    assert_eq!(value(1, 0x0040_A123), "Unknown");
    assert_eq!(value(2, TEXT), "ANONYMIZED");
    assert_eq!(value(3, 0x0040_A121), "19000101", "a birth date is not shifted");
    let shifted = value(4, 0x0040_A120);
    assert!(shifted.ends_with("101112.5+0100") && !shifted.starts_with("2020"), "{shifted}");
    assert!(value(5, 0x0040_A124).starts_with("2.25."));
    assert_eq!(written.text(&[CONTENT, 6, 0x0040_A300, 0, 0x0040_A30A]), "90");
    let inner = |item, rest: &[u32]| written.text(&[&[CONTENT, 7, CONTENT, item][..], rest].concat());
    assert!(inner(0, &[TEXT]).starts_with("no lesion in the left hemisphere"));
    assert_eq!(inner(1, &[TEXT]), "ANONYMIZED", "Text Value is never empty");
    assert_eq!(inner(2, &[0x0040_A300, 0, 0x0040_A30A]), "12.5");
    assert_eq!(inner(2, &[0x0040_A300, 0, 0x0040_08EA, 0, 0x0008_0100]), "mm");
    assert_eq!(inner(3, &[0x0070_0023]), "POINT");
    assert_eq!(inner(4, &[0x0040_A043, 0, 0x0008_0104]), "Finding");
    assert_eq!(inner(4, &[0x0040_A168, 0, 0x0008_0104]), "seen by");
    assert_eq!(inner(5, &[TEXT]), "ANONYMIZED", "the words of a local concept tell");
    for word in ["Lagrange", "Odette", "Moreau", "KX99021", "1931", "1.2.3.4.99", "ward"] {
        assert!(!written.holds(word), "{word}");
    }
    assert!(written.marks().contains(&"113104".to_owned()), "{:?}", written.marks());
    assert_eq!(written.text(&[0x0028_0303]), "MODIFIED");
}

/// A number of a concept that no standard has.
fn own_number(scheme: &str, name: &str, number: &str, unit: &str) -> Set {
    let value = Set::default().code(0x0040_08EA, unit, "UCUM", unit).put(0x0040_A30A, Vr::DS, number);
    Set::default()
        .put(0x0040_A010, Vr::CS, "CONTAINS")
        .put(0x0040_A040, Vr::CS, "NUM")
        .code(0x0040_A043, "K1", scheme, name)
        .items(0x0040_A300, [value])
}

#[test]
fn numbers_of_own_concepts_are_judged_by_their_names() {
    const GO: &[(&str, &str)] = &[
        ("Telefon", "4915112345678"),
        ("Numéro de téléphone", "33612345678"),
        ("Mobile", "15112345678"),
        ("Medical record number", "88123456"),
        ("NHS number", "9434765919"),
        ("DNI", "12345678"),
        ("N° de sécurité sociale", "2530729019123"),
        ("Versichertennummer", "1234"),
        ("Fallnummer", "2011873"),
        ("Employee no", "55123"),
        ("Zip code", "69117"),
        ("Postleitzahl", "69117"),
        ("Geburtsjahr", "1953"),
        ("Count", "4915112345678"),
        ("Zeichen", "004711"),
        ("Zeichen", "4.915112E12"),
        // Those of the subject, wherever they stand.
        ("Kennzeichen", "48151623"),
    ];
    const STAY: &[(&str, &str, &str)] = &[
        ("Volume", "23456.7", "mm3"),
        ("Volumen", "1234567", "mm3"),
        ("Score", "12", "1"),
        ("Fall", "3", "1"),
        ("Number of voxels", "12345", "1"),
        ("Voxels", "1234567", "{voxels}"),
        ("Geburtsgewicht", "3200", "g"),
        ("Body Mass Index", "24.1", "kg/m2"),
        ("Messdauer", "1234567", "ms"),
    ];
    for scheme in ["99LOCAL", "L", "", "DCM"] {
        let go = GO.iter().map(|(name, number)| own_number(scheme, name, number, "1"));
        let stay = STAY.iter().map(|(name, number, unit)| own_number(scheme, name, number, unit));
        let items: Vec<_> = go.chain(stay).collect();
        let file = instance(REPORT, |head| {
            head.put(0x0008_0005, Vr::CS, "ISO_IR 192")
                .put(0x0040_A040, Vr::CS, "CONTAINER")
                .items(CONTENT, items)
        });
        let written = Written::of(profile("default", &[Option_::CleanStructuredContent]), &file);
        let number = |at: usize| written.text(&[CONTENT, at as u32, 0x0040_A300, 0, 0x0040_A30A]);
        for (at, (name, _)) in GO.iter().enumerate() {
            assert_eq!(number(at), "1", "{scheme} {name}");
        }
        for (at, (name, value, _)) in STAY.iter().enumerate() {
            assert_eq!(number(GO.len() + at), *value, "{scheme} {name}");
        }
    }
}

#[test]
fn great_ages_of_own_concepts_are_capped() {
    const AGES: &[(&str, &str, &str, &str)] = &[
        ("Age", "95", "a", "90"),
        ("Alter", "95", "a", "90"),
        ("Edad", "95", "Jahre", "90"),
        ("Âge", "95", "1", "90"),
        ("Patient age", "1140", "mo", "1080"),
        ("Alter des Patienten", "4900", "wk", "4680"),
        ("Alter", "34000", "d", "32850"),
        ("Alter", "1140", "Monate", "1080"),
        ("Alter", "40", "a", "40"),
        ("Age", "300", "d", "300"),
        ("Symptom duration", "95", "d", "95"),
    ];
    let items = AGES.iter().map(|(name, number, unit, _)| own_number("99LOCAL", name, number, unit));
    let file = instance(REPORT, |head| {
        head.put(0x0008_0005, Vr::CS, "ISO_IR 192")
            .put(0x0040_A040, Vr::CS, "CONTAINER")
            .items(CONTENT, items)
    });
    let written = Written::of(profile("default", &[Option_::CleanStructuredContent]), &file);
    for (at, (name, number, unit, capped)) in AGES.iter().enumerate() {
        let value = written.text(&[CONTENT, at as u32, 0x0040_A300, 0, 0x0040_A30A]);
        assert_eq!(value, *capped, "{name} {number} {unit}");
    }
}

#[test]
fn without_the_option_the_tree_is_dummies_of_its_own_shape() {
    for name in ["basic", "default"] {
        let written = Written::of(profile(name, &[]), &report());
        assert_eq!(written.text(&[CONTENT, 0, 0x0040_A040]), "PNAME");
        assert_eq!(written.text(&[CONTENT, 0, 0x0040_A010]), "CONTAINS");
        assert_eq!(written.text(&[CONTENT, 7, CONTENT, 0, TEXT]), "ANONYMIZED");
        assert_eq!(written.text(&[CONTENT, 7, CONTENT, 2, 0x0040_A300, 0, 0x0040_A30A]), "1");
        assert_eq!(written.at(&[CONTENT, 7, CONTENT, 3, 0x0070_0022]).unwrap(), b"", "two zeros, trimmed");
        for word in ["Lagrange", "Moreau", "KX99021", "hemisphere", "20200131", "ward"] {
            assert!(!written.holds(word), "{name} {word}");
        }
        assert!(!written.marks().contains(&"113104".to_owned()));
    }
}

/// The same macro outside a report, in a sequence the table names and in one that it does not.
#[test]
fn acquisition_and_protocol_context_are_trees_too() {
    let person = || content("TEXT", ("121081", "Physician")).put(TEXT, Vr::UT, "Moreau");
    let note = || content("TEXT", ("121106", "Comment")).put(TEXT, Vr::UT, "eyes closed, 01 45 67 89 10");
    let file = instance(MR, |head| {
        let protocol = Set::default().items(0x0040_0440, [person(), note()]);
        head.items(0x0040_0260, [protocol]).items(0x0040_0555, [person(), note()])
    });
    let written = Written::of(profile("default", &[Option_::CleanStructuredContent]), &file);
    for at in [&[0x0040_0260, 0, 0x0040_0440][..], &[0x0040_0555]] {
        assert_eq!(written.text(&[at, &[0, TEXT]].concat()), "ANONYMIZED");
        assert_eq!(written.text(&[at, &[1, TEXT]].concat()), "eyes closed");
    }
    let written = Written::of(profile("default", &[]), &file);
    assert!(written.at(&[0x0040_0555]).is_none_or(|content| content.is_empty()));
    assert!(!written.holds("Moreau"), "a concept tells without the option");
}

#[test]
fn waveform_annotations_are_cleaned_and_waveforms_stay() {
    let file = instance("1.2.840.10008.5.1.4.1.1.9.1.1", |head| {
        let text = Set::default().put(0x0040_A0B0, Vr::US, [1, 0, 1, 0]).put(
            0x0070_0006,
            Vr::ST,
            "left hand, Lagrange",
        );
        let code = Set::default().code(0x0040_A043, "121071", "DCM", "Finding");
        let wave = Set::default().put(0x5400_1010, Vr::OW, [1, 2, 3, 4]);
        head.items(0x0040_B020, [text, code]).items(0x5400_0100, [wave])
    });
    let written = Written::of(profile("default", &[Option_::CleanStructuredContent]), &file);
    assert_eq!(written.text(&[0x0040_B020, 0, 0x0070_0006]), "left hand");
    assert_eq!(written.text(&[0x0040_B020, 1, 0x0040_A043, 0, 0x0008_0104]), "Finding");
    assert_eq!(written.at(&[0x5400_0100, 0, 0x5400_1010]).unwrap(), [1, 2, 3, 4]);
    let written = Written::of(profile("default", &[]), &file);
    assert_eq!(written.text(&[0x0040_B020, 0, 0x0070_0006]), "ANONYMIZED");
    assert!(!written.holds("Lagrange") && !written.holds("hand"));
}

/// A 16 by 8 overlay of this type, with a picture of one bit for each pixel.
fn overlay(kind: &str, area: &str, picture: [u16; 8]) -> Vec<u8> {
    instance(MR, |head| {
        let data: Vec<u8> = picture.iter().flat_map(|row| row.to_le_bytes()).collect();
        head.put(0x6000_0010, Vr::US, 8u16.to_le_bytes())
            .put(0x6000_0011, Vr::US, 16u16.to_le_bytes())
            .put(0x6000_0022, Vr::LO, "lesion of Lagrange")
            .put(0x6000_0040, Vr::CS, kind)
            .put(0x6000_0100, Vr::US, 1u16.to_le_bytes())
            .put(0x6000_0102, Vr::US, 0u16.to_le_bytes())
            .put(0x6000_1301, Vr::IS, area)
            .put(0x6000_1500, Vr::LO, "Lagrange")
            .put(0x6000_3000, Vr::OW, data)
    })
}

#[test]
fn only_a_plain_region_of_interest_is_kept_of_overlays() {
    let square = [0, 0x0FF0, 0x0FF0, 0x0FF0, 0x0FF0, 0, 0, 0];
    let letters = [0x5757u16, 0x5151, 0x7777, 0x5151, 0x5757, 0, 0, 0];
    let clean = profile("default", &[Option_::CleanGraphics]);
    let written = Written::of(clean.clone(), &overlay("R", "32", square));
    assert_eq!(written.at(&[0x6000_3000]).unwrap().len(), 8, "trimmed at both ends");
    assert_eq!(written.text(&[0x6000_0022]), "lesion of");
    assert_eq!(written.text(&[0x6000_1301]), "32");
    assert!(!written.holds("Lagrange"));
    assert!(written.marks().contains(&"113103".to_owned()));
    let set = letters.iter().map(|row| row.count_ones()).sum::<u32>().to_string();
    for (kind, area, picture) in [("G", "32", square), ("R", "31", square), ("R", set.as_str(), letters)] {
        let written = Written::of(clean.clone(), &overlay(kind, area, picture));
        assert!(
            (0x10..0x4000).all(|element| written.at(&[0x6000_0000 + element]).is_none()),
            "{kind} {area}"
        );
    }
    let written = Written::of(profile("default", &[]), &overlay("R", "32", square));
    assert_eq!(written.at(&[0x6000_3000]), None);
}

#[test]
fn curves_of_measured_data_are_kept_and_others_go() {
    let curve = |units: &str, points: u16| {
        instance(MR, |head| {
            head.put(0x5000_0005, Vr::US, 1u16.to_le_bytes())
                .put(0x5000_0010, Vr::US, points.to_le_bytes())
                .put(0x5000_0020, Vr::CS, "ECG")
                .put(0x5000_0022, Vr::LO, "Lagrange")
                .put(0x5000_0030, Vr::SH, units)
                .put(0x5000_0103, Vr::US, 0u16.to_le_bytes())
                .put(0x5000_200C, Vr::OW, "voice")
                .put(0x5000_3000, Vr::OW, [1, 1, 2, 1, 3, 1])
        })
    };
    let clean = profile("default", &[Option_::CleanGraphics]);
    let written = Written::of(clean.clone(), &curve("NONE", 3));
    assert_eq!(written.at(&[0x5000_3000]).unwrap(), [1, 1, 2, 1, 3, 1]);
    assert_eq!(written.at(&[0x5000_200C]), None);
    assert!(!written.holds("Lagrange"));
    for (units, points) in [("DOE", 3), ("NONE", 4)] {
        assert_eq!(Written::of(clean.clone(), &curve(units, points)).at(&[0x5000_3000]), None);
    }
}

#[test]
fn annotations_of_presentation_states_keep_shapes_and_clean_texts() {
    let file = instance(STATE, |head| {
        let text =
            |words: &str| Set::default().put(0x0070_0004, Vr::CS, "PIXEL").put(0x0070_0006, Vr::ST, words);
        let shape = Set::default()
            .put(0x0070_0005, Vr::CS, "PIXEL")
            .put(0x0070_0020, Vr::US, [2, 0])
            .put(0x0070_0021, Vr::US, [1, 0])
            .put(0x0070_0022, Vr::FL, [0, 0, 128, 63, 0, 0, 0, 64])
            .put(0x0070_0023, Vr::CS, "POINT");
        let annotation = Set::default()
            .put(0x0070_0002, Vr::CS, "LAYER1")
            .items(0x0070_0008, [text("lesion, Lagrange"), text("Lagrange")])
            .items(0x0070_0009, [shape]);
        let layer =
            Set::default().put(0x0070_0002, Vr::CS, "LAYER1").put(0x0070_0068, Vr::LO, "drawn by Dr Moreau");
        head.items(0x0070_0001, [annotation])
            .items(0x0070_0060, [layer])
            .put(0x0070_0081, Vr::LO, "lesion of Lagrange")
            .put(0x0070_0084, Vr::PN, "Moreau^Denise")
    });
    let written = Written::of(profile("default", &[Option_::CleanGraphics]), &file);
    assert_eq!(written.text(&[0x0070_0001, 0, 0x0070_0008, 0, 0x0070_0006]), "lesion");
    assert_eq!(written.text(&[0x0070_0001, 0, 0x0070_0008, 1, 0x0070_0006]), "ANONYMIZED");
    assert_eq!(written.text(&[0x0070_0001, 0, 0x0070_0009, 0, 0x0070_0023]), "POINT");
    assert_eq!(written.at(&[0x0070_0001, 0, 0x0070_0009, 0, 0x0070_0022]).unwrap().len(), 6);
    assert_eq!(written.text(&[0x0070_0001, 0, 0x0070_0002]), "LAYER1");
    assert_eq!(written.text(&[0x0070_0081]), "lesion of");
    for word in ["Lagrange", "Moreau"] {
        assert!(!written.holds(word), "{word}");
    }
    assert!(written.marks().contains(&"113103".to_owned()));
    // Without the option text and shapes become dummies, and the terms of the structure stay.
    let written = Written::of(profile("default", &[]), &file);
    assert_eq!(written.text(&[0x0070_0001, 0, 0x0070_0008, 0, 0x0070_0006]), "ANONYMIZED");
    let shape = |tag| [0x0070_0001, 0, 0x0070_0009, 0, tag];
    assert_eq!(written.text(&shape(0x0070_0023)), "POINT");
    // Valid ones: two dimensions, a point, and a layer that is there.
    assert_eq!(written.at(&shape(0x0070_0020)).unwrap(), [2]);
    assert_eq!(written.at(&shape(0x0070_0021)).unwrap(), [1]);
    assert_eq!(written.at(&shape(0x0070_0022)).unwrap(), []);
    assert_eq!(written.text(&[0x0070_0001, 0, 0x0070_0002]), "LAYER1");
    assert_eq!(written.text(&[0x0070_0060, 0, 0x0070_0002]), "LAYER1");
}

/// A layer that is not among the state's is a text like any other.
#[test]
fn a_layer_that_is_none_is_a_dummy() {
    let file = instance(STATE, |head| {
        let layer = Set::default().put(0x0070_0002, Vr::CS, "LAYER1");
        head.items(0x0070_0001, [Set::default().put(0x0070_0002, Vr::CS, "DENISE")])
            .items(0x0070_0060, [layer])
    });
    let written = Written::of(profile("default", &[]), &file);
    assert_eq!(written.text(&[0x0070_0001, 0, 0x0070_0002]), "ANONYMIZED");
}

/// What an earlier de-identification left: codes of CID 7050 with the standard's own meaning, and nothing else.
#[test]
fn marks_of_an_earlier_hand_hold_no_text_of_its_own() {
    let code = |value: &str, meaning: &str| {
        Set::default()
            .put(0x0008_0100, Vr::SH, value)
            .put(0x0008_0102, Vr::SH, "DCM")
            .put(0x0008_0104, Vr::LO, meaning)
            .put(0x0008_0120, Vr::UR, "http://pacs.example/Q17")
    };
    let file = instance(MR, |head| {
        head.put(0x0012_0063, Vr::LO, "by Denise Moreau").items(
            0x0012_0064,
            [code("113105", "cleaned by Denise Moreau"), code("DMOREAU", "Denise Moreau")],
        )
    });
    for name in ["basic", "default", "neuro"] {
        let written = Written::of(profile(name, &[]), &file);
        for word in ["Moreau", "MOREAU", "cleaned by", "pacs.example"] {
            assert!(!written.holds(word), "{name}: {word}");
        }
        assert!(written.marks().contains(&"113105".to_owned()) && written.holds("Clean Descriptors Option"));
    }
}

/// A code says nothing without its scheme. Local ones are somebody's words.
#[test]
fn schemes_of_standards_stay_with_their_codes() {
    const CONCEPT: u32 = 0x0040_A168;
    let codes = [
        ("en-US", "RFC5646"),
        ("0003126", "UBERON"),
        ("10090", "NCBI_TAXON"),
        ("MGI:2159769", "MGI"),
        ("5.10.3-11", "SCPECG"),
        ("UKLHD", "UKLHD"),
    ];
    for (value, scheme) in codes {
        let item = content("CODE", ("121049", "Language of Content Item and Descendants"))
            .code(CONCEPT, value, scheme, "meaning");
        let file = instance(REPORT, |head| {
            head.put(0x0040_A040, Vr::CS, "CONTAINER")
                .code(0x0040_A043, "126000", "DCM", "Imaging Measurement Report")
                .items(CONTENT, [item])
        });
        let written = Written::of(profile("basic", &[Option_::CleanStructuredContent]), &file);
        let at = |tag| written.at(&[CONTENT, 0, CONCEPT, 0, tag]).unwrap();
        assert_eq!(at(0x0008_0102) == scheme.as_bytes(), scheme != "UKLHD", "{scheme}");
        assert_eq!(at(0x0008_0100) == value.as_bytes(), scheme != "UKLHD", "{value}");
    }
}

#[test]
fn documents_are_quarantined_wherever_they_stand() {
    let pdf = |class: &str| instance(class, |head| head.put(0x0042_0011, Vr::OB, "%PDF-1.4 Lagrange"));
    for class in
        ["1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.104.3", MR, "1.3.46.670589.11.0.0.12.2"]
    {
        assert_eq!(process(profile("default", &[]), &pdf(class)).cause, Some(Cause::EncapsulatedDocument));
        let written = Written::of(profile("basic", &[]), &pdf(class));
        assert!(!written.holds("PDF") && !written.holds("Lagrange"));
    }
    // Inside a sequence it becomes a dummy, and links to documents elsewhere do too.
    let file = instance(MR, |head| {
        let inside = Set::default().put(0x0042_0011, Vr::OB, "%PDF-1.4 secret");
        let link = Set::default()
            .put(0x0040_E001, Vr::ST, "1.2.3^DOC17")
            .put(0x0040_E010, Vr::UR, "http://pacs.example/Q17")
            .put(0x0040_E011, Vr::UI, "1.2.3.77");
        head.items(0x0040_A390, [link]).items(0x0008_2218, [inside])
    });
    let written = Written::of(profile("default", &[]), &file);
    for word in ["PDF", "secret", "DOC17", "pacs.example", "1.2.3.77"] {
        assert!(!written.holds(word), "{word}");
    }
}

#[test]
fn films_and_voices_are_a_risk() {
    let mut film = Set::default().put(0x0008_0016, Vr::UI, MR).put(0x0010_0020, Vr::LO, "QZ48151623").0;
    film.extend_from_slice(b"\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF\xFE\xFF\0\xE0\0\0\0\0");
    film.extend_from_slice(b"\xFE\xFF\0\xE0\x02\0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0");
    let film = Part10::new("1.2.840.10008.1.2.4.102", film).bytes();
    let voice = instance("1.2.840.10008.5.1.4.1.1.9.4.1", |head| head);
    for file in [film, voice] {
        assert_eq!(process(profile("default", &[]), &file).cause, Some(Cause::BurnedIn));
        let done = process(profile("basic", &[]), &file);
        assert_eq!((done.cause, done.facts.burned_in_risk), (None, true));
    }
}

/// Icons, signatures, what an earlier hand changed or encrypted: gone at top level, in items and in private sequences.
#[test]
fn icons_signatures_and_earlier_originals_go_at_any_depth() {
    let all = |set: Set| {
        let inner = || [Set::default().put(0x0018_9005, Vr::SH, "ZEBRAWORD")];
        set.items(0x0088_0200, inner())
            .items(0x0400_0500, inner())
            .items(0x0400_0550, inner())
            .items(0x0400_0561, inner())
            .items(0x4FFE_0001, inner())
            .items(0xFFFA_FFFA, inner())
    };
    let file = instance(MR, |head| {
        let private = all(Set::default());
        let head = head
            .items(0x0008_2218, [all(Set::default())])
            .put(0x2005_0010, Vr::LO, "Philips MR Imaging DD 001")
            .items(0x2005_100F, [private]);
        all(head)
    });
    let kept = "[[rule]]\ntag = \"(2005,{Philips MR Imaging DD 001}0F)\"\naction = \"keep\"\n";
    let own =
        deid_profile::parse(&format!("name = \"own\"\nbase = \"basic\"\n{kept}"), Format::Toml).unwrap();
    for profile in [own, profile("default", &[]), profile("basic", &[]), profile("neuro", &[])] {
        let name = profile.name.clone();
        let written = Written::of(profile, &file);
        assert!(!written.holds("ZEBRAWORD"), "{name}");
    }
}

/// Each option with each other: a mark for each, and nothing of the subject in what is written.
#[test]
fn options_combine() {
    let mut files = vec![report(), overlay("R", "1", [1, 0, 0, 0, 0, 0, 0, 0])];
    files.push(deid_testkit::study::mr_instance(&deid_testkit::study::Subject::default()));
    for (at, one) in Option_::ALL.into_iter().enumerate() {
        for other in Option_::ALL.into_iter().skip(at) {
            for file in &files {
                let written = Written::of(profile("basic", &[one, other]), file);
                let marks = written.marks();
                for option in [one, other] {
                    assert!(marks.contains(&option.code().value.to_owned()), "{option}: {marks:?}");
                }
                assert!(!written.holds("Lagrange") && !written.holds("Moreau"), "{one} {other}");
            }
        }
    }
    let written = Written::of(profile("basic", &Option_::ALL), &report());
    assert_eq!(written.marks().len(), 11);
}

/// Numbers under concepts that identify, and ages in every form a number has: nothing of them stays.
#[test]
fn numbers_of_persons_and_high_ages_go_from_trees() {
    let number = |concept: (&str, &str, &str), values: Set| {
        Set::default()
            .put(0x0040_A010, Vr::CS, "CONTAINS")
            .put(0x0040_A040, Vr::CS, "NUM")
            .code(0x0040_A043, concept.0, concept.1, concept.2)
            .items(0x0040_A300, [values])
    };
    let unit = |code: &str| Set::default().code(0x0040_08EA, code, "UCUM", code);
    let decimal = |text: &str| unit("1").put(0x0040_A30A, Vr::DS, text);
    let age = |values: Set| number(("121033", "DCM", "Subject Age"), values);
    let file = instance(REPORT, |head| {
        head.put(0x0040_A040, Vr::CS, "CONTAINER").items(
            CONTENT,
            [
                number(("121030", "DCM", "Subject ID"), decimal("77412345")),
                number(("121031", "DCM", "Subject Birth Date"), decimal("19470813")),
                number(
                    ("P1", "99LOCAL", "Patient phone number"),
                    decimal("612345678")
                        .put(0x0040_A161, Vr::FD, 612_345_678.0f64.to_le_bytes())
                        .put(0x0040_A162, Vr::SL, 612_345_678i32.to_le_bytes())
                        .put(0x0040_A163, Vr::UL, 7u32.to_le_bytes()),
                ),
                age(unit("a").put(0x0040_A161, Vr::FD, 97.0f64.to_le_bytes())),
                age(unit("a").put(0x0040_A162, Vr::SL, 194i32.to_le_bytes()).put(
                    0x0040_A163,
                    Vr::UL,
                    2u32.to_le_bytes(),
                )),
                age(unit("mo").put(0x0040_A30A, Vr::DS, "1173")),
                age(unit("d").put(0x0040_A30A, Vr::DS, "35000")),
                age(unit("wk").put(0x0040_A30A, Vr::DS, "4000")),
                age(unit("a").put(0x0040_A30A, Vr::DS, "41").put(0x0040_A161, Vr::FD, 41.5f64.to_le_bytes())),
                number(("121206", "DCM", "Distance"), decimal("77412.5")),
            ],
        )
    });
    let written = Written::of(profile("default", &[Option_::CleanStructuredContent]), &file);
    let at = |item, tag| written.at(&[CONTENT, item, 0x0040_A300, 0, tag]).unwrap();
    for item in [0, 1, 2] {
        assert_eq!(at(item, 0x0040_A30A), b"1", "{item}");
    }
    let binary = |item, tag, number: &[u8]| {
        assert_eq!(at(item, tag), value::trim(number), "{item} {tag:X}");
    };
    binary(2, 0x0040_A161, &1.0f64.to_le_bytes());
    binary(2, 0x0040_A162, &1i32.to_le_bytes());
    binary(2, 0x0040_A163, &1u32.to_le_bytes());
    binary(3, 0x0040_A161, &90.0f64.to_le_bytes());
    binary(4, 0x0040_A162, &90i32.to_le_bytes());
    binary(4, 0x0040_A163, &1u32.to_le_bytes());
    assert_eq!(at(5, 0x0040_A30A), b"1080");
    assert_eq!(at(6, 0x0040_A30A), b"32850");
    assert_eq!(at(7, 0x0040_A30A), b"4000");
    assert_eq!(at(8, 0x0040_A30A), b"41");
    binary(8, 0x0040_A161, &41.5f64.to_le_bytes());
    assert_eq!(at(9, 0x0040_A30A), b"77412.5");
}
