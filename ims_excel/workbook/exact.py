"""The exact reader: one sheet's XML streamed through expat, whatever program wrote it.

Slower than python-calamine, but it takes every spelling of a cell (prefixes, strict namespaces, missing
addresses, rich text), keeps error values and formulas without a result, and holds only what has content:
its memory grows with the cells kept, never with the addresses a file claims.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.cells import CellError, Uncalculated, column_index
from ims_excel.workbook.grid import LAST_ROW
from ims_excel.workbook.serials import EPOCH_1900, EPOCH_1904, as_date, as_duration, from_iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.package import Package
    from ims_excel.workbook.serials import DateStyles

MAX_STRINGS = 32 << 20
"""Shared strings of a workbook that are kept."""
MAX_STRINGS_BYTES = 1 << 30
"""Inflated bytes of the shared strings."""
MAX_TEXT = 1 << 20
"""Characters of one cell; Excel allows 32,767."""
MAX_CELLS_KEPT = 64 << 20
"""Places in the rows kept of one sheet: 1,048,576 rows of 64 columns."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_ESCAPED = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")  # half characters stay as they are
_DIGITS = "0123456789"
_TRUE = frozenset({"1", "true"})


class RowRead(NamedTuple):
    """A row that holds something.

    Attributes:
        number: 1-based.
        values: by 0-based column; may end before the last column. Numbers are float, blanks None.
    """

    number: int
    values: Sequence[CellValue]


class SharedIndex(float):
    """The index of a shared string that is looked up later, so that only those needed are kept."""

    def __bool__(self) -> bool:
        """Count as something: the first string has the index 0."""
        return True


def read_strings(package: Package, wanted: AbstractSet[int] | None = None) -> Mapping[int, str]:
    """Read the workbook's shared strings by index: rich text joined, readings (phonetic runs) left out.

    With ``wanted`` only those are kept. Memory: the strings kept.
    """
    name = package.related(package.workbook_part, "sharedStrings")
    if name is None:
        return {}
    if package.info(name).file_size > MAX_STRINGS_BYTES:
        raise WorkbookError(
            package.path, f"its texts unpack to more than ims-xl reads ({MAX_STRINGS_BYTES:,} bytes)."
        )
    reader = _StringReader(wanted)
    for _ in _parsing(package, name, reader.parser, lambda: reader.index > MAX_STRINGS):
        if wanted is not None and len(reader.strings) == len(wanted):
            break
    return reader.strings


class _Text:
    """Collects the text of ``<t>`` elements, outside of phonetic runs."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.is_inside = False
        self.phonetic = 0

    def start(self, name: str) -> None:
        if name == "t":
            self.is_inside = not self.phonetic
        elif name == "rPh":
            self.phonetic += 1

    def end(self, name: str) -> None:
        if name == "t":
            self.is_inside = False
        elif name == "rPh":
            self.phonetic -= 1

    def take(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        return unescape(text)


class _StringReader:
    """expat handlers for sharedStrings.xml."""

    def __init__(self, wanted: AbstractSet[int] | None) -> None:
        self.strings: dict[int, str] = {}
        self.wanted = wanted
        self.index = 0
        self.text = _Text()
        self.parser = _parser(self.start, self.end, self.characters)

    def start(self, name: str, _: dict[str, str]) -> None:
        self.text.start(_local(name))

    def end(self, name: str) -> None:
        name = _local(name)
        if name != "si":
            self.text.end(name)
            return
        text = self.text.take()
        if self.wanted is None or self.index in self.wanted:
            self.strings[self.index] = text
        self.index += 1

    def characters(self, data: str) -> None:
        if self.text.is_inside:
            self.text.parts.append(data)


class SheetReader:
    """Reads one sheet; use ``rows`` once.

    Attributes:
        hidden_rows: numbers of the hidden rows met so far.
        filtered: a filter with criteria was met.
    """

    def __init__(
        self,
        package: Package,
        part: str,
        styles: DateStyles,
        string: Callable[[int], CellValue],
        columns: int,
    ) -> None:
        """Prepare to read the first ``columns`` columns of a part; ``string`` gives a shared string."""
        self._package, self._part, self._columns = package, part, columns
        self._dates = {str(index) for index in styles.dates}
        self._durations = {str(index) for index in styles.durations}
        self._string = string
        self._epoch = EPOCH_1904 if package.date1904 else EPOCH_1900
        self.hidden_rows: list[int] = []
        self.filtered = False
        self._rows: list[RowRead] = []
        self._row, self._digits, self._column = 0, "0", -1
        self._values: list[CellValue] = []
        self._kind, self._style = "n", "0"
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._collect: list[str] | None = None
        self._text = _Text()
        self._kept = 0
        self._starts = _names(
            row=self._start_row, c=self._start_cell, v=self._start_value, f=self._start_formula,
            t=self._start_text, rPh=self._start_text, filterColumn=self._start_filter,
        )  # fmt: skip
        self._ends = _names(
            row=self._end_row, c=self._end_cell, v=self._end_value, f=self._end_value,
            t=self._end_text, rPh=self._end_text,
        )  # fmt: skip
        self._parser = _parser(self._start, self._end, self._characters)

    def rows(self, last: int = LAST_ROW) -> Iterator[RowRead]:
        """Read rows that hold something, up to row number ``last``.

        Raises:
            WorkbookError: when the XML is broken, declares a document type, or goes over the bounds.
        """
        for _ in _parsing(self._package, self._part, self._parser, self._is_too_much):
            yield from self._rows
            self._rows.clear()
            if self._row >= last:
                return
        yield from self._rows

    def _is_too_much(self) -> bool:
        return self._kept > MAX_CELLS_KEPT or sum(map(len, self._value)) > MAX_TEXT

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        handler = self._starts.get(name)
        if handler is not None:
            handler(name, attributes)

    def _end(self, name: str) -> None:
        handler = self._ends.get(name)
        if handler is not None:
            handler(name)

    def _characters(self, data: str) -> None:
        if self._collect is not None:
            self._collect.append(data)

    def _start_row(self, _: str, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isdecimal() else self._row + 1
        if self._row > LAST_ROW:
            raise ValueError("a row below the last")
        self._digits, self._column, self._values = str(self._row), -1, []
        if attributes.get("hidden") in _TRUE:
            self.hidden_rows.append(self._row)

    def _start_cell(self, _: str, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = self._column_of(reference) if reference else self._column + 1
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "0")
        self._value.clear()
        self._formula = None

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip(_DIGITS)
        digits = reference[len(letters) :]
        if digits != self._digits and (not digits or int(digits) != self._row):
            raise ValueError("a cell in another row")
        return _column_at(letters)

    def _start_value(self, _: str, __: dict[str, str]) -> None:
        self._collect = self._value

    def _start_formula(self, _: str, __: dict[str, str]) -> None:
        self._collect = self._formula = []

    def _end_value(self, _: str) -> None:
        self._collect = None

    def _start_text(self, name: str, _: dict[str, str]) -> None:
        self._text.start(_local(name))
        self._collect = self._value if self._text.is_inside else None

    def _end_text(self, name: str) -> None:
        self._text.end(_local(name))
        self._collect = None

    def _start_filter(self, _: str, __: dict[str, str]) -> None:
        self.filtered = True

    def _end_cell(self, _: str) -> None:
        if self._column >= self._columns or (not self._value and self._formula is None):
            return
        value = self._cell_value()
        if value is None:
            return
        values, column = self._values, self._column
        if column != len(values):
            values[column:] = [None] * (column - len(values))
        values.append(value)

    def _end_row(self, _: str) -> None:
        if self._values:
            self._rows.append(RowRead(self._row, self._values))
            self._kept += len(self._values)

    def _cell_value(self) -> CellValue:
        text, kind = "".join(self._value), self._kind
        if not text:
            is_open = self._formula is not None and kind != "str"
            return Uncalculated("=" + "".join(self._formula or ())) if is_open else None
        if kind == "n":
            return self._number(text)
        if kind == "s":
            return self._string(_index(text)) or None
        if kind == "b":
            return text.strip() in _TRUE
        if kind == "e":
            return CellError(text)
        return from_iso(text) if kind == "d" else unescape(text)

    def _number(self, text: str) -> CellValue:
        try:
            number = float(text)
        except ValueError:
            return text
        if not isfinite(number):
            return text
        if self._style in self._dates:
            return as_date(number, self._epoch)
        if self._style in self._durations:
            return as_duration(number)
        return number


def unescape(text: str) -> str:
    """Decode the ``_x000D_`` form in which spreadsheet programs store control characters."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _names(**handlers: Callable[..., None]) -> dict[str, Callable[..., None]]:
    """Lay handlers down under the names of both namespaces, transitional and strict."""
    return {f"{space} {name}": call for name, call in handlers.items() for space in (_MAIN, _STRICT_MAIN)}


def _index(text: str) -> int:
    return int(text) if text.isdecimal() else -1


@lru_cache(maxsize=1 << 15)
def _column_at(letters: str) -> int:
    return column_index(letters) if letters.isascii() and letters.isalpha() else LAST_ROW


def _parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


class _DoctypeError(Exception):
    """A document type was declared."""


def _refuse_doctype(*_: object) -> None:
    raise _DoctypeError


def _parsing(
    package: Package, part: str, parser: expat.XMLParserType, too_much: Callable[[], bool]
) -> Iterator[None]:
    """Feed a part to a parser chunk by chunk, giving the caller a turn after each."""
    try:
        for chunk in package.open(part):
            parser.Parse(chunk, False)
            if too_much():
                raise WorkbookError(package.path, f"its part {part} holds more than ims-xl reads.")
            yield
        parser.Parse(b"", True)
    except _DoctypeError:
        raise package.doctype(part) from None
    except (expat.ExpatError, LookupError, ValueError):
        raise package.damaged(part) from None
