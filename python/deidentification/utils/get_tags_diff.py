"""CATI's module ``utils.get_tags_diff``: what differs between two DICOM files, as a text file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Union

from deidentification._inspect import TagDifference, diff
from deidentification._values import shown

__all__ = ["get_tag_diff"]

StrPath = Union[str, "os.PathLike[str]"]


def get_tag_diff(path_raw: StrPath, path_ano: StrPath, outpath: StrPath | None = None) -> None:
    """Writes the elements that are in one file only, and the changed names and values.

    Without ``outpath`` into ``diff.txt`` beside the first file. The text shows what was taken out: only you can read it.
    """
    print(f"Check difference between:\n{shown(path_raw)} and\n{shown(path_ano)}\n")
    differences = diff(Path(path_raw), Path(path_ano))
    out = Path(outpath) if outpath else Path(path_raw).parent / "diff.txt"
    first = [f"Dcm1 only: {_line(one, one.old)}" for one in differences if one.change == "removed"]
    second = [f"Dcm2 only: {_line(one, one.new)}" for one in differences if one.change == "added"]
    changed = [line for one in differences if one.change == "changed" for line in _changes(one)]
    head = f"dcm1 = {shown(path_raw)}\ndcm2 = {shown(path_ano)}\n"
    text = "\n\n".join([head, *("".join(f"{line}\n" for line in lines) for lines in (first, second, changed))])
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        if hasattr(os, "fchmod"):
            # Also where a file was that others may read.
            os.fchmod(descriptor, 0o600)
        file.write(text)
    print("Done\n")
    print(f"Output file: {shown(out)}")


def _tag(difference: TagDifference) -> str:
    return difference.path.replace(",", ", ")


def _line(difference: TagDifference, value: str | None) -> str:
    return f"{_tag(difference)} {difference.name}: {value}"


def _changes(difference: TagDifference) -> list[str]:
    lines = []
    what = f"Modification (dcm1 -> dcm2): {_tag(difference)}"
    if difference.old_name != difference.new_name:
        lines.append(f"{what}\tName modification\t {difference.old_name} ---> {difference.new_name}")
    if difference.old != difference.new:
        lines.append(f"{what}\tValue modification\t {difference.old}  --->  {difference.new}")
    return lines
