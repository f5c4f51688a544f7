from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ims_excel.gst.dates import financial_year, format_date, is_period, parse_date, period_label


@pytest.mark.parametrize(
    ("text", "day"),
    [("01-07-2017", date(2017, 7, 1)), ("29-02-2024", date(2024, 2, 29)), ("31-12-2026", date(2026, 12, 31))],
)
def test_real_dates(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "29-02-2026",
        "31-04-2026",
        "00-01-2026",
        "1-7-2017",
        "01/07/2017",
        "2017-07-01",
        "01-07-17",
        " 01-07-2017",
        "01-07-0000",
    ],
)
def test_anything_else_is_no_date(text):
    assert parse_date(text) is None


@given(st.dates())
def test_a_written_date_is_read_back(day):
    assert parse_date(format_date(day)) == day


@pytest.mark.parametrize("text", ["032026", "122017", "01", "12"])
def test_periods(text):
    assert is_period(text)


@pytest.mark.parametrize("text", ["", "00", "13", "132026", "3", "32026", "03-2026", "0320261", "202603"])
def test_anything_else_is_no_period(text):
    assert not is_period(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [("032026", "Mar-2026"), ("122025", "Dec-2025"), ("03", "03"), ("132026", "132026"), ("", "")],
)
def test_periods_are_shown_as_people_write_them(text, label):
    assert period_label(text) == label


@pytest.mark.parametrize(
    ("text", "year"),
    [("31-03-2026", 2025), ("01-04-2026", 2026), ("31-12-2026", 2026), ("31-02-2026", None), ("", None)],
)
def test_the_financial_year_begins_in_april(text, year):
    assert financial_year(text) == year
