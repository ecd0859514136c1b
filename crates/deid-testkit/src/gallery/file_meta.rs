//! Preamble and file meta: missing, miscounted, or holding more than they should.

use super::{Case, case, explicit_file, header, implicit_header, implicit_person, person, pixels};
use crate::bytes::{GroupLength, Meta, Part10, explicit};
use crate::{tags, uids};

pub(super) fn cases() -> Vec<Case> {
    [beginnings(), metas()].concat()
}

fn beginnings() -> Vec<Case> {
    vec![
        case(
            "no_preamble_with_meta",
            "The file begins with file meta: preamble and prefix were dropped.",
            sound().with_preamble("").bytes(),
        ),
        case(
            "no_preamble_dicm_first",
            "The prefix DICM stands at the very beginning, without the 128 bytes before it.",
            sound().with_preamble("DICM").bytes(),
        ),
        case(
            "no_meta_ele",
            "A bare explicit data set, as some scanners and all network dumps store it.",
            sound().with_preamble("").without_meta().bytes(),
        ),
        case(
            "no_meta_ile",
            "A bare implicit data set, the oldest way to store DICOM: the first tag is all there is to go by.",
            implicit().with_preamble("").without_meta().bytes(),
        ),
        case(
            "preamble_no_meta_ile",
            "Preamble and prefix are followed by an implicit data set instead of file meta.",
            implicit().without_meta().bytes(),
        ),
        case(
            "preamble_tiff",
            "The preamble is a TIFF header, legal for files of two formats; it may point at metadata.",
            sound().with_preamble([&b"II*\0\x08\0\0\0"[..], &[b'X'; 120][..], b"DICM"].concat()).bytes(),
        ),
        case(
            "command_group_in_dataset",
            "The command group of a network message was saved at the head of the data set.",
            explicit_file(&[
                explicit(tags::COMMAND_GROUP_LENGTH, "UL", 4_u32.to_le_bytes()),
                explicit(tags::AFFECTED_SOP_CLASS_UID, "UI", "1.2.840.10008.1.1"),
                header(),
                person(),
                pixels(),
            ]),
        ),
    ]
}

fn metas() -> Vec<Case> {
    let meta = || Meta::new(uids::EXPLICIT_LE);
    vec![
        case(
            "meta_no_group_length",
            "File meta without its group length: its end shows only in the change of group.",
            with_meta(&Meta { group_length: GroupLength::Absent, ..meta() }),
        ),
        case(
            "meta_wrong_group_length_long",
            "The group length of the file meta reaches far into the data set.",
            with_meta(&Meta { group_length: GroupLength::Wrong(400), ..meta() }),
        ),
        case(
            "meta_wrong_group_length_short",
            "The group length of the file meta ends before the transfer syntax.",
            with_meta(&Meta { group_length: GroupLength::Wrong(20), ..meta() }),
        ),
        case(
            "meta_no_ts",
            "File meta without transfer syntax: the data set must be recognised by its look.",
            with_meta(&Meta { transfer_syntax: None, ..meta() }),
        ),
        case(
            "meta_private_info",
            "File meta with application titles, an address and private information: they name a site, \
             and tools that edit only the data set leave them.",
            with_meta(&Meta { extra: telling_elements(), ..meta() }),
        ),
        case(
            "meta_unknown_elem",
            "An element in file meta that the standard does not define.",
            with_meta(&Meta { extra: explicit(0x0002_0099, "LO", "unknown"), ..meta() }),
        ),
    ]
}

fn sound() -> Part10 {
    Part10::new(uids::EXPLICIT_LE, [header(), person(), pixels()].concat())
}

fn implicit() -> Part10 {
    Part10::new(uids::IMPLICIT_LE, [implicit_header(), implicit_person()].concat())
}

fn with_meta(meta: &Meta) -> Vec<u8> {
    sound().with_meta(meta).bytes()
}

fn telling_elements() -> Vec<u8> {
    [
        explicit(tags::IMPLEMENTATION_VERSION_NAME, "SH", "IMPL"),
        explicit(tags::SOURCE_AE_TITLE, "AE", "SRC"),
        explicit(tags::SENDING_AE_TITLE, "AE", "SENDAE"),
        explicit(tags::RECEIVING_AE_TITLE, "AE", "RECVAE"),
        explicit(tags::SOURCE_PRESENTATION_ADDRESS, "UR", "http://a "),
        explicit(tags::PRIVATE_INFORMATION_CREATOR_UID, "UI", "1.2.3"),
        explicit(tags::PRIVATE_INFORMATION, "OB", b"PHI!"),
    ]
    .concat()
}
