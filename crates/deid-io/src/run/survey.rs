//! The first phase: headers only, to learn who is in the input.

use std::convert::Infallible;
use std::fs::File;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use deid_core::{Engine, FileFacts, Scratch, SessionFacts};

use super::ordered::{self, Bounds};
use super::unit::{Content, Unit, Units};
use super::{Progress, RunError};
use crate::archive::Limits;
use crate::blob::Blob;
use crate::source::{FileSource, Head};

/// What the survey found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// What identifies the subjects.
    pub(super) session: SessionFacts,
    /// Units met.
    pub(super) units: u64,
    /// Their bytes.
    pub(super) bytes: u64,
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
    let (files, bytes) = units.totals();
    progress.total(files, bytes);
    let mut survey = Survey::default();
    let read = ordered::run::<_, Surveyor, _, _, Infallible>(
        bounds,
        |feeder| units.go_through(limits, spill, &mut |unit| feeder.feed(unit.held(), unit)),
        |surveyor, unit| (unit.length(), facts(engine, &unit, surveyor)),
        |(length, facts)| {
            survey.units += 1;
            survey.bytes += length;
            if let Some(facts) = facts {
                survey.session.add(&facts);
            }
            progress.advance(1, length);
            Ok(())
        },
    );
    let Ok(read) = read;
    if let Err(error) = read
        && survey.units == 0
    {
        return Err(RunError::Archive(error));
    }
    survey.session.settle();
    Ok(survey)
}

/// What a worker uses again from unit to unit.
#[derive(Default)]
struct Surveyor {
    scratch: Scratch,
    head: Head,
}

fn facts(engine: &Engine, unit: &Unit, surveyor: &mut Surveyor) -> Option<FileFacts> {
    // A bug that one file brings out must not end the run; it will come out again when it is processed.
    let result = panic::catch_unwind(AssertUnwindSafe(|| match &unit.content {
        Content::File(path, _) => {
            let file = File::open(path).ok()?;
            let size = file.metadata().ok()?.len();
            facts_of_file(engine, &file, size, surveyor)
        }
        Content::Blob(Blob::Memory(bytes)) => engine.survey(&mut &bytes[..], &mut surveyor.scratch),
        Content::Blob(Blob::File { file, len }) => facts_of_file(engine, file, *len, surveyor),
        Content::Failed(_) => None,
    }));
    result.unwrap_or_else(|_| {
        *surveyor = Surveyor::default();
        None
    })
}

fn facts_of_file(engine: &Engine, file: &File, size: u64, surveyor: &mut Surveyor) -> Option<FileFacts> {
    let mut source = FileSource::reusing(file, size, &mut surveyor.head);
    let facts = engine.survey(&mut source, &mut surveyor.scratch);
    source.give_back(&mut surveyor.head);
    facts
}
