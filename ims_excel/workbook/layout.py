"""What a section's sheet looks like: its columns in order, as ``templates/`` and a firm's own files say.

The shipped files are the authority for the columns ims-xl needs; a firm's folder is laid over them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ims_excel.exceptions import TemplateError
from ims_excel.portal.sections import SECTIONS
from ims_excel.resources import resource_dir
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.templates import read_overlay, read_template
from ims_excel.workbook.theme import Theme, load_theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ims_excel.portal.sections import Section

_SEEN = (
    "supplier_gstin", "number", "date", "status", "itc_reduction",
    "declared_igst", "declared_cgst", "declared_sgst", "declared_cess",
    "remarks", "sheet_errors", "portal_errors",
)  # fmt: skip
"""Columns that people must see: what identifies a document, what they fill in, what is wrong."""
_NEEDED = (
    *_SEEN, "taxable_value", "igst", "cgst", "sgst", "cess",
    "key", "pending_blocked", "remarks_blocked", "itc_blocked", "sheet_fields", "portal_fields",
    "changed", "change",
)  # fmt: skip
"""Columns that harvest, the summary or the formats look at."""
_MAX_COLUMNS = 200


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: machine name, written in the hidden names row.
        heading: what people read; unique within the sheet.
        group: heading above neighbouring columns, or "".
        kind: "text", "wrapped", "choice", "amount" (₹) or "date".
        width: in characters.
        owner: who fills it in: "portal", "input", "tool" or "firm".
        hidden: not shown.
        message: input message, or "".
        colour: background of the heading in place of the owner's, or "".
    """

    name: str
    heading: str
    group: str = ""
    kind: str = "text"
    width: float = 16
    owner: str = "firm"
    hidden: bool = False
    message: str = ""
    colour: str = ""


@dataclass(frozen=True)
class SheetLayout:
    """The columns of a section's sheet, from left to right."""

    section: Section
    columns: tuple[Column, ...]
    tab_colour: str

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """By machine name, the 0-based column."""
        return {column.name: index for index, column in enumerate(self.columns)}

    def letters(self, name: str) -> str:
        """Name the column with a machine name the way Excel does: A, AA; KeyError without such a column."""
        return column_letters(self.positions[name])

    def names_text(self, column: Column) -> str:
        """Say what the hidden names row shows: the machine name; for the key, the section too."""
        return f"key:{self.section.key}" if column.name == "key" else column.name


@dataclass(frozen=True)
class Layout:
    """What the workbook looks like."""

    sheets: Mapping[Section, SheetLayout]
    theme: Theme


def load_layout(overlay: Path | None = None) -> Layout:
    """Read the shipped templates, with the files of a firm's folder laid over them.

    Raises:
        TemplateError: when the folder is missing, a file has a mistake, or a change would take away
            a column that ims-xl needs; names the file and the column.
    """
    if overlay and not overlay.is_dir():
        raise TemplateError(overlay, "there is no such folder of templates.")
    shipped = resource_dir("templates")
    sheets = {section: _shipped_sheet(shipped, section) for section in SECTIONS}
    if overlay:
        _refuse_unknown(overlay, sheets)
        known = {column.name for sheet in sheets.values() for column in sheet.columns}
        sheets = {section: _overlaid(sheet, overlay, known) for section, sheet in sheets.items()}
    return Layout(sheets, load_theme(shipped, overlay))


def _shipped_sheet(folder: Path, section: Section) -> SheetLayout:
    table = read_template(folder / f"{section.key}.toml")
    return SheetLayout(section, tuple(Column(**entry) for entry in table["columns"]), table["tab_colour"])


def _refuse_unknown(overlay: Path, sheets: Mapping[Section, SheetLayout]) -> None:
    """Refuse a misspelt file name: it would silently change nothing."""
    known = [*(section.key for section in sheets), "theme"]
    for path in sorted(overlay.glob("*.toml")):
        if path.stem not in known:
            raise TemplateError(path, f"is not one of {', '.join(f'{name}.toml' for name in known)}.")


def _overlaid(sheet: SheetLayout, overlay: Path, known: set[str]) -> SheetLayout:
    path = overlay / f"{sheet.section.key}.toml"
    if not path.exists():
        return sheet
    table = read_overlay(path, "section")
    columns = {column.name: column for column in sheet.columns}
    entries = table.get("columns", [])
    for entry in entries:
        name = entry["name"]
        column = columns.get(name)
        columns[name] = _changed(path, column, entry) if column else _added(path, entry, known)
    for name in table.get("drop", []):
        _drop(path, columns, name)
    names = _ordered(path, list(columns), table.get("order", []), entries)
    changed = replace(
        sheet,
        columns=tuple(columns[name] for name in names),
        tab_colour=table.get("tab_colour", sheet.tab_colour),
    )
    _check(path, changed)
    return changed


def _changed(path: Path, column: Column, entry: dict[str, Any]) -> Column:
    """Lay an entry over a column; what the column *is* stays."""
    if column.owner != "firm":
        for fixed in ("kind", "owner"):
            if entry.get(fixed, getattr(column, fixed)) != getattr(column, fixed):
                what = f"its {fixed} is {getattr(column, fixed)} and cannot be changed."
                raise TemplateError(path, what, place=_place(column.name))
    if entry.get("hidden") and column.name in _SEEN:
        what = "ims-xl needs this column where people see it; it cannot be hidden."
        raise TemplateError(path, what, place=_place(column.name))
    return replace(column, **{key: value for key, value in entry.items() if key != "after"})


def _added(path: Path, entry: dict[str, Any], known: set[str]) -> Column:
    """Make a column of the firm's own."""
    name = entry["name"]
    if entry.get("owner", "firm") != "firm":
        raise TemplateError(path, 'a new column must have owner = "firm".', place=_place(name))
    if name in known:
        raise TemplateError(path, "is a name of ims-xl's own; choose another.", place=_place(name))
    if "heading" not in entry:
        raise TemplateError(path, "a new column needs a heading.", place=_place(name))
    return Column(**{key: value for key, value in entry.items() if key != "after"})


def _drop(path: Path, columns: dict[str, Column], name: str) -> None:
    if name in _NEEDED:
        raise TemplateError(path, "ims-xl needs this column; it cannot be dropped.", place=_place(name))
    if name not in columns:
        raise TemplateError(path, "drop names a column that is not on this sheet.", place=_place(name))
    del columns[name]


def _ordered(path: Path, names: list[str], order: list[str], entries: Iterable[dict[str, Any]]) -> list[str]:
    """Bring the columns into the wanted order: those of ``order`` first, then each ``after`` in turn."""
    for name in order:
        if name not in names:
            raise TemplateError(path, "order names a column that is not on this sheet.", place=_place(name))
    names = [*order, *(name for name in names if name not in order)]
    for entry in entries:
        if "after" in entry and entry["name"] in names:
            names.remove(entry["name"])
            if entry["after"] not in names:
                what = f'"{entry["after"]}" is not a column of this sheet to stand after.'
                raise TemplateError(path, what, place=_place(entry["name"]))
            names.insert(names.index(entry["after"]) + 1, entry["name"])
    return names


def _check(path: Path, sheet: SheetLayout) -> None:
    """See that headings are unique and that the sheet does not grow beyond use."""
    seen: dict[str, str] = {}
    for column in sheet.columns:
        folded = " ".join(column.heading.split()).casefold()
        if folded in seen:
            what = f'has the heading "{column.heading}" that column "{seen[folded]}" has too.'
            raise TemplateError(path, what, place=_place(column.name))
        seen[folded] = column.name
    if len(sheet.columns) > _MAX_COLUMNS:
        raise TemplateError(path, f"has more than {_MAX_COLUMNS} columns.")


def _place(name: str) -> str:
    return f'column "{name}"'
