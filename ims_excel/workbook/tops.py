"""Lines that tell from when a workbook's documents are: found by what they say, wherever they were moved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ims_excel.workbook.grid import HOME_SHEET, SUMMARY_SHEET
from ims_excel.workbook.home import download_facts
from ims_excel.workbook.package import open_package
from ims_excel.workbook.pages import DOWNLOADED_MARK, downloaded_on
from ims_excel.workbook.read import peek
from ims_excel.workbook.section_sheet import FACTS_MARK, sheet_facts
from ims_excel.workbook.writeback import SheetPatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.workbook.exact import RowRead

_PAGES = (HOME_SHEET, SUMMARY_SHEET)
_DOWNLOADED = re.compile(rf"{re.escape(DOWNLOADED_MARK)}\d\d-\d\d-\d{{4}}")
_SHEET_FACTS = re.compile(rf"[\d,]+ documents?{re.escape(FACTS_MARK)}as downloaded on \d\d-\d\d-\d{{4}}")


def facts_patches(path: Path, snapshot: Snapshot, documents: Mapping[str, int]) -> Iterator[SheetPatch]:
    """Let Home and the section sheets say when their documents were downloaded, and how many there are.

    Args:
        path: the workbook.
        snapshot: the newest download.
        documents: by title of a section's sheet, how many it has.
    """
    with open_package(path) as package:
        wanted = (*_PAGES, *documents)
        sheets = [sheet for sheet in package.sheets if sheet.title in wanted and sheet.is_worksheet]
        tops = peek(package, sheets)
    day = snapshot.downloaded_at.date()
    for title, rows in tops.items():
        if title in _PAGES:
            texts = {_DOWNLOADED: downloaded_on(day)}
        else:
            texts = {_SHEET_FACTS: FACTS_MARK.join(sheet_facts(documents[title], day))}
        facts = download_facts(snapshot) if title == HOME_SHEET else {}
        cells = dict(_facts(rows, facts, texts))
        yield SheetPatch(title, dict(cells), clear_filter=False)


def without_facts(text: str) -> str:
    """Take out of a line how many documents there are, and from when."""
    return _DOWNLOADED.sub("", _SHEET_FACTS.sub("", text))


def _facts(
    rows: list[RowRead], facts: Mapping[str, str], texts: Mapping[re.Pattern[str], str]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Find the cells to be written: those right of a fact's name, and those that hold a known text."""
    for row in rows:
        for column, value in enumerate(row.values):
            if isinstance(value, str) and value in facts:
                yield (row.number, column + 1), facts[value]
            elif isinstance(value, str):
                for pattern, text in texts.items():
                    if pattern.search(value):
                        yield (row.number, column), pattern.sub(text, value)
