"""Copies that a newer download was brought into, merged: what refresh asked is asked still."""

from __future__ import annotations

import copy
import shutil
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from life_helpers import RECIPIENT, invoice
from openpyxl import load_workbook
from team_helpers import (
    NUMBERS,
    built,
    copies_of,
    delete_row,
    download,
    edited,
    keep,
    merged,
    refreshed,
    rows_of,
    rules_in,
    says,
    sent,
    table,
)

from ims_excel import WorkbookError, build, harvest, split, validate

if TYPE_CHECKING:
    from pathlib import Path

CHANGED = "Changed since the last download"


@pytest.fixture
def march(tmp_path) -> Path:
    return built(tmp_path)


def newer(**records: dict) -> dict:
    """The download once more, with changes in its invoices (INV-1 as INV_1); None takes one out."""
    data = copy.deepcopy(download())
    changes = {number.replace("_", "-"): change for number, change in records.items()}
    invoices = data["imsDetails"]["b2b"]
    for record in invoices:
        record.update(changes.get(record["inum"]) or {})
    data["imsDetails"]["b2b"] = [r for r in invoices if changes.get(r["inum"], {}) is not None]
    return data


def crew(march: Path, *typed: dict, data: dict) -> tuple[Path, list[Path]]:
    """The base and copies in which people typed, each with the newer download in it."""
    copies = copies_of(march, *typed)
    return refreshed(march, data, "base.xlsx"), [refreshed(c, data, f"{c.stem}R.xlsx") for c in copies]


class TestWhatIsAskedForAgain:
    """Accepted in one copy, while another touched something else."""

    TYPED = ({"INV-1": {"Status": "Accepted"}}, {"INV-4": {"Status": "Accepted"}})

    @pytest.mark.parametrize(
        ("change", "rule"), [({"val": 1180000, "txval": 1000000}, "R66"), ({"action": "P"}, "N1")]
    )
    def test_stops_harvest_whichever_copy_comes_first(self, march, change, rule):
        base, copies = crew(march, *self.TYPED, data=newer(INV_1=change))
        for order in permutations(copies):
            out = merged(base, order).written
            assert rules_in(harvest(out), "INV-1") == [rule]
            assert sent(out, skip_invalid=True) == {"INV-4": "A"}

    def test_goes_up_once_a_copy_confirmed_it(self, march):
        base, copies = crew(march, *self.TYPED, data=newer(INV_1={"val": 1180000}))
        edited(copies[0], copies[0], {"INV-1": {CHANGED: "ok"}})
        for order in permutations(copies):
            assert sent(merged(base, order).written) == {"INV-1": "A", "INV-4": "A"}

    def test_is_asked_where_another_copy_objects(self, march):
        edited(march, march, self.TYPED[0])
        base = refreshed(march, newer(INV_1={"val": 1180000}), "base.xlsx")
        copies = copies_of(base, {"INV-1": {CHANGED: None}}, {"INV-1": {CHANGED: "no, I disagree"}})
        for order in permutations(copies):
            result = harvest(merged(base, order).written)
            assert rules_in(result, "INV-1") == ["R66"]
            assert "no, I disagree" in result.errors[0].what

    def test_is_asked_where_another_copy_decided_otherwise_meanwhile(self, march):
        edited(march, march, self.TYPED[0])
        base = refreshed(march, newer(INV_1={"val": 1180000}), "base.xlsx")
        copies = copies_of(base, {"INV-1": {CHANGED: None}}, {"INV-1": {"Status": "Rejected"}})
        for order in permutations(copies):
            out = merged(base, order).written
            assert says(out, "INV-1", "Status") == "Rejected"
            assert rules_in(harvest(out), "INV-1") == ["R66"]

    def test_is_asked_still_once_copies_that_disagree_are_settled(self, march):
        typed = ({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
        base, copies = crew(march, *typed, data=newer(INV_1={"action": "P"}))
        out = merged(base, copies).written
        keep(out, {"INV-1": "B: bR.xlsx"})
        assert sent(out, skip_invalid=True) == {}
        assert rules_in(validate(out), "INV-1") == ["N1"]
        assert says(out, "INV-1", "Status") == "Rejected"
        edited(out, out, {"INV-1": {CHANGED: None}})
        assert sent(out) == {"INV-1": "R"}

    def test_is_not_lost_with_the_hidden_column_of_a_copy(self, march):
        base, copies = crew(march, *self.TYPED, data=newer(INV_1={"val": 1180000}))
        remove_column(copies[1], "change")
        for order in permutations(copies):
            assert rules_in(harvest(merged(base, order).written), "INV-1") == ["R66"]

    def test_is_shown_where_the_first_copy_hides_the_column(self, march):
        base, copies = crew(march, *self.TYPED, data=newer(INV_1={"action": "P"}))
        column = hide_column(copies[1], CHANGED)
        out = merged(base, copies[::-1]).written
        assert not load_workbook(out)["B2B"].column_dimensions[column].hidden


class TestWhatLeftTheIms:
    """INV-1 left: rows of it are merged like others, and come back with what was decided."""

    def test_a_decision_is_merged_and_is_there_when_the_document_is_back(self, march):
        typed = {"INV-1": {"Status": "Rejected", "Remarks": "not ours"}}
        base, copies = crew(march, {"INV-4": {"Status": "Accepted"}}, typed, data=newer(INV_1=None))
        for order in permutations(copies):
            result = merged(base, order)
            assert says(result.written, "INV-1", "Status", "Remarks") == ("Rejected", "not ours")
            assert [c.missing for c in result.copies] == [0, 0]
            back = refreshed(result.written, newer(INV_2={"val": 7}), "back.xlsx")
            assert says(back, "INV-1", "Status", "Remarks") == ("Rejected", "not ours")
            assert rules_in(harvest(back), "INV-1") == ["R66"]

    def test_a_disagreement_waits_and_is_settled_by_the_choice_when_it_is_back(self, march):
        typed = ({"INV-1": {"Status": "Accepted"}}, {"INV-1": {"Status": "Rejected"}})
        base, copies = crew(march, *typed, data=newer(INV_1=None))
        result = merged(base, copies)
        assert [conflict.what for conflict in result.conflicts] == ["Status"]
        headings, row = rows_of(result.written, "Conflicts")
        assert row[headings.index("Settled")] == "left the IMS"
        assert rules_in(validate(result.written), "INV-1") == []
        keep(result.written, {"INV-1": "B: bR.xlsx"})
        back = refreshed(result.written, newer(), "back.xlsx")
        validate(back)
        assert says(back, "INV-1", "Status") == "Rejected"

    def test_it_makes_no_difference_which_downloads_came_between(self, march):
        typed = ({"INV-1": {"Status": "Accepted"}}, {"INV-4": {"Status": "Rejected"}})
        copies = copies_of(march, *typed)
        data = newer(INV_6=None)
        between = refreshed(copies[0], {**data, **with_invoice(data, "INV-9")}, "between.xlsx")
        ways = [refreshed(between, data, "aR.xlsx"), refreshed(copies[1], data, "bR.xlsx")]
        for base in (refreshed(march, data, "base.xlsx"), built(march.parent, data, "again.xlsx")):
            for order in permutations(ways):
                out = merged(base, order).written
                assert says(out, "INV-1", "Status") == "Accepted"
                assert says(out, "INV-4", "Status") == "Rejected"


def test_parts_of_a_workbook_that_was_refreshed_are_merged_with_one_built_again(march):
    older = shutil.copy(march.with_name("march.xlsx.json"), march.with_name("older.json"))
    edited(march, march, {"INV-2": {"Status": "Accepted"}})
    parts = [part.path for part in split(march, parts=2).parts]
    edited(parts[0], parts[0], {"INV-2": {"Status": "Rejected"}})
    refreshed(march, newer(INV_1={"val": 7}))
    with pytest.raises(WorkbookError, match=r"part1of2.*Merge the parts with the workbook as it was when"):
        merged(march, parts)
    again = build(older, march.with_name("again.xlsx"), gstin=RECIPIENT).book
    workbook = load_workbook(again)
    workbook.custom_doc_props["ims-xl built"].value = "2026-04-04T09:00:00+05:30"
    workbook.save(again)
    result = merged(again, parts)
    assert [list(c.values.values()) for c in result.conflicts] == [["No Action", "Rejected", "Accepted"]]


def with_invoice(data: dict, number: str) -> dict:
    details = data["imsDetails"]
    return {"imsDetails": {**details, "b2b": [*details["b2b"], invoice(number, tradenm="New")]}}


def remove_column(book: Path, name: str) -> None:
    workbook = load_workbook(book)
    sheet = workbook["B2B"]
    sheet.delete_cols(next(cell.column for cell in sheet[3] if cell.value == name))
    workbook.save(book)


def hide_column(book: Path, heading: str) -> str:
    workbook = load_workbook(book)
    sheet = workbook["B2B"]
    letter = next(cell.column_letter for cell in sheet[5] if cell.value == heading)
    sheet.column_dimensions[letter].hidden = True
    workbook.save(book)
    return letter


answers = st.fixed_dictionaries(
    {},
    optional={
        "Status": st.sampled_from(["Accepted", "Rejected", "Pending"]),
        "Remarks": st.sampled_from(["late", None]),
        "Note": st.sampled_from(["mine", "his", 5]),
    },
)
typing = st.dictionaries(st.sampled_from(NUMBERS[:5]), answers, max_size=4)
looks = st.dictionaries(st.sampled_from(NUMBERS[:3]), st.sampled_from([None, "ok", "why?"]), max_size=2)
people = st.fixed_dictionaries(
    {"typed": typing, "looked": looks, "deleted": st.sampled_from(["", "", "INV-2", "INV-5"])}
)
LATER = newer(INV_1={"val": 1180000}, INV_2={"action": "A"}, INV_3={"val": 9, "action": "P"}, INV_4=None)


def asked(book: Path) -> dict[str, tuple[object, ...]]:
    return table(book, "Change", CHANGED)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=typing, crew=st.lists(people, min_size=2, max_size=3))
def test_no_order_of_refreshed_copies_changes_values_conflicts_or_questions(tmp_path, before, crew):
    march = edited(built(tmp_path), tmp_path / "march.xlsx", before)
    base = refreshed(march, LATER, "base.xlsx")
    copies = []
    for book, person in zip(copies_of(march, *(p["typed"] for p in crew)), crew, strict=True):
        copies.append(refreshed(book, LATER, f"{book.stem}R.xlsx"))
        looked = {number: {CHANGED: text} for number, text in person["looked"].items()}
        edited(copies[-1], copies[-1], looked)
        delete_row(copies[-1], person["deleted"])
    seen = set()
    for order in permutations(copies):
        result = merged(base, order)
        out = result.written
        values = {n: says(out, n, "Status", "Remarks", "Note") for n in table(out, "Status")}
        conflicts = {(c.document, c.what, *sorted(set(c.values.values()))) for c in result.conflicts}
        stops = {(f.document, f.rule) for f in validate(out).errors}
        seen.add(repr([sorted(values.items()), sorted(conflicts), asked(out), sorted(stops)]))
    assert len(seen) == 1
