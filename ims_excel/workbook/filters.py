"""Clearing filters: their criteria go, the rows they hid come back, the filter buttons stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.markup import Node, Splice, attribute_splice, is_true, remove_splice
from ims_excel.workbook.overwriting import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_CRITERIA = {"extLst"}


def filter_nodes(sheet: Node) -> Iterator[Node]:
    """Find the filter of a sheet or table, and the ones its custom views keep."""
    yield from sheet.named("autoFilter")
    yield from sheet.named("customSheetViews", "customSheetView", "autoFilter")


def criteria(auto_filter: Node) -> list[Node]:
    """Find the columns of a filter that say which rows to show."""
    return [
        column
        for column in auto_filter.named("filterColumn")
        if any(child.name not in _NO_CRITERIA for child in column.children)
    ]


def clear_splices(auto_filter: Node) -> list[Splice]:
    """Remove a filter's criteria; a column whose button people had hidden keeps it hidden."""
    return [splice for column in criteria(auto_filter) for splice in _clear_column(column)]


def _clear_column(column: Node) -> list[Splice]:
    attributes = column.attributes
    if is_true(attributes.get("hiddenButton")) or not is_true(attributes.get("showButton", "1")):
        return [remove_splice(child) for child in column.children]
    return [remove_splice(column)]


def filtered_rows(sheet: Node) -> list[range]:
    """Tell which rows the filters in force reach over, without their headings."""
    return [_rows_below(node) for node in sheet.named("autoFilter") if criteria(node)]


def _rows_below(auto_filter: Node) -> range:
    box = Box.of(auto_filter.attributes.get("ref", ""))
    return range(box.top + 1, box.bottom + 1)


def filter_mode_splices(data: bytes, sheet: Node) -> list[Splice]:
    """Let the sheet no longer say that a filter is in force."""
    properties = sheet.first("sheetPr")
    return attribute_splice(data, properties, "filterMode", None) if properties else []


def summary_is_below(sheet: Node) -> bool:
    """Tell on which side of a group its summary row stands."""
    outline = sheet.first("sheetPr", "outlinePr")
    return outline is None or is_true(outline.attributes.get("summaryBelow", "1"))


def hides_rows_by_default(sheet: Node) -> bool:
    """Tell whether rows that say nothing are hidden."""
    formats = sheet.first("sheetFormatPr")
    return formats is not None and is_true(formats.attributes.get("zeroHeight"))
