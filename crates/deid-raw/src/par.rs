//! Header of Philips images, `.PAR` of versions 3 to 4.2: lines `.  key : value`, comments after `#`, and a table with
//! a row of numbers for each image. The payload is the `.REC` beside it.
//!
//! The keys are those that public readers name; facts in `docs/vendors/par-rec.md`. The XML variant is recognised only.

use crate::edit::{Edits, decode, lines, read, trim};
use crate::field::{Field, gather, is_number, judged_bytes, tag};
use crate::spar::comment;
use crate::{Cleaned, Harvest, Judge, Refusal};
use deid_dicom::Source;

/// No header is longer.
const LIMIT: u64 = 64 << 20;

/// Keys with one blank between words.
const FIELDS: &[(&str, Field)] = &[
    ("Patient name", Field::Of(tag(0x0010, 0x0010))),
    ("Examination name", Field::Of(tag(0x0008, 0x1030))),
    ("Protocol name", Field::Of(tag(0x0018, 0x1030))),
    // Readers fail without a date.
    ("Examination date/time", Field::NeededDate(tag(0x0008, 0x0020))),
    ("Series Type", Field::Term),
    ("Series_data_type", Field::Term),
    ("Acquisition nr", Field::Number),
    ("Reconstruction nr", Field::Number),
    ("Scan Duration [sec]", Field::Number),
    ("Max. number of cardiac phases", Field::Number),
    ("Max. number of echoes", Field::Number),
    ("Max. number of slices/locations", Field::Number),
    ("Max. number of dynamics", Field::Number),
    ("Max. number of mixes", Field::Number),
    ("Max. number of diffusion values", Field::Number),
    ("Max. number of Diffusion values", Field::Number),
    ("Max. number of gradient orients", Field::Number),
    ("Number of label types <0=no ASL>", Field::Number),
    ("Image pixel size [8 or 16 bits]", Field::Number),
    ("Patient position", Field::Term),
    ("Patient Position", Field::Term),
    ("Preparation direction", Field::Term),
    ("Technique", Field::Term),
    ("Scan resolution (x, y)", Field::Number),
    ("Scan percentage", Field::Number),
    ("Recon resolution (x, y)", Field::Number),
    ("Number of averages", Field::Number),
    ("Scan mode", Field::Term),
    ("Repetition time [ms]", Field::Number),
    ("Repetition time [msec]", Field::Number),
    ("FOV (ap,fh,rl) [mm]", Field::Number),
    ("Slice thickness [mm]", Field::Number),
    ("Slice gap [mm]", Field::Number),
    ("Water Fat shift [pixels]", Field::Number),
    ("Angulation midslice(ap,fh,rl)[degr]", Field::Number),
    ("Off Centre midslice(ap,fh,rl) [mm]", Field::Number),
    ("Flow compensation <0=no 1=yes> ?", Field::Number),
    ("Presaturation <0=no 1=yes> ?", Field::Number),
    ("Cardiac frequency", Field::Number),
    ("Min. RR interval", Field::Number),
    ("Max. RR interval", Field::Number),
    ("Phase encoding velocity [cm/sec]", Field::Number),
    ("MTC <0=no 1=yes> ?", Field::Number),
    ("SPIR <0=no 1=yes> ?", Field::Number),
    ("EPI factor <0,1=no EPI>", Field::Number),
    ("TURBO factor <0=no turbo>", Field::Number),
    ("Dynamic scan <0=no 1=yes> ?", Field::Number),
    ("Diffusion <0=no 1=yes> ?", Field::Number),
    ("Diffusion echo time [ms]", Field::Number),
    ("Diffusion echo time [msec]", Field::Number),
    ("Inversion delay [msec]", Field::Number),
];

/// Words of the comments that the export tool writes.
const COMMENT_WORDS: &str = "data description file caution investigational device limited by federal law to use \
    clinical tryout research image export tool general information pixel values pv value in rec fp floating point dv \
    displayed on console rs rescale slope ri intercept ss scale or definition the rest of this contains one line per \
    following slice number integer echo dynamic scan cardiac phase image_type_mr scanning sequence index images size \
    bits percentage recon resolution x y float window center width angulation ap fh rl degrees offcentre mm thickness \
    gap image_display_orientation orientation tra sag cor fmri_status_indication image_type_ed_es end diast syst \
    spacing string echo_time dyn_scan_begin_time trigger_time diffusion_b_factor averages image_flip_angle frequency \
    bpm minimum maximum rr interval ms turbo factor inversion delay diffusion b imagekey gradient contrast type \
    anisotropy label asl sl ec dyn ph ty idx pix re offc thick info dtime ttime diff avg flip freq int grad cont \
    anis l rr-int scan_percentage recon_x image type mr ed es display status indication fmri time begin trigger angle \
    is its n dx dy dz v";

pub(crate) fn sniff<S: Source>(source: &mut S) -> bool {
    let length = source.size().min(4096) as usize;
    source.bytes(0, length).is_some_and(|bytes| {
        let has = |key: &[u8]| bytes.windows(key.len()).any(|window| window == key);
        has(b"DATA DESCRIPTION FILE") || has(b"<PRIDE_V5")
    })
}

/// What a line is.
enum Line<'a> {
    /// Key, where the value begins, value.
    General(String, usize, &'a [u8]),
    Comment,
    Row(&'a [u8]),
}

fn line_of(line: &[u8]) -> Result<Line<'_>, Refusal> {
    let (skipped, text) = trim(line);
    match text.first() {
        None | Some(b'#') => Ok(Line::Comment),
        Some(b'.') => {
            // The first colon is the one before the value: no key has one.
            let colon = line.iter().position(|byte| *byte == b':').ok_or(Refusal::Malformed)?;
            let key = line.get(skipped + 1..colon).ok_or(Refusal::Malformed)?;
            let (at, value) = trim(&line[colon + 1..]);
            let key = decode(key).0.split_whitespace().collect::<Vec<_>>().join(" ");
            Ok(Line::General(key, colon + 1 + at, value))
        }
        Some(_) => Ok(Line::Row(text)),
    }
}

pub(crate) fn field_of(key: &str) -> Option<Field> {
    FIELDS.iter().find(|(known, _)| *known == key).map(|(_, field)| *field)
}

fn numbers(text: &[u8]) -> Vec<u64> {
    decode(text).0.split_whitespace().map_while(|number| number.parse().ok()).collect()
}

/// Bytes of the payload. From version 4 on each row has bits and matrix of its image; before, the header has them.
fn payload(header: &[u8]) -> Option<u64> {
    let mut size: Option<(u64, u64)> = None;
    let mut bits = None;
    let mut total = 0_u64;
    for (_, line) in lines(header) {
        match line_of(line).ok()? {
            Line::General(key, _, value) if key.starts_with("Image pixel size") => {
                bits = numbers(value).first().copied();
            }
            Line::General(key, _, value) if key.starts_with("Recon resolution") => {
                let [x, y] = numbers(value)[..] else { return None };
                size = Some((x, y));
            }
            Line::Row(row) => {
                let (bits, x, y) = if let (Some(bits), Some((x, y))) = (bits, size) {
                    (bits, x, y)
                } else {
                    let text = decode(row).0;
                    let mut columns = text.split_whitespace();
                    let bits: u64 = columns.nth(7)?.parse().ok()?;
                    let mut matrix = columns.skip(1);
                    (bits, matrix.next()?.parse().ok()?, matrix.next()?.parse().ok()?)
                };
                total = x.checked_mul(y)?.checked_mul(bits / 8)?.checked_add(total)?;
            }
            _ => {}
        }
    }
    Some(total)
}

pub(crate) fn harvest<S: Source>(source: &mut S) -> Harvest {
    let mut harvest = Harvest::default();
    let size = source.size();
    let Ok(header) = read(source, 0, size, LIMIT) else { return harvest };
    harvest.payload = payload(&header);
    for (_, line) in lines(&header) {
        if let Ok(Line::General(key, _, value)) = line_of(line)
            && let Some(field) = field_of(&key)
        {
            gather(&mut harvest, field, &decode(value).0);
        }
    }
    harvest
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let size = source.size();
    let header = read(source, 0, size, LIMIT)?;
    if header.starts_with(b"<") {
        return Err(Refusal::UnknownRevision);
    }
    payload(&header).ok_or(Refusal::Malformed)?;
    let mut edits = Edits::default();
    for (start, line) in lines(&header) {
        match line_of(line)? {
            Line::Comment => comment(&mut edits, start, line, COMMENT_WORDS, judge),
            Line::General(key, at, value) => {
                let field = field_of(&key).ok_or(Refusal::UnknownField)?;
                let from = (start + at) as u64;
                edits.replace(from..from + value.len() as u64, value, judged_bytes(field, value, judge)?);
            }
            Line::Row(row) => {
                let text = decode(row).0;
                // A column has a sign, eight digits and an exponent at most; some tools write doubles in full.
                let long = |column: &str| {
                    let whole = column.split('.').next().unwrap_or_default();
                    whole.len() > 16 || column.len() > 24
                };
                if !is_number(&text) || text.split_whitespace().any(long) {
                    return Err(Refusal::UnknownField);
                }
            }
        }
    }
    crate::settled(source, edits, size, judge)
}
