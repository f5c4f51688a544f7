"""What the readers of formats that are never written have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook.exact import RowRead
from ims_excel.workbook.locate import PEEK_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

MAX_COLUMNS = PEEK_COLUMNS
"""Columns that are read, from the left."""
MAX_CELLS_KEPT = 8 << 20
"""Places in the rows kept of a file: 250,000 rows of 32 columns. Long texts count as several."""
CHARACTERS_OF_A_CELL = 64
"""How many characters of texts count as one more place."""


@dataclass
class ForeignSheet:
    """A sheet.

    Attributes:
        title: what its tab says.
        rows: those that hold something, in order.
        hidden_rows: numbers of those that people hid.
    """

    title: str
    rows: list[RowRead] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)


class Keeper:
    """Counts what is kept of a file, so that none can fill the memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = 0

    def count(self, places: int) -> None:
        """Count places; WorkbookError when the file holds more than is read."""
        self._kept += places
        if self._kept > MAX_CELLS_KEPT:
            raise WorkbookError(self._path, f"holds more cells than ims-xl reads ({MAX_CELLS_KEPT:,}).")

    def keep(self, sheet: ForeignSheet, row: RowRead, *, is_hidden: bool, times: int = 1) -> None:
        """Keep a row of a sheet, and perhaps equal ones below it.

        Raises:
            WorkbookError: when the file holds more than is read.
        """
        texts = sum(len(value) for value in row.values if isinstance(value, str))
        self.count(times * len(row.values) + texts // CHARACTERS_OF_A_CELL)
        numbers = range(row.number, row.number + times)
        sheet.rows.extend(RowRead(number, row.values) for number in numbers)
        if is_hidden:
            sheet.hidden_rows.extend(numbers)
