"""Sheets and columns brought to light, and the workbook's own properties: changes that are not of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.escaping import attribute_value, element_text
from ims_excel.workbook.markup import Splice, append_splice, attribute_splice, is_true, remove_splice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from ims_excel.workbook.markup import Node
    from ims_excel.workbook.smallparts import SmallParts

CUSTOM_PROPERTIES = "custom-properties"
LEAST_WIDTH = 30
"""Characters of a column that was hidden by making it no characters wide."""

_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_FIRST_ID = 2
"""Custom properties are numbered from 2."""


def show_columns(root: Node, columns: AbstractSet[int]) -> Iterator[Splice]:
    """Show 0-based columns; an entry that also speaks of others is cut into pieces."""
    for node in root.named("cols", "col"):
        first, last = (int(node.attributes.get(name, "1")) - 1 for name in ("min", "max"))
        if is_true(node.attributes.get("hidden")) and any(first <= column <= last for column in columns):
            pieces = "".join(_pieces(node, first, last, columns))
            yield Splice(node.start, node.end, pieces.encode())


def _pieces(node: Node, first: int, last: int, columns: AbstractSet[int]) -> Iterator[str]:
    start = first
    for column in range(first, last + 1):
        if column + 1 > last or (column in columns) or (column + 1 in columns):
            yield _column(node, start, column, is_shown=column in columns)
            start = column + 1


def _column(node: Node, first: int, last: int, *, is_shown: bool) -> str:
    attributes = {**node.attributes, "min": str(first + 1), "max": str(last + 1)}
    if is_shown:
        del attributes["hidden"]
        if float(attributes.get("width", "0")) <= 0:
            attributes |= {"width": str(LEAST_WIDTH), "customWidth": "1"}
    return f"<{node.tag}{''.join(f' {name}={attribute_value(text)}' for name, text in attributes.items())}/>"


def show_sheets(parts: SmallParts, titles: AbstractSet[str]) -> None:
    """Show sheets that are hidden, very hidden ones too."""
    data = parts.data(parts.package.workbook_part)
    for node in parts.workbook.named("sheets", "sheet"):
        if node.attributes.get("name") in titles:
            parts.change_workbook(attribute_splice(data, node, "state", None))


def set_properties(parts: SmallParts, texts: Mapping[str, str | None]) -> None:
    """Give custom document properties a text, or take them away with None."""
    name = parts.package.related("", CUSTOM_PROPERTIES)
    if name is None:
        return
    root = parts.node(name)
    known = {node.attributes.get("name", ""): node for node in root.named("property")}
    numbers = [int(node.attributes.get("pid", "1")) for node in known.values()]
    next_id = max([_FIRST_ID - 1, *numbers]) + 1
    splices = []
    for title, text in texts.items():
        node = known.get(title)
        if node is not None:
            splices += _changed(node, text)
        elif text is not None:
            splices.append(append_splice(root, _property(root, title, text, next_id)))
            next_id += 1
    parts.change(name, splices)


def _changed(node: Node, text: str | None) -> list[Splice]:
    if text is None:
        return [remove_splice(node)]
    value = node.children[0] if node.children else None
    if value is None or value.text == text:
        return []
    element = _element(value, text)
    return [Splice(value.start, value.end, element.encode())]


def _element(model: Node, text: str) -> str:
    """Write an element like another, whose prefix may be declared in it."""
    attributes = "".join(f" {name}={attribute_value(value)}" for name, value in model.attributes.items())
    return f"<{model.tag}{attributes}>{element_text(text)}</{model.tag}>"


def _property(root: Node, title: str, text: str, number: int) -> str:
    """Write a property in the words that the others use."""
    tag = f"{root.prefix}property"
    model = next((node.children[0] for node in root.named("property") if node.children), None)
    value = _element(model, text) if model else f"<vt:lpwstr>{element_text(text)}</vt:lpwstr>"
    identity = f'fmtid="{_FORMAT_ID}" pid="{number}" name={attribute_value(title)}'
    return f"<{tag} {identity}>{value}</{tag}>"
