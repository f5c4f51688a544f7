"""The rules about originals and their amendments (domain file 5.5)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.gst.codes import Action
from ims_excel.portal.amending import AMENDED, pair_records
from ims_excel.portal.differences import CONTENT, fact_changes, in_words
from ims_excel.rules.registry import Complaint, sheet_rule
from ims_excel.rules.wording import place_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ims_excel.decisions import Decision, Reading
    from ims_excel.portal.record import Document, Record
    from ims_excel.portal.sections import Section
    from ims_excel.rules.registry import Context

_ORIGINALS = {amended.key: plain.key for amended, plain in AMENDED.items()}
"""By amendment section, the section of its originals."""

_Identity = tuple[str, str, str, str]


def _identity(section: str, document: Document, number: str, date: str) -> _Identity:
    return (section, document.supplier_gstin.strip().upper(), number.strip().casefold(), date)


def _undecided(reading: Reading, sections: set[str]) -> dict[_Identity, tuple[str, Document]]:
    """Say where each original without a decision stands, and what it says."""
    undecided: dict[_Identity, tuple[str, Document]] = {}
    for decision in reading.decisions:
        key, document = decision.record.section.key, decision.record.document
        if key in sections and decision.entered.status is Action.NO_ACTION:
            where = place_text(decision.place)
            undecided[_identity(key, document, document.number, document.date)] = where, document
    for record in reading.missing:
        key, document = record.section.key, record.document
        if key in sections and document.action is Action.NO_ACTION:
            where = "its row was deleted"
            undecided[_identity(key, document, document.number, document.date)] = where, document
    return undecided


def _is_acted_on(decision: Decision) -> bool:
    return (
        decision.record.section.key in _ORIGINALS
        and decision.entered.status not in (Action.NO_ACTION, None)
        and decision.is_touched
    )


def _advice(amendment: Document, original: Document) -> str:
    if amendment.return_period and amendment.return_period == original.return_period:
        return "Decide on the original too; both are of one period, so only the amendment will count (R61)."
    return "Decide on the original first and file GSTR-3B, then act on the amendment."


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
        found = undecided.get(_identity(original, document, number, date))
        if found is not None:
            where, was = found
            changes = in_words(fact_changes(was, document, CONTENT)) or "nothing that is shown here"
            yield Complaint(
                f"The original {number} of {date} is still at No Action ({where}). The amendment changes: "
                f"{changes}.",
                _advice(document, was),
                ("status", "original_number"),
                place=decision.place,
                document=record.label,
            )


@sheet_rule(
    "R61", Severity.INFO, title="Original and amendment in one period", source="FAQ24", confidence="official",
)  # fmt: skip
def only_the_amendment_counts(reading: Reading, context: Context) -> Iterator[Complaint]:
    """Know that of an original and its amendment in the same GSTR-2B only the amended document counts.

    It is said where somebody acted on the amendment and both were reported for the same period.
    """
    acted = {decision.record.key: decision for decision in reading.decisions if _is_acted_on(decision)}
    for pair in pair_records(_by_section(reading)) if acted else ():
        decision = acted.get(pair.amendment.key)
        if decision is not None and pair.is_of_one_period:
            yield Complaint(
                f"{pair.text.removesuffix(' (R61)')}.",
                fields=("status", "original_number"),
                place=decision.place,
                document=decision.record.label,
            )


def _by_section(reading: Reading) -> Mapping[Section, Sequence[Record]]:
    """Sort what may be an amendment or its original by section."""
    found: defaultdict[Section, list[Record]] = defaultdict(list)
    for record in (*(decision.record for decision in reading.decisions), *reading.missing):
        found[record.section].append(record)
    return found
