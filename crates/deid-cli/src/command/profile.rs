//! `deidentification profile list|show|check`.

use std::path::Path;

use deid_profile::{BurnedIn, Profile};

use crate::arguments::{ProfileAction, ProfileArguments};
use crate::exit::{Exit, Failure};
use crate::setup::{profile_file, unknown_profile};
use crate::speech::{say, wrap};

pub(crate) fn run(arguments: &ProfileArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        ProfileAction::List => list(),
        ProfileAction::Show { name } => {
            let text = deid_profile::built_in_text(name).ok_or_else(|| unknown_profile(Path::new(name)))?;
            say(text.trim_end());
        }
        ProfileAction::Check { file } => say(&description(&profile_file(file)?)),
    }
    Ok(Exit::Done)
}

fn list() {
    for name in deid_profile::built_in_names() {
        let profile = deid_profile::built_in(name).expect("each name has a profile");
        for (index, line) in wrap(&profile.description, 84).iter().enumerate() {
            say(&format!("{:16}{line}", if index == 0 { name } else { "" }));
        }
    }
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
    [
        format!("profile       {}", profile.name),
        format!("description   {description}"),
        format!("options       {}", if options.is_empty() { "none".to_owned() } else { options.join(", ") }),
        format!("rules         {}, of which {} count", profile.rules.len(), rules.in_force().count()),
        format!("modalities    {}", filtered(profile.modalities.is_empty())),
        format!("SOP classes   {}", filtered(profile.sop_classes.is_empty())),
        format!("burned-in     {burned_in}"),
    ]
    .map(|line| line.trim_end().to_owned())
    .join("\n")
}
