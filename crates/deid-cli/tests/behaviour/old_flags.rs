//! `deidentification -in IN -out OUT [-id SUBJECT] [-c PROFILE]`, as users of CATI's command know it.

use crate::desk::Desk;

fn name_and_id(desk: &Desk, before: &str, after: &str) -> Vec<String> {
    let table = desk.run(&format!("diff {before} {after}")).stdout;
    let row = |tag| {
        table.lines().find(|row| row.contains(tag)).unwrap_or(tag).rsplit('\t').next().unwrap().to_owned()
    };
    vec![row("\t(0010,0010)\t"), row("\t(0010,0020)\t")]
}

#[test]
fn old_flags_do_the_main_job() {
    let desk = Desk::with_study();
    let ran = desk.run("-in in -out out -id S1 -c data_sharing");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(name_and_id(&desk, "in/siemens/1.dcm", "out/siemens/1.dcm"), ["S1", "S1"]);
    assert!(ran.stdout.contains("data_sharing"));
}

#[test]
fn old_flags_leave_stderr_alone() {
    let desk = Desk::with_study();
    assert_eq!(desk.run("-in in -out out").stderr, "");
    assert!(desk.path("home/config/deidentification/key").exists(), "though a key was made");
}

#[test]
fn both_spellings_of_id_and_the_equals_sign_work() {
    let desk = Desk::with_study();
    for (index, line) in [
        "-ID S1 -in=in -out=out0",
        "-out out1 -ID=S1 -in in",
        "--dicom_in in --dicom_out out2 --subjectID S1",
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(desk.run(line).code, Some(0), "{line}");
        assert_eq!(name_and_id(&desk, "in/ge/2.dcm", &format!("out{index}/ge/2.dcm")), ["S1", "S1"]);
    }
}

#[test]
fn single_file_goes_into_a_folder() {
    let desk = Desk::with_study();
    assert_eq!(desk.run("-in in/ge/2.dcm -out out").code, Some(0));
    assert_eq!(desk.tree("out"), "out/2.dcm");
}

#[test]
fn without_a_profile_what_is_no_image_of_the_brain_is_left_out() {
    let desk = Desk::with_study();
    let ct_is_mr = desk.read("in/ge/2.dcm");
    let at = ct_is_mr.windows(10).position(|bytes| bytes == b"\x08\0\x60\0CS\x02\0MR").unwrap();
    let mut ultrasound = ct_is_mr.clone();
    ultrasound[at + 8..at + 10].copy_from_slice(b"US");
    desk.write("in/us.dcm", ultrasound);
    desk.run("-in in -out old");
    desk.run("in new");
    assert!(!desk.path("old/us.dcm").exists());
    assert!(desk.path("new/us.dcm").exists());
    assert!(desk.path("old/deidentification_report.csv").exists(), "{}", desk.tree("old"));
}

#[test]
fn table_of_ones_own_has_any_name() {
    let desk = Desk::with_study();
    desk.write("rules.txt", "Tags\tName\tAction\tPrivate Creator\n(0008,0020)\tStudy Date\tK\t\n");
    assert_eq!(desk.run("-in in -out out -c rules.txt").code, Some(0));
    let table = desk.run("diff in/ge/2.dcm out/ge/2.dcm").stdout;
    assert!(!table.contains("\t(0008,0020)\t"), "the date is kept: {table}");
    assert_eq!(desk.run("in out2 --profile rules.txt").code, Some(2), "the new form wants .tsv or .toml");
}

#[test]
fn what_is_missing_is_named() {
    let desk = Desk::with_study();
    let ran = desk.run("-in in");
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.stderr,
        "error: -out is missing\nhint: the old form is `deidentification -in IN -out OUT [-id SUBJECT] [-c PROFILE]`\n"
    );
}

#[test]
fn what_is_there_twice_is_named() {
    let desk = Desk::with_study();
    for (line, why) in [
        ("-in in -out out c10 in2", "-in and -out name the input and the output, and there is another path"),
        ("-in in -out out -in in2", "-in is given twice"),
    ] {
        let ran = desk.run(line);
        assert_eq!(ran.code, Some(2), "{line}");
        assert!(ran.stderr.starts_with(&format!("error: {why}\nhint: the old form is")), "{}", ran.stderr);
    }
    let ran = desk.run("-in in -out out --nonsense");
    assert!(ran.stderr.contains("unexpected argument '--nonsense'"), "{}", ran.stderr);
    assert!(!desk.path("out").exists());
}
