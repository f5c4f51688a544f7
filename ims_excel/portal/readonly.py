"""Records of sections that the offline tool cannot act on, as a plain table: imports, ISD, unknown sections.

Their keys: domain file 1.5.5. A key without a meaning here stands as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ims_excel.gst.dates import period_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Value = str | Decimal | None

_DATE_KEYS = {
    "boedt": "Bill of entry date",
    "irefdt": "ICEGATE reference date",
    "idt": "Date",
    "nt_dt": "Date",
}
_AMOUNT_KEYS = {
    "val": "Value (₹)",
    "txval": "Taxable Value (₹)",
    "igst": "Integrated Tax (₹)",
    "iamt": "Integrated Tax (₹)",
    "camt": "Central Tax (₹)",
    "samt": "State/UT Tax (₹)",
    "cess": "Cess (₹)",
}
_TEXT_KEYS = {
    "rgstinrefid": "Reference id",
    "portcd": "Port code",
    "boenum": "Bill of entry number",
    "itcprd": "ITC period",
    "rtnprd": "Return period",
    "srtinprd": "Source period",
    "stin": "GSTIN of supplier",
    "tradenm": "Trade/Legal name",
    "inum": "Document number",
    "nt_num": "Note number",
    "action": "Action on the portal",
    "ispendactblocked": "IsPendingBlocked",
    "hash": "Fingerprint",
}
_PERIOD_KEYS = frozenset({"itcprd", "rtnprd", "srtinprd"})
_ACTIONS = {"N": "No Action", "A": "Accepted", "R": "Rejected", "P": "Pending"}
WHOLE = ""
"""The key under which a record that is no object stands as a whole."""


@dataclass(frozen=True)
class ReadOnlyColumn:
    """A column of the table: the records' key, what people read, and "text", "date" or "amount"."""

    key: str
    heading: str
    kind: str


def columns_of(records: Iterable[bytes]) -> tuple[ReadOnlyColumn, ...]:
    """List the keys of all records in order of appearance, each as a column."""
    keys: dict[str, None] = {}
    for record in records:
        keys.update(dict.fromkeys(_fields(record)))
    headings: set[str] = set()
    columns = []
    for key in keys:
        column = _column(key)
        heading = column.heading if column.heading.casefold() not in headings else f"{column.heading} [{key}]"
        headings.add(heading.casefold())
        columns.append(ReadOnlyColumn(key, heading, column.kind))
    return tuple(columns)


def rows_of(records: Iterable[bytes], columns: Sequence[ReadOnlyColumn]) -> Iterator[list[Value]]:
    """Give the values of each record: amounts (₹), texts, dates as dd-mm-yyyy; nested ones as JSON text."""
    for record in records:
        fields = _fields(record)
        yield [_value(column, fields.get(column.key)) for column in columns]


def _fields(record: bytes) -> dict[str, Any]:
    found = json.loads(record, parse_float=Decimal, parse_int=Decimal)
    return found if isinstance(found, dict) else {WHOLE: found}


def _column(key: str) -> ReadOnlyColumn:
    folded = key.casefold()
    for kind, words in (("date", _DATE_KEYS), ("amount", _AMOUNT_KEYS), ("text", _TEXT_KEYS)):
        if folded in words:
            return ReadOnlyColumn(key, words[folded], kind)
    return ReadOnlyColumn(key, key or "Record", "text")


def _value(column: ReadOnlyColumn, found: Any) -> Value:  # noqa: ANN401  any JSON value
    if found is None:
        return None
    if isinstance(found, (dict, list)):
        return json.dumps(found, ensure_ascii=False, default=float)
    if isinstance(found, bool):
        return "Y" if found else "N"
    if isinstance(found, Decimal):
        return found if column.kind == "amount" else str(found)
    return _worded(column, found)


def _worded(column: ReadOnlyColumn, text: str) -> Value:
    folded = column.key.casefold()
    if folded == "action":
        return _ACTIONS.get(text, text)
    return period_label(text) if folded in _PERIOD_KEYS else text
