//! What fails midway is told, and nothing is claimed that is not there.

use std::fs;

use deid_io::archive::ArchiveKind;
use deid_io::run::{RunError, RunOptions};
use deid_testkit::study::{Subject, mr_instance};

use crate::support::{Files, Place, jane, truncated, with_mounts};

/// More images than fit a small disk.
fn many() -> Files {
    (0..80)
        .map(|number| {
            let instance_uid = format!("1.2.276.0.99.1.1.{number}");
            (format!("IM{number:02}.dcm"), mr_instance(&Subject { instance_uid, ..Subject::default() }))
        })
        .collect()
}

const DISK: &str = "mkdir disk && mount -t tmpfs -o size=96k tmpfs disk";

#[test]
fn a_full_disk_leaves_true_counts() {
    with_mounts("failures::a_full_disk_leaves_true_counts", DISK, |place| {
        place.write_all("in", &many());
        let summary = place.run("in", "disk/out");
        assert_eq!(place.files("disk/out").len() as u64, summary.written);
        assert!(summary.written > 5 && summary.by_cause["io_error"] == 80 - summary.written);
        assert!(summary.report_error.is_some_and(|error| error.contains("report")));
        assert_eq!((summary.report_csv, summary.report_jsonl), (None, None));
        assert_eq!(place.names("disk"), ["out"]);
        assert!(place.names("disk/out").iter().all(|name| name.starts_with("IM")));

        let elsewhere = |options: &mut RunOptions| options.report = Some(place.path("reports"));
        let summary = place.run_with("in", "disk/out", elsewhere).unwrap();
        let csv = fs::read_to_string(summary.report_csv.unwrap()).unwrap();
        assert_eq!(csv.matches(",storage_full,").count() as u64, summary.by_cause["io_error"]);
    });
}

#[test]
fn a_full_disk_leaves_no_archive_and_no_report_of_one() {
    let name = "failures::a_full_disk_leaves_no_archive_and_no_report_of_one";
    let said = with_mounts(name, DISK, |place| {
        let mut files = many();
        for (number, bytes) in files.values_mut().enumerate() {
            let noise = (0..4096).scan(number as u32 + 1, |state: &mut u32, _| {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some((*state >> 24) as u8)
            });
            let at = bytes.len() - 128;
            bytes.truncate(at);
            bytes[at - 4..].copy_from_slice(&4096u32.to_le_bytes());
            bytes.extend(noise);
        }
        place.write_all("in", &files);
        for output in ["disk/out.zip", "disk/out.tar", "disk/out.tar.zst", "disk/out.tar.xz"] {
            let result = place.run_with("in", output, |_| {});
            assert!(matches!(result, Err(RunError::Io { .. })), "{output}: {result:?}");
            assert_eq!(place.names("disk").len(), 0);
        }
    });
    assert!(!said.contains("ZipWriter"), "{said}");
}

#[test]
fn a_full_disk_in_place_leaves_the_originals() {
    with_mounts("failures::a_full_disk_in_place_leaves_the_originals", DISK, |place| {
        let files: Files = many().into_iter().take(16).collect();
        place.write_all("disk/in", &files);
        let summary = place.run("disk/in", "disk/in");
        assert_eq!(place.files("disk/in"), files);
        assert!(summary.written > 0 && summary.by_cause["io_error"] > 0);
        let staged = summary.not_swapped.unwrap();
        assert_eq!(staged, place.path("disk/in.deidentified").canonicalize().unwrap());
        assert_eq!(place.files("disk/in.deidentified").len() as u64, summary.written);
    });
}

#[test]
fn a_full_quarantine_is_told_and_nothing_swapped() {
    with_mounts("failures::a_full_quarantine_is_told_and_nothing_swapped", DISK, |place| {
        let mut files = jane();
        for number in 0..40 {
            files.insert(format!("bad{number:02}.dcm"), truncated());
        }
        place.write_all("in", &files);
        let to_disk = |options: &mut RunOptions| options.quarantine = Some(place.path("disk/q"));
        let summary = place.run_with("in", "in", to_disk).unwrap();
        assert_eq!(place.files("disk/q").len() as u64, 40 - summary.quarantine_failed);
        assert!(summary.quarantine_failed > 0 && summary.quarantined == 40);
        assert!(summary.not_swapped.is_some());
        assert_eq!(place.files("in"), files);
    });
}

#[test]
fn a_quarantine_that_cannot_be_is_refused_before_anything_is_written() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.write("file", b"text");
    for (quarantine, dry_run) in [("file", false), ("file/q", false), ("file", true)] {
        let result = place.run_with("in", "out", |options| {
            options.quarantine = Some(place.path(quarantine));
            options.dry_run = dry_run;
        });
        let error = result.unwrap_err();
        assert!(error.to_string().contains(place.path(quarantine).to_str().unwrap()), "{error}");
        assert_eq!(place.names(""), ["file", "in"]);
    }
    place.run_with("in", "out", |options| options.quarantine = Some(place.path("new/q"))).unwrap();
    assert!(!place.path("new").exists(), "an empty quarantine does not stay");
}

#[test]
#[cfg(unix)]
fn an_existing_quarantine_is_made_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.write("in/bad.dcm", &truncated());
    fs::create_dir(place.path("q")).unwrap();
    fs::set_permissions(place.path("q"), fs::Permissions::from_mode(0o755)).unwrap();
    place.run_with("in", "out", |options| options.quarantine = Some(place.path("q"))).unwrap();
    assert_eq!(fs::metadata(place.path("q")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(place.names("q"), ["bad.dcm"]);
}

#[test]
#[cfg(unix)]
fn a_quarantine_of_somebody_else_is_refused() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let place = Place::new();
    place.write("in/bad.dcm", &truncated());
    let mut foreign = place.path("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::set_permissions(&foreign, fs::Permissions::from_mode(0o777)).unwrap();
    if chown(&foreign, Some(1), None).is_err() {
        // Only root can give a folder away; others may find one.
        foreign = "/var/tmp".into();
        let ours = fs::metadata(place.path("in")).unwrap().uid();
        let foreign_to_us = fs::metadata(&foreign).is_ok_and(|facts| facts.uid() != ours);
        if !foreign_to_us || place.path("").starts_with(&foreign) {
            return;
        }
    }
    let refused = place.run_with("in", "out", |options| options.quarantine = Some(foreign.clone()));
    let error = refused.unwrap_err();
    assert!(error.to_string().contains("belongs to another user"), "{error}");
    assert_eq!(place.names(""), ["foreign", "in"]);
    assert_eq!(place.names("foreign").len(), 0);
}

#[test]
fn reports_go_elsewhere_where_they_cannot_stand_beside_the_output() {
    let mounts = "mkdir disk && mount -t tmpfs tmpfs disk && mkdir disk/out && mount -t tmpfs tmpfs disk/out && \
                  mount -o remount,ro,bind disk";
    let name = "failures::reports_go_elsewhere_where_they_cannot_stand_beside_the_output";
    with_mounts(name, mounts, |place| {
        place.write_all("in", &jane());
        let error = place.run_with("in", "disk/out", |_| {}).unwrap_err();
        assert!(matches!(error, RunError::ReportPlace { .. }), "{error}");
        assert!(error.to_string().contains("--report"), "{error}");
        assert_eq!(place.names("disk/out").len(), 0);
        let elsewhere = |options: &mut RunOptions| options.report = Some(place.path("r/s"));
        let summary = place.run_with("in", "disk/out", elsewhere).unwrap();
        assert_eq!((summary.written, place.files("disk/out").len()), (3, 3));
        assert_eq!(place.names("r/s"), ["out.report.csv", "out.report.jsonl"]);
    });
}

#[test]
fn details_stand_in_the_report() {
    let place = Place::new();
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind) in [
        ("../up.dcm", tar::EntryType::Regular),
        ("link", tar::EntryType::Symlink),
        ("a", tar::EntryType::Regular),
        ("a", tar::EntryType::Regular),
    ] {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, &[][..]).unwrap();
    }
    place.write("in.tar", &builder.into_inner().unwrap());
    let summary = place.run("in.tar", "out");
    let csv = fs::read_to_string(summary.report_csv.unwrap()).unwrap();
    for (row, remark) in [(1, "parent_path"), (2, "symbolic_link"), (4, "duplicate")] {
        assert!(csv.lines().nth(row).unwrap().contains(&format!(",{remark},")), "{csv}");
    }
    place.write_archive("in.zip", ArchiveKind::Zip, &jane());
    let small = |options: &mut RunOptions| options.limits.max_member_bytes = 500;
    let summary = place.run_with("in.zip", "out2", small).unwrap();
    assert!(fs::read_to_string(summary.report_csv.unwrap()).unwrap().contains(",too_large,"));
}
