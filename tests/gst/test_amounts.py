from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.gst.amounts import amount_fault, decimal_places, format_rupees, parse_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("0", "0"),
        ("1,20,000.50", "120000.50"),
        ("120,000.50", "120000.50"),
        (" ₹ 500 ", "500"),
        ("₹500", "500"),
        ("Rs. 12", "12"),
        ("rs12", "12"),
        ("INR 9", "9"),
        ("\u00a09.5\u00a0", "9.5"),
        (".5", "0.5"),
        ("7.", "7"),
        ("-3", "-3"),
        ("₹ -3", "-3"),
        ("-₹3", "-3"),
    ],
)
def test_amounts_as_people_type_them(typed, amount):
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed", ["", " ", "1E5", "1e5", "abc", "12 34", "1.2.3", "₹", "(5)", ",", "٣", "nan", "Infinity"]
)
def test_anything_else_is_no_amount(typed):
    assert parse_amount(typed) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "₹0.00"),
        ("5", "₹5.00"),
        ("999", "₹999.00"),
        ("1000", "₹1,000.00"),
        ("99999", "₹99,999.00"),
        ("100000", "₹1,00,000.00"),
        ("1234567.8", "₹12,34,567.80"),
        ("123456789012345.67", "₹12,34,56,78,90,12,345.67"),
        ("-1234567.8", "-₹12,34,567.80"),
        ("-0.001", "₹0.00"),
    ],
)
def test_rupees_are_grouped_the_indian_way(amount, text):
    assert format_rupees(Decimal(amount)) == text


def test_rupees_without_paise_are_rounded():
    assert format_rupees(Decimal("1234567.80"), paise=False) == "₹12,34,568"


@given(st.decimals("0", "99999999999999.99", places=2))
def test_grouped_rupees_are_read_back(amount):
    assert parse_amount(format_rupees(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "places"), [("100", 0), ("1E+2", 0), ("10.50", 1), ("0.125", 3), ("0.00", 0)]
)
def test_only_decimals_with_a_value_count(amount, places):
    assert decimal_places(Decimal(amount)) == places


@pytest.mark.parametrize(
    "amount", ["0", "0.00", "9.99", "1.500", "12345678901234567", "123456789012345.67", "1E+16"]
)
def test_amounts_the_portal_takes(amount):
    assert amount_fault(Decimal(amount)) == ""


@pytest.mark.parametrize(
    ("amount", "fault"),
    [
        ("-0.01", "is negative"),
        ("0.001", "has more than two decimals"),
        ("123456789012345678", "has more than 17 digits"),
        ("1234567890123456.78", "has more than 17 digits"),
        ("1E+17", "has more than 17 digits"),
        ("NaN", "is not a number"),
        ("-Infinity", "is not a number"),
    ],
)
def test_amounts_it_does_not(amount, fault):
    assert amount_fault(Decimal(amount)) == fault


def test_an_absurdly_large_amount_is_written_too():
    assert format_rupees(Decimal("-1E+30")) == "-₹10,00,00,00,00,00,00,00,00,00,00,00,00,00,000.00"
