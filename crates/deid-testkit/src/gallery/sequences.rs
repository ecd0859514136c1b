//! Sequences: every pair of length kinds, delimiters too many or missing, and depth.

use super::{Case, case, explicit_file, header, hidden, person, pixels};
use crate::bytes::{
    UNDEFINED_LENGTH, explicit, item, item_delimiter, item_with_length, sequence, sequence_delimiter,
    structural, unclosed, undefined_item, undefined_sequence,
};
use crate::tags;

const IMAGES: u32 = tags::REFERENCED_IMAGE_SEQUENCE;
const CONTENT: u32 = tags::CONTENT_SEQUENCE;

pub(super) fn cases() -> Vec<Case> {
    [shapes(), delimiters(), depths()].concat()
}

fn shapes() -> Vec<Case> {
    vec![
        case(
            "sq_def_def",
            "Sequence and item both of defined length: an edit inside must change both numbers.",
            with_sequence(sequence(IMAGES, item(hidden()))),
        ),
        case(
            "sq_def_undefitem",
            "A sequence of defined length whose item is of undefined length.",
            with_sequence(sequence(IMAGES, undefined_item(hidden()))),
        ),
        case(
            "sq_undef_defitem",
            "A sequence of undefined length whose item is of defined length.",
            with_sequence(undefined_sequence(IMAGES, item(hidden()))),
        ),
        case(
            "sq_undef_undef",
            "Sequence and item both of undefined length: an edit inside changes no number.",
            with_sequence(undefined_sequence(IMAGES, undefined_item(hidden()))),
        ),
        case(
            "sq_empty_def",
            "A sequence of length zero, without items: legal for type 2.",
            with_sequence(sequence(IMAGES, b"")),
        ),
        case(
            "sq_empty_undef",
            "A sequence of undefined length that its delimiter closes at once.",
            with_sequence(undefined_sequence(IMAGES, b"")),
        ),
        case(
            "sq_empty_item_def",
            "One item of length zero: not the same as no item.",
            with_sequence(sequence(IMAGES, item(b""))),
        ),
        case(
            "sq_empty_item_undef",
            "One item of undefined length with nothing in it.",
            with_sequence(undefined_sequence(IMAGES, undefined_item(b""))),
        ),
    ]
}

fn delimiters() -> Vec<Case> {
    let hidden_item = || item(hidden());
    let too_long = hidden().len() as u32 + 40;
    let inner = undefined_sequence(IMAGES, [undefined_item(hidden()), hidden_item()].concat());
    vec![
        case(
            "sq_deflen_with_extra_seqdelim",
            "A sequence of defined length that counts a needless delimiter in: writers that always close.",
            with_sequence(sequence(IMAGES, [hidden_item(), sequence_delimiter()].concat())),
        ),
        case(
            "sq_deflen_then_stray_seqdelim",
            "After a sequence of defined length stands a delimiter that nothing opened: \
             taken for the end, it hides the patient's name behind it.",
            with_sequence([sequence(IMAGES, hidden_item()), sequence_delimiter()].concat()),
        ),
        case(
            "sq_defitem_with_extra_itemdelim_inside",
            "An item of defined length that ends with a needless item delimiter.",
            with_sequence(sequence(IMAGES, item([hidden(), item_delimiter()].concat()))),
        ),
        case(
            "sq_delim_nonzero_len",
            "The sequence delimiter claims four bytes of content, which are in fact the next element.",
            with_sequence(unclosed(
                IMAGES,
                "SQ",
                [hidden_item(), structural(tags::SEQUENCE_DELIMITER, 4)].concat(),
            )),
        ),
        case(
            "sq_missing_seqdelim_at_eof",
            "The last sequence is never closed: the file ends instead.",
            explicit_file(&[
                header(),
                person(),
                unclosed(tags::REQUEST_ATTRIBUTES_SEQUENCE, "SQ", undefined_item(hidden())),
            ]),
        ),
        case(
            "sq_item_len_too_long",
            "The item claims more bytes than its sequence has, and would swallow what follows.",
            explicit_file(&[
                header(),
                person(),
                sequence(IMAGES, item_with_length(too_long, hidden())),
                pixels(),
            ]),
        ),
        case(
            "sq_item_len_too_short",
            "The item ends in the middle of an element, as after an edit that forgot its length.",
            explicit_file(&[header(), person(), sequence(IMAGES, item_with_length(10, hidden())), pixels()]),
        ),
        case(
            "sq_nested_delims",
            "Sequences within sequences with delimiters and lengths mixed, and an element after the inner one.",
            with_sequence(undefined_sequence(
                IMAGES,
                undefined_item([inner, explicit(tags::PATIENT_ID, "LO", "in")].concat()),
            )),
        ),
    ]
}

fn depths() -> Vec<Case> {
    const LEVELS: usize = 20_000;
    vec![
        case(
            "sq_depth_00100",
            "A hundred levels of sequences: more than any report has, yet to be read.",
            with_depth(100),
        ),
        case(
            "sq_depth_00500",
            "Five hundred levels: where the first recursive readers give up.",
            with_depth(500),
        ),
        case("sq_depth_01000", "A thousand levels: Python's limit of recursion.", with_depth(1_000)),
        case(
            "sq_depth_02000",
            "Two thousand levels: a reader with a limit should say so instead of failing.",
            with_depth(2_000),
        ),
        case(
            "sq_depth_05000",
            "Five thousand levels: the small stack of a worker thread ends here.",
            with_depth(5_000),
        ),
        case(
            "sq_depth_10000",
            "Ten thousand levels: a file made to crash recursive readers.",
            with_depth(10_000),
        ),
        case(
            "sq_depth_100000_unclosed",
            "A hundred thousand sequences opened and none closed, two megabytes that overflow a stack.",
            explicit_file(&[header(), opening().repeat(100_000)]),
        ),
        case(
            "sq_depth_20000_closed",
            "Twenty thousand levels properly closed: valid, and the person is at the very bottom.",
            explicit_file(&[header(), opening().repeat(LEVELS), hidden(), closing().repeat(LEVELS)]),
        ),
    ]
}

fn with_sequence(sequence: Vec<u8>) -> Vec<u8> {
    explicit_file(&[header(), sequence, person(), pixels()])
}

fn with_depth(levels: usize) -> Vec<u8> {
    explicit_file(&[header(), opening().repeat(levels), hidden(), closing().repeat(levels), pixels()])
}

/// One level down: a sequence and an item, both of undefined length.
fn opening() -> Vec<u8> {
    [unclosed(CONTENT, "SQ", b""), item_with_length(UNDEFINED_LENGTH, b"")].concat()
}

/// One level up again.
fn closing() -> Vec<u8> {
    [item_delimiter(), sequence_delimiter()].concat()
}
