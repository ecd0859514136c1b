//! Siemens: `.rda` and twix.

use super::{Slots, payload};
use std::fmt::Write as _;

/// A spectrum of 64 points.
pub fn rda(slots: &Slots) -> Vec<u8> {
    let Slots {
        name, id, birth_date, study_date, institution, station, serial, study, series, comment, ..
    } = slots;
    let mut text = format!(
        ">>> Begin of header <<<\r\nPatientName: {name}\r\nPatientID: {id}\r\nPatientSex: F\r\n\
         PatientBirthDate: {birth_date}\r\nStudyDate: {study_date}\r\nStudyTime: 101112.578000\r\n\
         StudyDescription: {study}\r\nPatientAge: 042Y\r\nPatientWeight: 71.000000\r\nSeriesDate: {study_date}\r\n\
         SeriesTime: 101213.359000\r\nSeriesDescription: {series}\r\nProtocolName: {series}\r\nPatientPosition: HFS\r\n\
         SeriesNumber: 7\r\nInstitutionName: {institution}\r\nStationName: {station}\r\nModelName: Prisma\r\n\
         DeviceSerialNumber: {serial}\r\nSoftwareVersion[0]: syngo MR E11\r\nInstanceDate: {study_date}\r\n\
         InstanceTime: 101213.375000\r\nInstanceNumber: 1\r\nInstanceComments: {comment}\r\nAcquisitionNumber: 1\r\n\
         SequenceName: *svs_se\r\nSequenceDescription: {comment}\r\nTR: 2000.000000\r\nTE: 30.000000\r\nTM: 0.000000\r\n\
         TI: 0.000000\r\nDwellTime: 833\r\nEchoNumber: 0\r\nNumberOfAverages: 96.000000\r\nMRFrequency: 123.254489\r\n\
         Nucleus: 1H\r\nMagneticFieldStrength: 3.000000\r\nNumOfPhaseEncodingSteps: 1\r\nFlipAngle: 90.000000\r\n\
         VectorSize: 64\r\nCSIMatrixSize[0]: 1\r\nCSIMatrixSize[1]: 1\r\nCSIMatrixSize[2]: 1\r\n"
    );
    text.push_str("CSIMatrixSizeOfScan[0]: 1\r\nCSIMatrixSizeOfScan[1]: 1\r\nCSIMatrixSizeOfScan[2]: 1\r\n");
    text.push_str("CSIGridShift[0]: 0\r\nCSIGridShift[1]: 0\r\nCSIGridShift[2]: 0\r\nHammingFilter: Off\r\n");
    text.push_str(
        "FrequencyCorrection: NO\r\nTransmitCoil: Body\r\nTransmitRefAmplitude[1H]: 312,500000\r\n",
    );
    text.push_str("SliceThickness: 20.000000\r\n");
    for key in ["PositionVector", "RowVector", "ColumnVector"] {
        for (axis, value) in ["1.000000", "0.000000", "0.000000"].iter().enumerate() {
            let value =
                if key == "ColumnVector" && axis < 2 { ["0.000000", "1.000000"][axis] } else { value };
            let _ = write!(text, "{key}[{axis}]: {value}\r\n");
        }
    }
    for key in ["VOIPositionSag", "VOIPositionCor", "VOIPositionTra", "VOINormalSag", "VOINormalCor"] {
        let _ = write!(text, "{key}: 0.000000\r\n");
    }
    text.push_str("VOIThickness: 20.000000\r\nVOIPhaseFOV: 20.000000\r\nVOIReadoutFOV: 20.000000\r\n");
    text.push_str("VOINormalTra: 1.000000\r\nVOIRotationInPlane: 0.000000\r\nFoVHeight: 20.000000\r\n");
    text.push_str(
        "FoVWidth: 20.000000\r\nFoV3D: 20.000000\r\nPercentOfRectFoV: 1.000000\r\nNumberOfRows: 1\r\n",
    );
    text.push_str("NumberOfColumns: 1\r\nNumberOf3DParts: 1\r\nPixelSpacingRow: 20.000000\r\n");
    text.push_str("PixelSpacingCol: 20.000000\r\nPixelSpacing3D: 20.000000\r\n>>> End of header <<<\r\n");
    let mut bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    bytes.extend(payload(64 * 16));
    bytes
}

/// The texts of a header by buffer.
fn buffers(slots: &Slots) -> Vec<(&'static str, String)> {
    let Slots {
        name,
        id,
        birth_date,
        study_date,
        institution,
        station,
        serial,
        operator,
        study,
        series,
        uid,
        ..
    } = slots;
    let dicom = format!(
        "<XProtocol> \n{{\n  <ParamMap.\"\"> \n  {{\n    <ParamMap.\"DICOM\"> \n    {{\n\
         \x20     <ParamString.\"Manufacturer\">  {{ \"SIEMENS\"  }}\n\
         \x20     <ParamString.\"ManufacturersModelName\">  {{ \"Prisma\"  }}\n\
         \x20     <ParamString.\"SoftwareVersions\">  {{ \"syngo MR E11\"  }}\n\
         \x20     <ParamString.\"InstitutionName\">  {{ \"{institution}\"  }}\n\
         \x20     <ParamString.\"InstitutionAddress\">  {{ \"{institution} Road 1\"  }}\n\
         \x20     <ParamString.\"DeviceSerialNumber\">  {{ \"{serial}\"  }}\n\
         \x20     <ParamString.\"StationName\">  {{ \"{station}\"  }}\n\
         \x20     <ParamString.\"PatientName\">  {{ \"{name}\"  }}\n\
         \x20     <ParamString.\"tOperatorsName\">  {{ \"{operator}\"  }}\n\
         \x20     <ParamString.\"FrameOfReference\">  {{ \"{uid}\"  }}\n\
         \x20     <ParamLong.\"EchoTrainLength\">  {{ 1  }}\n      <ParamLong.\"RFEchoTrainLength\">  {{ }}\n\
         \x20     <ParamDouble.\"flMagneticFieldStrength\">  {{ <Precision> 6  2.893620  }}\n    }}\n  }}\n}}\n"
    );
    let meas = format!(
        "<XProtocol> \n{{\n  <EVAStringTable> \n  {{\n    34\n    400 \"Multistep Protocol\"\n  }}\n  <ParamMap.\"\"> \n  {{\n\
         \x20   <ParamString.\"tPatientName\">  {{ <Default> \"{name}\" \"{name}\"  }}\n\
         \x20   <ParamString.\"PatientID\">  {{ \"{id}\"  }}\n\
         \x20   <ParamString.\"PatientLOID\">  {{ \"{uid}\"  }}\n\
         \x20   <ParamString.\"PatientBirthDay\">  {{ \"{birth_date}\"  }}\n\
         \x20   <ParamLong.\"PatientSex\">  {{ 2  }}\n    <ParamDouble.\"flPatientAge\">  {{ <Precision> 6  42.000000  }}\n\
         \x20   <ParamDouble.\"flUsedPatientWeight\">  {{ <Precision> 6  71.000000  }}\n\
         \x20   <ParamString.\"tStudyDescription\">  {{ \"{study}\"  }}\n\
         \x20   <ParamString.\"tProtocolName\">  {{ \"{series}\"  }}\n\
         \x20   <ParamString.\"ProtocolChangeHistory\">  {{ \"changed by {operator} on {study_date}\"  }}\n\
         \x20   <ParamArray.\"Notes\"> \n    {{\n      <Default> <ParamString.\"\"> {{ }}\n      {{ \"{study}\" }} {{ \"seen by {operator}\" }}\n    }}\n\
         \x20   <ParamLong.\"BaseResolution\">  {{ 256 }}\n  }}\n}}\n"
    );
    let yaps = format!(
        "### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=51130001 converter=%MEASCONST%/x.txt ###\n\
         ulVersion\t = \t51130001\ntSequenceFileName\t = \t\"%SiemensSeq%\\svs_se\"\ntProtocolName\t = \t\"{series}\"\n\
         tReferenceImage0\t = \t\"{uid}\"\ntPatientName = \"\"{name}\"\"\n\
         sProtConsistencyInfo.tBaselineString\t = \t\"N4_VE11C_LATEST_20160120\"\n\
         sTXSPEC.asNucleusInfo[0].tNucleus\t = \t\"1H\"\nsRXSPEC.alDwellTime[0]\t = \t416000\nlAverages\t = \t96\n\
         alTE[0]\t = \t30000\nsWipMemBlock.tFree\t = \t\"for {operator}, {study_date}\"\nucFlag = 0x1 # '{study}'\n\
         ### ASCCONV END ###"
    );
    vec![
        ("Config", meas.clone()),
        ("Dicom", dicom),
        ("Meas", meas.clone() + &yaps + "\0"),
        ("MeasYaps", yaps),
        ("Phoenix", meas),
    ]
}

/// The header of a measurement.
fn header(slots: &Slots) -> Vec<u8> {
    let buffers = buffers(slots);
    let mut body = (buffers.len() as u32).to_le_bytes().to_vec();
    for (name, text) in buffers {
        let text: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        body.extend(name.as_bytes());
        body.push(0);
        body.extend((text.len() as u32).to_le_bytes());
        body.extend(text);
    }
    // What stands behind the last buffer is a rest of memory.
    body.extend(slots.name.bytes());
    while !(body.len() + 4).is_multiple_of(32) || body.len() < 10_000 {
        body.push(0);
    }
    let mut bytes = (body.len() as u32 + 4).to_le_bytes().to_vec();
    bytes.extend(body);
    bytes
}

/// A scan that ends a measurement: its header of 192 bytes with the flag ACQEND, and 160 bytes behind it.
fn end_of_scans() -> Vec<u8> {
    let mut bytes = vec![0; 352];
    bytes[..4].copy_from_slice(&352_u32.to_le_bytes());
    bytes[40] = 1;
    bytes
}

/// A file as VB writes it.
pub fn twix_vb(slots: &Slots) -> Vec<u8> {
    let mut bytes = header(slots);
    bytes.extend(payload(4096));
    bytes
}

/// A file as VD, VE and XA write it, with two measurements.
pub fn twix_vd(slots: &Slots) -> Vec<u8> {
    let mut bytes = vec![0; 10_240];
    bytes[4..8].copy_from_slice(&2_u32.to_le_bytes());
    for measurement in 0..2_usize {
        let start = bytes.len();
        bytes.extend(header(slots));
        bytes.extend(end_of_scans());
        let length = bytes.len() - start;
        let entry = 8 + measurement * 152;
        bytes[entry..entry + 4].copy_from_slice(&(measurement as u32 + 1).to_le_bytes());
        bytes[entry + 8..entry + 16].copy_from_slice(&(start as u64).to_le_bytes());
        bytes[entry + 16..entry + 24].copy_from_slice(&(length as u64).to_le_bytes());
        for (at, text) in [(entry + 24, &slots.name), (entry + 88, &slots.series)] {
            let text: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            let length = text.len().min(63);
            bytes[at..at + length].copy_from_slice(&text[..length]);
        }
        while !bytes.len().is_multiple_of(512) {
            bytes.push(0);
        }
    }
    // An entry that is no longer in use.
    let old = 8 + 5 * 152 + 24;
    let length = slots.name.len().min(63);
    bytes[old..old + length].copy_from_slice(&slots.name.as_bytes()[..length]);
    // Between the table and the first measurement.
    bytes[10_000..10_000 + length].copy_from_slice(&slots.name.as_bytes()[..length]);
    bytes
}
