//! Unknown VR and private blocks: where identity hides from readers that skip what they do not know.

use super::{
    Case, case, explicit_file, header, hidden, image, implicit_file, implicit_header, implicit_hidden,
    implicit_person, implicit_philips_creator, implicit_pixels, person, philips_creator, pixels,
};
use crate::bytes::{delimited, explicit, explicit_short, implicit, implicit_sequence, item, undefined_item};
use crate::tags;

/// Stack Sequence, in the block of "Philips Imaging DD 001".
const STACK: u32 = 0x2001_105F;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(
            "un_undef_implicit_items_cp246",
            "An archive that did not know a private sequence wrote it as UN of undefined length, \
             its items in implicit VR as CP-246 demands.",
            with_stack(delimited(STACK, "UN", undefined_item(implicit_hidden()))),
        ),
        case(
            "un_undef_explicit_items_wrong",
            "A sequence relabelled UN of undefined length whose items stayed in explicit VR, against CP-246.",
            with_stack(delimited(STACK, "UN", undefined_item(hidden()))),
        ),
        case(
            "un_def_len_holding_implicit_sq",
            "A sequence of defined length, taken from an implicit file and written as plain UN bytes.",
            with_stack(explicit(STACK, "UN", item(implicit_hidden()))),
        ),
        case(
            "un_def_len_holding_explicit_sq",
            "UN of defined length whose bytes are items in explicit VR: nothing but their look tells so.",
            with_stack(explicit(STACK, "UN", item(hidden()))),
        ),
        case(
            "un_public_tag_def_len",
            "Even the patient's name is UN, as archives with a small dictionary write it.",
            explicit_file(&[
                header(),
                explicit(tags::PATIENT_NAME, "UN", b"Doe^Jane"),
                explicit(tags::PATIENT_ID, "UN", b"ID1 "),
                pixels(),
            ]),
        ),
        case(
            "un_nested_undef_in_un",
            "Inside UN of undefined length lies another private sequence with a creator of its own.",
            explicit_file(&[
                header(),
                person(),
                philips_creator(),
                delimited(STACK, "UN", undefined_item(nested_private_sequence())),
                pixels(),
            ]),
        ),
        case(
            "un_16bit_len",
            "UN with a 16-bit length, as writers did that treat it like LO.",
            with_stack(explicit_short(0x2001_1001, "UN", b"abcd")),
        ),
        case(
            "priv_sq_in_ile_undef",
            "A private sequence of undefined length in an implicit file: only its delimiters show what it is.",
            in_implicit(implicit_sequence(STACK, undefined_item(implicit_hidden()))),
        ),
        case(
            "priv_sq_in_ile_def",
            "A private sequence of defined length in an implicit file: it looks like any other bytes.",
            in_implicit(implicit(STACK, item(implicit_hidden()))),
        ),
        case(
            "priv_sq_vrSQ_items_implicit",
            "The private sequence is labelled SQ, but its items are in implicit VR, left from a conversion.",
            with_stack(delimited(STACK, "SQ", undefined_item(implicit_hidden()))),
        ),
        case(
            "priv_no_creator",
            "Private elements whose creator is missing, one even below the places for creators: \
             nobody can say what they mean.",
            explicit_file(&[
                header(),
                person(),
                explicit(0x2001_1001, "LO", "orphan"),
                explicit(0x2001_0001, "LO", "odd elem < 0x10"),
                pixels(),
            ]),
        ),
    ]
}

fn with_stack(element: Vec<u8>) -> Vec<u8> {
    explicit_file(&[header(), person(), image(), philips_creator(), element, pixels()])
}

fn in_implicit(element: Vec<u8>) -> Vec<u8> {
    implicit_file(&[
        implicit_header(),
        implicit_person(),
        implicit_philips_creator(),
        element,
        implicit_pixels(),
    ])
}

fn nested_private_sequence() -> Vec<u8> {
    [implicit(0x2001_0010, "Philips X "), implicit_sequence(0x2001_1060, undefined_item(implicit_hidden()))]
        .concat()
}
