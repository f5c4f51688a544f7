"""Comparing two downloads: what the supplier changed, what was acted on, what came and what went.

Records meet by their key. Those without a counterpart meet by what the law keeps unique (Rule 46(b)):
supplier, number and financial year, when that is unambiguous: the supplier re-dated them or moved them to
another period.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from ims_excel.gst.dates import financial_year
from ims_excel.portal.amending import AmendmentPair, pair_amendments
from ims_excel.portal.differences import (
    FACTS,
    FIELD_WORDS,
    FieldChange,
    answer_changes,
    fact_changes,
)
from ims_excel.portal.records import without_same
from ims_excel.portal.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from ims_excel.portal.record import Record
    from ims_excel.portal.snapshot import Snapshot

    Match = tuple[Record | None, Record | None]

__all__ = [
    "FIELD_WORDS",
    "AmendmentPair",
    "Comparison",
    "FieldChange",
    "RecordChange",
    "compare",
    "loose_identity",
    "pair_amendments",
]


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record of both downloads that says something else in the newer one.

    Attributes:
        old: the record in the older download.
        new: the record in the newer one.
        changes: the fields that differ.
    """

    old: Record
    new: Record
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Comparison:
    """What differs between two downloads, section by section in the official order.

    Attributes:
        added: records of the newer download only.
        changed: records whose facts differ: the supplier edited them, filed them, or the portal blocked
            something (R66).
        acted: records whose action, remarks or ITC answer differs on the portal: acted on online, an upload
            taken, or reset because the supplier edited them. Such a record may stand in ``changed`` too.
        withdrawn: records of the older download only. One that was accepted or rejected may have left
            because GSTR-3B was filed (R62).
        unchanged: how many records say the same.
        rekeyed: the new key of each record whose key is not the old one, by old key.
        others: by key of a read-only section, how many of its records only the newer and only the older
            download has; sections without a difference are absent.
    """

    added: tuple[Record, ...] = ()
    changed: tuple[RecordChange, ...] = ()
    acted: tuple[RecordChange, ...] = ()
    withdrawn: tuple[Record, ...] = ()
    unchanged: int = 0
    rekeyed: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the two downloads say the same."""
        return not (self.added or self.changed or self.acted or self.withdrawn or self.others)


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """Compare two downloads of one recipient, each record once; time grows with their number."""
    collected = _Collected()
    for section in SECTIONS:
        before, after, same = without_same(old.sections.get(section, ()), new.sections.get(section, ()))
        collected.unchanged += same
        for was, now in _matches(before, after):
            collected.add(was, now)
    return collected.comparison(_compare_others(old.others, new.others))


class _Collected:
    """The differences found so far."""

    def __init__(self) -> None:
        self._added: list[Record] = []
        self._changed: list[RecordChange] = []
        self._acted: list[RecordChange] = []
        self._withdrawn: list[Record] = []
        self.unchanged = 0
        self._rekeyed: dict[str, str] = {}

    def add(self, old: Record | None, new: Record | None) -> None:
        """Sort a record and its counterpart into the lists."""
        if old is not None and new is not None:
            self._add_pair(old, new)
        elif new is not None:
            self._added.append(new)
        elif old is not None:
            self._withdrawn.append(old)

    def _add_pair(self, old: Record, new: Record) -> None:
        if old.key != new.key:
            self._rekeyed[old.key] = new.key
        if old.raw == new.raw:
            self.unchanged += 1
            return
        facts = fact_changes(old.document, new.document)
        answers = answer_changes(old.document, new.document)
        if facts:
            self._changed.append(RecordChange(old, new, facts))
        if answers:
            self._acted.append(RecordChange(old, new, answers))
        self.unchanged += not (facts or answers)

    def comparison(self, others: dict[str, tuple[int, int]]) -> Comparison:
        """Put the lists together."""
        return Comparison(
            tuple(self._added),
            tuple(self._changed),
            tuple(self._acted),
            tuple(self._withdrawn),
            self.unchanged,
            self._rekeyed,
            others,
        )


def _matches(old: Sequence[Record], new: Sequence[Record]) -> Iterator[Match]:
    """Walk two versions of a section, each record with its counterpart or None."""
    repeated = {record.identity for records in (old, new) for record in records if record.occurrence > 1}
    repeats: defaultdict[str, tuple[list[Record], list[Record]]] = defaultdict(lambda: ([], []))
    places: dict[str, int] = {}
    for place, record in enumerate(old):
        identity = record.identity
        if identity in repeated:
            repeats[identity][0].append(record)
        else:
            places[identity] = place
    arrived = []
    for record in new:
        identity = record.identity
        if identity in repeated:
            repeats[identity][1].append(record)
        elif identity in places:
            yield old[places.pop(identity)], record
        else:
            arrived.append(record)
    left = [old[place] for place in places.values()]
    for before, after in repeats.values():
        yield from _match_repeats(before, after, left, arrived)
    yield from _match_loosely(left, arrived)


def _match_repeats(
    before: list[Record], after: list[Record], left: list[Record], arrived: list[Record]
) -> Iterator[Match]:
    """Match records that share one identity: those that say the same first, the others in their order."""
    waiting: defaultdict[Hashable, deque[Record]] = defaultdict(deque)
    for record in after:
        waiting[_facts(record)].append(record)
    unlike = []
    for record in before:
        same = waiting[_facts(record)]
        if same:
            yield record, same.popleft()
        else:
            unlike.append(record)
    rest = sorted((record for same in waiting.values() for record in same), key=attrgetter("occurrence"))
    yield from zip(unlike, rest, strict=False)
    left += unlike[len(rest) :]
    arrived += rest[len(unlike) :]


def _match_loosely(left: list[Record], arrived: list[Record]) -> Iterator[Match]:
    """Match what is left by supplier, number and financial year where each side has exactly one."""
    lone_old, lone_new = _only_ones(left, loose_identity), _only_ones(arrived, loose_identity)
    paired = {identity for identity in lone_old if identity in lone_new}
    for record in arrived:
        identity = loose_identity(record)
        yield (lone_old[identity] if identity in paired else None), record
    for record in left:
        if loose_identity(record) not in paired:
            yield record, None


def _only_ones(
    records: Iterable[Record], identity: Callable[[Record], Hashable | None]
) -> dict[Hashable, Record]:
    """Keep the records that nobody else shares an identity with, by identity."""
    found: dict[Hashable, Record | None] = {}
    for record in records:
        name = identity(record)
        if name is not None:
            found[name] = None if name in found else record
    return {name: record for name, record in found.items() if record is not None}


def _facts(record: Record) -> Hashable:
    document = record.document
    return (*(getattr(document, name) for name in FACTS), str(document.unreadable))


def _identity(record: Record) -> str:
    return record.identity


def loose_identity(record: Record) -> Hashable | None:
    """Give what is unique among the documents of a section by law; None where the date is unreal."""
    document = record.document
    year = financial_year(document.date)
    return None if year is None else (document.supplier_gstin, document.number.strip().casefold(), year)


def _compare_others(
    old: Mapping[str, Sequence[bytes]], new: Mapping[str, Sequence[bytes]]
) -> dict[str, tuple[int, int]]:
    found = {}
    for key in {**old, **new}:
        before, after = set(old.get(key, ())), set(new.get(key, ()))
        if before != after:
            found[key] = (len(after - before), len(before - after))
    return found
