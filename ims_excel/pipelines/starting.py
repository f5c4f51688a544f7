"""Choosing the copy that a merged workbook is made from, so that no row is lost that any workbook has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ims_excel.exceptions import WorkbookError, WriteError
from ims_excel.pipelines.copies import digest, ending_of
from ims_excel.pipelines.owncolumns import FORMULA
from ims_excel.pipelines.questions import mark_in
from ims_excel.pipelines.sides import unasked_records
from ims_excel.workbook.grid import PROPERTY_BUILT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ims_excel.merging import Merged
    from ims_excel.pipelines.copies import Copy
    from ims_excel.pipelines.questions import RowNotes
    from ims_excel.pipelines.sides import Side


class Start(NamedTuple):
    """What the merged workbook is made from.

    Attributes:
        path: the copy, or the base.
        lost: keys of rows that another workbook has and this one lacks; nobody entered anything in them.
    """

    path: Path
    lost: AbstractSet[str]


def choose_start(base: Copy, sides: Sequence[Side], merged: Merged, notes: Mapping[str, RowNotes]) -> Start:
    """Choose the first workbook that has all rows, the base last; else the one that lacks the fewest.

    Raises:
        WorkbookError: none has all rows in which anybody entered something.
    """
    needed = {*_entered_in(base), *merged.values, *(clash.key for clash in merged.clashes)}
    asked = {key for key, said in notes.items() if mark_in(said).is_open}
    there = {*base.rows, *(key for side in sides for key in side.keys)}
    candidates = [(s.path, s.keys, s.unasked) for s in sides if s.is_whole]
    candidates.append((base.path, frozenset(base.rows), unasked_records(base)))
    fit = [
        Start(path, there - keys)
        for path, keys, unasked in candidates
        if needed <= keys and not asked & unasked
    ]
    if not fit:
        raise _without_start(base, len(needed - base.rows.keys()))
    return min(fit, key=lambda start: len(start.lost))


def _entered_in(base: Copy) -> Iterator[str]:
    """Give the records of the base in whose rows somebody entered something, or is asked."""
    yield from (key for key, rows in base.rows.items() if any(row.is_touched for row in rows))
    yield from (key for key, own in base.beside.items() if any(said is not FORMULA for said in own.values()))
    yield from (key for key, said in base.notes.items() if mark_in(said).is_open and key in base.rows)


def _without_start(base: Copy, count: int) -> WorkbookError:
    if not count:
        what = "and every copy lack rows that were decided on, or the columns in which a refresh asks."
        return WorkbookError(base.path, f"{what} Name as the first workbook one that still has them.")
    documents = f"{count:,} document{'s' * (count != 1)}"
    return WorkbookError(
        base.path,
        f"lacks the rows of {documents} that copies decided on, and so does every copy: some rows were "
        "deleted in each. Name as the first workbook one that still has all rows.",
    )


def refuse_later_base(base: Copy, sides: Sequence[Side]) -> None:
    """Refuse a base that was worked on after it was split: its later answers would count as taken back."""
    parts = [side.team.part for side in sides if side.team.part and side.team.part != base.team.part]
    if not parts or digest(base) in {part.digest for part in parts} or _is_built_again(base, sides):
        return
    raise WorkbookError(
        base.path,
        "was worked on after it was split. Merge with the workbook as it was then, and name this one as a "
        "further copy.",
    )


def _is_built_again(base: Copy, sides: Sequence[Side]) -> bool:
    """Tell whether a base is not the workbook that was split, but one in which nobody entered anything."""
    built = {side.built for side in sides}
    return base.book.properties.get(PROPERTY_BUILT, "") not in built and not any(_entered_in(base))


def refuse_other_kind(start: Path, out: Path) -> None:
    """Refuse a name of another kind than the merged workbook is of."""
    kind = ending_of(start)
    if out.suffix.casefold() != kind:
        raise WriteError(out, f"is made from {start.name}, so its name must end in {kind}: change it in -o.")
