//! Dates of the study as identifiers: which attributes hold them, and where in a text they count.

use super::needles::Boundary;
use super::{MONTH_NAMES, MONTHS};
use deid_dicom::calendar::looks_like_day;
use deid_dicom::{Node, Tag, Vr, value};
use deid_standard::confidentiality::{ConfidentialityOption, Row, rows};
use std::ops::Range;
use std::sync::LazyLock;

/// The attributes that are dates of what was done with the subject: those that table E.1-1 counts among longitudinal
/// dates, but for those of the device.
static STUDY_DATES: LazyLock<Vec<Tag>> = LazyLock::new(|| {
    let of_subject = |row: &&Row| {
        matches!(row.vr, Some(Vr::DA | Vr::DT))
            && row.option(ConfidentialityOption::RetainLongitudinalFullDates).is_some()
            && row.option(ConfidentialityOption::RetainDeviceIdentity).is_none()
    };
    let mut dates: Vec<Tag> = rows().iter().filter(of_subject).filter_map(|row| row.tag.exact()).collect();
    dates.sort_unstable();
    dates
});

/// Whether an attribute is one of them.
pub(super) fn is_study_date(tag: Tag) -> bool {
    STUDY_DATES.binary_search(&tag).is_ok()
}

/// The VR that tells, with the tag, whether an element is harvested.
pub(super) fn telling_vr(node: &Node) -> Vr {
    match node.vr {
        vr @ (Vr::PN | Vr::DA | Vr::DT) => vr,
        Vr::Implicit | Vr::UN | Vr::Invalid if is_study_date(node.tag) => Vr::DT,
        _ => Vr::UN,
    }
}

/// The days of a value of DA or DT, as digits; what is no day of the age of digital images is none.
pub(super) fn days_of(bytes: &[u8]) -> impl Iterator<Item = [u8; 8]> + '_ {
    value::split(bytes).filter_map(|part| {
        let mut day = [0; 8];
        let mut digits = part.iter().copied().filter(u8::is_ascii_digit);
        for place in &mut day {
            *place = digits.next()?;
        }
        let text = str::from_utf8(&day).ok()?;
        (("1970".."2100").contains(&text) && looks_like_day(text)).then_some(day)
    })
}

/// Forms of a date `YYYYMMDD` that count as a day of the study only: short ones, and those with an ordinal.
pub(super) fn other_forms(digits: &str) -> Vec<String> {
    let (Some(year), Some(month), Some(day)) = (digits.get(..4), digits.get(4..6), digits.get(6..8)) else {
        return Vec::new();
    };
    let bare = |part: &str| part.trim_start_matches('0').to_owned();
    let (short_year, short_month, short_day) = (&year[2..], bare(month), bare(day));
    let mut forms = vec![[day, month, short_year].concat(), [month, day, short_year].concat()];
    for sign in [".", "/", "-"] {
        for [first, second] in [[&short_day, &short_month], [&short_month, &short_day]] {
            forms.push([first, sign, second, sign, short_year].concat());
        }
    }
    forms.extend(["/", "-"].map(|sign| [month, sign, day, sign, short_year].concat()));
    let Some(at) = month.parse::<usize>().ok().and_then(|month| month.checked_sub(1)) else { return forms };
    let ordinal = match day {
        "01" | "21" | "31" => "st",
        "02" | "22" => "nd",
        "03" | "23" => "rd",
        _ => "th",
    };
    for name in [MONTH_NAMES.get(at), MONTHS.get(at)].into_iter().flatten() {
        forms.push(format!("{short_day}{ordinal} {name} {year}"));
        forms.push(format!("{short_day}{ordinal} of {name} {year}"));
        forms.push(format!("{name} {short_day}{ordinal}, {year}"));
        forms.push(format!("{name} {short_day}{ordinal} {year}"));
    }
    forms
}

/// Whether a form of a date is one that tells a day of the study in a text: with two digits for the year, numbers apart
/// and hours look the same.
pub(super) fn is_usual(form: &str) -> bool {
    form.len() != 8 || !form.contains([' ', ':'])
}

pub(super) fn date_boundary(form: &str) -> Boundary {
    let digits = form.bytes().all(|byte| byte.is_ascii_digit());
    match form.len() {
        6 if digits => Boundary::Sole,
        8 if digits => Boundary::DateApart,
        // `v12.3.19` is a version.
        ..8 if form.contains('.') => Boundary::Sole,
        _ => Boundary::Apart,
    }
}

/// Whether a match is no part of a number, a version or a UID; of those that must be alone, nor of a word.
pub(super) fn stands_apart(bytes: &[u8], range: &Range<usize>, boundary: Boundary) -> bool {
    let before = range.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(range.end).copied();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let point = |byte: Option<u8>| matches!(byte, Some(b'.' | b','));
    let letter = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphabetic() || byte >= 0x80);
    let in_word = boundary == Boundary::Sole && (letter(before) || letter(after));
    let goes_on = boundary != Boundary::DateApart && digit(Some(range.end));
    let in_number = point(before) && digit(range.start.checked_sub(2))
        || point(after) && digit(Some(range.end + 1)) && boundary != Boundary::DateApart;
    !in_word && !goes_on && !in_number && !digit(range.start.checked_sub(1))
}
