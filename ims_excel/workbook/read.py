"""Reading an edited workbook: our sheets and columns wherever they were moved, every value as it stands.

Plain sheets go to the fast reader, all others to the exact one; both give the same values.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import locate
from ims_excel.workbook.book import Book, Content, SheetRead, find_sections, make_book
from ims_excel.workbook.exact import RowRead, SharedIndex, SheetReader, read_strings
from ims_excel.workbook.fast import SheetWrapper
from ims_excel.workbook.foreign import foreign_kind, read_foreign
from ims_excel.workbook.grid import DATA_SHEET, TEAM_COLUMN
from ims_excel.workbook.package import SheetPart, local_name, open_package
from ims_excel.workbook.scan import check_strings
from ims_excel.workbook.serials import DateStyles, cell_formats, read_date_styles
from ims_excel.workbook.stretches import read_sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.fast import NumberedRow
    from ims_excel.workbook.locate import Found
    from ims_excel.workbook.package import Package

__all__ = ["Book", "RowRead", "SheetRead", "read_book"]


def read_book(path: Path, *, every_column: bool = False) -> Book:
    """Read a workbook that build made and people edited.

    With ``every_column`` people's own columns too, and rows that hold something in these only.

    Blanks are None, numbers float, dates by the cell's format; error values are ``CellError``, formulas
    without a stored result ``Uncalculated``.

    Raises:
        WorkbookError: when the file cannot be read, was not made by build, lost a column that people fill
            in, or has such a column twice with different content.
    """
    foreign = foreign_kind(path)
    if foreign is not None:
        return read_foreign(path, foreign, every_row=every_column)
    with open_package(path) as package:
        properties = _properties(package)
        parts = {sheet.title: sheet for sheet in package.sheets}
        if len(parts) < len(package.sheets):
            raise WorkbookError(path, "is damaged: two of its sheets have the same name.")
        data = parts.get(DATA_SHEET)
        tops = peek(package, [sheet for sheet in package.sheets if _may_be_section(sheet)])
        found = find_sections(path, tops, properties, has_data=data is not None)
        wanted = {
            parts[title].name: locate.PEEK_COLUMNS if every_column else 1 + _last_column(sheet)
            for title, sheet in found.items()
        }
        if data is not None and data.is_worksheet:
            wanted[data.name] = 1 + TEAM_COLUMN
        by_part = _Source(package).read(wanted)
        contents = {title: by_part[part.name] for title, part in parts.items() if part.name in by_part}
        for title in found:
            contents[title].filtered |= _has_filtered_table(package, parts[title])
        return make_book(path, properties, parts, found, contents, every_row=every_column)


class _Source:
    """Reads sheets of one package; the texts and styles they share are read once, and only when needed."""

    def __init__(self, package: Package) -> None:
        self._package = package

    def read(self, wanted: Mapping[str, int]) -> dict[str, Content]:
        """Read the first so many columns of the sheets given by part."""
        wrapper = SheetWrapper(self._package) if self._shares_plainly() else None
        contents = {}
        for part, columns in wanted.items():
            content = self._read_fast(part, columns, wrapper) if wrapper else None
            contents[part] = content or self.read_exactly(part, columns)
        return contents

    def _read_fast(self, part: str, columns: int, wrapper: SheetWrapper) -> Content | None:
        """Read a sheet with the fast reader; None when it turns out to be for the exact one."""
        otherwise = partial(_read_again, self._package.path, part, columns)
        scan, rows = read_sheet(self._package, part, wrapper, otherwise)
        return None if scan.oddity else Content(scan.hidden_rows, scan.filtered, scan, rows)

    def read_exactly(self, part: str, columns: int) -> Content:
        """Read the first so many columns of a sheet with the exact reader."""
        reader = SheetReader(self._package, part, self._styles, self._string, columns)
        rows = list(reader.rows())
        return Content(reader.hidden_rows, reader.filtered, exact=rows)

    def _string(self, index: int) -> CellValue:
        if index not in self._strings:
            raise self._package.damaged("sharedStrings")
        return self._strings[index]

    def _shares_plainly(self) -> bool:
        """Tell whether texts and styles, too, may go to the fast reader."""
        cell_formats(self._package)  # the fast reader would not say that they are damaged
        name = self._package.related(self._package.workbook_part, "sharedStrings")
        return name is None or not check_strings(self._package.open(name))

    @cached_property
    def _strings(self) -> Mapping[int, str]:
        return read_strings(self._package)

    @cached_property
    def _styles(self) -> DateStyles:
        return read_date_styles(self._package)


def _read_again(path: Path, part: str, columns: int) -> list[NumberedRow]:
    """Read a sheet with the exact reader after all."""
    with open_package(path) as package:
        rows = _Source(package).read_exactly(part, columns).exact
    return [(row.number, [*row.values]) for row in rows]


def _properties(package: Package) -> dict[str, str]:
    name = package.related("", "custom-properties")
    if name is None:
        return {}
    nodes = [node for node in package.tree(name) if local_name(node.tag) == "property"]
    return {node.get("name", ""): "".join(node.itertext()).strip() for node in nodes}


def _may_be_section(sheet: SheetPart) -> bool:
    return sheet.is_worksheet and sheet.title != DATA_SHEET


def peek(package: Package, sheets: Sequence[SheetPart]) -> dict[str, list[RowRead]]:
    """Read the top rows of sheets, by title, and of the shared strings only those that stand there."""
    wanted: set[int] = set()

    def note(index: int) -> CellValue:
        wanted.add(index)
        return SharedIndex(index)

    tops = {}
    for sheet in sheets:
        reader = SheetReader(package, sheet.name, DateStyles(), note, locate.PEEK_COLUMNS)
        rows = reader.rows(last=locate.PEEK_ROWS)
        tops[sheet.title] = [row for row in rows if row.number <= locate.PEEK_ROWS]
    strings = read_strings(package, wanted) if wanted else {}
    if strings.keys() != wanted:
        raise package.damaged("sharedStrings")
    return {title: [_with_strings(row, strings) for row in rows] for title, rows in tops.items()}


def _with_strings(row: RowRead, strings: Mapping[int, str]) -> RowRead:
    values = [strings[int(v)] if isinstance(v, SharedIndex) else v for v in row.values]
    return RowRead(row.number, values)


def _last_column(sheet: Found) -> int:
    return max(max(columns) for columns in sheet.columns.values())


def _has_filtered_table(package: Package, part: SheetPart) -> bool:
    """Tell whether a table on the sheet carries a filter with criteria: it stands in the table's own part."""
    tables = [name for kind, name in package.relationships(part.name).values() if kind == "table"]
    return any(
        local_name(node.tag) == "filterColumn"
        for name in tables
        if name in package.names
        for node in package.tree(name).iter()
    )
