//! Texts of a form so narrow that nobody has room in it: names of software releases, whose dates are those of the
//! software and which converters write on, and codes.

use crate::field::{has_month, is_number, is_plain};
use crate::words::{is_term, words};
use deid_dicom::calendar::looks_like_day;

/// What the Minnesota sequences write into the free block: a UUID that their own log files share, then which builds
/// ran: `0123…cdef||Sequence: vb17a/master r/0a1b2c3; Feb 03 2012 10:11:12 by abc`. The dates are those of the builds.
pub(crate) fn is_build(text: &str) -> bool {
    let Some((uuid, rest)) = text.trim_end().split_once("||") else { return false };
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = uuid.split('-').collect();
    let is_uuid = groups.len() == 5
        && groups
            .iter()
            .zip(lengths)
            .all(|(group, length)| group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit()));
    is_uuid
        && rest.split("||").all(|build| {
            let (release, stamp) = build.split_once("; ").unwrap_or((build, ""));
            let (when, by) = stamp.split_once(" by ").unwrap_or((stamp, ""));
            let known = |text: &str| is_plain(text) && words(text).all(is_term);
            known(release) && is_build_time(when) && by.len() <= 3 && known(by)
        })
}

/// `Dec 13 2013 16:24:02`, as a C compiler writes it.
fn is_build_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(' ').filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [] => true,
        [month, day, year, time] => {
            month.len() == 3
                && has_month(month)
                && is_number(day)
                && day.len() <= 2
                && year.len() == 4
                && year.starts_with("20")
                && is_number(year)
                && time.len() == 8
                && time.bytes().all(|b| b.is_ascii_digit() || b == b':')
        }
        _ => false,
    }
}

/// Names of Siemens' software baselines: `N4_VE11C_LATEST_20160120`. The date is that of the software.
pub(crate) fn is_baseline(text: &str) -> bool {
    let parts: Vec<&str> = text.trim().split('_').collect();
    match parts[..] {
        ["N4", version, "LATEST", date] => {
            version.len() <= 6
                && version.starts_with('V')
                && version.bytes().all(|b| b.is_ascii_alphanumeric())
                && looks_like_day(date)
                && date.starts_with("20")
        }
        _ => false,
    }
}

/// Siemens' `ICE_Dims`, the place of an image in the reconstruction: `X_1_1_1_2_1_1_1_1_1_1_1_160`.
pub(crate) fn is_dimensions(text: &str) -> bool {
    let parts: Vec<&str> = text.trim().split('_').collect();
    let number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (12..=14).contains(&parts.len())
        && parts[0] == "X"
        && parts[1..].iter().all(|part| *part == "X" || number(part))
        && parts.iter().filter(|part| part.len() > 1).count() <= 4
}

/// A body part as GE writes it: scheme and code of SNOMED RT, `SRT%5CNone%5CT-A0100`.
pub(crate) fn is_anatomy(text: &str) -> bool {
    let Some(code) = text.trim().strip_prefix("SRT%5C") else { return false };
    let (modifier, code) = code.split_once("%5C").unwrap_or(("", code));
    modifier.bytes().all(|b| b.is_ascii_alphabetic())
        && words(modifier).all(is_term)
        && code.len() == 7
        && code.starts_with("T-")
        && code[2..].bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
}

/// A list of elements of a head coil, `C:HEA;HEP`, without the names that the maker gave these two: they stand in such lists
/// whatever somebody is called. `None` if it is none.
pub(crate) fn without_coil_elements(text: &str) -> Option<String> {
    const HEAD: [&str; 2] = ["HEA", "HEP"];
    let parts = || text.split([';', ',', ':']).map(str::trim);
    let element = |part: &str| {
        let letters = part.bytes().take_while(u8::is_ascii_uppercase).count();
        let number = |byte: u8| byte.is_ascii_digit() || byte == b'-';
        letters <= 2 && part.len() <= 6 && part.bytes().skip(letters).all(number)
    };
    let list =
        parts().all(|part| HEAD.contains(&part) || element(part)) && parts().any(|part| HEAD.contains(&part));
    list.then(|| parts().filter(|part| !HEAD.contains(part)).collect::<Vec<_>>().join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_a_narrow_form() {
        assert!(is_dimensions("X_1_1_1_2_1_1_1_1_1_1_1_2954") && is_anatomy("SRT%5CNone%5CT-A0100"));
        for text in ["X_1_2", "X_06_12_34_56_78_1_1_1_1_1_1", "12_1_1_1_1_1_1_1_1_1_1_1_1"] {
            assert!(!is_dimensions(text), "{text}");
        }
        for text in ["SRT%5CDupont%5CT-A0100", "SRT%5CNone%5CT-A010012", "SRT%5CNone%5CP-A0100"] {
            assert!(!is_anatomy(text), "{text}");
        }
    }

    #[test]
    fn elements_of_head_coils_are_told_from_names() {
        for (text, rest) in [
            ("HEA;HEP", Some("")),
            ("C:HEA;HEP;NE1,2", Some("C;NE1;2")),
            ("HEA", Some("")),
            ("HE1-4;SP1", None),
            ("HEA;Smith", None),
            ("LEE;HEP", None),
            ("HEA;19610314", None),
        ] {
            assert_eq!(without_coil_elements(text).as_deref(), rest, "{text}");
        }
    }
}
