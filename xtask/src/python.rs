//! A Python of our own with the packages that judge our output, in `target/python`.
//!
//! Tests that ask pydicom find it by the variable `DEID_PYTHON`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::routine::{announce, root, step, succeeds};
use crate::tell;

/// Held, so that a new release of a reader does not fail our tests unasked; numpy as far as old Pythons allow.
const PACKAGES: [&str; 5] = [
    "pydicom==3.0.2",
    "numpy>=2.2,<2.5",
    "nibabel==5.4.2",
    "dcm2niix==1.0.20260724",
    "dicom3tools==20260927",
];

/// The interpreter, with all packages; made if it is not there or the packages changed.
pub(crate) fn environment() -> Result<PathBuf, String> {
    announce("python");
    let folder = root().join("target/python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    make(&folder)?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES);
    step("python packages", &mut install).map_err(|error| {
        format!(
            "{error}\nhint: it needs the package index; without it, run `cargo xtask test --without-python`"
        )
    })?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
}

/// A new virtual environment in this folder, by whichever means the machine has.
fn make(folder: &Path) -> Result<(), String> {
    let _ = fs::remove_dir_all(folder);
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
    }
    let python = ["python3", "python"]
        .into_iter()
        .find(|python| {
            succeeds(Command::new(python).args(["-c", "import sys; assert sys.version_info >= (3, 10)"]))
        })
        .ok_or(
            "no Python 3.10 or later\nhint: install Python 3, or run `cargo xtask test --without-python`",
        )?;
    if succeeds(Command::new(python).args(["-m", "venv"]).arg(folder)) {
        return Ok(());
    }
    // Debian splits venv off. Where we may, we install it; elsewhere virtualenv does the same.
    let _ = fs::remove_dir_all(folder);
    if succeeds(Command::new("apt-get").args(["--version"])) {
        tell("python3-venv is missing: trying apt-get install python3-venv");
        let installed = succeeds(Command::new("apt-get").args(["update"]))
            && succeeds(Command::new("apt-get").args(["install", "-y", "python3-venv"]));
        if installed && succeeds(Command::new(python).args(["-m", "venv"]).arg(folder)) {
            return Ok(());
        }
        let _ = fs::remove_dir_all(folder);
    }
    tell("venv does not work: trying virtualenv");
    // Within the checkout too: nobody's Python changes by our tests.
    let tools = folder.with_file_name("virtualenv");
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "virtualenv", "--target"]).arg(&tools);
    let mut virtualenv = Command::new(python);
    virtualenv.env("PYTHONPATH", &tools).args(["-m", "virtualenv"]).arg(folder);
    if succeeds(&mut pip) && succeeds(&mut virtualenv) {
        return Ok(());
    }
    Err("no virtual environment could be made\n\
         hint: install python3-venv (Debian: apt-get install python3-venv) or virtualenv, \
         or run `cargo xtask test --without-python`"
        .to_owned())
}
