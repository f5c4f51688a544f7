"""The sums that stand stored on Home and Summary after a write-back: those that a program calculates."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest
from ooxml import assert_valid
from workbook_helpers import build, credit_note, invoice, snapshot
from writeback_helpers import assert_still_valid, changed_parts, read_parts

from ims_excel.workbook.appending import NewRows
from ims_excel.workbook.read import read_book
from ims_excel.workbook.sums import sums_patches
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOME, SUMMARY, B2B_PART = (f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))
CHART = "xl/charts/chart1.xml"
INVOICES = [
    invoice("1", txval=100, iamt=18, camt=0, samt=0, cess=1),
    invoice("2", txval=200, iamt=36, camt=0, samt=0),
    invoice("3", txval=400.1, iamt=72.2, camt=0, samt=0),
    invoice("4", action="A", txval=800, iamt=0, camt=72, samt=72),
]
NOTES = [credit_note("5", txval=50, iamt=9, camt=0, samt=0)]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=INVOICES, b2bcn=NOTES))
    return path


def write(book: Path, cells: dict[str, object], title: str = "B2B", **more: object) -> None:
    """Write cells of a sheet, by column name and row (``status 6``), and the sums."""
    read = read_book(book)
    columns = next(sheet.columns for sheet in read.sheets if sheet.title == title)
    places = {(int(place.split()[1]), columns[place.split()[0]]): value for place, value in cells.items()}
    patch = BookPatch([SheetPatch(title, places, clear_filter=False, **more)], [])
    patch.sheets += sums_patches(read, patch)
    write_back(book, patch, book)


def figures(book: Path, cells: str, title: str = "Summary") -> list[list]:
    """What is stored in some cells."""
    sheet = openpyxl.load_workbook(book, data_only=True)[title]
    return [[cell.value for cell in row] for row in sheet[cells]]


def rewritten(book: Path, part: str, change: Callable[[str], str]) -> None:
    """Change a part's text, as another program would have written it."""
    parts = read_parts(book)
    was = parts[part].decode()
    assert change(was) != was
    parts[part] = change(was).encode()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_decisions_move_them(book):
    write(book, {"status 6": "Accepted", "status 7": "Rejected", "status 8": "Pending"})
    assert figures(book, "D10:J14") == [
        [2, 900, 18, 72, 72, 1, 163],
        [1, 200, 36, 0, 0, 0, 36],
        [1, 400.1, 72.2, 0, 0, 0, 72.2],
        [1, -50, -9, 0, 0, 0, -9],
        [5, 1450.1, 117.2, 72, 72, 1, 262.2],
    ]
    assert figures(book, "B5:J5") == [[1, None, None, -50, None, None, None, None, -9]]
    assert figures(book, "D12:G12", "Home") == [[4, 1500.1, 271.2, 0]]
    assert_valid(book)


def test_as_programs_count(book):
    """Any case; no other words, no blanks around; what is blank or unknown has a line of its own."""
    write(book, {"status 6": "REJECTED", "status 7": "Rejected ", "status 8": "perhaps", "status 9": None})
    assert [row[0] for row in figures(book, "D10:D15")] == [0, 1, 0, 1, 5, 3]


def test_amounts_that_are_restored_count_and_texts_do_not(book):
    write(book, {"taxable_value 6": None, "taxable_value 7": "two hundred"})
    assert figures(book, "E10:E14") == [[800], [0], [0], [350.1], [1150.1]]


def test_rows_that_left_the_ims_do_not_count(book):
    write(book, {"change 9": "withdrawn"})
    assert figures(book, "D10:E14") == [[0, 0], [0, 0], [0, 0], [4, 650.1], [4, 650.1]]


def test_new_rows_count(book):
    sheet = read_book(book).sheets[0]
    columns: list[list] = [[] for _ in range(max(sheet.columns.values()) + 1)]
    new = {"key": "b2b|9", "status": "Rejected", "taxable_value": Decimal("7.5"), "igst": Decimal(1)}
    for name, value in new.items():
        columns[sheet.columns[name]] = [value, value]
    write(book, {}, rows=NewRows(columns, 2, 6, 9))
    assert figures(book, "D11:J11") == [[2, 15, 2, 0, 0, 0, 2]]


def test_the_chart_carries_them_too(book):
    write(book, {"status 6": "Rejected", "status 9": "Pending"})
    (chart,) = openpyxl.load_workbook(book)["Summary"]._charts
    assert [float(point.v) for point in chart.series[0].val.numRef.numCache.pt] == [0, 19, 144, 99.2]


def test_nothing_else_on_these_sheets_changes(book):
    before = read_parts(book)
    write(book, {"status 6": "Accepted"})
    after = read_parts(book)
    assert {name for name in before if before[name] != after[name]} == {HOME, SUMMARY, CHART, B2B_PART}
    for name in (HOME, SUMMARY):
        was, now = (re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", parts[name]) for parts in (before, after))
        assert was == now


def test_what_moves_no_sum_leaves_them_alone(book, tmp_path):
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    write(book, {"remarks 6": "agreed", "sheet_errors 6": "Error R1"})
    assert changed_parts(before, book) == {B2B_PART}


def test_peoples_own_formulas_are_left_alone(book):
    """Whatever else is on the sheet, and results of kinds that ours have not."""
    own = (
        '<row r="90"><c r="B90"><f>D10*2</f><v>7</v></c><c r="C90" t="str"><f>"a"&amp;D10</f><v>a0</v></c>'
        '<c r="D90"><f>MAX(D10:D13)</f><v>4</v></c>'
        '<c r="E90"><f>COUNTIF(ims_b2b_status,"x")</f><v>8</v></c></row>'
    )
    rewritten(book, SUMMARY, lambda part: part.replace("</sheetData>", f"{own}</sheetData>"))
    write(book, {"status 6": "Accepted"})
    assert own.encode() in read_parts(book)[SUMMARY]
    assert figures(book, "D10:D10") == [[2]]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("result missing", lambda part: re.sub("(</f>)<v>[^<]*</v>", r"\1", part)),
        ("result of a text", lambda part: re.sub("(<c [^>]*)(><f>)", r'\1 t="str"\2', part)),
        ("typed number", lambda part: re.sub("(<c [^>]*)(><f)", r'\1 t="n"\2 aca="false"', part)),
        ("quotes", lambda part: re.sub('<c r="([A-Z0-9]*)"', r"<c  r='\1'", part)),
        ("prefix", lambda part: re.sub("<(/?)(?=[a-zA-Z])", r"<\1x:", part).replace("xmlns=", "xmlns:x=", 1)),
    ],
)
def test_however_programs_write_them(book, name, change):
    rewritten(book, SUMMARY, change)
    write(book, {"status 6": "Accepted"})
    part = read_parts(book)[SUMMARY]
    for cell, result in (b"D10", b"2"), (b"J10", b"163"):
        stored = rb"""r=["']%b["'][^>]*><(?:x:)?f[^>]*>.{5,80}</(?:x:)?f><(?:x:)?v>%b</""" % (cell, result)
        assert re.search(stored, part), name


def test_shared_formulas(book):
    """As programs write those that were filled down."""
    first = '<f t="shared" ref="J10:J11" si="0">SUM(F10:I10)</f>'
    rewritten(book, SUMMARY, lambda part: part.replace("<f>SUM(F10:I10)</f>", first))
    rewritten(book, SUMMARY, lambda part: part.replace("<f>SUM(F11:I11)</f>", '<f t="shared" si="0"/>'))
    write(book, {"status 6": "Rejected"})
    assert figures(book, "J10:J11") == [[144], [19]]


@pytest.mark.parametrize("title", ["Summary", "Our month's sums"])
def test_sheets_with_other_names(book, title):
    escaped = title.replace("'", "''")
    rewritten(book, "xl/workbook.xml", lambda part: part.replace('name="Summary"', f'name="{title} 1"'))
    rewritten(book, CHART, lambda part: part.replace("<c:f>Summary!", f"<c:f>'{escaped} 1'!"))
    write(book, {"status 6": "Accepted"})
    assert figures(book, "D10:D10", f"{title} 1") == [[2]]
    assert b"<c:v>163</c:v>" in read_parts(book)[CHART]


def test_without_home_and_summary(book):
    workbook = openpyxl.load_workbook(book)
    del workbook["Home"], workbook["Summary"]
    workbook.save(book)
    write(book, {"status 6": "Accepted"})
    assert read_book(book).sheets[0].title == "B2B"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SUMMARY, lambda part: part.replace("<f>COUNTIFS(ims_b2b_status,$C36", "<f>COUNTIFS(gone,$C36")),
        (B2B_PART, lambda part: re.sub('(<c r="G7"[^>]*?) t=.*?</c>', r"\1><f>A1</f></c>", part, count=1)),
        (SUMMARY, lambda part: part.replace("<f>D36+", "<f>D11+")),
    ],
    ids=["a name that is gone", "a status that nobody calculated", "a circle"],
)
def test_what_cannot_be_told_is_left_to_programs_to_calculate(book, tmp_path, part, change):
    before = tmp_path / "before.xlsx"
    rewritten(book, part, change)
    before.write_bytes(book.read_bytes())
    write(book, {"status 6": "Rejected"})
    row = re.search(rb'<c r="D11".*?</c>', read_parts(book)[SUMMARY])
    assert row
    assert row[0].endswith(b"</f></c>")
    assert_still_valid(book, before)


@pytest.mark.libreoffice
@pytest.mark.parametrize("rows_per_sheet", [None, 2])
def test_they_are_what_libreoffice_calculates(office, tmp_path, rows_per_sheet):
    """Each of them, also where what LibreOffice itself had saved was decided upon."""
    path, saved, again = (tmp_path / name for name in ("book.xlsx", "saved.xlsx", "again.xlsx"))
    build(path, snapshot(tmp_path, b2b=INVOICES, b2bcn=NOTES), rows_per_sheet=rows_per_sheet)
    with office.edit(path, saved):
        pass
    for book in (path, saved):
        write(book, {"status 6": "rejected", "status 7": "Perhaps", "igst 6": Decimal("11.35")})
        write(book, {"status 6": "Accepted", "change 6": "withdrawn"}, title="B2B-CN")
        with office.edit(book, again) as document:
            shown = document.sheet("Summary").get("D10:J14")
            document.recalculate()
            calculated = document.sheet("Summary").get("D10:J14")
            assert shown == [pytest.approx(row) for row in calculated]
        for title in ("Home", "Summary"):
            stored, calculated = (openpyxl.load_workbook(f, data_only=True)[title] for f in (book, again))
            for row in stored.iter_rows():
                for cell in row:
                    if isinstance(cell.value, (int, float)):
                        found = calculated[cell.coordinate].value
                        assert found == pytest.approx(cell.value), (title, cell.coordinate)


@pytest.mark.libreoffice
def test_libreoffice_calculates_what_is_not_stored(office, book):
    rewritten(book, SUMMARY, lambda part: part.replace("<f>SUM(F11:I11)</f>", "<f>SUM(F11:I11,0)</f>"))
    write(book, {"status 6": "Rejected"})
    with office.edit(book) as document:
        assert document.sheet("Summary").get("J11:J11") == [[19.0]]


def test_new_rows_count_below_a_single_document_too(tmp_path):
    """Whose name may refer to one cell, without a colon."""
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=INVOICES[:1]))
    names = re.compile(r"('B2B'!\$[A-Z]+\$6):\$[A-Z]+\$6")
    rewritten(path, "xl/workbook.xml", lambda part: names.sub(r"\1", part))
    sheet = read_book(path).sheets[0]
    columns: list[list] = [[] for _ in range(max(sheet.columns.values()) + 1)]
    columns[sheet.columns["key"]], columns[sheet.columns["status"]] = ["b2b|9"], ["Rejected"]
    write(path, {}, rows=NewRows(columns, 1, 6, 6))
    assert figures(path, "D10:D14") == [[0], [1], [0], [1], [2]]
    assert openpyxl.load_workbook(path).defined_names["ims_b2b_status"].attr_text == "'B2B'!$G$6:$G$7"
