//! `deidentification compare BEFORE AFTER`, and `--compare` after a run.

use crate::desk::Desk;

fn done(profile: &str) -> Desk {
    let desk = Desk::with_study();
    // The three have the same pixels; these are each its own.
    for (number, file) in ["in/siemens/1.dcm", "in/ge/2.dcm", "in/philips/3"].into_iter().enumerate() {
        let mut bytes = desk.read(file);
        *bytes.last_mut().unwrap() = number as u8;
        desk.write(file, bytes);
    }
    desk.run(&format!("in out --key key --profile {profile}"));
    desk
}

#[test]
fn result_of_a_run_is_equal_by_its_profile() {
    let desk = done("default");
    let ran = desk.run("compare in out --attributes --profile default");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.stdout.contains("by attributes, not converted"), "{}", ran.stdout);
    assert!(ran.stderr.starts_with("note: nothing is converted"), "{}", ran.stderr);
    let without = desk.run("compare in out --attributes");
    assert_eq!(without.code, Some(1));
    assert!(without.stdout.contains("NOT EXPLAINED"), "{}", without.stdout);
}

#[test]
fn json_has_counts_and_no_values() {
    let desk = done("default");
    let ran = desk.run("compare in out --attributes --profile default --json");
    let line = ran.json();
    assert_eq!(line["profile"], "default");
    assert_eq!(line["counts"]["differs"], 0);
    assert_eq!((&line["converted"], &line["files_before"]), (&false.into(), &3.into()));
    for word in ["Doe", "ID0001", "General Hospital", "1.2.276", "t1_mprage"] {
        assert!(!ran.stdout.contains(word), "{word}");
    }
}

#[test]
fn spoilt_pixels_are_found() {
    let desk = done("default");
    let mut bytes = desk.read("out/ge/2.dcm");
    *bytes.last_mut().unwrap() ^= 0xFF;
    desk.write("out/ge/2.dcm", bytes);
    let ran = desk.run("compare in out --attributes --profile default");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("voxels"), "{}", ran.stdout);
}

#[test]
fn archives_are_compared_too() {
    let desk = done("default");
    desk.run("in out.zip --key key --profile default");
    let ran = desk.run("compare in out.zip --attributes --profile default");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn nothing_compared_is_three_and_wrong_settings_are_two() {
    let desk = done("default");
    assert_eq!(desk.run("compare missing out").code, Some(3));
    desk.write("text/a.txt", "text");
    assert_eq!(desk.run("compare text out").code, Some(3));
    assert_eq!(desk.run("compare in out --dcm2niix missing").code, Some(2));
    assert_eq!(desk.run("compare in out --profile bassic").code, Some(2));
    assert_eq!(desk.run("in in --compare --key key").code, Some(2));
}

#[test]
fn a_run_compares_and_reports() {
    let desk = Desk::with_study();
    let ran = desk.run("in out --key key --compare --json");
    assert!(ran.json()["comparison"]["series"].is_array(), "{}", ran.all());
    let report = String::from_utf8(desk.read("out.report.jsonl")).unwrap();
    assert!(report.lines().last().unwrap().starts_with("{\"comparison\":{"), "{report}");
}
