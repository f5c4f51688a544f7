"""Examining: read a worked-on workbook and say everything the rules have to say about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ims_excel.exceptions import DownloadError, WorkbookError
from ims_excel.pipelines.joining import join
from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import load_snapshot
from ims_excel.rules import Context, check
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import PROPERTY_RECIPIENT
from ims_excel.workbook.read import read_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ims_excel.decisions import Reading
    from ims_excel.findings import Finding
    from ims_excel.options import PortalOptions
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.workbook.read import Book


@dataclass(frozen=True)
class Examined:
    """A workbook, the download inside it, their join, and the findings with the cells they are about."""

    book: Book
    snapshot: Snapshot
    reading: Reading
    findings: tuple[Finding, ...]


def open_book(path: Path, source: Path | None = None) -> tuple[Book, Snapshot]:
    """Read a workbook and the download it was built from.

    Raises:
        WorkbookError: it is not ours, or lost its hidden sheet and no ``source`` was given.
    """
    book = read_book(path)
    recipient = book.properties.get(PROPERTY_RECIPIENT)
    if source is not None:
        return book, read_downloads([source], recipient=recipient)
    if book.blob is None:
        raise WorkbookError(
            path,
            "the hidden sheet with the portal's records was deleted; pass --source with the download "
            "this workbook was built from.",
        )
    try:
        snapshot = load_snapshot(book.blob)
    except (DownloadError, ValueError) as problem:
        raise WorkbookError(
            path,
            "the hidden sheet with the portal's records is damaged; pass --source with the download "
            f"this workbook was built from. ({problem})",
        ) from problem
    return book, snapshot


def examine(
    path: Path, *, source: Path | None, options: PortalOptions, strict: bool, now: datetime | None = None
) -> Examined:
    """Read a workbook, join it with its download and check every rule."""
    book, snapshot = open_book(path, source)
    reading = join(book, snapshot)
    moment = now or datetime.now(timezone.utc)
    context = Context(
        options=options,
        recipient=snapshot.recipient,
        book_recipient=book.properties.get(PROPERTY_RECIPIENT),
        today=moment.astimezone().date(),
        downloaded_at=snapshot.downloaded_at,
        strict=strict,
    )
    return Examined(book, snapshot, reading, tuple(locate(check(reading, context), book)))


def locate(findings: Sequence[Finding], book: Book) -> list[Finding]:
    """Give each finding with a place the address of the cell to look at."""
    columns = {sheet.title: sheet.columns for sheet in book.sheets}
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
