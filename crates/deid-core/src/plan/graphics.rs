//! Clean Graphics (PS3.15 E.3.3): overlays, curves and annotations, kept as far as they can be proved to hold no text.
//!
//! - A bitmap of an overlay may spell a name. It is kept only if it is a region of interest (type R) in one frame whose
//!   area is the one stated, and which is one filled shape without strokes ([`solid`]).
//! - A curve is kept only if it is measured data whose type and axis units are terms of the standard, and whose length
//!   is what its dimensions say. Audio goes.
//! - Texts of annotations, layers and groups (group 0070) are cleaned, points and shapes stay.

mod solid;

use super::{LONGEST_OPAQUE, Planner};
use crate::decide::{Decision, Verb};
use crate::rule::Rule;
use deid_dicom::{Encoding, Kind, Node, NodeIndex, ROOT, Source, Tag, Vr, value};
use deid_profile::ConfidentialityOption;

/// The text of a text object (PS3.3 C.10.5), also of a waveform annotation.
pub(super) const UNFORMATTED_TEXT: Tag = Tag::new(0x0070, 0x0006);
const GRAPHIC_LAYER: Tag = Tag::new(0x0070, 0x0002);
const GRAPHIC_DIMENSIONS: Tag = Tag::new(0x0070, 0x0020);
const NUMBER_OF_POINTS: Tag = Tag::new(0x0070, 0x0021);
const GRAPHIC_LAYERS: Tag = Tag::new(0x0070, 0x0060);

impl<S: Source> Planner<'_, '_, S> {
    /// Whether the option is chosen.
    pub(super) fn cleans_graphics(&self) -> bool {
        self.inputs.policy.profile.has_option(ConfidentialityOption::CleanGraphics)
    }

    /// Plans an element of an overlay, a curve or a presentation state under Clean Graphics; `None` if it is to be
    /// judged as any other.
    pub(super) fn graphic(
        &mut self,
        index: NodeIndex,
        node: &Node,
        vr: Vr,
        decided: Decision,
    ) -> Option<NodeIndex> {
        if matches!(decided.rule, Rule::Profile(_) | Rule::Forced(_)) || node.tag.is_group_length() {
            return None;
        }
        let (group, element) = (node.tag.group(), node.tag.element());
        let text = matches!(vr, Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        match group & 0xFF00 {
            0x5000 | 0x6000 => {
                if !self.graphic_is_kept(node.parent, group) {
                    return Some(self.remove(index, decided.rule));
                }
                let known = group & 0xFF00 == 0x6000
                    || matches!(element, 0x0005..=0x0022 | 0x0030 | 0x0040 | 0x0103..=0x0114 | 0x2500 | 0x3000);
                Some(match (vr, element) {
                    _ if !known || node.kind != Kind::Element => self.remove(index, decided.rule),
                    // Checked sign by sign.
                    (_, 0x0030 | 0x3000) => self.record_keep(index, decided.rule),
                    _ if text => self.clean_inside(index, node, vr, decided.rule),
                    _ => self.keep(index, node, vr, decided.rule),
                })
            }
            0x0000 if group == 0x0070 && text && matches!(decided.verb, Verb::Keep | Verb::Clean) => {
                Some(self.clean_inside(index, node, vr, decided.rule))
            }
            _ => None,
        }
    }

    /// Whether an element inside a dummy annotation is what its validity hangs on (PS3.3 C.10.5): two dimensions, as
    /// many points as there are zeros in their place, a layer that the presentation state has. `None`: none of these.
    pub(super) fn is_graphic_structure(&mut self, node: &Node, vr: Vr) -> Option<bool> {
        match node.tag {
            GRAPHIC_DIMENSIONS | NUMBER_OF_POINTS => {
                if vr != Vr::US || node.value_length() != 2 {
                    return Some(false);
                }
                let bytes = self.source.peek::<2>(node.value_start())?;
                let number = match node.encoding {
                    Encoding::ExplicitBig => u16::from_be_bytes(bytes),
                    _ => u16::from_le_bytes(bytes),
                };
                Some(node.tag == NUMBER_OF_POINTS || number == 2)
            }
            GRAPHIC_LAYER => Some(vr == Vr::CS && self.is_layer(node)),
            _ => None,
        }
    }

    /// Whether a name is one of the layers that the data set has: those are kept.
    fn is_layer(&mut self, node: &Node) -> bool {
        let value = |planner: &mut Self, node: &Node| {
            let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 64)?;
            let bytes = planner.source.bytes(node.value_start(), length)?;
            Some(value::trim(bytes).to_vec()).filter(|name| !name.is_empty())
        };
        let Some(name) = value(self, node) else { return false };
        let Some(layers) = self.tree.find(ROOT, GRAPHIC_LAYERS) else { return false };
        let inside = layers + 1..self.tree.node(layers).next;
        inside.into_iter().any(|index| {
            let layer = *self.tree.node(index);
            layer.tag == GRAPHIC_LAYER && value(self, &layer).as_ref() == Some(&name)
        })
    }

    fn graphic_is_kept(&mut self, container: NodeIndex, group: u16) -> bool {
        if let Some(kept) = self.graphics.get(&(container, group)) {
            return *kept;
        }
        let kept = if group & 0xFF00 == 0x6000 {
            self.overlay_is_region(container, group)
        } else {
            self.curve_is_data(container, group)
        };
        let kept = kept.unwrap_or(false);
        self.graphics.insert((container, group), kept);
        kept
    }

    /// The value of an element of a group, of at most `longest` bytes. `None` also if it stands there twice.
    fn graphic_value(&mut self, container: NodeIndex, tag: Tag, longest: u64) -> Option<(Node, Vec<u8>)> {
        let mut found = self.tree.children(container).filter(|&index| self.tree.node(index).tag == tag);
        let node = *self.tree.node(found.next()?);
        if found.next().is_some() || node.kind != Kind::Element || node.value_length() > longest {
            return None;
        }
        let bytes = self.source.bytes(node.value_start(), node.value_length() as usize)?.to_vec();
        Some((node, bytes))
    }

    fn graphic_number(&mut self, container: NodeIndex, tag: Tag) -> Option<usize> {
        let (node, bytes) = self.graphic_value(container, tag, 16)?;
        match node.vr {
            Vr::IS | Vr::DS => std::str::from_utf8(value::trim(&bytes)).ok()?.parse().ok(),
            _ if tag.element() == 0x1301 || tag.element() == 0x0015 => {
                std::str::from_utf8(value::trim(&bytes)).ok()?.parse().ok()
            }
            _ => {
                let number: [u8; 2] = bytes.try_into().ok()?;
                Some(usize::from(match node.encoding {
                    Encoding::ExplicitBig => u16::from_be_bytes(number),
                    _ => u16::from_le_bytes(number),
                }))
            }
        }
    }

    fn graphic_text(&mut self, container: NodeIndex, tag: Tag) -> Option<String> {
        let (_, bytes) = self.graphic_value(container, tag, 256)?;
        String::from_utf8(value::trim(&bytes).to_vec()).ok()
    }

    /// Whether an overlay is a plain region of interest.
    fn overlay_is_region(&mut self, container: NodeIndex, group: u16) -> Option<bool> {
        let tag = |element| Tag::new(group, element);
        let rows = self.graphic_number(container, tag(0x0010))?;
        let columns = self.graphic_number(container, tag(0x0011))?;
        let frames = self.graphic_number(container, tag(0x0015)).unwrap_or(1);
        let area = self.graphic_number(container, tag(0x1301))?;
        let bits = self.graphic_number(container, tag(0x0100))?;
        let region = self.graphic_text(container, tag(0x0040))? == "R";
        let (node, data) = self.graphic_value(container, tag(0x3000), LONGEST_OPAQUE)?;
        let size = rows.checked_mul(columns)?;
        if !region || frames != 1 || bits != 1 || data.len() > size / 8 + 2 || data.len() < size / 8 {
            return Some(false);
        }
        // Bits count from the least significant one of each byte; 16-bit words of a big endian file are swapped.
        let swap = usize::from(node.vr == Vr::OW && node.encoding == Encoding::ExplicitBig);
        let bit = |at: usize| data.get((at / 8) ^ swap).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        let set = (0..data.len() * 8).filter(|&at| bit(at)).count();
        let within = (0..size).filter(|&at| bit(at)).count();
        Some(area > 0 && set == within && within == area && solid::is_solid(rows, columns, bit))
    }

    /// Whether a curve is measured data with nothing else to it.
    fn curve_is_data(&mut self, container: NodeIndex, group: u16) -> Option<bool> {
        const TYPES: [&str; 11] =
            ["TAC", "PROF", "HIST", "ROI", "FILT", "POLY", "ECG", "PRESSURE", "FLOW", "PHYSIO", "RESP"];
        const UNITS: [&str; 19] = [
            "SEC", "CNTS", "MM", "PIXL", "NONE", "BPM", "CM", "CMS", "CM2", "CM2S", "CM3", "CM3S", "CMS2",
            "DB", "DBS", "DEG", "GM", "MMHG", "PCNT",
        ];
        let tag = |element| Tag::new(group, element);
        let dimensions = self.graphic_number(container, tag(0x0005))?;
        let points = self.graphic_number(container, tag(0x0010))?;
        let size = match self.graphic_number(container, tag(0x0103))? {
            0 | 1 => 2,
            2 | 4 => 4,
            3 => 8,
            _ => return Some(false),
        };
        let known = TYPES.contains(&self.graphic_text(container, tag(0x0020))?.as_str());
        let units = self.graphic_text(container, tag(0x0030))?;
        let units = units.split('\\').all(|unit| UNITS.contains(&unit.trim()));
        let (_, data) = self.graphic_value(container, tag(0x3000), LONGEST_OPAQUE)?;
        let length = dimensions.checked_mul(points)?.checked_mul(size)?;
        Some(
            known && units && length > 0 && data.len() == length && !self.inputs.searcher.is_in_binary(&data),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::solid::is_solid;

    fn solid(picture: &[&str]) -> bool {
        let columns = picture[0].len();
        is_solid(picture.len(), columns, |at| picture[at / columns].as_bytes()[at % columns] == b'#')
    }

    #[test]
    fn filled_shapes_are_solid_and_strokes_are_not() {
        assert!(solid(&["......", ".####.", ".####.", ".####.", "......"]));
        assert!(solid(&["..###..", ".#####.", ".#####.", ".#####.", "..###.."]));
        assert!(solid(&["...#...", "..###..", ".#####.", "#######", ".#####.", "..###..", "...#..."]));
        for writing in [
            &["#.#.###", "#.#.#..", "###.##.", "#.#.#..", "#.#.###"][..],
            &[".####.", "#....#", "#....#", ".####."],
            &["##....##", ".##..##.", "..####..", "...##..."],
            &["##......", "##......", "##......", "##......", "########", "########"],
            &["#......", ".#.....", "..#....", "...#...", "....#.."],
            &["......##", ".....##.", "....##..", "...##...", "..##....", ".##....."],
            &["##....##", ".##..##.", "...##...", ".##..##.", "##....##"],
            &["########", "########", "...##...", "...##...", "...##...", "...##..."],
            &["##..", "##..", "..##", "..##"],
            &["########", "########"],
            &["##..", "....", "##.."],
            &["....", "...."],
        ] {
            assert!(!solid(writing), "{writing:?}");
        }
    }

    #[test]
    fn large_ellipses_are_solid() {
        let ellipse = |at: usize| {
            let (x, y) = ((at % 64) as f64 - 31.0, (at / 64) as f64 - 31.0);
            (x / 29.0).powi(2) + (y / 15.0).powi(2) <= 1.0
        };
        assert!(is_solid(64, 64, ellipse));
        assert!(!is_solid(64, 64, |at| ellipse(at) && (at % 64 < 20 || at % 64 > 42 || at / 64 < 24)));
    }
}
