//! Elements and items to bytes: what edits and the file meta information are written with.

use crate::{Encoding, Tag, Vr};
use std::fmt;

/// A value does not fit the length field of its VR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueTooLong {
    /// The element that was to be written.
    pub tag: Tag,
}

impl fmt::Display for ValueTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the new value of {} is longer than its VR allows", self.tag)
    }
}

impl std::error::Error for ValueTooLong {}

/// Appends an element; an odd value is padded to even length (PS3.5 7.1.1).
///
/// A VR that cannot be written ([`Vr::Implicit`], [`Vr::Invalid`]) becomes `UN` in explicit encodings.
pub fn element(
    out: &mut Vec<u8>,
    encoding: Encoding,
    tag: Tag,
    vr: Vr,
    value: &[u8],
) -> Result<(), ValueTooLong> {
    let length = u32::try_from(value.len() + value.len() % 2).map_err(|_| ValueTooLong { tag })?;
    // The longest header, and the padding.
    out.reserve(12 + length as usize);
    out.extend_from_slice(&encoding.u16_bytes(tag.group()));
    out.extend_from_slice(&encoding.u16_bytes(tag.element()));
    if encoding.is_implicit() {
        out.extend_from_slice(&encoding.u32_bytes(length));
    } else {
        let vr = if matches!(vr, Vr::Implicit | Vr::Invalid) { Vr::UN } else { vr };
        out.extend_from_slice(vr.as_str().as_bytes());
        if vr.has_long_length() {
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&encoding.u32_bytes(length));
        } else {
            let length = u16::try_from(length).map_err(|_| ValueTooLong { tag })?;
            out.extend_from_slice(&encoding.u16_bytes(length));
        }
    }
    out.extend_from_slice(value);
    if value.len() % 2 == 1 {
        out.push(vr.padding());
    }
    Ok(())
}

/// Appends an item of defined length around the encoded elements in `content`.
pub fn item(out: &mut Vec<u8>, encoding: Encoding, content: &[u8]) -> Result<(), ValueTooLong> {
    let length = u32::try_from(content.len())
        .ok()
        .filter(|&length| length != u32::MAX)
        .ok_or(ValueTooLong { tag: Tag::ITEM })?;
    structural(out, encoding, Tag::ITEM, length);
    out.extend_from_slice(content);
    Ok(())
}

/// Appends an item or delimiter header.
pub(crate) fn structural(out: &mut Vec<u8>, encoding: Encoding, tag: Tag, length: u32) {
    out.extend_from_slice(&encoding.u16_bytes(tag.group()));
    out.extend_from_slice(&encoding.u16_bytes(tag.element()));
    out.extend_from_slice(&encoding.u32_bytes(length));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_padded_to_even_length() {
        let mut out = Vec::new();
        element(&mut out, Encoding::ExplicitLittle, Tag::new(0x10, 0x20), Vr::LO, b"ID1").unwrap();
        assert_eq!(out, b"\x10\0\x20\0LO\x04\0ID1 ");
        out.clear();
        element(&mut out, Encoding::ImplicitLittle, Tag::new(8, 0x18), Vr::UI, b"1.2.3").unwrap();
        assert_eq!(out, b"\x08\0\x18\0\x06\0\0\x001.2.3\0");
    }

    #[test]
    fn too_long_for_a_short_length_is_an_error() {
        let mut out = Vec::new();
        let tag = Tag::new(0x10, 0x20);
        let result = element(&mut out, Encoding::ExplicitBig, tag, Vr::LO, &vec![b'x'; 65536]);
        assert_eq!(result, Err(ValueTooLong { tag }));
    }
}
