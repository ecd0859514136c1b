//! One instance in, one out: [`Engine`], and [`Session`], which knows what several instances tell of their subjects.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use deid_core::{Body, Cause, Facts, FileFacts, Processed, RawFacts, Scratch, SessionFacts, Settings};
use deid_dicom::Kind;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors;
use crate::settings::{Key, Profile, seal, settings_error, subject_table, tags};

/// The largest deflated data set that is inflated.
pub(crate) const INFLATED: usize = 1 << 30;
/// What is kept between calls for as many threads.
const POOLED: usize = 16;

/// De-identifies one instance at a time.
#[pyclass(frozen, module = "deidentification._native")]
pub(crate) struct Engine {
    pub(crate) engine: Arc<deid_core::Engine>,
    /// What earlier calls found out about texts and headers.
    pool: Pool,
}

#[derive(Default)]
struct Pool(Mutex<Vec<Scratch>>);

impl Pool {
    fn take(&self) -> Scratch {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Not called where a bug ended the work: nobody knows what it left behind.
    fn put(&self, scratch: Scratch) {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < POOLED {
            pool.push(scratch);
        }
    }
}

/// What came of an instance: its bytes, or cause and description; facts for a report.
type Applied<'py> = (Option<Bound<'py, PyBytes>>, Option<(&'static str, &'static str)>, Bound<'py, PyDict>);

/// An action of a plan: path, name, action, rule, origin.
type Action = (String, String, &'static str, &'static str, String);

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (
        profile, key, subject=None, subjects=None, subject_pairs=None, forced=Vec::new(), captures=false,
        encrypt_for=Vec::new(), codes=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python")]
    fn new(
        py: Python<'_>,
        profile: &Profile,
        key: &Key,
        subject: Option<String>,
        subjects: Option<&str>,
        subject_pairs: Option<Vec<(String, String)>>,
        forced: Vec<((u16, u16), String)>,
        captures: bool,
        encrypt_for: Vec<PathBuf>,
        codes: bool,
    ) -> PyResult<Self> {
        let mut profile = profile.profile.clone();
        profile.captures |= captures;
        let settings = Settings {
            profile,
            key: key.key.clone(),
            subject,
            subjects: subject_table(py, subjects, subject_pairs)?
                .map(|table| if codes { table.with_codes() } else { table }),
            forced: tags(forced),
            inflate_limit: INFLATED,
        };
        let engine = deid_core::Engine::new(settings).map_err(|error| settings_error(py, &error))?;
        let engine = engine.with_seal(seal(py, &encrypt_for)?);
        Ok(Engine { engine: Arc::new(engine), pool: Pool::default() })
    }

    /// The de-identified instance, or the cause why there is none; and facts for a report.
    #[pyo3(signature = (data, name = "instance"))]
    fn apply<'py>(&self, py: Python<'py>, data: &[u8], name: &str) -> PyResult<Applied<'py>> {
        let applied = py.detach(|| apply(data, |data| process(&self.engine, &self.pool, data, name)));
        answer(py, applied)
    }

    /// What would happen to each element, and why the instance would not be written; nothing if it is no DICOM.
    fn plan(&self, py: Python<'_>, data: &[u8]) -> PyResult<Option<(Vec<Action>, Option<&'static str>)>> {
        errors::detached(py, || plan(&self.engine, data))
    }
}

/// The bytes of an instance, or the cause why there are none; and facts for a report.
type Outcome = (Option<Vec<u8>>, Option<Cause>, Facts);

fn answer(py: Python<'_>, (output, cause, facts): Outcome) -> PyResult<Applied<'_>> {
    let output = output.map(|bytes| PyBytes::new(py, &bytes));
    Ok((output, cause.map(|cause| (cause.id(), cause.description())), facts_as_dict(py, &facts)?))
}

fn apply(data: &[u8], process: impl FnOnce(&[u8]) -> Processed) -> Outcome {
    // A bug that one instance brings out must not become something that callers do not catch.
    let Ok(processed) = panic::catch_unwind(AssertUnwindSafe(|| process(data))) else {
        let facts = Facts { remarks: vec!["internal_error"], ..Facts::default() };
        return (None, Some(Cause::Faulty), facts);
    };
    let Processed { cause, facts, mut head, body, .. } = processed;
    if cause.is_some() {
        return (None, cause, facts);
    }
    match body {
        Body::None => return (None, Some(Cause::EditFailed), facts),
        Body::Pieces(pieces) => head.extend(pieces.to_bytes(data)),
        Body::Bytes(bytes) => head.extend(bytes),
    }
    (Some(head), None, facts)
}

/// As in a run over one file.
fn process(engine: &deid_core::Engine, pool: &Pool, data: &[u8], name: &str) -> Processed {
    if let Some(raw) = engine.survey_raw(&mut &data[..]) {
        let parts = vec![name.to_owned()];
        let mut session = SessionFacts::default();
        session.add_raw(&parts, &raw);
        if let Some(processed) = engine.process_raw(&mut &data[..], &session, &|| parts.clone()) {
            return processed;
        }
    }
    let mut scratch = pool.take();
    let processed = engine.process(&mut &data[..], &SessionFacts::default(), &mut scratch);
    pool.put(scratch);
    processed
}

/// What one instance told, by the parts of its path.
enum Told {
    Dicom(FileFacts),
    Raw(RawFacts),
}

/// Instances that are de-identified with what all of them tell of their subjects.
#[pyclass(frozen, module = "deidentification._native")]
pub(crate) struct Session {
    engine: Py<Engine>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    told: BTreeMap<(String, usize), Told>,
    /// Made of what was told when an instance is de-identified.
    facts: Option<Arc<(SessionFacts, Pool)>>,
}

impl Known {
    fn facts(&mut self) -> Arc<(SessionFacts, Pool)> {
        let told = &self.told;
        let made = self.facts.get_or_insert_with(|| {
            let mut facts = SessionFacts::default();
            for ((name, _), told) in told {
                let parts: Vec<String> = name.split('/').map(str::to_owned).collect();
                match told {
                    Told::Dicom(file) => {
                        facts.add(file);
                        facts.note(&parts, file);
                    }
                    Told::Raw(raw) => facts.add_raw(&parts, raw),
                }
            }
            facts.settle();
            Arc::new((facts, Pool::default()))
        });
        Arc::clone(made)
    }
}

#[pymethods]
impl Session {
    #[new]
    fn new(engine: Py<Engine>) -> Self {
        Session { engine, known: Mutex::default() }
    }

    /// Notes what an instance tells of its subject; false if it tells nothing, being no file that is read here.
    #[pyo3(signature = (data, name = "instance"))]
    fn add(&self, py: Python<'_>, data: &[u8], name: &str) -> PyResult<bool> {
        let engine = &self.engine.get().engine;
        errors::detached(py, || {
            let told = match engine.survey_raw(&mut &data[..]) {
                Some(raw) => Some(Told::Raw(raw)),
                None => engine.survey(&mut &data[..], &mut Scratch::default()).map(Told::Dicom),
            };
            let Some(told) = told else { return false };
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let number = known.told.len();
            known.told.insert((name.to_owned(), number), told);
            known.facts = None;
            true
        })
    }

    /// How many instances told something.
    fn __len__(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).told.len()
    }

    /// As [`Engine::apply`], with what all instances tell.
    #[pyo3(signature = (data, name = "instance"))]
    fn apply<'py>(&self, py: Python<'py>, data: &[u8], name: &str) -> PyResult<Applied<'py>> {
        let engine = &self.engine.get().engine;
        let applied = errors::detached(py, || {
            let facts = self.known.lock().unwrap_or_else(PoisonError::into_inner).facts();
            let (facts, pool) = &*facts;
            apply(data, |data| {
                let parts = || name.split('/').map(str::to_owned).collect();
                if let Some(processed) = engine.process_raw(&mut &data[..], facts, &parts) {
                    return processed;
                }
                let mut scratch = pool.take();
                let processed = engine.process(&mut &data[..], facts, &mut scratch);
                pool.put(scratch);
                processed
            })
        })?;
        answer(py, applied)
    }
}

fn facts_as_dict<'py>(py: Python<'py>, facts: &Facts) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let counts = &facts.counts;
    dict.set_item("modality", &facts.modality)?;
    dict.set_item("sop_class", &facts.sop_class)?;
    dict.set_item("faults", facts.faults.iter().map(|(fault, _)| fault.kind.id()).collect::<Vec<_>>())?;
    dict.set_item("kept_uncleaned", &facts.kept_uncleaned)?;
    dict.set_item("burned_in_risk", facts.burned_in_risk)?;
    dict.set_item("remarks", &facts.remarks)?;
    for (name, count) in [
        ("kept", counts.kept),
        ("removed", counts.removed),
        ("emptied", counts.emptied),
        ("dummies", counts.dummies),
        ("remapped", counts.remapped),
        ("replaced", counts.replaced),
        ("shifted", counts.shifted),
        ("cleaned", counts.cleaned),
    ] {
        dict.set_item(name, count)?;
    }
    Ok(dict)
}

fn plan(engine: &deid_core::Engine, data: &[u8]) -> Option<(Vec<Action>, Option<&'static str>)> {
    let explained = engine.explain(&mut &data[..])?;
    let profile = &engine.settings().profile;
    let mut actions = Vec::new();
    for entry in &explained.plan.entries {
        if explained.tree.node(entry.node).kind == Kind::Item {
            continue;
        }
        actions.push((
            explained.tree.path(entry.node),
            explained.name(entry.node),
            entry.done.id(),
            entry.rule.id(),
            entry.rule.describe(profile),
        ));
    }
    for addition in &explained.plan.additions {
        let name = deid_standard::dictionary::attribute(addition.tag).map_or("", |attribute| attribute.name);
        let origin = addition.rule.describe(profile);
        actions.push((addition.tag.to_string(), name.to_owned(), "add", addition.rule.id(), origin));
    }
    Some((actions, explained.cause.map(Cause::id)))
}
