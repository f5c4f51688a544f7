"""Rows hidden and shown by number, and lists offered in sheets of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from writeback_helpers import assert_still_valid, read_parts, worksheet, write_package

from ims_excel.exceptions import WriteError
from ims_excel.workbook import newsheet
from ims_excel.workbook.writeback import BookPatch, NewSheet, SheetPatch, write_back

if TYPE_CHECKING:
    from pathlib import Path

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


HEADING, BELOW = ["Keep", "One", "Two"], [None, "x", "y"]


def offers(book: Path) -> list[tuple[str, str]]:
    """The cells of the sheet that offer a list, and where that comes from."""
    found = load_workbook(book)["Conflicts"].data_validations.dataValidation
    assert all(validation.type == "list" for validation in found)
    return [(str(validation.sqref), validation.formula1) for validation in found]


@pytest.mark.parametrize("rows", [[HEADING, BELOW], [HEADING, BELOW, BELOW, BELOW]])
def test_a_new_sheet_offers_its_choices_in_its_rows_and_no_others(tmp_path, rows):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    write_back(book, BookPatch([], [NewSheet("Conflicts", rows, choices={0: "$B$1:$C$1"})]), out)
    assert offers(out) == [("A2" if len(rows) == 2 else "A2:A4", "$B$1:$C$1")]
    assert_still_valid(out, book)


CHOICES = {
    "more rows and choices": ([HEADING, *[BELOW] * 5], {0: "$B$1:$D$1"}, [("A2:A6", "$B$1:$D$1")]),
    "fewer": ([HEADING, BELOW], {0: "$B$1:$C$1"}, [("A2", "$B$1:$C$1")]),
    "none": ([HEADING], {}, []),
    "what it had": ([HEADING, *[BELOW] * 3], None, [("A2:A3", "$B$1:$C$1")]),
    "another column": ([HEADING, BELOW], {1: "$C$1"}, [("B2", "$C$1")]),
}


@pytest.mark.parametrize("is_saved_by_openpyxl", [False, True])
@pytest.mark.parametrize("now", CHOICES)
def test_a_sheet_of_an_earlier_run_offers_the_new_choices(tmp_path, now, is_saved_by_openpyxl):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    rows, choices, expected = CHOICES[now]
    write_back(
        book, BookPatch([], [NewSheet("Conflicts", [HEADING, BELOW, BELOW], choices={0: "$B$1:$C$1"})]), book
    )
    if is_saved_by_openpyxl:
        opened = load_workbook(book)
        opened["Conflicts"]["B3"].hyperlink = "https://example.org"
        opened.save(book)
    write_back(book, BookPatch([], [NewSheet("Conflicts", rows, choices=choices)]), out)
    assert offers(out) == expected
    assert_still_valid(out, book)


def test_a_sheet_of_an_earlier_run_without_choices_gets_some(tmp_path):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    write_back(book, BookPatch([], [NewSheet("Conflicts", [HEADING])]), book)
    opened = load_workbook(book)
    opened["Conflicts"]["B1"].hyperlink = "https://example.org"
    opened.save(book)
    write_back(book, BookPatch([], [NewSheet("Conflicts", [HEADING, BELOW], choices={0: "$B$1:$C$1"})]), out)
    assert offers(out) == [("A2", "$B$1:$C$1")]
    assert_still_valid(out, book)


def test_a_list_that_is_not_as_asked_is_noticed(tmp_path, monkeypatch):
    book, out = package(tmp_path), tmp_path / "out.xlsx"
    write_back(book, BookPatch([], [NewSheet("Conflicts", [HEADING, BELOW], choices={0: "$B$1:$C$1"})]), book)
    monkeypatch.setattr(newsheet, "offer_splices", lambda root, offers: [])
    with pytest.raises(WriteError, match="the lists it offers"):
        write_back(book, BookPatch([], [NewSheet("Conflicts", [HEADING, HEADING], choices={})]), out)
