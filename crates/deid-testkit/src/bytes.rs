//! A builder of exact DICOM bytes, which writes what it is told to, right or wrong.
//!
//! Every function returns the bytes of one thing; a data set is their concatenation
//! (`[element, element].concat()`). A value given as `&str` is text and is padded to even length as its VR
//! demands; a value given as bytes is written as it stands, whatever its length. Lengths are those of the
//! content unless a function ending in `_with_length` says otherwise.
//!
//! [`Part10`] puts preamble, file meta and data set together.

use crate::{tags, uids};

/// The length FFFFFFFF: ends at a delimiter.
pub const UNDEFINED_LENGTH: u32 = u32::MAX;

/// What can stand in an element.
pub trait Value {
    /// The bytes to write; text of odd length gets `padding` at its end.
    fn to_bytes(&self, padding: u8) -> Vec<u8>;
}

impl Value for str {
    fn to_bytes(&self, padding: u8) -> Vec<u8> {
        let mut bytes = self.as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(padding);
        }
        bytes
    }
}

impl Value for [u8] {
    fn to_bytes(&self, _padding: u8) -> Vec<u8> {
        self.to_vec()
    }
}

impl<const N: usize> Value for [u8; N] {
    fn to_bytes(&self, _padding: u8) -> Vec<u8> {
        self.to_vec()
    }
}

impl Value for Vec<u8> {
    fn to_bytes(&self, _padding: u8) -> Vec<u8> {
        self.clone()
    }
}

impl Value for String {
    fn to_bytes(&self, padding: u8) -> Vec<u8> {
        self.as_str().to_bytes(padding)
    }
}

impl<V: Value + ?Sized> Value for &V {
    fn to_bytes(&self, padding: u8) -> Vec<u8> {
        (**self).to_bytes(padding)
    }
}

/// An element of Explicit VR Little Endian; `vr` may be any two bytes.
pub fn explicit(tag: u32, vr: impl AsRef<[u8]>, value: impl Value) -> Vec<u8> {
    let value = value.to_bytes(padding(vr.as_ref()));
    explicit_with_length(tag, vr, length(&value), value)
}

/// An element of Explicit VR Little Endian that claims `length`; VRs of short length keep its low 16 bits.
pub fn explicit_with_length(tag: u32, vr: impl AsRef<[u8]>, length: u32, value: impl Value) -> Vec<u8> {
    let vr = vr.as_ref();
    let value = value.to_bytes(padding(vr));
    if has_long_length(vr) {
        [&tag_bytes(tag)[..], vr, &[0, 0], &length.to_le_bytes(), &value].concat()
    } else {
        [&tag_bytes(tag)[..], vr, &(length as u16).to_le_bytes(), &value].concat()
    }
}

/// An element with a 16-bit length, whatever its VR would demand.
pub fn explicit_short(tag: u32, vr: impl AsRef<[u8]>, value: impl Value) -> Vec<u8> {
    let vr = vr.as_ref();
    let value = value.to_bytes(padding(vr));
    [&tag_bytes(tag)[..], vr, &(value.len() as u16).to_le_bytes(), &value].concat()
}

/// An element with reserved bytes and a 32-bit length, whatever its VR would demand.
pub fn explicit_long(tag: u32, vr: impl AsRef<[u8]>, value: impl Value) -> Vec<u8> {
    let vr = vr.as_ref();
    let value = value.to_bytes(padding(vr));
    [&tag_bytes(tag)[..], vr, &[0, 0], &length(&value).to_le_bytes(), &value].concat()
}

/// An element of Implicit VR Little Endian; text is padded with a space, so give UIDs as bytes.
pub fn implicit(tag: u32, value: impl Value) -> Vec<u8> {
    let value = value.to_bytes(b' ');
    implicit_with_length(tag, length(&value), value)
}

/// An element of Implicit VR Little Endian that claims `length`.
pub fn implicit_with_length(tag: u32, length: u32, value: impl Value) -> Vec<u8> {
    [&tag_bytes(tag)[..], &length.to_le_bytes(), &value.to_bytes(b' ')].concat()
}

/// An element of Explicit VR Big Endian; the value's bytes are in big-endian order already.
pub fn big_endian(tag: u32, vr: impl AsRef<[u8]>, value: impl Value) -> Vec<u8> {
    let vr = vr.as_ref();
    let value = value.to_bytes(padding(vr));
    if has_long_length(vr) {
        [&tag.to_be_bytes()[..], vr, &[0, 0], &length(&value).to_be_bytes(), &value].concat()
    } else {
        [&tag.to_be_bytes()[..], vr, &(value.len() as u16).to_be_bytes(), &value].concat()
    }
}

/// An item of a big-endian sequence.
pub fn big_endian_item(content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [&tags::ITEM.to_be_bytes()[..], &length(content).to_be_bytes(), content].concat()
}

/// An item, or a fragment of encapsulated pixel data, of defined length.
pub fn item(content: impl AsRef<[u8]>) -> Vec<u8> {
    item_with_length(length(content.as_ref()), content)
}

/// An item that claims `length`.
pub fn item_with_length(length: u32, content: impl AsRef<[u8]>) -> Vec<u8> {
    [&structural(tags::ITEM, length)[..], content.as_ref()].concat()
}

/// An item of undefined length with its delimiter.
pub fn undefined_item(content: impl AsRef<[u8]>) -> Vec<u8> {
    [item_with_length(UNDEFINED_LENGTH, content), item_delimiter()].concat()
}

/// Item Delimitation Item.
pub fn item_delimiter() -> Vec<u8> {
    structural(tags::ITEM_DELIMITER, 0)
}

/// Sequence Delimitation Item.
pub fn sequence_delimiter() -> Vec<u8> {
    structural(tags::SEQUENCE_DELIMITER, 0)
}

/// A tag and a length without VR: how items and delimiters begin, in every little-endian syntax.
pub fn structural(tag: u32, length: u32) -> Vec<u8> {
    [tag_bytes(tag), length.to_le_bytes()].concat()
}

/// A sequence (SQ) of defined length.
pub fn sequence(tag: u32, items: impl AsRef<[u8]>) -> Vec<u8> {
    explicit(tag, "SQ", items.as_ref())
}

/// A sequence (SQ) of undefined length with its delimiter.
pub fn undefined_sequence(tag: u32, items: impl AsRef<[u8]>) -> Vec<u8> {
    delimited(tag, "SQ", items)
}

/// An element of undefined length and any VR, its items followed by the sequence delimiter.
pub fn delimited(tag: u32, vr: impl AsRef<[u8]>, items: impl AsRef<[u8]>) -> Vec<u8> {
    [unclosed(tag, vr, items), sequence_delimiter()].concat()
}

/// An element of undefined length and any VR without the delimiter that must follow.
pub fn unclosed(tag: u32, vr: impl AsRef<[u8]>, items: impl AsRef<[u8]>) -> Vec<u8> {
    explicit_with_length(tag, vr, UNDEFINED_LENGTH, items.as_ref())
}

/// A sequence of undefined length in implicit VR, with its delimiter.
pub fn implicit_sequence(tag: u32, items: impl AsRef<[u8]>) -> Vec<u8> {
    [implicit_with_length(tag, UNDEFINED_LENGTH, items.as_ref()), sequence_delimiter()].concat()
}

/// Pixel Data as fragments, the first of which is the basic offset table, and the sequence delimiter.
pub fn encapsulated(fragments: &[&[u8]]) -> Vec<u8> {
    let items: Vec<Vec<u8>> = fragments.iter().map(item).collect();
    delimited(tags::PIXEL_DATA, "OB", items.concat())
}

/// A file of PS3.10: preamble and prefix, file meta information, data set.
#[derive(Clone, Debug)]
pub struct Part10 {
    /// All that precedes the file meta, the prefix `DICM` included.
    pub preamble: Vec<u8>,
    /// File meta information; see [`Meta`].
    pub meta: Vec<u8>,
    /// The data set, encoded (or not) as the file meta says.
    pub data_set: Vec<u8>,
}

impl Part10 {
    /// A sound file around `data_set`, which claims to be written in `transfer_syntax`.
    pub fn new(transfer_syntax: &str, data_set: impl Into<Vec<u8>>) -> Self {
        Part10 {
            preamble: [&[0; 128][..], b"DICM"].concat(),
            meta: Meta::new(transfer_syntax).bytes(),
            data_set: data_set.into(),
        }
    }

    /// The same with another beginning, or with none.
    #[must_use]
    pub fn with_preamble(self, preamble: impl Into<Vec<u8>>) -> Self {
        Part10 { preamble: preamble.into(), ..self }
    }

    /// The same with other file meta.
    #[must_use]
    pub fn with_meta(self, meta: &Meta) -> Self {
        Part10 { meta: meta.bytes(), ..self }
    }

    /// The same without file meta.
    #[must_use]
    pub fn without_meta(self) -> Self {
        Part10 { meta: Vec::new(), ..self }
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        [&self.preamble[..], &self.meta, &self.data_set].concat()
    }
}

/// The file meta information to write; always Explicit VR Little Endian.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Media Storage SOP Class UID.
    pub sop_class: String,
    /// Media Storage SOP Instance UID.
    pub sop_instance: String,
    /// Transfer Syntax UID; absent if `None`.
    pub transfer_syntax: Option<String>,
    /// Elements that follow Implementation Class UID.
    pub extra: Vec<u8>,
    /// What the group length says.
    pub group_length: GroupLength,
}

/// What File Meta Information Group Length says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupLength {
    /// The truth.
    Right,
    /// Another number.
    Wrong(u32),
    /// The element is missing.
    Absent,
}

impl Meta {
    /// Sound file meta of an MR image in the given transfer syntax.
    pub fn new(transfer_syntax: &str) -> Self {
        Meta {
            sop_class: uids::MR_IMAGE.to_owned(),
            sop_instance: uids::GALLERY_INSTANCE.to_owned(),
            transfer_syntax: Some(transfer_syntax.to_owned()),
            extra: Vec::new(),
            group_length: GroupLength::Right,
        }
    }

    /// The elements of group 0002.
    pub fn bytes(&self) -> Vec<u8> {
        let transfer_syntax = self
            .transfer_syntax
            .as_ref()
            .map(|uid| explicit(tags::TRANSFER_SYNTAX_UID, "UI", uid))
            .unwrap_or_default();
        let elements = [
            explicit(tags::FILE_META_VERSION, "OB", [0, 1]),
            explicit(tags::MEDIA_STORAGE_SOP_CLASS_UID, "UI", &self.sop_class),
            explicit(tags::MEDIA_STORAGE_SOP_INSTANCE_UID, "UI", &self.sop_instance),
            transfer_syntax,
            explicit(tags::IMPLEMENTATION_CLASS_UID, "UI", uids::GALLERY_IMPLEMENTATION),
            self.extra.clone(),
        ]
        .concat();
        let group_length = match self.group_length {
            GroupLength::Right => length(&elements),
            GroupLength::Wrong(number) => number,
            GroupLength::Absent => return elements,
        };
        [explicit(tags::FILE_META_GROUP_LENGTH, "UL", group_length.to_le_bytes()), elements].concat()
    }
}

fn tag_bytes(tag: u32) -> [u8; 4] {
    let [a, b, c, d] = tag.to_be_bytes();
    [b, a, d, c]
}

fn length(content: &[u8]) -> u32 {
    u32::try_from(content.len()).expect("test data are smaller than 4 GB")
}

fn has_long_length(vr: &[u8]) -> bool {
    assert_eq!(vr.len(), 2, "a VR is two bytes");
    let long = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];
    long.iter().any(|name| name.as_bytes() == vr)
}

fn padding(vr: &[u8]) -> u8 {
    if vr == b"UI" { 0 } else { b' ' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn element_is_written_as_in_the_standard() {
        assert_eq!(explicit(tags::PATIENT_NAME, "PN", "Doe"), b"\x10\0\x10\0PN\x04\0Doe ");
        assert_eq!(explicit(tags::SOP_CLASS_UID, "UI", "1.2"), b"\x08\0\x16\0UI\x04\x001.2\0");
        assert_eq!(explicit(tags::PIXEL_DATA, "OB", b"\x07"), b"\xe0\x7f\x10\0OB\0\0\x01\0\0\0\x07");
        assert_eq!(implicit(tags::PATIENT_ID, "A"), b"\x10\0\x20\0\x02\0\0\0A ");
        assert_eq!(big_endian(tags::ROWS, "US", [2, 0]), b"\0\x28\0\x10US\0\x02\x02\0");
    }

    #[test]
    fn wrong_bytes_can_be_written() {
        assert_eq!(explicit_with_length(tags::PATIENT_ID, "LO", 9, "AB"), b"\x10\0\x20\0LO\x09\0AB");
        assert_eq!(explicit(0x2001_1001, b"\xff\xff", [1]), b"\x01\x20\x01\x10\xff\xff\x01\0\x01");
        assert_eq!(explicit_long(0x2001_1001, "LO", "AB"), b"\x01\x20\x01\x10LO\0\0\x02\0\0\0AB");
    }

    #[test]
    fn meta_counts_its_own_length() {
        let meta = Meta::new(uids::EXPLICIT_LE).bytes();
        assert_eq!(meta[8..12], length(&meta[12..]).to_le_bytes());
    }
}
