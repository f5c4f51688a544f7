"""One pass over a large part whose content is a long list of like elements: rows, shared strings.

Elements are found by patterns over large chunks, a hundred times faster than by a parser, and as surely:
a "<" stands in XML nowhere but before a tag, save in comments and CDATA, which are looked for and masked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ims_excel.workbook.markup import TAG_REST, MarkupError, attributes_in, check_encoding, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NOT_MARKUP = re.compile(rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)", re.DOTALL)
_MAX_HEAD = 64 << 20


def masked(data: bytes) -> bytes:
    """Blank out comments, CDATA and instructions, so that nothing in them looks like a tag.

    Every byte keeps its place. Bytes without any of these, the rule, are given back as they are.
    """
    if (b"!" in data and b"<!" in data) or (b"?" in data and b"<?" in data):
        return _NOT_MARKUP.sub(lambda found: b" " * len(found[0]), data)
    return data


def element_pattern(prefix: bytes, name: bytes, reference: bytes = rb"(\d+)") -> re.Pattern[bytes]:
    """Make the pattern of a start tag: group 1 is its ``r`` if that comes first, 2 the other attributes."""
    first = rb"""(?:\s+r=["']""" + reference + rb"""["'])?"""
    return re.compile(rb"<" + re.escape(prefix + name) + rb"(?=[\s/>])" + first + rb"(" + TAG_REST + rb")>")


def number_of(tag: re.Match[bytes], last: int) -> int:
    """Read the ``r`` of an element, given its start tag; one without follows the last."""
    if tag[1]:
        return int(tag[1])
    found = attributes_in(tag[2]).get(b"r") if b"r" in tag[2] else None
    return int(value_of(found)) if found else last + 1


class ElementScan:
    """Goes through the elements ``item`` in the element ``container`` of a part.

    Items are given as matches of their start tags (see ``element_pattern``); ``text`` and ``offset`` are to
    be asked before the next stretch is.

    Attributes:
        head: the part up to and with the container's start tag.
        prefix: the namespace prefix with its colon, or b"".
        is_empty: the container has no end tag ("<sheetData/>").
        end: offset of the container's end tag, once all items were given.
    """

    def __init__(self, chunks: Iterable[bytes], container: bytes, item: bytes) -> None:
        self._chunks = iter(chunks)
        self._buffer, opening = self._read_head(container)
        self.prefix = opening[1]
        self.is_empty = bool(opening[2])
        self.head = self._buffer[: opening.end()]
        self.end = opening.end()
        self._base = 0
        self._position = opening.end()
        self._seen = b""
        self._item = element_pattern(self.prefix, item)
        self._item_start = b"<" + self.prefix + item
        self._reference = re.compile(re.escape(self._item_start) + rb'(?: r="([0-9]+)"([^<>]*)>)?')
        self._item_end = re.compile(rb"</" + re.escape(self.prefix + item) + rb"\s*>")
        self._closing = b"</" + self.prefix + container

    def stretches(self) -> Iterator[bytes]:
        """Give the content of the container, masked, a stretch of whole items at a time."""
        if self.is_empty:
            return
        is_last = False
        while not is_last:
            limit, is_last = self._fill()
            yield self._seen[:limit]
            self._position = limit
        self.end = self._base + self._position

    def items(self, stretch: bytes, start: int = 0) -> Iterator[re.Match[bytes]]:
        """Find the start tags of the items in a stretch, or behind an offset in it."""
        return self._item.finditer(stretch, start)

    def start_of(self, stretch: bytes, position: int) -> int:
        """Tell where the item begins that holds a position; 0 where that item has no plain ``r``."""
        at = stretch.rfind(self._item_start, 0, max(position, 0))
        found = self._item.match(stretch, at) if at >= 0 else None
        return at if found and found[1] else 0

    def references(self, stretch: bytes) -> tuple[list[bytes], set[bytes]]:
        """List the numeric ``r`` of all items in a stretch, and the other attributes that occur.

        Both are empty unless every item is written the usual way.
        """
        found = self._reference.findall(stretch)
        references, attributes = [reference for reference, _ in found], {rest for _, rest in found}
        # An odd number of quotes: a ">" in a value was taken for the end of the tag.
        is_usual = all(b"'" not in rest and rest.count(b'"') % 2 == 0 for rest in attributes)
        return (references, attributes) if is_usual and all(references) else ([], set())

    def find(self, stretch: bytes, reference: int, position: int) -> re.Match[bytes]:
        """Find an item that ``references`` lists behind a position."""
        at = stretch.find(b'%b r="%d"' % (self._item_start, reference), position)
        found = self._item.match(stretch, at)
        if at < 0 or found is None:
            raise MarkupError(f"element {reference} is not where it was")
        return found

    def offset(self, found: re.Match[bytes]) -> int:
        """Tell where in the part the current item begins."""
        return self._base + found.start()

    def text(self, found: re.Match[bytes]) -> tuple[bytes, bytes]:
        """Give the current item's bytes, and the same masked."""
        start, end = found.span()
        if not found[2].endswith(b"/"):
            closing = self._item_end.search(found.string, end)
            if closing is None:
                raise MarkupError("an element is not closed")
            end = closing.end()
        return self._buffer[start:end], found.string[start:end]

    def tail(self) -> bytes:
        """Read what comes behind the items: from the container's end tag to the end of the part."""
        return b"".join([self._buffer[self._position :], *self._chunks])

    def _read_head(self, container: bytes) -> tuple[bytes, re.Match[bytes]]:
        opening = re.compile(rb"<((?:[\w.-]+:)?)" + container + rb"(?:\s[^>]*?)?(/?)>")
        data = b""
        for chunk in self._chunks:
            data += chunk
            found = opening.search(masked(data))
            if found:
                check_encoding(data)
                return data, found
            if len(data) > _MAX_HEAD:
                break
        check_encoding(data)
        raise MarkupError(f"no {container.decode()}")

    def _fill(self) -> tuple[int, bool]:
        """Read on until whole items are in memory: how far they reach, and whether the container ends there.

        As much is read as was left over, so that one enormous item is not gone through again and again.
        """
        pieces = [self._buffer[self._position :]]
        self._base += self._position
        left, more = len(pieces[0]), True
        while more and sum(map(len, pieces)) < max(2 * left, left + 1):
            chunk = next(self._chunks, b"")
            more = bool(chunk)
            pieces.append(chunk)
        self._buffer = b"".join(pieces)
        self._seen = masked(self._buffer)
        self._position = 0
        if self._seen.rfind(self._closing) >= 0:  # a third of the time that a search from the front takes
            return self._seen.find(self._closing), True
        if not more:
            raise MarkupError("the part ends too early")
        return max(self._seen.rfind(self._item_start), 0), False
