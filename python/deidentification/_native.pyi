"""The extension module: what the package asks of the libraries in Rust. Not for users."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, final

__all__ = [
    "__version__",
    "Profile",
    "Key",
    "Engine",
    "Session",
    "PrivateKey",
    "run",
    "command",
    "forced_problem",
    "tag_of_keyword",
    "option_names",
    "reidentify",
    "check",
    "diff",
    "compare",
    "header",
    "is_dicom",
    "picture",
    "raw_format",
    "first_not_taken",
    "arrow_stream",
    "archive_kind",
    "unpack",
    "pack",
    "cati_profile",
    "cati_report",
    "table_rows",
    "job_list",
    "confidentiality_table",
    "safe_private_attributes",
    "cati_filter",
    "well_formed_code",
]

_Tag = tuple[int, int]
_Path = str | PathLike[str]

__version__: str

@final
class Profile:
    @staticmethod
    def load(name_or_path: _Path, any_name: bool = False) -> Profile: ...
    @staticmethod
    def from_text(text: str, format: str = "toml", name: str | None = None) -> Profile: ...
    @staticmethod
    def names() -> list[str]: ...
    def with_cati_filter(self) -> Profile: ...
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def options(self) -> list[str]: ...
    @property
    def text(self) -> str: ...
    def state(
        self,
    ) -> tuple[str, str, str | None, str | None, list[tuple[str, str | None, str, str, str]]]: ...
    @staticmethod
    def from_state(
        state: tuple[str, str, str | None, str | None, list[tuple[str, str | None, str, str, str]]],
    ) -> Profile: ...

@final
class Key:
    @staticmethod
    def from_file(path: _Path) -> Key: ...
    @staticmethod
    def create(path: _Path) -> Key: ...
    @staticmethod
    def default() -> Key: ...
    @staticmethod
    def random() -> Key: ...
    @property
    def id(self) -> str: ...
    @property
    def path(self) -> Path | None: ...

@final
class Engine:
    def __new__(
        cls,
        profile: Profile,
        key: Key,
        subject: str | None = None,
        subjects: str | None = None,
        subject_pairs: list[tuple[str, str]] | None = None,
        forced: list[tuple[_Tag, str]] = ...,
        captures: bool = False,
        encrypt_for: list[_Path] | list[str] = ...,
        codes: bool = False,
    ) -> Engine: ...
    def apply(
        self, data: bytes, name: str = "instance"
    ) -> tuple[bytes | None, tuple[str, str] | None, dict[str, Any]]: ...
    def plan(self, data: bytes) -> tuple[list[tuple[str, str, str, str, str]], str | None] | None: ...

@final
class Session:
    def __new__(cls, engine: Engine) -> Session: ...
    def add(self, data: bytes, name: str = "instance") -> bool: ...
    def __len__(self) -> int: ...
    def apply(
        self, data: bytes, name: str = "instance"
    ) -> tuple[bytes | None, tuple[str, str] | None, dict[str, Any]]: ...

@final
class PrivateKey:
    @staticmethod
    def from_file(
        path: _Path, passphrase_file: _Path | None = None, certificate: _Path | None = None
    ) -> PrivateKey: ...
    def restore(self, data: bytes) -> tuple[bytes, int]: ...

def run(
    input: _Path,
    output: _Path,
    profile: Profile,
    key: Key,
    *,
    subject: str | None = None,
    subjects: str | None = None,
    subject_pairs: list[tuple[str, str]] | None = None,
    forced: list[tuple[_Tag, str]] = ...,
    jobs: int = 0,
    dry_run: bool = False,
    overwrite: bool = False,
    merge_subjects: bool = False,
    keep_captures: bool = False,
    quarantine: _Path | None = None,
    report: _Path | None = None,
    report_names: _Path | None = None,
    crosswalk: _Path | None = None,
    layout: str | None = None,
    encrypt_for: list[_Path] | list[str] = ...,
    cati: bool = False,
    progress: Callable[[str, int, int, int, int], object] | None = None,
) -> dict[str, Any]: ...
def command(words: list[str]) -> int: ...
def forced_problem(tag: _Tag, value: str) -> tuple[str, str] | None: ...
def option_names() -> list[str]: ...
def tag_of_keyword(keyword: str) -> _Tag | None: ...
def reidentify(
    input: _Path, output: _Path, private_key: PrivateKey
) -> tuple[list[int], list[tuple[Path, str, str]]]: ...
def check(
    path: _Path, engine: Engine, *, jobs: int = 1, first: bool = False, until: bool = False
) -> list[tuple[Path, str | None, bool, str | None, list[tuple[str, str, str]]]]: ...
def diff(
    first: bytes, second: bytes
) -> list[tuple[str, str | None, str | None, str | None, str | None]]: ...
def compare(
    before: _Path,
    after: _Path,
    profile: Profile | None = None,
    *,
    dcm2niix: _Path | None = None,
    attributes: bool = False,
    jobs: int = 0,
    timeout: float = 600.0,
) -> str: ...
def header(path: _Path, tags: list[_Tag]) -> list[str] | None: ...
def is_dicom(path: _Path, strictly: bool = False) -> bool: ...
def picture(path: _Path) -> str | None: ...
def raw_format(path: _Path) -> str | None: ...
def first_not_taken(path: _Path, pictures: bool = False) -> Path | None: ...
def arrow_stream(columns: list[tuple[str, str, list[Any]]]) -> object: ...
def archive_kind(path: _Path) -> str | None: ...
def unpack(path: _Path, folder: _Path, first: bool = False) -> list[Path]: ...
def pack(path: _Path, members: list[tuple[str, str]], kind: str | None = None) -> None: ...
def cati_profile(rows: list[tuple[_Tag, str, list[str]]], name: str = "tags_config") -> Profile: ...
def cati_report(path: _Path, engine: Engine, shown: str) -> tuple[str, str] | None: ...
def table_rows(text: str) -> list[tuple[_Tag, str, str, str | None]]: ...
def job_list(text: str) -> list[tuple[str | None, Path, Path]]: ...
def confidentiality_table() -> list[tuple[_Tag, _Tag, str, list[str]]]: ...
def safe_private_attributes() -> list[tuple[str, _Tag]]: ...
def cati_filter() -> tuple[list[str], list[str]]: ...
def well_formed_code(text: str) -> bool: ...
