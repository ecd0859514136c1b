"""The plan of one instance, as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload

__all__ = ["Plan", "PlannedAction"]


@dataclass(frozen=True)
class PlannedAction:
    """What would happen to one element."""

    path: str
    """Where it stands: ``(0008,1140)[1].(0008,1155)``."""
    name: str
    """What it is called, if somebody knows."""
    action: str
    """``keep``, ``remove``, ``empty``, ``dummy``, ``remap-uid``, ``replace``, ``shift``, ``clean`` or ``add``."""
    rule: str
    """The identifier of the rule: ``e1.1-basic``, ``profile``, ``subject``, ..."""
    origin: str
    """The rule in words: row and column of the standard, or name and line of the profile."""


class Plan(Sequence[PlannedAction]):
    """All actions, in the order of the file."""

    __slots__ = ("_actions", "cause")

    cause: str | None
    """Why the instance would not be written; ``None`` if it would."""

    def __init__(self, actions: Iterable[PlannedAction], cause: str | None) -> None:
        self._actions = tuple(actions)
        self.cause = cause

    @property
    def changes(self) -> tuple[PlannedAction, ...]:
        """All but what is kept."""
        return tuple(action for action in self._actions if action.action != "keep")

    def to_dicts(self) -> list[dict[str, str]]:
        """The actions as plain dicts."""
        return [asdict(action) for action in self._actions]

    def to_pandas(self) -> Any:
        """The actions as a ``pandas.DataFrame``."""
        import pandas

        return pandas.DataFrame(self.to_dicts(), columns=list(PlannedAction.__dataclass_fields__))

    @overload
    def __getitem__(self, index: int) -> PlannedAction: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[PlannedAction, ...]: ...

    def __getitem__(self, index: int | slice) -> PlannedAction | tuple[PlannedAction, ...]:
        return self._actions[index]

    def __len__(self) -> int:
        return len(self._actions)

    def __repr__(self) -> str:
        outcome = f", not written: {self.cause}" if self.cause else ""
        return f"<Plan {len(self.changes)} of {len(self)} elements change{outcome}>"
