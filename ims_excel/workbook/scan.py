"""The guard: what a sheet's XML holds, learned in one pass of regular expressions before anybody parses it.

python-calamine is fast, but it lays a sheet out as a full rectangle (one far-out cell aborts the whole
process), shows an error value and a formula without a result as blanks, and knows no hidden rows. So each
sheet is looked through first. A cell is *plain* when it is written the way spreadsheet programs write a
stored value; the few others are looked at one by one; anything stranger sends the sheet to ``exact``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from ims_excel.workbook.cells import CellError, Uncalculated, column_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_DENSE_CELLS = 64 << 20
"""The largest rectangle that is laid out: 1,048,576 rows of 64 columns, some 2 GiB."""
MAX_EMPTINESS = 4
"""How many times more rows a rectangle may have than there are rows with cells …"""
FREE_ROWS = 100_000
"""… once it has more than this."""
MAX_ROW_BYTES = 64 << 20
"""The longest row, or stretch without rows, that is looked through."""
MAX_STRINGS = 32 << 20
"""Shared strings of a workbook: thirty to a row of a full sheet."""

_ROW = re.compile(rb'<row(?:\s[^>]*?\br="([0-9]{1,7})")?[^>]*?(/?)>(</row>)?')
_HIDDEN_ROW = re.compile(rb'<row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="([0-9]+)"')
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_TYPE = re.compile(rb'\bt="(\w+)"')
_FORMULA = re.compile(rb"<f(?:\s[^>]*?)?(?:/>|>([^<]*)</f>)")
_VALUE = re.compile(rb"<v(?:\s[^>]*?)?(?:/>|>([^<]*)</v>)|<is>.*</is>", re.DOTALL)
_PREFIXED_CELL = re.compile(rb"<[^<>\s\"/]+:c[\s/>]")
_PLAIN_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml[^>]*?(?:encoding="(?i:utf-?8|us-ascii)"[^>]*)?\?>)?\s*<worksheet[\s>][^!]*'
)
_ROWS_AGAIN = re.compile(rb"<(?:\w+:)?(?:sheetData|row|c)[\s/>]")
_CRITERIA = re.compile(rb"<(?:\w+:)?filterColumn[\s/>]")
_STRICT = b"purl.oclc.org/ooxml"
_MAX_TIERS = 27  # columns A to ZZ, twenty-six to a tier
_FULL_SHEET_DIGITS = 7


@dataclass
class SheetScan:
    """What looking through a sheet found.

    Attributes:
        oddity: why only the exact reader may read it; "" when the sheet is plain.
        corrections: by 1-based row, the 0-based columns and values of cells that the fast reader would show
            as blank: error values and formulas without a stored result.
        hidden_rows: numbers of the hidden rows.
        filtered: a filter with criteria stands on the sheet.
    """

    oddity: str = ""
    corrections: dict[int, list[tuple[int, CellError | Uncalculated]]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    filtered: bool = False


class _OddError(Exception):
    """The sheet is not plain; the text says why."""


def scan_sheet(chunks: Iterable[bytes]) -> SheetScan:
    """Look through a sheet's XML, given in chunks of any size; all of it is read only when it is plain.

    Memory: a chunk and a row.
    """
    scanner = _Scanner()
    try:
        for block in _row_blocks(chunks):
            scanner.take(block)
        scanner.finish()
    except _OddError as oddity:
        scanner.result.oddity = str(oddity)
    return scanner.result


def scan_strings(chunks: Iterable[bytes]) -> str:
    """Say why the shared strings may not go to the fast reader; "" when they are plain."""
    count, tail = 0, b""
    for number, chunk in enumerate(chunks):
        text = tail + chunk
        if number == 0 and (b"<sst" not in text[:1024] or _STRICT in text[:1024]):
            return "shared strings in an unusual form"
        if b"<!" in text or b"\r" in text:
            return "shared strings with markup that programs read differently"
        count += chunk.count(b"<si")
        if count > MAX_STRINGS:
            return "too many shared strings"
        tail = chunk[-1:]
    return ""


def _row_blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut the XML in front of rows, so that no row is cut in two."""
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        cut = buffer.rfind(b"<row ")
        if cut > 0:
            yield buffer[:cut]
            buffer = buffer[cut:]
        elif len(buffer) > MAX_ROW_BYTES:
            raise _OddError("a row of uncommon length")
    yield buffer


class _Scanner:
    """What has been seen so far of a sheet."""

    def __init__(self) -> None:
        self.result = SheetScan()
        self.place = "head"
        self.tiers = 2
        self.rows_with_cells = 0
        self.last_row = 0

    def take(self, block: bytes) -> None:
        if self.place == "head":
            block = self._take_head(block)
        if self.place == "rows":
            rows, end, block = block.partition(b"</sheetData>")
            self._take_rows(rows)
            self.place = "tail" if end else "rows"
        if self.place == "tail":
            self._take_tail(block)

    def finish(self) -> None:
        if self.place != "tail":
            raise _OddError("no end of the rows")

    def _take_head(self, block: bytes) -> bytes:
        head, found, rest = block.partition(b"<sheetData")
        if not found or not _PLAIN_HEAD.fullmatch(head) or _STRICT in head or b"\r" in head[1024:]:
            raise _OddError("an unusual beginning")
        inside, _, rest = rest.partition(b">")
        self.place = "tail" if inside.endswith(b"/") else "rows"
        return rest

    def _take_rows(self, rows: bytes) -> None:
        if b"<![CDATA[" in rows or b"\r" in rows:
            raise _OddError("markup that programs read differently")
        if b":c" in rows and _PREFIXED_CELL.search(rows):
            raise _OddError("names with a prefix")
        numbers = self._row_numbers(rows)
        if not numbers:
            if b"<c" in rows:
                raise _OddError("cells outside of rows")
            return
        low, high = min(numbers), max(numbers)
        pattern, bound = _rows_between(low, high)
        self.last_row = max(self.last_row, bound)
        self.rows_with_cells += len(numbers)
        for match in _plain_cell(self.tiers, pattern).finditer(rows):
            self._take_odd_cell(rows, match.start(), low, high)
        self._check_rectangle()

    def _row_numbers(self, rows: bytes) -> list[int]:
        """List the numbers of the rows that hold cells; a row without a number is odd."""
        found = _ROW.findall(rows)
        if any(not number for number, _, _ in found):
            raise _OddError("rows without numbers")
        if b" hidden=" in rows:
            self.result.hidden_rows.extend(map(int, _HIDDEN_ROW.findall(rows)))
        return [int(number) for number, closed, empty in found if not closed and not empty]

    def _take_odd_cell(self, rows: bytes, start: int, low: int, high: int) -> None:
        cell = _CELL.match(rows, start)
        if cell is None:
            raise _OddError("cells in an unusual form")
        row, column = int(cell[2]), column_index(cell[1].decode())
        if not low <= row <= high or column >= _MAX_TIERS * 26:
            raise _OddError("cells far out")
        self.tiers = max(self.tiers, column // 26 + 1)
        correction = _correction(cell[3], cell[4] or b"")
        if correction is not None:
            self.result.corrections.setdefault(row, []).append((column, correction))

    def _check_rectangle(self) -> None:
        if self.last_row * self.tiers * 26 > MAX_DENSE_CELLS:
            raise _OddError("too large a rectangle")

    def _take_tail(self, block: bytes) -> None:
        if _ROWS_AGAIN.search(block):
            raise _OddError("rows behind the rows")
        if _CRITERIA.search(block):
            self.result.filtered = True
        if self.last_row > max(FREE_ROWS, self.rows_with_cells * MAX_EMPTINESS):
            raise _OddError("mostly empty")


def _correction(attributes: bytes, content: bytes) -> CellError | Uncalculated | None:
    """Say what a cell holds that the fast reader would show as blank; None when it would read it right."""
    kind = _TYPE.search(attributes)
    kind_name = kind[1] if kind else b"n"
    formula, value = _FORMULA.search(content), _VALUE.search(content)
    if kind_name == b"d" or (content and not formula and not value):
        raise _OddError("values of an unusual kind")
    text = ((value and value[1]) or b"").decode("utf-8", "replace")
    if kind_name == b"e":
        return CellError(unescape(text))
    if formula and not text and kind_name != b"str":
        return Uncalculated("=" + unescape((formula[1] or b"").decode("utf-8", "replace")))
    return None


@lru_cache(maxsize=64)
def _plain_cell(tiers: int, row_pattern: bytes) -> re.Pattern[bytes]:
    """Compile what finds each cell that is *not* plain, or stands outside of the tiers or the rows."""
    letters = b"[A-Z]" if tiers == 1 else b"[A-%c]?[A-Z]" % (63 + tiers)
    reference = rb' r="%s%s"' % (letters, row_pattern)
    style = rb'(?: s="[0-9]+")?'
    content = rb'(?:/>|>(?:<v>|</c>)| t="(?:s|n|str|b)"><v>| t="inlineStr"><is>)'
    return re.compile(rb"<c(?!" + reference + style + content + rb")")


def _rows_between(low: int, high: int) -> tuple[bytes, int]:
    """Give a pattern that all row numbers from low to high match, and the largest number it matches."""
    first, last = str(low), str(high)
    digits = len(last)
    if digits == _FULL_SHEET_DIGITS:
        long, bound = rb"10[0-4][0-9]{4}", 1_049_999
    else:
        start = ord(first[0]) if len(first) == digits else ord("1")
        long = b"[%c-%c][0-9]{%d}" % (start, ord(last[0]), digits - 1)
        bound = (int(last[0]) + 1) * 10 ** (digits - 1) - 1
    if len(first) == digits:
        return long, bound
    return rb"(?:[0-9]{%d,%d}|%s)" % (len(first), digits - 1, long), bound
