"""Progress: what a long verb tells while it works, for a person who waits."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told of a step: what is being done, how much of it is done, and how much there is (0: nobody knows)."""

LOOKING = "Looking through the workbook"
READING = "Reading documents"
CHECKING = "Checking"
COMPARING = "Comparing the downloads"
WRITING = "Writing the workbook"


def silent(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""
