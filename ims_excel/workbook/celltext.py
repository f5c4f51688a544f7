"""What a cell says, as XML: texts, numbers and dates written, and compared with what stands there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.gst.dates import format_date
from ims_excel.workbook.escaping import escaped
from ims_excel.workbook.exact import unescape
from ims_excel.workbook.markup import Splice, attribute_splice, parse, spliced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.workbook.markup import Node


@dataclass(frozen=True)
class Result:
    """What a formula comes to, to be stored with it; a cell without a formula is left as it is.

    Attributes:
        number: the result; None takes away the one that is stored, so that a program has to calculate it.
    """

    number: Decimal | None


Value = str | Decimal | date | None
"""What can be written; None and "" empty the cell."""
Plain = str | Decimal | None
"""What the file holds: a text, a number (a date's too), or nothing."""
Asked = Plain | Result
"""What a cell is asked to say."""

MAX_CELL_TEXT = 32_767
"""Characters (UTF-16 units) that Excel takes in a cell."""

_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_FIRST_SURE_SERIAL = 61
"""1 March 1900; before it Excel counts a 29 February that never was."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def fitted(text: str) -> str:
    """Cut a text to what a cell takes, with an ellipsis; half characters become the replacement character."""
    text = _SURROGATE.sub("\ufffd", text)
    if len(text) * 2 <= MAX_CELL_TEXT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL_TEXT:
        return text
    return units[: 2 * (MAX_CELL_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


def serial(day: date, *, date1904: bool) -> int | None:
    """Number a day as Excel does; None before March 1900 (or 1904), which a cell does not show rightly."""
    day = day.date() if isinstance(day, datetime) else day
    if date1904:
        return (day - _EPOCH_1904).days if day >= _EPOCH_1904 else None
    days = (day - _EPOCH).days
    return days if days >= _FIRST_SURE_SERIAL else None


def plain(value: Value, *, date1904: bool) -> Plain:
    """Bring a value to what the file holds: a fitted text, a number, or None for an empty cell."""
    if isinstance(value, date):
        days = serial(value, date1904=date1904)
        return format_date(value) if days is None else Decimal(days)
    if isinstance(value, Decimal):
        return value if value.is_finite() else str(value)
    return fitted(value) if value else None


def content(value: Plain, prefix: str) -> tuple[str, str]:
    """Write a value as the cell's ``t`` attribute (with its blank) and its content."""
    if value is None:
        return "", ""
    if isinstance(value, Decimal):
        return "", f"<{prefix}v>{value:f}</{prefix}v>"
    inner = f'<{prefix}is><{prefix}t xml:space="preserve">{escaped(value)}</{prefix}t></{prefix}is>'
    return ' t="inlineStr"', inner


class Said(NamedTuple):
    """What a cell says now.

    Attributes:
        kind: its ``t``: "n", "s", "str", "inlineStr", "b", "e", "d".
        text: its number or text; the index of a shared string.
        formula: the element of its formula.
    """

    kind: str
    text: str
    formula: Node | None = None

    @property
    def shared_index(self) -> int | None:
        """The shared string it refers to."""
        return int(self.text) if self.kind == "s" and self.text.isdecimal() else None

    def is_already(self, value: Asked, shared: str | None = None) -> bool:
        """Tell whether the cell says a value, as the reader of the sheet would see it.

        Args:
            value: what is asked for, as ``plain`` gives it.
            shared: the text of the shared string the cell refers to.
        """
        if self.kind == "s" and shared is None:
            return False
        if isinstance(value, Result):
            return self.formula is None or self._has_result(value)
        text = unescape(self.text) if shared is None else shared
        if value is None:
            return not text and self.formula is None
        if isinstance(value, Decimal):
            return self.kind == "n" and _is_number(self.text, value)
        return self.kind in {"s", "str", "inlineStr"} and text == value

    def _has_result(self, result: Result) -> bool:
        if result.number is None:
            return not self.text
        return self.kind == "n" and _is_number(self.text, result.number)


def _is_number(text: str, value: Decimal) -> bool:
    try:
        return float(text) == float(value)
    except ValueError:
        return False


EMPTY = Said("n", "")

_TEXT = rb"[^<&>\x00-\x08\x0b-\x1f]*"
_USUAL = re.compile(
    rb'<c((?: r="[A-Z]+[0-9]+")?(?: s="[0-9]+")?)(?:'
    rb'(?: t="(s|n|str|b|e)")?(?:/>|></c>|><v>(' + _TEXT + rb")</v></c>)"
    rb'| t="(inlineStr)"><is><t(?: xml:space="preserve")?>(' + _TEXT + rb")</t></is></c>)"
)
"""How spreadsheet programs write a cell without a formula: it needs no parser."""
_usual = lru_cache(maxsize=16)(_USUAL.fullmatch)
"""A cell is asked several things, one after the other."""


def read_cell(data: bytes) -> Said:
    """Read a cell's element.

    Raises:
        MarkupError: when it is not well-formed.
    """
    usual = _usual(data)
    if usual:
        kind, text = usual[2] or usual[4] or b"n", usual[3] or usual[5] or b""
        if is_sound(text):
            return Said(kind.decode(), text.decode())
    cell = parse(data)
    kind = cell.attributes.get("t", "n")
    formula, stored = cell.first("f"), cell.first("v")
    if kind == "inlineStr":
        inline = cell.first("is")
        return Said(kind, string_text(inline) if inline else "", formula)
    return Said(kind, stored.text if stored else "", formula)


def is_usual(data: bytes) -> bool:
    """Tell whether bytes are one cell, written in the usual way."""
    usual = _usual(data)
    return usual is not None and is_sound(data)


def usual_place(data: bytes) -> bytes | None:
    """Give the attributes that say where a cell is and how it looks, if it is written in the usual way."""
    usual = _usual(data)
    return usual[1] if usual else None


def is_sound(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 and every character of them one that XML takes."""
    if data.isascii():
        return True
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return "\ufffe" not in text and "\uffff" not in text


def restated(data: bytes, result: Result) -> bytes:
    """Store a result in a cell's element that has a formula; all else stays.

    Raises:
        MarkupError: when it is not well-formed.
    """
    cell = parse(data)
    stored, formula = cell.first("v"), cell.first("f")
    if formula is None:
        return data
    text = content(result.number, cell.prefix)[1].encode()
    places = (stored.start, stored.end) if stored else (formula.end, formula.end)
    kind = attribute_splice(data, cell, "t", None) if cell.attributes.get("t", "n") != "n" else []
    return spliced(data, [*kind, Splice(*places, text)])


def string_text(item: Node) -> str:
    """Join the texts of a shared or inline string, rich or plain, without its phonetic guide."""
    return "".join(_texts(item))


def _texts(node: Node) -> Iterator[str]:
    for child in node.children:
        if child.name == "t":
            yield child.text
        elif child.name == "r":
            yield from _texts(child)
