//! Reads our own profile format, TOML.
//!
//! ```toml
//! name = "example"
//! description = "Basic, with the study date kept and two vendor headers"
//! base = "basic"                       # the only one
//! options = ["retain-safe-private"]    # PS3.15 E.3
//! burned-in = "quarantine"             # or "flag"
//! private = ["neuroimaging"]           # our reviewed list; "numeric": what holds numbers only
//!
//! [filter]                             # each with accept, reject or both
//! modalities = { accept = ["MR", "PT"] }
//! sop-classes = { reject = ["1.2.840.10008.5.1.4.1.1.88.*"] }
//!
//! [[rule]]
//! tag = "StudyDate"                    # a keyword, or "(0008,0020)"
//! action = "keep"                      # keep, remove, empty, dummy, remap-uid
//! reason = "ages are computed from it" # may be left out
//!
//! [[rule]]
//! tag = [
//!     "(0029,{SIEMENS CSA HEADER}10)", # element 10 of this creator, in any block
//!     "(0021,{SIEMENS MR SDI 02})",    # its whole block, but for sequences
//! ]
//! action = "keep"
//!
//! [[rule]]
//! tag = "InstitutionName"
//! action = { replace = "Hospital" }
//! ```
//!
//! `name` must be there, all else may be left out. An unknown key is an error. Of two rules for the
//! same element the later one counts.

use std::fmt;
use std::ops::Range;

use deid_standard::confidentiality::ConfidentialityOption;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use toml::Spanned;

use crate::error::{ParseError, Problem, shorten};
use crate::filter::{Filter, Pattern};
use crate::model::{Action, BurnedIn, Profile, Rule, RuleOrigin, Source};
use crate::selector::Selector;

/// Reads a profile in TOML.
pub fn parse(text: &str) -> Result<Profile, ParseError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let place = Place { text };
    let written: Written = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        place.wrong(&span, Problem::Toml(first_line(error.message())))
    })?;

    let mut profile = Profile::bare(written.name, Source::Toml);
    written.description.trim().clone_into(&mut profile.description);
    if let Some(base) = written.base.filter(|base| base.get_ref() != "basic") {
        return Err(place.field(&base, Problem::UnknownBase));
    }
    if let Some(burned_in) = written.burned_in {
        profile.burned_in = match burned_in.get_ref().as_str() {
            "quarantine" => BurnedIn::Quarantine,
            "flag" => BurnedIn::Flag,
            _ => return Err(place.field(&burned_in, Problem::UnknownBurnedIn)),
        };
    }
    profile.options = options(&place, &written.options)?;
    for word in &written.private {
        match word.get_ref().as_str() {
            "neuroimaging" => profile.private.neuroimaging = true,
            "numeric" => profile.private.numeric = true,
            _ => return Err(place.field(word, Problem::UnknownPrivate)),
        }
    }
    profile.modalities = filter(&place, &written.filter.modalities)?;
    profile.sop_classes = filter(&place, &written.filter.sop_classes)?;
    for rule in &written.rule {
        rules(&place, rule, &mut profile.rules)?;
    }
    Ok(profile)
}

fn options(place: &Place, names: &[Spanned<String>]) -> Result<Vec<ConfidentialityOption>, ParseError> {
    use ConfidentialityOption::{RetainLongitudinalFullDates, RetainLongitudinalModifiedDates};
    let mut options = Vec::new();
    for name in names {
        let option = name.get_ref().parse().map_err(|_| place.field(name, Problem::UnknownOption))?;
        let contradicts = match option {
            RetainLongitudinalFullDates => options.contains(&RetainLongitudinalModifiedDates),
            RetainLongitudinalModifiedDates => options.contains(&RetainLongitudinalFullDates),
            _ => false,
        };
        if contradicts {
            return Err(place.wrong(&name.span(), Problem::ContradictingDates));
        }
        options.push(option);
    }
    options.sort_unstable();
    options.dedup();
    Ok(options)
}

fn filter(place: &Place, written: &WrittenFilter) -> Result<Filter, ParseError> {
    let patterns = |texts: &[Spanned<String>]| {
        texts
            .iter()
            .map(|text| {
                Pattern::parse(text.get_ref()).ok_or_else(|| place.field(text, Problem::InvalidPattern))
            })
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(Filter { accept: patterns(&written.accept)?, reject: patterns(&written.reject)? })
}

/// A rule of its own for each of the tags.
fn rules(place: &Place, written: &WrittenRule, rules: &mut Vec<Rule>) -> Result<(), ParseError> {
    let action = match written.action.get_ref() {
        WrittenAction::Replace(text) => Action::Replace(text.clone()),
        WrittenAction::Verb(verb) => match verb.as_str() {
            "keep" => Action::Keep,
            "remove" => Action::Remove,
            "empty" => Action::Empty,
            "dummy" => Action::Dummy,
            "remap-uid" => Action::RemapUid,
            _ => {
                let problem = Problem::UnknownAction(shorten(verb));
                return Err(place.wrong(&written.action.span(), problem));
            }
        },
    };
    for tag in &written.tag.0 {
        let selector = Selector::parse(tag.get_ref())
            .map_err(|why| place.field(tag, |text| Problem::InvalidSelector(text, why)))?;
        let (line, _) = place.line_and_column(tag.span().start);
        rules.push(Rule {
            selector,
            action: action.clone(),
            name: None,
            reason: written.reason.clone(),
            origin: RuleOrigin { line },
        });
    }
    Ok(())
}

/// Turns the byte offsets of spans into lines and columns.
struct Place<'a> {
    text: &'a str,
}

impl Place<'_> {
    fn wrong(&self, span: &Range<usize>, problem: Problem) -> ParseError {
        let (line, column) = self.line_and_column(span.start);
        ParseError { line, column, problem }
    }

    fn field(&self, field: &Spanned<String>, problem: impl FnOnce(String) -> Problem) -> ParseError {
        self.wrong(&field.span(), problem(shorten(field.get_ref())))
    }

    fn line_and_column(&self, offset: usize) -> (u32, u32) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        (line as u32, before[line_start..].chars().count() as u32 + 1)
    }
}

/// The parser's words, without anything below their first line and without long quotations.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().chars().take(200).collect()
}

// The format as serde sees it: shapes only. What the texts in it mean is found out above, where a
// mistake can be told with its place.

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: String,
    #[serde(default)]
    description: String,
    base: Option<Spanned<String>>,
    #[serde(default)]
    options: Vec<Spanned<String>>,
    burned_in: Option<Spanned<String>>,
    #[serde(default)]
    private: Vec<Spanned<String>>,
    #[serde(default)]
    filter: WrittenFilters,
    #[serde(default)]
    rule: Vec<WrittenRule>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct WrittenFilters {
    modalities: WrittenFilter,
    sop_classes: WrittenFilter,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WrittenFilter {
    accept: Vec<Spanned<String>>,
    reject: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    tag: OneOrMore,
    action: Spanned<WrittenAction>,
    reason: Option<String>,
}

// The next two are written out because serde's `untagged` forgets spans and words its errors for
// programmers.

/// `"StudyDate"` or `["StudyDate", "SeriesDate"]`.
struct OneOrMore(Vec<Spanned<String>>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A text that may stand inside an array or alone; alone, the span is that of the outer value.
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Vec<Result<Spanned<String>, String>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a tag or an array of tags")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![Err(text.to_owned())])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(Ok(text));
                }
                Ok(texts)
            }
        }
        struct Value(Vec<Result<Spanned<String>, String>>);
        impl<'de> Deserialize<'de> for Value {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Texts).map(Value)
            }
        }
        let value = Spanned::<Value>::deserialize(deserializer)?;
        let span = value.span();
        let texts = value.into_inner().0.into_iter();
        let spanned = |text: Result<_, String>| text.unwrap_or_else(|text| Spanned::new(span.clone(), text));
        Ok(OneOrMore(texts.map(spanned).collect()))
    }
}

/// `"keep"` or `{ replace = "text" }`.
enum WrittenAction {
    Verb(String),
    Replace(String),
}

impl<'de> Deserialize<'de> for WrittenAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VerbOrTable;
        impl<'de> Visitor<'de> for VerbOrTable {
            type Value = WrittenAction;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an action or { replace = \"text\" }")
            }

            fn visit_str<E>(self, verb: &str) -> Result<WrittenAction, E> {
                Ok(WrittenAction::Verb(verb.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WrittenAction, A::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Replace {
                    replace: String,
                }
                let table = Replace::deserialize(MapAccessDeserializer::new(map))?;
                Ok(WrittenAction::Replace(table.replace))
            }
        }
        deserializer.deserialize_any(VerbOrTable)
    }
}

#[cfg(test)]
mod tests {
    use deid_dicom::Tag;

    use super::*;
    use crate::selector::InvalidSelector;

    fn error(text: &str) -> (u32, u32, Problem) {
        let error = parse(text).unwrap_err();
        (error.line, error.column, error.problem)
    }

    fn toml_error(text: &str) -> (u32, u32, String) {
        match error(text) {
            (line, column, Problem::Toml(message)) => (line, column, message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_least_profile_is_basic_with_quarantine() {
        let profile = parse("name = \"least\"").unwrap();
        assert_eq!(profile, Profile::bare("least".into(), Source::Toml));
        assert_eq!(profile.burned_in, BurnedIn::Quarantine);
        assert!(profile.modalities.is_empty() && profile.sop_classes.is_empty());
    }

    #[test]
    fn every_key_is_read() {
        let profile = parse(
            r#"
            name = "all"
            description = "everything"
            base = "basic"
            options = ["retain-uids", "retain-safe-private", "retain-uids"]
            burned-in = "flag"
            private = ["neuroimaging", "numeric"]

            [filter]
            modalities = { accept = ["MR"], reject = ["US"] }
            sop-classes = { reject = ["1.2.840.10008.5.1.4.1.1.88.*"] }

            [[rule]]
            tag = "StudyDate"
            action = "keep"
            reason = "age"

            [[rule]]
            tag = ["(0019,{SIEMENS MR HEADER}0C)",
                   "(0021,{SIEMENS MR SDI 02})"]
            action = "remove"

            [[rule]]
            tag = "InstitutionName"
            action = { replace = "Hospital" }
            "#,
        )
        .unwrap();
        assert_eq!(
            profile.options,
            [ConfidentialityOption::RetainSafePrivate, ConfidentialityOption::RetainUids]
        );
        assert_eq!(profile.burned_in, BurnedIn::Flag);
        assert!(profile.private.neuroimaging && profile.private.numeric);
        assert_eq!(profile.modalities.accept, [Pattern::Exact("MR".into())]);
        assert_eq!(profile.modalities.reject, [Pattern::Exact("US".into())]);
        assert_eq!(profile.sop_classes.reject, [Pattern::Prefix("1.2.840.10008.5.1.4.1.1.88.".into())]);
        let rule = |selector, action, reason: Option<&str>, line| Rule {
            selector,
            action,
            name: None,
            reason: reason.map(str::to_owned),
            origin: RuleOrigin { line },
        };
        assert_eq!(
            profile.rules,
            [
                rule(Selector::Tag(Tag::new(0x0008, 0x0020)), Action::Keep, Some("age"), 14),
                rule(Selector::private(0x0019, "SIEMENS MR HEADER", 0x0C), Action::Remove, None, 19),
                rule(Selector::private_block(0x0021, "SIEMENS MR SDI 02"), Action::Remove, None, 20),
                rule(Selector::Tag(Tag::new(0x0008, 0x0080)), Action::Replace("Hospital".into()), None, 24),
            ]
        );
    }

    #[test]
    fn each_verb_is_an_action() {
        for action in [Action::Keep, Action::Remove, Action::Empty, Action::Dummy, Action::RemapUid] {
            let text = format!("name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = \"{action}\"");
            assert_eq!(parse(&text).unwrap().rules[0].action, action);
        }
    }

    #[test]
    fn a_word_without_meaning_is_an_error_with_its_place() {
        let with = |line: &str| error(&format!("name = \"é\"\n{line}\n"));
        assert_eq!(with("base = \"ours\""), (2, 8, Problem::UnknownBase("ours".into())));
        assert_eq!(with("options = [\"x\"]"), (2, 12, Problem::UnknownOption("x".into())));
        assert_eq!(with("burned-in = \"no\""), (2, 13, Problem::UnknownBurnedIn("no".into())));
        assert_eq!(with("private = [\"x\"]"), (2, 12, Problem::UnknownPrivate("x".into())));
        assert_eq!(
            with("filter.modalities.accept = [\"MR\", \"*\"]"),
            (2, 35, Problem::InvalidPattern("*".into()))
        );
        assert_eq!(
            with("options = [\"retain-longitudinal-full-dates\",\n\"retain-longitudinal-modified-dates\"]"),
            (3, 1, Problem::ContradictingDates)
        );
        assert_eq!(
            with("[[rule]]\ntag = \"StudyDate\"\naction = \"kep\""),
            (4, 10, Problem::UnknownAction("kep".into()))
        );
        let no_keyword = |text: &str| Problem::InvalidSelector(text.into(), InvalidSelector::UnknownKeyword);
        assert_eq!(with("[[rule]]\ntag = \"Dat\"\naction = \"keep\""), (3, 7, no_keyword("Dat")));
        assert_eq!(
            with("[[rule]]\ntag = [\"StudyDate\", \"Dat\"]\naction = \"keep\""),
            (3, 21, no_keyword("Dat"))
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_place() {
        let (line, column, message) = toml_error("name = \"x\"\nfilters = {}\n");
        assert_eq!((line, column), (2, 1));
        assert!(message.contains("`filters`"), "{message}");
        let rule = "name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = \"keep\"\n";
        let (line, column, message) = toml_error(&format!("{rule}because = \"x\"\n"));
        assert_eq!((line, column), (5, 1));
        assert!(message.contains("`because`"), "{message}");
        let (line, _, message) =
            toml_error("name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = {swap = \"x\"}");
        assert_eq!(line, 4);
        assert!(message.contains("`swap`"), "{message}");
    }

    #[test]
    fn what_is_no_profile_is_an_error_with_its_place() {
        assert_eq!(toml_error("description = \"x\"").2, "missing field `name`");
        assert_eq!(toml_error("name = \"x\"\nbase = \n").0, 2);
        let (line, _, message) = toml_error("name = \"x\"\n[[rule]]\ntag = 3\naction = \"keep\"");
        assert_eq!(line, 3);
        assert!(message.contains("a tag or an array of tags"), "{message}");
        let (line, _, message) = toml_error("name = \"x\"\n[[rule]]\ntag = \"StudyDate\"\naction = 3");
        assert_eq!(line, 4);
        assert!(message.contains("an action"), "{message}");
    }

    #[test]
    fn the_example_above_is_a_profile() {
        let source = include_str!("toml.rs");
        let example: Vec<&str> = source
            .lines()
            .skip_while(|line| *line != "//! ```toml")
            .skip(1)
            .take_while(|line| *line != "//! ```")
            .map(|line| line.trim_start_matches("//!").trim_start())
            .collect();
        let profile = parse(&example.join("\n")).unwrap();
        assert_eq!(profile.rules.len(), 4);
    }
}
