"""Dates as the portal writes them (dd-mm-yyyy) and return periods (MMYYYY)."""

from __future__ import annotations

import re
from datetime import date

GST_START = date(2017, 7, 1)

_DATE = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")
_PERIOD = re.compile(r"(0[1-9]|1[0-2])([0-9]{4})?")
_APRIL = 4
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_date(text: str) -> date | None:
    """Read a dd-mm-yyyy date; None when it is not a real one."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


def format_date(day: date) -> str:
    """Write a date as dd-mm-yyyy."""
    return f"{day.day:02d}-{day.month:02d}-{day.year:04d}"


def is_period(text: str) -> bool:
    """Tell whether a text is a return period, MMYYYY or MM (domain file 7.2)."""
    return _PERIOD.fullmatch(text) is not None


def period_label(text: str) -> str:
    """Show a return period as people write it: ``032026`` is ``Mar-2026``; anything else as it is."""
    match = _PERIOD.fullmatch(text)
    if match is None or match[2] is None:
        return text
    return f"{_MONTHS[int(match[1]) - 1]}-{match[2]}"


def financial_year(text: str) -> int | None:
    """Tell the year in which a dd-mm-yyyy date's financial year began (1 April); None for an unreal date.

    A supplier's document number is unique within it (Rule 46(b)).
    """
    day = parse_date(text)
    if day is None:
        return None
    return day.year if day.month >= _APRIL else day.year - 1
