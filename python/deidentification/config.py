"""CATI's module ``config``: tags as text, and its tables as ``tags_config``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from deidentification import CONFIG_FOLDER, _native
from deidentification._profile import table_text
from deidentification.errors import DeidentificationError, ProfileError

__all__ = ["CONFIG_FOLDER", "forced_values", "load_config_profile", "tag_to_tuple", "tags_to_keep"]

#: The tags that CATI kept in 2019.
tags_to_keep: list[tuple[int, int]] = [
    (0x0008, 0x0020), (0x0008, 0x0031), (0x0008, 0x0032), (0x0008, 0x0033),
    (0x0008, 0x103E), (0x0010, 0x0010), (0x0019, 0x100A), (0x0019, 0x100C),
    (0x0019, 0x101E), (0x0019, 0x105A), (0x0019, 0x107E), (0x0019, 0x109F),
    (0x0021, 0x105A), (0x0025, 0x1007), (0x0027, 0x1060), (0x0043, 0x102C),
    (0x0043, 0x102F), (0x0043, 0x1039), (0x0051, 0x100A), (0x0051, 0x100B),
    (0x0051, 0x100C), (0x0051, 0x100E), (0x0051, 0x100F), (0x0051, 0x1011),
    (0x0051, 0x1016), (0x2001, 0x1003), (0x2001, 0x100B), (0x2001, 0x1013),
    (0x2001, 0x1014), (0x2001, 0x1018), (0x2001, 0x101B), (0x2001, 0x1081),
    (0x2005, 0x101D), (0x2005, 0x1074), (0x2005, 0x1075), (0x2005, 0x1076),
    (0x2005, 0x10A1), (0x2005, 0x10A9),
]  # fmt: skip

#: Values that CATI forced in 2019: to be filled by the caller.
forced_values: dict[tuple[int, int], object] = {}


def tag_to_tuple(tag_str: str) -> tuple[int, int]:
    """``"(0008,0020)"`` as ``(0x0008, 0x0020)``; brackets and blanks do not matter.

    Raises :exc:`ValueError`.
    """
    parts = tag_str.translate({ord(sign): None for sign in "() "}).split(",")
    if len(parts) != 2:
        raise ValueError(f"Input tag '{tag_str}' must contain 2 elements")
    try:
        group, element = (int(part, 16) for part in parts)
    except ValueError:
        raise ValueError(f"Input tag '{tag_str}' must contain hexadecimal values") from None
    if not (0 <= group <= 0xFFFF and 0 <= element <= 0xFFFF):
        raise ValueError(f"Input tag '{tag_str}' must contain values between '0x0000' and '0xFFFF'")
    return group, element


def existing_profile(profile: str | os.PathLike[str]) -> Path | None:
    """The table of a profile; ``None`` for a built-in one that is no table."""
    table = CONFIG_FOLDER / "profiles" / f"{os.fspath(profile)}.tsv"
    if table.exists():
        return table
    if os.path.isfile(profile):
        return Path(profile)
    if os.fspath(profile) in _native.Profile.names():
        return None
    raise ProfileError(f"Profile {os.fspath(profile)} does not exists.")


def load_config_profile(
    profile: str | os.PathLike[str], anonymous: bool = False
) -> dict[tuple[int, int], dict[str, Any]]:
    """A table, by the name of a profile or by its path, as ``tags_config``.

    ``{(group, element): {'name': str, 'action': str, 'private_creator': [str]}}``: several creators of one tag add up, an
    empty action is ``K``. With ``anonymous``, messages say nothing of the table, nor where it is.
    """
    try:
        return _loaded(profile)
    except (DeidentificationError, OSError):
        if not anonymous:
            raise
    # Not above, where the other exception would come with it.
    raise DeidentificationError("Error occurs during config profile load.")


def _loaded(profile: str | os.PathLike[str]) -> dict[tuple[int, int], dict[str, Any]]:
    table = existing_profile(profile)
    if table is None:
        raise ProfileError(f"Profile {os.fspath(profile)} is not a table; its name works as config_profile.")
    rows = _native.table_rows(table_text(table))
    tags_config: dict[tuple[int, int], dict[str, Any]] = {}
    for tag, name, action, creator in rows:
        entry = tags_config.setdefault(tag, {})
        entry.update(name=name, action=action)
        if creator:
            creators = entry.setdefault("private_creator", [])
            if creator not in creators:
                creators.append(creator)
    return tags_config
