//! What an instance is: SOP class, modality, subject, and whether its pixels may show who that is.

use crate::Phi;
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Kind, Layout, Node, ROOT, Source, Tag, Tree, value};
use deid_profile::InstanceFacts;
use deid_standard::iod::Iod;
use std::sync::OnceLock;

/// SOP class of a DICOMDIR.
pub(crate) const MEDIA_STORAGE_DIRECTORY: &str = "1.2.840.10008.1.3.10";
/// Root of the SOP classes of encapsulated documents: PDF, CDA, STL, OBJ, MTL.
const ENCAPSULATED: &str = "1.2.840.10008.5.1.4.1.1.104";
/// Root of the SOP classes of audio waveforms.
const AUDIO: &str = "1.2.840.10008.5.1.4.1.1.9.4";
/// Burned In Annotation.
const BURNED_IN: Tag = Tag::new(0x0028, 0x0301);
const ENCAPSULATED_DOCUMENT: Tag = Tag::new(0x0042, 0x0011);

/// What the top level of a data set says of itself.
#[derive(Clone, Debug, Default)]
pub struct Classification {
    /// SOP Class UID, from the data set or else the file meta information.
    pub sop_class: String,
    /// The IOD of the SOP class.
    pub iod: Option<Iod>,
    /// Modality (0008,0060).
    pub modality: String,
    /// Manufacturer (0008,0070).
    pub manufacturer: String,
    /// Manufacturer's Model Name (0008,1090).
    pub model: String,
    /// Software Versions (0018,1020), with backslashes between several.
    pub software: String,
    /// Image Type (0008,0008).
    pub image_type: Vec<String>,
    /// Why the pixels may show who the patient is.
    pub burned_in: Option<&'static str>,
    /// Patient ID (0010,0020), if it has a value.
    pub patient_id: Phi<Option<String>>,
    /// Issuer of Patient ID (0010,0021), if it has a value.
    pub issuer: Phi<Option<String>>,
    /// Study Instance UID (0020,000D), if it has a value.
    pub study: Phi<Option<String>>,
    /// SOP Instance UID (0008,0018), if it has a value.
    pub sop_instance: Phi<Option<String>>,
    /// Whether there is pixel data.
    pub has_pixels: bool,
    /// Whether fragments of it would be pictures, as those of JPEG are.
    pub(crate) has_pictures: bool,
    /// Whether there is an Encapsulated Document (0042,0011), whatever the SOP class.
    pub has_document: bool,
}

impl Classification {
    /// Whether the instance is a document in a DICOM wrapper.
    pub fn is_encapsulated_document(&self) -> bool {
        self.has_document || is_under(&self.sop_class, ENCAPSULATED)
    }

    /// Whether it is a recording of voices.
    pub fn is_audio(&self) -> bool {
        is_under(&self.sop_class, AUDIO)
    }

    /// What conditions of a profile's rules look at.
    pub fn instance_facts(&self) -> InstanceFacts<'_> {
        InstanceFacts {
            modality: &self.modality,
            sop_class: &self.sop_class,
            manufacturer: &self.manufacturer,
            model: &self.model,
            software: &self.software,
        }
    }

    /// The same, behind the issuer of the Patient ID if that is to count and there is one.
    pub(crate) fn subject_fields(&self, with_issuer: bool) -> Vec<&str> {
        let issuer =
            self.issuer.expose().as_deref().filter(|_| with_issuer && self.patient_id.expose().is_some());
        issuer.into_iter().chain([self.subject().unwrap_or_default()]).collect()
    }

    /// What the subject is told apart by: Patient ID, else Study Instance UID.
    pub fn subject(&self) -> Option<&str> {
        self.patient_id.expose().as_deref().or(self.study.expose().as_deref())
    }
}

/// Reads the top level of a data set.
pub fn classify<S: Source>(source: &mut S, tree: &Tree, layout: &Layout) -> Classification {
    let mut found = Classification::default();
    let mut annotation: Vec<String> = Vec::new();
    let mut telling = Telling::default();
    let mut overlays = Overlays::default();
    let mut charset = CharacterSet::default();
    for index in tree.children(ROOT) {
        let node = tree.node(index);
        if node.kind == Kind::Fragments || node.tag.group() == 0x7FE0 {
            found.has_pixels = true;
        }
        found.has_document |= node.tag == ENCAPSULATED_DOCUMENT && node.value_length() > 0;
        telling.meet(node);
        if node.tag.group() & 0xFF00 == 0x6000 {
            overlays.meet(source, node);
            continue;
        }
        if node.kind != Kind::Element || node.value_length() > 1024 {
            continue;
        }
        let wanted = matches!(
            node.tag.0,
            0x0008_0005
                | 0x0008_0008
                | 0x0008_0016
                | 0x0008_0018
                | 0x0008_0060
                | 0x0008_0070
                | 0x0008_1090
                | 0x0010_0020
                | 0x0010_0021
                | 0x0018_1020
                | 0x0020_000D
                | 0x0028_0301
        );
        if !wanted {
            continue;
        }
        let Some(bytes) = source.bytes(node.value_start(), node.value_length() as usize) else { continue };
        let text = || String::from_utf8_lossy(value::trim(bytes)).into_owned();
        let filled = |text: String| Phi::new(Some(text).filter(|text| !text.is_empty()));
        match node.tag.0 {
            0x0008_0005 => charset = CharacterSet::parse(bytes),
            0x0008_0008 => found.image_type.extend(parts(bytes)),
            0x0008_0016 => found.sop_class = text(),
            0x0008_0018 => found.sop_instance = filled(text()),
            0x0008_0060 => found.modality = text(),
            0x0008_0070 => found.manufacturer = text(),
            0x0008_1090 => found.model = text(),
            0x0018_1020 => found.software = text(),
            0x0010_0020 => {
                found.patient_id = filled(charset.decode(bytes).trim_matches(['\0', ' ']).to_owned());
            }
            0x0010_0021 => {
                found.issuer = filled(charset.decode(bytes).trim_matches(['\0', ' ']).to_owned());
            }
            0x0020_000D => found.study = filled(text()),
            _ => annotation.extend(parts(bytes)),
        }
    }
    if found.sop_class.is_empty() {
        found.sop_class = layout.sop_class.clone().unwrap_or_default();
    }
    // What is no UID must not get into new file meta information or a report.
    if !value::is_uid(found.sop_class.as_bytes()) {
        found.sop_class.clear();
    }
    found.iod = Iod::of_sop_class(&found.sop_class);
    found.has_pictures = has_pictures(&layout.transfer_syntax);
    nested_annotations(source, tree, &mut annotation);
    found.burned_in =
        burned_in_risk(&annotation, &found.sop_class, &found.image_type, &layout.transfer_syntax)
            .or(telling.contradicts.then_some("what says whether the pixels tell is repeated or too long"))
            .or(overlays
                .are_in_pixels()
                .then_some("overlays, which may be text, stand in bits of the pixels"));
    found
}

/// Whether fragments of a transfer syntax are pictures of their own, JPEG or JPEG 2000: films, run lengths and what is not
/// compressed are none.
fn has_pictures(transfer_syntax: &str) -> bool {
    // 100 to 108, each also in fragments as `100.1`.
    let film = |rest: &str| rest.strip_prefix("10").is_some_and(|rest| rest.len() == 1 || rest.contains('.'));
    transfer_syntax.strip_prefix("1.2.840.10008.1.2.4.").is_some_and(|rest| !film(rest))
}

/// What items say of the pixels: of a frame in its functional groups, or of an image that is referred to. A value too
/// long to be read is none of the standard's.
fn nested_annotations<S: Source>(source: &mut S, tree: &Tree, annotation: &mut Vec<String>) {
    for node in tree.nodes.iter().filter(|node| node.tag == BURNED_IN && node.parent != ROOT) {
        let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 1024);
        match length.and_then(|length| source.bytes(node.value_start(), length)) {
            Some(bytes) => annotation.extend(parts(bytes)),
            None => annotation.push("YES".to_owned()),
        }
    }
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = String> {
    value::split(bytes).map(|part| String::from_utf8_lossy(value::trim(part)).into_owned())
}

/// Whether the elements that tell what the pixels may show stand there once each, and are short enough to be read.
#[derive(Default)]
struct Telling {
    met: u8,
    contradicts: bool,
}

impl Telling {
    fn meet(&mut self, node: &Node) {
        let bit = match node.tag.0 {
            0x0008_0008 => 1,
            0x0008_0016 => 2,
            0x0008_0060 => 4,
            0x0028_0301 => 8,
            _ => return,
        };
        self.contradicts |= self.met & bit != 0 || node.value_length() > 1024;
        self.met |= bit;
    }
}

/// Overlay planes, by what says where their bits are.
#[derive(Default)]
struct Overlays {
    /// Groups that have their own data, and groups whose bits are among those of the pixels, as sets of numbers 0 to 127.
    apart: u128,
    in_pixels: u128,
}

impl Overlays {
    /// Bits Allocated is 1 and Bit Position 0 for overlay data; others mean bits of the pixel data that no pixel uses
    /// (PS3.3 C.9.2 before 2004, PS3.5 8.1.2).
    fn meet<S: Source>(&mut self, source: &mut S, node: &Node) {
        let group = 1 << ((node.tag.group() & 0xFF) / 2);
        let usual: [u8; 2] = match node.tag.element() {
            0x0100 => node.encoding.u16_bytes(1),
            0x0102 => [0; 2],
            0x3000 if node.value_length() > 0 => {
                self.apart |= group;
                return;
            }
            _ => return,
        };
        let length = usize::try_from(node.value_length()).unwrap_or(usize::MAX).min(usual.len());
        let value = source.bytes(node.value_start(), length);
        if node.value_length() > 0 && value != Some(&usual[..]) {
            self.in_pixels |= group;
        }
    }

    fn are_in_pixels(&self) -> bool {
        self.in_pixels & !self.apart != 0
    }
}

/// The modality as it may stand in a report: a defined term, or nothing.
pub(crate) fn modality(text: &str) -> &'static str {
    MODALITIES.iter().find(|term| **term == text).copied().unwrap_or_default()
}

/// Defined terms of Modality, retired ones too (PS3.3 C.7.3.1.1.1).
const MODALITIES: &[&str] = &[
    "ANN",
    "AR",
    "AS",
    "ASMT",
    "AU",
    "BDUS",
    "BI",
    "BMD",
    "CD",
    "CF",
    "CFM",
    "CP",
    "CR",
    "CS",
    "CT",
    "CTPROTOCOL",
    "DD",
    "DF",
    "DG",
    "DM",
    "DMS",
    "DOC",
    "DS",
    "DX",
    "EC",
    "ECG",
    "EEG",
    "EMG",
    "EOG",
    "EPS",
    "ES",
    "FA",
    "FID",
    "FS",
    "GM",
    "HC",
    "HD",
    "IO",
    "IOL",
    "IVOCT",
    "IVUS",
    "KER",
    "KO",
    "LEN",
    "LP",
    "LS",
    "M3D",
    "MA",
    "MG",
    "MR",
    "MS",
    "NM",
    "OAM",
    "OCT",
    "OP",
    "OPM",
    "OPR",
    "OPT",
    "OPTBSV",
    "OPTENF",
    "OPV",
    "OSS",
    "OT",
    "PA",
    "PLAN",
    "POS",
    "PR",
    "PT",
    "PX",
    "REG",
    "RESP",
    "RF",
    "RG",
    "RTDOSE",
    "RTIMAGE",
    "RTINTENT",
    "RTPLAN",
    "RTRAD",
    "RTRECORD",
    "RTSEGANN",
    "RTSTRUCT",
    "RWV",
    "SEG",
    "SM",
    "SMR",
    "SR",
    "SRF",
    "ST",
    "STAIN",
    "TEXTUREMAP",
    "TG",
    "US",
    "VA",
    "VF",
    "XA",
    "XAPROTOCOL",
    "XC",
];

fn is_under(uid: &str, root: &str) -> bool {
    uid.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// One line of `data/burned-in.tsv`.
struct RiskRule {
    field: &'static str,
    comparison: &'static str,
    value: &'static str,
    why: &'static str,
}

fn risk_rules() -> &'static [RiskRule] {
    static RULES: OnceLock<Vec<RiskRule>> = OnceLock::new();
    RULES.get_or_init(|| {
        include_str!("../data/burned-in.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .skip(1)
            .filter_map(|line| {
                let mut fields = line.split('\t');
                Some(RiskRule {
                    field: fields.next()?,
                    comparison: fields.next()?,
                    value: fields.next()?,
                    why: fields.next()?,
                })
            })
            .collect()
    })
}

fn burned_in_risk(
    annotation: &[String],
    sop_class: &str,
    image_type: &[String],
    transfer_syntax: &str,
) -> Option<&'static str> {
    // All but UIDs, which have no letters.
    let upper = |values: &[String]| values.iter().map(|value| value.to_ascii_uppercase()).collect::<Vec<_>>();
    let (annotation, image_type) = (upper(annotation), upper(image_type));
    let matches = |rule: &RiskRule, text: &str| match rule.comparison {
        "is" => text.eq_ignore_ascii_case(rule.value),
        "under" => is_under(text, rule.value),
        _ => text.contains(rule.value),
    };
    risk_rules()
        .iter()
        .find(|rule| match rule.field {
            "burned_in_annotation" => annotation.iter().filter(|value| !value.is_empty()).any(|value| {
                if rule.comparison == "is_not" { value != rule.value } else { matches(rule, value) }
            }),
            "sop_class" => matches(rule, sop_class),
            "transfer_syntax" => matches(rule, transfer_syntax),
            _ => image_type.iter().any(|value| matches(rule, value)),
        })
        .map(|rule| rule.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn risk_rules_are_read() {
        assert!(risk_rules().len() > 10);
        assert!(risk_rules().iter().all(|rule| {
            ["burned_in_annotation", "sop_class", "image_type", "transfer_syntax"].contains(&rule.field)
                && ["is", "is_not", "under", "holds"].contains(&rule.comparison)
        }));
    }

    #[test]
    fn screens_and_captures_are_a_risk_and_scans_are_none() {
        let mr = "1.2.840.10008.5.1.4.1.1.4";
        let risk = |annotation: &str, class: &str, image_type: &[String]| {
            burned_in_risk(&[annotation.to_owned()], class, image_type, "1.2.840.10008.1.2.1")
        };
        assert!(burned_in_risk(&[], mr, &[], "1.2.840.10008.1.2.4.102.1").is_some());
        assert!(burned_in_risk(&[], mr, &[], "1.2.840.10008.1.2.4.50").is_none());
        assert!(risk("NO", "1.2.840.10008.5.1.4.1.1.7.2", &[]).is_some());
        for says in ["YES", "yes", "Y", "TRUE", "1", "MAYBE", "N0"] {
            assert!(risk(says, mr, &[]).is_some(), "{says}");
        }
        assert!(risk("NO", mr, &[]).is_none() && risk("no", mr, &[]).is_none());
        assert!(risk("", mr, &["DERIVED".into(), "SCREEN SAVE".into()]).is_some());
        assert!(risk("", mr, &["ORIGINAL".into(), "PRIMARY".into()]).is_none());
        assert!(risk("", "1.2.840.10008.5.1.4.1.1.77.1.5.1", &[]).is_some());
        assert!(risk("", "1.2.840.10008.5.1.4.1.1.78.1", &[]).is_none());
    }
}
