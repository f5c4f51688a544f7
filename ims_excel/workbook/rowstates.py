"""Rows that are hidden or folded away, met on the way through a sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.workbook.markup import Splice, attributes_in, is_true, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Match


def has_state(attributes: bytes) -> bool:
    """Tell quickly whether a row's attributes may say anything of interest here."""
    return _STATE.search(attributes) is not None


_STATE = re.compile(b"hidden|outlineLevel|collapsed")


class HiddenAt(NamedTuple):
    """Where a row says that it is hidden: the offsets of its start tag and of the attribute in it."""

    tag: int
    start: int
    end: int


class Shown(NamedTuple):
    """A row made visible: its number, the offset of its start tag, and the change."""

    number: int
    tag: int
    splice: Splice


@dataclass
class RowStates:
    """What the rows of a sheet say of their being hidden.

    Attributes:
        hidden: by row number, where its tag and the attribute ``hidden`` stand in the part.
        levels: the outline levels of grouped rows.
        collapsed: summary rows whose group is folded away.
    """

    hidden: dict[int, HiddenAt] = field(default_factory=dict)
    levels: dict[int, int] = field(default_factory=dict)
    collapsed: set[int] = field(default_factory=set)

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

    def show(self, rows: Iterable[range], *, summary_below: bool, by_default_hidden: bool) -> list[Shown]:
        """Make visible what a filter over ``rows`` had hidden.

        Args:
            rows: the rows of each filter, without its heading.
            summary_below: a group's summary row stands below it.
            by_default_hidden: rows that say nothing are hidden in this sheet, so that "0" must be written.
        """
        folded = self.folded(summary_below=summary_below)
        shown = {n for reach in rows for n in _within(self.hidden, reach)} - folded
        text = b' hidden="0"' if by_default_hidden else b""
        found = [(number, self.hidden[number]) for number in sorted(shown)]
        return [Shown(number, at.tag, Splice(at.start, at.end, text)) for number, at in found]


def _within(numbers: Iterable[int], reach: range) -> Iterable[int]:
    return (number for number in numbers if number in reach)


def _flag(attributes: dict[bytes, Match[bytes]], name: bytes) -> bool:
    return name in attributes and is_true(value_of(attributes[name]))
