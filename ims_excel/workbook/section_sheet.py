"""Drawing a section's sheet: title, legend, names, headings, and what Excel does with the rows below them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ims_excel.gst.dates import format_date
from ims_excel.workbook.grid import (
    FIRST_ROW,
    GROUP_ROW,
    HEADING_ROW,
    HINT_ROW,
    HOME_SHEET,
    NAMES_ROW,
    TITLE_ROW,
)
from ims_excel.workbook.highlights import add_highlights
from ims_excel.workbook.pages import set_page
from ims_excel.workbook.ranges import area
from ims_excel.workbook.validations import add_validations

if TYPE_CHECKING:
    from ims_excel.workbook.bookplan import BookPlan, SectionSheet
    from ims_excel.workbook.styles import Styles, Worksheet

_HEADING_HEIGHT = 42
_HINT = (
    "Decide in the yellow columns; sort and filter as you like. An amber number: see Alerts. Grey cells "
    "cannot be filled in. Then save, close and run ims-xl harvest."
)
_PROTECTION = {
    "autofilter": True,
    "sort": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "objects": True,
}


def draw_section_sheet(worksheet: Worksheet, sheet: SectionSheet, plan: BookPlan, styles: Styles) -> None:
    """Draw everything of a section's sheet but its rows, from the top down."""
    _set_columns(worksheet, sheet)
    _draw_title(worksheet, sheet, plan, styles)
    _draw_legend(worksheet, sheet, styles)
    worksheet.set_row(NAMES_ROW - 1, None, None, {"hidden": True})
    for index, column in enumerate(sheet.layout.columns):
        worksheet.write_string(NAMES_ROW - 1, index, sheet.layout.names_text(column))
    _draw_headings(worksheet, sheet, styles)
    _set_view(worksheet, sheet)
    set_print(worksheet, plan.recipient)
    add_validations(worksheet, sheet)
    add_highlights(worksheet, sheet, styles)
    if plan.protect:
        worksheet.protect("", _PROTECTION)


def draw_banner(worksheet: Worksheet, styles: Styles, title: str, title_column: int) -> None:
    """Draw a data sheet's first row: the way back to Home, and the title."""
    worksheet.set_row(TITLE_ROW - 1, 26)
    link = styles.get(font_color=styles.colour("accent"), underline=1)
    worksheet.write_url(TITLE_ROW - 1, 0, f"internal:'{HOME_SHEET}'!A1", link, f"← {HOME_SHEET}")
    heading = styles.get(bold=True, font_size=styles.theme.font_size + 5, font_color=styles.colour("accent"))
    worksheet.write_string(TITLE_ROW - 1, title_column, title, heading)


def set_print(worksheet: Worksheet, recipient: str) -> None:
    """Print landscape, one page wide, with the headings on every page."""
    set_page(worksheet, recipient)
    worksheet.set_landscape()
    worksheet.repeat_rows(GROUP_ROW - 1, HEADING_ROW - 1)


def _set_columns(worksheet: Worksheet, sheet: SectionSheet) -> None:
    for index, column in enumerate(sheet.layout.columns):
        worksheet.set_column(index, index, column.width, None, {"hidden": column.hidden})


def _draw_title(worksheet: Worksheet, sheet: SectionSheet, plan: BookPlan, styles: Styles) -> None:
    shown = [index for index, column in enumerate(sheet.layout.columns) if not column.hidden]
    draw_banner(worksheet, styles, f"{sheet.title} – {sheet.section.title}", shown[1])
    facts = (
        f"{plan.recipient} {plan.state}".rstrip(),
        f"{sheet.rows:,} document{'s' * (sheet.rows != 1)}",
        f"as downloaded on {format_date(plan.snapshot.downloaded_at.date())}",
    )
    muted = styles.get(font_color=styles.colour("muted"))
    worksheet.write_string(TITLE_ROW - 1, _after_number(sheet), "  ·  ".join(facts), muted)


def _draw_legend(worksheet: Worksheet, sheet: SectionSheet, styles: Styles) -> None:
    worksheet.set_row(HINT_ROW - 1, 18)
    shown = [index for index, column in enumerate(sheet.layout.columns) if not column.hidden]
    legend = (("portal", "Portal data"), ("input", "You fill in"), ("tool", "ims-xl fills"))
    for index, (owner, words) in zip(shown, legend, strict=False):
        colour = styles.colour(f"{owner}_heading")
        worksheet.write_string(HINT_ROW - 1, index, words, styles.get(bg_color=colour, align="center"))
    hint = styles.get(italic=True, font_color=styles.colour("muted"))
    worksheet.write_string(HINT_ROW - 1, max(_after_number(sheet), shown[len(legend) - 1] + 1), _HINT, hint)


def _draw_headings(worksheet: Worksheet, sheet: SectionSheet, styles: Styles) -> None:
    """Draw the groups and the headings; groups are not merged, so that columns can be moved and cut."""
    index = 0
    worksheet.set_row(GROUP_ROW - 1, 18)
    band = styles.get(
        bold=True, bg_color=styles.colour("band"), font_color=styles.colour("band_text"), align="left"
    )
    for group, columns in groupby(sheet.layout.columns, key=lambda column: column.group):
        width = len(list(columns))
        for place in range(index, index + width if group else index):
            worksheet.write(GROUP_ROW - 1, place, group if place == index else None, band)
        index += width
    worksheet.set_row(HEADING_ROW - 1, _HEADING_HEIGHT)
    for index, column in enumerate(sheet.layout.columns):
        worksheet.write_string(HEADING_ROW - 1, index, column.heading, styles.heading(column))


def _set_view(worksheet: Worksheet, sheet: SectionSheet) -> None:
    last_column = len(sheet.layout.columns) - 1
    worksheet.set_tab_color(sheet.layout.tab_colour)
    worksheet.hide_gridlines(2)
    worksheet.freeze_panes(HEADING_ROW, _after_number(sheet))
    worksheet.autofilter(HEADING_ROW - 1, 0, sheet.last_row - 1, last_column)
    worksheet.ignore_errors({"number_stored_as_text": area(0, FIRST_ROW, last_column, sheet.last_row)})
    status = sheet.layout.positions["status"]
    worksheet.set_selection(FIRST_ROW - 1, status, FIRST_ROW - 1, status)


def _after_number(sheet: SectionSheet) -> int:
    """Say which column stands right of the document number: what is left of it stays in view."""
    return sheet.layout.positions["number"] + 1
