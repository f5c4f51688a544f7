"""Verifying: an upload is read back from its file and compared with the portal's records and the decisions.

It knows nothing of how the upload was written, so that it can contradict it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable  # noqa: TC003  the cached function is typed at run time
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from ims_excel.exceptions import ImsError
from ims_excel.portal.decoding import amount_of, period_of, place_of, text_of, wire_view
from ims_excel.portal.jsontext import JsonError, Number, load_unique
from ims_excel.portal.record import TAX_HEADS
from ims_excel.portal.sections import section_for
from ims_excel.portal.wire import (
    DECLARED,
    FILING_STATUS,
    FLAGS,
    NUMBER,
    OVERLAID,
    REDUCTION,
    SNAKE,
    SUPPLIER,
    Field,
    Kind,
    by_wire_name,
    upload_order,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ims_excel.options import PortalOptions
    from ims_excel.portal.overlay import UploadEntry
    from ims_excel.portal.sections import Section

_FAST = msgspec.json.Decoder(float_hook=Decimal)
_CAMEL = {snake: camel for camel, snake in SNAKE.items()}


def read_back(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Read an upload: each record with its section key, in the order of the file; numbers as Decimal.

    Raises:
        ImsError: the bytes are no upload.
    """
    return _records(_parsed(data))


def _records(upload: object) -> list[tuple[str, dict[str, Any]]]:
    invdata = upload.get("invdata") if isinstance(upload, dict) else None
    if not isinstance(invdata, dict):
        raise ImsError("The upload holds no invdata.")
    return [(key, record) for key, records in invdata.items() for record in records]


def _parsed(data: bytes) -> object:
    """Read an upload, its numbers as Decimal or int; a key that stands twice is noticed."""
    try:
        upload = _FAST.decode(data)
        if b"\\" not in data and data.count(b'"') == _quotes(upload):
            return upload
        return _with_decimals(load_unique(data))
    except (JsonError, msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ImsError(f"The upload cannot be read back from disk: {problem}") from problem


def _quotes(value: object) -> int:
    """Count the quotes around the keys and texts of a JSON value."""
    if isinstance(value, dict):
        return 2 * len(value) + sum(map(_quotes, value.values()))
    if isinstance(value, list):
        return sum(map(_quotes, value))
    return 2 if isinstance(value, str) else 0


def _with_decimals(value: object) -> object:
    if isinstance(value, dict):
        return {key: _with_decimals(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_decimals(item) for item in value]
    return Decimal(value) if isinstance(value, Number) else value


def verify_upload(
    data: bytes, recipient: str, entries: Sequence[UploadEntry], options: PortalOptions
) -> None:
    """Compare an upload, as it was read back from disk, with what was decided.

    Raises:
        ImsError: it says anything else than the portal's records and the decisions; names the document.
    """
    upload = _parsed(data)
    if not isinstance(upload, dict) or upload.get("rtin") != recipient or upload.get("reqtyp") != "SAVE":
        raise ImsError("The upload does not say on disk whose it is. Do not send it; run harvest again.")
    waiting: defaultdict[tuple[object, ...], deque[dict[str, Any]]] = defaultdict(deque)
    for key, record in _records(upload):
        waiting[_identity(section_for(key), record)].append(record)
    for entry in entries:
        differing = _first_difference(entry, waiting, options)
        if differing:
            raise ImsError(
                f"The upload on disk differs at {differing} of {entry.record.label} "
                f"({entry.record.section.sheet}) from what was decided. Do not send it; run harvest again."
            )
    if any(waiting.values()):
        raise ImsError("The upload holds more records on disk than were decided. Do not send it.")


def _first_difference(
    entry: UploadEntry, waiting: Mapping[tuple[object, ...], deque[dict[str, Any]]], options: PortalOptions
) -> str:
    """Take the record that was written for an entry, and name the first key that is wrong in it."""
    section, shortcut = entry.record.section, _from_document(entry, options)
    found = waiting[_identity(section, shortcut)]
    if found and found[0] == shortcut:
        found.popleft()
        return ""
    # A record that is not written in the canonical way, or a difference: the raw record tells.
    expected = _expected(entry, options)
    found = waiting[_identity(section, expected)]
    return _differing(expected, found.popleft(), entry, options) if found else "the whole record"


def _from_document(entry: UploadEntry, options: PortalOptions) -> dict[str, Any]:
    """List what a record must say, as its decoded document has it."""
    wires, values_of = _document_fields(entry.record.section)
    values = values_of(entry.record.document)
    expected = {wire: value for wire, value in zip(wires, values, strict=True) if value is not None}
    return expected | _decided(entry, options)


@cache
def _document_fields(section: Section) -> tuple[list[str], Callable[[object], tuple[Any, ...]]]:
    fields = _echoed_fields(section)
    return [wire for wire, _ in fields], attrgetter(*(field.name for _, field in fields))


def _identity(section: Section | None, record: dict[str, Any]) -> tuple[object, ...]:
    if section is None:
        return (None,)
    return (section.key, record.get(SUPPLIER.wire), record.get(NUMBER[section.is_note].wire))


def _expected(entry: UploadEntry, options: PortalOptions) -> dict[str, Any]:
    """List what a record must say, by canonical wire name, from the raw record and the decision alone."""
    section = entry.record.section
    known, _ = wire_view(section, entry.record.raw)
    fields = _echoed_fields(section)
    expected: dict[str, Any] = {}
    for wire, field in fields:
        value = known.get(wire)
        if value is not None:
            expected[wire] = _worth(field, value)
    return expected | _decided(entry, options)


def _decided(entry: UploadEntry, options: PortalOptions) -> dict[str, Any]:
    """List what the decision makes of a record."""
    overlay, expected = entry.overlay, dict[str, Any]()
    expected["action"] = overlay.action.value
    if overlay.remarks:
        expected["remarks"] = overlay.remarks
    if overlay.itc is not None:
        expected[REDUCTION.wire] = "Y" if overlay.itc.reduce else "N"
        amounts: Sequence[Decimal | None] | None = overlay.itc.declared
        if amounts is None and overlay.itc.reduce and options.full_reduction == "amounts":
            amounts = [getattr(entry.record.document, head) for head in TAX_HEADS]
        for field, amount in zip(DECLARED, amounts or (), strict=False):
            expected[field.wire] = amount or Decimal(0)
    return expected


@cache
def _echoed_fields(section: Section) -> list[tuple[str, Field]]:
    by_name = by_wire_name(section)
    return [(wire, by_name[wire]) for wire in upload_order(section) if wire not in OVERLAID]


def _worth(field: Field, value: object) -> object:
    """Tell what a raw value is worth: an amount its Decimal, anything else its text."""
    if field.kind is Kind.AMOUNT:
        return amount_of(value)
    if field.kind is Kind.PLACE:
        return place_of(value)
    return period_of(value) if field.kind is Kind.PERIOD else text_of(value)


def _differing(
    expected: dict[str, Any], sent: dict[str, Any], entry: UploadEntry, options: PortalOptions
) -> str:
    """Name the first key whose value differs, is missing, or should not be there; "" when all agree."""
    said = {_CAMEL.get(key, key): value for key, value in sent.items()}
    if said == expected:
        return ""
    for key, value in expected.items():
        if key not in said or said[key] != value:
            return key
    extra = [key for key in said if key not in expected and key not in _echoed(entry, options)]
    return extra[0] if extra else ""


def _echoed(entry: UploadEntry, options: PortalOptions) -> set[str]:
    """List the keys that options let through beside the regular ones."""
    if not options.echo_flags and not options.echo_unknown:
        return set()
    known, unknown = wire_view(entry.record.section, entry.record.raw)
    flags = (FILING_STATUS.wire, *(field.wire for field in FLAGS))
    echoed = {wire for wire in flags if options.echo_flags and wire in known}
    return echoed | (set(unknown) if options.echo_unknown else set())
