"""What a cell can say, and how it is addressed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache


@dataclass(frozen=True)
class CellError:
    """An error value in a cell: ``#N/A``, ``#REF!`` …."""

    text: str


@dataclass(frozen=True)
class Uncalculated:
    """A formula whose result the saving program did not store."""

    formula: str


CellValue = str | float | int | bool | date | datetime | time | timedelta | CellError | Uncalculated | None
"""A value read from a cell; None for an empty one. Numbers may come as float, dates as date or datetime."""


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Name a 0-based column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Number a column's letters, 0-based: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def address(sheet: str, row: int, column: int) -> str:
    """Name a cell the way people do: ``B2B!G14``; other titles in quotes (``'B2B-CN'!N7``)."""
    title = sheet if sheet.replace("_", "").isalnum() else "'" + sheet.replace("'", "''") + "'"
    return f"{title}!{column_letters(column)}{row}"
