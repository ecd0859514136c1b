//! A place for each test, studies to put there, and ways to look at what a run left.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use deid_core::Key;
use deid_io::archive::{self, ArchiveKind, ArchiveWriter, Limits};
use deid_io::listing::{EntryKind, Listing};
use deid_io::run::{Job, NoProgress, RunError, RunOptions, Summary, run};
use deid_testkit::planted::{LeakHunt, Words};
use deid_testkit::study::{Subject, ge_instance, mr_instance, philips_instance};

/// Files by their paths below a root.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A temporary folder with helpers.
pub(crate) struct Place {
    root: PathBuf,
    /// Removed in the end; none if somebody else does that.
    _dir: Option<tempfile::TempDir>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { root: dir.path().to_path_buf(), _dir: Some(dir) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn write_all(&self, folder: &str, files: &Files) {
        for (name, bytes) in files {
            self.write(&format!("{folder}/{name}"), bytes);
        }
    }

    pub(crate) fn write_archive(&self, name: &str, kind: ArchiveKind, files: &Files) {
        let mut writer = ArchiveWriter::create(kind, fs::File::create_new(self.path(name)).unwrap()).unwrap();
        for (member, bytes) in files {
            writer.append(member, &mut &bytes[..], bytes.len() as u64).unwrap();
        }
        writer.finish().unwrap();
    }

    /// The files under a folder.
    pub(crate) fn files(&self, folder: &str) -> Files {
        Listing::new(&self.path(folder))
            .filter(|entry| matches!(entry.kind, EntryKind::File))
            .map(|entry| (entry.relative.display().to_string(), fs::read(&entry.path).unwrap()))
            .collect()
    }

    /// The names directly in a folder, hidden ones too.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn job(&self, input: &str, output: &str) -> Job {
        Job { input: self.path(input), output: self.path(output), subject: None }
    }

    /// Run with the usual options.
    pub(crate) fn run(&self, input: &str, output: &str) -> Summary {
        self.run_with(input, output, |_| {}).unwrap()
    }

    pub(crate) fn run_with(
        &self,
        input: &str,
        output: &str,
        change: impl FnOnce(&mut RunOptions),
    ) -> Result<Summary, RunError> {
        let mut options = options();
        change(&mut options);
        let summary = run(&self.job(input, output), &options, &NoProgress)?;
        assert_eq!(summary.read, summary.written + summary.quarantined + summary.skipped);
        assert_eq!(
            summary.by_cause.values().sum::<u64>(),
            summary.quarantined + summary.skipped,
            "each that was not written has a cause"
        );
        Ok(summary)
    }
}

/// Do `body` in a process of its own whose mounts `script` makes in the place, for full and read-only disks.
/// `name` is that of the calling test. Returns what was said on stderr. Where the system allows no mounts
/// nothing is done.
#[expect(clippy::print_stderr, reason = "a test that tests nothing is to be known")]
pub(crate) fn with_mounts(name: &str, script: &str, body: impl FnOnce(Place)) -> String {
    const HERE: &str = "DEID_TEST_MOUNTED";
    if let Some(root) = std::env::var_os(HERE) {
        body(Place { root: root.into(), _dir: None });
        return String::new();
    }
    let inside = |script: &str| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command
    };
    let place = Place::new();
    let probe = inside("mount -t tmpfs tmpfs \"$0\"").arg(&place.root).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("no mounts here: {name} is left out");
        return String::new();
    }
    let run = format!("cd \"$0\" && {script} && exec \"$@\"");
    let output = inside(&run)
        .arg(&place.root)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(HERE, &place.root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}{said}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{name} is not the test's name");
    said
}

/// The members of an archive.
pub(crate) fn members(path: &Path, kind: ArchiveKind) -> Files {
    let mut files = Files::new();
    archive::read(path, kind, &Limits::default(), &mut |member| {
        let name = member.path.iter().collect::<PathBuf>().display().to_string();
        let mut bytes = Vec::new();
        member.data.read_to_end(&mut bytes).unwrap();
        assert!(files.insert(name, bytes).is_none());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    files
}

pub(crate) fn options() -> RunOptions {
    let profile = deid_profile::built_in("default").unwrap();
    let mut options = RunOptions::new(profile, Key::from_bytes([7; 32]));
    options.jobs = 2;
    options
}

/// Images of three vendors about one planted subject, in folders and files named after it, and the words.
pub(crate) fn study() -> (Files, Words) {
    let mut words = Words::new();
    let subject = Subject::planted(&mut words);
    let (family, given) = subject.patient_name.split_once('^').unwrap();
    let mut files = Files::new();
    for number in 1..=4 {
        let image = Subject {
            instance_uid: words.plant_uid("SOPInstanceUID"),
            instance_number: number,
            ..subject.clone()
        };
        let make = [mr_instance, ge_instance, philips_instance][number as usize % 3];
        files.insert(format!("{family}_{given}/series_3/IM{number:04}.dcm"), make(&image));
    }
    let image = Subject { instance_uid: words.plant_uid("SOPInstanceUID"), ..subject.clone() };
    files.insert(format!("{family}_{given}/{}.dcm", image.instance_uid), mr_instance(&image));
    (files, words)
}

/// A plain study: Jane Doe, names that say nothing.
pub(crate) fn jane() -> Files {
    (1..=3)
        .map(|number| {
            let subject = Subject {
                instance_uid: format!("1.2.276.0.99.1.1.{number}"),
                instance_number: number,
                ..Subject::default()
            };
            (format!("series/IM{number}.dcm"), mr_instance(&subject))
        })
        .collect()
}

/// A file that is DICOM to its first bytes and then breaks off.
pub(crate) fn truncated() -> Vec<u8> {
    let mut bytes = mr_instance(&Subject::default());
    bytes.truncate(bytes.len() - 30);
    bytes
}

/// No planted word, in whatever disguise, in any name or file.
pub(crate) fn assert_clean(words: &Words, files: &Files) {
    let hunt = LeakHunt::new(words.planted());
    for (name, bytes) in files {
        let hits = [hunt.search(name.as_bytes()), hunt.search(bytes)].concat();
        assert!(hits.is_empty(), "in {name}: {}", hits[0]);
    }
}
