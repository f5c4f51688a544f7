"""Reading an edited workbook: our sheets and columns wherever they were moved, every value as it stands.

Plain sheets go to the fast reader, all others to the exact one; both give the same values.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import locate
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.embed import from_cells
from ims_excel.workbook.exact import RowRead, SheetReader, read_strings
from ims_excel.workbook.fast import FastRows, copy_sheets, has_content, load_sheets
from ims_excel.workbook.grid import (
    DATA_SHEET,
    LAST_ROW,
    LEDGER_COLUMN,
    PROPERTY_TOOL,
    SNAPSHOT_COLUMN,
    TEAM_COLUMN,
)
from ims_excel.workbook.kinds import BUILD_FIRST
from ims_excel.workbook.package import SheetPart, local_name, open_package
from ims_excel.workbook.scan import SheetScan, check_bounds, check_strings, scan_cells
from ims_excel.workbook.serials import DateStyles, read_date_styles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from python_calamine import CalamineSheet

    from ims_excel.portal.sections import Section
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.locate import Found
    from ims_excel.workbook.package import Package

__all__ = ["Book", "RowRead", "SheetRead", "read_book"]


@dataclass(frozen=True)
class SheetRead:
    """A section's sheet, or one of several.

    Attributes:
        title: what its tab says now.
        section: whose records it holds.
        columns: by machine name, the 0-based column.
        heading_row: 1-based.
        rows: rows below the headings with something in one of our columns; may be walked any number of
            times, but has no length: the rows of a large sheet are made as they are walked.
        hidden_rows: rows below the headings that a filter or a person hid.
        filtered: a filter with criteria stands on the sheet.
        headings: by 0-based column, the text in the heading row; people's own columns too.
        hidden: the numbers of the hidden rows.
    """

    title: str
    section: Section
    columns: dict[str, int]
    heading_row: int
    rows: Iterable[RowRead]
    hidden_rows: int = 0
    filtered: bool = False
    headings: Mapping[int, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Book:
    """What an edited workbook says.

    Attributes:
        path: the file.
        properties: its custom document properties, as text.
        sheets: the section sheets, in tab order.
        blob: the embedded snapshot; None when its hidden sheet is gone, b"" when it is damaged.
        other_sheets: titles of all further sheets.
        ledger_blob: what was exported; None when nothing was yet, b"" when it is damaged.
        snapshot_rows: the last row of the hidden sheet that the snapshot's column fills.
        ledger_rows: the last row of the hidden sheet that the ledger's column fills.
        team_blob: what split and merge left in it; None when nothing, b"" when it is damaged.
        team_rows: the last row that its column fills.
    """

    path: Path
    properties: dict[str, str]
    sheets: list[SheetRead]
    blob: bytes | None
    other_sheets: tuple[str, ...] = ()
    ledger_blob: bytes | None = None
    ledger_rows: int = 0
    snapshot_rows: int = 0
    team_blob: bytes | None = None
    team_rows: int = 0


def read_book(path: Path, *, every_column: bool = False) -> Book:
    """Read a workbook that build made and people edited; with ``every_column`` their own columns too.

    Blanks are None, numbers float, dates by the cell's format; error values are ``CellError``, formulas
    without a stored result ``Uncalculated``.

    Raises:
        WorkbookError: when the file cannot be read, was not made by build, lost a column that people fill
            in, or has such a column twice with different content.
    """
    with open_package(path) as package:
        properties = _properties(package)
        found = _find_sheets(package, is_ours=PROPERTY_TOOL in properties)
        for part, sheet in found.items():
            _check_complete(path, part, sheet)
        data_sheet = next((sheet for sheet in package.sheets if sheet.title == DATA_SHEET), None)
        if not found and data_sheet is None and PROPERTY_TOOL not in properties:
            raise WorkbookError(path, f"was not made by ims-xl build: {BUILD_FIRST}.")
        source = _Source(package)
        wanted = {
            part.name: locate.PEEK_COLUMNS if every_column else 1 + _last_column(sheet)
            for part, sheet in found.items()
        }
        if data_sheet is not None and data_sheet.is_worksheet:
            wanted[data_sheet.name] = 1 + TEAM_COLUMN
        contents = source.read(wanted)
        sheets = [_sheet_read(package, part, sheet, contents[part.name]) for part, sheet in found.items()]
        ours = {DATA_SHEET, *(sheet.title for sheet in sheets)}
        data = contents.get(data_sheet.name) if data_sheet else None
        snapshot, ledger = _column(data, SNAPSHOT_COLUMN), _column(data, LEDGER_COLUMN)
        team = _column(data, TEAM_COLUMN)
        return Book(
            path=path,
            properties=properties,
            sheets=sheets,
            blob=None if data is None else _joined(snapshot),
            other_sheets=tuple(sheet.title for sheet in package.sheets if sheet.title not in ours),
            ledger_blob=_joined(ledger) if ledger else None,
            ledger_rows=max(ledger, default=0),
            snapshot_rows=max(snapshot, default=0),
            team_blob=_joined(team) if team else None,
            team_rows=max(team, default=0),
        )


@dataclass
class _Content:
    """A sheet's rows, by whichever reader, and what was seen on the way."""

    hidden_rows: Sequence[int]
    filtered: bool
    scan: SheetScan = field(default_factory=SheetScan)
    fast: CalamineSheet | None = None
    exact: Sequence[RowRead] = ()

    def rows(self, first: int, columns: Sequence[int]) -> Iterable[RowRead]:
        """Give the rows from a number on that hold something in one of the columns."""
        if self.fast is not None:
            return FastRows(self.fast, self.scan, first, columns)
        return [row for row in self.exact if row.number >= first and has_content(row.values, columns)]


class _Source:
    """Reads sheets of one package; the texts and styles they share are read once, and only when needed."""

    def __init__(self, package: Package) -> None:
        self._package = package

    def read(self, wanted: Mapping[str, int]) -> dict[str, _Content]:
        """Read the first so many columns of the sheets given by part."""
        plain = [part for part in wanted if not check_bounds(self._package.open(part))]
        contents = self._read_fast(plain) if plain and self._shares_plainly() else {}
        for part, columns in wanted.items():
            if part not in contents:
                contents[part] = self._read_exactly(part, columns)
        return contents

    def _read_fast(self, parts: Sequence[str]) -> dict[str, _Content]:
        """Read sheets with the fast reader; leave out those that turn out to be for the exact one."""
        small_package = copy_sheets(self._package, parts)
        with ThreadPoolExecutor(1) as pool:  # the fast reader does not hold the interpreter's lock
            loading = pool.submit(load_sheets, small_package, len(parts))
            scans = [scan_cells(self._package.open(part)) for part in parts]
            sheets = loading.result()
        return {
            part: _Content(scan.hidden_rows, scan.filtered, scan, sheet)
            for part, scan, sheet in zip(parts, scans, sheets, strict=False)
            if not scan.oddity
        }

    def _read_exactly(self, part: str, columns: int) -> _Content:
        reader = SheetReader(self._package, part, self._styles, self._string, columns)
        rows = list(reader.rows())
        return _Content(reader.hidden_rows, reader.filtered, exact=rows)

    def _string(self, index: int) -> CellValue:
        if index not in self._strings:
            raise self._package.damaged("sharedStrings")
        return self._strings[index]

    def _shares_plainly(self) -> bool:
        """Tell whether texts and styles, too, may go to the fast reader."""
        name = self._package.related(self._package.workbook_part, "sharedStrings")
        return self._styles is not None and (name is None or not check_strings(self._package.open(name)))

    @cached_property
    def _strings(self) -> Mapping[int, str]:
        return read_strings(self._package)

    @cached_property
    def _styles(self) -> DateStyles:
        return read_date_styles(self._package)


def _properties(package: Package) -> dict[str, str]:
    name = package.related("", "custom-properties")
    if name is None:
        return {}
    nodes = [node for node in package.tree(name) if local_name(node.tag) == "property"]
    return {node.get("name", ""): "".join(node.itertext()).strip() for node in nodes}


def _find_sheets(package: Package, *, is_ours: bool) -> dict[SheetPart, Found]:
    """Find our sheets by their names row; a section's sheet that lost that row by its headings."""
    tops = peek(package, [sheet for sheet in package.sheets if _may_be_section(sheet)])
    named = {sheet: locate.find_by_names(sheet.title, rows) for sheet, rows in tops.items()}
    sections = {found.section for found in named.values() if found}
    is_ours = is_ours or bool(sections)
    result = {}
    for sheet, rows in tops.items():
        found = named[sheet]
        if found is None and is_ours:
            found = locate.find_by_headings(sheet.title, rows)
            if found is not None and found.section in sections:
                found = None  # people's own extract of a sheet that is still there
        if found is not None:
            result[sheet] = found
    return result


def _may_be_section(sheet: SheetPart) -> bool:
    return sheet.is_worksheet and sheet.title != DATA_SHEET


def peek(package: Package, sheets: Sequence[SheetPart]) -> dict[SheetPart, list[RowRead]]:
    """Read the top rows of sheets, and of the shared strings only those that stand there."""
    wanted: set[int] = set()

    def note(index: int) -> CellValue:
        wanted.add(index)
        return _Shared(index)

    tops = {}
    for sheet in sheets:
        reader = SheetReader(package, sheet.name, DateStyles(), note, locate.PEEK_COLUMNS)
        rows = reader.rows(last=locate.PEEK_ROWS)
        tops[sheet] = [row for row in rows if row.number <= locate.PEEK_ROWS]
    strings = read_strings(package, wanted) if wanted else {}
    return {sheet: [_with_strings(row, strings) for row in rows] for sheet, rows in tops.items()}


class _Shared(float):
    """The index of a shared string that is looked up later."""


def _with_strings(row: RowRead, strings: Mapping[int, str]) -> RowRead:
    values = [strings.get(int(v)) if isinstance(v, _Shared) else v for v in row.values]
    return RowRead(row.number, values)


def _last_column(sheet: Found) -> int:
    return max(max(columns) for columns in sheet.columns.values())


def _check_complete(path: Path, part: SheetPart, sheet: Found) -> None:
    if sheet.missing:
        heading = locate.heading_of(sheet.section, sheet.missing[0])
        what = (
            f'the column "{heading}" is gone: undo its deletion, or copy the whole column back from an '
            "earlier copy of the workbook (or delete the sheet if it is only your own copy)."
        )
        raise WorkbookError(path, what, place=f"Sheet {part.title}")


def _sheet_read(package: Package, part: SheetPart, sheet: Found, content: _Content) -> SheetRead:
    columns = {name: places[0] for name, places in sheet.columns.items()}
    first = sheet.heading_row + 1
    ours = sorted(columns.values(), key=lambda column: column != columns.get("key"))
    rows = content.rows(first, ours)
    _check_copies(package.path, part, sheet, rows)
    return SheetRead(
        title=part.title,
        section=sheet.section,
        columns=columns,
        heading_row=sheet.heading_row,
        rows=rows,
        hidden_rows=sum(first <= number <= LAST_ROW for number in content.hidden_rows),
        filtered=content.filtered or _has_filtered_table(package, part),
        headings=sheet.headings,
        hidden=frozenset(content.hidden_rows),
    )


def _check_copies(path: Path, part: SheetPart, sheet: Found, rows: Iterable[RowRead]) -> None:
    """Refuse an input column that stands there twice and does not say the same in both places."""
    for name in ("key", *locate.input_fields(sheet.section)):
        first, *copies = sheet.columns.get(name, (0,))
        for copy in copies:
            row = next((row for row in rows if _at(row, first) != _at(row, copy)), None)
            if row is not None:
                what = (
                    f'columns {column_letters(first)} and {column_letters(copy)} are both "'
                    f'{locate.heading_of(sheet.section, name)}" and differ in row {row.number}: '
                    "delete the one that does not count."
                )
                raise WorkbookError(path, what, place=f"Sheet {part.title}")


def _at(row: RowRead, column: int) -> CellValue:
    return row.values[column] if column < len(row.values) else None


def _has_filtered_table(package: Package, part: SheetPart) -> bool:
    """Tell whether a table on the sheet carries a filter with criteria: it stands in the table's own part."""
    tables = [name for kind, name in package.relationships(part.name).values() if kind == "table"]
    return any(
        local_name(node.tag) == "filterColumn"
        for name in tables
        if name in package.names
        for node in package.tree(name).iter()
    )


def _column(content: _Content | None, column: int) -> dict[int, str]:
    """Give the texts of a column of the hidden sheet by row."""
    rows = content.rows(1, [column]) if content else ()
    return {row.number: str(row.values[column]) for row in rows}


def _joined(cells: dict[int, str]) -> bytes:
    """Put embedded bytes together again; b"" when their cells are damaged."""
    try:
        return from_cells(list(cells.values()))
    except ValueError:
        return b""
