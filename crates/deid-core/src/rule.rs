//! Why something is done to an element: the rules a plan refers to.

use deid_dicom::Vr;
use deid_profile::Profile;
use deid_standard::confidentiality::{ConfidentialityOption, OptionAction, Row};
use deid_standard::neuroimaging_private::{self, NeuroimagingPrivate};
use std::fmt;

/// The origin of one decision.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Row of table E.1-1, Basic Profile.
    Basic(&'static Row),
    /// Row of table E.1-1, column of an option.
    Option(&'static Row, ConfidentialityOption),
    /// The table has no row for this attribute: it is kept.
    NotInTable,
    /// Rule of the profile, by its index.
    Profile(usize),
    /// A value forced by the caller, by its index.
    Forced(usize),
    /// Name and ID of the subject.
    Subject,
    /// A mark of de-identification (PS3.15 E.1.1 step 6).
    Mark,
    /// Private attribute the standard knows to be safe (table E.3.10-1).
    SafePrivate,
    /// Private attribute on our list of what neuroimaging needs.
    Neuroimaging(&'static NeuroimagingPrivate),
    /// Private element of numbers only, of a creator that is known.
    NumericPrivate,
    /// Private attribute that nothing vouches for.
    Private,
    /// Private element whose block nobody reserved, or that stands in no block.
    PrivateWithoutCreator,
    /// Private creator none of whose elements is kept, or that stands twice.
    PrivateCreatorUnused,
    /// Private creator some of whose elements are kept.
    PrivateCreator,
    /// Even group, but in no dictionary: what it holds is unknown.
    UnknownAttribute,
    /// An element that has no place in a data set (groups 0000, 0002, FFFx).
    Misplaced,
    /// A person's name in an attribute the table does not list.
    PersonName,
    /// An attribute the table does not list, on our list of those that identify.
    UnlistedIdentity,
    /// A text the table does not list, on our list of those that people type: cleaned as its texts are.
    UnlistedText,
    /// An overlay's text, or what describes an overlay whose data goes.
    Overlay,
    /// What stands beside the pixels in their own element: comments of the encoder, bytes behind the last pixel.
    BesidePixels,
    /// A value that looks like a sequence and cannot be read as one.
    UnreadableSequence,
    /// An identifier of this subject stands in a value that is kept otherwise.
    Identifier,
    /// A text stands where the VR wants a number, date or UID.
    Malformed,
    /// A UID of an instance in an attribute that the table does not list.
    UnlistedUid,
    /// The version of a context group or template: a day that everybody knows.
    KnownDay,
    /// A UID in a private element that is kept.
    PrivateUid,
    /// A vendor's header or field, cleaned by what is known of its format; or one that could not be.
    VendorHeader,
    /// A dummy inside a sequence that must not be empty.
    InsideDummy,
    /// The value of a content item whose concept identifies somebody.
    ContentItem,
    /// A link to a document, by number or address.
    DocumentLink,
    /// What belongs to a digital signature, or was encrypted by somebody.
    Signature,
    /// A group length whose group was edited.
    GroupLength,
    /// Items and sequences: they hold what is judged by itself.
    Container,
}

impl Rule {
    /// A short identifier for reports.
    pub fn id(&self) -> &'static str {
        match self {
            Rule::Basic(_) => "e1.1-basic",
            Rule::Option(..) => "e1.1-option",
            Rule::NotInTable => "not-in-table",
            Rule::Profile(_) => "profile",
            Rule::Forced(_) => "forced",
            Rule::Subject => "subject",
            Rule::Mark => "mark",
            Rule::SafePrivate => "e3.10-safe-private",
            Rule::Neuroimaging(_) => "private-list",
            Rule::NumericPrivate => "private-numeric",
            Rule::Private => "private",
            Rule::PrivateWithoutCreator => "private-without-creator",
            Rule::PrivateCreatorUnused => "private-creator-unused",
            Rule::PrivateCreator => "private-creator",
            Rule::UnknownAttribute => "unknown-attribute",
            Rule::Misplaced => "misplaced",
            Rule::PersonName => "person-name",
            Rule::UnlistedIdentity => "unlisted-identity",
            Rule::UnlistedText => "unlisted-text",
            Rule::Overlay => "overlay",
            Rule::BesidePixels => "beside-pixels",
            Rule::UnreadableSequence => "unreadable-sequence",
            Rule::Identifier => "identifier",
            Rule::Malformed => "malformed",
            Rule::UnlistedUid => "unlisted-uid",
            Rule::KnownDay => "known-day",
            Rule::PrivateUid => "private-uid",
            Rule::VendorHeader => "vendor-header",
            Rule::InsideDummy => "inside-dummy",
            Rule::ContentItem => "content-item",
            Rule::DocumentLink => "document-link",
            Rule::Signature => "signature",
            Rule::GroupLength => "group-length",
            Rule::Container => "container",
        }
    }

    /// One line for people: what the rule is and where it comes from.
    pub fn describe(&self, profile: &Profile) -> String {
        match self {
            Rule::Basic(row) => {
                // A dummy that stands for one instance everywhere.
                let dummy = matches!(row.vr, Some(Vr::UI)) && row.basic.to_string().contains('D');
                let uid = if dummy { " (the dummy of a UID is another UID)" } else { "" };
                format!("PS3.15 table E.1-1 row {} {}, column Basic: {}{uid}", row.tag, row.name, row.basic)
            }
            Rule::Option(row, option) => {
                let action = if row.option(*option) == Some(OptionAction::Keep) { "K" } else { "C" };
                format!("PS3.15 table E.1-1 row {} {}, column {option}: {action}", row.tag, row.name)
            }
            Rule::Private => "PS3.15 table E.1-1 row of private attributes, column Basic: X".to_owned(),
            Rule::SafePrivate => "PS3.15 table E.3.10-1, column retain-safe-private: K".to_owned(),
            Rule::NotInTable => "PS3.15 table E.1-1 has no row for it".to_owned(),
            Rule::Mark => "PS3.15 E.1.1 step 6".to_owned(),
            Rule::Neuroimaging(row) => format!(
                "private list neuroimaging {}: {}",
                neuroimaging_private::EDITION,
                if row.name.is_empty() { row.reason } else { row.name }
            ),
            Rule::Profile(index) => match profile.rules.get(*index) {
                Some(rule) => {
                    let name = rule.origin.base.as_ref().unwrap_or(&profile.name);
                    let when = rule.when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
                    format!("profile {name} line {}: {}{when}", rule.origin.line, rule.selector)
                }
                None => format!("profile {}", profile.name),
            },
            Rule::Forced(_) => "a value that the caller asks for".to_owned(),
            Rule::Subject => "the subject's code".to_owned(),
            Rule::NumericPrivate => "numbers only, of a known private creator".to_owned(),
            Rule::PrivateWithoutCreator => "PS3.5 7.8.1: nobody reserved its block".to_owned(),
            Rule::PrivateCreatorUnused => "no element of this private creator is kept".to_owned(),
            Rule::PrivateCreator => "elements of this private creator are kept".to_owned(),
            Rule::UnknownAttribute => "no dictionary has it: nobody knows what it holds".to_owned(),
            Rule::Misplaced => "PS3.5 7.1: has no place in a data set".to_owned(),
            Rule::PersonName => "a person's name, by its VR".to_owned(),
            Rule::UnlistedIdentity => {
                "PS3.15 table E.1-1 has no row for it, and it tells who or where".to_owned()
            }
            Rule::UnlistedText => {
                "PS3.15 table E.1-1 has no row for it; cleaned as texts of clean-descriptors are".to_owned()
            }
            Rule::Overlay => "goes with its overlay, or is text beside one".to_owned(),
            Rule::BesidePixels => "a comment in compressed pixels, or text behind the last pixel".to_owned(),
            Rule::UnreadableSequence => "a sequence that cannot be read to its end".to_owned(),
            Rule::Identifier => "what identifies the subject stands in it".to_owned(),
            Rule::Malformed => "none of the values that its VR has (PS3.5 6.2)".to_owned(),
            Rule::UnlistedUid => "a UID of an instance, which table E.1-1 does not list".to_owned(),
            Rule::KnownDay => "not moved, as PS3.15 table E.1-1 would have it: everybody knows the day of a version, and it \
                would tell by how much the others moved; the Basic Profile's action"
                .to_owned(),
            Rule::PrivateUid => "a UID in a private element that is kept".to_owned(),
            Rule::VendorHeader => "a vendor's header or field, judged by its format".to_owned(),
            Rule::InsideDummy => "PS3.15 E.1.1: a dummy in a sequence that must not be empty".to_owned(),
            Rule::ContentItem => {
                "PS3.15 E.3.4: the concept of the content item identifies somebody".to_owned()
            }
            Rule::DocumentLink => "leads to a document of the subject".to_owned(),
            Rule::Signature => "PS3.15 E.1.1: signs, or encrypts, what was there before".to_owned(),
            Rule::GroupLength => "the length of a group that changed (PS3.5 7.2)".to_owned(),
            Rule::Container => "what is inside is judged by itself".to_owned(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deid_dicom::Tag;
    use deid_standard::confidentiality::row;

    #[test]
    fn a_dummy_of_a_uid_is_told_to_be_another_uid() {
        let profile = deid_profile::built_in("basic").unwrap();
        let told = |tag| Rule::Basic(row(tag).unwrap()).describe(&profile);
        // Annotation Group UID, D; Study Instance UID, U; Context Group Version, D.
        assert!(told(Tag::new(0x006A, 0x0003)).ends_with("Basic: D (the dummy of a UID is another UID)"));
        assert!(told(Tag::new(0x0020, 0x000D)).ends_with("Basic: U"));
        assert!(told(Tag::new(0x0008, 0x0106)).ends_with("Basic: D"));
    }
}
