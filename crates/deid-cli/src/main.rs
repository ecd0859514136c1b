//! The command `deidentification`; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(deid_cli::run(std::env::args_os().collect()))
}
