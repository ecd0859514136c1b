//! `deidentification explain FILE [TAG]…`: for each element what would happen to it, by which rule and why, and what
//! a converter would miss. Shows no values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use deid_core::converters::ConverterUse;
use deid_core::plan::{Done, Entry};
use deid_core::{Engine, Explained, Key, Settings};
use deid_dicom::Kind;
use deid_io::source::FileSource;
use deid_profile::Selector;
use deid_standard::dictionary;

use crate::arguments::{ExplainArguments, Subject};
use crate::exit::{Exit, Failure};
use crate::setup::{load, profile_of, subject_table};
use crate::speech::{say, tell};

/// The largest deflated data set that is looked into.
const INFLATED: usize = 1 << 30;

pub(crate) fn run(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let profile = profile_of(arguments.profile.as_deref(), false)?;
    let wanted = arguments.elements.iter().map(|text| selector(text)).collect::<Result<Vec<_>, _>>()?;
    // No key is made for this: values are not shown.
    let key = arguments.key.as_deref().map(load).transpose()?;
    let settings = Settings {
        profile,
        key: key.unwrap_or(Key::from_bytes([0; 32])),
        subject: arguments.subject.as_ref().map(Subject::as_str).map(str::to_owned),
        subjects: arguments.subjects.as_deref().map(subject_table).transpose()?,
        forced: crate::forced::pairs(&arguments.forced)?,
        inflate_limit: INFLATED,
    };
    let engine = Engine::new(settings).map_err(|error| Failure::usage(error.to_string()))?;
    let failure = |error: &dyn std::fmt::Display| {
        Failure::nothing_done(format!("{}: {error}", arguments.file.display()))
    };
    let file = File::open(&arguments.file).map_err(|error| failure(&error))?;
    let facts = file.metadata().map_err(|error| failure(&error))?;
    if !facts.is_file() {
        return Err(failure(&"not a file"));
    }
    let mut source = FileSource::new(&file, facts.len());
    let explained = engine.explain(&mut source);
    if let Some(error) = source.error() {
        return Err(failure(error));
    }
    let explained = explained.ok_or_else(|| failure(&"not a DICOM file that can be read"))?;

    let mut told = vec![false; wanted.len()];
    let mut rows = vec!["tag\tname\taction\trule\torigin\tconverters".to_owned()];
    let mut effects = Effects::default();
    for entry in &explained.plan.entries {
        if explained.tree.node(entry.node).kind == Kind::Item {
            continue;
        }
        let mut selected = wanted.is_empty();
        for (selector, told) in wanted.iter().zip(&mut told) {
            let is_one = explained.is_selected(selector, entry.node);
            *told |= is_one;
            selected |= is_one;
        }
        if selected {
            rows.push(row(&engine, &explained, entry, &mut effects));
        }
    }
    for addition in &explained.plan.additions {
        let mut selected = wanted.is_empty();
        for (selector, told) in wanted.iter().zip(&mut told) {
            let is_one = Explained::is_added(selector, addition.tag);
            *told |= is_one;
            selected |= is_one;
        }
        if selected {
            let origin = addition.rule.describe(&engine.settings().profile);
            let name = dictionary::attribute(addition.tag).map_or("", |attribute| attribute.name);
            rows.push(format!("{}\t{name}\tadd\t{}\t{origin}\t", addition.tag, addition.rule));
        }
    }
    if wanted.is_empty() && explained.tree.nodes.is_empty() {
        return Err(failure(&"not a DICOM file that can be read"));
    }
    if !wanted.is_empty() && rows.len() == 1 {
        return Err(failure(&"has no such element").hint("explain FILE without a tag lists all"));
    }
    say(&rows.join("\n"))?;
    for (selector, _) in wanted.iter().zip(&told).filter(|(_, told)| !**told) {
        tell(&format!("note: the file has no {selector}, or not outside what changes as a whole"));
    }
    if wanted.is_empty() {
        say(&summary(&explained, &effects))?;
    }
    // As a run that quarantines it.
    Ok(if explained.refusal().is_some() { Exit::Some } else { Exit::Done })
}

fn selector(text: &str) -> Result<Selector, Failure> {
    Selector::parse(text).map_err(|error| {
        Failure::usage(format!("no tag `{text}`: {error}")).hint(
            "an element is (0008,103E), SeriesDescription, (60xx,3000) or (0029,{SIEMENS CSA HEADER}10); a path has \
             `/` between sequences and element",
        )
    })
}

fn row(engine: &Engine, explained: &Explained, entry: &Entry, effects: &mut Effects) -> String {
    let action = entry.done.id();
    let path = explained.tree.path(entry.node);
    let name = explained.name(entry.node);
    let origin = entry.rule.describe(&engine.settings().profile);
    let effect = effects.of(explained, entry);
    format!("{path}\t{name}\t{action}\t{}\t{origin}\t{effect}", entry.rule)
}

/// What the plan does to what converters read: by purpose, who reads it.
#[derive(Default)]
struct Effects {
    lost: BTreeMap<&'static str, BTreeSet<&'static str>>,
    changed: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Effects {
    /// What one element does to it, in words; remembered for the end.
    fn of(&mut self, explained: &Explained, entry: &Entry) -> String {
        const MOST: usize = 4;
        if entry.change.is_none() {
            return String::new();
        }
        let (word, found, all) = match entry.done {
            // The same UIDs stand for the same originals everywhere.
            Done::Keep | Done::Remap => return String::new(),
            Done::Remove | Done::Empty | Done::Dummy => {
                ("lost", explained.lost_with(entry.node), &mut self.lost)
            }
            Done::Replace | Done::Shift | Done::Clean => {
                let found = explained.converter_use(entry.node).into_iter().collect();
                ("changed", found, &mut self.changed)
            }
        };
        if found.is_empty() {
            return String::new();
        }
        for found in &found {
            all.entry(found.purpose).or_default().extend(found.converters.split(','));
        }
        let mut words: Vec<_> = found.iter().take(MOST).map(|found| in_words(found)).collect();
        if found.len() > MOST {
            words.push(format!("and {} more", found.len() - MOST));
        }
        format!("{word}: {}", words.join("; "))
    }
}

fn in_words(found: &ConverterUse) -> String {
    format!("{} ({})", found.purpose, found.converters.replace(',', ", "))
}

/// What is to be known of the file as a whole.
fn summary(explained: &Explained, effects: &Effects) -> String {
    let mut lines = vec![String::new()];
    for (what, found) in [("lose", &effects.lost), ("find other values of", &effects.changed)]
        .iter()
        .filter(|(_, f)| !f.is_empty())
    {
        lines.push(format!("a converter would {what}:"));
        lines.extend(found.iter().map(|(purpose, converters)| {
            let converters: Vec<_> = converters.iter().copied().collect();
            format!("  {purpose} ({})", converters.join(", "))
        }));
    }
    if lines.len() == 1 {
        lines.push("a converter would lose nothing that we know of".to_owned());
    }
    if let Some(cause) = explained.cause {
        lines.push(format!("the file would not be written ({cause}): {}", cause.description()));
    }
    if let Some((fault, place)) = explained.refusal() {
        let element = if place.is_empty() { String::new() } else { format!(", element {place}") };
        let what = fault.kind.description();
        lines.push(format!("{} at byte {}{element}: {what}", fault.kind, fault.offset));
    }
    lines.join("\n")
}
