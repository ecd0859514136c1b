//! Files of raw formats, with words planted in every slot of their headers: none is found again, and payloads stay.

use deid_core::{Body, Cause, Engine, Key, Processed, SessionFacts, Settings};
use deid_testkit::planted::{Words, search};
use deid_testkit::raw::{
    NiftiShape, Slots, gzip, nifti, nifti_mrs_json, p_file, par, rda, rec, sdat, sidecar, spar, twix_vb,
    twix_vd,
};

fn engine(profile: &str, subject: Option<&str>) -> Engine {
    Engine::new(Settings {
        profile: deid_profile::built_in(profile).unwrap(),
        key: Key::from_bytes([7; 32]),
        subject: subject.map(str::to_owned),
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 1 << 30,
    })
    .unwrap()
}

fn process(engine: &Engine, files: &[(&str, &[u8])]) -> Vec<(Processed, Vec<u8>)> {
    let mut session = SessionFacts::default();
    let parts = |name: &str| name.split('/').map(str::to_owned).collect::<Vec<_>>();
    for (name, bytes) in files {
        if let Some(facts) = engine.survey_raw(&mut &bytes[..]) {
            session.add_raw(&parts(name), &facts);
        }
    }
    session.settle();
    let one = |(name, bytes): &(&str, &[u8])| {
        let processed = engine
            .process_raw(&mut &bytes[..], &session, &|| parts(name))
            .or_else(|| engine.process_payload(bytes.len() as u64, &session, &parts(name)))
            .unwrap_or_else(|| panic!("{name} is not recognised"));
        let output = match &processed.body {
            Body::Pieces(spliced) => spliced.to_bytes(bytes),
            Body::Bytes(bytes) => bytes.clone(),
            Body::None => Vec::new(),
        };
        (processed, output)
    };
    files.iter().map(one).collect()
}

/// The output of a file that has to be written.
fn written(engine: &Engine, name: &str, bytes: &[u8]) -> Vec<u8> {
    let (processed, output) = process(engine, &[(name, bytes)]).remove(0);
    assert_eq!(processed.cause, None, "{name}: {:?}", processed.facts.remarks);
    output
}

/// Nothing planted is in there, dates in no form.
fn assert_clean(name: &str, output: &[u8], words: &Words, kept: &[&str]) {
    let hits: Vec<String> = search(output, words.planted())
        .iter()
        .filter(|hit| !kept.contains(&hit.slot.as_str()))
        .map(ToString::to_string)
        .collect();
    assert!(
        hits.is_empty(),
        "{name}: {hits:#?}\n{}",
        String::from_utf8_lossy(&output[..output.len().min(9000)])
    );
    for planted in words.planted().iter().filter(|planted| planted.slot.contains("date")) {
        let date = &planted.word;
        for sign in ['-', '.', '/'] {
            let dashed = format!("{}{sign}{}{sign}{}", &date[..4], &date[4..6], &date[6..]);
            let found = output.windows(10).any(|window| window == dashed.as_bytes());
            assert!(!found || kept.contains(&planted.slot.as_str()), "{name}: {dashed}");
        }
    }
}

fn shapes() -> Vec<NiftiShape> {
    let mut shapes = Vec::new();
    for version in [1, 2] {
        for big in [false, true] {
            shapes.push(NiftiShape { version, big, single: true });
        }
    }
    shapes
}

#[test]
fn nothing_planted_is_found_again_and_payloads_stay() {
    let mut words = Words::new();
    let slots = Slots::planted(&mut words);
    let mut files = vec![
        ("x.rda", rda(&slots), 64 * 16),
        ("vb.dat", twix_vb(&slots), 4096),
        ("vd.dat", twix_vd(&slots), 0),
        ("x.json", sidecar(&slots), 0),
        ("x.SPAR", spar(&slots), 0),
        ("x.PAR", par(&slots), 0),
        ("P12345.7", p_file(&slots), 4096),
    ];
    for shape in shapes() {
        let extensions = [
            (2, slots.name.clone().into_bytes()),
            (4, format!("<AFNI>{}</AFNI>", slots.operator).into_bytes()),
            (6, slots.comment.clone().into_bytes()),
            (44, nifti_mrs_json(&slots)),
            (0, slots.id.clone().into_bytes()),
        ];
        files.push(("x.nii", nifti(&slots, shape, &extensions), 128));
    }
    for (profile, kept) in
        [("default", &[][..]), ("cati_collector", &["study date", "series"]), ("neuro", &[])]
    {
        let engine = engine(profile, Some("S001"));
        for (name, file, payload) in &files {
            let output = written(&engine, name, file);
            assert_clean(&format!("{profile} {name}"), &output, &words, kept);
            assert!(output.ends_with(&file[file.len() - payload..]), "{name}: payload");
            if [".dat", ".7", ".nii"].iter().any(|extension| name.ends_with(extension)) {
                assert_eq!(output.len(), file.len(), "{name}: length");
            }
            // What came out is such a file again.
            assert_clean(name, &written(&engine, name, &output), &words, kept);
        }
    }
}

#[test]
fn compressed_images_lose_name_and_time_of_their_gzip_header_too() {
    let mut words = Words::new();
    let slots = Slots::planted(&mut words);
    let shape = NiftiShape { version: 1, big: false, single: true };
    let image = nifti(&slots, shape, &[]);
    let engine = engine("default", Some("S001"));
    let output = written(&engine, "x.nii.gz", &gzip(&image, &slots));
    assert_clean("x.nii.gz", &output, &words, &[]);
    assert_eq!(&output[..10], &[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]);
    // A second time nothing is compressed anew.
    let again = process(&engine, &[("x.nii.gz", &output)]).remove(0);
    assert!(matches!(again.0.body, Body::Pieces(_)));
    assert_eq!(again.1, output);
    let mut damaged = output.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    for bytes in [&damaged[..], &output[..last], &[&output[..], &[0]].concat()] {
        let (processed, _) = process(&engine, &[("x.nii.gz", bytes)]).remove(0);
        assert_eq!(processed.cause, Some(Cause::RawUnknownField));
    }
}

#[test]
fn payloads_in_files_of_their_own_go_with_their_header() {
    let mut words = Words::new();
    let slots = Slots::planted(&mut words);
    let engine = engine("default", Some("S001"));
    let pair = NiftiShape { version: 1, big: false, single: false };
    let voxels = vec![0x80; 128];
    let (header, image, numbers) = (spar(&slots), par(&slots), nifti(&slots, pair, &[]));
    let (spectra, pixels) = (sdat(), rec());
    let done = process(
        &engine,
        &[
            ("a/x.SPAR", &header),
            ("a/x.SDAT", &spectra),
            ("a/y.PAR", &image),
            ("a/y.REC", &pixels),
            ("a/z.hdr", &numbers),
            ("a/z.img", &voxels),
            ("b/x.SPAR", &header),
            ("b/x.SDAT", &spectra[1..]),
        ],
    );
    for (index, payload) in [(1, &spectra), (3, &pixels), (5, &voxels)] {
        assert_eq!(done[index].0.cause, None);
        assert_eq!(done[index].1, *payload);
    }
    assert_eq!(done[7].0.cause, Some(Cause::RawUnknownField));
    assert!(engine.process_payload(8, &SessionFacts::default(), &["x.SDAT".to_owned()]).is_none());
}

#[test]
fn the_subject_comes_from_the_header_the_folder_or_the_caller() {
    let slots = Slots::plain();
    let (raw, header, text) = (rda(&slots), spar(&slots), sidecar(&slots));
    let other = rda(&Slots { id: "ID4712".to_owned(), ..Slots::plain() });
    let none = engine("default", None);
    let causes = |files: &[(&str, &[u8])]| {
        process(&none, files).iter().map(|(processed, _)| processed.cause).collect::<Vec<_>>()
    };
    assert_eq!(causes(&[("a/x.SPAR", &header)]), [Some(Cause::NoSubject)]);
    assert_eq!(causes(&[("a/x.rda", &raw), ("a/x.SPAR", &header)]), [None, None]);
    assert_eq!(causes(&[("a/x.rda", &raw), ("b/x.SPAR", &header)]), [None, None]);
    let two = causes(&[("a/x.rda", &raw), ("b/x.rda", &other), ("b/x.SPAR", &header), ("c/x.SPAR", &header)]);
    assert_eq!(two, [None, None, None, Some(Cause::NoSubject)]);
    assert_eq!(causes(&[("x.json", &text)]), [None]);
    let image = nifti(&slots, NiftiShape { version: 1, big: false, single: true }, &[]);
    let beside = [("b/x.rda", &other[..]), ("b/y.json", &text), ("b/y.nii.gz", &image), ("b/z.nii", &image)];
    assert_eq!(causes(&beside), [None, None, None, Some(Cause::NoSubject)]);
    let by_name = engine("default", Some("S001"));
    assert_eq!(process(&by_name, &[("x.SPAR", &header)])[0].0.cause, None);
    // The code is the same as in DICOM.
    let code = Key::from_bytes([7; 32]).subject_code(&["ID4711"]);
    let output = written(&none, "x.rda", &raw);
    assert!(output.windows(code.len()).any(|window| window == code.as_bytes()));
}

#[test]
fn fields_that_nobody_knows_are_not_passed_on() {
    let slots = Slots::plain();
    let engine = engine("default", Some("S001"));
    let replace = |file: &[u8], old: &str, new: &str| {
        let at = file.windows(old.len()).position(|window| window == old.as_bytes()).unwrap();
        [&file[..at], new.as_bytes(), &file[at + old.len()..]].concat()
    };
    let rda = deid_testkit::raw::rda(&slots);
    let spar = spar(&slots);
    let par = par(&slots);
    let twix = twix_vb(&slots);
    for (name, file) in [
        ("x.rda", replace(&rda, "TE: 30", "XX: 30")),
        ("x.rda", replace(&rda, "TE: 30.000000", "TE: Doe")),
        ("x.rda", [&rda[..], b"more"].concat()),
        ("x.SPAR", replace(&spar, "echo_nr", "echo_xx")),
        ("x.SPAR", replace(&spar, "placeholder1 : ", "placeholder1 : x")),
        ("x.PAR", replace(&par, "Scan mode", "Scan mood")),
        ("x.PAR", replace(&par, "# === END", "Doe\r\n# === END")),
        ("x.dat", replace(&twix, "Phoenix", "Phoenyx")),
        ("x.json", b"{\"Modality\": \"MR\", }".to_vec()),
    ] {
        let (processed, output) = process(&engine, &[(name, &file)]).remove(0);
        assert_eq!(processed.cause, Some(Cause::RawUnknownField), "{name}");
        assert!(output.is_empty());
    }
}

#[test]
fn the_letter_of_the_standard_speaks_of_dicom_only() {
    let file = rda(&Slots::plain());
    let engine = engine("basic", Some("S001"));
    assert!(engine.survey_raw(&mut &file[..]).is_none());
    assert!(engine.process_raw(&mut &file[..], &SessionFacts::default(), &Vec::new).is_none());
}

/// What nobody's header names is judged by its form: in terms, numbers, names of parameters, tags and keys.
#[test]
fn strangers_in_terms_numbers_and_names_are_no_more_there() {
    let mut words = Words::new();
    let slots = Slots::planted(&mut words);
    let swap = |bytes: &[u8], old: &str, new: &str| {
        let at = bytes.windows(old.len()).position(|window| window == old.as_bytes());
        let at = at.unwrap_or_else(|| panic!("{old} stands there"));
        [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
    };
    let engine = engine("cati_collector", Some("S001"));
    for planted in ["Zqkowal", "1961-03-14", "19610314", "1.2.276.0.99.7", "+49 170 5550", "0xZqkowal"] {
        let files = [
            ("x.rda", swap(&rda(&slots), "SequenceName: *svs_se", &format!("SequenceName: {planted}"))),
            ("x.rda", swap(&rda(&slots), "TR: 2000.000000", &format!("TR: {planted}"))),
            (
                "x.json",
                swap(
                    &sidecar(&slots),
                    "\"Modality\"",
                    &format!("\"{planted}\": {{\"a\": [1, \"b\"]}},\n\"Modality\""),
                ),
            ),
            ("vb.dat", {
                let text = format!("<Param{planted}.\"Zqkowal{planted}\"> {{ {planted} }}");
                let header = twix_vb(&slots);
                let at = header.windows(12).position(|window| window == b"<ParamString").unwrap();
                let mut header = header;
                header[at..at + text.len()].copy_from_slice(text.as_bytes());
                header
            }),
        ];
        for (name, file) in files {
            let (processed, output) = process(&engine, &[(name, &file)]).remove(0);
            if processed.cause.is_some() {
                continue;
            }
            let left = |word: &str| output.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(
                !left(planted),
                "{name}: {planted}\n{}",
                String::from_utf8_lossy(&output[..3000.min(output.len())])
            );
            assert!(!left("Zqkowal"), "{name}: {planted}");
        }
    }
}

fn json_of(key: &str, value: &str) -> Vec<u8> {
    format!("{{\"Modality\": \"MR\", \"EchoTime\": 0.03, \"{key}\": \"{value}\"}}").into_bytes()
}

/// What no table of the standard lists is kept as the term it is meant to be; whatever else stands there is not.
#[test]
fn technical_attributes_hold_terms_and_nothing_else() {
    for profile in ["neuro", "default", "data_sharing", "cati_collector"] {
        let engine = engine(profile, Some("S001"));
        let keys = [
            "Manufacturer",
            "SoftwareVersions",
            "BodyPartExamined",
            "ScanningSequence",
            "SequenceName",
            "ScanOptions",
            "Modality",
            "MagneticFieldStrength",
            "PatientSex",
            "PatientWeight",
            "ReceiveCoilName",
            "CoilString",
            "PulseSequenceDetails",
        ];
        for key in keys {
            for planted in [
                "Zqkowal^Jadwyga",
                "seen by Zqkowal",
                "1961/03/14",
                "14 Mar 1961",
                "1.2.276.0.99.7.8.1234567",
                "06 12 34 56 78",
                "(555) 123-4567",
                "078-05-1120",
                "NHS 943 476 5919",
                "12 juil 68",
                "12. Okt 1968",
                "12 Main St",
            ] {
                let output = written(&engine, "x.json", &json_of(key, planted));
                assert!(!has(&output, planted) && !has(&output, "Zqkowal"), "{profile} {key} {planted}");
            }
        }
        for planted in ["J&#246;rg", "J%C3%B6rg", "1968 Mai 12"] {
            let output = written(&engine, "x.json", &json_of("CoilString", planted));
            assert!(!has(&output, planted), "{profile} {planted}");
        }
        for (key, value) in [
            ("Manufacturer", "SIEMENS"),
            ("Manufacturer", "Siemens Healthineers"),
            ("Manufacturer", "GE MEDICAL SYSTEMS"),
            ("Manufacturer", "Philips Medical Systems"),
            ("Manufacturer", "CANON_MEC"),
            ("Manufacturer", "TOSHIBA"),
            ("Manufacturer", "UIH"),
            ("Manufacturer", "Hitachi Medical Corporation"),
            ("SoftwareVersions", "syngo MR E11"),
            ("SoftwareVersions", "syngo_MR_XA30"),
            ("SoftwareVersions", "MR29.1_EA_2039.g"),
            ("SoftwareVersions", "5.7.1 ; .7.1 ; "),
            ("BodyPartExamined", "HEADNECK"),
            ("ScanningSequence", "EP_GR"),
            ("ScanOptions", "SAT_GEMS_EDR_GEMS_EPI_GEMS"),
            ("SequenceName", "*epfid2d1_64"),
            ("ReceiveCoilName", "HeadNeck_64"),
            ("ReceiveCoilName", "8HRBRAIN"),
            ("CoilString", "HC1-7;NC1,2"),
            ("CoilString", "HEA;HEP"),
            ("PulseSequenceDetails", "%SiemensSeq%\\\\ep2d_diff"),
            ("PatientPosition", "HFS"),
        ] {
            let output = written(&engine, "x.json", &json_of(key, value));
            assert!(has(&output, value), "{profile} {key} {value}: {}", String::from_utf8_lossy(&output));
        }
    }
}

/// Numbers of nobody knows what, as long as those of patients.
#[test]
fn long_integers_under_unknown_keys_go() {
    let file = br#"{"Modality": "MR", "SubjectNumber": 66120457, "Nested": {"n": [8823991, 12, 0.5]}, "Extra": 1558915200, "More": 66120458.0,
        "CarrierFrequency": 123254489, "DwellTime": 0.000002, "Count": 123456}"#;
    let output = written(&engine("neuro", Some("S001")), "x.json", file);
    for gone in ["66120457", "66120458", "8823991", "1558915200"] {
        assert!(!has(&output, gone), "{gone}");
    }
    for kept in ["123254489", "0.000002", "123456", "12, 0.5"] {
        assert!(has(&output, kept), "{kept}");
    }
}

#[test]
fn phrases_outside_of_literals_are_judged_as_a_whole() {
    let mut words = Words::new();
    let header = twix_vb(&Slots::planted(&mut words));
    let at = header.windows(12).position(|window| window == b"<ParamString").unwrap();
    for planted in ["14 Mar 1961", "May 27, 2019"] {
        let mut file = header.clone();
        let text = format!("Axial### ASCCONV\ntComment = \"\"{planted}\"\" {planted} \n");
        file[at..at + text.len()].copy_from_slice(text.as_bytes());
        let (processed, output) = process(&engine("default", Some("S001")), &[("vb.dat", &file)]).remove(0);
        assert!(processed.cause.is_some() || !has(&output, planted), "{planted}");
    }
}

#[test]
fn lists_of_numbers_that_tell_of_somebody_go_from_sidecars() {
    let engine = engine("default", Some("S001"));
    let file = |list: &str| {
        format!(
            "{{\"Modality\": \"MR\", \"EchoTime\": 0.03, \"PatientName\": \"Zqkowal^Ann\", \"PatientBirthDate\": \"1961-03-14\", \
             \"ShimSetting\": {list}, \"SliceTiming\": [{list}, 0.5]}}"
        )
    };
    for list in [
        "[90, 113, 107, 111, 119, 97, 108]",
        "[90.0, 113.0, 107.0, 111.0, 119.0, 97.0, 108.0]",
        "[1961, 3, 14]",
        "[0, 14, 3, 1961, 2]",
        "[\"90 113 107 111 119 97 108\"]",
    ] {
        let output = written(&engine, "x.json", file(list).as_bytes());
        assert!(!has(&output, &list[1..list.len() - 1]), "{}", String::from_utf8_lossy(&output));
        assert!(has(&output, "EchoTime"), "{}", String::from_utf8_lossy(&output));
    }
    let output = written(
        &engine,
        "x.json",
        file("0").replace("\"ShimSetting\": 0", "\"Contact\": [391, 5559, 8127]").as_bytes(),
    );
    assert!(!has(&output, "5559") && has(&output, "EchoTime"), "{}", String::from_utf8_lossy(&output));
    for list in ["[1962, 3, 14]", "[-113, 4512, 100, 98]", "[0, 0.5, 1.25]", "[128, 128, 64]"] {
        let output = written(&engine, "x.json", file(list).as_bytes());
        assert!(has(&output, list), "{}", String::from_utf8_lossy(&output));
    }
}

#[test]
fn letters_in_numbers_and_texts_under_keys_of_persons_go_from_protocols() {
    let mut words = Words::new();
    let header = twix_vb(&Slots::planted(&mut words));
    let at = header.windows(12).position(|window| window == b"<ParamString").unwrap();
    for (text, planted) in [
        ("<ParamLong.\"Count\"> { 72 97 108 118 111 114 }", "72 97 108"),
        ("<ParamArray.\"Count\"> { { 72 } { 97 } { 108 } { 118 } }", "{ 97 }"),
        (
            "### ASCCONV BEGIN ###\nlA[0] = 72\nlA[1] = 97\nlA[2] = 108\nlA[3] = 118\n### ASCCONV END ###\n",
            "= 97",
        ),
        ("<ParamLong.\"CaseDob\"> { 1961 3 14 }", "1961 3 14"),
        ("<ParamLong.\"Count\"> { <Precision> 0 Lindenallee 17 }", "Linden"),
        ("<ParamString.\"ContactID\"> { \"4821\" }", "4821"),
        ("<ParamString.\"tContact\"> { \"Coil\" }", "\"Coil\""),
    ] {
        let mut file = header.clone();
        // Up to the next parameter.
        let end = at
            + 1
            + file[at + 1..].windows(10).skip(text.len()).position(|w| w == b"<ParamStri").unwrap()
            + text.len();
        file[at..end].fill(b' ');
        file[at..at + text.len()].copy_from_slice(text.as_bytes());
        let (processed, output) = process(&engine("default", Some("S001")), &[("vb.dat", &file)]).remove(0);
        assert_eq!(processed.cause, None, "{planted}");
        assert!(!has(&output, planted) && has(&output, "BaseResolution"), "{planted}");
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn comments_and_parts_of_numbers_that_are_the_subjects_go() {
    let engine = engine("neuro", Some("S001"));
    let mut words = Words::new();
    let header = spar(&Slots::planted(&mut words));
    let text = String::from_utf8_lossy(&header).into_owned();
    let at = text.find('!').expect("a comment");
    let end = at + text[at..].find('\n').expect("a line");
    let with = |comment: &str| [&text[..at], "! ", comment, "\r", &text[end..]].concat();
    let subject = "{\"Modality\": \"MR\", \"EchoTime\": 0.03, \"PatientName\": \"Kowalczyk^Ann\", \"PatientID\": \"44719023\", \
        \"PatientBirthDate\": \"1961-03-14\"}";
    let left = |comment: &str| {
        let header = with(comment);
        let files = [("a/x.json", subject.as_bytes()), ("a/x.spar", header.as_bytes())];
        process(&engine, &files).remove(1).1
    };
    for comment in [
        "447_190_23",
        "447-190-23",
        "3/14/61",
        "61/3/14",
        "\\x4b\\x6f\\x77\\x61\\x6c\\x63\\x7a\\x79\\x6b",
        "&#75;&#111;&#119;&#97;&#108;&#99;&#122;&#121;&#107;",
        "4 4 7 1 9 0 2 3",
    ] {
        assert!(!has(&left(comment), comment), "{comment}");
    }
    for comment in ["Last revised 05-July-2007", "1 2"] {
        assert!(has(&left(comment), comment), "{comment}");
    }
}

#[test]
fn versions_codes_and_doses_stay_in_sidecars() {
    let engine = engine("neuro", Some("S001"));
    let file = "{\"Modality\": \"PT\", \"EchoTime\": 0.03, \"PatientName\": \"Zqkowal^Ann\", \"PatientID\": \"44719023\", \
        \"ConversionSoftwareVersion\": \"v1.0.20260724\", \"ConsistencyInfo\": \"63010001\", \
        \"InjectedRadioactivity\": 370000000, \"Codes\": [{\"CodeValue\": \"113100\"}], \
        \"Reference\": \"https://bids.neuroimaging.io\", \"Version\": {\"CodeValue\": \"44719023\"}, \
        \"OtherRadioactivity\": 44719023, \"Number\": 447190239}";
    let output = written(&engine, "x.json", file.as_bytes());
    let text = String::from_utf8_lossy(&output);
    for kept in ["v1.0.20260724", "63010001", "370000000", "113100", "https://bids.neuroimaging.io"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert!(!text.contains("44719023"), "{text}");
}

#[test]
fn sidecars_keep_what_data_sets_keep() {
    let engine = engine("neuro", Some("S001"));
    let kept = [
        r#""SoftwareVersions": "V6.1SP3002*""#,
        r#""ManufacturersModelName": "RHAPSODE""#,
        r#""ImageType": ["DERIVED", "MFSPLIT", "VFRAME", "CSAPARALLEL"]"#,
        r#""ScanOptions": "PFP\\FS""#,
        r#""SequenceName": "*epfid2d1_64""#,
        r#""BidsGuess": ["func","_acq-epfid2p2_dir-AP_run-4_bold"]"#,
        r#""WipMemBlock": "01234567-89ab-cdef-0123-456789abcdef||Sequence: R017 nxva30a/master r/a1b2c3d4e+; May 04 2020 10:11:12 by abc""#,
        r#""SliceTiming": [0, 0.5]"#,
        r#""ConversionSoftware": "dcm2niix""#,
    ];
    // Their own words are like words of keys.
    let file = format!(
        "{{\"Modality\": \"MR\", \"PatientName\": \"Slice Timing - DCM2NIIX\", \"PatientID\": \"44719023\", {}}}",
        kept.join(", ")
    );
    let output = written(&engine, "x.json", file.as_bytes());
    let text = String::from_utf8_lossy(&output);
    for kept in kept {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    let file = r#"{"Modality": "MR", "PatientName": "Quarembe^Tolvina", "PatientID": "QX7391846", "DeviceSerialNumber": "45177",
        "ImageType": ["ORIGINAL", "QUAREMBE"], "SoftwareVersions": "V1 Tolvina", "ManufacturersModelName": "Dr. Weber",
        "BidsGuess": ["anat", "_acq-Quarembe_T1w"], "SequenceName": "Quarembe", "PulseSequenceName": "Jones^Mary",
        "KnobNum": 45177, "Note": "45177", "Other": ["knob 45177", 45177], "RepetitionTime": 45177}"#;
    let output = written(&engine, "x.json", file.as_bytes());
    let text = String::from_utf8_lossy(&output).replace("\"RepetitionTime\": 45177", "");
    for gone in ["uarembe", "UAREMBE", "olvina", "Weber", "Jones", "45177"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    // Whoever else it names.
    let file = file.replace("Quarembe^Tolvina", "").replace("_acq-Quarembe_T1w", "_acq-Weberson_T1w");
    let output = written(&engine, "x.json", file.as_bytes());
    assert!(!has(&output, "Weberson"), "{}", String::from_utf8_lossy(&output));
}
