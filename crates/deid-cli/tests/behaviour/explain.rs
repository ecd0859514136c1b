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
        let expected = "tag	name	action	rule	origin
\
            (0008,0020)	Study Date	keep	profile	profile cati_collector line 39: (0008,0020)
";
        assert_eq!(ran.stdout, expected);
    }
}

#[test]
fn every_element_is_explained_without_its_value() {
    let desk = one_file();
    let ran = desk.run("explain a.dcm --profile basic");
    assert_eq!(ran.code, Some(0));
    for expected in [
        "(0010,0010)\tPatient's Name\treplace\tsubject\tsubject",
        "(0020,000D)\tStudy Instance UID\tremap-uid\te1.1-basic\tPS3.15 E.1-1 U: Study Instance UID",
        "(0025,101B)\tprivate\tremove\tprivate\tprivate",
        "(0012,0062)\tPatient Identity Removed\tadd\tmark\tmark",
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
