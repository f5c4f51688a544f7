"""What the documents of each section and status are worth, added up while their rows are written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import compress
from typing import TYPE_CHECKING

from ims_excel.gst.amounts import ZERO
from ims_excel.gst.codes import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ims_excel.portal.sections import Section
    from ims_excel.workbook.values import Values

HEADS = ("taxable_value", "igst", "cgst", "sgst", "cess")
"""Columns that are added up."""
STATUSES = tuple(
    action.label for action in (Action.ACCEPTED, Action.REJECTED, Action.PENDING, Action.NO_ACTION)
)
"""The four statuses in the order people read them."""


@dataclass
class Sums:
    """A number of documents and their amounts (₹) by head."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(HEADS, ZERO))

    @property
    def tax(self) -> Decimal:
        """IGST, CGST, SGST and cess together."""
        return sum((self.amounts[head] for head in HEADS[1:]), ZERO)

    def add(self, other: Sums, sign: int = 1) -> None:
        """Add other documents; with sign -1 (credit notes) their amounts lower the sums."""
        self.count += other.count
        for head, amount in other.amounts.items():
            self.amounts[head] += sign * amount


class Totals:
    """Sums by section and status."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], Sums] = defaultdict(Sums)

    def of(self, section: Section, status: str) -> Sums:
        """Give the sums of a section's documents with a status."""
        return self._sums[section.key, status]

    def section(self, section: Section) -> Sums:
        """Give the sums of a section, as they stand in it (credit notes positive)."""
        sums = Sums()
        for status in STATUSES:
            sums.add(self.of(section, status))
        return sums

    def net(self, sections: Iterable[Section], *statuses: str) -> Sums:
        """Give the sums of some statuses over sections, the amounts of credit notes subtracted."""
        sums = Sums()
        for section in sections:
            for status in statuses:
                sums.add(self.of(section, status), -1 if section.reduces_itc else 1)
        return sums

    def count_in(self, section: Section, statuses: Values, columns: Sequence[Values]) -> None:
        """Add some rows: their statuses and, in the order of ``HEADS``, their amounts."""
        for status in set(statuses):
            mine = [found == status for found in statuses]
            sums = self._sums[section.key, str(status)]
            sums.count += sum(mine)
            for head, values in zip(HEADS, columns, strict=True):
                amounts = [value for value in compress(values, mine) if isinstance(value, Decimal)]
                sums.amounts[head] += sum(amounts, ZERO)
