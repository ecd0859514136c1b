//! Values whose format is off: numbers, dates, padding, and binary values of the wrong size.

use super::{Case, case, explicit_file, header, pixels};
use crate::bytes::explicit;
use crate::tags;

pub(super) fn cases() -> Vec<Case> {
    [strings(), numbers()].concat()
}

fn strings() -> Vec<Case> {
    vec![
        case(
            "txt_ds_is_formats",
            "Decimal and integer strings in all their clothes (blanks, signs, commas, 23 digits): \
             who reads and rewrites them changes them.",
            explicit_file(&[
                header(),
                explicit(tags::SLICE_THICKNESS, "DS", b" 1.50000 "),
                explicit(tags::REPETITION_TIME, "DS", b"+2.0E+03"),
                explicit(tags::ECHO_TIME, "DS", b"1,5 "),
                explicit(tags::ECHO_NUMBERS, "IS", b"007 "),
                explicit(tags::INSTANCE_NUMBER, "IS", b"1.0 "),
                explicit(tags::PIXEL_SPACING, "DS", b"0.123456789012345678901\\-0"),
                pixels(),
            ]),
        ),
        case(
            "txt_padding_kept",
            "Padding of every sort, too much and with the wrong byte, which a lossless tool leaves alone.",
            explicit_file(&[
                header(),
                explicit(tags::PATIENT_NAME, "PN", b"Doe^Jane^^^ = "),
                explicit(tags::PATIENT_ID, "LO", b"  ID1 \0\0"),
                explicit(tags::BODY_PART_EXAMINED, "CS", b"BRAIN\0"),
                explicit(tags::STUDY_INSTANCE_UID, "UI", b"1.2.3 "),
                explicit(tags::SERIES_INSTANCE_UID, "UI", b"1.2.3.4\0\0\0"),
                pixels(),
            ]),
        ),
        case(
            "txt_dates_bad",
            "Dates, times and ages that are none, or in the format of ACR-NEMA: they cannot be shifted.",
            explicit_file(&[
                header(),
                explicit(0x0009_0010, "LO", "X"),
                explicit(tags::PATIENT_BIRTH_DATE, "DA", "not-a-date"),
                explicit(tags::PATIENT_BIRTH_TIME, "TM", "12:30:45"),
                explicit(tags::PATIENT_AGE, "AS", "5Y"),
                explicit(tags::DATE_OF_LAST_CALIBRATION, "DA", "2020.01.02"),
                explicit(tags::FRAME_ACQUISITION_DATE_TIME, "DT", "20200102120000.000000+0100"),
                pixels(),
            ]),
        ),
        case(
            "txt_multivalue_trailing_backslash",
            "Lists that end with a backslash or consist of one: the last value is empty, not absent.",
            explicit_file(&[
                explicit(tags::IMAGE_TYPE, "CS", b"ORIGINAL\\PRIMARY\\M\\ "),
                explicit(tags::STUDY_DESCRIPTION, "LO", b"\\ "),
                explicit(tags::SERIES_DESCRIPTION, "LO", b"a\\"),
                pixels(),
            ]),
        ),
    ]
}

fn numbers() -> Vec<Case> {
    vec![
        case(
            "txt_at_vr",
            "Attribute tags as values, one of them of Patient's Name: a pointer is not the thing itself.",
            explicit_file(&[
                header(),
                explicit(tags::ORIGINAL_IMAGE_IDENTIFICATION, "AT", b"\x10\0\x10\0"),
                explicit(tags::FRAME_INCREMENT_POINTER, "AT", b"\x18\0\x63\x10\x54\0\x11\0"),
                pixels(),
            ]),
        ),
        case(
            "txt_us_multi_ss",
            "Signed and several unsigned shorts, where implicit VR cannot tell US from SS.",
            explicit_file(&[
                header(),
                explicit(tags::SMALLEST_IMAGE_PIXEL_VALUE, "SS", (-3_i16).to_le_bytes()),
                explicit(tags::RED_PALETTE_DESCRIPTOR, "US", b"\0\x01\0\0\x10\0"),
                pixels(),
            ]),
        ),
        case(
            "txt_us_odd_size",
            "A 16-bit number of three bytes.",
            explicit_file(&[header(), explicit(tags::ROWS, "US", b"\x01\0\x02"), pixels()]),
        ),
        case(
            "txt_fd_wrong_size",
            "A double of six bytes, in an element that should be a date and time.",
            explicit_file(&[header(), explicit(tags::FRAME_ACQUISITION_DATE_TIME, "FD", [0; 6]), pixels()]),
        ),
        case(
            "txt_nan_fl",
            "Floats that are not a number, one signalling: read as number and written back they differ.",
            explicit_file(&[
                header(),
                explicit(0x2001_1003, "FL", f32::NAN.to_le_bytes()),
                explicit(0x2001_1004, "FL", 0x7FA0_0001_u32.to_le_bytes()),
                pixels(),
            ]),
        ),
    ]
}
