"""What shall be written into a workbook that people have worked on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from ims_excel.workbook.appending import NewRows
    from ims_excel.workbook.celltext import Result, Value
    from ims_excel.workbook.newsheet import NewSheet


@dataclass
class SheetPatch:
    """What shall be written into a sheet.

    Attributes:
        title: what the sheet's tab says.
        cells: values by 1-based row and 0-based column; None empties a cell.
        clear_filter: remove the criteria of the sheet's filters and show the rows they hid.
        hide: 1-based rows to hide; those the file does not have stay so.
        show: rows to show, but for those people folded into a group.
        rows: new rows behind the last one.
        show_columns: 0-based columns to show.
        show_sheet: bring the sheet itself to light.
        results: by place, what formulas come to once all this is written.
    """

    title: str
    cells: dict[tuple[int, int], Value]
    clear_filter: bool
    hide: AbstractSet[int] = frozenset()
    show: AbstractSet[int] = frozenset()
    rows: NewRows | None = None
    show_columns: AbstractSet[int] = frozenset()
    show_sheet: bool = False
    results: Mapping[tuple[int, int], Result] = field(default_factory=dict)


@dataclass
class BookPatch:
    """What shall be written into a workbook: cells of its sheets, and sheets of our own.

    Attributes:
        sheets: by sheet.
        new_sheets: sheets of our own.
        properties: custom document properties by name; None takes one away.
    """

    sheets: list[SheetPatch]
    new_sheets: list[NewSheet]
    properties: dict[str, str | None] = field(default_factory=dict)
