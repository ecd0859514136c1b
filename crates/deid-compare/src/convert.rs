//! dcm2niix over some files, in private folders, with a time limit.
//!
//! What dcm2niix prints holds names and paths: nobody reads it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::output::{Output, outputs};
use crate::{Failure, Options};

/// What all outputs are called; dcm2niix adds suffixes.
const NAME: &str = "image";

/// dcm2niix, if there is one: the variable `DCM2NIIX` names it, else it is looked for in `PATH`.
pub fn find_dcm2niix() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("DCM2NIIX").filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        return named.is_file().then_some(named);
    }
    let name = format!("dcm2niix{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|program| is_program(program))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// A temporary folder that only the user can read, removed when dropped.
pub(crate) fn private_folder(parent: Option<&Path>) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("deid-compare-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    match parent {
        Some(parent) => builder.tempdir_in(parent),
        None => builder.tempdir(),
    }
}

/// What dcm2niix makes of these files.
pub(crate) fn convert(
    dcm2niix: &Path,
    files: &[&Path],
    parent: &Path,
    options: &Options<'_>,
) -> Result<Vec<Output>, Failure> {
    let folder = private_folder(Some(parent)).map_err(|_| Failure::Folder)?;
    let (input, made) = (folder.path().join("in"), folder.path().join("out"));
    fs::create_dir(&input).and_then(|()| fs::create_dir(&made)).map_err(|_| Failure::Folder)?;
    for (number, file) in files.iter().enumerate() {
        lend(file, &input.join(format!("{number:06}.dcm"))).map_err(|_| Failure::Folder)?;
    }
    // -ba n: keys of identity too, so that they are seen to go; -g i: no defaults of the user.
    let mut arguments: Vec<OsString> =
        ["-g", "i", "-b", "y", "-ba", "n", "-z", "n", "-f", NAME, "-o"].map(OsString::from).into();
    arguments.extend([made.clone().into_os_string(), input.into_os_string()]);
    let status = run(dcm2niix, &arguments, options)?;
    // The script in the wheel ends with what is left of the signal's number in a byte.
    if status.code().is_none_or(|code| !(0..128).contains(&code)) {
        return Err(Failure::Crashed);
    }
    outputs(&made, NAME).map_err(|_| Failure::Unreadable)
}

/// Makes a file appear under another name.
fn lend(file: &Path, name: &Path) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(fs::canonicalize(file)?, name);
    #[cfg(not(unix))]
    return fs::hard_link(file, name).or_else(|_| fs::copy(file, name).map(|_| ()));
}

fn run(program: &Path, arguments: &[OsString], options: &Options<'_>) -> Result<ExitStatus, Failure> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: the program in the wheel is a script that starts another, and both have to end.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = Running(command.spawn().map_err(|_| Failure::NotStarted)?);
    let start = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(status) = child.0.try_wait().map_err(|_| Failure::NotStarted)? {
            return Ok(status);
        }
        if options.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        if start.elapsed() >= options.timeout {
            return Err(Failure::TimedOut);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// A process that does not outlive this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
