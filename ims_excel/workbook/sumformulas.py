"""Formulas over the documents of a section, all its sheets together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.workbook.bookplan import SectionSheet


def count_all(sheets: Sequence[SectionSheet]) -> str:
    """Count documents, whatever their status says."""
    return "=" + "+".join(f"COUNTA({sheet.cells('key')})" for sheet in sheets)


def sum_all(sheets: Sequence[SectionSheet], head: str) -> str:
    """Add up an amount over all documents."""
    return "=" + "+".join(f"SUM({sheet.cells(head)})" for sheet in sheets)


def count_status(sheets: Sequence[SectionSheet], status: str) -> str:
    """Count documents whose status is the one that the cell ``status`` names."""
    return "=" + "+".join(f"COUNTIFS({sheet.cells('status')},{status})" for sheet in sheets)


def sum_status(sheets: Sequence[SectionSheet], status: str, head: str) -> str:
    """Add up an amount over documents whose status is the one that the cell ``status`` names."""
    return "=" + "+".join(f"SUMIFS({sheet.cells(head)},{sheet.cells('status')},{status})" for sheet in sheets)
