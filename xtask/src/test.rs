//! The checks that a change has to pass, in the order in which they are likely to fail fast.

use std::process::Command;

use crate::routine::{announce, cargo, step, succeeds};
use crate::{python, standard, tell};

/// Crates that do no I/O and therefore compile for the browser as well.
const PURE: [&str; 4] = ["deid-dicom", "deid-standard", "deid-profile", "deid-core"];
const WASM: &str = "wasm32-unknown-unknown";

/// Format, lints, documentation and generated files.
pub(crate) fn check() -> Result<(), String> {
    step("format", &mut cargo(["fmt", "--all", "--check"]))
        .map_err(|error| format!("{error}\nhint: run `cargo fmt`"))?;
    let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    step("lints", &mut cargo(lints))?;
    docs()?;
    announce("generated files");
    standard::check()?;
    pure_crates()
}

/// The documentation of the libraries, without a warning.
pub(crate) fn docs() -> Result<(), String> {
    let mut doc = cargo(["doc", "--workspace", "--no-deps"]);
    step("documentation", doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// All checks and all tests. The test runner comes last, so that its summary is the last word.
pub(crate) fn test(with_python: bool) -> Result<(), String> {
    check()?;
    openssl();
    let python = if with_python {
        Some(python::environment()?)
    } else {
        tell("== python: left out, and with it the wheel and the tests that ask pydicom");
        None
    };
    if with_python {
        python::wheel()?;
    }
    step("examples in the documentation", &mut cargo(["test", "--workspace", "--doc", "--quiet"]))?;
    let mut tests = if succeeds(&mut cargo(["nextest", "--version"])) {
        cargo(["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        // Without --doc and examples: those ran.
        cargo(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
    };
    if let Some(python) = python {
        tests.env("DEID_PYTHON", python);
    } else {
        tests.env_remove("DEID_PYTHON");
    }
    step("tests", &mut tests)
}

/// Encrypted originals are tested against openssl, which is installed where we may.
fn openssl() {
    if succeeds(Command::new("openssl").arg("version")) {
        return;
    }
    tell("openssl is missing: trying apt-get install openssl");
    let installed = succeeds(Command::new("apt-get").args(["update"]))
        && succeeds(Command::new("apt-get").args(["install", "-y", "openssl"]));
    if !installed {
        tell("== openssl: not there, and the tests against it are left out");
    }
}

/// The pure crates for WebAssembly, where files, threads and clocks would not compile.
fn pure_crates() -> Result<(), String> {
    if !has_wasm() {
        tell(&format!("== {WASM}: not checked; `rustup target add {WASM}` makes it so"));
        return Ok(());
    }
    let mut check = cargo(["check", "--quiet", "--target", WASM]);
    for name in PURE {
        check.args(["--package", name]);
    }
    step(WASM, &mut check)
}

fn has_wasm() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", WASM]).output();
    output.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout);
        output.status.success() && std::path::Path::new(folder.trim()).is_dir()
    })
}
