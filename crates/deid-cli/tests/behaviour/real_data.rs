//! All real files at hand, if there are any beside the project: nothing is lost, and pydicom reads what is written.

#![allow(clippy::print_stderr, reason = "says what was not run and why")]

use crate::desk::Desk;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

fn real_files() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    folder.is_dir().then_some(folder)
}

fn count(folder: &Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { count(&path) } else { 1 })
        .sum()
}

fn number(json: &str, key: &str) -> u64 {
    let (_, rest) = json.split_once(&format!("\"{key}\":")).unwrap();
    rest.split([',', '}']).next().unwrap().parse().unwrap()
}

#[test]
fn every_real_file_is_accounted_for_and_read_by_pydicom() {
    let Some(data) = real_files() else {
        eprintln!("not run: there is no folder of real files beside the project");
        return;
    };
    let files = count(&data);
    for profile in ["default", "basic", "bids", "cati_collector", "data_sharing"] {
        let desk = Desk::new();
        let ran = desk.run(&format!("{} out --profile {profile} --key key --json", data.display()));
        let [read, written, quarantined, skipped] =
            ["read", "written", "quarantined", "skipped"].map(|key| number(&ran.stdout, key));
        assert_eq!(read, files, "{profile}");
        assert_eq!(read, written + quarantined + skipped, "{profile}");
        let out = desk.path("out");
        assert_eq!(count(&out), written, "{profile}");
        let Some(python) = std::env::var_os("DEID_PYTHON") else {
            eprintln!("pydicom not asked: DEID_PYTHON names no Python that has it");
            continue;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/read_all.py");
        let judged = Command::new(python).arg(script).arg(&data).arg(&out).output().unwrap();
        let words = String::from_utf8_lossy(&judged.stdout).into_owned();
        assert!(judged.status.success(), "{profile}: {words}{}", String::from_utf8_lossy(&judged.stderr));
        assert!(words.contains(&format!("{written} files, 0 unreadable")), "{profile}: {words}");
    }
}

/// A script of `tests/python`, with the command, a folder of real files and a profile as its arguments.
fn judged(script: &str, folder: &Path, profile: &str, more: &[&OsStr]) -> Option<(bool, String)> {
    let Some(python) = std::env::var_os("DEID_PYTHON") else {
        eprintln!("not run: DEID_PYTHON names no Python that has pydicom");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let mut command = Command::new(python);
    command.arg(script).arg(env!("CARGO_BIN_EXE_deidentification")).arg(folder).arg(profile).args(more);
    let judged = command.output().unwrap();
    let words = [judged.stdout, judged.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Some((judged.status.success(), words.concat()))
}

/// Those of the real files whose structure is at stake; `tests/python/dciodvfy.py` is run by hand on all.
#[test]
fn dciodvfy_finds_no_more_errors_than_before() {
    let Some(data) = real_files() else {
        eprintln!("not run: there is no folder of real files beside the project");
        return;
    };
    let beside = |python| Path::new(&python).with_file_name("dciodvfy");
    let Some(dciodvfy) = std::env::var_os("DEID_PYTHON").map(beside).filter(|path| path.is_file()) else {
        eprintln!("not run: there is no dciodvfy beside DEID_PYTHON");
        return;
    };
    for profile in ["default", "neuro"] {
        for folder in ["sr", "waveform", "seg", "rt", "pet"] {
            let more = [dciodvfy.as_os_str()];
            let Some((fine, words)) = judged("dciodvfy.py", &data.join(folder), profile, &more) else {
                return;
            };
            assert!(fine, "{folder}: {words}");
        }
    }
}

#[test]
fn suv_of_pet_is_the_same_after_neuro() {
    let Some(data) = real_files() else {
        eprintln!("not run: there is no folder of real files beside the project");
        return;
    };
    let Some((fine, words)) = judged("suv.py", &data.join("pet"), "neuro", &[]) else { return };
    assert!(fine && !words.contains(" 0 PET instances"), "{words}");
}
