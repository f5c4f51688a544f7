"""What the tool wrote beside a row in several copies, put together: questions of a refresh, portal errors.

A question is a hidden word and a text that people empty once they have looked. Both are one answer, and no
order of the copies decides on it:

    open in one copy, and in the others not asked, untouched or gone     open
    confirmed in one copy, left alone in the others                      confirmed
    confirmed in one copy, written about in another                      open, as nobody agreed
    confirmed in one copy, and the row says in the end what another did  open, as that was not confirmed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ims_excel.pipelines.entering import is_confirmation
from ims_excel.workbook.grid import ASKED, CHANGE, CHANGED, CONFLICT, NEW, SEEN, TAKEN, WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ims_excel.pipelines.answers import Answer

    RowNotes = Mapping[str, str]
    """What the tool wrote beside a row, by machine name of the column; without what is blank."""

NOTE_COLUMNS = ("portal_errors", "portal_fields", CHANGED, CHANGE)
"""Our columns that a copy may say something of its own in, though nobody decides there."""
ASKED_AGAIN = "Asked again after a merge: what was confirmed in one copy is not what all of them say."

_ASKING = (ASKED, CONFLICT)
_STRENGTH = ("", TAKEN, SEEN, NEW, WITHDRAWN, ASKED, CONFLICT)
"""Where copies have different words, the last of these counts."""
_LONGEST = 2_000
"""Characters of a text, which grows from merge to merge while nobody looks at it."""


class Mark(NamedTuple):
    """What a refresh wrote beside a row: the hidden word, and what people read of it by now."""

    word: str = ""
    text: str = ""

    @property
    def asks(self) -> bool:
        """The row is, or was, asked about."""
        return self.word in _ASKING

    @property
    def is_confirmed(self) -> bool:
        """Somebody looked at what it asks."""
        return self.asks and is_confirmation(self.text)

    @property
    def is_open(self) -> bool:
        """Nobody has looked yet."""
        return self.asks and not is_confirmation(self.text)


class Row(NamedTuple):
    """A row of a copy: what the tool wrote beside it, and what people answered in it."""

    notes: RowNotes
    answers: Mapping[str, Answer]


def mark_in(notes: RowNotes) -> Mark:
    """Take the question out of what the tool wrote beside a row."""
    return Mark(notes.get(CHANGE, ""), notes.get(CHANGED, ""))


def merge_notes(base: RowNotes, rows: Sequence[Row], answers: Mapping[str, Answer | None]) -> dict[str, str]:
    """Say what stands beside a row in the end.

    Args:
        base: what stood there when the copies were made.
        rows: the row in each copy that has it.
        answers: what the merged row says, by piece; None where the copies disagree.
    """
    said = {
        name: _united(base.get(name, ""), [row.notes.get(name, "") for row in rows])
        for name in NOTE_COLUMNS
        if name not in (CHANGE, CHANGED)
    }
    mark = merge_marks(mark_in(base), rows, answers)
    said |= {CHANGE: mark.word, CHANGED: mark.text}
    return {name: text for name, text in said.items() if text}


def merge_marks(base: Mark, rows: Sequence[Row], answers: Mapping[str, Answer | None]) -> Mark:
    """Say whether a row is still asked about, and what people read beside it; see ``merge_notes``."""
    marks = [mark_in(row.notes) for row in rows]
    changed = {mark for mark in marks if mark != base}
    if not changed:
        return base
    asking = [mark for mark in (base, *marks) if mark.asks]
    if not asking:
        return next(iter(changed)) if len(changed) == 1 else _put_together(changed)
    confirmed = [row for row, mark in zip(rows, marks, strict=True) if mark.is_confirmed]
    objections = {mark for mark in marks if mark.is_open and mark.text != base.text}
    if confirmed and not objections and _covers(confirmed, answers):
        return Mark(_strongest(asking), min(mark.text for mark in marks if mark.is_confirmed))
    texts = _lines(objections or {mark for mark in asking if mark.is_open})
    again = [ASKED_AGAIN] if confirmed or not texts else []
    return Mark(_strongest(asking), _joined([*texts, *again]))


def _covers(confirmed: Sequence[Row], answers: Mapping[str, Answer | None]) -> bool:
    """Tell whether each answer of the merged row stands in a copy in which somebody confirmed it."""
    return all(
        answer is not None and any(row.answers[piece] == answer for row in confirmed)
        for piece, answer in answers.items()
    )


def _put_together(marks: Iterable[Mark]) -> Mark:
    marks = list(marks)
    return Mark(_strongest(marks), _joined(_lines(marks)))


def _strongest(marks: Iterable[Mark]) -> str:
    return max((mark.word for mark in marks), key=lambda word: word in _STRENGTH and _STRENGTH.index(word))


def _lines(marks: Iterable[Mark]) -> list[str]:
    return [line for text in sorted({mark.text for mark in marks}) for line in text.splitlines()]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(lines))[:_LONGEST]


def _united(base: str, said: Sequence[str]) -> str:
    """Merge a text that only the tool writes: where copies were told different things, all of them."""
    changed = {text for text in said if text != base}
    if len(changed) <= 1:
        return next(iter(changed), base)
    return "\n".join(dict.fromkeys(line for text in sorted(changed) for line in text.splitlines()))
