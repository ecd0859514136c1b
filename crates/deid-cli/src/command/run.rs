//! `deidentification IN OUT`: one job.

use std::ffi::OsStr;
use std::path::Path;

use deid_io::run::{Job, RunError, Summary};

use crate::arguments::{RunArguments, Subject};
use crate::command::compare;
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::setup::Setup;
use crate::speech::say;
use crate::summary::{self, Line, Told};

pub(crate) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let (Some(input), Some(output)) = (&arguments.input, &arguments.output) else {
        unreachable!("the parser requires both without --list");
    };
    if !input.exists() {
        // Before a key is made for a run that cannot be.
        let failure = Failure::nothing_done(format!("{} does not exist", input.display()));
        return Err(refused(failure, arguments, None));
    }
    check_output(input, output)?;
    if arguments.compare && (input == output || is_same(input, output)) {
        return Err(Failure::usage("--compare wants IN to stay: name another OUT"));
    }
    let setup = Setup::new(arguments)?;
    let subject = arguments.subject.as_ref().map(Subject::as_str).map(str::to_owned);
    let job = Job { input: input.clone(), output: output.clone(), subject };
    // The bar is gone from the screen before anything is said.
    let outcome = deid_io::run::run(&job, &setup.options, &*progress::for_whoever_watches());
    let summary = outcome.map_err(|error| refused(refusal(&error), arguments, Some(&setup)))?;
    let comparison = (arguments.compare && summary.written > 0)
        .then(|| compare::after_run(input, output, &setup, summary.report_jsonl.as_deref()));
    let (comparison, not_compared) = match comparison {
        Some(Ok(comparison)) => (Some(comparison), None),
        Some(Err(failure)) => (None, Some(failure)),
        None => (None, None),
    };
    say(&if arguments.json {
        summary::as_json(&Line::new(&summary, Some(&setup)).with_comparison(comparison.as_ref()))
    } else {
        let told = Told { output: Some(output), strict: arguments.strict, jobs: None };
        let section = comparison.as_ref().map(|comparison| format!("\n\n{}", compare::section(comparison)));
        summary::for_people(&summary, &setup, &told) + &section.unwrap_or_default()
    })?;
    if let Some(failure) = &not_compared {
        failure.tell();
    }
    let equal = comparison.is_none_or(|comparison| comparison.is_equal()) && not_compared.is_none();
    Ok(match summary::exit_of(&summary, arguments.strict) {
        Exit::Done if !equal => Exit::Some,
        exit => exit,
    })
}

/// Whether both name the same place.
fn is_same(input: &Path, output: &Path) -> bool {
    output.canonicalize().is_ok_and(|output| input.canonicalize().is_ok_and(|input| input == output))
}

/// A program that waits for the line of JSON gets it here too. A wrong command line is not its business.
fn refused(failure: Failure, arguments: &RunArguments, setup: Option<&Setup>) -> Failure {
    if arguments.json {
        let nothing = Summary::default();
        let line = Line::new(&nothing, setup).with_error(Some(failure.message.clone()));
        if let Err(unsaid) = say(&summary::as_json(&line)) {
            unsaid.tell();
        }
    }
    failure
}

/// Refuses an output that by its name is an archive of a kind that is not written: a folder, or a file of DICOM, of
/// such a name is a mistake.
pub(crate) fn check_output(input: &Path, output: &Path) -> Result<(), Failure> {
    const NOT_WRITTEN: [&str; 26] = [
        "7z", "ace", "ar", "arj", "br", "cab", "cpio", "iso", "jar", "lha", "lrz", "lz", "lz4", "lzh",
        "lzma", "lzo", "rar", "sz", "taz", "tbz", "tlz", "tz", "wim", "xar", "z", "zipx",
    ];
    let extension = output.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    if !NOT_WRITTEN.contains(&&*extension) || output.is_dir() || output == input {
        return Ok(());
    }
    let hint = "archives written are .zip, .tar, .tar.gz, .tar.bz2, .tar.xz and .tar.zst; for a folder of that name, \
                make it first";
    Err(Failure::usage(format!("an archive .{extension} cannot be written")).hint(hint))
}

/// The refusal of a run in words, with what the user can do.
pub(crate) fn refusal(error: &RunError) -> Failure {
    let failure = Failure::nothing_done(error.to_string());
    match error {
        RunError::Settings(_) | RunError::SubjectInvalid => Failure { exit: Exit::Usage, ..failure },
        RunError::SeveralSubjects(_) => {
            failure.hint("--merge-subjects makes one subject of them; --list FILE gives each input its own")
        }
        RunError::SharedCode(_) => Failure { exit: Exit::Usage, ..failure }
            .hint("if they are one person, --merge-subjects says so; else give each a code of its own"),
        RunError::OutputExists => failure.hint("--overwrite replaces it"),
        RunError::OutputInsideInput => failure.hint("name an OUT beside IN, or IN itself to replace it"),
        _ => failure,
    }
}
