"""Write a workbook as .xlsb, the way Excel does as far as values go: there is no program here that can.

After [MS-XLSB]; that python-calamine reads the same values is asserted in ``tests/workbook/test_xlsb.py``.
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.utils.datetime import to_excel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ERRORS = {"#N/A": 0x2A, "#DIV/0!": 0x07, "#REF!": 0x17}
ROW, BLANK, ERROR, BOOL, REAL, TEXT, SHARED = 0, 1, 3, 4, 5, 6, 7
BEGIN_SHEET, END_SHEET, BEGIN_DATA, END_DATA, REACH = 129, 130, 145, 146, 148
BEGIN_BOOK, END_BOOK, BEGIN_SHEETS, END_SHEETS, SHEET, BOOK_PROPERTIES = 131, 132, 143, 144, 156, 153
BEGIN_TEXTS, END_TEXTS, SHARED_TEXT = 159, 160, 19


def varint(number: int) -> bytes:
    """A number in bytes of seven bits each."""
    data = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        data.append(low | (0x80 if number else 0))
        if not number:
            return bytes(data)


def record(kind: int, data: bytes = b"") -> bytes:
    return varint(kind) + varint(len(data)) + data


def wide(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


def row_record(number: int, *, hidden: bool = False) -> bytes:
    """A row's head; number from 1."""
    return record(ROW, struct.pack("<IIHBBBI", number - 1, 0, 300, 0, 0x10 if hidden else 0, 0, 0))


def cell_record(column: int, value: object, texts: dict[str, int]) -> bytes:
    """A cell; column from 0. Texts of even length are shared, the others are not."""
    head = struct.pack("<II", column, 0)
    if isinstance(value, bool):
        return record(BOOL, head + bytes([value]))
    if isinstance(value, datetime):
        value = to_excel(value)
    if isinstance(value, (int, float)):
        return record(REAL, head + struct.pack("<d", value))
    if value in ERRORS:
        return record(ERROR, head + bytes([ERRORS[value]]))
    if len(value) % 2:
        return record(TEXT, head + wide(value))
    return record(SHARED, head + struct.pack("<I", texts.setdefault(value, len(texts))))


def sheet_of(*records: bytes) -> bytes:
    """A sheet's part around the records of its rows."""
    head = record(BEGIN_SHEET) + record(REACH, struct.pack("<IIII", 0, 1_048_575, 0, 16_383))
    return b"".join([head, record(BEGIN_DATA), *records, record(END_DATA), record(END_SHEET)])


def sheet_part(sheet: Worksheet, texts: dict[str, int]) -> bytes:
    data = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [cell for cell in row if cell.value is not None]
        if cells:
            data.append(row_record(number, hidden=bool(sheet.row_dimensions[number].hidden)))
            data += [cell_record(cell.column - 1, cell.value, texts) for cell in cells]
    return sheet_of(*data)


def relationships(targets: dict[str, str]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/relationships/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def properties_part(workbook: Workbook) -> str:
    entries = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" name="{prop.name}">'
        f"<vt:lpwstr>{prop.value}</vt:lpwstr></property>"
        for number, prop in enumerate(workbook.custom_doc_props.props, start=2)
    )
    return (
        f'{HEAD}<Properties xmlns="{OFFICE}/custom-properties" xmlns:vt="{OFFICE}/docPropsVTypes">'
        f"{entries}</Properties>"
    )


def book_part(titles: list[str], flags: int = 0) -> bytes:
    sheets = [
        record(SHEET, struct.pack("<II", 0, number) + wide(f"rId{number}") + wide(title))
        for number, title in enumerate(titles, start=1)
    ]
    properties = record(BOOK_PROPERTIES, struct.pack("<III", flags, 0, 0))
    return b"".join(
        [record(BEGIN_BOOK), properties, record(BEGIN_SHEETS), *sheets, record(END_SHEETS), record(END_BOOK)]
    )


def write(workbook: Workbook, path: Path, changed: Mapping[str, bytes] | None = None) -> Path:
    """Write the values of a workbook; parts given by their name replace those written."""
    texts: dict[str, int] = {}
    parts: dict[str, str | bytes] = {
        f"xl/worksheets/sheet{number}.bin": sheet_part(sheet, texts)
        for number, sheet in enumerate(workbook.worksheets, start=1)
    }
    targets = {name.removeprefix("xl/"): "worksheet" for name in parts}
    targets["sharedStrings.bin"] = "sharedStrings"
    shared = [record(SHARED_TEXT, b"\0" + wide(text)) for text in texts]
    parts |= {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": relationships(
            {"xl/workbook.bin": "officeDocument", "docProps/custom.xml": "custom-properties"}
        ),
        "docProps/custom.xml": properties_part(workbook),
        "xl/workbook.bin": book_part(workbook.sheetnames),
        "xl/_rels/workbook.bin.rels": relationships(targets),
        "xl/sharedStrings.bin": b"".join(
            [record(BEGIN_TEXTS, struct.pack("<II", len(texts), len(texts))), *shared, record(END_TEXTS)]
        ),
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, (changed or {}).get(name, data))
    return path
