//! A classic MR image in the manner of Siemens: CSA headers and the text elements of group 0051.

use super::{Subject, common, file};
use crate::tags;

/// A classic MR image of Siemens with CSA image and series headers.
///
/// The notes are in the text element (0029,1160) and in the protocol within the series header (0029,1020); the
/// image header (0029,1010) refers to another image by UID, as the real one does.
pub fn mr_instance(subject: &Subject) -> Vec<u8> {
    let mut data_set = common(subject);
    data_set
        .add(tags::MANUFACTURER, "LO", "SIEMENS")
        .add(tags::MANUFACTURER_MODEL_NAME, "LO", "Prisma")
        .add(tags::SOFTWARE_VERSIONS, "LO", "syngo MR E11")
        .add(tags::SEQUENCE_NAME, "SH", "*tfl3d1_16ns")
        .add(tags::TRANSMIT_COIL_NAME, "SH", "Body");
    data_set
        .add(0x0019_0010, "LO", "SIEMENS MR HEADER")
        .add(0x0019_1008, "CS", "IMAGE NUM 4")
        .add(0x0019_1009, "LO", "1.0")
        .add(0x0019_100B, "DS", "2300")
        .add(0x0019_100F, "SH", "Fast")
        .add(0x0019_1011, "SH", "No")
        .add(0x0019_1012, "SL", slice_numbers(&[0, 0, -1274]))
        .add(0x0019_1018, "IS", "7100");
    data_set
        .add(0x0029_0010, "LO", "SIEMENS CSA HEADER")
        .add(0x0029_0011, "LO", "SIEMENS MEDCOM HEADER2")
        .add(0x0029_1008, "CS", "IMAGE NUM 4")
        .add(0x0029_1009, "LO", &subject.study_date)
        .add(0x0029_1010, "OB", image_header(subject))
        .add(0x0029_1018, "CS", "MR")
        .add(0x0029_1019, "LO", &subject.study_date)
        .add(0x0029_1020, "OB", series_header(subject))
        .add(0x0029_1160, "LO", &subject.private_note);
    data_set
        .add(0x0051_0010, "LO", "SIEMENS MR HEADER")
        .add(0x0051_1008, "CS", "IMAGE NUM 4")
        .add(0x0051_1009, "LO", "1.0")
        .add(0x0051_100A, "LO", "TA 05.12")
        .add(0x0051_100B, "LO", "8*8")
        .add(0x0051_100C, "LO", "FoV 8*8")
        .add(0x0051_100D, "SH", "SP R85.5")
        .add(0x0051_100E, "LO", "Sag")
        .add(0x0051_100F, "LO", "HEA;HEP");
    file(subject, data_set)
}

/// One field of a CSA header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsaField {
    /// Name, at most 63 bytes.
    pub name: &'static str,
    /// VR, two letters.
    pub vr: &'static str,
    /// The values, as text.
    pub values: Vec<String>,
}

impl CsaField {
    /// Name, number of values, VR and number of items, as both sorts of header have them before the items.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut name = [0; 64];
        name[..self.name.len()].copy_from_slice(self.name.as_bytes());
        let count = (self.values.len() as u32).to_le_bytes();
        [&name, &count[..], self.vr.as_bytes(), &[0; 6], &count, &77_u32.to_le_bytes()].concat()
    }
}

/// A CSA header of the newer sort: `SV10`, then fields of a fixed header with items padded to four bytes.
pub fn csa_header(fields: &[CsaField]) -> Vec<u8> {
    let mut bytes = b"SV10\x04\x03\x02\x01".to_vec();
    bytes.extend((fields.len() as u32).to_le_bytes());
    bytes.extend(77_u32.to_le_bytes());
    for field in fields {
        bytes.extend(field.head());
        for value in &field.values {
            let mut text = value.clone().into_bytes();
            text.push(0);
            let length = (text.len() as u32).to_le_bytes();
            bytes.extend([length, length, 77_u32.to_le_bytes(), length].concat());
            text.resize(text.len().next_multiple_of(4), 0);
            bytes.extend(text);
        }
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn image_header(subject: &Subject) -> Vec<u8> {
    csa_header(&[
        field("EchoLinePosition", "IS", ["128"]),
        field("SliceNormalVector", "FD", ["1.00000000", "0.00000000", "0.00000000"]),
        field("ImaAbsTablePosition", "SL", ["0", "0", "-1274"]),
        field("ReferencedImageSequence", "UI", [&subject.referenced_uid]),
        field("BandwidthPerPixelPhaseEncode", "FD", []),
    ])
}

fn series_header(subject: &Subject) -> Vec<u8> {
    let protocol = format!(
        "### ASCCONV BEGIN ###\n\
         tSequenceFileName\t = \t\"%SiemensSeq%\\tfl\"\n\
         tProtocolName\t = \t\"t1_mprage_sag\"\n\
         tFrameOfReference\t = \t\"{}\"\n\
         tFreeText\t = \t\"{}\"\n\
         ### ASCCONV END ###\n",
        subject.frame_of_reference_uid, subject.opaque_note,
    );
    csa_header(&[
        field("DeviceSerialNumber", "LO", [&subject.device_serial_number]),
        field("UsedPatientWeight", "IS", ["70"]),
        field("MrPhoenixProtocol", "UN", [&protocol]),
    ])
}

fn field<const N: usize>(name: &'static str, vr: &'static str, values: [&str; N]) -> CsaField {
    CsaField { name, vr, values: values.map(str::to_owned).to_vec() }
}

fn slice_numbers(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csa_header_counts_its_fields_and_items() {
        let bytes = csa_header(&[field("Name", "LO", ["abc", "d"]), field("Empty", "IS", [])]);
        assert_eq!(bytes.len(), 16 + 84 + 2 * (16 + 4) + 84);
        assert_eq!(bytes[8..12], 2_u32.to_le_bytes());
        assert_eq!(&bytes[80..84], 2_u32.to_le_bytes());
        assert_eq!(&bytes[116..120], b"abc\0");
    }
}
