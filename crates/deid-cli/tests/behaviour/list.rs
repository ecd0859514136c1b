//! `deidentification --list FILE`.

use crate::desk::{Desk, snapshot};
use deid_testkit::study::{Subject, mr_instance};

fn two_subjects() -> Desk {
    let desk = Desk::new();
    let subject = |id: &str| Subject { patient_id: id.to_owned(), ..Subject::default() };
    desk.write("in/a/1.dcm", mr_instance(&subject("A")));
    desk.write("in/b/1.dcm", mr_instance(&subject("B")));
    desk
}

#[test]
fn jobs_are_done_in_turn() {
    let desk = two_subjects();
    desk.write("list", "# subject;input;output\nS1;in/a;out/S1\n\nS2;in/b;out/S2.zip\n");
    snapshot!(desk.run("--list list --key key").all(), @"
    exit 0
    -- stdout
    job 1 of 2  S1  read 1, written 1, quarantined 0, skipped 0  out/S1.report.csv
    job 2 of 2  S2  read 1, written 1, quarantined 0, skipped 0  out/S2.zip.report.csv

    2 jobs, 0 failed

    read             2 files [size]
    written          2 files [size]
    quarantined      0
    skipped          0

    Profile       default
    Key           [id] (key)
    ");
    assert!(desk.path("out/S1/1.dcm").exists());
    assert!(desk.path("out/S2.zip").exists());
}

#[test]
fn one_failing_job_does_not_stop_the_others() {
    let desk = two_subjects();
    desk.write("list", "S1;in/missing;out/S1\nS2;in/b;out/S2\n");
    let ran = desk.run("--list list --key key");
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.stderr, "job 1 of 2  S1  error: the input does not exist: in/missing\n");
    assert!(desk.path("out/S2/1.dcm").exists());
}

#[test]
fn nothing_done_is_three() {
    let desk = Desk::new();
    desk.write("list", "S1;in/missing;out/S1\nS2;in/b;out/S2\n");
    let ran = desk.run("--list list --key key");
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.stdout.ends_with("\nNext          2 of 2 jobs failed: see the errors above.\n"),
        "{}",
        ran.stdout
    );
    let json = desk.run("--list list --key key --json").json();
    assert_eq!(json["jobs_failed"], 2);
}

#[test]
fn list_may_be_latin_1() {
    let desk = two_subjects();
    desk.write("in/h\u{f4}pital/1.dcm", desk.read("in/a/1.dcm"));
    desk.write("list", b"S1;in/h\xf4pital;out\n");
    let ran = desk.run("--list list --key key");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(ran.stderr, "note: list is not UTF-8, and read as Latin-1\n");
    assert!(desk.path("out/1.dcm").exists());
    desk.write("list", b"\xff\xfeS\x001\x00;\x00");
    let ran = desk.run("--list list --key key");
    assert_eq!((ran.code, ran.stderr.contains("hint: save it as UTF-8")), (Some(2), true));
}

#[test]
fn job_that_did_not_replace_its_input_says_so() {
    let desk = two_subjects();
    desk.write("in/a/broken.dcm", &desk.read("in/a/1.dcm")[..1000]);
    desk.write("list", "S1;in/a;in/a\n");
    let ran = desk.run("--list list --key key");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("The result stands in DESK/in/a.deidentified."), "{}", ran.stdout);
}

#[test]
fn archive_of_one_job_is_not_replaced_by_another() {
    let desk = two_subjects();
    desk.write("list", "S1;in/a;out.zip\nS2;in/b;./out.zip\n");
    let ran = desk.run("--list list --key key --overwrite");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("job 2 of 2  S2  error: job 1 writes to the same output"), "{}", ran.stderr);
}

#[test]
fn jobs_may_share_a_folder_where_no_file_replaces_another() {
    let desk = two_subjects();
    desk.write("list", "S1;in/a;out\nS2;in/b;out\n");
    let ran = desk.run("--list list --key key --json");
    assert_eq!(ran.code, Some(1));
    let json = ran.json();
    assert_eq!(json["jobs"][1]["by_cause"]["target_exists"], 1);
    assert_eq!(json["written"], 1);
}

#[test]
fn line_that_cannot_be_read_is_named_but_not_shown() {
    let desk = Desk::new();
    desk.write("list", "S1;in/a;out/S1\nJane Doe,in/b,out\n");
    let ran = desk.run("--list list --key key");
    assert_eq!(ran.code, Some(2));
    snapshot!(ran.stderr, @"
    error: list: line 2 of the list: expected three fields, `subject;input;output`
    hint: a line is `subject;input;output`; lines that begin with # are read over
    ");
}
