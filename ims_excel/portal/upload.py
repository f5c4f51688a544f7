"""Uploads: the decided records as the portal takes them (domain file 2).

Echo, never rebuild: identity and amounts leave as they came in the raw record, under the canonical key names;
only the action, the remarks and the ITC answer are laid over it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable  # noqa: TC003  the table of readers is typed at run time
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from ims_excel.exceptions import ImsError
from ims_excel.gst.amounts import ZERO
from ims_excel.portal.decoding import RecordError, amount_of, period_of, place_of, text_of, wire_view
from ims_excel.portal.jsontext import JsonError, Number, members, text_bytes
from ims_excel.portal.record import TAX_HEADS
from ims_excel.portal.schema import first_complaint
from ims_excel.portal.sections import ECOM, ECOMA, SECTIONS
from ims_excel.portal.verify import read_back, verify_upload
from ims_excel.portal.wire import (
    DECLARED,
    FILING_STATUS,
    FLAGS,
    NEVER_SENT,
    OVERLAID,
    REDUCTION,
    SNAKE,
    Field,
    Kind,
    by_wire_name,
    upload_order,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal
    from pathlib import Path

    from ims_excel.options import PortalOptions
    from ims_excel.portal.overlay import UploadEntry
    from ims_excel.portal.record import Record
    from ims_excel.portal.sections import Section

__all__ = ["looks_like_upload", "read_back", "section_key", "upload_bytes", "verify_upload"]

_ECO_KEYS = {ECOM: ("ecom", "eco", "e_b2b", "e_c2b"), ECOMA: ("ecoma", "ecoa", "e_b2ba", "e_c2ba")}
_MOST_DECIMALS = 2
_DECIDED = frozenset(OVERLAID)
_SHORTEST = re.compile(r"0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,14})\.[0-9]?[1-9]")
"""An amount that is written as the upload has it already."""


def upload_bytes(
    recipient: str, entries: Sequence[UploadEntry], options: PortalOptions, *, sections: Sequence[str] = ()
) -> bytes:
    """Write an upload: compact UTF-8 without a byte-order mark, checked against ``schemas/upload``.

    Args:
        recipient: the recipient's GSTIN.
        entries: the records to send; they keep their order within a section, sections take the official one.
        options: how contested points of the portal's format are settled.
        sections: section keys of the download; empty e-commerce arrays are spelled like them (7.6, 7.13).

    Raises:
        ImsError: a record holds something the portal cannot take; names the document.
    """
    grouped = _grouped(entries, options, sections)
    upload = {
        "rtin": recipient,
        "reqtyp": "SAVE",
        "invdata": {key: [_record(entry, options) for entry in group] for key, group in grouped.items()},
    }
    data = msgspec.json.encode(upload)
    complaint = first_complaint(data, options)
    if complaint is not None:
        group = grouped.get(complaint.section)
        raise _unusable(group[complaint.position].record if group else None, complaint.what)
    return data


def looks_like_upload(path: Path) -> bool:
    """Tell whether a file is an upload, and so may be replaced by a newer one."""
    try:
        keys = {member.key for member in members(text_bytes(path.read_bytes()))}
    except (OSError, JsonError):
        return False
    return {"rtin", "reqtyp", "invdata"} <= keys


def section_key(record: Record, options: PortalOptions) -> str:
    """Choose the section key a record is sent under: canonical, or for e-commerce as options say (7.13)."""
    return _spelled(record.section, record.source_key, options)


def _spelled(section: Section, source_key: str, options: PortalOptions) -> str:
    if section not in _ECO_KEYS:
        return section.key
    canonical, short, *_ = known = _ECO_KEYS[section]
    if options.eco_keys == "source":
        return source_key.lower() if source_key.lower() in known else canonical
    return short if options.eco_keys == "eco" else canonical


def _grouped(
    entries: Sequence[UploadEntry], options: PortalOptions, sections: Sequence[str]
) -> dict[str, list[UploadEntry]]:
    by_section: defaultdict[Section, dict[str, list[UploadEntry]]] = defaultdict(dict)
    for entry in entries:
        groups = by_section[entry.record.section]
        groups.setdefault(section_key(entry.record, options), []).append(entry)
    if options.empty_sections == "arrays":
        for section in SECTIONS:
            source = next((key for key in sections if key.lower() in _ECO_KEYS.get(section, ())), "")
            if not by_section[section]:
                by_section[section][_spelled(section, source, options)] = []
    return {key: group for section in SECTIONS for key, group in by_section[section].items()}


def _record(entry: UploadEntry, options: PortalOptions) -> dict[str, Any]:
    """Echo a raw record in the upload's order, with the decision laid over it."""
    section = entry.record.section
    try:
        known, unknown = wire_view(section, entry.record.raw)
        decided = _decided(entry, options)
        sent: dict[str, Any] = {}
        for wire, echo, is_text in _echoes(section):
            if echo is None:
                if wire in decided:
                    sent[_itc_key(wire, options)] = decided[wire]
            elif (value := known.get(wire)) is not None:
                sent[wire] = value if is_text and value.__class__ is str else echo(value)
        if options.echo_flags:
            flags = (FILING_STATUS.wire, *(field.wire for field in FLAGS))
            sent.update({wire: _as_came(known[wire]) for wire in flags if known.get(wire) is not None})
        if options.echo_unknown:
            sent.update({key: _as_came(value) for key, value in unknown.items() if key not in NEVER_SENT})
    except (RecordError, _UnusableError) as problem:
        raise _unusable(entry.record, str(problem)) from problem
    return sent


class _UnusableError(Exception):
    """A value that no upload can carry; says which and why."""


def _decided(entry: UploadEntry, options: PortalOptions) -> dict[str, Any]:
    """List what the decision says, by wire name (2.5–2.7)."""
    overlay = entry.overlay
    decided: dict[str, Any] = {"action": overlay.action.value}
    if overlay.remarks:
        decided["remarks"] = overlay.remarks
    if overlay.itc is None:
        return decided
    decided[REDUCTION.wire] = "Y" if overlay.itc.reduce else "N"
    amounts: Sequence[Decimal] | None = overlay.itc.declared
    if amounts is None and overlay.itc.reduce and options.full_reduction == "amounts":
        taxes = [getattr(entry.record.document, head) for head in TAX_HEADS]
        amounts = [tax if tax is not None else ZERO for tax in taxes]
    if amounts is not None:
        for field, amount in zip(DECLARED, amounts, strict=True):
            decided[field.wire] = _declared(field, amount)
    return decided


def _declared(field: Field, amount: Decimal) -> msgspec.Raw:
    text = _plain(amount)
    if len(text.partition(".")[2]) > _MOST_DECIMALS:
        raise _UnusableError(f"{field.wire} is {text}, which has more than two decimals")
    return msgspec.Raw(text.encode())


def _itc_key(wire: str, options: PortalOptions) -> str:
    return SNAKE.get(wire, wire) if options.itc_key_style == "snake" else wire


@cache
def _echoes(section: Section) -> list[tuple[str, Callable[[object], str | msgspec.Raw] | None, bool]]:
    """List the keys of a section's records, each with what writes its raw value (None: that is decided).

    The flag tells that the value is a text, which is sent as it came.
    """
    fields = [by_wire_name(section)[wire] for wire in upload_order(section)]
    return [
        (field.wire, None if field.wire in _DECIDED else _echo(field), field.kind is not Kind.AMOUNT)
        for field in fields
    ]


def _echo(field: Field) -> Callable[[object], str | msgspec.Raw]:
    """Make what writes a field as the upload has it: amounts as plain numbers, all else as text (2.8)."""
    read = _READERS.get(field.kind, text_of)
    kind = "a number" if field.kind is Kind.AMOUNT else "text"

    def echo(value: object) -> str | msgspec.Raw:
        try:
            return read(value)
        except ValueError as problem:
            what = f"{field.wire} is {value!r} in the portal's download, not {kind}"
            raise _UnusableError(what) from problem

    return echo


def _amount(value: object) -> msgspec.Raw:
    if isinstance(value, Number):
        text = value.removesuffix(".0")
        if _SHORTEST.fullmatch(text):
            return msgspec.Raw(text.encode())
    amount = amount_of(value)
    if amount is None:
        raise ValueError  # an empty text is as unusable as a word
    return msgspec.Raw(_plain(amount).encode())


_READERS: dict[Kind, Callable[[object], str | msgspec.Raw]] = {
    Kind.PLACE: place_of,
    Kind.PERIOD: period_of,
    Kind.AMOUNT: _amount,
}


def _plain(amount: Decimal) -> str:
    """Write an amount without exponent and without trailing zeros: 100, 22.5 (2.8)."""
    text = f"{amount:f}".removeprefix("+")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _as_came(value: object) -> Any:  # noqa: ANN401  whatever JSON holds
    """Keep a raw value as it came, its numbers to the digit."""
    if isinstance(value, Number):
        return msgspec.Raw(value.encode())
    if isinstance(value, dict):
        return {key: _as_came(item) for key, item in value.items()}
    return [_as_came(item) for item in value] if isinstance(value, list) else value


def _unusable(record: Record | None, what: str) -> ImsError:
    where = f"{record.label} ({record.section.sheet})" if record else "The upload"
    return ImsError(f"{where} cannot be sent, the portal would refuse the whole file: {what}.")
