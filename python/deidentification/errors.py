"""Exceptions. All of them are :class:`DeidentificationError`; none holds a value of a header."""

from __future__ import annotations

__all__ = [
    "AnonymizerError",
    "ArchiveError",
    "CompareError",
    "DeidentificationError",
    "DeidentificationWarning",
    "KeyFileError",
    "NotDicomError",
    "NotRestoredError",
    "ProfileError",
    "QuarantinedError",
    "RunRefusedError",
    "SettingsError",
]


class DeidentificationError(Exception):
    """Something kept this package from doing what it was asked for."""


class AnonymizerError(DeidentificationError):
    """A file could not be de-identified (CATI's module).

    ``message`` may have a place ``{}`` for ``complement``, a path, which is forgotten when ``anonymous``.
    """

    def __init__(self, message: str = "", complement: object = "", anonymous: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.complement = "" if anonymous else complement
        self.anonymous = anonymous

    def __str__(self) -> str:
        return self.message.replace("{}", str(self.complement)) if "{}" in self.message else self.message

    def __reduce__(self) -> tuple[type[AnonymizerError], tuple[str, object, bool]]:
        return type(self), (self.message, self.complement, self.anonymous)


class ProfileError(DeidentificationError, ValueError):
    """There is no such profile, or what is written in it is wrong: the message says where."""


class KeyFileError(DeidentificationError, OSError):
    """The key file does not exist, is none, or cannot be read or written."""


class SettingsError(DeidentificationError, ValueError):
    """Settings that cannot be carried out: a subject's code, a forced value, a table of subjects."""


class NotDicomError(DeidentificationError, ValueError):
    """The bytes are no DICOM file."""


class _WithKind(DeidentificationError):
    """An exception with a word that programs can go by."""

    def __init__(self, message: str = "", kind: str = "") -> None:
        super().__init__(message, kind)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[0])


class RunRefusedError(_WithKind):
    """A run did not take place: nothing was written.

    ``kind`` is one of ``input_missing``, ``input_special``, ``output_inside_input``, ``input_inside_output``,
    ``output_exists``, ``output_not_folder``, ``quarantine``, ``report``, ``table``, ``several_subjects``, ``archive``,
    ``cancelled`` and ``io``.
    """


class ArchiveError(_WithKind):
    """An archive cannot be read or written."""


class CompareError(_WithKind):
    """Nothing was compared. ``kind`` is one of ``unreadable``, ``nothing``, ``io``, ``cancelled``."""


class NotRestoredError(_WithKind):
    """The originals of an instance cannot be put back.

    ``kind`` is one of ``not_dicom``, ``faulty``, ``not_reversible`` (it holds none), ``not_a_recipient`` (they were
    encrypted for others), ``originals_damaged``, ``originals_of_another_file``, ``originals_unsupported``, ``too_large`` and
    ``edit_failed``.
    """


class QuarantinedError(DeidentificationError):
    """One instance cannot be vouched for, or is left out on purpose; nothing comes out.

    ``cause`` is the identifier that reports use (``faulty``, ``burned_in_risk``, ``not_dicom``, ...).
    """

    def __init__(self, cause: str, description: str = "") -> None:
        super().__init__(cause, description)
        self.cause = cause
        self.description = description

    def __str__(self) -> str:
        return f"{self.cause}: {self.description}" if self.description else self.cause


class DeidentificationWarning(UserWarning):
    """Not all of an input was written; the result says what was not, and why."""
