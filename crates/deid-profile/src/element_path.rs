//! Places in a data set: which sequences an element stands in.

use std::fmt;

use deid_dicom::{Tag, Vr};
use deid_standard::{TagPattern, dictionary};

use crate::selector::{InvalidSelector, Selector, trim_creator};

/// An element inside certain sequences, from the top of the data set: `RequestAttributesSequence/AccessionNumber`.
///
/// Steps are keywords, tags, tags with digits that vary, or elements of creators, with `/` between; items are not
/// numbered. `**` stands for any number of sequences, none included: `**/ReferencedSOPInstanceUID` is one at any
/// depth. A path of one step, `/StudyDate`, is the element at top level only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementPath {
    /// At least one; the last is no [`PathStep::Any`].
    steps: Vec<PathStep>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathStep {
    /// Any number of sequences.
    Any,
    /// An element by its tag, or one of several.
    Tag(TagPattern),
    /// An element of a creator, whichever block the creator reserved.
    Private {
        /// The odd group.
        group: u16,
        /// The creator's name.
        creator: String,
        /// The low byte of the element number.
        element: u8,
    },
}

/// An element, or a sequence around it, as a data set has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedElement {
    /// Its tag.
    pub tag: Tag,
    /// Who reserved its block, if it is private and that is known.
    pub creator: Option<String>,
}

impl ElementPath {
    /// Whether a text is meant as a path: it has a `/` outside the braces around a creator.
    pub(crate) fn is_one(text: &str) -> bool {
        split(text).len() > 1
    }

    pub(crate) fn parse(text: &str) -> Result<Self, InvalidSelector> {
        let mut parts = split(text);
        if parts.len() > 1 && parts[0].trim().is_empty() {
            parts.remove(0);
        }
        let steps = parts.into_iter().map(PathStep::parse).collect::<Result<Vec<_>, _>>()?;
        if matches!(steps.last(), None | Some(PathStep::Any)) {
            return Err(InvalidSelector::Path);
        }
        if steps[..steps.len() - 1].iter().any(|step| !step.may_be_sequence()) {
            return Err(InvalidSelector::NotASequence);
        }
        Ok(ElementPath { steps })
    }

    /// Whether the path leads to this element at top level, among others.
    pub(crate) fn reaches_top(&self, tag: Tag) -> bool {
        self.steps.split_last().is_some_and(|(last, before)| {
            before.iter().all(|step| *step == PathStep::Any)
                && matches!(last, PathStep::Tag(pattern) if pattern.matches(tag))
        })
    }

    /// The element that the path leads to.
    pub(crate) fn last(&self) -> Option<Selector> {
        match self.steps.last()? {
            PathStep::Any => None,
            PathStep::Tag(pattern) => Some(Selector::Pattern(*pattern)),
            PathStep::Private { group, creator, element } => {
                Some(Selector::private(*group, creator, *element))
            }
        }
    }

    /// Whether the path leads to the last of these: the sequences around an element from the top, and itself.
    pub fn leads_to(&self, elements: &[PlacedElement]) -> bool {
        let Some((last, around)) = elements.split_last() else { return false };
        let reached = around.iter().fold(self.start(), |reached, element| self.further(&reached, element));
        self.ends_with(&reached, last)
    }

    /// Which numbers of steps can have been taken before any element: no step needs more than one pass.
    pub(crate) fn start(&self) -> Vec<bool> {
        let mut reached = vec![false; self.steps.len() + 1];
        reached[0] = true;
        skip_any(&self.steps, &mut reached);
        reached
    }

    /// Which can have been taken after one more element.
    pub(crate) fn further(&self, reached: &[bool], element: &PlacedElement) -> Vec<bool> {
        let mut next = vec![false; reached.len()];
        for (at, step) in self.steps.iter().enumerate().filter(|(at, _)| reached[*at]) {
            match step {
                PathStep::Any => next[at] = true,
                step => next[at + 1] |= step.matches(element),
            }
        }
        skip_any(&self.steps, &mut next);
        next
    }

    /// Whether all can have been after one more, so that it is where the path leads.
    pub(crate) fn ends_with(&self, reached: &[bool], element: &PlacedElement) -> bool {
        self.further(reached, element).last().is_some_and(|end| *end)
    }

    /// Whether the last step can be an element of this tag: a quick test before the others are looked at.
    pub fn may_end_at(&self, tag: Tag) -> bool {
        match self.steps.last() {
            Some(PathStep::Tag(pattern)) => pattern.matches(tag),
            Some(PathStep::Private { group, element, .. }) => {
                tag.group() == *group && tag.element() as u8 == *element && tag.private_block().is_some()
            }
            _ => false,
        }
    }

    /// The tag of the last step, if it is one public or literal tag.
    pub fn last_tag(&self) -> Option<Tag> {
        match self.steps.last() {
            Some(PathStep::Tag(pattern)) => pattern.exact(),
            _ => None,
        }
    }
}

/// Where `**` may follow, none of what it stands for may.
fn skip_any(steps: &[PathStep], reached: &mut [bool]) {
    for (at, step) in steps.iter().enumerate() {
        if reached[at] && *step == PathStep::Any {
            reached[at + 1] = true;
        }
    }
}

/// The parts between slashes; those in braces belong to a creator's name.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl PathStep {
    fn parse(text: &str) -> Result<Self, InvalidSelector> {
        match text.trim() {
            "" => Err(InvalidSelector::Path),
            "**" => Ok(PathStep::Any),
            text => match Selector::parse(text)? {
                Selector::Tag(tag) => Ok(PathStep::Tag(TagPattern::of(tag))),
                Selector::Pattern(pattern) => Ok(PathStep::Tag(pattern)),
                Selector::Private { group, creator, element } => {
                    Ok(PathStep::Private { group, creator, element })
                }
                Selector::PrivateBlock { .. } | Selector::Path(_) => Err(InvalidSelector::Path),
            },
        }
    }

    /// Whether there can be items in it, as far as the standard's dictionary knows. What vendors' dictionaries say of
    /// their VRs is too uncertain for a refusal.
    fn may_be_sequence(&self) -> bool {
        match self {
            PathStep::Tag(pattern) => {
                dictionary::attribute(pattern.base).is_none_or(|attribute| attribute.vr == Vr::SQ)
            }
            PathStep::Any | PathStep::Private { .. } => true,
        }
    }

    fn matches(&self, found: &PlacedElement) -> bool {
        match self {
            PathStep::Any => true,
            PathStep::Tag(pattern) => pattern.matches(found.tag),
            PathStep::Private { group, creator, element } => {
                found.tag.group() == *group
                    && found.tag.element() as u8 == *element
                    && found.creator.as_deref().map(trim_creator) == Some(creator.as_str())
            }
        }
    }
}

impl fmt::Display for ElementPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.len() == 1 {
            f.write_str("/")?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 {
                f.write_str("/")?;
            }
            match step {
                PathStep::Any => f.write_str("**")?,
                PathStep::Tag(pattern) => write!(f, "{pattern}")?,
                PathStep::Private { group, creator, element } => {
                    write!(f, "({group:04X},{{{creator}}}{element:02X})")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(path: &str, to: &[(u16, u16)]) -> bool {
        let elements: Vec<_> = to
            .iter()
            .map(|(group, element)| PlacedElement { tag: Tag::new(*group, *element), creator: None })
            .collect();
        ElementPath::parse(path).unwrap().leads_to(&elements)
    }

    const STEP: (u16, u16) = (0x0040, 0x0007);
    const REQUEST: (u16, u16) = (0x0040, 0x0275);
    const FRAMES: (u16, u16) = (0x5200, 0x9230);

    #[test]
    fn a_path_is_anchored_at_the_top_unless_it_begins_with_stars() {
        let path = "RequestAttributesSequence/ScheduledProcedureStepDescription";
        assert!(leads(path, &[REQUEST, STEP]));
        assert!(!leads(path, &[FRAMES, REQUEST, STEP]));
        assert!(!leads(path, &[STEP]));
        assert!(!leads(path, &[REQUEST]));
        let anywhere = format!("**/{path}");
        assert!(leads(&anywhere, &[REQUEST, STEP]) && leads(&anywhere, &[FRAMES, REQUEST, STEP]));
        assert!(leads("**/(0040,0007)", &[STEP]) && leads("**/(0040,0007)", &[FRAMES, REQUEST, STEP]));
        assert!(leads("(5200,9230)/**/(0040,0007)", &[FRAMES, STEP]));
        assert!(leads("(5200,9230)/**/(0040,0007)", &[FRAMES, REQUEST, REQUEST, STEP]));
        assert!(!leads("(5200,9230)/**/(0040,0007)", &[REQUEST, STEP]));
        assert!(leads("/(0040,0007)", &[STEP]) && !leads("/(0040,0007)", &[REQUEST, STEP]));
    }

    #[test]
    fn steps_may_be_private() {
        let path = ElementPath::parse("(2005,{Philips MR Imaging DD 005}0F)/StudyDate").unwrap();
        let place = |creator: &str, block: u16| {
            let creator = Some(creator.to_owned());
            [
                PlacedElement { tag: Tag::new(0x2005, block << 8 | 0x0F), creator },
                PlacedElement { tag: Tag::new(0x0008, 0x0020), creator: None },
            ]
        };
        assert!(path.leads_to(&place("Philips MR Imaging DD 005 ", 0x14)));
        assert!(path.leads_to(&place("Philips MR Imaging DD 005", 0x12)));
        assert!(!path.leads_to(&place("Philips MR Imaging DD 001", 0x14)));
        assert!(path.may_end_at(Tag::new(0x0008, 0x0020)) && !path.may_end_at(Tag::new(0x0008, 0x0021)));
    }

    #[test]
    fn steps_on_the_way_are_sequences() {
        for text in [
            "StudyDate/SeriesDate",
            "**/(0010,0010)/StudyDate",
            "/RequestAttributesSequence/(60xx,3000)/StudyDate",
        ] {
            assert_eq!(ElementPath::parse(text), Err(InvalidSelector::NotASequence), "{text}");
        }
        for text in ["(0029,1010)/StudyDate", "(0029,{A}10)/StudyDate", "(0040,0275)/(0008,1140)"] {
            assert!(ElementPath::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["StudyDate/", "a//b", "**", "/**", "StudyDate/**", "(0029,{A})/StudyDate", "//StudyDate"]
        {
            assert!(ElementPath::parse(text).is_err(), "{text}");
        }
    }
}
