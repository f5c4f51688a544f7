"""Logs beside copies of one workbook, put together beside the merged one."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import msgspec

from ims_excel.audit import Event, log_path
from ims_excel.exceptions import WriteError
from ims_excel.files import replacing
from ims_excel.ledgers import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NEVER = datetime.min.replace(tzinfo=timezone.utc)


def unite_logs(books: Iterable[Path], target: Path) -> None:
    """Put the events of all logs into the target's, each once, in time; what that says already stays.

    What cannot be read stays in the log it is in.
    """
    own = list(_lines(target))
    known = {line for _, line in own}
    others: dict[bytes, datetime] = {}
    for book in books:
        for moment, line in _lines(book):
            if moment is not None and line not in known:
                others.setdefault(line, moment)
    if not others:
        return
    dated = [*_dated(own), *((moment, line) for line, moment in others.items())]
    ordered = [line for _, line in sorted(dated, key=lambda one: one[0])]
    with suppress(OSError, WriteError), replacing(log_path(target)) as draft:
        draft.write_bytes(b"".join(line + b"\n" for line in ordered))


def _lines(book: Path) -> Iterator[tuple[datetime | None, bytes]]:
    """Give the lines of a log, each with its time; None for one that cannot be read."""
    with suppress(OSError):
        for line in log_path(book).read_bytes().splitlines():
            moment = None
            with suppress(msgspec.DecodeError, UnicodeDecodeError):
                moment = moment_of(msgspec.json.decode(line, type=Event).at)
            yield moment, line


def _dated(lines: Iterable[tuple[datetime | None, bytes]]) -> Iterator[tuple[datetime, bytes]]:
    """Let lines that cannot be read stay behind the one they stand behind."""
    last = _NEVER
    for moment, line in lines:
        last = moment or last
        yield last, line
