//! Values that are kept: searched for identifiers, and cleaned where an option asks for it.

use super::memo::{Cleaning, Memo};
use super::{
    CHARACTER_SET, Dates, Done, LONGEST_CLEANED, LONGEST_OPAQUE, LONGEST_TEXT, PATIENT_AGE, PROTECTED,
    Planner,
};
use crate::age;
use crate::clean_text::{self, Cleaned, DateTreatment, Rewriter, UidTreatment, WhichDates};
use crate::dated_numbers::Chance;
use crate::dates;
use crate::decide::{Policy, Position, Verb};
use crate::dummy;
use crate::identifiers::{Searcher, is_of_others, of_patient, without_ignorable};
use crate::known_uids::KnownUids;
use crate::rule::Rule;
use deid_dicom::charset::CharacterSet;
use deid_dicom::{Change, Kind, Node, NodeIndex, ROOT, Source, Tag, Vr, value};
use deid_profile::Selector;
use deid_standard::confidentiality::{ConfidentialityOption, row};
use deid_standard::dictionary;
use std::cell::Cell;
use std::sync::Arc;

/// What classifies a code: readers look for these values, and some of them look like dates or UIDs.
const CODED: [Tag; 5] = [
    Tag::new(0x0008, 0x0100),
    Tag::new(0x0008, 0x0102),
    Tag::new(0x0008, 0x0103),
    Tag::new(0x0008, 0x0114),
    Tag::new(0x0008, 0x0119),
];

/// The longest Patient's Age that is read: four characters (PS3.5 6.2), and some padding.
const LONGEST_AGE: u64 = 16;

impl<'b, S: Source> Planner<'_, 'b, S> {
    /// What becomes of dates and UIDs in texts that are cleaned.
    fn rewriter(&self) -> Rewriter<'b> {
        let rewriter = self.inputs.policy.rewriter(self.inputs.key, self.inputs.days);
        Rewriter { known: self.inputs.uids, ..rewriter }
    }

    /// Dates are left in a text.
    fn note_dates(&mut self, treatment: DateTreatment) {
        let moved = matches!(treatment, DateTreatment::Shift(_));
        self.date(if moved { Dates::Modified } else { Dates::Unmodified });
    }

    /// Dates moved and UIDs replaced in a text that is kept; `None` if it has none. Where dates are to go, those of the
    /// study and of birth go, and others stay. Of what readers branch on, only dates of the study move.
    fn rewritten(&mut self, node: &Node, vr: Vr, bytes: &[u8], charset: &CharacterSet) -> Option<Vec<u8>> {
        let text = matches!(vr, Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        let mut rewriter = self.rewriter();
        let shifts = matches!(rewriter.dates, DateTreatment::Shift(_));
        let protected = vr == Vr::CS || PROTECTED.contains(&node.tag);
        // A code is one word; a sentence in its place is none.
        let is_code =
            |decoded: &str| CODED.contains(&node.tag) && !decoded.trim().contains(char::is_whitespace);
        if !text && vr != Vr::CS || protected && !shifts {
            return None;
        }
        let decoded = charset.decode(bytes);
        let code = !protected && is_code(&decoded);
        let mut cleaning = Cleaning::Rewrite;
        if protected || code {
            if protected || self.inputs.uids.find(&decoded).is_empty() {
                if !shifts {
                    return None;
                }
                (rewriter.uids, rewriter.known) = (UidTreatment::Keep, KnownUids::default());
            }
            cleaning = Cleaning::Term;
            rewriter.which = WhichDates::OfStudy;
        } else if rewriter.dates == DateTreatment::Remove {
            if self.inputs.searcher.seeks_dates() {
                rewriter.which = WhichDates::OfSubject;
            } else {
                rewriter.dates = DateTreatment::Keep;
            }
        }
        let searcher = self.inputs.searcher;
        let memo = &self.inputs.remembered.memo;
        // UIDs of the instance are others in the next file.
        let first = Cell::new(rewriter.known.find(&decoded).is_empty());
        let rewritten = fitting(vr, &decoded, rewriter, |rewriter| {
            let rewrite = || {
                let rewritten = clean_text::rewrite(&decoded, searcher, &rewriter);
                let free = cleaning == Cleaning::Rewrite;
                if !free {
                    return rewritten;
                }
                clean_text::without_places(clean_text::without_forms(rewritten, searcher), searcher)
            };
            if first.replace(false) { Memo::text(memo, cleaning, &decoded, rewrite) } else { rewrite() }
        });
        let changed = rewritten.text != decoded;
        if rewritten.dates > 0 && (changed || cleaning == Cleaning::Rewrite) {
            self.note_dates(rewriter.dates);
        }
        // What cannot be written again goes.
        changed.then(|| charset.encode(&rewritten.text).unwrap_or_default())
    }

    /// A text that no row of the table judges, where descriptions are to be cleaned: without what identifies anybody by its
    /// shape alone. `None` if it has nothing of the kind.
    fn without_strangers(&mut self, node: &Node, vr: Vr, rule: Rule, bytes: &[u8]) -> Option<Vec<u8>> {
        let several = matches!(vr, Vr::CS | Vr::SH | Vr::LO | Vr::UC);
        let text = several || matches!(vr, Vr::ST | Vr::LT | Vr::UT);
        let cleans = self.inputs.policy.profile.has_option(ConfidentialityOption::CleanDescriptors);
        // The shortest is a title with a name.
        let short = value::trim(bytes).len() < 5;
        if !text || rule != Rule::NotInTable || !cleans || short || bytes.len() as u64 > LONGEST_CLEANED {
            return None;
        }
        let charset = Arc::clone(&self.set().charset);
        let decoded = charset.decode(bytes);
        // A code is one word; makers and models may be the address of a program.
        let word = decoded.trim();
        if CODED.contains(&node.tag) && !word.contains([' ', '@', '/'])
            || PROTECTED.contains(&node.tag) && word.contains("://") && !word.contains([' ', '@', '\\'])
        {
            return None;
        }
        let parts: Vec<&str> =
            if several && !is_escaped(&decoded) { decoded.split('\\').collect() } else { vec![&decoded] };
        let memo = &self.inputs.remembered.memo;
        let strong =
            |part: &&str| Memo::text(memo, Cleaning::Strong, part, || clean_text::without_strong(part));
        let cleaned: Vec<_> = parts.iter().map(strong).collect();
        if cleaned.iter().all(|part| part.removed == 0) {
            return None;
        }
        let joined: Vec<&str> = cleaned.iter().map(|part| part.text.trim()).collect();
        let bytes = charset.encode(&joined.join("\\")).unwrap_or_default();
        // What closed up may be an identifier in turn.
        let searcher = self.inputs.searcher;
        Some(if searcher.is_in(&bytes) { Vec::new() } else { bytes })
    }

    /// Keeps a value, unless an identifier of this subject stands in it.
    pub(super) fn keep(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let length = node.value_length();
        // A private date that stays as it was beside shifted ones would tell by how much they are shifted.
        let chosen = matches!(rule, Rule::Profile(_) | Rule::Option(..)) && !node.tag.is_private();
        if matches!(vr, Vr::DA | Vr::DT) && !chosen && self.inputs.policy.shifts_dates() {
            return self.shift(index, node, vr, rule);
        }
        if (node.tag == PATIENT_AGE || vr == Vr::AS) && length > 0 {
            return self.keep_age(index, node, vr, rule);
        }
        let pixels = matches!(node.tag.0, 0x7FE0_0008..=0x7FE0_0010)
            && matches!(vr, Vr::OB | Vr::OW | Vr::OF | Vr::OD | Vr::UN | Vr::Implicit);
        if length > 0 && (node.kind == Kind::Fragments || pixels) {
            return self.keep_pixels(index, node, rule);
        }
        if length == 0 {
            return self.record_keep(index, rule);
        }
        // Without it no text of the data set can be read any more.
        if node.tag == CHARACTER_SET && self.set().charset.is_known() && length <= 1024 {
            return self.record_keep(index, rule);
        }
        if vr.is_text() {
            if length > LONGEST_TEXT {
                return self.remove(index, Rule::Identifier);
            }
            if let Some(terms) = characteristic(node.tag).filter(|_| vr == Vr::CS)
                && matches!(rule, Rule::Option(..))
                && !self
                    .source
                    .bytes(node.value_start(), length as usize)
                    .is_some_and(|value| terms.has(value))
            {
                return self.meet_basic(index, node, vr, Rule::Malformed);
            }
            if self.tells_device(node, vr) {
                return self.remove(index, Rule::VendorHeader);
            }
            if self.is_wanted(node, vr, rule) {
                return self.record_keep(index, rule);
            }
            return self.keep_text(index, node, vr, rule);
        }
        if self.tells_device(node, vr) {
            return self.remove(index, Rule::VendorHeader);
        }
        // Numbers too: a VR says little of what a file really holds.
        if length <= LONGEST_OPAQUE {
            let Some(bytes) = self.source.bytes(node.value_start(), length as usize) else {
                self.plan.failed = true;
                return self.remove(index, rule);
            };
            let found = if is_samples(node.tag, vr) {
                self.inputs.searcher.is_in_samples(bytes, length)
            } else if node.tag.is_private() && matches!(vr, Vr::OB | Vr::OW | Vr::UN) {
                self.inputs.searcher.is_in_opaque(bytes)
            } else {
                self.inputs.searcher.is_in_binary(bytes)
            };
            if found {
                return self.remove(index, Rule::Identifier);
            }
            if is_text_for_number(node.tag, vr, bytes) {
                return self.remove(index, Rule::Malformed);
            }
            let dateable = matches!(vr, Vr::FL | Vr::FD | Vr::SL | Vr::UL | Vr::SV | Vr::UV);
            if dateable && !node.tag.is_private() {
                let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
                if self.is_dated(node.tag, vr, &bytes, node.encoding, Chance::Low) {
                    return self.remove(index, Rule::Identifier);
                }
            }
        }
        if length > LONGEST_OPAQUE && self.is_in_large(node, is_samples(node.tag, vr)) {
            return self.remove(index, Rule::Identifier);
        }
        self.record_keep(index, rule)
    }

    /// Looks through a large value block by block, without holding it.
    pub(super) fn is_in_large(&mut self, node: &Node, samples: bool) -> bool {
        const BLOCK: usize = 64 << 10;
        const OVERLAP: u64 = 512;
        let end = node.value_end();
        let mut at = node.value_start();
        let searcher = self.inputs.searcher;
        let found = |block: &[u8]| {
            if samples {
                searcher.is_in_samples(block, node.value_length())
            } else {
                searcher.is_in_binary(block)
            }
        };
        while at + (BLOCK as u64) < end {
            match self.source.peek::<BLOCK>(at) {
                Some(block) if found(&block) => return true,
                Some(_) => at += BLOCK as u64 - OVERLAP,
                None => {
                    self.plan.failed = true;
                    return true;
                }
            }
        }
        let rest = self.source.bytes(at, (end - at) as usize);
        rest.is_none_or(found)
    }

    /// An age that is kept does not tell who is very old.
    pub(super) fn keep_age(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        if node.value_length() > LONGEST_AGE {
            return self.change(index, Done::Clean, rule, Change::Value(vr, Vec::new()));
        }
        let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
        match age::cap(&bytes) {
            Some(age) if age == bytes => self.record_keep(index, rule),
            capped => {
                let age = capped.unwrap_or_default();
                self.change(index, Done::Clean, rule, Change::Value(vr, age))
            }
        }
    }

    /// Whether a rule of the user keeps an identifier by its own name, and the value says nothing of the patient. Without
    /// that the rule would be void, for each identifier goes from what is kept.
    fn is_wanted(&mut self, node: &Node, vr: Vr, rule: Rule) -> bool {
        let named = match rule {
            Rule::Profile(index) => self
                .inputs
                .policy
                .rules
                .rule(index)
                .is_some_and(|rule| matches!(rule.selector, Selector::Tag(_) | Selector::Path(_))),
            _ => false,
        };
        if !named || !is_of_others(node.tag, vr) {
            return false;
        }
        let source = &mut *self.source;
        let patient = self.patient.get_or_insert_with(|| Searcher::of(of_patient(source, self.tree)));
        let bytes = source.bytes(node.value_start(), node.value_length() as usize);
        let charset = &self.sets[self.sets.len() - 1].charset;
        bytes.is_some_and(|bytes| !patient.is_in(bytes) && !patient.is_in(charset.decode(bytes).as_bytes()))
    }

    pub(super) fn keep_text(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let charset = Arc::clone(&self.set().charset);
        let searcher = self.inputs.searcher;
        let memo = &self.inputs.remembered.memo;
        let Some(bytes) = self.source.bytes(node.value_start(), node.value_length() as usize) else {
            self.plan.failed = true;
            return self.remove(index, rule);
        };
        let free = matches!(vr, Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        let readable = if free { readable(bytes, &charset, searcher) } else { None };
        let bytes = readable.as_deref().unwrap_or(bytes);
        let plainly = |bytes| Memo::identifies_plainly(memo, bytes, || searcher.is_plainly_in(bytes));
        let date = matches!(vr, Vr::DA | Vr::DT);
        // A date that the user keeps may be anybody's birthday.
        let wanted = date && !matches!(rule, Rule::NotInTable) && is_date(bytes);
        let hit = match vr {
            _ if wanted => false,
            // Terms that readers branch on.
            Vr::CS => plainly(bytes),
            _ if PROTECTED.contains(&node.tag) => plainly(bytes),
            Vr::DS | Vr::IS | Vr::UI => searcher.letters_are_in(bytes) || searcher.long_numbers_are_in(bytes),
            // Numbers and codes of a few characters: only what is no number may be somebody's.
            Vr::AS | Vr::TM => searcher.letters_are_in(bytes),
            _ => Memo::identifies(memo, bytes, || searcher.is_in(bytes)),
        };
        let hidden = !hit
            && !matches!(vr, Vr::DS | Vr::IS | Vr::AS | Vr::TM | Vr::UI | Vr::CS | Vr::DA | Vr::DT)
            && (!bytes.is_ascii() || bytes.contains(&0x1B))
            && searcher.is_in(charset.decode(bytes).as_bytes());
        if !hit && !hidden {
            let number = matches!(vr, Vr::DS | Vr::IS | Vr::AS | Vr::TM | Vr::UI | Vr::DA | Vr::DT);
            // Without digits it has neither date nor UID, and names have four letters.
            let digits = || bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3;
            let letters =
                || bytes.iter().filter(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count() >= 4;
            let bytes = if number || digits() || letters() { bytes.to_vec() } else { Vec::new() };
            let dated = matches!(vr, Vr::DS | Vr::IS)
                && self.is_dated(node.tag, vr, &bytes, node.encoding, Chance::Low);
            if dated {
                return self.emptied(index, node, vr, Rule::Identifier);
            }
            let time = date || vr == Vr::TM;
            let numbers = matches!(vr, Vr::DS | Vr::IS);
            if number && has_word(&bytes)
                || numbers && has_several_in_one(&bytes)
                || time && !dates::is_well_formed(vr, &bytes)
            {
                return self.emptied(index, node, vr, Rule::Malformed);
            }
            if date || is_date_row(node.tag, vr) {
                self.date(Dates::Unmodified);
            }
            let rewritten = self.rewritten(node, vr, &bytes, &charset);
            let strangers = self.without_strangers(node, vr, rule, rewritten.as_deref().unwrap_or(&bytes));
            return match strangers.or(rewritten).or(readable) {
                Some(bytes) if value::trim(&bytes).is_empty() => self.emptied(index, node, vr, rule),
                Some(bytes) => self.change(index, Done::Clean, rule, Change::Value(vr, bytes)),
                None => self.record_keep(index, rule),
            };
        }
        // An identifier among the components of a UID that is to stay: another UID is better than none.
        if vr == Vr::UI {
            return self.remap(index, node, vr, Rule::Identifier);
        }
        if hidden || searcher.is_disguised_in(bytes) || !vr.uses_character_set() && vr != Vr::CS {
            return self.emptied(index, node, vr, Rule::Identifier);
        }
        let mut cleaned = if bytes.contains(&0x1B) {
            // An X between escapes would be half of a character.
            let cleaned = without(&charset.decode(bytes), searcher);
            charset.encode(&cleaned).unwrap_or_default()
        } else {
            searcher.without(bytes)
        };
        // Taking one identifier out may have joined the parts of another; another may stand there in an encoding
        // that only decoding shows.
        let coded = vr == Vr::CS || PROTECTED.contains(&node.tag);
        if !coded && (searcher.is_in(&cleaned) || searcher.is_in(charset.decode(&cleaned).as_bytes())) {
            cleaned.clear();
        }
        let cleaned = self.rewritten(node, vr, &cleaned, &charset).unwrap_or(cleaned);
        let cleaned = self.without_strangers(node, vr, rule, &cleaned).unwrap_or(cleaned);
        let cleaned = value::trim(&cleaned).to_vec();
        if cleaned.is_empty() {
            return self.emptied(index, node, vr, Rule::Identifier);
        }
        self.change(index, Done::Clean, Rule::Identifier, Change::Value(vr, cleaned))
    }

    /// A value of which nothing is left; a dummy where there must be one.
    fn emptied(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let position = Position { iod: self.inputs.classification.iod, top_level: node.parent == ROOT };
        if Policy::requires_value(node.tag, position) && vr != Vr::UI {
            let dummy = dummy::value(node.tag, vr);
            return self.change(index, Done::Dummy, rule, Change::Value(vr, dummy));
        }
        self.change(index, Done::Clean, rule, Change::Value(vr, Vec::new()))
    }

    /// Takes what identifies out of a text (PS3.15 E.3.4). What is no text, or cannot be written again in its
    /// character set, meets the Basic Profile's action.
    pub(super) fn clean(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let text = matches!(vr, Vr::LO | Vr::LT | Vr::SH | Vr::ST | Vr::UC | Vr::UT);
        if text && node.value_length() <= LONGEST_CLEANED {
            let charset = Arc::clone(&self.set().charset);
            let Some(bytes) = self.read(node) else { return self.remove(index, rule) };
            let decoded = charset.decode(&bytes);
            let several = matches!(vr, Vr::LO | Vr::SH | Vr::UC);
            let parts: Vec<&str> =
                if several && !is_escaped(&decoded) { decoded.split('\\').collect() } else { vec![&decoded] };
            let rewriter = self.rewriter();
            let searcher = self.inputs.searcher;
            let memo = &self.inputs.remembered.memo;
            let cleaned: Vec<_> = parts
                .iter()
                .map(|part| {
                    // The first attempt nearly always fits, and is the same in all files but for their own UIDs.
                    let first = Cell::new(rewriter.known.find(part).is_empty());
                    fitting(vr, part, rewriter, |rewriter| {
                        let clean = || clean_text::clean(part, searcher, &rewriter);
                        if first.replace(false) {
                            Memo::text(memo, Cleaning::Clean, part, clean)
                        } else {
                            clean()
                        }
                    })
                })
                .collect();
            if cleaned.iter().zip(&parts).all(|(cleaned, part)| cleaned.text == **part) {
                return self.keep(index, node, vr, rule);
            }
            let dates = cleaned.iter().any(|part| part.dates > 0);
            let joined: Vec<&str> = cleaned.iter().map(|part| part.text.trim()).collect();
            if joined.iter().all(|part| part.is_empty()) {
                return self.emptied(index, node, vr, rule);
            }
            if let Some(bytes) = charset.encode(&joined.join("\\")) {
                if dates {
                    self.note_dates(rewriter.dates);
                }
                return self.change(index, Done::Clean, rule, Change::Value(vr, bytes));
            }
        }
        self.meet_basic(index, node, vr, rule)
    }

    /// What the Basic Profile does with an attribute whose value an option cannot keep.
    fn meet_basic(&mut self, index: NodeIndex, node: &Node, vr: Vr, rule: Rule) -> NodeIndex {
        let position = Position { iod: self.inputs.classification.iod, top_level: node.parent == ROOT };
        match self.inputs.policy.fallback(node.tag, position) {
            Verb::Shift | Verb::Keep | Verb::Clean => self.remove(index, rule),
            verb => self.carry_out(index, node, vr, verb, rule),
        }
    }
}

/// Whether a value of a Decimal or Integer String is several numbers with signs between, as dates and telephone numbers
/// are: `12.06.1955`.
fn has_several_in_one(bytes: &[u8]) -> bool {
    const FIGURES: usize = 6;
    value::split(bytes).any(|part| {
        let part = value::trim(part);
        let signs = part.iter().skip(1).filter(|byte| !byte.is_ascii_digit());
        // Nearly all are digits with a point at most.
        if part.len() <= FIGURES || signs.clone().count() <= 1 && signs.clone().all(|byte| *byte == b'.') {
            return false;
        }
        let text = String::from_utf8_lossy(part);
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).count();
        digits >= FIGURES && groups >= 2 && text.trim().replace(',', ".").parse::<f64>().is_err()
    })
}

/// The enumerated values of a characteristic of the patient (PS3.3 C.2.3, C.7.1.1, C.7.2.2).
struct Terms(&'static [&'static [u8]]);

impl Terms {
    /// Whether a value is one of them, or too short to tell more than they do: not all writers keep to the standard.
    fn has(&self, value: &[u8]) -> bool {
        const LONGEST: usize = 2;
        let value = value::trim(value);
        value.len() <= LONGEST || self.0.contains(&value)
    }
}

fn characteristic(tag: Tag) -> Option<Terms> {
    Some(Terms(match tag.0 {
        0x0010_0040 => &[b"MALE", b"FEMALE", b"OTHER", b"UNKNOWN"],
        0x0010_2203 => &[b"ALTERED", b"UNALTERED"],
        0x0010_21A0 => &[b"YES", b"NO", b"UNKNOWN"],
        _ => return None,
    }))
}

/// A text written anew so that it is not too long for its VR (PS3.5 6.2), unless it was before: a UID of the key may be
/// longer than the one it replaces. What does not fit goes.
fn fitting(vr: Vr, old: &str, rewriter: Rewriter<'_>, write: impl Fn(Rewriter<'_>) -> Cleaned) -> Cleaned {
    let longest = match vr {
        Vr::SH | Vr::CS => 16,
        Vr::LO => 64,
        _ => usize::MAX,
    };
    let length = |text: &str| text.split('\\').map(|part| part.chars().count()).max().unwrap_or(0);
    let new = write(rewriter);
    if length(&new.text) <= longest.max(length(old)) {
        return new;
    }
    let without = write(Rewriter { uids: UidTreatment::Remove, ..rewriter });
    if length(&without.text) <= longest.max(length(old)) {
        return without;
    }
    write(Rewriter { which: rewriter.which, ..Rewriter::default() })
}

/// A text without the words that were read in a wrong character set, and with nothing in it that is not seen where an
/// identifier is seen in it; `None` if that is the text.
fn readable(bytes: &[u8], charset: &CharacterSet, searcher: &Searcher) -> Option<Vec<u8>> {
    if bytes.is_ascii() && !bytes.contains(&0x1B) {
        return None;
    }
    let decoded = charset.decode(bytes);
    let mut text = clean_text::without_misread(&decoded, false);
    let seen = without_ignorable(text.as_ref().unwrap_or(&decoded));
    let count = |text: &str| searcher.find(text.as_bytes()).len();
    if seen.len() < text.as_ref().unwrap_or(&decoded).len() && count(&seen) > count(&decoded) {
        text = Some(seen);
    }
    let text = text?;
    // What no set was declared for cannot be written again.
    let ascii = || text.split(' ').filter(|word| word.is_ascii()).collect::<Vec<_>>().join(" ");
    charset.encode(&text).or_else(|| charset.encode(&ascii())).or(Some(Vec::new()))
}

/// A decoded text with an X for each identifier; nothing if what is found ends within a character.
fn without(text: &str, searcher: &Searcher) -> String {
    String::from_utf8(searcher.without(text.as_bytes())).unwrap_or_default()
}

/// Whether a public element holds measured samples, coordinates or indices, by the thousand as a rule.
fn is_samples(tag: Tag, vr: Vr) -> bool {
    let waveform = matches!(tag.0, 0x5400_0110 | 0x5400_0112 | 0x5400_100A | 0x5400_1010)
        || tag.group() & 0xFF00 == 0x5000 && matches!(tag.element(), 0x200C | 0x3000);
    let look_up = matches!(tag.0, 0x0028_1200..=0x0028_1224 | 0x0028_1408 | 0x0028_3006);
    let dictionary = dictionary::attribute(tag).map(|attribute| attribute.vr);
    !tag.is_private()
        && (waveform
            || look_up
            || matches!(dictionary, Some(Vr::OW | Vr::OF | Vr::OD | Vr::OL | Vr::OV)) && !vr.is_text())
}

/// Whether the table counts this time among the dates.
pub(super) fn is_date_row(tag: Tag, vr: Vr) -> bool {
    vr == Vr::TM
        && row(tag)
            .is_some_and(|row| row.option(ConfidentialityOption::RetainLongitudinalFullDates).is_some())
}

/// Whether four letters stand together that are not all hexadecimal digits: no number, date or UID has that.
pub(super) fn has_word(bytes: &[u8]) -> bool {
    bytes
        .split(|byte| !byte.is_ascii_alphabetic())
        .any(|word| word.len() >= 4 && !word.iter().all(u8::is_ascii_hexdigit))
}

/// Whether a value of a binary VR is a text: not as long as its numbers are, with a word in it, and all of it can be
/// printed. Implicit VR files hold such elements where a dictionary is wrong about them.
pub(super) fn is_text_for_number(tag: Tag, vr: Vr, bytes: &[u8]) -> bool {
    let size = match vr {
        Vr::US | Vr::SS => 2,
        Vr::UL | Vr::SL | Vr::FL | Vr::AT => 4,
        Vr::FD | Vr::SV | Vr::UV => 8,
        _ => return false,
    };
    let count =
        dictionary::attribute(tag).and_then(|attribute| attribute.vm.parse::<usize>().ok()).unwrap_or(1);
    let text = value::trim(bytes);
    bytes.len() != size * count && text.iter().all(|byte| (0x20..0x7F).contains(byte)) && has_word(text)
}

/// Whether a value is dates and times only: digits with the signs that DICOM puts between them.
pub(super) fn is_date(bytes: &[u8]) -> bool {
    value::split(bytes).all(|date| {
        date.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-' | b':' | b' '))
    })
}

/// Whether letters are written as escapes of programs, whose sign parts values as well: `\x4b\x6f`.
fn is_escaped(text: &str) -> bool {
    let digits = |at: usize| {
        let behind = text.as_bytes()[at + 1..].get(..3).unwrap_or_default();
        matches!(behind, [b'x' | b'u', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
            || behind.len() == 3 && behind.iter().all(|digit| (b'0'..=b'7').contains(digit))
    };
    text.match_indices('\\').filter(|(at, _)| digits(*at)).nth(1).is_some()
}
