"""Edited workbooks: what people entered is found wherever it was moved, or a sentence says why not."""

import random
import re
import zipfile
from datetime import date

import openpyxl
import pytest
from tables import MAIN, TOOL, read_part, replace_part, with_openpyxl, with_xlsxwriter

from ims_excel.exceptions import WorkbookError
from ims_excel.portal.sections import B2B, B2BA, B2BCN, B2BDN, B2BDNA, ECOM, ECOMA, SECTIONS
from ims_excel.workbook import read as read_module
from ims_excel.workbook.cells import CellError, Uncalculated
from ims_excel.workbook.embed import to_cells
from ims_excel.workbook.fast import FastRows
from ims_excel.workbook.layout import load_layout
from ims_excel.workbook.read import read_book
from ims_excel.workbook.scan import SheetScan

B2B_SHEET = """
    B2B: Invoices
    -
    supplier_gstin | number | date | value | status | remarks | sheet_errors | key:b2b
    -
    GSTIN of supplier | Invoice number | Invoice Date | Invoice Value (₹) | Status | Remarks | Errors | Key
    27AAPFU0939F1ZV | SA/25-26/0417 | 2026-03-01 | 118000.5 | Accepted | | | b2b|27AAPFU0939F1ZV|sa/25-26/0417
    29AABCT1332L1ZT | '007 | 2026-03-15 | 2360 | Rejected | Not ours | | b2b|29AABCT1332L1ZT|007
"""
NAMES = ["supplier_gstin", "number", "date", "value", "status", "remarks", "sheet_errors", "key"]
ROWS = [
    (6, ["27AAPFU0939F1ZV", "SA/25-26/0417", date(2026, 3, 1), 118000.5, "Accepted", None, None,
         "b2b|27AAPFU0939F1ZV|sa/25-26/0417"]),
    (7, ["29AABCT1332L1ZT", "007", date(2026, 3, 15), 2360.0, "Rejected", "Not ours", None,
         "b2b|29AABCT1332L1ZT|007"]),
]  # fmt: skip
NAMES_LINE = "supplier_gstin | number | date | value | status | remarks | sheet_errors | key:b2b"


@pytest.fixture(params=[with_openpyxl, with_xlsxwriter])
def write(request, tmp_path):
    """Write sheets as tables, with shared strings and with inline ones."""
    return lambda sheets, properties=TOOL: request.param(tmp_path / "book.xlsx", sheets, properties)


def rows_of(sheet, width=64):
    """The rows as far as a width, without blanks at the end."""
    trimmed = []
    for number, values in sheet.rows:
        kept = list(values)[:width]
        while kept and kept[-1] is None:
            kept.pop()
        trimmed.append((number, kept))
    return trimmed


def by_name(sheet, number):
    """A row by machine names."""
    row = next(row for row in sheet.rows if row.number == number)
    return {name: row.values[c] if c < len(row.values) else None for name, c in sheet.columns.items()}


def edit(path, change):
    """Change a workbook with openpyxl, as a program that saves it would."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def complaint(path):
    with pytest.raises(WorkbookError) as caught:
        read_book(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_workbook_as_build_made_it(write):
    book = read_book(write({"Home": "Welcome", "B2B": B2B_SHEET}))
    [sheet] = book.sheets
    assert (sheet.title, sheet.section, sheet.heading_row) == ("B2B", B2B, 5)
    assert sheet.columns == {name: column for column, name in enumerate(NAMES)}
    assert rows_of(sheet) == ROWS
    assert rows_of(sheet) == ROWS, "rows may be walked again"
    assert book.properties == TOOL
    assert book.other_sheets == ("Home",)
    assert book.blob is None
    assert (sheet.hidden_rows, sheet.filtered) == (0, False)


def test_the_first_text_of_all_is_read_like_the_others(write):
    book = read_book(write({"B2B": f"{NAMES_LINE}\nGSTIN | Number | Date\n29AABCT1332L1ZT | 007 | x"}))
    assert book.sheets[0].columns["supplier_gstin"] == 0


def test_the_embedded_snapshot_is_put_together_again(write):
    blob = bytes(range(256)) * 2000
    data = "\n".join(to_cells(blob))
    assert read_book(write({"B2B": B2B_SHEET, "_ims_xl": data})).blob == blob


def test_a_damaged_snapshot_is_told_from_a_deleted_one(write):
    cells = to_cells(random.Random(1).randbytes(60_000))
    book = read_book(write({"B2B": B2B_SHEET, "_ims_xl": "\n".join(cells[:-1])}))
    assert book.blob == b""
    assert read_book(write({"B2B": B2B_SHEET, "_ims_xl": "-"})).blob == b""


def test_columns_inserted_moved_and_hidden(write):
    path = write({"B2B": """
        my notes
        -
        remarks | | key:b2b | status | number | supplier_gstin | | date | Total
        -
        Why | Mine | Key | Decision | Bill | Supplier | Checked by | Date | Sum
        Not ours | x | b2b|1 | Rejected | 007 | 29AABCT1332L1ZT | Asha | 2026-03-15 | 3
        -
        | only mine | | | | | Ravi | | 4
        """})  # fmt: skip
    edit(path, lambda book: setattr(book["B2B"].column_dimensions["D"], "hidden", True))
    [sheet] = read_book(path).sheets
    assert [row.number for row in sheet.rows] == [6]
    assert by_name(sheet, 6) == {
        "remarks": "Not ours", "key": "b2b|1", "status": "Rejected", "number": 7.0,
        "supplier_gstin": "29AABCT1332L1ZT", "date": date(2026, 3, 15),
    }  # fmt: skip


def test_rows_inserted_above_and_between(write):
    lines = B2B_SHEET.strip().splitlines()
    lines[2:2] = ["our firm", "-", "for March"]
    lines[7:7] = ["-"]
    [sheet] = read_book(write({"B2B": "\n".join(lines)})).sheets
    assert sheet.heading_row == 9
    assert [row.number for row in sheet.rows] == [10, 11]


def test_a_totals_row_below_the_data_comes_through(write):
    [sheet] = read_book(write({"B2B": B2B_SHEET + "    -\n    | | Total | 120360.5 |\n"})).sheets
    assert by_name(sheet, 9)["value"] == 120360.5
    assert by_name(sheet, 9)["key"] is None


def test_a_row_of_spaces_is_no_row(write):
    path = edit(
        write({"B2B": B2B_SHEET}), lambda book: book["B2B"].append([None, "  ", None, None, "\u00a0"])
    )
    [sheet] = read_book(path).sheets
    assert [row.number for row in sheet.rows] == [6, 7]


@pytest.mark.parametrize("title", ["B2B", "March", "B2B (2)", "invoices to check"])
def test_the_key_column_tells_the_section_whatever_the_title(write, title):
    table = B2B_SHEET.replace("key:b2b", "key:b2bdn")
    assert [(s.title, s.section) for s in read_book(write({title: table})).sheets] == [(title, B2BDN)]


@pytest.mark.parametrize(
    ("title", "section"),
    [
        ("B2B-DN", B2BDN),
        ("b2b-dn (2)", B2BDN),
        ("B2B copy", B2B),
        ("B2B-DN\u00a0part 2", B2BDN),
        ("March", B2B),
    ],
)
def test_without_a_key_column_the_title_tells_the_section(write, title, section):
    table = re.sub(r"\| (key:b2b|Key|b2b\|\S+)$", "", B2B_SHEET, flags=re.MULTILINE)
    [sheet] = read_book(write({title: table})).sheets
    assert sheet.section is section
    assert "key" not in sheet.columns
    assert by_name(sheet, 7)["status"] == "Rejected"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
def full_sheet(section, *, banner="x"):
    """All columns of a section as shipped, but for the key."""
    columns = [column for column in load_layout().sheets[section].columns if column.name != "key"]
    names, headings = " | ".join(c.name for c in columns), " | ".join(c.heading for c in columns)
    return f"{banner}\n-\n{names}\n-\n{headings}\n27AAPFU0939F1ZV"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
def test_without_key_and_title_the_banner_tells_the_section(write, section):
    [sheet] = read_book(write({"March": full_sheet(section, banner=f"x | {section.sheet} · x")})).sheets
    assert sheet.section is section


@pytest.mark.parametrize("section", [B2B, B2BA, B2BDN, B2BDNA, B2BCN, ECOM, ECOMA], ids=lambda s: s.key)
def test_without_all_these_the_columns_and_headings_tell_the_section(write, section):
    """Amended credit notes alone look like amended debit notes in every column."""
    assert [sheet.section for sheet in read_book(write({"March": full_sheet(section)})).sheets] == [section]


def test_a_copied_sheet_is_one_more_sheet(write):
    book = read_book(write({"B2B": B2B_SHEET, "B2B (2)": B2B_SHEET}))
    assert [(sheet.title, sheet.section) for sheet in book.sheets] == [("B2B", B2B), ("B2B (2)", B2B)]
    assert rows_of(book.sheets[1]) == ROWS


def test_hidden_and_reordered_sheets(write):
    path = write({"Mine": "a | b", "B2B-DN": B2B_SHEET.replace("key:b2b", "key:b2bdn"), "B2B": B2B_SHEET})
    edit(path, lambda book: setattr(book["B2B"], "sheet_state", "veryHidden"))
    book = read_book(path)
    assert [sheet.section for sheet in book.sheets] == [B2BDN, B2B]
    assert book.other_sheets == ("Mine",)


HEADINGS = """
    B2B: Invoices
    -
    gstin of\u00a0 SUPPLIER | Invoice number | My notes | Invoice Date | Status | Remarks | Key | Alerts
    27AAPFU0939F1ZV | SA/25-26/0417 | x | 2026-03-01 | Accepted | | b2b|1 |
"""


def test_headings_are_the_fallback_when_the_names_row_is_gone(write):
    [sheet] = read_book(write({"B2B": HEADINGS})).sheets
    assert (sheet.section, sheet.heading_row) == (B2B, 3)
    assert by_name(sheet, 4) == {
        "supplier_gstin": "27AAPFU0939F1ZV", "number": "SA/25-26/0417", "date": date(2026, 3, 1),
        "status": "Accepted", "remarks": None, "key": "b2b|1", "alerts": None,
    }  # fmt: skip


def test_peoples_own_extract_of_a_sheet_is_not_read(write):
    book = read_book(write({"B2B": B2B_SHEET, "for the auditor": HEADINGS}))
    assert [sheet.title for sheet in book.sheets] == ["B2B"]
    assert book.other_sheets == ("for the auditor",)


@pytest.mark.parametrize(("name", "heading"), [("status", "Status"), ("remarks", "Remarks")])
def test_a_deleted_input_column_is_an_error(write, name, heading):
    says = complaint(write({"B2B": B2B_SHEET.replace(name, "")}))
    assert says.startswith(f'Sheet B2B: the column "{heading}" is gone: undo its deletion')


def test_a_deleted_itc_column_is_an_error_where_there_was_one(write):
    says = complaint(write({"CN": B2B_SHEET.replace("key:b2b", "key:b2bcn")}))
    assert "Whether ITC to be reduced" in says


def copied_status(second):
    lines = B2B_SHEET.strip().splitlines()
    extra = ["", "", " | status", "", " | Status", " | Accepted", f" | {second}"]
    return "\n".join(line + more for line, more in zip(lines, extra, strict=True))


def test_a_copied_input_column_with_the_same_content_is_harmless(write):
    [sheet] = read_book(write({"B2B": copied_status("Rejected")})).sheets
    assert sheet.columns["status"] == 4


def test_a_copied_input_column_with_other_content_is_an_error(write):
    says = complaint(write({"B2B": copied_status("Pending")}))
    assert says == (
        'Sheet B2B: columns E and I are both "Status" and differ in row 7: '
        "delete the one that does not count."
    )


def test_a_workbook_that_is_not_ours(write):
    assert complaint(write({"Sheet1": "a | b"}, {})).startswith("was not made by ims-xl build")
    assert complaint(write({"B2B": HEADINGS}, {})).startswith("was not made by ims-xl build")


def test_ours_is_known_by_any_one_of_its_marks(write):
    assert read_book(write({"Sheet1": "a | b"}, TOOL)).sheets == []
    assert read_book(write({"_ims_xl": "\n".join(to_cells(b"x"))}, {})).blob == b"x"
    assert len(read_book(write({"B2B": B2B_SHEET}, {})).sheets) == 1


def test_hidden_rows_and_filters(write):
    def filter_it(book):
        sheet = book["B2B"]
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[7].hidden = True
        sheet.auto_filter.ref = "A5:H7"
        sheet.auto_filter.add_filter_column(4, ["Accepted"])

    [sheet] = read_book(edit(write({"B2B": B2B_SHEET}), filter_it)).sheets
    assert (sheet.hidden_rows, sheet.filtered) == (1, True)
    assert [row.number for row in sheet.rows] == [6, 7]


def test_the_filter_of_a_table_stands_in_its_own_part(write):
    def make_table(book):
        table = openpyxl.worksheet.table.Table(displayName="T", ref="A5:H7")
        table._initialise_columns()
        for column, cell in zip(table.tableColumns, book["B2B"][5], strict=True):
            column.name = cell.value
        table.autoFilter.add_filter_column(4, ["Accepted"])
        book["B2B"].add_table(table)

    [sheet] = read_book(edit(write({"B2B": B2B_SHEET}), make_table)).sheets
    assert sheet.filtered


def test_error_values_and_formulas_without_a_result(tmp_path):
    table = B2B_SHEET.replace("Accepted |", "#N/A |").replace("Rejected", "=VLOOKUP(B7,Mine!A:B,2)")
    [sheet] = read_book(with_openpyxl(tmp_path / "book.xlsx", {"B2B": table})).sheets
    assert isinstance(sheet.rows, FastRows)
    assert by_name(sheet, 6)["status"] == CellError("#N/A")
    assert by_name(sheet, 7)["status"] == Uncalculated("=VLOOKUP(B7,Mine!A:B,2)")


def test_a_total_that_was_never_computed_below_the_data_comes_through(tmp_path):
    table = B2B_SHEET + "    -\n    | | | =SUM(D6:D7)\n"
    [sheet] = read_book(with_openpyxl(tmp_path / "book.xlsx", {"B2B": table})).sheets
    assert isinstance(sheet.rows, FastRows)
    assert by_name(sheet, 9)["value"] == Uncalculated("=SUM(D6:D7)")


def test_a_formula_with_a_stored_result_is_its_result(write):
    path = write({"B2B": B2B_SHEET})
    xml = read_part(path, "xl/worksheets/sheet1.xml")
    xml = re.sub(
        r'<c r="E7"[^>]*>.*?</c>', '<c r="E7" t="str"><f>"Acc"&amp;"epted"</f><v>Accepted</v></c>', xml
    )
    [sheet] = read_book(replace_part(path, "xl/worksheets/sheet1.xml", xml)).sheets
    assert by_name(sheet, 7)["status"] == "Accepted"


def awkward(book):
    sheet = book["B2B"]
    sheet["B6"].value, sheet["B7"].value = "  spaces\nand lines_x000D_", "=HYPERLINK"
    sheet["D6"].value, sheet["D6"].number_format = 46082.75, "[h]:mm"
    sheet["D7"].value, sheet["D7"].number_format = 0.5, "hh:mm"
    sheet["C6"].number_format = "0.00"
    sheet["C7"].value, sheet["C7"].number_format = 46082.75, "dd/mm/yyyy hh:mm"
    sheet["F6"].value, sheet["G6"].value, sheet["G7"].value = True, "#REF!", 1e90
    sheet["AZ6"].value, sheet["BB9"].value, sheet["E9"].value = "far", "farther", -0.1


@pytest.mark.parametrize("change", [lambda book: None, awkward])
def test_both_readers_say_the_same(write, change, monkeypatch):
    path = edit(write({"B2B": B2B_SHEET, "B2B (2)": B2B_SHEET}), change)
    fast = read_book(path)
    assert all(isinstance(sheet.rows, FastRows) for sheet in fast.sheets)
    monkeypatch.setattr(read_module, "read_sheet", lambda *_: (SheetScan("for the test"), ()))
    exact = read_book(path)
    assert all(isinstance(sheet.rows, list) for sheet in exact.sheets)
    for one, other in zip(fast.sheets, exact.sheets, strict=True):
        width = len(NAMES)
        assert rows_of(one, width) == rows_of(other, width)
        assert (one.columns, one.hidden_rows, one.filtered) == (
            other.columns,
            other.hidden_rows,
            other.filtered,
        )


def test_1904_dates_in_both_readers(write, monkeypatch):
    path = write({"B2B": B2B_SHEET})
    workbook = re.sub(r"<workbookPr[^>]*>", '<workbookPr date1904="1"/>', read_part(path, "xl/workbook.xml"))
    replace_part(path, "xl/workbook.xml", workbook)
    days = [by_name(read_book(path).sheets[0], 6)["date"]]
    monkeypatch.setattr(read_module, "read_sheet", lambda *_: (SheetScan("for the test"), ()))
    days.append(by_name(read_book(path).sheets[0], 6)["date"])
    assert days == [date(2030, 3, 2)] * 2


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"])
def test_a_far_out_cell_aborts_nothing(write, part):
    """On our sheet and on somebody's own."""
    path = write({"B2B": B2B_SHEET, "Solver": "x"})
    replace_part(path, part, read_part(path, part).replace("</sheetData>", FAR))
    assert rows_of(read_book(path).sheets[0]) == ROWS


def test_a_second_directory_of_the_zip_cannot_smuggle_a_sheet(write, tmp_path):
    """Some readers take the first of two directories, others the last: ours sees one package only."""
    path = write({"B2B": B2B_SHEET})
    good = path.read_bytes()
    replace_part(
        path,
        "xl/worksheets/sheet1.xml",
        read_part(path, "xl/worksheets/sheet1.xml").replace("</sheetData>", FAR),
    )
    bad = path.read_bytes()
    path.write_bytes(bad + good)
    assert rows_of(read_book(path).sheets[0]) == ROWS


def test_a_dimension_that_lies_costs_nothing(write):
    path = write({"B2B": B2B_SHEET})
    xml = re.sub(
        r'<dimension ref="[^"]*"/>',
        '<dimension ref="A1:XFD1048576"/>',
        read_part(path, "xl/worksheets/sheet1.xml"),
    )
    [sheet] = read_book(replace_part(path, "xl/worksheets/sheet1.xml", xml)).sheets
    assert rows_of(sheet) == ROWS


def test_a_hundred_thousand_blank_formatted_rows_are_no_rows(write):
    path = write({"B2B": B2B_SHEET})
    blanks = "".join(f'<row r="{n}" hidden="0"><c r="A{n}" s="0"/></row>' for n in range(8, 100_008))
    xml = read_part(path, "xl/worksheets/sheet1.xml").replace("</sheetData>", blanks + "</sheetData>")
    [sheet] = read_book(replace_part(path, "xl/worksheets/sheet1.xml", xml)).sheets
    assert rows_of(sheet) == ROWS


@pytest.mark.parametrize("before", ["<!-- -->", "<!-- -->" * 3])
def test_a_sheet_that_is_not_plain_is_read_exactly(write, before):
    path = write({"B2B": B2B_SHEET})
    xml = read_part(path, "xl/worksheets/sheet1.xml").replace("<sheetData>", before + "<sheetData>")
    [sheet] = read_book(replace_part(path, "xl/worksheets/sheet1.xml", xml)).sheets
    assert isinstance(sheet.rows, list)
    assert rows_of(sheet) == ROWS


def test_a_string_that_is_not_there_is_damage_and_not_a_blank(tmp_path):
    path = with_xlsxwriter(tmp_path / "book.xlsx", {"B2B": B2B_SHEET})
    xml = re.sub(r'(<c r="F7"[^>]*><v>)\d+', r"\g<1>4711", read_part(path, "xl/worksheets/sheet1.xml"))
    assert "is damaged" in complaint(replace_part(path, "xl/worksheets/sheet1.xml", xml))


@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml", "docProps/custom.xml"]
)
@pytest.mark.parametrize("xml", ['<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "<x>", "\x00"])
def test_hostile_and_broken_parts_are_refused_in_one_sentence(tmp_path, part, xml):
    path = with_xlsxwriter(tmp_path / "book.xlsx", {"B2B": B2B_SHEET})
    assert complaint(replace_part(path, part, xml)).endswith(".")


def test_a_workbook_without_styles_is_read(tmp_path):
    path = with_openpyxl(tmp_path / "book.xlsx", {"B2B": B2B_SHEET})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    del parts["xl/styles.xml"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    [sheet] = read_book(path).sheets
    assert sheet.title == "B2B"


def test_properties_of_any_type_are_text(write):
    path = write({"B2B": B2B_SHEET})
    custom = (
        '<Properties xmlns="urn:p" xmlns:vt="urn:v"><property name="n"><vt:i4>5</vt:i4></property>'
        '<property name="b"><vt:bool>true</vt:bool></property><property name="e"><vt:lpwstr/></property>'
        "</Properties>"
    )
    book = read_book(replace_part(path, "docProps/custom.xml", custom))
    assert book.properties == {"n": "5", "b": "true", "e": ""}


def test_strict_workbooks_are_read(tmp_path):
    path = with_openpyxl(tmp_path / "book.xlsx", {"B2B": B2B_SHEET})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    swaps = [
        (MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        (
            "http://schemas.openxmlformats.org/officeDocument/2006",
            "http://purl.oclc.org/ooxml/officeDocument",
        ),
    ]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            for old, new in swaps:
                data = data.replace(old.encode(), new.encode())  # noqa: PLW2901
            archive.writestr(name, data)
    assert read_part(path, "xl/workbook.xml").count("purl.oclc.org")
    assert rows_of(read_book(path).sheets[0]) == ROWS
