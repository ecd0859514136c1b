//! Keys of sidecars: which are known, and what stands behind them.
//!
//! A key that dcm2niix makes from an attribute is judged as that attribute is in a data set, one that it makes from a
//! vendor's private header as a field of that header.

use crate::Judge;
use crate::field::{Field, tag};
use deid_dicom::Vr;
use std::sync::LazyLock;

/// Keys that are no keyword of PS3.6, or are judged otherwise than their attribute.
const FIELDS: &[(&str, Field)] = &[
    ("PatientDoB", Field::Date(tag(0x0010, 0x0030))),
    ("ReferringPhysician", Field::Of(tag(0x0008, 0x0090))),
    ("PerformingPhysician", Field::Of(tag(0x0008, 0x1050))),
    ("Operator", Field::Of(tag(0x0008, 0x1070))),
    ("InstitutionDepartment", Field::Of(tag(0x0008, 0x1040))),
    ("ProcedureStepDescription", Field::Of(tag(0x0040, 0x0254))),
    ("PhysiciansOfRecord", Field::Of(tag(0x0008, 0x1048))),
    ("StationAETitle", Field::Of(tag(0x0040, 0x0241))),
    ("SoftwareVersion", Field::Coded(tag(0x0018, 0x1020))),
    ("ManufacturersModelName", Field::Coded(tag(0x0008, 0x1090))),
    ("AcquisitionDateTime", Field::Date(tag(0x0008, 0x002A))),
    ("ConversionTime", Field::Text),
    ("OriginalFile", Field::Text),
    ("ConversionSoftware", Field::Term),
    ("ConversionSoftwareVersion", Field::Term),
    ("ConversionMethod", Field::Term),
    ("BidsGuess", Field::Text),
    ("PhaseEncodingDirection", Field::Term),
    ("PhaseEncodingAxis", Field::Term),
    ("SliceEncodingDirection", Field::Term),
    ("InPlanePhaseEncodingDirectionDICOM", Field::Term),
    ("PulseSequenceName", Field::Coded(tag(0x0018, 0x9005))),
    ("PulseSequenceType", Field::Term),
    ("PulseSequenceDetails", Field::Term),
    ("AttenuationCorrection", Field::Coded(tag(0x0054, 0x1101))),
    ("BodyPart", Field::Coded(tag(0x0018, 0x0015))),
    ("TransmitCoilName", Field::Coded(tag(0x0018, 0x1251))),
    ("ReconFilterType", Field::Coded(tag(0x0018, 0x1210))),
    ("ReconMethodName", Field::Coded(tag(0x0054, 0x1103))),
    ("TracerName", Field::Coded(tag(0x0018, 0x0031))),
    ("TracerRadionuclide", Field::Coded(tag(0x0008, 0x0104))),
    ("InternalPulseSequenceName", Field::Term),
    ("ImageOrientationText", Field::Term),
    ("ImageTypeText", Field::Term),
    ("WipMemBlock", Field::Term),
    ("FmriExternalInfo", Field::Term),
    ("PrescanReuseString", Field::Term),
    ("PhaseEncodingDirectionDisplayed", Field::Term),
    ("DeepLearningDetails", Field::Term),
    ("DiffusionScheme", Field::Term),
    ("DiffGradientCyclingGE", Field::Term),
    ("CoilString", Field::Term),
    ("ReceiveCoilActiveElements", Field::Term),
    ("ConsistencyInfo", Field::Term),
    ("SpectrometerFrequency", Field::Number),
    ("ResonantNucleus", Field::Coded(tag(0x0018, 0x9100))),
    ("MatrixCoilMode", Field::Term),
    ("PartialFourierDirection", Field::Coded(tag(0x0018, 0x9036))),
    ("ParallelReductionOutOfPlane", Field::Term),
    ("ParallelAcquisitionTechnique", Field::Coded(tag(0x0018, 0x9078))),
    ("DeidentificationMethod", Field::Term),
    ("Units", Field::Coded(tag(0x0054, 0x1001))),
    ("dim_5", Field::Term),
    ("dim_6", Field::Term),
    ("dim_7", Field::Term),
];

/// Keys by which a JSON file is known to be a sidecar.
pub(super) const TELLING: &[&str] = &[
    "Modality",
    "MagneticFieldStrength",
    "ManufacturersModelName",
    "RepetitionTime",
    "EchoTime",
    "ConversionSoftware",
    "SpectrometerFrequency",
    "ImagingFrequency",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "SeriesDescription",
    "ProtocolName",
    "TaskName",
    "InstitutionName",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "PhaseEncodingDirection",
];

/// Keys that tell of the subject, for which no judge is there to ask.
pub(crate) fn known(key: &str) -> Option<Field> {
    let own = FIELDS.iter().find(|(known, _)| *known == key).map(|(_, field)| *field);
    own.or(Some(match key {
        "PatientName" => Field::Of(tag(0x0010, 0x0010)),
        "PatientID" => Field::Of(tag(0x0010, 0x0020)),
        "PatientBirthDate" => Field::Date(tag(0x0010, 0x0030)),
        "OtherPatientIDs" => Field::Of(tag(0x0010, 0x1000)),
        "AccessionNumber" => Field::Of(tag(0x0008, 0x0050)),
        "StudyID" => Field::Of(tag(0x0020, 0x0010)),
        "ReferringPhysicianName" => Field::Of(tag(0x0008, 0x0090)),
        "PerformingPhysicianName" => Field::Of(tag(0x0008, 0x1050)),
        "OperatorsName" => Field::Of(tag(0x0008, 0x1070)),
        "InstitutionName" => Field::Of(tag(0x0008, 0x0080)),
        "InstitutionAddress" => Field::Of(tag(0x0008, 0x0081)),
        "InstitutionalDepartmentName" => Field::Of(tag(0x0008, 0x1040)),
        "StationName" => Field::Of(tag(0x0008, 0x1010)),
        "StudyDate" | "SeriesDate" | "AcquisitionDate" | "ContentDate" => Field::Date(tag(0x0008, 0x0020)),
        "StudyInstanceUID" | "SeriesInstanceUID" | "SOPInstanceUID" | "FrameOfReferenceUID" => Field::Uid,
        _ => return None,
    }))
}

/// What stands behind a key.
pub(super) fn field_of(key: &str, judge: &dyn Judge) -> Option<Field> {
    if let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == key) {
        return Some(*field);
    }
    let (tag, vr) = judge.attribute_of(key)?;
    Some(match vr {
        Vr::DA | Vr::DT => Field::Date(tag),
        Vr::TM => Field::Time(tag),
        Vr::CS | Vr::SH | Vr::LO | Vr::ST | Vr::LT | Vr::UC | Vr::UT => Field::Coded(tag),
        _ => Field::Of(tag),
    })
}

/// Whether dcm2niix or BIDS define a key: it is no name of anybody, whatever the subject is called.
pub(super) fn is_defined(key: &str) -> bool {
    static KEYS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        include_str!("../../data/sidecar-keys.txt").lines().filter(|line| !line.starts_with('#')).collect()
    });
    KEYS.binary_search(&key).is_ok() || FIELDS.iter().any(|(known, _)| *known == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_known() {
        let lines = include_str!("../../data/sidecar-keys.txt").lines().filter(|line| !line.starts_with('#'));
        assert!(lines.is_sorted_by(|a, b| a < b));
        assert!(["SliceTiming", "WipMemBlock", "iEEGReference"].iter().all(|key| is_defined(key)));
        assert!(!is_defined("KnobNum") && !is_defined("Smith"));
    }
}
