"""Our own rule about rows that were exported before; the portal's register has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.rules.outcome import repeats_refusal
from ims_excel.rules.registry import Complaint, row_rule

if TYPE_CHECKING:
    from ims_excel.decisions import Decision
    from ims_excel.rules.registry import Context


@row_rule("L1", Severity.WARNING, title="What the portal refused", source="ADV, OURS", confidence="ours")
def refusals_are_corrected(decision: Decision, context: Context) -> Complaint | None:
    """Correct a row that the portal answered with an error: until it changes it is left out of uploads.

    With --resend-refused it is sent once more as it is.
    """
    if not repeats_refusal(decision, context.options):
        return None
    return Complaint(
        "The portal refused this decision, and the row still says the same: it is left out.",
        "Correct what the portal's error says, or send it once more with --resend-refused.",
        ("status",),
    )
