"""Runs over files, folders and archives."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

from deidentification import _native
from deidentification._profile import (
    Certificates,
    Key,
    Profile,
    StrPath,
    Subjects,
    code_of,
    key_of,
    paths_of,
    profile_of,
    subjects_of,
)
from deidentification._values import Forced, forced_values, jobs_of

__all__ = ["Progress", "Result", "deidentify"]

#: ``True`` for a bar by tqdm, a bar of tqdm's kind (what has ``total``, ``n`` and ``refresh``), or a function of phase
#: (``survey``, ``process``), files done, files in all, bytes done, bytes in all (0: not known).
Progress = Union[bool, Any, Callable[[str, int, int, int, int], object]]


@dataclass(frozen=True)
class Result:
    """What came of a run. ``read == written + quarantined + skipped``, always."""

    read: int
    """Files, or members of an archive."""
    written: int
    """Written, or there already byte for byte."""
    quarantined: int
    """Not written because they could not be vouched for."""
    skipped: int
    """Left out on purpose."""
    by_cause: Mapping[str, int]
    """Numbers by cause."""
    bytes_read: int
    """Bytes of the input."""
    bytes_written: int
    """Bytes of the output."""
    report_csv: Path | None
    """The report as a table; ``None`` for a dry run."""
    report_jsonl: Path | None
    """The report as JSON lines."""
    kept_uncleaned: Mapping[str, int]
    """Private elements that the profile keeps and nobody cleaned, with the number of files."""
    burned_in_flagged: int
    """Files whose pixels may show who the patient is, written or not."""
    faults: Mapping[str, int]
    """What was wrong with files, with the number of files."""
    remarks: Mapping[str, int]
    """Remarks of the report, with the number of written files."""
    archive_error: str | None
    """Why the input archive was not read to its end."""
    not_swapped: Path | None
    """Input and output are the same and something was quarantined: where the result stands instead."""
    would_not_swap: bool
    """A dry run of that kind: the result would stand elsewhere."""
    left_out: Path | None
    """Input and output are the same: where the originals are that were not de-identified."""
    quarantine_failed: int
    """Originals that were to be in the quarantine and are not."""
    report_error: str | None
    """Why the report is not complete."""
    output_error: str | None
    """Why the output is not complete."""
    _rows: list[dict[str, Any]] | None = field(default=None, repr=False, compare=False)

    @property
    def summary(self) -> dict[str, int]:
        """The four numbers."""
        return {name: getattr(self, name) for name in ("read", "written", "quarantined", "skipped")}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The report, a dict for each file: ordinal, outcome, cause, path in the output, counts of actions, ...

        Read from the report when first asked for; empty for a dry run.
        """
        if self._rows is None:
            object.__setattr__(self, "_rows", _read_rows(self.report_jsonl))
        assert self._rows is not None
        return self._rows

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The rows of what could not be vouched for."""
        return [row for row in self.rows if row["outcome"] == "quarantined"]

    def to_pandas(self) -> Any:
        """The rows as a ``pandas.DataFrame``: a row for each file, 22 columns, counts as ``int64``."""
        import pandas

        types = {name: _PANDAS[kind] for name, kind in _COLUMNS.items()}
        return pandas.DataFrame(self._flat(), columns=list(_COLUMNS)).astype(types)

    def to_polars(self) -> Any:
        """The rows as a ``polars.DataFrame``: a row for each file, 22 columns, counts as ``UInt64``."""
        import polars

        kinds = {"uint64": polars.UInt64, "bool": polars.Boolean, "text": polars.String}
        return polars.DataFrame(self._flat(), schema={name: kinds[kind] for name, kind in _COLUMNS.items()}, orient="row")

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows as an Arrow stream: what ``pyarrow.table(result)`` or ``polars.from_arrow`` ask for."""
        rows = self._flat()
        return _native.arrow_stream([(name, kind, [row[name] for row in rows]) for name, kind in _COLUMNS.items()])

    def _flat(self) -> list[dict[str, Any]]:
        """Rows whose cells are plain: the counts of actions are columns, lists are joined."""
        return [_flat(row) for row in self.rows]


#: The columns of a table, as in the report, and what they hold.
_COLUMNS = {
    "ordinal": "uint64", "outcome": "text", "cause": "text", "path": "text", "input_hash": "text", "modality": "text",
    "sop_class": "text", "sop_class_name": "text", "kept": "uint64", "removed": "uint64", "emptied": "uint64",
    "dummies": "uint64", "remapped": "uint64", "replaced": "uint64", "shifted": "uint64", "cleaned": "uint64",
    "faults": "text", "kept_uncleaned": "text", "burned_in_risk": "bool", "remarks": "text", "bytes_in": "uint64",
    "bytes_out": "uint64",
}  # fmt: skip
_PANDAS = {"uint64": "int64", "bool": "bool", "text": "object"}


def _read_rows(report: Path | None) -> list[dict[str, Any]]:
    if report is None:
        return []
    with report.open(encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if "ordinal" in row]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    faults = ";".join(f"{fault['fault']}:{fault['count']}" for fault in row["faults"])
    return {
        "ordinal": row["ordinal"],
        "outcome": row["outcome"],
        "cause": row.get("cause"),
        "path": row["path"],
        "input_hash": row["input_hash"],
        "modality": row["modality"],
        "sop_class": row["sop_class"],
        "sop_class_name": row["sop_class_name"],
        **row["actions"],
        "faults": faults,
        "kept_uncleaned": ";".join(row["kept_uncleaned"]),
        "burned_in_risk": row["burned_in_risk"],
        "remarks": ";".join(row["remarks"]),
        "bytes_in": row["bytes_in"],
        "bytes_out": row["bytes_out"],
    }


def deidentify(
    input: StrPath,
    output: StrPath,
    *,
    profile: Profile | StrPath = "default",
    key: Key | StrPath | None = None,
    subject: str | None = None,
    subjects: Subjects | None = None,
    jobs: int = 0,
    progress: Progress | None = None,
    forced: Forced | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    merge_subjects: bool = False,
    keep_captures: bool = False,
    quarantine: StrPath | None = None,
    report: StrPath | None = None,
    report_names: StrPath | None = None,
    crosswalk: StrPath | None = None,
    layout: str | None = None,
    encrypt_for: Certificates = (),
) -> Result:
    """De-identifies a file, a folder or an archive.

    Args:
        input: a file, a folder, or a zip or tar (also gz, bz2, xz, zst).
        output: a folder, an archive by its extension, or for a single file a file. May be ``input`` itself.
        profile: a profile, the name of a built-in one, or a file ``.toml`` or ``.tsv``.
        key: the key of the project, or its file; without it the one in your configuration folder, made if missing.
        subject: the code that becomes PatientName and PatientID.
        subjects: codes by PatientID, as a mapping, a ``pandas.Series`` or the path of a table (``PatientID,code``); who is not in it is quarantined.
        jobs: number of threads; 0 for one per processor.
        progress: ``True`` or something to be told how far it is, see :data:`Progress`.
        forced: values by ``(group, element)``, pydicom's ``Tag``, ``"(gggg,eeee)"`` or keyword, that win over
            everything: texts, numbers, dates and lists of them, fit for the VR (PS3.5 6.2). Letters beyond ASCII need a
            Specific Character Set that has them: other files are quarantined.
        dry_run: do everything but write.
        overwrite: replace files in the output that have other content.
        merge_subjects: allow one ``subject`` for several PatientIDs.
        keep_captures: keep Secondary Captures and pictures: you vouch for what their pixels show.
        quarantine: a folder for the originals of what was quarantined.
        report: a folder for the reports; without it they are beside ``output``.
        report_names: a table of which line of the report is which input. Identifies people.
        crosswalk: a table of who got which code. Identifies people.
        layout: what files are called, such as ``"{subject}/{modality}/{instance}.dcm"``, or ``"input"`` for names as in
            the input; without it as the profile says.
        encrypt_for: certificates (X.509, PEM or DER: RSA, P-256, P-384) for whose private keys the originals are
            encrypted into each file (PS3.15 E.1.1); :func:`~deidentification.reidentify` puts them back.

    The interpreter's lock is released, so other threads go on. Ctrl-C stops between two files, or within a large
    one, of which nothing is left: what was written until then is whole and reported; an output archive, or an input that was to be replaced, is as it was before.

    Raises:
        RunRefusedError: nothing was done, see its ``kind``.
        SettingsError, ProfileError, KeyFileError: something that was asked for cannot be.
    """
    with _Teller(progress) as tell:
        table, pairs = subjects_of(subjects)
        summary = _native.run(
            os.fspath(input),
            os.fspath(output),
            profile_of(profile)._rust,
            key_of(key)._rust,
            subject=code_of(subject),
            subjects=table,
            subject_pairs=pairs,
            forced=forced_values(forced),
            jobs=jobs_of(jobs),
            dry_run=dry_run,
            overwrite=overwrite,
            merge_subjects=merge_subjects,
            keep_captures=keep_captures,
            quarantine=_path(quarantine),
            report=_path(report),
            report_names=_path(report_names),
            crosswalk=_path(crosswalk),
            layout=layout,
            encrypt_for=paths_of(encrypt_for),
            progress=tell,
        )
    return result_of(summary)


def result_of(summary: dict[str, Any]) -> Result:
    """What came of a run, with paths that also hold from another folder."""
    for name in ("report_csv", "report_jsonl", "not_swapped", "left_out"):
        if summary[name] is not None:
            summary[name] = Path(summary[name]).absolute()
    return Result(**summary)


def _path(path: StrPath | None) -> str | None:
    return None if path is None else os.fspath(path)


class _Teller:
    """Makes a function of what the caller gave as progress."""

    def __init__(self, progress: Progress | None) -> None:
        self._bar: Any = None
        self._own = False
        self._phase = ""
        if progress is None or progress is False:
            self.tell: Callable[[str, int, int, int, int], object] | None = None
        elif progress is True:
            from tqdm.auto import tqdm

            self._bar, self._own, self.tell = tqdm(unit="file"), True, self._advance
        elif hasattr(progress, "refresh") and hasattr(progress, "n"):
            self._bar, self.tell = progress, self._advance
        elif callable(progress):
            self.tell = progress
        else:
            raise TypeError("progress is True, a bar of tqdm's kind, or a function")

    def __enter__(self) -> Callable[[str, int, int, int, int], object] | None:
        return self.tell

    def __exit__(self, *_: object) -> None:
        if self._own:
            self._bar.close()

    def _advance(self, phase: str, files: int, all_files: int, _bytes: int, _all_bytes: int) -> None:
        bar = self._bar
        if phase != self._phase:
            self._phase = phase
            if hasattr(bar, "set_description_str"):
                bar.set_description_str(phase, refresh=False)
        if (bar.n, bar.total) != (files, all_files or None):
            bar.n, bar.total = files, all_files or None
            bar.refresh()
