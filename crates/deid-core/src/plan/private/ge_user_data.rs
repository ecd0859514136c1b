//! GE's User defined data, (0043,{GEMS_PARM_01}2A): a table of sections, one of which begins with the header of the
//! raw file. It holds date, time and number of the scan among thousands of parameters.
//!
//! What converters take from it is known (dcm2niix, `kUserDefineDataGE`): the offset of that header at byte 24, its
//! revision, and there three numbers of 16 bits that tell the direction of phase encoding: polarity, whether it is an
//! echo-planar scan, and the order of views. Only these stay; the rest becomes zero, the length stays. All of it is
//! little endian, also in big endian files. Seen in releases HDx 14 to MR 29.1.

use std::ops::Range;

/// The value without all but the direction of phase encoding; `None` if it is none of this form.
pub(super) fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let offset = usize::from(u16::from_le_bytes(bytes.get(24..26)?.try_into().ok()?));
    let revision = f32::from_le_bytes(bytes.get(offset..offset + 4)?.try_into().ok()?);
    if offset < 28 || !(5.0..=40.0).contains(&revision) {
        return None;
    }
    // From revision 25.002 on the parameters stand elsewhere.
    let (shift, order) = if revision >= 25.002 { (0x4C, 0x0308) } else { (0, 0x0394) };
    let kept: [Range<usize>; 5] = [24..26, 0..4, 0x30..0x32, 0x3A..0x3C, order..order + 2];
    let mut cleaned = vec![0; bytes.len()];
    for (place, range) in kept.into_iter().enumerate() {
        let start = match place {
            0 => 0,
            1 => offset,
            _ => offset + shift,
        };
        let range = start + range.start..start + range.end;
        cleaned.get_mut(range.clone())?.copy_from_slice(bytes.get(range)?);
    }
    Some(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value whose every byte that is not set is a letter.
    fn value(revision: f32, length: usize, set: &[(usize, u16)]) -> Vec<u8> {
        let mut bytes = vec![b'N'; length];
        bytes[24..26].copy_from_slice(&100u16.to_le_bytes());
        bytes[100..104].copy_from_slice(&revision.to_le_bytes());
        for (at, number) in set {
            bytes[*at..at + 2].copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn only_the_direction_of_phase_encoding_is_left() {
        for (revision, shift, order) in [(14.3, 0, 0x0394), (26.0, 0x4C, 0x0308)] {
            let set = [(100 + shift + 0x30, 4), (100 + shift + 0x3A, 0x800), (100 + shift + order, 1)];
            let cleaned = clean(&value(revision, 1200, &set)).unwrap();
            assert_eq!(cleaned.len(), 1200);
            assert!(!cleaned.contains(&b'N'));
            for (at, number) in set {
                assert_eq!(cleaned[at..at + 2], number.to_le_bytes());
            }
            assert_eq!(cleaned[100..104], revision.to_le_bytes());
        }
    }

    #[test]
    fn what_has_another_form_is_none() {
        assert_eq!(clean(&value(14.3, 900, &[])), None);
        assert_eq!(clean(&value(3.0, 1200, &[])), None);
        assert_eq!(clean(&value(f32::NAN, 1200, &[])), None);
        assert_eq!(clean(b"Jane Doe"), None);
        let mut within_table = value(14.3, 1200, &[]);
        within_table[24..26].copy_from_slice(&[0, 0]);
        assert_eq!(clean(&within_table), None);
    }
}
