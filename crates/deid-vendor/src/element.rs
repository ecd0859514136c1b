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
    if parts.iter().zip(decoded.split('\\')).all(|(new, old)| new == old) {
        return Outcome::Unchanged;
    }
    let joined = if parts.iter().all(|part| part.is_empty()) { String::new() } else { parts.join("\\") };
    let mut out = encode(joined.trim_end(), encoding);
    if out.len() % 2 == 1 && action != Action::Uid {
        out.push(b' ');
    }
    Outcome::Changed(out)
}

/// Binary seconds since 1970, in 32 or 64 bits, whole or not: GE and UIH write them.
fn seconds(element: &Element<'_>, bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let rules = Rules { judge, strict: false };
    let mut ordered = bytes.to_vec();
    if element.big_endian {
        ordered.reverse();
    }
    let mut new = if let Ok(four) = <[u8; 4]>::try_from(&ordered[..]) {
        let seconds = if element.vr == *b"SL" {
            i64::from(i32::from_le_bytes(four))
        } else {
            i64::from(u32::from_le_bytes(four))
        };
        let shifted = rules.seconds(seconds).unwrap_or(0);
        (shifted as u32).to_le_bytes().to_vec()
    } else if let Ok(eight) = <[u8; 8]>::try_from(&ordered[..]) {
        let seconds = f64::from_le_bytes(eight);
        let whole = seconds.floor();
        let shifted = if whole.abs() < 1e10 { rules.seconds(whole as i64) } else { None };
        shifted.map_or(0.0, |shifted| shifted as f64 + (seconds - whole)).to_le_bytes().to_vec()
    } else {
        vec![0; bytes.len()]
    };
    if element.big_endian {
        new.reverse();
    }
    if new == bytes { Outcome::Unchanged } else { Outcome::Changed(new) }
}
