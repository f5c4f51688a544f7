"""Reading a binary workbook (.xlsb) of Excel: its sheets' values, exactly and within bounds.

A part is a row of records: a number that tells its kind, its length, its bytes ([MS-XLSB] 2.1.4). Only the
records that hold sheets, texts, rows and values are looked at.
"""

from __future__ import annotations

import struct
from math import isfinite
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.archive import local_name
from ims_excel.workbook.cells import CellError
from ims_excel.workbook.exact import RowRead
from ims_excel.workbook.foreignsheet import CHARACTERS_OF_A_CELL, MAX_COLUMNS, ForeignSheet, Keeper
from ims_excel.workbook.grid import LAST_ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ims_excel.workbook.archive import Archive
    from ims_excel.workbook.cells import CellValue

MAX_RECORD_BYTES = 1 << 20
"""Bytes of one record; a text of 32,767 characters takes 65,550."""

_ROW, _WORKBOOK_PROPERTIES, _SHEET, _SHARED_TEXT = 0, 153, 156, 19
_RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED = 2, 3, 4, 5, 6, 7
_FORMULA_TEXT, _FORMULA_REAL, _FORMULA_BOOL, _FORMULA_ERROR, _RICH_TEXT = 8, 9, 10, 11, 62
_CELL_HEAD, _HIDDEN = 8, 0x10
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A",
}  # fmt: skip


def read_xlsb(archive: Archive) -> tuple[dict[str, str], list[ForeignSheet]]:
    """Read the custom properties and the sheets in tab order; dates come as their serial numbers.

    Raises:
        WorkbookError: when it is damaged, holds more than is read, or counts its dates from 1904.
    """
    workbook = archive.related("", "officeDocument")
    if workbook is None:
        raise archive.damaged("_rels/.rels")
    with archive.naming_damage(workbook):
        parts = _sheet_parts(archive, workbook)
    keeper = Keeper(archive.path)
    strings = _strings(archive, archive.related(workbook, "sharedStrings"), keeper)
    sheets = []
    for title, part in parts:
        with archive.naming_damage(part):
            sheets.append(_Sheet(title, strings, keeper).read(archive, part))
    return _properties(archive), sheets


def _properties(archive: Archive) -> dict[str, str]:
    name = archive.related("", "custom-properties")
    nodes = archive.tree(name) if name else ()
    return {
        node.get("name", ""): "".join(node.itertext()).strip()
        for node in nodes
        if local_name(node.tag) == "property"
    }


def _records(archive: Archive, part: str) -> Iterator[tuple[int, bytes]]:
    """Give a part's records: kind and bytes; ValueError when they do not fit together."""
    data, position = b"", 0
    for chunk in archive.open(part):
        data, position = data[position:] + chunk, 0
        while (head := _head(data, position)) is not None:
            kind, size, start = head
            if size > MAX_RECORD_BYTES:
                raise ValueError
            if start + size > len(data):
                break
            yield kind, data[start : start + size]
            position = start + size
    if position < len(data):
        raise ValueError


def _head(data: bytes, position: int) -> tuple[int, int, int] | None:
    """Read a record's kind, its length and where its bytes begin; None when more data is needed."""
    kind = _varint(data, position, 2)
    length = _varint(data, kind[1], 4) if kind else None
    return (kind[0], *length) if kind and length else None


def _varint(data: bytes, position: int, longest: int) -> tuple[int, int] | None:
    """Read a number in bytes of seven bits each; kinds are known by the number their bytes give."""
    number = 0
    for index, byte in enumerate(data[position : position + longest]):
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80 or index == longest - 1:
            return number, position + index + 1
    return None


def _sheet_parts(archive: Archive, workbook: str) -> list[tuple[str, str]]:
    """List title and part of each worksheet."""
    relations = archive.relationships(workbook)
    found = []
    for kind, data in _records(archive, workbook):
        if kind == _WORKBOOK_PROPERTIES and data[:1] and data[0] & 1:
            what = "counts its dates from 1904: open it in Excel and save it as .xlsx."
            raise WorkbookError(archive.path, what)
        if kind == _SHEET:
            relation, end = _wide(data, 8)
            title, _ = _wide(data, end)
            what, part = relations.get(relation, ("", ""))
            if part not in archive.names:
                raise ValueError
            if what == "worksheet":
                found.append((title, part))
    return found


def _strings(archive: Archive, part: str | None, keeper: Keeper) -> Sequence[str]:
    if part is None:
        return ()
    found: list[str] = []
    with archive.naming_damage(part):
        for kind, data in _records(archive, part):
            if kind == _SHARED_TEXT:
                found.append(_wide(data, 1)[0])
                keeper.count(1 + len(found[-1]) // CHARACTERS_OF_A_CELL)
    return found


def _wide(data: bytes, position: int) -> tuple[str, int]:
    """Read a text and where it ends; ValueError when it does not fit."""
    end = position + 4 + 2 * _unpack("<I", data, position)
    if end > len(data):
        raise ValueError
    return data[position + 4 : end].decode("utf-16-le"), end


def _unpack(form: str, data: bytes, position: int) -> int:
    try:
        number: int = struct.unpack_from(form, data, position)[0]
    except struct.error:
        raise ValueError from None
    return number


class _Sheet:
    """Reads one sheet."""

    def __init__(self, title: str, strings: Sequence[str], keeper: Keeper) -> None:
        self._sheet = ForeignSheet(title)
        self._strings = strings
        self._keeper = keeper
        self._row, self._is_hidden = 0, False
        self._values: list[CellValue] = []

    def read(self, archive: Archive, part: str) -> ForeignSheet:
        for kind, data in _records(archive, part):
            if kind == _ROW:
                self._start_row(data)
            elif kind in _READERS:
                self._keep(_unpack("<I", data, 0), self._value(kind, data))
        self._end_row()
        return self._sheet

    def _start_row(self, data: bytes) -> None:
        self._end_row()
        number = _unpack("<I", data, 0) + 1
        if not self._row < number <= LAST_ROW:
            raise ValueError
        self._row = number
        self._is_hidden = bool(_unpack("<B", data, 11) & _HIDDEN)

    def _end_row(self) -> None:
        if self._values:
            self._keeper.keep(self._sheet, RowRead(self._row, self._values), is_hidden=self._is_hidden)
            self._values = []

    def _keep(self, column: int, value: CellValue) -> None:
        if column < len(self._values) or not self._row:
            raise ValueError
        if column < MAX_COLUMNS and value is not None:
            self._values += [None] * (column - len(self._values))
            self._values.append(value)

    def _value(self, kind: int, data: bytes) -> CellValue:
        if kind == _SHARED:
            index = _unpack("<I", data, _CELL_HEAD)
            if index >= len(self._strings):
                raise ValueError
            return self._strings[index] or None
        return _READERS[kind](data)


def _real(data: bytes) -> float:
    number = float(_unpack("<d", data, _CELL_HEAD))
    if not isfinite(number):
        raise ValueError
    return number


def _rk(data: bytes) -> float:
    """Read a number packed into 30 bits: an integer or the head of a real, perhaps of hundredths."""
    packed = _unpack("<I", data, _CELL_HEAD)
    if packed & 2:
        number = float(_unpack("<i", data, _CELL_HEAD) >> 2)
    else:
        number = float(struct.unpack("<d", struct.pack("<II", 0, packed & ~3))[0])
    return number / 100 if packed & 1 else number


def _text(data: bytes) -> str | None:
    return _wide(data, _CELL_HEAD)[0] or None


def _rich_text(data: bytes) -> str | None:
    return _wide(data, _CELL_HEAD + 1)[0] or None


def _bool(data: bytes) -> bool:
    return bool(_unpack("<B", data, _CELL_HEAD))


def _error(data: bytes) -> CellError:
    return CellError(_ERRORS.get(_unpack("<B", data, _CELL_HEAD), "#VALUE!"))


_READERS: dict[int, Callable[[bytes], CellValue]] = {
    _RK: _rk, _ERROR: _error, _BOOL: _bool, _REAL: _real, _TEXT: _text, _SHARED: _text,
    _FORMULA_TEXT: _text, _FORMULA_REAL: _real, _FORMULA_BOOL: _bool, _FORMULA_ERROR: _error,
    _RICH_TEXT: _rich_text,
}  # fmt: skip
"""By kind of record, what reads its value; a shared text is looked up instead."""
