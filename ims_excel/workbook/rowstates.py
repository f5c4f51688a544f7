"""Rows that are hidden or folded away, met on the way through a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.workbook.markup import Splice, attributes_in, is_true, value_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from re import Match


@lru_cache(maxsize=256)
def has_state(attributes: bytes) -> bool:
    """Tell whether a row's attributes say anything of interest here; those of most rows are the same."""
    found = attributes_in(b" " + attributes)
    level = value_of(found[b"outlineLevel"]) if b"outlineLevel" in found else "0"
    return _flag(found, b"hidden") or _flag(found, b"collapsed") or level != "0"


class HiddenAt(NamedTuple):
    """Where a row says that it is hidden: the offsets of its start tag and of the attribute in it."""

    tag: int
    start: int
    end: int


class Turned(NamedTuple):
    """A row made visible, or hidden: its number, the offset of its start tag, and the change."""

    number: int
    tag: int
    splice: Splice
    hides: bool = False


@dataclass
class RowStates:
    """What the rows of a sheet say of their being hidden.

    Attributes:
        hidden: by row number, where its tag and the attribute ``hidden`` stand in the part.
        levels: the outline levels of grouped rows.
        collapsed: summary rows whose group is folded away.
        hiding: by row number, what hides the rows that are to be hidden and are not yet.
    """

    hidden: dict[int, HiddenAt] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    collapsed: set[int] = field(default_factory=set)
    hiding: dict[int, Turned] = field(default_factory=dict)

    def note(self, number: int, tag: bytes, offset: int) -> None:
        """Take in the start tag of a row, which stands at ``offset`` in the part."""
        attributes = attributes_in(tag)
        if _flag(attributes, b"hidden"):
            start, end = attributes[b"hidden"].span()
            self.hidden[number] = HiddenAt(offset, offset + start, offset + end)
        if b"outlineLevel" in attributes:
            self.levels[number] = int(value_of(attributes[b"outlineLevel"]))
        if _flag(attributes, b"collapsed"):
            self.collapsed.add(number)

    def hide(self, number: int, tag: Match[bytes], offset: int) -> None:
        """Ask for a row to be hidden, given its start tag as ``element_pattern`` finds it."""
        if number in self.hidden:
            return
        said = attributes_in(tag[0]).get(b"hidden")
        place = tag.start(2) - tag.start()
        start, end = said.span() if said else (place, place)
        splice = Splice(offset + start, offset + end, b' hidden="1"')
        self.hiding[number] = Turned(number, offset, splice, hides=True)

    def folded(self, *, summary_below: bool) -> set[int]:
        """Find the rows that a collapsed outline hides: people folded them, no filter did."""
        folded: set[int] = set()
        threshold: int | None = None
        previous = 0
        for number in sorted(self.levels.keys() | self.collapsed, reverse=summary_below):
            level = self.levels.get(number, 0)
            is_next = abs(number - previous) == 1
            if threshold is not None and is_next and level >= threshold:
                folded.add(number)
            elif number in self.collapsed:
                threshold = level + 1
            else:
                threshold = None
            previous = number
        return folded

    def show(
        self, rows: Iterable[Container[int]], *, summary_below: bool, by_default_hidden: bool
    ) -> list[Turned]:
        """Make rows visible that a filter had hidden, or that are to be shown anyway.

        Args:
            rows: the rows of each filter, without its heading, or others.
            summary_below: a group's summary row stands below it.
            by_default_hidden: rows that say nothing are hidden in this sheet, so that "0" must be written.
        """
        folded = self.folded(summary_below=summary_below)
        shown = {n for reach in rows for n in _within(self.hidden, reach)} - folded
        text = b' hidden="0"' if by_default_hidden else b""
        found = [(number, self.hidden[number]) for number in sorted(shown)]
        return [Turned(number, at.tag, Splice(at.start, at.end, text)) for number, at in found]


def _within(numbers: Iterable[int], reach: Container[int]) -> Iterable[int]:
    return (number for number in numbers if number in reach)


def _flag(attributes: dict[bytes, Match[bytes]], name: bytes) -> bool:
    return name in attributes and is_true(value_of(attributes[name]))
