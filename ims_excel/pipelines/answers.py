"""What people answered in a row, cut into the pieces that are merged: Status, Remarks, ITC and its amounts.

A piece is the texts of its cells, written in one way, so that equal answers are equal values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ims_excel.gst.amounts import format_rupees, parse_amount
from ims_excel.pipelines.entering import entered_of
from ims_excel.portal.record import DECLARED_HEADS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from ims_excel.decisions import Entered
    from ims_excel.team import Scalar
    from ims_excel.workbook.celltext import Value

Answer = tuple["Scalar", ...]
"""What the cells of a piece say."""

PIECES: Mapping[str, tuple[str, ...]] = {
    "status": ("status",),
    "remarks": ("remarks",),
    "itc": ("itc_reduction", *DECLARED_HEADS),
}
"""By name of the piece, the columns it stands in."""

WORDS = {"status": "Status", "remarks": "Remarks", "itc": "ITC to be reduced"}
OWN = "own:"
"""What the name of a piece begins with that stands in a column of people's own; its heading follows."""
BLANK = "(blank)"

_HEADS = ("IGST", "CGST", "SGST", "cess")
_YES_NO = {True: "Yes", False: "No", None: ""}


def answers_of(entered: Entered) -> dict[str, Answer]:
    """Cut what a row says into its pieces."""
    bad = dict(entered.unreadable)
    status = entered.status.label if entered.status else ""
    amounts = (_amount(amount) for amount in entered.declared)
    declared = (bad.get(head, text) for head, text in zip(DECLARED_HEADS, amounts, strict=True))
    return {
        "status": (bad.get("status", status),),
        "remarks": (bad.get("remarks", entered.remarks),),
        "itc": (bad.get("itc_reduction", _YES_NO[entered.itc_reduction]), *declared),
    }


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


def with_answer(entered: Entered, piece: str, answer: Answer) -> Entered:
    """Put an answer in the place of what a row says."""
    columns = {name: place for place, name in enumerate(PIECES[piece])}
    read = entered_of(list(answer), columns)
    kept = [(name, text) for name, text in entered.unreadable if name not in columns]
    unreadable = (*kept, *((name, text) for name, text in read.unreadable if name in columns))
    if piece == "status":
        return replace(entered, status=read.status, unreadable=unreadable)
    if piece == "remarks":
        return replace(entered, remarks=read.remarks, unreadable=unreadable)
    return replace(entered, itc_reduction=read.itc_reduction, declared=read.declared, unreadable=unreadable)


def cells_of(piece: str, answer: Answer) -> dict[str, Value]:
    """Say what to write into the columns of a piece."""
    return {
        name: _written(text, is_amount=name in DECLARED_HEADS)
        for name, text in zip(PIECES[piece], answer, strict=True)
    }


def _written(text: Scalar, *, is_amount: bool) -> Value:
    amount = parse_amount(str(text)) if is_amount and text else None
    return (str(text) if text else None) if amount is None else amount


def in_words(piece: str, answer: Answer) -> str:
    """Put an answer in words for people; "(blank)" when there is none."""
    if piece != "itc":
        return "; ".join(_plain(text) for text in answer if text not in ("", None)) or BLANK
    reply, *amounts = answer
    parts = [str(reply)] if reply else []
    for head, text in zip(_HEADS, amounts, strict=True):
        amount = parse_amount(str(text)) if text else None
        if text:
            parts.append(f"{head} {text if amount is None else format_rupees(amount)}")
    return "; ".join(parts) or BLANK


def _plain(value: Scalar) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def what(piece: str) -> str:
    """Name a piece the way its columns are headed."""
    return WORDS.get(piece) or piece.removeprefix(OWN)
