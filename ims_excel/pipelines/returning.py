"""Documents that had left the IMS and are reported again: under the same identity, or under another date.

    the same date and period   the row is found again; a decision in it is asked for again (R66), as it was
                               about the document that the supplier took back
    another date or period     a new row, which says what the document was and what was decided then

Where a newer download only completes the one before (it holds all its files, and more), nothing had left.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.audit import fields_of, said
from ims_excel.decisions import Decision
from ims_excel.gst.codes import Action
from ims_excel.pipelines.joining import withdrawn_key
from ims_excel.pipelines.judging import Case, Verdict
from ims_excel.portal.comparing import loose_identity
from ims_excel.portal.differences import answer_changes, fact_changes, in_words
from ims_excel.workbook.grid import SEEN

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from ims_excel.decisions import Entered, Withdrawn
    from ims_excel.ledger import Ledger
    from ims_excel.portal.differences import FieldChange
    from ims_excel.portal.record import Record
    from ims_excel.portal.snapshot import Snapshot

BACK = "Back in the IMS"
OPEN_THEN = "Open when it left: "
"""Stands before what was asked about a document when it left; it is asked again when that comes back."""


class Earlier(NamedTuple):
    """What a new document was when it was reported before.

    Attributes:
        record: as it was last known.
        decided: what its row says, in words; "" where nobody decided.
        changes: what the supplier changed, from then to now.
    """

    record: Record
    decided: str
    changes: tuple[FieldChange, ...]

    @property
    def name(self) -> str:
        """Number and date."""
        return f"{self.record.document.number} of {self.record.document.date}"

    @property
    def text(self) -> str:
        """What people read beside the new row."""
        decided = f"Decided then: {self.decided}. Nothing of it was taken over." if self.decided else ""
        lines = (f"Reported again: was {self.name}, which left the IMS.", in_words(self.changes), decided)
        return "\n".join(filter(None, lines))


def completes(old: Snapshot, new: Snapshot) -> bool:
    """Tell whether a download holds all files of the one before: what it has beside was left out then."""
    return {source.sha256 for source in old.sources} <= {source.sha256 for source in new.sources}


def returned(
    withdrawn: Iterable[Withdrawn], added: Iterable[Record]
) -> tuple[list[tuple[Withdrawn, Record]], list[Record]]:
    """Find the rows of withdrawn records that are back, and the records that are really new."""
    waiting: defaultdict[str, list[Withdrawn]] = defaultdict(list)
    for row in withdrawn:
        waiting[row.record.identity].append(row)
    back, fresh = [], []
    for record in added:
        rows = waiting.get(record.identity)
        if rows:
            back.append((rows.pop(0), record))
        else:
            fresh.append(record)
    return back, fresh


def case_of(row: Withdrawn, record: Record, ledger: Ledger, *, is_complete: bool) -> Case:
    """Put the row of a record that is back beside what it is now."""
    was, now = row.record.document, record.document
    return Case(
        Decision(row.record, row.place, row.entered, row.before),
        record,
        fact_changes(was, now),
        answer_changes(was, now),
        ledger.state(withdrawn_key(row.record)),
        known_as=withdrawn_key(row.record),
        is_back=not is_complete or OPEN_THEN in row.what,
    )


def welcomed(row: Withdrawn, verdict: Verdict) -> Verdict:
    """Say that a record is back, and what was open when it left."""
    _, _, asked = row.what.partition(OPEN_THEN)
    text = "\n".join(filter(None, (BACK, "" if verdict.is_settled else asked, verdict.text)))
    return verdict._replace(word=verdict.word or SEEN, text=text)


def reported_again(
    gone: Iterable[tuple[Record, Entered, Entered]], added: Iterable[Record]
) -> dict[str, Earlier]:
    """Find by key the new records that had been reported before with another date or period.

    Args:
        gone: records that left the IMS and still have rows: what a row says, and what the portal had.
        added: records without a row.
    """
    known: dict[Hashable, tuple[Record, Entered, Entered]] = {}
    for row in gone:
        identity = loose_identity(row[0])
        if identity is not None:
            known[row[0].section, identity] = row
    found = {}
    for record in added if known else ():
        earlier = known.get((record.section, loose_identity(record)))
        if earlier is not None:
            was, entered, before = earlier
            is_decided = entered != before or before.status is not Action.NO_ACTION
            changes = fact_changes(was.document, record.document)
            found[record.key] = Earlier(was, said(fields_of(entered)) if is_decided else "", changes)
    return found
