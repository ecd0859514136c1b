//! Names of software releases: the dates in them are those of the software, and converters write them on.

use crate::field::{has_month, is_date, is_number, is_plain};
use crate::words::{is_term, words};

/// What the Minnesota sequences write into the free block: a UUID that their own log files share, then which builds
/// ran: `657e…0585||Sequence: vb17a/master r/41a9b7e; Dec 13 2013 16:24:02 by xyz`. The dates are those of the builds.
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
                && is_date(date)
                && date.starts_with("20")
        }
        _ => false,
    }
}
