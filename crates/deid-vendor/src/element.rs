//! Private elements: which header each holds, and what is done with plain texts and dates.

use crate::field::{Action, Rules};
use crate::text::{decode, encode};
use crate::{Judge, Outcome, archive, csa, ge, protocol, table, xml};

/// A private element, without its value.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The private creator of its block.
    pub creator: &'a str,
    /// Its group.
    pub group: u16,
    /// The low byte of its element number.
    pub element: u8,
    /// Its VR, two letters; `UN` if it is not known.
    pub vr: [u8; 2],
    /// Whether numbers are big endian.
    pub big_endian: bool,
}

/// Whether [`clean`] has anything to say about an element, whatever its value.
pub fn concerns(element: &Element<'_>) -> bool {
    is_opaque(element.vr) || table::element(element.creator, element.group, element.element).is_some()
}

/// Whether an element holds a header, or something that goes: a value too long to be read has to go as well.
pub fn is_header(element: &Element<'_>) -> bool {
    matches!(
        table::element(element.creator, element.group, element.element),
        Some(
            Action::Csa
                | Action::Protocol
                | Action::Archive
                | Action::GeProtocol
                | Action::Xml
                | Action::Refuse
        )
    )
}

/// Whether an element goes whatever it holds: it is none that anybody misses.
pub fn is_unwanted(element: &Element<'_>) -> bool {
    table::element(element.creator, element.group, element.element) == Some(Action::Refuse)
}

fn is_opaque(vr: [u8; 2]) -> bool {
    matches!(&vr, b"OB" | b"OW" | b"UN" | b"UT" | b"??")
}

/// Cleans the value of a private element.
pub fn clean(element: &Element<'_>, bytes: &[u8], judge: &dyn Judge) -> Outcome {
    if bytes.is_empty() {
        return Outcome::NotAHeader;
    }
    let action = table::element(element.creator, element.group, element.element);
    match action {
        Some(Action::Csa) => csa_or_protocol(bytes, judge),
        Some(Action::Protocol | Action::Archive) => archive::clean(bytes, judge),
        Some(Action::GeProtocol) => ge::clean(bytes, judge),
        Some(Action::Xml) => xml::clean(bytes, judge),
        Some(Action::Refuse) => Outcome::Refused,
        Some(Action::Epoch) if !is_text(element.vr) => seconds(element, bytes, judge),
        None | Some(Action::Content) if is_opaque(element.vr) => {
            content(action.is_some(), element.vr, bytes, judge)
        }
        Some(Action::Content) => {
            by_vr(element.vr).map_or(Outcome::NotAHeader, |action| text(action, bytes, judge))
        }
        Some(action) if is_text(element.vr) => text(action, bytes, judge),
        Some(action) if is_opaque(element.vr) => {
            if printable(bytes) {
                text(action, bytes, judge)
            } else {
                Outcome::Refused
            }
        }
        // A number, or what this VR is kept from.
        None | Some(Action::Number | Action::Term) => Outcome::NotAHeader,
        Some(Action::Characteristic) if judge.keeps_characteristics() => Outcome::NotAHeader,
        Some(_) => Outcome::Changed(vec![0; bytes.len()]),
    }
}

/// Whether values of this VR are text.
fn is_text(vr: [u8; 2]) -> bool {
    matches!(
        &vr,
        b"AE"
            | b"AS"
            | b"CS"
            | b"DA"
            | b"DS"
            | b"DT"
            | b"IS"
            | b"LO"
            | b"LT"
            | b"PN"
            | b"SH"
            | b"ST"
            | b"TM"
            | b"UC"
            | b"UI"
            | b"UR"
            | b"UT"
    )
}

/// What is done with a text that has no row of its own in a block that is known.
fn by_vr(vr: [u8; 2]) -> Option<Action> {
    match &vr {
        b"CS" | b"LO" | b"SH" | b"UC" | b"LT" | b"ST" | b"UT" | b"AE" | b"UR" => Some(Action::Term),
        b"DA" | b"DT" => Some(Action::Date),
        b"AS" => Some(Action::Age),
        _ => None,
    }
}

fn printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte >= 0x20 && byte != 0x7F || matches!(byte, 0 | b'\n' | b'\r' | b'\t'))
}

/// By its first bytes: the formats known here wherever they stand.
fn content(known_block: bool, vr: [u8; 2], bytes: &[u8], judge: &dyn Judge) -> Outcome {
    if bytes.starts_with(b"SV10") || csa::parse(bytes).is_some() {
        return csa::clean(bytes, judge);
    }
    if protocol::is_protocol(bytes) {
        return protocol::clean(bytes, judge);
    }
    if bytes.trim_ascii_start().starts_with(b"<?xml") {
        return xml::clean(bytes, judge);
    }
    match bytes {
        [0x1F, 0x8B, 8, ..] | [b'P', b'K', 3, 4, ..] => archive::clean(bytes, judge),
        [_, _, _, _, 0x1F, 0x8B, 8, ..] => ge::clean(bytes, judge),
        _ if (known_block || vr == *b"UT") && printable(bytes) => text(Action::Term, bytes, judge),
        _ => Outcome::NotAHeader,
    }
}

/// A CSA header is most often one, but spectra and protocols stand in the same elements.
fn csa_or_protocol(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    // The mark of a CSA header ends in bytes that no protocol has.
    if !bytes.starts_with(csa::MARK) && protocol::is_protocol(bytes) {
        return protocol::clean(bytes, judge);
    }
    csa::clean(bytes, judge)
}

/// A text of one or several values.
fn text(action: Action, bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let inner = bytes.trim_ascii_end();
    let inner =
        &inner[..inner.len() - inner.iter().rev().take_while(|&&byte| byte == 0 || byte == b' ').count()];
    let (decoded, encoding) = decode(inner);
    let rules = Rules { judge, strict: true };
    let parts: Vec<_> = decoded.split('\\').map(|part| rules.apply(action, part)).collect();
    if parts.iter().zip(decoded.split('\\')).all(|(new, old)| new == old) && !hides(&decoded, judge) {
        return Outcome::Unchanged;
    }
    let joined = if parts.iter().all(|part| part.is_empty()) { String::new() } else { parts.join("\\") };
    let joined = if hides(&joined, judge) { String::new() } else { joined };
    let mut out = encode(joined.trim_end(), encoding);
    if out.len() % 2 == 1 && action != Action::Uid {
        out.push(b' ');
    }
    Outcome::Changed(out)
}

/// Whether an identifier stands across the values of a text: escapes of programs begin with the sign between them.
fn hides(text: &str, judge: &dyn Judge) -> bool {
    text.contains('\\') && judge.identifies(text.as_bytes())
}

/// Binary time since 1970, in 32 or 64 bits, whole or not, in seconds or parts of them: GE and UIH write it. What is
/// no time becomes zeros.
fn seconds(element: &Element<'_>, bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let rules = Rules { judge, strict: false };
    let mut ordered = bytes.to_vec();
    if element.big_endian {
        ordered.reverse();
    }
    let new = if let Ok(four) = <[u8; 4]>::try_from(&ordered[..]) {
        match &element.vr {
            b"SL" => {
                shifted(i64::from(i32::from_le_bytes(four)), rules).map(|time| (time as i32).to_le_bytes())
            }
            b"FL" | b"OF" => {
                fractional(f64::from(f32::from_le_bytes(four)), rules).map(|time| (time as f32).to_le_bytes())
            }
            _ => shifted(i64::from(u32::from_le_bytes(four)), rules).map(|time| (time as u32).to_le_bytes()),
        }
        .map(|bytes| bytes.to_vec())
    } else if let Ok(eight) = <[u8; 8]>::try_from(&ordered[..]) {
        let whole = || shifted(i64::from_le_bytes(eight), rules).map(i64::to_le_bytes);
        let real = || fractional(f64::from_le_bytes(eight), rules).map(f64::to_le_bytes);
        match &element.vr {
            b"SV" | b"UV" | b"OV" => whole(),
            b"FD" | b"OD" => real(),
            // An integer read as a real number is next to nothing.
            _ if f64::from_le_bytes(eight).abs() < 1.0 => whole(),
            _ => real(),
        }
        .map(|bytes| bytes.to_vec())
    } else {
        None
    };
    let mut new = new.unwrap_or_else(|| vec![0; bytes.len()]);
    if element.big_endian {
        new.reverse();
    }
    if new == bytes { Outcome::Unchanged } else { Outcome::Changed(new) }
}

/// A whole number of seconds since 1970, or of thousandth, millionth or billionth parts, with its day shifted.
fn shifted(time: i64, rules: Rules<'_>) -> Option<i64> {
    let second = match time.unsigned_abs() {
        0..100_000_000_000 => 1,
        100_000_000_000..100_000_000_000_000 => 1000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000_000,
        _ => 1_000_000_000,
    };
    let moved = rules.seconds(time.div_euclid(second))?;
    moved.checked_mul(second)?.checked_add(time.rem_euclid(second))
}

/// The same for a real number. One so small that it may be an integer is none.
fn fractional(time: f64, rules: Rules<'_>) -> Option<f64> {
    let whole = time.floor();
    let is_time = time == 0.0 || (1e-6..1e18).contains(&time.abs());
    is_time.then(|| shifted(whole as i64, rules)).flatten().map(|moved| moved as f64 + (time - whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nobody::Nobody;

    fn cleaned(vr: [u8; 2], bytes: &[u8]) -> Vec<u8> {
        let element =
            Element { creator: "GEMS_IDEN_01", group: 0x0009, element: 0x27, vr, big_endian: false };
        match clean(&element, bytes, &Nobody) {
            Outcome::Changed(new) => new,
            Outcome::Unchanged => bytes.to_vec(),
            outcome => panic!("{outcome:?}"),
        }
    }

    /// `Nobody` moves days of 2019 to the first of 2018.
    #[test]
    fn times_of_any_width_move_with_their_day() {
        const DAY: i64 = 1_552_348_800;
        const MOVED: i64 = 1_514_764_800;
        let (time, moved) = (DAY + 3661, MOVED + 3661);
        for vr in [*b"SV", *b"UV", *b"UN", *b"OB"] {
            for unit in [1, 1000, 1_000_000, 1_000_000_000] {
                let said = (time * unit + unit / 4).to_le_bytes();
                assert_eq!(cleaned(vr, &said), (moved * unit + unit / 4).to_le_bytes(), "{unit}");
            }
        }
        for vr in [*b"FD", *b"UN"] {
            assert_eq!(cleaned(vr, &(time as f64 + 0.25).to_le_bytes()), (moved as f64 + 0.25).to_le_bytes());
        }
        for vr in [*b"SL", *b"UL", *b"UN"] {
            assert_eq!(cleaned(vr, &(time as u32).to_le_bytes()), (moved as u32).to_le_bytes());
        }
        assert_ne!(cleaned(*b"FL", &(time as f32).to_le_bytes()), (time as f32).to_le_bytes());
    }

    #[test]
    fn what_is_no_time_becomes_zeros() {
        const OTHER: i64 = 1_262_304_000;
        for (vr, bytes) in [
            (*b"SV", OTHER.to_le_bytes().to_vec()),
            (*b"UN", OTHER.to_le_bytes().to_vec()),
            (*b"FD", OTHER.to_le_bytes().to_vec()),
            (*b"FD", f64::NAN.to_le_bytes().to_vec()),
            (*b"UN", vec![1; 16]),
            (*b"UN", vec![9; 6]),
        ] {
            assert!(cleaned(vr, &bytes).iter().all(|&byte| byte == 0), "{vr:?} {bytes:?}");
        }
    }
}
