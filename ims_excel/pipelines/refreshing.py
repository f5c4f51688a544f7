"""Refreshing: the rows of a worked-on workbook meet a newer download, and each gets its news."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ims_excel.decisions import Decision
from ims_excel.gst.codes import Action, FilingStatus, filing_status
from ims_excel.ledger import Standing
from ims_excel.ledgers import moment_of
from ims_excel.pipelines.entering import before_of
from ims_excel.pipelines.joining import withdrawn_key
from ims_excel.pipelines.judging import Arrival, Case, Verdict, judge
from ims_excel.pipelines.returning import case_of, completes, reported_again, returned, welcomed
from ims_excel.portal.comparing import compare
from ims_excel.workbook.grid import ASKED, SEEN, TAKEN, WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ims_excel.decisions import Reading, Withdrawn
    from ims_excel.ledger import Ledger
    from ims_excel.pipelines.returning import Earlier
    from ims_excel.portal.comparing import Comparison
    from ims_excel.portal.differences import FieldChange
    from ims_excel.portal.record import Record
    from ims_excel.portal.sections import Section
    from ims_excel.portal.snapshot import Snapshot

CHANGED, ACTED, RETURNED = "changed", "acted", "returned"
"""What can have happened, beside NEW, TAKEN, CONFLICT and WITHDRAWN."""


@dataclass(frozen=True)
class News:
    """What a newer download brought for a record.

    Attributes:
        record: as it is now; a withdrawn one as it was last known.
        verdict: what becomes of its row.
        decision: its row, joined with the older download; None for a record without a row.
        changes: the fields that differ.
        key: what the row's hidden key becomes.
        was_gone: the record had been withdrawn before.
    """

    record: Record
    verdict: Verdict
    decision: Decision | None = None
    changes: tuple[FieldChange, ...] = ()
    key: str = ""
    was_gone: bool = False

    @property
    def old_key(self) -> str:
        """What the row's hidden key was; "" without a row."""
        if self.decision is None:
            return ""
        return withdrawn_key(self.decision.record) if self.was_gone else self.decision.record.key

    @property
    def is_said(self) -> bool:
        """Whether there is anything to tell people."""
        stays_gone = self.was_gone and self.verdict.word == WITHDRAWN
        return bool(self.verdict.word or self.changes) and not stays_gone


@dataclass(frozen=True)
class Meeting:
    """What came of a workbook and a newer download.

    Attributes:
        added: records without a row so far.
        met: rows whose record changed, got another key, or was exported before.
        withdrawn: rows whose record is gone from now on.
        still_gone: rows whose record was gone before.
        lost: records with news whose rows people had deleted.
        gone: records that the workbook keeps, as their rows are still there.
        comparison: of the two downloads.
        arrived: numbers of the uploads that the portal has worked on.
        earlier: by key of an added record, what it was when it was reported before.
        emptied: sections that had documents and have none any more.
    """

    added: tuple[Record, ...]
    met: tuple[News, ...]
    withdrawn: tuple[News, ...]
    still_gone: tuple[News, ...]
    lost: tuple[Record, ...]
    gone: Mapping[Section, Sequence[Record]]
    comparison: Comparison
    arrived: frozenset[int] = frozenset()
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    emptied: tuple[Section, ...] = ()

    @property
    def later(self) -> int:
        """How many exported decisions the portal may have taken after the download was made."""
        return sum(news.verdict.arrival is Arrival.LATER for news in self.met)

    @property
    def rows(self) -> Iterator[News]:
        """All rows with news."""
        yield from (*self.met, *self.withdrawn, *self.still_gone)


@dataclass
class _Change:
    """What differs between the two versions of a record."""

    new: Record
    facts: tuple[FieldChange, ...] = ()
    answers: tuple[FieldChange, ...] = ()


def meet(reading: Reading, ledger: Ledger, old: Snapshot, new: Snapshot) -> Meeting:
    """Let the rows of a workbook meet a newer download."""
    comparison = compare(old, new)
    changes = _changes(comparison, ledger, new)
    back, added = returned(reading.withdrawn, comparison.added)
    uploads = _Uploads(ledger, new)
    cases = [
        Case(
            decision,
            (change := changes[decision.record.key]).new,
            change.facts,
            change.answers,
            ledger.state(decision.record.key),
            known_as=decision.record.key,
        )
        for decision in reading.decisions
        if decision.record.key in changes
    ]
    is_complete = completes(old, new)
    cases_back = [case_of(row, record, ledger, is_complete=is_complete) for row, record in back]
    uploads.look([*cases, *cases_back])
    met = [_news(uploads.sure(case)) for case in cases]
    met += [_welcome(row, uploads.sure(case)) for (row, _), case in zip(back, cases_back, strict=True)]
    gone_now = {record.key for record in comparison.withdrawn}
    leaving = [decision for decision in reading.decisions if decision.record.key in gone_now]
    staying = [row for row in reading.withdrawn if row.place not in {row_back.place for row_back, _ in back}]
    keeper = _Keeper()
    still_gone = [keeper.keep_row(row) for row in staying]
    withdrawn = [keeper.send_off(decision, ledger) for decision in leaving]
    gone = [(row.record, row.entered, row.before) for rows in (staying, leaving) for row in rows]
    missing = {record.key for record in reading.missing}
    return Meeting(
        added=tuple(added),
        met=tuple(met),
        withdrawn=tuple(withdrawn),
        still_gone=tuple(still_gone),
        lost=tuple(_lost(comparison, missing)),
        gone=keeper.records,
        comparison=comparison,
        arrived=frozenset(uploads.arrived),
        earlier=reported_again(gone, added),
        emptied=tuple(section for section in old.sections if not new.sections.get(section)),
    )


def _changes(comparison: Comparison, ledger: Ledger, new: Snapshot) -> dict[str, _Change]:
    """Collect by old key the records that differ, got another key, or were exported."""
    changes: dict[str, _Change] = {}
    for change in comparison.changed:
        changes[change.old.key] = _Change(change.new, facts=change.changes)
    for change in comparison.acted:
        known = changes.setdefault(change.old.key, _Change(change.new))
        known.answers = change.changes
    wanted = {**{key: key for key in ledger.sendings}, **comparison.rekeyed}
    wanted = {old: key for old, key in wanted.items() if old not in changes}
    if wanted:
        by_key = {record.key: record for records in new.sections.values() for record in records}
        changes |= {old: _Change(by_key[key]) for old, key in wanted.items() if key in by_key}
    return changes


class _Uploads:
    """What is known of the uploads that exported decisions went up in."""

    def __init__(self, ledger: Ledger, new: Snapshot) -> None:
        self._sendings = ledger.sendings
        self._told = {
            upload.number
            for upload in ledger.uploads
            if moment_of(upload.told or upload.at) <= new.downloaded_at
        }
        self.arrived: set[int] = set()

    def look(self, cases: Iterable[Case]) -> None:
        """Note which uploads the portal has worked on: those of which it has a record."""
        for case in cases:
            if case.exported and judge(case).arrival is Arrival.TAKEN:
                numbers = {number for number, _ in self._standings(case)}
                self.arrived |= numbers
                self._told |= numbers if case.answers else set()  # it came since the download before

    def sure(self, case: Case) -> Case:
        """Say whether an exported decision reached the portal before the download, or perhaps later."""
        for number, standing in self._standings(case):
            if standing is Standing.TAKEN:
                is_sure = number in self._told
                return replace(case, is_sure=is_sure, is_later=not is_sure)
        return case

    def _standings(self, case: Case) -> Sequence[tuple[int, Standing]]:
        sendings = self._sendings.get(case.known_as, ())
        return [(s.upload, s.standing) for s in sendings if s.standing in (Standing.SENT, Standing.TAKEN)][
            -1:
        ]


def _news(case: Case) -> News:
    return News(case.new, judge(case), case.decision, (*case.facts, *case.answers), case.new.key)


def _welcome(row: Withdrawn, case: Case) -> News:
    """Judge the row of a record that is back."""
    return replace(_news(case), verdict=welcomed(row, judge(case)), was_gone=True)


@dataclass
class _Keeper:
    """Keeps what is known of withdrawn records, each under a key that no other has."""

    records: dict[Section, list[Record]] = field(default_factory=dict)
    _times: Counter[str] = field(default_factory=Counter)

    def keep_row(self, row: Withdrawn) -> News:
        """Keep a record that was gone before."""
        record = self._keep(row.record)
        verdict = Verdict(WITHDRAWN, row.what)
        decision = Decision(row.record, row.place, row.entered, row.before)
        return News(record, verdict, decision, key=withdrawn_key(record), was_gone=True)

    def send_off(self, decision: Decision, ledger: Ledger) -> News:
        """Keep a record that is gone now."""
        record = self._keep(decision.record)
        verdict = Verdict(WITHDRAWN, _farewell(decision, ledger))
        return News(record, verdict, decision, key=withdrawn_key(record))

    def _keep(self, record: Record) -> Record:
        identity = record.identity
        self._times[identity] += 1
        kept = replace(record, occurrence=self._times[identity])
        self.records.setdefault(record.section, []).append(kept)
        return kept


def _farewell(decision: Decision, ledger: Ledger) -> str:
    """Say why a document is probably gone (R62, R66)."""
    record = decision.record
    if filing_status(record.document.filing_status) is FilingStatus.NOT_FILED:
        return "Withdrawn: the supplier took it back before filing; it is no longer in the IMS."
    unsettled = _unsettled(ledger, record.key)
    if unsettled:
        action, name = unsettled
        return (
            "No longer in the IMS: it left with GSTR-3B, or the supplier withdrew it. Nobody has said "
            f"whether the portal took {action}, which went up in {name}."
        )
    state = ledger.state(record.key)
    held = (state.entered if state else None) or before_of(record.document)
    if held.status in (Action.ACCEPTED, Action.REJECTED):
        return (
            f"Left the IMS, as decided documents do when GSTR-3B is filed (R62); the portal had "
            f"{held.status.label}."
        )
    return "No longer in the IMS: deemed accepted with GSTR-3B, or withdrawn by the supplier."


def _unsettled(ledger: Ledger, key: str) -> tuple[str, str] | None:
    """Give the action that went up last for a record, and in which upload, while that waits."""
    sendings = ledger.sendings.get(key, ())
    if not sendings or sendings[-1].standing is not Standing.SENT:
        return None
    return sendings[-1].overlay.action.label, ledger.uploads[sendings[-1].upload].name


def _lost(comparison: Comparison, missing: set[str]) -> Iterator[Record]:
    """Give the records with news whose rows people had deleted, each once."""
    changes = {change.old.key: change.new for change in (*comparison.changed, *comparison.acted)}
    yield from (record for key, record in changes.items() if key in missing)
    yield from (record for record in comparison.withdrawn if record.key in missing)


def kind_of(news: News) -> str:
    """Say what happened to a record in one word."""
    if news.was_gone and news.verdict.word != WITHDRAWN:
        return RETURNED
    if news.verdict.word not in (SEEN, ASKED, ""):
        return news.verdict.word
    if any(not _is_answer(change) for change in news.changes):
        return CHANGED
    return TAKEN if news.verdict.arrival is Arrival.TAKEN else ACTED


def _is_answer(change: FieldChange) -> bool:
    return change.field in _ANSWER_FIELDS or change.field.startswith("declared_")


_ANSWER_FIELDS = {"status", "remarks", "itc_reduction"}
