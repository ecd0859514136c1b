//! Transfer syntaxes that lie about the data set, or that few readers know.

use super::{
    Case, case, explicit_file, file_in, header, implicit_file, implicit_header, implicit_person,
    implicit_philips_creator, implicit_pixels, person, pixels,
};
use crate::bytes::{Meta, Part10, big_endian, encapsulated, implicit};
use crate::{tags, uids};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "ele_ts_but_implicit_data",
            "File meta says explicit VR, the data set is implicit: a header stuck on unconverted data.",
            explicit_file(&[implicit_header(), implicit_person(), implicit_pixels()]),
        ),
        case(
            "ile_ts_but_explicit_data",
            "File meta says implicit VR, the data set is explicit.",
            implicit_file(&[header(), person(), pixels()]),
        ),
        case(
            "ele_private_group_in_implicit_tail",
            "An explicit data set with one private group in implicit VR, pasted in as it was received.",
            explicit_file(&[
                header(),
                person(),
                implicit_philips_creator(),
                implicit(0x2001_1001, b"abcd"),
                pixels(),
            ]),
        ),
        case(
            "ts_ge_private",
            "GE's private transfer syntax 1.2.840.113619.5.2: implicit VR, pixels in big endian.",
            file_in("1.2.840.113619.5.2", &[implicit_header(), implicit_person(), implicit_pixels()]),
        ),
        case(
            "ts_philips_private",
            "A private transfer syntax of Philips with an ordinary explicit data set behind it.",
            file_in("1.3.46.670589.33.1.4.1", &[header(), person(), pixels()]),
        ),
        case(
            "ts_papyrus3_implicit",
            "Papyrus 3, a retired format for workstations: implicit VR under a UID few readers know.",
            file_in("1.2.840.10008.1.20", &[implicit_header(), implicit_person()]),
        ),
        case(
            "ts_unknown",
            "A transfer syntax nobody knows; the data set can be recognised all the same.",
            file_in("1.2.3.999", &[header(), person(), pixels()]),
        ),
        case(
            "ts_trailing_space",
            "The transfer syntax is padded with a space instead of NUL and so equals no known UID.",
            Part10::new(uids::EXPLICIT_LE, [header(), person(), pixels()].concat())
                .with_meta(&Meta::new("1.2.840.10008.1.2.1 "))
                .bytes(),
        ),
        case(
            "ts_htj2k_unknown_encaps",
            "A compression newer than the reader: elements can be edited without decoding a pixel.",
            file_in(uids::HTJ2K_LOSSLESS, &[header(), person(), encapsulated(&[b"", b"abcd"])]),
        ),
        case(
            "ebe",
            "Explicit VR Big Endian, retired in 2006 and still found in old archives.",
            file_in(
                uids::EXPLICIT_BE,
                &[
                    big_endian(tags::SOP_CLASS_UID, "UI", "1.2.3"),
                    big_endian(tags::PATIENT_NAME, "PN", "Doe^Jane"),
                    big_endian(tags::ROWS, "US", [0, 2]),
                    big_endian(tags::PIXEL_DATA, "OW", [0, 1, 2, 3, 4, 5, 6, 7]),
                ],
            ),
        ),
        case(
            "ebe_ts_but_le_data",
            "File meta says big endian, the data set is little endian.",
            file_in(uids::EXPLICIT_BE, &[header(), person(), pixels()]),
        ),
    ]
}
