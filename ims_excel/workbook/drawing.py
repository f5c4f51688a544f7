"""Drawing the form: everything of the workbook but its data rows, by XlsxWriter.

Each data sheet gets one prototype row, blank cells in the styles its columns will have; ``stamp`` puts the
rows in its place. Another ``Fill`` may write the rows right away: the plain writer of tests and benchmarks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timezone
from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter

from ims_excel.workbook.embed import snapshot_properties
from ims_excel.workbook.grid import (
    AUTHOR,
    DATA_SHEET,
    FIRST_ROW,
    HOME_SHEET,
    PROPERTY_BUILT,
    PROPERTY_RECIPIENT,
    PROPERTY_TOOL,
    SUMMARY_SHEET,
)
from ims_excel.workbook.home import draw_home
from ims_excel.workbook.readonly_sheet import draw_read_only_sheet, sheet_columns
from ims_excel.workbook.section_sheet import draw_section_sheet
from ims_excel.workbook.styles import NORMAL_SIZE, Styles
from ims_excel.workbook.summary import draw_summary
from ims_excel.workbook.totals import HEADS
from ims_excel.workbook.validations import LIST_COLUMNS, status_names

if TYPE_CHECKING:
    from ims_excel.workbook.bookplan import BookPlan
    from ims_excel.workbook.layout import Column
    from ims_excel.workbook.styles import Format, Workbook, Worksheet
    from ims_excel.workbook.totals import Totals


@dataclass(frozen=True)
class RowForm:
    """What the rows of a sheet look like.

    Attributes:
        title: the sheet.
        first_row: 1-based.
        formats: by column; None for the default format.
        sparse: by column, whether blank cells are left out: nobody sees those of a hidden column.
    """

    title: str
    first_row: int
    formats: Sequence[Format]
    sparse: Sequence[bool]


Fill = Callable[["Worksheet", RowForm], None]
"""Writes the rows of a sheet."""

DATA_COLUMNS = ("A", "B", *LIST_COLUMNS)
"""Columns of the data sheet: the snapshot, a gap, the status lists."""
_WINDOW = (1600, 960)
"""Pixels of the window that Excel opens."""


def prototype(worksheet: Worksheet, form: RowForm) -> None:
    """Write one row of blank cells, from which the stamp learns the styles."""
    for index, look in enumerate(form.formats):
        if look is None:
            worksheet.write_number(form.first_row - 1, index, 0)
        else:
            worksheet.write_blank(form.first_row - 1, index, None, look)


def draw(plan: BookPlan, totals: Totals, fill: Fill = prototype, **options: object) -> bytes:
    """Draw the workbook and give its package; ``options`` are XlsxWriter's.

    The totals only give formulas the results that are shown until a program calculates them.
    """
    buffer = BytesIO()
    font = {"font_name": plan.layout.theme.font, "font_size": NORMAL_SIZE}
    settings = {"in_memory": True, "default_format_properties": font, **options}
    with xlsxwriter.Workbook(buffer, settings) as workbook:
        workbook.set_size(*_WINDOW)
        styles = Styles(workbook, plan.layout.theme)
        draw_home(workbook.add_worksheet(HOME_SHEET), plan, totals, styles)
        draw_summary(workbook, workbook.add_worksheet(SUMMARY_SHEET), plan, totals, styles)
        _draw_data_sheets(workbook, plan, styles, fill)
        _set_properties(workbook, plan)
    return buffer.getvalue()


def sheet_titles(plan: BookPlan) -> list[str]:
    """List the workbook's sheets in order; a sheet's part is numbered by its place from 1."""
    sections = (sheet.title for sheet in plan.sheets)
    others = (sheet.title for sheet in plan.read_only)
    return [HOME_SHEET, SUMMARY_SHEET, *sections, *others, DATA_SHEET]


def part_name(plan: BookPlan, title: str) -> str:
    """Name the part of the package that holds a sheet."""
    return f"xl/worksheets/sheet{sheet_titles(plan).index(title) + 1}.xml"


def sparse_columns(columns: Sequence[Column]) -> list[bool]:
    """Say by column whether its blank cells are left out."""
    return [column.hidden for column in columns]


def _draw_data_sheets(workbook: Workbook, plan: BookPlan, styles: Styles, fill: Fill) -> None:
    for sheet in plan.sheets:
        worksheet = workbook.add_worksheet(sheet.title)
        draw_section_sheet(worksheet, sheet, plan, styles)
        for name in ("key", "status", "change", *HEADS):
            workbook.define_name(sheet.range_name(name), f"={sheet.cells(name)}")
        # A sheet without documents keeps its prototype row, for those that a newer download may bring.
        _fill(worksheet, sheet.title, sheet.layout.columns, styles, fill if sheet.rows else prototype)
    for other in plan.read_only:
        worksheet = workbook.add_worksheet(other.title)
        draw_read_only_sheet(worksheet, other, plan, styles)
        _fill(worksheet, other.title, sheet_columns(other), styles, fill)
    hidden = workbook.add_worksheet(DATA_SHEET)
    hidden.very_hidden()
    width = len(DATA_COLUMNS)
    fill(hidden, RowForm(DATA_SHEET, 1, [None] * width, [True] * width))
    for name, refers_to in status_names().items():
        workbook.define_name(name, refers_to)


def _fill(worksheet: Worksheet, title: str, columns: Sequence[Column], styles: Styles, fill: Fill) -> None:
    formats = [styles.data(column) for column in columns]
    fill(worksheet, RowForm(title, FIRST_ROW, formats, sparse_columns(columns)))


def _set_properties(workbook: Workbook, plan: BookPlan) -> None:
    """Write the metadata where every spreadsheet program keeps it."""
    built = plan.built_at.astimezone(timezone.utc)
    workbook.set_properties(
        {
            "title": f"IMS decisions of {plan.recipient}",
            "subject": "GST Invoice Management System",
            "author": AUTHOR,
            "company": plan.layout.theme.firm,
            "created": built.replace(tzinfo=None),
        }
    )
    custom = {
        PROPERTY_TOOL: plan.tool_version,
        PROPERTY_RECIPIENT: plan.recipient,
        PROPERTY_BUILT: built.isoformat(timespec="seconds"),
        **snapshot_properties(plan.snapshot, plan.snapshot_sha256),
    }
    for name, text in custom.items():
        workbook.set_custom_property(name, text, "text")
