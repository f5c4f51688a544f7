"""What copies hold beside the documents and a merge does not carry over: named, never dropped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.portal.sections import READ_ONLY_TITLES
from ims_excel.workbook.grid import (
    CHANGES_SHEET,
    CONFLICTS_SHEET,
    HOME_SHEET,
    LOG_SHEET,
    SUMMARY_SHEET,
    UNMATCHED_SHEET,
)
from ims_excel.workbook.people import read_sheets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ims_excel.pipelines.copies import Copy, Side
    from ims_excel.workbook.cells import CellValue

OURS = {
    HOME_SHEET, SUMMARY_SHEET, UNMATCHED_SHEET, LOG_SHEET, CONFLICTS_SHEET, CHANGES_SHEET,
    *READ_ONLY_TITLES.values(),
}  # fmt: skip
_Cells = dict[tuple[int, int], "CellValue"]


def leftovers(base: Copy, sides: Sequence[Side], start: Copy) -> Iterator[str]:
    """Say what each copy but the starting one holds that stays behind."""
    known = _sheets(base.path, base.book.other_sheets)
    kept = known if start is base else _sheets(start.path, start.book.other_sheets)
    for side in sides:
        if side.path == start.path:
            continue
        yield from _lost_sheets(side, known, kept, start)
        for place, cells in side.headless.items():
            lost = cells - base.headless.get(place, set()) - start.headless.get(place, set())
            if lost:
                count = f"{len(lost):,} cell{'s' * (len(lost) != 1)}"
                yield f"{side.path.name}: {count} in {place}, a column without a heading."


def _sheets(path: Path, others: Sequence[str]) -> dict[str, _Cells]:
    titles = [title for title in others if title not in OURS]
    return {
        title: {
            (row.number, column): value
            for row in rows
            for column, value in enumerate(row.values)
            if value is not None
        }
        for title, rows in read_sheets(path, titles).items()
    }


def _lost_sheets(side: Side, known: dict[str, _Cells], kept: dict[str, _Cells], start: Copy) -> Iterator[str]:
    for title, cells in _sheets(side.path, side.other_sheets).items():
        if cells in (known.get(title), kept.get(title)) or not cells:
            continue
        if title in kept:
            yield f'{side.path.name}: sheet "{title}", of which {start.path.name} has another version.'
        else:
            yield f'{side.path.name}: sheet "{title}".'
