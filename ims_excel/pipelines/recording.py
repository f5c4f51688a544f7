"""Recording: what a verb did goes into the workbook's ledger, its sheet "Log", and the log beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ims_excel.audit import Change, Event, FileMark, Told, append_event, fields_of, log_path, newest, said
from ims_excel.decisions import Decision
from ims_excel.gst.dates import format_date
from ims_excel.ledger import dump_ledger
from ims_excel.pipelines.joining import withdrawn_key
from ims_excel.workbook.embed import to_cells
from ims_excel.workbook.grid import (
    ASKED,
    CONFLICT,
    DATA_SHEET,
    HEADING_ROW,
    LEDGER_COLUMN,
    LOG_SHEET,
    PROPERTY_BUILT,
    PROPERTY_TOOL,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ims_excel.decisions import Reading
    from ims_excel.ledger import Ledger
    from ims_excel.portal.record import Record
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book
    from ims_excel.workbook.writeback import BookPatch, CellName, NewSheet, SheetPatch

_HEADINGS = ("Time", "What", "Document", "Before", "Now", "By", "ims-xl", "Details")
_LOOKED_AT = "Looked at"
_ASKED_WORDS = {ASKED: "the document had changed", CONFLICT: "it had been decided online in another way"}
_WIDTHS = (17, 36, 48, 34, 54, 16, 9, 80)


def rows_to_log(reading: Reading) -> list[Decision]:
    """Give all rows whose decisions the log follows, those of withdrawn documents under their own keys."""
    gone = (
        Decision(under_key(row.record, withdrawn_key(row.record)), row.place, row.entered, row.before)
        for row in reading.withdrawn
    )
    return [*reading.decisions, *gone]


def under_key(record: Record, key: str) -> Record:
    """Copy a record, with the key that the ledger knows it by."""
    copied = replace(record, occurrence=1)
    copied.know(key)
    return copied


def changed_since(decisions: Iterable[Decision], ledger: Ledger) -> list[Decision]:
    """Choose the decisions that changed since the log last looked, each record once."""
    if not ledger.noted and not ledger.sendings:
        decisions = [decision for decision in decisions if decision.entered is not decision.before]
    chosen: dict[str, Decision] = {}
    for decision in decisions:
        if decision.entered != ledger.last_noted(decision):
            chosen.setdefault(decision.record.key, decision)
    return list(chosen.values())


def looked_at(reading: Reading, ledger: Ledger) -> dict[str, Told]:
    """Tell by key of the records that refresh asked about and that somebody has looked at since."""
    if not ledger.asked:
        return {}
    waiting = {row.decision.record.key for row in reading.unconfirmed if row.is_open}
    return {
        key: Told(decision.record.label, _LOOKED_AT, _ASKED_WORDS.get(ledger.asked[key], ""))
        for decision in reading.decisions
        if (key := decision.record.key) in ledger.asked and key not in waiting
    }


def changes_of(decisions: Iterable[Decision], ledger: Ledger) -> list[Change]:
    """Put changed decisions in the log's terms, old and new."""
    return [
        Change(
            decision.record.key,
            decision.record.label,
            fields_of(ledger.last_noted(decision)),
            fields_of(decision.entered),
        )
        for decision in decisions
    ]


def record(
    patch: BookPatch,
    event: Event,
    *,
    book: Book,
    snapshot: Snapshot,
    before: Ledger,
    after: Ledger,
    is_reset: bool = False,
) -> bool:
    """Put into a workbook's patch what an event changed in its ledger, and the newest events on its log.

    An event that changed nothing stands only in the log beside the workbook, which is left as it is. The
    first one to be noted finds the workbook's build before it.

    Args:
        patch: grows by the hidden sheet's cells and the sheet "Log".
        event: what was done.
        book: the workbook as it was read.
        snapshot: the download inside it.
        before: its ledger.
        after: the same with what was done.
        is_reset: write the ledger even if nothing changed: the one in the workbook is to be replaced.

    Returns:
        False when the ledger could not be noted, because the workbook lost its hidden sheet.
    """
    if after == before and not event.changes and not is_reset:
        return True
    births = () if after.events else (_birth(book, snapshot),)
    noted = after.with_event(*births, event)
    patch.new_sheets.append(_log_sheet(book, noted.events))
    if book.blob is None:
        return False
    patch.sheets.append(_ledger_patch(book, noted))
    return True


def _birth(book: Book, snapshot: Snapshot) -> Event:
    """Tell of the workbook's build what the workbook itself knows."""
    return Event(
        at=book.properties.get(PROPERTY_BUILT, ""),
        event="build",
        user="",
        version=book.properties.get(PROPERTY_TOOL, ""),
        book=book.path.name,
        files=tuple(FileMark("download", source.name, source.sha256) for source in snapshot.sources),
        counts={"documents": sum(len(records) for records in snapshot.sections.values())},
    )


def _ledger_patch(book: Book, ledger: Ledger) -> SheetPatch:
    from ims_excel.workbook.writeback import SheetPatch  # build, which only logs, does without

    texts = to_cells(dump_ledger(ledger))
    cells: dict[tuple[int, int], Value] = {
        (row, LEDGER_COLUMN): text for row, text in enumerate(texts, start=1)
    }
    cells |= {(row, LEDGER_COLUMN): None for row in range(len(texts) + 1, book.ledger_rows + 1)}
    return SheetPatch(title=DATA_SHEET, cells=cells, clear_filter=False)


def append(event: Event, book: Path, target: Path, ledger: Ledger | None = None) -> list[str]:
    """Add an event to the log beside the workbook; a log that cannot be written is a notice.

    Where there is no log yet, it begins with the events that the workbook carries in its ledger.
    """
    try:
        earlier = ledger.events if ledger else ()
        append_event(target, event, history=book if target != book else None, earlier=earlier)
    except OSError as problem:
        return [f"{log_path(target)} could not be written: {problem.strerror or problem}."]
    return []


def heading_cell(book: Book) -> CellName:
    """Choose the heading whose style sheets of ours take."""
    sheet = next(sheet for sheet in book.sheets if "sheet_errors" in sheet.columns)
    return sheet.title, sheet.heading_row or HEADING_ROW, sheet.columns["sheet_errors"]


def input_cell(book: Book) -> CellName:
    """Choose a cell that people fill in, whose style cells to be filled in take on sheets of ours."""
    sheet = next(
        (sheet for sheet in book.sheets if "remarks" in sheet.columns and any(sheet.rows)), book.sheets[0]
    )
    return sheet.title, (sheet.heading_row or HEADING_ROW) + 1, sheet.columns["remarks"]


def _log_sheet(book: Book, events: Sequence[Event]) -> NewSheet:
    from ims_excel.workbook.writeback import NewSheet  # likewise

    rows: list[list[Value]] = [[*_HEADINGS]]
    for event in reversed(newest(events)):
        rows.extend(_rows(event))
    return NewSheet(title=LOG_SHEET, rows=rows, widths=_WIDTHS, heading_like=heading_cell(book))


def _rows(event: Event) -> Iterator[list[Value]]:
    time = clock(event.at)
    yield [time, event.event, None, None, None, event.user, event.version, summary(event)]
    for change in event.changes:
        yield [time, "decision", change.document, said(change.old), said(change.new), change.by or event.user]
    for document in event.refused:
        yield [time, "refused", document]
    for told in event.told:
        yield [time, told.what, told.document, None, told.text or None]


def _short(mark: FileMark) -> str:
    """Give so much of a file's SHA-256 as tells it from its namesakes; the log beside has all of it."""
    return f"{mark.sha256[:8]}…"


def clock(at: str) -> str:
    """Show a time of the log as people write it."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return at
    return f"{format_date(moment.date())} {moment:%H:%M}"


_NOUNS = {"documents", "answers", "errors", "warnings", "conflicts"}


def _counted(what: str, count: int) -> str:
    return what.removesuffix("s") if count == 1 and what in _NOUNS else what


def summary(event: Event) -> str:
    """Say in one line what an event read, wrote and counted."""
    files = [f"{mark.role} {mark.name} ({_short(mark)})" for mark in event.files if mark.role != "workbook"]
    counts = [f"{count:,} {_counted(what, count)}" for what, count in event.counts.items() if count]
    omitted = [f"{event.omitted:,} more in the log beside the workbook"] if event.omitted else []
    return " · ".join([*files, *counts, *omitted])
