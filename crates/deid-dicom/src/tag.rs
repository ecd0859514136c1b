//! Attribute tags.

use std::fmt;
use std::str::FromStr;

/// A data element tag: group in the high 16 bits, element in the low 16.
///
/// The order of tags is the order of elements in a data set (PS3.5 7.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl Tag {
    /// Item (FFFE,E000), PS3.5 7.5.
    pub const ITEM: Tag = Tag(0xFFFE_E000);
    /// Item Delimitation Item (FFFE,E00D).
    pub const ITEM_DELIMITER: Tag = Tag(0xFFFE_E00D);
    /// Sequence Delimitation Item (FFFE,E0DD).
    pub const SEQUENCE_DELIMITER: Tag = Tag(0xFFFE_E0DD);

    /// The tag of a group and an element number.
    pub const fn new(group: u16, element: u16) -> Self {
        Tag((group as u32) << 16 | element as u32)
    }

    /// Group number.
    pub const fn group(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Element number within the group.
    pub const fn element(self) -> u16 {
        self.0 as u16
    }

    /// Whether the group is odd, thus private (PS3.5 7.8).
    pub const fn is_private(self) -> bool {
        self.0 & 0x0001_0000 != 0
    }

    /// Whether this is the place of a private creator: (odd group,0010-00FF).
    pub const fn is_private_creator(self) -> bool {
        self.is_private() && self.element() >= 0x0010 && self.element() <= 0x00FF
    }

    /// The block number (10-FF) a private element lies in, for (odd group,1000-FFFF).
    pub const fn private_block(self) -> Option<u8> {
        if self.is_private() && self.element() >= 0x1000 { Some((self.element() >> 8) as u8) } else { None }
    }

    /// Whether this is a group length (gggg,0000).
    pub const fn is_group_length(self) -> bool {
        self.element() == 0
    }

    /// Whether this is an item or one of the two delimiters.
    pub const fn is_structural(self) -> bool {
        self.group() == 0xFFFE
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:04X},{:04X})", self.group(), self.element())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no tag of the form `(gggg,eeee)`, `gggg,eeee` or `ggggeeee`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTag;

impl fmt::Display for InvalidTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a tag of the form (gggg,eeee)")
    }
}

impl std::error::Error for InvalidTag {}

impl FromStr for Tag {
    type Err = InvalidTag;

    fn from_str(text: &str) -> Result<Self, InvalidTag> {
        let text = text.trim();
        let text = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(text);
        let digits: String = match text.split_once(',') {
            Some((group, element)) => {
                let (group, element) = (group.trim(), element.trim());
                if group.len() != 4 || element.len() != 4 {
                    return Err(InvalidTag);
                }
                [group, element].concat()
            }
            None => text.to_owned(),
        };
        if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidTag);
        }
        u32::from_str_radix(&digits, 16).map(Tag).map_err(|_| InvalidTag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_reads_what_it_writes() {
        let tag = Tag::new(0x0029, 0x101A);
        assert_eq!(tag.to_string(), "(0029,101A)");
        assert_eq!("(0029,101a)".parse(), Ok(tag));
        assert_eq!("0029101A".parse(), Ok(tag));
        assert_eq!("(0029,101)".parse::<Tag>(), Err(InvalidTag));
        assert_eq!("+0291,101A".parse::<Tag>(), Err(InvalidTag));
    }

    #[test]
    fn private_places_are_told_apart() {
        assert!(Tag::new(0x0029, 0x0010).is_private_creator());
        assert!(!Tag::new(0x0029, 0x0001).is_private_creator());
        assert_eq!(Tag::new(0x0029, 0x12AB).private_block(), Some(0x12));
        assert_eq!(Tag::new(0x0028, 0x12AB).private_block(), None);
    }
}
