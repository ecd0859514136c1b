//! Lists of jobs: a line `subject;input;output` for each.

use std::fmt;
use std::path::PathBuf;

use crate::run::Job;

/// A line of a list that cannot be used. Its text is not shown: it may identify somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: ListProblem,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListProblem {
    /// There are not three fields.
    Fields,
    /// Input or output is empty.
    EmptyPath,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the list: ", self.line)?;
        f.write_str(match self.problem {
            ListProblem::Fields => "expected three fields, `subject;input;output`",
            ListProblem::EmptyPath => "the input or the output is empty",
        })
    }
}

impl std::error::Error for ListError {}

/// The jobs of a list, in its order. Empty lines and those that begin with `#` are passed over; an empty
/// subject is none.
///
/// ```
/// let jobs = deid_io::list_file::parse("# two subjects\nS1;in/a;out/S1\n;in/b.zip;out/b.zip\n").unwrap();
/// assert_eq!(jobs[0].subject.as_deref(), Some("S1"));
/// assert_eq!(jobs[1].subject, None);
/// assert_eq!(jobs[1].output, std::path::Path::new("out/b.zip"));
/// ```
pub fn parse(text: &str) -> Result<Vec<Job>, ListError> {
    jobs(text, true)
}

/// The same, whatever stands behind the third field of a line: as CATI's tool reads lists.
pub fn parse_three(text: &str) -> Result<Vec<Job>, ListError> {
    jobs(text, false)
}

fn jobs(text: &str, three_only: bool) -> Result<Vec<Job>, ListError> {
    let mut jobs = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let error = |problem| ListError { line: index + 1, problem };
        let fields: Vec<&str> = line.split(';').map(str::trim).collect();
        let [subject, input, output, ref rest @ ..] = fields[..] else {
            return Err(error(ListProblem::Fields));
        };
        if three_only && !rest.is_empty() {
            return Err(error(ListProblem::Fields));
        }
        if input.is_empty() || output.is_empty() {
            return Err(error(ListProblem::EmptyPath));
        }
        jobs.push(Job {
            input: PathBuf::from(input),
            output: PathBuf::from(output),
            subject: (!subject.is_empty()).then(|| subject.to_owned()),
        });
    }
    Ok(jobs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_windows_and_blanks_are_taken() {
        let jobs = parse("\u{feff}S1 ; a b/c ; out \r\n\r\n  # no\r\nS2;x;y").unwrap();
        assert_eq!(jobs.len(), 2);
        assert_eq!(jobs[0].subject.as_deref(), Some("S1"));
        assert_eq!(jobs[0].input, PathBuf::from("a b/c"));
        assert_eq!(jobs[1].output, PathBuf::from("y"));
    }

    #[test]
    fn more_than_three_fields_are_passed_over_where_that_is_wanted() {
        assert_eq!(parse_three("a;b;c;;\nd;e;f;remark").unwrap(), parse("a;b;c\nd;e;f").unwrap());
        assert_eq!(parse_three("DOE;b").unwrap_err().problem, ListProblem::Fields);
    }

    #[test]
    fn a_wrong_line_is_named_by_its_number_only() {
        for (text, line, problem) in [
            ("a;b;c\nDOE;b", 2, ListProblem::Fields),
            ("a;b;c;DOE", 1, ListProblem::Fields),
            ("#\n\na;;c", 3, ListProblem::EmptyPath),
            ("a;b; ", 1, ListProblem::EmptyPath),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error, ListError { line, problem });
            assert!(!error.to_string().contains("DOE"));
        }
    }
}
