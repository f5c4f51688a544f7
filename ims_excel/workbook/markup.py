"""XML as bytes: where elements and attributes stand, and texts put in between without a change elsewhere.

Parts are never parsed into a tree and written again, as that would lose what the tree does not know and
change prefixes, quotes and blanks. A change is a ``Splice``; every byte outside the splices stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from ims_excel.workbook.escaping import attribute_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TAG_REST = rb"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*"""
"""The attributes of a start tag, as a pattern; a ">" in quotes does not end it."""
_TAG = re.compile(rb"<" + TAG_REST + rb">")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""")
_ENCODING = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']""")
_BOM = b"\xef\xbb\xbf"
_UTF16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_TRUE = {"1", "true", "on"}


class MarkupError(ValueError):
    """XML that is not well-formed, or not UTF-8."""


class DoctypeError(MarkupError):
    """XML with a document type, where entities could be declared."""


class Splice(NamedTuple):
    """Bytes to be put in the place of others.

    Attributes:
        start: offset of the first byte replaced.
        end: offset behind the last one; the same as ``start`` to insert.
        text: what comes there.
    """

    start: int
    end: int
    text: bytes


@dataclass
class Node:
    """An element and the offsets of its bytes.

    Attributes:
        tag: the name as written, with its prefix.
        attributes: by name as written.
        start: offset of its "<".
        inner: offset behind its start tag.
        inner_end: offset of its end tag; the same as ``inner`` without one.
        end: offset behind it.
        text: the characters directly in it.
    """

    tag: str
    attributes: dict[str, str]
    start: int
    inner: int
    inner_end: int = 0
    end: int = 0
    text: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name without the prefix, so that any prefix reads alike."""
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """The prefix with its colon, or ""."""
        return self.tag[: len(self.tag) - len(self.name)]

    @property
    def is_closed(self) -> bool:
        """It has no end tag: "<a/>"."""
        return self.end == self.inner

    def named(self, *path: str) -> Iterator[Node]:
        """Find children by local name, grandchildren by two, and so on."""
        for child in self.children:
            if child.name == path[0]:
                if len(path) == 1:
                    yield child
                else:
                    yield from child.named(*path[1:])

    def first(self, *path: str) -> Node | None:
        """Find the first such descendant."""
        return next(self.named(*path), None)

    def walk(self) -> Iterator[Node]:
        """Give the element and all in it, in the order of the document."""
        ahead = [self]
        while ahead:
            node = ahead.pop()
            yield node
            ahead.extend(reversed(node.children))


def parse(data: bytes) -> Node:
    """Find the elements of a small document.

    Raises:
        MarkupError: when it is not well-formed UTF-8, or declares a document type (DoctypeError).
    """
    return _outline(data, is_final=True)


def parse_open(data: bytes) -> Node:
    """Find the elements in the beginning of a document; those that are not closed have no end.

    Raises:
        MarkupError: as ``parse`` does.
    """
    return _outline(data, is_final=False)


def _outline(data: bytes, *, is_final: bool) -> Node:
    check_encoding(data)
    outline = _Outline(data)
    try:
        outline.parser.Parse(data, is_final)
    except expat.ExpatError as error:
        raise MarkupError(str(error)) from None
    return outline.root


class _Outline:
    """Collects what expat reports, with its byte offsets."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open = [Node("", {}, 0, 0)]
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = _refuse_doctype

    @property
    def root(self) -> Node:
        return self._open[0].children[0]

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        start = self.parser.CurrentByteIndex
        found = _TAG.match(self._data, start)
        if found is None:
            raise MarkupError(f"a tag at byte {start} cannot be followed")
        node = Node(tag, attributes, start, found.end())
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _tag: str) -> None:
        node = self._open.pop()
        if self._data[node.inner - 2] == ord("/"):
            node.inner_end = node.end = node.inner
        else:
            node.inner_end = self.parser.CurrentByteIndex
            node.end = self._data.index(b">", node.inner_end) + 1

    def _text(self, text: str) -> None:
        self._open[-1].text += text


def _refuse_doctype(*_details: object) -> None:
    raise DoctypeError("a document type")


def check_encoding(head: bytes) -> None:
    """Raise MarkupError unless a document, of which the beginning is enough, is UTF-8."""
    if head.startswith(_UTF16_STARTS):
        raise MarkupError("UTF-16")
    declared = _ENCODING.match(head.removeprefix(_BOM))
    if declared and declared[1].lower() not in {b"utf-8", b"utf8"}:
        raise MarkupError(declared[1].decode())


def is_true(value: str | None) -> bool:
    """Read a boolean attribute the ways Excel, LibreOffice and openpyxl write it."""
    return value is not None and value.lower() in _TRUE


def attributes_in(tag: bytes) -> dict[bytes, re.Match[bytes]]:
    """Find the attributes of a start tag by name: group 2 is the value in its quotes."""
    return {found[1]: found for found in _ATTRIBUTE.finditer(tag)}


def value_of(attribute: re.Match[bytes]) -> str:
    """Read an attribute's value; no entity occurs in those that are looked at."""
    return attribute[2][1:-1].decode("utf-8", "replace")


def attribute_splice(data: bytes, node: Node, name: str, value: str | None) -> list[Splice]:
    """Set an attribute of an element, or remove it with None; nothing when it is so already."""
    tag = data[node.start : node.inner]
    found = attributes_in(tag).get(name.encode())
    text = b"" if value is None else f" {name}={attribute_value(value)}".encode()
    if found is None:
        end = node.inner - (2 if tag.endswith(b"/>") else 1)
        return [Splice(end, end, text)] if text else []
    if value is not None and node.attributes.get(name) == value:
        return []
    return [Splice(node.start + found.start(), node.start + found.end(), text)]


def append_splice(node: Node, text: str) -> Splice:
    """Put a text at the end of an element's content, once where it has no end tag ("<a/>")."""
    if node.is_closed:
        return Splice(node.end - 2, node.end, f">{text}</{node.tag}>".encode())
    return Splice(node.inner_end, node.inner_end, text.encode())


def remove_splice(node: Node) -> Splice:
    """Take an element away."""
    return Splice(node.start, node.end, b"")


def spliced(data: bytes, splices: Iterable[Splice], *, base: int = 0) -> bytes:
    """Put splices, in the order of their offsets, into bytes that stand at ``base``."""
    pieces: list[bytes] = []
    position = 0
    for start, end, text in splices:
        pieces += (data[position : start - base], text)
        position = end - base
    pieces.append(data[position:])
    return b"".join(pieces)


def growth(splices: Iterable[Splice]) -> int:
    """Tell by how many bytes splices lengthen what they are put into."""
    return sum(len(text) - (end - start) for start, end, text in splices)


def spliced_chunks(chunks: Iterable[bytes], splices: Iterable[Splice]) -> Iterator[bytes]:
    """Put splices, in the order of their offsets, into a part on its way."""
    coming = iter(splices)
    splice = next(coming, None)
    base, rest = 0, b""
    for chunk in chunks:
        data, due = rest + chunk, []
        while splice and splice.end <= base + len(data):
            due.append(splice)
            splice = next(coming, None)
        ready = min(len(data), splice.start - base) if splice else len(data)
        yield spliced(data[:ready], due, base=base)
        base, rest = base + ready, data[ready:]
    if splice:
        raise MarkupError("the part is shorter than when it was surveyed")
