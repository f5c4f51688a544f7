"""Commands on data validations: what a cell offers, and what it would let a person type.

LibreOffice checks only typing, not what a program writes, so ``allows`` asks the validation itself: it puts
the value into the cell for a moment and has LibreOffice calculate the rule.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from com.sun.star.table.CellContentType import TEXT
from registry import on_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LITERAL_LIST = re.compile(r'"[^"]*"(;"[^"]*")*')
MOST_ENTRIES = 200
EVERYTHING = 1023  # every com.sun.star.sheet.CellFlags
COMPARE: dict[str, Callable[[float, float, float], bool]] = {
    "EQUAL": lambda value, low, _: value == low,
    "NOT_EQUAL": lambda value, low, _: value != low,
    "GREATER": lambda value, low, _: value > low,
    "GREATER_EQUAL": lambda value, low, _: value >= low,
    "LESS": lambda value, low, _: value < low,
    "LESS_EQUAL": lambda value, low, _: value <= low,
    "BETWEEN": lambda value, low, high: low <= value <= high,
    "NOT_BETWEEN": lambda value, low, high: not low <= value <= high,
}


@on_sheet
def validation(doc: Any, sheet: Any, cell: str) -> dict[str, Any]:
    """Return a cell's validation: kind, operator, formulas, entries, error style and both messages."""
    target = sheet.getCellRangeByName(cell).getCellByPosition(0, 0)
    rule = target.Validation
    return {
        "kind": rule.Type.value,
        "operator": rule.getOperator().value,
        "formulas": [rule.getFormula1(), rule.getFormula2()],
        "blank_allowed": rule.IgnoreBlankCells,
        "on_error": rule.ErrorAlertStyle.value if rule.ShowErrorMessage else None,
        "error": [rule.ErrorTitle, rule.ErrorMessage],
        "input": [rule.InputTitle, rule.InputMessage] if rule.ShowInputMessage else None,
        "entries": entries(sheet, target) if rule.Type.value == "LIST" else None,
    }


@on_sheet
def allows(doc: Any, sheet: Any, cell: str, value: str | float) -> bool:
    """Say whether a person could type a value into a cell."""
    target = sheet.getCellRangeByName(cell).getCellByPosition(0, 0)
    rule = target.Validation
    kind = rule.Type.value
    if kind == "ANY" or rule.ErrorAlertStyle.value != "STOP" or not rule.ShowErrorMessage:
        return True
    if value == "" and rule.IgnoreBlankCells:
        return True
    if kind == "LIST":
        return str(value) in entries(sheet, target)
    with holding(target, value):
        low, high = (calculate(sheet, seen_from(sheet, target, formula)) for formula in formulas(rule))
        return low != 0 if kind == "CUSTOM" else compare(kind, rule.getOperator().value, value, low, high)


def compare(kind: str, comparison: str, value: str | float, low: float, high: float) -> bool:
    """Compare a number, or a text's length, with the rule's limits."""
    measured = len(str(value)) if kind == "TEXT_LEN" else value
    if isinstance(measured, str) or (kind == "WHOLE" and measured != int(measured)):
        return False
    return COMPARE[comparison](measured, low, high)


def entries(sheet: Any, target: Any) -> list[str]:
    """List what a drop-down offers, calculating the formula it comes from."""
    formula = target.Validation.getFormula1()
    if LITERAL_LIST.fullmatch(formula):
        return formula[1:-1].split('";"')
    source = seen_from(sheet, target, formula)
    if calculate(sheet, f"ROWS({source})") == 1:
        source = f"TRANSPOSE({source})"
    area = scratch(sheet, MOST_ENTRIES)
    area.setArrayFormula(f"={source}")
    shown = [row[0] for row in area.getDataArray()]
    area.clearContents(EVERYTHING)
    return [str(entry) for entry in shown if entry not in ("", None)]


def formulas(rule: Any) -> tuple[str, str]:
    """Return both formulas of a rule, 0 for the one it has no use for."""
    return rule.getFormula1() or "0", rule.getFormula2() or "0"


def seen_from(sheet: Any, target: Any, formula: str) -> str:
    """Move a rule's formula from the cell it was written for to another, as copying a cell would."""
    origin = target.Validation.getSourcePosition()
    here = target.CellAddress
    start = scratch(sheet, 1).RangeAddress
    first = sheet.getCellByPosition(start.StartColumn + origin.Column, origin.Row)
    moved = sheet.getCellByPosition(start.StartColumn + here.Column, here.Row)
    first.Formula = f"={formula}"
    if origin.Column != here.Column or origin.Row != here.Row:
        sheet.copyRange(moved.CellAddress, first.RangeAddress)
    seen: str = moved.Formula
    first.clearContents(EVERYTHING)
    moved.clearContents(EVERYTHING)
    return seen[1:]


def calculate(sheet: Any, formula: str) -> float:
    """Calculate a formula on a sheet; true is 1, an error 0."""
    cell = scratch(sheet, 1).getCellByPosition(0, 0)
    cell.Formula = f"={formula}"
    value: float = 0.0 if cell.getError() else cell.Value
    cell.clearContents(EVERYTHING)
    return value


def scratch(sheet: Any, rows: int) -> Any:
    """Find empty cells well to the right of everything."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    column = cursor.RangeAddress.EndColumn + 2
    return sheet.getCellRangeByPosition(column, 0, column, rows - 1)


@contextmanager
def holding(cell: Any, value: str | float) -> Iterator[None]:
    """Put a value into a cell for a moment."""
    before, was_text = cell.Formula, cell.Type == TEXT
    if isinstance(value, str):
        cell.String = value
    else:
        cell.Value = value
    try:
        yield
    finally:
        if was_text:
            cell.String = before
        else:
            cell.Formula = before
