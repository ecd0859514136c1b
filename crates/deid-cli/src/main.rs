//! The command `deidentification`; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    deid_io::keep_panics_quiet();
    ExitCode::from(deid_cli::run(std::env::args_os().collect()))
}
