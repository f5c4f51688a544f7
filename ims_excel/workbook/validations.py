"""What cells take and what they say when they are selected, for the whole length of a section's sheet.

Pasting replaces validations, so they only help; harvest checks everything again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.grid import CHANGED, DATA_SHEET, FIRST_ROW
from ims_excel.workbook.ranges import area, runs
from ims_excel.workbook.totals import STATUSES

if TYPE_CHECKING:
    from ims_excel.workbook.bookplan import SectionSheet
    from ims_excel.workbook.layout import Column
    from ims_excel.workbook.styles import Worksheet

PENDING = STATUSES[2]
STATUS_LIST = STATUSES
STATUS_LIST_WITHOUT_PENDING = tuple(status for status in STATUSES if status != PENDING)
LIST_COLUMNS = ("C", "D")
"""Columns of the data sheet that hold the two lists."""
REMARKS_LIMIT = 250

_LONGEST_PROMPT_TITLE = 32
_PORTAL = (
    "The portal's data",
    (
        "This cell shows what the portal said. A change here is not uploaded and is restored at harvest; "
        "decide in Status and the other columns to fill in."
    ),
)
_TOOL = ("Filled in by ims-xl", "ims-xl writes this column; what is typed here is overwritten.")
_STATUS = (
    "Status",
    (
        "Choose Accepted, Rejected, Pending or No Action. Pending cannot be chosen where Alerts says that it "
        "is not available."
    ),
)
_REMARKS = ("Remarks", f"The portal takes remarks of up to {REMARKS_LIMIT} characters.")
_ANSWER = ("Whether ITC to be reduced", "Choose Yes or No, or leave the cell empty.")
_AMOUNT = ("Amount declared", "Enter an amount of zero or more, or leave the cell empty.")


def status_names() -> dict[str, str]:
    """Give the defined names of the two status lists and what they refer to."""
    lists = {"ims_status": STATUS_LIST, "ims_status_without_pending": STATUS_LIST_WITHOUT_PENDING}
    return {
        name: f"={DATA_SHEET}!${letters}$1:${letters}${len(statuses)}"
        for (name, statuses), letters in zip(lists.items(), LIST_COLUMNS, strict=True)
    }


def add_validations(worksheet: Worksheet, sheet: SectionSheet) -> None:
    """Lay down the validations of every column but the firm's own."""
    for owner, (title, words) in (("portal", _PORTAL), ("tool", _TOOL)):
        _refuse_typing(worksheet, sheet, owner, title, words)
    for index, column in enumerate(sheet.layout.columns):
        if column.owner == "input" or column.name == CHANGED:
            rule = {**_rule(column, sheet), **_prompt(column)}
            worksheet.data_validation(area(index, FIRST_ROW, index, sheet.last_row), rule)


def _refuse_typing(worksheet: Worksheet, sheet: SectionSheet, owner: str, title: str, words: str) -> None:
    """Refuse typing in all columns of an owner, with one validation over several ranges."""
    columns = [
        index
        for index, column in enumerate(sheet.layout.columns)
        if column.owner == owner and column.name != CHANGED
    ]
    ranges = [[FIRST_ROW - 1, first, sheet.last_row - 1, last] for first, last in runs(columns)]
    worksheet.data_validation(
        *ranges[0],
        {
            "validate": "custom",
            "value": "=FALSE",
            "error_title": title,
            "error_message": words,
            "other_cells": ranges[1:],
            "ignore_blank": False,
        },
    )


def _rule(column: Column, sheet: SectionSheet) -> dict[str, object]:
    if column.name == "status":
        blocked = f"${sheet.layout.letters('pending_blocked')}{FIRST_ROW}"
        source = f'=IF({blocked}="Y",ims_status_without_pending,ims_status)'
        return {"validate": "list", "source": source, **_refusal(*_STATUS)}
    if column.name == "remarks":
        limit = {"validate": "length", "criteria": "<=", "value": REMARKS_LIMIT}
        return {**limit, **_refusal(*_REMARKS)}
    if column.name == "itc_reduction":
        return {"validate": "list", "source": ["Yes", "No"], **_refusal(*_ANSWER)}
    if column.name == CHANGED:
        return {"validate": "any"}
    return {"validate": "decimal", "criteria": ">=", "value": 0, **_refusal(*_AMOUNT)}


def _refusal(title: str, words: str) -> dict[str, str]:
    return {"error_title": title, "error_message": words}


def _prompt(column: Column) -> dict[str, str]:
    if not column.message:
        return {}
    return {"input_title": column.heading[:_LONGEST_PROMPT_TITLE], "input_message": column.message}
