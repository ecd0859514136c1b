//! What a run is made with: [`Profile`], [`Key`], and the [`Engine`] that takes one instance at a time.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use deid_core::plan::Done;
use deid_core::{
    Body, Cause, Facts, Processed, Scratch, SessionFacts, Settings, SettingsError, SubjectTable,
};
use deid_dicom::{Kind, Tag};
use deid_io::key_file;
use deid_profile::{BaseText, Format, ParseError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors;

/// The largest deflated data set that is inflated.
const INFLATED: usize = 1 << 30;

/// A profile, and the texts that it was read from: what is pickled.
#[pyclass(frozen, module = "deidentification._native")]
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) profile: deid_profile::Profile,
    written: Written,
}

/// Where a profile comes from.
#[derive(Clone)]
enum Written {
    BuiltIn(String),
    Text(Sources),
}

/// The text of a profile, and of those that it is based on.
#[derive(Clone)]
struct Sources {
    main: String,
    format: Format,
    /// Its name if the text holds none.
    name: Option<String>,
    id: Option<String>,
    bases: BTreeMap<(String, Option<String>), BaseText>,
}

/// What Python pickles: kind or format, text, name, id, and each base as (name, asked by, id, text, format).
type State = (String, String, Option<String>, Option<String>, Vec<BaseState>);
type BaseState = (String, Option<String>, String, String, String);

impl Sources {
    /// Reads it; bases that are not known yet are sought on disk.
    fn read(mut self) -> Result<Profile, ParseError> {
        let mut bases = std::mem::take(&mut self.bases);
        let mut find = |name: &str, from: Option<&str>| {
            let asked = (name.to_owned(), from.map(str::to_owned));
            if let Some(known) = bases.get(&asked) {
                return Ok(known.clone());
            }
            let base = base_file(name, from)?;
            bases.insert(asked, base.clone());
            Ok(base)
        };
        let mut profile =
            deid_profile::parse_with_bases(&self.main, self.format, self.id.as_deref(), &mut find)?;
        if let Some(name) = &self.name {
            profile.name.clone_from(name);
        }
        Ok(Profile { profile, written: Written::Text(Sources { bases, ..self }) })
    }
}

fn base_file(name: &str, from: Option<&str>) -> Result<BaseText, String> {
    let folder = from.map(Path::new).and_then(Path::parent).unwrap_or(Path::new(""));
    let path = folder.join(name);
    let format = format_of(&path).ok_or("a profile is a file .toml or .tsv")?;
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    Ok(BaseText { id: identity_of(&path), text, format })
}

fn format_of(path: &Path) -> Option<Format> {
    path.file_name()?.to_str().and_then(Format::of_file_name)
}

/// What tells a file apart whatever it is called by.
fn identity_of(path: &Path) -> String {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned()
}

/// A table has no name but its file's; this one goes into every file written, so it is kept plain and short.
fn plain_name(stem: &OsStr) -> String {
    const MOST: usize = 32;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = stem.to_string_lossy().chars().take(MOST).map(plain).collect();
    if name.is_empty() { "tsv".to_owned() } else { name }
}

const fn word(format: Format) -> &'static str {
    match format {
        Format::Toml => "toml",
        Format::Tsv => "tsv",
    }
}

fn format_of_word(py: Python<'_>, word: &str) -> PyResult<Format> {
    match word {
        "toml" => Ok(Format::Toml),
        "tsv" => Ok(Format::Tsv),
        _ => Err(errors::exception(py, "ProfileError", &"a profile is written as toml or tsv")),
    }
}

fn not_read(py: Python<'_>, what: &dyn std::fmt::Display, error: &ParseError) -> PyErr {
    errors::exception(py, "ProfileError", &format!("{what}: {error}; {}", error.hint()))
}

impl Profile {
    /// The profile that this text is, called by this name.
    pub(crate) fn of_table(text: String, name: &str) -> Result<Self, ParseError> {
        let name = Some(name.to_owned());
        Sources { main: text, format: Format::Tsv, name, id: None, bases: BTreeMap::new() }.read()
    }

    pub(crate) fn built_in(name: &str) -> Option<Self> {
        let profile = deid_profile::built_in(name)?;
        Some(Profile { profile, written: Written::BuiltIn(name.to_owned()) })
    }
}

#[pymethods]
impl Profile {
    /// The built-in profile of this name, or the one in this file. `any_name`: a file by any name is a table.
    #[staticmethod]
    #[pyo3(signature = (name_or_path, any_name = false))]
    fn load(py: Python<'_>, name_or_path: PathBuf, any_name: bool) -> PyResult<Self> {
        if let Some(profile) = name_or_path.to_str().and_then(Profile::built_in) {
            return Ok(profile);
        }
        let format = format_of(&name_or_path);
        let Some(format) = format.or((any_name && name_or_path.is_file()).then_some(Format::Tsv)) else {
            let known: Vec<_> = deid_profile::built_in_names().collect();
            let message = format!(
                "no profile `{}`: built in are {}; a profile of your own is a file .toml or .tsv",
                name_or_path.display(),
                known.join(", ")
            );
            return Err(errors::exception(py, "ProfileError", &message));
        };
        let shown = format!("profile {}", name_or_path.display());
        let text = std::fs::read_to_string(&name_or_path)
            .map_err(|error| errors::exception(py, "ProfileError", &format!("{shown}: {error}")))?;
        let name = (format == Format::Tsv).then(|| plain_name(name_or_path.file_stem().unwrap_or_default()));
        let text = Sources {
            main: text,
            format,
            name,
            id: Some(identity_of(&name_or_path)),
            bases: BTreeMap::new(),
        };
        text.read().map_err(|error| not_read(py, &shown, &error))
    }

    /// The profile that this text is: `toml` or `tsv`.
    #[staticmethod]
    #[pyo3(signature = (text, format = "toml", name = None))]
    fn from_text(py: Python<'_>, text: String, format: &str, name: Option<String>) -> PyResult<Self> {
        let format = format_of_word(py, format)?;
        let text = Sources { main: text, format, name, id: None, bases: BTreeMap::new() };
        text.read().map_err(|error| not_read(py, &"profile", &error))
    }

    /// The names of the built-in profiles.
    #[staticmethod]
    fn names() -> Vec<&'static str> {
        deid_profile::built_in_names().collect()
    }

    /// The same profile with CATI's filter on modality and SOP class.
    fn with_cati_filter(&self) -> Self {
        let mut profile = self.clone();
        (profile.profile.modalities, profile.profile.sop_classes) = deid_profile::cati_filter();
        profile
    }

    #[getter]
    fn name(&self) -> &str {
        &self.profile.name
    }

    #[getter]
    fn description(&self) -> &str {
        &self.profile.description
    }

    #[getter]
    fn options(&self) -> Vec<&'static str> {
        self.profile.options.iter().map(|option| option.name()).collect()
    }

    /// The text that the profile was read from.
    #[getter]
    fn text(&self) -> &str {
        match &self.written {
            Written::BuiltIn(name) => deid_profile::built_in_text(name).unwrap_or_default(),
            Written::Text(text) => &text.main,
        }
    }

    /// What `from_state` makes the same profile of.
    fn state(&self) -> State {
        match &self.written {
            Written::BuiltIn(name) => ("built-in".to_owned(), name.clone(), None, None, Vec::new()),
            Written::Text(text) => {
                let bases = text.bases.iter().map(|((name, from), base)| {
                    let format = word(base.format).to_owned();
                    (name.clone(), from.clone(), base.id.clone(), base.text.clone(), format)
                });
                let format = word(text.format).to_owned();
                (format, text.main.clone(), text.name.clone(), text.id.clone(), bases.collect())
            }
        }
    }

    /// The profile of this state.
    #[staticmethod]
    fn from_state(py: Python<'_>, state: State) -> PyResult<Self> {
        let (kind, text, name, id, bases) = state;
        if kind == "built-in" {
            return Profile::built_in(&text)
                .ok_or_else(|| errors::exception(py, "ProfileError", &format!("no profile `{text}`")));
        }
        let format = format_of_word(py, &kind)?;
        let known = |(name, from, id, text, format): BaseState| {
            Ok(((name, from), BaseText { id, text, format: format_of_word(py, &format)? }))
        };
        let bases = bases.into_iter().map(known).collect::<PyResult<_>>()?;
        let text = Sources { main: text, format, name, id, bases };
        text.read().map_err(|error| not_read(py, &"profile", &error))
    }
}

/// A key; Python never sees its bytes.
#[pyclass(frozen, module = "deidentification._native")]
pub(crate) struct Key {
    pub(crate) key: deid_core::Key,
    #[pyo3(get)]
    path: Option<PathBuf>,
}

fn key_error(py: Python<'_>, path: &Path, error: &key_file::KeyFileError) -> PyErr {
    errors::exception(py, "KeyFileError", &format!("{}: {error}", path.display()))
}

#[pymethods]
impl Key {
    /// The key in this file.
    #[staticmethod]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let key = key_file::load(&path).map_err(|error| key_error(py, &path, &error))?;
        Ok(Key { key, path: Some(path) })
    }

    /// A new key in a new file.
    #[staticmethod]
    fn create(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let key = random(py)?;
        key_file::create(&path, &key).map_err(|error| key_error(py, &path, &error))?;
        Ok(Key { key, path: Some(path) })
    }

    /// The key in the user's configuration folder, made there if it is missing.
    #[staticmethod]
    fn default(py: Python<'_>) -> PyResult<Self> {
        let path = key_file::default_path().ok_or_else(|| {
            let why =
                "there is no folder for the key: neither XDG_CONFIG_HOME nor HOME is set; name a key file";
            errors::exception(py, "KeyFileError", &why)
        })?;
        let (key, _) = key_file::load_or_create(&path).map_err(|error| key_error(py, &path, &error))?;
        Ok(Key { key, path: Some(path) })
    }

    /// A key that is thrown away: it cuts all ties.
    #[staticmethod]
    fn random(py: Python<'_>) -> PyResult<Self> {
        Ok(Key { key: random(py)?, path: None })
    }

    /// The short name that reports show.
    #[getter]
    fn id(&self) -> String {
        self.key.id()
    }
}

fn random(py: Python<'_>) -> PyResult<deid_core::Key> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| errors::exception(py, "KeyFileError", &"the system gives no random numbers"))?;
    Ok(deid_core::Key::from_bytes(bytes))
}

/// Codes by Patient ID: the text of a table, or pairs.
pub(crate) fn subject_table(
    py: Python<'_>,
    text: Option<&str>,
    pairs: Option<Vec<(String, String)>>,
) -> PyResult<Option<SubjectTable>> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let of_pairs = pairs.map(|pairs| {
        let lines: Vec<_> =
            pairs.iter().map(|(id, code)| format!("{},{}\n", quoted(id), quoted(code))).collect();
        format!("PatientID,code\n{}", lines.concat())
    });
    let Some(text) = text.or(of_pairs.as_deref()) else { return Ok(None) };
    SubjectTable::parse(text)
        .map(Some)
        .map_err(|error| errors::exception(py, "SettingsError", &format!("subjects: {error}")))
}

/// Settings that cannot be carried out, as an exception.
pub(crate) fn settings_error(py: Python<'_>, error: &SettingsError) -> PyErr {
    errors::exception(py, "SettingsError", error)
}

pub(crate) fn tags(forced: Vec<((u16, u16), String)>) -> Vec<(Tag, String)> {
    forced.into_iter().map(|((group, element), value)| (Tag::new(group, element), value)).collect()
}

/// De-identifies one instance at a time.
#[pyclass(frozen, module = "deidentification._native")]
pub(crate) struct Engine {
    pub(crate) engine: deid_core::Engine,
}

/// What came of an instance: its bytes, or cause and description; facts for a report.
type Applied<'py> = (Option<Bound<'py, PyBytes>>, Option<(&'static str, &'static str)>, Bound<'py, PyDict>);

/// An action of a plan: path, name, action, rule, origin.
type Action = (String, String, &'static str, &'static str, String);

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (profile, key, subject=None, subjects=None, subject_pairs=None, forced=Vec::new(), captures=false))]
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
    ) -> PyResult<Self> {
        let mut profile = profile.profile.clone();
        profile.captures |= captures;
        let settings = Settings {
            profile,
            key: key.key.clone(),
            subject,
            subjects: subject_table(py, subjects, subject_pairs)?,
            forced: tags(forced),
            inflate_limit: INFLATED,
        };
        let engine = deid_core::Engine::new(settings).map_err(|error| settings_error(py, &error))?;
        Ok(Engine { engine })
    }

    /// The de-identified instance, or the cause why there is none; and facts for a report.
    #[pyo3(signature = (data, name = "instance"))]
    fn apply<'py>(&self, py: Python<'py>, data: &[u8], name: &str) -> PyResult<Applied<'py>> {
        let (output, cause, facts) = py.detach(|| apply(&self.engine, data, name));
        let output = output.map(|bytes| PyBytes::new(py, &bytes));
        Ok((output, cause.map(|cause| (cause.id(), cause.description())), facts_as_dict(py, &facts)?))
    }

    /// What would happen to each element, and why the instance would not be written; nothing if it is no DICOM.
    fn plan(&self, py: Python<'_>, data: &[u8]) -> Option<(Vec<Action>, Option<&'static str>)> {
        py.detach(|| plan(&self.engine, data))
    }
}

fn apply(engine: &deid_core::Engine, data: &[u8], name: &str) -> (Option<Vec<u8>>, Option<Cause>, Facts) {
    // A bug that one instance brings out must not become something that callers do not catch.
    let processed = panic::catch_unwind(AssertUnwindSafe(|| process(engine, data, name)));
    let Ok(processed) = processed else {
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
fn process(engine: &deid_core::Engine, data: &[u8], name: &str) -> Processed {
    let mut session = SessionFacts::default();
    let mut scratch = Scratch::default();
    let parts = vec![name.to_owned()];
    if let Some(raw) = engine.survey_raw(&mut &data[..]) {
        session.add_raw(&parts, &raw);
    } else if let Some(facts) = engine.survey(&mut &data[..], &mut scratch) {
        session.add(&facts);
        session.note(&parts, &facts);
    }
    session.settle();
    let raw = engine.process_raw(&mut &data[..], &session, &|| parts.clone());
    raw.unwrap_or_else(|| engine.process(&mut &data[..], &session, &mut scratch))
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
            action(entry.done),
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

const fn action(done: Done) -> &'static str {
    match done {
        Done::Keep => "keep",
        Done::Remove => "remove",
        Done::Empty => "empty",
        Done::Dummy => "dummy",
        Done::Remap => "remap-uid",
        Done::Replace => "replace",
        Done::Shift => "shift",
        Done::Clean => "clean",
    }
}
