"""Builds the corpora that the benchmark runs on: synthetic DICOM, byte by byte, the same on every machine.

Headers have the size and shape of real ones (Siemens classic with CSA headers, mosaics, enhanced multi-frame); names,
dates and numbers are invented. Pixels are pseudo-random, of 12 bits in 16: archives shrink somewhat.
"""

import random
import shutil
import struct
import tarfile
import zipfile
from pathlib import Path

LONG = {b"OB", b"OW", b"OF", b"SQ", b"UN", b"UT", b"UC", b"UR", b"OD", b"OL"}
MR, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
ROOT = "1.3.12.2.1107.5.2.99.99999"


def element(group, number, vr, value):
    """One element, explicit VR little endian, padded."""
    vr = vr.encode()
    if isinstance(value, str):
        value = value.encode("latin-1")
    if len(value) % 2:
        value += b"\0" if vr in (b"UI", b"OB", b"UN") else b" "
    if vr in LONG:
        return struct.pack("<HH2sHI", group, number, vr, 0, len(value)) + value
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def us(*values):
    return struct.pack(f"<{len(values)}H", *values)


def fd(*values):
    return struct.pack(f"<{len(values)}d", *values)


def item(content):
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def sequence(group, number, *items):
    return element(group, number, "SQ", b"".join(item(content) for content in items))


def part10(sop_class, sop_instance, data_set):
    meta = (
        element(2, 1, "OB", b"\0\1")
        + element(2, 2, "UI", sop_class)
        + element(2, 3, "UI", sop_instance)
        + element(2, 0x10, "UI", "1.2.840.10008.1.2.1")
        + element(2, 0x12, "UI", ROOT + ".0")
    )
    return b"\0" * 128 + b"DICM" + element(2, 0, "UL", struct.pack("<I", len(meta))) + meta + data_set


def csa(elements):
    """A CSA2 header: elements are (name, VR, values as text)."""
    out = b"SV10\4\3\2\1" + struct.pack("<II", len(elements), 77)
    for name, vr, values in elements:
        out += name.encode().ljust(64, b"\0")
        out += struct.pack("<i4siii", len(values) or 1, vr.encode().ljust(4, b"\0"), 0, max(6, len(values)), 77)
        for value in list(values) + [""] * (max(6, len(values)) - len(values)):
            text = value.encode("latin-1") + b"\0" if value else b""
            out += struct.pack("<iiii", len(text), len(text), 77, len(text)) + text + b"\0" * (-len(text) % 4)
    return out


IMAGE_NAMES = (
    "EchoLinePosition EchoColumnPosition EchoPartitionPosition UsedChannelMask Actual3DImaPartNumber ICE_Dims B_value "
    "Filter1 Filter2 ProtocolSliceNumber RealDwellTime PixelFile PixelFileName SliceMeasurementDuration SequenceMask "
    "AcquisitionMatrixText MeasuredFourierLines FlowEncodingDirection FlowVenc PhaseEncodingDirectionPositive "
    "NumberOfImagesInMosaic DiffusionGradientDirection ImageGroup SliceNormalVector DiffusionDirectionality TimeAfterStart "
    "FlipAngle SequenceName RepetitionTime EchoTime NumberOfAverages VoxelThickness VoxelPhaseFOV VoxelReadoutFOV "
    "VoxelPositionSag VoxelPositionCor VoxelPositionTra VoxelNormalSag VoxelNormalCor VoxelNormalTra VoxelInPlaneRot "
    "ImagePositionPatient ImageOrientationPatient PixelSpacing SliceLocation SliceThickness SpectrumTextRegionLabel "
    "Comp_Algorithm Comp_Blended Comp_ManualAdjusted Comp_AutoParam Comp_AdjustedParam Comp_JobID FMRIStimulInfo "
    "FlowEncodingDirectionString RepetitionTimeEffective CsiImagePositionPatient CsiImageOrientationPatient "
    "CsiPixelSpacing CsiSliceLocation CsiSliceThickness OriginalSeriesNumber OriginalImageNumber ImaAbsTablePosition "
    "NonPlanarImage MoCoQMeasure LQAlgorithm SlicePosition_PCS RBMoCoTrans RBMoCoRot MultistepIndex ImaRelTablePosition "
    "ImaCoilString RFSWDDataType GSWDDataType NormalizeManipulated ImaPATModeText B_matrix BandwidthPerPixelPhaseEncode "
    "FMRIStimulLevel MosaicRefAcqTimes AutoInlineImageFilterEnabled QCData ExamLandmarks ExamDataRole MRDiffusion "
    "RealWorldValueMapping DataSetInfo UsedChannelString PhaseContrastN4 MRVelocityEncoding VelocityEncodingDirectionN4 "
    "ImageType4MF ImageHistory SequenceInfo ImageTypeVisible DistortionCorrectionType ImageFilterType"
).split()


def image_csa(rng):
    elements = []
    for name in IMAGE_NAMES:
        count = rng.choice([0, 1, 1, 1, 3, 6])
        elements.append((name, "FD", [f"{rng.uniform(-200, 200):.8f}" for _ in range(count)]))
    return csa(elements)


def series_csa(rng):
    lines = [f"s{rng.choice('ABCD')}Params.al[{n}].dVal{n % 7} = {rng.uniform(0, 9):.6f}" for n in range(900)]
    names = ['tProtocolName = "ep2d_bold"', 'sProtConsistencyInfo.tBaselineString = "N4_VE11C_LATEST_20160120"']
    ascconv = "\n".join(["### ASCCONV BEGIN ###"] + names + lines + ["### ASCCONV END ###"])
    xprotocol = '<XProtocol>\n{\n <Name> "PhoenixMetaProtocol"\n <ParamMap.""> { <ParamLong."Count"> { 1 } }\n}\n'
    elements = [(f"SeriesParameter{n}", "DS", [f"{rng.uniform(0, 9):.6f}"] * (n % 4)) for n in range(60)]
    elements.append(("MrPhoenixProtocol", "UN", [xprotocol + ascconv]))
    return csa(elements)


def noise(rng, size):
    """Pixels of 12 bits."""
    pixels = bytearray(rng.randbytes(size))
    pixels[1::2] = pixels[1::2].translate(bytes(n & 15 for n in range(256)))
    return bytes(pixels)


def classic(rng, study, series, number, pixels, rows, series_header, mosaic):
    """One classic instance; elements in the order of their tags."""
    image_type = "ORIGINAL\\PRIMARY\\M\\ND" + ("\\MOSAIC" if mosaic else "")
    uid = f"{ROOT}.3.{study}.{series}.{number}"
    private = lambda number, vr, value: element(0x19, 0x1000 + number, vr, value)
    body = b"".join(
        [
            element(8, 5, "CS", "ISO_IR 100"),
            element(8, 8, "CS", image_type),
            element(8, 0x12, "DA", "20200310"),
            element(8, 0x13, "TM", "101530.125000"),
            element(8, 0x16, "UI", MR),
            element(8, 0x18, "UI", uid),
            element(8, 0x20, "DA", "20200310"),
            element(8, 0x21, "DA", "20200310"),
            element(8, 0x22, "DA", "20200310"),
            element(8, 0x23, "DA", "20200310"),
            element(8, 0x30, "TM", "100000.000000"),
            element(8, 0x31, "TM", "101500.000000"),
            element(8, 0x32, "TM", f"1015{number % 60:02}.500000"),
            element(8, 0x33, "TM", f"1015{number % 60:02}.625000"),
            element(8, 0x50, "SH", f"A{study:06}"),
            element(8, 0x60, "CS", "MR"),
            element(8, 0x70, "LO", "SIEMENS"),
            element(8, 0x80, "LO", "Hospital of Nowhere"),
            element(8, 0x81, "ST", "Street 1, Nowhere"),
            element(8, 0x90, "PN", "Referring^Doctor"),
            element(8, 0x1010, "SH", "MRC99999"),
            element(8, 0x1030, "LO", "Brain^Study"),
            element(8, 0x103E, "LO", "ep2d_bold_moco_p2"),
            element(8, 0x1050, "PN", "Performing^Physician"),
            element(8, 0x1070, "PN", "Operator"),
            element(8, 0x1090, "LO", "Prisma"),
            sequence(8, 0x1140, *[element(8, 0x1150, "UI", MR) + element(8, 0x1155, "UI", f"{uid}.{n}") for n in range(3)]),
            element(0x10, 0x10, "PN", f"Subject^Number{study}"),
            element(0x10, 0x20, "LO", f"PAT{study:06}"),
            element(0x10, 0x30, "DA", "19700307"),
            element(0x10, 0x40, "CS", "F"),
            element(0x10, 0x1010, "AS", "050Y"),
            element(0x10, 0x1030, "DS", "70"),
            element(0x18, 0x15, "CS", "HEAD"),
            element(0x18, 0x20, "CS", "EP"),
            element(0x18, 0x21, "CS", "SK\\SS"),
            element(0x18, 0x22, "CS", "FS"),
            element(0x18, 0x23, "CS", "2D"),
            element(0x18, 0x24, "SH", "*epfid2d1_64"),
            element(0x18, 0x50, "DS", "3"),
            element(0x18, 0x80, "DS", "2000"),
            element(0x18, 0x81, "DS", "30"),
            element(0x18, 0x83, "DS", "1"),
            element(0x18, 0x84, "DS", "123.25"),
            element(0x18, 0x87, "DS", "3"),
            element(0x18, 0x91, "IS", "63"),
            element(0x18, 0x95, "DS", "2368"),
            element(0x18, 0x1000, "LO", "99999"),
            element(0x18, 0x1020, "LO", "syngo MR E11"),
            element(0x18, 0x1030, "LO", "ep2d_bold"),
            element(0x18, 0x1251, "SH", "Body"),
            element(0x18, 0x1310, "US", us(64, 0, 0, 64)),
            element(0x18, 0x1312, "CS", "COL"),
            element(0x18, 0x1314, "DS", "90"),
            element(0x18, 0x5100, "CS", "HFS"),
            element(0x19, 0x10, "LO", "SIEMENS MR HEADER"),
            private(0x08, "CS", "IMAGE NUM 4"),
            private(0x09, "LO", "1.0"),
            private(0x0A, "US", us(36)),
            private(0x0B, "DS", f"{rng.uniform(0, 99):.4f}"),
            private(0x0F, "SH", "Fast"),
            private(0x17, "DS", "1"),
            private(0x18, "IS", "3300"),
            private(0x28, "FD", fd(28.409)),
            private(0x29, "FD", fd(*[rng.uniform(0, 2000) for _ in range(36)])),
            element(0x20, 0x0D, "UI", f"{ROOT}.1.{study}"),
            element(0x20, 0x0E, "UI", f"{ROOT}.2.{study}.{series}"),
            element(0x20, 0x10, "SH", str(study)),
            element(0x20, 0x11, "IS", str(series)),
            element(0x20, 0x12, "IS", str(number)),
            element(0x20, 0x13, "IS", str(number)),
            element(0x20, 0x32, "DS", f"-100.5\\-{number % 90}.25\\30.125"),
            element(0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0"),
            element(0x20, 0x52, "UI", f"{ROOT}.4.{study}"),
            element(0x20, 0x1040, "LO", ""),
            element(0x20, 0x1041, "DS", "30.125"),
            element(0x28, 2, "US", us(1)),
            element(0x28, 4, "CS", "MONOCHROME2"),
            element(0x28, 0x10, "US", us(rows)),
            element(0x28, 0x11, "US", us(rows)),
            element(0x28, 0x30, "DS", "3\\3"),
            element(0x28, 0x100, "US", us(16)),
            element(0x28, 0x101, "US", us(12)),
            element(0x28, 0x102, "US", us(11)),
            element(0x28, 0x103, "US", us(0)),
            element(0x28, 0x1050, "DS", "400"),
            element(0x28, 0x1051, "DS", "900"),
            element(0x29, 0x10, "LO", "SIEMENS CSA HEADER"),
            element(0x29, 0x1008, "CS", "IMAGE NUM 4"),
            element(0x29, 0x1009, "LO", "20200310"),
            element(0x29, 0x1010, "OB", image_csa(rng)),
            element(0x29, 0x1018, "CS", "MR"),
            element(0x29, 0x1019, "LO", "20200310"),
            element(0x29, 0x1020, "OB", series_header),
            element(0x32, 0x1060, "LO", "Brain^Study"),
            element(0x40, 0x244, "DA", "20200310"),
            element(0x40, 0x245, "TM", "100000.000000"),
            element(0x40, 0x253, "SH", f"MR{study:08}"),
            element(0x40, 0x254, "LO", "Brain^Study"),
            element(0x51, 0x10, "LO", "SIEMENS MR HEADER"),
            element(0x51, 0x1008, "CS", "IMAGE NUM 4"),
            element(0x51, 0x100A, "LO", "TA 02.00"),
            element(0x51, 0x100B, "LO", "64p*64"),
            element(0x51, 0x100C, "LO", "FoV 1152*1152"),
            element(0x51, 0x100E, "LO", "Tra>Cor(-10.0)"),
            element(0x51, 0x100F, "LO", "T:HEA;HEP"),
            element(0x51, 0x1011, "LO", "p2"),
            element(0x51, 0x1013, "SH", "+LPH"),
            element(0x51, 0x1016, "LO", "M/ND/MOSAIC" if mosaic else "M/ND"),
            element(0x7FE0, 0x10, "OW", pixels),
        ]
    )
    return part10(MR, uid, body)


def write_classic(folder, count):
    """`count` classic files of 150 to 600 KB in studies of 4 series of 50; the third series has mosaics."""
    rng = random.Random(1)
    pool = noise(rng, 700_000)
    for n in range(count):
        study, series, number = n // 200, n // 50 % 4 + 1, n % 50 + 1
        if n % 50 == 0:
            series_header = series_csa(rng)
        rows = (208, 208, 320, 512 if number % 10 == 0 else 224)[series - 1]
        size = rows * rows * 2
        start = rng.randrange(0, len(pool) - size) & ~1
        path = folder / f"sub{study:03}" / f"series{series}" / f"{number:04}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(classic(rng, study, series, number, pool[start : start + size], rows, series_header, series == 3))


def write_enhanced(path, frames, frame_bytes):
    """One enhanced MR file with functional groups for each frame, private ones among them."""
    rng = random.Random(2)
    uid = f"{ROOT}.9.{frames}"
    groups = []
    for n in range(frames):
        groups.append(
            sequence(0x18, 0x9114, element(0x18, 0x9082, "FD", fd(30.0)))
            + sequence(0x18, 0x9117, element(0x18, 0x9087, "FD", fd(1000.0 * (n % 7))))
            + sequence(
                0x20,
                0x9111,
                element(0x18, 0x9074, "DT", f"20200310101500.{n:06}")
                + element(0x18, 0x9151, "DT", f"20200310101501.{n:06}")
                + element(0x20, 0x9057, "UL", struct.pack("<I", n % 60 + 1))
                + element(0x20, 0x9157, "UL", struct.pack("<II", 1, n + 1)),
            )
            + sequence(0x20, 0x9113, element(0x20, 0x32, "DS", f"-100.5\\-90.25\\{n % 60 * 3}"))
            + sequence(0x20, 0x9116, element(0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0"))
            + element(0x21, 0x11, "LO", "SIEMENS MR SDI 02")
            + sequence(
                0x21,
                0x11FE,
                element(0x21, 0x11, "LO", "SIEMENS MR SDI 02")
                + element(0x21, 0x1101, "US", us(n & 0xFFFF))
                + element(0x21, 0x1153, "FD", fd(28.4))
                + element(0x21, 0x1156, "LO", f"{n % 60 + 1}_1_1_1")
                + element(0x21, 0x1158, "SH", "8.0")
                + element(0x21, 0x1159, "IS", str(n % 60))
                + element(0x21, 0x115A, "DS", "0.5")
                + element(0x21, 0x115B, "FD", fd(0.1, 0.2, 0.3))
                + element(0x21, 0x1162, "SL", struct.pack("<i", n))
                + element(0x21, 0x1163, "FD", fd(*[n * 0.001] * 6))
                + element(0x21, 0x1175, "CS", "ORIGINAL\\PRIMARY\\M\\NONE")
                + element(0x21, 0x1176, "LO", "T1\\NORM")
                + element(0x21, 0x1188, "DS", f"{n % 60 * 0.5}"),
            )
            + sequence(0x28, 0x9110, element(0x18, 0x50, "DS", "3") + element(0x28, 0x30, "DS", "3\\3"))
            + sequence(0x28, 0x9132, element(0x28, 0x1050, "DS", "400") + element(0x28, 0x1051, "DS", "900"))
        )
    rows = int((frame_bytes / 2) ** 0.5)
    head = b"".join(
        [
            element(8, 5, "CS", "ISO_IR 100"),
            element(8, 8, "CS", "ORIGINAL\\PRIMARY\\DIFFUSION\\NONE"),
            element(8, 0x16, "UI", ENHANCED_MR),
            element(8, 0x18, "UI", uid),
            element(8, 0x20, "DA", "20200310"),
            element(8, 0x23, "DA", "20200310"),
            element(8, 0x30, "TM", "100000"),
            element(8, 0x50, "SH", "A000001"),
            element(8, 0x60, "CS", "MR"),
            element(8, 0x70, "LO", "SIEMENS"),
            element(8, 0x80, "LO", "Hospital of Nowhere"),
            element(8, 0x90, "PN", "Referring^Doctor"),
            element(8, 0x103E, "LO", "ep2d_diff_mddw_64"),
            element(8, 0x1090, "LO", "MAGNETOM Vida"),
            element(0x10, 0x10, "PN", "Subject^Enhanced"),
            element(0x10, 0x20, "LO", "PAT900001"),
            element(0x10, 0x30, "DA", "19700307"),
            element(0x10, 0x40, "CS", "F"),
            element(0x18, 0x1000, "LO", "99999"),
            element(0x18, 0x1020, "LO", "syngo MR XA30"),
            element(0x20, 0x0D, "UI", f"{ROOT}.1.9"),
            element(0x20, 0x0E, "UI", f"{ROOT}.2.9.1"),
            element(0x20, 0x11, "IS", "1"),
            element(0x20, 0x13, "IS", "1"),
            element(0x28, 2, "US", us(1)),
            element(0x28, 4, "CS", "MONOCHROME2"),
            element(0x28, 8, "IS", str(frames)),
            element(0x28, 0x10, "US", us(rows)),
            element(0x28, 0x11, "US", us(rows)),
            element(0x28, 0x100, "US", us(16)),
            element(0x28, 0x101, "US", us(12)),
            element(0x28, 0x102, "US", us(11)),
            element(0x28, 0x103, "US", us(0)),
            sequence(0x5200, 0x9230, *groups),
        ]
    )
    size = rows * rows * 2 * frames
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(part10(ENHANCED_MR, uid, head) + struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, size))
        block = noise(rng, 1 << 20)
        while size > 0:
            file.write(block[: min(size, len(block))])
            size -= len(block)


def write_archive(source, path):
    """A tar.gz or a zip of all files of a folder."""
    files = sorted(path for path in source.rglob("*.dcm"))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for file in files:
                archive.write(file, file.relative_to(source).as_posix())
        return
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for file in files:
            tar.add(file, file.relative_to(source).as_posix())


def write_tiny(folder, count):
    """`count` files with next to nothing in them, in folders within folders: what each costs, whatever is in it."""
    for n in range(count):
        uid = f"{ROOT}.3.1.{n // 1000}.{n}"
        elements = [
            element(8, 8, "CS", "ORIGINAL\\PRIMARY"),
            element(8, 0x16, "UI", MR),
            element(8, 0x18, "UI", uid),
            element(8, 0x60, "CS", "MR"),
            element(0x10, 0x10, "PN", f"Subject^Number{n // 1000}"),
            element(0x10, 0x20, "LO", f"PAT{n // 1000:06}"),
            element(0x20, 0x0D, "UI", f"{ROOT}.1.{n // 1000}"),
            element(0x20, 0x0E, "UI", f"{ROOT}.2.{n // 100}"),
            element(0x7FE0, 0x10, "OW", b"\1" * 64),
        ]
        path = folder / f"{n // 10000:03}" / f"{n // 100 % 100:03}" / f"{n % 100:04}.dcm"
        if n % 100 == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(part10(MR, uid, b"".join(elements)))


def build(folder, name):
    """The corpus of this name below `folder`, made unless it is there; its path.

    `classic-FILES`, `enhanced-FRAMESxMEGABYTES` or, for copies of it, `enhanced-FRAMESxMEGABYTESxCOPIES`, `archive-FILES.tar.gz`, `archive-FILES.zip`, `tiny-FILES`.
    """
    path = Path(folder) / name
    if path.exists():
        return path
    kind, _, size = name.partition("-")
    # Under another name until it is whole.
    made = path.with_name(f"making-{name}")
    if made.is_dir():
        shutil.rmtree(made)
    if kind == "classic":
        write_classic(made, int(size))
    elif kind == "enhanced":
        frames, megabytes, *copies = size.split("x")
        write_enhanced(made / "enhanced.dcm", int(frames), int(float(megabytes) * 1_000_000 / int(frames)))
        for copy in range(1, int(copies[0]) if copies else 1):
            (made / f"copy{copy}.dcm").hardlink_to(made / "enhanced.dcm")
    elif kind == "archive":
        source = build(folder, f"classic-{size.split('.')[0]}")
        write_archive(source, made)
        shutil.rmtree(source)
    elif kind == "tiny":
        write_tiny(made, int(size))
    else:
        raise ValueError(name)
    made.rename(path)
    return path
