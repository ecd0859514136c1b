//! The command `deidentification`: arguments in, calls to the libraries, words and exit codes out.
//!
//! Everything that speaks to the user is in this crate, and nothing here decides what happens to an element:
//! - `arguments` reads the command line, CATI's old flags (`old_flags`) and forced values (`forced`) included;
//! - `command` has a file for each thing the program does;
//! - `setup` turns arguments into what a run needs: profile, key, options;
//! - `summary` says what came of a run, for people or as JSON; `progress` shows it under way;
//! - `view` makes the elements of a file readable and `diff` compares two such views.
//!
//! Data goes to stdout, talk to stderr. No message holds a value of a header, nor more of an input path than the
//! user typed.
//!
//! `run` is the whole program: the binary calls it, and so does the Python package, which brings the command along.
//! `tag_difference` is what `diff` compares with, for callers that want it as data, and `forced` knows what may be set.

mod arguments;
mod command;
mod diff;
mod exit;
mod interrupt;
mod old_flags;
mod progress;
mod setup;
mod site_list;
mod speech;
mod summary;
mod view;

pub mod forced;
pub mod tag_difference;

use std::ffi::OsString;

use arguments::{Arguments, Command};
use exit::{Exit, Failure};

/// Does what a command line asks for, the program's name first, and returns the exit code: 0 all done, 1 some files
/// were quarantined or failed, 2 usage, 3 nothing was done.
pub fn run(words: Vec<OsString>) -> u8 {
    let exit = carry_out(words).unwrap_or_else(|failure| {
        failure.tell();
        failure.exit
    });
    exit.code()
}

fn carry_out(words: Vec<OsString>) -> Result<Exit, Failure> {
    let arguments = match Arguments::read(words)? {
        Ok(arguments) => arguments,
        Err(answered) => return Ok(answered),
    };
    match arguments.command {
        Some(Command::Compare(arguments)) => command::compare::run(&arguments),
        Some(Command::Demo(arguments)) => command::demo::run(&arguments),
        Some(Command::Diff(arguments)) => command::diff::run(&arguments),
        Some(Command::Explain(arguments)) => command::explain::run(&arguments),
        Some(Command::Key(arguments)) => command::key::run(&arguments),
        Some(Command::Profile(arguments)) => command::profile::run(&arguments),
        Some(Command::Reidentify(arguments)) => command::reidentify::run(&arguments),
        None if arguments.run.list.is_some() => command::list::run(&arguments.run),
        None => command::run::run(&arguments.run),
    }
}
