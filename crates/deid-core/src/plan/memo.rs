//! What was found out about texts of a subject's files: the same ones stand in each.

use super::Inputs;
use super::decisions::{Decisions, spread};
use super::unchanged::Unchanged;
use super::vendor::HeaderCache;
use crate::Key;
use crate::clean_text::Cleaned;
use crate::identifiers::Identifiers;
use deid_dicom::Tag;
use deid_profile::CompiledRules;
use deid_standard::iod::Iod;
use deid_vendor::Element;
use deid_vendor::csa::LastHeader;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::Arc;

crate::phi::withheld!(Memo);

/// What a worker remembers from file to file. It changes nothing but the time a plan takes.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    pub(super) headers: RefCell<HeaderCache>,
    pub(super) memo: RefCell<Memo>,
    pub(super) decisions: RefCell<Decisions>,
    pub(super) unchanged: RefCell<Unchanged>,
}

impl Remembered {
    /// Forgets what other rules decided, or the same for another IOD.
    pub(crate) fn settle(&self, rules: &Arc<CompiledRules>, iod: Option<Iod>) {
        if self.decisions.borrow_mut().settle(rules, iod) {
            self.unchanged.borrow_mut().forget();
        }
    }
}

/// What is done with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Cleaning {
    /// Cleaned, dates and UIDs as the profile wants them.
    Clean,
    /// Cleaned, without dates and UIDs.
    Bare,
    /// Kept but for dates and UIDs.
    Rewrite,
    /// Kept but for dates of the study.
    Term,
    /// Kept but for what identifies by its shape alone.
    Strong,
}

/// What was said of texts of one subject.
#[derive(Default)]
pub(super) struct Memo {
    /// Whose texts, and by how much dates move.
    subject: Option<(Arc<Identifiers>, i32)>,
    /// The days of the study that were looked for in headers.
    dates: Vec<String>,
    /// Words in which no identifier stands, and those in which one does.
    /// What would make them slow, many with one hash, is bounded by how many are remembered.
    identify: FxHashMap<Box<[u8]>, bool>,
    /// The same for codes, in which short identifiers do not count.
    identify_plainly: FxHashMap<Box<[u8]>, bool>,
    texts: [FxHashMap<Box<str>, Cleaned>; 5],
    /// The same of texts that may be met in no other file; forgotten when there are too many.
    fleeting: [FxHashMap<Box<str>, Cleaned>; 5],
    /// UIDs, each in the place of the element that it stood in, and those that stand for them.
    uids: Vec<(Box<str>, String)>,
    /// The last header of each kind: creator, group and element.
    headers: Vec<(String, u16, u8, LastHeader)>,
}

/// The longest text that is remembered, in bytes.
const LONGEST: usize = 512;
/// How many are remembered of each kind.
const MOST: usize = 4096;
/// How many of those that are met once, most of them.
const FEW: usize = 256;
/// How many UIDs are remembered.
const UIDS: usize = 64;
/// Of how many kinds of headers the last one is remembered.
const KINDS: usize = 8;

impl Memo {
    /// Forgets what was said of another subject's texts.
    pub(super) fn settle(&mut self, inputs: &Inputs<'_>) {
        let identifiers = inputs.searcher.identifiers();
        let same = self
            .subject
            .as_ref()
            .is_some_and(|(known, days)| Arc::ptr_eq(known, identifiers) && *days == inputs.days);
        if !same {
            *self = Memo { subject: Some((Arc::clone(identifiers), inputs.days)), ..Memo::default() };
        }
        if self.dates != inputs.dates {
            self.dates = inputs.dates.to_vec();
            self.headers.clear();
        }
    }

    /// What becomes of a text.
    pub(super) fn text(
        memo: &RefCell<Memo>,
        cleaning: Cleaning,
        text: &str,
        clean: impl FnOnce() -> Cleaned,
    ) -> Cleaned {
        if text.len() > LONGEST {
            return clean();
        }
        let telling = is_telling(text.as_bytes());
        let known = {
            let memo = memo.borrow();
            let texts = if telling { &memo.texts } else { &memo.fleeting };
            texts[cleaning as usize].get(text).cloned()
        };
        if let Some(known) = known {
            return known;
        }
        let cleaned = clean();
        let memo = &mut *memo.borrow_mut();
        let (texts, most) = if telling { (&mut memo.texts, MOST) } else { (&mut memo.fleeting, FEW) };
        let texts = &mut texts[cleaning as usize];
        if !telling && texts.len() >= FEW {
            texts.clear();
        }
        if texts.len() < most {
            texts.insert(text.into(), cleaned.clone());
        }
        cleaned
    }

    /// The UID that stands for another in the element of this tag: those of study and series are the same in many files.
    pub(super) fn uid(memo: &RefCell<Memo>, tag: Tag, uid: &str, key: &Key) -> String {
        let uids = &mut memo.borrow_mut().uids;
        uids.resize_with(UIDS, Default::default);
        let known = &mut uids[spread(tag) % UIDS];
        if &*known.0 != uid || uid.is_empty() {
            *known = (uid.into(), key.uid(uid));
        }
        known.1.clone()
    }

    /// The last header of this kind. It is for the one who looks at the next: two never share it.
    pub(super) fn take_last_header(&mut self, element: &Element<'_>) -> LastHeader {
        self.last_header(element).map(std::mem::take).unwrap_or_default()
    }

    /// Keeps what is now the last header of this kind.
    pub(super) fn keep_last_header(&mut self, element: &Element<'_>, header: LastHeader) {
        if header.is_empty() {
            return;
        }
        if let Some(place) = self.last_header(element) {
            *place = header;
        } else if self.headers.len() < KINDS {
            self.headers.push((element.creator.to_owned(), element.group, element.element, header));
        }
    }

    fn last_header(&mut self, element: &Element<'_>) -> Option<&mut LastHeader> {
        self.headers
            .iter_mut()
            .find(|(creator, group, number, _)| {
                (*group, *number) == (element.group, element.element) && creator == element.creator
            })
            .map(|(.., header)| header)
    }

    /// Whether an identifier stands in some bytes.
    pub(super) fn identifies(memo: &RefCell<Memo>, bytes: &[u8], search: impl FnOnce() -> bool) -> bool {
        Self::found(memo, |memo| &mut memo.identify, bytes, search)
    }

    /// Whether an identifier stands in a code as [`Searcher::is_plainly_in`](crate::identifiers::Searcher) finds it.
    pub(super) fn identifies_plainly(
        memo: &RefCell<Memo>,
        bytes: &[u8],
        search: impl FnOnce() -> bool,
    ) -> bool {
        Self::found(memo, |memo| &mut memo.identify_plainly, bytes, search)
    }

    fn found(
        memo: &RefCell<Memo>,
        of: impl Fn(&mut Memo) -> &mut FxHashMap<Box<[u8]>, bool>,
        bytes: &[u8],
        search: impl FnOnce() -> bool,
    ) -> bool {
        if !is_telling(bytes) {
            return search();
        }
        let known = of(&mut memo.borrow_mut()).get(bytes).copied();
        if let Some(known) = known {
            return known;
        }
        let found = search();
        let mut memo = memo.borrow_mut();
        let known = of(&mut memo);
        if known.len() < MOST {
            known.insert(bytes.into(), found);
        }
        found
    }
}

/// Whether a text is worth remembering: numbers differ from file to file.
fn is_telling(bytes: &[u8]) -> bool {
    bytes.len() <= LONGEST && bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).nth(1).is_some()
}
