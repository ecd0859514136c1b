//! Dates of the study in what is kept: where dates go they go from texts, too, and where they move they move there.

mod common;

use deid_core::{Engine, Scratch, SessionFacts};
use deid_dicom::{ROOT, Tag, Tree, open, value, walk};
use deid_testkit::bytes::{Part10, explicit, item, sequence};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const MODIFIED: u32 = 0x0028_0303;

/// A small MR file; the texts are in order.
fn file(texts: &[(u32, &str, &str)]) -> Vec<u8> {
    let mut elements = vec![
        (0x0008_0016, explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4")),
        (0x0008_0018, explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1")),
        (0x0008_0020, explicit(0x0008_0020, "DA", "20190312")),
        (0x0008_0060, explicit(0x0008_0060, "CS", "MR")),
        (0x0010_0010, explicit(0x0010_0010, "PN", "Doe^Jane")),
        (0x0010_0020, explicit(0x0010_0020, "LO", "ID4711")),
        (0x0010_0030, explicit(0x0010_0030, "DA", "19900511")),
        (0x0020_000D, explicit(0x0020_000D, "UI", "1.2.826.0.1.3680043.8.498.2")),
        (0x0020_000E, explicit(0x0020_000E, "UI", "1.2.826.0.1.3680043.8.498.3")),
        (0x0040_0244, explicit(0x0040_0244, "DA", "20190415")),
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

fn text(output: &[u8], tag: u32) -> Option<String> {
    let layout = open(&mut &output[..]).ok()?;
    let mut tree = Tree::default();
    walk(&mut &output[..], layout.data_set, layout.encoding, &mut tree);
    let node = tree.node(tree.find(ROOT, Tag(tag))?);
    let bytes = &output[node.value_start() as usize..node.value_end() as usize];
    Some(String::from_utf8(value::trim(bytes).to_vec()).unwrap())
}

/// Profiles that remove dates and keep the series description.
fn removing() -> Vec<Engine> {
    let rule = "[[rule]]\ntag = \"SeriesDescription\"\naction = \"keep\"\n";
    ["basic", "default"]
        .map(|base| {
            let text = format!("name = \"mine\"\nbase = \"{base}\"\n{rule}");
            Engine::new(common::settings(deid_profile::toml::parse(&text).unwrap(), 7)).unwrap()
        })
        .into()
}

#[test]
fn where_dates_go_they_go_from_kept_texts() {
    for engine in removing() {
        for written in [
            "20190312",
            "2019-03-12",
            "12.03.2019",
            "12/03/2019",
            "03/12/2019",
            "12-MAR-2019",
            "12 March 2019",
            "12 mars 2019",
            "12. Maerz 2019",
            "12 marzo 2019",
            "12 de marzo de 2019",
            "12 mars 19",
            "12. Maerz 19",
            "12 marca 19",
            "19 mars 12",
            "12|03|2019",
            "12,03,2019",
            "2019:03:12",
            "12th March 2019",
            "March 12th, 2019",
            "12 marca 2019",
            "3/12/19",
            "12.3.19",
            "120319",
            "2019_03_12",
            "20190312T101530",
            "20190312_101530",
            "20190312101530",
            "190312",
            "12.03.19",
            "15.04.2019",
            "20190415",
        ] {
            let texts = [(0x0008_103E, "LO", &*format!("T1 {written} sag")), (0x0028_1054, "LO", written)];
            let output = run(&engine, &file(&texts));
            let description = text(&output, 0x0008_103E).unwrap();
            assert!(description.starts_with("T1") && description.ends_with("sag"), "{description}");
            let year = written.contains("2019") && description.contains("2019");
            assert!(
                !year && !description.contains("190312") && !description.contains("12.03"),
                "{description}"
            );
            assert!(!text(&output, 0x0028_1054).unwrap_or_default().contains(written));
            assert_eq!(text(&output, MODIFIED).as_deref(), Some("REMOVED"));
        }
    }
}

/// A birth date that moves with the others tells the age in days. Newborns are examined on theirs.
#[test]
fn the_birth_date_does_not_move() {
    let engine = common::engine("neuro");
    for born in ["19900511", "1990.05.11"] {
        let output = run(&engine, &file(&[(0x0014_2014, "DA", born), (0x0018_1204, "DA", "20150607")]));
        assert_eq!(text(&output, 0x0014_2014).unwrap_or_default(), "");
        let installed = text(&output, 0x0018_1204).unwrap();
        assert!(installed.len() == 8 && installed != "20150607");
    }
    let output = run(&engine, &file(&[(0x0040_A13A, "DT", "19900511101500")]));
    assert_eq!(text(&output, 0x0040_A13A).unwrap(), "19000101000000");
    // The study is of the day of birth.
    let mut data = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
    data.extend(explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1"));
    data.extend(explicit(0x0008_0020, "DA", "20190312"));
    data.extend(explicit(0x0010_0020, "LO", "ID4711"));
    data.extend(explicit(0x0010_0030, "DA", "20190312"));
    let output = run(&engine, &Part10::new(EXPLICIT, data).bytes());
    let study = text(&output, 0x0008_0020).unwrap();
    assert!(study.len() == 8 && study != "20190312");
    assert_eq!(text(&output, 0x0010_0030).unwrap(), "");
}

/// Days that everybody knows would tell by how many days the others moved.
#[test]
fn known_days_do_not_move() {
    let engine = common::engine("neuro");
    let known = [
        (0x0008_0106, "DT", "20020904"),
        (0x0008_0107, "DT", "20020904"),
        (0x0040_0002, "DA", "99991231"),
        (0x0008_0023, "DA", "19000101"),
        (0x0040_DB06, "DT", "20060418"),
    ];
    for (tag, vr, day) in known {
        let output = run(&engine, &file(&[(tag, vr, day)]));
        let left = text(&output, tag).unwrap_or_default();
        assert!(["", "19000101", "19000101000000"].contains(&left.as_str()), "{left}");
    }
}

/// A date of another study of the same subject, which another file tells.
#[test]
fn dates_of_the_session_go() {
    let other = {
        let mut data = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
        data.extend(explicit(0x0008_0020, "DA", "20210607"));
        data.extend(explicit(0x0010_0020, "LO", "ID4711"));
        Part10::new(EXPLICIT, data).bytes()
    };
    let text_of = |engine: &Engine, tag, vr, written| {
        let file = file(&[(tag, vr, written)]);
        let mut session = SessionFacts::default();
        for surveyed in [&other, &file] {
            session.add(&engine.survey(&mut &surveyed[..], &mut Scratch::default()).unwrap());
        }
        session.settle();
        let done = engine.process(&mut &file[..], &session, &mut Scratch::default());
        let output = common::output(done.head, done.body, &file);
        text(&output, tag).unwrap()
    };
    let [_, default] = &removing()[..] else { panic!() };
    assert!(!text_of(default, 0x0008_103E, "LO", "T1 vs 07.06.2021 sag").contains("2021"));
    let version = text_of(&common::engine("neuro"), 0x0018_1020, "LO", "build 20210607");
    assert!(version.starts_with("build 20") && version != "build 20210607", "{version}");
}

#[test]
fn versions_and_other_numbers_stay() {
    for engine in removing() {
        for (tag, vr, written) in [
            (0x0018_1020, "LO", "syngo MR E11"),
            (0x0018_1020, "LO", "20190101"),
            (0x0018_1020, "LO", "5.20190312.3"),
            (0x0018_1020, "LO", "12.3.19"),
            (0x0018_0024, "SH", "fl3d v12.3.19"),
            (0x0018_1020, "LO", "27\\LX\\MR Software release:DV26.0_R02_1810.b"),
            (0x0018_0024, "SH", "fl3d_120190312"),
            (0x0018_0024, "SH", "seq 19:03:12"),
            (0x0018_0024, "SH", "b 0.190312"),
            (0x0018_0024, "SH", "R190312x"),
            (0x0008_103E, "LO", "T1 19 03 12"),
            (0x0018_0087, "DS", "0.190312"),
            (0x0018_0080, "DS", "190312"),
        ] {
            let output = run(&engine, &file(&[(tag, vr, written)]));
            assert_eq!(text(&output, tag).as_deref(), Some(written));
        }
    }
}

#[test]
fn a_code_string_and_a_version_lose_a_day_of_the_study() {
    for engine in removing() {
        for (tag, vr, written) in [(0x0018_1020, "LO", "build 20190312"), (0x0018_0022, "CS", "RUN_20190312")]
        {
            let output = run(&engine, &file(&[(tag, vr, written)]));
            assert!(!text(&output, tag).unwrap_or_default().contains("2019"), "{written}");
        }
    }
}

#[test]
fn dates_in_nested_code_meanings_go() {
    let mut meaning = explicit(0x0008_0100, "SH", "T-A0100");
    meaning.extend(explicit(0x0008_0102, "SH", "99LOCAL"));
    meaning.extend(explicit(0x0008_0104, "LO", "Brain of 2019-03-12"));
    let mut data = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
    data.extend(explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1"));
    data.extend(explicit(0x0008_0022, "DA", "20190312"));
    data.extend(sequence(0x0008_2218, item(&meaning)));
    data.extend(explicit(0x0010_0020, "LO", "ID4711"));
    for engine in removing() {
        let output = run(&engine, &Part10::new(EXPLICIT, data.clone()).bytes());
        assert!(!output.windows(10).any(|part| part == b"2019-03-12"));
        assert!(output.windows(8).any(|part| part == b"Brain of"));
    }
}

#[test]
fn terms_move_with_the_dates() {
    let engine = common::engine("neuro");
    let texts = [(0x0018_1020, "LO", "build 20190312 of 20190101"), (0x0018_0022, "CS", "RUN_20190312")];
    let output = run(&engine, &file(&texts));
    let day = text(&output, 0x0008_0020).unwrap();
    assert_ne!(day, "20190312");
    assert_eq!(text(&output, 0x0018_1020).unwrap(), format!("build {day} of 20190101"));
    assert_eq!(text(&output, 0x0018_0022).unwrap(), format!("RUN_{day}"));
    assert_eq!(text(&output, MODIFIED).as_deref(), Some("MODIFIED"));
}

#[test]
fn where_dates_stay_texts_keep_them() {
    let profile = "name = \"full\"\nbase = \"basic\"\noptions = [\"retain-longitudinal-full-dates\"]\n";
    let engine = Engine::new(common::settings(deid_profile::toml::parse(profile).unwrap(), 7)).unwrap();
    for engine in [engine, common::engine("cati_collector")] {
        let texts = [
            (0x0018_0022, "CS", "RUN_20190312"),
            (0x0018_1020, "LO", "build 20190312"),
            (0x0028_1054, "LO", "US 2019-03-12"),
        ];
        let output = run(&engine, &file(&texts));
        for (tag, _, written) in texts {
            assert_eq!(text(&output, tag).as_deref(), Some(written));
        }
    }
}

#[test]
fn days_of_devices_move_with_the_others() {
    let output = run(
        &common::engine("tcia"),
        &file(&[(0x0018_1200, "DA", "20190301"), (0x0018_1201, "TM", "081500")]),
    );
    let moved = text(&output, 0x0018_1200).unwrap();
    assert!(moved != "20190301" && moved.len() == 8);
    assert_eq!(text(&output, 0x0018_1201).as_deref(), Some("081500"));
    assert_eq!(text(&output, MODIFIED).as_deref(), Some("MODIFIED"));
}

/// A value that is no date or time is nobody's date: whatever the policy, it does not stay.
#[test]
fn malformed_dates_and_times_do_not_stay() {
    for profile in ["basic", "default", "neuro", "tcia", "cati_collector", "data_sharing"] {
        let engine = common::engine(profile);
        for (tag, vr, written) in [
            (0x0008_0021, "DA", "20190230"),
            (0x0008_0021, "DA", "20191301"),
            (0x0008_0021, "DA", "99999999"),
            (0x0008_002A, "DT", "20190304246199"),
            (0x0008_002A, "DT", "20190304101530+9900"),
            (0x0008_0031, "TM", "256199"),
            (0x0008_0031, "TM", "106199"),
        ] {
            let output = run(&engine, &file(&[(tag, vr, written)]));
            assert_ne!(text(&output, tag).as_deref(), Some(written), "{profile}");
        }
    }
}
