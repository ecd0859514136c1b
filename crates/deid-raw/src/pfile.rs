//! x
use crate::{Cleaned, Harvest, Judge, Refusal};
use deid_dicom::Source;
pub(crate) fn sniff<S: Source>(_: &mut S) -> bool { false }
pub(crate) fn harvest<S: Source>(_: &mut S) -> Harvest { Harvest::default() }
pub(crate) fn clean<S: Source>(_: &mut S, _: &dyn Judge) -> Result<Cleaned, Refusal> { Err(Refusal::UnknownRevision) }
