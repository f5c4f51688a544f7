"""What people typed, read tolerantly and never guessed: cells of a row become an ``Entered``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from ims_excel.decisions import Declared, Entered
from ims_excel.gst.amounts import parse_amount
from ims_excel.gst.codes import Action
from ims_excel.portal.record import DECLARED_HEADS
from ims_excel.workbook.cells import CellError, Uncalculated
from ims_excel.workbook.shown import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ims_excel.portal.record import Outline
    from ims_excel.workbook.batches import Batch
    from ims_excel.workbook.cells import CellValue

INPUT_FIELDS = ("status", "remarks", "itc_reduction", *DECLARED_HEADS)

NO_RESULT = "formula without a stored result"

_STATUS_WORDS = {
    "accepted": Action.ACCEPTED,
    "accept": Action.ACCEPTED,
    "a": Action.ACCEPTED,
    "rejected": Action.REJECTED,
    "reject": Action.REJECTED,
    "r": Action.REJECTED,
    "pending": Action.PENDING,
    "keep pending": Action.PENDING,
    "p": Action.PENDING,
    "no action": Action.NO_ACTION,
    "noaction": Action.NO_ACTION,
    "no-action": Action.NO_ACTION,
    "n": Action.NO_ACTION,
}
_ANSWERED = attrgetter("action", "remarks", "itc_reduction", *DECLARED_HEADS)
_CONFIRMATIONS = {"", "ok", "okay", "o.k", "yes", "y", "confirmed", "confirm", "done", "seen", "✓"}
_REMEMBERED = 4_096
_PLAIN = {str, type(None)}
_ANSWERS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def before_of(document: Outline) -> Entered:
    """Put what the portal had at download in the same terms as what a row says."""
    return _before(*_ANSWERED(document))


@lru_cache(maxsize=_REMEMBERED)
def _before(
    action: Action, remarks: str | None, itc_reduction: bool | None, *declared: Decimal | None
) -> Entered:
    """Make one value for the many documents that say the same."""
    igst, cgst, sgst, cess = declared
    return Entered(action, _tidy(remarks or ""), itc_reduction, (igst, cgst, sgst, cess))


class InputReader:
    """Reads the input cells of a sheet's rows as ``entered_of`` does, once for the many that say the same."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self._columns = columns
        self._known: dict[tuple[CellValue, ...], Entered] = {}

    def read(self, cells: Sequence[Sequence[CellValue]], batch: Batch) -> list[Entered]:
        """Read rows; ``cells`` are their columns of ``INPUT_FIELDS``."""
        known = self._known.get
        return [
            known(answers) or self._read(answers, batch, at)
            for at, answers in enumerate(zip(*cells, strict=True))
        ]

    def _read(self, cells: tuple[CellValue, ...], batch: Batch, at: int) -> Entered:
        entered = entered_of(batch.row(at).values, self._columns)
        # Texts and blanks only: a dictionary takes 1, 1.0 and True for the same.
        if len(self._known) < _REMEMBERED and {*map(type, cells)} <= _PLAIN:
            self._known[cells] = entered
        return entered


def entered_of(values: Sequence[CellValue], columns: Mapping[str, int]) -> Entered:
    """Read the input cells of a row; what cannot be used is kept as text under ``unreadable``.

    Status takes words, letters and portal verbs in any case with stray or non-breaking spaces (domain file
    4.4); a blank Status is unreadable, never No Action.
    """
    unreadable: list[tuple[str, str]] = []

    def cell(field: str) -> CellValue:
        column = columns.get(field)
        value = values[column] if column is not None and column < len(values) else None
        if isinstance(value, (CellError, Uncalculated)):
            unreadable.append((field, value.text if isinstance(value, CellError) else NO_RESULT))
            return None
        return value

    status = _status(cell("status"), unreadable)
    remarks = _tidy(as_text(cell("remarks")))
    answer = _answer(cell("itc_reduction"), unreadable)
    igst, cgst, sgst, cess = (_amount(field, cell(field), unreadable) for field in DECLARED_HEADS)
    declared: Declared = (igst, cgst, sgst, cess)
    return Entered(status, remarks, answer, declared, tuple(unreadable))


def is_confirmation(text: str) -> bool:
    """Tell whether a cell that asks for a look says that somebody looked: it was emptied, or says OK."""
    return _fold(text).strip(" .!") in _CONFIRMATIONS


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").strip()


def _fold(value: CellValue) -> str:
    return " ".join(as_text(value).replace("\u00a0", " ").split()).casefold()


def _status(value: CellValue, unreadable: list[tuple[str, str]]) -> Action | None:
    status = _STATUS_WORDS.get(_fold(value))
    if status is None and not any(field == "status" for field, _ in unreadable):
        unreadable.append(("status", as_text(value).strip()))
    return status


def _answer(value: CellValue, unreadable: list[tuple[str, str]]) -> bool | None:
    text = _fold(value)
    answer = _ANSWERS.get(text)
    if answer is None and text:
        unreadable.append(("itc_reduction", as_text(value).strip()))
    return answer


def _amount(field: str, value: CellValue, unreadable: list[tuple[str, str]]) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, float):
        # Fifteen digits are what a spreadsheet shows; the rest is binary noise such as 0.30000000000000004.
        return Decimal(f"{value:.15g}")
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    text = as_text(value).strip()
    amount = None if isinstance(value, (date, datetime)) else parse_amount(text)
    if amount is None and text:
        unreadable.append((field, text))
    return amount
