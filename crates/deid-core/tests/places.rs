//! Names of institutions and stations in texts that are cleaned or kept.

mod common;

use deid_core::{Engine, Scratch, SessionFacts};
use deid_dicom::{ROOT, Tag, Tree, open, value, walk};
use deid_testkit::bytes::{Part10, explicit};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const SERIES_DESCRIPTION: u32 = 0x0008_103E;

/// A small MR file.
fn file(texts: &[(u32, &str, &str)]) -> Vec<u8> {
    let mut elements = vec![
        (0x0008_0005, explicit(0x0008_0005, "CS", "ISO_IR 192")),
        (0x0008_0008, explicit(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\NORTHWESTERN ")),
        (0x0008_0016, explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4")),
        (0x0008_0018, explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1")),
        (0x0008_0060, explicit(0x0008_0060, "CS", "MR")),
        (0x0010_0010, explicit(0x0010_0010, "PN", "Doe^Jane")),
        (0x0010_0020, explicit(0x0010_0020, "LO", "ID4711")),
        (0x0018_1020, explicit(0x0018_1020, "LO", "PRISMA17B Northwestern")),
        (0x0020_000D, explicit(0x0020_000D, "UI", "1.2.826.0.1.3680043.8.498.2")),
        (0x0020_000E, explicit(0x0020_000E, "UI", "1.2.826.0.1.3680043.8.498.3")),
    ];
    for (tag, vr, text) in texts {
        elements.push((*tag, explicit(*tag, *vr, *text)));
    }
    elements.sort_by_key(|element| element.0);
    let data: Vec<u8> = elements.into_iter().flat_map(|element| element.1).collect();
    Part10::new(EXPLICIT, data).bytes()
}

fn run(engine: &Engine, file: &[u8]) -> Vec<u8> {
    let mut session = SessionFacts::default();
    let facts = engine.survey(&mut &file[..], &mut Scratch::default()).unwrap();
    session.add(&facts);
    session.settle();
    let done = engine.process(&mut &file[..], &session, &mut Scratch::default());
    assert_eq!(done.cause, None);
    common::output(done.head, done.body, file)
}

fn text(output: &[u8], tag: u32) -> String {
    let layout = open(&mut &output[..]).unwrap();
    let mut tree = Tree::default();
    walk(&mut &output[..], layout.data_set, layout.encoding, &mut tree);
    let Some(index) = tree.find(ROOT, Tag(tag)) else { return String::new() };
    let node = tree.node(index);
    let bytes = &output[node.value_start() as usize..node.value_end() as usize];
    String::from_utf8(value::trim(bytes).to_vec()).unwrap()
}

fn engine(profile: &str) -> Engine {
    let profile =
        deid_profile::built_in(profile).unwrap_or_else(|| deid_profile::toml::parse(profile).unwrap());
    Engine::new(common::settings(profile, 7)).unwrap()
}

const RETAINING: &str = "name = \"mine\"\nbase = \"neuro\"\noptions = [\"retain-institution-identity\", \"retain-device-identity\"]\n";

#[test]
fn places_go_from_texts() {
    for (tag, place, written, left) in [
        (0x0008_0081, "Bahnhofstrasse 12, Zuerich", "HEAD Bahnhofstrasse", "HEAD"),
        (0x0008_0081, "Bahnhofstrasse 12, Zuerich", "HEAD BAHNHOFSTRASSE 12", "HEAD"),
        (0x0008_0081, "Rämistrasse 100, 8091 Zürich", "HEAD Raemistrasse", "HEAD"),
        (0x0008_0080, "Universitätsspital Basel", "HEAD Universitaetsspital T1", "HEAD T1"),
        (0x0008_0080, "Mayo Clinic", "HEAD Mayo Clinic", "HEAD"),
        (0x0008_0080, "Mayo Clinic", "HEAD_MayoClinic", "HEAD"),
        (0x0008_0080, "Northwestern", "HEAD Northwestern", "HEAD"),
        (0x0008_0080, "Brain Imaging Center", "T1 Brain Imaging Center", "T1"),
        (0x0008_1040, "Neurozentrum Sued", "HEAD Neurozentrum", "HEAD"),
        (0x0008_1010, "PRISMA17B", "HEAD PRISMA17B", "HEAD"),
        (0x0008_1010, "PRISMA17B", "HEAD_prisma17b", "HEAD"),
    ] {
        for profile in ["neuro", "data_sharing", "cati_collector", "default"] {
            let vr = if tag == 0x0008_0081 {
                "ST"
            } else if tag == 0x0008_1010 {
                "SH"
            } else {
                "LO"
            };
            let file = file(&[(tag, vr, place), (SERIES_DESCRIPTION, "LO", written)]);
            let output = run(&engine(profile), &file);
            let kept = text(&output, SERIES_DESCRIPTION);
            // Some profiles take the description out altogether.
            assert!(kept == left || kept.is_empty(), "{profile} {place}: {written} -> {kept}");
            if profile == "neuro" {
                assert_eq!(kept, left, "{place}: {written}");
                // Codes and versions are not looked through.
                assert_eq!(text(&output, 0x0008_0008), "ORIGINAL\\PRIMARY\\NORTHWESTERN");
                assert_eq!(text(&output, 0x0018_1020), "PRISMA17B Northwestern");
            }
        }
    }
}

#[test]
fn words_of_the_trade_in_names_of_places_take_nothing_along() {
    let engine = engine("neuro");
    for (tag, vr, place) in [
        (0x0008_0080, "LO", "Brain Imaging Center"),
        (0x0008_0080, "LO", "Test"),
        (0x0008_0080, "LO", "fMRI"),
        (0x0008_0080, "LO", "MRI Research Center"),
        (0x0008_1040, "LO", "Radiology"),
        (0x0008_1040, "LO", "Neuro"),
        (0x0008_1010, "SH", "PRISMA"),
        (0x0008_1010, "SH", "MR1"),
        (0x0008_1010, "SH", "SKYRA3T"),
    ] {
        for written in [
            "Brain T1 MR1",
            "fMRI test neuro",
            "research MRI",
            "imaging center",
            "Radiology PRISMA",
            "SKYRA3T",
        ] {
            let file = file(&[(tag, vr, place), (SERIES_DESCRIPTION, "LO", written)]);
            assert_eq!(text(&run(&engine, &file), SERIES_DESCRIPTION), written, "{place}");
        }
    }
}

#[test]
fn places_that_are_retained_stay() {
    let engine = engine(RETAINING);
    for (tag, vr, place) in [(0x0008_0080, "LO", "Northwestern"), (0x0008_1010, "SH", "PRISMA17B")] {
        let written = format!("HEAD {place}");
        let file = file(&[(tag, vr, place), (SERIES_DESCRIPTION, "LO", &written)]);
        assert_eq!(text(&run(&engine, &file), SERIES_DESCRIPTION), written);
    }
}
