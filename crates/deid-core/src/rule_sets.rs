//! The rules of a profile as they hold for an instance: compiled once for each combination of conditions.

use crate::classify::Classification;
use deid_profile::{CompiledRules, Profile, RuleBook};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Rules compiled so far. What is handed out depends on the instance alone.
#[derive(Debug)]
pub(crate) struct RuleSets {
    book: RuleBook,
    /// For instances that no condition holds for: nearly always all there is.
    plain: Arc<CompiledRules>,
    compiled: Mutex<BTreeMap<Vec<bool>, Arc<CompiledRules>>>,
}

impl RuleSets {
    pub(crate) fn new(profile: &Profile) -> Self {
        RuleSets {
            book: RuleBook::new(&profile.rules),
            plain: Arc::new(profile.compile()),
            compiled: Mutex::default(),
        }
    }

    /// The rules for an instance.
    pub(crate) fn of(&self, classification: &Classification) -> Arc<CompiledRules> {
        let holding = self.book.holding(classification.instance_facts());
        if !holding.contains(&true) {
            return Arc::clone(&self.plain);
        }
        // What a worker that panicked left behind is whole: entries are made before they are put in.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let rules =
            compiled.entry(holding).or_insert_with_key(|holding| Arc::new(self.book.compile(holding)));
        Arc::clone(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_a_combination_are_compiled_once() {
        let profile = deid_profile::toml::parse(
            "name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = \"keep\"\nwhen = { manufacturer = \"GE*\" }",
        )
        .unwrap();
        let sets = RuleSets::new(&profile);
        let of = |manufacturer: &str| {
            sets.of(&Classification { manufacturer: manufacturer.to_owned(), ..Classification::default() })
        };
        let ge = of("GE MEDICAL SYSTEMS");
        assert_eq!(ge.in_force().count(), 1);
        assert!(Arc::ptr_eq(&ge, &of("ge healthcare")));
        assert!(Arc::ptr_eq(&of("SIEMENS"), &of("Philips")) && of("SIEMENS").in_force().count() == 0);
    }
}
