//! Values that the user forces on elements (`--set`): what may be set, and to what.
//!
//! The element is one of the data set that holds text, and the value is one that its VR allows: a date is a date, and
//! a number a number. So no file is written that others cannot read.

use std::fmt;
use std::str::FromStr;

use deid_dicom::{Tag, Vr, value};
use deid_standard::dictionary;

/// An element and the value it is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forced {
    pub(crate) tag: Tag,
    pub(crate) value: String,
}

impl FromStr for Forced {
    type Err = InvalidForced;

    fn from_str(text: &str) -> Result<Self, InvalidForced> {
        let (name, value) = text.split_once('=').ok_or(InvalidForced::NoValue)?;
        let tag = match name.trim().parse() {
            Ok(tag) => tag,
            Err(_) => dictionary::by_keyword(name.trim())
                .ok_or(InvalidForced::UnknownElement)?
                .tag
                .exact()
                .ok_or(InvalidForced::Repeating)?,
        };
        let vr = settable(tag)?;
        if !value.is_ascii() {
            return Err(InvalidForced::NotAscii);
        }
        if !suits(vr, value) {
            return Err(InvalidForced::Value(vr));
        }
        Ok(Forced { tag, value: value.to_owned() })
    }
}

/// The VR of an element whose value can be set.
fn settable(tag: Tag) -> Result<Vr, InvalidForced> {
    if tag.group() <= 0x0002 || tag.is_structural() || tag.is_group_length() {
        return Err(InvalidForced::NoDataSet);
    }
    if tag.is_private() {
        return Err(InvalidForced::Private);
    }
    match (tag.group(), tag.element()) {
        (0x0012, 0x0062..=0x0064) | (0x0028, 0x0303) => return Err(InvalidForced::Mark),
        (0x0008, 0x0005) => return Err(InvalidForced::CharacterSet),
        _ => {}
    }
    let vr = dictionary::attribute(tag).ok_or(InvalidForced::UnknownElement)?.vr;
    match vr {
        Vr::SQ => Err(InvalidForced::Sequence),
        vr if vr.is_text() => Ok(vr),
        _ => Err(InvalidForced::NoText),
    }
}

/// Whether this is a value of that VR (PS3.5 6.2), or several with backslashes between; an empty one always is.
fn suits(vr: Vr, text: &str) -> bool {
    let longest = match vr {
        Vr::AE | Vr::SH => 16,
        Vr::LO | Vr::PN => 64,
        Vr::ST => 1024,
        _ => 10_240,
    };
    if matches!(vr, Vr::LT | Vr::ST | Vr::UT) {
        let breaks = |byte: u8| matches!(byte, b'\n' | b'\r' | b'\t' | b'\x0c');
        return text.len() <= longest && text.bytes().all(|byte| !byte.is_ascii_control() || breaks(byte));
    }
    text.len() <= 10_240
        && text.bytes().all(|byte| !byte.is_ascii_control())
        && text.split('\\').all(|part| {
            let part = part.trim_matches(' ');
            part.is_empty() || part.len() <= longest && suits_one(vr, part)
        })
}

fn suits_one(vr: Vr, text: &str) -> bool {
    let made_of = |most: usize, allowed: fn(u8) -> bool| text.len() <= most && text.bytes().all(allowed);
    match vr {
        Vr::DA => is_date(text) && text.len() == 8,
        Vr::TM => is_time(text),
        Vr::DT => is_date_time(text),
        Vr::IS => text.len() <= 12 && text.parse::<i32>().is_ok(),
        Vr::DS => {
            let number = made_of(16, |byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            number && text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        Vr::UI => value::is_uid(text.as_bytes()) && !text.contains(".."),
        Vr::AS => text.len() == 4 && is_digits(&text[..3]) && text.ends_with(['D', 'W', 'M', 'Y']),
        Vr::CS => made_of(16, |byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'_')
        }),
        _ => true,
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `YYYY`, `YYYYMM` or `YYYYMMDD`.
fn is_date(text: &str) -> bool {
    if !is_digits(text) || !matches!(text.len(), 4 | 6 | 8) {
        return false;
    }
    let number = |at: usize| text.get(at..at + 2).and_then(|part| part.parse::<u32>().ok());
    let year: u32 = text[..4].parse().unwrap_or(0);
    let days = match number(4) {
        None | Some(1 | 3 | 5 | 7 | 8 | 10 | 12) => 31,
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        Some(2) => 28,
        Some(_) => return false,
    };
    number(6).is_none_or(|day| (1..=days).contains(&day))
}

/// `HH`, `HHMM`, `HHMMSS`, and with the last also a fraction.
fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let below = |at: usize, limit: u32| {
        whole.get(at..at + 2).is_none_or(|part| part.parse::<u32>().is_ok_and(|number| number < limit))
    };
    is_digits(whole)
        && matches!(whole.len(), 2 | 4 | 6)
        && below(0, 24)
        && below(2, 60)
        && below(4, 61)
        && fraction.is_none_or(|fraction| {
            whole.len() == 6 && (1..=6).contains(&fraction.len()) && is_digits(fraction)
        })
}

/// A date, behind a whole one a time, and an offset from UTC.
fn is_date_time(text: &str) -> bool {
    let (text, zone) = text.find(['+', '-']).map_or((text, None), |at| (&text[..at], Some(&text[at + 1..])));
    let (date, time) = text.split_at(text.len().min(8));
    let zone = zone.is_none_or(|zone| zone.len() == 4 && is_digits(zone) && is_time(zone));
    is_date(date) && (time.is_empty() || is_time(time)) && zone
}

/// What is wrong with the text of a forced value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidForced {
    NoValue,
    UnknownElement,
    Repeating,
    NoDataSet,
    Private,
    Mark,
    CharacterSet,
    Sequence,
    NoText,
    NotAscii,
    Value(Vr),
}

impl fmt::Display for InvalidForced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidForced::NoValue => "there is no `=` between element and value",
            InvalidForced::UnknownElement => {
                "the element is neither a tag of PS3.6 like (0008,0080) nor a keyword like InstitutionName"
            }
            InvalidForced::Repeating => "the keyword stands for several groups: write the tag",
            InvalidForced::NoDataSet => {
                "the element is no part of the data set: file meta information and lengths are written anew"
            }
            InvalidForced::Private => "the element is private: what its value means is its creator's secret",
            InvalidForced::Mark => "the element says how the file was de-identified: the program writes it",
            InvalidForced::CharacterSet => {
                "the element says how all other texts are encoded: they could not be read any more"
            }
            InvalidForced::Sequence => "the element is a sequence: name an element with a text of its own",
            InvalidForced::NoText => "the element holds binary numbers or bytes: only texts can be set",
            InvalidForced::NotAscii => {
                "the value holds letters beyond ASCII, which not all character sets have: write it without accents"
            }
            InvalidForced::Value(vr) => {
                let form = match vr {
                    Vr::DA => "YYYYMMDD",
                    Vr::TM => "HHMMSS, HHMM or HH, and a fraction behind seconds",
                    Vr::DT => "YYYYMMDDHHMMSS, or the beginning of it, with a fraction and an offset from UTC",
                    Vr::IS => "a whole number",
                    Vr::DS => "a number of at most 16 characters",
                    Vr::UI => "digits and dots, at most 64",
                    Vr::AS => "three digits and D, W, M or Y, like 045Y",
                    Vr::CS => "at most 16 of capital letters, digits, blank and underscore",
                    Vr::AE | Vr::SH => "at most 16 characters on one line",
                    Vr::LO | Vr::PN => "at most 64 characters on one line",
                    Vr::ST => "at most 1024 characters",
                    _ => "at most 10240 characters, on one line unless it is a text of several",
                };
                return write!(f, "the value is none of VR {vr}: {form}");
            }
        })
    }
}

impl std::error::Error for InvalidForced {}

#[cfg(test)]
mod tests {
    use super::*;

    fn forced(text: &str) -> Result<(Tag, String), InvalidForced> {
        text.parse::<Forced>().map(|forced| (forced.tag, forced.value))
    }

    #[test]
    fn element_is_named_by_tag_or_keyword() {
        let institution = Tag::new(0x0008, 0x0080);
        assert_eq!(forced("(0008,0080)=a=b"), Ok((institution, "a=b".to_owned())));
        assert_eq!(forced("InstitutionName="), Ok((institution, String::new())));
        assert_eq!(forced("InstitutionName"), Err(InvalidForced::NoValue));
        assert_eq!(forced("Institution=a"), Err(InvalidForced::UnknownElement));
        assert_eq!(forced("OverlayData=a"), Err(InvalidForced::Repeating));
    }

    #[test]
    fn elements_that_others_depend_on_are_not_set() {
        for (text, why) in [
            ("(0002,0010)=1.2.840.10008.1.2", InvalidForced::NoDataSet),
            ("(0008,0000)=8", InvalidForced::NoDataSet),
            ("(FFFE,E000)=", InvalidForced::NoDataSet),
            ("(0029,1010)=x", InvalidForced::Private),
            ("(0012,0062)=NO", InvalidForced::Mark),
            ("DeidentificationMethod=mine", InvalidForced::Mark),
            ("DeidentificationMethodCodeSequence=", InvalidForced::Mark),
            ("(0028,0303)=UNMODIFIED", InvalidForced::Mark),
            ("SpecificCharacterSet=ISO_IR 192", InvalidForced::CharacterSet),
            ("ReferencedImageSequence=", InvalidForced::Sequence),
            ("Rows=512", InvalidForced::NoText),
            ("PixelData=", InvalidForced::NoText),
            ("InstitutionName=Zoé", InvalidForced::NotAscii),
        ] {
            assert_eq!(forced(text), Err(why), "{text}");
        }
    }

    #[test]
    fn values_are_what_their_vr_allows() {
        for (vr, good, bad) in [
            (Vr::DA, &["20240229", ""][..], &["foo", "20230229", "2024", "2024-02-29", "20241301"][..]),
            (Vr::TM, &["10", "1015", "101530.123456"], &["10:15", "2500", "1015.5", "101530."]),
            (
                Vr::DT,
                &["2024", "202402", "20240229", "20240229101530.5+0100", "20240229-0500"],
                &["20240230", "2024022910+1", "202402291", "noon"],
            ),
            (Vr::IS, &["-12", "1\\2", " 7 "], &["1.5", "one", "99999999999"]),
            (Vr::DS, &["-1.5e-3", "2\\3.25"], &["nan", "inf", "1,5", "12345678901234567"]),
            (Vr::UI, &["1.2.840.10008"], &["1.2.x", "12", "1..2"]),
            (Vr::AS, &["045Y", "003M"], &["45Y", "045y", "0450", "abcY"]),
            (Vr::CS, &["ORIGINAL\\PRIMARY", "A_1 B"], &["mr", "A-B", "ABCDEFGHIJKLMNOPQ"]),
            (Vr::SH, &["a;b"], &["a sentence of 20 chars", "a\nb"]),
            (Vr::LT, &["line\nline \\ line"], &["\u{1b}[2J"]),
        ] {
            assert!(good.iter().all(|text| suits(vr, text)), "{vr}: {good:?}");
            for text in bad {
                assert!(!suits(vr, text), "{vr}: {text}");
            }
        }
    }
}
