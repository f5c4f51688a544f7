"""The OOXML judges can say yes and no."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from excel_repairs import repairs
from hostile import books, zips
from ooxml import assert_no_worse, assert_valid

if TYPE_CHECKING:
    from pathlib import Path

STYLES, TABLE, LINKS = "xl/styles.xml", "xl/tables/table1.xml", "xl/_rels/workbook.xml.rels"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A sheet with a validation, a conditional format, a merged range and a filter; another with a table."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("B2B")
        for row, values in enumerate([("GSTIN", "Value"), ("g1", 1), ("g2", 2)]):
            sheet.write_row(row, 0, values)
        sheet.set_column("A:B", 12, workbook.add_format({"num_format": "#,##0.00"}))
        message = {"input_title": "Title", "input_message": "Message"}
        sheet.data_validation("A2:A3", {"validate": "list", "source": ["a", "b"], **message})
        red = workbook.add_format({"bg_color": "red"})
        sheet.conditional_format("A2:B3", {"type": "formula", "criteria": "=LEN($A2)=1", "format": red})
        sheet.merge_range("D1:E1", "both")
        sheet.write_formula("F1", "=SUM(B2:B3)")
        sheet.autofilter("A1:B3")
        table = workbook.add_worksheet("Table")
        table.add_table("A1:B3", {"columns": [{"header": "GSTIN"}, {"header": "Value"}]})
        workbook.define_name("Mine", "=B2B!$A$1:$A$3")
    return path


def spoil(book: Path, pattern: str, replacement: str, part: str = "") -> Path:
    """Copy a workbook, changing the XML of one part ("" is the sheet B2B)."""
    copy = book.with_name("spoilt.xlsx")
    books.change(book, copy, part, lambda xml: re.sub(pattern.encode(), replacement.encode(), xml, count=1))
    return copy


def test_a_valid_workbook_passes(book: Path):
    assert_valid(book)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        pytest.param("<autoFilter.*?/>(.*?</dataValidations>)", r'\1<autoFilter ref="A1:B3"/>', id="order"),
        pytest.param("<autoFilter ", "<autoFilter nonsense='1' ", id="attribute"),
        pytest.param('type="list"', 'type="lots"', id="value"),
        pytest.param("</sheetData>", "</sheetData><nonsense/>", id="element"),
    ],
)
def test_what_the_schema_forbids_fails(book: Path, pattern: str, replacement: str):
    with pytest.raises(
        AssertionError, match=r"spoilt\.xlsx: \d findings\n +error .*/xl/worksheets/sheet1\.xml"
    ):
        assert_valid(spoil(book, pattern, replacement))


@pytest.mark.parametrize(
    ("part", "pattern", "replacement", "says"),
    [
        (books.WORKBOOK, 'name="Table"', 'name="b2b"', "title 'b2b' is there twice"),
        (books.WORKBOOK, 'name="Table"', f'name="{"x" * 32}"', "title 'x+' is not allowed"),
        (books.WORKBOOK, 'name="Table"', 'name="a/b"', "title 'a/b' is not allowed"),
        (books.WORKBOOK, r"B2B!\$A\$1:\$A\$3", "Nowhere!$A$1", "Mine is about an unknown sheet"),
        (books.WORKBOOK, '(<definedName name="Mine".*?</definedName>)', r"\1\1", "mine is defined twice"),
        (LINKS, 'Id="rId2"', 'Id="rId77"', "Table: the sheet is missing"),
        (LINKS, "worksheets/sheet2", "worksheets/sheet7", "leads to missing xl/worksheets/sheet7"),
        (books.TYPES, '<Override PartName="/xl/worksheets/sheet2[^>]*>', "", "no content type of its own"),
        (books.TYPES, '<Default Extension="rels"[^>]*>', "", "workbook.xml.rels has no content type"),
        (books.TYPES, "worksheets/sheet2", "worksheets/sheet7", "missing part xl/worksheets/sheet7.xml"),
        (books.STRINGS, "<t>g1", f"<t>{'g' * 32_768}", "cell A2 holds 32768 characters"),
        (books.STRINGS, "<t>g1", "<t>\x07", "no XML"),
        ("", '<c r="B2" s="1"', '<c r="B2" s="99"', "B2 has the unknown style 99"),
        ("", '(<row r="2".*?</row>)(<row r="3".*?</row>)', r"\2\1", "row 2 stands behind row 3"),
        ("", '(<row r="2".*?</row>)', r"\1\1", "row 2 stands behind row 2"),
        ("", "</sheetData>", '<row r="1048577"/></sheetData>', "row 1048577 stands"),
        ("", '(<c r="A2".*?</c>)(<c r="B2".*?</c>)', r"\2\1", "cell A2 stands in row 2 behind column 2"),
        ("", '(<c r="A2".*?</c>)', r"\1\1", "cell A2 stands in row 2 behind column 1"),
        ("", 'r="A2"', 'r="A9"', "cell A9 stands in row 2"),
        ("", 't="s"><v>2</v>', 't="s"><v>999</v>', "holds an unknown text: 999"),
        ("", 's="1"><v>1<', 's="1"><v>one<', "B2 holds no number: one"),
        ("", 's="1"><v>1<', 's="1" t="b"><v>2<', "B2 holds no boolean: 2"),
        ("", 's="1"><v>1<', 's="1" t="inlineStr"><v>1<', "B2 has no text"),
        ("", r"SUM\(B2:B3\)", "SUM((B2:B3)", "F1 formula has unbalanced brackets"),
        ("", r"SUM\(B2:B3\)", "XLOOKUP(1,A:A,B:B)", "F1 formula needs _xlfn. before XLOOKUP"),
        ("", r"SUM\(B2:B3\)", '"unfinished', "F1 formula cannot be read"),
        ("", r"SUM\(B2:B3\)", "+1" * 5_000, "F1 formula has 10000 characters"),
        ("", "D1:E1", "D1", "merged range D1 is one cell"),
        ("", '<mergeCells count="1">', '<mergeCells><mergeCell ref="E1:F2"/>', "E1:F2 and D1:E1 overlap"),
        ("", "<cols>", '<cols><col min="1" max="3" width="9"/>', "columns .* overlap"),
        ("", '"a,b"', f'"{"a" * 256}"', "the list is too long"),
        ("", '"a,b"', "SUM(", "validation of A2:A3 has unbalanced brackets"),
        ("", 'prompt="Message"', f'prompt="{"M" * 256}"', "prompt is too long"),
        ("", 'promptTitle="Title"', f'promptTitle="{"T" * 33}"', "promptTitle is too long"),
        ("", '(dataValidations count)="1"', r'\1="7"', "7 validations are announced"),
        ("", 'dxfId="0"', 'dxfId="9"', "A2:B3 has the unknown style 9"),
        ("", r"LEN\(\$A2\)", "LEN($A2", "conditional format of A2:B3 has unbalanced brackets"),
        ("", '<autoFilter ref="A1:B3"', '<autoFilter ref="nonsense"', "the filter's range is nonsense"),
        ("", '(<autoFilter ref="A1:B3")/>', r'\1><filterColumn colId="9"/></autoFilter>', "column 9 of 2"),
        (TABLE, 'name="Value"', 'name="Other"', "table column Other is not what its heading says"),
        (TABLE, 'name="Value"', 'name="GSTIN"', "table column GSTIN is there twice"),
        (STYLES, r'cellXfs count="\d+"', 'cellXfs count="55"', "cellXfs says 55"),
        (STYLES, r'(<cellXfs.*?)fontId="\d+"', r'\1fontId="77"', "no font 77"),
        (STYLES, r'(<cellXfs.*?)numFmtId="\d+"', r'\1numFmtId="777"', "no number format 777"),
    ],
)  # fmt: skip
def test_what_excel_repairs_is_found(book: Path, part: str, pattern: str, replacement: str, says: str):
    found = "\n".join(repairs(spoil(book, pattern, replacement, part)))
    assert re.search(says, found), found


def test_a_part_that_is_there_twice_is_found(book: Path):
    spoilt = book.with_name("spoilt.xlsx")
    zips.doubled(spoilt, books.parts_of(book), books.STRINGS, b"<sst/>")
    assert "part xl/sharedStrings.xml is there twice" in repairs(spoilt)


def test_only_new_findings_count_against_a_workbook_saved_by_others(book: Path):
    spoilt = spoil(book, "<autoFilter ", "<autoFilter nonsense='1' ")
    assert_no_worse(spoilt, before=spoilt)
    with pytest.raises(AssertionError, match="nonsense"):
        assert_no_worse(spoilt, before=book)
