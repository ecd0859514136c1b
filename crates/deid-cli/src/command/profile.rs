//! `deidentification profile list|show|check`.

use std::path::Path;

use deid_core::{Engine, Key, Settings};
use deid_profile::{Action, BurnedIn, NEVER_KEPT, Profile, Selector};
use deid_standard::dictionary;

use crate::arguments::{ProfileAction, ProfileArguments};
use crate::exit::{Exit, Failure};
use crate::setup::{named_profile, unknown_profile};
use crate::speech::{say, wrap};

pub(crate) fn run(arguments: &ProfileArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        ProfileAction::List => list()?,
        ProfileAction::Show { name } => {
            let text = deid_profile::built_in_text(name).ok_or_else(|| unknown_profile(Path::new(name)))?;
            say(text.trim_end())?;
        }
        ProfileAction::Check { profile } => check(&named_profile(profile, false)?)?,
    }
    Ok(Exit::Done)
}

fn list() -> Result<(), Failure> {
    for name in deid_profile::built_in_names() {
        let profile = deid_profile::built_in(name).expect("each name has a profile");
        for (index, line) in wrap(&profile.description, 84).iter().enumerate() {
            say(&format!("{:16}{line}", if index == 0 { name } else { "" }))?;
        }
    }
    Ok(())
}

/// Says what is in a profile, if a run takes it.
fn check(profile: &Profile) -> Result<(), Failure> {
    say(&description(profile))?;
    let settings = Settings {
        profile: profile.clone(),
        key: Key::from_bytes([0; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 0,
    };
    Engine::new(settings)
        .map(|_| ())
        .map_err(|error| Failure::usage(format!("profile {}: {error}", profile.name)))
}

/// Rules that no run obeys, a line for each.
fn in_vain(profile: &Profile) -> Vec<String> {
    let rules = profile.compile();
    let mut found: Vec<_> = rules
        .in_force()
        .filter_map(|(rule, _)| {
            let Selector::Tag(tag) = &rule.selector else { return None };
            let why = match (tag.group(), tag.element()) {
                (0x0010, 0x0010 | 0x0020) => "the subject's code goes there, whatever a rule says",
                _ if NEVER_KEPT.contains(tag) && rule.action == Action::Keep => "it is never kept",
                (0x0012, 0x0062..=0x0064) | (0x0028, 0x0303) => "the program marks there what was done",
                (0x0000..=0x0002, _) => "it is no part of the data set, and written anew",
                _ => return None,
            };
            let name = dictionary::attribute(*tag).map_or("", |attribute| attribute.name);
            Some((
                rule.origin.line,
                format!("line {}: {} {tag} {name}: {why}", rule.origin.line, rule.action),
            ))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, text)| text).collect()
}

/// What is in a profile.
fn description(profile: &Profile) -> String {
    let rules = profile.compile();
    let options: Vec<String> = profile.options.iter().map(ToString::to_string).collect();
    let burned_in = match profile.burned_in {
        BurnedIn::Quarantine => "quarantined",
        BurnedIn::Flag => "written, and the report says so",
    };
    let filtered = |empty: bool| if empty { "all" } else { "filtered" };
    let description = wrap(&profile.description, 84).join("\n              ");
    let in_vain = in_vain(profile).iter().map(|text| format!("not obeyed    {text}")).collect::<Vec<_>>();
    let facts = [
        format!("profile       {}", profile.name),
        format!("description   {description}"),
        format!("options       {}", if options.is_empty() { "none".to_owned() } else { options.join(", ") }),
        format!("rules         {}, of which {} count", profile.rules.len(), rules.in_force().count()),
        format!("modalities    {}", filtered(profile.modalities.is_empty())),
        format!("SOP classes   {}", filtered(profile.sop_classes.is_empty())),
        format!("burned-in     {burned_in}"),
    ];
    facts.iter().chain(&in_vain).map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}
