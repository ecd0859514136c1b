"""The way back: originals that were encrypted into files with ``encrypt_for``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from deidentification import _native
from deidentification._profile import Instance, StrPath, _is_dataset, bytes_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["NotRestored", "PrivateKey", "Restoration", "reidentify"]


class PrivateKey:
    """The private key of somebody for whom originals were encrypted: RSA, P-256 or P-384, in PEM or DER.

    Python never sees its bytes. It pickles as the paths of its files.

    >>> key = PrivateKey("me.key", passphrase_file="me.txt")                    # doctest: +SKIP
    """

    __slots__ = ("_files", "_rust")
    _rust: _native.PrivateKey
    _files: tuple[str, str | None, str | None]

    def __init__(
        self, path: StrPath, *, passphrase_file: StrPath | None = None, certificate: StrPath | None = None
    ) -> None:
        """The key in this file; its passphrase is the first line of another. With its ``certificate``, only what was
        encrypted for that is tried. Raises :exc:`~deidentification.errors.KeyFileError`.
        """
        self._files = (
            _absolute(path),
            None if passphrase_file is None else _absolute(passphrase_file),
            None if certificate is None else _absolute(certificate),
        )
        self._rust = _native.PrivateKey.from_file(*self._files)

    @property
    def path(self) -> Path:
        """The key file."""
        return Path(self._files[0])

    @overload
    def restore(self, instance: bytes | bytearray | memoryview | BinaryIO | StrPath) -> bytes: ...

    @overload
    def restore(self, instance: Dataset) -> Dataset: ...

    def restore(self, instance: Instance | StrPath) -> bytes | Dataset:
        """One instance with its original values: bytes, or a new data set if one was given.

        Raises :exc:`~deidentification.errors.NotRestoredError`.
        """
        output, _left_out = self._rust.restore(bytes_of(instance))
        if not _is_dataset(instance):
            return output
        from deidentification._pydicom import dataset_of

        return dataset_of(output)

    def __reduce__(self) -> tuple[Any, ...]:
        return _private_key_of, self._files

    def __repr__(self) -> str:
        return "<PrivateKey>"


def _absolute(path: StrPath) -> str:
    return os.fspath(Path(path).absolute())


def _private_key_of(path: str, passphrase_file: str | None, certificate: str | None) -> PrivateKey:
    return PrivateKey(path, passphrase_file=passphrase_file, certificate=certificate)


@dataclass(frozen=True)
class NotRestored:
    """A file whose originals could not be put back."""

    path: Path
    """Below the input."""
    cause: str
    """As ``kind`` of :exc:`~deidentification.errors.NotRestoredError`, or ``exists``, ``no_file``, ``io_error``."""
    description: str


@dataclass(frozen=True)
class Restoration:
    """What came of :func:`reidentify`: ``read == restored + failed + skipped``."""

    read: int
    """Files of the input."""
    restored: int
    """Written with their originals."""
    failed: int
    """Not written, though they are DICOM or could not be read: see ``errors``."""
    skipped: int
    """Not DICOM."""
    partly: int
    """Restored files in which some attributes are still de-identified: they were too large to be kept."""
    left_out: int
    """The number of these attributes."""
    errors: tuple[NotRestored, ...]


def reidentify(
    input: StrPath,
    output: StrPath,
    *,
    private_key: PrivateKey | StrPath,
    passphrase_file: StrPath | None = None,
    certificate: StrPath | None = None,
) -> Restoration:
    """Puts the originals of a file, or of all files of a folder, in their places.

    Args:
        input: a file or folder that was made with ``encrypt_for``. Archives are not read.
        output: a file or folder beside it. What is written there identifies people: only you can read it.
        private_key: the key, or its file.
        passphrase_file, certificate: as for :class:`PrivateKey`, if ``private_key`` is a file.

    The interpreter's lock is released. Ctrl-C stops between two files; what was restored until then stays.

    Raises:
        RunRefusedError: nothing was done, see its ``kind``.
        KeyFileError: the private key cannot be used.
    """
    if not isinstance(private_key, PrivateKey):
        private_key = PrivateKey(private_key, passphrase_file=passphrase_file, certificate=certificate)
    numbers, failed = _native.reidentify(os.fspath(input), os.fspath(output), private_key._rust)
    errors = tuple(NotRestored(Path(path), cause, description) for path, cause, description in failed)
    read, restored, failed_number, skipped, partly, left_out = numbers
    return Restoration(read, restored, failed_number, skipped, partly, left_out, errors)
