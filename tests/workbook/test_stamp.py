"""Stamped rows: the same workbook as XlsxWriter alone would have made."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import openpyxl
import pytest
from lxml import etree
from plain_writer import plain_workbook
from workbook_helpers import IMPORTS, build, credit_note, invoice, plan, sample_month, snapshot

from ims_excel.portal.embedding import dump_snapshot
from ims_excel.workbook.stamp import SheetRows, stamp

if TYPE_CHECKING:
    from pathlib import Path

    from ims_excel.portal.snapshot import Snapshot

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Cell(NamedTuple):
    """What a cell of a part says."""

    address: str
    look: tuple
    value: str | float | None


def cells(part: bytes, shared: list[str], looks: list[tuple]) -> list[Cell]:
    return [cell(node, shared, looks) for node in etree.fromstring(part).iterfind(".//m:c", NS)]


def cell(node, shared: list[str], looks: list[tuple]) -> Cell:
    place = node.get("r"), looks[int(node.get("s", 0))]
    if node.get("t") == "inlineStr":
        return Cell(*place, node.findtext("m:is/m:t", "", NS))
    value = node.findtext("m:v", None, NS)
    if node.get("t") == "s":
        return Cell(*place, shared[int(value)])
    return Cell(*place, float(value) if value and node.get("t", "n") == "n" else value)


def shared_texts(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    root = etree.fromstring(archive.read("xl/sharedStrings.xml"))
    return ["".join(text.text or "" for text in item.iter(f"{{{NS['m']}}}t")) for item in root]


def cell_looks(archive: zipfile.ZipFile) -> list[tuple]:
    """Every cell style in full: number format, font, fill, border, alignment, protection."""
    root = etree.fromstring(archive.read("xl/styles.xml"))
    codes = {node.get("numFmtId"): node.get("formatCode") for node in root.iterfind("m:numFmts/m:numFmt", NS)}
    kinds = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}
    parts = {
        key: [etree.tostring(node) for node in root.find(f"m:{name}", NS)] for key, name in kinds.items()
    }
    return [
        (
            codes.get(xf.get("numFmtId"), xf.get("numFmtId")),
            *(parts[key][int(xf.get(key))] for key in kinds),
            *(etree.tostring(node) for node in xf),
        )
        for xf in root.iterfind("m:cellXfs/m:xf", NS)
    ]


def conditional_looks(archive: zipfile.ZipFile) -> bytes:
    return etree.tostring(etree.fromstring(archive.read("xl/styles.xml")).find("m:dxfs", NS))


def without_rows(part: bytes) -> bytes:
    return re.sub(rb"<sheetData>.*</sheetData>", b"", part, flags=re.DOTALL)


def row_tags(part: bytes) -> list[bytes]:
    """The rows' own attributes, but for the spans, a hint that XlsxWriter computes for 16 rows at a time."""
    return [re.sub(rb' spans="[^"]*"', b"", tag) for tag in re.findall(rb"<row [^>]*>", part)]


def assert_same_workbook(folder: Path, found: Snapshot, **options: object) -> None:
    path = folder / "stamped.xlsx"
    build(path, found, **options)
    plain = zipfile.ZipFile(BytesIO(plain_workbook(plan(found, **options), dump_snapshot(found))))
    with zipfile.ZipFile(path) as stamped:
        assert set(stamped.namelist()) == set(plain.namelist())
        assert conditional_looks(stamped) == conditional_looks(plain)
        for name in set(stamped.namelist()) - {"xl/styles.xml", "xl/sharedStrings.xml"}:
            ours, theirs = stamped.read(name), plain.read(name)
            if name.startswith("xl/worksheets/sheet"):
                assert row_tags(ours) == row_tags(theirs), name
                assert without_rows(ours) == without_rows(theirs), name
                assert all_cells(stamped, ours) == all_cells(plain, theirs), name
            else:
                assert ours == theirs, name


def all_cells(archive: zipfile.ZipFile, part: bytes) -> list[Cell]:
    return cells(part, shared_texts(archive), cell_looks(archive))


def test_the_sample_month_is_cell_for_cell_what_xlsxwriter_writes(tmp_path):
    assert_same_workbook(tmp_path, sample_month(tmp_path, **IMPORTS))


def test_protected_and_continued_sheets_too(tmp_path):
    records = [invoice(f"INV-{number}", txval=number) for number in range(1, 8)]
    assert_same_workbook(tmp_path, snapshot(tmp_path, b2b=records), protect=True, rows_per_sheet=3)


AWKWARD = [
    "=1+1", "+91", "-5", "@SUM(A1)", "http://example.com", "Smith & Sons <p>", '"quoted"', "  blanks  ",
    "two\nlines", "tab\there", "carriage\rreturn", "bell\x07", "_x0041_", "x_x00e9_y", "₹ and महाराष्ट्र", "𝟙",
    "\ufffe",
]  # fmt: skip


def test_awkward_texts_are_what_xlsxwriter_writes(tmp_path):
    """All but U+FFFE, which XlsxWriter writes as it is, against XML's own rule."""
    records = [invoice(f"INV-{place}", tradenm=text) for place, text in enumerate(AWKWARD[:-1])]
    assert_same_workbook(tmp_path, snapshot(tmp_path, b2b=records))


def test_thousands_of_rows_are_the_same_too(tmp_path):
    """More rows than a batch and more names than are remembered."""
    records = [
        invoice(f"INV-{place}", tradenm=f"Supplier {place % 1200}", txval=place / 4) for place in range(1300)
    ]
    assert_same_workbook(tmp_path, snapshot(tmp_path, b2b=records, b2bcn=[credit_note(remarks="agreed")]))


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_come_back_as_text(tmp_path, text):
    path = tmp_path / "book.xlsx"
    build(path, snapshot(tmp_path, b2b=[invoice(tradenm=text)]))
    found = openpyxl.load_workbook(path)["B2B"]["B6"]
    assert found.data_type == "s"
    assert openpyxl.utils.escape.unescape(found.value).replace("\ufffe", "_xFFFE_") == text.replace(
        "\ufffe", "_xFFFE_"
    )


PART = (
    b'<worksheet><dimension ref="A1:B6"/><sheetData><row r="5"><c r="A5"/></row>'
    b'<row r="6" spans="1:2"><c r="A6" s="4"/><c r="B6" s="7"/></row></sheetData><end/></worksheet>'
)


def stamped(values: list, sparse: tuple[bool, bool] = (False, False)) -> str:
    height = max(len(column) for column in values)
    return b"".join(stamp(PART, SheetRows(6, height, sparse, [values]))).decode()


def test_only_the_rows_and_the_dimension_change():
    assert stamped([["a", "b"], []]) == (
        '<worksheet><dimension ref="A1:B7"/><sheetData><row r="5"><c r="A5"/></row>'
        '<row r="6" spans="1:2"><c r="A6" s="4" t="inlineStr"><is><t>a</t></is></c><c r="B6" s="7"/></row>'
        '<row r="7" spans="1:2"><c r="A7" s="4" t="inlineStr"><is><t>b</t></is></c><c r="B7" s="7"/></row>'
        "</sheetData><end/></worksheet>"
    )


def test_blanks_of_sparse_columns_are_left_out():
    text = stamped([["a", "b"], [None, "c"]], sparse=(False, True))
    assert "B6" not in text
    assert '<c r="B7" s="7"' in text


def test_a_text_among_amounts_and_an_amount_among_texts():
    from decimal import Decimal

    text = stamped([[Decimal("1.50"), "n/a", None], ["n/a", Decimal(2), None]])
    assert '<c r="A6" s="4"><v>1.50</v></c>' in text
    assert '<c r="A7" s="4" t="inlineStr"><is><t>n/a</t></is></c>' in text
    assert '<c r="B7" s="7"><v>2</v></c>' in text
    assert '<c r="A8" s="4"/><c r="B8" s="7"/>' in text


def test_a_part_without_a_prototype_is_refused():
    with pytest.raises(ValueError, match="no prototype in row 9"):
        list(stamp(PART, SheetRows(9, 1, (False,), [[["a"]]])))
