"""What stands on sheets beside their cells: comments, charts and pictures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.workbook.package import local_name, open_package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ims_excel.workbook.package import Package, SheetPart

_COMMENTS = {"comments": "comment", "threadedComment": "threadedComment"}
"""By kind of a part, the element of one comment: Excel keeps a thread beside a note that repeats it."""
_ANCHORS = {"twoCellAnchor", "oneCellAnchor", "absoluteAnchor"}


@dataclass(frozen=True)
class Extras:
    """What stands on a workbook's sheets beside their cells.

    Attributes:
        comments: by title and cell (B6), the texts of its note or thread.
        drawings: by title, how many charts, pictures and shapes; a chart sheet is one.
    """

    comments: Mapping[str, Mapping[str, tuple[str, ...]]]
    drawings: Mapping[str, int]


def read_extras(path: Path) -> Extras:
    """Read what stands on sheets beside their cells.

    Raises:
        WorkbookError: it is damaged.
    """
    with open_package(path) as package:
        comments = {sheet.title: _comments(package, sheet) for sheet in package.sheets}
        drawings = {sheet.title: _drawings(package, sheet) for sheet in package.sheets}
    return Extras(
        {title: found for title, found in comments.items() if found},
        {title: count for title, count in drawings.items() if count},
    )


def _parts(package: Package, sheet: SheetPart) -> Iterator[tuple[str, str]]:
    """List what a sheet refers to: kind and part, as far as it is there."""
    for kind, part in package.relationships(sheet.name).values():
        if part in package.names:
            yield kind, part


def _comments(package: Package, sheet: SheetPart) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, part in _parts(package, sheet):
        for node in package.tree(part).iter() if kind in _COMMENTS else ():
            if local_name(node.tag) == _COMMENTS[kind]:
                texts = (inner.text or "" for inner in node.iter() if local_name(inner.tag) in ("t", "text"))
                found[node.get("ref", "")].append("".join(texts).strip())
    return {address: tuple(sorted(texts)) for address, texts in found.items()}


def _drawings(package: Package, sheet: SheetPart) -> int:
    if not sheet.is_worksheet:
        return 1
    parts = (part for kind, part in _parts(package, sheet) if kind == "drawing")
    return sum(local_name(node.tag) in _ANCHORS for part in parts for node in package.tree(part))
