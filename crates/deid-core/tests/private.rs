//! Private elements through the whole engine: our list, the standard's, numbers of known creators, and what the data
//! set says of them.

mod common;

use common::settings;
use deid_core::{Engine, Scratch, SessionFacts};
use deid_dicom::{Kind, NodeIndex, ROOT, Tag, Tree, Vr, open, value, walk};
use deid_profile::ConfidentialityOption;
use deid_standard::neuroimaging_private::{Kind as Held, NeuroimagingPrivate, all};
use deid_testkit::bytes::{
    Part10, big_endian, explicit, explicit_long, implicit, item, sequence, undefined_item, undefined_sequence,
};
use std::cell::RefCell;

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
const MR: &str = "1.2.840.10008.5.1.4.1.1.4";

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The engine of a profile with these lines.
fn engine(lines: &str) -> Engine {
    let profile = deid_profile::toml::parse(&format!("name = \"mine\"\n{lines}\n")).unwrap();
    Engine::new(settings(profile, 7)).unwrap()
}

fn listed() -> Engine {
    engine(
        "options = [\"retain-safe-private\", \"retain-longitudinal-modified-dates\"]\nprivate = [\"neuroimaging\"]",
    )
}

fn numeric() -> Engine {
    engine("options = [\"retain-safe-private\"]\nprivate = [\"numeric\"]")
}

/// A data set of a patient with the elements given, which come between the groups 0008 and 0010 when `early`.
fn data_set(early: &[u8], late: &[u8]) -> Vec<u8> {
    let head = [
        explicit(0x0008_0016, "UI", MR),
        explicit(0x0008_0018, "UI", "1.2.3.4"),
        explicit(0x0008_0020, "DA", "20190704"),
        explicit(0x0008_0060, "CS", "MR"),
        explicit(0x0008_0090, "PN", "Weatherby^Anton"),
    ]
    .concat();
    let patient = [
        explicit(0x0010_0010, "PN", "Featherstone^Jane"),
        explicit(0x0010_0020, "LO", "87654321"),
        explicit(0x0010_0030, "DA", "19570423"),
    ]
    .concat();
    [&head[..], early, &patient, late].concat()
}

/// The data set that is written, and its tree.
struct Written {
    data: Vec<u8>,
    tree: Tree,
}

impl Written {
    fn of(engine: &Engine, transfer_syntax: &str, data_set: &[u8]) -> Self {
        let file = Part10::new(transfer_syntax, data_set).bytes();
        let done = SCRATCH
            .with_borrow_mut(|scratch| engine.process(&mut &file[..], &SessionFacts::default(), scratch));
        assert_eq!(done.cause, None);
        let written = common::output(done.head, done.body, &file);
        let layout = open(&mut &written[..]).unwrap();
        let data = written[layout.data_set as usize..].to_vec();
        let mut tree = Tree::default();
        walk(&mut &data[..], 0, layout.encoding, &mut tree);
        Written { data, tree }
    }

    fn private(engine: &Engine, elements: &[u8]) -> Self {
        let early = elements.first_chunk().is_some_and(|group| u16::from_le_bytes(*group) < 0x0010);
        let (early, late) = if early { (elements, &[][..]) } else { (&[][..], elements) };
        Self::of(engine, EXPLICIT, &data_set(early, late))
    }

    fn value(&self, index: NodeIndex) -> &[u8] {
        let node = self.tree.node(index);
        &self.data[node.value_start() as usize..node.value_end() as usize]
    }

    /// The value at top level.
    fn top(&self, tag: u32) -> Option<&[u8]> {
        self.tree.find(ROOT, Tag(tag)).map(|index| self.value(index))
    }

    /// The first value at any depth.
    fn any(&self, tag: u32) -> Option<&[u8]> {
        let place = self.tree.nodes.iter().position(|node| node.tag == Tag(tag))?;
        Some(self.value(place as NodeIndex))
    }

    fn text(&self, tag: u32) -> String {
        self.any(tag)
            .map_or_else(String::new, |value| String::from_utf8_lossy(value::trim(value)).into_owned())
    }

    /// Group, creator, status and elements of each item of (0008,0300).
    fn characteristics(&self) -> Vec<(u16, String, String, Vec<u8>)> {
        let Some(sequence) = self.tree.find(ROOT, Tag(0x0008_0300)) else { return Vec::new() };
        self.tree
            .children(sequence)
            .map(|item| {
                let value =
                    |tag| self.tree.find(item, Tag(tag)).map(|index| self.value(index)).unwrap_or_default();
                let text = |tag| String::from_utf8_lossy(value::trim(value(tag))).into_owned();
                let group = value(0x0008_0301);
                let elements = value(0x0008_0304).chunks(2).map(|two| two[0] | two[1]).collect();
                (u16::from_le_bytes([group[0], group[1]]), text(0x0008_0302), text(0x0008_0303), elements)
            })
            .collect()
    }
}

/// A creator in block 12, and an element of it.
fn block(creator: &str, group: u16, element: u8, vr: &str, value: &[u8]) -> Vec<u8> {
    let tag = u32::from(group) << 16;
    [explicit(tag | 0x12, "LO", creator), explicit(tag | 0x1200 | u32::from(element), vr, value.to_vec())]
        .concat()
}

const fn tag(row: &NeuroimagingPrivate) -> u32 {
    (row.group as u32) << 16 | 0x1200 | row.element as u32
}

/// A value as the row describes it.
fn sample(row: &NeuroimagingPrivate) -> Vec<u8> {
    let text = |text: &str| text.as_bytes().to_vec();
    match (row.kind, row.vr) {
        (Held::Number, Vr::DS | Vr::IS) => text("12"),
        (Held::Number, Vr::FD) => 1.5f64.to_le_bytes().to_vec(),
        (Held::Number, Vr::FL | Vr::OF) => 1.5f32.to_le_bytes().to_vec(),
        (Held::Number, Vr::UL | Vr::SL) => 5u32.to_le_bytes().to_vec(),
        (Held::Number, _) => 5u16.to_le_bytes().to_vec(),
        (Held::Code, _) => text("NORMAL"),
        (Held::Text, _) => text("epi_dti for Weatherby "),
        (Held::Uid, _) => text("1.2.3.4.56"),
        (Held::Date, _) => text("20190704"),
        (Held::Time, _) => text("1200"),
        (Held::DateTime, _) => text("20190704120000"),
        (Held::Header, _) => vec![1, 2, 3, 4],
        (Held::Sequence, _) => item([]),
    }
}

#[test]
fn each_row_of_the_list_is_planned_as_it_says() {
    let engine = listed();
    for row in all() {
        let before = sample(row);
        let elements = block(row.creator, row.group, row.element, row.vr.as_str(), &before);
        let after = Written::private(&engine, &elements);
        let after = after.top(tag(row));
        if row.kind == Held::Header {
            assert_eq!(after, None, "{row:?}: what its cleaner cannot read goes");
            continue;
        }
        let after = after.unwrap_or_else(|| panic!("{row:?}"));
        let text = String::from_utf8_lossy(after).into_owned();
        match row.kind {
            Held::Number | Held::Code | Held::Sequence | Held::Time => {
                assert_eq!(after, before, "{row:?}");
            }
            Held::Text => {
                assert!(text.starts_with("epi_dti") && !text.contains("Weatherby"), "{row:?}: {text}");
            }
            Held::Header => unreachable!("seen above"),
            Held::Uid => assert!(text.starts_with("2.25."), "{row:?}: {text}"),
            Held::Date | Held::DateTime => {
                assert!(text.len() == before.len() && !text.starts_with("2019070"), "{row:?}: {text}");
            }
        }
    }
}

#[test]
fn each_row_wants_its_list_and_its_creator() {
    let without = engine("options = [\"retain-longitudinal-modified-dates\"]");
    let with = listed();
    for row in all() {
        let elements = block(row.creator, row.group, row.element, row.vr.as_str(), &sample(row));
        assert_eq!(Written::private(&without, &elements).any(tag(row)), None, "{row:?}");
        let elements = block("SOMEBODY ELSE", row.group, row.element, row.vr.as_str(), &sample(row));
        assert_eq!(Written::private(&with, &elements).any(tag(row)), None, "{row:?}");
    }
}

#[test]
fn what_is_not_on_the_list_goes() {
    let engine = listed();
    for (creator, group, element) in [
        ("SIEMENS MR SDS 01", 0x0021, 0x2B),
        ("SIEMENS CSA HEADER", 0x0029, 0x09),
        ("GEMS_PARM_01", 0x0043, 0x62),
        ("Image Private Header", 0x0065, 0x41),
        ("TOSHIBA_MEC_MR3^10", 0x700D, 0x16),
    ] {
        let written = Written::private(&engine, &block(creator, group, element, "LO", b"any "));
        let group = u32::from(group) << 16;
        assert_eq!(written.any(group | 0x1200 | u32::from(element)), None, "{creator}");
        assert_eq!(written.any(group | 0x12), None, "{creator}");
        assert_eq!(written.characteristics(), []);
    }
}

#[test]
fn a_row_is_found_at_any_depth_and_block() {
    let inner = [block("SIEMENS MR SDI 02", 0x0021, 0x53, "FD", &2.5f64.to_le_bytes())].concat();
    let frames = sequence(0x0021_1FFE, undefined_item(&inner));
    let middle = [explicit(0x0021_001F, "LO", "SIEMENS MR SDI 02 "), frames].concat();
    let outer = undefined_sequence(0x5200_9230, item(middle));
    let written = Written::private(&listed(), &outer);
    assert_eq!(written.any(0x0021_1253), Some(&2.5f64.to_le_bytes()[..]));
    let expected = (0x0021, "SIEMENS MR SDI 02".to_owned(), "SAFE".to_owned(), Vec::new());
    assert_eq!(written.characteristics(), [expected]);
}

#[test]
fn un_and_implicit_vr_are_read_by_the_list() {
    let number = 2.5f64.to_le_bytes();
    let b_value = block("Image Private Header", 0x0065, 0x09, "UN", &number);
    assert_eq!(Written::private(&listed(), &b_value).top(0x0065_1209), Some(&number[..]));
    let words = block("Image Private Header", 0x0065, 0x09, "UN", b"Smith^Jo");
    assert_eq!(Written::private(&listed(), &words).any(0x0065_1209), None);

    let date = block("SIEMENS MED PT", 0x0071, 0x22, "UN", b"20190704120000");
    let written = Written::private(&listed(), &date);
    let shifted = written.top(0x0071_1222).unwrap();
    assert!(shifted.ends_with(b"120000") && !shifted.starts_with(b"20190704"));

    let public = [
        implicit(0x0008_0016, MR.as_bytes().to_vec()),
        implicit(0x0008_0018, b"1.2.3.4\0".to_vec()),
        implicit(0x0010_0020, "87654321"),
    ]
    .concat();
    let private = |value: &[u8]| {
        [&public[..], &implicit(0x0065_0012, "Image Private Header"), &implicit(0x0065_1209, value.to_vec())]
            .concat()
    };
    let written = Written::of(&listed(), IMPLICIT, &private(&number));
    assert_eq!(written.top(0x0065_1209), Some(&number[..]));
    assert_eq!(Written::of(&listed(), IMPLICIT, &private(b"Featherstone^Jan")).any(0x0065_1209), None);
}

#[test]
fn what_is_not_as_the_row_says_goes() {
    let long = 1.5f64.to_le_bytes();
    let cases: [(&str, u16, u8, &str, &[u8]); 22] = [
        ("SIEMENS MR HEADER", 0x0019, 0x0B, "DS", b"20190704"),
        ("SIEMENS MR HEADER", 0x0019, 0x28, "FD", &20_190_704f64.to_le_bytes()),
        ("SIEMENS MR HEADER", 0x0019, 0x28, "FL", &20_190_704f32.to_le_bytes()),
        ("SIEMENS MR HEADER", 0x0019, 0x0B, "DA", b"20190704"),
        ("SIEMENS MR HEADER", 0x0019, 0x12, "SL", &20_190_704u32.to_le_bytes()),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "PN", b"HEA;HEP "),
        ("SIEMENS MR HEADER", 0x0019, 0x0A, "US", &[1, 2, 3, 4, 5, 0][..5]),
        ("SIEMENS MR HEADER", 0x0019, 0x28, "FD", &long[..6]),
        ("SIEMENS MR HEADER", 0x0019, 0x29, "FD", b"Somebody Else's "),
        ("SIEMENS MR HEADER", 0x0019, 0x0B, "DS", b"12 mm "),
        ("SIEMENS MR HEADER", 0x0019, 0x0B, "LO", b"Jones "),
        ("SIEMENS MR HEADER", 0x0019, 0x0B, "PN", b"Jones^Mary"),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "LO", b"JONES^MARY"),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "LO", b"Dr. Jones "),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "LO", b"12.03.1985"),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "LO", b"mary@jones.org"),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "OW", b"HEA;HEP "),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "US", &[1, 0]),
        ("GEMS_PARM_01", 0x0043, 0x61, "UI", b"Jones "),
        ("GEMS_PARM_01", 0x0043, 0x81, "US", &[1, 0]),
        ("SIEMENS MED PT", 0x0071, 0x22, "DT", b"July 4th"),
        ("SIEMENS MR SDS 01", 0x0021, 0xFE, "OB", b"no items"),
    ];
    for (creator, group, element, vr, value) in cases {
        let written = Written::private(&listed(), &block(creator, group, element, vr, value));
        let tag = u32::from(group) << 16 | 0x1200 | u32::from(element);
        assert_eq!(written.any(tag), None, "{creator} {element:02X} {vr}");
    }
    let items = [explicit(0x0019_0012, "LO", "SIEMENS MR HEADER"), sequence(0x0019_120B, item([]))].concat();
    assert_eq!(Written::private(&listed(), &items).any(0x0019_120B), None);
}

#[test]
fn other_vr_of_the_same_sense_is_kept() {
    let cases: [(&str, u16, u8, &str, &[u8]); 5] = [
        ("SIEMENS MR HEADER", 0x0019, 0x0B, "LO", b"2300"),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "SH", b"HEA;HEP "),
        ("SIEMENS MR HEADER", 0x0019, 0x0A, "OB", &[36, 0]),
        ("GEMS_PARM_01", 0x0043, 0x10, "SS", &[100, 0]),
        ("GEMS_PARM_01", 0x0043, 0x39, "UN", b"1000\\0\\0\\0 "),
    ];
    for (creator, group, element, vr, value) in cases {
        let written = Written::private(&listed(), &block(creator, group, element, vr, value));
        let tag = u32::from(group) << 16 | 0x1200 | u32::from(element);
        assert_eq!(written.top(tag), Some(value), "{creator} {element:02X} {vr}");
    }
}

#[test]
fn identifiers_of_the_subject_are_found_in_what_the_list_keeps() {
    let integer = 87_654_321u32.to_le_bytes();
    let float = 87_654_321f64.to_le_bytes();
    let cases: [(&str, u16, u8, &str, &[u8]); 7] = [
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "LO", b"HEA Featherstone"),
        ("SIEMENS MR HEADER", 0x0051, 0x0F, "LO", b"weatherby "),
        ("GEMS_ACQU_01", 0x0019, 0x9C, "LO", b"Featherstone"),
        ("GEMS_ACQU_01", 0x0019, 0x93, "DS", b"87654321"),
        ("GEMS_RELA_01", 0x0021, 0x56, "SL", &integer),
        ("SIEMENS MR HEADER", 0x0019, 0x28, "FD", &float),
        ("SIEMENS CSA NON-IMAGE", 0x7FE1, 0x10, "OB", b"\0\0\x01\x02Featherstone\0\0\0\0"),
    ];
    for (creator, group, element, vr, value) in cases {
        let written = Written::private(&listed(), &block(creator, group, element, vr, value));
        for planted in [&b"eatherstone"[..], b"eatherby", b"87654321", &integer, &float] {
            let found = written.data.windows(planted.len()).any(|bytes| bytes == planted);
            assert!(!found, "{creator} {element:02X} {vr}");
        }
    }
}

#[test]
fn dates_of_the_list_follow_the_options_on_dates() {
    let private = |options: &str| {
        let engine = engine(&format!("options = [{options}]\nprivate = [\"neuroimaging\"]"));
        let date = block("SIEMENS MED PT", 0x0071, 0x22, "DT", b"20190704120000");
        let written = Written::private(&engine, &date);
        (written.top(0x0071_1222).map(<[u8]>::to_vec), written.text(0x0028_0303))
    };
    assert_eq!(private(""), (None, "REMOVED".to_owned()));
    let (kept, mark) = private("\"retain-longitudinal-full-dates\"");
    assert_eq!((kept.as_deref(), mark.as_str()), (Some(&b"20190704120000"[..]), "UNMODIFIED"));
    let (shifted, mark) = private("\"retain-longitudinal-modified-dates\"");
    assert!(shifted.is_some_and(|date| date != b"20190704120000"));
    assert_eq!(mark, "MODIFIED");
}

#[test]
fn kept_private_blocks_are_characterised() {
    let claim = sequence(
        0x0008_0300,
        item(
            [
                explicit(0x0008_0301, "US", [0x33, 0]),
                explicit(0x0008_0302, "LO", "CLAIMED"),
                explicit(0x0008_0303, "CS", "SAFE"),
            ]
            .concat(),
        ),
    );
    // Bytes that a rule keeps and nothing cleaned are not safe; the other elements of their block are.
    let csa = [
        explicit(0x0029_0010, "LO", "SIEMENS CSA HEADER"),
        explicit(0x0029_1008, "CS", "IMAGE NUM 4"),
        explicit(0x0029_1060, "OB", vec![1, 2, 3, 4]),
    ]
    .concat();
    let keeping = engine(
        "private = [\"neuroimaging\"]\n[[rule]]\ntag = \"(0029,{SIEMENS CSA HEADER}60)\"\naction = \"keep\"",
    );
    let nested = sequence(0x0040_0275, item(&claim));
    let late = [csa, nested].concat();
    let written = Written::of(&keeping, EXPLICIT, &data_set(&claim, &late));
    let expected = (0x0029, "SIEMENS CSA HEADER".to_owned(), "MIXED".to_owned(), vec![0x08]);
    assert_eq!(written.characteristics(), [expected]);
    assert!(!written.data.windows(7).any(|bytes| bytes == b"CLAIMED"));
    assert_eq!(written.text(0x0012_0063).rsplit('\\').next(), Some("private list neuroimaging 2026-11"));
    assert!(written.text(0x0012_0063).split('\\').all(|value| value.len() <= 64));
    // Nothing vouches for the bytes, so no code does.
    assert_eq!(written.top(0x0012_0064), None);
    // With nothing private left, the claim goes.
    let written = Written::of(&engine(""), EXPLICIT, &data_set(&claim, &[]));
    assert_eq!(written.characteristics(), []);
    assert!(!written.data.windows(7).any(|bytes| bytes == b"CLAIMED"));
    assert!(!written.text(0x0012_0063).contains("private"));
}

#[test]
fn the_list_is_safe_private_only_with_that_option() {
    let element = block("SIEMENS MR HEADER", 0x0019, 0x28, "FD", &1.5f64.to_le_bytes());
    let codes = |engine: &Engine| Written::private(engine, &element).top(0x0012_0064).is_some();
    assert!(codes(&listed()));
    assert!(!codes(&engine("private = [\"neuroimaging\"]")));
    let neuro = common::engine("neuro");
    let profile = &neuro.settings().profile;
    assert!(profile.private.neuroimaging && profile.has_option(ConfidentialityOption::RetainSafePrivate));
}

#[test]
fn big_endian_blocks_are_characterised_in_their_order() {
    let data_set = [
        big_endian(0x0008_0016, "UI", MR),
        big_endian(0x0008_0018, "UI", "1.2.3.4"),
        big_endian(0x0010_0020, "LO", "87654321"),
        big_endian(0x0019_0010, "LO", "SIEMENS MR HEADER"),
        big_endian(0x0019_100A, "US", [0, 36]),
    ]
    .concat();
    let written = Written::of(&listed(), BIG_ENDIAN, &data_set);
    assert_eq!(written.top(0x0019_100A), Some(&[0, 36][..]));
    assert_eq!(written.any(0x0008_0301), Some(&[0x00, 0x19][..]));
}

#[test]
fn numbers_of_known_creators_are_kept_if_they_can_be_no_identifier() {
    let engine = numeric();
    let kept: [(&str, u16, u8, &str, &[u8]); 6] = [
        ("GEMS_ACQU_01", 0x0019, 0xF2, "SS", &[10, 0]),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "DS", b"1.25\\-3 "),
        ("Philips MR Imaging DD 001", 0x2005, 0x08, "FL", &[0, 0, 0x80, 0x3F]),
        ("Philips MR Imaging DD 001", 0x2005, 0x08, "FL", &[0x99, 0x76, 0x96, 0x7E]),
        ("SIEMENS MR SDS 01", 0x0021, 0x63, "FD", &[0; 24]),
        ("SIEMENS MR HEADER", 0x0019, 0x77, "IS", b"9999999 "),
    ];
    for (creator, group, element, vr, value) in kept {
        let written = Written::private(&engine, &block(creator, group, element, vr, value));
        let tag = u32::from(group) << 16 | 0x1200 | u32::from(element);
        assert_eq!(written.top(tag), Some(value), "{creator} {element:02X} {vr}");
        assert_eq!(written.characteristics()[0].2, "UNSAFE");
        assert!(written.text(0x0012_0063).ends_with("private numbers of known creators"));
        assert_eq!(written.top(0x0012_0064), None);
    }
    let removed: [(&str, u16, u8, &str, &[u8]); 12] = [
        ("NOBODY KNOWS", 0x0019, 0xF2, "SS", &[10, 0]),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "LO", b"10"),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "OB", &[1, 0]),
        ("GEMS_ACQU_01", 0x0019, 0xF2, "UN", &[10, 0]),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "IS", b"20190704"),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "DS", b"20190704.5"),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "UL", &1_537_271_295u32.to_le_bytes()),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "FD", &27_018_123f64.to_le_bytes()),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "SL", &(-87_654_321i32).to_le_bytes()),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "US", b"Jones "),
        ("GEMS_ACQU_01", 0x0019, 0xFE, "DS", b"one "),
        // Patient Status, by the dictionary.
        ("GEMS_PATI_01", 0x0011, 0x10, "SS", &[1, 0]),
    ];
    for (creator, group, element, vr, value) in removed {
        let written = Written::private(&engine, &block(creator, group, element, vr, value));
        let tag = u32::from(group) << 16 | 0x1200 | u32::from(element);
        assert_eq!(written.any(tag), None, "{creator} {element:02X} {vr}");
    }
}

#[test]
fn un_sequences_of_the_list_are_entered() {
    let inner = [
        implicit(0x0021_0012, "SIEMENS MR SDI 02"),
        implicit(0x0021_1253, 2.5f64.to_le_bytes()),
        implicit(0x0021_1271, "Jones "),
    ]
    .concat();
    let elements =
        [explicit(0x0021_0012, "LO", "SIEMENS MR SDI 02"), explicit_long(0x0021_12FE, "UN", item(inner))]
            .concat();
    let written = Written::private(&listed(), &elements);
    assert!(
        written.tree.nodes.iter().any(|node| node.tag == Tag(0x0021_12FE) && node.kind == Kind::Sequence)
    );
    assert_eq!(written.any(0x0021_1253), Some(&2.5f64.to_le_bytes()[..]));
    assert_eq!(written.any(0x0021_1271), None);
}

#[test]
fn safe_elements_hold_what_they_are_there_for() {
    let engine = engine("options = [\"retain-safe-private\"]");
    let philips = |element: u8, vr: &str, value: &[u8]| {
        let elements = block("Philips Imaging DD 001", 0x2001, element, vr, value);
        Written::private(&engine, &elements).top(0x2001_1200 | u32::from(element)).map(<[u8]>::to_vec)
    };
    assert_eq!(philips(0x03, "FL", &1000f32.to_le_bytes()), Some(1000f32.to_le_bytes().to_vec()));
    // A name, in what encoding ever, a telephone number and a date are none of it.
    for (element, vr, value) in [
        (0x20, "LO", &b"Weatherby"[..]),
        (0x20, "OB", b"\x01\x00Featherstone\x00\xFF"),
        (0x20, "UN", b"F\0e\0a\0t\0h\0e\0r\0s\0t\0o\0n\0e\0"),
        (0x0B, "CS", b"FEATHERSTONE"),
        (0x03, "FL", b"19470312"),
        (0x03, "FL", b"PT-66120457 "),
        (0x14, "SL", b"tel 07700900123 "),
    ] {
        let left = philips(element, vr, value).unwrap_or_default();
        let left = left.trim_ascii();
        assert!(left.is_empty() || left.len() < 4, "{element:02X} {vr}: {left:?}");
    }
}

#[test]
fn numbers_of_a_profile_are_numbers() {
    let engine = engine("rule = [{ tag = \"(0019,{GEMS_ACQU_01})\", action = \"keep\" }]");
    let kept = |vr: &str, value: &[u8]| {
        let elements = block("GEMS_ACQU_01", 0x0019, 0x1E, vr, value);
        Written::private(&engine, &elements).top(0x0019_121E).map(<[u8]>::to_vec)
    };
    assert_eq!(kept("DS", b"240.000000"), Some(b"240.000000".to_vec()));
    for (vr, value) in
        [("DS", &b"1.2.826.0.1.3680043"[..]), ("IS", b"20190704"), ("DS", b"Smith "), ("FL", b"PT-66120457 ")]
    {
        assert_eq!(kept(vr, value), None, "{vr}");
    }
}

/// dcm2niix fails on frames of which the first has no ICE Dims and others have.
#[test]
fn a_code_that_goes_from_one_frame_leaves_its_place() {
    let frame = |dims: &str| {
        let inner = block("SIEMENS MR SDI 02", 0x0021, 0x06, "LO", dims.as_bytes());
        let frames = sequence(0x0021_1FFE, undefined_item(&inner));
        item([explicit(0x0021_001F, "LO", "SIEMENS MR SDI 02 "), frames].concat())
    };
    let frames = [frame("14MAR1961 "), frame("X_1_1_1_1_1_1_1_1_1_2_1_104 ")].concat();
    let written = Written::private(&listed(), &undefined_sequence(0x5200_9230, frames));
    let values: Vec<_> = (0..written.tree.nodes.len() as NodeIndex)
        .filter(|&index| written.tree.node(index).tag == Tag(0x0021_1206))
        .map(|index| value::trim(written.value(index)))
        .collect();
    assert_eq!(values, [&b""[..], b"X_1_1_1_1_1_1_1_1_1_2_1_104"]);
}

#[test]
fn numbers_that_spell_the_subject_go() {
    let words = |numbers: &[u16]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let name: Vec<u16> = "Featherstone".bytes().map(u16::from).collect();
    let backwards: Vec<u16> = name.iter().rev().copied().collect();
    for numbers in [&name[..], &backwards, &[8, 7, 6, 5, 4, 3, 2, 1], &[8765, 4321], &[1957, 4, 23]] {
        let elements = block("GEMS_PARM_01", 0x0043, 0x10, "US", &words(numbers));
        assert_eq!(Written::private(&numeric(), &elements).any(0x0043_1210), None, "{numbers:?}");
    }
    for numbers in [&[70, 101, 97, 116][..], &[8, 7, 6, 5], &[256, 256, 23], &[64, 64, 32, 32, 100]] {
        let elements = block("GEMS_PARM_01", 0x0043, 0x10, "US", &words(numbers));
        assert!(Written::private(&numeric(), &elements).any(0x0043_1210).is_some(), "{numbers:?}");
    }
}

#[test]
fn a_class_with_the_subjects_number_is_another_in_the_meta_information_too() {
    let data_set = [
        explicit(0x0008_0016, "UI", "1.2.826.0.1.87654321.1"),
        explicit(0x0008_0018, "UI", "1.2.3.4"),
        explicit(0x0008_0060, "CS", "MR"),
        explicit(0x0010_0020, "LO", "87654321"),
    ]
    .concat();
    let file = Part10::new(EXPLICIT, &data_set[..]).bytes();
    let done = numeric().process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    let written = common::output(done.head, done.body, &file);
    assert!(!written.windows(8).any(|window| window == b"87654321"));
}
