"""Sheets read a stretch of rows at a time: the same rows, kept or read again with each walk."""

from __future__ import annotations

import pytest
from workbook_helpers import build, invoice, snapshot

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import stretches
from ims_excel.workbook.fast import FastRows
from ims_excel.workbook.read import read_book
from ims_excel.workbook.stretches import KeptSheet, LargeSheet

ROWS = 700
EMPTY = {(column, None) for column in range(40)}


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=[invoice(f"INV-{n}", txval=n) for n in range(ROWS)]))
    return path


@pytest.fixture
def short(monkeypatch):
    """A stretch has some thirty rows."""
    monkeypatch.setattr(stretches, "STRETCH", 40_000)


@pytest.fixture
def large(monkeypatch, short):
    """Sheets are not kept."""
    monkeypatch.setattr(stretches, "LARGE_SHEET", 0)


def b2b(path):
    return next(sheet for sheet in read_book(path).sheets if sheet.title == "B2B")


def rows_of(sheet):
    """Numbers and values; a row may end where nothing more is in it."""
    return [(row.number, dict(enumerate(row.values)).items() - EMPTY) for row in sheet.rows]


@pytest.mark.parametrize(("setting", "kind"), [("short", KeptSheet), ("large", LargeSheet)])
def test_stretches_give_the_same_rows_each_time(book, request, setting, kind):
    whole = rows_of(b2b(book))
    assert len(whole) == ROWS
    request.getfixturevalue(setting)
    sheet = b2b(book)
    assert isinstance(sheet.rows._sheet, kind)
    assert rows_of(sheet) == whole
    assert rows_of(sheet) == whole


@pytest.mark.usefixtures("large")
def test_the_hidden_sheet_may_be_large_too(book):
    assert read_book(book).blob


@pytest.mark.usefixtures("large")
def test_a_workbook_saved_between_two_walks_is_refused(book, tmp_path):
    sheet = b2b(book)
    build(book, snapshot(tmp_path, b2b=[invoice("INV-1")]))
    with pytest.raises(WorkbookError, match="was saved by another program meanwhile"):
        rows_of(sheet)


@pytest.mark.usefixtures("short")
def test_what_the_fast_reader_refuses_is_read_exactly(book, monkeypatch):
    whole = rows_of(b2b(book))
    monkeypatch.setattr(stretches, "load_sheet", lambda _: None)
    sheet = b2b(book)
    assert isinstance(sheet.rows, FastRows)
    assert rows_of(sheet) == whole
