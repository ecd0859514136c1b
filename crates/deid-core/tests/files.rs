//! Whole files through the engine: the fault gallery, and all real files at hand.
#![allow(clippy::print_stdout, reason = "says what came of real files")]

mod common;

use common::{engine, settings};
use deid_core::{Cause, Engine, Processed, Scratch, SessionFacts};
use deid_dicom::{FaultPolicy, Faults, Kind, ROOT, Tag, Tree, deflate, open, value, walk};
use deid_testkit::gallery::gallery;
use deid_testkit::real::real_files;
use std::collections::BTreeMap;

fn output(done: Processed, file: &[u8]) -> Vec<u8> {
    common::output(done.head, done.body, file)
}

/// The data set of a file, inflated if need be, and its tree.
fn read(file: &[u8]) -> (Vec<u8>, Tree) {
    let layout = open(&mut &file[..]).expect("it is DICOM");
    let start = layout.data_set as usize;
    let data = if layout.deflated {
        deflate::inflate(&file[start..], 1 << 28, &mut Faults::default()).unwrap()
    } else {
        file[start..].to_vec()
    };
    let mut tree = Tree::default();
    walk(&mut &data[..], 0, layout.encoding, &mut tree);
    (data, tree)
}

/// All values of pixel data at top level.
fn pixels<'a>(data: &'a [u8], tree: &Tree) -> Vec<&'a [u8]> {
    tree.children(ROOT)
        .map(|index| tree.node(index))
        .filter(|node| node.tag.group() == 0x7FE0 && node.tag.element() >= 8)
        .map(|node| &data[node.value_start() as usize..node.value_end() as usize])
        .collect()
}

fn text(data: &[u8], tree: &Tree, tag: Tag) -> Option<String> {
    let node = tree.node(tree.find(ROOT, tag)?);
    let bytes = &data[node.value_start() as usize..node.value_end() as usize];
    Some(String::from_utf8_lossy(value::trim(bytes)).into_owned())
}

/// What must hold of every written file: it is walked to its end without a fault that is to be repaired, says that
/// it was de-identified, and has the pixels it had.
fn check(name: &str, before: &[u8], after: &[u8]) {
    let layout = open(&mut &after[..]).expect("the output is DICOM");
    let (data, tree) = read(after);
    // Where fragments stand in a data set that is not encoded as declared, only the declared syntax tells their codec.
    let codec = |kind| {
        let pixels = tree.find(ROOT, Tag::new(0x7FE0, 0x0010)).map(|index| tree.node(index).kind);
        kind == deid_dicom::FaultKind::TransferSyntaxWrong && pixels == Some(Kind::Fragments)
    };
    assert!(
        layout.faults.iter().all(|(f, _)| f.kind.policy() == FaultPolicy::Keep || codec(f.kind)),
        "{name}: {:?}",
        layout.faults
    );
    for (fault, _) in tree.faults.iter() {
        assert_eq!(fault.kind.policy(), FaultPolicy::Keep, "{name}: {fault:?}");
    }
    assert_eq!(tree.end, data.len() as u64, "{name}");
    assert_eq!(text(&data, &tree, Tag::new(0x0012, 0x0062)).as_deref(), Some("YES"), "{name}");
    let sop_instance = text(&data, &tree, Tag::new(0x0008, 0x0018));
    if let Some(uid) = sop_instance.filter(|uid| !uid.is_empty()) {
        assert!(
            after[..400].windows(uid.len()).any(|window| window == uid.as_bytes()),
            "{name}: meta and data set differ"
        );
    }
    let (old_data, old_tree) = read(before);
    assert_eq!(pixels(&data, &tree), pixels(&old_data, &old_tree), "{name}");
}

#[test]
fn each_faulty_file_is_repaired_tolerated_or_refused() {
    let refused = [
        "deflated_truncated",
        "len_bomb_4GB_OB",
        "len_bomb_4GB_UN",
        "len_bomb_lo_ile",
        "trunc_in_header",
        "trunc_in_sq",
        "trunc_in_value",
        "undef_len_on_LO_ile",
        "undef_len_on_UT",
    ];
    for profile in ["basic", "default"] {
        let engine = engine(profile);
        let mut scratch = Scratch::default();
        for case in gallery() {
            let done = engine.process(&mut &case.bytes[..], &SessionFacts::default(), &mut scratch);
            if refused.contains(&case.name) {
                assert_eq!(done.cause, Some(Cause::Faulty), "{}", case.name);
                assert!(done.facts.faults.refusal().is_some(), "{}", case.name);
                continue;
            }
            assert_eq!(done.cause, None, "{}", case.name);
            let after = output(done, &case.bytes);
            check(case.name, &case.bytes, &after);
            for word in ["Doe", "Jane", "Hidden", "Second", "Jer", "J\u{e9}r", "王", "PHI!", "SENDAE"] {
                let word = word.as_bytes();
                assert!(!after.windows(word.len()).any(|w| w == word), "{}: {}", case.name, case.story);
            }
        }
    }
}

#[test]
fn the_same_file_gives_the_same_bytes() {
    let case = deid_testkit::gallery::named("sq_nested_delims");
    let engine = engine("default");
    let run = || {
        let done = engine.process(&mut &case.bytes[..], &SessionFacts::default(), &mut Scratch::default());
        output(done, &case.bytes)
    };
    assert_eq!(run(), run());
}

#[test]
fn what_is_de_identified_stays_what_it_is() {
    // Marks are not piled up, and the codes of the first run are kept.
    let file = deid_testkit::study::mr_instance(&deid_testkit::study::Subject::default());
    let engine = engine("basic");
    let run = |file: &[u8]| {
        let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
        output(done, file)
    };
    let once = run(&file);
    let twice = run(&once);
    let (first, first_tree) = read(&once);
    let (second, second_tree) = read(&twice);
    assert_eq!(first_tree.nodes.len(), second_tree.nodes.len());
    let code = Tag::new(0x0012, 0x0064);
    let value = |data: &[u8], tree: &Tree| {
        let node = *tree.node(tree.find(ROOT, code).unwrap());
        assert_eq!(node.kind, Kind::Sequence);
        data[node.start as usize..node.end as usize].to_vec()
    };
    assert_eq!(value(&first, &first_tree), value(&second, &second_tree));
}

/// All real files beside the project, if they are there.
#[test]
fn real_files_lose_nothing_but_what_is_planned() {
    let Some(files) = real_files() else { return };
    for profile in ["basic", "default", "cati_collector", "data_sharing"] {
        let engine = engine(profile);
        let mut scratch = Scratch::default();
        let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
        for path in &files {
            let file = std::fs::read(path).unwrap();
            let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut scratch);
            *outcomes.entry(done.cause.map_or("written", Cause::id)).or_default() += 1;
            if done.cause.is_none() {
                check(&path.to_string_lossy(), &file, &output(done, &file));
            }
        }
        println!("{profile}: {outcomes:?}");
        assert_eq!(outcomes.get("edit_failed"), None);
        assert!(outcomes["written"] > 800);
    }
}

/// One offset per subject: intervals stay, in DA and DT, nested and at top level; times within a day stay.
#[test]
fn shifted_dates_keep_their_intervals() {
    use deid_dicom::{Encoding, Vr, encode};
    let mut profile = deid_profile::built_in("default").unwrap();
    profile.options.push(deid_profile::ConfidentialityOption::RetainLongitudinalModifiedDates);
    let settings = |key| settings(profile.clone(), key);
    let file = |id: &str, study: &str, nested: &str| {
        let mut out = Vec::new();
        let mut add = |tag, vr, value: &[u8]| {
            encode::element(&mut out, Encoding::ExplicitLittle, Tag(tag), vr, value).unwrap();
        };
        add(0x0008_0020, Vr::DA, study.as_bytes());
        add(0x0008_002A, Vr::DT, format!("{study}101112.5+0200").as_bytes());
        add(0x0008_0030, Vr::TM, b"101112");
        let mut inner = Vec::new();
        encode::element(&mut inner, Encoding::ExplicitLittle, Tag(0x0018_9074), Vr::DT, nested.as_bytes())
            .unwrap();
        let mut item = Vec::new();
        encode::item(&mut item, Encoding::ExplicitLittle, &inner).unwrap();
        add(0x0008_2218, Vr::SQ, &item);
        add(0x0010_0020, Vr::LO, id.as_bytes());
        add(0x0010_0030, Vr::DA, b"19500102");
        deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", out).bytes()
    };
    let run = |key, file: &[u8]| {
        let engine = Engine::new(settings(key)).unwrap();
        let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
        assert_eq!(done.cause, None);
        let bytes = output(done, file);
        let (data, tree) = read(&bytes);
        let nested = tree.nodes.iter().find(|node| node.tag == Tag(0x0018_9074)).unwrap();
        let nested = data[nested.value_start() as usize..nested.value_end() as usize].to_vec();
        let get = |tag| text(&data, &tree, Tag(tag)).unwrap();
        assert_eq!(get(0x0028_0303), "MODIFIED");
        assert_eq!(get(0x0010_0030), "");
        assert_eq!(get(0x0008_0030), "101112");
        assert_eq!(get(0x0008_002A)[8..], *"101112.5+0200");
        assert_eq!(get(0x0008_0020), get(0x0008_002A)[..8]);
        (get(0x0008_0020), String::from_utf8(nested[..8].to_vec()).unwrap())
    };
    let (first, nested) = run(7, &file("ID1", "20200131", "20200202101010"));
    assert_eq!(run(7, &file("ID1", "20200202", "20200131101010")), (nested.clone(), first.clone()));
    assert_ne!(run(7, &file("ID2", "20200131", "20200202101010")).0, first);
    assert_ne!(run(8, &file("ID1", "20200131", "20200202101010")).0, first);
    // Nobody to shift for: not written.
    let nobody = file("", "20200131", "20200202101010");
    let engine = Engine::new(settings(7)).unwrap();
    let done = engine.process(&mut &nobody[..], &SessionFacts::default(), &mut Scratch::default());
    assert_eq!(done.cause, Some(Cause::NoSubject));
}

/// Clean Descriptors keeps the science of a description and takes the person out of it.
#[test]
fn descriptions_are_cleaned_and_kept() {
    use deid_dicom::{Encoding, Vr, encode};
    let mut profile = deid_profile::built_in("default").unwrap();
    profile.options.push(deid_profile::ConfidentialityOption::CleanDescriptors);
    let engine = Engine::new(settings(profile, 7)).unwrap();
    let mut out = Vec::new();
    let mut add = |tag, vr, value: &[u8]| {
        encode::element(&mut out, Encoding::ExplicitLittle, Tag(tag), vr, value).unwrap();
    };
    add(0x0008_0005, Vr::CS, b"ISO_IR 100");
    add(0x0008_1030, Vr::LO, b"Cr\xe2ne pour Mme Lagrange");
    add(0x0008_103E, Vr::LO, b"t1_mprage_sag_p2_iso");
    add(0x0010_0010, Vr::PN, b"Lagrange^Odette");
    add(0x0010_0020, Vr::LO, b"QZ48151623");
    add(0x0020_4000, Vr::LT, b"moved a little, call 01 45 67 89 10");
    let file = deid_testkit::bytes::Part10::new("1.2.840.10008.1.2.1", out).bytes();
    let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    let bytes = output(done, &file);
    let (data, tree) = read(&bytes);
    let raw = |tag: u32| {
        let node = *tree.node(tree.find(ROOT, Tag(tag)).unwrap());
        value::trim(&data[node.value_start() as usize..node.value_end() as usize]).to_vec()
    };
    assert_eq!(raw(0x0008_103E), b"t1_mprage_sag_p2_iso");
    assert!(raw(0x0008_1030).starts_with(b"Cr\xe2ne"), "{:?}", raw(0x0008_1030));
    let comments = String::from_utf8(raw(0x0020_4000)).unwrap();
    assert!(comments.contains("little") && !comments.contains("45"), "{comments}");
    assert!(!bytes.windows(8).any(|window| window.eq_ignore_ascii_case(b"lagrange")));
}
