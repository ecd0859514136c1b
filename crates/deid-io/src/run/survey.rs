//! The first phase: headers only, to learn who is in the input.

use std::fs::File;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use deid_core::{Engine, FileFacts, RawFacts, Scratch, SessionFacts};
use deid_dicom::Source;

use super::ordered::{self, Bounds};
use super::unit::{Content, Unit, Units};
use super::{Progress, RunError, Totals};
use crate::archive::Limits;
use crate::blob::Blob;
use crate::source::{FileSource, Head};

/// What the survey found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// What identifies the subjects.
    pub(super) session: SessionFacts,
    /// Units met, and their bytes; none without a survey.
    pub(super) totals: Option<(u64, u64)>,
}

/// Go through the headers of all units. An archive that ends early is surveyed as far as it goes.
pub(super) fn survey(
    engine: &Engine,
    units: &Units,
    limits: &Limits,
    spill: &Path,
    bounds: Bounds,
    progress: &dyn Progress,
) -> Result<Survey, RunError> {
    progress.phase("survey");
    let mut totals = Totals::begin(units, progress, None);
    let (mut survey, mut units_met, mut bytes_met) = (Survey::default(), 0, 0);
    let read = ordered::run::<_, Surveyor, _, _, RunError>(
        bounds,
        |feeder| units.go_through(limits, spill, &mut |unit| feeder.feed(unit.held(), unit)),
        |surveyor, unit| facts(engine, &unit, surveyor),
        |(length, facts)| {
            if progress.is_cancelled() {
                return Err(RunError::Cancelled);
            }
            units_met += 1;
            bytes_met += length;
            match facts {
                Some((parts, Found::Dicom(facts))) => {
                    survey.session.add(&facts);
                    survey.session.note(&parts, &facts);
                }
                Some((parts, Found::Raw(facts))) => survey.session.add_raw(&parts, &facts),
                None => {}
            }
            progress.advance(1, length);
            totals.tell();
            Ok(())
        },
    );
    if let Err(error) = read?
        && units_met == 0
    {
        return Err(RunError::Archive(error));
    }
    totals.settle(units_met, bytes_met);
    survey.session.settle();
    survey.totals = Some((units_met, bytes_met));
    Ok(survey)
}

/// What a worker uses again from unit to unit.
#[derive(Default)]
struct Surveyor {
    scratch: Scratch,
    head: Head,
}

/// What a header told.
enum Found {
    Dicom(Box<FileFacts>),
    Raw(Box<RawFacts>),
}

/// How long a unit is, and what it tells.
fn facts(engine: &Engine, unit: &Unit, surveyor: &mut Surveyor) -> (u64, Option<(Vec<String>, Found)>) {
    let mut length = 0;
    // A bug that one file brings out must not end the run; it will come out again when it is processed.
    let result = panic::catch_unwind(AssertUnwindSafe(|| match &unit.content {
        Content::File(path) => {
            let file = File::open(path).ok()?;
            length = file.metadata().ok()?.len();
            facts_of_file(engine, &file, length, surveyor)
        }
        Content::Blob(Blob::Memory(bytes)) => {
            length = bytes.len() as u64;
            look(engine, &mut &bytes[..], &mut surveyor.scratch)
        }
        Content::Blob(Blob::File { file, len }) => {
            length = *len;
            facts_of_file(engine, file, length, surveyor)
        }
        Content::Failed(_) => None,
    }));
    let found = result.unwrap_or_else(|_| {
        *surveyor = Surveyor::default();
        None
    });
    (length, found.map(|found| (unit.parts(), found)))
}

fn look<S: Source>(engine: &Engine, source: &mut S, scratch: &mut Scratch) -> Option<Found> {
    match engine.survey_raw(source) {
        Some(raw) => Some(Found::Raw(Box::new(raw))),
        None => engine.survey(source, scratch).map(|facts| Found::Dicom(Box::new(facts))),
    }
}

fn facts_of_file(engine: &Engine, file: &File, size: u64, surveyor: &mut Surveyor) -> Option<Found> {
    let mut source = FileSource::sparse(file, size, &mut surveyor.head);
    let facts = look(engine, &mut source, &mut surveyor.scratch);
    source.give_back(&mut surveyor.head);
    facts
}
