//! The header cleaned last, record by record: headers of a series differ in few of them.

use super::{Header, Layout};
use crate::field::Action;
use std::ops::Range;

/// A header that was cleaned, and what became of each of its elements. What holds for one subject and one way of
/// cleaning holds for no other: whoever keeps this has a new one for them.
#[derive(Debug, Default)]
pub struct LastHeader {
    layout: Option<Layout>,
    before: Vec<u8>,
    after: Vec<u8>,
    records: Vec<Record>,
    /// Memory for the next one.
    spare: Vec<u8>,
}

/// An element with its items: where it stood, and where what became of it stands.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) before: Range<usize>,
    pub(super) after: Range<usize>,
    /// Whether it becomes the same wherever it is met again.
    pub(super) again: bool,
    /// What is done with an element of this name; `None` if the table does not say.
    pub(super) action: Option<Action>,
    /// Whether the table does not say, and its name says that it is of a person.
    pub(super) personal: bool,
    /// What its name becomes; `None` if it stays.
    pub(super) masked: Option<Box<str>>,
}

impl LastHeader {
    /// Longer headers are not worth their memory.
    const LONGEST: usize = 4 << 20;

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What the record of this number becomes, if it was the same the last time.
    pub(super) fn after(&self, number: usize, layout: Layout, record: &[u8]) -> Option<&[u8]> {
        let known = self.records.get(number).filter(|known| known.again && self.layout == Some(layout))?;
        (self.before.get(known.before.clone())? == record).then(|| self.after.get(known.after.clone()))?
    }

    /// The record of this number, if it began with this name, in all its bytes, the last time: the name was searched
    /// then.
    pub(super) fn named(&self, number: usize, field: &[u8]) -> Option<&Record> {
        let known = self.records.get(number)?;
        self.before.get(known.before.clone())?.starts_with(field).then_some(known)
    }

    /// Memory to write into.
    pub(super) fn take_spare(&mut self) -> Vec<u8> {
        let mut spare = std::mem::take(&mut self.spare);
        spare.clear();
        spare
    }

    /// Remembers a header.
    pub(super) fn remember(&mut self, bytes: &[u8], header: &Header, after: Vec<u8>, records: Vec<Record>) {
        if bytes.len().max(after.len()) > Self::LONGEST {
            *self = LastHeader::default();
            return;
        }
        self.layout = Some(header.layout);
        self.before.clear();
        self.before.extend_from_slice(bytes);
        self.spare = std::mem::replace(&mut self.after, after);
        self.records = records;
    }
}
