//! What a file says of its own de-identification, judged as any other text: whoever wrote it may have written a name.
//!
//! Patient Identity Removed (0012,0062) and Longitudinal Temporal Information Modified (0028,0303) hold a defined term.
//! De-identification Method (0012,0063) holds what this software writes, or words in which cleaning finds nothing; its
//! codes (0012,0064) are those of CID 7050 or of the coding scheme DCM with the standard's meaning, or such words. The
//! Private Data Element Characteristics Sequence (0008,0300) names creators of blocks that are there. An Encrypted
//! Attributes Sequence (0400,0500) holds enveloped data and nothing else (PS3.15 E.1.1).

use super::{DATES_MODIFIED, IDENTITY_REMOVED, METHOD, Remaining};
use crate::clean_text::{Rewriter, clean};
use crate::explained::Explained;
use crate::identifiers::Searcher;
use crate::originals::{CONTENT, CONTENT_SYNTAX, ENCRYPTED_ATTRIBUTES};
use crate::plan::is_dcm;
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Kind, NodeIndex, ROOT, Source, Tag, Tree, Vr, value};
use deid_standard::{codes, private_dictionary};

const METHOD_CODES: Tag = Tag::new(0x0012, 0x0064);
const PRIVATE_CHARACTERISTICS: Tag = Tag::new(0x0008, 0x0300);
const CHARACTER_SET: Tag = Tag::new(0x0008, 0x0005);
const CODE_VALUE: Tag = Tag::new(0x0008, 0x0100);
const SCHEME: Tag = Tag::new(0x0008, 0x0102);
const MEANING: Tag = Tag::new(0x0008, 0x0104);
/// The rest of the macro of a coded entry (PS3.3 8.8) that is text or a UID.
const OF_A_CODE: [Tag; 12] = [
    CODE_VALUE,
    SCHEME,
    Tag::new(0x0008, 0x0103),
    MEANING,
    Tag::new(0x0008, 0x0105),
    Tag::new(0x0008, 0x0106),
    Tag::new(0x0008, 0x0107),
    Tag::new(0x0008, 0x010B),
    Tag::new(0x0008, 0x010D),
    Tag::new(0x0008, 0x010F),
    Tag::new(0x0008, 0x0117),
    Tag::new(0x0008, 0x0118),
];
/// Group, creator, status and the lists of numbers in an item of Private Data Element Characteristics (PS3.3 C.12.1).
const GROUP: Tag = Tag::new(0x0008, 0x0301);
const CREATOR: Tag = Tag::new(0x0008, 0x0302);
const STATUS: Tag = Tag::new(0x0008, 0x0303);
const NONIDENTIFYING: Tag = Tag::new(0x0008, 0x0304);
/// A longer text is none that a program writes there.
const LONGEST: usize = 1 << 14;
/// What other programs write into De-identification Method, and cleaning would not know.
const METHODS: [&str; 6] = [
    "CTP Default",
    "Per DICOM PS 3.15 AnnexE. Details in 0012,0064",
    "{Per DICOM PS 3.15 AnnexE. Details in 0012,0064}",
    "Per DICOM PS 3.15 AnnexE. RSNA CTP",
    "DICOM_PS3.15_AnnexE",
    "DICOGNITO",
];

/// Whether this is one of these elements, where they are judged here.
pub(super) fn is_mark(tree: &Tree, index: NodeIndex) -> bool {
    let node = tree.node(index);
    let top_level = node.parent == ROOT;
    node.tag == PRIVATE_CHARACTERISTICS
        || top_level
            && matches!(
                node.tag,
                IDENTITY_REMOVED | METHOD | METHOD_CODES | DATES_MODIFIED | ENCRYPTED_ATTRIBUTES
            )
}

/// Those of them that are not what they should be.
pub(super) fn remaining<S: Source>(
    source: &mut S,
    explained: &Explained,
    searcher: &Searcher,
    ours: &str,
) -> Vec<Remaining> {
    let tree = &explained.tree;
    let charset = tree.find(ROOT, CHARACTER_SET).and_then(|index| bytes(source, tree, index));
    let charset = charset.map_or_else(CharacterSet::default, |set| CharacterSet::parse(&set));
    let mut judge = Judge { source, explained, searcher, ours, charset };
    let mut found = Vec::new();
    for index in (0..).take(tree.nodes.len()).filter(|&index| index != ROOT && is_mark(tree, index)) {
        let rule = match tree.node(index).tag {
            ENCRYPTED_ATTRIBUTES if !judge.is_enveloped(index) => "signature",
            tag if tag != ENCRYPTED_ATTRIBUTES && !judge.is_plain(index) => "mark",
            _ => continue,
        };
        found.push(Remaining { path: tree.path(index), name: explained.name(index), rule });
    }
    found
}

fn bytes<S: Source>(source: &mut S, tree: &Tree, index: NodeIndex) -> Option<Vec<u8>> {
    let node = tree.node(index);
    let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= LONGEST)?;
    if node.kind != Kind::Element {
        return None;
    }
    source.bytes(node.value_start(), length).map(<[u8]>::to_vec)
}

struct Judge<'a, S> {
    source: &'a mut S,
    explained: &'a Explained,
    searcher: &'a Searcher,
    /// What this profile is called there.
    ours: &'a str,
    charset: CharacterSet,
}

impl<S: Source> Judge<'_, S> {
    fn text(&mut self, index: NodeIndex) -> Option<String> {
        let bytes = bytes(self.source, &self.explained.tree, index)?;
        Some(self.charset.decode(value::trim(&bytes)).trim_matches(['\0', ' ']).to_owned())
    }

    fn is_plain(&mut self, index: NodeIndex) -> bool {
        match self.explained.tree.node(index).tag {
            IDENTITY_REMOVED => self.is_one_of(index, &["YES", "NO", ""]),
            DATES_MODIFIED => self.is_one_of(index, &["UNMODIFIED", "MODIFIED", "REMOVED", ""]),
            METHOD => {
                let text = self.text(index);
                text.is_some_and(|text| {
                    text.split('\\').all(|one| one == self.ours || is_method(one) || self.is_clean(one))
                })
            }
            METHOD_CODES => self.items(index, Self::is_plain_code),
            _ => self.items(index, Self::is_plain_characteristic),
        }
    }

    fn is_one_of(&mut self, index: NodeIndex, terms: &[&str]) -> bool {
        self.text(index).is_some_and(|text| terms.contains(&&*text))
    }

    /// Whether cleaning finds nothing in a text.
    fn is_clean(&self, text: &str) -> bool {
        let text = text.trim();
        let cleaned = clean(text, self.searcher, &Rewriter::default());
        cleaned.text == text && !self.searcher.is_in(text.as_bytes())
    }

    /// Whether this is a sequence, and each item is as it should be.
    fn items(&mut self, sequence: NodeIndex, is_plain: fn(&mut Self, NodeIndex) -> bool) -> bool {
        let tree = &self.explained.tree;
        if tree.node(sequence).kind != Kind::Sequence {
            return tree.node(sequence).value_length() == 0;
        }
        tree.children(sequence).all(|item| tree.node(item).kind == Kind::Item && is_plain(self, item))
    }

    fn is_plain_code(&mut self, item: NodeIndex) -> bool {
        let tree = &self.explained.tree;
        let mut part = |tag| tree.find(item, tag).and_then(|index| self.text(index)).unwrap_or_default();
        let (code, scheme, meaning) = (part(CODE_VALUE), part(SCHEME), part(MEANING));
        let listed =
            codes::by_value(&code).is_some_and(|known| known.scheme == scheme && known.meaning == meaning);
        let known = listed || scheme == "DCM" && is_dcm(&code, Some(&meaning));
        tree.children(item).all(|index| {
            let tag = tree.node(index).tag;
            if !OF_A_CODE.contains(&tag) {
                return false;
            }
            let Some(text) = self.text(index) else { return false };
            let first = tree.find(item, tag) == Some(index);
            known && first && matches!(tag, CODE_VALUE | SCHEME | MEANING)
                || tag != MEANING && value::is_uid(text.as_bytes())
                || self.is_clean(&text)
        })
    }

    fn is_plain_characteristic(&mut self, item: NodeIndex) -> bool {
        let tree = &self.explained.tree;
        tree.children(item).all(|index| match tree.node(index).tag {
            GROUP => tree.node(index).value_length() <= 2,
            NONIDENTIFYING => {
                tree.node(index).vr == Vr::US || self.text(index).is_some_and(|text| text.is_empty())
            }
            STATUS => self.is_one_of(index, &["SAFE", "UNSAFE", "MIXED", ""]),
            CREATOR => self.text(index).is_some_and(|text| self.is_creator(&text)),
            _ => false,
        })
    }

    /// Whether somebody of this name reserved a block, or is known to reserve them.
    fn is_creator(&mut self, name: &str) -> bool {
        let tree = &self.explained.tree;
        let known = private_dictionary::is_known_creator(name);
        known
            || (0..).zip(&tree.nodes).any(|(index, node)| {
                node.tag.is_private_creator() && self.text(index).is_some_and(|text| text == name)
            })
    }

    /// Whether a sequence holds enveloped data for recipients (RFC 5652), and nothing that can be read.
    fn is_enveloped(&mut self, sequence: NodeIndex) -> bool {
        let tree = &self.explained.tree;
        if tree.node(sequence).kind != Kind::Sequence {
            return false;
        }
        tree.children(sequence).all(|item| {
            tree.children(item).all(|index| match tree.node(index).tag {
                CONTENT_SYNTAX => self.text(index).is_some_and(|text| value::is_uid(text.as_bytes())),
                CONTENT => {
                    let node = tree.node(index);
                    let length = usize::try_from(node.value_length()).unwrap_or(usize::MAX);
                    let content = self.source.bytes(node.value_start(), length);
                    content.is_some_and(|content| {
                        is_enveloped_data(content) && !self.searcher.is_in_binary(content)
                    })
                }
                _ => false,
            })
        })
    }
}

/// What this software writes, whatever its version and profile, and what others are known to write.
fn is_method(text: &str) -> bool {
    let text = text.trim();
    let version = |text: &str| {
        text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let edition =
        |text: &str| text.strip_suffix(|c: char| c.is_ascii_lowercase()).is_some_and(|year| digits(year, 4));
    let month =
        |text: &str| text.split_once('-').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2));
    text.strip_prefix("deidentification ").is_some_and(version)
        || text
            .strip_prefix("PS3.15 ")
            .and_then(|rest| rest.strip_suffix(" table E.1-1"))
            .is_some_and(edition)
        || text.strip_prefix("private list neuroimaging ").is_some_and(month)
        || text == "private numbers of known creators"
        || text.strip_prefix("profile ").is_some_and(|name| deid_profile::built_in(name).is_some())
        || METHODS.iter().any(|known| known.eq_ignore_ascii_case(text))
}

/// ContentInfo of EnvelopedData (RFC 5652 3 and 6.1) in DER: object identifier, then one value that reaches to the end,
/// but for one byte of padding.
fn is_enveloped_data(content: &[u8]) -> bool {
    const ENVELOPED: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03];
    let Some((0x30, inner, rest)) = der(content) else { return false };
    if !matches!(rest, [] | [0]) {
        return false;
    }
    let Some(explicit) = inner.strip_prefix(&ENVELOPED) else { return false };
    let Some((0xA0, enveloped, [])) = der(explicit) else { return false };
    let Some((0x30, parts, [])) = der(enveloped) else { return false };
    // Version, recipients, encrypted content: a number, a set, a sequence.
    let Some((0x02, [_], parts)) = der(parts) else { return false };
    let parts = match der(parts) {
        // Certificates of the originator.
        Some((0xA0, _, rest)) => rest,
        _ => parts,
    };
    let Some((0x31, recipients, parts)) = der(parts) else { return false };
    let Some((0x30, encrypted, _)) = der(parts) else { return false };
    // Type of the content, algorithm, content.
    let Some((0x06, _, encrypted)) = der(encrypted) else { return false };
    let Some((0x30, _, encrypted)) = der(encrypted) else { return false };
    let Some((0x80, encrypted, [])) = der(encrypted) else { return false };
    // Encrypted bytes are of all values alike; texts and data sets are not.
    let count = |these: fn(&&u8) -> bool| encrypted.iter().filter(these).count();
    let (readable, zeros) = (count(|byte| matches!(byte, 0x20..=0x7E)), count(|byte| **byte == 0));
    let length = encrypted.len();
    !recipients.is_empty() && length >= 64 && readable * 5 < length * 3 && zeros * 16 < length
}

/// Tag, content and what follows, of one value in DER.
fn der(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7F);
        if !(1..=4).contains(&count) {
            return None;
        }
        let (number, behind) = rest.split_at_checked(count)?;
        length = number.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
        rest = behind;
    }
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Key, Settings};
    use deid_testkit::bytes::{Part10, explicit};
    use deid_testkit::uids;

    /// What remains of a file that has this element besides what is de-identified.
    fn found(elements: &[Vec<u8>]) -> Vec<String> {
        let engine = Engine::new(Settings {
            profile: deid_profile::built_in("default").unwrap(),
            key: Key::from_bytes([1; 32]),
            subject: None,
            subjects: None,
            forced: Vec::new(),
            inflate_limit: 1 << 20,
        })
        .unwrap();
        let mut elements = [elements, &[explicit(0x0008_0060, "CS", "MR")]].concat();
        elements.sort_by_key(|bytes| (bytes[1], bytes[0], bytes[3], bytes[2]));
        let file = Part10::new(uids::EXPLICIT_LE, elements.concat()).bytes();
        let check = engine.check(&mut &file[..]).unwrap();
        check.remaining.into_iter().map(|found| found.path).collect()
    }

    fn sequence(tag: u32, items: &[&[u8]]) -> Vec<u8> {
        let items: Vec<u8> = items
            .iter()
            .flat_map(|item| {
                [&[0xFE, 0xFF, 0x00, 0xE0], &(item.len() as u32).to_le_bytes()[..], item].concat()
            })
            .collect();
        explicit(tag, "SQ", &items)
    }

    fn code(value: &str, scheme: &str, meaning: &str) -> Vec<u8> {
        let parts = [
            explicit(0x0008_0100, "SH", value),
            explicit(0x0008_0102, "SH", scheme),
            explicit(0x0008_0104, "LO", meaning),
        ];
        sequence(0x0012_0064, &[&parts.concat()])
    }

    #[test]
    fn methods_are_known_or_words() {
        let method = |text: &str| found(&[explicit(0x0012_0063, "LO", text)]);
        for text in [
            "deidentification 0.1.0\\PS3.15 2026d table E.1-1\\profile neuro",
            "private list neuroimaging 2026-11\\private numbers of known creators",
            "Per DICOM PS 3.15 AnnexE. Details in 0012,0064",
            "Basic Application Confidentiality Profile",
        ] {
            assert_eq!(method(text), <[&str; 0]>::default(), "{text}");
        }
        for text in
            ["Jane Doe, 3 April 1970", "profile neuro\\Kowalczyk", "profile Kowalczyk", "tel. 0761 1234567"]
        {
            assert_eq!(method(text), ["(0012,0063)"], "{text}");
        }
    }

    #[test]
    fn codes_have_the_standards_meaning_or_words() {
        let none = <[&str; 0]>::default();
        assert_eq!(found(&[code("113100", "DCM", "Basic Application Confidentiality Profile")]), none);
        for other in [code("113100", "DCM", "Jane Kowalczyk"), code("Kowalczyk", "99X", "Basic")] {
            assert_eq!(found(&[other]), ["(0012,0064)"]);
        }
        let private = explicit(0x0009_1001, "LO", "Kowalczyk");
        assert_eq!(found(&[sequence(0x0012_0064, &[&private])]), ["(0012,0064)"]);
        assert_eq!(found(&[explicit(0x0012_0064, "LO", "Kowalczyk")]), ["(0012,0064)"]);
    }

    #[test]
    fn terms_are_the_defined_ones() {
        for (tag, right, wrong) in [(0x0012_0062, "YES", "DOE"), (0x0028_0303, "MODIFIED", "DOE_JANE")] {
            assert_eq!(found(&[explicit(tag, "CS", right)]), <[&str; 0]>::default());
            assert_eq!(found(&[explicit(tag, "CS", wrong)]).len(), 1);
        }
    }

    #[test]
    fn characteristics_name_creators() {
        let item = |creator: &str| {
            let parts = [explicit(GROUP.0, "US", [9, 0]), explicit(CREATOR.0, "LO", creator)];
            [parts.concat(), explicit(STATUS.0, "CS", "SAFE")].concat()
        };
        let of = |item: &[u8]| found(&[sequence(0x0008_0300, &[item])]);
        assert_eq!(of(&item("GEMS_IDEN_01")), <[&str; 0]>::default());
        assert_eq!(of(&item("Doe^Jane")), ["(0008,0300)"]);
        let described = explicit(0x0008_030C, "UT", "of Jane Doe");
        assert_eq!(of(&[item("GEMS_IDEN_01"), described].concat()), ["(0008,0300)"]);
        // Also within an item of another sequence.
        let nested = sequence(0x0008_0300, &[&item("Doe^Jane")]);
        assert_eq!(found(&[sequence(0x0008_1140, &[&nested])]), ["(0008,1140)[0].(0008,0300)"]);
    }

    #[test]
    fn groups_have_no_text_for_a_length() {
        assert_eq!(found(&[explicit(0x0008_0000, "LO", "Doe^Jane")]), ["(0008,0000)"]);
    }

    #[test]
    fn originals_are_enveloped() {
        let der = |tag: u8, parts: &[&[u8]]| {
            let content = parts.concat();
            [&[tag, 0x82], &(content.len() as u16).to_be_bytes()[..], &content].concat()
        };
        let envelope = |encrypted: &[u8]| {
            let content = der(0x30, &[&der(0x06, &[&[1]]), &der(0x30, &[&[1]]), &der(0x80, &[encrypted])]);
            let parts = der(0x30, &[&[2, 1, 2], &der(0x31, &[&[0x30, 0]]), &content]);
            let oid = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03];
            der(0x30, &[&oid, &der(0xA0, &[&parts])])
        };
        let sealed = |content: &[u8]| {
            let padded = [content, if content.len() % 2 == 1 { &[0] } else { &[] }].concat();
            let syntax = explicit(CONTENT_SYNTAX.0, "UI", "1.2.840.10008.1.2.1\0");
            found(&[sequence(0x0400_0500, &[&[syntax, explicit(CONTENT.0, "OB", padded)].concat()])])
        };
        let random: Vec<u8> = (0..=255_u8).map(|byte| byte.wrapping_mul(77) ^ 0x5A).collect();
        assert_eq!(sealed(&envelope(&random)), <[&str; 0]>::default());
        let text = "PatientName Doe Jane, born 1970-04-03. ".repeat(9);
        for wrong in [envelope(text.as_bytes()), random.clone(), [&envelope(&random)[..], b"Doe"].concat()] {
            assert_eq!(sealed(&wrong), ["(0400,0500)"]);
        }
    }
}
