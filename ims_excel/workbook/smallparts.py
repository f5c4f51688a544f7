"""The small parts of a package: read whole, and changed by splices."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from ims_excel.workbook.escaping import attribute_value, element_text
from ims_excel.workbook.markup import (
    Node,
    Splice,
    append_splice,
    attribute_splice,
    parse,
    remove_splice,
    spliced,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ims_excel.workbook.package import Package

CONTENT_TYPES = "[Content_Types].xml"
_BEHIND_NAMES = ("calcPr", "oleSize", "customWorkbookViews", "pivotCaches")
_BEHIND_CALCULATION = _BEHIND_NAMES[1:]
_LAST = (
    "smartTagPr", "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst"
)  # fmt: skip


@dataclass
class SmallParts:
    """Changes to parts that are small enough to be held, new parts, and parts to be left out.

    Attributes:
        package: the workbook as it is.
        added: new parts by name.
        dropped: names of parts that are left out.
        titles: of sheets that are added.
    """

    package: Package
    added: dict[str, bytes] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    titles: list[str] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _read: dict[str, tuple[bytes, Node]] = field(default_factory=dict)
    _splices: dict[str, list[Splice]] = field(default_factory=dict)

    def data(self, name: str) -> bytes:
        """Read a part as it is; WorkbookError when it is damaged."""
        return self._part(name)[0]

    def node(self, name: str) -> Node:
        """Find the elements of a part as it is; WorkbookError when it is damaged."""
        return self._part(name)[1]

    def change(self, name: str, splices: Iterable[Splice]) -> None:
        """Add changes to a part, in any order; those at one place come out in the order they came in."""
        added = list(splices)
        if added:
            self._splices.setdefault(name, []).extend(added)

    def changed(self) -> dict[str, bytes]:
        """Give the new content of every part that changes."""
        return {
            name: spliced(self.data(name), sorted(splices, key=lambda splice: splice.start))
            for name, splices in self._splices.items()
        }

    @property
    def has_changes(self) -> bool:
        """Tell whether any part changes, comes or goes."""
        return bool(self._splices or self.added or self.dropped)

    @property
    def workbook(self) -> Node:
        """The root of workbook.xml."""
        return self.node(self.package.workbook_part)

    def change_workbook(self, splices: Iterable[Splice]) -> None:
        """Add changes to workbook.xml."""
        self.change(self.package.workbook_part, splices)

    def insert_in_workbook(self, text: str, behind: tuple[str, ...]) -> None:
        """Put an element before the first of the elements that the schema has behind it."""
        later = [child for child in self.workbook.children if child.name in behind]
        place = later[0].start if later else self.workbook.inner_end
        self.change_workbook([Splice(place, place, text.encode())])

    def define(self, references: Mapping[str, str]) -> None:
        """Define hidden names in the workbook, or let them refer to something else."""
        names, prefix = self.workbook.first("definedNames"), self.workbook.prefix
        old = {node.attributes.get("name"): node for node in names.children} if names else {}
        fresh = ""
        for name, reference in references.items():
            opening = f'<{prefix}definedName name="{name}" hidden="1">'
            text = f"{opening}{element_text(reference)}</{prefix}definedName>"
            if name in old:
                self.change_workbook([Splice(old[name].start, old[name].end, text.encode())])
            else:
                fresh += text
        if fresh and names:
            self.change_workbook([append_splice(names, fresh)])
        elif fresh:
            whole = f"<{prefix}definedNames>{fresh}</{prefix}definedNames>"
            self.insert_in_workbook(whole, (*_BEHIND_NAMES, *_LAST))

    def ask_for_calculation(self) -> None:
        """Let Excel calculate when it opens the workbook, as formulas may look at the cells we wrote."""
        settings = self.workbook.first("calcPr")
        if settings is None:
            text = f'<{self.workbook.prefix}calcPr fullCalcOnLoad="1"/>'
            self.insert_in_workbook(text, (*_BEHIND_CALCULATION, *_LAST))
            return
        data = self.data(self.package.workbook_part)
        if settings.attributes.get("fullCalcOnLoad") not in {"1", "true"}:
            self.change_workbook(attribute_splice(data, settings, "fullCalcOnLoad", "1"))

    def add_part(self, name: str, data: bytes, content_type: str) -> None:
        """Add a part and its content type."""
        self.added[name] = data
        root = self.node(CONTENT_TYPES)
        entry = (
            f'<{root.prefix}Override PartName={attribute_value("/" + name)} ContentType="{content_type}"/>'
        )
        self.change(CONTENT_TYPES, [append_splice(root, entry)])

    def relate(self, target: str, kind: str) -> str:
        """Let the workbook refer to a part by a relationship of the full type ``kind``; give its id."""
        root = self.node(self.workbook_rels)
        taken = {node.attributes.get("Id", "") for node in root.children} | self._ids
        relation = next(name for number in count(1) if (name := f"rId{number}") not in taken)
        self._ids.add(relation)
        folder = posixpath.dirname(self.package.workbook_part)
        path = posixpath.relpath(target, folder) if folder else target
        entry = f'<{root.prefix}Relationship Id="{relation}" Type="{kind}" Target={attribute_value(path)}/>'
        self.change(self.workbook_rels, [append_splice(root, entry)])
        return relation

    def drop_calculation_chain(self) -> None:
        """Leave calcChain.xml out, which names every formula; Excel makes it anew."""
        chain = self.package.related(self.package.workbook_part, "calcChain")
        if chain is None:
            return
        self.dropped.add(chain)
        relations = self.package.relationships(self.package.workbook_part)
        ids = {key for key, (_, part) in relations.items() if part == chain}
        self._remove(self.workbook_rels, "Id", ids)
        self._remove(CONTENT_TYPES, "PartName", {f"/{chain}"})

    @property
    def workbook_rels(self) -> str:
        """The part that lists what the workbook refers to."""
        folder, name = posixpath.split(self.package.workbook_part)
        return posixpath.join(folder, "_rels", f"{name}.rels")

    def _remove(self, part: str, attribute: str, values: set[str]) -> None:
        nodes = self.node(part).children
        self.change(part, [remove_splice(n) for n in nodes if n.attributes.get(attribute) in values])

    def _part(self, name: str) -> tuple[bytes, Node]:
        if name not in self._read:
            data = self.package.read(name)
            with self.package.naming_damage(name):
                self._read[name] = data, parse(data)
        return self._read[name]
