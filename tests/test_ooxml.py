"""The OOXML judge can say yes and no."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
import xlsxwriter
from ooxml import assert_no_worse, assert_valid

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("B2B")
        sheet.write_row(0, 0, ["GSTIN", "Value"])
        sheet.data_validation("A2:A9", {"validate": "list", "source": ["a", "b"]})
        sheet.autofilter("A1:B9")
    return path


def spoil(book: Path, pattern: str, replacement: str) -> Path:
    """Copy a workbook, changing the XML of its first sheet."""
    copy = book.with_name("spoilt.xlsx")
    with ZipFile(book) as source, ZipFile(copy, "w") as target:
        for part in source.infolist():
            text = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                text, changes = re.subn(pattern.encode(), replacement.encode(), text)
                assert changes == 1
            target.writestr(part, text)
    return copy


def test_a_valid_workbook_passes(book: Path):
    assert_valid(book)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        pytest.param("<autoFilter.*?/>(.*?</dataValidations>)", r'\1<autoFilter ref="A1:B9"/>', id="order"),
        pytest.param("<autoFilter ", "<autoFilter nonsense='1' ", id="attribute"),
        pytest.param('type="list"', 'type="lots"', id="value"),
        pytest.param("<sheetData>", '<sheetData><row r="x"/>', id="row number"),
        pytest.param("</sheetData>", "</sheetData><nonsense/>", id="element"),
    ],
)
def test_an_invalid_workbook_fails(book: Path, pattern: str, replacement: str):
    with pytest.raises(
        AssertionError, match=r"spoilt\.xlsx: \d findings\n  error .*/xl/worksheets/sheet1\.xml"
    ):
        assert_valid(spoil(book, pattern, replacement))


def test_only_new_findings_count_against_a_workbook_saved_by_others(book: Path):
    spoilt = spoil(book, "<autoFilter ", "<autoFilter nonsense='1' ")
    assert_no_worse(spoilt, before=spoilt)
    with pytest.raises(AssertionError, match="nonsense"):
        assert_no_worse(spoilt, before=book)
