//! Tags with digits that may vary.

use std::fmt;

use deid_dicom::Tag;

/// A tag, or the tags of a repeating group or element: `(0010,0010)`, `(60xx,3000)`, `(0020,31xx)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TagPattern {
    /// The tag with zeros where digits vary.
    pub base: Tag,
    /// The bits that must be those of `base`. The lowest bit of the group always is one of them: a
    /// repeating group of the standard is even, and all private attributes are odd.
    pub mask: u32,
}

impl TagPattern {
    /// All private attributes: every odd group.
    pub const PRIVATE: TagPattern = TagPattern { base: Tag(0x0001_0000), mask: 0x0001_0000 };

    /// The pattern of one tag.
    pub const fn of(tag: Tag) -> Self {
        TagPattern { base: tag, mask: u32::MAX }
    }

    /// Whether the tag is one of these.
    pub const fn matches(self, tag: Tag) -> bool {
        tag.0 & self.mask == self.base.0
    }

    /// The tag, when there is only one.
    pub const fn exact(self) -> Option<Tag> {
        if self.mask == u32::MAX { Some(self.base) } else { None }
    }
}

/// As the standard writes it.
impl fmt::Display for TagPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == TagPattern::PRIVATE {
            return f.write_str("(gggg,eeee) where gggg is odd");
        }
        f.write_str("(")?;
        for place in (0..8).rev() {
            if place == 3 {
                f.write_str(",")?;
            }
            let digit = |bits: u32| bits >> (4 * place) & 0xF;
            if digit(self.mask) == 0xF {
                write!(f, "{:X}", digit(self.base.0))?;
            } else {
                f.write_str("x")?;
            }
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAY_DATA: TagPattern = TagPattern { base: Tag(0x6000_3000), mask: 0xFF01_FFFF };

    #[test]
    fn repeating_group_matches_even_groups_only() {
        assert!(OVERLAY_DATA.matches(Tag::new(0x6000, 0x3000)));
        assert!(OVERLAY_DATA.matches(Tag::new(0x60FE, 0x3000)));
        assert!(!OVERLAY_DATA.matches(Tag::new(0x6001, 0x3000)));
        assert!(!OVERLAY_DATA.matches(Tag::new(0x6000, 0x3001)));
        assert_eq!(OVERLAY_DATA.exact(), None);
    }

    #[test]
    fn patterns_are_written_as_in_the_standard() {
        assert_eq!(OVERLAY_DATA.to_string(), "(60xx,3000)");
        assert_eq!(TagPattern::of(Tag(0x0010_0010)).to_string(), "(0010,0010)");
        assert_eq!(TagPattern::PRIVATE.to_string(), "(gggg,eeee) where gggg is odd");
    }
}
