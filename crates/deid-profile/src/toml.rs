//! Reads our own profile format, TOML.
//!
//! ```toml
//! name = "example"
//! description = "Basic, with the study date kept and two vendor headers"
//! base = "basic"                       # or a built-in profile, or a file beside this one
//! options = ["retain-safe-private"]    # PS3.15 E.3, on top of those of the base
//! drop-options = []                    # options of the base that are not wanted
//! burned-in = "quarantine"             # or "flag"
//! private = ["neuroimaging"]           # our reviewed list; "numeric": what holds numbers only
//!
//! [dates]
//! policy = "shift"                     # "remove", "keep"; what the two options on dates say as well
//!
//! [identity]
//! prefix = "ANON"                      # what subject codes made from the key begin with
//! issuer = false                       # whether IssuerOfPatientID tells patients of one ID apart
//!
//! [output]
//! layout = "sub-{subject:label}/{modality}/{instance}.dcm"
//!
//! [filter]                             # each with accept, reject or both
//! modalities = { accept = ["MR", "PT"] }
//! sop-classes = { reject = ["1.2.840.10008.5.1.4.1.1.88.*"] }
//!
//! [[rule]]
//! tag = "StudyDate"                    # a keyword, or "(0008,0020)"
//! action = "keep"                      # keep, remove, empty, dummy, remap-uid, clean, shift
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
//! tag = "RequestAttributesSequence/ScheduledProcedureStepDescription"
//! action = "clean"
//! when = { modality = ["MR", "PT"], manufacturer = "SIEMENS*" }
//!
//! [[rule]]
//! tag = "InstitutionName"
//! action = { replace = "Hospital" }
//! ```
//!
//! `name` must be there, all else may be left out. An unknown key is an error. Of two rules for the
//! same element the later one counts, and those of a base are earlier than the profile's own; of rules that name an
//! element in different ways the one that says most (see [`CompiledRules`](crate::CompiledRules)).

mod written;

#[cfg(test)]
mod tests;

use std::ops::Range;

use deid_dicom::Vr;
use deid_standard::confidentiality::ConfidentialityOption;
use toml::Spanned;

use crate::base::{BaseText, Bases, no_files};
use crate::condition::{Condition, Wildcard};
use crate::error::{ParseError, Problem, shorten};
use crate::filter::{Filter, Pattern};
use crate::layout::Layout;
use crate::model::{Action, BurnedIn, IdentityPolicy, PrivatePolicy, Profile, Rule, RuleOrigin, Source};
use crate::selector::Selector;
use crate::text_value;
use written::{OneOrMore, Written, WrittenAction, WrittenCondition, WrittenFilter, WrittenRule};

use ConfidentialityOption::{RetainLongitudinalFullDates, RetainLongitudinalModifiedDates};

/// Reads a profile in TOML whose base is a built-in one.
pub fn parse(text: &str) -> Result<Profile, ParseError> {
    read(text, &mut Bases::new(None, &mut no_files))
}

/// Reads a profile, and those that it is based on.
pub(crate) fn read(text: &str, bases: &mut Bases<'_>) -> Result<Profile, ParseError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let place = Place { text };
    let written: Written = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        place.wrong(&span, Problem::Toml(first_line(error.message())))
    })?;

    let mut profile = match &written.base {
        Some(base) => based_on(&place, base, bases)?,
        None => Profile::bare(String::new(), Source::Toml),
    };
    if written.name.get_ref().trim().is_empty() {
        return Err(place.wrong(&written.name.span(), Problem::NoName));
    }
    profile.name.clone_from(written.name.get_ref());
    profile.source = Source::Toml;
    written.description.trim().clone_into(&mut profile.description);
    if let Some(burned_in) = &written.burned_in {
        profile.burned_in = match burned_in.get_ref().as_str() {
            "quarantine" => BurnedIn::Quarantine,
            "flag" => BurnedIn::Flag,
            _ => return Err(place.field(burned_in, Problem::UnknownBurnedIn)),
        };
    }
    options(&place, &written, &mut profile.options)?;
    if let Some(words) = &written.private {
        profile.private = private(&place, words)?;
    }
    if let Some(prefix) = &written.identity.prefix {
        if !IdentityPolicy::is_prefix(prefix.get_ref()) {
            return Err(place.field(prefix, Problem::InvalidPrefix));
        }
        profile.identity.prefix.clone_from(prefix.get_ref());
    }
    profile.identity.issuer = written.identity.issuer.unwrap_or(profile.identity.issuer);
    if let Some(layout) = &written.output.layout {
        profile.layout = match layout.get_ref().as_str() {
            "input" => None,
            text => Some(
                Layout::parse(text)
                    .map_err(|why| place.field(layout, |text| Problem::InvalidLayout(text, why)))?,
            ),
        };
    }
    if let Some(modalities) = &written.filter.modalities {
        profile.modalities = filter(&place, modalities)?;
    }
    if let Some(sop_classes) = &written.filter.sop_classes {
        profile.sop_classes = filter(&place, sop_classes)?;
    }
    for rule in &written.rule {
        rules(&place, rule, &mut profile.rules)?;
    }
    Ok(profile)
}

/// The profile that this one is based on: the standard's, a built-in one, or one in a file.
fn based_on(place: &Place, base: &Spanned<String>, bases: &mut Bases<'_>) -> Result<Profile, ParseError> {
    let name = base.get_ref().trim();
    if name == "basic" {
        return Ok(Profile::bare(String::new(), Source::Toml));
    }
    let mut profile = if let Some(profile) = crate::built_in(name) {
        profile
    } else if crate::Format::of_file_name(name).is_some() {
        let BaseText { id, text, format } =
            bases.find(name).map_err(|why| place.field(base, |text| Problem::Base(text, why)))?;
        if bases.holds(&id) {
            return Err(place.field(base, Problem::BaseCycle));
        }
        if bases.are_many() {
            return Err(place.field(base, Problem::DeepBase));
        }
        bases
            .within(id, |bases| crate::read(&text, format, bases))
            .map_err(|error| place.field(base, |text| Problem::InBase(text, Box::new(error))))?
    } else {
        return Err(place.field(base, Problem::UnknownBase));
    };
    let inherited = Some(if profile.source == Source::Tsv { name } else { &profile.name }.to_owned());
    for rule in &mut profile.rules {
        rule.origin.base = rule.origin.base.take().or_else(|| inherited.clone());
    }
    // What is by the letter of the standard is no more once something is said on top of it.
    profile.by_the_letter = false;
    Ok(profile)
}

/// The base's options, without those that are dropped, and the profile's own.
fn options(
    place: &Place,
    written: &Written,
    options: &mut Vec<ConfidentialityOption>,
) -> Result<(), ParseError> {
    for name in &written.drop_options {
        let option = option(place, name)?;
        if !options.contains(&option) {
            return Err(place.field(name, Problem::NotInherited));
        }
        options.retain(|inherited| *inherited != option);
    }
    let policy = written.dates.policy.as_ref().map(|policy| dates(place, policy)).transpose()?;
    if policy.is_some() {
        options.retain(|option| !is_about_dates(*option));
    }
    for name in &written.options {
        let option = option(place, name)?;
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
    if let (Some(wanted), Some(policy)) = (policy, &written.dates.policy) {
        if options.iter().any(|option| is_about_dates(*option) && Some(*option) != wanted) {
            return Err(place.wrong(&policy.span(), Problem::ContradictingDates));
        }
        options.extend(wanted);
    }
    options.sort_unstable();
    options.dedup();
    Ok(())
}

fn option(place: &Place, name: &Spanned<String>) -> Result<ConfidentialityOption, ParseError> {
    name.get_ref().parse().map_err(|_| place.field(name, Problem::UnknownOption))
}

fn is_about_dates(option: ConfidentialityOption) -> bool {
    matches!(option, RetainLongitudinalFullDates | RetainLongitudinalModifiedDates)
}

/// The option that a policy on dates stands for.
fn dates(place: &Place, policy: &Spanned<String>) -> Result<Option<ConfidentialityOption>, ParseError> {
    match policy.get_ref().as_str() {
        "remove" => Ok(None),
        "keep" => Ok(Some(RetainLongitudinalFullDates)),
        "shift" => Ok(Some(RetainLongitudinalModifiedDates)),
        _ => Err(place.field(policy, Problem::UnknownDates)),
    }
}

fn private(place: &Place, words: &[Spanned<String>]) -> Result<PrivatePolicy, ParseError> {
    let mut private = PrivatePolicy::default();
    for word in words {
        match word.get_ref().as_str() {
            "neuroimaging" => private.neuroimaging = true,
            "numeric" => private.numeric = true,
            _ => return Err(place.field(word, Problem::UnknownPrivate)),
        }
    }
    Ok(private)
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
        WrittenAction::Verb(verb) => {
            let known = Action::WORDS.into_iter().find(|action| action.verb() == verb);
            known.ok_or_else(|| place.wrong(&written.action.span(), Problem::UnknownAction(shorten(verb))))?
        }
    };
    let when = written.when.as_ref().map(|when| condition(place, when)).transpose()?;
    for tag in place.some(&written.tag)? {
        let selector = Selector::parse(tag.get_ref())
            .map_err(|why| place.field(tag, |text| Problem::InvalidSelector(text, why)))?;
        if let (Action::RemapUid, Some(vr)) = (&action, selector.vr())
            && !selector.may_hold_uids()
        {
            return Err(place.wrong(&written.action.span(), Problem::NoUid(shorten(tag.get_ref()), vr)));
        }
        if let Action::Replace(text) = &action {
            replacement(text, selector.vr())
                .map_err(|problem| place.wrong(&written.action.span(), problem))?;
        }
        if !crate::indispensable::permits(&selector, &action) {
            return Err(place.field(tag, Problem::Indispensable));
        }
        let (line, _) = place.line_and_column(tag.span().start);
        rules.push(Rule {
            selector,
            action: action.clone(),
            name: None,
            reason: written.reason.clone(),
            when: when.clone(),
            origin: RuleOrigin { line, base: None },
        });
    }
    Ok(())
}

/// Whether a text can stand in an element, as far as its VR is known.
fn replacement(text: &str, vr: Option<Vr>) -> Result<(), Problem> {
    if !text.is_ascii() {
        return Err(Problem::ReplacementLetters(shorten(text)));
    }
    match vr {
        Some(vr) if !vr.is_text() || !text_value::suits(vr, text) => {
            Err(Problem::Replacement(shorten(text), vr))
        }
        None if text.bytes().any(|byte| byte.is_ascii_control()) => {
            Err(Problem::ReplacementLetters(shorten(text)))
        }
        _ => Ok(()),
    }
}

fn condition(place: &Place, written: &Spanned<WrittenCondition>) -> Result<Condition, ParseError> {
    let span = written.span();
    let written = written.get_ref();
    let wildcards = |texts: &OneOrMore| {
        let wildcard = |text: &Spanned<String>| {
            Wildcard::parse(text.get_ref()).ok_or_else(|| place.field(text, Problem::InvalidWildcard))
        };
        place.some(texts)?.iter().map(wildcard).collect::<Result<Vec<_>, _>>()
    };
    let condition = Condition {
        modality: wildcards(&written.modality)?,
        sop_class: wildcards(&written.sop_class)?,
        manufacturer: wildcards(&written.manufacturer)?,
        model: wildcards(&written.model)?,
        software: wildcards(&written.software)?,
    };
    // A rule that holds everywhere needs none; one whose condition was forgotten would hold everywhere.
    if condition == Condition::default() {
        Err(place.wrong(&span, Problem::NoCondition))
    } else {
        Ok(condition)
    }
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

    /// The texts of a list that is there, of which there must be one.
    fn some<'t>(&self, list: &'t OneOrMore) -> Result<&'t [Spanned<String>], ParseError> {
        match &list.span {
            Some(span) if list.texts.is_empty() => Err(self.wrong(span, Problem::EmptyList)),
            _ => Ok(&list.texts),
        }
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
