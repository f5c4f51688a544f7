"""The floor: the same cells by one f-string a row, deflated by isal in a second thread; no workbook around.

What formatting the XML and compressing it costs at all. Nothing is escaped, looked up or checked, and the
columns' types are taken from the first row.

    python build_floor.py FORM ROWS OUT
"""

from __future__ import annotations

import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from isal import isal_zlib
from values import read_form, read_rows

from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.grid import FIRST_ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from values import Row


def row_writer(first: Row, sparse: Sequence[bool]) -> Callable[[int, Row], str]:
    """Make the function that writes a row's XML from its number and its values."""
    cells = "".join(
        _cell(index, value, is_sparse)
        for index, (value, is_sparse) in enumerate(zip(first, sparse, strict=True))
    )
    write: Callable[[int, Row], str] = eval(f"lambda n, v: f'<row r=\"{{n}}\">{cells}</row>'")
    return write


def _cell(index: int, value: object, is_sparse: bool) -> str:
    opening = f'<c r="{column_letters(index)}{{n}}" s="{index}"'
    if value is None:
        return "" if is_sparse else f"{opening}/>"
    if isinstance(value, str):
        return f'{opening} t="inlineStr"><is><t>{{v[{index}]}}</t></is></c>'
    if isinstance(value, float):
        return f"{opening}><v>{{v[{index}]}}</v></c>"
    return f"{opening}><v>{{v[{index}].toordinal() - 693594}}</v></c>"


form_file, rows_file, out = map(Path, sys.argv[1:])
form = read_form(form_file)
packer = isal_zlib.compressobj(2, zlib.DEFLATED, -15)
with ThreadPoolExecutor(1) as pool, out.open("wb") as file:
    written = pool.submit(file.write, b"")
    for title, batches in groupby(read_rows(rows_file), itemgetter(0)):
        write, number = None, FIRST_ROW
        for _, rows in batches:
            write = write or row_writer(rows[0], form.sparse[title])
            xml = "".join(map(write, range(number, number + len(rows)), rows)).encode()
            number += len(rows)
            written.result()
            written = pool.submit(lambda xml=xml: file.write(packer.compress(xml)))
    written.result()
    file.write(packer.flush())
