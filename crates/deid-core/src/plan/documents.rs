//! Documents, links to documents, and what earlier hands left: signatures and encrypted originals.
//!
//! What the table lists among them (Encapsulated Document, Icon Image, Original and Modified Attributes, Digital
//! Signatures) is decided by its row. These attributes have no row and identify all the same.

use crate::decide::{Decision, Verb};
use crate::rule::Rule;
use deid_dicom::Tag;

/// The decision for an attribute without row that is no good to anybody after de-identification; `None` for others.
pub(super) fn unlisted(tag: Tag) -> Option<Decision> {
    let (verb, rule) = match tag.0 {
        // HL7 Instance Identifier: the root of an organization and the number of a document there. Retrieve URI and
        // its kin name a server, and mostly the patient's instances.
        0x0040_E001 | 0x0040_E010 | 0x0008_1190 => (Verb::Dummy, Rule::DocumentLink),
        // Retrieve Location, Repository and Home Community: who keeps it.
        0x0040_E011 | 0x0040_E030 | 0x0040_E031 => (Verb::Uid, Rule::DocumentLink),
        // MAC Parameters belong to signatures, which go. Originals that somebody encrypted cannot be judged.
        0x4FFE_0001 | 0x0400_0500 => (Verb::Remove, Rule::Signature),
        _ => return None,
    };
    Some(Decision { verb, rule })
}
