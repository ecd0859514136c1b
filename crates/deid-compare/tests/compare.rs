//! Whole comparisons: with the real dcm2niix where there is one, with scripts in its place, and without.

#![allow(clippy::print_stderr, reason = "says what was not run and why")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deid_compare::{Change, Comparison, Failure, Method, Options, Outcome, compare};
use deid_core::{Body, Engine, Key, Scratch, SessionFacts, Settings};
use deid_testkit::study::{Subject, ge_instance, mr_instance, philips_instance};
use tempfile::TempDir;

const SLICES: u32 = 4;

/// Writes an instance about a subject.
type Writer = fn(&Subject) -> Vec<u8>;

/// Two folders, the second made of the first by a profile.
struct Study {
    folder: TempDir,
    engine: Engine,
}

impl Study {
    /// A series of each vendor.
    fn new(profile: &str) -> Self {
        let study = Study { folder: tempfile::tempdir().unwrap(), engine: engine(profile) };
        let vendors: [(&str, Writer); 3] =
            [("siemens", mr_instance), ("ge", ge_instance), ("philips", philips_instance)];
        for (series, (vendor, instance)) in vendors.into_iter().enumerate() {
            for number in 1..=SLICES {
                let subject = Subject {
                    series_uid: format!("1.2.276.0.99.1.{}", series + 1),
                    instance_uid: format!("1.2.276.0.99.1.{}.{number}", series + 1),
                    series_number: series as u32 + 1,
                    instance_number: number,
                    ..Subject::default()
                };
                let mut bytes = instance(&subject);
                // Each slice its own pixels, which stand at the end.
                let last = bytes.len() - 2;
                bytes[last] = (number + 10 * series as u32) as u8;
                study.put(&format!("before/{vendor}/{number}.dcm"), &bytes);
                study.put(
                    &format!("after/{}/{number}", "abc".as_bytes()[series] as char),
                    &study.made_of(&bytes),
                );
            }
        }
        study
    }

    fn made_of(&self, bytes: &[u8]) -> Vec<u8> {
        let mut source = bytes;
        let done = self.engine.process(&mut source, &SessionFacts::default(), &mut Scratch::default());
        match done.body {
            Body::Pieces(pieces) => [done.head, pieces.to_bytes(bytes)].concat(),
            _ => panic!("{:?}", done.cause),
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn tamper(&self, path: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let bytes = fs::read(self.path(path)).unwrap();
        self.put(path, &change(bytes));
    }

    fn compare(&self, dcm2niix: Option<&Path>) -> Comparison {
        self.compare_with(&Options { dcm2niix, engine: Some(&self.engine), ..Options::default() })
    }

    fn compare_with(&self, options: &Options<'_>) -> Comparison {
        compare(&self.path("before"), &self.path("after"), options).unwrap()
    }

    /// Another program in dcm2niix's place.
    #[cfg(unix)]
    fn program(&self, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("dcm2niix");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }
}

fn engine(profile: &str) -> Engine {
    Engine::new(Settings {
        profile: deid_profile::built_in(profile).unwrap(),
        key: Key::from_bytes([7; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 1 << 30,
    })
    .unwrap()
}

/// The real one: named, in PATH, or beside the Python that the tests are given.
fn real() -> Option<PathBuf> {
    let beside = std::env::var_os("DEID_PYTHON").map(|python| Path::new(&python).with_file_name("dcm2niix"));
    let found = deid_compare::find_dcm2niix().or(beside.filter(|program| program.is_file()));
    if found.is_none() {
        eprintln!("not run: there is no dcm2niix");
    }
    found
}

fn replaced(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len()).position(|window| window == old).expect("it is there");
    bytes[at..at + old.len()].copy_from_slice(new);
    bytes
}

/// With and without the converter, an output of ours is found equal and three ways to spoil it are found.
fn spoilt_output_is_found(dcm2niix: Option<&Path>) {
    let study = Study::new("default");
    let comparison = study.compare(dcm2niix);
    assert!(comparison.is_equal(), "{comparison:#?}");
    assert_eq!(comparison.series.len(), 3);
    assert_eq!(comparison.series.iter().map(|series| series.files_after).sum::<u64>(), 12);
    if dcm2niix.is_some() {
        assert!(comparison.series.iter().all(|series| series.method == Method::Dcm2niix), "{comparison:#?}");
    }

    study.tamper("after/a/2", |mut bytes| {
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    });
    study.tamper("after/b/3", |bytes| replaced(bytes, b"0\\1\\0\\0\\0\\-1", b"0\\1\\0\\0\\0\\+1"));
    fs::remove_file(study.path("after/c/4")).unwrap();
    let comparison = study.compare(dcm2niix);
    let by_folder = |folder: &str| {
        comparison.series.iter().find(|series| series.folder.as_deref() == Some(folder)).unwrap()
    };
    let [pixels, orientation, gone] = ["a", "b", "c"].map(by_folder);
    assert!(comparison.series.iter().all(|series| series.outcome == Outcome::Differs), "{comparison:#?}");
    assert!(!pixels.checks.voxels && pixels.files_changed == 1 && pixels.files_after == 4);
    assert!(!orientation.checks.geometry);
    assert!(!gone.checks.voxels && gone.files_after == 3);
    assert!(!comparison.is_equal());
}

#[test]
fn spoilt_output_is_found_by_attributes() {
    spoilt_output_is_found(None);
}

#[test]
fn spoilt_output_is_found_by_dcm2niix() {
    if let Some(dcm2niix) = real() {
        spoilt_output_is_found(Some(&dcm2niix));
    }
}

#[test]
fn keys_are_explained_by_the_profile_alone() {
    let Some(dcm2niix) = real() else { return };
    let study = Study::new("basic");
    let explained = study.compare(Some(&dcm2niix));
    let lost = |comparison: &Comparison, key: &str| {
        let mut all = comparison.series.iter().flat_map(|series| series.differences.clone());
        all.find(|difference| difference.key == key && difference.change == Change::Lost)
    };
    let description = lost(&explained, "SeriesDescription").unwrap();
    let explanation = description.explanation.unwrap();
    assert_eq!((&*explanation.attribute, explanation.rule), ("SeriesDescription", "e1.1-basic"));
    assert!(!description.identity && lost(&explained, "InstitutionName").unwrap().identity);

    let unexplained = study.compare_with(&Options { dcm2niix: Some(&dcm2niix), ..Options::default() });
    assert_eq!(lost(&unexplained, "SeriesDescription").unwrap().explanation, None);
    assert!(!unexplained.is_equal());
}

/// Headers are cleaned on purpose: what converters read in them has to be as it was all the same.
#[test]
fn fields_inside_of_headers_are_compared_without_a_converter() {
    let study = Study::new("cati_collector");
    let comparison = study.compare(None);
    assert!(comparison.is_equal(), "{comparison:#?}");
    study.tamper("after/a/2", |bytes| replaced(bytes, b"1.00000000\0", b"2.00000000\0"));
    study.tamper("after/a/3", |bytes| replaced(bytes, b"%SiemensSeq%\\tfl", b"%SiemensSeq%\\gre"));
    let comparison = study.compare(None);
    let series = comparison.series.iter().find(|series| series.folder.as_deref() == Some("a")).unwrap();
    let found = |key: &str| series.differences.iter().find(|difference| difference.key == key);
    let normal = found("(0029,{SIEMENS CSA HEADER}10) SliceNormalVector").unwrap();
    assert!(!normal.is_explained() && !series.checks.geometry && series.outcome == Outcome::Differs);
    // A text may have lost words, this one has none to lose.
    assert!(!found("(0029,{SIEMENS CSA HEADER}20) tSequenceFileName").unwrap().is_explained());
    assert!(series.differences.iter().all(|difference| !difference.key.contains("tFreeText")));
}

/// Cleaning a header does not take it away.
#[test]
fn loss_of_a_cleaned_header_is_not_explained() {
    let study = Study::new("cati_collector");
    for number in 1..=SLICES {
        study.tamper(&format!("after/b/{number}"), |bytes| {
            replaced(bytes, b"\x25\0\x10\0LO\x0C\0GEMS_SERS_01", b"\x25\0\x10\0LO\x0C\0GEMS_SERS_99")
        });
    }
    let comparison = study.compare(None);
    let series = comparison.series.iter().find(|series| series.folder.as_deref() == Some("b")).unwrap();
    let lost = |found: &&deid_compare::Difference| found.key == "(0025,{GEMS_SERS_01}1B)";
    assert!(!series.differences.iter().find(lost).unwrap().is_explained(), "{series:#?}");
}

/// Nor does that it could not be cleaned: what is lost with it is lost.
#[test]
fn loss_of_a_header_that_could_not_be_cleaned_is_not_explained() {
    let compared = |dcm2niix: Option<&Path>| {
        let study = Study::new("neuro");
        for number in 1..=SLICES {
            study.tamper(&format!("before/siemens/{number}.dcm"), |bytes| {
                replaced(bytes, b"SliceNormalVector\0", b"Slice NormalVector")
            });
            let before = fs::read(study.path(&format!("before/siemens/{number}.dcm"))).unwrap();
            study.put(&format!("after/a/{number}"), &study.made_of(&before));
        }
        study.compare(dcm2niix)
    };
    let comparison = compared(None);
    let series = comparison.series.iter().find(|series| series.folder.as_deref() == Some("a")).unwrap();
    let lost = |found: &&deid_compare::Difference| found.key == "(0029,{SIEMENS CSA HEADER}10)";
    assert!(!series.differences.iter().find(lost).unwrap().is_explained(), "{series:#?}");
    assert_eq!(series.outcome, Outcome::Differs);
}

/// What the profile may change is what it would change, and to what: another text is no cleaned one.
#[test]
fn a_text_that_the_profile_does_not_make_is_not_explained() {
    for dcm2niix in [None, real()] {
        for profile in ["neuro", "cati_collector", "data_sharing"] {
            let study = Study::new(profile);
            assert!(study.compare(dcm2niix.as_deref()).is_equal(), "{profile}");
            for number in 1..=SLICES {
                study.tamper(&format!("after/a/{number}"), spoilt_protocol);
            }
            assert!(!study.compare(dcm2niix.as_deref()).is_equal(), "{profile}");
        }
    }
}

/// With another Protocol Name (0018,1030) of the same length.
fn spoilt_protocol(mut bytes: Vec<u8>) -> Vec<u8> {
    let head = b"\x18\0\x30\x10LO";
    let at = bytes.windows(head.len()).position(|window| window == head).expect("it is there");
    let length = usize::from(bytes[at + 6]);
    bytes[at + 8..at + 8 + length].fill(b'q');
    bytes
}

/// Times within a day and weights are in no image, and what is said of them in sidecars may go with the identity.
#[test]
fn what_analysis_needs_is_compared_beside_what_is_converted() {
    let Some(dcm2niix) = real() else { return };
    let study = Study::new("neuro");
    assert!(study.compare(Some(&dcm2niix)).is_equal());
    study.tamper("after/a/2", |bytes| {
        let at = bytes.windows(6).position(|window| window == b"\x08\0\x32\0TM").unwrap();
        let mut bytes = bytes;
        bytes[at + 8..at + 14].copy_from_slice(b"010203");
        bytes
    });
    let comparison = study.compare(Some(&dcm2niix));
    let differences = comparison.series.iter().flat_map(|series| &series.differences);
    assert!(differences.filter(|found| !found.is_explained()).any(|found| found.key == "AcquisitionTime"));
    assert!(!comparison.is_equal());
}

/// What no rule of the profile takes is missed, though others of the same creator go.
#[test]
fn loss_of_one_private_element_is_not_explained_by_another() {
    let study = Study::new("cati_collector");
    for number in 1..=SLICES {
        // Its block is somebody else's now.
        study.tamper(&format!("after/a/{number}"), |bytes| {
            replaced(bytes, b"\x19\0\x10\0LO\x12\0SIEMENS", b"\x19\0\x10\0LO\x12\0SOMEBOD")
        });
    }
    let comparison = study.compare(None);
    assert!(!comparison.is_equal(), "{comparison:#?}");
    let lost = comparison.series.iter().flat_map(|series| &series.differences);
    assert!(
        lost.filter(|difference| difference.change == Change::Lost)
            .any(|difference| !difference.is_explained())
    );
}

#[test]
fn series_that_is_gone_is_missing_unless_the_profile_leaves_it_out() {
    let study = Study::new("default");
    fs::remove_dir_all(study.path("after/a")).unwrap();
    let comparison = study.compare(None);
    assert_eq!((comparison.count(Outcome::Missing), comparison.is_equal()), (1, false));
    // The same series as captures, which the profile quarantines.
    for number in 1..=SLICES {
        let image_type = b"ORIGINAL\\PRIMARY\\M\\ND\\NORM";
        let capture = b"DERIVED\\OTHER\\SCREEN SAVE ";
        study.tamper(&format!("before/siemens/{number}.dcm"), |bytes| replaced(bytes, image_type, capture));
    }
    let comparison = study.compare(None);
    assert_eq!((comparison.count(Outcome::Withheld), comparison.is_equal()), (1, true), "{comparison:#?}");
    let without_profile = study.compare_with(&Options::default());
    assert_eq!(without_profile.count(Outcome::Missing), 1);
}

#[test]
fn merged_series_are_found() {
    let study = Study::new("default");
    let before = fs::read(study.path("after/a/1")).unwrap();
    let uid = |bytes: &[u8]| {
        let at = bytes.windows(6).position(|window| window == b"\x20\0\x0E\0UI").unwrap();
        let length = usize::from(u16::from_le_bytes([bytes[at + 6], bytes[at + 7]]));
        bytes[at + 8..at + 8 + length].to_vec()
    };
    let first = uid(&before);
    for number in 1..=SLICES {
        study.tamper(&format!("after/b/{number}"), |bytes| {
            let second = uid(&bytes);
            let mut first = first.clone();
            first.resize(second.len(), 0);
            replaced(bytes, &second, &first)
        });
    }
    let comparison = study.compare(None);
    let separate = comparison.series.iter().filter(|series| series.checks.separate).count();
    assert!(separate <= 1 && !comparison.is_equal(), "{comparison:#?}");
}

#[test]
fn nothing_that_identifies_comes_out() {
    let study = Study::new("basic");
    let dcm2niix = real();
    let text = serde_json::to_string(&study.compare(dcm2niix.as_deref())).unwrap();
    let subject = Subject::default();
    for word in [&subject.patient_id, &subject.institution, &subject.series_uid, &subject.station] {
        assert!(!text.contains(&**word), "{word}");
    }
    for word in ["Doe", "Jane", "before/", "siemens/", "t1_mprage", "20200310"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[cfg(unix)]
mod programs {
    use super::*;
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;

    #[track_caller]
    fn fails(script: &str, timeout: Duration, failure: Failure) {
        let study = Study::new("default");
        let program = study.program(script);
        let options = Options { dcm2niix: Some(&program), timeout, ..Options::default() };
        let comparison = study.compare_with(&options);
        assert_eq!(comparison.count(Outcome::Failed), 3);
        assert!(comparison.series.iter().all(|series| series.failure == Some(failure)), "{comparison:#?}");
    }

    #[test]
    fn crash_fails_the_series() {
        fails("kill -SEGV $$", Duration::from_secs(60), Failure::Crashed);
        // As the script in the wheel does.
        fails("exit 245", Duration::from_secs(60), Failure::Crashed);
    }

    #[test]
    fn what_takes_too_long_is_ended_with_its_children() {
        let start = Instant::now();
        fails("sleep 600 & wait", Duration::from_millis(200), Failure::TimedOut);
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn program_that_is_none_fails_the_series() {
        let study = Study::new("default");
        let program = study.path("before/siemens/1.dcm");
        let comparison = study.compare(Some(&program));
        assert!(comparison.series.iter().all(|series| series.failure == Some(Failure::NotStarted)));
    }

    #[test]
    fn nothing_made_is_compared_by_attributes() {
        let study = Study::new("default");
        let comparison = study.compare(Some(&study.program("exit 2")));
        assert!(comparison.series.iter().all(|series| series.method == Method::Attributes));
        assert!(comparison.is_equal(), "{comparison:#?}");
    }

    #[test]
    fn folders_are_private_and_go() {
        let study = Study::new("default");
        let seen = study.path("seen");
        fs::create_dir(&seen).unwrap();
        // The last argument is the folder of files; its parent is the private one.
        let script = format!(
            "for last; do :; done\nfolder=$(dirname \"$last\")\necho \"$folder $(stat -c %a \"$folder\")\" > {}/$$",
            seen.display()
        );
        study.compare(Some(&study.program(&script)));
        assert_eq!(fs::read_dir(&seen).unwrap().count(), 6, "both sides of three series");
        for entry in fs::read_dir(&seen).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let (folder, mode) = text.trim().rsplit_once(' ').unwrap();
            assert_eq!(mode, "700");
            assert!(!Path::new(folder).exists());
        }
    }

    #[test]
    fn giving_up_ends_converters() {
        let study = Study::new("default");
        let program = study.program("sleep 600");
        let cancelled = AtomicBool::new(false);
        let start = Instant::now();
        let options = Options { dcm2niix: Some(&program), cancelled: Some(&cancelled), ..Options::default() };
        let result = std::thread::scope(|scope| {
            let running = scope.spawn(|| compare(&study.path("before"), &study.path("after"), &options));
            std::thread::sleep(Duration::from_millis(300));
            cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
            running.join().unwrap()
        });
        assert!(matches!(result, Err(deid_compare::CompareError::Cancelled)));
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}

/// A comment among coded pixels that the profile overwrites is explained; other bytes are not.
#[test]
fn overwritten_comments_are_explained() {
    use deid_testkit::bytes::{Part10, explicit};
    let study = Study { folder: tempfile::tempdir().unwrap(), engine: engine("neuro") };
    let comment = b"\xFF\xFE\x00\x16Dr Halvorsen, Monday";
    let picture =
        [&b"\xFF\xD8"[..], comment, b"\xFF\xDA\x00\x08\x01\x01\x00\x01\x00\x00\x12\x34\x56\xFF\xD9\x00"]
            .concat();
    let mut pixels =
        b"\xE0\x7F\x10\x00OB\x00\x00\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\x00\x00\x00\x00\xFE\xFF\x00\xE0"
            .to_vec();
    pixels.extend((picture.len() as u32).to_le_bytes());
    pixels.extend(&picture);
    pixels.extend(b"\xFE\xFF\xDD\xE0\x00\x00\x00\x00");
    let data = [
        explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4\0"),
        explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1\0"),
        explicit(0x0008_0060, "CS", "MR"),
        explicit(0x0010_0010, "PN", "Quaxley^Zebulon "),
        explicit(0x0010_0020, "LO", "ID471177"),
        explicit(0x0020_000D, "UI", "1.2.826.0.1.3680043.8.498.2\0"),
        explicit(0x0020_000E, "UI", "1.2.826.0.1.3680043.8.498.3\0"),
        explicit(0x0020_0013, "IS", "1 "),
        pixels,
    ];
    let bytes = Part10::new("1.2.840.10008.1.2.4.70", data.concat()).bytes();
    study.put("before/1.dcm", &bytes);
    study.put("after/1.dcm", &study.made_of(&bytes));
    let series = &study.compare(None).series[0];
    assert_eq!((series.outcome, series.files_changed), (Outcome::Explained, 0), "{series:?}");
    assert!(
        series.checks.voxels
            && series.differences.iter().any(|found| {
                found.explanation.as_ref().is_some_and(|explanation| explanation.rule == "beside-pixels")
            })
    );
    assert_eq!(study.compare_with(&Options::default()).series[0].outcome, Outcome::Differs);
    study.tamper("after/1.dcm", |bytes| replaced(bytes, b"\x12\x34\x56", b"\x12\x35\x56"));
    assert_eq!(study.compare(None).series[0].outcome, Outcome::Differs);
}

/// Equal attributes and sidecars say nothing where there is no image.
#[test]
fn no_image_is_told() {
    let study = Study::new("neuro");
    assert!(!study.compare(None).compares_no_image());
    #[cfg(unix)]
    {
        let silent = study.program("exit 0");
        let compared = study.compare(Some(&silent));
        assert!(compared.is_equal() && compared.compares_no_image());
    }
    let study = Study { folder: tempfile::tempdir().unwrap(), engine: engine("neuro") };
    for side in ["before", "after"] {
        study.put(&format!("{side}/x.json"), br#"{"Modality": "MR", "EchoTime": 0.03}"#);
    }
    let compared = study.compare(None);
    assert!(compared.is_equal() && compared.compares_no_image());
}
