"""What all rules together take a row, by kind of row: microseconds, the best of several rounds.

    python benchmarks/rules.py

The rows are of a made-up month (month.py); every row of a kind is decided in the same way.
"""

from __future__ import annotations

import json
import time
from datetime import date, datetime, timezone
from decimal import Decimal
from itertools import cycle, islice
from typing import TYPE_CHECKING

from month import RECIPIENT, SUPPLIERS, document, supplier

from ims_excel.decisions import NOTHING_DECLARED, Decision, Entered, Reading
from ims_excel.findings import Place
from ims_excel.gst.codes import Action
from ims_excel.options import PortalOptions
from ims_excel.portal.record import Record
from ims_excel.portal.sections import B2B, B2BCN
from ims_excel.rules import Context, check

if TYPE_CHECKING:
    from ims_excel.portal.record import Document
    from ims_excel.portal.sections import Section

ROWS, ROUNDS = 10_000, 7
REMARK = "ITC availed on part of the original invoice"
UNDECIDED = Entered(Action.NO_ACTION)

Answer = "Callable[[Document], Entered]"
KINDS: dict[str, tuple[Section, Answer]] = {
    "nobody touched it": (B2B, lambda _: UNDECIDED),
    "invoice accepted": (B2B, lambda _: Entered(Action.ACCEPTED)),
    "invoice rejected, with a remark": (B2B, lambda _: Entered(Action.REJECTED, "Goods not received")),
    "credit note accepted, Yes": (B2BCN, lambda _: Entered(Action.ACCEPTED, "", True)),
    "credit note accepted, No, with a remark": (B2BCN, lambda _: Entered(Action.ACCEPTED, REMARK, False)),
    "credit note accepted in part, with a remark": (
        B2BCN, lambda document: Entered(Action.ACCEPTED, REMARK, True, _half(document)),
    ),
}  # fmt: skip
MIXED = "all of these in turn"


def _half(document: Document) -> tuple[Decimal | None, ...]:
    """Declare one rupee of each head that the document has."""
    heads = (document.igst, document.cgst, document.sgst, document.cess)
    return tuple(Decimal(1) if head else Decimal() for head in heads)


def reading(kinds: list[str]) -> Reading:
    """Make rows of some kinds in turn."""
    suppliers = [supplier(number) for number in range(SUPPLIERS)]
    decisions = []
    for number, kind in enumerate(islice(cycle(kinds), ROWS)):
        section, answer = KINDS[kind]
        record = Record(section, None, json.dumps(document(number, section.key, suppliers)).encode())
        entered = answer(record.document)
        before = UNDECIDED if entered is not UNDECIDED else entered
        decisions.append(Decision(record, Place(section.sheet, number + 6), entered, before))
    return Reading(tuple(decisions))


def microseconds(rows: Reading) -> float:
    """Time the rules on rows, a row."""
    today = date(2026, 4, 3)
    context = Context(PortalOptions(), RECIPIENT, today, datetime(2026, 4, 2, tzinfo=timezone.utc))
    best = 1.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        check(rows, context)
        best = min(best, time.perf_counter() - start)
    return best / ROWS * 1e6


def main() -> None:
    """Print a line a kind."""
    assert UNDECIDED.declared == NOTHING_DECLARED
    for kind in KINDS:
        print(f"{microseconds(reading([kind])):6.1f} µs  {kind}")
    print(f"{microseconds(reading([*KINDS])):6.1f} µs  {MIXED}")


if __name__ == "__main__":
    main()
