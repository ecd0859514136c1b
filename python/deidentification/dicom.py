"""CATI's module ``dicom``: what a file is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Union

from deidentification import _native

__all__ = [
    "CAPTURE_SOP_CLASS_UIDS",
    "MODALITIES_SUPPORTED",
    "SOP_CLASS_UID_NO_IMAGING",
    "is_capture",
    "is_capture_dicom",
    "is_dicom",
    "is_folder_empty_of_files",
    "is_imaging_modality",
    "is_spectro",
]

StrPath = Union[str, "os.PathLike[str]"]

_MODALITIES, _REJECTED = _native.cati_filter()

#: Modalities that are images of the brain: others are left out.
MODALITIES_SUPPORTED: list[str] = sorted(_MODALITIES)
#: SOP classes that are left out whatever the modality; those that end in ``*``: all that begin so.
SOP_CLASS_UID_NO_IMAGING: list[str] = _REJECTED
#: Secondary Capture, and its multi-frame ones.
CAPTURE_SOP_CLASS_UIDS: list[str] = ["1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.7.*"]

_MODALITY = (0x0008, 0x0060)
_SOP_CLASS = (0x0008, 0x0016)
_MR_SPECTROSCOPY = "1.2.840.10008.5.1.4.1.1.4.2"
#: Raw formats that hold spectra; the others are images, or say something of images.
_SPECTRA = ("rda", "twix", "spar", "p_file")


def is_dicom(filepath: StrPath) -> bool:
    """Whether a file is a DICOM file, with or without its prefix."""
    return _native.is_dicom(os.fspath(filepath))


def is_imaging_modality(dicom_ds: Any) -> bool:
    """Whether a data set (of pydicom) is an image of a modality that is supported."""
    modality = _value(dicom_ds, _MODALITY)
    sop_class = _value(dicom_ds, _SOP_CLASS) or ""
    return modality in MODALITIES_SUPPORTED and not _is_one_of(sop_class, SOP_CLASS_UID_NO_IMAGING)


def is_capture(filepath: StrPath) -> str:
    """``image`` for JPEG and PNG, ``dicom`` for a capture in DICOM, otherwise nothing."""
    if _native.picture(os.fspath(filepath)) is not None:
        return "image"
    header = _native.header(os.fspath(filepath), [_SOP_CLASS])
    return "dicom" if header is not None and _is_one_of(header[0], CAPTURE_SOP_CLASS_UIDS) else ""


def is_capture_dicom(ds: Any) -> bool:
    """Whether a data set (of pydicom) is a capture."""
    return _is_one_of(_value(ds, _SOP_CLASS) or "", CAPTURE_SOP_CLASS_UIDS)


def is_spectro(filepath: StrPath) -> bool:
    """Whether a file is spectroscopy: raw data of a scanner, or DICOM."""
    path = os.fspath(filepath)
    if _native.raw_format(path) in _SPECTRA:
        return True
    if path.lower().endswith(".sdat"):
        return True
    header = _native.header(path, [_SOP_CLASS])
    return header is not None and header[0] == _MR_SPECTROSCOPY


def is_folder_empty_of_files(folder_path: StrPath) -> bool:
    """Whether there is no file in a folder and all folders below."""
    folder = Path(folder_path)
    return folder.is_dir() and not any(files for _, _, files in os.walk(folder))


def _value(dataset: Any, tag: tuple[int, int]) -> str | None:
    element = dataset.get(tag, None)
    return None if element is None else str(getattr(element, "value", element))


def _is_one_of(uid: str, uids: list[str]) -> bool:
    return any(uid.startswith(known[:-1]) if known.endswith("*") else uid == known for known in uids)
