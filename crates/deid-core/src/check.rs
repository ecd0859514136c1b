//! Whether an instance is de-identified already: what a plan would still take out of it.
//!
//! Nobody can tell by a UID or a shifted date whether it is an original one, so UIDs are not judged, nor dates that the
//! profile shifts where the file says that they were modified, or that this profile made it. Of name and ID it is known
//! what this software writes there, and what is known is not searched for in texts. [`marks`] judges what a file says
//! of its own de-identification.

mod marks;

use crate::Engine;
use crate::clean_text::{Rewriter, clean};
use crate::explained::Explained;
use crate::identifiers::{Identifiers, MONTH_NAMES, MONTHS, Searcher};
use crate::plan::{Done, Entry};
use crate::report::Cause;
use crate::rule::Rule;
use deid_dicom::{
    Change, Encoding, FaultKind, Faults, Kind, Layout, PREFIX, ROOT, Source, Tag, Tree, open, value, walk,
};
use std::sync::Arc;

/// What is known of one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Whether Patient Identity Removed (0012,0062) says YES: a claim of the file, not what this is about.
    pub marked: bool,
    /// Why the instance would not be written at all; `None` if it would.
    pub cause: Option<Cause>,
    /// What would be removed or get another value, in the order of the file.
    pub remaining: Vec<Remaining>,
}

impl Check {
    /// Whether nothing but UIDs and marks would change.
    pub fn is_deidentified(&self) -> bool {
        self.cause.is_none() && self.remaining.is_empty()
    }
}

/// Something that is not as it would be after de-identification. Never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Where it stands; `preamble` for what is before the file meta information.
    pub path: String,
    /// What it is called, if somebody knows.
    pub name: String,
    /// The [identifier](Rule::id) of the rule.
    pub rule: &'static str,
}

const PATIENT_NAME: Tag = Tag::new(0x0010, 0x0010);
const PATIENT_AGE: Tag = Tag::new(0x0010, 0x1010);
const IDENTITY_REMOVED: Tag = Tag::new(0x0012, 0x0062);
const METHOD: Tag = Tag::new(0x0012, 0x0063);
const DATES_MODIFIED: Tag = Tag::new(0x0028, 0x0303);
const SOP_INSTANCE: Tag = Tag::new(0x0008, 0x0018);
const MEDIA_STORAGE_SOP_INSTANCE: Tag = Tag::new(0x0002, 0x0003);
/// Characters behind the prefix of a code made from the key.
const CODE: usize = 12;

impl Engine {
    /// What of an instance is still to be de-identified, by these settings. `None` if it is no DICOM or cannot be
    /// inflated.
    pub fn check<S: Source>(&self, source: &mut S) -> Option<Check> {
        let layout = open(source).ok()?;
        let mut meta = Vec::new();
        if let Ok(length) = usize::try_from(layout.data_set) {
            source.bytes(0, length)?.clone_into(&mut meta);
        }
        let mut faults = layout.faults.clone();
        if layout.deflated {
            let inflated = self.inflate(source, &layout, &mut faults).ok()?;
            return Some(self.check_data_set(&mut &inflated[..], 0, &layout, faults, &meta));
        }
        Some(self.check_data_set(source, layout.data_set, &layout, faults, &meta))
    }

    fn check_data_set<S: Source>(
        &self,
        source: &mut S,
        start: u64,
        layout: &Layout,
        faults: Faults,
        meta: &[u8],
    ) -> Check {
        let mut searched = Arc::default();
        let explained = self.explain_knowing(source, start, layout, faults, |identifiers| {
            searched = Arc::new(self.of_others(&identifiers));
            Arc::clone(&searched)
        });
        let mut text = |tag| top_level(source, &explained.tree, tag).unwrap_or_default();
        let marked = text(IDENTITY_REMOVED) == b"YES";
        let ours = format!("profile {}", self.settings().profile.name);
        let method = text(METHOD);
        let shifted = marked
            && (text(DATES_MODIFIED) == b"MODIFIED"
                || value::split(&method).any(|value| value == ours.as_bytes()));
        let instance = text(SOP_INSTANCE);
        let mut remaining = of_meta(meta, &instance);
        let behind = explained.faults.contains(FaultKind::DeflateTrailing)
            || is_behind(source, explained.tree.end)
            || explained.faults.contains(FaultKind::TrailingGarbage);
        if behind {
            remaining.push(Remaining {
                path: "tail".to_owned(),
                name: "Bytes behind the data set".to_owned(),
                rule: "tail",
            });
        }
        let searcher = Searcher::of(searched);
        remaining.extend(marks::remaining(source, &explained, &searcher, &ours));
        for entry in &explained.plan.entries {
            let judged = entry.done != Done::Shift || !shifted;
            if judged && self.would_change(source, &explained, entry, shifted) {
                remaining.push(Remaining {
                    path: explained.tree.path(entry.node),
                    name: explained.name(entry.node),
                    rule: entry.rule.id(),
                });
            }
        }
        Check { marked, cause: explained.cause, remaining }
    }

    /// What identifies somebody; what this software or the caller wrote for a name or an ID does not.
    fn of_others(&self, identifiers: &Identifiers) -> Identifiers {
        let mut others = Identifiers::default();
        for one in identifiers.iter().filter(|one| !self.is_pseudonym(one.origin.expose())) {
            others.add(one.kind, one.text.expose(), one.origin.expose());
        }
        // In order.
        let mut sorted = Identifiers::default();
        sorted.merge(&others);
        sorted
    }

    /// Whether an entry says of its element that it is not as it should be.
    fn would_change<S: Source>(
        &self,
        source: &mut S,
        explained: &Explained,
        entry: &Entry,
        shifted: bool,
    ) -> bool {
        let node = explained.tree.node(entry.node);
        let Some(change) = &entry.change else { return false };
        // Judged by what they say.
        if marks::is_mark(&explained.tree, entry.node) {
            return false;
        }
        let length = usize::try_from(node.value_length()).unwrap_or(usize::MAX);
        // What is no UID is judged where one belongs.
        if entry.done == Done::Remap && node.kind == Kind::Element {
            let sign = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'\\' | b' ' | 0);
            return source.bytes(node.value_start(), length).is_none_or(|old| !old.iter().all(sign));
        }
        if entry.rule == Rule::GroupLength {
            return length != 4;
        }
        if matches!(entry.rule, Rule::Mark | Rule::PrivateUid)
            || entry.done == Done::Remap
            || node.kind == Kind::Item
        {
            return false;
        }
        let Change::Value(_, new) = change else { return true };
        let Some(old) = source.bytes(node.value_start(), length) else { return true };
        let old = value::trim(old);
        if old == value::trim(new) {
            return false;
        }
        // UIDs and shifted dates inside a header change each time, and with them its padding.
        if shifted && entry.rule == Rule::VendorHeader {
            let compressed = old.get(4..6) == Some(&[0x1F, 0x8B]) || old.starts_with(&[0x1F, 0x8B]);
            return !compressed && words(old) != words(new);
        }
        // So does a date within a text that is kept; whatever else goes leaves another number of digits.
        if shifted
            && entry.done == Done::Clean
            && node.tag != PATIENT_AGE
            && shape(old) == shape(value::trim(new))
        {
            return false;
        }
        let named = self.settings().subject.is_some() || self.settings().subjects.is_some();
        if named || !matches!(entry.rule, Rule::Subject) {
            return true;
        }
        !(old.is_empty() || node.tag == PATIENT_NAME && old == b"Unknown" || self.is_code(old))
    }

    /// Whether a text that belongs to no instance can stay: cleaning finds nothing in it, or it is the caller's code.
    pub fn is_clean_text(&self, text: &str) -> bool {
        let text = text.trim();
        let nobody = Searcher::new(&Identifiers::default());
        self.is_pseudonym(text) || clean(text, &nobody, &Rewriter::default()).text == text
    }

    /// Whether this has the form of a code that is made from a key.
    pub(crate) fn is_code(&self, text: &[u8]) -> bool {
        let prefix = self.settings().profile.identity.prefix.as_bytes();
        text.strip_prefix(prefix).is_some_and(|rest| {
            rest.len() == CODE && rest.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    }
}

/// Whether anything but zeros stands behind the data set; what is long counts as something.
fn is_behind<S: Source>(source: &mut S, end: u64) -> bool {
    let length = source.size().saturating_sub(end);
    let length = usize::try_from(length).ok().filter(|&length| length <= 1 << 20);
    length
        .is_none_or(|length| source.bytes(end, length).is_none_or(|tail| tail.iter().any(|&byte| byte != 0)))
}

fn top_level<S: Source>(source: &mut S, tree: &Tree, tag: Tag) -> Option<Vec<u8>> {
    let node = tree.node(tree.find(ROOT, tag)?);
    let length = usize::try_from(node.value_length()).ok().filter(|&length| length <= 1024)?;
    Some(value::trim(source.bytes(node.value_start(), length)?).to_vec())
}

/// What of preamble and file meta information would not be written again.
fn of_meta(meta: &[u8], instance: &[u8]) -> Vec<Remaining> {
    let remaining = |path: String, name: &str| Remaining { path, name: name.to_owned(), rule: "file-meta" };
    let prefix = [128, 0].into_iter().find(|&at| meta.get(at..at + 4) == Some(&PREFIX[..]));
    let mut found = Vec::new();
    // Some files begin with the meta information itself.
    let (start, prefix) = prefix.map_or((0, 0), |prefix| (prefix as u64 + 4, prefix));
    if meta[..prefix].iter().any(|&byte| byte != 0) {
        found.push(remaining("preamble".to_owned(), "Preamble"));
    }
    let mut tree = Tree::default();
    walk(&mut &meta[..], start, Encoding::ExplicitLittle, &mut tree);
    for index in tree.children(ROOT) {
        let node = tree.node(index);
        let written = matches!(node.tag.element(), 0x0000..=0x0003 | 0x0010 | 0x0012 | 0x0013);
        // Without an instance there is nothing to compare with, and UIDs are not judged.
        let other = node.tag == MEDIA_STORAGE_SOP_INSTANCE && !instance.is_empty() && {
            let range = node.value_start() as usize..node.value_end() as usize;
            meta.get(range).is_none_or(|uid| value::trim(uid) != instance)
        };
        if node.tag.group() == 2 && (!written || other) {
            let name = deid_standard::dictionary::attribute(node.tag).map_or("", |attribute| attribute.name);
            found.push(remaining(tree.path(index), name));
        }
    }
    found
}

/// What of a header is neither number nor padding nor the name of a month. Two bytes alone may be part of a length,
/// which changes with what it measures.
fn words(bytes: &[u8]) -> Vec<u8> {
    let number =
        |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_whitespace() || *byte < 0x20 || *byte == b'.';
    bytes.split(number).filter(|word| word.len() > 2 && !is_month(word)).collect::<Vec<_>>().concat()
}

fn is_month(word: &[u8]) -> bool {
    MONTH_NAMES.iter().chain(&MONTHS).any(|month| word.eq_ignore_ascii_case(month.as_bytes()))
}

/// A text with one number and one month for all.
fn shape(text: &[u8]) -> Vec<u8> {
    let mut shape = Vec::with_capacity(text.len());
    let kind = |byte: &u8| (byte.is_ascii_digit(), byte.is_ascii_alphabetic());
    for run in text.chunk_by(|a, b| kind(a) == kind(b)) {
        match kind(&run[0]) {
            (true, _) => shape.push(b'0'),
            (_, true) if is_month(run) => shape.extend(b"Month"),
            _ => shape.extend_from_slice(run),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Body, Key, Scratch, SessionFacts, Settings};
    use deid_testkit::bytes::{Part10, explicit};
    use deid_testkit::{tags, uids};

    fn engine(subject: Option<&str>) -> Engine {
        Engine::new(Settings {
            profile: deid_profile::built_in("default").unwrap(),
            key: Key::from_bytes([1; 32]),
            subject: subject.map(str::to_owned),
            subjects: None,
            forced: Vec::new(),
            inflate_limit: 1 << 20,
        })
        .unwrap()
    }

    fn original() -> Vec<u8> {
        let data_set = [
            explicit(0x0008_0018, "UI", "1.2.3\0"),
            explicit(0x0008_0020, "DA", "20240131"),
            explicit(0x0008_0060, "CS", "MR"),
            explicit(tags::PATIENT_NAME, "PN", "Doe^Jane"),
            explicit(0x0010_0020, "LO", "ID12"),
        ];
        Part10::new(uids::EXPLICIT_LE, data_set.concat()).bytes()
    }

    fn written(engine: &Engine, file: &[u8]) -> Vec<u8> {
        let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
        let Body::Pieces(pieces) = done.body else { panic!("{:?}", done.cause) };
        [done.head, pieces.to_bytes(file)].concat()
    }

    #[test]
    fn what_was_written_needs_nothing_and_what_was_not_says_why() {
        let file = original();
        for subject in [None, Some("S1")] {
            let engine = engine(subject);
            let check = engine.check(&mut &file[..]).unwrap();
            assert!(!check.marked && !check.is_deidentified());
            let paths: Vec<_> = check.remaining.iter().map(|remaining| &*remaining.path).collect();
            for path in ["(0008,0020)", "(0010,0010)", "(0010,0020)"] {
                assert!(paths.contains(&path), "{path}: {paths:?}");
            }
            let file = written(&engine, &file);
            let check = engine.check(&mut &file[..]).unwrap();
            assert!(check.marked);
            assert_eq!(check.remaining, []);
            assert_eq!(check.cause, None);
        }
    }

    #[test]
    fn what_stands_around_the_data_set_is_judged_too() {
        let engine = engine(None);
        let clean = written(&engine, &original());
        let remaining = |file: &[u8]| engine.check(&mut &file[..]).unwrap().remaining;
        assert_eq!(remaining(&clean), []);
        for tail in [&b"\nPatient: Jane Doe, born 1960-01-02"[..], &original()] {
            let whole = [&clean[..], tail].concat();
            let check = engine.check(&mut &whole[..]).unwrap();
            assert!(!check.is_deidentified(), "{check:?}");
        }
        let title = explicit(0x0002_0016, "AE", "DOE_JANE");
        // Without preamble and prefix, and with a longer group.
        let length = u32::from_le_bytes(clean[140..144].try_into().unwrap());
        let end = 144 + length as usize;
        let longer = (length + title.len() as u32).to_le_bytes();
        let bare = [&clean[132..140], &longer, &clean[144..end], &title, &clean[end..]].concat();
        assert!(remaining(&bare).iter().any(|found| found.path == "(0002,0016)"), "{:?}", remaining(&bare));
        let instance = clean.windows(5).rposition(|window| window == b"2.25.").unwrap();
        let mut named = clean.clone();
        named[instance..instance + 8].copy_from_slice(b"DOE^JANE");
        assert!(remaining(&named).iter().any(|found| found.path == "(0008,0018)"));
    }

    #[test]
    fn a_code_that_was_given_is_searched_for_in_no_text() {
        let data_set = [
            explicit(0x0008_0018, "UI", "1.2.3\0"),
            explicit(0x0008_0060, "CS", "MR"),
            explicit(0x0008_103E, "LO", "SE BRAIN s2"),
            explicit(0x0010_0010, "PN", "Doe^Jane"),
            explicit(0x0010_0020, "LO", "ID12"),
            explicit(0x0018_0024, "SH", "*se2d SE5x"),
            explicit(0x0018_1030, "LO", "SE BRAIN Doe"),
        ];
        let file = Part10::new(uids::EXPLICIT_LE, data_set.concat()).bytes();
        for profile in ["neuro", "cati_collector", "default"] {
            let mut settings = engine(Some("SE")).settings().clone();
            settings.profile = deid_profile::built_in(profile).unwrap();
            let engine = Engine::new(settings).unwrap();
            let written = written(&engine, &file);
            assert_eq!(engine.check(&mut &written[..]).unwrap().remaining, [], "{profile}");
            assert!(!engine.check(&mut &file[..]).unwrap().is_deidentified());
        }
    }

    #[test]
    fn words_for_a_uid_are_found_without_a_vr_too() {
        let data_set = [
            deid_testkit::bytes::implicit(0x0008_0018, "1.2.3\0"),
            deid_testkit::bytes::implicit(0x0020_000E, "Doe^Jane"),
        ];
        let file = Part10::new(uids::IMPLICIT_LE, data_set.concat()).bytes();
        let check = engine(None).check(&mut &file[..]).unwrap();
        assert!(check.remaining.iter().any(|found| found.path == "(0020,000E)"), "{check:?}");
    }

    #[test]
    fn lengths_and_digits_of_a_header_are_no_words() {
        let header = |uid: &str| {
            [&b"SV10\x04\x03\x02\x01ImageUID\0"[..], &[uid.len() as u8, 0, 0, 0], uid.as_bytes(), &[0; 4]]
                .concat()
        };
        let one = header("2.25.123683260226499686076328963301787551920");
        assert_eq!(words(&one), words(&header("2.25.95934559678252041181835386304901447717")));
        assert_ne!(words(&one), words(&header("Doe")));
        assert_eq!(words(b"S\xf3\0\0 12 November"), words(b"U\xf3\0\0 3 OCT"));
        assert_eq!(shape(b"2013-06-29 QC"), shape(b"2011-01-02 QC"));
        assert_eq!(shape(b"QC 3 March 2013"), shape(b"QC 29 December 2012"));
        assert_ne!(shape(b"QC 0123 456"), shape(b"QC"), "a number that goes is not a date that moves");
    }

    #[test]
    fn a_name_is_not_trusted_because_of_the_mark() {
        let mut file = written(&engine(Some("S1")), &original());
        let check = engine(None).check(&mut &file[..]).unwrap();
        assert_eq!(check.remaining.len(), 2, "S1 is no code of ours: {check:?}");
        file[5] = b'D';
        let check = engine(Some("S1")).check(&mut &file[..]).unwrap();
        assert_eq!(check.remaining[0].path, "preamble");
        assert_eq!(engine(None).check(&mut &b"text"[..]), None);
    }
}
