"""The copies of results that charts carry: previews draw them without a look at the cells."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from ims_excel.workbook.celltext import Result
from ims_excel.workbook.markup import Splice
from ims_excel.workbook.overwriting import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from ims_excel.workbook.markup import Node
    from ims_excel.workbook.package import Package
    from ims_excel.workbook.plan import SheetPlan
    from ims_excel.workbook.smallparts import SmallParts

_REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!,]+))!(\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?)")

_NOWHERE = (0, 0)

Results = dict[tuple[int, int], "Decimal"]
"""By 1-based row and 0-based column."""


def restate_charts(parts: SmallParts, sheets: Iterable[SheetPlan]) -> None:
    """Let the charts on a sheet say what the results say that are stored on it."""
    for sheet in sheets:
        results = new_results(sheet)
        for name in _charts_on(parts.package, sheet.part) if results else ():
            parts.change(name, _splices(parts.node(name), sheet.title, results))


def new_results(sheet: SheetPlan) -> Results:
    """Collect the results that are stored on a sheet."""
    values = {(cell.row, cell.column): cell.value for row in sheet.rows for cell in row.cells}
    return {
        place: value.number
        for place, value in values.items()
        if isinstance(value, Result) and value.number is not None
    }


def places_in(reference: str, title: str) -> dict[str, tuple[int, int]]:
    """Find the cells of a range on a sheet by their points' ``idx``; none for another sheet's range."""
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None or (found[1] or found[2]).replace("''", "'") != title:
        return {}
    box = Box.of(found[3])
    rows, columns = range(box.top, box.bottom + 1), range(box.left, box.right + 1)
    if min(len(rows), len(columns)) > 1:
        return {}
    return {str(index): place for index, place in enumerate(product(rows, columns))}


def _charts_on(package: Package, part: str) -> Iterator[str]:
    for kind, drawing in package.relationships(part).values():
        if kind == "drawing" and drawing in package.names:
            for inner, chart in package.relationships(drawing).values():
                if inner == "chart" and chart in package.names:
                    yield chart


def _splices(chart: Node, title: str, results: Mapping[tuple[int, int], Decimal]) -> Iterator[Splice]:
    for numbers in chart.walk():
        formula = numbers.first("f") if numbers.name == "numRef" else None
        places = places_in(formula.text, title) if formula else {}
        for point in numbers.named("numCache", "pt") if places else ():
            stored = point.first("v")
            number = results.get(places.get(point.attributes.get("idx", ""), _NOWHERE))
            if stored and number is not None and not stored.is_closed:
                yield Splice(stored.inner, stored.inner_end, f"{number:f}".encode())
