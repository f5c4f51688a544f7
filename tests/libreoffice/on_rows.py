"""Commands on whole rows and columns: sort, filter, hide, insert, delete, move, group, freeze."""

from __future__ import annotations

from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.sheet.FilterConnection import AND, OR
from com.sun.star.sheet.FilterOperator2 import EQUAL
from com.sun.star.table import TableSortField
from com.sun.star.table.TableOrientation import COLUMNS, ROWS
from registry import on_sheet


def column_number(sheet: Any, letters: str) -> int:
    """Turn a column's letters into its number, from 0."""
    number: int = sheet.getCellRangeByName(f"{letters}1").RangeAddress.StartColumn
    return number


def columns_between(sheet: Any, first: str, last: str) -> Any:
    """Return the whole columns from first to last."""
    return sheet.getCellRangeByName(f"{first}1:{last}1").Columns


def rows_between(sheet: Any, first: int, last: int) -> Any:
    """Return the whole rows from first to last, counted from 1."""
    return sheet.getCellRangeByPosition(0, first - 1, 0, last - 1).Rows


@on_sheet
def used_range(doc: Any, sheet: Any) -> str:
    """Return the address of everything used, such as A1:Z103."""
    cursor = sheet.createCursor()
    cursor.gotoStartOfUsedArea(False)
    cursor.gotoEndOfUsedArea(True)
    address: str = cursor.AbsoluteName
    return address.rpartition(".")[2].replace("$", "")


@on_sheet
def sort(doc: Any, sheet: Any, cells: str, by: str, descending: bool = False) -> None:
    """Sort an area, all of it data, by one of its columns; other columns stay where they are."""
    area = sheet.getCellRangeByName(cells)
    field = TableSortField()
    field.Field = column_number(sheet, by) - area.RangeAddress.StartColumn
    field.IsAscending = not descending
    fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
    area.sort(
        (PropertyValue(Name="SortFields", Value=fields), PropertyValue(Name="ContainsHeader", Value=False))
    )


@on_sheet
def keep_rows(doc: Any, sheet: Any, cells: str, keep: dict[str, list[str | float]]) -> None:
    """Show only rows with one of some values in each named column, or all rows; headings come first."""
    area = sheet.getCellRangeByName(cells)
    left = area.RangeAddress.StartColumn
    rules = area.createFilterDescriptor(True)
    rules.ContainsHeader = True
    rules.setFilterFields2(
        tuple(
            condition(column_number(sheet, name) - left, value, OR if position else AND)
            for name, values in keep.items()
            for position, value in enumerate(values)
        )
    )
    area.filter(rules)


def condition(field: int, value: str | float, connection: Any) -> Any:
    """Build one condition of a filter: a column equals a value."""
    rule = uno.createUnoStruct("com.sun.star.sheet.TableFilterField2")
    rule.Field, rule.Operator, rule.Connection = field, EQUAL, connection
    rule.IsNumeric = not isinstance(value, str)
    if rule.IsNumeric:
        rule.NumericValue = value
    else:
        rule.StringValue = value
    return rule


@on_sheet
def visible_rows(doc: Any, sheet: Any, first: int, last: int) -> list[int]:
    """List the rows that are neither hidden nor filtered away."""
    return [row for row in range(first, last + 1) if sheet.Rows.getByIndex(row - 1).IsVisible]


@on_sheet
def show_rows(doc: Any, sheet: Any, first: int, last: int, visible: bool) -> None:
    """Hide or show rows by hand."""
    rows_between(sheet, first, last).IsVisible = visible


@on_sheet
def show_columns(doc: Any, sheet: Any, first: str, last: str, visible: bool) -> None:
    """Hide or show columns."""
    columns_between(sheet, first, last).IsVisible = visible


@on_sheet
def visible_columns(doc: Any, sheet: Any, first: str, last: str) -> list[bool]:
    """Say for each column whether it is visible."""
    return [column.IsVisible for column in columns_between(sheet, first, last)]


@on_sheet
def insert_rows(doc: Any, sheet: Any, before: int, count: int) -> None:
    """Insert empty rows before a row."""
    sheet.Rows.insertByIndex(before - 1, count)


@on_sheet
def delete_rows(doc: Any, sheet: Any, first: int, last: int) -> None:
    """Delete rows."""
    sheet.Rows.removeByIndex(first - 1, last - first + 1)


@on_sheet
def insert_columns(doc: Any, sheet: Any, before: str, count: int) -> None:
    """Insert empty columns before a column."""
    sheet.Columns.insertByIndex(column_number(sheet, before), count)


@on_sheet
def delete_columns(doc: Any, sheet: Any, first: str, last: str) -> None:
    """Delete columns."""
    start = column_number(sheet, first)
    sheet.Columns.removeByIndex(start, column_number(sheet, last) - start + 1)


@on_sheet
def move_column(doc: Any, sheet: Any, column: str, before: str) -> None:
    """Cut a column and insert it before another, as Shift-dragging its heading does."""
    source, target = column_number(sheet, column), column_number(sheet, before)
    sheet.Columns.insertByIndex(target, 1)
    source += source >= target
    sheet.moveRange(sheet.getCellByPosition(target, 0).CellAddress, whole_column(sheet, source))
    sheet.Columns.removeByIndex(source, 1)


@on_sheet
def copy_column(doc: Any, sheet: Any, column: str, before: str) -> None:
    """Insert a copy of a column before another."""
    source, target = column_number(sheet, column), column_number(sheet, before)
    sheet.Columns.insertByIndex(target, 1)
    source += source >= target
    sheet.copyRange(sheet.getCellByPosition(target, 0).CellAddress, whole_column(sheet, source))


def whole_column(sheet: Any, number: int) -> Any:
    """Return the address of a column from top to bottom."""
    return sheet.getCellRangeByPosition(number, 0, number, sheet.Rows.Count - 1).RangeAddress


@on_sheet
def duplicate_row(doc: Any, sheet: Any, row: int) -> None:
    """Insert a copy of a row below it."""
    sheet.Rows.insertByIndex(row, 1)
    source = sheet.Rows.getByIndex(row - 1).RangeAddress
    sheet.copyRange(sheet.getCellByPosition(0, row).CellAddress, source)


@on_sheet
def group(doc: Any, sheet: Any, cells: str, columns: bool) -> None:
    """Group the rows (or columns) of an area in the outline."""
    sheet.group(sheet.getCellRangeByName(cells).RangeAddress, COLUMNS if columns else ROWS)


@on_sheet
def freeze(doc: Any, sheet: Any, columns: int, rows: int) -> None:
    """Freeze a number of columns and rows; 0 and 0 unfreezes."""
    window = doc.CurrentController
    window.setActiveSheet(sheet)
    window.freezeAtPosition(columns, rows)


@on_sheet
def name_range(doc: Any, sheet: Any, cells: str, name: str, buttons: bool) -> None:
    """Define a database range (saved to .xlsx as a table), with or without filter buttons."""
    doc.DatabaseRanges.addNewByName(name, sheet.getCellRangeByName(cells).RangeAddress)
    doc.DatabaseRanges.getByName(name).AutoFilter = buttons
