//! `deidentification --list FILE`: jobs in turn, none of which stops the others.

use std::path::{Component, Path, PathBuf};
use std::sync::atomic::Ordering;

use deid_io::list_file;
use deid_io::run::{Job, RunOptions, Summary};

use crate::arguments::RunArguments;
use crate::command::run::{check_output, refusal};
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::progress;
use crate::setup::{Setup, table_text};
use crate::speech::{say, tell};
use crate::summary::{self, Jobs, Line, Told};

pub(crate) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let Some(list) = &arguments.list else {
        unreachable!("main asks before it comes here");
    };
    let jobs = read(list)?;
    let setup = Setup::new(arguments)?;
    let mut total = Summary::default();
    let mut done: Vec<Done> = Vec::new();
    // Jobs go on though nobody can be told of them.
    let mut said = Ok(());
    let mut earlier = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        let outcome = carry_out(index, job, &mut earlier, &setup.options);
        let label = label(index, &jobs, job);
        match &outcome {
            Ok(summary) => {
                summary::add(&mut total, summary);
                if !arguments.json {
                    said = said.and(say(&line(&label, summary)));
                }
            }
            Err(failure) => {
                tell(&format!("{label}  error: {}", failure.message));
                if let Some(hint) = &failure.hint {
                    tell(&format!("hint: {hint}"));
                }
            }
        }
        done.push(outcome);
    }
    let jobs = Jobs { all: done.len(), failed: done.iter().filter(|outcome| outcome.is_err()).count() };
    let last = if arguments.json {
        let nothing = Summary::default();
        let lines = done
            .iter()
            .map(|outcome| match outcome {
                Ok(summary) => Line::new(summary, Some(&setup)),
                Err(failure) => Line::new(&nothing, Some(&setup)).with_error(Some(failure.message.clone())),
            })
            .collect();
        let line = Line::new(&total, Some(&setup));
        summary::as_json(&line.with_jobs(jobs.failed, lines))
    } else {
        let told = Told { output: None, strict: arguments.strict, jobs: Some(jobs) };
        format!(
            "\n{} jobs, {} failed\n\n{}",
            jobs.all,
            jobs.failed,
            summary::for_people(&total, &setup, &told)
        )
    };
    said.and(say(&last))?;
    Ok(exit_of(&done, arguments.strict))
}

/// What is said of a job that took place.
fn line(label: &str, summary: &Summary) -> String {
    let mut lines = vec![format!("{label}  {}{}", summary::numbers(summary), report(summary))];
    lines.extend(summary::remarks(summary).iter().map(|remark| format!("    {remark}")));
    lines.join("\n")
}

type Done = Result<Summary, Failure>;

fn read(list: &Path) -> Result<Vec<Job>, Failure> {
    const HINT: &str = "a line is `subject;input;output`; lines that begin with # are read over";
    let text = table_text(list)?;
    let jobs = list_file::parse(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", list.display())).hint(HINT))?;
    if jobs.is_empty() {
        return Err(Failure::nothing_done(format!("{}: no job in it", list.display())).hint(HINT));
    }
    Ok(jobs)
}

fn carry_out(index: usize, job: &Job, earlier: &mut Vec<PathBuf>, options: &RunOptions) -> Done {
    if interrupt::listen().load(Ordering::Relaxed) {
        return Err(Failure::nothing_done("given up"));
    }
    let output = plain(&job.output);
    let taken = earlier.iter().position(|earlier| collide(earlier, &output, options.overwrite));
    earlier.push(output);
    if let Some(earlier) = taken {
        let message = format!("job {} writes to the same output", earlier + 1);
        return Err(Failure::nothing_done(message)
            .hint("give each job its own output; only folders can be shared, and not with --overwrite"));
    }
    check_output(&job.input, &job.output)?;
    let options = RunOptions {
        report_names: options.report_names.as_deref().map(|names| numbered(names, index + 1)),
        crosswalk: options.crosswalk.as_deref().map(|table| numbered(table, index + 1)),
        ..options.clone()
    };
    deid_io::run::run(job, &options, &*progress::for_whoever_watches()).map_err(|error| refusal(&error))
}

/// Whether the later job could replace what the earlier one wrote. In a shared folder it does not unless told to:
/// files that are there already stay.
fn collide(earlier: &Path, later: &Path, overwrite: bool) -> bool {
    let same = earlier == later;
    let nested = earlier.starts_with(later) || later.starts_with(earlier);
    same && later.extension().is_some() && !later.is_dir() || nested && overwrite
}

/// The path without `.` and `..`, links in its existing part followed.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            component => plain.push(component),
        }
        if let Ok(found) = plain.canonicalize() {
            plain = found;
        }
    }
    plain
}

/// `names.csv` for the second job is `names-2.csv`.
pub(crate) fn numbered(path: &Path, number: impl std::fmt::Display) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// A code that is refused may be somebody's name.
fn label(index: usize, jobs: &[Job], job: &Job) -> String {
    let code = job.subject.as_deref().filter(|subject| deid_core::is_subject_code(subject));
    let subject = code.map_or_else(String::new, |subject| format!("  {subject}"));
    format!("job {} of {}{subject}", index + 1, jobs.len())
}

fn report(summary: &Summary) -> String {
    summary
        .report_csv
        .as_ref()
        .map_or_else(String::new, |report| format!("  {}", summary::plain(report).display()))
}

/// The worst of the jobs, but nothing done only where no job did anything.
fn exit_of(done: &[Done], strict: bool) -> Exit {
    let exits: Vec<Exit> = done
        .iter()
        .map(|done| done.as_ref().map_or(Exit::Nothing, |summary| summary::exit_of(summary, strict)))
        .collect();
    if exits.iter().all(|exit| *exit == Exit::Done) {
        Exit::Done
    } else if exits.iter().all(|exit| *exit == Exit::Nothing) {
        Exit::Nothing
    } else {
        Exit::Some
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(output: &str) -> PathBuf {
        plain(Path::new(output))
    }

    #[test]
    fn jobs_may_share_a_folder_but_not_an_archive() {
        assert!(!collide(&job("out"), &job("out"), false));
        assert!(!collide(&job("out"), &job("out/2"), false));
        assert!(collide(&job("out.zip"), &job("./x/../out.zip"), false));
        assert!(!collide(&job("1.zip"), &job("2.zip"), true));
    }

    #[test]
    fn jobs_that_overwrite_share_nothing() {
        assert!(collide(&job("out"), &job("out"), true));
        assert!(collide(&job("out/1"), &job("out"), true));
        assert!(!collide(&job("out/1"), &job("out/2"), true));
    }

    #[test]
    fn each_job_has_its_own_table_of_names() {
        assert_eq!(numbered(Path::new("a/names.csv"), 2), Path::new("a/names-2.csv"));
        assert_eq!(numbered(Path::new("names"), 1), Path::new("names-1"));
    }

    #[test]
    fn one_job_that_did_something_is_enough() {
        let written = || Ok(Summary { read: 1, written: 1, ..Summary::default() });
        let failed = || Err(Failure::nothing_done(""));
        assert_eq!(exit_of(&[written(), written()], false), Exit::Done);
        assert_eq!(exit_of(&[written(), failed()], false), Exit::Some);
        assert_eq!(exit_of(&[failed(), failed()], false), Exit::Nothing);
    }
}
