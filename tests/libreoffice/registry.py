"""The table of the driver's commands, and what a command is given.

A command is a small function, registered under its own name. ``@on_office`` commands take the session;
``@on_document`` ones the document; ``@on_sheet`` ones the document and the sheet, both found from the
request's ``doc`` (a number) and ``sheet`` (a title). Addresses are as in A1, rows count from 1,
columns are letters.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS: dict[str, Callable[..., Any]] = {}


@dataclass
class Session:
    """LibreOffice's desktop and the documents open in it, by number."""

    desktop: Any
    documents: dict[int, Any] = field(default_factory=dict)


def on_office(command: Callable[..., Any]) -> Callable[..., Any]:
    """Register a command on the session itself."""
    COMMANDS[command.__name__] = command
    return command


def on_document(command: Callable[..., Any]) -> Callable[..., Any]:
    """Register a command on one open document."""

    @functools.wraps(command)
    def with_document(session: Session, doc: int, **request: Any) -> Any:
        return command(session.documents[doc], **request)

    COMMANDS[command.__name__] = with_document
    return command


def on_sheet(command: Callable[..., Any]) -> Callable[..., Any]:
    """Register a command on one sheet of an open document."""

    @functools.wraps(command)
    def with_sheet(session: Session, doc: int, sheet: str, **request: Any) -> Any:
        document = session.documents[doc]
        return command(document, document.Sheets.getByName(sheet), **request)

    COMMANDS[command.__name__] = with_sheet
    return command
