"""CATI's module ``archive``: zip and tar, unpacked safely and packed the same each time.

Members that could leave the folder, links and the like are passed over.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Union

from deidentification import _native
from deidentification._values import shown
from deidentification.errors import ArchiveError, DeidentificationError

__all__ = [
    "get_archive_extensions",
    "is_archive",
    "is_archive_ext",
    "is_archive_file",
    "pack",
    "pack_tar",
    "pack_zip",
    "unpack",
    "unpack_first",
    "untar",
    "untar_first",
    "unzip",
    "unzip_first",
]

StrPath = Union[str, "os.PathLike[str]"]

_NO_INPUT = "Input_filename must be an archive (ex: .tar.gz, .zip)"
_NO_OUTPUT = "Output_filename must be an archive (ex: .tar.gz, .zip)"


def get_archive_extensions() -> list[str]:
    """Extensions of archives."""
    return [".zip", ".gz", ".tar", ".bz2", ".tgz", ".tbz2", ".xz", ".txz", ".zst", ".tzst"]


def is_archive_ext(filepath: StrPath) -> bool:
    """Whether a path has the extension of an archive."""
    return os.path.splitext(os.fspath(filepath))[1].lower() in get_archive_extensions()


def is_archive_file(filepath: StrPath) -> bool:
    """Whether a file is an archive. One that has the extension and is none is an error."""
    extension = os.path.splitext(os.fspath(filepath))[1].lower()
    if extension not in get_archive_extensions():
        return False
    kind = _native.archive_kind(os.fspath(filepath)) if os.path.isfile(filepath) else None
    if extension == ".zip" and kind != "zip":
        raise DeidentificationError("The ZIP file has the .zip extension but it is not a ZIP file")
    if extension != ".zip" and kind != "tar":
        raise DeidentificationError("The file has an archive extension but it is not a TAR file")
    return True


def is_archive(filename: StrPath) -> bool:
    """Whether a file is an archive by its content, or a path is one by its extension (2019)."""
    if os.path.isfile(filename) and _native.archive_kind(os.fspath(filename)) is not None:
        return True
    return is_archive_ext(filename)


def unpack(input_filename: StrPath, extract_dir: StrPath) -> None:
    """Extracts an archive to a folder."""
    if not is_archive_file(input_filename):
        raise AttributeError(_NO_INPUT)
    _native.unpack(os.fspath(input_filename), os.fspath(extract_dir))


def unpack_first(input_filename: StrPath, extract_dir: StrPath) -> str:
    """Extracts the first file of an archive and returns its path; empty if there is none."""
    if not is_archive_file(input_filename):
        raise AttributeError(_NO_INPUT)
    return _first(input_filename, extract_dir)


def untar(input_filename: StrPath, extract_dir: StrPath) -> None:
    """Extracts a tar to a folder."""
    _must_be(input_filename, "tar")
    _native.unpack(os.fspath(input_filename), os.fspath(extract_dir))


def unzip(input_filename: StrPath, extract_dir: StrPath) -> None:
    """Extracts a zip to a folder."""
    _must_be(input_filename, "zip")
    _native.unpack(os.fspath(input_filename), os.fspath(extract_dir))


def untar_first(input_filename: StrPath, extract_dir: StrPath) -> str:
    """Extracts the first file of a tar and returns its path; empty if there is none."""
    _must_be(input_filename, "tar")
    return _first(input_filename, extract_dir)


def unzip_first(input_filename: StrPath, extract_dir: StrPath) -> str:
    """Extracts the first file of a zip and returns its path; empty if there is none."""
    _must_be(input_filename, "zip")
    return _first(input_filename, extract_dir)


def pack(output_filename: StrPath, sources: StrPath | Sequence[StrPath]) -> None:
    """Packs files and folders into an archive that is what its extension says."""
    if not is_archive_ext(output_filename):
        raise AttributeError(_NO_OUTPUT)
    _pack(output_filename, sources, None)


def pack_tar(output_filename: StrPath, sources: StrPath | Sequence[StrPath], type: str = "gz") -> None:
    """Packs files and folders into a tar: ``gz``, ``tgz``, ``bz2`` or ``tar``."""
    _pack(output_filename, sources, type or "tar")


def pack_zip(output_filename: StrPath, sources: StrPath | Sequence[StrPath]) -> None:
    """Packs files and folders into a zip."""
    _pack(output_filename, sources, "zip")


def _must_be(path: StrPath, kind: str) -> None:
    if not os.path.isfile(path) or _native.archive_kind(os.fspath(path)) != kind:
        raise ValueError(f"{os.fspath(path)} is not a {kind} file")


def _first(path: StrPath, folder: StrPath) -> str:
    made = _native.unpack(os.fspath(path), os.fspath(folder), first=True)
    return os.fspath(made[0]) if made else ""


def _pack(output: StrPath, sources: StrPath | Sequence[StrPath], kind: str | None) -> None:
    """Each source under its own name, folders with all that is in them."""
    members: list[tuple[str, str]] = []
    for source in [sources] if isinstance(sources, (str, os.PathLike)) else sources:
        root = Path(os.path.abspath(source))
        files = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]
        members += [(shown(path.relative_to(root.parent).as_posix()), os.fspath(path)) for path in files]
    os.makedirs(os.path.dirname(os.path.abspath(output)), exist_ok=True)
    try:
        _native.pack(os.fspath(output), members, kind)
    except ArchiveError:
        raise AttributeError(_NO_OUTPUT) from None
