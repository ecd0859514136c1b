//! Input and output are the same.

use std::fs;

use deid_io::archive::ArchiveKind;

use crate::support::{Place, jane, members, truncated};

#[test]
fn a_folder_takes_the_place_of_its_original() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.write("in/DICOMDIR", &jane()["series/IM1.dcm"]);
    place.run("in", "expected");
    let summary = place.run("in", "in");
    assert_eq!(summary.written, 3);
    assert_eq!((summary.not_swapped, summary.left_out), (None, None));
    assert_eq!(place.files("in"), place.files("expected"));
    assert!(place.names("").iter().all(|name| name.starts_with("in") || name.starts_with("expected")));
    assert_eq!(place.names("").len(), 6);
}

#[test]
fn what_was_left_out_is_kept_beside() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.write("in/series/notes.txt", b"text");
    fs::create_dir_all(place.path("in/empty/folder")).unwrap();
    let summary = place.run("in", "in/../in");
    let left_out = summary.left_out.unwrap();
    assert_eq!(left_out.file_name().unwrap(), "in.left-out");
    assert_eq!(place.files("in.left-out"), [("series/notes.txt".to_owned(), b"text".to_vec())].into());
    assert_eq!(place.files("in").len(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(left_out).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn nothing_is_swapped_if_something_was_quarantined() {
    let place = Place::new();
    let mut files = jane();
    files.insert("series/bad.dcm".into(), truncated());
    place.write_all("in", &files);
    let summary = place.run("in", "in");
    assert_eq!(place.files("in"), files);
    let staged = summary.not_swapped.unwrap();
    assert_eq!(staged.file_name().unwrap(), "in.deidentified");
    assert_eq!(place.files("in.deidentified").len(), 3);
    let again = place.run("in", "in");
    assert_eq!(again.not_swapped.unwrap().file_name().unwrap(), "in.deidentified-2");

    let quarantine = place.path("q");
    let swapped = place.run_with("in", "in", |options| options.quarantine = Some(quarantine)).unwrap();
    assert_eq!(swapped.not_swapped, None);
    assert_eq!(place.files("in"), place.files("in.deidentified"));
    assert_eq!(place.files("q"), [("series/bad.dcm".to_owned(), truncated())].into());
}

#[test]
fn an_archive_takes_the_place_of_its_original() {
    let place = Place::new();
    let mut files = jane();
    place.write_archive("in.tar.gz", ArchiveKind::TarGz, &files);
    let summary = place.run("in.tar.gz", "in.tar.gz");
    assert_eq!((summary.written, summary.left_out), (3, None));
    let out = members(&place.path("in.tar.gz"), ArchiveKind::TarGz);
    assert_eq!(out.len(), 3);
    assert_ne!(out, files);

    files.insert("notes.txt".into(), b"text".to_vec());
    place.write_archive("b.zip", ArchiveKind::Zip, &files);
    let summary = place.run("b.zip", "b.zip");
    assert_eq!(summary.left_out.unwrap().file_name().unwrap(), "b.left-out.zip");
    assert_eq!(members(&place.path("b.zip"), ArchiveKind::Zip), out);
    assert_eq!(members(&place.path("b.left-out.zip"), ArchiveKind::Zip), files);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |name| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("b.left-out.zip"), mode("b.zip")), (0o600, 0o644));
    }

    files.insert("bad".into(), truncated());
    place.write_archive("c.zip", ArchiveKind::Zip, &files);
    let summary = place.run("c.zip", "c.zip");
    assert_eq!(summary.not_swapped.unwrap().file_name().unwrap(), "c.deidentified.zip");
    assert_eq!(members(&place.path("c.zip"), ArchiveKind::Zip), files);
    assert_eq!(members(&place.path("c.deidentified.zip"), ArchiveKind::Zip), out);
}

#[test]
fn a_file_takes_the_place_of_its_original() {
    let place = Place::new();
    place.write("x/IM1.dcm", &jane()["series/IM1.dcm"]);
    place.run("x/IM1.dcm", "expected.dcm");
    let summary = place.run("x/IM1.dcm", "x/IM1.dcm");
    assert_eq!((summary.written, summary.not_swapped, summary.left_out), (1, None, None));
    assert_eq!(fs::read(place.path("x/IM1.dcm")).unwrap(), fs::read(place.path("expected.dcm")).unwrap());

    place.write("y/bad.dcm", &truncated());
    let summary = place.run("y/bad.dcm", "y/bad.dcm");
    assert_eq!((summary.quarantined, summary.not_swapped), (1, None));
    assert_eq!(fs::read(place.path("y/bad.dcm")).unwrap(), truncated());
    let to_q = |options: &mut deid_io::run::RunOptions| options.quarantine = Some(place.path("q"));
    let summary = place.run_with("y/bad.dcm", "y/bad.dcm", to_q).unwrap();
    assert_eq!((summary.quarantined, summary.quarantine_failed), (1, 0));
    assert!(!place.path("y/bad.dcm").exists(), "moved");
    assert_eq!(place.files("q"), [("bad.dcm".to_owned(), truncated())].into());
}

#[test]
fn a_dry_run_tells_that_nothing_would_be_swapped() {
    let place = Place::new();
    place.write_all("in", &jane());
    let dry = |quarantine: bool| {
        let change = |options: &mut deid_io::run::RunOptions| {
            options.dry_run = true;
            options.quarantine = quarantine.then(|| place.path("q"));
        };
        place.run_with("in", "in", change).unwrap().would_not_swap
    };
    assert!(!dry(false));
    place.write("in/bad.dcm", &truncated());
    assert!(dry(false));
    assert!(!dry(true));
    assert_eq!(place.names(""), ["in"]);
}

#[test]
fn a_folder_without_any_image_stays_as_it_is() {
    let place = Place::new();
    place.write("in/notes.txt", b"text");
    let summary = place.run("in", "in");
    assert_eq!((summary.skipped, summary.left_out, summary.not_swapped), (1, None, None));
    assert_eq!(place.files("in").len(), 1);
    let dry = place.run_with("in", "in", |options| options.dry_run = true).unwrap();
    assert_eq!(dry.skipped, 1);
}
