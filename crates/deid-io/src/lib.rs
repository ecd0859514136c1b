//! Files, folders, archives, key files and workers.
//!
//! Here the bytes of scans come in and go out; what is done to them is decided in `deid-core`. [`run`] takes
//! one input to one output: it lists the units ([`listing`], [`archive`]), has each de-identified, gives the
//! results their names and writes the report. [`reidentify`] is the way back. [`key_file`] and [`list_file`] read what a run is started with.
//!
//! Beneath them: [`source`] reads of a large file what is asked for, [`blob`] holds one member of an archive
//! in memory or in an unlinked temporary file, [`capture`] takes the metadata out of JPEG and PNG pictures.

pub mod archive;
pub mod blob;
pub mod capture;
pub mod check;
mod files;
pub mod key_file;
pub mod list_file;
pub mod listing;
mod names;
mod output;
mod panics;
pub mod profile_file;
mod quarantine;
pub mod reidentify;
mod report;
mod rows;
pub mod run;
pub mod source;
mod staging;

pub use panics::keep_panics_quiet;
