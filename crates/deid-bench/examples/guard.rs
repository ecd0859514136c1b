//! Processes a number of files of one kind: `guard KIND NUMBER`. Its instructions are counted by `cargo xtask bench-guard`.
//!
//! All files are made whatever the number is, so that two runs differ by what processing takes alone.

use std::process::ExitCode;

use deid_core::{Scratch, SessionFacts};

/// The files of a run: more than are ever processed.
const FILES: u32 = 16;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = arguments.get(1).and_then(|number| number.parse().ok());
    let made = |file: &dyn Fn(u32) -> Vec<u8>| (1..=FILES).map(file).collect::<Vec<_>>();
    let (profile, files) = match arguments.first().map(String::as_str) {
        Some("classic") => ("neuro", made(&deid_bench::classic)),
        Some("enhanced") => ("basic", made(&|_| deid_bench::enhanced(500))),
        Some("small-elements") => ("neuro", made(&|_| deid_bench::small_elements(500))),
        _ => return ExitCode::FAILURE,
    };
    let engine = deid_bench::engine(profile);
    let (session, mut scratch) = (SessionFacts::default(), Scratch::default());
    for file in files.iter().take(number.unwrap_or(FILES as usize)) {
        let processed = engine.process(&mut &file[..], &session, &mut scratch);
        if processed.cause.is_some() || processed.body.size() == 0 {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
