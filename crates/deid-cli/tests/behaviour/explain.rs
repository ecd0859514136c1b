//! `deidentification explain FILE [TAG]`.

use crate::desk::Desk;
use deid_testkit::study::{Subject, ge_instance};

fn one_file() -> Desk {
    let desk = Desk::new();
    desk.write("a.dcm", ge_instance(&Subject::default()));
    desk
}

#[test]
fn one_element_is_explained_by_tag_or_keyword() {
    let desk = one_file();
    for tag in ["StudyDate", "0008,0020"] {
        let ran = desk.run(&format!("explain a.dcm {tag} --profile cati_collector"));
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
        let expected = "tag\tname\taction\trule\torigin\tconverters\n\
            (0008,0020)\tStudy Date\tkeep\tprofile\tprofile cati_collector line 39: (0008,0020)\t\n";
        assert_eq!(ran.stdout, expected);
    }
}

#[test]
fn what_is_added_is_explained_by_its_tag() {
    let desk = one_file();
    let tags = ["(0028,0303)", "PatientIdentityRemoved", "(0012,0063)", "/(0012,0064)"];
    let mut words = vec!["explain", "a.dcm", "--profile", "basic"];
    words.extend(tags);
    let ran = desk.run_words(&words);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    for tag in ["(0012,0062)", "(0012,0063)", "(0012,0064)", "(0028,0303)"] {
        let line =
            ran.stdout.lines().find(|line| line.starts_with(tag)).unwrap_or_else(|| panic!("{}", ran.stdout));
        assert!(line.ends_with("\tadd\tmark\tPS3.15 E.1.1 step 6\t"), "{line}");
    }
    assert_eq!(ran.stdout.lines().count(), 5);
    // Private elements that stay are described, too.
    let ran = desk.run("explain a.dcm (0008,0300) --profile cati_collector");
    assert!(ran.stdout.contains("(0008,0300)\t") && ran.stdout.contains("\tadd\tmark\t"), "{}", ran.all());
}

#[test]
fn every_element_is_explained_without_its_value() {
    let desk = one_file();
    let ran = desk.run("explain a.dcm --profile basic");
    assert_eq!(ran.code, Some(0));
    for expected in [
        "(0010,0010)\tPatient's Name\treplace\tsubject\tthe subject's code\t\
         changed: patient's name in names of files (dcm2niix, SPM, spec2nii)",
        "(0020,000D)\tStudy Instance UID\tremap-uid\te1.1-basic\t\
         PS3.15 table E.1-1 row (0020,000D) Study Instance UID, column Basic: U\t",
        "(0025,101B)\tGEMS_SERS_01: Protocol Data Block (compressed)\tremove\tprivate\t\
         PS3.15 table E.1-1 row of private attributes, column Basic: X\t\
         lost: the protocol: slice order, phase encoding polarity, multiband (dcm2niix)",
        "(0012,0062)\tPatient Identity Removed\tadd\tmark\tPS3.15 E.1.1 step 6\t",
        "a converter would lose:",
        "  the protocol: slice order, phase encoding polarity, multiband (dcm2niix)",
    ] {
        assert!(ran.stdout.lines().any(|line| line == expected), "{expected}\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("Doe"));
}

#[test]
fn what_is_not_there_is_said() {
    let desk = one_file();
    assert_eq!(desk.run("explain a.dcm NoSuchKeyword").code, Some(2));
    assert_eq!(desk.run("explain a.dcm (0040,0275)").code, Some(3));
    assert_eq!(desk.run("explain missing.dcm").code, Some(3));
}

#[test]
fn several_elements_are_explained_by_pattern_creator_and_path() {
    let desk = one_file();
    let explain = |elements: &[&str]| {
        let mut words = vec!["explain", "a.dcm", "--profile", "basic"];
        words.extend(elements);
        desk.run_words(&words)
    };
    let ran = explain(&["(0025,{GEMS_SERS_01}1B)", "/StudyDate", "(0020,000x)", "(0099,{NOBODY})"]);
    assert_eq!(ran.code, Some(0));
    let tags: Vec<_> = ran.stdout.lines().skip(1).map(|line| &line[..11]).collect();
    assert!(tags.contains(&"(0025,101B)") && tags.contains(&"(0008,0020)") && tags.contains(&"(0020,000E)"));
    assert!(tags.iter().all(|tag| tag.starts_with('(')), "no summary: {}", ran.stdout);
    assert!(ran.stderr.starts_with("note: the file has no (0099,{NOBODY})"), "{}", ran.stderr);
}

#[test]
fn what_a_run_is_told_of_subjects_and_values_counts() {
    let desk = one_file();
    let ran = desk.run("explain a.dcm InstitutionName --set InstitutionName=Here --subject S01");
    assert!(ran.stdout.contains("\treplace\tforced\t") && !ran.stdout.contains("Here"));
    desk.write("codes.csv", "other,S02\n");
    let ran = desk.run("explain a.dcm --subjects codes.csv");
    assert!(ran.stdout.contains("the file would not be written (unknown_subject)"), "{}", ran.stdout);
    assert_eq!(desk.run("explain a.dcm --subject S01 --subjects codes.csv").code, Some(2));
}

#[test]
fn a_damaged_file_is_explained_with_the_place_of_its_fault() {
    let desk = Desk::new();
    let mut file = ge_instance(&Subject::default());
    file.truncate(file.len() - 3);
    desk.write("a.dcm", file);
    let ran = desk.run("explain a.dcm");
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    let told = ran.stdout.lines().last().unwrap();
    assert!(
        told.starts_with("truncated_value at byte ") && told.contains(", element (7FE0,0010): "),
        "{told}"
    );
    desk.write("b.dcm", [&[0; 128][..], b"DICM"].concat());
    assert_eq!(desk.run("explain b.dcm").code, Some(3));
}
