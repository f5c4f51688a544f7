"""PyExcelerate, writing the same values without formats; it takes all rows of a sheet at once.

python build_pyexcelerate.py ROWS OUT
"""

from __future__ import annotations

import sys
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pyexcelerate import Workbook
from values import read_rows

rows_file, out = map(Path, sys.argv[1:])
workbook = Workbook()
for title, batches in groupby(read_rows(rows_file), itemgetter(0)):
    workbook.new_sheet(title, data=list(chain.from_iterable(rows for _, rows in batches)))
workbook.save(str(out))
