"""The same workbook by XlsxWriter alone: what the stamped one is compared with and measured against.

The layout, the styles and the values are the tool's own; only the writing of rows is done here.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ims_excel.workbook.drawing import draw
from ims_excel.workbook.form import sheet_rows
from ims_excel.workbook.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ims_excel.workbook.bookplan import BookPlan
    from ims_excel.workbook.drawing import RowForm
    from ims_excel.workbook.stamp import SheetRows
    from ims_excel.workbook.styles import Worksheet


def plain_workbook(plan: BookPlan, snapshot_blob: bytes, **options: object) -> bytes:
    """Write the workbook of a plan; ``options`` are XlsxWriter's (``constant_memory=True``)."""
    totals = Totals()
    rows = {title: (found, list(found.batches)) for title, found in sheet_rows(plan, snapshot_blob, totals)}

    def fill(worksheet: Worksheet, form: RowForm) -> None:
        found, batches = rows[form.title]
        for row, values in enumerate(_rows(found, batches), start=form.first_row - 1):
            for column, value in enumerate(values):
                if value is not None or not form.sparse[column]:
                    write(worksheet, row, column, value, form.formats[column])

    return draw(plan, totals, fill, **{"in_memory": not options.get("constant_memory"), **options})


def _rows(found: SheetRows, batches: list) -> Iterator[tuple]:
    for batch in batches:
        height = max(len(values) for values in batch)
        yield from zip(*(values or [None] * height for values in batch), strict=True)


def write(worksheet: Worksheet, row: int, column: int, value: object, look: object) -> None:
    """Write one cell with the method of its type."""
    if value is None:
        code = worksheet.write_blank(row, column, None, look)
    elif isinstance(value, Decimal):
        code = worksheet.write_number(row, column, float(value), look)
    elif isinstance(value, date):
        code = worksheet.write_datetime(row, column, datetime(value.year, value.month, value.day), look)
    else:
        code = worksheet.write_string(row, column, value, look)
    assert code == 0, (code, value)
