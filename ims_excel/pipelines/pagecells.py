"""What people wrote around the documents: above the headings of a sheet, on Home, and on Summary."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ims_excel.pipelines.owncolumns import FORMULA, LooseCell
from ims_excel.pipelines.parts import without_banner
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.grid import HOME_SHEET, SUMMARY_SHEET
from ims_excel.workbook.people import formula_cells, read_sheets
from ims_excel.workbook.tops import without_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ims_excel.pipelines.owncolumns import Loose
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.exact import RowRead

PAGES = (HOME_SHEET, SUMMARY_SHEET)


def read_pages(path: Path, heading_rows: Mapping[str, int]) -> Loose:
    """Read what stands around the documents.

    Args:
        path: the workbook.
        heading_rows: by title of a sheet of documents, the row of its headings.
    """
    found: Loose = {title: list(_cells(title, rows)) for title, rows in read_sheets(path, PAGES).items()}
    last = max(heading_rows.values(), default=1) - 1
    for title, rows in read_sheets(path, heading_rows.keys(), last=last).items():
        above = [row for row in rows if row.number < heading_rows[title]]
        found[title] = list(_cells(title, above, " above the headings"))
    places = formula_cells(path, PAGES) | formula_cells(path, heading_rows.keys(), last=last)
    formulas = {(title, f"{column_letters(column)}{row}") for title, row, column in places}
    return {
        title: [c._replace(value=FORMULA) if (title, c.cell) in formulas else c for c in cells]
        for title, cells in found.items()
    }


def _cells(title: str, rows: Iterable[RowRead], where: str = "") -> Iterator[LooseCell]:
    for row in rows:
        before: CellValue = None
        for column, value in enumerate(row.values):
            if value is not None and not (isinstance(value, str) and not value.strip()):
                fact = before if isinstance(before, str) else ""
                place = f"{column_letters(column)}{row.number}"
                yield LooseCell(f"of {title}{where}", fact, _lasting(value), place)
            before = value


def _lasting(value: CellValue) -> CellValue:
    """Take out of a line what the tool itself puts there, or changes."""
    return without_facts(without_banner(value)) if isinstance(value, str) else value


def added_cells(
    cells: Sequence[LooseCell], known: Sequence[LooseCell], kept: Sequence[LooseCell]
) -> list[LooseCell]:
    """Choose the cells of a page that say what neither of two others says; its facts are ours.

    Formulas are counted only, as rows may have been inserted; those in new places are named.
    """
    left = Counter(cell.value for cell in known) | Counter(cell.value for cell in kept)
    facts = {cell.owner for cell in (*known, *kept) if cell.owner and isinstance(cell.value, str)}
    formulas = {cell.cell for cell in (*known, *kept) if cell.value is FORMULA}
    added = []
    for cell in sorted(cells, key=lambda cell: cell.cell not in formulas):
        left[cell.value] -= 1
        if left[cell.value] < 0 and cell.owner not in facts:
            added.append(cell)
    return added
