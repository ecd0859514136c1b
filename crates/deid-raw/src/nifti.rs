//! NIfTI-1 and NIfTI-2: a binary header with five text fields, extensions, then voxels.
//!
//! Text fields are judged, what stands behind the end of a text is zeroed, and extensions are kept only where it is
//! known what they hold; the others lose their content and keep their place, so that every offset stays. Facts in
//! `docs/vendors/nifti.md`.

use crate::edit::{Edits, decode, encode, read};
use crate::field::tag;
use crate::{Cleaned, Format, Harvest, Judge, Refusal, sidecar};
use deid_dicom::Source;
use std::ops::Range;

/// No header with its extensions is longer.
pub(crate) const LIMIT: u64 = 64 << 20;
const ACQUISITION_TIME: deid_dicom::Tag = tag(0x0008, 0x0032);

/// How the header is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    version: u8,
    big: bool,
    /// Header and voxels are in one file.
    single: bool,
}

/// What a text field is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Free text.
    Text,
    /// Patients' names and IDs have been found in it; nobody reads it.
    Zero,
}

impl Layout {
    pub(crate) const fn header(self) -> usize {
        if self.version == 1 { 348 } else { 540 }
    }

    /// Text fields and unused ones.
    const fn slots(self) -> &'static [(Range<usize>, Slot)] {
        if self.version == 1 {
            &[
                (4..14, Slot::Zero),    // data_type
                (14..32, Slot::Zero),   // db_name
                (148..228, Slot::Text), // descrip
                (228..252, Slot::Text), // aux_file
                (328..344, Slot::Text), // intent_name
            ]
        } else {
            &[
                (240..320, Slot::Text), // descrip
                (320..344, Slot::Text), // aux_file
                (508..524, Slot::Text), // intent_name
                (525..540, Slot::Zero), // unused_str
            ]
        }
    }

    fn number<const N: usize>(self, bytes: &[u8], at: usize) -> Option<[u8; N]> {
        let mut number: [u8; N] = bytes.get(at..at.checked_add(N)?)?.try_into().ok()?;
        if self.big {
            number.reverse();
        }
        Some(number)
    }

    /// Where the voxels begin.
    pub(crate) fn voxels(self, header: &[u8]) -> Option<u64> {
        if self.version == 2 {
            return u64::try_from(i64::from_le_bytes(self.number(header, 168)?)).ok();
        }
        let offset = f32::from_le_bytes(self.number(header, 108)?);
        (offset >= 0.0 && offset <= LIMIT as f32 && offset.fract() == 0.0).then_some(offset as u64)
    }

    /// Bytes of all voxels.
    pub(crate) fn size(self, header: &[u8]) -> Option<u64> {
        let dim = |n: usize| {
            if self.version == 1 {
                self.number(header, 40 + 2 * n).map(|bytes| i64::from(i16::from_le_bytes(bytes)))
            } else {
                self.number(header, 16 + 8 * n).map(i64::from_le_bytes)
            }
        };
        let bits = i16::from_le_bytes(self.number(header, if self.version == 1 { 72 } else { 14 })?);
        let axes = usize::try_from(dim(0)?).ok().filter(|axes| (1..=7).contains(axes))?;
        let mut voxels = 1_u64;
        for axis in 1..=axes {
            voxels = voxels.checked_mul(u64::try_from(dim(axis)?).ok()?.max(1))?;
        }
        voxels.checked_mul(u64::try_from(bits).ok()?).map(|bits| bits.div_ceil(8))
    }

    /// What such a file is called.
    pub(crate) const fn is_single(self) -> bool {
        self.single
    }
}

/// The layout of a header by its first 540 bytes, or 348 if there are no more.
pub(crate) fn layout(header: &[u8]) -> Option<Layout> {
    let first: [u8; 4] = header.get(..4)?.try_into().ok()?;
    let (version, big) = match (u32::from_le_bytes(first), u32::from_be_bytes(first)) {
        (348, _) => (1, false),
        (_, 348) => (1, true),
        (540, _) => (2, false),
        (_, 540) => (2, true),
        _ => return None,
    };
    let magic = if version == 1 { header.get(344..348)? } else { header.get(4..8)? };
    let single = match magic {
        b"n+1\0" | b"n+2\0" => true,
        b"ni1\0" | b"ni2\0" => false,
        _ => return None,
    };
    (magic[2] == b'0' + version).then_some(Layout { version, big, single })
}

pub(crate) fn sniff<S: Source>(source: &mut S) -> Option<Format> {
    let length = source.size().min(540) as usize;
    let header = source.bytes(0, length)?;
    if layout(header).is_some() {
        return Some(Format::Nifti);
    }
    let first: [u8; 4] = header.get(..4)?.try_into().ok()?;
    let analyze = first == 348_u32.to_le_bytes() || first == 348_u32.to_be_bytes();
    let extents = header.get(32..36)?;
    let usual = extents == 16384_u32.to_le_bytes() || extents == 16384_u32.to_be_bytes();
    (analyze && (source.size() == 348 || usual)).then_some(Format::Analyze)
}

/// The header and its extensions, and how it is laid out.
fn head<S: Source>(source: &mut S) -> Result<(Vec<u8>, Layout), Refusal> {
    let first = source.size().min(540);
    let first = read(source, 0, first, 540)?;
    let layout = layout(&first).ok_or(Refusal::Malformed)?;
    let length = if layout.single {
        layout.voxels(&first).filter(|at| *at >= layout.header() as u64).ok_or(Refusal::Malformed)?
    } else {
        source.size()
    };
    let header = read(source, 0, length, LIMIT)?;
    Ok((header, layout))
}

pub(crate) fn harvest<S: Source>(source: &mut S) -> Harvest {
    let mut harvest = Harvest::default();
    if let Ok((header, layout)) = head(source)
        && !layout.single
    {
        let before = layout.voxels(&header).unwrap_or(0);
        harvest.payload = layout.size(&header).and_then(|size| size.checked_add(before));
    }
    harvest
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let (header, layout) = head(source)?;
    let voxels = layout.size(&header).ok_or(Refusal::Malformed)?;
    if layout.single && (header.len() as u64).checked_add(voxels) != Some(source.size()) {
        return Err(Refusal::Length);
    }
    let edits = edits(&header, layout, judge)?;
    crate::settled(source, edits, header.len() as u64, judge)
}

/// What changes in a header with its extensions.
pub(crate) fn edits(header: &[u8], layout: Layout, judge: &dyn Judge) -> Result<Edits, Refusal> {
    let mut edits = Edits::default();
    for (range, slot) in layout.slots() {
        let old = header.get(range.clone()).ok_or(Refusal::Malformed)?;
        let end = old.iter().position(|byte| *byte == 0).unwrap_or(old.len());
        let mut new = match slot {
            Slot::Text => text(&old[..end], judge),
            Slot::Zero => Vec::new(),
        };
        new.truncate(old.len());
        new.resize(old.len(), 0);
        edits.replace(range.start as u64..range.end as u64, old, new);
    }
    let start = layout.header();
    let Some(flag) = header.get(start..start + 4) else {
        return if header.len() == start { Ok(edits) } else { Err(Refusal::Malformed) };
    };
    let mut at = start + 4;
    // The other three bytes mean nothing.
    edits.replace(start as u64 + 1..at as u64, &flag[1..], vec![0; 3]);
    if flag[0] != 0 {
        while at < header.len() {
            let Some(size) = layout.number(header, at).map(u32::from_le_bytes) else { break };
            let code = layout.number(header, at + 4).map(i32::from_le_bytes);
            let (Some(code), Ok(size)) = (code, usize::try_from(size)) else {
                return Err(Refusal::Malformed);
            };
            if size == 0 {
                break;
            }
            let end = at.checked_add(size).filter(|end| size >= 8 && *end <= header.len());
            let end = end.ok_or(Refusal::Malformed)?;
            let content = &header[at + 8..end];
            let new = extension(code, content, judge)?;
            edits.replace(at as u64 + 8..end as u64, content, new);
            at = end;
        }
    }
    // What stands between the last extension and the voxels is nothing.
    let rest = header.get(at..).unwrap_or_default();
    edits.replace(at as u64..header.len() as u64, rest, vec![0; rest.len()]);
    Ok(edits)
}

/// A text field: `;` parts what is about different things, and `Time=` is the acquisition's.
fn text(bytes: &[u8], judge: &dyn Judge) -> Vec<u8> {
    let (old, utf8) = decode(bytes);
    let parts: Vec<String> = parted(&old)
        .into_iter()
        .filter_map(|part| match part.trim().strip_prefix("Time=") {
            Some(time) => Some(judge.attribute(ACQUISITION_TIME, time))
                .filter(|new| !new.is_empty())
                .map(|time| format!("Time={time}")),
            None => Some(judge.text(part)),
        })
        .collect();
    let new = parts.join(";");
    if new == old { bytes.to_vec() } else { encode(&new, utf8) }
}

/// The parts between `;`, but where it ends a reference to a character: `&#68;`.
fn parted(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(';') {
        let before = text[start..at].rsplit_once('&').map(|(_, name)| name.strip_prefix('#').unwrap_or(name));
        let reference =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !before.is_some_and(reference) {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The content of an extension, of the same length. What is not known, or holds whole headers, is zeroed.
fn extension(code: i32, content: &[u8], judge: &dyn Judge) -> Result<Vec<u8>, Refusal> {
    let zeros = vec![0; content.len()];
    let end = content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    match code {
        // Comment.
        6 => {
            let (old, _) = decode(&content[..end]);
            // Two bytes a letter are no text here.
            let wide = old.chars().any(|c| c.is_control() && !c.is_ascii_whitespace());
            let same = !wide && judge.text(&old) == old && !judge.identifies(content);
            Ok(if same { content.to_vec() } else { zeros })
        }
        // NIfTI-MRS: JSON without which the spectra cannot be read. Blanks fill what becomes free.
        44 => {
            let mut new = sidecar::clean_bytes(&content[..end], judge)?.0;
            if new.len() > content.len() {
                return Err(Refusal::Length);
            }
            new.resize(end.max(new.len()), b' ');
            new.resize(content.len(), 0);
            Ok(new)
        }
        // CIFTI: without it the file is no CIFTI, and names of parcels are free text.
        30 => Err(Refusal::UnknownField),
        // DICOM, AFNI, XCEDE, MATLAB and others: histories, paths, names of users, whole headers.
        _ => Ok(zeros),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_not_parted() {
        assert_eq!(parted("TE=30;Time=10;x"), ["TE=30", "Time=10", "x"]);
        assert_eq!(parted("TE=3;&#68;&#x6f;e;&amp;y"), ["TE=3", "&#68;&#x6f;e", "&amp;y"]);
        assert_eq!(parted("a & b;c"), ["a & b", "c"]);
    }
}
