//! A plan to bytes: edits for the splice, and new file meta information.

use crate::classify::Classification;
use crate::engine::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION};
use crate::plan::Plan;
use crate::{Key, dummy};
use deid_dicom::{Edits, NewMeta, SpliceError, Spliced, Tree, splice, write_meta};

/// Carries out a plan, in memory that was used before: the head of the file (preamble and meta information) and the
/// pieces of its data set.
pub(crate) fn apply(
    tree: &Tree,
    size: u64,
    plan: Plan,
    transfer_syntax: &str,
    classification: &Classification,
    key: &Key,
    mut spliced: Spliced,
) -> Result<(Vec<u8>, Spliced), SpliceError> {
    let mut edits = Edits { repair: true, ..Edits::default() };
    edits.changes.reserve(plan.entries.len());
    edits.changes.extend(plan.entries.into_iter().filter_map(|entry| Some((entry.node, entry.change?))));
    edits.insertions.extend(plan.additions.into_iter().map(|addition| (addition.place, addition.bytes)));
    splice(tree, size, &edits, &mut spliced)?;
    // A file without SOP Instance UID gets one in its meta information that depends on the key alone.
    let without = || key.uid(dummy::TEXT);
    let sop_instance = plan.sop_instance.unwrap_or_else(without);
    let mut head = Vec::with_capacity(512);
    write_meta(
        &mut head,
        &NewMeta {
            sop_class: &classification.sop_class,
            sop_instance: &sop_instance,
            transfer_syntax,
            implementation: IMPLEMENTATION_CLASS,
            implementation_version: IMPLEMENTATION_VERSION,
        },
    )?;
    Ok((head, spliced))
}
