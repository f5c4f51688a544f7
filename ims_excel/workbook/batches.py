"""Rows of a sheet some hundred at a time, by column: what they say is compared, or added up, all at once."""

from __future__ import annotations

from itertools import compress, islice, zip_longest
from typing import TYPE_CHECKING

from ims_excel.workbook.exact import RowRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ims_excel.workbook.cells import CellValue

    NumberedRow = tuple[int, Sequence[CellValue]]

AT_A_TIME = 500
"""Rows of a batch: more of them do not stay in the processor's cache."""


class Batch:
    """Some rows of a sheet, one below the other.

    Attributes:
        numbers: their 1-based numbers.
    """

    def __init__(self, rows: Sequence[NumberedRow]) -> None:
        """Take rows whose blanks are None or "", which is what the fast reader gives."""
        self._rows = rows
        self.numbers = [number for number, _ in rows]
        self._columns = list(zip_longest(*(values for _, values in rows)))

    def column(self, place: int | None) -> Sequence[CellValue]:
        """Give the cells of a 0-based column, blanks as None; only blanks for one that is not there."""
        if place is None or place >= len(self._columns):
            return (None,) * len(self.numbers)
        cells = self._columns[place]
        blanks = cells.count("")
        if blanks == len(cells):
            return (None,) * blanks
        return [None if cell == "" else cell for cell in cells] if blanks else cells

    def row(self, at: int) -> RowRead:
        """Give one of the rows by its place in the batch."""
        number, values = self._rows[at]
        return RowRead(number, [None if value == "" else value for value in values])

    def only(self, chosen: Iterable[object]) -> Batch:
        """Leave the rows for which something was chosen."""
        return Batch(list(compress(self._rows, chosen)))


def batches_of(rows: Iterable[NumberedRow]) -> Iterator[Batch]:
    """Take rows together as they come."""
    coming = iter(rows)
    while some := list(islice(coming, AT_A_TIME)):
        yield Batch(some)
