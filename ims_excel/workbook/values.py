"""What the cells of a record say at build, column by column, a batch of records at a time.

Everything that writes rows takes its values here: the stamp, and the plain writer it is compared with.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ims_excel.gst.codes import Action
from ims_excel.portal.record import DECLARED_HEADS
from ims_excel.workbook.shown import SHOWN, Shown, alerts, fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from decimal import Decimal

    from ims_excel.portal.record import Document, Record

Values = list[Shown]
"""The values of one column; an empty list means blanks all the way."""
Batch = list[Values]
"""The columns of some neighbouring rows."""

BATCH_ROWS = 500

_NO_ACTION = Action.NO_ACTION
_ANSWERS = {True: "Yes", False: "No", None: None}


def _status(document: Document) -> Shown:
    action = document.action
    return "No Action" if action is _NO_ACTION else action.label


def _remarks(document: Document) -> Shown:
    return fitting(document.remarks)


def _answer(document: Document) -> Shown:
    return _ANSWERS[document.itc_reduction]


def _declared(field: str) -> Callable[[Document], Shown]:
    def show(document: Document) -> Shown:
        amount: Decimal | None = getattr(document, field)
        return amount

    return show


def _flag(field: str) -> Callable[[Document], Shown]:
    return lambda document: "Y" if getattr(document, field) else "N"


_ENTERED: dict[str, Callable[[Document], Shown]] = {
    "status": _status,
    "remarks": _remarks,
    "itc_reduction": _answer,
    **{head: _declared(head) for head in DECLARED_HEADS},
}
"""The input columns, as the portal has them at build."""

_SOURCES: dict[str, Callable[[Document], Shown]] = {
    **SHOWN,
    **_ENTERED,
    **{f"previous_{name}": source for name, source in _ENTERED.items()},
    "alerts": alerts,
    "pending_blocked": _flag("pending_blocked"),
    "remarks_blocked": _flag("remarks_blocked"),
    "itc_blocked": _flag("itc_blocked"),
    "itc_availability": lambda document: fitting(document.itc_availability),
}
"""By machine name, what a cell says; a name that is not here is blank (errors, the firm's own columns)."""


def batches(records: Iterable[Record], names: Sequence[str], size: int = BATCH_ROWS) -> Iterator[Batch]:
    """Give the values of the named columns for all records, some hundred rows at a time."""
    walk = iter(records)
    while chunk := list(islice(walk, size)):
        yield batch(chunk, names)


def batch(records: Sequence[Record], names: Sequence[str]) -> Batch:
    """Give the values of the named columns for some records."""
    documents = [record.document for record in records]
    made: dict[Callable[[Document], Shown], Values] = {}
    columns: Batch = []
    for name in names:
        source = _SOURCES.get(name)
        if name == "key":
            columns.append([fitting(record.key) for record in records])
        elif source is None:
            columns.append([])
        else:
            columns.append(made.get(source) or made.setdefault(source, [source(doc) for doc in documents]))
    return columns
