"""What becomes of a decision: what is sent, and whether it differs from what the portal has.

The rules ask the same functions (domain file 2.5–2.7), so what is said and what is sent cannot disagree.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from ims_excel.decisions import declares_nothing
from ims_excel.gst.amounts import ZERO, amount_fault
from ims_excel.gst.codes import Action
from ims_excel.portal.overlay import ItcReduction, Overlay
from ims_excel.portal.record import DECLARED_HEADS

if TYPE_CHECKING:
    from decimal import Decimal

    from ims_excel.decisions import Decision, Declared, Entered
    from ims_excel.options import PortalOptions
    from ims_excel.portal.record import Document

ITC_FIELDS = ("itc_reduction", *DECLARED_HEADS)


class ItcAnswer(Enum):
    """What a row says on "whether ITC is to be reduced"."""

    NONE = "no block is sent"
    FULL = "Yes, in full"
    PARTIAL = "Yes, in part"
    NIL = "No"
    INVALID = "says something that cannot be sent"


class RemarksFate(Enum):
    """What becomes of the remarks of a row."""

    ABSENT = "there are none"
    SENT = "sent"
    WITHOUT_ACTION = "dropped: No Action carries none (R32)"
    BLOCKED = "the portal takes none for this record (R31)"
    NOT_WITH_ACCEPTED = "dropped: Accepted carries none here (R33)"


# A line break of two characters is one break; a no-break space is a space to everybody who reads it, and half
# of a character pair could not be written as UTF-8.
_UNSENDABLE = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u00a0\u2028\u2029\ud800-\udfff]")


@lru_cache(maxsize=4096)
def clean_remarks(text: str) -> str:
    """Put a space in place of control characters, tabs and line breaks, and strip the ends (R36)."""
    return _UNSENDABLE.sub(" ", text).strip() if text else ""


def has_itc_cells(entered: Entered) -> bool:
    """Tell whether any of the ITC cells says something, readable or not; a zero says something too."""
    if entered.itc_reduction is not None or not declares_nothing(entered.declared):
        return True
    return any(field in ITC_FIELDS for field, _ in entered.unreadable)


def may_carry_itc(decision: Decision) -> bool:
    """Tell whether the ITC answer is sent at all: section, Accepted, not blocked (domain file 2.7)."""
    record = decision.record
    return (
        record.section.carries_itc_reduction
        and decision.entered.status is Action.ACCEPTED
        and not record.document.itc_blocked
    )


def needs_itc_answer(decision: Decision) -> bool:
    """Tell whether a blank ITC answer stands for Yes, in full (R43).

    In ECOA the answer is optional where the portal's record has no key of that family (7.16).
    """
    record = decision.record
    return may_carry_itc(decision) and (not record.section.is_eco or record.mentions_itc_reduction)


def itc_answer(decision: Decision) -> ItcAnswer:
    """Classify the ITC cells of a row (R43–R51); NONE wherever the answer is not sent."""
    if not may_carry_itc(decision):
        return ItcAnswer.NONE
    entered, document = decision.entered, decision.record.document
    if not _is_consistent(entered, document):
        return ItcAnswer.INVALID
    if entered.itc_reduction is None and not needs_itc_answer(decision):
        return ItcAnswer.NONE
    if entered.itc_reduction is False:
        return ItcAnswer.NIL
    return _extent(entered.declared, document)


def reduces_in_full(decision: Decision) -> bool:
    """Tell whether the ITC of a row is reduced by the document's whole tax (R48)."""
    extent = _extent(decision.entered.declared, decision.record.document)
    return extent is ItcAnswer.FULL and itc_answer(decision) is ItcAnswer.FULL


def _is_consistent(entered: Entered, document: Document) -> bool:
    if entered.unreadable and any(field in ITC_FIELDS for field, _ in entered.unreadable):
        return False
    if declares_nothing(entered.declared):
        return True
    reduces = entered.itc_reduction
    for amount, tax in zip(entered.declared, tax_heads(document), strict=True):
        if amount is None:
            continue
        most = tax if reduces else ZERO
        if (most is not None and amount > most) or (amount and amount_fault(amount)):
            return False
    return not reduces or not is_uneven(entered.declared, document)


def _extent(declared: Declared, document: Document) -> ItcAnswer:
    if declares_nothing(declared):
        return ItcAnswer.FULL
    if not any(declared):
        return ItcAnswer.NIL
    return ItcAnswer.FULL if with_blanks_as_zero(declared) == tax_heads(document) else ItcAnswer.PARTIAL


def declares_something(entered: Entered) -> bool:
    """Tell whether any declared amount is above zero."""
    return any(amount is not None and amount > ZERO for amount in entered.declared)


def with_blanks_as_zero(declared: Declared) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Read blank declared amounts (₹) as zero (R50)."""
    igst, cgst, sgst, cess = declared
    return (igst or ZERO, cgst or ZERO, sgst or ZERO, cess or ZERO)


def tax_heads(document: Document) -> Declared:
    """Give the record's tax (₹) in the order of the declared amounts; None for a head it lacks."""
    return (document.igst, document.cgst, document.sgst, document.cess)


def excesses(declared: Declared, document: Document) -> list[int]:
    """Number the heads (0 = IGST) whose declared amount exceeds the record's tax (R46)."""
    taxes = tax_heads(document)
    return [
        head
        for head, amount in enumerate(declared)
        if amount is not None and (tax := taxes[head]) is not None and amount > tax
    ]


def is_uneven(declared: Declared, document: Document) -> bool:
    """Tell whether declared CGST and SGST differ (R47); the record's own full tax is never uneven (R51)."""
    _, cgst, sgst, _ = declared
    return (cgst or ZERO) != (sgst or ZERO) and with_blanks_as_zero(declared) != tax_heads(document)


def remarks_fate(decision: Decision, options: PortalOptions) -> RemarksFate:
    """Decide whether the remarks of a row are sent (domain file 2.6, 7.4)."""
    if not decision.entered.remarks:
        return RemarksFate.ABSENT
    return remarks_channel(decision, options)


def remarks_channel(
    decision: Decision, options: PortalOptions, answer: ItcAnswer | None = None
) -> RemarksFate:
    """Decide whether a remark on a row would be sent, if there were one; who knows the ITC answer says it."""
    status = decision.entered.status
    if status is Action.NO_ACTION:
        return RemarksFate.WITHOUT_ACTION
    if decision.record.document.remarks_blocked:
        return RemarksFate.BLOCKED
    if status is Action.ACCEPTED and not _accepted_takes_remarks(decision, options, answer):
        return RemarksFate.NOT_WITH_ACCEPTED
    return RemarksFate.SENT


def _accepted_takes_remarks(decision: Decision, options: PortalOptions, answer: ItcAnswer | None) -> bool:
    if options.accept_remarks != "auto":
        return options.accept_remarks == "always"
    # An answer that cannot be sent yet may still become one that takes remarks.
    return (answer or itc_answer(decision)) in (ItcAnswer.NIL, ItcAnswer.PARTIAL, ItcAnswer.INVALID)


def overlay_for(decision: Decision, options: PortalOptions) -> Overlay:
    """Decide what is sent for a decision: action, remarks, ITC answer (domain file 2.5–2.7).

    Always fits the portal's limits; a decision with an error finding is not to be sent, whatever this says.
    For a row whose Status cannot be read it gives the portal's action, bare.
    """
    entered = decision.entered
    if entered.status is None:
        return Overlay(decision.before.status or Action.NO_ACTION)
    remarks = ""
    if remarks_fate(decision, options) is RemarksFate.SENT:
        remarks = _cut(clean_remarks(entered.remarks), options)
    return Overlay(entered.status, remarks, _itc_block(decision))


def _cut(text: str, options: PortalOptions) -> str:
    return text[: options.remarks_limit].rstrip()


def _itc_block(decision: Decision) -> ItcReduction | None:
    answer = itc_answer(decision)
    if answer in (ItcAnswer.NONE, ItcAnswer.INVALID):
        return None
    if answer is ItcAnswer.PARTIAL:
        return ItcReduction(True, with_blanks_as_zero(decision.entered.declared))
    return ItcReduction(answer is ItcAnswer.FULL)


def is_changed(decision: Decision, options: PortalOptions) -> bool:
    """Tell whether a row was touched and what would be sent differs from what the portal has.

    The portal's side is taken literally, without defaults: an answer it lacks is no answer. A row that says
    something unusable in Status or the ITC cells counts as changed: it has to be dealt with.
    """
    if not decision.is_touched:
        return False
    if decision.sent is not None:
        return _differs_from_sent(decision, decision.sent, options)
    status, before = decision.entered.status, decision.before.status or Action.NO_ACTION
    if status is None:
        return True
    if status is not before:
        return status is not Action.NO_ACTION or options.undo == "save"
    if status is Action.NO_ACTION:
        return False
    return _says_other_remarks(decision, options) or _gives_other_itc_answer(decision)


def _differs_from_sent(decision: Decision, sent: Overlay, options: PortalOptions) -> bool:
    status = decision.entered.status
    if status is None or itc_answer(decision) is ItcAnswer.INVALID:
        return True
    if status is Action.NO_ACTION and options.undo == "leave-out":
        return False
    return overlay_for(decision, options) != sent


def repeats_refusal(decision: Decision, options: PortalOptions) -> bool:
    """Tell whether a row would send once more what the portal has refused (L1)."""
    return decision.refused is not None and overlay_for(decision, options) == decision.refused


def _says_other_remarks(decision: Decision, options: PortalOptions) -> bool:
    # A remark that is not sent says nothing, neither does a missing one where none could be sent.
    if remarks_channel(decision, options) is not RemarksFate.SENT:
        return False
    text, saved = clean_remarks(decision.entered.remarks), clean_remarks(decision.before.remarks)
    return text != saved and _cut(text, options) != saved


def _gives_other_itc_answer(decision: Decision) -> bool:
    answer = itc_answer(decision)
    if answer is ItcAnswer.NONE:
        return False
    return answer is ItcAnswer.INVALID or _itc_block(decision) != _portal_itc(decision)


def _portal_itc(decision: Decision) -> ItcReduction | None:
    before = decision.before
    if before.itc_reduction is None:
        return None
    extent = _extent(before.declared, decision.record.document)
    if before.itc_reduction and extent is ItcAnswer.PARTIAL:
        return ItcReduction(True, with_blanks_as_zero(before.declared))
    return ItcReduction(before.itc_reduction and extent is ItcAnswer.FULL)
