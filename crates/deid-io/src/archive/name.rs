//! Names of members: which are safe, and their parts.

use std::collections::HashSet;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Refusal;

/// The parts of a member's path, if it stays below the folder that it is put in. `backslash` says that a
/// backslash separates parts as a slash does.
///
/// Names are judged as Windows would take them too, whatever the system: the output may travel.
pub(super) fn parts(name: &[u8], backslash: bool) -> Result<Vec<OsString>, Refusal> {
    if name.contains(&0) {
        return Err(Refusal::NulInName);
    }
    match name {
        [] => return Err(Refusal::EmptyName),
        [b'/' | b'\\', ..] => return Err(Refusal::AbsolutePath),
        [letter, b':', ..] if letter.is_ascii_alphabetic() => return Err(Refusal::DriveLetter),
        _ => {}
    }
    if name.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..") {
        return Err(Refusal::ParentPath);
    }
    let parts: Vec<OsString> = name
        .split(|byte| *byte == b'/' || (backslash && *byte == b'\\'))
        .filter(|part| !part.is_empty() && *part != b".")
        .map(os_string)
        .collect();
    if parts.is_empty() {
        return Err(Refusal::EmptyName);
    }
    Ok(parts)
}

fn os_string(part: &[u8]) -> OsString {
    #[cfg(unix)]
    return std::os::unix::ffi::OsStringExt::from_vec(part.to_vec());
    #[cfg(not(unix))]
    return String::from_utf8_lossy(part).into_owned().into();
}

/// The names met so far, as digests: an archive may have millions of members.
///
/// The hash is not secret. Who constructs a collision has one of their own members refused.
#[derive(Default)]
pub(super) struct Seen(HashSet<u128>);

impl Seen {
    /// Whether this path is met for the first time.
    pub(super) fn insert(&mut self, parts: &[OsString]) -> bool {
        let digest = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, parts).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        self.0.insert(digest(0) << 64 | digest(1))
    }
}

/// Text in code page 437, which a zip's names are in unless it says otherwise.
pub(super) fn from_cp437(bytes: &[u8]) -> String {
    let high: Vec<char> = CP437_HIGH.chars().collect();
    bytes
        .iter()
        .map(|byte| match byte {
            0..=0x7f => char::from(*byte),
            // The table has 128 characters.
            _ => high[usize::from(byte - 0x80)],
        })
        .collect()
}

/// The upper half of code page 437.
const CP437_HIGH: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(name: &str, backslash: bool) -> Result<Vec<String>, Refusal> {
        parts(name.as_bytes(), backslash)
            .map(|parts| parts.into_iter().map(|part| part.into_string().unwrap()).collect())
    }

    #[test]
    fn parts_are_split_and_empty_ones_dropped() {
        assert_eq!(clean("./a//b/./c", false).unwrap(), ["a", "b", "c"]);
        assert_eq!(clean(r"a\b", false).unwrap(), [r"a\b"]);
        assert_eq!(clean(r"a\b/c", true).unwrap(), ["a", "b", "c"]);
        assert_eq!(clean("...", false).unwrap(), ["..."]);
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for (name, refusal) in [
            ("", Refusal::EmptyName),
            ("./", Refusal::EmptyName),
            ("/etc/passwd", Refusal::AbsolutePath),
            (r"\\server\share", Refusal::AbsolutePath),
            ("c:/x", Refusal::DriveLetter),
            ("a/../b", Refusal::ParentPath),
            (r"a\..\b", Refusal::ParentPath),
            ("..", Refusal::ParentPath),
            ("a\0b", Refusal::NulInName),
        ] {
            assert_eq!(clean(name, false), Err(refusal), "{name:?}");
            assert_eq!(clean(name, true), Err(refusal), "{name:?}");
        }
    }

    #[test]
    fn code_page_437_has_all_its_characters() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_cp437(&all).chars().count(), 256);
        assert_eq!(from_cp437(b"M\x81ller \xe1\x84"), "Müller ßä");
    }
}
