//! The command line, as data.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};

use crate::exit::{Exit, Failure};
use crate::forced::Forced;
use crate::old_flags;
use crate::speech;

/// De-identify DICOM files, folders and archives.
///
/// Files are written only when everything in them was accounted for; what cannot be vouched for is listed in the
/// report with its cause and left where it is.
#[derive(Debug, Parser)]
#[command(
    name = "deidentification",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    override_usage = "\
deidentification [OPTIONS] IN OUT
       deidentification [OPTIONS] --list FILE
       deidentification <COMMAND>",
    after_help = "\
Exit codes: 0 all done, 1 some files were quarantined or failed, 2 usage, 3 nothing was done.
CATI's form works as well: deidentification -in IN -out OUT [-id SUBJECT] [-c PROFILE].
Subcommands win over paths: write ./demo for a folder of that name."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// What the program does besides its main job.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say whether originals and results convert to the same images and sidecars, series by series.
    Compare(CompareArguments),
    /// Write a small synthetic study, de-identify it and show before and after.
    Demo(DemoArguments),
    /// Show which elements two DICOM files differ in, values included.
    Diff(DiffArguments),
    /// Say for each element of a DICOM file what would happen to it, and by which rule.
    Explain(ExplainArguments),
    /// Make keys: of a study, of its sites; link codes of its sites.
    Key(KeyArguments),
    /// List, show or check profiles.
    Profile(ProfileArguments),
    /// Put the original values back into files that were de-identified with --encrypt-for.
    Reidentify(ReidentifyArguments),
}

#[derive(Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct RunArguments {
    /// A file, a folder, or an archive: zip, tar, tar.gz, tar.bz2, tar.xz, tar.zst.
    #[arg(value_name = "IN", required_unless_present = "list")]
    pub(crate) input: Option<PathBuf>,

    /// A folder, or an archive by its extension; for a single file also a file. May be IN itself.
    #[arg(value_name = "OUT", required_unless_present = "list")]
    pub(crate) output: Option<PathBuf>,

    /// The code that becomes PatientName and PatientID. Without it the name is Unknown and the ID is made from the
    /// key.
    #[arg(long, value_name = "ID")]
    pub(crate) subject: Option<Subject>,

    /// Codes by Patient ID: lines `PatientID,code` or `PatientID,issuer,code`, or columns named in the first line,
    /// `date_shift_days` among them; who is not in it is quarantined.
    #[arg(long, value_name = "FILE", conflicts_with = "subject")]
    pub(crate) subjects: Option<PathBuf>,

    /// A built-in profile (see `profile list`), or a file .toml or .tsv.
    #[arg(long, short = 'c', value_name = "NAME|FILE")]
    pub(crate) profile: Option<OsString>,

    /// The key that pseudonyms are made with. Without it, the one in the user's configuration folder, made there if
    /// it is missing.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// Make pseudonyms with a key that is thrown away: nobody can tell any more who is who, nor add to the result later.
    #[arg(long, conflicts_with_all = ["key", "crosswalk", "report_names", "encrypt_for"])]
    pub(crate) cut_ties: bool,

    /// Jobs to do in turn: a line `subject;input;output` for each.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["input", "output", "subject"])]
    pub(crate) list: Option<PathBuf>,

    /// Number of threads; by default one for each processor.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Do everything but write: the summary says what would be.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print one line of JSON at the end instead of the summary.
    #[arg(long)]
    pub(crate) json: bool,

    /// Replace files in OUT that have other content.
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Allow --subject for an input with several PatientIDs, and --subjects with one code for several: they become one
    /// subject, whose dates move by one number of days.
    #[arg(long)]
    pub(crate) merge_subjects: bool,

    /// Exit with 1 if there were files that are not DICOM.
    #[arg(long)]
    pub(crate) strict: bool,

    /// Keep captures (Secondary Capture; JPEG and PNG, in OUT/captures): you vouch for what their pixels show.
    #[arg(long)]
    pub(crate) keep_captures: bool,

    /// Copy the originals of what was quarantined to this folder, which only you can read.
    #[arg(long, value_name = "DIR")]
    pub(crate) quarantine: Option<PathBuf>,

    /// Write the reports into this folder instead of beside OUT.
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,

    /// Write which line of the report is which input path. Identifies people: keep it apart from OUT.
    #[arg(long, value_name = "FILE")]
    pub(crate) report_names: Option<PathBuf>,

    /// Write who got which code, and which study became which. Identifies people: keep it apart from OUT.
    #[arg(long, value_name = "FILE")]
    pub(crate) crosswalk: Option<PathBuf>,

    /// Compare IN and OUT afterwards, as `compare` does with the run's profile; the report has it too.
    #[arg(long, conflicts_with_all = ["list", "dry_run"])]
    pub(crate) compare: bool,

    /// Call files of OUT by a template such as `{subject}/{modality}/{instance}.dcm`, or as in IN (`input`), whatever
    /// the profile says.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) layout: Option<String>,

    /// Set an element of the data set to a value, whatever the profile says; may be repeated.
    #[arg(long = "set", value_name = "(gggg,eeee)=VALUE|Keyword=VALUE")]
    pub(crate) forced: Vec<Forced>,

    /// Encrypt the original values into each file for the holder of this X.509 certificate (RSA, P-256 or P-384); may
    /// be repeated. `reidentify` puts them back.
    #[arg(long, value_name = "CERT.pem")]
    pub(crate) encrypt_for: Vec<PathBuf>,

    /// The user typed CATI's flags.
    #[arg(long, hide = true)]
    pub(crate) old_flags: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The originals: a folder, a file or an archive.
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,

    /// What was made of them: a folder, a file or an archive.
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,

    /// The profile that AFTER was made with, which explains differences. Without it only keys that identify may
    /// differ.
    #[arg(long, short = 'c', value_name = "NAME|FILE")]
    pub(crate) profile: Option<OsString>,

    /// Print one line of JSON instead of the table.
    #[arg(long)]
    pub(crate) json: bool,

    /// Number of series that are converted at the same time; by default one for each processor.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// The converter; by default the one that the variable DCM2NIIX names, or the one in PATH.
    #[arg(long, value_name = "PATH")]
    pub(crate) dcm2niix: Option<PathBuf>,

    /// Convert nothing: compare the attributes that converters read.
    #[arg(long, conflicts_with = "dcm2niix")]
    pub(crate) attributes: bool,

    /// Series that are not in AFTER at all are no difference, whatever the reason.
    #[arg(long)]
    pub(crate) withheld: bool,

    /// How long one conversion may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// A folder that does not exist yet, or is empty.
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The first file.
    #[arg(value_name = "A", required_unless_present = "first", conflicts_with = "first")]
    a: Option<PathBuf>,

    /// The second file.
    #[arg(value_name = "B", required_unless_present = "second", conflicts_with = "second")]
    b: Option<PathBuf>,

    /// The first file, as dicom_tag_diff has it.
    #[arg(short, long, value_name = "A", requires = "second")]
    first: Option<PathBuf>,

    /// The second file, as dicom_tag_diff has it.
    #[arg(short, long, value_name = "B", requires = "first")]
    second: Option<PathBuf>,

    /// Write the table to this file instead of stdout.
    #[arg(short, long, value_name = "OUT", visible_alias = "outpath")]
    pub(crate) output: Option<PathBuf>,
}

impl DiffArguments {
    /// The two files.
    pub(crate) fn files(&self) -> (&Path, &Path) {
        let both = (self.a.as_ref().or(self.first.as_ref()), self.b.as_ref().or(self.second.as_ref()));
        match both {
            (Some(a), Some(b)) => (a, b),
            _ => unreachable!("the parser requires one form or the other"),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A DICOM file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Only these elements: tags `(0008,103E)` or `(60xx,3000)`, keywords, elements of a creator
    /// `(0029,{SIEMENS CSA HEADER}10)`, paths.
    #[arg(value_name = "TAG")]
    pub(crate) elements: Vec<String>,

    /// What is kept: a built-in profile, or a file .toml or .tsv.
    #[arg(short, long, short_alias = 'c', value_name = "NAME|FILE")]
    pub(crate) profile: Option<OsString>,

    /// The key of the run. Without it one of zeros is taken: what happens hardly depends on it, but a date may leave
    /// the calendar by its shift.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// As with --subject of a run.
    #[arg(long, value_name = "ID")]
    pub(crate) subject: Option<Subject>,

    /// As with --subjects of a run.
    #[arg(long, value_name = "FILE", conflicts_with = "subject")]
    pub(crate) subjects: Option<PathBuf>,

    /// As with --set of a run.
    #[arg(long = "set", value_name = "(gggg,eeee)=VALUE|Keyword=VALUE")]
    pub(crate) forced: Vec<Forced>,
}

#[derive(Debug, Args)]
pub(crate) struct ProfileArguments {
    #[command(subcommand)]
    pub(crate) action: ProfileAction,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    #[command(subcommand)]
    pub(crate) action: KeyAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyAction {
    /// Write a new random key into a new file, which only you can read.
    New {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write the key of a site of a study into a new file, to be handed to the site.
    Site {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The study's key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The site's name; the same name gives the same key.
        #[arg(long)]
        name: String,
    },
    /// Say which codes of several sites are one subject: lines `site,code` in, a table to stdout.
    Link {
        /// The lines.
        #[arg(value_name = "FILE")]
        codes: PathBuf,
        /// The study's key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileAction {
    /// Name the built-in profiles and say what each is for.
    List,
    /// Print a built-in profile: TOML with comments, to read or to start from.
    Show {
        /// Its name.
        name: String,
    },
    /// Print the JSON Schema of profiles in TOML, for editors.
    Schema,
    /// Read a profile as a run would, and say what is in it or what is wrong with it.
    Check {
        /// A file .toml or .tsv, or the name of a built-in profile.
        #[arg(value_name = "NAME|FILE")]
        profile: OsString,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ReidentifyArguments {
    /// A de-identified file, or a folder of them.
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,

    /// A folder outside IN, or for a single file a file. What is written identifies people: only you can read it.
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,

    /// The private key of a recipient: PKCS #8, PKCS #1 or SEC 1, in PEM or DER.
    #[arg(long, value_name = "KEY.pem")]
    pub(crate) private_key: PathBuf,

    /// A file that holds the passphrase of the private key.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,

    /// The certificate of the private key: only what was encrypted for it is tried.
    #[arg(long, value_name = "CERT.pem")]
    pub(crate) certificate: Option<PathBuf>,
}

/// Show which elements two DICOM files differ in, values included.
#[derive(Debug, Parser)]
#[command(
    name = "dicom_tag_diff",
    version,
    max_term_width = 100,
    override_usage = "dicom_tag_diff -f A -s B [-o OUT]\n       dicom_tag_diff A B [-o OUT]"
)]
struct TagDiff {
    #[command(flatten)]
    diff: DiffArguments,
}

impl Arguments {
    /// Reads the command line, the program's name first. The inner error is an answer already given: help, version,
    /// or what is wrong with the command line.
    pub(crate) fn read(words: Vec<OsString>) -> Result<Result<Self, Exit>, Failure> {
        if is_invoked_as_tag_diff(&words) {
            let read = TagDiff::try_parse_from(words);
            return match read {
                Ok(TagDiff { diff }) => {
                    Ok(Ok(Arguments { command: Some(Command::Diff(diff)), run: RunArguments::default() }))
                }
                Err(error) => answer(&error).map(Err),
            };
        }
        let ours = old_flags::rewrite(&words)?;
        match Arguments::try_parse_from(&ours) {
            Ok(arguments) => Ok(Ok(arguments)),
            Err(error) if is_one_path_too_many(&error) => Err(if ours == words {
                Failure::usage("there is a path besides IN and OUT")
                    .hint("--list FILE has room for many inputs; a path with blanks wants quotation marks")
            } else {
                old_flags::one_path_too_many()
            }),
            Err(error) => answer(&error).map(Err),
        }
    }
}

/// Shows help, version or what is wrong with the command line.
fn answer(error: &clap::Error) -> Result<Exit, Failure> {
    if error.exit_code() != 0 {
        // Nobody can be told if stderr fails.
        let _ = error.print();
        return Ok(Exit::Usage);
    }
    speech::written(error.print())?;
    Ok(Exit::Done)
}

/// Whether there is a third path. The parser takes it for a subcommand behind IN and OUT.
fn is_one_path_too_many(error: &clap::Error) -> bool {
    let behind = match error.get(ContextKind::PriorArg) {
        Some(ContextValue::Strings(arguments)) => arguments.iter().any(|argument| argument.contains("OUT")),
        _ => false,
    };
    error.kind() == ErrorKind::ArgumentConflict
        && error.get(ContextKind::InvalidSubcommand).is_some()
        && behind
}

/// CATI's second command is ours by another name: a link to it.
fn is_invoked_as_tag_diff(words: &[OsString]) -> bool {
    words.first().and_then(|name| Path::new(name).file_stem()) == Some(OsStr::new("dicom_tag_diff"))
}

/// The code of a subject: 1 to 64 printable ASCII characters, none of `\`, `^`, `=` and `/`, no blank at its ends.
///
/// So it is one component of a PN, one value of an LO and a part of a path, whatever the character set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject(String);

impl Subject {
    /// The code.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"\\^=/".contains(&byte));
        if text.is_empty() || text.trim() != text || text.len() > 64 || !printable {
            return Err(
                "a subject is 1 to 64 printable ASCII characters, without backslash, `^`, `=` and slash, \
                        and without blanks at its ends",
            );
        }
        Ok(Subject(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn read(line: &str) -> Arguments {
        Arguments::read(line.split(' ').map(OsString::from).collect()).unwrap().unwrap()
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn subcommands_win_over_paths_in_first_place_only() {
        assert!(matches!(read("deidentification demo out").command, Some(Command::Demo(_))));
        let arguments = read("deidentification ./demo diff");
        assert!(arguments.command.is_none());
        assert_eq!(arguments.run.output.as_deref(), Some(Path::new("diff")));
    }

    #[test]
    fn tag_diff_is_ours_by_another_name() {
        let Some(Command::Diff(arguments)) = read("/usr/bin/dicom_tag_diff -f a -s b -o c").command else {
            panic!("not diff");
        };
        assert_eq!(arguments.files(), (Path::new("a"), Path::new("b")));
        assert_eq!(arguments.output.as_deref(), Some(Path::new("c")));
    }

    #[test]
    fn subject_is_plain_and_short() {
        for text in ["S1", "sub-01 (a)", &"x".repeat(64)] {
            assert_eq!(text.parse::<Subject>().map(|subject| subject.0), Ok(text.to_owned()));
        }
        for text in ["", " ", "a\\b", "a^b", "a=b", "a/b", " a", "a ", "Zoé", "a\nb", &"x".repeat(65)] {
            assert!(text.parse::<Subject>().is_err(), "{text}");
        }
    }
}
