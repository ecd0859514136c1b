//! What is refused before anything is written.

use std::fs;

use deid_io::run::{Job, NoProgress, RunError, run};
use deid_testkit::bytes::{Part10, explicit};
use deid_testkit::study::{Subject, mr_instance};

use crate::support::{Place, jane, options};

#[test]
fn output_and_input_do_not_contain_each_other() {
    let place = Place::new();
    place.write_all("a/in", &jane());
    for (input, output) in [("a/in", "a/in/out"), ("a/in", "a/in/out.zip"), ("a", "a/in/new/deep")] {
        let result = place.run_with(input, output, |_| {});
        assert!(matches!(result, Err(RunError::OutputInsideInput)), "{output}");
    }
    assert!(matches!(place.run_with("a/in", "a", |_| {}), Err(RunError::InputInsideOutput(_))));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.path("a/in"), place.path("link")).unwrap();
        let result = place.run_with("a/in", "link/out", |_| {});
        assert!(matches!(result, Err(RunError::OutputInsideInput)), "through a link");
    }
    assert_eq!(place.names("a"), ["in"]);
    assert_eq!(place.files("a/in"), jane());
}

#[test]
fn what_is_refused_is_told_with_the_path_that_the_user_gave() {
    let place = Place::new();
    let error = place.run_with("DOE_JANE", "out", |_| {}).unwrap_err();
    assert!(matches!(error, RunError::InputMissing(_)));
    let told = |error: &RunError, name| error.to_string().contains(place.path(name).to_str().unwrap());
    assert!(told(&error, "DOE_JANE"));
    place.write("file", b"text");
    place.write_all("in", &jane());
    let error = place.run_with("in", "file", |_| {}).unwrap_err();
    assert!(matches!(error, RunError::OutputNotFolder(_)) && told(&error, "file"), "{error}");
    assert_eq!(place.names(""), ["file", "in"]);
}

#[test]
fn one_code_for_several_patients_must_be_asked_for() {
    let place = Place::new();
    let mut files = jane();
    let other =
        Subject { patient_id: "ID0002".into(), patient_name: "Roe^Richard".into(), ..Subject::default() };
    files.insert("series/IM9.dcm".into(), mr_instance(&other));
    place.write_all("in", &files);
    let job = Job { subject: Some("S001".into()), ..place.job("in", "out") };
    let mut options = options();
    let refused = run(&job, &options, &NoProgress);
    assert!(matches!(refused, Err(RunError::SeveralSubjects(2))));
    assert_eq!(place.names(""), ["in"], "nothing was written");
    options.merge_subjects = true;
    assert_eq!(run(&job, &options, &NoProgress).unwrap().written, 4);
    let invalid = Job { subject: Some("a\\b".into()), ..place.job("in", "out2") };
    assert!(matches!(run(&invalid, &options, &NoProgress), Err(RunError::SubjectInvalid)));
}

/// One ID is two people where issuers count.
#[test]
fn one_code_for_two_issuers_must_be_asked_for() {
    let place = Place::new();
    for (name, issuer) in [("a.dcm", "North"), ("b.dcm", "South")] {
        let mut data = explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
        data.extend(explicit(0x0008_0018, "UI", format!("1.2.826.0.1.3680043.8.498.{}", issuer.len())));
        data.extend(explicit(0x0010_0020, "LO", "ID4711"));
        data.extend(explicit(0x0010_0021, "LO", issuer));
        place.write(&format!("in/{name}"), &Part10::new("1.2.840.10008.1.2.1", data).bytes());
    }
    let job = Job { subject: Some("S001".into()), ..place.job("in", "out") };
    let mut options = options();
    options.profile.identity.issuer = true;
    assert!(matches!(run(&job, &options, &NoProgress), Err(RunError::SeveralSubjects(2))));
    assert_eq!(place.names(""), ["in"], "nothing was written");
    options.profile.identity.issuer = false;
    assert_eq!(run(&job, &options, &NoProgress).unwrap().written, 2);
}

#[test]
fn quarantine_and_names_lie_outside() {
    let place = Place::new();
    place.write_all("in", &jane());
    for folder in ["in/q", "out", "out/q", ""] {
        let result = place.run_with("in", "out", |options| options.quarantine = Some(place.path(folder)));
        assert!(matches!(result, Err(RunError::QuarantinePlace(_))), "{folder}");
    }
    let result = place.run_with("in", "out", |options| options.report_names = Some(place.path("out/n.csv")));
    assert!(matches!(result, Err(RunError::TableInside(_))));
    let result = place.run_with("in", "out", |options| options.report_names = Some(place.path("in/n.csv")));
    assert!(matches!(result, Err(RunError::TableInside(_))), "it would be input of the next run");
    for folder in ["in/r", "out", "out/r", "in"] {
        let result = place.run_with("in", "out", |options| options.report = Some(place.path(folder)));
        assert!(matches!(result, Err(RunError::ReportInside(_))), "{folder}");
    }
    place.write("n.csv", b"earlier");
    let result = place.run_with("in", "out", |options| options.report_names = Some(place.path("n.csv")));
    assert!(matches!(result, Err(RunError::TableExists(_))));
    assert_eq!(place.names(""), ["in", "n.csv"]);
}

#[test]
fn an_output_folder_that_stays_empty_is_not_made() {
    let place = Place::new();
    place.write("in/notes.txt", b"text");
    place.run("in", "out");
    assert_eq!(place.names(""), ["in", "out.report.csv", "out.report.jsonl"]);
    fs::create_dir(place.path("mine")).unwrap();
    place.run("in", "mine");
    assert!(place.path("mine").is_dir());
    place.run("in", "out.zip");
    assert!(!place.path("out.zip").exists());
}
