//! Structured content (PS3.15 E.3.4, Clean Structured Content): trees of content items, by value type and concept.
//!
//! A content item is an item with a concept name (0040,A043): in Content Sequence at any depth, and wherever else the
//! content item macro is used (acquisition and protocol context, specimen preparation, waveform annotations). What its
//! concept says identifies somebody (`data/content-concepts.tsv`) is replaced, whatever the profile. With the option,
//! texts and the meanings of codes are cleaned and the rest is judged by its own row: names become dummies, UIDs
//! others, dates follow the policy of dates, numbers and coordinates stay. The tree stays valid: no item goes, and what
//! must have a value gets a dummy where cleaning leaves none.

mod names;

use super::numbers::binary;
use super::{Done, Planner};
use crate::age;
use crate::clean_text::fold;
use crate::decide::{Decision, Verb};
use crate::dummy;
use crate::rule::Rule;
use deid_dicom::{Change, Encoding, Kind, Node, NodeIndex, ROOT, Source, Tag, Vr, value};
use deid_profile::ConfidentialityOption;
use names::Unit;
use std::collections::HashMap;
use std::sync::OnceLock;

const CODE_VALUE: Tag = Tag::new(0x0008, 0x0100);
const SCHEME: Tag = Tag::new(0x0008, 0x0102);
const SCHEME_VERSION: Tag = Tag::new(0x0008, 0x0103);
const MEANING: Tag = Tag::new(0x0008, 0x0104);
const LONG_CODE_VALUE: Tag = Tag::new(0x0008, 0x0119);
const URN_CODE_VALUE: Tag = Tag::new(0x0008, 0x0120);
const VALUE_TYPE: Tag = Tag::new(0x0040, 0xA040);
const CONCEPT_NAME: Tag = Tag::new(0x0040, 0xA043);
const UNITS: Tag = Tag::new(0x0040, 0x08EA);
const CONCEPT_CODE: Tag = Tag::new(0x0040, 0xA168);
const PERSON_NAME: Tag = Tag::new(0x0040, 0xA123);
const NUMERIC_VALUE: Tag = Tag::new(0x0040, 0xA30A);
const FLOATING_POINT: Tag = Tag::new(0x0040, 0xA161);
const NUMERATOR: Tag = Tag::new(0x0040, 0xA162);
const DENOMINATOR: Tag = Tag::new(0x0040, 0xA163);
/// What a number stands in, as decimal text, as a double, as a fraction (PS3.3 C.18.1).
const NUMBERS: [Tag; 4] = [NUMERIC_VALUE, FLOATING_POINT, NUMERATOR, DENOMINATOR];
/// The longest value of these that is read as an age.
const LONGEST_NUMBER: u64 = 64;

/// Texts and numbers of Type 1 or 1C within trees, annotations and codes: never left without a value (PS3.3 10.2, C.17.3, C.10.5).
const REQUIRED: [Tag; 12] = [
    CODE_VALUE,
    SCHEME,
    MEANING,
    LONG_CODE_VALUE,
    URN_CODE_VALUE,
    Tag::new(0x0040, 0xA160),
    NUMERIC_VALUE,
    FLOATING_POINT,
    PERSON_NAME,
    super::graphics::UNFORMATTED_TEXT,
    Tag::new(0x0070, 0x0227),
    Tag::new(0x0070, 0x0229),
];

/// What points into a referenced object: segments, frames, channels, samples, items of the tree itself.
const REFERENCES: [Tag; 5] = [
    Tag::new(0x0008, 0x1160),
    Tag::new(0x0040, 0xA0B0),
    Tag::new(0x0040, 0xA132),
    Tag::new(0x0040, 0xDB73),
    Tag::new(0x0062, 0x000B),
];

/// What the value of a content item tells of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identifies {
    SubjectName,
    Birth,
    Age,
    Institution,
    Device,
    /// Persons, numbers and codes of persons and things, places.
    Other,
    /// As a number: of a telephone, an insurance, a place, by the words of the concept name.
    Number,
    /// The same, if it has as many figures: the words have other meanings, too.
    LongerNumber,
    /// Nothing that is known: a long number without unit is somebody's.
    Unknown,
}

impl Identifies {
    fn by_name(name: &str) -> Self {
        match name {
            "subject-name" => Identifies::SubjectName,
            "birth" => Identifies::Birth,
            "age" => Identifies::Age,
            "institution" => Identifies::Institution,
            "device" => Identifies::Device,
            _ => Identifies::Other,
        }
    }
}

/// How many elements an item with a coded entry may have: the macro has some fifteen (PS3.3 8.8), content items more.
const MOST_OF_A_CODE: usize = 256;

/// Scheme, code and meaning of a coded entry.
#[derive(Debug, Default)]
struct Coded {
    scheme: String,
    value: String,
    meaning: String,
}

impl<S: Source> Planner<'_, '_, S> {
    /// What the concept name of this item says of its value; `None` if it is no content item or says nothing.
    pub(super) fn content_identifies(&mut self, item: NodeIndex) -> Option<Identifies> {
        let code = match self.tree.find(item, CONCEPT_NAME) {
            Some(name) => self.coded(name).unwrap_or_default(),
            None if self.tree.find(item, VALUE_TYPE).is_some() => Coded::default(),
            None => return None,
        };
        if let Some(identifies) = concepts().get(&(code.scheme.as_str(), code.value.as_str())) {
            return Some(*identifies);
        }
        // Of a concept of nobody's standard only the words tell; of those that are in none of our tables, they tell of
        // numbers.
        let known =
            if code.scheme == "DCM" { is_dcm(&code.value, None) } else { is_standard_scheme(&code.scheme) };
        let told = names::told_by(&code.meaning);
        match told {
            _ if known && code.scheme == "DCM" => None,
            Identifies::Age => Some(told),
            Identifies::Birth | Identifies::Number if known => Some(Identifies::Number),
            _ if known => None,
            Identifies::Unknown if is_word(&code.value) => Some(names::told_by(&code.value)),
            _ => Some(told),
        }
    }

    /// The first coded entry of a sequence.
    fn coded(&mut self, sequence: NodeIndex) -> Option<Coded> {
        self.tree.children(sequence).next().map(|item| self.coded_entry(item))
    }

    fn coded_entry(&mut self, item: NodeIndex) -> Coded {
        let mut code = Coded::default();
        let mut next = item + 1;
        let end = self.tree.node(item).next;
        // Those of an item stand at its beginning or far apart; more than so many children has no coded entry.
        for _ in 0..MOST_OF_A_CODE {
            if next >= end {
                return code;
            }
            let node = *self.tree.node(next);
            next = node.next;
            let part = match node.tag {
                CODE_VALUE | LONG_CODE_VALUE | URN_CODE_VALUE => &mut code.value,
                SCHEME => &mut code.scheme,
                MEANING => &mut code.meaning,
                _ => continue,
            };
            *part = self.decoded(&node).unwrap_or_default();
        }
        // No coded entry of any standard.
        Coded::default()
    }

    /// Whether a text is cleaned because of the sequence it lies in.
    pub(super) fn is_cleaned_inside(&self, index: NodeIndex, node: &Node, verb: Verb, rule: Rule) -> bool {
        let text_of_annotation = node.tag == super::graphics::UNFORMATTED_TEXT;
        index < self.clean_until
            && match verb {
                Verb::Keep => rule == Rule::NotInTable,
                Verb::Clean => true,
                // The option that cleans the sequence cleans its texts.
                Verb::Dummy => text_of_annotation && matches!(rule, Rule::Basic(_)),
                _ => false,
            }
    }

    /// Whether this is a sequence of content items that no row of the table names, to be cleaned like those that one
    /// does.
    pub(super) fn is_content_to_clean(&self, index: NodeIndex, node: &Node, verb: Verb, rule: Rule) -> bool {
        verb == Verb::Keep
            && rule == Rule::NotInTable
            && node.kind == Kind::Sequence
            && index >= self.clean_until
            && self.inputs.policy.profile.has_option(ConfidentialityOption::CleanStructuredContent)
            && self.holds_content(index)
    }

    /// Whether a sequence holds content items; looks at the first item.
    fn holds_content(&self, sequence: NodeIndex) -> bool {
        self.tree.children(sequence).next().is_some_and(|item| {
            self.tree
                .children(item)
                .any(|index| matches!(self.tree.node(index).tag, CONCEPT_NAME | VALUE_TYPE))
        })
    }

    /// Plans the value of a content item whose concept identifies somebody; `None` if it is to be judged as any other.
    pub(super) fn identifying_content(
        &mut self,
        index: NodeIndex,
        node: &Node,
        vr: Vr,
        decided: Decision,
    ) -> Option<NodeIndex> {
        if matches!(decided.rule, Rule::Profile(_) | Rule::Forced(_)) || decided.verb == Verb::Remove {
            return None;
        }
        if NUMBERS.contains(&node.tag) && node.kind == Kind::Element {
            return self.identifying_number(index, node, vr);
        }
        let identifies = self.set().identifies?;
        let retained = self.is_retained(identifies);
        let text = vr.uses_character_set() || vr == Vr::UR;
        let empty = node.value_length() == 0;
        match (identifies, vr) {
            (Identifies::Age | Identifies::Number | Identifies::LongerNumber | Identifies::Unknown, _) => {
                None
            }
            _ if retained || node.tag == CONCEPT_NAME => None,
            (_, Vr::SQ) if node.kind == Kind::Sequence && node.tag == CONCEPT_CODE => {
                Some(self.enter(index, Done::Dummy, Rule::ContentItem))
            }
            _ if empty || node.kind != Kind::Element => None,
            (Identifies::SubjectName, Vr::PN) => Some(self.subject_name(index)),
            // No option keeps a date of birth.
            (Identifies::Birth, Vr::DA | Vr::DT | Vr::TM) => Some(self.dummy_content(index, node, vr)),
            _ if text && node.tag != super::CHARACTER_SET => Some(self.dummy_content(index, node, vr)),
            _ => None,
        }
    }

    fn dummy_content(&mut self, index: NodeIndex, node: &Node, vr: Vr) -> NodeIndex {
        let change = Change::Value(vr, dummy::value(node.tag, vr));
        self.change(index, Done::Dummy, Rule::ContentItem, change)
    }

    /// The patient's name in a tree is the one at top level.
    fn subject_name(&mut self, index: NodeIndex) -> NodeIndex {
        let name = self.inputs.subject.unwrap_or("Unknown").as_bytes().to_vec();
        self.change(index, Done::Replace, Rule::Subject, Change::Value(Vr::PN, name))
    }

    /// Whether an option keeps what identifies in this way.
    fn is_retained(&self, identifies: Identifies) -> bool {
        let option = match identifies {
            Identifies::Institution => ConfidentialityOption::RetainInstitutionIdentity,
            Identifies::Device => ConfidentialityOption::RetainDeviceIdentity,
            _ => return false,
        };
        self.inputs.policy.profile.has_option(option)
    }

    /// The number of a content item whose concept identifies somebody; it lies in the item itself, or in Measured Value
    /// Sequence of it. An age above 89 years becomes 90, as elsewhere.
    fn identifying_number(&mut self, index: NodeIndex, node: &Node, vr: Vr) -> Option<NodeIndex> {
        let identifies = if self.tree.find(node.parent, CONCEPT_NAME).is_some() {
            self.set().identifies?
        } else {
            self.sets[self.sets.len().checked_sub(2)?].identifies?
        };
        if node.value_length() == 0 || self.is_retained(identifies) {
            return None;
        }
        let units =
            self.tree.find(node.parent, UNITS).and_then(|units| self.coded(units)).unwrap_or_default();
        let unit = names::unit(&units.scheme, &units.value);
        let (done, number) = match identifies {
            Identifies::Age => {
                let per_year = match unit {
                    Unit::Measure => return None,
                    Unit::Time(per_year) => per_year,
                    Unit::None => age::per_year_in_words(&fold(&units.value), &fold(&units.meaning)),
                };
                if !self.is_old(node.parent, per_year) {
                    return None;
                }
                (Done::Clean, if node.tag == DENOMINATOR { 1.0 } else { age::OLDEST * per_year })
            }
            Identifies::Birth | Identifies::Number | Identifies::LongerNumber | Identifies::Unknown
                if !self.is_somebodys(node.parent, identifies, unit) =>
            {
                return None;
            }
            _ => (Done::Dummy, 1.0),
        };
        let value = written(number, vr, node.encoding).unwrap_or_else(|| dummy::value(node.tag, vr));
        Some(self.change(index, done, Rule::ContentItem, Change::Value(vr, value)))
    }

    /// Whether one of the numbers in an item is somebody's, of which the concept name says this.
    fn is_somebodys(&mut self, item: NodeIndex, identifies: Identifies, unit: Unit) -> bool {
        // Measured values of a unit have fewer figures than telephones and insurances.
        let least = match (identifies, unit) {
            (Identifies::Unknown, Unit::Measure) => return false,
            (Identifies::Unknown, Unit::Time(per_year)) if per_year > 1.0 => return false,
            (Identifies::Birth | Identifies::Number, Unit::None) | (Identifies::Birth, Unit::Time(_)) => 0.0,
            (Identifies::LongerNumber, Unit::None) => 1e3,
            (Identifies::Unknown, _) => 1e5,
            _ => 1e6,
        };
        let text = self.tree.find(item, NUMERIC_VALUE).map(|index| *self.tree.node(index));
        let figures = text.and_then(|node| self.decoded(&node)).is_some_and(|text| {
            // Zeros in front count: they are of no measured value.
            text.split('\\').any(|part| {
                let part = part.trim();
                part.len() >= 6 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit())
            })
        });
        let whole = |number: f64| least == 0.0 || number.fract() == 0.0;
        figures
            || self.all_numbers(item).any(|number| number.is_nan() || number.abs() >= least && whole(number))
    }

    /// Whether one of the numbers in an item is an age above 89 years, or cannot be read.
    fn is_old(&mut self, item: NodeIndex, per_year: f64) -> bool {
        self.all_numbers(item).any(|number| age::is_old(number, per_year))
    }

    /// The numbers that an item has in its elements of [`NUMBERS`].
    fn all_numbers(&mut self, item: NodeIndex) -> impl Iterator<Item = f64> + use<S> {
        let [decimal, floating, numerators, denominators] = NUMBERS.map(|tag| self.numbers(item, tag));
        let denominators = denominators.into_iter().chain(std::iter::repeat(1.0));
        let fractions = numerators.into_iter().zip(denominators).map(|(above, below)| above / below);
        decimal.into_iter().chain(floating).chain(fractions)
    }

    /// The numbers of an element of [`NUMBERS`]; what cannot be read is none.
    fn numbers(&mut self, item: NodeIndex, tag: Tag) -> Vec<f64> {
        let Some(node) = self.tree.find(item, tag).map(|index| *self.tree.node(index)) else {
            return Vec::new();
        };
        let bytes = if node.value_length() <= LONGEST_NUMBER { self.read(&node) } else { None };
        let Some(bytes) = bytes else { return vec![f64::NAN] };
        let vr = match (node.vr, tag) {
            (Vr::Implicit | Vr::UN | Vr::Invalid, NUMERIC_VALUE) => Vr::DS,
            (Vr::Implicit | Vr::UN | Vr::Invalid, FLOATING_POINT) => Vr::FD,
            (Vr::Implicit | Vr::UN | Vr::Invalid, NUMERATOR) => Vr::SL,
            (Vr::Implicit | Vr::UN | Vr::Invalid, _) => Vr::UL,
            (vr, _) => vr,
        };
        if let Some(size) = super::numbers::size(vr) {
            let whole = bytes.len().is_multiple_of(size);
            return if whole { binary(vr, &bytes, node.encoding).collect() } else { vec![f64::NAN] };
        }
        let number = |part: &[u8]| str::from_utf8(part).ok()?.parse().ok();
        let parts = value::split(&bytes).filter(|part| !part.is_empty());
        parts.map(|part| number(part).unwrap_or(f64::NAN)).collect()
    }

    /// Whether an element inside a sequence of dummies is its structure: a term that the standard enumerates, or the
    /// number of a frame, channel or item within the object that the tree refers to.
    pub(super) fn is_structure(&mut self, node: &Node, vr: Vr) -> bool {
        if REFERENCES.contains(&node.tag) {
            return matches!(vr, Vr::US | Vr::UL | Vr::IS);
        }
        if let Some(structure) = self.is_graphic_structure(node, vr) {
            return structure;
        }
        vr == Vr::CS
            && node.value_length() <= 16
            && self
                .source
                .bytes(node.value_start(), node.value_length() as usize)
                .is_some_and(|bytes| dummy::is_term(node.tag, value::trim(bytes)))
    }

    /// A text of a tree or annotation that is cleaned. Codes of standards stay; what must have a value gets a dummy
    /// where nothing is left.
    pub(super) fn clean_inside(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let of_code = matches!(
            node.tag,
            CODE_VALUE | SCHEME | SCHEME_VERSION | MEANING | LONG_CODE_VALUE | URN_CODE_VALUE
        );
        let next = if of_code && self.is_standard_code(node) {
            self.keep(index, node, vr, rule)
        } else {
            self.clean(index, node, vr, rule)
        };
        self.fill(index, node, vr);
        next
    }

    /// Whether this part of a coded entry is what a standard has there: no room for a text of one's own.
    fn is_standard_code(&mut self, node: &Node) -> bool {
        if node.parent == ROOT {
            return false;
        }
        let code = self.coded_entry(node.parent);
        let plain = |text: &str, longest| {
            let sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'/' | b':');
            text.len() <= longest && text.bytes().all(sign)
        };
        let standard = is_standard_scheme(&code.scheme);
        match node.tag {
            SCHEME => standard,
            SCHEME_VERSION => standard && self.decoded(node).is_some_and(|text| plain(&text, 16)),
            MEANING if code.scheme == "DCM" => is_dcm(&code.value, Some(&code.meaning)),
            MEANING => false,
            _ if code.scheme == "DCM" => is_dcm(&code.value, None),
            // Units are written with other signs, and are short.
            _ if code.scheme == "UCUM" => code.value.len() <= 16,
            // Languages and countries: `en-US`, `zh-Hant`.
            _ if ["RFC3066", "RFC5646", "ISO639_1", "ISO639_2", "ISO3166_1"]
                .contains(&code.scheme.as_str()) =>
            {
                let parts = || code.value.split('-');
                code.value.len() <= 11
                    && parts().all(|part| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_alphanumeric()))
            }
            _ => {
                let number = code.value.len() <= 4 || code.value.bytes().any(|b| b.is_ascii_digit());
                standard && number && plain(&code.value, 18)
            }
        }
    }

    /// Gives a dummy to a text that must have a value and was left without: labels without row of the table may have to,
    /// too.
    pub(super) fn fill(&mut self, index: NodeIndex, node: &Node, vr: Vr) {
        let by_user = |rule| matches!(rule, Rule::Profile(_) | Rule::Forced(_));
        let last = self.plan.entries.last().filter(|entry| entry.node == index && !by_user(entry.rule));
        let Some(last) = last else { return };
        if last.rule != Rule::UnlistedText && !REQUIRED.contains(&node.tag) {
            return;
        }
        let void = match &last.change {
            Some(Change::Remove) => true,
            Some(Change::Value(_, bytes)) => value::trim(bytes).is_empty(),
            Some(Change::Overwrite(_)) | None => false,
        };
        if !void {
            return;
        }
        let (done, rule) = (last.done, last.rule);
        self.plan.entries.pop();
        let counts = &mut self.plan.counts;
        match done {
            Done::Remove => counts.removed -= 1,
            Done::Empty => counts.emptied -= 1,
            Done::Clean => counts.cleaned -= 1,
            _ => {}
        }
        self.change(index, Done::Dummy, rule, Change::Value(vr, dummy::value(node.tag, vr)));
    }
}

/// A number as one value of this VR; `None` if it has no numbers.
fn written(number: f64, vr: Vr, encoding: Encoding) -> Option<Vec<u8>> {
    let mut bytes = match vr {
        Vr::DS | Vr::IS => return Some(number.to_string().into_bytes()),
        Vr::FD => number.to_le_bytes().to_vec(),
        Vr::SL => (number as i32).to_le_bytes().to_vec(),
        Vr::UL => (number as u32).to_le_bytes().to_vec(),
        _ => return None,
    };
    if encoding == Encoding::ExplicitBig {
        bytes.reverse();
    }
    Some(bytes)
}

/// The dummy for an element; inside a sequence of dummies numbers become as many zeros, since their count depends on
/// terms that stay (PS3.3 C.10.5.1.2).
pub(super) fn dummy_value(node: &Node, vr: Vr, rule: Rule) -> Vec<u8> {
    let number = matches!(vr, Vr::FL | Vr::FD | Vr::OF | Vr::OD | Vr::SL | Vr::SS);
    if rule == Rule::InsideDummy && number && node.value_length() <= 1 << 20 {
        return vec![0; node.value_length() as usize];
    }
    dummy::value(node.tag, vr)
}

/// Coding schemes that standards bodies keep (PS3.16 table 8-1), and those of libraries that write DICOM.
fn is_standard_scheme(scheme: &str) -> bool {
    const SCHEMES: &str = "ACR ASTM-sigpurpose BARI BI C4 C5 CAPECC CD2 CDT CPT CTV3 CVX DC DCM DCMUID E E5 E6 E7 FMA GMDN \
        HCPCS HI HL7 HPC I10 I10C I10P I11 I9 I9C IBSI ICDO ICDO3 IMDRF ISO3166_1 ISO639_1 ISO639_2 ITIS_TSN \
        JJ1017 JJ1017-16M JJ1017-16P JJ1017-32 JJ1017-33 LB LN MA MAYOASRG MDC MDDB MDDX MEDR MGI MSH MVX NCBI_TAXON \
        NCDR NCIT NCIt NDC NEU NIC NICIP NOC NYUMCCG PATHLEX POS PUBCHEM_CID RADELEMENT RADLEX RFC3066 RFC5646 RO \
        RXNORM SCPECG SCT SDM SNM SNM3 SNT SRT UBERON UCUM UMD UML UMLS UNS UPC 99IHE 99NEMA 99OFFIS 99PMP 99QIICR \
        99SDM 99_OFFIS_DCMTK";
    !scheme.is_empty() && SCHEMES.split(' ').any(|known| known == scheme)
}

/// Whether a code is a word of letters.
fn is_word(code: &str) -> bool {
    code.chars().count() >= 3 && code.chars().all(char::is_alphabetic)
}

/// Lines of a table in `data/`, without its comments and heading, split at tabs.
fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split('\t').collect())
}

/// What concepts identify, by scheme and code.
fn concepts() -> &'static HashMap<(&'static str, &'static str), Identifies> {
    static CONCEPTS: OnceLock<HashMap<(&str, &str), Identifies>> = OnceLock::new();
    CONCEPTS.get_or_init(|| {
        lines(include_str!("../../data/content-concepts.tsv"))
            .filter(|cells| cells.len() == 4)
            .map(|cells| ((cells[0], cells[1]), Identifies::by_name(cells[2])))
            .collect()
    })
}

/// Whether this is a code of the coding scheme DCM, and has this meaning.
pub(crate) fn is_dcm(value: &str, meaning: Option<&str>) -> bool {
    static CODES: OnceLock<HashMap<&str, Vec<&str>>> = OnceLock::new();
    let codes = CODES.get_or_init(|| {
        let mut codes: HashMap<&str, Vec<&str>> = HashMap::new();
        for cells in lines(include_str!("../../data/dcm-codes.tsv")).filter(|cells| cells.len() == 2) {
            codes.entry(cells[0]).or_default().push(cells[1]);
        }
        codes
    });
    codes.get(value).is_some_and(|known| meaning.is_none_or(|meaning| known.contains(&meaning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concepts_are_read_and_those_of_dicom_are_its_codes() {
        assert!(concepts().len() > 70);
        for cells in lines(include_str!("../../data/content-concepts.tsv")) {
            assert_eq!(cells.len(), 4, "{cells:?}");
            assert!(cells[0] != "DCM" || is_dcm(cells[1], Some(cells[3])), "{cells:?}");
        }
        assert_eq!(concepts().get(&("DCM", "121029")), Some(&Identifies::SubjectName));
    }

    #[test]
    fn meanings_are_the_standards_or_text() {
        assert!(
            is_dcm("121071", Some("Finding")) && !is_dcm("121071", Some("Jane Doe")) && !is_dcm("1", None)
        );
    }
}
