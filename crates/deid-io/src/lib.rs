//! Files, folders, archives, key files and workers.
//!
//! Here the bytes of scans come in and go out; what is done to them is decided in `deid-core`.
//! [`listing`] yields the files of a folder and [`archive`] the members of an archive, both in an order
//! that depends on nothing but the input. [`blob`] holds one member or one output, in memory or in an
//! unlinked temporary file. [`capture`] takes the metadata out of JPEG and PNG pictures.

pub mod archive;
pub mod blob;
pub mod capture;
pub mod listing;
