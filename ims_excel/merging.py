"""Three-way merging of what several people entered into copies of one workbook; values only, no cells.

A value that one copy changed counts; one that several changed alike counts too; where two changed it to
different things there is a clash, and the value of the base stands until somebody settles it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    Fields = Mapping[str, Hashable]
    """What a row says, by field; a field that is missing is one its copy did not change."""

_Value = TypeVar("_Value", bound="Hashable")


@dataclass(frozen=True)
class Clash:
    """A value that several copies changed, and not alike.

    Attributes:
        key: the record.
        field: what about it.
        base: what it was.
        sides: what each copy says, in the order of the copies; the base's for a copy that left it alone.
    """

    key: str
    field: str
    base: Hashable
    sides: tuple[Hashable, ...]


@dataclass(frozen=True)
class Merged:
    """What came of merging.

    Attributes:
        values: by record and field, each value that is no longer the base's.
        clashes: in the order of the copies' records.
        taken: by copy and field, how many values came from that copy alone.
        agreed: by field, how many values several copies changed alike.
    """

    values: Mapping[str, Fields]
    clashes: tuple[Clash, ...]
    taken: tuple[Mapping[str, int], ...] = ()
    agreed: Mapping[str, int] = field(default_factory=dict)


def merge_value(base: _Value, sides: Sequence[_Value]) -> tuple[_Value, bool]:
    """Merge one value: what it becomes, and whether the copies clash, when it stays the base's."""
    changed = {side for side in sides if side != base}
    if len(changed) > 1:
        return base, True
    return next(iter(changed), base), False


def merge(base: Mapping[str, Fields], sides: Sequence[Mapping[str, Fields]]) -> Merged:
    """Merge copies of one base.

    Args:
        base: what the rows said when the copies were made, by record; a record or field that is missing was
            blank (None).
        sides: the same of each copy; a record or field that is missing is one the copy did not change.
    """
    tally = _Tally([Counter() for _ in sides])
    values = {}
    for key in {key: None for side in sides for key in side}:
        changed = _merge_record(key, base.get(key, {}), [side.get(key, {}) for side in sides], tally)
        if changed:
            values[key] = changed
    return Merged(values, tuple(tally.clashes), tuple(tally.taken), tally.agreed)


@dataclass
class _Tally:
    """What was counted on the way."""

    taken: list[Counter[str]]
    agreed: Counter[str] = field(default_factory=Counter)
    clashes: list[Clash] = field(default_factory=list)


def _merge_record(key: str, base: Fields, sides: Sequence[Fields], tally: _Tally) -> dict[str, Hashable]:
    changed: dict[str, Hashable] = {}
    for name in {name: None for side in sides for name in side}:
        was = base.get(name)
        said = [side.get(name, was) for side in sides]
        value, is_clash = merge_value(was, said)
        if is_clash:
            tally.clashes.append(Clash(key, name, was, tuple(said)))
        elif value != was:
            changed[name] = value
            authors = [index for index, side in enumerate(said) if side == value]
            (tally.taken[authors[0]] if len(authors) == 1 else tally.agreed)[name] += 1
    return changed
