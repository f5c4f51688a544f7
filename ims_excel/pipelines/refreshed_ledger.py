"""What a newer download says of what was exported: the ledger follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ims_excel.decisions import Decision
from ims_excel.ledger import Standing, pruned
from ims_excel.pipelines.entering import before_of
from ims_excel.pipelines.joining import withdrawn_key
from ims_excel.pipelines.judging import Arrival
from ims_excel.pipelines.recording import under_key
from ims_excel.workbook.grid import ASKED, CONFLICT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ims_excel.ledger import Ledger, Sending, Upload
    from ims_excel.pipelines.refreshing import Meeting, News
    from ims_excel.portal.record import Record


def follow(ledger: Ledger, meeting: Meeting, decisions: Iterable[Decision]) -> Ledger:
    """Bring a ledger to what a newer download says.

    A decision that the portal has is TAKEN. One that it has in another way, or whose document the supplier
    changed, is VOID: what the download says counts, and an error report may still say why. One that the
    portal has not yet stays SENT, unless the portal has other records of the same upload: then that left it
    behind, and it is open again. One that was confirmed only after the download was made stays as it is.

    Args:
        ledger: what was exported.
        meeting: the workbook and the newer download.
        decisions: all rows, joined with the older download.
    """
    moved = moved_keys(meeting)
    sendings = {moved.get(key, key): known for key, known in ledger.sendings.items()}
    noted = {moved.get(key, key): entered for key, entered in ledger.noted.items()}
    for news in meeting.met:
        left = _left(sendings.pop(news.key, ()), news, meeting.arrived)
        if left:
            sendings[news.key] = left
    followed = msgspec.structs.replace(ledger, sendings=sendings, noted=noted)
    followed = msgspec.structs.replace(followed, uploads=tuple(_uploads(followed, meeting.arrived)))
    return followed.having_seen(_seen(meeting, decisions, ledger))


def moved_keys(meeting: Meeting) -> dict[str, str]:
    """Give by old key the new key of each record that has another; a withdrawn one's bears a mark."""
    moved = {record.key: withdrawn_key(record) for record in meeting.comparison.withdrawn}
    moved |= meeting.comparison.rekeyed
    return moved | {news.old_key: news.key for news in meeting.rows if news.old_key != news.key}


def _left(known: tuple[Sending, ...], news: News, arrived: frozenset[int]) -> tuple[Sending, ...]:
    """Say what remains of a record's sendings."""
    arrival = news.verdict.arrival
    is_asked = news.verdict.word in (ASKED, CONFLICT)
    if not known or (arrival is Arrival.NOTHING and not is_asked and not _is_overtaken(news)):
        return known
    if arrival is Arrival.TAKEN:
        return pruned([_taken(sending) for sending in known])
    is_waiting = arrival in (Arrival.UNSEEN, Arrival.LATER) and not is_asked
    if is_waiting and not _is_left_behind(known, arrived):
        return known
    return tuple(msgspec.structs.replace(sending, standing=Standing.VOID) for sending in known)


def _is_overtaken(news: News) -> bool:
    """Tell whether the row says what the portal has since, so that an earlier refusal means nothing."""
    return news.verdict.is_settled and bool(news.changes)


def _is_left_behind(known: Sequence[Sending], arrived: frozenset[int]) -> bool:
    """Tell whether the portal has other records of the upload that a record went up in."""
    return known[-1].standing is Standing.SENT and known[-1].upload in arrived


def left_behind(ledger: Ledger, meeting: Meeting) -> list[Record]:
    """List the records that an upload left behind, and that are open again."""
    return [
        news.record
        for news in meeting.met
        if news.verdict.arrival is Arrival.UNSEEN
        and news.verdict.word not in (ASKED, CONFLICT)
        and _is_left_behind(ledger.sendings[news.old_key], meeting.arrived)
    ]


def _taken(sending: Sending) -> Sending:
    if sending.standing is Standing.SENT:
        return msgspec.structs.replace(sending, standing=Standing.TAKEN)
    return sending


def _uploads(ledger: Ledger, arrived: frozenset[int]) -> Iterator[Upload]:
    """Settle the uploads that the portal has worked on and of which nothing is waiting any more."""
    sendings = (sending for known in ledger.sendings.values() for sending in known)
    waiting = {sending.upload for sending in sendings if sending.standing is Standing.SENT}
    for upload in ledger.uploads:
        is_done = upload.standing is Standing.SENT and upload.number in arrived - waiting
        yield msgspec.structs.replace(upload, standing=Standing.TAKEN) if is_done else upload


def _seen(meeting: Meeting, decisions: Iterable[Decision], ledger: Ledger) -> Iterator[Decision]:
    """Give the rows as they will be, so that the log does not take the portal's changes for people's."""
    with_news = {news.decision.place for news in meeting.rows if news.decision}
    for news in (*meeting.withdrawn, *meeting.still_gone):
        if news.decision is not None:
            yield msgspec.structs.replace(news.decision, record=under_key(news.record, news.key))
    for news in meeting.met:
        if news.decision is not None:
            before = before_of(news.record.document)
            entered = before if news.verdict.takes_portal else news.decision.entered
            yield Decision(news.record, news.decision.place, entered, before)
    for decision in decisions:
        if decision.place not in with_news and decision.entered != ledger.last_noted(decision):
            yield decision
