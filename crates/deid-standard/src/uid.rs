//! The UIDs that DICOM registers (PS3.6 annex A).

use crate::generated::uid::UIDS;

/// The root of all of them.
const ROOT: &str = "1.2.840.10008.";
/// A newer edition adds to a registered UID or to a part of one so many components of so many digits, as in
/// `4.1.1.88.75`.
const NEWER: (usize, usize) = (2, 3);
/// Context groups and templates are registered by their number alone, and newer editions add to them (PS3.6 tables A-3
/// and A-4).
const NUMBERED: [&str; 2] = ["1.2.840.10008.6.1.", "1.2.840.10008.9."];

/// Whether DICOM registers this UID: one of PS3.6, a part of one, or one that a newer edition may have beside them.
/// What merely begins with DICOM's root, as a date or a number of a person behind it, is not registered.
///
/// ```
/// use deid_standard::uid::is_registered;
///
/// assert!(is_registered("1.2.840.10008.5.1.4.1.1.4"));
/// assert!(!is_registered("1.2.840.10008.5.1.4.20190704.101530.7"));
/// ```
pub fn is_registered(uid: &str) -> bool {
    if uid == ROOT.trim_end_matches('.') || is_part(uid) {
        return true;
    }
    if let Some(number) = NUMBERED.iter().find_map(|prefix| uid.strip_prefix(prefix)) {
        return is_component(number, 4);
    }
    let mut known = uid;
    for _ in 0..NEWER.0 {
        let Some((rest, component)) = known.rsplit_once('.') else { return false };
        if !is_component(component, NEWER.1) {
            return false;
        }
        known = rest;
        if is_part(known) {
            return true;
        }
    }
    false
}

/// Whether DICOM itself gives this UID to a frame of reference or an instance, so that instances may have it in common
/// (PS3.6 tables A-1 and A-2): of an atlas, of a palette, of the printer.
pub fn is_shared(uid: &str) -> bool {
    UIDS.binary_search_by_key(&uid, |(known, _)| known).is_ok_and(|at| UIDS[at].1)
}

/// Whether this is a registered UID, or the first components of one behind DICOM's root.
fn is_part(uid: &str) -> bool {
    if !uid.starts_with(ROOT) {
        return false;
    }
    let begins = |at: usize| UIDS.get(at).and_then(|(known, _)| known.strip_prefix(uid));
    let at = UIDS.partition_point(|(known, _)| *known < uid);
    // `1.2-` would stand between `1.2` and `1.2.3`, `1.20` does not.
    begins(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_component(text: &str, digits: usize) -> bool {
    (1..=digits).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_tables_is_registered() {
        let tables =
            [include_str!("../data/ps3.6-uids.tsv"), include_str!("../data/ps3.4-sop-class-to-iod.tsv")];
        for line in tables.iter().flat_map(|table| table.lines().skip(1)) {
            let uid = line.split('\t').next().unwrap_or_default();
            assert!(is_registered(uid), "{uid}");
        }
        assert_eq!(tables[0].lines().count(), UIDS.len() + 1);
        assert!(UIDS.is_sorted());
    }

    #[test]
    fn atlases_and_palettes_are_shared() {
        assert!(is_shared("1.2.840.10008.1.4.1.1") && is_shared("1.2.840.10008.1.5.1"));
        assert!(is_shared("1.2.840.10008.15.1.1") && is_shared("1.2.840.10008.5.1.1.40.1"));
        assert!(!is_shared("1.2.840.10008.5.1.4.1.1.4") && !is_shared("1.2.840.10008.1.4.1"));
    }

    #[test]
    fn newer_ones_are_registered_too() {
        for uid in [
            "1.2.840.10008",
            "1.2.840.10008.5.1.4.1.1",
            "1.2.840.10008.5.1.4.1.1.999",
            "1.2.840.10008.5.1.4.1.1.700.2",
            "1.2.840.10008.1.2.4.299",
            "1.2.840.10008.2.16.99",
            "1.2.840.10008.6.1.1500",
            "1.2.840.10008.9.1411",
        ] {
            assert!(is_registered(uid), "{uid}");
        }
    }

    #[test]
    fn what_merely_begins_like_one_is_not() {
        for uid in [
            "",
            "1.2.840.10008.",
            "1.2.840.10008.5.1.4.20190704.101530.7",
            "1.2.840.10008.5.1.4.1.1.4.19570423",
            "1.2.840.10008.5.1.4.1.1.2019.7.4",
            "1.2.840.10008.77412345.9",
            "1.2.840.10008.77.9",
            "1.2.840.10008.5.1.4.1.1.4.1.2.3.4",
            "1.2.840.10008.5.1.4.1.1.04",
            "1.2.840.10008.6.1.19570423",
            "1.2.840.100081.5",
            "1.2.840.10009.1.2",
        ] {
            assert!(!is_registered(uid), "{uid}");
        }
    }
}
