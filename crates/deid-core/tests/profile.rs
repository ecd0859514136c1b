//! What profiles say, on whole files: conditions, places, actions, prefix and names of the output.

mod common;

use common::{engine, settings};
use deid_core::{Engine, Processed, Scratch, SessionFacts};
use deid_dicom::{ROOT, Tag, Tree, open, value, walk};
use deid_testkit::bytes::{explicit, item, sequence};
use deid_testkit::study::{Subject, ge_instance, mr_instance};

fn engine_of(profile: &str) -> Engine {
    Engine::new(settings(deid_profile::toml::parse(profile).unwrap(), 7)).unwrap()
}

fn process(engine: &Engine, file: &[u8]) -> Processed {
    let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    assert_eq!(done.cause, None);
    done
}

/// The text of an element at top level of what is written, or inside the first item of sequences.
fn text(engine: &Engine, file: &[u8], path: &[Tag]) -> Option<String> {
    let done = process(engine, file);
    let data = common::output(done.head, done.body, file);
    let layout = open(&mut &data[..]).unwrap();
    let mut tree = Tree::default();
    walk(&mut &data[..], layout.data_set, layout.encoding, &mut tree);
    let mut at = ROOT;
    for (step, tag) in path.iter().enumerate() {
        let found = tree.find(at, *tag)?;
        at = if step + 1 < path.len() { tree.children(found).next()? } else { found };
    }
    let node = tree.node(at);
    let bytes = &data[node.value_start() as usize..node.value_end() as usize];
    Some(String::from_utf8_lossy(value::trim(bytes)).into_owned())
}

const STUDY_DATE: Tag = Tag::new(0x0008, 0x0020);
const INSTITUTION: Tag = Tag::new(0x0008, 0x0080);
const PATIENT_ID: Tag = Tag::new(0x0010, 0x0020);

#[test]
fn rules_hold_where_their_condition_does() {
    let engine = engine_of(
        r#"
        name = "x"
        [[rule]]
        tag = "InstitutionName"
        action = { replace = "Somewhere" }
        [[rule]]
        tag = "InstitutionName"
        action = { replace = "Siemens site" }
        when = { manufacturer = "siemens*", modality = "MR" }
        [[rule]]
        tag = "InstitutionName"
        action = { replace = "GE site" }
        when = { manufacturer = ["GE*", "General Electric*"] }
        "#,
    );
    let (siemens, ge) = (mr_instance(&Subject::default()), ge_instance(&Subject::default()));
    for _ in 0..2 {
        assert_eq!(text(&engine, &siemens, &[INSTITUTION]).as_deref(), Some("Siemens site"));
        assert_eq!(text(&engine, &ge, &[INSTITUTION]).as_deref(), Some("GE site"));
    }
}

/// Tags of a sequence of the file with an element in its first item that rules below are about.
fn nested(file: &[u8]) -> (Tag, Tag) {
    let layout = open(&mut &file[..]).unwrap();
    let mut tree = Tree::default();
    walk(&mut &file[..], layout.data_set, layout.encoding, &mut tree);
    tree.children(ROOT)
        .filter(|&index| !tree.node(index).tag.is_private())
        .find_map(|sequence| {
            let item = tree.children(sequence).next().filter(|_| tree.node(sequence).is_container())?;
            let element = tree.children(item).next()?;
            Some((tree.node(sequence).tag, tree.node(element).tag))
        })
        .expect("the file has a sequence")
}

#[test]
fn a_rule_for_a_place_says_more_than_one_for_a_tag() {
    let file = mr_instance(&Subject::default());
    let (sequence, element) = nested(&file);
    let engine = engine_of(&format!(
        r#"
        name = "x"
        [[rule]]
        tag = "{sequence}"
        action = "keep"
        [[rule]]
        tag = "{sequence}/{element}"
        action = {{ replace = "1.2.3" }}
        [[rule]]
        tag = "{element}"
        action = "remove"
        [[rule]]
        tag = "/StudyDate"
        action = "shift"
        [[rule]]
        tag = "**/PatientID"
        action = "keep"
        "#
    ));
    assert_eq!(text(&engine, &file, &[sequence, element]).as_deref(), Some("1.2.3"));
    assert_eq!(text(&engine, &file, &[element]), None);
    let date = text(&engine, &file, &[STUDY_DATE]).unwrap();
    assert!(date.len() == 8 && date != Subject::default().study_date);
    assert_ne!(text(&engine, &file, &[PATIENT_ID]), Some(Subject::default().patient_id));
}

#[test]
fn codes_made_from_the_key_have_the_profiles_prefix() {
    let file = mr_instance(&Subject::default());
    let code = text(&engine_of("name = \"x\"\nidentity.prefix = \"LAB-\""), &file, &[PATIENT_ID]).unwrap();
    assert!(code.starts_with("LAB-") && code.len() == 16);
    let default = text(&engine_of("name = \"x\""), &file, &[PATIENT_ID]).unwrap();
    assert_eq!(default[4..], code[4..]);
}

#[test]
fn names_are_made_of_what_is_written() {
    let subject = Subject::default();
    let file = mr_instance(&subject);
    let layout = "{subject}/{study-date}_{session}/{modality}/{series-number:3}_{series-description}_\
                  {study-description}_{protocol-name}/{study}/{series}/{instance}_{instance-number}.dcm";
    for base in ["basic", "neuro", "cati_collector"] {
        let engine = engine_of(&format!("name = \"x\"\nbase = \"{base}\"\noutput.layout = \"{layout}\""));
        let done = process(&engine, &file);
        let path = engine.output_path(&done.values.unwrap(), 3).unwrap().join("/");
        for original in [
            &subject.patient_id,
            &subject.study_uid,
            &subject.series_uid,
            &subject.instance_uid,
            &subject.birth_date,
            &subject.study_id,
        ] {
            assert!(!path.contains(original.as_str()), "{base}: {path}");
        }
        assert!(!path.to_lowercase().contains("doe"), "{base}: {path}");
        assert!(path.starts_with("ANON") && path.contains("/MR/003_"), "{base}: {path}");
        let date = base == "cati_collector";
        assert_eq!(
            path.contains(&subject.study_date),
            date,
            "{base}: the date stays where the profile keeps it"
        );
    }
}

#[test]
fn without_a_layout_there_is_no_path() {
    let engine = engine_of("name = \"x\"");
    assert!(process(&engine, &mr_instance(&Subject::default())).values.is_none());
}

#[test]
fn bids_sorts_by_labels_of_letters_and_digits() {
    let engine = engine("bids");
    let done = process(&engine, &ge_instance(&Subject::default()));
    let path = engine.output_path(&done.values.unwrap(), 1).unwrap();
    let label = |part: &str, prefix: &str| {
        let label = part.strip_prefix(prefix).unwrap();
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    assert!(label(&path[0], "sub-ANON") && label(&path[1], "ses-") && path[2] == "MR", "{path:?}");
    assert!(path[4].starts_with("2.25.") && path[4].contains(".dcm"), "{path:?}");
}

#[test]
fn what_is_explained_shows_no_value_and_says_what_is_lost() {
    let frame = item(explicit(0x0018_9087, "FD", [0; 8]));
    let file = [
        explicit(0x0008_0060, "CS", "MR"),
        explicit(0x0009_0010, "LO", "DOE JANE"),
        explicit(0x0009_1001, "LO", "nobody's"),
        sequence(0x0018_9117, &frame),
        explicit(0x0019_0010, "LO", "Siemens MR Header "),
        explicit(0x0019_1029, "FD", [0; 16]),
        explicit(0x0020_000D, "UI", "1.2.3.4"),
    ]
    .concat();
    let explained = engine("basic").explain(&mut &file[..]).unwrap();
    let find = |tag| explained.tree.find(ROOT, tag).unwrap();
    assert_eq!(explained.name(find(Tag::new(0x0009, 0x1001))), "private", "a creator's text may be anything");
    assert_eq!(explained.name(find(Tag::new(0x0009, 0x0010))), "Private Creator");
    let lost = |tag| explained.lost_with(find(tag)).iter().map(|found| found.purpose).collect::<Vec<_>>();
    assert_eq!(lost(Tag::new(0x0019, 0x1029)), ["slice timing"]);
    assert_eq!(lost(Tag::new(0x0018, 0x9117)), ["diffusion of enhanced images", "b values"]);
    assert!(lost(Tag::new(0x0009, 0x1001)).is_empty());
    assert_eq!(explained.cause, None);
}

/// Attributes that the table forgets, and what they hold.
#[test]
fn attributes_without_row_that_identify_go() {
    let tags = [
        (0x0008_0409, "UR", "file://pacs.elsewhere.example/halvorsen/8839271"),
        (0x0010_0033, "LO", "13400626"),
        (0x0010_0034, "LO", "14000102"),
        (0x0010_2298, "CS", "OWNER"),
        (0x0018_1003, "LO", "SN8839271"),
        (0x0018_1803, "LO", "ntp.elsewhere.example"),
        (0x0074_100C, "LO", "Halvorsen, Ingrid"),
    ];
    let file = instance(&tags);
    for profile in ["basic", "default", "neuro", "tcia", "data_sharing", "cati_collector"] {
        for (tag, ..) in tags {
            let retained = profile == "tcia" && tag == 0x0018_1003;
            let text = text(&engine(profile), &file, &[Tag(tag)]);
            assert_eq!(text.is_some(), retained, "{profile} {}", Tag(tag));
        }
    }
}

#[test]
fn the_machine_of_treatment_is_emptied_where_its_attribute_is_asked_for() {
    let file = instance(&[(0x3002_0020, "SH", "LINAC7 Elmfield")]);
    assert_eq!(text(&engine("neuro"), &file, &[Tag(0x3002_0020)]).as_deref(), Some(""));
    assert_eq!(text(&engine("tcia"), &file, &[Tag(0x3002_0020)]).as_deref(), Some("LINAC7 Elmfield"));
}

/// Where texts of the table are cleaned, those that people type and it does not list are, too.
#[test]
fn texts_without_row_are_cleaned_with_the_others() {
    const COMMENT: Tag = Tag::new(0x0040, 0x0400);
    let file = instance(&[(COMMENT.0, "LT", "T1 axial brain, ask Ingrid Halvorsen 0171-5551234")]);
    let kept = text(&engine("basic"), &file, &[COMMENT]).unwrap();
    assert!(kept.contains("Halvorsen"));
    let cleaned = text(&engine("neuro"), &file, &[COMMENT]).unwrap();
    assert!(cleaned.starts_with("T1 axial brain") && !cleaned.contains("Halvorsen"), "{cleaned}");
    assert!(!cleaned.contains("5551234"), "{cleaned}");
}

/// Labels have to be there: a name becomes a dummy, words of anatomy stay.
#[test]
fn labels_of_segments_lose_names() {
    const CLASS: &str = "1.2.840.10008.5.1.4.1.1.66.4";
    const LABEL: Tag = Tag::new(0x0062, 0x0005);
    const SEGMENTS: Tag = Tag::new(0x0062, 0x0002);
    for (label, expected) in
        [("Left-Hippocampus", "Left-Hippocampus"), ("Segment 1", "Segment 1"), ("Halvorsen", "ANONYMIZED")]
    {
        let mut data = explicit(0x0008_0016, "UI", CLASS);
        data.extend(explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1"));
        data.extend(explicit(0x0010_0020, "LO", "ID4711"));
        data.extend(sequence(SEGMENTS.0, item(explicit(LABEL.0, "LO", label))));
        let file = deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data).bytes();
        assert_eq!(text(&engine("neuro"), &file, &[SEGMENTS, LABEL]).as_deref(), Some(expected));
    }
}

#[test]
fn the_length_of_a_document_goes_with_the_document() {
    const LENGTH: Tag = Tag::new(0x0042, 0x0015);
    const SEQUENCE: Tag = Tag::new(0x0008, 0x2218);
    let mut inside = explicit(0x0042_0011, "OB", "solid of somebody");
    inside.extend(explicit(LENGTH.0, "UL", 17_u32.to_le_bytes()));
    let mut data = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
    data.extend(explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1"));
    data.extend(sequence(SEQUENCE.0, item(inside)));
    data.extend(explicit(0x0010_0020, "LO", "ID4711"));
    let file = deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data).bytes();
    let kept = "name = \"x\"\n[[rule]]\ntag = \"EncapsulatedDocument\"\naction = \"keep\"\n";
    assert!(text(&engine_of(kept), &file, &[SEQUENCE, LENGTH]).is_some());
    assert_eq!(text(&engine_of("name = \"x\""), &file, &[SEQUENCE, LENGTH]), None);
}

/// Characteristics have enumerated values; what is none of them could be anything.
#[test]
fn characteristics_are_what_the_standard_says_they_can_be() {
    let text_of = |tag: u32, value: &str| {
        let file = instance(&[(tag, "CS", value)]);
        text(&engine("neuro"), &file, &[Tag(tag)]).unwrap_or_default()
    };
    for value in ["F", "m", "W", "OTHER"] {
        assert_eq!(text_of(0x0010_0040, value), value);
    }
    assert_eq!(text_of(0x0010_21A0, "UNKNOWN"), "UNKNOWN");
    for (tag, value) in [(0x0010_0040, "HALVORSEN"), (0x0010_21A0, "HALVORSEN"), (0x0010_2203, "HALVORSEN")] {
        assert_eq!(text_of(tag, value), "");
    }
}

/// What stands as a number and is none, but several, may be a date or a telephone number.
#[test]
fn numbers_are_one_each() {
    let kept = |vr: &str, value: &str| {
        let file = instance(&[(0x0018_0087, vr, value)]);
        text(&engine("neuro"), &file, &[Tag(0x0018_0087)]).unwrap()
    };
    for value in ["1.5", "-1.25E-05\\3", "123456.789012", "0.5/0.5", "1,500000001", "12345678901234567890"] {
        assert_eq!(kept("DS", value), value);
    }
    for value in ["12.06.1955", "1955-06-12", "0171/5551234", "1.5\\12/6/1955", "482 771 3309"] {
        assert_eq!(kept("DS", value), "", "{value}");
        assert_eq!(kept("IS", value), "", "{value}");
    }
}

/// Overlays whose bits stand among those of the pixels can be text; the pixels are passed through.
#[test]
fn overlays_in_the_bits_of_pixels_are_a_risk() {
    let number = |tag: u32, value: u16| explicit(tag, "US", value.to_le_bytes());
    let overlay = |allocated, position, data: &[u8]| {
        let mut elements = vec![number(0x6002_0010, 4), number(0x6002_0011, 4)];
        elements.push(number(0x6002_0100, allocated));
        elements.push(number(0x6002_0102, position));
        if !data.is_empty() {
            elements.push(explicit(0x6002_3000, "OW", data));
        }
        elements.push(explicit(0x7FE0_0010, "OW", [0_u8; 32]));
        elements.concat()
    };
    let base = instance(&[]);
    let risk = |overlay: Vec<u8>, profile: &str| {
        let file = [&base[..], &overlay].concat();
        let done = engine(profile).process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
        (done.facts.burned_in_risk, done.cause.map(deid_core::Cause::id))
    };
    for (allocated, position) in [(16, 12), (16, 0), (1, 15)] {
        assert_eq!(risk(overlay(allocated, position, &[]), "neuro"), (true, Some("burned_in_risk")));
        assert_eq!(risk(overlay(allocated, position, &[]), "basic"), (true, None));
        // It has data of its own: what the numbers say is of no consequence.
        assert_eq!(risk(overlay(allocated, position, &[1, 2]), "neuro"), (false, None));
    }
    assert_eq!(risk(overlay(1, 0, &[]), "neuro"), (false, None));
}

/// A small MR file with these elements.
fn instance(texts: &[(u32, &str, &str)]) -> Vec<u8> {
    let mut elements = vec![
        (0x0008_0016, explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4")),
        (0x0008_0018, explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1")),
        (0x0008_0060, explicit(0x0008_0060, "CS", "MR")),
        (0x0010_0010, explicit(0x0010_0010, "PN", "Doe^Jane")),
        (0x0010_0020, explicit(0x0010_0020, "LO", "ID4711")),
        (0x0020_000D, explicit(0x0020_000D, "UI", "1.2.826.0.1.3680043.8.498.2")),
        (0x0020_000E, explicit(0x0020_000E, "UI", "1.2.826.0.1.3680043.8.498.3")),
    ];
    for (tag, vr, text) in texts {
        let even = if text.len() % 2 == 1 { format!("{text} ") } else { (*text).to_owned() };
        elements.push((*tag, explicit(*tag, *vr, even)));
    }
    elements.sort_by_key(|element| element.0);
    let data: Vec<u8> = elements.into_iter().flat_map(|element| element.1).collect();
    deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data).bytes()
}

#[test]
fn the_character_set_stays_whatever_a_table_of_actions_says() {
    const CHARACTER_SET: Tag = Tag::new(0x0008, 0x0005);
    let mut data = explicit(CHARACTER_SET.0, "CS", "ISO_IR 192");
    data.extend(explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4"));
    data.extend(explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1"));
    data.extend(explicit(0x0008_0060, "CS", "MR"));
    data.extend(explicit(0x0010_0020, "LO", "ID4711"));
    data.extend(explicit(0x0018_0015, "CS", "BRAIN"));
    let file = deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data).bytes();
    let rows = "Tags\tName\tAction\n(0008,0005)\t\tX\n(0018,0015)\t\tX\n";
    let profile = deid_profile::tsv::parse(rows).unwrap();
    let engine = Engine::new(settings(profile, 7)).unwrap();
    assert_eq!(text(&engine, &file, &[CHARACTER_SET]).as_deref(), Some("ISO_IR 192"));
    assert_eq!(text(&engine, &file, &[Tag::new(0x0018, 0x0015)]), None);
}

/// Shifted study date of one ID by issuer, with a table that names issuers or not.
#[test]
fn a_table_without_issuers_means_one_person_for_the_dates() {
    let file = |issuer: &str| {
        let mut data = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
        data.extend(explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1"));
        data.extend(explicit(STUDY_DATE.0, "DA", "20190312"));
        data.extend(explicit(0x0010_0020, "LO", "ID4711"));
        data.extend(explicit(0x0010_0021, "LO", issuer));
        deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data).bytes()
    };
    let days = |table: &str| {
        let profile =
            deid_profile::toml::parse("name = \"x\"\nbase = \"neuro\"\nidentity.issuer = true").unwrap();
        let mut settings = settings(profile, 7);
        settings.subjects = Some(deid_core::SubjectTable::parse(table).unwrap());
        let engine = Engine::new(settings).unwrap();
        ["North", "South"].map(|issuer| text(&engine, &file(issuer), &[STUDY_DATE]).unwrap())
    };
    let [north, south] = days("ID4711,S1");
    assert_eq!(north, south);
    assert_ne!(north, "20190312");
    let [north, south] = days("ID4711,North,S1\nID4711,South,S2");
    assert_ne!(north, south, "two people");
    let [north, south] = days("ID4711,North,S1\nID4711,S2");
    assert_ne!(north, south, "one of them by the ID alone");
}

#[test]
fn identifiers_that_a_rule_names_stay_unless_they_are_the_patients() {
    const ACCESSION: Tag = Tag::new(0x0008, 0x0050);
    const REFERRING: Tag = Tag::new(0x0008, 0x0090);
    const REQUESTS: Tag = Tag::new(0x0040, 0x0275);
    let file_of = |accession: &str, referring: &str| {
        let mut data_set = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
        data_set.extend(explicit(ACCESSION.0, "SH", accession));
        data_set.extend(explicit(REFERRING.0, "PN", referring));
        data_set.extend(explicit(0x0008_103E, "LO", format!("T1 {accession}")));
        data_set.extend(explicit(0x0010_0010, "PN", "Quastenberg^Olga"));
        data_set.extend(explicit(PATIENT_ID.0, "LO", "PX447190"));
        data_set.extend(explicit(0x0020_000D, "UI", "1.2.3.4.5.60000.1"));
        data_set.extend(sequence(REQUESTS.0, item(explicit(ACCESSION.0, "SH", accession))));
        deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data_set).bytes()
    };
    let engine = engine_of(
        r#"
        name = "x"
        [[rule]]
        tag = ["AccessionNumber", "ReferringPhysicianName", "SeriesDescription", "RequestAttributesSequence"]
        action = "keep"
        "#,
    );
    let file = file_of("ACC991834", "Brandt^Ute");
    assert_eq!(text(&engine, &file, &[ACCESSION]).as_deref(), Some("ACC991834"));
    assert_eq!(text(&engine, &file, &[REQUESTS, ACCESSION]).as_deref(), Some("ACC991834"));
    assert_eq!(text(&engine, &file, &[REFERRING]).as_deref(), Some("Brandt^Ute"));
    let description = text(&engine, &file, &[Tag::new(0x0008, 0x103E)]).unwrap();
    assert!(!description.contains("991834"), "{description}");
    // The patient's own ID is no number of an order, nor their name that of a physician.
    let file = file_of("PX447190-1", "Quastenberg^Ute");
    assert!(!text(&engine, &file, &[ACCESSION]).unwrap_or_default().contains("447190"));
    assert!(!text(&engine, &file, &[REFERRING]).unwrap_or_default().contains("Quastenberg"));
}

#[test]
fn what_stays_in_one_file_is_judged_again_in_the_next() {
    let engine = engine_of(
        r#"
        name = "x"
        base = "neuro"
        [[rule]]
        tag = "ReferringPhysicianName"
        action = "keep"
        "#,
    );
    let file_of = |name: &str| {
        let mut data_set = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
        data_set.extend(explicit(0x0008_0060, "CS", "MR"));
        data_set.extend(explicit(0x0008_0090, "PN", "Zumbrunn^Kaspar"));
        data_set.extend(explicit(0x0010_0010, "PN", name));
        data_set.extend(explicit(PATIENT_ID.0, "LO", "PX447190"));
        data_set.extend(explicit(0x0020_000D, "UI", "1.2.3.4.5.60000.1"));
        deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", data_set).bytes()
    };
    let files = [file_of("Lagrange^Odette"), file_of("Zumbrunn^Kaspar")];
    let mut session = SessionFacts::default();
    for file in &files {
        session.add(&engine.survey(&mut &file[..], &mut Scratch::default()).unwrap());
    }
    let mut scratch = Scratch::default();
    let outputs = files.map(|file| {
        let done = engine.process(&mut &file[..], &session, &mut scratch);
        common::output(done.head, done.body, &file)
    });
    let holds = |output: &Vec<u8>| output.windows(8).any(|bytes| bytes == b"Zumbrunn");
    assert_eq!(outputs.each_ref().map(holds), [true, false]);
}
