//! `--json`: one line for programs.

use crate::desk::{Desk, snapshot};

#[test]
fn line_has_the_numbers_first() {
    let desk = Desk::with_study();
    desk.write("in/notes.txt", "text");
    let ran = desk.run("in out --key key --json");
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    assert!(ran.stdout.starts_with(
        r#"{"read":4,"written":3,"quarantined":0,"skipped":1,"by_cause":{"not_dicom":1},"report":"#
    ));
    let mut json = ran.json();
    json["bytes_read"] = 0.into();
    json["bytes_written"] = 0.into();
    json["key"]["id"] = "".into();
    snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
    {
      "archive_error": null,
      "burned_in_flagged": 0,
      "by_cause": {
        "not_dicom": 1
      },
      "bytes_read": 0,
      "bytes_written": 0,
      "cancelled": false,
      "dry_run": false,
      "error": null,
      "faults": {},
      "kept_uncleaned": {},
      "key": {
        "created": false,
        "file": "key",
        "id": ""
      },
      "left_out": null,
      "not_swapped": null,
      "output_error": null,
      "pictures": null,
      "profile": "default",
      "quarantine_failed": 0,
      "quarantined": 0,
      "read": 4,
      "remarks": {},
      "report": "out.report.csv",
      "report_error": null,
      "report_jsonl": "out.report.jsonl",
      "skipped": 1,
      "would_not_swap": false,
      "written": 3
    }
    "#);
}

#[test]
fn missing_input_is_told_in_the_line_too() {
    let desk = Desk::new();
    let ran = desk.run("in out --json");
    assert_eq!((ran.code, &*ran.stderr), (Some(3), "error: in does not exist\n"));
    let json = ran.json();
    assert_eq!(json["error"], "in does not exist");
    assert_eq!(json["key"], serde_json::Value::Null);
}

#[test]
fn refusal_is_told_in_the_line_too() {
    let desk = Desk::with_study();
    desk.write("in/other/4.dcm", {
        let subject = deid_testkit::study::Subject { patient_id: "OTHER".to_owned(), ..Default::default() };
        deid_testkit::study::mr_instance(&subject)
    });
    let ran = desk.run("in out --key key --json --subject S1");
    assert_eq!(ran.code, Some(3));
    let json = ran.json();
    assert_eq!(json["written"], 0);
    assert!(json["error"].as_str().unwrap().contains("2 different Patient IDs"), "{json}");
    assert_eq!(desk.run("in out --key key --json --subject S1 --merge-subjects").code, Some(0));
}
