"""Ledgers of several copies of one workbook put together: what each copy exported was exported."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ims_excel.audit import newest
from ims_excel.ledger import Ledger, Sending, Standing, Upload, pruned
from ims_excel.merging import merge_value

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from ims_excel.audit import Event
    from ims_excel.decisions import Entered

_Mark = tuple[str, str, str]
_CERTAINTY = (Standing.SENT, Standing.TAKEN, Standing.VOID, Standing.REFUSED)
"""Where copies know different things of one upload, the last of these counts: what leads to sending again."""


def unite(ledgers: Sequence[Ledger]) -> Ledger:
    """Put the ledgers of copies together; those of their base may be among them."""
    uploads = _united_uploads(ledgers)
    numbers = {_mark(upload): upload.number for upload in uploads}
    return Ledger(
        uploads=uploads,
        sendings=_united_sendings(ledgers, numbers),
        noted=_united_notes(ledgers),
        asked=_united_questions(ledgers),
        events=newest(
            _inmoment_of({_event_mark(event): event for one in ledgers for event in one.events}.values())
        ),
    )


def _united_questions(ledgers: Sequence[Ledger]) -> dict[str, str]:
    """Ask what any copy asks; the words are compared, so that no order of the copies decides."""
    asked: dict[str, str] = {}
    for one in ledgers:
        for key, word in one.asked.items():
            asked[key] = max(word, asked.get(key, ""))
    return asked


def _mark(upload: Upload) -> _Mark:
    """Tell an upload from all others, whatever number a copy gave it."""
    return upload.at, upload.name, upload.sha256


def _event_mark(event: Event) -> Hashable:
    return event.at, event.event, event.user, event.book, event.files


def _inmoment_of(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: moment_of(event.at))


def moment_of(at: str) -> datetime:
    """Read a time of the log; one that cannot be read comes before all others."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901  it gets its zone below
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _united_uploads(ledgers: Sequence[Ledger]) -> tuple[Upload, ...]:
    known: dict[_Mark, list[Upload]] = {}
    first: dict[_Mark, _Mark] = {}
    for ledger in ledgers:
        for upload in ledger.uploads:
            known.setdefault(_mark(upload), []).append(upload)
            first.setdefault(_mark(upload), _mark(ledger.uploads[upload.harvest]))
    order = sorted(known, key=lambda mark: moment_of(mark[0]))
    numbers = {mark: number for number, mark in enumerate(order)}
    return tuple(_united_upload(known[mark], numbers[mark], numbers[first[mark]]) for mark in order)


def _united_upload(same: Sequence[Upload], number: int, harvest: int) -> Upload:
    standing = max((upload.standing for upload in same), key=_CERTAINTY.index)
    one, refused = same[0], max(upload.refused for upload in same)
    told = min((upload.told for upload in same if upload.standing is standing), key=_told_order)
    return Upload(number, harvest, one.name, one.sha256, one.at, one.records, standing, refused, told)


def _told_order(told: str) -> tuple[bool, datetime]:
    """Order by time, what nobody said last."""
    return not told, moment_of(told)


def _united_sendings(ledgers: Sequence[Ledger], numbers: dict[_Mark, int]) -> dict[str, tuple[Sending, ...]]:
    united: dict[str, dict[int, Sending]] = {}
    for ledger in ledgers:
        renumbered = {upload.number: numbers[_mark(upload)] for upload in ledger.uploads}
        for key, sendings in ledger.sendings.items():
            known = united.setdefault(key, {})
            for sending in sendings:
                number = renumbered[sending.upload]
                known[number] = _surer(known.get(number), sending, number)
    return {key: pruned([known[number] for number in sorted(known)]) for key, known in united.items()}


def _surer(known: Sending | None, sending: Sending, number: int) -> Sending:
    standings = (sending.standing, known.standing if known else Standing.SENT)
    return Sending(number, sending.entered, sending.overlay, max(standings, key=_CERTAINTY.index))


def _united_notes(ledgers: Sequence[Ledger]) -> dict[str, Entered]:
    """Merge what rows said when the log last looked; where copies differ, the first one's counts."""
    base, *copies = ledgers
    notes: dict[str, Entered] = {}
    for key in {key: None for ledger in ledgers for key in ledger.noted}:
        was, said = base.noted.get(key), [copy.noted.get(key) for copy in copies]
        value, is_clash = merge_value(was, said)
        note = next((one for one in said if one != was), None) if is_clash else value
        if note is not None:
            notes[key] = note
    return notes
