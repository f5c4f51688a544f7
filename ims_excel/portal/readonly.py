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
MOST_COLUMNS = 500
"""Keys with a column of their own; further ones share the last column, as JSON."""
_LARGEST_EXPONENT = 300


@dataclass(frozen=True)
class ReadOnlyColumn:
    """A column of the table.

    Attributes:
        key: the records' key; of the last column of a very wide table, the first of the keys it holds.
        heading: what people read; unique, but for its case too.
        kind: "text", "date", "amount", or "rest" for further keys as JSON.
    """

    key: str
    heading: str
    kind: str


def columns_of(records: Iterable[bytes]) -> tuple[ReadOnlyColumn, ...]:
    """List the keys of all records in order of appearance, each as a column; at least one column."""
    keys: dict[str, None] = {}
    for record in records:
        keys.update(dict.fromkeys(_fields(record)))
    headings: set[str] = set()
    columns = []
    for key in [*keys][:MOST_COLUMNS] or [WHOLE]:
        column = _column(key)
        heading = column.heading if column.heading.casefold() not in headings else f"{column.heading} [{key}]"
        headings.add(heading.casefold())
        columns.append(ReadOnlyColumn(key, heading, column.kind))
    if len(keys) > MOST_COLUMNS:
        columns[-1] = ReadOnlyColumn(columns[-1].key, "Further fields", "rest")
    return tuple(columns)


def rows_of(records: Iterable[bytes], columns: Sequence[ReadOnlyColumn]) -> Iterator[list[Value]]:
    """Give the values of each record: amounts (₹), texts, dates as dd-mm-yyyy; nested ones as JSON text."""
    keys = {column.key for column in columns if column.kind != "rest"}
    for record in records:
        fields = _fields(record)
        row = [_value(column, fields.get(column.key)) for column in columns]
        if len(keys) < len(columns):
            rest = {key: value for key, value in fields.items() if key not in keys}
            row[-1] = _json(rest) if rest else None
        yield row


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
        return _json(found)
    if isinstance(found, bool):
        return "Y" if found else "N"
    if isinstance(found, Decimal):
        is_amount = column.kind == "amount" and found.adjusted() < _LARGEST_EXPONENT
        return found if is_amount else str(found)
    return _worded(column, found)


def _json(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, default=float)


def _worded(column: ReadOnlyColumn, text: str) -> Value:
    folded = column.key.casefold()
    if folded == "action":
        return _ACTIONS.get(text, text)
    return period_label(text) if folded in _PERIOD_KEYS else text
