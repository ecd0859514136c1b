//! What was found out about texts of a subject's files: the same ones stand in each.

use super::Inputs;
use super::vendor::HeaderCache;
use crate::clean_text::Cleaned;
use crate::identifiers::Identifiers;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What a worker remembers from file to file. It changes nothing but the time a plan takes.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    pub(super) headers: RefCell<HeaderCache>,
    pub(super) memo: RefCell<Memo>,
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
}

/// What was said of texts of one subject.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Whose texts, and by how much dates move.
    subject: Option<(Arc<Identifiers>, i32)>,
    /// Words in which no identifier stands, and those in which one does.
    identify: HashMap<Box<[u8]>, bool>,
    texts: [HashMap<Box<str>, Cleaned>; 3],
}

/// The longest text that is remembered, in bytes.
const LONGEST: usize = 512;
/// How many are remembered of each kind.
const MOST: usize = 4096;

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
    }

    /// What becomes of a text.
    pub(super) fn text(
        memo: &RefCell<Memo>,
        cleaning: Cleaning,
        text: &str,
        clean: impl FnOnce() -> Cleaned,
    ) -> Cleaned {
        if !is_telling(text.as_bytes()) {
            return clean();
        }
        if let Some(known) = memo.borrow().texts[cleaning as usize].get(text) {
            return known.clone();
        }
        let cleaned = clean();
        let texts = &mut memo.borrow_mut().texts[cleaning as usize];
        if texts.len() < MOST {
            texts.insert(text.into(), cleaned.clone());
        }
        cleaned
    }

    /// Whether an identifier stands in some bytes.
    pub(super) fn identifies(memo: &RefCell<Memo>, bytes: &[u8], search: impl FnOnce() -> bool) -> bool {
        if !is_telling(bytes) {
            return search();
        }
        if let Some(known) = memo.borrow().identify.get(bytes) {
            return *known;
        }
        let found = search();
        let identify = &mut memo.borrow_mut().identify;
        if identify.len() < MOST {
            identify.insert(bytes.into(), found);
        }
        found
    }
}

/// Whether a text is worth remembering: numbers differ from file to file.
fn is_telling(bytes: &[u8]) -> bool {
    bytes.len() <= LONGEST && bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).nth(1).is_some()
}
