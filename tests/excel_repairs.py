"""What makes Excel say "We found a problem with some content" and that the OOXML validator lets pass.

``repairs(path)`` lists it, in readable lines. Known from the specification and from what people report of
Excel; each check is proven to fire in ``test_ooxml.py``. All is read into memory: for small workbooks.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from itertools import combinations, pairwise
from typing import TYPE_CHECKING
from zipfile import ZipFile

from lxml import etree
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.utils import get_column_letter, range_boundaries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Bounds = tuple[int, int, int, int]

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
LONGEST = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}
NEEDS_PREFIX = {
    "XLOOKUP",
    "FILTER",
    "SORT",
    "UNIQUE",
    "LET",
    "TEXTJOIN",
    "CONCAT",
    "IFS",
    "SWITCH",
    "MAXIFS",
    "MINIFS",
}
FIRST_CUSTOM_FORMAT = 164


class Book:
    """A package in memory: its parts, parsed where they are XML, and its sheets by part name."""

    def __init__(self, path: Path) -> None:
        with ZipFile(path) as package:
            self.names = package.namelist()
            self.parts = {name: package.read(name) for name in self.names}
        self.trees = {
            name: etree.fromstring(data)
            for name, data in self.parts.items()
            if name.endswith((".xml", ".rels"))
        }
        self.workbook = self.trees["xl/workbook.xml"]
        self.styles = self.trees["xl/styles.xml"]
        links = self.relations("xl/workbook.xml")
        self.sheets = {
            sheet.get("name"): links.get(sheet.get(f"{OFFICE}id"), "")
            for sheet in self.workbook.iter(f"{MAIN}sheet")
        }
        strings = self.trees.get("xl/sharedStrings.xml")
        found = [] if strings is None else strings.iter(f"{MAIN}si")
        self.strings = {number: "".join(item.itertext()) for number, item in enumerate(found)}

    def relations(self, part: str) -> dict[str, str]:
        """Map a part's relationship ids to the parts they lead to; external ones are left out."""
        folder, name = posixpath.split(part)
        tree = self.trees.get(f"{folder}/_rels/{name}.rels".lstrip("/"))
        return {
            link.get("Id"): posixpath.normpath(posixpath.join("/", folder, link.get("Target"))).lstrip("/")
            for link in ([] if tree is None else tree)
            if link.get("TargetMode") != "External"
        }

    def count(self, group: str) -> int:
        """Count the members of a group of styles."""
        found = self.styles.find(MAIN + group)
        return 0 if found is None else len(found)


def repairs(path: Path) -> list[str]:
    """List everything that Excel would repair, or refuse, in a workbook."""
    try:
        book = Book(path)
    except etree.XMLSyntaxError as problem:
        return [f"a part is no XML: {problem}"]
    found = [*package(book), *sheet_names(book), *defined_names(book), *styles(book)]
    for title, part in book.sheets.items():
        tree = book.trees.get(part)
        if tree is None:
            found.append(f"{title}: the sheet is missing")
            continue
        checks = (rows, merges, columns, validations, conditional_formats, filters)
        found += [f"{title}: {line}" for check in checks for line in check(book, tree)]
        found += [f"{title}: {line}" for line in tables(book, part)]
    return found


def package(book: Book) -> Iterator[str]:
    """Members twice, parts without a content type, relationships that lead nowhere."""
    yield from (f"part {name} is there twice" for name, times in Counter(book.names).items() if times > 1)
    types = book.trees["[Content_Types].xml"]
    by_ending = {kind.get("Extension").lower() for kind in types if kind.tag.endswith("Default")}
    by_name = {kind.get("PartName").lstrip("/"): kind for kind in types if kind.tag.endswith("Override")}
    yield from (f"content type for missing part {name}" for name in by_name.keys() - book.parts.keys())
    plain = {name for name in book.names if name.startswith("xl/") and name.endswith(".xml")} - by_name.keys()
    yield from (f"part {name} has no content type of its own" for name in plain)
    others = book.parts.keys() - by_name.keys() - {"[Content_Types].xml"}
    yield from (
        f"part {name} has no content type"
        for name in others
        if name.rpartition(".")[2].lower() not in by_ending
    )
    for name in book.names:
        for key, target in book.relations(name).items():
            if target not in book.parts:
                yield f"relationship {key} of {name} leads to missing {target}"


def sheet_names(book: Book) -> Iterator[str]:
    """Titles too long, with forbidden characters, or twice in any case."""
    for title in book.sheets:
        if not 1 <= len(title) <= 31 or re.search(r"[\[\]:*?/\\]", title) or title.strip("'") != title:
            yield f"sheet title {title!r} is not allowed"
    titles = Counter(sheet.get("name").casefold() for sheet in book.workbook.iter(f"{MAIN}sheet"))
    yield from (f"sheet title {title!r} is there twice" for title, times in titles.items() if times > 1)


def defined_names(book: Book) -> Iterator[str]:
    """Names twice in one scope, or about sheets that do not exist."""
    names = list(book.workbook.iter(f"{MAIN}definedName"))
    scopes = Counter((name.get("name").casefold(), name.get("localSheetId")) for name in names)
    yield from (f"name {name} is defined twice" for (name, _), times in scopes.items() if times > 1)
    for name in names:
        for quoted, plain in re.findall(r"(?:'((?:[^']|'')+)'|([\w.]+))!", name.text or ""):
            if (quoted.replace("''", "'") or plain) not in book.sheets and plain != "REF":
                yield f"name {name.get('name')} is about an unknown sheet: {name.text}"
    for name in names:
        yield from formula(name.text or "", f"name {name.get('name')}")


def styles(book: Book) -> Iterator[str]:
    """Cell formats that point at fonts, fills, borders or number formats that are not there."""
    formats = {int(found.get("numFmtId")) for found in book.styles.iter(f"{MAIN}numFmt")}
    limits = {name: book.count(f"{name}s") for name in ("font", "fill", "border")}
    for group in ("cellStyleXfs", "cellXfs"):
        for number, look in enumerate(book.styles.iterfind(f"{MAIN}{group}/{MAIN}xf")):
            for name, limit in limits.items():
                if int(look.get(f"{name}Id", 0)) >= limit:
                    yield f"{group} {number}: no {name} {look.get(f'{name}Id')}"
            code = int(look.get("numFmtId", 0))
            if code >= FIRST_CUSTOM_FORMAT and code not in formats:
                yield f"{group} {number}: no number format {code}"
    for group in book.styles:
        if group.get("count") not in (None, str(len(group))):
            yield f"styles: {etree.QName(group).localname} says {group.get('count')} and has {len(group)}"


def rows(book: Book, sheet: etree._Element) -> Iterator[str]:
    """Rows and cells out of order, out of the sheet, or with contents that cannot be."""
    looks = book.count("cellXfs")
    last_row = 0
    for row in sheet.iterfind(f"{MAIN}sheetData/{MAIN}row"):
        number = int(row.get("r", last_row + 1))
        if not last_row < number <= LAST_ROW:
            yield f"row {number} stands behind row {last_row}"
        last_row, last_column = number, 0
        for cell in row:
            name = cell.get("r") or f"{get_column_letter(last_column + 1)}{number}"
            column, cell_row, *_ = range_boundaries(name)
            if cell_row != number or not last_column < column <= LAST_COLUMN:
                yield f"cell {name} stands in row {number} behind column {last_column}"
            last_column = column
            if int(cell.get("s", 0)) >= looks:
                yield f"cell {name} has the unknown style {cell.get('s')}"
            yield from (f"cell {name} {line}" for line in content(book, cell))


def content(book: Book, cell: etree._Element) -> Iterator[str]:
    """Values that do not fit their type, texts too long, formulas that cannot be read."""
    kind, value = cell.get("t", "n"), cell.findtext(f"{MAIN}v")
    if kind == "n" and value is not None and not re.fullmatch(r"-?\d*\.?\d+([eE][+-]?\d+)?", value):
        yield f"holds no number: {value}"
    if kind == "inlineStr" and cell.find(f"{MAIN}is") is None:
        yield "has no text"
    if kind == "s" and int(value or 0) not in book.strings:
        yield f"holds an unknown text: {value}"
    if kind == "b" and value not in ("0", "1"):
        yield f"holds no boolean: {value}"
    if len(text_of(book, cell)) > 32_767:
        yield f"holds {len(text_of(book, cell))} characters"
    written = cell.findtext(f"{MAIN}f")
    if written:
        yield from formula(written, "formula")


def text_of(book: Book, cell: etree._Element) -> str:
    """Read a cell's text, wherever it is kept."""
    value = cell.findtext(f"{MAIN}v") or "".join(cell.itertext(f"{MAIN}t"))
    return book.strings.get(int(value), "") if cell.get("t") == "s" else value


def formula(text: str, whose: str) -> Iterator[str]:
    """Formulas too long, with unbalanced brackets, or with functions that need the prefix _xlfn."""
    if len(text) > 8_192:
        yield f"{whose} has {len(text)} characters"
    try:
        tokens = Tokenizer(f"={text}").items
    except (TokenizerError, IndexError):
        yield f"{whose} cannot be read: {text}"
        return
    depth = 0
    for token in tokens:
        depth += {"OPEN": 1, "CLOSE": -1}.get(token.subtype, 0)
        if token.subtype == "OPEN" and token.value.rstrip("(") in NEEDS_PREFIX:
            yield f"{whose} needs _xlfn. before {token.value.rstrip('(')}"
    if depth:
        yield f"{whose} has unbalanced brackets: {text}"


def merges(book: Book, sheet: etree._Element) -> Iterator[str]:
    """Merged ranges of one cell, or that overlap."""
    merged = [found.get("ref") for found in sheet.iter(f"{MAIN}mergeCell")]
    yield from (f"merged range {area} is one cell" for area in merged if is_one_cell(range_boundaries(area)))
    yield from overlaps(merged, "merged ranges")


def overlaps(areas: list[str], what: str) -> Iterator[str]:
    """Name each pair of areas that share a cell."""
    for one, other in combinations(areas, 2):
        left, top, right, bottom = range_boundaries(one)
        left2, top2, right2, bottom2 = range_boundaries(other)
        if left <= right2 and left2 <= right and top <= bottom2 and top2 <= bottom:
            yield f"{what} {one} and {other} overlap"


def is_one_cell(bounds: Bounds) -> bool:
    """Say whether an area is a single cell."""
    return bounds[:2] == bounds[2:]


def columns(book: Book, sheet: etree._Element) -> Iterator[str]:
    """Column definitions that overlap or are out of order."""
    spans = [(int(found.get("min")), int(found.get("max"))) for found in sheet.iter(f"{MAIN}col")]
    yield from (f"columns {a} and {b} overlap" for a, b in pairwise(spans) if a[1] >= b[0])


def validations(book: Book, sheet: etree._Element) -> Iterator[str]:
    """Messages and lists too long, formulas that cannot be read, a wrong count."""
    group = sheet.find(f"{MAIN}dataValidations")
    if group is None:
        return
    if group.get("count") not in (None, str(len(group))):
        yield f"{group.get('count')} validations are announced and {len(group)} are there"
    for rule in group:
        where = f"validation of {rule.get('sqref')}"
        yield from (f"{where}: {n} is too long" for n, most in LONGEST.items() if len(rule.get(n, "")) > most)
        for text in (rule.findtext(f"{MAIN}formula1") or "", rule.findtext(f"{MAIN}formula2") or ""):
            if text.startswith('"') and len(text) > 257:
                yield f"{where}: the list is too long"
            yield from formula(text, where)


def conditional_formats(book: Book, sheet: etree._Element) -> Iterator[str]:
    """Rules with an unknown style or a formula that cannot be read."""
    for rule in sheet.iter(f"{MAIN}cfRule"):
        where = f"conditional format of {rule.getparent().get('sqref')}"
        if int(rule.get("dxfId", 0)) >= max(book.count("dxfs"), 1):
            yield f"{where} has the unknown style {rule.get('dxfId')}"
        for text in rule.iterfind(f"{MAIN}formula"):
            yield from formula(text.text or "", where)


def filters(book: Book, sheet: etree._Element) -> Iterator[str]:
    """A filter whose range cannot be, or with criteria for columns outside of it."""
    found = sheet.find(f"{MAIN}autoFilter")
    if found is None:
        return
    try:
        left, _, right, _ = range_boundaries(found.get("ref"))
    except ValueError:
        yield f"the filter's range is {found.get('ref')}"
        return
    for criteria in found.iter(f"{MAIN}filterColumn"):
        if int(criteria.get("colId")) > right - left:
            yield f"the filter has criteria for column {criteria.get('colId')} of {right - left + 1}"


def tables(book: Book, part: str) -> Iterator[str]:
    """Tables whose column names are not what their headings say, or that overlap each other or the filter."""
    cells = {cell.get("r"): cell for cell in book.trees[part].iter(f"{MAIN}c")}
    own_filter = book.trees[part].find(f"{MAIN}autoFilter")
    areas = [] if own_filter is None else [own_filter.get("ref")]
    for target in book.relations(part).values():
        if not target.startswith("xl/tables/"):
            continue
        table = book.trees[target]
        areas.append(table.get("ref"))
        left, top, *_ = range_boundaries(table.get("ref"))
        names = [column.get("name") for column in table.iter(f"{MAIN}tableColumn")]
        yield from (f"table column {n} is there twice" for n, times in Counter(names).items() if times > 1)
        for offset, name in enumerate(names):
            cell = cells.get(f"{get_column_letter(left + offset)}{top}")
            if cell is None or text_of(book, cell) != name:
                yield f"table column {name} is not what its heading says"
    yield from overlaps(areas, "tables or filters")
