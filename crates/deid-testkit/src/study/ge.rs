//! A classic MR image in the manner of GE: its protocol is private text compressed with gzip.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Subject, common, file};
use crate::tags;

/// A classic MR image of GE with identity, acquisition and series blocks.
///
/// The notes are in the suite's name (0009,1002) and in the protocol data block (0025,101B), where a
/// plain search of the file does not see it.
pub fn ge_instance(subject: &Subject) -> Vec<u8> {
    let mut data_set = common(subject);
    data_set
        .add(tags::IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\OTHER")
        .add(tags::MANUFACTURER, "LO", "GE MEDICAL SYSTEMS")
        .add(tags::MANUFACTURER_MODEL_NAME, "LO", "DISCOVERY MR750")
        .add(tags::SOFTWARE_VERSIONS, "LO", "27\\LX\\MR Software release:DV26.0_R01");
    data_set
        .add(0x0009_0010, "LO", "GEMS_IDEN_01")
        .add(0x0009_1001, "LO", "GE_GENESIS_FF")
        .add(0x0009_1002, "SH", &subject.private_note)
        .add(0x0009_1004, "SH", "SIGNA")
        .add(0x0009_1027, "SL", 1_583_835_330_i32.to_le_bytes())
        .add(0x0009_10E3, "UI", &subject.referenced_uid);
    data_set.add(0x0019_0010, "LO", "GEMS_ACQU_01").add(0x0019_109C, "LO", "efgre3d").add(
        0x0019_109E,
        "LO",
        "EFGRE3D",
    );
    data_set
        .add(0x0023_0010, "LO", "GEMS_STDY_01")
        .add(0x0023_1070, "FD", 1_583_835_330.5_f64.to_le_bytes())
        .add(0x0025_0010, "LO", "GEMS_SERS_01")
        .add(0x0025_1007, "SL", 176_i32.to_le_bytes())
        .add(0x0025_101B, "OB", protocol_data_block(&protocol(subject)));
    data_set.add(0x0043_0010, "LO", "GEMS_PARM_01").add(0x0043_1028, "OB", [0; 80]).add(
        0x0043_1039,
        "IS",
        "0\\0\\0\\0",
    );
    file(subject, data_set)
}

/// The value of Protocol Data Block (0025,101B): the length of the stream, the stream in gzip, even in all.
pub fn protocol_data_block(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let stream = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    let stream = stream.expect("memory takes all bytes");
    let mut block = [&(stream.len() as u32).to_le_bytes(), &stream[..]].concat();
    block.resize(block.len().next_multiple_of(2), 0);
    block
}

fn protocol(subject: &Subject) -> String {
    format!(
        "set IMODE \"3D\"\nset PSEQ \"BRAVO\"\nset ENTRY \"Head First\"\nset SERIESUID \"{}\"\nset NOTE \"{}\"\n",
        subject.series_uid, subject.opaque_note,
    )
}
