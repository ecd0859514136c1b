//! Header of Philips spectroscopy, `.SPAR`: lines `key : value` and comments after `!`. The payload is the `.SDAT`
//! beside it: complex numbers of two VAX floats.
//!
//! The keys are those of an exported pair (5.7.1) and what public readers name; facts in `docs/vendors/spar-sdat.md`.

use crate::edit::{Edits, decode, lines, read, trim};
use crate::field::{Field, gather, judged_bytes, tag};
use crate::{Cleaned, Harvest, Judge, Refusal};
use deid_dicom::Source;

/// No header is longer.
const LIMIT: u64 = 1 << 20;

const FIELDS: &[(&str, Field)] = &[
    ("examination_name", Field::Of(tag(0x0008, 0x1030))),
    // Readers branch on it, and fail without.
    ("scan_id", Field::Needed(tag(0x0008, 0x103E))),
    ("scan_date", Field::NeededDate(tag(0x0008, 0x0020))),
    ("patient_name", Field::Of(tag(0x0010, 0x0010))),
    ("patient_birth_date", Field::Date(tag(0x0010, 0x0030))),
    ("patient_position", Field::Term),
    ("patient_orientation", Field::Term),
    ("nucleus", Field::Term),
    ("volume_selection_enable", Field::Term),
    ("phase_encoding_enable", Field::Term),
    ("phase_encoding_direction", Field::Term),
    ("t0_mu1_direction", Field::Term),
    ("t0_kx_direction", Field::Term),
    ("t0_ky_direction", Field::Term),
    ("t1_measurement_enable", Field::Term),
    ("t2_measurement_enable", Field::Term),
    ("time_series_enable", Field::Term),
    ("Spec.image in plane transf", Field::Term),
    ("spec_data_type", Field::Term),
    ("spec_sample_extension", Field::Term),
    ("spec_col_extension", Field::Term),
    ("spec_row_extension", Field::Term),
    ("echo_acquisition", Field::Term),
    ("resp_motion_comp_technique", Field::Term),
    ("de_coupling", Field::Term),
    ("equipment_sw_verions", Field::Of(tag(0x0018, 0x1020))),
    ("placeholder1", Field::Empty),
    ("placeholder2", Field::Empty),
];

/// Keys whose values are numbers.
const NUMBERS: &[&str] = &[
    "samples",
    "rows",
    "synthesizer_frequency",
    "offset_frequency",
    "sample_frequency",
    "echo_nr",
    "mix_number",
    "echo_time",
    "repetition_time",
    "averages",
    "volumes",
    "ap_size",
    "lr_size",
    "cc_size",
    "ap_off_center",
    "lr_off_center",
    "cc_off_center",
    "ap_angulation",
    "lr_angulation",
    "cc_angulation",
    "si_ap_off_center",
    "si_lr_off_center",
    "si_cc_off_center",
    "si_ap_off_angulation",
    "si_lr_off_angulation",
    "si_cc_off_angulation",
    "volume_selection_method",
    "nr_phase_encoding_profiles",
    "nr_of_phase_encoding_profiles_ky",
    "phase_encoding_fov",
    "slice_thickness",
    "image_plane_slice_thickness",
    "slice_distance",
    "nr_of_slices_for_multislice",
    "spec_num_col",
    "spec_col_lower_val",
    "spec_col_upper_val",
    "spec_num_row",
    "spec_row_lower_val",
    "spec_row_upper_val",
    "num_dimensions",
    "SUN_num_dimensions",
    "TSI_factor",
    "spectrum_echo_time",
    "spectrum_inversion_time",
    "image_chemical_shift",
];

/// Words of the comments that the scanner writes.
const COMMENT_WORDS: &str = "caution investigational device limited by federal law to use gyroscan spectro parameter \
    parameters file files last revised this contains time frequency domain data in the spectral dimension set of and \
    spar sdat is created dataformat vax cpx floats column row extra order make transfer possible between sunspec \
    additional s acs january february march april may june july august september october november december";

pub(crate) fn sniff<S: Source>(source: &mut S) -> bool {
    let length = source.size().min(8192) as usize;
    source.bytes(0, length).is_some_and(|bytes| {
        let has = |key: &[u8]| bytes.windows(key.len()).any(|window| window == key);
        has(b"examination_name") && has(b"patient_name") && has(b"scan_id")
    })
}

pub(crate) fn field_of(key: &str) -> Option<Field> {
    if NUMBERS.contains(&key) {
        return Some(Field::Number);
    }
    if let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == key) {
        return Some(*field);
    }
    // dim1_pnts, SUN_dim2_ext and the like.
    let rest = key.strip_prefix("SUN_").unwrap_or(key).strip_prefix("dim")?;
    match rest.strip_prefix(|c: char| matches!(c, '1'..='6'))? {
        "_ext" | "_direction" => Some(Field::Term),
        "_pnts" | "_low_val" | "_step" | "_t0_point" => Some(Field::Number),
        _ => None,
    }
}

/// Key, where the value begins, value.
type Parts<'a> = (&'a [u8], usize, &'a [u8]);

/// The parts of a line; none for blank lines and comments.
fn parts(line: &[u8]) -> Result<Option<Parts<'_>>, Refusal> {
    let (_, text) = trim(line);
    if text.is_empty() || text.starts_with(b"!") {
        return Ok(None);
    }
    let colon = line.iter().position(|byte| *byte == b':').ok_or(Refusal::Malformed)?;
    let (skipped, value) = trim(&line[colon + 1..]);
    Ok(Some((trim(&line[..colon]).1, colon + 1 + skipped, value)))
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Bytes of the payload: samples and rows of complex numbers in eight bytes each.
fn payload(header: &[u8]) -> Option<u64> {
    let find = |wanted: &[u8]| {
        lines(header).find_map(|(_, line)| match parts(line) {
            Ok(Some((key, _, value))) if key == wanted => number(value),
            _ => None,
        })
    };
    find(b"samples")?.checked_mul(find(b"rows")?)?.checked_mul(8)
}

pub(crate) fn harvest<S: Source>(source: &mut S) -> Harvest {
    let mut harvest = Harvest::default();
    let size = source.size();
    let Ok(header) = read(source, 0, size, LIMIT) else { return harvest };
    harvest.payload = payload(&header);
    for (_, line) in lines(&header) {
        if let Ok(Some((key, _, value))) = parts(line)
            && let Some(field) = std::str::from_utf8(key).ok().and_then(field_of)
        {
            gather(&mut harvest, field, &decode(value).0);
        }
    }
    harvest
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let size = source.size();
    let header = read(source, 0, size, LIMIT)?;
    if payload(&header).is_none() {
        return Err(Refusal::Malformed);
    }
    let mut edits = Edits::default();
    for (start, line) in lines(&header) {
        let Some((key, at, value)) = parts(line)? else {
            comment(&mut edits, start, line, COMMENT_WORDS, judge);
            continue;
        };
        let field = std::str::from_utf8(key).ok().and_then(field_of).ok_or(Refusal::UnknownField)?;
        let from = (start + at) as u64;
        edits.replace(from..from + value.len() as u64, value, judged_bytes(field, value, judge)?);
    }
    crate::settled(source, edits, size, judge)
}

/// A comment stays if all its words are those the scanner writes, or content rules find nothing in it; else its sign
/// alone stays. A date in it goes as well: `Last revised 05-July-2007` is that of the format.
pub(crate) fn comment(edits: &mut Edits, start: usize, line: &[u8], words: &str, judge: &dyn Judge) {
    let (skipped, text) = trim(line);
    if text.len() < 2 {
        return;
    }
    let rest = decode(&text[1..]).0;
    let known = !has_numbers(&rest)
        && rest.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(|word| {
            let lower = word.to_lowercase();
            let digits = lower.bytes().all(|byte| byte.is_ascii_digit());
            let version = lower.len() <= 3 && lower.bytes().any(|byte| byte.is_ascii_digit());
            version || digits && lower == "2007" || words.split_whitespace().any(|known| known == lower)
        });
    let known = known && !judge.identifies(rest.as_bytes());
    let from = (start + skipped + 1) as u64;
    let range = from..from + (text.len() - 1) as u64;
    if known || judge.text(&rest) == rest {
        edits.kept += 1;
    } else {
        edits.replace(range, &text[1..], Vec::new());
    }
}

/// Whether short numbers side by side may be a date or a number of somebody, or letters are written as their codes.
fn has_numbers(text: &str) -> bool {
    let (mut row, mut count) = (0, 0);
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    for part in parts {
        let number = part.bytes().all(|byte| byte.is_ascii_digit());
        (row, count) = if number { (row + 1, count + part.len()) } else { (0, 0) };
        if row >= 3 && count >= 4 || row >= 2 && count >= 6 {
            return true;
        }
    }
    text.contains('\\') || text.contains("&#")
}
