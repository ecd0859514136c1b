//! The command line, as data.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use deid_dicom::Tag;
use deid_standard::dictionary;

use crate::exit::{Exit, Failure};
use crate::old_flags;

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
    /// Write a small synthetic study, de-identify it and show before and after.
    Demo(DemoArguments),
    /// Show which elements two DICOM files differ in, values included.
    Diff(DiffArguments),
    /// Say for each element of a DICOM file what would happen to it, and by which rule.
    Explain(ExplainArguments),
    /// List, show or check profiles.
    Profile(ProfileArguments),
}

#[derive(Debug, Args)]
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

    /// Codes by Patient ID: lines `PatientID,code` or `PatientID,issuer,code`; who is not in it is quarantined.
    #[arg(long, value_name = "FILE", conflicts_with = "subject")]
    pub(crate) subjects: Option<PathBuf>,

    /// A built-in profile (see `profile list`), or a file .toml or .tsv.
    #[arg(long, short = 'c', value_name = "NAME|FILE")]
    pub(crate) profile: Option<OsString>,

    /// The key that pseudonyms are made with. Without it, the one in the user's configuration folder, made there if
    /// it is missing.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// Jobs to do in turn: a line `subject;input;output` for each.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["input", "output", "subject"])]
    pub(crate) list: Option<PathBuf>,

    /// Number of threads; by default one for each processor.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Do everything but write: report and summary say what would be.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print one line of JSON at the end instead of the summary.
    #[arg(long)]
    pub(crate) json: bool,

    /// Replace files in OUT that have other content.
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Allow --subject for an input with several PatientIDs: all become this one subject.
    #[arg(long)]
    pub(crate) merge_subjects: bool,

    /// Exit with 1 if there were files that are not DICOM.
    #[arg(long)]
    pub(crate) strict: bool,

    /// Keep captures (Secondary Capture, JPEG, PNG): you vouch for what their pixels show.
    #[arg(long)]
    pub(crate) keep_captures: bool,

    /// Copy the originals of what was quarantined to this folder, which only you can read.
    #[arg(long, value_name = "DIR")]
    pub(crate) quarantine: Option<PathBuf>,

    /// Write which line of the report is which input path. Identifies people: keep it apart from OUT.
    #[arg(long, value_name = "FILE")]
    pub(crate) report_names: Option<PathBuf>,

    /// Set an element of the data set to a value, whatever the profile says; may be repeated.
    #[arg(long = "set", value_name = "(gggg,eeee)=VALUE|Keyword=VALUE")]
    pub(crate) forced: Vec<Forced>,

    /// The user typed CATI's flags.
    #[arg(long, hide = true)]
    pub(crate) old_flags: bool,
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

    /// Only this element: a tag `(0008,103E)` or a keyword.
    #[arg(value_name = "TAG")]
    pub(crate) tag: Option<String>,

    /// What is kept: a built-in profile, or a file .toml or .tsv.
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) profile: Option<OsString>,
}

#[derive(Debug, Args)]
pub(crate) struct ProfileArguments {
    #[command(subcommand)]
    pub(crate) action: ProfileAction,
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
    /// Read a profile and say what is in it, or what is wrong with it.
    Check {
        /// A file .toml or .tsv.
        file: PathBuf,
    },
}

impl Arguments {
    /// Reads the command line, the program's name first. The inner error is an answer already given: help, version,
    /// or what is wrong with the command line.
    pub(crate) fn read(words: Vec<OsString>) -> Result<Result<Self, Exit>, Failure> {
        let words = if is_invoked_as_tag_diff(&words) {
            let mut ours = vec![words[0].clone(), "diff".into()];
            ours.extend(words.into_iter().skip(1));
            ours
        } else {
            old_flags::rewrite(&words)?
        };
        Ok(Arguments::try_parse_from(words).map_err(|error| {
            let _ = error.print();
            if error.exit_code() == 0 { Exit::Done } else { Exit::Usage }
        }))
    }
}

/// CATI's second command is ours by another name: a link to it.
fn is_invoked_as_tag_diff(words: &[OsString]) -> bool {
    words.first().and_then(|name| Path::new(name).file_stem()) == Some(OsStr::new("dicom_tag_diff"))
}

/// The code of a subject: 1 to 64 printable ASCII characters without backslash, `^` and `=`, not blank.
///
/// So it is one component of a PN and one value of an LO, whatever the character set.
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
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"\\^=".contains(&byte));
        if text.trim().is_empty() || text.len() > 64 || !printable {
            return Err("a subject is 1 to 64 printable ASCII characters, without backslash, `^` and `=`");
        }
        Ok(Subject(text.to_owned()))
    }
}

/// An element and the value it is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forced {
    pub(crate) tag: Tag,
    pub(crate) value: String,
}

impl FromStr for Forced {
    type Err = InvalidForced;

    fn from_str(text: &str) -> Result<Self, InvalidForced> {
        let (name, value) = text.split_once('=').ok_or(InvalidForced::NoValue)?;
        let tag = match name.trim().parse() {
            Ok(tag) => tag,
            Err(_) => dictionary::by_keyword(name.trim())
                .ok_or(InvalidForced::UnknownElement)?
                .tag
                .exact()
                .ok_or(InvalidForced::Repeating)?,
        };
        Ok(Forced { tag, value: value.to_owned() })
    }
}

/// What is wrong with the text of a forced value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidForced {
    NoValue,
    UnknownElement,
    Repeating,
}

impl fmt::Display for InvalidForced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidForced::NoValue => "there is no `=` between element and value",
            InvalidForced::UnknownElement => {
                "the element is neither a tag like (0008,0080) nor a keyword of PS3.6 like InstitutionName"
            }
            InvalidForced::Repeating => "the keyword stands for several groups: write the tag",
        })
    }
}

impl std::error::Error for InvalidForced {}

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
        for text in ["", " ", "a\\b", "a^b", "Zoé", "a\nb", &"x".repeat(65)] {
            assert!(text.parse::<Subject>().is_err(), "{text}");
        }
    }

    #[test]
    fn forced_value_names_its_element_by_tag_or_keyword() {
        let forced = |text: &str| text.parse::<Forced>().map(|forced| (forced.tag, forced.value));
        let institution = Tag::new(0x0008, 0x0080);
        assert_eq!(forced("(0008,0080)=a=b"), Ok((institution, "a=b".to_owned())));
        assert_eq!(forced("InstitutionName="), Ok((institution, String::new())));
        assert_eq!(forced("InstitutionName"), Err(InvalidForced::NoValue));
        assert_eq!(forced("Institution=a"), Err(InvalidForced::UnknownElement));
        assert_eq!(forced("OverlayData=a"), Err(InvalidForced::Repeating));
    }
}
