//! UIDs that name instances, series, studies and frames of reference of the session: they are found wherever they
//! stand, however short or long they are and whatever is wrong with them.

use crate::identifiers::is_malformed;
use crate::path::UidSet;
use aho_corasick::AhoCorasick;
use std::ops::Range;
use std::sync::OnceLock;

/// The UIDs of one instance, its series, study and frames of reference. There may be one for each frame or reference.
#[derive(Debug, Default)]
pub(crate) struct OwnUids<'a> {
    /// Sorted.
    all: Vec<&'a str>,
    malformed: Vec<&'a str>,
    /// Finds those that are malformed; made for the first text. `None` if nothing can.
    finder: OnceLock<Option<AhoCorasick>>,
}

impl<'a> OwnUids<'a> {
    /// Prepares a search for these UIDs.
    pub(crate) fn new(uids: &'a [String]) -> Self {
        let mut all: Vec<&str> = uids.iter().map(String::as_str).collect();
        all.sort_unstable();
        let malformed = all.iter().copied().filter(|uid| is_malformed(uid)).collect();
        OwnUids { all, malformed, finder: OnceLock::new() }
    }

    fn has(&self, uid: &str) -> bool {
        self.all.binary_search(&uid).is_ok()
    }

    /// Where malformed ones stand. Too many for a finder stand everywhere.
    fn find_malformed(&self, text: &str, found: &mut Vec<Range<usize>>) {
        if self.malformed.is_empty() {
            return;
        }
        let finder = self.finder.get_or_init(|| AhoCorasick::new(&self.malformed).ok());
        match finder {
            Some(finder) => found.extend(finder.find_overlapping_iter(text).map(|uid| uid.range())),
            None => found.push(0..text.len()),
        }
    }
}

/// The UIDs of the instance at hand and, if they were surveyed, of the session.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownUids<'a> {
    own: Option<&'a OwnUids<'a>>,
    session: Option<&'a UidSet>,
}

impl<'a> KnownUids<'a> {
    /// Of an instance, and of the session if it was surveyed.
    pub(crate) const fn new(own: &'a OwnUids<'a>, session: Option<&'a UidSet>) -> Self {
        KnownUids { own: Some(own), session }
    }

    /// Whether this is one of them.
    pub fn has(&self, uid: &str) -> bool {
        self.own.is_some_and(|own| own.has(uid)) || self.session.is_some_and(|session| session.contains(uid))
    }

    /// Where they stand in a text: on their own, or with letters and signs around, but not within a longer number.
    /// Those that are no UIDs by their form are found if they are the instance's own.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if !text.contains('.') {
            return found;
        }
        let bytes = text.as_bytes();
        let is_part = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        let mut at = 0;
        while at < bytes.len() {
            let length = bytes[at..].iter().take_while(|&&byte| is_part(byte)).count();
            let run = text[at..at + length].trim_matches('.');
            if run.contains('.') && self.has(run) {
                let start = at + length - text[at..at + length].trim_start_matches('.').len();
                found.push(start..start + run.len());
            }
            at += length.max(1);
            while !text.is_char_boundary(at) {
                at += 1;
            }
        }
        if let Some(own) = self.own {
            own.find_malformed(text, &mut found);
        }
        found.sort_by_key(|range| (range.start, usize::MAX - range.end));
        found.dedup_by(|later, kept| later.start < kept.end);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_found_whatever_their_form() {
        let own = ["1.2.3.4.5".to_owned(), "1.2.AB-7.5".to_owned()];
        let mut session = UidSet::default();
        session.insert("9.8.07.6");
        let own = OwnUids::new(&own);
        let known = KnownUids::new(&own, Some(&session));
        let found =
            |text: &str| known.find(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(found("T1 1.2.3.4.5, é9.8.07.6."), ["1.2.3.4.5", "9.8.07.6"]);
        assert_eq!(found("uid1.2.3.4.5x ref 1.2.AB-7.5"), ["1.2.3.4.5", "1.2.AB-7.5"]);
        assert!(found("1.2.3.4.50 v1.2.3.4 11.2.3.4.5").is_empty());
        assert!(found("no points").is_empty());
    }
}
