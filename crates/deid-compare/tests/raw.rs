//! What lies beside DICOM, and spectra in DICOM: paired, and compared field by field.

use std::fs;
use std::path::PathBuf;

use deid_compare::{Comparison, Options, Outcome, compare};
use deid_core::{Body, Engine, Key, Scratch, SessionFacts, Settings};
use deid_testkit::bytes::{Part10, explicit};
use deid_testkit::planted::Words;
use deid_testkit::raw::{
    NiftiShape, Slots, nifti, p_file, par, rda, rec, sdat, sidecar, spar, twix_vb, twix_vd,
};
use deid_testkit::{tags, uids};
use tempfile::TempDir;

struct Files {
    folder: TempDir,
    engine: Engine,
}

impl Files {
    fn new(profile: &str) -> Self {
        let engine = Engine::new(Settings {
            profile: deid_profile::built_in(profile).unwrap(),
            key: Key::from_bytes([7; 32]),
            subject: Some("S001".to_owned()),
            subjects: None,
            forced: Vec::new(),
            inflate_limit: 1 << 30,
        });
        Files { folder: tempfile::tempdir().unwrap(), engine: engine.unwrap() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes a file and what becomes of it, which is called otherwise.
    fn add(&self, before: &str, after: &str, bytes: &[u8]) {
        self.put(&format!("before/{before}"), bytes);
        let mut source = bytes;
        let session = SessionFacts::default();
        let raw = self.engine.process_raw(&mut source, &session, &Vec::new);
        let done =
            raw.unwrap_or_else(|| self.engine.process(&mut &bytes[..], &session, &mut Scratch::default()));
        let Body::Pieces(pieces) = done.body else {
            panic!("{before}: {:?} {:?}", done.cause, done.facts.remarks)
        };
        self.put(&format!("after/{after}"), &[done.head, pieces.to_bytes(bytes)].concat());
    }

    fn copy(&self, before: &str, after: &str, bytes: &[u8]) {
        self.put(&format!("before/{before}"), bytes);
        self.put(&format!("after/{after}"), bytes);
    }

    /// Puts other bytes in the place of some that stand in a result.
    fn tamper(&self, path: &str, old: &[u8], new: &[u8]) {
        let path = self.path(&format!("after/{path}"));
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(old.len()).position(|window| window == old).expect("it is there");
        bytes.splice(at..at + old.len(), new.iter().copied());
        fs::write(path, bytes).unwrap();
    }

    fn compare(&self) -> Comparison {
        let options = Options { engine: Some(&self.engine), ..Options::default() };
        compare(&self.path("before"), &self.path("after"), &options).unwrap()
    }
}

/// One of each format.
fn all(profile: &str) -> Files {
    let slots = Slots::planted(&mut Words::new());
    let files = Files::new(profile);
    files.add("a/x.SPAR", "s1/1.SPAR", &spar(&slots));
    files.copy("a/x.SDAT", "s1/1.SDAT", &sdat());
    files.add("b/x.PAR", "s1/2.PAR", &par(&slots));
    files.copy("b/x.REC", "s1/2.REC", &rec());
    files.add("c/x.rda", "s1/3.rda", &rda(&slots));
    files.add("d/vb.dat", "s1/4.dat", &twix_vb(&slots));
    files.add("d/vd.dat", "s1/5.dat", &twix_vd(&slots));
    files.add("e/x.json", "s1/6.json", &sidecar(&slots));
    files.add("f/P1.7", "s1/7.7", &p_file(&slots));
    files
}

#[test]
fn results_of_raw_formats_are_equal_to_their_originals() {
    for profile in ["neuro", "default", "cati_collector"] {
        let comparison = all(profile).compare();
        assert_eq!(comparison.series.len(), 7);
        assert_eq!(comparison.unmatched_after, 0);
        for series in &comparison.series {
            assert!(series.outcome.is_good(), "{profile} {} {:?}", series.modality, series.differences);
            assert!(series.checks.all(), "{profile} {}", series.modality);
        }
        assert!(comparison.is_equal());
    }
}

/// A result, what stands in it, what is put in its place, the format and the field.
type Change = (&'static str, &'static [u8], &'static [u8], &'static str, &'static str);

#[test]
fn each_change_of_raw_data_is_told() {
    let changes: [Change; 13] = [
        ("s1/1.SPAR", b"repetition_time : 2000", b"repetition_time : 2001", "spar", "repetition_time"),
        ("s1/1.SPAR", b"ap_off_center : -12.5", b"ap_off_center : -12.6", "spar", "ap_off_center"),
        (
            "s1/2.PAR",
            b"Repetition time [ms]               :   2000",
            b"Repetition time [ms]               :   2001",
            "par",
            "Repetition time [ms]",
        ),
        ("s1/2.PAR", b"4.50000e-003", b"4.50001e-003", "par", "(rows)"),
        ("s1/3.rda", b"TE: 30.0", b"TE: 31.0", "rda", "TE"),
        (
            "s1/4.dat",
            b"sRXSPEC.alDwellTime[0]\t = \t416000",
            b"sRXSPEC.alDwellTime[0]\t = \t416001",
            "twix",
            "sRXSPEC.alDwellTime[0]",
        ),
        ("s1/5.dat", b"alTE[0]\t = \t30000", b"alTE[0]\t = \t30001", "twix", "alTE[0]"),
        ("s1/6.json", b"\"RepetitionTime\": 2", b"\"RepetitionTime\": 3", "bids_json", "RepetitionTime"),
        ("s1/6.json", b"[0, 0.5, 1.0]", b"[0, 0.6, 1.0]", "bids_json", "SliceTiming"),
        // Texts that the profile leaves alone.
        ("s1/6.json", b"\"j-\"", b"\"j\"", "bids_json", "PhaseEncodingDirection"),
        ("s1/6.json", b"\"MR\"", b"\"CT\"", "bids_json", "Modality"),
        ("s1/3.rda", b"Nucleus: 1H", b"Nucleus: 31P", "rda", "Nucleus"),
        // A parameter that no converter is known to read.
        (
            "s1/5.dat",
            b"<ParamLong.\"BaseResolution\">  { 256 }",
            b"<ParamLong.\"BaseResolution\">  { 257 }",
            "twix",
            "(numbers)",
        ),
    ];
    for (file, old, new, format, key) in changes {
        let files = all("neuro");
        files.tamper(file, old, new);
        let comparison = files.compare();
        let series = comparison.series.iter().find(|series| series.outcome == Outcome::Differs);
        let series = series.unwrap_or_else(|| panic!("{file} {key}: {:?}", comparison.counts));
        assert_eq!(series.modality, format);
        let told = series.differences.iter().find(|difference| difference.key == key);
        assert!(told.is_some_and(|told| !told.is_explained()), "{file} {key}: {:?}", series.differences);
    }
}

/// One of two with the same payload: that a file alone names nobody explains nothing where the run knew whose it was.
#[test]
fn a_file_whose_neighbour_was_written_is_missed() {
    let slots = Slots::planted(&mut Words::new());
    let image = nifti(&slots, NiftiShape { version: 1, big: false, single: true }, &[]);
    let files = Files::new("neuro");
    for name in ["a/a.nii", "a/b.nii"] {
        files.add(name, name, &image);
    }
    let nobody = Settings { subject: None, ..files.engine.settings().clone() };
    let nobody = Engine::new(nobody).unwrap();
    let compared = || {
        let options = Options { engine: Some(&nobody), ..Options::default() };
        compare(&files.path("before"), &files.path("after"), &options).unwrap()
    };
    assert!(compared().is_equal());
    fs::remove_file(files.path("after/a/b.nii")).unwrap();
    let comparison = compared();
    assert_eq!((comparison.count(Outcome::Missing), comparison.is_equal()), (1, false));
}

#[test]
fn other_payloads_and_missing_files_are_told() {
    for (file, format) in [
        ("s1/1.SDAT", "spar"),
        ("s1/2.REC", "par"),
        ("s1/3.rda", "rda"),
        ("s1/4.dat", "twix"),
        ("s1/7.7", "p_file"),
    ] {
        let files = all("neuro");
        let path = files.path(&format!("after/{file}"));
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
        let comparison = files.compare();
        let differs = |series: &&deid_compare::SeriesResult| {
            series.outcome == Outcome::Differs && !series.checks.voxels
        };
        let found = comparison.series.iter().find(differs);
        assert_eq!(found.map(|series| series.modality.as_str()), Some(format), "{file}");
    }
    let files = all("neuro");
    fs::remove_file(files.path("after/s1/3.rda")).unwrap();
    files.put("after/s1/other.json", b"{\"EchoTime\": 1, \"Modality\": \"MR\"}");
    let comparison = files.compare();
    assert_eq!((comparison.count(Outcome::Missing), comparison.unmatched_after), (1, 1));
}

#[test]
fn images_in_nifti_are_compared_by_voxels_and_geometry() {
    let slots = Slots::planted(&mut Words::new());
    let images = |files: &Files| {
        for (number, (version, big)) in [(1, false), (1, true), (2, false), (2, true)].into_iter().enumerate()
        {
            let mut image = nifti(&slots, NiftiShape { version, big, single: true }, &[]);
            // Each its own voxels.
            let last = image.len() - 1;
            image[last] = number as u8;
            files.add(&format!("{number}.nii"), &format!("x{number}.nii"), &image);
        }
    };
    let files = Files::new("neuro");
    images(&files);
    let comparison = files.compare();
    assert!(comparison.is_equal(), "{:?}", comparison.series);
    // One number of the affine, one voxel.
    for (at, geometry, voxels) in [(283, false, true), (0, true, false)] {
        let files = Files::new("neuro");
        images(&files);
        let path = files.path("after/x0.nii");
        let mut bytes = fs::read(&path).unwrap();
        let at = if at == 0 { bytes.len() - 2 } else { at };
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let comparison = files.compare();
        let differs = comparison.series.iter().find(|series| series.outcome == Outcome::Differs).unwrap();
        assert_eq!((differs.checks.geometry, differs.checks.voxels), (geometry, voxels));
    }
}

/// Private spectra: Siemens' own class up to VE.
#[test]
fn spectra_in_private_elements_are_paired() {
    let files = Files::new("cati_collector");
    let samples: Vec<u8> = (0..64_u8).flat_map(|n| (f32::from(n) * 0.37 - 9.5).to_le_bytes()).collect();
    let file = Part10::new(
        uids::EXPLICIT_LE,
        [
            explicit(0x0008_0016, "UI", "1.3.12.2.1107.5.9.1"),
            explicit(0x0008_0018, "UI", "1.2.3"),
            explicit(tags::MODALITY, "CS", "MR"),
            explicit(tags::PATIENT_ID, "LO", "ID-4711-77"),
            explicit(0x0018_0081, "DS", "30"),
            explicit(0x0020_000D, "UI", "1.2.3.4"),
            explicit(0x0020_000E, "UI", "1.2.3.5"),
            explicit(0x7FE1_0010, "LO", "SIEMENS CSA NON-IMAGE"),
            explicit(0x7FE1_1010, "OB", samples),
        ]
        .concat(),
    )
    .bytes();
    files.put("before/1.dcm", &file);
    files.put("after/2.dcm", &file);
    let comparison = files.compare();
    assert_eq!((comparison.files_before, comparison.without_pixels), (1, 0));
    assert_eq!(comparison.series[0].outcome, Outcome::Equal);
    files.tamper("2.dcm", b"DS\x02\x0030", b"DS\x02\x0031");
    let comparison = files.compare();
    assert_eq!(comparison.series[0].outcome, Outcome::Differs);
}

/// Keys of sidecars are anybody's: what no format knows has no name in what is said.
#[test]
fn keys_that_no_format_knows_are_compared_and_not_shown() {
    let files = Files::new("neuro");
    let sidecar = |one: u8, other: u8| {
        format!(
            "{{\"EchoTime\": 0.01, \"RepetitionTime\": 2, \"QuaxleyZebulon\": {one}, \"Zebulon Quaxley\": {other}}}"
        )
    };
    files.put("before/a.json", sidecar(1, 2).as_bytes());
    for (one, other) in [(3, 2), (1, 3)] {
        files.put("after/b.json", sidecar(one, other).as_bytes());
        let comparison = files.compare();
        assert_eq!(comparison.series[0].outcome, Outcome::Differs);
        assert_eq!(comparison.series[0].differences.len(), 1);
        let said = serde_json::to_string(&comparison).unwrap();
        assert!(!said.contains("Quaxley") && said.contains("(unknown key)"), "{said}");
    }
    // Others are told by name.
    files.put("after/b.json", sidecar(1, 2).replace("0.01", "0.02").as_bytes());
    assert_eq!(files.compare().series[0].differences[0].key, "EchoTime");
}
