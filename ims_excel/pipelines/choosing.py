"""Choosing: which of the decisions go up now, which wait for a correction, and which need no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.portal.overlay import UploadEntry
from ims_excel.rules import blocked_places
from ims_excel.rules.outcome import is_changed, overlay_for, repeats_refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.decisions import Decision
    from ims_excel.options import PortalOptions
    from ims_excel.pipelines.examining import Examined


@dataclass(frozen=True)
class Choice:
    """What becomes of the rows.

    Attributes:
        sent: the changed records, each once, in the order of the sheets.
        entries: the same as they go up.
        held: rows that would send once more what the portal refused (L1).
        reverted: rows that the portal refused and that say again what it has.
        blocked: how many rows errors keep out.
        is_file_blocked: an error about the whole file, such as R11, stands in the way.
    """

    sent: Sequence[Decision]
    entries: Sequence[UploadEntry]
    held: Sequence[Decision]
    reverted: Sequence[Decision]
    blocked: int
    is_file_blocked: bool


def choose(examined: Examined, options: PortalOptions) -> Choice:
    """Choose the records to send: those that differ from what the portal has, and have no error."""
    blocked = blocked_places(examined.findings)
    sent: dict[str, Decision] = {}
    held, reverted = [], []
    for decision in examined.reading.decisions:
        if decision.place in blocked:
            continue
        if not is_changed(decision, options):
            if decision.refused:
                reverted.append(decision)
        elif repeats_refusal(decision, options):
            held.append(decision)
        else:
            sent.setdefault(decision.record.key, decision)
    return Choice(
        sent=list(sent.values()),
        entries=[UploadEntry(d.record, overlay_for(d, options)) for d in sent.values()],
        held=held,
        reverted=reverted,
        blocked=len(blocked),
        is_file_blocked=any(f.place is None and f.severity is Severity.ERROR for f in examined.findings),
    )
