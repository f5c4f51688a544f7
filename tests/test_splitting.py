"""Sharing documents out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.splitting import Group, name_ranges, share_out


def groups(*sizes):
    return [Group(f"g{n}", tuple(f"{n}.{i}" for i in range(size))) for n, size in enumerate(sizes)]


def sizes(parts):
    return [sum(len(group.keys) for group in part) for part in parts]


def test_parts_are_of_about_the_same_number_of_documents():
    assert sizes(share_out(groups(*[1] * 10), 3)) == [3, 4, 3]
    assert sizes(share_out(groups(5, 1, 1, 1, 1, 1), 2)) == [5, 5]


def test_a_large_group_does_not_leave_the_others_empty():
    assert sizes(share_out(groups(100, 1, 1), 3)) == [100, 1, 1]
    assert sizes(share_out(groups(1, 1, 100), 3)) == [1, 1, 100]


def test_too_few_groups_are_refused():
    with pytest.raises(ValueError, match="2 groups cannot make 3 parts"):
        share_out(groups(1, 1), 3)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.data())
def test_every_group_is_in_one_part_in_order(counts, data):
    made = groups(*counts)
    parts = share_out(made, data.draw(st.integers(1, len(made))))
    assert [group for part in parts for group in part] == made
    assert all(parts)


@pytest.mark.parametrize(
    ("parts", "labels"),
    [
        ([["Acme", "Ferro"], ["Gala", "Zen"]], ["A–F", "G–Z"]),
        ([["Acme", "Mahindra"], ["Metro", "Zen"]], ["A–Ma", "Me–Z"]),
        ([["acme"], ["Acme Steel", "Beta"]], ["acme", "Acme S–B"]),
        ([["Solo"]], ["S"]),
        ([["Asha 07", "Asha 24"], ["Asha 27"]], ["A–Asha 24", "Asha 27"]),
    ],
)
def test_ranges_are_named_as_shortly_as_tells_them_apart(parts, labels):
    assert name_ranges(parts) == labels
