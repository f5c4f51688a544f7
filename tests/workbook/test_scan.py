"""The guard: nothing may hide from it, wherever a chunk ends."""

import re

import pytest
from tables import MAIN, sheet_xml

from ims_excel.workbook import scan as scan_module
from ims_excel.workbook.cells import CellError, Uncalculated
from ims_excel.workbook.scan import SheetScan, check_strings, scan_stretches

PLAIN = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="2"/></row>'
    '<row r="2" spans="1:3"><c r="A2" t="inlineStr"><is><t xml:space="preserve"> x</t></is></c>'
    '<c r="B2" s="3"><v>46082</v></c><c r="C2" t="b"><v>1</v></c></row>'
    '<row r="3" ht="20" customHeight="1"/><row r="4"></row>'
)


def chunked(xml, size=1 << 18):
    data = xml if isinstance(xml, bytes) else xml.encode()
    return (data[start : start + size] for start in range(0, len(data), size))


def scan_sheet(chunks):
    scan = SheetScan()
    for _ in scan_stretches(chunks, scan, 1 << 22):
        pass
    return scan


def oddity(xml, size=1 << 18):
    return scan_sheet(chunked(xml, size)).oddity


def test_what_spreadsheet_programs_write_is_plain():
    views = '<dimension ref="A1:C2"/><cols><col min="1" max="3" width="9"/></cols>'
    after = '<autoFilter ref="A1:C2"/><mergeCells><mergeCell ref="A1:B1"/></mergeCells><rowBreaks count="0"/>'
    assert not oddity(sheet_xml(PLAIN, before=views, after=after))
    assert not oddity("\ufeff" + sheet_xml(PLAIN).replace("?>\n", "?>\r\n"))
    assert not oddity(f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>')


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="AAA1"><v>1</v></c></row>',
        '<row r="1"><c r="A1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A9999999999"><v>1</v></c></row>',
        '<row r="1"><c s="1" r="XFD1048576"><v>1</v></c></row>',
        "<row r=\"1\"><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c\nr="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><x:c r="XFD1048576"><v>1</v></x:c></row>',
        '<c r="XFD1048576"><v>1</v></c>',
        '<row r="1"/><c r="XFD1048576"><v>1</v></c>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="A900000"><v>1</v></c></row>',
        '<row r="1"><c><v>1</v></c></row>',
        '<row><c r="A1"><v>1</v></c></row>',
        "<row r='1'><c r=\"A1\"><v>1</v></c></row>",
        '<row r="1"><c r="A1" t="d"><v>2026-03-01</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v><![CDATA[0]]></v></c></row>',
        '<row r="1"><c r="A1" t="str"><v>a\rb</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a_b_xFFFE_</t></is></c></row>',
        '<row r="1"><c r="A1" t="str"><v>_xffff_</v></c></row>',
        '<row r="1"><c r="A1"><unknown/></c></row>',
        '<row r="1"><c r="A1"><v>nan</v></c></row>',
        '<row r="1"><c r="A1" s="1" t="n"><v>-Infinity</v></c></row>',
        '<row r="1"><c r="A1"><v>1e400</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><f>1+1</f></c></row>',
        '<row r="1"><c r="A1" t="str"><v>x</v><f>1+1</f></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is><v>1</v></c></row>',
        '<row r="1"><c r="A1" s="2"><v>1</v><v>2</v></c></row>',
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="1"><c r="A1"/></row><row r="2"><c r="A2"/><c r="B1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"/><c r="B2"><v>1</v></c></row><row r="2"><c r="A2"/></row>',
        '<row r="1"/><row r="2"><c r="A1"/></row><row r="3"></row>',
        '<row r="1"/><c r="A1"/></row>',
        '<row r="1"><row r="2"><c r="A2"/></row></row>',
        '<row r="1"><c r="A1"/></row><c r="A1"/><row r="2"><c r="A2"/></row>',
    ],
)
def test_what_the_fast_reader_must_not_get(rows):
    for size in (1 << 18, 64, 7, 1):
        assert oddity(sheet_xml(rows), size)
        assert oddity(sheet_xml(PLAIN + rows), size)


@pytest.mark.parametrize(
    "xml",
    [
        sheet_xml(PLAIN, namespace="http://purl.oclc.org/ooxml/spreadsheetml/main"),
        sheet_xml(PLAIN).replace("<worksheet xmlns", "<x:worksheet xmlns:x"),
        sheet_xml(PLAIN).replace("UTF-8", "UTF-16"),
        sheet_xml(PLAIN).encode("utf-16"),
        sheet_xml(PLAIN).replace("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
        sheet_xml(PLAIN, before="<!-- -->"),
        sheet_xml(PLAIN, after='<sheetData><row r="1"><c r="XFD1048576"/></row></sheetData>'),
        sheet_xml(PLAIN, after='<x:row r="7"><c r="XFD1048576"/></x:row>'),
        sheet_xml(PLAIN)[:-30],
        "",
    ],
)
def test_sheets_of_an_unusual_form_are_for_the_exact_reader(xml):
    for size in (1 << 18, 5):
        assert oddity(xml, size)


@pytest.mark.parametrize(
    ("attributes", "cells"),
    [
        (' spans="1:52"', '<c r="A7" s="1" t="inlineStr"><is><t>x</t></is></c><c r="AZ7" s="4"/>'),
        (' x14ac:dyDescent="0.25"', '<c r="A7" s="1" t="s"><v>3</v></c><c r="B7"><v>-1.5E-2</v></c>'),
        (' ht="12.8" hidden="true" outlineLevel="0"', '<c r="A7" s="1" t="b"><v>1</v></c>'),
        ("", '<c r="A7" t="n"><v>7</v></c><c r="B7" t="str"><f aca="false">A1&amp;B1</f><v>x &lt; y</v></c>'),
        ("", '<c r="A7"><f t="shared" si="0"/><v>2</v></c><c r="B7"></c>'),
    ],
    ids=["build", "Excel", "LibreOffice", "openpyxl", "shared formula"],
)
def test_rows_as_programs_write_them_are_looked_at_in_one_go(attributes, cells, monkeypatch):
    def look_closer(*_):
        raise AssertionError(cells)

    monkeypatch.setattr(scan_module._Guard, "_look_closer", look_closer)
    scan = scan_sheet(chunked(sheet_xml(f'<row r="7"{attributes}>{cells}</row>')))
    assert (scan.oddity, scan.hidden_rows) == ("", [7] if "hidden" in attributes else [])


def test_columns_may_go_on_to_zz_when_the_rectangle_stays_small():
    assert not oddity(sheet_xml('<row r="1"><c r="A1"><v>1</v></c><c r="ZZ1"><v>1</v></c></row>'))


def test_a_rectangle_has_a_largest_size(monkeypatch):
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 60))
    assert not oddity(sheet_xml(rows))
    monkeypatch.setattr(scan_module, "MAX_CELLS", 59 * 52 - 1)
    assert oddity(sheet_xml(rows)) == "too large a rectangle"


@pytest.mark.parametrize("first", [1, 8, 95, 989, 9_990, 99_989, 999_989, 1_048_560])
def test_rows_of_any_number_of_digits_are_in_bounds(first):
    rows = "".join(f'<row r="{n}"><c r="B{n}"><v>1</v></c></row>' for n in range(first, first + 16))
    for size in (1 << 18, 100):
        assert not oddity(sheet_xml(rows), size)


def test_a_row_longer_than_the_bound_is_odd(monkeypatch):
    monkeypatch.setattr(scan_module, "MAX_ROW_BYTES", 1000)
    long = '<row r="1">' + "".join(f'<c r="A1" s="{n}"/>' for n in range(100)) + "</row>"
    assert oddity(sheet_xml(long), 100) == "a row of uncommon length"


@pytest.mark.parametrize(
    ("cell", "column", "value"),
    [
        ('<c r="B7" t="e"><v>#N/A</v></c>', 1, CellError("#N/A")),
        ('<c r="AB7" s="4" t="e"><f>A1/0</f><v>#DIV/0!</v></c>', 27, CellError("#DIV/0!")),
        ('<c r="B7"><f>VLOOKUP(A7,X!A:B,2)&amp;""</f></c>', 1, Uncalculated('=VLOOKUP(A7,X!A:B,2)&""')),
        ('<c r="B7" s="1"><f aca="false">A1</f><v></v></c>', 1, Uncalculated("=A1")),
        ('<c r="B7"><f>A1</f><v/></c>', 1, Uncalculated("=A1")),
        ('<c r="B7"><f t="shared" si="0"/></c>', 1, Uncalculated("=")),
    ],
)
def test_cells_the_fast_reader_would_show_as_blank_are_found(cell, column, value):
    rows = f'{PLAIN}<row r="7"><c r="A7"><v>1</v></c>{cell}<c r="AZ7"/></row>'
    for size in (1 << 18, 50, 3, 1):
        assert scan_sheet(chunked(sheet_xml(rows), size)).corrections == {7: [(column, value)]}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B7"><f>1+1</f><v>2</v></c>',
        '<c r="B7" t="str"><f>""</f><v></v></c>',
        '<c r="B7" t="str"><f>A1</f><v>x</v></c>',
        '<c r="B7" t="b"><f>TRUE()</f><v>1</v></c>',
        '<c r="B7" cm="1"><v>2</v></c>',
        '<c r="B7" t="str"><v>No, 1e999</v></c>',
        '<c r="B7"><v>1.5E-300</v></c>',
        '<c r="B7"><f t="shared" si="0"/><v>2</v></c>',
        '<c r="B7"><v xml:space="preserve">2</v></c>',
    ],
)
def test_stored_results_need_no_correction(cell):
    scan = scan_sheet(chunked(sheet_xml(f'<row r="7">{cell}</row>')))
    assert (scan.oddity, scan.corrections) == ("", {})


def test_hidden_rows_and_filters_are_noticed_wherever_a_chunk_ends():
    hidden = '<row r="1" hidden="1"><c r="A1"/></row><row hidden="true" r="2"/>'
    rows = hidden + '<row r="3" hidden="0"/><row r="4" hidden="false"/>'
    criteria = '<autoFilter ref="A1:B4"><filterColumn colId="0"><filters/></filterColumn></autoFilter>'
    for size in (1 << 18, 40, 1):
        scan = scan_sheet(chunked(sheet_xml(rows, after=criteria), size))
        assert (scan.hidden_rows, scan.filtered) == ([1, 2], True)
    assert not scan_sheet(chunked(sheet_xml(rows, after='<autoFilter ref="A1:B4"/>'))).filtered


def test_shared_strings_of_an_unusual_form_are_for_the_exact_reader(monkeypatch):
    plain = f'<?xml version="1.0"?>\r\n<sst xmlns="{MAIN}"><si><t>a</t></si><si><t>b</t></si></sst>'
    for size in (1 << 18, 3):
        assert not check_strings(chunked(plain, 1 << 18))
        assert check_strings(chunked(plain.replace("<sst", '<!DOCTYPE sst [<!ENTITY e "x">]><sst'), size))
        assert check_strings(chunked(plain.replace("<t>a", "<t><![CDATA[a]]>"), size))
        assert check_strings(chunked(plain.replace("<t>a", "<t>a_b_xFFFE_"), size))
        assert not check_strings(chunked(plain.replace("<t>a", "<t>_x000D_xFFF_"), 1 << 18))
    assert check_strings(chunked(plain.replace("<sst xmlns", "<x:sst xmlns:x")))
    monkeypatch.setattr(scan_module, "MAX_STRINGS", 1)
    assert check_strings(chunked(plain)) == "too many shared strings"


def test_stretches_are_sheets_of_whole_rows():
    row = '<row r="%d"><c r="A%d"><v>1</v></c></row>'
    rows = "".join(row % (n, n) for n in range(1, 10))
    scan = SheetScan()
    found = list(scan_stretches(chunked(sheet_xml(rows), 50), scan, 100))
    assert not scan.oddity
    assert len(found) > 2
    assert all(part.startswith(b"<?xml") and part.endswith(b"</sheetData></worksheet>") for part in found)
    assert "".join(re.findall(r"<row.*</row>", part.decode())[0] for part in found) == rows


def test_rows_far_apart_are_read_in_stretches_of_their_own_or_exactly():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="A900000"><v>1</v></c></row>'
    scan = SheetScan()
    assert len(list(scan_stretches(chunked(sheet_xml(rows)), scan, 10))) == 2
    assert not scan.oddity
