"""Overlays: the few keys an upload lays over a record's raw facts (domain file 2.4–2.7)."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  msgspec resolves the types of Overlay at run time
from typing import TYPE_CHECKING

import msgspec

from ims_excel.gst.codes import Action  # noqa: TC001  likewise

if TYPE_CHECKING:
    from ims_excel.portal.record import Record


class ItcReduction(msgspec.Struct, frozen=True, gc=False):
    """The answer to "whether ITC is to be reduced" (domain file 2.7).

    Attributes:
        reduce: Yes or No.
        declared: the four amounts (₹: IGST, CGST, SGST, cess) of a partial reduction; None for
            a full one and for No.
    """

    reduce: bool
    declared: tuple[Decimal, Decimal, Decimal, Decimal] | None = None


class Overlay(msgspec.Struct, frozen=True, gc=False):
    """What is sent for a record: the action, the remarks ("" = none), the ITC answer (None = no block)."""

    action: Action
    remarks: str = ""
    itc: ItcReduction | None = None


class UploadEntry(msgspec.Struct, frozen=True, gc=False):
    """A record to upload and what is laid over it."""

    record: Record
    overlay: Overlay
