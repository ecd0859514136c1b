//! 0 all done, 1 some, 2 usage, 3 nothing done.

use crate::desk::Desk;

#[track_caller]
fn code(desk: &Desk, line: &str, expected: i32, stderr: &str) {
    let ran = desk.run(line);
    assert_eq!(ran.code, Some(expected), "{line}\n{}", ran.all());
    assert!(ran.stderr.contains(stderr), "{line}\n{}", ran.stderr);
}

#[test]
fn usage_is_two() {
    let desk = Desk::with_study();
    code(&desk, "in", 2, "<OUT>");
    code(&desk, "in out --jobs 0", 2, "--jobs");
    code(&desk, "in out --subject a\\b", 2, "without backslash");
    code(&desk, "in out --subject a/b", 2, "`=` and slash, and without blanks at its ends");
    code(
        &desk,
        "in out --profile bassic",
        2,
        "error: no profile `bassic`\nhint: built in are default, basic,",
    );
    code(&desk, "in out --profile missing.toml", 2, "missing.toml");
    code(&desk, "in out --key missing", 2, "the key file does not exist");
    code(&desk, "in out --set Nothing=1", 2, "tag of PS3.6");
    code(&desk, "in out more", 2, "error: there is a path besides IN and OUT");
    code(&desk, "in out --list l", 2, "cannot be used with");
    assert!(!desk.path("out").exists());
}

#[test]
fn profile_that_cannot_be_read_is_usage_and_says_where() {
    let desk = Desk::with_study();
    desk.write("mine.toml", "name = \"mine\"\n[[rule]]\ntag = \"StudyDat\"\naction = \"keep\"\n");
    code(&desk, "in out --profile mine.toml", 2, "error: profile mine.toml: line 3, column 7: \"StudyDat\"");
}

#[test]
fn nothing_done_is_three() {
    let desk = Desk::new();
    code(&desk, "in out", 3, "in does not exist");
    assert!(!desk.path("home").exists(), "no key is made for it");
    desk.write("in/notes.txt", "text");
    code(&desk, "in out --key key", 3, "");
    code(&desk, "in in/out --key key", 3, "output lies inside the input");
}

#[test]
fn nothing_but_quarantined_is_one() {
    let desk = Desk::with_study();
    desk.write("broken/1.dcm", &desk.read("in/ge/2.dcm")[..1000]);
    code(&desk, "broken out --key key", 1, "");
}

#[test]
fn several_subjects_under_one_code_are_refused() {
    let desk = Desk::with_study();
    let subject = deid_testkit::study::Subject { patient_id: "OTHER".to_owned(), ..Default::default() };
    desk.write("in/other.dcm", deid_testkit::study::mr_instance(&subject));
    code(&desk, "in out --key key --subject S1", 3, "--merge-subjects");
    assert!(!desk.path("out").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn stdout_that_takes_nothing_is_three_and_a_closed_one_is_fine() {
    use std::process::{Command, Stdio};
    let desk = Desk::with_study();
    let program = env!("CARGO_BIN_EXE_deidentification");
    for line in
        ["profile list", "--help", "explain in/ge/2.dcm", "diff in/ge/2.dcm in/ge/2.dcm", "in out --key key"]
    {
        let mut command = Command::new(program);
        command.args(line.split(' ')).current_dir(desk.path(""));
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ran = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(ran.status.code(), Some(3), "{line}");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(said.contains("error: cannot write to stdout"), "{line}: {said}");

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = command.stdout(writer).output().unwrap();
        assert_eq!((ran.status.code(), &*ran.stderr), (Some(0), &[][..]), "{line}");
    }
}
