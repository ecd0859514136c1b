//! The elements of a file made readable: path, name and value of each, in the order of the file.
//!
//! This is for looking at values, so it shows them, decoded by the character set in force; long and binary ones
//! are cut short and carry their length and a hash, so that two views differ wherever the values do. Padding does
//! not show. Nothing here judges or changes a file.

use std::collections::BTreeMap;
use std::fmt;

use deid_dicom::charset::CharacterSet;
use deid_dicom::{Encoding, Faults, Kind, Node, PREFIX, Tag, Tree, Vr, deflate, open, value, walk};
use deid_standard::{dictionary, private_dictionary};
use sha2::{Digest, Sha256};

/// One element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Where it stands: tags, and the numbers of items in between. Sorts as the elements of a sound file do.
    pub(crate) place: Vec<Step>,
    /// What it is called, if somebody knows: the dictionary's name, for a private element after its creator.
    pub(crate) name: String,
    /// Its value as text; of a sequence the number of items.
    pub(crate) value: String,
}

impl Shown {
    /// The place as text: `(0008,1140)[0].(0008,1155)`.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.place {
            if !path.is_empty() && matches!(step, Step::Element(..)) {
                path.push('.');
            }
            path.push_str(&step.to_string());
        }
        path
    }
}

/// A step on the way to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// To an element: its tag, and how many of that tag stand before it in the data set, which should be none.
    Element(Tag, u32),
    /// To an item of a sequence, from 0.
    Item(u32),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Element(tag, 0) => write!(f, "{tag}"),
            Step::Element(tag, before) => write!(f, "{tag}#{}", before + 1),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

/// Why a file cannot be viewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ViewError {
    NotDicom,
    Inflate(deflate::InflateError),
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ViewError::NotDicom => f.write_str("not a DICOM file"),
            ViewError::Inflate(error) => error.fmt(f),
        }
    }
}

/// What can be seen of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// All elements, file meta information first.
    pub(crate) elements: Vec<Shown>,
    /// What is wrong with the file.
    pub(crate) faults: Faults,
}

/// Views a file.
pub(crate) fn view(file: &[u8]) -> Result<View, ViewError> {
    const INFLATED_LIMIT: usize = 1 << 30;
    let mut layout = open(&mut &file[..]).map_err(|_| ViewError::NotDicom)?;
    let mut shown = Vec::new();
    let mut tree = Tree::default();

    let data_set = usize::try_from(layout.data_set).unwrap_or(usize::MAX).min(file.len());
    let meta = &file[..data_set];
    let prefix = [128, 0].into_iter().find(|&at| meta.get(at..at + 4) == Some(&PREFIX));
    walk(&mut &meta[..], prefix.map_or(0, |at| at as u64 + 4), Encoding::ExplicitLittle, &mut tree);
    Viewer::new(meta, &tree).view(&mut shown);

    let inflated;
    let (bytes, start) = if layout.deflated {
        inflated = deflate::inflate(&file[data_set..], INFLATED_LIMIT, &mut layout.faults)
            .map_err(ViewError::Inflate)?;
        (&inflated[..], 0)
    } else {
        (file, layout.data_set)
    };
    walk(&mut &bytes[..], start, layout.encoding, &mut tree);
    Viewer::new(bytes, &tree).view(&mut shown);
    let mut faults = layout.faults;
    faults.extend(&tree.faults);
    Ok(View { elements: shown, faults })
}

/// Deeper data sets are shown as bytes: nothing real nests so deep, and each place holds all steps to it.
const DEEPEST: usize = 64;
/// Text beyond this many characters is cut.
const LONGEST_TEXT: usize = 120;
/// More numbers than these are not shown one by one.
const MOST_NUMBERS: usize = 16;

struct Viewer<'a> {
    bytes: &'a [u8],
    tree: &'a Tree,
    /// The data sets and sequences around the node at hand, outermost first.
    around: Vec<Container>,
}

/// A data set (the top level or an item) or a sequence.
struct Container {
    /// The first node behind it.
    end: usize,
    /// How many steps of the place lead into it.
    steps: usize,
    character_set: CharacterSet,
    /// By group and block.
    creators: BTreeMap<(u16, u8), String>,
    /// How many of each tag, or (of a sequence) how many items came by.
    seen: BTreeMap<Tag, u32>,
}

impl<'a> Viewer<'a> {
    fn new(bytes: &'a [u8], tree: &'a Tree) -> Self {
        let top = Container {
            end: tree.nodes.len(),
            steps: 0,
            character_set: CharacterSet::default(),
            creators: BTreeMap::new(),
            seen: BTreeMap::new(),
        };
        Viewer { bytes, tree, around: vec![top] }
    }

    fn view(&mut self, shown: &mut Vec<Shown>) {
        let mut place: Vec<Step> = Vec::new();
        let mut index = 0;
        while let Some(node) = self.tree.nodes.get(index) {
            while self.around.len() > 1 && self.container().end <= index {
                self.around.pop();
            }
            let depth = self.around.len();
            let around = &mut self.around[depth - 1];
            place.truncate(around.steps);
            let seen = around.seen.entry(node.tag).or_default();
            place.push(if node.kind == Kind::Item {
                Step::Item(*seen)
            } else {
                Step::Element(node.tag, *seen)
            });
            *seen += 1;
            let next = node.next as usize;
            if node.kind != Kind::Item {
                let value = if depth > DEEPEST { opaque(self.value(node)) } else { self.text(node, index) };
                shown.push(Shown { place: place.clone(), name: self.name(node), value });
            }
            if node.is_container() && depth <= DEEPEST {
                let inner = Container {
                    end: next,
                    steps: place.len(),
                    // An item without its own character set has that of the data set around it (PS3.5 7.5.3).
                    character_set: self.container().character_set.clone(),
                    creators: BTreeMap::new(),
                    seen: BTreeMap::new(),
                };
                self.around.push(inner);
                index += 1;
            } else {
                index = next;
            }
        }
    }

    fn container(&self) -> &Container {
        self.around.last().expect("the top level is never popped")
    }

    fn value(&self, node: &Node) -> &'a [u8] {
        let range = usize::try_from(node.value_start()).ok().zip(usize::try_from(node.value_end()).ok());
        range.and_then(|(start, end)| self.bytes.get(start..end)).unwrap_or_default()
    }

    /// The value as text. Takes note of character sets and private creators that it comes by.
    fn text(&mut self, node: &Node, index: usize) -> String {
        let value = self.value(node);
        match node.kind {
            Kind::Sequence => {
                let items = self.tree.children(index as u32).count();
                return format!("<{items} item{}>", if items == 1 { "" } else { "s" });
            }
            Kind::Fragments => return opaque(value),
            Kind::Element | Kind::Item => {}
        }
        let container = self.around.last_mut().expect("the top level is never popped");
        if node.tag == SPECIFIC_CHARACTER_SET {
            container.character_set = CharacterSet::parse(value);
        }
        if node.tag.is_private_creator() {
            let creator = container.character_set.decode(value::trim(value));
            container.creators.insert((node.tag.group(), node.tag.element() as u8), creator);
        }
        let vr = self.vr(node);
        if vr.is_text() {
            return text(&self.container().character_set, value::trim(value));
        }
        match numbers(vr, value, node.encoding == Encoding::ExplicitBig) {
            Some(numbers) if numbers.len() <= MOST_NUMBERS => numbers.join("\\"),
            None if vr == Vr::UN && is_readable(value) => text(&CharacterSet::default(), value::trim(value)),
            _ if value.is_empty() => String::new(),
            _ => opaque(value),
        }
    }

    /// The VR as encoded, or if that says nothing, as the dictionaries have it.
    fn vr(&self, node: &Node) -> Vr {
        if !matches!(node.vr, Vr::UN | Vr::Implicit | Vr::Invalid) {
            return node.vr;
        }
        if node.tag.is_private_creator() {
            return Vr::LO;
        }
        let public = || dictionary::attribute(node.tag).map(|attribute| attribute.vr);
        let private = || self.private(node.tag).and_then(|(_, attribute)| attribute?.vr);
        public().or_else(private).unwrap_or(Vr::UN)
    }

    fn name(&self, node: &Node) -> String {
        if node.tag.is_private_creator() {
            return "Private Creator".to_owned();
        }
        if let Some(attribute) = dictionary::attribute(node.tag) {
            return attribute.name.to_owned();
        }
        if let Some((creator, attribute)) = self.private(node.tag) {
            let name = attribute.map_or("", |attribute| attribute.name);
            return clean(&format!("{creator}: {}", if name.is_empty() { "Unknown" } else { name }));
        }
        if node.tag.is_group_length() { "Group Length".to_owned() } else { String::new() }
    }

    /// Creator of a private element, and what is known of it.
    fn private(&self, tag: Tag) -> Option<(&str, Option<&'static private_dictionary::PrivateAttribute>)> {
        let creator = self.container().creators.get(&(tag.group(), tag.private_block()?))?;
        let element = tag.element() as u8;
        Some((creator, private_dictionary::private_attribute(creator, tag.group(), element)))
    }
}

const SPECIFIC_CHARACTER_SET: Tag = Tag::new(0x0008, 0x0005);

/// Text on one line, cut if it is long.
fn text(character_set: &CharacterSet, value: &[u8]) -> String {
    let text = clean(&character_set.decode(value));
    let length = text.chars().count();
    if length <= LONGEST_TEXT {
        return text;
    }
    let beginning: String = text.chars().take(LONGEST_TEXT).collect();
    format!("{beginning}... <{length} characters, sha256 {}>", hash(value))
}

/// Bytes that are not shown.
fn opaque(value: &[u8]) -> String {
    format!("<{} bytes, sha256 {}>", value.len(), hash(value))
}

fn hash(value: &[u8]) -> String {
    let digest = Sha256::digest(value);
    format!("{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

/// Without what would break the line or the table, or speak to the terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            c if c.is_control() => c.escape_unicode().to_string(),
            c => c.to_string(),
        })
        .collect()
}

fn is_readable(value: &[u8]) -> bool {
    let value = value::trim(value);
    !value.is_empty() && value.iter().all(|byte| byte.is_ascii_graphic() || b" \t\r\n".contains(byte))
}

/// The numbers of a value, or `None` if the VR has none or the length does not fit.
fn numbers(vr: Vr, value: &[u8], big: bool) -> Option<Vec<String>> {
    macro_rules! numbers {
        ($type:ty) => {
            value
                .chunks(size_of::<$type>())
                .map(|bytes| {
                    let bytes = bytes.try_into().ok()?;
                    let number =
                        if big { <$type>::from_be_bytes(bytes) } else { <$type>::from_le_bytes(bytes) };
                    Some(number.to_string())
                })
                .collect()
        };
    }
    if value.len() > 8 * (MOST_NUMBERS + 1) {
        return None;
    }
    match vr {
        Vr::US => numbers!(u16),
        Vr::SS => numbers!(i16),
        Vr::UL => numbers!(u32),
        Vr::SL => numbers!(i32),
        Vr::UV => numbers!(u64),
        Vr::SV => numbers!(i64),
        Vr::FL => numbers!(f32),
        Vr::FD => numbers!(f64),
        Vr::AT => value
            .chunks(4)
            .map(|bytes| {
                let [a, b, c, d] = bytes.try_into().ok()?;
                let pair = |bytes| if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
                Some(Tag::new(pair([a, b]), pair([c, d])).to_string())
            })
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use deid_testkit::bytes::{Part10, explicit, implicit, item, sequence};
    use deid_testkit::{gallery, tags, uids};

    use super::*;

    fn rows(transfer_syntax: &str, data_set: Vec<u8>) -> Vec<(String, String, String)> {
        let shown = view(&Part10::new(transfer_syntax, data_set).bytes()).unwrap();
        let data_set = shown.elements.into_iter().filter(|shown| !shown.path().starts_with("(0002"));
        data_set.map(|shown| (shown.path(), shown.name, shown.value)).collect()
    }

    fn row(path: &str, name: &str, value: &str) -> (String, String, String) {
        (path.to_owned(), name.to_owned(), value.to_owned())
    }

    #[test]
    fn items_have_places_and_character_sets_of_their_own() {
        let name = explicit(tags::PATIENT_NAME, "PN", b"J\xe9");
        let greek = [explicit(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 126"), name.clone()].concat();
        let items = [item(greek), item(name.clone())].concat();
        let data_set = [
            explicit(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 100"),
            sequence(tags::REFERENCED_IMAGE_SEQUENCE, items),
            name,
        ];
        assert_eq!(
            rows(uids::EXPLICIT_LE, data_set.concat()),
            [
                row("(0008,0005)", "Specific Character Set", "ISO_IR 100"),
                row("(0008,1140)", "Referenced Image Sequence", "<2 items>"),
                row("(0008,1140)[0].(0008,0005)", "Specific Character Set", "ISO_IR 126"),
                row("(0008,1140)[0].(0010,0010)", "Patient's Name", "Jι"),
                row("(0008,1140)[1].(0010,0010)", "Patient's Name", "Jé"),
                row("(0010,0010)", "Patient's Name", "Jé"),
            ]
        );
    }

    #[test]
    fn private_elements_are_named_after_their_creator() {
        let data_set = [
            implicit(0x0019_0011, "SIEMENS MR HEADER"),
            implicit(0x0019_110C, "1000"),
            implicit(0x0019_11F0, [1, 0, 2]),
            implicit(0x0021_1001, "no creator"),
        ];
        assert_eq!(
            rows(uids::IMPLICIT_LE, data_set.concat()),
            [
                row("(0019,0011)", "Private Creator", "SIEMENS MR HEADER"),
                row("(0019,110C)", "SIEMENS MR HEADER: B_value", "1000"),
                row("(0019,11F0)", "SIEMENS MR HEADER: Unknown", "<3 bytes, sha256 16305a6b>"),
                row("(0021,1001)", "", "no creator"),
            ]
        );
    }

    #[test]
    fn numbers_are_shown_and_long_values_are_not() {
        let data_set = [
            explicit(tags::ROWS, "US", 512_u16.to_le_bytes()),
            explicit(0x0028_0009, "AT", [0x18, 0, 0x63, 0x10]),
            explicit(0x0040_A160, "UT", "line\nline".repeat(20)),
            explicit(tags::PIXEL_DATA, "OW", [7; 4]),
        ];
        let values: Vec<_> =
            rows(uids::EXPLICIT_LE, data_set.concat()).into_iter().map(|row| row.2).collect();
        assert_eq!(values[..2], ["512", "(0018,1063)"]);
        assert!(
            values[2].starts_with("line\\nlineline\\n") && values[2].contains("... <200 characters, sha256 ")
        );
        assert!(values[3].starts_with("<4 bytes, sha256 "));
    }

    #[test]
    fn an_element_that_stands_twice_has_two_places() {
        let name = explicit(tags::PATIENT_NAME, "PN", "A ");
        let rows = rows(uids::EXPLICIT_LE, [name.clone(), name].concat());
        assert_eq!((&*rows[0].0, &*rows[1].0), ("(0010,0010)", "(0010,0010)#2"));
    }

    #[test]
    fn broken_files_are_viewed_as_far_as_they_go() {
        for case in gallery::gallery() {
            if let Ok(shown) = view(&case.bytes) {
                assert!(
                    shown.elements.iter().all(|shown| !shown.value.contains(char::is_control)),
                    "{}",
                    case.name
                );
            }
        }
        assert_eq!(view(b"text"), Err(ViewError::NotDicom));
    }
}
