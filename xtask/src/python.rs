//! Pythons of our own: one with the packages that judge our output, in `target/python`, and two that test the wheel.
//!
//! Tests that ask pydicom find the first by the variable `DEID_PYTHON`.

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

/// What builds the wheel and tests it. pandas and friends are for the tests of tables alone, IPython
/// and its kernel for those of prompts and notebooks.
const WHEEL: [&str; 12] = [
    "maturin>=1.9,<2",
    "pytest>=8,<10",
    "mypy>=2.4,<3",
    "pydicom==3.0.2",
    "numpy>=2.2,<2.5",
    "pandas>=2.2,<4",
    "polars>=1",
    "pyarrow>=20",
    "tqdm>=4.66",
    "ipython>=8",
    "ipykernel>=6",
    "nbclient>=0.10",
];
/// The oldest pydicom that data sets are taken from.
const OLDEST: [&str; 3] = ["pytest>=8,<10", "pydicom==2.4.4", "numpy>=2.2,<2.5"];

/// The wheel built and installed, its types and stubs checked, and its tests with the newest and the oldest pydicom.
pub(crate) fn wheel() -> Result<(), String> {
    let python = made("target/python-wheel", &WHEEL)?;
    let oldest = made("target/python-oldest", &OLDEST)?;
    let wheels = root().join("target/wheels");
    let _ = fs::remove_dir_all(&wheels);
    let mut build = Command::new(&python);
    build.args(["-m", "maturin", "build", "--profile", "dev", "--out"]).arg(&wheels);
    step("wheel", build.current_dir(root()))?;
    let folder = fs::read_dir(&wheels).map_err(|error| format!("{}: {error}", wheels.display()))?;
    let files: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    let wheel = files.iter().find(|file| file.extension().is_some_and(|extension| extension == "whl"));
    let wheel = wheel.ok_or("maturin built no wheel")?;
    for python in [&python, &oldest] {
        let mut install = Command::new(python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        step("wheel installed", install.args(["--no-deps", "--force-reinstall"]).arg(wheel))?;
    }
    // Away from the sources: what is installed is what is tested.
    let away = root().join("target/wheels");
    let configuration = root().join("pyproject.toml");
    let mut types = Command::new(&python);
    types.args(["-m", "mypy", "--config-file"]).arg(&configuration);
    step("types of the Python package", types.current_dir(&away))?;
    let mut stubs = Command::new(&python);
    stubs.args(["-m", "mypy.stubtest", "deidentification._native", "--concise"]);
    step("stubs of the extension module", stubs.current_dir(&away))?;
    for (name, python) in [("tests of the wheel", &python), ("tests of the wheel with pydicom 2.4", &oldest)]
    {
        let mut tests = Command::new(python);
        tests.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-c"]).arg(&configuration);
        step(name, tests.arg(root().join("python/tests")).current_dir(&away))?;
    }
    Ok(())
}

/// The interpreter, with all packages; made if it is not there or the packages changed.
pub(crate) fn environment() -> Result<PathBuf, String> {
    made("target/python", &PACKAGES)
}

/// An interpreter in this folder of the checkout, with these packages.
fn made(folder: &str, packages: &[&str]) -> Result<PathBuf, String> {
    announce("python");
    let folder = root().join(folder);
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("packages.txt");
    let wanted = packages.join("\n");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    make(&folder)?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
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
