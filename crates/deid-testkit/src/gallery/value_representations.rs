//! VRs that do not exist, lack their long length, are newer than the reader or wrong for the tag.

use super::{Case, case, explicit_file, header, person, pixels};
use crate::bytes::{explicit, explicit_long, explicit_short};
use crate::tags;

const PRIVATE: u32 = 0x2001_1001;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "vr_unknown_ZZ",
            "Two capital letters that are no VR: a future one, or a mistake; the length may be of either size.",
            with_private(explicit_short(PRIVATE, "ZZ", b"abcd")),
        ),
        case(
            "vr_question_marks",
            "The VR `??`, which some toolkits wrote for private elements they did not know.",
            with_private(explicit_short(PRIVATE, "??", b"abcd")),
        ),
        case(
            "vr_two_spaces",
            "Blanks in the place of the VR, from writers that had none to write.",
            with_private(explicit_short(PRIVATE, "  ", b"abcd")),
        ),
        case(
            "vr_null_null",
            "NUL bytes in the place of the VR, so that it looks like an implicit length.",
            with_private(explicit_short(PRIVATE, "\0\0", b"abcd")),
        ),
        case(
            "vr_ut_16bit_len",
            "UT with a 16-bit length, from writers older than the VR.",
            explicit_file(&[header(), explicit_short(tags::PATIENT_COMMENTS, "UT", b"abcd"), pixels()]),
        ),
        case(
            "vr_ob_16bit_len",
            "OB with a 16-bit length and no reserved bytes.",
            with_private(explicit_short(PRIVATE, "OB", b"abcd")),
        ),
        case(
            "vr_lo_32bit_len",
            "LO with reserved bytes and a 32-bit length, as if it were OB: read as 16-bit its length is zero.",
            with_private(explicit_long(PRIVATE, "LO", b"abcd")),
        ),
        case(
            "vr_new_SV_UV_OV",
            "The 64-bit VRs of 2019: readers older than that take their length to be 16 bits.",
            explicit_file(&[
                header(),
                explicit(PRIVATE, "SV", (-5_i64).to_le_bytes()),
                explicit(0x2001_1002, "UV", (1_u64 << 60).to_le_bytes()),
                explicit(0x2001_1003, "OV", [0; 16]),
                pixels(),
            ]),
        ),
        case(
            "vr_wrong_for_tag_PN_as_US",
            "Patient's Name as a number and Rows as text: the VR in the file contradicts the dictionary.",
            explicit_file(&[
                header(),
                explicit(tags::PATIENT_NAME, "US", [1, 0]),
                explicit(tags::ROWS, "LO", "512"),
                pixels(),
            ]),
        ),
    ]
}

fn with_private(element: Vec<u8>) -> Vec<u8> {
    explicit_file(&[header(), person(), element, pixels()])
}
