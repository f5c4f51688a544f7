"""Our write-back alone: the same errors into the same workbook, read back and compared before it is done.

    python write_back_ims_xl.py BOOK ERRORS OUT

ERRORS is JSON: by sheet title, a list of row, column (both 1-based) and text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

book, errors_file, out = map(Path, sys.argv[1:])
patches = [
    SheetPatch(title, {(row, column - 1): text for row, column, text in errors}, clear_filter=True)
    for title, errors in json.loads(errors_file.read_text(encoding="utf-8")).items()
]
write_back(book, BookPatch(patches, []), out)
