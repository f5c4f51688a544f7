"""A record of the download: the document in domain terms, and the bytes exactly as they came.

Field names: domain file 1.5. Money is Decimal (₹), dates are dd-mm-yyyy text, identifiers are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal  # noqa: TC003  msgspec resolves the types at run time
from typing import TYPE_CHECKING

import msgspec

from ims_excel.gst.codes import Action

if TYPE_CHECKING:
    from ims_excel.portal.sections import Section


class Document(msgspec.Struct, gc=False, kw_only=True):
    """What the portal says of one document.

    A field the file lacks is None; the amounts of credit notes are positive. ``unreadable`` holds, by field
    name, the text of a value that is not of its kind (an amount that is no number, an unreal date stays in
    ``date``): the field itself is then None.
    """

    supplier_gstin: str
    number: str
    date: str
    supplier_name: str | None = None
    original_number: str | None = None
    original_date: str | None = None
    document_type: str | None = None
    value: Decimal | None = None
    taxable_value: Decimal | None = None
    igst: Decimal | None = None
    cgst: Decimal | None = None
    sgst: Decimal | None = None
    cess: Decimal | None = None
    action: Action = Action.NO_ACTION
    place_of_supply: str | None = None
    source_form: str | None = None
    return_period: str | None = None
    filing_status: str | None = None
    pending_blocked: bool = False
    remarks_blocked: bool = False
    itc_blocked: bool = False
    itc_availability: str | None = None
    remarks: str | None = None
    itc_reduction: bool | None = None
    declared_igst: Decimal | None = None
    declared_cgst: Decimal | None = None
    declared_sgst: Decimal | None = None
    declared_cess: Decimal | None = None
    portal_hash: str | None = None
    unreadable: dict[str, str] | None = None


TAX_HEADS = ("igst", "cgst", "sgst", "cess")
DECLARED_HEADS = ("declared_igst", "declared_cgst", "declared_sgst", "declared_cess")

_ITC_KEY = re.compile(rb'"(?:is)?itc_?red[a-z_]*"\s*:', re.IGNORECASE)


@dataclass(slots=True)
class Record:
    """One record of a section.

    Attributes:
        section: where it belongs.
        document: its facts.
        slice: the record's JSON as the portal wrote it, most often a part of the file's bytes.
        source_key: the section key as the file spelled it (7.13: ECO keys are echoed).
        occurrence: 1, or 2, 3 … for further records of the same file with the same identity.
    """

    section: Section
    document: Document
    slice: bytes | msgspec.Raw
    source_key: str = ""
    occurrence: int = 1
    _key: str = field(default="", init=False, repr=False, compare=False)

    @property
    def raw(self) -> bytes:
        """The record's JSON to the byte, unknown keys too."""
        return bytes(self.slice)

    @property
    def key(self) -> str:
        """The row key: what identifies the document, and the occurrence (domain file 5.2)."""
        if not self._key:
            identity = identity_key(self.section, self.document)
            self._key = identity if self.occurrence == 1 else f"{identity}#{self.occurrence}"
        return self._key

    @property
    def mentions_itc_reduction(self) -> bool:
        """Whether the portal wrote any key of the ITC-reduction family for it (domain file 7.16)."""
        return _ITC_KEY.search(self.raw) is not None

    @property
    def label(self) -> str:
        """The document as people name it: number and supplier."""
        document = self.document
        return f"{document.number} of {document.supplier_name or document.supplier_gstin}"


def identity_key(section: Section, document: Document) -> str:
    """Join section, GSTIN, number, date, period and source, as they identify a document (5.2)."""
    return "|".join(
        (
            section.key,
            document.supplier_gstin.strip().upper(),
            document.number.strip().casefold(),
            document.date,
            document.return_period or "",
            document.source_form or "",
        )
    )
