//! Copies of the originals that were not written, where the user asks for them.
//!
//! They identify patients: folders get mode 0700, files 0600, and paths are those of the input.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::files::{create_private, create_private_dir_all, rename_new, same_bytes};
use crate::staging::Staging;

/// A folder that quarantined originals are copied to. What was made of it goes again if none came.
#[derive(Debug)]
pub(crate) struct Quarantine {
    root: PathBuf,
    /// Emptied and removed before the folders around it.
    staging: Option<Staging>,
    /// The folder and those around it, the innermost first, as far as they are new.
    made: Vec<PathBuf>,
    /// The copies made, and the folders for them, each before what is in it.
    kept: Vec<PathBuf>,
}

impl Quarantine {
    /// Make the folder, or make sure that nobody else can read one that exists.
    pub(crate) fn prepare(root: &Path) -> io::Result<Self> {
        let made = root.ancestors().take_while(|folder| folder.symlink_metadata().is_err());
        let mut quarantine = Self {
            root: root.to_path_buf(),
            staging: None,
            made: made.filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_path_buf).collect(),
            kept: Vec::new(),
        };
        create_private_dir_all(root)?;
        let staging = quarantine.staging.insert(Staging::create(root)?);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, PermissionsExt};
            let facts = fs::metadata(root)?;
            if facts.uid() != fs::metadata(staging.join(""))?.uid() {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "it belongs to another user, who could read what is in it",
                ));
            }
            if facts.mode() & 0o077 != 0 {
                fs::set_permissions(root, fs::Permissions::from_mode(0o700))?;
            }
        }
        #[cfg(not(unix))]
        let _ = staging;
        Ok(quarantine)
    }

    /// Copy an original of this path below the input. One that is there already byte for byte stays; of
    /// another nothing is lost, and the new one gets a number.
    pub(crate) fn keep(&mut self, parts: &[OsString], original: &mut dyn Read) -> io::Result<()> {
        let (name, folders) = parts.split_last().ok_or(io::ErrorKind::InvalidInput)?;
        let staging = self.staging.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let staged = staging.join("original");
        let result = (|| {
            let mut file: File = create_private(&staged)?;
            io::copy(original, &mut file)?;
            drop(file);
            let mut folder = self.root.clone();
            for part in folders {
                folder.push(part);
                if folder.symlink_metadata().is_err() {
                    self.kept.push(folder.clone());
                }
            }
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
                    result => {
                        result?;
                        self.kept.push(target);
                        return Ok(());
                    }
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

    /// Take back what was copied: of a run that did nothing, nothing stays.
    pub(crate) fn discard(self) {
        for path in self.kept.iter().rev() {
            // A folder with something of others in it stays.
            let _ = fs::remove_file(path).or_else(|_| fs::remove_dir(path));
        }
    }
}

impl Drop for Quarantine {
    fn drop(&mut self) {
        self.staging = None;
        for folder in &self.made {
            // Stays if anything is in it.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn originals_are_kept_privately_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("q");
        drop(Quarantine::prepare(&root).unwrap());
        assert!(!root.exists(), "an empty one does not stay");
        let mut given_up = Quarantine::prepare(&root).unwrap();
        given_up.keep(&[OsString::from("a"), OsString::from("b.dcm")], &mut "1".as_bytes()).unwrap();
        given_up.discard();
        assert!(!root.exists(), "nor does what was copied in vain");
        let mut quarantine = Quarantine::prepare(&root).unwrap();
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
