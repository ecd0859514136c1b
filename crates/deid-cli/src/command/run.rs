//! `deidentification IN OUT`: one job.

use deid_io::run::{Job, RunError, Summary};

use crate::arguments::{RunArguments, Subject};
use crate::exit::{Exit, Failure};
use crate::progress;
use crate::setup::Setup;
use crate::speech::say;
use crate::summary::{self, Line};

pub(crate) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let (Some(input), Some(output)) = (&arguments.input, &arguments.output) else {
        unreachable!("the parser requires both without --list");
    };
    if !input.exists() {
        // Before a key is made for a run that cannot be.
        let failure = Failure::nothing_done(format!("{} does not exist", input.display()));
        return Err(refused(failure, arguments, None));
    }
    let setup = Setup::new(arguments)?;
    let subject = arguments.subject.as_ref().map(Subject::as_str).map(str::to_owned);
    let job = Job { input: input.clone(), output: output.clone(), subject };
    // The bar is gone from the screen before anything is said.
    let outcome = deid_io::run::run(&job, &setup.options, &*progress::for_whoever_watches());
    let summary = outcome.map_err(|error| refused(refusal(&error), arguments, Some(&setup)))?;
    say(&if arguments.json {
        summary::as_json(&Line::new(&summary, Some(&setup)))
    } else {
        summary::for_people(&summary, &setup, Some(output))
    });
    Ok(summary::exit_of(&summary, arguments.strict))
}

/// A program that waits for the line of JSON gets it here too. A wrong command line is not its business.
fn refused(failure: Failure, arguments: &RunArguments, setup: Option<&Setup>) -> Failure {
    if arguments.json {
        let nothing = Summary::default();
        say(&summary::as_json(&Line::new(&nothing, setup).with_error(Some(failure.message.clone()))));
    }
    failure
}

/// The refusal of a run in words, with what the user can do.
pub(crate) fn refusal(error: &RunError) -> Failure {
    let failure = Failure::nothing_done(error.to_string());
    match error {
        RunError::Settings(_) | RunError::SubjectInvalid => Failure { exit: Exit::Usage, ..failure },
        RunError::SeveralSubjects(_) => {
            failure.hint("--merge-subjects makes one subject of them; --list FILE gives each input its own")
        }
        RunError::OutputExists => failure.hint("--overwrite replaces it"),
        RunError::OutputInsideInput => failure.hint("name an OUT beside IN, or IN itself to replace it"),
        _ => failure,
    }
}
