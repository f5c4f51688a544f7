from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.gst.gstin import check_digit, has_valid_check_digit, is_gstin

SHAPES = [
    ("27AAPFU0939F1ZV", "regular"),
    ("27ZZZCK4501A1ZH", "regular, of the samples"),
    ("33GSPTN0231G1JW", "regular, sandbox with J"),
    ("29AABCF8078M1C9", "collector of tax at source"),
    ("27MUMA12345B1DQ", "deductor of tax at source"),
    ("07ABCD12345E1Z2", "government department"),
    ("0717USA12345UNF", "United Nations body"),
    ("0717USA12345ONF", "embassy"),
    ("0718USA12345NRX", "non-resident"),
    ("9917USA12345OSQ", "online services from abroad"),
]


@pytest.mark.parametrize(("gstin", "kind"), SHAPES)
def test_every_kind_of_gstin_is_known(gstin, kind):
    assert is_gstin(gstin)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "27AAPFU0939F1Z",
        "27AAPFU0939F1ZVX",
        "27aapfu0939f1zv",
        "27AAPFU0939F0ZV",
        "2XAAPFU0939F1ZV",
        "27AAPFU0939F1ZV\n",
    ],
)
def test_anything_else_is_none(text):
    assert not is_gstin(text)


def test_the_check_digit_of_a_widely_printed_gstin():
    assert check_digit("27AAPFU0939F1Z") == "V"


@pytest.mark.parametrize(
    "gstin",
    [
        "27ZZZCK4501A1ZH",
        "27ZZZCS1101B1ZH",
        "24ZZZFD2202C1ZQ",
        "29ZZZFN3303D1Z0",
        "33ZZZCV4404E1Z3",
        "07ZZZCY5505F1ZP",
        "27ZZZCR6606G1ZO",
    ],
)
def test_the_samples_end_in_their_check_digits(gstin):
    assert has_valid_check_digit(gstin)


@pytest.mark.parametrize(
    "text", ["27AAPFU0939F1ZW", "27AAPFU0939F1Z", "", "27aapfu0939f1zv", "27AAPFU0939F1Z₹"]
)
def test_other_texts_do_not(text):
    assert not has_valid_check_digit(text)


@given(
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=14, max_size=14),
    st.integers(0, 13),
    st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
def test_one_mistyped_character_is_always_noticed(body, position, other):
    good = body + check_digit(body)
    mistyped = good[:position] + other + good[position + 1 :]
    assert has_valid_check_digit(mistyped) == (mistyped == good)
