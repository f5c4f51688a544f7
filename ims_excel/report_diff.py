"""What a person reads of two downloads compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.gst.amounts import format_rupees
from ims_excel.gst.codes import Action
from ims_excel.pipelines.diff import ACTED, ADDED, CHANGED, UNCHANGED, WITHDRAWN
from ims_excel.portal.differences import FIELD_WORDS
from ims_excel.portal.sections import READ_ONLY_TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ims_excel.pipelines.diff import DiffResult, DiffRow
    from ims_excel.portal.differences import FieldChange

SHOWN_OF_A_KIND = 20
"""Documents of one kind that are listed; --json has them all."""

_WORDS = {ADDED: "new", CHANGED: "changed", ACTED: "acted on", WITHDRAWN: "gone", UNCHANGED: "unchanged"}
_HEADINGS = {
    ADDED: "new",
    CHANGED: "changed by the supplier",
    ACTED: "acted on in the portal, nothing else changed",
    WITHDRAWN: "no longer there",
}


def diff_report(result: DiffResult) -> str:
    """Say what came, what the supplier changed, what was acted on, and what went."""
    lines = [
        f"{', '.join(result.old)} → {', '.join(result.new)}  {result.recipient}",
        "  " + " · ".join(f"{result.counts[what]:,} {word}" for what, word in _WORDS.items()),
    ]
    for what, heading in _HEADINGS.items():
        rows = [row for row in result.rows if row.what == what]
        if rows:
            lines += ["", f"{len(rows):,} {heading}", *_listed(rows)]
    lines += _notes(result)
    return "\n".join(lines)


def _listed(rows: Sequence[DiffRow]) -> Iterator[str]:
    for row in rows[:SHOWN_OF_A_KIND]:
        supplier = row.supplier_name or row.supplier_gstin
        value = f"  {format_rupees(row.value)}" if row.value is not None else ""
        status = f"  {row.status.label}" if row.status is not Action.NO_ACTION else ""
        yield f"  {row.section:<8} {row.number} of {row.date}, {supplier}{value}{status}"
        if row.amends:
            yield f"           amends {row.amends}"
        yield from (f"           {_said(change)}" for change in row.changes)
    if len(rows) > SHOWN_OF_A_KIND:
        yield f"  … and {len(rows) - SHOWN_OF_A_KIND:,} more; --json lists them all."


def _said(change: FieldChange) -> str:
    return f"{FIELD_WORDS[change.field]}: {change.old or 'blank'} → {change.new or 'blank'}"


def _notes(result: DiffResult) -> Iterator[str]:
    """Explain what the counts alone would leave open."""
    gone = [row for row in result.rows if row.what == WITHDRAWN]
    if any(row.status in (Action.ACCEPTED, Action.REJECTED) for row in gone):
        yield ""
        yield "Accepted and rejected documents leave the IMS when GSTR-3B is filed (R62)."
    for key, (came, went) in result.read_only.items():
        yield ""
        title = READ_ONLY_TITLES.get(key.casefold(), key)
        yield f"{title}: {came:,} new or changed, {went:,} gone or changed. See the portal's dashboard."
