"""Embedding: a snapshot as one JSON document, its raw records byte for byte, and back.

The workbook carries it, so that harvest takes every fact from what the portal said, never from a cell.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from ims_excel.portal.records import Records
from ims_excel.portal.sections import SECTIONS, Section
from ims_excel.portal.snapshot import Snapshot, SourceFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ims_excel.portal.record import Record

FORMAT = "ims-xl snapshot"
VERSION = 1


class _Head(msgspec.Struct):
    format: str
    version: int


class _Section(msgspec.Struct, forbid_unknown_fields=True):
    section: str
    keys: list[tuple[int, str]]
    again: list[tuple[int, int]]
    records: list[msgspec.Raw]
    irregular: list[int] | None = None


class _Embedded(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    format: str
    version: int
    recipient: str
    sources: list[SourceFile]
    downloaded_at: str
    sections: list[_Section]
    others: dict[str, list[msgspec.Raw]]
    withdrawn: list[_Section] = []


def dump_snapshot(snapshot: Snapshot) -> bytes:
    """Write a snapshot as one JSON document (UTF-8); raw records stay as they are, to the byte."""
    embedded = _Embedded(
        format=FORMAT,
        version=VERSION,
        recipient=snapshot.recipient,
        sources=list(snapshot.sources),
        downloaded_at=snapshot.downloaded_at.isoformat(),
        sections=[_dump_section(section, records) for section, records in snapshot.sections.items()],
        others={key: [msgspec.Raw(raw) for raw in raws] for key, raws in snapshot.others.items()},
        withdrawn=[_dump_section(section, records) for section, records in snapshot.withdrawn.items()],
    )
    return msgspec.json.encode(embedded)


def _dump_section(section: Section, records: Sequence[Record]) -> _Section:
    if not isinstance(records, Records):
        records = _collected(section, records)
    raws: Sequence[Any] = records.raws
    return _Section(
        section=section.key,
        keys=records.source_keys,
        again=sorted(records.occurrences.items()),
        irregular=None if records.irregular is None else sorted(records.irregular),
        records=[raw if isinstance(raw, msgspec.Raw) else msgspec.Raw(raw) for raw in raws],
    )


def _collected(section: Section, records: Sequence[Record]) -> Records:
    """Make a lazy sequence of records that were put together by hand."""
    keys: list[tuple[int, str]] = []
    for position, record in enumerate(records):
        if not keys or keys[-1][1] != record.source_key:
            keys.append((position, record.source_key))
    occurrences = {i: record.occurrence for i, record in enumerate(records) if record.occurrence > 1}
    irregular = {position for position, record in enumerate(records) if not record.is_regular}
    return Records(section, [record.slice for record in records], keys, occurrences, irregular)


def load_snapshot(data: bytes) -> Snapshot:
    """Read a snapshot back; its records decode as they are walked.

    Raises:
        ValueError: the bytes are no snapshot, or one of a newer version of ims-xl.
    """
    try:
        embedded = _decoded(data)
        return Snapshot(
            recipient=embedded.recipient,
            sources=tuple(embedded.sources),
            downloaded_at=datetime.fromisoformat(embedded.downloaded_at),
            sections=_load_sections(embedded.sections),
            others={key: [bytes(raw) for raw in raws] for key, raws in embedded.others.items()},
            withdrawn=_load_sections(embedded.withdrawn),
        )
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, KeyError) as problem:
        raise ValueError(f"the embedded download cannot be read: {problem}") from problem


def _decoded(data: bytes) -> _Embedded:
    """Decode in one go what this version wrote; only what it did not write is asked first what it is."""
    try:
        embedded = msgspec.json.decode(data, type=_Embedded)
    except msgspec.ValidationError:
        _check(msgspec.json.decode(data, type=_Head))
        raise
    _check(embedded)
    return embedded


def _check(head: _Head | _Embedded) -> None:
    if head.format != FORMAT or head.version != VERSION:
        raise ValueError(f"version {head.version} of {head.format} is not one this version of ims-xl reads")


def _load_sections(parts: list[_Section]) -> Mapping[Section, Records]:
    by_key = {section.key: section for section in SECTIONS}
    sections = {}
    for part in parts:
        section = by_key[part.section]
        irregular = None if part.irregular is None else frozenset(part.irregular)
        sections[section] = Records(section, part.records, part.keys, dict(part.again), irregular)
    return sections
