//! Which elements a rule is about, and how that is written.

use std::fmt;

use deid_dicom::{Tag, Vr};
use deid_standard::{TagPattern, dictionary, private_dictionary};

use crate::element_path::ElementPath;

/// The elements a rule is about, wherever in the data set they stand unless a path says where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// A public tag, or a private tag by its literal number whatever its creator.
    Tag(Tag),
    /// The tags of a repeating group or element: `(60xx,3000)`.
    Pattern(TagPattern),
    /// An element of this creator, whichever block the creator reserved (PS3.5 7.8.1).
    Private {
        /// The odd group.
        group: u16,
        /// The creator's name.
        creator: String,
        /// The low byte of the element number.
        element: u8,
    },
    /// All elements of this creator's block that are no sequences.
    PrivateBlock {
        /// The odd group.
        group: u16,
        /// The creator's name.
        creator: String,
    },
    /// Elements at one place: inside certain sequences, or at top level.
    Path(ElementPath),
}

impl Selector {
    /// An element of a creator.
    pub fn private(group: u16, creator: &str, element: u8) -> Self {
        let creator = trim_creator(creator).to_owned();
        Selector::Private { group, creator, element }
    }

    /// The block of a creator.
    pub fn private_block(group: u16, creator: &str) -> Self {
        let creator = trim_creator(creator).to_owned();
        Selector::PrivateBlock { group, creator }
    }

    /// Whether sequences are meant too: a block rule leaves them to the other rules, for a
    /// vendor's sequence may hold a whole data set (Philips (2005,xx0F)).
    pub const fn covers_sequences(&self) -> bool {
        !matches!(self, Selector::PrivateBlock { .. })
    }

    /// Reads a keyword (`StudyDate`, also `OverlayData`), a tag (`(0008,0020)`) or tags with digits that vary
    /// (`(60xx,3000)`), an element of a creator (`(0029,{SIEMENS CSA HEADER}10)`) or a creator's block
    /// (`(0029,{SIEMENS CSA HEADER})`), or a path of these (see [`ElementPath`]).
    ///
    /// The private forms are those of XNAT's DicomEdit.
    ///
    /// ```
    /// use deid_profile::Selector;
    ///
    /// let csa = Selector::parse("(0029,{SIEMENS CSA HEADER}10)")?;
    /// assert_eq!(csa, Selector::private(0x0029, "SIEMENS CSA HEADER", 0x10));
    /// assert_eq!(csa.to_string(), "(0029,{SIEMENS CSA HEADER}10)");
    /// # Ok::<(), deid_profile::InvalidSelector>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidSelector> {
        let text = text.trim();
        if ElementPath::is_one(text) {
            return ElementPath::parse(text).map(Selector::Path);
        }
        if let Some(inner) = text.strip_prefix('(') {
            let inner = inner.strip_suffix(')').ok_or(InvalidSelector::Form)?;
            if let Some((group, rest)) = inner.split_once('{') {
                return parse_private(group, rest);
            }
        } else if !text.contains(',') && !is_eight_digits(text) {
            let attribute = dictionary::by_keyword(text).ok_or(InvalidSelector::UnknownKeyword)?;
            return match attribute.tag.exact() {
                Some(tag) => Selector::tag(tag),
                None => Ok(Selector::Pattern(attribute.tag)),
            };
        }
        match pattern(text) {
            Some(pattern) if pattern.base.is_structural() => Err(InvalidSelector::Structural),
            Some(pattern) => Ok(Selector::Pattern(pattern)),
            None => Selector::tag(text.parse().map_err(|_| InvalidSelector::Form)?),
        }
    }

    /// The VR of what is selected, if it is one element of a dictionary.
    pub(crate) fn vr(&self) -> Option<Vr> {
        match self {
            Selector::Tag(tag) => dictionary::attribute(*tag).map(|attribute| attribute.vr),
            Selector::Pattern(pattern) => dictionary::attribute(pattern.base).map(|attribute| attribute.vr),
            Selector::Private { group, creator, element } => {
                private_dictionary::private_attribute(creator, *group, *element).and_then(|known| known.vr)
            }
            Selector::PrivateBlock { .. } => None,
            Selector::Path(path) => path.last().and_then(|selector| selector.vr()),
        }
    }

    /// Whether what is selected is UIDs or a sequence, or of a VR that the standard does not tell.
    pub fn may_hold_uids(&self) -> bool {
        match self {
            Selector::Tag(_) | Selector::Pattern(_) => {
                self.vr().is_none_or(|vr| matches!(vr, Vr::UI | Vr::SQ | Vr::UN))
            }
            Selector::Private { .. } | Selector::PrivateBlock { .. } => true,
            Selector::Path(path) => path.last().is_none_or(|selector| selector.may_hold_uids()),
        }
    }

    fn tag(tag: Tag) -> Result<Self, InvalidSelector> {
        if tag.is_structural() {
            return Err(InvalidSelector::Structural);
        }
        Ok(Selector::Tag(tag))
    }
}

/// A tag with an `x` for each digit that varies. In the last digit of a group it stands for the even ones:
/// repeating groups of the standard are even (PS3.5 7.6).
fn pattern(text: &str) -> Option<TagPattern> {
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let (group, element) = inner.split_once(',')?;
    let digits = [group.trim(), element.trim()].concat();
    if group.trim().len() != 4 || digits.len() != 8 || !digits.contains(['x', 'X']) {
        return None;
    }
    let (mut base, mut mask) = (0u32, 0u32);
    for (place, digit) in digits.chars().enumerate() {
        let (value, fixed) = match digit {
            'x' | 'X' if place == 3 => (0, 1),
            'x' | 'X' => (0, 0),
            digit => (digit.to_digit(16)?, 0xF),
        };
        (base, mask) = (base << 4 | value, mask << 4 | fixed);
    }
    Some(TagPattern { base: Tag(base), mask })
}

/// The part in front of `{` and the part behind it, without the closing parenthesis.
fn parse_private(group: &str, rest: &str) -> Result<Selector, InvalidSelector> {
    let group = group.trim().strip_suffix(',').ok_or(InvalidSelector::Form)?;
    let group: Tag = format!("{},0000", group.trim()).parse().map_err(|_| InvalidSelector::Form)?;
    let (creator, element) = rest.rsplit_once('}').ok_or(InvalidSelector::Form)?;
    let (creator, element) = (trim_creator(creator), element.trim());
    if !group.is_private() {
        return Err(InvalidSelector::EvenGroup);
    }
    if creator.is_empty() {
        return Err(InvalidSelector::NoCreator);
    }
    if element.is_empty() {
        return Ok(Selector::private_block(group.group(), creator));
    }
    if element.len() != 2 || !element.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(InvalidSelector::Element);
    }
    let element = u8::from_str_radix(element, 16).map_err(|_| InvalidSelector::Element)?;
    Ok(Selector::private(group.group(), creator, element))
}

/// `00080020` is a tag; no keyword has that form.
fn is_eight_digits(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Tag(tag) => write!(f, "{tag}"),
            Selector::Pattern(pattern) => write!(f, "{pattern}"),
            Selector::Path(path) => write!(f, "{path}"),
            Selector::Private { group, creator, element } => {
                write!(f, "({group:04X},{{{creator}}}{element:02X})")
            }
            Selector::PrivateBlock { group, creator } => write!(f, "({group:04X},{{{creator}}})"),
        }
    }
}

/// Why a text selects no element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidSelector {
    /// It has none of the forms.
    Form,
    /// The data dictionary has no such keyword.
    UnknownKeyword,
    /// A creator is named, but the group is even.
    EvenGroup,
    /// The braces hold no creator.
    NoCreator,
    /// What follows the creator is not two hexadecimal digits.
    Element,
    /// It is an item or a delimiter.
    Structural,
    /// A step of a path is empty, or stands for a whole block, or the last one is `**`.
    Path,
    /// A step of a path leads through an element that is no sequence.
    NotASequence,
}

impl fmt::Display for InvalidSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidSelector::Form => "neither keyword nor tag",
            InvalidSelector::UnknownKeyword => "no keyword of the data dictionary",
            InvalidSelector::EvenGroup => "a private creator, but an even group",
            InvalidSelector::NoCreator => "no creator between the braces",
            InvalidSelector::Element => "no two hexadecimal digits behind the creator",
            InvalidSelector::Structural => "an item or a delimiter",
            InvalidSelector::Path => "no path of elements",
            InvalidSelector::NotASequence => "the path leads through an element that is no sequence",
        })
    }
}

impl std::error::Error for InvalidSelector {}

/// A creator's name without what LO pads with, and without the NUL that some writers pad with.
pub(crate) fn trim_creator(creator: &str) -> &str {
    creator.trim_matches([' ', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read() {
        let date = Ok(Selector::Tag(Tag::new(0x0008, 0x0020)));
        assert_eq!(Selector::parse("StudyDate"), date);
        assert_eq!(Selector::parse("(0008,0020)"), date);
        assert_eq!(Selector::parse(" ( 0008, 0020 ) "), date);
        assert_eq!(Selector::parse("00080020"), date);
        assert_eq!(Selector::parse("(0019,100c)"), Ok(Selector::Tag(Tag::new(0x0019, 0x100C))));
        assert_eq!(
            Selector::parse("(0029,{SIEMENS CSA HEADER}1f)"),
            Ok(Selector::private(0x0029, "SIEMENS CSA HEADER", 0x1F))
        );
        let overlays = TagPattern { base: Tag::new(0x6000, 0x3000), mask: 0xFF01_FFFF };
        assert_eq!(Selector::parse("OverlayData"), Ok(Selector::Pattern(overlays)));
        assert_eq!(Selector::parse("60XX,3000"), Ok(Selector::Pattern(overlays)));
        assert_eq!(
            Selector::parse("(0021, { SIEMENS MR SDI 02 } )"),
            Ok(Selector::private_block(0x0021, "SIEMENS MR SDI 02"))
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "(0008,0020)",
            "(60xx,3000)",
            "(0020,31xx)",
            "(0029,{SIEMENS CSA HEADER}10)",
            "(7FE1,{A, (B) {C}})",
            "(0019,{PHILIPS-MR/PART}10)",
            "(0040,0275)/(0040,0007)",
            "/(0008,0020)",
            "**/(0008,1155)",
            "(5200,9230)/**/(2005,{Philips MR Imaging DD 005}0F)/(60xx,3000)",
        ] {
            assert_eq!(Selector::parse(text).map(|s| s.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_selects_nothing_says_why() {
        for (text, why) in [
            ("", InvalidSelector::UnknownKeyword),
            ("StudyDat", InvalidSelector::UnknownKeyword),
            ("(0008,0020", InvalidSelector::Form),
            ("(0008,xg20)", InvalidSelector::Form),
            ("(FFFE,Exxx)", InvalidSelector::Structural),
            ("0008,002", InvalidSelector::Form),
            ("(0028,{SIEMENS CSA HEADER}10)", InvalidSelector::EvenGroup),
            ("(0029,{ }10)", InvalidSelector::NoCreator),
            ("(0029,{SIEMENS CSA HEADER}1)", InvalidSelector::Element),
            ("(0029,{SIEMENS CSA HEADER}+1)", InvalidSelector::Element),
            ("(0029,{SIEMENS CSA HEADER}1010)", InvalidSelector::Element),
            ("(0029{SIEMENS CSA HEADER}10)", InvalidSelector::Form),
            ("(0029,{SIEMENS CSA HEADER10)", InvalidSelector::Form),
            ("(FFFE,E000)", InvalidSelector::Structural),
        ] {
            assert_eq!(Selector::parse(text), Err(why), "{text}");
        }
    }
}
