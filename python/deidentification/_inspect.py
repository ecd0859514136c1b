"""Looking at files: plan, check, diff, compare."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deidentification import _native
from deidentification._plan import Plan
from deidentification._profile import Instance, Profile, StrPath, Subjects, bytes_of, key_of, profile_of, subjects_of
from deidentification._profile import _ANY_KEY as ANY_KEY
from deidentification._profile import code_of
from deidentification._values import jobs_of

__all__ = ["Check", "CheckedFile", "Comparison", "Remaining", "TagDifference", "check", "compare", "diff", "plan"]


def plan(instance: Instance | StrPath, *, profile: Profile | StrPath = "default", **settings: Any) -> Plan:
    """What would happen to each element of one instance: :meth:`Profile.plan`."""
    return profile_of(profile).plan(instance, **settings)


@dataclass(frozen=True)
class TagDifference:
    """An element that differs between two files. Its values show patients' data."""

    path: str
    """Where it stands: ``(0008,1140)[0].(0008,1155)``."""
    old_name: str | None
    """What it is called in the first file; ``None`` if it is not there."""
    new_name: str | None
    """What it is called in the second file; ``None`` if it is not there."""
    old: str | None
    """Its value in the first file; long and binary ones are cut short and have a hash."""
    new: str | None
    """Its value in the second file."""

    @property
    def change(self) -> str:
        """``removed``, ``added`` or ``changed``."""
        return "removed" if self.new_name is None else "added" if self.old_name is None else "changed"

    @property
    def name(self) -> str:
        """What it is called."""
        return self.new_name if self.new_name is not None else self.old_name or ""


def diff(a: Instance | StrPath, b: Instance | StrPath) -> list[TagDifference]:
    """The elements that two files differ in, values included, in the order of their tags.

    ``a`` and ``b`` are instances as for :meth:`Profile.apply`. Damaged files are compared as far as they can be read.
    Raises :exc:`~deidentification.errors.NotDicomError` if one of them is no DICOM.
    """
    return [TagDifference(*row) for row in _native.diff(bytes_of(a), bytes_of(b))]


@dataclass(frozen=True)
class Remaining:
    """Something that is not as it would be after de-identification. Never its value."""

    path: str
    """Where it stands: ``(0010,0010)``, ``preamble``, or ``header`` for a field of a raw format that is no attribute."""
    name: str
    """What it is called, if somebody knows."""
    rule: str
    """The identifier of the rule that it breaks."""


@dataclass(frozen=True)
class CheckedFile:
    """What was found out about one file."""

    path: Path
    """Below the folder, within the archive, or the file's name. May identify somebody."""
    format: str | None
    """``dicom``, a raw format (``rda``, ``twix``, ``spar``, ``par``, ``p_file``, ``nifti``, ``nifti_gzip``,
    ``bids_json``), ``raw_payload`` for the payload of such a header, ``archive`` for an archive that has a comment, or
    the name of another file in its header, that is not to stay, ``None`` for anything else."""
    is_marked: bool
    """Whether Patient Identity Removed (0012,0062) says YES: what the file claims."""
    cause: str | None
    """Why the file would not be written at all."""
    remaining: tuple[Remaining, ...]
    """What would be removed or changed."""

    @property
    def is_dicom(self) -> bool:
        """Whether it is a DICOM file."""
        return self.format == "dicom"

    @property
    def is_deidentified(self) -> bool:
        """Whether nothing but UIDs would change."""
        return self.format is not None and self.cause is None and not self.remaining


@dataclass(frozen=True)
class Check:
    """Whether all files are de-identified; true in a condition if they are, and there is one."""

    files: tuple[CheckedFile, ...]
    """In the order of their paths, or of the archive."""

    @property
    def is_deidentified(self) -> bool:
        """Whether there is a file, and each is of a known format and needs nothing."""
        return bool(self.files) and all(file.is_deidentified for file in self.files)

    @property
    def reasons(self) -> dict[str, int]:
        """Why not: names or paths of elements, causes, ``not_dicom`` for files of no known format; with the number of
        files, the most frequent first."""
        counts: dict[str, int] = {}
        for file in self.files:
            found = {remaining.name or remaining.path for remaining in file.remaining}
            found |= {file.cause} if file.cause else set()
            found |= set() if file.format else {"not_dicom"}
            for reason in found:
                counts[reason] = counts.get(reason, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def to_pandas(self) -> Any:
        """The files as a ``pandas.DataFrame``: path, format, is_marked, is_deidentified, cause, remaining (a text)."""
        import pandas

        columns = ["path", "format", "is_marked", "is_deidentified", "cause", "remaining"]
        rows = [
            (str(one.path), one.format, one.is_marked, one.is_deidentified, one.cause,
             ";".join(found.name or found.path for found in one.remaining))
            for one in self.files
        ]  # fmt: skip
        return pandas.DataFrame(rows, columns=columns)

    def __bool__(self) -> bool:
        return self.is_deidentified


def check(
    path: StrPath,
    *,
    profile: Profile | StrPath = "default",
    subject: str | None = None,
    subjects: Subjects | None = None,
    jobs: int = 0,
) -> Check:
    """Whether a file, a folder or an archive is de-identified already by this profile, and if not, why.

    Args:
        path: a file, a folder or an archive; DICOM and the raw formats that the profile takes.
        profile: what it should have been made with.
        subject: the code that was given; without it, codes made from any key are trusted.
        subjects: the codes that were given, by PatientID.
        jobs: number of threads; 0 for one per processor.

    UIDs are not judged: nobody can tell an original one from a replaced one. A name is trusted if it is empty,
    ``Unknown``, or the ``subject``'s code; an ID if it is empty, a code made from a key, or the ``subject``'s. Dates
    that the profile shifts are trusted if the file says that they were modified, or that this profile made it; in a raw
    format, if name and ID are trusted. Preamble and file meta information count, and so do what a file says of its own
    de-identification (methods, codes, creators of private blocks), originals that were encrypted into it if they are no
    enveloped data, and comments of archives. Names of files are not judged.

    Raises :exc:`~deidentification.errors.RunRefusedError` if there is no such path, or an archive cannot be read.
    """
    table, pairs = subjects_of(subjects)
    engine = _native.Engine(
        profile_of(profile)._rust, key_of(ANY_KEY)._rust, subject=code_of(subject), subjects=table, subject_pairs=pairs, codes=True
    )
    return Check(tuple(checked_file(row) for row in _native.check(os.fspath(path), engine, jobs=jobs_of(jobs))))


def checked_file(row: tuple[Path, str | None, bool, str | None, list[tuple[str, str, str]]]) -> CheckedFile:
    """A row of the extension module."""
    path, format, is_marked, cause, remaining = row
    return CheckedFile(Path(path), format, is_marked, cause, tuple(Remaining(*found) for found in remaining))


@dataclass(frozen=True)
class Comparison:
    """What came of comparing originals with results: names of keys and attributes, never a value."""

    converted: bool
    """Whether dcm2niix was used; without it the attributes that converters read were compared."""
    counts: dict[str, int]
    """Series by outcome: equal, explained, withheld, differs, missing, failed."""
    files_before: int
    """DICOM files of the originals."""
    files_after: int
    """DICOM files of the results."""
    without_pixels: int
    """Files that hold no image: they are not compared."""
    unmatched_after: int
    """Series of the results that belong to none of the originals."""
    keys: list[dict[str, Any]]
    """Keys of sidecars, or attributes, that differ: key, change, series, unexplained."""
    series: list[dict[str, Any]]
    """Each series of the originals."""

    @property
    def is_equal(self) -> bool:
        """Whether no difference is left that nothing explains."""
        good = sum(self.counts.get(outcome, 0) for outcome in ("equal", "explained", "withheld"))
        return self.unmatched_after == 0 and good == len(self.series)

    def to_pandas(self) -> Any:
        """The series as a ``pandas.DataFrame``."""
        import pandas

        return pandas.json_normalize(self.series)


def compare(
    before: StrPath,
    after: StrPath,
    *,
    profile: Profile | StrPath | None = None,
    dcm2niix: StrPath | None = None,
    attributes: bool = False,
    jobs: int = 0,
    timeout: float = 600.0,
) -> Comparison:
    """Whether originals and results convert to the same images and sidecars, series by series.

    Args:
        before, after: folders, files or archives.
        profile: what made ``after``: it explains differences.
        dcm2niix: the converter; by default the one that the variable ``DCM2NIIX`` names, or the one in ``PATH``.
        attributes: convert nothing, compare attributes.
        jobs: series at the same time; 0 for one per processor.
        timeout: seconds that one conversion may take.

    Raises :exc:`~deidentification.errors.CompareError`.
    """
    told = _native.compare(
        os.fspath(before),
        os.fspath(after),
        None if profile is None else profile_of(profile)._rust,
        dcm2niix=None if dcm2niix is None else os.fspath(dcm2niix),
        attributes=attributes,
        jobs=jobs_of(jobs),
        timeout=timeout,
    )
    return Comparison(**json.loads(told))
