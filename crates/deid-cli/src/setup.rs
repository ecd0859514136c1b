//! From arguments to what a run needs: the profile, the key, the options. Everything that can be wrong with
//! settings is found here, before a file of the input is opened.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deid_core::{Key, Seal};
use deid_io::run::RunOptions;
use deid_io::{key_file, profile_file};
use deid_profile::{Format, Layout, Profile};

use crate::arguments::RunArguments;
use crate::exit::Failure;
use crate::speech::{is_watched, tell};

/// What all jobs of one call share.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) options: RunOptions,
    pub(crate) key: KeyInUse,
}

impl Setup {
    /// The options that these arguments ask for. Makes the user's key if it has to, and says so.
    pub(crate) fn new(arguments: &RunArguments) -> Result<Self, Failure> {
        // Before a key is made for a run that cannot be.
        let seal = seal(&arguments.encrypt_for)?;
        let forced = crate::forced::pairs(&arguments.forced)?;
        let mut profile = profile(arguments)?;
        profile.captures = arguments.keep_captures;
        if let Some(text) = &arguments.layout {
            profile.layout = layout(text)?;
        }
        let (key, key_in_use) = key(arguments)?;
        if is_watched() || !arguments.old_flags {
            key_in_use.tell();
        }
        let mut options = RunOptions::new(profile, key);
        options.forced = forced;
        options.jobs = arguments.jobs.map_or(0, usize::from);
        options.subjects = arguments.subjects.as_deref().map(subject_table).transpose()?;
        options.dry_run = arguments.dry_run;
        options.overwrite = arguments.overwrite;
        options.merge_subjects = arguments.merge_subjects;
        options.keep_captures = arguments.keep_captures;
        options.quarantine.clone_from(&arguments.quarantine);
        options.report.clone_from(&arguments.report);
        options.report_names.clone_from(&arguments.report_names);
        options.crosswalk.clone_from(&arguments.crosswalk);
        options.cati = arguments.old_flags;
        options.seal = seal;
        Ok(Setup { options, key: key_in_use })
    }
}

/// Which key is used, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyInUse {
    /// The short name that reports show.
    pub(crate) id: String,
    /// The key file; `None` for a key that is gone after this run: of a dry run, or one that cuts all ties.
    pub(crate) file: Option<PathBuf>,
    /// Whether the file was made just now.
    pub(crate) created: bool,
}

impl KeyInUse {
    /// Where it is, in words.
    pub(crate) fn place(&self) -> String {
        match &self.file {
            Some(file) => file.display().to_string(),
            None => "random, for this run only".to_owned(),
        }
    }

    /// Says on stderr what the user should know about it.
    fn tell(&self) {
        if self.created {
            tell(&format!("made a new key: {}", self.place()));
        }
        if self.file.as_deref().is_some_and(key_file::is_readable_by_others) {
            tell(&format!("warning: others can read the key in {}", self.place()));
            tell("hint: whoever has it can find out who is behind a pseudonym; `chmod 600` keeps it yours");
        }
    }
}

fn key(arguments: &RunArguments) -> Result<(Key, KeyInUse), Failure> {
    let (key, file, created) = match &arguments.key {
        _ if arguments.cut_ties => (random_key()?, None, false),
        Some(file) => (load(file)?, Some(file.clone()), false),
        None => users_key(arguments.dry_run)?,
    };
    let id = key.id();
    Ok((key, KeyInUse { id, file, created }))
}

/// The key in the user's configuration folder; without one a new one, which only a dry run does not store.
fn users_key(dry_run: bool) -> Result<(Key, Option<PathBuf>, bool), Failure> {
    let file = key_file::default_path();
    if dry_run {
        return match file.filter(|file| file.exists()) {
            Some(file) => Ok((load(&file)?, Some(file), false)),
            None => Ok((random_key()?, None, false)),
        };
    }
    let file = file.ok_or_else(|| {
        Failure::usage("there is no folder for the key: neither XDG_CONFIG_HOME nor HOME is set")
            .hint("name a key file with --key FILE")
    })?;
    match key_file::load_or_create(&file) {
        Ok((key, created)) => Ok((key, Some(file), created)),
        Err(error) => {
            let failure = Failure::usage(format!("{}: {error}", file.display()));
            Err(failure.hint("name a key file with --key FILE"))
        }
    }
}

pub(crate) fn load(file: &Path) -> Result<Key, Failure> {
    key_file::load(file).map_err(|error| {
        Failure::usage(format!("{}: {error}", file.display()))
            .hint("without --key, the one in your configuration folder is used, and made if it is missing")
    })
}

/// What seals the originals for the holders of these certificates, if there are any.
fn seal(certificates: &[PathBuf]) -> Result<Option<Arc<dyn Seal>>, Failure> {
    if certificates.is_empty() {
        return Ok(None);
    }
    let read = |file: &PathBuf| {
        std::fs::read(file)
            .map_err(|error| Failure::usage(format!("certificate {}: {error}", file.display())))
    };
    let contents: Vec<Vec<u8>> = certificates.iter().map(read).collect::<Result<_, _>>()?;
    let sealer = deid_reversible::Sealer::new(&contents).map_err(|(place, error)| {
        Failure::usage(format!("certificate {}: {error}", certificates[place].display()))
    })?;
    Ok(Some(Arc::new(sealer)))
}

/// The table of subjects in this file.
pub(crate) fn subject_table(file: &Path) -> Result<deid_core::SubjectTable, Failure> {
    let text = table_text(file)?;
    deid_core::SubjectTable::parse(&text)
        .map_err(|error| Failure::usage(format!("subjects {}: {error}", file.display())))
}

/// The text of a list or table that somebody may have saved from a spreadsheet: UTF-8, or else Latin-1.
pub(crate) fn table_text(file: &Path) -> Result<String, Failure> {
    let bytes =
        std::fs::read(file).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    if bytes.contains(&0) {
        return Err(Failure::usage(format!("{}: not a text, or one in UTF-16", file.display()))
            .hint("save it as UTF-8"));
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| {
        tell(&format!("note: {} is not UTF-8, and read as Latin-1", file.display()));
        error.as_bytes().iter().map(|&byte| char::from(byte)).collect()
    }))
}

pub(crate) fn random_key() -> Result<Key, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|_| Failure::nothing_done("the system gives no random numbers to make a key from"))?;
    Ok(Key::from_bytes(bytes))
}

fn profile(arguments: &RunArguments) -> Result<Profile, Failure> {
    profile_of(arguments.profile.as_deref(), arguments.old_flags)
}

/// The profile of this name, or the one that is used when none is named.
pub(crate) fn profile_of(name: Option<&OsStr>, old_flags: bool) -> Result<Profile, Failure> {
    if let Some(name) = name {
        return named_profile(name, old_flags);
    }
    let mut profile = deid_profile::built_in("default").expect("the default profile is shipped");
    if old_flags {
        (profile.modalities, profile.sop_classes) = deid_profile::cati_filter();
    }
    Ok(profile)
}

/// The built-in profile of this name, or the one in this file. CATI's command takes a TSV by any name.
pub(crate) fn named_profile(name: &OsStr, any_name: bool) -> Result<Profile, Failure> {
    if let Some(profile) = name.to_str().and_then(deid_profile::built_in) {
        return Ok(profile);
    }
    let path = Path::new(name);
    match profile_file::format_of(path) {
        Some(format) => read_profile(path, format),
        None if any_name && path.is_file() => read_profile(path, Format::Tsv),
        None => Err(unknown_profile(path)),
    }
}

/// There is no built-in profile of this name, and no file of it can be one.
pub(crate) fn unknown_profile(name: &Path) -> Failure {
    let known: Vec<_> = deid_profile::built_in_names().collect();
    Failure::usage(format!("no profile `{}`", name.display()))
        .hint(format!("built in are {}; a profile of your own is a file .toml or .tsv", known.join(", ")))
}

fn read_profile(path: &Path, format: Format) -> Result<Profile, Failure> {
    let text = profile_file::text(path, format)
        .map_err(|error| Failure::usage(format!("profile {}: {error}", path.display())))?;
    let id = profile_file::identity(path);
    let mut profile = deid_profile::parse_with_bases(&text, format, Some(&id), &mut profile_file::base)
        .map_err(|error| Failure::usage(format!("profile {}: {error}", path.display())).hint(error.hint()))?;
    if format == Format::Tsv {
        profile.name = profile_file::name_of_table(path);
    }
    Ok(profile)
}

/// The layout of the command line; none for names as in the input.
fn layout(text: &str) -> Result<Option<Layout>, Failure> {
    profile_file::layout(text)
        .map_err(|error| Failure::usage(format!("--layout: {}", error.problem)).hint(error.hint()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_is_built_in_or_a_file() {
        assert_eq!(named_profile(OsStr::new("basic"), false).unwrap().name, "basic");
        let failure = named_profile(OsStr::new("bassic"), false).unwrap_err();
        assert_eq!(failure.message, "no profile `bassic`");
        assert!(failure.hint.unwrap().contains("data_sharing"));
    }
}
