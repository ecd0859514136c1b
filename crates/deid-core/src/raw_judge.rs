//! What values of raw formats become: the profile's rule for the attribute they are, the searcher, key and subject.

mod copied;

use crate::age;
use crate::clean_text;
use crate::dates;
use crate::decide::{Decision, Policy, Position, Verb};
use crate::identifiers::Searcher;
use crate::rule::Rule;
use crate::{Key, is_well_known_uid};
use deid_dicom::{Tag, Vr, value};
use deid_profile::Action;
use deid_raw::Judge;
use deid_standard::dictionary;

const PATIENT_NAME: Tag = Tag::new(0x0010, 0x0010);
const PATIENT_ID: Tag = Tag::new(0x0010, 0x0020);
const PATIENT_AGE: Tag = Tag::new(0x0010, 0x1010);
const STUDY_INSTANCE_UID: Tag = Tag::new(0x0020, 0x000D);
/// Raw formats have no IOD.
pub(crate) const NOWHERE: Position = Position { iod: None, top_level: true };

/// Judges the values of one file.
pub(crate) struct RawJudge<'a> {
    pub(crate) policy: &'a Policy<'a>,
    pub(crate) searcher: &'a Searcher,
    /// The same without birth dates, if dates stay: any date may be somebody's birthday.
    pub(crate) undated: Option<&'a Searcher>,
    pub(crate) key: &'a Key,
    /// What name and Patient ID become.
    pub(crate) code: &'a str,
    /// By how many days dates move.
    pub(crate) days: i32,
}

impl RawJudge<'_> {
    fn verb(&self, tag: Tag) -> Verb {
        self.policy.public(tag, NOWHERE).verb
    }

    /// The text that the user or a rule of the profile puts in the place of this attribute.
    fn replacement(&self, tag: Tag) -> String {
        let forced =
            self.policy.forced.iter().find(|(forced, _)| *forced == tag).map(|(_, text)| text.clone());
        let rule = || match &self.policy.rules.public(tag)?.0.action {
            Action::Replace(text) => Some(text.clone()),
            _ => None,
        };
        forced.or_else(rule).unwrap_or_default()
    }

    /// A value that a rule keeps, but for the subject's identifiers.
    fn keep(&self, text: &str) -> String {
        if !self.searcher.is_in(text.as_bytes()) {
            return text.to_owned();
        }
        if self.searcher.is_disguised_in(text.as_bytes()) {
            return String::new();
        }
        // Needles in Latin-1 may begin inside a character.
        let kept = String::from_utf8(self.searcher.without(text.as_bytes())).unwrap_or_default();
        // Taking one out may have joined the parts of another.
        if self.searcher.is_in(kept.as_bytes()) { String::new() } else { kept }
    }
}

impl Judge for RawJudge<'_> {
    fn attribute(&self, tag: Tag, text: &str) -> String {
        let Decision { verb, rule } = self.policy.public(tag, NOWHERE);
        match verb {
            Verb::Replace => self.replacement(tag),
            _ if tag == PATIENT_NAME || tag == PATIENT_ID => self.code.to_owned(),
            Verb::Keep if tag == PATIENT_AGE => age::cap_text(text),
            // Text where numbers belong is no measurement.
            Verb::Keep if is_numeric(tag) && !is_numbers(text) => self.text(text),
            // What no table lists and no rule asks for is a term of the trade, or it is out of place here.
            Verb::Keep if rule == Rule::NotInTable && !is_numeric(tag) => self.term(text),
            Verb::Keep if is_code(tag) && !is_one_code(text) => self.term(text),
            Verb::Keep | Verb::Shift => self.keep(text),
            Verb::Clean => self.text(text),
            Verb::Uid => self.uid(text),
            Verb::Remove | Verb::Empty | Verb::Dummy => String::new(),
        }
    }

    fn copied(&self, tag: Tag, text: &str) -> String {
        self.copied_text(tag, text)
    }

    fn date(&self, tag: Tag, date: &str) -> Option<String> {
        match self.verb(tag) {
            Verb::Keep => Some(date.to_owned()),
            Verb::Shift => {
                dates::shift(Vr::DA, date.as_bytes(), self.days).and_then(|date| String::from_utf8(date).ok())
            }
            Verb::Replace => Some(self.replacement(tag)),
            _ => None,
        }
    }

    fn term(&self, text: &str) -> String {
        let rules = deid_vendor::field::Rules { judge: &ByContent(self), strict: true };
        rules.apply(deid_vendor::field::Action::Term, text).into_owned()
    }

    fn name(&self, name: &str) -> Option<String> {
        deid_vendor::judged_name(name, &ByContent(self))
    }

    fn text(&self, text: &str) -> String {
        let cleaned = clean_text::clean(text, self.searcher, &self.policy.rewriter(self.key, self.days));
        if self.searcher.is_in(cleaned.text.as_bytes()) { String::new() } else { cleaned.text }
    }

    fn uid(&self, uid: &str) -> String {
        let bare = uid.trim_matches(['\0', ' ']);
        if !value::is_uid(bare.as_bytes()) {
            return String::new();
        }
        let stays = is_well_known_uid(bare) || self.verb(STUDY_INSTANCE_UID) == Verb::Keep;
        if stays && !self.searcher.long_numbers_are_in(bare.as_bytes()) {
            return uid.to_owned();
        }
        self.key.uid(bare)
    }

    fn identifies(&self, bytes: &[u8]) -> bool {
        self.searcher.is_in(bytes)
    }

    fn names(&self, bytes: &[u8]) -> bool {
        let searcher = self.undated.unwrap_or(self.searcher);
        if !searcher.is_plainly_in(bytes) {
            return false;
        }
        // The code is the subject's new name; it may hold what stood in the old one.
        let code = self.code.as_bytes();
        let mut rest: Vec<u8> = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            if !code.is_empty() && bytes[at..].starts_with(code) {
                rest.push(b' ');
                at += code.len();
            } else {
                rest.push(bytes[at]);
                at += 1;
            }
        }
        searcher.is_plainly_in(&rest)
    }

    fn attribute_of(&self, keyword: &str) -> Option<(Tag, Vr)> {
        dictionary::by_keyword(keyword)
            .and_then(|attribute| attribute.tag.exact().map(|tag| (tag, attribute.vr)))
            .filter(|(tag, _)| !tag.is_structural() && tag.group() > 2)
    }
}

/// The same judge for the rules of vendors' headers: by what a text is, whatever attribute it may be.
struct ByContent<'a>(&'a RawJudge<'a>);

impl deid_vendor::Judge for ByContent<'_> {
    fn text(&self, text: &str) -> String {
        Judge::text(self.0, text)
    }

    fn identifies(&self, bytes: &[u8]) -> bool {
        Judge::identifies(self.0, bytes)
    }

    fn tells_place(&self, text: &str) -> bool {
        self.0.searcher.is_place_in(text.as_bytes())
    }

    fn uid(&self, uid: &str) -> String {
        Judge::uid(self.0, uid)
    }

    fn date(&self, _: &str) -> Option<String> {
        None
    }
}

/// Whether the attribute holds numbers (PS3.6).
fn is_numeric(tag: Tag) -> bool {
    let vr = dictionary::attribute(tag).map(|attribute| attribute.vr);
    matches!(
        vr,
        Some(Vr::DS | Vr::IS | Vr::FL | Vr::FD | Vr::US | Vr::SS | Vr::UL | Vr::SL | Vr::SV | Vr::UV)
    )
}

/// Whether the attribute holds codes (PS3.6).
fn is_code(tag: Tag) -> bool {
    dictionary::attribute(tag).is_some_and(|attribute| attribute.vr == Vr::CS)
}

/// Whether a text is a code of one letter, as sex is.
fn is_one_code(text: &str) -> bool {
    text.trim().len() <= 1
}

fn is_numbers(text: &str) -> bool {
    let day = |part: &str| dates::shift(Vr::DA, part.as_bytes(), 0).is_some();
    text.bytes().filter(|&byte| byte == b'/').count() <= 1
        && !text.split(['\\', ',', ' ', '/']).any(|part| day(part.trim()))
        && text
            .split(['\\', ',', ' ', '/'])
            .all(|part| part.trim().is_empty() || part.trim().parse::<f64>().is_ok_and(f64::is_finite))
}

/// Keeps everything: to learn whether a header could be cleaned at all.
pub(crate) struct Lenient;

impl Judge for Lenient {
    fn attribute(&self, _: Tag, text: &str) -> String {
        text.to_owned()
    }

    fn date(&self, _: Tag, date: &str) -> Option<String> {
        Some(date.to_owned())
    }

    fn term(&self, text: &str) -> String {
        text.to_owned()
    }

    fn name(&self, _: &str) -> Option<String> {
        None
    }

    fn text(&self, text: &str) -> String {
        text.to_owned()
    }

    fn uid(&self, uid: &str) -> String {
        uid.to_owned()
    }

    fn identifies(&self, _: &[u8]) -> bool {
        false
    }

    fn names(&self, _: &[u8]) -> bool {
        false
    }

    fn attribute_of(&self, _: &str) -> Option<(Tag, Vr)> {
        None
    }
}
