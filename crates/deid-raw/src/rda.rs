//! Siemens spectroscopy, `.rda`: lines `Key: value` between two marks, then complex numbers of 16 bytes.
//!
//! The keys are those that syngo MR VA to VE writes; facts in `docs/vendors/rda.md`.

use crate::edit::{Edits, lines, trim};
use crate::field::{Field, gather, judged_bytes, tag};
use crate::{Cleaned, Harvest, Judge, Refusal};
use deid_dicom::Source;

const BEGIN: &[u8] = b">>> Begin of header <<<";
const END: &[u8] = b">>> End of header <<<";
/// No header is longer.
const LIMIT: u64 = 1 << 20;

/// Keys and what they hold; an index in brackets is left out.
const FIELDS: &[(&str, Field)] = &[
    ("PatientName", Field::Of(tag(0x0010, 0x0010))),
    ("PatientID", Field::Of(tag(0x0010, 0x0020))),
    ("PatientSex", Field::Of(tag(0x0010, 0x0040))),
    ("PatientBirthDate", Field::Date(tag(0x0010, 0x0030))),
    ("PatientAge", Field::Of(tag(0x0010, 0x1010))),
    ("PatientWeight", Field::Of(tag(0x0010, 0x1030))),
    ("PatientHeight", Field::Of(tag(0x0010, 0x1020))),
    ("PatientSize", Field::Of(tag(0x0010, 0x1020))),
    ("PatientPosition", Field::Of(tag(0x0018, 0x5100))),
    ("StudyDate", Field::Date(tag(0x0008, 0x0020))),
    ("StudyTime", Field::Time(tag(0x0008, 0x0030))),
    ("StudyDescription", Field::Of(tag(0x0008, 0x1030))),
    ("SeriesDate", Field::Date(tag(0x0008, 0x0021))),
    ("SeriesTime", Field::Time(tag(0x0008, 0x0031))),
    ("SeriesDescription", Field::Of(tag(0x0008, 0x103E))),
    ("ProtocolName", Field::Of(tag(0x0018, 0x1030))),
    ("SeriesNumber", Field::Number),
    ("InstitutionName", Field::Of(tag(0x0008, 0x0080))),
    ("StationName", Field::Of(tag(0x0008, 0x1010))),
    ("ModelName", Field::Of(tag(0x0008, 0x1090))),
    ("DeviceSerialNumber", Field::Of(tag(0x0018, 0x1000))),
    ("SoftwareVersion", Field::Of(tag(0x0018, 0x1020))),
    ("InstanceDate", Field::Date(tag(0x0008, 0x0023))),
    ("InstanceTime", Field::Time(tag(0x0008, 0x0033))),
    ("InstanceNumber", Field::Number),
    ("InstanceComments", Field::Of(tag(0x0020, 0x4000))),
    ("AcquisitionNumber", Field::Number),
    ("SequenceName", Field::Term),
    ("SequenceDescription", Field::Text),
    ("TR", Field::Number),
    ("TE", Field::Number),
    ("TM", Field::Number),
    ("TI", Field::Number),
    ("DwellTime", Field::Number),
    ("EchoNumber", Field::Number),
    ("NumberOfAverages", Field::Number),
    ("MRFrequency", Field::Number),
    ("Nucleus", Field::Term),
    ("MagneticFieldStrength", Field::Number),
    ("NumOfPhaseEncodingSteps", Field::Number),
    ("FlipAngle", Field::Number),
    ("VectorSize", Field::Number),
    ("CSIMatrixSize", Field::Number),
    ("CSIMatrixSizeOfScan", Field::Number),
    ("CSIGridShift", Field::Number),
    ("HammingFilter", Field::Term),
    ("FrequencyCorrection", Field::Term),
    ("TransmitCoil", Field::Term),
    ("TransmitRefAmplitude", Field::Number),
    ("SliceThickness", Field::Number),
    ("PositionVector", Field::Number),
    ("RowVector", Field::Number),
    ("ColumnVector", Field::Number),
    ("VOIPositionSag", Field::Number),
    ("VOIPositionCor", Field::Number),
    ("VOIPositionTra", Field::Number),
    ("VOIThickness", Field::Number),
    ("VOIPhaseFOV", Field::Number),
    ("VOIReadoutFOV", Field::Number),
    ("VOINormalSag", Field::Number),
    ("VOINormalCor", Field::Number),
    ("VOINormalTra", Field::Number),
    ("VOIRotationInPlane", Field::Number),
    ("FoVHeight", Field::Number),
    ("FoVWidth", Field::Number),
    ("FoV3D", Field::Number),
    ("PercentOfRectFoV", Field::Number),
    ("NumberOfRows", Field::Number),
    ("NumberOfColumns", Field::Number),
    ("NumberOf3DParts", Field::Number),
    ("PixelSpacingRow", Field::Number),
    ("PixelSpacingCol", Field::Number),
    ("PixelSpacing3D", Field::Number),
];

pub(crate) fn sniff<S: Source>(source: &mut S) -> bool {
    source.peek::<23>(0).is_some_and(|bytes| bytes == BEGIN)
}

/// The header, and where the payload begins.
fn header<S: Source>(source: &mut S) -> Result<(Vec<u8>, u64), Refusal> {
    let length = source.size().min(LIMIT) as usize;
    let bytes = source.bytes(0, length).ok_or(Refusal::Length)?;
    let end = bytes.windows(END.len()).position(|window| window == END).ok_or(Refusal::Malformed)?;
    let mut payload = end + END.len();
    for expected in [b'\r', b'\n'] {
        if bytes.get(payload) == Some(&expected) {
            payload += 1;
        }
    }
    Ok((bytes[..end].to_vec(), payload as u64))
}

/// Key without its index, and the index.
fn key_of(key: &[u8]) -> Option<(&str, &str)> {
    let key = std::str::from_utf8(key).ok()?;
    let Some(open) = key.find('[') else { return Some((key, "")) };
    let index = key[open + 1..].strip_suffix(']')?;
    let plausible =
        index.len() <= 8 && index.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b',');
    plausible.then_some((&key[..open], index))
}

pub(crate) fn field_of(key: &[u8]) -> Option<Field> {
    let (name, index) = key_of(key)?;
    // An index is a number, or the nucleus of a reference amplitude.
    let known = index.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
        || matches!(index, "1H" | "2H" | "3He" | "7Li" | "13C" | "17O" | "19F" | "23Na" | "31P" | "129Xe");
    FIELDS.iter().find(|(known, _)| *known == name).filter(|_| known).map(|(_, field)| *field)
}

/// Key and value of a line, and where the value begins.
fn parts(line: &[u8]) -> Option<(&[u8], usize, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (skipped, value) = trim(&line[colon + 1..]);
    Some((trim(&line[..colon]).1, colon + 1 + skipped, value))
}

pub(crate) fn harvest<S: Source>(source: &mut S) -> Harvest {
    let mut harvest = Harvest::default();
    let Ok((header, _)) = header(source) else { return harvest };
    for (_, line) in lines(&header) {
        if let Some((key, _, value)) = parts(line)
            && let Some(field) = field_of(key)
        {
            gather(&mut harvest, field, &crate::edit::decode(value).0);
        }
    }
    harvest
}

pub(crate) fn clean<S: Source>(source: &mut S, judge: &dyn Judge) -> Result<Cleaned, Refusal> {
    let (header, payload) = header(source)?;
    let mut edits = Edits::default();
    let mut points: Option<u64> = None;
    let mut voxels = 1_u64;
    for (index, (start, line)) in lines(&header).enumerate() {
        if index == 0 || trim(line).1.is_empty() {
            // Nothing stands beside the first mark.
            if index == 0 && trim(line).1 != BEGIN {
                return Err(Refusal::Malformed);
            }
            continue;
        }
        let (key, at, value) = parts(line).ok_or(Refusal::Malformed)?;
        let field = field_of(key).ok_or(Refusal::UnknownField)?;
        if key.starts_with(b"VectorSize") {
            points = number(value);
        } else if key.starts_with(b"CSIMatrixSize[") {
            voxels = number(value).and_then(|size| voxels.checked_mul(size)).ok_or(Refusal::Malformed)?;
        }
        let new = judged_bytes(field, value, judge)?;
        // All of the line behind the value goes with it: blanks only.
        let from = (start + at) as u64;
        edits.replace(from..from + value.len() as u64, value, new);
    }
    let expected = points.and_then(|points| points.checked_mul(voxels)).and_then(|n| n.checked_mul(16));
    if expected.and_then(|expected| expected.checked_add(payload)) != Some(source.size()) {
        return Err(Refusal::Length);
    }
    crate::settled(source, edits, payload, judge)
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
