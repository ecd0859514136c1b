//! `deidentification key new|site|link`.

use std::collections::BTreeMap;
use std::path::Path;

use deid_core::{Key, table_lines};
use deid_io::key_file;

use crate::arguments::{KeyAction, KeyArguments};
use crate::exit::{Exit, Failure};
use crate::setup::{load, random_key, table_text};
use crate::site_list::{self, SiteList};
use crate::speech::{say, tell};

pub(crate) fn run(arguments: &KeyArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        KeyAction::New { file } => create(file, &random_key()?)?,
        KeyAction::Site { file, key, name } => {
            let name = name.trim();
            if name.is_empty() || name.chars().any(char::is_control) || name.starts_with('#') {
                return Err(Failure::usage("a site has a name of one line, which does not begin with #"));
            }
            let site = study_key(key)?.site(name).expect("it was found to be a study's");
            let known = sites(key)?;
            create(file, &site)?;
            note_site(key, name, &site, known.as_ref());
        }
        KeyAction::Link { codes, key } => {
            let study = study_key(key)?;
            link(codes, &study, sites(key)?.as_ref(), key)?;
        }
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

/// The sites that are known beside the study's key.
fn sites(key: &Path) -> Result<Option<SiteList>, Failure> {
    let path = site_list::path(key);
    SiteList::load(key).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

/// Adds a site to those that are known; says what may be a slip.
fn note_site(key: &Path, name: &str, site: &Key, known: Option<&SiteList>) {
    if let Some(similar) = known.filter(|known| !known.has(name)).and_then(|known| known.similar(name)) {
        tell(&format!(
            "warning: there is a site called {similar} already; {name} is another one, with another key"
        ));
    }
    if let Err(error) = site_list::add(key, name, site) {
        let path = site_list::path(key);
        tell(&format!("warning: the site is not in {}: {error}", path.display()));
        tell("hint: `key link` looks for names there; add a line with the name to it");
    }
}

/// Whether a site is one of the study's, as far as that is known.
fn check_site(site: &str, known: Option<&SiteList>, key: &Path) -> Result<(), String> {
    let Some(known) = known.filter(|known| !known.has(site)) else { return Ok(()) };
    let similar = known.similar(site).map(|name| format!("; is it {name}?")).unwrap_or_default();
    let path = site_list::path(key);
    Err(format!("no site of this name in {} (which has {}){similar}", path.display(), known.in_words()))
}

/// A line for each code: what links it to others, and how that site moved the subject's dates.
fn link(codes: &Path, key: &Key, known: Option<&SiteList>, key_file: &Path) -> Result<(), Failure> {
    let text = table_text(codes)?;
    let mut unchecked = BTreeMap::new();
    let mut lines = vec!["site,code,link,date_shift_days".to_owned()];
    let mut columns = Columns { site: 0, code: 1, count: 2 };
    for (index, line) in table_lines(&text).into_iter().enumerate() {
        let fail = |number: usize, what: &str| {
            Failure::usage(format!("{}: line {number}: {what}", codes.display())).hint(
                "lines are `site,code`; a code ends in the 12 letters and digits that the site's key gave it",
            )
        };
        let (number, fields) =
            line.map_err(|number| fail(number, "this cannot be read as a line of a table"))?;
        if index == 0
            && let Some(named) = Columns::named(&fields)
        {
            columns = named;
            continue;
        }
        let fail = |what: &str| fail(number, what);
        if fields.len() != columns.count {
            return Err(fail("expected `site,code`"));
        }
        let (site, code) = (&fields[columns.site], &fields[columns.code]);
        check_site(site, known, key_file).map_err(|what| {
            Failure::usage(format!("{}: line {number}: {what}", codes.display())).hint(
                "another name leads to another link; `key site` adds names to that list, and you may add lines to it",
            )
        })?;
        if known.is_none()
            && let Some(key) = key.site(site)
        {
            unchecked.insert(site.to_owned(), key.id());
        }
        let linked = key.link(site, code).ok_or_else(|| fail("this is no code that a site's key makes"))?;
        lines.push(format!("{},{},{},{}", quoted(site), quoted(code), linked.link, -linked.days));
    }
    say(&lines.join("\n"))?;
    if !unchecked.is_empty() {
        let path = site_list::path(key_file);
        tell(&format!("warning: without {} a misspelt name of a site goes unnoticed", path.display()));
        let keys = unchecked.iter().map(|(site, id)| format!("{site} {id}")).collect::<Vec<_>>().join(", ");
        tell(&format!("hint: compare the keys of these sites with those in their reports: {keys}"));
    }
    Ok(())
}

/// Where site and code stand in a line.
#[derive(Clone, Copy)]
struct Columns {
    site: usize,
    code: usize,
    count: usize,
}

impl Columns {
    /// From a first line that names them, in any order and spelling; other columns are passed over.
    fn named(names: &[String]) -> Option<Self> {
        let place = |wanted: &[&str]| {
            names.iter().position(|name| {
                let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
                wanted.contains(&bare.to_ascii_lowercase().as_str())
            })
        };
        let site = place(&["site", "sitename", "siteid", "center", "centre"])?;
        let code = place(&["code", "subjectcode", "subject", "subjectid", "patientid", "participantid"])?;
        Some(Columns { site, code, count: names.len() })
    }
}

/// A field of a line with commas between (RFC 4180).
fn quoted(field: &str) -> String {
    if field.contains(['"', ',', ';', '\t', '\r', '\n']) || field.starts_with('#') {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
