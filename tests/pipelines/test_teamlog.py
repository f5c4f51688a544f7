"""The log of a merged workbook: all that happened to its copies, and whose decisions they were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from team_helpers import built, copies_of, edited, merged, rows_of

from ims_excel import harvest, read_log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def march(tmp_path) -> Path:
    return built(tmp_path)


def events_of(book: Path) -> list[str]:
    return [event.event for event in read_log(book).events]


def test_a_merge_over_an_earlier_one_adds_what_happened_to_copies_since(march):
    copies = copies_of(march, {"INV-1": {"Status": "Accepted"}}, {}, {"INV-3": {"Status": "Accepted"}})
    out = merged(march, copies[:2]).written
    harvest(copies[2], march.with_name("c.json"))
    merged(march, copies)
    assert events_of(out) == ["build", "merge", "harvest", "merge"]
    assert read_log(out, "INV-3").events[0].event == "harvest"


def test_lines_of_the_earlier_log_that_cannot_be_read_stay_where_they_are(march):
    copies = copies_of(march, {"INV-1": {"Status": "Accepted"}}, {"INV-2": {"Status": "Accepted"}})
    out = merged(march, copies).written
    log = out.with_suffix(".audit.jsonl")
    with log.open("ab") as file:
        file.write(b"half a li\n")
    harvest(copies[0], march.with_name("a.json"))
    merged(march, copies)
    lines = log.read_bytes().splitlines()
    assert lines.index(b"half a li") == 2
    assert len(lines) == 5


def test_each_decision_says_whose_it_is(march, tmp_path):
    asha = {"INV-1": {"Status": "Accepted"}, "INV-2": {"Status": "Pending"}, "INV-4": {"Status": "Accepted"}}
    ravi = {"INV-1": {"Remarks": "seen"}, "INV-3": {"Status": "Accepted"}, "INV-4": {"Status": "Rejected"}}
    copies = [
        edited(march, tmp_path / "a.xlsx", asha, author="Asha"),
        edited(march, tmp_path / "b.xlsx", ravi | {"INV-2": {"Status": "Pending"}}),
    ]
    out = merged(march, copies).written
    changes = read_log(out).events[-1].changes
    assert {change.document.split()[0]: change.by for change in changes} == {
        "INV-1": "Asha, b.xlsx", "INV-2": "Asha, b.xlsx", "INV-3": "b.xlsx",
    }  # fmt: skip
    headings, *rows = rows_of(out, "Log")
    by = {row[headings.index("Document")]: row[headings.index("By")] for row in rows}
    assert by["INV-3 of Vaigai Packaging"] == "b.xlsx"


def test_answers_are_counted_as_the_report_counts_them(march):
    copies = copies_of(march, {"INV-1": {"Status": "Accepted", "Note": "x"}}, {"INV-2": {"Note": "y"}})
    result = merged(march, copies)
    event = json.loads(result.written.with_suffix(".audit.jsonl").read_bytes().splitlines()[-1])
    assert (result.changed, event["counts"]) == (1, {"answers": 1, "conflicts": 0})
    details = [row[7] for row in rows_of(result.written, "Log")[1:] if row[1] == "merge"]
    assert details[0].endswith("1 answer")
