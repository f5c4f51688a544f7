"""Binary workbooks are read exactly, and nothing in them can do harm."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.packaging.custom import StringProperty
from python_calamine import CalamineWorkbook
from scenarios import binarybook as binary

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import foreignsheet, xlsb
from ims_excel.workbook.archive import Archive, open_file
from ims_excel.workbook.cells import CellError
from ims_excel.workbook.kinds import FileKind

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "xl/worksheets/sheet1.bin"


def read(path: Path) -> tuple[dict[str, str], list[foreignsheet.ForeignSheet]]:
    with open_file(path, {FileKind.XLSB}) as file:
        return xlsb.read_xlsb(Archive(path, file))


def book(**sheets: list[list[object]]) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return workbook


def test_values_are_read_as_calamine_reads_them(tmp_path):
    rows = [["GSTIN", "Nº", 1.5], [], [None, "odd", True, "even", datetime(2026, 3, 12), 118000]]
    path = binary.write(book(B2B=rows, Mine=[["₹"]]), tmp_path / "a.xlsb")
    _, sheets = read(path)
    assert [sheet.title for sheet in sheets] == ["B2B", "Mine"]
    assert [(row.number, list(row.values)) for row in sheets[0].rows] == [
        (1, ["GSTIN", "Nº", 1.5]),
        (3, [None, "odd", True, "even", 46093.0, 118000.0]),
    ]
    judged = CalamineWorkbook.from_path(path).get_sheet_by_name("B2B").to_python()
    assert judged[0][:3] == ["GSTIN", "Nº", 1.5]
    assert judged[2][1:] == ["odd", True, "even", 46093.0, 118000.0]


def test_errors_hidden_rows_and_properties_are_known(tmp_path):
    workbook = book(B2B=[["#N/A"], ["b"]])
    workbook["B2B"].row_dimensions[2].hidden = True
    workbook.custom_doc_props.append(StringProperty(name="ims-xl version", value="1"))
    properties, (sheet,) = read(binary.write(workbook, tmp_path / "a.xlsb"))
    assert properties == {"ims-xl version": "1"}
    assert sheet.rows[0].values == [CellError("#N/A")]
    assert sheet.hidden_rows == [2]


def head_of(number: float) -> int:
    return struct.unpack("<Q", struct.pack("<d", number))[0] >> 32


@pytest.mark.parametrize(
    ("packed", "number"),
    [
        ((118000 << 2) | 2, 118000.0),
        ((5693559 << 2) | 3, 56935.59),
        (((-7 << 2) | 2) & 0xFFFFFFFF, -7.0),
        (head_of(1.5), 1.5),
        (head_of(150.0) | 1, 1.5),
    ],
)
def test_packed_numbers(packed, number, tmp_path):
    cell = binary.record(2, struct.pack("<III", 0, 0, packed))
    path = binary.write(
        book(B2B=[["x"]]), tmp_path / "a.xlsb", {SHEET: binary.sheet_of(binary.row_record(1), cell)}
    )
    _, (sheet,) = read(path)
    assert sheet.rows[0].values == [number]
    assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python() == [[number]]


def test_results_of_formulas_and_rich_texts(tmp_path):
    records = [
        binary.row_record(1),
        binary.record(8, struct.pack("<II", 0, 0) + binary.wide("Accepted") + bytes(10)),
        binary.record(9, struct.pack("<IId", 1, 0, 2.5) + bytes(10)),
        binary.record(11, struct.pack("<IIB", 2, 0, 0x2A) + bytes(10)),
        binary.record(62, struct.pack("<II", 3, 0) + b"\1" + binary.wide("rich") + bytes(8)),
    ]
    path = binary.write(book(B2B=[["x"]]), tmp_path / "a.xlsb", {SHEET: binary.sheet_of(*records)})
    _, (sheet,) = read(path)
    assert sheet.rows[0].values == ["Accepted", 2.5, CellError("#N/A"), "rich"]


ROW_1 = binary.row_record(1)
NUMBER = struct.pack("<IId", 0, 0, 1.0)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([binary.record(5, NUMBER)], id="no row"),
        pytest.param([ROW_1, binary.record(5, NUMBER), binary.record(5, NUMBER)], id="column twice"),
        pytest.param([ROW_1, binary.record(5, NUMBER[:9])], id="cell cut off"),
        pytest.param([ROW_1, binary.record(5, struct.pack("<IId", 0, 0, float("nan")))], id="no number"),
        pytest.param([ROW_1, binary.record(7, struct.pack("<III", 0, 0, 99))], id="unknown text"),
        pytest.param([ROW_1, binary.record(6, struct.pack("<III", 0, 0, 1 << 31) + b"x")], id="long text"),
        pytest.param([ROW_1, binary.record(6, struct.pack("<III", 0, 0, 1) + b"\0\xd8")], id="surrogate"),
        pytest.param([ROW_1, ROW_1], id="row twice"),
        pytest.param([binary.row_record(1_048_577)], id="row below the last"),
        pytest.param([binary.record(0, b"\0")], id="row cut off"),
        pytest.param([b"\x05\xff\xff\xff\x7f"], id="record too long"),
        pytest.param([b"\x05\x10"], id="record cut off"),
    ],
)
def test_damage_is_said_in_a_sentence(records, tmp_path):
    path = binary.write(book(B2B=[["x"]]), tmp_path / "a.xlsb", {SHEET: b"".join(records)})
    with pytest.raises(WorkbookError, match=r"damaged in its part xl/worksheets/sheet1.bin"):
        read(path)


def test_far_cells_and_many_cells_take_no_memory(tmp_path, monkeypatch):
    far = binary.record(5, struct.pack("<IId", 16_383, 0, 1.0))
    sheet1 = binary.sheet_of(binary.row_record(1_048_576), far)
    _, (sheet,) = read(binary.write(book(B2B=[["x"]]), tmp_path / "a.xlsb", {SHEET: sheet1}))
    assert sheet.rows == []
    monkeypatch.setattr(foreignsheet, "MAX_CELLS_KEPT", 3)
    with pytest.raises(WorkbookError, match="more cells than ims-xl reads"):
        read(binary.write(book(B2B=[["x"], ["y"], ["z"], ["z"]]), tmp_path / "b.xlsb"))


def test_dates_counted_from_1904_are_refused(tmp_path):
    changed = {"xl/workbook.bin": binary.book_part(["B2B"], flags=1)}
    path = binary.write(book(B2B=[["x"]]), tmp_path / "a.xlsb", changed)
    with pytest.raises(WorkbookError, match="1904"):
        read(path)
