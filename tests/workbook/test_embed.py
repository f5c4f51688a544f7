"""The snapshot inside the workbook."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.workbook.embed import CELL_CHARACTERS, from_cells, to_cells

LONG = os.urandom(100_000)


@given(st.binary(max_size=5_000))
def test_any_data_comes_back(data: bytes):
    assert from_cells(to_cells(data)) == data


def test_long_data_is_cut_into_cells_that_excel_holds():
    cells = to_cells(LONG)
    assert len(cells) > 4
    assert max(map(len, cells)) == CELL_CHARACTERS < 32_767
    assert from_cells(cells) == LONG


def test_blanks_that_a_program_added_do_no_harm():
    assert from_cells([f" {cell}\n" for cell in to_cells(LONG)]) == LONG


def test_cells_behind_the_last_are_ignored():
    assert from_cells([*to_cells(b"data"), "a note of somebody"]) == b"data"


@pytest.mark.parametrize(
    "damage",
    [
        lambda cells: [],
        lambda cells: [""],
        lambda cells: cells[1:],
        lambda cells: cells[:-1],
        lambda cells: [cells[0], cells[2], cells[1], *cells[3:]],
        lambda cells: [cells[0], cells[1][:-8], *cells[2:]],
        lambda cells: [cells[0], cells[1].swapcase(), *cells[2:]],
        lambda cells: [cells[0], "₹" + cells[1][1:], *cells[2:]],
        lambda cells: [cells[0].replace("snapshot 1", "snapshot 9"), *cells[1:]],
        lambda cells: [cells[0].replace("|100000|", "|99999|"), *cells[1:]],
        lambda cells: [cells[0].replace("|100000|", "|x|"), *cells[1:]],
        lambda cells: [cells[0].replace("|100000|", "|10|"), *cells[1:]],
    ],
)
def test_damage_is_noticed(damage):
    with pytest.raises(ValueError, match="snapshot"):
        from_cells(damage(to_cells(LONG)))


def test_a_length_that_is_a_lie_does_not_inflate_more_than_it_says():
    """A bomb: a hundred megabytes of zeros that claim to be ten bytes."""
    cells = to_cells(bytes(100_000_000))
    header = cells[0].split("|")
    with pytest.raises(ValueError, match="checksum"):
        from_cells(["|".join([header[0], "10", *header[2:]]), *cells[1:]])
