"""Rules about the portal's own facts, and about amounts (domain file 5.2).

They are asked only of rows that go to the portal. What the portal wrote is sent back as it came, so most of
these are warnings: the person should know before relying on the document.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from ims_excel.decisions import declares_nothing
from ims_excel.findings import Severity
from ims_excel.gst.amounts import amount_fault, format_rupees, is_ordinary_amount
from ims_excel.gst.codes import DOCUMENT_TYPES, SOURCE_FORMS
from ims_excel.gst.dates import GST_START, format_date, is_period, parse_date
from ims_excel.gst.gstin import has_valid_check_digit, is_gstin
from ims_excel.gst.states import STATES, is_same_state
from ims_excel.portal.record import DECLARED_HEADS, TAX_HEADS
from ims_excel.rules.outcome import may_carry_itc
from ims_excel.rules.registry import Complaint, Stage, row_rule
from ims_excel.rules.wording import column, listed, tax_of, unusable

if TYPE_CHECKING:
    from ims_excel.decisions import Decision
    from ims_excel.portal.record import Record
    from ims_excel.rules.registry import Context

_ECHOED = "It is sent back as the portal gave it; ask the supplier if it looks wrong."
_FRESH = "It cannot be corrected here: download again, and act on the dashboard if it is still so."
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z/-]{0,15}")
_AMOUNTS = ("value", "taxable_value", *TAX_HEADS)
_AMOUNTS_OF = attrgetter(*_AMOUNTS)

# Suppliers and days repeat all over a file.
_cached_date = lru_cache(maxsize=8192)(parse_date)


@lru_cache(maxsize=65536)
def _gstin_fault(gstin: str) -> str:
    if not is_gstin(gstin):
        return "does not have the form of a GSTIN"
    return "" if has_valid_check_digit(gstin) else "does not end in its check digit"


def _named(record: Record, field: str, original: str) -> list[tuple[str, str]]:
    """Pair a field with its text, and in an amendment the original's field with its text."""
    document = record.document
    pairs = [(field, getattr(document, field) or "")]
    if record.section.is_amendment:
        pairs.append((original, getattr(document, original) or ""))
    return pairs


def _lacking(field: str) -> Complaint:
    """Stop a row whose download lacks what the upload must repeat."""
    text = f"The download gives no {column(field)}, and the upload needs it."
    return Complaint(text, _FRESH, (field,), Severity.ERROR)


@row_rule(
    "R10a", Severity.WARNING, title="Supplier's GSTIN", source="IC, OURS", confidence="multiple",
    stage=Stage.CHANGED,
)  # fmt: skip
def supplier_gstin_is_sound(decision: Decision, context: Context) -> Complaint | None:
    """Look at the supplier's GSTIN: its form and its check digit. It is sent back as the portal gave it."""
    gstin = decision.record.document.supplier_gstin
    fault = _gstin_fault(gstin)
    return Complaint(f"GSTIN of supplier {gstin} {fault}.", _ECHOED, ("supplier_gstin",)) if fault else None


@row_rule(
    "R12", Severity.WARNING, title="Place of supply", source="IC", confidence="multiple",
    stage=Stage.CHANGED, otherwise="error where the download gives none, because the upload needs it",
)  # fmt: skip
def place_of_supply_is_known(decision: Decision, context: Context) -> Complaint | None:
    """Look at the place of supply: it should be a State code of the portal's list."""
    code = decision.record.document.place_of_supply
    if code in STATES:
        return None
    if not code:
        return _lacking("place_of_supply")
    return Complaint(f"Place of supply {code} is not in the list of codes.", _ECHOED, ("place_of_supply",))


@row_rule(
    "R13", Severity.WARNING, title="Document number", source="IC, CGST Rule 46(b)",
    confidence="official rule", stage=Stage.CHANGED,
)  # fmt: skip
def number_is_usual(decision: Decision, context: Context) -> Complaint | None:
    """Look at document numbers: up to 16 letters, digits, hyphens and slashes, a letter or digit first."""
    faults = [
        (field, text)
        for field, text in _named(decision.record, "number", "original_number")
        if not _NUMBER.fullmatch(text)
    ]
    if not faults:
        return None
    parts = [
        f"{column(field)} “{text}” is unusual" if text else f"{column(field)} is missing"
        for field, text in faults
    ]
    return Complaint(f"{listed(parts)}.", _ECHOED, tuple(field for field, _ in faults))


@row_rule(
    "R15", Severity.ERROR, title="Document date", source="IG, all", confidence="multiple", stage=Stage.CHANGED
)
def date_is_real(decision: Decision, context: Context) -> Complaint | None:
    """Do not send a document without a real date (dd-mm-yyyy): the portal could not find it."""
    faults = [
        (field, text)
        for field, text in _named(decision.record, "date", "original_date")
        if _cached_date(text) is None
    ]
    if not faults:
        return None
    parts = [
        f"{column(field)} “{text}” is no date" if text else f"{column(field)} is missing"
        for field, text in faults
    ]
    return Complaint(f"{listed(parts)} in the download.", _FRESH, tuple(field for field, _ in faults))


@row_rule("R16", Severity.WARNING, title="Likely date", source="OURS", confidence="ours", stage=Stage.CHANGED)
def date_is_likely(decision: Decision, context: Context) -> Complaint | None:
    """Look at dates in the future or of before GST (01-07-2017)."""
    faults = []
    for field, text in _named(decision.record, "date", "original_date"):
        day = _cached_date(text)
        if day is not None and not GST_START <= day <= context.today:
            reason = f"is before {format_date(GST_START)}" if day < GST_START else "is in the future"
            faults.append((field, f"{column(field)} {text} {reason}"))
    if not faults:
        return None
    return Complaint(f"{listed([text for _, text in faults])}.", _ECHOED, tuple(field for field, _ in faults))


@row_rule(
    "R17", Severity.INFO, title="Codes we know", source="OURS", confidence="ours", stage=Stage.CHANGED,
    otherwise="error where the download gives no source, because the upload needs it",
)  # fmt: skip
def codes_are_known(decision: Decision, context: Context) -> Complaint | None:
    """Know that a document type or source code we have not met is sent back unchanged."""
    document = decision.record.document
    if not document.source_form:
        return _lacking("source_form")
    faults = []
    if document.document_type and document.document_type not in DOCUMENT_TYPES:
        faults.append(("document_type", document.document_type))
    if document.source_form not in SOURCE_FORMS:
        faults.append(("source_form", document.source_form))
    if not faults:
        return None
    parts = [f"{column(field)} “{code}”" for field, code in faults]
    return Complaint(
        f"{listed(parts)} is not a code we know.",
        "It is sent back unchanged.",
        tuple(field for field, _ in faults),
    )


@row_rule(
    "R18", Severity.WARNING, title="Return period", source="ASP, FG, IC, IRP, IG", confidence="contested",
    stage=Stage.CHANGED, otherwise="error where the download gives none, because the upload needs it",
)  # fmt: skip
def period_is_readable(decision: Decision, context: Context) -> Complaint | None:
    """Look at the supplier's return period: month and year (MMYYYY), or the month alone."""
    period = decision.record.document.return_period or ""
    if is_period(period):
        return None
    if not period:
        return _lacking("return_period")
    return Complaint(f"Source return period “{period}” is no month.", _ECHOED, ("return_period",))


@row_rule(
    "R19", Severity.ERROR, title="Amounts", source="ASP ER105", confidence="API", stage=Stage.CHANGED,
    otherwise="warning for a number of the portal's that is negative, too long or has too many decimals",
)  # fmt: skip
def amounts_are_sound(decision: Decision, context: Context) -> Complaint | None:
    """Enter amounts of zero or more with at most two decimals and 17 digits.

    The upload has to repeat the document's own amounts, so one that is missing from the download, or is
    no number there, stops the row. Odd numbers of the portal's are sent back as they came.
    """
    declared = _declared_faults(decision)
    if declared:
        fields = tuple(field for field, _ in declared)
        text = " ".join(text for _, text in declared)
        return Complaint(text, "Enter ₹0 or more with at most two decimals, or clear the cell.", fields)
    missing, odd = _portal_faults(decision)
    if missing:
        names = listed([text for _, text in missing])
        text = f"The download gives no number for {names}, and the upload needs it."
        return Complaint(text, _FRESH, tuple(field for field, _ in missing))
    if not odd:
        return None
    text = f"{listed([text for _, text in odd])}."
    return Complaint(text, _ECHOED, tuple(field for field, _ in odd), Severity.WARNING)


def _declared_faults(decision: Decision) -> list[tuple[str, str]]:
    """Say what is wrong with each declared amount of a row that sends them."""
    entered, faults = decision.entered, []
    if (declares_nothing(entered.declared) and not entered.unreadable) or not may_carry_itc(decision):
        return []
    for field, amount in zip(DECLARED_HEADS, entered.declared, strict=True):
        text = entered.unreadable_text(field)
        if text is not None:
            faults.append((field, unusable(column(field), text)[0]))
        elif amount and (fault := amount_fault(amount)):
            faults.append((field, f"{column(field)} {amount} {fault}."))
    return faults


def _portal_faults(decision: Decision) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Find the portal's amounts that are missing, and those that are odd."""
    document = decision.record.document
    missing: list[tuple[str, str]] = []
    odd: list[tuple[str, str]] = []
    if not document.unreadable and all(map(is_ordinary_amount, _AMOUNTS_OF(document))):
        return missing, odd
    for field in _AMOUNTS:
        amount = getattr(document, field)
        text = (document.unreadable or {}).get(field)
        if amount is None and field in TAX_HEADS and text is None:
            continue  # a head the portal left out is left out again, not invented
        if amount is None:
            missing.append((field, f"{column(field)} (“{text}”)" if text else column(field)))
        elif fault := amount_fault(amount):
            odd.append((field, f"{column(field)} {amount} {fault}"))
    return missing, odd


@row_rule(
    "R20",
    Severity.WARNING,
    title="Central and State tax agree",
    source="IC, ASP",
    confidence="multiple",
    stage=Stage.CHANGED,
)
def halves_agree(decision: Decision, context: Context) -> Complaint | None:
    """Look at documents whose central and State/UT tax differ."""
    document = decision.record.document
    if document.cgst == document.sgst or document.cgst is None or document.sgst is None:
        return None
    return Complaint(
        f"Central tax {format_rupees(document.cgst)} and State/UT tax {format_rupees(document.sgst)} differ.",
        _ECHOED,
        ("cgst", "sgst"),
    )


@row_rule(
    "R21", Severity.WARNING, title="One kind of tax", source="GST law", confidence="ours", stage=Stage.CHANGED
)
def taxes_do_not_mix(decision: Decision, context: Context) -> Complaint | None:
    """Look at documents that charge both integrated tax and central or State/UT tax."""
    document = decision.record.document
    if not document.igst or not (document.cgst or document.sgst):
        return None
    return Complaint(
        "The document charges integrated tax as well as central or State/UT tax.",
        _ECHOED,
        ("igst", "cgst", "sgst"),
    )


@row_rule(
    "R22", Severity.INFO, title="Tax follows the place of supply", source="IGST Act s.7 and s.8",
    confidence="ours", stage=Stage.CHANGED,
)  # fmt: skip
def tax_follows_place(decision: Decision, context: Context) -> Complaint | None:
    """Look at regular documents whose tax does not fit the supplier's State and the place of supply.

    Integrated tax belongs between States, central and State/UT tax within one; SEZ supplies are exceptions.
    """
    document = decision.record.document
    state, place = document.supplier_gstin[:2], document.place_of_supply
    if document.document_type != "R" or place not in STATES or state not in STATES:
        return None
    within = is_same_state(state, place)
    if within and document.igst:
        what = f"Integrated tax although supplier and place of supply are both in {STATES[place]}."
        return Complaint(what, _ECHOED, ("igst", "place_of_supply"))
    if not within and (document.cgst or document.sgst):
        what = f"Central or State/UT tax although the supply is from {STATES[state]} to {STATES[place]}."
        return Complaint(what, _ECHOED, ("cgst", "sgst", "place_of_supply"))
    return None


@row_rule(
    "R23", Severity.INFO, title="Value and its parts", source="OURS", confidence="ours", stage=Stage.CHANGED
)
def value_adds_up(decision: Decision, context: Context) -> Complaint | None:
    """Look at documents whose value differs by more than ₹1 from taxable value and tax together.

    Other charges inside the value explain many of them.
    """
    document = decision.record.document
    if document.value is None or document.taxable_value is None:
        return None
    parts = document.taxable_value + tax_of(document)
    if -1 <= document.value - parts <= 1:
        return None
    return Complaint(
        f"Document value {format_rupees(document.value)} is not taxable value and tax together, "
        f"{format_rupees(parts)}.",
        "Nothing to do if it holds other charges.",
        ("value", "taxable_value"),
    )
