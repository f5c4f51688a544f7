"""Rules about the Status of a row (domain file 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.gst.codes import ACTION_LABELS, Action, FilingStatus, filing_status
from ims_excel.portal.sections import READ_ONLY_TITLES, fold_key
from ims_excel.rules.registry import Complaint, row_rule
from ims_excel.rules.wording import unusable

if TYPE_CHECKING:
    from ims_excel.decisions import Decision
    from ims_excel.rules.registry import Context

STATUS_WORDS = tuple(ACTION_LABELS.values())


@row_rule(
    "R1",
    Severity.ERROR,
    title="Status is one of the four",
    source="IG, IRP, ASP ER103",
    confidence="multiple",
)
def status_is_known(decision: Decision, context: Context) -> Complaint | None:
    """Choose Accepted, Rejected, Pending or No Action in every row.

    The words, their letters A/R/P/N and the portal's verbs are understood in any case. A blank is an
    error, because it may be a slip of the Delete key or a formula that found nothing.
    """
    if decision.entered.status is not None:
        return None
    text = decision.entered.unreadable_text("status") or ""
    what, fix = unusable("Status", text, STATUS_WORDS)
    return Complaint(what, fix, ("status",))


@row_rule(
    "R2", Severity.ERROR, title="Pending where the portal takes it",
    source="IG, IC, ASP, GA, TALLY, FAQ24/25", confidence="official",
)  # fmt: skip
def pending_is_open(decision: Decision, context: Context) -> Complaint | None:
    """Do not choose Pending where the portal has closed it for the record.

    The portal decides this record by record. Usual reasons: a credit note or a downward amendment that was
    already kept pending for its one tax period, or one of before October 2025.
    """
    if decision.entered.status is not Action.PENDING or not decision.record.document.pending_blocked:
        return None
    return Complaint(
        "Pending is not available: the portal has closed it for this document.",
        "Choose Accepted or Rejected; left at No Action it is deemed accepted.",
        ("status",),
    )


@row_rule(
    "R3", Severity.WARNING, title="An earlier decision is taken back",
    source="ADV, FAQ24, IG", confidence="medium",
    otherwise="with --undo leave-out the row is not exported",
)  # fmt: skip
def decision_is_withdrawn(decision: Decision, context: Context) -> Complaint | None:
    """Know that going back to No Action withdraws the decision saved on the portal.

    Without a decision the document is deemed accepted when GSTR-2B is generated. Confirm it on the
    dashboard after the upload; its Reset button is the other way.
    """
    before = decision.before.status
    if decision.entered.status is not Action.NO_ACTION or before in (None, Action.NO_ACTION):
        return None
    if context.options.undo == "leave-out":
        return Complaint(
            f"{before.label} is taken back to No Action, which the upload leaves out: "
            f"the portal still has {before.label}.",
            "Use Reset on the IMS dashboard for this document.",
            ("status",),
        )
    return Complaint(
        f"{before.label} is withdrawn; without a decision the document is deemed accepted in GSTR-2B.",
        "Check on the dashboard after the upload that it shows No Action; if not, use Reset there.",
        ("status",),
    )


@row_rule(
    "R6", Severity.WARNING, title="Accepted before the supplier has filed",
    source="FAQ24, IC, IC #3103", confidence="official",
)  # fmt: skip
def supplier_has_filed(decision: Decision, context: Context) -> Complaint | None:
    """Think twice before accepting what the supplier has saved but not filed.

    Only filed documents reach GSTR-2B, and until then the supplier can still change them, which takes
    the decision off again.
    """
    if decision.entered.status is not Action.ACCEPTED:
        return None
    document = decision.record.document
    if filing_status(document.filing_status) is not FilingStatus.NOT_FILED:
        return None
    other = "No Action" if document.pending_blocked else "Pending or No Action"
    return Complaint(
        "The supplier has not filed yet: the document is not in GSTR-2B and may still change.",
        f"Consider {other} until the supplier files.",
        ("status", "filing_status"),
    )


@row_rule(
    "R8", Severity.ERROR, title="Imports cannot be rejected",
    source="BOE25, FG", confidence="official",
)  # fmt: skip
def import_is_not_rejected(decision: Decision, context: Context) -> Complaint | None:
    """Accept bills of entry or keep them pending; the portal takes no rejection."""
    if decision.entered.status is not Action.REJECTED:
        return None
    key = fold_key(decision.record.section.key)
    if not key.startswith("impg") or key not in READ_ONLY_TITLES:
        return None
    return Complaint("A bill of entry cannot be rejected.", "Choose Accepted or Pending.", ("status",))
