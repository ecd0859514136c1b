//! What a report tells and what it does not.

use std::fs;

use crate::support::{Files, Place, assert_clean, jane, study, truncated};

#[test]
fn reports_hold_a_row_for_each_unit_and_no_planted_word() {
    let place = Place::new();
    let (mut files, words) = study();
    let name = words.planted()[0].word.clone();
    files.insert(format!("{name}/bad_{name}.dcm"), truncated());
    files.insert(format!("notes.{}", &name[..3]), b"text".to_vec());
    files.insert(format!("{name}.txt"), b"text".to_vec());
    place.write_all("in", &files);
    let summary = place.run("in", "out");
    let reports: Files = [&summary.report_csv, &summary.report_jsonl]
        .into_iter()
        .map(|path| {
            let path = path.as_ref().unwrap();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())
        })
        .collect();
    assert_clean(&words, &reports);
    let csv = String::from_utf8(reports["out.report.csv"].clone()).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 1 + files.len());
    assert!(lines[0].starts_with("ordinal,outcome,cause,path,input_hash,modality,sop_class,"));
    for (index, line) in lines[1..].iter().enumerate() {
        assert!(line.starts_with(&format!("{},", index + 1)), "path order");
    }
    assert!(csv.contains(",skipped,not_dicom,1.txt,") || csv.contains(".txt,"));
    assert!(csv.contains("MR,1.2.840.10008.5.1.4.1.1.4,MR Image Storage,"));
    // Where, in bytes and tags.
    assert!(csv.contains("truncated_value:1@"), "{csv}");
    let jsonl = String::from_utf8(reports["out.report.jsonl"].clone()).unwrap();
    assert_eq!(jsonl.lines().count(), 1 + files.len());
    assert!(jsonl.starts_with("{\"run\":{\"software\":\"deidentification\""));
    assert!(jsonl.contains("{\"fault\":\"truncated_value\",\"count\":1,\"offset\":"), "{jsonl}");
    assert!(!jsonl.contains(place.path("").to_str().unwrap()));
    // What was written is where the report says.
    for line in &lines[1..] {
        let fields: Vec<&str> = line.split(',').collect();
        if fields[1] == "written" {
            assert!(place.path("out").join(fields[3]).is_file(), "{line}");
        }
    }
}

#[test]
fn the_table_of_names_leads_back_to_the_input() {
    let place = Place::new();
    place.write_all("in", &jane());
    place
        .run_with("in", "out", |options| options.report_names = Some(place.path("n/names.csv")))
        .unwrap_err();
    assert_eq!(place.names(""), ["in"]);
    fs::create_dir(place.path("n")).unwrap();
    place.run_with("in", "out", |options| options.report_names = Some(place.path("n/names.csv"))).unwrap();
    let text = fs::read_to_string(place.path("n/names.csv")).unwrap();
    let expected = format!("2,{}", place.path("in/series/IM2.dcm").display());
    assert_eq!(text.lines().nth(2), Some(&expected[..]));
    assert_eq!(place.names("n"), ["names.csv"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(place.path("n/names.csv")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn cati_finds_its_report_in_the_output() {
    let place = Place::new();
    let (mut files, words) = study();
    for bytes in files.values_mut() {
        // The modality of all but one becomes OT.
        let at = bytes.windows(10).position(|window| window == b"\x08\0\x60\0CS\x02\0MR").unwrap();
        bytes[at + 8..at + 10].copy_from_slice(b"OT");
    }
    files.extend(jane());
    place.write_all("in", &files);
    let cati = |options: &mut deid_io::run::RunOptions| {
        options.cati = true;
        options.profile = deid_profile::built_in("cati_collector").unwrap();
    };
    let summary = place.run_with("in", "out", cati).unwrap();
    assert_eq!((summary.written, summary.by_cause["rejected_modality"]), (3, 5));
    let text = fs::read_to_string(place.path("out/deidentification_report.csv")).unwrap();
    assert!(
        text.starts_with(
            "input DICOM filename,state,modality,SOP Class UID,Series Description,Image Type\r\n"
        )
    );
    assert_eq!(text.lines().count(), 6);
    assert!(text.contains("/series_3/IM0001.dcm,removed,OT,MR Image Storage,"));
    assert!(text.contains("\"['ORIGINAL', 'PRIMARY', "));
    assert_clean(&words, &[("report".to_owned(), text.clone().into_bytes())].into());
    place.run_with("in", "out", cati).unwrap();
    assert_eq!(fs::read_to_string(place.path("out/deidentification_report.csv")).unwrap(), text);
    place.run_with("in", "out.zip", cati).unwrap();
    let members = crate::support::members(&place.path("out.zip"), deid_io::archive::ArchiveKind::Zip);
    assert_eq!(members["deidentification_report.csv"], text.into_bytes());
}
