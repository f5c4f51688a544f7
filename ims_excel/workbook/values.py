"""What the cells of a record say at build, column by column, a batch of records at a time.

Everything that writes rows takes its values here: the stamp, and the plain writer it is compared with.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ims_excel.gst.codes import Action
from ims_excel.portal.record import DECLARED_HEADS
from ims_excel.workbook.shown import SHOWN, Shown, Source, alerts, fitting, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ims_excel.portal.record import Record

Values = list[Shown]
"""The values of one column; an empty list means blanks all the way."""
Batch = list[Values]
"""The columns of some neighbouring rows."""

BATCH_ROWS = 200

_ANSWERS: dict[object, Shown] = {True: "Yes", False: "No"}
_FLAGS: dict[object, Shown] = {True: "Y", False: "N", None: "N"}
_LABELS: dict[object, Shown] = {action: action.label for action in Action}


def _as_it_is(value: Shown) -> Shown:
    return value


_ENTERED = {
    "status": Source("action", show=_LABELS.get),
    "remarks": text("remarks"),
    "itc_reduction": Source("itc_reduction", show=_ANSWERS.get),
    **{head: Source(head, show=_as_it_is) for head in DECLARED_HEADS},
}
"""The input columns, as the portal has them at build."""

_SOURCES = {
    **SHOWN,
    **_ENTERED,
    **{f"previous_{name}": source for name, source in _ENTERED.items()},
    "alerts": alerts,
    "pending_blocked": Source("pending_blocked", show=_FLAGS.get),
    "remarks_blocked": Source("remarks_blocked", show=_FLAGS.get),
    "itc_blocked": Source("itc_blocked", show=_FLAGS.get),
    "itc_availability": text("itc_availability"),
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
    made: dict[Source, Values] = {}
    columns: Batch = []
    for name in names:
        source = _SOURCES.get(name)
        if name == "key":
            columns.append([fitting(record.key) for record in records])
        elif source is None:
            columns.append([])
        else:
            columns.append(made.get(source) or made.setdefault(source, source.column(documents)))
    return columns
