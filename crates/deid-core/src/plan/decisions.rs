//! Decisions that depend on nothing but rules, IOD and tag: the files of a series ask for the same ones again.

use crate::decide::{Decision, Policy, Position};
use crate::plan::documents;
use crate::rule::Rule;
use deid_dicom::Tag;
use deid_profile::CompiledRules;
use deid_standard::iod::Iod;
use deid_standard::safe_private;
use std::sync::Arc;

/// Decisions made by one set of rules for one IOD: at most one for each of a fixed number of places.
#[derive(Debug, Default)]
pub(crate) struct Decisions {
    /// What they were made by. It is held, so that no other rules can stand where these stood.
    made_by: Option<(Arc<CompiledRules>, Option<Iod>)>,
    public: Vec<Option<(Tag, bool, Decision)>>,
    private: Vec<Option<Private>>,
}

#[derive(Clone, Debug)]
struct Private {
    tag: Tag,
    is_sequence: bool,
    creator: Arc<str>,
    decision: Decision,
    is_safe: bool,
}

/// How many places there are: far more than a data set has different elements.
const PLACES: usize = 2048;

impl Decisions {
    /// Forgets what other rules decided, or the same for another IOD. Whether there was anything to forget.
    pub(super) fn settle(&mut self, rules: &Arc<CompiledRules>, iod: Option<Iod>) -> bool {
        let same = |(known, of): &(Arc<CompiledRules>, Option<Iod>)| Arc::ptr_eq(known, rules) && *of == iod;
        let other = !self.made_by.as_ref().is_some_and(same);
        if other {
            self.made_by = Some((Arc::clone(rules), iod));
            self.public = vec![None; PLACES];
            self.private = vec![None; PLACES];
        }
        other
    }

    /// The decision for a public attribute.
    pub(super) fn public(&mut self, policy: &Policy<'_>, tag: Tag, position: Position) -> Decision {
        let decide = || {
            let decided = policy.public(tag, position);
            match decided.rule {
                Rule::NotInTable => documents::unlisted(tag).unwrap_or(decided),
                _ => decided,
            }
        };
        let Some(known) = self.public.get_mut(place(tag)) else { return decide() };
        match known {
            Some((of, top_level, decision)) if (*of, *top_level) == (tag, position.top_level) => *decision,
            known => known.insert((tag, position.top_level, decide())).2,
        }
    }

    /// The decision for a private element, and whether the standard's table calls it safe.
    pub(super) fn private(
        &mut self,
        policy: &Policy<'_>,
        tag: Tag,
        creator: &Arc<str>,
        is_sequence: bool,
    ) -> (Decision, bool) {
        let decide = || {
            let is_safe = safe_private::is_safe(creator, tag.group(), tag.element() as u8);
            (policy.private(tag, creator, is_sequence), is_safe)
        };
        let Some(place) = self.private.get_mut(place(tag)) else { return decide() };
        if let Some(known) = place
            && (known.tag, known.is_sequence) == (tag, is_sequence)
            && known.creator == *creator
        {
            return (known.decision, known.is_safe);
        }
        let (decision, is_safe) = decide();
        *place = Some(Private { tag, is_sequence, creator: Arc::clone(creator), decision, is_safe });
        (decision, is_safe)
    }
}

/// Where the decision for a tag is remembered.
const fn place(tag: Tag) -> usize {
    spread(tag) % PLACES
}

/// A number that differs between tags in its low bits: multiplied by the golden ratio (Knuth, TAOCP 6.4).
pub(super) const fn spread(tag: Tag) -> usize {
    (tag.0.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_would_be_decided() {
        let iods = ["1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.2"].map(Iod::of_sop_class);
        let mut decisions = Decisions::default();
        for name in ["basic", "neuro", "cati_collector", "basic"] {
            let profile = deid_profile::built_in(name).unwrap();
            let rules = Arc::new(profile.compile());
            let policy =
                Policy { profile: &profile, rules: &rules, forced: &[], safe_private: name != "basic" };
            for iod in iods.into_iter().chain([None]) {
                decisions.settle(&rules, iod);
                // More tags than there are places, twice.
                for _ in 0..2 {
                    for attribute in deid_standard::dictionary::all() {
                        let Some(tag) = attribute.tag.exact() else { continue };
                        for top_level in [true, false] {
                            let position = Position { iod, top_level };
                            let plain = policy.public(tag, position);
                            let plain = match plain.rule {
                                Rule::NotInTable => documents::unlisted(tag).unwrap_or(plain),
                                _ => plain,
                            };
                            let known = decisions.public(&policy, tag, position);
                            assert_eq!((known.verb, known.rule), (plain.verb, plain.rule), "{tag}");
                        }
                    }
                    for row in safe_private::all() {
                        for creator in [row.creator, "NOBODY KNOWS"].map(Arc::from) {
                            let tag = Tag::new(row.group, 0x1000 | u16::from(row.element));
                            let plain = policy.private(tag, &creator, false);
                            let (known, is_safe) = decisions.private(&policy, tag, &creator, false);
                            assert_eq!((known.verb, known.rule), (plain.verb, plain.rule), "{tag}");
                            assert_eq!(is_safe, &*creator == row.creator);
                        }
                    }
                }
            }
        }
    }
}
