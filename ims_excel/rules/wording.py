"""Words the rules share: what people call a column, how a few are named, what an unusable cell says."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING

from ims_excel.decisions import NO_STORED_RESULT
from ims_excel.gst.amounts import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from ims_excel.findings import Place
    from ims_excel.portal.record import Document, Record

COLUMN_WORDS = {
    "supplier_gstin": "GSTIN of supplier",
    "supplier_name": "Trade/legal name",
    "number": "Document number",
    "date": "Document date",
    "original_number": "Original number",
    "original_date": "Original date",
    "document_type": "Document type",
    "value": "Document value",
    "place_of_supply": "Place of supply",
    "taxable_value": "Taxable value",
    "igst": "Integrated tax",
    "cgst": "Central tax",
    "sgst": "State/UT tax",
    "cess": "Cess",
    "source_form": "Source",
    "return_period": "Source return period",
    "filing_status": "Source filing status",
    "status": "Status",
    "remarks": "Remarks",
    "itc_reduction": "Whether ITC to be reduced",
    "declared_igst": "Declared integrated tax",
    "declared_cgst": "Declared central tax",
    "declared_sgst": "Declared State/UT tax",
    "declared_cess": "Declared cess",
}
"""By machine name, what a message calls a column."""

_NAMED = 3


def column(field: str) -> str:
    """Name a column for a message; one we do not know by its machine name."""
    return COLUMN_WORDS.get(field, field)


def counted(number: int, noun: str) -> str:
    """Count things: ``1 document``, ``2 documents``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(words: Sequence[str]) -> str:
    """Join words as people do: ``a, b and c``."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def first_few(names: Sequence[str]) -> str:
    """Name the first few and count the others: ``a, b, c and 4 more``."""
    if len(names) <= _NAMED:
        return listed(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED:,} more"


def place_text(place: Place) -> str:
    """Name a row: ``B2B row 14``."""
    return f"{place.sheet} row {place.row}"


def tax_of(document: Document) -> Decimal:
    """Add up a document's tax (₹) over the four heads; a head it lacks counts as zero."""
    total = ZERO
    for amount in (document.igst, document.cgst, document.sgst, document.cess):
        if amount:
            total += amount
    return total


def total_tax(records: Iterable[Record]) -> Decimal:
    """Add up the tax (₹) of records."""
    return sum((tax_of(record.glimpse) for record in records), ZERO)


@lru_cache(maxsize=4096)
def nearest(text: str, choices: tuple[str, ...]) -> str | None:
    """Find the choice a misspelt text most likely means, or None."""
    by_folded = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(" ".join(text.casefold().split()), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def unusable(name: str, text: str, choices: tuple[str, ...] = ()) -> tuple[str, str]:
    """Word the complaint about a cell that cannot be used, and the way out.

    Args:
        name: the column's heading.
        text: what the cell says, "" for a blank one.
        choices: the words the cell may say, where it is a choice; "" as fix when there are none.
    """
    choose = f"Choose {' or '.join((', '.join(choices[:-1]), choices[-1]))}." if choices else ""
    if not text:
        return f"{name} is blank.", choose
    if text == NO_STORED_RESULT:
        return (
            f"{name} is a formula whose result was not stored.",
            "Open the workbook in Excel or LibreOffice, let it calculate and save it, or type the value.",
        )
    if text.startswith("#"):
        return f"{name} shows the error {text}.", f"Correct the formula. {choose}".rstrip()
    guess = nearest(text, choices) if choices else None
    return f"{name} says “{text}”.", f"Did you mean {guess}? {choose}" if guess else choose
