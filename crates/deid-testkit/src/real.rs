//! Real files, which are no part of the project: tests run on them where they lie beside it.

use std::path::{Path, PathBuf};

/// All of them, in order; `None`, with a word about it, if there is no folder of them.
pub fn real_files() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !folder.is_dir() {
        #[expect(clippy::print_stdout, reason = "a test that did nothing says so")]
        {
            println!("not run: there is no folder of real files beside the project");
        }
        return None;
    }
    Some(files_in(folder))
}

/// The files of a folder and the folders in it, in order.
fn files_in(folder: PathBuf) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_all_folders_come_in_order() {
        let files = files_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        assert!(files.windows(2).all(|two| two[0] < two[1]));
        assert!(files.iter().any(|file| file.ends_with("src/gallery/mod.rs")));
    }
}
