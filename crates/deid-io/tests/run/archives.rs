//! Archives on either side, and single compressed files.

use std::fs;
use std::io::Write;

use deid_io::archive::ArchiveKind;
use deid_io::run::RunError;

use crate::support::{Files, Place, assert_clean, jane, members, study, truncated};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_way_in_and_out_gives_the_same_files() {
    let place = Place::new();
    let (files, words) = study();
    place.write_all("in", &files);
    place.write_archive("in.zip", ArchiveKind::Zip, &files);
    place.write_archive("in.bin", ArchiveKind::TarGz, &files);
    place.run("in", "out");
    let expected = place.files("out");
    assert_clean(&words, &expected);
    for (input, output, kind) in [
        ("in.zip", "a.tar.gz", ArchiveKind::TarGz),
        ("in.bin", "b.zip", ArchiveKind::Zip),
        ("in", "c.tar", ArchiveKind::Tar),
        ("in.zip", "d.tar.zst", ArchiveKind::TarZst),
    ] {
        assert_eq!(place.run(input, output).written, 5);
        assert_eq!(members(&place.path(output), kind), expected, "{input} to {output}");
    }
    for input in ["in.zip", "in.bin"] {
        let output = format!("out_of_{input}");
        place.run_with(input, &format!("{output}.d"), |options| options.jobs = 3).unwrap();
        assert_eq!(place.files(&format!("{output}.d")), expected);
    }
    assert!(place.names("").iter().all(|name| !name.starts_with('.')), "nothing is left behind");
}

#[test]
fn an_archive_is_the_same_with_any_number_of_jobs() {
    let place = Place::new();
    place.write_archive("in.zip", ArchiveKind::Zip, &study().0);
    place.run_with("in.zip", "1.tar.gz", |options| options.jobs = 1).unwrap();
    place.run_with("in.zip", "4.tar.gz", |options| options.jobs = 4).unwrap();
    assert_eq!(fs::read(place.path("1.tar.gz")).unwrap(), fs::read(place.path("4.tar.gz")).unwrap());
}

#[test]
fn an_output_archive_is_never_replaced_unasked() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.write("out.zip", b"precious");
    let refused = place.run_with("in", "out.zip", |_| {});
    assert!(matches!(refused, Err(RunError::OutputExists)));
    assert_eq!(fs::read(place.path("out.zip")).unwrap(), b"precious");
    assert_eq!(place.names(""), ["in", "out.zip"]);
    place.run_with("in", "out.zip", |options| options.overwrite = true).unwrap();
    assert_eq!(members(&place.path("out.zip"), ArchiveKind::Zip).len(), 3);
}

#[test]
fn an_output_archive_with_the_same_bytes_is_left() {
    let place = Place::new();
    place.write_all("in", &jane());
    let dry = |options: &mut deid_io::run::RunOptions| options.dry_run = true;
    place.run("in", "out.zip");
    let first = fs::metadata(place.path("out.zip")).unwrap().modified().unwrap();
    assert_eq!(place.run("in", "out.zip").written, 3);
    assert_eq!(place.run_with("in", "out.zip", dry).unwrap().written, 3);
    assert_eq!(fs::metadata(place.path("out.zip")).unwrap().modified().unwrap(), first);
    // Another archive.
    place.write("in/IM9.dcm", &jane()["series/IM1.dcm"]);
    let names = place.names("");
    for change in [|_: &mut deid_io::run::RunOptions| {}, dry] {
        assert!(matches!(place.run_with("in", "out.zip", change), Err(RunError::OutputExists)));
        assert_eq!(members(&place.path("out.zip"), ArchiveKind::Zip).len(), 3);
        assert_eq!(place.names(""), names, "no report of an archive that is not there");
    }
}

#[test]
fn a_nested_archive_is_left_out() {
    let place = Place::new();
    place.write_archive("inner.tar", ArchiveKind::Tar, &jane());
    let mut files = jane();
    files.insert("inner.tar".into(), fs::read(place.path("inner.tar")).unwrap());
    files.insert("image.gz".into(), gzip(&jane()["series/IM1.dcm"]));
    files.insert("text.gz".into(), gzip(b"text"));
    place.write_archive("in.zip", ArchiveKind::Zip, &files);
    let summary = place.run("in.zip", "out");
    assert_eq!((summary.written, summary.skipped), (3, 3));
    assert_eq!((summary.by_cause["nested_archive"], summary.by_cause["not_dicom"]), (2, 1));
}

#[test]
fn a_single_file_becomes_a_file_or_goes_into_a_folder() {
    let place = Place::new();
    let image = &jane()["series/IM1.dcm"];
    place.write("IM1.dcm", image);
    place.write("IM2.dcm.gz", &gzip(image));
    place.run("IM1.dcm", "a/named.dcm");
    let expected = fs::read(place.path("a/named.dcm")).unwrap();
    assert_eq!(place.names("a"), ["named.dcm", "named.dcm.report.csv", "named.dcm.report.jsonl"]);
    fs::create_dir(place.path("folder")).unwrap();
    place.run("IM1.dcm", "folder");
    place.run("IM2.dcm.gz", "folder");
    place.run("IM2.dcm.gz", "b.dcm");
    place.run("IM1.dcm", "one.zip");
    place.run_with("IM1.dcm", "cati", |options| options.cati = true).unwrap();
    assert_eq!(place.names("folder"), ["IM1.dcm", "IM2.dcm"]);
    assert_eq!(place.names("cati"), ["IM1.dcm"]);
    for written in ["folder/IM1.dcm", "folder/IM2.dcm", "b.dcm", "cati/IM1.dcm"] {
        assert_eq!(fs::read(place.path(written)).unwrap(), expected, "{written}");
    }
    assert_eq!(members(&place.path("one.zip"), ArchiveKind::Zip)["IM1.dcm"], expected);
}

#[test]
fn an_archive_that_breaks_off_gives_what_was_whole() {
    let place = Place::new();
    place.write_archive("whole.tar", ArchiveKind::Tar, &jane());
    let mut bytes = fs::read(place.path("whole.tar")).unwrap();
    bytes.truncate(bytes.len() * 2 / 3);
    place.write("in.tar", &bytes);
    for output in ["out", "out.zip"] {
        let summary = place.run("in.tar", output);
        assert!(summary.archive_error.is_some_and(|error| error.contains("truncated")));
        assert!(summary.written >= 1 && summary.written < 3);
        assert_eq!(summary.read, summary.written + summary.quarantined);
    }
    let written = place.files("out").len();
    assert_eq!(members(&place.path("out.zip"), ArchiveKind::Zip).len(), written);
}

#[test]
fn a_bomb_is_given_up() {
    let place = Place::new();
    let mut files = Files::new();
    files.insert("1.dcm".into(), jane()["series/IM1.dcm"].clone());
    files.insert("2.bin".into(), vec![0; 3_000_000]);
    place.write_archive("in.tar.gz", ArchiveKind::TarGz, &files);
    let limits = |options: &mut deid_io::run::RunOptions| {
        options.limits.max_ratio = 20;
        options.limits.ratio_floor = 100_000;
    };
    let summary = place.run_with("in.tar.gz", "out", limits).unwrap();
    assert!(summary.archive_error.is_some_and(|error| error.contains("times its own length")));
    assert_eq!(summary.written, 1);
    place.write("in.dcm.gz", &gzip(&vec![0; 3_000_000]));
    let refused = place.run_with("in.dcm.gz", "out", limits);
    assert!(matches!(refused, Err(RunError::Archive(_))));
}

#[test]
fn quarantined_members_are_copied_where_they_are_wanted() {
    let place = Place::new();
    let mut files = jane();
    files.insert("series/bad.dcm".into(), truncated());
    place.write_archive("in.zip", ArchiveKind::Zip, &files);
    let summary =
        place.run_with("in.zip", "out.zip", |options| options.quarantine = Some(place.path("q"))).unwrap();
    assert_eq!(summary.quarantined, 1);
    assert_eq!(place.files("q"), [("series/bad.dcm".to_owned(), truncated())].into());
}

#[test]
fn members_that_would_leave_the_folder_are_refused_and_counted() {
    let place = Place::new();
    let mut builder = tar::Builder::new(Vec::new());
    let image = &jane()["series/IM1.dcm"];
    for name in ["../up.dcm", "/abs.dcm", "ok.dcm"] {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(image.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, &image[..]).unwrap();
    }
    place.write("x/in.tar", &builder.into_inner().unwrap());
    let summary = place.run("x/in.tar", "x/y/out");
    assert_eq!((summary.written, summary.by_cause["refused_member"]), (1, 2));
    assert_eq!(place.files("x/y/out").len(), 1);
    assert_eq!((place.names(""), place.names("x").len(), place.names("x/y").len()), (vec!["x".into()], 2, 3));
    let csv = fs::read_to_string(summary.report_csv.unwrap()).unwrap();
    assert!(csv.contains("\n1,quarantined,refused_member,1,,"));
    let archive = fs::read(place.path("x/in.tar")).unwrap();
    assert!(place.run("x/in.tar", "x/in.tar").not_swapped.is_some(), "a refused member is nowhere else");
    let summary =
        place.run_with("x/in.tar", "x/in.tar", |options| options.quarantine = Some(place.path("q"))).unwrap();
    assert_eq!((summary.not_swapped, summary.quarantine_failed), (None, 0));
    assert_eq!(place.files("q"), [("in.tar".to_owned(), archive)].into(), "the whole archive, once");
    assert_eq!(members(&place.path("x/in.tar"), ArchiveKind::Tar).len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(place.path("q/in.tar")).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
