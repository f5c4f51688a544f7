"""Decisions: what people entered for a record, beside what the portal had before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from ims_excel.findings import Place
    from ims_excel.gst.codes import Action
    from ims_excel.portal.record import Record

Declared = tuple["Decimal | None", "Decimal | None", "Decimal | None", "Decimal | None"]
"""The four declared amounts (₹) in the order IGST, CGST, SGST, cess; None for a blank cell."""

NOTHING_DECLARED: Declared = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Entered:
    """What a row's input cells say, or what the portal had in their place.

    Attributes:
        status: the action; None when the cell is blank or cannot be read.
        remarks: the text, outer blanks removed; "" without one.
        itc_reduction: True for Yes, False for No, None for blank or unreadable.
        declared: the four declared amounts.
        unreadable: by field name, the text of each input cell that says something we cannot use ("#N/A",
            "maybe", "1E5", "formula without a stored result"; "" for a blank Status).
    """

    status: Action | None
    remarks: str = ""
    itc_reduction: bool | None = None
    declared: Declared = NOTHING_DECLARED
    unreadable: tuple[tuple[str, str], ...] = ()

    def unreadable_text(self, field: str) -> str | None:
        """The unusable text of a field's cell; None when the cell could be read."""
        return dict(self.unreadable).get(field) if self.unreadable else None


@dataclass(frozen=True, slots=True)
class Decision:
    """A record joined with its row.

    Attributes:
        record: the portal's record.
        place: the row it was read from.
        entered: what the row says now.
        before: what the portal had at download.
    """

    record: Record
    place: Place
    entered: Entered
    before: Entered

    @property
    def is_touched(self) -> bool:
        """Whether any input cell says something else than the portal had."""
        return self.entered != self.before
