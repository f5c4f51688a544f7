"""Rules about "whether ITC is to be reduced" and the declared amounts (domain file 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.decisions import declares_nothing
from ims_excel.findings import Severity
from ims_excel.gst.amounts import ZERO, format_rupees
from ims_excel.gst.codes import Action
from ims_excel.portal.record import DECLARED_HEADS
from ims_excel.rules.outcome import (
    ITC_FIELDS,
    ItcAnswer,
    declares_something,
    excesses,
    has_itc_cells,
    is_uneven,
    itc_answer,
    may_carry_itc,
    needs_itc_answer,
    tax_heads,
    with_blanks_as_zero,
)
from ims_excel.rules.registry import Complaint, Stage, row_rule
from ims_excel.rules.wording import column, listed, tax_of, unusable

if TYPE_CHECKING:
    from ims_excel.decisions import Decision
    from ims_excel.rules.registry import Context

_ANSWER = "itc_reduction"
_HEADING = column(_ANSWER)


def _filled(decision: Decision) -> tuple[str, ...]:
    """Name the ITC cells that say something."""
    entered = decision.entered
    unreadable = {field for field, _ in entered.unreadable}
    values = (entered.itc_reduction, *entered.declared)
    pairs = zip(ITC_FIELDS, values, strict=True)
    return tuple(field for field, value in pairs if value is not None or field in unreadable)


def _is_left_over(decision: Decision) -> bool:
    """Tell whether the ITC cells still say what the portal had, so nobody typed them."""
    entered, before = decision.entered, decision.before
    return not any(field in ITC_FIELDS for field, _ in entered.unreadable) and (
        (entered.itc_reduction, entered.declared) == (before.itc_reduction, before.declared)
    )


@row_rule(
    "R40", Severity.ERROR, title="ITC answer in its sections", source="ASP ER109, IC",
    confidence="multiple", stage=Stage.ITC_UNSENT,
)  # fmt: skip
def section_carries_itc(decision: Decision, context: Context) -> Complaint | None:
    """Answer whether ITC is to be reduced only for credit notes and amendments.

    Invoices, debit notes and e-commerce documents have no such answer.
    """
    if decision.record.section.carries_itc_reduction or not has_itc_cells(decision.entered):
        return None
    return Complaint(
        f"{decision.record.section.sheet} has no ITC reduction to declare.",
        "Clear the ITC cells of this row.",
        _filled(decision),
    )


@row_rule(
    "R41", Severity.ERROR, title="ITC answer with Accepted", source="IG, IC, IRP, ASP ER108",
    confidence="multiple", stage=Stage.ITC_UNSENT,
    otherwise="warning with --itc-without-accept ignore, and for an answer the portal itself had",
)  # fmt: skip
def itc_needs_accepted(decision: Decision, context: Context) -> Complaint | None:
    """Fill the ITC cells only in rows that are Accepted."""
    status = decision.entered.status
    if status in (Action.ACCEPTED, None) or not decision.record.section.carries_itc_reduction:
        return None
    if not has_itc_cells(decision.entered):
        return None
    what = f"The ITC cells are filled although Status is {status.label}."
    if _is_left_over(decision) or context.options.itc_without_accept == "ignore":
        return Complaint(what, "They are not sent.", _filled(decision), Severity.WARNING)
    return Complaint(what, "Clear them, or choose Accepted.", (*_filled(decision), "status"))


@row_rule(
    "R42", Severity.ERROR, title="ITC answer where the portal takes it", source="IG, IC",
    confidence="multiple", stage=Stage.ITC_UNSENT, otherwise="warning for an answer the portal itself had",
)  # fmt: skip
def itc_is_open(decision: Decision, context: Context) -> Complaint | None:
    """Leave the ITC cells empty where the portal has closed them for the record."""
    record = decision.record
    if not record.document.itc_blocked or decision.entered.status is not Action.ACCEPTED:
        return None
    if not record.section.carries_itc_reduction or not has_itc_cells(decision.entered):
        return None
    what = "The portal takes no ITC reduction for this document."
    if _is_left_over(decision):
        return Complaint(
            what, "The answer saved earlier is not sent again.", _filled(decision), Severity.WARNING
        )
    return Complaint(what, "Clear the ITC cells of this row.", _filled(decision))


@row_rule(
    "R43", Severity.WARNING, title="An answer on the ITC is needed", source="IC #4228, IRP, FAQ25",
    confidence="multiple", stage=Stage.ITC, otherwise="error with --strict",
)  # fmt: skip
def itc_is_answered(decision: Decision, context: Context) -> Complaint | None:
    """Answer whether ITC is to be reduced on every accepted credit note and amendment that asks for it.

    The portal refuses such a document without an answer. A blank is sent as Yes, in full.
    """
    entered = decision.entered
    if entered.itc_reduction is not None or not needs_itc_answer(decision):
        return None
    if entered.unreadable_text(_ANSWER) is not None or declares_something(entered):
        return None
    tax = format_rupees(tax_of(decision.record.document))
    sent = (
        f"Yes, in full ({tax}), is sent." if declares_nothing(entered.declared) else "Yes is taken as said."
    )
    return Complaint(
        f"“{_HEADING}” is not answered. {sent}",
        "Choose Yes or No.",
        (_ANSWER,),
        Severity.ERROR if context.strict else None,
    )


@row_rule(
    "R44", Severity.ERROR, title="ITC answer is Yes or No", source="ASP ER104", confidence="API",
    stage=Stage.ITC_UNSENT,
)  # fmt: skip
def itc_answer_is_known(decision: Decision, context: Context) -> Complaint | None:
    """Answer whether ITC is to be reduced with Yes or No."""
    text = decision.entered.unreadable_text(_ANSWER)
    if text is None or not may_carry_itc(decision):
        return None
    what, fix = unusable(f"“{_HEADING}”", text, ("Yes", "No"))
    return Complaint(what, fix, (_ANSWER,))


@row_rule(
    "R45", Severity.ERROR, title="Declared amounts need Yes", source="ASP ER107", confidence="API",
    stage=Stage.ITC_UNSENT,
)  # fmt: skip
def amounts_have_a_yes(decision: Decision, context: Context) -> Complaint | None:
    """Declare amounts only together with Yes."""
    entered = decision.entered
    if entered.itc_reduction or not may_carry_itc(decision) or not declares_something(entered):
        return None
    if entered.unreadable_text(_ANSWER) is not None:
        return None
    answer = "is not answered" if entered.itc_reduction is None else "says No"
    total = format_rupees(sum(with_blanks_as_zero(entered.declared), ZERO))
    heads = (name for name, amount in zip(DECLARED_HEADS, entered.declared, strict=True) if amount)
    return Complaint(
        f"{total} is declared although “{_HEADING}” {answer}.",
        "Choose Yes, or clear the amounts.",
        (_ANSWER, *heads),
    )


@row_rule(
    "R46", Severity.ERROR, title="Declared amounts within the tax", source="IC, BOE25",
    confidence="multiple", stage=Stage.ITC_UNSENT,
)  # fmt: skip
def declared_within_tax(decision: Decision, context: Context) -> Complaint | None:
    """Declare no more than the document's own tax, head by head."""
    entered, document = decision.entered, decision.record.document
    if not entered.itc_reduction or not may_carry_itc(decision):
        return None
    over = excesses(entered.declared, document)
    if not over:
        return None
    taxes = tax_heads(document)
    parts = [
        f"{column(DECLARED_HEADS[head])} {format_rupees(entered.declared[head] or ZERO)} "
        f"exceeds the document's {format_rupees(taxes[head] or ZERO)}"
        for head in over
    ]
    return Complaint(
        f"{listed(parts)}.",
        "Enter at most the tax of the same head, or clear all four amounts for a full reduction.",
        tuple(DECLARED_HEADS[head] for head in over),
    )


@row_rule(
    "R47", Severity.ERROR, title="Central and State amounts agree", source="IC, ASP ER106",
    confidence="multiple", stage=Stage.ITC_UNSENT,
    otherwise="silent where the declared amounts are the document's own tax (R51)",
)  # fmt: skip
def declared_halves_agree(decision: Decision, context: Context) -> Complaint | None:
    """Declare the same amount for Central and State/UT tax."""
    entered = decision.entered
    if not entered.itc_reduction or not may_carry_itc(decision):
        return None
    if not is_uneven(entered.declared, decision.record.document):
        return None
    _, cgst, sgst, _ = with_blanks_as_zero(entered.declared)
    return Complaint(
        f"Declared central tax is {format_rupees(cgst)}, declared State/UT tax {format_rupees(sgst)}.",
        "Enter the same amount in both.",
        ("declared_cgst", "declared_sgst"),
    )


@row_rule(
    "R49", Severity.WARNING, title="A reduction of zero is No", source="IC", confidence="API",
    stage=Stage.ITC,
)  # fmt: skip
def zero_is_no(decision: Decision, context: Context) -> Complaint | None:
    """Know that Yes with nothing but zeros declared is sent as No."""
    entered = decision.entered
    if entered.itc_reduction is False or any(entered.declared) or itc_answer(decision) is not ItcAnswer.NIL:
        return None
    return Complaint(
        "The declared amounts are all zero: No is sent, the ITC is not reduced.",
        "Choose No to say so yourself, or enter the amounts; clear them for a full reduction.",
        _filled(decision),
    )


@row_rule(
    "R50", Severity.INFO, title="Blank amounts beside filled ones", source="ASP", confidence="API",
    stage=Stage.ITC,
)  # fmt: skip
def blanks_are_zero(decision: Decision, context: Context) -> Complaint | None:
    """Know that beside a declared amount a blank one counts as zero."""
    declared = decision.entered.declared
    if not any(amount is None for amount in declared) or declares_nothing(declared):
        return None
    # A blank head of a document without that tax can only mean zero, and is not worth a word.
    taxes = zip(DECLARED_HEADS, declared, tax_heads(decision.record.document), strict=True)
    telling = tuple(name for name, amount, tax in taxes if amount is None and tax)
    if not telling or itc_answer(decision) is not ItcAnswer.PARTIAL:
        return None
    return Complaint(
        f"{listed([column(name) for name in telling])} is blank beside a declared amount and counts as ₹0.",
        "Nothing to do if that is meant.",
        telling,
    )


@row_rule(
    "R51", Severity.INFO, title="The whole tax declared is a full reduction", source="IC", confidence="API",
    stage=Stage.ITC,
)  # fmt: skip
def whole_tax_is_full(decision: Decision, context: Context) -> Complaint | None:
    """Know that declaring the document's whole tax is sent as a full reduction, without amounts."""
    filled = with_blanks_as_zero(decision.entered.declared)
    if not any(filled) or filled != tax_heads(decision.record.document):
        return None
    if itc_answer(decision) is not ItcAnswer.FULL:
        return None
    return Complaint(
        f"The declared amounts are the whole tax ({format_rupees(tax_of(decision.record.document))}): "
        "a full reduction is sent.",
        "",
        (_ANSWER,),
    )
