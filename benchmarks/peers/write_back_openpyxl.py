"""openpyxl, writing errors into the edited workbook: load, write, save.

    python write_back_openpyxl.py BOOK ERRORS OUT

ERRORS is JSON: by sheet title, a list of row, column (both 1-based) and text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import openpyxl

book, errors_file, out = map(Path, sys.argv[1:])
workbook = openpyxl.load_workbook(book)
for title, errors in json.loads(errors_file.read_text(encoding="utf-8")).items():
    for row, column, text in errors:
        workbook[title].cell(row, column, text)
workbook.save(out)
