"""Our own rule about workbooks that were merged from several copies; the portal's register has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.rules.registry import Complaint, sheet_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.decisions import Conflict, Reading
    from ims_excel.rules.registry import Context


@sheet_rule(
    "M1", Severity.ERROR, title="Copies that disagree", source="OURS", confidence="ours",
    otherwise="warning where they disagree in a column of your own",
)  # fmt: skip
def conflicts_are_settled(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Settle what merged copies disagree on: choose on the sheet "Conflicts", or change the row itself."""
    for conflict in reading.conflicts:
        (_, before), *sides = conflict.values
        said = "; ".join(f"{name} says {value}" for name, value in sides)
        yield Complaint(
            f"The copies that were merged disagree on {conflict.what}: {said}; it was {before}."
            f"{_misunderstood(conflict)}",
            _how(conflict),
            (conflict.field,),
            None if conflict.blocks else Severity.WARNING,
            conflict.place,
            conflict.record.label,
        )


def _misunderstood(conflict: Conflict) -> str:
    return f" {conflict.snag}" if conflict.snag else ""


def _how(conflict: Conflict) -> str:
    place = "the row" if conflict.blocks else "its cell"
    if not conflict.sheet:
        return f"Enter what counts in {place}, or merge the copies again."
    return f'Choose one in the column Keep of the sheet "{conflict.sheet}", or change {place} itself.'
