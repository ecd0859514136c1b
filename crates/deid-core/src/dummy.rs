//! Dummy values (PS3.15 E.3, action D): valid for their attribute, the same for everybody.
//!
//! Valid means: of the VR, with as many values as the attribute's VM asks for, and a term of the value set where the
//! standard enumerates terms (`data/terms.tsv`).

use deid_dicom::{Tag, Vr};
use deid_standard::dictionary;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The text that stands where a text was.
pub(crate) const TEXT: &str = "ANONYMIZED";

/// Codes of more than sixteen characters (PS3.3 8.1).
const LONG_CODE_VALUE: Tag = Tag::new(0x0008, 0x0119);
const LONG_CODE: &[u8] = b"ANONYMIZEDANONYMIZED";

/// A dummy value for this attribute; empty for a sequence, whose content is made of dummies instead.
///
/// UIDs have no dummy: they are remapped.
pub(crate) fn value(tag: Tag, vr: Vr) -> Vec<u8> {
    let one = match terms(tag).first() {
        Some(term) if vr == Vr::CS => term.as_bytes(),
        _ if tag == LONG_CODE_VALUE => LONG_CODE,
        _ => of_vr(vr),
    };
    let count = least_values(tag);
    // A backslash separates values of text, numbers stand side by side.
    let separator: &[u8] = if vr.is_text() { b"\\" } else { b"" };
    vec![one; count].join(separator)
}

fn of_vr(vr: Vr) -> &'static [u8] {
    match vr {
        Vr::AE | Vr::CS | Vr::LO | Vr::LT | Vr::PN | Vr::SH | Vr::ST | Vr::UC | Vr::UT => TEXT.as_bytes(),
        Vr::AS => b"000Y",
        Vr::DA => b"19000101",
        Vr::DT => b"19000101000000",
        Vr::TM => b"000000",
        // Not zero: frames, samples and channels count from one.
        Vr::DS | Vr::IS => b"1",
        Vr::UR => b"urn:anonymized",
        Vr::UI => b"2.25.0",
        Vr::US | Vr::SS | Vr::OW | Vr::OB | Vr::UN | Vr::Implicit | Vr::Invalid => &[0; 2],
        Vr::UL | Vr::SL | Vr::FL | Vr::OF | Vr::OL | Vr::AT => &[0; 4],
        Vr::FD | Vr::OD | Vr::OV | Vr::SV | Vr::UV => &[0; 8],
        Vr::SQ => &[],
    }
}

/// The least number of values that the attribute's VM (PS3.6) allows: 2 for `2-2n`.
fn least_values(tag: Tag) -> usize {
    let least = |vm: &str| vm.split('-').next().and_then(|number| number.parse().ok());
    let count = dictionary::attribute(tag).and_then(|attribute| least(attribute.vm)).unwrap_or(1);
    count.clamp(1, 16)
}

/// Whether this is one of the terms that the standard enumerates for the attribute: structure, nobody's text.
pub(crate) fn is_term(tag: Tag, value: &[u8]) -> bool {
    terms(tag).iter().any(|term| term.as_bytes() == value)
}

/// The terms of an attribute in `data/terms.tsv`; none for one that is not in it.
fn terms(tag: Tag) -> &'static [&'static str] {
    static TERMS: OnceLock<HashMap<Tag, Vec<&'static str>>> = OnceLock::new();
    let terms = TERMS.get_or_init(|| {
        include_str!("../data/terms.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let (tag, terms) = line.split_once('\t')?;
                let tag = u32::from_str_radix(tag, 16).ok()?;
                Some((Tag(tag), terms.split('|').collect()))
            })
            .collect()
    });
    terms.get(&tag).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_standard::confidentiality::{BasicAction, rows};

    /// Every attribute that the table may give a dummy: right in length, number of values and value set.
    #[test]
    fn dummies_suit_their_attributes() {
        let offers_dummy = |basic| {
            use BasicAction::{D, X, XOrD, XOrZOrD, ZOrD};
            matches!(basic, D | X | XOrD | XOrZOrD | ZOrD)
        };
        let mut count = 0;
        for row in rows().iter().filter(|row| offers_dummy(row.basic)) {
            let (tag, Some(vr)) = (row.tag.exact().unwrap_or(row.tag.base), row.vr) else { continue };
            if matches!(vr, Vr::SQ | Vr::UI) {
                continue;
            }
            let value = value(tag, vr);
            assert!(!value.is_empty(), "{tag}");
            let longest = match vr {
                Vr::AE | Vr::CS | Vr::SH | Vr::DS => 16,
                Vr::IS => 12,
                Vr::AS => 4,
                Vr::DA => 8,
                _ => 64,
            };
            let parts: Vec<&[u8]> =
                if vr.is_text() { value.split(|b| *b == b'\\').collect() } else { vec![] };
            assert!(parts.iter().all(|part| !part.is_empty() && part.len() <= longest), "{tag}");
            assert_eq!(value.len() % if vr.is_text() { 1 } else { of_vr(vr).len() }, 0, "{tag}");
            count += 1;
        }
        assert!(count > 400, "{count}");
    }

    #[test]
    fn enumerated_terms_and_several_values() {
        // Reason for the Attribute Modification, Referenced Waveform Channels 2-2n, Value Type.
        assert_eq!(value(Tag::new(0x0400, 0x0565), Vr::CS), b"COERCE");
        assert_eq!(value(Tag::new(0x0040, 0xA0B0), Vr::US), [0; 4]);
        assert_eq!(value(Tag::new(0x0040, 0xA121), Vr::DA), b"19000101");
        assert!(value(LONG_CODE_VALUE, Vr::UC).len() > 16);
        assert!(is_term(Tag::new(0x0040, 0xA040), b"SCOORD"));
        assert!(!is_term(Tag::new(0x0040, 0xA040), b"DOE") && !is_term(Tag::new(0x0010, 0x0010), b"Y"));
    }

    #[test]
    fn terms_are_code_strings_of_the_standard() {
        for line in include_str!("../data/terms.tsv").lines().filter(|line| !line.starts_with('#')).skip(1) {
            let (tag, terms) = line.split_once('\t').unwrap();
            let attribute = dictionary::attribute(Tag(u32::from_str_radix(tag, 16).unwrap())).unwrap();
            assert_eq!(attribute.vr, Vr::CS, "{tag}");
            assert!(terms.split('|').all(|term| !term.is_empty() && term.len() <= 16), "{tag}");
        }
    }
}
