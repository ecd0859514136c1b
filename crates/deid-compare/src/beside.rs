//! Whether pixel data that differs is the same but for what the profile overwrites beside the pixels: comments in compressed
//! pictures, bytes behind the last pixel.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use deid_core::{Engine, plan};
use deid_dicom::{Change, ROOT};
use deid_io::source::FileSource;

use crate::instance::{self, PIXELS, Reader};
use crate::result::Explanation;

/// So many bytes are compared at once.
const BLOCK: u64 = 1 << 20;

/// What the profile does beside the pixels, if AFTER's pixel data is BEFORE's with just that done to it.
pub(crate) fn overwritten(engine: Option<&Engine>, before: &Path, after: &Path) -> Option<Explanation> {
    let engine = engine?;
    let (old, new) = (File::open(before).ok()?, File::open(after).ok()?);
    let (old_length, new_length) = (old.metadata().ok()?.len(), new.metadata().ok()?.len());
    let explained = engine.explain(&mut FileSource::new(&old, old_length))?;
    let entry = explained.plan.entries.iter().find(|entry| {
        let node = explained.tree.node(entry.node);
        node.parent == ROOT && PIXELS.contains(&node.tag) && entry.done == plan::Done::Clean
    })?;
    let Some(Change::Overwrite(runs)) = &entry.change else { return None };
    let tag = explained.tree.node(entry.node).tag;
    let mut same = None;
    instance::read(&old, old_length, |old, tree, _| {
        let Some(was) = tree.find(ROOT, tag).map(|index| *tree.node(index)) else { return };
        let was = was.value_start()..was.value_end();
        instance::read(&new, new_length, |new, tree, _| {
            let Some(now) = tree.find(ROOT, tag).map(|index| *tree.node(index)) else { return };
            same = Some(is_made_of(old, &was, runs, new, &(now.value_start()..now.value_end())));
        });
    })?;
    same.filter(|same| *same).map(|_| Explanation {
        attribute: crate::tables::name(&deid_profile::Selector::Tag(tag)),
        action: "cleaned",
        rule: entry.rule.id(),
        origin: entry.rule.describe(&engine.settings().profile),
    })
}

/// Whether these bytes are those with the runs overwritten.
fn is_made_of(
    old: &mut Reader<'_>,
    was: &Range<u64>,
    runs: &[(Range<u64>, u8)],
    new: &mut Reader<'_>,
    now: &Range<u64>,
) -> bool {
    if was.end - was.start != now.end - now.start {
        return false;
    }
    let mut at = was.start;
    while at < was.end {
        let end = was.end.min(at + BLOCK);
        let length = (end - at) as usize;
        let (Some(mut wanted), Some(found)) = (old(at, length), new(now.start + (at - was.start), length))
        else {
            return false;
        };
        for (run, byte) in runs.iter().filter(|(run, _)| run.start < end && run.end > at) {
            let (from, to) = (run.start.max(at) - at, run.end.min(end) - at);
            wanted[from as usize..to as usize].fill(*byte);
        }
        if wanted != found {
            return false;
        }
        at = end;
    }
    true
}
