"""Ranges as Excel writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.cells import column_letters

if TYPE_CHECKING:
    from collections.abc import Iterable


def quoted(title: str) -> str:
    """Quote a sheet's title for a formula."""
    return "'" + title.replace("'", "''") + "'"


def area(first: int, top: int, last: int, bottom: int) -> str:
    """Name a range by its 0-based columns and 1-based rows: ``A6:C9``."""
    return f"{column_letters(first)}{top}:{column_letters(last)}{bottom}"


def runs(columns: Iterable[int]) -> list[tuple[int, int]]:
    """Join neighbouring columns: 0, 1, 2, 5 are 0 to 2 and 5 to 5."""
    joined: list[tuple[int, int]] = []
    for column in sorted(columns):
        if joined and joined[-1][1] == column - 1:
            joined[-1] = (joined[-1][0], column)
        else:
            joined.append((column, column))
    return joined
