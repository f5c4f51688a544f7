"""Compare a workbook before and after ims-xl wrote into it, part by part, knowing nothing of how it does so.

Every part must be the same, byte for byte. In the parts of sheets every element must be the same but for
cells and filters; which cells and which rows differ is told, for the test to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zipfile import ZipFile

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
SUMMED = {"Home", "Summary"}
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
OURS = {"sheet_errors", "portal_errors", "sheet_fields", "portal_fields"}
"""What the names row says above the columns that ims-xl fills."""
HEADINGS = {
    "Sheet validation errors",
    "GST portal validation errors",
    "Sheet error fields",
    "Portal error fields",
}
TOP_ROWS = 30
STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": MAIN[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/officeDocument": b"http://schemas.openxmlformats.org/officeDocument/2006",
}
FOR_A_NEW_SHEET = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "docProps/app.xml",
}


@dataclass
class Differences:
    """What differs between two workbooks.

    Attributes:
        ours: cells in the columns that ims-xl fills, such as "B2B!S7".
        others: all other cells.
        shown: rows that were hidden and no longer are, such as "B2B!7".
        unfiltered: titles of sheets whose filter lost its criteria.
        new_parts: parts that came.
        rewritten: further parts that changed, which only a new sheet explains.
        sums: formulas of Home and Summary that have another result stored with them.
        charts: charts that draw other points, which only sums explain.
    """

    ours: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    unfiltered: set[str] = field(default_factory=set)
    new_parts: set[str] = field(default_factory=set)
    rewritten: set[str] = field(default_factory=set)
    sums: set[str] = field(default_factory=set)
    charts: set[str] = field(default_factory=set)


def compare(before: Path, after: Path) -> Differences:
    """Compare two workbooks; what must not differ at all is asserted."""
    old, new = parts_of(before), parts_of(after)
    found = Differences(new_parts=set(new) - set(old))
    assert not set(old) - set(new), "parts were lost"
    titles = sheet_titles(old)
    for name, data in old.items():
        if data == new[name]:
            continue
        if name in titles:
            compare_sheets(titles[name], data, new[name], top_texts(old, data), found)
        elif name.startswith("xl/tables/"):
            assert bare(etree.fromstring(data)) == bare(etree.fromstring(new[name])), name
            found.unfiltered.add(name)
        elif name.startswith("xl/charts/"):
            assert without_points(data) == without_points(new[name]), name
            found.charts.add(name)
        elif name == "xl/workbook.xml" and uncalculated(data) == uncalculated(new[name]):
            continue
        else:
            assert name in FOR_A_NEW_SHEET, f"{name} changed"
            found.rewritten.add(name)
    assert found.new_parts or not found.rewritten, found
    assert found.sums or not found.charts, found
    return found


def parts_of(book: Path) -> dict[str, bytes]:
    """Read every part; the order counts, too."""
    with ZipFile(book) as package:
        return {name: transitional(package.read(name)) for name in package.namelist()}


def transitional(data: bytes) -> bytes:
    """Give a strict part the names that the others have, so that both read alike."""
    for strict, usual in STRICT.items():
        data = data.replace(strict, usual)
    return data


def uncalculated(book: bytes) -> bytes:
    """Write the workbook part without the wish that formulas be calculated when it is opened."""
    root = etree.fromstring(book)
    for node in list(root.iter(f"{MAIN}calcPr")):
        node.attrib.pop("fullCalcOnLoad", None)
        if not node.attrib:
            root.remove(node)
    return etree.tostring(root, method="c14n")


def sheet_titles(parts: dict[str, bytes]) -> dict[str, str]:
    """Tell each sheet's title by the name of its part."""
    links = etree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {link.get("Id"): link.get("Target") for link in links}
    book = etree.fromstring(parts["xl/workbook.xml"])
    titles = {}
    for sheet in book.iter(f"{MAIN}sheet"):
        target = targets[sheet.get(RELATION)]
        titles[target[1:] if target.startswith("/") else f"xl/{target}"] = sheet.get("name")
    return titles


def compare_sheets(title: str, before: bytes, after: bytes, tops: dict[str, set[str]], found: Differences):
    """Compare two sheets element by element."""
    old, new = etree.fromstring(before), etree.fromstring(after)
    our_columns = {column for column, texts in tops.items() if texts & (OURS | HEADINGS)}
    old_rows, new_rows = dict(rows_of(old)), dict(rows_of(new))
    for number in sorted(old_rows.keys() | new_rows.keys()):
        old_row, new_row = (
            rows.get(number, etree.Element(f"{MAIN}row", r=str(number))) for rows in (old_rows, new_rows)
        )
        if is_hidden(old_row) != is_hidden(new_row):
            assert is_hidden(old_row), f"{title}, row {number} was hidden"
            found.shown.add(f"{title}!{number}")
        assert row_marks(old_row) == row_marks(new_row), f"{title}, row {number}"
        old_cells, new_cells = dict(cells_of(old_row)), dict(cells_of(new_row))
        for column in old_cells.keys() | new_cells.keys():
            cells = old_cells.get(column), new_cells.get(column)
            if cells[0] == cells[1]:
                continue
            if title in SUMMED and is_another_result(*cells):
                found.sums.add(f"{title}!{column}{number}")
            else:
                (found.ours if column in our_columns else found.others).add(f"{title}!{column}{number}")
    if criteria(old) != criteria(new):
        assert not criteria(new), f"{title}: a filter kept some of its criteria"
        found.unfiltered.add(title)
    assert bare(old) == bare(new), f"{title}: something outside its rows changed"


def rows_of(sheet: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """Give a sheet's rows by number; a row without one follows the last."""
    number = 0
    for row in sheet.iter(f"{MAIN}row"):
        number = int(row.get("r", number + 1))
        yield number, row


def cells_of(row: etree._Element) -> Iterator[tuple[str, bytes]]:
    """Give a row's cells by the letters of their columns, each as canonical XML without its address."""
    place = 0
    for cell in row.iter(f"{MAIN}c"):
        letters = re.match("[A-Z]+", cell.get("r", "")) if cell.get("r") else None
        place = column_number(letters[0]) if letters else place + 1
        cell.attrib.pop("r", None)
        cell.tail = None
        yield column_letters(place), etree.tostring(cell, method="c14n")


def is_another_result(before: bytes | None, after: bytes | None) -> bool:
    """Tell whether two cells have the same formula and look, and differ in the formula's result alone."""
    if before is None or after is None or b"<f" not in before:
        return False
    bare_cells = []
    for data in (before, after):
        cell = etree.fromstring(data)
        cell.attrib.pop("t", None)
        for result in cell.findall(f"{MAIN}v"):
            cell.remove(result)
        bare_cells.append(etree.tostring(cell, method="c14n"))
    return bare_cells[0] == bare_cells[1]


def without_points(chart: bytes) -> bytes:
    """Write a chart without the numbers that it copied from cells."""
    root = etree.fromstring(chart)
    for number in root.iterfind(f".//{CHART}numCache/{CHART}pt/{CHART}v"):
        number.text = ""
    return etree.tostring(root, method="c14n")


def top_texts(parts: dict[str, bytes], sheet: bytes) -> dict[str, set[str]]:
    """Tell what the first rows of a sheet say, by column."""
    texts: list[str] = []
    if "xl/sharedStrings.xml" in parts:
        items = etree.fromstring(parts["xl/sharedStrings.xml"]).iter(f"{MAIN}si")
        texts = ["".join(t.text or "" for t in item.iter(f"{MAIN}t")) for item in items]
    tops: dict[str, set[str]] = {}
    for number, row in rows_of(etree.fromstring(sheet)):
        if number > TOP_ROWS:
            break
        for column, data in cells_of(row):
            cell = etree.fromstring(data)
            said = "".join(cell.itertext())
            text = texts[int(said)] if cell.get("t") == "s" else said
            tops.setdefault(column, set()).add(text)
    return tops


def row_marks(row: etree._Element) -> dict[str, str]:
    """Give what a row says of itself, but for what ims-xl may change."""
    return {name: value for name, value in row.attrib.items() if name not in {"hidden", "spans", "r"}}


def is_hidden(row: etree._Element) -> bool:
    return row.get("hidden") in {"1", "true"}


def criteria(sheet: etree._Element) -> list[bytes]:
    """List the criteria of a sheet's filters."""
    return [etree.tostring(node, method="c14n") for node in sheet.iter(f"{MAIN}filterColumn")]


def bare(root: etree._Element) -> bytes:
    """Write a sheet or a table without its rows and without what says that a filter is in force."""
    for data in root.iter(f"{MAIN}sheetData"):
        data[:] = []
        data.text = None
    for node in list(root.iter(f"{MAIN}filterColumn")):
        node.getparent().remove(node)
    for node in root.iter(f"{MAIN}sheetPr"):
        node.attrib.pop("filterMode", None)
    for node in root.iter(f"{MAIN}autoFilter"):
        node.text = None
    return etree.tostring(root, method="c14n")


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
