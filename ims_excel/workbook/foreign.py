"""Workbooks in formats that are read and never written: .ods and .xlsb."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ims_excel.workbook.archive import Archive, open_file
from ims_excel.workbook.book import Book, Content, find_sections, make_book
from ims_excel.workbook.grid import DATA_SHEET
from ims_excel.workbook.kinds import FileKind, kind_of
from ims_excel.workbook.locate import PEEK_ROWS
from ims_excel.workbook.ods import read_ods
from ims_excel.workbook.xlsb import read_xlsb

if TYPE_CHECKING:
    from pathlib import Path

_READERS = {FileKind.ODS: read_ods, FileKind.XLSB: read_xlsb}


def foreign_kind(path: Path) -> FileKind | None:
    """Tell which format that is never written a file is of; None for all others and for what is no file."""
    with suppress(OSError):
        kind = kind_of(path)
        return kind if kind in _READERS else None
    return None


def read_foreign(path: Path, kind: FileKind, *, every_row: bool = False) -> Book:
    """Read a workbook of such a format, all of it at once; ``every_row`` as ``make_book`` has it.

    Raises:
        WorkbookError: as ``read_book`` does.
    """
    file = open_file(path, {kind})
    with file:
        properties, sheets = _READERS[kind](Archive(path, file))
    titles = [sheet.title for sheet in sheets]
    tops = {
        sheet.title: [row for row in sheet.rows[:PEEK_ROWS] if row.number <= PEEK_ROWS]
        for sheet in sheets
        if sheet.title != DATA_SHEET
    }
    found = find_sections(path, tops, properties, has_data=DATA_SHEET in titles)
    contents = {
        sheet.title: Content(sheet.hidden_rows, filtered=False, exact=sheet.rows)
        for sheet in sheets
        if sheet.title in found or sheet.title == DATA_SHEET
    }
    return make_book(path, properties, titles, found, contents, is_writable=False, every_row=every_row)
