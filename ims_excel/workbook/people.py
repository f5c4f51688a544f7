"""What a workbook holds beside our columns: who saved it, people's sheets and formulas, our own lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ims_excel.workbook.cells import column_index
from ims_excel.workbook.elements import ElementScan
from ims_excel.workbook.exact import RowRead, SharedIndex, SheetReader, read_strings
from ims_excel.workbook.grid import AUTHOR, LAST_ROW
from ims_excel.workbook.locate import PEEK_COLUMNS
from ims_excel.workbook.markup import TAG_REST, attributes_in, value_of
from ims_excel.workbook.newsheet import ours
from ims_excel.workbook.package import local_name, open_package
from ims_excel.workbook.serials import read_date_styles
from ims_excel.workbook.smallparts import SmallParts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.package import Package, SheetPart

_FORMULA_CELL = re.compile(rb"<(?:[\w.-]+:)?c(\s" + TAG_REST + rb")>\s*<(?:[\w.-]+:)?f[\s/>]")
_TOP_ROWS = 20
"""Within which the headings of a sheet of ours are found again."""
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")


def last_saved_by(path: Path) -> str:
    """Say who saved a workbook last, as its spreadsheet program noted; "" when it did not, or it was us."""
    with open_package(path) as package:
        name = package.related("", "core-properties")
        nodes = package.tree(name).iter() if name else ()
        found = (node.text or "" for node in nodes if local_name(node.tag) == "lastModifiedBy")
        name_noted = " ".join(next(found, "").split())
        return "" if name_noted == AUTHOR else name_noted


def read_sheet_of_ours(path: Path, title: str, heading: str) -> tuple[str, list[RowRead]]:
    """Read a sheet that write-back made for a title: what it is called now, and its rows; "" without one.

    It is known by our hidden name, wherever people moved its headings, or else by ``heading`` in its first
    cell.
    """
    with open_package(path) as package:
        named = ours(SmallParts(package), title)
        if named:
            rows = _rows(package, named)
            if any(heading in row.values for row in rows[:_TOP_ROWS]):
                return named.title, rows
        for sheet in (part for part in package.sheets if part.is_worksheet and part != named):
            first = next(iter(_rows(package, sheet, last=1)), None)
            if first and first.number == 1 and first.values[0] == heading:
                return sheet.title, _rows(package, sheet)
        return "", []


def titles_of_ours(path: Path, headings: Mapping[str, str]) -> set[str]:
    """Say what the sheets that write-back made are called now.

    They are known by our hidden names, or else by title and first cell.

    Args:
        path: the workbook.
        headings: by title, what stands in the first cell.
    """
    with open_package(path) as package:
        parts = SmallParts(package)
        known = {title: ours(parts, title) for title in headings}
        found = {sheet.title for sheet in known.values() if sheet}
        for sheet in package.sheets:
            if sheet.is_worksheet and sheet.title in headings and not known[sheet.title]:
                first = next(iter(_rows(package, sheet, last=1)), None)
                if first and first.values[0] == headings[sheet.title]:
                    found.add(sheet.title)
        return found


def read_sheets(path: Path, titles: Collection[str], *, last: int = LAST_ROW) -> dict[str, list[RowRead]]:
    """Read sheets by title, down to row ``last``; those that are not there, or charts, are left out."""
    with open_package(path) as package:
        wanted = [sheet for sheet in package.sheets if sheet.title in titles and sheet.is_worksheet]
        return {sheet.title: _rows(package, sheet, last) for sheet in wanted}


def _rows(package: Package, sheet: SheetPart, last: int = LAST_ROW) -> list[RowRead]:
    wanted: set[int] = set()

    def note(index: int) -> CellValue:
        wanted.add(index)
        return SharedIndex(index)

    reader = SheetReader(package, sheet.name, read_date_styles(package), note, PEEK_COLUMNS)
    rows = [row for row in reader.rows(last) if row.number <= last]
    strings = read_strings(package, wanted) if wanted else {}
    return [
        RowRead(row.number, [strings.get(int(v)) if isinstance(v, SharedIndex) else v for v in row.values])
        for row in rows
    ]


def formula_cells(path: Path, titles: Collection[str], *, last: int = LAST_ROW) -> set[tuple[str, int, int]]:
    """Find the formulas of sheets, down to row ``last``: title, 1-based row, 0-based column of each."""
    with open_package(path) as package:
        return {
            (sheet.title, row, column)
            for sheet in package.sheets
            if sheet.title in titles and sheet.is_worksheet
            for row, column in _formulas(package, sheet, last)
            if row <= last
        }


def _formulas(package: Package, sheet: SheetPart, last: int) -> Iterator[tuple[int, int]]:
    """Find formulas, a stretch of rows at a time: all of those in which row ``last`` or an earlier one is."""
    scan = ElementScan(package.open(sheet.name), b"sheetData", b"row")
    for stretch in scan.stretches():
        first = next(scan.items(stretch), None)
        if first and first[1] and int(first[1]) > last:
            return
        for found in _FORMULA_CELL.finditer(stretch) if _may_hold_formula(stretch) else ():
            reference = attributes_in(found[1]).get(b"r")
            place = _ADDRESS.fullmatch(value_of(reference)) if reference else None
            if place:
                yield int(place[2]), column_index(place[1])


def _may_hold_formula(stretch: bytes) -> bool:
    return b"<f" in stretch or b":f" in stretch
