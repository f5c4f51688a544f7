"""A month with one workbook: days pass, people type with another program, newer downloads come in."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from itertools import zip_longest
from typing import TYPE_CHECKING

from life_helpers import Life
from openpyxl import load_workbook
from portal_wire import SHAPES

from ims_excel import confirm, refresh
from ims_excel.workbook.grid import CHANGE, CHANGED, FIRST_ROW, HEADING_ROW, NAMES_ROW
from ims_excel.workbook.read import read_book
from ims_excel.workbook.shown import as_text
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from ims_excel.workbook.read import RowRead, SheetRead

TITLES = {
    "b2b": "B2B", "b2ba": "B2BA", "b2bdn": "B2B-DN", "b2bdna": "B2B-DNA", "b2bcn": "B2B-CN",
    "b2bcna": "B2B-CNA", "ecom": "ECO", "ecoma": "ECOA",
}  # fmt: skip
INDIA = timezone(timedelta(hours=5, minutes=30))


class Month(Life):
    """A workbook's life through a month; documents are called as people find them: ``B2B SA/1``.

    Attributes:
        now: what the clock says; it stands still until somebody sets it.
        downloads: how many have been made.
    """

    def __init__(self, folder: Path, begins: datetime, **sections: list[dict]) -> None:
        self.now = begins
        self.downloads = 0
        super().__init__(folder, **sections)

    def save_download(self, name: str) -> Path:
        """Save what is on the portal now; the file is as old as the clock says."""
        path = super().save_download(name)
        os.utime(path, (self.now.timestamp(),) * 2)
        return path

    def download(self) -> Path:
        self.downloads += 1
        return self.save_download(f"download-{self.downloads}.json")

    def refresh(self, download: Path | None = None):
        return refresh(self.book, download or self.download(), now=self.now)

    def fill(self, rows: Mapping[str, Mapping[str, object]]) -> None:
        """Type into cells with openpyxl: by document, and by the column's machine name or heading."""
        workbook = load_workbook(self.book)
        found = dict(_documents(workbook))
        for name, cells in rows.items():
            for column, value in cells.items():
                found[name][column].value = value
        workbook.save(self.book)

    def put(self, rows: Mapping[str, Mapping[str, object]]) -> None:
        """Type as ``fill`` does, but quicker: with our own way of writing cells."""
        patches = []
        for sheet in read_book(self.book).sheets:
            cells = {
                (row.number, sheet.columns[column]): value
                for row in sheet.rows
                for column, value in rows.get(_called(sheet, row), {}).items()
            }
            patches.append(SheetPatch(sheet.title, cells, clear_filter=False))
        write_back(self.book, BookPatch(patches, []), self.book)

    def decide(self, rows: Mapping[str, Sequence[object]]) -> None:
        """Decide on documents: Status, Remarks, the ITC answer and the declared IGST, as far as given."""
        self.fill({name: _answer_cells(values) for name, values in rows.items()})

    def look(self, *names: str) -> None:
        """Say that somebody looked at what has changed: press Delete in that cell."""
        self.put({name: {CHANGED: None} for name in names})

    def add_column(self, heading: str, by_title: Mapping[str, str]) -> None:
        """Add a column of people's own to the section sheets, with a text in each row."""
        workbook = load_workbook(self.book)
        for title, text in by_title.items():
            sheet = workbook[title]
            column = sheet.max_column + 1
            sheet.cell(HEADING_ROW, column, heading)
            for row in range(FIRST_ROW, sheet.max_row + 1):
                sheet.cell(row, column, f"{text} {row}")
        workbook.save(self.book)

    def says(self) -> dict[str, dict[str, str]]:
        """Tell what each document's row says, by machine name."""
        return {
            _called(sheet, row): {
                name: as_text(row.values[column]) if column < len(row.values) else ""
                for name, column in sheet.columns.items()
            }
            for sheet in read_book(self.book).sheets
            for row in sheet.rows
        }

    def words(self) -> dict[str, str]:
        """Tell what refresh said of each document, in its hidden column, where it said anything."""
        return {name: cells[CHANGE] for name, cells in self.says().items() if cells[CHANGE]}

    def known(self) -> dict[str, str]:
        """Tell the portal's identity of each document that is there or has left with a return."""
        return {
            called(held.section, held.record): identity
            for identity, held in (self.portal.closed | self.portal.documents).items()
        }

    def take_everything_back(self, path: Path):
        """Upload a file and tell the workbook how it went."""
        answer = self.upload(path)
        assert answer.status_cd in ("P", "PE"), answer.message
        return self.take_back(answer) if answer.error_file else confirm(self.book, path, now=self.now)


def called(section: str, record: Mapping[str, object]) -> str:
    """Call a document as people find it: by sheet and number."""
    return f"{TITLES[section]} {record[SHAPES[section].number]}"


def _answer_cells(values: Sequence[object]) -> dict[str, object]:
    names = ("status", "remarks", "itc_reduction", "declared_igst")[: max(len(values), 2)]
    return dict(zip_longest(names, values))


def _called(sheet: SheetRead, row: RowRead) -> str:
    return f"{sheet.title} {as_text(row.values[sheet.columns['number']])}"


def _documents(workbook: Workbook) -> Iterator[tuple[str, dict[str, Cell]]]:
    """Find the cells of each document by the column's machine name or, for people's own, by heading."""
    for sheet in workbook:
        if sheet.title in TITLES.values():
            yield from _rows(sheet)


def _rows(sheet: Worksheet) -> Iterator[tuple[str, dict[str, Cell]]]:
    names = [
        name.value or heading.value
        for name, heading in zip(sheet[NAMES_ROW], sheet[HEADING_ROW], strict=True)
    ]
    for row in sheet.iter_rows(min_row=FIRST_ROW):
        cells = {str(name): cell for name, cell in zip(names, row, strict=True) if name}
        if cells["number"].value:
            yield f"{sheet.title} {cells['number'].value}", cells
