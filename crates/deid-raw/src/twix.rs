//! Siemens raw data, `.dat` ("twix"): for each measurement a header of protocol texts, then scans.
//!
//! VB has one measurement from the beginning on; VD, VE and XA begin with a table of up to 64, each with patient's and
//! protocol's name in 64 bytes. All lengths and offsets stay. Scans with their headers, and the physiological signals
//! among them (SYNCDATA, PMU), hold numbers and are copied. Facts in `docs/vendors/twix.md`.

use crate::edit::{Edits, decode, read, u32_at, u64_at};
use crate::field::{Field, gather, tag};
use crate::{Cleaned, Harvest, Judge, Refusal, protocol};
use deid_dicom::{Source, Tag};
use std::ops::Range;

/// Buffers of a header whose content is protocol text.
const BUFFERS: [&str; 6] = ["Config", "Dicom", "Meas", "MeasYaps", "Phoenix", "Spice"];
/// No header of a measurement is longer.
const LIMIT: u64 = 64 << 20;
/// Length of the table of measurements: count, then 64 entries.
const TABLE: u64 = 8 + 64 * ENTRY;
const ENTRY: u64 = 152;
/// Measurements begin at multiples of this.
const ALIGNED: u64 = 512;
const PATIENT_NAME: Tag = tag(0x0010, 0x0010);
const PROTOCOL_NAME: Tag = tag(0x0018, 0x1030);

/// Where things are.
struct Layout {
    /// Entries of the table that are in use.
    entries: u64,
    /// Begin and end of each measurement.
    measurements: Vec<Range<u64>>,
}

/// A buffer of a header.
struct Buffer {
    content: Range<u64>,
}

pub(crate) fn sniff<S: Source>(source: &mut S) -> bool {
    let begins = |source: &mut S, at: u64| {
        let names = source.peek::<12>(at.saturating_add(8));
        let known =
            |bytes: &[u8]| BUFFERS.iter().any(|name| bytes.starts_with(&[name.as_bytes(), b"\0"].concat()));
        let count = u32_at(source, at.saturating_add(4)).is_some_and(|count| (1..=32).contains(&count));
        count && names.is_some_and(|bytes| known(&bytes))
    };
    if begins(source, 0) {
        return true;
    }
    // VD: the first number is small, the second the number of measurements.
    let table = u32_at(source, 0).is_some_and(|id| id < 10_000)
        && u32_at(source, 4).is_some_and(|count| (1..=64).contains(&count));
    table
        && u64_at(source, 16)
            .is_some_and(|offset| offset >= TABLE && offset % ALIGNED == 0 && begins(source, offset))
}

fn layout<S: Source>(source: &mut S) -> Result<Layout, Refusal> {
    let size = source.size();
    let (first, count) = (u32_at(source, 0), u32_at(source, 4));
    let (first, count) = (first.ok_or(Refusal::Length)?, count.ok_or(Refusal::Length)?);
    if first >= 10_000 || count > 64 {
        let whole = 0..size;
        return Ok(Layout { entries: 0, measurements: vec![whole] });
    }
    let mut measurements = Vec::new();
    let mut last = TABLE;
    for entry in 0..u64::from(count) {
        let at = 8 + entry * ENTRY;
        let start = u64_at(source, at + 8).ok_or(Refusal::Length)?;
        let length = u64_at(source, at + 16).ok_or(Refusal::Length)?;
        // A scan that was interrupted has no length.
        let end = if length == 0 && count == 1 {
            size
        } else {
            start.checked_add(length).ok_or(Refusal::Malformed)?
        };
        if start < last || end > size || end <= start {
            return Err(Refusal::Malformed);
        }
        last = end;
        measurements.push(start..end);
    }
    Ok(Layout { entries: u64::from(count), measurements })
}

/// The buffers of a measurement, where they end, and where the scans begin.
fn buffers<S: Source>(source: &mut S, measurement: &Range<u64>) -> Result<(Vec<Buffer>, u64, u64), Refusal> {
    let start = measurement.start;
    let length = u64::from(u32_at(source, start).ok_or(Refusal::Length)?);
    let count = u32_at(source, start + 4).ok_or(Refusal::Length)?;
    let scans = start + length;
    if length > LIMIT {
        return Err(Refusal::TooLarge);
    }
    if scans > measurement.end || !(1..=32).contains(&count) {
        return Err(Refusal::Malformed);
    }
    let mut at = start + 8;
    let mut buffers = Vec::new();
    for _ in 0..count {
        let window = source.peek::<10>(at).ok_or(Refusal::Length)?;
        let end = window.iter().position(|byte| *byte == 0).ok_or(Refusal::UnknownField)?;
        let name = std::str::from_utf8(&window[..end]).map_err(|_| Refusal::UnknownField)?;
        if !BUFFERS.contains(&name) {
            return Err(Refusal::UnknownField);
        }
        at += end as u64 + 1;
        let length = u64::from(u32_at(source, at).ok_or(Refusal::Length)?);
        let content = at + 4..at + 4 + length;
        if content.end > scans {
            return Err(Refusal::Malformed);
        }
        at = content.end;
        buffers.push(Buffer { content });
    }
    Ok((buffers, at, scans))
}

pub(crate) fn harvest<S: Source>(source: &mut S) -> Harvest {
    let mut harvest = Harvest::default();
    let Ok(layout) = layout(source) else { return harvest };
    for entry in 0..layout.entries {
        if let Some(name) = source.peek::<64>(8 + entry * ENTRY + 24) {
            gather(&mut harvest, Field::Of(PATIENT_NAME), &until_nul(&name));
        }
    }
    for measurement in &layout.measurements {
        let Ok((buffers, _, _)) = buffers(source, measurement) else { continue };
        for buffer in buffers {
            let length = buffer.content.end - buffer.content.start;
            if let Ok(bytes) = read(source, buffer.content.start, length, LIMIT) {
                protocol::harvest(&bytes, &mut harvest);
            }
        }
    }
    for list in [&mut harvest.names, &mut harvest.ids, &mut harvest.uids, &mut harvest.dates] {
        list.sort_unstable();
        list.dedup();
    }
    harvest
}

fn until_nul(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    decode(&bytes[..end]).0
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let layout = layout(source)?;
    let mut edits = Edits::default();
    if layout.entries > 0 {
        table(source, &layout, &mut edits, judge)?;
    }
    for measurement in &layout.measurements {
        let (buffers, end, scans) = buffers(source, measurement)?;
        for Buffer { content } in buffers {
            let old = read(source, content.start, content.end - content.start, LIMIT)?;
            let new = protocol::clean(&old, judge)?;
            edits.replace(content, &old, new);
        }
        zero(source, end..scans, &mut edits)?;
    }
    edits.finish(source.size())
}

/// The table of measurements: names are judged, what is not in use is zeroed, and so are the gaps.
fn table<S: Source>(
    source: &mut S,
    layout: &Layout,
    edits: &mut Edits,
    judge: &dyn Judge,
) -> Result<(), Refusal> {
    for entry in 0..layout.entries {
        let at = 8 + entry * ENTRY;
        for (start, tag) in [(at + 24, PATIENT_NAME), (at + 88, PROTOCOL_NAME)] {
            let old = read(source, start, 64, 64)?;
            let text = until_nul(&old);
            let new = if text.trim().is_empty() { String::new() } else { judge.attribute(tag, &text) };
            let mut new = new.into_bytes();
            new.truncate(63);
            new.resize(64, 0);
            edits.replace(start..start + 64, &old, new);
        }
    }
    zero(source, 8 + layout.entries * ENTRY..TABLE, edits)?;
    let mut last = TABLE;
    for measurement in &layout.measurements {
        zero(source, last..measurement.start, edits)?;
        last = measurement.end;
    }
    zero(source, last..source.size(), edits)
}

/// Nothing stands here: zeros, whatever it was.
fn zero<S: Source>(source: &mut S, range: Range<u64>, edits: &mut Edits) -> Result<(), Refusal> {
    let length = range.end - range.start;
    // More than fills up a block is something that nobody knows.
    if length > 16 << 10 {
        return Err(Refusal::Length);
    }
    let old = read(source, range.start, length, 16 << 10)?;
    edits.replace(range, &old, vec![0; old.len()]);
    Ok(())
}
