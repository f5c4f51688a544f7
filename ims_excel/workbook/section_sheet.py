"""Drawing a section's sheet: title, legend, names, headings, and what Excel does with the rows below them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ims_excel.gst.dates import format_date
from ims_excel.workbook.grid import (
    CHANGED,
    FIRST_ROW,
    GROUP_ROW,
    HEADING_ROW,
    HINT_ROW,
    HOME_SHEET,
    NAMES_ROW,
    TITLE_ROW,
)
from ims_excel.workbook.highlights import add_highlights
from ims_excel.workbook.pages import pages_for, set_page
from ims_excel.workbook.ranges import area
from ims_excel.workbook.validations import add_validations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ims_excel.workbook.bookplan import BookPlan, SectionSheet
    from ims_excel.workbook.styles import Styles, Worksheet

FACTS_MARK = "  ·  "
"""Stands between the facts behind a sheet's title."""
_HEADING_HEIGHT = 42
_WIDEST_FROZEN = 110
"""Characters; a laptop's window shows about 170."""
_HINT = (
    "Fill in Status and, where they help, the other columns in its colour; sort and filter as you like. A "
    "highlighted number: see Alerts. Greyed cells stay empty. Then save, close and run ims-xl harvest."
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
    _set_columns(worksheet, sheet, styles)
    _draw_title(worksheet, sheet, plan, styles)
    _draw_legend(worksheet, sheet, styles)
    worksheet.set_row(NAMES_ROW - 1, None, None, {"hidden": True})
    for index, column in enumerate(sheet.layout.columns):
        worksheet.write_string(NAMES_ROW - 1, index, sheet.layout.names_text(column))
    _draw_headings(worksheet, sheet, styles)
    _set_view(worksheet, sheet)
    columns = sheet.layout.columns
    set_print(worksheet, plan.recipient, [0 if c.hidden else c.width for c in columns], _frozen(sheet))
    add_validations(worksheet, sheet)
    add_highlights(worksheet, sheet, styles)
    if not sheet.rows:
        worksheet.very_hidden()
    if plan.protect:
        worksheet.protect("", _PROTECTION)


def draw_banner(worksheet: Worksheet, styles: Styles, title: str, title_column: int) -> None:
    """Draw a data sheet's first row: the way back to Home, and the title."""
    worksheet.set_row(TITLE_ROW - 1, 26)
    link = styles.get(font_color=styles.colour("accent"), underline=1)
    worksheet.write_url(TITLE_ROW - 1, 0, f"internal:'{HOME_SHEET}'!A1", link, f"← {HOME_SHEET}")
    heading = styles.get(bold=True, font_size=styles.theme.font_size + 5, font_color=styles.colour("accent"))
    worksheet.write_string(TITLE_ROW - 1, title_column, title, heading)


def set_print(worksheet: Worksheet, recipient: str, widths: Sequence[float], frozen: int) -> None:
    """Print page beside page, with the headings and the frozen columns on every one."""
    set_page(worksheet, recipient, pages_for(sum(widths), sum(widths[:frozen])))
    worksheet.print_across()
    worksheet.repeat_rows(GROUP_ROW - 1, HEADING_ROW - 1)
    if frozen:
        worksheet.repeat_columns(0, frozen - 1)


def _set_columns(worksheet: Worksheet, sheet: SectionSheet, styles: Styles) -> None:
    for index, column in enumerate(sheet.layout.columns):
        # Cells of this one are only made when there is something to say, and take the column's look then.
        look = styles.data(column) if column.name == CHANGED else None
        worksheet.set_column(index, index, column.width, look, {"hidden": column.hidden})


def sheet_facts(documents: int, day: date) -> tuple[str, str]:
    """Say how many documents a sheet has, and from when."""
    return f"{documents:,} document{'s' * (documents != 1)}", f"as downloaded on {format_date(day)}"


def _draw_title(worksheet: Worksheet, sheet: SectionSheet, plan: BookPlan, styles: Styles) -> None:
    draw_banner(worksheet, styles, f"{sheet.title} – {sheet.section.title}", _shown(sheet)[1])
    facts = (
        f"{plan.recipient} {plan.state}".rstrip(),
        *sheet_facts(sheet.rows, plan.snapshot.downloaded_at.date()),
    )
    muted = styles.get(align="left", indent=1, font_color=styles.colour("muted"))
    worksheet.write_string(TITLE_ROW - 1, _aside(sheet), FACTS_MARK.join(facts), muted)


def _draw_legend(worksheet: Worksheet, sheet: SectionSheet, styles: Styles) -> None:
    worksheet.set_row(HINT_ROW - 1, 18)
    legend = (("portal", "Portal data"), ("input", "You fill in"), ("tool", "ims-xl fills"))
    for index, (owner, words) in zip(_shown(sheet), legend, strict=False):
        colour = styles.colour(f"{owner}_heading")
        worksheet.write_string(HINT_ROW - 1, index, words, styles.get(bg_color=colour, align="center"))
    hint = styles.get(italic=True, align="left", indent=1, font_color=styles.colour("muted"))
    worksheet.write_string(HINT_ROW - 1, _aside(sheet), _HINT, hint)


def _draw_headings(worksheet: Worksheet, sheet: SectionSheet, styles: Styles) -> None:
    """Draw the groups and the headings; groups are not merged, so that columns can be moved and cut."""
    index = 0
    worksheet.set_row(GROUP_ROW - 1, 18)
    band = styles.get(
        bold=True,
        bg_color=styles.colour("band"),
        font_color=styles.colour("band_text"),
        align="left",
        indent=1,
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
    worksheet.freeze_panes(HEADING_ROW, _frozen(sheet))
    worksheet.autofilter(HEADING_ROW - 1, 0, sheet.last_row - 1, last_column)
    worksheet.ignore_errors({"number_stored_as_text": area(0, FIRST_ROW, last_column, sheet.last_row)})
    status = sheet.layout.positions["status"]
    worksheet.set_selection(FIRST_ROW - 1, status, FIRST_ROW - 1, status)


def _shown(sheet: SectionSheet) -> list[int]:
    """List the columns that people see."""
    return [index for index, column in enumerate(sheet.layout.columns) if not column.hidden]


def _frozen(sheet: SectionSheet) -> int:
    """Say how many columns stay in view: those up to the document number, unless they fill the window."""
    columns = sheet.layout.columns[: sheet.layout.positions["number"] + 1]
    width = sum(column.width for column in columns if not column.hidden)
    return len(columns) if width <= _WIDEST_FROZEN else 0


def _aside(sheet: SectionSheet) -> int:
    """Say where the words beside title and legend stand: behind both, where they scroll with the sheet."""
    return max(_frozen(sheet), _shown(sheet)[3])
