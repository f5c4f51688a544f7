"""Differences: what two versions of a document say differently, field by field, in the words people read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ims_excel.gst.amounts import ZERO, amount_fault, format_rupees
from ims_excel.gst.codes import DOCUMENT_TYPES, SOURCE_FORMS, filing_status
from ims_excel.gst.dates import period_label
from ims_excel.gst.states import place_of_supply_label
from ims_excel.portal.record import DECLARED_HEADS, TAX_HEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ims_excel.portal.record import Document

AMOUNTS = ("value", "taxable_value", *TAX_HEADS)
CONTENT = (
    "number", "date", "supplier_name", "document_type", *AMOUNTS, "place_of_supply",
)  # fmt: skip
"""What stands on the document itself: what an amendment amends."""

FACTS = (
    *CONTENT, "original_number", "original_date", "source_form", "return_period", "filing_status",
    "pending_blocked", "remarks_blocked", "itc_blocked",
)  # fmt: skip
"""What the supplier, or the portal because of the supplier, decides."""

FIELD_WORDS = {
    "number": "Number",
    "date": "Date",
    "supplier_name": "Supplier",
    "document_type": "Type",
    "value": "Value",
    "taxable_value": "Taxable value",
    "igst": "Integrated tax",
    "cgst": "Central tax",
    "sgst": "State/UT tax",
    "cess": "Cess",
    "place_of_supply": "Place of supply",
    "original_number": "Original number",
    "original_date": "Original date",
    "source_form": "Source",
    "return_period": "Return period",
    "filing_status": "Filing status",
    "pending_blocked": "Pending blocked",
    "remarks_blocked": "Remarks blocked",
    "itc_blocked": "ITC reduction blocked",
    "status": "Status",
    "remarks": "Remarks",
    "itc_reduction": "ITC to be reduced",
    "declared_igst": "Declared integrated tax",
    "declared_cgst": "Declared central tax",
    "declared_sgst": "Declared State/UT tax",
    "declared_cess": "Declared cess",
}
"""By machine name, what people call a field."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else.

    Attributes:
        field: the column's machine name.
        old: what it said, as people read it: rupees grouped, codes in words; "" for nothing.
        new: what it says now.
    """

    field: str
    old: str
    new: str


def in_words(changes: Iterable[FieldChange]) -> str:
    """Tell changes as people read them: ``Value: ₹100.00 → ₹120.00; Date: …``."""
    return "; ".join(
        f"{FIELD_WORDS[change.field]}: {change.old or 'blank'} → {change.new or 'blank'}"
        for change in changes
    )


def fact_changes(old: Document, new: Document, fields: Iterable[str] = FACTS) -> tuple[FieldChange, ...]:
    """List the facts that differ; two spellings of one code are alike, so are a missing and a zero amount."""
    return tuple(_fact_changes(old, new, fields))


def _fact_changes(old: Document, new: Document, fields: Iterable[str]) -> Iterator[FieldChange]:
    readable = old.unreadable is None and new.unreadable is None
    for field in fields:
        was, now = getattr(old, field), getattr(new, field)
        if was == now and readable:
            continue
        old_text, new_text = _fact_text(old, field), _fact_text(new, field)
        nothing = field in AMOUNTS and readable and (was or ZERO) == (now or ZERO)
        if old_text != new_text and not nothing:
            yield FieldChange(field, old_text, new_text)


def answer_changes(old: Document, new: Document) -> tuple[FieldChange, ...]:
    """List what differs in the recipient's answer as the portal has it: action, remarks, ITC reduction.

    Declared amounts (₹) count for a partial reduction only; a full one is the same with and without them.
    """
    if _raw_answer(old) == _raw_answer(new):
        return ()
    before, after = _answer_texts(old), _answer_texts(new)
    return tuple(
        FieldChange(field, before[field], after[field]) for field in before if before[field] != after[field]
    )


def _raw_answer(document: Document) -> tuple[object, ...]:
    declared = (getattr(document, head) for head in DECLARED_HEADS)
    return (document.action, document.remarks, document.itc_reduction, *declared)


def _answer_texts(document: Document) -> dict[str, str]:
    texts = {
        "status": document.action.label,
        "remarks": (document.remarks or "").strip(),
        "itc_reduction": _itc_answer(document),
    }
    amounts = _partly_declared(document)
    for head, amount in zip(DECLARED_HEADS, amounts or (None,) * len(DECLARED_HEADS), strict=True):
        texts[head] = _rupees(amount)
    return texts


def _itc_answer(document: Document) -> str:
    if document.itc_reduction is None:
        return ""
    return "Yes" if document.itc_reduction else "No"


def _partly_declared(document: Document) -> tuple[Decimal, ...] | None:
    """Give the four amounts of a partial reduction (₹, blanks as zero); None for a full one and for none."""
    declared = [getattr(document, head) for head in DECLARED_HEADS]
    if not document.itc_reduction or declared.count(None) == len(declared):
        return None
    amounts = tuple(amount or ZERO for amount in declared)
    taxes = tuple(getattr(document, head) or ZERO for head in TAX_HEADS)
    return amounts if amounts != taxes else None


def _fact_text(document: Document, field: str) -> str:
    if document.unreadable and field in document.unreadable:
        return document.unreadable[field]
    value = getattr(document, field)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return _rupees(value)
    text = (value or "").strip()
    say = _WORDS.get(field)
    return say(text) if say else text


def _rupees(amount: Decimal | None) -> str:
    """Group an amount; one that is no ordinary amount is given digit by digit, so that a difference shows."""
    if amount is None:
        return ""
    return f"₹{amount:f}" if amount_fault(abs(amount)) else format_rupees(amount)


_WORDS: dict[str, Callable[[str], str]] = {
    "document_type": lambda code: DOCUMENT_TYPES.get(code, code),
    "source_form": lambda code: SOURCE_FORMS.get(code, code),
    "place_of_supply": place_of_supply_label,
    "return_period": period_label,
    "filing_status": lambda raw: filing_status(raw).value or raw,
}
