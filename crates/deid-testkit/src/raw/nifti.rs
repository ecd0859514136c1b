//! NIfTI-1 and NIfTI-2.

use super::{Slots, payload};
use std::io::Write as _;

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NiftiShape {
    /// 1 or 2.
    pub version: u8,
    /// Whether numbers are big endian.
    pub big: bool,
    /// Whether the voxels are in the same file.
    pub single: bool,
}

/// Fills a field.
fn put(bytes: &mut [u8], at: usize, length: usize, text: &str) {
    let text = text.as_bytes();
    let length = text.len().min(length);
    bytes[at..at + length].copy_from_slice(&text[..length]);
}

/// An image of 4 by 4 by 4 voxels of 16 bits with something in every field; `extensions` are codes and contents.
pub fn nifti(slots: &Slots, shape: NiftiShape, extensions: &[(i32, Vec<u8>)]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        if shape.big {
            bytes.reverse();
        }
        bytes
    };
    let mut extended = Vec::new();
    for (code, content) in extensions {
        let length = (content.len() + 8).next_multiple_of(16);
        extended.extend(number(&(length as u32).to_le_bytes()));
        extended.extend(number(&code.to_le_bytes()));
        extended.extend(content);
        extended.resize(extended.len() + length - 8 - content.len(), 0);
    }
    let header = if shape.version == 1 { 348 } else { 540 };
    let voxels = header + 4 + extended.len();
    let mut bytes = vec![0; header + 4];
    let mut set = |at: usize, new: Vec<u8>| bytes[at..at + new.len()].copy_from_slice(&new);
    set(0, number(&(header as u32).to_le_bytes()));
    let offset = if shape.single { voxels } else { 0 };
    if shape.version == 1 {
        for (axis, size) in [3_i16, 4, 4, 4, 1, 1, 1, 1].iter().enumerate() {
            set(40 + 2 * axis, number(&size.to_le_bytes()));
            set(76 + 4 * axis, number(&1_f32.to_le_bytes()));
        }
        set(70, number(&4_i16.to_le_bytes()));
        set(72, number(&16_i16.to_le_bytes()));
        set(108, number(&(offset as f32).to_le_bytes()));
        set(344, if shape.single { b"n+1\0".to_vec() } else { b"ni1\0".to_vec() });
        put(&mut bytes, 4, 10, &slots.id);
        put(&mut bytes, 14, 18, &slots.name);
        put(&mut bytes, 148, 80, &format!("TE=30;Time=101112.000;{}", slots.comment));
        put(&mut bytes, 228, 24, &slots.series);
        put(&mut bytes, 328, 16, &slots.study);
        // Behind the end of a text.
        put(&mut bytes, 215, 13, &format!("\0{}", &slots.id));
    } else {
        set(4, if shape.single { b"n+2\0\r\n\x1A\n".to_vec() } else { b"ni2\0\r\n\x1A\n".to_vec() });
        set(12, number(&4_i16.to_le_bytes()));
        set(14, number(&16_i16.to_le_bytes()));
        for (axis, size) in [3_i64, 4, 4, 4, 1, 1, 1, 1].iter().enumerate() {
            set(16 + 8 * axis, number(&size.to_le_bytes()));
            set(104 + 8 * axis, number(&1_f64.to_le_bytes()));
        }
        set(168, number(&(offset as i64).to_le_bytes()));
        put(&mut bytes, 240, 80, &format!("TE=30;Time=101112.000;{}", slots.comment));
        put(&mut bytes, 320, 24, &slots.series);
        put(&mut bytes, 508, 16, &slots.study);
        put(&mut bytes, 525, 15, &slots.id);
    }
    bytes[header] = u8::from(!extensions.is_empty());
    put(&mut bytes, header + 1, 3, if extensions.is_empty() { "" } else { "abc" });
    bytes.extend(extended);
    if shape.single {
        bytes.extend(payload(4 * 4 * 4 * 2));
    }
    bytes
}

/// The JSON of NIfTI-MRS.
pub fn nifti_mrs_json(slots: &Slots) -> Vec<u8> {
    format!(
        "{{\"SpectrometerFrequency\": [123.25], \"ResonantNucleus\": [\"1H\"], \"PatientName\": \"{}\", \"PatientDoB\": \"{}\", \
         \"OriginalFile\": [\"{}.dat\"], \"EchoTime\": 0.03}}",
        slots.name, slots.birth_date, slots.id
    )
    .into_bytes()
}

/// Under gzip, with the name of the original file and a comment in its header.
pub fn gzip(bytes: &[u8], slots: &Slots) -> Vec<u8> {
    let mut out = flate2::GzBuilder::new()
        .filename(format!("{}.nii", slots.name))
        .comment(slots.comment.as_bytes())
        .extra(slots.id.as_bytes())
        .mtime(1_583_280_000)
        .write(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).expect("writing to memory");
    out.finish().expect("writing to memory")
}
