"""Profiles and keys, and what they do to one instance."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Union, overload

from deidentification import _native
from deidentification._plan import Plan, PlannedAction
from deidentification.errors import NotDicomError, QuarantinedError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

StrPath = Union[str, "os.PathLike[str]"]
#: A PatientID to code mapping, or the path of a table (see :func:`deidentification.deidentify`).
Subjects = Union[Mapping[str, str], StrPath]
#: Values by (group, element) or keyword.
Forced = Mapping["tuple[int, int]", object]
#: What one instance comes as.
Instance = Union[bytes, bytearray, memoryview, BinaryIO, "Dataset"]


class Key:
    """The secret from which all pseudonyms of a project are made, kept in a file.

    The same key gives the same codes, UIDs and date shifts; whoever has it can find out who is behind them. Python never
    sees its bytes. A key pickles as the path of its file, so workers must see the same file.

    >>> key = Key.from_file("project.key")          # doctest: +SKIP
    """

    __slots__ = ("_rust",)
    _rust: _native.Key

    def __init__(self, path: StrPath) -> None:
        """The key in this file. Raises :exc:`~deidentification.errors.KeyFileError`."""
        self._rust = _native.Key.from_file(os.fspath(Path(path).absolute()))

    @classmethod
    def _of(cls, native: _native.Key) -> Key:
        key = cls.__new__(cls)
        key._rust = native
        return key

    @classmethod
    def from_file(cls, path: StrPath) -> Key:
        """The key in an existing file: one line ``deid-key-v1`` and 64 hexadecimal digits."""
        return cls(path)

    @classmethod
    def create(cls, path: StrPath) -> Key:
        """A new random key in a new file that only you can read. A key is never overwritten."""
        return cls._of(_native.Key.create(os.fspath(Path(path).absolute())))

    @classmethod
    def default(cls) -> Key:
        """The key in your configuration folder, made there if it is missing: what is used when no key is named."""
        return cls._of(_native.Key.default())

    @classmethod
    def throwaway(cls) -> Key:
        """A random key that is in no file: nobody can tell any more who is who, nor add to the result later."""
        return cls._of(_native.Key.random())

    @property
    def id(self) -> str:
        """The short name that reports show."""
        return self._rust.id

    @property
    def path(self) -> Path | None:
        """The key file; ``None`` for a throwaway key."""
        return self._rust.path

    def __reduce__(self) -> tuple[type[Key], tuple[str]]:
        if self.path is None:
            raise TypeError("a throwaway key is in no file and does not pickle")
        return type(self), (os.fspath(self.path),)

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Key) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<Key {self.id}>"


class Profile:
    """What is kept and what is not: the Basic Profile of PS3.15 Annex E, options of the standard, own rules.

    >>> Profile.load("default").options
    ('retain-safe-private',)
    >>> Profile.ps315(options=["retain-uids"]).name
    'ps315'
    """

    __slots__ = ("_engine", "_rust")
    _rust: _native.Profile
    _engine: tuple[Any, _native.Engine] | None

    def __init__(self, name_or_path: StrPath = "default") -> None:
        """The same as :meth:`load`."""
        self._rust = _native.Profile.load(os.fspath(name_or_path))
        self._engine = None

    @classmethod
    def _of(cls, native: _native.Profile) -> Profile:
        profile = cls.__new__(cls)
        profile._rust = native
        profile._engine = None
        return profile

    @classmethod
    def load(cls, name_or_path: StrPath) -> Profile:
        """A built-in profile by its name, or one in a file ``.toml`` or ``.tsv``.

        Raises :exc:`~deidentification.errors.ProfileError` with line and column of what is wrong.
        """
        return cls(name_or_path)

    @classmethod
    def ps315(cls, options: Iterable[str] = ()) -> Profile:
        """The Basic Profile with these options of PS3.15 E.3, such as ``retain-uids`` or ``clean-descriptors``."""
        words = ", ".join(f'"{option}"' for option in map(_word, options))
        return cls.from_text(f'name = "ps315"\nbase = "basic"\nburned-in = "quarantine"\noptions = [{words}]\n')

    @classmethod
    def from_text(cls, text: str, format: str = "toml", name: str | None = None) -> Profile:
        """A profile that is written in ``text``, as ``toml`` or ``tsv``; a table gets its ``name`` here."""
        return cls._of(_native.Profile.from_text(text, format, name))

    @staticmethod
    def names() -> tuple[str, ...]:
        """The built-in profiles."""
        return tuple(_native.Profile.names())

    @property
    def name(self) -> str:
        """The name that files and reports show."""
        return self._rust.name

    @property
    def description(self) -> str:
        """What it is for."""
        return self._rust.description

    @property
    def options(self) -> tuple[str, ...]:
        """The options of PS3.15 E.3."""
        return tuple(self._rust.options)

    @property
    def text(self) -> str:
        """The text it was read from."""
        return self._rust.text

    @overload
    def apply(
        self,
        instance: bytes | bytearray | memoryview | BinaryIO,
        *,
        key: Key | StrPath | None = None,
        subject: str | None = None,
        subjects: Subjects | None = None,
        forced: Forced | None = None,
        name: str | None = None,
    ) -> bytes: ...

    @overload
    def apply(
        self,
        instance: Dataset,
        *,
        key: Key | StrPath | None = None,
        subject: str | None = None,
        subjects: Subjects | None = None,
        forced: Forced | None = None,
        name: str | None = None,
    ) -> Dataset: ...

    def apply(
        self,
        instance: Instance,
        *,
        key: Key | StrPath | None = None,
        subject: str | None = None,
        subjects: Subjects | None = None,
        forced: Forced | None = None,
        name: str | None = None,
    ) -> bytes | Dataset:
        """De-identifies one instance.

        Bytes or a binary file give bytes: a whole Part 10 file. A ``pydicom.Dataset`` gives a new one; yours stays as it
        is. Identifiers are those of this instance alone: over a whole session,
        :func:`~deidentification.deidentify` knows more of them. ``name`` is the file's name, which raw formats with a
        second file need.

        Raises :exc:`~deidentification.errors.QuarantinedError` if it cannot be vouched for or the profile leaves it out.
        """
        dataset = None if _is_binary(instance) else instance
        data = _bytes_of(instance)
        engine = self._engine_for(key, subject, subjects, forced)
        output, cause, _facts = engine.apply(data, name or _name_of(instance))
        if output is None:
            raise QuarantinedError(*(cause or ("faulty", "")))
        if dataset is None:
            return output
        from deidentification._pydicom import dataset_of

        return dataset_of(output)

    def plan(
        self,
        instance: Instance | StrPath,
        *,
        key: Key | StrPath | None = None,
        subject: str | None = None,
        subjects: Subjects | None = None,
        forced: Forced | None = None,
    ) -> Plan:
        """What would happen to each element of one instance, as data: no value is in it.

        ``instance`` is as for :meth:`apply`, or the path of a file. Without a key, none is made: what happens does not
        depend on it. Raises :exc:`~deidentification.errors.NotDicomError`.
        """
        data = Path(instance).read_bytes() if isinstance(instance, (str, os.PathLike)) else _bytes_of(instance)
        planned = self._engine_for(key or _ANY_KEY, subject, subjects, forced).plan(data)
        if planned is None:
            raise NotDicomError("not a DICOM file that can be read")
        actions, cause = planned
        return Plan((PlannedAction(*action) for action in actions), cause)

    def _engine_for(
        self,
        key: Key | StrPath | None,
        subject: str | None,
        subjects: Subjects | None,
        forced: Forced | None,
    ) -> _native.Engine:
        settled = key_of(key)
        table, pairs = subjects_of(subjects)
        asked = (settled.id, subject, table, pairs, values_of(forced))
        if self._engine is None or self._engine[0] != asked:
            self._engine = (
                asked,
                _native.Engine(
                    self._rust, settled._rust, subject=subject, subjects=table, subject_pairs=pairs, forced=asked[4]
                ),
            )
        return self._engine[1]

    def __reduce__(self) -> tuple[Any, tuple[Any]]:
        return _profile_of_state, (self._rust.state(),)

    def __eq__(self, other: object) -> bool:
        return self._rust.state() == other._rust.state() if isinstance(other, Profile) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.text))

    def __repr__(self) -> str:
        return f"<Profile {self.name}>"


def _profile_of_state(state: Any) -> Profile:
    return Profile._of(_native.Profile.from_state(state))


def _word(option: str) -> str:
    return option.strip().lower().replace("_", "-").replace('"', "").replace("\\", "")


def profile_of(profile: Profile | StrPath) -> Profile:
    """A profile, by itself or by name."""
    return profile if isinstance(profile, Profile) else Profile.load(profile)


def key_of(key: Key | StrPath | None) -> Key:
    """A key, by itself or by its file; the user's own without one."""
    if key is None:
        return Key.default()
    return key if isinstance(key, Key) else Key.from_file(key)


#: For what does not depend on the key.
_ANY_KEY = Key.throwaway()


def subjects_of(subjects: Subjects | None) -> tuple[str | None, list[tuple[str, str]] | None]:
    """A table of subjects as its text, or as pairs."""
    if subjects is None:
        return None, None
    if isinstance(subjects, Mapping):
        return None, [(str(patient_id), str(code)) for patient_id, code in subjects.items()]
    return table_text(Path(subjects)), None


def table_text(path: Path) -> str:
    """The text of a table that somebody may have saved from a spreadsheet: UTF-8, or else Latin-1."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def values_of(forced: Forced | None) -> list[tuple[tuple[int, int], str]]:
    """Forced values as text, as DICOM writes several."""
    return [((int(tag[0]), int(tag[1])), _text(value)) for tag, value in (forced or {}).items()]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "\\".join(map(_text, value))
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)


def _is_binary(instance: object) -> bool:
    return isinstance(instance, (bytes, bytearray, memoryview)) or hasattr(instance, "read")


def _name_of(instance: object) -> str:
    """The name of the file that an instance is read from; a file without a name has a number there."""
    name = getattr(instance, "name", None)
    return (os.path.basename(name) if isinstance(name, str) else "") or "instance"


def _bytes_of(instance: Instance) -> bytes:
    if isinstance(instance, bytes):
        return instance
    if isinstance(instance, (bytearray, memoryview)):
        return bytes(instance)
    if hasattr(instance, "read"):
        return bytes(instance.read())
    from deidentification._pydicom import bytes_of

    return bytes_of(instance)
