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
from ims_excel.workbook.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ims_excel.workbook.shown import Shown
    from ims_excel.workbook.values import Batch, Values

_DAY_ZERO = date(1899, 12, 30).toordinal()
_REMEMBERED = 8_000
"""Cells of a column that are kept, for names, GSTINs and labels come back."""

_NUMBER = "\0"
"""Stands for a row's number in the cells of a column, which are the same in every row: no text holds it."""
_NUMBER_BYTE = _NUMBER.encode()

_DELICATE = re.compile("[&<>_\\s\x00-\x1f\ufffe\uffff]")
"""What may have to be escaped, or makes a text's blanks worth a look."""
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
    row = rows.first_row
    for batch in rows.batches:
        numbers = range(row, row + max(len(values) for values in batch))
        yield rows_xml(numbers, columns, batch, prototype[1].decode("ascii"))
        row = numbers.stop
    yield part[prototype.end() :]


def _dimension_to(last_row: int, head: bytes) -> bytes:
    """Correct the sheet's dimension to the rows it will have."""

    def corrected(found: re.Match[bytes]) -> bytes:
        last_column = found[2] or re.sub(rb"\d", b"", found[1])
        return b'<dimension ref="%b:%b%d"' % (found[1], last_column, last_row)

    return _DIMENSION.sub(corrected, head, count=1)


def rows_xml(numbers: range, columns: Sequence[ColumnStamp], batch: Batch, attributes: str = "") -> bytes:
    """Write rows with these numbers in UTF-8; ``attributes`` of their tags begin with a blank."""
    cells = [column.cells(values, len(numbers)) for column, values in zip(columns, batch, strict=True)]
    rows = zip(*(column for column in cells if column), strict=True)
    opening = f'<row r="{_NUMBER}"{attributes}>'
    return b"".join(
        [
            f"{opening}{''.join(row)}</row>".encode().replace(_NUMBER_BYTE, b"%d" % number)
            for number, row in zip(numbers, rows, strict=True)
        ]
    )


class ColumnStamp:
    """Writes the cells of one column in its style, with ``_NUMBER`` where the row's number belongs."""

    def __init__(self, letters: str, style: str, is_sparse: bool) -> None:
        self._start = f'<c r="{letters}{_NUMBER}"{style}'
        self._known: dict[Shown, str] = {None: "" if is_sparse else f"{self._start}/>"}

    def cells(self, values: Values, height: int) -> list[str]:
        """Write the cells of so many rows; an empty list when all of them are left out."""
        known = self._known
        if not values:
            return [known[None]] * height if known[None] else []
        kinds = set(map(type, values))
        if kinds == {Decimal}:  # rarely twice the same, and slow to look up
            opening = f"{self._start}><v>"
            return [f"{opening}{value!s}</v></c>" for value in values]  # !s: past Decimal's own formatting
        if values[0] in known and known.keys() >= set(values):  # an invoice's number is always a new one
            return [known[value] for value in values]
        cells = self._written(values, kinds)
        if len(known) < _REMEMBERED:
            known.update(zip(values, cells, strict=True))
        return cells

    def _written(self, values: Values, kinds: set[type]) -> list[str]:
        """Write cells of which some are new."""
        if kinds == {str} and not _DELICATE.search("".join(values)):  # type: ignore[arg-type]
            opening = f'{self._start} t="inlineStr"><is><t>'
            return [f"{opening}{value}</t></is></c>" for value in values]
        return [self._cell(value) for value in values]

    def _cell(self, value: Shown) -> str:
        if isinstance(value, str):
            space = ' xml:space="preserve"' if value != value.strip() else ""
            return f'{self._start} t="inlineStr"><is><t{space}>{escaped(value)}</t></is></c>'
        if isinstance(value, date):
            return f"{self._start}><v>{value.toordinal() - _DAY_ZERO}</v></c>"
        return self._known[None] if value is None else f"{self._start}><v>{value}</v></c>"
