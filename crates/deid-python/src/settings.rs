//! What a run is made with: [`Profile`], [`Key`], tables of subjects, certificates, forced values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deid_cli::forced::{self, InvalidForced};
use deid_core::{Seal, SettingsError, SubjectTable};
use deid_dicom::Tag;
use deid_io::{key_file, profile_file};
use deid_profile::{BaseText, Format, ParseError};
use pyo3::prelude::*;

use crate::errors;

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
            let base = profile_file::base(name, from)?;
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
        let format = profile_file::format_of(&name_or_path);
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
        let text = profile_file::text(&name_or_path, format)
            .map_err(|error| errors::exception(py, "ProfileError", &format!("{shown}: {error}")))?;
        let name = (format == Format::Tsv).then(|| profile_file::name_of_table(&name_or_path));
        let text = Sources {
            main: text,
            format,
            name,
            id: Some(profile_file::identity(&name_or_path)),
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

/// The names of the options of PS3.15 E.3, as profiles have them.
#[pyfunction]
pub(crate) fn option_names() -> Vec<&'static str> {
    deid_profile::ConfidentialityOption::ALL.iter().map(|option| option.name()).collect()
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

/// What seals originals for the holders of the certificates in these files, if there are any.
pub(crate) fn seal(py: Python<'_>, certificates: &[PathBuf]) -> PyResult<Option<Arc<dyn Seal>>> {
    if certificates.is_empty() {
        return Ok(None);
    }
    let wrong = |path: &Path, error: &dyn std::fmt::Display| {
        errors::exception(py, "SettingsError", &format!("certificate {}: {error}", path.display()))
    };
    let contents = certificates
        .iter()
        .map(|path| std::fs::read(path).map_err(|error| wrong(path, &error)))
        .collect::<PyResult<Vec<_>>>()?;
    let sealer = deid_reversible::Sealer::new(&contents)
        .map_err(|(place, error)| wrong(&certificates[place], &error))?;
    Ok(Some(Arc::new(sealer)))
}

/// Why an element cannot be set to a value, as a word and as a sentence; nothing if it can.
#[pyfunction]
pub(crate) fn forced_problem(tag: (u16, u16), value: &str) -> Option<(&'static str, String)> {
    let problem = forced::check(Tag::new(tag.0, tag.1), value).err()?;
    let word = match problem {
        InvalidForced::Private => "private",
        InvalidForced::UnknownElement => "unknown",
        InvalidForced::Mark => "mark",
        InvalidForced::Value(_) => "value",
        _ => "element",
    };
    Some((word, problem.to_string()))
}

/// The tag of a keyword of PS3.6; nothing if there is none, or it stands for several groups.
#[pyfunction]
pub(crate) fn tag_of_keyword(keyword: &str) -> Option<(u16, u16)> {
    let tag = deid_standard::dictionary::by_keyword(keyword)?.tag.exact()?;
    Some((tag.group(), tag.element()))
}
