//! Copies of the originals that were not written, where the user asks for them.
//!
//! They identify patients: folders get mode 0700, files 0600, and paths are those of the input.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::files::{create_private, create_private_dir_all, rename_new, same_bytes};
use crate::staging::Staging;

/// A folder that quarantined originals are copied to. It is made when the first one comes.
#[derive(Debug)]
pub(crate) struct Quarantine {
    root: PathBuf,
    staging: Option<Staging>,
}

impl Quarantine {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), staging: None }
    }

    /// Copy an original of this path below the input. One that is there already byte for byte stays; of
    /// another nothing is lost, and the new one gets a number.
    pub(crate) fn keep(&mut self, parts: &[OsString], original: &mut dyn Read) -> io::Result<()> {
        let (name, folders) = parts.split_last().ok_or(io::ErrorKind::InvalidInput)?;
        create_private_dir_all(&self.root)?;
        let staging = match &mut self.staging {
            Some(staging) => staging,
            none => none.insert(Staging::create(&self.root)?),
        };
        let staged = staging.join("original");
        let result = (|| {
            let mut file: File = create_private(&staged)?;
            io::copy(original, &mut file)?;
            drop(file);
            let folder = folders.iter().fold(self.root.clone(), |path, part| path.join(part));
            create_private_dir_all(&folder)?;
            let mut number = 1;
            loop {
                let mut name = name.clone();
                if number > 1 {
                    name.push(format!("_{number}"));
                }
                let target = folder.join(name);
                number += 1;
                match rename_new(&staged, &target) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    result => return result,
                }
                if same_bytes(&staged, &target)? {
                    return Ok(());
                }
            }
        })();
        // Renamed, or not wanted.
        let _ = fs::remove_file(&staged);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn originals_are_kept_privately_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("q");
        let mut quarantine = Quarantine::new(&root);
        assert!(!root.exists(), "it is made when it is needed");
        let parts = [OsString::from("a"), OsString::from("b.dcm")];
        for bytes in ["1", "2", "1", "2"] {
            quarantine.keep(&parts, &mut bytes.as_bytes()).unwrap();
        }
        drop(quarantine);
        assert_eq!(fs::read(root.join("a/b.dcm")).unwrap(), b"1");
        assert_eq!(fs::read(root.join("a/b.dcm_2")).unwrap(), b"2");
        assert_eq!(fs::read_dir(root.join("a")).unwrap().count(), 2);
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(""), mode("a"), mode("a/b.dcm")), (0o700, 0o700, 0o600));
        }
    }
}
