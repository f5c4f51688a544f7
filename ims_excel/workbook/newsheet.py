"""Sheets of our own: added to a workbook, and found again on the next run under whatever title."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from ims_excel.gst.dates import format_date
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.celltext import Plain, Value, content, plain
from ims_excel.workbook.elements import ElementScan
from ims_excel.workbook.escaping import attribute_value
from ims_excel.workbook.markup import Splice, append_splice, attributes_in, remove_splice, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ims_excel.workbook.markup import Node
    from ims_excel.workbook.package import Package, SheetPart
    from ims_excel.workbook.smallparts import SmallParts

CellName = tuple[str, int, int]
"""A cell to borrow a style from: sheet title, 1-based row, 0-based column."""

Offers = tuple[tuple[str, str], ...]
"""Lists that cells of a sheet offer: the cells (``A2:A9``), and where the texts stand (``$H$1:$J$1``)."""

_MAX_TITLE = 31
_PRINT = '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>'
"""On A4, one page wide."""
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!.*", re.DOTALL)
_BEHIND_VALIDATIONS = {
    "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing",
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
    "extLst",
}  # fmt: skip
_MAIN_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass
class NewSheet:
    """A sheet made by us; one of that title made by an earlier run gets these rows instead of its own.

    Attributes:
        title: at most 31 characters.
        rows: the heading and what comes below it; none empties the sheet of an earlier run, and makes none.
        widths: of the columns, in characters.
        heading_like: a cell whose style the heading takes.
        body_like: a cell whose style all other cells take.
        columns_like: for single columns, a cell whose style they take instead. Dates in a column without one
            are written as text (dd-mm-yyyy), as no other style is sure to show them as dates.
        choices: by 0-based column, the cells (``$H$1:$J$1``) whose texts its cells below the heading offer
            in a list. With None, a sheet of an earlier run keeps the lists it has.
    """

    title: str
    rows: list[list[Value]]
    widths: Sequence[float] = ()
    heading_like: CellName | None = None
    body_like: CellName | None = None
    columns_like: Sequence[CellName | None] = ()
    choices: Mapping[int, str] | None = None


@dataclass
class _Styles:
    """Indexes of the styles of a new sheet's cells."""

    heading: int | None = None
    body: int | None = None
    columns: list[int | None] = field(default_factory=list)

    def of(self, row: int, column: int) -> int | None:
        if row == 1:
            return self.heading
        own = self.columns[column] if column < len(self.columns) else None
        return self.body if own is None else own


@dataclass
class SheetContent:
    """The cells of a new sheet, ready to be written.

    Attributes:
        cells: values by 1-based row and 0-based column, in order.
        styles: the style of each place.
    """

    cells: Mapping[tuple[int, int], Plain]
    styles: _Styles


def prepare(package: Package, sheet: NewSheet) -> SheetContent:
    """Bring a new sheet's values to what the file holds and look up the styles to borrow.

    Raises:
        MarkupError: when a sheet that styles are borrowed from is damaged.
    """
    styles = _Styles(
        heading=style_of(package, sheet.heading_like),
        body=style_of(package, sheet.body_like),
        columns=[style_of(package, cell) for cell in sheet.columns_like],
    )
    likes = [*sheet.columns_like, *[None] * max(map(len, sheet.rows), default=0)]
    cells = {
        (row, column): _plain(value, package, has_own_style=likes[column] is not None)
        for row, values in enumerate(sheet.rows, start=1)
        for column, value in enumerate(values)
    }
    return SheetContent(cells, styles)


def _plain(value: Value, package: Package, *, has_own_style: bool) -> Plain:
    if value is None or isinstance(value, (str, Decimal)) or has_own_style:
        return plain(value, date1904=package.date1904)
    return format_date(value)


def style_of(package: Package, cell: CellName | None) -> int | None:
    """Look up the style of a cell; None when there is no such cell."""
    part = next((sheet for sheet in package.sheets if cell and sheet.title == cell[0]), None)
    if cell is None or part is None or not part.is_worksheet:
        return None
    with package.naming_damage(part.name):
        return _style_at(ElementScan(package.open(part.name), b"sheetData", b"row"), *cell[1:])


def _style_at(scan: ElementScan, row: int, column: int) -> int | None:
    address = f"{column_letters(column)}{row}".encode()
    for stretch in scan.stretches():
        for found in scan.items(stretch):
            if found[1] and int(found[1]) == row:
                return _style_in(scan.text(found)[0], address)
            if found[1] and int(found[1]) > row:
                return None
    return None


def _style_in(row: bytes, address: bytes) -> int | None:
    for tag in re.finditer(rb"<(?:[\w.-]+:)?c\s[^>]*>", row):
        attributes = attributes_in(tag[0])
        if b"r" in attributes and attributes[b"r"][2][1:-1] == address and b"s" in attributes:
            return int(value_of(attributes[b"s"]))
    return None


def mark_of(title: str) -> str:
    """Give the hidden name that says which sheet is ours; it survives renaming and re-saving."""
    return "_ims_xl." + re.sub(r"\W", "_", title)


def reference_to(title: str) -> str:
    """Refer to a sheet's first cell."""
    return "'" + title.replace("'", "''") + "'!$A$1"


def ours(parts: SmallParts, title: str) -> SheetPart | None:
    """Find the sheet that an earlier run made for a title."""
    for node in parts.workbook.named("definedNames", "definedName"):
        if node.attributes.get("name") == mark_of(title):
            found = _REFERENCE.fullmatch(node.text)
            named = (found[1] or found[2]).replace("''", "'") if found else ""
            return next((s for s in parts.package.sheets if s.title == named and s.is_worksheet), None)
    return None


def free_title(parts: SmallParts, title: str) -> str:
    """Give the title, or the first of "title (2)", "title (3)" … that no sheet has."""
    taken = {title.casefold() for title in (*parts.titles, *(s.title for s in parts.package.sheets))}
    number, candidate = 1, title[:_MAX_TITLE]
    while candidate.casefold() in taken:
        number += 1
        ending = f" ({number})"
        candidate = title[: _MAX_TITLE - len(ending)] + ending
    return candidate


def add_sheet(parts: SmallParts, sheet: NewSheet, body: SheetContent) -> str:
    """Add a sheet behind all others, so that no other sheet changes its number; give its title.

    Hidden sheets take no room among the tabs: behind them is behind the last visible one.
    """
    sheets = parts.workbook.first("sheets")
    model = next(part for part in parts.package.sheets if part.is_worksheet)
    assert sheets is not None
    title = free_title(parts, sheet.title)
    name = _free_part(parts, model.name)
    parts.add_part(name, _sheet_xml(parts, sheet, body), _SHEET_TYPE)
    relation = parts.relate(name, _relationship_type(parts, model.name))
    number = max(int(node.attributes.get("sheetId", "0")) for node in sheets.children) + 1 + len(parts.titles)
    entry = _entry(sheets.children[-1].attributes, title, relation, number)
    parts.change_workbook([append_splice(sheets, f"<{sheets.children[-1].tag} {entry}/>")])
    parts.titles.append(title)
    return title


def _entry(model: Mapping[str, str], title: str, relation: str, sheet_id: int) -> str:
    """Write the attributes of ``<sheet>``; the prefix of ``r:id`` is as another sheet has it."""
    name = next(key for key in model if key.rpartition(":")[2] == "id")
    declared = "".join(
        f" {key}={attribute_value(text)}" for key, text in model.items() if key.startswith("xmlns")
    )
    return f'name={attribute_value(title)} sheetId="{sheet_id}"{declared} {name}="{relation}"'


def _free_part(parts: SmallParts, model: str) -> str:
    folder = model.rpartition("/")[0]
    taken = {name.lower() for name in (*parts.package.names, *parts.added)}
    return next(name for number in count(1) if (name := f"{folder}/sheet{number}.xml").lower() not in taken)


def _relationship_type(parts: SmallParts, sheet_part: str) -> str:
    """Take the type from another sheet: strict files have their own."""
    relations = parts.package.relationships(parts.package.workbook_part)
    wanted = next(key for key, (_, part) in relations.items() if part == sheet_part)
    nodes = parts.node(parts.workbook_rels).children
    return next(node.attributes["Type"] for node in nodes if node.attributes.get("Id") == wanted)


def _sheet_xml(parts: SmallParts, sheet: NewSheet, body: SheetContent) -> bytes:
    """Write the sheet's part, in the namespace of the workbook's."""
    root = parts.workbook
    declared = "xmlns:" + root.prefix.rstrip(":") if root.prefix else "xmlns"
    namespace = root.attributes.get(declared, _MAIN_NAMESPACE)
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width:g}" customWidth="1"/>'
        for number, width in enumerate(sheet.widths, start=1)
    )
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{namespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'
        '<sheetFormatPr defaultRowHeight="15"/>'
        + (f"<cols>{columns}</cols>" if columns else "")
        + f"<sheetData>{_rows_xml(body)}</sheetData>{_offers_xml(offers_of(sheet) or ())}{_PRINT}</worksheet>"
    ).encode()


def offers_of(sheet: NewSheet) -> Offers | None:
    """Give the lists that a sheet's cells offer: in all rows below the heading, and no others."""
    if sheet.choices is None:
        return None
    letters = ((column_letters(column), source) for column, source in sheet.choices.items())
    last = len(sheet.rows)
    return tuple((f"{column}2:{column}{last}", source) for column, source in letters if last > 1)


def offer_splices(root: Node, offers: Offers) -> list[Splice]:
    """Put lists in the place of those that a sheet of ours has."""
    text = _offers_xml(offers, root.prefix).encode()
    known = list(root.named("dataValidations"))
    if known:
        first, *others = known
        return [Splice(first.start, first.end, text), *map(remove_splice, others)]
    behind = [node.start for node in root.children if node.name in _BEHIND_VALIDATIONS]
    place = min(behind, default=root.inner_end)
    return [Splice(place, place, text)] if text else []


def _offers_xml(offers: Offers, prefix: str = "") -> str:
    """Offer lists; other texts may be typed all the same."""
    if not offers:
        return ""
    lists = "".join(
        f'<{prefix}dataValidation type="list" allowBlank="1" sqref="{cells}">'
        f"<{prefix}formula1>{source}</{prefix}formula1></{prefix}dataValidation>"
        for cells, source in offers
    )
    return f'<{prefix}dataValidations count="{len(offers)}">{lists}</{prefix}dataValidations>'


def _rows_xml(body: SheetContent) -> str:
    pieces: list[str] = []
    current = 0
    for (row, column), value in body.cells.items():
        if row != current:
            pieces.append(f'{"</row>" if current else ""}<row r="{row}">')
            current = row
        style = body.styles.of(row, column)
        kind, inner = content(value, "")
        chosen = f' s="{style}"' if style else ""
        pieces.append(f'<c r="{column_letters(column)}{row}"{chosen}{kind}>{inner}</c>')
    return "".join(pieces) + ("</row>" if current else "")
