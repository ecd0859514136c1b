//! Whole runs: a study of planted subjects goes in, and what comes out is looked at from outside.

mod archives;
mod failures;
mod in_place;
mod outputs;
mod phases;
mod places;
mod raw;
mod report;
mod support;
