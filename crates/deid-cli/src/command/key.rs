//! `deidentification key new|site|link`.

use std::path::Path;

use deid_core::Key;
use deid_io::key_file;

use crate::arguments::{KeyAction, KeyArguments};
use crate::exit::{Exit, Failure};
use crate::setup::{load, random_key, table_text};
use crate::speech::{say, tell};

pub(crate) fn run(arguments: &KeyArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        KeyAction::New { file } => create(file, &random_key()?)?,
        KeyAction::Site { file, key, name } => {
            let name = name.trim();
            if name.is_empty() {
                return Err(Failure::usage("a site has a name"));
            }
            let site = study_key(key)?.site(name).expect("it was found to be a study's");
            create(file, &site)?;
        }
        KeyAction::Link { codes, key } => link(codes, &study_key(key)?)?,
    }
    Ok(Exit::Done)
}

fn create(file: &Path, key: &Key) -> Result<(), Failure> {
    key_file::create(file, key).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    tell(&format!("made a new key: {} ({})", file.display(), key.id()));
    Ok(())
}

fn study_key(file: &Path) -> Result<Key, Failure> {
    let key = load(file)?;
    if key.is_of_site() {
        return Err(Failure::usage(format!("{}: this is the key of a site", file.display()))
            .hint("only the study's own key makes keys of sites and links their codes"));
    }
    Ok(key)
}

/// A line for each code: what links it to others, and how that site moved the subject's dates.
fn link(codes: &Path, key: &Key) -> Result<(), Failure> {
    let text = table_text(codes)?;
    let mut lines = vec!["site,code,link,date_shift_days".to_owned()];
    for (index, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || index == 0 && line.eq_ignore_ascii_case("site,code") {
            continue;
        }
        let fail = |what: &str| {
            Failure::usage(format!("{}: line {}: {what}", codes.display(), index + 1)).hint(
                "lines are `site,code`; a code ends in the 12 letters and digits that the site's key gave it",
            )
        };
        let (site, code) = line.rsplit_once([',', ';', '\t']).ok_or_else(|| fail("expected `site,code`"))?;
        let (site, code) = (site.trim(), code.trim());
        let linked = key.link(site, code).ok_or_else(|| fail("this is no code that a site's key makes"))?;
        lines.push(format!("{site},{code},{},{}", linked.link, -linked.days));
    }
    say(&lines.join("\n"))
}
