//! Routines of the project: `cargo xtask <routine>`.

use std::process::ExitCode;

mod standard;

const USAGE: &str = "\
Usage: cargo xtask <routine>

Routines:
  generate-standard [--check]   write (or only compare) crates/deid-standard/src/generated from its data";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["generate-standard"] => standard::generate(),
        ["generate-standard", "--check"] => standard::check(),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            complain(&message);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "the one place that talks to the user")]
fn complain(message: &str) {
    eprintln!("{message}");
}
