"""Numbers and lists in sentences for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def counted(number: int, word: str, words: str = "") -> str:
    """Count things: "1 row", "2 rows"; ``words`` where the plural is not made with an s."""
    return f"{number:,} {word if number == 1 else words or f'{word}s'}"


def first_of(words: Sequence[str], most: int) -> str:
    """List the first of many: "a, b and 3 more"."""
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return f"{', '.join(words[:most])}{more}"
