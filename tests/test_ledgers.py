"""Ledgers of copies put together: what each copy knows is known, in whatever order they come."""

from __future__ import annotations

from itertools import permutations

from ims_excel.ledger import Ledger
from ims_excel.ledgers import unite


def test_what_any_copy_asks_is_asked_in_any_order():
    ledgers = [
        Ledger(),
        Ledger(asked={"one": "changed"}),
        Ledger(asked={"one": "conflict", "two": "changed"}),
    ]
    for order in permutations(ledgers):
        assert unite(order).asked == {"one": "conflict", "two": "changed"}
