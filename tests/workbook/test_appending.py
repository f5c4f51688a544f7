"""Rows behind the last one, with all that covers the documents; sheets and columns brought to light."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from ooxml import assert_valid
from openpyxl.styles import PatternFill
from openpyxl.worksheet.table import Table
from workbook_helpers import build, credit_note, invoice, snapshot
from writeback_helpers import assert_still_valid, read_parts

from ims_excel.exceptions import WriteError
from ims_excel.portal.sections import B2B
from ims_excel.workbook import writeback
from ims_excel.workbook.appending import NewRows, Reach, stretched_name
from ims_excel.workbook.grid import PROPERTY_SOURCES, PROPERTY_TOOL
from ims_excel.workbook.layout import load_layout
from ims_excel.workbook.read import read_book
from ims_excel.workbook.values import batch
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = load_layout().sheets[B2B].columns
NAMES = [column.name for column in COLUMNS]
PLACE = {name: index for index, name in enumerate(NAMES)}


def new_rows(folder: Path, *records: dict, last: int = 7) -> NewRows:
    """Rows of these invoices, to come behind row ``last``."""
    found = list(snapshot(folder, b2b=list(records)).sections[B2B])
    return NewRows(batch(found, NAMES), len(found), 6, last)


def append(path: Path, rows: NewRows, **more: object) -> openpyxl.Workbook:
    patch = SheetPatch("B2B", {}, clear_filter=False, rows=rows, **more)
    assert write_back(path, BookPatch([patch], []), path).changed
    return openpyxl.load_workbook(path)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=[invoice("1"), invoice("2")], b2bcn=[credit_note()]))
    return path


def edit(path: Path, change) -> None:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def test_new_rows_say_and_look_as_those_of_build(book, tmp_path):
    sheet = append(book, new_rows(tmp_path, invoice("3", val=5.5), invoice("4")))["B2B"]
    assert [sheet.cell(row, PLACE["number"] + 1).value for row in range(6, 11)] == ["1", "2", "3", "4", None]
    assert sheet["F8"].value == 5.5
    assert sheet.cell(8, PLACE["date"] + 1).value.date() == date(2026, 3, 12)
    for column in range(1, len(NAMES) + 1):
        assert sheet.cell(8, column).style_id == sheet.cell(7, column).style_id, NAMES[column - 1]
    assert_valid(book)


def test_what_covers_the_documents_covers_the_new_ones(book, tmp_path):
    built = openpyxl.load_workbook(book)
    opened = append(book, new_rows(tmp_path, invoice("3")))
    sheet, old = opened["B2B"], built["B2B"]
    assert sheet.auto_filter.ref == old.auto_filter.ref[:-1] + "8"
    assert sheet.dimensions == old.dimensions[:-1] + "8"
    for before, after in zip(old.conditional_formatting, sheet.conditional_formatting, strict=True):
        assert str(after.sqref) == str(before.sqref).replace("7", "8")
    for before, after in zip(
        old.data_validations.dataValidation, sheet.data_validations.dataValidation, strict=True
    ):
        assert str(after.sqref) == str(before.sqref).replace("7", "8")
    assert opened.defined_names["ims_b2b_status"].attr_text == "'B2B'!$G$6:$G$8"
    assert opened.defined_names["ims_b2bcn_status"].attr_text == "'B2B-CN'!$G$6:$G$6"
    letters = load_layout().sheets[B2B].letters("change").encode()
    with zipfile.ZipFile(book) as archive:
        assert b">B2B!$A$5:$%b$8<" % letters in archive.read("xl/workbook.xml")


def test_an_empty_section_fills_its_hidden_sheet(tmp_path):
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2bcn=[credit_note()]))
    sheet = append(path, new_rows(tmp_path, invoice("1"), invoice("2"), last=6), show_sheet=True)["B2B"]
    assert sheet.sheet_state == "visible"
    assert [sheet.cell(row, PLACE["number"] + 1).value for row in (5, 6, 7, 8)] == [
        "Invoice number", "1", "2", None,
    ]  # fmt: skip
    assert sheet.auto_filter.ref.endswith("7")
    assert sheet["G6"].style_id == sheet["G7"].style_id != 0
    assert_valid(path)


def test_blank_rows_give_way_and_what_people_wrote_below_stays(book, tmp_path):
    def note(opened):
        opened["B2B"]["A8"].fill = PatternFill("solid", "FF0000")
        opened["B2B"]["A12"].fill = PatternFill("solid", "FF0000")

    edit(book, note)
    sheet = append(book, new_rows(tmp_path, invoice("3")))["B2B"]
    assert sheet["C8"].value == "3"
    assert sheet["A8"].fill.fgColor.rgb != "00FF0000"
    assert sheet["A12"].fill.fgColor.rgb == "00FF0000"


def test_new_rows_come_behind_what_people_wrote_below_the_documents(book, tmp_path):
    edit(book, lambda opened: opened["B2B"].__setitem__("AZ10", "checked by Asha"))
    sheet = append(book, new_rows(tmp_path, invoice("3")))["B2B"]
    assert (sheet["C8"].value, sheet["AZ10"].value, sheet["C11"].value) == (None, "checked by Asha", "3")
    assert sheet.auto_filter.ref.endswith("11")


def test_a_row_coloured_by_hand_is_no_model(tmp_path):
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=[invoice(str(number)) for number in range(3)]))
    edit(path, lambda opened: setattr(opened["B2B"]["C6"], "fill", PatternFill("solid", "FF0000")))
    sheet = append(path, new_rows(tmp_path, invoice("9"), last=8))["B2B"]
    assert sheet["C9"].style_id == sheet["C8"].style_id != sheet["C6"].style_id


@pytest.mark.parametrize(("totals", "end"), [(False, "8"), (True, "7")])
def test_a_table_grows_unless_it_ends_in_totals(book, tmp_path, totals, end):
    def make_table(opened):
        sheet = opened["B2B"]
        last = sheet.cell(5, len(NAMES)).column_letter
        sheet.auto_filter.ref = None
        table = Table(displayName="Documents", ref=f"A5:{last}7", totalsRowCount=int(totals) or None)
        sheet.add_table(table)

    edit(book, make_table)
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    table = append(book, new_rows(tmp_path, invoice("3")))["B2B"].tables["Documents"]
    assert table.ref.endswith(end)
    assert_still_valid(book, before)


def test_columns_are_shown_whatever_entry_hides_them(book, tmp_path):
    place = PLACE["changed"]
    patch = SheetPatch("B2B", {}, clear_filter=False, show_columns=frozenset({place}))
    write_back(book, BookPatch([patch], []), book)
    with zipfile.ZipFile(book) as archive:
        part = archive.read("xl/worksheets/sheet3.xml").decode()
    assert f'<col min="{place + 1}" max="{place + 1}" width="44.7109375" style=' in part
    assert f'<col min="{place + 2}" max="{place + 2}" width="40.7109375" hidden="1" customWidth="1"/>' in part
    assert_valid(book)


def test_one_entry_for_many_hidden_columns_is_cut(book, tmp_path):
    def hide_all(opened):
        for letters in list(opened["B2B"].column_dimensions)[1:]:
            del opened["B2B"].column_dimensions[letters]
        opened["B2B"].column_dimensions.group("T", "AH", hidden=True)

    edit(book, hide_all)
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    patch = SheetPatch("B2B", {}, clear_filter=False, show_columns=frozenset({21, 23}))
    write_back(book, BookPatch([patch], []), book)
    with zipfile.ZipFile(book) as archive:
        part = archive.read("xl/worksheets/sheet3.xml").decode()
    entries = part[part.index("<cols>") : part.index("</cols>")]
    spans = ['hidden="1"' in entry for entry in entries.split("<col ")[-5:]]
    assert spans == [True, False, True, False, True]
    assert_still_valid(book, before)


@pytest.mark.parametrize("resaved", [False, True])
def test_properties_change_come_and_go(book, tmp_path, resaved):
    if resaved:
        edit(book, lambda _opened: None)
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    texts = {PROPERTY_SOURCES: 'new & "newer".json', PROPERTY_TOOL: "9.9.9", "ims-xl sources 2": "b.json"}
    write_back(book, BookPatch([], [], properties=dict(texts)), book)
    found = read_book(book).properties
    assert {name: found[name] for name in texts} == texts
    write_back(book, BookPatch([], [], properties={"ims-xl sources 2": None}), book)
    assert "ims-xl sources 2" not in read_book(book).properties
    assert_still_valid(book, before)


def test_properties_that_are_so_already_change_nothing(book):
    was = book.read_bytes()
    tool = read_book(book).properties[PROPERTY_TOOL]
    assert not write_back(book, BookPatch([], [], properties={PROPERTY_TOOL: tool}), book).changed
    assert book.read_bytes() == was


@pytest.mark.parametrize(
    ("reference", "stretched"),
    [
        ("A6:Z7", "A6:Z9"),
        ("G7", "G7:G9"),
        ("A1:B2", "A1:B2"),
        ("A8:B9", "A8:B9"),
        ("A6:A100", "A6:A100"),
        ("$A$5:$AN$7", "$A$5:$AN$9"),
        ("A6:A6 A7 B6:B7", "A6:A6 A7:A9 B6:B9"),
    ],
)
def test_ranges_that_hold_the_last_document_are_stretched(reference, stretched):
    assert Reach(7, 9).stretched(reference) == stretched


@pytest.mark.parametrize(
    ("name", "reference", "expected"),
    [
        ("ims_b2b_key", "'B2B'!$A$6:$A$7", "'B2B'!$A$6:$A$9"),
        ("ims_b2b_key", "B2B!$A$7", "B2B!$A$7:$A$9"),
        ("_xlnm._FilterDatabase", "B2B!$A$5:$Z$7", "B2B!$A$5:$Z$9"),
        ("_xlnm.Print_Titles", "B2B!$4:$5", "B2B!$4:$5"),
        ("mine", "B2B!$A$6:$A$7", "B2B!$A$6:$A$7"),
        ("ims_b2b_key", "Other!$A$6:$A$7", "Other!$A$6:$A$7"),
    ],
)
def test_only_our_names_follow(name, reference, expected):
    assert stretched_name(name, reference, {"B2B": Reach(7, 9)}) == expected


def test_amounts_and_texts_of_every_kind(book, tmp_path):
    records = [
        invoice("<&>\u0001", tradenm=" blanks ", txval=0, val=10**12),
        invoice("=1+1", idt="31-02-2026"),
    ]
    rows = new_rows(tmp_path, *records)
    append(book, rows)
    found = list(read_book(book).sheets[0].rows)[-2:]
    assert found[0].values[PLACE["number"]] == "<&>\u0001"
    assert found[0].values[PLACE["supplier_name"]] == " blanks "
    assert found[0].values[PLACE["taxable_value"]] == Decimal(0)
    assert found[1].values[PLACE["number"]] == "=1+1"
    assert found[1].values[PLACE["date"]] == "31-02-2026"


SHEET, BOOK, PROPERTIES = "xl/worksheets/sheet3.xml", "xl/workbook.xml", "docProps/custom.xml"


def swap(part: str, pattern: str, new: str) -> Callable[[dict], object]:
    def tamper(parts: dict[str, bytes]) -> None:
        parts[part], times = re.subn(pattern.encode(), new.encode(), parts[part], count=1)
        assert times == 1, parts[part]

    return tamper


def zip_up(target: object, parts: dict[str, bytes]) -> None:
    """Write parts so that those that are not tampered with come out the same to the byte."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


FORMAT = r'(<conditionalFormatting sqref="A6:[A-Z]+)'
EXTRA = r'\1<c r="AZ8"><v>1</v></c></row>'
CHANGED = PLACE["changed"] + 1
TAMPERINGS = {
    "another text": swap(SHEET, "<t>INV-3</t>", "<t>INV-4</t>"),
    "another amount": swap(SHEET, "<v>333</v>", "<v>334</v>"),
    "a text in place of an amount": swap(SHEET, "<v>333</v>", "<is><t>333</t></is>"),
    "a formula": swap(SHEET, "<v>333</v>", "<f>1</f><v>333</v>"),
    "a new row lost": swap(SHEET, '<row r="8">.*?</row>', ""),
    "a new row twice": swap(SHEET, '(<row r="8">.*?</row>)', r"\1\1"),
    "a row more": swap(SHEET, "</sheetData>", '<row r="9"/></sheetData>'),
    "a cell elsewhere": swap(SHEET, 'r="C8"', 'r="C9"'),
    "a cell far below": swap(SHEET, 'r="C8"', 'r="C88"'),
    "a cell of no column": swap(SHEET, 'r="C8"', 'r="C18"'),
    "a cell in small letters": swap(SHEET, 'r="C8"', 'r="c8"'),
    "a cell twice": swap(SHEET, '<c r="C8"', '<c r="C8"/><c r="C8"'),
    "a text nobody asked for": swap(SHEET, '(<row r="8">.*?)</row>', EXTRA),
    "not well-formed": swap(SHEET, "INV-3</t>", "INV-3</x>"),
    "a filter too short": swap(SHEET, '<autoFilter ref="A5:([A-Z]+)8"', r'<autoFilter ref="A5:\g<1>7"'),
    "a format too short": swap(SHEET, f"{FORMAT}8", r"\g<1>7"),
    "a validation too long": swap(SHEET, 'sqref="G6:G8"', 'sqref="G6:G9"'),
    "a name too short": swap(BOOK, "!\\$G\\$6:\\$G\\$8", "!$G$6:$G$7"),
    "another name": swap(BOOK, "'B2B-CN'!\\$G\\$6", "'B2B-CN'!$G$7"),
    "a column still hidden": swap(SHEET, f'<col min="{CHANGED}"', f'<col hidden="1" min="{CHANGED}"'),
    "another column shown": swap(SHEET, f'(<col min="{PLACE["key"] + 1}".*?) hidden="1"', r"\1"),
    "a sheet still hidden": swap(BOOK, '<sheet name="B2BA"', '<sheet state="hidden" name="B2BA"'),
    "another sheet shown": swap(BOOK, ' state="veryHidden"', ""),
    "another property": swap(PROPERTIES, ">27", ">28"),
    "the property": swap(PROPERTIES, ">9.9.9<", ">9.9<"),
}  # fmt: skip


@pytest.mark.parametrize("tamper", [None, *TAMPERINGS.values()], ids=["as asked", *TAMPERINGS])
def test_rows_that_did_not_come_out_as_meant_are_noticed(book, tmp_path, monkeypatch, tamper):
    rewrite = writeback._rewrite

    def rewrite_wrongly(package, plan, target):
        rewrite(package, plan, target)
        target.flush()
        parts = read_parts(Path(target.name))
        if tamper:
            tamper(parts)
        target.seek(0)
        target.truncate()
        zip_up(target, parts)

    zip_up(book, read_parts(book))
    monkeypatch.setattr(writeback, "_rewrite", rewrite_wrongly)
    was = book.read_bytes()
    rows = new_rows(tmp_path, invoice("INV-3", val=333))
    shown = SheetPatch("B2BA", {}, clear_filter=False, show_sheet=True)
    first = SheetPatch("B2B", {}, clear_filter=False, rows=rows, show_columns=frozenset({PLACE["changed"]}))
    patch = BookPatch([first, shown], [], properties={PROPERTY_TOOL: "9.9.9"})
    if tamper is None:
        assert write_back(book, patch, book).changed
        return
    with pytest.raises(WriteError, match="did not come out as meant"):
        write_back(book, patch, book)
    assert book.read_bytes() == was
