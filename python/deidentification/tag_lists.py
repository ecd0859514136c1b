"""CATI's module ``tag_lists``: the tables of PS3.15 Annex E as dicts, in the edition that this software has."""

from __future__ import annotations

from deidentification import _native

__all__ = ["annex_e", "conf_profile", "conf_profile_range", "safe_private_attributes"]

_TABLE = _native.confidentiality_table()
#: The column of Retain Institution Identity, which the table of 2019 did not have.
_INSTITUTION = 6

#: Table E.1-1: tag to name and code of the Basic Profile.
conf_profile: dict[tuple[int, int], dict[str, str]] = {
    lowest: {"name": name, "profile": cells[2]} for lowest, highest, name, cells in _TABLE if lowest == highest
}

#: The rows of repeating groups: lowest and highest tag to name and code.
conf_profile_range: dict[tuple[tuple[int, int], tuple[int, int]], dict[str, str]] = {
    (lowest, highest): {"name": name, "profile": cells[2]}
    for lowest, highest, name, cells in _TABLE
    if lowest != highest
}

#: Table E.3.10-1: creator to tags, elements within the block.
safe_private_attributes: dict[str, list[tuple[int, int]]] = {}
for _creator, _tag in _native.safe_private_attributes():
    safe_private_attributes.setdefault(_creator, []).append(_tag)

#: The form of 2019, tag to 12 texts: retired, in a standard composite IOD, Basic, then the options safe private, UIDs,
#: device, patient characteristics, full dates, modified dates, descriptors, structured content, graphics.
annex_e: dict[tuple[int, int], list[str]] = {
    lowest: cells[:_INSTITUTION] + cells[_INSTITUTION + 1 :]
    for lowest, highest, _name, cells in _TABLE
    if lowest == highest
}
