//! A plan to bytes: edits for the splice, and new file meta information.

use crate::classify::Classification;
use crate::engine::{IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION};
use crate::plan::Plan;
use crate::{Key, dummy};
use deid_dicom::{Change, Edits, NewMeta, ROOT, SpliceError, Spliced, Tag, Tree, splice, value, write_meta};

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
    let sop_class = sop_class(tree, &plan).unwrap_or_else(|| classification.sop_class.clone());
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
            sop_class: &sop_class,
            sop_instance: &sop_instance,
            transfer_syntax,
            implementation: IMPLEMENTATION_CLASS,
            implementation_version: IMPLEMENTATION_VERSION,
        },
    )?;
    Ok((head, spliced))
}

/// The SOP Class UID that is written, if it is another: a private one may hold an ID.
fn sop_class(tree: &Tree, plan: &Plan) -> Option<String> {
    const SOP_CLASS: Tag = Tag::new(0x0008, 0x0016);
    let index = tree.find(ROOT, SOP_CLASS)?;
    let entry = plan.entries.iter().find(|entry| entry.node == index)?;
    match &entry.change {
        Some(Change::Value(_, bytes)) if value::is_uid(value::trim(bytes)) => {
            Some(String::from_utf8_lossy(value::trim(bytes)).into_owned())
        }
        _ => None,
    }
}
