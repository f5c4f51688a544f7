"""What stands beside a row in several copies: people answer questions, not the order of copies."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.pipelines.questions import ASKED_AGAIN, NOTE_COLUMNS, Mark, Row, merge_marks, merge_notes

A, R, N = ({"status": (status,)} for status in ("Accepted", "Rejected", "No Action"))
VALUE = "Value: ₹1 → ₹10"
AGAIN = f"{VALUE}\n{ASKED_AGAIN}"
OPEN, CONFIRMED, SEEN, BLANK = Mark("changed", VALUE), Mark("changed", ""), Mark("seen", VALUE), Mark()


def row(mark: Mark, answers: dict) -> Row:
    return Row({"change": mark.word, "changed": mark.text}, answers)


@pytest.mark.parametrize(
    ("base", "copies", "merged", "expected"),
    [
        (SEEN, [(OPEN, A), (SEEN, N)], A, OPEN),
        (SEEN, [(CONFIRMED, A), (SEEN, N)], A, CONFIRMED),
        (OPEN, [(OPEN, A), (OPEN, A)], A, OPEN),
        (OPEN, [(CONFIRMED, A), (OPEN, A)], A, CONFIRMED),
        (OPEN, [(Mark("changed", "ok"), A), (CONFIRMED, A)], A, CONFIRMED),
        (OPEN, [(SEEN, N), (OPEN, A)], N, OPEN),
        (OPEN, [(CONFIRMED, A), (OPEN, R)], R, Mark("changed", AGAIN)),
        (OPEN, [(CONFIRMED, A), (CONFIRMED, R)], R, CONFIRMED),
        (OPEN, [(CONFIRMED, A), (Mark("changed", "no"), A)], A, Mark("changed", f"no\n{ASKED_AGAIN}")),
        (OPEN, [(CONFIRMED, A), (CONFIRMED, R)], {"status": None}, Mark("changed", AGAIN)),
        (CONFIRMED, [(CONFIRMED, A), (CONFIRMED, R)], R, CONFIRMED),
        (OPEN, [(Mark("changed", f"{VALUE}\nwhy?"), A), (OPEN, A)], A, Mark("changed", f"{VALUE}\nwhy?")),
        (SEEN, [(OPEN, A), (Mark("conflict", "Portal"), R)], {"status": None}, Mark("conflict", "Portal")),
        (SEEN, [(Mark("seen", ""), N), (SEEN, N)], N, Mark("seen", "")),
        (SEEN, [(Mark("taken", ""), A), (Mark("seen", "b"), N)], A, Mark("seen", "b")),
        (BLANK, [(Mark("", "mine"), A), (Mark("", "his"), A)], A, Mark("", "his\nmine")),
    ],
)  # fmt: skip
def test_a_question_is_open_until_somebody_confirmed_what_the_merged_row_says(base, copies, merged, expected):
    for order in permutations(copies):
        assert merge_marks(base, [row(*copy) for copy in order], merged) == expected


def test_a_copy_that_lacks_the_row_confirms_nothing():
    assert merge_marks(OPEN, [], A) == OPEN


def test_portal_errors_of_all_copies_stand_there_and_those_dealt_with_are_gone():
    def notes(*texts: str) -> list[Row]:
        return [Row({"portal_errors": text} if text else {}, A) for text in texts]

    assert merge_notes({}, notes("E1", ""), A) == {"portal_errors": "E1"}
    assert merge_notes({}, notes("E2", "E1"), A) == {"portal_errors": "E1\nE2"}
    assert merge_notes({"portal_errors": "E1"}, notes("E1", ""), A) == {}
    assert merge_notes({"portal_errors": "E1"}, notes("E1\nE2", ""), A) == {"portal_errors": "E1\nE2"}


marks = st.builds(
    Mark,
    st.sampled_from(["", "new", "seen", "taken", "changed", "conflict"]),
    st.sampled_from(["", "ok", VALUE, "Portal", "no"]),
)
answers = st.sampled_from([A, R, N])


@given(marks, st.lists(st.tuples(marks, answers), max_size=4), answers, st.randoms())
def test_no_order_of_copies_counts_and_no_question_closes_itself(base, copies, merged, random):
    shuffled = random.sample(copies, len(copies))
    mark = merge_marks(base, [row(*copy) for copy in copies], merged)
    assert mark == merge_marks(base, [row(*copy) for copy in shuffled], merged)
    was_open = base.is_open or any(mark.is_open for mark, _ in copies)
    if was_open and not mark.is_open:
        assert any(copy.is_confirmed and said == merged for copy, said in copies)
    if not mark.asks:
        assert not any(one.asks for one in (base, *(copy for copy, _ in copies)))


def test_every_column_that_copies_fill_is_merged():
    assert set(NOTE_COLUMNS) == {"portal_errors", "portal_fields", "changed", "change"}
