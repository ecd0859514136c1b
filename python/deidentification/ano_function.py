"""CATI's module ``ano_function``: one subject, or a list of them, from a Python prompt."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Union

from deidentification import _native
from deidentification._profile import table_text
from deidentification.anonymizer import profile_of_tags, run_like_cati
from deidentification.config import tags_to_keep
from deidentification.errors import DeidentificationError

__all__ = ["fileToList", "run_ano_function", "run_ano_function_MultiSubjects"]

StrPath = Union[str, "os.PathLike[str]"]


def run_ano_function(subject: str | None, inputPath: StrPath, outputPath: StrPath) -> None:
    """De-identifies a file, a folder or an archive of one subject, whose code becomes name and ID.

    The same path twice: the input is overwritten. The tags that are kept are
    :data:`deidentification.config.tags_to_keep`. Files of several PatientIDs are an error, and nothing is written. Without
    a subject (empty, or ``None``) the name is ``Unknown`` and the ID a code made from the key.
    """
    print("Launch anonymization for ", subject)
    run_like_cati(
        inputPath,
        outputPath,
        profile_of_tags(tags_to_keep),
        subject=None if subject is None or subject == "" else str(subject),
        forced=[],
        merge_subjects=False,
        error_no_dicom=False,
    )
    print("Anonymization done for ", subject)


def run_ano_function_MultiSubjects(myListe: Iterable[Sequence[StrPath]]) -> None:
    """:func:`run_ano_function` for each ``[subject, input, output]``; one that fails does not stop the others.

    What stands behind the third field is passed over.
    """
    for number, job in enumerate(myListe, 1):
        subject: object = f"entry {number}"
        try:
            if isinstance(job, str) or len(job) < 3:
                raise DeidentificationError("expected [subject, input, output]")
            subject = job[0]
            run_ano_function(None if subject is None else str(subject), job[1], job[2])
        except Exception as error:
            print(f"Error during anonymization for  {subject}: {error}")


def fileToList(filePath: StrPath) -> list[list[str]]:
    """The list for :func:`run_ano_function_MultiSubjects` from a file with a line ``subject;input;output`` for each.

    Empty lines, those that begin with ``#``, and what stands behind the third field are passed over. Raises
    :exc:`~deidentification.errors.SettingsError` with the number of a line that is none.
    """
    jobs = _native.job_list(table_text(Path(filePath)))
    return [[subject or "", os.fspath(input_path), os.fspath(output_path)] for subject, input_path, output_path in jobs]
