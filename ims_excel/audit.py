"""The log of a workbook: what was done to it, when, by whom, with which files, and what was decided.

``BOOK.audit.jsonl`` beside the workbook is the record: one event a line, only ever added to. The sheet "Log"
and the ledger inside the workbook show the newest events, for people who got the workbook alone.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
from collections.abc import Mapping  # noqa: TC003  msgspec resolves the types of Change at run time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from ims_excel import __version__
from ims_excel.decisions import declares_nothing
from ims_excel.exceptions import InputError
from ims_excel.portal.record import DECLARED_HEADS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from ims_excel.decisions import Entered

SUFFIX = ".audit.jsonl"
KEPT_ROWS = 5_000
"""Rows of the log that travel inside the workbook; the file beside it has all."""

_WORDS = {
    "remarks": "remarks",
    "itc_reduction": "ITC to be reduced",
    "declared_igst": "IGST",
    "declared_cgst": "CGST",
    "declared_sgst": "SGST",
    "declared_cess": "cess",
}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class FileMark:
    """A file that took part: what it was, its name, and its SHA-256 in hex."""

    role: str
    name: str
    sha256: str


class Change(msgspec.Struct, frozen=True, gc=False):
    """A decision that changed since the event before.

    Attributes:
        key: the record's key.
        document: the document as people name it.
        old: by machine name of the column, what the row said; without what was blank.
        new: what it says now.
        by: whose it is, where that is not whoever ran the verb.
    """

    key: str
    document: str
    old: Mapping[str, str]
    new: Mapping[str, str]
    by: str = ""


class Told(msgspec.Struct, frozen=True, gc=False):
    """What a newer download brought for a document, or that somebody has looked at it.

    Attributes:
        document: the document as people name it.
        what: in a few words.
        text: the details, in a line; "" without any.
    """

    document: str
    what: str
    text: str = ""


@dataclass(frozen=True)
class Event:
    """Something that was done with a workbook.

    Attributes:
        at: the time with its zone, ISO 8601.
        event: the verb.
        user: who was logged in; "" where the system does not tell.
        version: of ims-xl.
        book: the workbook's name.
        files: the files that were read and written.
        counts: how many of what.
        changes: decisions that changed since the event before.
        refused: documents that the portal's error report names.
        told: what a newer download brought, and what people looked at.
        omitted: changes that only the file beside the workbook has.
    """

    at: str
    event: str
    user: str
    version: str
    book: str
    files: tuple[FileMark, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    refused: tuple[str, ...] = ()
    omitted: int = 0
    told: tuple[Told, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows it takes on the sheet."""
        return 1 + len(self.changes) + len(self.refused) + len(self.told)


def time_of(moment: datetime) -> str:
    """Write a moment as the log and the ledger have it, in the local time zone."""
    return moment.astimezone().isoformat(timespec="seconds")


def event_now(
    verb: str,
    moment: datetime,
    book: Path,
    *,
    files: Iterable[FileMark] = (),
    counts: dict[str, int] | None = None,
    changes: Iterable[Change] = (),
    refused: Iterable[str] = (),
    told: Iterable[Told] = (),
) -> Event:
    """Make the event of a verb that has just done its work."""
    return Event(
        at=time_of(moment),
        event=verb,
        user=_user(),
        version=__version__,
        book=book.name,
        files=tuple(files),
        counts=counts or {},
        changes=tuple(changes),
        refused=tuple(refused),
        told=tuple(told),
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account, or Windows without its variables
        return ""


def mark_of(role: str, path: Path) -> FileMark:
    """Give a file's mark as it is on disk now."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return FileMark(role, path.name, digest.hexdigest())


def fields_of(entered: Entered) -> Mapping[str, str]:
    """Put what a row says in texts by machine name; blanks are left out, but for a blank Status."""
    # 5 and 5.00 are the same amount, and not the same text.
    return _known_fields(entered) if declares_nothing(entered.declared) else _fields(entered)


@lru_cache(maxsize=4096)
def _known_fields(entered: Entered) -> Mapping[str, str]:
    return _fields(entered)


def _fields(entered: Entered) -> dict[str, str]:
    fields = {"status": entered.status.label} if entered.status else {}
    if entered.remarks:
        fields["remarks"] = entered.remarks
    if entered.itc_reduction is not None:
        fields["itc_reduction"] = "Yes" if entered.itc_reduction else "No"
    for head, amount in zip(DECLARED_HEADS, entered.declared, strict=True):
        if amount is not None:
            fields[head] = f"{amount:f}"
    return fields | dict(entered.unreadable)


def said(fields: Mapping[str, str]) -> str:
    """Put what a row says in one line for people."""
    parts = [fields.get("status") or "(blank)"]
    parts += [f"{word}: {fields[name]}" for name, word in _WORDS.items() if name in fields]
    return "; ".join(parts)


def newest(events: Sequence[Event], rows: int = KEPT_ROWS) -> tuple[Event, ...]:
    """Keep the newest events that fit in so many rows; the last to fit is cut and says so."""
    kept: list[Event] = []
    for event in reversed(events):
        if rows <= 0:
            break
        kept.append(_cut(event, rows))
        rows -= kept[-1].rows
    return tuple(reversed(kept))


def _cut(event: Event, rows: int) -> Event:
    if event.rows <= rows:
        return event
    refused = event.refused[: rows - 1]
    changes = event.changes[: rows - 1 - len(refused)]
    told = event.told[: rows - 1 - len(refused) - len(changes)]
    omitted = event.omitted + event.rows - 1 - len(refused) - len(changes) - len(told)
    return replace(event, changes=changes, refused=refused, told=told, omitted=omitted)


def log_path(book: Path) -> Path:
    """Name the log that belongs to a workbook: ``march.xlsx`` has ``march.audit.jsonl``."""
    return book.with_suffix(SUFFIX)


def append_event(
    book: Path, event: Event, *, history: Path | None = None, earlier: Sequence[Event] = ()
) -> None:
    """Add an event to a workbook's log and see it on the disk.

    Args:
        book: the workbook.
        event: the event.
        history: the workbook it was copied from, whose log a new log continues.
        earlier: the events that the workbook carries, with which a new log begins where there is no other.

    Raises:
        OSError: the log cannot be written.
    """
    path, events = log_path(book), [event]
    if history is not None and not path.exists() and log_path(history).exists():
        shutil.copyfile(log_path(history), path)
    elif not path.exists():
        events = [*earlier, event]
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in events)
    with path.open("a+b") as file:
        file.write(lines if _ends_a_line(path) else b"\n" + lines)
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(path: Path) -> bool:
    """Tell whether the log's last event is whole; a crash may have cut it."""
    if not path.stat().st_size:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


@dataclass(frozen=True)
class Log:
    """What a log says: its events, oldest first, and the numbers of lines that cannot be read."""

    events: tuple[Event, ...] = ()
    damaged: tuple[int, ...] = ()


def read_events(book: Path) -> Log | None:
    """Read a workbook's log; None when there is none beside it.

    Raises:
        InputError: it is there and cannot be opened.
    """
    path = log_path(book)
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise InputError(path, f"cannot be read: {problem.strerror or problem}.") from problem
    read = [_event_in(line) for line in lines]
    damaged = (number for number, event in enumerate(read, start=1) if event is None)
    return Log(tuple(event for event in read if event), tuple(damaged))


def _event_in(line: bytes) -> Event | None:
    try:
        return msgspec.json.decode(line, type=Event)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
