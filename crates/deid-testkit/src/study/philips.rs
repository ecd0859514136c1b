//! A classic MR image in the manner of Philips: private sequences that repeat public attributes.

use super::{Subject, common, file};
use crate::bytes::{delimited, explicit, undefined_item, undefined_sequence};
use crate::{tags, uids};

/// A classic MR image of Philips with the private sequences (2001,105F) and (2005,140F).
///
/// The notes are in the exam card's name (2001,10C8) and in an opaque element within the nested
/// sequence, which also repeats dates and UIDs.
pub fn philips_instance(subject: &Subject) -> Vec<u8> {
    let mut data_set = common(subject);
    data_set
        .add(tags::IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\M_FFE\\M\\FFE")
        .add(tags::MANUFACTURER, "LO", "Philips Medical Systems")
        .add(tags::MANUFACTURER_MODEL_NAME, "LO", "Ingenia")
        .add(tags::SOFTWARE_VERSIONS, "LO", "5.3.0\\5.3.0.3");
    data_set
        .add(0x2001_0010, "LO", "Philips Imaging DD 001")
        .add(0x2001_1001, "FL", 0_f32.to_le_bytes())
        .add(0x2001_1003, "FL", 0_f32.to_le_bytes())
        .add(0x2001_100A, "IS", subject.instance_number.to_string())
        .add(0x2001_1020, "LO", "T1TFE")
        .add_encoded(0x2001_105F, stack())
        .add(0x2001_10C8, "LO", &subject.private_note);
    data_set
        .add(0x2005_0010, "LO", "Philips MR Imaging DD 001")
        .add(0x2005_0014, "LO", "Philips MR Imaging DD 005")
        .add(0x2005_100D, "FL", 0_f32.to_le_bytes())
        .add(0x2005_100E, "FL", 0.004_25_f32.to_le_bytes())
        .add_encoded(0x2005_140F, undefined_sequence(0x2005_140F, undefined_item(nested(subject))));
    file(subject, data_set)
}

fn stack() -> Vec<u8> {
    let content = [
        explicit(0x2001_0010, "LO", "Philips Imaging DD 001"),
        explicit(0x2001_102D, "SS", 176_i16.to_le_bytes()),
        explicit(0x2001_1032, "FL", 0_f32.to_le_bytes()),
    ];
    delimited(0x2001_105F, "SQ", undefined_item(content.concat()))
}

/// The item of (2005,140F): what an enhanced image would say of this frame, and private elements.
fn nested(subject: &Subject) -> Vec<u8> {
    let acquired = format!("{}{}", subject.study_date, subject.study_time);
    [
        explicit(tags::INSTANCE_CREATION_DATE, "DA", &subject.study_date),
        explicit(tags::SOP_CLASS_UID, "UI", uids::MR_IMAGE),
        explicit(tags::SOP_INSTANCE_UID, "UI", &subject.instance_uid),
        explicit(tags::ACQUISITION_DATE_TIME, "DT", &acquired),
        explicit(tags::FRAME_ACQUISITION_DATE_TIME, "DT", &acquired),
        explicit(0x2005_0014, "LO", "Philips MR Imaging DD 005"),
        explicit(0x2005_1490, "OB", [b"\0\x01NOTE\0\0", subject.opaque_note.as_bytes(), b"\0\0"].concat()),
    ]
    .concat()
}
