"""Files to test with, built here: nobody's data."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

import deidentification

MR = "1.2.840.10008.5.1.4.1.1.4"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
SR = "1.2.840.10008.5.1.4.1.1.88.11"

#: What must not be left anywhere.
SECRETS = (b"Doe", b"Jane", b"PAT0815", b"19700403", b"ACC4711", b"Houseman", b"1.2.3.4.5", b"PACSNODE", b"HIDDEN")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of our own: the key of who runs the tests stays out of it."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    return folder


@pytest.fixture
def key(tmp_path: Path) -> deidentification.Key:
    path = tmp_path / "key"
    path.write_text("deid-key-v1 " + "5a" * 32 + "\n")
    path.chmod(0o600)
    return deidentification.Key.from_file(path)


def dataset(
    number: int = 1, *, sop_class: str = MR, modality: str = "MR", patient: str = "PAT0815", series: int = 1
) -> Dataset:
    """An image with a name in many places."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = f"1.2.3.4.5.{series}.{number}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = "1.2.3.9"
    meta.SourceApplicationEntityTitle = "PACSNODE"
    ds = FileDataset("", {}, file_meta=meta, preamble=b"HIDDEN" + b"\0" * 122)
    if pydicom.__version__.startswith("2"):
        ds.is_little_endian, ds.is_implicit_VR = True, False
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID = "1.2.3.4.5.100"
    ds.SeriesInstanceUID = f"1.2.3.4.5.200.{series}"
    ds.FrameOfReferenceUID = "1.2.3.4.5.300"
    ds.Modality = modality
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.StudyDate = "20240131"
    ds.SeriesDate = "20240131"
    ds.AcquisitionTime = "101112"
    ds.SeriesTime = "101010"
    ds.AccessionNumber = "ACC4711"
    ds.ReferringPhysicianName = "Houseman^Greg"
    ds.Manufacturer = "Philips"
    ds.SeriesDescription = "t1 mprage"
    ds.PatientName = "Doe^Jane"
    ds.PatientID = patient
    ds.PatientBirthDate = "19700403"
    ds.PatientSex = "F"
    ds.EchoTime = "3.4"
    ds.InstanceNumber = str(number)
    inner = Dataset()
    inner.ReferencedSOPClassUID = MR
    inner.ReferencedSOPInstanceUID = "1.2.3.4.5.999"
    inner.PatientName = "Doe^Jane"
    ds.ReferencedImageSequence = [inner]
    block = ds.private_block(0x2001, "Philips Imaging DD 001", create=True)
    block.add_new(0x03, "FL", 1000.0)
    block = ds.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    block.add_new(0x1D, "SS", 128)
    block.add_new(0x45, "LO", "Doe private")
    ds.Rows = ds.Columns = 2
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = 0
    ds.PixelData = number.to_bytes(2, "little") * 4
    return ds


def save(ds: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(str(path))
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return save(dataset(), tmp_path / "in1" / "IM04")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    for number in range(1, 4):
        save(dataset(number), folder / "t1" / f"IM{number}")
    save(dataset(1, series=2), folder / "t2" / "IM1")
    return folder


def png() -> bytes:
    """A picture with a text in its metadata."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    pixels = zlib.compress(b"\0\7")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"tEXt", b"Author\0Doe Jane")
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def leaks(folder: Path) -> list[str]:
    """Secrets in names and contents below a folder."""
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            content = name.encode() + (Path(root) / name).read_bytes()
            found += [f"{name}: {secret!r}" for secret in SECRETS if secret in content]
    return found


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
