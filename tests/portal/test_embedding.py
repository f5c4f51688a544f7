from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from portal_helpers import INVOICE, NOTE, RECIPIENT, download, invoice, note, raw, write

from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import dump_snapshot, load_snapshot
from ims_excel.portal.record import Record
from ims_excel.portal.sections import B2B, ECOM
from ims_excel.portal.snapshot import Snapshot, SourceFile

if TYPE_CHECKING:
    from pathlib import Path

WHEN = datetime(2026, 4, 2, 10, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))

records = st.builds(
    lambda number, name, value, spaced: json.dumps(
        invoice(inum=number, tradenm=name, val=value), ensure_ascii=False, indent=2 if spaced else None
    ),
    st.sampled_from(["1", "2", "10/A"]),
    st.none() | st.text(st.characters(codec="utf-8"), max_size=6),
    st.integers() | st.decimals(places=2, allow_nan=False, allow_infinity=False).map(str),
    st.booleans(),
)


def same(one: Snapshot, other: Snapshot) -> bool:
    return replace(one, sections={}) == replace(other, sections={}) and {
        section: list(found) for section, found in one.sections.items()
    } == {section: list(found) for section, found in other.sections.items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    b2b=st.lists(records, max_size=4), eco=st.lists(records, max_size=3), odd=st.lists(records, max_size=2)
)
def test_what_is_dumped_is_loaded(b2b: list[str], eco: list[str], odd: list[str], tmp_path: Path):
    sections = {"b2b": b2b, "e_c2b": eco, "ECO": odd, "impg": odd}
    body = ", ".join(f'"{key}": [{", ".join(found)}]' for key, found in sections.items())
    path = write(tmp_path / "a.json", f'{{"rtin": "{RECIPIENT}", "imsDetails": {{{body}}}}}')
    snapshot = read_downloads([path])
    data = dump_snapshot(snapshot)
    loaded = load_snapshot(data)
    assert same(loaded, snapshot)
    assert dump_snapshot(loaded) == data
    assert [r.raw.decode() for r in loaded.sections.get(B2B, ())] == b2b
    assert [r.raw.decode() for r in loaded.sections.get(ECOM, ())] == eco + odd


def test_occurrences_and_source_keys_travel(tmp_path: Path):
    path = download(tmp_path / "a.json", b2b=[INVOICE, invoice(val=2)], e_b2b=[INVOICE], cn=[NOTE])
    loaded = load_snapshot(dump_snapshot(read_downloads([path])))
    found = [(r.source_key, r.occurrence) for part in loaded.sections.values() for r in part]
    assert found == [("b2b", 1), ("b2b", 2), ("cn", 1), ("e_b2b", 1)]


def test_records_put_together_by_hand_can_be_dumped(tmp_path: Path):
    lazy = read_downloads([download(tmp_path / "a.json", b2b=[INVOICE, invoice(val=2)], cdnr=[note()])])
    by_hand = replace(lazy, sections={section: list(found) for section, found in lazy.sections.items()})
    assert all(type(record) is Record for record in by_hand.sections[B2B])
    assert dump_snapshot(by_hand) == dump_snapshot(lazy)


def test_withdrawn_records_travel_beside_the_others(tmp_path: Path):
    here = read_downloads([download(tmp_path / "a.json", b2b=[INVOICE])])
    gone = read_downloads([download(tmp_path / "b.json", b2b=[invoice(val=2), invoice(val=3)])]).sections
    loaded = load_snapshot(dump_snapshot(replace(here, withdrawn=gone)))
    assert [record.document.value for record in loaded.withdrawn[B2B]] == [2, 3]
    assert [record.key[-2:] for record in loaded.withdrawn[B2B]] == ["R1", "#2"]
    assert [record.raw for record in loaded.sections[B2B]] == [record.raw for record in here.sections[B2B]]


def test_an_empty_snapshot():
    snapshot = Snapshot(RECIPIENT, (SourceFile("a.json", "ab"),), WHEN, {}, {"impg": [b'{"a": 1.0}']})
    assert load_snapshot(dump_snapshot(snapshot)) == snapshot


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"format": "ims-xl snapshot", "version": 1}', b"\xff", b"[" * 5000],
)
def test_what_is_no_snapshot_is_a_value_error(data: bytes):
    with pytest.raises(ValueError, match="embedded download"):
        load_snapshot(data)


def test_a_newer_version_says_so():
    with pytest.raises(ValueError, match="version 2"):
        load_snapshot(raw({"format": "ims-xl snapshot", "version": 2}))


def test_a_newer_version_says_so_also_where_it_looks_like_this_one():
    written = dump_snapshot(Snapshot(RECIPIENT, (SourceFile("a.json", "ab"),), WHEN, {}, {}))
    assert b'"version":1' in written
    with pytest.raises(ValueError, match="version 2"):
        load_snapshot(written.replace(b'"version":1', b'"version":2'))


def test_an_unknown_section_is_a_value_error(tmp_path: Path):
    data = dump_snapshot(read_downloads([download(tmp_path / "a.json", b2b=[INVOICE])]))
    with pytest.raises(ValueError, match="b2x"):
        load_snapshot(data.replace(b'"section":"b2b"', b'"section":"b2x"'))
