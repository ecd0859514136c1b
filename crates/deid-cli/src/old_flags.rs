//! CATI's command line in terms of ours: `-in IN -out OUT [-id SUBJECT] [-c PROFILE]`.
//!
//! Its flags have long names behind a single dash, which our parser would take for bundles of short ones. They are
//! rewritten before it sees them; other flags may stand between them.

use std::ffi::OsString;

use crate::exit::Failure;

/// Our arguments for these, the program's name first. `--old-flags` is among them if old flags name the input and
/// the output: the user then expects what CATI's command does.
pub(crate) fn rewrite(words: &[OsString]) -> Result<Vec<OsString>, Failure> {
    let mut rewritten: Vec<OsString> = words.iter().take(1).cloned().collect();
    let (mut input, mut output) = (None, None);
    let mut given: Vec<Flag> = Vec::new();
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        let Some((flag, attached)) = old_flag(word) else {
            rewritten.push(word.clone());
            continue;
        };
        let value = match attached {
            Some(value) => value,
            None => rest
                .next()
                .cloned()
                .ok_or_else(|| Failure::usage(format!("-{} needs a value", flag.name())).hint(HINT))?,
        };
        match flag {
            Flag::In => input = Some(value),
            Flag::Out => output = Some(value),
            Flag::Subject => rewritten.push(attach("--subject=", &value)),
            Flag::Profile => rewritten.push(attach("--profile=", &value)),
        }
        if given.contains(&flag) {
            return Err(Failure::usage(format!("-{} is given twice", flag.name())).hint(HINT));
        }
        given.push(flag);
    }
    match (input, output) {
        (None, None) => Ok(rewritten),
        (Some(input), Some(output)) => {
            rewritten.extend(["--old-flags".into(), "--".into(), input, output]);
            Ok(rewritten)
        }
        (None, Some(_)) => Err(Failure::usage("-in is missing").hint(HINT)),
        (Some(_), None) => Err(Failure::usage("-out is missing").hint(HINT)),
    }
}

/// There are paths besides those of -in and -out.
pub(crate) fn one_path_too_many() -> Failure {
    Failure::usage("-in and -out name the input and the output, and there is another path").hint(HINT)
}

const HINT: &str = "the old form is `deidentification -in IN -out OUT [-id SUBJECT] [-c PROFILE]`";

fn attach(flag: &str, value: &OsString) -> OsString {
    let mut word = OsString::from(flag);
    word.push(value);
    word
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    In,
    Out,
    Subject,
    Profile,
}

impl Flag {
    const fn name(self) -> &'static str {
        match self {
            Flag::In => "in",
            Flag::Out => "out",
            Flag::Subject => "id",
            Flag::Profile => "c",
        }
    }
}

/// The old flag that this word is, and the value behind its `=`.
fn old_flag(word: &OsString) -> Option<(Flag, Option<OsString>)> {
    let word = word.to_str()?;
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value.into())),
        None => (word, None),
    };
    let flag = match name {
        "-in" | "--dicom_in" => Flag::In,
        "-out" | "--dicom_out" => Flag::Out,
        "-id" | "-ID" | "--subjectID" => Flag::Subject,
        "-c" => Flag::Profile,
        _ => return None,
    };
    Some((flag, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str) -> Result<String, String> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let words = rewrite(&words).map_err(|failure| failure.message)?;
        Ok(words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn old_flags_become_ours_in_any_order() {
        let ours = Ok("d --subject=S1 --profile=p.tsv --old-flags -- a b".to_owned());
        assert_eq!(rewritten("d -in a -out b -id S1 -c p.tsv"), ours);
        assert_eq!(rewritten("d -ID S1 -c=p.tsv -out=b -in=a"), ours);
    }

    #[test]
    fn our_flags_may_stand_between() {
        assert_eq!(rewritten("d -in a --json -out b"), Ok("d --json --old-flags -- a b".to_owned()));
        assert_eq!(rewritten("d a b -id S1"), Ok("d a b --subject=S1".to_owned()));
    }

    #[test]
    fn a_value_may_begin_with_a_dash() {
        assert_eq!(rewritten("d -in -x -out b"), Ok("d --old-flags -- -x b".to_owned()));
    }

    #[test]
    fn without_old_flags_nothing_changes() {
        for line in ["d a b --json", "d diff -f a -s b -o c", "d"] {
            assert_eq!(rewritten(line).as_deref(), Ok(line));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(rewritten("d -in a").unwrap_err(), "-out is missing");
        assert_eq!(rewritten("d -out a").unwrap_err(), "-in is missing");
        assert_eq!(rewritten("d -out a -in").unwrap_err(), "-in needs a value");
        assert_eq!(rewritten("d -in a -out b -in=c").unwrap_err(), "-in is given twice");
    }
}
