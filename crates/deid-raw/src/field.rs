//! What a field of a text header is, and what becomes of its value.

use crate::edit::{decode, encode};
use crate::{Harvest, Judge, Refusal, date};
use deid_dicom::Tag;
use deid_dicom::calendar::looks_like_day;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// Numbers, signs and units; anything else is not what the table says.
    Number,
    /// A technical term: kept if its words are known and it says no more than they do, else judged as text.
    Term,
    /// Free text without an attribute of its own.
    Text,
    /// The value of this attribute.
    Of(Tag),
    /// The value of this attribute, copied from a data set: what stays there stays here.
    Coded(Tag),
    /// The same, where readers fail on an empty value: a dummy stands in its place then.
    Needed(Tag),
    /// The date of this attribute, a time may stand behind it.
    Date(Tag),
    /// The same, where readers fail on an empty value.
    NeededDate(Tag),
    /// The time of this attribute.
    Time(Tag),
    /// A UID.
    Uid,
    /// Has to be empty; what stands there is nobody knows what.
    Empty,
}

/// A tag of a table.
pub(crate) const fn tag(group: u16, element: u16) -> Tag {
    Tag::new(group, element)
}

/// What stands where readers want a text.
const DUMMY: &str = "ANONYMIZED";
/// What stands where readers want a date.
const DUMMY_DATE: &str = "1900.01.01 00:00:00";

/// The value that may be written in place of another; refused if it is not what the table says.
pub(crate) fn judged(field: Field, text: &str, judge: &dyn Judge) -> Result<String, Refusal> {
    let blank = text.trim().is_empty();
    Ok(match field {
        _ if blank => match field {
            Field::Needed(_) | Field::NeededDate(_) | Field::Number | Field::Term | Field::Coded(_) => {
                text.to_owned()
            }
            _ => String::new(),
        },
        Field::Number if !is_number(text) => return Err(Refusal::UnknownField),
        // Whole numbers in groups may be those of a telephone or an insurance.
        Field::Number if are_groups(text) && judge.text(text) != text => return Err(Refusal::UnknownField),
        Field::Number if judge.identifies(text.as_bytes()) && is_long_number(text) => {
            return Err(Refusal::Identifier);
        }
        Field::Number => text.to_owned(),
        Field::Term => judge.term(text),
        Field::Text => judge.text(text),
        Field::Of(tag) => attribute(tag, text, judge),
        Field::Coded(tag) => judge.copied(tag, text),
        Field::Needed(tag) => match attribute(tag, text, judge) {
            new if new.trim().is_empty() => DUMMY.to_owned(),
            new => new,
        },
        Field::Date(tag) => date::judge(judge, tag, text),
        Field::NeededDate(tag) => match date::judge(judge, tag, text) {
            new if new.is_empty() => DUMMY_DATE.to_owned(),
            new => new,
        },
        Field::Time(tag) if date::is_time_of_day(text) => judge.attribute(tag, text),
        Field::Time(_) => String::new(),
        Field::Uid => judge.uid(text),
        Field::Empty => return Err(Refusal::UnknownField),
    })
}

/// The value of an attribute; nothing of numbers in groups that may be a telephone's, whatever the attribute measures.
fn attribute(tag: Tag, text: &str, judge: &dyn Judge) -> String {
    let new = judge.attribute(tag, text);
    let grouped = new == text && (are_groups(text) || is_dialled(text));
    if grouped && judge.text(text) != text { String::new() } else { new }
}

/// As [`judged`], on the bytes of a header. `utf8` is what its other lines are.
pub(crate) fn judged_bytes(field: Field, bytes: &[u8], judge: &dyn Judge) -> Result<Vec<u8>, Refusal> {
    let (text, utf8) = decode(bytes);
    let new = judged(field, &text, judge)?;
    // No value breaks out of its line.
    let new: String = new.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
    Ok(if new == text { bytes.to_vec() } else { encode(&new, utf8) })
}

/// Whether text is numbers, in whatever brackets: no date, no UID, nothing that is dialled.
pub(crate) fn is_number(text: &str) -> bool {
    let apart = |c: char| {
        c.is_ascii_whitespace() || matches!(c, ',' | ';' | '[' | ']' | '(' | ')' | '"' | '\\' | '\0')
    };
    let parts = || text.split(apart).filter(|part| part.chars().any(char::is_alphanumeric));
    let several = parts().nth(1).is_some();
    text.len() <= 4096
        && text.is_ascii()
        && parts().all(|part| {
            let bare = part.strip_prefix(['-', '+']).unwrap_or(part);
            let whole = bare.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            let area = whole.len() >= 3 && leads(whole);
            let dialled = several
                && (leads(bare) && whole == bare || part.starts_with('+') && !bare.contains('.') || area);
            !dialled && !is_day(bare) && part.replace(['d', 'D'], "e").parse::<f64>().is_ok()
        })
}

/// Whether a number has a zero in front, as an area code has.
fn leads(number: &str) -> bool {
    number.len() >= 2 && number.starts_with('0') && number.bytes().any(|digit| digit != b'0')
}

/// Whether text is whole numbers without signs, of nine to fifteen digits together.
pub(crate) fn are_groups(text: &str) -> bool {
    let parts: Vec<&str> = text.split([' ', '\t']).filter(|part| !part.is_empty()).collect();
    let digits: usize = parts.iter().map(|part| part.len()).sum();
    parts.len() >= 2
        && matches!(digits, 9..=15)
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether numbers begin as those of a telephone do, `06 12 34 56 78`: whole ones, a zero in front.
pub(crate) fn is_dialled(text: &str) -> bool {
    let parts = || text.split_whitespace();
    let whole = parts().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    parts().next().is_some_and(leads) && whole && text.bytes().filter(u8::is_ascii_digit).count() >= 6
}

/// Whether digits are a day of the years 1900 to 2099, alone or with a time behind it.
pub(crate) fn is_day(number: &str) -> bool {
    let digits = number.split('.').next().unwrap_or_default();
    matches!(digits.len(), 8 | 12 | 14)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.get(..8).is_some_and(looks_like_day)
}

/// Whether text is a whole number of five digits or more.
pub(crate) fn is_long_whole_number(text: &str) -> bool {
    let text = text.trim_start_matches(['-', '+']);
    let whole = text.strip_suffix(".0").unwrap_or(text);
    whole.len() >= 5 && whole.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a number has so many digits together that it can be somebody's.
fn is_long_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 6)
}

/// Adds what a field says of the subject.
pub(crate) fn gather(harvest: &mut Harvest, field: Field, text: &str) {
    let text = text.trim_matches(['\0', ' ', '\t', '"']);
    if text.is_empty() {
        return;
    }
    let value = || text.to_owned();
    match field {
        Field::Of(tag) | Field::Coded(tag) | Field::Needed(tag) => match (tag.group(), tag.element()) {
            (0x0010, 0x0020) => {
                harvest.patient_id.get_or_insert_with(value);
                harvest.ids.push(value());
            }
            (0x0010, 0x0010 | 0x1001 | 0x1005 | 0x1060) | (0x0008, 0x0090 | 0x1048..=0x1070) => {
                harvest.names.push(value());
            }
            (0x0008, 0x0050) | (0x0010, 0x1000) | (0x0020, 0x0010) => harvest.ids.push(value()),
            (0x0008, 0x0080 | 0x0081 | 0x1040) => harvest.institutions.push(value()),
            (0x0008, 0x1010) | (0x0040, 0x0241) => harvest.stations.push(value()),
            _ => {}
        },
        Field::Date(tag) | Field::NeededDate(tag) => {
            if let Some(date) = date::digits(text) {
                if tag == Tag::new(0x0010, 0x0030) {
                    harvest.birth_dates.push(date);
                } else {
                    harvest.dates.push(date);
                }
            }
        }
        Field::Uid => harvest.uids.push(value()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_persons_are_long() {
        assert!(is_long_whole_number("482199") && is_long_whole_number("-482199.0"));
        assert!(!is_long_whole_number("4821") && !is_long_whole_number("0.482199"));
    }

    #[test]
    fn numbers_measure_and_are_not_dialled() {
        for text in
            ["2000.000000", "24.000  6.000  24.000", "8  8", "0 1 0", "0.5 -1e-3", "00 0", "256 256 1024"]
        {
            assert!(is_number(text), "{text}");
        }
        for text in ["06 12 34 56 78", "078 05 1120", "+49 170", "078-05-1120", "20190312", "12 Okt 1968"] {
            assert!(!is_number(text), "{text}");
        }
        assert!(are_groups("943 476 5919") && !are_groups("8 8") && !are_groups("1.5 123456789"));
        // With a decimal comma.
        assert!(!are_groups("312,500000"));
        assert!(is_dialled("06 12 34 56 78") && !is_dialled("0 1 2 3 4 5 6") && !is_dialled("06 0.5 12345"));
    }
}
