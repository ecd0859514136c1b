//! `deidentification profile list|show|check`.

use crate::desk::{Desk, snapshot};

#[test]
fn built_in_profiles_are_listed() {
    let desk = Desk::new();
    snapshot!(desk.run("profile list").stdout, @"
    default         The Basic profile of PS3.15 Annex E with safe private attributes retained; what may
                    show a name in its pixels is held back
    basic           The Basic profile of PS3.15 Annex E to the letter: no option, no private attribute,
                    nothing left out
    cati_collector  CATI's profile for its own collections: dates, times and series description kept,
                    and the vendors' headers
    data_sharing    CATI's profile for sharing data: no date, no description, the vendors' headers kept
    ");
}

#[test]
fn shown_profile_is_one_to_start_from() {
    let desk = Desk::with_study();
    let shown = desk.run("profile show cati_collector");
    desk.write("mine.toml", &shown.stdout);
    snapshot!(desk.run("profile check mine.toml").all(), @"
    exit 0
    -- stdout
    profile       cati_collector
    description   CATI's profile for its own collections: dates, times and series description kept,
                  and the vendors' headers
    options       retain-safe-private
    rules         86, of which 86 count
    modalities    filtered
    SOP classes   filtered
    burned-in     quarantined
    not obeyed    line 55: keep (0010,0010) Patient's Name: the subject's code goes there, whatever a rule says
    ");
    assert_eq!(desk.run("profile show nobody").code, Some(2));
}

#[test]
fn mistake_is_named_with_its_place() {
    let desk = Desk::new();
    desk.write("mine.tsv", "Tags\tName\tAction\tPrivate Creator\n(0008,0020)\tStudy Date\tQ\t\n");
    snapshot!(desk.run("profile check mine.tsv").all(), @r#"
    exit 2
    -- stderr
    error: profile mine.tsv: line 2, column 24: unknown action "Q"
    hint: actions are keep, remove, empty, dummy, remap-uid and { replace = "text" }; in a TSV K, X, Z, D and U, and an empty field is K
    "#);
}

#[test]
fn built_in_profile_is_checked_by_its_name() {
    let desk = Desk::new();
    for name in ["default", "basic", "cati_collector", "data_sharing"] {
        let ran = desk.run(&format!("profile check {name}"));
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        assert!(ran.stdout.starts_with(&format!("profile       {name}\n")));
    }
    assert_eq!(desk.run("profile check nobody").code, Some(2));
}

#[test]
fn every_option_of_the_standard_is_carried_out() {
    let desk = Desk::with_study();
    for option in deid_profile::ConfidentialityOption::ALL {
        desk.write("mine.toml", format!("name = \"mine\"\nbase = \"basic\"\noptions = [\"{option}\"]\n"));
        let checked = desk.run("profile check mine.toml");
        assert_eq!(checked.code, Some(0), "{option}: {}", checked.all());
    }
    let ran = desk.run("in out --profile mine.toml --key key");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn rules_that_no_run_obeys_are_pointed_out() {
    let desk = Desk::new();
    let rule = |tag: &str, action: &str| format!("[[rule]]\ntag = \"{tag}\"\naction = \"{action}\"\n");
    let rules = [
        rule("PatientName", "keep"),
        rule("PatientID", "remove"),
        rule("OtherPatientIDs", "keep"),
        rule("OtherPatientIDsSequence", "remove"),
        rule("(0012,0062)", "remove"),
        rule("(0002,0016)", "keep"),
        rule("StudyDate", "keep"),
    ];
    desk.write("mine.toml", "name = \"mine\"\nbase = \"basic\"\n".to_owned() + &rules.concat());
    let ran = desk.run("profile check mine.toml");
    assert_eq!(ran.code, Some(0));
    let pointed_out: Vec<_> = ran.stdout.lines().filter(|line| line.starts_with("not obeyed")).collect();
    snapshot!(pointed_out.join("\n"), @"
    not obeyed    line 4: keep (0010,0010) Patient's Name: the subject's code goes there, whatever a rule says
    not obeyed    line 7: remove (0010,0020) Patient ID: the subject's code goes there, whatever a rule says
    not obeyed    line 10: keep (0010,1000) Other Patient IDs: it is never kept
    not obeyed    line 16: remove (0012,0062) Patient Identity Removed: the program marks there what was done
    not obeyed    line 19: keep (0002,0016) Source Application Entity Title: it is no part of the data set, and written anew
    ");
}
