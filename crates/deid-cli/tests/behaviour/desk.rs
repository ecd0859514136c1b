//! A folder with files in which the command is run.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use deid_testkit::study::{Subject, ge_instance, mr_instance, philips_instance};
use tempfile::TempDir;

/// A key that every test may use: pseudonyms are then the same in each run.
pub(crate) const KEY: &str = "deid-key-v1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/// A folder of its own, in which the command runs and the user's configuration is.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// An empty desk, but for the key in `key`.
    pub(crate) fn new() -> Self {
        let desk = Desk { folder: tempfile::tempdir().unwrap() };
        desk.write("key", KEY);
        desk.restrict("key", 0o600);
        desk
    }

    /// A desk with a study of one subject in `in`: three vendors, a file each.
    pub(crate) fn with_study() -> Self {
        let desk = Desk::new();
        let subject = |number: u32| Subject {
            instance_number: number,
            instance_uid: format!("1.2.276.0.99.1.1.{number}"),
            ..Subject::default()
        };
        desk.write("in/siemens/1.dcm", mr_instance(&subject(1)));
        desk.write("in/ge/2.dcm", ge_instance(&subject(2)));
        desk.write("in/philips/3", philips_instance(&subject(3)));
        desk
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Sets who may read a file, where systems know that.
    pub(crate) fn restrict(&self, path: &str, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
        }
        let _ = (path, mode);
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs the command; words are separated by blanks.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_words(&line.split(' ').collect::<Vec<_>>())
    }

    /// Runs the command with these words.
    pub(crate) fn run_words(&self, words: &[&str]) -> Ran {
        self.run_program(Path::new(env!("CARGO_BIN_EXE_deidentification")), words)
    }

    /// Runs the command by another name.
    #[cfg(unix)]
    pub(crate) fn run_as(&self, name: &str, line: &str) -> Ran {
        let link = self.path(name);
        if !link.exists() {
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_deidentification"), &link).unwrap();
        }
        self.run_program(&link, &line.split(' ').collect::<Vec<_>>())
    }

    fn run_program(&self, program: &Path, words: &[&str]) -> Ran {
        let output = Command::new(program)
            .args(words)
            .current_dir(self.folder.path())
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("home/config"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| {
            let text = String::from_utf8(bytes).expect("the command writes UTF-8");
            // The demo names the program as it was called.
            let text = text.replace(env!("CARGO_BIN_EXE_deidentification"), "deidentification");
            text.replace(&*self.folder.path().to_string_lossy(), "DESK")
        };
        Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// All files below a folder, sorted, a line each.
    pub(crate) fn tree(&self, folder: &str) -> String {
        let mut files = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(self.folder.path()).unwrap();
                    files.push(path.to_string_lossy().into_owned());
                }
            }
        }
        files.sort();
        files.join("\n")
    }
}

/// What a run of the command said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// All of it, to look at.
    pub(crate) fn all(&self) -> String {
        let mut text =
            format!("exit {}\n", self.code.map_or_else(|| "by a signal".to_owned(), |code| code.to_string()));
        for (name, content) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !content.is_empty() {
                let _ = write!(text, "-- {name}\n{content}");
            }
        }
        text
    }

    /// That line of JSON on stdout, and nothing else there.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.stdout.lines().count(), 1, "{}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Compares with an inline snapshot, without what differs from run to run.
macro_rules! snapshot {
    ($value:expr, $($expected:tt)*) => {
        insta::with_settings!({ filters => crate::desk::FILTERS.to_vec() }, {
            insta::assert_snapshot!($value, $($expected)*);
        });
    };
}
pub(crate) use snapshot;

/// Pseudonyms, keys' names and hashes differ with the key, sizes with the version.
pub(crate) const FILTERS: [(&str, &str); 6] = [
    (r"2\.25\.\d+", "[uid]"),
    (r"ANON[0-9A-Z]{12}", "[code]"),
    (r"\bN[0-9A-Z]{8}\b", "[name]"),
    (r"\bD[0-9A-Z]{6}_", "[date]_"),
    (r" *\d+\.\d kB", " [size]"),
    (r"(Key +)[0-9a-f]{8}", "$1[id]"),
];
