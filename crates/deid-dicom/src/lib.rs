//! Bytes of DICOM as spans: walk, splice, decode; no I/O and no policy.

mod tag;
mod vr;

pub use tag::{InvalidTag, Tag};
pub use vr::Vr;
