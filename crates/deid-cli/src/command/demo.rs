//! `deidentification demo OUT`: a study that nobody had, de-identified, before and after side by side.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use deid_io::run::{Job, NoProgress, RunOptions, Summary};
use deid_io::{key_file, run};
use deid_testkit::bytes::{Part10, explicit};
use deid_testkit::planted::{LeakHunt, Planted};
use deid_testkit::study::{Subject, ge_instance, mr_instance, philips_instance};
use deid_testkit::{tags, uids};

use crate::arguments::DemoArguments;
use crate::command::run::refusal;
use crate::exit::{Exit, Failure};
use crate::speech::say;
use crate::summary;
use crate::view::{Shown, view};

const PROFILE: &str = "default";

pub(crate) fn run(arguments: &DemoArguments) -> Result<Exit, Failure> {
    let place = Place::new(&arguments.output)?;
    let study = Study::new();
    study.write(&place.before()).map_err(|error| place.failure(&error))?;
    let (key, _) = key_file::load_or_create(&place.key())
        .map_err(|error| Failure::nothing_done(format!("{}: {error}", place.key().display())))?;
    let job = Job { input: place.before(), output: place.after(), subject: None };
    let profile = deid_profile::built_in(PROFILE).expect("the default profile is shipped");
    let summary =
        run::run(&job, &RunOptions::new(profile, key), &NoProgress).map_err(|error| refusal(&error))?;

    say(&format!(
        "{}   {} files about three people who do not exist, with what scanners write about people\n\
         {}    the same, de-identified with profile {PROFILE} and the key {}\n",
        place.before().display(),
        study.files.len(),
        place.after().display(),
        place.key().display(),
    ))?;
    let after = files_below(&place.after()).map_err(|error| place.failure(&error))?;
    let pairs: Vec<Pair> =
        study.scanners.iter().filter_map(|scanner| Pair::find(scanner, &study, &after)).collect();
    for pair in &pairs {
        say(&pair.side_by_side(&place))?;
    }
    say(&outcome(&summary))?;
    let hunt = Hunt::new(&study, &place).map_err(|error| place.failure(&error))?;
    say(&hunt.words())?;
    if hunt.found > 0 {
        return Ok(Exit::Some);
    }
    say(&next(&place, &summary, pairs.first()))?;
    Ok(Exit::Done)
}

/// Where the demo puts what.
struct Place {
    root: PathBuf,
}

impl Place {
    fn new(root: &Path) -> Result<Self, Failure> {
        let place = Place { root: root.to_owned() };
        let occupied = match fs::read_dir(root) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(place.failure(&error)),
        };
        if occupied {
            return Err(Failure::nothing_done(format!("{} is not empty", root.display()))
                .hint("name a folder that does not exist yet: the demo replaces nothing"));
        }
        Ok(place)
    }

    fn before(&self) -> PathBuf {
        self.root.join("before")
    }

    fn after(&self) -> PathBuf {
        self.root.join("after")
    }

    fn key(&self) -> PathBuf {
        self.root.join("key")
    }

    fn failure(&self, error: &io::Error) -> Failure {
        Failure::nothing_done(format!("{}: {error}", self.root.display()))
    }
}

/// A scanner, and who lay in it.
struct Scanner {
    name: &'static str,
    /// Manufacturer (0008,0070), by which its files are found again.
    manufacturer: &'static str,
    instance: fn(&Subject) -> Vec<u8>,
    subject: Subject,
}

/// What is in `before`.
struct Study {
    scanners: Vec<Scanner>,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Study {
    fn new() -> Self {
        let scanners = vec![
            Scanner {
                name: "Siemens Prisma",
                manufacturer: "SIEMENS",
                instance: mr_instance,
                subject: subject(
                    1,
                    "Lindqvist^Astrid",
                    "19630418",
                    "Uppsala Northern Infirmary",
                    "Vasilakis^Eleni",
                ),
            },
            Scanner {
                name: "GE Discovery MR750",
                manufacturer: "GE MEDICAL SYSTEMS",
                instance: ge_instance,
                subject: subject(
                    2,
                    "Okonkwo^Chidinma",
                    "19871102",
                    "Harbour View Clinic",
                    "Abernathy^Rupert",
                ),
            },
            Scanner {
                name: "Philips Ingenia",
                manufacturer: "Philips Medical Systems",
                instance: philips_instance,
                subject: subject(
                    3,
                    "Beaumont^Thibault",
                    "19490923",
                    "Clinique des Tilleuls",
                    "Castellani^Bruna",
                ),
            },
        ];
        let mut files = Vec::new();
        for scanner in &scanners {
            let person = scanner.subject.patient_name.replace('^', "_");
            let series = Path::new(&person).join(format!("{}_t1_mprage", scanner.subject.study_date));
            for number in 1..=3 {
                let slice = slice(&scanner.subject, number);
                files.push((series.join(format!("IM{number:04}.dcm")), (scanner.instance)(&slice)));
            }
        }
        let person = PathBuf::from("Lindqvist_Astrid");
        files.push((person.join("screen.dcm"), capture(&scanners[0].subject)));
        files.push((person.join("notes.txt"), b"Astrid Lindqvist came ten minutes late.\n".to_vec()));
        Study { scanners, files }
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        for (path, bytes) in &self.files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, bytes)?;
        }
        Ok(())
    }

    /// Every word of the study that identifies somebody.
    fn planted(&self) -> Vec<Planted> {
        let mut planted = Vec::new();
        for scanner in &self.scanners {
            let subject = &scanner.subject;
            let mut plant = |slot: &str, text: &str| {
                for word in text.split('^') {
                    planted.push(Planted { word: word.to_owned(), slot: slot.to_owned() });
                }
            };
            plant("PatientName", &subject.patient_name);
            plant("PatientID", &subject.patient_id);
            plant("OtherPatientIDs", &subject.other_patient_ids);
            plant("PatientBirthDate", &subject.birth_date);
            plant("PatientAddress", &subject.address);
            plant("PatientComments", &subject.comments);
            plant("StudyInstanceUID", &subject.study_uid);
            plant("FrameOfReferenceUID", &subject.frame_of_reference_uid);
            plant("ReferencedSOPInstanceUID", &subject.referenced_uid);
            plant("StudyDate", &subject.study_date);
            plant("AccessionNumber", &subject.accession_number);
            plant("StudyID", &subject.study_id);
            plant("ReferringPhysicianName", &subject.referring_physician);
            plant("PerformingPhysicianName", &subject.performing_physician);
            plant("RequestingPhysician", &subject.requesting_physician);
            plant("OperatorsName", &subject.operators);
            plant("InstitutionName", &subject.institution);
            plant("InstitutionAddress", &subject.institution_address);
            plant("StationName", &subject.station);
            plant("DeviceSerialNumber", &subject.device_serial_number);
            plant("ImageComments", &subject.image_comments);
            plant("a private element of text", &subject.private_note);
            plant("a private element of bytes", &subject.opaque_note);
            plant("SeriesInstanceUID", &subject.series_uid);
            for number in 1..=3 {
                plant("SOPInstanceUID", &slice(subject, number).instance_uid);
            }
        }
        planted
    }
}

/// A person who does not exist, examined by others who do not.
fn subject(number: u32, name: &str, birth_date: &str, institution: &str, physician: &str) -> Subject {
    let family = name.split('^').next().unwrap_or(name);
    let uid = |leaf: &str| format!("1.2.276.0.99.20{number}.6301.{leaf}");
    Subject {
        patient_name: name.to_owned(),
        patient_id: format!("PAT-20471{number}86"),
        other_patient_ids: format!("HOSP-{number}55019"),
        birth_date: birth_date.to_owned(),
        address: format!("{number}7 Marsh Lane"),
        comments: format!("{family} fell off a horse"),
        study_uid: uid("11001"),
        series_uid: uid("11001.3"),
        instance_uid: uid("11001.3.1"),
        frame_of_reference_uid: uid("77003"),
        referenced_uid: uid("88004.1"),
        study_date: format!("2024031{number}"),
        accession_number: format!("ACC-90{number}4711"),
        study_id: format!("STUDY{number}807"),
        referring_physician: physician.to_owned(),
        performing_physician: format!("Performer{number}^Quentin{number}"),
        requesting_physician: format!("Requester{number}^Rosalind{number}"),
        operators: format!("Operator{number}^Winifred{number}"),
        institution: institution.to_owned(),
        institution_address: format!("{number}2 Hospital Road"),
        station: format!("STATION{number}0C"),
        device_serial_number: format!("SER{number}66417"),
        image_comments: format!("{family} moved a little"),
        private_note: format!("Ask for {family}"),
        opaque_note: format!("{family} is back on Monday"),
        ..Subject::default()
    }
}

fn slice(subject: &Subject, number: u32) -> Subject {
    Subject {
        instance_number: number,
        instance_uid: format!("{}.{number}", subject.series_uid),
        ..subject.clone()
    }
}

/// A picture of the console, which shows names in its pixels, as far as anybody can tell.
fn capture(subject: &Subject) -> Vec<u8> {
    const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";
    let number = |number: u16| number.to_le_bytes();
    let data_set = [
        explicit(tags::SOP_CLASS_UID, "UI", SECONDARY_CAPTURE),
        explicit(tags::SOP_INSTANCE_UID, "UI", format!("{}.99", subject.series_uid)),
        explicit(tags::STUDY_DATE, "DA", &subject.study_date),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(tags::MANUFACTURER, "LO", "SIEMENS"),
        explicit(tags::PATIENT_NAME, "PN", &subject.patient_name),
        explicit(tags::PATIENT_ID, "LO", &subject.patient_id),
        explicit(tags::STUDY_INSTANCE_UID, "UI", &subject.study_uid),
        explicit(tags::SERIES_INSTANCE_UID, "UI", format!("{}.9", subject.series_uid)),
        explicit(tags::SAMPLES_PER_PIXEL, "US", number(1)),
        explicit(tags::PHOTOMETRIC_INTERPRETATION, "CS", "MONOCHROME2"),
        explicit(tags::ROWS, "US", number(8)),
        explicit(tags::COLUMNS, "US", number(8)),
        explicit(tags::BITS_ALLOCATED, "US", number(8)),
        explicit(tags::BITS_STORED, "US", number(8)),
        explicit(tags::HIGH_BIT, "US", number(7)),
        explicit(tags::PIXEL_REPRESENTATION, "US", number(0)),
        explicit(tags::PIXEL_DATA, "OB", [0xFF; 64]),
    ];
    Part10::new(uids::EXPLICIT_LE, data_set.concat()).bytes()
}

/// What to look at in a file: places as [`view`] has them.
const LOOK_AT: [(&str, &str); 14] = [
    ("PatientName", "(0010,0010)"),
    ("PatientID", "(0010,0020)"),
    ("PatientBirthDate", "(0010,0030)"),
    ("PatientAddress", "(0010,1040)"),
    ("StudyDate", "(0008,0020)"),
    ("AccessionNumber", "(0008,0050)"),
    ("InstitutionName", "(0008,0080)"),
    ("ReferringPhysicianName", "(0008,0090)"),
    ("ImageComments", "(0020,4000)"),
    ("StudyInstanceUID", "(0020,000D)"),
    ("a reference in an item", "(0008,1140)[0].(0008,1155)"),
    ("RepetitionTime", "(0018,0080)"),
    ("ImagePositionPatient", "(0020,0032)"),
    ("PixelData", "(7FE0,0010)"),
];

/// A file of a scanner as it was and as it is.
struct Pair<'a> {
    scanner: &'a Scanner,
    before: &'a Path,
    after: &'a Path,
    old: Vec<Shown>,
    new: Vec<Shown>,
}

impl<'a> Pair<'a> {
    /// The first slice, which is found again by manufacturer and number: its UID is another one.
    fn find(scanner: &'a Scanner, study: &'a Study, after: &'a [(PathBuf, Vec<u8>)]) -> Option<Self> {
        let is_first_slice = |view: &Vec<Shown>| {
            value(view, "(0008,0070)") == Some(scanner.manufacturer)
                && value(view, "(0020,0013)") == Some("1")
        };
        let find = |files: &'a [(PathBuf, Vec<u8>)]| {
            files.iter().find_map(|(path, bytes)| {
                Some((&**path, view(bytes).ok()?.elements)).filter(|(_, view)| is_first_slice(view))
            })
        };
        let ((before, old), (after, new)) = (find(&study.files)?, find(after)?);
        Some(Pair { scanner, before, after, old, new })
    }

    fn side_by_side(&self, place: &Place) -> String {
        let cell = |view, path: &str| match value(view, path) {
            None => "(removed)".to_owned(),
            Some("") => "(empty)".to_owned(),
            Some(value) => value.to_owned(),
        };
        let mut text = row(self.scanner.name, "before", "after");
        for (name, path) in LOOK_AT {
            text += &row(&format!("  {name}"), &cell(&self.old, path), &cell(&self.new, path));
        }
        let private = |view: &[Shown]| view.iter().filter(|shown| is_private(shown)).count().to_string();
        text += &row("  private elements", &private(&self.old), &private(&self.new));
        let after = self.after.strip_prefix(place.after()).unwrap_or(self.after);
        text + &format!("  path, before            {}\n", self.before.display())
            + &format!("  path, after             {}\n", after.display())
    }
}

fn value<'a>(view: &'a [Shown], path: &str) -> Option<&'a str> {
    view.iter().find(|shown| shown.path() == path).map(|shown| &*shown.value)
}

fn is_private(shown: &Shown) -> bool {
    shown.name.contains(": ") || shown.name == "Private Creator"
}

fn row(name: &str, before: &str, after: &str) -> String {
    format!("{name:26}{before:34}  {after}").trim_end().to_owned() + "\n"
}

fn outcome(summary: &Summary) -> String {
    let mut text = format!("{}.", summary::numbers(summary));
    for (id, count) in &summary.by_cause {
        let cause = deid_core::Cause::ALL.iter().find(|cause| cause.id() == *id);
        let _ = write!(text, "\n  {count} {id}: {}", cause.map_or("", |cause| cause.description()));
    }
    text
}

/// A search of everything that was written for everything that was planted.
struct Hunt {
    planted: usize,
    files: usize,
    found: usize,
    hits: Vec<String>,
}

impl Hunt {
    fn new(study: &Study, place: &Place) -> io::Result<Self> {
        let planted = study.planted();
        let hunt = LeakHunt::new(&planted);
        let mut hits = Vec::new();
        let mut files = 0;
        for (path, bytes) in files_below(&place.root)? {
            if path.starts_with(place.before()) {
                continue;
            }
            files += 1;
            let name = path.strip_prefix(&place.root).unwrap_or(&path).to_string_lossy().into_owned();
            for hit in hunt.search(name.as_bytes()).into_iter().chain(hunt.search(&bytes)) {
                hits.push(format!("  {name}: the word of {}", hit.slot));
            }
        }
        Ok(Hunt { planted: planted.len(), files, found: hits.len(), hits })
    }

    fn words(&self) -> String {
        let head = format!(
            "\nLeak hunt: {} words planted, {} found.\n  \
             Names, IDs, dates, addresses and UIDs were searched in the {} files written and their names, in any\n  \
             letter case, also as UTF-16, base64 and hexadecimal, and within compressed streams.",
            self.planted, self.found, self.files
        );
        if self.found == 0 { head } else { format!("{head}\n{}", self.hits.join("\n")) }
    }
}

fn next(place: &Place, summary: &Summary, pair: Option<&Pair<'_>>) -> String {
    let program = quoted(&program());
    let mut text = "\nNext:".to_owned();
    let mut advise = |what: &str, command: String| {
        let _ = write!(text, "\n  {what:22}{command}");
    };
    if let Some(pair) = pair {
        let (before, after) = (place.before().join(pair.before), pair.after);
        advise("all that changed", format!("{program} diff {} \\", quoted(&before)));
        advise("", format!("  {}", quoted(after)));
    }
    if let Some(report) = &summary.report_csv {
        advise("why, file by file", summary::plain(report).display().to_string());
    }
    advise(
        "vendor headers kept",
        format!(
            "{program} {} {} --profile data_sharing",
            quoted(&place.before()),
            quoted(&place.root.join("shared"))
        ),
    );
    advise("data of your own", format!("{program} IN OUT"));
    text
}

/// The program as the user called it, so that the shell finds it again. Python runs the one that comes with its package.
fn program() -> PathBuf {
    let called = std::env::args_os().next().map(PathBuf::from);
    let is_python = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().starts_with("python"))
    };
    called.filter(|path| !is_python(path)).unwrap_or_else(|| PathBuf::from("deidentification"))
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// All files below a folder with their bytes, in the order of their paths.
fn files_below(folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path)?;
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planted_word_is_in_the_study() {
        let study = Study::new();
        let planted = study.planted();
        let hunt = LeakHunt::new(&planted);
        let mut missing: Vec<_> = planted.iter().map(|planted| &planted.word).collect();
        for (_, bytes) in &study.files {
            let hits = hunt.search(bytes);
            missing.retain(|word| hits.iter().all(|hit| hit.word != **word));
        }
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn paths_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted(Path::new("/tmp/d\u{e9}mo_1/a.dcm")), "/tmp/d\u{e9}mo_1/a.dcm");
        assert_eq!(quoted(Path::new("my demo/it's")), r"'my demo/it'\''s'");
    }

    #[test]
    fn rows_are_no_wider_than_a_screen() {
        let study = Study::new();
        let place = Place { root: PathBuf::from("demo") };
        for scanner in &study.scanners {
            let text = Pair::find(scanner, &study, &study.files).unwrap().side_by_side(&place);
            assert!(text.lines().all(|line| line.len() <= 110), "{text}");
        }
    }
}
