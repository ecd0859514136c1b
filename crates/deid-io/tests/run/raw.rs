//! Raw formats beside DICOM: written when cleaned, quarantined when not, named like everything else.

use crate::support::Place;
use deid_testkit::planted::{Words, search};
use deid_testkit::raw::{Slots, rda, sdat, sidecar, spar, twix_vd};

#[test]
fn raw_formats_are_written_beside_dicom_with_their_payloads_and_names() {
    let place = Place::new();
    let mut words = Words::new();
    let slots = Slots::planted(&mut words);
    let family = slots.name.split('^').next().unwrap().to_owned();
    let payload = sdat();
    place.write("in/a/x.rda", &rda(&slots));
    place.write(&format!("in/a/{family}_act.SPAR"), &spar(&slots));
    place.write(&format!("in/a/{family}_act.SDAT"), &payload);
    place.write("in/a/meas.dat", &twix_vd(&slots));
    place.write("in/a/x.json", &sidecar(&slots));
    place.write("in/a/notes.txt", b"nothing that is known");
    place.write("in/a/y.rda", b">>> Begin of header <<<\r\nSomething: else\r\n>>> End of header <<<\r\n");
    let summary = place.run("in", "out");
    assert_eq!((summary.written, summary.quarantined, summary.skipped), (5, 1, 1));
    assert_eq!(summary.by_cause["raw_format_unknown_field"], 1);
    assert_eq!(summary.by_cause["not_dicom"], 1);
    let files = place.files("out");
    for (name, bytes) in &files {
        assert!(search(bytes, words.planted()).is_empty(), "{name}");
        assert!(search(name.as_bytes(), words.planted()).is_empty());
    }
    let stem =
        |extension: &str| files.keys().find_map(|name| name.strip_suffix(extension)).unwrap().to_owned();
    assert_eq!(stem(".SPAR"), stem(".SDAT"));
    assert_eq!(files[&(stem(".SDAT") + ".SDAT")], payload);
    for report in [summary.report_csv.unwrap(), summary.report_jsonl.unwrap()] {
        assert!(search(&std::fs::read(report).unwrap(), words.planted()).is_empty());
    }
}

#[test]
fn basic_leaves_raw_formats_out() {
    let place = Place::new();
    place.write("in/x.rda", &rda(&Slots::plain()));
    let basic = |options: &mut deid_io::run::RunOptions| {
        options.profile = deid_profile::built_in("basic").unwrap();
    };
    let summary = place.run_with("in", "out", basic).unwrap();
    assert_eq!((summary.written, summary.skipped), (0, 1));
    assert_eq!(summary.by_cause["not_dicom"], 1);
}
