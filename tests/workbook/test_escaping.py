"""Texts that XML or a spreadsheet program would read as something else: written one way, read back whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.utils.escape import unescape as openpyxl_unescape
from workbook_helpers import build, invoice, snapshot

from ims_excel.workbook.escaping import escaped
from ims_excel.workbook.exact import unescape
from ims_excel.workbook.read import read_book
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = {
    "plain": "plain",
    "A & B": "A &amp; B",
    "<r>x</r>": "&lt;r&gt;x&lt;/r&gt;",
    "a<b>&\"'c": "a&lt;b&gt;&amp;\"'c",
    "\x01\x1f": "_x0001__x001F_",
    "\r\n": "_x000D_\n",
    "\ufffe\uffff": "_xFFFE__xFFFF_",
    "_x0041_": "_x005F_x0041_",
    "_x0041_x0042_": "_x005F_x0041_x005F_x0042_",
    "_x005F_x0041_": "_x005F_x005F_x005F_x0041_",
    "_x41_": "_x41_",
    "₹ शर्मा 😀": "₹ शर्मा 😀",
}
TEXTS = ("_x005F_", "_x0041_", "_x005F_x0041_", "_x0041_x0042_", "_x41_", "a\x01b", "a\x1fb", "a\r\nb", "<&>")


@pytest.mark.parametrize(("text", "written"), WRITTEN.items())
def test_escaping(text, written):
    assert escaped(text) == written
    plain = written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert unescape(plain) == text


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The texts as names of suppliers, by build, and as remarks, by write-back."""
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=[invoice(f"INV-{n}", tradenm=text) for n, text in enumerate(TEXTS)]))
    sheet = read_book(path).sheets[0]
    column = sheet.columns["remarks"]
    cells = {(row.number, column): text for row, text in zip(sheet.rows, TEXTS, strict=True)}
    write_back(path, BookPatch([SheetPatch("B2B", cells, clear_filter=False)], []), path)
    return path


def test_we_read_what_build_and_write_back_wrote(book):
    sheet = read_book(book).sheets[0]
    for row, text in zip(sheet.rows, TEXTS, strict=True):
        assert [row.values[sheet.columns[name]] for name in ("supplier_name", "remarks")] == [text, text]


def test_openpyxl_reads_them(book):
    """It gives escapes as they are written and has a function of its own to undo them."""
    sheet = openpyxl.load_workbook(book)["B2B"]
    remarks = next(cell.column for cell in sheet[5] if cell.value == "Remarks")
    for row, text in enumerate(TEXTS, start=6):
        assert [openpyxl_unescape(sheet.cell(row, column).value) for column in (2, remarks)] == [text, text]


@pytest.mark.libreoffice
def test_libreoffice_shows_them(office, book):
    """All but a carriage return, which it takes for part of the line's end."""
    with office.edit(book) as document:
        shown = document.sheet("B2B").column(f"B6:B{5 + len(TEXTS)}")
    assert shown == [text.replace("\r", "") for text in TEXTS]
