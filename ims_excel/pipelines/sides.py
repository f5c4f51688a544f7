"""Sides of a merge: what is kept of each copy while the others are read, and what differs from the base."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.pipelines.answers import PIECES, answers_of
from ims_excel.pipelines.entering import NO_RESULT, before_of
from ims_excel.pipelines.joining import withdrawn_key
from ims_excel.pipelines.owncolumns import FORMULA, beside_columns
from ims_excel.pipelines.questions import Row, merge_notes
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import CHANGE, CHANGED, PROPERTY_BUILT

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence
    from pathlib import Path

    from ims_excel.decisions import Decision
    from ims_excel.ledger import Ledger
    from ims_excel.merging import Fields, Merged
    from ims_excel.pipelines.copies import Copy
    from ims_excel.pipelines.owncolumns import Loose
    from ims_excel.pipelines.questions import RowNotes
    from ims_excel.portal.record import Record
    from ims_excel.team import Team

_NOTHING: RowNotes = {}


@dataclass(frozen=True)
class Side:
    """What is kept of a copy while the others are read.

    Attributes:
        path: the file.
        name: what people call it: its file's name, with folders where several have one name.
        author: who saved it last; "" when unknown.
        team: what split and merge noted in it.
        ledger: what was exported from it.
        changed: what it changed since the base, by record.
        untouched: those of these records that say what the portal says.
        keys: the records it has rows of.
        unasked: those of them that a refresh cannot ask about, as a column of ours is gone.
        gone: by key, the records that left the IMS.
        notes: by record, what the tool wrote beside it.
        headings: of people's own columns, by piece.
        strangers: rows that belong to no record, as they show themselves.
        other_sheets: titles of the sheets that hold no documents.
        heading_rows: by title of the sheets that do, the row of the headings.
        loose: what stands beside the records and is not merged.
        is_whole: it has its hidden sheet.
        built: when the workbook was built that it is a copy of, as the workbook itself notes.
        formulas: by sheet and piece of people's own columns, the records with a formula that the base lacks.
    """

    path: Path
    name: str
    author: str
    team: Team
    ledger: Ledger
    changed: Mapping[str, Fields]
    untouched: frozenset[str]
    keys: frozenset[str]
    unasked: frozenset[str]
    gone: Mapping[str, Record]
    notes: Mapping[str, RowNotes]
    headings: Mapping[str, str]
    strangers: tuple[str, ...]
    other_sheets: tuple[str, ...]
    heading_rows: Mapping[str, int]
    loose: Loose
    is_whole: bool
    built: str
    formulas: Mapping[tuple[str, str], frozenset[str]]


def side_of(copy: Copy, base: Copy, name: str) -> Side:
    """Compare a copy with the base and keep what merging needs."""
    changed = changed_fields(copy, base)
    rows = ((row.place, row.shown or "no document") for row in copy.reading.strangers)
    return Side(
        path=copy.path,
        name=name,
        author=copy.author,
        team=copy.team,
        ledger=copy.ledger,
        changed=changed,
        untouched=frozenset(key for key in changed if not copy.rows[key][0].is_touched),
        keys=frozenset(copy.rows),
        unasked=unasked_records(copy),
        gone=gone_records(copy),
        notes=copy.notes,
        headings=copy.headings,
        strangers=tuple(f"{place.sheet} row {place.row}: {shown}" for place, shown in rows),
        other_sheets=copy.book.other_sheets,
        heading_rows={sheet.title: sheet.heading_row for sheet in copy.book.sheets},
        loose=copy.loose,
        is_whole=copy.book.blob is not None,
        built=copy.book.properties.get(PROPERTY_BUILT, ""),
        formulas=_new_formulas(copy, base),
    )


def gone_records(copy: Copy) -> dict[str, Record]:
    """Give the records that left the IMS by the keys of their rows."""
    return {withdrawn_key(r): r for records in copy.snapshot.withdrawn.values() for r in records}


def unasked_records(copy: Copy) -> frozenset[str]:
    """Give the records in sheets without the columns in which a refresh asks."""
    mute = {sheet.title for sheet in copy.book.sheets if not {CHANGE, CHANGED} <= sheet.columns.keys()}
    return frozenset(key for key, rows in copy.rows.items() if mute and rows[0].place.sheet in mute)


def _new_formulas(copy: Copy, base: Copy) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, said in copy.beside.items():
        was = base.beside.get(key, {})
        for piece, value in said.items():
            if value is FORMULA and was.get(piece) is not FORMULA:
                found[copy.rows[key][0].place.sheet, piece].add(key)
    return {place: frozenset(keys) for place, keys in found.items()}


def base_fields(base: Copy, sides: Sequence[Side], keys: Sequence[str]) -> dict[str, Fields]:
    """Say what records said when the copies were made; a deleted row said what the portal had."""
    deleted = [key for key in keys if key not in base.rows]
    records = dict(zip(deleted, records_of(base, sides, deleted), strict=True))
    fields: dict[str, Fields] = {}
    for key in keys:
        entered = base.entered(key) or before_of(records[key].document)
        fields[key] = {**answers_of(entered), **base.beside.get(key, {})}
    return fields


def records_of(base: Copy, sides: Sequence[Side], keys: Collection[str]) -> list[Record]:
    """Find records by key, those that left the IMS in any workbook, too."""
    if not keys:
        return []
    by_key = {r.key: r for records in base.snapshot.sections.values() for r in records}
    for gone in (gone_records(base), *(side.gone for side in sides)):
        by_key = {**gone, **by_key}
    return [by_key[key] for key in keys]


def changed_fields(copy: Copy, base: Copy) -> dict[str, Fields]:
    """Say what a copy changed, by record; a row that somebody deleted changed nothing."""
    changed: dict[str, Fields] = {}
    columns = {sheet.title: beside_columns(sheet) for sheet in copy.book.sheets}
    for key, decisions in copy.rows.items():
        entered, beside = decisions[0].entered, copy.beside.get(key, {})
        was = base.entered(key) or decisions[0].before
        fields: dict[str, Hashable] = {}
        if entered != was:
            before = answers_of(was)
            fields |= {name: said for name, said in answers_of(entered).items() if said != before[name]}
        old = base.beside.get(key, {})
        if beside or old:
            there = columns[decisions[0].place.sheet]
            said = {name: beside.get(name) for name in {**old, **beside} if name in there}
            fields |= {name: v for name, v in said.items() if v != old.get(name) and v is not FORMULA}
        if fields:
            _refuse_uncalculated(copy, decisions[0], fields)
            changed[key] = fields
    return changed


def _refuse_uncalculated(copy: Copy, decision: Decision, fields: Mapping[str, Hashable]) -> None:
    """Refuse a formula that replaced an answer and has no result: nobody knows what it says."""
    for name, text in decision.entered.unreadable:
        if text == NO_RESULT and any(name in PIECES.get(piece, ()) for piece in fields):
            sheet = next(sheet for sheet in copy.book.sheets if sheet.title == decision.place.sheet)
            raise WorkbookError(
                copy.path,
                "holds a formula without a stored result. Open this copy in Excel or LibreOffice, save it, "
                "then merge.",
                place=address(sheet.title, decision.place.row, sheet.columns[name]),
            )


def merged_notes(
    base: Copy, sides: Sequence[Side], fields: Mapping[str, Fields], merged: Merged
) -> dict[str, RowNotes]:
    """Say what stands beside rows in the end, where any copy says something else there than the base."""
    disputed = {(clash.key, clash.field) for clash in merged.clashes}
    notes: dict[str, RowNotes] = {}
    for key in noted_otherwise(base, sides):
        was = base.notes.get(key, _NOTHING)
        before = {piece: fields[key][piece] for piece in PIECES}
        rows = [
            Row(side.notes.get(key, _NOTHING), before | _answers(side.changed.get(key, {})))  # type: ignore[arg-type]
            for side in sides
            if key in side.keys and key not in side.unasked
        ]
        answers = before | _answers(merged.values.get(key, {}))
        answers |= {piece: None for piece in PIECES if (key, piece) in disputed}
        notes[key] = merge_notes(was, rows, answers)  # type: ignore[arg-type]
    return notes


def _answers(fields: Fields) -> dict[str, Hashable]:
    return {piece: fields[piece] for piece in PIECES if piece in fields}


def noted_otherwise(base: Copy, sides: Sequence[Side]) -> set[str]:
    """Give the records beside which the tool wrote something else in any copy than in the base."""
    keys = {*base.notes, *(key for side in sides for key in side.notes)}
    return {
        key
        for key in keys
        if any(
            side.notes.get(key, _NOTHING) != base.notes.get(key, _NOTHING)
            for side in sides
            if key in side.keys
        )
    }
