"""The rule about originals and their amendments (domain file 5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.gst.codes import Action
from ims_excel.rules.registry import Complaint, sheet_rule
from ims_excel.rules.wording import place_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.decisions import Decision, Reading
    from ims_excel.portal.record import Document
    from ims_excel.rules.registry import Context

_ORIGINALS = {"b2ba": "b2b", "b2bdna": "b2bdn", "b2bcna": "b2bcn", "ecoma": "ecom"}
"""By amendment section, the section of its originals."""

_Identity = tuple[str, str, str, str]


def _identity(section: str, document: Document, number: str, date: str) -> _Identity:
    return (section, document.supplier_gstin.strip().upper(), number.strip().casefold(), date)


def _undecided(reading: Reading, sections: set[str]) -> dict[_Identity, str]:
    """Say where each original without a decision stands."""
    undecided: dict[_Identity, str] = {}
    for decision in reading.decisions:
        key, document = decision.record.section.key, decision.record.document
        if key in sections and decision.entered.status is Action.NO_ACTION:
            undecided[_identity(key, document, document.number, document.date)] = place_text(decision.place)
    for record in reading.missing:
        key, document = record.section.key, record.document
        if key in sections and document.action is Action.NO_ACTION:
            undecided[_identity(key, document, document.number, document.date)] = "its row was deleted"
    return undecided


def _is_acted_on(decision: Decision) -> bool:
    return (
        decision.record.section.key in _ORIGINALS
        and decision.entered.status not in (Action.NO_ACTION, None)
        and decision.is_touched
    )


@sheet_rule(
    "R60", Severity.WARNING, title="The original before its amendment",
    source="FAQ24, efiletax.in, fintaxblog", confidence="official",
)  # fmt: skip
def original_comes_first(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Decide on the original before its amendment, and file GSTR-3B in between if they are of two periods."""
    amendments = [decision for decision in reading.decisions if _is_acted_on(decision)]
    sections = {_ORIGINALS[decision.record.section.key] for decision in amendments}
    undecided = _undecided(reading, sections) if amendments else {}
    for decision in amendments:
        record = decision.record
        document, original = record.document, _ORIGINALS[record.section.key]
        number, date = document.original_number or "", document.original_date or ""
        where = undecided.get(_identity(original, document, number, date))
        if where is not None:
            yield Complaint(
                f"The original {number} of {date} is still at No Action ({where}).",
                "Decide on the original first and file GSTR-3B, then act on the amendment.",
                ("status", "original_number"),
                place=decision.place,
                document=record.label,
            )
