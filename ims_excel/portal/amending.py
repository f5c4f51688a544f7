"""Amendments beside their originals (R60, R61).

An amended record names its original's number and date. The original stands in the plain section, or, when it
was amended before, in the amended section of an earlier period.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.portal.differences import CONTENT, fact_changes, in_words
from ims_excel.portal.sections import B2B, B2BA, B2BCN, B2BCNA, B2BDN, B2BDNA, ECOM, ECOMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ims_excel.portal.differences import FieldChange
    from ims_excel.portal.record import Document, Record
    from ims_excel.portal.sections import Section
    from ims_excel.portal.snapshot import Snapshot

    Sections = Mapping[Section, Sequence[Record]]

ONLY_THE_AMENDMENT = "Both are of one period, so only the amendment counts (R61)"

Name = str
"""What an amendment names its original by: supplier, number and date, written as a record's identity is."""

AMENDED = {B2BA: B2B, B2BDNA: B2BDN, B2BCNA: B2BCN, ECOMA: ECOM}
"""The section whose records each amended section amends."""


@dataclass(frozen=True, slots=True)
class AmendmentPair:
    """An amendment and what it amends.

    Attributes:
        amendment: the record of the amended section.
        original: the record it amends, itself an amendment where it was amended before.
        differences: what the amendment changes on the document.
    """

    amendment: Record
    original: Record
    differences: tuple[FieldChange, ...]

    @property
    def original_name(self) -> str:
        """Number and date of what is amended."""
        return f"{self.original.document.number} of {self.original.document.date}"

    @property
    def is_of_one_period(self) -> bool:
        """Whether both were reported for the same period, so that only the amendment counts (R61)."""
        period = self.amendment.document.return_period
        return bool(period) and period == self.original.document.return_period

    @property
    def text(self) -> str:
        """What people read beside the amendment."""
        changed = in_words(self.differences) or "nothing that is shown here"
        only = f". {ONLY_THE_AMENDMENT}" if self.is_of_one_period else ""
        return f"Amends {self.original_name}: {changed}{only}"


def pair_amendments(snapshot: Snapshot, *earlier: Snapshot) -> list[AmendmentPair]:
    """Pair the amendments of a download with their originals, where exactly one record can be meant.

    Args:
        snapshot: the download whose amendments are paired.
        earlier: older downloads; an original that has left the IMS since is looked for there, in this order,
            and among the documents that had left it before.
    """
    known = [snapshot.sections]
    for older in earlier:
        known += [older.sections, older.withdrawn]
    return pair_records(*known)


def pair_records(*known: Sections) -> list[AmendmentPair]:
    """Pair the amendments of the first records, given by section, with originals among these or others."""
    return [pair for amended, plain in AMENDED.items() for pair in _pair(amended, plain, *known)]


def _pair(amended: Section, plain: Section, *sources: Sections) -> Iterator[AmendmentPair]:
    amendments = list(sources[0].get(amended, ()))
    wanted = {named_original(record.document) for record in amendments}
    known = [_known(records, amended, plain, wanted) for records in sources] if amendments else []
    for amendment in amendments:
        name = named_original(amendment.document)
        for candidates in known:
            original = _original(amendment, candidates.get(name, ()))
            if original is not None:
                differences = fact_changes(original.document, amendment.document, CONTENT)
                yield AmendmentPair(amendment, original, differences)
                break


def _known(
    records: Sections, amended: Section, plain: Section, wanted: set[Name]
) -> dict[Name, list[Record]]:
    """Collect the records that amendments name, and no others."""
    found = defaultdict(list)
    for section in (plain, amended):
        for record in records.get(section, ()):
            name = own_name(record)
            if name in wanted:
                found[name].append(record)
    return found


def _original(amendment: Record, candidates: Iterable[Record]) -> Record | None:
    """Choose the latest version that an amendment can amend; None where two are equally late."""
    earlier = [record for record in candidates if _may_amend(amendment, record)]
    if not earlier:
        return None
    latest = max(_age(record) for record in earlier)
    lone = [record for record in earlier if _age(record) == latest]
    return lone[0] if len(lone) == 1 else None


def _may_amend(amendment: Record, original: Record) -> bool:
    """Tell whether a record of the named number and date may be what is amended.

    Any plain document may; another amendment only when it is of an earlier period, or bears another
    name in the same one, so that no record amends itself.
    """
    if not original.section.is_amendment:
        return True
    mine, theirs = _period(amendment.document), _period(original.document)
    renamed = own_name(amendment) != own_name(original)
    return theirs < mine or (renamed and theirs == mine)


def _age(record: Record) -> tuple[bool, tuple[str, str]]:
    return record.section.is_amendment, _period(record.document)


def _period(document: Document) -> tuple[str, str]:
    """Give a return period (MMYYYY) as year and month, so that periods can be ordered."""
    text = document.return_period or ""
    return text[2:], text[:2]


def named_original(document: Document) -> Name:
    """Give supplier, number and date of the document that an amendment says it amends."""
    gstin, number = document.supplier_gstin.strip().upper(), (document.original_number or "").strip()
    return f"{gstin}|{number.casefold()}|{(document.original_date or '').strip()}"


def own_name(record: Record) -> Name:
    """Give a record's own supplier, number and date; it is not decoded for that."""
    return record.identity.partition("|")[2].rsplit("|", 2)[0]
