"""Stamping: XlsxWriter drew a sheet with one prototype row; here the data rows take its place.

A sheet's part is cut at the prototype row. Its cells give each column its style; the rows are streamed
between what stands before and what stands behind it. Nothing but the rows and the ``<dimension>`` is changed.

    <row r="6" spans="1:2"><c r="A6" s="4"/><c r="B6" s="7"/></row>                the prototype
    <row r="6" spans="1:2"><c r="A6" s="4" t="inlineStr"><is><t>27ZZZ…</t></is></c><c r="B6" s="7"><v>118</v>…
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ims_excel.workbook.cells import column_letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ims_excel.workbook.shown import Shown
    from ims_excel.workbook.values import Batch, Values

_DAY_ZERO = date(1899, 12, 30).toordinal()
_REMEMBERED = 8_000
"""Texts of a column whose XML is kept: names, GSTINs and labels come back, document numbers do not."""

_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_DIMENSION = re.compile(rb'<dimension ref="([A-Z]+\d+)(?::([A-Z]+)\d+)?"')
_CELL = re.compile(r'<c r="([A-Z]+)\d+"( s="\d+")?/>')


@dataclass(frozen=True)
class SheetRows:
    """The rows to stamp on a sheet.

    Attributes:
        first_row: the 1-based row of the prototype, where they begin.
        count: how many there are.
        sparse: by column, whether blank cells are left out (hidden columns) or written with their style.
        batches: their values, column by column.
    """

    first_row: int
    count: int
    sparse: Sequence[bool]
    batches: Iterable[Batch]


def stamp(part: bytes, rows: SheetRows) -> Iterator[bytes]:
    """Give the XML of a sheet's part with the rows in the place of its prototype row, in chunks.

    Raises:
        ValueError: when the part has no prototype row where one is said to be.
    """
    prototype = re.search(rb'<row r="%d"([^>]*)>(.*?)</row>' % rows.first_row, part, re.DOTALL)
    if prototype is None:
        raise ValueError(f"no prototype in row {rows.first_row}")
    yield _dimension_to(rows.first_row + rows.count - 1, part[: prototype.start()])
    styles = dict(_CELL.findall(prototype[2].decode("ascii")))
    letters = [column_letters(index) for index in range(len(rows.sparse))]
    columns = [
        ColumnStamp(name, styles.get(name, ""), sparse)
        for name, sparse in zip(letters, rows.sparse, strict=True)
    ]
    opening = prototype[1].decode("ascii") + ">"
    row = rows.first_row
    for batch in rows.batches:
        numbers = [str(number) for number in range(row, row + _height(batch))]
        row += len(numbers)
        yield _rows(numbers, opening, columns, batch)
    yield part[prototype.end() :]


def _dimension_to(last_row: int, head: bytes) -> bytes:
    """Correct the sheet's dimension to the rows it will have."""

    def corrected(found: re.Match[bytes]) -> bytes:
        last_column = found[2] or re.sub(rb"\d", b"", found[1])
        return b'<dimension ref="%b:%b%d"' % (found[1], last_column, last_row)

    return _DIMENSION.sub(corrected, head, count=1)


def _height(batch: Batch) -> int:
    return max(len(values) for values in batch)


def _rows(numbers: list[str], opening: str, columns: Sequence[ColumnStamp], batch: Batch) -> bytes:
    starts = [f'<row r="{number}"{opening}' for number in numbers]
    cells = [column.cells(values, numbers) for column, values in zip(columns, batch, strict=True)]
    rows = map("".join, zip(starts, *(column for column in cells if column), strict=True))
    return ("</row>".join(rows) + "</row>").encode()


class ColumnStamp:
    """Writes the cells of one column in its style."""

    def __init__(self, letters: str, style: str, is_sparse: bool) -> None:
        self._start = f'<c r="{letters}'
        self._style = f'"{style}'
        self._is_sparse = is_sparse
        self._known: dict[Shown, str] = {None: f'"{style}/>'}

    def cells(self, values: Values, numbers: list[str]) -> list[str]:
        """Write the cells of rows with these numbers; an empty list when all of them are left out."""
        start, known, tail = self._start, self._known.get, self._tail
        if self._is_sparse:
            pairs = zip(numbers, values) if values else ()  # noqa: B905  a blank column has no values
            return [
                "" if value is None else f"{start}{row}{known(value) or tail(value)}" for row, value in pairs
            ]
        if not values:
            return [f"{start}{row}{self._known[None]}" for row in numbers]
        if isinstance(values[0], Decimal):
            return self._amounts(values, numbers)
        return [
            f"{start}{row}{known(value) or tail(value)}" for row, value in zip(numbers, values, strict=True)
        ]

    def _amounts(self, values: Values, numbers: list[str]) -> list[str]:
        """Write a column of amounts: few come back, so remembering them would cost more than writing them."""
        start, middle, tail = self._start, f"{self._style}><v>", self._tail
        return [
            f"{start}{row}{middle}{value}</v></c>"
            if value.__class__ is Decimal
            else f"{start}{row}{tail(value)}"
            for row, value in zip(numbers, values, strict=True)
        ]

    def _tail(self, value: Shown) -> str:
        """Write what follows a cell's address, and remember it while there is room."""
        if isinstance(value, str):
            text = escaped(value)
            space = ' xml:space="preserve"' if value != value.strip() else ""
            tail = f'{self._style} t="inlineStr"><is><t{space}>{text}</t></is></c>'
        elif isinstance(value, date):
            tail = f"{self._style}><v>{value.toordinal() - _DAY_ZERO}</v></c>"
        elif isinstance(value, Decimal):
            return f"{self._style}><v>{value}</v></c>"
        else:
            return self._known[None]
        if len(self._known) < _REMEMBERED:
            self._known[value] = tail
        return tail


def escaped(text: str) -> str:
    """Escape a text for an element: entities, and the OOXML way (``_x0001_``) for what XML cannot hold."""
    return _SPECIAL.sub(_escape, text) if _SPECIAL.search(text) else text


def _escape(found: re.Match[str]) -> str:
    """A literal ``_x0041_`` gets its underscore escaped, so that it is not read as an escape itself."""
    text = found[0]
    return _ENTITIES.get(text) or f"_x{ord(text):04X}_"
