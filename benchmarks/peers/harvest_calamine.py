"""python-calamine, reading all cells of all sheets of the edited workbook and doing nothing with them.

python harvest_calamine.py BOOK
"""

from __future__ import annotations

import sys

from python_calamine import CalamineWorkbook

workbook = CalamineWorkbook.from_path(sys.argv[1])
for title in workbook.sheet_names:
    for row in workbook.get_sheet_by_name(title).to_python():
        del row
