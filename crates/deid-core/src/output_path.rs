//! Names of the output by a layout: made of the values that are written, never of original ones.

use crate::Key;
use crate::classify;
use crate::clean_text::{self, Rewriter};
use crate::identifiers::Searcher;
use crate::plan::{Done, Plan};
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Change, ROOT, Source, Tag, Tree, value};
use deid_profile::{Layout, LayoutField, LayoutForm, LayoutPiece};
use unicode_normalization::UnicodeNormalization;

/// Stands where there is no value.
const UNKNOWN: &str = "unknown";
/// Longest value of a field, in characters; a UID has 64.
const LONGEST_VALUE: usize = 64;
/// Longest part of a path, in bytes: file systems take 255, a suffix is to fit.
const LONGEST_PART: usize = 150;

/// What names in the output are made of: values of one instance as they are written.
#[derive(Clone, Debug, Default)]
pub struct OutputValues {
    values: Vec<(LayoutField, String)>,
}

/// An instance and what becomes of it.
pub(crate) struct Written<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) plan: &'a Plan,
    pub(crate) searcher: &'a Searcher,
}

impl OutputValues {
    /// Reads what will be written. `code` stands for the subject; `clean` cleans a part of a name by what is known of
    /// the whole session.
    pub(crate) fn read<S: Source>(
        source: &mut S,
        written: &Written<'_>,
        code: Option<String>,
        clean: impl Fn(&str) -> String,
    ) -> Self {
        let charset = written.charset(source);
        let mut text = |group, element| written.text(source, &charset, Tag::new(group, element));
        let number = |text: Option<String>| text.filter(|text| text.parse::<u32>().is_ok());
        let uid = |text: Option<String>| text.filter(|text| value::is_uid(text.as_bytes()));
        let words = |text: Option<String>| {
            let cleaned = clean_text::clean(&text?, written.searcher, &Rewriter::default()).text;
            Some(clean(cleaned.trim())).filter(|text| text != "_")
        };
        let date = text(0x0008, 0x0020)
            .filter(|date| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()));
        let study = uid(text(0x0020, 0x000D));
        let session = date.clone().or_else(|| {
            let digits = study.as_deref()?.rsplit('.').next()?;
            Some(digits[digits.len().saturating_sub(8)..].to_owned())
        });
        let modality = text(0x0008, 0x0060).map(|text| classify::modality(&text).to_owned());
        let found = [
            (LayoutField::Subject, code),
            (LayoutField::Session, session),
            (LayoutField::StudyDate, date),
            (LayoutField::Study, study),
            (LayoutField::Modality, modality),
            (LayoutField::StudyDescription, words(text(0x0008, 0x1030))),
            (LayoutField::SeriesDescription, words(text(0x0008, 0x103E))),
            (LayoutField::ProtocolName, words(text(0x0018, 0x1030))),
            (LayoutField::SeriesNumber, number(text(0x0020, 0x0011))),
            (LayoutField::AcquisitionNumber, number(text(0x0020, 0x0012))),
            (LayoutField::InstanceNumber, number(text(0x0020, 0x0013))),
            (LayoutField::Series, uid(text(0x0020, 0x000E))),
            (LayoutField::Instance, uid(text(0x0008, 0x0018))),
        ];
        let filled = |(field, text): (LayoutField, Option<String>)| Some((field, text?));
        OutputValues {
            values: found.into_iter().filter_map(filled).filter(|(_, text)| !text.is_empty()).collect(),
        }
    }

    fn value(&self, field: LayoutField) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == field).map(|(_, text)| text.as_str())
    }
}

impl Written<'_> {
    fn charset<S: Source>(&self, source: &mut S) -> CharacterSet {
        self.bytes(source, Tag::new(0x0008, 0x0005))
            .map_or_else(CharacterSet::default, |b| CharacterSet::parse(&b))
    }

    fn text<S: Source>(&self, source: &mut S, charset: &CharacterSet, tag: Tag) -> Option<String> {
        let bytes = self.bytes(source, tag)?;
        Some(charset.decode(&bytes).trim_matches(['\0', ' ']).to_owned())
    }

    /// The value of an element at top level as it is written; none if it goes or becomes a dummy.
    fn bytes<S: Source>(&self, source: &mut S, tag: Tag) -> Option<Vec<u8>> {
        let index = self.tree.find(ROOT, tag)?;
        let entries = &self.plan.entries;
        let planned = entries.binary_search_by_key(&index, |entry| entry.node).ok().map(|at| &entries[at]);
        match planned.map(|entry| (entry.done, &entry.change)) {
            Some((Done::Dummy, _) | (_, Some(Change::Remove))) => None,
            Some((_, Some(Change::Value(_, bytes)))) => Some(bytes.clone()),
            Some((_, None | Some(Change::Overwrite(_)))) | None => {
                let node = self.tree.node(index);
                let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 1024)?;
                source.bytes(node.value_start(), length).map(<[u8]>::to_vec)
            }
        }
    }
}

/// The parts of a path by a layout. A pure function of layout, values, ordinal and key.
pub(crate) fn output_path(layout: &Layout, values: &OutputValues, ordinal: u64, key: &Key) -> Vec<String> {
    let ordinal = ordinal.to_string();
    let parts = layout.parts().iter().map(|pieces| {
        let text: String = pieces
            .iter()
            .map(|piece| match piece {
                LayoutPiece::Text(text) => text.clone(),
                LayoutPiece::Field(LayoutField::Ordinal, form) => formed(&ordinal, *form),
                LayoutPiece::Field(field, form) => {
                    values.value(*field).map_or_else(
                        || UNKNOWN.to_owned(),
                        |text| {
                            let formed = formed(text, *form);
                            // What was left out may have told two subjects apart.
                            let lossy = *field == LayoutField::Subject && formed != text;
                            if lossy { formed + &key.name_code(text)[1..5] } else { formed }
                        },
                    )
                }
            })
            .collect();
        portable(&text)
    });
    parts.collect()
}

/// A value in the form that a field asks for.
fn formed(text: &str, form: LayoutForm) -> String {
    let formed = match form {
        LayoutForm::Plain => plain(text),
        LayoutForm::Label => text.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_VALUE).collect(),
        LayoutForm::Digits(digits) => match text.parse::<u64>() {
            Ok(number) => format!("{number:0width$}", width = usize::from(digits)),
            Err(_) => plain(text),
        },
    };
    if formed.is_empty() { UNKNOWN.to_owned() } else { formed }
}

/// Letters and digits, and `-`, `_`, `.`, `+` between them; one `_` for a run of anything else.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.nfc().take(LONGEST_VALUE) {
        if c.is_alphanumeric() || matches!(c, '-' | '.' | '+') {
            plain.push(c);
        } else if !plain.ends_with('_') {
            plain.push('_');
        }
    }
    // Two dots together lead nowhere here, and no reader need wonder.
    while plain.contains("..") {
        plain = plain.replace("..", ".");
    }
    plain.trim_matches(['_', '.', '-', '+']).to_owned()
}

/// A part of a path that every file system takes: not too long, no name of a device, no dot or blank at its end.
fn portable(part: &str) -> String {
    let part = part.trim_matches([' ', '.']);
    let (stem, extension) = match part.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 5 => (stem, &part[stem.len()..]),
        _ => (part, ""),
    };
    let mut end = stem.len().min(LONGEST_PART - extension.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem[..end].trim_end_matches([' ', '.']);
    let device = stem.split('.').next().unwrap_or_default();
    let reserved = is_device(device);
    format!("{}{stem}{extension}", if reserved || stem.is_empty() { "_" } else { "" })
}

/// Names that Windows keeps for devices, whatever extension follows.
fn is_device(name: &str) -> bool {
    let name = name.trim_end().to_ascii_uppercase();
    matches!(name.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || (matches!(name.get(..3), Some("COM" | "LPT"))
            && matches!(name.get(3..), Some(rest) if rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(layout: &str, values: &[(LayoutField, &str)]) -> String {
        let values = values.iter().map(|(field, text)| (*field, (*text).to_owned())).collect();
        let layout = Layout::parse(layout).unwrap();
        output_path(&layout, &OutputValues { values }, 7, &Key::from_bytes([7; 32])).join("/")
    }

    #[test]
    fn fields_take_the_form_that_is_asked_for() {
        let values = [
            (LayoutField::Subject, "S01"),
            (LayoutField::SeriesNumber, "3"),
            (LayoutField::SeriesDescription, "t1 mprage (sag) µ/..\\x"),
        ];
        assert_eq!(
            path("sub-{subject:label}/{series-number:3}_{series-description}/{ordinal:4}.dcm", &values),
            "sub-S01/003_t1_mprage_sag_µ_._x/0007.dcm"
        );
        assert_eq!(path("{modality}/{study-date}", &values), "unknown/unknown");
    }

    #[test]
    fn subjects_do_not_become_one_by_their_label() {
        let label = |code| path("sub-{subject:label}", &[(LayoutField::Subject, code)]);
        let (one, other) = (label("001-0042"), label("0010-042"));
        assert!(one != other && one.starts_with("sub-0010042") && other.starts_with("sub-0010042"));
        assert!(one["sub-".len()..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(label("0010042"), "sub-0010042");
        let plain = |code| path("{subject}", &[(LayoutField::Subject, code)]);
        assert!(plain("S 1") != plain("S_1") && plain("S-1") == "S-1");
    }

    #[test]
    fn parts_are_ones_that_every_file_system_takes() {
        let of = |text: &str| path("{series-description}", &[(LayoutField::SeriesDescription, text)]);
        assert_eq!(of(".."), "unknown");
        assert_eq!(of("a/../../b"), "a_._._b");
        assert_eq!(of("con"), "_con");
        assert_eq!(of("aux.x"), "_aux.x");
        assert_eq!(of("a:b*c?\u{7}\"<>|"), "a_b_c");
        assert_eq!(of(" . "), "unknown");
        let long = path(
            "{series-description}{series-description}{series-description}.dcm",
            &[(LayoutField::SeriesDescription, &"é".repeat(99))],
        );
        assert!(long.len() <= LONGEST_PART && long.ends_with("é.dcm"));
    }
}
