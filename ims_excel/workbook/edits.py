"""What is asked of a sheet, and the changes in its rows that come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from ims_excel.workbook.appending import NewRows
    from ims_excel.workbook.celltext import Asked, Said
    from ims_excel.workbook.markup import Splice


@dataclass(frozen=True)
class SheetTask:
    """What is asked of a sheet.

    Attributes:
        cells: values by 1-based row and 0-based column.
        is_whole: cells that are not named are emptied.
        style: the style of new cells, by row; None for that of the row or column they are in.
        hide: rows to be hidden.
        show: rows to be shown.
        rows: new rows behind the last one.
    """

    cells: Mapping[tuple[int, int], Asked]
    is_whole: bool = False
    style: Callable[[int, int], int | None] = lambda _row, _column: None
    hide: AbstractSet[int] = frozenset()
    show: AbstractSet[int] = frozenset()
    rows: NewRows | None = None


class CellEdit(NamedTuple):
    """A cell that is to be written.

    Attributes:
        row: 1-based.
        column: 0-based.
        splice: the change in the part.
        value: what is asked for.
        said: what the cell says so far.
        is_heir: not asked for; the cell is given the text of the formula it shares.
    """

    row: int
    column: int
    splice: Splice
    value: Asked
    said: Said
    is_heir: bool = False


@dataclass
class RowEdit:
    """A row with cells to be written; ``start`` and ``end`` are the same for a row that is inserted."""

    number: int
    start: int
    end: int
    opening: list[Splice] = field(default_factory=list)
    cells: list[CellEdit] = field(default_factory=list)
    closing: list[Splice] = field(default_factory=list)

    def splices(self) -> list[Splice]:
        """Give all changes in the row, in order."""
        return [*self.opening, *(cell.splice for cell in self.cells), *self.closing]
