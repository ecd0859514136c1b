//! Whatever a patient is called: vendors' headers stay, and so do the numbers in them.

mod common;

use common::{engine, output};
use deid_core::{Scratch, SessionFacts};
use deid_testkit::bytes::{Part10, explicit};
use deid_testkit::study::{CsaField, csa_header, protocol_data_block};
use deid_testkit::vendor::{csa1_header, field};
use deid_testkit::{tags, uids};
use std::collections::BTreeSet;

/// Names that frequent and seldom people have.
const LISTS: [&str; 3] = [
    include_str!("../data/ambiguous-names.txt"),
    include_str!("../data/seldom-names.txt"),
    include_str!("../data/wordlike-names.txt"),
];
const CSA_NAMES: &str = include_str!("../../deid-vendor/data/csa-names.txt");
const TERMS: &str = include_str!("../../deid-vendor/data/terms.txt");

fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
}

/// Some 3000: all of the short list and some of the long ones; words of the names of elements and their beginnings, which
/// is where a name can be found by chance.
fn names() -> Vec<String> {
    let mut names: BTreeSet<String> = words(LISTS[0]).map(str::to_owned).collect();
    names.extend(words(LISTS[1]).step_by(14).map(str::to_owned));
    names.extend(words(LISTS[2]).step_by(31).map(str::to_owned));
    let parts = words(CSA_NAMES).flat_map(|name| {
        name.match_indices(char::is_uppercase).map(|(at, _)| &name[at..]).collect::<Vec<_>>()
    });
    for part in parts.filter(|part| part.is_ascii() && part.len() >= 5) {
        names.insert(part[..5].to_ascii_lowercase());
    }
    names.extend(words(TERMS).filter(|term| term.len() >= 5).map(str::to_owned));
    names.extend(["norma", "colum", "power", "maeve"].map(str::to_owned));
    names.retain(|name| name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_alphabetic()));
    names.into_iter().collect()
}

fn protocol() -> String {
    let mut text = String::from(
        "<XProtocol>\n{\n  <ParamMap.\"\">\n  {\n    <ParamDouble.\"SliceNormalPower\">\n    {\n      <Precision> 6\n      2300.5\n    }\n  }\n}\n\
         ### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=51130001 converter=%MEASCONST%/ConverterList/Prot_Converter.txt ###\n",
    );
    for key in [
        "alTR[0]",
        "sSliceArray.asSlice[0].sNormal.dTra",
        "sSliceArray.asSlice[0].sPosition.dSag",
        "sGRADSPEC.asGPAData[0].lOffsetX",
        "sTXSPEC.asNucleusInfo[0].flReferenceAmplitude",
        "sKSpace.lPhaseEncodingLines",
        "sPat.lAccelFactPE",
        "sDiffusion.alBValue[1]",
        "sFastImaging.lEchoSpacing",
        "lContrasts",
        "sRXSPEC.alDwellTime[0]",
        "sWipMemBlock.alFree[3]",
    ] {
        text.push_str(key);
        text.push_str("\t = \t2712\n");
    }
    text.push_str("### ASCCONV END ###");
    text
}

fn fields() -> Vec<CsaField> {
    let names = CSA_NAMES.lines().filter(|line| !line.starts_with('#'));
    let mut fields: Vec<_> = names.map(|name| field(name, "FD", &["1.50000000"])).collect();
    let rows = [
        "MosaicRefAcqTimes",
        "B_value",
        "PhaseEncodingDirectionPositive",
        "TalesReferencePower",
        "TimeAfterStart",
    ];
    fields.extend(rows.map(|name| field(name, "FD", &["2.50000000"])));
    fields.push(field("MrPhoenixProtocol", "UN", &[&protocol()]));
    fields
}

#[test]
fn no_name_costs_a_header_or_a_number() {
    let fields = fields();
    let headers = [csa_header(&fields), csa1_header(&fields)];
    let block =
        protocol_data_block("set SLTHICK \"5.0\"\nset NECHO \"1\"\nset FLIPANG \"77\"\nset XRES \"2712\"\n");
    let engine = engine("neuro");
    let names = names();
    assert!(names.len() > 2800, "{}", names.len());
    let before: Vec<_> = headers.iter().map(|header| deid_vendor::fields(header).unwrap()).collect();
    std::thread::scope(|scope| {
        for part in names.chunks(names.len().div_ceil(2)) {
            let (headers, before, engine, block) = (&headers, &before, &engine, &block);
            scope.spawn(move || {
                for (number, name) in part.iter().enumerate() {
                    let at = number % 2;
                    check(engine, name, &headers[at], &before[at], block);
                }
            });
        }
    });
}

fn check(
    engine: &deid_core::Engine,
    name: &str,
    header: &[u8],
    before: &std::collections::BTreeMap<String, Vec<u8>>,
    block: &[u8],
) {
    let data_set = [
        explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4"),
        explicit(0x0008_0018, "UI", "1.2.3"),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(tags::PATIENT_NAME, "PN", format!("{name}^Quarembe")),
        explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
        explicit(0x0020_000D, "UI", "1.2.3.4"),
        explicit(0x0021_0010, "LO", "SIEMENS MR SDS 01"),
        explicit(0x0021_1019, "OB", protocol()),
        explicit(0x0025_0010, "LO", "GEMS_SERS_01"),
        explicit(0x0025_101B, "OB", block.to_vec()),
        explicit(0x0029_0010, "LO", "SIEMENS CSA HEADER"),
        explicit(0x0029_1020, "OB", header.to_vec()),
    ];
    let file = Part10::new(uids::EXPLICIT_LE, data_set.concat()).bytes();
    let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    assert_eq!(done.cause, None, "{name}");
    assert_eq!(done.facts.headers_removed, Vec::<String>::new(), "{name}");
    let bytes = output(done.head, done.body, &file);
    for (tag, before) in [
        (*b"\x29\0\x20\x10", before),
        (*b"\x21\0\x19\x10", &deid_vendor::fields(protocol().as_bytes()).unwrap()),
        (*b"\x25\0\x1B\x10", &deid_vendor::fields(block).unwrap()),
    ] {
        let after = value(&bytes, tag).and_then(|value| deid_vendor::fields(&value));
        let after = after.unwrap_or_else(|| panic!("{name}: {tag:02X?} is gone"));
        for (key, value) in before {
            assert_eq!(after.get(key), Some(value), "{name} {key}");
        }
    }
    let zeroed = bytes.windows(6).filter(|window| *window == b"2300.5").count();
    assert_eq!(zeroed, 2, "{name}");
}

/// The value of an element, found by its bytes.
fn value(bytes: &[u8], tag: [u8; 4]) -> Option<Vec<u8>> {
    let head = [&tag[..], b"OB\0\0"].concat();
    let at = bytes.windows(8).position(|window| window == head)? + 8;
    let length = u32::from_le_bytes(bytes[at..at + 4].try_into().ok()?) as usize;
    Some(bytes[at + 4..at + 4 + length].to_vec())
}
