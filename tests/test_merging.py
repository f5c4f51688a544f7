"""Three-way merging, against the definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.merging import Clash, merge, merge_value

BASE = {"a": {"status": "N", "remarks": ""}, "b": {"status": "A", "remarks": "ok"}}

values = st.sampled_from(["N", "A", "R", None])
rows = st.dictionaries(
    st.sampled_from("abc"), st.dictionaries(st.sampled_from(["status", "remarks"]), values)
)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        (["N", "N"], ("N", False)),
        (["A", "N"], ("A", False)),
        (["N", "A"], ("A", False)),
        (["A", "A"], ("A", False)),
        (["A", "R"], ("N", True)),
        (["A", "N", "A"], ("A", False)),
        (["A", "N", "R"], ("N", True)),
        ([], ("N", False)),
    ],
)
def test_one_value(sides, expected):
    assert merge_value("N", sides) == expected


def test_fields_of_one_record_are_merged_apart():
    merged = merge(BASE, [{"a": {"status": "A"}}, {"a": {"remarks": "late", "status": "N"}}])
    assert merged.values == {"a": {"status": "A", "remarks": "late"}}
    assert merged.clashes == ()
    assert merged.taken == ({"status": 1}, {"remarks": 1})


def test_a_clash_names_every_side_and_leaves_the_base():
    merged = merge(BASE, [{"b": {"status": "R"}}, {}, {"b": {"status": "P"}}])
    assert merged.values == {}
    assert merged.clashes == (Clash("b", "status", "A", ("R", "A", "P")),)
    assert merged.taken == ({}, {}, {})


def test_the_same_change_in_two_copies_is_no_clash_and_counted_once():
    merged = merge(BASE, [{"a": {"status": "R"}}, {"a": {"status": "R"}}])
    assert merged.values == {"a": {"status": "R"}}
    assert (merged.taken, merged.agreed) == (({}, {}), {"status": 1})


def test_a_field_the_base_does_not_have_was_blank():
    merged = merge(BASE, [{"c": {"own": 1}}, {"a": {"own": None}}])
    assert merged.values == {"c": {"own": 1}}


@given(rows, st.lists(rows, min_size=1, max_size=3))
def test_every_value_is_what_the_definition_says(base, sides):
    merged = merge(base, sides)
    clashes = {(clash.key, clash.field) for clash in merged.clashes}
    for key in "abc":
        for name in ("status", "remarks"):
            was = base.get(key, {}).get(name)
            said = {side.get(key, {}).get(name, was) for side in sides} - {was}
            now = merged.values.get(key, {}).get(name, was)
            assert ((key, name) in clashes) == (len(said) > 1)
            assert now == (said.pop() if len(said) == 1 else was)


@given(rows, st.lists(rows, min_size=2, max_size=3), st.randoms())
def test_the_order_of_the_copies_does_not_count(base, sides, random):
    shuffled = sides[:]
    random.shuffle(shuffled)
    one, other = merge(base, sides), merge(base, shuffled)
    assert one.values == other.values
    assert {(c.key, c.field) for c in one.clashes} == {(c.key, c.field) for c in other.clashes}
    assert one.agreed == other.agreed


@given(rows, rows)
def test_merging_copies_of_which_one_is_untouched_gives_the_other(base, side):
    merged = merge(base, [side, {}])
    assert merged.clashes == ()
    for key, fields in side.items():
        for name, value in fields.items():
            assert merged.values.get(key, {}).get(name, base.get(key, {}).get(name)) == value
