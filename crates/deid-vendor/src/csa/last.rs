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
    /// For the next one.
    pub(super) memory: Memory,
}

/// Memory that one header uses after the other, and what is being made in it.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The header that was read.
    pub(super) header: Header,
    /// The header written again, and where its last record ends.
    pub(super) out: Vec<u8>,
    pub(super) end: usize,
    pub(super) records: Vec<Record>,
    /// The elements that were judged now, each with its place in `items`.
    pub(super) judged: Vec<(usize, Range<usize>)>,
    /// Where their items stand.
    pub(super) items: Vec<Range<usize>>,
    /// What stands in these elements: values, and names that nobody knows.
    pub(super) new_texts: Vec<u8>,
    /// What was written, read back.
    pub(super) said: Header,
}

impl Memory {
    /// Forgets what was made.
    pub(super) fn clear(&mut self) {
        self.out.clear();
        self.records.clear();
        self.judged.clear();
        self.items.clear();
        self.new_texts.clear();
    }
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

    /// Remembers a header.
    pub(super) fn remember(&mut self, bytes: &[u8], header: &Header, written: &mut Memory) {
        if bytes.len().max(written.out.len()) > Self::LONGEST {
            *self = LastHeader::default();
            *written = Memory::default();
            return;
        }
        self.layout = Some(header.layout);
        self.before.clear();
        self.before.extend_from_slice(bytes);
        std::mem::swap(&mut self.after, &mut written.out);
        std::mem::swap(&mut self.records, &mut written.records);
    }
}
