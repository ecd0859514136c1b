"""Profiles and keys, and what they do to one instance."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Union, overload

from deidentification import _native
from deidentification._plan import Plan, PlannedAction
from deidentification._values import Forced, forced_values, shown, writable
from deidentification.errors import NotDicomError, QuarantinedError, SettingsError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

StrPath = Union[str, "os.PathLike[str]"]
#: A PatientID to code mapping, or the path of a table (see :func:`deidentification.deidentify`).
Subjects = Union[Mapping[str, str], StrPath]
#: What one instance comes as; a path is read whole.
Instance = Union[bytes, bytearray, memoryview, BinaryIO, "Dataset"]
#: Certificates (X.509, PEM or DER) of those who may have the originals back.
Certificates = Union[StrPath, Sequence[StrPath]]


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
        """The Basic Profile with these options of PS3.15 E.3, such as ``retain-uids`` or ``clean-descriptors``; the
        standard's names (``Retain UIDs Option``) are understood too.

        Raises :exc:`~deidentification.errors.ProfileError`.
        """
        options = [options] if isinstance(options, str) else options
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
        instance: bytes | bytearray | memoryview | BinaryIO | StrPath,
        *,
        key: Key | StrPath | None = None,
        subject: str | None = None,
        subjects: Subjects | None = None,
        forced: Forced | None = None,
        encrypt_for: Certificates = (),
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
        encrypt_for: Certificates = (),
        name: str | None = None,
    ) -> Dataset: ...

    def apply(
        self,
        instance: Instance | StrPath,
        *,
        key: Key | StrPath | None = None,
        subject: str | None = None,
        subjects: Subjects | None = None,
        forced: Forced | None = None,
        encrypt_for: Certificates = (),
        name: str | None = None,
    ) -> bytes | Dataset:
        """De-identifies one instance (PS3.15 Annex E, by this profile).

        Args:
            instance: bytes, a binary file (read from where it stands to its end) or a path, of a whole Part 10 file or a
                raw format; or a ``pydicom.Dataset``, which stays as it is.
            key: the key of the project, or its file; without it the one in your configuration folder, made if missing.
            subject: the code that becomes PatientName and PatientID: 1 to 64 printable ASCII characters.
            subjects: codes by PatientID; who is not in it is quarantined.
            forced: values that win over everything, as for :func:`~deidentification.deidentify`.
            encrypt_for: certificates for whose keys the originals are encrypted into the instance.
            name: the file's name, which raw formats with a second file need.

        Returns:
            The bytes of a whole file, or a new data set if one was given.

        Identifiers are those of this instance alone: :meth:`session` and :func:`~deidentification.deidentify` know more.

        Raises:
            QuarantinedError: it cannot be vouched for, or the profile leaves it out; see its ``cause``.
            SettingsError, KeyFileError: something that was asked for cannot be.
        """
        data, name, wanted = _taken(instance, name)
        engine = self._engine_for(key, subject, subjects, forced, encrypt_for)
        return _given(engine.apply(data, name), wanted)

    def session(
        self,
        instances: Iterable[Instance | StrPath] = (),
        *,
        key: Key | StrPath | None = None,
        subject: str | None = None,
        subjects: Subjects | None = None,
        forced: Forced | None = None,
        encrypt_for: Certificates = (),
    ) -> Session:
        """A :class:`Session`: instances that are de-identified with what all of them tell. Arguments as for :meth:`apply`.

        >>> session = profile.session(datasets, subject="S1")                   # doctest: +SKIP
        >>> clean = [session.apply(dataset) for dataset in datasets]            # doctest: +SKIP
        """
        session = Session(_native.Session(self._engine_for(key, subject, subjects, forced, encrypt_for)))
        for instance in instances:
            session.add(instance)
        return session

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

        ``instance`` is as for :meth:`apply`. Without a key, none is made: what happens does not depend on it. Raises
        :exc:`~deidentification.errors.NotDicomError`; raw formats have no plan.
        """
        planned = self._engine_for(key or _ANY_KEY, subject, subjects, forced).plan(bytes_of(instance))
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
        encrypt_for: Certificates = (),
    ) -> _native.Engine:
        settled = key_of(key)
        table, pairs = subjects_of(subjects)
        values, certificates = forced_values(forced), paths_of(encrypt_for)
        subject = code_of(subject)
        asked = (settled.id, subject, table, pairs, values, [(path, _content(path)) for path in certificates])
        # Taken once: another thread may put another one in its place.
        kept = self._engine
        if kept is None or kept[0] != asked:
            kept = (
                asked,
                _native.Engine(
                    self._rust,
                    settled._rust,
                    subject=subject,
                    subjects=table,
                    subject_pairs=pairs,
                    forced=values,
                    encrypt_for=certificates,
                ),
            )
            self._engine = kept
        return kept[1]

    def __reduce__(self) -> tuple[Any, tuple[Any]]:
        return _profile_of_state, (self._rust.state(),)

    def __eq__(self, other: object) -> bool:
        return self._rust.state() == other._rust.state() if isinstance(other, Profile) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.text))

    def __repr__(self) -> str:
        return f"<Profile {self.name}>"


class Session:
    """Instances that are de-identified with what all of them tell of their subjects: a name that stands in one header
    only goes from the texts of all. Made by :meth:`Profile.session`; it holds identities, and does not pickle.
    """

    __slots__ = ("_rust",)
    _rust: _native.Session

    def __init__(self, native: _native.Session) -> None:
        self._rust = native

    def add(self, instance: Instance | StrPath, *, name: str | None = None) -> bool:
        """Notes what an instance tells; ``False`` if it tells nothing, being no file that is read here.

        ``instance`` is as for :meth:`Profile.apply`. ``name`` is its path: a sidecar tells of the image beside it.
        """
        data, name, _ = _taken(instance, name)
        return self._rust.add(data, name)

    @overload
    def apply(
        self, instance: bytes | bytearray | memoryview | BinaryIO | StrPath, *, name: str | None = None
    ) -> bytes: ...

    @overload
    def apply(self, instance: Dataset, *, name: str | None = None) -> Dataset: ...

    def apply(self, instance: Instance | StrPath, *, name: str | None = None) -> bytes | Dataset:
        """As :meth:`Profile.apply`, with what all instances that were added tell: add all before the first is taken.

        What a run over all files gives, byte for byte. Threads may call it at the same time.
        """
        data, name, wanted = _taken(instance, name)
        return _given(self._rust.apply(data, name), wanted)

    def __len__(self) -> int:
        """The number of instances that told something."""
        return len(self._rust)

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a session holds identities and does not pickle")

    def __repr__(self) -> str:
        return f"<Session of {len(self)} instances>"


def _profile_of_state(state: Any) -> Profile:
    return Profile._of(_native.Profile.from_state(state))


def _word(option: str) -> str:
    """The name of an option, also as the standard or a program's constants have it: ``Retain UIDs Option``."""
    wanted = _letters(option)
    found = [name for name in _native.option_names() if _letters(name) == wanted]
    return found[0] if found else option.replace('"', "").replace("\\", "")


def _letters(option: str) -> str:
    letters = "".join(filter(str.isalnum, option.lower())).removesuffix("option")
    return letters.replace("temporalinformation", "").replace("with", "")


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


def code_of(subject: str | None) -> str | None:
    """The code of a subject, if it is a text."""
    if subject is not None and not isinstance(subject, str):
        raise TypeError("the subject's code is a text")
    return None if subject is None else writable(subject, "the subject's code")


def subjects_of(subjects: Subjects | None) -> tuple[str | None, list[tuple[str, str]] | None]:
    """A table of subjects as its text, or as pairs."""
    if subjects is None:
        return None, None
    if isinstance(subjects, (str, os.PathLike)):
        return table_text(Path(subjects)), None
    # A mapping, or what has its items, such as a pandas.Series with the PatientIDs as its index.
    if not hasattr(subjects, "items") or hasattr(subjects, "columns"):
        raise TypeError("subjects is a mapping of PatientID to code, or the path of a table")
    pairs = list(subjects.items())
    if not all(_is_number_or_text(part) for pair in pairs for part in pair):
        raise SettingsError("a PatientID or a code of the table of subjects is no text: leave out who has none")
    return None, [(writable(str(one), "a PatientID"), writable(str(code), "a code")) for one, code in pairs]


def _is_number_or_text(part: object) -> bool:
    return isinstance(part, str) or hasattr(part, "__index__") and not isinstance(part, bool)


def table_text(path: Path) -> str:
    """The text of a table that somebody may have saved from a spreadsheet: UTF-8, or else Latin-1."""
    raw = path.read_bytes()
    if b"\0" in raw:
        raise SettingsError(f"{path}: not a text, or one in UTF-16: save it as UTF-8")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _content(path: str) -> bytes | None:
    """What a file holds now: another certificate under the same name is another recipient."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def paths_of(paths: Certificates) -> list[str]:
    """One path or several, as text."""
    if isinstance(paths, (str, os.PathLike)):
        return [os.fspath(paths)]
    return [os.fspath(path) for path in paths]


def _name_of(instance: object) -> str:
    """The name of the file that an instance is read from; a file without a name has a number there."""
    name = getattr(instance, "name", None)
    return (os.path.basename(name) if isinstance(name, str) else "") or "instance"


def _taken(instance: Instance | StrPath, name: str | None) -> tuple[bytes, str, bool]:
    """Bytes and name of an instance, and whether a data set is wanted back."""
    if isinstance(instance, (str, os.PathLike)):
        return bytes_of(instance), shown(name or os.path.basename(os.fspath(instance)) or "instance"), False
    return bytes_of(instance), shown(name or _name_of(instance)), _is_dataset(instance)


def _given(
    applied: tuple[bytes | None, tuple[str, str] | None, dict[str, Any]], as_dataset: bool
) -> bytes | Dataset:
    output, cause, _facts = applied
    if output is None:
        raise QuarantinedError(*(cause or ("faulty", "")))
    if not as_dataset:
        return output
    from deidentification._pydicom import dataset_of

    return dataset_of(output)


def _is_dataset(instance: object) -> bool:
    return hasattr(instance, "_dict") and hasattr(instance, "walk")


def bytes_of(instance: Instance | StrPath) -> bytes:
    """An instance as bytes."""
    if isinstance(instance, bytes):
        return instance
    if isinstance(instance, (bytearray, memoryview)):
        return bytes(instance)
    if isinstance(instance, (str, os.PathLike)):
        return Path(instance).read_bytes()
    if _is_dataset(instance):
        from deidentification._pydicom import bytes_of as bytes_of_dataset

        return bytes_of_dataset(instance)
    read = getattr(instance, "read", None)
    data = read() if read is not None else None
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError("an instance is bytes, a binary file, a path or a pydicom.Dataset")
    return bytes(data)
