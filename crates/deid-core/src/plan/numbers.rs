//! The numbers of binary values.

use deid_dicom::{Encoding, Vr};

/// Bytes of one number; `None` for what is no binary number.
pub(super) const fn size(vr: Vr) -> Option<usize> {
    match vr {
        Vr::US | Vr::SS | Vr::OW => Some(2),
        Vr::UL | Vr::SL | Vr::FL | Vr::OF | Vr::OL => Some(4),
        Vr::FD | Vr::SV | Vr::UV | Vr::OD | Vr::OV => Some(8),
        _ => None,
    }
}

/// The binary numbers of a value, without what is left over at its end; none of a VR that has none.
pub(super) fn binary(vr: Vr, bytes: &[u8], encoding: Encoding) -> impl Iterator<Item = f64> + '_ {
    let big = encoding == Encoding::ExplicitBig;
    let size = size(vr);
    let bytes = if size.is_some() { bytes } else { &[] };
    bytes.chunks_exact(size.unwrap_or(1)).map(move |bytes| number(vr, bytes, big))
}

fn number(vr: Vr, bytes: &[u8], big: bool) -> f64 {
    let mut at = [0u8; 8];
    for (to, from) in at.iter_mut().zip(bytes) {
        *to = *from;
    }
    if big {
        at[..bytes.len()].reverse();
    }
    let [a, b, c, d, ..] = at;
    #[expect(clippy::cast_precision_loss, reason = "a magnitude is wanted, and dates have fewer digits")]
    match vr {
        Vr::SS => f64::from(i16::from_le_bytes([a, b])),
        Vr::SL => f64::from(i32::from_le_bytes([a, b, c, d])),
        Vr::FL | Vr::OF => f64::from(f32::from_le_bytes([a, b, c, d])),
        Vr::FD | Vr::OD => f64::from_le_bytes(at),
        Vr::SV => i64::from_le_bytes(at) as f64,
        _ => u64::from_le_bytes(at) as f64,
    }
}
