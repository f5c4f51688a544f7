"""Parts of a split workbook: which rows they show, and the words above them that say so."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ims_excel.workbook.people import read_sheets
from ims_excel.workbook.writeback import SheetPatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ims_excel.pipelines.copies import Copy
    from ims_excel.team import Part
    from ims_excel.workbook.read import Book

_BANNER = re.compile(r"Part \d+ of \d+: .*?  ·  ", re.DOTALL)
_GAP = "  ·  "


def hiding_patches(copy: Copy, shown: Collection[str]) -> Iterator[SheetPatch]:
    """Hide the rows of all records but those to be shown, after clearing the filters."""
    hidden: dict[str, set[int]] = defaultdict(set)
    for decision in copy.reading.decisions:
        if decision.record.key not in shown:
            hidden[decision.place.sheet].add(decision.place.row)
    for sheet in copy.book.sheets:
        yield SheetPatch(sheet.title, {}, clear_filter=True, hide=frozenset(hidden[sheet.title]))


def showing_patches(start: Copy, base: Copy) -> Iterator[SheetPatch]:
    """Show the rows again that the base shows; whoever hid rows in the base meant it."""
    sheets = {sheet.title: sheet for sheet in base.book.sheets}
    hidden_before = {
        decision.record.key
        for decision in base.reading.decisions
        if decision.place.row in sheets[decision.place.sheet].hidden
        and not sheets[decision.place.sheet].filtered
    }
    hidden = {sheet.title: sheet.hidden for sheet in start.book.sheets}
    shown: dict[str, set[int]] = defaultdict(set)
    for decision in start.reading.decisions:
        title, row = decision.place
        if row in hidden[title] and decision.record.key not in hidden_before:
            shown[title].add(row)
    for title, rows in shown.items():
        yield SheetPatch(title, {}, clear_filter=True, show=frozenset(rows))


def without_banner(text: str) -> str:
    """Take out of a line which part of a split workbook it stands in."""
    return _BANNER.sub("", text, count=1)


def banner_patches(book: Book, recipient: str, part: Part | None) -> Iterator[SheetPatch]:
    """Say above the headings of each sheet which part it is; with None, no longer.

    It stands before the facts in the first row, which name the recipient; where people deleted them, nowhere.
    """
    headings = {sheet.title: sheet.heading_row for sheet in book.sheets}
    tops = read_sheets(book.path, headings.keys(), last=max(headings.values(), default=0))
    for title, rows in tops.items():
        texts = (
            ((row.number, column), value)
            for row in rows
            if row.number < headings[title]
            for column, value in enumerate(row.values)
        )
        for place, text in texts:
            if isinstance(text, str) and recipient in text:
                facts = without_banner(text)
                words = f"{part.title}{_GAP}{facts}" if part else facts
                yield SheetPatch(title, {place: words}, clear_filter=False)
                break
