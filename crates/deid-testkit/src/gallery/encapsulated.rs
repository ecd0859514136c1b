//! Pixel data in fragments, and other elements that carry pixels.

use super::{Case, case, explicit_file, file_in, header, person, pixels};
use crate::bytes::{
    delimited, encapsulated, explicit, item, sequence, unclosed, undefined_item, undefined_sequence,
};
use crate::{tags, uids};

/// The shortest JPEG there is: start and end of image.
const JPEG: &[u8] = b"\xff\xd8\xff\xd9";

pub(super) fn cases() -> Vec<Case> {
    [fragments(), other_pixels()].concat()
}

fn fragments() -> Vec<Case> {
    let table_and_image = [item(b""), item(JPEG)].concat();
    vec![
        case(
            "enc_empty_bot",
            "A sound compressed image with an empty offset table.",
            jpeg_file(encapsulated(&[b"", JPEG])),
        ),
        case(
            "enc_bot",
            "A sound compressed image whose offset table has an entry.",
            jpeg_file(encapsulated(&[&[0; 4], JPEG])),
        ),
        case(
            "enc_odd_fragment",
            "A fragment of odd length, which PS3.5 A.4 forbids and encoders write.",
            jpeg_file(encapsulated(&[b"", b"\xff\xd8\xff\xd9x"])),
        ),
        case(
            "enc_no_bot_item_first_is_frag",
            "The offset table is missing, so that the image itself is taken for it.",
            jpeg_file(encapsulated(&[b"\xff\xd8\xff\xd9\0\0\0\0\0\0"])),
        ),
        case(
            "enc_missing_seqdelim",
            "Fragments until the end of the file, never closed.",
            jpeg_file(unclosed(tags::PIXEL_DATA, "OB", &table_and_image)),
        ),
        case(
            "enc_vr_OW",
            "Fragments labelled OW where only OB is allowed.",
            jpeg_file(delimited(tags::PIXEL_DATA, "OW", &table_and_image)),
        ),
        case(
            "enc_ts_native_data",
            "File meta says JPEG, the pixels are not compressed.",
            jpeg_file(pixels()),
        ),
        case(
            "enc_pixels_in_icon_seq",
            "An icon in a sequence has pixel data of its own, compressed too: a face or a name may be on it.",
            file_in(
                uids::JPEG_BASELINE,
                &[
                    header(),
                    undefined_sequence(tags::ICON_IMAGE_SEQUENCE, undefined_item(encapsulated(&[b"", JPEG]))),
                    encapsulated(&[b"", JPEG]),
                ],
            ),
        ),
        case(
            "enc_after_pixel_elems",
            "An element follows the pixel data: readers that stop at the pixels never see it.",
            file_in(
                uids::JPEG_BASELINE,
                &[
                    header(),
                    person(),
                    encapsulated(&[b"", JPEG]),
                    sequence(tags::DIGITAL_SIGNATURES_SEQUENCE, b""),
                ],
            ),
        ),
        case(
            "enc_zero_len_fragment",
            "A fragment without a byte between the offset table and the image.",
            jpeg_file(encapsulated(&[b"", b"", JPEG])),
        ),
    ]
}

fn other_pixels() -> Vec<Case> {
    vec![
        case(
            "float_pixel_and_dbl",
            "Pixels as floating-point numbers, in the two elements that are not Pixel Data.",
            explicit_file(&[
                header(),
                person(),
                explicit(tags::FLOAT_PIXEL_DATA, "OF", [0; 8]),
                explicit(tags::DOUBLE_FLOAT_PIXEL_DATA, "OD", [0; 16]),
            ]),
        ),
        case(
            "overlay_curve_groups",
            "Overlays and retired curves, repeating groups that can hold drawn text and descriptions.",
            explicit_file(&[
                header(),
                person(),
                explicit(tags::CURVE_DATA, "OW", [0; 4]),
                explicit(tags::OVERLAY_DATA, "OW", [0; 4]),
                explicit(tags::SECOND_OVERLAY_DESCRIPTION, "LO", "desc"),
                pixels(),
            ]),
        ),
    ]
}

fn jpeg_file(pixel_data: Vec<u8>) -> Vec<u8> {
    file_in(uids::JPEG_BASELINE, &[header(), person(), pixel_data])
}
