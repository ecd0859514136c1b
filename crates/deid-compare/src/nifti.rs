//! What of a NIfTI file is science: voxels and geometry, compared byte by byte.
//!
//! Reads the headers of NIfTI-1 (348 bytes, `nifti1.h`) and NIfTI-2 (540 bytes, `nifti2.h`) as far as they describe
//! the image. Their texts (`descrip`, `aux_file`, `intent_name`, `db_name`) are left out: converters put times there.

use std::ops::Range;

use sha2::{Digest, Sha256};

/// An image, as far as two are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// Hash of the voxels as stored.
    pub(crate) voxels: [u8; 32],
    /// The fields of the header that describe the image, in their order.
    pub(crate) geometry: Vec<u8>,
}

/// The fields of NIfTI-1 that describe the image.
const NIFTI_1: &[Range<usize>] = &[
    39..40,   // dim_info
    40..56,   // dim
    56..68,   // intent_p1 to intent_p3
    68..70,   // intent_code
    70..74,   // datatype, bitpix
    74..76,   // slice_start
    76..108,  // pixdim
    112..120, // scl_slope, scl_inter
    120..124, // slice_end, slice_code, xyzt_units
    132..140, // slice_duration, toffset
    252..328, // qform_code, sform_code, quaternion and offsets, srow_x to srow_z
];

/// The same of NIfTI-2.
const NIFTI_2: &[Range<usize>] = &[
    12..16,   // datatype, bitpix
    16..80,   // dim
    80..104,  // intent_p1 to intent_p3
    104..168, // pixdim
    176..192, // scl_slope, scl_inter
    208..240, // slice_duration, toffset, slice_start, slice_end
    344..496, // qform_code to srow_z
    496..508, // slice_code, xyzt_units, intent_code
    524..525, // dim_info
];

/// Reads an image; `None` if this is no uncompressed single-file NIfTI.
pub(crate) fn read(bytes: &[u8]) -> Option<Image> {
    let size: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    let (fields, little) = match (u32::from_le_bytes(size), u32::from_be_bytes(size)) {
        (348, _) => (NIFTI_1, true),
        (_, 348) => (NIFTI_1, false),
        (540, _) => (NIFTI_2, true),
        (_, 540) => (NIFTI_2, false),
        _ => return None,
    };
    let offset = if fields == NIFTI_1 {
        let raw: [u8; 4] = bytes.get(108..112)?.try_into().ok()?;
        let offset = if little { f32::from_le_bytes(raw) } else { f32::from_be_bytes(raw) };
        (offset.is_finite() && offset >= 348.0).then_some(offset as usize)?
    } else {
        let raw: [u8; 8] = bytes.get(168..176)?.try_into().ok()?;
        let offset = if little { i64::from_le_bytes(raw) } else { i64::from_be_bytes(raw) };
        usize::try_from(offset).ok().filter(|&offset| offset >= 540)?
    };
    let mut geometry = vec![u8::from(little)];
    for field in fields {
        geometry.extend_from_slice(bytes.get(field.clone())?);
    }
    Some(Image { voxels: Sha256::digest(bytes.get(offset..)?).into(), geometry })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Vec<u8> {
        let mut bytes = vec![0; 352];
        bytes[..4].copy_from_slice(&348_u32.to_le_bytes());
        bytes[108..112].copy_from_slice(&352_f32.to_le_bytes());
        bytes.extend([1, 2, 3, 4]);
        bytes
    }

    #[test]
    fn voxels_and_geometry_are_told_apart() {
        let first = read(&image()).unwrap();
        let changed = |at: usize| {
            let mut bytes = image();
            bytes[at] ^= 1;
            read(&bytes).unwrap()
        };
        let voxel = changed(354);
        assert!(voxel.voxels != first.voxels && voxel.geometry == first.geometry);
        let affine = changed(280);
        assert!(affine.voxels == first.voxels && affine.geometry != first.geometry);
        assert_eq!(changed(150), first, "the description is no science");
    }

    #[test]
    fn what_is_no_nifti_is_not_read() {
        assert_eq!(read(b""), None);
        assert_eq!(read(&[0; 400]), None);
        let mut beyond = image();
        beyond[108..112].copy_from_slice(&1e9_f32.to_le_bytes());
        assert_eq!(read(&beyond), None);
    }
}
