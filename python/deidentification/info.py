"""CATI's module ``info``: name and version."""

from __future__ import annotations

from deidentification import _native

__version__: str = _native.__version__
version_major, version_minor, version_micro = (int(part) for part in __version__.split("-")[0].split("."))
version_extra: str = ""

NAME = "deidentification"
PROJECT = "deidentification"
VERSION = __version__
DESCRIPTION = "De-identify DICOM for neuroimaging research, losslessly"
LICENSE = "MIT OR Apache-2.0"
