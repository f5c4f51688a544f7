"""Rows hidden and shown by number, and lists offered in sheets of our own."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook
from writeback_helpers import assert_still_valid, read_parts, worksheet, write_package

from ims_excel.workbook.writeback import BookPatch, NewSheet, SheetPatch, write_back

PART = "xl/worksheets/sheet1.xml"
ROWS = (
    '<row r="1"><c r="A1"><v>1</v></c></row><row spans="1:1" r="2"><c r="A2"><v>2</v></c></row>'
    '<row r="3" hidden="false"/><row r="4" hidden="1"><c r="A4"><v>4</v></c></row>'
)


def package(tmp_path, rows=ROWS, **around):
    return write_package(tmp_path / "book.xlsx", {"B2B": worksheet(rows, **around)})


def hidden(path):
    return {number for number, row in load_workbook(path)["B2B"].row_dimensions.items() if row.hidden}


def patch(**asked):
    return BookPatch([SheetPatch("B2B", asked.pop("cells", {}), clear_filter=False, **asked)], [])


def test_rows_are_hidden_however_their_tags_are_spelled(tmp_path):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    result = write_back(book, patch(hide={1, 2, 3, 99}), out)
    assert hidden(out) == {1, 2, 3, 4}
    assert (result.changed, result.shown_rows) == (True, 0)
    assert_still_valid(out, book)


def test_a_row_without_a_number_is_hidden(tmp_path):
    book, out = package(tmp_path, "<row/><row><c><v>2</v></c></row>"), tmp_path / "out.xlsx"
    write_back(book, patch(hide={2}), out)
    assert b'<row/><row hidden="1"><c>' in read_parts(out)[PART]


def test_a_row_that_is_hidden_already_is_left_alone(tmp_path):
    book = package(tmp_path)
    assert not write_back(book, patch(hide={4}), book).changed


def test_what_was_hidden_is_shown_again_to_the_byte(tmp_path):
    book, out, back = package(tmp_path), tmp_path / "out.xlsx", tmp_path / "back.xlsx"
    write_back(book, patch(hide={1, 2}), out)
    assert write_back(out, patch(show={1, 2, 3}), back).shown_rows == 2
    assert read_parts(back)[PART] == read_parts(book)[PART]


def test_a_row_is_hidden_and_written_at_once(tmp_path):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    write_back(book, patch(cells={(1, 0): "x", (2, 1): "y", (3, 1): "z"}, hide={1, 2, 3}), out)
    assert hidden(out) == {1, 2, 3, 4}
    sheet = load_workbook(out)["B2B"]
    assert [sheet["A1"].value, sheet["B2"].value, sheet["B3"].value] == ["x", "y", "z"]
    assert_still_valid(out, book)


def test_a_row_to_be_hidden_stays_hidden_when_its_filter_is_cleared(tmp_path):
    column = '<filterColumn colId="0"><filters><filter val="1"/></filters></filterColumn>'
    criteria = f'<autoFilter ref="A1:A9">{column}</autoFilter>'
    rows = '<row r="1"/><row r="2" hidden="1"/><row r="3" hidden="1"/>'
    book, out = package(tmp_path, rows, behind=criteria), tmp_path / "out.xlsx"
    write_back(book, BookPatch([SheetPatch("B2B", {}, clear_filter=True, hide={3})], []), out)
    assert hidden(out) == {3}


def test_rows_folded_into_a_group_are_not_shown(tmp_path):
    rows = '<row r="1" hidden="1" outlineLevel="1"/><row r="2" collapsed="1"/><row r="3" hidden="1"/>'
    book, out = package(tmp_path, rows), tmp_path / "out.xlsx"
    write_back(book, patch(show={1, 3}), out)
    assert hidden(out) == {1}


def test_patches_of_one_sheet_are_put_together(tmp_path):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    first = SheetPatch("B2B", {(1, 0): "a", (1, 1): "b"}, clear_filter=False)
    second = SheetPatch("B2B", {(1, 1): "c"}, clear_filter=False, hide={2})
    write_back(book, BookPatch([first, second], []), out)
    sheet = load_workbook(out)["B2B"]
    assert [sheet["A1"].value, sheet["B1"].value] == ["a", "c"]
    assert 2 in hidden(out)


@pytest.mark.parametrize("rows", [[["Keep", "One", "Two"]], [["Keep", "One", "Two"], [None, "x", "y"]]])
def test_a_new_sheet_offers_its_choices(tmp_path, rows):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    sheet = NewSheet("Conflicts", rows, choices={0: "$B$1:$C$1"})
    write_back(book, BookPatch([], [sheet]), out)
    (validation,) = load_workbook(out)["Conflicts"].data_validations.dataValidation
    assert (validation.type, validation.formula1) == ("list", "$B$1:$C$1")
    assert "A2" in validation.sqref
    assert_still_valid(out, book)
