from __future__ import annotations

import pytest

from ims_excel.gst.states import STATES, is_same_state, place_of_supply_label


def test_all_codes_are_there():
    assert list(STATES) == [f"{code:02d}" for code in range(1, 39)] + ["96", "97"]


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("27", "27-Maharashtra"),
        ("01", "01-Jammu & Kashmir"),
        ("97", "97-Other Territory"),
        ("39", "39"),
        ("", ""),
    ],
)
def test_a_place_is_shown_with_its_name(code, label):
    assert place_of_supply_label(code) == label


@pytest.mark.parametrize(("code", "other"), [("27", "27"), ("28", "37"), ("26", "25")])
def test_old_and_new_codes_are_one_state(code, other):
    assert is_same_state(code, other)


@pytest.mark.parametrize(("code", "other"), [("27", "24"), ("28", "36"), ("25", "24")])
def test_neighbours_are_not(code, other):
    assert not is_same_state(code, other)
