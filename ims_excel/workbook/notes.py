"""What the column Alerts says beside the portal's flags: of an amendment, what it amends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.shown import Shown, as_text, fitting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def with_notes(alerts: Sequence[Shown], keys: Sequence[Shown], notes: Mapping[str, str]) -> list[Shown]:
    """Put notes, by row key, behind what the cells of some rows say."""
    if not any(key in notes for key in keys):
        return list(alerts)
    said = zip(alerts, (notes.get(as_text(key)) for key in keys), strict=True)
    return [fitting("; ".join(filter(None, (as_text(alert), note)))) for alert, note in said]
