//! Vendors' headers byte by byte, with a word of the caller's in each slot that holds text.

use crate::study::siemens::{CsaField, csa_header};

/// A header and the slots that text was put in.
pub type Slots<'a> = &'a mut dyn FnMut(&str) -> String;

/// A field of a CSA header.
pub fn field(name: &'static str, vr: &'static str, values: &[&str]) -> CsaField {
    CsaField { name, vr, values: values.iter().map(|&value| value.to_owned()).collect() }
}

/// A CSA header of the older sort: no mark, and each item's first number counts the items of the first field too.
pub fn csa1_header(fields: &[CsaField]) -> Vec<u8> {
    let mut bytes = (fields.len() as u32).to_le_bytes().to_vec();
    bytes.extend(77_u32.to_le_bytes());
    let first = fields.first().map_or(0, |field| field.values.len() as u32);
    for field in fields {
        bytes.extend(field.head());
        for value in &field.values {
            let mut text = value.clone().into_bytes();
            text.push(0);
            let length = text.len() as u32;
            bytes.extend([length + first, length, 77, length].map(u32::to_le_bytes).concat());
            text.resize(text.len().next_multiple_of(4), 0);
            bytes.extend(text);
        }
    }
    bytes
}

/// An ASCCONV section: numbers that have to stay, and a text in each key that has one.
pub fn ascconv(quote: &str, slots: Slots<'_>) -> String {
    let mut text = String::from(
        "### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=51130001 converter=%MEASCONST%/ConverterList/Prot_Converter.txt ###\n\
         ulVersion\t = \t51130001\n\
         alTR[0]\t = \t2300000\n\
         sSliceArray.asSlice[0].dThickness\t = \t0.8  # 0.8\n\
         ucMode\t = \t0x4\n",
    );
    for key in [
        "tSequenceFileName",
        "tProtocolName",
        "tPatientName",
        "sPatient.tPatientID",
        "tReferenceImage0",
        "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID",
        "sProtConsistencyInfo.tBaselineString",
        "sProtConsistencyInfo.tMeasuredBaselineString",
        "sProtConsistencyInfo.tSystemType",
        "sWipMemBlock.tFree",
        "tSerialNumber",
        "tComment",
        "tInstitution",
        "tUnheardOf",
    ] {
        let line = format!("{key}\t = \t{quote}{}{quote}\n", slots(&format!("ASCCONV {key}")));
        text.push_str(&line);
    }
    text.push_str("dFlipAngle\t = \t9.0\n### ASCCONV END ###");
    text
}

/// An `XProtocol` with a text in each kind of slot, and an ASCCONV section in a string of it.
pub fn xprotocol(slots: Slots<'_>) -> String {
    let mut text = String::from(
        "<XProtocol> \n{\n  <Name> \"PhoenixMetaProtocol\" \n  <ID> 1000002 \n  <Userversion> 2.0 \n  <ParamMap.\"\"> \n  {\n",
    );
    for name in [
        "PatientName",
        "PatientID",
        "tPatientsBirthday",
        "Comment",
        "DeviceSerialNumber",
        "FrameOfReference",
        "Unheard",
    ] {
        let line = format!(
            "    <ParamString.\"{name}\"> \n    {{\n      \"{}\" \n    }}\n",
            slots(&format!("XProtocol {name}"))
        );
        text.push_str(&line);
    }
    for tag in ["Label", "Tooltip", "Default", "Context"] {
        let line = format!("    <{tag}> \"{}\" \n", slots(&format!("XProtocol <{tag}>")));
        text.push_str(&line);
    }
    let line = format!(
        "    <ParamLong.\"Count\"> \n    {{\n      1 \n    }}\n    <ParamDouble.\"dTR\"> \n    {{\n      <Precision> 6 \n      2300.5 \n    }}\n    <ParamString.\"Limits\"> {{ <Limit> {{ \"On\" \"{}\" }} }}\n",
        slots("XProtocol <Limit>"),
    );
    text.push_str(&line);
    let line = format!(
        "    <ParamString.\"Protocol0\"> \n    {{\n      \"<XProtocol> \n{{\n  <ParamString.\"\"tNested\"\"> {{ \"\"{}\"\" }}\n}}\n{}\" \n    }}\n  }}\n}}\n",
        slots("XProtocol nested"),
        ascconv("\"\"", slots),
    );
    text.push_str(&line);
    text
}

/// The fields of a series header, with a text in each and the protocol among them.
pub fn series_fields(slots: Slots<'_>) -> Vec<CsaField> {
    let protocol = xprotocol(slots);
    let mut slot = |name: &'static str, vr: &'static str| field(name, vr, &[&slots(&format!("CSA {name}"))]);
    vec![
        slot("DeviceSerialNumber", "LO"),
        slot("UsedPatientWeight", "IS"),
        slot("PatReinPattern", "ST"),
        slot("CoilString", "LO"),
        slot("SequenceFileOwner", "SH"),
        slot("FmriExternalInfo", "UT"),
        slot("UnheardOf", "LO"),
        slot("UnheardNumber", "FD"),
        slot("ReferencedImageSequence", "UI"),
        slot("AcquisitionDate", "DA"),
        slot("SrMsgBuffer", "UN"),
        field("MosaicRefAcqTimes", "FD", &["0.00000000", "1477.50000000", "62.50000000"]),
        field("MrPhoenixProtocol", "UN", &[&protocol]),
    ]
}

/// A CSA2 header with a word in each slot, also behind the NUL of a name and of a value, and behind the end.
pub fn planted_csa2(slots: Slots<'_>) -> Vec<u8> {
    let mut bytes = csa_header(&series_fields(slots));
    let name = slots("behind the name");
    let start = 16 + 64 - name.len();
    bytes[start..16 + 64].copy_from_slice(name.as_bytes());
    // The second item of a list of three numbers: blanks and a NUL before what was in memory.
    let at = bytes.windows(13).position(|window| window == b"1477.50000000").expect("stands there");
    bytes[at + 4..at + 13].copy_from_slice(format!("\0{}", &slots("behind the value")[..8]).as_bytes());
    bytes.extend_from_slice(slots("behind the end").as_bytes());
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// The text of GE's protocol data block, with a word in each kind of slot.
pub fn ge_protocol(slots: Slots<'_>) -> String {
    let mut text =
        String::from("set IMODE \"3D\"\nset PSEQ \"Gradient Echo\"\nTR \"2628.0\"\nFOV \"22.0\"\n");
    for key in ["SEDESC", "PDGMSTR", "PDGMUID", "NOTES", "COIL", "UNHEARDOF", "PTNAME"] {
        let line = format!("set {key} \"{}\"\n", slots(&format!("GE {key}")));
        text.push_str(&line);
    }
    text.push_str(&slots("GE line"));
    text.push('\n');
    text
}
