"""What people type into the input cells, and what we take it for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from ims_excel.decisions import Entered
from ims_excel.gst.codes import Action
from ims_excel.pipelines.entering import entered_of
from ims_excel.workbook.cells import CellError, Uncalculated

COLUMNS = {"status": 0, "remarks": 1, "itc_reduction": 2, "declared_igst": 3, "declared_cgst": 4}


def entered(status="Accepted", remarks=None, answer=None, igst=None, cgst=None) -> Entered:
    return entered_of([status, remarks, answer, igst, cgst], COLUMNS)


@pytest.mark.parametrize(
    ("typed", "action"),
    [
        ("Accepted", Action.ACCEPTED),
        ("accept", Action.ACCEPTED),
        ("ACCEPTED ", Action.ACCEPTED),
        ("\u00a0a\u00a0", Action.ACCEPTED),
        ("r", Action.REJECTED),
        ("Reject", Action.REJECTED),
        ("P", Action.PENDING),
        (" keep  pending", Action.PENDING),
        ("No Action", Action.NO_ACTION),
        ("no\u00a0action", Action.NO_ACTION),
        ("N", Action.NO_ACTION),
    ],
)
def test_status_is_read_in_every_spelling_people_use(typed, action):
    assert entered(typed) == Entered(action)


@pytest.mark.parametrize("typed", ["maybe", "Aceptd", "AR", "1", "yes", 5.0, True])
def test_an_unknown_status_is_kept_as_text_and_is_never_no_action(typed):
    result = entered(typed)
    assert result.status is None
    assert result.unreadable_text("status")


@pytest.mark.parametrize("blank", [None, "", "   ", "\u00a0"])
def test_a_blank_status_is_unreadable(blank):
    result = entered(blank)
    assert result.status is None
    assert result.unreadable_text("status") == ""


def test_an_error_value_and_an_uncalculated_formula_are_named():
    assert entered(CellError("#N/A")).unreadable == (("status", "#N/A"),)
    assert entered(Uncalculated("=A1")).unreadable == (("status", "formula without a stored result"),)


@pytest.mark.parametrize(
    ("cell", "remark"),
    [
        ("  Awaiting GRN ", "Awaiting GRN"),
        (12345.0, "12345"),
        (datetime(2026, 4, 2), "02-04-2026"),
        ("two\r\nlines", "two\nlines"),
        (None, ""),
    ],
)
def test_remarks_are_read_as_text(cell, remark):
    assert entered(remarks=cell).remarks == remark


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("Yes", True), ("y", True), (" NO ", False), ("n", False), (True, True), (None, None), ("", None)],
)
def test_the_itc_answer(cell, answer):
    result = entered(answer=cell)
    assert result.itc_reduction is answer
    assert not result.unreadable


def test_another_itc_answer_is_unreadable():
    assert entered(answer="perhaps").unreadable == (("itc_reduction", "perhaps"),)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (2250.0, "2250"),
        (0.1 + 0.2, "0.3"),
        (4500, "4500"),
        ("1,20,000.50", "120000.50"),
        ("₹ 500", "500"),
        ("-5", "-5"),
        (12.345, "12.345"),
    ],
)
def test_declared_amounts_are_decimals(cell, amount):
    assert entered(igst=cell).declared[0] == Decimal(amount)


@pytest.mark.parametrize("cell", ["1E5", "abc", "12.3.4", datetime(2026, 1, 1), True])
def test_a_declared_amount_that_is_no_number_is_unreadable(cell):
    result = entered(igst=cell)
    assert result.declared[0] is None
    assert result.unreadable_text("declared_igst")
