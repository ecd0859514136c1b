//! Dummy values (PS3.15 E.3, action D): valid for their VR, the same for everybody.

use deid_dicom::Vr;

/// The text that stands where a text was.
pub(crate) const TEXT: &str = "ANONYMIZED";

/// A dummy value for this VR; empty for a sequence, whose content is made of dummies instead.
///
/// UIDs have no dummy: they are remapped.
pub(crate) fn value(vr: Vr) -> &'static [u8] {
    match vr {
        Vr::AE | Vr::CS | Vr::LO | Vr::LT | Vr::PN | Vr::SH | Vr::ST | Vr::UC | Vr::UT => TEXT.as_bytes(),
        Vr::AS => b"000Y",
        Vr::DA => b"19000101",
        Vr::DT => b"19000101000000",
        Vr::TM => b"000000",
        Vr::DS | Vr::IS => b"0",
        Vr::UR => b"urn:anonymized",
        Vr::UI => b"2.25.0",
        // A zero of the smallest whole size: the number of values is of no use once they are dummies.
        Vr::US | Vr::SS | Vr::OW | Vr::OB | Vr::UN | Vr::Implicit | Vr::Invalid => &[0; 2],
        Vr::UL | Vr::SL | Vr::FL | Vr::OF | Vr::OL | Vr::AT => &[0; 4],
        Vr::FD | Vr::OD | Vr::OV | Vr::SV | Vr::UV => &[0; 8],
        Vr::SQ => &[],
    }
}
