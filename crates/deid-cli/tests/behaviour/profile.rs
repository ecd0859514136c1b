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
    neuro           For sharing MR, PET and CT: dates shifted, texts cleaned, characteristics and the
                    vendors' acquisition data kept
    bids            As neuro, with files called sub-…/ses-…/… for the sourcedata folder of a BIDS
                    dataset
    tcia            The options of The Cancer Imaging Archive: dates shifted, texts cleaned,
                    characteristics, device and safe private elements kept
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
    rules         90, of which 90 count
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
    hint: actions are keep, remove, empty, dummy, remap-uid, clean, shift and { replace = "text" }; in a TSV K, X, Z, D and U, and an empty field is K
    "#);
}

#[test]
fn built_in_profile_is_checked_by_its_name() {
    let desk = Desk::new();
    for name in ["default", "basic", "neuro", "bids", "tcia", "cati_collector", "data_sharing"] {
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

#[test]
fn profile_is_based_on_a_file_beside_it() {
    let desk = Desk::new();
    desk.write(
        "lab/base.toml",
        "name = \"base\"\nbase = \"bids\"\n[[rule]]\ntag = \"PatientID\"\naction = \"keep\"\n",
    );
    let mine = "name = \"mine\"\nbase = \"../lab/base.toml\"\nidentity.prefix = \"LAB\"\n\
                [[rule]]\ntag = \"StudyDate\"\naction = \"keep\"\nwhen = { manufacturer = \"GE*\" }\n\
                [[rule]]\ntag = \"StudyDate\"\naction = \"shift\"\n";
    desk.write("mine/mine.toml", mine);
    snapshot!(desk.run("profile check mine/mine.toml").all(), @"
    exit 0
    -- stdout
    profile       mine
    description
    options       retain-safe-private, retain-patient-characteristics, retain-longitudinal-modified-dates, clean-descriptors
    rules         3, of which 2 count
    modalities    all
    SOP classes   all
    burned-in     quarantined
    private       neuroimaging
    identity      codes begin with LAB
    layout        sub-{subject:label}/ses-{session:label}/{modality}/{series-number:3}_{series-description}/{instance}.dcm
    not obeyed    base line 4: keep (0010,0020) Patient ID: the subject's code goes there, whatever a rule says
    ");
    desk.write("lab/base.toml", "name = \"base\"\nbase = \"../mine/mine.toml\"\n");
    snapshot!(desk.run("profile check mine/mine.toml").all(), @r#"
    exit 2
    -- stderr
    error: profile mine/mine.toml: line 2, column 8: base "../lab/base.toml": line 2, column 8: base "../mine/mine.toml" is based on this profile
    hint: profiles cannot be based on each other
    "#);
    desk.write("lab/base.toml", "name = \"base\"\n\nburned-in = 3\n");
    let ran = desk.run("profile check mine/mine.toml");
    assert_eq!(ran.code, Some(2));
    let place =
        "error: profile mine/mine.toml: line 2, column 8: base \"../lab/base.toml\": line 3, column 13: ";
    assert!(ran.stderr.starts_with(place), "{}", ran.stderr);
}

#[test]
fn schema_is_the_published_one() {
    let desk = Desk::new();
    let schema = desk.run("profile schema").stdout;
    assert_eq!(schema.trim_end(), deid_profile::SCHEMA.trim_end());
}

#[test]
fn layout_of_the_command_line_wins_over_the_profiles() {
    let desk = Desk::with_study();
    let names = |out: &str| desk.tree(out).replace(&format!("{out}/"), "");
    desk.run("in out1 --key key --profile bids --layout {subject}/{modality}.dcm --subject S-1");
    assert_eq!(names("out1"), "S-1/MR.dcm\nS-1/MR_2.dcm\nS-1/MR_3.dcm");
    desk.run("in out2 --key key --profile bids --layout input");
    assert_eq!(names("out2"), "ge/2.dcm\nphilips/3\nsiemens/1.dcm");
    desk.run("in out3 --key key --profile bids --subject S01");
    assert!(names("out3").lines().all(|name| name.starts_with("sub-S01/ses-") && name.contains("/MR/003_")));
    let ran = desk.run("in out4 --key key --layout ../{subject}");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error: --layout: \"../{subject}\" is no layout"), "{}", ran.stderr);
}
