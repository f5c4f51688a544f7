"""Filters are cleared, and with them the rows they hid; what people hid themselves stays hidden."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import openpyxl
import pytest
from writeback_helpers import MAIN, changed_parts, read_parts, relationships, worksheet, write_package

from ims_excel.workbook.writeback import BookPatch, SheetPatch, WriteBackResult, write_back

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "xl/worksheets/sheet1.xml"
ROWS = "".join(
    f'<row r="{number}"{state}><c r="A{number}"><v>{number}</v></c></row>'
    for number, state in {
        1: "",
        2: ' ht="9" hidden="1"',
        3: "",
        4: " hidden='true' s=\"1\"",
        9: ' hidden="1"',
    }.items()
)
SHOWN = ROWS.replace(' hidden="1"><c r="A2"', '><c r="A2"').replace(" hidden='true'", "")
COLUMN = '<filterColumn colId="0"><filters><filter val="1"/></filters></filterColumn>'


def cleared(tmp_path: Path, sheet: str, parts: dict[str, str] | None = None) -> tuple[str, WriteBackResult]:
    """Clear the filters of a sheet; give its new part."""
    book = write_package(tmp_path / "book.xlsx", {"B2B": sheet}, parts)
    result = write_back(book, BookPatch([SheetPatch("B2B", {}, clear_filter=True)], []), book)
    return read_parts(book)[SHEET].decode(), result


def filtered(criteria: str, ref: str = "A1:C5") -> str:
    return f'<autoFilter ref="{ref}">{criteria}</autoFilter>'


CRITERIA = {
    "Excel": COLUMN,
    "two columns": COLUMN + COLUMN.replace('"0"', '"2"'),
    "LibreOffice": '<filterColumn colId="0"><customFilters and="true"><customFilter operator="equal" '
    'val="1"/></customFilters></filterColumn>',
    "openpyxl": '<filterColumn colId="0" hiddenButton="0" showButton="1"><filters blank="0"/></filterColumn>',
    "top ten": '<filterColumn colId="0"><top10 val="10" filterVal="3"/></filterColumn>',
    "this month": '<filterColumn colId="0"><dynamicFilter type="thisMonth"/></filterColumn>',
    "colour": '<filterColumn colId="0"><colorFilter dxfId="0"/></filterColumn>',
    "dates": '<filterColumn colId="0"><filters><dateGroupItem year="2026" dateTimeGrouping="year"/></filters>'
    "</filterColumn>",
}


@pytest.mark.parametrize("criteria", CRITERIA.values(), ids=CRITERIA.keys())
def test_criteria_go_and_their_rows_come_back(tmp_path: Path, criteria: str):
    new, result = cleared(tmp_path, worksheet(ROWS, behind=filtered(criteria)))
    assert new == worksheet(SHOWN, behind=filtered(""))
    assert result == WriteBackResult(
        changed=True, cleared_filters=("B2B",), shown_rows=2, cells_written=0, hidden_rows=1
    )


def test_prefixes(tmp_path: Path):
    def prefixed(sheet: str) -> str:
        return re.sub(r"<(/?)(?=\w)", r"<\1x:", sheet).replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')

    new, result = cleared(tmp_path, prefixed(worksheet(ROWS, behind=filtered(COLUMN))))
    assert new == prefixed(worksheet(SHOWN, behind=filtered("")))
    assert result.shown_rows == 2


def test_the_sort_order_stays(tmp_path: Path):
    order = '<sortState ref="A2:C5"><sortCondition ref="A2:A5"/></sortState>'
    new, _ = cleared(tmp_path, worksheet(ROWS, behind=filtered(COLUMN + order)))
    assert new == worksheet(SHOWN, behind=filtered(order))


def test_a_button_that_was_hidden_stays_hidden(tmp_path: Path):
    hidden = '<filterColumn colId="0" hiddenButton="1">{}</filterColumn>'
    new, result = cleared(tmp_path, worksheet(ROWS, behind=filtered(hidden.format("<filters/>"))))
    assert new == worksheet(SHOWN, behind=filtered(hidden.format("")))
    assert result.cleared_filters == ("B2B",)


@pytest.mark.parametrize(
    "behind",
    ["", filtered(""), '<autoFilter ref="A1:C5"/>', filtered('<filterColumn colId="0" hiddenButton="1"/>')],
)
def test_without_criteria_hidden_rows_are_peoples_own(tmp_path: Path, behind: str):
    sheet = worksheet(ROWS, behind=behind)
    new, result = cleared(tmp_path, sheet)
    assert new == sheet
    assert result == WriteBackResult(changed=False, hidden_rows=1)


def test_the_sheet_no_longer_says_that_it_is_filtered(tmp_path: Path):
    before = '<sheetPr filterMode="1"><pageSetUpPr fitToPage="1"/></sheetPr>'
    new, _ = cleared(tmp_path, worksheet(ROWS, before=before, behind=filtered(COLUMN)))
    assert new == worksheet(SHOWN, before=before.replace(' filterMode="1"', ""), behind=filtered(""))


def test_where_rows_are_hidden_by_default_visible_ones_must_say_so(tmp_path: Path):
    before = '<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>'
    new, _ = cleared(tmp_path, worksheet(ROWS, before=before, behind=filtered(COLUMN)))
    assert '<row r="2" ht="9" hidden="0">' in new


class TestOutlines:
    ROWS = (
        '<row r="1"/><row r="2" hidden="1" outlineLevel="2"/><row r="3" hidden="1" outlineLevel="1"/>'
        '<row r="4" collapsed="1"/><row r="5" hidden="1" outlineLevel="1"/><row r="6"/>'
        '<row r="7" hidden="1"/>'
    )

    def test_rows_folded_away_stay_so(self, tmp_path: Path):
        new, result = cleared(tmp_path, worksheet(self.ROWS, behind=filtered(COLUMN, "A1:C9")))
        assert new == worksheet(
            self.ROWS.replace('<row r="5" hidden="1" ', '<row r="5" ').replace(
                '<row r="7" hidden="1"', '<row r="7"'
            ),
            behind=filtered("", "A1:C9"),
        )
        assert result.shown_rows == 2

    def test_the_summary_row_may_stand_above(self, tmp_path: Path):
        before = '<sheetPr><outlinePr summaryBelow="0"/></sheetPr>'
        new, result = cleared(tmp_path, worksheet(self.ROWS, before=before, behind=filtered(COLUMN, "A1:C9")))
        assert result.shown_rows == 3
        assert '<row r="5" hidden="1" outlineLevel="1"/>' in new


def test_a_custom_view_loses_its_criteria_too(tmp_path: Path):
    view = (
        '<customSheetViews><customSheetView guid="{{0}}" filter="1">{}</customSheetView></customSheetViews>'
    )
    behind = filtered(COLUMN) + view.format(filtered(COLUMN))
    new, _ = cleared(tmp_path, worksheet(ROWS, behind=behind))
    assert new == worksheet(SHOWN, behind=filtered("") + view.format(filtered("")))


class TestTables:
    RELATIONS = relationships({"../tables/table1.xml": "table"})
    BEHIND = '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'

    def table(self, criteria: str) -> str:
        columns = '<tableColumns count="1"><tableColumn id="1" name="1"/></tableColumns>'
        return (
            f'<table xmlns="{MAIN}" id="1" name="T" displayName="T" ref="A1:A5">'
            f"{filtered(criteria, 'A1:A5')}{columns}</table>"
        )

    def parts(self, criteria: str) -> dict[str, str]:
        return {
            "xl/worksheets/_rels/sheet1.xml.rels": self.RELATIONS,
            "xl/tables/table1.xml": self.table(criteria),
        }

    def test_a_tables_own_filter_is_cleared(self, tmp_path: Path):
        parts = self.parts(COLUMN)
        new, result = cleared(tmp_path, worksheet(ROWS, behind=self.BEHIND), parts)
        assert new == worksheet(SHOWN, behind=self.BEHIND)
        assert read_parts(tmp_path / "book.xlsx")["xl/tables/table1.xml"].decode() == self.table("")
        assert result.cleared_filters == ("B2B",)
        assert result.shown_rows == 2

    def test_a_table_without_criteria_is_left_alone(self, tmp_path: Path):
        parts = self.parts("")
        new, result = cleared(tmp_path, worksheet(ROWS, behind=self.BEHIND), parts)
        assert new == worksheet(ROWS, behind=self.BEHIND)
        assert not result.changed


def test_a_filter_is_kept_unless_it_is_to_be_cleared(tmp_path: Path):
    book = write_package(tmp_path / "book.xlsx", {"B2B": worksheet(ROWS, behind=filtered(COLUMN))})
    write_back(book, BookPatch([SheetPatch("B2B", {(2, 0): "x"}, clear_filter=False)], []), book)
    new = read_parts(book)[SHEET].decode()
    assert filtered(COLUMN) in new
    assert '<row r="2" ht="9" hidden="1"><c r="A2" t="inlineStr">' in new


def test_a_row_is_shown_and_written_at_once(tmp_path: Path):
    book = write_package(tmp_path / "book.xlsx", {"B2B": worksheet(ROWS, behind=filtered(COLUMN))})
    result = write_back(book, BookPatch([SheetPatch("B2B", {(2, 0): "x"}, clear_filter=True)], []), book)
    sheet = openpyxl.load_workbook(book)["B2B"]
    assert sheet["A2"].value == "x"
    assert [number for number in range(1, 10) if sheet.row_dimensions[number].hidden] == [9]
    assert (result.shown_rows, result.cells_written) == (2, 1)


def test_only_the_sheet_changes_and_formulas_are_calculated_anew(tmp_path: Path):
    book = write_package(
        tmp_path / "book.xlsx", {"B2B": worksheet(ROWS, behind=filtered(COLUMN)), "S": worksheet("")}
    )
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    write_back(book, BookPatch([SheetPatch("B2B", {}, clear_filter=True)], []), book)
    assert changed_parts(before, book) == {SHEET, "xl/workbook.xml"}
    assert b'<calcPr fullCalcOnLoad="1"/></workbook>' in read_parts(book)["xl/workbook.xml"]
