"""GSTINs: their shapes and the check digit (domain file 5.6)."""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_SHAPES = re.compile(
    r"""
    [0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABD-J][0-9A-Z]    # regular taxpayer
    | [0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]C[0-9A-Z]            # collector of tax at source
    | [0-9]{2}[A-Z]{4}[A-Z0-9][0-9]{4}[A-Z][1-9A-Z]D[0-9A-Z]    # deductor of tax at source
    | [0-9]{2}[A-Z]{4}[0-9]{5}[A-Z][0-9]Z[0-9]                  # government department
    | [0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[0-9A-Z]                     # United Nations body, embassy
    | [0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]                        # non-resident taxable person
    | 99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]                      # online services from abroad
    """,
    re.VERBOSE,
)


def is_gstin(text: str) -> bool:
    """Tell whether a text has the shape of a GSTIN; the check digit is not looked at."""
    return _SHAPES.fullmatch(text) is not None


def check_digit(body: str) -> str:
    """Compute the 15th character of a GSTIN from its first 14 (capital letters and digits)."""
    total = 0
    for position, character in enumerate(body):
        product = _VALUE[character] * (1 + position % 2)
        total += product // 36 + product % 36
    return _ALPHABET[-total % 36]


def has_valid_check_digit(gstin: str) -> bool:
    """Tell whether a GSTIN of 15 capital letters and digits ends in its check digit."""
    return len(gstin) == 15 and all(c in _VALUE for c in gstin) and check_digit(gstin[:14]) == gstin[14]  # noqa: PLR2004
