"""Rules about what a newer download brought while people were deciding (R66, and our own N1 and N2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.rules.registry import Complaint, sheet_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.decisions import Reading, Unconfirmed
    from ims_excel.rules.registry import Context

_ASKED = ("changed", "status")
_BRING_BACK = (
    "The column Changed since the last download is gone, in which you say that you have looked: undo its "
    "deletion, or copy the whole column back from an earlier copy of the workbook."
)


def _waiting(reading: Reading, *, conflicts: bool) -> Iterator[Unconfirmed]:
    """Give the rows that wait for a look."""
    for row in reading.unconfirmed:
        if row.is_conflict is conflicts and row.is_open:
            yield row


def _in_a_line(text: str) -> str:
    return " · ".join(text.splitlines())


def _complaint(row: Unconfirmed, what: str, fix: str) -> Complaint:
    decision, told = row.decision, f": {_in_a_line(row.what)}" if row.what else ""
    fix = _BRING_BACK if row.is_blind else fix
    return Complaint(f"{what}{told}.", fix, _ASKED, place=decision.place, document=decision.record.label)


@sheet_rule(
    "R66", Severity.ERROR, title="When the supplier changes a document", source="FAQ24",
    confidence="official", otherwise="the register's advice is answered by ims-xl refresh, which asks again",
)  # fmt: skip
def changed_documents_are_decided_anew(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Look again at a decision whose document the supplier has changed since.

    A change before the supplier files replaces the document and takes the decision off; download again
    shortly before uploading, and refresh. A change after filing arrives as an amended document of its own.
    """
    for row in _waiting(reading, conflicts=False):
        yield _complaint(
            row,
            "The document has changed or come back since this was decided",
            "Decide again, then press Delete in the cell Changed since the last download, or type OK there.",
        )


@sheet_rule("N1", Severity.ERROR, title="Decided online in another way", source="OURS", confidence="ours")
def the_portal_and_the_sheet_agree(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Settle what was decided one way on the dashboard and another way here; neither wins by itself."""
    for row in _waiting(reading, conflicts=True):
        yield _complaint(
            row,
            "It was acted on online meanwhile, in another way",
            "To upload what this row says, press Delete in the cell Changed since the last download, or type "
            "OK there; to leave it as it is online, enter what the portal has.",
        )


@sheet_rule(
    "N2", Severity.INFO, title="No longer in the IMS", source="FAQ24, OURS", confidence="ours",
    otherwise="warning where the row carries a decision that the portal never had",
)  # fmt: skip
def withdrawn_documents_stay_home(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Know that nothing is sent for a document that the latest download no longer has.

    The supplier withdrew it, or it left with GSTR-3B.
    """
    for row in reading.withdrawn:
        is_lost = row.entered != row.before
        yield Complaint(
            _in_a_line(row.what) or "This document is no longer in the IMS.",
            "Nothing is sent for it, so what was decided here has no effect." if is_lost else "",
            ("number",),
            Severity.WARNING if is_lost else None,
            row.place,
            row.record.label,
        )
