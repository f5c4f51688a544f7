"""Examining: read a worked-on workbook and say everything the rules have to say about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from msgspec import structs

from ims_excel.exceptions import DownloadError, WorkbookError
from ims_excel.ledger import Ledger, load_ledger
from ims_excel.pipelines.conflicts import settle
from ims_excel.pipelines.entering import before_of
from ims_excel.pipelines.joining import join
from ims_excel.pipelines.owncolumns import beside_columns
from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import load_snapshot
from ims_excel.progress import CHECKING, LOOKING, silent
from ims_excel.rules import Context, check
from ims_excel.rules.outcome import is_changed
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import PROPERTY_RECIPIENT
from ims_excel.workbook.kinds import SAVE_AS_XLSX
from ims_excel.workbook.read import read_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ims_excel.decisions import Decision, Reading
    from ims_excel.findings import Finding
    from ims_excel.options import PortalOptions
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.progress import Progress
    from ims_excel.workbook.read import Book
    from ims_excel.workbook.writeback import SheetPatch


@dataclass(frozen=True)
class Examined:
    """A workbook, what travels inside it, their join, and the findings with the cells they are about.

    Attributes:
        book: the workbook.
        snapshot: the download inside it.
        reading: both joined.
        findings: what the rules say.
        ledger: what was exported.
        is_reset: the ledger was to be started anew, whatever the workbook has.
        settled: what has to be written for conflicts of a merge that people settled.
    """

    book: Book
    snapshot: Snapshot
    reading: Reading
    findings: tuple[Finding, ...]
    ledger: Ledger
    is_reset: bool = False
    settled: tuple[SheetPatch, ...] = ()


@dataclass(frozen=True)
class Again:
    """What is to be exported once more.

    Attributes:
        everything: all records that differ from the download, whatever was exported since.
        refused: records that the portal refused, though nothing in their rows has changed.
        from_scratch: forget what was exported.
    """

    everything: bool = False
    refused: bool = False
    from_scratch: bool = False


NOTHING_AGAIN = Again()
WITH_SOURCE = "pass --source with the download this workbook was built from."


def open_book(
    path: Path, source: Path | None = None, *, is_to_be_written: bool = True
) -> tuple[Book, Snapshot]:
    """Read a workbook and the download it was built from.

    Raises:
        WorkbookError: it is not ours, lost all its sheets of documents, lost its hidden sheet and no
            ``source`` was given, or is to be written and of a format that is only read.
    """
    book = read_book(path)
    refuse_without_documents(book)
    if is_to_be_written and not book.is_writable:
        raise WorkbookError(path, f"is of a format that is only read: {SAVE_AS_XLSX}, and pass that file.")
    if source is not None:
        recipient = book.properties.get(PROPERTY_RECIPIENT)
        return book, read_downloads([source], recipient=recipient, said_by="the workbook is of")
    return book, open_snapshot(book)


def refuse_without_documents(book: Book) -> None:
    """Refuse a workbook that lost all its sheets of documents."""
    if not book.sheets:
        what = "has none of its sheets of documents left (B2B, B2B-CN …)"
        raise WorkbookError(book.path, f"{what}: go back to an earlier copy of it, or build it again.")


def open_snapshot(book: Book, remedy: str = WITH_SOURCE) -> Snapshot:
    """Read the download that a workbook carries; ``remedy`` says what to do where that is not possible.

    Raises:
        WorkbookError: its hidden sheet is gone or damaged.
    """
    hidden = "the hidden sheet with the portal's records"
    if book.blob is None:
        raise WorkbookError(book.path, f"{hidden} was deleted; {remedy}")
    try:
        return load_snapshot(book.blob)
    except (DownloadError, ValueError) as problem:
        raise WorkbookError(book.path, f"{hidden} is damaged; {remedy} ({problem})") from problem


def open_ledger(book: Book, *, from_scratch: bool = False) -> Ledger:
    """Read what was exported from a workbook; nothing when its ledger is absent.

    Raises:
        WorkbookError: the ledger is damaged.
    """
    if book.ledger_blob is None or from_scratch:
        return Ledger()
    try:
        return load_ledger(book.ledger_blob)
    except ValueError as problem:
        raise WorkbookError(
            book.path,
            "what this workbook notes about earlier uploads (hidden sheet, column B) is damaged. Take an "
            "earlier copy of it, or run  ims-xl harvest --reset-ledger: that forgets the earlier uploads and "
            "sends every decision that differs from the download again; the portal replaces what it has. "
            f"({problem})",
        ) from problem


def examine(
    path: Path,
    *,
    source: Path | None,
    options: PortalOptions,
    strict: bool,
    now: datetime | None = None,
    again: Again = NOTHING_AGAIN,
    progress: Progress = silent,
) -> Examined:
    """Read a workbook, join it with its download and its ledger, and check every rule."""
    progress(LOOKING, 0, 0)
    book, snapshot = open_book(path, source, is_to_be_written=False)
    ledger = open_ledger(book, from_scratch=again.from_scratch)
    settlement = settle(book, join(book, snapshot, ledger, progress=progress))
    reading = _viewed(settlement.reading, again, options)
    moment = now or datetime.now(timezone.utc)
    context = Context(
        options=options,
        recipient=snapshot.recipient,
        book_recipient=book.properties.get(PROPERTY_RECIPIENT),
        today=moment.astimezone().date(),
        downloaded_at=snapshot.downloaded_at,
        strict=strict,
    )
    progress(CHECKING, 0, 0)
    findings = tuple(locate(check(reading, context), book))
    return Examined(book, snapshot, reading, findings, ledger, again.from_scratch, settlement.patches)


def _viewed(reading: Reading, again: Again, options: PortalOptions) -> Reading:
    """Look away from what was exported, or refused, where that is to go up once more."""
    decisions: Sequence[Decision] = reading.decisions
    if again.refused:
        decisions = [structs.replace(d, refused=None) if d.refused and d.is_touched else d for d in decisions]
    if again.everything:
        decisions = [_beside_the_download(d, options) if d.sent else d for d in decisions]
    return reading if decisions is reading.decisions else replace(reading, decisions=tuple(decisions))


def _beside_the_download(decision: Decision, options: PortalOptions) -> Decision:
    """Compare a row with the download; one set back to that keeps what the portal has beside it."""
    fresh = structs.replace(decision, before=before_of(decision.record.document), sent=None)
    return fresh if is_changed(fresh, options) else decision


def locate(findings: Sequence[Finding], book: Book) -> list[Finding]:
    """Give each finding with a place the address of the cell to look at."""
    columns = {sheet.title: {**beside_columns(sheet), **sheet.columns} for sheet in book.sheets}
    located = []
    for finding in findings:
        if finding.place is None:
            located.append(finding)
            continue
        sheet_columns = columns[finding.place.sheet]
        field = next((name for name in finding.fields if name in sheet_columns), None)
        column = sheet_columns[field] if field else min(sheet_columns.values())
        cell = address(finding.place.sheet, finding.place.row, column)
        located.append(replace(finding, cell=cell))
    return located
