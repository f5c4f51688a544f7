"""openpyxl in write-only mode, writing the same values; without formats, which would take it twice as long.

python build_openpyxl.py ROWS OUT
"""

from __future__ import annotations

import sys
from itertools import groupby
from operator import itemgetter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import openpyxl
from values import read_rows

rows_file, out = map(Path, sys.argv[1:])
workbook = openpyxl.Workbook(write_only=True)
for title, batches in groupby(read_rows(rows_file), itemgetter(0)):
    worksheet = workbook.create_sheet(title)
    for _, rows in batches:
        for row in rows:
            worksheet.append(row)
workbook.save(out)
