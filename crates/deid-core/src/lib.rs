//! Decisions: classify, plan, apply, report. Pure: no files, clock, environment, randomness or threads.
//!
//! An [`Engine`] is made of [`Settings`] (profile, key, subject) and turns the bytes of one instance into the pieces
//! of its de-identified counterpart. In between stands a [`Plan`]: data that says for each element what happens to it
//! and by which [`Rule`]. Dry run, explanation, report and tests look at the same plan that is carried out.
//!
//! ```
//! use deid_core::{Body, Engine, Key, Scratch, SessionFacts, Settings};
//!
//! let engine = Engine::new(Settings {
//!     profile: deid_profile::built_in("basic").unwrap(),
//!     key: Key::from_bytes([7; 32]),
//!     subject: Some("0001XXXX".to_owned()),
//!     subjects: None,
//!     forced: Vec::new(),
//!     inflate_limit: 1 << 30,
//! })?;
//! let file = b"\x08\0\x60\0CS\x02\0MR\x10\0\x10\0PN\x08\0Doe^Jane\x10\0\x20\0LO\x02\0I1\x18\0\x50\0DS\x02\x001 ";
//! let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
//! let Body::Pieces(pieces) = done.body else { panic!() };
//! let output = pieces.to_bytes(file);
//! assert!(!output.windows(3).any(|bytes| bytes == b"Doe"));
//! # Ok::<(), deid_core::SettingsError>(())
//! ```

mod age;
mod apply;
mod check;
pub mod classify;
pub mod clean_text;
pub mod converters;
mod crosswalk;
mod dated_numbers;
mod dates;
mod decide;
mod dummy;
mod engine;
mod escapes;
mod explained;
mod fault_place;
pub mod identifiers;
mod known_uids;
mod originals;
mod output_path;
mod path;
mod phi;
pub mod plan;
mod pseudonym;
mod raw;
mod raw_check;
mod raw_judge;
mod reidentify;
mod report;
mod rule;
mod rule_sets;
mod subjects;
mod vocabulary;

pub use check::{Check, Remaining};
pub use classify::Classification;
pub use crosswalk::CrosswalkRow;
pub use engine::{
    Body, Engine, FileFacts, IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION, Processed, Scratch, SessionFacts,
    Settings, SettingsError,
};
pub use explained::Explained;
pub use known_uids::KnownUids;
pub use originals::{LARGEST_ORIGINAL, Open, OpenError, Seal};
pub use output_path::OutputValues;
pub use path::{KnownParts, PathIdentity};
pub use phi::Phi;
pub use plan::Plan;
pub use pseudonym::{InvalidKey, Key, Linked, is_well_known_uid};
pub use raw::RawFacts;
pub use reidentify::{Reidentified, ReidentifyError, reidentify};
pub use report::{Cause, Counts, Facts, Outcome};
pub use rule::Rule;
pub use subjects::{
    SharedCode, Subject, SubjectTable, SubjectTableError, SubjectTableProblem, is_code as is_subject_code,
    table_lines,
};
