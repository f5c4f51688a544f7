"""What copies hold beside the documents and a merge does not carry over: named, never dropped in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.portal.sections import READ_ONLY_TITLES
from ims_excel.workbook.extras import Extras, read_extras
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
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ims_excel.pipelines.copies import Copy, Side
    from ims_excel.workbook.cells import CellValue

OURS = {
    HOME_SHEET, SUMMARY_SHEET, UNMATCHED_SHEET, LOG_SHEET, CONFLICTS_SHEET, CHANGES_SHEET,
    *READ_ONLY_TITLES.values(),
}  # fmt: skip
_NAMED = 5
"""Cells with comments that are named."""


def leftovers(base: Copy, sides: Sequence[Side], start: Copy) -> Iterator[str]:
    """Say what each copy but the starting one holds that stays behind."""
    known = _read(base.path, base.book.other_sheets)
    kept = known if start is base else _read(start.path, start.book.other_sheets)
    calculated: Mapping[tuple[str, str], int] = next(
        (side.formulas for side in sides if side.path == start.path), {}
    )
    for side in sides:
        if side.path == start.path:
            continue
        yield from _Lost(side.path, _read(side.path, side.other_sheets), known, kept, start.path).named()
        for (title, heading), count in side.formulas.items():
            if count > calculated.get((title, heading), 0):
                yield f'{side.path.name}: {_counted(count, "formula")} in the column "{heading}" of {title}.'
        for place, cells in side.headless.items():
            lost = cells - base.headless.get(place, set()) - start.headless.get(place, set())
            if lost:
                cells_lost = _counted(len(lost), "cell")
                yield f"{side.path.name}: {cells_lost} in {place}, a column without a heading."


@dataclass(frozen=True)
class _Beside:
    """What a workbook holds beside the documents: by title the cells of people's sheets, and the extras."""

    cells: Mapping[str, Mapping[tuple[int, int], CellValue]]
    extras: Extras

    def comments(self) -> Counter[tuple[str, tuple[str, ...]]]:
        """Count the comments by sheet and text, wherever they stand on it, as rows may have been sorted."""
        found = self.extras.comments.items()
        return Counter((title, texts) for title, cells in found for texts in cells.values())


def _read(path: Path, others: Sequence[str]) -> _Beside:
    titles = [title for title in others if title not in OURS]
    cells: dict[str, dict[tuple[int, int], CellValue]] = {title: {} for title in titles}
    for title, rows in read_sheets(path, titles).items():
        values = ((row.number, column, value) for row in rows for column, value in enumerate(row.values))
        cells[title] = {(row, column): value for row, column, value in values if value is not None}
    return _Beside(cells, read_extras(path))


@dataclass(frozen=True)
class _Lost:
    """A copy beside the base and the copy that the merged workbook is made from."""

    path: Path
    beside: _Beside
    known: _Beside
    kept: _Beside
    start: Path

    def named(self) -> Iterator[str]:
        """Name what is lost of the copy, sheet by sheet; of a sheet that is lost whole, only that."""
        sheets = dict(self._sheets())
        found = (*sheets.items(), *self._comments(), *self._drawings())
        for title, what in found:
            if title not in sheets or what == sheets[title]:
                yield f"{self.path.name}: {what}."

    def _sheets(self) -> Iterator[tuple[str, str]]:
        drawn = self.beside.extras.drawings
        for title, cells in self.beside.cells.items():
            versions = [one.cells[title] for one in (self.known, self.kept) if title in one.cells]
            if cells in versions or not (cells or (title in drawn and not versions)):
                continue
            other = f", of which {self.start.name} has another version" if title in self.kept.cells else ""
            yield title, f'sheet "{title}"{other}'

    def _comments(self) -> Iterator[tuple[str, str]]:
        there = self.known.comments() | self.kept.comments()
        for title, cells in self.beside.extras.comments.items():
            places = [address for address, texts in cells.items() if (title, texts) not in there]
            if places:
                named = ", ".join(places[:_NAMED]) + (" …" if len(places) > _NAMED else "")
                yield title, f"{_counted(len(places), 'comment')} in {title} ({named})"

    def _drawings(self) -> Iterator[tuple[str, str]]:
        for title, count in self.beside.extras.drawings.items():
            there = (one.extras.drawings.get(title, 0) for one in (self.known, self.kept))
            more = count - max(there)
            if more > 0:
                yield title, f"{_counted(more, 'chart or picture', 'charts or pictures')} in {title}"


def _counted(number: int, word: str, words: str = "") -> str:
    return f"{number:,} {word if number == 1 else words or f'{word}s'}"
