"""Formulas over the documents of a section, all its sheets together, and over sections.

They call columns by name, so that rows which a newer download brings are counted too; rows that it withdrew
are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.grid import WITHDRAWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.portal.sections import Section
    from ims_excel.workbook.bookplan import SectionSheet


def count_all(sheets: Sequence[SectionSheet]) -> str:
    """Count documents, whatever their status says."""
    return "=" + "+".join(f'COUNTIFS({sheet.range_name("key")},"?*",{_there(sheet)})' for sheet in sheets)


def sum_all(sheets: Sequence[SectionSheet], *heads: str) -> str:
    """Add up amounts over all documents."""
    return "=" + "+".join(
        f"SUMIFS({sheet.range_name(head)},{_there(sheet)})" for head in heads for sheet in sheets
    )


def count_status(sheets: Sequence[SectionSheet], status: str) -> str:
    """Count documents with a status: a quoted text, or the address of a cell that names it."""
    return "=" + "+".join(
        f"COUNTIFS({sheet.range_name('status')},{status},{_there(sheet)})" for sheet in sheets
    )


def sum_status(sheets: Sequence[SectionSheet], status: str, head: str) -> str:
    """Add up an amount over documents whose status is the one that the cell ``status`` names."""
    return "=" + "+".join(
        f"SUMIFS({sheet.range_name(head)},{sheet.range_name('status')},{status},{_there(sheet)})"
        for sheet in sheets
    )


def _there(sheet: SectionSheet) -> str:
    """Ask for documents that are still in the IMS."""
    return f'{sheet.range_name("change")},"<>{WITHDRAWN}"'


def net(rows: Sequence[tuple[Section, int]], letters: str, *, signed: bool) -> str:
    """Add up cells of a column, a row a section; with ``signed``, those of credit notes are subtracted."""
    terms = [f"{'-' if signed and section.reduces_itc else '+'}{letters}{row}" for section, row in rows]
    return "=" + "".join(terms).removeprefix("+") if terms else "=0"
