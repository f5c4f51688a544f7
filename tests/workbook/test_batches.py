"""Rows taken together by column: the same cells, blanks in one form."""

from __future__ import annotations

from itertools import chain

from ims_excel.workbook import batches as module
from ims_excel.workbook.batches import Batch, batches_of
from ims_excel.workbook.exact import RowRead

ROWS = [
    (6, ["A", "", 0.0, ""]),
    (7, ["", "", False]),
    (9, ["B", None, 1.5, "x", ""]),
]


def test_columns_have_their_blanks_as_none_and_keep_noughts():
    batch = Batch(ROWS)
    assert batch.numbers == [6, 7, 9]
    assert [list(batch.column(place)) for place in range(6)] == [
        ["A", None, "B"],
        [None, None, None],
        [0.0, False, 1.5],
        [None, None, "x"],
        [None, None, None],
        [None, None, None],
    ]
    assert list(batch.column(None)) == [None, None, None]


def test_a_row_is_given_as_the_reader_gives_it():
    assert Batch(ROWS).row(0) == RowRead(6, ["A", None, 0.0, None])


def test_rows_are_chosen():
    chosen = Batch(ROWS).only([None, "yes", "yes"])
    assert (chosen.numbers, list(chosen.column(3))) == ([7, 9], [None, "x"])


def test_rows_come_in_batches_without_a_loss(monkeypatch):
    monkeypatch.setattr(module, "AT_A_TIME", 2)
    found = [batch.numbers for batch in batches_of(iter(ROWS))]
    assert list(chain.from_iterable(found)) == [6, 7, 9]
    assert found == [[6, 7], [9]]
    assert list(batches_of([])) == []
