//! `deidentification profile list|show|check`.

use std::path::Path;

use deid_core::{Engine, Key, Settings};
use deid_profile::{Action, BurnedIn, IdentityPolicy, NEVER_KEPT, Profile, RuleBook, Selector};
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
        ProfileAction::Schema => say(deid_profile::SCHEMA.trim_end())?,
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
    let rules = in_force(profile);
    let mut found: Vec<_> = rules
        .in_force()
        .filter_map(|(rule, _)| {
            let tag = match &rule.selector {
                Selector::Tag(tag) => tag,
                Selector::Path(path) => &path.last_tag()?,
                _ => return None,
            };
            let why = match (tag.group(), tag.element()) {
                (0x0010, 0x0010 | 0x0020) => "the subject's code goes there, whatever a rule says",
                _ if NEVER_KEPT.contains(tag) && rule.action.retains() => "it is never kept",
                (0x0012, 0x0062..=0x0064) | (0x0028, 0x0303) => "the program marks there what was done",
                _ if rule.action == Action::RemapUid && !rule.selector.may_hold_uids() => {
                    "it holds no UIDs, and is treated as Basic says, or removed if the table has no row for it"
                }
                (0x0000..=0x0002, _) => "it is no part of the data set, and written anew",
                _ => return None,
            };
            let name = dictionary::attribute(*tag).map_or("", |attribute| attribute.name);
            let base = rule.origin.base.as_ref().map(|base| format!("{base} ")).unwrap_or_default();
            let line = rule.origin.line;
            Some((
                (rule.origin.base.clone(), line),
                format!("{base}line {line}: {} {} {name}: {why}", rule.action, rule.selector),
            ))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, text)| text).collect()
}

/// What policies say, where they differ from what is usual.
fn policies(profile: &Profile) -> Vec<String> {
    let mut policies = Vec::new();
    let private: Vec<_> =
        [("neuroimaging", profile.private.neuroimaging), ("numeric", profile.private.numeric)]
            .into_iter()
            .filter_map(|(word, chosen)| chosen.then_some(word))
            .collect();
    if !private.is_empty() {
        policies.push(format!("private       {}", private.join(", ")));
    }
    let identity = &profile.identity;
    if *identity != IdentityPolicy::default() {
        let issuer = if identity.issuer { ", the issuer of the ID counts" } else { "" };
        policies.push(format!("identity      codes begin with {}{issuer}", identity.prefix));
    }
    if let Some(layout) = &profile.layout {
        policies.push(format!("layout        {layout}"));
    }
    policies
}

/// The rules that count for some instance: whatever its condition, the last one of each selector.
fn in_force(profile: &Profile) -> deid_profile::CompiledRules {
    let unconditional: Vec<_> =
        profile.rules.iter().map(|rule| deid_profile::Rule { when: None, ..rule.clone() }).collect();
    RuleBook::new(&unconditional).compile(&[])
}

/// How many rules count: of those with the same selector and condition the last one.
fn count_in_force(profile: &Profile) -> usize {
    let rules = &profile.rules;
    let overridden = |index: usize| {
        let rule = &rules[index];
        let same = |later: &deid_profile::Rule| {
            later.selector == rule.selector && (later.when.is_none() || later.when == rule.when)
        };
        rules[index + 1..].iter().any(same)
    };
    (0..rules.len()).filter(|&index| !overridden(index)).count()
}

/// What is in a profile.
fn description(profile: &Profile) -> String {
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
        format!("rules         {}, of which {} count", profile.rules.len(), count_in_force(profile)),
        format!("modalities    {}", filtered(profile.modalities.is_empty())),
        format!("SOP classes   {}", filtered(profile.sop_classes.is_empty())),
        format!("burned-in     {burned_in}"),
    ];
    let more = policies(profile);
    facts.iter().chain(&more).chain(&in_vain).map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}
