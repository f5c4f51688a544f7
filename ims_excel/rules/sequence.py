"""The rules about originals and their amendments (domain file 5.5)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.gst.codes import Action
from ims_excel.portal.amending import AMENDED, named_original, own_name, pair_records
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

_Named = tuple[str, str]
"""A document by the key of its section and its name."""


def _undecided(reading: Reading, wanted: set[_Named]) -> dict[_Named, tuple[str, Document]]:
    """Say of these documents where each stands that nobody decided on, and what it says."""
    sections = {section for section, _ in wanted}
    undecided: dict[_Named, tuple[str, Document]] = {}
    for decision in reading.decisions:
        record = decision.record
        if decision.entered.status is Action.NO_ACTION and record.section.key in sections:
            name = record.section.key, own_name(record)
            if name in wanted:
                undecided[name] = place_text(decision.place), record.document
    for record in reading.missing:
        name = record.section.key, own_name(record)
        if name in wanted and record.document.action is Action.NO_ACTION:
            undecided[name] = "its row was deleted", record.document
    return undecided


def _original_of(record: Record) -> _Named:
    return _ORIGINALS[record.section.key], named_original(record.document)


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
    originals = {_original_of(decision.record) for decision in amendments}
    undecided = _undecided(reading, originals) if amendments else {}
    for decision in amendments:
        record, document = decision.record, decision.record.document
        number, date = document.original_number or "", document.original_date or ""
        found = undecided.get(_original_of(record))
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
