//! The command `deidentification`; all of it is in the library.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A run asks for memory some hundred times for each file.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    deid_io::keep_panics_quiet();
    ExitCode::from(deid_cli::run(std::env::args_os().collect()))
}
