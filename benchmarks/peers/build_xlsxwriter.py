"""XlsxWriter in constant memory, writing the same cells in the same formats: build without stamping.

python build_xlsxwriter.py FORM ROWS OUT
"""

from __future__ import annotations

import sys
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from values import read_form, read_rows

from ims_excel.workbook.drawing import draw

if TYPE_CHECKING:
    from ims_excel.workbook.drawing import RowForm
    from ims_excel.workbook.styles import Worksheet

form_file, rows_file, out = map(Path, sys.argv[1:])
form = read_form(form_file)
sheets = groupby(read_rows(rows_file), itemgetter(0))


def fill(worksheet: Worksheet, look: RowForm) -> None:
    """Write the rows of the next sheet; XlsxWriter asks for the sheets in tab order."""
    _, batches = next(sheets)
    write_blank, write_text = worksheet.write_blank, worksheet.write_string
    write_number, write_date = worksheet.write_number, worksheet.write_datetime
    columns = list(enumerate(zip(look.formats, look.sparse, strict=True)))
    for row, values in enumerate(chain.from_iterable(rows for _, rows in batches), look.first_row - 1):
        for (column, (style, is_sparse)), value in zip(columns, values, strict=True):
            if value is None:
                if not is_sparse:
                    write_blank(row, column, None, style)
            elif isinstance(value, str):
                write_text(row, column, value, style)
            elif isinstance(value, float):
                write_number(row, column, value, style)
            else:
                write_date(row, column, value, style)


out.write_bytes(draw(form.plan, form.totals, fill, constant_memory=True, in_memory=False))
