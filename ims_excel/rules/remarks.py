"""Rules about the Remarks of a row (domain file 5.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.rules.outcome import (
    ItcAnswer,
    RemarksFate,
    clean_remarks,
    itc_answer,
    remarks_channel,
    remarks_fate,
)
from ims_excel.rules.registry import Complaint, Stage, row_rule
from ims_excel.rules.wording import unusable

if TYPE_CHECKING:
    from ims_excel.decisions import Decision
    from ims_excel.rules.registry import Context

_FIELDS = ("remarks",)
_RISKY = re.compile(r"""[^\x20-\x7e]|[<>&"'`\\]""")
_SHOWN = 5
_FORMULA_START = ("=", "+", "-", "@")


@lru_cache(maxsize=4096)
def _risky_characters(remarks: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_RISKY.findall(clean_remarks(remarks))))


@row_rule(
    "R30", Severity.ERROR, title="Remarks have a limit", source="IG", confidence="single (VBA)",
    stage=Stage.REMARKS_SENT, otherwise="warning with --long-remarks truncate",
)  # fmt: skip
def remarks_fit(decision: Decision, context: Context) -> Complaint | None:
    """Keep remarks to 250 characters."""
    limit = context.options.remarks_limit
    length = len(clean_remarks(decision.entered.remarks))
    if length <= limit:
        return None
    what = f"The remark has {length:,} characters; the portal takes {limit:,}."
    if context.options.long_remarks == "truncate":
        return Complaint(what, f"It is sent cut after {limit:,} characters.", _FIELDS, Severity.WARNING)
    return Complaint(what, f"Shorten it by {length - limit:,}.", _FIELDS)


@row_rule(
    "R31", Severity.ERROR, title="Remarks where the portal takes them", source="IG, IC",
    confidence="multiple", stage=Stage.REMARKS_UNSENT,
    otherwise="warning with --blocked-remarks drop, and for a remark the portal itself had",
)  # fmt: skip
def remarks_are_open(decision: Decision, context: Context) -> Complaint | None:
    """Do not enter remarks where the portal has closed them for the record."""
    if remarks_fate(decision, context.options) is not RemarksFate.BLOCKED:
        return None
    what = "The portal takes no remarks for this document."
    if decision.entered.remarks == decision.before.remarks:
        return Complaint(what, "The remark saved earlier is not sent again.", _FIELDS, Severity.WARNING)
    if context.options.blocked_remarks == "drop":
        return Complaint(what, "The remark is left out.", _FIELDS, Severity.WARNING)
    return Complaint(what, "Clear the Remarks cell.", _FIELDS)


@row_rule(
    "R32", Severity.WARNING, title="Remarks need an action", source="IG", confidence="single (VBA)",
    stage=Stage.REMARKS_UNSENT,
)  # fmt: skip
def remarks_have_an_action(decision: Decision, context: Context) -> Complaint | None:
    """Know that remarks beside No Action are not sent."""
    if remarks_fate(decision, context.options) is not RemarksFate.WITHOUT_ACTION:
        return None
    return Complaint(
        "A remark beside No Action is not sent.",
        "Choose a Status if the supplier is to read it.",
        ("remarks", "status"),
    )


@row_rule(
    "R33", Severity.WARNING, title="Remarks with Accepted", source="IG, ASP, IC",
    confidence="contested", stage=Stage.REMARKS_UNSENT,
    otherwise="--accept-remarks always sends them, never drops them in the ITC sections too",
)  # fmt: skip
def accepted_takes_remarks(decision: Decision, context: Context) -> Complaint | None:
    """Know that remarks on Accepted are sent only to explain why the ITC is not, or not wholly, reduced."""
    if remarks_fate(decision, context.options) is not RemarksFate.NOT_WITH_ACCEPTED:
        return None
    if context.options.accept_remarks == "never":
        return Complaint("Remarks with Accepted are not sent.", "Nothing to do; the rest is sent.", _FIELDS)
    return Complaint(
        "The remark is not sent: with Accepted the portal takes one only where the ITC is reduced in part "
        "or not at all.",
        "Nothing to do; the rest is sent.",
        _FIELDS,
    )


@row_rule(
    "R34", Severity.WARNING, title="A reason for keeping the ITC", source="FAQ25", confidence="secondary",
    stage=Stage.ITC, otherwise="error with --strict",
)  # fmt: skip
def kept_itc_has_a_reason(decision: Decision, context: Context) -> Complaint | None:
    """Say in Remarks why the ITC of an accepted document is reduced in part or not at all."""
    if decision.entered.remarks:
        return None
    answer = itc_answer(decision)
    if answer not in (ItcAnswer.NIL, ItcAnswer.PARTIAL):
        return None
    if remarks_channel(decision, context.options) is not RemarksFate.SENT:
        return None
    part = "not reduced" if answer is ItcAnswer.NIL else "reduced only in part"
    return Complaint(
        f"The ITC is {part} and Remarks do not say why.",
        "Give the reason, for example “ITC not availed on the original”.",
        ("remarks", "itc_reduction"),
        Severity.ERROR if context.strict else None,
    )


@row_rule(
    "R36", Severity.INFO, title="Line breaks in remarks", source="OURS", confidence="ours",
    stage=Stage.REMARKS_SENT,
)  # fmt: skip
def remarks_are_one_line(decision: Decision, context: Context) -> Complaint | None:
    """Know that line breaks, tabs and control characters in remarks are sent as spaces."""
    text = decision.entered.remarks
    if clean_remarks(text) == text:
        return None
    return Complaint(
        "The remark has line breaks, tabs or hidden characters.", "They are sent as spaces.", _FIELDS
    )


@row_rule(
    "R37", Severity.WARNING, title="Plain characters in remarks", source="IG", confidence="single",
    otherwise="error where the cell is no text at all (#N/A, a formula without a stored result)",
)  # fmt: skip
def remarks_are_plain(decision: Decision, context: Context) -> Complaint | None:
    """Keep remarks to plain letters, digits and . , - / ( ) : as the portal's character set is unpublished.

    Other scripts, quotation marks, backslashes and < > & may be refused.
    """
    text = decision.entered.unreadable_text("remarks")
    if text is not None:
        what, fix = unusable("Remarks", text)
        return Complaint(what, fix or "Type the remark, or clear the cell.", _FIELDS, Severity.ERROR)
    risky = _risky_characters(decision.entered.remarks)
    if not risky or remarks_fate(decision, context.options) is not RemarksFate.SENT:
        return None
    more = " …" if len(risky) > _SHOWN else ""
    return Complaint(
        f"The remark has characters the portal may refuse: {' '.join(risky[:_SHOWN])}{more}",
        "Plain letters, digits and . , - / ( ) : are safest.",
        _FIELDS,
    )


@row_rule(
    "R38", Severity.INFO, title="Remarks that look like a formula", source="IC", confidence="ours",
    stage=Stage.REMARKS,
)  # fmt: skip
def remarks_are_no_formula(decision: Decision, context: Context) -> Complaint | None:
    """Know that remarks beginning with = + - or @ are kept as text, never as a formula."""
    if not decision.entered.remarks.startswith(_FORMULA_START):
        return None
    return Complaint(
        f"The remark begins with “{decision.entered.remarks[0]}”.", "It is stored and sent as text.", _FIELDS
    )
