"""Wire names: what the portal's files call the fields of a document (domain file 1.5.1, 1.5.2, 7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ims_excel.portal.sections import Section


class Kind(Enum):
    """How a field's value is written: what the tolerant reader makes of it."""

    TEXT = "text"
    TEXT_ONLY = "text, never a number"
    PLACE = "two-digit code"
    PERIOD = "MMYYYY"
    AMOUNT = "rupees"
    FLAG = "yes or no"
    ACTION = "action letter"


@dataclass(frozen=True)
class Field:
    """One field of a record.

    Attributes:
        name: its name in ``Document``.
        wire: the canonical key, the only one an upload uses.
        kind: how its value is written.
        aliases: other keys seen on input, already folded by ``fold_field``.
        inverted: a folded key that says the opposite (7.12).
    """

    name: str
    wire: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    inverted: str = ""


NUMBER = {False: Field("number", "inum"), True: Field("number", "nt_num")}
DATE = {False: Field("date", "idt", Kind.TEXT_ONLY), True: Field("date", "nt_dt", Kind.TEXT_ONLY)}
ORIGINAL_NUMBER = {
    False: Field("original_number", "oinum", aliases=("orginum", "oinvnum")),
    True: Field("original_number", "ont_num", aliases=("orgntnum", "orginum", "oinvnum")),
}
ORIGINAL_DATE = {
    False: Field("original_date", "oidt", Kind.TEXT_ONLY, aliases=("orgidt", "oinvdt")),
    True: Field("original_date", "ont_dt", Kind.TEXT_ONLY, aliases=("orgntdt", "orgidt", "oinvdt")),
}
"""Identity fields by whether the section holds notes."""

SUPPLIER = Field("supplier_gstin", "stin", Kind.TEXT_ONLY, aliases=("ctin",))

FLAGS = (
    Field("pending_blocked", "ispendactblocked", Kind.FLAG, inverted="ispendactnallwd"),
    Field("remarks_blocked", "isRemarksBlocked", Kind.FLAG),
    Field("itc_blocked", "itcRedReqBlocked", Kind.FLAG, ("isitcredreqblocked",)),
)

TAXES = (
    Field("igst", "iamt", Kind.AMOUNT),
    Field("cgst", "camt", Kind.AMOUNT),
    Field("sgst", "samt", Kind.AMOUNT),
    Field("cess", "cess", Kind.AMOUNT),
)

DECLARED = (
    Field("declared_igst", "declIgst", Kind.AMOUNT),
    Field("declared_cgst", "declCgst", Kind.AMOUNT),
    Field("declared_sgst", "declSgst", Kind.AMOUNT),
    Field("declared_cess", "declCess", Kind.AMOUNT),
)

REDUCTION = Field("itc_reduction", "itcRedReq", Kind.FLAG)
FILING_STATUS = Field("filing_status", "srcfilstatus")

COMMON = (
    SUPPLIER,
    Field("supplier_name", "tradenm"),
    Field("document_type", "inv_typ"),
    Field("value", "val", Kind.AMOUNT),
    Field("taxable_value", "txval", Kind.AMOUNT),
    *TAXES,
    Field("action", "action", Kind.ACTION),
    Field("place_of_supply", "pos", Kind.PLACE),
    Field("source_form", "srcform", aliases=("rtntyp",)),
    Field("return_period", "rtnprd", Kind.PERIOD, ("srtnprd",)),
    FILING_STATUS,
    *FLAGS,
    Field("itc_availability", "ItcAvailabilityCheck"),
    Field("remarks", "remarks"),
    REDUCTION,
    *DECLARED,
    Field("portal_hash", "hash"),
)


def fold_field(key: str) -> str:
    """Fold a record's key for matching: case and ``_`` do not count (``itc_red_req`` is ``itcRedReq``)."""
    return key.casefold().replace("_", "")


@cache
def fields_of(section: Section) -> tuple[Field, ...]:
    """List the fields of a section's records."""
    note = section.is_note
    originals = (ORIGINAL_NUMBER[note], ORIGINAL_DATE[note]) if section.is_amendment else ()
    return (*COMMON, NUMBER[note], DATE[note], *originals)


@cache
def by_folded_key(section: Section) -> dict[str, Field]:
    """Map every accepted spelling of a section's keys, folded, to its field."""
    known: dict[str, Field] = {}
    for field in fields_of(section):
        for key in (fold_field(field.wire), *field.aliases, field.inverted):
            known.setdefault(key, field)
    known.pop("", None)
    return known


@cache
def by_wire_name(section: Section) -> dict[str, Field]:
    """Map the canonical wire names of a section's records to their fields."""
    return {field.wire: field for field in fields_of(section)}


OVERLAID = ("action", REDUCTION.wire, *(field.wire for field in DECLARED), "remarks")
"""Keys of an upload that come from the decision; every other is echoed from the raw record."""

SNAKE = dict(
    zip(
        (REDUCTION.wire, *(field.wire for field in DECLARED)),
        ("itc_red_req", "decl_igst", "decl_cgst", "decl_sgst", "decl_cess"),
        strict=True,
    )
)
"""The other spelling of the ITC-reduction keys (7.1)."""

NEVER_SENT = frozenset({"tradenm", "hash", "ItcAvailabilityCheck", "error_msg", "error_cd", "prev_status"})
"""Keys that no upload carries, whatever the options (2.4)."""


@cache
def upload_order(section: Section) -> tuple[str, ...]:
    """List the keys of a section's upload records in their order, without flags and unknown keys (2.4)."""
    note = section.is_note
    originals = (ORIGINAL_NUMBER[note].wire, ORIGINAL_DATE[note].wire) if section.is_amendment else ()
    identity = (SUPPLIER.wire, *originals, NUMBER[note].wire, "inv_typ", DATE[note].wire)
    amounts = ("txval", *(field.wire for field in TAXES))
    return (*identity, "val", OVERLAID[0], "pos", *amounts, *OVERLAID[1:], "srcform", "rtnprd")
