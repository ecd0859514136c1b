//! Why a profile could not be read.

use std::fmt;

use deid_dicom::Vr;

use crate::layout::InvalidLayout;
use crate::selector::InvalidSelector;
use crate::text_value;

/// A profile could not be read: what is wrong, and where.
///
/// It repeats nothing but the offending field, shortened: somebody may take a list of patients for a
/// profile. [`hint`](Self::hint) says what the user can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1: where the offending field or value begins.
    pub column: u32,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a profile. Texts are the offending field, shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It is no TOML, or lacks a key, has an unknown one or one of another type; the reader's words.
    Toml(String),
    /// `base` names neither the standard's profile, nor a built-in one, nor a file by its extension.
    UnknownBase(String),
    /// The file that `base` names cannot be had; what whoever looked for it says.
    Base(String, String),
    /// The file that `base` names is no profile.
    InBase(String, Box<ParseError>),
    /// The file that `base` names is based on this one.
    BaseCycle(String),
    /// So many profiles are based on each other that no one can follow.
    DeepBase(String),
    /// What `replace` writes is no value of this VR, or the VR holds no text.
    Replacement(String, Vr),
    /// What `replace` writes has letters that not all character sets have, or control characters.
    ReplacementLetters(String),
    /// `drop-options` names one that the base does not have.
    NotInherited(String),
    /// `dates.policy` is neither `remove`, `keep` nor `shift`.
    UnknownDates(String),
    /// A prefix of subject codes has other than letters, digits, `-` and `_`, or more than 16 of them.
    InvalidPrefix(String),
    /// `output.layout` is no template.
    InvalidLayout(String, InvalidLayout),
    /// A value of a condition is empty, or has a star elsewhere than at its ends.
    InvalidWildcard(String),
    /// `name` is empty.
    NoName,
    /// A rule would take away or change what no file can do without (see [`Action`](crate::Action)).
    Indispensable(String),
    /// No option of PS3.15 E.3 has this name.
    UnknownOption(String),
    /// Full dates and modified dates are both to be retained.
    ContradictingDates,
    /// No action has this name or letter.
    UnknownAction(String),
    /// `burned-in` is neither `quarantine` nor `flag`.
    UnknownBurnedIn(String),
    /// A word of `private` is neither `neuroimaging` nor `numeric`.
    UnknownPrivate(String),
    /// A rule's `tag` selects no element.
    InvalidSelector(String, InvalidSelector),
    /// A list that names elements, or values of a condition, has nothing in it.
    EmptyList,
    /// A condition asks for nothing.
    NoCondition,
    /// UIDs are to be replaced in an element (first) whose VR holds none.
    NoUid(String, Vr),
    /// A filter's value is empty, or has a star elsewhere than at its end.
    InvalidPattern(String),
    /// A TSV has no row that names its columns, or that row names no Tags.
    NoHeader,
    /// A TSV has a column of this name and lacks one of the four that are known: misspelt, probably.
    UnknownColumn(String),
    /// Two columns of a TSV have this name.
    RepeatedColumn(String),
    /// A field in the column Tags is no tag.
    InvalidTag(String),
    /// A field stands where the first row names no column.
    ExtraField(String),
    /// A quotation mark opens a field that no other one closes.
    OpenQuote,
}

impl ParseError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match &self.problem {
            Problem::Toml(_) => {
                "a profile has name, description, base, options, drop-options, private, burned-in, [dates] with \
                 policy, [identity] with prefix and issuer, [output] with layout, [filter] with modalities and \
                 sop-classes, and any number of [[rule]] with tag, action, reason and when"
            }
            Problem::UnknownBase(_) => {
                "a base is \"basic\", a built-in profile, or a file .toml or .tsv beside this one"
            }
            Problem::Base(..) => "a file is named as seen from the profile that is based on it",
            Problem::InBase(_, error) => error.hint(),
            Problem::BaseCycle(_) => "profiles cannot be based on each other",
            Problem::DeepBase(_) => "put the rules of some of them into one file",
            Problem::Replacement(_, vr) if !vr.is_text() => {
                "only elements that hold text can be replaced: remove, empty or dummy the others"
            }
            Problem::Replacement(_, vr) => text_value::form(*vr),
            Problem::ReplacementLetters(_) => "write it in ASCII, without accents",
            Problem::NotInherited(_) => "`profile show` or `profile check` tell the options of a base",
            Problem::UnknownDates(_) => "policy is \"remove\", \"keep\" or \"shift\"",
            Problem::InvalidPrefix(_) => "a prefix has 1 to 16 letters, digits, `-` and `_`",
            Problem::InvalidLayout(..) => {
                "a layout is \"input\", or a path with fields in braces: subject, session, study-date, \
                 study-description, modality, series-number, series-description, protocol-name, \
                 acquisition-number, instance-number, study, series, instance and ordinal; `:label` behind a \
                 field leaves letters and digits, `:3` makes three digits of a number"
            }
            Problem::InvalidWildcard(_) => {
                "write a value (\"MR\"), or a part of it with a star at one or both ends (\"SIEMENS*\")"
            }
            Problem::NoName => "reports and the files themselves say by which profile they were made",
            Problem::Indispensable(_) => {
                "UIDs of instance, series and study can be kept and remapped, SOPClassUID, SpecificCharacterSet, \
                 PixelData and what describes it can be kept; use [filter] to leave files out"
            }
            Problem::UnknownOption(_) => {
                "options are retain-safe-private, retain-uids, retain-device-identity, \
                 retain-institution-identity, retain-patient-characteristics, \
                 retain-longitudinal-full-dates, retain-longitudinal-modified-dates, clean-descriptors, \
                 clean-structured-content and clean-graphics"
            }
            Problem::ContradictingDates => {
                "choose one of the two retain-longitudinal options, and a policy that says the same; drop-options \
                 drops that of a base"
            }
            Problem::UnknownAction(_) => {
                "actions are keep, remove, empty, dummy, remap-uid, clean, shift and { replace = \"text\" }; in a TSV \
                 K, X, Z, D and U, and an empty field is K"
            }
            Problem::UnknownBurnedIn(_) => "burned-in is \"quarantine\" or \"flag\"",
            Problem::UnknownPrivate(_) => "private has \"neuroimaging\", \"numeric\" or both",
            Problem::InvalidSelector(_, why) => match why {
                InvalidSelector::NotASequence => "all steps of a path but the last are sequences",
                InvalidSelector::Path => {
                    "a path is made of elements with `/` between; `**` stands for any number of sequences"
                }
                InvalidSelector::UnknownKeyword => {
                    "keywords are spelt as in PS3.6 (\"StudyDate\"); a tag has the form \"(0008,0020)\""
                }
                _ => {
                    "an element is \"StudyDate\", \"(0008,0020)\", \"(60xx,3000)\", \
                     \"(0029,{SIEMENS CSA HEADER}10)\" or, for all of a creator's block, \
                     \"(0029,{SIEMENS CSA HEADER})\"; a path has `/` between sequences and element"
                }
            },
            Problem::EmptyList => "name at least one, or leave the rule or the key out",
            Problem::NoCondition => {
                "`when` has modality, sop-class, manufacturer, model or software; without it a rule holds for all"
            }
            Problem::NoUid(..) => "remap-uid is for elements of VR UI and for sequences of references",
            Problem::InvalidPattern(_) => "write a value (\"MR\") or the beginning of values (\"1.2.840.*\")",
            Problem::NoHeader => {
                "the first row names the columns: Tags, Name, Action, Private Creator, with tabs between"
            }
            Problem::UnknownColumn(_) | Problem::RepeatedColumn(_) => {
                "the columns are Tags, Name, Action, Private Creator; others are read over if these are there"
            }
            Problem::InvalidTag(_) => {
                "a tag has the form (0008,0020), four digits on both sides of the comma"
            }
            Problem::ExtraField(_) => "name the column in the first row, or remove the field",
            Problem::OpenQuote => "close the quotation mark, or write \"\"\"\" for one that is meant",
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Toml(message) => f.write_str(message),
            Problem::UnknownBase(text) => write!(f, "unknown base \"{text}\""),
            Problem::Base(text, why) => write!(f, "no base \"{text}\": {why}"),
            Problem::InBase(text, error) => write!(f, "base \"{text}\": {error}"),
            Problem::BaseCycle(text) => write!(f, "base \"{text}\" is based on this profile"),
            Problem::DeepBase(text) => write!(f, "base \"{text}\" is one too many on top of each other"),
            Problem::Replacement(text, vr) => write!(f, "\"{text}\" is no value of VR {vr}"),
            Problem::ReplacementLetters(text) => write!(f, "\"{text}\" cannot be written to every file"),
            Problem::NotInherited(text) => write!(f, "the base has no option \"{text}\" to drop"),
            Problem::UnknownDates(text) => write!(f, "unknown policy \"{text}\""),
            Problem::InvalidPrefix(text) => write!(f, "\"{text}\" is no prefix of subject codes"),
            Problem::InvalidLayout(text, why) => write!(f, "\"{text}\" is no layout: {why}"),
            Problem::InvalidWildcard(text) => write!(f, "\"{text}\" is no value of a condition"),
            Problem::NoName => f.write_str("the name is empty"),
            Problem::Indispensable(text) => write!(f, "no file can be read without \"{text}\""),
            Problem::UnknownOption(text) => write!(f, "unknown option \"{text}\""),
            Problem::ContradictingDates => f.write_str("full and modified dates are both retained"),
            Problem::UnknownAction(text) => write!(f, "unknown action \"{text}\""),
            Problem::UnknownPrivate(text) => write!(f, "unknown word \"{text}\" in private"),
            Problem::UnknownBurnedIn(text) => write!(f, "unknown burned-in \"{text}\""),
            Problem::InvalidSelector(text, why) => write!(f, "\"{text}\" selects no element: {why}"),
            Problem::InvalidPattern(text) => write!(f, "\"{text}\" is no value to filter by"),
            Problem::EmptyList => f.write_str("an empty list"),
            Problem::NoCondition => f.write_str("a condition that asks for nothing"),
            Problem::NoUid(text, vr) => write!(f, "\"{text}\" holds no UIDs but VR {vr}"),
            Problem::NoHeader => f.write_str("no row that names the columns"),
            Problem::UnknownColumn(text) => write!(f, "unknown column \"{text}\""),
            Problem::RepeatedColumn(text) => write!(f, "column \"{text}\" is named twice"),
            Problem::InvalidTag(text) => write!(f, "\"{text}\" in the column Tags is no tag"),
            Problem::ExtraField(text) => write!(f, "\"{text}\" stands in a column without a name"),
            Problem::OpenQuote => f.write_str("a quotation mark is not closed"),
        }
    }
}

/// The field as an error may show it: at most 40 characters, on one line.
pub(crate) fn shorten(field: &str) -> String {
    const MOST: usize = 40;
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = field.trim().chars().take(MOST).map(one_line).collect();
    if field.trim().chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_shown_short_and_on_one_line() {
        assert_eq!(shorten(" K\nX "), "K X");
        assert_eq!(shorten(&"é".repeat(41)), format!("{}…", "é".repeat(40)));
    }

    #[test]
    fn an_error_says_where_and_what() {
        let error = ParseError { line: 3, column: 7, problem: Problem::UnknownAction("Q".into()) };
        assert_eq!(error.to_string(), "line 3, column 7: unknown action \"Q\"");
        assert!(error.hint().contains("K, X, Z, D and U"));
    }
}
