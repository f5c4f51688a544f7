"""Sharing documents out among several people: neighbouring groups, the same number of documents for each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Group:
    """Documents that stay together.

    Attributes:
        name: what they have in common, as people read it.
        keys: the records.
    """

    name: str
    keys: tuple[str, ...]


def share_out(groups: Sequence[Group], parts: int) -> list[list[Group]]:
    """Cut groups, in their order, into so many parts of about the same number of documents.

    Each cut is made where it comes nearest to an even share; no part is left empty.

    Raises:
        ValueError: there are fewer groups than parts.
    """
    if not 0 < parts <= len(groups):
        raise ValueError(f"{len(groups)} groups cannot make {parts} parts")
    reached = [0, *accumulate(len(group.keys) for group in groups)]
    cuts = [0]
    for number in range(1, parts):
        ideal = reached[-1] * number / parts
        allowed = range(cuts[-1] + 1, len(groups) - (parts - number) + 1)
        cuts.append(min(allowed, key=lambda cut: abs(reached[cut] - ideal)))
    return [list(groups[start:end]) for start, end in zip(cuts, [*cuts[1:], len(groups)], strict=True)]


def name_ranges(parts: Sequence[Sequence[str]]) -> list[str]:
    """Name parts of sorted names by their ends, as short as tells them apart: "A–F", "G–Ma", "Me–Z"."""
    labels = []
    for number, names in enumerate(parts):
        before = parts[number - 1][-1] if number else ""
        behind = parts[number + 1][0] if number + 1 < len(parts) else ""
        first, last = _telling(names[0], before), _telling(names[-1], behind)
        alone = names[0] == names[-1] or first == last
        labels.append(max(first, last, key=len) if alone else f"{first}–{last}")
    return labels


def _telling(name: str, other: str) -> str:
    """Give the shortest beginning of a name that another one does not have."""
    folded = other.casefold()
    for size in range(1, len(name) + 1):
        begins = name[:size].casefold()
        if not (begins.endswith(" ") or folded.startswith(begins)):
            return name[:size]
    return name
