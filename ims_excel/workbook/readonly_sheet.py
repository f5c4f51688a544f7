"""Sheets of sections that can only be acted on at the portal: like the others, with nothing to fill in."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ims_excel.portal.readonly import rows_of
from ims_excel.workbook.grid import FIRST_ROW, HEADING_ROW, HINT_ROW, NAMES_ROW
from ims_excel.workbook.layout import Column
from ims_excel.workbook.ranges import area
from ims_excel.workbook.section_sheet import draw_banner, set_print
from ims_excel.workbook.shown import Shown, fitting, shown_date
from ims_excel.workbook.values import BATCH_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.portal.readonly import ReadOnlyColumn, Value
    from ims_excel.workbook.bookplan import BookPlan, ReadOnlySheet
    from ims_excel.workbook.styles import Styles, Worksheet
    from ims_excel.workbook.values import Batch

NOTE = (
    "Read-only: the portal's offline tool cannot act on these records. Act on them on the portal's IMS "
    "dashboard; what is changed here is not uploaded."
)
_LONGEST_HEADING = 255
_WIDTHS = {"text": 20, "date": 14, "amount": 18, "rest": 60}


def sheet_columns(sheet: ReadOnlySheet) -> tuple[Column, ...]:
    """Give the sheet's columns as the styles know them."""
    return tuple(
        Column(
            name=column.key,
            heading=column.heading[:_LONGEST_HEADING],
            kind="text" if column.kind == "rest" else column.kind,
            width=max(_WIDTHS[column.kind], min(len(column.heading), 30)),
            owner="portal",
        )
        for column in sheet.columns
    )


def draw_read_only_sheet(worksheet: Worksheet, sheet: ReadOnlySheet, plan: BookPlan, styles: Styles) -> None:
    """Draw everything but the rows, from the top down."""
    columns = sheet_columns(sheet)
    draw_banner(worksheet, styles, sheet.title, 1)
    warning = styles.get(bold=True, font_color=styles.colour("alert_text"))
    worksheet.write_string(HINT_ROW - 1, 0, NOTE, warning)
    worksheet.set_row(NAMES_ROW - 1, None, None, {"hidden": True})
    worksheet.set_row(HEADING_ROW - 1, 32)
    for index, column in enumerate(columns):
        worksheet.set_column(index, index, column.width)
        worksheet.write_string(HEADING_ROW - 1, index, column.heading, styles.heading(column))
    last = max(len(columns) - 1, 0)
    worksheet.set_tab_color(styles.colour("muted"))
    worksheet.hide_gridlines(2)
    worksheet.freeze_panes(HEADING_ROW, 0)
    worksheet.autofilter(HEADING_ROW - 1, 0, sheet.last_row - 1, last)
    worksheet.ignore_errors({"number_stored_as_text": area(0, FIRST_ROW, last, sheet.last_row)})
    set_print(worksheet, plan.recipient, [column.width for column in columns], 0)
    worksheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def read_only_batches(sheet: ReadOnlySheet) -> Iterator[Batch]:
    """Give the values of the sheet's rows, column by column, some hundred rows at a time."""
    rows = rows_of(sheet.records, sheet.columns)
    while chunk := list(islice(rows, BATCH_ROWS)):
        yield [
            [_shown(column, value) for value in values]
            for column, values in zip(sheet.columns, zip(*chunk, strict=True), strict=True)
        ]


def _shown(column: ReadOnlyColumn, value: Value) -> Shown:
    if not isinstance(value, str):
        return value
    return shown_date(value) if column.kind == "date" else fitting(value)
