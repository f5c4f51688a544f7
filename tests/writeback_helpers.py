"""Packages made of XML literals, for tests of the write-back."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from ooxml import complain, findings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/></font></fonts><fills count="2">'
    '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def worksheet(rows: str, *, before: str = "", behind: str = "") -> str:
    """A sheet's part around rows."""
    opening = f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheetData>'
    return f"{opening}{rows}</sheetData>{behind}</worksheet>"


def shared_strings(*items: str) -> str:
    """The part of shared strings; each item is the content of an ``<si>``."""
    return f'{HEAD}<sst xmlns="{MAIN}">{"".join(f"<si>{item}</si>" for item in items)}</sst>'


def relationships(targets: Mapping[str, str]) -> str:
    """A part of relationships, from target to the last word of the type."""
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def write_package(
    path: Path, sheets: Mapping[str, str], parts: Mapping[str, str | bytes] | None = None, *, book: str = ""
) -> Path:
    """Write a workbook of sheets by title, and further parts by name.

    ``book`` comes behind ``<sheets>`` in workbook.xml. Parts named calcChain, sharedStrings and tables are
    related and typed.
    """
    parts = dict(parts or {})
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    related = {f"worksheets/sheet{number}.xml": "worksheet" for number in range(1, len(sheets) + 1)}
    related["styles.xml"] = "styles"
    types = {f"xl/{name}": f"{content}.{kind}+xml" for name, kind in related.items()}
    types["xl/workbook.xml"] = f"{content}.sheet.main+xml"
    for kind in ("calcChain", "sharedStrings"):
        if f"xl/{kind}.xml" in parts:
            related[f"{kind}.xml"] = kind
            types[f"xl/{kind}.xml"] = f"{content}.{kind}+xml"
    types |= {name: f"{content}.table+xml" for name in parts if name.startswith("xl/tables/")}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items()
    )
    entries = "".join(
        f'<sheet name="{title}" sheetId="{number}" r:id="rId{number}"/>'
        for number, title in enumerate(sheets, start=1)
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": relationships({"xl/workbook.xml": "officeDocument"}),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f"<bookViews><workbookView/></bookViews>"
        f"<sheets>{entries}</sheets>{book}</workbook>",
        "xl/_rels/workbook.xml.rels": relationships(related),
        "xl/styles.xml": STYLES,
    }
    members |= {
        f"xl/worksheets/sheet{number}.xml": text for number, text in enumerate(sheets.values(), start=1)
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (members | parts).items():
            archive.writestr(name, data)
    return path


def read_parts(path: Path) -> dict[str, bytes]:
    """All parts of a package, inflated."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed_parts(before: Path, after: Path) -> set[str]:
    """Names of the parts that differ, came or went."""
    old, new = read_parts(before), read_parts(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def assert_still_valid(after: Path, before: Path) -> None:
    """Fail when a judge finds what it did not find before.

    That texts stand in their cells, not in the part of shared strings, does not count: Excel reads both.
    """
    known = {_without_numbers(finding) for finding in findings(before)}
    new = [finding for finding in findings(after) if _without_numbers(finding) not in known]
    complain(after, [finding for finding in new if "inline-string cell" not in finding])


def _without_numbers(finding: str) -> str:
    return re.sub(r"\d+", "", finding)
