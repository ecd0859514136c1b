//! `deidentification compare BEFORE AFTER`: whether both convert to the same images and sidecars; and the same after
//! a run with `--compare`.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deid_compare::{
    Change, CompareError, Comparison, Difference, Method, Options, Outcome, SeriesResult, find_dcm2niix,
};
use deid_core::{Engine, Key, Settings};
use serde::Serialize;

use crate::arguments::CompareArguments;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::setup::{Setup, named_profile};
use crate::speech::{say, tell, wrap};

/// The largest deflated data set that is looked into.
const INFLATED: usize = 1 << 30;

/// How wide a line may be, paths excepted.
const WIDTH: usize = 100;

pub(crate) fn run(arguments: &CompareArguments) -> Result<Exit, Failure> {
    let engine = arguments.profile.as_deref().map(|name| engine(named_profile(name, false)?)).transpose()?;
    let dcm2niix = converter(arguments)?;
    let options = Options {
        dcm2niix: dcm2niix.as_deref(),
        engine: engine.as_ref(),
        jobs: arguments.jobs.map_or(0, usize::from),
        timeout: Duration::from_secs(arguments.timeout),
        // Converters are stopped and private folders removed.
        cancelled: Some(interrupt::listen()),
    };
    let comparison = match compare(&arguments.before, &arguments.after, &options) {
        Ok(comparison) => comparison,
        Err(failure) => {
            if arguments.json {
                say(&json(&Line { comparison: None, profile: None, error: Some(&failure.message) }))?;
            }
            return Err(failure);
        }
    };
    let profile = engine.as_ref().map(|engine| &*engine.settings().profile.name);
    say(&if arguments.json {
        json(&Line { comparison: Some(&comparison), profile, error: None })
    } else {
        for_people(&comparison, profile)
    })?;
    Ok(exit_of(&comparison, arguments.withheld))
}

/// What `--json` prints; see `docs/guide.md`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    comparison: Option<&'a Comparison>,
    profile: Option<&'a str>,
    error: Option<&'a str>,
}

fn json(line: &Line<'_>) -> String {
    serde_json::to_string(line).expect("numbers and texts are JSON")
}

/// An engine that says what a profile does; its key plays no part.
fn engine(profile: deid_profile::Profile) -> Result<Engine, Failure> {
    let settings = Settings {
        profile,
        key: Key::from_bytes([0; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: INFLATED,
    };
    Engine::new(settings).map_err(|error| Failure::usage(error.to_string()))
}

fn converter(arguments: &CompareArguments) -> Result<Option<PathBuf>, Failure> {
    match &arguments.dcm2niix {
        _ if arguments.attributes => Ok(None),
        Some(named) if named.is_file() => Ok(Some(named.clone())),
        Some(named) => Err(Failure::usage(format!("no dcm2niix in {}", named.display()))),
        None => Ok(find_dcm2niix()),
    }
}

fn compare(before: &Path, after: &Path, options: &Options<'_>) -> Result<Comparison, Failure> {
    if options.dcm2niix.is_none() {
        tell(
            "note: nothing is converted: the attributes that converters read are compared, and the pixel data",
        );
    }
    deid_compare::compare(before, after, options).map_err(|error| {
        let failure = Failure::nothing_done(format!("nothing was compared: {error}"));
        match error {
            CompareError::Unreadable(..) => failure.hint("both are folders, DICOM files or archives"),
            _ => failure,
        }
    })
}

/// Compares what a run read and wrote, by the profile it ran with; adds that to its report.
pub(crate) fn after_run(
    input: &Path,
    output: &Path,
    setup: &Setup,
    report: Option<&Path>,
) -> Result<Comparison, Failure> {
    let options = &setup.options;
    let engine = engine(options.profile.clone())?;
    let dcm2niix = find_dcm2niix();
    let options = Options {
        dcm2niix: dcm2niix.as_deref(),
        engine: Some(&engine),
        jobs: options.jobs,
        cancelled: Some(interrupt::listen()),
        ..Options::default()
    };
    let comparison = compare(input, output, &options)?;
    if let Some(report) = report {
        add_to_report(report, &comparison).map_err(|error| {
            Failure::nothing_done(format!("the comparison is not in the report: {error}"))
        })?;
    }
    Ok(comparison)
}

/// The last line of the JSON lines.
fn add_to_report(report: &Path, comparison: &Comparison) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct Last<'a> {
        comparison: &'a Comparison,
    }
    let mut line = serde_json::to_vec(&Last { comparison })?;
    line.push(b'\n');
    OpenOptions::new().append(true).open(report)?.write_all(&line)
}

/// 0 if nothing is left unexplained, 1 otherwise. `withheld`: series left out on purpose are no difference.
pub(crate) fn exit_of(comparison: &Comparison, withheld: bool) -> Exit {
    let good =
        |series: &SeriesResult| series.outcome.is_good() || withheld && series.outcome == Outcome::Missing;
    let compared = comparison.series.iter().any(|series| series.files_after > 0);
    if comparison.unmatched_after > 0 || !comparison.series.iter().all(good) {
        Exit::Some
    } else if compared && !comparison.compares_no_image() {
        Exit::Done
    } else {
        Exit::Nothing
    }
}

fn for_people(comparison: &Comparison, profile: Option<&str>) -> String {
    let mut text = "   #  outcome    modality     files  images  folder in AFTER\n".to_owned();
    for series in &comparison.series {
        line(&mut text, series);
    }
    text.push('\n');
    text.push_str(&section(comparison));
    if profile.is_none() && comparison.keys.iter().any(|key| key.unexplained > 0) {
        text.push_str("\nWith --profile, what a profile does explains differences.");
    }
    text
}

fn line(text: &mut String, series: &SeriesResult) {
    let files = if series.files == series.files_after {
        series.files.to_string()
    } else {
        format!("{}/{}", series.files_after, series.files)
    };
    let images = match (series.method, series.outputs) {
        (Method::Attributes, _) => "-".to_owned(),
        (_, [before, after]) if before == after => before.to_string(),
        (_, [before, after]) => format!("{after}/{before}"),
    };
    let folder = match series.folder.as_deref() {
        None => "(not in AFTER)",
        Some("") => ".",
        Some(folder) => folder,
    };
    let (ordinal, outcome) = (series.ordinal, series.outcome.id());
    // Writing to a string does not fail.
    let _ =
        writeln!(text, "{ordinal:>4}  {outcome:9}  {:8}  {files:>8}  {images:>6}  {folder}", series.modality);
    for remark in remarks(series) {
        for line in wrap(&remark, WIDTH - 6) {
            let _ = writeln!(text, "      {line}");
        }
    }
}

fn remarks(series: &SeriesResult) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(failure) = series.failure {
        remarks.push(failure.describe().to_owned());
        return remarks;
    }
    if series.files_after > 0 {
        let failed = series.checks.failed();
        if !failed.is_empty() {
            remarks.push(format!("not equal: {}", failed.join(", ")));
        }
    }
    for (cause, count) in &series.withheld {
        remarks.push(format!("left out by the profile: {count} ({cause})"));
    }
    let unexplained: Vec<String> =
        series.differences.iter().filter(|difference| !difference.is_explained()).map(named).collect();
    if !unexplained.is_empty() {
        remarks.push(format!("not explained: {}", unexplained.join(", ")));
    }
    remarks
}

fn named(difference: &Difference) -> String {
    format!("{} {}", difference.key, difference.change.id())
}

/// What the summary says: numbers, and the keys that differ with what explains them.
pub(crate) fn section(comparison: &Comparison) -> String {
    let mut text = String::new();
    let counts: Vec<String> = Outcome::ALL
        .into_iter()
        .map(|outcome| (outcome, comparison.count(outcome)))
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{count} {}", outcome.id()))
        .collect();
    let how = if comparison.converted { "converted by dcm2niix" } else { "by attributes, not converted" };
    let _ =
        writeln!(text, "{:12}  {} series, {how}: {}", "Compared", comparison.series.len(), counts.join(", "));
    if comparison.converted {
        let not = comparison
            .series
            .iter()
            .filter(|series| series.method == Method::Attributes && series.files_after > 0)
            .count();
        if not > 0 {
            let _ = writeln!(text, "{:12}  {not} series give no image; their attributes were compared", "");
        }
    }
    if comparison.compares_no_image() {
        let _ = writeln!(text, "{:12}  NO IMAGE: what is in BEFORE gives none that could be compared", "");
    }
    if comparison.without_pixels > 0 {
        let _ =
            writeln!(text, "{:12}  {} files without pixels were not compared", "", comparison.without_pixels);
    }
    if comparison.unmatched_after > 0 {
        let _ = writeln!(
            text,
            "{:12}  {} files of AFTER belong to nothing in BEFORE",
            "", comparison.unmatched_after
        );
    }
    let explained: Vec<(u64, String)> = keys(comparison);
    if !explained.is_empty() {
        text.push_str("\nKeys and attributes that differ, by number of series:\n");
        for (count, line) in explained {
            for (index, line) in wrap(&line, WIDTH - 10).iter().enumerate() {
                let count = if index == 0 { count.to_string() } else { String::new() };
                let _ = writeln!(text, "{count:>8}  {line}");
            }
        }
    }
    text.trim_end().to_owned()
}

/// Each key that differs with one explanation, the unexplained first.
fn keys(comparison: &Comparison) -> Vec<(u64, String)> {
    let example = |key: &str, change: Change| {
        let mut all = comparison.series.iter().flat_map(|series| &series.differences);
        all.find_map(|difference| {
            (difference.key == key && difference.change == change)
                .then_some(difference.explanation.as_ref())?
        })
    };
    let identity = |key: &str| {
        let mut all = comparison.series.iter().flat_map(|series| &series.differences);
        all.any(|difference| difference.key == key && difference.identity)
    };
    let mut keys: Vec<_> = comparison.keys.iter().collect();
    keys.sort_by(|a, b| (b.unexplained > 0).cmp(&(a.unexplained > 0)).then(b.series.cmp(&a.series)));
    let described = keys.into_iter().map(|count| {
        let why = match example(&count.key, count.change) {
            _ if count.unexplained > 0 => format!("NOT EXPLAINED in {}", count.unexplained),
            Some(explanation) => {
                format!("{} {} ({})", explanation.attribute, explanation.action, explanation.origin)
            }
            None if identity(&count.key) => "identifies".to_owned(),
            None => String::new(),
        };
        (count.series, format!("{} {}: {why}", count.key, count.change.id()))
    });
    described.collect()
}
