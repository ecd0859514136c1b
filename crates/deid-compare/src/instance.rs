//! One DICOM instance, as far as it is paired with its counterpart: what its pixels are and what stays beside them.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use deid_dicom::{Encoding, Kind, NodeIndex, ROOT, Source, Tag, Tree, deflate, open, value, walk};
use deid_io::listing::{EntryKind, Listing};
use deid_io::source::FileSource;
use sha2::{Digest, Sha256};

use crate::raw::{self, RawFile};

/// Pixel Data, Float Pixel Data, Double Float Pixel Data, Spectroscopy Data: what an instance is recognised by.
pub(crate) const PIXELS: [Tag; 4] =
    [Tag::new(0x7FE0, 0x0010), Tag::new(0x7FE0, 0x0008), Tag::new(0x7FE0, 0x0009), Tag::new(0x5600, 0x0020)];

/// Samples of spectra in private elements: Siemens up to VE, Philips.
const SPECTRA: [(&str, u16, u16); 2] =
    [("SIEMENS CSA NON-IMAGE", 0x7FE1, 0x10), ("Philips MR Imaging DD 003", 0x2005, 0x70)];

const MODALITY: Tag = Tag::new(0x0008, 0x0060);
const SOP_INSTANCE_UID: Tag = Tag::new(0x0008, 0x0018);
const SERIES_INSTANCE_UID: Tag = Tag::new(0x0020, 0x000E);

/// What de-identification leaves alone, the instance's number first.
const TRAITS: [Tag; 12] = [
    Tag::new(0x0020, 0x0013), // Instance Number
    Tag::new(0x0020, 0x0032), // Image Position (Patient)
    Tag::new(0x0020, 0x0011), // Series Number
    Tag::new(0x0020, 0x0012), // Acquisition Number
    Tag::new(0x0018, 0x0081), // Echo Time
    Tag::new(0x0018, 0x0086), // Echo Number(s)
    Tag::new(0x0020, 0x0100), // Temporal Position Identifier
    Tag::new(0x0020, 0x0037), // Image Orientation (Patient)
    Tag::new(0x0008, 0x0008), // Image Type
    Tag::new(0x0008, 0x0016), // SOP Class UID
    Tag::new(0x0028, 0x0010), // Rows
    Tag::new(0x0028, 0x0011), // Columns
];

/// Modalities that are named; another value could be anything.
const MODALITIES: [&str; 24] = [
    "MR", "CT", "PT", "NM", "US", "CR", "DX", "XA", "RF", "MG", "OT", "SC", "SM", "OP", "OPT", "ES", "XC",
    "GM", "IO", "PX", "IVUS", "IVOCT", "RTIMAGE", "SEG",
];

/// The largest deflated data set that is looked into.
const INFLATED: usize = 1 << 30;

/// An instance that has pixels.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The same below the root that was compared.
    pub(crate) relative: PathBuf,
    /// Hash of its pixel data as encoded. Never shown: it would recognise the scan.
    pub(crate) pixels: [u8; 32],
    pub(crate) modality: &'static str,
    pub(crate) sop_uid: Vec<u8>,
    pub(crate) series_uid: Vec<u8>,
    /// The values of [`TRAITS`].
    traits: Vec<Vec<u8>>,
}

impl Instance {
    /// The folder below the root.
    pub(crate) fn folder(&self) -> &Path {
        self.relative.parent().unwrap_or(Path::new(""))
    }

    /// In how many things that stay the two are alike.
    pub(crate) fn likeness(&self, other: &Instance) -> usize {
        self.traits.iter().zip(&other.traits).filter(|(a, b)| a == b).count()
    }

    /// Instance Number as it stands.
    pub(crate) fn number(&self) -> &[u8] {
        &self.traits[0]
    }

    /// Whether they bear the same number.
    pub(crate) fn has_number_of(&self, other: &Instance) -> bool {
        !self.traits[0].is_empty() && self.traits[0] == other.traits[0]
    }

    /// Whether they are alike in all that stays.
    pub(crate) fn is_like(&self, other: &Instance) -> bool {
        self.has_number_of(other) && self.traits == other.traits
    }
}

/// What is below a root.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    pub(crate) all: Vec<Instance>,
    /// Files of DICOM that have no pixels.
    pub(crate) without_pixels: u64,
    /// Files of raw formats, NIfTI and sidecars.
    pub(crate) raw: Vec<RawFile>,
    /// Files that are none of these, or cannot be read.
    pub(crate) others: u64,
}

impl Instances {
    /// Looks at every file below a root, in the order of their names.
    pub(crate) fn below(root: &Path, go_on: &dyn Fn() -> bool) -> Self {
        let mut instances = Instances::default();
        for entry in Listing::new(root) {
            if !go_on() {
                break;
            }
            let EntryKind::File = entry.kind else { continue };
            match look(&entry.path) {
                Some(Look::Pixels(instance)) => {
                    instances.all.push(Instance { relative: entry.relative, ..*instance });
                }
                Some(Look::NoPixels) => instances.without_pixels += 1,
                None => match raw::look(&entry.path, &entry.relative) {
                    Some(raw) => instances.raw.push(raw),
                    None => instances.others += 1,
                },
            }
        }
        instances
    }
}

enum Look {
    Pixels(Box<Instance>),
    NoPixels,
}

fn look(path: &Path) -> Option<Look> {
    let file = File::open(path).ok()?;
    let len = file.metadata().ok()?.len();
    let mut looked = None;
    read(&file, len, |source, tree, inflated| {
        let pixels = PIXELS.iter().find_map(|&tag| tree.find(ROOT, tag));
        let Some(pixels) = pixels.or_else(|| spectrum(source, tree)) else {
            looked = Some(Look::NoPixels);
            return;
        };
        let pixels = tree.node(pixels);
        let range = (pixels.value_start(), pixels.value_length());
        let hash = match inflated {
            Some(bytes) => bytes
                .get(range.0 as usize..(range.0 + range.1) as usize)
                .map(|bytes| <[u8; 32]>::from(Sha256::digest(bytes))),
            None => hash(&file, range.0, range.1).ok(),
        };
        let Some(pixels) = hash else { return };
        let mut text = |tag| top_level(source, tree, tag);
        let modality = text(MODALITY);
        looked = Some(Look::Pixels(Box::new(Instance {
            path: path.to_path_buf(),
            relative: PathBuf::new(),
            pixels,
            modality: MODALITIES.into_iter().find(|known| known.as_bytes() == modality).unwrap_or("other"),
            sop_uid: text(SOP_INSTANCE_UID),
            series_uid: text(SERIES_INSTANCE_UID),
            traits: TRAITS.into_iter().map(text).collect(),
        })));
    })?;
    looked
}

/// Where a vendor's own class of spectra has its samples.
fn spectrum(source: &mut Reader<'_>, tree: &Tree) -> Option<NodeIndex> {
    tree.children(ROOT).find(|&index| {
        let node = tree.node(index);
        let (group, element) = (node.tag.group(), node.tag.element());
        SPECTRA.iter().any(|&(creator, of, low)| {
            (of, low) == (group, element & 0xFF)
                && element >= 0x1000
                && node.value_length() > 0
                && top_level(source, tree, Tag::new(group, element >> 8)) == creator.as_bytes()
        })
    })
}

/// A source of whichever kind: of a file, or of bytes that were inflated.
pub(crate) type Reader<'s> = dyn FnMut(u64, usize) -> Option<Vec<u8>> + 's;

/// Opens a file, walks it, and hands out its source, its spans and the bytes if they had to be inflated. `None` if
/// it is no DICOM or cannot be read.
pub(crate) fn read(
    file: &File,
    len: u64,
    then: impl FnOnce(&mut Reader<'_>, &Tree, Option<&[u8]>),
) -> Option<Encoding> {
    let mut source = FileSource::new(file, len);
    let layout = open(&mut source).ok()?;
    let mut tree = Tree::default();
    if layout.deflated {
        let length = usize::try_from(len - layout.data_set).ok().filter(|&length| length <= INFLATED)?;
        let deflated = source.bytes(layout.data_set, length)?.to_vec();
        let inflated = deflate::inflate(&deflated, INFLATED, &mut deid_dicom::Faults::default()).ok()?;
        walk(&mut &inflated[..], 0, layout.encoding, &mut tree);
        let mut bytes = &inflated[..];
        then(
            &mut |offset, length| Source::bytes(&mut bytes, offset, length).map(<[u8]>::to_vec),
            &tree,
            Some(&inflated),
        );
        return Some(layout.encoding);
    }
    walk(&mut source, layout.data_set, layout.encoding, &mut tree);
    if source.error().is_some() {
        return None;
    }
    then(&mut |offset, length| source.bytes(offset, length).map(<[u8]>::to_vec), &tree, None);
    Some(layout.encoding)
}

/// The trimmed value of a short element at top level; empty without one.
fn top_level(source: &mut Reader<'_>, tree: &Tree, tag: Tag) -> Vec<u8> {
    const LONGEST: u64 = 1 << 10;
    let Some(node) = tree.find(ROOT, tag).map(|index| tree.node(index)) else { return Vec::new() };
    if node.kind != Kind::Element || node.value_length() > LONGEST {
        return Vec::new();
    }
    let bytes = source(node.value_start(), node.value_length() as usize).unwrap_or_default();
    value::trim(&bytes).to_vec()
}

/// The hash of a range of a file, which may be larger than memory.
pub(crate) fn hash(file: &File, start: u64, length: u64) -> io::Result<[u8; 32]> {
    let mut file = file;
    file.seek(SeekFrom::Start(start))?;
    let mut hasher = Sha256::new();
    let mut reader = BufReader::new(file).take(length);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..read]);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An instance of a series with these pixels, of this number.
    pub(crate) fn instance(series: &str, pixels: u8, number: u8) -> Instance {
        Instance {
            path: PathBuf::new(),
            relative: PathBuf::from(format!("{series}/{number}")),
            pixels: [pixels; 32],
            modality: "MR",
            sop_uid: Vec::new(),
            series_uid: series.as_bytes().to_vec(),
            traits: vec![vec![number]; TRAITS.len()],
        }
    }
}
