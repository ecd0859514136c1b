"""pydicom's data sets as bytes and back. pydicom is imported here only: the package does without it."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.dataset import FileMetaDataset

from deidentification.errors import QuarantinedError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_MAJOR = int(pydicom.__version__.split(".")[0])


def bytes_of(dataset: Dataset) -> bytes:
    """A data set as a file, elements as they are. The data set is not touched."""
    # Not `copy.copy`: pydicom 2 warns there, and silencing warnings is not for threads.
    written = object.__new__(type(dataset))
    written.__dict__.update(dataset.__dict__)
    # pydicom settles ambiguous VRs of what it writes: not in the caller's elements.
    written._dict = {tag: _settleable(element) for tag, element in dataset._dict.items()}
    if getattr(written, "file_meta", None) is None:
        written.file_meta = FileMetaDataset()
    else:
        written.file_meta = copy.deepcopy(written.file_meta)
    buffer = io.BytesIO()
    try:
        _write(buffer, written, *_encoding(dataset))
        return buffer.getvalue()
    except Exception:
        pass
    # Not above, where pydicom's exception would come with it: what it says may hold values.
    raise QuarantinedError(
        "faulty", "pydicom cannot write this data set: it holds a value that its VR does not have"
    )


def _settleable(element: Any) -> Any:
    """The element, or a copy of one that pydicom would change when it writes."""
    vr = str(element.VR)
    if vr == "SQ" and not element.is_raw and any(map(_is_unsettled, element.value)):
        return copy.deepcopy(element)
    return copy.copy(element) if " or " in vr else element


def _is_unsettled(item: Dataset) -> bool:
    """Whether pydicom has a VR to settle somewhere in an item."""
    return any(
        " or " in str(element.VR)
        or (str(element.VR) == "SQ" and not element.is_raw and any(map(_is_unsettled, element.value)))
        for element in item._dict.values()
    )


def _write(buffer: io.BytesIO, written: Dataset, implicit: bool, little: bool) -> None:
    if _MAJOR >= 3:
        # Group 2 in a data set, which pydicom refuses, is no case here: it would refuse to read it too.
        if "TransferSyntaxUID" in written.file_meta:
            pydicom.dcmwrite(buffer, written, enforce_file_format=False)
        else:
            pydicom.dcmwrite(
                buffer, written, implicit_vr=implicit, little_endian=little, enforce_file_format=False
            )
    else:
        written.is_implicit_VR, written.is_little_endian = implicit, little
        pydicom.dcmwrite(buffer, written, write_like_original=True)


def _encoding(dataset: Dataset) -> tuple[bool, bool]:
    """Whether implicit and little endian: as the meta says, as it was read, or explicit little endian."""
    meta = getattr(dataset, "file_meta", None)
    syntax = meta.get("TransferSyntaxUID") if meta else None
    if syntax is not None and not syntax.is_private:
        return bool(syntax.is_implicit_VR), bool(syntax.is_little_endian)
    if _MAJOR >= 3:
        implicit, little = dataset.original_encoding
    else:
        implicit, little = dataset.is_implicit_VR, dataset.is_little_endian
    return bool(implicit), True if little is None else bool(little)


def dataset_of(data: bytes) -> Dataset:
    """The data set of a file."""
    return pydicom.dcmread(io.BytesIO(data), force=True)
