"""Workbooks written as small tables inside the test.

A line is a row, `` | `` parts the cells, ``-`` alone is an empty row. Cells: ``12.5`` a number,
``2026-03-01`` a date, ``TRUE`` a boolean, ``#N/A`` an error, ``=A1`` a formula, ``'12`` the text 12,
anything else text.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import xlsxwriter
from openpyxl.packaging.custom import StringProperty

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOOL = {"ims-xl version": "0.1.0", "ims-xl recipient": "27ZZZCK4501A1ZH"}

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?")


def cells(table: str) -> list[list[object]]:
    lines = [line.strip() for line in table.strip().splitlines()]
    return [
        [] if line == "-" else [_value(cell) for cell in re.split(r"\s+\|\s*|\s*\|\s+", line)]
        for line in lines
    ]


def _value(text: str) -> object:
    text = text.strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return text.removeprefix("'") or None


def with_openpyxl(path: Path, sheets: Mapping[str, str], properties: Mapping[str, str] = TOOL) -> Path:
    """Write with openpyxl: inline strings; formulas have no stored results."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, table in sheets.items():
        sheet = book.create_sheet(title)
        for row in cells(table):
            sheet.append(row)
    for name, value in properties.items():
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    book.save(path)
    return path


def with_xlsxwriter(path: Path, sheets: Mapping[str, str], properties: Mapping[str, str] = TOOL) -> Path:
    """Write with XlsxWriter: shared strings; formulas have the result 0."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd-mm-yyyy"})
    for title, table in sheets.items():
        sheet = book.add_worksheet(title)
        for number, row in enumerate(cells(table)):
            for column, value in enumerate(row):
                if value in _ERRORS:
                    sheet.write_formula(number, column, "=NA()", None, value)
                elif value is not None:
                    sheet.write(number, column, value)
    for name, value in properties.items():
        book.set_custom_property(name, value)
    book.close()
    return path


def sheet_xml(rows: str, *, before: str = "", after: str = "", namespace: str = MAIN) -> str:
    """Put hand-made rows into a worksheet."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="{namespace}">{before}'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def replace_part(path: Path, name: str, content: str | bytes) -> Path:
    """Write a part of a package anew, or add it; all others keep what they hold."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[name] = content.encode() if isinstance(content, str) else content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    return path


def read_part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()
