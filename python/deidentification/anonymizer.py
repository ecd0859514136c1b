"""CATI's module ``anonymizer``: the same names, arguments, exceptions and messages, with this software underneath.

What differs on purpose: pseudonyms are keyed, every level of nesting is de-identified, the file meta information is
written anew, captures lose their metadata, raw spectroscopy is cleaned instead of copied, and nothing that is already in
the output folder is deleted. A name forced by ``forced_values`` also becomes the PatientID. Functions that returned
nothing return a :class:`~deidentification.Result`.
"""

from __future__ import annotations

import functools
import inspect
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional, ParamSpec, TypeVar, Union

from deidentification import _native
from deidentification._inspect import CheckedFile, checked_file
from deidentification._profile import Key, StrPath
from deidentification._profile import _ANY_KEY as ANY_KEY
from deidentification._run import Result, result_of
from deidentification._values import cati_values, tag_of
from deidentification.archive import is_archive_ext
from deidentification.config import existing_profile
from deidentification.dicom import is_capture, is_folder_empty_of_files, is_spectro
from deidentification.errors import (
    AnonymizerError,
    DeidentificationError,
    DeidentificationWarning,
    KeyFileError,
    ProfileError,
    RunRefusedError,
)

__all__ = [
    "Anonymizer",
    "AnonymizerError",
    "DeidentificationError",
    "anonymize",
    "anonymize_file",
    "check_anonymize",
    "check_anonymize_fast",
    "check_folder_anonymize",
]

Tag = tuple[int, int]
#: ``{(group, element): {'action': 'K'|'X'|'Z'|'D'|'U', 'private_creator': str | [str], 'name': str}}``
TagsConfig = Mapping[Tag, Mapping[str, Any]]
ForcedValues = Optional[Mapping[Tag, object]]

_NAME = (0x0010, 0x0010)
_ID = (0x0010, 0x0020)
_CATI_REPORT = "deidentification_report.csv"
_NOT_DICOM = "The file is not a DICOM file. {}"
_UNPACKING = "Unpacking compressed file failed."

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _nameless_if_anonymous(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """With ``anonymous``, what a function raises says nothing of a path, nor does what that came of."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return function(*args, **kwargs)
        except (DeidentificationError, OSError) as error:
            given = signature.bind(*args, **kwargs).arguments
            if not given.get("anonymous", getattr(given.get("self"), "anonymous", False)):
                raise
            nameless = _nameless(error)
        # Not above, where the other exception would come with it.
        raise nameless

    return wrapped


def _nameless(error: DeidentificationError | OSError) -> DeidentificationError:
    if isinstance(error, AnonymizerError):
        return AnonymizerError(error.message, "", True)
    if isinstance(error, RunRefusedError):
        return RunRefusedError("The deidentification did not take place.", error.kind)
    if isinstance(error, ProfileError):
        return DeidentificationError("Error occurs during config profile load.")
    if isinstance(error, KeyFileError):
        return KeyFileError("The key file cannot be used.")
    if isinstance(error, DeidentificationError):
        # Sentences of this module, without a path.
        return type(error)(*error.args)
    return DeidentificationError("The files cannot be read or written.")


@_nameless_if_anonymous
def anonymize(
    dicom_in: StrPath,
    dicom_out: StrPath,
    tags_to_keep: Iterable[Tag] | None = None,
    tags_to_delete: Iterable[Tag] | None = None,
    forced_values: ForcedValues = None,
    config_profile: str | None = None,
    anonymous: bool = False,
    tempdir_prefix: str | None = None,
    error_no_dicom: bool = True,
    keep_capture: bool = False,
) -> Result:
    """De-identifies a file, a folder or an archive into a folder or an archive.

    Args:
        dicom_in: a file, a folder, or a zip or tar.
        dicom_out: a folder, or an archive by its extension. The same as ``dicom_in``: that is overwritten.
        tags_to_keep, tags_to_delete: lists of ``(group, element)``.
        forced_values: ``{(group, element): value}``, wins over everything.
        config_profile: the name of a profile, or the path of a table. Not together with the two lists.
        anonymous: no path in error messages.
        tempdir_prefix: what names of temporary folders begin with.
        error_no_dicom: raise an error if a file is no DICOM file; nothing is written then.
        keep_capture: keep captures (JPEG, PNG, Secondary Capture) in ``captures``: you vouch for what they show.

    Modalities other than CT, MR, NM, PT and ST, and some SOP classes, are left out and listed in
    ``deidentification_report.csv`` in the output. A :class:`~deidentification.errors.DeidentificationWarning` tells of
    files that could not be vouched for.
    """
    profile = _profile(config_profile, tags_to_keep, tags_to_delete)
    subject, forced = _identity(forced_values)
    return run_like_cati(
        dicom_in,
        dicom_out,
        profile,
        subject=subject,
        forced=forced,
        merge_subjects=True,
        anonymous=anonymous,
        tempdir_prefix=tempdir_prefix,
        error_no_dicom=error_no_dicom,
        keep_capture=keep_capture,
        stacklevel=4,
    )


def run_like_cati(
    dicom_in: StrPath,
    dicom_out: StrPath,
    profile: _native.Profile,
    *,
    subject: str | None,
    forced: list[tuple[Tag, str]],
    merge_subjects: bool,
    anonymous: bool = False,
    tempdir_prefix: str | None = None,
    error_no_dicom: bool = True,
    keep_capture: bool = False,
    stacklevel: int = 3,
) -> Result:
    """A run as :func:`anonymize` has it."""
    if not os.path.exists(dicom_in):
        raise DeidentificationError("The DICOM input does not exists.")
    is_file = os.path.isfile(dicom_in)
    if not is_file and not os.path.isdir(dicom_in):
        raise DeidentificationError("The DICOM input file type is not handled by this tool.")
    if not is_file and os.path.isfile(dicom_out) and not is_archive_ext(dicom_out):
        raise DeidentificationError("The DICOM out could not be a file if DICOM in is not a file.")
    in_place = os.path.exists(dicom_out) and os.path.samefile(dicom_in, dicom_out)
    if is_file and os.path.isfile(dicom_out) and not in_place and not is_archive_ext(dicom_out):
        raise DeidentificationError("The DICOM output has to be a folder.")
    single = is_file and _native.archive_kind(os.fspath(dicom_in)) is None
    if error_no_dicom or single:
        stranger = _unpacked(lambda: _native.first_not_taken(os.fspath(dicom_in), pictures=keep_capture))
        if stranger is not None:
            raise AnonymizerError(_NOT_DICOM, stranger, anonymous)
    result = _run(
        dicom_in,
        dicom_out,
        profile,
        subject=subject,
        forced=forced,
        merge_subjects=merge_subjects,
        keep_captures=keep_capture,
        cati=True,
        tempdir_prefix=tempdir_prefix,
    )
    if single and result.quarantined:
        raise _quarantined(result, dicom_in, anonymous)
    for trouble in (result.output_error, result.archive_error):
        if trouble and not anonymous:
            raise DeidentificationError(trouble)
        if trouble:
            raise DeidentificationError("The deidentification results are not complete.")
    if result.not_swapped is not None:
        where = "" if anonymous else f" The results are in {result.not_swapped}."
        raise DeidentificationError(f"The DICOM input was not replaced: {_causes(result)}.{where}")
    if result.quarantined:
        warnings.warn(
            f"{result.quarantined} of {result.read} files were not written: {_causes(result)}",
            DeidentificationWarning,
            stacklevel=stacklevel,
        )
    return result


@_nameless_if_anonymous
def anonymize_file(
    dicom_file_in: StrPath,
    dicom_folder_out: StrPath,
    tags_to_keep: Iterable[Tag] | None = None,
    tags_to_delete: Iterable[Tag] | None = None,
    forced_values: ForcedValues = None,
    config_profile: str | None = None,
    anonymous: bool = False,
    report_path: StrPath | None = None,
    capture_folder: StrPath | None = None,
) -> Result:
    """De-identifies one file into a folder.

    With ``report_path`` a file that is left out gets a line there; with ``capture_folder`` captures are kept, there.
    The other arguments are those of :func:`anonymize`.
    """
    if os.path.isfile(dicom_folder_out):
        raise DeidentificationError("The DICOM output has to be a folder.")
    profile = _profile(config_profile, tags_to_keep, tags_to_delete)
    subject, forced = _identity(forced_values)
    path = os.fspath(dicom_file_in)
    capture = _tried(is_capture, path, anonymous) if capture_folder is not None else ""
    if not capture and not _tried(_native.is_dicom, path, anonymous) and not is_spectro(path):
        raise AnonymizerError(_NOT_DICOM, path, anonymous)
    os.makedirs(dicom_folder_out, exist_ok=True)
    result = _run(
        path,
        dicom_folder_out,
        profile,
        subject=subject,
        forced=forced,
        merge_subjects=True,
        keep_captures=bool(capture),
    )
    if result.quarantined:
        raise _quarantined(result, path, anonymous)
    if capture and capture_folder is not None and result.written:
        _move(Path(dicom_folder_out) / result.rows[0]["path"], Path(capture_folder))
    if result.skipped:
        _report(report_path, path, profile, result.rows[0]["path"])
    if is_folder_empty_of_files(dicom_folder_out):
        shutil.rmtree(dicom_folder_out, ignore_errors=True)
    return result


@_nameless_if_anonymous
def check_anonymize_fast(
    dicom_in: StrPath,
    tags_to_keep: Iterable[Tag] | None = None,
    tags_to_delete: Iterable[Tag] | None = None,
    forced_values: ForcedValues = None,
    config_profile: str | None = None,
    anonymous: bool = False,
    tempdir_prefix: str | None = None,
) -> bool:
    """Whether the first file of a file, a folder or an archive is de-identified: nothing but UIDs would change."""
    _must_exist(dicom_in)
    profile = _profile(config_profile, tags_to_keep, tags_to_delete)
    files = _check(dicom_in, profile, forced_values, anonymous, first=True)
    if not files:
        raise DeidentificationError("File input type is not handled by this tool.")
    return all(file.is_deidentified for file in files)


@_nameless_if_anonymous
def check_anonymize(
    dicom_in: StrPath,
    tags_to_keep: Iterable[Tag] | None = None,
    tags_to_delete: Iterable[Tag] | None = None,
    forced_values: ForcedValues = None,
    config_profile: str | None = None,
    anonymous: bool = False,
    tempdir_prefix: str | None = None,
) -> bool:
    """Whether a file, all of a folder or all of an archive is de-identified: nothing but UIDs would change."""
    _must_exist(dicom_in)
    profile = _profile(config_profile, tags_to_keep, tags_to_delete)
    return all(file.is_deidentified for file in _check(dicom_in, profile, forced_values, anonymous, until=True))


@_nameless_if_anonymous
def check_folder_anonymize(
    dicom_folder: StrPath,
    tags_to_keep: Iterable[Tag] | None = None,
    tags_to_delete: Iterable[Tag] | None = None,
    forced_values: ForcedValues = None,
    config_profile: str | None = None,
    anonymous: bool = False,
) -> bool:
    """:func:`check_anonymize` for a folder."""
    if not os.path.isdir(dicom_folder):
        raise DeidentificationError("DICOM folder input is not a folder path.")
    return check_anonymize(dicom_folder, tags_to_keep, tags_to_delete, forced_values, config_profile, anonymous)


class Anonymizer:
    """De-identifies or checks one DICOM file.

    ``tags_config`` says what is done with tags, ``forced_values`` wins over everything. ``config_profile`` is the profile
    if there is no ``tags_config``, and otherwise its name for the report. The file must be a DICOM file.
    """

    @_nameless_if_anonymous
    def __init__(
        self,
        dicom_filein: StrPath,
        dicom_fileout: StrPath,
        tags_config: TagsConfig | None = None,
        forced_values: ForcedValues = None,
        config_profile: str | None = None,
        anonymous: bool = False,
        report_path: StrPath | None = None,
        keep_capture: bool = False,
    ) -> None:
        self._dicom_filein = os.fspath(dicom_filein)
        self._dicom_fileout = os.fspath(dicom_fileout)
        # Where they are, also if the folder at hand is another one by then.
        self._input = os.path.abspath(self._dicom_filein)
        self._output = os.path.abspath(self._dicom_fileout) if self._dicom_fileout else ""
        self._forced_values = forced_values
        self.anonymous = anonymous
        self.config_profile = config_profile
        self.report_path = report_path
        self.keep_capture = keep_capture
        #: What :meth:`runCheck` found.
        self.result: bool | None = None
        if not _tried(_native.is_dicom, self._dicom_filein, anonymous):
            raise AnonymizerError(_NOT_DICOM, self._dicom_filein, anonymous)
        if tags_config:
            self._profile = _of_config(tags_config, config_profile or "tags_config")
        else:
            self._profile = _profile(config_profile, None, None)

    @_nameless_if_anonymous
    def run_ano(self) -> int:
        """De-identifies the file; 1 if it was written, 0 if it is left out (and listed in the report)."""
        subject, forced = _identity(self._forced_values)
        result = _run(
            self._input,
            self._output,
            self._profile,
            subject=subject,
            forced=forced,
            merge_subjects=True,
            keep_captures=self.keep_capture,
        )
        if result.quarantined:
            raise _quarantined(result, self._dicom_filein, self.anonymous)
        if result.skipped:
            _report(self.report_path, self._input, self._profile, result.rows[0]["path"])
        return result.written

    @_nameless_if_anonymous
    def runCheck(self) -> bool:
        """Whether the file is de-identified: nothing but UIDs would change."""
        files = _check(self._input, self._profile, self._forced_values, self.anonymous)
        self.result = all(file.is_deidentified for file in files)
        return self.result


def profile_of_tags(tags_to_keep: Iterable[Tag], tags_to_delete: Iterable[Tag] = ()) -> _native.Profile:
    """The profile of two lists of tags."""
    rows: list[tuple[Tag, str, list[str]]] = [(tag_of(tag), "K", []) for tag in tags_to_keep]
    rows += [(tag_of(tag), "X", []) for tag in tags_to_delete]
    return _native.cati_profile(rows, "tags")


def _profile(
    config_profile: str | None,
    tags_to_keep: Iterable[Tag] | None,
    tags_to_delete: Iterable[Tag] | None,
) -> _native.Profile:
    """The profile that these ask for; without any, the default one with CATI's filter."""
    keep, delete = list(tags_to_keep or ()), list(tags_to_delete or ())
    if config_profile:
        if keep or delete:
            raise DeidentificationError("Both tags_to_keep/tags_to_delete and config_profile have been specified.")
        existing_profile(config_profile)
        return _native.Profile.load(os.fspath(config_profile), any_name=True)
    if keep or delete:
        return profile_of_tags(keep, delete)
    return _native.Profile.load("default").with_cati_filter()


def _of_config(tags_config: TagsConfig, name: str) -> _native.Profile:
    rows = []
    for tag, wanted in tags_config.items():
        creators: Union[str, Iterable[str], None] = wanted.get("private_creator")
        creators = [creators] if isinstance(creators, str) else list(creators or ())
        action = wanted.get("action") or "K"
        if action not in ("K", "X", "Z", "D", "U"):
            raise DeidentificationError(f"Action not recognized: {action}")
        rows.append((tag_of(tag), str(action), [str(creator) for creator in creators if creator]))
    return _native.cati_profile(rows, os.path.basename(os.fspath(name)).rsplit(".", 1)[0])


def _identity(forced_values: ForcedValues) -> tuple[str | None, list[tuple[Tag, str]]]:
    """A forced name is the subject's code; what is no code is forced on name and ID."""
    forced = dict(cati_values(forced_values))
    name = forced.get(_NAME)
    if name is None:
        return None, list(forced.items())
    if forced.setdefault(_ID, name) == name and _native.well_formed_code(name):
        del forced[_NAME], forced[_ID]
        return name, list(forced.items())
    return None, list(forced.items())


def _run(
    dicom_in: StrPath,
    dicom_out: StrPath,
    profile: _native.Profile,
    *,
    tempdir_prefix: str | None = None,
    **settings: Any,
) -> Result:
    """A run whose report stays in memory: CATI's module writes none beside the output."""
    key = Key.default()
    with tempfile.TemporaryDirectory(prefix=tempdir_prefix) as report:
        summary = _unpacked(
            lambda: _native.run(
                os.fspath(dicom_in),
                os.fspath(dicom_out),
                profile,
                key._rust,
                overwrite=True,
                report=report,
                **settings,
            )
        )
        result = result_of(summary)
        return replace(result, report_csv=None, report_jsonl=None, _rows=result.rows)


def _unpacked(work: Callable[[], _T]) -> _T:
    """What reads an archive: one that cannot be read is the error that CATI's module has for it."""
    try:
        return work()
    except RunRefusedError as error:
        if error.kind == "archive":
            raise DeidentificationError(_UNPACKING) from error
        raise


def _quarantined(result: Result, path: StrPath, anonymous: bool) -> AnonymizerError:
    return AnonymizerError(f"The file was not deidentified ({_causes(result)}). {{}}", os.fspath(path), anonymous)


def _causes(result: Result) -> str:
    return ", ".join(sorted(result.by_cause))


def _report(report_path: StrPath | None, path: str, profile: _native.Profile, shown: str) -> None:
    """Adds a line on a file that is left out to CATI's report."""
    if report_path is None:
        return
    engine = _native.Engine(profile, ANY_KEY._rust)
    told = _native.cati_report(path, engine, shown)
    if told is None:
        return
    columns, line = told
    new = not os.path.exists(report_path)
    with open(report_path, "a", encoding="utf-8", newline="") as report:
        report.write(columns + line if new else line)


def _move(made: Path, folder: Path) -> None:
    """Puts a capture into the folder of captures."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / made.name
    if target != made and not (target.exists() and target.samefile(made)):
        shutil.move(os.fspath(made), os.fspath(target))
        if made.parent.name == "captures" and not any(made.parent.iterdir()):
            made.parent.rmdir()


def _must_exist(dicom_in: StrPath) -> None:
    if not os.path.exists(dicom_in):
        raise DeidentificationError("The DICOM input does not exists.")


def _check(
    path: StrPath,
    profile: _native.Profile,
    forced_values: ForcedValues,
    anonymous: bool,
    *,
    first: bool = False,
    until: bool = False,
) -> list[CheckedFile]:
    """The files that were checked; a file that is no DICOM is an error, CATI's own report none."""
    subject, forced = _identity(forced_values)
    engine = _native.Engine(profile, ANY_KEY._rust, subject=subject, forced=forced, captures=True)
    rows = _looked(os.fspath(path), engine, first, until)
    if until and rows and _is_report(checked_file(rows[-1])):
        # It stopped at our own report.
        rows = _looked(os.fspath(path), engine)
    files = [file for file in map(checked_file, rows) if not _is_report(file)]
    for file in files:
        if not file.is_dicom and file.format != "archive":
            where = Path(path) / file.path if os.path.isdir(path) else path
            raise AnonymizerError(_NOT_DICOM, where, anonymous)
    return files


def _looked(path: str, engine: _native.Engine, first: bool = False, until: bool = False) -> list[Any]:
    try:
        return _native.check(path, engine, first=first, until=until)
    except RunRefusedError as error:
        raise DeidentificationError(_UNPACKING) from error


def _is_report(file: CheckedFile) -> bool:
    return file.path.name == _CATI_REPORT and not file.is_dicom


def _tried(look: Any, path: str, anonymous: bool) -> Any:
    """What cannot be opened is no DICOM file either."""
    try:
        return look(path)
    except OSError:
        raise AnonymizerError(_NOT_DICOM, path, anonymous) from None
