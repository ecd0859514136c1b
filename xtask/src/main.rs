//! Routines of the project: `cargo xtask <routine>`.

use std::process::ExitCode;

mod bench_guard;
mod python;
mod routine;
mod standard;
mod test;

const USAGE: &str = "\
Usage: cargo xtask <routine>

Routines:
  test [--without-python]       everything that CI runs: check, then all tests
  check                         format, lints, documentation, generated files
  python                        the wheel alone: built, installed, its types, stubs and tests
  bench-guard [--record]        whether files take more instructions than recorded (needs valgrind)
  docs                          the documentation of the libraries, in target/doc
  generate-standard [--check]   write (or only compare) crates/deid-standard/src/generated from its data";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test"] => test::test(true),
        ["test", "--without-python"] => test::test(false),
        ["check"] => test::check(),
        ["python"] => python::wheel(),
        ["bench-guard"] => bench_guard::run(false),
        ["bench-guard", "--record"] => bench_guard::run(true),
        ["docs"] => test::docs(),
        ["generate-standard"] => standard::generate(),
        ["generate-standard", "--check"] => standard::check(),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            tell(&message);
            ExitCode::FAILURE
        }
    }
}

/// Says something on stderr.
#[expect(clippy::print_stderr, reason = "the one place that talks to the user")]
fn tell(message: &str) {
    eprintln!("{message}");
}
