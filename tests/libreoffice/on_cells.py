"""Commands on the contents and the looks of cells."""

from __future__ import annotations

import itertools
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.sheet import CellFlags
from com.sun.star.sheet.ConditionOperator import FORMULA
from com.sun.star.sheet.FillDirection import TO_BOTTOM
from com.sun.star.table.CellContentType import EMPTY, TEXT
from com.sun.star.table.CellContentType import FORMULA as FORMULA_CELL
from registry import on_sheet

CONTENTS = CellFlags.VALUE | CellFlags.DATETIME | CellFlags.STRING | CellFlags.FORMULA


def each_cell(area: Any) -> list[Any]:
    """List an area's cells, row by row."""
    columns, rows = area.Columns.Count, area.Rows.Count
    return [area.getCellByPosition(c, r) for r, c in itertools.product(range(rows), range(columns))]


@on_sheet
def get(doc: Any, sheet: Any, cells: str) -> list[list[Any]]:
    """Return an area's values: text, float, "" for an empty cell, None for an error."""
    return [list(row) for row in sheet.getCellRangeByName(cells).getDataArray()]


@on_sheet
def describe(doc: Any, sheet: Any, cell: str) -> dict[str, Any]:
    """Return one cell's kind (empty, number, text, formula), shown string, formula, error code and format."""
    found = sheet.getCellRangeByName(cell).getCellByPosition(0, 0)
    kinds = {EMPTY.value: "empty", TEXT.value: "text", FORMULA_CELL.value: "formula"}
    return {
        "kind": kinds.get(found.Type.value, "number"),
        "shown": found.String,
        "formula": found.Formula,
        "error": found.getError(),
        "format": doc.NumberFormats.getByKey(found.NumberFormat).FormatString,
        "validated": found.Validation.Type.value,
    }


@on_sheet
def put(doc: Any, sheet: Any, cell: str, values: list[list[str | float | None]]) -> None:
    """Put text and numbers, exactly as they are, from a cell on; None leaves a cell alone."""
    corner = sheet.getCellRangeByName(cell).RangeAddress
    for down, row in enumerate(values):
        for right, value in enumerate(row):
            target = sheet.getCellByPosition(corner.StartColumn + right, corner.StartRow + down)
            if isinstance(value, str):
                target.String = value
            elif value is not None:
                target.Value = value


@on_sheet
def type_in(doc: Any, sheet: Any, cell: str, text: str) -> None:
    """Type into a cell as a person does: digits become a number, =… a formula (in English)."""
    sheet.getCellRangeByName(cell).getCellByPosition(0, 0).Formula = text


@on_sheet
def clear(doc: Any, sheet: Any, cells: str) -> None:
    """Empty cells as the Delete key does: formats and validations stay."""
    sheet.getCellRangeByName(cells).clearContents(CONTENTS)


@on_sheet
def fill_down(doc: Any, sheet: Any, cells: str) -> None:
    """Drag the fill handle from an area's first row to its last; rows a filter hides are passed over."""
    sheet.getCellRangeByName(cells).fillAuto(TO_BOTTOM, 1)


@on_sheet
def paste(doc: Any, sheet: Any, source: str, at: str, source_sheet: str | None = None) -> None:
    """Copy an area, with formats, validations and formulas, over cells of this sheet."""
    origin = doc.Sheets.getByName(source_sheet) if source_sheet else sheet
    area = origin.getCellRangeByName(source).RangeAddress
    sheet.copyRange(sheet.getCellRangeByName(at).getCellByPosition(0, 0).CellAddress, area)


@on_sheet
def move(doc: Any, sheet: Any, source: str, at: str) -> None:
    """Cut an area and paste it over other cells of this sheet."""
    area = sheet.getCellRangeByName(source).RangeAddress
    sheet.moveRange(sheet.getCellRangeByName(at).getCellByPosition(0, 0).CellAddress, area)


@on_sheet
def merge(doc: Any, sheet: Any, cells: str) -> None:
    """Merge an area into one cell."""
    sheet.getCellRangeByName(cells).merge(True)


@on_sheet
def number_format(doc: Any, sheet: Any, cells: str, code: str) -> None:
    """Show an area in a number format, given by its English code; the values stay."""
    locale = uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", "")
    key = doc.NumberFormats.queryKey(code, locale, False)
    if key == -1:
        key = doc.NumberFormats.addNew(code, locale)
    sheet.getCellRangeByName(cells).NumberFormat = key


@on_sheet
def to_text(doc: Any, sheet: Any, cells: str) -> None:
    """Turn numbers into the text that shows them."""
    for cell in each_cell(sheet.getCellRangeByName(cells)):
        shown = cell.String
        cell.String = shown


@on_sheet
def to_number(doc: Any, sheet: Any, cells: str) -> None:
    """Turn text that looks like a number into one; other text stays."""
    number_format(doc, sheet, cells, "General")
    for cell in each_cell(sheet.getCellRangeByName(cells)):
        if cell.Type == TEXT:
            cell.Formula = cell.String


@on_sheet
def comment(doc: Any, sheet: Any, cell: str, text: str) -> None:
    """Add a comment to a cell."""
    sheet.Annotations.insertNew(sheet.getCellRangeByName(cell).getCellByPosition(0, 0).CellAddress, text)


@on_sheet
def comments(doc: Any, sheet: Any) -> list[str]:
    """Return the texts of a sheet's comments."""
    return [found.String for found in sheet.Annotations]


@on_sheet
def conditional_format(doc: Any, sheet: Any, cells: str, formula: str, colour: int) -> None:
    """Colour the cells of an area for which a formula (relative to its first cell) is true."""
    area = sheet.getCellRangeByName(cells)
    style = doc.createInstance("com.sun.star.style.CellStyle")
    styles = doc.StyleFamilies.getByName("CellStyles")
    name = f"Marked {styles.Count}"
    styles.insertByName(name, style)
    style.CellBackColor = colour
    rules = area.ConditionalFormat
    first = area.getCellByPosition(0, 0).CellAddress
    parts = {"Operator": FORMULA, "Formula1": formula, "SourcePosition": first, "StyleName": name}
    rules.addNew(tuple(PropertyValue(Name=key, Value=value) for key, value in parts.items()))
    area.ConditionalFormat = rules


@on_sheet
def conditional_formats(doc: Any, sheet: Any) -> int:
    """Count a sheet's conditional formats."""
    return len(sheet.ConditionalFormats.getConditionalFormats())


@on_sheet
def background(doc: Any, sheet: Any, cells: str, colour: int) -> None:
    """Paint an area by hand."""
    sheet.getCellRangeByName(cells).CellBackColor = colour
