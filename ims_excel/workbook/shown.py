"""What a portal column shows for a document, and whether a cell still shows it.

Build writes these values, harvest compares with them and restores them: one table for all three.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ims_excel.gst.amounts import parse_amount
from ims_excel.gst.codes import DOCUMENT_TYPES, SOURCE_FORMS, FilingStatus, filing_status
from ims_excel.gst.dates import format_date, parse_date, period_label
from ims_excel.gst.states import place_of_supply_label
from ims_excel.workbook.cells import CellError, Uncalculated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ims_excel.portal.record import Document
    from ims_excel.workbook.cells import CellValue

Shown = str | Decimal | date | None

PENDING_ALERT = "Pending not available"
NOT_FILED_ALERT = "Supplier has not filed"

LONGEST = 16_000
"""Characters of a text that a cell shows; more is cut. Excel holds 32,767, some of which count twice."""
CUT_MARK = "…"

_EPOCH = date(1899, 12, 30)
"""Day 0 of a workbook's dates; the days before March 1900 are numbered wrongly and shown as text."""

IDENTITY_FIELDS = ("supplier_gstin", "number", "date")
"""Columns whose change means that a row shows another document (R24)."""


def fitting(text: str | None) -> str | None:
    """Cut a text to what a cell holds; None for an empty one. The record's own bytes stay whole."""
    if text and len(text) > LONGEST:
        return text[: LONGEST - 1] + CUT_MARK
    return text or None


class Source:
    """What a column shows of documents: one or several of their fields, the way people read them."""

    def __init__(self, *fields: str, show: Callable[[Any], Shown]) -> None:
        self._fields, self._show = attrgetter(*fields), show

    def __call__(self, document: Document) -> Shown:
        """Give what a document's cell shows."""
        return self._show(self._fields(document))

    def column(self, documents: Sequence[Document]) -> list[Shown]:
        """Give what the cells of several documents show."""
        return list(map(self._show, map(self._fields, documents)))


class _Text(Source):
    """A text, cut to what a cell holds."""

    def __init__(self, field: str) -> None:
        super().__init__(field, show=fitting)

    def column(self, documents: Sequence[Document]) -> list[Shown]:
        texts: list[Any] = list(map(self._fields, documents))
        if "" in texts or len("".join(filter(None, texts))) > LONGEST:
            return list(map(fitting, texts))
        return texts


class _Amount(Source):
    """An amount (₹), or the text that stands in its place in the download."""

    def __init__(self, field: str) -> None:
        self._field = field
        super().__init__(field, show=lambda amount: amount)

    def __call__(self, document: Document) -> Shown:
        amount = super().__call__(document)
        if amount is None and document.unreadable:
            return fitting(document.unreadable.get(self._field))
        return amount

    def column(self, documents: Sequence[Document]) -> list[Shown]:
        amounts: Iterator[Any] = map(self._fields, documents)
        return [
            self(document) if amount is None else amount
            for document, amount in zip(documents, amounts, strict=True)
        ]


@lru_cache(maxsize=256)
def _alerts(flags: tuple[str | None, bool]) -> Shown:
    """Put in words what to know before deciding: not filed (R6), Pending blocked (R2); None for nothing."""
    filing, pending_blocked = flags
    not_filed = filing_status(filing) is FilingStatus.NOT_FILED
    return fitting("; ".join([NOT_FILED_ALERT] * not_filed + [PENDING_ALERT] * pending_blocked))


alerts = Source("filing_status", "pending_blocked", show=_alerts)
"""The alerts column."""


def text(field: str) -> Source:
    """Make the source of a column of texts."""
    return _Text(field)


@lru_cache(maxsize=4096)
def shown_date(text: str | None) -> Shown:
    """Give a dd-mm-yyyy text as a date that a workbook can hold, or as it is; None for an empty one."""
    day = parse_date(text) if text else None
    return day if day and day.year > _EPOCH.year + 1 else fitting(text)


@lru_cache(maxsize=4096)
def _shown_period(text: str | None) -> Shown:
    return fitting(period_label(text or ""))


@lru_cache(maxsize=256)
def _shown_filing(raw: str | None) -> Shown:
    return fitting(filing_status(raw).value or raw)


@lru_cache(maxsize=4096)
def _shown_place(code: str | None) -> Shown:
    return fitting(place_of_supply_label(code or ""))


def _code(field: str, words: dict[str, str]) -> Source:
    @lru_cache(maxsize=256)
    def show(code: str | None) -> Shown:
        return fitting(words.get(code, code)) if code else None

    return Source(field, show=show)


SHOWN: dict[str, Source] = {
    "supplier_gstin": text("supplier_gstin"),
    "supplier_name": text("supplier_name"),
    "number": text("number"),
    "date": Source("date", show=shown_date),
    "original_number": text("original_number"),
    "original_date": Source("original_date", show=shown_date),
    "document_type": _code("document_type", DOCUMENT_TYPES),
    "value": _Amount("value"),
    "taxable_value": _Amount("taxable_value"),
    "igst": _Amount("igst"),
    "cgst": _Amount("cgst"),
    "sgst": _Amount("sgst"),
    "cess": _Amount("cess"),
    "place_of_supply": Source("place_of_supply", show=_shown_place),
    "source_form": _code("source_form", SOURCE_FORMS),
    "return_period": Source("return_period", show=_shown_period),
    "filing_status": Source("filing_status", show=_shown_filing),
}
"""By machine name, every portal column."""


def still_shows(expected: Shown, actual: CellValue) -> bool:
    """Tell whether a cell still says what build wrote, whatever type the saving program gave it.

    Amounts (₹) agree to the paisa, also as texts with commas, dates as dates or serial numbers; texts after
    outer blanks.
    """
    if expected is None:
        return actual is None or actual == "" or (isinstance(actual, str) and not actual.strip())
    if isinstance(expected, Decimal):
        return (isinstance(actual, float) and actual == float(expected)) or _as_decimal(actual) == expected
    if isinstance(expected, date):
        return _as_date(actual) == expected
    return isinstance(actual or "", str) and str(actual or "").strip() == expected.strip()


def _as_decimal(actual: CellValue) -> Decimal | None:
    if isinstance(actual, bool) or not isinstance(actual, (int, float, str)):
        return None
    if isinstance(actual, str):
        return parse_amount(actual)
    return Decimal(actual if isinstance(actual, int) else repr(actual))


def differing(expected: Sequence[Shown], actual: Sequence[CellValue]) -> list[int]:
    """Number the cells of a column, from 0, that do not say what build wrote, or say an amount as a text."""
    found_as = [*actual]
    if expected == found_as or (_are_amounts(expected) and [*map(float, expected)] == found_as):  # type: ignore[arg-type]
        return []
    return [
        place
        for place, (wanted, found) in enumerate(zip(expected, actual, strict=True))
        if not (wanted.__class__ is Decimal and found.__class__ is float and float(wanted) == found)
        and wanted != found
        and (not still_shows(wanted, found) or is_respelled(wanted, found))
    ]


def _are_amounts(values: Sequence[Shown]) -> bool:
    return {*map(type, values)} == {Decimal}


def is_respelled(expected: Shown, actual: CellValue) -> bool:
    """Tell whether a program turned an amount or a date into a text, which sums and sorting pass over."""
    return isinstance(actual, str) and isinstance(expected, (Decimal, date))


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
    if isinstance(value, date):
        return format_date(value.date() if isinstance(value, datetime) else value)
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if isinstance(value, Decimal):
        return f"{value:f}".removesuffix(".0")
    return _as_typed(value)


def _as_typed(value: Shown | CellValue) -> str:
    """Put a value in words the way a spreadsheet shows it; a formula without a result as it was typed."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (CellError, Uncalculated)):
        return value.text if isinstance(value, CellError) else value.formula
    return str(value)
