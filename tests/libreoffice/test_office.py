"""The LibreOffice driver itself: each of its commands, proven on a small file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import openpyxl
import pytest
from libreoffice.office import OfficeError
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

if TYPE_CHECKING:
    from pathlib import Path

    from libreoffice.office import Document, Office

pytestmark = pytest.mark.libreoffice

ROWS = [
    ("GSTIN", "Value", "Status", "Remarks"),
    ("27AAAAA0003A1Z5", 300, "No Action", ""),
    ("27AAAAA0001A1Z5", 100, "Accepted", ""),
    ("27AAAAA0004A1Z5", 400, "No Action", ""),
    ("27AAAAA0002A1Z5", 200, "Rejected", "dup"),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A heading and four rows, drop-downs from a named list, and a conditional format."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "B2B"
    for row in ROWS:
        sheet.append(row)
    lists = workbook.create_sheet("Lists")
    for word in ("Accepted", "Rejected", "Pending", "No Action"):
        lists.append([word])
    workbook.defined_names["Words"] = openpyxl.workbook.defined_name.DefinedName(
        "Words", attr_text="Lists!$A$1:$A$4"
    )
    add_validations(sheet)
    red = FormulaRule(formula=['$C2="Rejected"'], fill=PatternFill("solid", bgColor="FF0000"))
    sheet.conditional_formatting.add("A2:D5", red)
    workbook.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def add_validations(sheet) -> None:
    rules = {
        "A2:A5": DataValidation("custom", formula1="LEN(A2)=15", showErrorMessage=True),
        "B2:B5": DataValidation(
            "decimal", operator="between", formula1="0", formula2="1000", showErrorMessage=True
        ),
        "C2:C5": DataValidation("list", formula1="Words", showErrorMessage=True),
        "D2:D3": DataValidation(
            "textLength", operator="lessThanOrEqual", formula1="5", showErrorMessage=True
        ),
        "D4:D5": DataValidation("list", formula1='"dup,late"', showErrorMessage=True, allow_blank=True),
    }
    rules["C2:C5"].showInputMessage, rules["C2:C5"].promptTitle, rules["C2:C5"].prompt = True, "Say", "One of"
    for cells, rule in rules.items():
        rule.add(cells)
        sheet.add_data_validation(rule)


@pytest.fixture
def doc(office: Office, book: Path):
    with office.edit(book) as document:
        yield document


def test_sort_takes_the_whole_row_along(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.sort("A2:D5", by="B", descending=True)
    assert sheet.column("B2:B5") == [400, 300, 200, 100]
    assert sheet.get("A4:D4") == [["27AAAAA0002A1Z5", 200, "Rejected", "dup"]]


def test_sort_of_some_columns_leaves_the_others(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.sort("A2:B5", by="A")
    assert sheet.column("A2:A5") == [f"27AAAAA000{n}A1Z5" for n in (1, 2, 3, 4)]
    assert sheet.column("C2:C5") == ["No Action", "Accepted", "No Action", "Rejected"]


def test_filter_hides_rows_and_unfilter_shows_them(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.filter("A1:D5", C=["Accepted", "Rejected"])
    assert sheet.visible_rows(1, 5) == [1, 3, 5]
    sheet.filter("A1:D5", C="No Action", B=400)
    assert sheet.visible_rows(1, 5) == [1, 4]
    sheet.unfilter("A1:D5")
    assert sheet.visible_rows(1, 5) == [1, 2, 3, 4, 5]


def test_filter_is_saved_with_its_hidden_rows(office: Office, book: Path, tmp_path: Path):
    with office.edit(book, out=tmp_path / "filtered.xlsx") as document:
        document.sheet("B2B").filter("A1:D5", C="Accepted")
    sheet = openpyxl.load_workbook(tmp_path / "filtered.xlsx")["B2B"]
    assert sheet.auto_filter.ref == "A1:D5"
    assert sheet.auto_filter.filterColumn[0].colId == 2
    assert [row for row, look in sheet.row_dimensions.items() if look.hidden] == [2, 4, 5]


def test_values_are_set_as_they_are_and_typed_as_people_do(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.set("C2", "=1+1", ["007", 7])
    sheet.type("B2", "=B3*2")
    sheet.type("B4", "12.5")
    assert sheet.get("B2:D4") == [[200, "=1+1", ""], [100, "007", 7], [12.5, "No Action", ""]]
    assert sheet.describe("B2")["kind"] == "formula"
    assert sheet.describe("C2")["kind"] == "text"
    assert (sheet.describe("D5")["kind"], sheet.describe("D5")["error"]) == ("text", 0)


def test_an_error_value_is_none(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.type("D2", '=VLOOKUP("x";A2:B5;2;0)')
    assert sheet.get("D2") == [[None]]
    assert sheet.describe("D2")["shown"] == "#N/A"


def test_clear_empties_and_keeps_the_validation(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.clear("C2:C5")
    assert sheet.column("C2:C5") == ["", "", "", ""]
    assert sheet.validation("C2")["kind"] == "LIST"


def test_fill_down_passes_over_filtered_rows(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.filter("A1:D5", C="No Action")
    sheet.set("C2", "Pending")
    sheet.fill_down("C2:C5")
    assert sheet.column("C2:C5") == ["Pending", "Accepted", "Pending", "Rejected"]


def test_paste_brings_the_sources_validation(doc: Document):
    other = doc.add_sheet("Mine")
    other.set("A1", "accept", "reject")
    sheet = doc.sheet("B2B")
    sheet.paste("A1:A2", at="C2", source_sheet="Mine")
    assert sheet.column("C2:C4") == ["accept", "reject", "No Action"]
    assert sheet.validation("C3")["kind"] == "ANY"
    assert sheet.validation("C4")["kind"] == "LIST"


def test_move_and_merge(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.move("D5", at="F9")
    sheet.merge("A3:B3")
    assert sheet.get("D5") == [[""]]
    assert sheet.get("F9") == [["dup"]]
    assert sheet.used_range() == "A1:F9"


def test_a_number_keeps_its_value_in_another_format(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.number_format("B2:B3", "0.00E+00")
    found = sheet.describe("B2")
    assert found == found | {"kind": "number", "shown": "3.00E+02", "formula": "300", "format": "0.00E+00"}


def test_numbers_become_text_and_text_numbers(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.to_text("B2:B5")
    assert sheet.column("B2:B5") == ["300", "100", "400", "200"]
    sheet.to_number("A2:B5")
    assert sheet.get("A2:B2") == [["27AAAAA0003A1Z5", 300]]


@pytest.mark.parametrize(
    ("cell", "value", "allowed"),
    [
        ("C2", "Accepted", True),
        ("C5", "accept", False),
        ("D5", "late", True),
        ("D5", "later", False),
        ("D5", "", True),
        ("D3", "short", True),
        ("D3", "longer", False),
        ("B3", 1000, True),
        ("B3", 1000.5, False),
        ("B3", "many", False),
        ("A4", "27AAAAA0009A1Z5", True),
        ("A4", "27AAAAA", False),
        ("F1", "anything", True),
    ],
)
def test_a_validation_allows(doc: Document, cell: str, value: str | float, allowed: bool):
    sheet = doc.sheet("B2B")
    before = sheet.get("A1:D5")
    assert sheet.allows(cell, value) is allowed
    assert sheet.get("A1:D5") == before
    assert sheet.used_range() == "A1:D5"


def test_a_drop_down_is_listed(doc: Document):
    sheet = doc.sheet("B2B")
    rule = sheet.validation("C3")
    assert rule["entries"] == ["Accepted", "Rejected", "Pending", "No Action"]
    assert rule["input"] == ["Say", "One of"]
    assert rule["on_error"] == "STOP"
    assert sheet.validation("D4")["entries"] == ["dup", "late"]


def test_conditional_formats_are_counted_and_added(doc: Document):
    sheet = doc.sheet("B2B")
    before = sheet.conditional_formats()
    sheet.conditional_format("A2:A5", "$B2>200", 0x00FF00)
    assert (before, sheet.conditional_formats()) == (1, 2)


def test_rows_are_inserted_duplicated_and_deleted(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.insert_rows(2, 2)
    sheet.duplicate_row(5)
    assert sheet.column("B1:B8") == ["Value", "", "", 300, 100, 100, 400, 200]
    sheet.delete_rows(2, 3)
    sheet.delete_rows(2)
    assert sheet.column("B1:B6") == ["Value", 100, 100, 400, 200, ""]


def test_columns_are_inserted_moved_copied_and_deleted(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.move_column("C", before="A")
    assert sheet.get("A1:E1") == [["Status", "GSTIN", "Value", "Remarks", ""]]
    sheet.move_column("A", before="E")
    assert sheet.get("A1:E1") == [["GSTIN", "Value", "Remarks", "Status", ""]]
    assert sheet.validation("D2")["kind"] == "LIST"
    sheet.insert_columns("B", 2)
    sheet.copy_column("A", before="B")
    assert sheet.get("A1:G1") == [["GSTIN", "GSTIN", "", "", "Value", "Remarks", "Status"]]
    sheet.delete_columns("B", "D")
    assert sheet.get("A1:D1") == [["GSTIN", "Value", "Remarks", "Status"]]


def test_rows_and_columns_are_hidden_by_hand(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.show_rows(2, 3, visible=False)
    sheet.show_columns("B", "C", visible=False)
    assert sheet.visible_rows(1, 5) == [1, 4, 5]
    assert sheet.visible_columns("A", "D") == [True, False, False, True]
    sheet.show_columns("B", "B", visible=True)
    sheet.show_rows(3, 3, visible=True)
    assert sheet.visible_rows(1, 5) == [1, 3, 4, 5]
    assert sheet.visible_columns("A", "D") == [True, True, False, True]


def test_sheets_are_added_copied_moved_renamed_hidden_and_deleted(doc: Document):
    doc.add_sheet("Mine", position=2)
    doc.copy_sheet("B2B", "B2B_2", position=1).rename("Copy")
    doc.move_sheet("Mine", 0)
    assert doc.sheets == ["Mine", "B2B", "Copy", "Lists"]
    doc.sheet("Lists").show(visible=False)
    doc.delete_sheet("Mine")
    assert doc.sheets == ["B2B", "Copy", "Lists"]
    assert [doc.sheet(title).is_visible() for title in doc.sheets] == [True, True, False]


def test_what_people_add_is_saved(office: Office, book: Path, tmp_path: Path):
    with office.edit(book, out=tmp_path / "out.xlsx") as document:
        sheet = document.sheet("B2B")
        sheet.comment("A2", "ask them")
        sheet.chart("A1:B5")
        sheet.group("A3:A4")
        sheet.freeze(1, 1)
        sheet.background("A2", 0xFFFF00)
        sheet.protect()
        document.define_name("Mine", "$B2B.$B$2")
        assert (sheet.comments(), sheet.charts(), sheet.is_protected()) == (["ask them"], ["chart"], True)
    saved = openpyxl.load_workbook(tmp_path / "out.xlsx")["B2B"]
    assert saved["A2"].comment.text == "ask them"
    assert saved["A2"].fill.fgColor.rgb == "FFFFFF00"
    assert saved.row_dimensions[3].outlineLevel == 1
    assert saved.freeze_panes == "B2"
    assert saved.protection.sheet
    assert saved.parent.defined_names["Mine"].attr_text == "B2B!$B$2"
    assert "xl/charts/chart1.xml" in ZipFile(tmp_path / "out.xlsx").namelist()


def test_frozen_panes_survive_a_save(office: Office, book: Path, tmp_path: Path):
    workbook = openpyxl.load_workbook(book)
    workbook["B2B"].freeze_panes = "C2"
    workbook.save(book)
    with office.edit(book, out=tmp_path / "out.xlsx") as document:
        document.sheet("B2B").set("D5", "late")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["B2B"].freeze_panes == "C2"


def test_a_named_range_is_saved_as_a_table(office: Office, book: Path, tmp_path: Path):
    with office.edit(book, out=tmp_path / "out.xlsx") as document:
        document.sheet("B2B").name_range("A1:D5", "Invoices")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["B2B"].tables["Invoices"].ref == "A1:D5"


def test_formulas_are_calculated_anew(doc: Document):
    sheet = doc.sheet("B2B")
    sheet.type("E2", "=SUM(B2:B5)")
    sheet.set("B2", 0)
    doc.recalculate()
    assert sheet.get("E2") == [[700]]


def test_custom_properties_are_read(office: Office, tmp_path: Path):
    workbook = openpyxl.Workbook()
    workbook.custom_doc_props.append(
        openpyxl.packaging.custom.StringProperty(name="gstin", value="27AAAAA0003A1Z5")
    )
    workbook.save(tmp_path / "book.xlsx")
    with office.edit(tmp_path / "book.xlsx") as document:
        assert document.properties["gstin"] == "27AAAAA0003A1Z5"


@pytest.mark.parametrize(
    ("suffix", "magic"),
    [
        (".xlsx", b"PK\x03\x04"),
        (".xlsm", b"PK\x03\x04"),
        (".ods", b"PK\x03\x04"),
        (".xls", b"\xd0\xcf\x11\xe0"),
        (".csv", b"GSTIN,Va"),
        (".pdf", b"%PDF-1."),
    ],
)
def test_save_as(doc: Document, tmp_path: Path, suffix: str, magic: bytes):
    saved = doc.save_as(tmp_path / f"out{suffix}")
    assert saved.read_bytes().startswith(magic)


def test_an_xlsm_says_so_inside(doc: Document, tmp_path: Path):
    types = ZipFile(doc.save_as(tmp_path / "out.xlsm")).read("[Content_Types].xml")
    assert b"application/vnd.ms-excel.sheet.macroEnabled.main+xml" in types


def test_save_as_with_a_password_encrypts(doc: Document, tmp_path: Path):
    saved = doc.save_as(tmp_path / "out.xlsx", password="secret")
    assert saved.read_bytes().startswith(b"\xd0\xcf\x11\xe0")


def test_a_refused_command_is_an_error_and_office_lives_on(office: Office, doc: Document, tmp_path: Path):
    with pytest.raises(OfficeError, match="NoSuchElement"):
        doc.sheet("nowhere").get("A1")
    with pytest.raises(OfficeError), office.edit(tmp_path / "missing.xlsx"):
        pass
    assert doc.sheets == ["B2B", "Lists"]
