"""Tags and values as callers write them, as the libraries want them."""

from __future__ import annotations

import datetime
import math
import operator
import os
import warnings
from collections.abc import Mapping
from typing import Any, Union

from deidentification import _native
from deidentification.errors import DeidentificationWarning, SettingsError

__all__ = ["Forced", "Tag", "forced_values", "jobs_of", "shown", "tag_of", "text_of", "writable"]

Tag = tuple[int, int]
_MOST_JOBS = 1024
#: Values by ``(group, element)``, a number such as pydicom's ``Tag``, ``"(gggg,eeee)"`` or a keyword.
Forced = Mapping[Any, object]


def tag_of(tag: Any) -> Tag:
    """A tag: ``(group, element)``, one number (pydicom's ``Tag``), ``"(gggg,eeee)"``, or a keyword of PS3.6.

    Raises :exc:`~deidentification.errors.SettingsError`.
    """
    found: Tag | None = None
    if isinstance(tag, str):
        parts = tag.strip(" ()").split(",")
        try:
            group, element = (int(part, 16) for part in parts)
            found = group, element
        except ValueError:
            found = _native.tag_of_keyword(tag.strip())
    elif isinstance(tag, int) and not isinstance(tag, bool):
        found = tag >> 16, tag & 0xFFFF
    else:
        try:
            group, element = (_whole(part) for part in tag)
            found = group, element
        except (TypeError, ValueError):
            found = None
    if found is None or not all(0 <= part <= 0xFFFF for part in found):
        raise SettingsError("a tag is (group, element), one number, '(gggg,eeee)' or a keyword of PS3.6")
    return found


def _whole(part: Any) -> int:
    if isinstance(part, (str, bytes, float, bool)):
        raise TypeError
    return int(part)


def text_of(value: object) -> str:
    """A value as DICOM writes it: several with backslashes between, dates and times without signs (PS3.5 6.2)."""
    if value is None:
        return ""
    if type(value).__name__ in ("NaTType", "NAType") or isinstance(value, float) and not math.isfinite(value):
        raise SettingsError("a value that is missing or no number (NaN, NaT, NA): None empties an element")
    if isinstance(value, str):
        # Also what pydicom makes of IS, DS and dates: its text is the value's own.
        return str(value)
    if isinstance(value, bytes):
        try:
            return value.decode("ascii")
        except UnicodeDecodeError:
            raise SettingsError("a value in bytes is ASCII: hand in a str for other letters") from None
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return "\\".join(map(text_of, value))  # type: ignore[call-overload]
    if isinstance(value, datetime.datetime):
        fraction = f".{value.microsecond:06}" if value.microsecond else ""
        return value.strftime("%Y%m%d%H%M%S") + fraction + value.strftime("%z")[:5]
    if isinstance(value, datetime.date):
        return f"{value.year:04}{value.month:02}{value.day:02}"
    if isinstance(value, datetime.time):
        return value.strftime("%H%M%S") + (f".{value.microsecond:06}" if value.microsecond else "")
    if isinstance(value, float) and not hasattr(value, "original_string"):
        return _decimal(value)
    return str(value)


def writable(text: str, what: str) -> str:
    """The text, if all of it are characters: Python has halves of them, for names of files that are not UTF-8."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        pass
    raise SettingsError(f"{what} holds what is no character (a surrogate)")


def shown(path: Any) -> str:
    """A path as text that can be printed and written: what is not UTF-8 in it becomes a question mark in a lozenge."""
    return os.fsencode(path).decode("utf-8", "replace")


def _decimal(number: float) -> str:
    """A number in at most 16 characters, as DS has it."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    digits = 17
    while digits > 1 and len(f"{number:.{digits}g}") > 16:
        digits -= 1
    shortest = repr(number)
    return shortest if len(shortest) <= 16 else f"{number:.{digits}g}"


def forced_values(forced: Forced | None) -> list[tuple[Tag, str]]:
    """Forced values as the command takes them with ``--set``; what it refuses is refused here.

    Raises :exc:`~deidentification.errors.SettingsError`, without the value.
    """
    values = [(tag_of(tag), writable(text_of(value), "a value")) for tag, value in (forced or {}).items()]
    for tag, text in values:
        problem = _native.forced_problem(tag, text)
        if problem is not None:
            raise SettingsError(f"{_shown(tag)}: {problem[1]}")
    return values


def cati_values(forced: Forced | None) -> list[tuple[Tag, str]]:
    """Forced values as CATI's functions take them: on private elements too, and of any form, with a warning."""
    values = []
    for key, value in (forced or {}).items():
        tag, text = tag_of(key), writable(text_of(value), "a value")
        kind, why = _native.forced_problem(tag, text) or ("", "")
        if kind in ("value", "mark"):
            warnings.warn(f"{_shown(tag)}: {why}", DeidentificationWarning, stacklevel=5)
        elif kind == "element":
            raise SettingsError(f"{_shown(tag)}: {why}")
        if kind != "mark":
            values.append((tag, text))
    return values


def jobs_of(jobs: Any) -> int:
    """A number of threads; 0 for one per processor."""
    if isinstance(jobs, bool) or not hasattr(jobs, "__index__"):
        raise TypeError("jobs is a number of threads, 0 for one per processor")
    number = operator.index(jobs)
    if not 0 <= number <= _MOST_JOBS:
        raise SettingsError(f"jobs is a number of threads from 1 to {_MOST_JOBS}, or 0 for one per processor")
    return number


def _shown(tag: Union[Tag, tuple[int, int]]) -> str:
    return f"({tag[0]:04X},{tag[1]:04X})"
