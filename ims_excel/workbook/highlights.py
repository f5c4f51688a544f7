"""Colours that follow what cells say: errors, statuses, blocked cells, alerts.

Laid down at build over the whole length of a sheet, so that later runs write texts and never touch styles.
A rule covers all its columns at once: a sheet of 100,000 rows carries fifteen rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.gst.codes import Action
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.grid import (
    ASKED,
    CHANGE,
    CHANGED,
    CONFLICT,
    FIELD_MARK,
    FIRST_ROW,
    NAMES_ROW,
    NEW,
    WITHDRAWN,
)
from ims_excel.workbook.ranges import area, runs
from ims_excel.workbook.shown import NOT_FILED_ALERT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ims_excel.workbook.bookplan import SectionSheet
    from ims_excel.workbook.styles import Format, Styles, Worksheet

Rule = tuple[tuple[str, ...], str, "Format"]
"""The columns a rule covers, its formula for the first row, its look."""

_STATUS_COLOURS = {
    Action.ACCEPTED: "accepted",
    Action.REJECTED: "rejected",
    Action.PENDING: "pending",
    Action.NO_ACTION: "no_action",
}


def add_highlights(worksheet: Worksheet, sheet: SectionSheet, styles: Styles) -> None:
    """Lay down the conditional formats; the first that fits a cell wins."""
    for rule in _rules(sheet, styles):
        _add(worksheet, sheet, rule)


def _rules(sheet: SectionSheet, styles: Styles) -> Iterable[Rule]:
    """Give the rules, the strongest first."""
    everything = tuple(column.name for column in sheet.layout.columns)
    change = _at(sheet, CHANGE)
    withdrawn = styles.mark("withdrawn", "withdrawn_text", font_strikeout=True)
    yield everything, f'{change}="{WITHDRAWN}"', withdrawn
    asks = f'AND({_at(sheet, CHANGED)}<>"",OR({change}="{ASKED}",{change}="{CONFLICT}"))'
    yield (CHANGED,), asks, styles.mark("changed", "changed_text")
    yield ("number",), f'{change}="{NEW}"', styles.mark("new", "new_text")
    for owner in ("sheet", "portal"):
        look = styles.mark(f"{owner}_error", f"{owner}_error_text")
        yield everything, _is_at_fault(sheet, f"{owner}_fields"), look
        yield (f"{owner}_errors",), f'{_at(sheet, f"{owner}_errors")}<>""', look
    yield from _blocked(sheet, styles)
    for action, colour in _STATUS_COLOURS.items():
        yield ("status",), f'{_at(sheet, "status")}="{action.label}"', styles.mark(colour, f"{colour}_text")
    yield from _alerts(sheet, styles)


def _is_at_fault(sheet: SectionSheet, fields: str) -> str:
    """Ask whether a row's list of fields at fault names the cell's column, by the hidden names row."""
    mark = f'"{FIELD_MARK}"'
    name = f"{column_letters(0)}${NAMES_ROW}"
    return f"ISNUMBER(SEARCH({mark}&{name}&{mark},{_at(sheet, fields)}))"


def _blocked(sheet: SectionSheet, styles: Styles) -> Iterable[Rule]:
    """Grey what cannot be filled in: ITC without Accepted or where blocked, remarks where blocked."""
    closed = styles.mark("closed", "closed_text")
    columns = tuple(
        column.name
        for column in sheet.layout.columns
        if column.name == "itc_reduction" or column.name.startswith("declared_")
    )
    if columns:
        blocked, status = _at(sheet, "itc_blocked"), _at(sheet, "status")
        yield columns, f'OR({blocked}="Y",{status}<>"{Action.ACCEPTED.label}")', closed
    yield ("remarks",), f'{_at(sheet, "remarks_blocked")}="Y"', closed


def _alerts(sheet: SectionSheet, styles: Styles) -> Iterable[Rule]:
    """Mark rows to look at twice: highlighted number and alert; italics where the supplier has not filed."""
    if "alerts" not in sheet.layout.positions:
        return
    alert = _at(sheet, "alerts")
    yield ("number", "alerts"), f'{alert}<>""', styles.mark("alert", "alert_text")
    shown = tuple(
        column.name
        for column in sheet.layout.columns
        if column.owner == "portal" and not column.hidden and column.name != "number"
    )
    not_filed = f'ISNUMBER(SEARCH("{NOT_FILED_ALERT}",{alert}))'
    yield shown, not_filed, styles.mark("", "not_filed_text", italic=True)


def _at(sheet: SectionSheet, name: str) -> str:
    """Address a column in the first row, so that it follows the row down."""
    return f"${sheet.layout.letters(name)}{FIRST_ROW}"


def _add(worksheet: Worksheet, sheet: SectionSheet, rule: Rule) -> None:
    names, formula, look = rule
    columns = (sheet.layout.positions[name] for name in names)
    areas = [area(first, FIRST_ROW, last, sheet.last_row) for first, last in runs(columns)]
    options = {"type": "formula", "criteria": f"={formula}", "format": look, "multi_range": " ".join(areas)}
    worksheet.conditional_format(areas[0], options)
