"""De-identify DICOM for neuroimaging research.

>>> import deidentification
>>> result = deidentification.deidentify("study", "out", profile="neuro", subject="S1")     # doctest: +SKIP
>>> result.summary                                                                          # doctest: +SKIP
{'read': 1200, 'written': 1198, 'quarantined': 0, 'skipped': 2}

:func:`deidentify` runs over files, folders and archives; :class:`Profile` says what is kept and does it to one instance
(``bytes`` or ``pydicom.Dataset``); :func:`plan`, :func:`check`, :func:`diff` and :func:`compare` look and change nothing.
The modules :mod:`~deidentification.anonymizer`, :mod:`~deidentification.archive`, :mod:`~deidentification.config` and the
others are those of CATI's module of this name, for programs written for it.
"""

from __future__ import annotations

from pathlib import Path

from deidentification import _native
from deidentification._inspect import (
    Check,
    CheckedFile,
    Comparison,
    Remaining,
    TagDifference,
    check,
    compare,
    diff,
    plan,
)
from deidentification._plan import Plan, PlannedAction
from deidentification._profile import Key, Profile, Session
from deidentification._reidentify import NotRestored, PrivateKey, Restoration, reidentify
from deidentification._run import Result, deidentify
from deidentification.errors import (
    AnonymizerError,
    ArchiveError,
    CompareError,
    DeidentificationError,
    DeidentificationWarning,
    KeyFileError,
    NotDicomError,
    NotRestoredError,
    ProfileError,
    QuarantinedError,
    RunRefusedError,
    SettingsError,
)

__version__: str = _native.__version__

#: Where CATI's module has its configuration: ``profiles/*.tsv``.
CONFIG_FOLDER: Path = Path(__file__).parent / "config"

__all__ = [
    "CONFIG_FOLDER",
    "AnonymizerError",
    "ArchiveError",
    "Check",
    "CheckedFile",
    "CompareError",
    "Comparison",
    "DeidentificationError",
    "DeidentificationWarning",
    "Key",
    "KeyFileError",
    "NotDicomError",
    "NotRestored",
    "NotRestoredError",
    "Plan",
    "PlannedAction",
    "PrivateKey",
    "Profile",
    "ProfileError",
    "QuarantinedError",
    "Remaining",
    "Restoration",
    "Result",
    "RunRefusedError",
    "Session",
    "SettingsError",
    "TagDifference",
    "__version__",
    "check",
    "compare",
    "deidentify",
    "diff",
    "plan",
    "reidentify",
]
