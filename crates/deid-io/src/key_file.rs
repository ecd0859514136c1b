//! The file that holds the project's key: one line, readable by its owner only.
//!
//! Pseudonyms are the same in two runs if the key is. A key that is made here appears under its name whole
//! or not at all, and never replaces one.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use deid_core::Key;

use crate::files::{create_private, create_private_dir_all, rename_new};

/// Why there is no key.
#[derive(Debug)]
pub enum KeyFileError {
    /// There is no such file.
    Missing,
    /// It is not a key file.
    Invalid,
    /// There is a file already.
    Exists,
    /// It could not be read or written.
    Io(io::Error),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the key file does not exist"),
            Self::Invalid => f.write_str(
                "this is not a key file: expected one line `deid-key-v1` and 64 hexadecimal digits",
            ),
            Self::Exists => f.write_str("the file exists; a key is never overwritten"),
            Self::Io(error) => write!(f, "the key file could not be read or written: {error}"),
        }
    }
}

impl std::error::Error for KeyFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for KeyFileError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Io(error) }
    }
}

/// The key in an existing file.
pub fn load(path: &Path) -> Result<Key, KeyFileError> {
    let text = fs::read(path)?;
    let text = str::from_utf8(&text).map_err(|_| KeyFileError::Invalid)?;
    text.parse().map_err(|_| KeyFileError::Invalid)
}

/// The key in this file, which is made with a new one if there is none; and whether it was made.
///
/// The file gets mode 0600, folders that are made for it 0700. Of two runs that make it at the same time
/// one does, and both use it.
pub fn load_or_create(path: &Path) -> Result<(Key, bool), KeyFileError> {
    match load(path) {
        Err(KeyFileError::Missing) => {}
        result => return Ok((result?, false)),
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| KeyFileError::Io(io::Error::other(error)))?;
    let key = Key::from_bytes(bytes);
    match create(path, &key) {
        Ok(()) => Ok((key, true)),
        Err(KeyFileError::Exists) => Ok((load(path)?, false)),
        Err(error) => Err(error),
    }
}

/// Writes a key into a new file of mode 0600; folders that are made for it get 0700.
pub fn create(path: &Path, key: &Key) -> Result<(), KeyFileError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_private_dir_all(parent).map_err(KeyFileError::Io)?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| KeyFileError::Io(io::Error::other(error)))?;
    let staged = parent.join(format!(".deid-key-{:016x}", u64::from_ne_bytes(random)));
    let written = create_private(&staged).and_then(|mut file| {
        file.write_all(key.to_file_text().as_bytes())?;
        file.sync_all()?;
        rename_new(&staged, path)
    });
    written.map_err(|error| {
        // It may not even exist; nothing more can be done about it.
        let _ = fs::remove_file(&staged);
        if error.kind() == io::ErrorKind::AlreadyExists {
            KeyFileError::Exists
        } else {
            KeyFileError::Io(error)
        }
    })
}

/// Whether others than the owner may read this file: whoever has the key can find out who is behind a
/// pseudonym.
pub fn is_readable_by_others(path: &Path) -> bool {
    #[cfg(unix)]
    return fs::metadata(path)
        .is_ok_and(|facts| std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o077 != 0);
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Where the key is if none is named: `deidentification/key` in the user's configuration folder.
pub fn default_path() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_CONFIG_HOME")
        .or_else(|| if cfg!(windows) { absolute("APPDATA") } else { None })
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("deidentification").join("key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config/deidentification/key");
        assert!(matches!(load(&path), Err(KeyFileError::Missing)));
        let (key, created) = load_or_create(&path).unwrap();
        assert!(created);
        assert_eq!(load_or_create(&path).unwrap(), (key.clone(), false));
        assert_eq!(load(&path).unwrap(), key);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
            assert!(!is_readable_by_others(&path));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(is_readable_by_others(&path));
        }
    }

    #[test]
    fn other_files_are_no_keys_and_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        for bytes in [&b""[..], b"deid-key-v1 12", b"\xff\xfe", b"secret"] {
            fs::write(&path, bytes).unwrap();
            assert!(matches!(load_or_create(&path), Err(KeyFileError::Invalid)));
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }
}
