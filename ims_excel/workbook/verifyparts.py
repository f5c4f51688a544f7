"""Comparing the small parts of a rewritten workbook, and the parts of a sheet around its rows."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from ims_excel.workbook.appending import OUR_NAMES, RANGED
from ims_excel.workbook.charts import new_results, places_in
from ims_excel.workbook.package import local_name
from ims_excel.workbook.reshaping import CUSTOM_PROPERTIES
from ims_excel.workbook.smallparts import CONTENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet
    from xml.etree.ElementTree import Element

    from ims_excel.workbook.appending import Reach
    from ims_excel.workbook.newsheet import Offers
    from ims_excel.workbook.package import Package
    from ims_excel.workbook.plan import Plan, SheetPlan


_VALIDATIONS = "dataValidations"
_ROW = re.compile(r"[A-Z]\$?(\d+)")


class MismatchError(Exception):
    """The rewritten workbook differs where it should not; the text says where."""


def same_frame(was: bytes, now: bytes, sheet: SheetPlan) -> None:
    """Compare what stands around a sheet's rows.

    Filters may be cleared, the dimension wider; what covers the documents covers new ones too, and the
    columns asked for are shown. A sheet of ours offers the lists asked for.
    """
    title = sheet.title
    old, new = _tree(was, title), _tree(now, title)
    if sheet.columns and _columns_of(old, sheet.columns) != _columns_of(new, sheet.columns):
        raise MismatchError(f"sheet {title}, its columns")
    if sheet.offers is not None:
        _take_offers(old)
        if _take_offers(new) != sheet.offers:
            raise MismatchError(f"sheet {title}, the lists it offers")
    if sheet.appended:
        _expect_reach(old, sheet.appended.reach)
    for root in (old, new):
        for element in root.iter():
            if local_name(element.tag) == "sheetPr":
                element.attrib.pop("filterMode", None)
            elif local_name(element.tag) == "dimension":
                element.attrib.pop("ref", None)
    _same_but_filters(old, new, title)


def _columns_of(root: Element, shown: AbstractSet[int]) -> dict[int, dict[str, str]]:
    """Take the columns out of a tree: what is said of each, but whether the shown ones are hidden."""
    found: dict[int, dict[str, str]] = {}
    for parent in root.iter():
        for columns in [child for child in parent if local_name(child.tag) == "cols"]:
            for entry in columns:
                for number in range(int(entry.get("min", "1")), int(entry.get("max", "1")) + 1):
                    said = {name: text for name, text in entry.attrib.items() if name not in ("min", "max")}
                    if number - 1 in shown:
                        said = {
                            name: text for name, text in said.items() if name in ("style", "outlineLevel")
                        }
                    found[number] = said
            parent.remove(columns)
    return found


def _take_offers(root: Element) -> Offers:
    """Take the validations out of a tree: the cells of each, and where their list comes from."""
    found = []
    for parent in [node for node in root.iter() if any(local_name(n.tag) == _VALIDATIONS for n in node)]:
        for lists in [child for child in parent if local_name(child.tag) == _VALIDATIONS]:
            found += [(entry.get("sqref", ""), "".join(entry.itertext())) for entry in lists]
            parent.remove(lists)
    return tuple(found)


def _expect_reach(root: Element, reach: Reach) -> None:
    """Let what covers the last document in a tree cover the last new one."""
    for element in root.iter():
        name = RANGED.get(local_name(element.tag))
        if name and element.get(name):
            references = element.get(name, "").split()
            element.set(name, " ".join(_expected(reference, reach) for reference in references))


def _expected(reference: str, reach: Reach) -> str:
    rows = [int(number) for number in _ROW.findall(reference)]
    if not rows or not rows[0] <= reach.old <= rows[-1] < reach.new:
        return reference
    first, _, last = reference.partition(":")
    return f"{first}:{(last or first)[: -len(str(rows[-1]))]}{reach.new}"


def same_small_part(old: Package, new: Package, name: str, plan: Plan) -> None:
    """Compare a small part that was changed: workbook.xml, what it refers to, content types, tables."""
    if name == old.workbook_part:
        _same_workbook(old, new, plan)
    elif name == CONTENT_TYPES:
        _same_content_types(old, new, plan)
    elif name == plan.parts.workbook_rels:
        _same_relationships(old, new, plan)
    elif name == old.related("", CUSTOM_PROPERTIES):
        _same_properties(old, new, name, plan)
    else:
        was, now = _tree(old.read(name), name), _tree(new.read(name), name)
        _expect_table(old, name, was, plan)
        _expect_points(was, plan)
        _same_but_filters(was, now, name)


def _expect_table(old: Package, name: str, root: Element, plan: Plan) -> None:
    """Let a table without a row of totals reach to the last new row of its sheet."""
    if root.get("totalsRowCount", "0") != "0":
        return
    for sheet in plan.sheets:
        tables = [target for _, target in old.relationships(sheet.part).values()]
        if sheet.appended and name in tables:
            _expect_reach(root, sheet.appended.reach)
            root.set("ref", _expected(root.get("ref", ""), sheet.appended.reach))


def _expect_points(root: Element, plan: Plan) -> None:
    """Let the points of a chart say what is stored in their cells."""
    results = {sheet.title: new_results(sheet) for sheet in plan.sheets}
    for node in root.iter():
        if local_name(node.tag) != "numRef":
            continue
        reference = "".join(child.text or "" for child in node if local_name(child.tag) == "f")
        points = [point for point in node.iter() if local_name(point.tag) == "pt"]
        for title, stored in results.items():
            places = places_in(reference, title)
            for point in points:
                number = stored.get(places[point.get("idx", "")]) if point.get("idx") in places else None
                if number is not None and len(point):
                    point[0].text = f"{number:f}"


def _same_properties(old: Package, new: Package, name: str, plan: Plan) -> None:
    """Compare the custom document properties with the old ones and what was asked for."""
    was, now = (
        {node.get("name", ""): "".join(node.itertext()) for node in package.tree(name)}
        for package in (old, new)
    )
    expected = {**was, **plan.properties}
    if now != {title: text for title, text in expected.items() if text is not None}:
        raise MismatchError(name)


def _tree(data: bytes, where: str) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise MismatchError(where) from None
    return root


def _same_but_filters(old: Element, new: Element, where: str) -> None:
    _drop_criteria(old)
    _drop_criteria(new)
    if not _is_same(old, new):
        raise MismatchError(where)


def _drop_criteria(root: Element) -> None:
    """Take out of a tree what says which rows a filter shows, but not which buttons are hidden."""
    for auto_filter in root.iter():
        if local_name(auto_filter.tag) != "autoFilter":
            continue
        for column in [child for child in auto_filter if local_name(child.tag) == "filterColumn"]:
            had_criteria = len(column) > 0
            column[:] = []
            if had_criteria and not _hides_button(column):
                auto_filter.remove(column)


def _hides_button(column: Element) -> bool:
    return column.get("hiddenButton") in {"1", "true"} or column.get("showButton") in {"0", "false"}


def _same_workbook(old: Package, new: Package, plan: Plan) -> None:
    was, now = old.tree(old.workbook_part), new.tree(new.workbook_part)
    added = set(plan.parts.titles)
    titles = [sheet.title for sheet in new.sheets]
    if titles != [*(sheet.title for sheet in old.sheets), *plan.parts.titles]:
        raise MismatchError("the list of sheets")
    names = {node.get("name"): node.text for node in now.iter() if local_name(node.tag) == "definedName"}
    if any(names.get(name) != reference for name, reference in plan.names.items()):
        raise MismatchError("the names of the workbook")
    for node in was.iter():
        if local_name(node.tag) == "definedName" and node.text:
            node.text = _expected_name(node.get("name", ""), node.text, plan.reaches)
        elif local_name(node.tag) == "sheet" and node.get("name") in plan.shown_sheets:
            node.attrib.pop("state", None)
    for root in (was, now):
        _remove(root, "sheet", lambda node: node.get("name") in added)
        _remove(root, "definedName", lambda node: node.get("name") in plan.names)
        _remove(root, "definedNames", lambda node: not len(node))
        for node in root.iter():
            if local_name(node.tag) == "calcPr":
                node.attrib.pop("fullCalcOnLoad", None)
        _remove(root, "calcPr", lambda node: not node.attrib)
    if not _is_same(was, now):
        raise MismatchError(old.workbook_part)


def _expected_name(name: str, reference: str, reaches: Mapping[str, Reach]) -> str:
    """Say what a name must refer to: those that are ours follow the documents of their sheet."""
    title, _, cells = reference.rpartition("!")
    reach = reaches.get(title.strip("'").replace("''", "'"))
    if reach is None or not name.startswith(OUR_NAMES) or "," in reference:
        return reference
    return f"{title}!{_expected(cells, reach)}"


def _same_content_types(old: Package, new: Package, plan: Plan) -> None:
    expected = {name: kind for name, kind in old.content_types.items() if name not in plan.parts.dropped}
    now = {name: kind for name, kind in new.content_types.items() if name not in plan.parts.added}
    if now != expected:
        raise MismatchError(CONTENT_TYPES)


def _same_relationships(old: Package, new: Package, plan: Plan) -> None:
    was, now = old.relationships(old.workbook_part), new.relationships(new.workbook_part)
    expected = {key: target for key, target in was.items() if target[1] not in plan.parts.dropped}
    kept = {key: target for key, target in now.items() if target[1] not in plan.parts.added}
    added = sorted(target for _, target in now.values() if target in plan.parts.added)
    if kept != expected or added != sorted(plan.parts.added):
        raise MismatchError(plan.parts.workbook_rels)


def _remove(root: Element, name: str, is_ours: Callable[[Element], bool]) -> None:
    for parent in root.iter():
        for child in [child for child in parent if local_name(child.tag) == name and is_ours(child)]:
            parent.remove(child)


def _is_same(old: Element, new: Element) -> bool:
    """Compare trees; blanks between elements do not count."""
    pairs = zip_longest(old.iter(), new.iter())
    return all(one is not None and other is not None and _says_same(one, other) for one, other in pairs)


def _says_same(old: Element, new: Element) -> bool:
    return (
        old.tag == new.tag
        and old.attrib == new.attrib
        and (old.text or "").strip() == (new.text or "").strip()
        and (old.tail or "").strip() == (new.tail or "").strip()
        and len(old) == len(new)
    )
