"""What the law says around the decisions: nothing to check, something to know (domain file 5.5)."""

from __future__ import annotations

from ims_excel.findings import Severity
from ims_excel.rules.registry import Rule


def _know(rule_id: str, title: str, says: str, *, source: str, confidence: str) -> Rule:
    return Rule(rule_id, Severity.INFO, title, source, confidence, says)


AFTER_FILING = _know(
    "R62", "After GSTR-3B",
    "Once GSTR-3B is filed, accepted and rejected documents leave the IMS for good; pending ones and those "
    "of later periods stay.",
    source="FAQ24", confidence="official",
)  # fmt: skip
LAST_ACTION_WINS = _know(
    "R63", "Changing one's mind",
    "Until GSTR-3B is filed a decision can be changed and the last one counts. From the 14th on, when "
    "GSTR-2B has been generated, recompute it on the dashboard after every change.",
    source="FAQ24", confidence="official",
)  # fmt: skip
QUARTERLY = _know(
    "R64", "Quarterly filers",
    "With QRMP there is one GSTR-2B a quarter, none for its first two months.",
    source="FAQ24", confidence="official",
)  # fmt: skip
PREVIOUS_RETURN = _know(
    "R65", "The previous return",
    "GSTR-2B is not generated while the GSTR-3B of the period before is unfiled.",
    source="FAQ24", confidence="official",
)  # fmt: skip
NOT_IN_IMS = _know(
    "R67", "What never comes to the IMS",
    "Reverse-charge documents and those without ITC by place of supply or time limit go straight to GSTR-2B. "
    "So did GSTR-5; the tool knows its code R5, so it may now appear.",
    source="FAQ24, IG", confidence="official; VBA for R5",
)  # fmt: skip
ECO_DOCUMENTS = _know(
    "R68", "E-commerce operators",
    "Documents an operator reports under section 9(5) are decided on like invoices, their amendments like "
    "amended invoices.",
    source="FAQ25, ASP", confidence="official",
)  # fmt: skip
WRONGLY_REJECTED = _know(
    "R69", "Rejected by mistake",
    "After GSTR-3B the way back is through the supplier, who can report the document unchanged once more, in "
    "GSTR-1A or in the amendment table of GSTR-1.",
    source="irisgst, njjain, gstvidhi", confidence="secondary",
)  # fmt: skip
NOT_DEEMED_REJECTED = _know(
    "R71", "A rumour",
    "That no action means deemed rejection since April 2026 is not true: it still means deemed acceptance.",
    source="secondary article, judged false", confidence="judged",
)  # fmt: skip
