//! The files.

use deid_testkit::bytes::{Meta, Part10, explicit, item, sequence};
use deid_testkit::study::{CsaField, csa_header};
use deid_testkit::{tags, uids};

const ENHANCED_MR: &str = "1.2.840.10008.5.1.4.1.1.4.1";
const ROOT: &str = "1.3.12.2.1107.5.2.99.99999";

/// Names that CSA image headers have.
const IMAGE_FIELDS: [&str; 40] = [
    "EchoLinePosition",
    "EchoColumnPosition",
    "EchoPartitionPosition",
    "UsedChannelMask",
    "Actual3DImaPartNumber",
    "ICE_Dims",
    "B_value",
    "Filter1",
    "Filter2",
    "ProtocolSliceNumber",
    "RealDwellTime",
    "SliceMeasurementDuration",
    "AcquisitionMatrixText",
    "MeasuredFourierLines",
    "FlowVenc",
    "PhaseEncodingDirectionPositive",
    "NumberOfImagesInMosaic",
    "DiffusionGradientDirection",
    "SliceNormalVector",
    "TimeAfterStart",
    "FlipAngle",
    "RepetitionTime",
    "EchoTime",
    "NumberOfAverages",
    "VoxelThickness",
    "VoxelPhaseFOV",
    "VoxelReadoutFOV",
    "VoxelPositionSag",
    "VoxelPositionCor",
    "VoxelPositionTra",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceLocation",
    "SliceThickness",
    "ImaAbsTablePosition",
    "ImaCoilString",
    "ImaPATModeText",
    "BandwidthPerPixelPhaseEncode",
    "MosaicRefAcqTimes",
];

/// A CSA image header, another for each image.
pub fn image_header(number: u32) -> Vec<u8> {
    let fields = IMAGE_FIELDS.iter().zip(0_u32..).map(|(&name, n)| {
        let count = [0, 1, 1, 1, 3, 6][(n % 6) as usize];
        let values = (0..count).map(|value| format!("{}.{:08}", number % 97 + value, n * 7919 + number));
        CsaField { name, vr: "FD", values: values.collect() }
    });
    csa_header(&fields.collect::<Vec<_>>())
}

/// A CSA series header with a protocol of 900 lines.
pub fn series_header() -> Vec<u8> {
    let lines: Vec<String> = (0..900_u32)
        .map(|n| {
            format!(
                "s{}Params.al[{n}].dVal{} = {}.{:06}\n",
                ["Tx", "Rx", "Kp", "Gr"][n as usize % 4],
                n % 7,
                n % 9,
                n
            )
        })
        .collect();
    let protocol = format!(
        "<XProtocol>\n{{\n <Name> \"PhoenixMetaProtocol\"\n <ParamMap.\"\"> {{ <ParamLong.\"Count\"> {{ 1 }} }}\n}}\n\
         ### ASCCONV BEGIN ###\ntProtocolName = \"ep2d_bold\"\n\
         sProtConsistencyInfo.tBaselineString = \"N4_VE11C_LATEST_20160120\"\n{}### ASCCONV END ###\n",
        lines.concat()
    );
    let number = |name, value: &str| CsaField { name, vr: "DS", values: vec![value.to_owned()] };
    csa_header(&[
        number("UsedPatientWeight", "70.000000"),
        number("SliceResolution", "1.000000"),
        number("TransmitterReferenceAmplitude", "263.480000"),
        CsaField { name: "MrPhoenixProtocol", vr: "UN", values: vec![protocol] },
    ])
}

/// A classic image of a mosaic series with both CSA headers; `number` is that of the instance.
pub fn classic(number: u32) -> Vec<u8> {
    let instance = format!("{ROOT}.3.1.{number}");
    let pixels = vec![7_u8; 2 * 256 * 256];
    let reference = |n: u32| {
        let uid = format!("{instance}.{n}");
        item([explicit(0x0008_1150, "UI", uids::MR_IMAGE), explicit(0x0008_1155, "UI", uid)].concat())
    };
    let data_set = [
        explicit(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 100"),
        explicit(tags::IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC"),
        explicit(0x0008_0012, "DA", "20200310"),
        explicit(0x0008_0013, "TM", "101530.125000"),
        explicit(tags::SOP_CLASS_UID, "UI", uids::MR_IMAGE),
        explicit(tags::SOP_INSTANCE_UID, "UI", &instance),
        explicit(tags::STUDY_DATE, "DA", "20200310"),
        explicit(0x0008_0021, "DA", "20200310"),
        explicit(0x0008_0022, "DA", "20200310"),
        explicit(0x0008_0023, "DA", "20200310"),
        explicit(tags::STUDY_TIME, "TM", "100000.000000"),
        explicit(0x0008_0032, "TM", format!("1015{:02}.500000", number % 60)),
        explicit(tags::ACCESSION_NUMBER, "SH", "A000001"),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(0x0008_0070, "LO", "SIEMENS"),
        explicit(tags::INSTITUTION_NAME, "LO", "Hospital of Nowhere"),
        explicit(tags::REFERRING_PHYSICIAN_NAME, "PN", "Referring^Doctor"),
        explicit(0x0008_1010, "SH", "MRC99999"),
        explicit(0x0008_1030, "LO", "Brain^Study"),
        explicit(0x0008_103E, "LO", "ep2d_bold_moco_p2"),
        explicit(0x0008_1050, "PN", "Performing^Physician"),
        explicit(0x0008_1090, "LO", "Prisma"),
        sequence(0x0008_1140, [reference(1), reference(2), reference(3)].concat()),
        explicit(tags::PATIENT_NAME, "PN", "Subject^Number"),
        explicit(tags::PATIENT_ID, "LO", "PAT000001"),
        explicit(tags::PATIENT_BIRTH_DATE, "DA", "19700307"),
        explicit(0x0010_0040, "CS", "F"),
        explicit(0x0010_1010, "AS", "050Y"),
        explicit(0x0018_0015, "CS", "HEAD"),
        explicit(0x0018_0020, "CS", "EP"),
        explicit(0x0018_0050, "DS", "3"),
        explicit(0x0018_0080, "DS", "2000"),
        explicit(0x0018_0081, "DS", "30"),
        explicit(0x0018_1000, "LO", "99999"),
        explicit(0x0018_1020, "LO", "syngo MR E11"),
        explicit(0x0018_1030, "LO", "ep2d_bold"),
        explicit(0x0018_1314, "DS", "90"),
        explicit(0x0019_0010, "LO", "SIEMENS MR HEADER"),
        explicit(0x0019_1008, "CS", "IMAGE NUM 4"),
        explicit(0x0019_100B, "DS", "57.5"),
        explicit(0x0019_1028, "FD", 28.4_f64.to_le_bytes()),
        explicit(0x0019_1029, "FD", vec![1_u8; 36 * 8]),
        explicit(tags::STUDY_INSTANCE_UID, "UI", format!("{ROOT}.1.1")),
        explicit(tags::SERIES_INSTANCE_UID, "UI", format!("{ROOT}.2.1")),
        explicit(0x0020_0011, "IS", "1"),
        explicit(0x0020_0013, "IS", number.to_string()),
        explicit(0x0020_0032, "DS", "-100.5\\-90.25\\30.125"),
        explicit(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0"),
        explicit(0x0020_0052, "UI", format!("{ROOT}.4.1")),
        explicit(0x0028_0010, "US", 256_u16.to_le_bytes()),
        explicit(0x0028_0011, "US", 256_u16.to_le_bytes()),
        explicit(0x0028_0100, "US", 16_u16.to_le_bytes()),
        explicit(0x0029_0010, "LO", "SIEMENS CSA HEADER"),
        explicit(0x0029_1008, "CS", "IMAGE NUM 4"),
        explicit(0x0029_1009, "LO", "20200310"),
        explicit(0x0029_1010, "OB", image_header(number)),
        explicit(0x0029_1018, "CS", "MR"),
        explicit(0x0029_1019, "LO", "20200310"),
        explicit(0x0029_1020, "OB", series_header()),
        explicit(0x0032_1060, "LO", "Brain^Study"),
        explicit(0x0040_0244, "DA", "20200310"),
        explicit(0x0040_0253, "SH", "MR00000001"),
        explicit(0x0051_0010, "LO", "SIEMENS MR HEADER"),
        explicit(0x0051_100A, "LO", "TA 02.00"),
        explicit(0x0051_100C, "LO", "FoV 1152*1152"),
        explicit(0x0051_1016, "LO", "M/ND/MOSAIC"),
        explicit(tags::PIXEL_DATA, "OW", pixels),
    ]
    .concat();
    file(uids::MR_IMAGE, &instance, data_set)
}

/// An enhanced image with functional groups for each frame, private ones among them.
pub fn enhanced(frames: u32) -> Vec<u8> {
    let groups: Vec<Vec<u8>> = (0..frames).map(frame).collect();
    let instance = format!("{ROOT}.9.{frames}");
    let data_set = [
        explicit(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 100"),
        explicit(tags::IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\DIFFUSION\\NONE"),
        explicit(tags::SOP_CLASS_UID, "UI", ENHANCED_MR),
        explicit(tags::SOP_INSTANCE_UID, "UI", &instance),
        explicit(tags::STUDY_DATE, "DA", "20200310"),
        explicit(tags::ACCESSION_NUMBER, "SH", "A000001"),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(0x0008_0070, "LO", "SIEMENS"),
        explicit(0x0008_103E, "LO", "ep2d_diff_mddw_64"),
        explicit(0x0008_1090, "LO", "MAGNETOM Vida"),
        explicit(tags::PATIENT_NAME, "PN", "Subject^Enhanced"),
        explicit(tags::PATIENT_ID, "LO", "PAT900001"),
        explicit(tags::PATIENT_BIRTH_DATE, "DA", "19700307"),
        explicit(0x0018_1020, "LO", "syngo MR XA30"),
        explicit(tags::STUDY_INSTANCE_UID, "UI", format!("{ROOT}.1.9")),
        explicit(tags::SERIES_INSTANCE_UID, "UI", format!("{ROOT}.2.9")),
        explicit(0x0028_0008, "IS", frames.to_string()),
        explicit(0x0028_0010, "US", 8_u16.to_le_bytes()),
        explicit(0x0028_0011, "US", 8_u16.to_le_bytes()),
        explicit(0x0028_0100, "US", 16_u16.to_le_bytes()),
        sequence(0x5200_9230, groups.concat()),
        explicit(tags::PIXEL_DATA, "OW", vec![7_u8; 128 * frames as usize]),
    ]
    .concat();
    file(ENHANCED_MR, &instance, data_set)
}

fn frame(n: u32) -> Vec<u8> {
    let one = |tag, elements: &[Vec<u8>]| sequence(tag, item(elements.concat()));
    let number = |value: u32| value.to_le_bytes();
    let groups = [
        one(0x0018_9114, &[explicit(0x0018_9082, "FD", 30.0_f64.to_le_bytes())]),
        one(0x0018_9117, &[explicit(0x0018_9087, "FD", 1000.0_f64.to_le_bytes())]),
        one(
            0x0020_9111,
            &[
                explicit(0x0018_9074, "DT", format!("20200310101500.{n:06}")),
                explicit(0x0018_9151, "DT", format!("20200310101501.{n:06}")),
                explicit(0x0020_9057, "UL", number(n % 60 + 1)),
                explicit(0x0020_9157, "UL", [number(1), number(n + 1)].concat()),
            ],
        ),
        one(0x0020_9113, &[explicit(0x0020_0032, "DS", format!("-100.5\\-90.25\\{}", n % 60 * 3))]),
        one(0x0020_9116, &[explicit(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")]),
        explicit(0x0021_0011, "LO", "SIEMENS MR SDI 02"),
        one(
            0x0021_11FE,
            &[
                explicit(0x0021_0011, "LO", "SIEMENS MR SDI 02"),
                explicit(0x0021_1101, "US", (n as u16).to_le_bytes()),
                explicit(0x0021_1153, "FD", 28.4_f64.to_le_bytes()),
                explicit(0x0021_1156, "LO", format!("{n}_1_1_1")),
            ],
        ),
        one(0x0028_9110, &[explicit(0x0018_0050, "DS", "3"), explicit(0x0028_0030, "DS", "3\\3")]),
        one(0x0028_9132, &[explicit(0x0028_1050, "DS", "400"), explicit(0x0028_1051, "DS", "900")]),
    ];
    item(groups.concat())
}

/// A file of many small elements, public and private, with texts, dates, UIDs and numbers among them.
pub fn small_elements(items: u32) -> Vec<u8> {
    let instance = format!("{ROOT}.8.{items}");
    let contents = (0..items).map(|n| {
        let elements = [
            explicit(tags::SOP_INSTANCE_UID, "UI", format!("{instance}.{n}")),
            explicit(tags::STUDY_DATE, "DA", "20200310"),
            explicit(0x0008_103E, "LO", format!("t1_mprage_sag {n}")),
            explicit(0x0018_0081, "DS", format!("{}.5", n % 100)),
            explicit(0x0019_0010, "LO", "SIEMENS MR HEADER"),
            explicit(0x0019_100B, "DS", format!("{n}")),
            explicit(0x0019_1018, "IS", "3300"),
            explicit(0x0020_0013, "IS", n.to_string()),
        ];
        item(elements.concat())
    });
    let data_set = [
        explicit(tags::SPECIFIC_CHARACTER_SET, "CS", "ISO_IR 100"),
        explicit(tags::SOP_CLASS_UID, "UI", uids::MR_IMAGE),
        explicit(tags::SOP_INSTANCE_UID, "UI", &instance),
        explicit(tags::STUDY_DATE, "DA", "20200310"),
        explicit(tags::MODALITY, "CS", "MR"),
        explicit(0x0008_0070, "LO", "SIEMENS"),
        sequence(0x0008_1140, contents.collect::<Vec<_>>().concat()),
        explicit(tags::PATIENT_NAME, "PN", "Subject^Number"),
        explicit(tags::PATIENT_ID, "LO", "PAT000001"),
        explicit(tags::STUDY_INSTANCE_UID, "UI", format!("{ROOT}.1.8")),
        explicit(tags::SERIES_INSTANCE_UID, "UI", format!("{ROOT}.2.8")),
        explicit(tags::PIXEL_DATA, "OW", [7_u8; 128]),
    ]
    .concat();
    file(uids::MR_IMAGE, &instance, data_set)
}

fn file(sop_class: &str, instance: &str, data_set: Vec<u8>) -> Vec<u8> {
    let meta = Meta {
        sop_class: sop_class.to_owned(),
        sop_instance: instance.to_owned(),
        ..Meta::new(uids::EXPLICIT_LE)
    };
    Part10::new(uids::EXPLICIT_LE, data_set).with_meta(&meta).bytes()
}
