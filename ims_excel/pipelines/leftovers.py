"""What copies hold beside the documents and a merge does not carry over: named, never dropped in silence."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from operator import or_
from typing import TYPE_CHECKING

from ims_excel.pipelines.answers import PIECES
from ims_excel.pipelines.conflictsheet import KEEP
from ims_excel.pipelines.owncolumns import FORMULA
from ims_excel.pipelines.pagecells import added_cells, read_pages
from ims_excel.pipelines.wording import counted
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
from ims_excel.workbook.people import read_sheets, titles_of_ours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ims_excel.pipelines.copies import Copy
    from ims_excel.pipelines.mergedbook import Common
    from ims_excel.pipelines.owncolumns import Loose, LooseCell
    from ims_excel.pipelines.sides import Side
    from ims_excel.workbook.cells import CellValue

_BUILT = {HOME_SHEET, SUMMARY_SHEET, *READ_ONLY_TITLES.values()}
_WRITTEN = {UNMATCHED_SHEET: "Section", LOG_SHEET: "Time", CONFLICTS_SHEET: KEEP, CHANGES_SHEET: "What"}
"""Sheets that the tool makes while the workbook is worked on, and what stands in their first cells."""
_NAMED = 5
"""Cells that are named."""


def leftovers(common: Common, names: Mapping[Path, str]) -> Iterator[str]:
    """Say what each copy but the starting one holds that stays behind; ``names`` of all files by path."""
    base, start = common.base, common.start
    known = _read(base.path, base.book.other_sheets, _heading_rows(base))
    kept = known if start is base else _read(start.path, start.book.other_sheets, _heading_rows(start))
    for side in common.sides:
        if side.path == start.path:
            continue
        beside = _read(side.path, side.other_sheets, side.heading_rows)
        yield from _Lost(side.name, beside, known, kept, names[start.path]).named()
        yield from (f"{side.name}: {what}" for what in _formulas_and_values(common, side, names[start.path]))
        for title, cells in side.loose.items():
            there = (Counter(map(_said, one.loose.get(title, ()))) for one in (base, start))
            yield from (f"{side.name}: {what}" for what in _loose_cells(cells, or_(*there)))


def _heading_rows(copy: Copy) -> dict[str, int]:
    return {sheet.title: sheet.heading_row for sheet in copy.book.sheets}


def _formulas_and_values(common: Common, side: Side, start: str) -> Iterator[str]:
    """Name formulas that only this copy has, and its values where the starting copy has a formula."""
    for (title, piece), keys in side.formulas.items():
        lost = [key for key in keys if common.start_says(key, piece) is not FORMULA]
        if lost:
            heading = side.headings[piece]
            yield f'{counted(len(lost), "formula")} in the column "{heading}" of {title}.'
    values: Counter[tuple[str, str]] = Counter()
    for key, fields in side.changed.items():
        for piece in fields.keys() - PIECES.keys():
            if fields[piece] is not None and common.has_new_formula(key, piece):
                values[common.start.rows[key][0].place.sheet, piece] += 1
    for (title, piece), count in values.items():
        heading = common.heading(piece)
        yield f'{counted(count, "value")} in the column "{heading}" of {title}, where {start} has a formula.'


def _said(cell: LooseCell) -> tuple[str, CellValue]:
    return cell.owner, cell.value


def _loose_cells(cells: Sequence[LooseCell], there: Counter[tuple[str, CellValue]]) -> Iterator[str]:
    """Name cells beside the records that no other workbook has for the same record."""
    lost = []
    for cell in cells:
        there[_said(cell)] -= 1
        if there[_said(cell)] < 0:
            lost.append(cell)
    yield from _by_place(lost)


def _by_place(cells: Sequence[LooseCell]) -> Iterator[str]:
    groups: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        groups[cell.where].append(cell.cell)
    for where, places in groups.items():
        named = ", ".join(filter(None, places[:_NAMED])) + (" …" if len(places) > _NAMED else "")
        yield f"{counted(len(places), 'cell')} {where}{f' ({named})' if any(places) else ''}."


@dataclass(frozen=True)
class _Beside:
    """What a workbook holds beside the documents.

    Attributes:
        cells: by title, of people's own sheets.
        extras: comments, charts and pictures.
        pages: what stands on Home and Summary and above the headings.
    """

    cells: Mapping[str, Mapping[tuple[int, int], CellValue]]
    extras: Extras
    pages: Loose

    def comments(self) -> Counter[tuple[str, tuple[str, ...]]]:
        """Count the comments by sheet and text, wherever they stand on it, as rows may have been sorted."""
        found = self.extras.comments.items()
        return Counter((title, texts) for title, cells in found for texts in cells.values())


def _read(path: Path, others: Sequence[str], heading_rows: Mapping[str, int]) -> _Beside:
    ours = _BUILT | titles_of_ours(path, _WRITTEN)
    titles = [title for title in others if title not in ours]
    cells: dict[str, dict[tuple[int, int], CellValue]] = {title: {} for title in titles}
    for title, rows in read_sheets(path, titles).items():
        values = ((row.number, column, value) for row in rows for column, value in enumerate(row.values))
        cells[title] = {(row, column): value for row, column, value in values if value is not None}
    return _Beside(cells, read_extras(path), read_pages(path, heading_rows))


@dataclass(frozen=True)
class _Lost:
    """A copy beside the base and the copy that the merged workbook is made from."""

    name: str
    beside: _Beside
    known: _Beside
    kept: _Beside
    start: str

    def named(self) -> Iterator[str]:
        """Name what is lost of the copy, sheet by sheet; of a sheet that is lost whole, only that."""
        sheets = dict(self._sheets())
        found = (*sheets.items(), *self._comments(), *self._drawings())
        for title, what in found:
            if title not in sheets or what == sheets[title]:
                yield f"{self.name}: {what}."
        for title, page in self.beside.pages.items():
            others = self.known.pages.get(title, []), self.kept.pages.get(title, [])
            yield from (f"{self.name}: {what}" for what in _by_place(added_cells(page, *others)))

    def _sheets(self) -> Iterator[tuple[str, str]]:
        drawn = self.beside.extras.drawings
        for title, cells in self.beside.cells.items():
            versions = [one.cells[title] for one in (self.known, self.kept) if title in one.cells]
            if cells in versions or not (cells or (title in drawn and not versions)):
                continue
            other = f", of which {self.start} has another version" if title in self.kept.cells else ""
            yield title, f'sheet "{title}"{other}'

    def _comments(self) -> Iterator[tuple[str, str]]:
        there = self.known.comments() | self.kept.comments()
        for title, cells in self.beside.extras.comments.items():
            places = [address for address, texts in cells.items() if (title, texts) not in there]
            if places:
                named = ", ".join(places[:_NAMED]) + (" …" if len(places) > _NAMED else "")
                yield title, f"{counted(len(places), 'comment')} in {title} ({named})"

    def _drawings(self) -> Iterator[tuple[str, str]]:
        for title, count in self.beside.extras.drawings.items():
            there = (one.extras.drawings.get(title, 0) for one in (self.known, self.kept))
            more = count - max(there)
            if more > 0:
                yield title, f"{counted(more, 'chart or picture', 'charts or pictures')} in {title}"
