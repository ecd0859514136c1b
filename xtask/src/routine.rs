//! Running other programs: one step at a time, named before it begins.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tell;

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Cargo with these arguments, in the root of the checkout.
pub(crate) fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs a step to its end; an error if it fails.
pub(crate) fn step(name: &str, command: &mut Command) -> Result<(), String> {
    announce(name);
    let status = command.status().map_err(|error| format!("{name}: {}: {error}", program(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{name}: {} failed ({status})", program(command))) }
}

/// Names a step.
pub(crate) fn announce(name: &str) {
    tell(&format!("== {name}"));
}

/// Whether the command runs and succeeds; it says nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn program(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
