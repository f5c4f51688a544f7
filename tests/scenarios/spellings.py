"""The same workbook as other programs spell it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")


def respell(spell: Callable[[dict[str, bytes]], None]) -> Callable[[Path], None]:
    """Change a workbook's parts in place."""

    def change(book: Path) -> None:
        with ZipFile(book) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        spell(parts)
        with ZipFile(book, "w", ZIP_DEFLATED) as package:
            for name, data in parts.items():
                package.writestr(name, data)

    return change


def each_sheet(parts: dict[str, bytes], edit: Callable[[etree._Element], None]) -> None:
    for name, data in parts.items():
        if SHEET.fullmatch(name):
            root = etree.fromstring(data)
            edit(root)
            parts[name] = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def shared_strings(parts: dict[str, bytes]) -> None:
    """Split shared texts into runs and let rows say nothing of their reach."""
    strings = etree.fromstring(parts["xl/sharedStrings.xml"])
    for item in strings:
        text = "".join(item.itertext())
        if len(text) > 3:
            item[:] = [run(text[:2]), run(text[2:])]
    parts["xl/sharedStrings.xml"] = etree.tostring(strings, encoding="UTF-8", xml_declaration=True)

    def edit(root: etree._Element) -> None:
        for row in root.iter(f"{MAIN}row"):
            row.attrib.pop("spans", None)

    each_sheet(parts, edit)


def run(text: str) -> etree._Element:
    """Make a run of rich text."""
    found = etree.Element(f"{MAIN}r")
    piece = etree.SubElement(found, f"{MAIN}t")
    piece.text = text
    piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return found


def prefixed(parts: dict[str, bytes]) -> None:
    """Give every element of a sheet the prefix x."""
    for name, data in parts.items():
        if SHEET.fullmatch(name):
            text = re.sub(r"<(/?)(?![?!])(?=[A-Za-z]+[\s/>])", r"<\1x:", data.decode())
            parts[name] = text.replace(f'xmlns="{MAIN[1:-1]}"', f'xmlns:x="{MAIN[1:-1]}"').encode()


def without_addresses(parts: dict[str, bytes]) -> None:
    """Leave out the addresses of rows and cells wherever nothing lies between them and the last."""

    def edit(root: etree._Element) -> None:
        number = 0
        for row in root.iter(f"{MAIN}row"):
            number += 1
            if int(row.get("r")) == number:
                del row.attrib["r"]
            else:
                number = int(row.get("r"))
            place = 0
            for cell in row.iter(f"{MAIN}c"):
                place += 1
                letters = re.match("[A-Z]+", cell.get("r"))[0]
                if column_number(letters) == place:
                    del cell.attrib["r"]
                else:
                    place = column_number(letters)

    each_sheet(parts, edit)


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


STRICT = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006": b"http://purl.oclc.org/ooxml/officeDocument",
}


def strict(parts: dict[str, bytes]) -> None:
    """Use the strict namespaces."""
    for usual, own in STRICT.items():
        parts.update({name: data.replace(usual, own) for name, data in parts.items()})
