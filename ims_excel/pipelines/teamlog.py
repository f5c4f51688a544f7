"""Logs beside copies of one workbook, put together beside the merged one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from ims_excel.audit import Event, log_path
from ims_excel.ledgers import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def unite_logs(books: Iterable[Path], target: Path) -> None:
    """Begin the target's log with the events of all others, each once, in time; an existing log is kept.

    What cannot be read stays in the log it is in.
    """
    if log_path(target).exists():
        return
    lines: dict[bytes, str] = {}
    decoder = msgspec.json.Decoder(Event)
    for book in books:
        with suppress(OSError):
            for line in log_path(book).read_bytes().splitlines():
                with suppress(msgspec.DecodeError, UnicodeDecodeError):
                    lines.setdefault(line, decoder.decode(line).at)
    if lines:
        ordered = sorted(lines, key=lambda line: moment_of(lines[line]))
        with suppress(OSError):
            log_path(target).write_bytes(b"".join(line + b"\n" for line in ordered))
