//! Whether files take more instructions than they did: counted by callgrind, not timed, so that a busy machine is none
//! of its business. The figures stand in `benches/instructions.tsv`; another compiler or processor may need new ones.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::routine::{announce, cargo, root, step, succeeds};
use crate::tell;

/// What the example `guard` of `deid-bench` knows, with what it is.
const INPUTS: [(&str, &str); 3] = [
    ("classic", "a classic MR image with CSA headers, one of a series; profile neuro"),
    ("enhanced", "an enhanced multi-frame image of 500 frames; profile basic"),
    ("small-elements", "4000 small elements in 500 items; profile neuro"),
];
/// Files processed in two runs: what the program takes besides is the same in both.
const FEW: u64 = 2;
const MANY: u64 = 12;
/// In percent.
const TOLERANCE: f64 = 10.0;

/// Count, and compare with the figures that are recorded, or record new ones.
pub(crate) fn run(record: bool) -> Result<(), String> {
    if !succeeds(Command::new("valgrind").arg("--version")) {
        tell(
            "== bench-guard: left out, since valgrind is missing; Debian and Ubuntu have it (apt-get install valgrind)",
        );
        return Ok(());
    }
    step("guard", &mut cargo(["build", "--release", "--package", "deid-bench", "--example", "guard"]))?;
    announce("instructions of each file");
    let recorded = if record { String::new() } else { read()? };
    let mut table = String::from(
        "# Instructions for each file, counted by callgrind: `cargo xtask bench-guard --record`.\n",
    );
    let mut failed = Vec::new();
    for (input, what) in INPUTS {
        let counted = (count(input, MANY)? - count(input, FEW)?) / (MANY - FEW);
        let _ = writeln!(table, "{input}\t{counted}\t{what}");
        if record {
            tell(&format!("{input}: {counted}"));
            continue;
        }
        let before =
            figure(&recorded, input).ok_or(format!("benches/instructions.tsv has no figure for {input}"))?;
        let change = 100.0 * (counted as f64 / before as f64 - 1.0);
        tell(&format!("{input}: {counted}, {change:+.1} % against {before}"));
        if change.abs() > TOLERANCE {
            failed.push(format!("{input} ({change:+.1} %)"));
        }
    }
    if record {
        return fs::write(file(), table).map_err(|error| format!("benches/instructions.tsv: {error}"));
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "more than {TOLERANCE} % from the recorded figures: {}\n\
         hint: if that is meant, record new ones with `cargo xtask bench-guard --record`",
        failed.join(", ")
    ))
}

fn file() -> PathBuf {
    root().join("benches/instructions.tsv")
}

fn read() -> Result<String, String> {
    fs::read_to_string(file()).map_err(|error| format!("benches/instructions.tsv: {error}"))
}

fn figure(table: &str, input: &str) -> Option<u64> {
    let mut columns = table.lines().map(|line| line.split('\t'));
    columns.find_map(|mut line| {
        line.next().filter(|name| *name == input).and_then(|_| line.next()?.parse().ok())
    })
}

/// The instructions of a run that processes so many files.
fn count(input: &str, files: u64) -> Result<u64, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg(root().join(target).join("release/examples/guard")).args([input, &files.to_string()]);
    let output = command.output().map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let counted = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match counted {
        Some(counted) if output.status.success() => Ok(counted),
        _ => Err(format!("valgrind could not run `guard {input} {files}`:\n{said}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_has_a_recorded_figure() {
        let table = read().unwrap();
        for (input, _) in INPUTS {
            assert!(figure(&table, input).is_some_and(|counted| counted > 0), "{input}");
        }
        assert_eq!(figure(&table, "none"), None);
    }
}
