//! Synthetic MR images about a person of your choice, in the manner of three vendors.
//!
//! [`Subject`] holds everything in the files that can identify someone; [`mr_instance`] (Siemens),
//! [`ge_instance`] and [`philips_instance`] write it where such scanners write it, private elements included.
//! All else is the same in every file. The images are 8 by 8 pixels of 16 bits, Explicit VR Little Endian and
//! sound; they resemble the vendors' files in their elements, not in completeness.

mod ge;
mod philips;
pub(crate) mod siemens;

pub use ge::{ge_instance, protocol_data_block};
pub use philips::philips_instance;
pub use siemens::{CsaField, csa_header, mr_instance};

use std::collections::BTreeMap;

use crate::bytes::{Meta, Part10, Value, explicit, item, sequence};
use crate::planted::Words;
use crate::{tags, uids};

/// Who and what an image is about: all that must not survive de-identification unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are attributes of the same name")]
pub struct Subject {
    pub patient_name: String,
    pub patient_id: String,
    pub other_patient_ids: String,
    pub birth_date: String,
    pub sex: String,
    pub age: String,
    pub address: String,
    pub comments: String,
    pub study_uid: String,
    pub series_uid: String,
    pub instance_uid: String,
    pub frame_of_reference_uid: String,
    /// The image that this one refers to, in sequences and private headers.
    pub referenced_uid: String,
    pub study_date: String,
    pub study_time: String,
    pub accession_number: String,
    pub study_id: String,
    pub referring_physician: String,
    pub performing_physician: String,
    pub requesting_physician: String,
    pub operators: String,
    pub institution: String,
    pub institution_address: String,
    pub station: String,
    pub device_serial_number: String,
    pub image_comments: String,
    /// Free text in a private element of text VR.
    pub private_note: String,
    /// Free text within a private element of opaque bytes.
    pub opaque_note: String,
    pub series_number: u32,
    pub instance_number: u32,
}

impl Default for Subject {
    /// Jane Doe, who does not exist.
    fn default() -> Self {
        let text = str::to_owned;
        Subject {
            patient_name: text("Doe^Jane"),
            patient_id: text("ID0001"),
            other_patient_ids: text("HOSP-77"),
            birth_date: text("19800229"),
            sex: text("F"),
            age: text("040Y"),
            address: text("1 Main Street"),
            comments: text("Fell off a horse"),
            study_uid: text("1.2.276.0.99.1"),
            series_uid: text("1.2.276.0.99.1.1"),
            instance_uid: text("1.2.276.0.99.1.1.1"),
            frame_of_reference_uid: text("1.2.276.0.99.1.0.1"),
            referenced_uid: text("1.2.276.0.99.1.9.1"),
            study_date: text("20200310"),
            study_time: text("101530.125000"),
            accession_number: text("ACC4711"),
            study_id: text("ST17"),
            referring_physician: text("House^Gregory"),
            performing_physician: text("Grey^Meredith"),
            requesting_physician: text("Cuddy^Lisa"),
            operators: text("Tech^Tom"),
            institution: text("General Hospital"),
            institution_address: text("2 Hospital Road"),
            station: text("MRC12345"),
            device_serial_number: text("45678"),
            image_comments: text("Moved a little"),
            private_note: text("Operator's note"),
            opaque_note: text("Note in the private header"),
            series_number: 3,
            instance_number: 1,
        }
    }
}

impl Subject {
    /// A subject with a different planted word in every field but sex, age, time and the two numbers.
    pub fn planted(words: &mut Words) -> Self {
        Subject {
            patient_name: words.plant_name("PatientName"),
            patient_id: words.plant("PatientID"),
            other_patient_ids: words.plant("OtherPatientIDs"),
            birth_date: words.plant_date("PatientBirthDate"),
            address: words.plant("PatientAddress"),
            comments: words.plant("PatientComments"),
            study_uid: words.plant_uid("StudyInstanceUID"),
            series_uid: words.plant_uid("SeriesInstanceUID"),
            instance_uid: words.plant_uid("SOPInstanceUID"),
            frame_of_reference_uid: words.plant_uid("FrameOfReferenceUID"),
            referenced_uid: words.plant_uid("ReferencedSOPInstanceUID"),
            study_date: words.plant_date("StudyDate"),
            accession_number: words.plant("AccessionNumber"),
            study_id: words.plant("StudyID"),
            referring_physician: words.plant_name("ReferringPhysicianName"),
            performing_physician: words.plant_name("PerformingPhysicianName"),
            requesting_physician: words.plant_name("RequestingPhysician"),
            operators: words.plant_name("OperatorsName"),
            institution: words.plant("InstitutionName"),
            institution_address: words.plant("InstitutionAddress"),
            station: words.plant("StationName"),
            device_serial_number: words.plant("DeviceSerialNumber"),
            image_comments: words.plant("ImageComments"),
            private_note: words.plant("private text"),
            opaque_note: words.plant("private opaque bytes"),
            ..Subject::default()
        }
    }
}

/// Elements in ascending order of their tags, however they were added.
#[derive(Default)]
struct DataSet(BTreeMap<u32, Vec<u8>>);

impl DataSet {
    fn add(&mut self, tag: u32, vr: &str, value: impl Value) -> &mut Self {
        self.add_encoded(tag, explicit(tag, vr, value))
    }

    /// An element whose bytes are made already.
    fn add_encoded(&mut self, tag: u32, element: Vec<u8>) -> &mut Self {
        self.0.insert(tag, element);
        self
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_values().flatten().collect()
    }
}

/// The elements that all three vendors write; they then add and change theirs.
fn common(subject: &Subject) -> DataSet {
    let mut data_set = DataSet::default();
    patient_and_study(subject, &mut data_set);
    series_and_equipment(subject, &mut data_set);
    acquisition(&mut data_set);
    image(subject, &mut data_set);
    data_set
}

fn patient_and_study(subject: &Subject, data_set: &mut DataSet) {
    data_set
        .add(tags::PATIENT_NAME, "PN", &subject.patient_name)
        .add(tags::PATIENT_ID, "LO", &subject.patient_id)
        .add(tags::PATIENT_BIRTH_DATE, "DA", &subject.birth_date)
        .add(tags::PATIENT_SEX, "CS", &subject.sex)
        .add(tags::OTHER_PATIENT_IDS, "LO", &subject.other_patient_ids)
        .add(tags::PATIENT_AGE, "AS", &subject.age)
        .add(tags::PATIENT_WEIGHT, "DS", "70")
        .add(tags::PATIENT_ADDRESS, "LO", &subject.address)
        .add(tags::PATIENT_COMMENTS, "LT", &subject.comments)
        .add(tags::STUDY_INSTANCE_UID, "UI", &subject.study_uid)
        .add(tags::STUDY_ID, "SH", &subject.study_id)
        .add(tags::STUDY_DATE, "DA", &subject.study_date)
        .add(tags::STUDY_TIME, "TM", &subject.study_time)
        .add(tags::ACCESSION_NUMBER, "SH", &subject.accession_number)
        .add(tags::REFERRING_PHYSICIAN_NAME, "PN", &subject.referring_physician)
        .add(tags::REQUESTING_PHYSICIAN, "PN", &subject.requesting_physician)
        .add(tags::STUDY_DESCRIPTION, "LO", "Brain")
        .add(tags::REQUESTED_PROCEDURE_DESCRIPTION, "LO", "MR head");
}

fn series_and_equipment(subject: &Subject, data_set: &mut DataSet) {
    data_set
        .add(tags::SERIES_INSTANCE_UID, "UI", &subject.series_uid)
        .add(tags::SERIES_NUMBER, "IS", subject.series_number.to_string())
        .add(tags::SERIES_DATE, "DA", &subject.study_date)
        .add(tags::SERIES_TIME, "TM", &subject.study_time)
        .add(tags::SERIES_DESCRIPTION, "LO", "t1_mprage_sag")
        .add(tags::PROTOCOL_NAME, "LO", "t1_mprage_sag")
        .add(tags::MODALITY, "CS", "MR")
        .add(tags::BODY_PART_EXAMINED, "CS", "BRAIN")
        .add(tags::PATIENT_POSITION, "CS", "HFS")
        .add(tags::PERFORMING_PHYSICIAN_NAME, "PN", &subject.performing_physician)
        .add(tags::OPERATORS_NAME, "PN", &subject.operators)
        .add(tags::FRAME_OF_REFERENCE_UID, "UI", &subject.frame_of_reference_uid)
        .add(tags::PERFORMED_PROCEDURE_STEP_START_DATE, "DA", &subject.study_date)
        .add(tags::PERFORMED_PROCEDURE_STEP_START_TIME, "TM", &subject.study_time)
        .add(tags::INSTITUTION_NAME, "LO", &subject.institution)
        .add(tags::INSTITUTION_ADDRESS, "ST", &subject.institution_address)
        .add(tags::STATION_NAME, "SH", &subject.station)
        .add(tags::DEVICE_SERIAL_NUMBER, "LO", &subject.device_serial_number);
}

fn acquisition(data_set: &mut DataSet) {
    data_set
        .add(tags::SCANNING_SEQUENCE, "CS", "GR\\IR")
        .add(tags::SEQUENCE_VARIANT, "CS", "SK\\SP\\MP")
        .add(tags::SCAN_OPTIONS, "CS", "IR")
        .add(tags::MR_ACQUISITION_TYPE, "CS", "3D")
        .add(tags::SLICE_THICKNESS, "DS", "1")
        .add(tags::REPETITION_TIME, "DS", "2300")
        .add(tags::ECHO_TIME, "DS", "2.98")
        .add(tags::NUMBER_OF_AVERAGES, "DS", "1")
        .add(tags::IMAGING_FREQUENCY, "DS", "123.258713")
        .add(tags::IMAGED_NUCLEUS, "SH", "1H")
        .add(tags::ECHO_NUMBERS, "IS", "1")
        .add(tags::MAGNETIC_FIELD_STRENGTH, "DS", "3")
        .add(tags::ECHO_TRAIN_LENGTH, "IS", "1")
        .add(tags::FLIP_ANGLE, "DS", "9");
}

fn image(subject: &Subject, data_set: &mut DataSet) {
    let pixels: Vec<u8> = (0..64_u16).flat_map(|n| (n * 61 % 4096).to_le_bytes()).collect();
    let position = format!("-85.5\\-120.25\\{}", 90 + subject.instance_number);
    data_set
        .add(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 100")
        .add(tags::IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\M\\ND\\NORM")
        .add(tags::INSTANCE_CREATION_DATE, "DA", &subject.study_date)
        .add(tags::INSTANCE_CREATION_TIME, "TM", &subject.study_time)
        .add(tags::SOP_CLASS_UID, "UI", uids::MR_IMAGE)
        .add(tags::SOP_INSTANCE_UID, "UI", &subject.instance_uid)
        .add(tags::ACQUISITION_DATE, "DA", &subject.study_date)
        .add(tags::ACQUISITION_TIME, "TM", &subject.study_time)
        .add(tags::CONTENT_DATE, "DA", &subject.study_date)
        .add(tags::CONTENT_TIME, "TM", &subject.study_time)
        .add_encoded(tags::REFERENCED_IMAGE_SEQUENCE, referenced_image(subject))
        .add(tags::ACQUISITION_NUMBER, "IS", "1")
        .add(tags::INSTANCE_NUMBER, "IS", subject.instance_number.to_string())
        .add(tags::IMAGE_POSITION_PATIENT, "DS", position)
        .add(tags::IMAGE_ORIENTATION_PATIENT, "DS", "0\\1\\0\\0\\0\\-1")
        .add(tags::SLICE_LOCATION, "DS", "-85.5")
        .add(tags::IMAGE_COMMENTS, "LT", &subject.image_comments)
        .add(tags::SAMPLES_PER_PIXEL, "US", 1_u16.to_le_bytes())
        .add(tags::PHOTOMETRIC_INTERPRETATION, "CS", "MONOCHROME2")
        .add(tags::ROWS, "US", 8_u16.to_le_bytes())
        .add(tags::COLUMNS, "US", 8_u16.to_le_bytes())
        .add(tags::PIXEL_SPACING, "DS", "1\\1")
        .add(tags::BITS_ALLOCATED, "US", 16_u16.to_le_bytes())
        .add(tags::BITS_STORED, "US", 12_u16.to_le_bytes())
        .add(tags::HIGH_BIT, "US", 11_u16.to_le_bytes())
        .add(tags::PIXEL_REPRESENTATION, "US", 0_u16.to_le_bytes())
        .add(tags::WINDOW_CENTER, "DS", "2048")
        .add(tags::WINDOW_WIDTH, "DS", "4096")
        .add(tags::PIXEL_DATA, "OW", pixels);
}

fn referenced_image(subject: &Subject) -> Vec<u8> {
    let reference = [
        explicit(tags::REFERENCED_SOP_CLASS_UID, "UI", uids::MR_IMAGE),
        explicit(tags::REFERENCED_SOP_INSTANCE_UID, "UI", &subject.referenced_uid),
    ];
    sequence(tags::REFERENCED_IMAGE_SEQUENCE, item(reference.concat()))
}

fn file(subject: &Subject, data_set: DataSet) -> Vec<u8> {
    let meta = Meta { sop_instance: subject.instance_uid.clone(), ..Meta::new(uids::EXPLICIT_LE) };
    Part10::new(uids::EXPLICIT_LE, data_set.bytes()).with_meta(&meta).bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::search;

    #[test]
    fn every_planted_word_is_in_every_vendors_file() {
        let mut words = Words::new();
        let subject = Subject::planted(&mut words);
        for (vendor, bytes) in [
            ("siemens", mr_instance(&subject)),
            ("ge", ge_instance(&subject)),
            ("philips", philips_instance(&subject)),
        ] {
            let hits = search(&bytes, words.planted());
            for planted in words.planted() {
                assert!(hits.iter().any(|hit| hit.word == planted.word), "{vendor}: {planted:?}");
            }
        }
    }

    #[test]
    fn jane_doe_has_no_planted_word() {
        let mut words = Words::new();
        Subject::planted(&mut words);
        let bytes = mr_instance(&Subject::default());
        assert_eq!(search(&bytes, words.planted()), []);
    }
}
