//! What a run writes into a folder, and what it leaves alone.

use std::fs;

use deid_testkit::study::{Subject, mr_instance};

use crate::support::{Files, Place, assert_clean, jane, study, truncated};

#[test]
fn a_folder_becomes_a_folder_without_a_planted_word() {
    let place = Place::new();
    let (files, words) = study();
    place.write_all("in", &files);
    let summary = place.run("in", "out");
    assert_eq!((summary.read, summary.written), (5, 5));
    assert_eq!(summary.bytes_read, files.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    let out = place.files("out");
    assert_eq!(out.len(), 5);
    assert_eq!(summary.bytes_written, out.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert!(out.keys().filter(|name| name.contains("/series_3/IM000")).count() == 4, "{:?}", out.keys());
    assert_clean(&words, &out);
    assert_eq!(place.names("").len(), 4, "in, out and two reports");
    assert_eq!(place.files("in"), files, "originals stay");
}

#[test]
fn the_output_does_not_depend_on_the_number_of_jobs() {
    let place = Place::new();
    let mut files = study().0;
    for number in 0..60 {
        let subject = Subject { instance_uid: format!("1.2.276.0.99.8.{number}"), ..Subject::default() };
        // Names that become the same one.
        files.insert(
            format!("many/{}", if number % 2 == 0 { format!("DOE{number}") } else { format!("doe{number}") }),
            mr_instance(&subject),
        );
    }
    files.insert("text.txt".into(), b"text".to_vec());
    files.insert("many/bad".into(), truncated());
    place.write_all("in", &files);
    place.run_with("in", "one/out", |options| options.jobs = 1).unwrap();
    place.run_with("in", "four/out", |options| options.jobs = 4).unwrap();
    let (one, four) = (place.files("one"), place.files("four"));
    assert_eq!(one.len(), 65 + 2);
    assert!(one == four, "files, names and reports");
}

#[test]
fn names_that_become_the_same_get_numbers_in_path_order() {
    let place = Place::new();
    let image = |number: u32| {
        mr_instance(&Subject {
            instance_uid: format!("1.2.276.0.99.1.1.{number}"),
            instance_number: number,
            ..Subject::default()
        })
    };
    let files: Files = [("DOE.dcm", 1), ("Doe.dcm", 2), ("doe.dcm", 3)]
        .into_iter()
        .map(|(name, number)| (name.to_owned(), image(number)))
        .collect();
    place.write_all("in", &files);
    place.run("in", "out");
    let out = place.files("out");
    let names: Vec<&String> = out.keys().collect();
    let stem = names[0].strip_suffix(".dcm").unwrap();
    assert_eq!(out.len(), 3);
    assert!(!stem.to_lowercase().contains("doe"));
    for number in [2, 3] {
        let name = format!("{stem}_{number}.dcm");
        let in_order = format!("\\-120.25\\{}", 90 + number);
        let found = out[&name].windows(in_order.len()).any(|bytes| bytes == in_order.as_bytes());
        assert!(found, "the files keep their order");
    }
}

/// Somebody may be called as files end.
#[test]
fn an_extension_stays_one() {
    let place = Place::new();
    let subject = Subject { patient_name: "Smithson^Ima".into(), ..Subject::default() };
    place.write("in/Ima Smithson.IMA", &mr_instance(&subject));
    place.run("in", "out");
    let names: Vec<String> = place.files("out").into_keys().collect();
    assert!(names.len() == 1 && names[0].rsplit_once('.').is_some_and(|(_, end)| end == "IMA"), "{names:?}");
    let stem = names[0].to_lowercase();
    assert!(!stem.contains("smithson") && stem.matches("ima").count() == 1, "{names:?}");
}

#[test]
fn a_second_run_changes_nothing_and_another_file_is_not_replaced() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.run("in", "out");
    let first = place.files("out");
    let again = place.run("in", "out");
    assert_eq!(again.written, 3, "the same bytes are there");
    assert_eq!(place.files("out"), first);

    place.write("out/series/IM2.dcm", b"somebody's work");
    let other = place.run("in", "out");
    assert_eq!((other.written, other.by_cause["target_exists"]), (2, 1));
    assert_eq!(place.files("out")["series/IM2.dcm"], b"somebody's work");
    // Of the same length, a folder in the way, a file in the way.
    let mut edited = first["series/IM1.dcm"].clone();
    *edited.last_mut().unwrap() ^= 1;
    place.write("out/series/IM1.dcm", &edited);
    place.write("in/a/b.dcm", &jane()["series/IM1.dcm"]);
    place.write("out/a", b"a file");
    place.write("in/c.dcm", &jane()["series/IM1.dcm"]);
    fs::create_dir(place.path("out/c.dcm")).unwrap();
    place.write_archive("in.tar", deid_io::archive::ArchiveKind::Tar, &place.files("in"));
    for input in ["in", "in.tar"] {
        let dry = place.run_with(input, "out", |options| options.dry_run = true).unwrap();
        let mut real = place.run(input, "out");
        (real.report_csv, real.report_jsonl) = (None, None);
        assert_eq!(dry, real);
        assert_eq!((dry.written, dry.by_cause["target_exists"]), (1, 4));
    }
    fs::remove_file(place.path("out/a")).unwrap();
    fs::remove_dir_all(place.path("in/a")).unwrap();
    fs::remove_dir(place.path("out/c.dcm")).unwrap();
    fs::remove_file(place.path("in/c.dcm")).unwrap();

    place.run_with("in", "out", |options| options.overwrite = true).unwrap();
    assert_eq!(place.files("out"), first);
}

#[test]
fn leftovers_of_a_killed_run_go_and_other_files_stay() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.write("out/.deidentification-0123456789abcdef/lock", b"");
    place.write("out/.deidentification-0123456789abcdef/2", b"half a fi");
    place.write("out/other/1.dcm", b"another subject");
    place.run("in", "out");
    assert_eq!(place.names("out"), ["other", "series"]);
    assert_eq!(fs::read(place.path("out/other/1.dcm")).unwrap(), b"another subject");
}

#[test]
fn what_is_no_dicom_is_left_out_with_its_cause() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.write("in/notes_doe.txt", b"Jane Doe fell off a horse");
    place.write("in/empty", b"");
    place.write("in/bad.dcm", &truncated());
    place.write("in/DICOMDIR", &mr_instance(&Subject::default()));
    place.write_archive("in/nested.zip", deid_io::archive::ArchiveKind::Zip, &jane());
    place.write_archive("in/nested.tgz", deid_io::archive::ArchiveKind::TarGz, &jane());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", place.path("in/dangling")).unwrap();
        std::os::unix::fs::symlink("series", place.path("in/loop")).unwrap();
        std::os::unix::fs::symlink("series/IM1.dcm", place.path("in/linked.dcm")).unwrap();
    }
    let summary = place.run("in", "out");
    let causes: Vec<(&str, u64)> = summary.by_cause.iter().map(|(cause, n)| (*cause, *n)).collect();
    assert_eq!(
        causes,
        [("dicomdir", 1), ("faulty", 1), ("link", 2), ("nested_archive", 2), ("not_dicom", 2)]
    );
    assert_eq!((summary.read, summary.written), (12, 4));
    assert_eq!(place.files("out").len(), 4);
    assert_eq!(summary.faults["truncated_value"], 1);
}

#[test]
fn a_dry_run_writes_nothing_and_counts_the_same() {
    let place = Place::new();
    let (files, _) = study();
    place.write_all("in", &files);
    place.write("in/text", b"text");
    let dry = place.run_with("in", "deep/out", |options| options.dry_run = true).unwrap();
    assert_eq!(place.names(""), ["in"]);
    let mut real = place.run("in", "deep/out");
    real.report_csv = None;
    real.report_jsonl = None;
    assert_eq!(dry, real);
}

#[test]
fn captures_lose_their_metadata_and_keep_their_pixels() {
    let place = Place::new();
    place.write_all("in", &jane());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
    };
    png.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
    png.extend(chunk(b"tEXt", b"Author\0Jane Doe"));
    png.extend(chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 2, 0, 1]));
    png.extend(chunk(b"IEND", b""));
    place.write("in/x/doe_screen.png", &png);
    place.write("in/x/broken.png", &png[..60]);
    let without = place.run("in", "without");
    assert_eq!(without.by_cause["not_dicom"], 2);

    let summary = place.run_with("in", "with", |options| options.keep_captures = true).unwrap();
    assert_eq!((summary.written, summary.by_cause["faulty"]), (4, 1));
    let names = place.names("with/captures");
    assert!(names.len() == 1 && names[0].ends_with("_screen.png") && !names[0].contains("doe"), "{names:?}");
    let bytes = &place.files("with/captures")[&names[0]];
    assert!(bytes.windows(4).any(|window| window == b"IDAT"));
    assert!(!bytes.windows(3).any(|window| window == b"Doe"));
}

#[test]
fn large_files_are_copied_without_reading_their_pixels() {
    let place = Place::new();
    let mut file = mr_instance(&Subject::default());
    // The pixel data is the last element; make it 3 MB.
    let at = file.len() - 128;
    let pixels: Vec<u8> = (0..3_000_000u32).map(|n| (n.wrapping_mul(31) >> 3) as u8).collect();
    file.truncate(at);
    file[at - 4..].copy_from_slice(&(pixels.len() as u32).to_le_bytes());
    file.extend(&pixels);
    place.write("in/IM1.dcm", &file);
    place.write("small/IM1.dcm", &mr_instance(&Subject::default()));
    assert_eq!(place.run("in", "out").written, 1);
    let dry = place.run_with("in", "out", |options| options.dry_run = true).unwrap();
    assert_eq!(dry.written, 1, "the same bytes are there");
    place.run("small", "small_out");
    let out = fs::read(place.path("out/IM1.dcm")).unwrap();
    assert!(out.ends_with(&pixels));
    let small = fs::read(place.path("small_out/IM1.dcm")).unwrap();
    let header = out.len() - pixels.len() - 4;
    assert_eq!(out[..header], small[..small.len() - 128 - 4], "the same header by both ways");
    assert_eq!(place.run("in", "out.tar.gz").written, 1);
    let members = crate::support::members(&place.path("out.tar.gz"), deid_io::archive::ArchiveKind::TarGz);
    assert_eq!(members["IM1.dcm"], out);
}

#[test]
#[cfg(target_os = "linux")]
fn names_that_are_no_text_are_written_as_text() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    fs::create_dir(place.path("in")).unwrap();
    let jerome = Subject { patient_name: "Martin^J\u{e9}r\u{f4}me".into(), ..Subject::default() };
    for name in [&b"a\xe9.dcm"[..], b"a\x80\xff.dcm", b"J\xe9R\xf4ME.dcm"] {
        let path = place.path("in").join(std::ffi::OsStr::from_bytes(name));
        let mut file = mr_instance(&jerome);
        let at = file.windows(10).position(|window| window == b"ISO_IR 100").unwrap();
        file[at..at + 10].copy_from_slice(b"ISO_IR 192");
        fs::write(path, file).unwrap();
    }
    assert_eq!(place.run("in", "out").written, 3);
    let names = place.names("out");
    assert_eq!(names.len(), 3);
    assert!(names.contains(&"aé.dcm".to_owned()) && names.contains(&"a_ÿ.dcm".to_owned()), "{names:?}");
    assert!(!names.concat().to_lowercase().contains("jérôme"));
}

#[test]
#[cfg(unix)]
fn links_in_the_output_do_not_lead_to_the_originals() {
    let place = Place::new();
    place.write_all("in", &jane());
    fs::create_dir(place.path("out")).unwrap();
    std::os::unix::fs::symlink(place.path("in/series"), place.path("out/series")).unwrap();
    let summary = place.run_with("in", "out", |options| options.overwrite = true).unwrap();
    assert_eq!(summary.by_cause["target_exists"], 3);
    assert_eq!(place.files("in"), jane());
}

#[test]
fn a_layout_names_files_by_what_is_written_and_loses_none() {
    let place = Place::new();
    let (mut files, words) = study();
    for number in 0..40 {
        let subject = Subject { instance_uid: format!("1.2.276.0.99.8.{number}"), ..Subject::default() };
        files.insert(format!("Doe Jane/{number}"), mr_instance(&subject));
    }
    files.insert("Doe Jane/bad".into(), truncated());
    place.write_all("in", &files);
    let layout = deid_profile::Layout::parse("{subject:label}/{modality}/x.dcm").unwrap();
    let mut outputs = Vec::new();
    for jobs in [1, 4] {
        let out = format!("jobs{jobs}/out");
        let summary = place
            .run_with("in", &out, |options| {
                options.jobs = jobs;
                options.profile.layout = Some(layout.clone());
            })
            .unwrap();
        assert_eq!((summary.read, summary.written, summary.quarantined), (46, 45, 1));
        outputs.push(place.files(&format!("jobs{jobs}")));
    }
    assert!(outputs[0] == outputs[1], "files, names and reports");
    let names: Vec<_> = outputs[0].keys().filter(|name| name.starts_with("out/")).collect();
    assert_eq!(names.len(), 45);
    assert!(names.iter().all(|name| name.contains("/MR/x") && name.contains(".dcm")), "{names:?}");
    assert_clean(&words, &outputs[0]);
}

#[test]
fn a_single_file_with_a_layout_goes_into_a_folder() {
    let place = Place::new();
    place.write("a.dcm", &mr_instance(&Subject::default()));
    let layout = deid_profile::Layout::parse("{modality}/{series-number:2}.dcm").unwrap();
    place.run_with("a.dcm", "out", |options| options.profile.layout = Some(layout)).unwrap();
    assert_eq!(place.files("out").into_keys().collect::<Vec<_>>(), ["MR/03.dcm"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_way_is_not_waited_for() {
    let place = Place::new();
    place.write_all("in", &jane());
    let name = jane().into_keys().next().unwrap();
    let pipe = |path: &str| {
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, place.path(path), mode).unwrap();
    };
    pipe("out.zip");
    pipe("one.dcm");
    assert!(place.run_with("in", "out.zip", |_| {}).is_err());
    let one = place.run(&format!("in/{name}"), "one.dcm");
    assert_eq!((one.written, one.by_cause["target_exists"]), (0, 1));
}
