"""CATI's module ``info``: name and version."""

from __future__ import annotations

from deidentification import _native

__version__: str = _native.__version__
_PARTS = [int(part) for part in __version__.split("-")[0].split(".")]
version_major: int = _PARTS[0]
version_minor: int = _PARTS[1]
version_micro: int = _PARTS[2]
version_extra: str = ""

NAME = "deidentification"
PROJECT = "deidentification"
VERSION = __version__
DESCRIPTION = "De-identify DICOM for neuroimaging research, losslessly"
LICENSE = "MIT OR Apache-2.0"
