"""What a person reads of a workbook that was split, or of copies that were merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.pipelines.sharing import BY_AMOUNT
from ims_excel.pipelines.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ims_excel.pipelines.merge_results import MergeConflict, MergedCopy, MergeResult
    from ims_excel.pipelines.split import SplitResult

SHOWN_OF_A_KIND = 10
"""Conflicts, groups and the like that are listed; --json has them all."""


def split_report(result: SplitResult) -> str:
    """Say what each part holds, and how they come together again."""
    lines = [f"{result.book}  {result.recipient}"]
    for part in result.parts:
        lines += ["", f"{part.title}: {counted(part.documents, 'document')}", f"  {part.path}"]
        if result.by not in BY_AMOUNT:
            lines += _first_of([f"{counted(count, 'document'):>16}  {name}" for name, count in part.groups])
    if result.missing:
        lines += ["", f"{counted(result.missing, 'document')} without a row in no part."]
    lines += ["", *result.notices] if result.notices else [""]
    books = " ".join(_quoted(part.path) for part in result.parts)
    lines.append(f"Keep {result.book.name} as it is. When the parts come back:")
    lines.append(f"  ims-xl merge {_quoted(result.book)} {books} -o {_quoted(_merged(result.book))}")
    return "\n".join(lines)


def merge_report(result: MergeResult) -> str:
    """Say what each copy brought, what is in conflict, and what stays behind."""
    lines = [f"{result.written}  {result.recipient}"]
    lines += [f"  {_brought(copy)}" for copy in result.copies]
    lines.append(f"  {counted(result.changed, 'answer')} changed since {result.base.name}.")
    if result.agreed:
        lines.append(f"  {counted(result.agreed, 'answer')} changed alike in several copies.")
    for copy in result.copies:
        lines += _left_out(copy, is_start=copy.path == result.start)
    if result.own_columns:
        lines += ["", f"Columns that came along as values: {', '.join(result.own_columns)}."]
    start = f"Colours, formats, comments, charts and own sheets are those of {result.start_name}."
    lines += ["", start if not result.not_carried else f"{start} Not in the merged workbook:"]
    lines += _first_of([f"  {what}" for what in result.not_carried])
    lines += ["", *result.notices] if result.notices else []
    lines += ["", *_conflicts(result.conflicts)]
    lines += _next(result)
    return "\n".join(lines)


def _brought(copy: MergedCopy) -> str:
    author = f" ({copy.author})" if copy.author else ""
    part = f", {copy.part}" if copy.part else ""
    return f"{copy.name}{author}{part}: {counted(copy.changed, 'answer')} changed"


def _left_out(copy: MergedCopy, *, is_start: bool) -> Iterator[str]:
    if copy.missing:
        yield f"  {copy.name} lacks {counted(copy.missing, 'row')}: that decides nothing (R26)."
    if copy.strangers:
        what = "stand in the merged workbook; harvest stops there" if is_start else "are left out"
        yield ""
        yield f"Rows of {copy.name} that belong to no document, and {what} (R25):"
        yield from _first_of([f"  {stranger}" for stranger in copy.strangers])


def _conflicts(conflicts: Sequence[MergeConflict]) -> Iterator[str]:
    if not conflicts:
        yield "No conflicts: the copies agree everywhere."
        return
    yield f"{counted(len(conflicts), 'conflict')}:"
    yield from _first_of([_said(conflict) for conflict in conflicts])


def _said(conflict: MergeConflict) -> str:
    (_, before), *sides = conflict.values.items()
    said = "; ".join(f"{name} says {value}" for name, value in sides)
    return f"  {conflict.cell:<14} {conflict.what} of {conflict.document}: {said}; it was {before}."


def _next(result: MergeResult) -> Iterator[str]:
    if result.conflicts:
        yield f'Next: choose on the sheet "{result.conflict_sheet}", in the column Keep, save, and run'
        yield f"      ims-xl harvest {_quoted(result.written)}"
    else:
        yield f"Next: ims-xl harvest {_quoted(result.written)}"


def _first_of(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:SHOWN_OF_A_KIND]
    if len(lines) > SHOWN_OF_A_KIND:
        yield f"  … and {len(lines) - SHOWN_OF_A_KIND:,} more; --json lists them all."


def _merged(book: Path) -> Path:
    return book.with_name(f"{book.stem}-merged{book.suffix}")


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
