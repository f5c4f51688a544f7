"""Commands on whole sheets, and on what floats over them."""

from __future__ import annotations

from typing import Any

from com.sun.star.awt import Rectangle
from registry import on_document, on_sheet


@on_document
def sheets(doc: Any) -> list[str]:
    """List the sheets' titles in their order, hidden ones too."""
    return list(doc.Sheets.ElementNames)


@on_document
def add_sheet(doc: Any, title: str, position: int) -> None:
    """Add an empty sheet at a position, counted from 0."""
    doc.Sheets.insertNewByName(title, position)


@on_document
def copy_sheet(doc: Any, title: str, new_title: str, position: int) -> None:
    """Copy a sheet to a position, counted from 0."""
    doc.Sheets.copyByName(title, new_title, position)


@on_document
def move_sheet(doc: Any, title: str, position: int) -> None:
    """Move a sheet before the one that stands at a position, counted from 0."""
    doc.Sheets.moveByName(title, position)


@on_document
def delete_sheet(doc: Any, title: str) -> None:
    """Delete a sheet."""
    doc.Sheets.removeByName(title)


@on_sheet
def rename(doc: Any, sheet: Any, title: str) -> None:
    """Rename a sheet."""
    sheet.Name = title


@on_sheet
def show_sheet(doc: Any, sheet: Any, visible: bool) -> None:
    """Hide or show a sheet."""
    sheet.IsVisible = visible


@on_sheet
def is_visible(doc: Any, sheet: Any) -> bool:
    """Say whether a sheet is shown."""
    visible: bool = sheet.IsVisible
    return visible


@on_sheet
def chart(doc: Any, sheet: Any, cells: str, name: str) -> None:
    """Draw a bar chart of an area with headings on top and at the left, beside the data."""
    frame = Rectangle(X=1000, Y=1000, Width=8000, Height=6000)  # hundredths of a millimetre
    sheet.Charts.addNewByName(name, frame, (sheet.getCellRangeByName(cells).RangeAddress,), True, True)


@on_sheet
def charts(doc: Any, sheet: Any) -> list[str]:
    """List a sheet's charts by name."""
    return list(sheet.Charts.ElementNames)


@on_sheet
def protect(doc: Any, sheet: Any, password: str) -> None:
    """Protect a sheet."""
    sheet.protect(password)


@on_sheet
def is_protected(doc: Any, sheet: Any) -> bool:
    """Say whether a sheet is protected."""
    protected: bool = sheet.isProtected()
    return protected


@on_document
def properties(doc: Any) -> dict[str, str]:
    """Return the custom document properties as text."""
    custom = doc.DocumentProperties.UserDefinedProperties
    return {
        found.Name: str(custom.getPropertyValue(found.Name)) for found in custom.PropertySetInfo.Properties
    }


@on_document
def define_name(doc: Any, name: str, formula: str) -> None:
    """Define a name for a range or a formula."""
    doc.NamedRanges.addNewByName(
        name, formula, doc.Sheets.getByIndex(0).getCellByPosition(0, 0).CellAddress, 0
    )
