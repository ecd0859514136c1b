"""CATI's module ``aggregator``: files grouped by series."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Union

from deidentification import _native

__all__ = ["DicomAggregator"]

StrPath = Union[str, "os.PathLike[str]"]

_TAGS = [(0x0008, 0x0060), (0x0020, 0x000E), (0x0008, 0x0018)]


class DicomAggregator:
    """Groups DICOM files by Series Instance UID, one file per SOP Instance UID.

    >>> aggregator = DicomAggregator()
    >>> aggregator.modalities = ["MR"]
    >>> aggregator.add_dicom_sources(["study"])                 # doctest: +SKIP
    >>> series = aggregator.aggregate()                         # doctest: +SKIP
    """

    def __init__(self) -> None:
        #: Modalities that are wanted; all if there is none.
        self.modalities: list[str] = []
        self.frameOfReferenceUID: dict[str, list[str]] = {}
        self._dicom_sources: list[str] = []
        self._aggregate_sources: dict[str, list[str]] = {}

    def add_dicom_sources(self, sources: Iterable[StrPath]) -> None:
        """Adds files, and all files of folders; each once."""
        found: list[str] = []
        for source in sources:
            path = os.fspath(source)
            if os.path.isdir(path):
                for root, folders, names in os.walk(path):
                    folders.sort()
                    found += [os.path.join(root, name) for name in sorted(names)]
            else:
                found.append(path)
        self._dicom_sources = list(dict.fromkeys(self._dicom_sources + found))

    @property
    def aggregate_sources(self) -> dict[str, list[str]]:
        """What :meth:`aggregate` found: the files of each Series Instance UID."""
        return self._aggregate_sources

    def aggregate(self) -> dict[str, list[str]]:
        """Groups the files. What is no DICOM file, or of no series, is passed over, and so are links that lead nowhere.

        Raises :exc:`OSError` if a file is not there or cannot be read.
        """
        self._aggregate_sources = {}
        seen: set[tuple[str, str]] = set()
        for path in self._dicom_sources:
            if os.path.lexists(path) and not os.path.isfile(path):
                # A link that leads nowhere, a pipe, a device.
                continue
            header = _native.header(path, _TAGS)
            if header is None:
                continue
            modality, series, instance = header
            if not series or (self.modalities and modality not in self.modalities):
                continue
            if (series, instance) not in seen:
                seen.add((series, instance))
                self._aggregate_sources.setdefault(series, []).append(path)
        return self._aggregate_sources
