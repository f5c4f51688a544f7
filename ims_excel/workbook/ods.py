"""Reading an OpenDocument spreadsheet (.ods): its sheets' values, exactly and within bounds.

LibreOffice, Excel and Google Sheets write it. Runs of equal rows and cells are told by a number, so that a
small file can claim millions of cells: runs of blanks cost nothing, and what holds something is counted.
"""

from __future__ import annotations

from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING
from xml.parsers import expat

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.cells import CellError, Uncalculated
from ims_excel.workbook.exact import RowRead
from ims_excel.workbook.foreignsheet import MAX_COLUMNS, ForeignSheet, Keeper
from ims_excel.workbook.grid import LAST_ROW
from ims_excel.workbook.markup import DoctypeError

if TYPE_CHECKING:
    from ims_excel.workbook.archive import Archive
    from ims_excel.workbook.cells import CellValue

CONTENT, META, MANIFEST, KIND = "content.xml", "meta.xml", "META-INF/manifest.xml", "mimetype"
MAX_TEXT = 1 << 20
"""Characters of one cell."""
MAX_DEPTH = 256

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT = (f"{_SPACE}{name}:1.0 " for name in ("table", "office", "text"))
_META = f"{{{_SPACE}meta:1.0}}"
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}
_ROW, _SHEET, _PARAGRAPH = f"{_TABLE}table-row", f"{_TABLE}table", f"{_TEXT}p"
_NUMBERS = {"float", "percentage", "currency"}
_BLANKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}


def read_ods(archive: Archive) -> tuple[dict[str, str], list[ForeignSheet]]:
    """Read the custom properties and the sheets in tab order.

    Raises:
        WorkbookError: when it is no spreadsheet, is encrypted, damaged, or holds more than is read.
    """
    if KIND in archive.names and b"spreadsheet" not in archive.read(KIND, 1 << 10):
        raise WorkbookError(archive.path, "is an OpenDocument file, but not a spreadsheet.")
    if MANIFEST in archive.names and b"encryption-data" in archive.read(MANIFEST):
        what = "is protected by a password: open it, remove the password and save it as .xlsx."
        raise WorkbookError(archive.path, what)
    properties = {}
    if META in archive.names:
        nodes = archive.tree(META).iter(f"{_META}user-defined")
        properties = {node.get(f"{_META}name", ""): "".join(node.itertext()).strip() for node in nodes}
    return properties, _Content(archive).read()


class _Content:
    """Walks content.xml.

    Attributes:
        _stack: the names of what is open.
        _tables: how many tables are open; the first is the sheet, others stand in its cells.
        _paragraph: how deep the open paragraph of a cell stands; 0 outside of one.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._keeper = Keeper(archive.path)
        self._sheets: list[ForeignSheet] = []
        self._stack: list[str] = []
        self._values: list[CellValue] = []
        self._cell: dict[str, str] = {}
        self._paragraphs: list[list[str]] = []
        self._row, self._row_run, self._column = 1, 1, 0
        self._length = 0
        self._is_hidden = False
        self._tables = 0
        self._paragraph = 0

    def read(self) -> list[ForeignSheet]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = _refuse
        with self._archive.naming_damage(CONTENT):
            try:
                for chunk in self._archive.open(CONTENT):
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
            except expat.ExpatError as problem:
                raise ValueError from problem
        return self._sheets

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        stack = self._stack
        if len(stack) > MAX_DEPTH:
            raise ValueError
        inside = stack[-1] if stack else ""
        stack.append(name)
        if name == _SHEET:
            self._tables += 1
            if self._tables == 1:
                self._sheets.append(ForeignSheet(attributes.get(f"{_TABLE}name", "")))
                self._row = 1
        elif self._paragraph:
            self._characters(_blank(name, attributes))
        elif self._tables == 1:
            self._start_in_sheet(name, inside, attributes)

    def _start_in_sheet(self, name: str, inside: str, attributes: dict[str, str]) -> None:
        if name in _CELLS and inside == _ROW:
            self._cell, self._paragraphs, self._length = attributes, [], 0
        elif name == _PARAGRAPH and inside in _CELLS:
            self._paragraphs.append([])
            self._paragraph = len(self._stack)
        elif name == _ROW:
            self._row_run = _run(attributes, "rows")
            self._values, self._column = [], 0
            self._is_hidden = attributes.get(f"{_TABLE}visibility") == "collapse"

    def _end(self, name: str) -> None:
        if len(self._stack) == self._paragraph:
            self._paragraph = 0
        self._stack.pop()
        if name == _SHEET:
            self._tables -= 1
        elif self._tables == 1 and name in _CELLS:
            self._end_cell()
        elif self._tables == 1 and name == _ROW:
            if self._values:
                self._keep_row()
            self._row += self._row_run

    def _end_cell(self) -> None:
        run = _run(self._cell, "columns")
        value = self._value()
        if value is not None and self._column < MAX_COLUMNS:
            self._values += [None] * (self._column - len(self._values))
            self._values += [value] * min(run, MAX_COLUMNS - self._column)
        self._column += run

    def _keep_row(self) -> None:
        if self._row + self._row_run - 1 > LAST_ROW:
            raise ValueError
        row = RowRead(self._row, self._values)
        self._keeper.keep(self._sheets[-1], row, is_hidden=self._is_hidden, times=self._row_run)

    def _characters(self, data: str) -> None:
        """Take in a cell's own text; that of its comment, or of a drawing in it, is none of a paragraph's."""
        if self._paragraph and data:
            self._length += len(data)
            if self._length > MAX_TEXT:
                raise ValueError
            self._paragraphs[-1].append(data)

    def _value(self) -> CellValue:
        cell, formula = self._cell, self._cell.get(f"{_TABLE}formula")
        kind = cell.get(f"{_OFFICE}value-type", "")
        text = "\n".join("".join(pieces) for pieces in self._paragraphs)
        if cell.get(f"{_CALC}value-type") == "error" or (formula and text in _ERRORS):
            return CellError(text or "#VALUE!")
        if kind in _NUMBERS:
            return _number(cell.get(f"{_OFFICE}value", ""))
        if kind == "date":
            return _date(cell.get(f"{_OFFICE}date-value", "")) or text or None
        if kind == "boolean":
            return cell.get(f"{_OFFICE}boolean-value") == "true"
        if formula and not kind and not text:
            return Uncalculated(formula)
        return text or cell.get(f"{_OFFICE}string-value") or None


def _blank(name: str, attributes: dict[str, str]) -> str:
    """Give the blanks that an element within a text stands for."""
    return " " * _count(attributes.get(f"{_TEXT}c")) if name == f"{_TEXT}s" else _BLANKS.get(name, "")


def _run(attributes: dict[str, str], of: str) -> int:
    return _count(attributes.get(f"{_TABLE}number-{of}-repeated"))


def _count(text: str | None) -> int:
    """Read how many times something stands there; at least once, and never more than a sheet has rows."""
    number = int(text) if text else 1
    if not 0 < number <= LAST_ROW:
        raise ValueError
    return number


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError
    return number


def _date(text: str) -> date | datetime | None:
    try:
        moment = datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return moment if "T" in text else moment.date()


def _refuse(*_: object) -> None:
    raise DoctypeError
