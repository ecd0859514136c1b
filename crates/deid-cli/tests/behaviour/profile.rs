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
