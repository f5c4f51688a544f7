"""What an edited workbook says, put together from its sheets in whatever format they came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import locate
from ims_excel.workbook.batches import batches_of
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.embed import from_cells
from ims_excel.workbook.fast import FastRows, has_content
from ims_excel.workbook.grid import (
    DATA_SHEET,
    LAST_ROW,
    LEDGER_COLUMN,
    PROPERTY_TOOL,
    SNAPSHOT_COLUMN,
    TEAM_COLUMN,
)
from ims_excel.workbook.kinds import BUILD_FIRST
from ims_excel.workbook.scan import SheetScan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ims_excel.portal.sections import Section
    from ims_excel.workbook.batches import Batch
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.exact import RowRead
    from ims_excel.workbook.fast import NumberedRow
    from ims_excel.workbook.locate import Found


@dataclass(frozen=True)
class SheetRead:
    """A section's sheet, or one of several.

    Attributes:
        title: what its tab says now.
        section: whose records it holds.
        columns: by machine name, the 0-based column.
        heading_row: 1-based.
        rows: rows below the headings with something in one of our columns, or in any where all were asked
            for; may be walked any number of times, but has no length: the rows of a large sheet are made as
            they are walked.
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

    def batches(self) -> Iterator[Batch]:
        """Give the same rows some hundred at a time, by column."""
        return batches_of(self.rows.as_they_come() if isinstance(self.rows, FastRows) else self.rows)


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
        is_writable: findings can be written into it; False for a format that is only read.
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
    is_writable: bool = True


@dataclass
class Content:
    """A sheet's rows, by whichever reader, and what was seen on the way."""

    hidden_rows: Sequence[int]
    filtered: bool
    scan: SheetScan = field(default_factory=SheetScan)
    fast: Iterable[NumberedRow] | None = None
    exact: Sequence[RowRead] = ()

    def rows(self, first: int, columns: Sequence[int] | None) -> Iterable[RowRead]:
        """Give the rows from a number on that hold something in one of the columns; with None, in any."""
        if self.fast is not None:
            return FastRows(self.fast, self.scan, first, columns)
        return [row for row in self.exact if row.number >= first and has_content(row.values, columns)]


def find_sections(
    path: Path, tops: Mapping[str, Sequence[RowRead]], properties: Mapping[str, str], *, has_data: bool
) -> dict[str, Found]:
    """Find our sheets by their names row; a section's sheet that lost that row by its headings.

    Args:
        path: the file, for complaints.
        tops: the first rows of each sheet but the hidden one, by title.
        properties: of the document.
        has_data: the hidden sheet is there.

    Raises:
        WorkbookError: when the file was not made by build, or a sheet lost a column that people fill in.
    """
    named = {title: locate.find_by_names(title, rows) for title, rows in tops.items()}
    sections = {found.section for found in named.values() if found}
    is_ours = PROPERTY_TOOL in properties
    result = {}
    for title, rows in tops.items():
        found = named[title]
        if found is None and (is_ours or sections):
            found = locate.find_by_headings(title, rows)
            if found is not None and found.section in sections:
                found = None  # people's own extract of a sheet that is still there
        if found is not None:
            _check_complete(path, title, found)
            result[title] = found
    if not (result or has_data or is_ours):
        raise WorkbookError(path, f"was not made by ims-xl build: {BUILD_FIRST}.")
    return result


def make_book(
    path: Path,
    properties: dict[str, str],
    titles: Iterable[str],
    found: Mapping[str, Found],
    contents: Mapping[str, Content],
    *,
    is_writable: bool = True,
    every_row: bool = False,
) -> Book:
    """Put a book together.

    Args:
        path: the file.
        properties: of the document.
        titles: of all its sheets, in tab order.
        found: our sheets by title.
        contents: theirs and the hidden sheet's, by title.
        is_writable: see ``Book``.
        every_row: also those with nothing in our columns.

    Raises:
        WorkbookError: when a sheet has an input column twice with different content.
    """
    sheets = [
        _sheet_read(path, title, sheet, contents[title], every_row=every_row)
        for title, sheet in found.items()
    ]
    data = contents.get(DATA_SHEET)
    snapshot, ledger, team = (
        _column(data, column) for column in (SNAPSHOT_COLUMN, LEDGER_COLUMN, TEAM_COLUMN)
    )
    return Book(
        path=path,
        properties=properties,
        sheets=sheets,
        blob=None if data is None else _joined(snapshot),
        other_sheets=tuple(title for title in titles if title not in found and title != DATA_SHEET),
        ledger_blob=_joined(ledger) if ledger else None,
        ledger_rows=max(ledger, default=0),
        snapshot_rows=max(snapshot, default=0),
        team_blob=_joined(team) if team else None,
        team_rows=max(team, default=0),
        is_writable=is_writable,
    )


def _check_complete(path: Path, title: str, sheet: Found) -> None:
    if sheet.missing:
        heading = locate.heading_of(sheet.section, sheet.missing[0])
        what = (
            f'the column "{heading}" is gone: undo its deletion, or copy the whole column back from an '
            "earlier copy of the workbook (or delete the sheet if it is only your own copy)."
        )
        raise WorkbookError(path, what, place=f"Sheet {title}")


def _sheet_read(path: Path, title: str, sheet: Found, content: Content, *, every_row: bool) -> SheetRead:
    columns = {name: places[0] for name, places in sheet.columns.items()}
    first = sheet.heading_row + 1
    ours = sorted(columns.values(), key=lambda column: column != columns.get("key"))
    rows = content.rows(first, None if every_row else ours)
    _check_copies(path, title, sheet, rows)
    return SheetRead(
        title=title,
        section=sheet.section,
        columns=columns,
        heading_row=sheet.heading_row,
        rows=rows,
        hidden_rows=sum(first <= number <= LAST_ROW for number in content.hidden_rows),
        filtered=content.filtered,
        headings=sheet.headings,
        hidden=frozenset(content.hidden_rows),
    )


def _check_copies(path: Path, title: str, sheet: Found, rows: Iterable[RowRead]) -> None:
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
                raise WorkbookError(path, what, place=f"Sheet {title}")


def _at(row: RowRead, column: int) -> CellValue:
    return row.values[column] if column < len(row.values) else None


def _column(content: Content | None, column: int) -> dict[int, str]:
    """Give the texts of a column of the hidden sheet by row."""
    rows = content.rows(1, [column]) if content else ()
    return {row.number: str(row.values[column]) for row in rows}


def _joined(cells: dict[int, str]) -> bytes:
    """Put embedded bytes together again; b"" when their cells are damaged."""
    try:
        return from_cells(list(cells.values()))
    except ValueError:
        return b""
