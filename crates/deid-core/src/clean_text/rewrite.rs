//! What is not taken out of a text but written anew: complete dates, moved by the subject's offset in the way they are
//! written (PS3.15 E.3.6), and UIDs, replaced as they are everywhere else.
//!
//! A date is complete and clear if it has a day, a month and a year of four digits, and its order is beyond doubt:
//! `20190312`, `2019-03-12`, `12.03.2019`, `25/12/2019`, `12-MAR-2019`, `12 mars 2019`, `2019年3月12日`. `03/04/2019` may
//! be two dates. The subject's birth date is never among them, nor is what stands behind `born` or `DOB`, nor a day
//! before [`EARLIEST`], which is likely to be somebody's birthday.

use super::complete::{Date, Part, Span, spans};
use super::months::month_like;
use super::own_dates::{self, OwnDate};
use super::romans::numeral;
use super::scan::Scan;
use super::software::is_of_release;
use crate::Key;
use crate::dates::moved;
use crate::identifiers::{IdentifierKind, Searcher};
use crate::known_uids::KnownUids;
use crate::pseudonym::is_well_known_uid;
use std::ops::Range;

/// What happens to the dates in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateTreatment {
    /// They go.
    #[default]
    Remove,
    /// They stay, but for birth dates.
    Keep,
    /// Complete ones are moved so many days into the past; others go.
    Shift(i64),
}

/// What happens to the UIDs in a text. Those that DICOM registers stay in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UidTreatment<'a> {
    /// They go.
    #[default]
    Remove,
    /// They stay.
    Keep,
    /// They become what the key makes of them.
    Remap(&'a Key),
}

/// Which dates in a text are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhichDates {
    /// All.
    #[default]
    All,
    /// Those of the study and those of birth; others stay.
    OfSubject,
    /// Those of the study and the birthday itself: of a version, a day tells nothing.
    OfStudy,
}

/// What of a text is written anew, and how. The default takes it all out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rewriter<'a> {
    /// Dates.
    pub dates: DateTreatment,
    /// Of these dates.
    pub which: WhichDates,
    /// UIDs.
    pub uids: UidTreatment<'a>,
    /// UIDs that count whatever their form.
    pub known: KnownUids<'a>,
}

/// Years before this one are taken for years of birth: digital images are younger.
const EARLIEST: i64 = 1980;

/// A stretch of text, and what stands in its place.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub(super) range: Range<usize>,
    /// `None`: it goes.
    pub(super) text: Option<String>,
    pub(super) is_date: bool,
}

/// Whether a text may hold a date or a UID at all: four digits together, or three points.
pub(super) fn may_hold(text: &str) -> bool {
    let mut digits = 0;
    let mut points = 0;
    text.chars().any(|c| {
        digits = if c.is_numeric() { digits + 1 } else { 0 };
        points += usize::from(c == '.');
        digits >= 4 || points >= 3
    })
}

/// Dates and UIDs of a text, in order, each with what becomes of it. What is taken out without regard to the way it
/// is written is not among them, unless `all` asks for dates that are not clear.
pub(super) fn find(text: &str, searcher: &Searcher, rewriter: &Rewriter<'_>, all: bool) -> Vec<Rewritten> {
    let known = rewriter.known.find(text);
    let own = own_days(searcher, rewriter.dates);
    let short = || all && own.iter().any(|day| day.may_be_in(text.as_bytes()));
    let may_be_dated = may_hold(text) || short() || all && may_hold_short(text, searcher);
    if known.is_empty() && !may_be_dated {
        return Vec::new();
    }
    let mut found = uids(text, searcher, rewriter.uids, known);
    // The rest of the cleaning takes them out.
    if rewriter.dates == DateTreatment::Remove && !all {
        return found;
    }
    let of_kind = |kind| -> Vec<&str> {
        let all = searcher.identifiers().iter().filter(|identifier| identifier.kind == kind);
        all.map(|identifier| identifier.origin.expose().as_str()).collect()
    };
    let births = of_kind(IdentifierKind::BirthDate);
    let studies = of_kind(IdentifierKind::KnownDate);
    let known = searcher.find(text.as_bytes());
    // Everybody can look up when a version was released: moved, it would tell by how many days. A version of a day of the
    // study is another matter.
    let releases = matches!(rewriter.dates, DateTreatment::Shift(_)) && rewriter.which != WhichDates::OfStudy;
    let uids = found.len();
    let (mut uid, mut hit) = (0, 0);
    let scan = Scan::new(text);
    for span in spans(&scan) {
        // All are in order.
        while uid < uids && found[uid].range.end <= span.range.start {
            uid += 1;
        }
        while hit < known.len() && known[hit].range.end <= span.range.start {
            hit += 1;
        }
        if uid < uids && found[uid].range.start < span.range.end {
            continue;
        }
        let is_known = known.get(hit).is_some_and(|known| known.range.start < span.range.end);
        let new = if is_others(&span, &births, &studies, rewriter.which) {
            Some(text[span.range.clone()].to_owned())
        } else if is_known || releases && is_of_release(&scan, &span.range) {
            None
        } else {
            new_date(&scan, &span, &births, rewriter.dates)
        };
        let is_short = || is_one_of(&span, &studies) || is_one_of(&span, &births);
        if new.is_some() || all && (span.year.is_some() || !span.short.is_empty() && is_short()) {
            found.push(Rewritten { range: span.range, text: new, is_date: true });
        }
    }
    if all {
        let apart = |range: &Range<usize>| {
            !found.iter().any(|found| found.range.start < range.end && range.start < found.range.end)
        };
        let own: Vec<_> = own_dates::find_in(&scan, &own).into_iter().filter(|own| apart(&own.0)).collect();
        found.extend(own.into_iter().map(|(range, _)| Rewritten { range, text: None, is_date: true }));
    }
    found.sort_by_key(|found| found.range.start);
    found
}

/// The days of the subject that do not stay as they are: that of birth, and those of the study unless dates are kept.
fn own_days(searcher: &Searcher, treatment: DateTreatment) -> Vec<OwnDate> {
    let mut days: Vec<(&str, bool)> = Vec::new();
    for identifier in searcher.identifiers().iter() {
        let birth = identifier.kind == IdentifierKind::BirthDate;
        if birth || identifier.kind == IdentifierKind::KnownDate && treatment != DateTreatment::Keep {
            days.push((identifier.origin.expose(), birth));
        }
    }
    days.dedup();
    days.into_iter().filter_map(|(digits, birth)| OwnDate::new(digits, birth)).collect()
}

/// Whether one of the days that a date may be is among these.
fn is_one_of(span: &Span, days: &[&str]) -> bool {
    let written = |date: &Date| format!("{:04}{:02}{:02}", date.year, date.month, date.day);
    !days.is_empty()
        && (span.readings.iter().chain(&span.others).any(|date| days.contains(&written(date).as_str()))
            || span.short.iter().any(|short| days.contains(&short.as_str())))
}

/// Whether a day of these may stand in a text with two digits for its year: `12 mars 19`.
fn may_hold_short(text: &str, searcher: &Searcher) -> bool {
    let groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| matches!(group.len(), 1 | 2));
    if groups.clone().nth(1).is_none() {
        return false;
    }
    let has = |wanted: &str| groups.clone().any(|group| group == wanted);
    searcher.identifiers().iter().any(|identifier| {
        let day = identifier.origin.expose();
        matches!(identifier.kind, IdentifierKind::BirthDate | IdentifierKind::KnownDate)
            && day.len() == 8
            && day.is_ascii()
            && has(&day[2..4])
            && (has(&day[6..]) || has(day[6..].trim_start_matches('0')))
    })
}

/// Whether a date is none of those that are treated.
fn is_others(span: &Span, births: &[&str], studies: &[&str], which: WhichDates) -> bool {
    let of_birth = match which {
        WhichDates::All => return false,
        WhichDates::OfSubject => span.is_birth || span.year.is_some_and(|year| year < EARLIEST),
        WhichDates::OfStudy => false,
    };
    // Of a date that cannot be read (`12 марта 2019`, `03/2019`) the year must do.
    let of_year = which == WhichDates::OfSubject
        && span.readings.is_empty()
        && span
            .year
            .is_some_and(|year| studies.iter().any(|study| study.get(..4) == Some(&*year.to_string())));
    !of_birth && !of_year && !is_one_of(span, births) && !is_one_of(span, studies)
}

/// What a date becomes; `None` if it goes.
fn new_date(scan: &Scan, span: &Span, births: &[&str], treatment: DateTreatment) -> Option<String> {
    let source = &scan.text[span.range.clone()];
    // In either order it may be the birthday.
    if span.is_birth || is_one_of(span, births) || span.year.is_some_and(|year| year < EARLIEST) {
        return None;
    }
    let days = match treatment {
        DateTreatment::Remove => return None,
        DateTreatment::Keep => return Some(source.to_owned()),
        DateTreatment::Shift(days) => days,
    };
    let [date] = &span.readings[..] else { return None };
    let to = moved(date.year, date.month, date.day, days)?;
    let mut places: Vec<(&Range<usize>, String)> = Vec::new();
    for one in span.others.iter().chain([date]) {
        let (year, month, day) = moved(one.year, one.month, one.day, days)?;
        // What is not written must still be what it takes from the complete date.
        let written = |wanted: &[Part]| one.places.iter().any(|(_, part)| wanted.contains(part));
        let implied = (written(&[Part::Year]) || year == to.0)
            && (written(&[Part::Month, Part::MonthName, Part::Roman]) || month == to.1);
        if !implied {
            return None;
        }
        for (place, part) in &one.places {
            let old = &scan.text[place.clone()];
            let part = match part {
                Part::Year => format!("{year:04}"),
                Part::Month => number_like(old, month),
                Part::Day => number_like(old, day),
                Part::MonthName => month_like(old, month)?,
                Part::Roman => numeral(month)?,
            };
            places.push((place, part));
        }
    }
    places.sort_by_key(|(place, _)| place.start);
    let mut new = String::with_capacity(source.len());
    let mut at = span.range.start;
    for (place, part) in places {
        new.push_str(&scan.text[at..place.start]);
        new.push_str(&part);
        at = place.end;
    }
    new.push_str(&scan.text[at..span.range.end]);
    Some(new)
}

/// A number with as many digits as another, if that begins with a zero or has two.
fn number_like(old: &str, number: i64) -> String {
    if old.len() >= 2 { format!("{number:02}") } else { number.to_string() }
}

/// UIDs: at least four numbers joined by points, sixteen characters in all, the first number below three.
///
/// Those of the session, whose places are given, need not be of that form.
fn uids(
    text: &str,
    searcher: &Searcher,
    treatment: UidTreatment<'_>,
    known: Vec<Range<usize>>,
) -> Vec<Rewritten> {
    let bytes = text.as_bytes();
    let of_session = |range: Range<usize>| {
        let new = match treatment {
            UidTreatment::Remap(key) => Some(key.uid(&text[range.clone()])),
            UidTreatment::Keep => Some(text[range.clone()].to_owned()),
            UidTreatment::Remove => None,
        };
        Rewritten { range, text: new, is_date: false }
    };
    let mut found: Vec<_> = known.into_iter().map(of_session).collect();
    let given = found.len();
    let is_part = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|&&byte| is_part(byte)).count();
        let range = at..at + text[at..at + length].trim_end_matches('.').len();
        let alone = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '.')
            && text[at + length..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        at += length;
        let uid = &text[range.clone()];
        let numbers = uid.split('.');
        let is_given =
            found[..given].iter().any(|given| given.range.start < range.end && range.start < given.range.end);
        let valid = !is_given
            && uid.len() >= 16
            && matches!(uid.as_bytes(), [b'0'..=b'2', b'.', ..])
            && numbers.clone().count() >= 4
            && numbers.clone().all(|number| !number.is_empty());
        if !alone || !valid {
            continue;
        }
        let identifies = searcher.long_numbers_are_in(uid.as_bytes());
        let new = match treatment {
            _ if is_well_known_uid(uid) && !identifies => Some(uid.to_owned()),
            UidTreatment::Remap(key) => Some(key.uid(uid)),
            UidTreatment::Keep if !identifies => Some(uid.to_owned()),
            UidTreatment::Keep | UidTreatment::Remove => None,
        };
        found.push(Rewritten { range, text: new, is_date: false });
    }
    found.sort_by_key(|found| found.range.start);
    found
}

#[cfg(test)]
mod tests {
    use crate::Key;
    use crate::clean_text::{DateTreatment, Rewriter, UidTreatment, clean, rewrite};
    use crate::identifiers::{IdentifierKind, Identifiers, Searcher};

    fn searcher() -> Searcher {
        let mut identifiers = Identifiers::default();
        identifiers.add_date(IdentifierKind::BirthDate, "19900511");
        Searcher::new(&identifiers)
    }

    fn treated(text: &str, dates: DateTreatment) -> String {
        clean(text, &searcher(), &Rewriter { dates, ..Rewriter::default() }).text
    }

    fn shifted(text: &str) -> String {
        treated(text, DateTreatment::Shift(20))
    }

    #[test]
    fn complete_dates_move_as_they_are_written() {
        for (text, moved) in [
            ("T1_20190312_sag", "T1_20190220_sag"),
            ("T1 12.03.2019 sag", "T1 20.02.2019 sag"),
            ("control 2019-03-12", "control 2019-02-20"),
            ("control 2019-03-12 10:30:45", "control 2019-02-20 10:30:45"),
            ("control 2019/03/12", "control 2019/02/20"),
            ("control 25/12/2019", "control 05/12/2019"),
            ("control 12/25/2019", "control 12/05/2019"),
            ("control 9.4.2019", "control 20.3.2019"),
            ("control 12-MAR-2019", "control 20-FEB-2019"),
            ("control 12 March 2019", "control 20 February 2019"),
            ("control March 12, 2019", "control February 20, 2019"),
            ("contrôle le 12 avril 2019", "contrôle le 23 mars 2019"),
            ("Kontrolle 12. März 2019", "Kontrolle 20. Februar 2019"),
            ("20190312_103045 sag", "20190220_103045 sag"),
            ("20190312T103045 sag", "20190220T103045 sag"),
            ("20190312103045 sag", "20190220103045 sag"),
            ("2019年3月12日頭部MRI", "2019年2月20日頭部MRI"),
            ("2019-07-04 / 04.07.2019 / July 4, 2019", "2019-06-14 / 14.06.2019 / June 14, 2019"),
            ("July 4, 2019, August 25, 2019", "June 14, 2019, August 05, 2019"),
            ("control 31 grudnia 2018", "control 11 grudnia 2018"),
            ("control 12 grudnia 2018", "control 22 listopada 2018"),
            ("control 31 декабря 2018", "control 11 декабря 2018"),
            ("control 12 декабря 2018", "control 22 ноября 2018"),
            ("2020-03-10 and 2020-02-20", "2020-02-19 and 2020-01-31"),
        ] {
            assert_eq!(shifted(text), moved);
        }
    }

    #[test]
    fn what_may_be_another_date_or_is_none_goes() {
        for (text, left) in [
            ("control 03/04/2019", "control"),
            ("control 03-03-2019", "control"),
            ("control 03/2019", "control"),
            ("control 12.03.19", "control"),
            ("control March 2019", "control"),
            ("control March 12th, 2019", "control"),
            ("control 20190230", "control"),
            ("MRN 20190312 control", "MRN control"),
            ("sub-20190312 control", "control"),
            ("control 12.03.1951", "control"),
            ("ACC-20190312-0042 chest", "ACC chest"),
        ] {
            assert_eq!(shifted(text), left, "{text}");
        }
    }

    #[test]
    fn days_of_releases_do_not_move() {
        for (text, left) in [
            ("N4_VE11C_LATEST_20160120", "N4_VE11C_LATEST"),
            ("SPM12 r7771 (2020-01-13)", "SPM12 r7771"),
            ("R version 3.6.0 (2019-04-26)", "R version 3.6.0"),
            ("build 2018-05-03", "build"),
            ("Version 2.1.0 (2015-11-02), GPL", "Version 2.1.0, GPL"),
            ("ANTs 20190704 T1", "ANTs T1"),
            ("dcm2niix v1.0 of 12 March 2019", "dcm2niix v1.0 of"),
            ("syngo MR XA30 2021-06-21", "syngo MR XA30"),
            ("fMRIPrep 23.1.4 2023-08-01", "fMRIPrep 23.1.4"),
        ] {
            assert_eq!(shifted(text), left, "{text}");
            let shift = Rewriter { dates: DateTreatment::Shift(20), ..Rewriter::default() };
            assert!(!rewrite(text, &searcher(), &shift).text.contains("20\u{31}"), "{text}");
            assert_eq!(treated(text, DateTreatment::Keep), text);
        }
        for (text, moved) in [
            ("v1_20190312_T1", "v1_20190220_T1"),
            ("visit v2 2019-03-12", "visit v2 2019-02-20"),
            ("SPM12 analysis, scan of 2019-03-12", "SPM12 analysis, scan of 2019-02-20"),
            ("T1 R 2019-03-12", "T1 R 2019-02-20"),
            ("b1000 20190312", "b1000 20190220"),
            ("VE11C 3T\n20190312 head", "VE11C 3T\n20190220 head"),
        ] {
            assert_eq!(shifted(text), moved);
        }
    }

    #[test]
    fn birth_dates_go_in_any_case() {
        for treatment in [DateTreatment::Shift(20), DateTreatment::Keep] {
            for text in [
                "control 11.05.1990",
                "control 11 mai 1990",
                "control 19900511",
                "control *12.03.2019",
                "DOB 12 May 2004",
            ] {
                let left = treated(text, treatment);
                assert!(!left.contains(|c: char| c.is_ascii_digit()), "{text}: {left}");
            }
        }
    }

    #[test]
    fn dates_stay_where_they_are_to_stay() {
        for text in
            ["control 12.03.2019", "control 03/04/2019 10:30", "T1_20190312_sag", "12 March 2019 control"]
        {
            assert_eq!(treated(text, DateTreatment::Keep), text);
            assert!(!treated(text, DateTreatment::Remove).contains("2019"));
        }
    }

    #[test]
    fn uids_are_what_they_are_elsewhere() {
        let key = Key::from_bytes([7; 32]);
        let with = |uids| Rewriter { uids, ..Rewriter::default() };
        let text = "see 1.2.826.0.1.3680043.8.498.1, 1.2.840.10008.1.2.4.70";
        let new = key.uid("1.2.826.0.1.3680043.8.498.1");
        let remapped = clean(text, &searcher(), &with(UidTreatment::Remap(&key))).text;
        assert_eq!(remapped, format!("see {new}, 1.2.840.10008.1.2.4.70"));
        assert_eq!(clean(text, &searcher(), &with(UidTreatment::Keep)).text, text);
        assert_eq!(clean(text, &searcher(), &Rewriter::default()).text, "see, 1.2.840.10008.1.2.4.70");
        // Too short, or part of something.
        for text in ["v1.2.3", "1.5 2.5 3.5", "0.5.0.5.0.5"] {
            assert_eq!(rewrite(text, &searcher(), &with(UidTreatment::Remap(&key))).text, text);
        }
    }

    #[test]
    fn kept_texts_lose_only_dates_that_are_not_clear() {
        let shift = Rewriter { dates: DateTreatment::Shift(20), ..Rewriter::default() };
        let rewritten = rewrite("Smith 12.03.2019, 03/04/2019, v3.4.12", &searcher(), &shift);
        assert_eq!(rewritten.text, "Smith 20.02.2019, , v3.4.12");
        assert_eq!((rewritten.dates, rewritten.removed), (1, 1));
        let removed = rewrite("Smith 12.03.2019", &searcher(), &Rewriter::default());
        assert_eq!((removed.text.as_str(), removed.dates), ("Smith ", 0));
    }

    #[test]
    fn a_text_with_signs_of_its_own_is_cleaned_without() {
        let text = "T1 \u{F0000} 12.03.2019";
        assert_eq!(shifted(text), "T1 \u{F0000}");
    }
}
