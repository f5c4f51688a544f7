"""log: what was done with a workbook, and what was decided when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.audit import Event, log_path, read_events
from ims_excel.pipelines.examining import open_ledger
from ims_excel.workbook.read import read_book

if TYPE_CHECKING:
    from ims_excel.ledger import Ledger


@dataclass(frozen=True)
class Export:
    """A time a document was exported: its key, the upload, when, the action, and what became of it."""

    key: str
    upload: str
    at: str
    action: str
    standing: str


@dataclass(frozen=True)
class LogResult:
    """What a workbook's log says.

    Attributes:
        book: the workbook.
        log: the file beside it; None when it is gone, and the events are those the workbook carries.
        document: the number that was asked for; None for all.
        events: oldest first; of one document only those that name it.
        damaged: numbers of the log's lines that cannot be read.
        exports: of one document, the uploads that still count, oldest first.
    """

    book: Path
    log: Path | None
    document: str | None
    events: tuple[Event, ...]
    damaged: tuple[int, ...] = ()
    exports: tuple[Export, ...] = ()


def read_log(book: Path | str, document: str | None = None) -> LogResult:
    """Read what was done with a workbook, from the log beside it or else from the workbook itself.

    Args:
        book: the workbook.
        document: the number of a document, to see only what was decided on it and what became of that.

    Raises:
        ImsError: neither the log nor the workbook can be read.
    """
    path = Path(book)
    log = read_events(path)
    ledger = open_ledger(read_book(path)) if log is None or document is not None else None
    events = log.events if log else ledger.events if ledger else ()
    return LogResult(
        book=path,
        log=log_path(path) if log else None,
        document=document,
        events=events if document is None else tuple(_about(document, events)),
        damaged=log.damaged if log else (),
        exports=tuple(_exports(document, ledger)) if document is not None and ledger else (),
    )


def _about(document: str, events: tuple[Event, ...]) -> list[Event]:
    """Choose the events that name a document, and of those only what they say of it."""
    chosen = []
    for event in events:
        changes = tuple(change for change in event.changes if _is_label_of(document, change.document))
        refused = tuple(label for label in event.refused if _is_label_of(document, label))
        told = tuple(told for told in event.told if _is_label_of(document, told.document))
        if changes or refused or told:
            chosen.append(replace(event, changes=changes, refused=refused, told=told))
    return chosen


def _is_label_of(document: str, label: str) -> bool:
    return label.casefold().startswith(f"{document.strip().casefold()} of ")


def _exports(document: str, ledger: Ledger) -> list[Export]:
    number = document.strip().casefold()
    return [
        Export(
            key,
            ledger.uploads[sending.upload].name,
            ledger.uploads[sending.upload].at,
            sending.overlay.action.label,
            sending.standing.value,
        )
        for key, sendings in ledger.sendings.items()
        if f"|{number}|" in key
        for sending in sendings
    ]
