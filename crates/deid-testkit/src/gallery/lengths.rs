//! Lengths that are odd, wrong, enormous or undefined; files cut short or with something at the end.

use super::{
    Case, case, explicit_file, header, hidden, implicit_file, implicit_header, implicit_pixels, person,
    pixels,
};
use crate::bytes::{
    UNDEFINED_LENGTH, explicit, explicit_with_length, implicit, implicit_with_length, unclosed,
    undefined_item, undefined_sequence,
};
use crate::tags;

/// So near to 4 GB that adding an offset overflows 32 bits.
const ENORMOUS: u32 = 0xFFFF_FFF0;

pub(super) fn cases() -> Vec<Case> {
    [values(), cuts(), order()].concat()
}

fn values() -> Vec<Case> {
    vec![
        case(
            "odd_len_ele",
            "Values of odd length without padding: common with hand-made tools, forbidden by PS3.5 7.1.1.",
            explicit_file(&[
                header(),
                explicit(tags::PATIENT_NAME, "PN", b"Doe^Jan"),
                explicit(tags::PATIENT_ID, "LO", b"ID1"),
                pixels(),
            ]),
        ),
        case(
            "odd_len_ile",
            "The same odd lengths in implicit VR.",
            implicit_file(&[
                implicit_header(),
                implicit(tags::PATIENT_NAME, b"Doe^Jan"),
                implicit(tags::PATIENT_ID, b"ID1"),
                implicit_pixels(),
            ]),
        ),
        case(
            "odd_len_declared_but_padded",
            "The length is that of the text without its padding, so that the next tag seems one byte off.",
            explicit_file(&[
                header(),
                explicit_with_length(tags::PATIENT_NAME, "PN", 7, b"Doe^Jan "),
                explicit(tags::PATIENT_ID, "LO", b"ID1 "),
                pixels(),
            ]),
        ),
        case(
            "odd_pixel_len",
            "Pixel data of odd length: 8-bit images of odd size whose writer forgot the padding.",
            explicit_file(&[header(), person(), explicit(tags::PIXEL_DATA, "OB", [0; 7])]),
        ),
        case(
            "len_bomb_4GB_OB",
            "Pixel data that claims 4 GB where four bytes are left: nothing may be allocated on its word.",
            explicit_file(&[
                header(),
                person(),
                explicit_with_length(tags::PIXEL_DATA, "OB", ENORMOUS, b"1234"),
            ]),
        ),
        case(
            "len_bomb_4GB_UN",
            "An unknown private element that claims 4 GB.",
            explicit_file(&[header(), person(), explicit_with_length(0x2001_1001, "UN", ENORMOUS, b"1234")]),
        ),
        case(
            "len_bomb_lo_ile",
            "A patient's name of 4 GB: implicit VR lets any element claim that.",
            implicit_file(&[implicit_header(), implicit_with_length(tags::PATIENT_NAME, ENORMOUS, b"abcd")]),
        ),
        case(
            "undef_len_on_LO_ile",
            "Undefined length on a string in implicit VR, with text where items should be.",
            implicit_file(&[
                implicit_header(),
                implicit_with_length(tags::PATIENT_ID, UNDEFINED_LENGTH, b"abcd"),
            ]),
        ),
        case(
            "undef_len_on_UT",
            "Undefined length on UT, which PS3.5 forbids: its end cannot be known.",
            explicit_file(&[header(), unclosed(tags::PATIENT_COMMENTS, "UT", b"abcd"), pixels()]),
        ),
        case(
            "group_lengths",
            "Retired group lengths in every group, as old scanners write them: right until the first edit.",
            explicit_file(&[
                explicit(0x0008_0000, "UL", (header().len() as u32).to_le_bytes()),
                header(),
                explicit(0x0010_0000, "UL", (person().len() as u32).to_le_bytes()),
                person(),
                pixels(),
            ]),
        ),
        case(
            "group_length_wrong",
            "A group length left stale by a tool that edited the group; a reader that trusts it gets lost.",
            explicit_file(&[
                explicit(0x0008_0000, "UL", 9999_u32.to_le_bytes()),
                header(),
                person(),
                pixels(),
            ]),
        ),
    ]
}

fn cuts() -> Vec<Case> {
    let request = undefined_sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, undefined_item(hidden()));
    vec![
        case(
            "trunc_in_value",
            "The file stops within the pixel data: a broken copy or a full disk.",
            explicit_file(&[cut(&[header(), person(), pixels()], 5)]),
        ),
        case(
            "trunc_in_header",
            "The file stops within the header of an element.",
            explicit_file(&[cut(&[header(), person(), pixels()], 15)]),
        ),
        case(
            "trunc_in_sq",
            "The file stops within an item, in the middle of a person's name.",
            explicit_file(&[cut(&[header(), person(), request], 30)]),
        ),
        case(
            "trailing_zeros",
            "Zeros after the last element, from tape or from archives that store blocks.",
            explicit_file(&[header(), person(), pixels(), vec![0; 64]]),
        ),
        case(
            "trailing_garbage",
            "Bytes after the last element that are no element at all: they may hold anything.",
            explicit_file(&[header(), person(), pixels(), b"\xffGARBAGE\x01".to_vec()]),
        ),
        case(
            "dataset_trailing_padding_FFFC",
            "The legal way to pad a file, Data Set Trailing Padding: again a place for anything.",
            explicit_file(&[
                header(),
                person(),
                pixels(),
                explicit(tags::DATA_SET_TRAILING_PADDING, "OB", [0; 32]),
            ]),
        ),
    ]
}

fn order() -> Vec<Case> {
    vec![
        case(
            "dup_tags",
            "Patient's Name occurs twice with different content: whoever changes one leaks the other.",
            explicit_file(&[header(), person(), explicit(tags::PATIENT_NAME, "PN", "Second^Name"), pixels()]),
        ),
        case(
            "out_of_order",
            "Elements do not ascend: the character set comes after the text it governs.",
            explicit_file(&[person(), header(), pixels()]),
        ),
    ]
}

fn cut(parts: &[Vec<u8>], missing: usize) -> Vec<u8> {
    let mut bytes = parts.concat();
    bytes.truncate(bytes.len() - missing);
    bytes
}
