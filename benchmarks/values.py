"""The cells of a workbook as plain Python values, for the peers that write them.

So every peer gets the very cells that build writes, and is spared reading the download, which build is not.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import dump_snapshot
from ims_excel.workbook.form import plan_book, sheet_rows
from ims_excel.workbook.layout import load_layout
from ims_excel.workbook.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ims_excel.workbook.bookplan import BookPlan

Row = tuple[Any, ...]
"""Texts, floats, dates, and None for a blank."""


@dataclass(frozen=True)
class Form:
    """What is needed to draw the workbook around its rows.

    Attributes:
        plan: the sheets, without the download's records.
        totals: what the records add up to.
        sparse: by sheet, for each column whether its blanks are left out.
    """

    plan: BookPlan
    totals: Totals
    sparse: dict[str, list[bool]]


def write_values(download: Path, form_file: Path, rows_file: Path) -> None:
    """Read a download and write down what its workbook will hold."""
    snapshot = read_downloads([download])
    blob = dump_snapshot(snapshot)
    built_at = datetime(2026, 4, 2, tzinfo=timezone.utc)
    plan = plan_book(snapshot, blob, load_layout(), built_at=built_at, tool_version="bench")
    totals, sparse = Totals(), {}
    with rows_file.open("wb") as file:
        for title, found in sheet_rows(plan, blob, totals):
            sparse[title] = list(found.sparse)
            for batch in found.batches:
                height = max(map(len, batch))
                columns = [[_plain(value) for value in values] or [None] * height for values in batch]
                pickle.dump((title, list(zip(*columns, strict=True))), file, pickle.HIGHEST_PROTOCOL)
    plan = replace(plan, snapshot=replace(snapshot, sections={}))
    form_file.write_bytes(pickle.dumps(Form(plan, totals, sparse)))


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def read_form(path: Path) -> Form:
    """Read what is needed to draw the workbook."""
    form: Form = pickle.loads(path.read_bytes())
    return form


def read_rows(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """Read the rows of all sheets in tab order, some hundred at a time, each time with the sheet's title."""
    with path.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)
