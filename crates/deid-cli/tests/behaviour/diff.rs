//! `deidentification diff A B`, and `dicom_tag_diff -f A -s B`.

use crate::desk::{Desk, snapshot};
use deid_testkit::study::{Subject, philips_instance};

fn two_files() -> Desk {
    let desk = Desk::new();
    desk.write("a.dcm", philips_instance(&Subject::default()));
    let changed =
        Subject { patient_name: "Roe^Richard".into(), study_time: "080000".into(), ..Subject::default() };
    desk.write("b.dcm", philips_instance(&changed));
    desk
}

#[test]
fn changed_values_are_shown_at_any_depth() {
    let desk = two_files();
    let ran = desk.run("diff a.dcm b.dcm");
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    snapshot!(ran.stdout.replace('\t', " | "), @"
    change | tag | name | old value | new value
    changed | (0008,0013) | Instance Creation Time | 101530.125000 | 080000
    changed | (0008,0030) | Study Time | 101530.125000 | 080000
    changed | (0008,0031) | Series Time | 101530.125000 | 080000
    changed | (0008,0032) | Acquisition Time | 101530.125000 | 080000
    changed | (0008,0033) | Content Time | 101530.125000 | 080000
    changed | (0010,0010) | Patient's Name | Doe^Jane | Roe^Richard
    changed | (0040,0245) | Performed Procedure Step Start Time | 101530.125000 | 080000
    changed | (2005,140F)[0].(0008,002A) | Acquisition DateTime | 20200310101530.125000 | 20200310080000
    changed | (2005,140F)[0].(0018,9074) | Frame Acquisition DateTime | 20200310101530.125000 | 20200310080000
    ");
}

#[test]
fn elements_of_one_file_only_are_shown() {
    let desk = Desk::with_study();
    desk.run("in out --key key --profile basic");
    let table = desk.run("diff in/philips/3 out/philips/3").stdout;
    assert!(table.contains("removed\t(2001,105F)[0].(2001,102D)\tPhilips Imaging DD 001: "), "{table}");
    assert!(table.contains("added\t(0012,0062)\tPatient Identity Removed\t\tYES\n"), "{table}");
}

#[test]
fn alike_files_give_an_empty_table() {
    let desk = two_files();
    assert_eq!(desk.run("diff a.dcm a.dcm").stdout, "change\ttag\tname\told value\tnew value\n");
}

#[test]
fn old_form_and_output_file() {
    let desk = two_files();
    let table = desk.run("diff a.dcm b.dcm").stdout;
    let ran = desk.run("diff -f a.dcm -s b.dcm -o table.tsv");
    assert_eq!((ran.code, &*ran.stdout), (Some(0), ""));
    assert_eq!(String::from_utf8(desk.read("table.tsv")).unwrap(), table);
    assert_eq!(desk.run("diff a.dcm b.dcm -o a.dcm").code, Some(3), "an input is not written over");
}

#[cfg(unix)]
#[test]
fn other_name_of_the_command() {
    let desk = two_files();
    let table = desk.run("diff a.dcm b.dcm").stdout;
    assert_eq!(desk.run_as("dicom_tag_diff", "-f a.dcm -s b.dcm").stdout, table);
    for line in ["--help", "-f a.dcm"] {
        let said = desk.run_as("dicom_tag_diff", line).all();
        assert!(said.contains("Usage: dicom_tag_diff -f A -s B [-o OUT]\n"), "{said}");
        assert!(!said.contains("dicom_tag_diff diff"), "{said}");
    }
}

#[test]
fn what_is_not_dicom_is_named() {
    let desk = two_files();
    let ran = desk.run("diff a.dcm key");
    assert_eq!((ran.code, &*ran.stderr), (Some(3), "error: key: not a DICOM file\n"));
    assert_eq!(desk.run("diff a.dcm").code, Some(2));
}

#[test]
fn damaged_file_is_compared_as_far_as_it_goes_and_named() {
    let desk = two_files();
    desk.write("half.dcm", &desk.read("a.dcm")[..1000]);
    let ran = desk.run("diff a.dcm half.dcm");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("removed\t"), "{}", ran.stdout);
    assert!(
        ran.stderr
            .starts_with("warning: half.dcm is damaged, and compared as far as it can be read: truncated_")
    );
    assert_eq!(ran.stderr.lines().count(), 1);
}
