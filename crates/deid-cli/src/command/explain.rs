//! `deidentification explain FILE [TAG]`: for each element what would happen to it, by which rule and why. Shows no
//! values.

use std::fs;

use deid_core::plan::{Done, Entry};
use deid_core::{Engine, Explained, Key, Settings};
use deid_dicom::{Kind, Tag};
use deid_standard::dictionary;

use crate::arguments::ExplainArguments;
use crate::exit::{Exit, Failure};
use crate::setup::profile_of;
use crate::speech::say;

/// The largest deflated data set that is looked into.
const INFLATED: usize = 1 << 30;

pub(crate) fn run(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let profile = profile_of(arguments.profile.as_deref(), false)?;
    let wanted = arguments.tag.as_deref().map(tag).transpose()?;
    // The plan's actions do not depend on the key.
    let settings = Settings {
        profile,
        key: Key::from_bytes([0; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: INFLATED,
    };
    let engine = Engine::new(settings).map_err(|error| Failure::usage(error.to_string()))?;
    let failure = |error: &dyn std::fmt::Display| {
        Failure::nothing_done(format!("{}: {error}", arguments.file.display()))
    };
    let bytes = fs::read(&arguments.file).map_err(|error| failure(&error))?;
    let explained =
        engine.explain(&mut &bytes[..]).ok_or_else(|| failure(&"not a DICOM file that can be read"))?;
    let mut rows = vec!["tag\tname\taction\trule\torigin".to_owned()];
    let entries = explained.plan.entries.iter().filter(|entry| {
        let node = explained.tree.node(entry.node);
        node.kind != Kind::Item && wanted.is_none_or(|tag| tag == node.tag)
    });
    rows.extend(entries.map(|entry| row(&engine, &explained, entry)));
    if wanted.is_none() {
        rows.extend(explained.plan.additions.iter().map(|addition| {
            let origin = addition.rule.describe(&engine.settings().profile);
            format!("{}\t{}\tadd\t{}\t{origin}", addition.tag, name(addition.tag), addition.rule)
        }));
    } else if rows.len() == 1 {
        return Err(failure(&"has no such element").hint("explain FILE without a tag lists all"));
    }
    say(&rows.join("\n"))?;
    Ok(Exit::Done)
}

fn row(engine: &Engine, explained: &Explained, entry: &Entry) -> String {
    let tag = explained.tree.node(entry.node).tag;
    let action = match entry.done {
        Done::Keep => "keep",
        Done::Remove => "remove",
        Done::Empty => "empty",
        Done::Dummy => "dummy",
        Done::Remap => "remap-uid",
        Done::Replace => "replace",
        Done::Shift => "shift",
        Done::Clean => "clean",
    };
    let origin = entry.rule.describe(&engine.settings().profile);
    format!("{}\t{}\t{action}\t{}\t{origin}", explained.tree.path(entry.node), name(tag), entry.rule)
}

fn name(tag: Tag) -> &'static str {
    match dictionary::attribute(tag) {
        Some(attribute) => attribute.name,
        None if tag.is_private_creator() => "Private Creator",
        None if tag.is_private() => "private",
        None => "",
    }
}

fn tag(text: &str) -> Result<Tag, Failure> {
    let by_keyword = || dictionary::by_keyword(text).and_then(|attribute| attribute.tag.exact());
    text.parse().ok().or_else(by_keyword).ok_or_else(|| {
        Failure::usage(format!("no tag `{text}`")).hint("a tag is written (0008,103E) or SeriesDescription")
    })
}
