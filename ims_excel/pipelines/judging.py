"""Judging: what becomes of a decision when a newer download says something else about its document.

Four things meet: what the row says, what the portal had when it was last looked at, what the portal has now,
and what was exported from here. Nobody's decision is overwritten by another, and none is dropped.

    the document    the row          the portal                       what happens
    unchanged       as the portal    acted on online                  the row takes what the portal has
    unchanged       decided here     has it now                       taken: nothing is open any more
    unchanged       decided here     acted on online in another way   conflict: asked, neither wins
    changed         undecided        –                                shown
    back again      decided          as before, or reset              kept, and asked again (R66)
    changed         decided          reset, as the law says           kept, and asked again (R66)
    changed         decided          has the same still               kept, and asked again (R66)
    changed         decided here     acted on online in another way   conflict, with both changes shown
    unchanged       as uploaded      another, but before it was told  shown; the next download tells
                                     that the portal had taken ours

When a decision reached the portal is not known, only when somebody said that it had (``confirm``,
``errors``). A download made before that may be older than the upload, so it contradicts nothing yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from ims_excel.audit import fields_of, said
from ims_excel.decisions import Decision, declares_nothing
from ims_excel.gst.codes import Action
from ims_excel.options import PortalOptions
from ims_excel.pipelines.entering import before_of
from ims_excel.portal.differences import CONTENT, in_words
from ims_excel.rules.outcome import is_changed
from ims_excel.workbook.grid import ASKED, CONFLICT, SEEN, TAKEN

if TYPE_CHECKING:
    from ims_excel.decisions import Entered
    from ims_excel.ledger import PortalState
    from ims_excel.portal.differences import FieldChange
    from ims_excel.portal.record import Record

ASKING = {*CONTENT, "original_number", "original_date", "source_form", "return_period"} - {"supplier_name"}
"""Facts that a decision is about; that the supplier has filed, or calls himself otherwise, changes none."""

CONFIRMED_LATER = "uploaded, and confirmed after this download was made; the next one tells which counts"

_OPTIONS = PortalOptions()


class Arrival(Enum):
    """What a newer download tells of a decision that was exported."""

    NOTHING = "it was not exported"
    TAKEN = "the portal has it"
    REPLACED = "the portal has something else"
    UNSEEN = "the portal has what it had before"
    LATER = "the portal may have taken it after this download was made"


@dataclass(frozen=True)
class Case:
    """A row whose record is in both downloads.

    Attributes:
        decision: the row, joined with the older download and with what was exported.
        new: the record in the newer download.
        facts: what the supplier, or the portal because of him, changed.
        answers: what changed in the recipient's answer on the portal.
        exported: what the ledger says of it; None when it was never exported.
        is_sure: the exported decision must have reached the portal before this download was made.
        known_as: its key in the ledger.
        is_back: the record had left the IMS, and the supplier has reported it anew.
        is_later: it was only said after this download was made that the portal has taken it.
    """

    decision: Decision
    new: Record
    facts: tuple[FieldChange, ...] = ()
    answers: tuple[FieldChange, ...] = ()
    exported: PortalState | None = None
    is_sure: bool = False
    is_later: bool = False
    known_as: str = ""
    is_back: bool = False


class Verdict(NamedTuple):
    """What becomes of a row.

    Attributes:
        word: for the hidden column: ASKED, CONFLICT, SEEN, TAKEN, or "" for nothing new.
        text: for the column people read.
        takes_portal: the input cells are given what the portal has.
        arrival: what became of an exported decision.
        is_settled: the row says what the portal has, so that nothing has to be asked.
    """

    word: str
    text: str
    takes_portal: bool = False
    arrival: Arrival = Arrival.NOTHING
    is_settled: bool = False


def judge(case: Case) -> Verdict:
    """Decide what becomes of a row whose record is in both downloads."""
    decision, now = case.decision, _portal_now(case)
    arrival = _arrival(case, now)
    facts = in_words(case.facts)
    touches_decision = any(change.field in ASKING for change in case.facts)
    if _says(case.new, decision, decision.entered, now):
        return _agreed(case, arrival, is_asked=touches_decision)
    is_asked = case.is_back or touches_decision
    is_reset = is_asked and now.status is Action.NO_ACTION
    if not _is_decided_here(case):
        if is_reset:
            return Verdict(ASKED, _lines(facts, _taken_off(case)), arrival=arrival)
        return Verdict(SEEN, _lines(facts, _online(case)), takes_portal=True, is_settled=True)
    if not is_reset and _contradicts(case, now, arrival):
        theirs = _online(case) or _lost(case, now)
        return Verdict(CONFLICT, _lines(facts, theirs, _mine(case, now)), arrival=arrival)
    if is_asked:
        return Verdict(ASKED, _lines(facts, _taken_off(case)), arrival=arrival)
    text = _lines(facts, _overtaken(case) if arrival is Arrival.LATER else "")
    return Verdict(SEEN if text else "", text, arrival=arrival)


def _agreed(case: Case, arrival: Arrival, *, is_asked: bool) -> Verdict:
    """Decide what becomes of a row that says what the portal has."""
    facts = in_words(case.facts)
    if is_asked and case.decision.entered.status is not Action.NO_ACTION:
        return Verdict(ASKED, _lines(facts, _still(case)), arrival=arrival)
    if arrival is Arrival.UNSEEN and case.is_sure:
        arrival = Arrival.REPLACED  # it was there, and the row agrees that it is no more
    word = SEEN if facts else TAKEN if _is_newly_taken(case, arrival) else SEEN if case.answers else ""
    text = _lines(facts, "" if word == TAKEN else _online(case))
    return Verdict(word, text, arrival=arrival, is_settled=True)


def _portal_now(case: Case) -> Entered:
    """Read what the portal has now.

    Nobody has shown that a download repeats remarks and ITC answers; where it has the exported action and is
    silent about them, the portal is taken to have what went up with it. Where the last download did repeat
    them beside this action, silence says that they are gone.
    """
    now, document = before_of(case.new.document), case.new.document
    held = case.exported.entered if case.exported else None
    if held is None or held.status is not now.status:
        return now
    was = before_of(case.decision.record.document)
    is_repeating = was.status is now.status
    if document.remarks is None and not (is_repeating and was.remarks):
        now = replace(now, remarks=held.remarks)
    is_silent = document.itc_reduction is None and declares_nothing(now.declared)
    if is_silent and not (is_repeating and was.itc_reduction is not None):
        now = replace(now, itc_reduction=held.itc_reduction, declared=held.declared)
    return now


def _says(record: Record, decision: Decision, entered: Entered, portal: Entered) -> bool:
    """Tell whether uploading what was entered would leave what the portal has as it is."""
    if entered == portal:
        return True
    return not is_changed(Decision(record, decision.place, entered, portal), _OPTIONS)


def _arrival(case: Case, now: Entered) -> Arrival:
    held = case.exported.entered if case.exported else None
    if held is None:
        return Arrival.NOTHING
    if _says(case.new, case.decision, held, now):
        return Arrival.TAKEN
    if case.is_later and _says(case.new, case.decision, case.decision.entered, held):
        return Arrival.LATER
    return Arrival.REPLACED if case.answers else Arrival.UNSEEN


def _is_newly_taken(case: Case, arrival: Arrival) -> bool:
    """Tell whether the portal has meanwhile come to have what the row says."""
    return bool(case.answers) and (arrival is Arrival.TAKEN or _is_decided_here(case))


def _is_decided_here(case: Case) -> bool:
    was = before_of(case.decision.record.document)
    return case.exported is not None or case.decision.entered != was


def _contradicts(case: Case, now: Entered, arrival: Arrival) -> bool:
    """Tell whether the portal has something that neither the last download nor an upload put there."""
    if arrival in (Arrival.TAKEN, Arrival.LATER):
        return False
    if arrival is Arrival.UNSEEN:
        return case.is_sure
    was = before_of(case.decision.record.document)
    return not _says(case.new, case.decision, now, was)


def _online(case: Case) -> str:
    return f"Portal: {in_words(case.answers)} (online)" if case.answers else ""


def _taken_off(case: Case) -> str:
    return f"Portal: {in_words(case.answers)} (taken off with the change)" if case.answers else ""


def _overtaken(case: Case) -> str:
    """Show what was done online where a later download has to tell whether that or the upload counts."""
    mine = f"This row: {_status(case.decision.entered)}, {CONFIRMED_LATER}"
    return _lines(_online(case), mine) if case.answers else ""


def _lost(case: Case, now: Entered) -> str:
    held = case.exported.entered if case.exported else None
    return f"Portal: {_status(held)} (uploaded) → {_status(now)}" if held else ""


def _still(case: Case) -> str:
    """Say that the portal did not take the decision off, though the document has changed."""
    return _online(case) or f"Portal: still {_status(case.decision.entered)}"


def _mine(case: Case, now: Entered) -> str:
    """Say what the row says; the whole of it where the portal's answer differs in something else."""
    entered = case.decision.entered
    whole = said(fields_of(entered)) if entered.status is now.status else _status(entered)
    return f"This row: {whole}"


def _status(entered: Entered) -> str:
    return entered.status.label if entered.status else "no readable Status"


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
