//! BIDS JSON sidecars.

use super::{Slots, dashed};

/// A sidecar as dcm2niix writes it without `-ba y`, with planted values in keys known and unknown.
pub fn sidecar(slots: &Slots) -> Vec<u8> {
    let Slots { name, id, institution, station, serial, operator, study, series, comment, uid, .. } = slots;
    let (born, done) = (dashed(&slots.birth_date, '-'), dashed(&slots.study_date, '-'));
    format!(
        "{{\n\t\"Modality\": \"MR\",\n\t\"MagneticFieldStrength\": 3,\n\t\"ImagingFrequency\": 123.254,\n\
         \t\"Manufacturer\": \"Siemens\",\n\t\"ManufacturersModelName\": \"Prisma\",\n\
         \t\"InstitutionName\": \"{institution}\",\n\t\"InstitutionalDepartmentName\": \"{institution}\",\n\
         \t\"InstitutionAddress\": \"{institution} Road 1\",\n\t\"DeviceSerialNumber\": \"{serial}\",\n\
         \t\"StationName\": \"{station}\",\n\t\"SeriesInstanceUID\": \"{uid}\",\n\t\"StudyInstanceUID\": \"{uid}\",\n\
         \t\"ReferringPhysicianName\": \"{operator}\",\n\t\"StudyID\": \"{id}\",\n\t\"PatientName\": \"{name}\",\n\
         \t\"PatientID\": \"{id}\",\n\t\"AccessionNumber\": \"{id}\",\n\t\"PatientBirthDate\": \"{born}\",\n\
         \t\"PatientSex\": \"F\",\n\t\"PatientWeight\": 71,\n\t\"BodyPartExamined\": \"HEAD\",\n\t\"PatientPosition\": \"HFS\",\n\
         \t\"ProcedureStepDescription\": \"{study}\",\n\t\"SoftwareVersions\": \"syngo_MR_E11\",\n\
         \t\"MRAcquisitionType\": \"2D\",\n\t\"SeriesDescription\": \"{series}\",\n\t\"ProtocolName\": \"{series}\",\n\
         \t\"ScanningSequence\": \"EP\",\n\t\"ImageType\": [\"ORIGINAL\", \"PRIMARY\", \"M\", \"ND\", \"MOSAIC\"],\n\
         \t\"SeriesNumber\": 4,\n\t\"AcquisitionTime\": \"10:11:12.130000\",\n\t\"AcquisitionDateTime\": \"{done}T10:11:12.130000\",\n\
         \t\"ImageComments\": \"{comment}\",\n\t\"EchoTime\": 0.03,\n\t\"RepetitionTime\": 2,\n\
         \t\"Custom\": {{\"note\": \"scanned by {operator}\", \"list\": [\"{name}\", 3, \"{comment}\"], \"depth\": 1}},\n\
         \t\"SliceTiming\": [0, 0.5, 1.0],\n\t\"PhaseEncodingDirection\": \"j-\",\n\
         \t\"ConversionSoftware\": \"dcm2niix\",\n\t\"ConversionSoftwareVersion\": \"v1.0.20240202\"\n}}\n"
    )
    .into_bytes()
}
