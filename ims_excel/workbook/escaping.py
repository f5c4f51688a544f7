"""Texts on their way into a part's XML: what XML or a spreadsheet program would read as something else."""

from __future__ import annotations

import re

_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_IN_ATTRIBUTES = str.maketrans({**_ENTITIES, '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})


def escaped(text: str) -> str:
    """Escape a text for an element: entities, and the OOXML way (``_x0001_``) for what XML cannot hold.

    A literal ``_x0041_`` gets its underscore escaped, so that it is not read as an escape itself.
    """
    # Nearly every text is as plain as this; to search for what is not takes five times as long.
    is_plain = text.isprintable() and "&" not in text and "<" not in text and ">" not in text
    return text if is_plain and "_x" not in text else _SPECIAL.sub(_escape, text)


def attribute_value(text: str) -> str:
    """Write a text as the value of an attribute, with its quotes."""
    return f'"{text.translate(_IN_ATTRIBUTES)}"'


def element_text(text: str) -> str:
    """Escape a text for an element that is no cell, where ``_x0041_`` means nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escape(found: re.Match[str]) -> str:
    text = found[0]
    return _ENTITIES.get(text) or f"_x{ord(text):04X}_"
