//! What those who watch are told.

use std::sync::Mutex;

use deid_io::run::{Progress, run};

use crate::support::{Place, jane, options};

/// Writes down what it is told.
#[derive(Default)]
struct Phases(Mutex<Vec<String>>);

impl Progress for Phases {
    fn phase(&self, name: &str) {
        self.0.lock().unwrap().push(name.to_owned());
    }

    fn total(&self, files: u64, bytes: u64) {
        let total = format!("{files}{}", if bytes > 0 { " sized" } else { "" });
        // Told again once all files are listed, which may be before the phase or at any time in it.
        let mut told = self.0.lock().unwrap();
        if told.last().is_some_and(|last| last == "0") {
            told.pop();
        }
        told.push(total);
    }

    fn advance(&self, files: u64, _: u64) {
        assert_eq!(files, 1);
    }
}

#[test]
fn the_survey_is_left_out_where_it_has_nothing_to_find() {
    let place = Place::new();
    place.write_all("in", &jane());
    place.write_all("named/Pauline", &jane());
    place.write_archive("in.tar", deid_io::archive::ArchiveKind::Tar, &jane());
    let mut options = options();
    options.profile = deid_profile::built_in("basic").unwrap();
    for (input, expected) in [
        ("in", &["process", "3 sized"][..]),
        ("named", &["survey", "3 sized", "process", "3 sized"]),
        ("in.tar", &["survey", "0", "process", "3 sized"]),
    ] {
        let phases = Phases::default();
        run(&place.job(input, "out"), &options, &phases).unwrap();
        assert_eq!(phases.0.into_inner().unwrap(), expected);
    }
    assert_eq!(place.files("out").len(), 6);
}
