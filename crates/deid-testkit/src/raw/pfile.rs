//! GE P-files.

use super::{Slots, payload};

/// Offsets of slots of revision 26.002, after public readers.
const SLOTS: [(usize, usize); 8] = [
    (194_717, 65),
    (194_980, 9),
    (195_011, 33),
    (195_088, 32),
    (195_184, 65),
    (195_249, 65),
    (195_331, 9),
    (196_602, 65),
];

/// A file of revision 26.002: a header of 213684 bytes with the slots that public readers name, and a payload.
pub fn p_file(slots: &Slots) -> Vec<u8> {
    let mut bytes = vec![0; 213_684];
    bytes[..4].copy_from_slice(&26.002_f32.to_le_bytes());
    bytes[4..8].copy_from_slice(&213_684_u32.to_le_bytes());
    // Seconds since 1970: noon of 2020-03-04.
    bytes[194_240..194_244].copy_from_slice(&1_583_323_200_u32.to_le_bytes());
    bytes[199_812..199_819].copy_from_slice(b"probe-p");
    // Unknown fields of exam and image.
    for at in [194_900, 199_600] {
        bytes[at..at + slots.id.len()].copy_from_slice(slots.id.as_bytes());
    }
    bytes[110..120].copy_from_slice(b"GE_MED_NMR");
    let date = &slots.study_date;
    let date = format!("{}/{}/{:03}", &date[4..6], &date[6..], date[..4].parse::<u32>().unwrap_or(0) - 1900);
    bytes[92..92 + date.len()].copy_from_slice(date.as_bytes());
    bytes[102..107].copy_from_slice(b"10:11");
    let texts = [
        &slots.operator,
        &slots.station,
        &slots.institution,
        &slots.uid,
        &slots.name,
        &slots.id,
        &slots.birth_date,
        &slots.series,
    ];
    for ((at, room), text) in SLOTS.into_iter().zip(texts) {
        let length = text.len().min(room - 1);
        bytes[at..at + length].copy_from_slice(&text.as_bytes()[..length]);
    }
    bytes.extend(payload(4096));
    bytes
}
