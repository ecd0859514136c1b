//! What files tell of their subjects, gathered over a session before the first is planned.

use super::Engine;
use crate::Phi;
use crate::identifiers::{Identifier, Identifiers, Searcher};
use crate::path::{SessionNames, UidSet};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

crate::phi::withheld!(FileFacts, SessionFacts);

/// What the survey learns of one file.
#[derive(Clone)]
pub struct FileFacts {
    /// Patient ID (0010,0020), if it has a value.
    pub patient_id: Phi<Option<String>>,
    /// Issuer of Patient ID (0010,0021), if it has a value.
    pub issuer: Phi<Option<String>>,
    /// What identifies the subject.
    pub identifiers: Arc<Identifiers>,
    /// UIDs of instance, series, study and frame of reference.
    pub uids: Vec<String>,
    /// Dates of the study, `YYYYMMDD`.
    pub dates: Arc<Vec<String>>,
}

/// What is known of a whole session before its files are planned. The same whatever the order of the files.
#[derive(Clone, Default)]
pub struct SessionFacts {
    subjects: BTreeMap<Phi<String>, Known>,
    nobody: Known,
    uids: UidSet,
    dates: BTreeSet<String>,
    searchers: Searchers,
    /// Patient IDs with their issuers.
    issued: BTreeSet<(Phi<String>, Phi<Option<String>>)>,
    pub(super) names: SessionNames,
    pub(crate) places: crate::raw::Places,
}

/// What all files of a subject tell of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) identifiers: Arc<Identifiers>,
    /// What is still to be merged with them: one by one, it would be sorted anew for each file.
    pub(super) more: Vec<Identifier>,
    /// What was added last: files that share it tell nothing new.
    added: Option<Arc<Identifiers>>,
}

/// What finds the identifiers of the subjects that were met last: each takes some hundred kilobytes, and a session may
/// have any number of subjects.
#[derive(Default)]
struct Searchers(Mutex<VecDeque<Prepared>>);

/// Whose, and what is made by the first worker that needs it.
type Prepared = (Arc<Identifiers>, Arc<OnceLock<Arc<Searcher>>>);

impl Searchers {
    /// How many are kept. Files of more subjects at a time seldom lie mixed, and another one is soon made.
    const MOST: usize = 64;

    /// The one for these identifiers, if it was not forgotten; else one to be made.
    fn of(&self, identifiers: &Arc<Identifiers>) -> Arc<OnceLock<Arc<Searcher>>> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = recent.iter().position(|(known, _)| Arc::ptr_eq(known, identifiers));
        let prepared = known
            .and_then(|at| recent.remove(at))
            .unwrap_or_else(|| (Arc::clone(identifiers), Arc::default()));
        let searcher = Arc::clone(&prepared.1);
        recent.push_front(prepared);
        recent.truncate(Self::MOST);
        searcher
    }
}

impl Clone for Searchers {
    /// The other facts may become others: they have none yet.
    fn clone(&self) -> Self {
        Searchers::default()
    }
}

impl Known {
    fn add(&mut self, identifiers: &Arc<Identifiers>) {
        if self.added.as_ref().is_some_and(|added| Arc::ptr_eq(added, identifiers)) {
            return;
        }
        if self.identifiers.is_empty() && self.more.is_empty() {
            self.identifiers = Arc::clone(identifiers);
        } else {
            self.more.extend(self.identifiers.missing(identifiers).cloned());
            if self.more.len() > self.identifiers.iter().len() {
                self.settle();
            }
        }
        self.added = Some(Arc::clone(identifiers));
    }

    fn settle(&mut self) {
        if !self.more.is_empty() {
            Arc::make_mut(&mut self.identifiers).extend(self.more.drain(..));
            self.more = Vec::new();
        }
    }
}

impl SessionFacts {
    /// Adds what the survey learnt of a file.
    pub fn add(&mut self, file: &FileFacts) {
        let subject = match file.patient_id.expose() {
            Some(id) => {
                let issued = (Phi::new(id.clone()), file.issuer.clone());
                if !self.issued.contains(&issued) {
                    self.issued.insert(issued);
                }
                self.subjects.entry(Phi::new(id.clone())).or_default()
            }
            None => &mut self.nobody,
        };
        subject.add(&file.identifiers);
        file.uids.iter().for_each(|uid| self.uids.insert(uid));
        for date in file.dates.iter() {
            if !self.dates.contains(date) {
                self.dates.insert(date.clone());
            }
        }
    }

    /// To be called once, when all files are added.
    pub fn settle(&mut self) {
        self.subjects.values_mut().chain([&mut self.nobody]).for_each(Known::settle);
        let all = self.subjects.values().chain([&self.nobody]).flat_map(|known| known.identifiers.iter());
        self.names = SessionNames::new(all, &std::mem::take(&mut self.dates), std::mem::take(&mut self.uids));
    }

    /// What identifies a subject, from all files of the session.
    pub(super) fn known(&self, patient_id: Option<&String>) -> Option<&Known> {
        self.subjects.get(&Phi::new(patient_id?.clone()))
    }

    /// What finds all that is known of a subject. The same engine asks each time.
    pub(super) fn searcher(&self, known: &Known, engine: &Engine) -> Arc<Searcher> {
        let searcher = self.searchers.of(&known.identifiers);
        let made = || Arc::new(engine.searcher_of(Arc::clone(&known.identifiers)));
        Arc::clone(searcher.get_or_init(made))
    }

    /// How many different Patient IDs there are; the same ID of two issuers are two if issuers count.
    pub fn patient_ids(&self, issuers_count: bool) -> usize {
        if issuers_count { self.issued.len() } else { self.subjects.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Identifiers, Searchers};
    use std::sync::Arc;

    #[test]
    fn the_last_searchers_are_kept_and_no_more() {
        let searchers = Searchers::default();
        let subjects: Vec<Arc<Identifiers>> = (0..=Searchers::MOST).map(|_| Arc::default()).collect();
        let first = searchers.of(&subjects[0]);
        for subject in &subjects[1..Searchers::MOST] {
            searchers.of(subject);
        }
        assert!(Arc::ptr_eq(&first, &searchers.of(&subjects[0])));
        searchers.of(&subjects[Searchers::MOST]);
        assert!(Arc::ptr_eq(&first, &searchers.of(&subjects[0])));
        assert_eq!(searchers.0.lock().unwrap().len(), Searchers::MOST);
        assert!(!searchers.0.lock().unwrap().iter().any(|(known, _)| Arc::ptr_eq(known, &subjects[1])));
    }
}
