"""Rupee amounts: Decimal in, Decimal out, Indian grouping for people."""

from __future__ import annotations

import re
from decimal import Context, Decimal

ZERO = Decimal(0)
PAISA = Decimal("0.01")
MAX_DIGITS = 17
MAX_DECIMALS = 2
_WIDE = Context(prec=60)
"""Room for every amount that a download can hold, however absurd."""
_ORDINARY = Decimal(10) ** (MAX_DIGITS - MAX_DECIMALS)

_TYPED = re.compile(r"(-?)\s*(?:₹|rs\.?|inr)?\s*(-?)\s*([0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)", re.IGNORECASE)


def parse_amount(text: str) -> Decimal | None:
    """Read an amount (₹) as a person types it: ``1,20,000.50``, ``₹ 500``, ``Rs. 12``.

    Returns None for anything else; exponent forms (``1E5``) are refused because nobody types them.
    """
    match = _TYPED.fullmatch(text.strip().replace("\u00a0", " "))
    if match is None:
        return None
    amount = Decimal(match[3].replace(",", ""))
    return -amount if match[1] or match[2] else amount


def decimal_places(amount: Decimal) -> int:
    """Count the decimals that carry a value: 10.50 has one, 100 none."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def is_ordinary_amount(amount: Decimal | None) -> bool:
    """Tell whether an amount is there, and nothing is wrong with it (R19)."""
    return amount is not None and amount.is_finite() and ZERO <= amount < _ORDINARY and not amount % PAISA


def amount_fault(amount: Decimal) -> str:
    """Say what keeps an amount (₹) from being one the portal takes, "" when nothing does (R19).

    The words complete a sentence that begins with the amount: "is negative".
    """
    if is_ordinary_amount(amount):
        return ""
    if not amount.is_finite():
        return "is not a number"
    if amount < ZERO:
        return "is negative"
    _, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or (exponent < -MAX_DECIMALS and decimal_places(amount) > MAX_DECIMALS):
        return "has more than two decimals"
    return f"has more than {MAX_DIGITS} digits" if len(digits) + max(exponent, 0) > MAX_DIGITS else ""


def format_rupees(amount: Decimal, *, paise: bool = True) -> str:
    """Write an amount with Indian digit grouping: ``₹12,34,567.80``."""
    rounded = amount.copy_abs().quantize(PAISA if paise else Decimal(1), context=_WIDE)
    whole, _, fraction = f"{rounded:f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    sign = "-" if amount < 0 and rounded else ""
    return f"{sign}₹{','.join([*groups, tail])}" + (f".{fraction}" if fraction else "")
