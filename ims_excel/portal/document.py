"""A document in domain terms, and what identifies it.

Field names: domain file 1.5. Money is Decimal (₹), dates are dd-mm-yyyy text, identifiers are text.
"""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  msgspec resolves the types at run time
from typing import TYPE_CHECKING

import msgspec

from ims_excel.gst.codes import Action

if TYPE_CHECKING:
    from ims_excel.portal.sections import Section


class Outline(msgspec.Struct, gc=False, kw_only=True):
    """What people see that identifies a document, its supplier's name, and what the recipient answered."""

    supplier_gstin: str
    number: str
    date: str
    supplier_name: str | None = None
    action: Action = Action.NO_ACTION
    remarks: str | None = None
    itc_reduction: bool | None = None
    declared_igst: Decimal | None = None
    declared_cgst: Decimal | None = None
    declared_sgst: Decimal | None = None
    declared_cess: Decimal | None = None


class Document(Outline, gc=False, kw_only=True):
    """What the portal says of one document.

    A field the file lacks is None; the amounts of credit notes are positive. ``unreadable`` holds, by field
    name, the text of a value that is not of its kind (an amount that is no number, an unreal date stays in
    ``date``): the field itself is then None.
    """

    original_number: str | None = None
    original_date: str | None = None
    document_type: str | None = None
    value: Decimal | None = None
    taxable_value: Decimal | None = None
    igst: Decimal | None = None
    cgst: Decimal | None = None
    sgst: Decimal | None = None
    cess: Decimal | None = None
    place_of_supply: str | None = None
    source_form: str | None = None
    return_period: str | None = None
    filing_status: str | None = None
    pending_blocked: bool = False
    remarks_blocked: bool = False
    itc_blocked: bool = False
    itc_availability: str | None = None
    portal_hash: str | None = None
    unreadable: dict[str, str] | None = None


TAX_HEADS = ("igst", "cgst", "sgst", "cess")
DECLARED_HEADS = ("declared_igst", "declared_cgst", "declared_sgst", "declared_cess")


def identity_key(section: Section, document: Document) -> str:
    """Join section, GSTIN, number, date, period and source, as they identify a document (5.2)."""
    return join_identity(
        section,
        (
            document.supplier_gstin,
            document.number,
            document.date,
            document.return_period,
            document.source_form,
        ),
    )


def join_identity(section: Section, parts: tuple[str, str, str, str | None, str | None]) -> str:
    """Join GSTIN, number, date, period and source; case and outer blanks of the first two do not count."""
    gstin, number, date, period, source = parts
    gstin, number = gstin.strip().upper(), number.strip().casefold()
    return f"{section.key}|{gstin}|{number}|{date}|{period or ''}|{source or ''}"


def row_key(identity: str, occurrence: int) -> str:
    """Tell the repeats of an identity within one file apart (5.2)."""
    return identity if occurrence == 1 else f"{identity}#{occurrence}"
