"""What a portal column shows for a document, and whether a cell still shows it.

Build writes these values, harvest compares with them and restores them: one table for all three.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ims_excel.gst.codes import DOCUMENT_TYPES, SOURCE_FORMS, FilingStatus, filing_status
from ims_excel.gst.dates import format_date, parse_date, period_label
from ims_excel.gst.states import place_of_supply_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from ims_excel.portal.record import Document
    from ims_excel.workbook.cells import CellValue

Shown = str | Decimal | date | None

PENDING_ALERT = "Pending not available"
NOT_FILED_ALERT = "Supplier has not filed"

IDENTITY_FIELDS = ("supplier_gstin", "number", "date")
"""Columns whose change means that a row shows another document (R24)."""


def alerts(document: Document) -> str:
    """Put in words what to know before deciding: not filed (R6), Pending blocked (R2)."""
    texts = []
    if filing_status(document.filing_status) is FilingStatus.NOT_FILED:
        texts.append(NOT_FILED_ALERT)
    if document.pending_blocked:
        texts.append(PENDING_ALERT)
    return "; ".join(texts)


def _amount(field: str) -> Callable[[Document], Shown]:
    def show(document: Document) -> Shown:
        value: Decimal | None = getattr(document, field)
        if value is None and document.unreadable:
            return document.unreadable.get(field)
        return value

    return show


def _text(field: str) -> Callable[[Document], Shown]:
    return lambda document: getattr(document, field) or None


def _date(field: str) -> Callable[[Document], Shown]:
    def show(document: Document) -> Shown:
        text: str | None = getattr(document, field)
        return (parse_date(text) or text) if text else None

    return show


def _code(field: str, words: dict[str, str]) -> Callable[[Document], Shown]:
    def show(document: Document) -> Shown:
        code: str | None = getattr(document, field)
        return words.get(code, code) if code else None

    return show


def _filing(document: Document) -> Shown:
    raw = document.filing_status
    return filing_status(raw).value or raw or None


SHOWN: dict[str, Callable[[Document], Shown]] = {
    "supplier_gstin": _text("supplier_gstin"),
    "supplier_name": _text("supplier_name"),
    "number": _text("number"),
    "date": _date("date"),
    "original_number": _text("original_number"),
    "original_date": _date("original_date"),
    "document_type": _code("document_type", DOCUMENT_TYPES),
    "value": _amount("value"),
    "taxable_value": _amount("taxable_value"),
    "igst": _amount("igst"),
    "cgst": _amount("cgst"),
    "sgst": _amount("sgst"),
    "cess": _amount("cess"),
    "place_of_supply": lambda document: place_of_supply_label(document.place_of_supply or "") or None,
    "source_form": _code("source_form", SOURCE_FORMS),
    "return_period": lambda document: period_label(document.return_period or "") or None,
    "filing_status": _filing,
}
"""By machine name, every portal column."""

_EPOCH = date(1899, 12, 30)


def still_shows(expected: Shown, actual: CellValue) -> bool:
    """Tell whether a cell still says what build wrote, whatever type the saving program gave it.

    Amounts (₹) agree to the paisa, dates as dates or serial numbers; texts after outer blanks.
    """
    if expected is None:
        return actual is None or actual == "" or (isinstance(actual, str) and not actual.strip())
    if isinstance(expected, Decimal):
        return _as_decimal(actual) == expected or (isinstance(actual, float) and actual == float(expected))
    if isinstance(expected, date):
        return _as_date(actual) == expected
    return isinstance(actual, str) and actual.strip() == expected.strip()


def _as_decimal(actual: CellValue) -> Decimal | None:
    if isinstance(actual, bool) or not isinstance(actual, (int, float, str)):
        return None
    try:
        return Decimal(
            actual if isinstance(actual, int) else repr(actual) if isinstance(actual, float) else actual
        )
    except InvalidOperation:
        return None


def _as_date(actual: CellValue) -> date | None:
    if isinstance(actual, datetime):
        return actual.date()
    if isinstance(actual, date):
        return actual
    if isinstance(actual, float) and actual.is_integer():
        return _EPOCH + timedelta(days=int(actual))
    return parse_date(actual.strip()) if isinstance(actual, str) else None


def as_text(value: Shown | CellValue) -> str:
    """Put a shown or a read value in words for a finding; "" for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return format_date(value.date())
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value)
