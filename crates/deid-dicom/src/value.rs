//! Values on demand: trimming and splitting that keep the original bytes.

/// A value without the padding that DICOM text may carry at its ends (blanks and NULs).
pub fn trim(value: &[u8]) -> &[u8] {
    let pad = |byte: &u8| matches!(byte, b' ' | 0);
    let start = value.iter().position(|byte| !pad(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !pad(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

/// The values of a multi-valued text (PS3.5 6.4), trimmed; one empty value for an empty text.
///
/// Only for VRs of the default repertoire (UI, CS, DA, …): in others a backslash may be half of a character.
pub fn split(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b'\\').map(trim)
}

/// Whether this is a UID as PS3.5 9.1 has it (digits and dots, at most 64), zero components padded or not.
pub fn is_uid(value: &[u8]) -> bool {
    !value.is_empty()
        && value.len() <= 64
        && value.iter().all(|&byte| byte.is_ascii_digit() || byte == b'.')
        && !value.starts_with(b".")
        && !value.ends_with(b".")
        && value.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_trimmed_at_both_ends() {
        assert_eq!(trim(b"  ID1 \0\0"), b"ID1");
        assert_eq!(trim(b"\0 "), b"");
        assert_eq!(split(b"1.2\\1.3\0").collect::<Vec<_>>(), [&b"1.2"[..], b"1.3"]);
    }

    #[test]
    fn uids_are_digits_and_dots() {
        assert!(is_uid(b"1.2.840.10008"));
        assert!(!is_uid(b"1.2.x") && !is_uid(b"") && !is_uid(b"1.") && !is_uid(b"12"));
    }
}
