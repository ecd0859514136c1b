//! GE P-files: a binary header whose layout depends on its revision, then the signal.
//!
//! Known are the fields that public readers name: their texts are judged, their numbers stay. What is not known is
//! zeroed in the headers of exam, series and image, where identity stands; in the record before them, which holds
//! numbers for the reconstruction, it stays unless it looks like text that content rules would clean: then the file is
//! refused. Facts in `docs/vendors/p-file.md`.

mod layouts;

use crate::edit::{Edits, decode, encode, read, u32_at};
use crate::field::{Field, gather, judged, tag};
use crate::{Cleaned, Harvest, Judge, Refusal};
use deid_dicom::calendar::{civil, days_since_epoch, parts};
use deid_dicom::{Source, Tag};
use layouts::LAYOUTS;

/// No header is longer.
const LIMIT: u64 = 1 << 20;
const STUDY_DATE: Tag = tag(0x0008, 0x0020);
const BIRTH_DATE: Tag = tag(0x0010, 0x0030);
/// Fewer characters in a row are no text.
const RUN: usize = 5;

/// What a text field holds.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// An attribute's value, by group and element.
    Of(u16, u16),
    Uid,
    Term,
    Text,
    /// `MM/DD/YYY`, years since 1900.
    ScanDate,
    /// `YYYYMMDD`.
    BirthDate,
}

/// Where fields stand.
#[derive(Debug)]
struct Layout {
    /// From the first to the last revision.
    revisions: (f32, f32),
    /// Where the offset of the payload stands.
    payload: u64,
    /// Where the record for the reconstruction ends as far as it is known.
    record: usize,
    /// Where the time of the exam stands, in seconds since 1970.
    exam_time: usize,
    /// Where the last known field ends.
    end: usize,
    /// Begin, length and kind of texts.
    texts: &'static [(usize, usize, Slot)],
    /// Begin and end of known numbers.
    numbers: &'static [(usize, usize)],
}

fn revision<S: Source>(source: &mut S) -> Option<f32> {
    let revision = f32::from_bits(u32_at(source, 0)?);
    (5.0..=60.0).contains(&revision).then_some(revision)
}

/// GE's mark, where old and new revisions have it.
pub(crate) fn sniff<S: Source>(source: &mut S) -> bool {
    let logo = |bytes: Option<[u8; 10]>| {
        bytes.is_some_and(|bytes| bytes.starts_with(b"GE_MED_NMR") || bytes.starts_with(b"INVALIDNMR"))
    };
    // Revisions before 11 may be big endian: recognised, not read.
    let big = source.peek::<4>(0).map(f32::from_be_bytes).is_some_and(|r| (5.0..=60.0).contains(&r));
    (revision(source).is_some() || big) && (logo(source.peek(34)) || logo(source.peek(110)))
}

/// The header and its layout.
fn header<S: Source>(source: &mut S) -> Result<(Vec<u8>, &'static Layout), Refusal> {
    let revision = revision(source).ok_or(Refusal::UnknownRevision)?;
    let near = 0.0005;
    let layout = LAYOUTS
        .iter()
        .find(|layout| (layout.revisions.0 - near..=layout.revisions.1 + near).contains(&revision))
        .ok_or(Refusal::UnknownRevision)?;
    let length = u64::from(u32_at(source, layout.payload).ok_or(Refusal::Length)?);
    // Some writers leave the offset of the payload empty; then nobody knows where the header ends.
    if length < layout.end as u64 || length > source.size() {
        return Err(Refusal::Malformed);
    }
    Ok((read(source, 0, length, LIMIT)?, layout))
}

fn text(header: &[u8], start: usize, length: usize) -> String {
    let field = &header[start..start + length];
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(length);
    decode(&field[..end]).0
}

/// `MM/DD/YYY` as `YYYYMMDD`.
fn scan_date(text: &str) -> Option<String> {
    let mut parts = text.trim().split('/').map(|part| part.parse::<u32>().ok());
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && year < 300).then(|| format!("{:04}{month:02}{day:02}", 1900 + year))
}

pub(crate) fn harvest<S: Source>(source: &mut S) -> Harvest {
    let mut harvest = Harvest::default();
    let Ok((header, layout)) = header(source) else { return harvest };
    for (start, length, slot) in layout.texts {
        let text = text(&header, *start, *length);
        match slot {
            Slot::Of(group, element) => gather(&mut harvest, Field::Of(tag(*group, *element)), &text),
            Slot::BirthDate => gather(&mut harvest, Field::Date(BIRTH_DATE), &text),
            Slot::ScanDate => harvest.dates.extend(scan_date(&text)),
            Slot::Uid | Slot::Term | Slot::Text => {}
        }
    }
    harvest
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let (header, layout) = header(source)?;
    let mut new = header.clone();
    // Which bytes are accounted for.
    let mut known = vec![false; header.len()];
    let mut kept = 0;
    for (start, end) in layout.numbers {
        known[*start..*end].fill(true);
        kept += 1;
    }
    for (start, length, slot) in layout.texts {
        let range = *start..start + length;
        known[range.clone()].fill(true);
        let old = text(&header, *start, *length);
        let value = judged_slot(*slot, &old, judge)?;
        let mut bytes = encode(&value, false);
        // What was as long as its field may stay so.
        bytes.truncate(if value == old { *length } else { length - 1 });
        bytes.resize(*length, 0);
        new[range].copy_from_slice(&bytes);
    }
    exam_time(&mut new, layout, judge);
    known[layout.exam_time..layout.exam_time + 4].fill(true);
    for (at, byte) in new.iter_mut().enumerate().skip(layout.record) {
        if !known[at] {
            *byte = 0;
        }
    }
    unknown_text(&new[..layout.record], &known, judge)?;
    number_text(&new, layout, judge)?;
    if judge.names(&new) {
        return Err(Refusal::Identifier);
    }
    let mut edits = Edits::default();
    edits.kept = kept;
    edits.replace(0..header.len() as u64, &header, new);
    edits.finish(source.size())
}

fn judged_slot(slot: Slot, old: &str, judge: &dyn Judge) -> Result<String, Refusal> {
    match slot {
        // UIDs are packed two digits a byte; there is no room to write another one.
        Slot::Uid => Ok(String::new()),
        Slot::Of(group, element) => judged(Field::Of(tag(group, element)), old, judge),
        Slot::Term => judged(Field::Term, old, judge),
        Slot::Text => judged(Field::Text, old, judge),
        Slot::BirthDate => judged(Field::Date(BIRTH_DATE), old, judge),
        Slot::ScanDate => {
            let new = scan_date(old).and_then(|date| judge.date(STUDY_DATE, &date));
            let written = new.filter(|date| date.len() == 8 && date.is_ascii()).and_then(|date| {
                let year = date[..4].parse::<u32>().ok()?.checked_sub(1900)?;
                Some(format!("{}/{}/{year:03}", &date[4..6], &date[6..]))
            });
            Ok(written.unwrap_or_default())
        }
    }
}

/// Seconds since 1970: moved by the days that the date moves, or gone.
fn exam_time(header: &mut [u8], layout: &Layout, judge: &dyn Judge) {
    let range = layout.exam_time..layout.exam_time + 4;
    let old = i32::from_le_bytes(header[range.clone()].try_into().unwrap_or_default());
    let (year, month, day) = civil(i64::from(old).div_euclid(86_400));
    let date = judge.date(STUDY_DATE, &format!("{year:04}{month:02}{day:02}")).filter(|_| old > 0);
    let new = date.and_then(|date| parts(&date)).map(|(year, month, day)| days_since_epoch(year, month, day));
    let moved = new.and_then(|new| i32::try_from(new * 86_400 + i64::from(old).rem_euclid(86_400)).ok());
    header[range].copy_from_slice(&moved.unwrap_or(0).to_le_bytes());
}

/// Refuses text where no text is due: eight signs in a row, over the bounds of numbers, that content rules would not let
/// through.
fn number_text(header: &[u8], layout: &Layout, judge: &dyn Judge) -> Result<(), Refusal> {
    let mut numbers = vec![true; header.len()];
    for (start, length, _) in layout.texts {
        numbers[*start..start + length].fill(false);
    }
    let printable = |at: &usize| numbers[*at] && (header[*at].is_ascii_graphic() || header[*at] == b' ');
    let mut at = 0;
    while at < header.len() {
        let end = at + (at..header.len()).take_while(printable).count();
        let telling = header[at..end].iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
        if end - at >= 8 && telling >= 6 {
            let run = decode(&header[at..end]).0;
            if judge.text(&run) != run || judge.identifies(run.as_bytes()) {
                return Err(Refusal::UnknownField);
            }
        }
        at = end + 1;
    }
    Ok(())
}

/// Refuses text where nobody knows what stands, unless content rules find nothing in it.
fn unknown_text(record: &[u8], known: &[bool], judge: &dyn Judge) -> Result<(), Refusal> {
    let printable = |at: usize| !known[at] && (record[at].is_ascii_graphic() || record[at] == b' ');
    let mut at = 0;
    while at < record.len() {
        if !printable(at) {
            at += 1;
            continue;
        }
        let end = (at..record.len()).find(|next| !printable(*next)).unwrap_or(record.len());
        let run = decode(&record[at..end]).0;
        let telling = run.chars().filter(char::is_ascii_alphanumeric).count();
        if telling >= RUN && (judge.text(&run) != run || judge.identifies(run.as_bytes())) {
            return Err(Refusal::UnknownField);
        }
        at = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_dicom::{Tag, Vr};

    /// Lets nothing through.
    struct Strict;

    impl Judge for Strict {
        fn attribute(&self, _: Tag, _: &str) -> String {
            String::new()
        }
        fn date(&self, _: Tag, _: &str) -> Option<String> {
            None
        }
        fn term(&self, _: &str) -> String {
            String::new()
        }
        fn name(&self, _: &str) -> Option<String> {
            None
        }
        fn text(&self, _: &str) -> String {
            String::new()
        }
        fn uid(&self, _: &str) -> String {
            String::new()
        }
        fn identifies(&self, _: &[u8]) -> bool {
            false
        }
        fn names(&self, _: &[u8]) -> bool {
            false
        }
        fn attribute_of(&self, _: &str) -> Option<(Tag, Vr)> {
            None
        }
    }

    #[test]
    fn layouts_are_in_order_and_nothing_overlaps() {
        for layout in LAYOUTS {
            let mut ranges: Vec<(usize, usize)> = layout.numbers.to_vec();
            ranges.extend(layout.texts.iter().map(|(start, length, _)| (*start, start + length)));
            ranges.push((layout.exam_time, layout.exam_time + 4));
            ranges.sort_unstable();
            assert!(ranges.windows(2).all(|two| two[0].1 <= two[1].0), "{:?}", layout.revisions);
            assert!(ranges.last().is_some_and(|last| last.1 <= layout.end));
        }
    }

    #[test]
    fn texts_are_no_numbers() {
        for layout in LAYOUTS {
            let (start, end) = layout.numbers.iter().copied().max_by_key(|(start, end)| end - start).unwrap();
            let mut header = vec![0; layout.end];
            assert!(number_text(&header, layout, &Strict).is_ok());
            header[start..end.min(start + 4)].fill(b'Z');
            assert!(number_text(&header, layout, &Strict).is_ok());
            if end - start >= 8 {
                header[end - 4..end + 10].copy_from_slice(b"(555) 482-1993");
                assert_eq!(number_text(&header, layout, &Strict), Err(Refusal::UnknownField));
            }
        }
    }

    #[test]
    fn scan_dates_are_read() {
        assert_eq!(scan_date("03/04/120").as_deref(), Some("20200304"));
    }
}
